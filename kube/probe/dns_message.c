// SPDX-License-Identifier: Apache-2.0
// Reads DNS messages: bounded names, no pointer loops, records that do not fit end the reading.
#include "kube/probe/dns_message.h"

#include "kube/base/text.h"

#include <arpa/inet.h>
#include <string.h>

#define RECORDS_MAX 256

struct cursor {
    const unsigned char *bytes;
    size_t n, at;
};

static bool u16(struct cursor *c, unsigned *out)
{
    if (c->n - c->at < 2) {
        return false;
    }
    *out = (unsigned)c->bytes[c->at] << 8 | c->bytes[c->at + 1];
    c->at += 2;
    return true;
}

static bool u32(struct cursor *c, uint32_t *out)
{
    unsigned high, low;
    if (!u16(c, &high) || !u16(c, &low)) {
        return false;
    }
    *out = (uint32_t)high << 16 | low;
    return true;
}

static void put_label_byte(struct buf *b, unsigned char c)
{
    if (c == '.' || c == '\\') {
        buf_addf(b, "\\%c", c);
    } else if (c > ' ' && c < 0x7f) {
        buf_addc(b, (char)c);
    } else {
        buf_addf(b, "\\%03u", c);
    }
}

// A name at the cursor; out may be NULL to pass over it. Pointers only lead backwards, so it ends.
static bool name(struct arena *a, struct cursor *c, const char **out)
{
    struct buf b;
    buf_init(&b, 2048);
    size_t at = c->at, limit = c->n, after = 0;
    bool jumped = false, ok = false;
    while (at < c->n) {
        unsigned len = c->bytes[at];
        if (len == 0) {
            after = jumped ? after : at + 1;
            ok = true;
            break;
        }
        if ((len & 0xc0) == 0xc0) {
            if (at + 1 >= c->n) {
                break;
            }
            size_t to = (size_t)(len & 0x3f) << 8 | c->bytes[at + 1];
            after = jumped ? after : at + 2;
            limit = jumped ? limit : at;
            if (to >= limit) {
                break;
            }
            limit = to;
            jumped = true;
            at = to;
            continue;
        }
        if (len > 63 || c->n - at - 1 < len || b.len > 1100) {
            break;
        }
        if (b.len != 0) {
            buf_addc(&b, '.');
        }
        for (unsigned i = 0; i < len; i++) {
            put_label_byte(&b, c->bytes[at + 1 + i]);
        }
        at += len + 1;
    }
    if (ok) {
        c->at = after;
        if (out != NULL) {
            *out = arena_strndup(a, b.data != NULL ? b.data : "", b.len);
        }
    }
    buf_release(&b);
    return ok;
}

struct lists {
    const char *address[RECORDS_MAX], *cname[RECORDS_MAX], *text[RECORDS_MAX], *server[RECORDS_MAX];
    uint32_t naddress, ncname, ntext, nserver;
};

static const char *text_of(struct arena *a, const unsigned char *d, size_t n)
{
    struct buf b;
    buf_init(&b, 65536);
    while (n > 0) {
        size_t len = d[0];
        if (len > n - 1) {
            break;
        }
        buf_add(&b, d + 1, len);
        d += len + 1;
        n -= len + 1;
    }
    const char *out = text_clean(a, b.data != NULL ? b.data : "", b.len, 4096);
    buf_release(&b);
    return out;
}

static void keep(struct arena *a, struct cursor *c, unsigned type, size_t len, struct lists *l)
{
    const unsigned char *d = c->bytes + c->at;
    char ip[INET6_ADDRSTRLEN];
    struct cursor inner = *c;
    const char *n;
    if (type == DNS_TYPE_A && len == 4 && l->naddress < RECORDS_MAX &&
        inet_ntop(AF_INET, d, ip, sizeof ip) != NULL) {
        l->address[l->naddress++] = arena_strdup(a, ip);
    } else if (type == DNS_TYPE_AAAA && len == 16 && l->naddress < RECORDS_MAX &&
               inet_ntop(AF_INET6, d, ip, sizeof ip) != NULL) {
        l->address[l->naddress++] = arena_strdup(a, ip);
    } else if (type == DNS_TYPE_CNAME && l->ncname < RECORDS_MAX && name(a, &inner, &n)) {
        l->cname[l->ncname++] = n;
    } else if (type == DNS_TYPE_NS && l->nserver < RECORDS_MAX && name(a, &inner, &n)) {
        l->server[l->nserver++] = n;
    } else if (type == DNS_TYPE_TXT && l->ntext < RECORDS_MAX) {
        l->text[l->ntext++] = text_of(a, d, len);
    }
}

// min(TTL of the SOA, its last field): how long "no" may be believed (RFC 2308).
static int64_t soa_ttl(struct cursor c, uint32_t ttl)
{
    uint32_t field = 0;
    if (!name(NULL, &c, NULL) || !name(NULL, &c, NULL)) {
        return ttl;
    }
    for (int i = 0; i < 5; i++) {
        if (!u32(&c, &field)) {
            return ttl;
        }
    }
    return field < ttl ? field : ttl;
}

static struct str_list copy_list(struct arena *a, const char *const *at, uint32_t n)
{
    const char **out = arena_alloc(a, ((size_t)n + 1) * sizeof *out);
    for (uint32_t i = 0; i < n; i++) {
        out[i] = at[i];
    }
    return (struct str_list){out, n};
}

bool dns_message_read(struct arena *a, const unsigned char *bytes, size_t n,
                      struct dns_message *out)
{
    struct cursor c = {bytes, n, 0};
    unsigned id, flags, questions, answers, authority, more;
    memset(out, 0, sizeof *out);
    out->ttl = out->negative_ttl = -1;
    if (n > 65535 || !u16(&c, &id) || !u16(&c, &flags) || !u16(&c, &questions) ||
        !u16(&c, &answers) || !u16(&c, &authority) || !u16(&c, &more) || (flags & 0x8000) == 0) {
        return false;
    }
    out->rcode = (int)(flags & 15);
    out->truncated = (flags & 0x0200) != 0;
    for (unsigned i = 0; i < questions; i++) {
        unsigned type, class;
        if (!name(a, &c, NULL) || !u16(&c, &type) || !u16(&c, &class)) {
            return false;
        }
    }
    struct lists l = {.naddress = 0};
    for (unsigned i = 0; i < answers + authority; i++) {
        unsigned type, class, len;
        uint32_t ttl;
        if (!name(a, &c, NULL) || !u16(&c, &type) || !u16(&c, &class) || !u32(&c, &ttl) ||
            !u16(&c, &len) || c.n - c.at < len) {
            return false;
        }
        ttl = ttl > INT32_MAX ? 0 : ttl; // RFC 2181, section 8
        if (i < answers && class == 1) {
            keep(a, &c, type, len, &l);
            out->ttl = out->ttl < 0 || ttl < out->ttl ? ttl : out->ttl;
        } else if (type == DNS_TYPE_SOA) {
            out->negative_ttl = soa_ttl(c, ttl);
        }
        c.at += len;
    }
    out->addresses = copy_list(a, l.address, l.naddress);
    out->cnames = copy_list(a, l.cname, l.ncname);
    out->texts = copy_list(a, l.text, l.ntext);
    out->servers = copy_list(a, l.server, l.nserver);
    return true;
}
