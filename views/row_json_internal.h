// SPDX-License-Identifier: Apache-2.0
// Members that the JSON of many rows has.
#ifndef GATETOP_VIEWS_ROW_JSON_INTERNAL_H
#define GATETOP_VIEWS_ROW_JSON_INTERNAL_H

#include "kube/object/str_list.h"

#include <stdint.h>

struct arena;
struct json;
struct resolved_destination;

// An instant (seconds) as RFC 3339 in UTC, null for TIME_NONE. Scratch text lies in the arena.
void json_put_time(struct json *o, const char *key, int64_t t, struct arena *a);
// A number, null where it is negative.
void json_put_count(struct json *o, const char *key, int64_t n);
// Adds "exists" of a destination: true, false, or null if that is not known.
void json_put_exists(struct json *o, const struct resolved_destination *d);
// A list of strings; [] where there are none.
void json_put_strings(struct json *o, const char *key, const struct str_list *l);

#endif
