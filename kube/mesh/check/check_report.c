// SPDX-License-Identifier: Apache-2.0
// Findings of a run of `check`: each once, without those that are suppressed.
#include "kube/base/text.h"

#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/finding_codes.h"

#include <stdarg.h>
#include <string.h>

void check_begin(struct check *c, const struct mesh *m, const char *const *ignore, uint32_t nignore,
                 struct findings *out)
{
    *c = (struct check){.m = m, .a = m->arena, .out = out, .ignore = ignore, .nignore = nignore};
    string_map_init(&c->seen, c->a);
}

// Is `code` in a comma list, or is the list "*"?
static bool in_codes(const char *list, const char *code)
{
    size_t n = strlen(code);
    for (const char *p = list; p != NULL && *p != '\0';) {
        p += strspn(p, ", ");
        size_t len = strcspn(p, ", ");
        if ((len == 1 && *p == '*') || (len == n && strncmp(p, code, n) == 0)) {
            return true;
        }
        p += len;
    }
    return false;
}

static bool suppressed(const struct check *c, const char *code, const struct object *o)
{
    for (uint32_t i = 0; i < c->nignore; i++) {
        if (str_eq(c->ignore[i], code)) {
            return true;
        }
    }
    return o != NULL && (in_codes(object_annotation(o, "galley.istio.io/analyze-suppress"), code) ||
                         in_codes(object_annotation(o, "gatetop.io/suppress"), code));
}

const char *check_text(struct check *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    return text;
}

struct finding *check_add(struct check *c, const char *code, const struct object *o,
                          const char *path, const char *fmt, ...)
{
    memset(&c->unreported, 0, sizeof c->unreported);
    if (suppressed(c, code, o)) {
        return &c->unreported;
    }
    va_list ap;
    va_start(ap, fmt);
    const char *message = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    const char *key = check_text(c, "%s %d %s/%s %s", code, o != NULL ? o->kind : -1,
                                 o != NULL ? o->ns : "", o != NULL ? o->name : "", message);
    if (!string_map_add(&c->seen, key)) {
        return &c->unreported;
    }
    const struct finding_code *known = finding_code_find(code);
    ASSERT(known != NULL);
    struct finding *f = findings_add(c->out, c->a, code, known->severity, o, path);
    f->message = message;
    return f;
}

void check_hint(struct check *c, struct finding *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    f->hint = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
}

const char *check_list(struct check *c, const struct str_list *l)
{
    struct buf b;
    buf_init(&b, 4096); // cut: thousands of findings may each name a list of thousands
    buf_addc(&b, '[');
    for (uint32_t i = 0; i < l->n && !b.over; i++) {
        buf_addf(&b, "%s%s", i > 0 ? " " : "", l->at[i]);
    }
    buf_addc(&b, ']');
    const char *text = arena_strdup(c->a, b.data);
    buf_release(&b);
    return text;
}
