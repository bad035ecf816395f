// SPDX-License-Identifier: Apache-2.0
// Domain names: international labels as they travel (A-labels) and as people write them (U-labels).
//
// The only file that sees libidn2. Pure; any thread.
#ifndef GATETOP_BASE_DOMAIN_NAME_H
#define GATETOP_BASE_DOMAIN_NAME_H

#include <stdbool.h>

struct arena;

enum { DOMAIN_NAME_MAX = 255 }; // bytes of a name as text, without a final dot

// The name as DNS and TLS carry it (RFC 5891): lower case, international labels as A-labels, without a final dot.
// NULL if it is empty, longer than DOMAIN_NAME_MAX, or has an international label that IDNA does not allow. ASCII
// labels, "*" among them, are taken as they are. In the arena.
char *domain_name_to_ascii(struct arena *a, const char *name);
// The same into the caller's buffer, for comparisons that keep nothing. False if the other gives NULL; then out is
// undefined.
bool domain_name_ascii(const char *name, char out[static DOMAIN_NAME_MAX + 1]);

// Whether no label is longer than DNS allows: 63 bytes, counted in the name as it stands.
bool domain_name_labels_fit(const char *name);

// The name with its A-labels turned into U-labels, for people. One that cannot be turned comes back as it is. In
// the arena, or `name` itself.
const char *domain_name_to_unicode(struct arena *a, const char *name);

#endif
