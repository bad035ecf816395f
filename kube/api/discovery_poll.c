// SPDX-License-Identifier: Apache-2.0
// Reads the server's discovery documents, again when something may have changed or is missing.
#include "kube/api/discovery_poll.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/api/backoff.h"
#include "kube/api/error_response.h"
#include "kube/api/single_request.h"

#include <stdlib.h>
#include <string.h>

enum {
    SOON_MS = 500,
    BACKOFF_MS = 1000,
    BACKOFF_MAX_MS = 30000,
    IDLE_MS = 10 * 60 * 1000, // between looks while nothing is missing
};

// /api or /apis.
struct discovery_document {
    struct discovery_poll *poll;
    bool core;
    struct single_request *request;
    char *etag;         // of the newest whole document in the aggregated form
    bool done;          // read at least once, or not readable
    bool refused;       // no right to read it, or no such path
    struct err failure; // why the last try failed, ERR_NONE if it did not
};

struct discovery_poll {
    struct discovery_poll_options o;
    struct discovery *discovery;
    struct discovery_document documents[2];
    const char **groups; // of interest
    size_t group_count, group_cap;
    struct single_request *resources; // of one group version, legacy form
    char *resources_group, *resources_version;
    int64_t next_at; // INT64_MAX: being read, or the timer decides
    int64_t read_at; // when the newest document came
    struct backoff backoff;
};

// --- the legacy form: the resources of each group version

static void read_next_resources(struct discovery_poll *p);

static void on_resources(void *self, const struct single_response *r)
{
    struct discovery_poll *p = self;
    struct err err;
    p->resources = NULL;
    if (r->status != 200 || !discovery_read_resources(p->discovery, p->resources_group,
                                                      p->resources_version, r->body, r->n, &err)) {
        discovery_resources_failed(p->discovery, p->resources_group, p->resources_version);
    }
    read_next_resources(p);
    if (p->resources == NULL) {
        p->o.changed(p->o.self);
    }
}

static void read_resources(struct discovery_poll *p, const char *group, const char *version)
{
    free(p->resources_group);
    free(p->resources_version);
    p->resources_group = xstrdup(group);
    p->resources_version = xstrdup(version);
    struct buf path;
    buf_init(&path, 0);
    buf_adds(&path, group[0] == '\0' ? "/api/" : "/apis/");
    percent_encode(&path, group);
    buf_adds(&path, group[0] == '\0' ? "" : "/");
    percent_encode(&path, version);
    const struct http_request request = {.path = path.data, .accept = "application/json"};
    p->resources = single_request_start(p->o.http, p->o.credential, &request, DISCOVERY_BODY_MAX,
                                        on_resources, p);
    buf_release(&path);
}

static void read_next_resources(struct discovery_poll *p)
{
    for (size_t i = 0; i < p->group_count && p->resources == NULL; i++) {
        const char *version = discovery_unread(p->discovery, p->groups[i]);
        if (version != NULL) {
            read_resources(p, p->groups[i], version);
        }
    }
}

// --- the two documents

static void forget_etag(struct discovery_document *d)
{
    free(d->etag);
    d->etag = NULL;
}

// Tries again after a back-off. status: of the answer, 0 if none came.
static void document_failed(struct discovery_document *d, int status, const struct err *err)
{
    struct discovery_poll *p = d->poll;
    d->failure = *err;
    p->next_at = clock_mono_ms() + backoff_next(&p->backoff, jitter_fraction(p->o.jitter));
    if (status == 0 || status == 401) {
        server_status_down(p->o.status, err);
    } else {
        server_status_up(p->o.status);
    }
    p->o.failed(p->o.self);
}

static bool read_document(struct discovery_document *d, const struct single_response *r,
                          struct err *err)
{
    enum discovery_form form;
    if (r->status == 304) {
        return true;
    }
    if (!discovery_read(d->poll->discovery, d->core, r->body, r->n, &form, err)) {
        return false;
    }
    forget_etag(d);
    d->etag = r->etag != NULL && form == DISCOVERY_AGGREGATED ? xstrdup(r->etag) : NULL;
    return true;
}

// False if another try is needed, which is already scheduled.
static bool take_document(struct discovery_document *d, const struct single_response *r)
{
    struct discovery_poll *p = d->poll;
    struct err err = {0};
    switch (r->status) {
    case 0:
        document_failed(d, 0, r->err);
        return false;
    case 200:
    case 304:
        server_status_up(p->o.status);
        if (!read_document(d, r, &err)) {
            document_failed(d, r->status, &err);
            return false;
        }
        d->refused = false;
        return true;
    case 403:
    case 404:
    case 406:
        server_status_up(p->o.status);
        if (r->status == 404 && d->core) { // a front server without a core group
            discovery_no_core(p->discovery);
            forget_etag(d);
        } else {
            d->refused = true; // many clusters hide discovery from anonymous users
        }
        return true;
    default: {
        struct error_response e;
        error_response_read(&e, r->status, r->content_type, r->retry_after_s, r->body, r->n);
        error_response_to_err(&e, d->core ? "/api" : "/apis", &err);
        document_failed(d, r->status, &err);
        return false;
    }
    }
}

static void on_document(void *self, const struct single_response *r)
{
    struct discovery_document *d = self;
    struct discovery_poll *p = d->poll;
    d->request = NULL;
    server_status_date(p->o.status, r->date);
    if (!take_document(d, r)) {
        return;
    }
    d->done = true;
    err_clear(&d->failure);
    p->read_at = clock_mono_ms();
    if (p->next_at == INT64_MAX) { // else the other document failed, or another look is due
        backoff_reset(&p->backoff);
    }
    read_next_resources(p);
    if (p->resources == NULL) {
        p->o.changed(p->o.self);
    }
}

void discovery_poll_start(struct discovery_poll *p)
{
    p->next_at = INT64_MAX;
    for (size_t i = 0; i < ARRAY_COUNT(p->documents); i++) {
        struct discovery_document *d = &p->documents[i];
        if (d->request != NULL) {
            continue;
        }
        const struct http_request request = {
            .path = d->core ? "/api" : "/apis", .accept = DISCOVERY_ACCEPT, .etag = d->etag};
        d->request = single_request_start(p->o.http, p->o.credential, &request, DISCOVERY_BODY_MAX,
                                          on_document, d);
    }
}

// --- when to look again

void discovery_poll_distrust(struct discovery_poll *p)
{
    forget_etag(&p->documents[0]);
    forget_etag(&p->documents[1]);
}

void discovery_poll_soon(struct discovery_poll *p)
{
    int64_t at = clock_mono_ms() + SOON_MS;
    p->next_at = at < p->next_at ? at : p->next_at;
}

void discovery_poll_timer(struct discovery_poll *p, int64_t now, bool missing)
{
    if (p->documents[0].request != NULL || p->documents[1].request != NULL ||
        p->resources != NULL) {
        return;
    }
    if (p->next_at == INT64_MAX) { // a look is over: when is the next?
        p->next_at = p->read_at + (missing ? p->o.missing_ms : IDLE_MS);
    }
    if (now >= p->next_at) {
        discovery_poll_start(p);
    }
}

int64_t discovery_poll_deadline(const struct discovery_poll *p)
{
    return p->next_at;
}

// --- what is known

enum discovery_answer discovery_poll_find(const struct discovery_poll *p, const char *group,
                                          const char *resource, const char *const *versions,
                                          const char **version)
{
    return discovery_find(p->discovery, group, resource, versions, version);
}

bool discovery_poll_refused(const struct discovery_poll *p, const char *group)
{
    return p->documents[group[0] == '\0' ? 0 : 1].refused;
}

bool discovery_poll_why(const struct discovery_poll *p, const char *group,
                        const char *const *versions, struct err *err)
{
    const struct discovery_document *d = &p->documents[group[0] == '\0' ? 0 : 1];
    if (!d->done) {
        *err = d->failure;
        return err->code != ERR_NONE;
    }
    if (discovery_is_stale(p->discovery, group)) {
        err_set(err, ERR_NOT_FOUND, // it will not appear within seconds
                "discovery calls '%.100s' stale: the server of this group is down", group);
        return true;
    }
    const char *other = discovery_other_version(p->discovery, group, versions);
    if (other != NULL) {
        struct arena a;
        arena_init(&a);
        err_set(err, ERR_NOT_FOUND, "the server has '%.100s' in version '%s', which is not known",
                group, text_clean(&a, other, strlen(other), 60));
        arena_release(&a);
    }
    return other != NULL;
}

int64_t discovery_poll_next_look(const struct discovery_poll *p)
{
    bool reads =
        p->documents[0].request != NULL || p->documents[1].request != NULL || p->resources != NULL;
    return p->next_at != INT64_MAX || reads ? p->next_at : p->read_at + p->o.missing_ms;
}

bool discovery_poll_knows_core(const struct discovery_poll *p)
{
    return p->documents[0].done;
}

// --- life

struct discovery_poll *discovery_poll_new(const struct discovery_poll_options *o)
{
    struct discovery_poll *p = xcalloc(1, sizeof *p);
    p->o = *o;
    p->discovery = discovery_new();
    p->next_at = INT64_MAX;
    p->backoff = (struct backoff){BACKOFF_MS, BACKOFF_MAX_MS, 0};
    for (size_t i = 0; i < ARRAY_COUNT(p->documents); i++) {
        p->documents[i] = (struct discovery_document){.poll = p, .core = i == 0};
    }
    return p;
}

void discovery_poll_add_group(struct discovery_poll *p, const char *group)
{
    for (size_t i = 0; i < p->group_count; i++) {
        if (str_eq(p->groups[i], group)) {
            return;
        }
    }
    *ARRAY_PUSH(p->groups, p->group_count, p->group_cap) = group;
}

void discovery_poll_free(struct discovery_poll *p)
{
    if (p == NULL) {
        return;
    }
    for (size_t i = 0; i < ARRAY_COUNT(p->documents); i++) {
        single_request_cancel(p->documents[i].request);
        free(p->documents[i].etag);
    }
    single_request_cancel(p->resources);
    free(p->resources_group);
    free(p->resources_version);
    free(p->groups);
    discovery_free(p->discovery);
    free(p);
}
