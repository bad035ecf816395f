// SPDX-License-Identifier: Apache-2.0
// Problems of a configuration: a line each, "FILE:LINE: WHAT; WHAT TO DO", clean and without a secret.
#ifndef GATETOP_API_CONFIG_PROBLEM_H
#define GATETOP_API_CONFIG_PROBLEM_H

#include "kube/base/attr.h"

#include <stdbool.h>

struct buf;
struct err;

// Where an entry is.
struct config_origin {
    const char *file; // NULL: none
    int line;         // 0: of the file as a whole
};

// Adds a line. The text is cleaned; it may not hold a secret.
void config_problem(struct buf *problems, struct config_origin at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
// False with *err, the first line (ERR_USAGE with `usage`, else ERR_CONFIG), where there are problems; then adds all of
// them to out, which may be NULL.
bool config_problems_to_err(const struct buf *problems, bool usage, struct buf *out,
                            struct err *err);

#endif
