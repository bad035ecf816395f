// SPDX-License-Identifier: Apache-2.0
// Standard base64.
#include "kube/base/base64.h"

#include "kube/base/buf.h"

static int value_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : (c == '/' ? 63 : -1);
}

static bool fail(size_t at, size_t *bad)
{
    if (bad != NULL) {
        *bad = at;
    }
    return false;
}

bool base64_decode(const char *text, size_t n, struct buf *out, size_t *bad)
{
    unsigned bits = 0;
    int have = 0, pads = 0; // of the current group of four
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n' || c == '\r') {
            continue;
        }
        if (pads > 0 && have + pads == 4) { // padding ends the text
            return fail(i, bad);
        }
        int v = value_of(c);
        if (c == '=' && have >= 2) {
            pads++;
        } else if (v < 0 || pads > 0) {
            return fail(i, bad);
        } else {
            bits = bits << 6 | (unsigned)v;
            have++;
        }
        if (have + pads == 4) {
            bits <<= 6 * pads;
            char three[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
            buf_add(out, three, (size_t)(3 - pads));
            bits = 0;
            have = pads > 0 ? have : 0;
        }
    }
    return (have == 0 && pads == 0) || (pads > 0 && have + pads == 4) || fail(n, bad);
}

void base64_encode(const void *bytes, size_t n, struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned bits = (unsigned)p[i] << 16;
        bits |= left > 1 ? (unsigned)p[i + 1] << 8 : 0;
        bits |= left > 2 ? (unsigned)p[i + 2] : 0;
        buf_addc(out, digits[bits >> 18 & 63]);
        buf_addc(out, digits[bits >> 12 & 63]);
        buf_addc(out, left > 1 ? digits[bits >> 6 & 63] : '=');
        buf_addc(out, left > 2 ? digits[bits & 63] : '=');
    }
}
