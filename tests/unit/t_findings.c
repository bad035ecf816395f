// SPDX-License-Identifier: Apache-2.0
// Every finding about certificates and DNS: an object that has it, and one that just has not.
#include "kube/base/arena.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/store/probe_result.h"
#include "kube/store/store.h"

#include "kube/mesh/check/certificate_expiring.h"
#include "kube/mesh/check/certificate_findings.h"
#include "kube/mesh/check/dns_findings.h"
#include "kube/mesh/check/finding_codes.h"

#include "tests/support/certyaml.h"
#include "tests/support/live_store.h"
#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define NAMES_64 "a23456789.b23456789.c23456789.d23456789.e23456789.f23456789.gh.i"
#define CERT(spec, status)                                                                         \
    "---\napiVersion: cert-manager.io/v1\nkind: Certificate\n"                                     \
    "metadata: {name: web, namespace: a, uid: c1, creationTimestamp: '2026-09-10T11:00:00Z'}\n"    \
    "spec: {secretName: web-tls, " spec "}\n" status
#define SOLVERS(solvers)                                                                           \
    "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\n"             \
    "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory', solvers: [" solvers "]}}\n"
#define PROFILE(profile)                                                                           \
    "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\n"             \
    "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory', profile: " profile ", solvers: [{http01: {ingress: {}}}]}}\n"
#define ALONE(username, conditions) "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata: {name: lone, namespace: a, creationTimestamp: '2026-09-10T11:00:00Z'}\nspec: {issuerRef: {name: le}, request: eA==, username: " username "}\nstatus:\n  conditions:\n" conditions
#define FROM_LE "issuerRef: {name: le, kind: ClusterIssuer}"
#define HEALTHY "status:\n  revision: 1\n" RENEWS_LATER "  conditions:\n" READY
#define GATEWAY(name, annotations, hosts)                                                          \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\n"                                     \
    "metadata: {name: " name ", namespace: in, creationTimestamp: '2026-09-01T00:00:00Z', annotations: {" annotations "}}\n" \
    "spec: {selector: {istio: i}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: [" hosts "]}]}\n"
#define BALANCER(ingress)                                                                          \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: lb, namespace: in}\n"                    \
    "spec: {type: LoadBalancer, selector: {istio: i}}\nstatus: {loadBalancer: {ingress: [" ingress "]}}\n"
#define LB BALANCER("{ip: 192.0.2.1}")
#define KEY(k) "external-dns.kubernetes.io/" k
#define TOLD(args)                                                                                 \
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x}\n"            \
    "spec: {template: {spec: {containers: [{name: dns, image: 'external-dns:v0.22.0', args: [" args "]}]}}}\n"
#define SERVICE(spec)                                                                              \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a, annotations: {" KEY("hostname") ": s.x.io}}\nspec: {" spec "}\n"

static const struct rule {
    const char *code, *what, *yaml;
    const char *line; // "SEVERITY OBJECT PATH: message" of the one finding, NULL: there is none
} rules[] = {
    {"GT0201", "failed", CERTIFICATE("", "", "status:\n" FAILURE("1") "  conditions:\n" FAILED("no") NOT_READY) ISSUER, "error a/web -: FAILED: no; next try 2026-09-10T12:30:00Z"},
    {"GT0201", "well", CERTIFICATE("", "", HEALTHY) ISSUER, NULL},
    {"GT0201", "a file without a status says nothing", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: a}\nspec: {secretName: s, dnsNames: [a.b.io], " FROM_LE "}\n" ISSUER, NULL},
    {"GT0201", "the dump of one that nobody has looked at", CERTIFICATE("", "", "") ISSUER, "error a/web -: NOT PICKED UP: no controller has handled this: is cert-manager running?"},
    {"GT0202", "renewal is overdue", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-10T10:00:00Z", "2026-12-01T00:00:00Z") "  conditions:\n" READY) ISSUER, "warning a/web -: OVERDUE"},
    {"GT0202", "renewal is not due", CERTIFICATE("", "", HEALTHY) ISSUER, NULL},
    {"GT0203", "two of one Secret", CERTIFICATE("", "", HEALTHY) "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: wild, namespace: a}\nspec: {secretName: web-tls, dnsNames: [b.x.io], " FROM_LE "}\n" ISSUER,
     "error a/web spec.secretName: Secret a/web-tls is claimed by Certificates web and wild"},
    {"GT0203", "of Secrets of one name in two namespaces", CERTIFICATE("", "", HEALTHY) "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web, namespace: b}\nspec: {secretName: web-tls, dnsNames: [b.x.io], " FROM_LE "}\n" ISSUER, NULL},
    {"GT0204", "an orphan", "---\napiVersion: v1\nkind: Secret\nmetadata: {name: old, namespace: a, annotations: {cert-manager.io/certificate-name: lost}}\n", "warning a/old -: Secret a/old was written for Certificate lost, which is gone"},
    {"GT0204", "one whose Certificate is there", CERTIFICATE("", "", HEALTHY) ISSUER "---\napiVersion: v1\nkind: Secret\nmetadata: {name: old, namespace: a, annotations: {cert-manager.io/certificate-name: web}}\n", NULL},
    {"GT0204", "the key of the next one", "---\napiVersion: v1\nkind: Secret\nmetadata: {name: old, namespace: a, labels: {cert-manager.io/next-private-key: 'true'}, annotations: {cert-manager.io/certificate-name: lost}}\n", NULL},
    {"GT0205", "no such issuer", CERTIFICATE("", "", HEALTHY), "error a/web spec.issuerRef: ClusterIssuer le does not exist"},
    {"GT0205", "an issuer of the group before v0.11", CERT("dnsNames: [a.x.io], issuerRef: {name: le, kind: ClusterIssuer, group: certmanager.k8s.io}", HEALTHY), "error a/web spec.issuerRef: ClusterIssuer le does not exist"},
    {"GT0205", "an issuer of another group, whatever its kind", CERT("dnsNames: [a.x.io], issuerRef: {name: le, kind: ClusterIssuer, group: corp.example.com}", HEALTHY), NULL},
    {"GT0205", "no kind is an Issuer", CERT("dnsNames: [a.x.io], issuerRef: {name: le}", HEALTHY) ISSUER, "error a/web spec.issuerRef: Issuer a/le does not exist"},
    {"GT0205", "an issuer that nobody here knows", CERT("dnsNames: [a.x.io], issuerRef: {name: le, kind: Corp, group: corp.example.com}", HEALTHY), NULL},
    {"GT0206", "a wildcard needs DNS-01", CERT("dnsNames: [a.x.io, '*.x.io'], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}"), "error a/web spec.dnsNames[1]: no DNS-01 solver of ClusterIssuer le admits *.x.io"},
    {"GT0206", "of another zone", CERT("dnsNames: [a.x.io], " FROM_LE, HEALTHY) SOLVERS("{selector: {dnsZones: [y.io]}, dns01: {route53: {region: r}}}"), "error a/web spec.dnsNames[0]: no solver of ClusterIssuer le admits a.x.io"},
    {"GT0206", "of other labels", CERT("dnsNames: [a.x.io], " FROM_LE, HEALTHY) SOLVERS("{selector: {matchLabels: {team: a}}, dns01: {route53: {region: r}}}"), "error a/web spec.dnsNames[0]: no solver of ClusterIssuer le admits a.x.io"},
    {"GT0206", "of other names", CERT("dnsNames: [a.x.io], " FROM_LE, HEALTHY) SOLVERS("{selector: {dnsNames: [b.x.io]}, dns01: {route53: {region: r}}}"), "error a/web spec.dnsNames[0]: no solver of ClusterIssuer le admits a.x.io"},
    {"GT0206", "of its name", CERT("dnsNames: [a.x.io], " FROM_LE, HEALTHY) SOLVERS("{selector: {dnsNames: [A.x.io]}, http01: {ingress: {}}}"), NULL},
    {"GT0206", "of the zone that has its name", CERT("dnsNames: [a.x.io], " FROM_LE, HEALTHY) SOLVERS("{selector: {dnsZones: [A.x.io]}, http01: {ingress: {}}}"), NULL},
    {"GT0206", "a zone ends at a dot", CERT("dnsNames: [aax.io], " FROM_LE, HEALTHY) SOLVERS("{selector: {dnsZones: [ax.io]}, http01: {ingress: {}}}"), "error a/web spec.dnsNames[0]: no solver of ClusterIssuer le admits aax.io"},
    {"GT0206", "a solver for it", CERT("dnsNames: [a.x.io, '*.x.io'], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}, {selector: {dnsZones: [x.io]}, dns01: {route53: {region: r}}}"), NULL},
    {"GT0206", "an IP address needs HTTP-01", CERT("ipAddresses: [192.0.2.1], " FROM_LE, HEALTHY) SOLVERS("{dns01: {route53: {region: r}}}"), "error a/web spec.ipAddresses[0]: no HTTP-01 solver of ClusterIssuer le admits 192.0.2.1; IP addresses need one"},
    {"GT0206", "an IP address with HTTP-01", CERT("ipAddresses: [192.0.2.1], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}"), NULL},
    {"GT0207", "none of the names, with ACME", CERT("commonName: My Shop, dnsNames: [a.x.io], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}"), "error a/web spec.commonName: commonName \"My Shop\" is not among dnsNames or ipAddresses"},
    {"GT0207", "one of the names, with ACME", CERT("commonName: a.x.io, dnsNames: [a.x.io], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}"), NULL},
    {"GT0207", "none of the names, with a CA of one's own", CERT("commonName: My Shop, dnsNames: [a.x.io], " FROM_LE, HEALTHY) "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {ca: {secretName: c}}\n", NULL},
    {"GT0207", "65 bytes", CERT("commonName: " NAMES_64 "j, dnsNames: [a.x.io], " FROM_LE, HEALTHY) ISSUER, "error a/web spec.commonName: is 65 bytes long, at most 64 are allowed"},
    {"GT0207", "64 bytes", CERT("commonName: " NAMES_64 ", dnsNames: [" NAMES_64 "], " FROM_LE, HEALTHY) ISSUER, NULL},
    {"GT0208", "a chain that cannot be read", CERTIFICATE("", "", HEALTHY) ISSUER REQUEST(APPROVED CONDITION("Ready", "True", "Issued", "ok", "2026-09-10T11:30:00Z")) "  certificate: bm8gUEVN\n", "warning a/web -: as issued: "},
    {"GT0208", "no chain at all", CERTIFICATE("", "", HEALTHY) ISSUER, NULL},
    {"GT0209", "a star among letters", CERT("dnsNames: ['f*.x.io'], " FROM_LE, HEALTHY) ISSUER, "error a/web spec.dnsNames[0]: no host can match f*.x.io"},
    {"GT0209", "a template", CERT("dnsNames: ['{{ .Values.host }}'], " FROM_LE, HEALTHY) ISSUER, "error a/web spec.dnsNames[0]: no host can match {{ .Values.host }}"},
    {"GT0209", "a URL", CERT("dnsNames: ['https://a.x.io'], " FROM_LE, HEALTHY) ISSUER, "error a/web spec.dnsNames[0]: no host can match https://a.x.io"},
    {"GT0209", "letters of another script, and a final dot", CERT("dnsNames: [bücher.x.io, a.x.io., a_b.x.io], " FROM_LE, HEALTHY) ISSUER, NULL},
    {"GT0209", "a whole label", CERT("dnsNames: ['*.x.io'], " FROM_LE, HEALTHY) ISSUER, NULL},
    {"GT0210", "not ready", SOLVERS("{http01: {ingress: {}}}") "status:\n  conditions:\n  - {type: Ready, status: 'False', reason: ErrRegisterACMEAccount, message: 'Failed to register'}\n", "warning le -: not ready: Failed to register"},
    {"GT0210", "staging", "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {acme: {server: 'https://acme-v01.api.letsencrypt.org/directory'}}\n", "warning le spec.acme.server: "},
    {"GT0210", "a profile that is gone", PROFILE("tlsclient"), "warning le spec.acme.profile: Let's Encrypt has no profile tlsclient since 2026-07-08"},
    {"GT0210", "a profile that never was", PROFILE("short-lived"), "warning le spec.acme.profile: Let's Encrypt has no profile short-lived"},
    {"GT0210", "a profile", PROFILE("shortlived"), NULL},
    {"GT0210", "ready", ISSUER, NULL},
    {"GT0212", "no public name", CERT("dnsNames: [a.corp.internal], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}"), "error a/web spec.dnsNames[0]: Let's Encrypt does not issue for a.corp.internal: it does not end in a public"},
    {"GT0212", "an underscore", CERT("dnsNames: [a_b.x.io], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}"), "error a/web spec.dnsNames[0]: Let's Encrypt does not issue for a_b.x.io"},
    {"GT0212", "an IP address in 90 days", CERT("ipAddresses: [192.0.2.1], " FROM_LE, HEALTHY) SOLVERS("{http01: {ingress: {}}}"), "error a/web spec.ipAddresses: Let's Encrypt issues for IP addresses with profile shortlived only, ClusterIssuer le uses classic"},
    {"GT0212", "an IP address in 6 days", CERT("ipAddresses: [192.0.2.1], " FROM_LE, HEALTHY) PROFILE("shortlived"), NULL},
    {"GT0212", "a URI", CERT("dnsNames: [a.x.io], uris: ['spiffe://x/y'], " FROM_LE, HEALTHY) PROFILE("classic"), "error a/web spec.uris: Let's Encrypt refuses requests with URIs"},
    {"GT0212", "an e-mail address", CERT("dnsNames: [a.x.io], emailAddresses: [a@x.io], " FROM_LE, HEALTHY) PROFILE("classic"), "error a/web spec.emailAddresses: Let's Encrypt refuses"},
    {"GT0212", "more names than the profile has", CERT("dnsNames: [a.x.io, b.x.io, c.x.io, d.x.io, e.x.io, f.x.io, g.x.io, h.x.io, i.x.io, j.x.io, k.x.io, l.x.io, m.x.io, n.x.io, o.x.io, p.x.io, q.x.io, r.x.io, s.x.io, t.x.io, u.x.io, v.x.io, w.x.io, x.x.io, y.x.io, z.x.io], " FROM_LE, HEALTHY) PROFILE("tlsserver"), "error a/web spec.dnsNames: 26 names are more than the 25 of Let's Encrypt's profile tlsserver"},
    {"GT0212", "another CA", CERT("dnsNames: [a.corp.internal], uris: ['spiffe://x/y'], " FROM_LE, HEALTHY) "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec: {acme: {server: 'https://pebble/dir', solvers: [{http01: {ingress: {}}}]}}\n", NULL},
    {"GT0211", "ends within the time", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-20T00:00:00Z", "2026-09-17T12:00:00Z") "  conditions:\n" READY) ISSUER, "error a/web -: ends 2026-09-17T12:00:00Z (READY)"},
    {"GT0211", "has ended", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-20T00:00:00Z", "2026-09-10T11:59:59Z") "  conditions:\n" READY) ISSUER, "error a/web -: ended 2026-09-10T11:59:59Z (EXPIRED)"},
    {"GT0211", "ends later", CERTIFICATE("", "", "status:\n  revision: 1\n" DATES("2026-09-20T00:00:00Z", "2026-09-17T12:00:01Z") "  conditions:\n" READY) ISSUER, NULL},
    {"GT0213", "for two minutes", WORKING(ORDER("state: valid") CHALLENGE(", deletionTimestamp: '2026-09-10T11:57:59Z', finalizers: [acme.cert-manager.io/finalizer]", "DNS-01", "state: valid, reason: 'Error cleaning up challenge: x'")), "warning a/web-1-1-1 metadata.finalizers: its deletion has hung since 2026-09-10T11:57:59Z: Error cleaning up challenge: x"},
    {"GT0213", "for two minutes, with an event", WORKING(ORDER("state: valid") CHALLENGE(", deletionTimestamp: '2026-09-10T11:50:00Z', finalizers: [acme.cert-manager.io/finalizer]", "DNS-01", "state: valid, reason: <redacted>")) EVENT("Challenge", "web-1-1-1", "h1", "Warning", "CleanUpError", "AccessDenied"), "warning a/web-1-1-1 metadata.finalizers: its deletion has hung since 2026-09-10T11:50:00Z: AccessDenied"},
    {"GT0213", "of a namespace as well", "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a, deletionTimestamp: '2026-09-10T11:50:00Z'}\n" WORKING(ORDER("state: valid") CHALLENGE(", deletionTimestamp: '2026-09-10T11:50:00Z', finalizers: [acme.cert-manager.io/finalizer]", "DNS-01", "state: valid")), "warning a/web-1-1-1 metadata.finalizers: its deletion has hung since 2026-09-10T11:50:00Z, and with it that of its namespace"},
    {"GT0213", "for less", WORKING(ORDER("state: valid") CHALLENGE(", deletionTimestamp: '2026-09-10T11:58:00Z', finalizers: [acme.cert-manager.io/finalizer]", "DNS-01", "state: valid")), NULL},
    {"GT0213", "without a finalizer", WORKING(ORDER("state: valid") CHALLENGE(", deletionTimestamp: '2026-09-10T11:50:00Z'", "DNS-01", "state: valid")), NULL},
    {"GT0214", "not approved", ALONE("csi-driver", "    []\n"), "warning a/lone -: UNAPPROVED: waits for its approval; requested by csi-driver"},
    {"GT0214", "denied", ALONE("x", CONDITION("Denied", "True", "Policy", "not this", NOW)), "warning a/lone -: DENIED: not this; requested by x"},
    {"GT0214", "issued", ALONE("x", APPROVED CONDITION("Ready", "True", "Issued", "ok", NOW)), NULL},
    {"GT0214", "of a Certificate", WORKING(""), NULL},
    {"GT0301", "the other prefix", TOLD("--policy=sync") LB GATEWAY("g", "external-dns.alpha.kubernetes.io/target: x", "a.x.io"), "warning in/g metadata.annotations: external-dns.alpha.kubernetes.io/target is not read, external-dns reads external-dns.kubernetes.io/"},
    {"GT0301", "of a Service that is read", TOLD("--policy=sync, --source=service") "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a, annotations: {external-dns.alpha.kubernetes.io/hostname: s.x.io}}\nspec: {}\n", "warning a/s metadata.annotations: external-dns.alpha.kubernetes.io/hostname is not read"},
    {"GT0301", "of a Service that is no source", TOLD("--policy=sync, --source=istio-gateway") "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a, annotations: {external-dns.alpha.kubernetes.io/hostname: s.x.io}}\nspec: {}\n", NULL},
    {"GT0301", "of a version that is not known", LB GATEWAY("g", "external-dns.alpha.kubernetes.io/target: x", "a.x.io"), "info in/g metadata.annotations: external-dns.alpha.kubernetes.io/target is read before version 0.22 of external-dns alone, and which version runs is not known (defaults)"},
    {"GT0301", "of a version that only a label says", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x, labels: {app.kubernetes.io/version: 0.15.1}}\nspec: {template: {spec: {containers: [{name: dns, image: 'external-dns@sha256:00'}]}}}\n" LB GATEWAY("g", "external-dns.alpha.kubernetes.io/target: x", "a.x.io"), NULL},
    {"GT0301", "of a prefix that was given", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x}\nspec: {template: {spec: {containers: [{name: dns, image: external-dns, args: ['--annotation-prefix=external-dns.alpha.kubernetes.io/']}]}}}\n" LB GATEWAY("g", "external-dns.alpha.kubernetes.io/target: x", "a.x.io"), NULL},
    {"GT0301", "the prefix that is read", LB GATEWAY("g", KEY("ttl") ": '60'", "a.x.io"), NULL},
    {"GT0301", "a prefix of one's own, which the key of Ingresses does not have", TOLD("--annotation-prefix=e.org/") LB "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: in}\n" GATEWAY("g", KEY("ingress") ": i, e.org/ttl: '60'", "a.x.io"), NULL},
    {"GT0301", "somebody else's", LB GATEWAY("g", "example.org/target: x", "a.x.io"), NULL},
    {"GT0302", "a missing Ingress", LB GATEWAY("g", KEY("ingress") ": i", "a.x.io"), "error - -: Gateway in/g names Ingress i, which does not exist: external-dns stops before it changes anything"},
    {"GT0302", "arguments that it refuses", TOLD("--txt-owner-id="), "error - -: external-dns does not start: --txt-owner-id is empty"},
    {"GT0302", "an Ingress that is there", LB "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: in}\n" GATEWAY("g", KEY("ingress") ": i", "a.x.io"), NULL},
    {"GT0303", "another address", LB GATEWAY("g", "", "elsewhere.x.io"), "error in/g -: DNS of elsewhere.x.io (A): points elsewhere: 198.51.100.1, expected 192.0.2.1"},
    {"GT0303", "another address, without an owner", LB GATEWAY("g", "", "byhand.x.io"), "error in/g -: DNS of byhand.x.io (A): points elsewhere: 198.51.100.1, expected 192.0.2.1; it has no ownership record (TXT a-byhand.x.io), and external-dns never changes what it does not own"},
    {"GT0303", "another address, and create-only", TOLD("--source=istio-gateway, --provider=aws, --policy=create-only") LB GATEWAY("g", "", "elsewhere.x.io"), "error in/g -: DNS of elsewhere.x.io (A): points elsewhere: 198.51.100.1, expected 192.0.2.1; --policy=create-only changes no record"},
    {"GT0303", "no name, in a dry run", TOLD("--source=istio-gateway, --provider=aws, --policy=sync, --dry-run") LB GATEWAY("g", "", "none.x.io"), "error in/g -: DNS of none.x.io (A): no DNS record for none.x.io: see external-dns's log; external-dns runs with --dry-run and changes nothing"},
    {"GT0303", "proxied by Cloudflare", LB GATEWAY("g", KEY("cloudflare-proxied") ": 'true'", "proxied.x.io"), NULL},
    {"GT0303", "addresses of Cloudflare", LB GATEWAY("g", "", "proxied.x.io"), NULL},
    {"GT0303", "proxied, but no address of Cloudflare", LB GATEWAY("g", KEY("cloudflare-proxied") ": 'true'", "elsewhere.x.io"), NULL},
    {"GT0303", "proxied by another provider's word", TOLD("--policy=sync, --provider=aws") LB GATEWAY("g", KEY("cloudflare-proxied") ": 'true'", "elsewhere.x.io"), "error in/g -: DNS of elsewhere.x.io (A): points elsewhere"},
    {"GT0303", "of a routing policy", LB GATEWAY("g", KEY("set-identifier") ": a, " KEY("aws-weight") ": '50'", "elsewhere.x.io"), NULL},
    {"GT0303", "beside one of a routing policy", BALANCER("{ip: 192.0.2.1}, {ip: '2001:db8::1'}") GATEWAY("g", KEY("set-identifier") ": a, " KEY("target") ": '2001:db8::7'", "elsewhere.x.io") GATEWAY("h", KEY("target") ": 192.0.2.8", "elsewhere.x.io"), NULL},
    {"GT0303", "of a routing policy, and no name", LB GATEWAY("g", KEY("set-identifier") ": a", "none.x.io"), "error in/g -: DNS of none.x.io (A): no DNS record"},
    {"GT0303", "what a version that is not known may not want", LB GATEWAY("g", "external-dns.alpha.kubernetes.io/target: 192.0.2.7", "elsewhere.x.io"), NULL},
    {"GT0303", "no name", LB GATEWAY("g", "", "none.x.io"), "error in/g -: DNS of none.x.io (A): no DNS record for none.x.io"},
    {"GT0303", "another owner", LB GATEWAY("g", "", "owned.x.io"), "warning in/g -: DNS of owned.x.io (A): owned by external-dns \"other\""},
    {"GT0303", "an owner to migrate from", TOLD("--migrate-from-txt-owner=other") LB GATEWAY("g", "", "owned.x.io"), NULL},
    {"GT0303", "neither ours nor that to migrate from", TOLD("--migrate-from-txt-owner=third") LB GATEWAY("g", "", "owned.x.io"), "warning in/g -: DNS of owned.x.io (A): owned by external-dns \"other\""},
    {"GT0303", "of an object that is gone", LB GATEWAY("g", "", "left.x.io"), "warning in/g -: DNS of left.x.io (A): left over from gateway in/gone, which is gone: points elsewhere"},
    {"GT0303", "of an object that is there", LB GATEWAY("g", "", "left.x.io") GATEWAY("gone", "", ""), "error in/g -: DNS of left.x.io (A): points elsewhere"},
    {"GT0303", "of an object that nobody here knows", LB GATEWAY("g", "", "crd.x.io"), "error in/g -: DNS of crd.x.io (A): points elsewhere"},
    {"GT0303", "of an object that is gone, as a wildcard says", LB GATEWAY("g", "", "left.y.io"), "error in/g -: DNS of left.y.io (A): points elsewhere"},
    {"GT0303", "as it should be", LB GATEWAY("g", "", "well.x.io"), NULL},
    {"GT0303", "not asked", LB GATEWAY("g", "", "unasked.x.io"), NULL},
    {"GT0303", "not answered", LB GATEWAY("g", "", "failed.x.io"), NULL},
    {"GT0303", "taken away by a filter", TOLD("--domain-filter=y.io") LB GATEWAY("g", "", "none.x.io"), NULL},
    {"GT0304", "no address", BALANCER("") GATEWAY("g", "", "a.x.io"), "warning in/g spec.selector: no Service that Gateway in/g selects has an external address"},
    {"GT0304", "an address", LB GATEWAY("g", "", "a.x.io"), NULL},
    {"GT0304", "no host", GATEWAY("g", "", ""), NULL},
    {"GT0305", "a source", TOLD("--source=istio-gateway, --source=crd"), "info - -: --source=crd is not worked out (Deployment x/dns)"},
    {"GT0305", "a NodePort Service", TOLD("--source=service") SERVICE("type: NodePort, ports: [{port: 80}]"), "info - -: service/a/s is of type NodePort: its records of addresses point at Nodes, which gatetop does not work out"},
    {"GT0305", "a headless Service", TOLD("--source=service") SERVICE("clusterIP: None"), "info - -: service/a/s is headless: its records point at its Pods, which gatetop does not work out"},
    {"GT0305", "nothing left out", TOLD("--source=service, --provider=aws, --policy=sync") SERVICE("clusterIP: 10.0.0.1"), NULL},
    {"GT0306", "a name beside addresses", BALANCER("{ip: 192.0.2.1}") GATEWAY("g", "", "a.x.io") GATEWAY("h", KEY("target") ": lb.e.net", "a.x.io"), "warning in/h -: CNAME record of a.x.io is not made: gateway/in/g wants addresses for the name"},
    {"GT0306", "other addresses", LB GATEWAY("g", KEY("ttl") ": '5'", "a.x.io") GATEWAY("h", KEY("target") ": 192.0.2.9", "a.x.io"), "warning in/h -: A record of a.x.io is not made: the A record that gateway/in/g wants for the name goes first"},
    {"GT0306", "the same addresses", LB GATEWAY("g", KEY("ttl") ": '5'", "a.x.io") GATEWAY("h", "", "a.x.io"), NULL},
    {"GT0307", "a flag that is gone", TOLD("--source=service, --provider=aws, --policy=sync, --txt-new-format-only"), "error - -: external-dns ends at once: it has no argument --txt-new-format-only"},
    {"GT0307", "a flag that never was", TOLD("--source=service, --provider=aws, --policy=sync, --domainfilter, x.io"), "error - -: external-dns ends at once: it has no argument --domainfilter"},
    {"GT0307", "flags with and without a no", TOLD("--source=service, --provider=aws, --policy=sync, --no-events, --aws-prefer-cname, --zone-id-filter=x, -v"), NULL},
    {"GT0307", "a policy that is none", TOLD("--source=service, --provider=aws, --policy, synch"), "error - -: external-dns ends at once: --policy has no value synch"},
    {"GT0307", "a source that is none", TOLD("--source=istio-gateways, --provider=aws, --policy=sync"), "error - -: external-dns ends at once: --source has no value istio-gateways"},
    {"GT0307", "a variable that is no flag", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x}\nspec: {template: {spec: {containers: [{name: dns, image: 'external-dns:v0.22.0', args: [--source=service, --provider=aws], env: [{name: EXTERNAL_DNS_POLICY, value: sync}, {name: EXTERNAL_DNS_MINE, value: x}]}]}}}\n", NULL},
    {"GT0307", "flags of a version whose flags are not known", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x}\nspec: {template: {spec: {containers: [{name: dns, image: 'external-dns:v0.16.1', args: [--source=service, --provider=bluecat, --txt-new-format-only]}]}}}\n", NULL},
    {"GT0307", "no source", TOLD("--provider=aws, --policy=sync"), "error - -: external-dns ends at once: no --source is given"},
    {"GT0307", "no provider", TOLD("--source=service, --policy=sync"), "error - -: external-dns ends at once: no --provider is given"},
    {"GT0307", "variables from elsewhere", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x}\nspec: {template: {spec: {containers: [{name: dns, image: 'external-dns:v0.22.0', args: [--source=service], envFrom: [{configMapRef: {name: c}}]}]}}}\n", NULL},
    {"GT0307", "no policy", TOLD("--source=istio-gateway, --provider=aws"), "error - -: external-dns ends at once: since 0.22 --policy must be given"},
    {"GT0307", "no policy before 0.22", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x}\nspec: {template: {spec: {containers: [{name: dns, image: 'external-dns:v0.21.0'}]}}}\n", NULL},
    {"GT0307", "a policy from elsewhere", TOLD("--source=istio-gateway, --provider=aws, --policy=$(POLICY)"), NULL},
    {"GT0307", "a dry run", TOLD("--source=istio-gateway, --provider=aws, --policy=sync, --dry-run"), "warning - -: external-dns runs with --dry-run and changes nothing (Deployment x/dns)"},
    {"GT0307", "no dry run", TOLD("--source=istio-gateway, --provider=aws, --policy=sync, --no-dry-run"), NULL},
    {"GT0307", "no pods", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: dns, namespace: x}\nspec: {replicas: 0, template: {spec: {containers: [{name: dns, image: 'external-dns:v0.21.0'}]}}}\n", "warning - -: Deployment x/dns is scaled to 0: external-dns does not run"},
    {"GT0308", "a wildcard with Azure", TOLD("--policy=sync, --provider=azure") LB GATEWAY("g", "", "'*.x.io'"), "warning in/g -: the ownership record of *.x.io would be a-*.x.io, which Azure refuses"},
    {"GT0308", "with a replacement", TOLD("--policy=sync, --provider=azure, --txt-wildcard-replacement=any") LB GATEWAY("g", "", "'*.x.io'"), NULL},
    {"GT0308", "with another provider", TOLD("--policy=sync, --provider=aws") LB GATEWAY("g", "", "'*.x.io'"), NULL},
    {"GT0306", "with identifiers of their own", LB GATEWAY("g", KEY("set-identifier") ": g", "a.x.io") GATEWAY("h", KEY("target") ": 192.0.2.9, " KEY("set-identifier") ": h", "a.x.io"), NULL},
};
// clang-format on

static void answer(struct pmap *probes, enum probe_kind kind, const char *name,
                   enum probe_answer is, const char *address, const char *text)
{
    struct probe_result *p = probe_result_new(kind, name);
    p->answer = is;
    p->addresses = world_list(&p->arena, address, NULL);
    p->texts = world_list(&p->arena, text, NULL);
    pmap_put(probes, p);
    probe_result_unref(p);
}

// What DNS says in this test.
static void answers(struct pmap *probes)
{
#define OURS(resource)                                                                             \
    "\"heritage=external-dns,external-dns/owner=default,external-dns/resource=" resource "\""
    static const char other[] = "\"heritage=external-dns,external-dns/owner=other,external-dns/"
                                "resource=gateway/in/g\"";
    answer(probes, PROBE_HOST, "elsewhere.x.io", ANSWER_YES, "198.51.100.1", NULL);
    answer(probes, PROBE_HOST, "byhand.x.io", ANSWER_YES, "198.51.100.1", NULL);
    answer(probes, PROBE_TXT, "a-byhand.x.io", ANSWER_NXDOMAIN, NULL, NULL);
    answer(probes, PROBE_HOST, "proxied.x.io", ANSWER_YES, "104.16.1.2", NULL);
    answer(probes, PROBE_HOST, "none.x.io", ANSWER_NXDOMAIN, NULL, NULL);
    answer(probes, PROBE_HOST, "owned.x.io", ANSWER_YES, "192.0.2.1", NULL);
    answer(probes, PROBE_TXT, "a-owned.x.io", ANSWER_YES, NULL, other);
    answer(probes, PROBE_HOST, "left.x.io", ANSWER_YES, "198.51.100.1", NULL);
    answer(probes, PROBE_TXT, "a-left.x.io", ANSWER_YES, NULL, OURS("gateway/in/gone"));
    answer(probes, PROBE_HOST, "crd.x.io", ANSWER_YES, "198.51.100.1", NULL);
    answer(probes, PROBE_TXT, "a-crd.x.io", ANSWER_YES, NULL, OURS("crd/in/gone"));
    answer(probes, PROBE_HOST, "left.y.io", ANSWER_YES, "198.51.100.1", NULL);
    answer(probes, PROBE_TXT, "a-left.y.io", ANSWER_YES, NULL, OURS("gateway/in/gone"));
    answer(probes, PROBE_TXT, "?.y.io", ANSWER_YES, NULL, OURS("gateway/in/gone"));
    answer(probes, PROBE_HOST, "well.x.io", ANSWER_YES, "192.0.2.1", NULL);
    answer(probes, PROBE_HOST, "failed.x.io", ANSWER_FAILED, NULL, NULL);
}

static const char *line_of(struct arena *a, const struct finding *f)
{
    return arena_printf(a, "%s %s %s: %s", severity_name(f->severity),
                        f->object != NULL ? object_id(a, f->object) : "-",
                        f->path != NULL ? f->path : "-", f->message);
}

static bool holds(const struct rule *r)
{
    struct world w;
    world_open(&w, r->yaml, time_parse(NOW));
    struct snapshot live = *w.snap; // as of a cluster that was asked
    live.cluster.from_files = false;
    pmap_init(&live.probes, &probe_map_type);
    answers(&live.probes);
    w.mesh.snap = &live;
    struct dns_settings s;
    struct findings f = {0};
    dns_settings_for(&w.mesh, NULL, &s);
    certificate_findings(&w.mesh, &f);
    dns_findings(&w.mesh, &s, &f);
    struct certificate_within week = {.seconds = 7 * 86400};
    certificate_expiring(&w.mesh, &week, &f);
    const char *line = NULL, *hint = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < f.n; i++) {
        if (strcmp(f.at[i].code, r->code) == 0) {
            line = line_of(&w.arena, &f.at[i]);
            hint = f.at[i].hint;
            n++;
        }
    }
    bool good = r->line == NULL ? n == 0 : n == 1 && str_starts(line, r->line);
    if (!good) {
        printf("%s, %s: %u: \"%s\" (%s), not \"%s\"\n", r->code, r->what, n, str_or_empty(line),
               str_or_empty(hint), str_or_empty(r->line));
    }
    pmap_release(&live.probes);
    world_close(&w);
    return good;
}

static void test_every_rule(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        bad += !holds(&rules[i]);
    }
    assert_int_equal(bad, 0);
}

// Where Certificates may not be read nobody knows that one is gone (docs/rules/certificates.md#secret-orphan).
static void test_no_orphan_without_certificates(void **state)
{
    (void)state;
    struct store *store = store_new();
    struct world w;
    struct findings f = {0};
    world_put(store, "apiVersion: v1\nkind: Secret\nmetadata: {name: old, namespace: a, "
                     "annotations: {cert-manager.io/certificate-name: lost}}\n");
    live_store(store);
    store_state(store, KIND_CERTIFICATE)->state = SYNC_FORBIDDEN;
    world_open_snapshot(&w, store_publish(store, NULL, NULL), time_parse(NOW));
    store_free(store);
    certificate_findings(&w.mesh, &f);
    assert_int_equal(f.n, 0);
    world_close(&w);
}

// An issuer that may not be read is "not known", never missing (docs/rules/certificates.md#unreadable-is-unknown).
static void test_no_missing_issuer_without_issuers(void **state)
{
    (void)state;
    static const enum sync_state states[] = {SYNC_LIVE, SYNC_FORBIDDEN};
    for (int i = 0; i < 2; i++) {
        struct store *store = store_new();
        struct world w;
        struct findings f = {0};
        struct certificate_status s;
        world_put(store, CERTIFICATE("", "",
                                     "status:\n  conditions:\n" ISSUING_SINCE(
                                         "2026-09-10T11:55:00Z") NOT_READY) REQUEST(APPROVED));
        live_store(store);
        store_state(store, KIND_CLUSTERISSUER)->state = states[i];
        store_state(store, KIND_CLUSTERISSUER)->synced = i == 0;
        world_open_snapshot(&w, store_publish(store, NULL, NULL), time_parse(NOW));
        store_free(store);
        certificate_findings(&w.mesh, &f);
        certificate_status_fill(
            &w.mesh, OBJECT_AS(certificate, mesh_get(&w.mesh, KIND_CERTIFICATE, "a", "web")), &s);
        assert_int_equal(f.n, i == 0 ? 1 : 0);
        assert_int_equal(s.issuer.known, i == 0);
        assert_int_equal(s.stage, i == 0 ? STAGE_ISSUER : STAGE_REQUEST);
        assert_int_equal(s.mode, i == 0 ? FAILURE_ISSUER : FAILURE_NONE);
        world_close(&w);
    }
}

// Each code of certificates and DNS has a row with it and one without.
static void test_every_code(void **state)
{
    (void)state;
    int tested = 0;
    for (size_t k = 0; k < finding_code_count; k++) {
        const struct finding_code *c = &finding_codes[k];
        int with = 0, without = 0;
        if (strncmp(c->code, "GT02", 4) != 0 && strncmp(c->code, "GT03", 4) != 0) {
            continue;
        }
        tested++;
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
            if (strcmp(rules[i].code, c->code) == 0) {
                *(rules[i].line != NULL ? &with : &without) += 1;
            }
        }
        if (with == 0 || without == 0) {
            fail_msg("%s: %d rows with it, %d without", c->code, with, without);
        }
    }
    assert_true(tested > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule),
        cmocka_unit_test(test_no_orphan_without_certificates),
        cmocka_unit_test(test_no_missing_issuer_without_issuers),
        cmocka_unit_test(test_every_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
