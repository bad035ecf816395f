// SPDX-License-Identifier: Apache-2.0
// Users who may read some namespaces only, or nothing (docs/rules/kubernetes-client.md#namespaces-only).
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/support/shell.h"
#include "tests/support/subcommand.h"
#include "tests/support/tempdir.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static char *dir; // of this test program

static void rights(struct apisim *sim, const char *const *rules)
{
    apisim_user(sim, "some", "some-token");
    apisim_user_clear_rules(sim, "some");
    for (; *rules != NULL; rules++) {
        assert_true(apisim_user_rule(sim, "some", *rules));
    }
    assert_true(apisim_user_rule(sim, "some", "deny * *"));
}

static struct apisim *serve_three(const struct apisim_options *o)
{
    struct err err;
    struct apisim *sim = subcommand_server(o);
    for (int ns = 'a'; ns <= 'c'; ns++) {
        char *text = xasprintf(
            "{\"apiVersion\":\"cert-manager.io/v1\",\"kind\":\"Certificate\",\"metadata\":{"
            "\"name\":\"in-%c\",\"namespace\":\"%c\"},\"spec\":{\"secretName\":\"x\","
            "\"dnsNames\":[\"x.example.com\"],\"issuerRef\":{\"name\":\"i\"}}}",
            ns, ns);
        assert_true(apisim_apply(sim, text, &err) > 0);
        free(text);
        text = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{"
                         "\"name\":\"%c\"}}",
                         ns);
        assert_true(apisim_apply(sim, text, &err) > 0);
        free(text);
    }
    return sim;
}

// The refusal of all namespaces may come at any moment, before or after the others.
static void who_may_read_some_namespaces_reads_those(void **state)
{
    (void)state;
    static const struct {
        const char *const rules[6];
        const char *words;
        int status;
        const char *out, *not_out;
    } cases[] = {
        {{"allow * * a", "allow list clusterissuers", NULL},
         "get certificates -n a",
         0,
         "in-a",
         "in-b"},
        {{"allow * * a", NULL}, "get certificates -n b", 3, "", "in-b"},
        {{"allow * * a", "allow list namespaces", "allow list clusterissuers", NULL},
         "get certificates -n a",
         0,
         "in-a",
         "in-b"},
        {{"allow * * a", "allow * * b", "allow list namespaces", NULL},
         "get certificates -A",
         5,
         "in-b",
         "in-c"},
        {{"allow * * c", "allow list namespaces", NULL}, "get certificates", 5, "in-c", "in-a"},
    };
    for (int h1 = 0; h1 < 2; h1++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            for (int late = 0; late < 3; late++) {
                struct apisim *sim = serve_three(
                    &(struct apisim_options){.transport = h1 ? APISIM_H1_TLS : APISIM_H2_TLS});
                rights(sim, cases[i].rules);
                if (late == 1) {
                    subcommand_fault(
                        sim, "delay=150 verb=list path=/apis/cert-manager.io/v1/certificates");
                } else if (late == 2) {
                    subcommand_fault(sim, "delay=150 verb=list resource=namespaces");
                }
                struct said s = subcommand_run(sim, dir, "some", cases[i].words);
                if (s.status != cases[i].status || strstr(s.out, cases[i].out) == NULL ||
                    strstr(s.out, cases[i].not_out) != NULL) {
                    fail_msg("%s (case %zu, %d, %d): %d, %.500s%.900s", cases[i].words, i, h1, late,
                             s.status, s.out, s.err);
                }
                if (s.ms > 4000) {
                    fail_msg("%s (case %zu, %d, %d): %lld ms, %.900s", cases[i].words, i, h1, late,
                             (long long)s.ms, s.err);
                }
                said_free(&s);
                apisim_stop(sim);
            }
        }
    }
}

// Which of the Certificates in-a, in-b and in-c are there after this line of changes: a bit each.
static unsigned rows_after(unsigned rows, const char *line)
{
    for (unsigned i = 0; i < 3; i++) {
        const char name[] = {'i', 'n', '-', (char)('a' + i), ',', '\0'};
        if (strstr(line, name) != NULL) {
            rows = strncmp(line, "DELETED", 7) == 0 ? rows & ~(1U << i) : rows | 1U << i;
        }
    }
    return rows;
}

// In the middle of a session (docs/rules/kubernetes-client.md#forbidden).
static void a_right_that_is_taken_away_takes_its_rows(void **state)
{
    (void)state;
    struct err err;
    struct apisim *sim = serve_three(NULL);
    rights(sim, (const char *const[]){"allow * *", NULL});
    char *config = xasprintf("%s/watch.config", dir), line[4096];
    assert_true(apisim_write_kubeconfig(sim, config, "some", &err));
    char *command = xasprintf("exec %s get certificates -w -o csv --kubeconfig %s 2>/dev/null",
                              strchr(shell_program(), '\''), config);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    unsigned rows = 0;
    while (rows != 7) {
        assert_non_null(fgets(line, sizeof line, f));
        rows = rows_after(rows, line);
    }
    int64_t begin = clock_mono_ms();
    rights(sim, (const char *const[]){"allow * * a", "allow list namespaces", NULL});
    apisim_end_watches(sim, NULL);
    while (rows != 1) {
        assert_non_null(fgets(line, sizeof line, f));
        rows = rows_after(rows, line);
    }
    assert_true(clock_mono_ms() - begin < 20000);
    apisim_stop(sim);
    pclose(f);
    free(command);
    free(config);
}

// docs/rules/kubernetes-client.md#plain-http
static void what_is_not_sent_is_named(void **state)
{
    (void)state;
    static const char *const words[] = {"get gateways", "auth", "get gateways -w"};
    struct apisim *sim = subcommand_server(&(struct apisim_options){.transport = APISIM_H1_PLAIN});
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct said s = subcommand_run(sim, dir, "admin", words[i]);
        assert_int_equal(s.status, 3); // nobody may read
        said_has(&s, s.err, "plain http, no credentials are sent (token)");
        said_free(&s);
    }
    apisim_stop(sim);
}

int main(void)
{
    dir = tempdir_new();
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_read_some_namespaces_reads_those),
        cmocka_unit_test(a_right_that_is_taken_away_takes_its_rows),
        cmocka_unit_test(what_is_not_sent_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
