// SPDX-License-Identifier: Apache-2.0
// Immutable results of probes and the map that holds them.
#include "kube/store/probe_result.h"

#include <stdlib.h>
#include <string.h>

const char *probe_kind_name(enum probe_kind k)
{
    static const char *const names[PROBE_KIND_COUNT] = {"host", "txt", "tls"};
    return names[k];
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
    long n = strtol(colon + 1, NULL, 10);
    if (end < begin || n < 1 || n > 65535) {
        return false;
    }
    *host = arena_strndup(a, name, (size_t)(at - name));
    *address = arena_strndup(a, begin, (size_t)(end - begin));
    *port = (int)n;
    return true;
}

struct probe_result *probe_result_new(enum probe_kind k, const char *name)
{
    struct probe_result *r = xcalloc(1, sizeof *r);
    arena_init(&r->arena);
    atomic_init(&r->refs, 1);
    r->kind = k;
    r->name = arena_strdup(&r->arena, name);
    r->ttl = -1;
    r->answer = ANSWER_FAILED;
    r->outcome = TLS_UNREACHABLE;
    return r;
}

// The one place where a result that all see as constant is counted or freed.
static struct probe_result *writable(const struct probe_result *r)
{
    union {
        const struct probe_result *c;
        struct probe_result *m;
    } u = {.c = r};
    return u.m;
}

const struct probe_result *probe_result_ref(const struct probe_result *r)
{
    if (r != NULL) {
        atomic_fetch_add_explicit(&writable(r)->refs, 1, memory_order_relaxed);
    }
    return r;
}

void probe_result_unref(const struct probe_result *r)
{
    if (r == NULL) {
        return;
    }
    struct probe_result *w = writable(r);
    if (atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) == 1) {
        arena_release(&w->arena);
        free(w);
    }
}

// For how long and how many.
enum { EARLIER_S = 6 * 3600, EARLIER_MAX = 64 };

void probe_result_follow(const struct probe_result *result, const struct probe_result *before)
{
    struct probe_result *r = writable(result);
    if (atomic_load(&r->refs) != 1 || before->addresses.n + before->earlier.n == 0) {
        return;
    }
    const char **at = arena_alloc(&r->arena, EARLIER_MAX * sizeof *at);
    int64_t *when = arena_alloc(&r->arena, EARLIER_MAX * sizeof *when);
    uint32_t n = 0;
    for (uint32_t i = 0; i < before->addresses.n + before->earlier.n && n < EARLIER_MAX; i++) {
        bool last = i < before->addresses.n;
        uint32_t k = i - (last ? 0 : before->addresses.n);
        const char *address = last ? before->addresses.at[k] : before->earlier.at[k];
        int64_t heard = last ? before->asked : before->earlier_at[k];
        if (heard + EARLIER_S > r->asked && !str_list_has(&r->addresses, address)) {
            at[n] = arena_strdup(&r->arena, address);
            when[n++] = heard;
        }
    }
    r->earlier = (struct str_list){at, n};
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
