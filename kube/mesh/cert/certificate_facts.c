// SPDX-License-Identifier: Apache-2.0
// Reads the conditions, states and events of cert-manager's objects.
#include "kube/mesh/cert/certificate_facts.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/mesh/core/mesh_memo.h"

#include <string.h>

bool certificate_is_ready(const struct certificate *c)
{
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    return ready != NULL && ready->status == CONDITION_TRUE;
}

const struct condition *certificate_failure(const struct certificate *c)
{
    const struct condition *i = condition_find(&c->conditions, "Issuing");
    return i != NULL && i->status == CONDITION_FALSE && !str_eq(i->reason, "Issued") &&
                   c->last_failure != TIME_NONE
               ? i
               : NULL;
}

bool certificate_left_alone(const struct mesh *m, const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    const struct condition *issuing = condition_find(&c->conditions, "Issuing");
    bool moving = issuing != NULL && issuing->status == CONDITION_TRUE;
    bool waiting =
        certificate_failure(c) != NULL && s->next_try != TIME_NONE && !mesh_reached(m, s->next_try);
    return certificate_is_ready(c) && !moving && !waiting && !certificate_renewal_disabled(c);
}

bool certificate_renewal_disabled(const struct certificate *c)
{
    return str_eq(c->renewal_policy, "Disabled");
}

// The first two Certificates of a namespace, by name, that write one Secret; NULL if there are fewer.
struct secret_writers {
    const char *first, *second;
};

static const void *find_writers(const struct mesh *m, const void *question)
{
    const struct certificate *c = question;
    struct secret_writers *w = arena_alloc(m->arena, sizeof *w);
    uint32_t n;
    const struct object *const *all =
        mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, c->o.ns, c->secret_name, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = all[i]->name;
        if (w->first == NULL || strcmp(name, w->first) < 0) {
            w->second = w->first;
            w->first = name;
        } else if (w->second == NULL || strcmp(name, w->second) < 0) {
            w->second = name;
        }
    }
    return w;
}

const char *certificate_other_writer(const struct mesh *m, const struct certificate *c)
{
    if (c->secret_name == NULL) {
        return NULL;
    }
    const char *name = mesh_answer_name(m->arena, "writers", c->o.ns, c->secret_name, NULL);
    const struct secret_writers *w = mesh_answer(m, name, find_writers, c);
    return str_eq(w->first, c->o.name) ? w->second : w->first;
}

bool condition_is_true(const struct conditions *c, const char *type)
{
    const struct condition *x = condition_find(c, type);
    return x != NULL && x->status == CONDITION_TRUE;
}

bool request_approved(const struct certificaterequest *r)
{
    // Before v1.3 there is no approval: a request that an issuer has looked at counts as approved.
    return condition_is_true(&r->conditions, "Approved") ||
           (!condition_is_true(&r->conditions, "Denied") &&
            condition_find(&r->conditions, "Ready") != NULL);
}

bool request_is_newer_than_failure(const struct certificate *c, const struct certificaterequest *r)
{
    if (r->o.created != TIME_NONE && c->last_failure != TIME_NONE &&
        r->o.created < c->last_failure) {
        return false;
    }
    const struct condition *ready = condition_find(&r->conditions, "Ready");
    bool failed =
        ready != NULL && (str_eq(ready->reason, "Failed") || str_eq(ready->reason, "Denied"));
    return !failed && !condition_is_true(&r->conditions, "Denied") &&
           !condition_is_true(&r->conditions, "InvalidRequest") && r->failure_time == TIME_NONE;
}

// Of an Order and of a Challenge alike.
static bool state_failed(const char *state)
{
    return str_eq(state, "errored") || str_eq(state, "invalid") || str_eq(state, "expired");
}

bool challenge_failed(const struct challenge *c)
{
    return state_failed(c->state);
}

bool order_failed(const struct order *o)
{
    return state_failed(o->state);
}

const char *challenge_type(const struct challenge *c)
{
    return c->type != NULL ? c->type : "challenge";
}

const char *challenge_name(struct arena *a, const struct challenge *c)
{
    const char *d = c->dns_name != NULL ? c->dns_name : c->o.name;
    return c->wildcard ? arena_printf(a, "*.%s", d) : d;
}

int64_t event_time(const struct event *e)
{
    return e->last != TIME_NONE ? e->last : e->first != TIME_NONE ? e->first : e->o.created;
}

const struct event *newest_event(const struct mesh *m, const struct object *o, const char *reason)
{
    uint32_t n = 0;
    const struct object *const *all =
        !str_empty(o->uid) ? mesh_index(m, INDEX_EVENT_BY_OBJECT, o->uid, "", &n) : NULL;
    const struct event *best = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct event *e = OBJECT_AS(event, all[i]);
        if (str_eq(e->reason, reason) && (best == NULL || event_time(e) > event_time(best))) {
            best = e;
        }
    }
    return best;
}

bool event_is_noise(const struct event *e)
{
    return str_eq(e->reason, "RequestFailed") && e->message != NULL &&
           strstr(e->message, "already exists") != NULL;
}

bool challenge_stuck_deleting(const struct mesh *m, const struct challenge *c)
{
    return c->o.deleted != TIME_NONE && c->finalizers.n != 0 && mesh_reached(m, c->o.deleted + 121);
}

bool challenge_presented(const struct mesh *m, const struct challenge *c)
{
    return c->presented || newest_event(m, &c->o, "Presented") != NULL;
}
