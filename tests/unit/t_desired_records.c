// SPDX-License-Identifier: Apache-2.0
// The rules of external-dns 0.22, a row each: which records its sources make of given objects. Where the rules say
// no more, external-dns's own source does.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "tests/support/pick.h"
#include "tests/support/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

// --- objects; those of a gateway stand in the namespace "in", applications in "apps"

#define KEY(k) "external-dns.kubernetes.io/" k
#define META(ns, name, ann) "metadata: {namespace: " ns ", name: " name ", annotations: {" ann "}}\n"
#define GATEWAY_IN(ns, name, ann, hosts)                                                           \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\n" META(ns, name, ann)                 \
    "spec: {selector: {istio: i}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [" hosts "]}]}\n"
#define GATEWAY(ann, hosts) GATEWAY_IN("in", "g", ann, hosts)
#define VS_MORE(ns, name, ann, spec)                                                               \
    "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n" META(ns, name, ann) "spec: {" spec "}\n"
#define VS(ann, hosts, gateways) VS_MORE("apps", "v", ann, "hosts: [" hosts "], gateways: [" gateways "]")
#define SERVICE_IN(ns, name, ann, spec, ingress)                                                   \
    "---\napiVersion: v1\nkind: Service\n" META(ns, name, ann)                                     \
    "spec: {" spec "}\nstatus: {loadBalancer: {ingress: [" ingress "]}}\n"
#define SERVICE(ann, spec, ingress) SERVICE_IN("apps", "s", ann, spec, ingress)
#define BALANCER(ingress) SERVICE_IN("in", "lb", "", "type: LoadBalancer, selector: {istio: i, app: x}", ingress)
#define LB BALANCER("{ip: 192.0.2.1}")
#define INGRESS_IN(ns, name, ann, spec, ingress)                                                   \
    "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n" META(ns, name, ann)                   \
    "spec: {" spec "}\nstatus: {loadBalancer: {ingress: [" ingress "]}}\n"
#define INGRESS(ann, spec) INGRESS_IN("apps", "i", ann, spec, "{ip: 192.0.2.5}")
#define LABELLED(name, labels, hosts)                                                              \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {namespace: in, name: " name ", labels: {" labels "}}\n" \
    "spec: {selector: {istio: i}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [" hosts "]}]}\n"
#define LONG63 "a23456789012345678901234567890123456789012345678901234567890123"

struct rule {
    const char *what;
    const char *args; // separated by blanks; without a source: the two of Istio
    const char *yaml;
    const char *records; // a line each; "!": external-dns stops
};

// docs/rules/dns.md#gateway-hosts
static const struct rule gateway_hosts[] = {
    {"all hosts of all servers, ports and TLS play no part", "",
     LB "---\napiVersion: networking.istio.io/v1\nkind: Gateway\n" META("in", "g", "")
     "spec: {selector: {istio: i}, servers: [{port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: [a.d.io, '*.d.io']},"
     " {port: {number: 31400, name: t, protocol: TCP}, hosts: [t.d.io, a.d.io]}]}\n",
     "*.d.io A 192.0.2.1 gateway/in/g\na.d.io A 192.0.2.1 gateway/in/g\nt.d.io A 192.0.2.1 gateway/in/g\n"},
    {"a namespace before the host is cut, * is no host", "", LB GATEWAY("", "'*', '*/*', './*', 'in/a.d.io', './b.d.io', '*/c.d.io', 'x/*.e.io', ''"),
     "*.e.io A 192.0.2.1 gateway/in/g\na.d.io A 192.0.2.1 gateway/in/g\nb.d.io A 192.0.2.1 gateway/in/g\nc.d.io A 192.0.2.1 gateway/in/g\n"},
    {"more than one slash is left as it is", "", LB GATEWAY("", "'a/b/c.d.io'"), "a/b/c.d.io A 192.0.2.1 gateway/in/g\n"},
    {"the hostname annotation adds to the hosts", "", LB GATEWAY(KEY("hostname") ": ' b.d.io , c.d.io,a. d.io.'", "a.d.io"),
     "a.d.io A 192.0.2.1 gateway/in/g\nb.d.io A 192.0.2.1 gateway/in/g\nc.d.io A 192.0.2.1 gateway/in/g\n"},
    {"the hostname annotation alone", "", LB GATEWAY(KEY("hostname") ": b.d.io", "'*'"), "b.d.io A 192.0.2.1 gateway/in/g\n"},
    {"of a block scalar the line's end is no part", "", LB "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  namespace: in\n  name: g\n  annotations:\n"
     "    external-dns.kubernetes.io/hostname: |\n      b.d.io\nspec: {selector: {istio: i}, servers: []}\n", "b.d.io A 192.0.2.1 gateway/in/g\n"},
};

// docs/rules/dns.md#name-limits
static const struct rule names[] = {
    {"a final dot is cut, capitals stay", "", LB GATEWAY("", "Shop.D.io., shop.e.io."), "Shop.D.io A 192.0.2.1 gateway/in/g\nshop.e.io A 192.0.2.1 gateway/in/g\n"},
    {"a label of 63 bytes fits, one of 64 makes no record", "", LB GATEWAY("", LONG63 ".d.io, b" LONG63 ".d.io"), LONG63 ".d.io A 192.0.2.1 gateway/in/g\n"},
};

// docs/rules/dns.md#gateway-targets
static const struct rule gateway_targets[] = {
    {"no address, no record", "", BALANCER("") GATEWAY("", "a.d.io"), ""},
    {"no Service at all", "", GATEWAY("", "a.d.io"), ""},
    {"a Service must select all that the Gateway selects", "", SERVICE_IN("in", "lb", "", "selector: {app: x}", "{ip: 192.0.2.1}") GATEWAY("", "a.d.io"), ""},
    {"Services of any namespace and type, each address once", "",
     LB SERVICE_IN("z", "one", "", "type: NodePort, selector: {istio: i}", "{ip: 192.0.2.1}, {ip: 192.0.2.0}")
     SERVICE_IN("z", "two", "", "type: ClusterIP, clusterIP: 10.0.0.1, selector: {istio: i}", "") GATEWAY("", "a.d.io"),
     "a.d.io A 192.0.2.0,192.0.2.1 gateway/in/g\n"},
    {"external IPs win over the balancer's", "", SERVICE_IN("in", "lb", "", "externalIPs: [198.51.100.2, 198.51.100.1], selector: {istio: i}", "{ip: 192.0.2.1}") GATEWAY("", "a.d.io"),
     "a.d.io A 198.51.100.1,198.51.100.2 gateway/in/g\n"},
    {"an address wins over its name, entry by entry", "", BALANCER("{ip: 192.0.2.1, hostname: lb.e.net}, {hostname: other.e.net}") GATEWAY("", "a.d.io"),
     "a.d.io A 192.0.2.1 gateway/in/g\na.d.io CNAME other.e.net gateway/in/g filtered\n"},
    {"an empty selector fits every Service", "", SERVICE_IN("z", "any", "", "selector: {k: v}", "{ip: 192.0.2.4}") SERVICE_IN("z", "none", "", "type: LoadBalancer", "{ip: 192.0.2.6}")
     "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {namespace: in, name: g}\nspec: {servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: [a.d.io]}]}\n",
     "a.d.io A 192.0.2.4,192.0.2.6 gateway/in/g\n"},
    {"the target annotation wins, its final dots are cut", "", LB GATEWAY(KEY("target") ": 'lb.e.net., 198.51.100.1,2001:db8::2'", "a.d.io"),
     "a.d.io A 198.51.100.1 gateway/in/g\na.d.io AAAA 2001:db8::2 gateway/in/g\na.d.io CNAME lb.e.net gateway/in/g filtered\n"},
    {"an empty target annotation is none", "", LB GATEWAY(KEY("target") ": ''", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"the Ingress that is named, in the Gateway's namespace", "", LB INGRESS_IN("in", "i", "", "", "{ip: 192.0.2.7, hostname: x.e.net}, {hostname: y.e.net}") GATEWAY(KEY("ingress") ": i", "a.d.io"),
     "a.d.io A 192.0.2.7 gateway/in/g\na.d.io CNAME y.e.net gateway/in/g filtered\n"},
    {"the Ingress of another namespace", "", LB INGRESS("", "") GATEWAY(KEY("ingress") ": apps/i", "a.d.io"), "a.d.io A 192.0.2.5 gateway/in/g\n"},
    {"a namespace left empty is the Gateway's", "", LB INGRESS_IN("in", "i", "", "", "{ip: 192.0.2.7}") GATEWAY(KEY("ingress") ": /i", "a.d.io"), "a.d.io A 192.0.2.7 gateway/in/g\n"},
    {"an Ingress without an address: no record, the Service is not asked", "", LB INGRESS_IN("in", "i", "", "", "") GATEWAY(KEY("ingress") ": i", "a.d.io"), ""},
    {"the target annotation is asked before the Ingress", "", LB GATEWAY(KEY("ingress") ": i, " KEY("target") ": 192.0.2.8", "a.d.io"), "a.d.io A 192.0.2.8 gateway/in/g\n"},
};

// docs/rules/dns.md#record-type
static const struct rule record_types[] = {
    {"both families", "", BALANCER("{ip: 192.0.2.1}, {ip: '2001:db8::1'}, {ip: '::ffff:192.0.2.9'}") GATEWAY("", "a.d.io"),
     "a.d.io A 192.0.2.1 gateway/in/g\na.d.io AAAA 2001:db8::1,::ffff:192.0.2.9 gateway/in/g\n"},
    {"a name that only looks like an address", "", BALANCER("{hostname: 192.0.2.256}") GATEWAY("", "a.d.io"), "a.d.io CNAME 192.0.2.256 gateway/in/g\n"},
};

// docs/rules/dns.md#source-error-stops
static const struct rule source_errors[] = {
    {"a missing Ingress stops everything", "", LB GATEWAY(KEY("ingress") ": i", "a.d.io") GATEWAY_IN("in", "h", "", "b.d.io"), "b.d.io A 192.0.2.1 gateway/in/h\n!\n"},
    {"so does one that cannot be read", "", LB GATEWAY(KEY("ingress") ": a/b/c", "a.d.io"), "!\n"},
    {"two slashes stop everything", "--source=istio-virtualservice", LB GATEWAY("", "'*'") VS("", "a.d.io", "in/g, a/b/c"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n!\n"},
    {"but not where the target is given", "--source=istio-virtualservice", LB GATEWAY("", "'*'") VS(KEY("target") ": 192.0.2.8", "a.d.io", "in/g, a/b/c"), "a.d.io A 192.0.2.8 virtualservice/apps/v\n"},
    {"the Gateway's missing Ingress stops it too", "--source=istio-virtualservice", LB GATEWAY(KEY("ingress") ": i", "'*.d.io'") VS("", "a.d.io", "in/g"), "!\n"},
    {"but not where the host is not served", "--source=istio-virtualservice", LB GATEWAY(KEY("ingress") ": i", "'*.d.io'") VS("", "a.e.io", "in/g"), ""},
};

// docs/rules/dns.md#annotation-keys
static const struct rule annotations[] = {
    {"seconds", "", LB GATEWAY(KEY("ttl") ": '60'", "a.d.io"), "a.d.io A 192.0.2.1 ttl=60 gateway/in/g\n"},
    {"the least", "", LB GATEWAY(KEY("ttl") ": '1'", "a.d.io"), "a.d.io A 192.0.2.1 ttl=1 gateway/in/g\n"},
    {"a duration that is too great", "", LB GATEWAY(KEY("ttl") ": 600000h", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"a duration", "", LB GATEWAY(KEY("ttl") ": 1h1m1.9s", "a.d.io"), "a.d.io A 192.0.2.1 ttl=3661 gateway/in/g\n"},
    {"a sign", "", LB GATEWAY(KEY("ttl") ": '+60'", "a.d.io"), "a.d.io A 192.0.2.1 ttl=60 gateway/in/g\n"},
    {"less than a second is none", "", LB GATEWAY(KEY("ttl") ": 500ms", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"no number", "", LB GATEWAY(KEY("ttl") ": 1d", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"a blank beside the number", "", LB GATEWAY(KEY("ttl") ": ' 60'", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"0", "", LB GATEWAY(KEY("ttl") ": '0'", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"below 0", "", LB GATEWAY(KEY("ttl") ": '-5'", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"the greatest", "", LB GATEWAY(KEY("ttl") ": '2147483647'", "a.d.io"), "a.d.io A 192.0.2.1 ttl=2147483647 gateway/in/g\n"},
    {"too great", "", LB GATEWAY(KEY("ttl") ": '2147483648'", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"far too great", "", LB GATEWAY(KEY("ttl") ": '99999999999999999999'", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"another controller", "", LB GATEWAY(KEY("controller") ": other", "a.d.io") VS(KEY("controller") ": ''", "a.d.io", "in/g"), ""},
    {"our controller", "", LB GATEWAY(KEY("controller") ": dns-controller", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"a VirtualService looks through a Gateway of another controller", "", LB GATEWAY(KEY("controller") ": other", "a.d.io") VS("", "a.d.io", "in/g"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"what is only for a provider changes nothing", "", LB GATEWAY(KEY("cloudflare-proxied") ": 'true', " KEY("aws-weight") ": '10', " KEY("alias") ": 'true', " KEY("record-type") ": ptr, " KEY("access") ": private", "a.d.io"),
     "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"set identifiers keep records apart", "", LB GATEWAY(KEY("set-identifier") ": one", "a.d.io") GATEWAY_IN("in", "h", KEY("set-identifier") ": two", "a.d.io") GATEWAY_IN("in", "i", KEY("set-identifier") ": two", "a.d.io"),
     "a.d.io A 192.0.2.1 id=one gateway/in/g\na.d.io A 192.0.2.1 id=two gateway/in/h+gateway/in/i\n"},
};

// docs/rules/dns.md#annotation-prefix, docs/rules/dns.md#annotation-ingress-key
static const struct rule prefixes[] = {
    {"the other prefix is not read", "", LB GATEWAY("external-dns.alpha.kubernetes.io/hostname: b.d.io, external-dns.alpha.kubernetes.io/target: 192.0.2.8, external-dns.alpha.kubernetes.io/controller: x", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"a prefix of one's own", "--annotation-prefix=dns.example.org/", LB GATEWAY("dns.example.org/hostname: b.d.io, dns.example.org/ttl: '5', " KEY("hostname") ": c.d.io", "a.d.io"),
     "a.d.io A 192.0.2.1 ttl=5 gateway/in/g\nb.d.io A 192.0.2.1 ttl=5 gateway/in/g\n"},
    {"the Ingress's key does not move with the prefix", "--annotation-prefix=dns.example.org/", LB INGRESS_IN("in", "i", "", "", "{ip: 192.0.2.7}") GATEWAY("dns.example.org/ingress: x, " KEY("ingress") ": i", "a.d.io"), "a.d.io A 192.0.2.7 gateway/in/g\n"},
};

// docs/rules/dns.md#virtualservice-hosts, docs/rules/dns.md#virtualservice-gateway,
// docs/rules/dns.md#virtualservice-binding
static const struct rule virtualservices[] = {
    {"the Gateway's address, for hosts that it serves", "", LB GATEWAY("", "'*.d.io', b.e.io") VS("", "a.d.io, x.y.d.io, b.e.io, c.e.io, d.io, '*'", "in/g"),
     "*.d.io A 192.0.2.1 gateway/in/g\na.d.io A 192.0.2.1 virtualservice/apps/v\nb.e.io A 192.0.2.1 gateway/in/g+virtualservice/apps/v\nx.y.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"a bare name is in the VirtualService's namespace", "--source=istio-virtualservice", LB GATEWAY_IN("apps", "g", "", "'*'") VS("", "a.d.io", "g"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"a bare name of another namespace is none", "--source=istio-virtualservice", LB GATEWAY("", "'*'") VS("", "a.d.io", "g"), ""},
    {"neither is a long name, nor ./", "--source=istio-virtualservice", LB GATEWAY_IN("apps", "g", "", "'*'") VS("", "a.d.io", "g.apps.svc.cluster.local, ./g"), ""},
    {"a namespace left empty", "--source=istio-virtualservice", LB GATEWAY_IN("apps", "g", "", "'*'") VS("", "a.d.io", "/g"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"mesh, none and missing ones are passed over", "--source=istio-virtualservice", LB GATEWAY("", "'*'") VS("", "a.d.io", "mesh, '', in/gone, in/g") VS_MORE("apps", "w", "", "hosts: [b.d.io]"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"mesh is no Gateway, even where one is called so", "--source=istio-virtualservice", LB GATEWAY_IN("apps", "mesh", "", "'*'") VS("", "a.d.io", "mesh"), ""},
    {"capitals matter", "--source=istio-virtualservice", LB GATEWAY("", "a.d.io, '*.E.io'") VS("", "A.d.io, x.e.io, y.E.io", "in/g"), "y.E.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"a wildcard below an exact host is not served", "--source=istio-virtualservice", LB GATEWAY("", "a.d.io") VS("", "'*.d.io'", "in/g"), ""},
    {"wildcards: the same, and a narrower one", "--source=istio-virtualservice", LB GATEWAY("", "'*.d.io'") VS("", "'*.d.io', '*.a.d.io', '*.io'", "in/g"),
     "*.a.d.io A 192.0.2.1 virtualservice/apps/v\n*.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"a namespace before the Gateway's host", "--source=istio-virtualservice", LB GATEWAY("", "'apps/a.d.io', 'x/b.d.io', './c.d.io', '*/e.d.io', 'apps/*.f.io', 'a/b/g.d.io', '/h.d.io'")
     VS("", "a.d.io, b.d.io, c.d.io, e.d.io, x.f.io, g.d.io, h.d.io", "in/g"),
     "a.d.io A 192.0.2.1 virtualservice/apps/v\ne.d.io A 192.0.2.1 virtualservice/apps/v\nx.f.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"a dot is the Gateway's own namespace", "--source=istio-virtualservice", LB GATEWAY_IN("apps", "g", "", "'./a.d.io'") VS("", "a.d.io", "g"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"exportTo lets the Gateway's namespace see it", "--source=istio-virtualservice", LB GATEWAY("", "'*'") VS_MORE("apps", "v", "", "hosts: [a.d.io], gateways: [in/g], exportTo: [x, in]"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"exportTo to everybody", "--source=istio-virtualservice", LB GATEWAY("", "'*'") VS_MORE("apps", "v", "", "hosts: [a.d.io], gateways: [in/g], exportTo: ['*']"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"exportTo to others", "--source=istio-virtualservice", LB GATEWAY("", "'*'") VS_MORE("apps", "v", "", "hosts: [a.d.io], gateways: [in/g], exportTo: [x, '.']"), ""},
    {"exportTo to its own namespace, where the Gateway is", "--source=istio-virtualservice", LB GATEWAY_IN("apps", "g", "", "'*'") VS_MORE("apps", "v", "", "hosts: [a.d.io], gateways: [g], exportTo: ['.']"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"several Gateways add up, each for what it serves", "--source=istio-virtualservice", LB GATEWAY("", "'*.d.io'") GATEWAY_IN("in", "h", KEY("target") ": '192.0.2.9,192.0.2.1'", "a.d.io, a.e.io") VS("", "a.d.io, a.e.io, b.d.io", "in/g, in/h"),
     "a.d.io A 192.0.2.1,192.0.2.9 virtualservice/apps/v\na.e.io A 192.0.2.1,192.0.2.9 virtualservice/apps/v\nb.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"its own target annotation needs no Gateway", "--source=istio-virtualservice", VS(KEY("target") ": lb.e.net", "a.d.io", "mesh"), "a.d.io CNAME lb.e.net virtualservice/apps/v\n"},
    {"nor does it make a record of * or of an empty host", "--source=istio-virtualservice", VS(KEY("target") ": lb.e.net", "'*', '', a.d.io", "mesh"), "a.d.io CNAME lb.e.net virtualservice/apps/v\n"},
    {"hostname annotations are served as hosts are", "--source=istio-virtualservice", LB GATEWAY("", "'*.d.io'") VS(KEY("hostname") ": 'b.d.io,b.e.io', " KEY("ttl") ": 5m", "", "in/g"), "b.d.io A 192.0.2.1 ttl=300 virtualservice/apps/v\n"},
    {"a namespace before the host is cut", "--source=istio-virtualservice", LB GATEWAY("", "'*.d.io'") VS("", "apps/a.d.io", "in/g"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"the Gateway's ttl is not the VirtualService's", "", LB GATEWAY(KEY("ttl") ": '60'", "'*.d.io'") VS("", "a.d.io", "in/g"), "*.d.io A 192.0.2.1 ttl=60 gateway/in/g\na.d.io A 192.0.2.1 virtualservice/apps/v\n"},
};

// docs/rules/dns.md#service-source
static const struct rule services[] = {
    {"annotated ones only", "--source=service", SERVICE("", "type: LoadBalancer", "{ip: 192.0.2.1}") SERVICE_IN("apps", "t", KEY("hostname") ": 'a.d.io,b.d.io.'", "type: LoadBalancer", "{ip: 192.0.2.2}"),
     "a.d.io A 192.0.2.2 service/apps/t\nb.d.io A 192.0.2.2 service/apps/t\n"},
    {"a balancer's address and name are both taken", "--source=service", SERVICE(KEY("hostname") ": a.d.io", "type: LoadBalancer", "{ip: 192.0.2.1, hostname: lb.e.net}"),
     "a.d.io A 192.0.2.1 service/apps/s\na.d.io CNAME lb.e.net service/apps/s filtered\n"},
    {"external IPs win", "--source=service", SERVICE(KEY("hostname") ": a.d.io", "type: LoadBalancer, externalIPs: [192.0.2.9]", "{ip: 192.0.2.1}"), "a.d.io A 192.0.2.9 service/apps/s\n"},
    {"the inner name of a balancer", "--source=service", SERVICE(KEY("internal-hostname") ": a.d.io", "type: LoadBalancer, clusterIP: 10.0.0.1", "{ip: 192.0.2.1}"), "a.d.io A 10.0.0.1 service/apps/s\n"},
    {"a Service of the cluster has no record", "--source=service", SERVICE(KEY("hostname") ": a.d.io", "type: ClusterIP, clusterIP: 10.0.0.1", ""), ""},
    {"unless it is published", "--source=service --publish-internal-services", SERVICE(KEY("hostname") ": a.d.io", "type: ClusterIP, clusterIP: 10.0.0.1", ""), "a.d.io A 10.0.0.1 service/apps/s\n"},
    {"or has an inner name", "--source=service", SERVICE(KEY("internal-hostname") ": a.d.io, " KEY("hostname") ": b.d.io", "clusterIP: '2001:db8::5'", ""), "a.d.io AAAA 2001:db8::5 service/apps/s\n"},
    {"a headless one has no address of its own", "--source=service --publish-internal-services", SERVICE(KEY("internal-hostname") ": a.d.io", "type: ClusterIP, clusterIP: None", ""), ""},
    {"an external name", "--source=service", SERVICE(KEY("hostname") ": a.d.io", "type: ExternalName, externalName: x.e.net.", ""), "a.d.io CNAME x.e.net service/apps/s\n"},
    {"an external name's addresses win", "--source=service", SERVICE(KEY("hostname") ": a.d.io", "type: ExternalName, externalName: x.e.net, externalIPs: [192.0.2.9]", ""), "a.d.io A 192.0.2.9 service/apps/s\n"},
    {"the target annotation wins with every type", "--source=service", SERVICE(KEY("hostname") ": a.d.io, " KEY("internal-hostname") ": b.d.io, " KEY("target") ": 192.0.2.8", "type: NodePort, clusterIP: 10.0.0.1, ports: [{port: 80, nodePort: 30080}]", ""),
     "a.d.io A 192.0.2.8 service/apps/s\nb.d.io A 192.0.2.8 service/apps/s\n"},
    {"Services of one name add up, whatever their ttl: the first one's counts", "--source=service",
     SERVICE_IN("b", "s", KEY("hostname") ": a.d.io, " KEY("ttl") ": '20'", "type: LoadBalancer", "{ip: 192.0.2.1}") SERVICE_IN("a", "s", KEY("hostname") ": a.d.io, " KEY("ttl") ": '10'", "type: LoadBalancer", "{ip: 192.0.2.2}"),
     "a.d.io A 192.0.2.1,192.0.2.2 ttl=10 service/a/s+service/b/s\n"},
    {"but not their names, where the first target differs", "--source=service",
     SERVICE_IN("b", "s", KEY("hostname") ": a.d.io", "type: ExternalName, externalName: y.e.net", "") SERVICE_IN("a", "s", KEY("hostname") ": a.d.io", "type: ExternalName, externalName: x.e.net", "")
     SERVICE_IN("c", "s", KEY("hostname") ": a.d.io", "type: ExternalName, externalName: x.e.net", ""),
     "a.d.io CNAME x.e.net service/a/s+service/c/s\na.d.io CNAME y.e.net service/b/s filtered\n"},
    {"first is the least label, not the least namespace", "--source=service",
     SERVICE_IN("a", "s", KEY("hostname") ": a.d.io", "type: LoadBalancer", "{ip: 192.0.2.1}") SERVICE_IN("a-b", "s", KEY("hostname") ": a.d.io", "type: LoadBalancer", "{ip: 192.0.2.2}"),
     "a.d.io A 192.0.2.1,192.0.2.2 service/a-b/s+service/a/s\n"},
};

// docs/rules/dns.md#service-srv
static const struct rule node_ports[] = {
    {"SRV records of a NodePort Service", "--source=service --managed-record-types=SRV", SERVICE(KEY("hostname") ": 'a.d.io.', " KEY("ttl") ": '7'", "type: NodePort, ports: [{port: 80, nodePort: 30080}, {port: 53, nodePort: 30053, protocol: UDP}, {port: 81}]", ""),
     "_s._tcp.a.d.io SRV 0 50 30080 a.d.io. ttl=7 service/apps/s\n_s._udp.a.d.io SRV 0 50 30053 a.d.io. ttl=7 service/apps/s\n"},
    {"an alias is no SRV record", "--source=service --managed-record-types=SRV", SERVICE(KEY("hostname") ": a.d.io, " KEY("alias") ": 'true'", "type: NodePort, ports: [{port: 80, nodePort: 30080}]", ""), ""},
    {"which are not managed of themselves", "--source=service", SERVICE(KEY("hostname") ": a.d.io", "type: NodePort, ports: [{port: 80, nodePort: 30080}]", ""), "_s._tcp.a.d.io SRV 0 50 30080 a.d.io. service/apps/s filtered\n"},
};

// docs/rules/dns.md#ingress-source
static const struct rule ingresses[] = {
    {"rules, TLS hosts and annotation", "--source=ingress", INGRESS(KEY("hostname") ": c.d.io", "rules: [{host: a.d.io}, {http: {}}], tls: [{hosts: [b.d.io, a.d.io]}, {hosts: ['']}]"),
     "a.d.io A 192.0.2.5 ingress/apps/i\nb.d.io A 192.0.2.5 ingress/apps/i\nc.d.io A 192.0.2.5 ingress/apps/i\n"},
    {"address and name are both taken", "--source=ingress", INGRESS_IN("apps", "i", "", "rules: [{host: a.d.io}]", "{ip: 192.0.2.5, hostname: x.e.net}"),
     "a.d.io A 192.0.2.5 ingress/apps/i\na.d.io CNAME x.e.net ingress/apps/i filtered\n"},
    {"no TLS hosts", "--source=ingress --ignore-ingress-tls-spec", INGRESS("", "rules: [{host: a.d.io}], tls: [{hosts: [b.d.io]}]"), "a.d.io A 192.0.2.5 ingress/apps/i\n"},
    {"no rules", "--source=ingress --ignore-ingress-rules-spec", INGRESS("", "rules: [{host: a.d.io}], tls: [{hosts: [b.d.io]}]"), "b.d.io A 192.0.2.5 ingress/apps/i\n"},
    {"annotated hosts only", "--source=ingress", INGRESS(KEY("hostname") ": c.d.io, " KEY("ingress-hostname-source") ": Annotation-Only", "rules: [{host: a.d.io}], tls: [{hosts: [b.d.io]}]"), "c.d.io A 192.0.2.5 ingress/apps/i\n"},
    {"defined hosts only", "--source=ingress", INGRESS(KEY("hostname") ": c.d.io, " KEY("ingress-hostname-source") ": defined-hosts-only", "rules: [{host: a.d.io}], tls: [{hosts: [b.d.io]}]"), "a.d.io A 192.0.2.5 ingress/apps/i\nb.d.io A 192.0.2.5 ingress/apps/i\n"},
    {"another word: none", "--source=ingress", INGRESS(KEY("hostname") ": c.d.io, " KEY("ingress-hostname-source") ": both", "rules: [{host: a.d.io}]"), ""},
    {"a class by its field", "--source=ingress --ingress-class=x --ingress-class=nginx", INGRESS("kubernetes.io/ingress.class: x", "ingressClassName: other, rules: [{host: a.d.io}]") INGRESS_IN("apps", "j", "", "ingressClassName: nginx, rules: [{host: b.d.io}]", "{ip: 192.0.2.6}"), "b.d.io A 192.0.2.6 ingress/apps/j\n"},
    {"a class by its annotation", "--source=ingress --ingress-class=nginx", INGRESS("kubernetes.io/ingress.class: nginx", "rules: [{host: a.d.io}]") INGRESS_IN("apps", "j", "", "rules: [{host: b.d.io}]", "{ip: 192.0.2.6}"), "a.d.io A 192.0.2.5 ingress/apps/i\n"},
    {"the target annotation wins", "--source=ingress", INGRESS(KEY("target") ": 'x.e.net'", "rules: [{host: a.d.io}]"), "a.d.io CNAME x.e.net ingress/apps/i\n"},
};

// docs/rules/dns.md#merge-within-source, docs/rules/dns.md#conflict-resolution
static const struct rule merging[] = {
    {"Gateways of one host add up", "--source=istio-gateway", LB GATEWAY("", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": '192.0.2.9,x.e.net'", "a.d.io"),
     "a.d.io A 192.0.2.1,192.0.2.9 gateway/in/g+gateway/in/h\na.d.io CNAME x.e.net gateway/in/h filtered\n"},
    {"but not with another ttl: then the fewer targets, the lesser address first", "--source=istio-gateway", LB GATEWAY(KEY("ttl") ": '60'", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": '192.0.2.09,10.0.0.9,192.0.2.10'", "a.d.io")
     GATEWAY_IN("in", "k", KEY("target") ": '9.0.0.1', " KEY("ttl") ": '5'", "a.d.io"),
     "a.d.io A 10.0.0.9,192.0.2.10 gateway/in/h filtered\na.d.io A 192.0.2.1 ttl=60 gateway/in/g filtered\na.d.io A 9.0.0.1 ttl=5 gateway/in/k\na.d.io CNAME 192.0.2.09 gateway/in/h filtered\n"},
    {"of each type there is one", "--source=istio-gateway", GATEWAY(KEY("target") ": '192.0.2.1,2001:db8::1'", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": '2001:db8::2', " KEY("ttl") ": '5'", "a.d.io"),
     "a.d.io A 192.0.2.1 gateway/in/g\na.d.io AAAA 2001:db8::1 gateway/in/g\na.d.io AAAA 2001:db8::2 ttl=5 gateway/in/h filtered\n"},
    {"addresses of IPv6 are compared by number, too", "--source=istio-gateway", GATEWAY(KEY("target") ": '2001:db8::10'", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": '2001:db8::9', " KEY("ttl") ": '5'", "a.d.io"),
     "a.d.io AAAA 2001:db8::10 gateway/in/g filtered\na.d.io AAAA 2001:db8::9 ttl=5 gateway/in/h\n"},
    {"the fewer targets win, though they are the greater", "--source=istio-gateway", GATEWAY(KEY("target") ": '10.0.0.1,10.0.0.2'", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": '192.0.2.9', " KEY("ttl") ": '5'", "a.d.io"),
     "a.d.io A 10.0.0.1,10.0.0.2 gateway/in/g filtered\na.d.io A 192.0.2.9 ttl=5 gateway/in/h\n"},
    {"names with another first target stay apart: the lesser is made", "--source=istio-gateway", GATEWAY(KEY("target") ": y.e.net", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": x.e.net", "a.d.io") GATEWAY_IN("in", "k", KEY("target") ": x.e.net", "A.d.io"),
     "A.d.io CNAME x.e.net gateway/in/k\na.d.io CNAME x.e.net gateway/in/h filtered\na.d.io CNAME y.e.net gateway/in/g filtered\n"},
};

// docs/rules/dns.md#merge-across-sources
static const struct rule sources[] = {
    {"over the sources the first one's ttl stays", "--source=istio-virtualservice --source=istio-gateway", LB GATEWAY(KEY("ttl") ": '60'", "a.d.io") VS(KEY("ttl") ": '5'", "a.d.io", "in/g"), "a.d.io A 192.0.2.1 ttl=5 virtualservice/apps/v+gateway/in/g\n"},
    {"a source given twice is one", "--source=istio-gateway --source=istio-gateway", LB GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
};

// docs/rules/dns.md#default-targets
static const struct rule default_targets[] = {
    {"default targets, sorted", "--source=istio-gateway --force-default-targets --default-targets=192.0.2.8 --default-targets=192.0.2.7 --default-targets=x.e.net", BALANCER("{ip: 192.0.2.1}, {ip: '2001:db8::1'}") GATEWAY(KEY("ttl") ": '9'", "a.d.io"),
     "a.d.io A 192.0.2.7,192.0.2.8 ttl=9 gateway/in/g\na.d.io CNAME x.e.net ttl=9 gateway/in/g filtered\n"},
    {"of every type", "--source=istio-gateway --force-default-targets --default-targets=2001:db8::9 --default-targets=192.0.2.7", LB GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.7 gateway/in/g\na.d.io AAAA 2001:db8::9 gateway/in/g\n"},
    {"default targets change nothing unless forced", "--source=istio-gateway --default-targets=192.0.2.8", LB GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
};

// docs/rules/dns.md#min-ttl
static const struct rule min_ttl[] = {
    {"a least ttl", "--min-ttl=1m30s", LB GATEWAY("", "a.d.io") GATEWAY_IN("in", "h", KEY("ttl") ": '5'", "b.d.io"), "a.d.io A 192.0.2.1 ttl=90 gateway/in/g\nb.d.io A 192.0.2.1 ttl=5 gateway/in/h\n"},
    {"a least ttl below nothing is none", "--min-ttl=-5m", LB GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
};

// docs/rules/dns.md#managed-types
static const struct rule managed_types[] = {
    {"types that are managed", "--managed-record-types=A --managed-record-types=CNAME", BALANCER("{ip: 192.0.2.1}, {ip: '2001:db8::1'}") GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\na.d.io AAAA 2001:db8::1 gateway/in/g filtered\n"},
    {"a name wins where addresses are not managed", "--managed-record-types=CNAME", BALANCER("{ip: 192.0.2.1}, {hostname: x.e.net}") GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g filtered\na.d.io CNAME x.e.net gateway/in/g\n"},
    {"types left out", "--exclude-record-types=AAAA --exclude-record-types=CNAME", BALANCER("{ip: '2001:db8::1'}, {ip: 192.0.2.1}") GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\na.d.io AAAA 2001:db8::1 gateway/in/g filtered\n"},
};

// docs/rules/dns.md#domain-filter
static const struct rule domains[] = {
    {"domains and what they exclude", "--domain-filter=D.io. --domain-filter=.e.io --exclude-domains=x.d.io", LB GATEWAY("", "d.io, a.d.io, ad.io, x.d.io, y.x.d.io, xx.d.io, e.io, a.e.io, '*.E.io'"),
     "*.E.io A 192.0.2.1 gateway/in/g\na.d.io A 192.0.2.1 gateway/in/g\na.e.io A 192.0.2.1 gateway/in/g\nad.io A 192.0.2.1 gateway/in/g filtered\nd.io A 192.0.2.1 gateway/in/g\ne.io A 192.0.2.1 gateway/in/g filtered\n"
     "x.d.io A 192.0.2.1 gateway/in/g filtered\nxx.d.io A 192.0.2.1 gateway/in/g\ny.x.d.io A 192.0.2.1 gateway/in/g filtered\n"},
    {"an empty domain is no filter, and a comma none between two", "--domain-filter= --exclude-domains=a.d.io,b.d.io", LB GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"international domains, however they are spelled", "--domain-filter=b\xc3\xbc" "cher.example --domain-filter=xn--mller-kva.example", LB GATEWAY("", "a.xn--bcher-kva.example, 'B\xc3\x9c" "CHER.example', 'a.m\xc3\xbcller.example', a.buecher.example"),
     "B\xc3\x9c" "CHER.example A 192.0.2.1 gateway/in/g\na.buecher.example A 192.0.2.1 gateway/in/g filtered\na.m\xc3\xbcller.example A 192.0.2.1 gateway/in/g\na.xn--bcher-kva.example A 192.0.2.1 gateway/in/g\n"},
    {"an expression is searched for, domains play no part beside it", "--regex-domain-filter=^[ab]\\.d --domain-filter=x.io", LB GATEWAY("", "A.D.io, b.d.io., c.d.io, ca.d.io"), "A.D.io A 192.0.2.1 gateway/in/g\nb.d.io A 192.0.2.1 gateway/in/g\nc.d.io A 192.0.2.1 gateway/in/g filtered\nca.d.io A 192.0.2.1 gateway/in/g filtered\n"},
    {"an expression that excludes goes first", "--regex-domain-filter=d.io$|e.io$ --regex-domain-exclusion=^(?i:X)\\.", LB GATEWAY("", "a.d.io, x.d.io, e.io, f.io"), "a.d.io A 192.0.2.1 gateway/in/g\ne.io A 192.0.2.1 gateway/in/g\nf.io A 192.0.2.1 gateway/in/g filtered\nx.d.io A 192.0.2.1 gateway/in/g filtered\n"},
    {"one that only excludes", "--regex-domain-exclusion=d --exclude-domains=e.io", LB GATEWAY("", "a.d.io, a.e.io"), "a.d.io A 192.0.2.1 gateway/in/g filtered\na.e.io A 192.0.2.1 gateway/in/g\n"},
    {"an empty one is none", "--regex-domain-filter= --domain-filter=d.io", LB GATEWAY("", "a.d.io, a.e.io"), "a.d.io A 192.0.2.1 gateway/in/g\na.e.io A 192.0.2.1 gateway/in/g filtered\n"},
    {"expressions see names as people write them", "--regex-domain-filter=b\xc3\xbc" "cher", LB GATEWAY("", "a.xn--bcher-kva.example"), "a.xn--bcher-kva.example A 192.0.2.1 gateway/in/g\n"},
};

// docs/rules/dns.md#object-filters
static const struct rule object_filters[] = {
    {"one namespace: its objects, and no Gateway or Service beyond it", "--namespace=apps", LB GATEWAY("", "a.d.io") GATEWAY_IN("apps", "h", KEY("target") ": 192.0.2.8", "b.d.io") GATEWAY_IN("apps", "i", "", "c.d.io") VS("", "a.d.io, b.d.io", "in/g, h"),
     "b.d.io A 192.0.2.8 gateway/apps/h+virtualservice/apps/v\n"},
    {"an Ingress beyond the namespace is missing", "--namespace=apps", INGRESS_IN("in", "i", "", "", "{ip: 192.0.2.7}") GATEWAY_IN("apps", "h", KEY("ingress") ": in/i", "b.d.io"), "!\n"},
    {"a filter of labels", "--label-filter=dns=yes,!canary", LB LABELLED("g", "dns: 'yes'", "a.d.io") LABELLED("h", "dns: 'no'", "b.d.io") LABELLED("k", "dns: 'yes', canary: ''", "c.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"it does not reach the Gateway behind a VirtualService", "--source=istio-virtualservice --label-filter=!dns", LB LABELLED("g", "dns: 'yes'", "a.d.io") VS("", "a.d.io", "in/g"), "a.d.io A 192.0.2.1 virtualservice/apps/v\n"},
    {"a filter of annotations", "--annotation-filter=" KEY("access") "!=private", LB GATEWAY(KEY("access") ": private", "a.d.io") GATEWAY_IN("in", "h", KEY("access") ": public", "b.d.io") GATEWAY_IN("in", "k", "", "c.d.io"),
     "b.d.io A 192.0.2.1 gateway/in/h\nc.d.io A 192.0.2.1 gateway/in/k\n"},
    {"a class by a filter of annotations", "--source=ingress --annotation-filter=kubernetes.io/ingress.class=nginx", INGRESS("kubernetes.io/ingress.class: nginx", "rules: [{host: a.d.io}]") INGRESS_IN("apps", "j", "", "rules: [{host: b.d.io}]", "{ip: 192.0.2.6}"), "a.d.io A 192.0.2.5 ingress/apps/i\n"},
    {"types of Services", "--source=service --service-type-filter=ClusterIP --service-type-filter=ExternalName", SERVICE(KEY("hostname") ": a.d.io", "type: LoadBalancer", "{ip: 192.0.2.1}") SERVICE_IN("apps", "t", KEY("hostname") ": b.d.io", "type: ExternalName, externalName: x.e.net", "")
     SERVICE_IN("apps", "u", KEY("internal-hostname") ": c.d.io", "clusterIP: 10.0.0.1", ""), "b.d.io CNAME x.e.net service/apps/t\nc.d.io A 10.0.0.1 service/apps/u\n"},
    {"an empty type is every one", "--source=service --service-type-filter=", SERVICE(KEY("hostname") ": a.d.io", "type: LoadBalancer", "{ip: 192.0.2.1}"), "a.d.io A 192.0.2.1 service/apps/s\n"},
};

// docs/rules/dns.md#target-filter
static const struct rule networks[] = {
    {"networks of targets: names are in none", "--target-net-filter=192.0.2.0/24 --target-net-filter=2001:db8::/32", BALANCER("{ip: 192.0.2.1}, {ip: 198.51.100.1}, {ip: '2001:db8::1'}, {ip: '2001:db9::1'}") GATEWAY("", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": x.e.net", "b.d.io"),
     "a.d.io A 192.0.2.1 gateway/in/g\na.d.io AAAA 2001:db8::1 gateway/in/g\nb.d.io CNAME x.e.net gateway/in/h filtered\n"},
    {"networks left out: names stay", "--exclude-target-net=192.0.2.0/31 --exclude-target-net=10.0.0.0/8", BALANCER("{ip: 192.0.2.1}, {ip: 192.0.2.2}") GATEWAY("", "a.d.io") GATEWAY_IN("in", "h", KEY("target") ": x.e.net", "b.d.io") GATEWAY_IN("in", "k", KEY("target") ": 10.9.9.9", "c.d.io"),
     "a.d.io A 192.0.2.2 gateway/in/g\nb.d.io CNAME x.e.net gateway/in/h\nc.d.io A 10.9.9.9 gateway/in/k filtered\n"},
    {"both, and what is no network is passed over", "--target-net-filter=10.0.0.0/8 --exclude-target-net=10.1.0.0/16 --target-net-filter=10.0.0.0 --target-net-filter=x/8 --exclude-target-net=0.0.0.0/33", GATEWAY(KEY("target") ": '10.1.0.1,10.2.0.1,11.0.0.1'", "a.d.io"), "a.d.io A 10.2.0.1 gateway/in/g\n"},
    {"no network at all is no filter", "--target-net-filter=x", LB GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n"},
    {"everything of one family", "--target-net-filter=::/0", BALANCER("{ip: 192.0.2.1}, {ip: '2001:db8::1'}, {ip: '::ffff:192.0.2.2'}") GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g filtered\na.d.io AAAA 2001:db8::1 gateway/in/g\n"},
    {"an odd number of bits", "--target-net-filter=192.0.2.128/25", GATEWAY(KEY("target") ": '192.0.2.127,192.0.2.128'", "a.d.io"), "a.d.io A 192.0.2.128 gateway/in/g\n"},
};

// docs/rules/dns.md#nat64
static const struct rule nat64[] = {
    {"NAT64", "--nat64-networks=64:ff9b::/96", BALANCER("{ip: '64:ff9b::c000:201'}, {ip: '2001:db8::1'}") GATEWAY(KEY("ttl") ": '5'", "a.d.io"), "a.d.io A 192.0.2.1 ttl=5 gateway/in/g\na.d.io AAAA 2001:db8::1,64:ff9b::c000:201 ttl=5 gateway/in/g\n"},
};

// docs/rules/dns.md#fqdn-template
static const struct rule templates[] = {
    {"a template names what has no name", "--fqdn-template={{.Name}}.{{.ObjectMeta.Namespace}}.d.io.,x.d.io", LB GATEWAY("", "'*'") GATEWAY_IN("in", "h", "", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/h\ng.in.d.io A 192.0.2.1 gateway/in/g\nx.d.io A 192.0.2.1 gateway/in/g\n"},
    {"name and namespace in all forms", "--fqdn-template={{.ObjectMeta.Name}}.{{.Namespace}}.io,{{.Name}}.{{.ObjectMeta.Namespace}}.io", LB GATEWAY("", "'*'"), "g.in.io A 192.0.2.1 gateway/in/g\n"},
    {"or adds a name", "--combine-fqdn-annotation --fqdn-template={{.Name}}.d.io --fqdn-template=x.d.io", LB GATEWAY_IN("in", "h", "", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/h\nh.d.io A 192.0.2.1 gateway/in/h\nx.d.io A 192.0.2.1 gateway/in/h\n"},
    {"a name that makes no record is none", "--fqdn-template={{.Name}}.d.io", LB GATEWAY("", "b" LONG63 ".d.io"), "g.d.io A 192.0.2.1 gateway/in/g\n"},
    {"a VirtualService's must be served, its target annotation does not count", "--source=istio-virtualservice --fqdn-template={{.Name}}.d.io", LB GATEWAY("", "'*.d.io'") VS(KEY("target") ": 192.0.2.8", "", "in/g") VS_MORE("apps", "w", "", "hosts: [w.e.io], gateways: [in/g]") VS_MORE("apps", "u", "", "hosts: [a.d.io], gateways: [in/g]"),
     "a.d.io A 192.0.2.1 virtualservice/apps/u\nv.d.io A 192.0.2.1 virtualservice/apps/v\nw.d.io A 192.0.2.1 virtualservice/apps/w\n"},
    {"Services without annotations", "--source=service --fqdn-template={{.Name}}.d.io --ignore-hostname-annotation", SERVICE(KEY("hostname") ": a.d.io", "type: LoadBalancer", "{ip: 192.0.2.1}") SERVICE_IN("apps", "t", KEY("target") ": 192.0.2.8", "clusterIP: 10.0.0.1", ""), "s.d.io A 192.0.2.1 service/apps/s\nt.d.io A 192.0.2.8 service/apps/t\n"},
    {"Ingresses without hosts", "--source=ingress --fqdn-template={{.Name}}.d.io", INGRESS("", "rules: [{http: {}}]") INGRESS_IN("apps", "j", "", "rules: [{host: a.d.io}]", "{ip: 192.0.2.6}"), "a.d.io A 192.0.2.6 ingress/apps/j\ni.d.io A 192.0.2.5 ingress/apps/i\n"},
};

// docs/rules/dns.md#settings-refused
static const struct rule refused[] = {
    {"what is no selector: it does not start", "--label-filter=a=b=c", LB GATEWAY("", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n!\n"},
    {"no such type: it does not start", "--source=service --service-type-filter=loadbalancer", "", "!\n"},
    {"NAT64 of another length: it does not start", "--nat64-networks=64:ff9b::/64", "", "!\n"},
    {"a prefix without a slash: it does not start", "--annotation-prefix=example.org", "", "!\n"},
    {"prefix and suffix: it does not start", "--txt-prefix=a --txt-suffix=b", "", "!\n"},
    {"no owner: it does not start", "--txt-owner-id=", "", "!\n"},
    {"names ignored and no template: it does not start", "--ignore-hostname-annotation", LB GATEWAY(KEY("hostname") ": b.d.io", "a.d.io"), "a.d.io A 192.0.2.1 gateway/in/g\n!\n"},
};

// docs/rules/dns.md#txt-name: the names of the ownership records of one Gateway's hosts, one record a line.
static const struct rule owners[] = {
    {"the type before the first label", "", LB GATEWAY("", "a.b.d.io, '*.d.io', Shop.D.io"), "a-*.d.io\na-Shop.D.io\na-a.b.d.io\n"},
    {"a name of one label", "", LB GATEWAY("", "intranet"), "a-intranet\n"},
    {"other types", "", BALANCER("{ip: '2001:db8::1'}") GATEWAY("", "a.d.io"), "aaaa-a.d.io\n"},
    {"a CNAME", "", BALANCER("{hostname: lb.e.net}") GATEWAY("", "a.d.io"), "cname-a.d.io\n"},
    {"a prefix, in lower case", "--txt-prefix=TXT.", LB GATEWAY("", "a.d.io, '*.d.io'"), "txt.a-*.d.io\ntxt.a-a.d.io\n"},
    {"a prefix that holds the type", "--txt-prefix=%{record_type}-x.%{RECORD_TYPE}-", LB GATEWAY("", "a.d.io"), "a-x.a-a.d.io\n"},
    {"a suffix", "--txt-suffix=-txt", LB GATEWAY("", "a.d.io, intranet"), "a-a-txt.d.io\na-intranet-txt\n"},
    {"a suffix that holds the type", "--txt-suffix=-%{record_type}", LB GATEWAY("", "a.d.io"), "a-a.d.io\n"},
    {"another word for the star, of a whole label alone", "--txt-wildcard-replacement=ANY", LB GATEWAY("", "'*.d.io', '*a.d.io'"), "a-any.d.io\na-*a.d.io\n"},
    {"a prefix and another word", "--txt-wildcard-replacement=any --txt-prefix=p.", LB GATEWAY("", "'*.d.io'"), "p.a-any.d.io\n"},
    {"a label that the type makes too long has none", "", LB GATEWAY("", LONG63 ".d.io"), "\n"},
    {"Route 53: addresses in place of a balancer's name, and what older versions wrote", "--provider=aws", BALANCER("{hostname: a1-2.us-east-1.elb.amazonaws.com}") GATEWAY("", "a.d.io"), "a-a.d.io aaaa-a.d.io cname-a.d.io\n"},
    {"Route 53: the network balancers' names", "--provider=aws", BALANCER("{hostname: a1-2.elb.eu-west-1.amazonaws.com}") GATEWAY("", "a.d.io"), "a-a.d.io aaaa-a.d.io cname-a.d.io\n"},
    {"Route 53: a balancer in China", "--provider=aws", BALANCER("{hostname: a1-2.cn-north-1.elb.amazonaws.com.cn}") GATEWAY("", "a.d.io"), "a-a.d.io aaaa-a.d.io cname-a.d.io\n"},
    {"Route 53: CloudFront", "--provider=aws", BALANCER("{hostname: d111.cloudfront.net}") GATEWAY("", "a.d.io"), "a-a.d.io aaaa-a.d.io cname-a.d.io\n"},
    {"Route 53: Global Accelerator", "--provider=aws", BALANCER("{hostname: a1.awsglobalaccelerator.com}") GATEWAY("", "a.d.io"), "a-a.d.io aaaa-a.d.io cname-a.d.io\n"},
    {"Route 53: other names of Amazon's", "--provider=aws", BALANCER("{hostname: ec2-1.compute.amazonaws.com}") GATEWAY("", "a.d.io"), "cname-a.d.io\n"},
    {"Route 53: another name", "--provider=aws", BALANCER("{hostname: elb.example.net}") GATEWAY("", "a.d.io"), "cname-a.d.io\n"},
    {"Route 53, but its flag says no", "--provider=aws --aws-prefer-cname", BALANCER("{hostname: a1-2.us-east-1.elb.amazonaws.com}") GATEWAY("", "a.d.io"), "cname-a.d.io\n"},
    {"another provider", "--provider=google", BALANCER("{hostname: a1-2.us-east-1.elb.amazonaws.com}") GATEWAY("", "a.d.io"), "cname-a.d.io\n"},
    {"a registry without TXT", "--registry=dynamodb", LB GATEWAY("", "a.d.io"), "\n"},
    {"no registry", "--registry=noop", LB GATEWAY("", "a.d.io"), "\n"},
};

// An external-dns Deployment: its namespace, image, and more of its container.
#define DEPLOYMENT(ns, image, more)                                                                \
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {namespace: " ns ", name: dns}\n"       \
    "spec: {template: {spec: {containers: [{name: proxy, image: envoy}, {name: external-dns, image: '" image "', " more "}]}}}\n"
// clang-format on

static char *owners_text(const struct desired_records *r)
{
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < r->n; i++) {
        for (uint32_t k = 0; k < r->at[i].owner_names.n; k++) {
            buf_addf(&b, "%s%s", k > 0 ? " " : "", r->at[i].owner_names.at[k]);
        }
        buf_adds(&b, "\n");
    }
    return buf_take(&b);
}

// Before v0.18 the plain name owned a record as well.
static void test_old_names(void **state)
{
    (void)state;
    struct world w;
    struct dns_settings s;
    struct desired_records r;
    world_open(&w,
               LB GATEWAY("", "a.d.io, '*.d.io', Intranet")
                   DEPLOYMENT("a", "external-dns:v0.17.0",
                              "args: [--txt-prefix=P-, "
                              "--txt-wildcard-replacement=any]"),
               0);
    dns_settings_for(&w.mesh, NULL, &s);
    desired_records_find(&w.mesh, &s, &r);
    char *got = owners_text(&r);
    assert_string_equal(got,
                        "p-a-any.d.io p-any.d.io\np-a-Intranet p-intranet\np-a-a.d.io p-a.d.io\n");
    free(got);
    world_close(&w);
}

static void read_args(struct arena *a, struct dns_settings *s, const char *args)
{
    char *copy = arena_strdup(a, args), *save = NULL;
    dns_settings_default(s);
    for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        assert_int_equal(dns_settings_arg(a, s, w, NULL), 1);
    }
    dns_settings_finish(s);
    if (s->unknown.n != 0) {
        fail_msg("%s: %s is not honoured", args, s->unknown.at[0]);
    }
}

static char *records_text(const struct desired_records *r)
{
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "");
    for (uint32_t i = 0; i < r->n; i++) {
        const struct dns_record *x = &r->at[i];
        buf_addf(&b, "%s %s ", x->host, x->type);
        for (uint32_t k = 0; k < x->targets.n; k++) {
            buf_addf(&b, "%s%s", k > 0 ? "," : "", x->targets.at[k]);
        }
        if (x->ttl != 0) {
            buf_addf(&b, " ttl=%" PRId64, x->ttl);
        }
        if (x->set_identifier != NULL) {
            buf_addf(&b, " id=%s", x->set_identifier);
        }
        for (uint32_t k = 0; k < x->sources.n; k++) {
            buf_addf(&b, "%s%s", k > 0 ? "+" : " ", x->sources.at[k]);
        }
        buf_adds(&b, x->state == DNS_FILTERED ? " filtered\n" : "\n");
    }
    buf_adds(&b, r->stopped != NULL ? "!\n" : "");
    return buf_take(&b);
}

static void hold(const struct rule *rule, size_t n, char *(*text)(const struct desired_records *r))
{
    int bad = 0;
    for (const struct rule *x = rule; x < rule + n; x++) {
        struct world w;
        struct dns_settings s;
        struct desired_records r;
        world_open(&w, x->yaml, 0);
        read_args(&w.arena, &s, x->args);
        desired_records_find(&w.mesh, &s, &r);
        char *got = text(&r);
        if (strcmp(got, x->records) != 0) {
            printf("%s: got\n%sexpected\n%s", x->what, got, x->records);
            bad++;
        }
        free(got);
        world_close(&w);
    }
    assert_int_equal(bad, 0);
}

#define HOLD(table) hold(table, sizeof(table) / sizeof *(table), records_text)

static void test_gateway_hosts(void **state)
{
    (void)state;
    HOLD(gateway_hosts);
}

static void test_names(void **state)
{
    (void)state;
    HOLD(names);
}

static void test_gateway_targets(void **state)
{
    (void)state;
    HOLD(gateway_targets);
}

static void test_record_types(void **state)
{
    (void)state;
    HOLD(record_types);
}

static void test_source_errors(void **state)
{
    (void)state;
    HOLD(source_errors);
}

static void test_annotations(void **state)
{
    (void)state;
    HOLD(annotations);
}

static void test_prefixes(void **state)
{
    (void)state;
    HOLD(prefixes);
}

static void test_virtualservices(void **state)
{
    (void)state;
    HOLD(virtualservices);
}

static void test_services(void **state)
{
    (void)state;
    HOLD(services);
}

static void test_node_ports(void **state)
{
    (void)state;
    HOLD(node_ports);
}

static void test_ingresses(void **state)
{
    (void)state;
    HOLD(ingresses);
}

static void test_merging(void **state)
{
    (void)state;
    HOLD(merging);
}

static void test_sources(void **state)
{
    (void)state;
    HOLD(sources);
}

static void test_default_targets(void **state)
{
    (void)state;
    HOLD(default_targets);
}

static void test_min_ttl(void **state)
{
    (void)state;
    HOLD(min_ttl);
}

static void test_managed_types(void **state)
{
    (void)state;
    HOLD(managed_types);
}

static void test_domains(void **state)
{
    (void)state;
    HOLD(domains);
}

static void test_object_filters(void **state)
{
    (void)state;
    HOLD(object_filters);
}

static void test_networks(void **state)
{
    (void)state;
    HOLD(networks);
}

static void test_nat64(void **state)
{
    (void)state;
    HOLD(nat64);
}

static void test_templates(void **state)
{
    (void)state;
    HOLD(templates);
}

static void test_refused(void **state)
{
    (void)state;
    HOLD(refused);
}

static void test_owners(void **state)
{
    (void)state;
    hold(owners, sizeof owners / sizeof *owners, owners_text);
}

// The record that answers for a host is its own, else that of the nearest wildcard above it
// (docs/rules/dns.md#dns-answering-record).
static void test_answering_record(void **state)
{
    (void)state;
    static const struct {
        const char *host, *hosts, *name; // hosts of the Gateway; whose record answers, "": none
    } rows[] = {
        {"a.b.c.d.io", "a.b.c.d.io, '*.b.c.d.io'", "a.b.c.d.io"},
        {"a.b.c.d.io", "'*.b.c.d.io', '*.c.d.io'", "*.b.c.d.io"},
        {"a.b.c.d.io", "'*.c.d.io', '*.d.io'", "*.c.d.io"},
        {"a.b.c.d.io", "'*.d.io', x.b.c.d.io", "*.d.io"},
        {"a.b.c.d.io", "'*.x.d.io', b.c.d.io", ""},
        {"*.c.d.io", "'*.c.d.io', '*.d.io'", "*.c.d.io"},
        {"*.c.d.io", "'*.d.io'", ""}, // a wildcard is answered by itself alone
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        struct dns_settings s;
        struct desired_records r;
        char *yaml = xasprintf(LB GATEWAY("", "%s"), rows[i].hosts);
        world_open(&w, yaml, 0);
        dns_settings_default(&s);
        const char *name = desired_records_answering(&w.mesh, &s, rows[i].host, NULL, NULL, &r);
        assert_int_equal(r.n, rows[i].name[0] != '\0');
        if (r.n > 0) {
            assert_string_equal(name, rows[i].name);
            assert_string_equal(r.at[0].host, rows[i].name);
        }
        world_close(&w);
        free(yaml);
    }
}

// The loser's reason says what gatetop does not know: which record exists already
// (docs/rules/dns.md#conflict-resolution).
static void test_losers(void **state)
{
    (void)state;
    struct world w;
    struct dns_settings s;
    struct desired_records r;
    world_open(&w,
               LB GATEWAY(KEY("ttl") ": '5'", "a.d.io")
                   GATEWAY_IN("in", "h", KEY("target") ": '192.0.2.9,x.e.net'", "a.d.io"),
               0);
    dns_settings_default(&s);
    desired_records_find(&w.mesh, &s, &r);
    assert_int_equal(r.n, 3);
    assert_string_equal(r.at[0].source, "gateway/in/g");
    assert_int_equal(r.at[0].state, DNS_UNKNOWN);
    assert_null(r.at[0].rival);
    assert_int_equal(r.at[1].state, DNS_FILTERED);
    assert_string_equal(r.at[1].rival, "gateway/in/g");
    assert_string_equal(r.at[1].reason,
                        "not made: the A record that gateway/in/g wants for the name "
                        "goes first, unless this one is already there");
    assert_int_equal(r.at[2].state, DNS_FILTERED);
    assert_string_equal(r.at[2].reason,
                        "not made: gateway/in/g wants addresses for the name, which go first");
    world_close(&w);
}

// --- random worlds

// A Gateway or VirtualService whose names, addresses and TTLs meet those of others.
static char *random_object(int i)
{
    // Those of a VirtualService first: Istio lets none of them begin with a namespace.
    static const char *const hosts[] = {"a.d.io",     "b.d.io",       "'*.d.io'", "A.d.io",
                                        "a.x.d.io",   "'*'",          "x/a.d.io", "'*/b.d.io'",
                                        "'./b.d.io'", "'apps/*.d.io'"};
    static const char *const notes[] = {"",
                                        KEY("ttl") ": '60'",
                                        KEY("target") ": '192.0.2.9'",
                                        KEY("target") ": 'lb.e.net'",
                                        KEY("set-identifier") ": one",
                                        KEY("controller") ": other"};
    static const char *const spaces[] = {"in", "apps"};
    const char *space = PICK(spaces), *note = PICK(notes);
    bool gateway = pick(2) == 0;
    const char *host = hosts[pick(gateway ? 10 : 6)];
    const char *other = hosts[pick(gateway ? 10 : 6)];
    if (gateway) {
        return xasprintf(
            "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {namespace: %s, "
            "name: g%d, annotations: {%s}}\nspec: {selector: {%s}, servers: [{port: {number: 80, "
            "name: h, protocol: HTTP}, hosts: [%s, %s]}]}\n",
            space, i, note, pick(4) == 0 ? "" : "istio: i", host, other);
    }
    return xasprintf("---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: "
                     "{namespace: %s, name: v%d, annotations: {%s}}\nspec: {hosts: [%s, %s], "
                     "gateways: [in/g%u, g%u, mesh]}\n",
                     space, i, note, host, other, pick(6), pick(6));
}

// The rows of one name (in any case) among all.
static struct desired_records of_name(struct arena *a, const struct desired_records *all,
                                      const char *host)
{
    struct dns_record *at = arena_alloc(a, ((size_t)all->n + 1) * sizeof *at);
    struct desired_records out = {.at = at};
    for (uint32_t i = 0; i < all->n; i++) {
        if (str_casecmp(all->at[i].host, host) == 0) {
            at[out.n++] = all->at[i];
        }
    }
    return out;
}

enum { OBJECTS = 6 };

static char *world_text(char *const objects[OBJECTS], bool backwards)
{
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, LB);
    for (int i = 0; i < OBJECTS; i++) {
        buf_adds(&b, objects[backwards ? OBJECTS - 1 - i : i]);
    }
    return buf_take(&b);
}

static void add_name(void *self, enum probe_kind k, const char *name)
{
    struct str_set *to = self;
    const char *text = arena_printf(to->seen.arena, "%s %s", probe_kind_name(k), name);
    str_set_add(to, text);
}

static void add_names(const struct desired_records *r, struct str_set *to)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->at[i].state != DNS_FILTERED) {
            dns_record_queries(&r->at[i], add_name, to);
        }
    }
}

// One by one, the objects cause every question to DNS that they cause together.
static void check_objects_alone(struct world *w, const struct dns_settings *s,
                                const struct desired_records *all)
{
    struct str_set together, alone;
    str_set_init(&together, &w->arena);
    str_set_init(&alone, &w->arena);
    add_names(all, &together);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        struct pmap_iter it;
        const struct object *o;
        for (pmap_begin(&it, &w->snap->objects[k]); (o = pmap_next(&it)) != NULL;) {
            struct desired_records one;
            desired_records_of_object(&w->mesh, s, o, &one);
            assert_true(one.n == 0 || (desired_records_kinds(s) & KIND_BIT(k)) != 0);
            add_names(&one, &alone);
        }
    }
    const struct str_list list = {alone.array.at, alone.array.n};
    for (uint32_t i = 0; i < together.array.n; i++) {
        if (!str_list_has(&list, together.array.at[i])) {
            fail_msg("no object alone asks for %s", together.array.at[i]);
        }
    }
}

// Whatever the objects: their order does not matter, no name and type is made twice, and the records of one
// host asked alone are those among all.
static void test_random_worlds(void **state)
{
    (void)state;
    uint32_t seen = 0;
    for (int round = 0; round < 3000; round++) {
        char *objects[OBJECTS], *text[2], *got[2];
        for (int i = 0; i < OBJECTS; i++) {
            objects[i] = random_object(i);
        }
        for (int way = 0; way < 2; way++) {
            struct world w;
            struct dns_settings s;
            struct desired_records all;
            text[way] = world_text(objects, way == 1);
            world_open(&w, text[way], 0);
            dns_settings_default(&s);
            desired_records_find(&w.mesh, &s, &all);
            got[way] = records_text(&all);
            seen += all.n;
            check_objects_alone(&w, &s, &all);
            for (uint32_t i = 0; i < all.n; i++) {
                const struct dns_record *r = &all.at[i];
                struct desired_records some = of_name(&w.arena, &all, r->host), alone;
                for (uint32_t k = 0; k < some.n; k++) {
                    const struct dns_record *x = &some.at[k];
                    if (x != r && x->state != DNS_FILTERED && all.at[i].state != DNS_FILTERED &&
                        x->targets.at != r->targets.at && strcmp(x->type, r->type) == 0 &&
                        str_eq(x->set_identifier, r->set_identifier)) {
                        printf("%s\n", text[way]);
                        fail_msg("%s is made twice:\n%s", r->host, got[way]);
                    }
                }
                desired_records_of_host(&w.mesh, &s, r->host, NULL, NULL, &alone);
                char *one = records_text(&alone), *other = records_text(&some);
                if (strcmp(one, other) != 0) {
                    printf("%s\n", text[way]);
                    fail_msg("of %s alone:\n%samong all:\n%s", r->host, one, other);
                }
                free(one);
                free(other);
            }
            world_close(&w);
        }
        if (strcmp(got[0], got[1]) != 0) {
            printf("%s\n", text[0]);
            fail_msg("gives\n%sbackwards\n%s", got[0], got[1]);
        }
        for (int i = 0; i < OBJECTS; i++) {
            free(objects[i]);
        }
        for (int way = 0; way < 2; way++) {
            free(text[way]);
            free(got[way]);
        }
    }
    assert_true(seen > 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gateway_hosts),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_gateway_targets),  cmocka_unit_test(test_record_types),
        cmocka_unit_test(test_source_errors),    cmocka_unit_test(test_annotations),
        cmocka_unit_test(test_prefixes),         cmocka_unit_test(test_virtualservices),
        cmocka_unit_test(test_services),         cmocka_unit_test(test_node_ports),
        cmocka_unit_test(test_ingresses),        cmocka_unit_test(test_merging),
        cmocka_unit_test(test_sources),          cmocka_unit_test(test_default_targets),
        cmocka_unit_test(test_min_ttl),          cmocka_unit_test(test_managed_types),
        cmocka_unit_test(test_domains),          cmocka_unit_test(test_object_filters),
        cmocka_unit_test(test_networks),         cmocka_unit_test(test_nat64),
        cmocka_unit_test(test_templates),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_owners),           cmocka_unit_test(test_old_names),
        cmocka_unit_test(test_answering_record), cmocka_unit_test(test_losers),
        cmocka_unit_test(test_random_worlds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
