// SPDX-License-Identifier: Apache-2.0
// Problems of a configuration: a line each.
#include "kube/api/config_problem.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/text.h"

#include <string.h>

void config_problem(struct buf *problems, struct config_origin at, const char *fmt, ...)
{
    struct buf line;
    buf_init(&line, 0);
    if (at.file != NULL) {
        buf_adds(&line, at.file);
        if (at.line > 0) {
            buf_addf(&line, ":%d", at.line);
        }
        buf_adds(&line, ": ");
    }
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&line, fmt, ap);
    va_end(ap);
    struct arena a;
    arena_init(&a);
    buf_adds(problems, text_clean(&a, line.data, line.len, 2048));
    buf_addc(problems, '\n');
    arena_release(&a);
    buf_release(&line);
}

bool config_problems_to_err(const struct buf *problems, bool usage, struct buf *out,
                            struct err *err)
{
    if (problems->len == 0) {
        return true;
    }
    if (out != NULL) {
        buf_add(out, problems->data, problems->len);
    }
    struct arena a;
    arena_init(&a); // cut at a character
    const char *first = text_clean(&a, problems->data, strcspn(problems->data, "\n"), 500);
    err_set(err, usage ? ERR_USAGE : ERR_CONFIG, "%s", first);
    arena_release(&a);
    return false;
}
