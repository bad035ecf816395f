// SPDX-License-Identifier: Apache-2.0
// The frame of `check`: adding findings, suppression, order.
#include "kube/base/text.h"

#include "kube/mesh/check/check_internal.h"
#include "kube/mesh/check/finding_codes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
    for (uint32_t i = 0; i < c->opt->nignore; i++) {
        if (str_eq(c->opt->ignore[i], code)) {
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
    memset(&c->dropped, 0, sizeof c->dropped);
    if (suppressed(c, code, o)) {
        return &c->dropped;
    }
    va_list ap;
    va_start(ap, fmt);
    const char *message = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    const char *key = check_text(c, "%s %d %s/%s %s", code, o != NULL ? o->kind : -1,
                                 o != NULL ? o->ns : "", o != NULL ? o->name : "", message);
    void **place = string_map_at(&c->seen, key);
    if (*place != NULL) {
        return &c->dropped;
    }
    *place = &c->seen;
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
    buf_init(&b, 4096);
    buf_addc(&b, '[');
    for (uint32_t i = 0; i < l->n; i++) {
        buf_addf(&b, "%s%s", i > 0 ? " " : "", l->at[i]);
    }
    buf_addc(&b, ']');
    const char *text = arena_strdup(c->a, b.data);
    buf_release(&b);
    return text;
}

static int by_badness(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->severity != b->severity) {
        return a->severity > b->severity ? -1 : 1;
    }
    int d = strcmp(a->code, b->code);
    if (d == 0) {
        d = (int)a->kind - (int)b->kind;
    }
    if (d == 0) {
        d = strcmp(a->ns != NULL ? a->ns : "", b->ns != NULL ? b->ns : "");
    }
    if (d == 0) {
        d = strcmp(a->name != NULL ? a->name : "", b->name != NULL ? b->name : "");
    }
    return d != 0 ? d : strcmp(a->message, b->message);
}

void check_run(const struct mesh *m, const struct check_options *opt, struct findings *out)
{
    static const struct check_options none = {NULL, 0};
    struct check c = {.m = m, .a = m->arena, .out = out, .opt = opt != NULL ? opt : &none};
    string_map_init(&c.seen, c.a);
    check_lints(&c);
    check_schema(&c);
    check_registry_build(&c);
    check_virtualservice_refs(&c);
    check_destinationrules(&c);
    check_gateways(&c);
    check_rules(&c);
    check_mesh_hosts(&c);
    check_core(&c);
    check_front(&c);
    check_hosts(&c);
    check_servers(&c);
    if (out->n > 1) {
        qsort(out->at, out->n, sizeof *out->at, by_badness);
    }
}
