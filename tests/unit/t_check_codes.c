// SPDX-License-Identifier: Apache-2.0
// The codes of `check` at their edges, a function for each rule: what is just reported, and what just is not.
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/check/check.h"

#include "tests/support/check_samples.h"
#include "tests/support/madecert.h"
#include "tests/support/world.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// docs/rules/istio.md#ist0002
static void ist0002(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web}}], fault: {delay: {percent: 0, fixedDelay: 5s}}}")),
         "", "IST0002"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web}}], fault: {delay: {percentage: {value: 5}, fixedDelay: 5s}}}")),
         "", "IST0002"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0101-host
static void ist0101_host(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES("{route: [{destination: {host: ghost}}]}")),
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host", "IST0112"},
        {EDGE VS("v", ROUTES("{route: [{weight: 1}]}")),
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host", NULL},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web}}], mirrors: [{destination: {host: web}}, {destination: {host: ghost}}]}")),
         "IST0101 VirtualService apps/v spec.http[0].mirrors[1].destination.host", "mirrors[0]"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tcp: [{route: [{destination: {host: ghost}}]}]}"),
         "IST0101 VirtualService apps/v spec.tcp[0].route[0].destination.host", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io]}], route: [{destination: {host: ghost}}]}]}"),
         "IST0101 VirtualService apps/v spec.tls[0].route[0].destination.host", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#analyze-registry
static void registry(void **state)
{
    (void)state;
    static const struct
        check_sample
            t
                [] =
                    {
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: [api.io], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: [api.io], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1], exportTo: ['.']}\n",
                         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host",
                         NULL},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [api.io], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1], exportTo: ['.']}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: [api.io], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1], exportTo: [apps]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: [api.io], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1], exportTo: [x, '*']}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: x.api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: ['*.api.io'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: ['*.api.io'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1]}\n",
                         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host",
                         NULL},
                        {EDGE
                             VS("v", "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: '*.api.io'}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: ['*.api.io'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, addresses: [10.0.0.1]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: far.other.svc.cluster.local}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other, annotations: {networking.istio.io/exportTo: '*'}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: far.other.svc.cluster.local}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other, annotations: {networking.istio.io/exportTo: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host",
                         NULL},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: far.other.svc.cluster.local}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other, annotations: {networking.istio.io/exportTo: 'x,apps'}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: far}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: apps, annotations: {networking.istio.io/exportTo: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: far.other}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other, annotations: {networking.istio.io/exportTo: '*'}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host",
                         NULL},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], exportTo: [., x], http: [{route: [{destination: {host: far.other.svc.cluster.local}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other, annotations: {networking.istio.io/exportTo: apps}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: x.api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: ['*.api.io'], exportTo: [.], ports: [{number: 80, name: http, protocol: HTTP}], addresses: [10.0.0.1]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: x.api.io}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: other}\nspec: {hosts: ['*.api.io'], exportTo: [.], ports: [{number: 80, name: http, protocol: HTTP}], addresses: [10.0.0.1]}\n",
                         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host",
                         NULL},
                        {EDGE VS(
                             "v", "{hosts: [x.a.io], gateways: [edge], exportTo: [x], http: [{route: [{destination: {host: far.other.svc.cluster.local}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other, annotations: {networking.istio.io/exportTo: 'x'}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "", "IST0101"},
                        {EDGE VS(
                             "v",
                             "{hosts: [x.a.io], gateways: [edge], exportTo: [x], http: [{route: [{destination: {host: far.other.svc.cluster.local}}]}]}") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other, annotations: {networking.istio.io/exportTo: apps}}\nspec: {ports: [{name: http, port: 80}]}\n",
                         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host",
                         NULL},
                    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0101-port
static void ist0101_port(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES("{route: [{destination: {host: cart, port: {number: 443}}}]}")), "",
         "IST0101;IST0112"},
        {EDGE VS("v", ROUTES("{route: [{destination: {host: ghost, port: {number: 81}}}]}")),
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host", "port.number"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0112
static void ist0112(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES("{route: [{destination: {host: web}}]}")), "", "IST0112"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tcp: [{route: [{destination: {host: cart}}]}]}"),
         "IST0112 VirtualService apps/v spec.tcp[0].route[0].destination", "IST0101"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0101-subset
static void ist0101_subset(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: apps}\nspec: {host: web, subsets: [{name: v1}]}\n",
         "", ".subset"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: other}\nspec: {host: web.apps.svc.cluster.local, subsets: [{name: v1}]}\n",
         "GT0115 VirtualService apps/v spec.http[0].route[0].destination.subset", "IST0101"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web.apps.svc.cluster.local, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: apps}\nspec: {host: web, subsets: [{name: v1}]}\n",
         "", ".subset"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: other}\nspec: {host: web, subsets: [{name: v1}]}\n",
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.subset", NULL},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: other}\nspec: {host: web.apps.svc.cluster.local, exportTo: ['.'], subsets: [{name: v1}]}\n",
         "GT0115 VirtualService apps/v spec.http[0].route[0].destination.subset", "IST0101"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: web, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: apps}\nspec: {host: '*.apps.svc.cluster.local', subsets: [{name: v1}]}\n",
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.subset", NULL},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: x.io, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: apps}\nspec: {host: x.io, subsets: [{name: v1}]}\n",
         "", ".subset"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: x.io, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: other}\nspec: {host: x.io, subsets: [{name: v1}]}\n",
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.subset", NULL},
        // the name of the Service may have dots
        {EDGE VS(
             "v",
             ROUTES(
                 "{route: [{destination: {host: a.b.c.svc.cluster.local, subset: v1}}]}")) "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: c}\nspec: {host: a.b, subsets: [{name: v1}]}\n",
         "IST0101 VirtualService apps/v spec.http[0].route[0].destination.host",
         "destination.subset"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0101-gateway
static void ist0101_gateway(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {VS("v",
            "{hosts: [x.a.io], gateways: [infra/ig], http: [{route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: ['*.a.io'], port: {number: 80, name: h, protocol: HTTP}}]}\n",
         "", "IST0101;IST0132"},
        {VS("v",
            "{hosts: [x.a.io], gateways: [ig], http: [{route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: ['*.a.io'], port: {number: 80, name: h, protocol: HTTP}}]}\n",
         "IST0101 VirtualService apps/v spec.gateways[0]", NULL},
        {VS("v",
            "{hosts: [x.a.io], gateways: [mesh, infra/ig], http: [{route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: ['*.a.io'], port: {number: 80, name: h, protocol: HTTP}}]}\n",
         "", "IST0101;IST0132"},
        {VS("v",
            "{hosts: [x.a.io], gateways: [infra/ig, nope], http: [{route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: ['*.a.io'], port: {number: 80, name: h, protocol: HTTP}}]}\n",
         "IST0101 VirtualService apps/v spec.gateways[1]\nIST0132 VirtualService apps/v spec.gateways[1]",
         "spec.gateways[0]"},
        {VS("v",
            "{hosts: [a.io], gateways: [k], http: [{" TO(
                "web") "}]}") "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: k, namespace: apps}\nspec: {gatewayClassName: istio, listeners: [{name: a, port: 80, protocol: HTTP, hostname: a.io}]}\n",
         "", "IST0101;IST0132"},
        {VS("v",
            "{hosts: [a.io], gateways: [k], http: [{" TO(
                "web") "}]}") "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: k, namespace: other}\nspec: {gatewayClassName: istio, listeners: [{name: a, port: 80, protocol: HTTP}]}\n",
         "IST0101 VirtualService apps/v spec.gateways[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0132
static void ist0132(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {VS("v",
            "{hosts: [x.a.io], gateways: [infra/kg], http: [{route: [{destination: {host: web}}]}]}") "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: kg, namespace: infra}\nspec: {gatewayClassName: istio, listeners: [{name: a, port: 80, protocol: HTTP, hostname: '*.a.io'}]}\n",
         "", "IST0101;IST0132"},
        {VS("v",
            "{hosts: [x.a.io], gateways: [infra/kg], http: [{route: [{destination: {host: web}}]}]}") "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: kg, namespace: infra}\nspec: {gatewayClassName: istio, listeners: [{name: a, port: 80, protocol: HTTP, hostname: b.io}]}\n",
         "IST0132 VirtualService apps/v spec.gateways[0]", "IST0101"},
        {VS("v",
            "{hosts: [x.a.io], gateways: [infra/kg], http: [{route: [{destination: {host: web}}]}]}") "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: kg, namespace: infra}\nspec: {gatewayClassName: istio, listeners: [{name: a, port: 80, protocol: HTTP}]}\n",
         "", "IST0101;IST0132"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: [b.io], port: {number: 80, name: h0, protocol: HTTP}}, {hosts: [x.a.io], port: {number: 81, name: h1, protocol: HTTP}}]}\n" VS(
             "v",
             "{hosts: [x.a.io], gateways: [infra/ig], http: [{route: [{destination: {host: web}}]}]}"),
         "", "IST0132"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: [./x.a.io], port: {number: 80, name: h0, protocol: HTTP}}]}\n" VS(
             "v",
             "{hosts: [x.a.io], gateways: [infra/ig], http: [{route: [{destination: {host: web}}]}]}"),
         "IST0132 VirtualService apps/v spec.gateways[0]", NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: [apps/x.a.io], port: {number: 80, name: h0, protocol: HTTP}}]}\n" VS(
             "v",
             "{hosts: [x.a.io], gateways: [infra/ig], http: [{route: [{destination: {host: web}}]}]}"),
         "", "IST0132"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: ['*/x.a.io'], port: {number: 80, name: h0, protocol: HTTP}}]}\n" VS(
             "v",
             "{hosts: [x.a.io], gateways: [infra/ig], http: [{route: [{destination: {host: web}}]}]}"),
         "", "IST0132"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: [web.apps.svc.cluster.local], port: {number: 80, name: h0, protocol: HTTP}}]}\n" VS(
             "v",
             "{hosts: [web], gateways: [infra/ig], http: [{route: [{destination: {host: web}}]}]}"),
         "IST0132 VirtualService apps/v spec.gateways[0]", NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ig, namespace: infra}\nspec: {selector: {istio: i}, servers: [{hosts: ['*.b.io'], port: {number: 80, name: h0, protocol: HTTP}}]}\n" VS(
             "v",
             "{hosts: [y.c.io, x.b.io], gateways: [infra/ig], http: [{route: [{destination: {host: web}}]}]}"),
         "", "IST0132"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0101-selector
static void ist0101_selector(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("g", "{servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "IST0101 Gateway apps/g spec.selector", NULL},
        {"\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: other, labels: {istio: ingressgateway}}\n" GW(
             "g", "{servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "", "IST0101"},
        {GW("g",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "", "IST0101"},
        {GW("g",
            "{selector: {istio: i, type: y}, servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "IST0101 Gateway apps/g spec.selector", "IST0162"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0101-credential
static void ist0101_credential(void **state)
{
    (void)state;
    static const struct
        check_sample
            t
                [] =
                    {
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: kubernetes.io/tls\n",
                         "", "IST0101;GT0105"},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: istio-system/c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: kubernetes.io/tls\n",
                         "", "IST0101;GT0105"},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: apps/c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: apps}\ntype: kubernetes.io/tls\n",
                         "GT0105 Gateway apps/a spec.servers[0].tls.credentialName", "IST0101"},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: apps/c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: kubernetes.io/tls\n",
                         "GT0105 Gateway apps/a spec.servers[0].tls.credentialName\nIST0101 Gateway apps/a spec.servers[0].tls.credentialName",
                         NULL},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: apps}\ntype: kubernetes.io/tls\n",
                         "GT0105 Gateway apps/a spec.servers[0].tls.credentialName\nIST0101 Gateway apps/a spec.servers[0].tls.credentialName",
                         NULL},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialNames: [c, e]}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: kubernetes.io/tls\n",
                         "IST0101 Gateway apps/a spec.servers[0].tls.credentialNames[1]",
                         "IST0101 Gateway apps/a spec.servers[0].tls.credentialNames[0]"},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: 'kubernetes-gateway://apps/c'}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: other, namespace: apps}\ntype: kubernetes.io/tls\n",
                         "", "IST0101;GT0105"},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: 'builtin://'}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: other, namespace: apps}\ntype: kubernetes.io/tls\n",
                         "", "IST0101;GT0105"},
                        {GW("a",
                            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: 'configmap://apps/c'}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: other, namespace: apps}\ntype: kubernetes.io/tls\n",
                         "", "IST0101;GT0105"},
                    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0161
static void ist0161(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: Opaque\ndata: {cert: QQ==}\n",
         "IST0161 Gateway apps/a spec.servers[0].tls.credentialName", "IST0101"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: Opaque\ndata: {key: QQ==, tls.crt: QQ==}\n",
         "IST0161 Gateway apps/a spec.servers[0].tls.credentialName", "IST0101"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: Opaque\ndata: {cert: QQ==, key: ''}\n",
         "IST0161 Gateway apps/a spec.servers[0].tls.credentialName", "IST0101"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: Opaque\ndata: {tls.crt: QQ==, tls.key: ''}\n",
         "IST0161 Gateway apps/a spec.servers[0].tls.credentialName", "IST0101"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: Opaque\ndata: {tls.key: QQ==}\n",
         "IST0161 Gateway apps/a spec.servers[0].tls.credentialName", "IST0101"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0162
static void ist0162(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: istio-system}\nspec: {selector: {istio: i}, ports: [{name: http, port: 9000, targetPort: 9999}]}\n" GW(
             "a",
             "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "", "IST0162"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: istio-system}\nspec: {selector: {istio: i}, ports: [{name: http, port: 9000, targetPort: 9999}]}\n" GW(
             "a",
             "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9000, name: h, protocol: HTTP}}]}"),
         "", "IST0162"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: istio-system}\nspec: {selector: {istio: i}, ports: [{name: http, port: 9000, targetPort: 9999}]}\n" GW(
             "a",
             "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9001, name: h, protocol: HTTP}}]}"),
         "IST0162 Gateway apps/a spec.servers[0].port.number", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: istio-system}\nspec: {selector: {istio: i}, ports: [{name: http, port: 9999, protocol: UDP}]}\n" GW(
             "a",
             "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "IST0162 Gateway apps/a spec.servers[0].port.number", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: istio-system}\nspec: {selector: {istio: i}, ports: [{name: http, port: 9999, protocol: TCP}]}\n" GW(
             "a",
             "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "", "IST0162"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: apps}\nspec: {selector: {istio: i}, ports: [{name: http, port: 9999}]}\n" GW(
             "a",
             "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "IST0162 Gateway apps/a spec.servers[0].port.number", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: istio-system}\nspec: {selector: {istio: other}, ports: [{name: http, port: 9999}]}\n" GW(
             "a",
             "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 9999, name: h, protocol: HTTP}}]}"),
         "IST0162 Gateway apps/a spec.servers[0].port.number", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0145
static void ist0145(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: tcp80, protocol: TCP}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "IST0145 Gateway apps/a spec.servers[0].hosts\nIST0145 Gateway apps/b spec.servers[0].hosts",
         NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 8080, name: http8080, protocol: HTTP}}]}"),
         "", "0145"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}, bind: 1.1.1.1}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "", "0145"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}, bind: 1.1.1.1}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}, bind: 1.1.1.1}]}"),
         "IST0145 Gateway apps/a spec.servers[0].hosts\nIST0145 Gateway apps/b spec.servers[0].hosts",
         NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [ns1/a.io], port: {number: 80, name: http80, protocol: HTTP}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "", "0145"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [ns1/a.io], port: {number: 80, name: http80, protocol: HTTP}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [ns1/a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "IST0145 Gateway apps/a spec.servers[0].hosts\nIST0145 Gateway apps/b spec.servers[0].hosts",
         NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: ['*.a.io'], port: {number: 80, name: http80, protocol: HTTP}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [x.a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "", "0145"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}")
             GW("b",
                "{selector: {istio: i, type: x}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "IST0145 Gateway apps/a spec.servers[0].hosts\nIST0145 Gateway apps/b spec.servers[0].hosts",
         NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}")
             GW("b",
                "{selector: {istio: i, type: y}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "", "0145"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}")
             GW("b",
                "{selector: {type: x}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "", "0145"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}, {hosts: [b.io], port: {number: 80, name: other, protocol: HTTP}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: http80, protocol: HTTP}}]}"),
         "IST0145 Gateway apps/a spec.servers[0].hosts", "IST0145 Gateway apps/b"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0145
static void servers_that_share_a_host(void **state)
{
    (void)state;
#define ONE_SERVER(name, server)                                                                   \
    GW(name, "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 80, name: p" name    \
             ", " server "}]}")
    static const struct {
        const char *yaml, *severity;
    } t[] = {
        {ONE_SERVER("a", "protocol: HTTP}") ONE_SERVER("b", "protocol: HTTP}"), "info"},
        {ONE_SERVER("a", "protocol: HTTP2}") ONE_SERVER("b", "protocol: HTTP}"), "info"},
        {ONE_SERVER("a", "protocol: HTTP}") ONE_SERVER("b", "protocol: TCP}"), "error"},
        {ONE_SERVER("a", "protocol: HTTP}")
             ONE_SERVER("b", "protocol: HTTP}, tls: {httpsRedirect: true}"),
         "error"},
        {ONE_SERVER("a", "protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}")
             ONE_SERVER("b", "protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}"),
         "error"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char *got = check_findings(t[i].yaml, true);
        char *line = strstr(got, "IST0145 Gateway apps/a");
        assert_non_null(line);
        line[strcspn(line, "\n")] = '\0';
        char *want = xasprintf(" | %s | ", t[i].severity);
        if (strstr(line, want) == NULL ||
            (strstr(line, "Envoy does not mind") != NULL) != str_eq(t[i].severity, "info")) {
            fail_msg("row %zu: %s", i, line);
        }
        free(want);
        free(got);
    }
}

// docs/rules/istio.md#ist0138
static void ist0138(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [b.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}"),
         "IST0138 Gateway apps/a -\nIST0138 Gateway apps/b -", NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [b.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: d}}]}"),
         "", "0138"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, serverCertificate: /x, privateKey: /k}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [b.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, serverCertificate: /x, privateKey: /k}}]}"),
         "IST0138 Gateway apps/a -\nIST0138 Gateway apps/b -", NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, serverCertificate: /x, privateKey: /k}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [b.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, serverCertificate: /x, privateKey: /z}}]}"),
         "", "0138"},
        {GW("a",
            "{servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}")
             GW("b",
                "{selector: {istio: i}, servers: [{hosts: [b.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}"),
         "IST0138 Gateway apps/a -", "IST0138 Gateway apps/b"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}")
             GW("b",
                "{selector: {type: x}, servers: [{hosts: [b.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}"),
         "", "0138"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0140
static void ist0140(void **state)
{
    (void)state;
#define SUBSETTED(spec) "{" spec ", http: [{route: [{destination: {host: web, subset: v1}}]}]}"
#define V1 DR("d", "{host: web, subsets: [{name: v1, labels: {type: x}}]}")
    static const struct check_sample t[] = {
        {EDGE VS("a", ROUTES("{" TO("web") "}")) VS("b", SUBSETTED("hosts: [web]")) V1,
         "IST0140 VirtualService apps/a spec.http[0].route[0].destination",
         "IST0140 VirtualService apps/b"},
        // the mesh alone is a list of gateways, too; none is not
        {VS("a", "{hosts: [x.a.io], gateways: [mesh], http: [{" TO("web") "}]}")
             VS("b", SUBSETTED("hosts: [web]")) V1,
         "IST0140 VirtualService apps/a spec.http[0].route[0].destination", NULL},
        {VS("a", "{hosts: [x.a.io], http: [{" TO("web") "}]}") VS("b", SUBSETTED("hosts: [web]"))
             V1,
         "", "IST0140"},
        // its destination has a subset; the other does not list the host, or as another text
        {EDGE VS("a", ROUTES("{route: [{destination: {host: web, subset: v1}}]}"))
             VS("b", SUBSETTED("hosts: [web]")) V1,
         "", "IST0140"},
        {EDGE VS("a", ROUTES("{" TO("web") "}")) VS("b", SUBSETTED("hosts: [other]")) V1, "",
         "IST0140"},
        {EDGE VS("a", ROUTES("{" TO("web.apps.svc.cluster.local") "}"))
             VS("b", SUBSETTED("hosts: [web]")) V1,
         "", "IST0140"},
        {EDGE VS("a", ROUTES("{" TO("web") "}")) VS("b", "{hosts: [web], http: [{" TO("web") "}]}")
             V1,
         "", "IST0140"},
    };
    check_samples(t, sizeof t / sizeof *t);
    // With itself alone it is an info; with another, a warning about that one.
    static const struct {
        const char *yaml, *want;
    } levels[] = {
        {EDGE VS(
             "a",
             "{hosts: [web, x.a.io], gateways: [edge, mesh], http: [{match: [{uri: {prefix: /1}}], "
             "route: [{destination: {host: web, subset: v1}}]}, {" TO("web") "}]}") V1,
         "IST0140 VirtualService apps/a spec.http[1].route[0].destination | info | istioctl reports this; Envoy does not mind"},
        {EDGE VS(
             "a",
             "{hosts: [web, x.a.io], gateways: [edge, mesh], http: [{match: [{uri: {prefix: /1}}], "
             "route: [{destination: {host: web, subset: v1}}]}, {" TO("web") "}]}")
             VS("b", SUBSETTED("hosts: [web]")) V1,
         "IST0140 VirtualService apps/a spec.http[1].route[0].destination | warning | the subset rules of VirtualService apps/b"},
    };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        char *got = check_findings(levels[i].yaml, true);
        if (strstr(got, levels[i].want) == NULL) {
            fail_msg("missing: %s\nin:\n%s", levels[i].want, got);
        }
        free(got);
    }
}

static bool reported(struct world *w, const char *code)
{
    struct findings f = {0};
    check_run(&w->mesh, NULL, &f);
    bool found = false;
    for (uint32_t i = 0; i < f.n; i++) {
        found = found || strcmp(f.at[i].code, code) == 0;
    }
    return found;
}

// The same objects, as a cluster has them.
static struct snapshot of_a_cluster(const struct snapshot *files)
{
    struct snapshot live = *files;
    live.cluster.from_files = false;
    for (int k = 0; k < KIND_COUNT; k++) {
        live.states[k].excerpt = false;
    }
    return live;
}

// docs/rules/istio.md#ist0149
static void ist0149(void **state)
{
    (void)state;
#define CLAIMED(headers)                                                                           \
    VS("v", "{hosts: [x.a.io], gateways: [edge], http: [{match: [{" headers                        \
            ": {'@request.auth.claims[a]': {exact: b}}}], " TO("web") "}]}")
#define AUTHENTICATION(ns, spec)                                                                               \
    "\n---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: r, namespace: " ns \
    "}\nspec: {" spec "}\n"
#define OWN_GATEWAY                                                                                \
    GW("edge",                                                                                     \
       "{selector: {app: own}, servers: [{hosts: [x.a.io], port: {number: 80, name: http, protocol: HTTP}}]}")
#define POD_OF_EDGE                                                                                \
    "\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: i, namespace: own, labels: {istio: i}}\n"
#define OWN_POD                                                                                    \
    "\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: own, namespace: own, labels: {app: own}}\n"
#define MISSING "IST0149 VirtualService apps/v spec.http[0].match[0].headers"
    static const struct check_sample t[] = {
        {EDGE CLAIMED("headers"), MISSING, NULL},
        {EDGE CLAIMED("withoutHeaders"), MISSING, NULL},
        {EDGE CLAIMED("headers") AUTHENTICATION("istio-system", ""), "", "IST0149"},
        {EDGE CLAIMED("headers")
             AUTHENTICATION("istio-system", "selector: {matchLabels: {type: x}}"),
         "", "IST0149"},
        {EDGE CLAIMED("headers")
             AUTHENTICATION("istio-system", "selector: {matchLabels: {type: z}}"),
         MISSING, NULL},
        {EDGE CLAIMED("headers") AUTHENTICATION("apps", ""), MISSING, NULL}, // not the pod's
        {OWN_GATEWAY OWN_POD CLAIMED("headers") AUTHENTICATION("own", ""), "", "IST0149"},
        {OWN_GATEWAY OWN_POD CLAIMED("headers") AUTHENTICATION("istio-system", ""), "", "IST0149"},
        {OWN_GATEWAY OWN_POD CLAIMED("headers") AUTHENTICATION("apps", ""), MISSING, NULL},
        {OWN_GATEWAY CLAIMED("headers"), "", "IST0149"}, // no pod has the labels
        {CLAIMED("headers"), "", "IST0149"},             // no Gateway
        {EDGE VS("v", ROUTES("{match: [{headers: {x: {exact: b}}}], " TO("web") "}")), "",
         "IST0149"},
    };
    check_samples(t, sizeof t / sizeof *t);
    // Files without any Pod say nothing about pods.
    struct world w;
    world_open(&w, EDGE CLAIMED("headers"), 0);
    assert_false(reported(&w, "IST0149"));
    world_close(&w);
}

// docs/rules/istio.md#ist0109
static void ist0109(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: [mono], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "", "IST0109"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], gateways: [mesh, edge], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "IST0109 VirtualService apps/a spec.hosts\nIST0109 VirtualService apps/b spec.hosts",
         NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: [x.a.io], gateways: [edge], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "", "IST0109"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], exportTo: [one], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: [web], exportTo: [two], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "", "IST0109"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], exportTo: [one], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: [web], exportTo: [one], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "IST0109 VirtualService apps/a spec.hosts\nIST0109 VirtualService apps/b spec.hosts",
         NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], exportTo: [one], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "IST0109 VirtualService apps/a spec.hosts\nIST0109 VirtualService apps/b spec.hosts",
         NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], exportTo: ['.'], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: ['*.apps.svc.cluster.local'], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "IST0109 VirtualService apps/a spec.hosts\nIST0109 VirtualService apps/b spec.hosts",
         NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: ['*.apps.svc.cluster.local'], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "", "IST0109"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [web], exportTo: [one, '*'], http: [{route: [{destination: {host: web}}]}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: b, namespace: apps}\nspec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}\n" EDGE,
         "IST0109 VirtualService apps/a spec.hosts\nIST0109 VirtualService apps/b spec.hosts",
         NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0130
static void ist0130(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tcp: [{route: [{destination: {host: web}}]}, {route: [{destination: {host: web}}]}]}"),
         "IST0130 VirtualService apps/v spec.tcp[1]", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tcp: [{route: [{destination: {host: web}}]}, {match: [{port: 80}], route: [{destination: {host: web}}]}]}"),
         "IST0130 VirtualService apps/v spec.tcp[1]", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tcp: [{match: [{port: 80}], route: [{destination: {host: web}}]}, {match: [{port: 80}], route: [{destination: {host: web}}]}]}"),
         "IST0130 VirtualService apps/v spec.tcp[1]\nIST0131 VirtualService apps/v spec.tcp[1].match[0]",
         NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tcp: [{match: [{port: 80}], route: [{destination: {host: web}}]}, {match: [{port: 81}], route: [{destination: {host: web}}]}]}"),
         "", "IST013"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io]}], route: [{destination: {host: web}}]}, {match: [{sniHosts: [x.a.io]}], route: [{destination: {host: web}}]}]}"),
         "IST0130 VirtualService apps/v spec.tls[1]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0131
static void ist0131(void **state)
{
    (void)state;
    static const struct check_sample t[] =
        {
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{name: n, uri: {exact: /a}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0]", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, port: 80}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}, headers: {x: {exact: a}, y: {exact: b}}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, headers: {y: {exact: b}, x: {exact: a}}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0]", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, ignoreUriCase: true}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, sourceNamespace: x}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, sourceLabels: {a: b}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, gateways: [edge]}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, scheme: {exact: http}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, method: {exact: GET}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, authority: {exact: a}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, withoutHeaders: {x: {}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, queryParams: {x: {}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS("v",
                     ROUTES("{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /a}, headers: {x: {}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /ab}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /a}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, port: 80}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, port: 80}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, port: 80}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {exact: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {regex: /a.*}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, method: {exact: GET}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, method: {exact: POST}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, authority: {exact: abc}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, authority: {exact: ab}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, authority: {exact: ab}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, authority: {exact: abc}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, authority: {exact: abc}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, authority: {prefix: ab}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, authority: {exact: abc}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, authority: {regex: x}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /a}, headers: {x: {exact: ab}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, headers: {x: {exact: a}}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, headers: {x: {exact: a}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, headers: {x: {exact: ab}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, headers: {x: {exact: a}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, headers: {x: {exact: a}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, queryParams: {x: {exact: ab}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, queryParams: {x: {exact: a}}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, queryParams: {x: {exact: a}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, queryParams: {x: {exact: ab}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, queryParams: {x: {exact: a}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, queryParams: {x: {exact: a}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, withoutHeaders: {x: {exact: ab}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, withoutHeaders: {x: {exact: a}}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, withoutHeaders: {x: {exact: a}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, withoutHeaders: {x: {exact: ab}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, withoutHeaders: {x: {exact: a}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, withoutHeaders: {x: {exact: a}}}], route: [{destination: {host: mono}}]}")),
             "", "IST0131"},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}, ignoreUriCase: true}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
            {EDGE VS(
                 "v",
                 ROUTES(
                     "{match: [{uri: {prefix: /a}, sourceNamespace: x}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /ab}}], route: [{destination: {host: mono}}]}")),
             "IST0131 VirtualService apps/v spec.http[1].match[0].uri.prefix", NULL},
        };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0128
static void ist0128(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /ca}}}"), "",
         "IST012"},
        {DR("d",
            "{host: web, trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: a, privateKey: b}}}"),
         "IST0128 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: SIMPLE, credentialName: c}}}"),
         "IST0128 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d",
            "{host: web, workloadSelector: {matchLabels: {a: b}}, trafficPolicy: {tls: {mode: SIMPLE, credentialName: c}}}"),
         "", "IST012"},
        {DR("d",
            "{host: web, workloadSelector: {matchLabels: {a: b}}, trafficPolicy: {tls: {mode: SIMPLE}}}"),
         "IST0128 DestinationRule apps/d spec.trafficPolicy.tls", NULL},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}"), "", "IST012"},
        {DR("d", "{host: web, trafficPolicy: {tls: {mode: DISABLE}}}"), "", "IST012"},
        {DR("d",
            "{host: web, subsets: [{name: v1, labels: {istio: i}, trafficPolicy: {tls: {mode: SIMPLE}}}]}"),
         "", "IST012"},
        {DR("d",
            "{host: web, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: MUTUAL, clientCertificate: a, privateKey: b}}]}}"),
         "IST0129 DestinationRule apps/d spec.trafficPolicy.portLevelSettings", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0118
static void ist0118(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: tcp, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: udp, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: grpc, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: grpc-web, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: http, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: http_proxy, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: http2, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: https, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: tls, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: mongo, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: redis, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: mysql, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: HTTP, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: Grpc-Web, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: http-x, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: grpc-web-x, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: web, port: 1}]}\n",
         "IST0118 Service apps/s spec.ports[0].name", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: httpx, port: 1}]}\n",
         "IST0118 Service apps/s spec.ports[0].name", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: http_x, port: 1}]}\n",
         "IST0118 Service apps/s spec.ports[0].name", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: ftp, port: 1}]}\n",
         "IST0118 Service apps/s spec.ports[0].name", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 25}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 53}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 3306}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 27017}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{port: 80}]}\n",
         "IST0118 Service apps/s spec.ports[0].name", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: foo, port: 1, protocol: UDP}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: foo, port: 1, appProtocol: kubernetes.io/h2c}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: foo, port: 1, appProtocol: kubernetes.io/ws}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: foo, port: 1, appProtocol: kubernetes.io/wss}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: foo, port: 1, appProtocol: http}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: foo, port: 1, appProtocol: HTTP2}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {ports: [{name: foo, port: 1, appProtocol: kubernetes.io/x}]}\n",
         "IST0118 Service apps/s spec.ports[0].name", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, labels: {istio: x}}\nspec: {ports: [{name: foo, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, labels: {release: istio}}\nspec: {ports: [{name: foo, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, labels: {release: other}}\nspec: {ports: [{name: foo, port: 1}]}\n",
         "IST0118 Service apps/s spec.ports[0].name", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, labels: {gateway.networking.k8s.io/gateway-name: g}}\nspec: {ports: [{name: foo, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: kube-system}\nspec: {ports: [{name: foo, port: 1}]}\n",
         "", "0118"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, labels: {gateway.istio.io/managed: istio.io-gateway-controller}}\nspec: {ports: [{port: 8080}]}\n",
         "", "IST0118"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0150
static void ist0150(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps}\nspec: {type: ExternalName, externalName: x.io, ports: [{port: 80}, {name: foo, port: 81}, {name: tcp-x, port: 82}, {name: http, port: 83}]}\n",
         "IST0150 Service apps/s spec.ports[0].name\nIST0150 Service apps/s spec.ports[1].name",
         "spec.ports[2];spec.ports[3];0118"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0134
static void ist0134(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: TCP}]}\n",
         "IST0134 ServiceEntry apps/s spec.ports[0]", NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: tcp}]}\n",
         "IST0134 ServiceEntry apps/s spec.ports[0]", NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: HTTP}]}\n",
         "", "0134"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: MONGO}]}\n",
         "", "0134"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], addresses: [10.0.0.1], ports: [{number: 1, name: a}]}\n",
         "", "0134"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a}]}\nstatus: {addresses: [{value: 240.0.0.1}]}\n",
         "", "0134"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0177
static void ist0177(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: HTTP}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: b, namespace: other}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: http}]}\n",
         "", "0177"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: b, namespace: other}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: TCP}]}\n",
         "", "0177"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: b, namespace: other}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: HTTP}]}\n",
         "IST0177 ServiceEntry apps/a spec.ports\nIST0177 ServiceEntry other/b spec.ports", NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a}]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: b, namespace: other}\nspec: {hosts: [x.io], ports: [{number: 2, name: a, protocol: HTTP}]}\n",
         "", "0177"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a}], exportTo: ['.']}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: b, namespace: other}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: HTTP}]}\n",
         "", "0177"},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 1, name: a}], exportTo: [x]}\n"
         "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: b, namespace: other}\nspec: {hosts: [x.io], ports: [{number: 1, name: a, protocol: HTTP}], exportTo: [x]}\n",
         "IST0177 ServiceEntry apps/a spec.ports\nIST0177 ServiceEntry other/b spec.ports", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0102
static void ist0102(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: enabled}}\n",
         "", "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: disabled}}\n",
         "", "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: ''}}\n",
         "IST0102 Namespace ns metadata.labels", NULL},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio.io/rev: x}}\n",
         "", "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio.io/dataplane-mode: ambient}}\n",
         "", "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio.io/dataplane-mode: none}}\n",
         "", "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n",
         "IST0102 Namespace ns metadata.labels", NULL},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system}\n", "",
         "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n", "",
         "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {a: b}}\n",
         "IST0102 Namespace ns metadata.labels", NULL},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: enabled, istio.io/dataplane-mode: ambient}}\n",
         "IST0123 Namespace ns metadata.labels", "IST0102"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio.io/rev: x, istio.io/dataplane-mode: ambient}}\n",
         "IST0123 Namespace ns metadata.labels", "IST0102"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: disabled, istio.io/rev: x}}\n",
         "", "IST0102;IST0123"},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: disabled, istio.io/dataplane-mode: ambient}}\n",
         "", "IST0102;IST0123"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0107
static void ist0107(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, annotations: {networking.istio.io/exportTo: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
         "", "IST010"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, annotations: {topology.istio.io/controlPlaneClusters: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
         "IST0107 Service apps/s metadata.annotations[\"topology.istio.io/controlPlaneClusters\"]",
         NULL},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: enabled}, annotations: {topology.istio.io/controlPlaneClusters: 'x'}}\n",
         "", "IST010"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, annotations: {proxy.istio.io/config: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
         "IST0107 Service apps/s metadata.annotations[\"proxy.istio.io/config\"]", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, annotations: {sidecar.istio.io/inject: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
         "IST0107 Service apps/s metadata.annotations[\"sidecar.istio.io/inject\"]", NULL},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, annotations: {networking.istio.io/exportto: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
         "IST0108 Service apps/s metadata.annotations[\"networking.istio.io/exportto\"]", NULL},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: enabled}, annotations: {istio.io/nope: 'x'}}\n",
         "IST0108 Namespace ns metadata.annotations[\"istio.io/nope\"]", NULL},
        {"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, labels: {istio-injection: enabled}, annotations: {myistio.io/nope: 'x'}}\n",
         "", "IST010"},
        {"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: apps, annotations: {example.com/x: '.'}}\nspec: {ports: [{name: http, port: 80}]}\n",
         "", "IST010"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0171
static void ist0171(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 80, name: a, protocol: HTTP}]}\nstatus: {conditions: [{type: istio.io/WaypointBound, status: 'False'}]}\n",
         "IST0171 ServiceEntry apps/s status.conditions", NULL},
        {"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: s, namespace: apps}\nspec: {hosts: [x.io], ports: [{number: 80, name: a, protocol: HTTP}]}\nstatus: {conditions: [{type: istio.io/WaypointBound, status: Unknown}]}\n",
         "", "IST0171"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0174
static void ist0174(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {DR("d", "{host: ghost}"), "IST0174 DestinationRule apps/d spec.host", NULL},
        {DR("d", "{host: web}"), "", "IST0174"},
        {DR("d", "{host: '*.apps.svc.cluster.local'}"), "IST0174 DestinationRule apps/d spec.host",
         NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0173
static void ist0173(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {DR("d", "{host: ghost, subsets: [{name: v1, labels: {type: y}}]}"), "", "IST0173"},
        {DR("d",
            "{host: web, subsets: [{name: v1, labels: {istio: i, type: x}}, {name: v2, labels: {istio: i, type: y}}]}"),
         "IST0173 DestinationRule apps/d spec.subsets[1].labels", "subsets[0]"},
        {DR("d",
            "{host: web, subsets: [{name: v1, labels: {kubernetes.io/hostname: a}}, {name: v2, labels: {app: none, kubernetes.io/hostname: a}}]}"),
         "", "IST0173"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#prefix-neighbour
static void prefix_neighbour(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /foobar}}], route: [{destination: {host: mono}}]}")),
         "GT0102 VirtualService apps/v spec.http[0].match[0]", NULL},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo/}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /foo/bar}}], route: [{destination: {host: mono}}]}")),
         "", "GT0102"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}, method: {exact: GET}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /foobar}}], route: [{destination: {host: mono}}]}")),
         "", "GT0102"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /foobar}}], route: [{destination: {host: web}}]}")),
         "", "GT0102"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {exact: /foo}}], route: [{destination: {host: web}}]}, {match: [{uri: {exact: /foobar}}], route: [{destination: {host: mono}}]}")),
         "", "GT0102"},
        // what is no condition on the request does not matter
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{name: n, port: 80, gateways: [edge], uri: {prefix: /foo}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /foobar}}], route: [{destination: {host: mono}}]}")),
         "GT0102 VirtualService apps/v spec.http[0].match[0]", NULL},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}, headers: {x: {}}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /foobar}}], route: [{destination: {host: mono}}]}")),
         "", "GT0102"},
        // a segment more is meant; another port is elsewhere, the only one that is left out is not
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /foo/bar}}], route: [{destination: {host: mono}}]}")),
         "", "GT0102"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}}], route: [{destination: {host: two, port: {number: 80}}}]}, {match: [{uri: {prefix: /foobar}}], route: [{destination: {host: two, port: {number: 90}}}]}")),
         "GT0102 VirtualService apps/v spec.http[0].match[0]", NULL},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /foobar}}], route: [{destination: {host: web, port: {number: 80}}}]}")),
         "", "GT0102"},
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /foo}}], route: [{destination: {host: web}}]}, {match: [{uri: {prefix: /fo}}], route: [{destination: {host: mono}}]}")),
         "", "GT0102"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#dead-rules: what sidecars may still use is dead behind a Gateway only.
static void dead_rules_of_the_mesh(void **state)
{
    (void)state;
#define SHADOW(entry) "{match: [{uri: {prefix: /a}" entry "}], " TO("web") "}"
#define IN_SHADOW "{match: [{uri: {prefix: /a/b}}], " TO("mono") "}"
#define OF_MESH(name, http) VS(name, "{hosts: [x.a.io], gateways: [edge, mesh], http: [" http "]}")
    static const struct {
        const char *yaml, *want;
    } t[] = {
        {EDGE VS("v", ROUTES(SHADOW("") ", " IN_SHADOW)),
         "rule #1 is never reached: rule #0 takes all its requests | move it before that rule, or remove it"},
        {EDGE OF_MESH("v", SHADOW("") ", " IN_SHADOW),
         "rule #1 is never reached: rule #0 takes all its requests | move it before that rule, or remove it"},
        {EDGE OF_MESH("v", SHADOW(", gateways: [edge]") ", " IN_SHADOW),
         "rule #1 is never reached behind a Gateway: rule #0 takes all its requests | move it before that rule; the mesh may use it where it is"},
        {EDGE VS("v", ROUTES(SHADOW(", gateways: [edge]") ", " IN_SHADOW)),
         "rule #1 is never reached: rule #0 takes all its requests | move it before that rule, or remove it"},
        // on the one port the earlier entry is there, on the other it is not
        {GW("edge",
            "{selector: {istio: i}, servers: [{hosts: [x.a.io], port: {number: 80, name: a, protocol: HTTP}}, {hosts: [y.a.io], port: {number: 8080, name: b, protocol: HTTP}}]}")
             VS("v", "{hosts: [x.a.io, y.a.io], gateways: [edge], http: [" SHADOW(
                         ", port: 80") ", " IN_SHADOW "]}"),
         "rule #1 is never reached on host x.a.io: rule #0 takes all its requests | move it before that rule; it is used on other hosts"},
        {EDGE VS("a", ROUTES(SHADOW(""))) OF_MESH("b", IN_SHADOW),
         "rule #0 is never reached behind a Gateway: rule #0 of VirtualService apps/a takes all its requests"},
        {EDGE VS("a", ROUTES(SHADOW(""))) VS("b", ROUTES(IN_SHADOW)),
         "rule #0 is never reached: rule #0 of VirtualService apps/a takes all its requests"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char *got = check_findings(t[i].yaml, true);
        const char *found = strstr(got, "GT0101");
        if (found == NULL || strstr(found, t[i].want) == NULL) {
            fail_msg("missing: %s\nin:\n%s", t[i].want, got);
        }
        free(got);
    }
}

// docs/rules/istio.md#redirect-loop
static void redirect_loops(void **state)
{
    (void)state;
#define HOP(from, to) "{match: [{uri: {exact: /" from "}}], redirect: {uri: /" to "}}"
#define LOOP "GT0104 VirtualService apps/v spec.http[0].match[0]"
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES(HOP("a", "a"))), LOOP, NULL},
        {EDGE VS("v", ROUTES(HOP("a", "b") ", " HOP("b", "a"))),
         LOOP "\nGT0104 VirtualService apps/v spec.http[1].match[0]", NULL},
        {EDGE VS("v", ROUTES(HOP("a", "b") ", {" TO("web") "}")), "", "GT0104"},
        {EDGE VS("v", ROUTES(HOP("a", "b") ", " HOP("b", "b"))),
         "GT0104 VirtualService apps/v spec.http[1].match[0]", NULL},
        // up to six of them are followed
        {EDGE VS("v", ROUTES(HOP("1", "2") ", " HOP("2", "3") ", " HOP("3", "4") ", " HOP(
                          "4", "5") ", " HOP("5", "6") ", " HOP("6", "1"))),
         LOOP, NULL},
        {EDGE VS("v", ROUTES(HOP("1", "2") ", " HOP("2", "3") ", " HOP("3", "4") ", " HOP(
                          "4", "5") ", " HOP("5", "6") ", " HOP("6", "7") ", " HOP("7", "1"))),
         "", "GT0104"},
        // the request is made up from the conditions; for an expression there is none
        {EDGE VS(
             "v",
             ROUTES(
                 "{match: [{uri: {prefix: /a}, method: {exact: PUT}, headers: {x: {exact: b}}, queryParams: {q: {}}}], redirect: {authority: x.a.io}}")),
         LOOP, NULL},
        {EDGE VS("v", ROUTES("{match: [{uri: {regex: '/a.*'}}], redirect: {uri: /a}}")), "",
         "GT0104"},
        // another host, another scheme without a server
        {EDGE VS("v", ROUTES("{match: [{uri: {exact: /a}}], redirect: {authority: other.io}}")), "",
         "GT0104"},
        {EDGE VS("v", ROUTES("{match: [{uri: {exact: /a}}], redirect: {scheme: https}}")), "",
         "GT0104"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#redirect-code
static void redirect_code(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 300}}")),
         "GT0110 VirtualService apps/v spec.http[0].redirect.redirectCode", "IST0106"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 304}}")),
         "GT0110 VirtualService apps/v spec.http[0].redirect.redirectCode", "IST0106"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 305}}")),
         "GT0110 VirtualService apps/v spec.http[0].redirect.redirectCode", "IST0106"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 306}}")),
         "GT0110 VirtualService apps/v spec.http[0].redirect.redirectCode", "IST0106"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 309}}")),
         "GT0110 VirtualService apps/v spec.http[0].redirect.redirectCode", "IST0106"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 399}}")),
         "GT0110 VirtualService apps/v spec.http[0].redirect.redirectCode", "IST0106"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 301}}")), "", "GT0110"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 302}}")), "", "GT0110"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 303}}")), "", "GT0110"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 307}}")), "", "GT0110"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 308}}")), "", "GT0110"},
        {EDGE VS("v", ROUTES("{redirect: {uri: /b, redirectCode: 0}}")), "", "GT0110"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#passthrough-default
static void passthrough_default(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {credentialName: c}}]}"),
         "GT0106 Gateway apps/a spec.servers[0].tls", NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: TLS}, tls: {credentialName: c}}]}"),
         "GT0106 Gateway apps/a spec.servers[0].tls", NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: TLS}, tls: {mode: PASSTHROUGH}}]}"),
         "", "GT0106"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}"),
         "", "GT0106"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTP}, tls: {httpsRedirect: true}}]}"),
         "", "GT0106"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#server-host-rewrite
static void server_host_rewrite(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: ['*/*', '*/a.io'], port: {number: 80, name: h, protocol: HTTP}}]}"),
         "GT0111 Gateway apps/a spec.servers[0].hosts[1]", NULL},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: ['*/*', ns/a.io], port: {number: 80, name: h, protocol: HTTP}}]}"),
         "", "GT0111"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [./a.io, '*/*'], port: {number: 80, name: h, protocol: HTTP}}]}"),
         "", "GT0111"},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: ['*/*', a.io, ./b.io], port: {number: 80, name: h, protocol: HTTP}}]}"),
         "GT0111 Gateway apps/a spec.servers[0].hosts[2]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#virtualservice-export
static void virtualservice_export(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], exportTo: ['.'], http: [{route: [{destination: {host: web}}]}]}"),
         "GT0113 VirtualService apps/v spec.exportTo", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], exportTo: [apps], http: [{route: [{destination: {host: web}}]}]}"),
         "GT0113 VirtualService apps/v spec.exportTo", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], exportTo: [istio-system], http: [{route: [{destination: {host: web}}]}]}"),
         "", "GT0113"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], exportTo: ['*'], http: [{route: [{destination: {host: web}}]}]}"),
         "", "GT0113"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], exportTo: ['.', istio-system], http: [{route: [{destination: {host: web}}]}]}"),
         "", "GT0113"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#delegate-lookup
static void delegate_lookup(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], http: [{delegate: {name: leaf}}, {route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: apps}\nspec: {http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}]}\n",
         "", "GT0114"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], http: [{delegate: {name: leaf}}, {route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: other}\nspec: {http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}]}\n",
         "GT0114 VirtualService apps/v spec.http[0].delegate", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], http: [{delegate: {name: leaf, namespace: other}}, {route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: other}\nspec: {http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}]}\n",
         "", "GT0114"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], http: [{delegate: {name: leaf, namespace: other}}, {route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: other}\nspec: {exportTo: ['.'], http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}]}\n",
         "GT0114 VirtualService apps/v spec.http[0].delegate", NULL},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], http: [{delegate: {name: leaf, namespace: other}}, {route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: other}\nspec: {exportTo: [apps], http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}]}\n",
         "", "GT0114"},
        {EDGE VS(
             "v",
             "{hosts: [x.a.io], gateways: [edge], http: [{delegate: {name: leaf}}, {route: [{destination: {host: web}}]}]}") "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, namespace: apps}\nspec: {hosts: [y.a.io], http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}]}\n",
         "GT0114 VirtualService apps/v spec.http[0].delegate", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

#define SECURE(name, hosts, more)                                                                  \
    "{hosts: [" hosts "], port: {number: 443, name: " name ", protocol: HTTPS}, tls: {" more "}}"
#define SIMPLE "mode: SIMPLE, credentialName: c"
#define SECRET(ns, data)                                                                           \
    "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: " ns                      \
    "}\ntype: Opaque\n" data
#define CERTIFICATE(ns, names)                                                                     \
    "\n---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: " ns \
    "}\nspec: {secretName: c, dnsNames: [" names "], issuerRef: {name: x}}\n"

// docs/rules/istio.md#credential-namespace, docs/rules/istio.md#credential-missing
static void credential_namespace(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) "]}")
             SECRET("istio-system", ""),
         "", "GT0105;IST0101"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) "]}")
             SECRET("apps", ""),
         "GT0105 Gateway apps/a spec.servers[0].tls.credentialName\nIST0101 Gateway apps/a spec.servers[0].tls.credentialName",
         NULL},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) "]}")
             CERTIFICATE("apps", "a.io"),
         "GT0105 Gateway apps/a spec.servers[0].tls.credentialName", NULL},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) "]}")
             SECRET("other", ""),
         "IST0101 Gateway apps/a spec.servers[0].tls.credentialName", "GT0105"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io", "mode: SIMPLE, credentialName: istio-system/c") "]}")
             SECRET("istio-system", ""),
         "", "GT0105;IST0101"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io", "mode: SIMPLE, credentialName: apps/c") "]}") SECRET("apps", ""),
         "GT0105 Gateway apps/a spec.servers[0].tls.credentialName", NULL},
        // a Certificate is about to write it; ISTIO_MUTUAL takes none
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) "]}")
             CERTIFICATE("istio-system", "a.io") SECRET("other", ""),
         "", "GT0105;IST0101"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", "mode: ISTIO_MUTUAL") "]}")
             SECRET("other", ""),
         "", "GT0105;IST0101"},
        // other schemes are not judged
        {GW("a",
            "{selector: {istio: i}, servers: [" SECURE(
                "s", "a.io", "mode: SIMPLE, credentialName: 'kubernetes-gateway://apps/c'") "]}")
             SECRET("other", ""),
         "", "GT0105;IST0101"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io", "mode: SIMPLE, credentialName: 'builtin://'") "]}")
             SECRET("other", ""),
         "", "GT0105;IST0101"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io", "mode: SIMPLE, credentialName: 'configmap://c'") "]}")
             SECRET("other", ""),
         "", "GT0105;IST0101"},
        // except for that of Secrets
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io", "mode: SIMPLE, credentialName: 'kubernetes://c'") "]}")
             SECRET("istio-system", ""),
         "", "GT0105;IST0101"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io", "mode: SIMPLE, credentialName: 'kubernetes://c'") "]}")
             SECRET("other", ""),
         "IST0101 Gateway apps/a spec.servers[0].tls.credentialName", NULL},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io", "mode: SIMPLE, credentialNames: ['kubernetes://c']") "]}")
             SECRET("other", ""),
         "IST0101 Gateway apps/a spec.servers[0].tls.credentialNames[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#absence-is-not-proof: nothing is missing whose kind is not known, in a cluster or among files.
static void absence_is_not_proof(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *code;
        enum kind of; // what the finding is about the absence of
    } t[] = {
        {EDGE VS("v", ROUTES("{" TO("ghost") "}")), "IST0101", KIND_SERVICE},
        {EDGE VS("v", ROUTES("{" TO("ghost") "}")), "IST0101", KIND_SERVICEENTRY},
        {DR("d", "{host: ghost}"), "IST0174", KIND_SERVICE},
        {DR("d", "{host: ghost}"), "IST0174", KIND_SERVICEENTRY},
        {VS("v", "{hosts: [x.a.io], gateways: [none], http: [{" TO("web") "}]}"), "IST0101",
         KIND_GATEWAY},
        {VS("v", "{hosts: [x.a.io], gateways: [none], http: [{" TO("web") "}]}"), "IST0132",
         KIND_GATEWAY},
        {EDGE VS("v", ROUTES("{route: [{destination: {host: web, subset: v1}}]}")), "IST0101",
         KIND_DESTINATIONRULE},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) "]}"), "IST0101",
         KIND_SECRET},
        {GW("a",
            "{selector: {istio: other}, servers: [{hosts: [a.io], port: {number: 80, name: h, protocol: HTTP}}]}"),
         "IST0101", KIND_POD},
        {GW("a",
            "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 81, name: h, protocol: HTTP}}]}"),
         "IST0162", KIND_SERVICE},
        {EDGE VS("v", ROUTES("{delegate: {name: none}}, {" TO("web") "}")), "GT0114",
         KIND_VIRTUALSERVICE},
        {EDGE VS("v", ROUTES("{" TO("web") "}")), "GT0108", KIND_ENDPOINTSLICE},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct buf b;
        struct world w;
        buf_init(&b, 0);
        buf_adds(&b, check_base);
        buf_adds(&b, t[i].yaml);
        world_open(&w, b.data, time_parse(CHECK_NOW));
        struct snapshot live = of_a_cluster(w.snap);
        w.mesh.snap = &live;
        if (!reported(&w, t[i].code)) {
            fail_msg("row %zu: no %s", i, t[i].code);
        }
        struct kind_state *of = &live.states[t[i].of];
        const struct kind_state known = *of;
        of->state = SYNC_FORBIDDEN;
        assert_false(reported(&w, t[i].code));
        *of = known;
        of->synced = false;
        assert_false(reported(&w, t[i].code));
        world_close(&w);
        buf_release(&b);
    }
    // what controllers make is in no manifest, even where the files are all there is
    struct world w;
    world_open(&w, EDGE VS("v", ROUTES("{" TO("ghost") "}")) DR("d", "{host: ghost}"), 0);
    static const char *const codes[] = {"IST0162", "IST0173", "GT0108"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        assert_false(reported(&w, codes[i]));
    }
    world_close(&w);
    // claims are never missing in a cluster: their RequestAuthentications are not read there
    world_open(&w, EDGE CLAIMED("headers") POD_OF_EDGE, 0);
    assert_true(reported(&w, "IST0149"));
    struct snapshot live = of_a_cluster(w.snap);
    w.mesh.snap = &live;
    assert_false(reported(&w, "IST0149"));
    world_close(&w);
}

// docs/rules/istio.md#files-are-an-excerpt: an info where the files are an excerpt, what istioctl says where they are
// complete.
static void excerpts(void **state)
{
    (void)state;
#define SECURE_GATEWAY(ns)                                                                         \
    "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: " ns \
    "}\nspec: {selector: {istio: i}, servers: [" SECURE("s", "x.a.io", SIMPLE) "]}\n"
#define SOURCE(version, kind, spec)                                                                \
    "\n---\napiVersion: " version "\nkind: " kind                                                  \
    "\nmetadata: {name: c, namespace: istio-system}\nspec: {" spec "}\n"
    static const struct {
        const char *yaml, *code;
        int n;         // infos of that code in an excerpt
        bool complete; // whether the code is reported where the files are complete
    } t[] = {
        {EDGE VS("v", ROUTES("{" TO("ghost") "}")), "IST0101", 1, true},
        // one cause, one finding: no port, no subset, no second rule
        {EDGE VS("v", ROUTES("{" TO("ghost") "}, {" TO("ghost") "}")), "IST0101", 1, true},
        {EDGE VS("v", ROUTES("{route: [{destination: {host: ghost, subset: v1, port: {number: "
                             "80}}}]}")),
         "IST0101", 1, true},
        {DR("d", "{host: ghost}"), "IST0174", 1, true},
        {VS("v", ROUTES("{" TO("ghost") "}")), "IST0132", 1, true},
        {EDGE VS("v", ROUTES("{delegate: {name: none}}")), "GT0114", 1, true},
        {SECURE_GATEWAY("istio-system"), "IST0101", 1, true},
        // what makes the Secret is there
        {SECURE_GATEWAY("istio-system") SOURCE("bitnami.com/v1alpha1", "SealedSecret", ""),
         "IST0101", 0, false},
        {SECURE_GATEWAY("istio-system")
             SOURCE("external-secrets.io/v1beta1", "ExternalSecret", "target: {name: c}"),
         "IST0101", 0, false},
        {SECURE_GATEWAY("istio-system")
             SOURCE("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass",
                    "secretObjects: [{secretName: c}]"),
         "IST0101", 0, false},
        {SECURE_GATEWAY("istio-system")
             SOURCE("cert-manager.io/v1", "Certificate",
                    "secretName: c, dnsNames: [a.io], issuerRef: {name: i}"),
         "IST0101", 0, false},
        // where the pods run is a guess, so the Secret may be in any namespace
        {SECURE_GATEWAY("edge") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, "
                                "namespace: edge}\n",
         "GT0105", 0, false},
        {SECURE_GATEWAY("edge") "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, "
                                "namespace: other}\n",
         "IST0101", 0, false},
        {GW("edge", SERVER("'*.a.io'"))
             VS("v", "{hosts: [x.a.io], gateways: [edge], exportTo: [.], http: [{" TO("w") "}]}"),
         "GT0113", 1, true},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        struct findings f = {0};
        world_open_excerpt(&w, t[i].yaml, time_parse(CHECK_NOW));
        check_run(&w.mesh, NULL, &f);
        int n = 0;
        for (uint32_t k = 0; k < f.n; k++) {
            bool its = strcmp(f.at[k].code, t[i].code) == 0;
            if (f.at[k].severity > SEVERITY_WARNING || (its && f.at[k].severity > SEVERITY_INFO)) {
                fail_msg("row %zu: %s %s: %s", i, severity_name(f.at[k].severity), f.at[k].code,
                         f.at[k].message);
            }
            n += its;
        }
        // The other code of a missing host is that of its Gateway, or the host of the route.
        if (t[i].n == 0 ? n != 0 : n < 1 || n > t[i].n) {
            fail_msg("row %zu: %d of %s in an excerpt", i, n, t[i].code);
        }
        world_close(&w);
        world_open(&w, t[i].yaml, time_parse(CHECK_NOW));
        if (reported(&w, t[i].code) != t[i].complete) {
            fail_msg("row %zu: %s where the files are complete", i, t[i].code);
        }
        world_close(&w);
    }
}

// docs/rules/istio.md#dead-rules: of a delegate's entry only what no root has a request for.
static void dead_entries_of_delegates(void **state)
{
    (void)state;
#define LEAF(rules)                                                                                \
    "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: leaf, "     \
    "namespace: apps}\nspec: {http: [" rules "]}\n"
#define DELEGATE "delegate: {name: leaf}"
    static const struct check_sample t[] = {
        // the first root takes /, so of the second only that entry is dead
        {EDGE VS("v", ROUTES("{match: [{uri: {exact: /}}], " TO("web") "}, {" DELEGATE "}"))
             LEAF("{match: [{uri: {exact: /}}, {uri: {prefix: /one}}], " TO("web") "}"),
         "GT0101 VirtualService apps/leaf spec.http[0].match[0]",
         "GT0101 VirtualService apps/leaf spec.http[0]\n;match[1]"},
        // another root has a request for it
        {EDGE VS("v", ROUTES("{match: [{uri: {exact: /}}], " TO("web") "}, {" DELEGATE "}"))
             VS("w", "{hosts: [y.a.io], gateways: [edge], http: [{" DELEGATE "}]}")
                 LEAF("{match: [{uri: {exact: /}}, {uri: {prefix: /one}}], " TO("web") "}"),
         "", "GT0101"},
        // a rule for one port ends nothing on another
        {GW("edge",
            "{selector: {istio: i}, servers: [{hosts: [x.a.io], port: {number: 80, name: h, "
            "protocol: HTTP}}, {hosts: [x.a.io], port: {number: 8080, name: i, protocol: "
            "HTTP}}]}")
             VS("v", ROUTES("{match: [{port: 80}], redirect: {scheme: https}}, {" TO("web") "}")),
         "", "GT0101"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#path-traps, docs/rules/istio.md#double-slash
static void path_traps(void **state)
{
    (void)state;
#define MATCH(uri) "{match: [{uri: {" uri "}}], " TO("web") "}"
#define REWRITTEN(uri, to) "{match: [{uri: {" uri "}}], rewrite: {uri: " to "}, " TO("web") "}"
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES(MATCH("prefix: route"))),
         "GT0117 VirtualService apps/v spec.http[0].match[0].uri.prefix", NULL},
        {EDGE VS("v", ROUTES(MATCH("exact: route"))),
         "GT0117 VirtualService apps/v spec.http[0].match[0].uri.exact", NULL},
        {EDGE VS("v", ROUTES(MATCH("exact: ''"))),
         "GT0117 VirtualService apps/v spec.http[0].match[0].uri.exact", NULL},
        {EDGE VS("v", ROUTES(MATCH("prefix: '/api/*'"))),
         "GT0117 VirtualService apps/v spec.http[0].match[0].uri.prefix", NULL},
        {EDGE VS("v", ROUTES(MATCH("exact: '/a*b'"))),
         "GT0117 VirtualService apps/v spec.http[0].match[0].uri.exact", NULL},
        {EDGE VS("v", ROUTES(MATCH("prefix: /"))), "", "GT0117"},
        {EDGE VS("v", ROUTES(MATCH("prefix: ''") ", " MATCH("regex: '/a.*'"))), "", "GT0117"},
        {EDGE VS("v", ROUTES(MATCH("regex: 'a.*'"))),
         "GT0117 VirtualService apps/v spec.http[0].match[0].uri.regex", NULL},
        {EDGE VS("v", ROUTES(MATCH("regex: '(a|/b).*'"))), "", "GT0117"},
        {EDGE VS("v", ROUTES(MATCH("exact: '/a?b=c'"))),
         "GT0117 VirtualService apps/v spec.http[0].match[0].uri.exact", NULL},
        {EDGE VS("v", ROUTES(REWRITTEN("prefix: /common", "/"))),
         "GT0118 VirtualService apps/v spec.http[0].match[0]", NULL},
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /a}}], redirect: {prefixRewrite: /b/}}")),
         "GT0118 VirtualService apps/v spec.http[0].match[0]", NULL},
        {EDGE VS("v", ROUTES(REWRITTEN("prefix: /common/", "/"))), "", "GT0118"},
        {EDGE VS("v", ROUTES(REWRITTEN("prefix: /common", "/c"))), "", "GT0118"},
        {EDGE VS("v", ROUTES(REWRITTEN("exact: /common", "/"))), "", "GT0118"},
        {EDGE VS("v", ROUTES(REWRITTEN("prefix: /c/", "/") ", " REWRITTEN("prefix: /c", "/"))), "",
         "GT0118"},
        {EDGE VS("v", ROUTES("{match: [{uri: {prefix: /c/}}, {uri: {prefix: /c}}], rewrite: {uri: "
                             "/}, " TO("web") "}")),
         "", "GT0118"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#hidden-wildcard
static void hidden_wildcards(void **state)
{
    (void)state;
#define ON(host, http) "{hosts: ['" host "'], gateways: [edge], http: [" http "]}"
#define AT(uri) "{match: [{uri: {" uri "}}], " TO("web") "}"
#define ALL "{" TO("web") "}"
#define HIDES "GT0122 VirtualService apps/v spec.hosts"
    static const struct check_sample t[] = {
        {EDGE VS("v", ON("x.a.io", AT("prefix: /a"))) VS("w", ON("*.a.io", ALL)), HIDES, NULL},
        {EDGE VS("v", ON("*.x.a.io", AT("prefix: /a"))) VS("w", ON("*.a.io", AT("exact: /b"))),
         HIDES, NULL},
        {EDGE VS("v", ON("x.a.io", AT("prefix: /a"))) VS("w", ON("*", ALL)), HIDES,
         NULL}, // which is *.a.io there
        // something may take the rest
        {EDGE VS("v", ON("x.a.io", AT("prefix: /a") ", " ALL)) VS("w", ON("*.a.io", ALL)), "",
         "GT0122"},
        {EDGE VS("v", ON("x.a.io", AT("prefix: /"))) VS("w", ON("*.a.io", ALL)), "", "GT0122"},
        {EDGE VS("v", ON("x.a.io", AT("regex: /.*"))) VS("w", ON("*.a.io", ALL)), "", "GT0122"},
        // the same rules for both, and another host
        {EDGE VS("v",
                 "{hosts: [x.a.io, '*.a.io'], gateways: [edge], http: [" AT("prefix: /a") "]}"),
         "", "GT0122"},
        {EDGE VS("v", ON("a.io", AT("prefix: /a"))) VS("w", ON("*.a.io", ALL)), "", "GT0122"},
        {EDGE VS("v", ON("x.a.io", AT("prefix: /a"))), "", "GT0122"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#gateway-not-listed
static void gateway_not_listed(void **state)
{
    (void)state;
#define FOR(name) "{match: [{gateways: [" name "], uri: {prefix: /a}}], " TO("web") "}"
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES(FOR("old"))),
         "GT0119 VirtualService apps/v spec.http[0].match[0].gateways[0]", NULL},
        {EDGE VS("v", ROUTES(FOR("mesh"))),
         "GT0119 VirtualService apps/v spec.http[0].match[0].gateways[0]", NULL},
        {EDGE VS("v", ROUTES(FOR("edge"))), "", "GT0119"},
        {EDGE VS("v", ROUTES(FOR("apps/edge"))), "", "GT0119"},
        {EDGE VS("v", "{hosts: [web], http: [" FOR("mesh") "]}"), "", "GT0119"},
        {EDGE VS("v", "{http: [" FOR("old") "]}"), "", "GT0119"}, // a delegate
        {EDGE VS("v", "{hosts: [x.a.io], gateways: [edge], tls: [{match: [{sniHosts: [x.a.io], "
                      "gateways: [old]}], " TO("web") "}]}"),
         "GT0119 VirtualService apps/v spec.tls[0].match[0].gateways[0]", NULL},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#plain-to-tls-port
static void plain_to_tls_port(void **state)
{
    (void)state;
#define SEC(port)                                                                                  \
    "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: sec, namespace: apps}\nspec: {ports: " \
    "[{port: 443, " port "}, {port: 80, name: http}]}\n"
#define TO_SEC(port) "{route: [{destination: {host: sec, port: {number: " port "}}}]}"
#define FOUND "GT0120 VirtualService apps/v spec.http[0].route[0].destination"
#define STARTS(host, mode) DR("d", "{host: '" host "', trafficPolicy: {tls: {mode: " mode "}}}")
    static const struct check_sample t[] = {
        {EDGE SEC("name: https") VS("v", ROUTES(TO_SEC("443"))), FOUND, NULL},
        {EDGE SEC("name: HTTPS-web") VS("v", ROUTES(TO_SEC("443"))), FOUND, NULL},
        {EDGE SEC("name: tls") VS("v", ROUTES(TO_SEC("443"))), FOUND, NULL},
        {EDGE SEC("name: web, appProtocol: https") VS("v", ROUTES(TO_SEC("443"))), FOUND, NULL},
        {EDGE SEC("name: https, appProtocol: http") VS("v", ROUTES(TO_SEC("443"))), "", "GT0120"},
        {EDGE SEC("name: httpsish") VS("v", ROUTES(TO_SEC("443"))), "", "GT0120"},
        {EDGE SEC("name: https") VS("v", ROUTES(TO_SEC("80"))), "", "GT0120"},
        {EDGE SE("e", "{hosts: [x.io], resolution: DNS, ports: [{number: 443, name: a, protocol: "
                      "HTTPS}]}") VS("v", ROUTES("{" TO("x.io") "}")),
         FOUND, NULL},
        {EDGE SEC("name: https") STARTS("sec", "SIMPLE") VS("v", ROUTES(TO_SEC("443"))), "",
         "GT0120"},
        {EDGE SEC("name: https") STARTS("*.svc.cluster.local", "ISTIO_MUTUAL")
             VS("v", ROUTES(TO_SEC("443"))),
         "", "GT0120"},
        {EDGE SEC("name: https") STARTS("sec", "DISABLE") VS("v", ROUTES(TO_SEC("443"))), FOUND,
         NULL},
        {EDGE SEC("name: https")
             DR("d", "{host: sec, trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: "
                     "{mode: SIMPLE}}]}}") VS("v", ROUTES(TO_SEC("443"))),
         "", "GT0120"},
        {SEC("name: https") VS("v", "{hosts: [sec], http: [" TO_SEC("443") "]}"), "", "GT0120"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#credential-keys
static void no_ca(void **state)
{
    (void)state;
#define CA_SECRET(name, keys)                                                                      \
    "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: " name                                  \
    ", namespace: istio-system}\nstringData: {" keys "}\n"
#define MUTUAL_GW(more) GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", more) "]}")
#define FOUND_CA "GT0121 Gateway apps/a spec.servers[0].tls.credentialName"
    static const struct check_sample t[] = {
        {MUTUAL_GW("mode: MUTUAL, credentialName: c") CA_SECRET("c", "tls.crt: x, tls.key: y"),
         FOUND_CA, NULL},
        {MUTUAL_GW("mode: OPTIONAL_MUTUAL, credentialName: c")
             CA_SECRET("c", "tls.crt: x, tls.key: y"),
         FOUND_CA, NULL},
        {MUTUAL_GW("mode: SIMPLE, credentialName: c") CA_SECRET("c", "tls.crt: x, tls.key: y"), "",
         "GT0121"},
        {MUTUAL_GW("mode: MUTUAL, credentialName: c")
             CA_SECRET("c", "tls.crt: x, tls.key: y, ca.crt: z"),
         "", "GT0121"},
        {MUTUAL_GW("mode: MUTUAL, credentialName: c") CA_SECRET("c", "cert: x, key: y, cacert: z"),
         "", "GT0121"},
        {MUTUAL_GW("mode: MUTUAL, credentialName: c") CA_SECRET("c", "tls.crt: x, tls.key: y")
             CA_SECRET("c-cacert", "ca.crt: z"),
         "", "GT0121"},
        {MUTUAL_GW("mode: MUTUAL, credentialName: c, caCertCredentialName: d")
             CA_SECRET("c", "tls.crt: x, tls.key: y"),
         "", "GT0121"},
        {MUTUAL_GW("mode: MUTUAL, credentialName: c"), "",
         "GT0121"}, // that it is missing is enough
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#rules-and-servers, docs/rules/istio.md#tcp-routes
static void rules_and_servers(void **state)
{
    (void)state;
#define L4_SERVER(number, protocol, tls)                                                           \
    "{hosts: ['*.a.io'], port: {number: " number ", name: n" number ", protocol: " protocol        \
    "}" tls "}"
#define L4_GW(servers) GW("edge", "{selector: {istio: i}, servers: [" servers "]}")
#define PASSED L4_SERVER("443", "TLS", ", tls: {mode: PASSTHROUGH}")
#define PLAIN_HTTP L4_SERVER("80", "HTTP", "")
#define BYTES L4_SERVER("5432", "TCP", "")
#define ENDED L4_SERVER("6379", "TLS", ", tls: {mode: SIMPLE, credentialName: c}")
#define AUTO L4_SERVER("15443", "TLS", ", tls: {mode: AUTO_PASSTHROUGH}")
#define L4_VS(name, lists) VS(name, "{hosts: [x.a.io], gateways: [edge], " lists "}")
#define HTTP_RULE "http: [{" TO("web") "}]"
#define TLS_RULE "tls: [{match: [{sniHosts: [x.a.io]}], " TO("web") "}]"
#define TCP_RULE "tcp: [{" TO("web") "}]"
    static const struct check_sample t[] = {
        {L4_GW(PASSED) L4_VS("v", HTTP_RULE), "GT0116 VirtualService apps/v spec.http", NULL},
        {L4_GW(PASSED) L4_VS("v", TLS_RULE),
         "GT0120 VirtualService apps/v spec.tls[0].route[0].destination", "GT0116"},
        {L4_GW(PASSED) L4_VS("v", TCP_RULE), "GT0116 VirtualService apps/v spec", NULL},
        {L4_GW(BYTES) L4_VS("v", TCP_RULE), "", "GT01"},
        {L4_GW(BYTES) L4_VS("v", HTTP_RULE), "GT0116 VirtualService apps/v spec.http", NULL},
        {L4_GW(ENDED) L4_VS("v", TCP_RULE), "", "GT0116"},
        {L4_GW(ENDED) L4_VS("v", TLS_RULE), "GT0116 VirtualService apps/v spec", NULL},
        {L4_GW(AUTO) L4_VS("v", HTTP_RULE), "GT0116 VirtualService apps/v spec.http", NULL},
        // servers that read HTTP
        {L4_GW(PLAIN_HTTP) L4_VS("v", HTTP_RULE), "", "GT0116"},
        {L4_GW(PLAIN_HTTP) L4_VS("v", TLS_RULE), "GT0116 VirtualService apps/v spec.tls", NULL},
        {L4_GW(PLAIN_HTTP) L4_VS("v", HTTP_RULE ", " TLS_RULE),
         "GT0116 VirtualService apps/v spec.tls", NULL},
        {L4_GW(PLAIN_HTTP ", " PASSED) L4_VS("v", HTTP_RULE ", " TLS_RULE), "", "GT0116"},
        {L4_GW(PLAIN_HTTP ", " PASSED) L4_VS("v", HTTP_RULE),
         "GT0116 VirtualService apps/v spec.http", NULL},
        // another one takes the connections
        {L4_GW(PLAIN_HTTP ", " PASSED) L4_VS("v", HTTP_RULE) L4_VS("w", TLS_RULE), "", "GT0116"},
        // no match is for this port; sidecars may use what a gateway does not
        {L4_GW(PASSED)
             L4_VS("v", "tls: [{match: [{sniHosts: [x.a.io], port: 8443}], " TO("web") "}]"),
         "GT0116 VirtualService apps/v spec", NULL},
        {L4_GW(PLAIN_HTTP)
             VS("v", "{hosts: [x.a.io], gateways: [edge, mesh], " HTTP_RULE ", " TLS_RULE "}"),
         "", "GT0116"},
        {L4_VS("v", HTTP_RULE), "", "GT0116"}, // nothing is known of the Gateway
        // of two that want one connection
        {L4_GW(PASSED) L4_VS("v", TLS_RULE) L4_VS("w", TLS_RULE),
         "GT0101 VirtualService apps/w spec.tls[0].match[0]", "GT0116"},
        {L4_GW(BYTES) L4_VS("v", TCP_RULE) L4_VS("w", TCP_RULE),
         "GT0101 VirtualService apps/w spec.tcp[0]", "GT0116"},
    };
    check_samples(t, sizeof t / sizeof *t);
    char *lines = check_findings(L4_GW(PASSED) L4_VS("v", HTTP_RULE), true);
    assert_non_null(strstr(lines, "GT0116 VirtualService apps/v spec.http | error | port 443"));
    free(lines);
    lines = check_findings(L4_GW(PLAIN_HTTP ", " PASSED) L4_VS("v", HTTP_RULE), true);
    assert_non_null(strstr(lines, "GT0116 VirtualService apps/v spec.http | warning | port 443"));
    free(lines);
}

// docs/rules/istio.md#shared-certificate
static void shared_certificate(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) ", " SECURE(
                     "t", "b.io", SIMPLE) "]}"),
         "GT0107 Gateway apps/a spec.servers[1].tls.credentialName", "IST0138"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) ", " SECURE(
                     "t", "b.io", "mode: SIMPLE, credentialName: d") "]}"),
         "", "GT0107"},
        {GW("a",
            "{selector: {istio: i}, servers: [" SECURE(
                "s", "a.io",
                SIMPLE) ", {hosts: [b.io], port: {number: 444, name: t, protocol: HTTPS}, tls: {" SIMPLE
                        "}}]}"),
         "", "GT0107"}, // another connection
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) ", " SECURE(
                     "t", "b.io", "mode: PASSTHROUGH, credentialName: c") "]}"),
         "", "GT0107"}, // does not use it
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io", SIMPLE) ", " SECURE(
                     "t", "b.io", "mode: SIMPLE, credentialName: 'kubernetes://c'") "]}"),
         "GT0107 Gateway apps/a spec.servers[1].tls.credentialName", "IST0138"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#certificate-reach
static void certificate_reach(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io, b.io", SIMPLE) "]}")
             CERTIFICATE("istio-system", "a.io"),
         "GT0103 Gateway apps/a spec.servers[0].hosts[1]", "hosts[0]"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "apps/a.io, ./b.io", SIMPLE) "]}")
             CERTIFICATE("istio-system", "a.io"),
         "GT0103 Gateway apps/a spec.servers[0].hosts[1]", "hosts[0]"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io, b.io", "mode: PASSTHROUGH, credentialName: c") "]}")
             CERTIFICATE("istio-system", "a.io"),
         "", "GT0103"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io, b.io", SIMPLE) "]}")
             CERTIFICATE("apps", "a.io"),
         "", "GT0103"}, // of another Secret
        // hosts of VirtualServices within a wildcard of the server: one label for the certificate's
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "'*.a.io'", SIMPLE) "]}")
             CERTIFICATE("istio-system", "'*.a.io'")
                 VS("v", "{hosts: [x.a.io, x.y.a.io, '*.y.a.io'], gateways: [a], http: [{" TO(
                             "web") "}]}"),
         "GT0103 VirtualService apps/v spec.hosts[1]\nGT0103 VirtualService apps/v spec.hosts[2]",
         "GT0103 Gateway;GT0103 VirtualService apps/v spec.hosts[0]"},
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "'*.a.io', b.io", SIMPLE) "]}")
             CERTIFICATE("istio-system", "'*.a.io', b.io")
                 VS("v", "{hosts: ['*.io', c.io], gateways: [a], http: [{" TO("web") "}]}"),
         "", "GT0103"}, // not within it
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "'other/*.a.io'", SIMPLE) "]}")
             CERTIFICATE("istio-system", "'*.a.io'")
                 VS("v", "{hosts: [x.y.a.io], gateways: [a], http: [{" TO("web") "}]}"),
         "", "GT0103"}, // of another namespace
        {GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "'*.a.io'", SIMPLE) "]}")
             CERTIFICATE("istio-system", "'*.a.io'")
                 VS("v", "{hosts: [x.y.a.io], gateways: [b], http: [{" TO("web") "}]}"),
         "", "GT0103"}, // on another Gateway
        {GW("a", "{selector: {istio: i}, servers: [" SECURE(
                     "s", "a.io, b.io", "mode: SIMPLE, credentialName: 'kubernetes://c'") "]}")
             CERTIFICATE("istio-system", "a.io"),
         "GT0103 Gateway apps/a spec.servers[0].hosts[1]", "hosts[0]"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// The same of the certificate in a Secret from a file.
static void reach_of_a_secret(void **state)
{
    (void)state;
    struct made_cert made = madecert_new(EVP_EC_gen("P-256"), "a.io", NULL, NULL, "DNS:a.io",
                                         "20260901000000Z", "20261201000000Z");
    struct buf pem, yaml;
    buf_init(&pem, 0);
    buf_init(&yaml, 0);
    madecert_pem(made.cert, &pem);
    buf_adds(&yaml,
             GW("a", "{selector: {istio: i}, servers: [" SECURE("s", "a.io, b.io", SIMPLE) "]}")
                 SECRET("istio-system", "data: {tls.key: QQ==, tls.crt: "));
    base64_encode(pem.data, pem.len, &yaml);
    buf_adds(&yaml, "}\n");
    char *got = check_findings(yaml.data, false);
    assert_non_null(strstr(got, "GT0103 Gateway apps/a spec.servers[0].hosts[1]"));
    assert_null(strstr(got, "hosts[0]"));
    assert_null(strstr(got, "IST0161"));
    free(got);
    buf_release(&yaml);
    buf_release(&pem);
    madecert_free(&made);
}

#define SLICE(service, ready)                                                                      \
    "\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: " service       \
    "-1, namespace: apps, labels: {kubernetes.io/service-name: " service "}}\naddressType: IPv4\n" \
    "ports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1], conditions: {ready: " ready "}}]\n"

// docs/rules/istio.md#missing-destination: GT0108
static void endpoints(void **state)
{
    (void)state;
    static const struct check_sample t[] = {
        {EDGE VS("v", ROUTES("{" TO("web") "}")), "", "GT0108"}, // there are none at all
        {EDGE VS("v", ROUTES("{" TO("web") "}")) SLICE("mono", "true"),
         "GT0108 VirtualService apps/v spec.http[0].route[0].destination.host", NULL},
        {EDGE VS("v", ROUTES("{" TO("web") "}")) SLICE("web", "false"),
         "GT0108 VirtualService apps/v spec.http[0].route[0].destination.host", NULL},
        {EDGE VS("v", ROUTES("{" TO("web") "}")) SLICE("web", "true"), "", "GT0108"},
        {EDGE VS("v", ROUTES("{" TO("by-hand") "}")) SLICE(
             "web",
             "true") "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: by-hand, namespace: apps}\nspec: {ports: [{name: http, port: 80}]}\n",
         "", "GT0108"}, // without a selector its endpoints come from elsewhere
        {EDGE VS("v", ROUTES("{" TO("ghost") "}")) SLICE("web", "true"), "", "GT0108"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#virtual-host-merge: GT0109
static void shared_host(void **state)
{
    (void)state;
#define ONE "{match: [{uri: {prefix: /1}}], " TO("web") "}"
    static const struct check_sample t[] = {
        {EDGE VS("a", ROUTES(ONE))
             VS("b", ROUTES("{match: [{uri: {prefix: /2}}], " TO("mono") "}")),
         "GT0109 VirtualService apps/b spec.hosts", "GT0109 VirtualService apps/a"},
        {EDGE VS("a", ROUTES(ONE)) VS("b", ROUTES("{" TO("mono") "}")), "",
         "GT0109"}, // at the end anyhow
        {EDGE VS("a", ROUTES(ONE)) VS("b", "{hosts: [y.a.io], gateways: [edge], http: [" ONE "]}"),
         "", "GT0109"},
    };
    check_samples(t, sizeof t / sizeof *t);
}

// docs/rules/istio.md#ist0161: the times of the certificate, and either pair of keys.
static void ist0161_certificates(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *crt, *key, *value; // of the key
        bool usable;
    } t[] = {
        {"20260901000000Z", "20261201000000Z", "tls.crt", "tls.key", "QQ==", true},
        {"20260901000000Z", "20261201000000Z", "cert", "key", "QQ==", true},
        {"20260901000000Z", "20261201000000Z", "cert", "tls.key", "QQ==", false},
        {"20260901000000Z", "20261201000000Z", "tls.crt", "key", "QQ==", false},
        {"20260901000000Z", "20261201000000Z", "tls.crt", "tls.key", "''", false},
        {"20260901000000Z", "20261201000000Z", "cert", "key", "''", false},
        {"20260901000000Z", "20261124235959Z", "tls.crt", "tls.key", "QQ==", false},
        {"20261125000001Z", "20261201000000Z", "tls.crt", "tls.key", "QQ==", false},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct made_cert made =
            madecert_new(EVP_EC_gen("P-256"), "a.io", NULL, NULL, "DNS:a.io", t[i].from, t[i].to);
        struct buf pem, yaml;
        buf_init(&pem, 0);
        buf_init(&yaml, 0);
        madecert_pem(made.cert, &pem);
        buf_adds(
            &yaml,
            GW("a",
               "{selector: {istio: i}, servers: [{hosts: [a.io], port: {number: 443, name: s, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}}]}") "---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: istio-system}\ntype: Opaque\n");
        buf_addf(&yaml, "data: {%s: %s, %s: ", t[i].key, t[i].value, t[i].crt);
        base64_encode(pem.data, pem.len, &yaml);
        buf_adds(&yaml, "}\n");
        char *got = check_findings(yaml.data, false);
        assert_int_equal(strstr(got, "IST0161") == NULL, t[i].usable);
        assert_null(strstr(got, "IST0101"));
        free(got);
        buf_release(&yaml);
        buf_release(&pem);
        madecert_free(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ist0002),
        cmocka_unit_test(ist0101_host),
        cmocka_unit_test(registry),
        cmocka_unit_test(ist0101_port),
        cmocka_unit_test(ist0112),
        cmocka_unit_test(ist0101_subset),
        cmocka_unit_test(ist0101_gateway),
        cmocka_unit_test(ist0132),
        cmocka_unit_test(ist0101_selector),
        cmocka_unit_test(ist0101_credential),
        cmocka_unit_test(ist0161),
        cmocka_unit_test(ist0162),
        cmocka_unit_test(ist0145),
        cmocka_unit_test(servers_that_share_a_host),
        cmocka_unit_test(ist0138),
        cmocka_unit_test(ist0140),
        cmocka_unit_test(dead_rules_of_the_mesh),
        cmocka_unit_test(redirect_loops),
        cmocka_unit_test(absence_is_not_proof),
        cmocka_unit_test(excerpts),
        cmocka_unit_test(rules_and_servers),
        cmocka_unit_test(path_traps),
        cmocka_unit_test(hidden_wildcards),
        cmocka_unit_test(gateway_not_listed),
        cmocka_unit_test(plain_to_tls_port),
        cmocka_unit_test(no_ca),
        cmocka_unit_test(dead_entries_of_delegates),
        cmocka_unit_test(ist0149),
        cmocka_unit_test(credential_namespace),
        cmocka_unit_test(shared_certificate),
        cmocka_unit_test(certificate_reach),
        cmocka_unit_test(reach_of_a_secret),
        cmocka_unit_test(endpoints),
        cmocka_unit_test(shared_host),
        cmocka_unit_test(ist0109),
        cmocka_unit_test(ist0130),
        cmocka_unit_test(ist0131),
        cmocka_unit_test(ist0128),
        cmocka_unit_test(ist0118),
        cmocka_unit_test(ist0150),
        cmocka_unit_test(ist0134),
        cmocka_unit_test(ist0177),
        cmocka_unit_test(ist0102),
        cmocka_unit_test(ist0107),
        cmocka_unit_test(ist0171),
        cmocka_unit_test(ist0174),
        cmocka_unit_test(ist0173),
        cmocka_unit_test(prefix_neighbour),
        cmocka_unit_test(redirect_code),
        cmocka_unit_test(passthrough_default),
        cmocka_unit_test(server_host_rewrite),
        cmocka_unit_test(virtualservice_export),
        cmocka_unit_test(delegate_lookup),
        cmocka_unit_test(ist0161_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
