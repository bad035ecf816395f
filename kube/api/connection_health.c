// SPDX-License-Identifier: Apache-2.0
// Which connections are silent, when to probe them, and which watches are given up.
#include "kube/api/connection_health.h"

#include "kube/base/array.h"

#include <stdlib.h>

void connection_health_release(struct connection_health *h)
{
    free(h->items);
    *h = (struct connection_health){.items = NULL};
}

void connection_health_clear(struct connection_health *h)
{
    h->count = 0;
}

struct connection *connection_health_find(const struct connection_health *h, long port)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->items[i].port == port) {
            return &h->items[i];
        }
    }
    return NULL;
}

struct connection *connection_health_add(struct connection_health *h, long port, int64_t since)
{
    struct connection *k = connection_health_find(h, port);
    if (k == NULL) {
        k = ARRAY_PUSH(h->items, h->count, h->cap);
        *k = (struct connection){.port = port, .last_byte = since};
    }
    return k;
}

void connection_health_byte(struct connection_health *h, long port, int64_t now)
{
    struct connection *k = connection_health_add(h, port, now);
    k->last_byte = now;
    k->probed = false;
}

void connection_health_excuse(struct connection_health *h, int64_t now)
{
    for (size_t i = 0; i < h->count; i++) {
        h->items[i].last_byte = now;
        h->items[i].probed = false;
    }
}

bool connection_health_check(struct connection_health *h, const struct connection_checks *c,
                             int64_t now)
{
    bool probe = false;
    for (size_t i = 0; i < h->count;) {
        struct connection *k = &h->items[i];
        int64_t silent = now - k->last_byte;
        bool probing = c->probing || probe;
        bool avoided = k->probed && !probing && silent >= c->idle_ms + c->probe_ms;
        if (avoided) {
            c->end_watches(c->self, k->port);
        }
        if (avoided || (silent >= c->idle_ms && !c->is_watched(c->self, k->port))) {
            *k = h->items[--h->count];
            continue;
        }
        if (silent >= c->idle_ms && !k->probed) {
            k->probed = true;
            probe = true;
        }
        i++;
    }
    return probe && !c->probing;
}

int64_t connection_health_deadline(const struct connection_health *h, int64_t idle_ms,
                                   int64_t probe_ms)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < h->count; i++) {
        const struct connection *k = &h->items[i];
        int64_t at = k->last_byte + idle_ms + (k->probed ? probe_ms : 0);
        first = at < first ? at : first;
    }
    return first;
}
