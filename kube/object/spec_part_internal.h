// SPDX-License-Identifier: Apache-2.0
// Walks over the parts of a cert-manager object's spec, and notes what its webhook refuses.
#ifndef GATETOP_OBJECT_SPEC_PART_INTERNAL_H
#define GATETOP_OBJECT_SPEC_PART_INTERNAL_H

#include "kube/base/array.h"
#include "kube/base/attr.h"

#include "kube/object/lint_list_internal.h"

#include <stdbool.h>
#include <stddef.h>

struct json;

// A mapping of the object, and the path to it. Paths are in the arena of the list.
struct spec_part {
    struct lint_list *l;
    const struct json *j; // NULL or null if absent
    const char *path;
};

// The field `key` of a mapping.
struct spec_part part_below(const struct spec_part *p, const char *key);
// The item of a list at that index.
struct spec_part part_item(const struct spec_part *list, const struct json *item, size_t index);
// Whether the part is there, and not null.
bool part_exists(const struct spec_part *p);
// Whether a mapping has the field, and it is not null.
bool part_has(const struct spec_part *p, const char *key);
// A field's text; NULL if it has none.
const char *part_text(const struct spec_part *p, const char *key);
// Whether a field is a text, and not empty.
bool part_has_text(const struct spec_part *p, const char *key);
// Whether a field is a list with an item.
bool part_has_item(const struct spec_part *p, const char *key);
// Whether a field is a mapping with a name: a reference to a Secret.
bool part_has_name(const struct spec_part *p, const char *key);

// Adds the lint LINT_REFUSED of the field `key` of a part, or of the part itself if key is NULL: "PATH WHY".
void part_refuse(const struct spec_part *p, const char *key, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
// Refuses a part that does not have exactly one of the n fields; `what` says what they are.
void part_exactly_one(const struct spec_part *p, const char *const *fields, size_t n,
                      const char *what);
#define PART_EXACTLY_ONE(p, fields, what) part_exactly_one(p, fields, ARRAY_COUNT(fields), what)
// Refuses a field whose text is no name of an object (RFC 1123). One without text is left alone.
void part_check_name(const struct spec_part *p, const char *key);
// Refuses an issuerRef of cert-manager's own group whose kind is neither Issuer nor ClusterIssuer.
void part_check_issuer_ref(const struct spec_part *spec);
// Refuses a field "caBundle" whose text is not base64 of PEM with a certificate.
void part_check_ca_bundle(const struct spec_part *p);

#endif
