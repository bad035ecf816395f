// SPDX-License-Identifier: Apache-2.0
// The words in which the rules of cert-manager's webhook are written.
#include "kube/base/arena.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/field_path.h"
#include "kube/object/json_fields_internal.h"
#include "kube/object/object_names.h"
#include "kube/object/spec_part_internal.h"
#include "kube/object/x509.h"

#include <stdarg.h>

struct spec_part part_below(const struct spec_part *p, const char *key)
{
    return (struct spec_part){p->l, json_get(p->j, key), field_path_key(p->l->a, p->path, key)};
}

struct spec_part part_item(const struct spec_part *list, const struct json *item, size_t index)
{
    return (struct spec_part){list->l, item, field_path_item(list->l->a, list->path, index)};
}

bool part_exists(const struct spec_part *p)
{
    return !field_is_null(p->j);
}

bool part_has(const struct spec_part *p, const char *key)
{
    return !field_is_null(json_get(p->j, key));
}

const char *part_text(const struct spec_part *p, const char *key)
{
    return json_get_string(p->j, key);
}

bool part_has_text(const struct spec_part *p, const char *key)
{
    return !str_empty(part_text(p, key));
}

bool part_has_item(const struct spec_part *p, const char *key)
{
    return item_count(json_get(p->j, key)) > 0;
}

bool part_has_name(const struct spec_part *p, const char *key)
{
    return !str_empty(json_string(json_at(p->j, key, "name", NULL)));
}

void part_refuse(const struct spec_part *p, const char *key, const char *fmt, ...)
{
    const char *path = key != NULL ? field_path_key(p->l->a, p->path, key) : p->path;
    const struct json *node = key != NULL ? json_get(p->j, key) : NULL;
    struct lint *x = lint_add(p->l, LINT_REFUSED, path, node != NULL ? node : p->j);
    va_list ap;
    va_start(ap, fmt);
    x->message = arena_printf(p->l->a, "%s %s", path, arena_vprintf(p->l->a, fmt, ap));
    va_end(ap);
    x->fatal = true;
}

void part_exactly_one(const struct spec_part *p, const char *const *fields, size_t n,
                      const char *what)
{
    const char *first = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!part_has(p, fields[i])) {
            continue;
        }
        if (first != NULL) {
            part_refuse(p, fields[i], "is a second %s beside %s: there must be exactly one", what,
                        first);
            return;
        }
        first = fields[i];
    }
    if (first == NULL) {
        part_refuse(p, NULL, "has no %s", what);
    }
}

void part_check_name(const struct spec_part *p, const char *key)
{
    const char *name = part_text(p, key);
    if (!str_empty(name) && !name_is_subdomain(name)) {
        part_refuse(p, key,
                    "\"%s\" is no name of an object: use lower-case letters, digits, '-', '.'",
                    name);
    }
}

void part_check_issuer_ref(const struct spec_part *spec)
{
    struct spec_part ref = part_below(spec, "issuerRef");
    const char *group = part_text(&ref, "group"), *kind = part_text(&ref, "kind");
    bool ours = str_empty(group) || str_eq(group, "cert-manager.io");
    if (ours && !str_empty(kind) && !str_eq(kind, "Issuer") && !str_eq(kind, "ClusterIssuer")) {
        part_refuse(&ref, "kind", "\"%s\" must be Issuer or ClusterIssuer%s", kind,
                    str_empty(group) ? "; an issuer of another project needs its group" : "");
    }
}

void part_check_ca_bundle(const struct spec_part *p)
{
    struct x509_chain chain;
    if (part_has_text(p, "caBundle") &&
        !x509_read_base64(p->l->a, part_text(p, "caBundle"), &chain, NULL)) {
        part_refuse(p, "caBundle", "is not the base64 of a PEM text with a certificate");
    }
}
