// SPDX-License-Identifier: Apache-2.0
// The name that a probe puts into a DNS question or a TLS handshake.
#include "kube/probe/probe_name.h"

#include "kube/base/arena.h"
#include "kube/base/domain_name.h"
#include "kube/base/str.h"

#include <openssl/rand.h>

char *probe_query_name(struct arena *a, enum probe_kind k, const char *name)
{
    bool wildcard = str_starts(name, k == PROBE_TXT ? "?." : "*.");
    char *ascii = domain_name_to_ascii(a, wildcard ? name + 2 : name);
    if (!wildcard || ascii == NULL) {
        return ascii;
    }
    unsigned char random[4] = {0};
    RAND_bytes(random, sizeof random);
    return arena_printf(a, "gatetop-%02x%02x%02x%02x.%s", random[0], random[1], random[2],
                        random[3], ascii);
}
