// SPDX-License-Identifier: Apache-2.0
// Networks of IPv4 and IPv6: "10.0.0.0/8", "2001:db8::/32". Any thread.
#ifndef GATETOP_BASE_IP_NETWORK_H
#define GATETOP_BASE_IP_NETWORK_H

#include <stdbool.h>

struct ip_network {
    unsigned char bytes[16];
    int n;    // bytes of an address: 4 or 16, 0 if the text is none
    int bits; // of the prefix; of an address all
};

// An address as the network that has only it; n is 0 if the text is no address.
struct ip_network ip_network_of_address(const char *text);
// An address, a slash and the length of the prefix; blanks around it do not matter. n is 0 if the text is no network.
struct ip_network ip_network_parse(const char *text);
// Whether `a` lies in the network. False if they are of different families, or one is none.
bool ip_network_has(const struct ip_network *net, const struct ip_network *a);

#endif
