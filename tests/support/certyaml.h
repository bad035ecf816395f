// SPDX-License-Identifier: Apache-2.0
// A Certificate and what it owns as YAML, put together from parts: strings that are glued at compile time.
#ifndef GATETOP_TESTS_SUPPORT_CERTYAML_H
#define GATETOP_TESTS_SUPPORT_CERTYAML_H

#include "kube/mesh/cert/certificate_status.h"

#include "tests/support/world.h"

#define NOW "2026-09-10T12:00:00Z"

// Opens the world of this YAML at NOW and returns the status of its Certificate a/web; fails the test if there is none.
struct certificate_status certyaml_status(struct world *w, const char *yaml);

// A world is written from these parts; %s of a Certificate is its status.
#define CERTIFICATE(meta, spec, status)                                                            \
    "---\napiVersion: cert-manager.io/v1\nkind: Certificate\n"                                     \
    "metadata: {name: web, namespace: a, uid: c1, creationTimestamp: '2026-09-10T11:00:00Z'" meta  \
    "}\n"                                                                                          \
    "spec: {secretName: web-tls, dnsNames: [web.example.com], issuerRef: {name: le, kind: "        \
    "ClusterIssuer}" spec "}\n" status
#define CONDITION(type, status, reason, message, when)                                             \
    "  - {type: " type ", status: '" status "', reason: " reason ", message: '" message            \
    "', lastTransitionTime: '" when "'}\n"
#define ISSUING_SINCE(when)                                                                        \
    CONDITION("Issuing", "True", "DoesNotExist", "Issuing certificate as Secret does not exist",   \
              when)
#define NOT_READY                                                                                  \
    CONDITION("Ready", "False", "DoesNotExist", "Issuing certificate as Secret does not exist",    \
              "2026-09-10T11:00:00Z")
#define READY                                                                                      \
    CONDITION("Ready", "True", "Ready", "Certificate is up to date and has not expired",           \
              "2026-09-01T00:00:00Z")
#define FAILED(message)                                                                            \
    CONDITION("Issuing", "False", "Failed",                                                        \
              "The certificate request has failed to complete and will be retried: " message,      \
              "2026-09-10T11:30:00Z")
#define DATES(renew, end)                                                                          \
    "  notBefore: '2026-08-01T00:00:00Z'\n  renewalTime: '" renew "'\n  notAfter: '" end "'\n"
#define RENEWS_LATER DATES("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
#define FAILURE(n) "  lastFailureTime: '2026-09-10T11:30:00Z'\n  failedIssuanceAttempts: " n "\n"
#define ISSUER                                                                                     \
    "---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le, uid: i1}\n"    \
    "spec: {acme: {server: 'https://acme-v02.api.letsencrypt.org/directory', solvers: [{dns01: "   \
    "{route53: {region: x}}}]}}\n"                                                                 \
    "status:\n  conditions:\n  - {type: Ready, status: 'True', reason: ACMEAccountRegistered, "    \
    "message: ok}\n"
#define REQUEST(conditions)                                                                        \
    "---\napiVersion: cert-manager.io/v1\nkind: CertificateRequest\n"                              \
    "metadata: {name: web-1, namespace: a, uid: r1, creationTimestamp: '2026-09-10T11:30:00Z', "   \
    "annotations: {cert-manager.io/certificate-name: web, "                                        \
    "cert-manager.io/certificate-revision: '1'}, ownerReferences: [{apiVersion: "                  \
    "cert-manager.io/v1, kind: Certificate, name: web, uid: c1, controller: true}]}\n"             \
    "spec: {issuerRef: {name: le, kind: ClusterIssuer}, request: eA==}\n"                          \
    "status:\n  conditions:\n" conditions
#define APPROVED CONDITION("Approved", "True", "cert-manager.io", "ok", "2026-09-10T11:30:00Z")
#define PENDING                                                                                    \
    CONDITION("Ready", "False", "Pending",                                                         \
              "Waiting on certificate issuance from order a/o: \"pending\"",                       \
              "2026-09-10T11:30:00Z")
#define ORDER(status) ORDER_AT("2026-09-10T11:30:00Z", status)
#define ORDER_AT(when, status)                                                                      \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Order\n"                                       \
    "metadata: {name: web-1-1, namespace: a, uid: o1, creationTimestamp: '" when                    \
    "', ownerReferences: [{apiVersion: cert-manager.io/v1, kind: CertificateRequest, name: web-1, " \
    "uid: r1, controller: true}]}\n"                                                                \
    "spec: {dnsNames: [web.example.com], issuerRef: {name: le}, request: eA==}\n"                   \
    "status: {" status "}\n"
#define CHALLENGE(meta, type, status)                                                              \
    "---\napiVersion: acme.cert-manager.io/v1\nkind: Challenge\n"                                  \
    "metadata: {name: web-1-1-1, namespace: a, uid: h1, creationTimestamp: "                       \
    "'2026-09-10T11:30:00Z', ownerReferences: [{apiVersion: acme.cert-manager.io/v1, kind: "       \
    "Order, "                                                                                      \
    "name: web-1-1, uid: o1, controller: true}]" meta "}\n"                                        \
    "spec: {dnsName: web.example.com, type: " type ", wildcard: false, issuerRef: {name: le}, "    \
    "solver: {dns01: {route53: {region: x}}}, key: k, token: t, url: u, authorizationURL: v}\n"    \
    "status: {" status "}\n"
#define EVENT(kind, name, uid, type, reason, message)                                              \
    "---\napiVersion: v1\nkind: Event\nmetadata: {name: e-" reason ", namespace: a}\n"             \
    "involvedObject: {kind: " kind ", namespace: a, name: " name ", uid: " uid "}\n"               \
    "type: " type "\nreason: " reason "\nmessage: '" message "'\n"                                 \
    "lastTimestamp: '2026-09-10T11:31:00Z'\n"

#define WORKING(rest)                                                                              \
    CERTIFICATE("", "",                                                                            \
                "status:\n  conditions:\n" ISSUING_SINCE("2026-09-10T11:55:00Z") NOT_READY)        \
    ISSUER REQUEST(APPROVED PENDING) rest

#endif
