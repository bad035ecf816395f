// SPDX-License-Identifier: Apache-2.0
// Types shared by a credential and its parts.
#ifndef GATETOP_API_CREDENTIAL_TYPES_H
#define GATETOP_API_CREDENTIAL_TYPES_H

#include <stdint.h>

// Time comes in from the caller: mono_ms from a monotonic clock for periods, wall_ms since 1970 for expiry.
struct credential_time {
    int64_t mono_ms, wall_ms;
};

enum credential_state {
    CREDENTIAL_READY,
    CREDENTIAL_PENDING, // a plugin runs: poll, step, check again
    CREDENTIAL_FAILED,  // an error says why; a later check tries again
    CREDENTIAL_TERMINAL // the plugin needs the terminal: credential_run_interactive, when the user agrees
};

#endif
