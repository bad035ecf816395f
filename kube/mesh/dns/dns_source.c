// SPDX-License-Identifier: Apache-2.0
// Reads objects as all sources of external-dns do, and adds endpoints to the run.
#include "kube/mesh/dns/dns_source.h"

#include "kube/base/arena.h"
#include "kube/base/domain_name.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/dns/dns_record.h"
#include "kube/mesh/dns/fqdn_template.h"

#include <stdlib.h>
#include <string.h>

void dns_run_stop(struct dns_run *run, const char *why, const char *hint)
{
    if (run->stopped == NULL) {
        run->stopped =
            arena_printf(run->m->arena, "%s: external-dns stops before it changes anything", why);
        run->stopped_hint = hint;
    }
}

void dns_run_leave_out(struct dns_run *run, const char *label, const char *what)
{
    struct arena *a = run->m->arena;
    if (run->left_out.array.n == 0) {
        str_set_init(&run->left_out, a);
    }
    str_set_add(&run->left_out, arena_printf(a, "%s %s", label, what));
}

// --- an object

bool dns_source_out_of_sight(const struct dns_run *run, const char *ns)
{
    const char *only = run->settings->ns;
    return only[0] != '\0' && strcmp(ns, only) != 0;
}

bool dns_source_reads(const struct dns_run *run, const struct object *o)
{
    const char *controller = dns_source_annotation(run, o, "controller");
    return !dns_source_out_of_sight(run, o->ns) &&
           (controller == NULL || strcmp(controller, "dns-controller") == 0) &&
           label_selector_matches(&run->settings->label_filter, &o->labels) &&
           label_selector_matches(&run->settings->annotation_filter, &o->annotations);
}

const char *dns_source_why_unread(const struct dns_run *run, const struct object *o)
{
    const struct dns_settings *s = run->settings;
    const char *why =
        dns_source_out_of_sight(run, o->ns) ? arena_printf(run->m->arena, "--namespace=%s", s->ns)
        : !label_selector_matches(&s->label_filter, &o->labels)           ? "--label-filter"
        : !label_selector_matches(&s->annotation_filter, &o->annotations) ? "--annotation-filter"
        : !dns_source_reads(run, o) ? "its annotation controller" // of another program
                                    : NULL;
    return why != NULL ? arena_printf(run->m->arena, "%s is not read: %s",
                                      object_title(run->m->arena, o), why)
                       : NULL;
}

// The annotation `key` under a prefix, NULL if there is none.
static const char *annotation_under(const struct object *o, const char *prefix, const char *key)
{
    const size_t n = strlen(prefix);
    for (uint32_t i = o->annotations.n; i-- > 0;) { // the last one counts
        const char *name = o->annotations.at[i].key;
        if (strncmp(name, prefix, n) == 0 && strcmp(name + n, key) == 0) {
            return o->annotations.at[i].value;
        }
    }
    return NULL;
}

const char *dns_source_annotation(const struct dns_run *run, const struct object *o,
                                  const char *key)
{
    const struct dns_settings *s = run->settings;
    const char *value = annotation_under(o, s->annotation_prefix, key);
    return value == NULL && s->other_prefix != NULL ? annotation_under(o, s->other_prefix, key)
                                                    : value;
}

const char *dns_source_ingress_name(const struct dns_run *run, const struct object *o)
{
    const struct dns_settings *s = run->settings;
    const char *value = object_annotation(o, s->ingress_key);
    return value == NULL && s->other_prefix != NULL
               ? annotation_under(o, s->other_prefix, "ingress")
               : value;
}

// Whether an annotation counts only if external-dns is of a version that is not known.
static bool depends_on_version(const struct dns_settings *s, const struct object *o)
{
    for (uint32_t i = 0; s->other_prefix != NULL && i < o->annotations.n; i++) {
        if (str_starts(o->annotations.at[i].key, s->other_prefix)) {
            return true;
        }
    }
    return false;
}

// Whether Cloudflare answers with its own addresses for the records of an object (docs/rules/dns.md#dns-proxied).
static bool is_proxied(const struct dns_run *run, const struct object *o)
{
    const struct dns_settings *s = run->settings;
    const char *said = dns_source_annotation(run, o, "cloudflare-proxied");
    bool here = s->provider[0] == '\0' || strcmp(s->provider, "cloudflare") == 0;
    return here && (said != NULL ? strcmp(said, "true") == 0 : s->cloudflare_proxied);
}

// The parts of a comma-separated annotation, without its blanks. They may be empty.
static struct str_array split_annotation(struct arena *a, const char *value)
{
    struct str_array out = {0};
    char *plain = arena_alloc(a, strlen(value) + 1), *w = plain;
    for (const char *p = value; *p != '\0'; p++) {
        if (*p != ' ') {
            *w++ = *p;
        }
    }
    char *at = plain;
    while (at != NULL) {
        char *next = strchr(at, ',');
        if (next != NULL) {
            *next++ = '\0';
        }
        str_array_add(a, &out, at);
        at = next;
    }
    return out;
}

struct str_array dns_source_targets(const struct dns_run *run, const struct object *o)
{
    struct str_array out = {0};
    const char *text = dns_source_annotation(run, o, "target");
    if (!str_empty(text)) {
        out = split_annotation(run->m->arena, text);
        for (uint32_t i = 0; i < out.n; i++) {
            out.at[i] = dns_source_without_dot(run->m->arena, out.at[i]);
        }
    }
    return out;
}

void dns_source_add_hosts(const struct dns_run *run, const struct object *o, const char *key,
                          struct str_array *hosts)
{
    const char *text =
        run->settings->ignore_hostname_annotation ? NULL : dns_source_annotation(run, o, key);
    if (text != NULL) {
        struct str_array named = split_annotation(run->m->arena, text);
        struct str_list list = str_array_list(&named);
        str_array_add_list(run->m->arena, hosts, &list);
    }
}

struct str_list dns_source_template_hosts(const struct dns_run *run, const struct object *o,
                                          bool any)
{
    const struct dns_settings *s = run->settings;
    struct str_list templates = str_array_list(&s->fqdn_templates);
    if (templates.n == 0 || (any && !s->combine_fqdn)) {
        return (struct str_list){NULL, 0};
    }
    return fqdn_template_hosts(run->m->arena, &templates, o);
}

void dns_source_add_addresses(struct arena *a, struct str_array *targets,
                              const struct load_balancer_ingress *lb, uint32_t n, bool both)
{
    for (uint32_t i = 0; i < n; i++) {
        bool ip = !str_empty(lb[i].ip);
        if (ip) {
            str_array_add(a, targets, lb[i].ip);
        }
        if (!str_empty(lb[i].hostname) && (both || !ip)) {
            str_array_add(a, targets, lb[i].hostname);
        }
    }
}

const char *dns_source_without_dot(struct arena *a, const char *name)
{
    size_t n = strlen(name);
    return n != 0 && name[n - 1] == '.' ? arena_strndup(a, name, n - 1) : name;
}

const char *dns_source_label(const struct dns_run *run, const char *kind, const struct object *o)
{
    return arena_concat(run->m->arena, kind, "/", o->ns, "/", o->name, NULL);
}

// --- endpoints

// The ttl annotation in seconds: a duration, or a number with or without a sign. 0 if there is none that counts.
static int64_t annotated_ttl(const struct dns_run *run, const struct object *o)
{
    const char *text = dns_source_annotation(run, o, "ttl");
    if (text == NULL) {
        return 0;
    }
    int64_t ms = duration_parse(text), seconds;
    if (ms != DURATION_NONE) {
        seconds = ms / 1000;
    } else {
        const char *digits = text + (text[0] == '+' ? 1 : 0);
        if (!number_parse(digits, strlen(digits), INT32_MAX, &seconds)) {
            return 0;
        }
    }
    return seconds >= 1 && seconds <= INT32_MAX ? seconds : 0;
}

struct endpoint *dns_source_add_endpoint(struct dns_run *run, const struct object *o,
                                         const char *label, const char *host, const char *type)
{
    struct arena *a = run->m->arena;
    if (!domain_name_labels_fit(host)) {
        return NULL;
    }
    struct endpoint *e = endpoint_add(a, &run->endpoints);
    e->host = dns_source_without_dot(a, host);
    e->type = type;
    e->ttl = annotated_ttl(run, o);
    e->set_identifier = dns_source_annotation(run, o, "set-identifier");
    e->proxied = is_proxied(run, o);
    e->by_version = depends_on_version(run->settings, o);
    str_array_add(a, &e->sources, label);
    return e;
}

void dns_source_add_endpoints(struct dns_run *run, const struct object *o, const char *label,
                              const char *host, const struct str_array *targets)
{
    struct arena *a = run->m->arena;
    for (size_t t = 0; t < DNS_TARGET_TYPES; t++) {
        struct endpoint *e = NULL;
        for (uint32_t i = 0; i < targets->n; i++) {
            if (strcmp(dns_target_type(targets->at[i]), dns_target_types[t]) != 0) {
                continue;
            }
            e = e != NULL ? e : dns_source_add_endpoint(run, o, label, host, dns_target_types[t]);
            if (e == NULL) {
                return;
            }
            str_array_add(a, &e->targets, dns_source_without_dot(a, targets->at[i]));
        }
    }
}
