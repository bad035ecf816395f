// SPDX-License-Identifier: Apache-2.0
// What the tree has one piece for is not made by hand elsewhere: no source line does it another way.
#include "tests/support/sources.h"

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
     "kube/probe/probe_queue.c kube/mesh/chain/dependents.c", "ARRAY_PUSH or ARENA_PUSH (kube/base/array.h)",
     "        at = xrealloc(at, (n + 1) * sizeof *at);"},
    {"(^|[^_a-z])(ato(i|l|ll)|strto(l|ll))\\(", "kube/mesh/core/label_selector.c", // as strconv.ParseInt: with a sign
     "number_parse (kube/base/number.h), which has a bound", "    int n = atoi(text);"},
    {"(strlen\\([^()]*\\) == [a-z_]+|[a-z_]+ == strlen\\([^()]*\\)) && (mem|strn)cmp\\(",
     "kube/base/str.h", "str_is (kube/base/str.h)", "    if (strlen(word) == n && memcmp(word, s, n) == 0) {"},
    {"strncmp\\([^,]*, \"[^\"]*\", [0-9]+\\)", "kube/base/str.c", "str_starts (kube/base/str.h), which counts itself",
     "    if (strncmp(host, \"*.\", 2) == 0) {"},
    {"data != NULL \\?", "kube/base/buf.c", "the text as it is: that of a buffer is never NULL (kube/base/buf.h)",
     "    if (b.data != NULL ? b.data[0] : 0) {"},
    {"\\*\\)\\(uintptr_t\\)", "kube/base/mem.h", "unconst (kube/base/mem.h)", "    free((char *)(uintptr_t)name);"},
    {"%%%02[xX]", "kube/base/percent.c", "percent_encode or percent_add (kube/base/percent.h)",
     "        buf_addf(&b, \"%%%02X\", c);"},
    {"(^|[^_a-z])(is(alnum|alpha|digit|space|upper|lower|xdigit)|to(lower|upper)|strn?casecmp)\\(|"
     ">= '[A0]' && [^|]*<= '[Z9]'", "kube/base/ascii.h kube/base/base64.c",
     "kube/base/ascii.h, str_casecmp or str_same_case: the locale decides nothing", "    if (c >= '0' && c <= '9') {"},
    {"([a-z>.-]+) != NULL \\? \\1 : \"\"", "kube/base/str.h", "str_or_empty (kube/base/str.h)",
     "    puts(name != NULL ? name : \"\");"},
    {"(^|[^_a-z])(clear|wclear|redrawwin|wrefresh|refresh|initscr) ?\\(", "kube/mesh/chain/app_updater.c",
     "the grid (tui/screen/grid.h): this repaints the whole screen", "        clear();"},
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

static void see(void *self, const char *path, const char *text)
{
    struct report *report = self;
    char line[1024];
    for (int n = 1; *text != '\0'; n++) {
        size_t len = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)len, text);
        const struct rule *r = broken(path, line);
        if (r != NULL) {
            report_add(report, path, n, "use %s", r->instead);
        }
        text += len + (text[len] == '\n');
    }
}

static void tree(void **state)
{
    (void)state;
    struct report report;
    report_init(&report);
    sources_each(NULL, see, &report);
    report_end(&report);
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
