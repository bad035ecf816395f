// SPDX-License-Identifier: Apache-2.0
// Results of probes: immutable, counted, and the map that holds them.
#include "kube/store/probe_result.h"

#include "kube/base/fail.h"
#include "kube/base/host_port.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include <stdlib.h>
#include <string.h>

const char *probe_kind_name(enum probe_kind k)
{
    static const char *const names[PROBE_KIND_COUNT] = {
        [PROBE_HOST] = "host", [PROBE_TXT] = "txt", [PROBE_TLS] = "tls"};
    return names[k];
}

const char *probe_answer_name(enum probe_answer a)
{
    static const char *const names[] = {
        [ANSWER_YES] = "found",
        [ANSWER_NXDOMAIN] = "NXDOMAIN",
        [ANSWER_NODATA] = "no data",
        [ANSWER_FAILED] = "failed",
    };
    return names[a];
}

const char *tls_outcome_name(enum tls_outcome o)
{
    static const char *const names[] = {
        [TLS_CERTIFICATE] = "certificate", [TLS_CLOSED] = "closed",
        [TLS_REFUSED] = "refused",         [TLS_UNREACHABLE] = "unreachable",
        [TLS_NO_ADDRESS] = "no address",
    };
    return names[o];
}

const char *probe_tls_name(struct arena *a, const char *host, const char *address, int port)
{
    bool v6 = strchr(address, ':') != NULL;
    return arena_printf(a, "%s@%s%s%s:%d", host, v6 ? "[" : "", address, v6 ? "]" : "", port);
}

bool probe_tls_split(struct arena *a, const char *name, const char **host, const char **address,
                     int *port)
{
    const char *at = strrchr(name, '@');
    struct host_port p;
    int64_t number;
    if (at == NULL || !host_port_split(at + 1, &p) || p.port == NULL ||
        !number_parse(p.port, strlen(p.port), 65535, &number) || number == 0) {
        return false;
    }
    *port = (int)number;
    *host = arena_strndup(a, name, (size_t)(at - name));
    *address = arena_strndup(a, p.host, p.host_len);
    return true;
}

enum { FIRST_BYTES = 112 }; // hold what most answers are: a name, a resolver, an address

struct probe_result *probe_result_new(enum probe_kind k, const char *name)
{
    struct probe_result *r = xcalloc(1, sizeof *r);
    arena_init_small(&r->arena, FIRST_BYTES);
    atomic_init(&r->refs, 1);
    r->kind = k;
    r->name = arena_strdup(&r->arena, name);
    r->ttl = -1;
    r->answer = ANSWER_FAILED;
    r->outcome = TLS_UNREACHABLE;
    return r;
}

const struct probe_result *probe_result_ref(const struct probe_result *r)
{
    if (r != NULL) {
        struct probe_result *counted = unconst(r);
        atomic_fetch_add_explicit(&counted->refs, 1, memory_order_relaxed);
    }
    return r;
}

void probe_result_unref(const struct probe_result *r)
{
    if (r == NULL) {
        return;
    }
    struct probe_result *counted = unconst(r);
    if (atomic_fetch_sub_explicit(&counted->refs, 1, memory_order_acq_rel) == 1) {
        arena_release(&counted->arena);
        free(counted);
    }
}

// How long an address is remembered (docs/rules/dns.md#dns-rotation), and how many.
enum { EARLIER_S = 6 * 3600, EARLIER_MAX = 64 };

struct earlier_addresses {
    const char *at[EARLIER_MAX];
    int64_t when[EARLIER_MAX];
    uint32_t n;
};

// What is to be remembered of the result that r replaces.
static void earlier_addresses(const struct probe_result *r, const struct probe_result *before,
                              struct earlier_addresses *out)
{
    out->n = 0;
    for (uint32_t i = 0; i < before->addresses.n + before->earlier.n && out->n < EARLIER_MAX; i++) {
        bool newest = i < before->addresses.n;
        uint32_t k = i - (newest ? 0 : before->addresses.n);
        const char *address = newest ? before->addresses.at[k] : before->earlier.at[k];
        int64_t seen = newest ? before->queried_at : before->earlier_at[k];
        if (seen + EARLIER_S > r->queried_at && !str_list_has(&r->addresses, address)) {
            out->at[out->n] = address;
            out->when[out->n++] = seen;
        }
    }
}

static size_t list_size(const struct str_list *l)
{
    size_t n = l->n * sizeof *l->at;
    for (uint32_t i = 0; i < l->n; i++) {
        n += strlen(l->at[i]) + 1;
    }
    return n;
}

static size_t text_size(const char *s)
{
    return s != NULL ? strlen(s) + 1 : 0;
}

// The memory after a packed result: what needs alignment, then texts.
struct packing {
    char *places, *texts;
};

static const char *pack_text(struct packing *p, const char *s)
{
    if (s == NULL) {
        return NULL;
    }
    char *to = p->texts;
    size_t n = strlen(s) + 1;
    p->texts += n;
    return memcpy(to, s, n);
}

static struct str_list pack_list(struct packing *p, const struct str_list *l)
{
    const char **at = (const char **)(void *)p->places;
    p->places += l->n * sizeof *at;
    for (uint32_t i = 0; i < l->n; i++) {
        at[i] = pack_text(p, l->at[i]);
    }
    return (struct str_list){at, l->n};
}

const struct probe_result *probe_result_pack(const struct probe_result *r,
                                             const struct probe_result *before)
{
    ASSERT(r->kind != PROBE_TLS);
    struct earlier_addresses then;
    struct str_list earlier = r->earlier;
    const int64_t *when = r->earlier_at;
    if (before != NULL) {
        earlier_addresses(r, before, &then);
        earlier = (struct str_list){then.at, then.n};
        when = then.when;
    }
    const size_t times = earlier.n * sizeof *when;
    const size_t places =
        times + (r->addresses.n + earlier.n + r->cnames.n + r->texts.n) * sizeof *r->addresses.at;
    const size_t size = list_size(&r->addresses) + list_size(&earlier) + list_size(&r->cnames) +
                        list_size(&r->texts) + times + text_size(r->name) + text_size(r->resolver) +
                        text_size(r->error);
    struct probe_result *out = xmalloc(sizeof *out + size);
    struct packing p = {.places = (char *)(out + 1), .texts = (char *)(out + 1) + places};
    *out = (struct probe_result){.kind = r->kind,
                                 .queried_at = r->queried_at,
                                 .valid_until = r->valid_until,
                                 .ttl = r->ttl,
                                 .answer = r->answer,
                                 .on_screen = r->on_screen,
                                 .outcome = r->outcome};
    arena_init(&out->arena);
    atomic_init(&out->refs, 1);
    out->earlier_at = (const int64_t *)(void *)p.places;
    if (times > 0) {
        memcpy(p.places, when, times);
    }
    p.places += times;
    out->addresses = pack_list(&p, &r->addresses);
    out->earlier = pack_list(&p, &earlier);
    out->cnames = pack_list(&p, &r->cnames);
    out->texts = pack_list(&p, &r->texts);
    out->name = pack_text(&p, r->name);
    out->resolver = pack_text(&p, r->resolver);
    out->error = pack_text(&p, r->error);
    return out;
}

static bool texts_equal(const struct str_list *x, const struct str_list *y)
{
    bool equal = x->n == y->n;
    for (uint32_t i = 0; equal && i < x->n; i++) {
        equal = strcmp(x->at[i], y->at[i]) == 0;
    }
    return equal;
}

bool probe_result_same(const struct probe_result *x, const struct probe_result *y)
{
    return x->kind != PROBE_TLS && x->kind == y->kind && x->answer == y->answer &&
           str_eq(x->error, y->error) && str_eq(x->resolver, y->resolver) &&
           texts_equal(&x->addresses, &y->addresses) && texts_equal(&x->earlier, &y->earlier) &&
           texts_equal(&x->cnames, &y->cnames) && texts_equal(&x->texts, &y->texts);
}

static void ref_value(const void *v)
{
    probe_result_ref(v);
}

static void unref_value(const void *v)
{
    probe_result_unref(v);
}

static void key_of(const void *v, const char **a, const char **b)
{
    const struct probe_result *r = v;
    *a = probe_kind_name(r->kind);
    *b = r->name;
}

const struct pmap_type probe_map_type = {ref_value, unref_value, key_of};

const struct probe_result *probe_result_find(const struct snapshot *s, enum probe_kind k,
                                             const char *name)
{
    return s->probes.type != NULL ? pmap_get(&s->probes, probe_kind_name(k), name) : NULL;
}
