// SPDX-License-Identifier: Apache-2.0
// The filters of external-dns (docs/rules/dns.md#domain-filter, docs/rules/dns.md#target-filter,
// docs/rules/dns.md#managed-types).
#include "kube/base/domain_name.h"
#include "kube/base/text.h"

#include "kube/mesh/dns/dns_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

const char *dns_plain_name(struct arena *a, const char *domain)
{
    const char *ascii = domain_name_to_ascii(a, domain);
    return ascii != NULL ? ascii : str_lower(a, domain);
}

// The same as people write it, for expressions.
static const char *unicode_name(struct arena *a, const char *domain)
{
    return domain_name_to_unicode(a, dns_plain_name(a, domain));
}

// ".example.com" lets through what is below it, "example.com" itself as well.
static bool filter_holds(const char *filter, bool below, const char *host)
{
    size_t n = strlen(filter), h = strlen(host);
    if (h < n || strcmp(host + h - n, filter) != 0) {
        return false;
    }
    return h == n ? !below : host[h - n - 1] == '.';
}

// An argument without the blanks around it.
static const char *trimmed(struct arena *a, const char *text)
{
    text += strspn(text, " ");
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }
    return arena_strndup(a, text, n);
}

// *real: some entry says something at all.
static bool any_holds(struct arena *a, const struct str_list *l, const char *host, bool *real)
{
    bool holds = false;
    *real = false;
    for (uint32_t i = 0; i < l->n; i++) {
        const char *text = trimmed(a, l->at[i]);
        bool below = text[0] == '.';
        const char *filter = dns_plain_name(a, text + below);
        if (filter[0] != '\0') {
            *real = true;
            holds = holds || filter_holds(filter, below, host);
        }
    }
    return holds;
}

// Where an expression is given the domains play no part; what excludes is asked first.
static bool regex_passes(struct arena *a, const struct dns_settings *s, const char *host)
{
    const char *name = unicode_name(a, host);
    size_t n = strlen(name);
    if (s->exclude_regex != NULL && regex_match(s->exclude_regex, name, n) == REGEX_YES) {
        return false;
    }
    return s->domain_regex == NULL || regex_match(s->domain_regex, name, n) != REGEX_NO;
}

bool dns_domain_passes(const struct dns_settings *s, const char *host)
{
    struct arena a;
    bool real, out;
    arena_init(&a);
    if (s->domain_regex != NULL || s->exclude_regex != NULL) {
        out = regex_passes(&a, s, host);
    } else {
        const char *name = dns_plain_name(&a, host);
        bool in = any_holds(&a, &s->domain_filter, name, &real);
        out = (in || !real) && !any_holds(&a, &s->exclude_domains, name, &real);
    }
    arena_release(&a);
    return out;
}

bool dns_type_managed(const struct dns_settings *s, const char *type)
{
    return str_list_has(&s->record_types, type) && !str_list_has(&s->exclude_types, type);
}

// --- networks

struct net {
    unsigned char bytes[16];
    int n;    // 4 or 16, 0: no address
    int bits; // of the network
};

static struct net address(const char *text)
{
    struct net out = {.bits = 32};
    if (inet_pton(AF_INET, text, out.bytes) == 1) {
        out.n = 4;
    } else if (inet_pton(AF_INET6, text, out.bytes) == 1) {
        out.n = 16;
        out.bits = 128;
    }
    return out;
}

// "10.0.0.0/8"; n is 0 where it is none.
static struct net network(const char *text)
{
    char plain[64];
    struct net none = {.n = 0};
    text += strspn(text, " ");
    const char *slash = strchr(text, '/');
    size_t n = slash != NULL ? (size_t)(slash - text) : sizeof plain;
    if (n >= sizeof plain) {
        return none;
    }
    memcpy(plain, text, n);
    plain[n] = '\0';
    struct net out = address(plain);
    char *end;
    long bits = strtol(slash + 1, &end, 10);
    end += strspn(end, " ");
    if (out.n == 0 || slash[1] < '0' || slash[1] > '9' || *end != '\0' || bits > out.bits) {
        return none;
    }
    out.bits = (int)bits;
    return out;
}

static bool contains(const struct net *net, const struct net *a)
{
    int whole = net->bits / 8, rest = net->bits % 8;
    if (net->n == 0 || net->n != a->n || memcmp(net->bytes, a->bytes, (size_t)whole) != 0) {
        return false;
    }
    return rest == 0 || (net->bytes[whole] ^ a->bytes[whole]) >> (8 - rest) == 0;
}

// *real: some entry is a network; external-dns passes over the others.
static bool any_contains(const struct str_list *l, const struct net *a, bool *real)
{
    bool in = false;
    *real = false;
    for (uint32_t i = 0; i < l->n; i++) {
        struct net net = network(l->at[i]);
        *real = *real || net.n != 0;
        in = in || contains(&net, a);
    }
    return in;
}

bool dns_target_passes(const struct dns_settings *s, const char *target)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct net a = address(target);
    if (a.n == 16 && memcmp(a.bytes, mapped, 12) == 0) { // an IPv4 address in IPv6's spelling
        memmove(a.bytes, a.bytes + 12, 4);
        a.n = 4;
    }
    bool real, in = any_contains(&s->target_nets, &a, &real);
    return (in || !real) && !any_contains(&s->exclude_target_nets, &a, &real);
}

const char *dns_nat64_address(struct arena *a, const struct dns_settings *s, const char *target)
{
    bool real;
    struct net x = address(target);
    return x.n == 16 && any_contains(&s->nat64, &x, &real)
               ? arena_printf(a, "%u.%u.%u.%u", x.bytes[12], x.bytes[13], x.bytes[14], x.bytes[15])
               : NULL;
}
