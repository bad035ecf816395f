// SPDX-License-Identifier: Apache-2.0
// Objects of the Kubernetes project's own API groups: core, apps, networking.k8s.io,
// discovery.k8s.io and the Gateway API; and objects of other projects that make Secrets.
#ifndef GATETOP_OBJECT_KUBERNETES_OBJECTS_H
#define GATETOP_OBJECT_KUBERNETES_OBJECTS_H

#include "kube/object/object.h"

#include <stdbool.h>
#include <stdint.h>

// --- core/v1

// Namespace. (C++ took the word `namespace`.)
#define OBJECT_KINDS_namespace_object KIND_BIT(KIND_NAMESPACE)
struct namespace_object {
    struct object o;
    bool terminating; // status.phase is Terminating
};

// An entry of a Service's spec.ports.
struct service_port {
    const char *name;
    const char *protocol;       // NULL means TCP
    const char *app_protocol;   // "http2", "kubernetes.io/h2c"
    uint32_t port, target_port; // target_port 0 if it is named or absent
    const char *target_name;    // a named targetPort
    uint32_t node_port;
};

// An entry of status.loadBalancer.ingress, of a Service or an Ingress. Usually it has one of the two.
struct load_balancer_ingress {
    const char *ip, *hostname;
};

// Service
#define OBJECT_KINDS_service KIND_BIT(KIND_SERVICE)
struct service {
    struct object o;
    const char *type; // NULL means ClusterIP
    const char *cluster_ip, *external_name;
    struct str_map selector;
    const struct service_port *ports;
    const struct load_balancer_ingress *ingress;
    uint32_t nports, ningress;
    struct str_list external_ips;
    struct conditions conditions;
};

// Secret. A server is only asked for its metadata.
#define OBJECT_KINDS_secret KIND_BIT(KIND_SECRET)
struct secret {
    struct object o;
    const char *type; // NULL if only metadata was read
    // Names of the data: of a file's entries, else as far as managedFields name them.
    struct str_list keys;
    bool keys_known; // false: `keys` says nothing
    // Of a file only:
    // PEM of the certificate Istio would use (tls.crt or cert), NULL if unreadable.
    const char *tls_crt;
    bool empty_key; // the certificate's or the key's entry is there and empty
};

// Pod. Its labels are what it is read for: which Gateways select it.
#define OBJECT_KINDS_pod KIND_BIT(KIND_POD)
struct pod {
    struct object o;
    bool ready;     // condition Ready
    bool has_proxy; // a container is called istio-proxy; of a file only
};

// Event
#define OBJECT_KINDS_event KIND_BIT(KIND_EVENT)
struct event {
    struct object o;
    const char *type; // "Normal" or "Warning"
    const char *reason, *message;
    const char *about_api_version, *about_kind, *about_ns, *about_name,
        *about_uid;     // involvedObject
    const char *source; // the component that reports it
    int64_t first,
        last; // when it was seen; from the series or eventTime where the older fields are empty
    int64_t count; // at least 1
};

// --- apps/v1

// What a Deployment runs, by the image or the name of a container (docs/rules/dns.md#settings-from-deployment).
enum program { PROGRAM_OTHER, PROGRAM_EXTERNAL_DNS, PROGRAM_CERT_MANAGER };
// Deployment, StatefulSet and DaemonSet: the labels of their pods; the other fields only for external-dns and
// cert-manager.
#define OBJECT_KINDS_deployment                                                                    \
    (KIND_BIT(KIND_DEPLOYMENT) | KIND_BIT(KIND_STATEFULSET) | KIND_BIT(KIND_DAEMONSET))
struct deployment {
    struct object o;
    struct str_map pod_labels; // spec.template.metadata.labels
    enum program program;
    // Of the container that is the program:
    struct str_list args; // its flags; variables EXTERNAL_DNS_* as the flags that they stand for
    const char *image;
    uint32_t from_variables; // how many of them, the last ones
    bool env_from;           // variables come from elsewhere (envFrom), which may stand for flags
    int64_t replicas, available; // wanted and available pods, -1 not said
};

// --- networking.k8s.io/v1

// Ingress
#define OBJECT_KINDS_ingress KIND_BIT(KIND_INGRESS)
struct ingress {
    struct object o;
    struct str_list hosts;     // spec.rules[].host
    struct str_list tls_hosts; // spec.tls[].hosts
    const char *class_name;    // spec.ingressClassName
    const struct load_balancer_ingress *ingress;
    uint32_t ningress;
};

// --- discovery.k8s.io/v1

// EndpointSlice
#define OBJECT_KINDS_endpointslice KIND_BIT(KIND_ENDPOINTSLICE)
struct endpointslice {
    struct object o;
    const char *service; // label kubernetes.io/service-name
    uint32_t ready;      // how many endpoints are; one that does not say counts
};

// --- what makes Secrets in a cluster: bitnami.com, external-secrets.io, secrets-store.csi.x-k8s.io

// SealedSecret, ExternalSecret, SecretProviderClass
#define OBJECT_KINDS_secret_source                                                                 \
    (KIND_BIT(KIND_SEALEDSECRET) | KIND_BIT(KIND_EXTERNALSECRET) |                                 \
     KIND_BIT(KIND_SECRETPROVIDERCLASS))
struct secret_source {
    struct object o;
    struct str_list secrets; // names of the Secrets that it makes in its namespace
};

// --- gateway.networking.k8s.io

// Gateway of the Gateway API, not Istio's: only what references to it need.
#define OBJECT_KINDS_k8s_gateway KIND_BIT(KIND_K8S_GATEWAY)
struct k8s_gateway {
    struct object o;
    struct str_list hostnames; // of the listeners; "" if a listener has none
};

#endif
