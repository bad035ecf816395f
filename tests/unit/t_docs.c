// SPDX-License-Identifier: Apache-2.0
// Compares docs/ARCHITECTURE.md and docs/TOUR.md with the tree: what they name exists, and no room or file is missing.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/support/file.h"
#include "tests/support/sources.h"

#include <ctype.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define ARCHITECTURE "docs/ARCHITECTURE.md"
#define TOUR "docs/TOUR.md"

// All C files, in order of their paths.
struct tree {
    struct arena arena;
    const char **path, **text;
    uint32_t n, path_cap, text_cap;
};

// --- the tree; run from its root, as tests/run does

static void add_file(void *self, const char *path, const char *text)
{
    struct tree *t = self;
    *ARENA_PUSH(&t->arena, t->path, t->n, t->path_cap) = arena_strdup(&t->arena, path);
    t->n--;
    *ARENA_PUSH(&t->arena, t->text, t->n, t->text_cap) = arena_strdup(&t->arena, text);
}

static void tree_open(struct tree *t)
{
    *t = (struct tree){.n = 0};
    arena_init(&t->arena);
    sources_each("tests/*/*.[ch]", add_file, t);
}

static void tree_close(struct tree *t)
{
    arena_release(&t->arena);
}

static bool path_exists(const char *pattern)
{
    glob_t found;
    bool exists = glob(pattern, 0, NULL, &found) == 0;
    if (exists) {
        globfree(&found);
    }
    return exists;
}

static bool file_exists(const struct tree *t, const char *pattern)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if (fnmatch(pattern, strrchr(t->path[i], '/') + 1, 0) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_name(char c)
{
    return ascii_alnum(c) || c == '_';
}

// The next place from `from` on where `word` is a whole word, NULL if there is none.
static const char *find_word(const char *text, const char *from, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = from; (p = strstr(p, word)) != NULL; p++) {
        if ((p == text || !is_name(p[-1])) && !is_name(p[n])) {
            return p;
        }
    }
    return NULL;
}

static bool word_exists(const struct tree *t, const char *word)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if (find_word(t->text[i], t->text[i], word) != NULL) {
            return true;
        }
    }
    return false;
}

// Is it a function's definition? Its line begins in the first column, and a '{' comes before any ';'.
static bool is_definition(const char *text, const char *at, size_t n)
{
    const char *line = at;
    while (line > text && line[-1] != '\n') {
        line--;
    }
    const char *end = strpbrk(at, "{;");
    return line < at && islower((unsigned char)*line) && at[n] == '(' && end != NULL &&
           *end == '{' && end[-1] == '\n';
}

static bool defines(const char *text, const char *name)
{
    for (const char *p = text; (p = find_word(text, p, name)) != NULL; p++) {
        if (is_definition(text, p, strlen(name))) {
            return true;
        }
    }
    return false;
}

// Is the function defined, in the file of that name where one is given?
static bool function_exists(const struct tree *t, const char *file, const char *name)
{
    for (uint32_t i = 0; i < t->n; i++) {
        if ((file == NULL || str_eq(strrchr(t->path[i], '/') + 1, file)) &&
            defines(t->text[i], name)) {
            return true;
        }
    }
    return false;
}

// --- one page

// "NAME" in a path means any name.
static char *as_pattern(struct arena *a, const char *path)
{
    const char *name = strstr(path, "NAME");
    return name == NULL ? arena_strdup(a, path)
                        : arena_printf(a, "%.*s*%s", (int)(name - path), path, name + 4);
}

static void check_function(const struct tree *t, struct arena *a, const char *span,
                           const char *page, int line, struct report *r)
{
    const char *colon = strrchr(span, ':');
    const char *file = colon != NULL ? arena_strndup(a, span, (size_t)(colon - span)) : NULL;
    const char *name = colon != NULL ? colon + 1 : span;
    r->checked++;
    if (!function_exists(t, file, arena_strndup(a, name, strlen(name) - 2))) {
        report_add(r, page, line, "no function '%s'", span);
    }
}

// The text between two backticks. Commands, with blanks or dashes in front, are not looked at.
static void check_span(const struct tree *t, struct arena *a, const char *span, const char *page,
                       int line, struct report *r)
{
    static const char structs[] = "struct ";
    bool is_struct = str_starts(span, structs);
    if (!is_struct && (strchr(span, ' ') != NULL || *span == '-')) {
        return;
    }
    size_t letters =
        strspn(span, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (str_ends(span, "()")) {
        check_function(t, a, span, page, line, r);
        return;
    }
    bool found = true;
    if (is_struct) {
        const char *body = arena_printf(a, "%s {", span);
        found = false;
        for (uint32_t i = 0; i < t->n && !found; i++) {
            found = strstr(t->text[i], body) != NULL;
        }
    } else if (strchr(span, '/') != NULL) {
        found = path_exists(as_pattern(a, span));
    } else if (str_ends(span, ".c") || str_ends(span, ".h")) {
        found = file_exists(t, as_pattern(a, span));
    } else if (span[letters] == '\0' && strchr(span, '_') != NULL &&
               strstr(span, "NAME_") != span) {
        found = word_exists(t, span) || file_exists(t, arena_printf(a, "%s.c", span)); // or a test
    } else {
        return;
    }
    r->checked++;
    if (!found) {
        report_add(r, page, line, "there is no '%s'", span);
    }
}

static void check_spans(const struct tree *t, const char *page, const char *text, struct report *r)
{
    struct arena a;
    arena_init(&a);
    for (const char *p = text; (p = strchr(p, '`')) != NULL;) {
        const char *end = p + 1 + strcspn(p + 1, "`\n");
        if (*end != '`') {
            report_add(r, page, line_of(text, p), "a backtick without its other");
            break;
        }
        check_span(t, &a, arena_strndup(&a, p + 1, (size_t)(end - p - 1)), page, line_of(text, p),
                   r);
        p = end + 1;
    }
    arena_release(&a);
}

// Links to files, which are relative to the page's folder.
static void check_links(const char *page, const char *text, struct report *r)
{
    for (const char *p = text; (p = strstr(p, "](")) != NULL;) {
        p += 2;
        size_t n = strcspn(p, "#)\n");
        if (n == 0 || strncmp(p, "https:", 6) == 0) {
            continue;
        }
        char *path = xasprintf("docs/%.*s", (int)n, p);
        r->checked++;
        if (!path_exists(path)) {
            report_add(r, page, line_of(text, p), "the link leads to no file: %s", path);
        }
        free(path);
    }
}

// --- what is left out

// Is the file in the table of its room: `x.c`, or `x.h` where there is no other?
static bool in_table(const char *table, const char *path)
{
    const char *name = strrchr(path, '/') + 1, *end = strstr(table, "<!-- end -->");
    int stem = (int)strlen(name) - 2;
    char *c = xasprintf("| `%.*s.c` |", stem, name), *h = xasprintf("| `%.*s.h` |", stem, name);
    const char *row = strstr(table, c);
    row = row != NULL ? row : strstr(table, h);
    free(c);
    free(h);
    return row != NULL && end != NULL && row < end;
}

static void check_complete(const struct tree *t, const char *text, struct report *r)
{
    for (uint32_t i = 0; i < t->n; i++) {
        const char *path = t->path[i];
        if (str_starts(path, "tests/")) {
            continue;
        }
        char *mark = xasprintf("<!-- files: %.*s -->", (int)(strrchr(path, '/') - path), path);
        const char *table = strstr(text, mark);
        r->checked++;
        if (table == NULL) {
            report_add(r, ARCHITECTURE, 1, "no table for %s: '%s'", path, mark);
        } else if (!in_table(table, path)) {
            report_add(r, ARCHITECTURE, line_of(text, table), "%s is not named: make docs", path);
        }
        free(mark);
    }
}

// The section says of every mutex whose it is: it names each file that has one.
static void check_mutexes(const struct tree *t, const char *text, struct report *r)
{
    const char *section = strstr(text, "\n## Who owns what\n");
    if (section == NULL) {
        report_add(r, ARCHITECTURE, 1, "no section 'Who owns what'");
        return;
    }
    const char *end = strstr(section + 1, "\n## ");
    for (uint32_t i = 0; i < t->n; i++) {
        if (str_starts(t->path[i], "tests/") || strstr(t->text[i], "pthread_mutex_t ") == NULL) {
            continue;
        }
        char *name = xasprintf("`%s`", strrchr(t->path[i], '/') + 1);
        const char *at = strstr(section, name);
        r->checked++;
        if (at == NULL || (end != NULL && at > end)) {
            report_add(r, ARCHITECTURE, line_of(text, section) + 1,
                       "%s has a mutex and is not named", t->path[i]);
        }
        free(name);
    }
}

typedef void page_check(const struct tree *t, const char *text, struct report *r);

// Runs a check of ARCHITECTURE over the whole tree; it must have looked at more than `least` things.
static void check_architecture(page_check *check, size_t least)
{
    struct tree t;
    tree_open(&t);
    struct report r;
    report_init(&r);
    char *text = file_read(ARCHITECTURE, NULL);
    check(&t, text, &r);
    assert_true(r.checked > least);
    free(text);
    tree_close(&t);
    report_end(&r);
}

static void every_mutex_is_named(void **state)
{
    (void)state;
    check_architecture(check_mutexes, 4);
}

static void pages_name_what_exists(void **state)
{
    (void)state;
    static const char *const pages[] = {ARCHITECTURE, TOUR};
    struct tree t;
    tree_open(&t);
    struct report r;
    report_init(&r);
    for (size_t i = 0; i < ARRAY_COUNT(pages); i++) {
        char *text = file_read(pages[i], NULL);
        check_spans(&t, pages[i], text, &r);
        check_links(pages[i], text, &r);
        free(text);
    }
    printf("# %zu names and links\n", r.checked);
    assert_true(r.checked > 200);
    tree_close(&t);
    report_end(&r);
}

static void every_file_is_named(void **state)
{
    (void)state;
    check_architecture(check_complete, 200);
}

// --- the checks themselves

#define BASE "<!-- files: kube/base -->\n"
#define VIEWS "<!-- files: views -->\n"
#define END "<!-- end -->\n"

static void bad_pages(void **state)
{
    (void)state;
    static const char *const path[] = {"kube/base/a.c", "kube/base/a.h", "views/b.c"};
    static const char *const text[] = {"struct a {\n};\nint a_do(int x)\n{\n    gone(1);\n}\n",
                                       "int a_do(int x);\nint gone(int);\n#define A_MAX 1\n",
                                       "static void b_do(void)\n{\n}\n"};
    struct tree t = {.n = 3};
    const char *p[3], *x[3];
    memcpy(p, path, sizeof p);
    memcpy(x, text, sizeof x);
    t.path = p;
    t.text = x;
    static const struct {
        const char *page, *wrong; // part of the one complaint, NULL: there is none
    } s[] = {
        {"`a.c`, `a.h` and `b.c`; `*.c`, `NAME.c`; `a_do()`, `a.c:a_do()`, `struct a`, `A_MAX`",
         NULL},
        {"`make docs`, `--log`, `word`, `:ctx`, c.c without ticks", NULL},
        {"`kube/base/mem.h` and `kube/base`, `kube/base/`, `docs/rules/NAME.md`", NULL},
        {"one\n`c.c`", "page:2: there is no 'c.c'"},
        {"`b.h`", "there is no 'b.h'"},
        {"`c_*.c`", "there is no 'c_*.c'"},
        {"`kube/base/gone.c`", "no 'kube/base/gone.c'"},
        {"`kube/gone/`", "no 'kube/gone/'"},
        {"`gone()`", "no function 'gone()'"},
        {"`a_d()`", "no function 'a_d()'"},
        {"`b.c:a_do()`", "no function 'b.c:a_do()'"},
        {"`struct b`", "no 'struct b'"},
        {"`A_MA`", "no 'A_MA'"},
        {"`a.c", "without its other"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(s); i++) {
        struct report r;
        report_init(&r);
        check_spans(&t, "page", s[i].page, &r);
        const char *said = r.wrong > 0 ? r.text.data : "";
        if (r.wrong != (s[i].wrong != NULL) ||
            (s[i].wrong != NULL && strstr(said, s[i].wrong) == NULL)) {
            fail_msg("\"%s\": \"%s\"", s[i].page, said);
        }
        buf_release(&r.text);
    }
    struct report r;
    report_init(&r);
    check_links("page", "[a](../README.md) [b](#x) [c](rules/istio.md#y) [d](gone.md)", &r);
    assert_int_equal(r.wrong, 1);
    assert_non_null(strstr(r.text.data, "docs/gone.md"));
    buf_reset(&r.text);
    r.wrong = 0;
    check_complete(&t, BASE "| `a.h` | x |\n" END VIEWS "| `b.c` | x |\n" END, &r);
    assert_int_equal(r.wrong, 0);
    check_complete(&t, BASE "| `a.c` | x |\n| `b.c` | of another room |\n" END VIEWS END, &r);
    assert_int_equal(r.wrong, 1);
    assert_non_null(strstr(r.text.data, ":5: views/b.c is not named"));
    buf_reset(&r.text);
    r.wrong = 0;
    check_complete(&t, BASE "| `a.c` | x |\n" END, &r);
    assert_int_equal(r.wrong, 1);
    assert_non_null(strstr(r.text.data, "no table for views/b.c"));
    buf_release(&r.text);
}

static void mutexes(void **state)
{
    (void)state;
    static const char head[] = "# Page\n\n## Who owns what\n\n";
    static const char *const path[] = {"kube/a.h", "views/b.c", "tests/unit/t_c.c"};
    static const char *const text[] = {"struct a {\n    pthread_mutex_t lock;\n};\n",
                                       "static pthread_mutex_t lock;\n",
                                       "static pthread_mutex_t lock;\n"};
    static const struct {
        const char *page, *wrong; // part of the one complaint, NULL: there is none
    } s[] = {
        {"One, of the file `a.h`, `b.c`.\n\n## Next\n", NULL},
        {"`a.h` and `b.c`", NULL},
        {"`a.h`\n\n## Next\n`b.c`\n", ":3: views/b.c has a mutex"},
        {"a.h and `b.c`", ":3: kube/a.h has a mutex"},
    };
    const char *p[ARRAY_COUNT(path)], *x[ARRAY_COUNT(text)];
    memcpy(p, path, sizeof p);
    memcpy(x, text, sizeof x);
    struct tree t = {.path = p, .text = x, .n = ARRAY_COUNT(path)};
    for (size_t i = 0; i < ARRAY_COUNT(s); i++) {
        struct report r;
        report_init(&r);
        char *page = xasprintf("%s%s", head, s[i].page);
        check_mutexes(&t, page, &r);
        const char *said = r.wrong > 0 ? r.text.data : "";
        if (r.wrong != (s[i].wrong != NULL) ||
            (s[i].wrong != NULL && strstr(said, s[i].wrong) == NULL)) {
            fail_msg("\"%s\": \"%s\"", s[i].page, said);
        }
        free(page);
        buf_release(&r.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_pages),
        cmocka_unit_test(mutexes),
        cmocka_unit_test(every_mutex_is_named),
        cmocka_unit_test(pages_name_what_exists),
        cmocka_unit_test(every_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
