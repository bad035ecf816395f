// SPDX-License-Identifier: Apache-2.0
// The bounded queue of a prober: a table of names that grows, a hash over it, and lists in order of arrival.
#include "kube/probe/probe_queue.h"

#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <stdlib.h>
#include <string.h>

enum probe_entry_state { ENTRY_FREE, ENTRY_IDLE, ENTRY_WAITING, ENTRY_IN_FLIGHT };

#define NONE UINT32_MAX
enum { SIZE_FIRST = 256 };

struct probe_entry {
    enum probe_entry_state state;
    enum probe_kind kind;
    bool visible; // waits in the list of visible names
    char *name;
    int64_t answered, due; // monotonic ms
    uint32_t prev, next;   // in its list; an entry in flight is in none
    uint32_t chain;        // in its hash bucket, or in the list of free entries
};

struct probe_list {
    uint32_t head, tail;
};

struct probe_queue {
    struct probe_entry *at;
    uint32_t size, cap, free_list;
    uint32_t *bucket; // as many as entries
    struct probe_list visible, hidden;
    // Answered, or never queried: by the time of the answer, oldest first.
    struct probe_list resting;
    int64_t hidden_ms;
    size_t waiting, in_flight;
};

struct probe_queue *probe_queue_new(size_t cap, int64_t hidden_ms)
{
    struct probe_queue *q = xcalloc(1, sizeof *q);
    q->cap = (uint32_t)cap;
    q->hidden_ms = hidden_ms;
    q->visible = q->hidden = q->resting = (struct probe_list){NONE, NONE};
    q->free_list = NONE;
    return q;
}

void probe_queue_free(struct probe_queue *q)
{
    if (q == NULL) {
        return;
    }
    for (uint32_t i = 0; i < q->size; i++) {
        free(q->at[i].name);
    }
    free(q->at);
    free(q->bucket);
    free(q);
}

static uint32_t bucket_of(const struct probe_queue *q, enum probe_kind kind, const char *name)
{
    ASSERT(q->size > 0);
    return (uint32_t)(hash_mix(str_hash(name), (uint64_t)kind) % q->size);
}

static uint32_t find(const struct probe_queue *q, enum probe_kind kind, const char *name)
{
    uint32_t i = q->size > 0 ? q->bucket[bucket_of(q, kind, name)] : NONE;
    while (i != NONE && (q->at[i].kind != kind || strcmp(q->at[i].name, name) != 0)) {
        i = q->at[i].chain;
    }
    return i;
}

static void enter_bucket(struct probe_queue *q, uint32_t i)
{
    uint32_t *b = &q->bucket[bucket_of(q, q->at[i].kind, q->at[i].name)];
    q->at[i].chain = *b;
    *b = i;
}

// --- lists

static void append(struct probe_queue *q, struct probe_list *l, uint32_t i)
{
    q->at[i].prev = l->tail;
    q->at[i].next = NONE;
    *(l->tail == NONE ? &l->head : &q->at[l->tail].next) = i;
    l->tail = i;
}

static void take_out(struct probe_queue *q, struct probe_list *l, uint32_t i)
{
    const struct probe_entry *e = &q->at[i];
    *(e->prev == NONE ? &l->head : &q->at[e->prev].next) = e->next;
    *(e->next == NONE ? &l->tail : &q->at[e->next].prev) = e->prev;
}

// --- room

static void forget(struct probe_queue *q, uint32_t i)
{
    struct probe_entry *e = &q->at[i];
    uint32_t *slot = &q->bucket[bucket_of(q, e->kind, e->name)];
    while (*slot != i) {
        slot = &q->at[*slot].chain;
    }
    *slot = e->chain;
    take_out(q, &q->resting, i);
    free(e->name);
    memset(e, 0, sizeof *e);
    e->chain = q->free_list;
    q->free_list = i;
}

// Doubles the table, when all entries are in use.
static void grow(struct probe_queue *q)
{
    ASSERT(q->free_list == NONE);
    uint32_t before = q->size, size = before == 0 ? SIZE_FIRST : before * 2;
    q->size = size < q->cap ? size : q->cap;
    q->at = xreallocarray(q->at, q->size, sizeof *q->at);
    q->bucket = xreallocarray(q->bucket, q->size, sizeof *q->bucket);
    for (uint32_t i = 0; i < q->size; i++) {
        q->bucket[i] = NONE;
    }
    for (uint32_t i = 0; i < before; i++) {
        enter_bucket(q, i);
    }
    for (uint32_t i = q->size; i-- > before;) {
        q->at[i] = (struct probe_entry){.chain = q->free_list};
        q->free_list = i;
    }
}

// When the entry may be queried again.
static int64_t due_at(const struct probe_queue *q, const struct probe_entry *e, bool visible)
{
    int64_t hidden = e->answered + q->hidden_ms;
    return !visible && e->due < hidden ? hidden : e->due;
}

// A free entry, NONE where there is none. A name is only replaced once it is due: forgetting it earlier would let it be
// queried again too soon.
static uint32_t make_room(struct probe_queue *q, int64_t now)
{
    if (q->free_list == NONE && q->size < q->cap) {
        grow(q);
    }
    uint32_t oldest = q->resting.head;
    if (q->free_list == NONE && oldest != NONE && due_at(q, &q->at[oldest], false) <= now) {
        forget(q, oldest);
    }
    uint32_t i = q->free_list;
    if (i != NONE) {
        q->free_list = q->at[i].chain;
    }
    return i;
}

// --- requests

static void wait_for(struct probe_queue *q, uint32_t i, bool visible)
{
    struct probe_entry *e = &q->at[i];
    if (e->state == ENTRY_IN_FLIGHT || (e->state == ENTRY_WAITING && (e->visible || !visible))) {
        return;
    }
    if (e->state == ENTRY_WAITING) {
        take_out(q, &q->hidden, i);
    } else {
        take_out(q, &q->resting, i);
        q->waiting++;
    }
    e->state = ENTRY_WAITING;
    e->visible = visible;
    append(q, visible ? &q->visible : &q->hidden, i);
}

bool probe_queue_add(struct probe_queue *q, enum probe_kind kind, const char *name,
                     enum probe_priority priority, int64_t now_ms)
{
    bool visible = priority != PROBE_PRIORITY_HIDDEN;
    uint32_t i = find(q, kind, name);
    bool known = i != NONE;
    if (!known) {
        i = make_room(q, now_ms);
        if (i == NONE) {
            return false;
        }
        q->at[i] = (struct probe_entry){.state = ENTRY_IDLE, .kind = kind, .name = xstrdup(name)};
        enter_bucket(q, i);
        append(q, &q->resting, i);
    }
    const struct probe_entry *e = &q->at[i];
    bool not_due = e->state == ENTRY_IDLE && known && now_ms < due_at(q, e, visible);
    if (!not_due || priority == PROBE_PRIORITY_NOW) {
        wait_for(q, i, visible);
    }
    return true;
}

void probe_queue_hide_all(struct probe_queue *q)
{
    if (q->visible.head == NONE) {
        return;
    }
    for (uint32_t i = q->visible.head; i != NONE; i = q->at[i].next) {
        q->at[i].visible = false;
    }
    // They go before the names that were never on screen.
    q->at[q->visible.tail].next = q->hidden.head;
    *(q->hidden.head == NONE ? &q->hidden.tail : &q->at[q->hidden.head].prev) = q->visible.tail;
    q->hidden.head = q->visible.head;
    q->visible = (struct probe_list){NONE, NONE};
}

bool probe_queue_take(struct probe_queue *q, struct probe_question *out)
{
    struct probe_list *l = q->visible.head != NONE ? &q->visible : &q->hidden;
    uint32_t i = l->head;
    if (i == NONE) {
        return false;
    }
    struct probe_entry *e = &q->at[i];
    take_out(q, l, i);
    e->state = ENTRY_IN_FLIGHT;
    q->waiting--;
    q->in_flight++;
    *out = (struct probe_question){e->kind, e->name, e->visible};
    return true;
}

void probe_queue_done(struct probe_queue *q, enum probe_kind kind, const char *name, int64_t now_ms,
                      int64_t due_ms)
{
    uint32_t i = find(q, kind, name);
    ASSERT(i != NONE && q->at[i].state == ENTRY_IN_FLIGHT);
    q->at[i].state = ENTRY_IDLE;
    q->at[i].answered = now_ms;
    q->at[i].due = due_ms;
    append(q, &q->resting, i);
    q->in_flight--;
}

size_t probe_queue_waiting(const struct probe_queue *q)
{
    return q->waiting;
}

size_t probe_queue_in_flight(const struct probe_queue *q)
{
    return q->in_flight;
}
