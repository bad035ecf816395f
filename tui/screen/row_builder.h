// SPDX-License-Identifier: Apache-2.0
// The rows of a table, built by a thread of their own: a sort of 100,000 rows must not hold up a
// key. Views are pure, so the thread needs nothing but a snapshot and the arguments. Jobs and
// results change hands under one mutex; the newest job wins.
#ifndef GATETOP_TUI_SCREEN_ROW_BUILDER_H
#define GATETOP_TUI_SCREEN_ROW_BUILDER_H

#include "kube/base/arena.h"
#include "kube/base/attr.h"

#include "kube/store/snapshot.h"

#include "views/table.h"

#include <stdbool.h>
#include <stdint.h>

// What to build.
struct row_job {
    const struct snapshot *snap; // the reference is the job's own
    const struct view *view;
    const char *ns, *subject, *filter; // copied; NULL: none
    struct table_order order;
    bool find; // rows will be looked up by key: hashes are worth making
    int64_t now;
    const struct view_options *options; // borrowed; outlives the builder
    uint64_t page;                      // whose rows they are: comes back with the result
    const struct view *beside;          // another view whose rows are built as well, NULL: none
    const char *why;                    // for the log; outlives the builder
};

// A built table. Immutable; holds the snapshot that its rows point into.
struct built_rows {
    struct arena arena;
    struct row_job job; // strings in the arena
    struct table table;
    const struct text_block *panels; // of the view
    struct verdict_counts apps;      // applications by state, where the view has panels
    struct built_rows
        *beside;          // the rows of job.beside, in its own order and without filter; NULL: none
    const uint64_t *hash; // of the key of each shown row, NULL if the job did not want them
    int64_t cost_ms;      // of building, of the thread's time
    struct built_rows *next; // of the builder's list of what is to be freed
};

// Arguments to call the view's functions on these rows with; what they return lies in `arena`.
struct view_args built_rows_args(const struct built_rows *r, struct arena *arena, int64_t now);
// Index of the row with this key (NULL: none has it), -1 if there is none. hint: where it was,
// looked at first.
long built_rows_find(const struct built_rows *r, struct arena *arena, const char *key,
                     uint32_t hint);
// The key of a row, in the arena or static.
const char *built_rows_key(const struct built_rows *r, struct arena *arena, uint32_t index);

struct row_builder;

// The functions below: UI thread. NULL with *err if no thread can be created.
struct row_builder *row_builder_new(struct err *err) MUST_USE;
// Ends the thread. Waits at most 50 ms for a build under way, then leaves it to the end of the
// process. NULL is fine.
void row_builder_free(struct row_builder *b);
// Readable when a result is there.
int row_builder_fd(const struct row_builder *b);
// Hands over a job; one that waits is replaced (its snapshot released).
void row_builder_submit(struct row_builder *b, const struct row_job *job);
// The newest result, owned by the caller; NULL if there is none. Waits up to wait_ms for one
// that is under way.
struct built_rows *row_builder_take(struct row_builder *b, int wait_ms);
// Frees rows on the builder's thread: freeing 100,000 rows takes longer than a key may wait. NULL
// is fine.
void row_builder_discard(struct row_builder *b, struct built_rows *r);
// A job waits, is being built, or its result has not been taken.
bool row_builder_busy(struct row_builder *b);

#endif
