// SPDX-License-Identifier: Apache-2.0
// Ports of Services whose protocol is not known (IST0118, IST0150): docs/rules/istio.md#ist0118,
// docs/rules/istio.md#ist0150.
#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"

#include <string.h>

// Is the word (n bytes, any case) a protocol that Istio reads from a port?
static bool protocol_known(const char *word, size_t n)
{
    static const char *const words[] = {"tcp",   "udp",   "grpc", "grpc-web", "http",  "http_proxy",
                                        "http2", "https", "tls",  "mongo",    "redis", "mysql"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (strlen(words[i]) == n && str_same_case(word, words[i], n)) {
            return true;
        }
    }
    return false;
}

static bool protocol_declared(const struct service_port *p)
{
    if (str_eq(p->protocol, "UDP")) {
        return true;
    }
    if (!str_empty(p->app_protocol)) {
        static const char *const words[] = {"kubernetes.io/h2c", "kubernetes.io/ws",
                                            "kubernetes.io/wss"};
        for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
            if (str_eq(p->app_protocol, words[i])) {
                return true;
            }
        }
        return protocol_known(p->app_protocol, strlen(p->app_protocol));
    }
    if (!str_empty(p->name)) {
        // "grpc-web" and "grpc-web-x" are the one protocol with a dash in its name
        return protocol_known(p->name, strcspn(p->name, "-"));
    }
    return p->port == 25 || p->port == 53 || p->port == 3306 || p->port == 27017;
}

static void check_service_port(struct check *c, const struct service *s, uint32_t i)
{
    const struct service_port *p = &s->ports[i];
    const char *path = check_text(c, "spec.ports[%u].name", i);
    bool declared = protocol_declared(p);
    if (!declared && (p->port == 25 || p->port == 53 || p->port == 3306 || p->port == 27017)) {
        declared = true; // well-known ports are TCP
    }
    if (str_eq(s->type, "ExternalName")) {
        if (!declared || str_eq(p->name, "tcp")) {
            struct finding *f =
                check_add(c, "IST0150", &s->o, path,
                          "port %u of an ExternalName Service is taken for TCP and catches all "
                          "requests to that port",
                          p->port);
            check_hint(c, f, "name it after its protocol, such as https");
        }
        return;
    }
    if (!declared) {
        const char *name = str_or_empty(p->name);
        struct finding *f =
            check_add(c, "IST0118", &s->o, path,
                      "the name \"%s\" of port %u does not say its protocol", name, p->port);
        check_hint(c, f, "name it http%s%s or set appProtocol", name[0] != '\0' ? "-" : "", name);
    }
}

static void check_service(struct check *c, const struct service *s)
{
    if (check_system_namespace(s->o.ns) || object_label(&s->o, "istio") != NULL ||
        str_eq(object_label(&s->o, "release"), "istio") ||
        object_label(&s->o, "gateway.networking.k8s.io/gateway-name") != NULL ||
        object_label(&s->o, "gateway.istio.io/managed") != NULL) {
        return;
    }
    for (uint32_t i = 0; i < s->nports; i++) {
        check_service_port(c, s, i);
    }
}

void check_services(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_service(c, OBJECT_AS(service, all[i]));
    }
}
