// SPDX-License-Identifier: Apache-2.0
// Reads the server's discovery documents, and again where something changed or is missing
// (docs/rules/kubernetes-client.md#discovery-pace).
#ifndef GATETOP_API_DISCOVERY_POLL_H
#define GATETOP_API_DISCOVERY_POLL_H

#include "kube/api/discovery.h"
#include "kube/api/jitter.h"
#include "kube/api/server_status.h"

#include <stdbool.h>
#include <stdint.h>

struct discovery_poll_options {
    struct http *http;
    struct credential *credential;
    struct server_status *status;
    struct jitter *jitter;
    int64_t missing_ms; // between looks while a kind is missing
    void *self;
    void (*changed)(void *self); // a document was read, or is not readable
    void (*failed)(void *self);  // a try failed; there will be another one
};

struct discovery_poll;
// Options are copied, what they point to is borrowed. It requests nothing before discovery_poll_start.
struct discovery_poll *discovery_poll_new(const struct discovery_poll_options *o);
// Cancels what is in flight. NULL is fine.
void discovery_poll_free(struct discovery_poll *p);

// Names a group of interest: of a server that answers in the legacy form, only the resources of these groups are read.
// The text must live as long as the poll.
void discovery_poll_add_group(struct discovery_poll *p, const char *group);

// Reads both documents now, unless they are being read.
void discovery_poll_start(struct discovery_poll *p);
// Reads them soon.
void discovery_poll_soon(struct discovery_poll *p);
// After an answer that contradicts the documents: the next look fetches them whole, whatever their ETag
// (docs/rules/kubernetes-client.md#discovery-etag).
void discovery_poll_distrust(struct discovery_poll *p);
// missing: a wanted kind is not there, so that the next look is due earlier.
void discovery_poll_timer(struct discovery_poll *p, int64_t now, bool missing);
// Monotonic ms of the next timer; INT64_MAX: none.
int64_t discovery_poll_deadline(const struct discovery_poll *p);

// As discovery_find.
enum discovery_answer discovery_poll_find(const struct discovery_poll *p, const char *group,
                                          const char *resource, const char *const *versions,
                                          const char **version);
// Whether the document that would list the group may not be read, so that only trying shows what is served.
bool discovery_poll_refused(const struct discovery_poll *p, const char *group);
// Why the group does not serve what is wanted: its document could not be read, its server is down, or it serves none
// of `versions` (*err names one that it serves). False if there is no such reason.
bool discovery_poll_why(const struct discovery_poll *p, const char *group,
                        const char *const *versions, struct err *err);
// Monotonic ms of the next look at the documents while a kind is missing; INT64_MAX while they are read.
int64_t discovery_poll_next_look(const struct discovery_poll *p);
// Whether the core group's document was read, or is not readable.
bool discovery_poll_knows_core(const struct discovery_poll *p);

#endif
