// SPDX-License-Identifier: Apache-2.0
// The table of finding codes: its order and texts, and that it holds exactly the codes that the sources use.
#include "kube/base/ascii.h"
#include "kube/base/str.h"

#include "kube/mesh/check/finding_codes.h"

#include "tests/support/sources.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < finding_code_count; i++) {
        const struct finding_code *c = &finding_codes[i];
        assert_ptr_equal(finding_code_find(c->code), c);
        assert_true(c->title[0] != '\0' && c->title[strlen(c->title) - 1] != '.');
        assert_true(c->text[strlen(c->text) - 1] == '.');
        bool istio = str_starts(c->code, "IST");
        assert_true(istio || str_starts(c->code, "GT"));
        assert_int_equal(strlen(c->code), istio ? 7 : 6);
        if (i > 0 && istio == str_starts(finding_codes[i - 1].code, "IST")) {
            assert_true(strcmp(finding_codes[i - 1].code, c->code) < 0);
        }
    }
    assert_true(str_starts(finding_codes[0].code, "IST"));
    assert_null(finding_code_find("IST9999"));
    assert_string_equal(finding_istio_code("IST0101"), "IST0101");
    assert_null(finding_istio_code("GT0101"));
}

// Is `s` a quoted code, "IST0101" or "GT0101" with its quotes? Writes it to code.
static bool quoted_code(const char *s, char code[static 8])
{
    size_t head = strncmp(s, "\"IST", 4) == 0 ? 3 : strncmp(s, "\"GT", 3) == 0 ? 2 : 0;
    for (size_t i = 0; head > 0 && i < 4; i++) {
        if (!ascii_digit(s[1 + head + i])) {
            return false;
        }
    }
    if (head == 0 || s[1 + head + 4] != '"') {
        return false;
    }
    memcpy(code, s + 1, head + 4);
    code[head + 4] = '\0';
    return true;
}

// Counts in used[] which codes of the table the text has; returns how many of its codes the table does not have.
static int count_codes(const char *path, const char *text, int *used)
{
    int unknown = 0;
    for (const char *p = strchr(text, '"'); p != NULL; p = strchr(p + 1, '"')) {
        char code[8];
        if (!quoted_code(p, code)) {
            continue;
        }
        const struct finding_code *c = finding_code_find(code);
        if (c == NULL) {
            print_error("%s uses %s, which is not in finding_codes.c\n", path, code);
            unknown++;
        } else {
            used[c - finding_codes]++;
        }
    }
    return unknown;
}

struct uses {
    int *of; // by code
    int unknown;
};

static void see(void *self, const char *path, const char *text)
{
    struct uses *u = self;
    if (strcmp(path, "kube/mesh/check/finding_codes.c") != 0) {
        u->unknown += count_codes(path, text, u->of);
    }
}

static void sources(void **state)
{
    (void)state;
    int *used = calloc(finding_code_count, sizeof *used);
    struct uses u = {used, 0};
    sources_each(NULL, see, &u);
    int bad = u.unknown;
    for (size_t i = 0; i < finding_code_count; i++) {
        if (used[i] == 0) {
            print_error("no source uses %s\n", finding_codes[i].code);
            bad++;
        }
    }
    free(used);
    assert_int_equal(bad, 0);
}

// The search itself, on texts that are right and wrong.
static void search(void **state)
{
    (void)state;
    int *used = calloc(finding_code_count, sizeof *used);
    const char text[] =
        "add(c, \"GT0101\"); say(\"GT01012\"); // \"IST010\" GT0102 \"gt0103\" \"IST0101\"";
    assert_int_equal(count_codes("a.c", text, used), 0);
    int total = 0;
    for (size_t i = 0; i < finding_code_count; i++) {
        total += used[i];
    }
    assert_int_equal(total, 2);
    assert_int_equal(used[finding_code_find("GT0101") - finding_codes], 1);
    assert_int_equal(used[finding_code_find("IST0101") - finding_codes], 1);
    assert_int_equal(count_codes("a.c", "\"GT9999\" \"IST9999\"", used), 2);
    free(used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(sources),
        cmocka_unit_test(search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
