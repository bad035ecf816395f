// SPDX-License-Identifier: Apache-2.0
// The command lines of external-dns 0.10 to 0.22, which ends at once where one is wrong:
// docs/rules/dns.md#settings-idle.
#ifndef GATETOP_MESH_DNS_DNS_FLAGS_H
#define GATETOP_MESH_DNS_DNS_FLAGS_H

struct arena;

// Why external-dns of a minor version (-1 not known) refuses an argument "--name=value", or "--name" with its value in
// `next` (NULL: none): it has no such flag, or the value is none of the flag's. NULL if it takes it, or if that is not
// known. In the arena.
const char *dns_flag_refused(struct arena *a, int minor, const char *arg, const char *next);

#endif
