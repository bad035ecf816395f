// SPDX-License-Identifier: Apache-2.0
// The locale.
#include "tui/cli/utf8_locale.h"

#include <langinfo.h>
#include <locale.h>
#include <stddef.h>
#include <string.h>

static bool is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool utf8_locale_set(void)
{
    if (setlocale(LC_ALL, "") == NULL) {
        setlocale(LC_ALL, "C");
    }
    const char *name = setlocale(LC_CTYPE, NULL);
    bool plain = name != NULL && (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0);
    if (!is_utf8() && plain && setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        setlocale(LC_CTYPE, "C.utf8");
    }
    setlocale(LC_NUMERIC, "C");
    return is_utf8();
}
