// SPDX-License-Identifier: Apache-2.0
// A list of names, queried once: a prober that lives as long as that takes.
#include "kube/probe/probe_batch.h"

#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

void probe_names_add(void *names, enum probe_kind k, const char *name)
{
    struct probe_names *l = names;
    *ARRAY_PUSH(l->at, l->n, l->cap) = (struct probe_name){k, xstrdup(name)};
}

void probe_names_release(struct probe_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->at[i].name);
    }
    free(names->at);
    *names = (struct probe_names){0};
}

// Results on their way from the prober's thread.
struct batch_results {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    const struct probe_result **at;
    size_t n, cap;
};

static void results_init(struct batch_results *b)
{
    *b = (struct batch_results){.n = 0};
    thread_cond_init(&b->arrived);
    pthread_mutex_init(&b->lock, NULL);
}

static void results_put(void *self, const struct probe_result *r)
{
    struct batch_results *b = self;
    pthread_mutex_lock(&b->lock);
    *ARRAY_PUSH(b->at, b->n, b->cap) = r;
    pthread_cond_signal(&b->arrived);
    pthread_mutex_unlock(&b->lock);
}

static size_t results_count(struct batch_results *b)
{
    pthread_mutex_lock(&b->lock);
    size_t n = b->n;
    pthread_mutex_unlock(&b->lock);
    return n;
}

// Waits for a result past the first n; false at the deadline.
static bool results_wait(struct batch_results *b, size_t n, const struct timespec *until)
{
    pthread_mutex_lock(&b->lock);
    bool in_time = true;
    while (b->n <= n && in_time) {
        in_time = pthread_cond_timedwait(&b->arrived, &b->lock, until) == 0;
    }
    pthread_mutex_unlock(&b->lock);
    return in_time;
}

// After the prober has stopped.
static void results_empty(struct batch_results *b, probe_result_fn *result, void *self)
{
    for (size_t i = 0; i < b->n; i++) {
        result(self, b->at[i]);
    }
    free(b->at);
    pthread_cond_destroy(&b->arrived);
    pthread_mutex_destroy(&b->lock);
}

// Waits until no name is pending; returns how many are at the deadline. A name is no longer pending when its result is
// on its way: stopping the prober brings that in.
static size_t wait_for_all(struct batch_results *b, size_t (*pending)(void *prober), void *prober,
                           int timeout_ms)
{
    const struct timespec until = thread_deadline(timeout_ms);
    for (;;) {
        size_t seen = results_count(b),
               left = pending(prober); // in this order: no result is missed
        if (left == 0 || !results_wait(b, seen, &until)) {
            return left == 0 ? 0 : pending(prober);
        }
    }
}

static size_t dns_pending(void *prober)
{
    return dns_prober_pending(prober);
}

bool dns_probe_batch(const struct dns_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *result, void *self, size_t *unanswered,
                     struct err *err)
{
    struct batch_results b;
    results_init(&b);
    struct dns_prober_options mine = *o;
    mine.result = results_put;
    mine.self = &b;
    struct dns_prober *p = dns_prober_start(&mine, err);
    if (p != NULL) {
        for (size_t i = 0; i < names->n; i++) {
            (void)dns_prober_request(p, names->at[i].kind, names->at[i].name, true);
        }
        *unanswered += wait_for_all(&b, dns_pending, p, timeout_ms);
        dns_prober_stop(p);
    }
    results_empty(&b, result, self);
    return p != NULL;
}

static size_t tls_pending(void *prober)
{
    return tls_prober_pending(prober);
}

bool tls_probe_batch(const struct tls_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *result, void *self, size_t *unanswered,
                     struct err *err)
{
    struct batch_results b;
    results_init(&b);
    struct tls_prober_options mine = *o;
    mine.result = results_put;
    mine.self = &b;
    struct tls_prober *p = tls_prober_start(&mine, err);
    if (p != NULL) {
        for (size_t i = 0; i < names->n; i++) {
            (void)tls_prober_request(p, names->at[i].name);
        }
        *unanswered += wait_for_all(&b, tls_pending, p, timeout_ms);
        tls_prober_stop(p);
    }
    results_empty(&b, result, self);
    return p != NULL;
}
