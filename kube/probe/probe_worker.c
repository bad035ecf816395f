// SPDX-License-Identifier: Apache-2.0
// The thread of a prober, its queue and its pipe.
#include "kube/probe/probe_worker.h"

#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/pipe.h"
#include "kube/base/thread.h"

#include <errno.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 512
}; // a domain name has 255; that of a handshake holds an address as well

void probe_worker_init(struct probe_worker *w, size_t names, int64_t hidden_ms,
                       void (*result)(void *self, const struct probe_result *r), void *self)
{
    w->result = result;
    w->self = self;
    w->wake[0] = w->wake[1] = -1;
    w->stop = false;
    pthread_mutex_init(&w->lock, NULL);
    w->queue = probe_queue_new(names, hidden_ms);
}

void probe_worker_release(struct probe_worker *w)
{
    pipe_close(w->wake);
    probe_queue_free(w->queue);
    pthread_mutex_destroy(&w->lock);
}

bool probe_worker_start(struct probe_worker *w, void *(*run)(void *), void *self, const char *what,
                        struct err *err)
{
    if (!pipe_open(w->wake)) {
        return err_sys(err, ERR_INTERNAL, "cannot start the %s prober", what);
    }
    errno = thread_start(&w->thread, run, self);
    return errno == 0 || err_sys(err, ERR_INTERNAL, "cannot start the %s prober", what);
}

void probe_worker_stop(struct probe_worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_mutex_unlock(&w->lock);
    pipe_wake(w->wake[1]);
    pthread_join(w->thread, NULL);
}

bool probe_worker_request(struct probe_worker *w, enum probe_kind k, const char *name,
                          enum probe_priority priority)
{
    size_t n = strlen(name);
    if (n == 0 || n > NAME_MAX_BYTES) {
        return true; // nothing to query
    }
    int64_t now = clock_mono_ms();
    pthread_mutex_lock(&w->lock);
    bool idle = probe_queue_waiting(w->queue) == 0;
    bool ok = probe_queue_add(w->queue, k, name, priority, now);
    bool works = probe_queue_waiting(w->queue) != 0;
    pthread_mutex_unlock(&w->lock);
    if (idle && works) {
        pipe_wake(w->wake[1]);
    }
    return ok;
}

size_t probe_worker_pending(struct probe_worker *w)
{
    pthread_mutex_lock(&w->lock);
    size_t n = probe_queue_waiting(w->queue) + probe_queue_in_flight(w->queue);
    pthread_mutex_unlock(&w->lock);
    return n;
}

size_t probe_worker_waiting(struct probe_worker *w)
{
    pthread_mutex_lock(&w->lock);
    size_t n = probe_queue_waiting(w->queue);
    pthread_mutex_unlock(&w->lock);
    return n;
}

bool probe_worker_stopping(struct probe_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool stop = w->stop;
    pthread_mutex_unlock(&w->lock);
    return stop;
}

void probe_worker_drain(const struct probe_worker *w)
{
    pipe_drain(w->wake[0]);
}

bool probe_worker_may_take(struct probe_worker *w, size_t in_flight_max)
{
    pthread_mutex_lock(&w->lock);
    bool may =
        probe_queue_waiting(w->queue) != 0 && probe_queue_in_flight(w->queue) < in_flight_max;
    pthread_mutex_unlock(&w->lock);
    return may;
}

bool probe_worker_take(struct probe_worker *w, size_t in_flight_max, struct probe_question *out)
{
    pthread_mutex_lock(&w->lock);
    bool taken = !w->stop && probe_queue_in_flight(w->queue) < in_flight_max &&
                 probe_queue_take(w->queue, out);
    pthread_mutex_unlock(&w->lock);
    return taken;
}

void probe_worker_done(struct probe_worker *w, const struct probe_result *r)
{
    int64_t now = clock_mono_ms(), due = now + (r->valid_until - r->queried_at) * 1000;
    pthread_mutex_lock(&w->lock);
    bool stop = w->stop;
    probe_queue_done(w->queue, r->kind, r->name, now, due);
    pthread_mutex_unlock(&w->lock);
    if (stop) {
        probe_result_unref(r);
    } else {
        w->result(w->self, r);
    }
}
