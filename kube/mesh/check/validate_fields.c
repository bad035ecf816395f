// SPDX-License-Identifier: Apache-2.0
// Fields that several kinds have, and what Istio's validation says of them.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/name_syntax_internal.h"
#include "kube/mesh/check/validate_fields_internal.h"

#include <string.h>

void validate_annotations(struct check *c, const struct object *o)
{
    static const char *const refused[] = {"istio.io/dry-run", "internal.istio.io/parents"};
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        if (object_annotation(o, refused[i]) != NULL) {
            struct finding *f =
                INVALID(c, o, "metadata.annotations", "Istio refuses the annotation %s on a %s",
                        refused[i], kinds[o->kind].kind);
            check_hint(c, f, "remove it");
        }
    }
}

void validate_export_to(struct check *c, const struct object *o, const struct str_list *list,
                        bool entry, bool selector)
{
    bool everybody = false, nobody = false, own = false;
    struct string_map seen;
    string_map_init(&seen, c->a);
    for (uint32_t i = 0; i < list->n; i++) {
        const char *e = list->at[i];
        const char *meant = str_eq(e, ".") ? o->ns : e;
        const char *path = check_text(c, "spec.exportTo[%u]", i);
        everybody = everybody || str_eq(e, "*");
        nobody = nobody || str_eq(e, "~");
        own = own || str_eq(meant, o->ns);
        if (!string_map_add(&seen, meant)) {
            INVALID(c, o, path, "exportTo names %s twice", meant);
        }
        if (!str_eq(e, ".") && !str_eq(e, "*") && !(entry && str_eq(e, "~")) && !valid_label(e)) {
            struct finding *f =
                INVALID(c, o, path, "exportTo has \"%s\", which is no namespace", e);
            check_hint(c, f, "write a namespace, \".\" for this one, or \"*\" for all");
        }
    }
    if (everybody && list->n > 1) {
        INVALID(c, o, "spec.exportTo", "exportTo has \"*\" and other entries: keep one of them");
    }
    if (nobody && list->n > 1 && entry) {
        INVALID(c, o, "spec.exportTo", "exportTo has \"~\" (nobody) and other entries");
    }
    if (selector && list->n > 0 && (!own || list->n > 1)) {
        INVALID(c, o, "spec.exportTo",
                "with a workloadSelector exportTo can only be this namespace");
    }
}

void validate_gateway_names(struct check *c, const struct object *o, const struct str_list *list,
                            const char *path)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const char *name = list->at[i];
        const char *at = check_text(c, "%s[%u]", path, i);
        const char *slash = strchr(name, '/');
        if (slash == NULL) {
            const char *dot = strchr(name, '.');
            if (dot != NULL) {
                struct finding *f =
                    QUESTIONABLE(c, o, at, "\"%s\" is an old way to name a Gateway", name);
                check_hint(c, f, "write \"%.*s/%.*s\"", (int)strcspn(dot + 1, "."), dot + 1,
                           (int)(dot - name), name);
            }
            if (!valid_fqdn(name)) {
                INVALID(c, o, at, "\"%s\" is no name of a Gateway", name);
            }
            return; // Istio looks no further than the first bare name
        }
        if (!valid_label(arena_strndup(c->a, name, (size_t)(slash - name)))) {
            struct finding *f = INVALID(c, o, at, "\"%.*s\" in \"%s\" is no namespace",
                                        (int)(slash - name), name, name);
            if (str_starts(name, "./")) {
                check_hint(c, f, "write \"%s\": a bare name is looked for in this namespace",
                           slash + 1);
            }
        }
        if (!valid_label(slash + 1)) {
            INVALID(c, o, at, "\"%s\" in \"%s\" is no name of a Gateway", slash + 1, name);
        }
    }
}

void validate_labels(struct check *c, const struct object *o, const struct str_map *labels,
                     const char *path)
{
    for (uint32_t i = 0; i < labels->n; i++) {
        const struct str_pair *p = &labels->at[i];
        if (!valid_label_key(p->key) || !valid_label_value(p->value)) {
            INVALID(c, o, path, "\"%s=%s\" is no label that Kubernetes allows", p->key, p->value);
        }
    }
}

void validate_destination(struct check *c, const struct object *o, const struct destination *d,
                          const char *path)
{
    const char *host = str_or_empty(d->host);
    if (str_eq(host, "*") || !valid_wildcard_domain(host)) {
        struct finding *f = INVALID(c, o, check_text(c, "%s.host", path),
                                    "\"%s\" is no host of a destination", host);
        check_hint(c, f, "write the name of a Service");
    }
    if (!str_empty(d->subset) && !valid_label(d->subset)) {
        INVALID(c, o, check_text(c, "%s.subset", path), "\"%s\" is no name of a subset", d->subset);
    }
    if (d->port_set && !valid_port(d->port)) {
        INVALID(c, o, check_text(c, "%s.port.number", path),
                "the port %lld is not between 1 and 65535", (long long)d->port);
    }
}

void validate_weights(struct check *c, const struct object *o, const struct route_destination *at,
                      uint32_t n, const char *path)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *place = check_text(c, "%s.route[%u]", path, i);
        if (!at[i].destination.present) {
            struct finding *f = INVALID(c, o, place, "an entry of route has no destination");
            check_hint(c, f, "write destination: {host: <service>}");
        } else {
            validate_destination(c, o, &at[i].destination, check_text(c, "%s.destination", place));
        }
        if (at[i].weight < 0) {
            INVALID(c, o, check_text(c, "%s.weight", place), "the weight %lld is negative",
                    (long long)at[i].weight);
        }
        sum += at[i].weight;
    }
    if (n > 1 && sum == 0) {
        struct finding *f = INVALID(c, o, check_text(c, "%s.route", path),
                                    "none of the %u destinations has a weight", n);
        check_hint(c, f, "give each a weight: its share is the weight divided by their sum");
    }
}
