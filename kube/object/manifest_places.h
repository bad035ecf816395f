// SPDX-License-Identifier: Apache-2.0
// Where fields of objects are written in their files: for messages only.
#ifndef GATETOP_OBJECT_MANIFEST_PLACES_H
#define GATETOP_OBJECT_MANIFEST_PLACES_H

#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>

// A field that is looked for, and where it is.
struct manifest_place {
    const struct object *object;
    const char *path; // "spec.http[1].route[0].destination.host"
    // From 1, of the field or of its deepest parent that exists. Not found, where the object is of no file, or that is
    // gone or has changed: the object's own line, column 0.
    bool found;
    int line, column;
};

// Finds n fields: reads each file once, and the document of each object once.
void manifest_locate(struct manifest_place *at, size_t n);

// A file's text by lines.
struct manifest_lines;
// The file as it is now; NULL if it is gone. Freed by manifest_lines_free.
struct manifest_lines *manifest_lines_read(const char *file);
// NULL is fine.
void manifest_lines_free(struct manifest_lines *l);
// One of its lines, cleaned for the terminal; NULL if there is none. Of a line of more than a thousand bytes it is the
// part around the column *column (from 1, in characters; 0: the beginning), which then counts from the beginning of
// that part. The caller frees it.
char *manifest_line(const struct manifest_lines *l, int line, int *column);
// The text of the object's document as it is in its file now, cleaned for the terminal. The caller frees it. NULL if
// the object is not of a file, or the file is gone.
char *manifest_source(const struct object *o);

#endif
