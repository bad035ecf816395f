// SPDX-License-Identifier: Apache-2.0
// The client's discovery: which version of each wanted kind is served, and whether the server went back.
#include "kube/base/json.h"
#include "kube/base/log.h"
#include "kube/base/percent.h"
#include "kube/base/text.h"

#include "kube/api/client_internal.h"
#include "kube/api/error_response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SOON_MS = 500,
    BACKOFF_MS = 1000,
    BACKOFF_MAX_MS = 30000,
    QUIET_MS = 10 * 60 * 1000,
    GUARD_BODY = 1 << 20
};

// --- what discovery means for the wants ------------------------------------------------------------

static bool may_guess(const struct client *c, const char *group)
{
    return c->halves[group[0] == '\0' ? 0 : 1].refused;
}

// Without a right to read discovery: the next (source, version) in order of preference. False: none left.
static bool guess(struct informer *w)
{
    size_t i = 0;
    for (size_t s = 0; s < w->spec.source_count; s++) {
        for (const char *const *v = w->spec.sources[s].versions; *v != NULL; v++) {
            if (i++ == w->guess) {
                w->guess++;
                informer_run(w, s, *v);
                return true;
            }
        }
    }
    w->guess = 0; // from the start at the next look
    return false;
}

static void apply_guess(struct informer *w)
{
    if (w->scopes != NULL && !informer_is_missing(w)) {
        return;
    }
    if (!guess(w)) {
        informer_absent(w);
    }
}

static void apply(struct informer *w)
{
    struct client *c = w->client;
    bool unknown = false;
    if (!w->started) {
        return;
    }
    for (size_t s = 0; s < w->spec.source_count; s++) {
        const struct informer_source *source = &w->spec.sources[s];
        struct discovery_resource found;
        if (may_guess(c, source->group)) {
            apply_guess(w);
            return;
        }
        switch (discovery_find(c->discovery, source->group, source->resource, source->versions,
                               &found)) {
        case DISCOVERY_SERVED:
            for (const char *const *v = source->versions; *v != NULL; v++) {
                if (str_eq(*v, found.version)) {
                    informer_run(w, s, *v);
                }
            }
            return;
        case DISCOVERY_UNKNOWN:
            unknown = true;
            break;
        case DISCOVERY_ABSENT:
            break;
        }
    }
    if (!unknown) {
        informer_absent(w);
    } else if (w->scopes != NULL) {
        informer_retry_missing(w); // its group's server is down: what is known stands
    }
}

void discover_apply(struct client *c)
{
    for (struct informer *w = c->informers; w != NULL; w = w->next) {
        // The core group is there without being asked for: its lists need not wait.
        bool early = w->started && w->scopes == NULL && !w->absent &&
                     w->spec.sources[0].group[0] == '\0' && !c->halves[0].done;
        if (early) {
            informer_run(w, 0, w->spec.sources[0].versions[0]);
        } else {
            apply(w);
        }
    }
}

// --- legacy form: the resources of each group version ----------------------------------------------

static void next_resources(struct client *c);

static void on_resources(void *self, const struct unary_answer *a)
{
    struct client *c = self;
    struct err err;
    c->resources = NULL;
    if (a->status != 200 || !discovery_read_resources(c->discovery, c->resources_group,
                                                      c->resources_version, a->body, a->n, &err)) {
        discovery_resources_failed(c->discovery, c->resources_group, c->resources_version);
    }
    next_resources(c);
    if (c->resources == NULL) {
        discover_apply(c);
    }
}

static void next_resources(struct client *c)
{
    for (struct informer *w = c->informers; w != NULL && c->resources == NULL; w = w->next) {
        for (size_t s = 0; s < w->spec.source_count && c->resources == NULL; s++) {
            const char *group = w->spec.sources[s].group;
            const char *version = discovery_unread(c->discovery, group);
            if (version == NULL) {
                continue;
            }
            free(c->resources_group);
            free(c->resources_version);
            c->resources_group = xstrdup(group);
            c->resources_version = xstrdup(version);
            struct buf path;
            buf_init(&path, 0);
            buf_adds(&path, group[0] == '\0' ? "/api/" : "/apis/");
            percent_encode(&path, group);
            buf_adds(&path, group[0] == '\0' ? "" : "/");
            percent_encode(&path, version);
            struct http_request r = {.path = path.data, .accept = "application/json"};
            c->resources =
                unary_start(c->http, c->credential, &r, DISCOVERY_BODY_MAX, on_resources, c);
            buf_release(&path);
        }
    }
}

// --- the two documents -----------------------------------------------------------------------------

// status: of the answer, 0 where none came.
static void half_failed(struct half *h, int status, const struct err *err)
{
    struct client *c = h->client;
    int64_t delay = c->discover_backoff + (int64_t)((double)c->discover_backoff * client_random(c));
    c->discover_backoff =
        c->discover_backoff * 2 < BACKOFF_MAX_MS ? c->discover_backoff * 2 : BACKOFF_MAX_MS;
    c->discover_at = client_now() + delay;
    if (status == 0 || status == 401) {
        client_link_down(c, err);
    } else {
        client_link_up(c);
    }
    for (struct informer *w = c->informers; w != NULL; w = w->next) {
        w->dirty |= w->scopes == NULL;
    }
}

static void forget_etag(struct half *h)
{
    free(h->etag);
    h->etag = NULL;
}

static bool is_sound(struct half *h, const struct unary_answer *a, struct err *err)
{
    struct client *c = h->client;
    enum discovery_form form;
    if (a->status == 304) {
        return true;
    }
    if (!discovery_read(c->discovery, h->core, a->body, a->n, &form, err)) {
        return false;
    }
    forget_etag(h);
    h->etag = a->etag != NULL && form == DISCOVERY_AGGREGATED ? xstrdup(a->etag) : NULL;
    return true;
}

static void on_half(void *self, const struct unary_answer *a)
{
    struct half *h = self;
    struct client *c = h->client;
    struct err err = {0};
    h->unary = NULL;
    if (a->status == 0) {
        half_failed(h, 0, a->err);
        return;
    }
    client_saw_date(c, a->date);
    if (a->status == 200 || a->status == 304) {
        client_link_up(c);
        if (!is_sound(h, a, &err)) {
            half_failed(h, a->status, &err);
            return;
        }
        h->refused = false;
    } else if (a->status == 404 && h->core) {
        discovery_no_core(c->discovery);
        forget_etag(h);
    } else if (a->status == 403 || a->status == 404 || a->status == 406) {
        client_link_up(c);
        h->refused = true; // many clusters keep discovery from strangers
    } else {
        struct error_response answer;
        error_response_read(&answer, a->status, a->content_type, a->retry_after_s, a->body, a->n);
        error_response_to_err(&answer, h->core ? "/api" : "/apis", &err);
        half_failed(h, a->status, &err);
        return;
    }
    h->done = true;
    c->discovered = client_now();
    if (c->discover_at == INT64_MAX) { // else the other half failed, or another look is due
        c->discover_backoff = BACKOFF_MS;
    }
    next_resources(c);
    if (c->resources == NULL) {
        discover_apply(c);
    }
}

void discover_start(struct client *c)
{
    c->discover_at = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        struct half *h = &c->halves[i];
        if (h->unary != NULL) {
            continue;
        }
        struct http_request r = {
            .path = h->core ? "/api" : "/apis", .accept = DISCOVERY_ACCEPT, .etag = h->etag};
        h->unary = unary_start(c->http, c->credential, &r, DISCOVERY_BODY_MAX, on_half, h);
    }
}

void discover_anew(struct client *c)
{
    forget_etag(&c->halves[0]);
    forget_etag(&c->halves[1]);
}

void discover_soon(struct client *c)
{
    int64_t at = client_now() + SOON_MS;
    if (at < c->discover_at) {
        c->discover_at = at;
    }
}

void discover_timer(struct client *c, int64_t now)
{
    if (c->halves[0].unary != NULL || c->halves[1].unary != NULL || c->resources != NULL) {
        return;
    }
    if (c->discover_at == INT64_MAX) { // one look done: when is the next?
        bool missing = false;
        for (struct informer *w = c->informers; w != NULL; w = w->next) {
            missing |= informer_is_missing(w);
        }
        c->discover_at = c->discovered + (missing ? c->options.discovery_ms : QUIET_MS);
    }
    if (now >= c->discover_at) {
        discover_start(c);
    }
}

void discover_cancel(struct client *c)
{
    for (int i = 0; i < 2; i++) {
        unary_cancel(c->halves[i].unary);
        free(c->halves[i].etag);
    }
    unary_cancel(c->resources);
    unary_cancel(c->guard);
    free(c->resources_group);
    free(c->resources_version);
    discovery_free(c->discovery);
}

// --- a server that went back in time (docs/rules/kubernetes-client.md#rv-rollback)

static void on_guard(void *self, const struct unary_answer *a)
{
    struct client *c = self;
    c->guard = NULL;
    c->guard_at = client_now() + c->options.guard_ms;
    if (a->status == 0) {
        guard_knock(c, a->err);
    } else if (a->status != 401) {
        client_link_up(c);
    } else { // the server is back, and another reason stands in the way
        struct error_response answer;
        struct err err;
        error_response_read(&answer, a->status, a->content_type, a->retry_after_s, a->body, a->n);
        error_response_to_err(&answer, "", &err);
        client_link_down(c, &err);
    }
    if (a->status != 200) {
        return;
    }
    struct json *doc = json_parse(a->body, a->n, NULL);
    const char *rv = json_string(json_at(doc, "metadata", "resourceVersion", NULL));
    int order = 0;
    if (rv != NULL && strlen(rv) < sizeof c->guard_rv) {
        bool back = resource_version_compare(rv, c->guard_rv, &order) && order < 0;
        snprintf(c->guard_rv, sizeof c->guard_rv, "%s", rv);
        if (back) {
            client_warn(c, "the server's data went back in time (restored from a backup?): "
                           "everything is read again");
            for (struct informer *w = c->informers; w != NULL; w = w->next) {
                informer_relist(w, true);
            }
        }
    }
    json_free(doc);
}

void guard_knock(struct client *c, const struct err *err)
{
    if (c->link != CLIENT_DISCONNECTED || (err->code != ERR_NET && err->code != ERR_TIMEOUT)) {
        return;
    }
    int64_t at = client_now() + c->knock_ms + (int64_t)((double)c->knock_ms * client_random(c));
    c->knock_ms = c->knock_ms * 2 < KNOCK_MAX_MS ? c->knock_ms * 2 : KNOCK_MAX_MS;
    c->guard_at = at < c->guard_at ? at : c->guard_at;
}

void guard_start(struct client *c)
{
    if (c->guard == NULL) {
        struct http_request r = {.path = "/api/v1/namespaces?limit=1",
                                 .accept = "application/json"};
        c->guard_at = INT64_MAX;
        c->guard = unary_start(c->http, c->credential, &r, GUARD_BODY, on_guard, c);
    }
}
