// SPDX-License-Identifier: Apache-2.0
// References to objects, and the small lookups in them.
#include "kube/object/object.h"

#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <stdlib.h>
#include <string.h>

const char *object_label(const struct object *o, const char *key)
{
    return str_map_get(&o->labels, key);
}

const char *object_annotation(const struct object *o, const char *key)
{
    return str_map_get(&o->annotations, key);
}

// The value of the key PREFIX/NAME; the last one counts.
static const char *prefixed(const struct str_map *m, const char *prefix, const char *name)
{
    size_t n = strlen(prefix);
    for (uint32_t i = m->n; i-- > 0;) {
        const char *key = m->at[i].key;
        if (strncmp(key, prefix, n) == 0 && key[n] == '/' && strcmp(key + n + 1, name) == 0) {
            return m->at[i].value;
        }
    }
    return NULL;
}

const char *object_certmanager_mark(const struct object *o, const char *key)
{
    static const char old[] = "certmanager.k8s.io";
    const char *value = prefixed(&o->annotations, "cert-manager.io", key);
    value = value != NULL ? value : prefixed(&o->annotations, old, key);
    return value != NULL ? value : prefixed(&o->labels, old, key);
}

const struct condition *condition_find(const struct conditions *c, const char *type)
{
    for (uint32_t i = 0; i < c->n; i++) {
        if (str_eq(c->at[i].type, type)) {
            return &c->at[i];
        }
    }
    return NULL;
}

bool labels_match(const struct str_map *selector, const struct str_map *labels)
{
    for (uint32_t i = 0; i < selector->n; i++) {
        if (!str_eq(str_map_get(labels, selector->at[i].key), selector->at[i].value)) {
            return false;
        }
    }
    return true;
}

// The count is the only part of an object that changes after it was decoded.
static struct object *writable(const struct object *o)
{
    return unconst(o);
}

const struct object *object_ref(const struct object *o)
{
    if (o != NULL) {
        atomic_fetch_add_explicit(&writable(o)->refs, 1, memory_order_relaxed);
    }
    return o;
}

void object_unref(const struct object *o)
{
    if (o == NULL) {
        return;
    }
    struct object *w = writable(o);
    // Acquire is not a fence before free(): ThreadSanitizer does not know fences.
    if (atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) == 1) {
        free(w);
    }
}

bool files_in_one_folder(const char *a, const char *b)
{
    const char *x = strrchr(a, '/'), *y = strrchr(b, '/');
    size_t n = x != NULL ? (size_t)(x - a) : 0, m = y != NULL ? (size_t)(y - b) : 0;
    return n == m && memcmp(a, b, n) == 0;
}

const char *kind_title(struct arena *a, enum kind k, const char *ns, const char *name)
{
    return str_empty(ns) ? arena_concat(a, kinds[k].kind, " ", name, NULL)
                         : arena_concat(a, kinds[k].kind, " ", ns, "/", name, NULL);
}

const char *object_title(struct arena *a, const struct object *o)
{
    return kind_title(a, (enum kind)o->kind, o->ns, o->name);
}

const char *object_id(struct arena *a, const struct object *o)
{
    return str_empty(o->ns) ? arena_strdup(a, o->name) : arena_concat(a, o->ns, "/", o->name, NULL);
}
