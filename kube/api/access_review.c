// SPDX-License-Identifier: Apache-2.0
// What gatetop needs of a cluster, as SelfSubjectAccessReviews and as a ClusterRole.
#include "kube/api/access_review.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include <stdio.h>
#include <string.h>

// get: the YAML of a row (no view has rows of Pods or Canaries). Kinds that only single subcommands read are listed,
// not watched (kube/store/session_watches.c).
#define READ "get,list,watch"

// One row per resource; rows of one group and one set of verbs are neighbours: they become one rule of the role.
// clang-format off
const struct access_need access_needs[] = {
    {.group = "", .resource = "namespaces", .verbs = READ, .why = "domains of namespaces"},
    {.group = "", .resource = "services", .verbs = READ, .why = "destinations and load balancers"},
    {.group = "", .resource = "secrets", .verbs = READ, .why = "whether a certificate's Secret exists (read as metadata only)"},
    {.group = "", .resource = "events", .verbs = READ, .why = "reasons of cert-manager that stand nowhere else", .optional = true},
    {.group = "", .resource = "pods", .verbs = "list,watch", .why = "labels and namespace of the gateways (read as metadata only)", .optional = true},
    {.group = "networking.istio.io", .resource = "gateways", .verbs = READ, .why = "Gateways"},
    {.group = "networking.istio.io", .resource = "virtualservices", .verbs = READ, .why = "routes"},
    {.group = "networking.istio.io", .resource = "destinationrules", .verbs = READ, .why = "subsets"},
    {.group = "networking.istio.io", .resource = "serviceentries", .verbs = READ, .why = "external destinations", .optional = true},
    {.group = "security.istio.io", .resource = "authorizationpolicies", .verbs = READ, .why = "requests that a gateway refuses", .optional = true},
    {.group = "security.istio.io", .resource = "requestauthentications", .verbs = READ, .why = "tokens that a gateway reads", .optional = true},
    // docs/rules/certificates.md#certmanager-rights
    {.group = "cert-manager.io", .resource = "certificates", .verbs = READ, .why = "certificates"},
    {.group = "cert-manager.io", .resource = "certificaterequests", .verbs = READ, .why = "issuance"},
    {.group = "cert-manager.io", .resource = "issuers", .verbs = READ, .why = "issuers"},
    {.group = "cert-manager.io", .resource = "clusterissuers", .verbs = READ, .why = "issuers"},
    {.group = "acme.cert-manager.io", .resource = "orders", .verbs = READ, .why = "issuance by ACME"},
    {.group = "acme.cert-manager.io", .resource = "challenges", .verbs = READ, .why = "issuance by ACME"},
    {.group = "discovery.k8s.io", .resource = "endpointslices", .verbs = "list,watch", .why = "destinations without endpoints", .optional = true},
    {.group = "networking.k8s.io", .resource = "ingresses", .verbs = "list,watch", .why = "targets of DNS records", .optional = true},
    {.group = "flagger.app", .resource = "canaries", .verbs = "list,watch", .why = "who moves the weights", .optional = true},
    {.group = "apps", .resource = "deployments", .verbs = "list", .why = "the settings of external-dns", .optional = true},
};
// clang-format on
const size_t access_need_count = ARRAY_COUNT(access_needs);

bool access_verb(const struct access_need *need, size_t at, char out[16])
{
    const char *p = need->verbs;
    for (; at > 0; at--) {
        p = strchr(p, ',');
        if (p == NULL) {
            return false;
        }
        p++;
    }
    snprintf(out, 16, "%.*s", (int)strcspn(p, ","), p);
    return true;
}

void access_body(struct buf *out, const struct access_need *need, const char *verb, const char *ns)
{
    struct json *doc = json_new_object();
    json_put_string(doc, "apiVersion", "authorization.k8s.io/v1");
    json_put_string(doc, "kind", "SelfSubjectAccessReview");
    struct json *what =
        json_put(json_put(doc, "spec", json_new_object()), "resourceAttributes", json_new_object());
    json_put_string(what, "verb", verb);
    json_put_string(what, "group", need->group);
    json_put_string(what, "resource", need->resource);
    if (ns != NULL) {
        json_put_string(what, "namespace", ns);
    }
    json_print(doc, false, out);
    json_free(doc);
}

bool access_read(const char *text, size_t n, bool *allowed, char *reason, size_t reason_size,
                 struct err *err)
{
    struct json *doc = json_parse(text, n, err);
    const struct json *status = json_get(doc, "status");
    if (doc == NULL) {
        return false;
    }
    if (!str_eq(json_get_string(doc, "kind"), "SelfSubjectAccessReview") ||
        json_type(json_get(status, "allowed")) != JSON_BOOL) {
        json_free(doc);
        return err_set(err, ERR_PARSE, "the server's answer is no access review");
    }
    *allowed = json_get_bool(status, "allowed", false);
    const char *why = json_get_string(status, "reason");
    if (str_empty(why)) {
        why = json_get_string(status, "evaluationError");
    }
    struct arena a;
    arena_init(&a);
    why = str_or_empty(why);
    snprintf(reason, reason_size, "%s", text_clean(&a, why, strlen(why), reason_size - 1));
    arena_release(&a);
    json_free(doc);
    return true;
}

void access_role(struct buf *out)
{
    buf_adds(out, "apiVersion: rbac.authorization.k8s.io/v1\n"
                  "kind: ClusterRole\n"
                  "metadata:\n"
                  "  name: gatetop\n"
                  "rules:\n");
    for (size_t i = 0; i < access_need_count;) {
        const struct access_need *first = &access_needs[i];
        buf_addf(out, "- apiGroups: [\"%s\"]\n  resources:", first->group);
        for (const char *before = " [";
             i < access_need_count && str_eq(access_needs[i].group, first->group) &&
             str_eq(access_needs[i].verbs, first->verbs);
             i++, before = ", ") {
            buf_addf(out, "%s%s", before, access_needs[i].resource);
        }
        buf_adds(out, "]\n  verbs: [");
        char verb[16];
        for (size_t v = 0; access_verb(first, v, verb); v++) {
            buf_addf(out, "%s%s", v > 0 ? ", " : "", verb);
        }
        buf_adds(out, "]\n");
    }
}
