// SPDX-License-Identifier: Apache-2.0
// Roles: what a piece of text means. A theme says how each looks.
#ifndef GATETOP_VIEWS_THEME_ROLE_H
#define GATETOP_VIEWS_THEME_ROLE_H

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

// State is never colour alone: a mark or a word stands beside it.
enum role {
    ROLE_TEXT,
    ROLE_DIM, // less important, or stale
    ROLE_STRONG,
    ROLE_OK,
    ROLE_PENDING,
    ROLE_WARNING,
    ROLE_BROKEN,
    ROLE_UNKNOWN,
    ROLE_NAME, // names of objects
    ROLE_HOST,
    ROLE_NUMBER,
    ROLE_TITLE,  // column titles, headings
    ROLE_HEADER, // the header lines of the screen
    ROLE_HEADER_TEXT,
    ROLE_KEY, // keys in hints
    ROLE_FOOTER,
    ROLE_CURSOR, // the selected row
    ROLE_MARK,   // a marked row
    ROLE_SORT,   // the title of the sort column
    ROLE_MATCH,  // a hit of a search
    ROLE_PROMPT,
    ROLE_BORDER,
    ROLE_CONTEXT_PROD, // the name of a context that looks like production
    ROLE_COUNT
};

// The name of a role in themes/*.theme: its enumerator in lower case, "header_text". Never NULL.
const char *role_name(enum role r);
// The role of text that shows a verdict.
enum role role_of_verdict(enum verdict v);

#endif
