// SPDX-License-Identifier: Apache-2.0
// Strings, lists, maps, conditions and scalars of an object that is decoded.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/object/decoder_internal.h"
#include "kube/object/shared_text.h"

#include <string.h>

#define DECODE_STRING_MAX ((size_t)64 << 10) // longer text is cut (text_clean)

// Sizes are multiples of 8: so lists need no padding, and both passes come to the same total.
static size_t whole_size(size_t n, size_t size)
{
    return (size_mul(n, size) + 7) & ~(size_t)7;
}

void *decode_alloc(struct object_decoder *d, size_t n, size_t size)
{
    if (n == 0) {
        return NULL;
    }
    size_t bytes = whole_size(n, size);
    d->list_bytes += bytes;
    return arena_alloc(d->lists, bytes);
}

// n bytes of text; the caller may know already that they are printable ASCII.
static const char *clean_text(struct object_decoder *d, const char *s, size_t n, bool plain)
{
    bool clean = n <= DECODE_STRING_MAX && (plain || text_is_clean(s, n));
    if (d->strings != NULL) {
        return clean ? arena_strndup(d->strings, s, n)
                     : text_clean(d->strings, s, n, DECODE_STRING_MAX);
    }
    d->string_bytes += 1 + (clean ? n : strlen(text_clean(d->lists, s, n, DECODE_STRING_MAX)));
    return s;
}

const char *decode_copy(struct object_decoder *d, const char *s)
{
    return s != NULL ? clean_text(d, s, strlen(s), false) : NULL;
}

const char *decode_string(struct object_decoder *d, const struct json *j)
{
    return json_type(j) == JSON_STRING ? clean_text(d, j->text.at, j->text.n, j->text.plain) : NULL;
}

static const char *word(struct object_decoder *d, const char *s, size_t n, bool plain)
{
    if (!plain || n > SHARED_TEXT_LONGEST) {
        return clean_text(d, s, n, plain);
    }
    const char *shared;
    if (d->strings == NULL) {
        shared = shared_text(s, n);
        ARENA_PUSH(d->lists, d->words, d->nwords, d->word_cap)->kept = shared;
    } else {
        ASSERT(d->word < d->nwords);
        shared = d->words[d->word++].kept;
    }
    return shared != NULL ? shared : clean_text(d, s, n, true);
}

const char *decode_word(struct object_decoder *d, const struct json *j)
{
    return json_type(j) == JSON_STRING ? word(d, j->text.at, j->text.n, j->text.plain) : NULL;
}

const char *decode_word_copy(struct object_decoder *d, const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;
    return s != NULL ? word(d, s, n, text_is_plain(s, n)) : NULL;
}

const char *decode_word_key(struct object_decoder *d, const struct json *field)
{
    return word(d, field->key, field->key_n, field->key_plain);
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
    bool plain = json_type(j) == JSON_STRING && j->text.plain;
    return plain ? keep(d, j->text.at, j->text.n) : decode_string(d, j);
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

void *decode_array_begin(struct object_decoder *d, struct decoded_array *a, size_t n, size_t size)
{
    *a = (struct decoded_array){.bytes = size_mul(n, size), .word = d->nwords};
    if (n == 0) {
        return NULL;
    }
    a->open = a->bytes <= SHARED_TEXT_LONGEST;
    if (a->open && d->strings == NULL) {
        (void)ARENA_PUSH(d->lists, d->words, d->nwords, d->word_cap);
    } else if (a->open) {
        ASSERT(d->word < d->nwords);
        const struct decoded_word *w = &d->words[d->word++];
        if (w->kept != NULL) {
            d->word += w->inside;
            a->at = unconst(w->kept);
            return NULL;
        }
    }
    a->at = decode_alloc(d, n, size);
    a->list_bytes = d->list_bytes;
    a->string_bytes = d->string_bytes;
    return a->at;
}

const void *decode_array_end(struct object_decoder *d, const struct decoded_array *a)
{
    const bool own = d->list_bytes != a->list_bytes || d->string_bytes != a->string_bytes;
    if (d->strings != NULL || !a->open || own) {
        return a->at;
    }
    struct decoded_word *w = &d->words[a->word];
    w->kept = shared_bytes(a->at, a->bytes);
    w->inside = d->nwords - a->word - 1;
    if (w->kept == NULL) {
        return a->at;
    }
    d->list_bytes -= whole_size(1, a->bytes);
    return w->kept;
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
    struct decoded_array array;
    struct str_pair *at = decode_array_begin(d, &array, n, sizeof *at);
    for (const struct json *c = at != NULL ? field_first(j) : NULL; c != NULL; c = json_next(c)) {
        const char *value = decode_word(d, c);
        at->key = decode_word_key(d, c);
        at++->value = str_or_empty(value);
    }
    map.at = decode_array_end(d, &array);
    map.n = (uint32_t)n;
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
                x->type = decode_word(d, f);
            } else if (field_is(f, "status")) {
                x->status = condition_status(json_string(f));
            } else if (field_is(f, "reason")) {
                x->reason = decode_word(d, f);
            } else if (field_is(f, "message")) {
                x->message = decode_word(d, f);
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
    if (!json_lenient_int(j, &n)) {
        return 0;
    }
    return n > DECODE_INT_MAX ? DECODE_INT_MAX : n < -DECODE_INT_MAX ? -DECODE_INT_MAX : n;
}

bool decode_bool(const struct json *j)
{
    return json_bool(j, false);
}
