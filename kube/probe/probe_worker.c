// SPDX-License-Identifier: Apache-2.0
// The thread of a prober, its queue and its pipe.
#include "kube/probe/probe_worker.h"

#include "kube/base/clock.h"
#include "kube/base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

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
    if (w->wake[0] >= 0) {
        close(w->wake[0]);
        close(w->wake[1]);
    }
    probe_queue_free(w->queue);
    pthread_mutex_destroy(&w->lock);
}

bool probe_worker_start(struct probe_worker *w, void *(*run)(void *), void *self, const char *what,
                        struct err *err)
{
    if (pipe(w->wake) != 0) {
        w->wake[0] = -1;
        return err_sys(err, ERR_INTERNAL, "cannot start the %s prober", what);
    }
    for (int i = 0; i < 2; i++) {
        fcntl(w->wake[i], F_SETFL, O_NONBLOCK);
        fcntl(w->wake[i], F_SETFD, FD_CLOEXEC);
    }
    sigset_t all, old; // the thread inherits the mask; a broken pipe is an error code there
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int rc = pthread_create(&w->thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = rc;
    return rc == 0 || err_sys(err, ERR_INTERNAL, "cannot start the %s prober", what);
}

static void wake(struct probe_worker *w)
{
    char byte = 0;
    while (write(w->wake[1], &byte, 1) < 0 && errno == EINTR) {
    }
}

void probe_worker_stop(struct probe_worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_mutex_unlock(&w->lock);
    wake(w);
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
        wake(w);
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

bool probe_worker_stopping(struct probe_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool stop = w->stop;
    pthread_mutex_unlock(&w->lock);
    return stop;
}

void probe_worker_drain(const struct probe_worker *w)
{
    char bytes[64];
    while (read(w->wake[0], bytes, sizeof bytes) > 0) {
    }
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
