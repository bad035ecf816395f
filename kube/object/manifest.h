// SPDX-License-Identifier: Apache-2.0
// Manifests: files, folders and standard input with objects in YAML or JSON.
#ifndef GATETOP_OBJECT_MANIFEST_H
#define GATETOP_OBJECT_MANIFEST_H

#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>

// Where what is read goes.
struct manifest_sink {
    // An object of its own, with one reference that the sink takes. A later object of the same kind, namespace and
    // name is meant to replace an earlier one.
    void (*object)(void *self, const struct object *o);
    // A file or document that cannot be read: its name, line and column (from 1, 0 if they are not known) and
    // what is wrong, in one sentence. Reading continues with the next document.
    void (*bad)(void *self, const char *file, int line, int column, const char *message);
    void *self;
    // The object of that name that was read before, whose place a new one takes; NULL: none. NULL: nobody knows.
    const struct object *(*earlier)(void *self, enum kind k, const char *ns, const char *name);
    // What the reader should know of a file or folder that was read: one sentence. NULL: nobody wants to know.
    void (*note)(void *self, const char *file, const char *message);
    // An object of a kind that gatetop does not have: it is left out. NULL: nobody wants to know.
    void (*left_out)(void *self, const char *api_version, const char *kind);
};

// Reads a file, a folder (with its subfolders: .yaml .yml .json, in byte order of their paths) or "-" (standard
// input, which is read once and kept). Documents of YAML or JSON; kinds that end with List are taken apart, kinds that
// gatetop does not know are skipped. Namespaced objects without a namespace get `default_ns`. Objects have their lints.
// A folder with a Chart.yaml is bad: it must be rendered first. Patches of a kustomization are left out, which is a
// note. False if anything was bad, which was reported to the sink. Only before there are threads.
bool manifest_read(const char *path, const char *default_ns, const struct manifest_sink *sink);
// The same from n bytes of text, under the name of a file. Any thread. For tests and fuzzing.
bool manifest_read_text(const char *file, const char *text, size_t n, const char *default_ns,
                        const struct manifest_sink *sink);

#endif
