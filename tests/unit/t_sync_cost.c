// SPDX-License-Identifier: Apache-2.0
// What a first sync costs, from the bytes of its lists to the published snapshot and the chains of its applications:
// instructions, allocations, and bytes an object. Counts, which do not depend on how fast the machine is or what else
// it does: who makes them smaller writes the new ones down here.
//
// GATETOP_SYNC_APPLICATIONS=N: only a sync of N applications (3.5 N objects), and what came of it.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"

#include "kube/api/stream_splitter.h"

#include "kube/object/decode.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"
#include "kube/mesh/chain/app_updater.h"

#include "tests/support/live_store.h"
#include "tests/support/sync_lists.h"
#include "tests/support/world.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

// --- allocations, counted at the C library's door; a sanitizer has its own there

#ifndef GATETOP_SANITIZED
static size_t allocations, held, peak; // calls; bytes with the allocator's own

// NOLINTBEGIN(bugprone-reserved-identifier): glibc's own names
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);
// NOLINTEND(bugprone-reserved-identifier)

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

// What is made of the chains: nothing, their rows, or rows that can be kept up to date.
enum chains { NO_CHAINS, CHAINS_ONCE, CHAINS_KEPT };

struct cost {
    size_t objects, bytes;
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

// Feeds what was generated, in whole chunks unless it is the last of a list.
__attribute__((noinline)) static void feed(struct sync *s, bool all)
{
    struct err err;
    size_t at = 0;
    s->seconds -= cpu_seconds();
    for (size_t n; s->text.len - at >= CHUNK || (all && at < s->text.len); at += n) {
        n = s->text.len - at < CHUNK ? s->text.len - at : CHUNK;
        assert_true(splitter_feed(s->splitter, s->text.data + at, n, &err));
    }
    s->seconds += cpu_seconds();
    s->bytes += at;
    memmove(s->text.data, s->text.data + at, s->text.len - at);
    buf_truncate(&s->text, s->text.len - at);
}

__attribute__((noinline)) static void begin(struct sync *s)
{
    s->seconds -= cpu_seconds();
    splitter_reset(s->splitter, SPLITTER_LIST);
    store_replace_begin(s->store, s->kind, 0, NULL, REPLACE_SHOW);
    s->seconds += cpu_seconds();
}

__attribute__((noinline)) static void finish(struct sync *s)
{
    s->seconds -= cpu_seconds();
    store_replace_end(s->store, s->kind, 0, NULL, NULL, NULL);
    store_state(s->store, s->kind)->synced = true;
    snapshot_unref(store_publish(s->store, NULL, NULL));
    s->seconds += cpu_seconds();
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

// What the Gateways select: without it, no chain goes beyond them.
static const char gateway_pods[] =
    "{apiVersion: v1, kind: Pod, metadata: {name: gateway, namespace: istio-system, labels: {istio: "
    "ingressgateway}}, spec: {containers: [{name: istio-proxy, image: proxy, ports: [{containerPort: "
    "8443}]}]}, status: {phase: Running}}\n---\n"
    "{apiVersion: v1, kind: Service, metadata: {name: gateway, namespace: istio-system}, spec: {type: "
    "LoadBalancer, selector: {istio: ingressgateway}, ports: [{name: http, port: 80, targetPort: "
    "8080}, {name: https, port: 443, targetPort: 8443}]}, status: {loadBalancer: {ingress: [{ip: "
    "203.0.113.7}]}}}\n";

enum { NOW = 1764000000 };

__attribute__((noinline)) static const void *make_chains(struct sync *s, struct app_updater *apps)
{
    const struct snapshot *view = store_view(s->store);
    return apps != NULL ? app_updater_run(apps, view, NOW) : app_rows_build(view, NULL, NOW, NULL);
}

static struct cost sync_cost(int applications, enum chains chains)
{
    struct cost cost = {.allocations = allocations, .held = held};
    struct sync s = {.store = store_new()};
    struct app_updater *apps = NULL;
    const void *rows = NULL;
    if (chains == CHAINS_KEPT) {
        apps = app_updater_new(NULL);
        store_on_change(s.store, app_updater_changed, apps);
    }
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
    if (chains != NO_CHAINS) {
        world_put(s.store, gateway_pods);
        live_store(s.store);
        rows = make_chains(&s, apps);
        cost.objects += 2;
    }
    cost.bytes = s.bytes;
    cost.seconds = s.seconds;
    cost.allocations = allocations - cost.allocations;
    cost.peak = peak - cost.held;
    cost.held = held - cost.held;
    assert_int_equal(store_view(s.store)->total, cost.objects);
    app_rows_unref(rows);
    app_updater_free(apps);
    store_free(s.store);
    return cost;
}

static double each(size_t total, const struct cost *c)
{
    return (double)total / (double)c->objects;
}

static struct cost measure(int applications)
{
    struct cost c = sync_cost(applications, NO_CHAINS);
    printf(
        "# %d applications, %zu objects, %.1f MB: an object costs %.0f bytes (%.0f at the peak), %.2f "
        "allocations, %.2f us\n",
        applications, c.objects, (double)c.bytes / 1e6, each(c.held, &c), each(c.peak, &c),
        each(c.allocations, &c), c.seconds * 1e6 / (double)c.objects);
    return c;
}

// --- what it may cost

// Measured, of an object, at 1,000 applications; with this margin.
#define BYTES 675
#define ALLOCATIONS 5.83
#define MARGIN 1.03
// Measured of the functions that feed, begin and finish a list, at 300 applications, compiled by gcc 12.
#define INSTRUCTIONS 57.3e6
#define ONCE_INSTRUCTIONS 48.9e6 // of their chains, made once
#define KEPT_INSTRUCTIONS 58.3e6 // kept up to date
#if defined(__x86_64__) && __GNUC__ == 12 && !defined(__clang__) && !defined(GATETOP_SANITIZED)
enum { COUNTED = true };
#else
enum { COUNTED = false };
#endif

#ifdef GATETOP_SANITIZED
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

static void memory_is_what_it_was(void **state)
{
    (void)state;
    struct cost small = measure(1000);
    if (!SANITIZED) { // whose allocator keeps what is freed
        assert_true(each(small.held, &small) < BYTES * MARGIN);
        assert_true(each(small.allocations, &small) < ALLOCATIONS * MARGIN);
        struct cost large = measure(20000);
        assert_true(each(large.held, &large) < each(small.held, &small) * MARGIN);
        assert_true(each(large.allocations, &large) < each(small.allocations, &small) * MARGIN);
        assert_true(each(large.peak, &large) < each(small.held, &small) * MARGIN);
    }
}

// What the chains of each application add, at 10,000 applications: rows that are made once, and rows that can be kept
// up to date; the most that is there meanwhile.
#define ONCE_BYTES 222
#define KEPT_BYTES 595
#define KEPT_PEAK 946
#define KEPT_ALLOCATIONS 18.2

struct chains_cost {
    double held, peak, allocations; // of each application
};

static struct chains_cost measure_chains(int applications, enum chains chains)
{
    const struct cost none = sync_cost(applications, NO_CHAINS);
    const struct cost all = sync_cost(applications, chains);
    const double n = applications;
    struct chains_cost c = {((double)all.held - (double)none.held) / n,
                            ((double)all.peak - (double)none.held) / n,
                            ((double)all.allocations - (double)none.allocations) / n};
    printf(
        "# %d applications, chains %s: each adds %.0f bytes (%.0f at the peak), %.1f allocations\n",
        applications, chains == CHAINS_ONCE ? "made once" : "kept up to date", c.held, c.peak,
        c.allocations);
    return c;
}

static void chains_are_what_they_were(void **state)
{
    (void)state;
    const struct chains_cost once = measure_chains(10000, CHAINS_ONCE),
                             kept = measure_chains(10000, CHAINS_KEPT);
    if (!SANITIZED) {
        assert_true(once.held < ONCE_BYTES * MARGIN);
        assert_true(kept.held < KEPT_BYTES * MARGIN);
        assert_true(kept.peak < KEPT_PEAK * MARGIN);
        assert_true(kept.allocations < KEPT_ALLOCATIONS * MARGIN);
        const struct chains_cost large = measure_chains(30000, CHAINS_KEPT);
        assert_true(large.held < kept.held * 1.2); // tables double
        assert_true(large.peak < kept.peak * 1.2);
    }
}

// Runs this program under callgrind. Returns the number of instructions of these functions; -1: there is no valgrind.
static double count_instructions(const char *program, const char *applications,
                                 const char *functions)
{
    char command[700], line[300];
    double n = -1;
    setenv("GATETOP_SYNC_APPLICATIONS", applications, 1);
    snprintf(command, sizeof command,
             "valgrind --tool=callgrind --callgrind-out-file=/dev/null %s '%s' 2>&1", functions,
             program);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        const char *at = strstr(line, "Collected : ");
        n = at != NULL ? atof(at + strlen("Collected : ")) : n;
    }
    int status = pclose(f);
    unsetenv("GATETOP_SYNC_APPLICATIONS");
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 127 || n > 0);
    return n;
}

static void instructions_are_what_they_were(void **state)
{
    (void)state;
    if (!COUNTED) {
        printf("# instructions: counted for gcc 12 on x86-64 alone\n");
        skip();
    }
    char program[400];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    assert_true(n > 0);
    program[n] = '\0';
    const double count = count_instructions(
        program, "300", "--toggle-collect=feed --toggle-collect=begin --toggle-collect=finish");
    if (count < 0) {
        printf("# instructions: not counted, there is no valgrind\n");
        skip();
    }
    printf("# 300 applications: %.1f million instructions\n", count / 1e6);
    assert_true(count < INSTRUCTIONS * MARGIN);
    static const char *const ways[] = {"once", "kept"};
    static const double most[] = {ONCE_INSTRUCTIONS, KEPT_INSTRUCTIONS};
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        setenv("GATETOP_SYNC_CHAINS", ways[i], 1);
        const double chains = count_instructions(program, "300", "--toggle-collect=make_chains*");
        unsetenv("GATETOP_SYNC_CHAINS");
        printf("# 300 applications: %.1f million instructions for their chains, %s\n", chains / 1e6,
               ways[i]);
        assert_true(chains < most[i] * MARGIN);
    }
}

int main(void)
{
    const char *wanted = getenv("GATETOP_SYNC_APPLICATIONS");
    const char *chains = getenv("GATETOP_SYNC_CHAINS"); // "once", "kept"
    if (wanted != NULL && chains != NULL) {
        (void)sync_cost(atoi(wanted), strcmp(chains, "kept") == 0 ? CHAINS_KEPT : CHAINS_ONCE);
        return 0;
    }
    if (wanted != NULL) {
        struct cost c = measure(atoi(wanted));
        return each(c.held, &c) < 1000 ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_what_it_was),
        cmocka_unit_test(chains_are_what_they_were),
        cmocka_unit_test(instructions_are_what_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
