// SPDX-License-Identifier: Apache-2.0
// managedFields of any form: what is kept is JSON, and is at most a name, a time and keys of the list's own.
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"

#include "kube/api/managed_fields.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

FUZZ_ENTRY(managed_fields)

int fuzz_managed_fields(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct json *list = json_parse(text, size, NULL);
    if (list == NULL) { // its brackets are known to match
        return 0;
    }
    struct buf out;
    buf_init(&out, 0);
    managed_fields_summary(text, size, &out);
    struct json *kept = json_parse(out.data, out.len, NULL);
    ASSERT(kept != NULL && json_type(kept) == JSON_OBJECT);
    for (const struct json *c = json_first(kept); c != NULL; c = json_next(c)) {
        ASSERT(json_key_is(c, "keys") ? json_type(c) == JSON_ARRAY : json_type(c) == JSON_STRING);
        ASSERT(json_key_is(c, "keys") || json_key_is(c, "manager") || json_key_is(c, "time"));
    }
    json_free(kept);
    json_free(list);
    buf_release(&out);
    return 0;
}
