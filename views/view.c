// SPDX-License-Identifier: Apache-2.0
// The list of views, and the small pieces that all of them use.
#include "views/view.h"

#include "kube/base/text.h"

#include "views/view_internal.h"

#include <string.h>

const struct view *const views[] = {
    &view_apps, &view_namespaces, &view_certificates, &view_gateways, &view_routes, &view_services,
    &view_dns,  &view_findings,   &view_events,       &view_status,   NULL,
};

const struct view *view_find(const char *name)
{
    const struct view *found = NULL;
    for (const struct view *const *v = views; *v != NULL; v++) {
        if (strcmp((*v)->name, name) == 0) {
            return *v;
        }
        if (name[0] != '\0' && str_starts((*v)->name, name)) {
            if (found != NULL) {
                return NULL; // the head of two names
            }
            found = *v;
        }
    }
    return found;
}

const char *role_name(enum role r)
{
    static const char *const names[ROLE_COUNT] = {
        "text",   "dim",  "strong", "ok",    "pending", "warning",     "broken",       "unknown",
        "name",   "host", "number", "title", "header",  "header_text", "key",          "footer",
        "cursor", "mark", "sort",   "match", "prompt",  "border",      "context_prod",
    };
    return names[r];
}

enum role role_of_verdict(enum verdict v)
{
    static const enum role roles[] = {ROLE_UNKNOWN, ROLE_OK, ROLE_PENDING, ROLE_WARNING,
                                      ROLE_BROKEN};
    return roles[v];
}

void block_init(struct text_block *b, struct arena *a)
{
    memset(b, 0, sizeof *b);
    b->arena = a;
}

// Room for one more in a list that lives in an arena.
static void *grow(struct arena *a, void *at, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap) {
        return at;
    }
    *cap = *cap == 0 ? 4 : *cap * 2;
    void *more = arena_alloc(a, *cap * size);
    if (n != 0) {
        memcpy(more, at, n * size);
    }
    return more;
}

void block_line(struct text_block *b)
{
    b->at = grow(b->arena, b->at, b->n, &b->cap, sizeof *b->at);
    memset(&b->at[b->n++], 0, sizeof *b->at);
}

void block_put(struct text_block *b, enum role role, const char *fmt, ...)
{
    if (b->n == 0) {
        block_line(b);
    }
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(b->arena, fmt, ap);
    va_end(ap);
    struct text_line *l = &b->at[b->n - 1];
    l->at = grow(b->arena, l->at, l->n, &l->cap, sizeof *l->at);
    l->at[l->n++] = (struct span){text, role};
}

const char *view_row_key(const struct view *v, const struct view_args *a, const void *row)
{
    if (v->key != NULL) {
        return v->key(a, row);
    }
    const struct object *o = v->object(a, row);
    return !str_empty(o->uid)
               ? o->uid
               : arena_printf(a->arena, "%s/%s/%s", kinds[o->kind].kind, o->ns, o->name);
}

const char *view_row_ns(const struct view *v, const struct view_args *a, const void *row)
{
    const struct object *o = v->ns == NULL && v->object != NULL ? v->object(a, row) : NULL;
    return v->ns != NULL ? v->ns(a, row) : o != NULL ? o->ns : "";
}
