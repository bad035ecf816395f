// SPDX-License-Identifier: Apache-2.0
// What an evaluation logs in the area mesh: which change made which chains be evaluated, and what became of their
// rows.
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/dependents.h"

#include "tui/source/evaluation_log.h"

#include "tests/support/file.h"
#include "tests/support/tempdir.h"
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

#define T0 INT64_C(1764000000)
// Where all is well with the host.
#define GATEWAY                                                                                    \
    "{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n"                                \
    "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a, labels: {istio: in}}}\n---\n"   \
    "{apiVersion: v1, kind: Service, metadata: {name: in, namespace: a}, spec: {type: "            \
    "LoadBalancer, selector: {istio: in}, ports: [{port: 80}]}, status: {loadBalancer: {ingress: " \
    "[{ip: 192.0.2.1}]}}}\n---\n"                                                                  \
    "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: a}, "     \
    "spec: {selector: {istio: in}, servers: [{port: {number: 80, name: h, protocol: HTTP}, "       \
    "hosts: [h.example]}]}}\n---\n"
#define ROUTE                                                                                      \
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: " \
    "a}, spec: {hosts: [h.example], gateways: [gw], http: [{route: [{destination: {host: "         \
    "web}}]}]}}\n---\n"
#define OTHER_ROUTE                                                                                \
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: " \
    "a}, spec: {hosts: [h.example], gateways: [gw], http: [{route: [{destination: {host: "         \
    "missing}}]}]}}\n---\n"
#define SERVICE                                                                                    \
    "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: a}, spec: {ports: [{port: "  \
    "80}]}}\n"

static char *dir, *path;

struct t {
    struct evaluation_log log;
    struct app_updater *apps;
};

static int setup(void **state)
{
    struct t *t = xcalloc(1, sizeof *t);
    struct err err;
    assert_true(log_open(path, &err));
    log_areas_set(1U << LOG_AREA_MESH);
    t->apps = app_updater_new(NULL);
    evaluation_log_init(&t->log);
    app_updater_on_evaluated(t->apps, evaluation_log_evaluated, &t->log);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct t *t = *state;
    app_updater_free(t->apps);
    evaluation_log_release(&t->log);
    free(t);
    log_close();
    return remove(path);
}

static void change(struct t *t, const struct object *before, const struct object *after)
{
    evaluation_log_changed(&t->log, before, after);
    app_updater_changed(t->apps, before, after);
}

// An update over the snapshot, and what the log has of it without times (heap).
static char *update(struct t *t, const struct snapshot *view)
{
    struct err err;
    log_close();
    assert_int_equal(remove(path), 0);
    assert_true(log_open(path, &err));
    evaluation_log_begin(&t->log);
    app_rows_unref(app_updater_run(t->apps, view, T0));
    evaluation_log_end(&t->log, 1);
    return file_read(path, NULL);
}

static void assert_says(char *log, const char *line)
{
    if (strstr(log, line) == NULL) {
        fail_msg("'%s' is not in:\n%s", line, log);
    }
}

static const struct object *get(const struct snapshot *s, enum kind k, const char *name)
{
    const struct object *o = snapshot_get(s, k, "a", name);
    assert_non_null(o);
    return o;
}

static void rows_come_change_and_go(void **state)
{
    struct t *t = *state;
    const struct snapshot *all = world_from_yaml(GATEWAY ROUTE SERVICE),
                          *without_service = world_from_yaml(GATEWAY ROUTE),
                          *other_route = world_from_yaml(GATEWAY OTHER_ROUTE),
                          *gateway = world_from_yaml(GATEWAY);
    const struct object *vs = get(all, KIND_VIRTUALSERVICE, "web"),
                        *gw = get(all, KIND_GATEWAY, "gw"),
                        *service = get(all, KIND_SERVICE, "web");
    change(t, NULL, vs);
    change(t, NULL, gw);
    change(t, NULL, service);
    char *log = update(t, all);
    assert_says(log, "mesh VirtualService a/web evaluated because it changed: 1 rows\n");
    assert_says(log, "mesh h.example on a/gw: none -> ");
    free(log);
    change(t, service, NULL);
    log = update(t, without_service);
    assert_says(log, "mesh VirtualService a/web evaluated because Service a/web deleted: 1 rows\n");
    assert_says(log, " -> broken at destinations: ");
    free(log);
    // The same state for another reason.
    change(t, vs, get(other_route, KIND_VIRTUALSERVICE, "web"));
    log = update(t, other_route);
    assert_says(log, "mesh h.example on a/gw: broken at destinations: ");
    assert_says(log, " -> broken at destinations: ");
    free(log);
    change(t, get(other_route, KIND_VIRTUALSERVICE, "web"), vs);
    free(update(t, without_service));
    change(t, NULL, service);
    log = update(t, all);
    assert_says(log, "because Service a/web added: 1 rows\n");
    assert_says(log, "mesh h.example on a/gw: broken at destinations: ");
    free(log);
    change(t, vs, vs); // nothing is new: the owner is named, and no row
    log = update(t, all);
    assert_says(log, "mesh VirtualService a/web evaluated because it changed: 1 rows\n");
    assert_null(strstr(log, "h.example"));
    free(log);
    change(t, vs, NULL);
    log = update(t, gateway);
    assert_says(log, "mesh VirtualService a/web evaluated because it changed: 0 rows\n");
    assert_says(log, " -> none\n");
    assert_says(log, "mesh Gateway a/gw evaluated because VirtualService a/web deleted: 1 rows\n");
    free(log);
    log = update(t, gateway); // what was noted is forgotten
    assert_string_equal(log, "");
    free(log);
    snapshot_unref(all);
    snapshot_unref(without_service);
    snapshot_unref(other_route);
    snapshot_unref(gateway);
}

static void other_causes(void **state)
{
    struct t *t = *state;
    const struct snapshot *all = world_from_yaml(GATEWAY ROUTE SERVICE);
    change(t, NULL, get(all, KIND_VIRTUALSERVICE, "web"));
    free(update(t, all));
    evaluation_log_state_changed(&t->log, KIND_SERVICE);
    app_updater_kind_state_changed(t->apps, KIND_SERVICE);
    char *log = update(t, all);
    assert_says(log,
                "VirtualService a/web evaluated because the state of services changed: 1 rows\n");
    free(log);
    evaluation_log_probe_changed(&t->log, PROBE_HOST, "h.example");
    app_updater_key_changed(t->apps, mesh_key_probe(PROBE_HOST, "h.example"));
    log = update(t, all);
    assert_says(
        log,
        "VirtualService a/web evaluated because the probe host h.example was answered: 1 rows\n");
    free(log);
    app_updater_kind_state_changed(t->apps, KIND_SERVICE); // of which the log does not know
    log = update(t, all);
    assert_says(log, "because something changed that its chains looked up: 1 rows\n");
    free(log);
    evaluation_log_begin(&t->log);
    evaluation_log_evaluated(&t->log, &(struct app_evaluation){.kind = KIND_VIRTUALSERVICE,
                                                               .ns = "a",
                                                               .name = "web",
                                                               .cause = APP_CAUSE_TIME});
    log = file_read(path, NULL);
    assert_says(log, "VirtualService a/web evaluated because its time came: 0 rows\n");
    free(log);
    snapshot_unref(all);
}

// The first list of a large cluster is not logged whole.
static void bounds(void **state)
{
    struct t *t = *state;
    const struct snapshot *all = world_from_yaml(SERVICE);
    for (int i = 0; i < 5000; i++) {
        change(t, NULL, get(all, KIND_SERVICE, "web"));
    }
    assert_in_range(t->log.nchanges, 1000, 4000);
    evaluation_log_begin(&t->log);
    for (int i = 0; i < 500; i++) {
        evaluation_log_evaluated(
            &t->log, &(struct app_evaluation){.kind = KIND_GATEWAY, .ns = "a", .name = "gw"});
    }
    char *log = file_read(path, NULL);
    size_t lines = 0;
    for (const char *p = log; (p = strchr(p, '\n')) != NULL; p++) {
        lines++;
    }
    assert_int_equal(lines, 100);
    free(log);
    evaluation_log_end(&t->log, 500);
    assert_int_equal(t->log.nchanges, 0);
    snapshot_unref(all);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    dir = tempdir_new();
    path = xasprintf("%s/log", dir);
    const struct CMUnitTest tests[] = {
        CASE(rows_come_change_and_go),
        CASE(other_causes),
        CASE(bounds),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    free(path);
    return failed;
}
