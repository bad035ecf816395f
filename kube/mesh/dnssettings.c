// SPDX-License-Identifier: Apache-2.0
// What external-dns is told: its arguments, or the defaults of its version.
#include "kube/base/text.h"

#include "kube/mesh/dnsrecord.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_NEW "external-dns.kubernetes.io/"
#define PREFIX_OLD "external-dns.alpha.kubernetes.io/"

static const char *const all_types[] = {"A", "AAAA", "CNAME"};

void dns_settings_default(struct dns_settings *s)
{
    memset(s, 0, sizeof *s);
    s->source[0] = DNS_SOURCE_GATEWAY;
    s->source[1] = DNS_SOURCE_VIRTUALSERVICE;
    s->nsources = 2;
    s->annotation_prefix = PREFIX_NEW;
    s->ingress_key = PREFIX_NEW "ingress";
    s->txt_prefix = s->txt_suffix = s->txt_wildcard = s->ns = "";
    s->owner_id = "default";
    s->registry = "txt";
    s->record_types = (struct str_list){all_types, 3};
    s->from = "defaults";
}

static void push(struct arena *a, struct str_list *l, const char *text)
{
    const char **more = arena_alloc(a, ((size_t)l->n + 1) * sizeof *more);
    if (l->n != 0) {
        memcpy(more, l->at, l->n * sizeof *more);
    }
    more[l->n] = text;
    l->at = more;
    l->n++;
}

static bool source_of(const char *word, size_t n, enum dns_source *out)
{
    static const char *const words[DNS_SOURCE_COUNT] = {
        "istio-gateway",
        "istio-virtualservice",
        "service",
        "ingress",
    };
    for (int i = 0; i < DNS_SOURCE_COUNT; i++) {
        if (strlen(words[i]) == n && strncmp(words[i], word, n) == 0) {
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
    s->source[s->nsources++] = x;
}

bool dns_settings_sources(struct dns_settings *s, const char *list)
{
    struct dns_settings copy = *s;
    copy.nsources = 0;
    while (*list != '\0') {
        size_t n = strcspn(list, ",");
        enum dns_source x;
        if (!source_of(list, n, &x)) {
            return false;
        }
        add_source(&copy, x);
        list += n;
        list += *list == ',' ? 1 : 0;
    }
    if (copy.nsources == 0) {
        return false;
    }
    *s = copy;
    return true;
}

enum argument {
    ARG_SOURCE,
    ARG_PREFIX,
    ARG_TXT_PREFIX,
    ARG_TXT_SUFFIX,
    ARG_TXT_WILDCARD,
    ARG_OWNER,
    ARG_REGISTRY,
    ARG_NAMESPACE,
    ARG_DOMAIN,
    ARG_EXCLUDE,
    ARG_TYPES,
    ARG_TARGETS,
    ARG_CLASS,
    ARG_MIN_TTL,
    ARG_FORCE,
    ARG_IGNORE_HOSTNAME,
    ARG_IGNORE_TLS,
    ARG_IGNORE_RULES,
    ARG_PUBLISH_INTERNAL,
    ARG_UNKNOWN,
};

static const struct {
    const char *name;
    enum argument arg;
    bool flag; // takes no value
} arguments[] = {
    {"source", ARG_SOURCE, false},
    {"annotation-prefix", ARG_PREFIX, false},
    {"txt-prefix", ARG_TXT_PREFIX, false},
    {"txt-suffix", ARG_TXT_SUFFIX, false},
    {"txt-wildcard-replacement", ARG_TXT_WILDCARD, false},
    {"txt-owner-id", ARG_OWNER, false},
    {"registry", ARG_REGISTRY, false},
    {"namespace", ARG_NAMESPACE, false},
    {"domain-filter", ARG_DOMAIN, false},
    {"exclude-domains", ARG_EXCLUDE, false},
    {"managed-record-types", ARG_TYPES, false},
    {"default-targets", ARG_TARGETS, false},
    {"ingress-class", ARG_CLASS, false},
    {"min-ttl", ARG_MIN_TTL, false},
    {"force-default-targets", ARG_FORCE, true},
    {"ignore-hostname-annotation", ARG_IGNORE_HOSTNAME, true},
    {"ignore-ingress-tls-spec", ARG_IGNORE_TLS, true},
    {"ignore-ingress-rules-spec", ARG_IGNORE_RULES, true},
    {"publish-internal-services", ARG_PUBLISH_INTERNAL, true},
    // These change records in ways that are not worked out here.
    {"fqdn-template", ARG_UNKNOWN, false},
    {"annotation-filter", ARG_UNKNOWN, false},
    {"label-filter", ARG_UNKNOWN, false},
    {"regex-domain-filter", ARG_UNKNOWN, false},
    {"regex-domain-exclusion", ARG_UNKNOWN, false},
    {"service-type-filter", ARG_UNKNOWN, false},
    {"target-net-filter", ARG_UNKNOWN, false},
    {"exclude-target-net", ARG_UNKNOWN, false},
    {"exclude-record-types", ARG_UNKNOWN, false},
    {"nat64-networks", ARG_UNKNOWN, false},
    {"txt-encrypt-enabled", ARG_UNKNOWN, true},
    {"resolve-service-load-balancer-hostname", ARG_UNKNOWN, true},
};

static void set_value(struct arena *a, struct dns_settings *s, enum argument arg, const char *whole,
                      const char *value)
{
    enum dns_source x;
    switch (arg) {
    case ARG_SOURCE:
        if (source_of(value, strlen(value), &x)) {
            add_source(s, x);
        } else {
            push(a, &s->unknown, whole);
        }
        break;
    case ARG_PREFIX:
        s->annotation_prefix = value;
        break;
    case ARG_TXT_PREFIX:
        s->txt_prefix = value;
        break;
    case ARG_TXT_SUFFIX:
        s->txt_suffix = value;
        break;
    case ARG_TXT_WILDCARD:
        s->txt_wildcard = value;
        break;
    case ARG_OWNER:
        s->owner_id = value;
        break;
    case ARG_REGISTRY:
        s->registry = value;
        break;
    case ARG_NAMESPACE:
        s->ns = value;
        break;
    case ARG_DOMAIN:
        push(a, &s->domain_filter, value);
        break;
    case ARG_EXCLUDE:
        push(a, &s->exclude_domains, value);
        break;
    case ARG_TYPES:
        if (s->record_types.at == all_types) {
            s->record_types = (struct str_list){NULL, 0};
        }
        push(a, &s->record_types, value);
        break;
    case ARG_TARGETS:
        push(a, &s->default_targets, value);
        break;
    case ARG_CLASS:
        push(a, &s->ingress_class, value);
        break;
    case ARG_MIN_TTL: {
        int64_t ms = duration_parse(value);
        s->min_ttl = ms != DURATION_NONE ? ms / 1000 : 0;
        break;
    }
    default:
        push(a, &s->unknown, whole);
        break;
    }
}

static void set_flag(struct arena *a, struct dns_settings *s, enum argument arg, const char *whole,
                     bool on)
{
    switch (arg) {
    case ARG_FORCE:
        s->force_default_targets = on;
        break;
    case ARG_IGNORE_HOSTNAME:
        s->ignore_hostname_annotation = on;
        break;
    case ARG_IGNORE_TLS:
        s->ignore_ingress_tls = on;
        break;
    case ARG_IGNORE_RULES:
        s->ignore_ingress_rules = on;
        break;
    case ARG_PUBLISH_INTERNAL:
        s->publish_internal = on;
        break;
    default:
        push(a, &s->unknown, whole);
        break;
    }
}

int dns_settings_arg(struct arena *a, struct dns_settings *s, const char *arg, const char *next)
{
    if (strncmp(arg, "--", 2) != 0) {
        return 1;
    }
    const char *name = arg + 2;
    bool off = strncmp(name, "no-", 3) == 0;
    name += off ? 3 : 0;
    size_t n = strcspn(name, "=");
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        if (strlen(arguments[i].name) != n || strncmp(arguments[i].name, name, n) != 0) {
            continue;
        }
        const char *value = name[n] == '=' ? name + n + 1 : NULL;
        if (arguments[i].flag) {
            set_flag(a, s, arguments[i].arg, arg, !off && !str_eq(value, "false"));
            return 1;
        }
        bool two = value == NULL && next != NULL;
        value = two ? next : value != NULL ? value : "";
        set_value(a, s, arguments[i].arg, arg, arena_strdup(a, value));
        return two ? 2 : 1;
    }
    return 1;
}

// The minor version of an image "…/external-dns:v0.22.0", -1 where it does not say.
static int image_minor(const char *image)
{
    const char *tag = image != NULL ? strrchr(image, ':') : NULL;
    int major, minor;
    if (tag == NULL) {
        return -1;
    }
    tag += tag[1] == 'v' ? 2 : 1;
    return sscanf(tag, "%d.%d", &major, &minor) == 2 && major == 0 ? minor : -1;
}

bool dns_settings_deployment(const struct mesh *m, struct dns_settings *s)
{
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_DEPLOYMENT, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct deployment *d = OBJECT_AS(deployment, all[i]);
        if (d->image == NULL || strstr(d->image, "external-dns") == NULL) {
            continue;
        }
        struct dns_settings read;
        dns_settings_default(&read);
        int minor = image_minor(d->image);
        if (minor >= 0 && minor < 22) { // §4.1: the default prefix changed with v0.22
            read.annotation_prefix = PREFIX_OLD;
            read.ingress_key = PREFIX_OLD "ingress";
        }
        read.old_names = minor >= 0 && minor < 18;
        uint32_t sources = read.nsources;
        read.nsources = 0;
        for (uint32_t k = 0; k < d->args.n;) {
            const char *next = k + 1 < d->args.n && strncmp(d->args.at[k + 1], "--", 2) != 0
                                   ? d->args.at[k + 1]
                                   : NULL;
            k += (uint32_t)dns_settings_arg(m->arena, &read, d->args.at[k], next);
        }
        read.nsources = read.nsources != 0 ? read.nsources : sources;
        read.from = arena_printf(m->arena, "Deployment %s/%s", d->o.ns, d->o.name);
        *s = read;
        return true;
    }
    return false;
}

void dns_settings_for(const struct mesh *m, const void *given, struct dns_settings *out)
{
    if (given != NULL) {
        *out = *(const struct dns_settings *)given;
        return;
    }
    dns_settings_default(out);
    dns_settings_deployment(m, out);
}
