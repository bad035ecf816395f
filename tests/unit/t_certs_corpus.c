// SPDX-License-Identifier: Apache-2.0
// Replays every recording of cert-manager and compares what is said at each checkpoint of its truth.
#include "kube/base/json.h"
#include "kube/base/text.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/issuance.h"

#include "tests/support/certtruth.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// clang-format off
#include <cmocka.h>
// clang-format on

// clang-format off
static const struct {
    const char *resource, *group;
} resources[] = {
    {"certificates", "cert-manager.io"}, {"certificaterequests", "cert-manager.io"},
    {"issuers", "cert-manager.io"}, {"clusterissuers", "cert-manager.io"},
    {"orders", "acme.cert-manager.io"}, {"challenges", "acme.cert-manager.io"},
    {"secrets", ""}, {"events", ""}, {"namespaces", ""}, {"services", ""},
    {"gateways", "networking.istio.io"}, {"virtualservices", "networking.istio.io"},
};
// clang-format on

static int failures, checked;

static const char *corpus(void)
{
    struct stat st;
    return stat("../shared/corpus/certs", &st) == 0 ? "../shared/corpus/certs"
                                                    : "tests/fixtures/corpus/certs";
}

static char *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    struct buf b;
    buf_init(&b, 0);
    *n = 0;
    if (f == NULL) {
        return NULL;
    }
    char chunk[65536];
    size_t k;
    while ((k = fread(chunk, 1, sizeof chunk, f)) > 0) {
        buf_add(&b, chunk, k);
    }
    fclose(f);
    *n = b.len;
    return buf_take(&b);
}

static enum kind kind_of(const char *resource)
{
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        if (strcmp(resources[i].resource, resource) == 0) {
            return kind_of_resource(resources[i].group, resource);
        }
    }
    return KIND_COUNT;
}

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

static void put(struct store *s, enum kind k, const char *version, const struct json *o)
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
    keep_raw(k, ns != NULL ? ns : "", json_string(json_at(o, "metadata", "name", NULL)), text.data);
    buf_reset(&text);
    json_print(o, false, &text);
    struct err err = {0};
    struct object *x = object_decode_text(k, version, text.data, text.len, &err);
    if (x == NULL) {
        fail_msg("cannot decode: %s: %.200s", err.msg, text.data);
    }
    store_put(s, x);
    buf_release(&text);
}

struct replay {
    char dir[512];
    struct store *store;
    char *watch[sizeof resources / sizeof *resources]; // text, lines cut by NUL
    const char **line[sizeof resources / sizeof *resources];
};

static void load(struct replay *r, size_t i)
{
    char path[800];
    size_t n;
    enum kind k = kind_of(resources[i].resource);
    struct kind_state *st = store_state(r->store, k);
    st->state = SYNC_LIVE;
    st->synced = true;
    snprintf(path, sizeof path, "%s/list-%s.json", r->dir, resources[i].resource);
    char *text = slurp(path, &n);
    if (text != NULL) {
        struct err err = {0};
        struct json *list = json_parse(text, n, &err);
        assert_non_null(list);
        const char *version = json_get_string(list, "apiVersion");
        for (const struct json *o = json_first(json_get(list, "items")); o != NULL;
             o = json_next(o)) {
            put(r->store, k, version, o);
        }
        json_free(list);
        free(text);
    }
    snprintf(path, sizeof path, "%s/watch-%s.jsonl", r->dir, resources[i].resource);
    r->watch[i] = slurp(path, &n);
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
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        if (strcmp(resources[i].resource, resource) != 0) {
            continue;
        }
        const char *text = r->line[i][line - 1];
        struct err err = {0};
        struct json *e = json_parse(text, strlen(text), &err);
        assert_non_null(e);
        const char *type = json_get_string(e, "type");
        const struct json *o = json_get(e, "object");
        enum kind k = kind_of(resource);
        if (str_eq(type, "DELETED")) {
            const char *ns = json_string(json_at(o, "metadata", "namespace", NULL));
            const char *name = json_string(json_at(o, "metadata", "name", NULL));
            store_remove(r->store, k, ns != NULL ? ns : "", name);
            keep_raw(k, ns != NULL ? ns : "", name, NULL);
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

static void put_object(void *self, const struct object *o)
{
    store_put(self, o);
}

static void complain(void *self, const char *file, int line, int column, const char *message)
{
    (void)self;
    fail_msg("%s:%d:%d: %s", file, line, column, message);
}

// The same objects as `-f` would read them.
static struct store *from_files(void)
{
    struct store *s = store_new();
    for (int k = 0; k < KIND_COUNT; k++) {
        store_state(s, (enum kind)k)->state = SYNC_LIVE;
        store_state(s, (enum kind)k)->synced = true;
    }
    store_cluster(s)->from_files = true;
    struct manifest_sink sink = {put_object, complain, s};
    for (size_t i = 0; i < nraws; i++) {
        if (raws[i].text != NULL) {
            assert_true(manifest_read_text("objects", raws[i].text, strlen(raws[i].text), "default",
                                           &sink));
        }
    }
    return s;
}

// What it costs to know a certificate's story, for whoever asks it of thousands.
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
        certificate_status(&m, OBJECT_AS(certificate, o), &s);
        arena_clear(&a);
    }
    printf("# a ready certificate's status: %.1f us\n", (double)(clock_mono_ms() - begin) / 20.0);
    arena_release(&a);
}

static void replay(const char *scenario)
{
    struct replay r = {0};
    char path[800], row[1024], resource[64];
    size_t n;
    snprintf(r.dir, sizeof r.dir, "%s/%s", corpus(), scenario);
    snprintf(path, sizeof path, "%s/truth.json", r.dir);
    char *text = slurp(path, &n);
    if (text == NULL) {
        return;
    }
    struct err err = {0};
    struct json *truth = json_parse(text, n, &err);
    assert_non_null(truth);
    r.store = store_new();
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
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
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        free(r.watch[i]);
        free(r.line[i]);
    }
    store_free(r.store);
    forget_raws();
    json_free(truth);
    free(text);
}

static void test_every_recording(void **state)
{
    (void)state;
    DIR *d = opendir(corpus());
    if (d == NULL) {
        skip();
    }
    struct dirent *e;
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.') {
            replay(e->d_name);
        }
    }
    closedir(d);
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
