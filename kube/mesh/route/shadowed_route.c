// SPDX-License-Identifier: Apache-2.0
// Dead rules by containment of conditions.
#include "kube/mesh/route/shadowed_route.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
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
    FEW = 32,           // routes that are compared with each other without an index
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
    const char *head; // of a regex: text that every match begins with, "" if none is certain
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

// Compiled once: a path may be compared with thousands of others.
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
struct earlier_routes { // in their order
    struct earlier_route *first, *last;
};

// Earlier routes of one path, by a condition besides it that a later one must have, too: one on an exact value, else
// that a header or query parameter is there; "" for those that have neither.
struct path_routes {
    struct string_map by_condition; // condition_name() -> struct earlier_routes
};

struct shadow_search {
    struct arena *a;
    const struct route *const *routes;
    struct path_set *paths;
    // Earlier routes by what a later one that they cover has in common with them: "p/a" for a prefix, "e/a" for an
    // exact path, "P", "E" the same in lower case for those that ignore it, "r" and the text of an expression, "h" and
    // the text that it begins with; "" for those that take every path.
    struct string_map by_path; // -> struct path_routes
    bool letters['z' + 1];     // with which there are keys
    long work;
};

static struct path_routes *path_at(struct shadow_search *f, const char *key)
{
    struct path_routes **at = (struct path_routes **)string_map_at(&f->by_path, key);
    f->letters[(unsigned char)key[0]] = true;
    if (*at == NULL) {
        *at = arena_alloc(f->a, sizeof **at);
        string_map_init(&(*at)->by_condition, f->a);
    }
    return *at;
}

// --- conditions besides the path

typedef void condition_fn(void *self, const char *name);

static const char *exact_name(struct arena *a, const char *what, const char *name,
                              const char *value)
{
    return arena_concat(a, what, "\1", name, "\1", value, NULL);
}

static const char *present_name(struct arena *a, const char *what, const char *name)
{
    return arena_concat(a, what, "\1", name, NULL);
}

static const char *exact_of(struct arena *a, const char *what, const char *name,
                            const struct string_match *s)
{
    return s->type == MATCH_EXACT ? exact_name(a, what, name, s->text) : NULL;
}

// The name of the condition under which an earlier route is kept.
static const char *condition_name(struct arena *a, const struct http_match *match)
{
    const struct http_match_more *x = match != NULL && match->more != NULL ? match->more : &NONE;
    const char *name = NULL, *present = "";
    for (uint32_t i = 0; i < x->nheaders && name == NULL; i++) {
        const char *header = str_lower(a, x->headers[i].name);
        name = exact_of(a, "header", header, &x->headers[i].match);
        present = present_name(a, "header", header);
    }
    for (uint32_t i = 0; i < x->nquery_params && name == NULL; i++) {
        name = exact_of(a, "query", x->query_params[i].name, &x->query_params[i].match);
        present = present_name(a, "query", x->query_params[i].name);
    }
    name = name != NULL ? name : exact_of(a, "method", "", &x->method);
    name = name != NULL ? name : exact_of(a, "authority", "", &x->authority);
    name = name != NULL ? name : exact_of(a, "scheme", "", &x->scheme);
    return name != NULL ? name : present;
}

static void each_named(struct arena *a, const char *what, const struct named_match *at, uint32_t n,
                       bool fold, condition_fn *found, void *self)
{
    for (uint32_t i = 0; i < n; i++) {
        const char *name = fold ? str_lower(a, at[i].name) : at[i].name;
        const char *exact = exact_of(a, what, name, &at[i].match);
        found(self, present_name(a, what, name));
        if (exact != NULL) {
            found(self, exact);
        }
    }
}

// The names under which a route that covers this one may be kept.
static void each_condition(struct arena *a, const struct http_match *match, condition_fn *found,
                           void *self)
{
    const struct http_match_more *x = match != NULL && match->more != NULL ? match->more : &NONE;
    const char *single[] = {exact_of(a, "method", "", &x->method),
                            exact_of(a, "authority", "", &x->authority),
                            exact_of(a, "scheme", "", &x->scheme)};
    found(self, "");
    each_named(a, "header", x->headers, x->nheaders, true, found, self);
    each_named(a, "query", x->query_params, x->nquery_params, false, found, self);
    for (size_t i = 0; i < ARRAY_COUNT(single); i++) {
        if (single[i] != NULL) {
            found(self, single[i]);
        }
    }
}

static void remember(struct shadow_search *f, const char *path, uint32_t index)
{
    struct earlier_route *e = arena_alloc(f->a, sizeof *e);
    e->index = index;
    struct earlier_routes **at = (struct earlier_routes **)string_map_at(
        &path_at(f, path)->by_condition, condition_name(f->a, f->routes[index]->match));
    if (*at == NULL) {
        *at = arena_alloc(f->a, sizeof **at);
        (*at)->first = e;
    } else {
        (*at)->last->next = e;
    }
    (*at)->last = e;
}

// --- the search for what covers one route

struct cover_search {
    struct shadow_search *f;
    uint32_t later, best;        // the first that covers it so far; `later` for none
    struct str_array conditions; // of `later`
};

static void consider(struct cover_search *c, const struct earlier_routes *list)
{
    struct shadow_search *f = c->f;
    for (const struct earlier_route *e = list != NULL ? list->first : NULL;
         e != NULL && e->index < c->best; e = e->next) {
        if (--f->work < 0) {
            return;
        }
        if (path_covers(f->a, &f->paths[e->index], &f->paths[c->later]) &&
            more_covers(f->a, f->routes[e->index]->match, f->routes[c->later]->match)) {
            c->best = e->index;
            return;
        }
    }
}

static void consider_path(struct cover_search *c, const char *key)
{
    const struct path_routes *at = string_map_get(&c->f->by_path, key);
    for (uint32_t i = 0; at != NULL && i < c->conditions.n; i++) {
        consider(c, string_map_get(&at->by_condition, c->conditions.at[i]));
    }
}

// Those whose key is the letter and a part of the text from its start on.
static void consider_heads(struct cover_search *c, char letter, const char *text)
{
    size_t n = strlen(text);
    char head[MAX_TEXT + 1];
    head[0] = letter;
    for (size_t k = 0; k <= n && n < MAX_TEXT && c->f->letters[(unsigned char)letter]; k++) {
        head[k + 1] = '\0';
        consider_path(c, head);
        head[k + 1] = text[k];
    }
}

static void consider_whole(struct cover_search *c, char letter, const char *text)
{
    if (c->f->letters[(unsigned char)letter]) {
        consider_path(c, arena_printf(c->f->a, "%c%s", letter, text));
    }
}

static void add_condition(void *self, const char *name)
{
    struct cover_search *c = self;
    str_array_add(c->f->a, &c->conditions, name);
}

static const char *path_key(struct arena *a, const struct path_set *p)
{
    switch (p->kind) {
    case PATH_ANY:
        return "";
    case PATH_PREFIX:
        return p->fold ? arena_concat(a, "P", str_lower(a, p->text), NULL)
                       : arena_concat(a, "p", p->text, NULL);
    case PATH_EXACT:
        return p->fold ? arena_concat(a, "E", str_lower(a, p->text), NULL)
                       : arena_concat(a, "e", p->text, NULL);
    default:
        return arena_concat(a, "r", p->text, NULL);
    }
}

static void find_one(struct shadow_search *f, uint32_t i, const struct route **by)
{
    const struct path_set *p = &f->paths[i];
    struct cover_search c = {.f = f, .later = i, .best = i};
    each_condition(f->a, f->routes[i]->match, add_condition, &c);
    consider_path(&c, "");
    if (p->kind != PATH_ANY) {
        const char *text = p->kind == PATH_REGEX ? p->head : p->text;
        const char *low = str_lower(f->a, text);
        consider_heads(&c, 'p', text);
        consider_heads(&c, 'P', low);
        if (p->kind == PATH_EXACT) {
            consider_whole(&c, 'e', text);
            consider_whole(&c, 'E', low);
            consider_heads(&c, 'h', text); // expressions that may match it
        } else if (p->kind == PATH_REGEX) {
            consider_whole(&c, 'r', p->text);
        }
    }
    by[i] = c.best < i ? f->routes[c.best] : NULL;
    if (by[i] != NULL) {
        return; // a dead route covers nothing that the one that covers it does not
    }
    remember(f, path_key(f->a, p), i);
    if (p->kind == PATH_REGEX) {
        remember(f, arena_concat(f->a, "h", p->head, NULL), i);
    }
}

// The first route before i that is not dead and covers it, NULL: none.
static const struct route *find_among_few(struct shadow_search *f, uint32_t i,
                                          const struct route *const *by)
{
    for (uint32_t k = 0; k < i; k++) {
        if (by[k] == NULL && path_covers(f->a, &f->paths[k], &f->paths[i]) &&
            more_covers(f->a, f->routes[k]->match, f->routes[i]->match)) {
            return f->routes[k];
        }
    }
    return NULL;
}

void shadowed_routes_find(struct arena *a, const struct route *const *routes, uint32_t n,
                          const struct route **by)
{
    struct shadow_search f = {.a = a, .routes = routes, .work = MAX_WORK};
    string_map_init(&f.by_path, a);
    f.paths = arena_calloc(a, n, sizeof *f.paths);
    for (uint32_t i = 0; i < n; i++) {
        f.paths[i] = path_of(a, routes[i]->match);
        by[i] = NULL;
        if (n <= FEW) {
            by[i] = find_among_few(&f, i, by);
        } else if (f.work >= 0) {
            find_one(&f, i, by);
        }
    }
}
