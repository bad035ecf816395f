// SPDX-License-Identifier: Apache-2.0
// Finds addresses in the networks of the arguments.
#include "kube/mesh/dns/target_filter.h"

#include "kube/base/arena.h"
#include "kube/base/ip_network.h"

#include <string.h>

// Whether one of the networks contains the address. *real: one of them is a network; external-dns ignores the others.
static bool any_contains(const struct str_array *l, const struct ip_network *a, bool *real)
{
    bool in = false;
    *real = false;
    for (uint32_t i = 0; i < l->n; i++) {
        struct ip_network net = ip_network_parse(l->at[i]);
        *real = *real || net.n != 0;
        in = in || ip_network_has(&net, a);
    }
    return in;
}

bool target_filter_passes(const struct dns_settings *s, const char *target)
{
    if (s->target_nets.n == 0 && s->exclude_target_nets.n == 0) {
        return true;
    }
    struct ip_network a = ip_network_unmapped(ip_network_of_address(target));
    bool real, in = any_contains(&s->target_nets, &a, &real);
    return (in || !real) && !any_contains(&s->exclude_target_nets, &a, &real);
}

const char *nat64_address(struct arena *a, const struct dns_settings *s, const char *target)
{
    bool real;
    struct ip_network x = ip_network_of_address(target);
    return x.n == 16 && any_contains(&s->nat64, &x, &real)
               ? arena_printf(a, "%u.%u.%u.%u", x.bytes[12], x.bytes[13], x.bytes[14], x.bytes[15])
               : NULL;
}
