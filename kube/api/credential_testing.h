// SPDX-License-Identifier: Apache-2.0
// What tests ask of a credential, and the program never does.
#ifndef GATETOP_API_CREDENTIAL_TESTING_H
#define GATETOP_API_CREDENTIAL_TESTING_H

#include <stdbool.h>

struct credential;
// Whether a plugin runs, even if its last answer is still good. For tests that wait for its end; the program waits
// for credential_fds and credential_deadline.
bool credential_running(const struct credential *c);

#endif
