// SPDX-License-Identifier: Apache-2.0
// What all requests together say of the server: whether it answers, what its clock shows, what it warns of.
#ifndef GATETOP_API_SERVER_STATUS_H
#define GATETOP_API_SERVER_STATUS_H

#include "kube/base/err.h"

#include "kube/api/client_types.h"

#include <stddef.h>
#include <stdint.h>

enum { SERVER_WARNINGS_MAX = 32 };

// Initialised by server_status_init; the fields are to be read only.
struct server_status {
    const struct client_sink *sink;
    // Called when the server answers again, and when it has stopped answering.
    void (*recovered)(void *self);
    void (*lost)(void *self, const struct err *err);
    void *self;

    enum client_connection connection;
    struct err reason; // why there is no connection, ERR_NONE if there is no reason
    int64_t skew;      // seconds its clock is ahead of ours, 0 below a minute
    char *warnings[SERVER_WARNINGS_MAX];
    size_t warning_count;
};

// Reports CLIENT_CONNECTING to the sink. All pointers are borrowed.
void server_status_init(struct server_status *s, const struct client_sink *sink,
                        void (*recovered)(void *self),
                        void (*lost)(void *self, const struct err *err), void *self);
// Frees the warnings.
void server_status_release(struct server_status *s);

// The server has answered a request.
void server_status_up(struct server_status *s);
// A request failed, for this reason, in a way that shows that no other would succeed.
void server_status_down(struct server_status *s, const struct err *reason);
// An answer's Date header, seconds; TIME_NONE: it had none (docs/rules/kubernetes-client.md#clock-skew).
void server_status_date(struct server_status *s, int64_t date);
// An answer's Warning header, not cleaned (docs/rules/kubernetes-client.md#warning-header).
void server_status_warning(struct server_status *s, const char *value);

#endif
