// SPDX-License-Identifier: Apache-2.0
// The walk over an object's text by the field tables: unknown fields, wrong types, values that cannot be read.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/edit_distance.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_lint_internal.h"
#include "kube/object/field_path.h"
#include "kube/object/field_schema_internal.h"
#include "kube/object/json_fields_internal.h"
#include "kube/object/schema_lint_internal.h"

#include <string.h>

struct lint_walk {
    struct arena *a; // of the list
    struct lint_list *list;
    const char *who; // "Istio", "cert-manager": whose fields they are
};

static struct lint *add(struct lint_walk *w, enum lint_code code, const char *path,
                        const struct json *node)
{
    return lint_add(w->list, code, path, node);
}

static void wrong_type(struct lint_walk *w, const char *path, const struct json *j,
                       const char *want, const char *hint, bool fatal)
{
    struct lint *x = add(w, LINT_WRONG_TYPE, path, j);
    x->message =
        arena_printf(w->a, "%s must be %s, but it is %s", path, want, json_type_name(json_type(j)));
    x->hint = hint;
    x->fatal = fatal;
}

// --- did you mean

static const char *nearest_field(const struct schema *s, const char *key)
{
    const char *best = NULL;
    unsigned least = strlen(key) <= 3 ? 2 : 3;
    for (const struct schema_field *f = s->fields; f->name != NULL; f++) {
        unsigned d = field_name_is_proto(key, f->name) ? 0 : edit_distance(key, f->name);
        if (d < least) {
            least = d;
            best = f->name;
        }
    }
    return best;
}

// A field of a mapping below that has this name: "destination" in a rule belongs under `route`.
static const struct schema_field *holder(const struct schema *s, const char *key)
{
    for (const struct schema_field *f = s->fields; f->name != NULL; f++) {
        for (const struct schema_field *g = f->of != NULL ? f->of->fields : NULL;
             g != NULL && g->name != NULL; g++) {
            if (strcmp(g->name, key) == 0) {
                return f;
            }
        }
    }
    return NULL;
}

static void unknown_field(struct lint_walk *w, const struct schema *s, const char *path,
                          const struct json *j)
{
    const char *key = json_key(j);
    struct lint *x = add(w, LINT_UNKNOWN_FIELD, path, j);
    x->message = arena_printf(w->a, "%s is no field that %s knows", path, w->who);
    const char *near = nearest_field(s, key);
    const struct schema_field *under = near == NULL ? holder(s, key) : NULL;
    if (near != NULL) {
        x->hint = arena_printf(w->a, "did you mean %s?", near);
    } else if (under != NULL) {
        x->hint = arena_printf(w->a, "%s belongs under %s", key, under->name);
    }
}

// --- values

static void check_number(struct lint_walk *w, const struct schema_field *f, const char *path,
                         const struct json *j)
{
    int64_t n;
    bool integer = f->type == FIELD_INT;
    bool number = json_type(j) == JSON_NUMBER && (!integer || json_lenient_int(j, &n));
    if (number) {
        return;
    }
    if (integer && json_type(j) == JSON_STRING && json_lenient_int(j, &n)) {
        wrong_type(w, path, j, "a number", "take the quotes away: the API server refuses them",
                   false);
        return;
    }
    if (integer && json_type(j) == JSON_OBJECT && json_get(j, "number") != NULL) {
        wrong_type(w, path, j, "a number",
                   arena_printf(w->a, "write %s: with the number itself", f->name), true);
        return;
    }
    wrong_type(w, path, j, integer ? "a whole number" : "a number", NULL, true);
}

static const char *quoted_hint(struct lint_walk *w, const struct json *j)
{
    if (json_type(j) == JSON_NUMBER || json_type(j) == JSON_BOOL) {
        struct buf b;
        buf_init(&b, 256);
        json_print(j, false, &b);
        const char *hint = arena_printf(w->a, "put it in quotes: \"%s\"", b.data);
        buf_release(&b);
        return hint;
    }
    return NULL;
}

static void check_enum(struct lint_walk *w, const struct schema_field *f, const char *path,
                       const struct json *j)
{
    const char *s = json_string(j);
    if (s == NULL) {
        bool number = json_type(j) == JSON_NUMBER;
        wrong_type(w, path, j, "one of its words",
                   arena_printf(w->a, "write %s or the like", f->words[0]), !number);
        return;
    }
    for (size_t i = 0; f->words[i] != NULL; i++) {
        if (strcmp(f->words[i], s) == 0) {
            return;
        }
    }
    struct lint *x = add(w, LINT_BAD_VALUE, path, j);
    x->fatal = true;
    x->message =
        arena_printf(w->a, "%s has the value \"%s\", which %s does not know", path, s, w->who);
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; f->words[i] != NULL; i++) {
        buf_addf(&b, "%s%s", i > 0 ? ", " : "write one of ", f->words[i]);
    }
    x->hint = buf_take_arena(&b, w->a);
}

static void check_duration(struct lint_walk *w, const char *path, const struct json *j)
{
    const char *s = json_string(j);
    if (s != NULL && duration_parse(s) != DURATION_NONE) {
        return;
    }
    if (s == NULL && json_type(j) != JSON_NUMBER) {
        wrong_type(w, path, j, "a duration", "write a number and a unit, such as 5s or 250ms",
                   true);
        return;
    }
    struct lint *x = add(w, LINT_BAD_VALUE, path, j);
    x->fatal = true;
    x->message = s != NULL ? arena_printf(w->a, "%s: \"%s\" is no duration", path, s)
                           : arena_printf(w->a, "%s is a number without a unit", path);
    x->hint = "write a number and a unit, such as 5s or 250ms";
}

static void walk_object(struct lint_walk *w, const struct schema *s, const char *path,
                        const struct json *j);

static void check_object(struct lint_walk *w, const struct schema_field *f, const char *path,
                         const struct json *j)
{
    if (json_type(j) == JSON_OBJECT) {
        walk_object(w, f->of, path, j);
        return;
    }
    const char *hint = NULL;
    const char *first = f->of->fields[0].name;
    if (f->of->string_match && json_type(j) == JSON_STRING) {
        hint = arena_printf(w->a, "write %s: {exact: %s} or prefix or regex",
                            json_key(j) != NULL ? json_key(j) : "-", json_string(j));
    } else if (strcmp(f->name, "port") == 0 && json_type(j) == JSON_NUMBER) {
        hint = arena_printf(w->a, "write port: {number: %lld}", (long long)json_int(j, 0));
    } else if (json_type(j) == JSON_ARRAY) {
        hint = "take the '-' away: there can be only one";
    } else {
        hint = arena_printf(w->a, "write it below, as in %s: {%s: ...}", f->name, first);
    }
    wrong_type(w, path, j, "a mapping", hint, true);
}

static void check_value(struct lint_walk *w, const struct schema_field *f, const char *path,
                        const struct json *j)
{
    if (field_is_null(j)) {
        return; // absent; null list entries are judged by validation
    }
    switch (f->type) {
    case FIELD_STRING:
        if (json_type(j) != JSON_STRING) {
            wrong_type(w, path, j, "text", quoted_hint(w, j), true);
        }
        break;
    case FIELD_INT:
    case FIELD_NUMBER:
        check_number(w, f, path, j);
        break;
    case FIELD_BOOL:
        if (json_type(j) != JSON_BOOL) {
            wrong_type(w, path, j, "true or false",
                       json_type(j) == JSON_STRING ? "take the quotes away" : NULL, true);
        }
        break;
    case FIELD_DURATION:
        check_duration(w, path, j);
        break;
    case FIELD_ENUM:
        check_enum(w, f, path, j);
        break;
    case FIELD_OBJECT:
        check_object(w, f, path, j);
        break;
    case FIELD_OPAQUE:
        break;
    }
}

static void not_a_list(struct lint_walk *w, const struct schema_field *f, const char *path,
                       const struct json *j)
{
    const char *hint;
    if (json_type(j) == JSON_OBJECT && json_first(j) != NULL) {
        hint = arena_printf(w->a, "put '- ' before %s:", json_key(json_first(j)));
    } else if (json_string(j) != NULL) {
        hint = arena_printf(w->a, "write %s: [\"%s\"]", f->name, json_string(j));
    } else {
        hint = "write each entry on its own line with '- ' before it";
    }
    wrong_type(w, path, j, "a list", hint, true);
}

static void check_field(struct lint_walk *w, const struct schema_field *f, const char *path,
                        const struct json *j)
{
    if (f->shape == SHAPE_ONE) {
        check_value(w, f, path, j);
        return;
    }
    if (field_is_null(j)) {
        return;
    }
    if (f->shape == SHAPE_MAP) {
        if (json_type(j) != JSON_OBJECT) {
            wrong_type(w, path, j, "a mapping", "write its entries as name: value", true);
            return;
        }
        EACH_FIELD(c, j)
        {
            check_value(w, f, field_path_key(w->a, path, json_key(c)), c);
        }
        return;
    }
    // Taken as a list of one, here as in the decoder (docs/rules/certificates.md#platform-route-mapping).
    if (json_type(j) != JSON_ARRAY) {
        not_a_list(w, f, path, j);
        check_value(w, f, field_path_item(w->a, path, 0), j);
        return;
    }
    size_t i = 0;
    EACH_ITEM(c, j)
    {
        check_value(w, f, field_path_item(w->a, path, i++), c);
    }
}

static bool is_match_word(const char *key)
{
    return str_eq(key, "exact") || str_eq(key, "prefix") || str_eq(key, "regex");
}

// "uri:" with nothing in it and "exact:" beside it instead of below it: the condition is gone, and what is
// left matches everything (docs/rules/istio.md#misindented-match). True if j is such a sibling and was reported.
static bool empty_match(struct lint_walk *w, const struct schema *s, const char *path,
                        const struct json *object, const struct json *j)
{
    if (!is_match_word(json_key(j))) {
        return false;
    }
    EACH_FIELD(c, object)
    {
        for (const struct schema_field *f = s->fields; f->name != NULL; f++) {
            if (json_type(c) == JSON_NULL && f->of != NULL && f->of->string_match &&
                field_is_proto(c, f->name)) {
                struct lint *x =
                    add(w, LINT_EMPTY_MATCH, field_path_key(w->a, path, json_key(c)), j);
                x->message =
                    arena_printf(w->a,
                                 "%s stands beside %s, not below it: the condition is empty and "
                                 "matches everything",
                                 json_key(j), json_key(c));
                x->hint = arena_printf(w->a, "indent %s by two more columns", json_key(j));
                return true;
            }
        }
    }
    return false;
}

static const struct schema_field *field_of(const struct schema *s, const char *key)
{
    for (const struct schema_field *f = s->fields; f->name != NULL; f++) {
        if (strcmp(f->name, key) == 0) {
            return f;
        }
    }
    return NULL;
}

// The required fields that are absent, or empty texts (docs/rules/certificates.md#certificate-fields).
static void check_required(struct lint_walk *w, const struct schema *s, const char *path,
                           const struct json *j)
{
    for (const struct schema_field *f = s->fields; f->name != NULL; f++) {
        const struct json *value = f->required ? json_get(j, f->name) : NULL;
        if (f->required && (field_is_null(value) || str_eq(json_string(value), ""))) {
            const char *missing = field_path_key(w->a, path, f->name);
            struct lint *x = add(w, LINT_REFUSED, missing, value != NULL ? value : j);
            x->message = arena_printf(w->a, "%s is required", missing);
            x->fatal = true;
        }
    }
}

static void walk_object(struct lint_walk *w, const struct schema *s, const char *path,
                        const struct json *j)
{
    size_t words = 0;
    EACH_FIELD(c, j)
    {
        const char *key = json_key(c);
        const struct schema_field *f = field_of(s, key);
        words += s->string_match && f != NULL && !field_is_null(c) ? 1 : 0;
        if (f != NULL) {
            check_field(w, f, field_path_key(w->a, path, key), c);
            continue;
        }
        if (empty_match(w, s, path, j, c)) {
            continue;
        }
        unknown_field(w, s, field_path_key(w->a, path, key), c);
        for (f = s->fields; f->name != NULL;
             f++) { // a snake_case name is read, so its value is judged too
            if (field_name_is_proto(key, f->name)) {
                check_field(w, f, field_path_key(w->a, path, key), c);
            }
        }
    }
    if (words > 1) {
        struct lint *x = add(w, LINT_BAD_VALUE, path, j);
        x->message = arena_printf(w->a, "%s has more than one of exact, prefix and regex", path);
        x->hint = "keep one: the API server refuses the others";
    }
    check_required(w, s, path, j);
}

void schema_lint(enum kind k, const struct json *root, struct lint_list *l)
{
    struct lint_walk w = {.a = l->a, .list = l, .who = "Istio"};
    const struct schema *s = istio_schema(k);
    if (s == NULL && (k != KIND_CERTIFICATEREQUEST || certmanager_request_is_written(root))) {
        s = certmanager_schema(k, json_get_string(root, "apiVersion"));
        w.who = "cert-manager";
    }
    if (s != NULL) {
        walk_object(&w, s, "", root);
    }
}
