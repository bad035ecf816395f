// SPDX-License-Identifier: Apache-2.0
// The ways in which an issuance fails, each by its name (docs/rules/certificates.md#failure-recognition): from a
// recording of cert-manager where one shows it (t_certs_corpus judges those as well), else from what a real API
// server answered about objects written by hand (tests/fixtures/failures, made by tests/cluster/record-failures).
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/store/store.h"

#include "kube/mesh/cert/certificate_list.h"
#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/core/mesh_objects.h"

#include "views/view_list.h"

#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/recorded.h"
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

#define FIXTURES "tests/fixtures/failures/"
#define MINUTE 60
#define HOUR 3600

// Every list of a folder, as the server answered.
static void put_lists(struct store *s, const char *dir)
{
    for (size_t i = 0; i < RECORDED_KINDS; i++) {
        recorded_list(dir, recorded_kinds[i].resource, recorded_put, s);
    }
}

// What a mode must be reported as: words of the reason and of what to do; `next` is the next try, in seconds
// after the recording, 0 if nothing failed.
struct expected {
    enum failure_mode mode;
    enum certificate_state state;
    enum certificate_stage stage;
    const char *reason, *hint;
    int64_t next;
};

static void judge(struct world *w, const char *what, int64_t from, const struct expected *e)
{
    struct certificate_list rows;
    certificate_list_fill(&w->mesh, &rows);
    assert_true(rows.n > 0);
    const struct certificate_status *s = &rows.at[0];
    for (uint32_t i = 0; i < rows.n; i++) {
        const char *name = rows.at[i].certificate->o.name;
        s = strcmp(name, "shop") == 0 || strcmp(name, "web") == 0 ? &rows.at[i] : s;
    }
    int64_t next = e->next != 0 ? from + e->next : TIME_NONE;
    if (s->mode != e->mode || s->state != e->state || s->stage != e->stage || s->next_try != next ||
        strstr(s->reason, e->reason) == NULL || s->hint == NULL ||
        strstr(s->hint, e->hint) == NULL || strstr(s->full, "not-shown-anywhere") != NULL) {
        fail_msg("%s: mode %d, %s, stage %s, next try %s, reason '%s', hint '%s'", what, s->mode,
                 certificate_state_name(s->state), certificate_stage_name(s->stage),
                 s->next_try != TIME_NONE ? time_format(w->mesh.arena, s->next_try) : "none",
                 s->reason, str_or_empty(s->hint));
    }
}

// A folder of fixtures, looked at `later` seconds after it was made.
static void fixture(const char *name, int64_t later, struct expected e)
{
    char dir[256], path[300];
    size_t n;
    struct world w;
    snprintf(dir, sizeof dir, FIXTURES "%s", name);
    snprintf(path, sizeof path, "%s/time", dir);
    char *text = file_read(path, &n);
    text[strcspn(text, "\n")] = '\0';
    int64_t from = time_parse(text);
    assert_true(from != TIME_NONE);
    free(text);
    struct store *s = recorded_store();
    put_lists(s, dir);
    world_open_snapshot(&w, store_publish(s, NULL, NULL), from + later);
    store_free(s);
    judge(&w, name, from, &e);
    world_close(&w);
}

// A recording of the corpus up to line `seq` of its order.tsv, at the time of that checkpoint.
static void recording(const char *scenario, int seq, const char *time, struct expected e)
{
    char dir[512], path[600], row[1024], resource[64];
    snprintf(dir, sizeof dir, "%s/certs/%s", corpus_dir(), scenario);
    struct store *s = recorded_store();
    put_lists(s, dir);
    snprintf(path, sizeof path, "%s/order.tsv", dir);
    FILE *order = fopen(path, "r");
    assert_non_null(order);
    assert_non_null(fgets(row, sizeof row, order));
    int at = 0, line;
    while (at < seq && fgets(row, sizeof row, order) != NULL &&
           sscanf(row, "%d\t%*d\t%63[^\t]\t%d", &at, resource, &line) == 3) {
        size_t n;
        snprintf(path, sizeof path, "%s/watch-%s.jsonl", dir, resource);
        char *text = file_read(path, &n), *p = text;
        for (int i = 1; i < line; i++) {
            p = strchr(p, '\n') + 1;
        }
        struct err err = {0};
        struct json *event = json_parse(p, strcspn(p, "\n"), &err);
        assert_non_null(event);
        const struct json *o = json_get(event, "object");
        enum kind k = recorded_kind(resource);
        assert_true(k != KIND_COUNT);
        const char *ns = json_string(json_at(o, "metadata", "namespace", NULL));
        if (strcmp(json_get_string(event, "type"), "DELETED") == 0) {
            store_remove(s, k, str_or_empty(ns), json_string(json_at(o, "metadata", "name", NULL)));
        } else if (strcmp(json_get_string(event, "type"), "BOOKMARK") != 0) {
            recorded_put(s, k, json_get_string(o, "apiVersion"), o);
        }
        json_free(event);
        free(text);
    }
    fclose(order);
    struct world w;
    world_open_snapshot(&w, store_publish(s, NULL, NULL), time_parse(time));
    store_free(s);
    // The recorded next try is in truth.json, which t_certs_corpus compares.
    struct certificate_status copy;
    const struct object *const *all;
    uint32_t n;
    all = mesh_all(&w.mesh, KIND_CERTIFICATE, &n);
    int64_t next = TIME_NONE;
    for (uint32_t i = 0; i < n; i++) {
        certificate_status_fill(&w.mesh, OBJECT_AS(certificate, all[i]), &copy);
        next = copy.next_try != TIME_NONE ? copy.next_try : next;
    }
    e.next = next != TIME_NONE ? 1 : 0;
    judge(&w, scenario, next != TIME_NONE ? next - 1 : 0, &e);
    world_close(&w);
}

// The mode, where the text is and when it is looked at.
#define FIXTURE(name, later, ...) fixture(name, later, (struct expected){__VA_ARGS__})
#define RECORDING(name, seq, time, ...) recording(name, seq, time, (struct expected){__VA_ARGS__})

static void http01_self_check_recorded(void **state)
{
    (void)state;
    RECORDING("http01-selfcheck-failing", 34, "2026-11-23T18:32:11Z", FAILURE_HTTP01_SELF_CHECK,
              CERTIFICATE_ISSUING, STAGE_CHALLENGE, "shop.example.test fails: dial tcp",
              "port 80 must route to it", 0);
    RECORDING("http01-selfcheck-failing", 35, "2026-11-23T18:32:21Z", FAILURE_HTTP01_SELF_CHECK,
              CERTIFICATE_ISSUING, STAGE_CHALLENGE, "wrong status code '404', expected '200'",
              "port 80 must route to it", 0);
}

static void http01_redirected_by_a_gateway(void **state)
{
    (void)state;
    FIXTURE("http01-redirect", 0, FAILURE_HTTP01_SELF_CHECK, CERTIFICATE_ISSUING, STAGE_CHALLENGE,
            "wrong status code '301'", "Gateway http01-redirect/shop redirects port 80", 0);
}

static void dns01_not_propagating(void **state)
{
    (void)state;
    FIXTURE("dns01-propagation", 0, FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE,
            "*.shop.example.com fails: DNS record for \"shop.example.com\" not yet",
            "_acme-challenge.shop.example.com is not visible", 0);
    FIXTURE("dns01-propagation", 26 * MINUTE, FAILURE_DNS01_PROPAGATION, CERTIFICATE_STUCK,
            STAGE_CHALLENGE, "not yet propagated", "captures _acme-challenge", 0);
    FIXTURE("dns01-servfail", 0, FAILURE_DNS01_PROPAGATION, CERTIFICATE_ISSUING, STAGE_CHALLENGE,
            "returned SERVFAIL for _acme-challenge.shop.example.com",
            "that server fails for the name", 0);
}

static void dns_provider_recorded(void **state)
{
    (void)state;
    RECORDING("dns01-present-error", 31, "2026-11-23T18:35:30Z", FAILURE_DNS_PROVIDER,
              CERTIFICATE_ISSUING, STAGE_CHALLENGE, "dns: bad authentication",
              "DNS provider refused: ", 0);
}

static void route53_access_denied(void **state)
{
    (void)state;
    FIXTURE("route53-denied", 0, FAILURE_DNS_PROVIDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE,
            "api error AccessDenied", "not authorized to perform: route53:ListHostedZonesByName",
            0);
}

static void rate_limited(void **state)
{
    (void)state;
    FIXTURE("rate-limited", 0, FAILURE_RATE_LIMITED, CERTIFICATE_FAILED, STAGE_ORDER,
            "429 urn:ietf:params:acme:error:rateLimited",
            "identical certificates (5 in 7 days); next slot 2027-01-01T10:00:00Z; do not renew",
            4 * HOUR - 4 * MINUTE);
}

static void caa_recorded(void **state)
{
    (void)state;
    RECORDING("renewal-manual-failed", 25, "2026-11-23T18:39:17Z", FAILURE_CAA,
              CERTIFICATE_RENEW_FAIL, STAGE_ORDER, "403 urn:ietf:params:acme:error:caa",
              "the name that the CA's documentation gives", 0);
}

static void caa_at_finalize(void **state)
{
    (void)state;
    FIXTURE("caa", 0, FAILURE_CAA, CERTIFICATE_FAILED, STAGE_FINALIZE, "prevents issuance",
            "letsencrypt.org", HOUR - 4 * MINUTE);
}

static void issuer_recorded(void **state)
{
    (void)state;
    RECORDING("issuer-missing", 37, "2026-11-23T18:29:20Z", FAILURE_ISSUER, CERTIFICATE_ISSUING,
              STAGE_ISSUER, "Issuer team-a/team-issuer not found", "correct spec.issuerRef", 0);
    RECORDING("issuer-account-rejected", 20, "2026-11-23T18:34:22Z", FAILURE_ISSUER,
              CERTIFICATE_ISSUING, STAGE_ISSUER, "403 urn:ietf:params:acme:error:external",
              "tried again only when the issuer changes", 0);
}

static void issuer_of_another_kind(void **state)
{
    (void)state;
    FIXTURE("issuer-kind", 0, FAILURE_ISSUER, CERTIFICATE_ISSUING, STAGE_ISSUER,
            "ClusterIssuer letsencrypt not found",
            "namespace issuer-kind-other has an Issuer named letsencrypt", 0);
}

static void wildcard_without_dns01(void **state)
{
    (void)state;
    FIXTURE("wildcard-http01", 0, FAILURE_NO_SOLVER, CERTIFICATE_ISSUING, STAGE_ORDER,
            "no DNS-01 solver for *.shop.example.com; wildcards need one", "needs dns01", 0);
}

static void secret_in_another_namespace(void **state)
{
    (void)state;
    FIXTURE("secret-namespace", 0, FAILURE_SECRET_NAMESPACE, CERTIFICATE_READY, STAGE_ISSUED,
            "Gateway secret-namespace/shop needs Secret shop-tls in secret-namespace-ingress; the "
            "Certificate writes it to secret-namespace",
            "create the Certificate in secret-namespace-ingress", 0);
}

static void challenge_stuck_deleting(void **state)
{
    (void)state;
    FIXTURE("challenge-deleting", 10 * MINUTE, FAILURE_CHALLENGE_DELETING, CERTIFICATE_ISSUING,
            STAGE_CHALLENGE, "stuck deleting", "namespace challenge-deleting", 0);
}

static void two_writers(void **state)
{
    (void)state;
    FIXTURE("two-writers", 0, FAILURE_TWO_WRITERS, CERTIFICATE_NOT_READY, STAGE_CERTIFICATE,
            "IncorrectCertificate",
            "two-writers/shop-tls is claimed by Certificates shop and other", 0);
}

static void order_recorded(void **state)
{
    (void)state;
    RECORDING("order-errored", 27, "2026-11-23T18:29:45Z", FAILURE_ORDER, CERTIFICATE_FAILED,
              STAGE_ORDER, "400 urn:ietf:params:acme:error:rejectedIdentifier", "take it out", 0);
}

static void order_wedged(void **state)
{
    (void)state;
    FIXTURE("order-wedged", 3 * MINUTE, FAILURE_ORDER, CERTIFICATE_ISSUING, STAGE_CHALLENGE,
            "unexpected non-ACME API error", "order wedged: delete the Order", 0);
}

static void expired_yet_ready(void **state)
{
    (void)state;
    FIXTURE("expired-ready", 0, FAILURE_EXPIRED_READY, CERTIFICATE_EXPIRED, STAGE_ISSUED,
            "controller still says Ready", "is cert-manager running", 0);
    FIXTURE("overdue", 0, FAILURE_EXPIRED_READY, CERTIFICATE_OVERDUE, STAGE_ISSUED,
            "renewal was due", "is cert-manager running", 0);
}

static void temporary_recorded(void **state)
{
    (void)state;
    RECORDING("wildcard-dns01-ok", 42, "2026-11-23T18:37:18Z", FAILURE_TEMPORARY,
              CERTIFICATE_TEMPORARY, STAGE_CHALLENGE, "not trusted", "browsers refuse it", 0);
}

static void temporary_shown_ready(void **state)
{
    (void)state;
    FIXTURE("temporary-ready", 0, FAILURE_TEMPORARY, CERTIFICATE_TEMPORARY, STAGE_ISSUED,
            "temporary self-signed certificate, not trusted", "browsers refuse it", 0);
}

static void denied_recorded(void **state)
{
    (void)state;
    RECORDING("request-denied", 19, "2026-11-23T18:35:26Z", FAILURE_APPROVAL, CERTIFICATE_FAILED,
              STAGE_REQUEST, "denied: No policy approved", "the policy allows", 0);
}

static void not_approved_and_denied(void **state)
{
    (void)state;
    FIXTURE("not-approved", 2 * MINUTE, FAILURE_APPROVAL, CERTIFICATE_ISSUING, STAGE_REQUEST,
            "CertificateRequest not-approved/shop-1 is not approved yet", "cmctl approve", 0);
    FIXTURE("denied", 0, FAILURE_APPROVAL, CERTIFICATE_FAILED, STAGE_REQUEST,
            "spec.allowed.dnsNames.values", "the policy allows", HOUR - 4 * MINUTE);
}

static void authorization_refused(void **state)
{
    (void)state;
    FIXTURE("authorization-unauthorized", 0, FAILURE_AUTHORIZATION, CERTIFICATE_FAILED,
            STAGE_CHALLENGE, "403 urn:ietf:params:acme:error:unauthorized: 192.0.2.7",
            "could not validate shop.example.com", 2 * HOUR - 4 * MINUTE);
    FIXTURE("authorization-dns", 0, FAILURE_AUTHORIZATION, CERTIFICATE_FAILED, STAGE_CHALLENGE,
            "400 urn:ietf:params:acme:error:dns: DNS problem: NXDOMAIN",
            "could not validate shop.example.com", 2 * HOUR - 4 * MINUTE);
    FIXTURE("authorization-connection", 0, FAILURE_AUTHORIZATION, CERTIFICATE_FAILED,
            STAGE_CHALLENGE, "400 urn:ietf:params:acme:error:connection: 192.0.2.7",
            "could not validate shop.example.com", 2 * HOUR - 4 * MINUTE);
}

static void common_name(void **state)
{
    (void)state;
    FIXTURE("common-name-long", 0, FAILURE_COMMON_NAME, CERTIFICATE_ISSUING, STAGE_CERTIFICATE, "",
            "at most 64 bytes", 0);
    FIXTURE("common-name-missing", 0, FAILURE_COMMON_NAME, CERTIFICATE_FAILED, STAGE_REQUEST,
            "\"www.example.com\" does not exist in [shop.example.com]", "must be among dnsNames",
            HOUR - 4 * MINUTE);
}

// The page of one Certificate as text, a line each.
static char *page_of(const struct view_args *a)
{
    const struct view *v = view_find("certificates");
    struct view_rows rows = v->list(a);
    struct text_block block;
    struct buf text;
    assert_int_equal(rows.n, 1);
    block_init(&block, a->arena);
    v->detail(a, rows.at[0], &block);
    buf_init(&text, 0);
    for (uint32_t i = 0; i < block.n; i++) {
        for (uint32_t k = 0; k < block.at[i].n; k++) {
            buf_adds(&text, block.at[i].at[k].text);
        }
        buf_adds(&text, "\n");
    }
    return buf_take(&text);
}

// The page says it all: state, why, what to do, the CA and its account, next try, steps, limits.
static void page_of_a_rate_limited_certificate(void **state)
{
    (void)state;
    static const struct view_options options;
    static const char *const words[] = {
        "FAILED, stage order",
        "429 urn:ietf:params:acme:error:rateLimited",
        "next slot 2027-01-01T10:00:00Z; do not renew before",
        "production: https://acme-v02.api.letsencrypt.org/directory",
        "https://acme-v02.api.letsencrypt.org/acme/acct/1234567",
        "(in 3h",
        "3 in a row",
        "requested",
        "ordered",
        "example.com: 0 of 50 certificates in 7 days",
    };
    struct store *s = recorded_store();
    put_lists(s, FIXTURES "rate-limited");
    size_t n;
    char *time = file_read(FIXTURES "rate-limited/time", &n);
    time[strcspn(time, "\n")] = '\0';
    struct world w;
    world_open_snapshot(&w, store_publish(s, NULL, NULL), time_parse(time));
    store_free(s);
    struct view_args a = {
        .snap = w.snap, .arena = &w.arena, .now = w.mesh.now, .options = &options};
    char *page = page_of(&a);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(page, words[i]) == NULL) {
            fail_msg("the page lacks '%s':\n%s", words[i], page);
        }
    }
    assert_null(strstr(page, "not-shown-anywhere"));
    free(page);
    free(time);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http01_self_check_recorded),
        cmocka_unit_test(http01_redirected_by_a_gateway),
        cmocka_unit_test(dns01_not_propagating),
        cmocka_unit_test(dns_provider_recorded),
        cmocka_unit_test(route53_access_denied),
        cmocka_unit_test(rate_limited),
        cmocka_unit_test(caa_recorded),
        cmocka_unit_test(caa_at_finalize),
        cmocka_unit_test(issuer_recorded),
        cmocka_unit_test(issuer_of_another_kind),
        cmocka_unit_test(wildcard_without_dns01),
        cmocka_unit_test(secret_in_another_namespace),
        cmocka_unit_test(challenge_stuck_deleting),
        cmocka_unit_test(two_writers),
        cmocka_unit_test(order_recorded),
        cmocka_unit_test(order_wedged),
        cmocka_unit_test(expired_yet_ready),
        cmocka_unit_test(temporary_recorded),
        cmocka_unit_test(temporary_shown_ready),
        cmocka_unit_test(denied_recorded),
        cmocka_unit_test(not_approved_and_denied),
        cmocka_unit_test(authorization_refused),
        cmocka_unit_test(common_name),
        cmocka_unit_test(page_of_a_rate_limited_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
