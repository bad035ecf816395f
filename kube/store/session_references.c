// SPDX-License-Identifier: Apache-2.0
// What is read because other objects name it: the pods of Gateways, and Secrets by name.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include "kube/object/decode.h"
#include "kube/object/istio_objects.h"

#include "kube/store/index.h"
#include "kube/store/session_internal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECRET_RETRY_MS = 5000,       // after no answer
    SECRET_FORBIDDEN_MS = 600000, // after 403
    SECRET_POLL_MS = 60000,       // Secrets read by name are not watched
    NAMESPACES_MAX = 8,           // in which a Gateway's credential is looked up
};

// --- a set of pairs of texts

struct text_pair {
    _Atomic uint32_t refs;
    const char *a, *b;
};

static void text_pair_ref(const void *v)
{
    struct text_pair *t = unconst(v);
    atomic_fetch_add(&t->refs, 1);
}

static void text_pair_unref(const void *v)
{
    struct text_pair *t = unconst(v);
    if (atomic_fetch_sub(&t->refs, 1) == 1) {
        free(t);
    }
}

static void text_pair_key(const void *v, const char **a, const char **b)
{
    const struct text_pair *t = v;
    *a = t->a;
    *b = t->b;
}

static const struct pmap_type text_pairs = {text_pair_ref, text_pair_unref, text_pair_key};

// Adds a pair to the set; false if it was there.
static bool add_pair(struct pmap *m, const char *a, const char *b)
{
    if (pmap_get(m, a, b) != NULL) {
        return false;
    }
    size_t la = strlen(a) + 1, lb = strlen(b) + 1;
    struct text_pair *t = xmalloc(sizeof *t + la + lb);
    atomic_init(&t->refs, 1);
    char *at = (char *)(t + 1);
    t->a = memcpy(at, a, la);
    t->b = memcpy(at + la, b, lb);
    pmap_put(m, t);
    text_pair_unref(t);
    return true;
}

// --- Secrets by name

// A request in flight.
struct secret_request {
    struct secret_request *next;
    struct session *session;
    const struct object *before; // what was there when it was requested, NULL: nothing
    char *ns, *name;
    bool changed; // since then: the answer may be older than the watch's object
};

static void request_again_in(struct session *s, int64_t delay_ms)
{
    struct secret_lookup *l = &s->secrets;
    int64_t at = clock_mono_ms() + delay_ms;
    l->again_at = l->again_at == 0 || at < l->again_at ? at : l->again_at;
}

static void free_request(struct secret_request *r)
{
    struct secret_request **at = &r->session->secrets.requests;
    while (*at != r) {
        at = &(*at)->next;
    }
    *at = r->next;
    object_unref(r->before);
    free(r->ns);
    free(r->name);
    free(r);
}

static void apply_answer(struct secret_request *r, int status, const char *body, size_t n)
{
    struct session *s = r->session;
    if (r->changed) {
        return; // the watch's object is newer
    }
    if (status == 200) {
        struct err err;
        struct object *o = object_decode_text(KIND_SECRET, "v1", body, n, NULL, &err);
        if (o != NULL) {
            store_put(s->store, o);
        }
    } else if (status == 404 && r->before != NULL &&
               store_get(s->store, KIND_SECRET, r->ns, r->name) == r->before) {
        store_remove(s->store, KIND_SECRET, r->ns, r->name);
    }
}

static void note_refusal(struct session *s, const struct secret_request *r)
{
    struct secret_lookup *l = &s->secrets;
    l->forbidden = l->forbidden_lately = true;
    snprintf(l->reason, sizeof l->reason,
             "secrets may be listed, but one by name may not be read (get in %.60s)", r->ns);
    session_update_kind_state(s, KIND_SECRET);
}

static void note_checked(struct session *s)
{
    if (s->secrets.in_flight == 0 && !s->secrets.checked) {
        s->secrets.checked = true;
        session_update_kind_state(s, KIND_SECRET);
    }
}

static void on_secret(void *self, int status, const char *body, size_t n, const struct err *err)
{
    struct secret_request *r = self;
    struct session *s = r->session;
    struct secret_lookup *l = &s->secrets;
    (void)err;
    l->in_flight--;
    bool known = status == 200 || status == 404;
    if (!known) {
        int64_t pause = status == 403 ? SECRET_FORBIDDEN_MS : SECRET_RETRY_MS;
        request_again_in(s, s->o.client.refused_ms > 0 ? s->o.client.refused_ms : pause);
    }
    if (status == 403) {
        note_refusal(s, r);
    }
    apply_answer(r, status, body, n);
    note_checked(s);
    if (l->in_flight == 0 && l->forbidden && !l->forbidden_lately && known) {
        l->forbidden = false;
        session_update_kind_state(s, KIND_SECRET);
    }
    s->dirty = true;
    free_request(r);
}

static void request_secret(struct session *s, const char *ns, const char *name)
{
    struct buf path;
    buf_init(&path, 0);
    buf_adds(&path, "/api/v1/namespaces/");
    percent_encode(&path, ns);
    buf_adds(&path, "/secrets/");
    percent_encode(&path, name);
    struct secret_request *r = xmalloc(sizeof *r);
    *r = (struct secret_request){
        .next = s->secrets.requests,
        .session = s,
        .before = object_ref(store_get(s->store, KIND_SECRET, ns, name)),
        .ns = xstrdup(ns),
        .name = xstrdup(name),
    };
    s->secrets.requests = r;
    s->secrets.in_flight++;
    client_get(s->client, path.data, CLIENT_ACCEPT_METADATA, on_secret, r);
    buf_release(&path);
}

// All that were requested before: they are not in the list, and not watched.
static void request_all_again(struct session *s)
{
    struct secret_lookup *l = &s->secrets;
    l->again = false;
    l->forbidden_lately = false; // the answers say
    l->again_at = 0;
    if (s->o.watch && l->requested.count > 0) {
        request_again_in(s, SECRET_POLL_MS);
    }
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &l->requested); (v = pmap_next(&it)) != NULL;) {
        const struct text_pair *t = v;
        request_secret(s, t->a, t->b);
    }
}

// The namespaces of the gateways' pods, and istio-system: where Istio reads a credential.
static size_t gateway_namespaces(const struct snapshot *v, const char *out[NAMESPACES_MAX])
{
    size_t n = 0;
    out[n++] = "istio-system";
    struct pmap_iter it;
    const void *p;
    for (pmap_begin(&it, &v->objects[KIND_POD]);
         (p = pmap_next(&it)) != NULL && n < NAMESPACES_MAX;) {
        const char *ns = ((const struct object *)p)->ns;
        bool there = false;
        for (size_t i = 0; i < n && !there; i++) {
            there = strcmp(out[i], ns) == 0;
        }
        if (!there) {
            out[n++] = ns;
        }
    }
    return n;
}

// Whether it is the plain name of a Secret; credentials with a '/' or ':' name other sources.
static bool is_secret_name(const char *credential)
{
    return credential[0] != '\0' && strpbrk(credential, "/:") == NULL;
}

void session_look_up_secrets(struct session *s)
{
    struct secret_lookup *l = &s->secrets;
    const struct snapshot *v = store_view(s->store);
    if (s->watches[KIND_SECRET] == NULL || !s->watches[KIND_SECRET]->state.synced ||
        !session_kind_known(s, KIND_GATEWAY)) {
        return;
    }
    l->check = false;
    if (l->again) {
        request_all_again(s);
    }
    const char *namespaces[NAMESPACES_MAX];
    size_t n = gateway_namespaces(v, namespaces);
    struct pmap_iter it;
    const struct posting *p;
    for (pmap_begin(&it, &v->index[INDEX_GATEWAY_BY_CREDENTIAL]); (p = pmap_next(&it)) != NULL;) {
        const char *name = p->a;
        for (size_t i = 0; i < n && is_secret_name(name); i++) {
            if (snapshot_get(v, KIND_SECRET, namespaces[i], name) != NULL ||
                !add_pair(&l->requested, namespaces[i], name)) {
                continue;
            }
            request_secret(s, namespaces[i], name);
            if (s->o.watch) {
                request_again_in(s, SECRET_POLL_MS); // it may come later
            }
        }
    }
    note_checked(s);
}

// --- objects that name others

static void watch_gateway_pods(struct session *s, const struct gateway *g)
{
    struct arena a;
    arena_init(&a);
    const char *selector = index_selector(&a, &g->selector);
    if (selector[0] == '\0') {
        selector = GATEWAY_LABEL_KEY "=" GATEWAY_LABEL_VALUE;
    }
    if (add_pair(&s->gateway_selectors, selector, "")) {
        session_add_watch(s, KIND_POD, NULL, selector);
    }
    arena_release(&a);
}

static const char *change_word(const struct object *before, const struct object *after)
{
    return before == NULL ? "added" : after == NULL ? "deleted" : "modified";
}

// Logs a change; objects of a first list are not named one by one.
static void log_change(const struct session *s, const struct object *o, const char *how)
{
    if (store_state(s->store, (enum kind)o->kind)->state == SYNC_LIVE) {
        log_debug(LOG_AREA_STORE, "%s %s/%s %s, resourceVersion %s", kinds[o->kind].kind, o->ns,
                  o->name, how, o->resource_version != NULL ? o->resource_version : "");
    }
}

void session_object_changed(void *self, const struct object *before, const struct object *after)
{
    struct session *s = self;
    const struct object *o = after != NULL ? after : before;
    ASSERT(o != NULL);
    s->objects_changed++;
    log_change(s, o, change_word(before, after));
    s->o.derive.changed(s->o.derive.self, before, after);
    enum kind k = (enum kind)o->kind;
    s->secrets.check |= k == KIND_GATEWAY || k == KIND_SECRET || k == KIND_POD;
    if (k == KIND_SECRET) {
        for (struct secret_request *r = s->secrets.requests; r != NULL; r = r->next) {
            r->changed |= str_eq(r->ns, o->ns) && str_eq(r->name, o->name);
        }
    }
    if (before == NULL || after == NULL) {
        s->namespaces_changed |= k == KIND_NAMESPACE;
    }
    if (after != NULL && k == KIND_GATEWAY && (s->o.kinds & KIND_BIT(KIND_POD)) != 0) {
        watch_gateway_pods(s, OBJECT_AS(gateway, after));
    }
}

void session_references_init(struct session *s)
{
    pmap_init(&s->gateway_selectors, &text_pairs);
    pmap_init(&s->secrets.requested, &text_pairs);
}

void session_references_release(struct session *s)
{
    while (s->secrets.requests != NULL) {
        struct secret_request *r = s->secrets.requests;
        free_request(r);
        ASSERT(s->secrets.requests != r);
    }
    pmap_release(&s->gateway_selectors);
    pmap_release(&s->secrets.requested);
}
