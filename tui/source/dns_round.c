// SPDX-License-Identifier: Apache-2.0
// The steps of a round, the objects that changed, and the pace.
#include "tui/source/dns_round.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"

#include "kube/store/session.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"
#include "kube/mesh/dns/unmanaged_record.h"

#include "kube/probe/dns_prober.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    CHANGED_MAX = 256,      // objects; further ones wait for the next round
    CHANGED_WAIT_MS = 2000, // until a snapshot shows them
    STEP_OBJECTS = 100,     // in one step, at least
    STEPS = 64,             // of a round, at most: each goes past the objects before
    ROUND_MS = 60000,       // from the end of a round to the next, at least
    AGAIN_MS = 2000,        // until a full round, if more has changed than is remembered
    ROUND_SHARE = 1000,     // the least pause: this many times the cost of the last round
};

// A list of objects with a reference each.
struct object_refs {
    const struct object **at;
    uint32_t n, cap;
};

struct dns_round {
    const struct dns_settings *dns;
    pthread_mutex_t lock; // guards what follows, up to the prober's thread
    struct session *session;
    struct dns_prober *prober;
    struct object_refs changed;
    int64_t changed_at; // monotonic ms, of the first of them
    bool again;         // more has changed

    // the prober's thread
    uint32_t at;      // objects of this round that were looked at, by their place in the snapshot
    bool under_way;   // the round has not come to the end
    int64_t ended_at; // monotonic ms, 0: there was none yet
    int64_t cost_us;  // of this round, of the thread's time
};

static void release(struct object_refs *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        object_unref(l->at[i]);
    }
    free(l->at);
}

struct dns_round *dns_round_new(const struct dns_settings *dns)
{
    struct dns_round *r = xcalloc(1, sizeof *r);
    r->dns = dns;
    r->again = true; // the first one
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void dns_round_free(struct dns_round *r)
{
    if (r != NULL) {
        release(&r->changed);
        pthread_mutex_destroy(&r->lock);
        free(r);
    }
}

void dns_round_connect(struct dns_round *r, struct session *s, struct dns_prober *p)
{
    pthread_mutex_lock(&r->lock);
    r->session = s;
    r->prober = p;
    pthread_mutex_unlock(&r->lock);
}

void dns_round_changed(struct dns_round *r, const struct object *o)
{
    pthread_mutex_lock(&r->lock);
    if (r->changed.n == CHANGED_MAX) {
        r->again = true;
    } else {
        r->changed_at = r->changed.n == 0 ? clock_mono_ms() : r->changed_at;
        *ARRAY_PUSH(r->changed.at, r->changed.n, r->changed.cap) = object_ref(o);
    }
    pthread_mutex_unlock(&r->lock);
}

// --- a step

struct step {
    struct mesh mesh;
    struct dns_settings settings;
    probe_request_fn *put;
    void *self;
    uint32_t objects; // looked at
};

static void step_object(struct step *s, const struct object *o)
{
    struct desired_records records;
    desired_records_of_object(&s->mesh, &s->settings, o, &records);
    bool made = false;
    for (uint32_t i = 0; i < records.n; i++) {
        if (records.at[i].state != DNS_FILTERED) {
            dns_record_queries(&records.at[i], s->put, s->self);
            made = true;
        }
    }
    if (!made && o->kind == KIND_VIRTUALSERVICE) {
        unmanaged_record_queries(&s->mesh, &s->settings, OBJECT_AS(virtualservice, o), NULL, s->put,
                                 s->self);
    }
    s->objects++;
}

static void step_changed(struct dns_round *r, struct step *s, int64_t now_ms)
{
    struct object_refs ripe = {0};
    pthread_mutex_lock(&r->lock);
    if (r->changed.n > 0 && now_ms >= r->changed_at + CHANGED_WAIT_MS) {
        ripe = r->changed;
        r->changed = (struct object_refs){0};
    }
    pthread_mutex_unlock(&r->lock);
    for (uint32_t i = 0; i < ripe.n; i++) {
        const struct object *then = ripe.at[i];
        const struct object *o = mesh_get(&s->mesh, (enum kind)then->kind, then->ns, then->name);
        if (o != NULL) {
            step_object(s, o);
        }
    }
    release(&ripe);
}

static bool round_is_due(struct dns_round *r, int64_t now_ms)
{
    pthread_mutex_lock(&r->lock);
    int64_t wait = r->again ? AGAIN_MS : ROUND_MS, share = r->cost_us * ROUND_SHARE / 1000;
    bool due = r->ended_at == 0 || now_ms >= r->ended_at + (wait > share ? wait : share);
    r->again = r->again && !due;
    pthread_mutex_unlock(&r->lock);
    return due;
}

static void begin_round(struct dns_round *r)
{
    r->under_way = true;
    r->at = 0;
    r->cost_us = 0;
    log_debug(LOG_AREA_PROBE, "the names of all objects are requested one after another");
}

// The next objects of the round.
static void step_round(struct dns_round *r, struct step *s)
{
    const struct snapshot *snap = s->mesh.snap;
    const kind_set of = desired_records_kinds(&s->settings) | KIND_BIT(KIND_VIRTUALSERVICE);
    uint32_t n = 0, place = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        n += (of & KIND_BIT(k)) != 0 ? (uint32_t)snap->objects[k].count : 0;
    }
    const uint32_t share = n / STEPS + 1,
                   end = r->at + (share > STEP_OBJECTS ? share : STEP_OBJECTS);
    for (enum kind k = 0; k < KIND_COUNT && place < end; k++) {
        struct pmap_iter it;
        const struct object *o;
        if ((of & KIND_BIT(k)) == 0) {
            continue;
        }
        for (pmap_begin(&it, &snap->objects[k]); place < end && (o = pmap_next(&it)) != NULL;) {
            if (place++ >= r->at) {
                step_object(s, o);
            }
        }
    }
    r->at = end;
    r->under_way = end < n;
}

uint32_t dns_round_step(struct dns_round *r, const struct snapshot *snap, int64_t now_ms,
                        probe_request_fn *put, void *self)
{
    const int64_t begin = clock_thread_us();
    struct arena arena;
    arena_init(&arena);
    struct mesh plain = {.snap = snap, .arena = &arena, .now = clock_now()};
    struct step s = {.mesh = mesh_with_memo(&plain), .put = put, .self = self};
    dns_settings_for(&s.mesh, r->dns, &s.settings);
    step_changed(r, &s, now_ms);
    if (!r->under_way && round_is_due(r, now_ms)) {
        begin_round(r);
    }
    if (r->under_way) {
        step_round(r, &s);
        r->cost_us += clock_thread_us() - begin;
        r->ended_at = now_ms;
    }
    arena_release(&arena);
    return s.objects;
}

// --- the prober's thread

static void request(void *self, enum probe_kind k, const char *name)
{
    dns_prober_request(self, k, name, false);
}

void dns_round_more(void *self)
{
    struct dns_round *r = self;
    pthread_mutex_lock(&r->lock);
    struct session *session = r->session;
    struct dns_prober *prober = r->prober;
    pthread_mutex_unlock(&r->lock);
    const struct snapshot *snap = session != NULL ? session_latest(session) : NULL;
    if (snap != NULL && prober != NULL) {
        dns_round_step(r, snap, clock_mono_ms(), request, prober);
    }
    snapshot_unref(snap);
}
