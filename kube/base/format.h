// SPDX-License-Identifier: Apache-2.0
// printf for keys and sentences.
#ifndef GATETOP_BASE_FORMAT_H
#define GATETOP_BASE_FORMAT_H

#include "kube/base/attr.h"

#include <stdarg.h>
#include <stddef.h>

// What vsnprintf() does, several times as fast where the format has no conversions but %s, %u, %d, %c and %%, without
// flags, widths or lengths; others go to vsnprintf(). Most texts of the mesh are of the first sort, and a first sync
// makes hundreds of thousands.
int format_text(char *to, size_t size, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);

#endif
