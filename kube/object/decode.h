// SPDX-License-Identifier: Apache-2.0
// JSON to typed objects. Any thread; there is no shared state.
#ifndef GATETOP_OBJECT_DECODE_H
#define GATETOP_OBJECT_DECODE_H

#include "kube/base/attr.h"

#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>

struct err;
struct json;
struct yaml_doc;

// Where an object is in its file. Everything is borrowed for the call.
struct decode_source {
    const char *file;                    // as messages call it; "-" is standard input
    const char *default_ns;              // of a namespaced object that names none; NULL: ""
    const struct yaml_doc *doc;          // its marks give lints their lines; NULL: they have none
    int line, last_line;                 // of the object, from 1
    const struct object_source *earlier; // of the same object, whose place it takes; NULL: none
};

// One object's JSON in its typed form, with one reference (object_unref). The kind is known from the list or watch,
// or from kind_find. api_version NULL: what the JSON says. source: NULL for an object of a server. Defects in the
// text of a file become lints of the object.
//
// NULL and ERR_PARSE if j is no mapping or has no name, ERR_LIMIT if the object is too large to judge
// (docs/rules/kubernetes-client.md#object-budget). Everything else that cannot be read is left out.
struct object *object_decode(enum kind k, const char *api_version, const struct json *j,
                             const struct decode_source *source, struct err *err) MUST_USE;
// The same from n bytes of text, which need not end with NUL, for an object of a server. The hot path of list and
// watch: scratch is for what is needed meanwhile, and cleared at the end (NULL: memory of its own). ERR_PARSE also
// where the text is no JSON.
struct object *object_decode_text(enum kind k, const char *api_version, const char *text, size_t n,
                                  struct arena *scratch, struct err *err) MUST_USE;

// Whether an annotation is kept: those of cert-manager, external-dns (under any prefix), Istio and gatetop.
bool object_keeps_annotation(const char *key);

#endif
