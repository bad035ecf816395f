// SPDX-License-Identifier: Apache-2.0
// Times and lists of strings in the JSON of rows.
#include "kube/base/json.h"
#include "kube/base/time_text.h"

#include "kube/mesh/route/destination.h"

#include "views/row_json_internal.h"

void json_put_time(struct json *o, const char *key, int64_t t, struct arena *a)
{
    json_put_string(o, key, t != TIME_NONE ? time_format(a, t) : NULL);
}

void json_put_count(struct json *o, const char *key, int64_t n)
{
    json_put(o, key, n >= 0 ? json_new_int(n) : json_new_null());
}

void json_put_exists(struct json *o, const struct resolved_destination *d)
{
    bool known = d->fault == DEST_OK || destination_missing(d);
    json_put(o, "exists", known ? json_new_bool(d->fault == DEST_OK) : json_new_null());
}

void json_put_strings(struct json *o, const char *key, const struct str_list *l)
{
    struct json *list = json_put(o, key, json_new_array());
    for (uint32_t i = 0; i < l->n; i++) {
        json_push(list, json_new_string(l->at[i]));
    }
}
