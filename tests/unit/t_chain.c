// SPDX-License-Identifier: Apache-2.0
// Each link of the chain in each of its states, with the sentence that says why, from small worlds that
// differ in one thing from one where all is well.
#include "kube/base/arena.h"
#include "kube/base/buf.h"

#include "kube/object/istio_objects.h"

#include "kube/store/probe_result.h"
#include "kube/store/store.h"

#include "kube/mesh/chain/chain_list.h"
#include "kube/mesh/dns/dns_settings.h"
#include "kube/mesh/route/route_list.h"

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

#define NOW INT64_C(1764000000)

// The world where all is well, in pieces that a case may replace.
enum piece { NAMESPACE, GATEWAY, POD, LB, SECRET, CERTIFICATE, VS, SERVICE, PIECES };
static const char *const well[PIECES] = {
    [NAMESPACE] = "{apiVersion: v1, kind: Namespace, metadata: {name: apps}}",
    [GATEWAY] =
        "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: "
        "apps}, "
        "spec: {selector: {istio: in}, servers: [{port: {number: 443, name: h, protocol: HTTPS}, "
        "hosts: [web.x.io], tls: {mode: SIMPLE, credentialName: cred}}]}}",
    [POD] = "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: istio-system, labels: "
            "{istio: in}}}",
    [LB] = "{apiVersion: v1, kind: Service, metadata: {name: in, namespace: istio-system}, spec: "
           "{type: LoadBalancer, selector: {istio: in}, ports: [{port: 443}]}, status: "
           "{loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}",
    [SECRET] = "{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: cred, "
               "namespace: istio-system}}",
    [CERTIFICATE] =
        "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: wild, namespace: "
        "istio-system, generation: 1, creationTimestamp: '2025-10-01T00:00:00Z'}, spec: "
        "{secretName: "
        "cred, dnsNames: ['*.x.io'], issuerRef: {name: le, kind: ClusterIssuer}}, status: "
        "{notAfter: "
        "'2026-02-01T00:00:00Z', notBefore: '2025-11-03T00:00:00Z', renewalTime: "
        "'2026-01-02T00:00:00Z', revision: 1, conditions: [{type: Ready, status: 'True', reason: "
        "Ready, observedGeneration: 1, lastTransitionTime: '2025-11-03T00:00:00Z'}]}}",
    [VS] = "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, "
           "namespace: apps}, spec: {hosts: [web.x.io], gateways: [gw], http: [{route: "
           "[{destination: {host: web, port: {number: 80}}}]}]}}",
    [SERVICE] = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: apps}, spec: "
                "{ports: [{port: 80, name: http}]}}",
};
static const enum kind kind_of[PIECES] = {KIND_NAMESPACE,      KIND_GATEWAY, KIND_POD,
                                          KIND_SERVICE,        KIND_SECRET,  KIND_CERTIFICATE,
                                          KIND_VIRTUALSERVICE, KIND_SERVICE};

enum known { READ, FORBIDDEN, ABSENT, LOADING, PARTIAL, DROPPED };

static void set_known(struct store *s, enum kind k, enum known known)
{
    struct kind_state *state = store_state(s, k);
    state->state = known == FORBIDDEN ? SYNC_FORBIDDEN
                   : known == ABSENT  ? SYNC_NOT_INSTALLED
                   : known == LOADING ? SYNC_SYNCING
                                      : SYNC_LIVE;
    state->synced = known == READ || known == PARTIAL || known == DROPPED;
    state->partial = known == PARTIAL;
    state->dropped = known == DROPPED ? 3 : 0;
}

// The pieces without `piece`, or with `other` in its place; with what is known of its kind; as from a cluster.
static void open_world(struct world *w, enum piece piece, const char *other, enum known known)
{
    struct store *s = store_new();
    for (int p = 0; p < PIECES; p++) {
        const char *text = (enum piece)p == piece ? other : well[p];
        if (text != NULL) {
            world_put(s, text);
        }
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        set_known(s, (enum kind)k, READ);
    }
    if (piece != PIECES) {
        set_known(s, kind_of[piece], known);
    }
    const struct snapshot *snap = store_publish(s, NULL, NULL);
    store_free(s);
    world_open_snapshot(w, snap, NOW);
}

static const struct chain *first_chain(struct world *w, const struct dns_settings *dns)
{
    const struct object *o = mesh_get(&w->mesh, KIND_VIRTUALSERVICE, "apps", "web");
    o = o != NULL ? o : mesh_get(&w->mesh, KIND_GATEWAY, "apps", "gw");
    assert_non_null(o);
    struct chain_list all = {0};
    chain_list_of_object(&w->mesh, o, dns, &all);
    assert_int_equal(all.n, 1);
    return all.at;
}

struct link_case {
    enum link_kind link;
    enum verdict state;
    const char *reason; // a part of it
    enum piece piece;
    const char *other; // in its place, NULL: none
    enum known known;
};

#define GW(servers)                                                                                \
    "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: apps}, "  \
    "spec: {selector: {istio: in}, servers: [" servers "]}}"
#define HTTP(more) "{port: {number: 80, name: p, protocol: HTTP}, hosts: [web.x.io]" more "}"
#define TLS(mode, more)                                                                            \
    "{port: {number: 443, name: h, protocol: HTTPS}, hosts: [web.x.io], tls: {mode: " mode more "}}"
#define VS_OF(spec)                                                                                \
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: " \
    "apps}, spec: {hosts: [web.x.io], gateways: [gw], " spec "}}"
#define TO_WEB "route: [{destination: {host: web, port: {number: 80}}}]"
#define CERT(names, ready)                                                                         \
    "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: wild, namespace: "       \
    "istio-system, generation: 1, creationTimestamp: '2025-10-01T00:00:00Z'}, spec: {secretName: " \
    "cred, dnsNames: [" names "], issuerRef: {name: le, kind: ClusterIssuer}}, status: " ready "}"
#define READY(after)                                                                               \
    "{notAfter: '" after "', notBefore: '2025-08-03T00:00:00Z', renewalTime: "                     \
    "'2026-01-02T00:00:00Z', revision: 1, conditions: [{type: Ready, status: 'True', reason: "     \
    "Ready, observedGeneration: 1, lastTransitionTime: '2025-11-03T00:00:00Z'}]}"

#define UNREADY "{conditions: [{type: Ready, status: 'False', reason: SecretMismatch}]}"
// The Secret, as it was written for these names.
#define STORED_NAMES(names)                                                                        \
    "\n---\n{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: cred, "       \
    "namespace: istio-system, annotations: {cert-manager.io/certificate-name: wild, "              \
    "cert-manager.io/issuer-name: le, cert-manager.io/alt-names: " names "}}}"

static const struct link_case cases[] = {
    {LINK_NAMESPACE, VERDICT_OK, "exists", PIECES, NULL, READ},
    {LINK_NAMESPACE, VERDICT_PENDING, "namespace \"apps\" is being deleted", NAMESPACE,
     "{apiVersion: v1, kind: Namespace, metadata: {name: apps}, status: {phase: Terminating}}",
     READ},
    {LINK_NAMESPACE, VERDICT_BROKEN, "namespace \"apps\" does not exist; create it", NAMESPACE,
     NULL, READ},
    {LINK_NAMESPACE, VERDICT_UNKNOWN, "no permission to read namespaces", NAMESPACE, NULL,
     FORBIDDEN},
    {LINK_NAMESPACE, VERDICT_UNKNOWN, "namespaces are loading", NAMESPACE, NULL, LOADING},

    {LINK_DNS, VERDICT_UNKNOWN, "A to 192.0.2.1 is expected; DNS was not asked", PIECES, NULL,
     READ},
    {LINK_DNS, VERDICT_PENDING, "external-dns makes no record for web.x.io", LB, NULL, READ},
    {LINK_DNS, VERDICT_UNKNOWN, "no permission to read services", LB, NULL, FORBIDDEN},
    {LINK_DNS, VERDICT_UNKNOWN, "services are loading", LB, NULL, LOADING},
    {LINK_DNS, VERDICT_UNKNOWN, "no Gateway to point to", GATEWAY, NULL, READ},

    {LINK_GATEWAY, VERDICT_OK, "HTTPS 443", PIECES, NULL, READ},
    {LINK_GATEWAY, VERDICT_OK, "HTTPS 443, HTTP too", GATEWAY,
     GW(TLS("SIMPLE", ", credentialName: cred") ", " HTTP("")), READ},
    {LINK_GATEWAY, VERDICT_OK, "HTTPS 443, HTTP is redirected", GATEWAY,
     GW(TLS("SIMPLE", ", credentialName: cred") ", " HTTP(", tls: {httpsRedirect: true}")), READ},
    {LINK_GATEWAY, VERDICT_WARNING, "plain HTTP only (HTTP 80); add an HTTPS server", GATEWAY,
     GW(HTTP("")), READ},
    {LINK_GATEWAY, VERDICT_BROKEN, "redirects web.x.io to HTTPS, which it does not serve; add",
     GATEWAY, GW(HTTP(", tls: {httpsRedirect: true}")), READ},
    {LINK_GATEWAY, VERDICT_BROKEN,
     "no server of Gateway apps/gw takes host web.x.io (it has other.x.io); add the host", GATEWAY,
     GW("{port: {number: 80, name: p, protocol: HTTP}, hosts: [other.x.io]}"), READ},
    // A host that is a part of another one is listed too, one that is on two servers once.
    {LINK_GATEWAY, VERDICT_BROKEN,
     "no server of Gateway apps/gw takes host web.x.io (it has www.y.io, y.io, a.y.io); add",
     GATEWAY,
     GW("{port: {number: 80, name: p, protocol: HTTP}, hosts: [www.y.io, y.io]}, "
        "{port: {number: 81, name: q, protocol: HTTP}, hosts: [y.io, a.y.io, www.y.io]}"),
     READ},
    {LINK_GATEWAY, VERDICT_BROKEN,
     "Gateway apps/gw does not exist; create it or correct spec.gateways of VirtualService "
     "apps/web",
     GATEWAY, NULL, READ},
    {LINK_GATEWAY, VERDICT_UNKNOWN, "no permission to read gateways", GATEWAY, NULL, FORBIDDEN},
    {LINK_GATEWAY, VERDICT_UNKNOWN, "gateways are not installed", GATEWAY, NULL, ABSENT},
    {LINK_GATEWAY, VERDICT_UNKNOWN, "gateways are loading", GATEWAY, NULL, LOADING},
    {LINK_GATEWAY, VERDICT_UNKNOWN, "gateways can be read in some namespaces only", GATEWAY, NULL,
     PARTIAL},
    {LINK_GATEWAY, VERDICT_UNKNOWN, "3 gateways could not be read", GATEWAY, NULL, DROPPED},
    {LINK_GATEWAY, VERDICT_BROKEN,
     "no running pod has the labels istio=in that Gateway apps/gw selects; start those of istio-system/in",
     POD, NULL, READ},
    {LINK_GATEWAY, VERDICT_BROKEN,
     "Gateway apps/gw has no selector, and no pod has the label istio=ingressgateway; set", GATEWAY,
     "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: apps}, "
     "spec: {servers: [" TLS("SIMPLE", ", credentialName: cred") "]}}",
     READ},

    {LINK_SECRET, VERDICT_OK, "exists", PIECES, NULL, READ},
    {LINK_SECRET, VERDICT_OK, "none: plain HTTP", GATEWAY, GW(HTTP("")), READ},
    {LINK_SECRET, VERDICT_OK, "none: TLS is passed through", GATEWAY, GW(TLS("PASSTHROUGH", "")),
     READ},
    {LINK_SECRET, VERDICT_BROKEN, "names no credential; set tls.credentialName", GATEWAY,
     GW(TLS("SIMPLE", "")), READ},
    {LINK_SECRET, VERDICT_BROKEN,
     "names namespace apps, but the gateway's pods only read istio-system", GATEWAY,
     GW(TLS("SIMPLE", ", credentialName: 'kubernetes://apps/cred'")), READ},
    {LINK_SECRET, VERDICT_BROKEN,
     "names namespace apps, but the gateway's pods only read istio-system", GATEWAY,
     GW(TLS("SIMPLE", ", credentialName: apps/cred")), READ},
    {LINK_SECRET, VERDICT_OK, "exists", GATEWAY,
     GW(TLS("SIMPLE", ", credentialName: 'kubernetes://cred'")), READ},
    {LINK_SECRET, VERDICT_OK, "exists", GATEWAY,
     GW(TLS("SIMPLE", ", credentialName: istio-system/cred")), READ},
    {LINK_SECRET, VERDICT_OK, "exists", GATEWAY, GW(TLS("SIMPLE", ", credentialNames: [cred]")),
     READ},
    {LINK_SECRET, VERDICT_BROKEN, "Secret istio-system/none does not exist", GATEWAY,
     GW(TLS("SIMPLE", ", credentialNames: [cred, none]")), READ},
    {LINK_SECRET, VERDICT_BROKEN,
     "Secret istio-system/none does not exist and no Certificate writes it", GATEWAY,
     GW(TLS("SIMPLE", ", credentialName: none")), READ},
    {LINK_SECRET, VERDICT_PENDING, "is not there yet; Certificate wild writes it", SECRET, NULL,
     READ},
    {LINK_SECRET, VERDICT_UNKNOWN, "no permission to read secrets", SECRET, NULL, FORBIDDEN},
    {LINK_SECRET, VERDICT_UNKNOWN, "secrets are loading", SECRET, NULL, LOADING},
    {LINK_SECRET, VERDICT_UNKNOWN, "no Gateway server to read it", GATEWAY, NULL, READ},

    {LINK_CERTIFICATE, VERDICT_OK, "READY, expires 2026-02-01", PIECES, NULL, READ},
    {LINK_CERTIFICATE, VERDICT_OK, "none needed", GATEWAY, GW(HTTP("")), READ},
    {LINK_CERTIFICATE, VERDICT_BROKEN, "web.x.io", CERTIFICATE,
     CERT("'*.y.io'", READY("2026-02-01T00:00:00Z")), READ},
    {LINK_CERTIFICATE, VERDICT_BROKEN, "Certificate istio-system/wild EXPIRED", CERTIFICATE,
     CERT("'*.x.io'", READY("2025-11-01T00:00:00Z")), READ},
    // Of a Ready one the spec has the names (docs/rules/certificates.md#ready-condition).
    {LINK_CERTIFICATE, VERDICT_OK, "READY, expires 2026-02-01", CERTIFICATE,
     CERT("'*.x.io'", READY("2026-02-01T00:00:00Z")) STORED_NAMES("old.y.io"), READ},
    {LINK_CERTIFICATE, VERDICT_BROKEN, "(as the Secret says): web.x.io is not among old.y.io",
     CERTIFICATE, CERT("'*.x.io'", UNREADY) STORED_NAMES("old.y.io"), READ},
    {LINK_CERTIFICATE, VERDICT_BROKEN, "Certificate istio-system/wild NOT READY", CERTIFICATE,
     CERT("'*.x.io'", UNREADY) STORED_NAMES("'*.x.io'"), READ},
    {LINK_CERTIFICATE, VERDICT_UNKNOWN, "no Certificate writes Secret istio-system/cred",
     CERTIFICATE, NULL, READ},
    {LINK_CERTIFICATE, VERDICT_UNKNOWN, "certificates are not installed", CERTIFICATE, NULL,
     ABSENT},
    {LINK_CERTIFICATE, VERDICT_UNKNOWN, "no permission to read certificates", CERTIFICATE, NULL,
     FORBIDDEN},

    {LINK_VIRTUALSERVICE, VERDICT_OK, "bound to Gateway apps/gw", PIECES, NULL, READ},
    {LINK_VIRTUALSERVICE, VERDICT_BROKEN, "no VirtualService uses host web.x.io of Gateway apps/gw",
     VS, NULL, READ},
    {LINK_VIRTUALSERVICE, VERDICT_UNKNOWN, "no permission to read virtualservices", VS, NULL,
     FORBIDDEN},
    {LINK_VIRTUALSERVICE, VERDICT_UNKNOWN, "virtualservices are loading", VS, NULL, LOADING},
    {LINK_VIRTUALSERVICE, VERDICT_BROKEN, "exportTo of VirtualService apps/web hides it", VS,
     VS_OF("exportTo: ['.'], http: [{" TO_WEB "}]"), READ},

    {LINK_RULES, VERDICT_OK, "1 routes", PIECES, NULL, READ},
    {LINK_RULES, VERDICT_WARNING, "rule #1 of VirtualService apps/web is never reached", VS,
     VS_OF("http: [{match: [{uri: {prefix: /a}}], " TO_WEB
           "}, {match: [{uri: {prefix: /a/b}}], " TO_WEB "}]"),
     READ},
    {LINK_RULES, VERDICT_WARNING, "the rule before it takes everything; move it up", VS,
     VS_OF("http: [{" TO_WEB "}, {match: [{uri: {prefix: /a}}], " TO_WEB "}]"), READ},
    {LINK_RULES, VERDICT_BROKEN, "no rule of VirtualService apps/web applies on Gateway apps/gw",
     VS, VS_OF("http: [{match: [{port: 8080}], " TO_WEB "}]"), READ},
    {LINK_RULES, VERDICT_BROKEN,
     "rule #1 of VirtualService apps/web has no action, which Istio's validation refuses: write "
     "route",
     VS, VS_OF("http: [{match: [{uri: {prefix: /a}}], " TO_WEB "}, {name: }]"), READ},
    {LINK_RULES, VERDICT_BROKEN,
     "no route of the port is served: VirtualService apps/web rule 0 has a redirect code that "
     "Envoy does not have",
     VS, VS_OF("http: [{redirect: {uri: /x, redirectCode: 305}}]"), READ},
    {LINK_RULES, VERDICT_UNKNOWN, "no VirtualService", VS, NULL, READ},
    {LINK_RULES, VERDICT_UNKNOWN, "no Gateway to apply them", GATEWAY, NULL, READ},
    {LINK_RULES, VERDICT_BROKEN, "TLS is passed through, where http rules do not apply", GATEWAY,
     GW(TLS("PASSTHROUGH", "")), READ},

    {LINK_DESTINATIONS, VERDICT_OK, "1 destinations exist", PIECES, NULL, READ},
    {LINK_DESTINATIONS, VERDICT_OK, "none: the rules answer themselves", VS,
     VS_OF("http: [{redirect: {uri: /x}}]"), READ},
    {LINK_DESTINATIONS, VERDICT_BROKEN, "correct the destination of VirtualService apps/web",
     SERVICE, NULL, READ},
    {LINK_DESTINATIONS, VERDICT_BROKEN, "8080", VS,
     VS_OF("http: [{route: [{destination: {host: web, port: {number: 8080}}}]}]"), READ},
    {LINK_DESTINATIONS, VERDICT_UNKNOWN, "no permission to read services", SERVICE, NULL,
     FORBIDDEN},
    {LINK_DESTINATIONS, VERDICT_UNKNOWN, "services are loading", SERVICE, NULL, LOADING},
    {LINK_DESTINATIONS, VERDICT_UNKNOWN, "not known without its rules", VS, NULL, READ},
};

static void every_link_in_every_state(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct link_case *t = &cases[i];
        struct world w;
        open_world(&w, t->piece, t->other, t->known);
        const struct chain_link *l = &first_chain(&w, NULL)->link[t->link];
        if (l->state != t->state || strstr(l->reason, t->reason) == NULL) {
            print_message("case %zu, %s: %s, not %s: \"%s\", not \"%s\"\n", i, link_name(t->link),
                          verdict_name(l->state), verdict_name(t->state), l->reason, t->reason);
            wrong++;
        }
        world_close(&w);
    }
    assert_int_equal(wrong, 0);
}

// docs/rules/istio.md#dead-rules: rules, rows and destinations of all ports count.
static void rules_of_one_port(void **state)
{
    (void)state;
#define TWO_PORTS                                                                                  \
    GW("{port: {number: 80, name: p, protocol: HTTP}, hosts: [web.x.io]}, {port: {number: 443, "   \
       "name: h, protocol: HTTPS}, hosts: [web.x.io], tls: {mode: SIMPLE, credentialName: cred}}")
#define TO_GHOST "route: [{destination: {host: ghost}}]"
    static const struct {
        const char *rules;
        enum verdict rules_state, destinations_state;
        enum verdict rows[2];
    } t[] = {
        {"{match: [{port: 80}], redirect: {scheme: https}}, {" TO_WEB "}",
         VERDICT_OK,
         VERDICT_OK,
         {VERDICT_OK, VERDICT_OK}},
        {"{match: [{port: 80}], redirect: {scheme: https}}, {" TO_GHOST "}",
         VERDICT_OK,
         VERDICT_BROKEN,
         {VERDICT_OK, VERDICT_BROKEN}},
        {"{match: [{port: 80, uri: {prefix: /a}}], " TO_WEB
         "}, {match: [{uri: {prefix: /a/b}}], " TO_WEB "}",
         VERDICT_OK,
         VERDICT_OK,
         {VERDICT_OK, VERDICT_OK}},
        {"{match: [{uri: {prefix: /a}}], " TO_WEB
         "}, {match: [{port: 443, uri: {prefix: /a/b}}], " TO_WEB "}",
         VERDICT_WARNING,
         VERDICT_OK,
         {VERDICT_OK, VERDICT_WARNING}},
        {"{match: [{port: 443}], " TO_WEB "}", VERDICT_OK, VERDICT_OK, {VERDICT_OK}},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct store *s = store_new();
        for (int p = 0; p < PIECES; p++) {
            if (p != VS) {
                world_put(s, p == GATEWAY ? TWO_PORTS : well[p]);
            }
        }
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b,
                 "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, "
                 "namespace: apps}, spec: {hosts: [web.x.io], gateways: [gw], http: [%s]}}",
                 t[i].rules);
        world_put(s, b.data);
        buf_release(&b);
        for (int k = 0; k < KIND_COUNT; k++) {
            set_known(s, (enum kind)k, READ);
        }
        struct world w;
        world_open_snapshot(&w, store_publish(s, NULL, NULL), NOW);
        store_free(s);
        const struct chain *c = first_chain(&w, NULL);
        struct route_rows rows = {0};
        route_rows_all(&w.mesh, &rows);
        bool good = c->link[LINK_RULES].state == t[i].rules_state &&
                    c->link[LINK_DESTINATIONS].state == t[i].destinations_state;
        for (uint32_t k = 0; k < rows.n; k++) {
            good = good && rows.at[k].state == t[i].rows[rows.at[k].index];
        }
        if (!good || rows.n == 0) {
            fail_msg("case %zu: %s: %s", i, c->link[LINK_RULES].reason,
                     c->link[LINK_DESTINATIONS].reason);
        }
        world_close(&w);
    }
}

// docs/rules/istio.md#tcp-routes: rows of connections.
static void connections(void **state)
{
    (void)state;
#define L4(protocol, tls)                                                                          \
    GW("{port: {number: 443, name: h, protocol: " protocol "}, hosts: [web.x.io]" tls "}")
#define L4_VS(rules)                                                                               \
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: " \
    "apps}, spec: {hosts: [web.x.io], gateways: [gw], " rules "}}"
#define TLS_RULE(port) "tls: [{match: [{sniHosts: [web.x.io]" port "}], " TO_WEB "}]"
    static const struct {
        const char *gateway, *vs;
        enum link_kind link;
        enum verdict state;
        const char *reason;
    } t[] = {
        {L4("TCP", ""), L4_VS("tcp: [{" TO_WEB "}]"), LINK_GATEWAY, VERDICT_OK, "TCP 443"},
        {L4("TCP", ""), L4_VS("tcp: [{" TO_WEB "}]"), LINK_SECRET, VERDICT_OK, "none: plain TCP"},
        {L4("TCP", ""), L4_VS("tcp: [{" TO_WEB "}]"), LINK_CERTIFICATE, VERDICT_OK, "none needed"},
        {L4("TCP", ""), L4_VS("tcp: [{" TO_WEB "}]"), LINK_RULES, VERDICT_OK, "1 route by SNI"},
        {L4("TCP", ""), L4_VS("tcp: [{" TO_WEB "}]"), LINK_DESTINATIONS, VERDICT_OK, "1 dest"},
        {L4("TCP", ""), L4_VS("tcp: [{match: [{port: 1}], " TO_WEB "}]"), LINK_RULES,
         VERDICT_BROKEN, "no tcp rule of VirtualService apps/web applies"},
        {L4("TCP", ""), L4_VS("tcp: [{route: [{destination: {host: ghost}}]}]"), LINK_DESTINATIONS,
         VERDICT_BROKEN, "tcp rule #0: there is no service"},
        {L4("TCP", ""), L4_VS("http: [{" TO_WEB "}]"), LINK_RULES, VERDICT_BROKEN,
         "TCP 443 passes bytes on, where http and tls rules do not apply"},
        {L4("TLS", ", tls: {mode: PASSTHROUGH}"), L4_VS(TLS_RULE("")), LINK_GATEWAY, VERDICT_OK,
         "TLS 443"},
        {L4("TLS", ", tls: {mode: PASSTHROUGH}"), L4_VS(TLS_RULE("")), LINK_RULES, VERDICT_OK,
         "1 route by SNI or port"},
        {L4("TLS", ", tls: {mode: PASSTHROUGH}"), L4_VS(TLS_RULE(", port: 1")), LINK_RULES,
         VERDICT_BROKEN, "no tls rule of VirtualService apps/web applies"},
        {L4("TLS", ", tls: {mode: PASSTHROUGH}"), L4_VS(TLS_RULE("")), LINK_DESTINATIONS,
         VERDICT_OK, "1 destinations exist"},
        {L4("TLS", ", tls: {mode: SIMPLE, credentialName: cred}"), L4_VS("tcp: [{" TO_WEB "}]"),
         LINK_SECRET, VERDICT_OK, "exists"},
        {L4("TLS", ", tls: {mode: SIMPLE, credentialName: cred}"), L4_VS("tcp: [{" TO_WEB "}]"),
         LINK_RULES, VERDICT_OK, "1 route"},
        {L4("TLS", ", tls: {mode: SIMPLE, credentialName: cred}"), L4_VS(TLS_RULE("")), LINK_RULES,
         VERDICT_BROKEN, "TLS 443 passes bytes on"},
        {L4("TLS", ", tls: {mode: AUTO_PASSTHROUGH}"), NULL, LINK_VIRTUALSERVICE, VERDICT_OK,
         "none needed"},
        {L4("TLS", ", tls: {mode: AUTO_PASSTHROUGH}"), NULL, LINK_RULES, VERDICT_OK, "none needed"},
        {L4("TLS", ", tls: {mode: AUTO_PASSTHROUGH}"), NULL, LINK_DESTINATIONS, VERDICT_OK,
         "the services that web.x.io covers"},
        // both sorts: what applies counts, what does not does no harm
        {L4("TLS", ", tls: {mode: PASSTHROUGH}"), L4_VS("http: [{" TO_WEB "}], " TLS_RULE("")),
         LINK_RULES, VERDICT_OK, "1 route by SNI"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct store *s = store_new();
        for (int p = 0; p < PIECES; p++) {
            const char *piece = p == GATEWAY ? t[i].gateway : p == VS ? t[i].vs : well[p];
            if (piece != NULL) {
                world_put(s, piece);
            }
        }
        for (int k = 0; k < KIND_COUNT; k++) {
            set_known(s, (enum kind)k, READ);
        }
        struct world w;
        world_open_snapshot(&w, store_publish(s, NULL, NULL), NOW);
        store_free(s);
        const struct chain_link *l = &first_chain(&w, NULL)->link[t[i].link];
        if (l->state != t[i].state || strstr(l->reason, t[i].reason) == NULL) {
            fail_msg("case %zu, %s: %s: %s", i, link_name(t[i].link), verdict_name(l->state),
                     l->reason);
        }
        world_close(&w);
    }
}

// Envoy refuses the routes of all hosts of a port for one redirect: those of another VirtualService, too.
static void the_table_of_the_host_is_refused(void **state)
{
    (void)state;
#define OTHER(name, spec)                                                                          \
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: " name            \
    ", namespace: apps}, spec: {" spec "}}"
#define ON "hosts: [other.x.io], gateways: [gw], "
#define CODE(code) "http: [{redirect: {uri: /x, redirectCode: " code "}}]"
#define TWO                                                                                        \
    GW("{port: {number: 443, name: h, protocol: HTTPS}, hosts: [web.x.io, other.x.io], tls: "      \
       "{mode: SIMPLE, credentialName: cred}}, {port: {number: 80, name: p, protocol: HTTP}, "     \
       "hosts: [web.x.io, other.x.io]}")
    static const struct {
        const char *other, *delegate;
        enum verdict state;
        const char *reason;
    } t[] = {
        {OTHER("bad", ON CODE("302")), NULL, VERDICT_OK, "1 routes"},
        {OTHER("bad", ON CODE("305")), NULL, VERDICT_BROKEN,
         "no route of the port is served: VirtualService apps/bad rule 0 has a redirect code that "
         "Envoy does not have, which refuses the whole route table for it: use 301"},
        {OTHER("bad", ON "http: [{match: [{port: 80}], redirect: {redirectCode: 305}}]"), NULL,
         VERDICT_WARNING, "no route of HTTP 80 is served: VirtualService apps/bad rule 0 match 0"},
        {OTHER("bad", "hosts: [else.io], gateways: [gw], " CODE("305")), NULL, VERDICT_OK,
         "1 routes"},
        {OTHER("bad", "hosts: [other.x.io], gateways: [none], " CODE("305")), NULL, VERDICT_OK,
         "1 routes"},
        {OTHER("bad", ON "http: [{" TO_WEB "}, {redirect: {redirectCode: 305}}]"), NULL, VERDICT_OK,
         "1 routes"},
        {OTHER("bad", ON "http: [{delegate: {name: leaf}}]"), OTHER("leaf", CODE("305")),
         VERDICT_BROKEN, "VirtualService apps/bad rule 0 (rule 0 of delegate apps/leaf) has a"},
        {OTHER("bad", ON "http: [{delegate: {name: leaf}}]"), OTHER("leaf", CODE("307")),
         VERDICT_OK, "1 routes"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct store *s = store_new();
        for (int p = 0; p < PIECES; p++) {
            world_put(s, p == GATEWAY ? TWO : well[p]);
        }
        world_put(s, t[i].other);
        if (t[i].delegate != NULL) {
            world_put(s, t[i].delegate);
        }
        for (int k = 0; k < KIND_COUNT; k++) {
            set_known(s, (enum kind)k, READ);
        }
        const struct snapshot *snap = store_publish(s, NULL, NULL);
        store_free(s);
        struct world w;
        world_open_snapshot(&w, snap, NOW);
        const struct chain_link *l = &first_chain(&w, NULL)->link[LINK_RULES];
        struct route_rows rows = {0};
        route_rows_of_vs(
            &w.mesh,
            OBJECT_AS(virtualservice, mesh_get(&w.mesh, KIND_VIRTUALSERVICE, "apps", "web")),
            &rows);
        assert_int_equal(rows.n, 1);
        if (l->state != t[i].state || strstr(l->reason, t[i].reason) == NULL ||
            rows.at[0].state != t[i].state) {
            fail_msg("case %zu: %s, row %s: \"%s\"", i, verdict_name(l->state),
                     verdict_name(rows.at[0].state), l->reason);
        }
        world_close(&w);
    }
}

// n rules, each with its own path.
static void add_rules(struct buf *b, const char *path, const char *then, int n)
{
    for (int i = 0; i < n; i++) {
        buf_addf(b, "{match: [{uri: {prefix: %s%d}}], %s}, ", path, i, then);
    }
}

// Rules that are not looked at may do anything (docs/rules/istio.md#delegate-bounds).
static void rules_beyond_the_bound_are_unknown(void **state)
{
    (void)state;
    static const struct {
        int before; // rules of the root before the one that delegates
        int leaf;   // matches of the delegate's rule, and of the root's
        enum verdict state;
        const char *reason;
    } t[] = {
        {0, 640, VERDICT_UNKNOWN, "with its delegates, VirtualService apps/web has more rules"},
        {2, 640, VERDICT_UNKNOWN, "with its delegates, VirtualService apps/web has more rules"},
        {2, 3, VERDICT_OK, "11 routes"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        buf_init(&b, 0);
        buf_adds(&b, "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: "
                     "web, namespace: apps}, spec: {hosts: [web.x.io], gateways: [gw], http: [");
        add_rules(&b, "/p/", TO_WEB, t[i].before);
        buf_adds(&b, "{delegate: {name: leaf}, match: [");
        for (int k = 0; k < t[i].leaf; k++) {
            buf_addf(&b, "{uri: {prefix: /r}, queryParams: {a%d: {exact: x}}}, ", k);
        }
        buf_adds(&b,
                 "]}]}}\n---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, "
                 "metadata: {name: leaf, namespace: apps}, spec: {http: [{" TO_WEB ", match: [");
        for (int k = 0; k < t[i].leaf; k++) {
            buf_addf(&b, "{uri: {prefix: /r/%d}}, ", k);
        }
        buf_adds(&b, "]}]}}");
        struct world w;
        open_world(&w, VS, b.data, READ);
        const struct chain_link *l = &first_chain(&w, NULL)->link[LINK_RULES];
        if (l->state != t[i].state || strstr(l->reason, t[i].reason) == NULL) {
            fail_msg("case %zu: %s: \"%s\"", i, verdict_name(l->state), l->reason);
        }
        world_close(&w);
        buf_release(&b);
    }
}

// The arguments of external-dns decide which record the link dns expects.
static void the_link_dns_knows_the_settings(void **state)
{
    (void)state;
#define ANY(annotation)                                                                            \
    "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: apps, "   \
    "annotations: {" annotation "}}, spec: {selector: {istio: in}, servers: [{port: {number: 80, " \
    "name: h, protocol: HTTP}, hosts: ['*']}]}}"
#define BALANCER(ingress)                                                                          \
    "{apiVersion: v1, kind: Service, metadata: {name: in, namespace: istio-system}, spec: "        \
    "{selector: {istio: in}}, status: {loadBalancer: {ingress: [" ingress "]}}}"
    static const struct {
        const char *args[3];
        enum piece piece;
        const char *other;
        const char *reason;
    } t[] = {
        {{"--domain-filter=y.io"},
         PIECES,
         NULL,
         "no record for web.x.io: a domain filter of external-dns takes it away"},
        {{"--managed-record-types=A"},
         LB,
         BALANCER("{ip: '2001:db8::1'}"),
         "does not manage AAAA records"},
        {{"--managed-record-types=AAAA"},
         LB,
         BALANCER("{ip: 192.0.2.1}, {ip: '2001:db8::1'}"),
         "web.x.io AAAA to 2001:db8::1 is expected"},
        {{"--source=istio-gateway"}, PIECES, NULL, "web.x.io A to 192.0.2.1 is expected"},
        {{"--source=istio-gateway"}, GATEWAY, ANY(""), "no object that its sources read names"},
        {{"--source=istio-gateway", "--source=service"},
         GATEWAY,
         ANY(""),
         "Services other than the gateway's and Ingresses are not looked at here"},
        {{"--source=istio-gateway"},
         GATEWAY,
         ANY("external-dns.kubernetes.io/hostname: 'a.io,web.x.io'"),
         "web.x.io A to 192.0.2.1 is expected"},
        {{"--source=istio-gateway"},
         GATEWAY,
         ANY("external-dns.kubernetes.io/hostname: '*.x.io'"),
         "*.x.io A to 192.0.2.1 is expected"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        struct dns_settings s;
        open_world(&w, t[i].piece, t[i].other, READ);
        dns_settings_default(&s);
        s.nsources = strstr(t[i].args[0], "--source") != NULL ? 0 : s.nsources;
        for (size_t k = 0; t[i].args[k] != NULL; k++) {
            dns_settings_arg(&w.arena, &s, t[i].args[k], NULL);
        }
        const struct chain_link *l = &first_chain(&w, &s)->link[LINK_DNS];
        if (l->state != VERDICT_UNKNOWN || strstr(l->reason, t[i].reason) == NULL) {
            fail_msg("case %zu: %s: \"%s\", not \"%s\"", i, verdict_name(l->state), l->reason,
                     t[i].reason);
        }
        world_close(&w);
    }
}

// The worst link decides, the first of equals; unknown counts only if there is nothing else, or where nothing is wrong
// and the gateway, the rules or the destinations are not known.
static void the_first_of_the_worst_decides(void **state)
{
    (void)state;
    static const struct {
        const char *links; // ?, +, o, !, x
        enum verdict state;
        enum link_kind worst;
    } t[] = {
        {"????????", VERDICT_UNKNOWN, LINK_NAMESPACE},
        {"???+????", VERDICT_UNKNOWN, LINK_GATEWAY},
        {"??++?+++", VERDICT_OK, LINK_GATEWAY},
        {"+++++++?", VERDICT_UNKNOWN, LINK_DESTINATIONS},
        {"++++++?o", VERDICT_PENDING, LINK_DESTINATIONS},
        {"+++o+++o", VERDICT_PENDING, LINK_SECRET},
        {"+?o+!+!o", VERDICT_WARNING, LINK_CERTIFICATE},
        {"+o!+?xx+", VERDICT_BROKEN, LINK_VIRTUALSERVICE},
        {"x??????x", VERDICT_BROKEN, LINK_NAMESPACE},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct chain_link links[LINK_COUNT] = {0};
        for (int l = 0; l < LINK_COUNT; l++) {
            links[l].state = (enum verdict)(strchr("?+o!x", t[i].links[l]) - "?+o!x");
        }
        enum link_kind worst;
        assert_int_equal(chain_state(links, &worst), t[i].state);
        assert_int_equal(worst, t[i].worst);
    }
}

// Where nothing may be read, nothing is called broken.
static void nothing_known_is_never_broken(void **state)
{
    (void)state;
    static const enum known unknown[] = {FORBIDDEN, ABSENT, LOADING, PARTIAL, DROPPED};
    for (size_t u = 0; u < sizeof unknown / sizeof *unknown; u++) {
        for (int p = 0; p < PIECES; p++) {
            struct world w;
            open_world(&w, (enum piece)p, NULL, unknown[u]);
            const struct chain *c = first_chain(&w, NULL);
            if (c->state > VERDICT_OK) {
                fail_msg("piece %d, known %d: %s: %s", p, unknown[u], link_name(c->worst),
                         c->link[c->worst].reason);
            }
            world_close(&w);
        }
    }
}

struct shake {
    const char *address;
    enum tls_outcome outcome;
    const char *issuer_cn; // of the certificate shown
    int64_t asked;
};

static void put_handshake(struct store *s, const struct shake *shake)
{
    struct arena a;
    arena_init(&a);
    struct probe_result *r =
        probe_result_new(PROBE_TLS, probe_tls_name(&a, "web.x.io", shake->address, 443));
    arena_release(&a);
    int port;
    assert_true(probe_tls_split(&r->arena, r->name, &r->host, &r->address, &port));
    r->outcome = shake->outcome;
    r->queried_at = shake->asked;
    if (shake->issuer_cn != NULL) {
        struct x509_cert *c = arena_alloc(&r->arena, sizeof *c);
        const char **names = arena_alloc(&r->arena, sizeof *names);
        names[0] = "*.x.io";
        *c = (struct x509_cert){
            .sha256 = "aa", .issuer_cn = shake->issuer_cn, .dns_names = {.at = names, .n = 1}};
        r->certs = c;
        r->ncerts = 1;
    }
    store_put_probe(s, r);
}

// Every address of the gateway counts; the worst decides and is named; what could not be reached, what is too
// old and what was asked somewhere else says nothing.
static void handshakes_judge_the_certificate(void **state)
{
    (void)state;
    static const char two[] =
        "{apiVersion: v1, kind: Service, metadata: {name: in, namespace: istio-system}, spec: "
        "{type: LoadBalancer, selector: {istio: in}, ports: [{port: 443}]}, status: "
        "{loadBalancer: {ingress: [{ip: 192.0.2.1}, {ip: '2001:db8::1'}]}}}";
    const char *const v4 = "192.0.2.1", *const v6 = "2001:db8::1";
    const struct {
        struct shake shake[2];
        enum verdict state;
        const char *reason;
    } t[] = {
        {{{v4, TLS_CLOSED, NULL, NOW - 9}, {v6, TLS_CERTIFICATE, "R1", NOW - 9}},
         VERDICT_BROKEN,
         "web.x.io: the gateway at 192.0.2.1 has no certificate for this host: missing Secret or "
         "no server for this name"},
        {{{v4, TLS_CERTIFICATE, "R1", NOW - 9}, {v6, TLS_CLOSED, NULL, NOW - 9}},
         VERDICT_BROKEN,
         "the gateway at 2001:db8::1 has no certificate for this host"},
        {{{v4, TLS_CERTIFICATE, "(STAGING) X", NOW - 9},
          {v6, TLS_CERTIFICATE, "cert-manager.local", NOW - 9}},
         VERDICT_BROKEN,
         "the gateway at 2001:db8::1 serves cert-manager's temporary certificate"},
        {{{v4, TLS_REFUSED, NULL, NOW - 9}, {v6, TLS_UNREACHABLE, NULL, NOW - 9}},
         VERDICT_OK,
         "READY"},
        {{{v4, TLS_CLOSED, NULL, NOW - 3600}, {v6, TLS_CLOSED, NULL, NOW - 4000}},
         VERDICT_OK,
         "READY"},
        {{{"192.0.2.9", TLS_CLOSED, NULL, NOW - 9}, {v4, TLS_CERTIFICATE, "R1", NOW - 9}},
         VERDICT_OK,
         "READY"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        open_world(&w, LB, two, READ);
        struct store *s = store_new();
        store_copy(s, w.snap);
        put_handshake(s, &t[i].shake[0]);
        put_handshake(s, &t[i].shake[1]);
        const struct snapshot *snap = store_publish(s, NULL, NULL);
        store_free(s);
        world_close(&w);
        world_open_snapshot(&w, snap, NOW);
        const struct chain_link *l = &first_chain(&w, NULL)->link[LINK_CERTIFICATE];
        if (l->state != t[i].state || strstr(l->reason, t[i].reason) == NULL) {
            fail_msg("case %zu: %s, not %s: %s", i, verdict_name(l->state),
                     verdict_name(t[i].state), l->reason);
        }
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshakes_judge_the_certificate),
        cmocka_unit_test(every_link_in_every_state),
        cmocka_unit_test(connections),
        cmocka_unit_test(rules_of_one_port),
        cmocka_unit_test(the_table_of_the_host_is_refused),
        cmocka_unit_test(rules_beyond_the_bound_are_unknown),
        cmocka_unit_test(the_link_dns_knows_the_settings),
        cmocka_unit_test(the_first_of_the_worst_decides),
        cmocka_unit_test(nothing_known_is_never_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
