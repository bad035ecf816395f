// SPDX-License-Identifier: Apache-2.0
// A client, its simulated server and what the client said of it.
#include "tests/support/simclient.h"

#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

static const char *const V1[] = {"v1", NULL};
static const char *const ISTIO[] = {"v1", "v1beta1", "v1alpha3", NULL};
static const struct informer_source SOURCES[KINDS] = {
    {"", "namespaces", V1},
    {"", "services", V1},
    {"networking.istio.io", "virtualservices", ISTIO},
    {"networking.istio.io", "gateways", ISTIO},
    {"cert-manager.io", "certificates", V1},
    {"", "secrets", V1},
};
const char *const SIMCLIENT_PLURALS[KINDS] = {"namespaces",
                                              "services",
                                              "virtualservices.networking.istio.io",
                                              "gateways.networking.istio.io",
                                              "certificates.cert-manager.io",
                                              "secrets"};

// --- a store ---------------------------------------------------------------------------------------

static struct simclient_object *find(struct simclient *w, int id, const char *key)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->objects[i].id == id && str_eq(w->objects[i].key, key)) {
            return &w->objects[i];
        }
    }
    return NULL;
}

static void drop(struct simclient *w, struct simclient_object *o)
{
    free(o->line);
    free(o->key);
    *o = w->objects[--w->count];
    w->objects[w->count] = (struct simclient_object){.key = NULL};
}

static bool in_namespace(const struct simclient_object *o, const char *ns)
{
    size_t n = ns != NULL ? strlen(ns) : 0;
    return ns == NULL || (strncmp(o->key, ns, n) == 0 && o->key[n] == '/');
}

static void on_begin(void *self, int id, const char *ns, bool show, bool force)
{
    struct simclient *w = self;
    (void)show;
    w->forced[id] = force;
    w->begins[id]++;
    for (size_t i = 0; i < w->count; i++) {
        if (w->objects[i].id == id && in_namespace(&w->objects[i], ns)) {
            w->objects[i].listed = false;
        }
    }
}

static bool on_item(void *self, int id, const char *ns, enum client_change change,
                    const char *group, const char *version, const char *text, size_t n)
{
    struct simclient *w = self;
    struct json *doc = json_parse(text, n, NULL);
    const struct json *meta = json_get(doc, "metadata");
    const char *name = json_get_string(meta, "name"), *in = json_get_string(meta, "namespace");
    (void)ns;
    if (doc == NULL || name == NULL) {
        json_free(doc);
        return false;
    }
    assert_non_null(version);
    assert_string_equal(group, SOURCES[id].group);
    if (id == SECRETS) {
        assert_null(json_get(doc, "data"));
    }
    char *key = xasprintf("%s/%s", str_or_empty(in), name);
    struct simclient_object *o = find(w, id, key);
    w->events[id] += change != CLIENT_LISTED;
    if (change == CLIENT_DELETED) {
        if (o != NULL) {
            drop(w, o);
        }
        free(key);
    } else {
        if (o == NULL) {
            if (w->count == w->cap) {
                w->cap = w->cap * 2 + 64;
                w->objects = xrealloc(w->objects, w->cap * sizeof *w->objects);
            }
            o = &w->objects[w->count++];
            *o = (struct simclient_object){.key = key, .id = id};
        } else {
            free(key);
            free(o->line);
        }
        o->listed = true;
        o->line = xasprintf("%s %s %s", o->key, json_get_string(meta, "uid"),
                            json_get_string(meta, "resourceVersion"));
    }
    json_free(doc);
    return true;
}

static void on_left_out(void *self, int id, const char *ns, bool listed, const char *text, size_t n)
{
    struct simclient *w = self;
    struct json *doc = text != NULL && !listed ? json_parse(text, n, NULL) : NULL;
    const struct json *meta = json_get(doc, "metadata");
    char *key = xasprintf("%s/%s", str_or_empty(json_get_string(meta, "namespace")),
                          str_or_empty(json_get_string(meta, "name")));
    struct simclient_object *o = find(w, id, key);
    (void)ns;
    if (o != NULL) {
        drop(w, o);
    }
    free(key);
    json_free(doc);
}

static void on_end(void *self, int id, const char *ns)
{
    struct simclient *w = self;
    for (size_t i = 0; i < w->count;) {
        struct simclient_object *o = &w->objects[i];
        if (o->id == id && !o->listed && in_namespace(o, ns)) {
            drop(w, o);
        } else {
            i++;
        }
    }
}

static void on_state(void *self, int id, const struct client_state *state)
{
    ((struct simclient *)self)->states[id] = *state;
}

static void on_connection(void *self, enum client_connection connection, const struct err *reason)
{
    struct simclient *w = self;
    w->connection = connection;
    w->connection_err = reason != NULL ? *reason : (struct err){0};
}

static void on_skew(void *self, int64_t seconds)
{
    ((struct simclient *)self)->skew = seconds;
}

static void on_warning(void *self, const char *text)
{
    struct simclient *w = self;
    snprintf(w->warning, sizeof w->warning, "%s", text);
}

static char *sorted(char **lines, size_t n)
{
    struct buf b;
    buf_init(&b, 0);
    if (n > 0) {
        qsort(lines, n, sizeof *lines, str_order);
    }
    for (size_t i = 0; i < n; i++) {
        buf_addf(&b, "%s\n", lines[i]);
    }
    return buf_take(&b);
}

bool simclient_equal(struct simclient *w, int id)
{
    char *dump = apisim_dump(w->sim, SIMCLIENT_PLURALS[id]), *save = NULL;
    char **lines = xcalloc(w->count + 1, sizeof *lines), **theirs = NULL;
    size_t n = 0, m = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (w->objects[i].id == id) {
            lines[n++] = w->objects[i].line;
        }
    }
    for (char *line = strtok_r(dump, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        theirs = xrealloc(theirs, (m + 1) * sizeof *theirs);
        // The simulator writes cluster-scoped keys without a slash or with an empty namespace.
        const char *space = strchr(line, ' '), *slash = strchr(line, '/');
        bool bare = slash == NULL || slash > space;
        theirs[m++] = xasprintf("%s%s", bare ? "/" : "", line);
    }
    char *a = sorted(lines, n), *b = sorted(theirs, m);
    bool same = str_eq(a, b);
    for (size_t i = 0; i < m; i++) {
        free(theirs[i]);
    }
    free(theirs);
    free(lines);
    free(dump);
    free(a);
    free(b);
    return same;
}

// --- the run ---------------------------------------------------------------------------------------

void simclient_report(struct simclient *w, const char *condition)
{
    print_error("never: %s (connection: %s)\n", condition, w->connection_err.msg);
    for (int i = 0; i < KINDS; i++) {
        const struct client_state *s = &w->states[i];
        print_error("%s: phase %d, %s, '%s', next try in %lld s\n", SIMCLIENT_PLURALS[i],
                    (int)s->phase,
                    w->sim == NULL          ? "?"
                    : simclient_equal(w, i) ? "equal"
                                            : "different",
                    s->reason.msg,
                    s->next_try == TIME_NONE
                        ? -1LL
                        : (long long)(s->next_try - credential_clock().wall_ms / 1000));
    }
}

bool simclient_all_live(const struct simclient *w)
{
    for (int i = 0; i < KINDS; i++) {
        if (w->states[i].phase != CLIENT_LIVE) {
            return false;
        }
    }
    return true;
}

bool simclient_all_equal(struct simclient *w)
{
    for (int i = 0; i < KINDS; i++) {
        if (!simclient_equal(w, i)) {
            return false;
        }
    }
    return true;
}

bool simclient_phase_is(const struct simclient *w, int id, enum client_phase phase)
{
    return w->states[id].phase == phase;
}

static void configure(struct simclient *w, const char *token)
{
    const char *ca = apisim_ca_pem(w->sim);
    w->config = (struct api_config){
        .context = xstrdup("test"),
        .cluster = xstrdup("sim"),
        .user = xstrdup("user"),
        .ns = xstrdup("default"),
        .source = xstrdup("test"),
        .server = xstrdup(apisim_url(w->sim)),
        .host = xstrdup("127.0.0.1"),
        .port = apisim_port(w->sim),
        .path = xstrdup(""),
        .plain_http = ca == NULL,
        .token = xstrdup(token),
    };
    if (ca != NULL) {
        w->config.ca.data = xstrdup(ca);
        w->config.ca.len = strlen(ca);
    }
}

void simclient_serve(struct simclient *w, const struct apisim_options *options)
{
    struct err err;
    memset(w, 0, sizeof *w);
    w->status = -1;
    w->sim = apisim_start(options, &err);
    assert_non_null(w->sim);
    w->options = (struct client_options){.discovery_ms = 300,
                                         .jitter_ms = 50,
                                         .seed = 7,
                                         .heartbeat_ms = 400,
                                         .backoff_first_ms = 50,
                                         .backoff_max_ms = 1000};
    configure(w, "admin-token");
}

void simclient_start(struct simclient *w)
{
    struct informer_spec wants[KINDS];
    for (int i = 0; i < KINDS; i++) {
        wants[i] = (struct informer_spec){.id = i,
                                          .sources = &SOURCES[i],
                                          .source_count = 1,
                                          .namespaced = i != NAMESPACES,
                                          .metadata_only = i == SECRETS,
                                          .priority = i};
    }
    const struct client_sink sink = {w,        on_begin,      on_item, on_left_out, on_end,
                                     on_state, on_connection, on_skew, on_warning};
    struct err err;
    w->credential = credential_new(&w->config, NULL);
    w->client = client_new(&w->config, w->credential, wants, KINDS, &sink, &w->options, &err);
    assert_non_null(w->client);
}

void simclient_down(struct simclient *w)
{
    client_free(w->client);
    credential_free(w->credential);
    apisim_stop(w->sim);
    while (w->count > 0) {
        drop(w, &w->objects[0]);
    }
    free(w->objects);
    free(w->body);
    char *owned[] = {w->config.context, w->config.cluster, w->config.user, w->config.ns,
                     w->config.source,  w->config.server,  w->config.host, w->config.path,
                     w->config.token,   w->config.ca.data};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) {
        free(owned[i]);
    }
}

void simclient_up(struct simclient *w, const struct apisim_options *options, int applications)
{
    simclient_serve(w, options);
    apisim_generate(w->sim, applications);
    simclient_start(w);
}

void simclient_apply_vs(struct simclient *w, const char *name, const char *host)
{
    struct err err;
    char *text = xasprintf("{\"apiVersion\":\"networking.istio.io/"
                           "v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"%s\","
                           "\"namespace\":\"default\"},\"spec\":{\"hosts\":[\"%s\"]}}",
                           name, host);
    assert_true(apisim_apply(w->sim, text, &err) > 0);
    free(text);
}
