// SPDX-License-Identifier: Apache-2.0
// Settings of Gateways and VirtualServices that do not do what they look like (GT0106, GT0110, GT0111):
// docs/rules/istio.md#passthrough-default, docs/rules/istio.md#redirect-code,
// docs/rules/istio.md#server-host-rewrite.
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/name_syntax_internal.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/route/rule_action.h"

#include <string.h>

// PASSTHROUGH is the mode where none is written: the certificate is not used, http rules do not apply.
static void omitted_mode(struct check *c, const struct gateway *g)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server_tls *t = g->servers[i].tls;
        if (t == NULL || t->mode_set || protocol_class_of(g->servers[i].protocol) != PROTOCOL_TLS) {
            continue;
        }
        struct finding *f =
            check_add(c, "GT0106", &g->o, check_text(c, "spec.servers[%u].tls", i),
                      "tls has no mode, which means PASSTHROUGH: no http rule applies to port %lld",
                      (long long)g->servers[i].port);
        check_hint(c, f,
                   "write mode: SIMPLE to terminate TLS here, or mode: PASSTHROUGH to say that it "
                   "is meant");
    }
}

// "*/*" shortens the host list to one; istiod then fails on a later entry that it still has to rewrite.
static void host_list(struct check *c, const struct gateway *g)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        bool all = false;
        for (uint32_t h = 0; h < g->servers[i].hosts.n; h++) {
            const char *host = g->servers[i].hosts.at[h];
            if (all && (str_starts(host, "./") || str_starts(host, "*/"))) {
                struct finding *f =
                    check_add(c, "GT0111", &g->o, check_text(c, "spec.servers[%u].hosts[%u]", i, h),
                              "the host \"%s\" after \"*/*\" makes istiod fail", host);
                check_hint(c, f, "remove it: \"*/*\" covers every host");
                break;
            }
            all = all || str_eq(host, "*/*");
        }
    }
}

static void redirect_codes(struct check *c, const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule_more *m = vs->http[i].more;
        const struct http_redirect *r = m != NULL ? m->redirect : NULL;
        if (r != NULL && r->code >= 300 && r->code <= 399 && !redirect_code_usable(r->code)) {
            struct finding *f = check_add(
                c, "GT0110", &vs->o, check_text(c, "spec.http[%u].redirect.redirectCode", i),
                "Envoy has no redirect with code %lld and refuses the routes of all hosts "
                "of the port",
                (long long)r->code);
            check_hint(c, f, "write " REDIRECT_CODES);
        }
    }
}

void check_settings(struct check *c)
{
    uint32_t n;
    const struct object *const *all = mesh_all(c->m, KIND_GATEWAY, &n);
    for (uint32_t i = 0; i < n; i++) {
        omitted_mode(c, OBJECT_AS(gateway, all[i]));
        host_list(c, OBJECT_AS(gateway, all[i]));
    }
    all = mesh_all(c->m, KIND_VIRTUALSERVICE, &n);
    for (uint32_t i = 0; i < n; i++) {
        redirect_codes(c, OBJECT_AS(virtualservice, all[i]));
    }
}
