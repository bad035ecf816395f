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
    {"IST0002", W, "deprecated field", "A field that Istio will stop reading: fault.delay.percent."},
    {"IST0101", E, "missing reference", "A host, port, subset, Gateway, Secret or pod that an object names does not exist."},
    {"IST0102", I, "namespace without injection", "The namespace has no label that says whether its pods get a sidecar."},
    {"IST0106", E, "invalid", "Istio's validation refuses the object; its webhook would not let it into the cluster."},
    {"IST0107", W, "misplaced annotation", "An annotation of Istio on a kind where it does nothing."},
    {"IST0108", W, "unknown annotation", "An annotation of Istio's domain that Istio does not know."},
    {"IST0109", E, "conflicting mesh hosts", "Several VirtualServices define one host for sidecars, which use only one of them."},
    {"IST0112", E, "port needed", "A destination with several ports, and the route does not say which."},
    {"IST0118", I, "port name", "The name of a Service's port does not tell its protocol."},
    {"IST0123", W, "several injection labels", "A namespace with more than one label for injection; one of them wins."},
    {"IST0128", W, "server not verified", "A DestinationRule speaks TLS without a CA to check the server with."},
    {"IST0129", W, "server not verified on a port", "The same, in the settings of one port."},
    {"IST0130", W, "rule never used", "A rule behind one without a match, or whose matches all stand earlier, by istioctl's reading."},
    {"IST0131", I, "match never used", "A match that an earlier one has or covers, by istioctl's reading, which knows prefixes only."},
    {"IST0132", W, "host not on the Gateway", "No host of the VirtualService is served by a Gateway that it names."},
    {"IST0133", W, "questionable", "Istio's validation accepts the object with a warning."},
    {"IST0134", W, "addresses needed", "A ServiceEntry with a TCP port and no addresses catches all TCP of that port."},
    {"IST0138", W, "shared certificate", "Two Gateways use one certificate: a browser reuses its HTTP/2 connection to one for hosts of the other, and gets 404."},
    {"IST0140", W, "subset rules by-passed", "A VirtualService of a Gateway routes to a host whose subsets another VirtualService chooses; those rules do not hold."},
    {"IST0145", E, "conflicting Gateways", "Two Gateways on the same pods have the same host, port and bind address."},
    {"IST0149", E, "claim without authentication", "A match asks for a claim of a token, and no RequestAuthentication reads tokens there."},
    {"IST0150", W, "ExternalName port name", "The port of an ExternalName Service is taken for TCP and catches all requests of that port."},
    {"IST0161", E, "unusable credential", "The Secret of a Gateway lacks a key, cannot be read as a certificate, or is expired."},
    {"IST0162", W, "port not on the Service", "The Gateway listens on a port that no Service in front of its pods has."},
    {"IST0165", W, "internal Gateway", "A VirtualService is bound to a Gateway that Istio makes for itself."},
    {"IST0171", W, "negative condition", "The status of a Service or ServiceEntry says that its waypoint is not bound."},
    {"IST0173", E, "empty subset", "A subset of a DestinationRule selects no pod."},
    {"IST0174", W, "unknown host", "The host of a DestinationRule is no Service or ServiceEntry."},
    {"IST0177", W, "conflicting protocols", "ServiceEntries give one host and port different protocols."},
    {"GT0001", W, "unknown field", "A field that Istio does not know: the API server drops or refuses it. Files only."},
    {"GT0002", E, "wrong type", "A mapping where a list belongs, text where a number belongs, and the like: the API server refuses the object. It is analysed as if it were meant. Files only."},
    {"GT0003", E, "empty condition", "A match whose condition stands beside it because of its indent: it matches every request. Files only."},
    {"GT0004", E, "unreadable value", "An enumeration's word, a duration or a number that cannot be read. Files only."},
    {"GT0101", W, "dead rule", "No request can reach the rule: earlier rules of the merged host, also of other VirtualServices, take all of them."},
    {"GT0102", I, "prefix catches a neighbour", "A prefix such as /foo also matches /foobar, and a later rule for it is never reached, or goes elsewhere."},
    {"GT0103", W, "host outside the certificate", "A wildcard covers one label only: the certificate does not cover this host of the Gateway."},
    {"GT0104", E, "redirect loop", "A redirect leads to a request that the same rule redirects again."},
    {"GT0105", E, "credential in another namespace", "The pods of a Gateway read Secrets of their own namespace only."},
    {"GT0106", W, "TLS mode omitted", "tls without a mode passes the connection through: the certificate is not used, and http rules do not apply."},
    {"GT0107", W, "one certificate on several servers", "Hosts of different route tables share a certificate over HTTP/2: a browser reuses one connection for both and gets 404."},
    {"GT0108", W, "destination without endpoints", "A Service that rules route to has no ready endpoint: such requests are answered 503."},
    {"GT0109", W, "host in several VirtualServices", "VirtualServices merge on a Gateway host: the older one's rules come first."},
    {"GT0110", E, "unusable redirect code", "Envoy has no such redirect and refuses the route table of the whole port."},
    {"GT0111", E, "host list that stops istiod", "A server with the host */* before hosts with a namespace makes istiod fail."},
    {"GT0112", E, "server not used", "The server loses its port to an older one and serves nothing."},
    {"GT0113", W, "not exported to the gateway", "The VirtualService is not exported to the namespace of the gateway's pods and has no effect there."},
    {"GT0114", W, "delegate not used", "The VirtualService a rule delegates to is missing, hidden, or has hosts of its own: the rule disappears."},
    {"GT0201", E, "unusable certificate", "A Certificate is not usable: failed, expired, temporary, stuck or not ready."},
    {"GT0202", W, "certificate in danger", "A Certificate still works, but will not for long or not for browsers."},
    {"GT0203", E, "Secret with two writers", "Two Certificates write one Secret."},
    {"GT0204", W, "Secret that nobody renews", "The Certificate that a Secret belongs to is gone: nothing renews it."},
    {"GT0205", E, "missing issuer", "A Certificate names an issuer that does not exist."},
    {"GT0206", E, "name without a solver", "No solver of the issuer can prove a name; wildcards need DNS-01."},
    {"GT0207", E, "long commonName", "commonName is longer than 64 bytes."},
    {"GT0208", W, "issued otherwise", "What was issued is not what the Certificate asks for."},
    {"GT0209", E, "name that matches nothing", "A dnsName that no host can match: '*' must be the whole left-most label."},
    {"GT0210", W, "issuer not ready", "An issuer is not ready, or its ACME server is a dead or staging one."},
    {"GT0211", E, "certificate ends", "A Certificate has ended or ends soon (check --expiring)."},
    {"GT0301", W, "annotation that is not read", "An annotation of external-dns stands under a prefix that it does not read."},
    {"GT0302", E, "external-dns stops", "external-dns stops before it changes anything."},
    {"GT0303", E, "wrong DNS answer", "DNS does not say what external-dns should have written."},
    {"GT0304", W, "Gateway without an address", "A Gateway has hosts, but no address to point them at."},
    {"GT0305", I, "records not worked out", "external-dns makes records that gatetop does not work out."},
    {"GT0306", W, "contested record", "Two objects want different records of one name."},
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
