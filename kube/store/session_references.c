// SPDX-License-Identifier: Apache-2.0
// What is read because objects name it: the pods of Gateways, and Secrets by name.
#include "kube/base/text.h"

#include "kube/object/decode.h"
#include "kube/object/istio_objects.h"

#include "kube/store/index.h"
#include "kube/store/session_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECRET_AGAIN_MS = 5000,     // a Secret asked for by name, where no answer came
    SECRET_REFUSED_MS = 600000, // where the server refused it
    SECRET_LOOK_MS = 60000,     // they are not watched: looked at again
};

// --- a set of texts

struct text {
    _Atomic uint32_t refs;
    const char *a, *b;
};

static void text_ref(const void *v)
{
    union {
        const void *c;
        struct text *m;
    } u = {.c = v};
    atomic_fetch_add(&u.m->refs, 1);
}

static void text_unref(const void *v)
{
    union {
        const void *c;
        struct text *m;
    } u = {.c = v};
    if (atomic_fetch_sub(&u.m->refs, 1) == 1) {
        free(u.m);
    }
}

static void text_key(const void *v, const char **a, const char **b)
{
    const struct text *t = v;
    *a = t->a;
    *b = t->b;
}

static const struct pmap_type texts = {text_ref, text_unref, text_key};

// Adds a pair to the set; false where it was there.
static bool text_add(struct pmap *m, const char *a, const char *b)
{
    if (pmap_get(m, a, b) != NULL) {
        return false;
    }
    size_t la = strlen(a) + 1, lb = strlen(b) + 1;
    struct text *t = xmalloc(sizeof *t + la + lb);
    atomic_init(&t->refs, 1);
    char *at = (char *)(t + 1);
    t->a = memcpy(at, a, la);
    t->b = memcpy(at + la, b, lb);
    pmap_put(m, t);
    text_unref(t);
    return true;
}

// --- Secrets by name

struct secret_get {
    struct secret_get *next; // of the live's list
    struct session *session;
    const struct object *had; // what was there when it was asked for
    char *ns, *name;
    bool changed; // since it was asked for: the answer may be older than what the watch brought
};

static void secrets_due(struct session *l, int64_t delay_ms)
{
    int64_t at = clock_mono_ms() + delay_ms;
    l->secrets_at = l->secrets_at == 0 || at < l->secrets_at ? at : l->secrets_at;
}

static void end_secret_get(struct secret_get *g)
{
    struct secret_get **at = &g->session->gets;
    while (*at != g) {
        at = &(*at)->next;
    }
    *at = g->next;
    object_unref(g->had);
    free(g->ns);
    free(g->name);
    free(g);
}

static void secret_answer(void *self, int status, const char *body, size_t n, const struct err *err)
{
    struct secret_get *g = self;
    struct session *l = g->session;
    (void)err;
    l->secret_gets--;
    bool known = status == 200 || status == 404;
    if (!known) {
        int64_t pause = status == 403 ? SECRET_REFUSED_MS : SECRET_AGAIN_MS;
        secrets_due(l, l->o.client.refused_ms > 0 ? l->o.client.refused_ms : pause);
    }
    if (status == 403) {
        l->secrets_refused = l->secrets_refused_now = true;
        snprintf(l->secrets_reason, sizeof l->secrets_reason,
                 "secrets may be listed, but one by name may not be read (get in %.60s)", g->ns);
        session_sum_up(l, KIND_SECRET);
    }
    if (g->changed) {
        // What the watch brought stands.
    } else if (status == 200) {
        struct err e;
        struct object *o = object_decode_text(KIND_SECRET, "v1", body, n, &e);
        if (o != NULL) {
            store_put(l->store, o);
        }
    } else if (status == 404 && g->had != NULL &&
               store_get(l->store, KIND_SECRET, g->ns, g->name) == g->had) {
        store_remove(l->store, KIND_SECRET, g->ns, g->name);
    }
    if (l->secret_gets == 0 && !l->secrets_looked) {
        l->secrets_looked = true;
        session_sum_up(l, KIND_SECRET);
    }
    if (l->secret_gets == 0 && l->secrets_refused && !l->secrets_refused_now && known) {
        l->secrets_refused = false;
        session_sum_up(l, KIND_SECRET);
    }
    l->dirty = true;
    end_secret_get(g);
}

static void ask_for_secret(struct session *l, const char *ns, const char *name)
{
    struct buf path;
    buf_init(&path, 0);
    buf_adds(&path, "/api/v1/namespaces/");
    http_escape(&path, ns);
    buf_adds(&path, "/secrets/");
    http_escape(&path, name);
    struct secret_get *g = xmalloc(sizeof *g);
    const struct object *had = store_get(l->store, KIND_SECRET, ns, name);
    *g = (struct secret_get){.next = l->gets,
                             .session = l,
                             .had = object_ref(had),
                             .ns = xstrdup(ns),
                             .name = xstrdup(name)};
    l->gets = g;
    if (client_get(l->client, path.data,
                   "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", secret_answer,
                   g) != NULL) {
        l->secret_gets++;
    } else {
        end_secret_get(g);
    }
    buf_release(&path);
}

void session_look_for_secrets(struct session *l)
{
    const struct snapshot *v = store_view(l->store);
    if (l->watches[KIND_SECRET] == NULL || !l->watches[KIND_SECRET]->state.synced ||
        !session_settled(l, KIND_GATEWAY)) {
        return;
    }
    l->look_at_secrets = false;
    struct pmap_iter it;
    const void *p;
    // The pods' namespaces, else istio-system: where the credential is read.
    const char *spaces[8] = {"istio-system"};
    int n = 1;
    for (pmap_begin(&it, &v->objects[KIND_POD]); (p = pmap_next(&it)) != NULL && n < 8;) {
        const char *ns = ((const struct object *)p)->ns;
        bool there = false;
        for (int i = 0; i < n; i++) {
            there = there || strcmp(spaces[i], ns) == 0;
        }
        if (!there) {
            spaces[n++] = ns;
        }
    }
    if (l->secrets_again) { // they are not in the list, and not watched
        l->secrets_again = false;
        l->secrets_refused_now = false; // the answers tell
        l->secrets_at = 0;
        if (l->o.watch && l->asked.count > 0) {
            secrets_due(l, SECRET_LOOK_MS);
        }
        for (pmap_begin(&it, &l->asked); (p = pmap_next(&it)) != NULL;) {
            ask_for_secret(l, ((const struct text *)p)->a, ((const struct text *)p)->b);
        }
    }
    for (pmap_begin(&it, &v->index[INDEX_GATEWAY_BY_CREDENTIAL]); (p = pmap_next(&it)) != NULL;) {
        const struct posting *posting = p;
        const char *name = posting->a;
        for (int i = 0; i < n; i++) {
            if (strchr(name, '/') != NULL || strchr(name, ':') != NULL || name[0] == '\0' ||
                snapshot_get(v, KIND_SECRET, spaces[i], name) != NULL ||
                !text_add(&l->asked, spaces[i], name)) {
                continue;
            }
            ask_for_secret(l, spaces[i], name);
            if (l->o.watch) {
                secrets_due(l, SECRET_LOOK_MS); // it may come later, of a type that is not watched
            }
        }
    }
    if (l->secret_gets == 0 && !l->secrets_looked) {
        l->secrets_looked = true;
        session_sum_up(l, KIND_SECRET);
    }
}

// --- objects that name others

void session_changed(void *self, const struct object *before, const struct object *after)
{
    struct session *l = self;
    l->o.derive.changed(l->o.derive.self, before, after);
    enum kind k = (enum kind)(before != NULL ? before : after)->kind;
    l->look_at_secrets |= k == KIND_GATEWAY || k == KIND_SECRET || k == KIND_POD;
    for (struct secret_get *g = k == KIND_SECRET ? l->gets : NULL; g != NULL; g = g->next) {
        const struct object *o = before != NULL ? before : after;
        g->changed |= str_eq(g->ns, o->ns) && str_eq(g->name, o->name);
    }
    if (before == NULL || after == NULL) {
        l->namespaces_changed |= k == KIND_NAMESPACE;
    }
    if (after != NULL && after->kind == KIND_GATEWAY && (l->o.kinds & KIND_BIT(KIND_POD)) != 0) {
        struct arena a;
        arena_init(&a);
        const struct gateway *g = OBJECT_AS(gateway, after);
        const char *selector = index_selector(&a, &g->selector);
        if (selector[0] == '\0') {
            selector = GATEWAY_LABEL_KEY "=" GATEWAY_LABEL_VALUE;
        }
        if (text_add(&l->selectors, selector, "")) {
            session_add_watch(l, KIND_POD, NULL, selector);
        }
        arena_release(&a);
    }
}

void session_named_init(struct session *l)
{
    pmap_init(&l->selectors, &texts);
    pmap_init(&l->asked, &texts);
}

void session_named_release(struct session *l)
{
    while (l->gets != NULL) {
        end_secret_get(l->gets);
    }
    pmap_release(&l->selectors);
    pmap_release(&l->asked);
}
