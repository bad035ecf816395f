// SPDX-License-Identifier: Apache-2.0
// What all requests together say of the server: whether it answers, what its clock shows, what it warns of.
#include "kube/api/server_status.h"

#include "kube/base/arena.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include <stdlib.h>
#include <string.h>

enum {
    SKEW_MIN_S = 60,    // smaller ones count as none
    SKEW_CHANGE_S = 5,  // a smaller change is not reported
    WARNING_BYTES = 400 // of one warning
};

static void report(struct server_status *s, enum client_connection connection,
                   const struct err *reason)
{
    static const char *const words[] = {
        [CLIENT_CONNECTING] = "opens", [CLIENT_CONNECTED] = "up", [CLIENT_DISCONNECTED] = "down"};
    s->connection = connection;
    s->reason = reason != NULL ? *reason : (struct err){0};
    log_line("api", LOG_INFO, "connection %s%s%s", words[connection], reason != NULL ? ": " : "",
             s->reason.msg);
    if (s->sink->connection != NULL) {
        s->sink->connection(s->sink->self, connection, reason);
    }
}

void server_status_init(struct server_status *s, const struct client_sink *sink,
                        void (*recovered)(void *self),
                        void (*lost)(void *self, const struct err *err), void *self)
{
    *s = (struct server_status){.sink = sink, .recovered = recovered, .lost = lost, .self = self};
    report(s, CLIENT_CONNECTING, NULL);
}

void server_status_release(struct server_status *s)
{
    for (size_t i = 0; i < s->warning_count; i++) {
        free(s->warnings[i]);
    }
}

void server_status_up(struct server_status *s)
{
    enum client_connection before = s->connection;
    if (before == CLIENT_CONNECTED) {
        return;
    }
    report(s, CLIENT_CONNECTED, NULL);
    if (before == CLIENT_DISCONNECTED) {
        s->recovered(s->self);
    }
}

void server_status_down(struct server_status *s, const struct err *reason)
{
    bool lost = s->connection != CLIENT_DISCONNECTED;
    if (lost || !str_eq(reason->msg, s->reason.msg)) {
        report(s, CLIENT_DISCONNECTED, reason);
    }
    if (lost) {
        s->lost(s->self, reason);
    }
}

void server_status_date(struct server_status *s, int64_t date)
{
    if (date == TIME_NONE) {
        return;
    }
    int64_t skew = date - credential_clock().wall_ms / 1000;
    skew = skew > SKEW_MIN_S || skew < -SKEW_MIN_S ? skew : 0;
    int64_t change = skew - s->skew;
    if (change > SKEW_CHANGE_S || change < -SKEW_CHANGE_S) {
        s->skew = skew;
        if (s->sink->skew != NULL) {
            s->sink->skew(s->sink->self, skew);
        }
    }
}

// The text of `299 - "text"` (RFC 7234), any other value as it is.
static const char *warning_text(const char *value, size_t *n)
{
    const char *quote = str_starts(value, "299 ") ? strchr(value, '"') : NULL;
    *n = strlen(value);
    if (quote != NULL && value[*n - 1] == '"' && quote < value + *n - 1) {
        *n -= (size_t)(quote + 1 - value) + 1;
        return quote + 1;
    }
    return value;
}

void server_status_warning(struct server_status *s, const char *value)
{
    struct arena a;
    arena_init(&a);
    size_t n;
    const char *text = warning_text(value, &n);
    const char *clean = text_clean(&a, text, n, WARNING_BYTES);
    bool known = s->warning_count == SERVER_WARNINGS_MAX;
    for (size_t i = 0; i < s->warning_count && !known; i++) {
        known = str_eq(s->warnings[i], clean);
    }
    if (!known) {
        s->warnings[s->warning_count++] = xstrdup(clean);
        log_line("api", LOG_WARN, "%s", clean);
        if (s->sink->warning != NULL) {
            s->sink->warning(s->sink->self, clean);
        }
    }
    arena_release(&a);
}
