// SPDX-License-Identifier: Apache-2.0
// The lists of a recording of cert-manager, as a server answered them.
#include "tests/support/recorded.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"

#include "kube/object/decode.h"

#include "tests/support/file.h"
#include "tests/support/live_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct recorded_kind recorded_kinds[RECORDED_KINDS] = {
    {KIND_CERTIFICATE, "certificates", "cert-manager.io"},
    {KIND_CERTIFICATEREQUEST, "certificaterequests", "cert-manager.io"},
    {KIND_ISSUER, "issuers", "cert-manager.io"},
    {KIND_CLUSTERISSUER, "clusterissuers", "cert-manager.io"},
    {KIND_ORDER, "orders", "acme.cert-manager.io"},
    {KIND_CHALLENGE, "challenges", "acme.cert-manager.io"},
    {KIND_SECRET, "secrets", ""},
    {KIND_EVENT, "events", ""},
    {KIND_NAMESPACE, "namespaces", ""},
    {KIND_SERVICE, "services", ""},
    {KIND_POD, "pods", ""},
    {KIND_GATEWAY, "gateways", "networking.istio.io"},
    {KIND_VIRTUALSERVICE, "virtualservices", "networking.istio.io"},
};

enum kind recorded_kind(const char *resource)
{
    for (size_t i = 0; i < RECORDED_KINDS; i++) {
        if (strcmp(recorded_kinds[i].resource, resource) == 0) {
            return recorded_kinds[i].kind;
        }
    }
    return KIND_COUNT;
}

static void die(const char *what, const char *text)
{
    fprintf(stderr, "%s: %.200s\n", what, text);
    exit(1);
}

void recorded_list(const char *dir, const char *resource,
                   void (*put)(void *self, enum kind k, const char *version, const struct json *o),
                   void *self)
{
    char path[800];
    snprintf(path, sizeof path, "%s/list-%s.json", dir, resource);
    if (access(path, R_OK) != 0) {
        return;
    }
    struct json *list = file_json(path);
    const char *version = json_get_string(list, "apiVersion");
    for (const struct json *o = json_first(json_get(list, "items")); o != NULL; o = json_next(o)) {
        put(self, recorded_kind(resource), version, o);
    }
    json_free(list);
}

void recorded_put(void *self, enum kind k, const char *version, const struct json *o)
{
    struct buf text;
    struct err err = {0};
    buf_init(&text, 0);
    json_print(o, false, &text);
    struct object *x = object_decode_text(k, version, text.data, text.len, NULL, &err);
    if (x == NULL) {
        die(err.msg, text.data);
    }
    store_put(self, x);
    buf_release(&text);
}

struct store *recorded_store(void)
{
    struct store *s = store_new();
    live_store(s);
    return s;
}
