// SPDX-License-Identifier: Apache-2.0
// Packs the chains of an owner into rows.
#include "kube/mesh/chain/owner_rows.h"

#include "kube/base/arena.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"

#include <stdlib.h>
#include <string.h>

static struct owner_rows *mutable_rows(const struct owner_rows *g)
{
    return unconst(g);
}

void owner_rows_unref(const struct owner_rows *g)
{
    if (atomic_fetch_sub_explicit(&mutable_rows(g)->refs, 1, memory_order_acq_rel) == 1) {
        object_unref(g->owner);
        free(mutable_rows(g));
    }
}

static void ref_value(const void *v)
{
    atomic_fetch_add_explicit(&mutable_rows(v)->refs, 1, memory_order_relaxed);
}

static void unref_value(const void *v)
{
    owner_rows_unref(v);
}

static void key_of_value(const void *v, const char **a, const char **b)
{
    const struct owner_rows *g = v;
    *a = g->kind_ns;
    *b = g->owner->name;
}

const struct pmap_type owner_rows_map_type = {ref_value, unref_value, key_of_value};

const char *owner_rows_key(struct arena *a, enum kind k, const char *ns)
{
    return arena_printf(a, "%c%s", k == KIND_GATEWAY ? 'g' : 'v', ns);
}

// Texts are put after the rows, in the same block.
struct packer {
    char *at; // NULL: only counting
    size_t bytes;
};

static const char *pack(struct packer *p, const char *s)
{
    if (s == NULL) {
        return NULL;
    }
    size_t n = strlen(s) + 1;
    const char *place = p->at != NULL ? memcpy(p->at + p->bytes, s, n) : s;
    p->bytes += n;
    return place;
}

// The owner's own text of the host, NULL if it is not among the first hosts. Most VirtualServices have only a few.
static const char *host_of(const struct object *owner, const char *host)
{
    enum { FEW = 4 };
    const struct str_list none = {NULL, 0};
    const struct str_list hosts =
        owner->kind == KIND_VIRTUALSERVICE ? OBJECT_AS(virtualservice, owner)->hosts : none;
    for (uint32_t i = 0; i < hosts.n && i < FEW; i++) {
        if (str_eq(hosts.at[i], host)) {
            return hosts.at[i];
        }
    }
    return NULL;
}

// What the block of an owner's rows holds, filled in twice: first only counted.
struct block {
    struct packer text;
    struct app_row *rows;     // NULL: only counting
    struct app_fault *faults; // of all rows
    uint32_t nfaults;
};

// Texts that the faults of one owner have in common, one after the other, are packed once.
static const char *pack_again(struct packer *p, const char *s, const char *before)
{
    return before != NULL && str_eq(s, before) ? before : pack(p, s);
}

// before: the fault packed last, NULL: none.
static struct app_fault pack_fault(struct packer *p, const struct chain *c, enum link_kind l,
                                   const struct app_fault *before)
{
    static const struct app_fault none;
    const struct link_fault *f = &c->link[l].fault;
    const struct app_fault *b = before != NULL ? before : &none;
    return (struct app_fault){
        .ns = pack_again(p, str_or_empty(f->ns), b->ns),
        .name = pack_again(p, str_or_empty(f->name), b->name),
        .field = pack_again(p, f->field, b->field),
        .at = pack_again(p, f->at, b->at),
        .words = pack_again(p, f->words, b->words),
        .since = f->since,
        .link = (uint8_t)l,
        .state = (uint8_t)c->link[l].state,
        .kind = (uint8_t)f->kind,
        .at_gateway = f->at_gateway,
        .at_most = f->at_most,
    };
}

static void pack_faults(struct block *b, const struct chain *c, struct app_fault *last, bool *any)
{
    for (int l = 0; l < LINK_COUNT; l++) {
        if (c->link[l].state > VERDICT_OK) {
            *last = pack_fault(&b->text, c, (enum link_kind)l, *any ? last : NULL);
            *any = true;
            if (b->faults != NULL) {
                b->faults[b->nfaults] = *last;
            }
            b->nfaults++;
        }
    }
}

static struct app_row pack_row(struct packer *p, const struct chain *c, const struct object *owner)
{
    const char *host = host_of(owner, c->host);
    struct app_row r = {
        .ns = strcmp(c->ns, owner->ns) == 0 ? owner->ns : pack(p, c->ns),
        .host = host != NULL ? host : pack(p, c->host),
        .gateway = pack(p, c->gateway_id),
        .virtualservice = pack(p, c->vs_id),
        .reason = "",
        .state = (uint8_t)c->state,
        .worst = (uint8_t)c->worst,
        .owner = owner,
    };
    if (c->state != VERDICT_OK) {
        r.reason = pack(p, str_or_empty(c->link[c->worst].reason));
    }
    for (int l = 0; l < LINK_COUNT; l++) {
        r.link[l] = (uint8_t)c->link[l].state;
    }
    return r;
}

// Packs the texts of all rows, and the rows where b has room for them.
static void pack_rows(struct block *b, const struct object *owner, const struct chain_list *chains)
{
    struct app_fault last;
    bool any = false;
    for (uint32_t i = 0; i < chains->n; i++) {
        struct app_row r = pack_row(&b->text, &chains->at[i], owner);
        const uint32_t from = b->nfaults;
        pack_faults(b, &chains->at[i], &last, &any);
        r.nfaults = (uint8_t)(b->nfaults - from);
        if (b->rows != NULL) {
            r.faults = r.nfaults > 0 ? b->faults + from : NULL;
            b->rows[i] = r;
        }
    }
}

// --- since when

static const struct app_fault *same_fault(const struct app_row *r, const struct app_fault *f)
{
    for (uint32_t i = 0; i < r->nfaults; i++) {
        const struct app_fault *x = &r->faults[i];
        if (x->link == f->link && x->kind == f->kind && str_eq(x->field, f->field) &&
            str_eq(x->name, f->name) && str_eq(x->ns, f->ns)) {
            return x;
        }
    }
    return NULL;
}

// before: the row of the same chain until now.
static void date_faults(struct app_fault *faults, const struct app_row *r,
                        const struct app_row *before, int64_t now)
{
    for (uint32_t i = 0; i < r->nfaults; i++) {
        struct app_fault *f = &faults[r->faults - faults + i];
        const struct app_fault *same = same_fault(before, f);
        if (f->since != TIME_NONE && !f->at_most) {
            continue; // an object says it
        }
        if (same != NULL) {
            f->since = same->since;
            f->at_most = same->at_most;
        } else if (before->link[f->link] == VERDICT_OK) {
            f->since = now;
            f->at_most = false;
        }
    }
}

static bool same_chain(const struct app_row *a, const struct app_row *b)
{
    return str_eq(a->host, b->host) && str_eq(a->gateway, b->gateway);
}

// Both lists are in the order of the owner's hosts: a chain is looked for where the last one was found, and a few
// places further.
static void date_rows(struct owner_rows *g, struct app_fault *faults,
                      const struct owner_rows *before, int64_t now)
{
    enum { FEW = 8 };
    uint32_t next = 0;
    for (uint32_t i = 0; i < g->nrows; i++) {
        for (uint32_t k = next; k < before->nrows && k < next + FEW; k++) {
            if (same_chain(&g->rows[i], &before->rows[k])) {
                date_faults(faults, &g->rows[i], &before->rows[k], now);
                next = k + 1;
                break;
            }
        }
    }
}

static int64_t earliest_end(const struct chain_list *chains)
{
    int64_t until = TIME_NONE;
    for (uint32_t i = 0; i < chains->n; i++) {
        int64_t t = chains->at[i].valid_until;
        if (t != TIME_NONE && (until == TIME_NONE || t < until)) {
            until = t;
        }
    }
    return until;
}

struct owner_rows *owner_rows_new(const char *kind_ns, const struct object *owner,
                                  const struct chain_list *chains, uint32_t who,
                                  const struct owner_rows *before, int64_t now)
{
    struct block b = {0};
    (void)pack(&b.text, kind_ns);
    pack_rows(&b, owner, chains);
    const size_t rows = sizeof(struct owner_rows) + chains->n * sizeof(struct app_row);
    const size_t head = rows + b.nfaults * sizeof(struct app_fault);
    struct owner_rows *g = xmalloc(head + b.text.bytes);
    memset(g, 0, sizeof *g);
    atomic_init(&g->refs, 1);
    g->nrows = chains->n;
    g->who = who;
    g->owner = object_ref(owner);
    g->valid_until = earliest_end(chains);
    const size_t room = b.text.bytes;
    b = (struct block){.text = {.at = (char *)g + head},
                       .rows = g->rows,
                       .faults = (struct app_fault *)(void *)((char *)g + rows)};
    g->kind_ns = pack(&b.text, kind_ns);
    pack_rows(&b, owner, chains);
    ASSERT(b.text.bytes == room); // both walks pack the same texts
    if (before != NULL && b.nfaults > 0) {
        date_rows(g, b.faults, before, now);
    }
    return g;
}
