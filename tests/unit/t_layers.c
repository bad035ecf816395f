// SPDX-License-Identifier: Apache-2.0
// Checks the order of the rooms: what each may include, that private headers stay in their room, that no files include
// each other in a circle, and that pure rooms see nothing that has an effect.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
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

// A room sees itself and the rooms that it names, all of them above it in this list; blanks between names.
struct room {
    const char *folder;
    const char *sees;
    bool pure; // its files are functions of their arguments
};

// clang-format off
#define OBJECTS "kube/base/ kube/object/"
#define CORE    OBJECTS " kube/store/ kube/mesh/core/"
#define ROUTE   CORE " kube/mesh/route/"
#define CERT    ROUTE " kube/mesh/cert/"
#define DNS     CERT " kube/mesh/dns/"
#define MESH    DNS " kube/mesh/trace/ kube/mesh/chain/ kube/mesh/check/ kube/mesh/cause/"
#define BELOW   MESH " kube/api/ kube/probe/ views/"

static const struct room rooms[] = {
    {"kube/base/",       "",                       false},
    {"kube/api/",        "kube/base/",             false},
    {"kube/object/",     "kube/base/",             false},
    {"kube/store/",      OBJECTS " kube/api/",     false},
    {"kube/probe/",      OBJECTS " kube/store/",   false},
    {"kube/mesh/core/",  OBJECTS " kube/store/",   true},
    {"kube/mesh/route/", CORE,                     true},
    {"kube/mesh/cert/",  ROUTE,                    true},
    {"kube/mesh/trace/", ROUTE,                    true},
    {"kube/mesh/dns/",   CERT,                     true},
    {"kube/mesh/chain/", DNS,                      true},
    {"kube/mesh/check/", DNS " kube/mesh/trace/",  true},
    {"kube/mesh/cause/", DNS " kube/mesh/chain/",  true},
    {"views/",           MESH,                     true},
    {"tui/manual/",      BELOW,                    false},
    {"tui/source/",      BELOW,                    false},
    {"tui/screen/",      BELOW " tui/manual/ tui/source/", false},
    {"tui/cli/",         BELOW " tui/manual/ tui/source/ tui/screen/dashboard.h", false},
};

// Headers that only some files may include; `files` are separated by blanks, a trailing slash is a
// folder. With `one`, a single file of those.
struct guarded {
    const char *header;
    const char *files;
    bool one;
};
static const struct guarded guarded[] = {
    {"cjson/cJSON.h", "kube/base/json_document.c", true},
    {"cJSON.h",       "kube/base/json_document.c", true},
    {"yaml.h",        "kube/base/yaml.c", true},
    {"pcre2.h",       "kube/base/regex.c", true},
    {"curl/",         "kube/api/http_transfer.c", true},
    {"idn2.h",        "kube/base/domain_name.c", true},
    {"libpsl.h",      "kube/mesh/cert/acme.c", true},
    {"zlib.h",        "kube/api/gunzip.c", true},
    {"ares.h",        "kube/probe/",     false},
    {"arpa/nameser.h", "kube/probe/",     false},
    {"ncurses.h",     "tui/screen/terminal.c", true},
    {"curses.h",      "tui/screen/terminal.c", true},
    {"ncursesw/",     "tui/screen/terminal.c", true},
    {"term.h",        "tui/screen/terminal.c", true},
};

// What pure rooms see of the rooms that are not pure: headers of values and of functions of their arguments. They
// include nothing else either, so no effect comes in through them.
static const char pure_headers[] =
    "kube/base/arena.h kube/base/array.h kube/base/ascii.h kube/base/attr.h kube/base/buf.h kube/base/domain_name.h "
    "kube/base/err.h kube/base/fail.h kube/base/host_port.h kube/base/ip_network.h kube/base/json.h kube/base/mem.h kube/base/number.h kube/base/number_set.h "
    "kube/base/percent.h kube/base/pmap.h kube/base/regex.h kube/base/str.h kube/base/string_map.h "
    "kube/base/text.h kube/base/time_heap.h kube/base/time_text.h kube/base/url.h "
    "kube/object/certmanager_objects.h kube/object/decode.h kube/object/flagger_objects.h "
    "kube/object/istio_objects.h "
    "kube/object/kind.h kube/object/kubernetes_objects.h kube/object/object.h "
    "kube/object/object_budget.h "
    "kube/object/object_names.h kube/object/placeholder.h kube/object/server_protocol.h kube/object/str_list.h kube/object/x509.h "
    "kube/store/index.h kube/store/probe_result.h kube/store/snapshot.h";
// What they see of the system: stdatomic.h for reference counts.
static const char pure_system[] =
    "assert.h ctype.h errno.h inttypes.h libpsl.h math.h stdarg.h stdatomic.h stdbool.h "
    "stddef.h stdint.h stdlib.h string.h strings.h";
// clang-format on

static const struct room *room_of(const char *path)
{
    for (size_t i = 0; i < ARRAY_COUNT(rooms); i++) {
        if (str_starts(path, rooms[i].folder)) {
            return &rooms[i];
        }
    }
    return NULL;
}

// Is `path` in the list of files and folders?
static bool listed(const char *list, const char *path)
{
    for (const char *p = list; *p != '\0';) {
        size_t n = strcspn(p, " ");
        if (strncmp(path, p, n) == 0 && (p[n - 1] == '/' || path[n] == '\0')) {
            return true;
        }
        p += n;
        p += strspn(p, " ");
    }
    return false;
}

static bool is_pure(const char *path)
{
    return room_of(path)->pure || listed(pure_headers, path);
}

// Is `header` one that a file without effects may include?
static bool is_pure_header(const char *header, bool quoted)
{
    if (quoted) {
        return is_pure(header);
    }
    return listed(pure_system, header);
}

static bool header_matches(const char *header, const char *rule)
{
    return str_ends(rule, "/") ? str_starts(header, rule) : strcmp(header, rule) == 0;
}

// Why `path` may not include `header` (`quoted`: in quotes), NULL if it may.
static const char *objection(const char *path, const char *header, bool quoted)
{
    const struct room *from = room_of(path);
    if (from == NULL) {
        return "a file that stands in no room";
    }
    if (quoted) {
        const struct room *to = room_of(header);
        if (to == NULL) {
            return "not a header of kube/, views/ or tui/ by its path from the root";
        }
        if (to != from && !listed(from->sees, header)) {
            return "goes up or across";
        }
        if (to != from && str_ends(header, "_internal.h")) {
            return "private to another room";
        }
    }
    for (size_t i = 0; !quoted && i < ARRAY_COUNT(guarded); i++) {
        if (header_matches(header, guarded[i].header) && !listed(guarded[i].files, path)) {
            return "a library that other files have to themselves";
        }
    }
    if (is_pure(path) && !is_pure_header(header, quoted)) {
        return "kube/mesh and views are pure, no I/O, no locks, no threads, no clock; is a header as pure, name it above";
    }
    return NULL;
}

// Reads an #include line into header; false if the line is none.
static bool include_line(const char *line, char header[static 256], bool *quoted)
{
    char open, close;
    if (sscanf(line, " # include %c%255[^\">\n]%c", &open, header, &close) != 3) {
        return false;
    }
    *quoted = open == '"';
    return (open == '"' && close == '"') || (open == '<' && close == '>');
}

// --- the tree

struct source {
    const char *path, *text;
    uint32_t unit;
};

enum { MAX_UNITS = 1024 };

struct tree {
    struct arena arena;
    struct source *files;
    uint32_t n, cap;
    struct string_map paths; // of the files
    const char **units;
    uint32_t nunits, units_cap;
    unsigned char (*arrow)[MAX_UNITS]; // [from][to]
    size_t includes;
    size_t users[ARRAY_COUNT(guarded)]; // files that include guarded[i]
    bool quiet;                         // bad input is intended
};

static void tree_open(struct tree *t, bool quiet)
{
    *t = (struct tree){.quiet = quiet};
    arena_init(&t->arena);
    string_map_init(&t->paths, &t->arena);
    t->arrow = calloc(MAX_UNITS, sizeof *t->arrow);
    assert_non_null(t->arrow);
}

static void tree_close(struct tree *t)
{
    free(t->arrow);
    arena_release(&t->arena);
}

// Both texts are borrowed.
static void tree_add(struct tree *t, const char *path, const char *text)
{
    *ARENA_PUSH(&t->arena, t->files, t->n, t->cap) = (struct source){path, text, 0};
    (void)string_map_add(&t->paths, path);
}

// What changes as one: x.c and x.h; a private header of one file goes with it, one beside a public header is a unit
// of its own.
static const char *unit_name(struct tree *t, const char *path)
{
    char *name = arena_strdup(&t->arena, path);
    *strrchr(name, '.') = '\0';
    if (str_ends(name, "_internal")) {
        char *stem = arena_strndup(&t->arena, name, strlen(name) - strlen("_internal"));
        if (string_map_get(&t->paths, arena_printf(&t->arena, "%s.h", stem)) == NULL) {
            return stem;
        }
    }
    return name;
}

static uint32_t unit_of(struct tree *t, const char *path)
{
    const char *name = unit_name(t, path);
    for (uint32_t i = 0; i < t->nunits; i++) {
        if (strcmp(t->units[i], name) == 0) {
            return i;
        }
    }
    assert_true(t->nunits < MAX_UNITS);
    *ARENA_PUSH(&t->arena, t->units, t->nunits, t->units_cap) = name;
    return t->nunits - 1;
}

// The lines of one file; returns how many are wrong.
static size_t check_lines(struct tree *t, const struct source *f)
{
    size_t wrong = 0;
    bool seen[ARRAY_COUNT(guarded)] = {false};
    int number = 1;
    for (const char *p = f->text; *p != '\0'; number++) {
        char line[512];
        char header[256];
        bool quoted;
        size_t n = strcspn(p, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)n, p);
        p += n;
        p += *p == '\n';
        if (include_line(line, header, &quoted)) {
            const char *why = objection(f->path, header, quoted);
            t->includes++;
            if (why != NULL && !t->quiet) {
                print_error("%s:%d: '%s': %s\n", f->path, number, header, why);
            }
            wrong += why != NULL;
            for (size_t i = 0; i < ARRAY_COUNT(guarded) && !quoted; i++) {
                seen[i] |= header_matches(header, guarded[i].header);
            }
            if (quoted && string_map_get(&t->paths, header) != NULL) {
                t->arrow[f->unit][unit_of(t, arena_strdup(&t->arena, header))] = 1;
            }
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(guarded); i++) {
        t->users[i] += seen[i];
    }
    return wrong;
}

// Follows all arrows: reach[a][b] where a leads to b.
static void follow_arrows(const struct tree *t, unsigned char (*reach)[MAX_UNITS])
{
    memcpy(reach, t->arrow, sizeof *reach * MAX_UNITS);
    for (uint32_t k = 0; k < t->nunits; k++) {
        for (uint32_t i = 0; i < t->nunits; i++) {
            for (uint32_t j = 0; reach[i][k] != 0 && j < t->nunits; j++) {
                reach[i][j] |= reach[k][j];
            }
        }
    }
}

// Units that include each other in a circle; returns how many arrows are part of one.
static size_t check_circles(const struct tree *t)
{
    size_t wrong = 0;
    unsigned char(*reach)[MAX_UNITS] = calloc(MAX_UNITS, sizeof *reach);
    assert_non_null(reach);
    follow_arrows(t, reach);
    for (uint32_t i = 0; i < t->nunits; i++) {
        for (uint32_t j = 0; j < t->nunits; j++) {
            if (i != j && t->arrow[i][j] != 0 && reach[j][i] != 0) {
                if (!t->quiet) {
                    print_error("in a circle: %s includes %s\n", t->units[i], t->units[j]);
                }
                wrong++;
            }
        }
    }
    free(reach);
    return wrong;
}

static size_t check_tree(struct tree *t)
{
    size_t wrong = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        t->files[i].unit = unit_of(t, t->files[i].path);
        if (room_of(t->files[i].path) == NULL) {
            print_error("%s stands in no room\n", t->files[i].path);
            wrong++;
        }
    }
    for (uint32_t i = 0; i < t->n; i++) {
        wrong += check_lines(t, &t->files[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(guarded); i++) {
        if (guarded[i].one && t->users[i] > 1) {
            print_error("<%s> is included by %zu files, one may\n", guarded[i].header, t->users[i]);
            wrong++;
        }
    }
    return wrong + check_circles(t);
}

static void add_source(void *self, const char *path, const char *text)
{
    struct tree *t = self;
    tree_add(t, arena_strdup(&t->arena, path), arena_strdup(&t->arena, text));
}

static void test_tree(void **state)
{
    (void)state;
    struct tree t;
    tree_open(&t, false);
    sources_each(NULL, add_source, &t);
    for (const char *p = pure_headers; *p != '\0'; p += strspn(p, " ")) {
        const char *name = arena_strndup(&t.arena, p, strcspn(p, " "));
        if (string_map_get(&t.paths, name) == NULL) {
            fail_msg("%s is gone: take it out of pure_headers", name);
        }
        p += strlen(name);
    }
    size_t wrong = check_tree(&t);
    printf("# %zu #include lines in %u files of %u units\n", t.includes, t.n, t.nunits);
    assert_true(t.n > 200 && t.includes > 1000);
    assert_int_equal(wrong, 0);
    tree_close(&t);
}

// --- the checker itself

// The list of rooms has an order: each sees only rooms above it, and none twice.
static void test_order_of_rooms(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rooms); i++) {
        size_t named = 0; // rooms; a single header of a room is none
        for (const char *p = rooms[i].sees; *p != '\0'; p += strspn(p, " ")) {
            p += strcspn(p, " ");
            named += p[-1] == '/';
        }
        size_t above = 0;
        for (size_t k = 0; k < ARRAY_COUNT(rooms); k++) {
            bool sees = listed(rooms[i].sees, rooms[k].folder);
            assert_false(sees && k >= i);
            assert_false(k != i && str_starts(rooms[k].folder, rooms[i].folder));
            above += sees;
        }
        assert_int_equal(named, above);
    }
}

static void test_rules(void **state)
{
    (void)state;
    static const struct {
        const char *path, *header;
        bool quoted, fine;
    } t[] = {
        {"tui/screen/app.c", "views/view.h", true, true},
        {"views/apps.c", "kube/mesh/core/host.h", true, true},
        {"kube/store/store.c", "kube/store/store.h", true, true},
        {"kube/base/text.c", "kube/api/http.h", true, false},
        {"kube/api/http.c", "kube/object/object.h", true, false},
        {"kube/object/object.c", "kube/api/http.h", true, false},
        {"kube/mesh/core/host.c", "kube/probe/dns_prober.h", true, false},
        {"kube/mesh/check/check.c", "kube/probe/dns_prober.h", true, false},
        {"kube/mesh/core/mesh.c", "kube/api/http.h", true, false},
        {"kube/probe/probe.c", "kube/mesh/core/mesh.h", true, false},
        {"views/apps.c", "tui/screen/ui.h", true, false},
        {"views/apps.c", "kube/probe/dns_prober.h", true, false},
        {"tui/screen/app.c", "app.h", true, false},
        {"tui/screen/app.c", "tests/support/world.h", true, false},
        // The rooms of the mesh.
        {"kube/mesh/core/host.c", "kube/mesh/route/workload.h", true, false},
        {"kube/mesh/route/workload.c", "kube/mesh/core/mesh.h", true, true},
        {"kube/mesh/route/workload.c", "kube/mesh/cert/acme.h", true, false},
        {"kube/mesh/cert/acme.c", "kube/mesh/route/workload.h", true, true},
        {"kube/mesh/cert/acme.c", "kube/mesh/dns/dns_record.h", true, false},
        {"kube/mesh/dns/dns_record.c", "kube/mesh/cert/name_coverage.h", true, true},
        {"kube/mesh/trace/trace.c", "kube/mesh/route/route_table.h", true, true},
        {"kube/mesh/trace/trace.c", "kube/mesh/cert/acme.h", true, false},
        {"kube/mesh/cert/acme.c", "kube/mesh/trace/trace.h", true, false},
        {"kube/mesh/dns/dns_record.c", "kube/mesh/trace/trace.h", true, false},
        {"kube/mesh/chain/chain.c", "kube/mesh/dns/dns_record.h", true, true},
        {"kube/mesh/chain/chain.c", "kube/mesh/check/check.h", true, false},
        {"kube/mesh/check/check.c", "kube/mesh/chain/chain.h", true, false},
        {"kube/mesh/check/check.c", "kube/mesh/trace/trace.h", true, true},
        // The rooms of the program.
        {"tui/cli/subcommand_dashboard.c", "tui/screen/dashboard.h", true, true},
        {"tui/cli/subcommand_dashboard.c", "tui/screen/ui.h", true, false},
        {"tui/screen/dashboard.c", "tui/cli/options.h", true, false},
        {"tui/screen/dashboard.c", "tui/source/cluster.h", true, true},
        {"tui/source/cluster.c", "tui/screen/ui.h", true, false},
        {"tui/source/cluster.c", "tui/manual/mdoc.h", true, false},
        // Private headers.
        {"kube/mesh/check/check.c", "kube/mesh/check/check_report_internal.h", true, true},
        {"views/findings.c", "kube/mesh/check/check_report_internal.h", true, false},
        {"kube/mesh/check/check.c", "kube/mesh/trace/trace_steps_internal.h", true, false},
        // Files and headers that are in no room.
        {"kube/mesh/host.c", "kube/base/text.h", true, false},
        {"kube/mesh/core/host.c", "kube/mesh/host.h", true, false},
        {"kube/new/host.c", "string.h", false, false},
        // Libraries and effects.
        {"kube/base/json_document.c", "cjson/cJSON.h", false, true},
        {"kube/object/decode.c", "cjson/cJSON.h", false, false},
        {"kube/base/json.h", "cjson/cJSON.h", false, false},
        {"kube/base/yaml.c", "yaml.h", false, true},
        {"kube/object/decode.c", "yaml.h", false, false},
        {"kube/base/yaml.h", "yaml.h", false, false},
        {"tui/screen/app.c", "yaml.h", false, false},
        {"kube/api/http_transfer.c", "curl/curl.h", false, true},
        {"kube/api/http.c", "curl/curl.h", false, false},
        {"kube/probe/tls_prober.c", "curl/curl.h", false, false},
        {"tui/screen/terminal.c", "curses.h", false, true},
        {"tui/screen/app.c", "curses.h", false, false},
        {"views/apps.c", "pthread.h", false, false},
        {"kube/mesh/route/host_routes.c", "unistd.h", false, false},
        {"kube/mesh/route/host_routes.c", "string.h", false, true},
        {"kube/mesh/route/host_routes.c", "stdio.h", false, false},
        {"kube/mesh/core/host.c", "sys/time.h", false, false},
        {"kube/mesh/core/host.c", "sys/stat.h", false, false},
        {"kube/mesh/core/host.c", "dirent.h", false, false},
        {"kube/mesh/core/host.c", "semaphore.h", false, false},
        {"kube/mesh/core/host.c", "kube/base/log.h", true, false},
        {"kube/mesh/core/host.c", "kube/base/os.h", true, false},
        {"kube/mesh/core/host.c", "kube/store/session.h", true, false},
        {"kube/mesh/core/host.c", "kube/store/probe_inbox.h", true, false},
        {"kube/mesh/core/host.c", "kube/store/snapshot.h", true, true},
        {"kube/mesh/core/host.c", "kube/object/istio_objects.h", true, true},
        {"kube/mesh/core/host.c", "kube/object/manifest.h", true, false},
        // Headers that pure rooms see.
        {"kube/base/buf.h", "stdio.h", false, false},
        {"kube/base/buf.c", "stdio.h", false, true},
        {"kube/base/time_text.h", "time.h", false, false},
        {"kube/object/object.h", "kube/base/log.h", true, false},
        {"kube/store/snapshot.h", "kube/store/session.h", true, false},
        {"kube/store/session.c", "pthread.h", false, true},
        // The clock.
        {"kube/mesh/core/host.c", "time.h", false, false},
        {"views/apps.c", "kube/base/clock.h", true, false},
        {"views/apps.c", "kube/base/thread.h", true, false},
        {"kube/store/snapshot.h", "kube/base/clock.h", true, false},
        {"kube/store/session.c", "kube/base/clock.h", true, true},
        {"views/apps.c", "kube/base/time_text.h", true, true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        const char *why = objection(t[i].path, t[i].header, t[i].quoted);
        if ((why == NULL) != t[i].fine) {
            fail_msg("%s includes %s: %s", t[i].path, t[i].header, why != NULL ? why : "fine");
        }
    }
}

// Files as "path:header header ..."; returns how many lines and arrows are wrong.
static size_t wrong_in(const char *const *files, size_t n)
{
    struct tree t;
    tree_open(&t, true);
    for (size_t i = 0; i < n; i++) {
        const char *colon = strchr(files[i], ':');
        struct buf text;
        buf_init(&text, 0);
        for (const char *p = colon + 1; *p != '\0'; p += strspn(p, " ")) {
            size_t len = strcspn(p, " ");
            buf_addf(&text, "#include \"%.*s\"\n", (int)len, p);
            p += len;
        }
        tree_add(&t, arena_strndup(&t.arena, files[i], (size_t)(colon - files[i])),
                 arena_strdup(&t.arena, text.data));
        buf_release(&text);
    }
    size_t wrong = check_tree(&t);
    tree_close(&t);
    return wrong;
}

#define WRONG_IN(...)                                                                              \
    wrong_in((const char *const[]){__VA_ARGS__}, ARRAY_COUNT(((const char *const[]){__VA_ARGS__})))

static void test_circles(void **state)
{
    (void)state;
    assert_int_equal(WRONG_IN("kube/base/a.c:kube/base/a.h kube/base/b.h",
                              "kube/base/a.h:", "kube/base/b.c:kube/base/b.h", "kube/base/b.h:"),
                     0);
    // Two files, each through the other's header.
    assert_int_equal(WRONG_IN("kube/base/a.c:kube/base/b.h",
                              "kube/base/a.h:", "kube/base/b.c:kube/base/a.h", "kube/base/b.h:"),
                     2);
    // Three; a fourth that only leads there is fine.
    assert_int_equal(WRONG_IN("kube/base/a.h:kube/base/b.h", "kube/base/b.h:kube/base/c.h",
                              "kube/base/c.c:kube/base/a.h",
                              "kube/base/c.h:", "kube/base/d.c:kube/base/a.h"),
                     3);
    // A private header beside a public one is a unit of its own; alone it goes with its file.
    assert_int_equal(WRONG_IN("kube/base/a.c:kube/base/a.h kube/base/a_internal.h",
                              "kube/base/a.h:", "kube/base/a_internal.h:kube/base/a.h"),
                     2);
    assert_int_equal(WRONG_IN("kube/base/a.c:kube/base/a_internal.h",
                              "kube/base/a_internal.h:kube/base/b.h", "kube/base/b.h:"),
                     0);
    assert_int_equal(WRONG_IN("kube/base/a.c:kube/base/a_internal.h", "kube/base/a_internal.h:",
                              "kube/base/b.h:", "kube/base/a_internal.h:kube/base/b.h",
                              "kube/base/b.c:kube/base/a_internal.h"),
                     2);
    // Lines that go up are wrong as well, and count beside the circle that they close.
    assert_int_equal(WRONG_IN("kube/base/a.h:kube/store/b.h", "kube/store/b.h:kube/base/a.h"), 3);
}

static void test_lines(void **state)
{
    (void)state;
    char header[256];
    bool quoted = false;
    assert_true(include_line("#include <yaml.h>\n", header, &quoted));
    assert_string_equal(header, "yaml.h");
    assert_false(quoted);
    assert_true(include_line("#  include \"kube/base/err.h\" // errors\n", header, &quoted));
    assert_string_equal(header, "kube/base/err.h");
    assert_true(quoted);
    assert_false(include_line("// #include <yaml.h>\n", header, &quoted));
    assert_false(include_line("int include;\n", header, &quoted));
    assert_false(include_line("#include \"not closed\n#include <yaml.h>\n", header, &quoted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),  cmocka_unit_test(test_order_of_rooms),
        cmocka_unit_test(test_rules), cmocka_unit_test(test_circles),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
