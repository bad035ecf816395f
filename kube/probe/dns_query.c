// SPDX-License-Identifier: Apache-2.0
// One name under way: the questions that are put for it, and what the answers make of its result.
#include "kube/probe/dns_query.h"

#include "kube/base/arena.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/probe/dns_message.h"
#include "kube/probe/probe_name.h"

#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

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

static struct str_list copy_list(struct arena *a, const char *const *at, uint32_t n)
{
    const char **out = arena_calloc(a, n, sizeof *out);
    memcpy(out, at, n * sizeof *out);
    return (struct str_list){out, n};
}

// The texts of TXT records are only counted: some belong to others than external-dns.
static void log_result(const struct probe_result *r)
{
    struct arena a;
    arena_init(&a);
    const char *found = str_list_join(&a, &r->addresses, " ");
    const char *cnames = str_list_join(&a, &r->cnames, " ");
    log_debug(LOG_AREA_PROBE, "%s %s: %s%s%s%s%s, %u texts, TTL %lld s, asked: %s%s%s",
              probe_kind_name(r->kind), r->name, probe_answer_name(r->answer),
              r->addresses.n > 0 ? ", addresses " : "", found, r->cnames.n > 0 ? ", CNAME " : "",
              cnames, r->texts.n, (long long)r->ttl,
              r->resolver != NULL ? r->resolver : "the resolver", r->error != NULL ? ", " : "",
              str_or_empty(r->error));
    arena_release(&a);
}

static void finish(struct dns_query *q)
{
    struct probe_result *r = q->result;
    // A zone's own servers do not follow a CNAME that leads out of the zone.
    bool leads_out = q->authoritative && q->ncnames != 0 && !q->nxdomain;
    bool found = q->naddresses != 0 || r->texts.n != 0 || leads_out;
    qsort(q->addresses, q->naddresses, sizeof *q->addresses, str_order);
    r->addresses = copy_list(&r->arena, q->addresses, q->naddresses);
    r->cnames = copy_list(&r->arena, q->cnames, q->ncnames);
    r->answer = found         ? ANSWER_YES
                : q->failed   ? ANSWER_FAILED
                : q->nxdomain ? ANSWER_NXDOMAIN
                              : ANSWER_NODATA;
    r->error = q->error;
    r->ttl = found ? q->ttl : q->negative_ttl;
    if (log_area_on(LOG_AREA_PROBE)) {
        log_result(r);
    }
    q->events->done(q->events->self, r);
    free(q);
}

// Adds the texts of `from` that are not there yet, case aside.
static void merge_list(const char **at, uint32_t *n, uint32_t max, const struct str_list *from)
{
    for (uint32_t i = 0; i < from->n && *n < max; i++) {
        bool there = false;
        for (uint32_t j = 0; j < *n && !there; j++) {
            there = str_casecmp(at[j], from->at[i]) == 0;
        }
        if (!there) {
            at[(*n)++] = from->at[i];
        }
    }
}

static void lower_ttl(int64_t *ttl, int64_t other)
{
    if (other >= 0 && (*ttl < 0 || other < *ttl)) {
        *ttl = other;
    }
}

static void merge(struct dns_query *q, const struct dns_message *m)
{
    merge_list(q->addresses, &q->naddresses, DNS_ADDRESSES_MAX, &m->addresses);
    merge_list(q->cnames, &q->ncnames, DNS_CNAMES_MAX, &m->cnames);
    if (m->texts.n != 0) {
        q->result->texts = m->texts;
    }
    lower_ttl(&q->ttl, m->ttl);
    lower_ttl(&q->negative_ttl, m->negative_ttl);
}

static void on_answer(void *self, int status, int timeouts, unsigned char *bytes, int n)
{
    struct dns_query *q = self;
    (void)timeouts;
    struct dns_message m;
    bool read = bytes != NULL && n > 0 && dns_message_read(&q->result->arena, bytes, (size_t)n, &m);
    if (read) {
        merge(q, &m);
    }
    if (status == ARES_ENOTFOUND) {
        q->nxdomain = true;
    } else if (status != ARES_ENODATA && (status != ARES_SUCCESS || !read)) {
        q->failed = true;
        q->error = status_text(status == ARES_SUCCESS ? ARES_EBADRESP : status);
    }
    if (--q->unanswered == 0) {
        finish(q);
    }
}

struct dns_query *dns_query_new(enum probe_kind k, const char *name,
                                const struct dns_query_events *events)
{
    struct dns_query *q = xcalloc(1, sizeof *q);
    q->events = events;
    q->result = probe_result_new(k, name);
    q->qname = probe_query_name(&q->result->arena, k, name);
    q->ttl = q->negative_ttl = -1;
    return q;
}

void dns_query_send(struct dns_query *q, ares_channel channel)
{
    if (q->qname == NULL) {
        dns_query_fail(q, status_text(ARES_EBADNAME));
        return;
    }
    static const int host_types[] = {ns_t_a, ns_t_aaaa}, txt_type[] = {ns_t_txt};
    bool host = q->result->kind == PROBE_HOST;
    const int *types = host ? host_types : txt_type;
    const int count = host ? 2 : 1;
    // The first answer may come before the second question is put, and the last one ends q: all questions are counted
    // from the start, and q must not be used after the last one.
    q->unanswered = count;
    log_debug(LOG_AREA_PROBE, "%s %s: asks for %s", probe_kind_name(q->result->kind),
              q->result->name, q->qname);
    q->events->sent(q->events->self, count);
    for (int i = 0; i < count; i++) {
        ares_query(channel, q->qname, ns_c_in, types[i], on_answer, q);
    }
}

void dns_query_fail(struct dns_query *q, const char *why)
{
    q->failed = true;
    q->error = why;
    finish(q);
}
