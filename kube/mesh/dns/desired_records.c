// SPDX-License-Identifier: Apache-2.0
// Runs the sources, merges and filters their endpoints, and makes records of those that are left.
#include "kube/mesh/dns/desired_records.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"

#include "kube/store/index.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"
#include "kube/mesh/core/object_order.h"
#include "kube/mesh/dns/dns_source.h"
#include "kube/mesh/dns/dns_source_ingress.h"
#include "kube/mesh/dns/dns_source_istio.h"
#include "kube/mesh/dns/dns_source_service.h"
#include "kube/mesh/dns/domain_filter.h"
#include "kube/mesh/dns/endpoint_merge.h"
#include "kube/mesh/dns/record_conflict.h"
#include "kube/mesh/dns/target_filter.h"
#include "kube/mesh/dns/txt_owner.h"
#include "kube/mesh/route/gateway_hosts.h"
#include "kube/mesh/route/vs_hosts.h"

#include <stdlib.h>
#include <string.h>

// The targets of an endpoint that pass the filters of targets.
static struct str_list passing_targets(const struct dns_run *run, const struct endpoint *e)
{
    struct str_array out = {0};
    for (uint32_t i = 0; i < e->targets.n; i++) {
        if (target_filter_passes(run->settings, e->targets.at[i])) {
            str_array_add(run->m->arena, &out, e->targets.at[i]);
        }
    }
    return str_array_list(&out);
}

// Whether --managed-record-types and --exclude-record-types let a type through (docs/rules/dns.md#managed-types).
static bool type_managed(const struct dns_settings *s, const char *type)
{
    struct str_list managed = str_array_list(&s->record_types);
    struct str_list excluded = str_array_list(&s->exclude_types);
    return str_list_has(&managed, type) && !str_list_has(&excluded, type);
}

// Why a filter drops the record, NULL if none does. `passing`: how many of its targets pass.
static const char *filter_reason(const struct dns_run *run, const struct endpoint *e,
                                 uint32_t passing)
{
    if (passing == 0) {
        return "a filter of target networks of external-dns takes it away";
    }
    if (!domain_filter_passes(run->settings, e->host)) {
        return "a domain filter of external-dns takes it away";
    }
    return type_managed(run->settings, e->type)
               ? NULL
               : arena_printf(run->m->arena, "external-dns does not manage %s records here",
                              e->type);
}

static void make_record(const struct dns_run *run, const struct endpoint *e, struct dns_record *out)
{
    const struct dns_settings *s = run->settings;
    struct str_list passing = passing_targets(run, e);
    const char *filtered = filter_reason(run, e, passing.n);
    *out = (struct dns_record){
        .host = e->host,
        .type = e->type,
        .targets = passing.n != 0 ? passing : str_array_list(&e->targets),
        .ttl = e->ttl != 0 ? e->ttl : s->min_ttl, // docs/rules/dns.md#min-ttl
        .source = e->sources.at[0],
        .sources = str_array_list(&e->sources),
        .owner_names = txt_owner_names(run->m->arena, s, e->host, e->type, e->targets.at[0]),
        .set_identifier = e->set_identifier,
        .proxied = e->proxied,
        .by_version = e->by_version,
        .state = filtered != NULL ? DNS_FILTERED : DNS_UNKNOWN,
        .reason = filtered != NULL       ? filtered
                  : run->stopped != NULL ? run->stopped
                                         : "not asked yet",
    };
}

// Makes the records of a run whose sources have all been read. Returns them so that the caller can resolve their
// conflicts.
static struct dns_record *make_records(struct dns_run *run, struct desired_records *out)
{
    struct arena *a = run->m->arena;
    uint32_t n;
    struct endpoint **left = endpoint_merge_all(a, run->settings, &run->endpoints, &n);
    if (run->settings->invalid != NULL && run->stopped == NULL) {
        run->stopped = arena_printf(a, "external-dns does not start: %s", run->settings->invalid);
        run->stopped_hint = arena_printf(a, "correct its arguments (%s)", run->settings->from);
    }
    struct dns_record *records = arena_calloc(a, n, sizeof *records);
    for (uint32_t i = 0; i < n; i++) {
        make_record(run, left[i], &records[i]);
    }
    out->at = records;
    out->n = n;
    out->stopped = run->stopped;
    out->stopped_hint = run->stopped_hint;
    out->left_out = str_array_list(&run->left_out.array);
    return records;
}

// What the answers for a host may come from, whichever of its records says so: a proxy, a routing policy, another
// version.
static void share_by_host(struct dns_record *records, uint32_t n)
{
    for (uint32_t i = 0; i < n;) {
        bool routed = false, proxied = false, by_version = false;
        uint32_t end = i;
        for (; end < n && strcmp(records[end].host, records[i].host) == 0; end++) {
            routed = routed || records[end].set_identifier != NULL;
            proxied = proxied || records[end].proxied;
            by_version = by_version || records[end].by_version;
        }
        for (; i < end; i++) {
            records[i].routed = routed;
            records[i].proxied = proxied;
            records[i].by_version = by_version;
        }
    }
}

static void finish(struct dns_run *run, struct desired_records *out)
{
    struct dns_record *records = make_records(run, out);
    share_by_host(records, out->n);
    record_conflict_resolve(run->m->arena, records, out->n);
}

static const enum kind source_kind[DNS_SOURCE_COUNT] = {
    [DNS_SOURCE_GATEWAY] = KIND_GATEWAY,
    [DNS_SOURCE_VIRTUALSERVICE] = KIND_VIRTUALSERVICE,
    [DNS_SOURCE_SERVICE] = KIND_SERVICE,
    [DNS_SOURCE_INGRESS] = KIND_INGRESS,
};

static void read_source(struct dns_run *run, enum dns_source source, const struct object *o)
{
    switch (source) {
    case DNS_SOURCE_GATEWAY:
        dns_source_gateway(run, OBJECT_AS(gateway, o), NULL);
        break;
    case DNS_SOURCE_VIRTUALSERVICE:
        dns_source_virtualservice(run, OBJECT_AS(virtualservice, o), NULL);
        break;
    case DNS_SOURCE_SERVICE:
        dns_source_service(run, OBJECT_AS(service, o));
        break;
    case DNS_SOURCE_INGRESS:
        dns_source_ingress(run, OBJECT_AS(ingress, o));
        break;
    case DNS_SOURCE_COUNT:
        BUG("source %d", source);
    }
}

// --- several external-dns (docs/rules/dns.md#several-instances)

// The settings as long as the answer lives: the first of the list may be on the caller's stack.
static const struct dns_settings *kept(struct arena *a, const struct dns_settings *s)
{
    struct dns_settings *own = arena_alloc(a, sizeof *own);
    *own = *s;
    return own;
}

// By host, type and identifier; what is made before what is not; then by the instance.
static int by_record(const void *x, const void *y)
{
    const struct dns_record *a = x, *b = y;
    int c = strcmp(a->host, b->host);
    c = c != 0 ? c : strcmp(a->type, b->type);
    c = c != 0 ? c : dns_compare_set_identifiers(a->set_identifier, b->set_identifier);
    c = c != 0 ? c : (int)(a->state == DNS_FILTERED) - (int)(b->state == DNS_FILTERED);
    return c != 0 ? c : strcmp(a->settings->from, b->settings->from);
}

static bool same_name(const struct dns_record *a, const struct dns_record *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->type, b->type) == 0 &&
           dns_compare_set_identifiers(a->set_identifier, b->set_identifier) == 0;
}

static bool same_targets(const struct dns_record *a, const struct dns_record *b)
{
    bool same = a->targets.n == b->targets.n;
    for (uint32_t i = 0; same && i < a->targets.n; i++) {
        same = strcmp(a->targets.at[i], b->targets.at[i]) == 0;
    }
    return same;
}

// Combines the records of one name and type that several external-dns want: the filter of one does not remove what
// another makes, and what all of them make is one record. Returns how many are left.
static uint32_t join_group(struct arena *a, struct dns_record *group, uint32_t n)
{
    uint32_t made = 0, k = 0;
    for (uint32_t i = 0; i < n; i++) {
        made += group[i].state != DNS_FILTERED ? 1 : 0;
    }
    for (uint32_t i = 0; i < (made != 0 ? made : 1); i++) {
        bool again = false;
        for (uint32_t j = 0; j < k && !again; j++) {
            again = same_targets(&group[j], &group[i]);
            struct str_array names = {0};
            str_array_add_list(a, &names, &group[j].owner_names);
            str_array_add_list(a, &names, &group[i].owner_names);
            group[j].owner_names = again ? str_array_list(&names) : group[j].owner_names;
        }
        if (!again) {
            group[k++] = group[i];
        }
    }
    for (uint32_t i = 0; k > 1 && i < k; i++) {
        struct str_array others = {0};
        for (uint32_t j = 0; j < k; j++) {
            if (j != i) {
                str_array_add_list(a, &others, &group[j].targets);
            }
        }
        group[i].others = str_array_list(&others);
    }
    return k;
}

// The records of all instances in `out`, each with its settings, as those of one name server.
static void join_instances(struct arena *a, struct dns_record *records, struct desired_records *out)
{
    qsort(records, out->n, sizeof *records, by_record);
    uint32_t left = 0;
    for (uint32_t i = 0; i < out->n;) {
        uint32_t end = i + 1;
        while (end < out->n && same_name(&records[i], &records[end])) {
            end++;
        }
        uint32_t k = join_group(a, &records[i], end - i);
        memmove(&records[left], &records[i], k * sizeof *records);
        left += k;
        i = end;
    }
    out->at = records;
    out->n = left;
}

// The records of one external-dns; `question` is passed on.
typedef void instance_records_fn(const struct mesh *m, const struct dns_settings *s,
                                 const void *question, struct desired_records *out);

// The records of all external-dns.
static void records_of_all(const struct mesh *m, const struct dns_settings *s,
                           instance_records_fn *one, const void *question,
                           struct desired_records *out)
{
    if (s->next == NULL) {
        one(m, s, question, out);
        return;
    }
    struct arena *a = m->arena;
    struct dns_record *at = NULL;
    uint32_t n = 0, cap = 0;
    struct str_array left_out = {0};
    *out = (struct desired_records){.complete = true};
    for (const struct dns_settings *x = kept(a, s); x != NULL; x = x->next) {
        struct desired_records its;
        one(m, x, question, &its);
        for (uint32_t i = 0; i < its.n; i++) {
            struct dns_record *r = ARENA_PUSH(a, at, n, cap);
            *r = its.at[i];
            r->settings = x;
        }
        out->complete = out->complete && its.complete;
        out->stopped = out->stopped != NULL ? out->stopped : its.stopped;
        out->stopped_hint = out->stopped_hint != NULL ? out->stopped_hint : its.stopped_hint;
        str_array_add_list(a, &left_out, &its.left_out);
    }
    out->n = n;
    out->left_out = str_array_list(&left_out);
    if (n > 0) {
        join_instances(a, at, out);
    }
}

static void every_record(const struct mesh *m, const struct dns_settings *s, const void *question,
                         struct desired_records *out)
{
    (void)question;
    const struct mesh with = mesh_with_memo(m);
    struct dns_run run = {.m = &with, .settings = s};
    memset(out, 0, sizeof *out);
    out->complete = true;
    for (uint32_t i = 0; i < s->nsources; i++) {
        uint32_t n, from = run.endpoints.n;
        const struct object *const *all = mesh_all(&with, source_kind[s->source[i]], &n);
        out->complete = out->complete && mesh_complete(&with, source_kind[s->source[i]]) &&
                        mesh_complete(&with, KIND_SERVICE) && mesh_complete(&with, KIND_GATEWAY);
        for (uint32_t k = 0; k < n; k++) {
            read_source(&run, s->source[i], all[k]);
        }
        endpoint_merge_source(with.arena, &run.endpoints, from, s->source[i]);
    }
    finish(&run, out);
}

void desired_records_find(const struct mesh *m, const struct dns_settings *s,
                          struct desired_records *out)
{
    records_of_all(m, s, every_record, NULL, out);
}

kind_set desired_records_kinds(const struct dns_settings *s)
{
    kind_set out = 0;
    for (; s != NULL; s = s->next) {
        for (uint32_t i = 0; i < s->nsources; i++) {
            out |= KIND_BIT(source_kind[s->source[i]]);
        }
    }
    return out;
}

static void object_records(const struct mesh *m, const struct dns_settings *s, const void *question,
                           struct desired_records *out)
{
    const struct object *o = question;
    struct dns_run run = {.m = m, .settings = s};
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < s->nsources; i++) {
        if (source_kind[s->source[i]] == (enum kind)o->kind) {
            read_source(&run, s->source[i], o);
            endpoint_merge_source(m->arena, &run.endpoints, 0, s->source[i]);
        }
    }
    make_records(&run, out);
}

void desired_records_of_object(const struct mesh *m, const struct dns_settings *s,
                               const struct object *o, struct desired_records *out)
{
    records_of_all(m, s, object_records, o, out);
}

// The objects of an index entry, and `more` where it is not among them, by namespace and name.
static const struct object **sorted_with(const struct mesh *m, enum index_kind index,
                                         const char *host, const struct object *more, uint32_t *n)
{
    const struct object *const *all = mesh_index(m, index, host, "", n);
    const struct object **out = arena_calloc(m->arena, (size_t)*n + 1, sizeof *out);
    bool there = more == NULL;
    for (uint32_t i = 0; i < *n; i++) {
        out[i] = all[i];
        there = there || all[i] == more;
    }
    if (!there) {
        out[(*n)++] = more;
    }
    qsort(out, *n, sizeof *out, object_id_order);
    return out;
}

struct host_records_question {
    const struct dns_settings *settings;
    const char *host;
    const struct object *gateway,
        *vs; // that are read, though they do not list the host; NULL: none
};

// The Services that a Gateway selects, by namespace and name.
static const struct object **gateway_services(const struct mesh *m, const struct gateway *gw,
                                              uint32_t *n)
{
    uint32_t all = 0;
    const struct object *const *at =
        gw->selector.n != 0 ? mesh_index(m, INDEX_SERVICE_BY_SELECTOR, gw->selector.at[0].key,
                                         gw->selector.at[0].value, &all)
                            : NULL;
    const struct object **out = arena_calloc(m->arena, all, sizeof *out);
    *n = 0;
    for (uint32_t i = 0; i < all; i++) {
        if (labels_match(&gw->selector, &OBJECT_AS(service, at[i])->selector)) {
            out[(*n)++] = at[i];
        }
    }
    if (*n > 1) {
        qsort(out, *n, sizeof *out, object_id_order);
    }
    return out;
}

// The endpoints for one host that the Services of a Gateway want (docs/rules/dns.md#gateway-service).
static void read_gateway_services(struct dns_run *run, const struct gateway *gw, const char *host)
{
    uint32_t n, before = run->endpoints.n, left = before;
    const struct object **all = gateway_services(run->m, gw, &n);
    for (uint32_t i = 0; i < n; i++) {
        dns_source_service(run, OBJECT_AS(service, all[i]));
    }
    for (uint32_t i = before; i < run->endpoints.n; i++) {
        if (str_casecmp(run->endpoints.at[i].host, host) == 0) {
            run->endpoints.at[left++] = run->endpoints.at[i];
        }
    }
    run->endpoints.n = left;
}

static void host_records(const struct mesh *m, const struct dns_settings *s, const void *question,
                         struct desired_records *out)
{
    const struct host_records_question *q = question;
    struct dns_run run = {.m = m, .settings = s};
    const char *low = str_lower(m->arena, q->host);
    memset(out, 0, sizeof *out);
    out->complete = mesh_complete(m, KIND_GATEWAY) && mesh_complete(m, KIND_SERVICE);
    for (uint32_t i = 0; i < s->nsources; i++) {
        uint32_t n, from = run.endpoints.n;
        if (s->source[i] == DNS_SOURCE_GATEWAY) {
            const struct object **all = sorted_with(m, INDEX_GATEWAY_BY_HOST, low, q->gateway, &n);
            for (uint32_t k = 0; k < n; k++) {
                dns_source_gateway(&run, OBJECT_AS(gateway, all[k]), q->host);
            }
        } else if (s->source[i] == DNS_SOURCE_VIRTUALSERVICE) {
            const struct object **all = sorted_with(m, INDEX_VS_BY_HOST, low, q->vs, &n);
            out->complete = out->complete && mesh_complete(m, KIND_VIRTUALSERVICE);
            for (uint32_t k = 0; k < n; k++) {
                dns_source_virtualservice(&run, OBJECT_AS(virtualservice, all[k]), q->host);
            }
        } else if (s->source[i] == DNS_SOURCE_SERVICE && q->gateway != NULL) {
            read_gateway_services(&run, OBJECT_AS(gateway, q->gateway), q->host);
        }
        endpoint_merge_source(m->arena, &run.endpoints, from, s->source[i]);
    }
    finish(&run, out);
}

static const void *records_of_host(const struct mesh *m, const void *question)
{
    const struct host_records_question *q = question;
    struct desired_records *out = arena_alloc(m->arena, sizeof *out);
    records_of_all(m, q->settings, host_records, q, out);
    return out;
}

// Whether Services are a source, and one that the Gateway selects names hosts.
static bool services_name_hosts(const struct dns_run *run, const struct gateway *gw)
{
    bool source = false;
    for (uint32_t i = 0; i < run->settings->nsources; i++) {
        source = source || run->settings->source[i] == DNS_SOURCE_SERVICE;
    }
    uint32_t n = 0;
    const struct object **all = source ? gateway_services(run->m, gw, &n) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (dns_source_annotation(run, all[i], "hostname") != NULL) {
            return true;
        }
    }
    return false;
}

// Whether a Gateway or VirtualService gives nothing to hosts that it does not list.
static bool gives_listed_alone(const struct mesh *m, const struct dns_settings *s,
                               const struct object *o)
{
    struct dns_run run = {.m = m, .settings = s};
    if (s->next != NULL && !gives_listed_alone(m, s->next, o)) {
        return false;
    }
    if (o->kind == KIND_GATEWAY && services_name_hosts(&run, OBJECT_AS(gateway, o))) {
        return false;
    }
    return s->fqdn_templates.n == 0 && dns_source_annotation(&run, o, "hostname") == NULL &&
           dns_source_ingress_name(&run, o) == NULL;
}

// Whether it is under the host in the index.
static bool lists_host(const struct mesh *m, const struct object *o, const char *low)
{
    struct host_hits hits = {0};
    struct host_index *of = o->kind == KIND_GATEWAY
                                ? gateway_hosts_find(m, OBJECT_AS(gateway, o))->lower
                                : vs_hosts_find(m, OBJECT_AS(virtualservice, o))->lower;
    host_index_equal(of, low, m->arena, &hits);
    return hits.n > 0;
}

// The same for all external-dns. The Gateway may be NULL.
static bool names_by_services(const struct mesh *m, const struct dns_settings *s,
                              const struct object *gateway)
{
    for (; gateway != NULL && s != NULL; s = s->next) {
        struct dns_run run = {.m = m, .settings = s};
        if (services_name_hosts(&run, OBJECT_AS(gateway, gateway))) {
            return true;
        }
    }
    return false;
}

bool desired_records_by_host_alone(const struct mesh *m, const struct dns_settings *s,
                                   const struct object *gateway, const struct object *vs)
{
    return (gateway == NULL || gives_listed_alone(m, s, gateway)) &&
           (vs == NULL || (gives_listed_alone(m, s, vs) &&
                           !vs_hosts_find(m, OBJECT_AS(virtualservice, vs))->slashed));
}

bool desired_records_are_shared(const struct mesh *m, const char *low)
{
    uint32_t n = mesh_index_count(m, INDEX_VS_BY_HOST, low, "");
    return n != 1 || mesh_index_count(m, INDEX_GATEWAY_BY_HOST, low, "") > 1;
}

void desired_records_of_host(const struct mesh *m, const struct dns_settings *s, const char *host,
                             const struct object *gateway, const struct object *vs,
                             struct desired_records *out)
{
    const char *low = str_lower(m->arena, host);
    bool listed =
        (gateway == NULL || lists_host(m, gateway, low)) && (vs == NULL || lists_host(m, vs, low));
    bool alone = desired_records_by_host_alone(m, s, gateway, vs) ||
                 (listed && !names_by_services(m, s, gateway));
    struct host_records_question q = {s, host, alone ? NULL : gateway, alone ? NULL : vs};
    const struct desired_records *found;
    if (alone && desired_records_are_shared(m, low)) {
        const char *name = mesh_answer_name(m->arena, "records of a host", low, NULL);
        found = mesh_answer(m, name, records_of_host, &q);
    } else {
        found = records_of_host(m, &q);
    }
    *out = *found;
}

const char *desired_records_answering(const struct mesh *m, const struct dns_settings *s,
                                      const char *host, const struct object *gateway,
                                      const struct object *vs, struct desired_records *out)
{
    const char *name = host;
    desired_records_of_host(m, s, host, gateway, vs, out);
    const char *dot = host[0] == '*' ? NULL : strchr(host, '.');
    while (out->n == 0 && dot != NULL && strchr(dot + 1, '.') != NULL) {
        name = arena_printf(m->arena, "*%s", dot);
        desired_records_of_host(m, s, name, gateway, vs, out);
        dot = strchr(dot + 1, '.');
    }
    return name;
}
