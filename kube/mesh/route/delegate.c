// SPDX-License-Identifier: Apache-2.0
// VirtualServices with their delegates merged in. The rules: docs/rules/istio.md#delegate-match-merge,
// docs/rules/istio.md#delegate-conflict, docs/rules/istio.md#delegate-inherits.
#include "kube/mesh/route/delegate.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_budget.h"
#include "kube/object/object_names.h"

#include "kube/mesh/core/export_to.h"
#include "kube/mesh/core/host.h"

#include <string.h>

static const struct http_match_more NO_MORE;

static const struct http_match_more *more_of(const struct http_match *m)
{
    return m->more != NULL ? m->more : &NO_MORE;
}

// --- conflicts

static bool text_of(const struct string_match *s, int type)
{
    return (int)s->type == type && s->text != NULL && *s->text != '\0';
}

// The delegate's condition is not part of the root's. A regex, {} or an empty text on either side is a conflict.
static bool string_conflict(const struct string_match *root, const struct string_match *leaf)
{
    if (root->type == MATCH_ABSENT || leaf->type == MATCH_ABSENT) {
        return false;
    }
    if (text_of(root, MATCH_EXACT)) {
        return !text_of(leaf, MATCH_EXACT) || strcmp(root->text, leaf->text) != 0;
    }
    if (text_of(root, MATCH_PREFIX) &&
        (text_of(leaf, MATCH_PREFIX) || text_of(leaf, MATCH_EXACT))) {
        return !str_starts(leaf->text, root->text);
    }
    return true;
}

static const struct string_match *named(const struct named_match *at, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(at[i].name, name) == 0) {
            return &at[i].match;
        }
    }
    return NULL;
}

static bool map_conflict(const struct named_match *root, uint32_t nroot,
                         const struct named_match *leaf, uint32_t nleaf)
{
    for (uint32_t i = 0; i < nleaf; i++) {
        const struct string_match *r = named(root, nroot, leaf[i].name);
        if (r != NULL && string_conflict(r, &leaf[i].match)) {
            return true;
        }
    }
    return false;
}

// "mesh", or "ns/name" of the Gateway that the reference names.
static const char *gateway_id(struct arena *a, const char *ref, const char *ns)
{
    const char *gw_ns;
    const char *gw_name;
    return name_resolve_gateway(a, ref, ns, &gw_ns, &gw_name)
               ? arena_printf(a, "%s/%s", gw_ns, gw_name)
               : "mesh";
}

static bool gateways_conflict(struct arena *a, const struct str_list *root, const char *root_ns,
                              const struct str_list *leaf, const char *leaf_ns)
{
    if (root->n == 0 || leaf->n == 0) {
        return false;
    }
    if (root->n < leaf->n) {
        return true;
    }
    for (uint32_t i = 0; i < leaf->n; i++) {
        const char *want = gateway_id(a, leaf->at[i], leaf_ns);
        bool found = false;
        for (uint32_t j = 0; j < root->n && !found; j++) {
            found = strcmp(gateway_id(a, root->at[j], root_ns), want) == 0;
        }
        if (!found) {
            return true;
        }
    }
    return false;
}

static bool conflict(struct arena *a, const struct http_match *root, const char *root_ns,
                     const struct http_match *leaf, const char *leaf_ns)
{
    const struct http_match_more *r = more_of(root);
    const struct http_match_more *l = more_of(leaf);
    if (string_conflict(&root->uri, &leaf->uri) || string_conflict(&r->scheme, &l->scheme) ||
        string_conflict(&r->method, &l->method) || string_conflict(&r->authority, &l->authority)) {
        return true;
    }
    if (map_conflict(r->headers, r->nheaders, l->headers, l->nheaders) ||
        map_conflict(r->without_headers, r->nwithout_headers, l->without_headers,
                     l->nwithout_headers) ||
        map_conflict(r->query_params, r->nquery_params, l->query_params, l->nquery_params)) {
        return true;
    }
    if (r->ignore_uri_case != l->ignore_uri_case) {
        return true;
    }
    if (r->port != 0 && l->port != 0 && r->port != l->port) {
        return true;
    }
    if (!str_empty(r->source_namespace) && !str_eq(r->source_namespace, l->source_namespace)) {
        return true;
    }
    for (uint32_t i = 0; i < l->source_labels.n; i++) {
        const char *v = str_map_get(&r->source_labels, l->source_labels.at[i].key);
        if (v != NULL && strcmp(v, l->source_labels.at[i].value) != 0) {
            return true;
        }
    }
    return gateways_conflict(a, &r->gateways, root_ns, &l->gateways, leaf_ns);
}

// --- merging

struct merging {
    const struct mesh *m;
    const struct virtualservice *root;
    struct vs_rule *at;
    uint32_t n, cap;
    uint64_t room; // for pairs of a match and a destination
    bool limited;
};

// A root of many hosts and rules times a delegate of many rules is more than can be judged: the rest is left out, and
// the answer says so (docs/rules/istio.md#delegate-bounds).
static bool has_room(struct merging *g, const struct http_rule *rule, uint64_t matches)
{
    uint64_t pairs = object_budget_of_rule(rule, matches);
    g->limited = g->limited || pairs > g->room;
    g->room -= g->limited ? 0 : pairs;
    return !g->limited;
}

static const char *joined(struct arena *a, const char *root, const char *leaf)
{
    if (str_empty(root)) {
        return leaf;
    }
    return str_empty(leaf) ? root : arena_printf(a, "%s-%s", root, leaf);
}

static const struct named_match *united(struct arena *a, const struct named_match *root,
                                        uint32_t nroot, const struct named_match *leaf,
                                        uint32_t nleaf, uint32_t *n)
{
    if (nroot == 0 || nleaf == 0) {
        *n = nroot == 0 ? nleaf : nroot;
        return nroot == 0 ? leaf : root;
    }
    struct named_match *out = arena_calloc(a, (size_t)nroot + nleaf, sizeof *out);
    uint32_t k = 0;
    for (uint32_t i = 0; i < nroot; i++) {
        if (named(leaf, nleaf, root[i].name) == NULL) {
            out[k++] = root[i];
        }
    }
    memcpy(out + k, leaf, nleaf * sizeof *out);
    *n = k + nleaf;
    return out;
}

static struct str_map united_labels(struct arena *a, const struct str_map *root,
                                    const struct str_map *leaf)
{
    if (root->n == 0 || leaf->n == 0) {
        return root->n == 0 ? *leaf : *root;
    }
    struct str_pair *out = arena_calloc(a, (size_t)root->n + leaf->n, sizeof *out);
    uint32_t k = 0;
    for (uint32_t i = 0; i < root->n; i++) {
        if (str_map_get(leaf, root->at[i].key) == NULL) {
            out[k++] = root->at[i];
        }
    }
    memcpy(out + k, leaf->at, leaf->n * sizeof *out);
    return (struct str_map){.at = out, .n = k + leaf->n};
}

// A short name means another Gateway in another namespace, so names are qualified before two lists are mixed.
static struct str_list gateway_ids(struct arena *a, const struct str_list *refs, const char *ns)
{
    const char **out = arena_calloc(a, refs->n, sizeof *out);
    for (uint32_t i = 0; i < refs->n; i++) {
        out[i] = gateway_id(a, refs->at[i], ns);
    }
    return (struct str_list){.at = out, .n = refs->n};
}

static struct http_match resolved(struct arena *a, const struct http_match *match, const char *ns)
{
    struct http_match out = *match;
    if (match->more != NULL && match->more->gateways.n > 0) {
        struct http_match_more *more = arena_alloc(a, sizeof *more);
        *more = *match->more;
        more->gateways = gateway_ids(a, &match->more->gateways, ns);
        out.more = more;
    }
    return out;
}

static struct http_match merged_match(struct arena *a, const struct http_match *root,
                                      const char *root_ns, const struct http_match *leaf,
                                      const char *leaf_ns)
{
    struct http_match out = *leaf;
    if (out.uri.type == MATCH_ABSENT) {
        out.uri = root->uri;
    }
    if (root->more == NULL && leaf->more == NULL) {
        return out;
    }
    const struct http_match_more *r = more_of(root);
    const struct http_match_more *l = more_of(leaf);
    struct http_match_more *more = arena_alloc(a, sizeof *more);
    *more = *l;
    more->name = joined(a, r->name, l->name);
    more->scheme = l->scheme.type != MATCH_ABSENT ? l->scheme : r->scheme;
    more->method = l->method.type != MATCH_ABSENT ? l->method : r->method;
    more->authority = l->authority.type != MATCH_ABSENT ? l->authority : r->authority;
    more->headers = united(a, r->headers, r->nheaders, l->headers, l->nheaders, &more->nheaders);
    more->without_headers = united(a, r->without_headers, r->nwithout_headers, l->without_headers,
                                   l->nwithout_headers, &more->nwithout_headers);
    more->query_params = united(a, r->query_params, r->nquery_params, l->query_params,
                                l->nquery_params, &more->nquery_params);
    if (l->port == 0) {
        more->port = r->port;
        more->port_set = r->port_set;
    }
    more->source_labels = united_labels(a, &r->source_labels, &l->source_labels);
    if (str_empty(l->source_namespace)) {
        more->source_namespace = r->source_namespace;
    }
    more->gateways = l->gateways.n > 0 ? gateway_ids(a, &l->gateways, leaf_ns)
                                       : gateway_ids(a, &r->gateways, root_ns);
    if (str_empty(l->stat_prefix)) {
        more->stat_prefix = r->stat_prefix;
    }
    out.more = more;
    return out;
}

static const char *match_name(const struct http_match *m)
{
    return m->more != NULL ? m->more->name : NULL;
}

// The match entries of a merged rule. False if the delegate's rule is dropped as a whole.
static bool merge_matches(struct merging *g, const struct http_rule *root,
                          const struct http_rule *leaf, const char *leaf_ns, struct http_rule *out,
                          const struct match_origin **origins)
{
    struct arena *a = g->m->arena;
    const char *root_ns = g->root->o.ns;
    size_t most = root->nmatches == 0   ? leaf->nmatches
                  : leaf->nmatches == 0 ? root->nmatches
                                        : (size_t)root->nmatches * leaf->nmatches;
    if (!has_room(g, leaf, most)) { // entries that exclude each other cost memory, too
        return false;
    }
    struct http_match *at = arena_calloc(a, most, sizeof *at);
    struct match_origin *from = arena_calloc(a, most, sizeof *from);
    size_t n = 0;
    if (root->nmatches == 0 || leaf->nmatches == 0) {
        bool of_leaf = root->nmatches == 0;
        const struct http_match *in = of_leaf ? leaf->matches : root->matches;
        for (size_t i = 0; i < most; i++, n++) {
            at[n] = resolved(a, &in[i], of_leaf ? leaf_ns : root_ns);
            from[n] = (struct match_origin){of_leaf ? -1 : (int32_t)i, of_leaf ? (int32_t)i : -1,
                                            match_name(&in[i])};
        }
    } else {
        for (int32_t d = 0; d < leaf->nmatches; d++) {
            size_t before = n;
            for (int32_t r = 0; r < root->nmatches; r++) {
                const struct http_match *rm = &root->matches[r];
                const struct http_match *lm = &leaf->matches[d];
                if (!conflict(a, rm, root_ns, lm, leaf_ns)) {
                    at[n] = merged_match(a, rm, root_ns, lm, leaf_ns);
                    from[n] = (struct match_origin){r, d, match_name(&at[n])};
                    n++;
                }
            }
            if (n == before) {
                return false;
            }
        }
    }
    out->matches = at;
    out->nmatches = n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
    g->limited |= n > UINT16_MAX;
    *origins = from;
    return true;
}

static struct http_mirror mirror_resolved(struct arena *a, const struct http_mirror *in,
                                          const char *ns)
{
    struct http_mirror out = *in;
    if (out.destination.host != NULL) {
        out.destination.host = name_fqdn(a, out.destination.host, ns);
    }
    return out;
}

// What a delegate's rule takes over from its root rule: each field only where its own is unset.
static const struct http_rule_more *merge_more(struct arena *a, const struct http_rule_more *root,
                                               const char *root_ns, const struct http_rule *leaf)
{
    static const struct http_rule_more none = {.timeout = DURATION_NONE, .mirror_percent = -1};
    struct http_rule_more *out = arena_alloc(a, sizeof *out);
    *out = leaf->more != NULL ? *leaf->more : none;
    out->rewrite = out->rewrite != NULL ? out->rewrite : root->rewrite;
    out->direct_response =
        out->direct_response != NULL ? out->direct_response : root->direct_response;
    out->timeout = out->timeout != DURATION_NONE ? out->timeout : root->timeout;
    out->retries = out->retries != NULL ? out->retries : root->retries;
    out->fault = out->fault != NULL ? out->fault : root->fault;
    out->cors = out->cors != NULL ? out->cors : root->cors;
    out->headers = out->headers != NULL ? out->headers : root->headers;
    if (out->mirror == NULL && root->mirror != NULL) {
        struct http_mirror *mirror = arena_alloc(a, sizeof *mirror);
        *mirror = mirror_resolved(a, root->mirror, root_ns);
        out->mirror = mirror;
    }
    if (out->mirror_percent < 0) {
        out->mirror_percent = root->mirror_percent;
    }
    if (!out->mirror_percentage.set) {
        out->mirror_percentage = root->mirror_percentage;
    }
    if (out->nmirrors == 0 && root->nmirrors > 0) {
        struct http_mirror *mirrors = arena_calloc(a, root->nmirrors, sizeof *mirrors);
        for (uint32_t i = 0; i < root->nmirrors; i++) {
            mirrors[i] = mirror_resolved(a, &root->mirrors[i], root_ns);
        }
        out->mirrors = mirrors;
        out->nmirrors = root->nmirrors;
    }
    return out;
}

enum delegate_state delegate_find(const struct mesh *m, const struct virtualservice *root,
                                  const struct http_rule *rule, const struct virtualservice **found)
{
    ASSERT(rule->more != NULL && rule->more->delegate);
    const char *ns = rule->more->delegate_ns;
    const char *name = rule->more->delegate_name;
    const struct object *o =
        mesh_get(m, KIND_VIRTUALSERVICE, str_empty(ns) ? root->o.ns : ns, str_or_empty(name));
    *found = o != NULL ? OBJECT_AS(virtualservice, o) : NULL;
    if (o == NULL) {
        return DELEGATE_MISSING;
    }
    if ((*found)->hosts.n > 0) {
        return DELEGATE_HAS_HOSTS;
    }
    bool visible = export_to_class(&(*found)->export_to, o->ns, root->o.ns) != EXPORT_HIDDEN;
    return visible ? DELEGATE_OK : DELEGATE_HIDDEN;
}

static void merge_delegate(struct merging *g, uint32_t index)
{
    const struct http_rule *root = &g->root->http[index];
    const struct virtualservice *d;
    if (delegate_find(g->m, g->root, root, &d) != DELEGATE_OK) {
        return;
    }
    for (uint32_t i = 0; i < d->nhttp; i++) {
        const struct http_rule *leaf = &d->http[i];
        if (leaf->more != NULL && leaf->more->delegate) {
            continue; // one level only; a delegate's own delegates are never looked at
        }
        struct http_rule *merged = arena_alloc(g->m->arena, sizeof *merged);
        struct vs_rule r = {.rule = merged, .delegate = d, .ns = d->o.ns, .index = index};
        *merged = *leaf;
        if (!merge_matches(g, root, leaf, d->o.ns, merged, &r.origins)) {
            if (g->limited) {
                return;
            }
            continue;
        }
        merged->more = merge_more(g->m->arena, root->more, g->root->o.ns, leaf);
        merged->name = joined(g->m->arena, root->name, leaf->name);
        r.name = merged->name;
        r.delegate_index = i;
        *ARENA_PUSH(g->m->arena, g->at, g->n, g->cap) = r;
    }
}

const struct vs_rules *delegate_expand(const struct mesh *m, const struct virtualservice *vs)
{
    struct merging g = {.m = m, .root = vs, .cap = vs->nhttp, .room = object_budget_of_rules(vs)};
    g.at = arena_calloc(m->arena, g.cap, sizeof *g.at); // enough where nothing is delegated
    struct vs_rules *out = arena_alloc(m->arena, sizeof *out);
    for (uint32_t i = 0; i < vs->nhttp && !g.limited; i++) {
        const struct http_rule_more *more = vs->http[i].more;
        if (more != NULL && more->delegate) {
            merge_delegate(&g, i);
        } else if (has_room(&g, &vs->http[i], vs->http[i].nmatches)) {
            *ARENA_PUSH(m->arena, g.at, g.n, g.cap) = (struct vs_rule){
                .rule = &vs->http[i], .name = vs->http[i].name, .ns = vs->o.ns, .index = i};
        }
    }
    *out = (struct vs_rules){.at = g.at, .n = g.n, .limited = g.limited};
    return out;
}

bool delegate_unseen(const struct mesh *m, const struct virtualservice *root, const char **ns,
                     const char **name)
{
    for (uint32_t i = 0; i < root->nhttp; i++) {
        const struct http_rule_more *more = root->http[i].more;
        const struct virtualservice *d;
        if (more != NULL && more->delegate && !mesh_complete(m, KIND_VIRTUALSERVICE) &&
            delegate_find(m, root, &root->http[i], &d) == DELEGATE_MISSING) {
            *ns = !str_empty(more->delegate_ns) ? more->delegate_ns : root->o.ns;
            *name = str_or_empty(more->delegate_name);
            return true;
        }
    }
    return false;
}
