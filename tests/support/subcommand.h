// SPDX-License-Identifier: Apache-2.0
// Subcommands that read a simulator: what they print, how they end, and how long that takes.
#ifndef GATETOP_TESTS_SUPPORT_SUBCOMMAND_H
#define GATETOP_TESTS_SUPPORT_SUBCOMMAND_H

#include "tests/apisim/apisim.h"

#include <stdint.h>
#include <sys/types.h>

// A simulator of five applications, which "admin" may read; the usual options if NULL.
struct apisim *subcommand_server(const struct apisim_options *options);
// Arms a fault of that simulator.
void subcommand_fault(struct apisim *sim, const char *rule);

// What a subcommand said.
struct said {
    int status;
    int64_t ms, cpu_ms; // from its start to its end, and the processor's time
    char *out, *err;    // heap
};

// A subcommand that still runs.
struct running_subcommand {
    pid_t pid;
    int64_t begin;
    char *out, *err; // files
};

// Starts `gatetop WORDS` as a user of the simulator, with files in dir.
struct running_subcommand subcommand_start(struct apisim *sim, const char *dir, const char *user,
                                           const char *words);
// Waits for its end; a signal fails the test.
struct said subcommand_end(struct running_subcommand *c);
// subcommand_start and subcommand_end.
struct said subcommand_run(struct apisim *sim, const char *dir, const char *user,
                           const char *words);

// Fails the test if text, one of the texts of s, does not have this part.
void said_has(const struct said *s, const char *text, const char *part);
void said_free(struct said *s);

#endif
