// SPDX-License-Identifier: Apache-2.0
// Texts that many objects have (labels, namespaces, reasons, ports, hosts), and arrays of nothing but those and
// numbers, kept once for the life of the program.
//
// A text is kept from its third use on. So a text of a single object is not kept, even if the object has it twice, as a
// Service has a label by which it also selects. A kept text is never freed: objects of all threads point to it without
// counting. The length and the number of kept texts are bounded; beyond the bounds each object has its copy.
#ifndef GATETOP_OBJECT_SHARED_TEXT_H
#define GATETOP_OBJECT_SHARED_TEXT_H

#include <stddef.h>

enum {
    SHARED_TEXT_LONGEST = 127, // bytes
    SHARED_TEXT_MOST = 16384,  // texts
};

// The text of n bytes that is kept, ends with NUL and lives for ever; NULL if it is not kept: the caller makes a copy.
// Any thread.
const char *shared_text(const char *s, size_t n);
// The same for the bytes of an array. Its padding must be zero, and its pointers those of kept texts and arrays.
const void *shared_bytes(const void *s, size_t n);

#endif
