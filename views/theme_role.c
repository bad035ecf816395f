// SPDX-License-Identifier: Apache-2.0
// The names of roles, and the role of each verdict.
#include "views/theme_role.h"

#include "kube/base/array.h"

#include <assert.h>

// clang-format off
static const char *const names[] = {
    [ROLE_TEXT]         = "text",
    [ROLE_DIM]          = "dim",
    [ROLE_STRONG]       = "strong",
    [ROLE_OK]           = "ok",
    [ROLE_PENDING]      = "pending",
    [ROLE_WARNING]      = "warning",
    [ROLE_BROKEN]       = "broken",
    [ROLE_UNKNOWN]      = "unknown",
    [ROLE_NAME]         = "name",
    [ROLE_HOST]         = "host",
    [ROLE_NUMBER]       = "number",
    [ROLE_TITLE]        = "title",
    [ROLE_HEADER]       = "header",
    [ROLE_HEADER_TEXT]  = "header_text",
    [ROLE_KEY]          = "key",
    [ROLE_FOOTER]       = "footer",
    [ROLE_CURSOR]       = "cursor",
    [ROLE_MARK]         = "mark",
    [ROLE_SORT]         = "sort",
    [ROLE_MATCH]        = "match",
    [ROLE_PROMPT]       = "prompt",
    [ROLE_BORDER]       = "border",
    [ROLE_CONTEXT_PROD] = "context_prod",
};
static const enum role verdict_roles[] = {
    [VERDICT_UNKNOWN] = ROLE_UNKNOWN,
    [VERDICT_OK]      = ROLE_OK,
    [VERDICT_PENDING] = ROLE_PENDING,
    [VERDICT_WARNING] = ROLE_WARNING,
    [VERDICT_BROKEN]  = ROLE_BROKEN,
};
// clang-format on
static_assert(ARRAY_COUNT(names) == ROLE_COUNT, "a role without a name");
static_assert(ARRAY_COUNT(verdict_roles) == VERDICT_BROKEN + 1, "a verdict without a role");

const char *role_name(enum role r)
{
    return names[r];
}

enum role role_of_verdict(enum verdict v)
{
    return verdict_roles[v];
}
