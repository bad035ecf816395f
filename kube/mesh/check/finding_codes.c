// SPDX-License-Identifier: Apache-2.0
// The table of finding codes.
#include "kube/mesh/check/finding_codes.h"

#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"

#define E SEVERITY_ERROR
#define W SEVERITY_WARNING
#define I SEVERITY_INFO

// clang-format off
const struct finding_code finding_codes[] = {
    {.code = "IST0002", .severity = W, .title = "deprecated field",
     .text = "A field that Istio will stop reading: fault.delay.percent."},
    {.code = "IST0101", .severity = E, .title = "missing reference",
     .text = "A host, port, subset, Gateway, Secret or pod that an object names does not exist."},
    {.code = "IST0102", .severity = I, .title = "namespace without injection",
     .text = "The namespace has no label that says whether its pods get a sidecar."},
    {.code = "IST0106", .severity = E, .title = "invalid",
     .text = "Istio's validation refuses the object; its webhook would not let it into the cluster."},
    {.code = "IST0107", .severity = W, .title = "misplaced annotation",
     .text = "An annotation of Istio on a kind where it does nothing."},
    {.code = "IST0108", .severity = W, .title = "unknown annotation",
     .text = "An annotation of Istio's domain that Istio does not know."},
    {.code = "IST0109", .severity = E, .title = "conflicting mesh hosts",
     .text = "Several VirtualServices define one host for sidecars, which use only one of them."},
    {.code = "IST0112", .severity = E, .title = "port needed",
     .text = "A destination with several ports, and the route does not say which."},
    {.code = "IST0118", .severity = I, .title = "port name",
     .text = "The name of a Service's port does not say its protocol."},
    {.code = "IST0123", .severity = W, .title = "several injection labels",
     .text = "A namespace with more than one label for injection; one of them wins."},
    {.code = "IST0128", .severity = W, .title = "server not verified",
     .text = "A DestinationRule speaks TLS without a CA to check the server with."},
    {.code = "IST0129", .severity = W, .title = "server not verified on a port",
     .text = "The same, in the settings of one port."},
    {.code = "IST0130", .severity = W, .title = "rule never used",
     .text = "A rule after one without a match, or whose matches all stand earlier, by istioctl's reading."},
    {.code = "IST0131", .severity = I, .title = "match never used",
     .text = "A match that an earlier one has or covers, by istioctl's reading, which knows prefixes only."},
    {.code = "IST0132", .severity = W, .title = "host not on the Gateway",
     .text = "No host of the VirtualService is served by a Gateway that it names."},
    {.code = "IST0133", .severity = W, .title = "questionable",
     .text = "Istio's validation accepts the object with a warning."},
    {.code = "IST0134", .severity = W, .title = "addresses needed",
     .text = "A ServiceEntry with a TCP port and no addresses catches all TCP of that port."},
    {.code = "IST0138", .severity = W, .title = "shared certificate",
     .text = "Two Gateways use one certificate: a browser reuses its HTTP/2 connection to one for hosts of the other, and gets 404."},
    {.code = "IST0140", .severity = W, .title = "subset rules by-passed",
     .text = "A VirtualService of a Gateway routes to a host whose subsets another VirtualService chooses; those rules do not hold."},
    {.code = "IST0145", .severity = E, .title = "conflicting Gateways",
     .text = "Two Gateways on the same pods have the same host, port and bind address."},
    {.code = "IST0149", .severity = E, .title = "claim without authentication",
     .text = "A match asks for a claim of a token, and no RequestAuthentication reads tokens there."},
    {.code = "IST0150", .severity = W, .title = "ExternalName port name",
     .text = "The port of an ExternalName Service is taken for TCP and catches all requests of that port."},
    {.code = "IST0161", .severity = E, .title = "unusable credential",
     .text = "The Secret of a Gateway lacks a key, cannot be read as a certificate, or is expired."},
    {.code = "IST0162", .severity = W, .title = "port not on the Service",
     .text = "The Gateway listens on a port that no Service in front of its pods has."},
    {.code = "IST0165", .severity = W, .title = "internal Gateway",
     .text = "A VirtualService is bound to a Gateway that Istio makes for itself."},
    {.code = "IST0171", .severity = W, .title = "negative condition",
     .text = "The status of a Service or ServiceEntry says that its waypoint is not bound."},
    {.code = "IST0173", .severity = E, .title = "empty subset",
     .text = "A subset of a DestinationRule selects no pod."},
    {.code = "IST0174", .severity = W, .title = "unknown host",
     .text = "The host of a DestinationRule is no Service or ServiceEntry."},
    {.code = "IST0177", .severity = W, .title = "conflicting protocols",
     .text = "ServiceEntries give one host and port different protocols."},
    {.code = "GT0001", .severity = W, .title = "unknown field",
     .text = "A field that Istio or cert-manager does not know: the API server drops or refuses it. Files only."},
    {.code = "GT0002", .severity = E, .title = "wrong type",
     .text = "A mapping where a list belongs, text where a number belongs, and the like: the API server refuses the object. It is analysed as if it were meant. Files only."},
    {.code = "GT0003", .severity = E, .title = "empty condition",
     .text = "A match whose condition stands beside it because of its indent: it matches every request. Files only."},
    {.code = "GT0004", .severity = E, .title = "unreadable value",
     .text = "An enumeration's word, a duration or a number that cannot be read. Files only."},
    {.code = "GT0005", .severity = W, .title = "written twice",
     .text = "Two documents of the files have one kind, namespace and name: the cluster will have the last. Files only."},
    {.code = "GT0006", .severity = E, .title = "refused by cert-manager",
     .text = "The API server or cert-manager's webhook refuses a Certificate or an issuer. Files only."},
    {.code = "GT0007", .severity = W, .title = "unfilled variable",
     .text = "A name holds a variable, ${DOMAIN} or {{ .Values.host }}: what else is wrong with that name is not reported. Files only."},
    {.code = "GT0101", .severity = W, .title = "dead rule",
     .text = "No request can reach the rule: earlier rules of the merged host, also of other VirtualServices, take all of them."},
    {.code = "GT0102", .severity = I, .title = "prefix catches a neighbour",
     .text = "A prefix such as /foo also matches /foobar, and a later rule for it is never reached, or goes elsewhere."},
    {.code = "GT0103", .severity = W, .title = "host outside the certificate",
     .text = "A wildcard covers one label only: the certificate does not cover this host of the Gateway."},
    {.code = "GT0104", .severity = E, .title = "redirect loop",
     .text = "A redirect leads to a request that the same rule redirects again."},
    {.code = "GT0105", .severity = E, .title = "credential in another namespace",
     .text = "The pods of a Gateway read Secrets of their own namespace only."},
    {.code = "GT0106", .severity = W, .title = "TLS mode omitted",
     .text = "tls without a mode passes the connection through: the certificate is not used, and http rules do not apply."},
    {.code = "GT0107", .severity = W, .title = "one certificate on several servers",
     .text = "Hosts of different route tables share a certificate over HTTP/2: a browser reuses one connection for both and gets 404."},
    {.code = "GT0108", .severity = W, .title = "destination without endpoints",
     .text = "A Service that rules route to has no ready endpoint: such requests are answered 503."},
    {.code = "GT0109", .severity = W, .title = "host in several VirtualServices",
     .text = "VirtualServices merge on a Gateway host: the older one's rules come first."},
    {.code = "GT0110", .severity = E, .title = "unusable redirect code",
     .text = "Envoy has no such redirect and refuses the route table of the whole port."},
    {.code = "GT0111", .severity = E, .title = "host list that stops istiod",
     .text = "A server with the host */* before hosts with a namespace makes istiod fail."},
    {.code = "GT0112", .severity = E, .title = "server not used",
     .text = "The server loses its port to an older one and serves nothing."},
    {.code = "GT0113", .severity = W, .title = "not exported to the gateway",
     .text = "The VirtualService is not exported to the namespace of the gateway's pods and has no effect there."},
    {.code = "GT0114", .severity = W, .title = "delegate not used",
     .text = "The VirtualService a rule delegates to is missing, hidden, or has hosts of its own: the rule disappears."},
    {.code = "GT0115", .severity = W, .title = "destination out of sight",
     .text = "The service that a rule routes to, or the DestinationRule that defines its subset, is there, but the gateway does not see it: such requests are answered 503."},
    {.code = "GT0116", .severity = E, .title = "rules of the wrong sort",
     .text = "http rules where a server passes bytes on, tls or tcp rules where it reads HTTP: they apply nowhere, and connections may be closed."},
    {.code = "GT0117", .severity = W, .title = "condition that no request meets",
     .text = "A path without a slash at its beginning, with a query or with a star, which is text like any other; a method in small letters."},
    {.code = "GT0118", .severity = I, .title = "slashes after a rewrite",
     .text = "A rewrite replaces only the text of the prefix, and leaves two slashes, or none, before what follows it."},
    {.code = "GT0119", .severity = W, .title = "match that is for no Gateway",
     .text = "A match is for a Gateway that spec.gateways does not list, for a port that none of those opens, or for labels that their pods do not carry: it never holds there."},
    {.code = "GT0120", .severity = W, .title = "plain HTTP to a TLS port",
     .text = "An http rule leads to a port that speaks TLS, and no DestinationRule starts TLS: such requests are answered 400 or 503."},
    {.code = "GT0121", .severity = E, .title = "no CA for client certificates",
     .text = "A server with tls.mode MUTUAL or OPTIONAL_MUTUAL has no CA to check clients with: connections are reset."},
    {.code = "GT0122", .severity = I, .title = "host hides a wildcard",
     .text = "Requests for a host that its own rules do not take are answered 404: rules for a wildcard that has the host, too, are not tried."},
    {.code = "GT0123", .severity = W, .title = "too large to judge",
     .text = "With its delegates the VirtualService has more hosts and rules than are looked at: some rules are left out."},
    {.code = "GT0201", .severity = E, .title = "unusable certificate",
     .text = "A Certificate is not usable: failed, expired, temporary, stuck or not ready."},
    {.code = "GT0202", .severity = W, .title = "certificate in danger",
     .text = "A Certificate still works, but will not for long or not for browsers."},
    {.code = "GT0203", .severity = E, .title = "Secret with two writers",
     .text = "Two Certificates write one Secret."},
    {.code = "GT0204", .severity = W, .title = "Secret that nobody renews",
     .text = "The Certificate that a Secret belongs to is gone: nothing renews it."},
    {.code = "GT0205", .severity = E, .title = "missing issuer",
     .text = "A Certificate names an issuer that does not exist."},
    {.code = "GT0206", .severity = E, .title = "name without a solver",
     .text = "No solver of the issuer can prove a name; wildcards need DNS-01, IP addresses HTTP-01."},
    {.code = "GT0207", .severity = E, .title = "bad commonName",
     .text = "commonName is longer than 64 bytes, or not among the names where ACME requires it."},
    {.code = "GT0208", .severity = W, .title = "issued otherwise",
     .text = "What was issued is not what the Certificate asks for."},
    {.code = "GT0209", .severity = E, .title = "name that matches nothing",
     .text = "A dnsName that no host can match: it is no name, or its '*' is not the whole left-most label."},
    {.code = "GT0210", .severity = W, .title = "issuer not ready",
     .text = "An issuer is not ready, its ACME server is a dead or staging one, or its profile does not exist."},
    {.code = "GT0211", .severity = E, .title = "certificate ends",
     .text = "A Certificate has ended or ends soon (check --expiring)."},
    {.code = "GT0212", .severity = E, .title = "not issued by this CA",
     .text = "Let's Encrypt does not issue for a name of the Certificate, or for so many."},
    {.code = "GT0213", .severity = W, .title = "deletion that hangs",
     .text = "A Challenge cannot be deleted, since its clean-up fails; that also blocks the deletion of its namespace."},
    {.code = "GT0214", .severity = W, .title = "request that is not served",
     .text = "A CertificateRequest of no Certificate is denied, failed, not approved, or has waited for half an hour."},
    {.code = "GT0301", .severity = W, .title = "annotation that is not read",
     .text = "An annotation of external-dns stands under a prefix that it does not read."},
    {.code = "GT0302", .severity = E, .title = "external-dns stops",
     .text = "external-dns stops before it changes anything."},
    {.code = "GT0303", .severity = E, .title = "wrong DNS answer",
     .text = "DNS does not say what external-dns should have written."},
    {.code = "GT0304", .severity = W, .title = "Gateway without an address",
     .text = "A Gateway has hosts, but no address to point them at."},
    {.code = "GT0305", .severity = I, .title = "records not worked out",
     .text = "external-dns makes records that gatetop does not work out."},
    {.code = "GT0306", .severity = W, .title = "contested record",
     .text = "Two objects want different records of one name."},
    {.code = "GT0307", .severity = W, .title = "external-dns changes nothing",
     .text = "external-dns changes nothing: --dry-run or no replicas; or an argument is missing, which is an error."},
    {.code = "GT0308", .severity = W, .title = "ownership record refused",
     .text = "The provider refuses the name of an ownership record."},
};
// clang-format on

const size_t finding_code_count = ARRAY_COUNT(finding_codes);

const struct finding_code *finding_code_find(const char *code)
{
    for (size_t i = 0; i < finding_code_count; i++) {
        if (str_eq(finding_codes[i].code, code)) {
            return &finding_codes[i];
        }
    }
    return NULL;
}

const char *finding_istio_code(const char *code)
{
    return str_starts(code, "IST") ? code : NULL;
}

struct finding *finding_add_coded(struct findings *f, struct arena *a, const char *code,
                                  const struct object *o, const char *path, const char *message,
                                  const char *hint)
{
    const struct finding_code *known = finding_code_find(code);
    ASSERT(known != NULL);
    struct finding *x = findings_add(f, a, code, known->severity, o, path);
    x->message = message;
    x->hint = hint;
    return x;
}
