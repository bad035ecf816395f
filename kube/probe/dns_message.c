// SPDX-License-Identifier: Apache-2.0
// The answer to a DNS question, taken apart by the C library's resolver.
#include "kube/probe/dns_message.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/ip_network.h"
#include "kube/base/text.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <string.h>

enum { RECORDS_MAX = 256, TEXT_MAX = 4096 };

// A list under construction.
struct text_list {
    const char **at;
    uint32_t n, cap;
};

struct answer_lists {
    struct text_list addresses, cnames, texts, servers;
};

static const char *read_address(struct arena *a, const ns_rr *rr, int size)
{
    if (rr->rdlength != size) {
        return NULL;
    }
    struct ip_network ip = ip_network_of_bytes(rr->rdata, size);
    char text[IP_TEXT_SIZE];
    return arena_strdup(a, ip_network_write(&ip, text));
}

static const char *read_name(struct arena *a, const ns_msg *message, const ns_rr *rr)
{
    char text[NS_MAXDNAME];
    int n = ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), rr->rdata, text,
                               sizeof text);
    return n >= 0 ? arena_strdup(a, strcmp(text, ".") == 0 ? "" : text) : NULL;
}

static const char *read_text(struct arena *a, const ns_rr *rr)
{
    struct buf b;
    buf_init(&b, NS_MAXMSG);
    for (size_t at = 0; at < rr->rdlength;) { // each string is preceded by its length
        size_t n = rr->rdata[at++];
        if (n > rr->rdlength - at) {
            break;
        }
        buf_add(&b, rr->rdata + at, n);
        at += n;
    }
    const char *out = text_clean(a, b.data, b.len, TEXT_MAX);
    buf_release(&b);
    return out;
}

static void push(struct arena *a, struct text_list *l, const char *text)
{
    if (text != NULL && l->n < RECORDS_MAX) {
        *ARENA_PUSH(a, l->at, l->n, l->cap) = text;
    }
}

static void read_record(struct arena *a, const ns_msg *message, const ns_rr *rr,
                        struct answer_lists *l)
{
    switch (rr->type) {
    case ns_t_a:
        push(a, &l->addresses, read_address(a, rr, NS_INADDRSZ));
        break;
    case ns_t_aaaa:
        push(a, &l->addresses, read_address(a, rr, NS_IN6ADDRSZ));
        break;
    case ns_t_cname:
        push(a, &l->cnames, read_name(a, message, rr));
        break;
    case ns_t_ns:
        push(a, &l->servers, read_name(a, message, rr));
        break;
    case ns_t_txt:
        push(a, &l->texts, read_text(a, rr));
        break;
    default:
        break;
    }
}

static int64_t record_ttl(const ns_rr *rr)
{
    return rr->ttl > INT32_MAX ? 0 : rr->ttl; // RFC 2181, section 8
}

// The lesser of the SOA's own TTL and its last field (RFC 2308, section 5).
static int64_t soa_negative_ttl(const ns_rr *soa)
{
    enum { NUMBERS = 5 * NS_INT32SZ };
    int64_t ttl = record_ttl(soa);
    const unsigned char *at = soa->rdata, *end = soa->rdata + soa->rdlength;
    for (int name = 0; name < 2; name++) { // of the server, and of who is responsible
        if (ns_name_skip(&at, end) != 0) {
            return ttl;
        }
    }
    if (end - at < NUMBERS) {
        return ttl;
    }
    int64_t minimum = (int64_t)ns_get32(at + NUMBERS - NS_INT32SZ);
    return minimum < ttl ? minimum : ttl;
}

bool dns_message_read(struct arena *a, const unsigned char *bytes, size_t n,
                      struct dns_message *out)
{
    ns_msg message;
    ns_rr rr;
    *out = (struct dns_message){.ttl = -1, .negative_ttl = -1};
    if (n > NS_MAXMSG || ns_initparse(bytes, (int)n, &message) != 0 ||
        ns_msg_getflag(message, ns_f_qr) == 0) {
        return false;
    }
    for (int i = 0; i < ns_msg_count(message, ns_s_qd); i++) { // its names are not used
        if (ns_parserr(&message, ns_s_qd, i, &rr) != 0) {
            return false;
        }
    }
    struct answer_lists l = {0};
    for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
        if (ns_parserr(&message, ns_s_an, i, &rr) != 0) {
            return false;
        }
        if (rr.rr_class == ns_c_in) {
            read_record(a, &message, &rr, &l);
            int64_t ttl = record_ttl(&rr);
            out->ttl = out->ttl < 0 || ttl < out->ttl ? ttl : out->ttl;
        }
    }
    for (int i = 0; i < ns_msg_count(message, ns_s_ns); i++) {
        if (ns_parserr(&message, ns_s_ns, i, &rr) != 0) {
            return false;
        }
        if (rr.type == ns_t_soa) {
            out->negative_ttl = soa_negative_ttl(&rr);
        }
    }
    out->addresses = (struct str_list){l.addresses.at, l.addresses.n};
    out->cnames = (struct str_list){l.cnames.at, l.cnames.n};
    out->texts = (struct str_list){l.texts.at, l.texts.n};
    out->servers = (struct str_list){l.servers.at, l.servers.n};
    return true;
}
