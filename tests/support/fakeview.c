// SPDX-License-Identifier: Apache-2.0
// The made-up view and source.
#include "tests/support/fakeview.h"

#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/pipe.h"
#include "kube/base/time_text.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_data {
    int n;
    int delay_ms;
    struct fake_row row[];
};

static struct view_rows fake_list(const struct view_args *a)
{
    const struct fake_data *d = a->snap->derived;
    const void **at = arena_alloc(a->arena, ((size_t)d->n + 1) * sizeof *at);
    uint32_t n = 0;
    if (d->delay_ms > 0) {
        poll(NULL, 0, d->delay_ms); // the work of a large table
    }
    for (int i = 0; i < d->n; i++) {
        const char *ns = d->row[i].ns;
        if ((a->ns == NULL || strcmp(a->ns, ns) == 0) &&
            (a->subject == NULL || strcmp(a->subject, ns) == 0)) {
            at[n++] = &d->row[i];
        }
    }
    return (struct view_rows){at, n};
}

static struct cell fake_name_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return (struct cell){((const struct fake_row *)row)->name, ROLE_NAME, 0};
}

// A copy, as views make cells: it lives only as long as its arena.
static struct cell fake_host_cell(const struct view_args *a, const void *row)
{
    return (struct cell){arena_strdup(a->arena, ((const struct fake_row *)row)->host), ROLE_HOST,
                         0};
}

static struct cell fake_state_cell(const struct view_args *a, const void *row)
{
    const struct fake_row *r = row;
    (void)a;
    return (struct cell){verdict_name(r->verdict), role_of_verdict(r->verdict),
                         (int64_t)r->verdict};
}

static struct cell fake_size_cell(const struct view_args *a, const void *row)
{
    const struct fake_row *r = row;
    return (struct cell){arena_printf(a->arena, "%ld", r->number), ROLE_NUMBER, r->number};
}

static struct cell fake_age_cell(const struct view_args *a, const void *row)
{
    const struct fake_row *r = row;
    return (struct cell){duration_short(a->arena, a->now - r->born), ROLE_DIM, r->born};
}

static struct cell fake_note_cell(const struct view_args *a, const void *row)
{
    (void)a, (void)row;
    return (struct cell){"only when wide", ROLE_DIM, 0};
}

static const char *fake_key(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct fake_row *)row)->name;
}

static enum verdict fake_verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct fake_row *)row)->verdict;
}

static const struct object *fake_object(const struct view_args *a, const void *row)
{
    (void)a;
    return &((const struct fake_row *)row)->object;
}

static const char *fake_ns(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct fake_row *)row)->ns;
}

static const char *fake_host(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct fake_row *)row)->host;
}

static void fake_detail(const struct view_args *a, const void *row, struct text_block *out)
{
    const struct fake_row *r = row;
    (void)a;
    block_line(out);
    block_put(out, ROLE_NAME, "%s", r->name);
    block_put(out, ROLE_TEXT, " is %s", verdict_name(r->verdict));
    for (int i = 1; i <= 30; i++) {
        block_line(out);
        block_put(out, ROLE_TEXT, "link %d of size %ld", i, r->number);
    }
}

// clang-format off
static const struct column fake_columns[] = {
    {.title = "NAME", .field = "name", .cell = fake_name_cell, .min = 10, .max = 14,
     .initial = true, .help = "name of the row"},
    {.title = "HOST", .field = "host", .key = 'H', .cell = fake_host_cell, .min = 10, .max = 30,
     .help = "host of the row"},
    {.title = "STATE", .field = "state", .key = 'S', .cell = fake_state_cell, .min = 7, .max = 7,
     .sort = SORT_NUMBER, .descending = true, .help = "its state"},
    {.title = "SIZE", .field = "size", .key = 'E', .cell = fake_size_cell, .min = 6, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "a number"},
    {.title = "AGE", .field = "age", .key = 'A', .cell = fake_age_cell, .min = 5, .max = 5,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "time since it was made"},
    {.title = "NOTE", .field = "note", .cell = fake_note_cell, .min = 14, .max = 14,
     .wide = true, .help = "shown when wide"},
};
const struct view fake_apples = {
    .name = "apples", .title = "Apples", .help = "Every apple and its state.", .json_kind = "AppleList",
    .needs = KIND_BIT(KIND_VIRTUALSERVICE), .columns = fake_columns, .ncolumns = 6,
    .list = fake_list, .key = fake_key, .verdict = fake_verdict,
    .object = fake_object, .ns = fake_ns, .host = fake_host, .detail = fake_detail,
};
const struct view fake_boxes = {
    .name = "boxes", .title = "Boxes", .help = "Every box.", .json_kind = "BoxList",
    .needs = KIND_BIT(KIND_VIRTUALSERVICE), .columns = fake_columns, .ncolumns = 5,
    .list = fake_list, .key = fake_key, .verdict = fake_verdict,
    .object = fake_object, .ns = fake_ns, .host = fake_host, .detail = fake_detail,
};
// clang-format on
const struct view *const fake_views[] = {&fake_apples, &fake_boxes, NULL};

// --- the source

void fake_init(struct fake *f)
{
    memset(f, 0, sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    f->store = store_new();
    if (!pipe_open(f->pipe)) {
        abort();
    }
    snprintf(f->cluster.context, sizeof f->cluster.context, "lead-sandbox");
    snprintf(f->cluster.cluster, sizeof f->cluster.cluster, "sandbox.example");
    snprintf(f->cluster.user, sizeof f->cluster.user, "operator");
    snprintf(f->cluster.version, sizeof f->cluster.version, "v1.37.2");
    f->cluster.connected = true;
}

void fake_release(struct fake *f)
{
    snapshot_unref(f->snap);
    store_free(f->store);
    pipe_close(f->pipe);
    free(f->yaml);
    pthread_mutex_destroy(&f->lock);
}

static void data_free(const void *d)
{
    free(unconst(d)); // made by fake_publish_with
}

void fake_publish_with(struct fake *f, int n, void (*change)(struct fake_row *row, int i))
{
    struct fake_data *d = xcalloc(1, sizeof *d + (size_t)n * sizeof d->row[0]);
    d->n = n;
    d->delay_ms = f->list_delay_ms;
    for (int i = 0; i < n; i++) {
        struct fake_row *r = &d->row[i];
        snprintf(r->name, sizeof r->name, "row-%06d", i);
        snprintf(r->ns, sizeof r->ns, "ns-%d", i % 3);
        snprintf(r->host, sizeof r->host, "host-%d.ns-%d.example.com", i, i % 3);
        r->verdict = (enum verdict)(i % 5);
        r->number = n - i;
        r->born = clock_now() - 3600 * 24 * 400;
        if (change != NULL) {
            change(r, i);
        }
        r->object.kind = KIND_VIRTUALSERVICE;
        r->object.ns = r->ns;
        r->object.name = r->name;
    }
    pthread_mutex_lock(&f->lock);
    *store_cluster(f->store) = f->cluster;
    struct kind_state *s = store_state(f->store, KIND_VIRTUALSERVICE);
    s->state = SYNC_LIVE;
    s->synced = true;
    s->objects = n;
    const struct snapshot *old = f->snap;
    f->snap = store_publish(f->store, d, data_free);
    pthread_mutex_unlock(&f->lock);
    snapshot_unref(old);
    fake_wake(f);
}

void fake_publish(struct fake *f, int n)
{
    fake_publish_with(f, n, NULL);
}

void fake_wake(struct fake *f)
{
    pipe_wake(f->pipe[1]);
}

void fake_answer_yaml(struct fake *f, const char *text, bool failed)
{
    pthread_mutex_lock(&f->lock);
    free(f->yaml);
    f->yaml = xstrdup(text);
    f->yaml_failed = failed;
    pthread_mutex_unlock(&f->lock);
    fake_wake(f);
}

static const struct snapshot *latest(void *self)
{
    struct fake *f = self;
    pthread_mutex_lock(&f->lock);
    const struct snapshot *s = f->snap != NULL ? snapshot_ref(f->snap) : NULL;
    pthread_mutex_unlock(&f->lock);
    return s;
}

// "VIEW FIRST..LAST", the keys of the rows on screen.
static void drawn(void *self, const struct view *v, const struct view_args *a,
                  const void *const *rows, uint32_t n)
{
    struct fake *f = self;
    snprintf(f->last_drawn, sizeof f->last_drawn, "%s %s..%s", v->name,
             n > 0 ? view_row_key(v, a, rows[0]) : "-",
             n > 0 ? view_row_key(v, a, rows[n - 1]) : "-");
}

static void relist(void *self, kind_set k)
{
    (void)k;
    ((struct fake *)self)->relists++;
}

static void yaml_open(void *self, const struct object *o)
{
    (void)o;
    ((struct fake *)self)->yaml_opens++;
}

static bool yaml_take(void *self, struct yaml_answer *out)
{
    struct fake *f = self;
    pthread_mutex_lock(&f->lock);
    bool there = f->yaml != NULL;
    if (there) {
        *out = (struct yaml_answer){f->yaml, strlen(f->yaml), f->yaml_failed};
        f->yaml = NULL;
    }
    pthread_mutex_unlock(&f->lock);
    return there;
}

static void yaml_cancel(void *self)
{
    ((struct fake *)self)->yaml_cancels++;
}

static const char *const *contexts(void *self, struct arena *a, uint32_t *n)
{
    static const char *const names[] = {"lead-production", "lead-sandbox"};
    (void)self;
    (void)a;
    *n = 2;
    return names;
}

static bool switch_context(void *self, const char *name, struct err *err)
{
    struct fake *f = self;
    if (strcmp(name, "nowhere") == 0) {
        return err_set(err, ERR_CONFIG, "no context is called 'nowhere'");
    }
    snprintf(f->last_context, sizeof f->last_context, "%s", name);
    return true;
}

static void trace(void *self, const struct view_args *a, const char *request,
                  struct text_block *out)
{
    (void)self;
    (void)a;
    block_line(out);
    block_put(out, ROLE_TEXT, "the request %s", request);
    block_line(out);
    block_put(out, ROLE_OK, "goes to monolith:9080");
}

// From an apple to the box of that name, from a box to the apples of its namespace.
static const struct view *related(void *self, const struct view *v, const struct view_args *a,
                                  const void *row, const char **subject, const char **key)
{
    (void)self;
    (void)a;
    const struct fake_row *r = row;
    bool box = v == &fake_boxes;
    *subject = box ? r->ns : NULL;
    *key = box ? NULL : r->name;
    return box ? &fake_apples : &fake_boxes;
}

static const struct view *events(void *self, const struct view_args *a, const struct object *o,
                                 const char **subject)
{
    (void)self;
    (void)a;
    *subject = o->ns;
    return &fake_boxes;
}

static bool terminal_wanted(void *self)
{
    struct fake *f = self;
    pthread_mutex_lock(&f->lock);
    bool want = f->want_terminal;
    f->want_terminal = false;
    pthread_mutex_unlock(&f->lock);
    return want;
}

static void terminal_lend(void *self)
{
    ((struct fake *)self)->lends++;
    printf("helper asks for a password\n");
    fflush(stdout);
}

struct ui_source fake_source(struct fake *f)
{
    return (struct ui_source){
        .self = f,
        .wake_fd = f->pipe[0],
        .latest = latest,
        .drawn = drawn,
        .relist = relist,
        .yaml_open = yaml_open,
        .yaml_take = yaml_take,
        .yaml_cancel = yaml_cancel,
        .contexts = contexts,
        .switch_context = switch_context,
        .trace = trace,
        .related = related,
        .events = events,
        .terminal_wanted = terminal_wanted,
        .terminal_lend = terminal_lend,
    };
}
