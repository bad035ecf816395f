// SPDX-License-Identifier: Apache-2.0
// Error bodies: whatever they hold, the message is clean text and the code one of HTTP's.
#include "kube/base/err.h"
#include "kube/base/text.h"

#include "kube/api/error_response.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(error_response)

int fuzz_error_response(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"application/json", "text/plain; charset=utf-8",
                                        "text/html", NULL};
    struct error_response a;
    struct err err;
    if (size < 1) {
        return 0;
    }
    char *body = malloc(size); // an exact copy: reading past it is seen
    if (body == NULL) {
        return 0;
    }
    memcpy(body, data + 1, size - 1);
    error_response_read(&a, 400 + data[0], types[data[0] % 4], data[0] % 5, body, size - 1);
    error_response_to_err(&a, "subject", &err);
    if (a.code < 100 || a.code > 999 || a.message[0] == '\0' ||
        !text_is_clean(a.message, strlen(a.message)) ||
        !text_is_clean(a.reason, strlen(a.reason)) || !text_is_clean(err.msg, strlen(err.msg))) {
        abort();
    }
    free(body);
    return 0;
}
