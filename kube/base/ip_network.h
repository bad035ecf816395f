// SPDX-License-Identifier: Apache-2.0
// Addresses and networks of IPv4 and IPv6: "10.0.0.1", "2001:db8::/32". Any thread.
#ifndef GATETOP_BASE_IP_NETWORK_H
#define GATETOP_BASE_IP_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

struct ip_network {
    unsigned char bytes[16];
    int n;    // bytes of an address: 4 or 16, 0 if the text is none
    int bits; // of the prefix; of an address all
};

// An address as the network that has only it; n is 0 if the text is no address.
struct ip_network ip_network_of_address(const char *text);
// The same from the 4 or 16 bytes of an address.
struct ip_network ip_network_of_bytes(const void *bytes, int n);
// The IPv4 address that an IPv6 address spells ("::ffff:10.0.0.1"); any other is returned as it is.
struct ip_network ip_network_unmapped(struct ip_network address);
// An address, a slash and the length of the prefix; blanks around it do not matter. n is 0 if the text is no network.
struct ip_network ip_network_parse(const char *text);
// Whether `a` lies in the network. False if they are of different families, or one is none.
bool ip_network_has(const struct ip_network *net, const struct ip_network *a);
// Whether `a` lies in one of n networks, as texts.
bool ip_network_among(const char *const *networks, size_t n, const struct ip_network *a);
// Compares addresses as numbers, those of IPv4 first; 0: they are the same (or both are none).
int ip_network_compare(const struct ip_network *a, const struct ip_network *b);

// Room for an address in text, with its NUL.
enum { IP_TEXT_SIZE = 46 };
// An address in its one spelling (RFC 5952 for IPv6), "" if it is none. Returns out.
const char *ip_network_write(const struct ip_network *address, char out[IP_TEXT_SIZE]);

#endif
