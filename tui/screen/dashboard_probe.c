// SPDX-License-Identifier: Apache-2.0
// The handshakes of a key: what the gateways serve for the row under the cursor.
#include "kube/base/arena.h"
#include "kube/base/err.h"

#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/chain/gateway_handshake.h"

#include "tui/screen/dashboard_internal.h"

enum { HANDSHAKES_MAX = 32 }; // of one row: a key must not probe a whole platform

struct row_handshakes {
    struct dashboard *d;
    const struct view_args *a;
    const struct certificate *certificate; // only hosts that it covers; NULL: all
    int begun, left_out;
    const char *last; // "ADDRESS for HOST"
    struct err err;
};

static bool covers(const struct row_handshakes *h, const char *host)
{
    struct coverage c = {.result = COVERAGE_NO};
    coverage_of_names(h->a->arena, &h->certificate->dns_names, host, &c);
    return c.result != COVERAGE_NO;
}

static void begin_handshake(void *self, const char *host, const char *address, int port)
{
    struct row_handshakes *h = self;
    if (h->certificate != NULL && !covers(h, host)) {
        return;
    }
    if (h->begun == HANDSHAKES_MAX) {
        h->left_out++;
        return;
    }
    const char *name = probe_tls_name(h->a->arena, host, address, port);
    if (cluster_handshake(&h->d->cluster, name, &h->err)) {
        h->begun++;
        h->last = arena_printf(h->a->arena, "%s for %s", address, host);
    }
}

const char *dashboard_probe(void *self, const struct view *v, const struct view_args *a,
                            const void *row)
{
    struct row_handshakes h = {.d = self, .a = a};
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    const struct object *o = v->object != NULL ? v->object(a, row) : NULL;
    const char *host = NULL;
    if (o != NULL && o->kind == KIND_CERTIFICATE) {
        h.certificate = OBJECT_AS(certificate, o);
    } else {
        host = v->host != NULL ? v->host(a, row) : NULL;
    }
    if (h.certificate == NULL && host == NULL) {
        return "this row names no host that a gateway serves";
    }
    gateway_handshake_queries(&m, a->options->dns, host, begin_handshake, &h);
    if (h.begun == 0) {
        return h.err.msg[0] != '\0' ? arena_strdup(a->arena, h.err.msg)
                                    : "no gateway with TLS and a known address serves this";
    }
    return arena_printf(a->arena, "connecting to %s%s", h.last,
                        h.left_out > 0 ? " and more; some are left out"
                        : h.begun > 1  ? " and more"
                                       : "");
}
