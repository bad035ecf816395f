// SPDX-License-Identifier: Apache-2.0
// What an http rule does with a request besides routing it.
#ifndef GATETOP_OBJECT_DECODE_HTTP_ACTION_INTERNAL_H
#define GATETOP_OBJECT_DECODE_HTTP_ACTION_INTERNAL_H

#include "kube/object/decoder_internal.h"
#include "kube/object/istio_objects.h"

// Everything of an http rule except its name, matches and routes.
void decode_http_rule_more(struct object_decoder *d, const struct json *j,
                           struct http_rule_more *x);

#endif
