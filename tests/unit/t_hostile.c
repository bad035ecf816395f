// SPDX-License-Identifier: Apache-2.0
// Objects and files that mean no good, or are broken: what cannot be read is left out and named, what is there is
// shown, and no shape takes long (docs/rules/kubernetes-client.md#object-unreadable,
// docs/rules/kubernetes-client.md#yaml-bounds).
#include "kube/base/buf.h"
#include "kube/base/mem.h"

#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/subcommand.h"
#include "tests/support/tempdir.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static char *dir; // of this test program

// A list of VirtualServices, one of which is `bad`; served in place of the simulator's.
static void serve_bad(struct apisim *sim, const char *bad)
{
    char *text = xasprintf(
        "{\"kind\":\"VirtualServiceList\",\"apiVersion\":\"networking.istio.io/v1\",\"metadata\":{"
        "\"resourceVersion\":\"1000\"},\"items\":[%s,{\"apiVersion\":\"networking.istio.io/v1\","
        "\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"good\",\"namespace\":\"shop\",\"uid\":"
        "\"u1\",\"resourceVersion\":\"5\"},\"spec\":{\"hosts\":[\"good.example.com\"],\"gateways\":"
        "[\"team-0000/app-00000-gateway\"],\"http\":[{\"route\":[{\"destination\":{\"host\":\"x\"}}]}]}"
        "}]}",
        bad);
    tempdir_write(dir, "list.json", text, 0600);
    free(text);
    apisim_fault_clear(sim);
    char *rule = xasprintf("status=200 file=%s/list.json verb=list resource=virtualservices", dir);
    subcommand_fault(sim, rule);
    free(rule);
}

// --- one bad object

static char *nested(const char *before, const char *open, int n, const char *close,
                    const char *after)
{
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, before);
    for (int i = 0; i < n; i++) {
        buf_adds(&b, open);
    }
    buf_adds(&b, "1");
    for (int i = 0; i < n; i++) {
        buf_adds(&b, close);
    }
    buf_adds(&b, after);
    return buf_take(&b);
}

#define BAD_BEGIN                                                                                      \
    "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"" \
    "bad\",\"namespace\":\"shop\",\"uid\":\"u2\",\"resourceVersion\":\"6\"},\"spec\":"
#define BAD(spec) BAD_BEGIN spec "}"

static void a_bad_object_is_named_and_counted(void **state)
{
    (void)state;
    static const char *const bad[] = {
        BAD("{\"hosts\":[01]}"),
        BAD("{\"hosts\":[1e]}"),
        BAD("{\"hosts\":[-]}"),
        BAD("{\"hosts\":[\"\\x\"]}"),
        BAD("{\"hosts\":[tru]}"),
        BAD("{\"hosts\":[\"a\" \"b\"]}"),
        BAD("{\"hosts\":{\"a\"}}"),
        BAD("{}, \"more\" \"colon\""),
        BAD("1 2"),
    };
    static const char *const formats[] = {"table", "wide", "json", "csv", "name"};
    struct apisim *sim = subcommand_server(NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        serve_bad(sim, bad[i]);
        char *words = xasprintf("get routes -o %s", formats[i % 5]);
        struct said s = subcommand_run(sim, dir, "admin", words);
        assert_int_equal(s.status, 5);
        said_has(&s, s.err, "gatetop: virtualservices: 1 left out: shop/bad (");
        if (i % 5 == 2) {
            said_has(&s, s.out, "\"complete\":false");
            said_has(&s, s.out,
                     "\"resource\":\"virtualservices\",\"state\":\"live\",\"objects\":1,");
        }
        said_free(&s);
        free(words);
    }
    apisim_stop(sim);
}

// Nothing of it is read, so it need not be left out.
static void depth_and_odd_characters_do_no_harm(void **state)
{
    (void)state;
    char *all[] = {
        nested(
            "{\"metadata\":{\"name\":\"bad\",\"namespace\":\"shop\",\"uid\":\"u2\",\"managedFields\":"
            "[{\"manager\":\"m\",\"fieldsV1\":",
            "{\"f:a\":", 600, "}", "}]},\"spec\":{\"hosts\":[\"bad.example.com\"]}}"),
        nested(BAD_BEGIN "{\"hosts\":[\"bad.example.com\"],\"x\":", "[", 100000, "]", "}}"),
        nested(BAD_BEGIN "{\"hosts\":[\"bad.example.com\"],\"x\":", "{\"a\":", 600, "}", "}}"),
        xstrdup(BAD("{\"hosts\":[\"bad.example.com\",\"\\ud800\",\"a\\u0000b\"]}")),
    };
    struct apisim *sim = subcommand_server(NULL);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        serve_bad(sim, all[i]);
        struct said s = subcommand_run(sim, dir, "admin", "get status");
        assert_int_equal(s.status, 0);
        assert_string_equal(s.err, "");
        said_free(&s);
        s = subcommand_run(sim, dir, "admin", "get routes -o json");
        assert_int_equal(s.status, 0);
        said_has(&s, s.out, "\"resource\":\"virtualservices\",\"state\":\"live\",\"objects\":2,");
        said_free(&s);
        free(all[i]);
    }
    apisim_stop(sim);
}

// --- files (docs/rules/kubernetes-client.md#yaml-bounds)

static void add_again(struct buf *b, const char *format, int n)
{
    for (int i = 0; i < n; i++) {
        char *one =
            xasprintf("%.*s%d%s", (int)strcspn(format, "#"), format, i, strchr(format, '#') + 1);
        buf_adds(b, one);
        free(one);
    }
}

static int64_t children_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return (int64_t)u.ru_utime.tv_sec * 1000 + u.ru_utime.tv_usec / 1000;
}

// Time of the processor, which others on the machine do not change much.
static void files_of_any_shape_are_read_in_time(void **state)
{
    (void)state;
    enum { SECOND = 1000 };
    static const struct {
        const char *name, *before, *each, *after;
        int n, status, most_ms;
    } cases[] = {
        {"keys.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec:\n",
         "  k: #\n", "", 50000, 0, 2 * SECOND},
        {"keys.json",
         "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"},\"x\":{",
         "\"k\":#,", "\"k\":0}}", 50000, 0, 2 * SECOND},
        {"documents.yaml", "",
         "---\napiVersion: v1\nkind: Service\nmetadata: {name: s#, namespace: b}\nspec: {}\n", "",
         100000, 0, 10 * SECOND},
        {"broken.yaml", "", "---\nmetadata: {name: s#\n", "---\n", 20000, 4, 5 * SECOND},
        {"aliases.yaml",
         "apiVersion: v1\nkind: Service\nx:\n- &a [1,1,1,1,1,1,1,1,1,1]\n- &b [*a,*a,*a,"
         "*a,*a,*a,*a,*a]\n- &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n",
         "- [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c, #]\n", "", 1000, 4, SECOND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        char *said;
        buf_init(&b, 0);
        buf_adds(&b, cases[i].before);
        add_again(&b, cases[i].each, cases[i].n);
        buf_adds(&b, cases[i].after);
        tempdir_write(dir, cases[i].name, b.data, 0600);
        buf_release(&b);
        char *words = xasprintf("get services -f %s/%s", dir, cases[i].name);
        int64_t before = children_ms();
        int status = shell_run(dir, words, ">/dev/null", &said);
        long long ms = children_ms() - before;
        if (status != cases[i].status) {
            fail_msg("%s: status %d after %lld ms, %.300s", cases[i].name, status, ms, said);
        }
#ifndef GATETOP_SANITIZED
        if (ms > cases[i].most_ms) {
            fail_msg("%s: %lld ms", cases[i].name, ms);
        }
#endif
        free(said);
        free(words);
    }
}

static void add_list(struct buf *b, const char *before, const char *each, int n, const char *after)
{
    buf_adds(b, before);
    add_again(b, each, n);
    buf_adds(b, after);
}

// Hosts, gateways and matches: the last numbers that are judged, and the first that are not.
static void what_is_too_large_to_judge_is_left_out(void **state)
{
    (void)state;
    static const struct {
        int hosts, matches, gateways;
        const char *says; // NULL: it is judged
    } cases[] = {
        {1000, 400, 1, NULL},
        {1000, 401, 1,
         "shop/bad (too large to judge: 1000 hosts at each of 1 gateways, each with 401 "},
        {200, 20, 100, NULL},
        {200, 21, 100,
         "shop/bad (too large to judge: 200 hosts at each of 100 gateways, each with 21 "},
        {201, 1, 100, "shop/bad (too large to judge: 201 hosts at each of 100 gateways)"},
        {20000, 1, 1, NULL},
    };
    struct apisim *sim = subcommand_server(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 0);
        add_list(&b, BAD_BEGIN "{\"hosts\":[", "\"h#.example.com\",", cases[i].hosts - 1,
                 "\"last.example.com\"],");
        add_list(&b, "\"gateways\":[", "\"g#\",", cases[i].gateways - 1, "\"last\"],");
        add_list(&b, "\"http\":[{\"match\":[", "{\"uri\":{\"prefix\":\"/#/\"}},",
                 cases[i].matches - 1,
                 "{\"uri\":{\"exact\":\"/\"}}],\"route\":[{\"destination\":{\"host\":\"x\"}}]}]}}");
        serve_bad(sim, b.data);
        struct said s = subcommand_run(sim, dir, "admin", "get status");
        assert_int_equal(s.status, cases[i].says != NULL ? 5 : 0);
        if (cases[i].says != NULL) {
            said_has(&s, s.err, "gatetop: virtualservices: 1 left out: ");
            said_has(&s, s.err, cases[i].says);
            said_has(&s, s.out, "1 object left out: ");
        }
        said_free(&s);
        // Files say it as well.
        char *line = xasprintf("check --complete -f %s/bad.json", dir), *said;
        tempdir_write(dir, "bad.json", b.data, 0600);
        int status = shell_run(dir, line, ">/dev/null", &said);
        assert_true(cases[i].says != NULL ? status == 4 : status <= 1);
        if (cases[i].says != NULL) {
            assert_non_null(strstr(said, "too large to judge: "));
        }
        free(line);
        free(said);
        buf_release(&b);
    }
    apisim_stop(sim);
}

// A root of many hosts and a delegate of many rules, each of them small: the last rule that is judged, and the first
// that is not.
static void what_delegates_multiply_is_bounded(void **state)
{
    (void)state;
    for (int rules = 400; rules <= 401; rules++) {
        struct buf b;
        char *said;
        buf_init(&b, 0);
        buf_adds(&b, "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {namespace: "
                     "shop, name: gw}, spec: {selector: {istio: i}, servers: [{port: {number: 80, "
                     "name: http, protocol: HTTP}, hosts: ['*']}]}}\n---\n");
        add_list(&b,
                 "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: "
                 "shop, name: root}, spec: {gateways: [gw], hosts: [",
                 "h#.example.com, ", 1000,
                 "], http: [{match: [{uri: {prefix: /}}], delegate: {name: leaf}}]}}\n---\n");
        add_list(&b,
                 "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: "
                 "shop, name: leaf}, spec: {http: [",
                 "{match: [{uri: {prefix: /#/}}], route: [{destination: {host: x}}]}, ", rules,
                 "]}}\n");
        tempdir_write(dir, "delegates.yaml", b.data, 0600);
        char *words = xasprintf("check -f %s/delegates.yaml", dir);
        char *to = xasprintf(">%s/out", dir), *file = xasprintf("%s/out", dir);
        int64_t from = children_ms();
        assert_int_equal(shell_run(dir, words, to, &said), 0);
        int64_t ms = children_ms() - from;
        assert_true(ms < 10000); // under sanitizers, too
        size_t n;
        char *out = file_read(file, &n);
        assert_true((strstr(out, "GT0123 VirtualService shop/root spec.http: ") != NULL) ==
                    (rules > 400));
        free(out);
        free(said);
        free(file);
        free(to);
        free(words);
        buf_release(&b);
    }
}

// Each finding prints its line, and all of them are about the same one.
static void findings_of_one_long_line_are_printed_in_time(void **state)
{
    (void)state;
    struct buf b;
    char *said, *words = xasprintf("check -f %s/line.yaml", dir), *to = xasprintf(">%s/out", dir);
    buf_init(&b, 0);
    buf_adds(
        &b,
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: "
        "b}\nspec: {hosts: [x.example.com], http: [");
    add_again(&b, "{match: [{uri: {prefix: /#}}], route: [{destination: {host: gone}}]}, ", 20000);
    buf_adds(&b, "]}\n");
    tempdir_write(dir, "line.yaml", b.data, 0600);
    buf_release(&b);
    int64_t before = children_ms();
    assert_int_equal(shell_run(dir, words, to, &said), 0); // warnings
    int64_t ms = children_ms() - before;
    size_t lines = tempdir_lines(dir, "out");
    assert_true(lines > 60000); // a finding for each of them, and what its line is
#ifndef GATETOP_SANITIZED
    assert_true(ms < 10000);
#else
    (void)ms;
#endif
    free(said);
    free(words);
    free(to);
}

// Numbers at the end of their range: a sanitizer would say more.
static void numbers_of_any_size_do_no_harm(void **state)
{
    (void)state;
    static const char *const words[] = {
        "check",
        "get apps",
        "get routes -o json",
        "get services -o wide",
        "get certificates -o json",
        "get gateways",
        "get events -o wide",
        "get dns --no-probe",
        "get namespaces",
        "get findings",
        "trace http://x.example.com/a",
        "trace https://x.example.com/a",
        "certificates --once",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *line = xasprintf("%s -f tests/fixtures/hostile/numbers.yaml", words[i]), *said;
        int status = shell_run(dir, line, ">/dev/null", &said);
        if (status > 1 || strstr(said, "runtime error") != NULL) {
            fail_msg("%s: status %d, %.900s", words[i], status, said);
        }
        free(line);
        free(said);
    }
}

static void a_folder_without_manifests_is_said(void **state)
{
    (void)state;
    char *said, *line = xasprintf("check -f %s/none", dir);
    tempdir_write(dir, "none/README", "no manifest\n", 0600);
    assert_int_equal(shell_run(dir, line, ">/dev/null", &said), 4);
    assert_non_null(strstr(said, "/none: no *.yaml, *.yml or *.json file is in this folder\n"));
    free(said);
    tempdir_write(dir, "none/below/a.yaml", "# nothing\n", 0600);
    assert_int_equal(shell_run(dir, line, ">/dev/null", &said), 0);
    free(said);
    free(line);
}

int main(void)
{
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_object_is_named_and_counted),
        cmocka_unit_test(depth_and_odd_characters_do_no_harm),
        cmocka_unit_test(files_of_any_shape_are_read_in_time),
        cmocka_unit_test(what_is_too_large_to_judge_is_left_out),
        cmocka_unit_test(what_delegates_multiply_is_bounded),
        cmocka_unit_test(findings_of_one_long_line_are_printed_in_time),
        cmocka_unit_test(numbers_of_any_size_do_no_harm),
        cmocka_unit_test(a_folder_without_manifests_is_said),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
