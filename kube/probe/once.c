// SPDX-License-Identifier: Apache-2.0
// A prober for the length of one list of names.
#include "kube/probe/once.h"

#include "kube/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
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

static bool idle(struct dns_prober *p)
{
    struct dns_prober_state s;
    dns_prober_state(p, &s);
    return s.waiting == 0 && s.asking == 0;
}

// An answer counts as given before it is handed over: the inbox may still grow by it until stop.
static void wait_idle(struct dns_prober *p, struct inbox *in, int timeout_ms)
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
    while (!idle(p) && pthread_cond_timedwait(&in->arrived, &in->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&in->lock);
}

bool dns_probe_once(const struct dns_prober_options *o, const struct probe_names *names,
                    int timeout_ms, void (*result)(void *self, const struct probe_result *r),
                    void *self, struct err *err)
{
    struct inbox in = {.n = 0};
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&in.arrived, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&in.lock, NULL);
    struct dns_prober_options mine = *o;
    mine.result = receive;
    mine.self = &in;
    struct dns_prober *p = dns_prober_start(&mine, err);
    if (p != NULL) {
        for (size_t i = 0; i < names->n; i++) {
            (void)dns_prober_want(p, names->at[i].kind, names->at[i].name, true);
        }
        wait_idle(p, &in, timeout_ms);
        dns_prober_stop(p);
    }
    for (size_t i = 0; i < in.n; i++) {
        result(self, in.at[i]);
    }
    free(in.at);
    pthread_cond_destroy(&in.arrived);
    pthread_mutex_destroy(&in.lock);
    return p != NULL;
}
