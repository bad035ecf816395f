// SPDX-License-Identifier: Apache-2.0
// What the files of certificate_status.h share among themselves.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_INTERNAL_H
#define GATETOP_MESH_CERT_CERTIFICATE_INTERNAL_H

#include "kube/mesh/cert/certificate_status.h"

// certificate_objects.c: fills issuer, request, order and challenges. working: the request that is worked on is meant, else
// the one whose certificate is stored.
void issuance_join(const struct mesh *m, struct certificate_status *s, bool working);
// acme_solver.c: a name of the Certificate that no solver of its ACME issuer admits, NULL where all have one.
const char *issuance_unsolved(const struct certificate_status *s);
// issuance_reason.c: fills reason, full, mode and hint of a status whose other parts stand.
void issuance_reason(const struct mesh *m, struct certificate_status *s);
// issuance_steps.c: fills steps.
void issuance_steps(const struct mesh *m, struct certificate_status *s);
// issuance_steps.c: how far challenges and order are, in words; NULL where there is neither.
const char *issuance_progress(const struct mesh *m, const struct certificate_status *s);

// What the deepest object that has a text says (certs-dns.md §1.11).
struct deepest {
    const char *text; // stripped, NULL none
    const char *full; // as the object says it
    bool wrong;       // an error, not just progress
};
// issuance_failure.c: which mode of §2.3 it is, and what to do (NULL nothing) once s->mode stands.
enum failure_mode issuance_mode(const struct mesh *m, const struct certificate_status *s,
                                const struct deepest *d);
const char *issuance_hint(const struct mesh *m, const struct certificate_status *s,
                          const struct deepest *d);

// issuance_reason.c: takes off what every message of that kind begins with, so that what differs fits on a line.
const char *issuance_strip(const char *t);
const char *challenge_type(const struct challenge *c);                    // "DNS-01"
const char *challenge_name(struct arena *a, const struct challenge *c);   // "*.example.com"
const char *issuer_title(struct arena *a, const struct issuer_status *i); // "Issuer ns/name"

// The newest event with that reason about o, NULL where none.
const struct event *issuance_event(const struct mesh *m, const struct object *o,
                                   const char *reason);
int64_t issuance_event_time(const struct event *e); // its last time, TIME_NONE unknown
bool issuance_noise(const struct event *e);         // tells of nothing wrong: "already exists"
bool challenge_failed(const struct challenge *c);
// The record or token is in place: the status says so, or only the event does (for DNS-01 the status
// stays silent while the self-check passes).
bool challenge_presented(const struct mesh *m, const struct challenge *c);
bool order_failed(const struct order *o);
// "Ready" of a Certificate is True.
bool certificate_is_ready(const struct certificate *c);
const struct condition *
certificate_failure(const struct certificate *c); // Issuing=False, not Issued
bool request_approved(const struct certificaterequest *r);
// `r` was made after the failure that the Certificate c still tells of.
bool request_is_newer_than_failure(const struct certificate *c, const struct certificaterequest *r);

#endif
