// SPDX-License-Identifier: Apache-2.0
// The conditions of a match entry as texts.
#include "kube/mesh/route/match_conditions.h"

#include "kube/base/text.h"

#include "kube/object/istio_objects.h"

bool header_is_claim(const char *name)
{
    return str_starts(name, "@request.auth.claims");
}

bool string_match_is_present(const struct string_match *s)
{
    return s->type == MATCH_EMPTY || s->type == MATCH_ABSENT ||
           (s->type == MATCH_REGEX && str_eq(s->text, "*"));
}

const char *string_match_text(struct arena *a, const struct string_match *s)
{
    switch (s->type) {
    case MATCH_EXACT:
        return arena_printf(a, "exact %s", *s->text != '\0' ? s->text : "\"\"");
    case MATCH_PREFIX:
        return arena_printf(a, "prefix %s", *s->text != '\0' ? s->text : "\"\"");
    case MATCH_REGEX:
        return arena_printf(a, "regex %s", s->text);
    default:
        return "present";
    }
}

struct condition_list {
    struct arena *a;
    const char **at;
    uint32_t n;
};

static void add_condition(struct condition_list *t, const char *what, const char *name,
                          const struct string_match *s)
{
    if (s->type == MATCH_ABSENT) {
        return;
    }
    t->at[t->n++] = arena_printf(t->a, "%s%s%s %s", what, *name != '\0' ? " " : "", name,
                                 string_match_text(t->a, s));
}

static const char *joined(struct arena *a, const struct str_list *l)
{
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < l->n; i++) {
        buf_addf(&b, "%s%s", i > 0 ? ", " : "", l->at[i]);
    }
    const char *text = arena_strdup(a, b.len > 0 ? b.data : "");
    buf_release(&b);
    return text;
}

struct str_list match_conditions(struct arena *a, const struct http_match *match)
{
    struct condition_list t = {.a = a};
    if (match == NULL) {
        return (struct str_list){0};
    }
    const struct http_match_more *x = match->more;
    size_t most = 1; // the path
    if (x != NULL) {
        most +=
            7 + (size_t)x->nheaders + x->nwithout_headers + x->nquery_params + x->source_labels.n;
    }
    t.at = arena_alloc(a, most * sizeof *t.at);
    if (match->uri.type != MATCH_EMPTY) {
        add_condition(&t, "path", "", &match->uri);
    }
    if (x == NULL) {
        return (struct str_list){.at = t.at, .n = t.n};
    }
    if (x->ignore_uri_case) {
        t.at[t.n++] = "path ignoring case";
    }
    add_condition(&t, "method", "", &x->method);
    add_condition(&t, "authority", "", &x->authority);
    add_condition(&t, "scheme", "", &x->scheme);
    for (uint32_t i = 0; i < x->nheaders; i++) {
        add_condition(&t, "header", x->headers[i].name, &x->headers[i].match);
    }
    for (uint32_t i = 0; i < x->nwithout_headers; i++) {
        add_condition(&t, "without header", x->without_headers[i].name,
                      &x->without_headers[i].match);
    }
    for (uint32_t i = 0; i < x->nquery_params; i++) {
        add_condition(&t, "query", x->query_params[i].name, &x->query_params[i].match);
    }
    if (x->port != 0) {
        t.at[t.n++] = arena_printf(a, "port %u", x->port);
    }
    if (x->gateways.n > 0) {
        t.at[t.n++] = arena_printf(a, "gateways %s", joined(a, &x->gateways));
    }
    for (uint32_t i = 0; i < x->source_labels.n; i++) {
        t.at[t.n++] = arena_printf(a, "source label %s=%s", x->source_labels.at[i].key,
                                   x->source_labels.at[i].value);
    }
    if (!str_empty(x->source_namespace)) {
        t.at[t.n++] = arena_printf(a, "source namespace %s", x->source_namespace);
    }
    return (struct str_list){.at = t.at, .n = t.n};
}

const char *match_conditions_text(struct arena *a, const struct http_match *match)
{
    struct str_list c = match_conditions(a, match);
    return joined(a, &c);
}
