// SPDX-License-Identifier: Apache-2.0
// Arguments of external-dns, a line each, over a small world: selectors, networks, expressions, templates.
#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/dns/desired_records.h"

#include "tests/fuzz/fuzz.h"
#include "tests/support/live_store.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(dnsargs)

static const char yaml[] =
    "{apiVersion: v1, kind: Service, metadata: {namespace: in, name: lb, labels: {app: x}, "
    "annotations: {external-dns.kubernetes.io/hostname: 's.d.io,b\xc3\xbc"
    "cher.d.io'}}, spec: {type: LoadBalancer, selector: {istio: i}}, status: {loadBalancer: "
    "{ingress: [{ip: 192.0.2.1}, {ip: '64:ff9b::c000:201'}, {hostname: lb.e.net}]}}}\n---\n"
    "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {namespace: in, name: g, "
    "labels: "
    "{app: x}}, spec: {selector: {istio: i}, servers: [{port: {number: 80, name: h, protocol: "
    "HTTP}, hosts: ['*', '*.d.io', a.d.io]}]}}\n---\n"
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: apps, name: "
    "v}, "
    "spec: {hosts: [b.d.io], gateways: [in/g]}}\n---\n"
    "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {namespace: apps, name: i}, spec: "
    "{rules: [{host: i.d.io}]}, status: {loadBalancer: {ingress: [{ip: 10.0.0.1}]}}}\n";

static void put(void *self, const struct object *o)
{
    (void)store_put(self, o);
}

static void bad(void *self, const char *file, int line, int column, const char *message)
{
    (void)self, (void)file, (void)line, (void)column, (void)message;
    abort();
}

static const struct snapshot *small_world(void)
{
    struct store *s = store_new();
    struct manifest_sink sink = {.object = put, .bad = bad, .self = s};
    if (!manifest_read_text("world.yaml", yaml, strlen(yaml), "default", &sink)) {
        abort();
    }
    live_store(s);
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    store_free(s);
    return snap;
}

// Sorted, and of a name and type one is made.
static void hold(const struct desired_records *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        const struct dns_record *x = &r->at[i];
        if (x->host == NULL || x->targets.n == 0 || x->sources.n == 0 || x->reason == NULL) {
            abort();
        }
        if (i > 0 && strcmp(r->at[i - 1].host, x->host) > 0) {
            abort();
        }
        if (i > 0 && x->state != DNS_FILTERED && r->at[i - 1].state != DNS_FILTERED &&
            strcmp(r->at[i - 1].host, x->host) == 0 && strcmp(r->at[i - 1].type, x->type) == 0 &&
            str_eq(r->at[i - 1].set_identifier, x->set_identifier)) {
            abort();
        }
    }
}

int fuzz_dnsargs(const uint8_t *data, size_t size)
{
    static const struct snapshot *snap;
    snap = snap != NULL ? snap : small_world();
    struct arena a;
    struct dns_settings s;
    struct desired_records r;
    arena_init(&a);
    struct mesh m = {.snap = snap, .arena = &a};
    dns_settings_default(&s);
    const char *line = arena_strndup(&a, (const char *)data, size);
    while (line != NULL) {
        const char *next = strchr(line, '\n');
        size_t n = next != NULL ? (size_t)(next - line) : strlen(line);
        // As the decoder hands it over: clean text.
        dns_settings_arg(&a, &s, text_clean(&a, line, n, 0), NULL);
        line = next != NULL ? next + 1 : NULL;
    }
    dns_settings_finish(&s);
    desired_records_find(&m, &s, &r);
    hold(&r);
    if ((s.invalid != NULL) != (r.stopped != NULL)) {
        abort();
    }
    arena_release(&a);
    return 0;
}
