// SPDX-License-Identifier: Apache-2.0
// A prober for the length of one list of names.
#include "kube/probe/probe_batch.h"

#include "kube/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void probe_names_add(void *names, enum probe_kind k, const char *name)
{
    struct probe_names *l = names;
    if (l->n == l->cap) {
        l->cap = l->cap == 0 ? 64 : l->cap * 2;
        l->at = xrealloc(l->at, l->cap * sizeof *l->at);
    }
    l->at[l->n++] = (struct probe_name){k, xstrdup(name)};
}

void probe_names_release(struct probe_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->at[i].name);
    }
    free(names->at);
    *names = (struct probe_names){0};
}

struct inbox { // filled by the prober's thread
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    const struct probe_result **at;
    size_t n, cap;
};

static void open_inbox(struct inbox *in)
{
    memset(in, 0, sizeof *in);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&in->arrived, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&in->lock, NULL);
}

static void receive(void *self, const struct probe_result *r)
{
    struct inbox *in = self;
    pthread_mutex_lock(&in->lock);
    if (in->n == in->cap) {
        in->cap = in->cap == 0 ? 64 : in->cap * 2;
        in->at = xrealloc(in->at, in->cap * sizeof *in->at);
    }
    in->at[in->n++] = r;
    pthread_cond_signal(&in->arrived);
    pthread_mutex_unlock(&in->lock);
}

// Until the prober has nothing more to ask. An answer counts as given before it is handed over: the inbox may
// still grow by it until the prober is stopped. Returns how many had none at the deadline.
static size_t wait_idle(struct inbox *in, size_t (*open)(void *prober), void *prober,
                        int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&in->lock);
    while (open(prober) != 0 && pthread_cond_timedwait(&in->arrived, &in->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&in->lock);
    return open(prober);
}

static void empty_inbox(struct inbox *in, probe_result_fn *heard, void *self)
{
    for (size_t i = 0; i < in->n; i++) {
        heard(self, in->at[i]);
    }
    free(in->at);
    pthread_cond_destroy(&in->arrived);
    pthread_mutex_destroy(&in->lock);
}

static size_t dns_open(void *prober)
{
    return dns_prober_pending(prober);
}

bool dns_probe_batch(const struct dns_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *heard, void *self, size_t *left,
                     struct err *err)
{
    struct inbox in;
    open_inbox(&in);
    struct dns_prober_options mine = *o;
    mine.result = receive;
    mine.self = &in;
    struct dns_prober *p = dns_prober_start(&mine, err);
    if (p != NULL) {
        for (size_t i = 0; i < names->n; i++) {
            (void)dns_prober_request(p, names->at[i].kind, names->at[i].name, true);
        }
        *left += wait_idle(&in, dns_open, p, timeout_ms);
        dns_prober_stop(p);
    }
    empty_inbox(&in, heard, self);
    return p != NULL;
}

static size_t tls_open(void *prober)
{
    return tls_prober_pending(prober);
}

bool tls_probe_batch(const struct tls_prober_options *o, const struct probe_names *names,
                     int timeout_ms, probe_result_fn *heard, void *self, size_t *left,
                     struct err *err)
{
    struct inbox in;
    open_inbox(&in);
    struct tls_prober_options mine = *o;
    mine.result = receive;
    mine.self = &in;
    struct tls_prober *p = tls_prober_start(&mine, err);
    if (p != NULL) {
        for (size_t i = 0; i < names->n; i++) {
            (void)tls_prober_request(p, names->at[i].name);
        }
        *left += wait_idle(&in, tls_open, p, timeout_ms);
        tls_prober_stop(p);
    }
    empty_inbox(&in, heard, self);
    return p != NULL;
}
