// SPDX-License-Identifier: Apache-2.0
// What single cert-manager objects say about themselves, and the events about them.
#ifndef GATETOP_MESH_CERT_CERTIFICATE_FACTS_H
#define GATETOP_MESH_CERT_CERTIFICATE_FACTS_H

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/certificate_state.h"
#include "kube/mesh/core/mesh.h"

#include <stdbool.h>
#include <stdint.h>

// The condition Ready of a Certificate is True.
bool certificate_is_ready(const struct certificate *c);
// The condition Issuing of a failed issuance: False, with another reason than Issued, and a time of the failure
// (docs/rules/certificates.md#issuing-condition). NULL if none failed.
const struct condition *certificate_failure(const struct certificate *c);
// The condition Ready is True, nothing is being issued, and no failure explains it: where a renewal is due, the
// controller has not begun it (docs/rules/certificates.md#expiry-by-clock). A renewal that is disabled is never due.
bool certificate_left_alone(const struct mesh *m, const struct certificate_status *s);
// Whether cert-manager never renews it by itself (docs/rules/certificates.md#renewal-disabled).
bool certificate_renewal_disabled(const struct certificate *c);
// The name of another Certificate that writes the same Secret, the first by name; NULL if there is none.
const char *certificate_other_writer(const struct mesh *m, const struct certificate *c);
// A CertificateRequest is approved (docs/rules/certificates.md#request-approval).
bool request_approved(const struct certificaterequest *r);
// The request was made after the failure that the Certificate still reports, and has not failed itself.
bool request_is_newer_than_failure(const struct certificate *c, const struct certificaterequest *r);
// The condition `type` is there and True.
bool condition_is_true(const struct conditions *c, const char *type);
// The state of an Order is errored, invalid or expired (docs/rules/certificates.md#order-states).
bool order_failed(const struct order *o);
// The state of a Challenge is errored, invalid or expired.
bool challenge_failed(const struct challenge *c);
// "DNS-01", "HTTP-01"; "challenge" where the object does not say.
const char *challenge_type(const struct challenge *c);
// "*.example.com" for a wildcard, whose dnsName has no star (docs/rules/certificates.md#challenge-name); the object's
// name where it has no DNS name. In the arena.
const char *challenge_name(struct arena *a, const struct challenge *c);
// Whether its deletion has hung for more than two minutes (docs/rules/certificates.md#failure-challenge-deleting).
bool challenge_stuck_deleting(const struct mesh *m, const struct challenge *c);
// The record or token is in place. The status says so, or only an event does: for DNS-01 the status says nothing while
// the self-check passes (docs/rules/certificates.md#challenge-presented).
bool challenge_presented(const struct mesh *m, const struct challenge *c);

// The newest event with that reason about an object, NULL if there is none or the object has no uid.
const struct event *newest_event(const struct mesh *m, const struct object *o, const char *reason);
// When the event was last seen, in seconds; TIME_NONE: unknown.
int64_t event_time(const struct event *e);
// The event reports a retry that succeeded ("already exists"): nothing is wrong.
bool event_is_noise(const struct event *e);

#endif
