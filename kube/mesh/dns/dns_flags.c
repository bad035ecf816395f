// SPDX-License-Identifier: Apache-2.0
// The flags of external-dns 0.10 to 0.22, and the values of those that take one of a few words.
#include "kube/mesh/dns/dns_flags.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { OLDEST = 10, LATEST = 22 }; // the minor versions whose flags are known

// Those of 0.22. Sorted by bytes.
static const char *const flags[] = {"alibaba-cloud-config-file",
                                    "alibaba-cloud-zone-type",
                                    "always-publish-not-ready-addresses",
                                    "annotation-filter",
                                    "annotation-prefix",
                                    "aws-api-retries",
                                    "aws-assume-role",
                                    "aws-assume-role-external-id",
                                    "aws-batch-change-interval",
                                    "aws-batch-change-size",
                                    "aws-batch-change-size-bytes",
                                    "aws-batch-change-size-values",
                                    "aws-evaluate-target-health",
                                    "aws-prefer-cname",
                                    "aws-profile",
                                    "aws-sd-create-tag",
                                    "aws-sd-service-cleanup",
                                    "aws-zone-match-parent",
                                    "aws-zone-tags",
                                    "aws-zone-type",
                                    "aws-zones-cache-duration",
                                    "azure-config-file",
                                    "azure-maxretries-count",
                                    "azure-resource-group",
                                    "azure-subscription-id",
                                    "azure-user-assigned-identity-client-id",
                                    "azure-zones-cache-duration",
                                    "batch-change-interval",
                                    "batch-change-size",
                                    "cloudflare-custom-hostnames",
                                    "cloudflare-custom-hostnames-certificate-authority",
                                    "cloudflare-custom-hostnames-min-tls-version",
                                    "cloudflare-dns-records-per-page",
                                    "cloudflare-proxied",
                                    "cloudflare-record-comment",
                                    "cloudflare-region-key",
                                    "cloudflare-regional-services",
                                    "combine-fqdn-annotation",
                                    "compatibility",
                                    "completion-bash",
                                    "completion-script-bash",
                                    "completion-script-zsh",
                                    "connector-source-server",
                                    "coredns-prefix",
                                    "coredns-strictly-owned",
                                    "crd-registry-namespace",
                                    "crd-source-apiversion",
                                    "crd-source-kind",
                                    "create-ptr",
                                    "default-targets",
                                    "domain-filter",
                                    "dry-run",
                                    "dynamodb-region",
                                    "dynamodb-table",
                                    "events",
                                    "events-emit",
                                    "exclude-domains",
                                    "exclude-record-types",
                                    "exclude-target-net",
                                    "exclude-unschedulable",
                                    "exoscale-apienv",
                                    "exoscale-apikey",
                                    "exoscale-apisecret",
                                    "exoscale-apizone",
                                    "exoscale-zones-cache-duration",
                                    "expose-internal-ipv6",
                                    "force-default-targets",
                                    "fqdn-target-template",
                                    "fqdn-template",
                                    "gateway-label-filter",
                                    "gateway-listener-sets",
                                    "gateway-name",
                                    "gateway-namespace",
                                    "gloo-namespace",
                                    "godaddy-api-key",
                                    "godaddy-api-ote",
                                    "godaddy-api-secret",
                                    "godaddy-api-ttl",
                                    "google-batch-change-interval",
                                    "google-batch-change-size",
                                    "google-project",
                                    "google-zone-visibility",
                                    "help",
                                    "help-long",
                                    "help-man",
                                    "ignore-hostname-annotation",
                                    "ignore-ingress-rules-spec",
                                    "ignore-ingress-tls-spec",
                                    "ignore-non-host-network-pods",
                                    "ingress-class",
                                    "inmemory-zone",
                                    "interval",
                                    "kube-api-burst",
                                    "kube-api-qps",
                                    "kube-api-request-timeout",
                                    "kubeconfig",
                                    "label-filter",
                                    "listen-endpoint-events",
                                    "log-format",
                                    "log-level",
                                    "managed-record-types",
                                    "metrics-address",
                                    "migrate-from-txt-owner",
                                    "min-event-sync-interval",
                                    "min-ttl",
                                    "namespace",
                                    "nat64-networks",
                                    "ns1-endpoint",
                                    "ns1-ignoressl",
                                    "ns1-min-ttl",
                                    "oci-auth-instance-principal",
                                    "oci-compartment-ocid",
                                    "oci-config-file",
                                    "oci-zone-scope",
                                    "oci-zones-cache-duration",
                                    "once",
                                    "openshift-router-name",
                                    "ovh-api-rate-limit",
                                    "ovh-enable-cname-relative",
                                    "ovh-endpoint",
                                    "pdns-api-key",
                                    "pdns-server",
                                    "pdns-server-id",
                                    "pdns-skip-tls-verify",
                                    "pihole-password",
                                    "pihole-server",
                                    "pihole-tls-skip-verify",
                                    "pod-source-domain",
                                    "policy",
                                    "prefer-alias",
                                    "provider",
                                    "provider-cache-time",
                                    "publish-host-ip",
                                    "publish-internal-services",
                                    "regex-domain-exclusion",
                                    "regex-domain-filter",
                                    "registry",
                                    "request-timeout",
                                    "resolve-service-load-balancer-hostname",
                                    "rfc2136-axfr",
                                    "rfc2136-batch-change-size",
                                    "rfc2136-gss-tsig",
                                    "rfc2136-host",
                                    "rfc2136-insecure",
                                    "rfc2136-kerberos-password",
                                    "rfc2136-kerberos-realm",
                                    "rfc2136-kerberos-username",
                                    "rfc2136-load-balancing-strategy",
                                    "rfc2136-min-ttl",
                                    "rfc2136-port",
                                    "rfc2136-skip-tls-verify",
                                    "rfc2136-tsig-axfr",
                                    "rfc2136-tsig-keyname",
                                    "rfc2136-tsig-secret",
                                    "rfc2136-tsig-secret-alg",
                                    "rfc2136-use-tls",
                                    "rfc2136-zone",
                                    "server",
                                    "service-type-filter",
                                    "skipper-routegroup-groupversion",
                                    "source",
                                    "target-net-filter",
                                    "target-template",
                                    "tls-ca",
                                    "tls-client-cert",
                                    "tls-client-cert-key",
                                    "traefik-disable-new",
                                    "traefik-enable-legacy",
                                    "txt-cache-interval",
                                    "txt-encrypt-aes-key",
                                    "txt-encrypt-enabled",
                                    "txt-owner-id",
                                    "txt-prefix",
                                    "txt-suffix",
                                    "txt-wildcard-replacement",
                                    "unstructured-resource",
                                    "version",
                                    "webhook-provider-idle-timeout",
                                    "webhook-provider-max-body-size",
                                    "webhook-provider-read-header-timeout",
                                    "webhook-provider-read-timeout",
                                    "webhook-provider-url",
                                    "webhook-provider-write-timeout",
                                    "webhook-server",
                                    "zone-id-filter",
                                    "zone-name-filter"};
// Flags that newer versions do not have: the first minor version that has it, 10 or earlier being 10, and the last.
// Sorted by bytes.
static const struct flag_range {
    const char *name;
    int since, until;
} gone[] = {
    {"akamai-access-token", 10, 21},
    {"akamai-client-secret", 10, 21},
    {"akamai-client-token", 10, 21},
    {"akamai-edgerc-path", 10, 21},
    {"akamai-edgerc-section", 10, 21},
    {"akamai-serviceconsumerdomain", 10, 21},
    {"bluecat-config-file", 10, 14},
    {"bluecat-dns-configuration", 11, 14},
    {"bluecat-dns-deploy-type", 11, 14},
    {"bluecat-dns-server-name", 11, 14},
    {"bluecat-dns-view", 11, 14},
    {"bluecat-gateway-host", 11, 14},
    {"bluecat-root-zone", 11, 14},
    {"bluecat-skip-tls-verify", 11, 14},
    {"cf-api-endpoint", 10, 20},
    {"cf-password", 10, 20},
    {"cf-username", 10, 20},
    {"cloudflare-zones-per-page", 10, 13},
    {"contour-load-balancer", 10, 13},
    {"digitalocean-api-page-size", 10, 20},
    {"dyn-customer-name", 10, 14},
    {"dyn-min-ttl", 10, 14},
    {"dyn-password", 10, 14},
    {"dyn-username", 10, 14},
    {"exoscale-endpoint", 10, 13},
    {"ibmcloud-config-file", 12, 17},
    {"ibmcloud-proxied", 12, 17},
    {"infoblox-cache-duration", 11, 14},
    {"infoblox-create-ptr", 10, 14},
    {"infoblox-fqdn-regex", 10, 14},
    {"infoblox-grid-host", 10, 14},
    {"infoblox-max-results", 10, 14},
    {"infoblox-name-regex", 13, 14},
    {"infoblox-ssl-verify", 10, 14},
    {"infoblox-view", 10, 14},
    {"infoblox-wapi-password", 10, 14},
    {"infoblox-wapi-port", 10, 14},
    {"infoblox-wapi-username", 10, 14},
    {"infoblox-wapi-version", 10, 14},
    {"pdns-tls-enabled", 10, 13},
    {"pihole-api-version", 17, 21},
    {"plural-cluster", 13, 21},
    {"plural-provider", 13, 21},
    {"rcodezero-txt-encrypt", 10, 14},
    {"rfc2136-create-ptr", 15, 20},
    {"tencent-cloud-config-file", 13, 17},
    {"tencent-cloud-zone-type", 13, 17},
    {"traefik-disable-legacy", 14, 18},
    {"transip-account", 10, 21},
    {"transip-keyfile", 10, 21},
    {"txt-new-format-only", 16, 17},
};
// Flags of today that came after 0.10, with the first minor version. Sorted by bytes.
static const struct flag_range later[] = {
    {"annotation-prefix", 20, LATEST},
    {"aws-assume-role-external-id", 13, LATEST},
    {"aws-batch-change-size-bytes", 14, LATEST},
    {"aws-batch-change-size-values", 14, LATEST},
    {"aws-profile", 15, LATEST},
    {"aws-sd-create-tag", 15, LATEST},
    {"aws-sd-service-cleanup", 11, LATEST},
    {"aws-zone-match-parent", 14, LATEST},
    {"azure-maxretries-count", 18, LATEST},
    {"azure-zones-cache-duration", 15, LATEST},
    {"batch-change-interval", 21, LATEST},
    {"batch-change-size", 21, LATEST},
    {"cloudflare-custom-hostnames", 16, LATEST},
    {"cloudflare-custom-hostnames-certificate-authority", 16, LATEST},
    {"cloudflare-custom-hostnames-min-tls-version", 16, LATEST},
    {"cloudflare-dns-records-per-page", 13, LATEST},
    {"cloudflare-record-comment", 18, LATEST},
    {"cloudflare-region-key", 15, LATEST},
    {"cloudflare-regional-services", 18, LATEST},
    {"coredns-strictly-owned", 21, LATEST},
    {"create-ptr", 21, LATEST},
    {"dynamodb-region", 13, LATEST},
    {"dynamodb-table", 13, LATEST},
    {"events-emit", 19, LATEST},
    {"exclude-record-types", 14, LATEST},
    {"exclude-target-net", 13, LATEST},
    {"exclude-unschedulable", 17, LATEST},
    {"exoscale-apienv", 13, LATEST},
    {"exoscale-apizone", 13, LATEST},
    {"exoscale-zones-cache-duration", 22, LATEST},
    {"expose-internal-ipv6", 17, LATEST},
    {"force-default-targets", 18, LATEST},
    {"fqdn-target-template", 21, LATEST},
    {"gateway-label-filter", 12, LATEST},
    {"gateway-listener-sets", 21, LATEST},
    {"gateway-name", 16, LATEST},
    {"gateway-namespace", 12, LATEST},
    {"ignore-non-host-network-pods", 16, LATEST},
    {"ingress-class", 13, LATEST},
    {"kube-api-burst", 21, LATEST},
    {"kube-api-qps", 21, LATEST},
    {"kube-api-request-timeout", 21, LATEST},
    {"listen-endpoint-events", 16, LATEST},
    {"migrate-from-txt-owner", 20, LATEST},
    {"min-ttl", 21, LATEST},
    {"nat64-networks", 15, LATEST},
    {"oci-auth-instance-principal", 13, LATEST},
    {"oci-compartment-ocid", 13, LATEST},
    {"oci-zone-scope", 14, LATEST},
    {"oci-zones-cache-duration", 14, LATEST},
    {"ovh-enable-cname-relative", 17, LATEST},
    {"pdns-server-id", 15, LATEST},
    {"pdns-skip-tls-verify", 13, LATEST},
    {"pihole-password", 13, LATEST},
    {"pihole-server", 13, LATEST},
    {"pihole-tls-skip-verify", 13, LATEST},
    {"pod-source-domain", 16, LATEST},
    {"prefer-alias", 21, LATEST},
    {"provider-cache-time", 15, LATEST},
    {"resolve-service-load-balancer-hostname", 13, LATEST},
    {"rfc2136-axfr", 22, LATEST},
    {"rfc2136-load-balancing-strategy", 16, LATEST},
    {"rfc2136-skip-tls-verify", 14, LATEST},
    {"rfc2136-use-tls", 14, LATEST},
    {"target-net-filter", 13, LATEST},
    {"target-template", 21, LATEST},
    {"traefik-disable-new", 14, LATEST},
    {"traefik-enable-legacy", 19, LATEST},
    {"txt-encrypt-aes-key", 13, LATEST},
    {"txt-encrypt-enabled", 13, LATEST},
    {"unstructured-resource", 21, LATEST},
    {"webhook-provider-read-timeout", 14, LATEST},
    {"webhook-provider-url", 14, LATEST},
    {"webhook-provider-write-timeout", 14, LATEST},
    {"webhook-server", 14, LATEST},
};
static const char *const policies[] = {"create-only", "sync", "upsert-only"};
static const char *const registries[] = {"aws-sd", "crd", "dynamodb", "noop", "txt"};
static const char *const providers[] = {
    "alibabacloud", "aws",        "aws-sd",  "azure",    "azure-dns", "azure-private-dns",
    "civo",         "cloudflare", "coredns", "dnsimple", "exoscale",  "godaddy",
    "google",       "inmemory",   "linode",  "ns1",      "oci",       "ovh",
    "pdns",         "pihole",     "rfc2136", "scaleway", "skydns",    "webhook"};
static const char *const sources[] = {"ambassador-host",
                                      "connector",
                                      "contour-httpproxy",
                                      "crd",
                                      "empty",
                                      "f5-transportserver",
                                      "f5-virtualserver",
                                      "fake",
                                      "gateway-grpcroute",
                                      "gateway-httproute",
                                      "gateway-tcproute",
                                      "gateway-tlsroute",
                                      "gateway-udproute",
                                      "gloo-proxy",
                                      "ingress",
                                      "istio-gateway",
                                      "istio-virtualservice",
                                      "kong-tcpingress",
                                      "node",
                                      "openshift-route",
                                      "pod",
                                      "service",
                                      "skipper-routegroup",
                                      "traefik-proxy",
                                      "unstructured"};

// What versions before 0.22 have besides.
static const char *const old_providers[] = {
    "akamai",  "bluecat",      "designate", "digitalocean", "dyn",       "gandi",
    "hetzner", "ibmcloud",     "infoblox",  "plural",       "rcodezero", "rdns",
    "safedns", "tencentcloud", "transip",   "ultradns",     "vinyldns",  "vultr"};
static const char *const old_sources[] = {"cloudfoundry", "contour-ingressroute"};
static const char *const log_levels[] = {"debug", "error", "fatal",  "info",
                                         "panic", "trace", "warning"};
static const char *const log_formats[] = {"json", "text"};
static const char *const durations[] = {"aws-batch-change-interval",
                                        "aws-zones-cache-duration",
                                        "google-batch-change-interval",
                                        "interval",
                                        "min-event-sync-interval",
                                        "provider-cache-time",
                                        "request-timeout",
                                        "txt-cache-interval"};

static const struct {
    const char *flag;
    const char *const *words;
    size_t n;
    const char *const *old; // what versions before 0.22 have besides, NULL: nothing
    size_t nold;
} enumerations[] = {
    {"policy", policies, ARRAY_COUNT(policies), NULL, 0},
    {"registry", registries, ARRAY_COUNT(registries), NULL, 0},
    {"provider", providers, ARRAY_COUNT(providers), old_providers, ARRAY_COUNT(old_providers)},
    {"source", sources, ARRAY_COUNT(sources), old_sources, ARRAY_COUNT(old_sources)},
    {"log-level", log_levels, ARRAY_COUNT(log_levels), NULL, 0},
    {"log-format", log_formats, ARRAY_COUNT(log_formats), NULL, 0},
};

static int by_name(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

static int by_range(const void *key, const void *element)
{
    return strcmp(key, ((const struct flag_range *)element)->name);
}

static const struct flag_range *range_of(const struct flag_range *at, size_t n, const char *name)
{
    return bsearch(name, at, n, sizeof *at, by_range);
}

// Whether the version has the flag, or its flags are not known.
static bool has_flag(const char *name, int minor)
{
    if (minor < OLDEST || minor > LATEST) {
        return true;
    }
    const struct flag_range *r = range_of(gone, ARRAY_COUNT(gone), name);
    if (r != NULL) {
        return minor >= r->since && minor <= r->until;
    }
    r = range_of(later, ARRAY_COUNT(later), name);
    return (r == NULL || minor >= r->since) &&
           bsearch(name, flags, ARRAY_COUNT(flags), sizeof flags[0], by_name) != NULL;
}

static bool has_word(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

// Why a value is none of the flag's, NULL if it is one, or nothing is known of it.
static const char *value_refused(struct arena *a, int minor, const char *name, const char *value)
{
    if (has_word(durations, ARRAY_COUNT(durations), name)) {
        return strcmp(value, "0") != 0 && duration_parse(value) == DURATION_NONE
                   ? arena_printf(a, "--%s has the value %s, which is no duration such as 1m", name,
                                  value)
                   : NULL;
    }
    for (size_t i = 0; i < ARRAY_COUNT(enumerations); i++) {
        bool versioned = enumerations[i].old != NULL;
        if (strcmp(enumerations[i].flag, name) != 0 ||
            (versioned && (minor < OLDEST || minor > LATEST))) {
            continue;
        }
        bool known = has_word(enumerations[i].words, enumerations[i].n, value) ||
                     (minor < LATEST && has_word(enumerations[i].old, enumerations[i].nold, value));
        return known ? NULL : arena_printf(a, "--%s has no value %s", name, value);
    }
    return NULL;
}

// Whether an argument is a flag of today with one dash.
static bool has_one_dash(struct arena *a, const char *arg)
{
    const char *name = arg[0] == '-' ? arena_strndup(a, arg + 1, strcspn(arg + 1, "=")) : "";
    return bsearch(name, flags, ARRAY_COUNT(flags), sizeof flags[0], by_name) != NULL;
}

const char *dns_flag_refused(struct arena *a, int minor, const char *arg, const char *next)
{
    bool quoted = (arg[0] == '"' || arg[0] == '\'') && str_starts(arg + 1, "--");
    if (quoted || has_one_dash(a, arg)) {
        return arena_printf(a, "%s is no argument of its", arg);
    }
    if (!str_starts(arg, "--") || arg[2] == '\0') {
        return NULL;
    }
    size_t n = strcspn(arg + 2, "=");
    const char *name = arena_strndup(a, arg + 2, n);
    const char *value = arg[2 + n] == '=' ? arg + 3 + n : next;
    if (strchr(name, ' ') != NULL) {
        return arena_printf(a, "it has no argument \"--%s\": write = in the place of the blank",
                            name);
    }
    bool no = str_starts(name, "no-");
    if (!has_flag(name, minor) && !(no && has_flag(name + 3, minor))) {
        return minor == LATEST ? arena_printf(a, "it has no argument --%s", name)
                               : arena_printf(a, "version 0.%d has no argument --%s", minor, name);
    }
    return str_empty(value) || strstr(value, "$(") != NULL ? NULL
                                                           : value_refused(a, minor, name, value);
}
