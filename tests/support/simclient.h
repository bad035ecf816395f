// SPDX-License-Identifier: Apache-2.0
// A client, its simulated server and what the client said of it, for tests.
#ifndef GATETOP_TESTS_SUPPORT_SIMCLIENT_H
#define GATETOP_TESTS_SUPPORT_SIMCLIENT_H

#include "kube/base/clock.h"
#include "kube/base/err.h"

#include "kube/api/client.h"

#include "tests/apisim/apisim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAMESPACES, SERVICES, VIRTUALSERVICES, GATEWAYS, CERTIFICATES, SECRETS, KINDS };

extern const char *const SIMCLIENT_PLURALS[KINDS]; // as the simulator names them

struct simclient_object {
    char *line; // "ns/name uid rv", as the simulator dumps it
    char *key;
    int id;
    bool listed;
};

struct simclient {
    struct apisim *sim;
    struct api_config config;
    struct credential *credential;
    struct client *client;
    struct client_options options;
    struct simclient_object *objects;
    size_t count, cap;
    struct client_state states[KINDS];
    enum client_connection connection;
    struct err connection_err;
    int64_t skew;
    int begins[KINDS], events[KINDS];
    bool forced[KINDS]; // the last list is to be believed whatever the resource versions say
    int status;         // of a one-off request, -1: none yet
    char *body;
    char warning[200];
};

enum { SIMCLIENT_PATIENCE_MS = 60000 };

// Steps until the condition holds; fails the test, and prints the state of each kind, if that never happens.
#define STEP_UNTIL(w, condition)                                                                   \
    do {                                                                                           \
        int64_t give_up = clock_mono_ms() + SIMCLIENT_PATIENCE_MS;                                 \
        while (!(condition)) {                                                                     \
            if (clock_mono_ms() > give_up) {                                                       \
                simclient_report(w, #condition);                                                   \
                fail();                                                                            \
            }                                                                                      \
            client_step((w)->client, 20);                                                          \
        }                                                                                          \
    } while (0)

// Starts a server with a user's configuration ("admin-token") and short times; both may be changed before the
// client starts. options: NULL for all defaults. w need not be initialised.
void simclient_serve(struct simclient *w, const struct apisim_options *options);
void simclient_start(struct simclient *w); // a client of all KINDS
// Both, with apisim_generate(applications) between.
void simclient_up(struct simclient *w, const struct apisim_options *options, int applications);
void simclient_down(struct simclient *w); // client and sim may be gone (NULL)

// True if our objects of a kind are exactly the server's, with their uids and resource versions.
bool simclient_equal(struct simclient *w, int id);
bool simclient_all_equal(struct simclient *w);
bool simclient_all_live(const struct simclient *w);
bool simclient_phase_is(const struct simclient *w, int id, enum client_phase phase);
void simclient_report(struct simclient *w, const char *condition); // what never came

// Creates or changes a VirtualService of namespace "default".
void simclient_apply_vs(struct simclient *w, const char *name, const char *host);

#endif
