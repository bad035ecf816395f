// SPDX-License-Identifier: Apache-2.0
// Namespaces, Services, ServiceEntries and their annotations (IST0102, IST0107, IST0108, IST0118, IST0123, IST0134,
// IST0150, IST0171, IST0177): docs/rules/istio.md#ist0102, docs/rules/istio.md#ist0107,
// docs/rules/istio.md#ist0118, docs/rules/istio.md#ist0150, docs/rules/istio.md#ist0134,
// docs/rules/istio.md#ist0177.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/host_registry_internal.h"
#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/mesh_objects.h"

#include <stdlib.h>
#include <string.h>

// --- annotations

enum where { ON_NAMESPACE = 1, ON_SERVICE = 2, ON_OTHER = 4 };

static const struct {
    const char *name;
    unsigned where;
} annotations[] = {
    {"networking.istio.io/exportTo", ON_SERVICE},
    {"networking.istio.io/traffic-distribution", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"networking.istio.io/service-type", ON_OTHER},
    {"networking.istio.io/address-type", ON_OTHER},
    {"networking.istio.io/internalTrafficPolicy", ON_SERVICE},
    {"ambient.istio.io/redirection", ON_OTHER},
    {"ambient.istio.io/bypass-inbound-capture", ON_OTHER},
    {"ambient.istio.io/waypoint-inbound-binding", ON_OTHER},
    {"ambient.istio.io/dns-capture", ON_OTHER},
    {"galley.istio.io/analyze-suppress", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"inject.istio.io/templates", ON_OTHER},
    {"install.operator.istio.io/chart-owner", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"install.operator.istio.io/owner-generation", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"install.operator.istio.io/version", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"internal.istio.io/parents", ON_NAMESPACE | ON_SERVICE | ON_OTHER},
    {"istio.io/autoRegistrationGroup", ON_OTHER},
    {"istio.io/workloadController", ON_OTHER},
    {"istio.io/dry-run", ON_OTHER},
    {"istio.io/rev", ON_OTHER},
    {"istio.io/connectedAt", ON_OTHER},
    {"istio.io/disconnectedAt", ON_OTHER},
    {"gateway.istio.io/controller-version", ON_SERVICE | ON_OTHER},
    {"gateway.istio.io/tls-terminate-mode", ON_OTHER},
    {"prometheus.istio.io/merge-metrics", ON_OTHER},
    {"proxy.istio.io/config", ON_OTHER},
    {"proxy.istio.io/overrides", ON_OTHER},
    {"security.istio.io/tlsMode", ON_OTHER},
    {"topology.istio.io/controlPlaneClusters", ON_NAMESPACE},
    {"traffic.istio.io/nodeSelector", ON_SERVICE},
};

static void check_annotations(struct check *c, const struct object *o, unsigned where)
{
    for (uint32_t i = 0; i < o->annotations.n; i++) {
        const char *key = o->annotations.at[i].key;
        const char *domain = strstr(key, "istio.io/");
        if (domain == NULL || (domain != key && domain[-1] != '.')) {
            continue;
        }
        bool known =
            str_starts(key, "sidecar.istio.io/") || str_starts(key, "traffic.sidecar.istio.io/") ||
            str_starts(key, "status.sidecar.istio.io/") ||
            str_starts(key, "readiness.status.sidecar") || str_starts(key, "internal.istio.io/");
        unsigned allowed = known ? ON_OTHER : 0;
        for (size_t k = 0; k < ARRAY_COUNT(annotations); k++) {
            if (str_eq(annotations[k].name, key)) {
                known = true;
                allowed = annotations[k].where;
            }
        }
        const char *path = check_text(c, "metadata.annotations[\"%s\"]", key);
        if (!known) {
            struct finding *f =
                check_add(c, "IST0108", o, path, "Istio knows no annotation %s", key);
            check_hint(c, f, "compare its spelling with Istio's reference of annotations");
        } else if ((allowed & where) == 0 && !str_starts(key, "internal.istio.io/")) {
            struct finding *f =
                check_add(c, "IST0107", o, path, "the annotation %s does nothing on a %s", key,
                          kinds[o->kind].kind);
            check_hint(c, f, "put it where Istio reads it%s",
                       (allowed & ON_OTHER) != 0 ? ", for example on the pod template" : "");
        }
    }
}

// --- Namespace

static bool system_namespace(const char *name)
{
    static const char *const names[] = {"kube-system", "kube-public", "kube-node-lease",
                                        "local-path-storage"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    return false;
}

static void check_namespace(struct check *c, const struct object *o)
{
    if (system_namespace(o->name)) {
        return;
    }
    check_annotations(c, o, ON_NAMESPACE);
    const char *injection = object_label(o, "istio-injection");
    const char *rev = object_label(o, "istio.io/rev");
    const char *mode = object_label(o, "istio.io/dataplane-mode");
    bool count_others = injection == NULL || str_eq(injection, "enabled");
    int labels = (injection != NULL ? 1 : 0) + (count_others && rev != NULL ? 1 : 0) +
                 (count_others && mode != NULL ? 1 : 0);
    if (labels > 1) {
        struct finding *f = check_add(
            c, "IST0123", o, "metadata.labels", "has several injection labels:%s%s%s%s%s%s",
            injection != NULL ? " istio-injection=" : "", str_or_empty(injection),
            rev != NULL ? " istio.io/rev=" : "", str_or_empty(rev),
            mode != NULL ? " istio.io/dataplane-mode=" : "", str_or_empty(mode));
        check_hint(c, f, "keep one of them: Istio looks at only one");
    }
    if (!str_eq(o->name, "istio-system") && mode == NULL && str_empty(injection) && rev == NULL) {
        struct finding *f = check_add(c, "IST0102", o, "metadata.labels",
                                      "the namespace is not enabled for Istio injection");
        check_hint(c, f,
                   "label it istio-injection=enabled, or =disabled to say that it needs none");
    }
}

// --- Service

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

// A negative status condition (docs/rules/istio.md#ist0171), of the one type that Istio reports on these kinds.
static void check_conditions(struct check *c, const struct object *o,
                             const struct conditions *conditions)
{
    const struct condition *x = condition_find(conditions, "istio.io/WaypointBound");
    if (x != NULL && x->status == CONDITION_FALSE) {
        struct finding *f = check_add(c, "IST0171", o, "status.conditions", "%s is False: %s: %s",
                                      x->type, x->reason != NULL ? x->reason : "no reason",
                                      x->message != NULL ? x->message : "no message");
        check_hint(c, f, "look at the waypoint that label istio.io/use-waypoint names");
    }
}

static void check_service(struct check *c, const struct service *s)
{
    if (system_namespace(s->o.ns)) {
        return;
    }
    check_conditions(c, &s->o, &s->conditions);
    check_annotations(c, &s->o, ON_SERVICE);
    if (object_label(&s->o, "istio") != NULL || str_eq(object_label(&s->o, "release"), "istio") ||
        object_label(&s->o, "gateway.networking.k8s.io/gateway-name") != NULL ||
        object_label(&s->o, "gateway.istio.io/managed") != NULL) {
        return;
    }
    for (uint32_t i = 0; i < s->nports; i++) {
        check_service_port(c, s, i);
    }
}

// --- ServiceEntry

static bool tcp_or_unset(const char *protocol)
{
    return str_empty(protocol) || str_casecmp(protocol, "TCP") == 0;
}

static void check_entry_addresses(struct check *c, const struct serviceentry *e)
{
    if (e->addresses.n > 0 || e->status_addresses.n > 0) {
        return;
    }
    for (uint32_t i = 0; i < e->nports; i++) {
        if (tcp_or_unset(e->ports[i].protocol)) {
            struct finding *f =
                check_add(c, "IST0134", &e->o, check_text(c, "spec.ports[%u]", i),
                          "port %lld is TCP, and without addresses it catches all TCP to that port",
                          (long long)e->ports[i].number);
            check_hint(c, f, "give spec.addresses, or the protocol of the port");
        }
    }
}

struct entry_port { // one host and port in one scope
    const struct serviceentry *first;
    const char *protocol;
};

static const char *upper(struct check *c, const char *s)
{
    char *u = arena_strdup(c->a, str_empty(s) ? "TCP" : s);
    for (char *p = u; *p != '\0'; p++) {
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    return u;
}

static void entry_conflict(struct check *c, struct string_map *h, const struct serviceentry *e,
                           const char *scope, const char *host, const struct serviceentry_port *p)
{
    void **place = string_map_at(h, check_text(c, "%s/%s:%lld", scope, host, (long long)p->number));
    const char *protocol = upper(c, p->protocol);
    if (*place == NULL) {
        struct entry_port *x = arena_alloc(c->a, sizeof *x);
        *x = (struct entry_port){e, protocol};
        *place = x;
        return;
    }
    const struct entry_port *x = *place;
    if (x->first == e || str_eq(x->protocol, protocol)) {
        return;
    }
    const struct serviceentry *both[2] = {x->first, e};
    for (int i = 0; i < 2; i++) {
        struct finding *f = check_add(
            c, "IST0177", &both[i]->o, "spec.ports",
            "the ServiceEntries %s/%s and %s/%s give %s port %lld different protocols: %s "
            "and %s",
            x->first->o.ns, x->first->o.name, e->o.ns, e->o.name, host, (long long)p->number,
            x->protocol, protocol);
        check_hint(c, f, "write the same protocol in both");
    }
}

static void check_entry_protocols(struct check *c, struct string_map *h,
                                  const struct serviceentry *e)
{
    struct str_list scopes = export_scopes(c->a, &e->export_to, e->o.ns);
    for (uint32_t i = 0; i < e->hosts.n; i++) {
        for (uint32_t p = 0; p < e->nports; p++) {
            for (uint32_t k = 0; k < scopes.n; k++) {
                entry_conflict(c, h, e, scopes.at[k], e->hosts.at[i], &e->ports[p]);
            }
        }
    }
}

void check_services(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_NAMESPACE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_namespace(c, all[i]);
    }
    all = mesh_all(c->m, KIND_SERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_service(c, OBJECT_AS(service, all[i]));
    }
    struct string_map h;
    string_map_init(&h, c->a);
    all = mesh_all(c->m, KIND_SERVICEENTRY, &n);
    for (uint32_t i = 0; i < n; i++) {
        check_conditions(c, all[i], &OBJECT_AS(serviceentry, all[i])->conditions);
        check_entry_addresses(c, OBJECT_AS(serviceentry, all[i]));
        check_entry_protocols(c, &h, OBJECT_AS(serviceentry, all[i]));
    }
}
