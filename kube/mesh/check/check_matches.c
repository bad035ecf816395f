// SPDX-License-Identifier: Apache-2.0
// Matches that no request meets, and rewrites that do not give what they look like (GT0117 to GT0119):
// docs/rules/istio.md#path-traps, docs/rules/istio.md#double-slash, docs/rules/istio.md#gateway-not-listed.
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/vs_routes.h"

#include <string.h>

// --- paths

static void check_path(struct check *c, const struct virtualservice *vs,
                       const struct string_match *uri, const char *path)
{
    const char *text = str_or_empty(uri->text);
    const char *word = uri->type == MATCH_PREFIX ? "prefix" : "exact";
    if ((uri->type != MATCH_PREFIX && uri->type != MATCH_EXACT) ||
        (uri->type == MATCH_PREFIX && *text == '\0')) {
        return;
    }
    const char *place = check_text(c, "%s.uri.%s", path, word);
    if (*text != '/') {
        struct finding *f = check_add(c, "GT0117", &vs->o, place,
                                      "no path is \"%s\"%s: every path begins with a slash", text,
                                      uri->type == MATCH_PREFIX ? ", or begins so" : "");
        check_hint(c, f, "write /%s", text);
    } else if (strchr(text, '*') != NULL) {
        struct finding *f =
            check_add(c, "GT0117", &vs->o, place,
                      "the star in \"%s\" stands for itself: paths with other text there do not "
                      "match",
                      text);
        size_t n = strcspn(text, "*");
        check_hint(c, f,
                   text[n + 1] == '\0' ? "write prefix: %.*s" : "write a regex, or prefix: %.*s",
                   (int)(n > 0 ? n : 1), n > 0 ? text : "/");
    }
}

// --- rewrites

struct rewritten { // prefixes with a slash at their end, of the VirtualService's earlier matches
    struct string_map slashed;
};

// `/common` rewritten to `/` makes `/common/x` `//x`.
static void check_rewrite(struct check *c, const struct virtualservice *vs,
                          const struct http_rule *r, const struct http_match *m,
                          struct rewritten *earlier, const char *path)
{
    const struct http_rewrite *w = r->more != NULL ? r->more->rewrite : NULL;
    const struct http_redirect *d = r->more != NULL ? r->more->redirect : NULL;
    const char *to = w != NULL   ? str_or_empty(w->uri)
                     : d != NULL ? str_or_empty(d->prefix_rewrite)
                                 : "";
    const char *prefix = m->uri.type == MATCH_PREFIX ? str_or_empty(m->uri.text) : "";
    if (*prefix == '\0') {
        return;
    }
    bool ends = str_ends(prefix, "/");
    if (ends && match_path_only(m)) {
        (void)string_map_add(&earlier->slashed, prefix);
    }
    if (ends || !str_ends(to, "/") ||
        string_map_get(&earlier->slashed, check_text(c, "%s/", prefix)) != NULL) {
        return;
    }
    struct finding *f = check_add(
        c, "GT0118", &vs->o, path,
        "only the text of the prefix is replaced: %s/x becomes %s/x, with two slashes", prefix, to);
    check_hint(c, f, "match prefix %s/ first, with the same rewrite, then exact %s", prefix,
               prefix);
}

static void check_http(struct check *c, const struct virtualservice *vs)
{
    struct rewritten earlier;
    string_map_init(&earlier.slashed, c->a);
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule *r = &vs->http[i];
        for (uint32_t k = 0; k < r->nmatches; k++) {
            const char *path = check_text(c, "spec.http[%u].match[%u]", i, k);
            check_path(c, vs, &r->matches[k].uri, path);
            check_rewrite(c, vs, r, &r->matches[k], &earlier, path);
        }
    }
}

// --- Gateways that the VirtualService is not bound to

static bool same_gateway(struct check *c, const struct virtualservice *vs, const char *a,
                         const char *b)
{
    const char *ns, *name, *other_ns, *other;
    bool x = name_resolve_gateway(c->a, a, vs->o.ns, &ns, &name);
    bool y = name_resolve_gateway(c->a, b, vs->o.ns, &other_ns, &other);
    return x == y && (!x || (str_eq(ns, other_ns) && str_eq(name, other)));
}

static bool is_bound(struct check *c, const struct virtualservice *vs, const char *ref)
{
    bool mesh = vs->gateways.n == 0 && str_eq(ref, "mesh");
    for (uint32_t i = 0; i < vs->gateways.n && !mesh; i++) {
        if (same_gateway(c, vs, vs->gateways.at[i], ref)) {
            return true;
        }
    }
    return mesh;
}

static void check_names(struct check *c, const struct virtualservice *vs,
                        const struct str_list *names, const char *path)
{
    for (uint32_t i = 0; i < names->n; i++) {
        if (!is_bound(c, vs, names->at[i])) {
            struct finding *f = check_add(
                c, "GT0119", &vs->o, check_text(c, "%s.gateways[%u]", path, i),
                "%s is for Gateway %s, which spec.gateways does not list: there it never holds",
                path + strlen("spec."), names->at[i]);
            check_hint(c, f, "add it to spec.gateways, or take it out of the match");
        }
    }
}

static void check_l4_names(struct check *c, const struct virtualservice *vs,
                           const struct l4_rule *rules, uint32_t n, const char *list)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < rules[i].nmatches; k++) {
            check_names(c, vs, &rules[i].matches[k].gateways,
                        check_text(c, "spec.%s[%u].match[%u]", list, i, k));
        }
    }
}

static void check_gateway_names(struct check *c, const struct virtualservice *vs)
{
    if (vs->hosts.n == 0) {
        return; // a delegate has the Gateways of its roots
    }
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        for (uint32_t k = 0; k < vs->http[i].nmatches; k++) {
            const struct http_match_more *more = vs->http[i].matches[k].more;
            if (more != NULL) {
                check_names(c, vs, &more->gateways, check_text(c, "spec.http[%u].match[%u]", i, k));
            }
        }
    }
    check_l4_names(c, vs, vs->tls, vs->ntls, "tls");
    check_l4_names(c, vs, vs->tcp, vs->ntcp, "tcp");
}

void check_matches(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct virtualservice *vs = OBJECT_AS(virtualservice, all[i]);
        check_http(c, vs);
        check_gateway_names(c, vs);
    }
}
