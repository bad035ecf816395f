// SPDX-License-Identifier: Apache-2.0
// Values that the decoders of Istio's kinds share.
#ifndef GATETOP_OBJECT_DECODE_ISTIO_VALUES_INTERNAL_H
#define GATETOP_OBJECT_DECODE_ISTIO_VALUES_INTERNAL_H

#include "kube/object/decoder_internal.h"
#include "kube/object/istio_objects.h"

#include <stdbool.h>
#include <stdint.h>

// An enum's word; istiod's decoder takes its number too. `words` in the order of the numbers, ends with NULL
// (istio_enums_internal.h). Anything else stays as it was written; NULL if it is no text.
const char *decode_enum_word(struct object_decoder *d, const struct json *j,
                             const char *const *words);
// A port number of {number: n}; a bare number is read as one (docs/rules/istio.md#list-given-as-mapping). 0: none.
int64_t decode_port_number(const struct json *j);
uint32_t clamp_uint32(int64_t n); // the nearest number in range

// A StringMatch. Null is MATCH_ABSENT, or with null_is_empty {} (as an item of a list or a value of a mapping).
struct string_match decode_string_match(struct object_decoder *d, const struct json *j,
                                        bool null_is_empty);
// A Destination; `present` where it is not null.
struct destination decode_destination(struct object_decoder *d, const struct json *j);
// The headers block of a rule or route; NULL if there is none.
const struct headers *decode_headers(struct object_decoder *d, const struct json *j);

#endif
