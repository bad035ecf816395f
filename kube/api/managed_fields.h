// SPDX-License-Identifier: Apache-2.0
// What is kept of metadata.managedFields: the newest writer and the names of a Secret's keys
// (docs/rules/kubernetes-client.md#managed-fields).
#ifndef GATETOP_API_MANAGED_FIELDS_H
#define GATETOP_API_MANAGED_FIELDS_H

#include <stddef.h>

struct buf;

// Appends {"manager":"newest writer","time":"…","keys":["tls.crt",…]} for the JSON of the list, whose brackets are
// known to match: keys are the names below f:data; the member is left out if there are none. {} where the list
// names no writer or is none.
void managed_fields_summary(const char *list, size_t n, struct buf *out);

#endif
