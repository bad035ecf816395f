// SPDX-License-Identifier: Apache-2.0
// Decoder of what changes the answers of workloads: AuthorizationPolicy, RequestAuthentication, and EnvoyFilter and
// WasmPlugin, of which only the workloads are read.
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/decoder_internal.h"
#include "kube/object/istio_objects.h"
#include "kube/object/str_list.h"

#include <string.h>

// A member under its name, or the name that protobuf gives it.
static const struct json *member(const struct json *of, const char *name, const char *proto)
{
    const struct json *j = json_get(of, name);
    return j != NULL ? j : json_get(of, proto);
}

// Of an EnvoyFilter: does every patch say that it is for sidecars?
static bool only_sidecars(const struct json *patches)
{
    static const char sidecar[] = "SIDECAR_";
    const struct json *patch = json_first(patches);
    bool some = patch != NULL;
    for (; patch != NULL; patch = json_next(patch)) {
        const char *context = json_get_string(json_get(patch, "match"), "context");
        if (context == NULL || strncmp(context, sidecar, sizeof sidecar - 1) != 0) {
            return false;
        }
    }
    return some;
}

// --- AuthorizationPolicy

struct authz_field {
    const char *values, *proto_values, *not_values, *proto_not_values;
    enum authz_attribute attribute;
};
// clang-format off
static const struct authz_field source_fields[] = {
    {"ipBlocks", "ip_blocks", "notIpBlocks", "not_ip_blocks", AUTHZ_CLIENT_IP},
    {"remoteIpBlocks", "remote_ip_blocks", "notRemoteIpBlocks", "not_remote_ip_blocks", AUTHZ_CLIENT_IP},
    {"namespaces", NULL, "notNamespaces", "not_namespaces", AUTHZ_PEER},
    {"trustDomains", "trust_domains", "notTrustDomains", "not_trust_domains", AUTHZ_PEER},
    {"serviceAccounts", "service_accounts", "notServiceAccounts", "not_service_accounts", AUTHZ_PEER},
    {"principals", NULL, "notPrincipals", "not_principals", AUTHZ_PEER},
    {"requestPrincipals", "request_principals", "notRequestPrincipals", "not_request_principals", AUTHZ_TOKEN},
};
static const struct authz_field operation_fields[] = {
    {"hosts", NULL, "notHosts", "not_hosts", AUTHZ_HOST},
    {"methods", NULL, "notMethods", "not_methods", AUTHZ_METHOD},
    {"paths", NULL, "notPaths", "not_paths", AUTHZ_PATH},
    {"ports", NULL, "notPorts", "not_ports", AUTHZ_PORT},
};
static const struct {
    const char *key;
    enum authz_attribute attribute;
} when_keys[] = {
    {"destination.ip", AUTHZ_OTHER}, {"destination.port", AUTHZ_PORT}, {"connection.sni", AUTHZ_SNI},
    {"source.ip", AUTHZ_CLIENT_IP}, {"remote.ip", AUTHZ_CLIENT_IP}, {"source.namespace", AUTHZ_PEER},
    {"source.trustDomain", AUTHZ_PEER}, {"source.serviceAccount", AUTHZ_PEER}, {"source.principal", AUTHZ_PEER},
    {"request.auth.principal", AUTHZ_TOKEN}, {"request.auth.audiences", AUTHZ_TOKEN},
    {"request.auth.presenter", AUTHZ_TOKEN},
};
// clang-format on
static const struct json *either(const struct json *of, const char *name, const char *proto)
{
    return proto != NULL ? member(of, name, proto) : json_get(of, name);
}

// The conditions of one source or operation.
static struct authz_group fields_of(struct object_decoder *d, const struct json *j,
                                    const struct authz_field *fields, size_t n)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const struct authz_field *f = &fields[i];
        count += item_count(either(j, f->values, f->proto_values)) > 0 ||
                 item_count(either(j, f->not_values, f->proto_not_values)) > 0;
    }
    struct authz_condition *at = decode_alloc(d, count, sizeof *at);
    uint32_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const struct authz_field *f = &fields[i];
        const struct json *values = either(j, f->values, f->proto_values);
        const struct json *others = either(j, f->not_values, f->proto_not_values);
        if (item_count(values) > 0 || item_count(others) > 0) {
            at[k].attribute = f->attribute;
            at[k].values = decode_strings(d, values);
            at[k++].not_values = decode_strings(d, others);
        }
    }
    return (struct authz_group){at, count};
}

// The groups of `from` or `to`: each item has its fields below `word`.
static const struct authz_group *groups(struct object_decoder *d, const struct json *list,
                                        const char *word, const struct authz_field *fields,
                                        size_t n)
{
    struct authz_group *at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t k = 0;
    EACH_ITEM(c, list)
    {
        at[k++] = fields_of(d, json_get(c, word), fields, n);
    }
    return at;
}

static enum authz_attribute when_attribute(const char *key)
{
    if (str_starts(key, "request.headers[")) {
        return AUTHZ_HEADER;
    }
    if (str_starts(key, "request.auth.claims[")) {
        return AUTHZ_TOKEN;
    }
    for (size_t i = 0; i < ARRAY_COUNT(when_keys); i++) {
        if (strcmp(when_keys[i].key, key) == 0) {
            return when_keys[i].attribute;
        }
    }
    return str_starts(key, "experimental.") ? AUTHZ_OTHER : AUTHZ_UNKNOWN;
}

static struct authz_group when_of(struct object_decoder *d, const struct json *list)
{
    uint32_t n = (uint32_t)item_count(list), k = 0;
    struct authz_condition *at = decode_alloc(d, n, sizeof *at);
    EACH_ITEM(c, list)
    {
        const char *key = str_or_empty(json_get_string(c, "key"));
        at[k].attribute = when_attribute(key);
        at[k].name = decode_string(d, json_get(c, "key"));
        at[k].values = decode_strings(d, json_get(c, "values"));
        at[k++].not_values = decode_strings(d, member(c, "notValues", "not_values"));
    }
    return (struct authz_group){at, n};
}

static void rules(struct object_decoder *d, const struct json *list, struct workload_policy *x)
{
    struct authz_rule *at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        const struct json *from = json_get(c, "from"), *to = json_get(c, "to");
        at[n].nfrom = (uint32_t)item_count(from);
        at[n].from = groups(d, from, "source", source_fields, ARRAY_COUNT(source_fields));
        at[n].nto = (uint32_t)item_count(to);
        at[n].to = groups(d, to, "operation", operation_fields, ARRAY_COUNT(operation_fields));
        at[n++].when = when_of(d, json_get(c, "when"));
    }
    x->rules = at;
    x->nrules = n;
}

static bool is_dry_run(const struct json *metadata)
{
    const char *text = json_get_string(json_get(metadata, "annotations"), "istio.io/dry-run");
    static const char *const yes[] = {"true", "True", "TRUE", "t", "T", "1"};
    return text != NULL && str_list_has(&(struct str_list){yes, ARRAY_COUNT(yes)}, text);
}

// --- RequestAuthentication

// Where the tokens of all its rules are looked for.
static void token_places(struct object_decoder *d, const struct json *list,
                         struct workload_policy *x)
{
    uint32_t nheaders = 0, nparams = 0;
    EACH_ITEM(c, list)
    {
        nheaders += (uint32_t)item_count(member(c, "fromHeaders", "from_headers"));
        nparams += (uint32_t)item_count(member(c, "fromParams", "from_params"));
    }
    const char **headers = decode_alloc(d, nheaders, sizeof *headers);
    const char **params = decode_alloc(d, nparams, sizeof *params);
    x->token_headers.n = nheaders;
    x->token_headers.at = headers;
    x->token_params.n = nparams;
    x->token_params.at = params;
    EACH_ITEM(c, list)
    {
        const struct json *h = member(c, "fromHeaders", "from_headers");
        const struct json *q = member(c, "fromParams", "from_params");
        const struct json *cookies = member(c, "fromCookies", "from_cookies");
        x->token_default = x->token_default ||
                           (item_count(h) == 0 && item_count(q) == 0 && item_count(cookies) == 0);
        EACH_ITEM(i, h)
        {
            *headers++ = str_or_empty(decode_string(d, json_get(i, "name")));
        }
        EACH_ITEM(i, q)
        {
            *params++ = str_or_empty(decode_string(d, i));
        }
    }
}

void decode_workload_policy(struct object_decoder *d, const struct object_parts *p,
                            struct object *o)
{
    struct workload_policy *x = (struct workload_policy *)o;
    if (o->kind == KIND_ENVOYFILTER) {
        x->selector = decode_map(
            d, json_get(member(p->spec, "workloadSelector", "workload_selector"), "labels"));
        x->elsewhere = json_count(member(p->spec, "targetRefs", "target_refs")) > 0 ||
                       only_sidecars(member(p->spec, "configPatches", "config_patches"));
        return;
    }
    x->selector =
        decode_map(d, member(json_get(p->spec, "selector"), "matchLabels", "match_labels"));
    // A target is a Gateway of the Gateway API, or a Service or ServiceEntry behind a waypoint.
    x->elsewhere = json_count(member(p->spec, "targetRefs", "target_refs")) > 0 ||
                   json_count(member(p->spec, "targetRef", "target_ref")) > 0;
    if (o->kind == KIND_AUTHORIZATIONPOLICY) {
        x->action = decode_string(d, json_get(p->spec, "action"));
        x->provider = decode_string(d, json_get(json_get(p->spec, "provider"), "name"));
        x->dry_run = is_dry_run(p->metadata);
        rules(d, json_get(p->spec, "rules"), x);
    } else if (o->kind == KIND_REQUESTAUTHENTICATION) {
        token_places(d, member(p->spec, "jwtRules", "jwt_rules"), x);
    }
}
