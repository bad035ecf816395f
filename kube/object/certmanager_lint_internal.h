// SPDX-License-Identifier: Apache-2.0
// What cert-manager's webhook refuses about Certificates and issuers beyond their fields' types.
#ifndef GATETOP_OBJECT_CERTMANAGER_LINT_INTERNAL_H
#define GATETOP_OBJECT_CERTMANAGER_LINT_INTERNAL_H

#include "kube/object/lint_list_internal.h"

// Adds the lints LINT_REFUSED of a Certificate, Issuer or ClusterIssuer in version v1
// (docs/rules/certificates.md#webhook-certificate, #webhook-issuer). None for any other object.
void certmanager_lint(enum kind k, const struct json *root, struct lint_list *l);

#endif
