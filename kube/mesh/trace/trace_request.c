// SPDX-License-Identifier: Apache-2.0
// Requests to trace, from a URL or a line of JSON, and the gateways they can mean.
#include "kube/base/text.h"

#include "kube/object/istio_objects.h"

#include "kube/store/index.h"

#include "kube/mesh/core/host.h"
#include "kube/mesh/route/request_path.h"
#include "kube/mesh/trace/trace.h"

#include <stdlib.h>
#include <string.h>

static uint32_t default_port(const char *scheme)
{
    return strcmp(scheme, "https") == 0 ? 443 : 80;
}

static bool read_port(const char *s, uint32_t *port)
{
    uint32_t v = 0;
    for (; *s >= '0' && *s <= '9' && v < 100000; s++) {
        v = v * 10 + (uint32_t)(*s - '0');
    }
    if (*s != '\0' || v == 0 || v > 65535) {
        return false;
    }
    *port = v;
    return true;
}

bool trace_request_from_url(struct arena *a, const char *url, struct trace_request *out,
                            struct err *err)
{
    *out = (struct trace_request){.method = "GET", .scheme = "http"};
    char *clean = text_clean(a, url, strlen(url), 0);
    const char *rest = clean;
    const char *colon = strstr(clean, "://");
    if (colon != NULL && (size_t)(colon - clean) == strcspn(clean, ":/?#")) {
        out->scheme = str_lower(a, arena_strndup(a, clean, (size_t)(colon - clean)));
        rest = colon + 3;
    }
    if (strcmp(out->scheme, "http") != 0 && strcmp(out->scheme, "https") != 0) {
        return err_set(err, ERR_USAGE,
                       "'%s' is no URL to trace: it starts with http:// or https://", clean);
    }
    size_t n = strcspn(rest, "/?#");
    char *host = arena_strndup(a, rest, n);
    char *at = strrchr(host, '@'); // credentials are no part of the Host header
    out->host = at != NULL ? at + 1 : host;
    out->port = default_port(out->scheme);
    const char *port = out->host[0] == '[' ? strstr(out->host, "]:") : strrchr(out->host, ':');
    if (port != NULL && !read_port(port + (out->host[0] == '[' ? 2 : 1), &out->port)) {
        return err_set(err, ERR_USAGE, "'%s' has no valid port: write http://host:8080/path",
                       clean);
    }
    if (*out->host == '\0') {
        return err_set(err, ERR_USAGE, "'%s' has no host: write http://host/path", clean);
    }
    out->path = rest[n] == '/' ? rest + n : arena_printf(a, "/%s", rest + n);
    return true;
}

static struct str_map map_of(struct arena *a, const struct json *j)
{
    size_t n = json_count(j);
    struct str_pair *at = arena_alloc(a, (n + 1) * sizeof *at);
    uint32_t k = 0;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        struct buf b;
        buf_init(&b, 0);
        const char *value = json_string(c);
        if (json_type(c) == JSON_ARRAY) { // several values of one name: joined, as Envoy joins them
            for (const struct json *v = json_first(c); v != NULL; v = json_next(v)) {
                buf_addf(&b, "%s%s", b.len > 0 ? "," : "",
                         json_string(v) != NULL ? json_string(v) : "");
            }
        } else if (value != NULL) {
            buf_adds(&b, value);
        } else {
            json_print(c, false, &b);
        }
        at[k].key = json_key(c) != NULL ? text_clean(a, json_key(c), strlen(json_key(c)), 0) : "";
        at[k++].value = text_clean(a, b.len > 0 ? b.data : "", b.len, 0);
        buf_release(&b);
    }
    return (struct str_map){.at = at, .n = k};
}

static const char *text_of(struct arena *a, const struct json *j, const char *key,
                           const char *absent)
{
    const char *s = json_get_string(j, key);
    return s != NULL ? text_clean(a, s, strlen(s), 0) : absent;
}

bool trace_request_from_json(struct arena *a, const char *line, size_t n, struct trace_request *out,
                             struct err *err)
{
    struct json *j = json_parse(line, n, err);
    if (j == NULL) {
        return false;
    }
    bool ok = json_type(j) == JSON_OBJECT;
    *out = (struct trace_request){.method = "GET", .scheme = "http", .path = "/"};
    const char *url = json_get_string(j, "url");
    if (!ok) {
        (void)err_set(err, ERR_PARSE,
                      "a request is a JSON object {method,scheme,host,port,path,...}");
    } else if (url != NULL) {
        ok = trace_request_from_url(a, url, out, err);
    } else if (json_get_string(j, "host") == NULL) {
        ok = err_set(err, ERR_PARSE, "a request needs 'host' or 'url'");
    }
    if (ok) {
        out->method = text_of(a, j, "method", out->method);
        out->scheme = text_of(a, j, "scheme", out->scheme);
        out->host = text_of(a, j, "host", out->host);
        out->path = text_of(a, j, "path", out->path);
        out->sni = text_of(a, j, "sni", NULL);
        int64_t port =
            json_get_int(j, "port", out->port != 0 ? out->port : default_port(out->scheme));
        out->port = port > 0 && port <= 65535 ? (uint32_t)port : 0;
        out->headers = map_of(a, json_get(j, "headers"));
        out->selector_set = json_type(json_get(j, "gateway_selector")) == JSON_OBJECT;
        out->gateway_selector = map_of(a, json_get(j, "gateway_selector"));
    }
    json_free(j);
    return ok;
}

// --- which gateways

struct workloads {
    const struct workload **at;
    uint32_t n, cap;
};

static bool same(const struct mesh *m, const struct workload *a, const struct workload *b)
{
    return a == b ||
           (strcmp(a->ns, b->ns) == 0 && strcmp(index_selector(m->arena, &a->labels),
                                                index_selector(m->arena, &b->labels)) == 0);
}

static void add_workloads(const struct mesh *m, struct workloads *list, const struct gateway *g)
{
    uint32_t n;
    const struct workload *w = workloads_of_gateway(m, g, &n);
    for (uint32_t i = 0; i < n; i++) {
        bool seen = false;
        for (uint32_t j = 0; j < list->n && !seen; j++) {
            seen = same(m, list->at[j], &w[i]);
        }
        if (seen) {
            continue;
        }
        if (list->n == list->cap) {
            list->cap = list->cap * 2 + 4;
            const struct workload **grown = arena_alloc(m->arena, list->cap * sizeof *grown);
            if (list->n > 0) {
                memcpy(grown, list->at, list->n * sizeof *grown);
            }
            list->at = grown;
        }
        list->at[list->n++] = &w[i];
    }
}

static void add_by_host(const struct mesh *m, struct workloads *list, const char *key)
{
    uint32_t n;
    const struct object *const *at = mesh_index(m, INDEX_GATEWAY_BY_HOST, key, "", &n);
    // Gateways of one selector have the same workloads: each selector is asked once.
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, at[i]);
        bool known = false;
        for (uint32_t j = 0; j < list->n && !known; j++) {
            known = gateway_selects(g, list->at[j]) && g->selector.n == list->at[j]->labels.n;
        }
        if (!known) {
            add_workloads(m, list, g);
        }
    }
}

static int by_id(const void *x, const void *y)
{
    const struct workload *a = *(const struct workload *const *)x;
    const struct workload *b = *(const struct workload *const *)y;
    int c = strcmp(a->ns, b->ns);
    return c != 0 ? c : strcmp(a->name != NULL ? a->name : "", b->name != NULL ? b->name : "");
}

const struct workload *const *trace_workloads(const struct mesh *m, const char *host, uint32_t *n)
{
    struct workloads list = {0};
    const char *h = host_of_authority(m->arena, host);
    add_by_host(m, &list, h);
    for (const char *dot = strchr(h, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        add_by_host(m, &list, arena_printf(m->arena, "*%s", dot));
    }
    add_by_host(m, &list, "*");
    if (list.n == 0) {
        uint32_t k;
        const struct object *const *all = mesh_all(m, KIND_GATEWAY, &k);
        struct string_map seen; // by selector
        string_map_init(&seen, m->arena);
        for (uint32_t i = 0; i < k; i++) {
            const struct gateway *g = OBJECT_AS(gateway, all[i]);
            void **at = string_map_at(&seen, index_selector(m->arena, &g->selector));
            if (*at == NULL) {
                *at = &list;
                add_workloads(m, &list, g);
            }
        }
    }
    if (list.n > 1) {
        qsort(list.at, list.n, sizeof *list.at, by_id);
    }
    *n = list.n;
    return list.at;
}

bool trace_gateway(const struct mesh *m, const char *text, const struct workload **w,
                   struct err *err)
{
    struct arena *a = m->arena;
    const char *slash = strchr(text, '/');
    const char *eq = strchr(text, '=');
    if (slash != NULL && (eq == NULL || slash < eq) && eq == NULL) {
        const char *ns = arena_strndup(a, text, (size_t)(slash - text));
        const struct object *o = mesh_get(m, KIND_GATEWAY, ns, slash + 1);
        if (o == NULL) {
            return err_set(err, ERR_NOT_FOUND, "there is no Gateway '%s'", text);
        }
        uint32_t n;
        const struct workload *found = workloads_of_gateway(m, OBJECT_AS(gateway, o), &n);
        *w = found;
        return n > 0 ||
               err_set(err, ERR_NOT_FOUND, "no pod matches the selector of Gateway '%s'", text);
    }
    if (eq == NULL) {
        return err_set(err, ERR_USAGE, "'%s' is no gateway: write namespace/name or key=value,...",
                       text);
    }
    struct str_pair *at = arena_alloc(a, (strlen(text) + 1) * sizeof *at);
    uint32_t n = 0;
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, ",");
        const char *e = memchr(p, '=', len);
        if (e == NULL) {
            return err_set(err, ERR_USAGE, "'%s' is no list of labels: write key=value,key=value",
                           text);
        }
        at[n].key = arena_strndup(a, p, (size_t)(e - p));
        at[n++].value = arena_strndup(a, e + 1, len - (size_t)(e - p) - 1);
        p += len;
        p += *p == ',';
    }
    struct str_map labels = {.at = at, .n = n};
    *w = workload_from_labels(m, &labels);
    return true;
}
