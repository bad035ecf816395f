// SPDX-License-Identifier: Apache-2.0
// Percent-encoding.
#include "kube/base/percent.h"

#include "kube/base/ascii.h"
#include "kube/base/buf.h"

bool percent_unreserved(unsigned char c)
{
    return ascii_alnum((char)c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void percent_add(struct buf *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[3] = {'%', digits[c >> 4], digits[c & 15]};
    buf_add(out, text, sizeof text);
}

void percent_encode(struct buf *out, const char *s)
{
    for (; *s != '\0'; s++) {
        if (percent_unreserved((unsigned char)*s)) {
            buf_addc(out, *s);
        } else {
            percent_add(out, (unsigned char)*s);
        }
    }
}

int percent_byte(const char *s, size_t n)
{
    if (n < 3 || s[0] != '%') {
        return -1;
    }
    int high = ascii_hex(s[1]), low = ascii_hex(s[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}
