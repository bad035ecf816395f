// SPDX-License-Identifier: Apache-2.0
// The reader of RE2 syntax and the matcher: input is "expression\ntext\nrewrite".
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/regex.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(regex)

int fuzz_regex(const uint8_t *data, size_t size)
{
    struct arena a;
    struct buf out;
    size_t at = 0;
    const char *why = NULL;
    arena_init(&a);
    buf_init(&out, 0);
    char *re = arena_strndup(&a, (const char *)data, size);
    char *text = strchr(re, '\n');
    if (text != NULL) {
        *text++ = '\0';
    } else {
        text = re + strlen(re);
    }
    char *rewrite = strchr(text, '\n');
    if (rewrite != NULL) {
        *rewrite++ = '\0';
    } else {
        rewrite = text + strlen(text);
    }
    bool taken = regex_check(re, &at, &why);
    const struct regex *r = regex_compile(&a, re);
    if (taken != (r != NULL) || at > strlen(re) || taken != (why == NULL)) {
        abort();
    }
    if (r != NULL) {
        (void)regex_match(r, text, strlen(text));
        if (regex_replace(r, text, strlen(text), rewrite, &out) == REGEX_NO &&
            (out.len != strlen(text) || (out.len > 0 && memcmp(out.data, text, out.len) != 0))) {
            abort();
        }
    }
    buf_release(&out);
    arena_release(&a);
    return 0;
}
