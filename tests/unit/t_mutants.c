// SPDX-License-Identifier: Apache-2.0
// Objects of every kind, changed at random, read as a file's and as a server's: whatever they say, everything that is
// derived from them ends, and is clean.
//
// GATETOP_MUTANTS: how many times. GATETOP_SEED repeats what is changed.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/object/decode.h"
#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_workloads.h"

#include "views/findings.h"
#include "views/view_list.h"

#include "tests/support/mutate.h"
#include "tests/support/pick.h"
#include "tests/support/sim_objects.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#define NOW INT64_C(1795000000)
enum { TIMES = 40, LARGEST = 100000 };

#define META(ns, name) "\"metadata\":{\"namespace\":\"" ns "\",\"name\":\"" name "\"}"
#define ISTIO "\"apiVersion\":\"networking.istio.io/v1\","
#define SECURITY "\"apiVersion\":\"security.istio.io/v1\","
#define CERT_MANAGER "\"apiVersion\":\"cert-manager.io/v1\","
#define TO_WEB                                                                                     \
    "\"route\":[{\"destination\":{\"host\":\"web\",\"port\":{\"number\":80}},\"weight\":1}]"

// What the sample platform has none of.
static const char *const more[] = {
    "{" ISTIO "\"kind\":\"Gateway\"," META(
        "edge",
        "l4") ",\"spec\":{\"selector\":{\"istio\":\"ingressgateway\"},\"servers\":[{\"port\":{\"number\":443,"
              "\"name\":\"tls\",\"protocol\":\"TLS\"},\"tls\":{\"mode\":\"PASSTHROUGH\"},\"hosts\":["
              "\"*.example.com\"]},{\"port\":{\"number\":3306,\"name\":\"tcp\",\"protocol\":\"TCP\"},"
              "\"hosts\":[\"*\"]},{\"port\":{\"number\":8443,\"name\":\"m\",\"protocol\":\"HTTPS\"},\"tls\":{"
              "\"mode\":\"MUTUAL\",\"credentialName\":\"c\",\"subjectAltNames\":[\"a\"]},\"hosts\":["
              "\"edge/*\"]}]}}",
    "{" ISTIO "\"kind\":\"VirtualService\"," META(
        "edge",
        "l4") ",\"spec\":{\"gateways\":[\"l4\",\"mesh\"],\"hosts\":[\"a.example.com\",\"*.example.com\"],"
              "\"tls\":[{\"match\":[{\"port\":443,\"sniHosts\":[\"a.example.com\"],\"gateways\":[\"l4\"],"
              "\"destinationSubnets\":[\"10.0.0.0/8\"],\"sourceLabels\":{\"a\":\"b\"}}]," TO_WEB
              "}],"
              "\"tcp\":[{\"match\":[{\"port\":3306,\"sourceSubnet\":\"10.0.0.0/8\"}]," TO_WEB "}],"
              "\"http\":[{\"match\":[{\"uri\":{\"prefix\":\"/a\"},\"headers\":{\"x\":{\"exact\":\"y\"}}}],"
              "\"delegate\":{\"name\":\"leaf\",\"namespace\":\"edge\"}}]}}",
    "{" ISTIO "\"kind\":\"VirtualService\"," META(
        "edge",
        "leaf") ",\"spec\":{\"http\":[{\"match\":[{\"uri\":{\"prefix\":\"/a/b\"},\"ignoreUriCase\":true}]," TO_WEB
                ",\"timeout\":\"5s\",\"retries\":{\"attempts\":3,\"perTryTimeout\":\"1s\",\"retryOn\":\"5xx\"},"
                "\"fault\":{\"abort\":{\"httpStatus\":500,\"percentage\":{\"value\":5}}},\"mirrors\":[{"
                "\"destination\":{\"host\":\"web\"},\"percentage\":{\"value\":1}}],\"rewrite\":{\"uri\":\"/\"}}]}}",
    "{" SECURITY "\"kind\":\"AuthorizationPolicy\"," META(
        "istio-system",
        "deny") ",\"spec\":{\"action\":\"DENY\",\"selector\":{\"matchLabels\":{\"istio\":\"ingressgateway\"}},"
                "\"rules\":[{\"from\":[{\"source\":{\"ipBlocks\":[\"10.0.0.0/8\"],\"notNamespaces\":[\"a\"]}}],"
                "\"to\":[{\"operation\":{\"hosts\":[\"*.example.com\"],\"paths\":[\"/admin*\",\"/{*}/a\"],"
                "\"methods\":[\"GET\"],\"ports\":[\"443\"]}}],\"when\":[{\"key\":\"request.headers[x]\","
                "\"values\":[\"y\"],\"notValues\":[\"z\"]}]}]}}",
    "{" SECURITY "\"kind\":\"RequestAuthentication\"," META(
        "istio-system",
        "jwt") ",\"spec\":{\"selector\":{\"matchLabels\":{\"istio\":\"ingressgateway\"}},\"jwtRules\":[{"
               "\"issuer\":\"i\",\"jwksUri\":\"https://i/keys\",\"fromHeaders\":[{\"name\":\"h\",\"prefix\":"
               "\"b \"}],\"outputClaimToHeaders\":[{\"header\":\"x\",\"claim\":\"y\"}]}]}}",
    "{" ISTIO "\"kind\":\"EnvoyFilter\"," META(
        "istio-system",
        "lua") ",\"spec\":{\"workloadSelector\":{\"labels\":{\"istio\":\"ingressgateway\"}},\"configPatches\":[{"
               "\"applyTo\":\"HTTP_FILTER\",\"match\":{\"context\":\"GATEWAY\",\"listener\":{\"portNumber\":443}},"
               "\"patch\":{\"operation\":\"INSERT_BEFORE\",\"value\":{\"name\":\"lua\"}}}]}}",
    "{\"apiVersion\":\"extensions.istio.io/v1alpha1\",\"kind\":\"WasmPlugin\"," META(
        "istio-system",
        "w") ",\"spec\":{\"selector\":{\"matchLabels\":{\"istio\":\"ingressgateway\"}},\"url\":\"oci://a/b\","
             "\"phase\":\"AUTHN\",\"match\":[{\"mode\":\"CLIENT\",\"ports\":[{\"number\":443}]}]}}",
    "{" ISTIO "\"kind\":\"ServiceEntry\"," META(
        "edge",
        "out") ",\"spec\":{\"hosts\":[\"out.example.com\"],\"addresses\":[\"10.1.0.0/16\"],\"ports\":[{\"number\":"
               "443,\"name\":\"tls\",\"protocol\":\"TLS\"}],\"resolution\":\"STATIC\",\"location\":"
               "\"MESH_EXTERNAL\",\"endpoints\":[{\"address\":\"10.1.0.1\",\"ports\":{\"tls\":8443}}]}}",
    "{" ISTIO "\"kind\":\"DestinationRule\"," META(
        "edge",
        "web") ",\"spec\":{\"host\":\"web\",\"trafficPolicy\":{\"tls\":{\"mode\":\"SIMPLE\"},\"portLevelSettings\":[{"
               "\"port\":{\"number\":80},\"loadBalancer\":{\"simple\":\"LEAST_REQUEST\"}}]},\"subsets\":[{\"name\":"
               "\"v1\",\"labels\":{\"version\":\"v1\"}}]}}",
    "{" CERT_MANAGER "\"kind\":\"Certificate\"," META(
        "edge",
        "c") ",\"spec\":{\"secretName\":\"c\",\"dnsNames\":[\"*.example.com\"],\"ipAddresses\":[\"10.0.0.1\"],"
             "\"duration\":\"2160h\",\"renewBefore\":\"360h\",\"renewBeforePercentage\":20,\"privateKey\":{"
             "\"algorithm\":\"ECDSA\",\"size\":256,\"rotationPolicy\":\"Always\"},\"usages\":[\"server auth\"],"
             "\"keystores\":{\"jks\":{\"create\":true,\"passwordSecretRef\":{\"name\":\"p\",\"key\":\"k\"}}},"
             "\"issuerRef\":{\"name\":\"i\",\"kind\":\"Issuer\",\"group\":\"cert-manager.io\"},\"subject\":{"
             "\"organizations\":[\"o\"]},\"secretTemplate\":{\"labels\":{\"a\":\"b\"}}},\"status\":{\"notAfter\":"
             "\"2026-12-01T00:00:00Z\",\"renewalTime\":\"2026-11-20T00:00:00Z\",\"revision\":3,"
             "\"failedIssuanceAttempts\":2,\"lastFailureTime\":\"2026-11-20T00:00:00Z\",\"conditions\":[{\"type\":"
             "\"Ready\",\"status\":\"False\",\"reason\":\"Expired\",\"message\":\"m\",\"lastTransitionTime\":"
             "\"2026-11-20T00:00:00Z\"}]}}",
    "{" CERT_MANAGER "\"kind\":\"Issuer\"," META(
        "edge",
        "i") ",\"spec\":{\"acme\":{\"server\":\"https://acme.example.com/d\",\"email\":\"a@example.com\","
             "\"privateKeySecretRef\":{\"name\":\"k\"},\"solvers\":[{\"selector\":{\"dnsZones\":[\"example.com\"]},"
             "\"dns01\":{\"route53\":{\"region\":\"eu-1\",\"hostedZoneID\":\"Z\"}}},{\"http01\":{\"ingress\":{"
             "\"class\":\"istio\"}}}],\"externalAccountBinding\":{\"keyID\":\"x\",\"keySecretRef\":{\"name\":\"e\","
             "\"key\":\"k\"}}}},\"status\":{\"acme\":{\"uri\":\"u\"},\"conditions\":[{\"type\":\"Ready\",\"status\":"
             "\"True\"}]}}",
    "{" CERT_MANAGER
    "\"kind\":\"ClusterIssuer\",\"metadata\":{\"name\":\"vault\"},\"spec\":{\"vault\":{"
    "\"server\":\"https://v\",\"path\":\"pki/sign/a\",\"caBundle\":\"QQ==\",\"auth\":{\"kubernetes\":{"
    "\"role\":\"r\",\"mountPath\":\"/v1/auth/kubernetes\",\"serviceAccountRef\":{\"name\":\"s\"}}}}}}",
    "{\"apiVersion\":\"acme.cert-manager.io/v1\",\"kind\":\"Challenge\"," META(
        "edge",
        "c-1") ",\"spec\":{\"dnsName\":\"a.example.com\",\"type\":\"DNS-01\",\"wildcard\":true,\"token\":\"t\",\"key\":"
               "\"k\",\"issuerRef\":{\"name\":\"i\"},\"solver\":{\"dns01\":{\"route53\":{\"region\":\"eu-1\"}}}},"
               "\"status\":{\"state\":\"pending\",\"reason\":\"waiting\",\"presented\":true,\"processing\":true}}",
};

static struct sim_objects objects;

static void mutate(struct buf *out, const char *text)
{
    struct buf next;
    buf_init(&next, 0);
    buf_adds(out, text);
    for (uint32_t i = 0, n = pick(4); i < n && out->len < LARGEST; i++) {
        buf_reset(&next);
        mutate_json(&next, out->data, objects.at[pick(objects.n)]);
        buf_reset(out);
        buf_add(out, next.data, next.len);
    }
    buf_release(&next);
}

// --- reading

static void take(void *self, const struct object *o)
{
    (void)store_put(self, o);
}

static void must_be_clean(const char *text)
{
    if (text != NULL && !text_is_clean(text, strlen(text))) {
        fail_msg("not clean: %s", text);
    }
}

static void refuse(void *self, const char *file, int line, int column, const char *message)
{
    (void)self, (void)file, (void)line, (void)column;
    must_be_clean(message);
}

static struct store *read_as_file(const struct str_list *texts)
{
    struct store *s = store_new();
    struct manifest_sink sink = {.object = take, .bad = refuse, .self = s};
    for (uint32_t i = 0; i < texts->n; i++) {
        (void)!manifest_read_text("a.json", texts->at[i], strlen(texts->at[i]), "default", &sink);
    }
    store_files_read(s, pick(2) == 0);
    return s;
}

static struct store *read_as_server(const struct str_list *texts)
{
    struct store *s = store_new();
    for (uint32_t i = 0; i < texts->n; i++) {
        struct err err;
        struct json *j = json_parse(texts->at[i], strlen(texts->at[i]), &err);
        const char *version = json_string(json_get(j, "apiVersion"));
        enum kind k = kind_find(version, json_string(json_get(j, "kind")));
        struct object *o = k != KIND_COUNT ? object_decode_text(k, version, texts->at[i],
                                                                strlen(texts->at[i]), NULL, &err)
                                           : NULL;
        if (o != NULL) {
            (void)store_put(s, o);
        } else if (k != KIND_COUNT) {
            must_be_clean(err.msg);
        }
        json_free(j);
    }
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        struct kind_state *state = store_state(s, k);
        state->state = pick(8) == 0 ? SYNC_FORBIDDEN : SYNC_LIVE;
        state->synced = state->state == SYNC_LIVE;
    }
    return s;
}

// --- what is derived

static void page_must_be_clean(const struct text_block *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        for (uint32_t k = 0; k < b->at[i].n; k++) {
            must_be_clean(b->at[i].at[k].text);
        }
    }
}

static void look_at_row(const struct view *v, const struct view_args *args, const void *row)
{
    assert_non_null(view_row_key(v, args, row));
    must_be_clean(view_row_ns(v, args, row));
    for (int c = 0; c < v->ncolumns; c++) {
        struct cell cell = v->columns[c].cell(args, row);
        assert_non_null(cell.text);
        must_be_clean(cell.text);
    }
    struct text_block page;
    block_init(&page, args->arena);
    v->detail(args, row, &page);
    if (v->explain != NULL) {
        v->explain(args, row, &page);
    }
    page_must_be_clean(&page);
    struct json *j = v->json(args, row);
    assert_non_null(j);
    json_free(j);
}

static void look_at_views(const struct snapshot *snap)
{
    static const struct view_options options;
    for (int i = 0; views[i] != NULL; i++) {
        struct arena a, scratch;
        arena_init(&a);
        arena_init(&scratch);
        struct view_args args = {.snap = snap, .arena = &a, .now = NOW, .options = &options};
        struct view_rows rows = views[i]->list(&args);
        args.arena = &scratch;
        for (uint32_t k = 0; k < rows.n; k++) {
            look_at_row(views[i], &args, rows.at[k]);
            arena_clear(&scratch);
        }
        for (int k = 0; k < views[i]->npanels; k++) {
            struct text_block panel;
            block_init(&panel, &scratch);
            views[i]->panels[k].fill(&args, &panel);
            page_must_be_clean(&panel);
        }
        arena_release(&scratch);
        arena_release(&a);
    }
}

static void trace_some(const struct snapshot *snap)
{
    static const char *const urls[] = {
        "http://a.example.com/a/b?c=d", "https://a.example.com/admin", "https://www.example.com/",
        "http://a.example.com:3306/",   "https://b.example.com:8443/",
    };
    for (size_t i = 0; i < ARRAY_COUNT(urls); i++) {
        struct arena a;
        arena_init(&a);
        struct mesh m = {.snap = snap, .arena = &a, .now = NOW};
        struct trace_request q = {0};
        struct err err;
        assert_true(trace_request_from_url(&a, urls[i], &q, &err));
        q.method = "GET";
        uint32_t n;
        const struct workload *const *w = trace_workloads(&m, q.host, &n);
        for (uint32_t k = 0; k < n; k++) {
            struct trace_result r = trace_run(route_table_build(&m, w[k]), &m, &q);
            for (uint32_t x = 0; x < r.nassumptions; x++) {
                must_be_clean(r.assumptions[x]);
            }
        }
        arena_release(&a);
    }
}

static void look_at(struct store *s)
{
    long made;
    const void *rows = app_rows_build(store_view(s), NULL, NOW, &made);
    const struct snapshot *snap = store_publish(s, rows, app_rows_unref);
    look_at_views(snap); // with the findings
    trace_some(snap);
    snapshot_unref(snap);
    store_free(s);
}

static void everything_ends_and_is_clean(void **state)
{
    (void)state;
    const char *times = getenv("GATETOP_MUTANTS");
    pick_from_environment();
    for (long i = 0, n = times != NULL ? atol(times) : TIMES; i < n; i++) {
        struct arena a;
        arena_init(&a);
        struct str_array texts = {0};
        for (uint32_t k = 0; k < objects.n; k++) {
            struct buf b;
            buf_init(&b, 0);
            mutate(&b, objects.at[k]);
            str_array_add(&a, &texts, arena_strdup(&a, b.data));
            buf_release(&b);
        }
        struct str_list list = str_array_list(&texts);
        look_at(i % 2 == 0 ? read_as_file(&list) : read_as_server(&list));
        arena_release(&a);
    }
}

static int make_objects(void **state)
{
    (void)state;
    struct err err;
    struct apisim *sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    assert_true(apisim_load(sim, "tests/fixtures/platform", &err));
    objects = sim_objects_take(sim);
    apisim_stop(sim);
    objects.at = xreallocarray(objects.at, objects.n + ARRAY_COUNT(more), sizeof *objects.at);
    for (size_t i = 0; i < ARRAY_COUNT(more); i++) {
        objects.at[objects.n++] = xstrdup(more[i]);
    }
    return 0;
}

static int free_objects(void **state)
{
    (void)state;
    sim_objects_free(&objects);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_ends_and_is_clean),
    };
    return cmocka_run_group_tests(tests, make_objects, free_objects);
}
