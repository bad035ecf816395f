// SPDX-License-Identifier: Apache-2.0
// The views, and what they share. For the files of views/ only: everyone else takes views[] of view.h.
#ifndef GATETOP_VIEWS_VIEW_INTERNAL_H
#define GATETOP_VIEWS_VIEW_INTERNAL_H

#include "views/view.h"

extern const struct view view_apps, view_namespaces, view_certificates, view_gateways, view_routes,
    view_services, view_dns, view_findings, view_events, view_status;

// All objects of a kind, of the namespace of args, sorted by namespace and name.
struct view_rows rows_of_kind(const struct view_args *a, enum kind k);
// For views whose row is an object.
const struct object *object_row_object(const struct view_args *a, const void *row);

struct mesh mesh_of(const struct view_args *a);
struct cell cell_text(const char *text, enum role role); // NULL shows as ""
struct cell cell_number(const struct view_args *a, int64_t n);
struct cell cell_age(const struct view_args *a, int64_t since); // "" where unknown
// The mark and word of a verdict: "✓ ok", "✗ broken" ("+ ok", "x broken" in ASCII).
struct cell cell_verdict(const struct view_args *a, enum verdict v);
const char *verdict_mark(const struct view_args *a, enum verdict v);

// Detail panes: a heading, and "name  value" lines with the names in one column.
void detail_heading(struct text_block *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void detail_field(struct text_block *b, const char *name, enum role role, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
// The head that every object has: title, age, writer, file, deletion.
void detail_object(const struct view_args *a, struct text_block *b, const struct object *o);
// The events about an object, the newest last.
void detail_events(const struct view_args *a, struct text_block *b, const struct object *o);

// Times in JSON: RFC 3339 or null.
void json_put_time(struct json *o, const char *key, int64_t t, struct arena *a);
struct json *json_list(const struct str_list *l);

#endif
