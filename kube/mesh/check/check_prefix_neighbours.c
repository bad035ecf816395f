// SPDX-License-Identifier: Apache-2.0
// Prefixes that also catch the path of another rule (GT0102): docs/rules/istio.md#prefix-neighbour.
#include "kube/base/arena.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/rule_names_internal.h"
#include "kube/mesh/check/virtual_host_checks_internal.h"
#include "kube/mesh/route/vs_routes.h"

#include <string.h>

static const char *path_text(const struct route *r)
{
    const struct string_match *u = r->match != NULL ? &r->match->uri : NULL;
    return u != NULL && (u->type == MATCH_EXACT || u->type == MATCH_PREFIX) ? u->text : NULL;
}

static bool same_target(const struct route *a, const struct route *b)
{
    if (a->rule->nroutes == 0 || b->rule->nroutes == 0) {
        return a->rule == b->rule;
    }
    const struct destination *x = &a->rule->routes[0].destination,
                             *y = &b->rule->routes[0].destination;
    bool same_port = !x->port_set || !y->port_set || x->port == y->port;
    return same_port && str_eq(x->host, y->host) && str_eq(x->subset, y->subset) &&
           str_eq(a->ns, b->ns);
}

void check_prefix_neighbours(struct virtual_host_checks *h, const struct virtual_host *v,
                             const struct route *const *routes, uint32_t n)
{
    struct string_map prefixes; // text -> the first route with that prefix and no other condition
    string_map_init(&prefixes, h->c->a);
    for (uint32_t i = 0; i < n; i++) {
        const char *text = path_text(routes[i]);
        if (text == NULL) {
            continue;
        }
        size_t len = strlen(text);
        char *head = arena_strndup(h->c->a, text, len);
        for (size_t k = len; k-- > 1 && h->steps > 0; h->steps--) {
            char next = text[k];
            head[k] = '\0';
            if (next == '/' || next == '?' || head[k - 1] == '/') {
                continue; // a whole segment more: the match is intended
            }
            const struct route *by = string_map_get(&prefixes, head);
            if (by != NULL && !same_target(by, routes[i])) {
                struct finding *f =
                    check_add(h->c, "GT0102", &rule_owner(by)->o, rule_path(h->c, by),
                              "the prefix %s of %s also takes %s on host %s, which %s is for",
                              by->match->uri.text, rule_name(h->c, by), text, v->domain,
                              other_rule_name(h->c, routes[i], by));
                check_hint(h->c, f, "write two matches: exact %s and prefix %s/",
                           by->match->uri.text, by->match->uri.text);
            }
        }
        bool simple =
            routes[i]->match->uri.type == MATCH_PREFIX && match_path_only(routes[i]->match);
        void **place = simple ? string_map_at(&prefixes, text) : NULL;
        if (place != NULL && *place == NULL) {
            *place = unconst(routes[i]);
        }
    }
}
