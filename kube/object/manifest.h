// SPDX-License-Identifier: Apache-2.0
// Manifests: files, folders and standard input with objects in YAML or JSON.
#ifndef GATETOP_OBJECT_MANIFEST_H
#define GATETOP_OBJECT_MANIFEST_H

#include "kube/base/err.h"

#include "kube/object/object.h"

struct manifest_sink {
    // An object, with one reference; a later one of the same kind, namespace and name replaces an earlier.
    void (*object)(void *self, const struct object *o);
    // A file or document that cannot be read: file, line and column (0 unknown), what is wrong. Reading
    // goes on with the next document.
    void (*bad)(void *self, const char *file, int line, int column, const char *message);
    void *self;
};

// Reads FILE, DIR (recursively: .yaml .yml .json, in byte order of their paths) or "-" (standard input).
// Multi-document YAML, JSON, and kinds ending in List are taken apart; kinds that gatetop does not know
// are passed over. Namespaced objects without a namespace get `default_ns`. Decoded with lints.
// False where anything was bad (already told to the sink).
bool manifest_read(const char *path, const char *default_ns, const struct manifest_sink *sink);
// The same from text (tests, fuzzing).
bool manifest_read_text(const char *file, const char *text, size_t n, const char *default_ns,
                        const struct manifest_sink *sink);

// The place of a field of an object that came from a file: re-reads its document. `path` as
// "spec.http[1].route[0].destination.host"; the deepest part that exists is found. For messages only.
bool manifest_locate(const struct object *o, const char *path, int *line, int *column);
// The source text of the object's document, cleaned for the terminal (for the YAML pane and for `check`,
// which shows one line of it). NULL where the file is gone or was standard input that is not kept.
char *manifest_source(const struct object *o);

#endif
