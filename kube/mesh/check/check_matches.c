// SPDX-License-Identifier: Apache-2.0
// Matches that no request meets, and rewrites that do not give what they look like (GT0117 to GT0119):
// docs/rules/istio.md#path-traps, docs/rules/istio.md#double-slash, docs/rules/istio.md#gateway-not-listed.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/vs_routes.h"
#include "kube/mesh/route/workload.h"

#include <string.h>

// --- paths

// A path has no query and no fragment, and dots of it are resolved before it is matched.
static const char *never_in_path(const char *text)
{
    if (strchr(text, '?') != NULL) {
        return "paths are compared without their query: write queryParams for it";
    }
    if (strchr(text, '#') != NULL) {
        return "browsers keep what follows a # for themselves: match the path before it";
    }
    return strstr(text, "/../") != NULL || strstr(text, "/./") != NULL || str_ends(text, "/..")
               ? "dots are resolved before a path is compared: write the path without them"
               : NULL;
}

static void check_text_of_path(struct check *c, const struct virtualservice *vs,
                               const struct string_match *uri, const char *place)
{
    const char *text = str_or_empty(uri->text);
    const char *never = never_in_path(text);
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
    } else if (never != NULL) {
        struct finding *f =
            check_add(c, "GT0117", &vs->o, place, "no request has the path \"%s\"", text);
        check_hint(c, f, "%s", never);
    }
}

// What a regular expression most likely gets wrong; it may have other alternatives, so this is an info.
static void check_regex_of_path(struct check *c, const struct virtualservice *vs, const char *text,
                                const char *place)
{
    const char *start = text + strspn(text, "^(");
    bool letter = ascii_alnum(*start) && strchr(text, '|') == NULL;
    size_t n = strlen(text);
    bool glob = n > 2 && strcmp(text + n - 2, "/*") == 0;
    if (!letter && !glob && strstr(text, "\\?") == NULL) {
        return;
    }
    struct finding *f =
        letter ? check_add(c, "GT0117", &vs->o, place,
                           "no path fits \"%s\": every path begins with a slash", text)
        : glob ? check_add(c, "GT0117", &vs->o, place,
                           "in \"%s\" the star repeats the slash before it: what follows the slash "
                           "does not fit",
                           text)
               : check_add(c, "GT0117", &vs->o, place,
                           "\"%s\" looks for a query, without which paths are compared", text);
    check_hint(c, f,
               letter ? "write a slash at its beginning"
               : glob ? "write /.* for everything below, or prefix"
                      : "write queryParams for it");
    f->severity = letter ? f->severity : SEVERITY_INFO;
}

static void check_path(struct check *c, const struct virtualservice *vs,
                       const struct string_match *uri, const char *path)
{
    const char *text = str_or_empty(uri->text);
    if (uri->type == MATCH_REGEX) {
        check_regex_of_path(c, vs, text, check_text(c, "%s.uri.regex", path));
    } else if (uri->type == MATCH_EXACT || (uri->type == MATCH_PREFIX && *text != '\0')) {
        check_text_of_path(
            c, vs, uri,
            check_text(c, "%s.uri.%s", path, uri->type == MATCH_PREFIX ? "prefix" : "exact"));
    }
}

// --- methods, schemes, names

static void never_holds(struct check *c, const struct virtualservice *vs, const char *place,
                        const char *text, const char *why)
{
    struct finding *f =
        check_add(c, "GT0117", &vs->o, place, "no request has \"%s\" there: %s", text, why);
    check_hint(c, f, "write it as requests have it");
}

// Text is compared as it is: methods are in capitals, schemes in small letters, and a star is a star.
static void check_words(struct check *c, const struct virtualservice *vs,
                        const struct http_match *m, const char *path)
{
    if (m->more == NULL) {
        return;
    }
    const struct string_match *method = &m->more->method, *scheme = &m->more->scheme,
                              *authority = &m->more->authority;
    const char *text = str_or_empty(method->text);
    if (method->type == MATCH_EXACT && strcmp(str_lower(c->a, text), text) == 0 && *text != '\0') {
        never_holds(c, vs, check_text(c, "%s.method.exact", path), text,
                    "methods are written in capitals, and case counts");
    }
    text = str_or_empty(scheme->text);
    if (scheme->type == MATCH_EXACT && !str_eq(text, "http") && !str_eq(text, "https")) {
        never_holds(c, vs, check_text(c, "%s.scheme.exact", path), text,
                    "the scheme is http or https");
    }
    text = str_or_empty(authority->text);
    bool prefix = authority->type == MATCH_PREFIX;
    if ((authority->type == MATCH_EXACT || prefix) && strchr(text, '*') != NULL) {
        never_holds(c, vs, check_text(c, "%s.authority.%s", path, prefix ? "prefix" : "exact"),
                    text, "a star stands for itself");
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
    if (ends && *to != '\0' && !str_ends(to, "/")) {
        struct finding *f = check_add(
            c, "GT0118", &vs->o, path,
            "only the text of the prefix is replaced: %sx becomes %sx, without a slash between",
            prefix, to);
        check_hint(c, f, "end the new text with a slash: %s/", to);
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
            check_words(c, vs, &r->matches[k], path);
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

// --- what no Gateway of the VirtualService fits

struct bound_gateways { // of one VirtualService
    const struct gateway **at;
    uint32_t n, cap;
    bool known; // all are there, and the mesh is not among them
};

static struct bound_gateways gateways_of(struct check *c, const struct virtualservice *vs)
{
    struct bound_gateways b = {.known = vs->gateways.n > 0};
    for (uint32_t i = 0; i < vs->gateways.n && b.known; i++) {
        const char *ns, *name;
        const struct object *g =
            name_resolve_gateway(c->a, vs->gateways.at[i], vs->o.ns, &ns, &name)
                ? mesh_get(c->m, KIND_GATEWAY, ns, name)
                : NULL;
        b.known = g != NULL;
        if (g != NULL) {
            *ARENA_PUSH(c->a, b.at, b.n, b.cap) = OBJECT_AS(gateway, g);
        }
    }
    return b;
}

static bool opens_port(const struct bound_gateways *b, uint32_t port)
{
    for (uint32_t i = 0; i < b->n; i++) {
        for (uint32_t k = 0; k < b->at[i]->nservers; k++) {
            if (b->at[i]->servers[k].port == port) {
                return true;
            }
        }
    }
    return false;
}

// May a pod of the Gateways have the labels, and be in the namespace?
static bool some_pod_fits(struct check *c, const struct bound_gateways *b,
                          const struct http_match_more *m)
{
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t n;
        const struct workload *w = workloads_of_gateway(c->m, b->at[i], &n);
        bool fits = n == 0;
        for (uint32_t k = 0; k < n && !fits; k++) {
            fits = w[k].assumed ||
                   (labels_match(&m->source_labels, &w[k].labels) &&
                    (str_empty(m->source_namespace) || str_eq(m->source_namespace, w[k].ns)));
        }
        if (fits) {
            return true;
        }
    }
    return false;
}

static void check_fit(struct check *c, const struct virtualservice *vs,
                      const struct bound_gateways *b, const struct http_match_more *m,
                      const char *path)
{
    if (m->port_set && !opens_port(b, m->port)) {
        struct finding *f = check_add(c, "GT0119", &vs->o, check_text(c, "%s.port", path),
                                      "%s is for port %u, which no Gateway of the VirtualService "
                                      "opens: it never holds",
                                      path + strlen("spec."), m->port);
        check_hint(c, f, "write the port of a Gateway's server, or take it out of the match");
    } else if (m->gateways.n == 0 && !some_pod_fits(c, b, m)) {
        struct finding *f =
            check_add(c, "GT0119", &vs->o, path,
                      "%s is for other pods than those of the gateways: for requests "
                      "that come in by them it never holds",
                      path + strlen("spec."));
        check_hint(c, f, "take sourceLabels and sourceNamespace out of the match");
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
    struct bound_gateways bound = gateways_of(c, vs);
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        for (uint32_t k = 0; k < vs->http[i].nmatches; k++) {
            const struct http_match_more *more = vs->http[i].matches[k].more;
            if (more == NULL) {
                continue;
            }
            const char *path = check_text(c, "spec.http[%u].match[%u]", i, k);
            check_names(c, vs, &more->gateways, path);
            if (bound.known) {
                check_fit(c, vs, &bound, more, path);
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
