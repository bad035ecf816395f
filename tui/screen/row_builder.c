// SPDX-License-Identifier: Apache-2.0
// The thread that builds tables.
#include "tui/screen/row_builder.h"

#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/pipe.h"
#include "kube/base/str.h"
#include "kube/base/thread.h"

#include "kube/mesh/chain/app_rows.h"

#include "tui/screen/signals.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef GATETOP_SANITIZED // slow builds that look for leaks: the thread is always joined
enum { STOP_WAIT_MS = 60000 };
#else
enum { STOP_WAIT_MS = 30 };
#endif

enum { DISCARDED_MAX = 4 };

struct row_builder {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    int fd[2]; // written when there is a result
    // Under the lock:
    struct built_rows *waiting; // a job that is not yet being built
    struct built_rows *result;
    struct built_rows *discarded; // a list
    int ndiscarded;
    bool building, stop;
    // The thread's: what it listed last.
    struct {
        const struct snapshot *snap; // holds the rows
        const struct view *view;
        char *ns, *subject;
        const void **rows;
        uint32_t n, cap;
    } last;
};

static struct built_rows *job_new(const struct row_job *job)
{
    struct built_rows *r = xcalloc(1, sizeof *r);
    arena_init(&r->arena);
    r->job = *job;
    r->job.ns = arena_strdup(&r->arena, job->ns);
    r->job.subject = arena_strdup(&r->arena, job->subject);
    r->job.filter = arena_strdup(&r->arena, job->filter);
    return r;
}

// On the calling thread.
static void built_rows_free(struct built_rows *r)
{
    if (r != NULL) {
        built_rows_free(r->beside);
        snapshot_unref(r->job.snap);
        arena_release(&r->arena);
        free(r);
    }
}

struct view_args built_rows_args(const struct built_rows *r, struct arena *arena, int64_t now)
{
    return (struct view_args){.snap = r->job.snap,
                              .arena = arena,
                              .now = now,
                              .ns = r->job.ns,
                              .subject = r->job.subject,
                              .options = r->job.options};
}

const char *built_rows_key(const struct built_rows *r, struct arena *arena, uint32_t index)
{
    struct view_args a = built_rows_args(r, arena, r->job.now);
    return view_row_key(r->job.view, &a, r->table.at[index]);
}

long built_rows_find(const struct built_rows *r, struct arena *arena, const char *key,
                     uint32_t hint)
{
    if (key == NULL) {
        return -1;
    }
    if (hint < r->table.n && str_eq(built_rows_key(r, arena, hint), key)) {
        return (long)hint;
    }
    struct arena scratch; // a table without hashes may have 100,000 keys
    arena_init(&scratch);
    uint64_t h = str_hash(key);
    long found = -1;
    for (uint32_t i = 0; i < r->table.n && found < 0; i++) {
        if ((r->hash == NULL || r->hash[i] == h) && str_eq(built_rows_key(r, &scratch, i), key)) {
            found = (long)i;
        }
        if (scratch.total > 65536) {
            arena_clear(&scratch);
        }
    }
    arena_release(&scratch);
    return found;
}

static const uint64_t *make_hashes(struct built_rows *r)
{
    uint64_t *hash = arena_calloc(&r->arena, r->table.n, sizeof *hash);
    struct arena scratch;
    arena_init(&scratch);
    for (uint32_t i = 0; i < r->table.n; i++) {
        hash[i] = str_hash(built_rows_key(r, &scratch, i));
        if (scratch.total > 65536) {
            arena_clear(&scratch);
        }
    }
    arena_release(&scratch);
    return hash;
}

// The rows of the last job, if it was the same list of an earlier snapshot.
static struct view_rows rows_before(const struct row_builder *b, const struct row_job *job)
{
    bool same = b->last.view == job->view && str_eq(b->last.ns, job->ns) &&
                str_eq(b->last.subject, job->subject);
    return (struct view_rows){b->last.rows, same ? b->last.n : 0};
}

static void keep_rows(struct row_builder *b, const struct built_rows *r)
{
    snapshot_unref(b->last.snap);
    free(b->last.ns);
    free(b->last.subject);
    b->last.snap = snapshot_ref(r->job.snap);
    b->last.view = r->job.view;
    b->last.ns = r->job.ns != NULL ? xstrdup(r->job.ns) : NULL;
    b->last.subject = r->job.subject != NULL ? xstrdup(r->job.subject) : NULL;
    b->last.n = 0;
    for (uint32_t i = 0; i < r->table.rows.n; i++) {
        *ARRAY_PUSH(b->last.rows, b->last.n, b->last.cap) = r->table.rows.at[i];
    }
}

static void forget_rows(struct row_builder *b)
{
    snapshot_unref(b->last.snap);
    free(b->last.ns);
    free(b->last.subject);
    free(b->last.rows);
}

// What stands beside the rows of the view.
static void build_panels(struct built_rows *r, const struct view_args *a)
{
    const struct view *v = r->job.view;
    struct text_block *panels = arena_calloc(&r->arena, (size_t)v->npanels, sizeof *panels);
    for (int i = 0; i < v->npanels; i++) {
        block_init(&panels[i], &r->arena);
        v->panels[i].fill(a, &panels[i]);
    }
    r->panels = panels;
    struct app_rows_iter it;
    const struct app_row *row;
    for (app_rows_begin(&it, a->snap); (row = app_rows_next(&it)) != NULL;) {
        r->apps.n[row->state] += a->ns == NULL || strcmp(row->ns, a->ns) == 0;
    }
}

static struct built_rows *build_beside(const struct built_rows *r)
{
    struct row_job job = r->job;
    job.snap = snapshot_ref(r->job.snap);
    job.view = r->job.beside;
    job.beside = NULL;
    job.subject = job.filter = NULL;
    job.order = table_initial_order(job.view);
    struct built_rows *beside = job_new(&job);
    const struct view_args a = built_rows_args(beside, &beside->arena, job.now);
    beside->table = table_build(job.view, &a, NULL, job.order);
    return beside;
}

static void build_rows(struct row_builder *b, struct built_rows *r)
{
    // The thread's own time: on a busy machine the wall clock also counts the time of other threads.
    int64_t begin = clock_thread_us();
    struct view_args a = built_rows_args(r, &r->arena, r->job.now);
    a.before = rows_before(b, &r->job);
    r->table = table_build(r->job.view, &a, r->job.filter, r->job.order);
    r->hash = r->job.find ? make_hashes(r) : NULL;
    keep_rows(b, r);
    if (r->job.view->npanels > 0) {
        build_panels(r, &a);
    }
    r->beside = r->job.beside != NULL ? build_beside(r) : NULL;
    r->cost_ms = (clock_thread_us() - begin + 999) / 1000;
    log_debug(LOG_AREA_SCREEN, "rows of %s: %u of %u built from snapshot %llu in %d ms: %s",
              r->job.view->name, (unsigned)r->table.n, (unsigned)r->table.rows.n,
              (unsigned long long)r->job.snap->generation, (int)r->cost_ms, r->job.why);
}

static void free_list(struct built_rows *r)
{
    while (r != NULL) {
        struct built_rows *next = r->next;
        built_rows_free(r);
        r = next;
    }
}

// Under the lock.
static void discard(struct row_builder *b, struct built_rows *r)
{
    r->next = b->discarded;
    b->discarded = r;
    b->ndiscarded++;
}

static void *run(void *self)
{
    struct row_builder *b = self;
    pthread_mutex_lock(&b->lock);
    while (!b->stop) {
        // A job comes first, but not while memory piles up because one follows another.
        if (b->discarded != NULL && (b->waiting == NULL || b->ndiscarded >= DISCARDED_MAX)) {
            struct built_rows *old = b->discarded;
            b->discarded = NULL;
            b->ndiscarded = 0;
            pthread_mutex_unlock(&b->lock);
            free_list(old);
            pthread_mutex_lock(&b->lock);
            continue;
        }
        if (b->waiting == NULL) {
            pthread_cond_wait(&b->changed, &b->lock);
            continue;
        }
        struct built_rows *r = b->waiting;
        b->waiting = NULL;
        b->building = true;
        pthread_mutex_unlock(&b->lock);
        build_rows(b, r);
        pthread_mutex_lock(&b->lock);
        b->building = false;
        if (b->result != NULL) {
            discard(b, b->result);
        }
        b->result = r;
        pipe_wake(b->fd[1]);
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

// Releases what row_builder_new makes. The thread does not run.
static void dispose(struct row_builder *b)
{
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
    pipe_close(b->fd);
    free(b);
}

struct row_builder *row_builder_new(struct err *err)
{
    struct row_builder *b = xcalloc(1, sizeof *b);
    const char *failed = NULL;
    pthread_mutex_init(&b->lock, NULL);
    thread_cond_init(&b->changed);
    if (!pipe_open(b->fd)) {
        failed = "make a pipe";
    } else if ((errno = thread_start(&b->thread, run, b)) != 0) {
        failed = "start a thread";
    }
    if (failed != NULL) {
        err_sys(err, ERR_INTERNAL, "cannot %s", failed);
        dispose(b);
        return NULL;
    }
    return b;
}

void row_builder_free(struct row_builder *b)
{
    if (b == NULL) {
        return;
    }
    struct timespec until = thread_deadline(STOP_WAIT_MS);
    pthread_mutex_lock(&b->lock);
    b->stop = true;
    pthread_cond_broadcast(&b->changed);
    while (b->building && pthread_cond_timedwait(&b->changed, &b->lock, &until) == 0) {
    }
    bool busy = b->building;
    pthread_mutex_unlock(&b->lock);
    if (busy) {
        thread_left_behind(); // the process is about to end and takes the thread along
        return;
    }
    pthread_join(b->thread, NULL);
    built_rows_free(b->waiting);
    built_rows_free(b->result);
    free_list(b->discarded);
    forget_rows(b);
    dispose(b);
}

int row_builder_fd(const struct row_builder *b)
{
    return b->fd[0];
}

void row_builder_submit(struct row_builder *b, const struct row_job *job)
{
    struct built_rows *r = job_new(job);
    pthread_mutex_lock(&b->lock);
    struct built_rows *old = b->waiting;
    b->waiting = r;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    built_rows_free(old);
}

struct built_rows *row_builder_take(struct row_builder *b, int wait_ms)
{
    struct timespec until = thread_deadline(wait_ms);
    pthread_mutex_lock(&b->lock);
    while (wait_ms > 0 && (b->waiting != NULL || b->building) &&
           pthread_cond_timedwait(&b->changed, &b->lock, &until) == 0) {
    }
    struct built_rows *r = b->result;
    b->result = NULL;
    pipe_drain(b->fd[0]);
    pthread_mutex_unlock(&b->lock);
    return r;
}

void row_builder_discard(struct row_builder *b, struct built_rows *r)
{
    if (r != NULL) {
        pthread_mutex_lock(&b->lock);
        discard(b, r);
        pthread_cond_broadcast(&b->changed);
        pthread_mutex_unlock(&b->lock);
    }
}

bool row_builder_busy(struct row_builder *b)
{
    pthread_mutex_lock(&b->lock);
    bool busy = b->waiting != NULL || b->building || b->result != NULL;
    pthread_mutex_unlock(&b->lock);
    return busy;
}
