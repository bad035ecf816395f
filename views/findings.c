// SPDX-License-Identifier: Apache-2.0
// The view `findings`: links that are not ok, and everything that `gatetop check` finds.
#include "views/findings.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/placeholder.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/check/certificate_findings.h"
#include "kube/mesh/check/check.h"
#include "kube/mesh/check/dns_findings.h"
#include "kube/mesh/check/finding_codes.h"
#include "kube/mesh/core/mesh_memo.h"

#include "views/all_views_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static enum verdict severity_verdict(enum severity s)
{
    static const enum verdict verdicts[] = {
        [SEVERITY_INFO] = VERDICT_PENDING,
        [SEVERITY_WARNING] = VERDICT_WARNING,
        [SEVERITY_ERROR] = VERDICT_BROKEN,
    };
    static_assert(ARRAY_COUNT(verdicts) == SEVERITY_ERROR + 1, "a severity without a verdict");
    return verdicts[s];
}

static int by_severity(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->severity != b->severity) {
        return a->severity < b->severity ? 1 : -1;
    }
    int c = strcmp(a->code, b->code);
    c = c != 0 ? c : strcmp(str_or_empty(a->ns), str_or_empty(b->ns));
    c = c != 0 ? c : strcmp(str_or_empty(a->name), str_or_empty(b->name));
    return c != 0 ? c : strcmp(a->message, b->message);
}

// Takes out what follows from a variable in a name: that it is no name, covers nothing, exists nowhere
// (docs/rules/kubernetes-client.md#unfilled-variables).
static void drop_unfilled(struct findings *f)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        if (strcmp(f->at[i].code, "GT0007") == 0 || !placeholder_in(f->at[i].message)) {
            f->at[kept++] = f->at[i];
        }
    }
    f->n = kept;
}

void findings_all(const struct view_args *a, const struct certificate_within *expiring,
                  struct findings *out)
{
    const struct mesh plain = view_mesh(a), m = mesh_with_memo(&plain);
    const struct check_options *checks = a->options->checks;
    struct findings more = {0};
    struct dns_settings settings;
    dns_settings_for(&m, a->options->dns, &settings);
    check_run(&m, checks, out);
    certificate_findings(&m, &more);
    dns_findings(&m, &settings, &more);
    if (expiring != NULL) {
        certificate_expiring(&m, expiring, &more);
    }
    for (uint32_t i = 0; i < more.n; i++) {
        const struct finding *f = &more.at[i];
        if (!finding_is_suppressed(checks, f->code, f->object)) {
            *findings_add(out, a->arena, f->code, f->severity, f->object, f->path) = *f;
        }
    }
    if (a->snap->cluster.from_files) {
        drop_unfilled(out);
    }
    if (out->n > 0) {
        qsort(out->at, out->n, sizeof *out->at, by_severity);
    }
}

// A finding for each chain that is not ok, called after its worst link.
static void add_links(const struct view_args *a, struct findings *out)
{
    static const enum severity severities[] = {
        [VERDICT_PENDING] = SEVERITY_INFO,
        [VERDICT_WARNING] = SEVERITY_WARNING,
        [VERDICT_BROKEN] = SEVERITY_ERROR,
    };
    static_assert(ARRAY_COUNT(severities) == VERDICT_BROKEN + 1, "a verdict without a severity");
    struct app_rows_iter it;
    const struct app_row *r;
    for (app_rows_begin(&it, a->snap); (r = app_rows_next(&it)) != NULL;) {
        if (r->state <= VERDICT_OK) {
            continue;
        }
        const struct object *o =
            snapshot_get(a->snap, (enum kind)r->owner->kind, r->owner->ns, r->owner->name);
        struct finding *f = findings_add(out, a->arena, link_name((enum link_kind)r->worst),
                                         severities[r->state], o, NULL);
        f->message = arena_printf(a->arena, "%s: %s", r->host, r->reason);
    }
}

static struct view_rows list(const struct view_args *a)
{
    struct findings all = {0};
    findings_all(a, NULL, &all);
    add_links(a, &all);
    if (all.n > 0) {
        qsort(all.at, all.n, sizeof *all.at, by_severity);
    }
    const void **at = arena_calloc(a->arena, all.n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < all.n; i++) {
        if (a->ns == NULL || str_eq(all.at[i].ns, a->ns)) {
            at[rows.n++] = &all.at[i];
        }
    }
    return rows;
}

static const char *object_text(const struct view_args *a, const struct finding *f)
{
    return f->kind == KIND_COUNT ? "" : kind_title(a->arena, f->kind, f->ns, str_or_empty(f->name));
}

static enum verdict verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return severity_verdict(((const struct finding *)row)->severity);
}

static struct cell severity_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct finding *f = row;
    enum role role = role_of_verdict(severity_verdict(f->severity));
    return (struct cell){severity_name(f->severity), role, f->severity};
}

static struct cell code_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct finding *f = row;
    return cell_text(f->code, ROLE_TEXT);
}

static struct cell object_cell(const struct view_args *a, const void *row)
{
    const struct finding *f = row;
    return cell_text(object_text(a, f), ROLE_NAME);
}

static struct cell message_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct finding *f = row;
    enum role role = role_of_verdict(severity_verdict(f->severity));
    return cell_text(f->message, role);
}

static struct cell hint_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct finding *f = row;
    return cell_text(f->hint, ROLE_TEXT);
}

static struct cell file_cell(const struct view_args *a, const void *row)
{
    const struct finding *f = row;
    return cell_text(f->file != NULL ? arena_printf(a->arena, "%s:%d", f->file, f->line) : "",
                     ROLE_TEXT);
}

static const char *key(const struct view_args *a, const void *row)
{
    const struct finding *f = row;
    return arena_printf(a->arena, "%s|%s|%s|%s", f->code, object_text(a, f), str_or_empty(f->path),
                        f->message);
}

static const struct object *object(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct finding *)row)->object;
}

static const char *ns(const struct view_args *a, const void *row)
{
    (void)a;
    const struct finding *f = row;
    return str_or_empty(f->ns);
}

static void detail(const struct view_args *a, const void *row, struct text_block *b)
{
    const struct finding *f = row;
    const struct finding_code *code = finding_code_find(f->code);
    block_line(b);
    block_put(b, role_of_verdict(verdict(a, row)), "%s ", severity_name(f->severity));
    block_put(b, ROLE_TITLE, "%s", f->code);
    block_put(b, ROLE_NAME, "  %s", object_text(a, f));
    detail_field(b, "what", ROLE_TEXT, "%s", f->message);
    if (f->hint != NULL) {
        detail_field(b, "what to do", ROLE_STRONG, "%s", f->hint);
    }
    if (f->path != NULL) {
        detail_field(b, "field", ROLE_TEXT, "%s", f->path);
    }
    if (f->file != NULL) {
        detail_field(b, "file", ROLE_TEXT, "%s:%d", f->file, f->line);
    }
    if (code != NULL) {
        detail_field(b, "about", ROLE_DIM, "%s", code->text);
    }
}

struct json *finding_json(const struct finding *f)
{
    struct json *j = json_new_object();
    json_put_string(j, "code", f->code);
    json_put_string(j, "severity", severity_name(f->severity));
    struct json *o = json_put(j, "object", json_new_object());
    json_put_string(o, "kind", f->kind != KIND_COUNT ? kinds[f->kind].kind : NULL);
    json_put_string(o, "namespace", f->ns);
    json_put_string(o, "name", f->name);
    json_put_string(j, "message", f->message);
    json_put_string(j, "hint", f->hint);
    json_put_string(j, "path", f->path);
    json_put_string(j, "file", f->file);
    json_put(j, "line", f->line > 0 ? json_new_int(f->line) : json_new_null());
    json_put_string(j, "istio", finding_istio_code(f->code));
    return j;
}

static struct json *json(const struct view_args *a, const void *row)
{
    (void)a;
    return finding_json(row);
}

// clang-format off
static const struct column columns[] = {
    {.title = "SEVERITY", .field = "severity", .key = 'S', .cell = severity_cell, .min = 7, .max = 8,
     .sort = SORT_NUMBER, .descending = true, .help = "error, warning or info"},
    {.title = "CODE", .field = "code", .key = 'C', .cell = code_cell, .min = 7, .max = 14,
     .help = "code of the check, or the link of the chain"},
    {.title = "OBJECT", .field = "object", .key = 'O', .cell = object_cell, .min = 16, .max = 60,
     .help = "the object"},
    {.title = "MESSAGE", .field = "message", .key = 'M', .cell = message_cell, .min = 24,
     .help = "what is wrong"},
    {.title = "HINT", .field = "hint", .cell = hint_cell, .min = 16, .max = 80,
     .wide = true, .help = "what to do"},
    {.title = "FILE", .field = "file", .cell = file_cell, .min = 8, .max = 48,
     .wide = true, .help = "file and line, of manifests"},
};
// clang-format on

const struct view view_findings = {
    .name = "findings",
    .title = "Findings",
    .help = "links that are not ok and what check finds, worst first",
    .json_kind = "FindingList",
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE),
    .reads = KIND_SET_DASHBOARD,
    .chains = true,
    .columns = columns,
    .ncolumns = ARRAY_COUNT(columns),
    .list = list,
    .key = key,
    .verdict = verdict,
    .object = object,
    .ns = ns,
    .detail = detail,
    .json = json,
};
