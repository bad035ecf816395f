// SPDX-License-Identifier: Apache-2.0
// The view `namespaces`: the domain of each namespace, its wildcard certificate, its applications.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_status.h"
#include "kube/mesh/chain/app_row.h"

#include "views/all_views_internal.h"
#include "views/app_groups_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/view_objects_internal.h"

#include <string.h>

struct namespace_row {
    const struct object *o;
    const char *domain;                    // "*.apps.example.io", NULL: none
    const struct certificate *certificate; // the one that has the domain, NULL with it
    struct certificate_status status;      // of that certificate
    struct app_group apps;
    uint32_t hosts;              // different ones of apps
    const struct app_row *worst; // the first of apps in the worst state; NULL: none
};

// A name of a Certificate, "*.rest", and its place among all of them.
struct wildcard {
    const char *name;
    const struct certificate *certificate;
    uint32_t order;
};

// The first wildcard of each kind.
struct wildcards {
    struct string_map by_label; // the label after the star -> struct wildcard
    struct string_map by_rest;  // all that follows it
};

static void add_first(struct string_map *map, const char *key, struct wildcard *w)
{
    void **at = string_map_at(map, key);
    *at = *at != NULL ? *at : w;
}

static void find_wildcards(struct arena *a, const struct view_rows *certificates,
                           struct wildcards *out)
{
    uint32_t order = 0;
    string_map_init(&out->by_label, a);
    string_map_init(&out->by_rest, a);
    for (uint32_t i = 0; i < certificates->n; i++) {
        const struct certificate *c = OBJECT_AS(certificate, certificates->at[i]);
        for (uint32_t d = 0; d < c->dns_names.n; d++) {
            const char *name = c->dns_names.at[d];
            if (!str_starts(name, "*.")) {
                continue;
            }
            struct wildcard *w = arena_alloc(a, sizeof *w);
            *w = (struct wildcard){name, c, order++};
            const char *dot = strchr(name + 2, '.');
            if (dot != NULL) {
                add_first(&out->by_label, arena_strndup(a, name + 2, (size_t)(dot - name - 2)), w);
            }
            add_first(&out->by_rest, name + 2, w);
        }
    }
}

static void keep_first(const struct wildcard **best, const struct wildcard *w)
{
    if (w != NULL && (*best == NULL || w->order < (*best)->order)) {
        *best = w;
    }
}

// The first wildcard that is the namespace's: the label after the star is the namespace's name, or the wildcard is
// right above one of its hosts, as on a shared gateway (docs/rules/certificates.md#platform-namespace-domain).
static void find_domain(struct namespace_row *r, const struct wildcards *all)
{
    const struct wildcard *best = string_map_get(&all->by_label, r->o->name);
    for (uint32_t i = 0; i < r->apps.n; i++) {
        const char *dot = strchr(r->apps.at[i]->host, '.');
        keep_first(&best, dot != NULL ? string_map_get(&all->by_rest, dot + 1) : NULL);
    }
    if (best != NULL) {
        r->domain = best->name;
        r->certificate = best->certificate;
    }
}

static void sum_up_apps(struct namespace_row *r, struct app_group apps)
{
    r->apps = apps;
    for (uint32_t i = 0; i < apps.n; i++) {
        r->hosts += i == 0 || strcmp(apps.at[i]->host, apps.at[i - 1]->host) != 0;
        if (r->worst == NULL || apps.at[i]->state > r->worst->state) {
            r->worst = apps.at[i];
        }
    }
}

static enum verdict worst_app(const struct namespace_row *r)
{
    return r->worst != NULL ? (enum verdict)r->worst->state : VERDICT_UNKNOWN;
}

static struct view_rows list(const struct view_args *a)
{
    struct view_rows objects = view_objects(a, KIND_NAMESPACE);
    struct view_args all = *a;
    all.ns = NULL;
    struct view_rows certificates = view_objects(&all, KIND_CERTIFICATE);
    struct wildcards wildcards;
    find_wildcards(a->arena, &certificates, &wildcards);
    struct app_group sorted = app_groups_sorted(a, APP_GROUP_NS);
    struct mesh m = view_mesh(a);
    const void **at = arena_calloc(a->arena, objects.n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < objects.n; i++) {
        const struct object *o = objects.at[i];
        if (a->ns != NULL && strcmp(o->name, a->ns) != 0) {
            continue;
        }
        struct namespace_row *r = arena_alloc(a->arena, sizeof *r);
        r->o = o;
        sum_up_apps(r, app_group_find(&sorted, APP_GROUP_NS, o->name));
        find_domain(r, &wildcards);
        if (r->certificate != NULL) {
            certificate_status_fill(&m, r->certificate, &r->status);
        }
        at[rows.n++] = r;
    }
    return rows;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    const struct namespace_row *r = row;
    enum verdict v = r->o->deleted != TIME_NONE ? VERDICT_PENDING : VERDICT_OK;
    enum verdict c = r->certificate != NULL ? r->status.verdict : VERDICT_UNKNOWN;
    v = c > v ? c : v;
    return worst_app(r) > v ? worst_app(r) : v;
}

static const char *reason(const struct view_args *a, const struct namespace_row *r)
{
    enum verdict v = verdict(a, r);
    if (v == VERDICT_OK) {
        return "";
    }
    if (r->certificate != NULL && r->status.verdict == v) {
        return arena_printf(a->arena, "Certificate %s/%s: %s", r->certificate->o.ns,
                            r->certificate->o.name,
                            !str_empty(r->status.reason) ? r->status.reason
                                                         : certificate_state_name(r->status.state));
    }
    if (r->worst != NULL && worst_app(r) == v) {
        return arena_printf(a->arena, "%s: %s", r->worst->host, r->worst->reason);
    }
    return r->o->deleted != TIME_NONE ? "is being deleted" : "";
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    return cell_verdict(a, verdict(a, row));
}

static struct cell name_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct namespace_row *r = row;
    return cell_text(r->o->name, ROLE_NAME);
}

static struct cell domain_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct namespace_row *r = row;
    return cell_text(r->domain, ROLE_HOST);
}

static struct cell certificate_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct namespace_row *r = row;
    return r->certificate == NULL ? cell_text("", ROLE_DIM)
                                  : cell_text(certificate_state_name(r->status.state),
                                              role_of_verdict(r->status.verdict));
}

static struct cell hosts_cell(const struct view_args *a, const void *row)
{
    const struct namespace_row *r = row;
    return cell_number(a, r->hosts);
}

static struct cell apps_cell(const struct view_args *a, const void *row)
{
    const struct namespace_row *r = row;
    return cell_number(a, r->apps.n);
}

static struct cell age_cell(const struct view_args *a, const void *row)
{
    const struct namespace_row *r = row;
    return cell_age(a, r->o->created);
}

static struct cell reason_cell(const struct view_args *a, const void *row)
{
    const struct namespace_row *r = row;
    return cell_text(reason(a, r), role_of_verdict(verdict(a, row)));
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct namespace_row *)row)->o;
}

static const char *ns(const struct view_args *a, const void *row)
{
    return object(a, row)->name;
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct namespace_row *r = row;
    detail_object(a, b, r->o);
    detail_field(b, "state", role_of_verdict(verdict(a, row)), "%s", verdict_name(verdict(a, row)));
    detail_field(b, "domain", ROLE_HOST, "%s",
                 r->domain != NULL ? r->domain : "no Certificate has a wildcard for it");
    if (r->certificate != NULL) {
        detail_field(b, "certificate", ROLE_NAME, "%s/%s: %s %s", r->certificate->o.ns,
                     r->certificate->o.name, certificate_state_name(r->status.state),
                     str_or_empty(r->status.reason));
    }
    detail_heading(b, "Applications");
    app_group_detail(a, b, &r->apps, UINT32_MAX);
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct namespace_row *r = row;
    struct json *j = json_new_object();
    json_put_string(j, "name", r->o->name);
    json_put_string(j, "domain", r->domain);
    json_put_string(j, "certificate",
                    r->certificate != NULL ? object_id(a->arena, &r->certificate->o) : NULL);
    json_put_string(j, "state", verdict_name(verdict(a, row)));
    json_put_string(j, "reason", reason(a, r));
    json_put_int(j, "hosts", r->hosts);
    json_put_int(j, "apps", r->apps.n);
    return j;
}

// clang-format off
static const struct column columns[] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 3, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .initial = true, .help = "the worst of its certificate and its applications"},
    {.title = "NAMESPACE", .field = "name", .cell = name_cell, .min = 10, .max = 40,
     .help = "the namespace"},
    {.title = "DOMAIN", .field = "domain", .key = 'D', .cell = domain_cell, .min = 12, .max = 60,
     .help = "the wildcard domain that a Certificate has for it"},
    {.title = "CERTIFICATE", .field = "certificate", .key = 'C', .cell = certificate_cell, .min = 7, .max = 13,
     .help = "state of that Certificate"},
    {.title = "HOSTS", .field = "hosts", .key = 'H', .cell = hosts_cell, .min = 5, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "different hosts of its applications"},
    {.title = "APPS", .field = "apps", .key = 'P', .cell = apps_cell, .min = 4, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "rows of the apps view"},
    {.title = "AGE", .field = "age", .key = 'A', .cell = age_cell, .min = 3, .max = 6,
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .wide = true, .help = "time since creation"},
    {.title = "WHY", .field = "reason", .cell = reason_cell, .min = 16,
     .help = "what is wrong"},
};
// clang-format on

const struct view view_namespaces = {
    .name = "namespaces",
    .title = "Namespaces",
    .help = "the domain of each namespace, its wildcard certificate, its applications",
    .json_kind = "NamespaceList",
    .needs = KIND_BIT(KIND_NAMESPACE),
    .reads = KIND_SET_DASHBOARD,
    .chains = true,
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .verdict = verdict,
    .object = object,
    .ns = ns,
    .detail = detail,
    .json = json,
};
