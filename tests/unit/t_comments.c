// SPDX-License-Identifier: Apache-2.0
// Comments do not outlive what they name: a word with an underscore is a name that the code has, or a file's.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "tests/support/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// Words with an underscore that are no names of this tree.
static const char *const others[] = {"snake_case", "uri_regex_rewrite", "fd_set"};

struct words {
    struct arena arena;
    struct string_map known;
    struct report report;
};

static void words_open(struct words *w)
{
    arena_init(&w->arena);
    string_map_init(&w->known, &w->arena);
    report_init(&w->report);
    for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
        (void)string_map_add(&w->known, others[i]);
    }
}

static bool is_word(char c)
{
    return ascii_alnum(c) || c == '_';
}

// The next word at or after *at, and before end; *at moves past it. NULL: none. *n is its length.
static const char *next_word(const char **at, const char *end, size_t *n)
{
    const char *from = *at;
    while (from < end && !is_word(*from)) {
        from++;
    }
    const char *to = from;
    while (to < end && is_word(*to)) {
        to++;
    }
    *n = (size_t)(to - from);
    *at = to;
    return from < end ? from : NULL;
}

// Where the comment of a line begins, its end if it has none. In a string, "//" begins none.
static const char *comment_of(const char *line, const char *end)
{
    char quote = '\0';
    for (const char *p = line; p + 1 < end; p++) {
        if (quote != '\0' && *p == '\\') {
            p++;
        } else if (quote != '\0') {
            quote = *p == quote ? '\0' : quote;
        } else if (*p == '"' || *p == '\'') {
            quote = *p;
        } else if (p[0] == '/' && p[1] == '/') {
            return p;
        }
    }
    return end;
}

// Adds the words of code, and the name of the file.
static void learn(void *self, const char *path, const char *text)
{
    struct words *w = self;
    const char *name = strrchr(path, '/') + 1, *word;
    size_t n;
    (void)string_map_add(&w->known, arena_strndup(&w->arena, name, strcspn(name, ".")));
    for (const char *line = text; *line != '\0';) {
        const char *end = line + strcspn(line, "\n"), *at = line;
        const char *comment = comment_of(line, end);
        while ((word = next_word(&at, comment, &n)) != NULL) {
            if (memchr(word, '_', n) != NULL) {
                (void)string_map_add(&w->known, arena_strndup(&w->arena, word, n));
            }
        }
        line = end + (*end == '\n');
    }
}

// A name in lower case: "mesh_key_" and "GATETOP_NOW" are others.
static bool is_name(const char *word, size_t n)
{
    bool underscore = false;
    for (size_t i = 0; i < n; i++) {
        underscore |= word[i] == '_';
        // The first letter may begin a sentence; X_set stands for several names.
        if (ascii_upper(word[i]) && (i > 0 || word[1] == '_')) {
            return false;
        }
    }
    return underscore && word[0] != '_' && word[n - 1] != '_' && !ascii_digit(word[0]);
}

static void see(void *self, const char *path, const char *text)
{
    struct words *w = self;
    int number = 1;
    for (const char *line = text; *line != '\0'; number++) {
        const char *end = line + strcspn(line, "\n");
        const char *at = comment_of(line, end), *word;
        size_t n;
        while ((word = next_word(&at, end, &n)) != NULL) {
            char *name = arena_strndup(&w->arena, word, n);
            name[0] = (char)ascii_lower(name[0]);
            w->report.checked += is_name(word, n);
            if (is_name(word, n) && string_map_get(&w->known, name) == NULL) {
                report_add(&w->report, path, number, "a comment names %s, which does not exist",
                           name);
            }
        }
        line = end + (*end == '\n');
    }
}

static void the_tree(void **state)
{
    (void)state;
    struct words w;
    words_open(&w);
    sources_each("tests/*/*.[ch]", learn, &w);
    sources_each(NULL, see, &w);
    printf("# %zu names in comments\n", w.report.checked);
    assert_true(w.report.checked > 300);
    arena_release(&w.arena);
    report_end(&w.report);
}

// --- the checker itself

static void what_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t wrong;
    } t[] = {
        {"int a_b; // a_b, t_x and mesh_key_ of GATETOP_NOW\n", 0},
        {"// b_c()\n", 1},
        {"int x = 1; // a_b, b_c; b_d\n// b_e\n", 3},
        {"const char *s = \"// b_c\";\nchar c = '\"'; // a_b\n", 0},
        {"char c = '\"'; // b_c\nconst char *s = \"\\\"// b_d\"; // b_e\n", 2},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct words w;
        words_open(&w);
        learn(&w, "tests/unit/t_x.c", "int a_b; // b_c\n");
        see(&w, "views/a.c", t[i].text);
        if (w.report.wrong != t[i].wrong) {
            fail_msg("%s: %s", t[i].text, w.report.text.data);
        }
        buf_release(&w.report.text);
        arena_release(&w.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree),
        cmocka_unit_test(what_is_found),
    };
    return cmocka_run_group_tests_name("comments", tests, NULL, NULL);
}
