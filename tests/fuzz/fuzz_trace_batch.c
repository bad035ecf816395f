// SPDX-License-Identifier: Apache-2.0
// A line of `trace --batch`: it is a request, whose answer is JSON, or a clean line says what is wrong with it.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/text.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/route/route_table.h"
#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_explain.h"
#include "kube/mesh/trace/trace_json.h"
#include "kube/mesh/trace/trace_request.h"
#include "kube/mesh/trace/trace_workloads.h"

#include "tests/fuzz/fuzz.h"
#include "tests/support/live_store.h"

#include <string.h>

FUZZ_ENTRY(trace_batch)

static const char routes[] =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: a}\n"
    "spec:\n  selector: {istio: in}\n  servers:\n"
    "  - {hosts: ['*.example.org', 'x.io'], port: {number: 80, name: http, protocol: HTTP}}\n"
    "  - {hosts: ['*.example.org'], port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: "
    "SIMPLE, credentialName: c}}\n"
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
    "metadata: {name: v, namespace: a}\nspec:\n  hosts: ['*.example.org']\n  gateways: [g]\n  http:\n"
    "  - match: [{uri: {regex: '/a(b|c)*/.*'}, method: {exact: GET}}]\n    redirect: {uri: /z}\n"
    "  - match: [{headers: {x-user: {prefix: p}}}, {queryParams: {q: {exact: '1'}}}]\n"
    "    rewrite: {uri: /n}\n    route: [{destination: {host: s.a.svc.cluster.local}, weight: 100}]\n"
    "  - route: [{destination: {host: s}}]\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a}\nspec: {ports: [{port: 80}]}\n";

static void put(void *self, const struct object *o)
{
    (void)store_put(self, o);
}

static void bad(void *self, const char *file, int line, int column, const char *message)
{
    (void)self, (void)file;
    BUG("%d:%d: %s", line, column, message);
}

static const struct snapshot *cluster(void)
{
    static const struct snapshot *snap;
    if (snap == NULL) {
        struct store *s = store_new();
        struct manifest_sink sink = {.object = put, .bad = bad, .self = s};
        ASSERT(manifest_read_text("routes.yaml", routes, sizeof routes - 1, "default", &sink));
        live_store(s);
        snap = store_publish(s, NULL, NULL);
        store_free(s);
    }
    return snap;
}

static void answer(const struct mesh *m, const struct trace_request *q)
{
    uint32_t n;
    const struct workload *const *at = trace_workloads(m, q->host, &n);
    if (n == 0) {
        return;
    }
    struct trace_result r = trace_run(route_table_build(m, at[0]), m, q);
    struct buf out;
    buf_init(&out, 0);
    trace_write_json(&r, q, &out);
    struct json *j = json_parse(out.data, out.len, NULL);
    ASSERT(j != NULL);
    json_free(j);
    buf_reset(&out);
    trace_explain(&r, q, false, &out);
    for (const char *line = out.data; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        ASSERT(text_is_clean(line, length));
        line += length + (line[length] != '\0');
    }
    buf_release(&out);
}

int fuzz_trace_batch(const uint8_t *data, size_t size)
{
    struct arena a;
    struct err err = {0};
    struct trace_request q = {0};
    arena_init(&a);
    struct mesh m = {.snap = cluster(), .arena = &a, .now = 1764000000};
    if (trace_request_from_json(&a, (const char *)data, size, &q, &err)) {
        answer(&m, &q);
    } else {
        ASSERT(err.msg[0] != '\0' && text_is_clean(err.msg, strlen(err.msg)));
    }
    arena_release(&a);
    return 0;
}
