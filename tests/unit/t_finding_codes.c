// SPDX-License-Identifier: Apache-2.0
// The table of finding codes: its order and texts, and that it holds exactly the codes that the sources use.
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/mesh/check/finding_codes.h"

#include "tests/support/world.h"

#include <ctype.h>
#include <glob.h>
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
        if (!isdigit((unsigned char)s[1 + head + i])) {
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

// Run from the root of the tree, as tests/run does.
static void sources(void **state)
{
    (void)state;
    static const char *const patterns[] = {"kube/*/*.[ch]", "kube/mesh/*/*.[ch]", "views/*.[ch]",
                                           "views/*/*.[ch]", "tui/*/*.[ch]"};
    int *used = calloc(finding_code_count, sizeof *used);
    int bad = 0;
    size_t files = 0;
    for (size_t i = 0; i < ARRAY_COUNT(patterns); i++) {
        glob_t found;
        if (glob(patterns[i], 0, NULL, &found) != 0) {
            continue;
        }
        for (size_t j = 0; j < found.gl_pathc; j++) {
            if (strcmp(found.gl_pathv[j], "kube/mesh/check/finding_codes.c") != 0) {
                char *text = world_read_file(found.gl_pathv[j]);
                bad += count_codes(found.gl_pathv[j], text, used);
                free(text);
                files++;
            }
        }
        globfree(&found);
    }
    for (size_t i = 0; i < finding_code_count; i++) {
        if (used[i] == 0) {
            print_error("no source uses %s\n", finding_codes[i].code);
            bad++;
        }
    }
    free(used);
    assert_true(files > 100);
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
