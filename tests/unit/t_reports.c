// SPDX-License-Identifier: Apache-2.0
// Reduced public reports (tests/fixtures/corpus/reports): what any right answer contains. Their judge runs here over
// all cases and guards. A case that is not answered yet stands in a list below: it fails the test where it passes
// unexpectedly.
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/support/corpus.h"
#include "tests/support/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *const istio_open[] = {
    NULL,
};
static const char *const certs_open[] = {
    NULL,
};
// clang-format on
static const char *const none[] = {NULL};

enum { MOST_CASES = 256 };

struct verdict_of_judge {
    char *failed[MOST_CASES]; // lines "FAIL case: why"
    size_t nfailed;
    int passed, all;
};

// Both as seen from the reports of the corpus.
static struct verdict_of_judge judge(const char *table, const char *folder)
{
    struct verdict_of_judge v = {.nfailed = 0};
    char *program = shell_built("gatetop");
    char *line =
        xasprintf("cd '%s/reports' && PYTHONDONTWRITEBYTECODE=1 python3 judge_cases.py %s %s '%s'",
                  corpus_dir(), table, folder, program);
    free(program);
    FILE *f = popen(line, "r");
    free(line);
    assert_non_null(f);
    char text[1024];
    while (fgets(text, sizeof text, f) != NULL) {
        text[strcspn(text, "\n")] = '\0';
        if (str_starts(text, "FAIL ")) {
            assert_true(v.nfailed < MOST_CASES);
            v.failed[v.nfailed++] = xstrdup(text);
        } else {
            assert_int_equal(sscanf(text, "cases %d/%d", &v.passed, &v.all), 2);
        }
    }
    int status = pclose(f);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    assert_true(v.all > 0);
    return v;
}

static bool is_about(const char *line, const char *name)
{
    const char *at = line + strlen("FAIL ");
    size_t n = strlen(name);
    return strncmp(at, name, n) == 0 && at[n] == ':';
}

static void run(const char *table, const char *folder, const char *const *open)
{
    struct verdict_of_judge v = judge(table, folder);
    int wrong = 0;
    for (size_t i = 0; i < v.nfailed; i++) {
        bool known = false;
        for (size_t k = 0; open[k] != NULL; k++) {
            known = known || is_about(v.failed[i], open[k]);
        }
        if (!known) {
            print_error("%s\n", v.failed[i]);
            wrong++;
        }
    }
    for (size_t k = 0; open[k] != NULL; k++) {
        bool fails = false;
        for (size_t i = 0; i < v.nfailed; i++) {
            fails = fails || is_about(v.failed[i], open[k]);
        }
        if (!fails) {
            print_error("%s passes now: take it out of the list in t_reports.c\n", open[k]);
            wrong++;
        }
    }
    printf("# %s: %d of %d\n", table, v.passed, v.all);
    for (size_t i = 0; i < v.nfailed; i++) {
        free(v.failed[i]);
    }
    assert_int_equal(wrong, 0);
}

static void istio(void **state)
{
    (void)state;
    run("istio.json", "istio", istio_open);
}

static void istio_guards(void **state)
{
    (void)state;
    run("guards-istio.json", "guards", none);
}

// Cases of our own of the same kinds, which the rules were tried on: other fields, commands and spellings.
static void istio_siblings(void **state)
{
    (void)state;
    run("../../siblings/istio.json", "../../siblings/istio", none);
}

static void certs(void **state)
{
    (void)state;
    run("certs.json", "certs", certs_open);
}

static void certs_guards(void **state)
{
    (void)state;
    run("guards-certs.json", "guards-certs", none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(istio), cmocka_unit_test(istio_guards), cmocka_unit_test(istio_siblings),
        cmocka_unit_test(certs), cmocka_unit_test(certs_guards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
