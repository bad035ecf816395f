// SPDX-License-Identifier: Apache-2.0
// DNS messages: names end, lists agree with their counts, nothing is read beyond the end.
#include "kube/base/arena.h"
#include "kube/base/text.h"

#include "kube/probe/dns_message.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(dns_message)

int fuzz_dns_message(const uint8_t *data, size_t size)
{
    struct arena a;
    struct dns_message m;
    arena_init(&a);
    if (dns_message_read(&a, data, size, &m)) {
        for (uint32_t i = 0; i < m.cnames.n; i++) {
            if (!text_is_clean(m.cnames.at[i], strlen(m.cnames.at[i]))) {
                abort();
            }
        }
        for (uint32_t i = 0; i < m.texts.n; i++) {
            if (!text_is_clean(m.texts.at[i], strlen(m.texts.at[i]))) {
                abort();
            }
        }
    }
    arena_release(&a);
    return 0;
}
