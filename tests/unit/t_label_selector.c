// SPDX-License-Identifier: Apache-2.0
// Label selectors as Kubernetes reads them.
#include "kube/base/arena.h"

#include "kube/mesh/core/label_selector.h"

#include <stdio.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct str_pair pairs[] = {{"app", "web"}, {"tier", "a"}, {"empty", ""}, {"n", "12"}, {"example.org/x", "y.z"}};
static const struct str_map labels = {pairs, sizeof pairs / sizeof *pairs};

// y: matches, n: does not, !: is refused.
static const struct { const char *text; char answer; } rows[] = {
    {"", 'y'}, {"  ", 'y'},
    {"app=web", 'y'}, {"app==web", 'y'}, {" app = web ", 'y'}, {"app=shop", 'n'}, {"gone=web", 'n'},
    {"app!=shop", 'y'}, {"app!=web", 'n'}, {"gone!=web", 'y'},
    {"app", 'y'}, {"gone", 'n'}, {"!gone", 'y'}, {"! app", 'n'},
    {"app in (shop, web)", 'y'}, {"app in(shop)", 'n'}, {"gone in (web)", 'n'},
    {"app notin (shop,web)", 'n'}, {"app notin (shop)", 'y'}, {"gone notin (web)", 'y'},
    {"empty=", 'y'}, {"app=", 'n'}, {"empty in (,x)", 'y'}, {"empty in ()", 'y'}, {"empty!=", 'n'},
    {"n>11", 'y'}, {"n > 12", 'n'}, {"n<13", 'y'}, {"app>1", 'n'}, {"gone<1", 'n'},
    {"example.org/x=y.z", 'y'}, {"example.org/x,app=web,!gone,tier in (a,b)", 'y'}, {"app=web,tier=b", 'n'},
    {"app=web,", '!'}, {",app", '!'}, {"app=web tier=a", '!'}, {"app in web", '!'}, {"app in (web", '!'},
    {"app like web", '!'}, {"=web", '!'}, {"app=-web", '!'}, {"app=web!", '!'}, {"app>x", '!'}, {"app>", '!'},
    {"/x=y", '!'}, {"a/b/c", '!'}, {"x/", '!'}, {"!app=web", '!'}, {"(app)", '!'}, {"app=w\xc3\xa4" "b", '!'},
    {"n>99999999999999999999", '!'},
};
// clang-format on

static void test_rows(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a;
        struct label_selector s;
        const char *why = NULL;
        arena_init(&a);
        bool read = label_selector_parse(&a, rows[i].text, &s, &why);
        char answer = !read ? '!' : label_selector_matches(&s, &labels) ? 'y' : 'n';
        if (answer != rows[i].answer || read != (why == NULL)) {
            printf("\"%s\": %c, not %c (%s)\n", rows[i].text, answer, rows[i].answer,
                   why != NULL ? why : "-");
            bad++;
        }
        arena_release(&a);
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
