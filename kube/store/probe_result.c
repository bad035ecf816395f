// SPDX-License-Identifier: Apache-2.0
// Results of probes: immutable, counted, and the map that holds them.
#include "kube/store/probe_result.h"

#include "kube/base/mem.h"
#include "kube/base/number.h"

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
    const char *at = strrchr(name, '@'), *colon = strrchr(name, ':');
    if (at == NULL || colon == NULL || colon < at) {
        return false;
    }
    bool v6 = at[1] == '[' && colon[-1] == ']';
    const char *begin = at + (v6 ? 2 : 1), *end = colon - (v6 ? 1 : 0);
    int64_t number;
    if (end < begin || !number_parse(colon + 1, strlen(colon + 1), 65535, &number) || number == 0) {
        return false;
    }
    *port = (int)number;
    *host = arena_strndup(a, name, (size_t)(at - name));
    *address = arena_strndup(a, begin, (size_t)(end - begin));
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

void probe_result_add_earlier(const struct probe_result *result, const struct probe_result *before)
{
    if (atomic_load(&result->refs) != 1 || before->addresses.n + before->earlier.n == 0) {
        return; // it is shared: it must not change
    }
    struct probe_result *r = unconst(result);
    const char **addresses = arena_calloc(&r->arena, EARLIER_MAX, sizeof *addresses);
    int64_t *when = arena_calloc(&r->arena, EARLIER_MAX, sizeof *when);
    uint32_t n = 0;
    for (uint32_t i = 0; i < before->addresses.n + before->earlier.n && n < EARLIER_MAX; i++) {
        bool newest = i < before->addresses.n;
        uint32_t k = i - (newest ? 0 : before->addresses.n);
        const char *address = newest ? before->addresses.at[k] : before->earlier.at[k];
        int64_t seen = newest ? before->queried_at : before->earlier_at[k];
        if (seen + EARLIER_S > r->queried_at && !str_list_has(&r->addresses, address)) {
            addresses[n] = arena_strdup(&r->arena, address);
            when[n++] = seen;
        }
    }
    r->earlier = (struct str_list){addresses, n};
    r->earlier_at = when;
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
