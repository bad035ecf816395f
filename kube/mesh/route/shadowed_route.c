// SPDX-License-Identifier: Apache-2.0
// Dead rules by containment of conditions.
#include "kube/mesh/route/shadowed_route.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/regex.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/match_conditions.h"

#include <string.h>

enum {
    MAX_WORK = 3000000, // comparisons for one virtual host
    MAX_TEXT = 2048,    // bytes of a path that is looked up
};

// --- texts

static bool starts_fold(const char *s, const char *head)
{
    return str_same_case(s, head, strlen(head));
}

static bool has_letter(const char *s)
{
    for (; *s != '\0'; s++) {
        char c = ascii_lower(*s);
        if (c >= 'a' && c <= 'z') {
            return true;
        }
    }
    return false;
}

// --- what a path condition takes

enum path_kind { PATH_ANY, PATH_EXACT, PATH_PREFIX, PATH_REGEX };
struct path_set {
    enum path_kind kind;
    const char *text;
    const char *head; // of a regex: text that every match begins with, "" where none is certain
    bool fold;
    bool compiled; // the regex is, once it was needed
    const struct regex *regex;
};

static struct path_set path_of(struct arena *a, const struct http_match *m)
{
    struct path_set s = {.kind = PATH_ANY, .text = "", .head = ""};
    if (m == NULL) {
        return s;
    }
    s.fold = m->more != NULL && m->more->ignore_uri_case;
    s.text = str_or_empty(m->uri.text);
    const char *rest;
    switch (m->uri.type) {
    case MATCH_EXACT:
        s.kind = PATH_EXACT;
        break;
    case MATCH_PREFIX: // every path begins with "/"
        s.kind = *s.text == '\0' || strcmp(s.text, "/") == 0 ? PATH_ANY : PATH_PREFIX;
        break;
    case MATCH_REGEX:
        s.fold = false;
        s.head = regex_head(a, s.text, &rest);
        s.kind = PATH_REGEX;
        if (strcmp(rest, ".*") == 0 || strcmp(rest, ".*$") == 0) {
            s.kind = *s.head == '\0' || strcmp(s.head, "/") == 0 ? PATH_ANY : PATH_PREFIX;
            s.text = s.head;
        } else if (*s.head != '\0' && (*rest == '\0' || strcmp(rest, "$") == 0)) {
            s.kind = PATH_EXACT;
            s.text = s.head;
        }
        break;
    default:
        break;
    }
    return s;
}

static bool regex_takes(const struct regex *re, const char *text)
{
    return regex_match(re, text, strlen(text)) == REGEX_YES;
}

// Compiled once: a path may be held against thousands of others.
static const struct regex *path_regex(struct arena *a, struct path_set *p)
{
    if (!p->compiled) {
        p->regex = regex_compile(a, p->text);
        p->compiled = true;
    }
    return p->regex;
}

static bool path_covers(struct arena *a, struct path_set *e, const struct path_set *l)
{
    if (e->kind == PATH_ANY) {
        return true;
    }
    if (l->kind == PATH_ANY) {
        return false;
    }
    const char *text = l->kind == PATH_REGEX ? l->head : l->text;
    // A later condition that ignores case also takes spellings that a strict earlier one does not.
    if (l->fold && !e->fold && has_letter(e->kind == PATH_PREFIX ? e->text : text)) {
        return false;
    }
    switch (e->kind) {
    case PATH_PREFIX:
        return e->fold ? starts_fold(text, e->text) : str_starts(text, e->text);
    case PATH_EXACT:
        return l->kind == PATH_EXACT &&
               (e->fold ? str_casecmp(e->text, text) == 0 : strcmp(e->text, text) == 0);
    default:
        return (l->kind == PATH_REGEX && strcmp(e->text, l->text) == 0) ||
               (l->kind == PATH_EXACT && regex_takes(path_regex(a, e), text));
    }
}

// --- other conditions

static bool same_match(const struct string_match *a, const struct string_match *b)
{
    return a->type == b->type && str_eq(a->text, b->text);
}

// Every value that `l` takes, `e` takes (both for a value that is there).
static bool value_covers(struct arena *a, const struct string_match *e,
                         const struct string_match *l)
{
    if (string_match_is_present(e) || same_match(e, l) ||
        (e->type == MATCH_REGEX && str_eq(e->text, ".*"))) {
        return true;
    }
    if (string_match_is_present(l)) {
        return false;
    }
    bool exact = l->type == MATCH_EXACT;
    switch (e->type) {
    case MATCH_EXACT:
        return false; // the same one was seen above
    case MATCH_PREFIX:
        return (exact || l->type == MATCH_PREFIX) && str_starts(l->text, e->text);
    case MATCH_REGEX:
        return exact && regex_takes(regex_compile(a, e->text), l->text);
    default:
        return false;
    }
}

static const struct string_match *find(const struct named_match *at, uint32_t n, const char *name,
                                       bool fold)
{
    for (uint32_t i = 0; i < n; i++) {
        if (fold ? str_casecmp(at[i].name, name) == 0 : strcmp(at[i].name, name) == 0) {
            return &at[i].match;
        }
    }
    return NULL;
}

static bool claim(const char *name)
{
    return name[0] == '@';
}

static bool names_cover(struct arena *a, const struct named_match *e, uint32_t ne,
                        const struct named_match *l, uint32_t nl, bool fold)
{
    for (uint32_t i = 0; i < ne; i++) {
        const struct string_match *other = find(l, nl, e[i].name, fold);
        if (other == NULL) {
            return false;
        }
        if (claim(e[i].name) ? !same_match(&e[i].match, other)
                             : !value_covers(a, &e[i].match, other)) {
            return false;
        }
    }
    return true;
}

// Is it certain that the value ("" for an absent header) does not meet the condition?
static bool surely_not(struct arena *a, const struct string_match *s, const char *value)
{
    switch (s->type) {
    case MATCH_EXACT:
        return strcmp(s->text, value) != 0;
    case MATCH_PREFIX:
        return !str_starts(value, s->text);
    case MATCH_REGEX:
        return regex_match(regex_compile(a, s->text), value, strlen(value)) == REGEX_NO;
    default:
        return false;
    }
}

// Each withoutHeaders of `e` holds whenever `l` holds.
static bool without_covers(struct arena *a, const struct http_match_more *e,
                           const struct http_match_more *l)
{
    for (uint32_t i = 0; i < e->nwithout_headers; i++) {
        const struct named_match *w = &e->without_headers[i];
        const struct string_match *same =
            find(l->without_headers, l->nwithout_headers, w->name, true);
        if (same != NULL && (!claim(w->name) || same_match(same, &w->match))) {
            bool absent = string_match_is_present(same); // l needs the header to be absent
            bool wider = string_match_is_present(&w->match) ? absent
                         : absent                           ? surely_not(a, &w->match, "")
                                                            : value_covers(a, same, &w->match);
            if (wider) {
                continue;
            }
        }
        const struct string_match *there = find(l->headers, l->nheaders, w->name, true);
        if (there == NULL || there->type != MATCH_EXACT || string_match_is_present(&w->match) ||
            claim(w->name) || !surely_not(a, &w->match, there->text)) {
            return false;
        }
    }
    return true;
}

static const struct http_match_more NONE;

static bool more_covers(struct arena *a, const struct http_match *earlier,
                        const struct http_match *later)
{
    const struct http_match_more *e =
        earlier != NULL && earlier->more != NULL ? earlier->more : &NONE;
    const struct http_match_more *l = later != NULL && later->more != NULL ? later->more : &NONE;
    return value_covers(a, &e->method, &l->method) && value_covers(a, &e->scheme, &l->scheme) &&
           value_covers(a, &e->authority, &l->authority) &&
           names_cover(a, e->headers, e->nheaders, l->headers, l->nheaders, true) &&
           names_cover(a, e->query_params, e->nquery_params, l->query_params, l->nquery_params,
                       false) &&
           without_covers(a, e, l);
}

bool match_covers(struct arena *a, const struct http_match *earlier, const struct http_match *later)
{
    struct path_set e = path_of(a, earlier);
    struct path_set l = path_of(a, later);
    return path_covers(a, &e, &l) && more_covers(a, earlier, later);
}

// --- all routes of a virtual host

struct earlier_route {
    uint32_t index;
    struct earlier_route *next;
};
struct earlier_routes { // of one path, in their order
    struct earlier_route *first, *last;
};

struct shadow_search {
    struct arena *a;
    const struct route *const *routes;
    struct path_set *paths;
    struct string_map prefixes, exacts; // text -> struct earlier_routes
    struct earlier_routes any, others;  // others: regexes, and what ignores case
    long work;
};

static void remember(struct shadow_search *f, struct earlier_routes *c, uint32_t index)
{
    struct earlier_route *e = arena_alloc(f->a, sizeof *e);
    e->index = index;
    if (c->last != NULL) {
        c->last->next = e;
    } else {
        c->first = e;
    }
    c->last = e;
}

static struct earlier_routes *routes_at(struct shadow_search *f, struct string_map *h,
                                        const char *key)
{
    void **at = string_map_at(h, key);
    if (*at == NULL) {
        *at = arena_alloc(f->a, sizeof(struct earlier_routes));
    }
    return *at;
}

static void consider(struct shadow_search *f, const struct earlier_routes *c, uint32_t later,
                     uint32_t *best)
{
    for (const struct earlier_route *e = c != NULL ? c->first : NULL; e != NULL && e->index < *best;
         e = e->next) {
        if (--f->work < 0) {
            return;
        }
        if (path_covers(f->a, &f->paths[e->index], &f->paths[later]) &&
            more_covers(f->a, f->routes[e->index]->match, f->routes[later]->match)) {
            *best = e->index;
            return;
        }
    }
}

static void find_one(struct shadow_search *f, uint32_t i, const struct route **by)
{
    const struct path_set *p = &f->paths[i];
    uint32_t best = i;
    consider(f, &f->any, i, &best);
    consider(f, &f->others, i, &best);
    const char *text = p->kind == PATH_REGEX ? p->head : p->text;
    size_t n = strlen(text);
    if (p->kind != PATH_ANY && n < MAX_TEXT) {
        char head[MAX_TEXT];
        for (size_t k = 0; k <= n && f->prefixes.n > 0; k++) {
            head[k] = '\0';
            consider(f, string_map_get(&f->prefixes, head), i, &best);
            head[k] = text[k];
        }
        if (p->kind == PATH_EXACT) {
            consider(f, string_map_get(&f->exacts, text), i, &best);
        }
    }
    by[i] = best < i ? f->routes[best] : NULL;
    struct earlier_routes *own = p->kind == PATH_ANY                ? &f->any
                                 : p->kind == PATH_REGEX || p->fold ? &f->others
                                 : p->kind == PATH_EXACT ? routes_at(f, &f->exacts, p->text)
                                                         : routes_at(f, &f->prefixes, p->text);
    if (by[i] == NULL) { // a dead route covers nothing that the one that covers it does not
        remember(f, own, i);
    }
}

void shadowed_routes_find(struct arena *a, const struct route *const *routes, uint32_t n,
                          const struct route **by)
{
    struct shadow_search f = {.a = a, .routes = routes, .work = MAX_WORK};
    string_map_init(&f.prefixes, a);
    string_map_init(&f.exacts, a);
    f.paths = arena_calloc(a, n, sizeof *f.paths);
    for (uint32_t i = 0; i < n; i++) {
        f.paths[i] = path_of(a, routes[i]->match);
        by[i] = NULL;
        if (f.work >= 0) {
            find_one(&f, i, by);
        }
    }
}
