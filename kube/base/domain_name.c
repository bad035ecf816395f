// SPDX-License-Identifier: Apache-2.0
// Domain names: A-labels and U-labels, by libidn2.
#include "kube/base/domain_name.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"

#include <idn2.h>
#include <string.h>

bool domain_name_ascii(const char *name, char out[static DOMAIN_NAME_MAX + 1])
{
    size_t n = strlen(name);
    if (n > 0 && name[n - 1] == '.') {
        n--;
    }
    if (n == 0 || n > DOMAIN_NAME_MAX) {
        return false;
    }
    bool plain = true;
    for (size_t i = 0; i < n; i++) {
        plain = plain && (unsigned char)name[i] < 0x80;
        out[i] = ascii_lower(name[i]);
    }
    out[n] = '\0';
    if (plain) {
        return true;
    }
    char *ascii = NULL;
    int rc = idn2_to_ascii_8z(out, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    bool ok = rc == IDN2_OK && strlen(ascii) <= DOMAIN_NAME_MAX;
    if (ok) {
        memcpy(out, ascii, strlen(ascii) + 1);
    }
    idn2_free(ascii);
    return ok;
}

char *domain_name_to_ascii(struct arena *a, const char *name)
{
    char out[DOMAIN_NAME_MAX + 1];
    return domain_name_ascii(name, out) ? arena_strdup(a, out) : NULL;
}

bool domain_name_labels_fit(const char *name)
{
    for (const char *p = name; *p != '\0';) {
        size_t n = strcspn(p, ".");
        if (n > 63) {
            return false;
        }
        p += n;
        p += *p == '.' ? 1 : 0;
    }
    return true;
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
