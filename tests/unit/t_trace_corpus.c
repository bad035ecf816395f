// SPDX-License-Identifier: Apache-2.0
// Every recorded request of a real istiod and Envoy against trace: outcome, VirtualService, rule, delegate,
// destinations with shares and existence, location, rewriting, mirrors, flags, status. 100 % or it fails.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_json.h"
#include "kube/mesh/trace/trace_workloads.h"

#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/world.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { MAX_THEMES = 64, MAX_TOLD = 60 };
static struct {
    char name[256];
    int requests, agreed;
} themes[MAX_THEMES];
static int nthemes, told, total, agreed;

static void count(const char *theme, bool ok)
{
    int i = 0;
    while (i < nthemes && strcmp(themes[i].name, theme) != 0) {
        i++;
    }
    if (i == nthemes && nthemes < MAX_THEMES) {
        (void)snprintf(themes[nthemes++].name, sizeof themes[0].name, "%s", theme);
    }
    themes[i].requests++;
    themes[i].agreed += ok;
    total++;
    agreed += ok;
}

static bool same_text(const struct json *got, const struct json *want)
{
    return str_eq(json_string(got), json_string(want));
}

static bool same_destinations(const struct json *got, const struct json *want, bool mirrors)
{
    if (json_count(got) != json_count(want)) {
        return false;
    }
    const struct json *g = json_first(got);
    for (const struct json *w = json_first(want); w != NULL; w = json_next(w), g = json_next(g)) {
        if (!same_text(json_get(g, "host"), json_get(w, "host")) ||
            !same_text(json_get(g, "subset"), json_get(w, "subset")) ||
            json_get_int(g, "port", -1) != json_get_int(w, "port", -2) ||
            json_get_bool(g, "exists", false) != json_get_bool(w, "cluster_exists", true)) {
            return false;
        }
        const char *share = mirrors ? "percent" : "weight";
        double a = json_number(json_get(g, share), -1);
        double b = json_number(json_get(w, share), -2);
        if (a - b > 0.001 || b - a > 0.001) {
            return false;
        }
    }
    return true;
}

// Some destinations of a list exist and some do not: then the recorded status is one sample.
static bool partly_missing(const struct json *destinations)
{
    int yes = 0;
    int no = 0;
    for (const struct json *d = json_first(destinations); d != NULL; d = json_next(d)) {
        json_get_bool(d, "cluster_exists", true) ? yes++ : no++;
    }
    return yes > 0 && no > 0;
}

static const char *disagreement(const struct json *got, const struct json *want)
{
    const char *kind = json_get_string(want, "kind");
    if (!same_text(json_get(got, "outcome"), json_get(want, "kind"))) {
        return "outcome";
    }
    if (!same_text(json_get(got, "virtualService"), json_get(want, "virtualservice"))) {
        return "virtualService";
    }
    const struct json *rule = json_get(got, "rule");
    const struct json *index = json_get(want, "route_index");
    if (index != NULL && json_int(index, -1) != json_get_int(rule, "index", -2)) {
        return "rule index";
    }
    // Envoy's name of the route: the rule's, with the match entry's after a dot.
    const char *route_name = json_get_string(want, "route_name");
    if (route_name != NULL) {
        char name[512];
        const char *match = json_get_string(rule, "matchName");
        const char *own = json_get_string(rule, "name");
        (void)snprintf(name, sizeof name, "%s%s%s", str_or_empty(own), match != NULL ? "." : "",
                       str_or_empty(match));
        if (strcmp(name, route_name) != 0) {
            return "route name";
        }
    }
    const struct json *delegate = json_get(got, "delegate");
    if (json_get(want, "delegate") != NULL &&
        (!same_text(json_get(delegate, "virtualService"), json_get(want, "delegate")) ||
         json_get_int(delegate, "index", -1) != json_get_int(want, "delegate_route_index", -2))) {
        return "delegate";
    }
    const struct json *destinations = json_get(want, "destinations");
    if (destinations != NULL &&
        !same_destinations(json_get(got, "destinations"), destinations, false)) {
        return "destinations";
    }
    if (!same_destinations(json_get(got, "mirrors"), json_get(want, "mirrors"), true)) {
        return "mirrors";
    }
    // Behind the gateway: no endpoint (UH), or one that answers in another protocol (UPE).
    const char *flags = json_get_string(want, "flags");
    bool behind = str_eq(flags, "UH") || str_eq(flags, "UPE");
    if (strcmp(kind, "no_listener") != 0 && !partly_missing(destinations) && !behind) {
        if (json_get_int(got, "status", -1) != json_get_int(want, "status", -2)) {
            return "status";
        }
        if (!same_text(json_get(got, "flags"), json_get(want, "flags"))) {
            return "flags";
        }
    }
    const struct json *location = json_get(want, "location");
    if (location != NULL && !same_text(json_get(got, "location"), location)) {
        return "location";
    }
    if (!same_text(json_get(got, "source"), json_get(want, "source"))) {
        return "source";
    }
    const struct json *path = json_get(want, "path_after_rewrite");
    if (path != NULL && !same_text(json_get(got, "rewrittenPath"), path)) {
        return "rewrittenPath";
    }
    const struct json *authority = json_get(want, "authority_after_rewrite");
    if (authority != NULL && !same_text(json_get(got, "rewrittenAuthority"), authority)) {
        return "rewrittenAuthority";
    }
    const struct json *body = json_get(want, "body");
    return body != NULL && !same_text(json_get(got, "body"), body) ? "body" : NULL;
}

static void tell(const char *scenario, const char *what, const struct json *request,
                 const struct json *got)
{
    struct buf b;
    if (told++ >= MAX_TOLD) {
        return;
    }
    buf_init(&b, 0);
    buf_addf(&b, "# %s: %s differs\n#   request and answer ", scenario, what);
    json_print(request, false, &b);
    buf_adds(&b, "\n#   gatetop ");
    json_print(got, false, &b);
    print_message("%s\n", b.data);
    buf_release(&b);
}

struct tables { // one for each gateway workload of the scenario
    struct str_map selector[8];
    struct route_table *table[8];
    int n;
};

static bool same_map(const struct str_map *a, const struct str_map *b)
{
    return a->n == b->n && labels_match(a, b);
}

static struct route_table *table_for(struct tables *t, const struct mesh *m,
                                     const struct str_map *selector)
{
    for (int i = 0; i < t->n; i++) {
        if (same_map(&t->selector[i], selector)) {
            return t->table[i];
        }
    }
    t->selector[t->n] = *selector;
    t->table[t->n] = route_table_build(m, workload_from_labels(m, selector));
    return t->table[t->n++];
}

static void run_scenario(const char *path)
{
    struct err e = {0};
    struct json *j = file_json(path);
    struct world w;
    world_open(&w, json_get_string(j, "objects"), 1800000000);
    struct tables tables = {.n = 0};
    const struct json *list = json_get(j, "requests");
    for (const struct json *r = json_first(list); r != NULL; r = json_next(r)) {
        struct buf line;
        struct trace_request q;
        buf_init(&line, 0);
        json_print(r, false, &line);
        assert_true(trace_request_from_json(&w.arena, line.data, line.len, &q, &e));
        buf_release(&line);
        struct route_table *t = table_for(&tables, &w.mesh, &q.gateway_selector);
        struct trace_result result = trace_run(t, &w.mesh, &q);
        struct json *got = trace_to_json(&result, &q);
        assert_non_null(got);
        const char *what = disagreement(got, json_get(r, "expect"));
        if (what != NULL) {
            tell(json_get_string(j, "name"), what, r, got);
        }
        count(json_get_string(j, "theme"), what == NULL);
        json_free(got);
    }
    world_close(&w);
    json_free(j);
}

static void run_folder(const char *sub)
{
    char folder[512];
    (void)snprintf(folder, sizeof folder, "%s/%s", corpus_dir(), sub);
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    assert_true(n > 0);
    const char *only = getenv("SCENARIO");
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        if (str_ends(name, ".json") && (only == NULL || strstr(name, only) != NULL)) {
            char path[1024];
            (void)snprintf(path, sizeof path, "%s/%s", folder, name);
            run_scenario(path);
        }
        free(names[i]);
    }
    free(names);
}

static void corpus(void **state)
{
    (void)state;
    run_folder("trace");
    run_folder("serviceentry");
    for (int i = 0; i < nthemes; i++) {
        print_message("# trace corpus, %-12s %5d of %5d requests agree\n", themes[i].name,
                      themes[i].agreed, themes[i].requests);
    }
    print_message("# trace corpus: %d of %d requests agree\n", agreed, total);
    assert_int_equal(agreed, total);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
