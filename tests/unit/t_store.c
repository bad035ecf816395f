// SPDX-License-Identifier: Apache-2.0
// The store: what is put, removed and replaced, indices that always agree with the objects, snapshots that
// never change.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/pmap.h"

#include "kube/store/index.h"
#include "kube/store/probe_result.h"
#include "kube/store/store.h"

#include "tests/support/pick.h"
#include "tests/support/work_count.h"
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

// --- objects

static const struct object *service(const char *ns, const char *name, int version)
{
    char text[512];
    (void)snprintf(
        text, sizeof text,
        "{apiVersion: v1, kind: Service, metadata: {namespace: %s, name: %s, uid: u-%s-%s, "
        "resourceVersion: '%d'}, spec: {selector: {app: %s}, ports: [{port: 80}]}}",
        ns, name, ns, name, version, name);
    return world_object(text);
}

// One of a small world of objects, with fields that feed every index.
#define SLOTS 60
static const enum kind slot_kinds[] = {
    KIND_SERVICE,         KIND_GATEWAY,      KIND_VIRTUALSERVICE, KIND_CERTIFICATE,
    KIND_SECRET,          KIND_POD,          KIND_EVENT,          KIND_CERTIFICATEREQUEST,
    KIND_DESTINATIONRULE, KIND_SERVICEENTRY, KIND_ENDPOINTSLICE,  KIND_CANARY};
#define NKINDS (sizeof slot_kinds / sizeof *slot_kinds)

static enum kind slot_kind(uint32_t slot)
{
    return slot_kinds[slot % NKINDS];
}

static const struct object *random_object(uint32_t slot, int version)
{
    static const char *const hosts[] = {"a.Example.com", "\"*.example.com\"", "b.example.com",
                                        "\"*\"", "web"};
    const char *h1 = hosts[pick(5)], *h2 = hosts[pick(5)];
    struct buf b;
    buf_init(&b, 0);
    char meta[400];
    (void)snprintf(
        meta, sizeof meta,
        "metadata: {namespace: ns%u, name: o%u, uid: u%u, resourceVersion: '%d', "
        "labels: {app: l%u, tier: t%u}, annotations: {cert-manager.io/certificate-name: o%u}, "
        "ownerReferences: [{kind: X, name: x, uid: w%u, apiVersion: v1}, {kind: X, name: y, "
        "uid: w%u, apiVersion: v1}]}",
        slot % 3, slot, slot, version, pick(3), pick(2), pick(4), pick(3), pick(3));
    switch (slot_kind(slot)) {
    case KIND_SERVICE:
        buf_addf(&b, "{apiVersion: v1, kind: Service, %s, spec: {selector: {app: l%u, tier: t%u}}}",
                 meta, pick(3), pick(2));
        break;
    case KIND_GATEWAY:
        buf_addf(
            &b,
            "{apiVersion: networking.istio.io/v1, kind: Gateway, %s, spec: {selector: {istio: "
            "g%u}, "
            "servers: [{port: {number: 443, protocol: HTTPS, name: a}, hosts: [%s, ns1/%s], tls: "
            "{mode: SIMPLE, credentialName: c%u}}, {port: {number: 80, protocol: HTTP, name: b}, "
            "hosts: [%s]}]}}",
            meta, pick(2), h1, h2[0] == '"' ? "b.example.com" : h2, pick(3), h1);
        break;
    case KIND_VIRTUALSERVICE:
        buf_addf(&b,
                 "{apiVersion: networking.istio.io/v1, kind: VirtualService, %s, spec: {hosts: "
                 "[%s, %s], "
                 "gateways: [g%u, ns1/g%u, mesh], http: [{delegate: {name: d%u}}, {delegate: "
                 "{name: d%u, "
                 "namespace: ns2}}]}}",
                 meta, h1, h2, pick(3), pick(3), pick(2), pick(2));
        break;
    case KIND_CERTIFICATE:
        buf_addf(&b,
                 "{apiVersion: cert-manager.io/v1, kind: Certificate, %s, spec: {secretName: s%u, "
                 "dnsNames: "
                 "[%s, %s], issuerRef: {name: x}}}",
                 meta, pick(3), h1, h2);
        break;
    case KIND_SECRET:
        buf_addf(&b, "{apiVersion: v1, kind: Secret, %s, type: kubernetes.io/tls}", meta);
        break;
    case KIND_POD:
        buf_addf(&b, "{apiVersion: v1, kind: Pod, %s}", meta);
        break;
    case KIND_EVENT:
        buf_addf(&b,
                 "{apiVersion: v1, kind: Event, %s, involvedObject: {kind: Order, name: x, "
                 "namespace: ns1, uid: "
                 "about%u}, reason: R, message: m}",
                 meta, pick(3));
        break;
    case KIND_CERTIFICATEREQUEST:
        buf_addf(&b,
                 "{apiVersion: cert-manager.io/v1, kind: CertificateRequest, %s, spec: {issuerRef: "
                 "{name: x}}}",
                 meta);
        break;
    case KIND_DESTINATIONRULE:
        buf_addf(
            &b, "{apiVersion: networking.istio.io/v1, kind: DestinationRule, %s, spec: {host: %s}}",
            meta, h1);
        break;
    case KIND_SERVICEENTRY:
        buf_addf(
            &b,
            "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, %s, spec: {hosts: [%s, %s]}}",
            meta, h1, h2);
        break;
    case KIND_ENDPOINTSLICE: {
        char *labels = strstr(meta, "labels: {");
        assert_non_null(labels);
        buf_addf(&b,
                 "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, %.*slabels: "
                 "{kubernetes.io/service-name: "
                 "s%u, %s, endpoints: []}",
                 (int)(labels - meta), meta, pick(3), labels + strlen("labels: {"));
        break;
    }
    default:
        buf_addf(&b,
                 "{apiVersion: flagger.app/v1beta1, kind: Canary, %s, spec: {targetRef: {kind: "
                 "Deployment, name: d%u}}}",
                 meta, pick(3));
        break;
    }
    const struct object *o = world_object(b.data);
    buf_release(&b);
    assert_int_equal(o->kind, slot_kind(slot));
    return o;
}

// --- indices against the model

struct expect {
    const struct snapshot *s;
    const struct object *o;
    size_t unique;
    struct {
        enum index_kind i;
        char *a, *b;
    } seen[64];
    size_t nseen;
};

static void entry_is_there(void *self, enum index_kind i, const char *a, const char *b)
{
    struct expect *e = self;
    const struct posting *p = snapshot_index(e->s, i, a, b);
    uint32_t times = 0;
    assert_non_null(p);
    for (uint32_t k = 0; k < p->n; k++) {
        times += p->at[k] == e->o;
    }
    assert_int_equal(times, 1);
    for (size_t k = 0; k < e->nseen; k++) {
        if (e->seen[k].i == i && strcmp(e->seen[k].a, a) == 0 && strcmp(e->seen[k].b, b) == 0) {
            return;
        }
    }
    assert_true(e->nseen < sizeof e->seen / sizeof *e->seen);
    e->seen[e->nseen].i = i;
    e->seen[e->nseen].a = xstrdup(a);
    e->seen[e->nseen++].b = xstrdup(b);
}

// Every entry of every object is in its posting once, and nothing else is.
static void indices_agree(const struct snapshot *s)
{
    struct arena scratch;
    arena_init(&scratch);
    size_t entries = 0;
    long objects = 0;
    struct pmap_iter it;
    const void *v;
    for (int k = 0; k < KIND_COUNT; k++) {
        assert_int_equal(s->states[k].objects, s->objects[k].count);
        for (pmap_begin(&it, &s->objects[k]); (v = pmap_next(&it)) != NULL;) {
            struct expect e = {.s = s, .o = v};
            index_entries(e.o, &scratch, entry_is_there, &e);
            arena_clear(&scratch);
            entries += e.nseen;
            objects++;
            for (size_t x = 0; x < e.nseen; x++) {
                free(e.seen[x].a);
                free(e.seen[x].b);
            }
        }
    }
    assert_int_equal(s->total, objects);
    size_t posted = 0;
    for (int i = 0; i < INDEX_COUNT; i++) {
        for (pmap_begin(&it, &s->index[i]); (v = pmap_next(&it)) != NULL;) {
            const struct posting *p = v;
            assert_true(p->n > 0);
            posted += p->n;
        }
    }
    assert_int_equal(posted, entries);
    arena_release(&scratch);
}

// A number made of everything a snapshot holds.
static uint64_t digest(const struct snapshot *s)
{
    uint64_t sum = (uint64_t)s->total;
    struct pmap_iter it;
    const void *v;
    for (int k = 0; k < KIND_COUNT; k++) {
        for (pmap_begin(&it, &s->objects[k]); (v = pmap_next(&it)) != NULL;) {
            const struct object *o = v;
            sum += (uint64_t)atoi(o->resource_version) * (uint64_t)(k + 3) * 1000003U +
                   (unsigned char)o->name[1];
        }
    }
    for (int i = 0; i < INDEX_COUNT; i++) {
        for (pmap_begin(&it, &s->index[i]); (v = pmap_next(&it)) != NULL;) {
            const struct posting *p = v;
            for (uint32_t k = 0; k < p->n; k++) {
                sum += (uint64_t)atoi(p->at[k]->resource_version) * (uint64_t)(i + 77) *
                       (1U + (unsigned char)p->a[0] + 3U * strlen(p->a) + 7U * strlen(p->b));
            }
        }
    }
    return sum;
}

struct changes {
    int n;
    const struct object *before, *after;
};

static void changed(void *self, const struct object *before, const struct object *after)
{
    struct changes *c = self;
    assert_true(before != NULL || after != NULL);
    assert_ptr_not_equal(before, after);
    c->n++;
    c->before = before;
    c->after = after;
}

// --- tests

static void put_and_remove(void **state)
{
    (void)state;
    struct store *s = store_new();
    struct changes c = {0};
    store_on_change(s, changed, &c);
    const struct object *one = service("a", "x", 1);
    assert_true(store_put(s, one));
    assert_int_equal(c.n, 1);
    assert_null(c.before);
    assert_ptr_equal(c.after, one);
    assert_ptr_equal(store_get(s, KIND_SERVICE, "a", "x"), one);
    assert_null(store_get(s, KIND_SERVICE, "b", "x"));
    assert_null(store_get(s, KIND_GATEWAY, "a", "x"));
    // The same uid and resourceVersion again: nothing happens.
    assert_false(store_put(s, service("a", "x", 1)));
    assert_int_equal(c.n, 1);
    assert_ptr_equal(store_get(s, KIND_SERVICE, "a", "x"), one);
    // The same resourceVersion of another uid is another object.
    const struct object *other =
        world_object("{apiVersion: v1, kind: Service, metadata: {namespace: a, name: x, uid: new, "
                     "resourceVersion: '1'}}");
    assert_true(store_put(s, other));
    assert_int_equal(c.n, 2);
    assert_ptr_equal(c.after, other);
    // Objects of files have no resourceVersion: each replaces the one before.
    assert_true(store_put(
        s, world_object("{apiVersion: v1, kind: Service, metadata: {namespace: a, name: f}}")));
    assert_true(store_put(
        s, world_object("{apiVersion: v1, kind: Service, metadata: {namespace: a, name: f}}")));
    assert_int_equal(store_state(s, KIND_SERVICE)->objects, 2);
    assert_false(store_remove(s, KIND_SERVICE, "a", "nothing"));
    assert_true(store_remove(s, KIND_SERVICE, "a", "x"));
    assert_null(c.after);
    assert_false(store_remove(s, KIND_SERVICE, "a", "x"));
    assert_int_equal(store_state(s, KIND_SERVICE)->objects, 1);
    indices_agree(store_view(s));
    store_free(s);
}

static bool covers_label(void *self, const struct object *o)
{
    const char *app = object_label(o, "app");
    return app != NULL && strcmp(app, self) == 0;
}

static const struct object *pod(const char *ns, const char *name, const char *app, int version)
{
    char text[300];
    (void)snprintf(text, sizeof text,
                   "{apiVersion: v1, kind: Pod, metadata: {namespace: %s, name: %s, uid: u-%s, "
                   "resourceVersion: "
                   "'%d', labels: {app: %s}}}",
                   ns, name, name, version, app);
    return world_object(text);
}

static void replace_whole(void **state)
{
    (void)state;
    struct store *s = store_new();
    (void)store_put(s, service("a", "keep", 1));
    (void)store_put(s, service("a", "gone", 1));
    (void)store_put(s, service("b", "gone", 1));
    struct changes c = {0};
    store_on_change(s, changed, &c);
    store_replace_begin(s, KIND_SERVICE, 0, NULL, 0);
    store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "keep", 1));
    store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "fresh", 1));
    // Nothing is seen, and nothing missing, before the end.
    assert_int_equal(c.n, 0);
    assert_non_null(store_get(s, KIND_SERVICE, "b", "gone"));
    assert_null(store_get(s, KIND_SERVICE, "a", "fresh"));
    store_replace_end(s, KIND_SERVICE, 0, NULL, NULL, NULL);
    assert_int_equal(c.n, 3); // two left, one came, one stayed as it was
    assert_non_null(store_get(s, KIND_SERVICE, "a", "keep"));
    assert_non_null(store_get(s, KIND_SERVICE, "a", "fresh"));
    assert_null(store_get(s, KIND_SERVICE, "a", "gone"));
    assert_null(store_get(s, KIND_SERVICE, "b", "gone"));
    indices_agree(store_view(s));
    // A first list shows at once.
    store_replace_begin(s, KIND_SERVICE, 0, NULL, REPLACE_SHOW);
    store_replace_put(s, KIND_SERVICE, 0, NULL, service("c", "early", 1));
    assert_non_null(store_get(s, KIND_SERVICE, "c", "early"));
    assert_non_null(store_get(s, KIND_SERVICE, "a", "keep"));
    // Begun again: what was listed before does not count, but what is there stays until the end.
    store_replace_begin(s, KIND_SERVICE, 0, NULL, REPLACE_SHOW);
    store_replace_put(s, KIND_SERVICE, 0, NULL, service("c", "late", 1));
    assert_non_null(store_get(s, KIND_SERVICE, "c", "early"));
    store_replace_end(s, KIND_SERVICE, 0, NULL, NULL, NULL);
    assert_int_equal(store_state(s, KIND_SERVICE)->objects, 1);
    assert_non_null(store_get(s, KIND_SERVICE, "c", "late"));
    // Put and end without a begin do nothing.
    store_replace_put(s, KIND_SERVICE, 0, NULL, service("c", "stray", 1));
    store_replace_end(s, KIND_SERVICE, 0, NULL, NULL, NULL);
    assert_int_equal(store_state(s, KIND_SERVICE)->objects, 1);
    store_clear_kind(s, KIND_SERVICE);
    assert_int_equal(store_state(s, KIND_SERVICE)->objects, 0);
    indices_agree(store_view(s));
    store_free(s);
}

// A first list shows its objects as they come; changes by others meanwhile do not survive its end.
static void a_first_list_that_others_disturb(void **state)
{
    (void)state;
    for (int others = 0; others < 2; others++) {
        struct store *s = store_new();
        store_replace_begin(s, KIND_SERVICE, 0, NULL, REPLACE_SHOW);
        store_replace_begin(s, KIND_SERVICE, 1, "b", REPLACE_SHOW);
        store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "x", 1));
        store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "x", 1)); // again
        store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "w", 1));
        if (others) {
            (void)store_put(s, service("a", "stray", 1));
            (void)store_remove(s, KIND_SERVICE, "a", "x");
            (void)store_put(s, service("a", "w", 2));
        }
        store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "z", 1));
        struct changes c = {0};
        store_on_change(s, changed, &c);
        store_replace_end(s, KIND_SERVICE, 0, NULL, NULL, NULL);
        assert_int_equal(c.n, others ? 3 : 0);
        assert_int_equal(store_state(s, KIND_SERVICE)->objects, 3);
        assert_non_null(store_get(s, KIND_SERVICE, "a", "x"));
        assert_string_equal(store_get(s, KIND_SERVICE, "a", "w")->resource_version, "1");
        assert_non_null(store_get(s, KIND_SERVICE, "a", "z"));
        store_replace_put(s, KIND_SERVICE, 1, "b", service("b", "x", 1));
        store_replace_end(s, KIND_SERVICE, 1, "b", NULL, NULL);
        assert_int_equal(store_state(s, KIND_SERVICE)->objects, 4);
        indices_agree(store_view(s));
        store_free(s);
    }
}

// What is deleted while its list comes is neither shown nor brought back by the list's end.
static void deleted_while_listed(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags <= REPLACE_SHOW; flags += REPLACE_SHOW) {
        struct store *s = store_new();
        store_replace_begin(s, KIND_SERVICE, 0, NULL, flags);
        store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "gone", 1));
        store_replace_put(s, KIND_SERVICE, 0, NULL, service("a", "again", 1));
        const struct object *gone = service("a", "gone", 1),
                            *other = world_object(
                                "{apiVersion: v1, kind: Service, metadata: {namespace: a, name: "
                                "again, uid: before, resourceVersion: '0'}}");
        (void)store_remove(s, KIND_SERVICE, "a", "gone");
        store_replace_remove(s, KIND_SERVICE, 0, NULL, gone);
        store_replace_remove(s, KIND_SERVICE, 0, NULL, other); // of another uid: made again since
        store_replace_remove(s, KIND_SERVICE, 1, NULL, gone);  // no such list
        store_replace_end(s, KIND_SERVICE, 0, NULL, NULL, NULL);
        assert_null(store_get(s, KIND_SERVICE, "a", "gone"));
        assert_non_null(store_get(s, KIND_SERVICE, "a", "again"));
        object_unref(gone);
        object_unref(other);
        store_free(s);
    }
}

// After a restored backup an object may have the uid and resourceVersion that it had, and other contents.
static void replace_by_force(void **state)
{
    (void)state;
    struct store *s = store_new();
    (void)store_put(s, pod("a", "p", "old", 5));
    struct changes c = {0};
    store_on_change(s, changed, &c);
    for (int force = 0; force < 2; force++) {
        store_replace_begin(s, KIND_POD, 0, NULL, force ? REPLACE_FORCE : 0u);
        store_replace_put(s, KIND_POD, 0, NULL, pod("a", "p", "new", 5));
        store_replace_end(s, KIND_POD, 0, NULL, NULL, NULL);
        assert_int_equal(c.n, force);
        assert_string_equal(object_label(store_get(s, KIND_POD, "a", "p"), "app"),
                            force ? "new" : "old");
        indices_agree(store_view(s));
    }
    store_free(s);
}

// Lists of one kind side by side: of two selectors, and of two namespaces.
static void replace_parts(void **state)
{
    (void)state;
    struct store *s = store_new();
    static char red[] = "red", blue[] = "blue";
    (void)store_put(s, pod("a", "r1", "red", 1));
    (void)store_put(s, pod("a", "b1", "blue", 1));
    store_replace_begin(s, KIND_POD, 1, NULL, 0);
    store_replace_begin(s, KIND_POD, 2, NULL, 0);
    store_replace_put(s, KIND_POD, 1, NULL, pod("a", "r2", "red", 1));
    store_replace_put(s, KIND_POD, 2, NULL, pod("a", "b2", "blue", 1));
    store_replace_end(s, KIND_POD, 1, NULL, covers_label, red);
    assert_null(store_get(s, KIND_POD, "a", "r1"));
    assert_non_null(store_get(s, KIND_POD, "a", "r2"));
    assert_non_null(store_get(s, KIND_POD, "a", "b1")); // the other list has not ended
    assert_null(store_get(s, KIND_POD, "a", "b2"));
    store_replace_end(s, KIND_POD, 2, NULL, covers_label, blue);
    assert_null(store_get(s, KIND_POD, "a", "b1"));
    assert_non_null(store_get(s, KIND_POD, "a", "r2"));
    assert_non_null(store_get(s, KIND_POD, "a", "b2"));

    (void)store_put(s, service("a", "x", 1));
    (void)store_put(s, service("b", "x", 1));
    store_replace_begin(s, KIND_SERVICE, 0, "a", 0);
    store_replace_begin(s, KIND_SERVICE, 0, "b", 0);
    store_replace_put(s, KIND_SERVICE, 0, "b", service("b", "z", 1));
    store_replace_end(s, KIND_SERVICE, 0, "a", NULL, NULL);
    assert_null(store_get(s, KIND_SERVICE, "a", "x"));
    assert_non_null(store_get(s, KIND_SERVICE, "b", "x"));
    store_replace_end(s, KIND_SERVICE, 0, "b", NULL, NULL);
    assert_null(store_get(s, KIND_SERVICE, "b", "x"));
    assert_non_null(store_get(s, KIND_SERVICE, "b", "z"));
    indices_agree(store_view(s));
    // A list that never ends is freed with the store.
    store_replace_begin(s, KIND_POD, 9, "a", 0);
    store_replace_put(s, KIND_POD, 9, "a", pod("a", "p", "red", 1));
    store_free(s);
}

#define KEPT 24
static void random_changes(void **state)
{
    (void)state;
    struct store *s = store_new();
    const struct object *model[SLOTS] = {NULL};
    const struct snapshot *kept[KEPT] = {NULL};
    uint64_t sums[KEPT] = {0};
    struct changes c = {0};
    store_on_change(s, changed, &c);
    pick_from(20261125);
    int version = 1;
    uint64_t last = 0;
    for (int turn = 0; turn < 3000; turn++) {
        uint32_t slot = pick(SLOTS), what = pick(20);
        char ns[16], name[16];
        (void)snprintf(ns, sizeof ns, "ns%u", slot % 3);
        (void)snprintf(name, sizeof name, "o%u", slot);
        if (what ==
            0) { // a relist of one kind in one namespace, with some objects gone and some new
            enum kind k = slot_kind(slot);
            bool show = pick(2) == 0;
            store_replace_begin(s, k, 0, ns, show ? REPLACE_SHOW : 0u);
            for (uint32_t i = 0; i < SLOTS; i++) {
                if (slot_kind(i) == k && i % 3 == slot % 3) {
                    object_unref(model[i]);
                    model[i] = NULL;
                    if (pick(3) != 0) {
                        model[i] = random_object(i, ++version);
                        store_replace_put(s, k, 0, ns, object_ref(model[i]));
                    }
                }
            }
            store_replace_end(s, k, 0, ns, NULL, NULL);
        } else if (what < 6) {
            bool was = model[slot] != NULL;
            assert_int_equal(store_remove(s, slot_kind(slot), ns, name), was);
            object_unref(model[slot]);
            model[slot] = NULL;
        } else {
            const struct object *o = random_object(slot, ++version);
            object_unref(model[slot]);
            model[slot] = object_ref(o);
            assert_true(store_put(s, o));
        }
        if (turn % 7 == 0) {
            size_t at = pick(KEPT);
            if (kept[at] != NULL) {
                assert_true(digest(kept[at]) == sums[at]);
                snapshot_unref(kept[at]);
            }
            kept[at] = store_publish(s, NULL, NULL);
            assert_true(kept[at]->generation > last);
            last = kept[at]->generation;
            sums[at] = digest(kept[at]);
        }
        if (turn % 25 == 0) {
            indices_agree(store_view(s));
            for (uint32_t i = 0; i < SLOTS; i++) {
                (void)snprintf(ns, sizeof ns, "ns%u", i % 3);
                (void)snprintf(name, sizeof name, "o%u", i);
                assert_ptr_equal(store_get(s, slot_kind(i), ns, name), model[i]);
            }
        }
    }
    for (size_t i = 0; i < KEPT; i++) {
        if (kept[i] != NULL) {
            assert_true(digest(kept[i]) == sums[i]);
            indices_agree(kept[i]);
        }
    }
    store_free(s); // snapshots outlive it
    for (size_t i = 0; i < KEPT; i++) {
        if (kept[i] != NULL) {
            assert_true(digest(kept[i]) == sums[i]);
        }
        snapshot_unref(kept[i]);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        object_unref(model[i]);
    }
}

// A posting that no snapshot shares grows in place, one that a snapshot holds is copied.
static void postings_shared(void **state)
{
    (void)state;
    struct store *s = store_new();
    char name[16];
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "p%d", i);
        (void)store_put(s, pod("a", name, "red", 1));
    }
    const struct snapshot *old = store_publish(s, NULL, NULL);
    const struct posting *shared = snapshot_index(old, INDEX_POD_BY_LABEL, "app", "red");
    assert_int_equal(shared->n, 3);
    (void)store_put(s, pod("a", "p3", "red", 1));
    const struct posting *own = snapshot_index(store_view(s), INDEX_POD_BY_LABEL, "app", "red");
    assert_ptr_not_equal(own, shared);
    assert_int_equal(own->n, 4);
    assert_int_equal(shared->n, 3);
    // Its own now: removed and added again in place, while the snapshot keeps its own.
    (void)store_remove(s, KIND_POD, "a", "p3");
    assert_ptr_equal(snapshot_index(store_view(s), INDEX_POD_BY_LABEL, "app", "red"), own);
    (void)store_put(s, pod("a", "p4", "red", 1));
    assert_ptr_equal(snapshot_index(store_view(s), INDEX_POD_BY_LABEL, "app", "red"), own);
    assert_int_equal(shared->n, 3);
    // The last one takes the posting with it.
    store_clear_kind(s, KIND_POD);
    assert_null(snapshot_index(store_view(s), INDEX_POD_BY_LABEL, "app", "red"));
    assert_int_equal(snapshot_index(old, INDEX_POD_BY_LABEL, "app", "red")->n, 3);
    snapshot_unref(old);
    store_free(s);
}

static int derived_freed;
static void free_derived(const void *d)
{
    assert_non_null(d);
    derived_freed++;
}

static void derived_and_probes(void **state)
{
    (void)state;
    static const int something = 7;
    struct store *s = store_new();
    const struct snapshot *none = store_publish(s, NULL, NULL);
    assert_null(probe_result_find(none, PROBE_HOST, "a.example.com"));
    struct probe_result *r = probe_result_new(PROBE_HOST, "a.example.com");
    r->answer = ANSWER_NXDOMAIN;
    store_put_probe(s, r);
    const struct snapshot *first = store_publish(s, &something, free_derived);
    r = probe_result_new(PROBE_HOST, "a.example.com");
    r->answer = ANSWER_YES;
    store_put_probe(s, r);
    const struct snapshot *second = store_publish(s, NULL, NULL);
    assert_null(probe_result_find(none, PROBE_HOST, "a.example.com"));
    assert_int_equal(probe_result_find(first, PROBE_HOST, "a.example.com")->answer,
                     ANSWER_NXDOMAIN);
    assert_int_equal(probe_result_find(second, PROBE_HOST, "a.example.com")->answer, ANSWER_YES);
    assert_null(probe_result_find(second, PROBE_TXT, "a.example.com"));
    assert_null(probe_result_find(second, PROBE_TLS, "a.example.com"));
    derived_freed = 0;
    assert_ptr_equal(snapshot_ref(first), first);
    snapshot_unref(first);
    assert_int_equal(derived_freed, 0);
    snapshot_unref(first);
    assert_int_equal(derived_freed, 1);
    snapshot_unref(second);
    snapshot_unref(none);
    snapshot_unref(NULL);
    store_free(s);
    store_free(NULL);
}

static bool put_answer(struct store *s, int64_t asked, const char *first, const char *second)
{
    struct probe_result *r = probe_result_new(PROBE_HOST, "lb.example.com");
    const char **at = arena_alloc(&r->arena, 2 * sizeof *at);
    at[0] = first;
    at[1] = second;
    r->addresses = (struct str_list){at, second != NULL ? 2 : first != NULL ? 1 : 0};
    r->queried_at = asked;
    return store_put_probe(s, r);
}

// An answer that says what the one before it said is no news, and takes no more than some hundred bytes.
static void answers_that_say_the_same(void **state)
{
    (void)state;
    struct store *s = store_new();
    assert_true(put_answer(s, 1000, "192.0.2.1", "192.0.2.2"));
    assert_false(put_answer(s, 1060, "192.0.2.1", "192.0.2.2"));
    assert_true(put_answer(s, 1120, "192.0.2.1", NULL));
    assert_false(put_answer(s, 1180, "192.0.2.1", NULL));
    assert_true(put_answer(s, 1180 + 6 * 3600, "192.0.2.1", NULL)); // the other one is forgotten
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    const struct probe_result *r = probe_result_find(snap, PROBE_HOST, "lb.example.com");
    assert_int_equal(r->queried_at, 1180 + 6 * 3600);
    snapshot_unref(snap);
    store_free(s);
}

static void answers_are_small(void **state)
{
    (void)state;
    enum { ANSWERS = 1000, BYTES_MAX = 600 };
    struct store *s = store_new();
    size_t before = work_bytes_held();
    for (int i = 0; i < ANSWERS; i++) {
        char name[64];
        snprintf(name, sizeof name, "app-%05d.team-0001.lead.example.io", i);
        struct probe_result *r = probe_result_new(PROBE_HOST, name);
        const char **at = arena_alloc(&r->arena, sizeof *at);
        at[0] = "192.0.2.1";
        r->addresses = (struct str_list){at, 1};
        r->resolver = "192.0.2.53";
        store_put_probe(s, r);
    }
    size_t each = (work_bytes_held() - before) / ANSWERS;
    printf("# an answer of DNS: %zu bytes\n", each);
#ifndef GATETOP_SANITIZED
    assert_in_range(each, 1, BYTES_MAX);
#endif
    store_free(s);
}

// Of a name whose addresses change with every answer, the former ones are known for some hours.
static void earlier_addresses(void **state)
{
    (void)state;
    struct store *s = store_new();
    put_answer(s, 1000, "192.0.2.1", "192.0.2.2");
    put_answer(s, 1060, "192.0.2.2", "192.0.2.3");
    put_answer(s, 1120, NULL, NULL); // no answer: nothing is forgotten
    put_answer(s, 1180, "192.0.2.4", NULL);
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    const struct probe_result *r = probe_result_find(snap, PROBE_HOST, "lb.example.com");
    assert_int_equal(r->addresses.n, 1);
    assert_int_equal(r->earlier.n, 3);
    for (uint32_t i = 0; i < r->earlier.n; i++) {
        bool first = strcmp(r->earlier.at[i], "192.0.2.1") == 0;
        assert_int_equal(r->earlier_at[i], first ? 1000 : 1060);
    }
    snapshot_unref(snap);
    put_answer(s, 1000 + 6 * 3600 + 30, "192.0.2.3", NULL); // 192.0.2.1 is too long ago
    snap = store_publish(s, NULL, NULL);
    r = probe_result_find(snap, PROBE_HOST, "lb.example.com");
    assert_int_equal(r->earlier.n, 2);
    assert_string_equal(r->earlier.at[0], "192.0.2.4");
    assert_string_equal(r->earlier.at[1], "192.0.2.2");
    snapshot_unref(snap);
    for (int i = 0; i < 1000; i++) { // bounded
        char *address = xasprintf("192.0.2.%d", i);
        struct probe_result *next = probe_result_new(PROBE_HOST, "lb.example.com");
        const char **at = arena_alloc(&next->arena, sizeof *at);
        at[0] = arena_strdup(&next->arena, address);
        next->addresses = (struct str_list){at, 1};
        next->queried_at = 30000 + i;
        store_put_probe(s, next);
        free(address);
    }
    snap = store_publish(s, NULL, NULL);
    r = probe_result_find(snap, PROBE_HOST, "lb.example.com");
    assert_int_equal(r->earlier.n, 64);
    assert_string_equal(r->earlier.at[0], "192.0.2.998");
    snapshot_unref(snap);
    store_free(s);
}

// Names come and go; answers that nobody asked for again in a day do not stay.
static void old_answers_go(void **state)
{
    (void)state;
    struct store *s = store_new();
    char name[32];
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "host-%d.example.com", i);
        struct probe_result *r = probe_result_new(PROBE_HOST, name);
        r->queried_at = 1000000 + i * 60; // one a minute: 1,440 a day
        store_put_probe(s, r);
    }
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    assert_non_null(probe_result_find(snap, PROBE_HOST, "host-19999.example.com"));
    assert_non_null(probe_result_find(snap, PROBE_HOST, "host-18560.example.com"));
    assert_null(probe_result_find(snap, PROBE_HOST, "host-0.example.com"));
    assert_true(snap->probes.count < 1440 + 4096);
    snapshot_unref(snap);
    store_free(s);
}

static void completeness(void **state)
{
    (void)state;
    static const struct kind_state whole = {.state = SYNC_LIVE, .synced = true};
    struct kind_state k = whole;
    assert_true(kind_complete(&k) && kind_whole(&k));
    k.excerpt = true; // all was read, which is a part
    assert_true(kind_complete(&k) && !kind_whole(&k));
    k.excerpt = false;
    k.state = SYNC_STALE; // what was whole stays what is known
    assert_true(kind_complete(&k));
    k = whole;
    k.synced = false;
    assert_false(kind_complete(&k));
    k = whole;
    k.partial = true;
    assert_false(kind_complete(&k));
    k = whole;
    k.dropped = 1;
    assert_false(kind_complete(&k));
    k = whole;
    k.state = SYNC_FORBIDDEN;
    assert_false(kind_complete(&k));
    assert_string_equal(sync_state_name(SYNC_OFF), "off");
    assert_string_equal(sync_state_name(SYNC_SYNCING), "syncing");
    assert_string_equal(sync_state_name(SYNC_LIVE), "live");
    assert_string_equal(sync_state_name(SYNC_STALE), "stale");
    assert_string_equal(sync_state_name(SYNC_FORBIDDEN), "forbidden");
    assert_string_equal(sync_state_name(SYNC_NOT_INSTALLED), "not-installed");
}

// docs/rules/istio.md#files-are-an-excerpt
static void files_that_speak_for_themselves(void **state)
{
    (void)state;
#define MADE "creationTimestamp: '2026-01-01T00:00:00Z'"
#define OBJECT(version, kind, meta)                                                                \
    "---\napiVersion: " version "\nkind: " kind "\nmetadata: {namespace: a, " meta "}\n"
#define NAMESPACE(meta) OBJECT("v1", "Namespace", meta)
#define SERVICE(meta) OBJECT("v1", "Service", meta)
#define GATEWAY(meta) OBJECT("networking.istio.io/v1", "Gateway", meta)
#define POD(meta) OBJECT("v1", "Pod", meta)
#define DEPLOYMENT(meta) OBJECT("apps/v1", "Deployment", meta)
    static const struct {
        const char *yaml;
        bool declared;
        enum kind kind;
        bool whole;
    } t[] = {
        // what manifests do not hold may exist all the same
        {NAMESPACE("name: a") SERVICE("name: s"), false, KIND_SERVICE, false},
        {NAMESPACE("name: a") SERVICE("name: s"), false, KIND_NAMESPACE, false},
        {NAMESPACE("name: a") SERVICE("name: s"), false, KIND_SECRET, false},
        {POD("name: p"), false, KIND_POD, false},
        // unless it is declared, but for what controllers make
        {NAMESPACE("name: a"), true, KIND_SERVICE, true},
        {NAMESPACE("name: a"), true, KIND_SECRET, true},
        {NAMESPACE("name: a"), true, KIND_POD, false},
        {NAMESPACE("name: a"), true, KIND_ENDPOINTSLICE, false},
        {POD("name: p"), true, KIND_POD, true},
        {DEPLOYMENT("name: d"), true, KIND_POD, true},
        {POD("name: p, annotations: {helm.sh/hook: test}"), true, KIND_POD, false},
        // a dump of a cluster: the kinds that it holds
        {NAMESPACE("name: a, " MADE) SERVICE("name: s, " MADE), false, KIND_SERVICE, true},
        {NAMESPACE("name: a, " MADE) SERVICE("name: s, " MADE), false, KIND_NAMESPACE, true},
        {NAMESPACE("name: a, " MADE) SERVICE("name: s, " MADE), false, KIND_SECRET, false},
        {NAMESPACE("name: a, " MADE) GATEWAY("name: g, " MADE), false, KIND_DESTINATIONRULE, true},
        {NAMESPACE("name: a, " MADE), false, KIND_DESTINATIONRULE, false},
        {NAMESPACE("name: a, " MADE) DEPLOYMENT("name: d, " MADE), false, KIND_POD, false},
        {NAMESPACE("name: a, " MADE) POD("name: p, " MADE), false, KIND_POD, true},
        // not a dump: an object without the server's marks, or no Namespace
        {NAMESPACE("name: a, " MADE) SERVICE("name: s"), false, KIND_SERVICE, false},
        {SERVICE("name: s, " MADE), false, KIND_SERVICE, false},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct store *s = store_new();
        world_put(s, t[i].yaml);
        store_files_read(s, t[i].declared);
        const struct kind_state *k = &store_view(s)->states[t[i].kind];
        assert_true(store_view(s)->cluster.from_files);
        assert_true(kind_complete(k));
        if (kind_whole(k) != t[i].whole) {
            fail_msg("row %zu", i);
        }
        store_free(s);
    }
}

static void selector_keys(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    static const struct str_pair two[] = {{"istio", "x"}, {"app", "y"}};
    static const struct str_pair owt[] = {{"app", "y"}, {"istio", "x"}};
    assert_string_equal(index_selector(&a, &(struct str_map){two, 2}), "app=y,istio=x");
    assert_string_equal(index_selector(&a, &(struct str_map){owt, 2}), "app=y,istio=x");
    assert_string_equal(index_selector(&a, &(struct str_map){two, 1}), "istio=x");
    assert_string_equal(index_selector(&a, &(struct str_map){NULL, 0}), "");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_and_remove),
        cmocka_unit_test(replace_whole),
        cmocka_unit_test(a_first_list_that_others_disturb),
        cmocka_unit_test(deleted_while_listed),
        cmocka_unit_test(replace_by_force),
        cmocka_unit_test(replace_parts),
        cmocka_unit_test(random_changes),
        cmocka_unit_test(postings_shared),
        cmocka_unit_test(derived_and_probes),
        cmocka_unit_test(old_answers_go),
        cmocka_unit_test(completeness),
        cmocka_unit_test(files_that_speak_for_themselves),
        cmocka_unit_test(selector_keys),
        cmocka_unit_test(earlier_addresses),
        cmocka_unit_test(answers_that_say_the_same),
        cmocka_unit_test(answers_are_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
