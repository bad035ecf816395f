// SPDX-License-Identifier: Apache-2.0
// The strings and brackets of JSON text that comes in pieces.
#include "kube/api/json_scanner.h"

#include <string.h>

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

void json_scanner_next_piece(struct json_scanner *s)
{
    s->next_line = NULL;
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

// Whether the bytes from start to end finish in an odd number of backslashes; `before`: those before start did.
static bool ends_escaped(const char *start, const char *end, bool before)
{
    const char *b = end;
    while (b > start && b[-1] == '\\') {
        b--;
    }
    return (((end - b) & 1) != 0) != (b == start && before);
}

const char *json_scanner_end_string(struct json_scanner *s, const char *p, const char *end)
{
    if (s->lines && (s->next_line == NULL || s->next_line < p)) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        s->next_line = line != NULL ? line : end;
    }
    const char *line = s->lines && s->next_line < end ? s->next_line : NULL;
    const char *start = p; // what lies before it is accounted for in s->escaped
    while (p < end) {
        const char *q = memchr(p, '"', (size_t)(end - p));
        if (q == NULL || (line != NULL && line < q)) {
            break;
        }
        bool escaped = ends_escaped(start, q, s->escaped);
        s->escaped = false;
        if (!escaped) {
            s->in_string = false;
            return q;
        }
        p = start = q + 1;
    }
    if (line != NULL) {
        s->broken = true;
        return NULL;
    }
    s->escaped = ends_escaped(start, end, s->escaped);
    return NULL;
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
        switch (CLASS[(unsigned char)*p]) {
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
