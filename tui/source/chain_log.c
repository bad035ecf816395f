// SPDX-License-Identifier: Apache-2.0
// Writes chains into the log.
#include "tui/source/chain_log.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/log.h"
#include "kube/base/str.h"

#include "kube/mesh/chain/app_rows.h"

#include <stdlib.h>
#include <string.h>

enum { CHAINS_NAMED = 300 };

static int by_host(const void *x, const void *y)
{
    const struct app_row *a = *(const struct app_row *const *)x;
    const struct app_row *b = *(const struct app_row *const *)y;
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(str_or_empty(a->gateway), str_or_empty(b->gateway));
    return c != 0 ? c : strcmp(str_or_empty(a->virtualservice), str_or_empty(b->virtualservice));
}

// " (VirtualService apps/web)", "" if the link is about no object.
static const char *object_of(struct arena *a, const struct chain_link *l)
{
    if (l->kind == KIND_COUNT || l->name == NULL) {
        return "";
    }
    return arena_concat(a, " (", kind_title(a, l->kind, l->ns, l->name), ")", NULL);
}

static void log_chain(const struct mesh *m, const struct app_row *row,
                      const struct dns_settings *dns)
{
    const struct chain *c = app_chain(m, row, dns);
    log_debug(LOG_AREA_MESH, "%s on %s, %s%s: %s", row->host,
              row->gateway != NULL ? row->gateway : "no Gateway",
              row->virtualservice != NULL ? "VirtualService " : "no VirtualService",
              str_or_empty(row->virtualservice), verdict_name((enum verdict)row->state));
    for (int l = 0; c != NULL && l < LINK_COUNT; l++) {
        const struct chain_link *k = &c->link[l];
        log_debug(LOG_AREA_MESH, "  %s %s%s: %s", link_name((enum link_kind)l),
                  verdict_name(k->state), object_of(m->arena, k), str_or_empty(k->reason));
    }
}

void chain_log(const struct snapshot *s, const struct dns_settings *dns, int64_t now)
{
    if (!log_area_on(LOG_AREA_MESH)) {
        return;
    }
    struct arena rows_arena, arena;
    arena_init(&rows_arena);
    const struct app_row **rows = NULL, *row;
    size_t n = 0, cap = 0;
    struct app_rows_iter it;
    for (app_rows_begin(&it, s); (row = app_rows_next(&it)) != NULL;) {
        *ARENA_PUSH(&rows_arena, rows, n, cap) = row;
    }
    if (n > 1) {
        qsort(rows, n, sizeof *rows, by_host);
    }
    log_debug(LOG_AREA_MESH, "%zu chains in the answer", n);
    arena_init(&arena);
    for (size_t i = 0; i < n && i < CHAINS_NAMED; i++) {
        struct mesh m = {.snap = s, .arena = &arena, .now = now};
        log_chain(&m, rows[i], dns);
        arena_clear(&arena);
    }
    if (n > CHAINS_NAMED) {
        log_debug(LOG_AREA_MESH, "%zu more chains are not named", n - CHAINS_NAMED);
    }
    arena_release(&arena);
    arena_release(&rows_arena);
}
