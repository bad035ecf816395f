// SPDX-License-Identifier: Apache-2.0
// What a VirtualService's http rule does with a request besides routing it: redirect, rewrite, faults, mirrors and so
// on.
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/regex.h"
#include "kube/base/time_text.h"

#include "kube/object/decode_http_action_internal.h"
#include "kube/object/decode_istio_values_internal.h"
#include "kube/object/istio_enums_internal.h"
#include "kube/object/istio_objects.h"

#include <string.h>

static struct percent percent(const struct json *j)
{
    struct percent x = {0, false};
    if (!field_is_null(j)) {
        x.set = true;
        x.value = json_number(json_get(j, "value"), 0);
    }
    return x;
}

static const struct http_redirect *redirect(struct object_decoder *d, const struct json *j)
{
    struct http_redirect *x = decode_alloc(d, 1, sizeof *x);
    EACH_FIELD(f, j)
    {
        if (field_is(f, "uri")) {
            x->uri = decode_string(d, f);
        } else if (field_is_proto(f, "prefixRewrite")) {
            x->prefix_rewrite = decode_string(d, f);
        } else if (field_is(f, "authority")) {
            x->authority = decode_string(d, f);
        } else if (field_is(f, "scheme")) {
            x->scheme = decode_string(d, f);
        } else if (field_is_proto(f, "derivePort")) {
            x->derive_port = decode_enum_word(d, f, istio_derived_ports);
        } else if (field_is(f, "port")) {
            x->port_set = !field_is_null(f);
            x->port = decode_port_number(f);
        } else if (field_is_proto(f, "redirectCode")) {
            x->code = decode_int(f);
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

static const struct http_direct_response *direct_response(struct object_decoder *d,
                                                          const struct json *j)
{
    struct http_direct_response *x = decode_alloc(d, 1, sizeof *x);
    x->status = decode_int(json_get(j, "status"));
    const struct json *body = json_get(j, "body");
    EACH_FIELD(f, body)
    {
        if (field_is(f, "string") && !field_is_null(f)) {
            x->body = decode_string(d, f);
            x->length = json_string(f) != NULL ? (int64_t)strlen(json_string(f)) : 0;
        } else if (field_is(f, "bytes") && !field_is_null(f)) {
            x->length = bytes_length(json_string(f));
        }
    }
    return x;
}

static const struct http_rewrite *rewrite(struct object_decoder *d, const struct json *j)
{
    struct http_rewrite *x = decode_alloc(d, 1, sizeof *x);
    EACH_FIELD(f, j)
    {
        if (field_is(f, "uri")) {
            x->uri = decode_string(d, f);
        } else if (field_is(f, "authority")) {
            x->authority = decode_string(d, f);
        } else if (field_is_proto(f, "uriRegexRewrite")) {
            x->regex_set = !field_is_null(f);
            x->regex_match = decode_string(d, json_get(f, "match"));
            x->regex_rewrite = decode_string(d, json_get(f, "rewrite"));
        }
    }
    return x;
}

static const struct http_retries *retries(struct object_decoder *d, const struct json *j)
{
    struct http_retries *x = decode_alloc(d, 1, sizeof *x);
    x->per_try_timeout = x->backoff = DURATION_NONE;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "attempts")) {
            x->attempts_set = !field_is_null(f);
            x->attempts = decode_int(f);
        } else if (field_is_proto(f, "perTryTimeout")) {
            x->per_try_timeout = decode_duration(f);
        } else if (field_is(f, "backoff")) {
            x->backoff = decode_duration(f);
        } else if (field_is_proto(f, "retryOn")) {
            x->retry_on = decode_string(d, f);
        } else if (field_is_proto(f, "retryRemoteLocalities")) {
            x->remote_localities = decode_bool(f);
        }
    }
    return x;
}

static void fault_delay(const struct json *j, struct http_fault *x)
{
    x->has_delay = true;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "percent")) {
            x->delay_percent = decode_int(f);
        } else if (field_is(f, "percentage")) {
            x->delay_percentage = percent(f);
        } else if (field_is_proto(f, "fixedDelay")) {
            x->fixed_delay = decode_duration(f);
        } else if (field_is_proto(f, "exponentialDelay")) {
            x->exponential_delay = !field_is_null(f);
        }
    }
}

static void fault_abort(struct object_decoder *d, const struct json *j, struct http_fault *x)
{
    x->has_abort = true;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "percentage")) {
            x->abort_percentage = percent(f);
        } else if (field_is_proto(f, "httpStatus")) {
            x->http_status = decode_int(f);
        } else if (field_is_proto(f, "grpcStatus")) {
            x->grpc_status = decode_string(d, f);
        } else if (field_is_proto(f, "http2Error")) {
            x->http2_error = decode_string(d, f);
        }
    }
}

static const struct http_fault *fault(struct object_decoder *d, const struct json *j)
{
    struct http_fault *x = decode_alloc(d, 1, sizeof *x);
    x->fixed_delay = DURATION_NONE;
    EACH_FIELD(f, j)
    {
        if (field_is(f, "delay") && !field_is_null(f)) {
            fault_delay(f, x);
        } else if (field_is(f, "abort") && !field_is_null(f)) {
            fault_abort(d, f, x);
        }
    }
    return x;
}

static const struct http_cors *cors(struct object_decoder *d, const struct json *j)
{
    struct http_cors *x = decode_alloc(d, 1, sizeof *x);
    x->max_age = DURATION_NONE;
    EACH_FIELD(f, j)
    {
        if (field_is_proto(f, "allowOrigin")) {
            x->allow_origin = decode_strings(d, f);
        } else if (field_is_proto(f, "allowOrigins")) {
            struct string_match *at = decode_alloc(d, item_count(f), sizeof *at);
            uint32_t n = 0;
            EACH_ITEM(c, f)
            {
                at[n++] = decode_string_match(d, c, true);
            }
            x->allow_origins = at;
            x->nallow_origins = n;
        } else if (field_is_proto(f, "allowMethods")) {
            x->allow_methods = decode_strings(d, f);
        } else if (field_is_proto(f, "allowHeaders")) {
            x->allow_headers = decode_strings(d, f);
        } else if (field_is_proto(f, "exposeHeaders")) {
            x->expose_headers = decode_strings(d, f);
        } else if (field_is_proto(f, "maxAge")) {
            x->max_age = decode_duration(f);
        } else if (field_is_proto(f, "unmatchedPreflights")) {
            x->unmatched_preflights = decode_enum_word(d, f, istio_preflights);
        }
    }
    return x;
}

static void mirrors(struct object_decoder *d, const struct json *list, struct http_rule_more *x)
{
    struct http_mirror *at = decode_alloc(d, item_count(list), sizeof *at);
    uint32_t n = 0;
    EACH_ITEM(c, list)
    {
        at[n].destination = decode_destination(d, json_get(c, "destination"));
        at[n++].percentage = percent(json_get(c, "percentage"));
    }
    x->mirrors = at;
    x->nmirrors = n;
}

static void delegate(struct object_decoder *d, const struct json *j, struct http_rule_more *x)
{
    x->delegate = true;
    x->delegate_name = decode_string(d, json_get(j, "name"));
    x->delegate_ns = decode_string(d, json_get(j, "namespace"));
}

static void rule_policy(struct object_decoder *d, const struct json *f, struct http_rule_more *x)
{
    if (field_is(f, "timeout")) {
        x->timeout = decode_duration(f);
    } else if (field_is(f, "retries")) {
        x->retries = retries(d, f);
    } else if (field_is(f, "fault")) {
        x->fault = fault(d, f);
    } else if (field_is(f, "mirrors")) {
        mirrors(d, f, x);
    } else if (field_is_proto(f, "mirrorPercentage")) {
        x->mirror_percentage = percent(f);
    } else if (field_is_proto(f, "mirrorPercent")) {
        x->mirror_percent = decode_int(f);
    } else if (field_is_proto(f, "corsPolicy")) {
        x->cors = cors(d, f);
    } else if (field_is(f, "headers")) {
        x->headers = decode_headers(d, f);
    }
}

void decode_http_rule_more(struct object_decoder *d, const struct json *j, struct http_rule_more *x)
{
    const struct json *mirror = NULL;
    x->timeout = DURATION_NONE;
    x->mirror_percent = -1;
    EACH_FIELD(f, j)
    {
        if (field_is_null(f)) {
            continue;
        }
        if (field_is(f, "redirect")) {
            x->redirect = redirect(d, f);
        } else if (field_is_proto(f, "directResponse")) {
            x->direct_response = direct_response(d, f);
        } else if (field_is(f, "delegate")) {
            delegate(d, f, x);
        } else if (field_is(f, "rewrite")) {
            x->rewrite = rewrite(d, f);
        } else if (field_is(f, "mirror")) {
            mirror = f;
        } else {
            rule_policy(d, f, x);
        }
    }
    if (mirror != NULL) {
        struct http_mirror *m = decode_alloc(d, 1, sizeof *m);
        m->destination = decode_destination(d, mirror);
        m->percentage = x->mirror_percentage;
        if (!m->percentage.set && x->mirror_percent >= 0) {
            m->percentage = (struct percent){(double)x->mirror_percent, true};
        }
        x->mirror = m;
    }
}
