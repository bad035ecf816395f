// SPDX-License-Identifier: Apache-2.0
// The client of one API server: discovery, lists and watches of the wanted kinds, single requests.
//
// Everything runs in the thread that calls client_step (the I/O thread); only client_wakeup and client_stop may be
// called from another. Sink calls come from within client_step, client_new and client_add_informer, and may not call
// back into the client, except client_get, client_review and client_add_informer of a new id. The rest waits for the
// step's end.
#ifndef GATETOP_API_CLIENT_H
#define GATETOP_API_CLIENT_H

#include "kube/base/attr.h"

#include "kube/api/client_types.h"

#include <stddef.h>
#include <stdint.h>

struct client;
// The options that client_new works with: the default in the place of each that is 0, except for those of each kind.
// NULL: all defaults. For tests of the defaults.
struct client_options client_options_complete(const struct client_options *given);
// Lists the first informers' kinds once discovery has found them. config and credential are borrowed and must live
// longer; everything else is copied, as client_types.h says. options may be NULL. NULL with *err if it cannot work at
// all.
struct client *client_new(const struct api_config *config, struct credential *credential,
                          const struct informer_spec *first, size_t n,
                          const struct client_sink *sink, const struct client_options *options,
                          struct err *err) MUST_USE;
// Ends everything at once (under 100 ms), without sink calls. NULL is fine.
void client_free(struct client *c);

// One round: waits at most timeout_ms for the network, a timer or client_wakeup, and handles it.
void client_step(struct client *c, int64_t timeout_ms);
// Ends a wait. Any thread; no lock is taken.
void client_wakeup(struct client *c);
// Ends a step that runs, whatever comes from the network. Any thread; no lock is taken; only client_free may follow.
void client_stop(struct client *c);

// Adds an informer; one of the same id is replaced.
void client_add_informer(struct client *c, const struct informer_spec *spec);
// Ends an informer; its objects are the caller's to drop.
void client_remove_informer(struct client *c, int id);
// Lists a kind again now, also a forbidden or missing one. id < 0: all.
void client_relist(struct client *c, int id);
// The user asks for another try now: a new connection, the credential again, no back-off.
void client_reconnect(struct client *c);
// The namespaces that are known: where the list of all is forbidden each is tried, and that of the configuration.
// Copied.
void client_set_namespaces(struct client *c, const char *const *names, size_t n);

// The answer to a single request. status 0: none came, err says why. body is NUL-terminated, not cleaned.
typedef void client_answer_fn(void *self, int status, const char *body, size_t n,
                              const struct err *err);
struct client_request;
// GET of a path from the server's root, with its query, e.g. "/api/v1/namespaces/x". The answer comes once, in a later
// client_step; the handle is gone then. An answer over 16 MiB is an error. Never NULL.
struct client_request *client_get(struct client *c, const char *path, const char *accept,
                                  client_answer_fn *answer, void *self);
// POST of JSON to a self-subject review: the only kind of path it takes. NULL if path is another one.
struct client_request *client_review(struct client *c, const char *path, const char *json,
                                     client_answer_fn *answer, void *self);
// No answer follows. NULL is fine.
void client_request_cancel(struct client_request *r);

#endif
