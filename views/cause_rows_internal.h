// SPDX-License-Identifier: Apache-2.0
// Rows that are causes: what the views `home` and `causes` have in common.
#ifndef GATETOP_VIEWS_CAUSE_ROWS_INTERNAL_H
#define GATETOP_VIEWS_CAUSE_ROWS_INTERNAL_H

#include "kube/mesh/cause/cause.h"

#include "views/view.h"

enum { CAUSE_COLUMNS = 9 };
extern const struct column cause_columns[CAUSE_COLUMNS], home_columns[CAUSE_COLUMNS];

// The rows of a list of causes that are at least this bad.
struct view_rows cause_rows(const struct view_args *a, const struct causes *all,
                            enum verdict least);
// What follows are functions of a view (view.h) whose rows are causes. Its object and field.
const char *cause_row_key(const struct view_args *a, const void *row);
// The state of the cause.
enum verdict cause_row_verdict(const struct view_args *a, const void *row);
// The object at fault; where it is not there, that of the first host. NULL: none of them is there.
const struct object *cause_row_object(const struct view_args *a, const void *row);
// The namespace of the object at fault, else that of the first host. Never NULL.
const char *cause_row_ns(const struct view_args *a, const void *row);
// The first host that it hits, NULL: none.
const char *cause_row_host(const struct view_args *a, const void *row);
// "Certificate istio-system/web", or a DNS name.
const char *cause_row_called(const struct view_args *a, const void *row);
// Why, what to do, what next; a line each.
void cause_row_explain(const struct view_args *a, const void *row, struct text_block *out);
// The same with the object, the hosts, the finding, and what hides it.
void cause_row_detail(const struct view_args *a, const void *row, struct text_block *out);
// An item of a CauseList; the caller frees it.
struct json *cause_row_json(const struct view_args *a, const void *row);

// The members of a view of causes but its name, title, help, columns, list and panels.
// clang-format off
#define CAUSE_VIEW                                                                                 \
    .json_kind = "CauseList",                                                                      \
    .needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE),                               \
    .reads = KIND_SET_DASHBOARD, .chains = true, .ncolumns = CAUSE_COLUMNS,                        \
    .key = cause_row_key, .verdict = cause_row_verdict, .object = cause_row_object,                \
    .ns = cause_row_ns, .host = cause_row_host, .called = cause_row_called,                        \
    .explain = cause_row_explain, .detail = cause_row_detail, .json = cause_row_json
// clang-format on

#endif
