// SPDX-License-Identifier: Apache-2.0
// The view `namespaces`: the domain of each namespace, its wildcard certificate, its applications.
#include "kube/base/text.h"

#include "kube/mesh/cert/certificate_status.h"

#include "views/app_groups.h"
#include "views/view_internal.h"

#include <string.h>

struct row {
    const struct object *o;
    const char *domain;                    // "*.apps.example.io", NULL none
    const struct certificate *certificate; // that has the domain
    struct certificate_status status;      // of it
    uint32_t hosts, apps;
    uint32_t worst_app;        // enum verdict
    const struct app_row *bad; // the worst application
};

enum { COL_STATE, COL_NAME, COL_DOMAIN, COL_CERT, COL_HOSTS, COL_APPS, COL_AGE, COL_REASON };

// clang-format off
static const struct column columns[] = {
    {"STATE", "state", 'S', 3, 9, ALIGN_LEFT, SORT_NUMBER, false, true, "the worst of its certificate and its applications"},
    {"NAMESPACE", "name", 0, 10, 40, ALIGN_LEFT, SORT_TEXT, false, false, "the namespace"},
    {"DOMAIN", "domain", 'D', 12, 60, ALIGN_LEFT, SORT_TEXT, false, false, "the wildcard domain that a Certificate has for it"},
    {"CERTIFICATE", "certificate", 'C', 7, 13, ALIGN_LEFT, SORT_TEXT, false, false, "state of that Certificate"},
    {"HOSTS", "hosts", 'H', 5, 6, ALIGN_RIGHT, SORT_NUMBER, false, true, "different hosts of its applications"},
    {"APPS", "apps", 'P', 4, 6, ALIGN_RIGHT, SORT_NUMBER, false, true, "rows of the apps view"},
    {"AGE", "age", 'A', 3, 6, ALIGN_RIGHT, SORT_NUMBER, true, false, "time since creation"},
    {"WHY", "reason", 0, 16, 0, ALIGN_LEFT, SORT_TEXT, false, false, "what is wrong"},
};
// clang-format on

// Whether a wildcard is the namespace's: the label behind the star is the namespace's name, or the wildcard is
// right above one of its hosts, as on a shared gateway (docs/rules/certificates.md#platform-namespace-domain).
static bool is_domain_of(const char *dns_name, const struct object *ns, const struct app_rows *apps)
{
    if (!str_starts(dns_name, "*.")) {
        return false;
    }
    const char *rest = dns_name + 2;
    size_t n = strlen(ns->name);
    if (strncmp(rest, ns->name, n) == 0 && rest[n] == '.') {
        return true;
    }
    for (uint32_t i = 0; i < apps->n; i++) {
        const char *dot = strchr(apps->at[i]->host, '.');
        if (dot != NULL && strcmp(dot + 1, rest) == 0) {
            return true;
        }
    }
    return false;
}

static void find_domain(const struct view_rows *certificates, const struct app_rows *apps,
                        struct row *r)
{
    for (uint32_t i = 0; i < certificates->n && r->domain == NULL; i++) {
        const struct certificate *c = OBJECT_AS(certificate, certificates->at[i]);
        for (uint32_t d = 0; d < c->dns_names.n; d++) {
            if (is_domain_of(c->dns_names.at[d], r->o, apps)) {
                r->domain = c->dns_names.at[d];
                r->certificate = c;
                break;
            }
        }
    }
}

static struct view_rows list(const struct view_args *a)
{
    struct view_rows objects = rows_of_kind(a, KIND_NAMESPACE);
    struct view_args all = *a;
    all.ns = NULL;
    struct view_rows certificates = rows_of_kind(&all, KIND_CERTIFICATE);
    struct app_rows sorted = app_rows_sorted(a, app_key_ns);
    struct mesh m = mesh_of(a);
    const void **at = arena_alloc(a->arena, (objects.n + 1) * sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < objects.n; i++) {
        const struct object *o = objects.at[i];
        if (a->ns != NULL && strcmp(o->name, a->ns) != 0) {
            continue;
        }
        struct row *r = arena_alloc(a->arena, sizeof *r);
        r->o = o;
        struct app_rows apps = app_rows_of(&sorted, app_key_ns, o->name);
        r->apps = apps.n;
        for (uint32_t k = 0; k < apps.n; k++) {
            r->hosts += k == 0 || strcmp(apps.at[k]->host, apps.at[k - 1]->host) != 0;
            if (r->bad == NULL || apps.at[k]->state > r->worst_app) {
                r->bad = apps.at[k];
                r->worst_app = apps.at[k]->state;
            }
        }
        find_domain(&certificates, &apps, r);
        if (r->certificate != NULL) {
            certificate_status(&m, r->certificate, &r->status);
        }
        at[rows.n++] = r;
    }
    return rows;
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    const struct row *r = row;
    enum verdict v = r->o->deleted != TIME_NONE ? VERDICT_PENDING : VERDICT_OK;
    enum verdict c = r->certificate != NULL ? r->status.verdict : VERDICT_UNKNOWN;
    v = c > v ? c : v;
    return r->worst_app > v ? (enum verdict)r->worst_app : v;
}

static const char *reason(const struct view_args *a, const struct row *r)
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
    if (r->bad != NULL && r->worst_app == v) {
        return arena_printf(a->arena, "%s: %s", r->bad->host, r->bad->reason);
    }
    return r->o->deleted != TIME_NONE ? "is being deleted" : "";
}

static struct cell cell(const struct view_args *a, const void *row, int column)
{
    const struct row *r = row;
    switch (column) {
    case COL_STATE:
        return cell_verdict(a, verdict(a, row));
    case COL_NAME:
        return cell_text(r->o->name, ROLE_NAME);
    case COL_DOMAIN:
        return cell_text(r->domain, ROLE_HOST);
    case COL_CERT:
        return r->certificate == NULL ? cell_text("", ROLE_DIM)
                                      : cell_text(certificate_state_name(r->status.state),
                                                  role_of_verdict(r->status.verdict));
    case COL_HOSTS:
        return cell_number(a, r->hosts);
    case COL_APPS:
        return cell_number(a, r->apps);
    case COL_AGE:
        return cell_age(a, r->o->created);
    default:
        return cell_text(reason(a, r), role_of_verdict(verdict(a, row)));
    }
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct row *)row)->o;
}

static const char *ns(const struct view_args *a, const void *row)
{
    return object(a, row)->name;
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct row *r = row;
    detail_object(a, b, r->o);
    detail_field(b, "state", role_of_verdict(verdict(a, row)), "%s", verdict_name(verdict(a, row)));
    detail_field(b, "domain", ROLE_HOST, "%s",
                 r->domain != NULL ? r->domain : "no Certificate has a wildcard for it");
    if (r->certificate != NULL) {
        detail_field(b, "certificate", ROLE_NAME, "%s/%s: %s %s", r->certificate->o.ns,
                     r->certificate->o.name, certificate_state_name(r->status.state),
                     r->status.reason != NULL ? r->status.reason : "");
    }
    detail_heading(b, "Applications");
    struct app_rows sorted = app_rows_sorted(a, app_key_ns);
    struct app_rows apps = app_rows_of(&sorted, app_key_ns, r->o->name);
    for (uint32_t i = 0; i < apps.n; i++) {
        enum verdict v = (enum verdict)apps.at[i]->state;
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
        block_put(b, ROLE_HOST, "%s", apps.at[i]->host);
        block_put(b, ROLE_DIM, "  %s", apps.at[i]->reason);
    }
}

static struct json *json(const struct view_args *a, const void *row)
{
    const struct row *r = row;
    struct json *j = json_new_object();
    json_put_string(j, "name", r->o->name);
    json_put_string(j, "domain", r->domain);
    json_put_string(j, "certificate",
                    r->certificate != NULL ? object_id(a->arena, &r->certificate->o) : NULL);
    json_put_string(j, "state", verdict_name(verdict(a, row)));
    json_put_string(j, "reason", reason(a, r));
    json_put_int(j, "hosts", r->hosts);
    json_put_int(j, "apps", r->apps);
    return j;
}

const struct view view_namespaces = {
    .name = "namespaces",
    .title = "Namespaces",
    .help = "the domain of each namespace, its wildcard certificate, its applications",
    .json_kind = "NamespaceList",
    .needs = KIND_BIT(KIND_NAMESPACE),
    .reads = KIND_SET_DASHBOARD,
    .columns = columns,
    .ncolumns = sizeof columns / sizeof *columns,
    .sort_column = COL_STATE,
    .list = list,
    .cell = cell,
    .verdict = verdict,
    .object = object,
    .ns = ns,
    .detail = detail,
    .json = json,
};
