// SPDX-License-Identifier: Apache-2.0
// The DNS prober: takes names from its queue at a bounded rate and waits for the answers.
#include "kube/probe/dns_prober.h"

#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "kube/probe/authoritative_server.h"
#include "kube/probe/dns_channel.h"
#include "kube/probe/dns_query.h"
#include "kube/probe/probe_worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IN_FLIGHT_MAX = 32, // names at a time
    VALID_MAX_S = 86400,
    WAIT_MAX_MS = 60000,
    FEW_WAITING = 64, // names: enough for the time until `more` brings others
    MORE_MS = 1000,
};

struct dns_prober {
    struct dns_prober_options o; // without zeros
    struct probe_worker worker;
    char resolver[128]; // as text

    // the prober's thread
    struct dns_sockets sockets;
    ares_channel channel; // to the resolver
    struct authoritative_servers *authoritative;
    struct dns_query_events events;
    int64_t next_send; // monotonic ms: when the next question may leave
    int64_t next_more; // when `more` may be called again
};

static int gap_ms(const struct dns_prober *p)
{
    return 1000 / p->o.per_second;
}

static void on_sent(void *self, int questions)
{
    struct dns_prober *p = self;
    p->next_send += (int64_t)gap_ms(p) * questions;
}

// Hands a result over, and notes when its name is due again.
static void on_done(void *self, struct probe_result *r)
{
    struct dns_prober *p = self;
    int64_t seconds =
        r->answer != ANSWER_FAILED && r->ttl > p->o.visible_s ? r->ttl : p->o.visible_s;
    seconds = seconds > VALID_MAX_S ? VALID_MAX_S : seconds;
    r->queried_at = clock_now();
    r->valid_until = r->queried_at + seconds;
    if (r->resolver == NULL) {
        r->resolver = arena_strdup(&r->arena, p->resolver);
    }
    probe_worker_done(&p->worker, r);
}

// --- the thread

static void send_due(struct dns_prober *p, int64_t now)
{
    struct probe_question question;
    while (now >= p->next_send && probe_worker_take(&p->worker, IN_FLIGHT_MAX, &question)) {
        if (p->next_send <= now - gap_ms(p)) {
            p->next_send = now; // time without questions earns no burst
        }
        struct dns_query *q = dns_query_new(question.kind, question.name, &p->events);
        q->result->on_screen = question.visible;
        if (p->o.authoritative) {
            authoritative_query(p->authoritative, q);
        } else {
            dns_query_send(q, p->channel);
        }
    }
}

static int wait_ms(struct dns_prober *p, int64_t now)
{
    struct timeval storage, *t = ares_timeout(p->channel, NULL, &storage);
    t = authoritative_timeout(p->authoritative, t, &storage);
    int64_t wait = t != NULL ? t->tv_sec * 1000 + t->tv_usec / 1000 + 1 : -1;
    if (probe_worker_may_take(&p->worker, IN_FLIGHT_MAX)) {
        int64_t until = p->next_send > now ? p->next_send - now : 0;
        wait = wait < 0 || until < wait ? until : wait;
    }
    if (p->o.more != NULL && probe_worker_waiting(&p->worker) < FEW_WAITING) {
        int64_t until = p->next_more > now ? p->next_more - now : 0;
        wait = wait < 0 || until < wait ? until : wait;
    }
    return wait > WAIT_MAX_MS ? WAIT_MAX_MS : (int)wait;
}

static void ask_for_more(struct dns_prober *p, int64_t now)
{
    if (p->o.more != NULL && now >= p->next_more &&
        probe_worker_waiting(&p->worker) < FEW_WAITING) {
        p->o.more(p->o.more_self);
        p->next_more = now + MORE_MS;
    }
}

static void *run(void *self)
{
    struct dns_prober *p = self;
    while (!probe_worker_stopping(&p->worker)) {
        int64_t now = clock_mono_ms();
        ask_for_more(p, now);
        send_due(p, now);
        struct pollfd fds[DNS_SOCKETS_MAX + 1];
        nfds_t n = p->sockets.n;
        memcpy(fds, p->sockets.at, n * sizeof *fds);
        fds[n] = (struct pollfd){.fd = p->worker.wake[0], .events = POLLIN};
        if (poll(fds, n + 1, wait_ms(p, now)) < 0 && errno != EINTR) {
            break;
        }
        if (fds[n].revents != 0) {
            probe_worker_drain(&p->worker);
        }
        dns_channel_process(p->channel, fds, n);
        authoritative_process(p->authoritative, fds, n);
    }
    ares_cancel(p->channel);
    authoritative_cancel(p->authoritative);
    return NULL;
}

// --- options

static int or_default(int n, int standard)
{
    return n > 0 ? n : standard;
}

struct dns_prober_options dns_prober_options_complete(const struct dns_prober_options *o)
{
    struct dns_prober_options out = *o;
    out.per_second = or_default(o->per_second, 20);
    out.timeout_ms = or_default(o->timeout_ms, 3000);
    out.visible_s = or_default(o->visible_s, 60);
    out.hidden_s = or_default(o->hidden_s, 600);
    out.names = o->names != 0 ? o->names : 262144;
    return out;
}

// --- life

static void release(struct dns_prober *p)
{
    authoritative_free(p->authoritative);
    if (p->channel != NULL) {
        ares_destroy(p->channel);
    }
    probe_worker_release(&p->worker);
    free(p);
    ares_library_cleanup();
}

static bool open_resolver(struct dns_prober *p, const char *resolver, struct err *err)
{
    if (!dns_channel_open(&p->sockets, p->o.timeout_ms, true, &p->channel)) {
        p->channel = NULL;
        return err_set(err, ERR_INTERNAL, "cannot initialise c-ares");
    }
    if (resolver == NULL) {
        dns_channel_first_server(p->channel, p->resolver, sizeof p->resolver);
        return true;
    }
    snprintf(p->resolver, sizeof p->resolver, "%s", resolver);
    if (!dns_channel_set_servers(p->channel, resolver)) {
        return err_set(err, ERR_USAGE,
                       "'%s' is no resolver: give an address, address:port or [IPv6 address]:port",
                       resolver);
    }
    return true;
}

struct dns_prober *dns_prober_start(const struct dns_prober_options *o, struct err *err)
{
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        err_set(err, ERR_INTERNAL, "cannot initialise c-ares");
        return NULL;
    }
    struct dns_prober *p = xcalloc(1, sizeof *p);
    p->o = dns_prober_options_complete(o);
    p->o.resolver = NULL; // borrowed for this call
    p->events = (struct dns_query_events){p, on_sent, on_done};
    probe_worker_init(&p->worker, p->o.names, (int64_t)p->o.hidden_s * 1000, o->result, o->self);
    if (open_resolver(p, o->resolver, err)) {
        p->authoritative = authoritative_new(&(struct authoritative_options){
            .port = o->authority_port,
            .timeout_ms = p->o.timeout_ms,
            .channel = p->channel,
            .sockets = &p->sockets,
            .events = &p->events,
        });
        if (probe_worker_start(&p->worker, run, p, "DNS", err)) {
            return p;
        }
    }
    release(p);
    return NULL;
}

void dns_prober_stop(struct dns_prober *p)
{
    if (p != NULL) {
        probe_worker_stop(&p->worker);
        release(p);
    }
}

// --- from other threads

bool dns_prober_request(struct dns_prober *p, enum probe_kind k, const char *name, bool visible)
{
    return probe_worker_request(&p->worker, k, name,
                                visible ? PROBE_PRIORITY_VISIBLE : PROBE_PRIORITY_HIDDEN);
}

void dns_prober_screen_changed(struct dns_prober *p)
{
    pthread_mutex_lock(&p->worker.lock);
    probe_queue_hide_all(p->worker.queue);
    pthread_mutex_unlock(&p->worker.lock);
}

size_t dns_prober_pending(struct dns_prober *p)
{
    return probe_worker_pending(&p->worker);
}
