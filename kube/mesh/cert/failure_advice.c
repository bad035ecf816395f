// SPDX-License-Identifier: Apache-2.0
// The words of clients, name servers, DNS providers and CAs, and what to do about each.
#include "kube/mesh/cert/failure_advice.h"

#include "kube/base/array.h"

#include <string.h>

static const char firewall[] =
    "cert-manager's pod cannot reach the load balancer: open port 80; from inside a cluster its "
    "own address may not lead back (hairpin, PROXY protocol)";
static const char guarded[] =
    "something answers before the solver (a policy, a login, a firewall): let "
    "/.well-known/acme-challenge/ through";
static const char solver_down[] =
    "what the gateway sends it to has no ready endpoint: see the solver's pod and Service";
static const char moved[] = "port 80 redirects, and does not lead to the solver";
static const char no_hook[] =
    "the API of the solver's webhook is not there, or not available: see its APIService and pods, "
    "and compare groupName and solverName with its own";
static const char no_zone[] =
    "cert-manager cannot find the zone: set --dns01-recursive-nameservers (and "
    "--dns01-recursive-nameservers-only) to servers that answer SOA queries, or mend the zone";
static const char port_53[] = "open port 53 (UDP and TCP) to that name server";
static const char signed_key[] = "compare tsigKeyName, tsigAlgorithm and the key with the server's";
static const char ambient[] = "give the solver credentials, or let it use those of the pod "
                              "(--issuer-ambient-credentials for an Issuer)";
static const char unreachable[] =
    "cert-manager cannot reach the ACME server: see DNS, egress and proxy of its pod";
static const char untrusted[] =
    "cert-manager does not trust the ACME server's certificate: set spec.acme.caBundle";
static const char bad_name[] = "correct the name in dnsNames that the CA refuses";
static const char bad_key[] = "change spec.privateKey to what the CA accepts";
static const char open_port[] = "open port 80 to the whole internet";
static const char everywhere[] =
    "the CA asks from several places in the world: no part of it may be blocked, and all name "
    "servers must answer the same";
static const char no_name[] = "the name is not in public DNS: create its record";
static const char old_text[] = "another TXT record stands there: remove it, or what leads there";

// The first match counts.
static const struct {
    enum failure_mode mode;
    const char *needle, *advice;
} table[] = {
    {FAILURE_HTTP01_SELF_CHECK, "no such host", "cert-manager's resolver does not know the name"},
    {FAILURE_HTTP01_SELF_CHECK, "timed out", firewall},
    {FAILURE_HTTP01_SELF_CHECK, "i/o timeout", firewall},
    {FAILURE_HTTP01_SELF_CHECK, "deadline exceeded", firewall},
    {FAILURE_HTTP01_SELF_CHECK, "no route to host", firewall},
    {FAILURE_HTTP01_SELF_CHECK, "connection refused", firewall},
    {FAILURE_HTTP01_SELF_CHECK, "connection reset", firewall},
    {FAILURE_HTTP01_SELF_CHECK, "EOF", firewall},
    {FAILURE_HTTP01_SELF_CHECK, "redirects", moved},
    {FAILURE_HTTP01_SELF_CHECK, "code '30", moved},
    {FAILURE_HTTP01_SELF_CHECK, "code '401'", guarded},
    {FAILURE_HTTP01_SELF_CHECK, "code '403'", guarded},
    {FAILURE_HTTP01_SELF_CHECK, "code '502'", solver_down},
    {FAILURE_HTTP01_SELF_CHECK, "code '503'", solver_down},
    {FAILURE_DNS01_PROPAGATION, "returned SERVFAIL",
     "that server fails for the name: see the zone's DNSSEC and delegation"},
    {FAILURE_DNS01_PROPAGATION, "returned REFUSED",
     "that server does not serve the zone: correct the NS records that lead to it"},
    {FAILURE_DNS01_PROPAGATION, "Could not determine", no_zone},
    {FAILURE_DNS01_PROPAGATION, "SOA record", no_zone},
    {FAILURE_DNS01_PROPAGATION, "no such host", no_zone},
    {FAILURE_DNS_PROVIDER, "SOA record", no_zone},
    {FAILURE_DNS_PROVIDER, "Could not determine the zone", no_zone},
    {FAILURE_DNS_PROVIDER, "could not find the requested resource", no_hook},
    {FAILURE_DNS_PROVIDER, "error resolving resource", no_hook},
    {FAILURE_DNS_PROVIDER, "currently unable to handle the request", no_hook},
    {FAILURE_DNS_PROVIDER, "cannot create resource",
     "cert-manager's ServiceAccount may not use the solver's webhook: give it the verb create on "
     "that API group"},
    {FAILURE_DNS_PROVIDER, ":53: ", port_53},
    {FAILURE_DNS_PROVIDER, "BADSIG", signed_key},
    {FAILURE_DNS_PROVIDER, "BADKEY", signed_key},
    {FAILURE_DNS_PROVIDER, "BADTIME", signed_key},
    {FAILURE_DNS_PROVIDER, "bad signature", signed_key},
    {FAILURE_DNS_PROVIDER, "empty credentials", ambient},
    {FAILURE_DNS_PROVIDER, "IMDS", ambient},
    {FAILURE_DNS_PROVIDER, "could not find default credentials", ambient},
    {FAILURE_ORDER, "NotBefore and NotAfter are not supported",
     "the CA takes no duration: set spec.acme.enableDurationFeature of the issuer to false"},
    {FAILURE_ORDER, "redundant with a wildcard", "drop the dnsName that a wildcard has already"},
    {FAILURE_ORDER, "invalid public key", bad_key},
    {FAILURE_ORDER, "key too small", bad_key},
    {FAILURE_ORDER, "Cannot issue for", bad_name},
    {FAILURE_ORDER, "Invalid identifiers", bad_name},
    {FAILURE_ORDER, "x509: ", untrusted},
    {FAILURE_ORDER, "dial tcp", unreachable},
    {FAILURE_ORDER, "i/o timeout", unreachable},
    {FAILURE_ORDER, "server misbehaving", unreachable},
    {FAILURE_ORDER, "deadline exceeded", unreachable},
    {FAILURE_AUTHORIZATION, "secondary validation", everywhere},
    {FAILURE_AUTHORIZATION, "DNSSEC", "the zone's DNSSEC is broken: mend its keys and DS records"},
    {FAILURE_AUTHORIZATION, "NXDOMAIN", no_name},
    {FAILURE_AUTHORIZATION, "no valid A records", no_name},
    {FAILURE_AUTHORIZATION, "SERVFAIL", "the zone's servers fail: see its delegation and DNSSEC"},
    {FAILURE_AUTHORIZATION, "Timeout during connect", open_port},
    {FAILURE_AUTHORIZATION, "Connection refused", open_port},
    {FAILURE_AUTHORIZATION, "Incorrect TXT record", old_text},
    {FAILURE_AUTHORIZATION, "Redirect loop", moved},
    {FAILURE_AUTHORIZATION, "redirect target", moved},
    {FAILURE_REQUEST, "is being terminated",
     "its namespace is being deleted: nothing is issued there any more"},
};

const char *failure_advice(enum failure_mode mode, const char *text)
{
    for (size_t i = 0; text != NULL && i < ARRAY_COUNT(table); i++) {
        if (table[i].mode == mode && strstr(text, table[i].needle) != NULL) {
            return table[i].advice;
        }
    }
    return NULL;
}
