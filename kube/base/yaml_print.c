// SPDX-License-Identifier: Apache-2.0
// JSON trees as YAML text, laid out as kubectl does: a list begins at the column of its key.
#include "kube/base/yaml_print.h"

#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/yaml_scalar.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void indent(struct buf *out, int columns)
{
    for (int i = 0; i < columns; i++) {
        buf_addc(out, ' ');
    }
}

// True if s (clean, one line) reads back as the same text without quotes.
static bool is_plain(const char *s)
{
    size_t n = strlen(s);
    if (n == 0 || yaml_scalar(s, NULL) != YAML_TEXT || s[0] == ' ' || s[n - 1] == ' ') {
        return false;
    }
    if (strchr("!&*{}[]|>@`\"'%#,=", s[0]) != NULL || strcmp(s, "---") == 0 ||
        strcmp(s, "...") == 0) {
        return false;
    }
    if (strchr("-?:", s[0]) != NULL && (s[1] == '\0' || s[1] == ' ' || s[0] != '-')) {
        return false;
    }
    if (str_starts(s, "--- ") || str_starts(s, "... ") || s[n - 1] == ':') {
        return false;
    }
    return strstr(s, ": ") == NULL && strstr(s, " #") == NULL && strpbrk(s, "\t\n") == NULL;
}

static void quoted(const char *s, struct buf *out)
{
    bool single = strpbrk(s, "\n\t") == NULL && strchr(s, '\\') == NULL && strchr(s, '"') != NULL;
    if (!single) {
        json_quote(out, s, strlen(s));
        return;
    }
    buf_addc(out, '\'');
    for (; *s != '\0'; s++) {
        buf_adds(out, *s == '\'' ? "'" : "");
        buf_addc(out, *s);
    }
    buf_addc(out, '\'');
}

// "|" with each line below, at `column`.
static void block(const char *s, int column, struct buf *out)
{
    size_t n = strlen(s);
    bool keep = n >= 2 && s[n - 1] == '\n' && s[n - 2] == '\n';
    buf_adds(out, "|");
    if (s[0] == ' ' || s[0] == '\n') {
        buf_addc(out, '2'); // the first line does not show the indentation
    }
    buf_adds(out, keep ? "+" : (s[n - 1] == '\n' ? "" : "-"));
    while (*s != '\0') {
        size_t len = strcspn(s, "\n");
        buf_addc(out, '\n');
        if (len > 0) {
            indent(out, column);
            buf_add(out, s, len);
        }
        s += len;
        if (*s == '\n' && (s[1] != '\0' || keep)) {
            s++;
            if (*s == '\0') { // keep: the line break after the last line is the writer's own
                break;
            }
        } else {
            break;
        }
    }
}

static void text(const char *raw, int column, struct buf *out)
{
    struct buf b;
    buf_init(&b, 0);
    text_clean_lines(&b, raw, strlen(raw));
    const char *s = b.data;
    if (strchr(s, '\n') != NULL && strspn(s, "\n ") < strlen(s) && strchr(s, '\t') != s) {
        block(s, column, out);
    } else if (is_plain(s)) {
        buf_adds(out, s);
    } else {
        quoted(s, out);
    }
    buf_release(&b);
}

static void print_key(const char *raw, struct buf *out)
{
    struct buf b;
    buf_init(&b, 0);
    text_clean_lines(&b, raw, strlen(raw));
    const char *s = b.data;
    if (is_plain(s) && strchr(s, '\n') == NULL) {
        buf_adds(out, s);
    } else {
        json_quote(out, s, strlen(s));
    }
    buf_release(&b);
}

static void number(double d, struct buf *out)
{
    if (d == floor(d) && fabs(d) < 9e15) {
        buf_addf(out, "%" PRId64, (int64_t)d);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) { // the shortest that reads back the same
        size_t at = out->len;
        buf_addf(out, "%.*g", digits, d);
        if (digits == 17 || number_decimal(out->data + at) == d) {
            return;
        }
        buf_truncate(out, at);
    }
}

// A longer key needs "? " (YAML 1.2, section 8.2.2: 1024 characters).
#define IMPLICIT_KEY_MAX 1000

static void value(const struct json *j, int column, bool in_list, struct buf *out);

static void mapping(const struct json *j, int column, bool first_here, struct buf *out)
{
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        if (!first_here) {
            indent(out, column);
        }
        first_here = false;
        struct buf key;
        buf_init(&key, 0);
        print_key(json_key(c), &key);
        if (key.len > IMPLICIT_KEY_MAX) {
            buf_adds(out, "? ");
        }
        buf_add(out, key.data, key.len);
        if (key.len > IMPLICIT_KEY_MAX) {
            buf_addc(out, '\n');
            indent(out, column);
        }
        buf_release(&key);
        buf_addc(out, ':');
        value(c, column, false, out);
    }
}

static void list(const struct json *j, int column, bool first_here, struct buf *out)
{
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        if (!first_here) {
            indent(out, column);
        }
        first_here = false;
        buf_addc(out, '-');
        value(c, column + 2, true, out);
    }
}

// After "key:" (whose column is given) or after "-" (column is that of the item's content).
static void value(const struct json *j, int column, bool in_list, struct buf *out)
{
    enum json_value_type type = json_type(j);
    if ((type == JSON_OBJECT || type == JSON_ARRAY) && json_first(j) != NULL) {
        buf_addc(out, in_list ? ' ' : '\n');
        if (type == JSON_OBJECT) {
            mapping(j, in_list ? column : column + 2, in_list, out);
        } else {
            list(j, column, in_list, out);
        }
        return;
    }
    buf_addc(out, ' ');
    switch (type) {
    case JSON_OBJECT:
        buf_adds(out, "{}");
        break;
    case JSON_ARRAY:
        buf_adds(out, "[]");
        break;
    case JSON_STRING:
        text(json_string(j), in_list ? column : column + 2, out);
        break;
    case JSON_NUMBER:
        number(json_number(j, 0), out);
        break;
    case JSON_NONE:
    case JSON_NULL:
    case JSON_BOOL:
        json_print(j, false, out);
        break;
    default:
        BUG("type %d", (int)type);
    }
    buf_addc(out, '\n');
}

void yaml_print(const struct json *j, struct buf *out)
{
    if (json_type(j) == JSON_OBJECT && json_first(j) != NULL) {
        mapping(j, 0, false, out);
    } else if (json_type(j) == JSON_ARRAY && json_first(j) != NULL) {
        list(j, 0, false, out);
    } else {
        struct buf line;
        buf_init(&line, 0);
        value(j, 2, true, &line); // "- x" without the dash: " x\n"
        buf_add(out, line.data + 1, line.len - 1);
        buf_release(&line);
    }
}
