// SPDX-License-Identifier: Apache-2.0
// What `get` and its kin print: names, CSV, changes, and what happens where nothing can be written.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include "views/view_list.h"

#include "tui/cli/change_printer.h"
#include "tui/cli/print_view.h"

#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"
#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static char *dir;

// --- a view of made-up rows

struct row {
    const char *key, *host, *text;
};
static const struct row *rows;
static uint32_t nrows;

static struct view_rows list(const struct view_args *a)
{
    const void **at = arena_alloc(a->arena, (nrows + 1) * sizeof *at);
    for (uint32_t i = 0; i < nrows; i++) {
        at[i] = &rows[i];
    }
    return (struct view_rows){at, nrows};
}

static struct cell key_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return (struct cell){.text = ((const struct row *)row)->key};
}

static struct cell text_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return (struct cell){.text = ((const struct row *)row)->text};
}

static const char *key(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct row *)row)->key;
}

static const char *host(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct row *)row)->host;
}

static struct json *json(const struct view_args *a, const void *row)
{
    (void)a;
    struct json *j = json_new_object();
    json_put_string(j, "text", ((const struct row *)row)->text);
    return j;
}

static const struct column columns[] = {
    {.title = "KEY", .field = "key", .cell = key_cell},
    {.title = "TEXT", .field = "text", .cell = text_cell},
};
static const struct view view = {
    .name = "made-up",
    .title = "Made up",
    .json_kind = "MadeUpList",
    .columns = columns,
    .ncolumns = 2,
    .list = list,
    .key = key,
    .host = host,
    .json = json,
};

// What the view prints; with a watch, what it prints next.
static char *print(enum output_format format, struct change_printer *w)
{
    struct world world;
    world_open(&world, "", 0);
    struct view_options how = {.ascii = true};
    struct view_args a = {.snap = world.snap, .arena = &world.arena, .now = 0, .options = &how};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_true(w != NULL ? change_printer_print(w, out, &a) : print_view(out, &view, &a, format));
    assert_int_equal(fclose(out), 0);
    world_close(&world);
    return text;
}

static void expect(enum output_format format, struct change_printer *w, const char *text)
{
    char *said = print(format, w);
    assert_string_equal(said, text);
    free(said);
}

static void set_rows(const struct row *at, uint32_t n)
{
    rows = at;
    nrows = n;
}

static void a_row_without_a_host_has_its_key_for_a_name(void **state)
{
    (void)state;
    static const struct row some[] = {{"k1", "h1", ""}, {"k2", NULL, ""}};
    set_rows(some, 2);
    expect(OUTPUT_NAME, NULL, "h1\nk2\n");
}

static void csv_is_quoted_as_rfc_4180_says(void **state)
{
    (void)state;
    static const struct row some[] = {
        {"plain", NULL, "a b"},    {"comma", NULL, "a,b"}, {"quote", NULL, "say \"x\""},
        {"break", NULL, "a\r\nb"}, {"empty", NULL, ""},
    };
    set_rows(some, 5);
    expect(OUTPUT_CSV, NULL,
           "key,text\r\nplain,a b\r\ncomma,\"a,b\"\r\nquote,\"say \"\"x\"\"\"\r\n"
           "break,\"a\r\nb\"\r\nempty,\r\n");
    set_rows(some, 0);
    expect(OUTPUT_CSV, NULL, "key,text\r\n");
}

static void changes_are_lines(void **state)
{
    (void)state;
    static const struct row first[] = {{"a", NULL, "1"}, {"b", NULL, "1"}};
    static const struct row then[] = {{"b", NULL, "2"}, {"c", NULL, "1"}};
    struct change_printer *w = change_printer_new(&view, OUTPUT_JSON);
    set_rows(first, 2);
    char *said = print(OUTPUT_JSON, w);
    struct err err;
    struct json *j = json_parse(said, strlen(said), &err);
    assert_non_null(j);
    assert_string_equal(json_get_string(j, "kind"), "MadeUpList");
    assert_int_equal(json_count(json_get(j, "items")), 2);
    json_free(j);
    free(said);
    expect(OUTPUT_JSON, w, ""); // nothing changed
    set_rows(then, 2);
    expect(OUTPUT_JSON, w,
           "{\"type\":\"DELETED\",\"object\":{\"text\":\"1\"}}\n"
           "{\"type\":\"MODIFIED\",\"object\":{\"text\":\"2\"}}\n"
           "{\"type\":\"ADDED\",\"object\":{\"text\":\"1\"}}\n");
    change_printer_free(w);

    w = change_printer_new(&view, OUTPUT_TABLE);
    set_rows(first, 2);
    expect(OUTPUT_TABLE, w, "KEY  TEXT\na    1\nb    1\n");
    set_rows(then, 2);
    expect(OUTPUT_TABLE, w, "DELETED  a\nMODIFIED b  2\nADDED    c  1\n");
    change_printer_free(w);

    w = change_printer_new(&view, OUTPUT_CSV);
    set_rows(first, 2);
    expect(OUTPUT_CSV, w, "change,key,text\r\nADDED,a,1\r\nADDED,b,1\r\n");
    set_rows(then, 2);
    expect(OUTPUT_CSV, w, "DELETED,a,1\r\nMODIFIED,b,2\r\nADDED,c,1\r\n");
    change_printer_free(w);

    w = change_printer_new(&view, OUTPUT_NAME);
    set_rows(first, 2);
    expect(OUTPUT_NAME, w, "a\nb\n");
    set_rows(then, 2);
    expect(OUTPUT_NAME, w, "a\nb\nc\n");
    change_printer_free(w);
}

// --- the program

#define FILES " -f tests/fixtures/platform"
static const char *const invocations[] = {
    "get apps" FILES,
    "get routes -o json" FILES, // longer than a buffer
    "get events -o csv" FILES,
    "get findings -o name" FILES,
    "apps --once" FILES,
    "check" FILES,
    "check -o json" FILES,
    "trace https://x.example.com/" FILES,
    "diff tests/fixtures/platform" FILES,
    "completion bash",
    "--help",
    "--version",
};

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof invocations / sizeof *invocations; i++) {
        char *said;
        int status = shell_run(dir, invocations[i], ">/dev/full", &said);
        if (status != 1 || strstr(said, "gatetop: cannot write the answer") == NULL) {
            print_message("%s: %d, %s\n", invocations[i], status, said);
        }
        assert_int_equal(status, 1);
        assert_non_null(strstr(said, "gatetop: cannot write the answer"));
        free(said);
    }
}

static void a_reader_that_goes_is_no_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof invocations / sizeof *invocations; i++) {
        // The reader of the pipe is closed before a byte is written.
        char *line = xasprintf("f=%s/p; mkfifo $f; exec 3<>$f 4>$f; exec 3>&-; rm $f; %s %s "
                               ">&4 2>%s/err",
                               dir, shell_program(), invocations[i], dir);
        int status = system(line);
        free(line);
        char *path = xasprintf("%s/err", dir), *said = file_read(path, NULL);
        free(path);
        assert_true(WIFEXITED(status)); // no signal ended it
        assert_int_equal(WEXITSTATUS(status), 1);
        assert_null(strstr(said, "cannot write"));
        free(said);
    }
}

// Controls, C1, bidirectional overrides and the like, of every string that a manifest may bring.
static const char hostile[] =
    "apiVersion: networking.istio.io/v1\n"
    "kind: VirtualService\n"
    "metadata: {name: \"v\\e[2J\\u009b31m\", namespace: apps, annotations: {\"x\\e]0;t\\a\": "
    "\"\\u202e\"}}\n"
    "spec:\n"
    "  hosts: [\"h\\e[31m\\u202e\\u2066.example.com\", \"\\u0085.example.com\"]\n"
    "  gateways: [\"g\\e[0m\"]\n"
    "  http:\n"
    "  - name: \"r\\r\\n\\u009d\"\n"
    "    match: [{uri: {prefix: \"/\\e[1m\"}}]\n"
    "    route: [{destination: {host: \"s\\u200e\\e.b\", subset: \"\\x7f\"}}]\n"
    "---\n"
    "apiVersion: networking.istio.io/v1\n"
    "kind: Gateway\n"
    "metadata: {name: g, namespace: apps}\n"
    "spec:\n"
    "  selector: {\"a\\e[m\": \"b\\u202d\"}\n"
    "  servers:\n"
    "  - port: {number: 443, name: \"\\e\", protocol: \"HT\\eTPS\"}\n"
    "    hosts: [\"*\\e[5m.example.com\"]\n"
    "    tls: {mode: SIMPLE, credentialName: \"c\\u0090\\e\"}\n"
    "---\n"
    "apiVersion: cert-manager.io/v1\n"
    "kind: Certificate\n"
    "metadata: {name: c, namespace: apps}\n"
    "spec: {secretName: \"s\\e\", dnsNames: [\"*.\\e[7mexample.com\"], issuerRef: {name: "
    "\"i\\e\"}}\n"
    "status: {conditions: [{type: Ready, status: \"False\", reason: \"R\\e\", message: "
    "\"m\\e[41m\\u202e\\n\"}]}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Namespace\n"
    "metadata: {name: \"apps\\u2028\\e\"}\n";

static void no_control_is_printed(void **state)
{
    (void)state;
    static const char *const forms[] = {"get %s -o table", "get %s -o wide", "get %s -o csv",
                                        "get %s -o name",  "get %s -o json", "%s --once"};
    tempdir_write(dir, "hostile.yaml", hostile, 0600);
    char *out = xasprintf("%s/out", dir);
    long bytes = 0;
    for (const struct view *const *v = views; *v != NULL; v++) {
        for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
            const char *form = forms[f], *hole = strstr(form, "%s");
            char *words = xasprintf("%.*s%s%s -f %s/hostile.yaml", (int)(hole - form), form,
                                    (*v)->name, hole + 2, dir);
            char *where = xasprintf(">%s", out), *said;
            assert_int_equal(shell_run(dir, words, where, &said), 0);
            char *text = file_read(out, NULL);
            char *both = xasprintf("%s%s", text, said);
            bytes += (long)strlen(text);
            for (const unsigned char *p = (const unsigned char *)both; *p != '\0'; p++) {
                bool control = (*p < 0x20 && *p != '\n' && *p != '\r') || *p == 0x7F;
                bool c1 = *p == 0xC2 && p[1] < 0xA0;
                bool bidi = *p == 0xE2 && ((p[1] == 0x80 && p[2] >= 0x8E && p[2] <= 0xAE &&
                                            (p[2] <= 0x8F || p[2] >= 0xA8)) ||
                                           (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
                if (control || c1 || bidi) {
                    fail_msg("%s: a control (%02x %02x %02x)", words, *p, p[1], p[2]);
                }
            }
            free(both);
            free(text);
            free(said);
            free(where);
            free(words);
        }
    }
    assert_true(bytes > 2000);
    free(out);
}

// --- the shape of JSON

// Field names of each view as they are promised, with the type of each: s string or null, S string, n
// number, b true or false, a list, o object or null.
static const struct {
    const char *view, *fields;
} shapes[] = {
    {"namespaces", "S:name s:domain s:certificate S:state s:reason n:hosts n:apps"},
    {"gateways", "S:namespace S:name S:selector a:addresses a:servers S:state s:reason"},
    {"status",
     "S:group s:version S:resource S:state n:objects x:expected s:since s:reason s:nextTry"},
    {"certificates", "S:namespace S:name S:state s:stage s:reason a:dnsNames s:secret o:issuer "
                     "s:notBefore s:notAfter s:renews s:nextTry x:attempts x:revision"},
    {"dns", "S:host S:type a:targets n:ttl S:source a:sources a:ownerNames S:state s:reason"},
    {"routes",
     "S:namespace S:host S:gateway S:virtualService x:order o:rule o:delegate a:conditions "
     "S:action a:destinations o:shadowedBy S:state"},
    {"apps", "S:namespace S:host s:gateway s:virtualService S:state s:reason a:links"},
    {"findings", "S:code S:severity o:object S:message s:hint s:file x:line s:istio"},
};

static bool is_type(const struct json *j, char type)
{
    enum json_value_type t = json_type(j);
    switch (type) {
    case 'S':
        return t == JSON_STRING;
    case 's':
        return t == JSON_STRING || t == JSON_NULL;
    case 'n':
        return t == JSON_NUMBER;
    case 'x':
        return t == JSON_NUMBER || t == JSON_NULL;
    case 'a':
        return t == JSON_ARRAY;
    default:
        return t == JSON_OBJECT || t == JSON_NULL;
    }
}

static void json_has_the_promised_fields(void **state)
{
    (void)state;
    char *out = xasprintf("%s/out", dir), *where = xasprintf(">%s", out);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char *words = xasprintf("get %s -o json" FILES, shapes[i].view), *said;
        assert_int_equal(shell_run(dir, words, where, &said), 0);
        struct json *j = file_json(out);
        assert_true(json_count(json_get(j, "kinds")) > 0);
        const struct json *items = json_get(j, "items");
        assert_true(json_count(items) > 0);
        size_t r = 0;
        for (const struct json *item = json_first(items); item != NULL;
             item = json_next(item), r++) {
            char *fields = xstrdup(shapes[i].fields), *save = NULL;
            for (char *f = strtok_r(fields, " ", &save); f != NULL;
                 f = strtok_r(NULL, " ", &save)) {
                const struct json *x = json_get(item, f + 2);
                if (x == NULL || !is_type(x, f[0])) {
                    fail_msg("%s, item %zu: %s %s", shapes[i].view, r, f,
                             x == NULL ? "is missing" : "has another type");
                }
            }
            free(fields);
        }
        json_free(j);
        free(said);
        free(words);
    }
    // A service's name is its own, not that of a host that reaches it.
    char *said, *text;
    assert_int_equal(shell_run(dir, "get services -o name" FILES, where, &said), 0);
    text = file_read(out, NULL);
    assert_non_null(strstr(text, "admin.portal-production.svc.cluster.local:8080\n"));
    free(text);
    free(said);
    free(where);
    free(out);
}

int main(void)
{
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_without_a_host_has_its_key_for_a_name),
        cmocka_unit_test(csv_is_quoted_as_rfc_4180_says),
        cmocka_unit_test(changes_are_lines),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(a_reader_that_goes_is_no_fault),
        cmocka_unit_test(no_control_is_printed),
        cmocka_unit_test(json_has_the_promised_fields),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
