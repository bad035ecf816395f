// SPDX-License-Identifier: Apache-2.0
// The records of every recording of external-dns: what its sources want, and who is written to own them.
#include "kube/base/arena.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/store/store.h"

#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/txt_owner.h"

#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/live_store.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static int failures, compared;

static const char *joined(struct arena *a, const char **t, size_t n)
{
    const char *out = "";
    qsort(t, n, sizeof *t, str_order);
    for (size_t i = 0; i < n; i++) {
        out = arena_printf(a, "%s%s%s", out, i == 0 ? "" : ",", t[i]);
    }
    return out;
}

static const char *json_targets(struct arena *a, const struct json *e)
{
    const char *t[64];
    size_t n = 0;
    const struct json *x = json_first(json_get(e, "targets"));
    for (; x != NULL && n < 64; x = json_next(x)) {
        t[n++] = json_string(x);
    }
    return joined(a, t, n);
}

static bool listed(const struct str_list *l, const char *s)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (str_eq(l->at[i], s)) {
            return true;
        }
    }
    return false;
}

#define COMPLAIN(...)                                                                              \
    do {                                                                                           \
        failures++;                                                                                \
        printf("  %s: ", scenario);                                                                \
        printf(__VA_ARGS__);                                                                       \
        printf("\n");                                                                              \
    } while (0)

static const struct dns_record *find(struct arena *a, const struct desired_records *r,
                                     const struct json *e)
{
    for (uint32_t i = 0; i < r->n; i++) {
        const char *t[64];
        size_t n = 0;
        for (; n < r->at[i].targets.n && n < 64; n++) {
            t[n] = r->at[i].targets.at[n];
        }
        if (str_eq(r->at[i].host, json_get_string(e, "dnsName")) &&
            str_eq(r->at[i].type, json_get_string(e, "type")) &&
            str_eq(joined(a, t, n), json_targets(a, e))) {
            return &r->at[i];
        }
    }
    return NULL;
}

static void compare(const char *scenario, struct arena *a, const struct dns_settings *s,
                    const struct desired_records *r, const struct json *truth)
{
    const struct json *desired = json_get(truth, "desired"), *made = json_get(truth, "endpoints");
    const struct json *e;
    if (r->n != json_count(desired)) {
        COMPLAIN("%u records, expected %zu", r->n, json_count(desired));
    }
    for (e = json_first(desired); e != NULL; e = json_next(e)) {
        const struct dns_record *x = find(a, r, e);
        const char *resource = json_string(json_at(e, "labels", "resource", NULL));
        if (x == NULL) {
            COMPLAIN("lacks %s %s %s", json_get_string(e, "dnsName"), json_get_string(e, "type"),
                     json_targets(a, e));
        } else if (x->ttl != json_get_int(e, "ttl", 0) || !listed(&x->sources, resource) ||
                   (x->sources.n == 1 && !str_eq(x->source, resource))) {
            COMPLAIN("%s: ttl %lld source %s, expected %s", x->host, (long long)x->ttl, x->source,
                     resource);
        }
    }
    // What is made is never something that a filter is said to take away.
    for (e = json_first(made); e != NULL; e = json_next(e)) {
        const struct dns_record *x = find(a, r, e);
        if (x == NULL || x->state == DNS_FILTERED) {
            COMPLAIN("%s was made", json_get_string(e, "dnsName"));
        }
    }
    bool untouched = json_first(json_get(truth, "existingRecords")) == NULL;
    size_t kept = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        kept += r->at[i].state != DNS_FILTERED;
    }
    if (untouched && kept != json_count(made)) {
        COMPLAIN("%zu records pass the filters, %zu were made", kept, json_count(made));
    }
    for (e = json_first(json_get(truth, "txt")); e != NULL; e = json_next(e)) {
        const char *name = json_get_string(e, "dnsName");
        const char *text = json_string(json_first(json_get(e, "targets")));
        struct txt_owner o = {0};
        bool found = false, read = txt_owner_parse(a, text, &o) && o.kind != NULL;
        const char *owner = read ? arena_printf(a, "%s/%s/%s", o.kind, o.ns, o.name) : "";
        for (uint32_t i = 0; i < r->n; i++) {
            found = found || (listed(&r->at[i].owner_names, name) &&
                              str_eq(r->at[i].source, owner) && str_eq(o.id, s->owner_id));
        }
        if (!found) {
            COMPLAIN("lacks TXT %s %s", name, text);
        }
    }
}

static void one(const char *scenario, const char *path)
{
    struct json *truth = file_json(path);
    struct arena a;
    arena_init(&a);
    struct dns_settings s;
    dns_settings_default(&s);
    s.nsources = 0;
    const char *args[64];
    int nargs = 0;
    const struct json *x = json_first(json_get(truth, "args"));
    for (; x != NULL && nargs < 63; x = json_next(x)) {
        args[nargs++] = json_string(x);
    }
    args[nargs] = NULL;
    for (int i = 0; i < nargs;) {
        i += dns_settings_arg(&a, &s, args[i], args[i + 1]);
    }
    if (json_get_int(truth, "exit", 0) != 0) {
        printf("# not compared: %s (exit status is not 0)\n", scenario);
    } else if (s.unknown.n != 0) {
        printf("# not compared: %s (%s)\n", scenario, s.unknown.at[0]);
    } else {
        struct store *store = store_new();
        live_store(store);
        world_put(store, json_get_string(truth, "objects"));
        struct mesh m = {.snap = store_view(store), .arena = &a, .now = 0};
        struct desired_records r;
        desired_records_find(&m, &s, &r);
        assert_true(r.complete);
        compare(scenario, &a, &s, &r, truth);
        compared++;
        store_free(store);
    }
    arena_release(&a);
    json_free(truth);
}

static void test_every_recording(void **state)
{
    (void)state;
    struct corpus_files recordings = corpus_list("dns", "", ".json", false);
    for (size_t i = 0; i < recordings.n; i++) {
        one(strrchr(recordings.at[i], '/') + 1, recordings.at[i]);
    }
    corpus_files_release(&recordings);
    printf("# %d recordings of external-dns compared, %d differences\n", compared, failures);
    assert_true(compared > 0);
    assert_int_equal(failures, 0);
}

// docs/rules/dns.md#txt-name.
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
