// SPDX-License-Identifier: Apache-2.0
// The bounded queue of a probe: a fixed table of names, an open hash over it, two first-in-first-out lists.
#include "kube/probe/queue.h"

#include "kube/base/mem.h"
#include "kube/base/text.h"

#include <stdlib.h>
#include <string.h>

enum entry_state { ENTRY_FREE, ENTRY_IDLE, ENTRY_WAITING, ENTRY_ASKING };

#define NONE UINT32_MAX

struct entry {
    enum entry_state state;
    int kind;
    bool visible; // waits in the list of visible names
    char *name, *more;
    int64_t answered, due;
    uint32_t next;  // in its list
    uint32_t chain; // in its hash bucket, or in the list of free entries
};

struct fifo {
    uint32_t head, tail;
};

struct probe_queue {
    struct entry *at;
    uint32_t cap, free_list;
    uint32_t *bucket;
    struct fifo visible, hidden;
    int64_t hidden_ms;
    size_t waiting, asking;
};

struct probe_queue *probe_queue_new(size_t cap, int64_t hidden_ms)
{
    struct probe_queue *q = xcalloc(1, sizeof *q);
    q->cap = (uint32_t)cap;
    q->at = xcalloc(cap, sizeof *q->at);
    q->bucket = xcalloc(cap, sizeof *q->bucket);
    q->hidden_ms = hidden_ms;
    q->visible = q->hidden = (struct fifo){NONE, NONE};
    for (uint32_t i = 0; i < q->cap; i++) {
        q->bucket[i] = NONE;
        q->at[i].chain = i + 1 < q->cap ? i + 1 : NONE;
    }
    q->free_list = 0;
    return q;
}

void probe_queue_free(struct probe_queue *q)
{
    if (q == NULL) {
        return;
    }
    for (uint32_t i = 0; i < q->cap; i++) {
        free(q->at[i].name);
        free(q->at[i].more);
    }
    free(q->at);
    free(q->bucket);
    free(q);
}

static uint32_t bucket_of(const struct probe_queue *q, int kind, const char *name)
{
    return (uint32_t)(hash_mix(str_hash(name), (uint64_t)kind) % q->cap);
}

static uint32_t find(const struct probe_queue *q, int kind, const char *name)
{
    uint32_t i = q->bucket[bucket_of(q, kind, name)];
    while (i != NONE && (q->at[i].kind != kind || strcmp(q->at[i].name, name) != 0)) {
        i = q->at[i].chain;
    }
    return i;
}

static void release(struct probe_queue *q, uint32_t i)
{
    struct entry *e = &q->at[i];
    uint32_t *link = &q->bucket[bucket_of(q, e->kind, e->name)];
    while (*link != i) {
        link = &q->at[*link].chain;
    }
    *link = e->chain;
    free(e->name);
    free(e->more);
    memset(e, 0, sizeof *e);
    e->chain = q->free_list;
    q->free_list = i;
}

// Makes room: of the names that rest, the one whose answer is oldest goes.
static uint32_t make_room(struct probe_queue *q)
{
    if (q->free_list == NONE) {
        uint32_t oldest = NONE;
        for (uint32_t i = 0; i < q->cap; i++) {
            if (q->at[i].state == ENTRY_IDLE &&
                (oldest == NONE || q->at[i].answered < q->at[oldest].answered)) {
                oldest = i;
            }
        }
        if (oldest == NONE) {
            return NONE;
        }
        release(q, oldest);
    }
    uint32_t i = q->free_list;
    q->free_list = q->at[i].chain;
    return i;
}

static void append(struct probe_queue *q, struct fifo *f, uint32_t i)
{
    q->at[i].next = NONE;
    if (f->tail == NONE) {
        f->head = i;
    } else {
        q->at[f->tail].next = i;
    }
    f->tail = i;
}

static void unlink_hidden(struct probe_queue *q, uint32_t i)
{
    uint32_t before = NONE, at = q->hidden.head;
    while (at != i) {
        before = at;
        at = q->at[at].next;
    }
    if (before == NONE) {
        q->hidden.head = q->at[i].next;
    } else {
        q->at[before].next = q->at[i].next;
    }
    if (q->hidden.tail == i) {
        q->hidden.tail = before;
    }
}

static bool wait_for(struct probe_queue *q, uint32_t i, bool visible)
{
    struct entry *e = &q->at[i];
    if (e->state == ENTRY_WAITING) {
        if (visible && !e->visible) {
            unlink_hidden(q, i);
            e->visible = true;
            append(q, &q->visible, i);
        }
        return true;
    }
    if (e->state == ENTRY_ASKING) {
        return true;
    }
    e->state = ENTRY_WAITING;
    e->visible = visible;
    append(q, visible ? &q->visible : &q->hidden, i);
    q->waiting++;
    return true;
}

static bool put(struct probe_queue *q, int kind, const char *name, const char *more, bool visible,
                bool always, int64_t now)
{
    uint32_t i = find(q, kind, name);
    if (i == NONE) {
        i = make_room(q);
        if (i == NONE) {
            return false;
        }
        struct entry *e = &q->at[i];
        memset(e, 0, sizeof *e);
        e->kind = kind;
        e->name = xstrdup(name);
        e->more = more != NULL ? xstrdup(more) : NULL;
        e->state = ENTRY_IDLE;
        uint32_t b = bucket_of(q, kind, name);
        e->chain = q->bucket[b];
        q->bucket[b] = i;
        return wait_for(q, i, visible);
    }
    struct entry *e = &q->at[i];
    if (e->state != ENTRY_ASKING && more != NULL && !str_eq(e->more, more)) {
        free(e->more);
        e->more = xstrdup(more);
    }
    int64_t due = e->due;
    if (!visible && due < e->answered + q->hidden_ms) {
        due = e->answered + q->hidden_ms;
    }
    if (e->state == ENTRY_IDLE && !always && now < due) {
        return true;
    }
    return wait_for(q, i, visible);
}

bool probe_queue_put(struct probe_queue *q, int kind, const char *name, const char *more,
                     bool visible, int64_t now_ms)
{
    return put(q, kind, name, more, visible, false, now_ms);
}

bool probe_queue_again(struct probe_queue *q, int kind, const char *name, const char *more,
                       int64_t now_ms)
{
    return put(q, kind, name, more, true, true, now_ms);
}

bool probe_queue_take(struct probe_queue *q, struct probe_question *out)
{
    struct fifo *f = q->visible.head != NONE ? &q->visible : &q->hidden;
    uint32_t i = f->head;
    if (i == NONE) {
        return false;
    }
    struct entry *e = &q->at[i];
    f->head = e->next;
    if (f->head == NONE) {
        f->tail = NONE;
    }
    e->state = ENTRY_ASKING;
    q->waiting--;
    q->asking++;
    *out = (struct probe_question){e->kind, e->name, e->more};
    return true;
}

void probe_queue_done(struct probe_queue *q, int kind, const char *name, int64_t now_ms,
                      int64_t due_ms)
{
    uint32_t i = find(q, kind, name);
    if (i == NONE || q->at[i].state != ENTRY_ASKING) {
        return;
    }
    q->at[i].state = ENTRY_IDLE;
    q->at[i].answered = now_ms;
    q->at[i].due = due_ms;
    q->asking--;
}

size_t probe_queue_waiting(const struct probe_queue *q)
{
    return q->waiting;
}

size_t probe_queue_asking(const struct probe_queue *q)
{
    return q->asking;
}
