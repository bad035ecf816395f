// SPDX-License-Identifier: Apache-2.0
// Checks in the compiled objects that no files call each other in a circle, and that each public function has a caller
// in another file, or says that it is for tests.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "tests/support/sources.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct definition {
    const char *name, *file;
    bool function;
    bool used; // by another file
};

struct use {
    const char *name, *file;
};

struct caller {
    const char *file;
    struct string_map callees; // files
    bool done;                 // it reaches no circle
};

struct calls {
    struct arena arena;
    struct string_map definitions; // name -> struct definition
    struct use *uses;
    uint32_t nuses, uses_cap;
    struct string_map callers; // file -> struct caller
};

static void calls_open(struct calls *c)
{
    *c = (struct calls){.nuses = 0};
    arena_init(&c->arena);
    string_map_init(&c->definitions, &c->arena);
    string_map_init(&c->callers, &c->arena);
}

static void calls_close(struct calls *c)
{
    arena_release(&c->arena);
}

// Reads a line of `nm -A -P`: "FILE: NAME TYPE ...".
static void calls_add(struct calls *c, const char *line)
{
    char file[256], name[256], type;
    if (sscanf(line, "%255[^:]: %255s %c", file, name, &type) != 3) {
        fail_msg("nm printed '%s'", line);
    }
    if (str_starts(name, "__")) {
        return; // the compiler's
    }
    const char *in = arena_strdup(&c->arena, file);
    const char *symbol = arena_strdup(&c->arena, name);
    if (type == 'U') {
        *ARENA_PUSH(&c->arena, c->uses, c->nuses, c->uses_cap) = (struct use){symbol, in};
        return;
    }
    struct definition *d = arena_alloc(&c->arena, sizeof *d);
    *d = (struct definition){.name = symbol, .file = in, .function = type == 'T'};
    string_map_put(&c->definitions, symbol, d);
    struct caller *from = arena_alloc(&c->arena, sizeof *from);
    from->file = in;
    string_map_init(&from->callees, &c->arena);
    void **at = string_map_at(&c->callers, in);
    *at = *at != NULL ? *at : from;
}

// After the last line: who uses what.
static void calls_join(struct calls *c)
{
    for (uint32_t i = 0; i < c->nuses; i++) {
        struct definition *d = string_map_get(&c->definitions, c->uses[i].name);
        struct caller *from = string_map_get(&c->callers, c->uses[i].file);
        if (d != NULL) {
            d->used = true;
        }
        if (d != NULL && from != NULL) { // a file that defines nothing public is called by none
            (void)string_map_add(&from->callees, d->file);
        }
    }
}

static bool calls_only_done(const struct calls *c, const struct caller *from)
{
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&from->callees, &at)) != NULL;) {
        const struct caller *to = string_map_get(&c->callers, s->key);
        if (!to->done) {
            return false;
        }
    }
    return true;
}

// How many files are part of a circle or lead to one; with `r`, each is reported.
static size_t check_circles(struct calls *c, struct report *r)
{
    for (bool more = true; more;) {
        more = false;
        uint32_t at = 0;
        for (const struct string_map_slot *s; (s = string_map_next(&c->callers, &at)) != NULL;) {
            struct caller *from = s->value;
            if (!from->done && calls_only_done(c, from)) {
                from->done = true;
                more = true;
            }
        }
    }
    size_t left = 0;
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&c->callers, &at)) != NULL;) {
        const struct caller *from = s->value;
        uint32_t k = 0;
        left += !from->done;
        for (const struct string_map_slot *t;
             r != NULL && !from->done && (t = string_map_next(&from->callees, &k)) != NULL;) {
            const struct caller *to = string_map_get(&c->callers, t->key);
            if (!to->done) {
                report_add(r, from->file, 0, "calls %s, and is in a circle or leads to one",
                           to->file);
            }
        }
    }
    return left;
}

// --- headers

static void add_header(void *self, const char *path, const char *text)
{
    if (str_ends(path, ".h")) {
        buf_adds(self, text);
    }
}

// The comment above the line of `at`; "" if there is none. In the arena.
static const char *comment_above(struct arena *a, const char *text, const char *at)
{
    while (at > text && at[-1] != '\n') {
        at--;
    }
    const char *from = at;
    while (from > text) {
        const char *line = from - 1;
        while (line > text && line[-1] != '\n') {
            line--;
        }
        if (!str_starts(line, "//")) {
            break;
        }
        from = line;
    }
    return arena_strndup(a, from, (size_t)(at - from));
}

// Does the function's comment in a header say that it is for tests?
static bool for_tests(struct arena *a, const char *headers, const char *name)
{
    const char *call = arena_printf(a, "%s(", name);
    for (const char *p = headers; (p = strstr(p, call)) != NULL; p++) {
        bool whole = p == headers || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
        if (whole && strstr(comment_above(a, headers, p), "For tests") != NULL) {
            return true;
        }
    }
    return false;
}

// How many public functions only their own file calls, without saying why; with `r`, each is reported. So is one
// that says that it is for tests, and is not.
static size_t check_uncalled(struct calls *c, const char *headers, struct report *r)
{
    size_t wrong = 0;
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&c->definitions, &at)) != NULL;) {
        const struct definition *d = s->value;
        if (!d->function || strcmp(d->name, "main") == 0 ||
            d->used != for_tests(&c->arena, headers, d->name)) {
            continue;
        }
        wrong++;
        if (r != NULL) {
            report_add(r, d->file, 0, "%s %s", d->name,
                       d->used ? "is 'For tests', and another file calls it"
                               : "is called by no other file: make it static, or say in its header "
                                 "what it is 'For tests'");
        }
    }
    return wrong;
}

// --- the tree

static void add_object(void *self, const char *path, const char *text)
{
    (void)text;
    if (str_ends(path, ".c")) {
        buf_addf(self, " %.*s.o", (int)strlen(path) - 2, path);
    }
}

// The folder that the objects of this build are in.
static void objects_folder(char folder[static 512])
{
    ssize_t n = readlink("/proc/self/exe", folder, 511);
    assert_true(n > 0);
    folder[n] = '\0';
    char *end = strstr(folder, "/tests/t_calls");
    assert_non_null(end);
    *end = '\0';
}

static void the_tree(void **state)
{
    (void)state;
    char folder[512];
    char line[1024];
    struct buf command;
    struct buf headers;
    struct calls c;
    struct report r;
    objects_folder(folder);
    buf_init(&command, 0);
    buf_init(&headers, 0);
    calls_open(&c);
    report_init(&r);
    buf_addf(&command, "cd '%s' && nm -A -P -g", folder);
    sources_each(NULL, add_object, &command);
    sources_each(NULL, add_header, &headers);
    FILE *nm = popen(command.data, "r");
    assert_non_null(nm);
    while (fgets(line, sizeof line, nm) != NULL) {
        calls_add(&c, line);
    }
    assert_int_equal(pclose(nm), 0);
    calls_join(&c);
    printf("# %u public names and %u uses of names in %u files\n", c.definitions.n, c.nuses,
           c.callers.n);
    assert_true(c.definitions.n > 1000 && c.nuses > 5000 && c.callers.n > 300);
    (void)check_circles(&c, &r);
    (void)check_uncalled(&c, headers.data, &r);
    calls_close(&c);
    buf_release(&headers);
    buf_release(&command);
    report_end(&r);
}

// --- the checker itself

static void read_lines(struct calls *c, const char *const *lines, size_t n)
{
    calls_open(c);
    for (size_t i = 0; i < n; i++) {
        calls_add(c, lines[i]);
    }
    calls_join(c);
}

#define READ_LINES(c, ...)                                                                         \
    read_lines(c, (const char *const[]){__VA_ARGS__},                                              \
               ARRAY_COUNT(((const char *const[]){__VA_ARGS__})))

static void circles(void **state)
{
    (void)state;
    struct calls c;
    READ_LINES(&c, "a.o: a T 0 1", "a.o: b U", "b.o: b T 0 1", "b.o: c U", "c.o: c T 0 1",
               "c.o: malloc U");
    assert_int_equal(check_circles(&c, NULL), 0);
    calls_close(&c);
    // Two that call each other, a third that leads there, a fourth that is called from there. Data count, too.
    READ_LINES(&c, "a.o: a T 0 1", "a.o: b U", "b.o: b D 0 1", "b.o: a U", "c.o: c T 0 1",
               "c.o: a U", "b.o: d U", "d.o: d T 0 1");
    assert_int_equal(check_circles(&c, NULL), 3);
    calls_close(&c);
}

static void uncalled(void **state)
{
    (void)state;
    struct calls c;
    static const char headers[] =
        "// Not for all.\n// For tests.\nint tested(void);\nint a(void);\n"
        "// For tests.\nint used(void);\nint not_tested(void);\n";
    READ_LINES(&c, "a.o: a T 0 1", "b.o: a U", "b.o: table D 0 1", "c.o: main T 0 1",
               "c.o: __asan U", "c.o: tested T 0 1");
    assert_int_equal(check_uncalled(&c, headers, NULL), 0);
    calls_close(&c);
    READ_LINES(&c, "a.o: used T 0 1", "b.o: used U", "b.o: a T 0 1", "b.o: not_tested T 0 1");
    assert_int_equal(check_uncalled(&c, headers, NULL), 3);
    calls_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree),
        cmocka_unit_test(circles),
        cmocka_unit_test(uncalled),
    };
    return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
