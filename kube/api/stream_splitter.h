// SPDX-License-Identifier: Apache-2.0
// Splits the bytes of a list or a watch into objects as they arrive, and drops the parts of them that are not needed.
//
// Pure: bytes in, calls out, no clock and no I/O. The result does not depend on how the bytes are split.
// Only the current object is held. While it is copied
//   - metadata.managedFields becomes {"manager":"newest writer","time":"…","keys":["tls.crt",…]}: keys are
//     the names below f:data, and left out if there are none; an empty list becomes {}
//   - the annotation kubectl.kubernetes.io/last-applied-configuration is dropped, because it can hold a Secret
//     (docs/rules/kubernetes-client.md#last-applied)
// both only at the object's own metadata; everything else is copied verbatim.
// This is the hot path of the first sync: it reads at several hundred MB/s.
#ifndef GATETOP_API_STREAM_SPLITTER_H
#define GATETOP_API_STREAM_SPLITTER_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct err;

// A larger object is dropped and counted (docs/rules/kubernetes-client.md#object-too-large).
#define SPLITTER_OBJECT_MAX ((size_t)16 << 20)
#define SPLITTER_REST_MAX ((size_t)1 << 20) // bytes of a document that are not objects

enum splitter_mode {
    // One document {"items":[…],"metadata":{…}} with its keys in any order
    // (docs/rules/kubernetes-client.md#list-shape), or a Status.
    SPLITTER_LIST,
    // A sequence of {"type":T,"object":O} (docs/rules/kubernetes-client.md#watch-frames).
    SPLITTER_WATCH,
};

enum splitter_type {
    SPLITTER_ITEM, // of a list
    SPLITTER_ADDED,
    SPLITTER_MODIFIED,
    SPLITTER_DELETED,
    SPLITTER_BOOKMARK, // docs/rules/kubernetes-client.md#watch-bookmarks
    SPLITTER_ERROR,    // text is a Status
    SPLITTER_UNKNOWN,
};

// One object. text is NUL-terminated JSON, valid only during the call, as are the slices into it: raw JSON
// string contents (escapes not resolved), NULL if the metadata has none.
struct splitter_item {
    enum splitter_type type;
    const char *text;
    size_t n;
    const char *rv; // metadata.resourceVersion
    size_t rv_n;
    bool initial_events_end; // the annotation that ends a streaming list's first part
    // Larger than object_max, or not JSON: text and the other fields are those of splitter_identity().
    bool oversize, broken;
};

typedef void splitter_item_fn(void *self, const struct splitter_item *item);

struct splitter;
// item is called for each object, oversize ones too; it may not free the splitter. object_max 0 is SPLITTER_OBJECT_MAX.
struct splitter *splitter_new(enum splitter_mode mode, size_t object_max, splitter_item_fn *item,
                              void *self);
// NULL is fine.
void splitter_free(struct splitter *s);
// Forgets everything read so far.
void splitter_reset(struct splitter *s, enum splitter_mode mode);

// False if the bytes are not such a document (ERR_PARSE names the byte) or a bound other than the object's is passed
// (ERR_LIMIT); then every later call fails in the same way. Objects themselves are not validated: their reader does
// that. One bad object does not end the reading: of a list it is skipped to its end where its brackets match, of a
// watch a bad event to the end of its line; it is given to `item` as broken
// (docs/rules/kubernetes-client.md#object-unreadable).
bool splitter_feed(struct splitter *s, const char *bytes, size_t n, struct err *err) MUST_USE;
// List: the document is complete. Watch: no event is cut (bytes after the last one are only white space).
bool splitter_complete(const struct splitter *s);
// List: the document without its items (`"items":[]`), borrowed until the next call; whole once complete.
const char *splitter_rest(const struct splitter *s, size_t *n);

// Objects since the start or reset.
size_t splitter_items(const struct splitter *s);
// From within `item`: the object with nothing but metadata.name, .namespace and .uid; NULL if it has no readable name.
const char *splitter_identity(struct splitter *s, size_t *n);

#endif
