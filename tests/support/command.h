// SPDX-License-Identifier: Apache-2.0
// Subcommands that read a simulator: what they print, how they end, and how long that takes.
#ifndef GATETOP_TESTS_SUPPORT_COMMAND_H
#define GATETOP_TESTS_SUPPORT_COMMAND_H

#include "tests/apisim/apisim.h"

#include <stdint.h>
#include <sys/types.h>

// A simulator of five applications, which "admin" may read; the usual options if NULL.
struct apisim *command_server(const struct apisim_options *options);
// Arms a fault of that simulator.
void command_fault(struct apisim *sim, const char *rule);

// What a command said.
struct said {
    int status;
    int64_t ms, cpu_ms; // from its start to its end, and the processor's time
    char *out, *err;    // heap
};

// A subcommand that still runs.
struct running_command {
    pid_t pid;
    int64_t begin;
    char *out, *err; // files
};

// Starts `gatetop WORDS` as a user of the simulator, with files in dir.
struct running_command command_start(struct apisim *sim, const char *dir, const char *user,
                                     const char *words);
// Waits for its end; a signal fails the test.
struct said command_end(struct running_command *c);
// command_start and command_end.
struct said command_run(struct apisim *sim, const char *dir, const char *user, const char *words);

// Fails the test if text, one of the texts of s, does not have this part.
void said_has(const struct said *s, const char *text, const char *part);
void said_free(struct said *s);

#endif
