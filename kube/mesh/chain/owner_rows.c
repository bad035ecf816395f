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

// Packs the texts of all rows. rows: where they are written, NULL where p only counts.
static void pack_rows(struct app_row *rows, struct packer *p, const struct object *owner,
                      const struct chain_list *chains)
{
    for (uint32_t i = 0; i < chains->n; i++) {
        struct app_row r = pack_row(p, &chains->at[i], owner);
        if (rows != NULL) {
            rows[i] = r;
        }
    }
}

struct owner_rows *owner_rows_new(const char *kind_ns, const struct object *owner,
                                  const struct chain_list *chains, uint32_t who)
{
    struct packer p = {0};
    (void)pack(&p, kind_ns);
    pack_rows(NULL, &p, owner, chains);
    size_t head = sizeof(struct owner_rows) + chains->n * sizeof(struct app_row);
    struct owner_rows *g = xmalloc(head + p.bytes);
    memset(g, 0, sizeof *g);
    atomic_init(&g->refs, 1);
    g->nrows = chains->n;
    g->who = who;
    g->owner = object_ref(owner);
    g->valid_until = TIME_NONE;
    for (uint32_t i = 0; i < chains->n; i++) {
        int64_t t = chains->at[i].valid_until;
        if (t != TIME_NONE && (g->valid_until == TIME_NONE || t < g->valid_until)) {
            g->valid_until = t;
        }
    }
    size_t room = p.bytes;
    p = (struct packer){.at = (char *)g + head};
    g->kind_ns = pack(&p, kind_ns);
    pack_rows(g->rows, &p, owner, chains);
    ASSERT(p.bytes == room); // both walks pack the same texts
    return g;
}
