// SPDX-License-Identifier: Apache-2.0
// What the sources of external-dns share: lists of texts, annotations, and the records that an object wants.
#include "kube/base/text.h"

#include "kube/mesh/dns/dns_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

const char *dns_target_type(const char *target)
{
    unsigned char bytes[16];
    if (inet_pton(AF_INET, target, bytes) == 1) {
        return "A";
    }
    char plain[64];
    size_t n = strcspn(target, "%"); // a zone
    if (n < sizeof plain) {
        memcpy(plain, target, n);
        plain[n] = '\0';
        if (inet_pton(AF_INET6, plain, bytes) == 1) {
            return "AAAA";
        }
    }
    return "CNAME";
}

// --- lists
void texts_add(struct arena *a, struct texts *t, const char *s)
{
    if (t->n == t->cap) {
        uint32_t cap = t->cap == 0 ? 4 : t->cap * 2;
        const char **more = arena_alloc(a, cap * sizeof *more);
        if (t->n != 0) {
            memcpy(more, t->at, t->n * sizeof *more);
        }
        t->at = more;
        t->cap = cap;
    }
    t->at[t->n++] = s;
}

bool texts_has(const struct texts *t, const char *s)
{
    return str_list_has(&(struct str_list){t->at, t->n}, s);
}

void texts_sort(struct texts *t)
{
    if (t->n < 2) {
        return;
    }
    qsort(t->at, t->n, sizeof *t->at, str_order);
    uint32_t k = 1;
    for (uint32_t i = 1; i < t->n; i++) {
        if (strcmp(t->at[i], t->at[k - 1]) != 0) {
            t->at[k++] = t->at[i];
        }
    }
    t->n = k;
}

struct str_list texts_list(const struct texts *t)
{
    return (struct str_list){t->at, t->n};
}

// A comma-separated annotation, blanks removed; entries may be empty.
struct texts texts_split(struct arena *a, const char *value)
{
    struct texts out = {0};
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
        texts_add(a, &out, at);
        at = next;
    }
    return out;
}

const char *dns_without_dot(struct arena *a, const char *s)
{
    size_t n = strlen(s);
    return n != 0 && s[n - 1] == '.' ? arena_strndup(a, s, n - 1) : s;
}

// --- gathering

const char *dns_annotation(const struct gather *g, const struct object *o, const char *key)
{
    return object_annotation(o, arena_printf(g->m->arena, "%s%s", g->s->annotation_prefix, key));
}

bool dns_out_of_sight(const struct gather *g, const char *ns)
{
    return g->s->ns[0] != '\0' && strcmp(ns, g->s->ns) != 0;
}

bool dns_is_ours(const struct gather *g, const struct object *o)
{
    const char *c = dns_annotation(g, o, "controller");
    return !dns_out_of_sight(g, o->ns) && (c == NULL || strcmp(c, "dns-controller") == 0) &&
           label_selector_matches(&g->s->label_filter, &o->labels) &&
           label_selector_matches(&g->s->annotation_filter, &o->annotations);
}

static int64_t ttl_of(const struct gather *g, const struct object *o)
{
    const char *text = dns_annotation(g, o, "ttl");
    if (text == NULL) {
        return 0;
    }
    int64_t seconds;
    int64_t ms = duration_parse(text);
    if (ms != DURATION_NONE) {
        seconds = ms / 1000;
    } else {
        char *end;
        long long n = strtoll(text, &end, 10);
        if (end == text || *end != '\0' || strchr(" \t\n\v\f\r", *text) != NULL) {
            return 0;
        }
        seconds = n;
    }
    return seconds >= 1 && seconds <= INT32_MAX ? seconds : 0;
}

struct texts dns_annotated_targets(const struct gather *g, const struct object *o)
{
    struct texts out = {0};
    const char *text = dns_annotation(g, o, "target");
    if (!str_empty(text)) {
        out = texts_split(g->m->arena, text);
        for (uint32_t i = 0; i < out.n; i++) {
            out.at[i] = dns_without_dot(g->m->arena, out.at[i]);
        }
    }
    return out;
}

bool dns_labels_fit(const char *host)
{
    for (const char *p = host; *p != '\0';) {
        size_t n = strcspn(p, ".");
        if (n > 63) {
            return false;
        }
        p += n;
        p += *p == '.' ? 1 : 0;
    }
    return true;
}

struct endpoint *dns_new_endpoint(struct gather *g)
{
    if (g->n == g->cap) {
        uint32_t cap = g->cap == 0 ? 64 : g->cap * 2;
        struct endpoint *more = arena_alloc(g->m->arena, cap * sizeof *more);
        if (g->n != 0) {
            memcpy(more, g->at, g->n * sizeof *more);
        }
        g->at = more;
        g->cap = cap;
    }
    struct endpoint *w = &g->at[g->n];
    memset(w, 0, sizeof *w);
    w->seq = g->n++;
    return w;
}

// One endpoint for each type among the targets.
struct endpoint *dns_want_typed(struct gather *g, const struct object *o, const char *resource,
                                const char *host, const char *type)
{
    struct arena *a = g->m->arena;
    if (!dns_labels_fit(host)) {
        return NULL;
    }
    struct endpoint *w = dns_new_endpoint(g);
    w->host = dns_without_dot(a, host);
    w->type = type;
    w->ttl = ttl_of(g, o);
    w->set_identifier = dns_annotation(g, o, "set-identifier");
    texts_add(a, &w->sources, resource);
    return w;
}

void dns_want(struct gather *g, const struct object *o, const char *resource, const char *host,
              const struct texts *targets)
{
    static const char *const types[] = {"A", "AAAA", "CNAME"};
    struct arena *a = g->m->arena;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct endpoint *w = NULL;
        for (uint32_t i = 0; i < targets->n; i++) {
            if (strcmp(dns_target_type(targets->at[i]), types[t]) != 0) {
                continue;
            }
            w = w != NULL ? w : dns_want_typed(g, o, resource, host, types[t]);
            if (w == NULL) {
                return;
            }
            texts_add(a, &w->targets, dns_without_dot(a, targets->at[i]));
        }
    }
}

struct texts dns_annotated_hosts(const struct gather *g, const struct object *o, const char *key)
{
    struct texts none = {0};
    const char *text = g->s->ignore_hostname_annotation ? NULL : dns_annotation(g, o, key);
    return text != NULL ? texts_split(g->m->arena, text) : none;
}

const char *dns_resource(const struct gather *g, const char *kind, const struct object *o)
{
    return arena_printf(g->m->arena, "%s/%s/%s", kind, o->ns, o->name);
}
