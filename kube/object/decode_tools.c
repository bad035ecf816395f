// SPDX-License-Identifier: Apache-2.0
// The tools every decoder is made of: strings, lists, field names, lenient values.
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/object/decode_internal.h"

#include <stdlib.h>
#include <string.h>

void *dec_alloc(struct decoder *d, size_t n, size_t size)
{
    if (n == 0) {
        return NULL;
    }
    // Multiples of 8 only: then the lists need no padding, and both passes come to the same total.
    return arena_alloc(d->lists, (n * size + 7) & ~(size_t)7);
}

const char *dec_string(struct decoder *d, const char *s)
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

const char *dec_text(struct decoder *d, const struct json *j)
{
    return dec_string(d, json_string(j));
}

static const char *keep(struct decoder *d, const char *s, size_t n)
{
    if (d->strings != NULL) {
        return arena_strndup(d->strings, s, n);
    }
    d->string_bytes += n + 1;
    return s;
}

const char *dec_raw(struct decoder *d, const struct json *j)
{
    const char *s = json_string(j);
    if (s == NULL) {
        return NULL;
    }
    for (const char *c = s; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7E) {
            return dec_string(d, s);
        }
    }
    return keep(d, s, strlen(s));
}

const char *dec_lines(struct decoder *d, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((s[i] < 0x20 || s[i] > 0x7E) && s[i] != '\n' && s[i] != '\r' && s[i] != '\t') {
            return NULL;
        }
    }
    return keep(d, s, n);
}

struct str_list dec_texts(struct decoder *d, const struct json *j)
{
    struct str_list list = {NULL, 0};
    size_t n = dec_items_count(j);
    const char **at = dec_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        const char *s = dec_text(d, c);
        at[i++] = s != NULL ? s : "";
    }
    list.at = at;
    list.n = i;
    return list;
}

struct str_map dec_map(struct decoder *d, const struct json *j)
{
    struct str_map map = {NULL, 0};
    size_t n = dec_fields(j) != NULL ? json_count(j) : 0;
    struct str_pair *at = dec_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_FIELD(c, j)
    {
        const char *value = dec_text(d, c);
        at[i].key = dec_string(d, json_key(c));
        at[i++].value = value != NULL ? value : "";
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

struct conditions dec_conditions(struct decoder *d, const struct json *j)
{
    struct conditions list = {NULL, 0};
    size_t n = dec_items_count(j);
    struct condition *at = dec_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        struct condition *x = &at[i++];
        x->last_transition = TIME_NONE;
        EACH_FIELD(f, c)
        {
            if (dec_is(f, "type")) {
                x->type = dec_text(d, f);
            } else if (dec_is(f, "status")) {
                x->status = condition_status(json_string(f));
            } else if (dec_is(f, "reason")) {
                x->reason = dec_text(d, f);
            } else if (dec_is(f, "message")) {
                x->message = dec_text(d, f);
            } else if (dec_is(f, "lastTransitionTime")) {
                x->last_transition = dec_time(f);
            } else if (dec_is(f, "observedGeneration")) {
                x->observed_generation = dec_int(f);
            }
        }
    }
    list.at = at;
    list.n = i;
    return list;
}

int64_t dec_time(const struct json *j)
{
    return time_parse(json_string(j));
}

int64_t dec_duration(const struct json *j)
{
    const char *s = json_string(j);
    return s != NULL ? duration_parse(s) : DURATION_NONE;
}

int64_t dec_int(const struct json *j)
{
    int64_t n;
    return json_lenient_int(j, &n) ? n : 0;
}

bool dec_flag(const struct json *j)
{
    return json_bool(j, false);
}

bool dec_null(const struct json *j)
{
    enum json_type t = json_type(j);
    return t == JSON_NONE || t == JSON_NULL;
}

const struct json *dec_fields(const struct json *j)
{
    return json_type(j) == JSON_OBJECT ? json_first(j) : NULL;
}

const struct json *dec_items(const struct json *j)
{
    switch (json_type(j)) {
    case JSON_NONE:
    case JSON_NULL:
        return NULL;
    case JSON_ARRAY:
        return json_first(j);
    default:
        return j;
    }
}

const struct json *dec_items_next(const struct json *list, const struct json *item)
{
    return json_type(list) == JSON_ARRAY ? json_next(item) : NULL;
}

size_t dec_items_count(const struct json *j)
{
    switch (json_type(j)) {
    case JSON_NONE:
    case JSON_NULL:
        return 0;
    case JSON_ARRAY:
        return json_count(j);
    default:
        return 1;
    }
}

bool dec_name_is_proto(const char *key, const char *name)
{
    for (; *name != '\0'; name++) {
        if (*key == *name) {
            key++;
        } else if (*key == '_' && *name >= 'A' && *name <= 'Z' && key[1] == *name - 'A' + 'a') {
            key += 2;
        } else {
            return false;
        }
    }
    return *key == '\0';
}
