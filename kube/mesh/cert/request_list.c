// SPDX-License-Identifier: Apache-2.0
// Lists the objects of issuances.
#include "kube/mesh/cert/request_list.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/cert/certificate_facts.h"
#include "kube/mesh/core/mesh_objects.h"

#include <stdlib.h>
#include <string.h>

// How long a request may wait for its approval, and an Order or Challenge for anything, before it is a warning:
// seconds.
enum { APPROVAL_S = 61, PATIENCE_S = 1800 };

static bool older(const struct mesh *m, const struct object *o, int64_t seconds)
{
    return o->created != TIME_NONE && mesh_reached(m, o->created + seconds);
}

static const char *upper(struct arena *a, const char *word)
{
    char *out = arena_strdup(a, word);
    for (char *p = out; *p != '\0'; p++) {
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    return out;
}

// The Certificate that an object belongs to: its annotation, which Orders take over; else its owner.
static const char *certificate_of(const struct object *o)
{
    const char *name = object_certmanager_mark(o, "certificate-name");
    for (uint32_t i = 0; name == NULL && i < o->nowners; i++) {
        name = str_eq(o->owners[i].kind, "Certificate") ? o->owners[i].name : NULL;
    }
    return name;
}

static const char *words(const struct condition *c)
{
    return c == NULL ? "" : !str_empty(c->message) ? c->message : str_or_empty(c->reason);
}

// docs/rules/certificates.md#request-state
static void fill_request(const struct mesh *m, const struct certificaterequest *r,
                         struct request_row *out)
{
    const struct condition *ready = condition_find(&r->conditions, "Ready");
    const struct condition *denied = condition_find(&r->conditions, "Denied");
    const struct condition *invalid = condition_find(&r->conditions, "InvalidRequest");
    out->issuer = &r->issuer;
    out->requester = r->username;
    out->reason = words(ready);
    if (denied != NULL && denied->status == CONDITION_TRUE) {
        out->state = "DENIED";
        out->verdict = VERDICT_BROKEN;
        out->reason = words(denied);
    } else if (invalid != NULL && invalid->status == CONDITION_TRUE) {
        out->state = "INVALID";
        out->verdict = VERDICT_BROKEN;
        out->reason = words(invalid);
    } else if (ready != NULL && str_eq(ready->reason, "Failed")) {
        out->state = "FAILED";
        out->verdict = VERDICT_BROKEN;
    } else if (ready != NULL && ready->status == CONDITION_TRUE) {
        out->state = "ISSUED";
        out->verdict = VERDICT_OK;
        out->reason = "";
    } else if (!request_approved(r)) {
        out->state = "UNAPPROVED";
        out->verdict = older(m, &r->o, APPROVAL_S) ? VERDICT_WARNING : VERDICT_PENDING;
        out->reason = "waits for its approval";
    } else {
        out->state = "PENDING";
        out->verdict = older(m, &r->o, PATIENCE_S) ? VERDICT_WARNING : VERDICT_PENDING;
    }
}

// Of an Order or Challenge, by its state (docs/rules/certificates.md#order-states).
static void fill_state(const struct mesh *m, const char *state, struct request_row *out)
{
    bool failed = str_eq(state, "errored") || str_eq(state, "invalid") || str_eq(state, "expired");
    out->state = str_empty(state) ? "NEW" : upper(m->arena, state);
    out->verdict = failed                              ? VERDICT_BROKEN
                   : str_eq(state, "valid")            ? VERDICT_OK
                   : older(m, out->object, PATIENCE_S) ? VERDICT_WARNING
                                                       : VERDICT_PENDING;
}

static void fill_order(const struct mesh *m, const struct order *o, struct request_row *out)
{
    out->issuer = &o->issuer;
    out->names = str_list_join(m->arena, &o->dns_names, ", ");
    out->reason = str_or_empty(o->reason);
    fill_state(m, o->state, out);
}

static void fill_challenge(const struct mesh *m, const struct challenge *c, struct request_row *out)
{
    const struct object *order =
        c->o.nowners != 0 ? mesh_get(m, KIND_ORDER, c->o.ns, c->o.owners[0].name) : NULL;
    out->issuer = &c->issuer;
    out->names = challenge_name(m->arena, c);
    out->reason = str_or_empty(c->reason);
    out->certificate = order != NULL ? certificate_of(order) : NULL;
    fill_state(m, c->state, out);
    if (challenge_stuck_deleting(m, c)) {
        out->state = "DELETING";
        out->verdict = VERDICT_WARNING;
    } else if (str_empty(c->state) || (str_eq(c->state, "pending") && !c->processing)) {
        out->state = "QUEUED";
    }
}

static int in_order(const void *x, const void *y)
{
    const struct request_row *a = x, *b = y;
    int c = strcmp(a->object->ns, b->object->ns);
    c = c != 0 ? c : strcmp(a->object->name, b->object->name);
    return c != 0 ? c : (int)a->object->kind - (int)b->object->kind;
}

struct request_rows request_list(const struct mesh *m)
{
    static const enum kind of[] = {KIND_CERTIFICATEREQUEST, KIND_ORDER, KIND_CHALLENGE};
    struct request_row *rows = NULL;
    uint32_t n = 0, cap = 0;
    for (size_t k = 0; k < ARRAY_COUNT(of); k++) {
        uint32_t count;
        const struct object *const *all = mesh_all(m, of[k], &count);
        for (uint32_t i = 0; i < count; i++) {
            struct request_row *r = ARENA_PUSH(m->arena, rows, n, cap);
            *r = (struct request_row){.object = all[i], .names = "", .reason = ""};
            r->certificate = certificate_of(all[i]);
            if (of[k] == KIND_CERTIFICATEREQUEST) {
                fill_request(m, OBJECT_AS(certificaterequest, all[i]), r);
            } else if (of[k] == KIND_ORDER) {
                fill_order(m, OBJECT_AS(order, all[i]), r);
            } else {
                fill_challenge(m, OBJECT_AS(challenge, all[i]), r);
            }
            r->reason = acme_mask(m->arena, r->reason);
        }
    }
    if (n > 1) {
        qsort(rows, n, sizeof *rows, in_order);
    }
    return (struct request_rows){rows, n};
}
