// SPDX-License-Identifier: Apache-2.0
// The objects that belong to a Certificate: requests, order, challenges, issuer, events
// (docs/rules/certificates.md#owner-join).
#ifndef GATETOP_MESH_CERT_CERTIFICATE_OBJECTS_H
#define GATETOP_MESH_CERT_CERTIFICATE_OBJECTS_H

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/certificate_state.h"

#include <stdbool.h>
#include <stdint.h>

// The request whose chain is the certificate stored now (docs/rules/certificates.md#request-revision). NULL if it is
// gone.
const struct certificaterequest *certificate_current_request(const struct mesh *m,
                                                             const struct certificate *c);
// How many requests were made for a Certificate in the last hour.
uint32_t certificate_recent_requests(const struct mesh *m, const struct certificate *c);
// Fills in issuer, request, order and challenges of s, whose certificate is set. `working`: take the request in
// progress, else the one whose certificate is stored.
void certificate_join(const struct mesh *m, struct certificate_status *s, bool working);
// The events about the Certificate, its request, order, challenges and issuer, oldest first, without noise
// (event_is_noise). In the arena; NULL if there are none.
const struct event *const *certificate_events(const struct mesh *m,
                                              const struct certificate_status *s, uint32_t *n);

#endif
