// SPDX-License-Identifier: Apache-2.0
// Causes as rows: cells, explanation, detail page, JSON.
#include "kube/base/arena.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "views/cause_rows_internal.h"
#include "views/cell_internal.h"
#include "views/detail_internal.h"
#include "views/explanation.h"
#include "views/row_json_internal.h"

#include <string.h>

struct view_rows cause_rows(const struct view_args *a, const struct causes *all, enum verdict least)
{
    const void **at = arena_calloc(a->arena, all->n, sizeof *at);
    struct view_rows rows = {at, 0};
    for (uint32_t i = 0; i < all->n; i++) {
        if (all->at[i].state >= least) {
            at[rows.n++] = &all->at[i];
        }
    }
    return rows;
}

// "Certificate istio-system/web", or a DNS name.
static const char *object_text(const struct view_args *a, const struct cause *c)
{
    return c->kind == KIND_COUNT ? c->name : kind_title(a->arena, c->kind, c->ns, c->name);
}

const char *cause_row_key(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    return arena_printf(a->arena, "%s|%s", object_text(a, c), c->field);
}

enum verdict cause_row_verdict(const struct view_args *a, const void *row)
{
    (void)a;
    return ((const struct cause *)row)->state;
}

const struct object *cause_row_object(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    const struct object *o =
        c->kind != KIND_COUNT ? snapshot_get(a->snap, c->kind, c->ns, c->name) : NULL;
    if (o != NULL || c->nrows == 0) {
        return o;
    }
    const struct object *owner = c->rows[0]->owner; // of what is missing: who needs it
    return snapshot_get(a->snap, (enum kind)owner->kind, owner->ns, owner->name);
}

const char *cause_row_ns(const struct view_args *a, const void *row)
{
    (void)a;
    const struct cause *c = row;
    return c->ns[0] == '\0' && c->nrows > 0 ? c->rows[0]->ns : c->ns;
}

const char *cause_row_host(const struct view_args *a, const void *row)
{
    (void)a;
    const struct cause *c = row;
    return c->nrows > 0 ? c->rows[0]->host : NULL;
}

const char *cause_row_called(const struct view_args *a, const void *row)
{
    return object_text(a, row);
}

// --- cells

// On a screen that lists nothing else the mark is enough.
static struct cell mark_cell(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    return (struct cell){verdict_mark(a, c->state), role_of_verdict(c->state), c->state};
}

static struct cell state_cell(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    return cell_verdict(a, c->state);
}

static struct cell hosts_cell(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    return c->nhosts > 0 ? cell_number(a, c->nhosts) : cell_text("", ROLE_DIM);
}

static struct cell age_cell(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    struct cell x = cell_age(a, c->since);
    x.text = explain_age(a, c->since, c->at_most);
    x.role = ROLE_DIM;
    return x;
}

static struct cell words_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct cause *c = row;
    return cell_text(c->words, c->hidden_by != NULL ? ROLE_DIM : ROLE_STRONG);
}

static struct cell name_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct cause *c = row;
    return cell_text(c->name, c->kind == KIND_COUNT ? ROLE_HOST : ROLE_NAME);
}

static struct cell object_cell(const struct view_args *a, const void *row)
{
    return cell_text(object_text(a, row), ROLE_NAME);
}

static struct cell field_cell(const struct view_args *a, const void *row)
{
    (void)a;
    return cell_text(((const struct cause *)row)->field, ROLE_TEXT);
}

static struct cell hidden_cell(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    return cell_text(c->hidden_by != NULL ? object_text(a, c->hidden_by) : "", ROLE_NAME);
}

static struct cell code_cell(const struct view_args *a, const void *row)
{
    (void)a;
    const struct cause *c = row;
    return cell_text(c->finding != NULL ? c->finding->code : "", ROLE_TEXT);
}

// clang-format off
#define OTHER_COLUMNS \
    {.title = "HITS", .field = "hosts", .key = 'H', .cell = hosts_cell, .min = 4, .max = 6, \
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .descending = true, .help = "how many hosts it hits"}, \
    {.title = "FOR", .field = "since", .key = 'A', .cell = age_cell, .min = 4, .max = 7, \
     .align = ALIGN_RIGHT, .sort = SORT_NUMBER, .help = "for how long; \"<9d\": 9 days at most"}, \
    {.title = "CAUSE", .field = "cause", .key = 'C', .cell = words_cell, .min = 30, \
     .help = "what is wrong, in a few words"}, \
    {.title = "AT", .field = "name", .key = 'O', .cell = name_cell, .min = 14, .max = 32, \
     .help = "name of the object at fault, or the DNS name"}, \
    {.title = "OBJECT", .field = "object", .cell = object_cell, .min = 16, .max = 60, \
     .wide = true, .help = "the object at fault with its kind and namespace"}, \
    {.title = "FIELD", .field = "field", .cell = field_cell, .min = 8, .max = 48, \
     .wide = true, .help = "field of the object"}, \
    {.title = "CODE", .field = "code", .cell = code_cell, .min = 7, .max = 8, \
     .wide = true, .help = "code of the worst finding about it"}, \
    {.title = "HIDDEN BY", .field = "hiddenBy", .cell = hidden_cell, .min = 10, .max = 48, \
     .wide = true, .help = "what breaks all of its hosts earlier on a request's way"},
const struct column cause_columns[CAUSE_COLUMNS] = {
    {.title = "STATE", .field = "state", .key = 'S', .cell = state_cell, .min = 1, .max = 9,
     .sort = SORT_NUMBER, .descending = true, .help = "broken or warning"},
    OTHER_COLUMNS
};
const struct column home_columns[CAUSE_COLUMNS] = {
    {.title = "", .field = "state", .key = 'S', .cell = mark_cell, .min = 1, .max = 1,
     .sort = SORT_NUMBER, .descending = true, .help = "mark of a broken link, or of a warning"},
    OTHER_COLUMNS
};
#undef OTHER_COLUMNS
// clang-format on

// --- pages

enum { HOSTS_SHOWN = 3 };

// The first hosts of a cause, each once.
static uint32_t first_hosts(const struct cause *c, const char *hosts[HOSTS_SHOWN])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->nrows && n < HOSTS_SHOWN; i++) {
        if (n == 0 || strcmp(c->rows[i]->host, hosts[n - 1]) != 0) {
            hosts[n++] = c->rows[i]->host;
        }
    }
    return n;
}

// The part from a dot on that all of them end in; "" if there is none, or only one.
static const char *common_end(const char *const *hosts, uint32_t n)
{
    for (const char *end = n > 1 ? strchr(hosts[0], '.') : NULL; end != NULL;
         end = strchr(end + 1, '.')) {
        uint32_t same = 0;
        for (uint32_t i = 0; i < n; i++) {
            same += str_ends(hosts[i], end);
        }
        if (same == n) {
            return end;
        }
    }
    return "";
}

// "bookinfo, orders .apps.example.com": what all hosts end in stands there once.
static const char *hosts_text(const struct view_args *a, const struct cause *c)
{
    const char *hosts[HOSTS_SHOWN], *text = "";
    const uint32_t n = first_hosts(c, hosts);
    const char *end = c->nhosts == n ? common_end(hosts, n) : "";
    for (uint32_t i = 0; i < n; i++) {
        const size_t own = strlen(hosts[i]) - strlen(end);
        text = arena_concat(a->arena, text, i > 0 ? ", " : "",
                            arena_strndup(a->arena, hosts[i], own), NULL);
    }
    if (c->nhosts > n) {
        return arena_printf(a->arena, "%s and %u more", text, c->nhosts - n);
    }
    return end[0] != '\0' ? arena_concat(a->arena, text, " ", end, NULL) : text;
}

void cause_row_explain(const struct view_args *a, const void *row, struct text_block *out)
{
    const struct cause *c = row;
    const struct explanation e = explain_cause(a, c);
    explanation_line(out, "why", ROLE_TEXT, e.why);
    if (c->hidden_by != NULL) {
        explanation_line(
            out, "", ROLE_DIM,
            arena_printf(a->arena, "hidden by %s: mend that first", object_text(a, c->hidden_by)));
    }
    explanation_line(out, "do", ROLE_STRONG, e.todo);
    explanation_line(out, "next", ROLE_TEXT, e.next);
    explanation_line(out, "hits", ROLE_HOST, hosts_text(a, c));
}

static void hosts_section(const struct view_args *a, const struct cause *c, struct text_block *b)
{
    detail_heading(b, "%s", str_plural(a->arena, c->nhosts, "host", "hosts"));
    for (uint32_t i = 0; i < c->nrows; i++) {
        const struct app_row *r = c->rows[i];
        const struct app_fault *f = cause_fault(c, r);
        enum verdict v = f != NULL ? (enum verdict)f->state : c->state;
        block_line(b);
        block_put(b, role_of_verdict(v), "  %s ", verdict_mark(a, v));
        block_put(b, ROLE_HOST, "%s", r->host);
        block_put(b, ROLE_DIM, "  %s  %s", r->ns,
                  f != NULL ? link_name((enum link_kind)f->link) : "");
    }
}

void cause_row_detail(const struct view_args *a, const void *row, struct text_block *out)
{
    const struct cause *c = row;
    const struct explanation e = explain_cause(a, c);
    block_line(out);
    block_put(out, role_of_verdict(c->state), "%s ", verdict_mark(a, c->state));
    block_put(out, ROLE_STRONG, "%s", c->words);
    detail_field(out, "object", ROLE_NAME, "%s", object_text(a, c));
    if (c->field[0] != '\0') {
        detail_field(out, "field", ROLE_TEXT, "%s", c->field);
    }
    if (c->since != TIME_NONE) {
        detail_field(out, "since", ROLE_TEXT, "%s%s (%s)", c->at_most ? "at most " : "",
                     detail_instant(a, c->since), explain_age(a, c->since, c->at_most));
    }
    detail_field(out, "why", ROLE_TEXT, "%s", e.why);
    if (e.todo[0] != '\0') {
        detail_field(out, "what to do", ROLE_STRONG, "%s", e.todo);
    }
    detail_field(out, "next", ROLE_TEXT, "%s", e.next);
    if (c->hidden_by != NULL) {
        detail_field(out, "hidden by", ROLE_WARNING, "%s: %s", object_text(a, c->hidden_by),
                     c->hidden_by->words);
    }
    if (c->finding != NULL) {
        detail_field(out, "finding", ROLE_TEXT, "%s %s", c->finding->code, c->finding->message);
    }
    if (c->nrows > 0) {
        hosts_section(a, c, out);
    }
}

// --- JSON

static void put_object(struct json *j, const char *key, const struct cause *c)
{
    struct json *o = json_put(j, key, json_new_object());
    json_put_string(o, "kind", c->kind != KIND_COUNT ? kinds[c->kind].kind : NULL);
    json_put_string(o, "namespace", c->ns);
    json_put_string(o, "name", c->name);
    json_put_string(o, "field", c->field);
}

struct json *cause_row_json(const struct view_args *a, const void *row)
{
    const struct cause *c = row;
    const struct explanation e = explain_cause(a, c);
    struct json *j = json_new_object();
    json_put_string(j, "state", verdict_name(c->state));
    json_put_string(j, "cause", c->words);
    put_object(j, "object", c);
    json_put_string(j, "link", c->link != LINK_COUNT ? link_name(c->link) : NULL);
    json_put_time(j, "since", c->since, a->arena);
    json_put_bool(j, "sinceAtMost", c->at_most);
    json_put_string(j, "why", e.why);
    json_put_string(j, "whatToDo", e.todo);
    json_put_string(j, "next", e.next);
    struct json *hosts = json_put(j, "hosts", json_new_array());
    for (uint32_t i = 0; i < c->nrows; i++) {
        if (i == 0 || strcmp(c->rows[i]->host, c->rows[i - 1]->host) != 0) {
            json_push(hosts, json_new_string(c->rows[i]->host));
        }
    }
    if (c->hidden_by != NULL) {
        put_object(j, "hiddenBy", c->hidden_by);
    } else {
        json_put(j, "hiddenBy", json_new_null());
    }
    json_put_string(j, "code", c->finding != NULL ? c->finding->code : NULL);
    json_put_int(j, "findings", c->nfindings);
    return j;
}
