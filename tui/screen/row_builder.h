// SPDX-License-Identifier: Apache-2.0
// The rows of a table, built by a thread of their own: a sort of 100,000 rows must not hold up a key.
// Views are pure, so the thread needs nothing but a snapshot and the arguments; jobs and results change
// hands under one mutex. The newest job wins.
#ifndef GATETOP_TUI_SCREEN_ROW_BUILDER_H
#define GATETOP_TUI_SCREEN_ROW_BUILDER_H

#include "kube/store/snapshot.h"

#include "views/table.h"

// What to build. Strings are copied; the snapshot's reference is the job's own.
struct rows_job {
    const struct snapshot *snap;
    const struct view *view;
    const char *ns, *subject, *filter;
    struct table_order order;
    bool find; // rows will be looked for by key: hashes are worth making
    int64_t now;
    const struct view_options *options; // borrowed, lives as long as the builder
    uint64_t page;                      // for whom: comes back with the result
};

// A built table. Immutable; holds the snapshot that its rows point into.
struct rows {
    struct arena arena;
    struct rows_job job; // strings in the arena
    struct table table;
    const uint64_t *hash; // of the key of each shown row, NULL where the job did not ask
    int64_t cost_ms;      // of building
    struct rows *next;    // of the builder's list of what is to be freed
};
void rows_free(struct rows *r); // NULL is fine
// Arguments to call the view's functions on these rows with; what they return lies in `arena`.
struct view_args rows_args(const struct rows *r, struct arena *arena, int64_t now);
// Index of the row with this key, -1 where there is none. `hint`: where it stood, looked at first.
long rows_find(const struct rows *r, struct arena *arena, const char *key, uint32_t hint);
const char *rows_key(const struct rows *r, struct arena *arena, uint32_t index);

struct builder;
struct builder *builder_new(struct err *err) MUST_USE; // NULL on failure
// Ends the thread. Waits for a build under way at most 50 ms, then leaves it to the end of the process.
void builder_free(struct builder *b);
int builder_fd(const struct builder *b); // readable when a result is there
// Hands over a job; one that waits is replaced (its snapshot released).
void builder_submit(struct builder *b, const struct rows_job *job);
// The newest result, owned by the caller; NULL where none. Waits up to wait_ms for one that is under way.
struct rows *builder_take(struct builder *b, int wait_ms);
// Frees rows on the builder's thread: what 100,000 rows held takes longer to free than a key may wait.
void builder_discard(struct builder *b, struct rows *r); // NULL is fine
bool builder_busy(struct builder *b); // a job waits, is being built, or its result was not taken

#endif
