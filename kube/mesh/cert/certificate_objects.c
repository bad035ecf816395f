// SPDX-License-Identifier: Apache-2.0
// Joins objects by their owners, and where there are no uids by their names.
#include "kube/mesh/cert/certificate_objects.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/cert/issuer.h"
#include "kube/mesh/core/mesh_objects.h"

#include <stdlib.h>
#include <string.h>

// What the ownerReferences of an object say about an owner of one kind.
enum ownership {
    OWNED_BY_NONE,  // it has no owner of that kind
    OWNED_BY_OTHER, // another one of that kind
    OWNED_BY_IT,
};

// By uid where both are known, else by kind and name.
static enum ownership owned_by(const struct object *o, const struct object *owner, const char *kind)
{
    enum ownership found = OWNED_BY_NONE;
    for (uint32_t i = 0; i < o->nowners; i++) {
        const struct owner_ref *r = &o->owners[i];
        if (!str_eq(r->kind, kind)) {
            continue;
        }
        bool same = !str_empty(r->uid) && !str_empty(owner->uid) ? str_eq(r->uid, owner->uid)
                                                                 : str_eq(r->name, owner->name);
        if (same) {
            return OWNED_BY_IT;
        }
        found = OWNED_BY_OTHER;
    }
    return found;
}

// The revision that a request is for, -1: unknown.
static int64_t request_revision(const struct certificaterequest *r)
{
    const char *text = object_certmanager_mark(&r->o, "certificate-revision");
    int64_t revision;
    return text != NULL && number_parse(text, strlen(text), INT64_MAX, &revision) ? revision : -1;
}

static int newest_request_first(const void *x, const void *y)
{
    const struct certificaterequest *a = *(const struct certificaterequest *const *)x;
    const struct certificaterequest *b = *(const struct certificaterequest *const *)y;
    int64_t ra = request_revision(a), rb = request_revision(b);
    if (ra != rb) {
        return ra > rb ? -1 : 1;
    }
    if (a->o.created != b->o.created) {
        return a->o.created > b->o.created ? -1 : 1;
    }
    return strcmp(a->o.name, b->o.name);
}

// The requests of a Certificate, the newest revision first.
static const struct certificaterequest *const *requests_of(const struct mesh *m,
                                                           const struct certificate *c, uint32_t *n)
{
    uint32_t owned = 0, named;
    const struct object *const *by_owner = NULL;
    if (!str_empty(c->o.uid)) {
        by_owner = mesh_index(m, INDEX_BY_OWNER, c->o.uid, "", &owned);
    }
    const struct object *const *by_name =
        mesh_index(m, INDEX_REQUEST_BY_CERTIFICATE, c->o.ns, c->o.name, &named);
    const struct certificaterequest **out =
        arena_calloc(m->arena, (size_t)owned + named, sizeof *out);
    uint32_t k = 0;
    for (uint32_t i = 0; i < owned; i++) {
        if (by_owner[i]->kind == KIND_CERTIFICATEREQUEST) {
            out[k++] = OBJECT_AS(certificaterequest, by_owner[i]);
        }
    }
    for (uint32_t i = 0; i < named; i++) {
        if (owned_by(by_name[i], &c->o, "Certificate") != OWNED_BY_OTHER) {
            out[k++] = OBJECT_AS(certificaterequest, by_name[i]);
        }
    }
    if (k > 1) {
        qsort(out, k, sizeof *out, newest_request_first);
    }
    *n = 0;
    for (uint32_t i = 0; i < k; i++) { // those of both lists are side by side
        if (*n == 0 || out[*n - 1] != out[i]) {
            out[(*n)++] = out[i];
        }
    }
    return out;
}

// The request of a revision, NULL if there is none.
static const struct certificaterequest *request_of(const struct mesh *m,
                                                   const struct certificate *c, int64_t revision)
{
    uint32_t n;
    const struct certificaterequest *const *all = requests_of(m, c, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (request_revision(all[i]) == revision) {
            return all[i];
        }
    }
    // Controllers before v0.15 set no revisions: use the newest.
    return n != 0 && request_revision(all[0]) < 0 ? all[0] : NULL;
}

const struct certificaterequest *certificate_current_request(const struct mesh *m,
                                                             const struct certificate *c)
{
    return c->revision >= 0 ? request_of(m, c, c->revision)
                            : (certificate_is_ready(c) ? request_of(m, c, 1) : NULL);
}

uint32_t certificate_recent_requests(const struct mesh *m, const struct certificate *c)
{
    uint32_t n, k = 0;
    const struct certificaterequest *const *all = requests_of(m, c, &n);
    for (uint32_t i = 0; i < n; i++) {
        k += all[i]->o.created != TIME_NONE && !mesh_reached(m, all[i]->o.created + 3600);
    }
    return k;
}

// The newest object of kind `k` that `owner` owns. Without uids (in files) the whole kind is searched.
static const struct object *newest_owned(const struct mesh *m, const struct object *owner,
                                         const char *owner_kind, enum kind k)
{
    uint32_t n = 0;
    const struct object *const *all = !str_empty(owner->uid)
                                          ? mesh_index(m, INDEX_BY_OWNER, owner->uid, "", &n)
                                          : mesh_all(m, k, &n);
    const struct object *best = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (all[i]->kind == k && str_eq(all[i]->ns, owner->ns) &&
            owned_by(all[i], owner, owner_kind) == OWNED_BY_IT &&
            (best == NULL || all[i]->created > best->created ||
             (all[i]->created == best->created && strcmp(all[i]->name, best->name) > 0))) {
            best = all[i];
        }
    }
    return best;
}

struct ranked_challenge {
    const struct challenge *c;
    int rank; // the worst is 0
};

static int rank_of(const struct mesh *m, const struct challenge *c)
{
    return challenge_failed(c)         ? 0
           : str_eq(c->state, "valid") ? 4
           : challenge_presented(m, c) ? 1
           : c->processing             ? 2
                                       : 3;
}

static int worst_first(const void *x, const void *y)
{
    const struct ranked_challenge *a = x, *b = y;
    if (a->rank != b->rank) {
        return a->rank - b->rank;
    }
    bool silent_a = str_empty(a->c->reason), silent_b = str_empty(b->c->reason);
    return silent_a != silent_b ? (silent_a ? 1 : -1) : strcmp(a->c->o.name, b->c->o.name);
}

static void join_challenges(const struct mesh *m, struct certificate_status *s)
{
    const struct object *order = &s->order->o;
    uint32_t n = 0, k = 0;
    const struct object *const *all = !str_empty(order->uid)
                                          ? mesh_index(m, INDEX_BY_OWNER, order->uid, "", &n)
                                          : mesh_all(m, KIND_CHALLENGE, &n);
    struct ranked_challenge *list = arena_calloc(m->arena, n, sizeof *list);
    for (uint32_t i = 0; i < n; i++) {
        if (all[i]->kind == KIND_CHALLENGE && str_eq(all[i]->ns, order->ns) &&
            owned_by(all[i], order, "Order") == OWNED_BY_IT) {
            const struct challenge *c = OBJECT_AS(challenge, all[i]);
            list[k++] = (struct ranked_challenge){c, rank_of(m, c)};
        }
    }
    qsort(list, k, sizeof *list, worst_first);
    const struct challenge **out = arena_calloc(m->arena, k, sizeof *out);
    for (uint32_t i = 0; i < k; i++) {
        out[i] = list[i].c;
    }
    s->challenges = out;
    s->nchallenges = k;
}

void certificate_join(const struct mesh *m, struct certificate_status *s, bool working)
{
    const struct certificate *c = s->certificate;
    issuer_status_fill(m, &c->issuer, c->o.ns, &s->issuer);
    if (working) {
        s->request = request_of(m, c, c->revision >= 0 ? c->revision + 1 : 1);
    } else {
        s->request = certificate_current_request(m, c);
    }
    const struct object *order = NULL;
    if (s->request != NULL) {
        order = newest_owned(m, &s->request->o, "CertificateRequest", KIND_ORDER);
    } else {
        order = newest_owned(m, &c->o, "Certificate", KIND_ORDER); // v0.7
    }
    if (order != NULL) {
        s->order = OBJECT_AS(order, order);
        join_challenges(m, s);
    }
}

static int oldest_first(const void *x, const void *y)
{
    const struct event *a = *(const struct event *const *)x, *b = *(const struct event *const *)y;
    int64_t ta = event_time(a), tb = event_time(b);
    if (ta != tb) {
        return ta < tb ? -1 : 1;
    }
    return strcmp(a->o.name, b->o.name);
}

struct event_list {
    const struct event **at;
    uint32_t n, cap;
};

// Adds the events about an object.
static void add_events(const struct mesh *m, const struct object *about, struct event_list *l)
{
    uint32_t n = 0;
    const struct object *const *all =
        !str_empty(about->uid) ? mesh_index(m, INDEX_EVENT_BY_OBJECT, about->uid, "", &n) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct event *e = OBJECT_AS(event, all[i]);
        if (!event_is_noise(e)) {
            *ARENA_PUSH(m->arena, l->at, l->n, l->cap) = e;
        }
    }
}

const struct event *const *certificate_events(const struct mesh *m,
                                              const struct certificate_status *s, uint32_t *n)
{
    struct event_list l = {0};
    add_events(m, &s->certificate->o, &l);
    if (s->request != NULL) {
        add_events(m, &s->request->o, &l);
    }
    if (s->order != NULL) {
        add_events(m, &s->order->o, &l);
    }
    if (s->issuer.object != NULL) {
        add_events(m, &s->issuer.object->o, &l);
    }
    for (uint32_t i = 0; i < s->nchallenges; i++) {
        add_events(m, &s->challenges[i]->o, &l);
    }
    if (l.n > 1) {
        qsort(l.at, l.n, sizeof *l.at, oldest_first);
    }
    *n = l.n;
    return l.at;
}
