// SPDX-License-Identifier: Apache-2.0
// Discovery documents in any order and form: no crash, no leak, and what was known is not lost by nonsense.
#include "kube/api/discovery.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(discovery)

// The input is up to four documents, each after a zero byte.
int fuzz_discovery(const uint8_t *data, size_t size)
{
    static const char *const versions[] = {"v1", "v1beta1", NULL};
    struct discovery *d = discovery_new();
    const char *p = (const char *)data, *end = p + size;
    for (int i = 0; i < 4 && p < end; i++) {
        const char *zero = memchr(p, '\0', (size_t)(end - p));
        size_t n = zero != NULL ? (size_t)(zero - p) : (size_t)(end - p);
        const char *before, *after;
        enum discovery_form form;
        enum discovery_answer was = discovery_find(d, "a", "b", versions, &before);
        bool ok = i == 3 ? discovery_read_resources(d, "a", "v1", p, n, NULL)
                         : discovery_read(d, i == 1, p, n, &form, NULL);
        if (!ok && discovery_find(d, "a", "b", versions, &after) != was) {
            abort();
        }
        if (discovery_find(d, "a", "b", versions, &after) == DISCOVERY_SERVED &&
            strcmp(after, "v1") != 0 && strcmp(after, "v1beta1") != 0) {
            abort();
        }
        if (i == 2) {
            discovery_resources_failed(d, "a", "v1"); // its server is down
        }
        discovery_unread(d, "a");
        p = zero != NULL ? zero + 1 : end;
    }
    discovery_free(d);
    return 0;
}
