// SPDX-License-Identifier: Apache-2.0
// The conditions of a match entry as texts.
#include "kube/mesh/route/match_conditions.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"

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
    struct str_array texts;
};

static void add(struct condition_list *l, const char *text)
{
    str_array_add(l->a, &l->texts, text);
}

static void add_condition(struct condition_list *l, const char *what, const char *name,
                          const struct string_match *s)
{
    if (s->type != MATCH_ABSENT) {
        add(l, arena_printf(l->a, "%s%s%s %s", what, *name != '\0' ? " " : "", name,
                            string_match_text(l->a, s)));
    }
}

static void add_named(struct condition_list *l, const char *what, const struct named_match *at,
                      uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        add_condition(l, what, at[i].name, &at[i].match);
    }
}

static void add_more(struct condition_list *l, const struct http_match_more *x)
{
    struct arena *a = l->a;
    if (x->ignore_uri_case) {
        add(l, "path ignoring case");
    }
    add_condition(l, "method", "", &x->method);
    add_condition(l, "authority", "", &x->authority);
    add_condition(l, "scheme", "", &x->scheme);
    add_named(l, "header", x->headers, x->nheaders);
    add_named(l, "without header", x->without_headers, x->nwithout_headers);
    add_named(l, "query", x->query_params, x->nquery_params);
    if (x->port != 0) {
        add(l, arena_printf(a, "port %u", x->port));
    }
    if (x->gateways.n > 0) {
        add(l, arena_printf(a, "gateways %s", str_list_join(a, &x->gateways, ", ")));
    }
    for (uint32_t i = 0; i < x->source_labels.n; i++) {
        add(l, arena_printf(a, "source label %s=%s", x->source_labels.at[i].key,
                            x->source_labels.at[i].value));
    }
    if (!str_empty(x->source_namespace)) {
        add(l, arena_printf(a, "source namespace %s", x->source_namespace));
    }
}

struct str_list match_conditions(struct arena *a, const struct http_match *match)
{
    struct condition_list l = {.a = a};
    if (match != NULL && match->uri.type != MATCH_EMPTY) {
        add_condition(&l, "path", "", &match->uri);
    }
    if (match != NULL && match->more != NULL) {
        add_more(&l, match->more);
    }
    return str_array_list(&l.texts);
}

const char *match_conditions_text(struct arena *a, const struct http_match *match)
{
    struct str_list c = match_conditions(a, match);
    return str_list_join(a, &c, ", ");
}
