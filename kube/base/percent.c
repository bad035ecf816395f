// SPDX-License-Identifier: Apache-2.0
// Percent-encoding.
#include "kube/base/percent.h"

#include "kube/base/buf.h"

bool percent_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
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

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

int percent_byte(const char *s, size_t n)
{
    if (n < 3 || s[0] != '%') {
        return -1;
    }
    int high = hex_value(s[1]), low = hex_value(s[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}
