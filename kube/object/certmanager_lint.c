// SPDX-License-Identifier: Apache-2.0
// Which of the rules of cert-manager's webhook an object is held against.
#include "kube/base/arena.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/certmanager_lint_internal.h"
#include "kube/object/spec_part_internal.h"

#include <string.h>

// docs/rules/certificates.md#webhook-request
static void request_lint(const struct spec_part *spec)
{
    part_check_issuer_ref(spec);
    const char *request = part_text(spec, "request");
    struct buf b;
    buf_init(&b, 0);
    if (!str_empty(request) && !base64_decode(request, strlen(request), &b, NULL)) {
        part_refuse(spec, "request", "is not base64: write the output of base64 -w0 request.csr");
    }
    buf_release(&b);
}

bool certmanager_request_is_written(const struct json *root)
{
    const struct json *meta = json_get(root, "metadata");
    return json_get(meta, "uid") == NULL && json_get(meta, "ownerReferences") == NULL &&
           json_get(root, "status") == NULL;
}

// docs/rules/certificates.md#api-groups
static void version_lint(const struct json *root, const char *version, struct lint_list *l)
{
    const char *slash = version != NULL ? strchr(version, '/') : NULL;
    if (slash == NULL || str_eq(slash, "/v1") || json_at(root, "metadata", "uid", NULL) != NULL) {
        return; // one taken from a cluster has a version that it serves
    }
    bool first = str_starts(version, "certmanager.k8s.io/");
    struct lint *x = lint_add(l, LINT_OLD_VERSION, "apiVersion", json_get(root, "apiVersion"));
    x->message = arena_printf(l->a, "apiVersion %s was served by cert-manager up to %s only",
                              version, first ? "0.10" : "1.5");
    x->hint = arena_printf(l->a, "write %s/v1",
                           first ? "cert-manager.io"
                                 : arena_strndup(l->a, version, (size_t)(slash - version)));
}

void certmanager_lint(enum kind k, const struct json *root, struct lint_list *l)
{
    const char *version = json_get_string(root, "apiVersion");
    if (k == KIND_CERTIFICATE || k == KIND_CERTIFICATEREQUEST || k == KIND_ISSUER ||
        k == KIND_CLUSTERISSUER) {
        version_lint(root, version, l);
    }
    if (!str_eq(version, "cert-manager.io/v1")) {
        return;
    }
    struct spec_part spec = {l, json_get(root, "spec"), "spec"};
    if (json_type(spec.j) != JSON_OBJECT) {
        return; // reported as missing, or as a wrong type
    }
    if (k == KIND_CERTIFICATE) {
        certificate_lint(&spec);
    } else if (k == KIND_ISSUER || k == KIND_CLUSTERISSUER) {
        issuer_lint(&spec);
    } else if (k == KIND_CERTIFICATEREQUEST && certmanager_request_is_written(root)) {
        request_lint(&spec);
    }
}
