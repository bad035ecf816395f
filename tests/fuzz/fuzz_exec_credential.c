// SPDX-License-Identifier: Apache-2.0
// What an exec credential plugin prints: an answer that is taken is fit for a header, an error is clean.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/text.h"

#include "kube/api/exec_credential.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(exec_credential)

int fuzz_exec_credential(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct exec_credential answer;
    struct err err = {0};
    if (exec_credential_parse(text, size, "client.authentication.k8s.io/v1", &answer, &err)) {
        ASSERT(answer.token != NULL || answer.cert != NULL);
        ASSERT((answer.cert == NULL) == (answer.key == NULL));
        for (const char *p = answer.token; p != NULL && *p != '\0'; p++) {
            ASSERT((unsigned char)*p >= 0x21 && *p != 0x7F);
        }
        exec_credential_clear(&answer);
    } else {
        ASSERT(err.code != ERR_NONE && text_is_clean(err.msg, strlen(err.msg)));
    }
    struct arena a;
    arena_init(&a);
    const char *words = exec_stderr_summary(&a, text, size);
    ASSERT(text_is_clean(words, strlen(words)) && strlen(words) < 700);
    arena_release(&a);
    return 0;
}
