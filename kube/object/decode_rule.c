// SPDX-License-Identifier: Apache-2.0
// Decoders of the http, tls and tcp rules of a VirtualService.
#include "kube/base/base64.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/object/decode_istio_internal.h"

#include <string.h>

static struct string_match string_match(struct decoder *d, const struct json *j, bool null_is_empty)
{
    struct string_match x = {MATCH_ABSENT, NULL};
    if (dec_null(j) && !null_is_empty) {
        return x;
    }
    x.type = MATCH_EMPTY;
    EACH_FIELD(f, j)
    {
        if (dec_null(f)) {
            continue;
        }
        if (dec_is(f, "exact")) {
            x.type = MATCH_EXACT;
        } else if (dec_is(f, "prefix")) {
            x.type = MATCH_PREFIX;
        } else if (dec_is(f, "regex")) {
            x.type = MATCH_REGEX;
        } else {
            continue;
        }
        x.text = dec_text(d, f);
        if (x.text == NULL) {
            x.text = "";
        }
    }
    return x;
}

static const struct named_match *named_matches(struct decoder *d, const struct json *j, uint32_t *n)
{
    *n = 0;
    if (dec_fields(j) == NULL) {
        return NULL;
    }
    struct named_match *at = dec_alloc(d, json_count(j), sizeof *at);
    EACH_FIELD(f, j)
    {
        at[*n].name = dec_string(d, json_key(f));
        at[*n].match = string_match(d, f, true);
        ++*n;
    }
    return at;
}

// One field of a match beyond uri; false where it is none.
static bool match_more(struct decoder *d, const struct json *f, struct http_match_more *x)
{
    if (dec_is(f, "headers")) {
        x->headers = named_matches(d, f, &x->nheaders);
    } else if (dec_is(f, "method")) {
        x->method = string_match(d, f, false);
    } else if (dec_is(f, "name")) {
        x->name = dec_text(d, f);
    } else if (dec_is(f, "scheme")) {
        x->scheme = string_match(d, f, false);
    } else if (dec_is(f, "authority")) {
        x->authority = string_match(d, f, false);
    } else if (dec_is_proto(f, "withoutHeaders")) {
        x->without_headers = named_matches(d, f, &x->nwithout_headers);
    } else if (dec_is_proto(f, "queryParams")) {
        x->query_params = named_matches(d, f, &x->nquery_params);
    } else if (dec_is(f, "port")) {
        x->port_set = true;
        x->port = dec_uint32(dec_port(f));
    } else if (dec_is_proto(f, "sourceLabels")) {
        x->source_labels = dec_map(d, f);
    } else if (dec_is_proto(f, "sourceNamespace")) {
        x->source_namespace = dec_text(d, f);
    } else if (dec_is(f, "gateways")) {
        x->gateways = dec_texts(d, f);
    } else if (dec_is_proto(f, "ignoreUriCase")) {
        x->ignore_uri_case = dec_flag(f);
    } else if (dec_is_proto(f, "statPrefix")) {
        x->stat_prefix = dec_text(d, f);
    } else {
        return false;
    }
    return true;
}

static void http_match(struct decoder *d, const struct json *j, struct http_match *x)
{
    struct http_match_more *more = NULL;
    EACH_FIELD(f, j)
    {
        if (dec_null(f)) {
            continue;
        }
        if (dec_is(f, "uri")) {
            x->uri = string_match(d, f, false);
            continue;
        }
        if (more == NULL) {
            more = dec_alloc(d, 1, sizeof *more);
        }
        match_more(d, f, more);
    }
    x->more = more;
}

static uint16_t count16(size_t n)
{
    return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

// --- destinations

static struct destination destination(struct decoder *d, const struct json *j)
{
    struct destination x = {.present = !dec_null(j)};
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "host")) {
            x.host = dec_text(d, f);
        } else if (dec_is(f, "subset")) {
            x.subset = dec_text(d, f);
        } else if (dec_is(f, "port")) {
            x.port_set = !dec_null(f);
            x.port = dec_port(f);
        }
    }
    return x;
}

static struct header_ops header_ops(struct decoder *d, const struct json *j)
{
    struct header_ops x;
    memset(&x, 0, sizeof x);
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "set")) {
            x.set = dec_map(d, f);
        } else if (dec_is(f, "add")) {
            x.add = dec_map(d, f);
        } else if (dec_is(f, "remove")) {
            x.remove = dec_texts(d, f);
        }
    }
    return x;
}

static const struct headers *headers(struct decoder *d, const struct json *j)
{
    if (dec_null(j)) {
        return NULL;
    }
    struct headers *x = dec_alloc(d, 1, sizeof *x);
    x->request = header_ops(d, json_get(j, "request"));
    x->response = header_ops(d, json_get(j, "response"));
    return x;
}

static const struct route_destination *routes(struct decoder *d, const struct json *list,
                                              uint16_t *n)
{
    struct route_destination *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    size_t i = 0;
    EACH_ITEM(c, list)
    {
        struct route_destination *x = &at[i++];
        EACH_FIELD(f, c)
        {
            if (dec_is(f, "destination")) {
                x->destination = destination(d, f);
            } else if (dec_is(f, "weight")) {
                x->weight = dec_int(f);
            } else if (dec_is(f, "headers")) {
                x->headers = headers(d, f);
            }
        }
    }
    *n = count16(i);
    return at;
}

// --- actions and policies

static struct percent percent(const struct json *j)
{
    struct percent x = {0, false};
    if (!dec_null(j)) {
        x.set = true;
        x.value = json_number(json_get(j, "value"), 0);
    }
    return x;
}

static const char *const derived_ports[] = {"FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT", NULL};

static const struct http_redirect *redirect(struct decoder *d, const struct json *j)
{
    struct http_redirect *x = dec_alloc(d, 1, sizeof *x);
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "uri")) {
            x->uri = dec_text(d, f);
        } else if (dec_is_proto(f, "prefixRewrite")) {
            x->prefix_rewrite = dec_text(d, f);
        } else if (dec_is(f, "authority")) {
            x->authority = dec_text(d, f);
        } else if (dec_is(f, "scheme")) {
            x->scheme = dec_text(d, f);
        } else if (dec_is_proto(f, "derivePort")) {
            x->derive_port = dec_enum(d, f, derived_ports);
        } else if (dec_is(f, "port")) {
            x->port_set = !dec_null(f);
            x->port = dec_port(f);
        } else if (dec_is_proto(f, "redirectCode")) {
            x->code = dec_int(f);
        }
    }
    return x;
}

static int64_t bytes_length(const char *base64)
{
    struct buf b;
    size_t bad;
    buf_init(&b, (size_t)16 << 20);
    bool ok = base64 != NULL && base64_decode(base64, strlen(base64), &b, &bad);
    int64_t n = ok ? (int64_t)b.len : 0;
    buf_release(&b);
    return n;
}

static const struct http_direct *direct_response(struct decoder *d, const struct json *j)
{
    struct http_direct *x = dec_alloc(d, 1, sizeof *x);
    x->status = dec_int(json_get(j, "status"));
    const struct json *body = json_get(j, "body");
    EACH_FIELD(f, body)
    {
        if (dec_is(f, "string") && !dec_null(f)) {
            x->both = x->bytes;
            x->body = dec_text(d, f);
            x->length = json_string(f) != NULL ? (int64_t)strlen(json_string(f)) : 0;
        } else if (dec_is(f, "bytes") && !dec_null(f)) {
            x->both = x->body != NULL;
            x->bytes = true;
            x->length = bytes_length(json_string(f));
        }
    }
    return x;
}

static const struct http_rewrite *rewrite(struct decoder *d, const struct json *j)
{
    struct http_rewrite *x = dec_alloc(d, 1, sizeof *x);
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "uri")) {
            x->uri = dec_text(d, f);
        } else if (dec_is(f, "authority")) {
            x->authority = dec_text(d, f);
        } else if (dec_is_proto(f, "uriRegexRewrite")) {
            x->regex_set = !dec_null(f);
            x->regex_match = dec_text(d, json_get(f, "match"));
            x->regex_rewrite = dec_text(d, json_get(f, "rewrite"));
        }
    }
    return x;
}

static const struct http_retries *retries(struct decoder *d, const struct json *j)
{
    struct http_retries *x = dec_alloc(d, 1, sizeof *x);
    x->per_try_timeout = x->backoff = DURATION_NONE;
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "attempts")) {
            x->attempts_set = !dec_null(f);
            x->attempts = dec_int(f);
        } else if (dec_is_proto(f, "perTryTimeout")) {
            x->per_try_timeout = dec_duration(f);
        } else if (dec_is(f, "backoff")) {
            x->backoff = dec_duration(f);
        } else if (dec_is_proto(f, "retryOn")) {
            x->retry_on = dec_text(d, f);
        } else if (dec_is_proto(f, "retryRemoteLocalities")) {
            x->remote_localities = dec_flag(f);
        } else if (dec_is_proto(f, "retryIgnorePreviousHosts")) {
            x->ignore_previous_set = !dec_null(f);
            x->ignore_previous_hosts = dec_flag(f);
        }
    }
    return x;
}

static void fault_delay(const struct json *j, struct http_fault *x)
{
    x->has_delay = true;
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "percent")) {
            x->delay_percent = dec_int(f);
        } else if (dec_is(f, "percentage")) {
            x->delay_percentage = percent(f);
        } else if (dec_is_proto(f, "fixedDelay")) {
            x->fixed_delay = dec_duration(f);
        } else if (dec_is_proto(f, "exponentialDelay")) {
            x->exponential_delay = !dec_null(f);
        }
    }
}

static void fault_abort(struct decoder *d, const struct json *j, struct http_fault *x)
{
    x->has_abort = true;
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "percentage")) {
            x->abort_percentage = percent(f);
        } else if (dec_is_proto(f, "httpStatus")) {
            x->http_status = dec_int(f);
        } else if (dec_is_proto(f, "grpcStatus")) {
            x->grpc_status = dec_text(d, f);
        } else if (dec_is_proto(f, "http2Error")) {
            x->http2_error = dec_text(d, f);
        }
    }
}

static const struct http_fault *fault(struct decoder *d, const struct json *j)
{
    struct http_fault *x = dec_alloc(d, 1, sizeof *x);
    x->fixed_delay = DURATION_NONE;
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "delay") && !dec_null(f)) {
            fault_delay(f, x);
        } else if (dec_is(f, "abort") && !dec_null(f)) {
            fault_abort(d, f, x);
        }
    }
    return x;
}

static const char *const preflights[] = {"UNSPECIFIED", "FORWARD", "IGNORE", NULL};

static const struct http_cors *cors(struct decoder *d, const struct json *j)
{
    struct http_cors *x = dec_alloc(d, 1, sizeof *x);
    x->max_age = DURATION_NONE;
    EACH_FIELD(f, j)
    {
        if (dec_is_proto(f, "allowOrigin")) {
            x->allow_origin = dec_texts(d, f);
        } else if (dec_is_proto(f, "allowOrigins")) {
            struct string_match *at = dec_alloc(d, dec_items_count(f), sizeof *at);
            uint32_t n = 0;
            EACH_ITEM(c, f)
            {
                at[n++] = string_match(d, c, true);
            }
            x->allow_origins = at;
            x->nallow_origins = n;
        } else if (dec_is_proto(f, "allowMethods")) {
            x->allow_methods = dec_texts(d, f);
        } else if (dec_is_proto(f, "allowHeaders")) {
            x->allow_headers = dec_texts(d, f);
        } else if (dec_is_proto(f, "exposeHeaders")) {
            x->expose_headers = dec_texts(d, f);
        } else if (dec_is_proto(f, "maxAge")) {
            x->max_age = dec_duration(f);
        } else if (dec_is_proto(f, "allowCredentials")) {
            x->allow_credentials_set = !dec_null(f);
            x->allow_credentials = dec_flag(f);
        } else if (dec_is_proto(f, "unmatchedPreflights")) {
            x->unmatched_preflights = dec_enum(d, f, preflights);
        }
    }
    return x;
}

static void mirrors(struct decoder *d, const struct json *list, struct http_rule_more *x)
{
    struct http_mirror *at = dec_alloc(d, dec_items_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        at[n].destination = destination(d, json_get(c, "destination"));
        at[n++].percentage = percent(json_get(c, "percentage"));
    }
    x->mirrors = at;
    x->nmirrors = n;
}

static void delegate(struct decoder *d, const struct json *j, struct http_rule_more *x)
{
    x->delegate = true;
    x->delegate_name = dec_text(d, json_get(j, "name"));
    x->delegate_ns = dec_text(d, json_get(j, "namespace"));
}

static void rule_policy(struct decoder *d, const struct json *f, struct http_rule_more *x)
{
    if (dec_is(f, "timeout")) {
        x->timeout = dec_duration(f);
    } else if (dec_is(f, "retries")) {
        x->retries = retries(d, f);
    } else if (dec_is(f, "fault")) {
        x->fault = fault(d, f);
    } else if (dec_is(f, "mirrors")) {
        mirrors(d, f, x);
    } else if (dec_is_proto(f, "mirrorPercentage")) {
        x->mirror_percentage = percent(f);
    } else if (dec_is_proto(f, "mirrorPercent")) {
        x->mirror_percent = dec_int(f);
    } else if (dec_is_proto(f, "corsPolicy")) {
        x->cors = cors(d, f);
    } else if (dec_is(f, "headers")) {
        x->headers = headers(d, f);
    }
}

static void rule_more(struct decoder *d, const struct json *j, struct http_rule_more *x)
{
    const struct json *mirror = NULL;
    x->timeout = DURATION_NONE;
    x->mirror_percent = -1;
    EACH_FIELD(f, j)
    {
        if (dec_null(f)) {
            continue;
        }
        if (dec_is(f, "name")) {
            x->name = dec_text(d, f);
        } else if (dec_is(f, "redirect")) {
            x->redirect = redirect(d, f);
        } else if (dec_is_proto(f, "directResponse")) {
            x->direct_response = direct_response(d, f);
        } else if (dec_is(f, "delegate")) {
            delegate(d, f, x);
        } else if (dec_is(f, "rewrite")) {
            x->rewrite = rewrite(d, f);
        } else if (dec_is(f, "mirror")) {
            mirror = f;
        } else {
            rule_policy(d, f, x);
        }
    }
    if (mirror != NULL) {
        struct http_mirror *m = dec_alloc(d, 1, sizeof *m);
        m->destination = destination(d, mirror);
        m->percentage = x->mirror_percentage;
        if (!m->percentage.set && x->mirror_percent >= 0) {
            m->percentage = (struct percent){(double)x->mirror_percent, true};
        }
        x->mirror = m;
    }
}

void decode_http_rule(struct decoder *d, const struct json *j, struct http_rule *x)
{
    bool more = false;
    x->null_entry = dec_null(j);
    EACH_FIELD(f, j)
    {
        if (dec_null(f)) {
            continue;
        }
        if (dec_is(f, "match")) {
            struct http_match *at = dec_alloc(d, dec_items_count(f), sizeof *at);
            size_t n = 0;
            EACH_ITEM(c, f)
            {
                http_match(d, c, &at[n++]);
            }
            x->matches = at;
            x->nmatches = count16(n);
            x->match_present = true;
        } else if (dec_is(f, "route")) {
            x->routes = routes(d, f, &x->nroutes);
        } else {
            more = true;
        }
    }
    if (more) {
        struct http_rule_more *m = dec_alloc(d, 1, sizeof *m);
        rule_more(d, j, m);
        x->more = m;
    }
}

static void l4_match(struct decoder *d, const struct json *j, struct l4_match *x)
{
    EACH_FIELD(f, j)
    {
        if (dec_is_proto(f, "sniHosts")) {
            x->sni_hosts = dec_texts(d, f);
        } else if (dec_is_proto(f, "destinationSubnets")) {
            x->destination_subnets = dec_texts(d, f);
        } else if (dec_is(f, "gateways")) {
            x->gateways = dec_texts(d, f);
        } else if (dec_is_proto(f, "sourceLabels")) {
            x->source_labels = dec_map(d, f);
        } else if (dec_is_proto(f, "sourceNamespace")) {
            x->source_namespace = dec_text(d, f);
        } else if (dec_is(f, "port") && !dec_null(f)) {
            x->port_set = true;
            x->port = dec_uint32(dec_port(f));
        }
    }
}

void decode_l4_rule(struct decoder *d, const struct json *j, struct l4_rule *x)
{
    EACH_FIELD(f, j)
    {
        if (dec_is(f, "match")) {
            struct l4_match *at = dec_alloc(d, dec_items_count(f), sizeof *at);
            size_t n = 0;
            EACH_ITEM(c, f)
            {
                l4_match(d, c, &at[n++]);
            }
            x->matches = at;
            x->nmatches = count16(n);
        } else if (dec_is(f, "route")) {
            x->routes = routes(d, f, &x->nroutes);
        }
    }
}
