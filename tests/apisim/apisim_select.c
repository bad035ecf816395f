// SPDX-License-Identifier: Apache-2.0
// Label and field selectors.
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <stdlib.h>
#include <string.h>

enum op { OP_EQ, OP_NE, OP_IN, OP_NOTIN, OP_EXISTS, OP_ABSENT };
struct term {
    enum op op;
    bool field;
    char *key;
    char *values[128];
    size_t nvalues;
};
struct sim_selector {
    struct term *terms;
    size_t count, cap;
};

void sim_selector_free(struct sim_selector *sel)
{
    if (sel == NULL) {
        return;
    }
    for (size_t i = 0; i < sel->count; i++) {
        free(sel->terms[i].key);
        for (size_t v = 0; v < sel->terms[i].nvalues; v++) {
            free(sel->terms[i].values[v]);
        }
    }
    free(sel->terms);
    free(sel);
}

bool sim_selector_empty(const struct sim_selector *sel)
{
    return sel == NULL || sel->count == 0;
}

static bool field_supported(const struct sim_kind *k, const char *key)
{
    if (str_eq(key, "metadata.name") || (str_eq(key, "metadata.namespace") && k->namespaced)) {
        return true;
    }
    static const char *const fields[][2] = {
        {"secrets", "type"},
        {"events", "type"},
        {"events", "reason"},
        {"events", "source"},
        {"events", "reportingComponent"},
        {"events", "involvedObject.kind"},
        {"events", "involvedObject.namespace"},
        {"events", "involvedObject.name"},
        {"events", "involvedObject.uid"},
        {"events", "involvedObject.apiVersion"},
        {"events", "involvedObject.resourceVersion"},
        {"events", "involvedObject.fieldPath"},
        {"pods", "spec.nodeName"},
        {"pods", "status.phase"},
        {"pods", "status.podIP"},
        {"namespaces", "status.phase"},
        {"certificates", "spec.issuerRef."},
        {"certificaterequests", "spec.issuerRef."},
        {"orders", "spec.issuerRef."},
        {"challenges", "spec.issuerRef."},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *f = fields[i][1];
        if (str_eq(fields[i][0], k->plural) &&
            (f[strlen(f) - 1] == '.' ? str_starts(key, f) : str_eq(key, f))) {
            return true;
        }
    }
    return false;
}

static char *trimmed(const char *s, size_t n)
{
    while (n > 0 && *s == ' ') {
        s++, n--;
    }
    while (n > 0 && s[n - 1] == ' ') {
        n--;
    }
    return xstrndup(s, n);
}

static bool parse_term(struct term *t, char *text, struct err *err)
{
    char *paren = strchr(text, '(');
    char *in = paren != NULL ? strstr(text, " in ") : NULL;
    char *notin = paren != NULL ? strstr(text, " notin ") : NULL;
    if (paren != NULL && in == NULL && notin == NULL) {
        in = strstr(text, " in(");
        notin = strstr(text, " notin(");
    }
    if (paren != NULL) {
        char *end = strchr(paren, ')');
        char *word = notin != NULL ? notin : in;
        if (end == NULL || word == NULL) {
            return err_set(err, ERR_PARSE, "unable to parse requirement: %s", text);
        }
        t->op = notin != NULL ? OP_NOTIN : OP_IN;
        t->key = trimmed(text, (size_t)(word - text));
        for (char *v = paren + 1; v <= end && t->nvalues < 128;) {
            size_t n = strcspn(v, ",)");
            t->values[t->nvalues++] = trimmed(v, n);
            v += n + 1;
        }
        return true;
    }
    char *eq = strchr(text, '=');
    if (eq != NULL) {
        t->op = eq > text && eq[-1] == '!' ? OP_NE : OP_EQ;
        t->key = trimmed(text, (size_t)(eq - text) - (t->op == OP_NE ? 1 : 0));
        eq += eq[1] == '=' ? 2 : 1;
        t->values[t->nvalues++] = trimmed(eq, strlen(eq));
        return true;
    }
    bool absent = text[0] == '!';
    t->op = absent ? OP_ABSENT : OP_EXISTS;
    t->key = trimmed(text + (absent ? 1 : 0), strlen(text) - (absent ? 1 : 0));
    return true;
}

static bool parse(struct sim_selector *sel, const struct sim_kind *k, const char *text, bool field,
                  struct err *err)
{
    while (text != NULL && *text != '\0') {
        size_t n = 0;
        for (int depth = 0; text[n] != '\0' && (text[n] != ',' || depth > 0); n++) {
            depth += text[n] == '(' ? 1 : text[n] == ')' ? -1 : 0;
        }
        char *one = trimmed(text, n);
        text += n + (text[n] == ',' ? 1 : 0);
        if (one[0] == '\0') {
            free(one);
            continue;
        }
        struct term *t = ARRAY_PUSH(sel->terms, sel->count, sel->cap);
        *t = (struct term){.field = field};
        bool ok = parse_term(t, one, err);
        if (ok && field && (t->op > OP_NE || !field_supported(k, t->key))) {
            ok = err_set(err, ERR_PARSE, "field label not supported: %s", t->key);
        }
        free(one);
        if (!ok) {
            return false;
        }
    }
    return true;
}

struct sim_selector *sim_selector_new(const struct sim_kind *k, const char *labels,
                                      const char *fields, struct err *err)
{
    struct sim_selector *sel = xcalloc(1, sizeof *sel);
    if (!parse(sel, k, labels, false, err) || !parse(sel, k, fields, true, err)) {
        sim_selector_free(sel);
        return NULL;
    }
    return sel;
}

// A recorded Secret is metadata only; its managedFields show what it holds.
static const char *secret_type(const struct json *tree)
{
    const char *type = json_get_string(tree, "type");
    if (type != NULL) {
        return type;
    }
    const struct json *m = json_first(json_at(tree, "metadata", "managedFields", NULL));
    for (; m != NULL; m = json_next(m)) {
        if (json_at(m, "fieldsV1", "f:data", "f:tls.crt", NULL) != NULL) {
            return "kubernetes.io/tls";
        }
    }
    return "Opaque";
}

static const char *field_value(const struct sim_kind *k, const struct json *tree, const char *key)
{
    if (str_eq(k->plural, "secrets") && str_eq(key, "type")) {
        return secret_type(tree);
    }
    if (str_eq(k->plural, "events") && str_eq(key, "source")) {
        return json_string(json_at(tree, "source", "component", NULL));
    }
    const struct json *j = tree;
    while (j != NULL && *key != '\0') {
        size_t n = strcspn(key, ".");
        char *part = xstrndup(key, n);
        j = json_get(j, part);
        free(part);
        key += n + (key[n] == '.' ? 1 : 0);
    }
    return json_string(j);
}

static bool term_holds(const struct term *t, const char *value)
{
    bool in = false;
    for (size_t i = 0; i < t->nvalues; i++) {
        in = in || str_eq(value, t->values[i]);
    }
    switch (t->op) {
    case OP_EQ:
    case OP_IN:
        return in;
    case OP_NE:
    case OP_NOTIN:
        return !in;
    case OP_EXISTS:
        return value != NULL;
    default:
        return value == NULL;
    }
}

bool sim_selects(const struct sim_selector *sel, const struct sim_kind *k,
                 const struct sim_object *o)
{
    if (sim_selector_empty(sel)) {
        return true;
    }
    struct json *tree = sim_tree(k, o);
    bool all = true;
    for (size_t i = 0; i < sel->count && all; i++) {
        const struct term *t = &sel->terms[i];
        const char *value =
            t->field ? field_value(k, tree, t->key)
                     : json_string(json_get(json_at(tree, "metadata", "labels", NULL), t->key));
        all = term_holds(t, t->field && value == NULL ? "" : value);
    }
    json_free(tree);
    return all;
}
