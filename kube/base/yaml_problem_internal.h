// SPDX-License-Identifier: Apache-2.0
// Why a YAML document is bad, and where.
#ifndef GATETOP_BASE_YAML_PROBLEM_INTERNAL_H
#define GATETOP_BASE_YAML_PROBLEM_INTERNAL_H

#include "kube/base/attr.h"
#include "kube/base/yaml_doc.h"

#include <stdbool.h>

struct yaml_problem {
    struct yaml_mark at;
    char text[256]; // clean
};
// Sets the problem and returns false.
bool yaml_bad(struct yaml_problem *p, struct yaml_mark at, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
