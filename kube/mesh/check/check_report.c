// SPDX-License-Identifier: Apache-2.0
// Findings of a run of `check`: each once, without those that are suppressed.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/check/finding_codes.h"

#include <stdarg.h>
#include <string.h>

void check_begin(struct check *c, const struct mesh *m, const struct check_options *opt,
                 struct findings *out)
{
    *c = (struct check){.m = m, .a = m->arena, .out = out, .opt = opt};
    string_map_init(&c->seen, c->a);
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
    if (finding_is_suppressed(c->opt, code, o)) {
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
    return finding_add_coded(c->out, c->a, code, o, path, message, NULL);
}

void check_add_unseen(struct check *c, const char *code, const struct object *o, const char *path,
                      const char *what)
{
    struct finding *f = check_add(c, code, o, path, "%s is not in these files", what);
    f->severity = SEVERITY_INFO;
    f->hint = "add the file that holds it, or say --complete where these are all there are";
}

void check_add_harmless(struct check *c, const char *code, const struct object *o, const char *path,
                        const char *what)
{
    struct finding *f =
        check_add(c, code, o, path, "%s: istioctl reports this; Envoy does not mind", what);
    f->severity = SEVERITY_INFO;
}

void check_hint(struct check *c, struct finding *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    f->hint = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
}

bool check_system_namespace(const char *name)
{
    static const char *const names[] = {"kube-system", "kube-public", "kube-node-lease",
                                        "local-path-storage"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    return false;
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
    return buf_take_arena(&b, c->a);
}
