// SPDX-License-Identifier: Apache-2.0
// Replays every recording of cert-manager and compares what is said at each checkpoint of its truth.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/store/store.h"

#include "kube/mesh/cert/certificate_status.h"

#include "tests/support/certtruth.h"
#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/recorded.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static int failures, checked;

// The current objects as text, for the way through files.
struct raw {
    enum kind kind;
    char *ns, *name, *text;
};
static struct raw raws[4096];
static size_t nraws;

static void keep_raw(enum kind k, const char *ns, const char *name, const char *text)
{
    size_t i = 0;
    while (i < nraws &&
           (raws[i].kind != k || strcmp(raws[i].ns, ns) != 0 || strcmp(raws[i].name, name) != 0)) {
        i++;
    }
    if (i < nraws) {
        free(raws[i].text);
        raws[i].text = NULL;
    } else if (text != NULL) {
        assert_true(nraws < sizeof raws / sizeof *raws);
        raws[nraws++] = (struct raw){k, xstrdup(ns), xstrdup(name), NULL};
    }
    if (text != NULL) {
        raws[i].text = xstrdup(text);
    }
}

static void forget_raws(void)
{
    for (size_t i = 0; i < nraws; i++) {
        free(raws[i].ns);
        free(raws[i].name);
        free(raws[i].text);
    }
    nraws = 0;
}

static void put(void *store, enum kind k, const char *version, const struct json *o)
{
    struct buf text;
    buf_init(&text, 0);
    struct json *whole =
        json_dup(o); // items of typed lists do not say their kind, metadata another
    if (k == KIND_SECRET || json_get(o, "kind") == NULL) {
        json_put_string(whole, "apiVersion", k == KIND_SECRET ? "v1" : version);
        json_put_string(whole, "kind", kinds[k].kind);
    }
    json_print(whole, false, &text);
    json_free(whole);
    const char *ns = json_string(json_at(o, "metadata", "namespace", NULL));
    keep_raw(k, str_or_empty(ns), json_string(json_at(o, "metadata", "name", NULL)), text.data);
    recorded_put(store, k, version, o);
    buf_release(&text);
}

struct replay {
    char dir[512];
    struct store *store;
    char *watch[RECORDED_KINDS]; // text, lines cut by NUL
    const char **line[RECORDED_KINDS];
};

static void load(struct replay *r, size_t i)
{
    char path[800];
    size_t n = 0;
    recorded_list(r->dir, recorded_kinds[i].resource, put, r->store);
    snprintf(path, sizeof path, "%s/watch-%s.jsonl", r->dir, recorded_kinds[i].resource);
    r->watch[i] = access(path, R_OK) == 0 ? file_read(path, &n) : NULL;
    size_t count = 1;
    for (size_t p = 0; p < n; p++) {
        count += r->watch[i][p] == '\n';
    }
    r->line[i] = xcalloc(count + 1, sizeof *r->line[i]);
    count = 0;
    for (char *p = r->watch[i]; p != NULL && *p != '\0';) {
        r->line[i][count++] = p;
        char *end = strchr(p, '\n');
        if (end == NULL) {
            break;
        }
        *end = '\0';
        p = end + 1;
    }
}

static void apply(struct replay *r, const char *resource, int line)
{
    for (size_t i = 0; i < RECORDED_KINDS; i++) {
        if (strcmp(recorded_kinds[i].resource, resource) != 0) {
            continue;
        }
        const char *text = r->line[i][line - 1];
        struct err err = {0};
        struct json *e = json_parse(text, strlen(text), &err);
        assert_non_null(e);
        const char *type = json_get_string(e, "type");
        const struct json *o = json_get(e, "object");
        enum kind k = recorded_kind(resource);
        if (str_eq(type, "DELETED")) {
            const char *ns = json_string(json_at(o, "metadata", "namespace", NULL));
            const char *name = json_string(json_at(o, "metadata", "name", NULL));
            store_remove(r->store, k, str_or_empty(ns), name);
            keep_raw(k, str_or_empty(ns), name, NULL);
        } else if (!str_eq(type, "BOOKMARK")) {
            put(r->store, k, json_get_string(o, "apiVersion"), o);
        }
        json_free(e);
        return;
    }
    fail_msg("unknown resource %s", resource);
}

static void check(struct store *from, const char *scenario, int seq, int64_t now,
                  const struct json *want)
{
    struct arena a;
    arena_init(&a);
    struct mesh m = {.snap = store_view(from), .arena = &a, .now = now};
    failures += certtruth_check(&m, scenario, seq, want);
    checked++;
    arena_release(&a);
}

// The same objects as `-f` would read them.
static struct store *from_files(void)
{
    struct store *s = recorded_store();
    store_cluster(s)->from_files = true;
    for (size_t i = 0; i < nraws; i++) {
        if (raws[i].text != NULL) {
            world_put(s, raws[i].text);
        }
    }
    return s;
}

// What it costs to work out a Certificate's status: there may be thousands.
static void measure(struct store *store, const char *scenario)
{
    if (strcmp(scenario, "wildcard-dns01-ok") != 0) {
        return;
    }
    struct arena a;
    arena_init(&a);
    struct mesh m = {
        .snap = store_view(store), .arena = &a, .now = time_parse("2026-11-23T18:40:00Z")};
    const struct object *o = mesh_get(&m, KIND_CERTIFICATE, "istio-system", "ns-wildcard");
    int64_t begin = clock_mono_ms();
    for (int i = 0; i < 20000; i++) {
        struct certificate_status s;
        certificate_status_fill(&m, OBJECT_AS(certificate, o), &s);
        arena_clear(&a);
    }
    printf("# a ready certificate's status: %.1f us\n", (double)(clock_mono_ms() - begin) / 20.0);
    arena_release(&a);
}

static void replay(const char *scenario)
{
    struct replay r = {0};
    char path[800], row[1024], resource[64];
    snprintf(r.dir, sizeof r.dir, "%s/certs/%s", corpus_dir(), scenario);
    snprintf(path, sizeof path, "%s/truth.json", r.dir);
    struct json *truth = file_json(path);
    r.store = recorded_store();
    for (size_t i = 0; i < RECORDED_KINDS; i++) {
        load(&r, i);
    }
    snprintf(path, sizeof path, "%s/order.tsv", r.dir);
    FILE *order = fopen(path, "r");
    assert_non_null(order);
    assert_non_null(fgets(row, sizeof row, order));
    int done = 0;
    for (const struct json *c = json_first(json_get(truth, "checkpoints")); c != NULL;
         c = json_next(c)) {
        int seq = (int)json_get_int(c, "seq", 0), line, at;
        while (done < seq && fgets(row, sizeof row, order) != NULL &&
               sscanf(row, "%d\t%*d\t%63[^\t]\t%d", &at, resource, &line) == 3) {
            apply(&r, resource, line);
            done = at;
        }
        assert_int_equal(done, seq);
        int64_t now = time_parse(json_get_string(c, "time"));
        struct store *files = from_files();
        for (const struct json *w = json_first(json_get(c, "certificates")); w != NULL;
             w = json_next(w)) {
            check(r.store, scenario, seq, now, w);
            check(files, scenario, seq, now, w);
        }
        store_free(files);
    }
    fclose(order);
    measure(r.store, scenario);
    for (size_t i = 0; i < RECORDED_KINDS; i++) {
        free(r.watch[i]);
        free(r.line[i]);
    }
    store_free(r.store);
    forget_raws();
    json_free(truth);
}

static void test_every_recording(void **state)
{
    (void)state;
    struct corpus_files f = corpus_list("certs", "truth", ".json", true);
    for (size_t i = 0; i < f.n; i++) {
        char *dir = xstrndup(f.at[i], strlen(f.at[i]) - strlen("/truth.json"));
        replay(strrchr(dir, '/') + 1);
        free(dir);
    }
    corpus_files_release(&f);
    printf("# %d checkpoints of Certificates compared, each from the watch and from files, %d "
           "differences\n",
           checked / 2, failures);
    assert_true(checked > 0);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_recording)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
