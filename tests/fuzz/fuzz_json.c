// SPDX-License-Identifier: Apache-2.0
// JSON from any bytes: the heap and an arena give the same tree or the same message, and what is printed of it is read
// as the same again.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(json)

static void must_print(const struct json *j, const struct buf *text)
{
    struct buf b;
    buf_init(&b, 0);
    json_print(j, false, &b);
    if (b.len != text->len || memcmp(b.data, text->data, b.len) != 0) {
        abort();
    }
    buf_release(&b);
}

static void look_at(const struct json *j)
{
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        if (c->key != NULL && c->key_n != strlen(c->key)) {
            abort();
        }
        look_at(c);
    }
    if (json_type(j) == JSON_STRING && j->text.n != strlen(j->text.at)) {
        abort();
    }
}

static void same_again(const struct json *j)
{
    struct buf text;
    buf_init(&text, 0);
    json_print(j, false, &text);
    struct json *again = json_parse(text.data, text.len, NULL);
    must_print(again, &text);
    struct json *copy = json_dup(again);
    must_print(copy, &text);
    json_free(copy);
    json_free(again);
    buf_release(&text);
}

int fuzz_json(const uint8_t *data, size_t size)
{
    struct err of_heap, of_arena;
    struct arena a;
    arena_init(&a);
    struct json *heap = json_parse((const char *)data, size, &of_heap);
    const struct json *other = json_parse_in(&a, (const char *)data, size, &of_arena);
    bool deep = heap == NULL && strstr(of_heap.msg, "nested deeper") != NULL; // null in the arena
    if (heap == NULL && other != NULL && !deep) { // else cJSON takes more, never less
        abort();
    }
    if (deep && other != NULL) {
        look_at(other);
    } else if (other != NULL) {
        struct buf text;
        buf_init(&text, 0);
        json_print(heap, false, &text);
        must_print(other, &text);
        buf_release(&text);
        look_at(heap);
        look_at(other);
        same_again(heap);
    }
    json_free(heap);
    arena_release(&a);
    return 0;
}
