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

// get: the YAML of a row (no view has rows of Pods or Canaries). What only single commands read, once, is listed and no more (kube/store/session_watches.c).
#define READ "get,list,watch"

// One row a resource; rows of one group and one set of verbs stand together: they are one rule of the role.
// clang-format off
const struct access_need ACCESS_NEEDS[] = {
    {"", "namespaces", READ, "domains of namespaces", false},
    {"", "services", READ, "destinations and load balancers", false},
    {"", "secrets", READ, "whether a certificate's Secret exists (read as metadata only)", false},
    {"", "events", READ, "reasons of cert-manager that stand nowhere else", true},
    {"", "pods", "list,watch", "labels and namespace of the gateways (read as metadata only)", true},
    {"networking.istio.io", "gateways", READ, "Gateways", false},
    {"networking.istio.io", "virtualservices", READ, "routes", false},
    {"networking.istio.io", "destinationrules", READ, "subsets", false},
    {"networking.istio.io", "serviceentries", READ, "external destinations", true},
    // docs/rules/certificates.md#certmanager-rights
    {"cert-manager.io", "certificates", READ, "certificates", false},
    {"cert-manager.io", "certificaterequests", READ, "issuance", false},
    {"cert-manager.io", "issuers", READ, "issuers", false},
    {"cert-manager.io", "clusterissuers", READ, "issuers", false},
    {"acme.cert-manager.io", "orders", READ, "issuance by ACME", false},
    {"acme.cert-manager.io", "challenges", READ, "issuance by ACME", false},
    {"discovery.k8s.io", "endpointslices", "list", "destinations without endpoints", true},
    {"networking.k8s.io", "ingresses", "list", "targets of DNS records", true},
    {"flagger.app", "canaries", "list,watch", "who moves the weights", true},
    {"apps", "deployments", "list", "the settings of external-dns", true},
};
// clang-format on
const size_t ACCESS_NEED_COUNT = ARRAY_COUNT(ACCESS_NEEDS);

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
    for (size_t i = 0; i < ACCESS_NEED_COUNT;) {
        const struct access_need *first = &ACCESS_NEEDS[i];
        buf_addf(out, "- apiGroups: [\"%s\"]\n  resources:", first->group);
        for (const char *before = " [";
             i < ACCESS_NEED_COUNT && str_eq(ACCESS_NEEDS[i].group, first->group) &&
             str_eq(ACCESS_NEEDS[i].verbs, first->verbs);
             i++, before = ", ") {
            buf_addf(out, "%s%s", before, ACCESS_NEEDS[i].resource);
        }
        buf_adds(out, "]\n  verbs: [");
        char verb[16];
        for (size_t v = 0; access_verb(first, v, verb); v++) {
            buf_addf(out, "%s%s", v > 0 ? ", " : "", verb);
        }
        buf_adds(out, "]\n");
    }
}
