// SPDX-License-Identifier: Apache-2.0
// The flags of external-dns 0.22, and the values of those that take one of a few words.
#include "kube/mesh/dns/dns_flags.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Sorted by bytes.
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

static const struct {
    const char *flag;
    const char *const *words;
    size_t n;
    int since; // the words are those of this minor version and later ones
} enumerations[] = {
    {"policy", policies, ARRAY_COUNT(policies), 0},
    {"registry", registries, ARRAY_COUNT(registries), 0},
    {"provider", providers, ARRAY_COUNT(providers), 22},
    {"source", sources, ARRAY_COUNT(sources), 22},
};

static int by_name(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

static bool has_flag(const char *name)
{
    return bsearch(name, flags, ARRAY_COUNT(flags), sizeof flags[0], by_name) != NULL;
}

const char *dns_flag_refused(struct arena *a, int minor, const char *arg, const char *next)
{
    if (!str_starts(arg, "--") || arg[2] == '\0') {
        return NULL;
    }
    size_t n = strcspn(arg + 2, "=");
    const char *name = arena_strndup(a, arg + 2, n);
    const char *value = arg[2 + n] == '=' ? arg + 3 + n : next;
    bool known = has_flag(name) || (str_starts(name, "no-") && has_flag(name + 3));
    if (!known && minor >= 22) {
        return arena_printf(a, "it has no argument --%s", name);
    }
    for (size_t i = 0; i < ARRAY_COUNT(enumerations); i++) {
        if (strcmp(enumerations[i].flag, name) != 0 || minor < enumerations[i].since ||
            str_empty(value) || strstr(value, "$(") != NULL) {
            continue;
        }
        for (size_t k = 0; k < enumerations[i].n; k++) {
            if (strcmp(enumerations[i].words[k], value) == 0) {
                return NULL;
            }
        }
        return arena_printf(a, "--%s has no value %s", name, value);
    }
    return NULL;
}
