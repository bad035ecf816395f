// SPDX-License-Identifier: Apache-2.0
// Why a YAML document is bad.
#include "kube/base/arena.h"
#include "kube/base/text.h"
#include "kube/base/yaml_problem_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool yaml_bad(struct yaml_problem *p, struct yaml_mark at, const char *fmt, ...)
{
    char text[sizeof p->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct arena a;
    arena_init(&a);
    snprintf(p->text, sizeof p->text, "%s", text_clean(&a, text, strlen(text), sizeof p->text - 1));
    arena_release(&a);
    p->at = at;
    return false;
}
