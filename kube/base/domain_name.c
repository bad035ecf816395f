// SPDX-License-Identifier: Apache-2.0
// Domain names: A-labels and U-labels, by libidn2.
#include "kube/base/domain_name.h"

#include "kube/base/text.h"

#include <idn2.h>
#include <string.h>

static bool is_ascii(const char *s)
{
    while (*s != '\0' && (unsigned char)*s < 0x80) {
        s++;
    }
    return *s == '\0';
}

char *domain_name_to_ascii(struct arena *a, const char *name)
{
    size_t n = strlen(name);
    if (n > 0 && name[n - 1] == '.') {
        n--;
    }
    if (n == 0 || n > DOMAIN_NAME_MAX) {
        return NULL;
    }
    char *lower = str_lower(a, arena_strndup(a, name, n));
    if (is_ascii(lower)) {
        return lower;
    }
    char *ascii = NULL;
    int rc = idn2_to_ascii_8z(lower, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    char *out = rc == IDN2_OK ? arena_strdup(a, ascii) : NULL;
    idn2_free(ascii);
    return out;
}

const char *domain_name_to_unicode(struct arena *a, const char *name)
{
    char *wide = NULL;
    if (idn2_to_unicode_8z8z(name, &wide, 0) == IDN2_OK) {
        name = arena_strdup(a, wide);
    }
    idn2_free(wide);
    return name;
}
