// SPDX-License-Identifier: Apache-2.0
// Finds variables in names.
#include "kube/object/placeholder.h"

#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/json.h"

#include "kube/object/json_fields_internal.h"

#include <string.h>

static bool is_variable_char(char c)
{
    return ascii_alnum(c) || c == '_' || c == '-' || c == '.';
}

bool placeholder_in(const char *s)
{
    if (strstr(s, "{{") != NULL) {
        return true;
    }
    for (; (s = strchr(s, '$')) != NULL; s++) {
        if (s[1] != '{' && s[1] != '(') {
            continue;
        }
        const char *name = s + 2, *p = name;
        while (is_variable_char(*p)) {
            p++;
        }
        // "${DOMAIN:=example.com}" and "${DOMAIN:-example.com}" have a default.
        if (p > name && (*p == (s[1] == '{' ? '}' : ')') || *p == ':')) {
            return true;
        }
    }
    return false;
}

// The fields in which no object that a server accepts holds a variable.
static bool is_name_field(const struct json *j)
{
    static const char *const names[] = {
        "name",       "namespace", "hosts",      "host",   "sniHosts", "dnsNames",
        "commonName", "gateways",  "secretName", "subset", "exportTo", "credentialName",
    };
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (field_is(j, names[i])) {
            return true;
        }
    }
    return false;
}

static const struct json *placeholder_below(const struct json *j, bool named)
{
    const char *s = json_string(j);
    if (s != NULL) {
        return named && placeholder_in(s) ? j : NULL;
    }
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        const struct json *found =
            placeholder_below(c, json_type(j) == JSON_ARRAY ? named : is_name_field(c));
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

const struct json *placeholder_find(const struct json *object)
{
    const struct json *metadata = json_get(object, "metadata");
    static const char *const names[] = {"name", "namespace"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        const struct json *found = placeholder_below(json_get(metadata, names[i]), true);
        if (found != NULL) {
            return found;
        }
    }
    return placeholder_below(json_get(object, "spec"), false);
}
