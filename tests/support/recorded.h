// SPDX-License-Identifier: Apache-2.0
// The lists of a recording of cert-manager, as a server answered them.
#ifndef GATETOP_TESTS_SUPPORT_RECORDED_H
#define GATETOP_TESTS_SUPPORT_RECORDED_H

#include "kube/store/store.h"

struct json;

// What a recording holds: list-RESOURCE.json and watch-RESOURCE.jsonl for each (Pods only in made ones).
struct recorded_kind {
    enum kind kind;
    const char *resource, *group;
};
#define RECORDED_KINDS 13
extern const struct recorded_kind recorded_kinds[RECORDED_KINDS];

// The kind of a resource ("orders"); KIND_COUNT if recordings do not hold it.
enum kind recorded_kind(const char *resource);

// Gives every object of DIR/list-RESOURCE.json to `put`, with the list's apiVersion; a file that is not there is
// an empty list. What cannot be read ends the test program.
void recorded_list(const char *dir, const char *resource,
                   void (*put)(void *self, enum kind k, const char *version, const struct json *o),
                   void *self);

// Decodes one object into the store (`self` is a struct store); fits recorded_list.
void recorded_put(void *self, enum kind k, const char *version, const struct json *o);

// A store where every kind counts as synced.
struct store *recorded_store(void);

#endif
