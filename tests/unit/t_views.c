// SPDX-License-Identifier: Apache-2.0
// Every view over the sample platform and over awkward text: keys, cells, pages; and single views over odd objects.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/mesh/chain/app_row.h"
#include "kube/mesh/chain/app_updater.h"

#include "views/view_list.h"

#include "tests/support/platform.h"
#include "tests/support/world.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static const struct view_options how;

// Selection, marks and -w go by keys: no two rows of a view have the same, and the next list has the same keys. Cells
// are never NULL and one line; every row has a detail page.
static void keys_are_unique_and_stay(void **state)
{
    (void)state;
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct platform_look l, again;
        platform_look(&l);
        platform_look(&again);
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

// The mark of a verdict's cell, "✓ ok", in the arena; NULL if the cell shows no verdict.
static const char *mark_of(struct arena *a, const char *text)
{
    const char *space = strchr(text, ' ');
    for (int v = 0; space != NULL && v <= VERDICT_BROKEN; v++) {
        if (strcmp(space + 1, verdict_name((enum verdict)v)) == 0) {
            return arena_strndup(a, text, (size_t)(space - text));
        }
    }
    return NULL;
}

// docs/rules/terminal.md#glyphs
static void marks_are_one_column(void **state)
{
    (void)state;
    static const struct view_options plain = {.ascii = true};
    static const char *const agreed[] = {"✓", "○", "⚠", "✗", "?"};
    unsigned seen = 0;
    for (const struct view *const *at = views; *at != NULL; at++) {
        const struct view *v = *at;
        struct platform_look l;
        platform_look(&l);
        struct view_args ascii = l.args;
        ascii.options = &plain;
        struct view_rows r = v->list(&l.args);
        for (uint32_t i = 0; i < r.n * (uint32_t)v->ncolumns; i++) {
            const struct column *c = &v->columns[i % (uint32_t)v->ncolumns];
            const void *row = r.at[i / (uint32_t)v->ncolumns];
            const char *mark = mark_of(&l.arena, c->cell(&l.args, row).text);
            if (mark == NULL) {
                continue;
            }
            size_t k = 0;
            while (k < sizeof agreed / sizeof *agreed && strcmp(agreed[k], mark) != 0) {
                k++;
            }
            assert_true(k < sizeof agreed / sizeof *agreed);
            seen |= 1U << k;
            mark = mark_of(&l.arena, c->cell(&ascii, row).text);
            assert_non_null(mark);
            assert_int_equal(strlen(mark), 1);
        }
        arena_release(&l.arena);
    }
    assert_int_equal(seen & 13, 13); // the platform has no pending, and no unknown row
}

// The rows, as `get -o json` and the dashboard's pages have them.
static char *whole_view(const struct view *v, const struct view_args *a)
{
    struct buf b;
    buf_init(&b, 0);
    struct view_rows r = v->list(a);
    for (uint32_t i = 0; i < r.n; i++) {
        for (int c = 0; c < v->ncolumns; c++) {
            buf_addf(&b, "%s\t", v->columns[c].cell(a, r.at[i]).text);
        }
        struct json *j = v->json(a, r.at[i]);
        json_print(j, false, &b);
        json_free(j);
        struct text_block page;
        block_init(&page, a->arena);
        v->detail(a, r.at[i], &page);
        for (uint32_t l = 0; l < page.n; l++) {
            for (uint32_t s = 0; s < page.at[l].n; s++) {
                buf_addf(&b, "%s", page.at[l].at[s].text);
            }
            buf_addf(&b, "\n");
        }
    }
    return buf_take(&b);
}

// A view says whether it shows something of chains: if not, its rows are the same without them.
static void a_view_says_that_it_shows_chains(void **state)
{
    (void)state;
    for (const struct view *const *at = views; *at != NULL; at++) {
        struct platform_look l;
        platform_look(&l);
        char *with = whole_view(*at, &l.args);
        struct snapshot bare = *l.args.snap;
        bare.derived = NULL;
        l.args.snap = &bare;
        char *without = whole_view(*at, &l.args);
        if ((strcmp(with, without) != 0) != (*at)->chains) {
            fail_msg("%s: chains = %d", (*at)->name, (*at)->chains);
        }
        free(with);
        free(without);
        arena_release(&l.arena);
    }
}

// Below the host the first line of an application's page is what is wrong with it: the pane may be ten lines high.
static void an_application_s_page_begins_with_what_is_wrong(void **state)
{
    (void)state;
    const struct view *v = view_find("apps");
    struct platform_look l;
    platform_look(&l);
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

// Views whose rows depend on DNS read external-dns's own arguments: the same cluster gets the same verdict in each of
// them.
static void views_of_the_chain_read_external_dns_arguments(void **state)
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
    ODD("caps", KEY("ttl") ": 1m", "Shop.D.io.") ODD("wide", "", "b\303\274cher.example") ODD("empty", KEY("hostname") ": ''", "'*'")
    ODD("six", KEY("target") ": '2001:db8::1'", "'*.d.io'") ODD("one", KEY("target") ": a.e.net", "twice.d.io")
    ODD("two", KEY("target") ": b.e.net", "twice.d.io") ODD("three", KEY("target") ": c.e.net", "twice.d.io");
static const char *const odd_rows[] = {
    "{\"host\":\"\",\"type\":\"A\",\"targets\":[\"192.0.2.1\"],\"ttl\":0,\"source\":\"gateway/in/empty\",\"sources\":[\"gateway/in/empty\"],\"ownerNames\":[\"a-\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"*.d.io\",\"type\":\"AAAA\",\"targets\":[\"2001:db8::1\"],\"ttl\":0,\"source\":\"gateway/in/six\",\"sources\":[\"gateway/in/six\"],\"ownerNames\":[\"aaaa-*.d.io\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"Shop.D.io\",\"type\":\"A\",\"targets\":[\"192.0.2.1\"],\"ttl\":60,\"source\":\"gateway/in/caps\",\"sources\":[\"gateway/in/caps\"],\"ownerNames\":[\"a-Shop.D.io\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
    "{\"host\":\"b\303\274cher.example\",\"type\":\"A\",\"targets\":[\"192.0.2.1\"],\"ttl\":0,\"source\":\"gateway/in/wide\",\"sources\":[\"gateway/in/wide\"],\"ownerNames\":[\"a-b\303\274cher.example\"],\"state\":\"unknown\",\"reason\":\"not asked yet\"}",
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
    world_open(&w, odd_yaml, PLATFORM_NOW);
    const struct view *v = view_find("dns");
    struct view_args args = {
        .snap = w.snap, .arena = &w.arena, .now = PLATFORM_NOW, .options = &how};
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

// HTTP:80 is a server of its own beside HTTP:8080, and a host stays however many precede it.
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
    world_open(&w, yaml.data, PLATFORM_NOW);
    const struct view *v = view_find("gateways");
    struct view_args args = {
        .snap = w.snap, .arena = &w.arena, .now = PLATFORM_NOW, .options = &how};
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
        cmocka_unit_test(keys_are_unique_and_stay),
        cmocka_unit_test(marks_are_one_column),
        cmocka_unit_test(a_view_says_that_it_shows_chains),
        cmocka_unit_test(a_gateway_shows_each_server_and_host_once),
        cmocka_unit_test(dns_rows_of_odd_objects),
        cmocka_unit_test(an_application_s_page_begins_with_what_is_wrong),
        cmocka_unit_test(views_of_the_chain_read_external_dns_arguments),
    };
    return cmocka_run_group_tests(tests, platform_open, platform_close);
}
