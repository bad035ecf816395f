// SPDX-License-Identifier: Apache-2.0
// Decoders of core/v1: Namespace, Service, Secret, Pod, Event.
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/decode_load_balancer_internal.h"
#include "kube/object/kubernetes_objects.h"

#include <string.h>

void decode_namespace(struct object_decoder *d, const struct object_parts *p, struct object *o)
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

static void service_port(struct object_decoder *d, const struct json *j, struct service_port *x)
{
    EACH_FIELD(f, j)
    {
        if (field_is(f, "name")) {
            x->name = decode_word(d, f);
        } else if (field_is(f, "protocol")) {
            x->protocol = decode_word(d, f);
        } else if (field_is(f, "appProtocol")) {
            x->app_protocol = decode_word(d, f);
        } else if (field_is(f, "port")) {
            x->port = port_number(f);
        } else if (field_is(f, "nodePort")) {
            x->node_port = port_number(f);
        } else if (field_is(f, "targetPort")) {
            x->target_name = decode_word(d, f);
            x->target_port = port_number(f);
        }
    }
}

static const struct service_port *service_ports(struct object_decoder *d, const struct json *list)
{
    struct decoded_array array;
    struct service_port *at = decode_array_begin(d, &array, item_count(list), sizeof *at);
    if (at != NULL) {
        EACH_ITEM(c, list)
        {
            service_port(d, c, at++);
        }
    }
    return decode_array_end(d, &array);
}

void decode_service(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct service *x = (struct service *)o;
    x->conditions = decode_conditions(d, json_get(p->status, "conditions"));
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "type")) {
            x->type = decode_word(d, f);
        } else if (field_is(f, "clusterIP")) {
            x->cluster_ip = decode_word(d, f);
        } else if (field_is(f, "externalName")) {
            x->external_name = decode_string(d, f);
        } else if (field_is(f, "selector")) {
            x->selector = decode_map(d, f);
        } else if (field_is(f, "externalIPs")) {
            x->external_ips = decode_strings(d, f);
        } else if (field_is(f, "ports")) {
            x->ports = service_ports(d, f);
            x->nports = (uint32_t)item_count(f);
        }
    }
    x->ingress = decode_load_balancer(d, p->status, &x->ningress);
}

// --- Secret

// What a manifest gives; of a Secret that was read from a server as metadata both are absent.
struct secret_entries {
    const struct json *data, *string_data;
};

static bool has_entry(const struct secret_entries *e, const char *key)
{
    return json_get(e->data, key) != NULL || json_get(e->string_data, key) != NULL;
}

static bool entry_is_empty(const struct secret_entries *e, const char *key)
{
    return has_entry(e, key) && str_empty(json_get_string(e->string_data, key)) &&
           str_empty(json_get_string(e->data, key));
}

// The entry's text; stringData goes before data, which is base64. False if that cannot be read.
static bool entry_text(const struct secret_entries *e, const char *key, struct buf *out)
{
    const char *plain = json_get_string(e->string_data, key);
    if (plain != NULL) {
        return buf_adds(out, plain);
    }
    const char *text = json_get_string(e->data, key);
    size_t bad;
    return text != NULL && base64_decode(text, strlen(text), out, &bad);
}

static uint32_t add_once(const char **at, uint32_t n, const char *s)
{
    if (!str_list_has(&(struct str_list){at, n}, s)) {
        at[n++] = s;
    }
    return n;
}

static uint32_t add_fields(const char **at, uint32_t n, const struct json *fields)
{
    EACH_FIELD(f, fields)
    {
        n = add_once(at, n, json_key(f));
    }
    return n;
}

static size_t field_count(const struct json *j)
{
    return json_type(j) == JSON_OBJECT ? json_count(j) : 0;
}

// How many names managed_keys gives at most.
static size_t managed_keys_most(const struct json *managed)
{
    if (json_type(managed) == JSON_OBJECT) {
        return item_count(json_get(managed, "keys"));
    }
    size_t n = 0;
    EACH_ITEM(entry, managed)
    {
        n += json_count(json_at(entry, "fieldsV1", "f:data", NULL));
    }
    return n;
}

// The names of data keys that managedFields know ("f:data": {"f:tls.crt": {}}), or the splitter's summary of them
// ("keys": ["tls.crt"], kube/api/managed_fields.h).
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
            n = str_starts(json_key(f), "f:") ? add_once(at, n, json_key(f) + 2) : n;
        }
    }
    return n;
}

static struct str_list secret_keys(struct object_decoder *d, const struct secret_entries *e,
                                   bool whole, const struct json *managed)
{
    size_t most =
        whole ? field_count(e->data) + field_count(e->string_data) : managed_keys_most(managed);
    const char **at = decode_alloc(d, most, sizeof *at);
    uint32_t n = 0;
    if (whole) {
        n = add_fields(at, add_fields(at, 0, e->data), e->string_data);
    } else if (most > 0) {
        n = managed_keys(managed, at);
    }
    for (uint32_t i = 0; i < n; i++) {
        at[i] = decode_word_copy(d, at[i]);
    }
    return (struct str_list){at, n};
}

static const char *entry_pem(struct object_decoder *d, const struct secret_entries *e,
                             const char *key)
{
    const char *pem = NULL;
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    if (entry_text(e, key, &text) && text.len > 0) {
        pem = decode_lines(d, text.data, text.len);
    }
    buf_release(&text);
    return d->strings != NULL ? pem : NULL; // while measuring it is in the buffer, which is gone
}

void decode_secret(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct secret *x = (struct secret *)o;
    const struct secret_entries e = {json_get(p->root, "data"), json_get(p->root, "stringData")};
    const struct json *managed = json_get(p->metadata, "managedFields");
    x->type = decode_string(d, json_get(p->root, "type"));
    bool whole = field_count(e.data) > 0 || field_count(e.string_data) > 0 || x->type != NULL;
    x->keys_known = whole || !field_is_null(managed);
    x->keys = secret_keys(d, &e, whole, managed);

    // Istio tries cert and key before tls.crt and tls.key (docs/rules/istio.md#credential-keys). The key
    // is never decoded.
    bool generic = has_entry(&e, "cert") && (has_entry(&e, "key") || !has_entry(&e, "tls.crt"));
    const char *certificate = generic ? "cert" : "tls.crt";
    x->empty_key =
        entry_is_empty(&e, certificate) || entry_is_empty(&e, generic ? "key" : "tls.key");
    x->tls_crt = entry_pem(d, &e, certificate);
}

// --- Pod and Event

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

void decode_pod(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    (void)d;
    struct pod *x = (struct pod *)o;
    const struct json *conditions = json_get(p->status, "conditions");
    EACH_ITEM(c, conditions)
    {
        if (str_eq(json_get_string(c, "type"), "Ready")) {
            x->ready = str_eq(json_get_string(c, "status"), "True");
        }
    }
    x->has_proxy = container_is(json_get(p->spec, "containers"), "istio-proxy") ||
                   container_is(json_get(p->spec, "initContainers"), "istio-proxy");
}

void decode_event(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct event *x = (struct event *)o;
    int64_t happened = TIME_NONE, series_last = TIME_NONE, series_count = 0;
    x->first = x->last = TIME_NONE;
    EACH_FIELD(f, p->root)
    {
        if (field_is(f, "type")) {
            x->type = decode_word(d, f);
        } else if (field_is(f, "reason")) {
            x->reason = decode_word(d, f);
        } else if (field_is(f, "message")) {
            x->message = decode_string(d, f);
        } else if (field_is(f, "count")) {
            x->count = decode_int(f);
        } else if (field_is(f, "firstTimestamp")) {
            x->first = decode_time(f);
        } else if (field_is(f, "lastTimestamp")) {
            x->last = decode_time(f);
        } else if (field_is(f, "eventTime")) {
            happened = decode_time(f);
        } else if (field_is(f, "series")) {
            series_last = decode_time(json_get(f, "lastObservedTime"));
            series_count = decode_int(json_get(f, "count"));
        } else if (field_is(f, "involvedObject")) {
            x->about_api_version = decode_word(d, json_get(f, "apiVersion"));
            x->about_kind = decode_word(d, json_get(f, "kind"));
            x->about_ns = decode_word(d, json_get(f, "namespace"));
            x->about_name = decode_string(d, json_get(f, "name"));
            x->about_uid = decode_string(d, json_get(f, "uid"));
        }
    }
    const char *component = json_string(json_at(p->root, "source", "component", NULL));
    x->source = decode_copy(
        d, !str_empty(component) ? component : json_get_string(p->root, "reportingComponent"));
    if (x->first == TIME_NONE) {
        x->first = happened;
    }
    if (series_last != TIME_NONE && (x->last == TIME_NONE || series_last > x->last)) {
        x->last = series_last;
    }
    if (x->last == TIME_NONE) {
        x->last = happened != TIME_NONE ? happened : x->first;
    }
    if (series_count > x->count) {
        x->count = series_count;
    }
    if (x->count == 0) {
        x->count = 1;
    }
}
