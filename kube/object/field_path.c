// SPDX-License-Identifier: Apache-2.0
// Paths to fields as people write them.
#include "kube/object/field_path.h"

#include "kube/base/arena.h"
#include "kube/base/ascii.h"
#include "kube/base/json.h"

#include "kube/object/json_fields_internal.h"

#include <string.h>

static const struct json *field(const struct json *j, const char *key, size_t n)
{
    char name[256];
    if (n >= sizeof name) {
        return NULL;
    }
    memcpy(name, key, n);
    name[n] = '\0';
    const struct json *found = json_type(j) == JSON_OBJECT ? json_get(j, name) : NULL;
    if (found != NULL) {
        return found;
    }
    EACH_FIELD(c, j)
    {
        if (field_is_proto(c, name)) {
            found = c;
        }
    }
    return found;
}

static const struct json *item(const struct json *j, size_t index)
{
    EACH_ITEM(c, j)
    {
        if (index-- == 0) {
            return c;
        }
    }
    return NULL;
}

// One step of the path; *path moves past it.
static const struct json *step(const struct json *j, const char **path)
{
    const char *s = *path;
    if (s[0] == '[' && s[1] == '"') {
        const char *end = strstr(s + 2, "\"]");
        *path = end != NULL ? end + 2 : s + strlen(s);
        return end != NULL ? field(j, s + 2, (size_t)(end - s - 2)) : NULL;
    }
    if (s[0] == '[') {
        size_t index = 0;
        for (s++; ascii_digit(*s) && index < 1000000000; s++) {
            index = index * 10 + (size_t)(*s - '0');
        }
        *path = *s == ']' ? s + 1 : s + strlen(s);
        return item(j, index);
    }
    s += s[0] == '.' ? 1 : 0;
    size_t n = strcspn(s, ".[");
    *path = s + n;
    return field(j, s, n);
}

const struct json *field_path_find(const struct json *root, const char *path)
{
    const struct json *at = root;
    while (path != NULL && *path != '\0') {
        const struct json *next = step(at, &path);
        if (next == NULL) {
            break;
        }
        at = next;
    }
    return at;
}

static bool plain(const char *key)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/";
    return key[0] != '\0' && key[strspn(key, word)] == '\0';
}

const char *field_path_key(struct arena *a, const char *path, const char *key)
{
    if (!plain(key)) {
        return arena_printf(a, "%s[\"%s\"]", path, key);
    }
    return path[0] == '\0' ? arena_strdup(a, key) : arena_printf(a, "%s.%s", path, key);
}

const char *field_path_item(struct arena *a, const char *path, size_t index)
{
    return arena_printf(a, "%s[%zu]", path, index);
}
