// SPDX-License-Identifier: Apache-2.0
// Texts that many objects have (labels, namespaces, reasons, ports, hosts), and arrays of nothing but those and
// numbers, kept once for the life of the program.
//
// A text is kept from its third use on, so that one that only one object has is not, such as a Service's label by which
// it also selects; what is kept is never freed, so that objects may point to it from every thread without counting. The
// length and the number of texts are bounded: beyond that, texts are copied into each object, like all others.
#ifndef GATETOP_OBJECT_SHARED_TEXT_H
#define GATETOP_OBJECT_SHARED_TEXT_H

#include <stddef.h>

enum {
    SHARED_TEXT_LONGEST = 127, // bytes
    SHARED_TEXT_MOST = 16384,  // texts
};

// The text of n bytes that is kept, ends with NUL and lives for ever; NULL: it is not kept, so the caller makes a copy.
// Any thread.
const char *shared_text(const char *s, size_t n);
// The same of an array that is complete: padding is zero, and pointers are to what lives for ever.
const void *shared_bytes(const void *s, size_t n);

#endif
