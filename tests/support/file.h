// SPDX-License-Identifier: Apache-2.0
// Whole files.
#ifndef GATETOP_TESTS_SUPPORT_FILE_H
#define GATETOP_TESTS_SUPPORT_FILE_H

#include <stddef.h>

struct json;

// The bytes of a file with a NUL after them (heap); *n, where n is not NULL, how many there are. A file that cannot be
// opened ends the test program.
char *file_read(const char *path, size_t *n);
// A JSON document, which the caller frees; one that is none ends the test program.
struct json *file_json(const char *path);

#endif
