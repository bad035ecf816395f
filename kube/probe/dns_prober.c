// SPDX-License-Identifier: Apache-2.0
// The DNS prober: c-ares driven by poll in a thread of its own.
#include "kube/probe/dns_prober.h"

#include "kube/base/clock.h"
#include "kube/base/text.h"

#include "kube/probe/dns_prober_internal.h"
#include "kube/probe/probe_name.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// --- sockets

static void socket_state(void *self, ares_socket_t s, int readable, int writable)
{
    struct dns_prober *p = self;
    nfds_t i = 0;
    while (i < p->nfd && p->fd[i].fd != s) {
        i++;
    }
    short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    if (events == 0) {
        if (i < p->nfd) {
            p->fd[i] = p->fd[--p->nfd];
        }
        return;
    }
    if (i == p->nfd) {
        if (p->nfd == SOCKETS_MAX) {
            return; // c-ares gives up on it by its timeout
        }
        p->nfd++;
    }
    p->fd[i] = (struct pollfd){.fd = s, .events = events};
}

int dns_open_channel(struct dns_prober *p, bool recursive, ares_channel *out)
{
    struct ares_options o = {0};
    static char lookups[] = "b";
    // NOCHECKRESP: SERVFAIL and REFUSED are told as such.
    o.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN | ARES_FLAG_NOCHECKRESP;
    o.flags |= recursive ? 0 : ARES_FLAG_NORECURSE;
    o.timeout = p->opt.timeout_ms > 0 ? p->opt.timeout_ms : 3000;
    o.tries = 2;
    o.lookups = lookups;
    o.sock_state_cb = socket_state;
    o.sock_state_cb_data = p;
    return ares_init_options(out, &o,
                             ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                 ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
}

// "ADDRESS", "ADDRESS:PORT", "[V6]:PORT", a bare V6. c-ares' own reader takes port 99999 for another.
static bool read_server(char *text, struct ares_addr_port_node *out)
{
    char *address = text, *port = strchr(text, ':');
    if (text[0] == '[') {
        char *end = strchr(text, ']');
        if (end == NULL) {
            return false;
        }
        address = text + 1;
        *end = '\0';
        port = end[1] == '\0' ? NULL : end + 1;
        if (strchr(address, ':') == NULL) {
            return false;
        }
    } else if (port != NULL && strchr(port + 1, ':') != NULL) {
        port = NULL;
    }
    long n = 0;
    if (port != NULL) {
        char *rest;
        n = *port == ':' && isdigit((unsigned char)port[1]) ? strtol(port + 1, &rest, 10) : 0;
        if (n < 1 || n > 65535 || *rest != '\0') {
            return false;
        }
        *port = '\0';
    }
    memset(out, 0, sizeof *out);
    out->family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
    out->udp_port = out->tcp_port = (int)n; // 0: 53
    return inet_pton(out->family, address, &out->addr) == 1;
}

#define SERVERS_MAX 8

bool dns_set_servers(ares_channel channel, const char *list)
{
    struct ares_addr_port_node server[SERVERS_MAX];
    size_t n = 0;
    bool ok = true;
    for (const char *at = list; ok && at != NULL; n++) {
        size_t len = strcspn(at, ",");
        char *text = xstrndup(at, len);
        ok = n < SERVERS_MAX && read_server(text, &server[n]);
        free(text);
        if (ok && n > 0) {
            server[n - 1].next = &server[n];
        }
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return ok && ares_set_servers_ports(channel, server) == ARES_SUCCESS;
}

static void name_resolver(struct dns_prober *p)
{
    struct ares_addr_port_node *list = NULL;
    char ip[INET6_ADDRSTRLEN] = "";
    snprintf(p->resolver, sizeof p->resolver, "%s", "no resolver");
    if (p->resolver_option != NULL) {
        snprintf(p->resolver, sizeof p->resolver, "%s", p->resolver_option);
    } else if (ares_get_servers_ports(p->channel, &list) == ARES_SUCCESS && list != NULL) {
        inet_ntop(list->family, &list->addr, ip, sizeof ip);
        snprintf(p->resolver, sizeof p->resolver, "%s", ip);
    }
    ares_free_data(list);
}

// --- answers

static const char *status_text(int status)
{
    switch (status) {
    case ARES_ETIMEOUT:
        return "timeout";
    case ARES_ESERVFAIL:
        return "SERVFAIL";
    case ARES_EREFUSED:
        return "REFUSED";
    case ARES_ECONNREFUSED:
        return "no DNS server reachable";
    case ARES_EBADRESP:
    case ARES_EFORMERR:
        return "malformed answer";
    case ARES_EBADNAME:
        return "not a DNS name";
    default:
        return "no answer";
    }
}

static struct str_list keep_list(struct probe_result *r, const char **at, uint32_t n)
{
    const char **out = arena_alloc(&r->arena, ((size_t)n + 1) * sizeof *out);
    for (uint32_t i = 0; i < n; i++) {
        out[i] = at[i];
    }
    return (struct str_list){out, n};
}

static void free_asking(struct asking *a)
{
    free(a->name);
    free(a->wire);
    free(a);
}

// Hands over what was heard, and notes when the name is due again.
static void finish(struct asking *a)
{
    struct dns_prober *p = a->p;
    struct probe_result *r = a->result;
    // A zone's own servers do not follow a CNAME that leads out of the zone.
    bool leads = a->asked != NULL && a->ncnames != 0 && a->nxdomain == 0;
    bool found = a->naddresses != 0 || r->texts.n != 0 || leads;
    qsort(a->addresses, a->naddresses, sizeof *a->addresses, str_order);
    r->addresses = keep_list(r, a->addresses, a->naddresses);
    r->cnames = keep_list(r, a->cnames, a->ncnames);
    r->answer = found              ? ANSWER_YES
                : a->failed != 0   ? ANSWER_FAILED
                : a->nxdomain != 0 ? ANSWER_NXDOMAIN
                                   : ANSWER_NODATA;
    r->error = a->error;
    r->asked = clock_now();
    r->ttl = found ? a->ttl : a->negative;
    r->resolver = arena_strdup(&r->arena, a->asked != NULL ? a->asked : p->resolver);
    int64_t least = p->opt.visible_s > 0 ? p->opt.visible_s : 60;
    int64_t seconds = r->answer != ANSWER_FAILED && r->ttl > least ? r->ttl : least;
    seconds = seconds > 86400 ? 86400 : seconds;
    r->valid_until = r->asked + seconds;
    int64_t now = clock_mono_ms();
    pthread_mutex_lock(&p->worker.lock);
    bool stopping = p->worker.stop;
    probe_queue_done(p->worker.queue, (int)r->kind, a->name, now, now + seconds * 1000);
    pthread_mutex_unlock(&p->worker.lock);
    if (stopping) {
        probe_result_unref(r);
    } else {
        p->opt.result(p->opt.self, r);
    }
}

static bool listed(const char **at, uint32_t n, const char *s)
{
    for (uint32_t i = 0; i < n; i++) {
        if (str_casecmp(at[i], s) == 0) {
            return true;
        }
    }
    return false;
}

static void merge(struct asking *a, const struct dns_message *m)
{
    for (uint32_t i = 0; i < m->addresses.n && a->naddresses < 64; i++) {
        if (!listed(a->addresses, a->naddresses, m->addresses.at[i])) {
            a->addresses[a->naddresses++] = m->addresses.at[i];
        }
    }
    for (uint32_t i = 0; i < m->cnames.n && a->ncnames < 32; i++) {
        if (!listed(a->cnames, a->ncnames, m->cnames.at[i])) {
            a->cnames[a->ncnames++] = m->cnames.at[i];
        }
    }
    if (m->texts.n != 0) {
        a->result->texts = m->texts;
    }
    if (m->ttl >= 0 && (a->ttl < 0 || m->ttl < a->ttl)) {
        a->ttl = m->ttl;
    }
    if (m->negative_ttl >= 0 && (a->negative < 0 || m->negative_ttl < a->negative)) {
        a->negative = m->negative_ttl;
    }
}

static void answered(void *self, int status, int timeouts, unsigned char *bytes, int n)
{
    struct asking *a = self;
    (void)timeouts;
    struct dns_message m;
    bool read = bytes != NULL && n > 0 && dns_message_read(&a->result->arena, bytes, (size_t)n, &m);
    if (read) {
        merge(a, &m);
    }
    if (status == ARES_ENOTFOUND) {
        a->nxdomain++;
    } else if (status == ARES_ENODATA) {
        a->nodata++;
    } else if (status != ARES_SUCCESS || !read) {
        a->failed++;
        a->error = status_text(status == ARES_SUCCESS ? ARES_EBADRESP : status);
    }
    if (--a->open == 0) {
        finish(a);
        free_asking(a);
    }
}

void dns_ask_channel(struct asking *a, ares_channel channel)
{
    struct dns_prober *p = a->p;
    bool host = a->result->kind == PROBE_HOST;
    a->open = host ? 2 : 1;
    pthread_mutex_lock(&p->worker.lock);
    p->sent += a->open;
    pthread_mutex_unlock(&p->worker.lock);
    // The first answer may come before the second question is put: `open` counts both from the start.
    char wire[1024];
    snprintf(wire, sizeof wire, "%s", a->wire);
    if (host) {
        ares_query(channel, wire, ns_c_in, ns_t_a, answered, a);
        ares_query(channel, wire, ns_c_in, ns_t_aaaa, answered, a);
    } else {
        ares_query(channel, wire, ns_c_in, ns_t_txt, answered, a);
    }
}

void dns_give_up(struct asking *a, const char *why)
{
    a->failed = 1;
    a->error = why;
    finish(a);
    free_asking(a);
}

int dns_gap_ms(const struct dns_prober *p)
{
    return 1000 / (p->opt.per_second > 0 ? p->opt.per_second : 20);
}

void dns_count_question(struct dns_prober *p)
{
    p->next_send += dns_gap_ms(p);
    pthread_mutex_lock(&p->worker.lock);
    p->sent++;
    pthread_mutex_unlock(&p->worker.lock);
}

static void begin(struct dns_prober *p, const struct probe_question *q)
{
    struct asking *a = xcalloc(1, sizeof *a);
    a->p = p;
    a->name = xstrdup(q->name);
    a->wire = probe_query_name((enum probe_kind)q->kind, q->name);
    a->result = probe_result_new((enum probe_kind)q->kind, q->name);
    a->ttl = a->negative = -1;
    if (a->wire == NULL) {
        dns_give_up(a, status_text(ARES_EBADNAME));
    } else if (p->opt.authoritative) {
        dns_ask_authority(a);
    } else {
        dns_ask_channel(a, p->channel);
    }
}

// --- the thread

static void send_due(struct dns_prober *p, int64_t now)
{
    int gap = dns_gap_ms(p);
    while (now >= p->next_send) {
        struct probe_question q;
        pthread_mutex_lock(&p->worker.lock);
        bool some = !p->worker.stop && probe_queue_asking(p->worker.queue) < ASKING_MAX &&
                    probe_queue_take(p->worker.queue, &q);
        pthread_mutex_unlock(&p->worker.lock);
        if (!some) {
            return;
        }
        // A name's entry stays where it is while it is asked: q's strings hold until then.
        int questions = q.kind == PROBE_HOST ? 2 : 1;
        p->next_send = (p->next_send > now - gap ? p->next_send : now) + (int64_t)gap * questions;
        begin(p, &q);
    }
}

static int wait_ms(struct dns_prober *p, int64_t now)
{
    struct timeval tv, *t = ares_timeout(p->channel, NULL, &tv);
    for (size_t i = 0; i < p->nzones; i++) {
        t = ares_timeout(p->zones[i].channel, t, &tv);
    }
    int64_t wait = t != NULL ? t->tv_sec * 1000 + t->tv_usec / 1000 + 1 : -1;
    pthread_mutex_lock(&p->worker.lock);
    bool some = probe_queue_waiting(p->worker.queue) != 0 &&
                probe_queue_asking(p->worker.queue) < ASKING_MAX;
    pthread_mutex_unlock(&p->worker.lock);
    if (some) {
        int64_t until = p->next_send > now ? p->next_send - now : 0;
        wait = wait < 0 || until < wait ? until : wait;
    }
    return wait > 60000 ? 60000 : (int)wait;
}

// A channel passes over sockets that are not its own.
static void process_channel(ares_channel channel, const struct pollfd *ready, nfds_t n)
{
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); // timeouts
    for (nfds_t i = 0; i < n; i++) {
        if (ready[i].revents != 0) {
            ares_process_fd(channel,
                            (ready[i].revents & ~POLLOUT) != 0 ? ready[i].fd : ARES_SOCKET_BAD,
                            (ready[i].revents & POLLOUT) != 0 ? ready[i].fd : ARES_SOCKET_BAD);
        }
    }
}

static void *run(void *self)
{
    struct dns_prober *p = self;
    while (!worker_stopping(&p->worker)) {
        int64_t now = clock_mono_ms();
        send_due(p, now);
        struct pollfd fds[SOCKETS_MAX + 1];
        memcpy(fds, p->fd, p->nfd * sizeof *fds);
        nfds_t n = p->nfd;
        fds[n] = (struct pollfd){.fd = p->worker.wake[0], .events = POLLIN};
        if (poll(fds, n + 1, wait_ms(p, now)) < 0 && errno != EINTR) {
            break;
        }
        if (fds[n].revents != 0) {
            worker_drain(&p->worker);
        }
        process_channel(p->channel, fds, n);
        for (size_t i = 0; i < p->nzones; i++) {
            process_channel(p->zones[i].channel, fds, n);
        }
    }
    ares_cancel(p->channel);
    for (size_t i = 0; i < p->nzones; i++) {
        ares_cancel(p->zones[i].channel);
    }
    return NULL;
}

static void release(struct dns_prober *p)
{
    dns_authority_release(p);
    if (p->channel != NULL) {
        ares_destroy(p->channel);
    }
    worker_release(&p->worker);
    free(p->resolver_option);
    free(p);
    ares_library_cleanup();
}

struct dns_prober *dns_prober_start(const struct dns_prober_options *o, struct err *err)
{
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        err_set(err, ERR_INTERNAL, "cannot initialise c-ares");
        return NULL;
    }
    struct dns_prober *p = xcalloc(1, sizeof *p);
    p->opt = *o;
    p->opt.resolver = NULL;
    p->resolver_option = o->resolver != NULL ? xstrdup(o->resolver) : NULL;
    worker_init(&p->worker, o->names != 0 ? o->names : 262144,
                (int64_t)(o->hidden_s > 0 ? o->hidden_s : 600) * 1000);
    if (dns_open_channel(p, true, &p->channel) != ARES_SUCCESS) {
        p->channel = NULL;
        err_set(err, ERR_INTERNAL, "cannot initialise c-ares");
    } else if (p->resolver_option != NULL && !dns_set_servers(p->channel, p->resolver_option)) {
        err_set(err, ERR_USAGE,
                "'%s' is no resolver: give an address, address:port or [IPv6 address]:port",
                p->resolver_option);
    } else {
        name_resolver(p);
        if (worker_start(&p->worker, run, p, "DNS", err)) {
            return p;
        }
    }
    release(p);
    return NULL;
}

void dns_prober_stop(struct dns_prober *p)
{
    if (p != NULL) {
        worker_stop(&p->worker);
        release(p);
    }
}

bool dns_prober_request(struct dns_prober *p, enum probe_kind k, const char *name, bool visible)
{
    return worker_want(&p->worker, (int)k, name, visible ? WANT_VISIBLE : WANT_HIDDEN);
}

bool dns_prober_again(struct dns_prober *p, enum probe_kind k, const char *name)
{
    return worker_want(&p->worker, (int)k, name, WANT_NOW);
}

void dns_prober_screen_changed(struct dns_prober *p)
{
    pthread_mutex_lock(&p->worker.lock);
    probe_queue_hide(p->worker.queue);
    pthread_mutex_unlock(&p->worker.lock);
}

size_t dns_prober_pending(struct dns_prober *p)
{
    return worker_open(&p->worker);
}

void dns_prober_state(struct dns_prober *p, struct dns_prober_state *out)
{
    pthread_mutex_lock(&p->worker.lock);
    out->waiting = probe_queue_waiting(p->worker.queue);
    out->asking = probe_queue_asking(p->worker.queue);
    out->sent = p->sent;
    pthread_mutex_unlock(&p->worker.lock);
    snprintf(out->resolver, sizeof out->resolver, "%s",
             p->resolver); // written before the thread starts
}
