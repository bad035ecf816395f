// SPDX-License-Identifier: Apache-2.0
// Objects of every kind from any JSON: whatever it is, decoding ends, and what it gives is clean.
//
// The first byte chooses the kind, bit 5 of it whether the text is judged by the field tables too.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/text.h"

#include "kube/object/decode.h"
#include "kube/object/istio_objects.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(object)

static void must_be_clean(const char *s)
{
    if (s != NULL && !text_is_clean(s, strlen(s))) {
        abort();
    }
}

static void look_at(const struct object *o)
{
    must_be_clean(o->name);
    must_be_clean(o->ns);
    for (uint32_t i = 0; i < o->labels.n; i++) {
        must_be_clean(o->labels.at[i].key);
        must_be_clean(o->labels.at[i].value);
    }
    for (uint32_t i = 0; o->source != NULL && i < o->source->nlints; i++) {
        must_be_clean(o->source->lints[i].message);
        must_be_clean(o->source->lints[i].path);
    }
    if (o->name[0] == '\0') {
        abort();
    }
    if (o->kind == KIND_VIRTUALSERVICE) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, o);
        for (uint32_t i = 0; i < vs->nhttp; i++) {
            for (uint32_t k = 0; k < vs->http[i].nroutes; k++) {
                must_be_clean(vs->http[i].routes[k].destination.host);
            }
        }
    }
}

// From text the same object comes as from a tree. Its reader is the stricter one.
static void same_of_text(enum kind k, const struct object *o, const char *text, size_t n)
{
    struct arena a;
    arena_init(&a);
    bool strict = json_parse_in(&a, text, n, NULL) != NULL;
    arena_release(&a);
    struct object *other = object_decode_text(k, NULL, text, n, NULL, NULL);
    if ((other != NULL) != strict) {
        abort();
    }
    if (other == NULL) {
        return;
    }
    if (strcmp(other->name, o->name) != 0 || strcmp(other->ns, o->ns) != 0) {
        abort();
    }
    object_unref(other);
}

int fuzz_object(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    static const struct decode_source a_file = {.file = "f.yaml", .default_ns = "default"};
    enum kind k = (enum kind)((data[0] & 31) % KIND_COUNT);
    struct err e;
    struct json *j = json_parse((const char *)data + 1, size - 1, &e);
    if (j != NULL) {
        struct object *o = object_decode(k, NULL, j, (data[0] & 32) != 0 ? &a_file : NULL, &e);
        if (o != NULL) {
            look_at(o);
            if (o->source == NULL) {
                same_of_text(k, o, (const char *)data + 1, size - 1);
            }
            object_unref(o);
        }
        json_free(j);
    }
    return 0;
}
