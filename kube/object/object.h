// SPDX-License-Identifier: Apache-2.0
// The typed, immutable objects. One object is one block of memory: the struct, its lists and its strings
// all lie in it, so that it is freed by one free() and costs no more than it holds.
//
// Every string is clean text (text.h). A list is a pointer and a count; a missing list is NULL and 0.
// A missing string is NULL, which is not the same as "". Instants are seconds (clock.h), durations
// milliseconds, absent ones TIME_NONE / DURATION_NONE. Field names follow the API's.
#ifndef GATETOP_OBJECT_OBJECT_H
#define GATETOP_OBJECT_OBJECT_H

#include "kube/base/clock.h"
#include "kube/base/json.h"

#include "kube/object/kind.h"
#include "kube/object/str_list.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct owner_ref {
    const char *kind, *name, *uid;
    bool controller;
};

enum condition_status { CONDITION_UNKNOWN, CONDITION_FALSE, CONDITION_TRUE };

struct condition {
    const char *type, *reason, *message;
    int64_t last_transition;
    int64_t observed_generation; // 0 where absent
    enum condition_status status;
};

struct conditions { // in no fixed order: find by type
    const struct condition *at;
    uint32_t n;
};

// A defect of the text an object was read from, found by the decoder (only files have them: a server
// refuses or drops such fields). `path` as in "spec.http[1].route".
enum lint_code {
    LINT_UNKNOWN_FIELD, // message: the field; a likely one in hint
    LINT_WRONG_TYPE,    // route given as a map, port: 9080, ...
    LINT_EMPTY_MATCH,   // see docs/rules/istio.md#misindented-match
    LINT_BAD_VALUE,     // an enum, duration or number that cannot be read
};
struct lint {
    enum lint_code code;
    const char *path, *message, *hint;
    int line, column; // 1-based, 0 unknown
    bool fatal;       // istiod's decoder and the API server refuse the object for this
};

struct object {
    _Atomic uint32_t refs; // object_ref, object_unref
    uint8_t kind;          // enum kind
    bool from_file;
    uint32_t size;         // bytes of the object's block
    const char *ns, *name; // ns is "" for cluster-scoped objects, never NULL
    const char *uid, *resource_version;
    const char *api_version;  // as served or written
    int64_t created, deleted; // creationTimestamp, deletionTimestamp
    int64_t generation;
    struct str_map labels;
    struct str_map annotations; // only those that gatetop reads (see object_keeps_annotation)
    const struct owner_ref *owners;
    uint32_t nowners;
    const char *writer; // the newest manager of managedFields, and when it wrote
    int64_t written;
    // Files only: the source and the lines of the document.
    const char *file;
    int line, last_line;
    const struct lint *lints;
    uint32_t nlints;
};

const char *object_label(const struct object *o, const char *key);
const char *object_annotation(const struct object *o, const char *key);
// What cert-manager wrote in the annotation "cert-manager.io/KEY", before v0.11 "certmanager.k8s.io/KEY", before
// v0.8 in the label of that name (docs/rules/certificates.md#annotation-prefix). NULL where there is none.
const char *object_certmanager_mark(const struct object *o, const char *key);
const struct condition *condition_find(const struct conditions *c, const char *type);
// Every pair of `selector` is in `labels` (an empty selector matches).
bool labels_match(const struct str_map *selector, const struct str_map *labels);

const struct object *object_ref(const struct object *o); // any thread; NULL is fine
void object_unref(const struct object *o);               // NULL is fine
// "VirtualService apps/web", "ClusterIssuer letsencrypt"
const char *object_title(struct arena *a, const struct object *o);
// "apps/web", or the bare name of a cluster-scoped object.
const char *object_id(struct arena *a, const struct object *o);

// --- core

struct namespace_object {
    struct object o;
    bool terminating; // status.phase
};

struct service_port {
    const char *name, *protocol; // protocol NULL means TCP
    const char *app_protocol;
    const char *target_name;    // a named targetPort, else NULL
    uint32_t port, target_port; // target_port 0 where named or absent
    uint32_t node_port;         // 0 where absent
};

struct lb_ingress {
    const char *ip, *hostname;
};

struct service {
    struct object o;
    const char *type; // NULL means ClusterIP
    const char *cluster_ip, *external_name;
    struct str_map selector;
    const struct service_port *ports;
    uint32_t nports;
    struct str_list external_ips;
    const struct lb_ingress *ingress; // status.loadBalancer.ingress
    uint32_t ningress;
    struct conditions conditions;
};

struct ingress {
    struct object o;
    struct str_list hosts;     // spec.rules[].host
    struct str_list tls_hosts; // spec.tls[].hosts
    const char *class_name;
    const struct lb_ingress *ingress;
    uint32_t ningress;
};

struct secret { // metadata only from a server
    struct object o;
    const char *type;     // NULL where only metadata was read
    struct str_list keys; // names of data keys where known (managedFields or file)
    const char *tls_crt; // files only: the decoded tls.crt (or cert), PEM text; never from a server
    bool keys_known;
    bool empty_key; // files only: a certificate or key entry is there but empty
};

struct pod {
    struct object o; // labels are what it is read for
    bool ready_known, ready;
    bool has_proxy; // an istio-proxy container (files only)
};

struct endpointslice {
    struct object o;
    const char *service;   // label kubernetes.io/service-name
    uint32_t ready, total; // endpoints
};

struct deployment {
    struct object o;
    // Of the first container whose image names external-dns; variables EXTERNAL_DNS_* as arguments, too.
    struct str_list args;
    const char *image;
};

struct event {
    struct object o;
    const char *type, *reason, *message; // type "Normal" or "Warning"
    const char *about_api_version, *about_kind, *about_ns, *about_name, *about_uid;
    const char *source; // component
    int64_t first, last;
    int64_t count;
};

// --- Istio

struct string_match {
    enum { MATCH_ABSENT, MATCH_EMPTY, MATCH_EXACT, MATCH_PREFIX, MATCH_REGEX } type; // EMPTY is {}
    const char *text;
};

struct named_match { // headers, withoutHeaders, queryParams
    const char *name;
    struct string_match match;
};

struct http_match_more {
    const char *name, *source_namespace, *stat_prefix;
    struct string_match scheme, method, authority;
    const struct named_match *headers, *without_headers, *query_params;
    uint32_t nheaders, nwithout_headers, nquery_params;
    struct str_map source_labels;
    struct str_list gateways;
    uint32_t port; // 0 absent
    bool port_set;
    bool ignore_uri_case;
};

struct http_match {
    struct string_match uri;
    const struct http_match_more *more; // NULL where nothing but uri is set
};

struct destination {
    const char *host, *subset; // host NULL where the destination is missing
    int64_t port;              // port.number as written; 0 where the port is absent
    bool present;              // a destination object stands there
    bool port_set;             // a port object stands there
};

struct header_ops { // set, add: in order of the text
    struct str_map set, add;
    struct str_list remove;
};
struct headers {
    struct header_ops request, response;
};

struct route_destination { // http, tcp and tls routes
    struct destination destination;
    int64_t weight; // 0 where absent
    const struct headers *headers;
};

struct http_redirect {
    const char *uri, *prefix_rewrite, *authority, *scheme, *derive_port;
    int64_t port, code; // 0 absent
    bool port_set;
};

struct http_rewrite {
    const char *uri, *authority;
    const char *regex_match, *regex_rewrite; // uriRegexRewrite
    bool regex_set;
};

struct percent { // set is false where absent
    double value;
    bool set;
};

struct http_fault {
    bool has_delay, has_abort;
    struct percent delay_percentage, abort_percentage;
    int64_t delay_percent; // deprecated integer `percent`, 0 absent
    int64_t fixed_delay;   // ms, DURATION_NONE absent
    bool exponential_delay;
    int64_t http_status; // 0 absent
    const char *grpc_status, *http2_error;
};

struct http_retries {
    int64_t attempts;
    int64_t per_try_timeout, backoff; // ms
    const char *retry_on;
    bool attempts_set, remote_localities, ignore_previous_hosts, ignore_previous_set;
};

struct http_mirror {
    struct destination destination;
    struct percent percentage;
};

struct http_cors {
    struct str_list allow_origin; // deprecated
    const struct string_match *allow_origins;
    uint32_t nallow_origins;
    struct str_list allow_methods, allow_headers, expose_headers;
    int64_t max_age; // ms
    bool allow_credentials_set, allow_credentials;
    const char *unmatched_preflights;
};

struct http_direct {
    int64_t status;
    const char *body; // body.string, NULL where absent
    bool bytes;       // body.bytes is given
    bool both;        // both spellings stand there
    int64_t length;   // of the body in bytes
};

struct http_rule_more {
    const char *name;
    const struct http_redirect *redirect;
    const struct http_direct *direct_response;
    const char *delegate_name, *delegate_ns;
    bool delegate;
    const struct http_rewrite *rewrite;
    int64_t timeout; // ms
    const struct http_retries *retries;
    const struct http_fault *fault;
    const struct http_mirror *mirror; // the deprecated single mirror, percent applied
    int64_t mirror_percent;           // deprecated integer; -1 absent
    struct percent mirror_percentage;
    const struct http_mirror *mirrors;
    uint32_t nmirrors;
    const struct http_cors *cors;
    const struct headers *headers;
};

struct http_rule {
    const struct http_match *matches;
    const struct route_destination *routes;
    uint16_t nmatches, nroutes;
    bool null_entry;                   // a null list entry that the decoder turned into {}
    bool match_present;                // a `match` key stands there (it may be an empty list)
    const struct http_rule_more *more; // NULL where nothing but match and route is set
};

struct l4_match { // tls and tcp
    struct str_list sni_hosts, destination_subnets, gateways;
    struct str_map source_labels;
    const char *source_namespace;
    uint32_t port;
    bool port_set;
};

struct l4_rule {
    const struct l4_match *matches;
    const struct route_destination *routes;
    uint16_t nmatches, nroutes;
};

struct virtualservice {
    struct object o;
    struct str_list hosts, gateways, export_to;
    bool gateways_set; // absent means ["mesh"]
    const struct http_rule *http;
    const struct l4_rule *tls, *tcp;
    uint32_t nhttp, ntls, ntcp;
    bool null_rule; // a null entry in http, tls or tcp
};

enum tls_mode {
    TLS_PASSTHROUGH, // also where `mode` is omitted
    TLS_SIMPLE,
    TLS_MUTUAL,
    TLS_AUTO_PASSTHROUGH,
    TLS_ISTIO_MUTUAL,
    TLS_OPTIONAL_MUTUAL,
    TLS_MODE_UNKNOWN,
};

struct tls_certificate_files {
    const char *server_certificate, *private_key, *ca_certificates;
};

struct server_tls {
    enum tls_mode mode;
    bool mode_set, https_redirect;
    const char *mode_text; // as written, "PASSTHROUGH" where omitted; NULL where it is no text
    const char *credential_name, *ca_cert_credential_name;
    struct str_list credential_names;
    const char *server_certificate, *private_key, *ca_certificates, *ca_crl;
    const struct tls_certificate_files *tls_certificates;
    uint32_t ntls_certificates;
    struct str_list subject_alt_names, cipher_suites, verify_spki, verify_hash;
    const char *min_version, *max_version;
};

struct server {
    const char *name, *bind, *port_name, *protocol, *default_endpoint;
    int64_t port;        // port.number
    int64_t target_port; // 0 absent
    bool port_present;
    struct str_list hosts;
    const struct server_tls *tls; // NULL where absent
};

struct gateway {
    struct object o;
    struct str_map selector;
    const struct server *servers;
    uint32_t nservers;
};

struct client_tls { // trafficPolicy.tls of a DestinationRule
    const char *mode, *ca_certificates, *credential_name, *client_certificate, *private_key;
};
struct port_tls {
    int64_t port;
    struct client_tls tls;
};
struct traffic_policy {
    bool has_tls, empty; // empty: the block is there with nothing in it
    struct client_tls tls;
    const struct port_tls *ports; // portLevelSettings that have tls
    uint32_t nports;
};
struct subset {
    const char *name;
    struct str_map labels;
    bool has_policy;
    struct traffic_policy policy;
};
struct destinationrule {
    struct object o;
    const char *host;
    struct str_list export_to;
    const struct subset *subsets;
    uint32_t nsubsets;
    bool has_policy, has_workload_selector;
    struct traffic_policy policy;
};

struct se_port {
    const char *name, *protocol;
    int64_t number, target_port;
};
struct se_endpoint {
    const char *address;
    struct str_map labels;
};
struct serviceentry {
    struct object o;
    struct str_list hosts, addresses, export_to;
    struct str_list status_addresses;
    struct conditions conditions;
    const struct se_port *ports;
    uint32_t nports;
    const char *location, *resolution;
    const struct se_endpoint *endpoints;
    uint32_t nendpoints;
    bool has_workload_selector;
    struct str_map workload_selector;
};

struct k8s_gateway { // Gateway API: only what references to it need
    struct object o;
    struct str_list hostnames; // of the listeners; "" where a listener has none
};

struct requestauthentication {
    struct object o;
    bool has_selector;
    struct str_map selector;
};

// --- cert-manager (all versions decode to the words of v1: docs/rules/certificates.md#older-spellings)

struct issuer_ref {
    const char *name, *kind, *group; // kind NULL means Issuer, group NULL means cert-manager.io
};

struct certificate {
    struct object o;
    const char *secret_name;
    struct issuer_ref issuer;
    struct str_list dns_names, ip_addresses, uris, email_addresses;
    const char *common_name;
    int64_t duration, renew_before;  // ms, DURATION_NONE absent
    int64_t renew_before_percentage; // -1 absent
    const char *key_algorithm, *rotation_policy, *renewal_policy;
    int64_t key_size;
    bool is_ca;
    // status
    struct conditions conditions;
    int64_t not_before, not_after, renewal_time, last_failure;
    int64_t revision, failed_attempts; // -1 absent
    const char *next_private_key_secret;
};

struct certificaterequest {
    struct object o;
    struct issuer_ref issuer;
    const char *request;     // CSR: base64 of PEM, as served (NULL absent)
    const char *certificate; // status.certificate: base64 of PEM, as served
    const char *username;
    struct conditions conditions;
    int64_t failure_time;
};

struct order_challenge {
    const char *type, *url; // never the token
};
struct order_authorization {
    const char *identifier, *initial_state, *url;
    bool wildcard;
    const struct order_challenge *challenges;
    uint32_t nchallenges;
};
struct order {
    struct object o;
    struct issuer_ref issuer;
    const char *common_name;
    struct str_list dns_names;
    const char *profile;
    // status
    const char *state, *reason, *url; // state NULL or "" before the server knows it
    int64_t failure_time;
    const struct order_authorization *authorizations;
    uint32_t nauthorizations;
    bool has_certificate;
};

struct challenge {
    struct object o;
    struct issuer_ref issuer;
    const char *dns_name, *type; // "HTTP-01", "DNS-01" whatever the version writes
    const char *solver;          // "route53", "http01/ingress", ... the kind of the solver
    bool wildcard;
    // status
    const char *state, *reason;
    bool processing, presented;
    int64_t presented_at;
    struct str_list finalizers;
};

enum issuer_type {
    ISSUER_UNKNOWN,
    ISSUER_ACME,
    ISSUER_CA,
    ISSUER_SELFSIGNED,
    ISSUER_VAULT,
    ISSUER_VENAFI
};

struct acme_solver {
    struct str_list dns_names, dns_zones;
    struct str_map match_labels;
    bool dns01, http01;
    const char *provider; // "route53", "ingress", ...
    const char *cname_strategy;
};

struct issuer { // Issuer and ClusterIssuer
    struct object o;
    enum issuer_type type;
    const char *server, *email, *account_key_secret, *profile, *preferred_chain; // acme
    const char *ca_secret;
    const struct acme_solver *solvers;
    uint32_t nsolvers;
    struct conditions conditions;
    const char *account_uri, *registered_email; // status.acme
};

struct canary { // flagger.app
    struct object o;
    const char *target_kind, *target_name;
    struct str_list hosts, gateways;
    const char *phase;
    int64_t weight; // status.canaryWeight
    int64_t failed_checks, iterations;
    int64_t interval; // ms
    int64_t step_weight, max_weight;
    struct conditions conditions;
};

// Casts with a check in sanitized builds: the object must be of that kind.
#define OBJECT_AS(type, o) ((const struct type *)(const void *)(o))

#endif
