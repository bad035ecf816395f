// SPDX-License-Identifier: Apache-2.0
// Manifests: the platform's own example with its route as a mapping, lists, several documents, folders,
// and what a syntax error costs.
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/manifest.h"
#include "kube/object/manifest_places.h"

#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct got {
    const struct object *at[32];
    size_t n;
    struct {
        int line, column;
        char message[256];
    } bad[8];
    size_t nbad;
};

static void on_object(void *self, const struct object *o)
{
    struct got *g = self;
    assert_true(g->n < 32);
    g->at[g->n++] = o;
}

static void on_bad(void *self, const char *file, int line, int column, const char *message)
{
    struct got *g = self;
    assert_non_null(file);
    assert_true(g->nbad < 8);
    g->bad[g->nbad].line = line;
    g->bad[g->nbad].column = column;
    snprintf(g->bad[g->nbad++].message, sizeof g->bad[0].message, "%s", message);
}

static bool read_text(struct got *g, const char *text)
{
    memset(g, 0, sizeof *g);
    struct manifest_sink sink = {.object = on_object, .bad = on_bad, .self = g};
    return manifest_read_text("test.yaml", text, strlen(text), "default", &sink);
}

static void got_release(struct got *g)
{
    for (size_t i = 0; i < g->n; i++) {
        object_unref(g->at[i]);
    }
    g->n = 0;
}

static const char platform[] = "# the platform's own document\n"
                               "apiVersion: networking.istio.io/v1alpha3\n"
                               "kind: VirtualService\n"
                               "metadata:\n"
                               "  name: bookinfo\n"
                               "  namespace: jph-bookinfo-production\n"
                               "spec:\n"
                               "  hosts:\n"
                               "  - bookinfo.jph-bookinfo-production.lead.sandbox.liatr.io\n"
                               "  gateways: [bookinfo-gateway]\n"
                               "  http:\n"
                               "  - match:\n"
                               "    - uri: {exact: /productpage}\n"
                               "    - uri: {prefix: /api/v1/products}\n"
                               "    route:\n"
                               "    - destination: {host: newservice, port: {number: 9080}}\n"
                               "  - route:\n"
                               "      destination: {host: monolith, port: {number: 9080}}\n";

static void route_as_a_mapping(void **state)
{
    (void)state;
    struct got g;
    assert_true(read_text(&g, platform));
    assert_int_equal(g.n, 1);
    const struct object *o = g.at[0];
    assert_int_equal(o->kind, KIND_VIRTUALSERVICE);
    assert_int_equal(o->source->line, 2);
    assert_int_equal(o->source->nlints, 1);
    assert_int_equal(o->source->lints[0].code, LINT_WRONG_TYPE);
    assert_string_equal(o->source->lints[0].path, "spec.http[1].route");
    assert_true(o->source->lints[0].fatal);
    assert_int_equal(o->source->lints[0].line, 17);
    assert_int_equal(o->source->lints[0].column, 5);
    assert_non_null(strstr(o->source->lints[0].message, "must be a list"));
    assert_non_null(strstr(o->source->lints[0].hint, "- ' before destination:"));
    // and it is analysed as a list of one
    const struct virtualservice *vs = OBJECT_AS(virtualservice, o);
    assert_int_equal(vs->nhttp, 2);
    assert_int_equal(vs->http[1].nroutes, 1);
    assert_string_equal(vs->http[1].routes[0].destination.host, "monolith");
    assert_int_equal(vs->http[1].routes[0].destination.port, 9080);
    got_release(&g);
}

static void wrong_types(void **state)
{
    (void)state;
    struct got g;
    assert_true(read_text(&g, "apiVersion: networking.istio.io/v1\n"
                              "kind: VirtualService\n"
                              "metadata: {name: x}\n"
                              "spec:\n"
                              "  hosts: a.io\n"
                              "  gateway: [edge]\n"
                              "  http:\n"
                              "  - match:\n"
                              "    - uri:\n"
                              "      exact: /x\n"
                              "    route:\n"
                              "    - destination: {host: cart, port: 9080}\n"
                              "      weight: \"10\"\n"
                              "    timeout: 5\n"));
    assert_int_equal(g.n, 1);
    const struct virtualservice *vs = OBJECT_AS(virtualservice, g.at[0]);
    assert_int_equal(vs->hosts.n, 1);
    assert_string_equal(vs->hosts.at[0], "a.io");
    assert_string_equal(vs->o.ns, "default");
    assert_int_equal(vs->http[0].routes[0].destination.port, 9080);
    assert_int_equal(vs->http[0].routes[0].weight, 10);
    assert_int_equal(vs->http[0].matches[0].uri.type, MATCH_ABSENT);
    static const struct {
        enum lint_code code;
        int line, column;
        bool fatal;
        const char *path, *hint;
    } want[] = {
        {LINT_WRONG_TYPE, 5, 3, true, "spec.hosts", "write hosts: [\"a.io\"]"},
        {LINT_UNKNOWN_FIELD, 6, 3, false, "spec.gateway", "did you mean gateways?"},
        {LINT_EMPTY_MATCH, 10, 7, false, "spec.http[0].match[0].uri",
         "indent exact by two more columns"},
        {LINT_WRONG_TYPE, 12, 33, true, "spec.http[0].route[0].destination.port",
         "write port: {number: 9080}"},
        {LINT_WRONG_TYPE, 13, 7, false, "spec.http[0].route[0].weight", NULL},
        {LINT_BAD_VALUE, 14, 5, true, "spec.http[0].timeout", NULL},
    };
    assert_int_equal(vs->o.source->nlints, sizeof want / sizeof *want);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const struct lint *l = &vs->o.source->lints[i];
        assert_int_equal(l->code, want[i].code);
        assert_string_equal(l->path, want[i].path);
        assert_int_equal(l->line, want[i].line);
        assert_int_equal(l->column, want[i].column);
        assert_int_equal(l->fatal, want[i].fatal);
        if (want[i].hint != NULL) {
            assert_string_equal(l->hint, want[i].hint);
        }
    }
    got_release(&g);
}

// Every field and word of docs/rules/istio.md#virtualservice-fields, docs/rules/istio.md#gateway-fields,
// docs/rules/istio.md#destinationrule-fields and docs/rules/istio.md#serviceentry-fields is known, with its type.
static void every_field(void **state)
{
    (void)state;
    // clang-format off
#define ISTIO(kind, version) "---\napiVersion: networking.istio.io/" version "\nkind: " kind "\nmetadata: {name: x}\nspec:\n"
#define MATCHES "{name: nn, uri: {exact: /a}, scheme: {prefix: h}, method: {regex: G.*}, authority: {}, headers: {a: {exact: b}}, withoutHeaders: {a: {}}, " \
    "queryParams: {a: {prefix: b}}, port: 80, sourceLabels: {a: b}, sourceNamespace: ns, gateways: [g], ignoreUriCase: true, statPrefix: s}"
#define HEADERS "{request: {set: {a: b}, add: {c: d}, remove: [e]}, response: {set: {a: b}, add: {c: d}, remove: [e]}}"
#define DESTINATION "{host: h, subset: s, port: {number: 80}}"
#define L4 "destinationSubnets: [10.0.0.0/8], port: 80, sourceLabels: {a: b}, sourceNamespace: ns, gateways: [g]"
#define CLIENT_TLS(mode) "{mode: " mode ", clientCertificate: /a, privateKey: /b, caCertificates: /c, caCrl: /d, credentialName: e, sni: f, subjectAltNames: [g], insecureSkipVerify: true}"
#define POLICY "{loadBalancer: {simple: RANDOM}, connectionPool: {tcp: {maxConnections: 1}}, outlierDetection: {consecutiveErrors: 1}, tunnel: {protocol: CONNECT}, " \
    "proxyProtocol: {version: V1}, retryBudget: {percent: {value: 20}}, tls: " CLIENT_TLS("SIMPLE") ", portLevelSettings: [" \
    "{port: {number: 80}, loadBalancer: {}, connectionPool: {}, outlierDetection: {}, tls: " CLIENT_TLS("DISABLE") "}, " \
    "{port: {number: 81}, tls: " CLIENT_TLS("MUTUAL") "}, {port: {number: 82}, tls: " CLIENT_TLS("ISTIO_MUTUAL") "}]}"
#define SERVER_TLS(mode, min, max) "{mode: " mode ", httpsRedirect: false, credentialName: a, credentialNames: [a], caCertCredentialName: b, serverCertificate: /a, " \
    "privateKey: /b, caCertificates: /c, caCrl: /d, tlsCertificates: [{serverCertificate: /a, privateKey: /b, caCertificates: /c}], subjectAltNames: [a], " \
    "verifyCertificateSpki: [a], verifyCertificateHash: [a], minProtocolVersion: " min ", maxProtocolVersion: " max ", cipherSuites: [a], ecdhCurves: [P-256], insecureSkipVerify: false}"
#define ON_SERVER(tls) "  - {port: {number: 443, protocol: HTTPS, name: https, targetPort: 1}, hosts: [a.io], bind: 10.0.0.1, name: nn, defaultEndpoint: e, tls: " tls "}\n"
    static const char *const docs[] = {
        ISTIO("VirtualService", "v1")
        "  hosts: [a.io]\n  gateways: [g]\n  exportTo: ['*']\n  http:\n"
        "  - {name: nn, match: [" MATCHES "], route: [{destination: " DESTINATION ", weight: 1, headers: " HEADERS "}], timeout: 1s, "
        "retries: {attempts: 1, perTryTimeout: 1s, retryOn: 5xx, retryRemoteLocalities: true, retryIgnorePreviousHosts: false, backoff: 25ms}, "
        "fault: {delay: {percent: 1, percentage: {value: 0.5}, fixedDelay: 1s, exponentialDelay: 1s}, abort: {percentage: {value: 1}, httpStatus: 500, grpcStatus: OK, http2Error: a}}, "
        "mirror: " DESTINATION ", mirrorPercent: 1, mirrorPercentage: {value: 1}, mirrors: [{destination: " DESTINATION ", percentage: {value: 1}}], "
        "corsPolicy: {allowOrigin: [a], allowOrigins: [{exact: a}], allowMethods: [GET], allowHeaders: [a], exposeHeaders: [a], maxAge: 1h, allowCredentials: true, unmatchedPreflights: FORWARD}, "
        "headers: " HEADERS ", rewrite: {uri: /a, authority: b, uriRegexRewrite: {match: a, rewrite: b}}}\n"
        "  - {redirect: {uri: /a, prefixRewrite: /b, authority: c, scheme: https, port: 443, derivePort: FROM_REQUEST_PORT, redirectCode: 302}}\n"
        "  - {redirect: {derivePort: FROM_PROTOCOL_DEFAULT}}\n"
        "  - {directResponse: {status: 503, body: {string: a, bytes: QQ==}}, corsPolicy: {unmatchedPreflights: UNSPECIFIED}}\n"
        "  - {delegate: {name: d, namespace: n1}, corsPolicy: {unmatchedPreflights: IGNORE}}\n"
        "  tls: [{match: [{sniHosts: [a.io], " L4 "}], route: [{destination: " DESTINATION ", weight: 1}]}]\n"
        "  tcp: [{match: [{sourceSubnet: 10.0.0.0/8, " L4 "}], route: [{destination: " DESTINATION ", weight: 1}]}]\n",
        ISTIO("Gateway", "v1beta1") "  selector: {a: b}\n  servers:\n"
        ON_SERVER(SERVER_TLS("PASSTHROUGH", "TLS_AUTO", "TLSV1_3")) ON_SERVER(SERVER_TLS("SIMPLE", "TLSV1_0", "TLSV1_1")) ON_SERVER(SERVER_TLS("MUTUAL", "TLSV1_2", "TLS_AUTO"))
        ON_SERVER("{mode: AUTO_PASSTHROUGH}") ON_SERVER("{mode: ISTIO_MUTUAL}") ON_SERVER("{mode: OPTIONAL_MUTUAL}"),
        ISTIO("DestinationRule", "v1alpha3")
        "  host: h\n  exportTo: [.]\n  workloadSelector: {matchLabels: {a: b}}\n  trafficPolicy: " POLICY "\n"
        "  subsets: [{name: s, labels: {a: b}, trafficPolicy: " POLICY "}]\n",
        ISTIO("ServiceEntry", "v1")
        "  hosts: [a.io]\n  addresses: [10.0.0.1]\n  ports: [{number: 80, name: a, protocol: HTTP, targetPort: 81}]\n  location: MESH_EXTERNAL\n  resolution: NONE\n"
        "  endpoints: [{address: 10.0.0.1, ports: {a: 80}, labels: {a: b}, network: n1, locality: l, weight: 1, serviceAccount: s}]\n"
        "  workloadSelector: {labels: {a: b}}\n  exportTo: [.]\n  subjectAltNames: [a]\nstatus: {addresses: [{value: 10.0.0.1}], anything: 1}\n",
        ISTIO("ServiceEntry", "v1") "  hosts: [a.io]\n  location: MESH_INTERNAL\n  resolution: STATIC\n",
        ISTIO("ServiceEntry", "v1") "  hosts: [a.io]\n  resolution: DNS\n",
        ISTIO("ServiceEntry", "v1") "  hosts: [a.io]\n  resolution: DNS_ROUND_ROBIN\n",
        ISTIO("ServiceEntry", "v1") "  hosts: [a.io]\n  resolution: DYNAMIC_DNS\n"};
    // clang-format on
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++) {
        struct got g;
        assert_true(read_text(&g, docs[i]));
        assert_int_equal(g.n, 1);
        for (uint32_t k = 0; k < g.at[0]->source->nlints; k++) {
            const struct lint *l = &g.at[0]->source->lints[k];
            fail_msg("document %zu: %s: %s", i, l->path, l->message);
        }
        got_release(&g);
    }
}

static void a_syntax_error_costs_one_document(void **state)
{
    (void)state;
    struct got g;
    assert_false(read_text(&g, "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n"
                               "apiVersion: v1\nkind: [oops\n---\n"
                               "apiVersion: v1\nkind: Service\nmetadata: {name: b}\n---\n"
                               "apiVersion: v1\nkind: Service\nmetadata: {labels: {}}\n---\n"
                               "just text\n---\n"
                               "kind: Service\nmetadata: {name: c}\n"));
    assert_int_equal(g.n, 2);
    assert_string_equal(g.at[0]->name, "a");
    assert_string_equal(g.at[1]->name, "b");
    assert_int_equal(g.at[1]->source->line, 8);
    assert_int_equal(g.nbad, 4);
    assert_true(g.bad[0].line == 6 || g.bad[0].line == 7);
    assert_true(g.bad[0].column > 0);
    assert_int_equal(g.bad[1].line, 12);
    assert_non_null(strstr(g.bad[1].message, "metadata.name"));
    assert_int_equal(g.bad[2].line, 16);
    assert_int_equal(g.bad[3].line, 18);
    assert_non_null(strstr(g.bad[3].message, "apiVersion"));
    got_release(&g);
}

static void lists_and_unknown_kinds(void **state)
{
    (void)state;
    struct got g;
    assert_true(read_text(&g,
                          "apiVersion: v1\nkind: List\nitems:\n"
                          "- apiVersion: v1\n  kind: Namespace\n  metadata: {name: ns}\n"
                          "- apiVersion: example.com/v1\n  kind: Widget\n  metadata: {name: w}\n"
                          "- apiVersion: networking.istio.io/v1beta1\n  kind: Gateway\n"
                          "  metadata: {name: g, namespace: infra}\n"
                          "---\n# nothing\n---\n"
                          "{\"apiVersion\": \"v1\", \"kind\": \"ServiceList\", \"items\": [\n"
                          "  {\"metadata\": {\"name\": \"s\", \"namespace\": \"x\"}}]}\n"));
    assert_int_equal(g.n, 3);
    assert_int_equal(g.at[0]->kind, KIND_NAMESPACE);
    assert_string_equal(g.at[0]->ns, "");
    assert_int_equal(g.at[0]->source->line, 4);
    assert_int_equal(g.at[0]->source->last_line, 6);
    assert_int_equal(g.at[1]->kind, KIND_GATEWAY);
    assert_string_equal(g.at[1]->api_version, "networking.istio.io/v1beta1");
    assert_int_equal(g.at[1]->source->line, 10);
    assert_int_equal(g.at[2]->kind, KIND_SERVICE);
    assert_string_equal(g.at[2]->ns, "x");
    assert_string_equal(g.at[2]->api_version, "v1");
    got_release(&g);
    assert_true(
        read_text(&g, "{\"apiVersion\": \"v1\", \"kind\": \"SecretList\", \"items\": null}"));
    assert_int_equal(g.n, 0);
}

static bool locate(const struct object *o, const char *path, int *line, int *column)
{
    struct manifest_place p = {.object = o, .path = path};
    manifest_locate(&p, 1);
    *line = p.line;
    *column = p.column;
    return p.found;
}

static void folders_places_and_sources(void **state)
{
    (void)state;
    char *dir = tempdir_new(), *b = xasprintf("%s/b.yaml", dir);
    tempdir_write(dir, "b.yaml", platform, 0600);
    tempdir_write(dir, "a/z.yml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: first}\n",
                  0600);
    tempdir_write(dir, "notes.txt", "not: [read", 0600);

    struct got g;
    memset(&g, 0, sizeof g);
    struct manifest_sink sink = {.object = on_object, .bad = on_bad, .self = &g};
    assert_true(manifest_read(dir, "default", &sink));
    assert_int_equal(g.n, 2);
    assert_string_equal(g.at[0]->name, "first"); // "a/z.yml" is before "b.yaml"
    assert_string_equal(g.at[1]->source->file, b);

    int line = 0, column = 0;
    assert_true(locate(g.at[1], "spec.http[0].match[1].uri.prefix", &line, &column));
    assert_int_equal(line, 14);
    assert_int_equal(column, 13);
    // the deepest part that exists; [0] of a mapping is the mapping
    assert_true(locate(g.at[1], "spec.http[1].route[0].destination.subset", &line, &column));
    assert_int_equal(line, 18);
    assert_int_equal(column, 7);

    char *text = manifest_source(g.at[1]);
    assert_non_null(text);
    assert_int_equal(strncmp(text, "apiVersion: networking", 22), 0);
    assert_true(str_ends(text, "port: {number: 9080}}\n"));
    free(text);

    // items of Lists: in YAML their own lines are a document, in JSON they are not
    got_release(&g);
    memset(&g, 0, sizeof g);
    tempdir_write(dir, "a/z.yml",
                  "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  "
                  "metadata: {name: one}\n"
                  "- apiVersion: v1\n  kind: Service\n  metadata:\n    name: two\n  spec:\n    "
                  "clusterIP: None\n"
                  "---\n{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n "
                  "{\"apiVersion\": \"v1\", \"kind\": \"Service\",\n"
                  "  \"metadata\": {\"name\": \"three\"}}, {\"apiVersion\": \"v1\", \"kind\": "
                  "\"Service\", \"metadata\": {\"name\": \"four\",\n"
                  "  \"labels\": {}}}]}\n",
                  0600);
    assert_true(manifest_read(dir, "default", &sink));
    assert_int_equal(g.n, 5);
    assert_true(locate(g.at[1], "spec.clusterIP", &line, &column));
    assert_int_equal(line, 12);
    assert_int_equal(column, 5);
    assert_true(locate(g.at[3], "metadata.labels", &line, &column));
    assert_int_equal(line, 17);
    unlink(b);
    object_unref(g.at[1]);
    g.at[1] = g.at[4];
    assert_null(manifest_source(g.at[1]));
    assert_false(locate(g.at[1], "spec", &line, &column));
    assert_int_equal(line, 2);
    for (size_t i = 0; i < 5; i++) {
        if (i != 1) {
            object_unref(g.at[i]);
        }
    }
    g.nbad = 0;
    assert_false(manifest_read(b, "default", &sink));
    assert_int_equal(g.nbad, 1);
    tempdir_free(dir);
    free(b);
}

// A line of any length is shown in a part of it, around the column.
static void long_lines_are_shown_in_part(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "ä", "€"}; // of one, two and three bytes
    enum { CHARS = 5000 };
    char *dir = tempdir_new(), *path = xasprintf("%s/long.yaml", dir);
    char *text = xmalloc(CHARS * 3 + 100);
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        static const int at[] = {0, 1, 61, 62, 1024, 2500, CHARS - 1, CHARS};
        for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
            char *end = text + sprintf(text, "short: ä\n");
            for (int n = 1; n <= CHARS; n++) {
                end += sprintf(end, "%s", n == at[k] ? "X" : letters[i]);
            }
            sprintf(end, "\nlast: €\n");
            tempdir_write(dir, "long.yaml", text, 0600);
            struct manifest_lines *lines = manifest_lines_read(path);
            assert_non_null(lines);
            int column = at[k];
            char *part = manifest_line(lines, 2, &column);
            assert_true(strlen(part) <= 160 * strlen(letters[i]) + 6);
            if (at[k] == 0) {
                assert_int_equal(column, 0);
            } else { // the column leads to the letter
                char *x = part;
                for (int n = 1; n < column; n++) {
                    x += (*x & 0xE0) == 0xC0 ? 2 : (*x & 0xF0) == 0xE0 ? 3 : 1;
                }
                if (*x != 'X') {
                    fail_msg("letter %zu, column %d: %d of '%s'", i, at[k], column, part);
                }
            }
            free(part);
            column = 8;
            part = manifest_line(lines, 1, &column);
            assert_string_equal(part, "short: ä");
            assert_int_equal(column, 8);
            free(part);
            part = manifest_line(lines, 3, &column);
            assert_string_equal(part, "last: €");
            free(part);
            assert_null(manifest_line(lines, 4, &column));
            manifest_lines_free(lines);
        }
    }
    free(text);
    free(path);
    tempdir_free(dir);
}

static void standard_input(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], platform, sizeof platform - 1), sizeof platform - 1);
    close(fds[1]);
    int saved = dup(STDIN_FILENO);
    assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
    close(fds[0]);
    struct got g;
    memset(&g, 0, sizeof g);
    struct manifest_sink sink = {.object = on_object, .bad = on_bad, .self = &g};
    bool ok = manifest_read("-", "default", &sink);
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_true(ok);
    assert_int_equal(g.n, 1);
    assert_string_equal(g.at[0]->source->file, "-");
    int line, column;
    assert_true(locate(g.at[0], "spec.gateways[0]", &line, &column));
    assert_int_equal(line, 10);
    got_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(route_as_a_mapping),
        cmocka_unit_test(wrong_types),
        cmocka_unit_test(every_field),
        cmocka_unit_test(a_syntax_error_costs_one_document),
        cmocka_unit_test(lists_and_unknown_kinds),
        cmocka_unit_test(folders_places_and_sources),
        cmocka_unit_test(long_lines_are_shown_in_part),
        cmocka_unit_test(standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
