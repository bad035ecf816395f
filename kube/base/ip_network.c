// SPDX-License-Identifier: Apache-2.0
// Reads addresses and networks with inet_pton(), and compares prefixes.
#include "kube/base/ip_network.h"

#include "kube/base/fail.h"
#include "kube/base/number.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

struct ip_network ip_network_of_address(const char *text)
{
    struct ip_network out = {.bits = 32};
    if (inet_pton(AF_INET, text, out.bytes) == 1) {
        out.n = 4;
    } else if (inet_pton(AF_INET6, text, out.bytes) == 1) {
        out.n = 16;
        out.bits = 128;
    }
    return out;
}

struct ip_network ip_network_of_bytes(const void *bytes, int n)
{
    ASSERT(n == 4 || n == 16);
    struct ip_network out = {.n = n, .bits = 8 * n};
    memcpy(out.bytes, bytes, (size_t)n);
    return out;
}

struct ip_network ip_network_unmapped(struct ip_network address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    return address.n == 16 && memcmp(address.bytes, mapped, sizeof mapped) == 0
               ? ip_network_of_bytes(address.bytes + sizeof mapped, 4)
               : address;
}

bool ip_network_among(const char *const *networks, size_t n, const struct ip_network *a)
{
    for (size_t i = 0; i < n; i++) {
        const struct ip_network network = ip_network_parse(networks[i]);
        if (ip_network_has(&network, a)) {
            return true;
        }
    }
    return false;
}

int ip_network_compare(const struct ip_network *a, const struct ip_network *b)
{
    return a->n != b->n ? a->n - b->n : memcmp(a->bytes, b->bytes, (size_t)a->n);
}

const char *ip_network_write(const struct ip_network *address, char out[IP_TEXT_SIZE])
{
    static_assert(IP_TEXT_SIZE >= INET6_ADDRSTRLEN, "no room for an address");
    int family = address->n == 4 ? AF_INET : AF_INET6;
    if (address->n == 0 || inet_ntop(family, address->bytes, out, IP_TEXT_SIZE) == NULL) {
        out[0] = '\0';
    }
    return out;
}

struct ip_network ip_network_parse(const char *text)
{
    char plain[64];
    const struct ip_network none = {.n = 0};
    text += strspn(text, " ");
    const char *slash = strchr(text, '/');
    size_t n = slash != NULL ? (size_t)(slash - text) : sizeof plain;
    if (n >= sizeof plain) {
        return none;
    }
    memcpy(plain, text, n);
    plain[n] = '\0';
    struct ip_network out = ip_network_of_address(plain);
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

bool ip_network_has(const struct ip_network *net, const struct ip_network *a)
{
    int whole = net->bits / 8, rest = net->bits % 8;
    if (net->n == 0 || net->n != a->n || memcmp(net->bytes, a->bytes, (size_t)whole) != 0) {
        return false;
    }
    return rest == 0 || (net->bytes[whole] ^ a->bytes[whole]) >> (8 - rest) == 0;
}
