// SPDX-License-Identifier: Apache-2.0
// A session that reads a simulated server, with its chains derived from it as the program does.
#ifndef GATETOP_TESTS_SUPPORT_SIMSESSION_H
#define GATETOP_TESTS_SUPPORT_SIMSESSION_H

#include "kube/store/session.h"

struct apisim;

struct simsession {
    struct session *session;
    struct app_updater *apps;
    int wake[2]; // a pipe (kube/base/pipe.h); the session writes a byte for each publication
};

// Connects by a kubeconfig. Of the options `kinds`, `first` and `client` count. Fails the test where it cannot.
void simsession_start(struct simsession *s, const char *kubeconfig,
                      const struct session_options *options);
// The same as the user "admin" of the simulator.
void simsession_start_admin(struct simsession *s, struct apisim *sim,
                            const struct session_options *options);
void simsession_stop(struct simsession *s);
// Waits until something is new, at most so long.
void simsession_wait(const struct simsession *s, int ms);

#endif
