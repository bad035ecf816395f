// SPDX-License-Identifier: Apache-2.0
// Where probers put their results until a session takes them.
#include "kube/store/probe_inbox.h"

#include "kube/base/array.h"
#include "kube/base/mem.h"

#include <pthread.h>
#include <stdlib.h>

struct probe_inbox {
    pthread_mutex_t lock; // guards everything below
    const struct probe_result **at;
    size_t n, cap;
    void (*wake)(void *self); // NULL: closed
    void *self;
};

struct probe_inbox *probe_inbox_new(void)
{
    struct probe_inbox *in = xcalloc(1, sizeof *in);
    pthread_mutex_init(&in->lock, NULL);
    return in;
}

void probe_inbox_free(struct probe_inbox *in)
{
    if (in != NULL) {
        probe_inbox_close(in);
        pthread_mutex_destroy(&in->lock);
        free(in);
    }
}

void probe_inbox_put(void *inbox, const struct probe_result *r)
{
    struct probe_inbox *in = inbox;
    pthread_mutex_lock(&in->lock);
    bool open = in->wake != NULL;
    if (open) {
        *ARRAY_PUSH(in->at, in->n, in->cap) = r;
        in->wake(in->self);
    }
    pthread_mutex_unlock(&in->lock);
    if (!open) {
        probe_result_unref(r);
    }
}

void probe_inbox_open(struct probe_inbox *in, void (*wake)(void *self), void *self)
{
    pthread_mutex_lock(&in->lock);
    in->wake = wake;
    in->self = self;
    pthread_mutex_unlock(&in->lock);
}

void probe_inbox_close(struct probe_inbox *in)
{
    pthread_mutex_lock(&in->lock);
    in->wake = NULL;
    pthread_mutex_unlock(&in->lock);
    size_t n;
    const struct probe_result **at = probe_inbox_take(in, &n);
    for (size_t i = 0; i < n; i++) {
        probe_result_unref(at[i]);
    }
    free(at);
}

const struct probe_result **probe_inbox_take(struct probe_inbox *in, size_t *n)
{
    pthread_mutex_lock(&in->lock);
    const struct probe_result **at = in->at;
    *n = in->n;
    in->at = NULL;
    in->n = in->cap = 0;
    pthread_mutex_unlock(&in->lock);
    return at;
}
