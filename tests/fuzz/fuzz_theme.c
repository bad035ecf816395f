// SPDX-License-Identifier: Apache-2.0
// A theme's file: it is a theme with a look for every role in every depth, or one clean line says which line is wrong.
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/text.h"

#include "tui/screen/theme.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

FUZZ_ENTRY(theme)

int fuzz_theme(const uint8_t *data, size_t size)
{
    struct theme t;
    struct err err = {0};
    if (!theme_parse(&t, (const char *)data, size, "f.theme", &err)) {
        ASSERT(err.code == ERR_CONFIG && strstr(err.msg, "f.theme") != NULL);
        ASSERT(text_is_clean(err.msg, strlen(err.msg)));
        return 0;
    }
    for (int d = DEPTH_MONO; d <= DEPTH_256; d++) {
        for (int r = 0; r < ROLE_COUNT; r++) {
            struct style s = theme_cell(&t, (enum depth)d, (enum role)r, ROLE_TEXT);
            struct style over = theme_cell(&t, (enum depth)d, (enum role)r, ROLE_CURSOR);
            ASSERT(s.fg >= -1 && s.fg < 256 && s.bg >= -1 && s.bg < 256);
            ASSERT(over.fg >= -1 && over.fg < 256 && over.bg >= -1 && over.bg < 256);
        }
    }
    return 0;
}
