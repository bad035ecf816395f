// SPDX-License-Identifier: Apache-2.0
// The strings and brackets of JSON text that comes in pieces.
#include "kube/api/json_scanner.h"

#include "kube/base/json_bytes.h"

const char JSON_SCANNER_BROKEN[] = "a line ends within a string";

enum byte_class { BYTE_OTHER, BYTE_QUOTE, BYTE_OPEN, BYTE_CLOSE };
static const unsigned char CLASS[256] = {
    ['"'] = BYTE_QUOTE, ['{'] = BYTE_OPEN,  ['['] = BYTE_OPEN,
    ['}'] = BYTE_CLOSE, [']'] = BYTE_CLOSE,
};

void json_scanner_reset(struct json_scanner *s, bool lines)
{
    s->lines = lines;
    s->depth = 0;
    s->in_string = s->broken = s->escaped = false;
}

bool json_scanner_open(struct json_scanner *s, char bracket)
{
    if (s->depth + 1 >= JSON_SCANNER_DEPTH_MAX) {
        return false;
    }
    int d = ++s->depth;
    unsigned char bit = (unsigned char)(1u << (d & 7));
    if (bracket == '[') {
        s->arrays[d >> 3] |= bit;
    } else {
        s->arrays[d >> 3] &= (unsigned char)~bit;
    }
    return true;
}

bool json_scanner_close(struct json_scanner *s, char bracket)
{
    int d = s->depth;
    if (d == 0) {
        return false;
    }
    bool array = (s->arrays[d >> 3] >> (d & 7)) & 1;
    s->depth--;
    return array == (bracket == ']');
}

void json_scanner_begin_string(struct json_scanner *s)
{
    s->in_string = true;
    s->escaped = false;
}

const char *json_scanner_end_string(struct json_scanner *s, const char *p, const char *end)
{
    for (;; p++) {
        if (!s->escaped) {
            p = json_bytes_plain(p, end);
        }
        if (p == end) {
            return NULL;
        }
        if (*p == '\n' && s->lines) {
            s->broken = true;
            return NULL;
        }
        if (*p == '"' && !s->escaped) {
            s->in_string = false;
            return p;
        }
        s->escaped = *p == '\\' && !s->escaped;
    }
}

const char *json_scanner_skip(struct json_scanner *s, int depth, const char *p, const char *end,
                              bool *done, const char **error)
{
    *done = false;
    *error = NULL;
    while (p < end) {
        if (s->in_string) {
            const char *q = json_scanner_end_string(s, p, end);
            if (q == NULL) {
                *error = s->broken ? JSON_SCANNER_BROKEN : NULL;
                return s->broken ? p : end;
            }
            p = q + 1;
            continue;
        }
        unsigned char class = CLASS[(unsigned char)*p];
        if (class == BYTE_OTHER) {
            p++;
            continue;
        }
        switch (class) {
        case BYTE_QUOTE:
            json_scanner_begin_string(s);
            break;
        case BYTE_OPEN:
            if (!json_scanner_open(s, *p)) {
                *error = "nested too deeply";
                return p;
            }
            break;
        case BYTE_CLOSE:
            if (!json_scanner_close(s, *p)) {
                *error = "brackets do not match";
                return p;
            }
            if (s->depth < depth) {
                *done = true;
                return p + 1;
            }
            break;
        default:
            break;
        }
        p++;
    }
    return p;
}
