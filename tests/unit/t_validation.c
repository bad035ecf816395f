// SPDX-License-Identifier: Apache-2.0
// Istio's validation of the four kinds, a function for each rule from docs/rules/istio.md#lexical-names on: what breaks
// it, and what just does not.
#include "kube/base/buf.h"

#include "tests/support/check_samples.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define ONE(http) EDGE VS("v", ROUTES(http))
#define BAD_VS "IST0106 VirtualService apps/v "
#define PLAIN(server) "{selector: {istio: i}, servers: [{hosts: [a.io], " server "}]}"
#define HTTPS_PORT "port: {number: 443, name: s, protocol: HTTPS}"

// docs/rules/istio.md#lexical-names
static void names_of_hosts_and_labels(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS(
             "v",
             "{hosts: ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.io'], gateways: [edge], http: [{" TO(
                 "web") "}]}"),
         "", "IST0106"},
        {EDGE VS(
             "v",
             "{hosts: ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.io'], gateways: [edge], http: [{" TO(
                 "web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['A-b.io'], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106"},
        {EDGE VS("v", "{hosts: ['-a.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['a-.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['a_b.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['*'], gateways: [edge], http: [{" TO("web") "}]}"), "", "IST0106"},
        {EDGE VS("v", "{hosts: ['*x.io'], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106"},
        {EDGE VS("v", "{hosts: ['*-x.io'], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106"},
        {EDGE VS("v", "{hosts: ['**.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['*-.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['a.*.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['a*.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['a.1'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['a.1b'], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106"},
        {EDGE VS("v", "{hosts: ['1'], gateways: [edge], http: [{" TO("web") "}]}"), "", "IST0106"},
        {EDGE VS("v", "{hosts: ['a.io.'], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106"},
        {EDGE VS("v", "{hosts: ['a.io..'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['a..io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: ['.io'], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS(
             "v",
             "{hosts: ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'], gateways: [edge], http: [{" TO(
                 "web") "}]}"),
         "", "IST0106"},
        {EDGE VS(
             "v",
             "{hosts: ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.a'], gateways: [edge], http: [{" TO(
                 "web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS(
             "v",
             "{hosts: ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.a'], gateways: [edge], http: [{" TO(
                 "web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {'a.io/b_c.d': 'x_y.z'}}]}"), "",
         "IST0106"},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {'a_b/c': x}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {'/c': x}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {'a/': x}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {a: ''}}]}"), "", "IST0106"},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {a: '-x'}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {a: x/y}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d",
            "{host: web, subsets: [{name: v1, labels: {'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': x}}]}"),
         "", "IST0106"},
        {DR("d",
            "{host: web, subsets: [{name: v1, labels: {'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': x}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d",
            "{host: web, subsets: [{name: v1, labels: {a: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {'_a': x}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-delegate
static void delegates(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {VS("v", "{gateways: [edge], http: [{" TO("web") "}]}") EDGE, BAD_VS "spec.gateways", NULL},
        {VS("v", "{http: [{delegate: {name: d}}]}"), BAD_VS "spec.http[0].delegate", NULL},
        {VS("v", "{tls: [{match: [{sniHosts: [a.io]}], " TO("web") "}]}"), BAD_VS "spec.tls", NULL},
        {VS("v", "{tcp: [{" TO("web") "}]}"), BAD_VS "spec.tcp", NULL},
        {VS("v", "{http: [{" TO("web") "}]}"), "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-annotations
static void annotations(void **state)
{
    (void)state;
#define ANNOTATED(kind, annotation)                                                                \
    "\n---\napiVersion: networking.istio.io/v1\nkind: " kind                                       \
    "\nmetadata: {name: x, namespace: apps, annotations: {" annotation "}}\nspec: "
#define ENTRY "{hosts: [x.io], ports: [{number: 80, name: a, protocol: HTTP}]}\n"
    static const struct check_sample t[] = {
        {EDGE ANNOTATED("VirtualService", "istio.io/dry-run: 'true'") ROUTES("{" TO("web") "}"),
         "IST0106 VirtualService apps/x metadata.annotations", NULL},
        {EDGE ANNOTATED("VirtualService", "internal.istio.io/parents: a") ROUTES("{" TO("web") "}"),
         "IST0106 VirtualService apps/x metadata.annotations", NULL},
        {ANNOTATED("Gateway", "istio.io/dry-run: 'true'") SERVER("a.io"),
         "IST0106 Gateway apps/x metadata.annotations", NULL},
        {ANNOTATED("Gateway", "internal.istio.io/parents: a") SERVER("a.io"),
         "IST0106 Gateway apps/x metadata.annotations", NULL},
        {ANNOTATED("DestinationRule", "istio.io/dry-run: 'false'") "{host: web}",
         "IST0106 DestinationRule apps/x metadata.annotations", NULL},
        {ANNOTATED("DestinationRule", "internal.istio.io/parents: a") "{host: web}",
         "IST0106 DestinationRule apps/x metadata.annotations", NULL},
        {ANNOTATED("ServiceEntry", "istio.io/dry-run: 'true'") ENTRY,
         "IST0106 ServiceEntry apps/x metadata.annotations", NULL},
        {ANNOTATED("ServiceEntry", "internal.istio.io/parents: a") ENTRY,
         "IST0106 ServiceEntry apps/x metadata.annotations", NULL},
        {ANNOTATED("Gateway", "istio.io/rev: a") SERVER("a.io"), "", "IST0106"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-gateway-names
static void gateway_names(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [./edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.gateways[0]", NULL},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge, bad_name/x], http: [{" TO("web") "}]}"),
         "IST0101 VirtualService apps/v spec.gateways[1]", "IST0106"},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge.apps.svc.cluster.local], http: [{" TO(
                          "web") "}]}"),
         "IST0133 VirtualService apps/v spec.gateways[0]\nIST0101 VirtualService apps/v "
         "spec.gateways[0]",
         "IST0106"},
        {VS("v", "{hosts: [x.a.io], gateways: [a_b], http: [{" TO("web") "}]}"),
         BAD_VS "spec.gateways[0]", NULL},
        {VS("v", "{hosts: [x.a.io], gateways: ['a.b/c'], http: [{" TO("web") "}]}"),
         BAD_VS "spec.gateways[0]", NULL},
        {VS("v", "{hosts: [x.a.io], gateways: [a/b.c], http: [{" TO("web") "}]}"),
         BAD_VS "spec.gateways[0]", NULL},
        {VS("v", "{hosts: [x.a.io], gateways: [a/b], http: [{" TO("web") "}]}"), "",
         "IST0106;IST0133"},
        {VS("v", "{hosts: [x.a.io], gateways: [a/b, ./c], http: [{" TO("web") "}]}"),
         BAD_VS "spec.gateways[1]", NULL},
        {VS("v", "{hosts: [x.a.io], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106;IST0133"},
        {VS("v", "{hosts: [x.a.io], gateways: [mesh, x_y], http: [{" TO("web") "}]}"), "",
         "IST0106"},
        {VS("v", "{hosts: [x.a.io], gateways: [edge.ns], http: [{" TO("web") "}]}"),
         "IST0133 VirtualService apps/v spec.gateways[0]", "IST0106"},
        {ONE("{match: [{gateways: [./edge]}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].gateways[0]", NULL},
        {ONE("{match: [{gateways: [edge]}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{gateways: [edge, bad_name/x]}], " TO("web") "}"), "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-hosts
static void hosts(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", "{hosts: ['*.a.io', b.a.io], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[1]", NULL},
        {VS("v", "{hosts: ['*'], http: [{" TO("web") "}]}"), BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: [a_b.a.io], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {VS("v", "{hosts: [1.2.3.4], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106;IST0133"},
        {VS("v", "{hosts: ['::1'], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106;IST0133"},
        {VS("v", "{hosts: ['*'], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106;IST0133"},
        {VS("v", "{hosts: ['*'], gateways: [edge, mesh], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {VS("v", "{hosts: [a.io, a.io], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[1]", NULL},
        {VS("v", "{hosts: [a.io, b.io], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST0106;IST0133"},
        {VS("v", "{hosts: [outbound_.80_._.a.io], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {VS("v",
            "{hosts: [outbound_.80_._.a.io], gateways: [edge], tls: [{match: [{sniHosts: [outbound_.80_._.a.io]}], " TO(
                "web") "}], http: [{" TO("web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: [outbound_.80_._.a.io], tls: [{match: [{sniHosts: [outbound_.80_._.a.io]}], " TO(
                "web") "}], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {VS("v",
            "{hosts: [outbound_.80_v1_.a.io], gateways: [edge], tls: [{match: [{sniHosts: [outbound_.80_._.a.io]}], " TO(
                "web") "}], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {VS("v", "{hosts: [1.2.3], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-some-rule
static void some_rule(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge]}"), BAD_VS "spec", NULL},
        {ONE("null, {" TO("web") "}"), BAD_VS "spec.http[0]", NULL},
        {VS("v", "{hosts: [a.io], gateways: [edge], tcp: [{" TO("web") "}]}"), "",
         "IST0106;IST0133"},
        {VS("v", "{hosts: [a.io], gateways: [edge], tls: [{match: [{sniHosts: [a.io]}], " TO(
                     "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v", "{hosts: [a.io], gateways: [edge], tls: [null]}"), BAD_VS "spec.tls[0]", NULL},
        {VS("v", "{hosts: [a.io], gateways: [edge], tcp: [null]}"), BAD_VS "spec.tcp[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-claims
static void claims(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {VS("v", "{hosts: [x.a.io], http: [{match: [{headers: {'@request.auth.claims.a': {exact: "
                 "b}}}], " TO("web") "}]}"),
         BAD_VS "spec.http[0].match[0]", NULL},
        {VS("v",
            "{hosts: [x.a.io], http: [{match: [{withoutHeaders: {'@request.auth.claims.a': {exact: b}}}], " TO(
                "web") "}]}"),
         BAD_VS "spec.http[0].match[0]", NULL},
        {VS("v",
            "{hosts: [x.a.io], http: [{match: [{headers: {'@request.auth.claims[a][b]': {exact: b}}}], " TO(
                "web") "}]}"),
         BAD_VS "spec.http[0].match[0]", NULL},
        {VS("v",
            "{hosts: [x.a.io], gateways: [edge, mesh], http: [{match: [{headers: {'@request.auth.claims.a': {exact: b}}}], " TO(
                "web") "}]}"),
         BAD_VS "spec.http[0].match[0]", NULL},
        {VS("v",
            "{hosts: [x.a.io], gateways: [edge], http: [{match: [{headers: {'@request.auth.claims.a': {exact: b}}}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-one-action
static void one_action(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{match: [{uri: {exact: /x}}]}"), BAD_VS "spec.http[0]", NULL},
        {ONE("{redirect: {uri: /x}, " TO("web") "}"), BAD_VS "spec.http[0].route", NULL},
        {ONE("{delegate: {name: d}, " TO("web") "}"), BAD_VS "spec.http[0].route", NULL},
        {ONE("{directResponse: {status: 200}, " TO("web") "}"), BAD_VS "spec.http[0].route", NULL},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrors: [{destination: {host: mono}}]}"),
         BAD_VS "spec.http[0].mirror", NULL},
        {ONE("{delegate: {name: d}, redirect: {uri: /x}}"), BAD_VS "spec.http[0].redirect", NULL},
        {ONE("{redirect: {uri: /x}, fault: {delay: {fixedDelay: 1s}}}"),
         BAD_VS "spec.http[0].fault", NULL},
        {ONE("{redirect: {uri: /x}, rewrite: {uri: /a}}"), BAD_VS "spec.http[0].rewrite", NULL},
        {ONE("{redirect: {uri: /x}, directResponse: {status: 200}}"),
         BAD_VS "spec.http[0].directResponse", NULL},
        {ONE("{directResponse: {status: 200}, fault: {delay: {fixedDelay: 1s}}}"),
         BAD_VS "spec.http[0].fault", NULL},
        {ONE("{directResponse: {status: 200}, rewrite: {uri: /a}}"), BAD_VS "spec.http[0].rewrite",
         NULL},
        {ONE("{timeout: 1s}"), BAD_VS "spec.http[0]", NULL},
        {ONE("{redirect: {uri: /x}}"), "", "IST0106;IST0133"},
        {ONE("{directResponse: {status: 200}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1s}}, rewrite: {uri: /a}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", mirror: {host: mono}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", mirrors: [{destination: {host: mono}}]}"), "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-match
static void matches(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{match: [{headers: {x: {regex: '*'}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"x\"]", NULL},
        {ONE("{match: [{withoutHeaders: {x: {regex: '*'}}}], " TO("web") "}"), "", "IST0106"},
        {ONE("{match: [{headers: {x: {prefix: ''}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"x\"]", NULL},
        {ONE("{match: [{uri: {prefix: ''}}], " TO("web") "}"), "", "IST0106"},
        {ONE("{match: [{port: 70000}], " TO("web") "}"), BAD_VS "spec.http[0].match[0].port", NULL},
        {ONE("{match: [{sourceLabels: {'-': x}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].sourceLabels", NULL},
        {ONE("{match: [{sourceNamespace: a.b}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].sourceNamespace", NULL},
        {ONE("{match: [{uri: {regex: 'a(?=b)'}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].uri", NULL},
        {ONE("{match: [{headers: {':path': {exact: a}}}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{headers: {':method': {exact: a}}}], " TO("web") "}"), "",
         "IST0106;IST0133"},
        {ONE("{match: [{headers: {':authority': {exact: a}}}], " TO("web") "}"), "",
         "IST0106;IST0133"},
        {ONE("{match: [{headers: {':scheme': {exact: a}}}], " TO("web") "}"), "",
         "IST0106;IST0133"},
        {ONE("{match: [{headers: {':status': {exact: a}}}], " TO("web") "}"), "",
         "IST0106;IST0133"},
        {ONE("{match: [{headers: {'@request.auth.claims.a': {exact: a}}}], " TO("web") "}"), "",
         "IST0106;IST0133"},
        {ONE("{match: [{headers: {'@request.auth.claims[a]': {exact: a}}}], " TO("web") "}"), "",
         "IST0106;IST0133"},
        {ONE("{match: [{headers: {'x!#$%&*+-.^_`|~': {exact: a}}}], " TO("web") "}"), "",
         "IST0106;IST0133"},
        {ONE("{match: [{headers: {':host': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\":host\"]", NULL},
        {ONE("{match: [{withoutHeaders: {':host': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\":host\"]", NULL},
        {ONE("{match: [{headers: {'a b': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"a b\"]", NULL},
        {ONE("{match: [{withoutHeaders: {'a b': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\"a b\"]", NULL},
        {ONE("{match: [{headers: {'a:b': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"a:b\"]", NULL},
        {ONE("{match: [{withoutHeaders: {'a:b': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\"a:b\"]", NULL},
        {ONE("{match: [{headers: {'@request.auth.claims': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"@request.auth.claims\"]", NULL},
        {ONE("{match: [{withoutHeaders: {'@request.auth.claims': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\"@request.auth.claims\"]", NULL},
        {ONE("{match: [{headers: {'@request.auth.claims.': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"@request.auth.claims.\"]", NULL},
        {ONE("{match: [{withoutHeaders: {'@request.auth.claims.': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\"@request.auth.claims.\"]", NULL},
        {ONE("{match: [{headers: {'a(b': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"a(b\"]", NULL},
        {ONE("{match: [{withoutHeaders: {'a(b': {exact: a}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\"a(b\"]", NULL},
        {ONE("{match: [{scheme: {prefix: ''}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].scheme", NULL},
        {ONE("{match: [{scheme: {regex: '('}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].scheme", NULL},
        {ONE("{match: [{scheme: {prefix: h}}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{method: {prefix: ''}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].method", NULL},
        {ONE("{match: [{method: {regex: '('}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].method", NULL},
        {ONE("{match: [{method: {prefix: h}}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{authority: {prefix: ''}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].authority", NULL},
        {ONE("{match: [{authority: {regex: '('}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].authority", NULL},
        {ONE("{match: [{authority: {prefix: h}}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{queryParams: {q: {prefix: ''}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].queryParams[\"q\"]", NULL},
        {ONE("{match: [{queryParams: {q: {regex: '*'}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].queryParams[\"q\"]", NULL},
        {ONE("{match: [{withoutHeaders: {x: {prefix: ''}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\"x\"]", NULL},
        {ONE("{match: [{withoutHeaders: {x: {regex: '('}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].withoutHeaders[\"x\"]", NULL},
        {ONE("{match: [{port: 65536}], " TO("web") "}"), BAD_VS "spec.http[0].match[0].port", NULL},
        {ONE("{match: [{port: 65535}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{port: 1}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{sourceLabels: {a: '-'}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].sourceLabels", NULL},
        {ONE("{match: [{sourceLabels: {a.io/b: c}, sourceNamespace: a-b}], " TO("web") "}"), "",
         "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-regex
static void regexes(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{match: [{uri: {regex: ''}}], " TO("web") "}"), BAD_VS "spec.http[0].match[0].uri",
         NULL},
        {ONE("{match: [{uri: {regex: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}}], " TO(
             "web") "}"),
         "", "IST0106;IST0133"},
        {ONE("{match: [{uri: {regex: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}}], " TO(
             "web") "}"),
         BAD_VS "spec.http[0].match[0].uri", NULL},
        {ONE("{match: [{uri: {regex: '[a-z]+'}}], " TO("web") "}"), "", "IST0106;IST0133"},
        {ONE("{match: [{uri: {regex: 'a(?=b)'}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].uri", NULL},
        {ONE("{match: [{uri: {regex: '('}}], " TO("web") "}"), BAD_VS "spec.http[0].match[0].uri",
         NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-destinations
static void destinations(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{route: [{destination: {host: web}}, {destination: {host: mono}}]}"),
         BAD_VS "spec.http[0].route", NULL},
        {ONE("{route: [{destination: {host: web}, weight: 50}, {destination: {host: mono}, weight: "
             "20}]}"),
         "", "IST0106"},
        {ONE("{route: [{destination: {host: web, port: {number: 0}}}]}"),
         BAD_VS "spec.http[0].route[0].destination.port.number", NULL},
        {ONE("{route: [{weight: 1}]}"), BAD_VS "spec.http[0].route[0]", NULL},
        {ONE("{route: [{destination: {host: '*'}}]}"),
         BAD_VS "spec.http[0].route[0].destination.host", NULL},
        {ONE("{route: [{destination: {host: web, subset: a.b}}]}"),
         BAD_VS "spec.http[0].route[0].destination.subset", NULL},
        {ONE("{route: [{destination: {host: a_b}}]}"),
         BAD_VS "spec.http[0].route[0].destination.host", NULL},
        {ONE("{route: [{destination: {host: ''}}]}"),
         BAD_VS "spec.http[0].route[0].destination.host", NULL},
        {ONE("{route: [{destination: {host: '*.a.io'}}]}"), "", "IST0106;IST0133"},
        {ONE("{route: [{destination: {host: web, port: {number: 65536}}}]}"),
         BAD_VS "spec.http[0].route[0].destination.port.number", NULL},
        {ONE("{route: [{destination: {host: web, port: {number: 65535}}}]}"), "",
         "IST0106;IST0133"},
        {ONE("{route: [{destination: {host: web, subset: v-1}}]}"), "", "IST0106;IST0133"},
        {ONE("{route: [{destination: {host: web}, weight: -1}]}"),
         BAD_VS "spec.http[0].route[0].weight", NULL},
        {ONE("{route: [{destination: {host: web}}]}"), "", "IST0106;IST0133"},
        {ONE("{route: [{destination: {host: web}, weight: 0}, {destination: {host: mono}, weight: 3}]}"),
         "", "IST0106;IST0133"},
        {ONE("{route: [{destination: {host: web}, weight: 90}, {destination: {host: mono}, weight: 90}]}"),
         "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-redirect
static void redirects(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{redirect: {redirectCode: 200, uri: /}}"),
         BAD_VS "spec.http[0].redirect.redirectCode", NULL},
        {ONE("{redirect: {}}"), BAD_VS "spec.http[0].redirect", NULL},
        {ONE("{match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /b}}"),
         BAD_VS "spec.http[0].redirect.prefixRewrite", NULL},
        {ONE("{match: [{uri: {prefix: /a}}], redirect: {uri: /b, prefixRewrite: /b}}"),
         BAD_VS "spec.http[0].redirect", NULL},
        {ONE("{redirect: {scheme: ftp}}"), BAD_VS "spec.http[0].redirect.scheme", NULL},
        {ONE("{redirect: {port: 70000}}"), BAD_VS "spec.http[0].redirect.port", NULL},
        {ONE("{redirect: {authority: b.io}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {port: 8443}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {derivePort: FROM_REQUEST_PORT}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {scheme: https}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {scheme: http}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {scheme: HTTP}}"), BAD_VS "spec.http[0].redirect.scheme", NULL},
        {ONE("{redirect: {uri: /, redirectCode: 299}}"),
         BAD_VS "spec.http[0].redirect.redirectCode", NULL},
        {ONE("{redirect: {uri: /, redirectCode: 300}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {uri: /, redirectCode: 399}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {uri: /, redirectCode: 400}}"),
         BAD_VS "spec.http[0].redirect.redirectCode", NULL},
        {ONE("{redirect: {uri: /, redirectCode: 0}}"), "", "IST0106;IST0133"},
        {ONE("{redirect: {uri: /, port: 65536}}"), BAD_VS "spec.http[0].redirect.port", NULL},
        {ONE("{redirect: {redirectCode: 302}}"), BAD_VS "spec.http[0].redirect", NULL},
        {ONE("{match: [{uri: {prefix: /a}}, {uri: {exact: /c}}], redirect: {prefixRewrite: /b}}"),
         BAD_VS "spec.http[0].redirect.prefixRewrite", NULL},
        {ONE("{match: [{uri: {prefix: /a}}, {uri: {prefix: /c}}], redirect: {prefixRewrite: /b}}"),
         "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-direct-response
static void direct_responses(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{directResponse: {status: 20}}"), BAD_VS "spec.http[0].directResponse.status", NULL},
        {ONE("{directResponse: {status: 199}}"), BAD_VS "spec.http[0].directResponse.status", NULL},
        {ONE("{directResponse: {status: 200}}"), "", "IST0106;IST0133"},
        {ONE("{directResponse: {status: 600}}"), "", "IST0106;IST0133"},
        {ONE("{directResponse: {status: 601}}"), BAD_VS "spec.http[0].directResponse.status", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// Bodies are too long for a table.
static void bodies(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        const char *want; // NULL: nothing
    } t[] = {{102400, NULL},
             {102401, "IST0133 VirtualService apps/v spec.http[0].directResponse.body"},
             {1048576, "IST0133 VirtualService apps/v spec.http[0].directResponse.body"},
             {1048577, "IST0106 VirtualService apps/v spec.http[0].directResponse.body"}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        buf_init(&b, 0);
        buf_adds(&b, EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], http: [{directResponse: "
                                  "{status: 200, body: {string: BODY}}}]}"));
        char *place = strstr(b.data, "BODY");
        assert_non_null(place);
        size_t at = (size_t)(place - b.data);
        struct buf whole;
        buf_init(&whole, 0);
        buf_add(&whole, b.data, at);
        for (size_t k = 0; k < t[i].length; k++) {
            buf_addc(&whole, 'x');
        }
        buf_adds(&whole, b.data + at + strlen("BODY"));
        char *got = check_findings(whole.data, false);
        assert_true(t[i].want != NULL ? strstr(got, t[i].want) != NULL
                                      : strstr(got, "directResponse") == NULL);
        free(got);
        buf_release(&whole);
        buf_release(&b);
    }
}

// docs/rules/istio.md#validate-rewrite
static void rewrites(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{" TO("web") ", rewrite: {uri: /a, uriRegexRewrite: {match: a, rewrite: b}}}"),
         BAD_VS "spec.http[0].rewrite", NULL},
        {ONE("{" TO(
             "web") ", rewrite: {authority: a.io}, headers: {request: {set: {host: b.io}}}}"),
         BAD_VS "spec.http[0].headers", NULL},
        {ONE("{" TO("web") ", rewrite: {}}"), BAD_VS "spec.http[0].rewrite", NULL},
        {ONE("{" TO("web") ", rewrite: {uriRegexRewrite: {match: a}}}"),
         BAD_VS "spec.http[0].rewrite.uriRegexRewrite", NULL},
        {ONE("{" TO("web") ", rewrite: {authority: b.io}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", rewrite: {uri: /a, authority: b.io}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", rewrite: {uriRegexRewrite: {match: a, rewrite: b}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", rewrite: {uriRegexRewrite: {rewrite: a}}}"),
         BAD_VS "spec.http[0].rewrite.uriRegexRewrite", NULL},
        {ONE("{" TO("web") ", rewrite: {uriRegexRewrite: {match: '(', rewrite: b}}}"),
         BAD_VS "spec.http[0].rewrite.uriRegexRewrite.match", NULL},
        {ONE("{" TO(
             "web") ", rewrite: {authority: a.io}, headers: {request: {set: {':authority': b.io}}}}"),
         BAD_VS "spec.http[0].headers", NULL},
        {ONE("{" TO(
             "web") ", rewrite: {authority: a.io}, headers: {request: {add: {host: b.io}}}}"),
         BAD_VS "spec.http[0].headers", NULL},
        {ONE("{" TO(
             "web") ", rewrite: {authority: a.io}, headers: {request: {add: {':Authority': b.io}}}}"),
         BAD_VS "spec.http[0].headers", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {host: a.io}, add: {host: b.io}}}}"),
         BAD_VS "spec.http[0].headers", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {host: a.io}}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", rewrite: {authority: a.io}, headers: {request: {set: {x: a.io}}}}"),
         "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-fault
static void faults(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: NOPE}}}"),
         BAD_VS "spec.http[0].fault.abort.grpcStatus", NULL},
        {ONE("{" TO("web") ", fault: {abort: {}}}"),
         "IST0133 VirtualService apps/v spec.http[0].fault.abort", "IST0106"},
        {ONE("{" TO("web") ", fault: {}}"), BAD_VS "spec.http[0].fault", NULL},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: 0.00001}}}}"),
         BAD_VS "spec.http[0].fault.abort.percentage", NULL},
        {ONE("{" TO("web") ", fault: {delay: {exponentialDelay: 1s}}}"),
         BAD_VS "spec.http[0].fault.delay.exponentialDelay", NULL},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: 0}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1s, percentage: {value: 0}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: 0.0001}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1s, percentage: {value: 0.0001}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: 0.00009}}}}"),
         BAD_VS "spec.http[0].fault.abort.percentage", NULL},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1s, percentage: {value: 0.00009}}}}"),
         BAD_VS "spec.http[0].fault.delay.percentage", NULL},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: 100}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1s, percentage: {value: 100}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: 100.1}}}}"),
         BAD_VS "spec.http[0].fault.abort.percentage", NULL},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1s, percentage: {value: 100.1}}}}"),
         BAD_VS "spec.http[0].fault.delay.percentage", NULL},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: -1}}}}"),
         BAD_VS "spec.http[0].fault.abort.percentage", NULL},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1s, percentage: {value: -1}}}}"),
         BAD_VS "spec.http[0].fault.delay.percentage", NULL},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 199}}}"),
         BAD_VS "spec.http[0].fault.abort.httpStatus", NULL},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 200}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 600}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 601}}}"),
         BAD_VS "spec.http[0].fault.abort.httpStatus", NULL},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: OK}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: CANCELLED}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: UNKNOWN}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: INVALID_ARGUMENT}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: DEADLINE_EXCEEDED}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: NOT_FOUND}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: ALREADY_EXISTS}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: PERMISSION_DENIED}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: RESOURCE_EXHAUSTED}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: FAILED_PRECONDITION}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: ABORTED}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: OUT_OF_RANGE}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: UNIMPLEMENTED}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: INTERNAL}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: UNAVAILABLE}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: DATA_LOSS}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: UNAUTHENTICATED}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", fault: {abort: {http2Error: x}}}"),
         BAD_VS "spec.http[0].fault.abort.http2Error", NULL},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 0s}}}"),
         BAD_VS "spec.http[0].fault.delay.fixedDelay", NULL},
        {ONE("{" TO("web") ", fault: {delay: {fixedDelay: 1ms}}}"), "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-retries
static void retries(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{" TO("web") ", retries: {attempts: 0, retryOn: 5xx}}"),
         BAD_VS "spec.http[0].retries", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '5xx, reset'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '5xx,503,reset'}}"), "", "IST0106"},
        {ONE("{" TO("web") ", timeout: 0s}"), BAD_VS "spec.http[0].timeout", NULL},
        {ONE("{" TO("web") ", retries: {attempts: -1}}"), BAD_VS "spec.http[0].retries.attempts",
         NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '5xx'}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'gateway-error'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'reset'}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'reset-before-request'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'connect-failure'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'retriable-4xx'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'refused-stream'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'retriable-status-codes'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'retriable-headers'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'envoy-ratelimited'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'http3-post-connect-failure'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'cancelled'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'deadline-exceeded'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'internal'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'resource-exhausted'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'unavailable'}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '404'}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '511'}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '6xx'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '999'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '299'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'reset,'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '5XX'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: 'reset reset'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 0}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 0, perTryTimeout: 1s}}"),
         BAD_VS "spec.http[0].retries", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 0, retryRemoteLocalities: true}}"),
         BAD_VS "spec.http[0].retries", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, perTryTimeout: 0s}}"),
         BAD_VS "spec.http[0].retries.perTryTimeout", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, perTryTimeout: 1ms}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", retries: {attempts: 1, backoff: 0s}}"),
         BAD_VS "spec.http[0].retries.backoff", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, backoff: 1ms}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", timeout: 1ms}"), "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-mirrors
static void mirrors(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrorPercent: 10}"),
         "IST0133 VirtualService apps/v spec.http[0].mirrorPercent", "IST0106"},
        {ONE("{" TO("web") ", mirrors: [{destination: {host: mono}, percentage: {value: 101}}]}"),
         BAD_VS "spec.http[0].mirrors[0].percentage", NULL},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrorPercent: 101}"),
         BAD_VS "spec.http[0].mirrorPercent", NULL},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrorPercentage: {value: 100.5}}"),
         BAD_VS "spec.http[0].mirrorPercentage", NULL},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrorPercentage: {value: -1}}"),
         BAD_VS "spec.http[0].mirrorPercentage", NULL},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrorPercentage: {value: 100}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrorPercentage: {value: 0.00001}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", mirrors: [{destination: {host: mono}, percentage: {value: -1}}]}"),
         BAD_VS "spec.http[0].mirrors[0].percentage", NULL},
        {ONE("{" TO("web") ", mirrors: [{percentage: {value: 1}}]}"),
         BAD_VS "spec.http[0].mirrors[0].destination", NULL},
        {ONE("{" TO("web") ", mirror: {host: '*'}}"), BAD_VS "spec.http[0].mirror.host", NULL},
        {ONE("{" TO("web") ", mirrors: [{destination: {host: a_b}}]}"),
         BAD_VS "spec.http[0].mirrors[0].destination.host", NULL},
        {ONE("{" TO("web") ", mirrors: [{destination: {host: web, port: {number: 0}}}]}"),
         BAD_VS "spec.http[0].mirrors[0].destination.port.number", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-cors
static void cors(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{" TO("web") ", corsPolicy: {allowMethods: [FETCH]}}"),
         BAD_VS "spec.http[0].corsPolicy.allowMethods[0]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {allowOrigins: [{exact: ''}]}}"),
         BAD_VS "spec.http[0].corsPolicy.allowOrigins[0]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {maxAge: 1500ms}}"),
         BAD_VS "spec.http[0].corsPolicy.maxAge", NULL},
        {ONE("{" TO(
             "web") ", corsPolicy: {allowMethods: [GET, HEAD, POST, PUT, PATCH, DELETE, CONNECT, OPTIONS, TRACE, '*']}}"),
         "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", corsPolicy: {allowMethods: [get]}}"),
         BAD_VS "spec.http[0].corsPolicy.allowMethods[0]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {allowOrigins: [{exact: a}, {regex: '('}]}}"),
         BAD_VS "spec.http[0].corsPolicy.allowOrigins[1]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {allowOrigins: [{regex: 'a.*'}]}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", corsPolicy: {allowOrigins: [{}]}}"),
         BAD_VS "spec.http[0].corsPolicy.allowOrigins[0]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {allowHeaders: ['a b']}}"),
         BAD_VS "spec.http[0].corsPolicy.allowHeaders[0]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {allowHeaders: ['*', x-a]}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", corsPolicy: {exposeHeaders: ['a b']}}"),
         BAD_VS "spec.http[0].corsPolicy.exposeHeaders[0]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {exposeHeaders: ['*', x-a]}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", corsPolicy: {maxAge: 24h}}"), "", "IST0106;IST0133"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-headers
static void headers(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {ONE("{" TO("web") ", headers: {response: {remove: [host]}}}"),
         BAD_VS "spec.http[0].headers.response.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {x: 'abc%123'}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {x: '100%% %HOSTNAME% %REQ(X?Y):10%'}}}}"),
         "", "IST0106"},
        {ONE("{" TO("web") ", headers: {request: {set: {':path': /}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {'': a}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {x: 'a%'}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {':scheme': a}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {x-a: a}}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {request: {set: {'host': a}}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {request: {set: {':authority': a}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {request: {add: {'': a}}}}"),
         BAD_VS "spec.http[0].headers.request.add", NULL},
        {ONE("{" TO("web") ", headers: {request: {add: {x: 'a%'}}}}"),
         BAD_VS "spec.http[0].headers.request.add", NULL},
        {ONE("{" TO("web") ", headers: {request: {add: {':scheme': a}}}}"),
         BAD_VS "spec.http[0].headers.request.add", NULL},
        {ONE("{" TO("web") ", headers: {request: {add: {x-a: a}}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {request: {add: {'host': a}}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {request: {add: {':authority': a}}}}"), "",
         "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {request: {remove: ['']}}}"),
         BAD_VS "spec.http[0].headers.request.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {request: {remove: ['host']}}}"),
         BAD_VS "spec.http[0].headers.request.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {request: {remove: [':authority']}}}"),
         BAD_VS "spec.http[0].headers.request.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {request: {remove: [':path']}}}"),
         BAD_VS "spec.http[0].headers.request.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {request: {remove: [x]}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {response: {set: {'': a}}}}"),
         BAD_VS "spec.http[0].headers.response.set", NULL},
        {ONE("{" TO("web") ", headers: {response: {set: {x: 'a%'}}}}"),
         BAD_VS "spec.http[0].headers.response.set", NULL},
        {ONE("{" TO("web") ", headers: {response: {set: {':scheme': a}}}}"),
         BAD_VS "spec.http[0].headers.response.set", NULL},
        {ONE("{" TO("web") ", headers: {response: {set: {x-a: a}}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {response: {set: {'host': a}}}}"),
         BAD_VS "spec.http[0].headers.response.set", NULL},
        {ONE("{" TO("web") ", headers: {response: {set: {':authority': a}}}}"),
         BAD_VS "spec.http[0].headers.response.set", NULL},
        {ONE("{" TO("web") ", headers: {response: {add: {'': a}}}}"),
         BAD_VS "spec.http[0].headers.response.add", NULL},
        {ONE("{" TO("web") ", headers: {response: {add: {x: 'a%'}}}}"),
         BAD_VS "spec.http[0].headers.response.add", NULL},
        {ONE("{" TO("web") ", headers: {response: {add: {':scheme': a}}}}"),
         BAD_VS "spec.http[0].headers.response.add", NULL},
        {ONE("{" TO("web") ", headers: {response: {add: {x-a: a}}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {response: {add: {'host': a}}}}"),
         BAD_VS "spec.http[0].headers.response.add", NULL},
        {ONE("{" TO("web") ", headers: {response: {add: {':authority': a}}}}"),
         BAD_VS "spec.http[0].headers.response.add", NULL},
        {ONE("{" TO("web") ", headers: {response: {remove: ['']}}}"),
         BAD_VS "spec.http[0].headers.response.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {response: {remove: ['host']}}}"),
         BAD_VS "spec.http[0].headers.response.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {response: {remove: [':authority']}}}"),
         BAD_VS "spec.http[0].headers.response.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {response: {remove: [':path']}}}"),
         BAD_VS "spec.http[0].headers.response.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {response: {remove: [x]}}}"), "", "IST0106;IST0133"},
        {ONE("{" TO("web") ", headers: {request: {set: {x: '%host%'}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {x: '%REQ(a%'}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{route: [{destination: {host: web}, headers: {request: {remove: [host]}}}]}"),
         BAD_VS "spec.http[0].route[0].headers.request.remove[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-l4-rules
static void l4_rules(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], tls: [{match: [{sniHosts: [b.io]}], " TO(
                          "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].sniHosts[0]", NULL},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], tls: [{" TO("web") "}]}"),
         BAD_VS "spec.tls[0]", NULL},
        {EDGE VS("v",
                 "{hosts: [x.a.io], gateways: [edge], tls: [{match: [{sniHosts: [1.2.3.4]}], " TO(
                     "web") "}]}"),
         "IST0133 VirtualService apps/v spec.tls[0].match[0].sniHosts[0]", "IST0106"},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], tcp: [{match: [{port: 80}]}]}"),
         BAD_VS "spec.tcp[0]", NULL},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], tcp: [{match: [{destinationSubnets: "
                      "[1.2.3.4/33]}], " TO("web") "}]}"),
         BAD_VS "spec.tcp[0].match[0].destinationSubnets[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{port: 443}], " TO("web") "}]}"),
         BAD_VS "spec.tls[0].match[0]", NULL},
        {VS("v", "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io]}], " TO(
                     "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['*.a.io'], gateways: [edge], tls: [{match: [{sniHosts: ['*.a.io']}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: ['*.a.io']}], " TO(
                "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].sniHosts[0]", NULL},
        {VS("v", "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [a_b]}], " TO(
                     "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].sniHosts[0]", NULL},
        {VS("v", "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io]}]}]}"),
         BAD_VS "spec.tls[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], destinationSubnets: [1.2.3.4]}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tcp: [{match: [{destinationSubnets: [1.2.3.4]}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], destinationSubnets: [1.2.3.0/24]}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tcp: [{match: [{destinationSubnets: [1.2.3.0/24]}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], destinationSubnets: [1.2.3.4/33]}], " TO(
                "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].destinationSubnets[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tcp: [{match: [{destinationSubnets: [1.2.3.4/33]}], " TO(
                "web") "}]}"),
         BAD_VS "spec.tcp[0].match[0].destinationSubnets[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], destinationSubnets: ['2001:db8::/32']}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tcp: [{match: [{destinationSubnets: ['2001:db8::/32']}], " TO(
                "web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], destinationSubnets: ['2001:db8::/129']}], " TO(
                "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].destinationSubnets[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tcp: [{match: [{destinationSubnets: ['2001:db8::/129']}], " TO(
                "web") "}]}"),
         BAD_VS "spec.tcp[0].match[0].destinationSubnets[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], destinationSubnets: [a.io]}], " TO(
                "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].destinationSubnets[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tcp: [{match: [{destinationSubnets: [a.io]}], " TO(
                "web") "}]}"),
         BAD_VS "spec.tcp[0].match[0].destinationSubnets[0]", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tcp: [{route: [{destination: {host: '*'}}]}]}"),
         BAD_VS "spec.tcp[0].route[0].destination.host", NULL},
        {VS("v",
            "{hosts: ['x.a.io'], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io]}], route: [{destination: {host: '*'}}]}]}"),
         BAD_VS "spec.tls[0].route[0].destination.host", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], port: 65536}], " TO(
                 "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].port", NULL},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], tcp: [{match: [{port: 65536}], " TO(
                          "web") "}]}"),
         BAD_VS "spec.tcp[0].match[0].port", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tcp: [{match: [{sourceLabels: {'-a': b}}], " TO(
                 "web") "}]}"),
         BAD_VS "spec.tcp[0].match[0].sourceLabels", NULL},
        {EDGE VS("v",
                 "{hosts: [x.a.io], gateways: [edge], tcp: [{match: [{gateways: [./edge]}], " TO(
                     "web") "}]}"),
         BAD_VS "spec.tcp[0].match[0].gateways[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-export-to
static void exports(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: ['.', apps], http: [{" TO(
                          "web") "}]}"),
         BAD_VS "spec.exportTo[1]", NULL},
        {EDGE VS("v",
                 "{hosts: [x.a.io], gateways: [edge], exportTo: ['~'], http: [{" TO("web") "}]}"),
         BAD_VS "spec.exportTo[0]", NULL},
        {DR("d", "{host: web, workloadSelector: {matchLabels: {a: b}}, exportTo: ['*']}"),
         "IST0106 DestinationRule apps/d spec.exportTo", NULL},
        {SE("s", "{hosts: [x.io], exportTo: ['~', '*']}"),
         "IST0106 ServiceEntry apps/s spec.exportTo", NULL},
        {VS("v",
            "{hosts: [x.a.io], gateways: [edge], exportTo: ['*', other], http: [{" TO("web") "}]}"),
         BAD_VS "spec.exportTo", NULL},
        {VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: [a, b], http: [{" TO("web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: [a.b], http: [{" TO("web") "}]}"),
         BAD_VS "spec.exportTo[0]", NULL},
        {VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: [a, a], http: [{" TO("web") "}]}"),
         BAD_VS "spec.exportTo[1]", NULL},
        {VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: ['.'], http: [{" TO("web") "}]}"),
         "", "IST0106;IST0133"},
        {VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: ['*'], http: [{" TO("web") "}]}"),
         "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io], exportTo: ['~'], ports: [{number: 80, name: a, protocol: HTTP}]}"),
         "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io], exportTo: ['~', apps], ports: [{number: 80, name: a, protocol: HTTP}]}"),
         "IST0106 ServiceEntry apps/s spec.exportTo", NULL},
        {SE("s",
            "{hosts: [x.io], exportTo: [a_b], ports: [{number: 80, name: a, protocol: HTTP}]}"),
         "IST0106 ServiceEntry apps/s spec.exportTo[0]", NULL},
        {DR("d", "{host: web, workloadSelector: {matchLabels: {a: b}}, exportTo: ['.']}"), "",
         "IST0106"},
        {DR("d", "{host: web, workloadSelector: {matchLabels: {a: b}}, exportTo: [apps]}"), "",
         "IST0106"},
        {DR("d", "{host: web, workloadSelector: {matchLabels: {a: b}}, exportTo: [other]}"),
         "IST0106 DestinationRule apps/d spec.exportTo", NULL},
        {DR("d", "{host: web, workloadSelector: {matchLabels: {a: b}}, exportTo: ['.', other]}"),
         "IST0106 DestinationRule apps/d spec.exportTo", NULL},
        {DR("d", "{host: web, workloadSelector: {matchLabels: {a: b}}}"), "", "IST0106"},
        {DR("d", "{host: web, exportTo: ['~']}"), "IST0106 DestinationRule apps/d spec.exportTo[0]",
         NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-gateway
static void gateways(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http, "
                 "protocol: HTTP}}, {hosts: [b.io], port: {number: 8080, name: http, protocol: "
                 "HTTP}}]}"),
         "IST0106 Gateway apps/g spec.servers[1].port.name", NULL},
        {GW("g", SERVER("short")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", SERVER("'*a.io'")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", "{selector: {istio: i}}"), "IST0106 Gateway apps/g spec.servers", NULL},
        {GW("g", SERVER("a_b/a.io")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", PLAIN("port: {number: 0, name: h, protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].port.number", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: FTP}")),
         "IST0106 Gateway apps/g spec.servers[0].port.protocol", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: HTTP, targetPort: 8080}")),
         "IST0106 Gateway apps/g spec.servers[0].port.targetPort", NULL},
        {GW("g", PLAIN("bind: here, port: {number: 80, name: h, protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].bind", NULL},
        {GW("g", SERVER("'*'")), "", "IST0106;IST0133"},
        {GW("g", SERVER("'*.a.io'")), "", "IST0106;IST0133"},
        {GW("g", SERVER("'*/a.io'")), "", "IST0106;IST0133"},
        {GW("g", SERVER("'./a.io'")), "", "IST0106;IST0133"},
        {GW("g", SERVER("'ns/a.io'")), "", "IST0106;IST0133"},
        {GW("g", SERVER("'ns/*'")), "", "IST0106;IST0133"},
        {GW("g", SERVER("'1.2.3.4'")), "", "IST0106;IST0133"},
        {GW("g", SERVER("'a.*.io'")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", SERVER("'*-a.io'")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", SERVER("'a_b.io'")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", SERVER("'/a.io'")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", SERVER("'ns/short'")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g",
            "{selector: {istio: i}, servers: [{hosts: [], port: {number: 80, name: h, protocol: HTTP}}]}"),
         "IST0106 Gateway apps/g spec.servers[0].hosts", NULL},
        {GW("g", PLAIN("bind: 1.2.3.4")), "IST0106 Gateway apps/g spec.servers[0].port", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: http}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: HTTP2}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: Grpc}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: GRPC-Web}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: HTTP_PROXY}")), "",
         "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: TCP}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: Mongo}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: REDIS}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: MySQL}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: UDP}")), "", "IST0106;IST0133"},
        {GW("g",
            PLAIN(
                "port: {number: 80, name: h, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}")),
         "", "IST0106;IST0133"},
        {GW("g",
            PLAIN(
                "port: {number: 80, name: h, protocol: tls}, tls: {mode: SIMPLE, credentialName: c}")),
         "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: '', protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].port.name", NULL},
        {GW("g", PLAIN("port: {number: 65536, name: h, protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].port.number", NULL},
        {GW("g", PLAIN("port: {number: 65535, name: h, protocol: HTTP}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN("bind: 1.2.3.4, port: {number: 80, name: h, protocol: HTTP}")), "",
         "IST0106;IST0133"},
        {GW("g", PLAIN("bind: '::', port: {number: 80, name: h, protocol: HTTP}")), "",
         "IST0106;IST0133"},
        {GW("g", PLAIN("bind: 'unix:///run/x', port: {number: 0, name: h, protocol: HTTP}")), "",
         "IST0106;IST0133"},
        {GW("g", PLAIN("bind: 'unix://x', port: {number: 0, name: h, protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].bind", NULL},
        {GW("g", PLAIN("bind: 'unix:///run/x', port: {number: 80, name: h, protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].port.number", NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g.x, namespace: apps}\nspec: " SERVER(
             "a.io") "\n",
         "IST0106 Gateway apps/g.x metadata.name", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-gateway-tls
static void gateway_tls(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, "
                 "protocol: HTTPS}}]}"),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: s, "
                 "protocol: HTTP}, tls: {mode: SIMPLE, credentialName: c}}]}"),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: s, "
                 "protocol: HTTP}, tls: {httpsRedirect: true}}]}"),
         "", "IST0106;IST0133"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: TCP}, tls: {}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: ISTIO_MUTUAL, credentialName: c}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.credentialName", NULL},
        {GW("g",
            PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, credentialName: c, credentialNames: [d]}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: MUTUAL, serverCertificate: a, privateKey: b}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.caCertificates", NULL},
        {GW("g", PLAIN(HTTPS_PORT
                       ", tls: {mode: SIMPLE, serverCertificate: a, privateKey: b, caCrl: c}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.caCrl", NULL},
        {GW("g", PLAIN(HTTPS_PORT
                       ", tls: {mode: SIMPLE, credentialName: c, minProtocolVersion: TLSV1_0}")),
         "IST0133 Gateway apps/g spec.servers[0].tls.minProtocolVersion", "IST0106"},
        {GW("g",
            PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, credentialName: c, cipherSuites: [NOPE]}")),
         "IST0133 Gateway apps/g spec.servers[0].tls.cipherSuites[0]", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, credentialName: c, httpsRedirect: true}")),
         "IST0133 Gateway apps/g spec.servers[0].tls.httpsRedirect", "IST0106"},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: TLS}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: HTTP}, tls: {mode: SIMPLE}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: HTTP}, tls: {mode: MUTUAL}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: HTTP}, tls: {mode: ISTIO_MUTUAL}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN("port: {number: 80, name: h, protocol: HTTP}, tls: {mode: OPTIONAL_MUTUAL}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN("port: {number: 80, name: h, protocol: HTTP}, tls: {mode: AUTO_PASSTHROUGH}")),
         "", "IST0106;IST0133"},
        {GW("g",
            PLAIN(
                "port: {number: 80, name: h, protocol: HTTP}, tls: {httpsRedirect: true, serverCertificate: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN(
                "port: {number: 80, name: h, protocol: HTTP}, tls: {httpsRedirect: true, privateKey: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN(
                "port: {number: 80, name: h, protocol: HTTP}, tls: {httpsRedirect: true, caCertificates: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: MONGO}, tls: {httpsRedirect: true}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: ISTIO_MUTUAL, serverCertificate: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.serverCertificate", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: ISTIO_MUTUAL, privateKey: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.privateKey", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: ISTIO_MUTUAL, caCertificates: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.caCertificates", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: ISTIO_MUTUAL, credentialNames: [a]}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.credentialNames", NULL},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: ISTIO_MUTUAL, tlsCertificates: [{serverCertificate: a, privateKey: b}]}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.tlsCertificates", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: ISTIO_MUTUAL}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH, serverCertificate: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH, privateKey: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH, caCertificates: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH, caCrl: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH, credentialName: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH, credentialNames: [a]}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: PASSTHROUGH, tlsCertificates: [{serverCertificate: a, privateKey: b}]}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: AUTO_PASSTHROUGH}")), "", "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: AUTO_PASSTHROUGH, serverCertificate: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: AUTO_PASSTHROUGH, privateKey: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: AUTO_PASSTHROUGH, caCertificates: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: AUTO_PASSTHROUGH, caCrl: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: AUTO_PASSTHROUGH, credentialName: a}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: AUTO_PASSTHROUGH, credentialNames: [a]}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: AUTO_PASSTHROUGH, tlsCertificates: [{serverCertificate: a, privateKey: b}]}")),
         "IST0133 Gateway apps/g spec.servers[0].tls", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}")),
         "", "IST0106;IST0133"},
        {GW("g",
            PLAIN(HTTPS_PORT
                  ", tls: {mode: SIMPLE, serverCertificate: a, privateKey: b, credentialName: c}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: a, privateKey: b}], credentialName: c}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, serverCertificate: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, privateKey: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: a}]}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, credentialName: c}")), "",
         "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, credentialNames: [c, d]}")), "",
         "IST0106;IST0133"},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: a, privateKey: b}, {serverCertificate: a, privateKey: b}]}")),
         "", "IST0106;IST0133"},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: a, privateKey: b}, {serverCertificate: a, privateKey: b}, {serverCertificate: a, privateKey: b}]}")),
         "IST0133 Gateway apps/g spec.servers[0].tls.tlsCertificates", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: MUTUAL, credentialName: c}")), "",
         "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: MUTUAL}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN(HTTPS_PORT
                  ", tls: {mode: MUTUAL, serverCertificate: a, privateKey: b, caCertificates: c}")),
         "", "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: MUTUAL, serverCertificate: a, privateKey: b}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.caCertificates", NULL},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: MUTUAL, serverCertificate: a, privateKey: b, caCertificates: c, caCrl: d}")),
         "", "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: OPTIONAL_MUTUAL, credentialName: c}")), "",
         "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: OPTIONAL_MUTUAL}")),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: OPTIONAL_MUTUAL, serverCertificate: a, privateKey: b, caCertificates: c}")),
         "", "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT
                       ", tls: {mode: OPTIONAL_MUTUAL, serverCertificate: a, privateKey: b}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.caCertificates", NULL},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: OPTIONAL_MUTUAL, serverCertificate: a, privateKey: b, caCertificates: c, caCrl: d}")),
         "", "IST0106;IST0133"},
        {GW("g", PLAIN(HTTPS_PORT
                       ", tls: {mode: SIMPLE, credentialName: c, minProtocolVersion: TLSV1_1}")),
         "IST0133 Gateway apps/g spec.servers[0].tls.minProtocolVersion", "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT
                       ", tls: {mode: SIMPLE, credentialName: c, minProtocolVersion: TLSV1_2}")),
         "", "IST0106;IST0133"},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: SIMPLE, credentialName: c, minProtocolVersion: TLSV1_0, cipherSuites: [AES256-SHA]}")),
         "", "IST0106;IST0133"},
        {GW("g",
            PLAIN(
                HTTPS_PORT
                ", tls: {mode: SIMPLE, credentialName: c, cipherSuites: [AES256-SHA, AES256-SHA]}")),
         "IST0133 Gateway apps/g spec.servers[0].tls.cipherSuites[1]", "IST0106"},
        // with a credential the list is looked at only where TLS is passed on
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: SIMPLE, credentialName: c, caCrl: a}")), "",
         "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: MUTUAL, credentialName: c, caCrl: a}")), "",
         "IST0106"},
        {GW("g", PLAIN(HTTPS_PORT ", tls: {mode: PASSTHROUGH, credentialName: c, caCrl: a}")),
         "IST0106 Gateway apps/g spec.servers[0].tls.caCrl", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-destinationrule
static void destinationrules(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {DR("d", "{host: web, trafficPolicy: {}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy", NULL},
        {DR("d", "{host: web, subsets: [{name: v1}, {name: v1}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[1].name", NULL},
#define WARMUP(fields) "{host: web, trafficPolicy: {loadBalancer: {warmup: {" fields "}}}}"
#define WARMUP_PATH "IST0106 DestinationRule apps/d spec.trafficPolicy.loadBalancer.warmup"
        {DR("d", WARMUP("duration: 300s, minimumPercent: 150")), WARMUP_PATH ".minimumPercent",
         NULL},
        {DR("d", WARMUP("duration: 300s, aggression: 0")), WARMUP_PATH ".aggression", NULL},
        {DR("d", WARMUP("duration: 0s")), WARMUP_PATH ".duration", NULL},
        {DR("d", WARMUP("minimumPercent: 50")), WARMUP_PATH, "minimumPercent"},
        {DR("d", WARMUP("duration: 300s, minimumPercent: 100, aggression: 1")), "", "IST0106"},
        {DR("d", "{host: web, subsets: [{name: v1, trafficPolicy: {loadBalancer: {warmup: "
                 "{duration: 1s, minimumPercent: 101}}}}]}"),
         "IST0106 DestinationRule apps/d "
         "spec.subsets[0].trafficPolicy.loadBalancer.warmup.minimumPercent",
         NULL},
        {DR("d", "{host: a_b}"), "IST0106 DestinationRule apps/d spec.host", NULL},
        {DR("d", "{host: web, subsets: [{name: a.b}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].name", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: MUTUAL}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: SIMPLE, credentialName: c, "
                 "caCertificates: /ca}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {a: '-'}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].labels", NULL},
        {DR("d", "{host: web, subsets: [{name: ''}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].name", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, trafficPolicy: {}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].trafficPolicy", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: a}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: MUTUAL, privateKey: a}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d",
            "{host: web, trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: a, privateKey: b}}}"),
         "", "IST0106"},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: MUTUAL, credentialName: c}}}"), "",
         "IST0106"},
        {DR("d",
            "{host: web, trafficPolicy: {tls: {mode: MUTUAL, credentialName: c, clientCertificate: a}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d",
            "{host: web, trafficPolicy: {tls: {mode: MUTUAL, credentialName: c, privateKey: a}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d",
            "{host: web, trafficPolicy: {tls: {mode: MUTUAL, credentialName: c, caCertificates: a}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d",
            "{host: web, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: MUTUAL}}]}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.portLevelSettings", NULL},
        {DR("d", "{host: web, subsets: [{name: v1, trafficPolicy: {tls: {mode: MUTUAL}}}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].trafficPolicy.tls", NULL},
        {DR("d", "{host: '*.apps.svc.cluster.local'}"), "", "IST0106"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#validate-serviceentry
static void serviceentries(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {SE("s", "{hosts: ['*']}"), "IST0106 ServiceEntry apps/s spec.hosts[0]", NULL},
        {SE("s", "{hosts: ['*.x.io'], resolution: DNS}"),
         "IST0106 ServiceEntry apps/s spec.hosts[0]", NULL},
        {SE("s", "{hosts: [x.io], endpoints: [{address: 1.1.1.1}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints", NULL},
        {SE("s", "{hosts: ['*x.io']}"), "IST0133 ServiceEntry apps/s spec.hosts[0]", "IST0106"},
        {SE("s", "{hosts: [x.io], ports: [{number: 80, name: a, protocol: HTTP}, {number: 80, "
                 "name: b, protocol: HTTP}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[1]", NULL},
        {SE("s", "{hosts: [x.io], ports: [{number: 80, name: a, protocol: FTP}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[0].protocol", NULL},
        {SE("s", "{hosts: [x.io], resolution: STATIC, endpoints: [{address: 1.1.1.1}], "
                 "workloadSelector: {labels: {a: b}}}"),
         "IST0106 ServiceEntry apps/s spec.endpoints", NULL},
        {SE("s", "{hosts: [x.io], resolution: DNS, addresses: [10.0.0.0/8]}"),
         "IST0106 ServiceEntry apps/s spec.addresses", NULL},
        {SE("s", "{hosts: [x.io, y.io], resolution: DNS, ports: [{number: 1, name: a, protocol: "
                 "TCP}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[0]", NULL},
        {SE("s", "{ports: [{number: 80, name: a, protocol: HTTP}]}"),
         "IST0106 ServiceEntry apps/s spec.hosts", NULL},
        {SE("s", "{hosts: [a_b]}"), "IST0106 ServiceEntry apps/s spec.hosts[0]", NULL},
        {SE("s", "{hosts: ['*.x.io']}"), "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io], ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: b, protocol: HTTP}]}"),
         "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io], ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: a, protocol: HTTP}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[1]", NULL},
        {SE("s", "{hosts: [x.io], ports: [{number: 80, name: a}]}"), "", "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], ports: [{number: 0, name: a}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[0]", NULL},
        {SE("s", "{hosts: [x.io], ports: [{number: 80, name: a.b}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[0].name", NULL},
        {SE("s", "{hosts: [x.io], resolution: STATIC, endpoints: [{address: 1.1.1.1}]}"), "",
         "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: NONE, endpoints: [{address: 1.1.1.1}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints", NULL},
        {SE("s", "{hosts: ['*.x.io'], resolution: DNS, endpoints: [{address: 1.1.1.1}]}"), "",
         "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: DNS}"), "", "IST0106;IST0133"},
        {SE("s", "{hosts: ['*.x.io'], resolution: DNS_ROUND_ROBIN}"),
         "IST0106 ServiceEntry apps/s spec.hosts[0]", NULL},
        {SE("s", "{hosts: [x.io], resolution: DNS_ROUND_ROBIN, endpoints: [{address: 1.1.1.1}]}"),
         "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io], resolution: DNS_ROUND_ROBIN, endpoints: [{address: 1.1.1.1}, {address: 1.1.1.2}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints", NULL},
        {SE("s",
            "{hosts: [x.io], resolution: DNS, endpoints: [{address: 1.1.1.1}, {address: 1.1.1.2}]}"),
         "", "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: NONE, addresses: [10.0.0.0/8]}"), "",
         "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: NONE, addresses: [10.0.0.1]}"), "",
         "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: STATIC, addresses: [10.0.0.0/8]}"), "",
         "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: STATIC, addresses: [10.0.0.1]}"), "",
         "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: DNS, addresses: [10.0.0.0/8]}"),
         "IST0106 ServiceEntry apps/s spec.addresses", NULL},
        {SE("s", "{hosts: [x.io], resolution: DNS, addresses: [10.0.0.1]}"), "", "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: DNS_ROUND_ROBIN, addresses: [10.0.0.0/8]}"),
         "IST0106 ServiceEntry apps/s spec.addresses", NULL},
        {SE("s", "{hosts: [x.io], resolution: DNS_ROUND_ROBIN, addresses: [10.0.0.1]}"), "",
         "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io, y.io], resolution: DNS, ports: [{number: 1, name: a, protocol: HTTP}]}"),
         "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io, y.io], resolution: DNS, ports: [{number: 1, name: a, protocol: TLS}]}"),
         "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io, y.io], resolution: DNS, ports: [{number: 1, name: a, protocol: HTTPS}]}"),
         "", "IST0106;IST0133"},
        {SE("s",
            "{hosts: [x.io, y.io], resolution: DNS, ports: [{number: 1, name: a, protocol: MONGO}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[0]", NULL},
        {SE("s",
            "{hosts: [x.io, y.io], resolution: NONE, ports: [{number: 1, name: a, protocol: TCP}]}"),
         "", "IST0106;IST0133"},
        {SE("s", "{hosts: [x.io], resolution: DNS, ports: [{number: 1, name: a, protocol: TCP}]}"),
         "", "IST0106;IST0133"},
        // addresses of endpoints, by resolution
        {SE("s", "{hosts: [x.io], resolution: STATIC, endpoints: [{address: a.io}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints[0].address", NULL},
        {SE("s",
            "{hosts: [x.io], resolution: DNS, endpoints: [{address: a.io}, {address: 'fe80::1'}]}"),
         "", "IST0106"},
        {SE("s", "{hosts: [x.io], resolution: DNS, endpoints: [{address: '*.a.io'}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints[0].address", NULL},
        {SE("s", "{hosts: [x.io], resolution: STATIC, endpoints: [{address: 'unix:///run/s'}]}"),
         "", "IST0106"},
        {SE("s", "{hosts: [x.io], resolution: STATIC, endpoints: [{address: 'unix://run/s'}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints[0].address", NULL},
        {SE("s",
            "{hosts: [x.io], resolution: STATIC, endpoints: [{address: 1.1.1.1, labels: {'-a': b}}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints[0].labels", NULL},
        {SE("s", "{hosts: [x.io], addresses: [a.io]}"),
         "IST0106 ServiceEntry apps/s spec.addresses[0]", NULL},
        {SE("s", "{hosts: [x.io], addresses: [10.0.0.0/33]}"),
         "IST0106 ServiceEntry apps/s spec.addresses[0]", NULL},
        {SE("s", "{hosts: [x.io], ports: [{number: 80, name: a, targetPort: 65536}]}"),
         "IST0106 ServiceEntry apps/s spec.ports[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_hosts_and_labels),
        cmocka_unit_test(delegates),
        cmocka_unit_test(annotations),
        cmocka_unit_test(gateway_names),
        cmocka_unit_test(hosts),
        cmocka_unit_test(some_rule),
        cmocka_unit_test(claims),
        cmocka_unit_test(one_action),
        cmocka_unit_test(matches),
        cmocka_unit_test(regexes),
        cmocka_unit_test(destinations),
        cmocka_unit_test(redirects),
        cmocka_unit_test(direct_responses),
        cmocka_unit_test(bodies),
        cmocka_unit_test(rewrites),
        cmocka_unit_test(faults),
        cmocka_unit_test(retries),
        cmocka_unit_test(mirrors),
        cmocka_unit_test(cors),
        cmocka_unit_test(headers),
        cmocka_unit_test(l4_rules),
        cmocka_unit_test(exports),
        cmocka_unit_test(gateways),
        cmocka_unit_test(gateway_tls),
        cmocka_unit_test(destinationrules),
        cmocka_unit_test(serviceentries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
