// SPDX-License-Identifier: Apache-2.0
// A request to trace, from a URL or from a line of JSON.
#ifndef GATETOP_MESH_TRACE_TRACE_REQUEST_H
#define GATETOP_MESH_TRACE_TRACE_REQUEST_H

#include "kube/base/attr.h"

#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

struct trace_request {
    const char *method, *scheme; // "GET", "http" or "https"
    const char *host; // the Host header, literally: may carry a port, capitals, a trailing dot
    const char *path; // with the query, as sent; or an absolute URL (then it replaces host)
    const char *sni;  // NULL: the host's name
    uint32_t port;    // that the client connects to
    struct str_map headers;
    struct str_map gateway_selector; // labels of the gateway pod
    bool selector_set;               // they were given
    bool routes_only;      // policies of the gateway do not count: for what compares routes
    const char *source_ip; // of the client, for policies; NULL: not known
};

// A request from a URL ("http://h:8080/p?q", scheme optional: http). Returns false, with what to write in *err, if it
// cannot be parsed. Texts are cleaned, and in the arena.
bool trace_request_from_url(struct arena *a, const char *url, struct trace_request *out,
                            struct err *err) MUST_USE;
// Appends a header, "name: value"; Host also replaces the request's host. Returns false if it cannot be parsed. In the
// arena.
bool trace_request_header(struct arena *a, struct trace_request *q, const char *text,
                          struct err *err) MUST_USE;
// A request from n bytes, one JSON object of a batch: {method,scheme,host,port,path,headers,sni,source_ip,
// gateway_selector} or {method,url,headers}. Unknown keys are ignored. Returns false if it cannot be parsed. Texts are
// cleaned, and in the arena.
bool trace_request_from_json(struct arena *a, const char *line, size_t n, struct trace_request *out,
                             struct err *err) MUST_USE;

#endif
