// SPDX-License-Identifier: Apache-2.0
// What a server adds to an object and how it spells it: times, managedFields, key order, pretty print.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "tests/apisim/apisim_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
    const struct json *const *x = a, *const *y = b;
    return strcmp(json_key(*x), json_key(*y));
}

void sim_print_sorted(const struct json *j, struct buf *out)
{
    enum json_value_type t = json_type(j);
    size_t n = json_count(j), i = 0;
    if (t == JSON_ARRAY) {
        buf_addc(out, '[');
        for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
            buf_adds(out, i++ > 0 ? "," : "");
            sim_print_sorted(c, out);
        }
        buf_addc(out, ']');
        return;
    }
    if (t != JSON_OBJECT) {
        json_print(j, false, out);
        return;
    }
    const struct json **child = xcalloc(n + 1, sizeof *child);
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        child[i++] = c;
    }
    qsort(child, n, sizeof *child, by_key);
    buf_addc(out, '{');
    for (i = 0; i < n; i++) {
        buf_adds(out, i > 0 ? "," : "");
        json_quote(out, json_key(child[i]), strlen(json_key(child[i])));
        buf_addc(out, ':');
        sim_print_sorted(child[i], out);
    }
    buf_addc(out, '}');
    free(child);
}

// The text for a placeholder, heap; NULL if s is none.
static char *resolved(const char *s, int64_t now)
{
    if (s[0] != '@') {
        return NULL;
    }
    if (str_starts(s, "@cert ")) {
        return sim_issued(s, now);
    }
    int64_t when = sim_time_of(s, now);
    if (when == TIME_NONE) {
        return NULL;
    }
    struct arena a;
    arena_init(&a);
    char *text = xstrdup(time_format(&a, when));
    arena_release(&a);
    return text;
}

void sim_resolve_times(struct json *j, int64_t now)
{
    bool object = json_type(j) == JSON_OBJECT;
    // Replacing moves a key to the end, so a mapping's times are collected first; order is ours to keep.
    for (const struct json *c = json_first(j); c != NULL;) {
        const struct json *next = json_next(c);
        enum json_value_type t = json_type(c);
        if (t == JSON_OBJECT || t == JSON_ARRAY) {
            // The child is part of a tree the caller owns.
            sim_resolve_times(unconst(c), now);
        } else if (object && t == JSON_STRING) {
            char *text = resolved(json_string(c), now);
            if (text != NULL) {
                char *key = xstrdup(json_key(c));
                json_put_string(j, key, text);
                free(key);
                free(text);
            }
        }
        c = next;
    }
}

// The field set of a value, as the server notes it: mappings go deeper, lists end ("atomic"), except for conditions and
// ports, which are keyed.
static struct json *field_set(const struct json *j, bool dot)
{
    struct json *set = json_new_object();
    if (dot) {
        json_put(set, ".", json_new_object());
    }
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        struct buf key;
        buf_init(&key, 0);
        buf_addf(&key, "f:%s", json_key(c));
        struct json *below;
        if (json_type(c) == JSON_OBJECT) {
            below = field_set(c, true);
        } else {
            below = json_new_object();
            if (str_eq(json_key(c), "conditions")) {
                json_put(below, ".", json_new_object());
                for (const struct json *i = json_first(c); i != NULL; i = json_next(i)) {
                    struct buf item;
                    buf_init(&item, 0);
                    buf_adds(&item, "k:{\"type\":");
                    const char *type = json_get_string(i, "type");
                    json_quote(&item, str_or_empty(type), type != NULL ? strlen(type) : 0);
                    buf_addc(&item, '}');
                    json_put(below, item.data, field_set(i, true));
                    buf_release(&item);
                }
            }
        }
        json_put(set, key.data, below);
        buf_release(&key);
    }
    return set;
}

static void add_entry(struct json *list, const struct sim_kind *k, const char *api_version,
                      const char *manager, const char *sub, const char *time, struct json *fields)
{
    struct json *m = json_new_object();
    // Built-ins keep Go's field order, custom resources are printed sorted anyway.
    json_put_string(m, "manager", manager);
    json_put_string(m, "operation", "Update");
    json_put_string(m, "apiVersion", api_version);
    json_put_string(m, "time", time);
    json_put_string(m, "fieldsType", "FieldsV1");
    json_put(m, "fieldsV1", fields);
    if (sub != NULL) {
        json_put_string(m, "subresource", sub);
    }
    json_push(list, m);
    (void)k;
}

static const char *status_manager(const struct sim_kind *k)
{
    static const char *const by[][2] = {
        {"certificates", "cert-manager-certificates-readiness"},
        {"certificaterequests", "cert-manager-certificaterequests-issuer-acme"},
        {"orders", "cert-manager-orders"},
        {"challenges", "cert-manager-challenges"},
        {"clusterissuers", "cert-manager-clusterissuers"},
        {"issuers", "cert-manager-issuers"},
        {"canaries", "flagger"},
    };
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        if (str_eq(k->plural, by[i][0])) {
            return by[i][1];
        }
    }
    return "istio-pilot";
}

struct json *sim_managed_fields(const struct sim_kind *k, const struct json *object, int64_t now)
{
    struct arena a;
    arena_init(&a);
    const char *time = time_format(&a, now);
    char version[96];
    sim_api_version(k, k->versions[0], version);
    struct json *list = json_new_array();
    struct json *f = json_new_object();
    struct json *meta = json_new_object();
    const struct json *m = json_get(object, "metadata");
    static const char *const metas[] = {"annotations", "labels"};
    for (size_t i = 0; i < 2; i++) {
        if (json_get(m, metas[i]) != NULL) {
            json_put(meta, i == 0 ? "f:annotations" : "f:labels",
                     field_set(json_get(m, metas[i]), true));
        }
    }
    if (json_count(meta) > 0) {
        json_put(f, "f:metadata", meta);
    } else {
        json_free(meta);
    }
    for (const struct json *c = json_first(object); c != NULL; c = json_next(c)) {
        const char *key = json_key(c);
        if (str_eq(key, "metadata") || str_eq(key, "status") || str_eq(key, "kind") ||
            str_eq(key, "apiVersion")) {
            continue;
        }
        struct buf b;
        buf_init(&b, 0);
        buf_addf(&b, "f:%s", key);
        json_put(f, b.data, json_type(c) == JSON_OBJECT ? field_set(c, true) : json_new_object());
        buf_release(&b);
    }
    add_entry(list, k, version, k->manager, NULL, time, f);
    const struct json *status = json_get(object, "status");
    if (json_count(status) > 0 && k->custom) {
        f = json_new_object();
        json_put(f, "f:status", field_set(status, true));
        add_entry(list, k, version, status_manager(k), "status", time, f);
    }
    arena_release(&a);
    return list;
}

static void line(struct buf *out, int depth)
{
    buf_addc(out, '\n');
    for (int i = 0; i < depth; i++) {
        buf_adds(out, "  ");
    }
}

void sim_pretty(const char *t, size_t n, struct buf *out)
{
    int depth = 0;
    for (size_t i = 0; i < n; i++) {
        char c = t[i];
        if (c == '"') {
            size_t from = i++;
            while (i < n && t[i] != '"') {
                i += t[i] == '\\' ? 2 : 1;
            }
            buf_add(out, t + from, i - from + 1);
        } else if ((c == '{' || c == '[') && i + 1 < n && (t[i + 1] == '}' || t[i + 1] == ']')) {
            buf_add(out, t + i++, 2);
        } else if (c == '{' || c == '[') {
            buf_addc(out, c);
            line(out, ++depth);
        } else if (c == '}' || c == ']') {
            line(out, --depth);
            buf_addc(out, c);
        } else if (c == ',') {
            buf_addc(out, c);
            line(out, depth);
        } else if (c == ':') {
            buf_adds(out, ": ");
        } else if (c != '\n') {
            buf_addc(out, c);
        }
    }
}
