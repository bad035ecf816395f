// SPDX-License-Identifier: Apache-2.0
// The routes of one virtual host in order.
#include "kube/mesh/route/virtual_host.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"

void virtual_host_add(struct arena *a, struct virtual_host *v, const struct vs_routes *part)
{
    *ARENA_PUSH(a, v->parts, v->n, v->cap) = part;
    v->limited |= part->limited;
}

void virtual_host_redirect(struct virtual_host *v, const struct gateway_server *s)
{
    if (!v->https_redirect) {
        v->https_redirect = true;
        v->redirect_server = s;
    }
}

void virtual_host_begin(struct virtual_host_iter *it, const struct virtual_host *vh)
{
    *it = (struct virtual_host_iter){.vh = vh};
}

const struct route *virtual_host_next(struct virtual_host_iter *it)
{
    const struct virtual_host *v = it->vh;
    for (; !it->catch_alls && it->part < v->n; it->part++, it->i = 0) {
        if (it->i < v->parts[it->part]->n) {
            return &v->parts[it->part]->at[it->i++];
        }
    }
    if (!it->catch_alls) {
        it->catch_alls = true;
        it->part = 0;
    }
    while (it->part < v->n) {
        const struct route *r = v->parts[it->part++]->catch_all;
        if (r != NULL) {
            return r;
        }
    }
    return NULL;
}

const struct route *const *virtual_host_routes(struct arena *a, const struct virtual_host *v,
                                               uint32_t *n)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < v->n; i++) {
        most += v->parts[i]->n + 1;
    }
    const struct route **out = arena_calloc(a, most, sizeof *out);
    struct virtual_host_iter it;
    *n = 0;
    virtual_host_begin(&it, v);
    for (const struct route *r; (r = virtual_host_next(&it)) != NULL;) {
        out[(*n)++] = r;
    }
    return out;
}
