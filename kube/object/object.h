// SPDX-License-Identifier: Apache-2.0
// What every Kubernetes object has: metadata, owners, conditions, and the defects of the text it was read from.
//
// A kind's own struct begins with a struct object, and is declared by the project that owns its API group:
// kubernetes_objects.h, istio_objects.h, certmanager_objects.h, flagger_objects.h. Field names follow the API's.
//
// An object never changes once it is decoded (decode.h), except for its count of references. It is one block of memory:
// the struct, its lists and its strings lie in it, so that one free() ends it and it costs no more than it holds. Only
// texts that many objects share, and arrays of them, lie elsewhere, for the life of the program (shared_text.h).
//
// - Every string is clean text (text.h). A missing string is NULL, which is not the same as "".
// - A list is a pointer and a count; a missing list is NULL and 0.
// - Instants are seconds since 1970, durations milliseconds; absent ones are TIME_NONE and DURATION_NONE (time_text.h).
// - Numbers are 0 and flags false if they are absent, unless a comment says otherwise.
#ifndef GATETOP_OBJECT_OBJECT_H
#define GATETOP_OBJECT_OBJECT_H

#include "kube/base/fail.h"

#include "kube/object/kind.h"
#include "kube/object/str_list.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

// An entry of metadata.ownerReferences.
struct owner_ref {
    const char *kind, *name, *uid;
};

// An entry of status.conditions.
enum condition_status { CONDITION_UNKNOWN, CONDITION_FALSE, CONDITION_TRUE };
struct condition {
    const char *type, *reason, *message;
    int64_t last_transition;
    int64_t observed_generation; // 0 if absent
    enum condition_status status;
};
struct conditions { // in no fixed order: find by type
    const struct condition *at;
    uint32_t n;
};

// A defect of the text an object was read from. Only objects of files have them: a server refuses such text, or has
// dropped it.
enum lint_code {
    LINT_UNKNOWN_FIELD, // hint: a name that is likely meant
    LINT_WRONG_TYPE,    // route given as a map, port: 9080, ...
    LINT_EMPTY_MATCH, // a StringMatch that the indent made empty (docs/rules/istio.md#misindented-match)
    LINT_TWICE,       // another object of the same kind, namespace and name came before it
    LINT_ALTERNATIVE, // one came before it in another folder
    LINT_UNFILLED,    // a name holds a variable (placeholder.h)
    LINT_OLD_VERSION, // an API version that servers no longer have
    LINT_BAD_VALUE,   // an enum, duration or number that cannot be read
    LINT_REFUSED,     // readable, but the API server or cert-manager's webhook refuses it
};
struct lint {
    enum lint_code code;
    const char *path;    // of the field: "spec.http[1].route"
    const char *message; // one sentence
    const char *hint;    // what to write instead, NULL if that is not known
    int line, column;    // from 1; 0 if they are not known
    bool fatal;          // istiod's decoder and the API server refuse the object for this
};

// Where an object is in its manifest, and what is wrong with its text.
struct object_source {
    const char *file;    // its name, "-" for standard input
    int line, last_line; // of the object's text, from 1
    const struct lint *lints;
    uint32_t nlints;
};

// Whether two files are in one folder: those of several are seldom applied together.
bool files_in_one_folder(const char *a, const char *b);

struct object {
    _Atomic uint32_t refs; // object_ref, object_unref
    uint8_t kind;          // enum kind: which struct this is the head of (OBJECT_AS)
    uint16_t nowners;
    const char *name; // never NULL
    const char *ns;   // namespace; "" for a cluster-scoped object, never NULL
    const char *uid, *resource_version;
    const char *api_version;            // group and version as served or written
    int64_t created, deleted;           // creationTimestamp, deletionTimestamp
    int64_t generation;                 // of the spec
    struct str_map labels;              // all
    struct str_map annotations;         // those that gatetop reads (object_keeps_annotation)
    const struct owner_ref *owners;     // ownerReferences, nowners of them
    const char *writer;                 // the manager of the newest entry of managedFields
    int64_t written;                    // when it wrote
    const struct object_source *source; // NULL for an object of a server
};

// The value of a label, borrowed; NULL if there is none.
const char *object_label(const struct object *o, const char *key);
// The same of an annotation, of those that are kept.
const char *object_annotation(const struct object *o, const char *key);
// What cert-manager wrote in the annotation "cert-manager.io/KEY", before v0.11 "certmanager.k8s.io/KEY", before
// v0.8 in the label of that name (docs/rules/certificates.md#annotation-prefix). NULL if there is none.
const char *object_certmanager_mark(const struct object *o, const char *key);
// The condition of a type, "Ready"; NULL if there is none. If there are several, the first.
const struct condition *condition_find(const struct conditions *c, const char *type);
// Whether every pair of `selector` is in `labels`. An empty selector matches everything.
bool labels_match(const struct str_map *selector, const struct str_map *labels);

// One reference more; returns o. Any thread; NULL is fine.
const struct object *object_ref(const struct object *o);
// One reference less; the last one frees the object with all its strings. Any thread; NULL is fine.
void object_unref(const struct object *o);

// How people call an object: "VirtualService apps/web", "ClusterIssuer letsencrypt". In the arena.
const char *object_title(struct arena *a, const struct object *o);
// The same of one that need not exist; ns may be NULL.
const char *kind_title(struct arena *a, enum kind k, const char *ns, const char *name);
// The same without its kind: "apps/web", "letsencrypt". In the arena.
const char *object_id(struct arena *a, const struct object *o);

// The struct of an object's kind: OBJECT_AS(service, o) is a const struct service *. NULL gives NULL; an object of
// another kind is a bug. Each struct has its kinds beside it: OBJECT_KINDS_service.
#define OBJECT_AS(type, o) ((const struct type *)object_of_kinds((o), OBJECT_KINDS_##type))

// What OBJECT_AS is made of: the object itself, whose kind must be one of those.
static inline const void *object_of_kinds(const void *o, kind_set allowed)
{
    ASSERT(o == NULL || (KIND_BIT(((const struct object *)o)->kind) & allowed) != 0);
    return o;
}

#endif
