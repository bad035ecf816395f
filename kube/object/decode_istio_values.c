// SPDX-License-Identifier: Apache-2.0
// Values that several of Istio's kinds, or several parts of a VirtualService, have.
#include "kube/base/json.h"

#include "kube/object/decode_istio_values_internal.h"
#include "kube/object/istio_objects.h"

#include <string.h>

const char *decode_enum_word(struct object_decoder *d, const struct json *j,
                             const char *const *words)
{
    int64_t n = json_type(j) == JSON_NUMBER ? json_int(j, -1) : -1;
    for (int64_t i = 0; n >= 0 && words[i] != NULL; i++) {
        if (i == n) {
            return words[i];
        }
    }
    return decode_word(d, j);
}

int64_t decode_port_number(const struct json *j)
{
    if (json_type(j) != JSON_OBJECT) {
        return decode_int(j);
    }
    int64_t n = 0;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "number")) {
            n = decode_int(f);
        }
    }
    return n;
}

uint32_t clamp_uint32(int64_t n)
{
    return n < 0 ? 0 : (n > UINT32_MAX ? UINT32_MAX : (uint32_t)n);
}

// docs/rules/istio.md#string-match
struct string_match decode_string_match(struct object_decoder *d, const struct json *j,
                                        bool null_is_empty)
{
    struct string_match x = {MATCH_ABSENT, NULL};
    if (field_is_null(j) && !null_is_empty) {
        return x;
    }
    x.type = MATCH_EMPTY;
    EACH_FIELD(f, j)
    {
        if (field_is_null(f)) {
            continue;
        }
        if (field_is(f, "exact")) {
            x.type = MATCH_EXACT;
        } else if (field_is(f, "prefix")) {
            x.type = MATCH_PREFIX;
        } else if (field_is(f, "regex")) {
            x.type = MATCH_REGEX;
        } else {
            continue;
        }
        x.text = decode_word(d, f);
        if (x.text == NULL) {
            x.text = "";
        }
    }
    return x;
}

struct destination decode_destination(struct object_decoder *d, const struct json *j)
{
    struct destination x = {.present = !field_is_null(j)};
    EACH_FIELD(f, j)
    {
        if (field_is(f, "host")) {
            x.host = decode_string(d, f);
        } else if (field_is(f, "subset")) {
            x.subset = decode_string(d, f);
        } else if (field_is(f, "port")) {
            x.port_set = !field_is_null(f);
            x.port = decode_port_number(f);
        }
    }
    return x;
}

static struct header_ops header_ops(struct object_decoder *d, const struct json *j)
{
    struct header_ops x;
    memset(&x, 0, sizeof x);
    EACH_FIELD(f, j)
    {
        if (field_is(f, "set")) {
            x.set = decode_map(d, f);
        } else if (field_is(f, "add")) {
            x.add = decode_map(d, f);
        } else if (field_is(f, "remove")) {
            x.remove = decode_strings(d, f);
        }
    }
    return x;
}

const struct headers *decode_headers(struct object_decoder *d, const struct json *j)
{
    if (field_is_null(j)) {
        return NULL;
    }
    struct headers *x = decode_alloc(d, 1, sizeof *x);
    x->request = header_ops(d, json_get(j, "request"));
    x->response = header_ops(d, json_get(j, "response"));
    return x;
}
