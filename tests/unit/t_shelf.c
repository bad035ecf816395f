// SPDX-License-Identifier: Apache-2.0
// What has one function in the tree is not done by hand elsewhere; no tag or public function has the name of another;
// each public function has a comment.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

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
    {"(^|[^_a-z])(ato(i|l|ll|f)|strto(l|ul|ll|ull|imax|umax|f|d|ld)|v?[fs]?scanf)\\(",
     "kube/base/number.c kube/base/yaml_scalar_json.c", // strtof: keys are 32 bits in Go
     "number_parse and its kin (kube/base/number.h), which have a bound", "    int n = atoi(text);"},
    {"(^|[^_a-z])inet_(pton|ntop|aton|ntoa|addr)\\(", "kube/base/ip_network.c",
     "ip_network_of_address and its kin (kube/base/ip_network.h)", "    if (inet_pton(AF_INET, s, out) == 1) {"},
    {"(^|[^_a-z])(localtime(_r)?|tzset|mktime)\\(", "kube/base/clock.c",
     "clock_local_text (kube/base/clock.h), which alone sees the time zone", "    localtime_r(&t, &tm);"},
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

static regex_t compiled[ARRAY_COUNT(rules)];

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
    for (size_t i = 0; i < ARRAY_COUNT(rules); i++) {
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
    for (size_t i = 0; i < ARRAY_COUNT(rules); i++) {
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

// --- what is declared: its names, and its comments

// The name of a struct, union or enumeration, and that of a function, in the line that declares it: a group of each.
#define TAG "^ *(static )?(const )?(struct|union|enum) ([a-z0-9_]+) \\{"
#define FUNCTION "^([a-z][a-z0-9_ *]*[ *])?([a-z0-9_]+)\\("
enum { TAG_GROUP = 4, FUNCTION_GROUP = 2, GROUPS = 5 };

static regex_t tag, function;

struct names {
    struct arena arena;
    struct string_map names;     // of tags and public functions: where the first of a name is
    struct string_map functions; // the same of public functions alone
    struct report report;
};

static void names_open(struct names *n)
{
    arena_init(&n->arena);
    string_map_init(&n->names, &n->arena);
    string_map_init(&n->functions, &n->arena);
    report_init(&n->report);
}

// The name that the line declares, in the arena; NULL: none.
static const char *declared(struct arena *a, const regex_t *re, size_t group, const char *line)
{
    regmatch_t m[GROUPS];
    char *copy = arena_strndup(a, line, strcspn(line, "\n"));
    bool found = regexec(re, copy, ARRAY_COUNT(m), m, 0) == 0 && !str_starts(line, "typedef ");
    return found
               ? arena_strndup(a, line + m[group].rm_so, (size_t)(m[group].rm_eo - m[group].rm_so))
               : NULL;
}

static const char *line_after(const char *line)
{
    size_t n = strcspn(line, "\n");
    return line + n + (line[n] == '\n');
}

// Notes where a name is, and returns that; one that is known is reported.
static const char *note(struct names *n, const char *name, const char *path, int line)
{
    const char *before = string_map_get(&n->names, name);
    const char *at = arena_printf(&n->arena, "%s:%d", path, line);
    if (before != NULL) {
        report_add(&n->report, path, line, "'%s' is also a name of %s", name, before);
    } else {
        string_map_put(&n->names, name, at);
    }
    return at;
}

static void see_names(void *self, const char *path, const char *text)
{
    struct names *n = self;
    int number = 1;
    for (const char *line = text; *line != '\0'; line = line_after(line), number++) {
        const char *name = declared(&n->arena, &tag, TAG_GROUP, line);
        if (name != NULL) {
            (void)note(n, name, path, number);
        }
        name = str_ends(path, ".h") ? declared(&n->arena, &function, FUNCTION_GROUP, line) : NULL;
        if (name != NULL) {
            string_map_put(&n->functions, name, note(n, name, path, number));
        }
    }
}

// After see_names of all files: functions of one file that are called as a public one.
static void see_statics(void *self, const char *path, const char *text)
{
    struct names *n = self;
    int number = 1;
    for (const char *line = text; *line != '\0'; line = line_after(line), number++) {
        const char *name = str_ends(path, ".c") && str_starts(line, "static ")
                               ? declared(&n->arena, &function, FUNCTION_GROUP, line)
                               : NULL;
        const char *before = name != NULL ? string_map_get(&n->functions, name) : NULL;
        if (before != NULL) {
            report_add(&n->report, path, number, "'%s' is also a name of %s", name, before);
        }
    }
}

// Is a comment the line before, or after the declaration that begins in the line?
static bool has_comment(const char *before, const char *line)
{
    const char *end = strpbrk(line, ";{"), *comment = strstr(line, "//");
    return str_starts(before, "//") ||
           (end != NULL && comment != NULL && comment < end + strcspn(end, "\n"));
}

static void see_comments(void *self, const char *path, const char *text)
{
    struct names *n = self;
    int number = 1;
    const char *before = "";
    for (const char *line = text; *line != '\0' && str_ends(path, ".h"); number++) {
        const char *name = declared(&n->arena, &function, FUNCTION_GROUP, line);
        if (name != NULL && !has_comment(before, line)) {
            report_add(&n->report, path, number, "%s has no comment of its own", name);
        }
        bool type =
            ascii_alnum(*line) && line[strcspn(line, "(;{}\n")] == '\n'; // alone in its line
        before = type ? before : line;
        line = line_after(line);
    }
}

static void names_close(struct names *n)
{
    arena_release(&n->arena);
    report_end(&n->report);
}

static void each_name_once(void **state)
{
    (void)state;
    struct names n;
    names_open(&n);
    sources_each(NULL, see_names, &n);
    sources_each(NULL, see_statics, &n);
    assert_true(n.functions.n > 600 && n.names.n > n.functions.n + 300);
    names_close(&n);
}

static void each_function_has_a_comment(void **state)
{
    (void)state;
    struct names n;
    names_open(&n);
    sources_each(NULL, see_comments, &n);
    names_close(&n);
}

// --- width

enum { WIDTH = 120 };

// Bytes of the line, less those that continue a character.
static int columns_of(const char *line, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++) {
        n += ((unsigned char)line[i] & 0xC0) != 0x80;
    }
    return n;
}

// A string may be longer: it is not broken, so that a message is found by its words.
static void see_width(void *self, const char *path, const char *text)
{
    int number = 1;
    for (const char *line = text; *line != '\0'; number++) {
        size_t len = strcspn(line, "\n");
        bool comment = str_starts(line + strspn(line, " "), "//");
        if (columns_of(line, len) > WIDTH && (comment || memchr(line, '"', len) == NULL)) {
            report_add(self, path, number, "wider than %d columns", WIDTH);
        }
        line += len + (line[len] == '\n');
    }
}

static void no_line_is_too_wide(void **state)
{
    (void)state;
    struct report report;
    char text[800];
    report_init(&report);
    (void)snprintf(text, sizeof text, "// %0117d\n// %0118d\nx%0120d\n\"%0200d\n// \"%0117d\n", 0,
                   0, 0, 0, 0);
    see_width(&report, "a.c", text);
    assert_string_equal(report.text.data, "a.c:2: wider than 120 columns\n"
                                          "a.c:3: wider than 120 columns\n"
                                          "a.c:5: wider than 120 columns\n");
    buf_release(&report.text);
    report_init(&report);
    sources_each("tests/*/*.[ch]", see_width, &report);
    report_end(&report);
}

static void bad_declarations(void **state)
{
    (void)state;
    static const struct {
        const char *text,
            *wrong; // the text of views/b.h; part of the one complaint, NULL: there is none
    } t[] = {
        {"struct a;\nstruct c {\n    struct a *a;\n};\n", NULL},
        {"// x\nint b(struct a *a);\nint c(int x,\n      int y); // x\n", NULL},
        {"typedef int f(int x);\n// x\nstatic inline int c(void)\n{\n    return f(1);\n}\n", NULL},
        {"// x\nstruct a *\nlong_name(int x);\n", NULL},
        {"struct a *\nlong_name(int x);\n", "views/b.h:2: long_name has no comment"},
        {"struct a {\n", "views/b.h:1: 'a' is also a name of views/a.c:1"},
        {"\nstruct c {\n    enum a { A } a;\n};\n", "views/b.h:3: 'a' is also a name of"},
        {"// x\nint b(int x);\n// x\nint b(int x);\n",
         "views/b.h:4: 'b' is also a name of views/b.h:2"},
        {"// x\nconst char *own(void);\n", "views/a.c:3: 'own' is also a name of views/b.h:2"},
        {"// x\nstruct a *a(void);\n", "views/b.h:2: 'a' is also a name of views/a.c:1"},
        {"// x\nint b(int x);\nint c(int x);\n", "views/b.h:3: c has no comment"},
        {"int b(int x); // x\nint c(int x);\nint d(int x); // x\n",
         "views/b.h:2: c has no comment"},
        {"// x\n\nint *b(int x);\n", "views/b.h:3: b has no comment"},
    };
    static const char *const a = "struct a {\n};\nstatic int own(void)\n{\n";
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct names n;
        names_open(&n);
        see_names(&n, "views/a.c", a);
        see_names(&n, "views/b.h", t[i].text);
        see_statics(&n, "views/a.c", a);
        see_statics(&n, "views/b.h", t[i].text);
        see_comments(&n, "views/a.c", a);
        see_comments(&n, "views/b.h", t[i].text);
        const char *said = n.report.text.data;
        if (n.report.wrong != (t[i].wrong != NULL) ||
            (t[i].wrong != NULL && strstr(said, t[i].wrong) == NULL)) {
            fail_msg("\"%s\": \"%s\"", t[i].text, said);
        }
        buf_release(&n.report.text);
        arena_release(&n.arena);
    }
}

static int compile(void **state)
{
    (void)state;
    if (regcomp(&tag, TAG, REG_EXTENDED) != 0 || regcomp(&function, FUNCTION, REG_EXTENDED) != 0) {
        return -1;
    }
    for (size_t i = 0; i < ARRAY_COUNT(rules); i++) {
        if (regcomp(&compiled[i], rules[i].pattern, REG_EXTENDED | REG_NOSUB) != 0) {
            return -1;
        }
    }
    return 0;
}

static int release(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rules); i++) {
        regfree(&compiled[i]);
    }
    regfree(&tag);
    regfree(&function);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree),
        cmocka_unit_test(each_rule_finds_its_example),
        cmocka_unit_test(bad_declarations),
        cmocka_unit_test(each_name_once),
        cmocka_unit_test(each_function_has_a_comment),
        cmocka_unit_test(no_line_is_too_wide),
    };
    return cmocka_run_group_tests(tests, compile, release);
}
