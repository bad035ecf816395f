// SPDX-License-Identifier: Apache-2.0
// What cert-manager's webhook refuses about Certificates, issuers and requests beyond their fields' types.
#ifndef GATETOP_OBJECT_CERTMANAGER_LINT_INTERNAL_H
#define GATETOP_OBJECT_CERTMANAGER_LINT_INTERNAL_H

#include "kube/object/lint_list_internal.h"

#include <stdbool.h>

struct json;
struct spec_part;

// Adds the lints LINT_REFUSED of a Certificate, CertificateRequest, Issuer or ClusterIssuer in version v1. None for
// any other object.
void certmanager_lint(enum kind k, const struct json *root, struct lint_list *l);
// Whether a CertificateRequest was written by a person, not taken from a cluster: the API server has judged that one
// (docs/rules/certificates.md#webhook-request).
bool certmanager_request_is_written(const struct json *root);

// The lints of the spec of a Certificate (docs/rules/certificates.md#webhook-certificate).
void certificate_lint(const struct spec_part *spec);
// The lints of the spec of an Issuer or ClusterIssuer (docs/rules/certificates.md#webhook-issuer).
void issuer_lint(const struct spec_part *spec);

#endif
