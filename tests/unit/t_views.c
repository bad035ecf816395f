// SPDX-License-Identifier: Apache-2.0
// Every view over the sample platform and over awkward text: widths, order, filter, keys.
#include "kube/base/json.h"
#include "kube/base/text.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/apps.h"

#include "views/table.h"
#include "views/view_list.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define NOW INT64_C(1763920800)

static void put(void *self, const struct object *o)
{
    (void)store_put(self, o);
}

static void bad(void *self, const char *file, int line, int column, const char *message)
{
    (void)self;
    fail_msg("%s:%d:%d: %s", file, line, column, message);
}

// Names that are hard to draw: wide characters, combining marks, right to left, very long.
static const char awkward[] =
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: "
    "\"\xE7\xBD\x91\xE5\x85\xB3\xE7\xBD\x91\xE5\x85\xB3\", namespace: storefront-production}, "
    "spec: {hosts: [\"\xE7\xBD\x91\xE5\x85\xB3.e\xCC\x81.example.com\", "
    "\"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D.example.com\", "
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    "bbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccc.example.com], gateways: "
    "[cart-gateway], http: [{route: [{destination: {host: \"\xE7\xBD\x91\"}}]}]}}";

static const struct view_options how;
static const struct snapshot *snap;
static struct apps *apps;

static int open_platform(void **state)
{
    (void)state;
    struct store *s = store_new();
    apps = apps_new(NULL);
    store_on_change(s, apps_changed, apps);
    struct manifest_sink sink = {put, bad, s};
    assert_true(manifest_read("tests/fixtures/platform", "default", &sink));
    assert_true(manifest_read_text("awkward.yaml", awkward, strlen(awkward), "default", &sink));
    store_cluster(s)->from_files = true;
    for (int k = 0; k < KIND_COUNT; k++) {
        store_state(s, (enum kind)k)->state = SYNC_LIVE;
        store_state(s, (enum kind)k)->synced = true;
        apps_kind_state_changed(apps, (enum kind)k);
    }
    snap = store_publish(s, apps_update(apps, store_view(s), NOW), app_rows_unref);
    store_free(s);
    return 0;
}

static int close_platform(void **state)
{
    (void)state;
    snapshot_unref(snap);
    apps_free(apps);
    return 0;
}

struct look {
    struct arena arena;
    struct view_args args;
};

static void look_init(struct look *l)
{
    arena_init(&l->arena);
    l->args = (struct view_args){snap, &l->arena, NOW, NULL, NULL, &how};
}

// What is shown fits the screen at every width, the first column always is, and each column stays between
// its bounds where there is room for them.
static void columns_fit_every_width(void **state)
{
    (void)state;
    static const int wide_enough[] = {80, 120, 200, 400};
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct look l;
        look_init(&l);
        struct table t = table_build(v, &l.args, NULL, (struct table_order){-1, false});
        assert_true(t.n > 0);
        for (int i = 1; i <= 44; i++) {
            int columns = i <= 40 ? i : wide_enough[i - 41];
            for (int wide = 0; wide < 2; wide++) {
                int width[64], used = 0, shown = 0;
                table_widths(v, &l.args, t.at, t.n, columns, wide, width);
                for (int c = 0; c < v->ncolumns; c++) {
                    assert_true(width[c] >= 0);
                    assert_true(wide || !v->columns[c].wide || width[c] == 0);
                    used += width[c] > 0 ? width[c] + (shown > 0) : 0;
                    shown += width[c] > 0;
                    assert_true(v->columns[c].max == 0 || width[c] <= v->columns[c].max ||
                                width[c] <= text_width(v->columns[c].title));
                }
                assert_true(width[0] > 0);
                if (used > columns) {
                    fail_msg("%s: %d of %d columns", v->name, used, columns);
                }
            }
        }
        arena_release(&l.arena);
    }
}

// The host is what a row is about: a small screen shows it cut, not the links without it.
static void a_small_screen_shows_hosts(void **state)
{
    (void)state;
    struct look l;
    look_init(&l);
    const struct view *v = view_find("apps");
    struct table t = table_build(v, &l.args, NULL, (struct table_order){-1, false});
    for (int columns = 28; columns <= 80; columns++) {
        int width[64], host = 0;
        table_widths(v, &l.args, t.at, t.n, columns, false, width);
        while (strcmp(v->columns[host].field, "host") != 0) {
            host++;
        }
        if (width[host] < 12) {
            fail_msg("%d columns: host has %d", columns, width[host]);
        }
    }
    arena_release(&l.arena);
}

static struct cell one_letter(const struct view_args *a, const void *row)
{
    (void)a, (void)row;
    return (struct cell){.text = "x"};
}

// The number of columns is the view's affair: a thousand fit where there is room, and no width is lost.
static void a_table_may_have_any_number_of_columns(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static struct column columns[MANY];
    for (int c = 0; c < MANY; c++) {
        columns[c] = (struct column){.title = "X", .cell = one_letter, .min = 1, .max = 1};
    }
    const struct view many = {.columns = columns, .ncolumns = MANY};
    struct look l;
    look_init(&l);
    static const char row[] = "row";
    const void *rows[] = {row};
    int width[MANY];
    table_widths(&many, &l.args, rows, 1, 2 * MANY, false, width);
    for (int c = 0; c < MANY; c++) {
        assert_int_equal(width[c], 1);
    }
    arena_release(&l.arena);
}

// By each column, both ways: in order, no row lost, equals in the natural order.
static void every_column_sorts_both_ways(void **state)
{
    (void)state;
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct look l;
        look_init(&l);
        uint32_t n = v->list(&l.args).n;
        for (int c = 0; c < v->ncolumns; c++) {
            for (int down = 0; down < 2; down++) {
                struct table t = table_build(v, &l.args, NULL, (struct table_order){c, down != 0});
                assert_int_equal(t.n, n);
                for (uint32_t i = 1; i < n; i++) {
                    struct cell x = v->columns[c].cell(&l.args, t.at[i - 1]);
                    struct cell y = v->columns[c].cell(&l.args, t.at[i]);
                    int order = v->columns[c].sort == SORT_NUMBER
                                    ? (x.sort > y.sort) - (x.sort < y.sort)
                                    : strcmp(x.text, y.text);
                    if (down ? order < 0 : order > 0) {
                        fail_msg("%s by %s: '%s' before '%s'", v->name, v->columns[c].field, x.text,
                                 y.text);
                    }
                }
            }
        }
        arena_release(&l.arena);
    }
}

// A word and its negation part the rows; what is counted is what is shown.
static void a_filter_parts_the_rows(void **state)
{
    (void)state;
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct look l;
        look_init(&l);
        struct table_order natural = {-1, false};
        uint32_t n = v->list(&l.args).n;
        static const char *const words[][2] = {
            {"prod", "!prod"}, {"PROD", "!PROD"}, {"\xE7\xBD\x91", "!\xE7\xBD\x91"}};
        for (size_t i = 0; i < 3; i++) {
            struct table with = table_build(v, &l.args, words[i][0], natural);
            struct table without = table_build(v, &l.args, words[i][1], natural);
            assert_int_equal(with.n + without.n, n);
            uint32_t counted = 0;
            for (int k = 0; k <= VERDICT_BROKEN; k++) {
                counted += with.counts.n[k];
            }
            assert_int_equal(counted, with.n);
        }
        assert_int_equal(table_build(v, &l.args, "prod !prod", natural).n, 0);
        assert_int_equal(table_build(v, &l.args, "nosuchword", natural).n, 0);
        static const char many[] = "a a a a a a a a a a a a a a a a a a a a nosuchword";
        assert_int_equal(table_build(v, &l.args, many, natural).n, 0);
        arena_release(&l.arena);
    }
}

// Selection, marks and -w go by keys: no two rows of a view may have one, and looked at again they are the
// same. Cells are never NULL and one line, details can be made of every row.
static void keys_are_unique_and_stay(void **state)
{
    (void)state;
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct look l, again;
        look_init(&l);
        look_init(&again);
        struct view_rows r = v->list(&l.args), s = v->list(&again.args);
        assert_int_equal(r.n, s.n);
        const char **keys = arena_alloc(&l.arena, (r.n + 1) * sizeof *keys);
        for (uint32_t i = 0; i < r.n; i++) {
            keys[i] = view_row_key(v, &l.args, r.at[i]);
            assert_string_equal(keys[i], view_row_key(v, &again.args, s.at[i]));
            for (int c = 0; c < v->ncolumns; c++) {
                const char *text = v->columns[c].cell(&l.args, r.at[i]).text;
                assert_non_null(text);
                assert_null(strpbrk(text, "\r\n\t\033"));
            }
            struct text_block b;
            block_init(&b, &l.arena);
            v->detail(&l.args, r.at[i], &b);
            assert_true(b.n > 0);
        }
        qsort(keys, r.n, sizeof *keys, str_order);
        for (uint32_t i = 1; i < r.n; i++) {
            if (strcmp(keys[i - 1], keys[i]) == 0) {
                fail_msg("%s: two rows are called '%s'", v->name, keys[i]);
            }
        }
        arena_release(&l.arena);
        arena_release(&again.arena);
    }
}

// Below the host the first line of an application's page is what is wrong with it: the pane may be ten lines high.
static void an_application_s_page_begins_with_what_is_wrong(void **state)
{
    (void)state;
    const struct view *v = view_find("apps");
    struct look l;
    look_init(&l);
    struct view_rows rows = v->list(&l.args);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < rows.n; i++) {
        const struct app_row *r = rows.at[i];
        struct text_block b;
        struct buf line;
        block_init(&b, &l.arena);
        v->detail(&l.args, r, &b);
        buf_init(&line, 0);
        for (uint32_t k = 0; k < b.at[1].n; k++) {
            buf_adds(&line, b.at[1].at[k].text);
        }
        assert_int_equal(str_starts(line.data, "  why "), r->reason[0] != '\0');
        if (r->reason[0] != '\0') {
            assert_true(str_ends(line.data, r->reason));
            wrong++;
        }
        buf_release(&line);
    }
    assert_true(wrong > 5 && wrong < rows.n);
    arena_release(&l.arena);
}

// Where rows tell of DNS, external-dns's own arguments are read for them: the same cluster gets the same verdict
// in each of these views.
static void views_of_the_chain_read_what_external_dns_is_told(void **state)
{
    (void)state;
    static const char *const names[] = {"apps", "namespaces", "findings", "dns"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct view *v = view_find(names[i]);
        assert_non_null(v);
        assert_true((v->reads & KIND_BIT(KIND_DEPLOYMENT)) != 0);
    }
}

// clang-format off
#define ODD(name, annotations, hosts)                                                              \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {namespace: in, name: " name ", annotations: {" annotations "}}\n" \
    "spec: {selector: {istio: i}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: [" hosts "]}]}\n"
#define KEY(k) "external-dns.kubernetes.io/" k
static const char odd_yaml[] =
    "apiVersion: v1\nkind: Service\nmetadata: {namespace: in, name: lb}\nspec: {selector: {istio: i}}\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n"
    ODD("caps", KEY("ttl") ": 1m", "Shop.D.io.") ODD("wide", "", "b\xc3\xbc" "cher.example") ODD("empty", KEY("hostname") ": ''", "'*'")
    ODD("six", KEY("target") ": '2001:db8::1'", "'*.d.io'") ODD("one", KEY("target") ": a.e.net", "twice.d.io")
    ODD("two", KEY("target") ": b.e.net", "twice.d.io") ODD("three", KEY("target") ": c.e.net", "twice.d.io");
static const char *const odd_rows[] = {
    "{\"host\":\"\",\"type\":\"A\",\"targets\":[\"192.0.2.1\"],\"ttl\":0,\"source\":\"gateway/in/empty\",\"sources\":[\"gateway/in/empty\"],\"ownerNames\":[\"a-\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"*.d.io\",\"type\":\"AAAA\",\"targets\":[\"2001:db8::1\"],\"ttl\":0,\"source\":\"gateway/in/six\",\"sources\":[\"gateway/in/six\"],\"ownerNames\":[\"aaaa-*.d.io\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"Shop.D.io\",\"type\":\"A\",\"targets\":[\"192.0.2.1\"],\"ttl\":60,\"source\":\"gateway/in/caps\",\"sources\":[\"gateway/in/caps\"],\"ownerNames\":[\"a-Shop.D.io\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"b\xc3\xbc" "cher.example\",\"type\":\"A\",\"targets\":[\"192.0.2.1\"],\"ttl\":0,\"source\":\"gateway/in/wide\",\"sources\":[\"gateway/in/wide\"],\"ownerNames\":[\"a-b\xc3\xbc" "cher.example\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"twice.d.io\",\"type\":\"CNAME\",\"targets\":[\"a.e.net\"],\"ttl\":0,\"source\":\"gateway/in/one\",\"sources\":[\"gateway/in/one\"],\"ownerNames\":[\"cname-twice.d.io\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"twice.d.io\",\"type\":\"CNAME\",\"targets\":[\"b.e.net\"],\"ttl\":0,\"source\":\"gateway/in/two\",\"sources\":[\"gateway/in/two\"],\"ownerNames\":[\"cname-twice.d.io\"],\"state\":\"filtered\",\"reason\":\"not made: the CNAME record that gateway/in/one wants for the name goes first, unless this one is already there\"}",
    "{\"host\":\"twice.d.io\",\"type\":\"CNAME\",\"targets\":[\"c.e.net\"],\"ttl\":0,\"source\":\"gateway/in/three\",\"sources\":[\"gateway/in/three\"],\"ownerNames\":[\"cname-twice.d.io\"],\"state\":\"filtered\",\"reason\":\"not made: the CNAME record that gateway/in/one wants for the name goes first, unless this one is already there\"}",
};
// clang-format on

// The view dns over awkward objects: each row is right, and each has a key of its own.
static void dns_rows_of_odd_objects(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, odd_yaml, NOW);
    const struct view *v = view_find("dns");
    struct view_args args = {w.snap, &w.arena, NOW, NULL, NULL, &how};
    struct view_rows r = v->list(&args);
    assert_int_equal(r.n, sizeof odd_rows / sizeof *odd_rows);
    for (uint32_t i = 0; i < r.n; i++) {
        struct json *j = v->json(&args, r.at[i]);
        struct buf b;
        buf_init(&b, 0);
        json_print(j, false, &b);
        assert_string_equal(b.data, odd_rows[i]);
        assert_string_equal(v->object(&args, r.at[i])->ns, "in");
        for (uint32_t k = 0; k < i; k++) {
            assert_string_not_equal(view_row_key(v, &args, r.at[i]),
                                    view_row_key(v, &args, r.at[k]));
        }
        buf_release(&b);
        json_free(j);
    }
    world_close(&w);
}

static const char *cell_called(const struct view *v, const struct view_args *a, const void *row,
                               const char *field)
{
    for (int c = 0; c < v->ncolumns; c++) {
        if (strcmp(v->columns[c].field, field) == 0) {
            return v->columns[c].cell(a, row).text;
        }
    }
    fail_msg("%s has no column '%s'", v->name, field);
    return NULL;
}

#define GATEWAY_HEAD                                                                               \
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {namespace: in, name: gw}\n"

// HTTP:80 is a server of its own beside HTTP:8080, and a host stays however many stand before it.
static void a_gateway_shows_each_server_and_host_once(void **state)
{
    (void)state;
    struct buf yaml, hosts;
    buf_init(&yaml, 0);
    buf_init(&hosts, 0);
    for (int i = 0; i < 500; i++) {
        buf_addf(&hosts, "%shost-%03d.example.com", i > 0 ? ", " : "", i);
    }
    buf_addf(&yaml,
             GATEWAY_HEAD
             "spec:\n  servers:\n"
             "  - {port: {number: 8080, name: a, protocol: HTTP}, hosts: [%s]}\n"
             "  - {port: {number: 80, name: b, protocol: HTTP}, hosts: [host-007.example.com]}\n"
             "  - {port: {number: 80, name: c, protocol: HTTP}, hosts: [example.com]}\n",
             hosts.data);
    struct world w;
    world_open(&w, yaml.data, NOW);
    const struct view *v = view_find("gateways");
    struct view_args args = {w.snap, &w.arena, NOW, NULL, NULL, &how};
    struct view_rows r = v->list(&args);
    assert_int_equal(r.n, 1);
    assert_string_equal(cell_called(v, &args, r.at[0], "servers"), "HTTP:8080 HTTP:80");
    buf_adds(&hosts, ", example.com");
    assert_string_equal(cell_called(v, &args, r.at[0], "hosts"), hosts.data);
    buf_release(&hosts);
    buf_release(&yaml);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_fit_every_width),
        cmocka_unit_test(a_small_screen_shows_hosts),
        cmocka_unit_test(a_table_may_have_any_number_of_columns),
        cmocka_unit_test(every_column_sorts_both_ways),
        cmocka_unit_test(a_filter_parts_the_rows),
        cmocka_unit_test(keys_are_unique_and_stay),
        cmocka_unit_test(a_gateway_shows_each_server_and_host_once),
        cmocka_unit_test(dns_rows_of_odd_objects),
        cmocka_unit_test(an_application_s_page_begins_with_what_is_wrong),
        cmocka_unit_test(views_of_the_chain_read_what_external_dns_is_told),
    };
    return cmocka_run_group_tests(tests, open_platform, close_platform);
}
