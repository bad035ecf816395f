// SPDX-License-Identifier: Apache-2.0
// What kube/base has one piece for is not made by hand elsewhere: no source line does it another way.
#include <glob.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct rule {
    const char *pattern; // an extended regular expression; comments are not looked at
    const char *files;   // that may, separated by blanks
    const char *instead;
    const char *example; // of a line that it finds
};
static const struct rule rules[] = {
    {"(^|[^_a-z])strerror(_r)?\\(", "kube/base/err.c", "errno_text (kube/base/err.h), for any thread",
     "    printf(\"%s\", strerror(errno));"},
    {"(^|[^_a-z])(malloc|calloc|realloc|strdup|strndup|v?asprintf)\\(", "kube/base/mem.c kube/base/os.c kube/base/secret.c",
     "xmalloc and its kin (kube/base/mem.h)", "    char *p = malloc(n);"},
    {"(^|[^_a-z])xrealloc(array)?\\(", "kube/base/mem.c kube/base/mem.h kube/base/array.c kube/base/buf.c kube/base/pmap.c "
     "kube/probe/probe_queue.c", "ARRAY_PUSH or ARENA_PUSH (kube/base/array.h)",
     "        at = xrealloc(at, (n + 1) * sizeof *at);"},
    {"(^|[^_a-z])(ato(i|l|ll)|strto(l|ll))\\(", "kube/mesh/core/label_selector.c", // as strconv.ParseInt: with a sign
     "number_parse (kube/base/number.h), which has a bound", "    int n = atoi(text);"},
    {"(strlen\\([^()]*\\) == [a-z_]+|[a-z_]+ == strlen\\([^()]*\\)) && (mem|strn)cmp\\(",
     "kube/base/str.c", "str_is (kube/base/str.h)", "    if (strlen(word) == n && memcmp(word, s, n) == 0) {"},
    {"strncmp\\([^,]*, \"[^\"]*\", [0-9]+\\)", "kube/base/str.c", "str_starts (kube/base/str.h), which counts itself",
     "    if (strncmp(host, \"*.\", 2) == 0) {"},
    {"data != NULL \\?", "kube/base/buf.c", "the text as it is: that of a buffer is never NULL (kube/base/buf.h)",
     "    puts(b.data != NULL ? b.data : \"\");"},
    {"\\*\\)\\(uintptr_t\\)", "kube/base/mem.h", "unconst (kube/base/mem.h)", "    free((char *)(uintptr_t)name);"},
    {"%%%02[xX]", "kube/base/percent.c", "percent_encode or percent_add (kube/base/percent.h)",
     "        buf_addf(&b, \"%%%02X\", c);"},
    {"(^|[^_a-z])abort\\(", "kube/base/fail.c", "BUG or ASSERT (kube/base/fail.h)", "        abort();"},
};
// clang-format on

#define COUNT (sizeof rules / sizeof *rules)

static regex_t compiled[COUNT];

static int may(const struct rule *r, const char *path)
{
    const char *at = strstr(r->files, path);
    return at != NULL && strchr(" ", at[strlen(path)]) != NULL;
}

// The rule that the line of the file breaks, or NULL.
static const struct rule *broken(const char *path, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *comment = strstr(line, "//");
    if (comment != NULL) {
        *comment = '\0';
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (!may(&rules[i], path) && regexec(&compiled[i], line, 0, NULL, 0) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

static void tree(void **state)
{
    (void)state;
    static const char *const patterns[] = {"kube/*/*.[ch]", "kube/*/*/*.[ch]", "views/*.[ch]",
                                           "tui/*.[ch]", "tui/*/*.[ch]"};
    size_t files = 0, wrong = 0;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        glob_t found;
        if (glob(patterns[i], 0, NULL, &found) != 0) {
            continue;
        }
        for (size_t j = 0; j < found.gl_pathc; j++, files++) {
            FILE *f = fopen(found.gl_pathv[j], "r");
            assert_non_null(f);
            char line[1024];
            for (int n = 1; fgets(line, sizeof line, f) != NULL; n++) {
                const struct rule *r = broken(found.gl_pathv[j], line);
                if (r != NULL) {
                    print_error("%s:%d: use %s\n", found.gl_pathv[j], n, r->instead);
                    wrong++;
                }
            }
            fclose(f);
        }
        globfree(&found);
    }
    assert_true(files > 100);
    assert_int_equal(wrong, 0);
}

static void each_rule_finds_its_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        char line[256];
        snprintf(line, sizeof line, "%s", rules[i].example);
        assert_ptr_equal(broken("views/view.c", line), &rules[i]);
        snprintf(line, sizeof line, "// %s", rules[i].example);
        assert_null(broken("views/view.c", line));
        snprintf(line, sizeof line, "%s", rules[i].example);
        char path[64];
        snprintf(path, sizeof path, "%.*s", (int)strcspn(rules[i].files, " "), rules[i].files);
        assert_null(broken(path, line));
    }
}

static int compile(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        if (regcomp(&compiled[i], rules[i].pattern, REG_EXTENDED | REG_NOSUB) != 0) {
            return -1;
        }
    }
    return 0;
}

static int release(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        regfree(&compiled[i]);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree),
        cmocka_unit_test(each_rule_finds_its_example),
    };
    return cmocka_run_group_tests(tests, compile, release);
}
