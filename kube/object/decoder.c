// SPDX-License-Identifier: Apache-2.0
// Strings, lists, maps, conditions and scalars of an object that is decoded.
#include "kube/base/arena.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/object/decoder_internal.h"

#include <string.h>

#define DECODE_STRING_MAX ((size_t)64 << 10) // longer text is cut (text_clean)

void *decode_alloc(struct object_decoder *d, size_t n, size_t size)
{
    if (n == 0) {
        return NULL;
    }
    // Multiples of 8 only: then the lists need no padding, and both passes come to the same total.
    return arena_alloc(d->lists, (n * size + 7) & ~(size_t)7);
}

const char *decode_copy(struct object_decoder *d, const char *s)
{
    if (s == NULL) {
        return NULL;
    }
    size_t n = strlen(s);
    if (d->strings != NULL) {
        return text_clean(d->strings, s, n, DECODE_STRING_MAX);
    }
    if (n <= DECODE_STRING_MAX && text_is_clean(s, n)) {
        d->string_bytes += n + 1;
    } else {
        d->string_bytes += strlen(text_clean(d->scratch, s, n, DECODE_STRING_MAX)) + 1;
    }
    return s;
}

const char *decode_string(struct object_decoder *d, const struct json *j)
{
    return decode_copy(d, json_string(j));
}

static const char *keep(struct object_decoder *d, const char *s, size_t n)
{
    if (d->strings != NULL) {
        return arena_strndup(d->strings, s, n);
    }
    d->string_bytes += n + 1;
    return s;
}

const char *decode_ascii(struct object_decoder *d, const struct json *j)
{
    const char *s = json_string(j);
    if (s == NULL) {
        return NULL;
    }
    for (const char *c = s; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7E) {
            return decode_copy(d, s);
        }
    }
    return keep(d, s, strlen(s));
}

const char *decode_lines(struct object_decoder *d, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((s[i] < 0x20 || s[i] > 0x7E) && s[i] != '\n' && s[i] != '\r' && s[i] != '\t') {
            return NULL;
        }
    }
    return keep(d, s, n);
}

struct str_list decode_strings(struct object_decoder *d, const struct json *j)
{
    struct str_list list = {NULL, 0};
    size_t n = item_count(j);
    const char **at = decode_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        const char *s = decode_string(d, c);
        at[i++] = str_or_empty(s);
    }
    list.at = at;
    list.n = i;
    return list;
}

struct str_list decode_member_strings(struct object_decoder *d, const struct json *list,
                                      const char *key)
{
    const char **at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        const char *s = decode_string(d, json_get(c, key));
        at[n++] = str_or_empty(s);
    }
    return (struct str_list){at, n};
}

struct str_map decode_map(struct object_decoder *d, const struct json *j)
{
    struct str_map map = {NULL, 0};
    size_t n = field_first(j) != NULL ? json_count(j) : 0;
    struct str_pair *at = decode_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_FIELD(c, j)
    {
        const char *value = decode_string(d, c);
        at[i].key = decode_copy(d, json_key(c));
        at[i++].value = str_or_empty(value);
    }
    map.at = at;
    map.n = i;
    return map;
}

static enum condition_status condition_status(const char *s)
{
    return str_eq(s, "True") ? CONDITION_TRUE
                             : (str_eq(s, "False") ? CONDITION_FALSE : CONDITION_UNKNOWN);
}

struct conditions decode_conditions(struct object_decoder *d, const struct json *j)
{
    struct conditions list = {NULL, 0};
    size_t n = item_count(j);
    struct condition *at = decode_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        struct condition *x = &at[i++];
        x->last_transition = TIME_NONE;
        EACH_FIELD(f, c)
        {
            if (field_is(f, "type")) {
                x->type = decode_string(d, f);
            } else if (field_is(f, "status")) {
                x->status = condition_status(json_string(f));
            } else if (field_is(f, "reason")) {
                x->reason = decode_string(d, f);
            } else if (field_is(f, "message")) {
                x->message = decode_string(d, f);
            } else if (field_is(f, "lastTransitionTime")) {
                x->last_transition = decode_time(f);
            } else if (field_is(f, "observedGeneration")) {
                x->observed_generation = decode_int(f);
            }
        }
    }
    list.at = at;
    list.n = i;
    return list;
}

int64_t decode_time(const struct json *j)
{
    return time_parse(json_string(j));
}

int64_t decode_duration(const struct json *j)
{
    const char *s = json_string(j);
    return s != NULL ? duration_parse(s) : DURATION_NONE;
}

int64_t decode_int(const struct json *j)
{
    int64_t n;
    return json_lenient_int(j, &n) ? n : 0;
}

bool decode_bool(const struct json *j)
{
    return json_bool(j, false);
}
