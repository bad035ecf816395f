// SPDX-License-Identifier: Apache-2.0
// Recognizes what is no plain manifest.
#include "kube/object/manifest_source.h"

#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include <string.h>

// The first place of a character that stands twice; NULL: there is none.
static const char *find_twice(const char *p, const char *end, char c)
{
    while (p < end && (p = memchr(p, c, (size_t)(end - p))) != NULL) {
        if (p + 1 < end && p[1] == c) {
            return p;
        }
        p++;
    }
    return NULL;
}

bool manifest_is_template(const char *text, size_t n)
{
    const char *end = text + n;
    for (const char *p = text; (p = find_twice(p, end, '{')) != NULL;) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        const char *stop = line != NULL ? line : end;
        if (find_twice(p + 2, stop, '}') != NULL) {
            return true;
        }
        p = stop; // what closes none closes none of the rest of its line
    }
    return false;
}

bool manifest_is_utf16(const char *text, size_t n)
{
    return n >= 4 && ((text[0] == '\0' && text[1] != '\0' && text[2] == '\0' && text[3] != '\0') ||
                      (text[0] != '\0' && text[1] == '\0' && text[2] != '\0' && text[3] == '\0'));
}

static bool in_address(char c)
{
    return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f') || c == ':' ||
           c == '.';
}

// The address that ends with the colon at `at`; NULL: there is none. *n is its length.
static const char *address_before(const char *text, const char *at, size_t *n)
{
    const char *start = at;
    int colons = 1;
    while (start > text && in_address(start[-1])) {
        start--;
        colons += *start == ':';
    }
    bool own = start > text && strchr(" \t\n[,", start[-1]) != NULL;
    *n = (size_t)(at + 1 - start);
    return own && colons >= 2 ? start : NULL;
}

bool manifest_quote_addresses(const char *text, size_t n, struct buf *out)
{
    const char *end = text + n, *from = text;
    for (const char *p = text; (p = memchr(p, ':', (size_t)(end - p))) != NULL; p++) {
        size_t length;
        if (p + 1 == end || strchr(",]}", p[1]) == NULL || p[1] == '\0') {
            continue;
        }
        const char *start = address_before(from, p, &length);
        if (start != NULL) {
            buf_add(out, from, (size_t)(start - from));
            buf_addc(out, '"');
            buf_add(out, start, length);
            buf_addc(out, '"');
            from = p + 1;
        }
    }
    if (from == text) {
        return false;
    }
    buf_add(out, from, (size_t)(end - from));
    return true;
}

bool manifest_is_kustomization(const char *name)
{
    return strcmp(name, "kustomization.yaml") == 0 || strcmp(name, "kustomization.yml") == 0 ||
           strcmp(name, "Kustomization") == 0;
}

static bool names_file(const struct json *j, const char *name)
{
    const char *path = json_string(j);
    path = path != NULL ? path : json_get_string(j, "path");
    path = path != NULL && str_starts(path, "./") ? path + 2 : path;
    return str_eq(path, name);
}

bool manifest_is_patch(const struct json *root, const char *name)
{
    static const char *const lists[] = {
        "patches",      "patchesStrategicMerge", "patchesJson6902", "configurations",
        "replacements", "transformers",          "generators",      "validators",
        "openapi",
    };
    for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
        const struct json *list = json_get(root, lists[i]);
        for (const struct json *c = json_first(list); c != NULL; c = json_next(c)) {
            if (names_file(c, name)) {
                return true;
            }
        }
    }
    return false;
}
