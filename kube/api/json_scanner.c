// SPDX-License-Identifier: Apache-2.0
// The strings and brackets of JSON text that comes in pieces.
#include "kube/api/json_scanner.h"

#include "kube/base/json_bytes.h"

#include <string.h>

const char JSON_SCANNER_BROKEN[] = "a line ends within a string";

enum byte_class { BYTE_OTHER, BYTE_QUOTE, BYTE_BRACKET };
static const unsigned char CLASS[256] = {
    ['"'] = BYTE_QUOTE,   ['{'] = BYTE_BRACKET, ['['] = BYTE_BRACKET,
    ['}'] = BYTE_BRACKET, [']'] = BYTE_BRACKET,
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
    if (d >= JSON_SCANNER_KNOWN) {
        return true;
    }
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
    s->depth--;
    if (d >= JSON_SCANNER_KNOWN) {
        return true;
    }
    bool array = (s->arrays[d >> 3] >> (d & 7)) & 1;
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

// A bracket that is no part of a string. Says what is wrong with it; *done: it closes what is skipped.
static const char *bracket(struct json_scanner *s, int depth, char b, bool *done)
{
    if (b == '{' || b == '[') {
        return json_scanner_open(s, b) ? NULL : "nested too deeply";
    }
    if (!json_scanner_close(s, b)) {
        return "brackets do not match";
    }
    *done = s->depth < depth;
    return NULL;
}

// A block of which no string has a backslash or a line end. Returns where it stopped: at its end if all is well.
static const char *skip_block(struct json_scanner *s, int depth, const char *block, bool *done,
                              const char **error)
{
    uint64_t strings = json_block_strings(json_block_equal(block, '"'));
    strings ^= s->in_string ? UINT64_MAX : 0;
    uint64_t brackets = (json_block_equal(block, '{') | json_block_equal(block, '}') |
                         json_block_equal(block, '[') | json_block_equal(block, ']')) &
                        ~strings;
    for (; brackets != 0; brackets &= brackets - 1) {
        const char *p = block + __builtin_ctzll(brackets);
        *error = bracket(s, depth, *p, done);
        if (*error != NULL || *done) {
            s->in_string = false;
            return *done ? p + 1 : p;
        }
    }
    s->in_string = strings >> (JSON_BLOCK - 1) != 0;
    return block + JSON_BLOCK;
}

static const char *skip_bytes(struct json_scanner *s, int depth, const char *p, const char *end,
                              bool *done, const char **error)
{
    while (p < end && !*done) {
        if (s->in_string) {
            const char *q = json_scanner_end_string(s, p, end);
            if (s->broken) {
                *error = JSON_SCANNER_BROKEN;
                return memchr(p, '\n', (size_t)(end - p));
            }
            p = q != NULL ? q + 1 : end;
            continue;
        }
        enum byte_class class = CLASS[(unsigned char)*p];
        if (class == BYTE_QUOTE) {
            json_scanner_begin_string(s);
        } else if (class == BYTE_BRACKET) {
            *error = bracket(s, depth, *p, done);
            if (*error != NULL) {
                return p;
            }
        }
        p++;
    }
    return p;
}

const char *json_scanner_skip(struct json_scanner *s, int depth, const char *p, const char *end,
                              bool *done, const char **error)
{
    *done = false;
    *error = NULL;
    while (p < end && !*done && *error == NULL) {
        size_t n = end - p < JSON_BLOCK ? (size_t)(end - p) : JSON_BLOCK;
        bool plain = n == JSON_BLOCK && !s->escaped &&
                     (json_block_equal(p, '\\') | json_block_equal(p, '\n')) == 0;
        p = plain ? skip_block(s, depth, p, done, error)
                  : skip_bytes(s, depth, p, p + n, done, error);
    }
    return p;
}
