// SPDX-License-Identifier: Apache-2.0
// The rows of all chains: after any change, of objects or of time, they are what they would be if they were
// made from nothing.
#include "kube/base/arena.h"
#include "kube/base/attr.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/chain/app_updater.h"
#include "kube/mesh/core/mesh_objects.h"

#include "tests/support/live_store.h"
#include "tests/support/pick.h"
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

// --- a small world of everything a chain looks at

static struct arena text_arena;

static const char *stamp(int64_t t)
{
    return time_format(&text_arena, t);
}

// An instant somewhat before or after now.
static const char *near(int64_t now, int before, int after)
{
    return stamp(now - before + (int64_t)pick((uint32_t)(before + after)));
}

static void add(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

struct slot {
    enum kind kind;
    const char *ns, *name;
};
static const char *const hosts[] = {"web.apps.example.com",
                                    "shop.apps.example.com",
                                    "api.prod.example.com",
                                    "\"*.apps.example.com\"",
                                    "\"*\"",
                                    "Web.apps.example.com",
                                    "local"};
static const char *const spaces[] = {"apps", "prod", "istio-system"};
static const char *const names[] = {"one", "two", "three"};

static const enum kind drawn[] = {KIND_NAMESPACE,
                                  KIND_SERVICE,
                                  KIND_GATEWAY,
                                  KIND_GATEWAY,
                                  KIND_VIRTUALSERVICE,
                                  KIND_VIRTUALSERVICE,
                                  KIND_DESTINATIONRULE,
                                  KIND_SERVICEENTRY,
                                  KIND_CERTIFICATE,
                                  KIND_CERTIFICATE,
                                  KIND_CERTIFICATEREQUEST,
                                  KIND_ORDER,
                                  KIND_CHALLENGE,
                                  KIND_ISSUER,
                                  KIND_CLUSTERISSUER,
                                  KIND_SECRET,
                                  KIND_SECRET,
                                  KIND_POD,
                                  KIND_EVENT,
                                  KIND_INGRESS,
                                  KIND_DEPLOYMENT};

static struct slot draw_slot(void)
{
    struct slot s = {PICK(drawn), PICK(spaces), PICK(names)};
    if (s.kind == KIND_NAMESPACE) {
        s.name = s.ns;
        s.ns = "";
    } else if (s.kind == KIND_CLUSTERISSUER) {
        s.ns = "";
    } else if (s.kind == KIND_POD || s.kind == KIND_SECRET || s.kind == KIND_DEPLOYMENT) {
        s.ns = pick(3) == 0 ? s.ns : "istio-system";
    }
    return s;
}

static void meta(struct buf *b, const struct slot *s, int version, int64_t now)
{
    add(b, "metadata: {name: %s, uid: %d-%s-%s, resourceVersion: '%d', creationTimestamp: '%s'",
        s->name, (int)s->kind, s->ns, s->name, version, near(now, 4000, 1));
    if (s->ns[0] != '\0') {
        add(b, ", namespace: %s", s->ns);
    }
    if (pick(12) == 0) {
        add(b, ", deletionTimestamp: '%s', finalizers: [x.io/y]", near(now, 300, 1));
    }
}

static void owner(struct buf *b, const struct slot *s, enum kind k)
{
    if (pick(8) != 0) {
        const char *name = PICK(names);
        add(b,
            ", ownerReferences: [{kind: %s, name: %s, uid: %d-%s-%s, apiVersion: x/v1, controller: "
            "true}]",
            kinds[k].kind, name, (int)k, s->ns, name);
    }
}

static void add_gateway(struct buf *b)
{
    static const char *const selectors[] = {"{istio: ingressgateway}", "{istio: other}", "{}"};
    static const char *const modes[] = {"SIMPLE", "SIMPLE", "SIMPLE", "PASSTHROUGH", "MUTUAL"};
    add(b, "}, spec: {selector: %s, servers: [", PICK(selectors));
    for (uint32_t i = 0, n = 1 + pick(2); i < n; i++) {
        const char *host = PICK(hosts);
        const char *prefix =
            host[0] == '"' ? "" : PICK(((const char *const[]){"", "", "apps/", "./"}));
        if (strcmp(host, "local") == 0) {
            host = "x.local";
        }
        if (pick(3) == 0) {
            add(b, "%s{port: {number: 80, name: http, protocol: HTTP}, hosts: [%s%s]%s}",
                i ? ", " : "", prefix, host, pick(2) ? ", tls: {httpsRedirect: true}" : "");
        } else {
            const char *mode = PICK(modes);
            add(b,
                "%s{port: {number: 443, name: https, protocol: HTTPS}, hosts: [%s%s], tls: {mode: "
                "%s",
                i ? ", " : "", prefix, host, mode);
            if (strcmp(mode, "PASSTHROUGH") != 0 && pick(10) != 0) {
                add(b, ", credentialName: %s%s", pick(8) == 0 ? "kubernetes://istio-system/" : "",
                    PICK(names));
            }
            add(b, "}}");
        }
    }
    add(b, "]}}");
}

static void add_virtualservice(struct buf *b)
{
    add(b, "}, spec: {hosts: [%s%s], gateways: [%s%s%s]", PICK(hosts),
        pick(3) ? "" : ", b.apps.example.com",
        PICK(((const char *const[]){"", "", "istio-system/", "apps/"})), PICK(names),
        pick(3) ? "" : ", two");
    if (pick(6) == 0) {
        add(b, ", exportTo: [%s]", PICK(((const char *const[]){"\".\"", "\"*\"", "istio-system"})));
    }
    add(b, ", http: [");
    for (uint32_t i = 0, n = 1 + pick(3); i < n; i++) {
        add(b, "%s{", i ? ", " : "");
        if (pick(3) != 0) {
            add(b, "match: [{uri: {prefix: /%s}}], ",
                PICK(((const char *const[]){"a", "b", "", "a/c"})));
        }
        if (pick(6) == 0) {
            add(b, "delegate: {name: %s, namespace: %s}}", PICK(names), PICK(spaces));
        } else if (pick(6) == 0) {
            add(b, "redirect: {uri: /x, redirectCode: %d}}", pick(4) ? 302 : 305);
        } else if (pick(12) == 0) {
            add(b, "name: empty}");
        } else {
            add(b, "route: [{destination: {host: %s%s, port: {number: %d}%s}}]}", PICK(names),
                PICK(((const char *const[]){"", "", ".prod.svc.cluster.local", ".example.org"})),
                pick(4) ? 80 : 81, pick(4) ? "" : ", subset: v1");
        }
    }
    add(b, "]}}");
}

static void add_certificate(struct buf *b, int64_t now)
{
    add(b,
        "}, spec: {secretName: %s, dnsNames: [%s, %s], issuerRef: {name: %s, kind: %s}}, status: {",
        PICK(names), PICK(hosts), PICK(hosts), PICK(names), pick(2) ? "Issuer" : "ClusterIssuer");
    if (pick(3) != 0) {
        add(b, "notBefore: '%s', notAfter: '%s', renewalTime: '%s', revision: %u, ",
            near(now, 90000, 0), near(now, 600, 4000), near(now, 5000, 3000), 1 + pick(2));
    }
    if (pick(4) == 0) {
        add(b, "lastFailureTime: '%s', failedIssuanceAttempts: %u, ", near(now, 5000, 0),
            1 + pick(3));
    }
    add(b,
        "conditions: [{type: Ready, status: '%s', reason: %s, message: m, lastTransitionTime: "
        "'%s'}",
        PICK(((const char *const[]){"True", "True", "False"})),
        PICK(((const char *const[]){"Ready", "DoesNotExist", "SecretMismatch", "Expired"})),
        near(now, 3000, 0));
    if (pick(2) == 0) {
        add(b, ", {type: Issuing, status: '%s', reason: %s, message: n, lastTransitionTime: '%s'}",
            PICK(((const char *const[]){"True", "True", "False"})),
            PICK(((const char *const[]){"Renewing", "DoesNotExist", "Failed", "Issued"})),
            near(now, 3000, 0));
    }
    add(b, "]}}");
}

static const struct object *random_object(const struct slot *s, int version, int64_t now)
{
    struct buf out, *b = &out;
    buf_init(b, 0);
    const struct kind_info *k = &kinds[s->kind];
    add(b, "{apiVersion: %s%s%s, kind: %s, ", k->groups[0].group,
        k->groups[0].group[0] != '\0' ? "/" : "", k->groups[0].versions[0], k->kind);
    meta(b, s, version, now);
    switch (s->kind) {
    case KIND_SERVICE:
        add(b,
            ", labels: {istio: %s}}, spec: {type: %s, selector: {istio: %s}, ports: [{port: %d}]}, "
            "status: {loadBalancer: "
            "{ingress: [%s]}}}",
            pick(2) ? "ingressgateway" : "x", pick(2) ? "LoadBalancer" : "ClusterIP",
            pick(2) ? "ingressgateway" : "other", pick(4) ? 80 : 81,
            PICK(((const char *const[]){"", "{hostname: lb.example.net}", "{ip: 192.0.2.1}"})));
        break;
    case KIND_GATEWAY:
        add_gateway(b);
        break;
    case KIND_VIRTUALSERVICE:
        add_virtualservice(b);
        break;
    case KIND_DESTINATIONRULE:
        add(b, "}, spec: {host: %s, subsets: [{name: %s, labels: {a: b}}]}}", PICK(names),
            pick(2) ? "v1" : "v2");
        break;
    case KIND_SERVICEENTRY:
        add(b,
            "}, spec: {hosts: [%s.example.org], ports: [{number: 80, name: http, protocol: HTTP}], "
            "resolution: DNS}}",
            PICK(names));
        break;
    case KIND_CERTIFICATE:
        add_certificate(b, now);
        break;
    case KIND_CERTIFICATEREQUEST:
        owner(b, s, KIND_CERTIFICATE);
        add(b,
            ", annotations: {cert-manager.io/certificate-name: %s, "
            "cert-manager.io/certificate-revision: '%u'}}, "
            "spec: {issuerRef: {name: x}}, status: {conditions: [{type: %s, status: '%s', reason: "
            "%s, message: why}]}}",
            PICK(names), 1 + pick(3), pick(2) ? "Approved" : "Ready", pick(2) ? "True" : "False",
            PICK(((const char *const[]){"Pending", "Failed", "Issued", "cert-manager.io"})));
        break;
    case KIND_ORDER:
        owner(b, s, KIND_CERTIFICATEREQUEST);
        add(b, "}, spec: {dnsNames: [x.example.com]}, status: {state: %s, reason: because}}",
            PICK(((const char *const[]){"pending", "valid", "errored", "ready"})));
        break;
    case KIND_CHALLENGE:
        owner(b, s, KIND_ORDER);
        add(b,
            "}, spec: {type: %s, dnsName: x.example.com}, status: {state: %s, processing: true, "
            "presented: %s, reason: %s}}",
            pick(2) ? "DNS-01" : "HTTP-01",
            PICK(((const char *const[]){"pending", "valid", "errored"})),
            pick(2) ? "true" : "false",
            PICK(((const char *const[]){"''", "wait", "\"429 rateLimited: slow\""})));
        break;
    case KIND_ISSUER:
    case KIND_CLUSTERISSUER:
        add(b,
            "}, spec: {acme: {server: 'https://acme-%sv02.api.letsencrypt.org/directory'}}, "
            "status: {conditions: "
            "[{type: Ready, status: '%s', reason: R, message: broke}]}}",
            pick(3) ? "" : "staging-", pick(3) ? "True" : "False");
        break;
    case KIND_SECRET:
        add(b,
            ", annotations: {cert-manager.io/certificate-name: %s, cert-manager.io/issuer-name: "
            "%s, "
            "cert-manager.io/issuer-kind: Issuer}}, type: kubernetes.io/tls}",
            PICK(names), PICK(names));
        break;
    case KIND_POD:
        add(b, ", labels: {istio: %s}}}", pick(3) ? "ingressgateway" : "other");
        break;
    case KIND_EVENT:
        add(b,
            "}, involvedObject: {kind: Challenge, namespace: apps, name: one, uid: %d-apps-%s}, "
            "reason: %s, message: said}",
            (int)KIND_CHALLENGE, PICK(names), pick(2) ? "Presented" : "Started");
        break;
    case KIND_INGRESS:
        add(b,
            ", annotations: {kubernetes.io/ingress.class: x}}, spec: {rules: [{host: %s}]}, "
            "status: {loadBalancer: {ingress: "
            "[{ip: 192.0.2.7}]}}}",
            pick(2) ? "web.apps.example.com" : "x.example.com");
        break;
    case KIND_DEPLOYMENT:
        add(b,
            ", labels: {app: external-dns}}, spec: {template: {spec: {containers: [{name: "
            "external-dns, image: "
            "external-dns, args: [%s]}]}}}}",
            PICK(((const char *const[]){"--source=istio-gateway", "--source=istio-virtualservice",
                                        "--source=service", "--domain-filter=apps.example.com"})));
        break;
    default:
        add(b, "}}");
        break;
    }
    const struct object *o = world_object(b->data);
    buf_release(b);
    assert_int_equal(o->kind, s->kind);
    assert_string_equal(o->ns, s->ns);
    return o;
}

// --- comparing

// Every row as a line of text, sorted.
static char *rows_text(const struct snapshot *s)
{
    struct arena a;
    arena_init(&a);
    size_t n = 0;
    const char **line = arena_alloc(&a, (app_rows_count(s) + 1) * sizeof *line);
    struct app_rows_iter it;
    const struct app_row *r;
    app_rows_begin(&it, s);
    while ((r = app_rows_next(&it)) != NULL) {
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b, "%s %s gw=%s vs=%s of %s %s/%s:", r->ns, r->host,
                 r->gateway != NULL ? r->gateway : "-",
                 r->virtualservice != NULL ? r->virtualservice : "-", kinds[r->owner->kind].kind,
                 r->owner->ns, r->owner->name);
        for (int l = 0; l < LINK_COUNT; l++) {
            buf_addf(&b, " %s", verdict_name((enum verdict)r->link[l]));
        }
        for (uint32_t i = 0; i < r->nfaults;
             i++) { // when they began is what only those have that were kept
            const struct app_fault *f = &r->faults[i];
            buf_addf(&b, " [%s %s: %d %s/%s %s %s]", link_name((enum link_kind)f->link),
                     verdict_name((enum verdict)f->state), f->kind, f->ns, f->name, f->field,
                     f->words);
        }
        buf_addf(&b, " = %s (%s) %s\n", verdict_name((enum verdict)r->state),
                 link_name((enum link_kind)r->worst), r->reason);
        assert_true(n < app_rows_count(s));
        line[n++] = buf_take_arena(&b, &a);
    }
    assert_int_equal(n, app_rows_count(s));
    if (n > 1) {
        qsort(line, n, sizeof *line, str_order);
    }
    struct buf all;
    buf_init(&all, 0);
    buf_addf(&all, "%s", "");
    for (size_t i = 0; i < n; i++) {
        buf_addf(&all, "%s", line[i]);
    }
    arena_release(&a);
    return buf_take(&all);
}

// The rows of the same objects, put into a new store in another order and made at once.
static char *from_scratch(const struct snapshot *now_objects, int64_t now)
{
    struct store *s = store_new();
    struct app_updater *apps = app_updater_new(NULL);
    store_on_change(s, app_updater_changed, apps);
    live_store(s);
    struct arena a;
    arena_init(&a);
    struct mesh m = {.snap = now_objects, .arena = &a, .now = now};
    for (int k = 0; k < KIND_COUNT; k++) {
        uint32_t n;
        const struct object *const *all = mesh_all(&m, (enum kind)k, &n);
        for (uint32_t i = 0; i < n; i++) {
            (void)store_put(s, object_ref(all[i]));
        }
    }
    const void *rows = app_updater_run(apps, store_view(s), now);
    const struct snapshot *p = store_publish(s, rows, app_rows_unref);
    char *text = rows_text(p);
    snapshot_unref(p);
    long made;
    rows = app_rows_build(store_view(s), NULL, now, &made);
    p = store_publish(s, rows, app_rows_unref);
    char *once = rows_text(p);
    assert_string_equal(once, text);
    assert_int_equal(made, app_updater_made(apps));
    free(once);
    snapshot_unref(p);
    app_updater_free(apps);
    store_free(s);
    arena_release(&a);
    return text;
}

static void print_difference(const char *got, const char *want)
{
    while (*got != '\0' || *want != '\0') {
        size_t g = strcspn(got, "\n"), w = strcspn(want, "\n");
        if (g != w || strncmp(got, want, g) != 0) {
            print_message("kept:  %.*s\nfresh: %.*s\n", (int)g, got, (int)w, want);
            return;
        }
        got += g + (got[g] == '\n');
        want += w + (want[w] == '\n');
    }
}

struct kept {
    struct store *store;
    struct app_updater *apps;
    int64_t now;
};

static const struct snapshot *publish(struct kept *k)
{
    const void *rows = app_updater_run(k->apps, store_view(k->store), k->now);
    return store_publish(k->store, rows, app_rows_unref);
}

// All of it, in as many slices as it takes.
static const struct snapshot *publish_all(struct kept *k)
{
    const struct snapshot *p = publish(k);
    for (int n = 0; app_updater_left(k->apps)[0] != '\0'; n++) {
        assert_true(n < 100000);
        snapshot_unref(p);
        p = publish(k);
    }
    return p;
}

static int check_rows(struct kept *k, const char *after)
{
    const struct snapshot *p = publish_all(k);
    char *got = rows_text(p), *want = from_scratch(p, k->now);
    int wrong = strcmp(got, want) != 0;
    if (wrong) {
        print_message("after %s\n", after);
        print_difference(got, want);
    }
    free(got);
    free(want);
    snapshot_unref(p);
    return wrong;
}

static void open_kept(struct kept *k)
{
    k->store = store_new();
    k->apps = app_updater_new(NULL);
    k->now = T0;
    store_on_change(k->store, app_updater_changed, k->apps);
    live_store(k->store);
}

static void close_kept(struct kept *k)
{
    app_updater_free(k->apps);
    store_free(k->store);
}

#ifdef GATETOP_SANITIZED
#define TURNS 1500
#else
#define TURNS 6000
#endif

// Thousands of random changes at one instant. slice: of app_updater_slice.
static void change_at_random(long slice)
{
    struct kept k;
    open_kept(&k);
    app_updater_slice(k.apps, slice);
    const char *seed = getenv("GATETOP_TEST_SEED");
    pick_from(seed != NULL ? (uint32_t)atoi(seed) : 7);
    int version = 1, wrong = 0;
    size_t most = 0;
    for (int turn = 0; turn < TURNS && wrong < 5; turn++) {
        struct slot s = draw_slot();
        char what[200];
        arena_clear(&text_arena);
        bool gone = pick(4) == 0;
        (void)snprintf(what, sizeof what, "turn %d: %s %s %s/%s", turn, gone ? "delete" : "put",
                       kinds[s.kind].kind, s.ns, s.name);
        if (gone) {
            (void)store_remove(k.store, s.kind, s.ns, s.name);
        } else {
            (void)store_put(k.store, random_object(&s, ++version, k.now));
        }
        if (slice != 0 && pick(2) == 0) { // changes come while something is left
            snapshot_unref(publish(&k));
        }
        if (pick(3) == 0) {
            wrong += check_rows(&k, what);
            const struct snapshot *p = publish(&k);
            most = app_rows_count(p) > most ? app_rows_count(p) : most;
            snapshot_unref(p);
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(most >= 8); // the world had enough to compare
    close_kept(&k);
}

static void random_changes(void **state)
{
    (void)state;
    change_at_random(0);
}

static void random_changes_in_slices(void **state)
{
    (void)state;
    change_at_random(1);
    change_at_random(4);
}

// Time passes between changes: rows change when time alone changes them, and app_updater_next says when.
static void time_alone(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    const char *seed = getenv("GATETOP_TEST_SEED");
    pick_from(seed != NULL ? (uint32_t)atoi(seed) : 11);
    int version = 1, wrong = 0;
    for (int turn = 0; turn < TURNS && wrong < 5; turn++) {
        struct slot s = draw_slot();
        arena_clear(&text_arena);
        if (pick(4) == 0) {
            (void)store_remove(k.store, s.kind, s.ns, s.name);
        } else {
            (void)store_put(k.store, random_object(&s, ++version, k.now));
        }
        snapshot_unref(publish(&k));
        if (pick(3) == 0) {
            int64_t next = app_updater_next(k.apps), before = k.now;
            int64_t step = 1 + pick(pick(2) ? 5 : 900);
            k.now = next != TIME_NONE && pick(2) && next - k.now < 4000 ? next : k.now + step;
            assert_true(k.now > before);
            char what[100];
            (void)snprintf(what, sizeof what, "turn %d: %ld s later%s", turn,
                           (long)(k.now - before),
                           k.now == next ? " (when app_updater_next said)" : "");
            wrong += check_rows(&k, what);
        }
    }
    assert_int_equal(wrong, 0);
    close_kept(&k);
}

// --- how much is made

static void put(struct kept *k, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void put(struct kept *k, const char *fmt, ...)
{
    va_list ap;
    struct buf b;
    buf_init(&b, 0);
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    (void)store_put(k->store, world_object(b.data));
    buf_release(&b);
}

static void put_service(struct kept *k, int i, int version)
{
    put(k,
        "{apiVersion: v1, kind: Service, metadata: {namespace: n%d, name: app, uid: s%d, "
        "resourceVersion: "
        "'%d'}, spec: {ports: [{port: 80}]}}",
        i, i, version);
}

static void put_app(struct kept *k, int i, int version)
{
    put(k,
        "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n%d, "
        "name: app, uid: v%d, "
        "resourceVersion: '%d'}, spec: {hosts: [app.n%d.example.com], gateways: [app], http: "
        "[{route: [{destination: "
        "{host: app, port: {number: 80}}}]}]}}",
        i, i, version, i);
}

#define APPS 200
static void fill(struct kept *k)
{
    put(k, "{apiVersion: v1, kind: Pod, metadata: {namespace: istio-system, name: gw, uid: p, "
           "labels: {istio: "
           "ingressgateway}}}");
    put(k, "{apiVersion: v1, kind: Service, metadata: {namespace: istio-system, name: gw, uid: "
           "lb}, spec: {type: "
           "LoadBalancer, selector: {istio: ingressgateway}, ports: [{port: 443}]}, status: "
           "{loadBalancer: {ingress: "
           "[{ip: 192.0.2.1}]}}}");
    for (int i = 0; i < APPS; i++) {
        put(k, "{apiVersion: v1, kind: Namespace, metadata: {name: n%d, uid: n%d}}", i, i);
        put(k,
            "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {namespace: n%d, name: "
            "app, uid: g%d}, spec: "
            "{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, "
            "protocol: HTTPS}, hosts: "
            "[app.n%d.example.com], tls: {mode: SIMPLE, credentialName: n%d}}]}}",
            i, i, i, i);
        put(k,
            "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {namespace: "
            "istio-system, name: n%d, uid: "
            "c%d}, spec: {secretName: n%d, dnsNames: ['*.n%d.example.com'], issuerRef: {name: le, "
            "kind: "
            "ClusterIssuer}}, status: {notBefore: '2025-11-01T00:00:00Z', notAfter: "
            "'2026-01-30T00:00:00Z', revision: 1, "
            "conditions: [{type: Ready, status: 'True', reason: Ready}]}}",
            i, i, i, i);
        put(k,
            "{apiVersion: v1, kind: Secret, metadata: {namespace: istio-system, name: n%d, uid: "
            "t%d}, type: "
            "kubernetes.io/tls}",
            i, i);
        put_service(k, i, 1);
        put_app(k, i, 1);
    }
}

// A change makes again the few chains that it touches.
static void few_are_made(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    fill(&k);
    const struct snapshot *p = publish(&k);
    assert_int_equal(app_rows_count(p), APPS);
    snapshot_unref(p);
    assert_int_equal(check_rows(&k, "the first time"), 0);

    long made = app_updater_made(k.apps);
    snapshot_unref(publish(&k));
    assert_int_equal(app_updater_made(k.apps), made); // nothing changed, nothing is made

    put_app(&k, 17, 2);
    snapshot_unref(publish(&k));
    assert_in_range(app_updater_made(k.apps) - made, 1, 4);
    made = app_updater_made(k.apps);

    put_service(&k, 33, 2);
    snapshot_unref(publish(&k));
    assert_in_range(app_updater_made(k.apps) - made, 1, 4);
    made = app_updater_made(k.apps);

    (void)store_remove(k.store, KIND_SECRET, "istio-system", "n5");
    snapshot_unref(publish(&k));
    assert_in_range(app_updater_made(k.apps) - made, 1, 4);
    made = app_updater_made(k.apps);

    // A hundred changes of one object between two publications are one.
    for (int i = 0; i < 100; i++) {
        put_app(&k, 18, 10 + i);
    }
    snapshot_unref(publish(&k));
    assert_in_range(app_updater_made(k.apps) - made, 1, 4);
    made = app_updater_made(k.apps);

    // A change that no chain depends on costs nothing.
    put(&k, "{apiVersion: v1, kind: Service, metadata: {namespace: far, name: away, uid: far}, "
            "spec: {ports: [{port: 1}]}}");
    snapshot_unref(publish(&k));
    assert_int_equal(app_updater_made(k.apps), made);
    assert_int_equal(check_rows(&k, "all of it"), 0);
    close_kept(&k);
}

static void put_large(struct kept *k, const char *name, int n)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n1, "
             "name: %s, uid: %s, resourceVersion: '%d'}, spec: {gateways: [app], hosts: [",
             name, name, n);
    for (int i = 0; i < n; i++) {
        buf_addf(&b, "h%d.%s.example.com, ", i, name);
    }
    buf_adds(&b, "], http: [{route: [{destination: {host: app, port: {number: 80}}}]}]}}");
    (void)store_put(k->store, world_object(b.data));
    buf_release(&b);
}

// Runs a slice; what is left, and how many rows there are.
static void assert_slice(struct kept *k, const char *left, size_t rows)
{
    const struct snapshot *p = publish(k);
    assert_string_equal(app_updater_left(k->apps), left);
    assert_int_equal(app_rows_count(p), rows);
    snapshot_unref(p);
}

// A slice ends after so many chains. Large owners come last, one at a time, and are announced.
static void slices(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    app_updater_slice(k.apps, APPS / 2);
    fill(&k);
    const struct snapshot *p = publish(&k);
    assert_true(app_rows_count(p) < APPS);
    assert_non_null(strstr(app_updater_left(k.apps), "/app, 1 host"));
    snapshot_unref(p);
    p = publish_all(&k);
    assert_int_equal(app_rows_count(p), APPS);
    snapshot_unref(p);
    app_updater_slice(k.apps, 5000);
    put_large(&k, "big", 2000);
    put_large(&k, "bigger", 20000);
    put_large(&k, "small", 1999);
    assert_slice(&k, "VirtualService n1/big, 2,000 hosts", APPS + 1999);
    assert_slice(&k, "VirtualService n1/bigger, 20,000 hosts", APPS + 3999);
    assert_slice(&k, "", APPS + 23999);
    // What goes goes at once, and what is small does not wait for what is announced.
    put_large(&k, "bigger", 3000);
    put_app(&k, 1, 2);
    (void)store_remove(k.store, KIND_VIRTUALSERVICE, "n1", "big");
    (void)store_remove(k.store, KIND_VIRTUALSERVICE, "n5", "app");
    p = publish(&k);
    assert_string_equal(app_updater_left(k.apps), "VirtualService n1/bigger, 3,000 hosts");
    snapshot_unref(p);
    // It goes while it waits.
    (void)store_remove(k.store, KIND_VIRTUALSERVICE, "n1", "bigger");
    p = publish_all(&k);
    assert_int_equal(app_rows_count(p), APPS + 1999); // the host of n5 is one of its Gateway
    snapshot_unref(p);
    assert_int_equal(check_rows(&k, "all of it"), 0);
    close_kept(&k);
}

// Two large objects that change before every update: nobody's change waits for them, and each has its turn.
static void no_large_one_holds_up_others(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    fill(&k);
    app_updater_slice(k.apps, 5000);
    int turns[2] = {0};
    for (int n = 0; n < 12; n++) {
        put_large(&k, "a-noisy", 3000 + n);
        put_large(&k, "noisy", 4000 + n);
        put_app(&k, 5, 2 + n);
        long before = app_updater_made(k.apps);
        const struct snapshot *p = publish(&k);
        long made = app_updater_made(k.apps) - before;
        assert_true(made >= 1 && made < 5000); // the small one, and at most one of the large ones
        turns[0] += made >= 3000 && made < 4000;
        turns[1] += made >= 4000;
        assert_non_null(strstr(app_updater_left(k.apps), "noisy, "));
        snapshot_unref(p);
    }
    assert_true(turns[0] >= 5 && turns[1] >= 5);
    snapshot_unref(publish_all(&k));
    assert_int_equal(check_rows(&k, "the last of them"), 0);
    // What has changed is made once.
    put_large(&k, "noisy", 2500);
    long before = app_updater_made(k.apps);
    snapshot_unref(publish_all(&k));
    assert_in_range(app_updater_made(k.apps) - before, 2500, 2600);
    close_kept(&k);
}

static void put_plain(struct kept *k, const char *name, int version, int code)
{
    put(k,
        "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {namespace: n1, name: "
        "%s, uid: pg%s}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, "
        "name: http, protocol: HTTP}, hosts: [%s.io]}]}}",
        name, name, name);
    put(k,
        "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n1, "
        "name: %s, uid: pv%s, resourceVersion: '%d'}, spec: {hosts: [%s.io], gateways: [%s], "
        "http: [{redirect: {uri: /x, redirectCode: %d}}]}}",
        name, name, version, name, name, code);
}

// The rows of a port's hosts follow a VirtualService of another host for which Envoy refuses its table.
static void a_refused_table(void **state)
{
    (void)state;
    static const int codes[] = {302, 305, 399, 301};
    struct kept k;
    open_kept(&k);
    fill(&k);
    put_plain(&k, "good", 1, 302);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        put_plain(&k, "bad", 1 + (int)i, codes[i]);
        const struct snapshot *p = publish(&k);
        struct app_rows_iter it;
        const struct app_row *r;
        int broken = 0;
        app_rows_begin(&it, p);
        while ((r = app_rows_next(&it)) != NULL) {
            broken += r->link[LINK_RULES] == VERDICT_BROKEN;
        }
        assert_int_equal(broken, codes[i] > 302 ? 2 : 0);
        snapshot_unref(p);
        assert_int_equal(check_rows(&k, "another redirect code"), 0);
    }
    close_kept(&k);
}

static void a_row_again(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    fill(&k);
    const struct snapshot *p = publish(&k);
    struct app_rows_iter it;
    const struct app_row *r;
    struct arena a;
    arena_init(&a);
    struct mesh m = {.snap = p, .arena = &a, .now = k.now};
    app_rows_begin(&it, p);
    while ((r = app_rows_next(&it)) != NULL) {
        const struct chain *c = app_chain(&m, r, NULL);
        assert_non_null(c);
        assert_string_equal(c->host, r->host);
        assert_int_equal(c->state, r->state);
        assert_int_equal(c->worst, r->worst);
        assert_string_equal(r->reason, c->state != VERDICT_OK ? c->link[c->worst].reason : "");
        for (int l = 0; l < LINK_COUNT; l++) {
            assert_int_equal(c->link[l].state, r->link[l]);
            assert_non_null(c->link[l].reason);
            assert_true(c->link[l].reason[0] != '\0');
        }
        arena_clear(&a);
    }
    // Rows of an older snapshot stay as they were while newer ones come.
    char *before = rows_text(p);
    for (int i = 0; i < APPS; i++) {
        char ns[16];
        (void)snprintf(ns, sizeof ns, "n%d", i);
        (void)store_remove(k.store, KIND_VIRTUALSERVICE, ns, "app");
        (void)store_remove(k.store, KIND_GATEWAY, ns, "app");
    }
    const struct snapshot *later = publish(&k);
    assert_int_equal(app_rows_count(later), 0);
    char *again = rows_text(p);
    assert_string_equal(before, again);
    app_rows_begin(&it, p);
    r = app_rows_next(&it);
    m.snap = later;
    assert_null(app_chain(&m, r, NULL)); // its owner is gone
    free(before);
    free(again);
    snapshot_unref(p);
    snapshot_unref(later);
    arena_release(&a);
    close_kept(&k);
}

// A kind that is not readable any more, and comes back.
static void kind_states(void **state)
{
    (void)state;
    struct kept k;
    open_kept(&k);
    fill(&k);
    (void)store_remove(k.store, KIND_NAMESPACE, "", "n3");
    const struct snapshot *p = publish(&k);
    char *text = rows_text(p);
    assert_non_null(strstr(text, "namespace \"n3\" does not exist"));
    free(text);
    snapshot_unref(p);
    store_state(k.store, KIND_NAMESPACE)->state = SYNC_FORBIDDEN;
    store_clear_kind(k.store, KIND_NAMESPACE);
    app_updater_kind_state_changed(k.apps, KIND_NAMESPACE);
    p = publish(&k);
    text = rows_text(p);
    assert_null(strstr(text, "does not exist"));
    free(text);
    snapshot_unref(p);
    close_kept(&k);
}

int main(void)
{
    arena_init(&text_arena);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes),
        cmocka_unit_test(time_alone),
        cmocka_unit_test(random_changes_in_slices),
        cmocka_unit_test(slices),
        cmocka_unit_test(no_large_one_holds_up_others),
        cmocka_unit_test(few_are_made),
        cmocka_unit_test(a_row_again),
        cmocka_unit_test(kind_states),
        cmocka_unit_test(a_refused_table),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&text_arena);
    return failed;
}
