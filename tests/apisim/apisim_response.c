// SPDX-License-Identifier: Apache-2.0
// The parts of an answer that all of them share, and the exact shapes of errors.
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_header(struct sim_response *r, const char *name, const char *fmt, ...)
{
    if (r->nheaders == sizeof r->names / sizeof *r->names) {
        return;
    }
    struct buf b;
    buf_init(&b, 0);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    r->names[r->nheaders] = xstrdup(name);
    r->values[r->nheaders++] = buf_take(&b);
}

void sim_status(struct sim_response *r, int code, const char *reason, const char *details,
                const char *fmt, ...)
{
    struct buf message;
    buf_init(&message, 0);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&message, fmt, ap);
    va_end(ap);
    r->status = code;
    r->content_type = "application/json";
    buf_reset(&r->body);
    buf_adds(&r->body, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                       "\"Failure\",\"message\":");
    json_quote(&r->body, message.data, message.len);
    if (reason[0] != '\0') {
        buf_addf(&r->body, ",\"reason\":\"%s\"", reason);
    }
    if (details[0] != '\0') {
        buf_addf(&r->body, ",\"details\":%s", details);
    }
    buf_addf(&r->body, ",\"code\":%d}\n", code);
    buf_release(&message);
}

void sim_not_found(const struct sim_target *t, struct sim_response *out)
{
    const struct sim_kind *k = t->res->kind;
    struct buf d;
    buf_init(&d, 0);
    buf_adds(&d, "{\"name\":");
    json_quote(&d, t->name, strlen(t->name));
    if (k->group[0] != '\0') {
        buf_addf(&d, ",\"group\":\"%s\"", k->group);
    }
    buf_addf(&d, ",\"kind\":\"%s\"}", k->plural);
    sim_status(out, 404, "NotFound", d.data, "%s%s%s \"%s\" not found", k->plural,
               k->group[0] != '\0' ? "." : "", k->group, t->name);
    buf_release(&d);
}
