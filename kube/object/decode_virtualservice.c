// SPDX-License-Identifier: Apache-2.0
// Decoder of VirtualServices: rules, matches and routes, as lax as istiod's own
// (docs/rules/istio.md#lenient-decoding).
#include "kube/base/json.h"

#include "kube/object/decode_http_action_internal.h"
#include "kube/object/decode_istio_values_internal.h"
#include "kube/object/decode_kinds_internal.h"
#include "kube/object/istio_objects.h"

static const struct named_match *named_matches(struct object_decoder *d, const struct json *j,
                                               uint32_t *n)
{
    *n = 0;
    if (field_first(j) == NULL) {
        return NULL;
    }
    struct named_match *at = decode_alloc(d, json_count(j), sizeof *at);
    EACH_FIELD(f, j)
    {
        at[*n].name = decode_word_key(d, f);
        at[*n].match = decode_string_match(d, f, true);
        ++*n;
    }
    return at;
}

// One field of a match beyond uri.
static void match_more(struct object_decoder *d, const struct json *f, struct http_match_more *x)
{
    if (field_is(f, "headers")) {
        x->headers = named_matches(d, f, &x->nheaders);
    } else if (field_is(f, "method")) {
        x->method = decode_string_match(d, f, false);
    } else if (field_is(f, "name")) {
        x->name = decode_string(d, f);
    } else if (field_is(f, "scheme")) {
        x->scheme = decode_string_match(d, f, false);
    } else if (field_is(f, "authority")) {
        x->authority = decode_string_match(d, f, false);
    } else if (field_is_proto(f, "withoutHeaders")) {
        x->without_headers = named_matches(d, f, &x->nwithout_headers);
    } else if (field_is_proto(f, "queryParams")) {
        x->query_params = named_matches(d, f, &x->nquery_params);
    } else if (field_is(f, "port")) {
        x->port_set = true;
        x->port = clamp_uint32(decode_port_number(f));
    } else if (field_is_proto(f, "sourceLabels")) {
        x->source_labels = decode_map(d, f);
    } else if (field_is_proto(f, "sourceNamespace")) {
        x->source_namespace = decode_string(d, f);
    } else if (field_is(f, "gateways")) {
        x->gateways = decode_strings(d, f);
    } else if (field_is_proto(f, "ignoreUriCase")) {
        x->ignore_uri_case = decode_bool(f);
    } else if (field_is_proto(f, "statPrefix")) {
        x->stat_prefix = decode_string(d, f);
    }
}

static void http_match(struct object_decoder *d, const struct json *j, struct http_match *x)
{
    struct http_match_more *more = NULL;
    EACH_FIELD(f, j)
    {
        if (field_is_null(f)) {
            continue;
        }
        if (field_is(f, "uri")) {
            const struct string_match uri = decode_string_match(d, f, false);
            x->uri.type = uri.type;
            x->uri.text = uri.text;
            continue;
        }
        if (more == NULL) {
            more = decode_alloc(d, 1, sizeof *more);
        }
        match_more(d, f, more);
    }
    x->more = more;
}

// Charts give the same to many VirtualServices.
static const struct http_match *http_matches(struct object_decoder *d, const struct json *list)
{
    struct decoded_array array;
    struct http_match *at = decode_array_begin(d, &array, item_count(list), sizeof *at);
    if (at != NULL) {
        EACH_ITEM(c, list)
        {
            http_match(d, c, at++);
        }
    }
    return decode_array_end(d, &array);
}

static uint16_t count16(size_t n)
{
    return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

static const struct route_destination *routes(struct object_decoder *d, const struct json *list,
                                              uint16_t *n)
{
    struct route_destination *at = decode_alloc(d, item_count(list), sizeof *at);
    size_t i = 0;
    EACH_ITEM(c, list)
    {
        struct route_destination *x = &at[i++];
        EACH_FIELD(f, c)
        {
            if (field_is(f, "destination")) {
                x->destination = decode_destination(d, f);
            } else if (field_is(f, "weight")) {
                x->weight = decode_int(f);
            } else if (field_is(f, "headers")) {
                x->headers = decode_headers(d, f);
            }
        }
    }
    *n = count16(i);
    return at;
}

// The routes of the previous rule: in many VirtualServices nearly all rules have the same.
struct routes_before {
    const struct json *list; // NULL: there are none
    const struct route_destination *at;
    uint16_t n;
};

static const struct route_destination *shared_routes(struct object_decoder *d,
                                                     const struct json *list,
                                                     struct routes_before *before, uint16_t *n)
{
    if (before->list == NULL || !json_equal(list, before->list)) {
        before->at = routes(d, list, &before->n);
        before->list = list;
    }
    *n = before->n;
    return before->at;
}

static void http_rule(struct object_decoder *d, const struct json *j, struct routes_before *before,
                      struct http_rule *x)
{
    bool more = false;
    x->null_entry = field_is_null(j);
    EACH_FIELD(f, j)
    {
        if (field_is_null(f)) {
            continue;
        }
        if (field_is(f, "match")) {
            x->matches = http_matches(d, f);
            x->nmatches = count16(item_count(f));
        } else if (field_is(f, "route")) {
            x->routes = shared_routes(d, f, before, &x->nroutes);
        } else if (field_is(f, "name")) {
            x->name = decode_word(d, f);
        } else {
            more = true;
        }
    }
    if (more) {
        struct http_rule_more *m = decode_alloc(d, 1, sizeof *m);
        decode_http_rule_more(d, j, m);
        x->more = m;
    }
}

static void l4_match(struct object_decoder *d, const struct json *j, struct l4_match *x)
{
    EACH_FIELD(f, j)
    {
        if (field_is_proto(f, "sniHosts")) {
            x->sni_hosts = decode_strings(d, f);
        } else if (field_is_proto(f, "destinationSubnets")) {
            x->destination_subnets = decode_strings(d, f);
        } else if (field_is(f, "gateways")) {
            x->gateways = decode_strings(d, f);
        } else if (field_is_proto(f, "sourceLabels")) {
            x->source_labels = decode_map(d, f);
        } else if (field_is_proto(f, "sourceNamespace")) {
            x->source_namespace = decode_string(d, f);
        } else if (field_is(f, "port") && !field_is_null(f)) {
            x->port_set = true;
            x->port = clamp_uint32(decode_port_number(f));
        }
    }
}

static void l4_rule(struct object_decoder *d, const struct json *j, struct l4_rule *x)
{
    EACH_FIELD(f, j)
    {
        if (field_is(f, "match")) {
            struct l4_match *at = decode_alloc(d, item_count(f), sizeof *at);
            size_t n = 0;
            EACH_ITEM(c, f)
            {
                l4_match(d, c, &at[n++]);
            }
            x->matches = at;
            x->nmatches = count16(n);
        } else if (field_is(f, "route")) {
            x->routes = routes(d, f, &x->nroutes);
        }
    }
}

static const struct http_rule *http_rules(struct object_decoder *d, const struct json *j,
                                          uint32_t *n)
{
    struct http_rule *at = decode_alloc(d, item_count(j), sizeof *at);
    struct routes_before before = {NULL, NULL, 0};
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        http_rule(d, c, &before, &at[i++]);
    }
    *n = i;
    return at;
}

static const struct l4_rule *l4_rules(struct object_decoder *d, const struct json *j, uint32_t *n)
{
    struct l4_rule *at = decode_alloc(d, item_count(j), sizeof *at);
    uint32_t i = 0;
    EACH_ITEM(c, j)
    {
        l4_rule(d, c, &at[i++]);
    }
    *n = i;
    return at;
}

void decode_virtualservice(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct virtualservice *x = (struct virtualservice *)o;
    EACH_FIELD(f, p->spec)
    {
        if (field_is(f, "hosts")) {
            x->hosts = decode_strings(d, f);
        } else if (field_is(f, "gateways")) {
            x->gateways = decode_strings(d, f);
        } else if (field_is_proto(f, "exportTo")) {
            x->export_to = decode_strings(d, f);
        } else if (field_is(f, "http")) {
            x->http = http_rules(d, f, &x->nhttp);
        } else if (field_is(f, "tls")) {
            x->tls = l4_rules(d, f, &x->ntls);
        } else if (field_is(f, "tcp")) {
            x->tcp = l4_rules(d, f, &x->ntcp);
        }
    }
}
