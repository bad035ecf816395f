// SPDX-License-Identifier: Apache-2.0
// Reads networks and finds addresses in them.
#include "kube/mesh/dns/target_filter.h"

#include "kube/base/arena.h"
#include "kube/base/number.h"

#include <arpa/inet.h>
#include <string.h>

struct network {
    unsigned char bytes[16];
    int n;    // bytes of an address: 4 or 16, 0 if the text is no address
    int bits; // of the prefix; of an address all
};

static struct network read_address(const char *text)
{
    struct network out = {.bits = 32};
    if (inet_pton(AF_INET, text, out.bytes) == 1) {
        out.n = 4;
    } else if (inet_pton(AF_INET6, text, out.bytes) == 1) {
        out.n = 16;
        out.bits = 128;
    }
    return out;
}

// "10.0.0.0/8", blanks around it do not matter; n is 0 if the text is no network.
static struct network read_network(const char *text)
{
    char plain[64];
    const struct network none = {.n = 0};
    text += strspn(text, " ");
    const char *slash = strchr(text, '/');
    size_t n = slash != NULL ? (size_t)(slash - text) : sizeof plain;
    if (n >= sizeof plain) {
        return none;
    }
    memcpy(plain, text, n);
    plain[n] = '\0';
    struct network out = read_address(plain);
    size_t digits = strcspn(slash + 1, " ");
    const char *end = slash + 1 + digits;
    int64_t bits;
    if (out.n == 0 || end[strspn(end, " ")] != '\0' ||
        !number_parse(slash + 1, digits, out.bits, &bits)) {
        return none;
    }
    out.bits = (int)bits;
    return out;
}

static bool contains(const struct network *net, const struct network *a)
{
    int whole = net->bits / 8, rest = net->bits % 8;
    if (net->n == 0 || net->n != a->n || memcmp(net->bytes, a->bytes, (size_t)whole) != 0) {
        return false;
    }
    return rest == 0 || (net->bytes[whole] ^ a->bytes[whole]) >> (8 - rest) == 0;
}

// Whether one of the networks contains the address. *real: one of them is a network; external-dns ignores the others.
static bool any_contains(const struct str_array *l, const struct network *a, bool *real)
{
    bool in = false;
    *real = false;
    for (uint32_t i = 0; i < l->n; i++) {
        struct network net = read_network(l->at[i]);
        *real = *real || net.n != 0;
        in = in || contains(&net, a);
    }
    return in;
}

bool target_filter_passes(const struct dns_settings *s, const char *target)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (s->target_nets.n == 0 && s->exclude_target_nets.n == 0) {
        return true;
    }
    struct network a = read_address(target);
    if (a.n == 16 && memcmp(a.bytes, mapped, 12) == 0) { // an IPv4 address in IPv6's spelling
        memmove(a.bytes, a.bytes + 12, 4);
        a.n = 4;
    }
    bool real, in = any_contains(&s->target_nets, &a, &real);
    return (in || !real) && !any_contains(&s->exclude_target_nets, &a, &real);
}

const char *nat64_address(struct arena *a, const struct dns_settings *s, const char *target)
{
    bool real;
    struct network x = read_address(target);
    return x.n == 16 && any_contains(&s->nat64, &x, &real)
               ? arena_printf(a, "%u.%u.%u.%u", x.bytes[12], x.bytes[13], x.bytes[14], x.bytes[15])
               : NULL;
}
