// SPDX-License-Identifier: Apache-2.0
// A trace as JSON.
#include "kube/mesh/trace/trace_json.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/core/json_envelope.h"
#include "kube/mesh/route/l4_routes.h"

#include <math.h>
#include <string.h>

static void quoted(struct buf *out, const char *s)
{
    if (s == NULL) {
        buf_adds(out, "null");
    } else {
        json_quote(out, s, strlen(s));
    }
}

// "key":"text", with a comma before it.
static void text_field(struct buf *out, const char *key, const char *s)
{
    buf_addf(out, ",\"%s\":", key);
    quoted(out, s);
}

static void pair(struct buf *out, const char *key, const char *ns, const char *name)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b, "%s/%s", ns, name);
    text_field(out, key, b.data);
    buf_release(&b);
}

static void number(struct buf *out, double v)
{
    if (v == floor(v) && fabs(v) < 1e15) {
        buf_addf(out, "%.0f", v);
    } else {
        buf_addf(out, "%.6g", v);
    }
}

static void map_field(struct buf *out, const char *key, const struct str_map *m)
{
    buf_addf(out, ",\"%s\":{", key);
    for (uint32_t i = 0; i < m->n; i++) {
        buf_adds(out, i > 0 ? "," : "");
        quoted(out, m->at[i].key);
        buf_adds(out, ":");
        quoted(out, m->at[i].value);
    }
    buf_adds(out, "}");
}

static void request_field(struct buf *out, const struct trace_request *q)
{
    buf_adds(out, ",\"request\":{\"method\":");
    quoted(out, q->method);
    text_field(out, "scheme", q->scheme);
    text_field(out, "host", q->host);
    buf_addf(out, ",\"port\":%u", q->port);
    text_field(out, "path", q->path);
    map_field(out, "headers", &q->headers);
    text_field(out, "sni", q->sni);
    if (q->selector_set) {
        map_field(out, "gateway_selector", &q->gateway_selector);
    }
    buf_adds(out, "}");
}

static void destinations(struct buf *out, const char *key, const struct trace_destination *at,
                         uint32_t n, bool mirror)
{
    buf_addf(out, ",\"%s\":[", key);
    for (uint32_t i = 0; i < n; i++) {
        const struct trace_destination *d = &at[i];
        buf_adds(out, i > 0 ? ",{\"host\":" : "{\"host\":");
        quoted(out, d->to.host);
        text_field(out, "subset", d->to.subset);
        buf_addf(out, ",\"port\":%u", d->to.port);
        if (!mirror) {
            buf_addf(out, ",\"weight\":%lld", (long long)d->weight);
        }
        buf_adds(out, ",\"percent\":");
        number(out, d->percent);
        buf_addf(out, ",\"exists\":%s",
                 destination_missing(&d->to) ? "false"
                 : d->to.fault == DEST_OK    ? "true"
                                             : "null");
        text_field(out, "portReason", port_reason_text(d->to.port_reason));
        buf_adds(out, "}");
    }
    buf_adds(out, "]");
}

static void rule_fields(struct buf *out, const struct route *r)
{
    if (r == NULL) {
        buf_adds(out, ",\"virtualService\":null,\"rule\":null,\"delegate\":null");
        return;
    }
    pair(out, "virtualService", r->vs->o.ns, r->vs->o.name);
    buf_addf(out, ",\"rule\":{\"index\":%u", r->index);
    text_field(out, "name", r->name);
    if (r->match_index >= 0) {
        buf_addf(out, ",\"match\":%d", r->match_index);
    } else {
        buf_adds(out, ",\"match\":null");
    }
    text_field(out, "matchName", r->match_name);
    buf_adds(out, "}");
    if (r->delegate == NULL) {
        buf_adds(out, ",\"delegate\":null");
        return;
    }
    buf_adds(out, ",\"delegate\":{\"virtualService\":\"");
    buf_addf(out, "%s/%s\",\"index\":%u}", r->delegate->o.ns, r->delegate->o.name,
             r->delegate_index);
}

// A rule of spec.tls or spec.tcp: they have no names.
static void l4_rule_fields(struct buf *out, const struct l4_route *r)
{
    pair(out, "virtualService", r->vs->o.ns, r->vs->o.name);
    buf_addf(out, ",\"rule\":{\"list\":\"%s\",\"index\":%u,\"name\":null", r->tls ? "tls" : "tcp",
             r->index);
    if (r->match_index >= 0) {
        buf_addf(out, ",\"match\":%d", r->match_index);
    } else {
        buf_adds(out, ",\"match\":null");
    }
    buf_adds(out, ",\"matchName\":null},\"delegate\":null");
}

static void server_field(struct buf *out, const struct gateway_server *s)
{
    if (s == NULL) {
        buf_adds(out, ",\"server\":null");
        return;
    }
    buf_addf(out, ",\"server\":{\"index\":%u,\"port\":%u,\"listen\":%u", s->index, s->port,
             s->listen);
    text_field(out, "protocol", s->server->protocol);
    text_field(out, "name", s->server->port_name);
    text_field(out, "table", s->table);
    buf_adds(out, "}");
}

// The Gateway whose server took the request: that of the rule where one was chosen.
static const struct gateway *gateway_of(const struct trace_result *r)
{
    if (r->route != NULL) {
        return r->route->gateway;
    }
    if (r->l4 != NULL) {
        return r->l4->gateway;
    }
    if (r->gateway_redirect) {
        return r->vhost->redirect_server->gateway;
    }
    return r->vhost != NULL    ? r->vhost->server->gateway
           : r->server != NULL ? r->server->gateway
                               : NULL;
}

void trace_write_json(const struct trace_result *r, const struct trace_request *q, struct buf *out)
{
    json_envelope_begin(out, "Trace");
    request_field(out, q);
    text_field(out, "outcome", trace_outcome_name(r->outcome));
    if (r->outcome == TRACE_NO_LISTENER || r->passed_on) {
        buf_adds(out, ",\"status\":null");
    } else {
        buf_addf(out, ",\"status\":%d", r->status);
    }
    const struct gateway *g = gateway_of(r);
    if (g != NULL) {
        pair(out, "gateway", g->o.ns, g->o.name);
    } else {
        buf_adds(out, ",\"gateway\":null");
    }
    server_field(out, r->server);
    text_field(out, "virtualHost", r->vhost != NULL ? r->vhost->domain : NULL);
    if (r->l4 != NULL) {
        l4_rule_fields(out, r->l4);
    } else {
        rule_fields(out, r->route);
    }
    destinations(out, "destinations", r->destinations, r->ndestinations, false);
    text_field(out, "location", r->location);
    text_field(out, "rewrittenPath", r->rewritten_path);
    text_field(out, "rewrittenAuthority", r->rewritten_authority);
    destinations(out, "mirrors", r->mirrors, r->nmirrors, true);
    text_field(out, "flags", r->flags);
    if (r->outcome == TRACE_DIRECT) {
        text_field(out, "body", r->body);
    }
    if (r->gateway_redirect) {
        text_field(out, "source", "gateway httpsRedirect");
    }
    if (r->outcome == TRACE_NO_LISTENER) {
        text_field(out, "detail", r->no_listener);
    }
    buf_adds(out, ",\"assumptions\":[");
    for (uint32_t i = 0; i < r->nassumptions; i++) {
        buf_adds(out, i > 0 ? "," : "");
        quoted(out, r->assumptions[i]);
    }
    buf_adds(out, "],\"steps\":[");
    for (uint32_t i = 0; i < r->nsteps; i++) {
        buf_addf(out, "%s{\"step\":\"%s\"", i > 0 ? "," : "", trace_step_name(r->steps[i].kind));
        text_field(out, "text", r->steps[i].text);
        buf_adds(out, r->steps[i].bad ? ",\"bad\":true}" : "}");
    }
    buf_adds(out, "]}");
}

struct json *trace_to_json(const struct trace_result *r, const struct trace_request *q)
{
    struct buf b;
    struct err e;
    buf_init(&b, 0);
    trace_write_json(r, q, &b);
    struct json *j = json_parse(b.data, b.len, &e);
    buf_release(&b);
    return j;
}
