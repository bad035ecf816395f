// SPDX-License-Identifier: Apache-2.0
// A folder of a test's own, with small files in it.
#ifndef GATETOP_TESTS_SUPPORT_TEMPDIR_H
#define GATETOP_TESTS_SUPPORT_TEMPDIR_H

#include <stddef.h>

// Makes a new folder below TMPDIR or /tmp; the path is heap. Ends the program where it cannot.
char *tempdir_new(void);
// Writes DIR/NAME (folders of NAME are made), replacing it in one step; mode as of chmod.
void tempdir_write(const char *dir, const char *name, const char *text, unsigned mode);
// How many lines DIR/NAME has; 0 if it is not there.
size_t tempdir_lines(const char *dir, const char *name);
// Removes the folder with all in it, and frees the path.
void tempdir_free(char *dir);

#endif
