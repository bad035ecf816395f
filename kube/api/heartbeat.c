// SPDX-License-Identifier: Apache-2.0
// A small request now and then: whether a server that was lost is back, and whether its data went back in time.
#include "kube/api/heartbeat.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"
#include "kube/base/str.h"

#include "kube/api/backoff.h"
#include "kube/api/error_response.h"
#include "kube/api/resource_version.h"
#include "kube/api/single_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_MS = 10000,
    RETRY_FIRST_MS = 1000,
    RETRY_MAX_MS = 4000, // jitter doubles it at most
    BODY_MAX = 1 << 20,
};

struct heartbeat {
    struct heartbeat_options o;
    struct single_request *request; // NULL: none in flight
    // The list of namespaces, and the one to read if that is forbidden; NULL if there is none.
    char *paths[2];
    char resource_version[2][128]; // the newest seen of each, "" before
    int path;                      // index of the one in use
    int64_t at;                    // monotonic ms: the next request
    struct backoff retry;          // while the server is lost
};

static void retry(struct heartbeat *h, const struct err *reason)
{
    if (h->o.status->connection != CLIENT_DISCONNECTED ||
        (reason->code != ERR_NET && reason->code != ERR_LOST && reason->code != ERR_TIMEOUT)) {
        return;
    }
    int64_t at = clock_mono_ms() + backoff_next(&h->retry, jitter_fraction(h->o.jitter));
    h->at = at < h->at ? at : h->at;
}

void heartbeat_lost(struct heartbeat *h, const struct err *reason)
{
    backoff_reset(&h->retry);
    retry(h, reason);
}

// Whether the list in the answer is older than the one before; notes its resource version.
static bool is_older(struct heartbeat *h, const struct single_response *r)
{
    struct json *doc = json_parse(r->body, r->n, NULL);
    const char *rv = json_string(json_at(doc, "metadata", "resourceVersion", NULL));
    bool older = false;
    char *known = h->resource_version[h->path];
    if (rv != NULL && strlen(rv) < sizeof h->resource_version[0]) {
        int order = 0;
        older = resource_version_compare(rv, known, &order) && order < 0;
        snprintf(known, sizeof h->resource_version[0], "%s", rv);
    }
    json_free(doc);
    return older;
}

static void on_answer(void *self, const struct single_response *r)
{
    struct heartbeat *h = self;
    h->request = NULL;
    h->at = clock_mono_ms() + h->o.interval_ms;
    if (r->status == 0) {
        retry(h, r->err);
    } else if (r->status != 401) {
        server_status_up(h->o.status);
    } else { // the server is back, but the answer is an error
        struct error_response e;
        struct err err;
        error_response_read(&e, r->status, r->content_type, r->retry_after_s, r->body, r->n);
        error_response_to_err(&e, "", &err);
        server_status_down(h->o.status, &err);
    }
    bool older = r->status == 200 && is_older(h, r);
    // The right may be granted later: the list of namespaces is tried first each time.
    h->path = r->status == 403 && h->path == 0 && h->paths[1] != NULL ? 1 : 0;
    h->at = h->path == 1 ? clock_mono_ms() : h->at;
    if (older) {
        server_status_warning(h->o.status,
                              "the server's data went back in time (restored from a backup?): "
                              "everything is read again");
        h->o.went_back(h->o.self);
    }
}

void heartbeat_timer(struct heartbeat *h, int64_t now)
{
    if (now < h->at || h->request != NULL) {
        return;
    }
    const struct http_request request = {.path = h->paths[h->path], .accept = "application/json"};
    h->at = INT64_MAX;
    h->request = single_request_start(h->o.http, h->o.credential, &request, BODY_MAX, on_answer, h);
}

int64_t heartbeat_deadline(const struct heartbeat *h)
{
    return h->request == NULL ? h->at : INT64_MAX;
}

void heartbeat_reconnected(struct heartbeat *h, int64_t delay_ms)
{
    h->at = clock_mono_ms() + delay_ms;
}

struct heartbeat *heartbeat_new(const struct heartbeat_options *o)
{
    struct heartbeat *h = xcalloc(1, sizeof *h);
    h->o = *o;
    h->paths[0] = xstrdup("/api/v1/namespaces?limit=1");
    if (!str_empty(o->own_namespace)) {
        struct buf path;
        buf_init(&path, 0);
        buf_adds(&path, "/api/v1/namespaces/");
        percent_encode(&path, o->own_namespace);
        buf_adds(&path, "/services?limit=1");
        h->paths[1] = buf_take(&path);
    }
    h->at = clock_mono_ms() + FIRST_MS;
    h->retry = (struct backoff){RETRY_FIRST_MS, RETRY_MAX_MS, 0};
    return h;
}

void heartbeat_free(struct heartbeat *h)
{
    if (h != NULL) {
        single_request_cancel(h->request);
        free(h->paths[0]);
        free(h->paths[1]);
        free(h);
    }
}
