// SPDX-License-Identifier: Apache-2.0
// Work and memory grow no faster than n log n, whatever a cluster has many of: for each direction in which a cluster
// can grow, everything is derived from its documents at n and at 2n.
//
// Work is counted where the build counts it (`make growth`), memory in every build. GATETOP_GROWTH=10000 prints what
// this size takes instead, GATETOP_DIRECTION=text looks at the directions with this text in their names, =text at the
// one of this name.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/object/manifest.h"
#include "kube/object/manifest_places.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_updater.h"
#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_workloads.h"

#include "views/view_list.h"

#include "tests/support/tempdir.h"
#include "tests/support/work_count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define NOW INT64_C(1764000000)

// --- what there is much of

// A part with a '#' is written n times, with 0 to n - 1 in place of each '#'; every other part once.
enum { PARTS = 8 };

struct direction {
    const char *name;
    const char *make[PARTS];   // the documents
    const char *change[PARTS]; // one of them as it is after a change
    unsigned n;                // 0: the usual size
    bool many_routes; // Gateways that share a table have all of its routes each: n * n rows
};

#define DOC(api, kind, ns, name)                                                                   \
    "---\n{apiVersion: " api ", kind: " kind ", metadata: {namespace: " ns ", name: " name "}, "
#define VS(name) DOC("networking.istio.io/v1", "VirtualService", "apps", name) "spec: {"
#define GATEWAY(name)                                                                              \
    DOC("networking.istio.io/v1", "Gateway", "apps", name)                                         \
    "spec: {selector: {istio: ingressgateway}, servers: ["
#define SERVICE(ns, name) DOC("v1", "Service", ns, name) "spec: {"
#define HTTP "port: {number: 80, name: http, protocol: HTTP}"
#define HTTPS(name, secret)                                                                        \
    "port: {number: 443, name: " name                                                              \
    ", protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: " secret "}"
#define ROUTE "route: [{destination: {host: web, port: {number: 80}}}]"
#define PREFIX(path) "match: [{uri: {prefix: " path "}}], "
#define END "}}\n"

// A gateway that takes every host, and a Service for requests.
static const char platform[] =
    "{apiVersion: v1, kind: Namespace, metadata: {name: apps}}\n"
    "---\n{apiVersion: v1, kind: Pod, metadata: {namespace: istio-system, name: ingress, labels: "
    "{istio: ingressgateway}}}\n" SERVICE(
        "istio-system",
        "ingress") "selector: {istio: ingressgateway}, ports: [{name: http, port: 80}, {name: "
                   "https, port: 443}]}, status: {loadBalancer: {ingress: [{ip: "
                   "203.0.113.1}]}}}\n" SERVICE("apps", "web") "ports: [{name: http, port: 80}]" END
                       GATEWAY("all") "{" HTTP ", hosts: ['*']}, {" HTTPS(
                           "https",
                           "wildcard") ", hosts: ['*']}]" END
                                       "---\n{apiVersion: v1, kind: Secret, metadata: {namespace: istio-system, name: "
                                       "wildcard}, type: kubernetes.io/tls}\n";

// clang-format off
static const struct direction directions[] = {
    {"applications",
     {GATEWAY("gw#") "{" HTTPS("https", "wildcard") ", hosts: [h#.example.com]}]" END
      VS("vs#") "gateways: [gw#], hosts: [h#.example.com], http: [{" PREFIX("/a") ROUTE "}, {" ROUTE "}]" END
      SERVICE("apps", "web#") "ports: [{name: http, port: 80}]" END},
     {VS("vs0") "gateways: [gw0], hosts: [h0.example.com], http: [{" PREFIX("/b") ROUTE "}, {" ROUTE "}]" END}, 0, false},
    {"hosts of a VirtualService",
     {VS("vs") "gateways: [all], hosts: [", "h#.example.com, ", "], http: [{" PREFIX("/a") ROUTE "}, {" ROUTE "}]" END},
     {VS("vs") "gateways: [all], hosts: [", "h#.example.com, ", "], http: [{" PREFIX("/b") ROUTE "}, {" ROUTE "}]" END}, 0, false},
    {"hosts of a VirtualService and of its Gateway",
     {GATEWAY("gw") "{" HTTP ", hosts: [", "h#.example.com, ", "]}]" END
      VS("vs") "gateways: [gw], hosts: [", "h#.example.com, ", "], http: [{" PREFIX("/a") ROUTE "}]" END},
     {VS("vs") "gateways: [gw], hosts: [", "h#.example.com, ", "], http: [{" PREFIX("/b") ROUTE "}]" END}, 0, false},
    {"hosts of a server",
     {GATEWAY("gw") "{" HTTP ", hosts: [", "h#.example.com, ", "]}]" END
      VS("vs") "gateways: [gw], hosts: ['*.example.com'], http: [{" ROUTE "}]" END},
     {VS("vs") "gateways: [gw], hosts: ['*.example.com'], http: [{" PREFIX("/b") ROUTE "}]" END}, 0, false},
    {"unused hosts of a server",
     {GATEWAY("gw") "{" HTTP ", hosts: [", "u#.example.com, ", "h.example.com]}]" END
      VS("vs") "gateways: [gw], hosts: [h.example.com], http: [{" ROUTE "}]" END},
     {VS("vs") "gateways: [gw], hosts: [h.example.com], http: [{" PREFIX("/b") ROUTE "}]" END}, 0, false},
    {"unused hosts of a server and VirtualServices",
     {GATEWAY("gw") "{" HTTP ", hosts: [", "u#.example.com, ", "]}]" END,
      VS("vs#") "gateways: [gw], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [gw], hosts: [h0.example.com], http: [{" PREFIX("/b") ROUTE "}]" END}, 0, false},
    {"servers of a Gateway",
     {GATEWAY("gw"), "{" HTTPS("https-#", "c#") ", hosts: [h#.example.com]}, ", "]" END,
      VS("vs#") "gateways: [gw], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [gw], hosts: [h0.example.com], http: [{" PREFIX("/b") ROUTE "}]" END}, 0, false},
    {"VirtualServices of a Gateway",
     {VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/b") ROUTE "}]" END}, 0, false},
    {"VirtualServices of a host",
     {VS("vs#") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/p#/") ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"VirtualServices of a host that take each other's requests",
     {VS("vs#") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/p") ROUTE "}, {" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"VirtualServices of wildcard hosts",
     {GATEWAY("gw") "{" HTTP ", hosts: [a.b.example.com]}]" END,
      VS("vs#") "gateways: [gw], hosts: ['*.b.example.com'], http: [{" PREFIX("/p#/") ROUTE "}]" END},
     {VS("vs0") "gateways: [gw], hosts: ['*.b.example.com'], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"Gateways of a host",
     {GATEWAY("gw#") "{" HTTP ", hosts: [h.example.com]}]" END,
      VS("vs") "gateways: [", "gw#, ", "], hosts: [h.example.com], http: [{" ROUTE "}]" END},
     {GATEWAY("gw0") "{" HTTP ", hosts: [h.example.com, i.example.com]}]" END}, 0, true},
    {"Gateways of a host with TLS",
     {GATEWAY("gw#") "{" HTTPS("https", "c#") ", hosts: [h.example.com]}]" END,
      VS("vs") "gateways: [", "gw#, ", "], hosts: [h.example.com], http: [{" ROUTE "}]" END},
     {GATEWAY("gw0") "{" HTTPS("https", "c0") ", hosts: [h.example.com, i.example.com]}]" END}, 0, false},
    {"Gateways with a certificate",
     {GATEWAY("gw#") "{" HTTPS("https", "wildcard") ", hosts: [h#.example.com]}]" END},
     {GATEWAY("gw0") "{" HTTPS("https", "wildcard") ", hosts: [h0.example.com, i.example.com]}]" END}, 0, false},
    {"Gateways and VirtualServices of a host",
     {GATEWAY("gw#") "{" HTTP ", hosts: [h.example.com]}]" END
      VS("vs#") "gateways: [gw#], hosts: [h.example.com], http: [{" PREFIX("/p#/") ROUTE "}]" END},
     {VS("vs0") "gateways: [gw0], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, true},
    {"namespaces of a server",
     {GATEWAY("gw") "{" HTTP ", hosts: [", "n#/*, ", "]}]" END,
      "---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n#, name: vs}, spec: {gateways: [apps/gw], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {"---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n0, name: vs}, spec: {gateways: [apps/gw], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"rules", 
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/q#/") ROUTE "}, ", "]" END}, 0, false},
    {"rules that are the same",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{name: r#, " PREFIX("/p") ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{name: r#, " PREFIX("/q") ROUTE "}, ", "]" END}, 0, false},
    {"rules after a shorter prefix",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/p") ROUTE "},", "{" PREFIX("/p/#") ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "},", "{" PREFIX("/q/#") ROUTE "}, ", "]" END}, 0, false},
    {"rules after a catch-all",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" ROUTE "},", "{" PREFIX("/p/#") ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" ROUTE "},", "{" PREFIX("/q/#") ROUTE "}, ", "]" END}, 0, false},
    {"rules of a path that differ in a header",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {prefix: /p}, headers: {x: {exact: v#}}}], " ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {prefix: /q}, headers: {x: {exact: v#}}}], " ROUTE "}, ", "]" END}, 0, false},
    {"rules without a path that differ in a header",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{headers: {x: {exact: v#}}}], " ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{headers: {y: {exact: v#}}}], " ROUTE "}, ", "]" END}, 0, false},
    {"rules with an expression",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {regex: '/[ab]+/p#'}}], " ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {regex: '/[ac]+/p#'}}], " ROUTE "}, ", "]" END}, 0, false},
    {"rules that ignore case",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {prefix: /P#/}, ignoreUriCase: true}], " ROUTE "}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {prefix: /Q#/}, ignoreUriCase: true}], " ROUTE "}, ", "]" END}, 0, false},
    {"matches of a rule",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{match: [", "{uri: {prefix: /p#/}}, ", "], " ROUTE "}]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{match: [", "{uri: {prefix: /q#/}}, ", "], " ROUTE "}]" END}, 0, false},
    {"redirects",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {exact: /p#}}], redirect: {uri: /q#}}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{match: [{uri: {exact: /p#}}], redirect: {uri: /r#}}, ", "]" END}, 2000, false}, // as many are followed (check_virtual_hosts.c)
    {"redirects that Envoy does not have",
     {VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{redirect: {redirectCode: 305}}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{redirect: {redirectCode: 306}}]" END}, 0, false},
    {"delegates with a redirect that Envoy does not have",
     {VS("root") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "delegate: {name: d#}}, ", "]" END,
      VS("d#") "http: [{redirect: {redirectCode: 305}}]" END},
     {VS("d0") "http: [{redirect: {redirectCode: 306}}]" END}, 0, false},
    {"destinations of a rule",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{route: [", "{destination: {host: web, port: {number: 80}}, weight: 1}, ", "]}]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{route: [", "{destination: {host: web, port: {number: 80}}, weight: 2}, ", "]}]" END}, 0, false},
    {"destinations that do not exist",
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "route: [{destination: {host: gone#}}]}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/q#/") "route: [{destination: {host: gone#}}]}, ", "]" END}, 0, false},
    {"delegates",
     {VS("root") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "delegate: {name: d#}}, ", "]" END,
      VS("d#") "http: [{" ROUTE "}]" END},
     {VS("d0") "http: [{timeout: 3s, " ROUTE "}]" END}, 0, false},
    {"rules of a delegate",
     {VS("root") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/p") "delegate: {name: d}}]" END
      VS("d") "http: [", "{" PREFIX("/p#/") ROUTE "}, ", "]" END},
     {VS("d") "http: [", "{" PREFIX("/p/#/") ROUTE "}, ", "]" END}, 0, false},
    {"roots of a delegate",
     {VS("root#") "gateways: [all], hosts: [h#.example.com], http: [{" PREFIX("/p") "delegate: {name: d}}]" END,
      VS("d") "http: [{" ROUTE "}]" END},
     {VS("root0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") "delegate: {name: d}}]" END}, 0, false},
    {"subsets",
     {DOC("networking.istio.io/v1", "DestinationRule", "apps", "web") "spec: {host: web, subsets: [", "{name: v#, labels: {v: v#}}, ", "]" END
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "route: [{destination: {host: web, port: {number: 80}, subset: v#}}]}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/q#/") "route: [{destination: {host: web, port: {number: 80}, subset: v#}}]}, ", "]" END}, 0, false},
    {"DestinationRules of a host",
     {DOC("networking.istio.io/v1", "DestinationRule", "apps", "web#") "spec: {host: web, subsets: [{name: v#, labels: {v: v#}}]" END,
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "route: [{destination: {host: web, port: {number: 80}, subset: v#}}]}, ", "]" END},
     {DOC("networking.istio.io/v1", "DestinationRule", "apps", "web0") "spec: {host: web, subsets: [{name: v0, labels: {v: w}}]" END}, 0, false},
    {"certificates that cover a host",
     {DOC("cert-manager.io/v1", "Certificate", "istio-system", "c#") "spec: {secretName: wildcard, dnsNames: ['*.example.com'], issuerRef: {name: x, kind: ClusterIssuer}}, status: {conditions: [{type: Ready, status: 'True'}]}}\n",
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" ROUTE "}]" END},
     {DOC("cert-manager.io/v1", "Certificate", "istio-system", "c0") "spec: {secretName: wildcard, dnsNames: ['*.example.com', x.example.com], issuerRef: {name: x, kind: ClusterIssuer}}, status: {conditions: [{type: Ready, status: 'True'}]}}\n"}, 0, false},
    {"certificates of hosts",
     {GATEWAY("gw") , "{" HTTPS("https-#", "c#") ", hosts: [h#.example.com]}, ", "]" END,
      DOC("cert-manager.io/v1", "Certificate", "istio-system", "c#") "spec: {secretName: c#, dnsNames: [h#.example.com], issuerRef: {name: x, kind: ClusterIssuer}}, status: {conditions: [{type: Ready, status: 'True'}]}}\n",
      VS("vs#") "gateways: [gw], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {DOC("cert-manager.io/v1", "Certificate", "istio-system", "c0") "spec: {secretName: c0, dnsNames: [h0.example.com, x.example.com], issuerRef: {name: x, kind: ClusterIssuer}}, status: {conditions: [{type: Ready, status: 'True'}]}}\n"}, 0, false},
    {"names of a certificate",
     {DOC("cert-manager.io/v1", "Certificate", "istio-system", "c") "spec: {secretName: wildcard, dnsNames: [", "h#.example.com, ", "], issuerRef: {name: x, kind: ClusterIssuer}}, status: {conditions: [{type: Ready, status: 'True'}]}}\n",
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"Services of the gateway",
     {SERVICE("istio-system", "ingress#") "selector: {istio: ingressgateway}, ports: [{name: http, port: 8#}]}, status: {loadBalancer: {ingress: [{ip: 203.0.113.2}]}}}\n",
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" ROUTE "}]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"Services of the gateway and applications",
     {SERVICE("istio-system", "ingress#") "selector: {istio: ingressgateway}, ports: [{name: http, port: 80}]}, status: {loadBalancer: {ingress: [{ip: 203.0.113.2}]}}}\n",
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"Services that requests go to",
     {SERVICE("apps", "s#") "ports: [{name: http, port: 80}]" END,
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "route: [{destination: {host: s#}}]}, ", "]" END},
     {SERVICE("apps", "s0") "ports: [{name: http, port: 81}]" END}, 0, false},
    {"ServiceEntries of a host",
     {DOC("networking.istio.io/v1", "ServiceEntry", "apps", "e#") "spec: {hosts: [ext.example.com], ports: [{number: 80, name: http, protocol: HTTP}]" END,
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "route: [{destination: {host: ext.example.com}}]}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/q#/") "route: [{destination: {host: ext.example.com}}]}, ", "]" END}, 0, false},
    {"wildcard ServiceEntries",
     {DOC("networking.istio.io/v1", "ServiceEntry", "apps", "e#") "spec: {hosts: ['*.e#.example.com'], ports: [{number: 80, name: http, protocol: HTTP}]" END,
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/p#/") "route: [{destination: {host: x.e#.example.com}}]}, ", "]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [", "{" PREFIX("/q#/") "route: [{destination: {host: x.e#.example.com}}]}, ", "]" END}, 0, false},
    {"replicas of the gateway",
     {"---\n{apiVersion: v1, kind: Pod, metadata: {namespace: istio-system, name: p#, labels: {istio: ingressgateway, pod-template-hash: 'x#'}}}\n",
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" ROUTE "}]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"replicas of the gateway and applications",
     {"---\n{apiVersion: v1, kind: Pod, metadata: {namespace: istio-system, name: p#, labels: {istio: ingressgateway, pod-template-hash: 'x#'}}}\n",
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"workloads of a Gateway",
     {"---\n{apiVersion: v1, kind: Pod, metadata: {namespace: istio-system, name: p#, labels: {istio: ingressgateway, app: 'x#'}}}\n",
      VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" ROUTE "}]" END},
     {VS("vs") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"records of a name by VirtualServices",
     {"---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: apps, name: vs#, annotations: {external-dns.alpha.kubernetes.io/target: '2001:db8::#'}}, spec: "
      "{gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/p#/") ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"records of a name by Gateways",
     {"---\n{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {namespace: apps, name: gw#, annotations: {external-dns.alpha.kubernetes.io/target: t#.example.net}}, spec: "
      "{selector: {istio: ingressgateway}, servers: [{" HTTP ", hosts: [h.example.com]}]" END
      VS("vs#") "gateways: [gw#], hosts: [h.example.com], http: [{" PREFIX("/p#/") ROUTE "}]" END},
     {VS("vs0") "gateways: [gw0], hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, true},
    {"mesh hosts of namespaces",
     {"---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n#, name: vs}, spec: {hosts: [h.example.com], exportTo: ['.'], http: [{" ROUTE "}]" END
      "---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n#, name: all}, spec: {hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {"---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: n0, name: vs}, spec: {hosts: [i.example.com], exportTo: ['.'], http: [{" ROUTE "}]" END}, 0, false},
    {"VirtualServices of a mesh host",
     {VS("vs#") "hosts: [h.example.com], http: [{" PREFIX("/p#/") ROUTE "}]" END},
     {VS("vs0") "hosts: [h.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"namespaces and certificates",
     {"---\n{apiVersion: v1, kind: Namespace, metadata: {name: n#}}\n"
      DOC("cert-manager.io/v1", "Certificate", "istio-system", "c#") "spec: {secretName: c#, dnsNames: ['*.n#.example.com'], issuerRef: {name: x, kind: ClusterIssuer}}, status: {conditions: [{type: Ready, status: 'True'}]}}\n"},
     {"---\n{apiVersion: v1, kind: Namespace, metadata: {name: n0, labels: {a: b}}}\n"}, 0, false},
    {"claims and RequestAuthentications",
     {"---\n{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {namespace: istio-system, name: r#}, spec: {selector: {matchLabels: {app: a#}}}}\n"
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{match: [{headers: {'@request.auth.claims.sub': {exact: a}}}], " ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"sniHosts",
     {GATEWAY("gw") "{port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [", "h#.example.com, ", "]}]" END
      VS("vs") "gateways: [gw], hosts: [", "h#.example.com, ", "], tls: [", "{match: [{sniHosts: [h#.example.com]}], " ROUTE "}, ", "]" END},
     {GATEWAY("gw") "{port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [", "h#.example.com, ", "i.example.com]}]" END}, 0, false},
    {"AuthorizationPolicies of the gateway and applications",
     {"---\n{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {namespace: istio-system, name: p#}, spec: {action: DENY, selector: {matchLabels: {istio: ingressgateway}}, rules: [{to: [{operation: {hosts: [h#.example.com], paths: ['/p#/*']}}]}]}}\n"
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"rules of an AuthorizationPolicy",
     {"---\n{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {namespace: istio-system, name: p}, spec: {action: ALLOW, rules: [", "{from: [{source: {ipBlocks: [10.0.0.#]}}], to: [{operation: {hosts: [h#.example.com], paths: [/p#]}}]}, ", "]}}\n",
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"EnvoyFilters and WasmPlugins of the gateway",
     {"---\n{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {namespace: istio-system, name: e#}, spec: {workloadSelector: {labels: {istio: ingressgateway}}, configPatches: [{applyTo: HTTP_FILTER, match: {context: GATEWAY}, patch: {operation: ADD}}]}}\n"
      "---\n{apiVersion: extensions.istio.io/v1alpha1, kind: WasmPlugin, metadata: {namespace: istio-system, name: w#}, spec: {selector: {matchLabels: {istio: ingressgateway}}, url: 'oci://a/b'}}\n"
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
    {"requests of a Certificate",
     {DOC("cert-manager.io/v1", "Certificate", "istio-system", "c") "spec: {secretName: wildcard, dnsNames: [h.example.com], issuerRef: {name: i}}, status: {revision: 1, conditions: [{type: Ready, status: 'False'}]}}\n"
      DOC("cert-manager.io/v1", "Issuer", "istio-system", "i") "spec: {acme: {server: 'https://a/d', privateKeySecretRef: {name: k}, solvers: []}}}\n",
      "---\n{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {namespace: istio-system, name: r#, annotations: {cert-manager.io/certificate-name: c, cert-manager.io/certificate-revision: '#'}, ownerReferences: [{kind: Certificate, name: c, uid: u}]}, spec: {request: QQ==, issuerRef: {name: i}}}\n"
      "---\n{apiVersion: acme.cert-manager.io/v1, kind: Order, metadata: {namespace: istio-system, name: o#, ownerReferences: [{kind: CertificateRequest, name: r#, uid: u#}]}, spec: {dnsNames: [h.example.com], issuerRef: {name: i}, request: QQ==}, status: {state: pending}}\n"
      "---\n{apiVersion: acme.cert-manager.io/v1, kind: Challenge, metadata: {namespace: istio-system, name: x#, ownerReferences: [{kind: Order, name: o#, uid: u#}]}, spec: {dnsName: h.example.com, type: DNS-01, token: t, key: k, issuerRef: {name: i}, solver: {}}, status: {state: pending}}\n"},
     {"---\n{apiVersion: acme.cert-manager.io/v1, kind: Challenge, metadata: {namespace: istio-system, name: x0, ownerReferences: [{kind: Order, name: o0, uid: u0}]}, spec: {dnsName: h.example.com, type: DNS-01, token: t, key: k, issuerRef: {name: i}, solver: {}}, status: {state: valid}}\n"}, 0, false},
    {"events of a Certificate",
     {DOC("cert-manager.io/v1", "Certificate", "istio-system", "c") "spec: {secretName: wildcard, dnsNames: [h.example.com], issuerRef: {name: i}}, status: {conditions: [{type: Ready, status: 'False'}]}}\n",
      "---\n{apiVersion: v1, kind: Event, metadata: {namespace: istio-system, name: e#}, involvedObject: {apiVersion: cert-manager.io/v1, kind: Certificate, namespace: istio-system, name: c}, reason: Failed, message: 'm#', lastTimestamp: '2026-11-20T00:00:00Z'}\n"},
     {"---\n{apiVersion: v1, kind: Event, metadata: {namespace: istio-system, name: e0}, involvedObject: {apiVersion: cert-manager.io/v1, kind: Certificate, namespace: istio-system, name: c}, reason: Failed, message: 'other', lastTimestamp: '2026-11-20T00:00:00Z'}\n"}, 0, false},
    {"EndpointSlices of a Service",
     {"---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {namespace: apps, name: s#, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}], ports: [{port: 80}]}\n"
      VS("vs#") "gateways: [all], hosts: [h#.example.com], http: [{" ROUTE "}]" END},
     {VS("vs0") "gateways: [all], hosts: [h0.example.com], http: [{" PREFIX("/q") ROUTE "}]" END}, 0, false},
};
// clang-format on

static void write_parts(struct buf *b, const char *const *parts, unsigned n)
{
    for (int p = 0; p < PARTS && parts[p] != NULL; p++) {
        unsigned times = strchr(parts[p], '#') != NULL ? n : 1;
        for (unsigned i = 0; i < times; i++) {
            const char *from = parts[p];
            for (const char *at; (at = strchr(from, '#')) != NULL; from = at + 1) {
                buf_add(b, from, (size_t)(at - from));
                buf_addf(b, "%u", i);
            }
            buf_adds(b, from);
        }
    }
}

// --- what is derived of it

struct test_cluster {
    struct store *store;
    struct app_updater *apps;
    const struct snapshot *snap; // NULL before the first publication
    const struct object **read;  // that are read and not in the store yet
    size_t nread, cap_read;
};

static void take(void *self, const struct object *o)
{
    struct test_cluster *c = self;
    *ARRAY_PUSH(c->read, c->nread, c->cap_read) = o;
}

static void refuse(void *self, const char *file, int line, int column, const char *message)
{
    (void)self;
    fail_msg("%s:%d:%d: %s", file, line, column, message);
}

static void open_cluster(struct test_cluster *c)
{
    *c = (struct test_cluster){.store = store_new(), .apps = app_updater_new(NULL)};
    store_on_change(c->store, app_updater_changed, c->apps);
    store_cluster(c->store)->from_files = true;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        struct kind_state *s = store_state(c->store, k);
        s->state = SYNC_LIVE;
        s->synced = true;
    }
}

static void cluster_close(struct test_cluster *c)
{
    free(c->read);
    snapshot_unref(c->snap);
    app_updater_free(c->apps);
    store_free(c->store);
}

static void cluster_read(struct test_cluster *c, const char *const *parts, unsigned n)
{
    struct buf b;
    buf_init(&b, 0);
    write_parts(&b, parts, n);
    struct manifest_sink sink = {.object = take, .bad = refuse, .self = c};
    assert_true(manifest_read_text("growth.yaml", b.data, b.len, "default", &sink));
    buf_release(&b);
}

// Puts what was read into the store.
static void cluster_take(struct test_cluster *c)
{
    for (size_t i = 0; i < c->nread; i++) {
        assert_true(store_put(c->store, c->read[i]));
    }
    c->nread = 0;
}

static void cluster_put(struct test_cluster *c, const char *const *parts, unsigned n)
{
    cluster_read(c, parts, n);
    cluster_take(c);
}

static void cluster_publish(struct test_cluster *c)
{
    const void *rows = app_updater_run(c->apps, store_view(c->store), NOW);
    const struct snapshot *before = c->snap;
    c->snap = store_publish(c->store, rows, app_rows_unref);
    snapshot_unref(before);
}

static void trace(const struct snapshot *snap, struct arena *a)
{
    struct mesh m = {.snap = snap, .arena = a, .now = NOW};
    static const char *const urls[] = {"http://h.example.com/p7/x", "https://h7.example.com/"};
    for (size_t i = 0; i < ARRAY_COUNT(urls); i++) {
        struct trace_request q = {.method = "GET"};
        struct err err;
        assert_true(trace_request_from_url(a, urls[i], &q, &err));
        q.method = "GET";
        uint32_t n;
        const struct workload *const *w = trace_workloads(&m, q.host, &n);
        assert_true(n > 0);
        (void)trace_run(route_table_build(&m, w[0]), &m, &q);
    }
}

static void list(const struct view *v, const struct snapshot *snap, struct arena *a)
{
    static const struct view_options options;
    struct view_args args = {.snap = snap, .arena = a, .now = NOW, .options = &options};
    struct view_rows rows = v->list(&args);
    for (uint32_t i = 0; i < rows.n; i++) {
        (void)view_row_key(v, &args, rows.at[i]);
    }
    // As `get -o json` prints them.
    struct arena scratch;
    arena_init(&scratch);
    args.arena = &scratch;
    args.memo = mesh_memo_new(NULL, NULL);
    for (uint32_t i = 0; i < rows.n; i++) {
        json_free(v->json(&args, rows.at[i]));
        arena_clear(&scratch);
        mesh_memo_trim(args.memo);
    }
    // As home shows them beside its rows.
    for (int k = 0; k < v->npanels; k++) {
        struct text_block panel;
        block_init(&panel, &scratch);
        v->panels[k].fill(&args, &panel);
    }
    mesh_memo_free(args.memo);
    arena_release(&scratch);
}

// --- how much it takes

// LOAD and the first publication, one change, a trace, and the lists and JSON of all views (views[i] is STEP_VIEWS +
// i).
enum step { STEP_LOAD, STEP_PUBLISH, STEP_CHANGE, STEP_TRACE, STEP_VIEWS };
enum { STEPS = STEP_VIEWS + 16 };

struct cost {
    uint64_t work;
    size_t bytes;
    double ms; // of the CPU
};

// Of this thread: what else the machine does is not in it.
static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void cost_begin(struct cost *c)
{
    c->bytes = work_bytes_held();
    c->ms = cpu_ms();
    c->work = work_count();
}

static void cost_end(struct cost *c)
{
    c->work = work_count() - c->work;
    c->ms = cpu_ms() - c->ms;
    size_t held = work_bytes_held();
    c->bytes = held > c->bytes ? held - c->bytes : 0;
}

static const char *step_name(int s)
{
    static const char *const names[] = {"load", "publish", "change", "trace"};
    return s < STEP_VIEWS ? names[s] : views[s - STEP_VIEWS]->name;
}

static void measure(const struct direction *d, unsigned n, struct cost out[STEPS])
{
    struct test_cluster c;
    open_cluster(&c);
    cost_begin(&out[STEP_LOAD]);
    cluster_put(&c, (const char *const[PARTS]){platform}, 1);
    cluster_put(&c, d->make, n);
    cost_end(&out[STEP_LOAD]);
    cost_begin(&out[STEP_PUBLISH]);
    cluster_publish(&c);
    cost_end(&out[STEP_PUBLISH]);
    cluster_put(&c, d->change, n); // the first change of all brings what was just made into order
    cluster_publish(&c);
    cluster_read(&c, d->change, n);
    cost_begin(&out[STEP_CHANGE]);
    cluster_take(&c);
    cluster_publish(&c);
    cost_end(&out[STEP_CHANGE]);
    struct arena a;
    arena_init(&a);
    cost_begin(&out[STEP_TRACE]);
    trace(c.snap, &a);
    cost_end(&out[STEP_TRACE]);
    out[STEP_TRACE].bytes = a.total;
    for (int i = 0; views[i] != NULL; i++) {
        if (d->many_routes &&
            (views[i] == view_find("routes") || views[i] == view_find("services"))) {
            continue;
        }
        arena_release(&a);
        cost_begin(&out[STEP_VIEWS + i]);
        list(views[i], c.snap, &a);
        cost_end(&out[STEP_VIEWS + i]);
        out[STEP_VIEWS + i].bytes = a.total;
    }
    arena_release(&a);
    cluster_close(&c);
}

static bool chosen(const struct direction *d)
{
    const char *text = getenv("GATETOP_DIRECTION");
    const bool whole = text != NULL && text[0] == '=';
    return text == NULL || (whole ? str_eq(d->name, text + 1) : strstr(d->name, text) != NULL);
}

static void times(unsigned n)
{
    for (size_t i = 0; i < ARRAY_COUNT(directions); i++) {
        const struct direction *d = &directions[i];
        struct cost c[STEPS] = {{0}};
        if (!chosen(d)) {
            continue;
        }
        measure(d, n, c);
        printf("# %u %s:", n, d->name);
        for (int s = 0; s < STEP_VIEWS || views[s - STEP_VIEWS] != NULL; s++) {
            printf(" %s %.2f ms %zu KB %llu,", step_name(s), c[s].ms, c[s].bytes >> 10,
                   (unsigned long long)c[s].work);
        }
        printf("\n");
    }
}

enum { USUAL = 300 };

// At twice the size: n log n, and what little does not grow.
static bool too_much(double before, double after, double least, double most)
{
    return after > least && after > before * most;
}

// How many steps take too much at twice the size; says which.
static int look_at(const struct direction *d)
{
    unsigned n = d->n != 0 ? d->n : USUAL;
    struct cost one[STEPS] = {{0}}, two[STEPS] = {{0}};
    measure(d, n, one);
    measure(d, 2 * n, two);
    int bad = 0;
    for (int s = 0; s < STEP_VIEWS || views[s - STEP_VIEWS] != NULL; s++) {
        double w1 = (double)one[s].work, w2 = (double)two[s].work;
        double b1 = (double)one[s].bytes, b2 = (double)two[s].bytes;
        // From some size on a change may be the one at which the pairs of the dependents are packed anew.
        const double most = s == STEP_CHANGE ? 2.5 : 2.3;
        // Memory is taken in blocks of a megabyte, and tables double.
        if (too_much(w1, w2, 5000, most) || too_much(b1, b2, 4 << 20, 3)) {
            bad++;
            printf(
                "# %s, %s: at %u and %u work %.0f and %.0f (%.2f times), bytes %.0f and %.0f (%.2f times)\n",
                d->name, step_name(s), n, 2 * n, w1, w2, w2 / w1, b1, b2, b2 / b1);
        }
    }
    return bad;
}

static void work_and_memory(void **state)
{
    (void)state;
    const char *big = getenv("GATETOP_GROWTH");
    if (big != NULL) {
        times((unsigned)strtoul(big, NULL, 10));
        return;
    }
    int bad = 0;
    for (size_t i = 0; i < ARRAY_COUNT(directions); i++) {
        bad += chosen(&directions[i]) ? look_at(&directions[i]) : 0;
    }
    assert_int_equal(bad, 0);
}

// --- applications

// What one change costs does not depend on how many applications there are.
static void one_change(void **state)
{
    (void)state;
    if (!work_is_counted()) {
        skip();
    }
    const struct direction *d = &directions[0];
    struct cost few[STEPS] = {{0}}, many[STEPS] = {{0}};
    measure(d, 1000, few);
    measure(d, 16000, many);
    assert_true((double)many[STEP_CHANGE].work < 1.5 * (double)few[STEP_CHANGE].work);
    // Pairs of the dependents are merged in levels: n log n, of which this is a part.
    assert_true((double)many[STEP_PUBLISH].work / 16 < 1.3 * (double)few[STEP_PUBLISH].work);
}

// --- places of findings

// Looks for as many fields as there are rules or objects in a file.
static uint64_t work_of_places(const char *const *parts, bool numbered, const char *path,
                               unsigned n)
{
    struct test_cluster c;
    open_cluster(&c);
    struct buf b;
    buf_init(&b, 0);
    write_parts(&b, parts, n);
    char *dir = tempdir_new(), *file = xasprintf("%s/growth.yaml", dir);
    tempdir_write(dir, "growth.yaml", b.data, 0600);
    struct manifest_sink sink = {.object = take, .bad = refuse, .self = &c};
    assert_true(manifest_read(file, "default", &sink));
    struct manifest_place *places = xcalloc(n, sizeof *places);
    struct arena a;
    arena_init(&a);
    for (unsigned i = 0; i < n; i++) {
        places[i] =
            (struct manifest_place){.object = c.read[c.nread > 1 ? i : 0],
                                    .path = numbered ? arena_printf(&a, "%s[%u]", path, i) : path};
    }
    uint64_t before = work_count();
    manifest_locate(places, n);
    before = work_count() - before;
    for (unsigned i = 0; i < n; i++) {
        assert_true(places[i].found);
    }
    free(places);
    free(file);
    tempdir_free(dir);
    buf_release(&b);
    arena_release(&a);
    cluster_take(&c);
    cluster_close(&c);
    return before;
}

static void places_of_findings(void **state)
{
    (void)state;
    static const struct {
        double most; // of the work at n, at 2n
        bool numbered;
        const char *path;
        const char *parts[PARTS];
    } files[] = {
        // a list is walked to each of its items, which costs less than reading it
        {3, true, "spec.http", {VS("vs") "http: [", "{" PREFIX("/p#/") ROUTE "},\n", "]" END}},
        {2.3, false, "spec.http[0]", {VS("vs#") "http: [{" ROUTE "}]" END}},
        {2.3,
         false,
         "spec.type",
         {"{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n",
          "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"s#\"},\n\"spec\": "
          "{\"type\": \"ClusterIP\"}},\n",
          "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"last\"}}]}\n"}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        double one =
            (double)work_of_places(files[i].parts, files[i].numbered, files[i].path, USUAL);
        double two =
            (double)work_of_places(files[i].parts, files[i].numbered, files[i].path, 2 * USUAL);
        assert_true(two <= files[i].most * one);
    }
}

// The lines that are shown with findings, all of them in one line of the file.
static uint64_t work_of_lines(unsigned n)
{
    static const char *const parts[PARTS] = {VS("vs") "http: [", "{" PREFIX("/p#/") ROUTE "}, ",
                                             "]}}\n"};
    struct buf b;
    buf_init(&b, 0);
    write_parts(&b, parts, n);
    char *dir = tempdir_new(), *file = xasprintf("%s/growth.yaml", dir);
    tempdir_write(dir, "growth.yaml", b.data, 0600);
    uint64_t before = work_count();
    struct manifest_lines *lines = manifest_lines_read(file);
    assert_non_null(lines);
    for (unsigned i = 0; i < n; i++) {
        int column = (int)(i * (b.len - 200) / n);
        char *part = manifest_line(lines, 2, &column);
        assert_non_null(part);
        free(part);
    }
    manifest_lines_free(lines);
    before = work_count() - before;
    free(file);
    tempdir_free(dir);
    buf_release(&b);
    return before;
}

static void lines_of_findings(void **state)
{
    (void)state;
    assert_true((double)work_of_lines(2 * USUAL) <= 2.3 * (double)work_of_lines(USUAL));
}

// --- documents

static void count_refused(void *self, const char *file, int line, int column, const char *message)
{
    (void)file, (void)line, (void)column, (void)message;
    (*(unsigned *)self)++;
}

static void drop(void *self, const struct object *o)
{
    (void)self;
    object_unref(o);
}

static uint64_t work_of_documents(const char *document, unsigned n, unsigned *refused)
{
    const char *const parts[PARTS] = {document};
    struct buf b;
    buf_init(&b, 0);
    write_parts(&b, parts, n);
    *refused = 0;
    struct manifest_sink sink = {.object = drop, .bad = count_refused, .self = refused};
    uint64_t before = work_count();
    (void)!manifest_read_text("growth.yaml", b.data, b.len, "default", &sink);
    before = work_count() - before;
    buf_release(&b);
    return before;
}

static void documents_of_any_kind(void **state)
{
    (void)state;
    static const struct {
        bool bad;
        const char *document;
    } cases[] = {
        {false, VS("vs#") "http: [{" ROUTE "}]" END},
        {true, "---\nmetadata: {name: a#\n"},                        // cut off
        {true, "---\nkind: Service\nmetadata: {name: a#}\n b: c\n"}, // indented as nothing is
        {true,
         "---\napiVersion: v1\nkind: Service\nmetadata: {labels: {a: '#'}}\n"}, // without a name
        {true, "---\n- a#\n"},                                                  // no object
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        unsigned few, many;
        double one = (double)work_of_documents(cases[i].document, USUAL, &few);
        double two = (double)work_of_documents(cases[i].document, 2 * USUAL, &many);
        if (two > 2.3 * one) {
            fail_msg("%s: %.0f and %.0f", cases[i].document, one, two);
        }
        assert_int_equal(few, cases[i].bad ? USUAL : 0);
        assert_int_equal(many, cases[i].bad ? 2 * USUAL : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_and_memory), cmocka_unit_test(one_change),
        cmocka_unit_test(lines_of_findings), cmocka_unit_test(documents_of_any_kind),
        cmocka_unit_test(places_of_findings)};
    return cmocka_run_group_tests_name("growth", tests, NULL, NULL);
}
