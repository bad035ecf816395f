// SPDX-License-Identifier: Apache-2.0
// Small JSON documents, read by cJSON: kubeconfigs, credentials, discovery, errors, manifests.
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/json_bytes.h"
#include "kube/base/mem.h"
#include "kube/base/secret.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 512 };

// These documents may hold secrets: what cJSON frees is wiped. It is set before main because cJSON reads it in every
// thread.
__attribute__((constructor)) static void set_heap(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){malloc, secret_heap_free});
}

static bool too_deep(const char *text, size_t n)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > MAX_DEPTH) {
                return true;
            }
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

// Writes \ufffd over the escapes that cJSON refuses or that end a C string: half of a surrogate pair, and the NUL.
static void replace_escapes(char *text, size_t n)
{
    const char *end = text + n;
    for (char *p = text; p < end; p++) {
        if (*p != '\\') {
            continue;
        }
        int32_t unit = json_escape_unit(p, end);
        if (json_high_surrogate(unit) &&
            json_low_surrogate(json_escape_unit(p + JSON_ESCAPE_BYTES, end))) {
            p += 2 * JSON_ESCAPE_BYTES - 1;
        } else if (json_escape_unpaired(unit)) {
            p[2] = p[3] = p[4] = 'f';
            p[5] = 'd';
            p += JSON_ESCAPE_BYTES - 1;
        } else {
            p++; // what is escaped may be a backslash
        }
    }
}

// Nested no deeper than MAX_DEPTH.
static struct json *convert(const cJSON *c)
{
    if (cJSON_IsString(c)) {
        return json_new_string(c->valuestring);
    }
    if (cJSON_IsNumber(c)) {
        return json_new_number(c->valuedouble);
    }
    if (cJSON_IsBool(c)) {
        return json_new_bool(cJSON_IsTrue(c));
    }
    if (!cJSON_IsArray(c) && !cJSON_IsObject(c)) {
        return json_new_null();
    }
    struct json *j = cJSON_IsArray(c) ? json_new_array() : json_new_object();
    for (const cJSON *child = c->child; child != NULL; child = child->next) {
        if (cJSON_IsArray(c)) {
            json_push(j, convert(child));
        } else {
            json_add(j, child->string, convert(child));
        }
    }
    return j;
}

static bool is_blank(const char *from, const char *end)
{
    while (from < end && ascii_space(*from)) {
        from++;
    }
    return from == end;
}

struct json *json_parse(const char *text, size_t n, struct err *err)
{
    const char *nul =
        memchr(text, '\0', n); // cJSON would take it for a space, or end a string there
    if (nul != NULL) {
        err_set(err, ERR_PARSE, "not JSON at byte %zu: a NUL", (size_t)(nul - text));
        return NULL;
    }
    if (too_deep(text, n)) {
        err_set(err, ERR_PARSE, "JSON nested deeper than %d levels", MAX_DEPTH);
        return NULL;
    }
    char *copy = xstrndup(text, n);
    replace_escapes(copy, n);
    const char *end = copy;
    cJSON *c = cJSON_ParseWithLengthOpts(copy, n, &end, false);
    struct json *root = NULL;
    if (c == NULL) {
        err_set(err, ERR_PARSE, "not JSON at byte %zu", (size_t)(end - copy));
    } else if (!is_blank(end, copy + n)) {
        err_set(err, ERR_PARSE, "not JSON at byte %zu: text after the value", (size_t)(end - copy));
    } else {
        root = convert(c);
    }
    cJSON_Delete(c);
    secret_heap_free(copy);
    return root;
}
