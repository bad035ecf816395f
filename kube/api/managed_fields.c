// SPDX-License-Identifier: Apache-2.0
// What is kept of metadata.managedFields: the newest writer and the names of a Secret's keys.
#include "kube/api/managed_fields.h"

#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/api/json_scanner.h"

#include <stdbool.h>
#include <string.h>

// A reader over a complete value whose brackets are known to match.
struct span {
    const char *p, *end;
};

static void skip_space(struct span *s)
{
    while (s->p < s->end && ascii_space(*s->p)) {
        s->p++;
    }
}

static bool take(struct span *s, char c)
{
    skip_space(s);
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

// The end of the string whose first content byte is p, NULL if there is none.
static const char *string_end(const char *p, const char *end)
{
    struct json_scanner s;
    json_scanner_reset(&s, false);
    json_scanner_begin_string(&s);
    return json_scanner_end_string(&s, p, end);
}

static bool take_string(struct span *s, const char **text, size_t *n)
{
    if (!take(s, '"')) {
        return false;
    }
    const char *q = string_end(s->p, s->end);
    if (q == NULL) {
        return false;
    }
    *text = s->p;
    *n = (size_t)(q - s->p);
    s->p = q + 1;
    return true;
}

static bool skip_value(struct span *s)
{
    skip_space(s);
    const char *start = s->p;
    if (s->p < s->end && *s->p == '"') {
        const char *q = string_end(s->p + 1, s->end);
        s->p = q != NULL ? q + 1 : s->end;
        return q != NULL;
    }
    if (s->p < s->end && (*s->p == '{' || *s->p == '[')) {
        struct json_scanner scanner;
        bool done;
        const char *error;
        json_scanner_reset(&scanner, false);
        s->p = json_scanner_skip(&scanner, 1, s->p, s->end, &done, &error);
        return done;
    }
    while (s->p < s->end && *s->p != ',' && *s->p != '}' && *s->p != ']') {
        s->p++; // a number or a word; the container's end closes it
    }
    return s->p > start && s->p < s->end;
}

// Steps through the members of an object: its '{' is taken by the caller, first is true at the start.
static bool next_member(struct span *s, bool *first, const char **key, size_t *n)
{
    if (take(s, '}') || (!*first && !take(s, ','))) {
        return false;
    }
    *first = false;
    return take_string(s, key, n) && take(s, ':');
}

struct field_writer {
    const char *manager, *time; // slices of the list
    size_t manager_n, time_n;
    struct buf keys; // "a","b"
};

static void add_key(struct buf *keys, const char *name, size_t n)
{
    char quoted[300];
    if (n + 3 > sizeof quoted) {
        return; // no key of a Secret is longer than 253 bytes
    }
    quoted[0] = '"';
    memcpy(quoted + 1, name, n);
    quoted[n + 1] = '"';
    quoted[n + 2] = '\0';
    if (keys->len > 0 && strstr(keys->data, quoted) != NULL) {
        return;
    }
    if (keys->len > 0) {
        buf_addc(keys, ',');
    }
    buf_add(keys, quoted, n + 2);
}

static bool read_fields(struct span *s, struct field_writer *w)
{
    const char *key;
    size_t n;
    if (!take(s, '{')) {
        return skip_value(s);
    }
    for (bool first = true; next_member(s, &first, &key, &n);) {
        if (!str_is(key, n, "f:data") || !take(s, '{')) {
            if (!skip_value(s)) {
                return false;
            }
            continue;
        }
        for (bool head = true; next_member(s, &head, &key, &n);) {
            if (n > 2 && key[0] == 'f' && key[1] == ':') {
                add_key(&w->keys, key + 2, n - 2);
            }
            if (!skip_value(s)) {
                return false;
            }
        }
    }
    return true;
}

static bool read_entry(struct span *s, struct field_writer *w)
{
    const char *key, *manager = NULL, *when = "";
    size_t n, manager_n = 0, when_n = 0;
    if (!take(s, '{')) {
        return skip_value(s);
    }
    for (bool first = true; next_member(s, &first, &key, &n);) {
        skip_space(s);
        bool text = s->p < s->end && *s->p == '"', ok;
        if (text && str_is(key, n, "manager")) {
            ok = take_string(s, &manager, &manager_n);
        } else if (text && str_is(key, n, "time")) {
            ok = take_string(s, &when, &when_n);
        } else if (str_is(key, n, "fieldsV1")) {
            ok = read_fields(s, w);
        } else {
            ok = skip_value(s);
        }
        if (!ok) {
            return false;
        }
    }
    // RFC 3339 in UTC: text order is time order. Of equals the later entry is the newer.
    size_t m = when_n < w->time_n ? when_n : w->time_n;
    int order = w->time == NULL ? 1 : memcmp(when, w->time, m);
    if (manager != NULL && (order > 0 || (order == 0 && when_n >= w->time_n))) {
        w->manager = manager;
        w->manager_n = manager_n;
        w->time = when;
        w->time_n = when_n;
    }
    return true;
}

void managed_fields_summary(const char *list, size_t n, struct buf *out)
{
    struct span s = {list, list + n};
    struct field_writer w = {0};
    buf_init(&w.keys, 64 << 10);
    if (take(&s, '[')) {
        for (bool more = !take(&s, ']'); more; more = take(&s, ',')) {
            if (!read_entry(&s, &w)) {
                break;
            }
        }
    }
    buf_addc(out, '{');
    if (w.manager != NULL) {
        buf_adds(out, "\"manager\":\"");
        buf_add(out, w.manager, w.manager_n);
        buf_addc(out, '"');
        if (w.time_n > 0) {
            buf_adds(out, ",\"time\":\"");
            buf_add(out, w.time, w.time_n);
            buf_addc(out, '"');
        }
        if (w.keys.len > 0) {
            buf_adds(out, ",\"keys\":[");
            buf_add(out, w.keys.data, w.keys.len);
            buf_addc(out, ']');
        }
    }
    buf_addc(out, '}');
    buf_release(&w.keys);
}
