// SPDX-License-Identifier: Apache-2.0
// What the files of issuance.h share among themselves.
#ifndef GATETOP_MESH_ISSUANCE_PARTS_H
#define GATETOP_MESH_ISSUANCE_PARTS_H

#include "kube/mesh/issuance.h"

// reason.c: fills reason, full, mode and hint of a status whose other parts stand.
void issuance_reason(const struct mesh *m, struct certificate_status *s);
// steps.c: fills steps.
void issuance_steps(const struct mesh *m, struct certificate_status *s);

// The newest event with that reason about o, NULL where none.
const struct event *issuance_event(const struct mesh *m, const struct object *o,
                                   const char *reason);
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
// `r` was made after the failure that the Certificate still tells of.
bool request_is_newer_than_failure(const struct certificaterequest *r);

#endif
