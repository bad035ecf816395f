// SPDX-License-Identifier: Apache-2.0
// The bytes of a bearer token.
#include "kube/api/token_text.h"

#include "kube/base/ascii.h"

bool token_text_trim(const char *s, size_t *n)
{
    while (*n > 0 && ascii_space(s[*n - 1])) {
        (*n)--;
    }
    for (size_t i = 0; i < *n; i++) {
        if ((unsigned char)s[i] <= ' ' || s[i] == 0x7F) {
            return false;
        }
    }
    return true;
}
