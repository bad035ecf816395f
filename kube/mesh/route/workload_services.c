// SPDX-License-Identifier: Apache-2.0
// The Services in front of a gateway workload, and where their ports lead.
#include "kube/mesh/route/workload_services.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/mesh/core/mesh_memo.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *x, const void *y)
{
    const struct service *a = *(const struct service *const *)x;
    const struct service *b = *(const struct service *const *)y;
    return strcmp(a->o.name, b->o.name);
}

// --- ports

static bool is_tcp(const struct service_port *p)
{
    return p->protocol == NULL || str_casecmp(p->protocol, "TCP") == 0;
}

// A named targetPort is defined by the pod, which is not read: the number itself is used for it, on both sides.
static uint32_t target_of(const struct service_port *p)
{
    return p->target_name == NULL && p->target_port != 0 ? p->target_port : p->port;
}

// Knative's Services do not translate the numbers of Gateway servers
// (docs/rules/istio.md#gateway-port-translation-label).
static bool translates(const struct service *s)
{
    static const char label[] = "experimental.istio.io/disable-gateway-port-translation";
    return str_map_get(&s->o.labels, label) == NULL;
}

struct ordered_number {
    struct service_number number;
    uint32_t order; // in which it is written
    bool literal;   // the Service does not translate it
};

// By port; of one port TCP first, then those that are translated, then in the order of writing.
static int by_port(const void *x, const void *y)
{
    const struct ordered_number *a = x, *b = y;
    if (a->number.port != b->number.port) {
        return a->number.port < b->number.port ? -1 : 1;
    }
    if (a->number.tcp != b->number.tcp) {
        return a->number.tcp ? -1 : 1;
    }
    if (a->literal != b->literal) {
        return a->literal ? 1 : -1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static int by_listen(const void *x, const void *y)
{
    const struct ordered_number *a = x, *b = y;
    if (a->number.listen != b->number.listen) {
        return a->number.listen < b->number.listen ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static const struct service_number *numbers(struct arena *a, const struct ordered_number *all,
                                            uint32_t n)
{
    struct service_number *out = arena_calloc(a, n, sizeof *out);
    for (uint32_t i = 0; i < n; i++) {
        out[i] = all[i].number;
    }
    return out;
}

static void add_ports(struct arena *a, struct workload_services *s)
{
    size_t most = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        most += s->at[i]->nports;
    }
    if (most == 0) {
        return;
    }
    struct ordered_number *all = xcalloc(most, sizeof *all);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        for (uint32_t j = 0; j < s->at[i]->nports; j++, n++) {
            const struct service_port *p = &s->at[i]->ports[j];
            bool tcp = is_tcp(p);
            bool literal = !translates(s->at[i]);
            uint32_t target = tcp ? target_of(p) : p->port;
            all[n] = (struct ordered_number){
                {p->port, literal ? p->port : target, target, tcp}, n, literal};
        }
    }
    qsort(all, n, sizeof *all, by_port);
    for (uint32_t i = 0; i < n; i++) {
        struct ordered_number *last = s->nports > 0 ? &all[s->nports - 1] : NULL;
        if (last == NULL || last->number.port != all[i].number.port) {
            all[s->nports++] = all[i];
        } else if (all[i].order < last->order) {
            last->order = all[i].order;
        }
    }
    for (uint32_t i = 0; i < s->nports; i++) {
        s->untranslated |= all[i].number.listen != all[i].number.behind;
    }
    s->by_port = numbers(a, all, s->nports);
    qsort(all, s->nports, sizeof *all, by_listen);
    s->by_listen = numbers(a, all, s->nports);
    free(all);
}

// The number, NULL if no Service has it.
static const struct service_number *number_of(const struct workload_services *s, uint32_t port)
{
    uint32_t low = 0, high = s->nports;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (s->by_port[mid].port < port) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < s->nports && s->by_port[low].port == port ? &s->by_port[low] : NULL;
}

uint32_t workload_listen_port(const struct workload_services *s, uint32_t port)
{
    const struct service_number *p = number_of(s, port);
    return p != NULL ? p->listen : port;
}

uint32_t workload_client_port(const struct workload_services *s, uint32_t port)
{
    const struct service_number *p = number_of(s, port);
    return p != NULL && p->tcp ? p->behind : s->n == 0 ? port : 0;
}

const struct service_number *workload_numbers(const struct workload_services *s, uint32_t listen,
                                              uint32_t *n)
{
    uint32_t low = 0, high = s->nports;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (s->by_listen[mid].listen < listen) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    *n = 0;
    while (low + *n < s->nports && s->by_listen[low + *n].listen == listen) {
        (*n)++;
    }
    return *n > 0 ? &s->by_listen[low] : NULL; // without Services there is no list
}

uint32_t workload_first_client_port(const struct workload_services *s, uint32_t listen)
{
    uint32_t n = s->nports;
    const struct service_number *at =
        s->untranslated ? s->by_listen : workload_numbers(s, listen, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (at[i].tcp && at[i].behind == listen) {
            return at[i].port;
        }
    }
    return s->n == 0 ? listen : 0;
}

// --- the Services

static const void *make_services(const struct mesh *m, const void *question)
{
    const struct workload *w = question;
    const struct service **out = NULL;
    uint32_t count = 0, cap = 0;
    for (uint32_t l = 0; l < w->labels.n; l++) {
        const struct str_pair *label = &w->labels.at[l];
        uint32_t k;
        const struct object *const *at =
            mesh_index(m, INDEX_SERVICE_BY_SELECTOR, label->key, label->value, &k);
        for (uint32_t i = 0; i < k; i++) {
            const struct service *s = OBJECT_AS(service, at[i]);
            // Each is taken at the first label of its selector.
            if (str_eq(s->selector.at[0].key, label->key) && strcmp(s->o.ns, w->ns) == 0 &&
                labels_match(&s->selector, &w->labels)) {
                *ARENA_PUSH(m->arena, out, count, cap) = s;
            }
        }
    }
    if (count > 1) {
        qsort(out, count, sizeof *out, by_name);
    }
    struct workload_services *services = arena_alloc(m->arena, sizeof *services);
    *services = (struct workload_services){.at = out, .n = count};
    add_ports(m->arena, services);
    return services;
}

const struct workload_services *workload_services_find(const struct mesh *m,
                                                       const struct workload *w)
{
    const char *name = mesh_answer_name(m->arena, "services", workload_key(m->arena, w), NULL);
    return mesh_answer(m, name, make_services, w);
}
