// SPDX-License-Identifier: Apache-2.0
// A scalar with its style and tag, as a JSON value or as the key of one.
#include "kube/base/arena.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/secret.h"
#include "kube/base/str.h"
#include "kube/base/yaml_scalar_json_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *tag_name(const char *tag)
{
    static const char core[] = "tag:yaml.org,2002:";
    if (tag == NULL || strcmp(tag, "!") == 0) {
        return tag == NULL ? "" : "str";
    }
    return str_starts(tag, core) ? tag + sizeof core - 1 : tag;
}

bool yaml_scalar_resolve(const struct yaml_scalar_text *s, struct yaml_resolved *out)
{
    const char *tag = tag_name(s->tag);
    bool has_nul = memchr(s->text, '\0', s->n) != NULL;
    *out = (struct yaml_resolved){.type = YAML_TEXT, .tag = tag};
    if (str_eq(tag, "str") || str_eq(tag, "binary") || (str_empty(tag) && s->quoted) || has_nul) {
        return true;
    }
    enum yaml_scalar_type type = yaml_scalar(s->text, &out->number);
    bool foreign = false, fits = true;
    if (str_eq(tag, "int")) {
        fits = type == YAML_INT;
    } else if (str_eq(tag, "float")) {
        fits = type == YAML_INT || type == YAML_FLOAT || type == YAML_NOT_FINITE;
    } else if (str_eq(tag, "bool")) {
        fits = type == YAML_TRUE || type == YAML_FALSE;
    } else if (str_eq(tag, "null")) {
        fits = type == YAML_NULL;
    } else {
        foreign = !str_empty(tag) && !str_eq(tag, "merge");
    }
    out->type = foreign ? YAML_TEXT : type;
    return fits;
}

static struct json *new_text(const char *s, size_t n)
{
    if (memchr(s, '\0', n) == NULL) {
        return json_new_string(s);
    }
    struct buf text;
    buf_init(&text, 0);
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\0') {
            buf_adds(&text, "\xEF\xBF\xBD");
        } else {
            buf_addc(&text, s[i]);
        }
    }
    struct json *j = json_new_string(text.data);
    buf_release(&text);
    return j;
}

// The shortest text, as Go makes keys of floats.
static void add_float_key(double number, struct buf *key)
{
    if (number == floor(number) && fabs(number) < 1e21) {
        buf_addf(key, "%.0f", number);
        return;
    }
    for (int digits = 1; digits <= 9; digits++) {
        buf_reset(key);
        buf_addf(key, "%.*g", digits, number);
        if (strtof(key->data, NULL) == (float)number) {
            return;
        }
    }
}

static void add_text_key(const struct yaml_scalar_text *s, struct buf *key)
{
    struct json *j = new_text(s->text, s->n);
    buf_adds(key, json_string(j));
    json_free(j);
}

char *yaml_scalar_key(const struct yaml_scalar_text *s, const struct yaml_resolved *r)
{
    struct buf key;
    buf_init(&key, 0);
    switch (r->type) {
    case YAML_NULL:
        return NULL;
    case YAML_TRUE:
    case YAML_FALSE:
        buf_adds(&key, r->type == YAML_TRUE ? "true" : "false");
        break;
    case YAML_INT:
        buf_addf(&key, "%.0f", r->number == 0 ? 0.0 : r->number); // no "-0"
        break;
    case YAML_FLOAT:
        add_float_key(r->number, &key);
        break;
    case YAML_NOT_FINITE: {
        struct arena a;
        arena_init(&a);
        buf_adds(&key, str_lower(&a, *s->text == '+' ? s->text + 1 : s->text));
        arena_release(&a);
        break;
    }
    case YAML_TEXT:
    case YAML_TIMESTAMP:
    case YAML_MERGE:
        add_text_key(s, &key);
        break;
    default:
        BUG("a key of type %d", (int)r->type);
    }
    return buf_take(&key);
}

static struct json *binary_value(const struct yaml_scalar_text *s)
{
    struct buf bytes;
    buf_init(&bytes, 0);
    bool ok = base64_decode(s->text, s->n, &bytes, NULL);
    struct json *j = ok ? new_text(bytes.data, bytes.len) : NULL;
    secret_wipe(bytes.data, bytes.cap); // the text may be a kubeconfig
    buf_release(&bytes);
    return j;
}

struct json *yaml_scalar_json(const struct yaml_scalar_text *s, const struct yaml_resolved *r)
{
    if (str_eq(r->tag, "binary")) {
        return binary_value(s);
    }
    switch (r->type) {
    case YAML_NULL:
        return json_new_null();
    case YAML_TRUE:
    case YAML_FALSE:
        return json_new_bool(r->type == YAML_TRUE);
    case YAML_INT:
    case YAML_FLOAT:
        return json_new_number(r->number);
    case YAML_TEXT:
    case YAML_NOT_FINITE:
    case YAML_TIMESTAMP:
    case YAML_MERGE:
        return new_text(s->text, s->n);
    }
    BUG("a value of type %d", (int)r->type);
}
