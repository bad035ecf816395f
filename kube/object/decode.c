// SPDX-License-Identifier: Apache-2.0
// Metadata, and the two passes that make one object one block of memory.
#include "kube/object/decode.h"

#include "kube/base/text.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/schema_lint_internal.h"

#include <stdlib.h>
#include <string.h>

struct kind_decoder {
    size_t size; // of the kind's struct
    decode_kind_fn *decode;
};

// clang-format off
static const struct kind_decoder decoders[KIND_COUNT] = {
    [KIND_NAMESPACE]             = {sizeof(struct namespace_object), decode_namespace},
    [KIND_SERVICE]               = {sizeof(struct service), decode_service},
    [KIND_GATEWAY]               = {sizeof(struct gateway), decode_gateway},
    [KIND_VIRTUALSERVICE]        = {sizeof(struct virtualservice), decode_virtualservice},
    [KIND_DESTINATIONRULE]       = {sizeof(struct destinationrule), decode_destinationrule},
    [KIND_SERVICEENTRY]          = {sizeof(struct serviceentry), decode_serviceentry},
    [KIND_CERTIFICATE]           = {sizeof(struct certificate), decode_certificate},
    [KIND_CERTIFICATEREQUEST]    = {sizeof(struct certificaterequest), decode_certificaterequest},
    [KIND_ORDER]                 = {sizeof(struct order), decode_order},
    [KIND_CHALLENGE]             = {sizeof(struct challenge), decode_challenge},
    [KIND_ISSUER]                = {sizeof(struct issuer), decode_issuer},
    [KIND_CLUSTERISSUER]         = {sizeof(struct issuer), decode_issuer},
    [KIND_SECRET]                = {sizeof(struct secret), decode_secret},
    [KIND_INGRESS]               = {sizeof(struct ingress), decode_ingress},
    [KIND_EVENT]                 = {sizeof(struct event), decode_event},
    [KIND_POD]                   = {sizeof(struct pod), decode_pod},
    [KIND_ENDPOINTSLICE]         = {sizeof(struct endpointslice), decode_endpointslice},
    [KIND_CANARY]                = {sizeof(struct canary), decode_canary},
    [KIND_DEPLOYMENT]            = {sizeof(struct deployment), decode_deployment},
    [KIND_K8S_GATEWAY]           = {sizeof(struct k8s_gateway), decode_k8s_gateway},
    [KIND_REQUESTAUTHENTICATION] = {sizeof(struct requestauthentication), decode_requestauthentication},
};
// clang-format on

// An apiVersion that a kind is known under costs no memory: 35,000 objects have a dozen of them.
static const char *api_version_text(struct object_decoder *d, const char *s)
{
    static const char *const known[] = {
        "v1",
        "networking.istio.io/v1",
        "networking.istio.io/v1beta1",
        "networking.istio.io/v1alpha3",
        "cert-manager.io/v1",
        "acme.cert-manager.io/v1",
        "networking.k8s.io/v1",
        "discovery.k8s.io/v1",
        "flagger.app/v1beta1",
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (str_eq(s, known[i])) {
            return known[i];
        }
    }
    return decode_copy(d, s);
}

static bool ends_with_dns_word(const char *key)
{
    // external-dns can be told another prefix; these are the names that follow it.
    static const char *const words[] = {
        "/hostname",
        "/target",
        "/ttl",
        "/controller",
        "/ingress",
        "/internal-hostname",
        "/alias",
        "/access",
        "/set-identifier",
        "/endpoints-type",
        "/ingress-hostname-source",
        "/gateway-hostname-source",
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_ends(key, words[i])) {
            return true;
        }
    }
    return false;
}

bool object_keeps_annotation(const char *key)
{
    static const char *const parts[] = {"cert-manager.io/", "certmanager.k8s.io/",
                                        "istio.io/",        "external-dns",
                                        "gatetop",          "kubernetes.io/ingress.class"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strstr(key, parts[i]) != NULL) {
            return true;
        }
    }
    return ends_with_dns_word(key);
}

static struct str_map annotations(struct object_decoder *d, const struct json *j)
{
    size_t n = 0;
    EACH_FIELD(c, j)
    {
        n += object_keeps_annotation(json_key(c)) ? 1 : 0;
    }
    struct str_pair *at = decode_alloc(d, n, sizeof *at);
    uint32_t i = 0;
    EACH_FIELD(c, j)
    {
        if (object_keeps_annotation(json_key(c))) {
            const char *value = decode_string(d, c);
            at[i].key = decode_copy(d, json_key(c));
            at[i++].value = value != NULL ? value : "";
        }
    }
    return (struct str_map){at, i};
}

static void owners(struct object_decoder *d, const struct json *j, struct object *o)
{
    struct owner_ref *at = decode_alloc(d, item_count(j), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, j)
    {
        struct owner_ref *x = &at[n++];
        EACH_FIELD(f, c)
        {
            if (field_is(f, "kind")) {
                x->kind = decode_string(d, f);
            } else if (field_is(f, "name")) {
                x->name = decode_string(d, f);
            } else if (field_is(f, "uid")) {
                x->uid = decode_string(d, f);
            } else if (field_is(f, "controller")) {
                x->controller = decode_bool(f);
            }
        }
    }
    o->owners = at;
    o->nowners = n;
}

// managedFields as served, or the splitter's summary {"manager","time"} (kube/api/stream_splitter.h).
static void writer(struct object_decoder *d, const struct json *managed, struct object *o)
{
    const struct json *manager = NULL;
    EACH_ITEM(c, managed)
    {
        int64_t t = decode_time(json_get(c, "time"));
        if (manager == NULL || t >= o->written) { // TIME_NONE is below every instant
            manager = json_get(c, "manager");
            o->written = t;
        }
    }
    o->writer = decode_string(d, manager);
}

static void metadata(struct object_decoder *d, const struct json *j, struct object *o)
{
    o->created = o->deleted = o->written = TIME_NONE;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "name")) {
            o->name = decode_string(d, f);
        } else if (field_is(f, "namespace")) {
            o->ns = decode_string(d, f);
        } else if (field_is(f, "uid")) {
            o->uid = decode_string(d, f);
        } else if (field_is(f, "resourceVersion")) {
            o->resource_version = decode_string(d, f);
        } else if (field_is(f, "creationTimestamp")) {
            o->created = decode_time(f);
        } else if (field_is(f, "deletionTimestamp")) {
            o->deleted = decode_time(f);
        } else if (field_is(f, "generation")) {
            o->generation = decode_int(f);
        } else if (field_is(f, "labels")) {
            o->labels = decode_map(d, f);
        } else if (field_is(f, "annotations")) {
            o->annotations = annotations(d, f);
        } else if (field_is(f, "ownerReferences")) {
            owners(d, f, o);
        } else if (field_is(f, "managedFields")) {
            writer(d, f, o);
        }
    }
}

struct decode_input { // what both passes read
    enum kind kind;
    const char *api_version;
    struct object_parts parts;
    const struct decode_source *source; // NULL for an object of a server
    const struct lint *lints;
    uint32_t nlints;
};

static void lints(struct object_decoder *d, const struct decode_input *w, struct object *o)
{
    struct lint *at = decode_alloc(d, w->nlints, sizeof *at);
    for (uint32_t i = 0; i < w->nlints; i++) {
        at[i] = w->lints[i];
        at[i].path = decode_copy(d, w->lints[i].path);
        at[i].message = decode_copy(d, w->lints[i].message);
        at[i].hint = decode_copy(d, w->lints[i].hint);
    }
    o->lints = at;
    o->nlints = w->nlints;
}

static struct object *pass(struct object_decoder *d, const struct decode_input *w)
{
    const struct kind_decoder *k = &decoders[w->kind];
    struct object *o = decode_alloc(d, 1, k->size);
    atomic_init(&o->refs, 1);
    o->kind = (uint8_t)w->kind;
    o->api_version = api_version_text(d, w->api_version);
    metadata(d, w->parts.metadata, o);
    if (!kinds[w->kind].namespaced) {
        o->ns = "";
    } else if (str_empty(o->ns)) {
        o->ns = w->source != NULL && w->source->default_ns != NULL
                    ? decode_copy(d, w->source->default_ns)
                    : "";
    }
    k->decode(d, &w->parts, o);
    if (w->source != NULL) {
        o->from_file = true;
        o->file = decode_copy(d, w->source->file);
        o->line = w->source->line;
        o->last_line = w->source->last_line;
    }
    lints(d, w, o);
    return o;
}

static struct object *two_passes(const struct decode_input *w)
{
    struct arena lists, strings, scratch;
    arena_init(&lists);
    arena_init(&scratch);
    struct object_decoder measure = {.lists = &lists, .scratch = &scratch};
    (void)pass(&measure, w);
    size_t list_bytes = lists.total;
    arena_release(&lists);
    arena_release(&scratch);

    size_t size = list_bytes + measure.string_bytes;
    char *block = xmalloc(size);
    arena_over(&lists, block, list_bytes);
    arena_over(&strings, block + list_bytes, measure.string_bytes);
    struct object_decoder fill = {.lists = &lists, .strings = &strings};
    struct object *o = pass(&fill, w);
    ASSERT(lists.total == list_bytes && strings.total == measure.string_bytes);
    o->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
    return o;
}

struct object *object_decode(enum kind k, const char *api_version, const struct json *j,
                             const struct decode_source *source, struct err *err)
{
    if ((unsigned)k >= KIND_COUNT || json_type(j) != JSON_OBJECT) {
        err_set(err, ERR_PARSE, "an object was expected, not %s", json_type_name(json_type(j)));
        return NULL;
    }
    struct decode_input w = {.kind = k, .api_version = api_version, .source = source};
    w.parts.root = j;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "metadata")) {
            w.parts.metadata = f;
        } else if (field_is(f, "spec")) {
            w.parts.spec = f;
        } else if (field_is(f, "status")) {
            w.parts.status = f;
        } else if (w.api_version == NULL && field_is(f, "apiVersion")) {
            w.api_version = json_string(f);
        }
    }
    const struct json *name = json_get(w.parts.metadata, "name");
    if (!field_is_null(name) && json_string(name) == NULL) { // "name: no" is a boolean in YAML
        err_set(err, ERR_PARSE, "metadata.name must be text, but it is %s: put it in quotes",
                json_type_name(json_type(name)));
        return NULL;
    }
    if (str_empty(json_string(name))) {
        err_set(err, ERR_PARSE, "a %s has no metadata.name: give it one", kinds[k].kind);
        return NULL;
    }
    struct arena a;
    arena_init(&a);
    if (source != NULL) {
        w.lints = schema_lint(k, j, source->doc, &a, &w.nlints);
    }
    struct object *o = two_passes(&w);
    arena_release(&a);
    return o;
}

struct object *object_decode_text(enum kind k, const char *api_version, const char *text, size_t n,
                                  struct err *err)
{
    struct json *j = json_parse(text, n, err);
    if (j == NULL) {
        return NULL;
    }
    struct object *o = object_decode(k, api_version, j, NULL, err);
    json_free(j);
    return o;
}
