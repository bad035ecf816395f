// SPDX-License-Identifier: Apache-2.0
// Inside kube/object: what the decoders of Istio's kinds share.
#ifndef GATETOP_OBJECT_DECODE_ISTIO_INTERNAL_H
#define GATETOP_OBJECT_DECODE_ISTIO_INTERNAL_H

#include "kube/object/decode_internal.h"

// An enum's word; istiod's decoder takes its number too. `words` in the order of the numbers, ends with NULL.
const char *dec_enum(struct decoder *d, const struct json *j, const char *const *words);
// A port number of {number: n}; a bare number is read as one (docs/rules/istio.md#list-given-as-mapping).
int64_t dec_port(const struct json *j);
uint32_t dec_uint32(int64_t n); // cut to the range

// decode_rule.c: the http, tcp and tls rules of a VirtualService.
void decode_http_rule(struct decoder *d, const struct json *j, struct http_rule *x);
void decode_l4_rule(struct decoder *d, const struct json *j, struct l4_rule *x);

#endif
