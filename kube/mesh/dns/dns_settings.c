// SPDX-License-Identifier: Apache-2.0
// Reads the arguments of external-dns (docs/rules/dns.md#settings-from-deployment).
#include "kube/mesh/dns/dns_settings.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/regex.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/decode.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/absence.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/dns/dns_flags.h"
#include "kube/mesh/dns/dns_record.h"
#include "kube/mesh/dns/fqdn_template.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_NEW "external-dns.kubernetes.io/"
#define PREFIX_OLD "external-dns.alpha.kubernetes.io/"

void dns_settings_default(struct dns_settings *s)
{
    memset(s, 0, sizeof *s);
    s->source[0] = DNS_SOURCE_GATEWAY;
    s->source[1] = DNS_SOURCE_VIRTUALSERVICE;
    s->nsources = 2;
    s->annotation_prefix = PREFIX_NEW;
    s->ingress_key = PREFIX_NEW "ingress";
    s->txt_prefix = s->txt_suffix = s->txt_wildcard = s->ns = "";
    s->old_owner_id = s->provider = s->policy = "";
    s->owner_id = "default";
    s->registry = "txt";
    // Capacity 0: an array that would grow is copied first.
    s->record_types = (struct str_array){unconst(dns_target_types), DNS_TARGET_TYPES, 0};
    s->from = "defaults";
}

static bool source_of(const char *word, enum dns_source *out)
{
    static const char *const words[DNS_SOURCE_COUNT] = {
        [DNS_SOURCE_GATEWAY] = "istio-gateway",
        [DNS_SOURCE_VIRTUALSERVICE] = "istio-virtualservice",
        [DNS_SOURCE_SERVICE] = "service",
        [DNS_SOURCE_INGRESS] = "ingress",
    };
    for (int i = 0; i < DNS_SOURCE_COUNT; i++) {
        if (strcmp(words[i], word) == 0) {
            *out = (enum dns_source)i;
            return true;
        }
    }
    return false;
}

static void add_source(struct dns_settings *s, enum dns_source x)
{
    for (uint32_t i = 0; i < s->nsources; i++) {
        if (s->source[i] == x) {
            return;
        }
    }
    ASSERT(s->nsources < DNS_SOURCE_COUNT); // each source once
    s->source[s->nsources++] = x;
}

// What the value of an argument is.
enum argument_form {
    FORM_TEXT, // a string; the last one given counts
    FORM_LIST, // may be repeated; commas are no separators
    FORM_FLAG,
    FORM_SELECTOR,
    FORM_REGEX,
    FORM_SOURCE,
    FORM_RECORD_TYPE,
    FORM_DURATION,
    FORM_TEMPLATE,
    // gatetop does not work out what it does to records (docs/rules/dns.md#settings-not-worked-out).
    FORM_UNKNOWN,
    FORM_UNKNOWN_FLAG,
};

#define FIELD(f) offsetof(struct dns_settings, f)
static const struct {
    const char *name;
    enum argument_form form;
    size_t field;
} arguments[] = {
    {"source", FORM_SOURCE, 0},
    {"managed-record-types", FORM_RECORD_TYPE, 0},
    {"min-ttl", FORM_DURATION, FIELD(min_ttl)},
    {"fqdn-template", FORM_TEMPLATE, 0},
    {"annotation-prefix", FORM_TEXT, FIELD(annotation_prefix)},
    {"txt-prefix", FORM_TEXT, FIELD(txt_prefix)},
    {"txt-suffix", FORM_TEXT, FIELD(txt_suffix)},
    {"txt-wildcard-replacement", FORM_TEXT, FIELD(txt_wildcard)},
    {"txt-owner-id", FORM_TEXT, FIELD(owner_id)},
    {"migrate-from-txt-owner", FORM_TEXT, FIELD(old_owner_id)},
    {"registry", FORM_TEXT, FIELD(registry)},
    {"provider", FORM_TEXT, FIELD(provider)},
    {"aws-prefer-cname", FORM_FLAG, FIELD(aws_prefer_cname)},
    {"cloudflare-proxied", FORM_FLAG, FIELD(cloudflare_proxied)},
    {"policy", FORM_TEXT, FIELD(policy)},
    {"dry-run", FORM_FLAG, FIELD(dry_run)},
    {"txt-new-format-only", FORM_FLAG, FIELD(txt_new_format_only)},
    {"namespace", FORM_TEXT, FIELD(ns)},
    {"domain-filter", FORM_LIST, FIELD(domain_filter)},
    {"exclude-domains", FORM_LIST, FIELD(exclude_domains)},
    {"exclude-record-types", FORM_LIST, FIELD(exclude_types)},
    {"default-targets", FORM_LIST, FIELD(default_targets)},
    {"target-net-filter", FORM_LIST, FIELD(target_nets)},
    {"exclude-target-net", FORM_LIST, FIELD(exclude_target_nets)},
    {"nat64-networks", FORM_LIST, FIELD(nat64)},
    {"ingress-class", FORM_LIST, FIELD(ingress_class)},
    {"service-type-filter", FORM_LIST, FIELD(service_types)},
    {"label-filter", FORM_SELECTOR, FIELD(label_filter)},
    {"annotation-filter", FORM_SELECTOR, FIELD(annotation_filter)},
    {"regex-domain-filter", FORM_REGEX, FIELD(domain_regex)},
    {"regex-domain-exclusion", FORM_REGEX, FIELD(exclude_regex)},
    {"force-default-targets", FORM_FLAG, FIELD(force_default_targets)},
    {"ignore-hostname-annotation", FORM_FLAG, FIELD(ignore_hostname_annotation)},
    {"ignore-ingress-tls-spec", FORM_FLAG, FIELD(ignore_ingress_tls)},
    {"ignore-ingress-rules-spec", FORM_FLAG, FIELD(ignore_ingress_rules)},
    {"publish-internal-services", FORM_FLAG, FIELD(publish_internal)},
    {"combine-fqdn-annotation", FORM_FLAG, FIELD(combine_fqdn)},
    {"compatibility", FORM_UNKNOWN, 0},
    {"fqdn-target-template", FORM_UNKNOWN, 0},
    {"create-ptr", FORM_UNKNOWN_FLAG, 0},
    {"txt-encrypt-enabled", FORM_UNKNOWN_FLAG, 0},
    {"resolve-service-load-balancer-hostname", FORM_UNKNOWN_FLAG, 0},
};

// Notes why external-dns does not start. The first reason counts.
static void invalid(struct dns_settings *s, const char *why)
{
    s->invalid = s->invalid != NULL ? s->invalid : why;
}

// Snapshots keep only annotations that may matter: a filter of others cannot be applied.
static bool keys_kept(const struct label_selector *x)
{
    for (uint32_t i = 0; i < x->n; i++) {
        if (!object_keeps_annotation(x->at[i].key)) {
            return false;
        }
    }
    return true;
}

static void set_selector(struct arena *a, struct dns_settings *s, struct label_selector *field,
                         const char *whole, const char *value)
{
    struct label_selector x;
    const char *why;
    if (!label_selector_parse(a, value, &x, &why)) {
        invalid(s, arena_printf(a, "%s is no selector: %s", whole, why));
    } else if (field == &s->annotation_filter && !keys_kept(&x)) {
        str_array_add(a, &s->unknown, whole);
    } else {
        *field = x;
    }
}

// external-dns searches for the expression, regex_match() matches the whole text.
static void set_regex(struct arena *a, struct dns_settings *s, const struct regex **field,
                      const char *whole, const char *value)
{
    const char *why;
    if (value[0] == '\0') {
        *field = NULL;
    } else if (!regex_check(value, NULL, &why)) {
        str_array_add(a, &s->unknown, whole); // not valid, or longer than Istio allows
    } else {
        *field = regex_compile(a, arena_printf(a, "(?s:.*)(?:%s)(?s:.*)", value));
        if (*field == NULL) {
            str_array_add(a, &s->unknown, whole);
        }
    }
}

static void set_source(struct arena *a, struct dns_settings *s, const char *whole,
                       const char *value)
{
    enum dns_source source;
    s->nsources = s->sources_given ? s->nsources : 0;
    s->sources_given = true;
    if (source_of(value, &source)) {
        add_source(s, source);
    } else {
        str_array_add(a, &s->unknown, whole);
    }
}

static void set_record_type(struct arena *a, struct dns_settings *s, const char *whole,
                            const char *value)
{
    if (s->record_types.at == unconst(dns_target_types)) {
        s->record_types = (struct str_array){0};
    }
    str_array_add(a, &s->record_types, value);
    if (strcmp(value, "PTR") == 0) { // the names of addresses are not worked out
        str_array_add(a, &s->unknown, whole);
    }
}

static void set_duration(struct arena *a, struct dns_settings *s, int64_t *field, const char *whole,
                         const char *value)
{
    int64_t ms = duration_parse(value);
    *field = ms > 0 ? ms / 1000 : 0;
    if (ms == DURATION_NONE) {
        str_array_add(a, &s->unknown, whole);
    }
}

// `whole`: the argument with its value, for messages.
static void set_argument(struct arena *a, struct dns_settings *s, size_t i, const char *whole,
                         const char *value)
{
    void *field = (char *)s + arguments[i].field;
    switch (arguments[i].form) {
    case FORM_TEXT:
        *(const char **)field = value;
        break;
    case FORM_LIST:
        str_array_add(a, field, value);
        break;
    case FORM_SELECTOR:
        set_selector(a, s, field, whole, value);
        break;
    case FORM_REGEX:
        set_regex(a, s, field, whole, value);
        break;
    case FORM_FLAG:
        *(bool *)field = strcmp(value, "true") == 0;
        break;
    case FORM_SOURCE:
        set_source(a, s, whole, value);
        break;
    case FORM_RECORD_TYPE:
        set_record_type(a, s, whole, value);
        break;
    case FORM_DURATION:
        set_duration(a, s, field, whole, value);
        break;
    case FORM_TEMPLATE:
        if (fqdn_template_known(value)) {
            str_array_add(a, &s->fqdn_templates, value);
        } else {
            str_array_add(a, &s->unknown, whole);
        }
        break;
    case FORM_UNKNOWN:
        str_array_add(a, &s->unknown, whole);
        break;
    case FORM_UNKNOWN_FLAG:
        if (strcmp(value, "true") == 0) {
            str_array_add(a, &s->unknown, whole);
        }
        break;
    }
}

// dns_settings_arg(). `container`: the argument is one of a container, where "$(NAME)" is an environment variable.
static int read_argument(struct arena *a, struct dns_settings *s, const char *arg, const char *next,
                         bool container)
{
    if (!str_starts(arg, "--")) {
        return 1;
    }
    const char *name = arg + 2;
    size_t n = strcspn(name, "=");
    const char *value = name[n] == '=' ? name + n + 1 : NULL;
    bool off = str_starts(name, "no-");
    name += off ? 3 : 0;
    n -= off ? 3 : 0;
    for (size_t i = 0; i < ARRAY_COUNT(arguments); i++) {
        if (!str_is(name, n, arguments[i].name)) {
            continue;
        }
        enum argument_form form = arguments[i].form;
        bool flag = form == FORM_FLAG || form == FORM_UNKNOWN_FLAG;
        bool two = !flag && value == NULL && next != NULL;
        value = two ? next : value;
        const char *whole = two ? arena_printf(a, "%s=%s", arg, next) : arena_strdup(a, arg);
        if (flag) {
            off = off || str_eq(value, "false") || str_eq(value, "0");
            set_argument(a, s, i, whole, off ? "false" : "true");
        } else if (container && value != NULL && strstr(value, "$(") != NULL) {
            str_array_add(a, &s->unknown, whole);
        } else {
            set_argument(a, s, i, whole, value != NULL ? arena_strdup(a, value) : "");
        }
        return two ? 2 : 1;
    }
    return 1;
}

int dns_settings_arg(struct arena *a, struct dns_settings *s, const char *arg, const char *next)
{
    return read_argument(a, s, arg, next, false);
}

// Whether all of the types are types of Services.
static bool known_types(const struct str_array *l)
{
    static const char *const known[] = {"", "ClusterIP", "NodePort", "LoadBalancer",
                                        "ExternalName"};
    for (uint32_t i = 0; i < l->n; i++) {
        size_t k = 0;
        while (k < ARRAY_COUNT(known) && strcmp(known[k], l->at[i]) != 0) {
            k++;
        }
        if (k == ARRAY_COUNT(known)) {
            return false;
        }
    }
    return true;
}

// Whether all of the networks are of /96.
static bool all_96(const struct str_array *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (!str_ends(l->at[i], "/96")) {
            return false;
        }
    }
    return true;
}

void dns_settings_finish(struct dns_settings *s)
{
    if (!str_ends(s->annotation_prefix, "/")) {
        invalid(s, "--annotation-prefix does not end with '/'");
    } else if (!str_empty(s->txt_prefix) && !str_empty(s->txt_suffix)) {
        invalid(s, "--txt-prefix and --txt-suffix exclude each other");
    } else if (s->owner_id[0] == '\0') {
        invalid(s, "--txt-owner-id is empty");
    } else if (s->ignore_hostname_annotation && s->fqdn_templates.n == 0 && s->unknown.n == 0) {
        invalid(s, "--ignore-hostname-annotation needs --fqdn-template");
    } else if (!known_types(&s->service_types)) {
        invalid(s, "--service-type-filter names no type of Services");
    } else if (!all_96(&s->nat64)) {
        invalid(s, "--nat64-networks takes networks of /96");
    }
}

// The minor version of a text "v0.22.0" or "0.22", -1 if it is none of major version 0.
static int version_minor(const char *text)
{
    text += text[0] == 'v' ? 1 : 0;
    size_t digits = strspn(text, "0123456789");
    const char *rest = text[digits] == '.' ? text + digits + 1 : "";
    int64_t major, minor;
    return number_parse(text, digits, 0, &major) &&
                   number_parse(rest, strspn(rest, "0123456789"), INT32_MAX, &minor)
               ? (int)minor
               : -1;
}

// That of an image "…/external-dns:v0.22.0@sha256:…", -1 if its tag has none.
static int image_minor(const char *image)
{
    const char *digest = strchr(image, '@'), *tag = NULL;
    for (const char *p = image; *p != '\0' && p != digest; p++) {
        tag = *p == ':' ? p : tag;
    }
    return tag != NULL ? version_minor(tag + 1) : -1;
}

// The minor version of a Deployment: of its image, else of the label that charts write; -1 unknown.
static int deployment_minor(const struct deployment *d)
{
    int minor = d->image != NULL ? image_minor(d->image) : -1;
    const char *label = object_label(&d->o, "app.kubernetes.io/version");
    return minor < 0 && label != NULL ? version_minor(label) : minor;
}

// Why external-dns ends at once; NULL if it does not, or its arguments are not all known.
static const char *missing_argument(const struct mesh *m, const struct deployment *d, int minor,
                                    const struct dns_settings *s)
{
    bool patched = absence_in_excerpt(m, KIND_DEPLOYMENT); // an overlay may add what a base lacks
    if (d->args.n == 0 || d->env_from) {
        return NULL;
    }
    for (uint32_t i = 0; i < s->unknown.n; i++) {
        if (strstr(s->unknown.at[i], "$(") != NULL) {
            return NULL;
        }
    }
    if (!s->sources_given && !patched) {
        return "external-dns ends at once: no --source is given";
    }
    if (s->provider[0] == '\0' && !patched) {
        return "external-dns ends at once: no --provider is given";
    }
    // A base without any of the three is one that is patched.
    bool base = patched && !s->sources_given && s->provider[0] == '\0';
    return minor >= 22 && s->policy[0] == '\0' && !base
               ? "external-dns ends at once: since 0.22 --policy must be given (sync, upsert-only or "
                 "create-only)"
               : NULL;
}

// The first argument that external-dns refuses, and why; NULL if there is none.
static const char *refused_argument(const struct mesh *m, const struct deployment *d, int minor)
{
    // A variable that is no flag is not refused.
    for (uint32_t i = 0; i < d->args.n - d->from_variables; i++) {
        const char *next =
            i + 1 < d->args.n && !str_starts(d->args.at[i + 1], "--") ? d->args.at[i + 1] : NULL;
        const char *why = dns_flag_refused(m->arena, minor, d->args.at[i], next);
        if (why != NULL) {
            return arena_printf(m->arena, "external-dns ends at once: %s", why);
        }
    }
    return NULL;
}

// Why nothing is changed, for settings whose version is `minor`, -1 unknown (docs/rules/dns.md#settings-idle).
static void set_idle(const struct mesh *m, const struct deployment *d, int minor,
                     struct dns_settings *s)
{
    s->idle = refused_argument(m, d, minor);
    s->idle = s->idle != NULL ? s->idle : missing_argument(m, d, minor, s);
    s->idle_error = s->idle != NULL;
    if (s->idle == NULL && s->dry_run) {
        s->idle = "external-dns runs with --dry-run and changes nothing";
    } else if (s->idle == NULL && d->replicas == 0) {
        s->idle =
            arena_printf(m->arena, "Deployment %s/%s is scaled to 0: external-dns does not run",
                         d->o.ns, d->o.name);
    }
}

static void read_deployment(const struct mesh *m, const struct deployment *d,
                            struct dns_settings *s)
{
    dns_settings_default(s);
    int minor = deployment_minor(d);
    s->annotation_prefix = "";
    for (uint32_t k = 0; k < d->args.n;) {
        const char *next =
            k + 1 < d->args.n && !str_starts(d->args.at[k + 1], "--") ? d->args.at[k + 1] : NULL;
        k += (uint32_t)read_argument(m->arena, s, d->args.at[k], next, true);
    }
    bool old = minor >= 0 && minor < 22; // docs/rules/dns.md#annotation-prefix
    s->ingress_key = old ? PREFIX_OLD "ingress" : PREFIX_NEW "ingress";
    if (s->annotation_prefix[0] == '\0') {
        s->annotation_prefix = old ? PREFIX_OLD : PREFIX_NEW;
        s->other_prefix = minor < 0 ? PREFIX_OLD : NULL;
    }
    s->old_names = minor >= 0 && minor < 18 && !s->txt_new_format_only;
    dns_settings_finish(s);
    set_idle(m, d, minor, s);
}

// Reads the external-dns Deployments by namespace and name, each after the one before it. If there is none, *s
// stays as it is.
static void find_deployments(const struct mesh *m, struct dns_settings *s)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_DEPLOYMENT, &n);
    struct dns_settings *last = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct deployment *d = OBJECT_AS(deployment, all[i]);
        if (d->program != PROGRAM_EXTERNAL_DNS) {
            continue;
        }
        struct dns_settings *one = last == NULL ? s : arena_alloc(m->arena, sizeof *one);
        read_deployment(m, d, one);
        one->from = arena_printf(m->arena, "Deployment %s/%s", d->o.ns, d->o.name);
        if (last != NULL) {
            last->next = one;
        }
        last = one;
    }
}

static const void *settings_in_force(const struct mesh *m, const void *question)
{
    (void)question;
    struct dns_settings *s = arena_alloc(m->arena, sizeof *s);
    dns_settings_default(s);
    s->other_prefix = PREFIX_OLD; // the running version is not known
    find_deployments(m, s);
    return s;
}

void dns_settings_for(const struct mesh *m, const struct dns_settings *given,
                      struct dns_settings *out)
{
    const struct dns_settings *s =
        given != NULL ? given : mesh_answer(m, "settings of external-dns", settings_in_force, NULL);
    *out = *s;
}
