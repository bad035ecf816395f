// SPDX-License-Identifier: Apache-2.0
// What no cluster should hold, in the view of certificates: shown as such, and nothing else disturbed.
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "views/view_list.h"

#include "tests/support/certyaml.h"
#include "tests/support/madecert.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

// The texts of a request and a chain go here: "@name" in a case's YAML.
static struct {
    const char *name;
    char *text;
} texts[8];

static char *base64_of(const char *bytes, size_t n)
{
    struct buf b;
    buf_init(&b, 0);
    base64_encode(bytes, n, &b);
    return buf_take(&b);
}

static int make_texts(void **state)
{
    (void)state;
    struct made_cert made =
        madecert_new(EVP_EC_gen("P-256"), "web.example.com", NULL, NULL, "DNS:web.example.com",
                     "20260901000000Z", "20261201000000Z");
    struct buf pem, request;
    buf_init(&pem, 0);
    buf_init(&request, 0);
    madecert_pem(made.cert, &pem);
    madecert_request(made.key, &request);
    static const char no_der[] =
        "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";
    static const char no_key[] =
        "-----BEGIN CERTIFICATE REQUEST-----\nMIIBAAAA\n-----END CERTIFICATE REQUEST-----\n";
    texts[0].name = "@certificate", texts[0].text = base64_of(pem.data, pem.len);
    texts[1].name = "@request", texts[1].text = buf_take(&request);
    texts[2].name = "@noder", texts[2].text = base64_of(no_der, strlen(no_der));
    texts[3].name = "@nokey", texts[3].text = base64_of(no_key, strlen(no_key));
    texts[4].name = "@half", texts[4].text = base64_of(pem.data, pem.len / 2);
    texts[5].name = "@long", texts[5].text = xmalloc(200001);
    memset(texts[5].text, 'x', 200000);
    texts[5].text[200000] = '\0';
    buf_release(&pem);
    madecert_free(&made);
    return 0;
}

static int free_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        free(texts[i].text);
    }
    return 0;
}

static char *filled(const char *yaml)
{
    struct buf b;
    buf_init(&b, 0);
    while (*yaml != '\0') {
        size_t i = 0, most = sizeof texts / sizeof *texts;
        while (i < most && (texts[i].name == NULL || !str_starts(yaml, texts[i].name))) {
            i++;
        }
        if (i < most) {
            buf_adds(&b, texts[i].text);
            yaml += strlen(texts[i].name);
        } else {
            buf_add(&b, yaml++, 1);
        }
    }
    return buf_take(&b);
}

#define GOOD                                                                                       \
    "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: good, namespace: "   \
    "a, uid: c9}\nspec: {secretName: good-tls, dnsNames: [good.example.com], issuerRef: {name: "   \
    "le, kind: ClusterIssuer}}\nstatus:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY
#define STORED(spec, status) CERTIFICATE("", spec, "status:\n  revision: 1\n" status) ISSUER
#define ISSUED(request, certificate)                                                               \
    STORED(", privateKey: {algorithm: ECDSA}",                                                     \
           "  notBefore: '2026-09-01T00:00:00Z'\n  notAfter: '2026-12-01T00:00:00Z'\n"             \
           "  conditions:\n" READY)                                                                \
    "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: web-1, "      \
    "namespace: a, uid: r1, annotations: {cert-manager.io/certificate-name: web, "                 \
    "cert-manager.io/certificate-revision: '1'}, ownerReferences: [{kind: Certificate, name: "     \
    "web, uid: c1}]}\nspec: {request: '" request "'}\nstatus: {certificate: '" certificate "'}\n"

struct bad_case {
    const char *what, *yaml;
    const char *row[3];  // words of the row's cells
    const char *page[4]; // words of the page; "!": that it does not have
};

// clang-format off
static const struct bad_case cases[] = {
    {"a good one", ISSUED("@request", "@certificate"), {"READY"}, {"ECDSA P-256", "1 certificate\n", "web.example.com"}},
    {"a certificate that is no base64", ISSUED("@request", "!!!!"), {"READY"}, {"unreadable certificate: no base64"}},
    {"a certificate without PEM", ISSUED("@request", "bm8gUEVN"), {"READY"}, {"unreadable certificate: no PEM block"}},
    {"a certificate that is no DER", ISSUED("@request", "@noder"), {"READY"}, {"unreadable certificate: the PEM block holds no certificate"}},
    {"half a certificate", ISSUED("@request", "@half"), {"READY"}, {"unreadable certificate"}},
    {"a request with a broken key", ISSUED("@nokey", "@certificate"), {"READY"}, {"ECDSA P-256", "its request cannot be read", "web.example.com"}},
    {"a request that is no base64", ISSUED("%%%", "@certificate"), {"READY"}, {"its request cannot be read"}},
    {"conditions in odd order, one unknown", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" NOT_READY CONDITION("Odd", "Unknown", "X", "y", "2026-09-10T11:30:00Z") FAILED("no such thing")) ISSUER, {"FAILED", "no such thing"}, {"FAILED, stage request", "next try", "1 in a row"}},
    {"one condition twice", CERTIFICATE("", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY NOT_READY) ISSUER, {"READY"}, {"READY, stage issued"}},
    {"an unknown reason", CERTIFICATE("", "", "status:\n  conditions:\n" CONDITION("Ready", "False", "Strange", "odd", "2026-09-10T11:30:00Z")) ISSUER, {"NOT READY", "Strange: odd"}, {"Strange: odd"}},
    {"an unknown status", CERTIFICATE("", "", "status:\n  conditions:\n  - {type: Ready, status: Perhaps, reason: Odd, message: m}\n") ISSUER, {"NOT READY", "Odd: m"}, {"Odd: m"}},
    {"conditions of an older spec", CERTIFICATE(", generation: 3", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n  - {type: Ready, status: 'True', reason: Ready, message: ok, observedGeneration: 2}\n") ISSUER, {"READY"}, {"stale", "about an older spec"}},
    {"conditions of this spec", CERTIFICATE(", generation: 3", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n  - {type: Ready, status: 'True', reason: Ready, message: ok, observedGeneration: 3}\n") ISSUER, {"READY"}, {"READY", "!older spec"}},
    {"conditions before 1.3", CERTIFICATE(", generation: 3", "", "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY) ISSUER, {"READY"}, {"READY", "!older spec"}},
    {"1970", STORED("", "  notAfter: '1970-01-01T00:00:00Z'\n  conditions:\n" READY), {"EXPIRED", "-56y"}, {"expires", "1970-01-01 00:00:00 UTC", "controller still says Ready"}},
    {"9999", STORED("", "  notBefore: '2026-09-01T00:00:00Z'\n  notAfter: '9999-12-31T23:59:59Z'\n  conditions:\n" READY), {"READY", "7978y"}, {"9999-12-31 23:59:59 UTC (in 7978y)"}},
    {"before 1970", STORED("", "  notAfter: '0001-01-01T00:00:00Z'\n  conditions:\n" READY), {"EXPIRED"}, {"expires"}},
    {"no time at all", STORED("", "  notBefore: soon\n  notAfter: later\n  conditions:\n" READY), {"READY"}, {"READY, stage issued"}},
    {"times the wrong way round", STORED("", "  notBefore: '2026-12-01T00:00:00Z'\n  notAfter: '2026-11-01T00:00:00Z'\n  conditions:\n" READY), {"READY"}, {"2026-11-01"}},
    {"a failure in the far future", CERTIFICATE("", "", "status:\n  lastFailureTime: '9999-12-31T23:59:59Z'\n  failedIssuanceAttempts: 9223372036854775807\n  conditions:\n" FAILED("no") NOT_READY) ISSUER, {"FAILED"}, {"in a row", "next try"}},
    {"numbers that are none", CERTIFICATE("", "", "status:\n  lastFailureTime: '2026-09-10T11:30:00Z'\n  failedIssuanceAttempts: many\n  revision: first\n  conditions:\n" FAILED("no") NOT_READY) ISSUER, {"FAILED"}, {"next try"}},
    {"control characters", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n  - {type: Issuing, status: 'False', reason: Failed, message: \"a\\e[31mb\\n\\tc\\u202e\"}\n") ISSUER, {"FAILED"}, {"FAILED"}},
    {"a message of 200,000 bytes", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n  - {type: Issuing, status: 'False', reason: Failed, message: '@long'}\n") ISSUER, {"FAILED", "xxxx"}, {"xxxx"}},
    {"nothing but a name", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a}\n", {"UNKNOWN"}, {"UNKNOWN"}},
    {"a status that is a list", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a, uid: c1}\nspec: {secretName: [x], dnsNames: {a: b}, issuerRef: le}\nstatus: [1, 2]\n", {"NOT PICKED UP"}, {"NOT PICKED UP"}},
};
// clang-format on

static void add_block(const struct text_block *block, struct buf *out)
{
    for (uint32_t i = 0; i < block->n; i++) {
        for (uint32_t k = 0; k < block->at[i].n; k++) {
            buf_adds(out, block->at[i].at[k].text);
        }
        buf_adds(out, "\n");
    }
}

static void must_hold(const char *what, const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n && words[i] != NULL; i++) {
        bool there = strstr(text, words[i] + (words[i][0] == '!' ? 1 : 0)) != NULL;
        if (there == (words[i][0] == '!')) {
            printf("%s: no '%s' in\n%.2000s\n", what, words[i], text);
            fail();
        }
    }
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        assert_true((*p >= 0x20 || *p == '\n') && *p != 0x7f);
        assert_false(p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae);
    }
}

static void shown_as_such(void **state)
{
    (void)state;
    static const struct view_options options;
    const struct view *v = view_find("certificates");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf yaml;
        struct world w;
        buf_init(&yaml, 0);
        char *own = filled(cases[i].yaml);
        buf_adds(&yaml, own);
        buf_adds(&yaml, GOOD);
        world_open(&w, yaml.data, time_parse(NOW));
        struct view_args a = {
            .snap = w.snap, .arena = &w.arena, .now = w.mesh.now, .options = &options};
        struct view_rows rows = v->list(&a);
        assert_int_equal(rows.n, 2);
        for (uint32_t r = 0; r < rows.n; r++) {
            bool good = strcmp(v->object(&a, rows.at[r])->name, "good") == 0;
            struct buf row, page;
            struct text_block block;
            buf_init(&row, 0);
            buf_init(&page, 0);
            for (int c = 0; c < v->ncolumns; c++) {
                struct cell cell = v->columns[c].cell(&a, rows.at[r]);
                buf_addf(&row, "%s | ", str_or_empty(cell.text));
            }
            block_init(&block, a.arena);
            v->detail(&a, rows.at[r], &block);
            add_block(&block, &page);
            struct json *j = v->json(&a, rows.at[r]);
            struct buf printed;
            buf_init(&printed, 0);
            json_print(j, false, &printed);
            assert_true(json_get_string(j, "state") != NULL);
            json_free(j);
            static const char *const well[] = {"READY |", "good"};
            must_hold(cases[i].what, row.data, good ? well : cases[i].row, good ? 2 : 3);
            must_hold(cases[i].what, page.data, cases[i].page, good ? 0 : 4);
            buf_release(&printed);
            buf_release(&row);
            buf_release(&page);
        }
        world_close(&w);
        buf_release(&yaml);
        free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shown_as_such)};
    return cmocka_run_group_tests(tests, make_texts, free_texts);
}
