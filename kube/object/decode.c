// SPDX-License-Identifier: Apache-2.0
// Metadata, and the two passes that make one object one block of memory.
#include "kube/object/decode.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_lint_internal.h"
#include "kube/object/certmanager_objects.h"
#include "kube/object/decode_kinds_internal.h"
#include "kube/object/flagger_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/object_budget.h"
#include "kube/object/placeholder.h"
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
    [KIND_REQUESTAUTHENTICATION] = {sizeof(struct workload_policy), decode_workload_policy},
    [KIND_STATEFULSET]           = {sizeof(struct deployment), decode_deployment},
    [KIND_DAEMONSET]             = {sizeof(struct deployment), decode_deployment},
    [KIND_SEALEDSECRET]          = {sizeof(struct secret_source), decode_sealedsecret},
    [KIND_EXTERNALSECRET]        = {sizeof(struct secret_source), decode_externalsecret},
    [KIND_SECRETPROVIDERCLASS]   = {sizeof(struct secret_source), decode_secretproviderclass},
    [KIND_AUTHORIZATIONPOLICY]   = {sizeof(struct workload_policy), decode_workload_policy},
    [KIND_ENVOYFILTER]           = {sizeof(struct workload_policy), decode_workload_policy},
    [KIND_WASMPLUGIN]            = {sizeof(struct workload_policy), decode_workload_policy},
};
// clang-format on

// external-dns accepts any prefix for its annotations (--annotation-prefix); these are the names after it.
static bool is_external_dns_name(const char *key)
{
    static const char *const names[] = {
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
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (str_ends(key, names[i])) {
            return true;
        }
    }
    return false;
}

bool object_keeps_annotation(const char *key)
{
    static const char *const parts[] = {"cert-manager.io/",
                                        "certmanager.k8s.io/",
                                        "istio.io/",
                                        "external-dns",
                                        "gatetop",
                                        "kubernetes.io/ingress.class",
                                        "helm.sh/hook",
                                        "aws-load-balancer-ssl",
                                        "aws-load-balancer-backend-protocol",
                                        "oci-load-balancer-",
                                        "do-loadbalancer-"};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        if (strstr(key, parts[i]) != NULL) {
            return true;
        }
    }
    return is_external_dns_name(key);
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
            at[i].key = decode_word_key(d, c);
            at[i++].value = str_or_empty(value);
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
                x->kind = decode_word(d, f);
            } else if (field_is(f, "name")) {
                x->name = decode_string(d, f);
            } else if (field_is(f, "uid")) {
                x->uid = decode_string(d, f);
            }
        }
    }
    o->owners = at;
    o->nowners =
        n > UINT16_MAX ? UINT16_MAX : (uint16_t)n; // an object that a server takes has fewer
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
    o->writer = decode_word(d, manager);
}

static void metadata(struct object_decoder *d, const struct json *j, struct object *o)
{
    o->created = o->deleted = o->written = TIME_NONE;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "name")) {
            o->name = decode_string(d, f);
        } else if (field_is(f, "namespace")) {
            o->ns = decode_word(d, f);
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

// What both passes read.
struct decode_input {
    enum kind kind;
    const char *api_version;
    struct object_parts parts;
    const struct decode_source *source; // NULL for an object of a server
    const struct lint *lints;
    uint32_t nlints;
};

static const struct object_source *source(struct object_decoder *d, const struct decode_input *in)
{
    struct object_source *x = decode_alloc(d, 1, sizeof *x);
    struct lint *lints = decode_alloc(d, in->nlints, sizeof *lints);
    for (uint32_t i = 0; i < in->nlints; i++) {
        lints[i] = in->lints[i];
        lints[i].path = decode_copy(d, in->lints[i].path);
        lints[i].message = decode_copy(d, in->lints[i].message);
        lints[i].hint = decode_copy(d, in->lints[i].hint);
    }
    x->file = decode_copy(d, in->source->file);
    x->line = in->source->line;
    x->last_line = in->source->last_line;
    x->lints = lints;
    x->nlints = in->nlints;
    return x;
}

static struct object *pass(struct object_decoder *d, const struct decode_input *in)
{
    const struct kind_decoder *k = &decoders[in->kind];
    struct object *o = decode_alloc(d, 1, k->size);
    atomic_init(&o->refs, 1);
    o->kind = (uint8_t)in->kind;
    o->api_version = decode_word_copy(d, in->api_version);
    metadata(d, in->parts.metadata, o);
    if (!kinds[in->kind].namespaced) {
        o->ns = "";
    } else if (str_empty(o->ns)) {
        o->ns = in->source != NULL && in->source->default_ns != NULL
                    ? decode_copy(d, in->source->default_ns)
                    : "";
    }
    k->decode(d, &in->parts, o);
    if (in->source != NULL) {
        o->source = source(d, in);
    }
    return o;
}

static struct object *two_passes(const struct decode_input *in, struct arena *scratch)
{
    struct object_decoder measure = {.lists = scratch};
    (void)pass(&measure, in);

    size_t size = size_add(measure.list_bytes, measure.string_bytes);
    char *block = xmalloc(size);
    struct arena lists, strings;
    arena_over(&lists, block, measure.list_bytes);
    arena_over(&strings, block + measure.list_bytes, measure.string_bytes);
    struct object_decoder fill = {
        .lists = &lists, .strings = &strings, .words = measure.words, .nwords = measure.nwords};
    struct object *o = pass(&fill, in);
    ASSERT(lists.total == measure.list_bytes && strings.total == measure.string_bytes);
    return o;
}

// Of two documents of one name the cluster has the last (docs/rules/istio.md#written-twice).
static void add_twice(struct lint_list *l, const struct decode_source *now)
{
    const struct object_source *earlier = now->earlier;
    bool together = files_in_one_folder(now->file, earlier->file);
    struct lint *x = lint_add(l, together ? LINT_TWICE : LINT_ALTERNATIVE, "metadata.name", NULL);
    x->message = arena_printf(
        l->a, "it is written twice: this document takes the place of the one in %s, line %d",
        earlier->file, earlier->line);
    x->hint = "give one of them another name, or put both into one";
}

// False if there is none.
static bool add_placeholder(struct lint_list *l, const struct json *object)
{
    const struct json *x = placeholder_find(object);
    if (x == NULL) {
        return false;
    }
    const char *value = json_string(x);
    struct lint *found = lint_add(l, LINT_UNFILLED, NULL, x);
    found->message = arena_printf(l->a, "nothing has filled in the variable in \"%s\"",
                                  text_clean(l->a, value, strlen(value), 80));
    found->hint = "render it first (envsubst, kustomize build, helm template) | gatetop ... -f -";
    return true;
}

static struct object *decode(enum kind k, const char *api_version, const struct json *j,
                             const struct decode_source *source, struct arena *scratch,
                             struct err *err)
{
    ASSERT((unsigned)k < KIND_COUNT);
    if (json_type(j) != JSON_OBJECT) {
        err_set(err, ERR_PARSE, "an object was expected, not %s", json_type_name(json_type(j)));
        return NULL;
    }
    struct decode_input in = {.kind = k, .api_version = api_version, .source = source};
    in.parts.root = j;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "metadata")) {
            in.parts.metadata = f;
        } else if (field_is(f, "spec")) {
            in.parts.spec = f;
        } else if (field_is(f, "status")) {
            in.parts.status = f;
        } else if (in.api_version == NULL && field_is(f, "apiVersion")) {
            in.api_version = json_string(f);
        }
    }
    const struct json *name = json_get(in.parts.metadata, "name");
    if (!field_is_null(name) && json_string(name) == NULL) { // "name: no" is a boolean in YAML
        err_set(err, ERR_PARSE, "metadata.name must be text, but it is %s: put it in quotes",
                json_type_name(json_type(name)));
        return NULL;
    }
    if (str_empty(json_string(name))) {
        err_set(err, ERR_PARSE, "a %s has no metadata.name: give it one", kinds[k].kind);
        return NULL;
    }
    if (source != NULL) {
        struct lint_list lints = {.a = scratch, .doc = source->doc};
        schema_lint(k, j, &lints);
        if (!add_placeholder(&lints, j)) {
            certmanager_lint(k, j, &lints);
        }
        if (source->earlier != NULL) {
            add_twice(&lints, source);
        }
        in.lints = lints.at;
        in.nlints = lints.n;
    }
    struct object *o = two_passes(&in, scratch);
    if (!object_within_budget(o, err)) {
        object_unref(o);
        return NULL;
    }
    return o;
}

struct object *object_decode(enum kind k, const char *api_version, const struct json *j,
                             const struct decode_source *source, struct err *err)
{
    struct arena scratch;
    arena_init(&scratch);
    struct object *o = decode(k, api_version, j, source, &scratch, err);
    arena_release(&scratch);
    return o;
}

struct object *object_decode_text(enum kind k, const char *api_version, const char *text, size_t n,
                                  struct arena *scratch, struct err *err)
{
    enum { KEEP = 1 << 20 }; // bytes of scratch that may stay for the next object
    struct arena own;
    arena_init(&own);
    struct arena *a = scratch != NULL ? scratch : &own;
    const struct json *j = json_parse_in(a, text, n, err);
    struct object *o = j != NULL ? decode(k, api_version, j, NULL, a, err) : NULL;
    if (a == &own || a->total > KEEP) {
        arena_release(a);
    } else {
        arena_clear(a);
    }
    return o;
}
