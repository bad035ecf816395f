// SPDX-License-Identifier: Apache-2.0
// Objects of Istio (networking.istio.io, security.istio.io), decoded as leniently as istiod does
// (docs/rules/istio.md#lenient-decoding).
//
// Istio's fields have the same names and meaning in all three versions. X_set or X_present says that something was
// written, where absent and empty differ. Numbers are as they were written: checks judge them.
#ifndef GATETOP_OBJECT_ISTIO_OBJECTS_H
#define GATETOP_OBJECT_ISTIO_OBJECTS_H

#include "kube/base/regex.h"

#include "kube/object/object.h"

#include <stdbool.h>
#include <stdint.h>

// --- VirtualService: what a request is matched by

// StringMatch
struct string_match {
    enum {
        MATCH_ABSENT,
        MATCH_EMPTY, // written as {}: no condition
        MATCH_EXACT,
        MATCH_PREFIX,
        MATCH_REGEX
    } type;
    const char *text; // NULL for the first two
};

// A condition on a header or query parameter.
struct named_match {
    const char *name;
    struct string_match match; // MATCH_EMPTY: that it is there
};

// HTTPMatchRequest: every condition must hold. Nearly all have only a path; the other conditions are kept apart.
struct http_match_more {
    const char *name, *source_namespace, *stat_prefix;
    struct string_match scheme, method, authority;
    const struct named_match *headers, *without_headers, *query_params;
    uint32_t nheaders, nwithout_headers, nquery_params;
    struct str_map source_labels;
    struct str_list gateways;
    uint32_t port; // of the listener
    bool port_set;
    bool ignore_uri_case;
};
struct http_match {
    struct string_match uri;
    const struct http_match_more *more; // NULL if nothing but uri is set
};

// L4MatchAttributes and TLSMatchAttributes
struct l4_match {
    struct str_list sni_hosts; // tls only
    struct str_list destination_subnets, gateways;
    struct str_map source_labels;
    const char *source_namespace;
    uint32_t port; // of the listener
    bool port_set;
};

// --- VirtualService: where a request goes

// Destination
struct destination {
    const char *host;   // as written, a short name or not; NULL if there is none
    const char *subset; // of the DestinationRule of the host
    int64_t port;       // port.number
    bool present;       // a destination is written
    bool port_set;      // a port is written
};

// Headers.HeaderOperations, and Headers
struct header_ops {
    struct str_map set, add; // in the order of the text
    struct str_list remove;
};
struct headers {
    struct header_ops request, response;
};

// HTTPRouteDestination and RouteDestination
struct route_destination {
    struct destination destination;
    int64_t weight;
    const struct headers *headers; // NULL if absent
};

// Percent
struct percent {
    double value;
    bool set;
};

// HTTPRedirect
struct http_redirect {
    const char *uri, *prefix_rewrite, *authority, *scheme;
    const char *derive_port; // "FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"
    int64_t port;
    int64_t code; // the status; 0 means 301
    bool port_set;
};
// Whether Envoy has the code of a redirect, 0 for the default among them (docs/rules/istio.md#redirect-code).
static inline bool redirect_code_usable(int64_t code)
{
    return code == 0 || code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

// HTTPDirectResponse
struct http_direct_response {
    int64_t status;
    const char *body; // body.string
    int64_t length;   // of body.string or body.bytes
};

// HTTPRewrite
struct http_rewrite {
    const char *uri, *authority;
    const char *regex_match, *regex_rewrite; // uriRegexRewrite
    bool regex_set;
};

// HTTPFaultInjection
struct http_fault {
    bool has_delay, has_abort;
    struct percent delay_percentage, abort_percentage;
    int64_t delay_percent; // the deprecated integer
    int64_t fixed_delay;   // ms, DURATION_NONE: absent
    bool exponential_delay;
    int64_t http_status;
    const char *grpc_status, *http2_error;
};

// HTTPRetry
struct http_retries {
    int64_t attempts;
    int64_t per_try_timeout, backoff; // ms, DURATION_NONE: absent
    const char *retry_on;
    bool attempts_set, remote_localities;
};

// HTTPMirrorPolicy
struct http_mirror {
    struct destination destination;
    struct percent percentage;
};

// CorsPolicy
struct http_cors {
    struct str_list allow_origin; // deprecated
    const struct string_match *allow_origins;
    uint32_t nallow_origins;
    struct str_list allow_methods, allow_headers, expose_headers;
    int64_t max_age;                  // ms, DURATION_NONE: absent
    const char *unmatched_preflights; // "UNSPECIFIED", "FORWARD", "IGNORE"
};

// HTTPRoute: an entry of spec.http. Nearly all have only a name, matches and routes; the rest is kept apart. Absent
// parts are NULL.
struct http_rule_more {
    const struct http_redirect *redirect;
    const struct http_direct_response *direct_response;
    bool delegate; // a delegate is written
    const char *delegate_name, *delegate_ns;
    const struct http_rewrite *rewrite;
    int64_t timeout; // ms, DURATION_NONE: absent
    const struct http_retries *retries;
    const struct http_fault *fault;
    const struct http_mirror *mirror; // the single mirror, with its percentage from the next two
    int64_t mirror_percent;           // deprecated; -1: absent
    struct percent mirror_percentage;
    const struct http_mirror *mirrors;
    uint32_t nmirrors;
    const struct http_cors *cors;
    const struct headers *headers;
};
struct http_rule {
    const char *name;
    const struct http_match *matches; // one of them must hold; none: every request
    // Rules of one VirtualService with the same routes share them.
    const struct route_destination *routes;
    uint16_t nmatches, nroutes;
    bool null_entry; // a null in the list: Istio's decoder makes an empty rule of it
    const struct http_rule_more *more; // NULL if nothing but name, match and route is set
};

// TLSRoute and TCPRoute: an entry of spec.tls or spec.tcp
struct l4_rule {
    const struct l4_match *matches;
    const struct route_destination *routes;
    uint16_t nmatches, nroutes;
};

// VirtualService
#define OBJECT_KINDS_virtualservice KIND_BIT(KIND_VIRTUALSERVICE)
struct virtualservice {
    struct object o;
    struct str_list hosts, export_to;
    struct str_list gateways; // as written; none means "mesh"
    const struct http_rule *http;
    const struct l4_rule *tls, *tcp;
    uint32_t nhttp, ntls, ntcp;
};

// --- Gateway

// ServerTLSSettings.TLSmode
enum tls_mode {
    TLS_PASSTHROUGH, // also where `mode` is omitted
    TLS_SIMPLE,
    TLS_MUTUAL,
    TLS_AUTO_PASSTHROUGH,
    TLS_ISTIO_MUTUAL,
    TLS_OPTIONAL_MUTUAL,
    TLS_MODE_UNKNOWN, // another word
};

// ServerTLSSettings.TLSCertificate: paths in the proxy
struct tls_certificate_files {
    const char *server_certificate, *private_key, *ca_certificates;
};

// ServerTLSSettings: what few servers have
struct server_tls_more {
    const char *ca_cert_credential_name; // of a Secret
    struct str_list credential_names;
    const char *server_certificate, *private_key, *ca_certificates, *ca_crl; // paths in the proxy
    const struct tls_certificate_files *tls_certificates;
    uint32_t ntls_certificates;
    struct str_list cipher_suites;
    const char *min_version; // "TLSV1_2"
};

// ServerTLSSettings
struct server_tls {
    enum tls_mode mode;
    bool mode_set, https_redirect;
    const char *mode_text;       // as written, "PASSTHROUGH" where omitted; NULL if it is no text
    const char *credential_name; // of a Secret
    const struct server_tls_more *more; // never NULL
};

// Server: an entry of spec.servers
struct server {
    const char *name, *bind;
    bool port_present; // a port is written
    int64_t port;      // port.number
    const char *port_name, *protocol;
    int64_t target_port;
    struct str_list hosts;        // "host", "ns/host", "./host" or "*/host"
    const struct server_tls *tls; // NULL if absent
};

// Gateway
#define OBJECT_KINDS_gateway KIND_BIT(KIND_GATEWAY)
struct gateway {
    struct object o;
    struct str_map selector; // labels of its pods; empty: every gateway's
    const struct server *servers;
    uint32_t nservers;
};

// --- DestinationRule

// ClientTLSSettings
struct client_tls {
    const char *mode; // "DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"
    const char *ca_certificates, *credential_name, *client_certificate, *private_key;
};

// An entry of portLevelSettings that has tls
struct port_tls {
    int64_t port;
    struct client_tls tls;
};

// TrafficPolicy
// What validation refuses in a part that is not decoded. Both texts are static.
struct policy_fault {
    const char *path; // below the policy: "connectionPool.tcp.maxConnections"
    const char *text;
};
struct traffic_policy {
    bool has_tls;
    bool empty;                           // it is written and has nothing in it
    bool has_warmup, warmup_duration_set; // loadBalancer.warmup
    int64_t warmup_duration;              // ms, DURATION_NONE: no duration
    double warmup_minimum;                // minimumPercent, 0 if absent
    double warmup_aggression;             // 1 if absent
    struct client_tls tls;
    const struct port_tls *ports;
    uint32_t nports;
    const struct policy_fault *faults;
    uint32_t nfaults;
};

// Subset
struct subset {
    const char *name;
    struct str_map labels;
    bool has_policy;
    struct traffic_policy policy;
};

// DestinationRule
#define OBJECT_KINDS_destinationrule KIND_BIT(KIND_DESTINATIONRULE)
struct destinationrule {
    struct object o;
    const char *host;
    struct str_list export_to;
    const struct subset *subsets;
    uint32_t nsubsets;
    bool has_workload_selector;
    bool selector_empty; // it is written and has no labels
    bool has_policy;
    struct traffic_policy policy;
};

// --- ServiceEntry

// ServicePort
struct serviceentry_port {
    const char *name, *protocol;
    int64_t number, target_port;
};

// WorkloadEntry, as a ServiceEntry's endpoint
struct serviceentry_endpoint {
    const char *address, *network;
    struct str_map ports; // name -> number
    struct str_map labels;
};

// ServiceEntry
#define OBJECT_KINDS_serviceentry KIND_BIT(KIND_SERVICEENTRY)
struct serviceentry {
    struct object o;
    struct str_list hosts, addresses, export_to;
    struct str_list status_addresses; // status.addresses[].value
    struct conditions conditions;
    const struct serviceentry_port *ports;
    uint32_t nports;
    const char *location;   // "MESH_EXTERNAL", "MESH_INTERNAL"
    const char *resolution; // "NONE", "STATIC", "DNS", ...
    const struct serviceentry_endpoint *endpoints;
    uint32_t nendpoints;
    bool has_workload_selector;
    struct str_map workload_selector;
};

// --- security.istio.io, and others that change what workloads answer

// What a condition of an AuthorizationPolicy looks at.
enum authz_attribute {
    AUTHZ_UNKNOWN, // no such key: istiod leaves the rule out
    AUTHZ_PATH,
    AUTHZ_METHOD,
    AUTHZ_HOST,
    AUTHZ_PORT,      // that the gateway's pod listens on
    AUTHZ_SNI,       // connection.sni
    AUTHZ_CLIENT_IP, // of the connection, or of the client behind trusted proxies: gatetop knows one
    AUTHZ_HEADER,    // `name` says which
    AUTHZ_PEER, // the certificate of the client: principals, namespaces, service accounts, trust domains
    AUTHZ_TOKEN, // a JWT: request principals, audiences, presenters, claims
    AUTHZ_OTHER, // known to Envoy, not to gatetop: destination.ip, metadata of filters
};
struct authz_condition {
    enum authz_attribute attribute;
    const char *name; // of a header, else the key as it is written
    struct str_list values, not_values;
};
struct authz_group { // all must hold
    const struct authz_condition *at;
    uint32_t n;
};
// Rule: one of `from`, one of `to`, and `when`; without `from` or `to` they hold
struct authz_rule {
    const struct authz_group *from, *to;
    uint32_t nfrom, nto;
    struct authz_group when;
};

// Whom it is for; of an AuthorizationPolicy also what it says, of a RequestAuthentication where tokens are.
#define OBJECT_KINDS_workload_policy                                                               \
    (KIND_BIT(KIND_REQUESTAUTHENTICATION) | KIND_BIT(KIND_AUTHORIZATIONPOLICY) |                   \
     KIND_BIT(KIND_ENVOYFILTER) | KIND_BIT(KIND_WASMPLUGIN))
struct workload_policy {
    struct object o;
    struct str_map selector; // labels of pods; empty: every workload of the namespace
    const char *action;      // of an AuthorizationPolicy: "DENY", ...; NULL: ALLOW
    bool elsewhere;          // it is for other things than the pods of an Istio Gateway
    bool dry_run;            // annotation istio.io/dry-run: it only logs
    const char *provider;    // of the action CUSTOM, NULL
    const struct authz_rule *rules;
    uint32_t nrules;
    struct str_list token_headers, token_params; // of the JWT rules of a RequestAuthentication
    bool token_default; // a rule has none of them: Authorization, access_token
};

#endif
