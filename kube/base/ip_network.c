// SPDX-License-Identifier: Apache-2.0
// Reads addresses and networks with inet_pton(), and compares prefixes.
#include "kube/base/ip_network.h"

#include "kube/base/number.h"

#include <arpa/inet.h>
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
