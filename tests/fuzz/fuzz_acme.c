// SPDX-License-Identifier: Apache-2.0
// Texts of ACME servers and of cert-manager: parsed, dated, masked. A token never comes through the mask.
#include "kube/base/arena.h"
#include "kube/base/mem.h"

#include "kube/mesh/cert/acme.h"
#include "kube/mesh/dns/txt_owner.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(acme)

int fuzz_acme(const uint8_t *data, size_t size)
{
    struct arena a;
    arena_init(&a);
    char *text = xstrndup((const char *)data, size);
    struct acme_error e;
    struct txt_owner owner;
    if (acme_error_parse(&a, text, &e) && (e.type == NULL || e.detail == NULL)) {
        abort();
    }
    acme_retry_after(text, 1789000000);
    acme_limit_of(text);
    acme_environment_of(text);
    acme_registered_domain(&a, text);
    txt_owner_parse(&a, text, &owner);
    const char *masked = acme_mask(&a, text);
    const char *token = strstr(masked, "/.well-known/acme-challenge/");
    if (token != NULL && strncmp(token + 28, "\xe2\x80\xa6", 3) != 0) {
        abort();
    }
    free(text);
    arena_release(&a);
    return 0;
}
