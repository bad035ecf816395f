// SPDX-License-Identifier: Apache-2.0
// The text of manifests, read again.
#ifndef GATETOP_OBJECT_MANIFEST_TEXT_INTERNAL_H
#define GATETOP_OBJECT_MANIFEST_TEXT_INTERNAL_H

#include "kube/base/buf.h"

#include <stdbool.h>

// Adds the text of a file, or of standard input ("-") as it was read. False if it is gone or empty.
bool manifest_text(const char *file, struct buf *out);

#endif
