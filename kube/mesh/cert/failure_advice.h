// SPDX-License-Identifier: Apache-2.0
// What the words of an error say about its cause, beyond which failure it is.
#ifndef GATETOP_MESH_CERT_FAILURE_ADVICE_H
#define GATETOP_MESH_CERT_FAILURE_ADVICE_H

#include "kube/mesh/cert/certificate_state.h"

// Advice about a failure whose text has words that tell more (docs/rules/certificates.md#failure-words): static, NULL
// if it has none of them. The text may be NULL.
const char *failure_advice(enum failure_mode mode, const char *text);

#endif
