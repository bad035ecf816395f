// SPDX-License-Identifier: Apache-2.0
// Certificate chains from anywhere: PEM, base64 of PEM; never a crash, never an empty success.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "kube/object/x509.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(x509)

int fuzz_x509(const uint8_t *data, size_t size)
{
    struct arena a;
    struct x509_chain chain;
    struct err err;
    arena_init(&a);
    char *text = xstrndup((const char *)data, size);
    if (x509_read_pem(&a, text, strlen(text), &chain, &err) && (chain.n == 0 || chain.n > 16)) {
        abort();
    }
    if (x509_read_base64(&a, text, &chain, &err)) {
        x509_request_matches(text, text);
    }
    free(text);
    arena_release(&a);
    return 0;
}
