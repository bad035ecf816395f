// SPDX-License-Identifier: Apache-2.0
// Holds the house's floors: every #include line of kube/, views/ and tui/ goes down, never up.
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// A room sees itself and the rooms on lower floors; two rooms on one floor do not see each other.
struct room {
    const char *folder;
    int floor;
};

// clang-format off
static const struct room rooms[] = {
    {"kube/base/",   0},
    {"kube/api/",    1},
    {"kube/object/", 1},
    {"kube/store/",  2},
    {"kube/mesh/",   3},
    {"kube/probe/",  3},
    {"views/",       4},
    {"tui/manual/",  5},
    {"tui/source/",  5},
    {"tui/screen/",  6},
    {"tui/cli/",     7},
};

// A room that sees only these headers of another one below it.
static const struct door {
    const char *from, *to, *headers;
} doors[] = {
    {"tui/cli/", "tui/screen/", "tui/screen/dashboard.h"},
};

// Headers that only some files may include; `files` are separated by blanks, a trailing slash is a
// folder. With `one`, a single file of those.
struct guarded {
    const char *header;
    const char *files;
    int one;
};
static const struct guarded guarded[] = {
    {"cjson/cJSON.h", "kube/base/json.c", 1},
    {"cJSON.h",       "kube/base/json.c", 1},
    {"yaml.h",        "kube/base/yaml.c", 1},
    {"curl/",         "kube/api/",        1},
    {"ncurses.h",     "tui/screen/terminal.c", 1},
    {"curses.h",      "tui/screen/terminal.c", 1},
    {"ncursesw/",     "tui/screen/terminal.c", 1},
    {"term.h",        "tui/screen/terminal.c", 1},
};

// What a file that is a function of its arguments has no use for.
static const char *const effects[] = {"pthread.h", "unistd.h", "fcntl.h", "poll.h", "threads.h",
                                      "sys/socket.h", "netdb.h", "signal.h", "spawn.h"};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int starts(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static const struct room *room_of(const char *path)
{
    for (size_t i = 0; i < COUNT(rooms); i++) {
        if (starts(path, rooms[i].folder)) {
            return &rooms[i];
        }
    }
    return NULL;
}

// Does `path` stand in the list of files and folders?
static int listed(const char *files, const char *path)
{
    for (const char *p = files; *p;) {
        size_t n = strcspn(p, " ");
        if (strncmp(path, p, n) == 0 && (p[n - 1] == '/' || path[n] == '\0')) {
            return 1;
        }
        p += n;
        p += strspn(p, " ");
    }
    return 0;
}

static int header_matches(const char *header, const char *rule)
{
    return rule[strlen(rule) - 1] == '/' ? starts(header, rule) : strcmp(header, rule) == 0;
}

// Why `path` may not include `header` (`quoted`: in quotes), or NULL.
static const char *objection(const char *path, const char *header, int quoted)
{
    const struct room *from = room_of(path);
    if (quoted) {
        const struct room *to = room_of(header);
        if (!to) {
            return "not a header of kube/, views/ or tui/ by its path from the root";
        }
        if (to != from && to->floor >= from->floor) {
            return "goes up or across";
        }
        for (size_t i = 0; i < COUNT(doors); i++) {
            if (starts(path, doors[i].from) && starts(header, doors[i].to) &&
                !listed(doors[i].headers, header)) {
                return "this room shows only some of its headers here";
            }
        }
        return NULL;
    }
    for (size_t i = 0; i < COUNT(guarded); i++) {
        if (header_matches(header, guarded[i].header) && !listed(guarded[i].files, path)) {
            return "a library that other files have to themselves";
        }
    }
    if (starts(path, "kube/mesh/") || starts(path, "views/")) {
        for (size_t i = 0; i < COUNT(effects); i++) {
            if (strcmp(header, effects[i]) == 0) {
                return "kube/mesh and views are pure: no I/O, no locks, no threads";
            }
        }
    }
    return NULL;
}

// Reads an #include line into header; 0 if the line is none.
static int include_line(const char *line, char header[static 256], int *quoted)
{
    char open, close;
    if (sscanf(line, " # include %c%255[^\">]%c", &open, header, &close) != 3 ||
        (open != '"' && open != '<')) {
        return 0;
    }
    *quoted = open == '"';
    return 1;
}

struct tally {
    size_t files, includes, wrong;
    size_t users[COUNT(guarded)]; // files that include guarded[i]
};

static void read_file(const char *path, struct tally *tally)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[1024], header[256];
    int quoted, seen[COUNT(guarded)] = {0};
    tally->files++;
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        if (!include_line(line, header, &quoted)) {
            continue;
        }
        tally->includes++;
        const char *why = objection(path, header, quoted);
        if (why) {
            print_error("%s:%d: '%s': %s\n", path, number, header, why);
            tally->wrong++;
        }
        for (size_t i = 0; i < COUNT(guarded) && !quoted; i++) {
            seen[i] |= header_matches(header, guarded[i].header);
        }
    }
    fclose(file);
    for (size_t i = 0; i < COUNT(guarded); i++) {
        tally->users[i] += seen[i] != 0;
    }
}

// Run from the root of the tree, as tests/run does.
static void test_tree(void **state)
{
    (void)state;
    struct tally tally = {0};
    static const char *const patterns[] = {"kube/*/*.[ch]", "kube/mesh/*/*.[ch]", "views/*.[ch]",
                                           "tui/*/*.[ch]"};
    for (size_t i = 0; i < COUNT(patterns); i++) {
        glob_t found;
        if (glob(patterns[i], 0, NULL, &found) != 0) {
            continue;
        }
        for (size_t j = 0; j < found.gl_pathc; j++) {
            read_file(found.gl_pathv[j], &tally);
        }
        globfree(&found);
    }
    for (size_t i = 0; i < COUNT(guarded); i++) {
        if (guarded[i].one && tally.users[i] > 1) {
            print_error("<%s> is included by %zu files, one may\n", guarded[i].header,
                        tally.users[i]);
            tally.wrong++;
        }
    }
    printf("# %zu #include lines in %zu files\n", tally.includes, tally.files);
    assert_true(tally.files > 20 && tally.includes > 100);
    assert_int_equal(tally.wrong, 0);
}

static void test_rules(void **state)
{
    (void)state;
    assert_null(objection("tui/screen/app.c", "views/view.h", 1));
    assert_null(objection("views/apps.c", "kube/mesh/core/host.h", 1));
    assert_null(objection("kube/store/store.c", "kube/store/store.h", 1));
    assert_non_null(objection("kube/base/text.c", "kube/api/http.h", 1));
    assert_non_null(objection("kube/api/http.c", "kube/object/object.h", 1));
    assert_non_null(objection("kube/object/object.c", "kube/api/http.h", 1));
    assert_non_null(objection("kube/mesh/core/host.c", "kube/probe/dns_prober.h", 1));
    assert_non_null(objection("views/apps.c", "tui/screen/app.h", 1));
    assert_non_null(objection("tui/screen/app.c", "app.h", 1));
    assert_non_null(objection("tui/screen/app.c", "tests/support/world.h", 1));
    assert_null(objection("kube/base/json.c", "cjson/cJSON.h", 0));
    assert_non_null(objection("kube/object/decode.c", "cjson/cJSON.h", 0));
    assert_non_null(objection("kube/base/json.h", "cjson/cJSON.h", 0));
    assert_non_null(objection("tui/screen/app.c", "yaml.h", 0));
    assert_null(objection("kube/api/http.c", "curl/curl.h", 0));
    assert_non_null(objection("kube/probe/tls_prober.c", "curl/curl.h", 0));
    assert_null(objection("tui/screen/terminal.c", "curses.h", 0));
    assert_null(objection("tui/cli/subcommand_dashboard.c", "tui/screen/dashboard.h", 1));
    assert_non_null(objection("tui/cli/subcommand_dashboard.c", "tui/screen/app.h", 1));
    assert_non_null(objection("tui/screen/dashboard.c", "tui/cli/options.h", 1));
    assert_null(objection("tui/screen/dashboard.c", "tui/source/cluster_link.h", 1));
    assert_non_null(objection("tui/source/cluster_link.c", "tui/screen/app.h", 1));
    assert_non_null(objection("tui/source/cluster_link.c", "tui/manual/mdoc.h", 1));
    assert_non_null(objection("tui/screen/app.c", "curses.h", 0));
    assert_non_null(objection("views/apps.c", "pthread.h", 0));
}

static void test_lines(void **state)
{
    (void)state;
    char header[256];
    int quoted = 0;
    assert_true(include_line("#include <yaml.h>\n", header, &quoted));
    assert_string_equal(header, "yaml.h");
    assert_false(quoted);
    assert_true(include_line("#  include \"kube/base/err.h\" // errors\n", header, &quoted));
    assert_string_equal(header, "kube/base/err.h");
    assert_true(quoted);
    assert_false(include_line("// #include <yaml.h>\n", header, &quoted));
    assert_false(include_line("int include;\n", header, &quoted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
