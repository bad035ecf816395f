// SPDX-License-Identifier: Apache-2.0
// What a first sync costs, from the bytes of its lists to the published snapshot: instructions, allocations, and
// bytes an object. Counts, which do not depend on how fast the machine is or what else it does.
//
// GATETOP_SYNC_APPLICATIONS=N: only measures a sync of N applications (3.5 N objects) and prints what came of it.
#define _DEFAULT_SOURCE // syscall
#include "kube/api/stream_splitter.h"

#include "kube/object/decode.h"

#include "kube/store/store.h"

#include "tests/support/sync_lists.h"

#include <linux/perf_event.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

// --- allocations, counted at the C library's door; a sanitizer has its own there

#ifndef GATETOP_SANITIZED
static size_t allocations, held, peak; // calls; bytes with the allocator's own

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

enum { CHUNK_HEAD = 8 }; // glibc's own part of each allocation

static void *counted(void *p)
{
    if (p != NULL) {
        allocations++;
        held += malloc_usable_size(p) + CHUNK_HEAD;
        peak = held > peak ? held : peak;
    }
    return p;
}

static void discount(void *p)
{
    if (p != NULL) {
        held -= malloc_usable_size(p) + CHUNK_HEAD;
    }
}

void *malloc(size_t n)
{
    return counted(__libc_malloc(n));
}

void *calloc(size_t count, size_t size)
{
    return counted(__libc_calloc(count, size));
}

void *realloc(void *p, size_t n)
{
    discount(p);
    return counted(__libc_realloc(p, n));
}

void free(void *p)
{
    discount(p);
    __libc_free(p);
}
#else
static const size_t allocations = 0, held = 0, peak = 0;
#endif

// --- instructions of this thread in user mode, where the machine and the kernel have a counter

static int open_counter(void)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attr,
        .config = PERF_COUNT_HW_INSTRUCTIONS,
        .disabled = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0UL);
}

// --- one sync

enum { CHUNK = 16 << 10 }; // as libcurl hands bytes over

struct sync {
    struct store *store;
    struct splitter *splitter;
    enum kind kind;
    struct buf text; // generated and not yet fed
    struct arena scratch;
    int counter;    // -1: there is none
    double seconds; // of the CPU
    size_t bytes;   // of all lists
};

struct cost {
    size_t objects, bytes;
    double instructions; // -1: unknown
    double seconds;
    size_t allocations, held, peak;
};

static void on_item(void *self, const struct splitter_item *item)
{
    struct sync *s = self;
    struct err err;
    struct object *o = object_decode_text(s->kind, "v1", item->text, item->n, &s->scratch, &err);
    assert_non_null(o);
    store_replace_put(s->store, s->kind, 0, NULL, o);
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void resume(struct sync *s)
{
    if (s->counter >= 0) {
        ioctl(s->counter, PERF_EVENT_IOC_ENABLE, 0);
    }
    s->seconds -= cpu_seconds();
}

static void pause_counting(struct sync *s)
{
    s->seconds += cpu_seconds();
    if (s->counter >= 0) {
        ioctl(s->counter, PERF_EVENT_IOC_DISABLE, 0);
    }
}

// Feeds what was generated, in whole chunks unless it is the last of a list.
__attribute__((noinline)) static void feed(struct sync *s, bool all)
{
    struct err err;
    size_t at = 0;
    resume(s);
    for (size_t n; s->text.len - at >= CHUNK || (all && at < s->text.len); at += n) {
        n = s->text.len - at < CHUNK ? s->text.len - at : CHUNK;
        assert_true(splitter_feed(s->splitter, s->text.data + at, n, &err));
    }
    pause_counting(s);
    s->bytes += at;
    memmove(s->text.data, s->text.data + at, s->text.len - at);
    buf_truncate(&s->text, s->text.len - at);
}

__attribute__((noinline)) static void begin(struct sync *s)
{
    resume(s);
    splitter_reset(s->splitter, SPLITTER_LIST);
    store_replace_begin(s->store, s->kind, 0, NULL, REPLACE_SHOW);
    pause_counting(s);
}

__attribute__((noinline)) static void finish(struct sync *s)
{
    resume(s);
    store_replace_end(s->store, s->kind, 0, NULL, NULL, NULL);
    store_state(s->store, s->kind)->synced = true;
    snapshot_unref(store_publish(s->store, NULL, NULL));
    pause_counting(s);
}

static void sync_list(struct sync *s, enum kind k, int applications)
{
    s->kind = k;
    begin(s);
    sync_list_head(k, &s->text);
    for (int i = 0; i < sync_list_count(k, applications); i++) {
        if (i > 0) {
            buf_addc(&s->text, ',');
        }
        sync_list_item(k, applications, i, &s->text);
        if (s->text.len > 4 * CHUNK) {
            feed(s, false);
        }
    }
    sync_list_tail(&s->text);
    feed(s, true);
    assert_true(splitter_complete(s->splitter));
    assert_int_equal(splitter_items(s->splitter), sync_list_count(k, applications));
    finish(s);
}

static struct cost sync_cost(int applications)
{
    struct cost cost = {.instructions = -1, .allocations = allocations, .held = held};
    struct sync s = {.store = store_new(), .counter = open_counter()};
#ifndef GATETOP_SANITIZED
    peak = held;
#endif
    s.splitter = splitter_new(SPLITTER_LIST, 0, on_item, &s);
    arena_init(&s.scratch);
    buf_init(&s.text, 0);
    buf_addf(&s.text, "%*s", 16 * CHUNK,
             ""); // all that it needs: generating makes no allocation that is counted
    buf_reset(&s.text);
    for (size_t i = 0; i < ARRAY_COUNT(sync_list_kinds); i++) {
        sync_list(&s, sync_list_kinds[i], applications);
        cost.objects += (size_t)sync_list_count(sync_list_kinds[i], applications);
    }
    splitter_free(s.splitter);
    arena_release(&s.scratch);
    buf_release(&s.text);
    long long n;
    if (s.counter >= 0 && read(s.counter, &n, sizeof n) == (ssize_t)sizeof n) {
        cost.instructions = (double)n;
    }
    if (s.counter >= 0) {
        close(s.counter);
    }
    cost.bytes = s.bytes;
    cost.seconds = s.seconds;
    cost.allocations = allocations - cost.allocations;
    cost.peak = peak - cost.held;
    cost.held = held - cost.held;
    assert_int_equal(store_view(s.store)->total, cost.objects);
    store_free(s.store);
    return cost;
}

static void print_cost(int applications, const struct cost *c)
{
    double n = (double)c->objects;
    printf(
        "# %d applications, %zu objects, %.1f MB: an object costs %.0f bytes (%.0f at the peak), %.2f "
        "allocations, %.2f us, ",
        applications, c->objects, (double)c->bytes / 1e6, (double)c->held / n, (double)c->peak / n,
        (double)c->allocations / n, c->seconds * 1e6 / n);
    if (c->instructions < 0) {
        printf("no counter of instructions\n");
    } else {
        printf("%.0f instructions\n", c->instructions / n);
    }
}

static void a_sync_costs_no_more_than_it_did(void **state)
{
    (void)state;
    struct cost c = sync_cost(1000);
    print_cost(1000, &c);
}

int main(void)
{
    const char *wanted = getenv("GATETOP_SYNC_APPLICATIONS");
    if (wanted != NULL) {
        struct cost c = sync_cost(atoi(wanted));
        print_cost(atoi(wanted), &c);
        return 0;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_sync_costs_no_more_than_it_did)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
