// SPDX-License-Identifier: Apache-2.0
// `check` on small inputs: the codes of istioctl from docs/rules/istio.md#ist0002 on, the rules of validation
// from docs/rules/istio.md#validate-delegate on, gatetop's own codes.
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/mesh/check/check.h"
#include "kube/mesh/check/finding_codes.h"

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

#define NOW "2026-11-25T00:00:00Z"

// Pods, Services and a namespace that every case stands on.
static const char base[] =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: gw-0, namespace: istio-system, labels: {istio: i, "
    "type: x}}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: gw, namespace: istio-system}\n"
    "spec: {selector: {istio: i}, ports: [{name: http, port: 80}, {name: https, port: 443}, {name: "
    "http-a, port: 8080}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: apps}\n"
    "spec: {selector: {app: cart}, ports: [{name: http, port: 80}, {name: http-b, port: 443}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: apps}\n"
    "spec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: mono, namespace: apps}\n"
    "spec: {selector: {app: mono}, ports: [{name: http, port: 80}]}\n";

#define GW(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: " name             \
    ", namespace: apps}\nspec: " spec "\n"
#define VS(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: " name      \
    ", namespace: apps}\nspec: " spec "\n"
#define DR(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: " name     \
    ", namespace: apps}\nspec: " spec "\n"
#define SE(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: " name        \
    ", namespace: apps}\nspec: " spec "\n"
#define SERVER(hosts)                                                                              \
    "{selector: {istio: i}, servers: [{hosts: [" hosts                                             \
    "], port: {number: 80, name: http, protocol: HTTP}}]}"
#define EDGE GW("edge", SERVER("'*.a.io', a.io"))
#define TO(host) "route: [{destination: {host: " host "}}]"
#define ROUTES(http) "{hosts: [x.a.io], gateways: [edge], http: [" http "]}"

// The findings of base and `yaml` as "CODE Kind ns/name path" lines, sorted as check sorts them; Namespace
// injection is left out.
static char *findings_of(const char *yaml, bool messages)
{
    struct buf all, out;
    buf_init(&all, 0);
    buf_init(&out, 0);
    buf_adds(&all, base);
    buf_adds(&all, yaml);
    struct world w;
    world_open(&w, all.data, time_parse(NOW));
    struct findings f = {NULL, 0, 0};
    check_run(&w.mesh, NULL, &f);
    for (uint32_t i = 0; i < f.n; i++) {
        const struct finding *x = &f.at[i];
        assert_non_null(finding_code_find(x->code));
        assert_true(text_is_clean(x->message, strlen(x->message)));
        buf_addf(&out, "%s %s %s", x->code,
                 x->object != NULL ? object_title(&w.arena, x->object) : "-",
                 x->path != NULL ? x->path : "-");
        if (messages) {
            buf_addf(&out, " | %s | %s", x->message, x->hint != NULL ? x->hint : "-");
        }
        buf_addc(&out, '\n');
    }
    world_close(&w);
    buf_release(&all);
    return buf_take(&out);
}

struct sample {
    const char *yaml;
    const char *want;     // lines, each must be there
    const char *unwanted; // texts that must not be, separated by ';'
};

static void check_samples(const struct sample *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *got = findings_of(t[i].yaml, false);
        char *copy = xstrdup(t[i].want), *save = NULL;
        for (char *line = strtok_r(copy, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save)) {
            char *whole = xasprintf("%s\n", line);
            if (strstr(got, whole) == NULL) {
                fail_msg("missing: %s\nin:\n%s\nof: %s", line, got, t[i].yaml);
            }
            free(whole);
        }
        free(copy);
        copy = xstrdup(str_or_empty(t[i].unwanted));
        for (char *code = strtok_r(copy, ";", &save); code != NULL;
             code = strtok_r(NULL, ";", &save)) {
            if (strstr(got, code) != NULL) {
                fail_msg("unwanted: %s\nin:\n%s\nof: %s", code, got, t[i].yaml);
            }
        }
        free(copy);
        free(got);
    }
}

static void a_clean_world_has_no_finding(void **state)
{
    (void)state;
    char *got = findings_of(
        EDGE VS("v", ROUTES("{match: [{uri: {exact: /x}}, {uri: {prefix: /y/}}], " TO(
                         "web") "}, {" TO("mono") "}"))
            DR("d",
               "{host: web, subsets: [{name: v1}], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}")
                SE("s", "{hosts: [api.io], ports: [{number: 443, name: https, protocol: HTTPS}], "
                        "resolution: DNS}"),
        true);
    assert_string_equal(got, "");
    free(got);
}

static void references(void **state)
{
    (void)state;
    static const struct sample t[] = {
        {VS("v", "{hosts: [a.io], gateways: [none], http: [{" TO("web") "}]}"),
         "IST0101 VirtualService apps/v spec.gateways[0]\nIST0132 VirtualService apps/v "
         "spec.gateways[0]",
         "0106"},
        {GW("edge", SERVER("other/a.io"))
             VS("v", "{hosts: [a.io], gateways: [edge], http: [{" TO("web") "}]}"),
         "IST0132 VirtualService apps/v spec.gateways[0]", "0101"},
        {EDGE VS("v", "{hosts: [x.a.io, b.io], gateways: [edge], http: [{" TO("web") "}]}"), "",
         "IST"},
        {GW("g", "{selector: {istio: ingres}, servers: [{hosts: [a.io], tls: {mode: SIMPLE, "
                 "credentialName: c}, "
                 "port: {number: 443, name: s, protocol: HTTPS}}]}"),
         "IST0101 Gateway apps/g spec.selector", "credentialName;0162"},
        {EDGE VS("v", ROUTES("{" TO("cart") "}")),
         "IST0112 VirtualService apps/v spec.http[0].route[0].destination", "0101"},
        {EDGE VS("v", ROUTES("{route: [{destination: {host: cart, port: {number: 81}}}]}")),
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.port.number", "0112"},
        {EDGE VS("v", ROUTES("{route: [{destination: {host: web, subset: v9}}]}"))
             DR("d", "{host: web, subsets: [{name: v1}]}"),
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.subset", "0174"},
        {EDGE VS("v", ROUTES("{" TO("web") ", mirror: {host: ghost, subset: v1}}")),
         "IST0101 VirtualService apps/v spec.http[0].mirror.host\nIST0101 VirtualService apps/v "
         "spec.http[0].mirror.subset",
         NULL},
        {EDGE VS("v", ROUTES("{" TO("web.apps") "}")),
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host", NULL},
        {DR("d", "{host: nowhere}"), "IST0174 DestinationRule apps/d spec.host", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: SIMPLE}, portLevelSettings: [{port: "
                 "{number: 80}, tls: {mode: SIMPLE}}]}}"),
         "IST0128 DestinationRule apps/d spec.trafficPolicy.tls\n"
         "IST0129 DestinationRule apps/d spec.trafficPolicy.portLevelSettings",
         "0106"},
        {VS("a", "{hosts: [web], http: [{" TO("web") "}]}")
             VS("b", "{hosts: [web.apps.svc.cluster.local], http: [{" TO("web") "}]}"),
         "IST0109 VirtualService apps/a spec.hosts\nIST0109 VirtualService apps/b spec.hosts",
         NULL},
        {VS("a", "{hosts: [web, web.apps.svc.cluster.local], http: [{" TO("web") "}]}"), "",
         "0109"},
        {SE("a", "{hosts: [x.io], ports: [{number: 1, name: a}]}")
             SE("b", "{hosts: [x.io], ports: [{number: 1, name: a, protocol: HTTP}]}"),
         "IST0134 ServiceEntry apps/a spec.ports[0]\nIST0177 ServiceEntry apps/a "
         "spec.ports\nIST0177 ServiceEntry apps/b spec.ports",
         NULL},
        {VS("v", "{hosts: [a.io], gateways: ['x/g~istio-autogenerated-k8s-gateway~h'], http: [{" TO(
                     "web") "}]}"),
         "IST0165 VirtualService apps/v spec.gateways[0]", "IST0101;IST0132"},
        {EDGE VS("a", ROUTES("{" TO("web") "}"))
             VS("b", "{hosts: [web], http: [{route: [{destination: {host: web, subset: v1}}]}]}")
                 DR("d", "{host: web, subsets: [{name: v1, labels: {type: x}}]}"),
         "IST0140 VirtualService apps/b -", "IST0140 VirtualService apps/a"},
        {DR("d", "{host: web, subsets: [{name: v1, labels: {type: y}}, {name: v2, labels: "
                 "{topology.kubernetes.io/zone: a}}, {name: v3, labels: {type: x}}]}"),
         "IST0173 DestinationRule apps/d spec.subsets[0].labels", "subsets[1];subsets[2]"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

static void gateways(void **state)
{
    (void)state;
#define TLS_SERVER(hosts, name, tls)                                                               \
    "{hosts: [" hosts "], port: {number: 443, name: " name ", protocol: HTTPS}, tls: {" tls "}}"
#define CLAIM                                                                                      \
    "{match: [{headers: {'@request.auth.claims.a': {exact: b}}}], " TO("web") "}, {" TO("web") "}"
    static const struct sample t[] = {
        {GW("a", SERVER("a.io")) GW("b", SERVER("a.io")),
         "IST0145 Gateway apps/a spec.servers[0].hosts\nIST0145 Gateway apps/b "
         "spec.servers[0].hosts",
         NULL},
        {GW("a", SERVER("'*'")) GW("b", SERVER("a.io")), "", "0145"},
        {GW("a", "{selector: {istio: i}, servers: [" TLS_SERVER(
                     "a.io", "s", "mode: SIMPLE, credentialName: c") "]}")
             GW("b", "{selector: {istio: i, type: x}, servers: [" TLS_SERVER(
                         "b.io", "s", "mode: SIMPLE, credentialName: c") "]}"),
         "IST0138 Gateway apps/a -\nIST0101 Gateway apps/a spec.servers[0].tls.credentialName",
         "IST0138 Gateway apps/b"},
        {GW("a",
            "{selector: {istio: i}, servers: [" TLS_SERVER("a.io", "s", "credentialName: c") "]}"),
         "IST0133 Gateway apps/a spec.servers[0].tls\nGT0106 Gateway apps/a spec.servers[0].tls",
         "0106 Gateway apps/a spec.servers[0].port"},
        {GW("a", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9999, name: h, "
                 "protocol: HTTP}}]}"),
         "IST0162 Gateway apps/a spec.servers[0].port.number", NULL},
        {GW("a", "{selector: {istio: i}, servers: [" TLS_SERVER(
                     "a.io", "s",
                     "mode: SIMPLE, credentialName: c") ", " TLS_SERVER("b.io", "t",
                                                                        "mode: SIMPLE, "
                                                                        "credentialName: c") "]}"),
         "GT0107 Gateway apps/a spec.servers[1].tls.credentialName", "0138"},
        {GW("a",
            "{selector: {istio: i}, servers: [" TLS_SERVER(
                "a.io", "s",
                "mode: SIMPLE, credentialName: c") "]}") "---\napiVersion: v1\nkind: "
                                                         "Secret\nmetadata: {name: c, namespace: "
                                                         "apps}\ntype: kubernetes.io/tls\n",
         "GT0105 Gateway apps/a spec.servers[0].tls.credentialName\nIST0101 Gateway apps/a "
         "spec.servers[0].tls.credentialName",
         NULL},
        {GW("a", "{selector: {istio: i}, servers: [" TLS_SERVER(
                     "a.io", "s",
                     "mode: SIMPLE, credentialName: c") "]}") "---\napiVersion: v1\nkind: "
                                                              "Secret\nmetadata: {name: c, "
                                                              "namespace: istio-system}\ntype: "
                                                              "kubernetes.io/tls\ndata: {ca.crt: "
                                                              "QQ==}\n",
         "IST0161 Gateway apps/a spec.servers[0].tls.credentialName", "IST0101"},
        {GW("a",
            "{selector: {istio: i}, servers: [" TLS_SERVER(
                "a.io", "s",
                "mode: SIMPLE, credentialName: c") "]}") "---\napiVersion: v1\nkind: "
                                                         "Secret\nmetadata: {name: c, namespace: "
                                                         "istio-system}\ntype: kubernetes.io/tls\n"
                                                         "data: {tls.crt: QQ==, tls.key: QQ==}\n",
         "IST0161 Gateway apps/a spec.servers[0].tls.credentialName", NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [" TLS_SERVER(
                "'*.a.io'", "s",
                "mode: SIMPLE, credentialName: c") "]}") "---\napiVersion: "
                                                         "cert-manager.io/v1\nkind: "
                                                         "Certificate\nmetadata: {name: c, "
                                                         "namespace: istio-system}\n"
                                                         "spec: {secretName: c, dnsNames: "
                                                         "['*.a.io'], issuerRef: {name: x}}\n" VS(
                                                             "v", "{hosts: [x.y.a.io, z.a.io], "
                                                                  "gateways: [a], http: [{" TO(
                                                                      "web") "}]}"),
         "GT0103 VirtualService apps/v spec.hosts[0]", "spec.hosts[1];IST0101"},
        {GW("a", "{selector: {istio: i}, servers: [{hosts: ['*/*', ./a.io], port: {number: 80, "
                 "name: h, protocol: HTTP}}]}"),
         "GT0111 Gateway apps/a spec.servers[0].hosts[1]", NULL},
        {GW("a", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: h, "
                 "protocol: HTTP}}, "
                 "{hosts: [b.io], port: {number: 80, name: t, protocol: TCP}}]}"),
         "GT0112 Gateway apps/a spec.servers[1]", NULL},
        {GW("a", "{selector: {istio: i}, servers: [" TLS_SERVER(
                     "a.io", "s", "mode: SIMPLE, credentialName: 'builtin://'") "]}"),
         "", "IST0101;GT0105"},
        {EDGE VS("v", ROUTES(CLAIM)), "IST0149 VirtualService apps/v spec.http[0].match[0].headers",
         NULL},
        {EDGE VS("v", ROUTES(CLAIM)) "\n---\napiVersion: security.istio.io/v1\nkind: "
                                     "RequestAuthentication\nmetadata: {name: r, namespace: "
                                     "istio-system}\nspec: {selector: {matchLabels: {istio: i}}}\n",
         "", "IST0149"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

static void rules(void **state)
{
    (void)state;
    static const struct sample t[] = {
        {EDGE VS("v", ROUTES("{" TO("web") "}, {match: [{uri: {exact: /x}}], " TO("web") "}, {" TO(
                          "mono") "}")),
         "IST0130 VirtualService apps/v spec.http[1]\nIST0130 VirtualService apps/v spec.http[2]\n"
         "GT0101 VirtualService apps/v spec.http[1].match[0]\nGT0101 VirtualService apps/v "
         "spec.http[2]",
         "0131"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /}}], " TO("web") "}, {match: [{uri: {exact: /x}}], " TO(
                     "web") "}, "
                            "{match: [{uri: {prefix: /y}}], " TO(
                                "web") "}, {match: [{uri: {prefix: /z}, method: {exact: "
                                       "POST}}], " TO("web") "}")),
         "IST0131 VirtualService apps/v spec.http[2].match[0].uri.prefix",
         "IST0130;spec.http[1].match[0].uri;spec.http[3].match[0].uri"},
        {EDGE VS("v", ROUTES("{name: one, match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}], " TO(
                          "web") "}, "
                                 "{match: [{name: m, uri: {prefix: /a}}], " TO("web") "}")),
         "IST0131 VirtualService apps/v spec.http[1].match[0]\nIST0130 VirtualService apps/v "
         "spec.http[1]",
         NULL},
        // what the analyzer does not see
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /a}}], " TO(
                          "web") "}, {match: [{uri: {prefix: /a}, headers: {h: {exact: "
                                 "x}}}], " TO("mono") "}")),
         "GT0101 VirtualService apps/v spec.http[1].match[0]", "IST013"},
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /a, }}], " TO(
                          "web") "}, {match: [{uri: {exact: /a/b}}], " TO("mono") "}")),
         "GT0101 VirtualService apps/v spec.http[1].match[0]", "IST013"},
        // and what it sees wrongly: different values of a header exclude each other
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /a}, headers: {x: {exact: '12'}}}], " TO(
                          "web") "}, "
                                 "{match: [{uri: {prefix: /ab}, headers: {x: {exact: '1'}}}], " TO(
                                     "mono") "}")),
         "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", "GT0101"},
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /foo}}], " TO(
                          "web") "}, {match: [{uri: {prefix: /foobar}}], " TO("mono") "}")),
         "GT0102 VirtualService apps/v spec.http[0].match[0]", NULL},
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /foo}}], " TO(
                          "web") "}, {match: [{uri: {prefix: /foo/bar}}], " TO("mono") "}")),
         "", "GT0102"},
        {EDGE VS("a", ROUTES("{match: [{uri: {prefix: /a}}], " TO("web") "}"))
             VS("b", ROUTES("{match: [{uri: {prefix: /b}}], " TO("web") "}")),
         "GT0109 VirtualService apps/b spec.hosts", "GT0109 VirtualService apps/a"},
        {EDGE VS("a", ROUTES("{" TO("web") "}")) VS("b", ROUTES("{" TO("mono") "}")),
         "GT0101 VirtualService apps/b spec.http[0]", NULL},
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /old}}], redirect: {uri: /old/}}")),
         "GT0104 VirtualService apps/v spec.http[0].match[0]", NULL},
        {EDGE VS("v", ROUTES("{match: [{uri: {exact: /a}}], redirect: {uri: /b}}, {match: [{uri: "
                             "{exact: /b}}], redirect: {uri: /a}}")),
         "GT0104 VirtualService apps/v spec.http[0].match[0]\nGT0104 VirtualService apps/v "
         "spec.http[1].match[0]",
         NULL},
        {EDGE VS("v",
                 ROUTES("{match: [{uri: {exact: /a}}], redirect: {uri: /b}}, {" TO("web") "}")),
         "", "GT0104"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 304}}")),
         "GT0110 VirtualService apps/v spec.http[0].redirect.redirectCode", "IST0106"},
        {EDGE VS("v",
                 "{hosts: [x.a.io], gateways: [edge], exportTo: ['.'], http: [{" TO("web") "}]}"),
         "GT0113 VirtualService apps/v spec.exportTo", NULL},
        {EDGE VS("v", ROUTES("{delegate: {name: none}}, {" TO("web") "}")),
         "GT0114 VirtualService apps/v spec.http[0].delegate", NULL},
        {EDGE VS("v",
                 ROUTES("{" TO("web") "}")) "---\napiVersion: discovery.k8s.io/v1\nkind: "
                                            "EndpointSlice\nmetadata: {name: e, namespace: apps, "
                                            "labels: {kubernetes.io/service-name: web}}\n"
                                            "addressType: IPv4\nendpoints: [{addresses: [1.1.1.1], "
                                            "conditions: {ready: false}}]\n",
         "GT0108 VirtualService apps/v spec.http[0].route[0].destination.host", NULL},
        {EDGE VS("v", ROUTES("{" TO("web") ", fault: {delay: {percent: 5, fixedDelay: 5s}}}")),
         "IST0002 VirtualService apps/v spec.http[0].fault.delay.percent", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// Each breaks one rule of validation, or just does not.
static void validation(void **state)
{
    (void)state;
#define ONE(http) EDGE VS("v", ROUTES(http))
#define BAD_VS "IST0106 VirtualService apps/v "
#define PLAIN(server) "{selector: {istio: i}, servers: [{hosts: [a.io], " server "}]}"
#define HTTPS_PORT "port: {number: 443, name: s, protocol: HTTPS}"
    static const struct sample t[] = {
        {VS("v", "{gateways: [edge], http: [{" TO("web") "}]}") EDGE, BAD_VS "spec.gateways", NULL},
        {EDGE VS("v", "{hosts: ['*.a.io', b.a.io], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[1]", NULL},
        {VS("v", "{hosts: ['*'], http: [{" TO("web") "}]}"), BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: [a_b.a.io], gateways: [edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.hosts[0]", NULL},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [./edge], http: [{" TO("web") "}]}"),
         BAD_VS "spec.gateways[0]", NULL},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge, bad_name/x], http: [{" TO("web") "}]}"),
         "IST0101 VirtualService apps/v spec.gateways[1]", "IST0106"},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge.apps.svc.cluster.local], http: [{" TO(
                          "web") "}]}"),
         "IST0133 VirtualService apps/v spec.gateways[0]\nIST0101 VirtualService apps/v "
         "spec.gateways[0]",
         "IST0106"},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge]}"), BAD_VS "spec", NULL},
        {ONE("{match: [{uri: {exact: /x}}]}"), BAD_VS "spec.http[0]", NULL},
        {ONE("{redirect: {uri: /x}, " TO("web") "}"), BAD_VS "spec.http[0].route", NULL},
        {ONE("null, {" TO("web") "}"), BAD_VS "spec.http[0]", NULL},
        {ONE("{match: [{headers: {x: {regex: '*'}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"x\"]", NULL},
        {ONE("{match: [{withoutHeaders: {x: {regex: '*'}}}], " TO("web") "}"), "", "IST0106"},
        {ONE("{match: [{headers: {x: {prefix: ''}}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].headers[\"x\"]", NULL},
        {ONE("{match: [{uri: {prefix: ''}}], " TO("web") "}"), "", "IST0106"},
        {ONE("{match: [{port: 70000}], " TO("web") "}"), BAD_VS "spec.http[0].match[0].port", NULL},
        {ONE("{route: [{destination: {host: web}}, {destination: {host: mono}}]}"),
         BAD_VS "spec.http[0].route", NULL},
        {ONE("{route: [{destination: {host: web}, weight: 50}, {destination: {host: mono}, weight: "
             "20}]}"),
         "", "IST0106"},
        {ONE("{route: [{destination: {host: web, port: {number: 0}}}]}"),
         BAD_VS "spec.http[0].route[0].destination.port.number", NULL},
        {ONE("{route: [{weight: 1}]}"), BAD_VS "spec.http[0].route[0]", NULL},
        {ONE("{redirect: {redirectCode: 200, uri: /}}"),
         BAD_VS "spec.http[0].redirect.redirectCode", NULL},
        {ONE("{redirect: {}}"), BAD_VS "spec.http[0].redirect", NULL},
        {ONE("{directResponse: {status: 20}}"), BAD_VS "spec.http[0].directResponse.status", NULL},
        {ONE("{" TO("web") ", rewrite: {uri: /a, uriRegexRewrite: {match: a, rewrite: b}}}"),
         BAD_VS "spec.http[0].rewrite", NULL},
        {ONE("{" TO(
             "web") ", rewrite: {authority: a.io}, headers: {request: {set: {host: b.io}}}}"),
         BAD_VS "spec.http[0].headers", NULL},
        {ONE("{" TO("web") ", fault: {abort: {grpcStatus: NOPE}}}"),
         BAD_VS "spec.http[0].fault.abort.grpcStatus", NULL},
        {ONE("{" TO("web") ", fault: {abort: {}}}"),
         "IST0133 VirtualService apps/v spec.http[0].fault.abort", "IST0106"},
        {ONE("{" TO("web") ", retries: {attempts: 0, retryOn: 5xx}}"),
         BAD_VS "spec.http[0].retries", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '5xx, reset'}}"),
         BAD_VS "spec.http[0].retries.retryOn", NULL},
        {ONE("{" TO("web") ", retries: {attempts: 1, retryOn: '5xx,503,reset'}}"), "", "IST0106"},
        {ONE("{" TO("web") ", timeout: 0s}"), BAD_VS "spec.http[0].timeout", NULL},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrorPercent: 10}"),
         "IST0133 VirtualService apps/v spec.http[0].mirrorPercent", "IST0106"},
        {ONE("{" TO("web") ", corsPolicy: {allowMethods: [FETCH]}}"),
         BAD_VS "spec.http[0].corsPolicy.allowMethods[0]", NULL},
        {ONE("{" TO("web") ", headers: {response: {remove: [host]}}}"),
         BAD_VS "spec.http[0].headers.response.remove[0]", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {x: 'abc%123'}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {x: '100%% %HOSTNAME% %REQ(X?Y):10%'}}}}"),
         "", "IST0106"},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], tls: [{match: [{sniHosts: [b.io]}], " TO(
                          "web") "}]}"),
         BAD_VS "spec.tls[0].match[0].sniHosts[0]", NULL},
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: ['.', apps], http: [{" TO(
                          "web") "}]}"),
         BAD_VS "spec.exportTo[1]", NULL},
        {VS("v", "{hosts: [x.a.io], http: [{match: [{headers: {'@request.auth.claims.a': {exact: "
                 "b}}}], " TO("web") "}]}"),
         BAD_VS "spec.http[0].match[0]", NULL},
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, "
                 "protocol: HTTPS}}]}"),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: s, "
                 "protocol: HTTP}, tls: {mode: SIMPLE, credentialName: c}}]}"),
         "IST0106 Gateway apps/g spec.servers[0].tls", NULL},
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: s, "
                 "protocol: HTTP}, tls: {httpsRedirect: true}}]}"),
         "", "IST0106;IST0133"},
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http, "
                 "protocol: HTTP}}, {hosts: [b.io], port: {number: 8080, name: http, protocol: "
                 "HTTP}}]}"),
         "IST0106 Gateway apps/g spec.servers[1].port.name", NULL},
        {GW("g", SERVER("short")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", SERVER("'*a.io'")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", "{selector: {istio: i}}"), "IST0106 Gateway apps/g spec.servers", NULL},
        {DR("d", "{host: web, trafficPolicy: {}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy", NULL},
        {DR("d", "{host: web, subsets: [{name: v1}, {name: v1}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[1].name", NULL},
        {SE("s", "{hosts: ['*']}"), "IST0106 ServiceEntry apps/s spec.hosts[0]", NULL},
        {SE("s", "{hosts: ['*.x.io'], resolution: DNS}"),
         "IST0106 ServiceEntry apps/s spec.hosts[0]", NULL},
        {SE("s", "{hosts: [x.io], endpoints: [{address: 1.1.1.1}]}"),
         "IST0106 ServiceEntry apps/s spec.endpoints", NULL},
        {VS("v", "{http: [{delegate: {name: d}}]}"), BAD_VS "spec.http[0].delegate", NULL},
        {EDGE
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, "
         "namespace: apps, annotations: {istio.io/dry-run: 'true'}}\nspec: " ROUTES(
             "{" TO("web") "}"),
         BAD_VS "metadata.annotations", NULL},
        {ONE("{match: [{sourceLabels: {'-': x}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].sourceLabels", NULL},
        {ONE("{match: [{sourceNamespace: a.b}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].sourceNamespace", NULL},
        {ONE("{match: [{uri: {regex: 'a(?=b)'}}], " TO("web") "}"),
         BAD_VS "spec.http[0].match[0].uri", NULL},
        {ONE("{route: [{destination: {host: '*'}}]}"),
         BAD_VS "spec.http[0].route[0].destination.host", NULL},
        {ONE("{route: [{destination: {host: web, subset: a.b}}]}"),
         BAD_VS "spec.http[0].route[0].destination.subset", NULL},
        {ONE("{delegate: {name: d}, " TO("web") "}"), BAD_VS "spec.http[0].route", NULL},
        {ONE("{directResponse: {status: 200}, " TO("web") "}"), BAD_VS "spec.http[0].route", NULL},
        {ONE("{" TO("web") ", mirror: {host: mono}, mirrors: [{destination: {host: mono}}]}"),
         BAD_VS "spec.http[0].mirror", NULL},
        {ONE("{" TO("web") ", mirrors: [{destination: {host: mono}, percentage: {value: 101}}]}"),
         BAD_VS "spec.http[0].mirrors[0].percentage", NULL},
        {ONE("{match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /b}}"),
         BAD_VS "spec.http[0].redirect.prefixRewrite", NULL},
        {ONE("{match: [{uri: {prefix: /a}}], redirect: {uri: /b, prefixRewrite: /b}}"),
         BAD_VS "spec.http[0].redirect", NULL},
        {ONE("{redirect: {scheme: ftp}}"), BAD_VS "spec.http[0].redirect.scheme", NULL},
        {ONE("{redirect: {port: 70000}}"), BAD_VS "spec.http[0].redirect.port", NULL},
        {ONE("{" TO("web") ", rewrite: {}}"), BAD_VS "spec.http[0].rewrite", NULL},
        {ONE("{" TO("web") ", rewrite: {uriRegexRewrite: {match: a}}}"),
         BAD_VS "spec.http[0].rewrite.uriRegexRewrite", NULL},
        {ONE("{" TO("web") ", fault: {}}"), BAD_VS "spec.http[0].fault", NULL},
        {ONE("{" TO("web") ", fault: {abort: {httpStatus: 500, percentage: {value: 0.00001}}}}"),
         BAD_VS "spec.http[0].fault.abort.percentage", NULL},
        {ONE("{" TO("web") ", fault: {delay: {exponentialDelay: 1s}}}"),
         BAD_VS "spec.http[0].fault.delay.exponentialDelay", NULL},
        {ONE("{" TO("web") ", retries: {attempts: -1}}"), BAD_VS "spec.http[0].retries.attempts",
         NULL},
        {ONE("{" TO("web") ", corsPolicy: {allowOrigins: [{exact: ''}]}}"),
         BAD_VS "spec.http[0].corsPolicy.allowOrigins[0]", NULL},
        {ONE("{" TO("web") ", corsPolicy: {maxAge: 1500ms}}"),
         BAD_VS "spec.http[0].corsPolicy.maxAge", NULL},
        {ONE("{" TO("web") ", headers: {request: {set: {':path': /}}}}"),
         BAD_VS "spec.http[0].headers.request.set", NULL},
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
        {EDGE VS("v",
                 "{hosts: [x.a.io], gateways: [edge], exportTo: ['~'], http: [{" TO("web") "}]}"),
         BAD_VS "spec.exportTo[0]", NULL},
        {GW("g", SERVER("a_b/a.io")), "IST0106 Gateway apps/g spec.servers[0].hosts[0]", NULL},
        {GW("g", PLAIN("port: {number: 0, name: h, protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].port.number", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: FTP}")),
         "IST0106 Gateway apps/g spec.servers[0].port.protocol", NULL},
        {GW("g", PLAIN("port: {number: 80, name: h, protocol: HTTP, targetPort: 8080}")),
         "IST0106 Gateway apps/g spec.servers[0].port.targetPort", NULL},
        {GW("g", PLAIN("bind: here, port: {number: 80, name: h, protocol: HTTP}")),
         "IST0106 Gateway apps/g spec.servers[0].bind", NULL},
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
        {DR("d", "{host: a_b}"), "IST0106 DestinationRule apps/d spec.host", NULL},
        {DR("d", "{host: web, subsets: [{name: a.b}]}"),
         "IST0106 DestinationRule apps/d spec.subsets[0].name", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: MUTUAL}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: SIMPLE, credentialName: c, "
                 "caCertificates: /ca}}}"),
         "IST0106 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d", "{host: web, workloadSelector: {matchLabels: {a: b}}, exportTo: ['*']}"),
         "IST0106 DestinationRule apps/d spec.exportTo", NULL},
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
        {SE("s", "{hosts: [x.io], exportTo: ['~', '*']}"),
         "IST0106 ServiceEntry apps/s spec.exportTo", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
    printf("# check: %zu validation rules\n", sizeof t / sizeof *t);
}

static void core_objects(void **state)
{
    (void)state;
    static const struct sample t[] = {
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: "
         "{ports: [{port: 8080}, {name: foo, port: 1}, {name: http-web, port: 2}, {name: grpc-web, "
         "port: 5}, {port: 3306}]}\n",
         "IST0118 Service apps/s spec.ports[0].name\nIST0118 Service apps/s spec.ports[1].name",
         "spec.ports[2];spec.ports[3];spec.ports[4]"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {type: "
         "ExternalName, externalName: x.io, ports: [{name: tcp, port: 443}, {name: https, port: "
         "444}]}\n",
         "IST0150 Service apps/s spec.ports[0].name", "spec.ports[1];0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: "
         "{ports: [{name: http, port: 80}]}\nstatus: {conditions: [{type: Other, status: 'False'}, "
         "{type: istio.io/WaypointBound, status: 'False', reason: x, message: y}]}\n",
         "IST0171 Service apps/s status.conditions", "Other"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: "
         "{ports: [{name: http, port: 80}]}\nstatus: {conditions: [{type: istio.io/WaypointBound, "
         "status: 'True'}]}\n",
         "", "0171"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: "
         "enabled, istio.io/rev: x}}\n",
         "IST0123 Namespace ns metadata.labels", "0102"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n",
         "IST0102 Namespace ns metadata.labels", NULL},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: "
         "disabled}, annotations: {networking.istio.io/exportTo: '.', sidecar.istio.io/nope.x: "
         "'1', foo.istio.io/bar: '1'}}\n",
         "IST0107 Namespace ns metadata.annotations[\"networking.istio.io/exportTo\"]\nIST0108 "
         "Namespace ns metadata.annotations[\"foo.istio.io/bar\"]",
         "0102"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// Values of files that nobody can read, or not as they are meant.
static void unreadable_values(void **state)
{
    (void)state;
    static const struct sample t[] = {
        {EDGE VS("v", ROUTES("{match: [{uri: {exact: /a, prefix: /b}}], " TO("web") "}")),
         "GT0004 VirtualService apps/v spec.http[0].match[0].uri", NULL},
        {EDGE VS("v", ROUTES("{" TO("web") ", timeout: 5}")),
         "GT0004 VirtualService apps/v spec.http[0].timeout", NULL},
        {GW("g", "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, "
                 "protocol: HTTPS}, tls: {mode: SIMPEL, credentialName: c}}]}"),
         "GT0004 Gateway apps/g spec.servers[0].tls.mode", NULL},
        {EDGE VS("v", ROUTES("{match: [{uri: null, exact: /x}], " TO("web") "}")),
         "GT0003 VirtualService apps/v spec.http[0].match[0].uri", "GT0001"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

static void lints_and_suppression(void **state)
{
    (void)state;
    char *got = findings_of(EDGE VS("v", "{hosts: x.a.io, gateways: [edge], htpp: [], http: "
                                         "[{route: {destination: {host: web}}}]}"),
                            true);
    assert_non_null(strstr(got, "GT0002 VirtualService apps/v spec.hosts"));
    assert_non_null(strstr(got, "GT0002 VirtualService apps/v spec.http[0].route"));
    assert_non_null(strstr(got, "put '- ' before destination:"));
    assert_non_null(strstr(got, "GT0001 VirtualService apps/v spec.htpp"));
    assert_non_null(strstr(got, "did you mean http?"));
    free(got);

    const char *yaml =
        EDGE "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, "
             "namespace: apps, annotations: "
             "{galley.istio.io/analyze-suppress: 'IST0001, IST0101', gatetop.io/suppress: "
             "GT0104}}\nspec: {hosts: [x.a.io], "
             "gateways: [edge], http: [{match: [{uri: {exact: /a}}], redirect: {uri: /a}}, {route: "
             "[{destination: {host: ghost}}, {destination: {host: cart}, weight: 1}]}]}\n";
    got = findings_of(yaml, false);
    assert_null(strstr(got, "IST0101"));
    assert_null(strstr(got, "GT0104"));
    assert_non_null(strstr(got, "IST0112"));
    free(got);

    struct buf all;
    buf_init(&all, 0);
    buf_adds(&all, base);
    buf_adds(&all, yaml);
    struct world w;
    world_open(&w, all.data, time_parse(NOW));
    static const char *const ignore[] = {"IST0112"};
    struct check_options opt = {ignore, 1};
    struct findings f = {NULL, 0, 0};
    check_run(&w.mesh, &opt, &f);
    for (uint32_t i = 0; i < f.n; i++) {
        assert_string_not_equal(f.at[i].code, "IST0112");
        assert_true(i == 0 || f.at[i - 1].severity >= f.at[i].severity);
    }
    world_close(&w);
    buf_release(&all);
}

// 100,000 rules with a growing prefix, and a thousand Gateways of one host: bounded work.
static void many(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: "
                 "{name: big, namespace: apps}\n"
                 "spec:\n  hosts: [x.a.io]\n  gateways: [edge]\n  http:\n");
    for (int i = 0; i < 20000; i++) {
        buf_addf(
            &b,
            "  - {match: [{uri: {prefix: /p%d/}, headers: {h: {exact: '%d'}}}], " TO("web") "}\n",
            i % 100, i);
    }
    for (int i = 0; i < 300; i++) {
        buf_addf(&b,
                 "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g%d, "
                 "namespace: apps}\nspec: " SERVER("x.a.io"),
                 i);
    }
    buf_adds(&b, EDGE);
    char *got = findings_of(b.data, false);
    assert_non_null(strstr(got, "IST0145 Gateway apps/g0 "));
    free(got);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_world_has_no_finding),
        cmocka_unit_test(references),
        cmocka_unit_test(gateways),
        cmocka_unit_test(rules),
        cmocka_unit_test(validation),
        cmocka_unit_test(core_objects),
        cmocka_unit_test(unreadable_values),
        cmocka_unit_test(lints_and_suppression),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
