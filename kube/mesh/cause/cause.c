// SPDX-License-Identifier: Apache-2.0
// Gathers the faults of all rows, and findings, by object and field.
#include "kube/mesh/cause/cause.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"
#include "kube/base/time_text.h"

#include "kube/mesh/chain/app_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// A cause while it is gathered.
struct gathered {
    struct cause cause; // its rows and what hides it are set at the end
    // That breaks an earlier link of every row so far; NULL: nothing does.
    const struct gathered *hider;
    bool met;        // in a row
    uint32_t number; // in the order in which they were met
    uint32_t place;  // in the list
};

struct hit {
    struct gathered *cause;
    const struct app_row *row;
};

struct gathering {
    struct arena *arena;
    struct gathered **at;
    uint32_t n, cap;
    struct hit *hits;
    uint32_t nhits, cap_hits;
    // Causes by object and field, and by the field that names the object.
    struct string_map by_place;
    struct string_map by_message; // causes that only findings show
};

static const char *place_key(struct arena *a, enum kind k, const char *ns, const char *name,
                             const char *field)
{
    return arena_printf(a, "%d %s/%s %s", (int)k, str_or_empty(ns), str_or_empty(name), field);
}

static bool earlier(int64_t a, bool a_at_most, int64_t b, bool b_at_most)
{
    if (a == TIME_NONE || b == TIME_NONE) {
        return a != TIME_NONE;
    }
    return a_at_most != b_at_most ? !a_at_most : a < b;
}

// The cause of an object and a field, new where it is not there yet.
static struct gathered *cause_at(struct gathering *g, enum kind k, const char *ns, const char *name,
                                 const char *field)
{
    void **place = string_map_at(&g->by_place, place_key(g->arena, k, ns, name, field));
    if (*place == NULL) {
        struct gathered *x = arena_alloc(g->arena, sizeof *x);
        *x = (struct gathered){.cause = {.link = LINK_COUNT,
                                         .kind = k,
                                         .ns = str_or_empty(ns),
                                         .name = str_or_empty(name),
                                         .field = field,
                                         .since = TIME_NONE},
                               .number = g->n};
        *place = x;
        *ARENA_PUSH(g->arena, g->at, g->n, g->cap) = x;
    }
    return *place;
}

// The Gateway or VirtualService whose field names the object of a row's fault.
static void note_place(struct gathering *g, const struct app_row *r, const struct app_fault *f,
                       struct gathered *x)
{
    const char *id = f->at_gateway ? r->gateway : r->virtualservice;
    if (f->at == NULL || id == NULL) {
        return;
    }
    const enum kind k = f->at_gateway ? KIND_GATEWAY : KIND_VIRTUALSERVICE;
    // As place_key has it.
    void **place =
        string_map_at(&g->by_place, arena_printf(g->arena, "%d %s %s", (int)k, id, f->at));
    *place = *place == NULL ? x : *place;
}

static struct gathered *add_fault(struct gathering *g, const struct app_row *r,
                                  const struct app_fault *f)
{
    struct gathered *x = cause_at(g, (enum kind)f->kind, f->ns, f->name, f->field);
    struct cause *c = &x->cause;
    if ((enum verdict)f->state > c->state ||
        ((enum verdict)f->state == c->state && (enum link_kind)f->link < c->link)) {
        c->state = (enum verdict)f->state;
        c->link = (enum link_kind)f->link;
        c->words = f->words;
    }
    if (earlier(f->since, f->at_most, c->since, c->at_most)) {
        c->since = f->since;
        c->at_most = f->at_most;
    }
    note_place(g, r, f, x);
    return x;
}

static void add_row(struct gathering *g, const struct app_row *r)
{
    struct gathered *broken = NULL; // the first broken link's
    for (uint32_t i = 0; i < r->nfaults; i++) {
        const struct app_fault *f = &r->faults[i];
        struct gathered *x = add_fault(g, r, f);
        *ARENA_PUSH(g->arena, g->hits, g->nhits, g->cap_hits) = (struct hit){x, r};
        const struct gathered *before = broken != x ? broken : NULL;
        x->hider = !x->met || x->hider == before ? before : NULL;
        x->met = true;
        if (broken == NULL && f->state == VERDICT_BROKEN) {
            broken = x;
        }
    }
}

static enum verdict severity_verdict(enum severity s)
{
    return s == SEVERITY_ERROR     ? VERDICT_BROKEN
           : s == SEVERITY_WARNING ? VERDICT_WARNING
                                   : VERDICT_OK;
}

// Takes the last part off a path: "a.b[1]" becomes "a.b", then "a". False where there is none.
static bool parent(char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] != '.' && path[n - 1] != '[') {
        n--;
    }
    path[n > 0 ? n - 1 : 0] = '\0';
    return n > 1;
}

// The cause that has the finding's field, or one that the field lies in; else a new one.
static struct gathered *cause_of_finding(struct gathering *g, const struct finding *f)
{
    char *path = arena_strdup(g->arena, str_or_empty(f->path));
    do {
        const char *key = place_key(g->arena, f->kind, f->ns, f->name, path);
        struct gathered *x = string_map_get(&g->by_place, key);
        if (x != NULL) {
            return x;
        }
    } while (parent(path));
    // The same thing may be said of several objects: one Secret, of all Gateways that name it.
    void **same =
        string_map_at(&g->by_message, arena_concat(g->arena, f->code, " ", f->message, NULL));
    if (*same == NULL) {
        *same = cause_at(g, f->kind, f->ns, f->name, str_or_empty(f->path));
    }
    return *same;
}

// Informs of what may be meant so are no causes.
static void add_finding(struct gathering *g, const struct finding *f)
{
    const enum verdict v = severity_verdict(f->severity);
    if (v == VERDICT_OK) {
        return;
    }
    struct gathered *x = cause_of_finding(g, f);
    x->cause.nfindings++;
    x->cause.state = v > x->cause.state ? v : x->cause.state;
    if (x->cause.finding == NULL || f->severity > x->cause.finding->severity) {
        x->cause.finding = f;
        x->cause.words = x->met ? x->cause.words : f->message;
    }
}

static int by_cause_and_host(const void *x, const void *y)
{
    const struct hit *a = x, *b = y;
    if (a->cause != b->cause) {
        return a->cause->number < b->cause->number ? -1 : 1;
    }
    int c = strcmp(a->row->host, b->row->host);
    c = c != 0 ? c : strcmp(str_or_empty(a->row->gateway), str_or_empty(b->row->gateway));
    return c != 0
               ? c
               : strcmp(str_or_empty(a->row->virtualservice), str_or_empty(b->row->virtualservice));
}

// Gives each cause its rows, each once.
static void set_rows(struct gathering *g)
{
    const struct app_row **rows = arena_calloc(g->arena, g->nhits, sizeof(const struct app_row *));
    if (g->nhits > 1) {
        qsort(g->hits, g->nhits, sizeof *g->hits, by_cause_and_host);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nhits; i++) {
        const struct hit *h = &g->hits[i];
        struct cause *c = &h->cause->cause;
        if (c->nrows == 0) {
            c->rows = rows + n;
        } else if (rows[n - 1] == h->row) {
            continue; // two of its links have the cause
        }
        c->nhosts += c->nrows == 0 || strcmp(rows[n - 1]->host, h->row->host) != 0;
        rows[n++] = h->row;
        c->nrows++;
    }
}

static int worst_first(const void *x, const void *y)
{
    const struct gathered *p = *(struct gathered *const *)x, *q = *(struct gathered *const *)y;
    const struct cause *a = &p->cause, *b = &q->cause;
    if ((p->hider != NULL) != (q->hider != NULL)) {
        return p->hider != NULL ? 1 : -1;
    }
    if (a->state != b->state) {
        return a->state < b->state ? 1 : -1;
    }
    if (a->nhosts != b->nhosts) {
        return a->nhosts < b->nhosts ? 1 : -1;
    }
    if (a->since != b->since) {
        return a->since < b->since ? 1 : -1;
    }
    int c = strcmp(a->ns, b->ns);
    c = c != 0 ? c : strcmp(a->name, b->name);
    c = c != 0 ? c : (a->kind > b->kind) - (a->kind < b->kind);
    return c != 0 ? c : strcmp(a->field, b->field);
}

static struct causes sorted(struct gathering *g)
{
    struct cause *list = arena_calloc(g->arena, g->n, sizeof *list);
    if (g->n > 1) {
        qsort(g->at, g->n, sizeof(struct gathered *), worst_first);
    }
    for (uint32_t i = 0; i < g->n; i++) {
        g->at[i]->place = i;
        list[i] = g->at[i]->cause;
    }
    for (uint32_t i = 0; i < g->n; i++) {
        const struct gathered *hider = g->at[i]->hider;
        list[i].hidden_by = hider != NULL ? &list[hider->place] : NULL;
    }
    return (struct causes){list, g->n};
}

struct causes causes_find(const struct mesh *m, const struct findings *findings, const char *ns)
{
    struct gathering g = {.arena = m->arena};
    string_map_init(&g.by_place, m->arena);
    string_map_init(&g.by_message, m->arena);
    struct app_rows_iter it;
    const struct app_row *r;
    for (app_rows_begin(&it, m->snap); (r = app_rows_next(&it)) != NULL;) {
        if (r->nfaults > 0 && (ns == NULL || strcmp(r->ns, ns) == 0)) {
            add_row(&g, r);
        }
    }
    for (uint32_t i = 0; findings != NULL && i < findings->n; i++) {
        if (ns == NULL || str_eq(findings->at[i].ns, ns)) {
            add_finding(&g, &findings->at[i]);
        }
    }
    set_rows(&g);
    return sorted(&g);
}

const struct app_fault *cause_fault(const struct cause *c, const struct app_row *row)
{
    for (uint32_t i = 0; i < row->nfaults; i++) {
        const struct app_fault *f = &row->faults[i];
        if (f->kind == c->kind && strcmp(f->field, c->field) == 0 &&
            strcmp(f->name, c->name) == 0 && strcmp(f->ns, c->ns) == 0) {
            return f;
        }
    }
    return NULL;
}
