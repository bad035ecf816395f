// SPDX-License-Identifier: Apache-2.0
// `gatetop check --expiring` for cron: its exit status, and by whose clock.
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static char *dir;

#define STORED(name, from, to)                                                                     \
    "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: " name               \
    ", namespace: a}\nspec: {secretName: " name ", dnsNames: [" name                               \
    ".example.com], issuerRef: {name: i, kind: ClusterIssuer}}\nstatus:\n  revision: 1\n"          \
    "  notBefore: '" from "'\n  notAfter: '" to "'\n  conditions:\n  - {type: Ready, status: "     \
    "'True', reason: Ready, message: ok, lastTransitionTime: '" from "'}\n"
#define ISSUER                                                                                     \
    "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: i}\nspec: "             \
    "{selfSigned: "                                                                                \
    "{}}\nstatus: {conditions: [{type: Ready, status: 'True', reason: x, message: x}]}\n"
#define NAMESPACE_ONLY                                                                             \
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: enabled}}\n"

static void check_expiring_has_an_exit_status(void **state)
{
    (void)state;
    static const struct {
        const char *what, *yaml, *within;
        int status;
        const char *words; // of what is printed, or of the complaint
    } rows[] = {
        {"no Certificates", NAMESPACE_ONLY, "14d", 0, "no findings"},
        {"none ends soon", ISSUER STORED("x", "2026-09-01T00:00:00Z", "2026-11-30T00:00:00Z"),
         "14d", 0, "no findings"},
        {"one ends soon",
         ISSUER STORED("x", "2026-07-01T00:00:00Z", "2026-09-20T00:00:00Z")
             STORED("late", "2026-09-01T00:00:00Z", "2026-11-30T00:00:00Z"),
         "14d", 1, "ends 2026-09-20T00:00:00Z"},
        {"in hours", ISSUER STORED("x", "2026-09-01T00:00:00Z", "2026-11-30T00:00:00Z"), "2000h", 1,
         "ends 2026-11-30T00:00:00Z"},
        {"a share of its life", ISSUER STORED("x", "2026-09-05T00:00:00Z", "2026-09-11T16:00:00Z"),
         "20%", 1, "ends 2026-09-11T16:00:00Z"},
        {"a smaller share", ISSUER STORED("x", "2026-09-05T00:00:00Z", "2026-09-11T16:00:00Z"),
         "17%", 0, "0 errors"},
        {"no status",
         ISSUER "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: "
                "{name: x, namespace: a}\nspec: {secretName: x, dnsNames: [x.example.com], "
                "issuerRef: {name: i, kind: ClusterIssuer}}\n",
         "14d", 0, "no findings"},
        {"no manifest", "x: [", "14d", 4, ""},
        {"an empty time", NAMESPACE_ONLY, "''", 2, "--expiring takes a time"},
        {"a word", NAMESPACE_ONLY, "soon", 2, "not 'soon'"},
        {"no unit", NAMESPACE_ONLY, "14", 2, "not '14'"},
        {"nothing", NAMESPACE_ONLY, "0d", 2, "not '0d'"},
        {"less than nothing", NAMESPACE_ONLY, "-14d", 2, ""},
        {"less than a second", NAMESPACE_ONLY, "500ms", 2, "not '500ms'"},
        {"two units", NAMESPACE_ONLY, "14dd", 2, "not '14dd'"},
        {"more than time has", NAMESPACE_ONLY, "99999999999999999999d", 2, "--expiring takes"},
        {"all of it", NAMESPACE_ONLY, "100%", 2, "not '100%'"},
        {"none of it", NAMESPACE_ONLY, "0%", 2, "not '0%'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *out = xasprintf("%s/out", dir), *where = xasprintf(">%s", out), *said;
        char *words = xasprintf("check -f %s/e.yaml --as-of 2026-09-10T12:00:00Z --expiring=%s",
                                dir, rows[i].within);
        tempdir_write(dir, "e.yaml", rows[i].yaml, 0600);
        int status = shell_run(dir, words, where, &said);
        char *text = file_read(out, NULL);
        if (status != rows[i].status ||
            (strstr(text, rows[i].words) == NULL && strstr(said, rows[i].words) == NULL)) {
            fail_msg("%s: %d\n%s%s", rows[i].what, status, text, said);
        }
        free(text);
        free(words);
        free(where);
        free(out);
        free(said);
    }
}

// A simulator whose clock is `ahead` of ours and that holds one Certificate with so many days left by our clock.
struct skewed {
    struct apisim *sim;
    char *config;
};

static void skewed_open_by(struct skewed *s, int ahead_seconds, int left_days)
{
    struct err err = {0};
    struct apisim_options options = {.date_skew = ahead_seconds};
    s->sim = apisim_start(&options, &err);
    assert_non_null(s->sim);
    s->config = xasprintf("%s/config", dir);
    assert_true(apisim_write_kubeconfig(s->sim, s->config, "admin", &err));
    char *text = xasprintf(
        "{\"apiVersion\":\"cert-manager.io/v1\",\"kind\":\"Certificate\",\"metadata\":{\"name\":"
        "\"x\",\"namespace\":\"a\"},\"spec\":{\"secretName\":\"x\",\"dnsNames\":[\"x.example.com\"]"
        ","
        "\"issuerRef\":{\"name\":\"i\"}},\"status\":{\"revision\":1,\"notBefore\":\"@-60d\","
        "\"notAfter\":\"@+%dd1h\",\"renewalTime\":\"@+%dd1h\",\"conditions\":[{\"type\":\"Ready\","
        "\"status\":\"True\",\"reason\":\"Ready\",\"message\":\"ok\"}]}}",
        left_days, left_days);
    if (apisim_apply(s->sim, text, &err) == 0) {
        fail_msg("%s", err.msg);
    }
    free(text);
}

static void skewed_open(struct skewed *s, int ahead_days, int left_days)
{
    skewed_open_by(s, ahead_days * 86400, left_days);
}

static void skewed_close(struct skewed *s)
{
    apisim_stop(s->sim);
    free(s->config);
}

// What ends soon is judged by the API server's clock: ours may be off.
static void the_server_s_clock_decides_what_ends_soon(void **state)
{
    (void)state;
    static const struct {
        int ahead, left;
        const char *within;
        bool found;
        const char *expires; // as the row says
    } rows[] = {
        {0, 12, "8d", false, "12d"}, {5, 12, "8d", true, "7d"},    {0, 6, "8d", true, "6d"},
        {-5, 6, "8d", false, "11d"}, {13, 12, "1d", true, "-23h"}, {-20000, 12, "8d", false, "54y"},
    };
    char *out = xasprintf("%s/out", dir), *where = xasprintf(">%s", out), *said;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct skewed s;
        skewed_open(&s, rows[i].ahead, rows[i].left);
        char *words = xasprintf("check --server-clock --kubeconfig %s --expiring %s", s.config,
                                rows[i].within);
        (void)shell_run(dir, words, where, &said);
        char *text = file_read(out, NULL);
        if ((strstr(text, "GT0211") != NULL) != rows[i].found) {
            fail_msg("%d days ahead, %d left: %s%s", rows[i].ahead, rows[i].left, text, said);
        }
        free(text);
        free(said);
        free(words);
        words = xasprintf("certificates --once --server-clock --kubeconfig %s", s.config);
        assert_int_equal(shell_run(dir, words, where, &said), 0);
        text = file_read(out, NULL);
        if (strstr(text, rows[i].expires) == NULL) {
            fail_msg("%d days ahead, %d left, no '%s': %s%s", rows[i].ahead, rows[i].left,
                     rows[i].expires, text, said);
        }
        free(text);
        free(said);
        free(words);
        skewed_close(&s);
    }
    free(where);
    free(out);
}

// A server's clock that is off is reported; one that is more than a day off is not believed
// (docs/rules/kubernetes-client.md#clock-skew).
static void a_clock_that_is_off_is_said(void **state)
{
    (void)state;
    static const struct {
        int seconds;
        const char *says, *expires;
    } rows[] = {
        {0, "", "12d"},
        {30, "", "12d"},
        {7300, "gatetop: the server's clock is 121m ahead\n", "11d"},
        {-7300, "gatetop: the server's clock is 121m behind\n", "12d"},
        {13 * 86400,
         "gatetop: the server's clock is 13d ahead and not believed without --server-clock\n",
         "12d"},
        {-20000 * 86400, " behind and not believed without --server-clock\n", "12d"},
    };
    char *out = xasprintf("%s/out", dir), *where = xasprintf(">%s", out), *said;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct skewed s;
        skewed_open_by(&s, rows[i].seconds, 12);
        char *words = xasprintf("get certificates -o json --kubeconfig %s", s.config);
        assert_int_equal(shell_run(dir, words, where, &said), 0);
        char *text = file_read(out, NULL);
        assert_int_equal(strstr(text, "clockSkewSeconds") != NULL, rows[i].says[0] != '\0');
        if (rows[i].says[0] == '\0') {
            assert_string_equal(said, "");
        } else if (strstr(said, rows[i].says) == NULL) {
            fail_msg("%d s: %s", rows[i].seconds, said);
        }
        free(text);
        free(said);
        free(words);
        words = xasprintf("certificates --once --kubeconfig %s", s.config);
        assert_int_equal(shell_run(dir, words, where, &said), 0);
        text = file_read(out, NULL);
        if (strstr(text, rows[i].expires) == NULL ||
            (strstr(text, "clock") != NULL) != (rows[i].says[0] != '\0')) {
            fail_msg("%d s, no '%s': %s%s", rows[i].seconds, rows[i].expires, text, said);
        }
        free(text);
        free(said);
        free(words);
        skewed_close(&s);
    }
    free(where);
    free(out);
}

// Certificates that may not be read could all end tomorrow.
static void unreadable_certificates_are_no_success(void **state)
{
    (void)state;
    struct skewed s;
    char *said;
    skewed_open(&s, 0, 80);
    assert_true(apisim_user_rule(s.sim, "admin", "deny * certificates.cert-manager.io"));
    char *words = xasprintf("check --kubeconfig %s --expiring 14d", s.config);
    assert_int_equal(shell_run(dir, words, ">/dev/null", &said), 3);
    assert_non_null(strstr(said, "certificates: "));
    free(said);
    apisim_user_clear_rules(s.sim, "admin");
    assert_int_not_equal(shell_run(dir, words, ">/dev/null", &said), 3);
    free(said);
    assert_true(apisim_crd(s.sim, "cert-manager.io", false)); // none is there: none ends
    assert_int_equal(shell_run(dir, words, ">/dev/null", &said), 0);
    free(said);
    free(words);
    skewed_close(&s);
}

int main(void)
{
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_expiring_has_an_exit_status),
        cmocka_unit_test(the_server_s_clock_decides_what_ends_soon),
        cmocka_unit_test(a_clock_that_is_off_is_said),
        cmocka_unit_test(unreadable_certificates_are_no_success),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
