// SPDX-License-Identifier: Apache-2.0
// Decoders of the core kinds, Ingress, Deployment, Canary and the Gateway API's Gateway.
#include "kube/base/base64.h"
#include "kube/base/text.h"

#include "kube/object/decode_internal.h"

#include <string.h>

void decode_namespace(struct decoder *d, const struct parts *p, struct object *o)
{
    (void)d;
    struct namespace_object *x = (struct namespace_object *)o;
    x->terminating = str_eq(json_get_string(p->status, "phase"), "Terminating");
}

static uint32_t port_number(const struct json *j)
{
    int64_t n = json_int(j, 0);
    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static void service_port(struct decoder *d, const struct json *j, struct service_port *x)
{
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "name")) {
            x->name = dec_text(d, f);
        } else if (dec_is(f, "protocol")) {
            x->protocol = dec_text(d, f);
        } else if (dec_is(f, "appProtocol")) {
            x->app_protocol = dec_text(d, f);
        } else if (dec_is(f, "port")) {
            x->port = port_number(f);
        } else if (dec_is(f, "nodePort")) {
            x->node_port = port_number(f);
        } else if (dec_is(f, "targetPort")) {
            x->target_name = dec_text(d, f);
            x->target_port = port_number(f);
        }
    }
}

static const struct lb_ingress *load_balancer(struct decoder *d, const struct json *status,
                                              uint32_t *n)
{
    const struct json *list = json_at(status, "loadBalancer", "ingress", NULL);
    struct lb_ingress *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, list)
    {
        at[i].ip = dec_text(d, json_get(c, "ip"));
        at[i++].hostname = dec_text(d, json_get(c, "hostname"));
    }
    *n = i;
    return at;
}

void decode_service(struct decoder *d, const struct parts *p, struct object *o)
{
    struct service *x = (struct service *)o;
    x->conditions = dec_conditions(d, json_get(p->status, "conditions"));
    EACH_FIELD(f, p->spec)
    {
        if (dec_is(f, "type")) {
            x->type = dec_text(d, f);
        } else if (dec_is(f, "clusterIP")) {
            x->cluster_ip = dec_text(d, f);
        } else if (dec_is(f, "externalName")) {
            x->external_name = dec_text(d, f);
        } else if (dec_is(f, "selector")) {
            x->selector = dec_map(d, f);
        } else if (dec_is(f, "externalIPs")) {
            x->external_ips = dec_texts(d, f);
        } else if (dec_is(f, "ports")) {
            struct service_port *at = dec_alloc(d, dec_items_count(f), sizeof *at);
            uint32_t n = 0;
            EACH_ITEM(c, f)
            {
                service_port(d, c, &at[n++]);
            }
            x->ports = at;
            x->nports = n;
        }
    }
    x->ingress = load_balancer(d, p->status, &x->ningress);
}

// The strings that the rules give, at most `each` fields deep, as one list: spec.rules[].host.
static struct str_list collect(struct decoder *d, const struct json *list, const char *key)
{
    size_t n = 0;
    EACH_ITEM(c, list)
    {
        n += dec_items_count(json_get(c, key));
    }
    const char **at = dec_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, list)
    {
        const struct json *values = json_get(c, key);
        EACH_ITEM(v, values)
        {
            const char *s = dec_text(d, v);
            at[i++] = s != NULL ? s : "";
        }
    }
    return (struct str_list){at, i};
}

void decode_ingress(struct decoder *d, const struct parts *p, struct object *o)
{
    struct ingress *x = (struct ingress *)o;
    x->hosts = collect(d, json_get(p->spec, "rules"), "host");
    x->tls_hosts = collect(d, json_get(p->spec, "tls"), "hosts");
    x->class_name = dec_text(d, json_get(p->spec, "ingressClassName"));
    x->ingress = load_balancer(d, p->status, &x->ningress);
}

// --- Secret

// The names of data keys, from wherever they can be known: the data of a file, the splitter's summary of
// managedFields, or managedFields themselves ("f:data": {"f:tls.crt": {}}).
struct key_names {
    const struct json *data, *string_data, *managed;
};

// Calls for each name; `field` is true where the name carries the "f:" of a managed field.
static const char *managed_name(const struct json *field)
{
    const char *key = json_key(field);
    return key != NULL && str_starts(key, "f:") ? key + 2 : NULL;
}

static uint32_t add_once(const char **at, uint32_t n, const char *s)
{
    if (!str_list_has(&(struct str_list){at, n}, s)) {
        at[n++] = s;
    }
    return n;
}

static size_t most_keys(const struct json *managed)
{
    if (json_type(managed) == JSON_OBJECT) {
        return dec_items_count(json_get(managed, "keys"));
    }
    size_t n = 0;
    EACH_ITEM(entry, managed)
    {
        n += json_count(json_at(entry, "fieldsV1", "f:data", NULL));
    }
    return n;
}

static uint32_t managed_keys(const struct json *managed, const char **at)
{
    uint32_t n = 0;
    if (json_type(managed) == JSON_OBJECT) {
        const struct json *keys = json_get(managed, "keys");
        EACH_ITEM(c, keys)
        {
            const char *s = json_string(c);
            n = s != NULL ? add_once(at, n, s) : n;
        }
        return n;
    }
    EACH_ITEM(entry, managed)
    {
        EACH_FIELD(f, json_at(entry, "fieldsV1", "f:data", NULL))
        {
            const char *s = managed_name(f);
            n = s != NULL ? add_once(at, n, s) : n;
        }
    }
    return n;
}

static uint32_t data_keys(const struct json *data, const char **at, uint32_t n)
{
    EACH_FIELD(f, data)
    {
        n = add_once(at, n, json_key(f));
    }
    return n;
}

static bool secret_entry(const struct json *data, const struct json *string_data, const char *key,
                         struct buf *out)
{
    const char *plain = json_get_string(string_data, key);
    if (plain != NULL) {
        buf_adds(out, plain);
        return true;
    }
    const struct json *j = json_get(data, key);
    const char *text = json_string(j);
    size_t bad;
    return j != NULL && (text == NULL || base64_decode(text, strlen(text), out, &bad));
}

static bool has_entry(const struct json *data, const struct json *string_data, const char *key)
{
    return json_get(data, key) != NULL || json_get(string_data, key) != NULL;
}

static bool entry_is_empty(const struct json *data, const struct json *string_data, const char *key)
{
    return has_entry(data, string_data, key) && str_empty(json_get_string(string_data, key)) &&
           str_empty(json_get_string(data, key));
}

void decode_secret(struct decoder *d, const struct parts *p, struct object *o)
{
    struct secret *x = (struct secret *)o;
    const struct json *data = json_get(p->root, "data");
    const struct json *string_data = json_get(p->root, "stringData");
    const struct json *managed = json_get(p->metadata, "managedFields");
    x->type = dec_text(d, json_get(p->root, "type"));
    bool whole = dec_fields(data) != NULL || dec_fields(string_data) != NULL || x->type != NULL;
    x->keys_known = whole || !dec_null(managed);
    size_t most = whole ? (dec_fields(data) != NULL ? json_count(data) : 0) +
                              (dec_fields(string_data) != NULL ? json_count(string_data) : 0)
                        : most_keys(managed);
    const char **at = dec_alloc(d, most, sizeof *at);
    uint32_t n = 0;
    if (whole) {
        n = data_keys(string_data, at, data_keys(data, at, 0));
    } else if (most > 0) {
        n = managed_keys(managed, at);
    }
    for (uint32_t i = 0; i < n; i++) {
        at[i] = dec_string(d, at[i]);
    }
    x->keys = (struct str_list){at, n};

    // Istio tries cert and key first, then tls.crt and tls.key (docs/rules/istio.md#credential-keys). The key
    // is never decoded.
    bool generic =
        has_entry(data, string_data, "cert") &&
        (has_entry(data, string_data, "key") || !has_entry(data, string_data, "tls.crt"));
    const char *certificate = generic ? "cert" : "tls.crt";
    x->empty_key = entry_is_empty(data, string_data, certificate) ||
                   entry_is_empty(data, string_data, generic ? "key" : "tls.key");
    struct buf pem;
    buf_init(&pem, (size_t)1 << 20);
    if (secret_entry(data, string_data, certificate, &pem) && pem.len > 0) {
        x->tls_crt = dec_lines(d, pem.data, pem.len);
        if (d->strings == NULL) {
            x->tls_crt = NULL; // it lies in the buffer that goes away
        }
    }
    buf_release(&pem);
}

// --- workloads

static bool container_is(const struct json *list, const char *name)
{
    EACH_ITEM(c, list)
    {
        if (str_eq(json_get_string(c, "name"), name)) {
            return true;
        }
    }
    return false;
}

void decode_pod(struct decoder *d, const struct parts *p, struct object *o)
{
    (void)d;
    struct pod *x = (struct pod *)o;
    const struct json *conditions = json_get(p->status, "conditions");
    EACH_ITEM(c, conditions)
    {
        if (str_eq(json_get_string(c, "type"), "Ready")) {
            x->ready_known = true;
            x->ready = str_eq(json_get_string(c, "status"), "True");
        }
    }
    x->has_proxy = container_is(json_get(p->spec, "containers"), "istio-proxy") ||
                   container_is(json_get(p->spec, "initContainers"), "istio-proxy");
}

void decode_endpointslice(struct decoder *d, const struct parts *p, struct object *o)
{
    struct endpointslice *x = (struct endpointslice *)o;
    x->service = dec_text(d, json_at(p->metadata, "labels", "kubernetes.io/service-name", NULL));
    const struct json *list = json_get(p->root, "endpoints");
    EACH_ITEM(c, list)
    {
        x->total++;
        // An unknown readiness counts as ready (EndpointConditions of discovery.k8s.io/v1).
        x->ready += json_bool(json_at(c, "conditions", "ready", NULL), true) ? 1 : 0;
    }
}

#define ENV_HEAD "EXTERNAL_DNS_"

// "--txt-owner-id=value" of the variable EXTERNAL_DNS_TXT_OWNER_ID, which stands for the argument where that
// is not given; NULL for any other. A value that is somewhere else is "$(NAME)", as an argument would say it.
static const char *variable_argument(struct decoder *d, const struct json *variable,
                                     const struct json *const lists[2])
{
    const char *name = json_get_string(variable, "name");
    const char *value = json_get_string(variable, "value");
    if (name == NULL || !str_starts(name, ENV_HEAD)) {
        return NULL;
    }
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "--");
    for (const char *p = name + strlen(ENV_HEAD); *p != '\0'; p++) {
        char c = (char)(*p == '_' ? '-' : *p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        buf_add(&b, &c, 1);
    }
    bool given = false;
    for (size_t i = 0; i < 2; i++) {
        EACH_ITEM(v, lists[i])
        {
            const char *s = json_string(v);
            given = given || (s != NULL && strncmp(s, b.data, b.len) == 0 &&
                              (s[b.len] == '=' || s[b.len] == '\0'));
        }
    }
    if (value != NULL || json_get(variable, "valueFrom") == NULL) {
        buf_addf(&b, "=%s", value != NULL ? value : "");
    } else {
        buf_addf(&b, "=$(%s)", name);
    }
    const char *out = given ? NULL : dec_string(d, b.data);
    buf_release(&b);
    return out;
}

// Flags may stand in `command` behind the program as well as in `args`, and as variables.
static struct str_list arguments(struct decoder *d, const struct json *container)
{
    const struct json *const lists[2] = {json_get(container, "command"),
                                         json_get(container, "args")};
    const struct json *env = json_get(container, "env");
    size_t most = dec_items_count(lists[0]) + dec_items_count(lists[1]) + dec_items_count(env);
    const char **at = dec_alloc(d, most, sizeof *at);
    uint32_t n = 0;
    for (size_t i = 0; i < 2; i++) {
        EACH_ITEM(v, lists[i])
        {
            const char *s = json_string(v);
            if (s != NULL && (i == 1 || s[0] == '-')) {
                at[n++] = dec_string(d, s);
            }
        }
    }
    EACH_ITEM(v, env)
    {
        const char *s = variable_argument(d, v, lists);
        if (s != NULL) {
            at[n++] = s;
        }
    }
    return (struct str_list){at, n};
}

void decode_deployment(struct decoder *d, const struct parts *p, struct object *o)
{
    struct deployment *x = (struct deployment *)o;
    const struct json *containers = json_at(p->spec, "template", "spec", "containers", NULL);
    EACH_ITEM(c, containers)
    {
        const char *image = json_get_string(c, "image");
        const char *name = json_get_string(c, "name");
        if ((image == NULL || strstr(image, "external-dns") == NULL) &&
            (name == NULL || strstr(name, "external-dns") == NULL)) {
            continue;
        }
        x->image = dec_string(d, image);
        x->args = arguments(d, c);
        return;
    }
}

void decode_event(struct decoder *d, const struct parts *p, struct object *o)
{
    struct event *x = (struct event *)o;
    int64_t event_time = TIME_NONE, series_last = TIME_NONE, series_count = 0;
    x->first = x->last = TIME_NONE;
    EACH_FIELD(f, p->root)
    {
        if (dec_is(f, "type")) {
            x->type = dec_text(d, f);
        } else if (dec_is(f, "reason")) {
            x->reason = dec_text(d, f);
        } else if (dec_is(f, "message")) {
            x->message = dec_text(d, f);
        } else if (dec_is(f, "count")) {
            x->count = dec_int(f);
        } else if (dec_is(f, "firstTimestamp")) {
            x->first = dec_time(f);
        } else if (dec_is(f, "lastTimestamp")) {
            x->last = dec_time(f);
        } else if (dec_is(f, "eventTime")) {
            event_time = dec_time(f);
        } else if (dec_is(f, "series")) {
            series_last = dec_time(json_get(f, "lastObservedTime"));
            series_count = dec_int(json_get(f, "count"));
        } else if (dec_is(f, "involvedObject")) {
            x->about_api_version = dec_text(d, json_get(f, "apiVersion"));
            x->about_kind = dec_text(d, json_get(f, "kind"));
            x->about_ns = dec_text(d, json_get(f, "namespace"));
            x->about_name = dec_text(d, json_get(f, "name"));
            x->about_uid = dec_text(d, json_get(f, "uid"));
        }
    }
    const char *component = json_string(json_at(p->root, "source", "component", NULL));
    x->source = dec_string(
        d, !str_empty(component) ? component : json_get_string(p->root, "reportingComponent"));
    if (x->first == TIME_NONE) {
        x->first = event_time;
    }
    if (series_last != TIME_NONE && (x->last == TIME_NONE || series_last > x->last)) {
        x->last = series_last;
    }
    if (x->last == TIME_NONE) {
        x->last = event_time != TIME_NONE ? event_time : x->first;
    }
    if (series_count > x->count) {
        x->count = series_count;
    }
    if (x->count == 0) {
        x->count = 1;
    }
}

// --- Flagger and the Gateway API

void decode_canary(struct decoder *d, const struct parts *p, struct object *o)
{
    struct canary *x = (struct canary *)o;
    const struct json *target = json_get(p->spec, "targetRef");
    const struct json *service = json_get(p->spec, "service");
    const struct json *analysis = json_get(p->spec, "analysis");
    if (dec_null(analysis)) {
        analysis = json_get(p->spec, "canaryAnalysis"); // v1alpha3
    }
    x->target_kind = dec_text(d, json_get(target, "kind"));
    x->target_name = dec_text(d, json_get(target, "name"));
    x->hosts = dec_texts(d, json_get(service, "hosts"));
    x->gateways = dec_texts(d, json_get(service, "gateways"));
    x->interval = dec_duration(json_get(analysis, "interval"));
    x->step_weight = dec_int(json_get(analysis, "stepWeight"));
    x->max_weight = dec_int(json_get(analysis, "maxWeight"));
    x->phase = dec_text(d, json_get(p->status, "phase"));
    x->weight = dec_int(json_get(p->status, "canaryWeight"));
    x->failed_checks = dec_int(json_get(p->status, "failedChecks"));
    x->iterations = dec_int(json_get(p->status, "iterations"));
    x->conditions = dec_conditions(d, json_get(p->status, "conditions"));
}

void decode_k8s_gateway(struct decoder *d, const struct parts *p, struct object *o)
{
    struct k8s_gateway *x = (struct k8s_gateway *)o;
    const struct json *listeners = json_get(p->spec, "listeners");
    const char **at = dec_alloc(d, dec_items_count(listeners), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, listeners)
    {
        const char *s = dec_text(d, json_get(c, "hostname"));
        at[n++] = s != NULL ? s : "";
    }
    x->hostnames = (struct str_list){at, n};
}
