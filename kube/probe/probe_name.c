// SPDX-License-Identifier: Apache-2.0
// Names as they travel: A-labels, and labels made up for wildcards.
#include "kube/probe/probe_name.h"

#include "kube/base/mem.h"
#include "kube/base/text.h"

#include <idn2.h>
#include <openssl/rand.h>

// NULL where the name cannot travel.
static char *ascii_name(const char *name)
{
    char *ascii = NULL, *out = NULL;
    bool plain = true;
    for (const char *p = name; *p != '\0'; p++) {
        plain = plain && (unsigned char)*p < 0x80;
    }
    if (plain) {
        return xstrdup(name);
    }
    if (idn2_to_ascii_8z(name, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK) {
        out = xstrdup(ascii);
    }
    idn2_free(ascii);
    return out;
}

char *probe_query_name(enum probe_kind k, const char *name)
{
    unsigned char random[4] = {0};
    bool made_up = str_starts(name, k == PROBE_TXT ? "?." : "*.");
    char *plain = ascii_name(made_up ? name + 2 : name);
    if (!made_up || plain == NULL) {
        return plain;
    }
    RAND_bytes(random, sizeof random);
    char *out =
        xasprintf("gatetop-%02x%02x%02x%02x.%s", random[0], random[1], random[2], random[3], plain);
    free(plain);
    return out;
}
