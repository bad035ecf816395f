// SPDX-License-Identifier: Apache-2.0
// The objects of a simulator as texts, for tests that change them at random. One thread.
#ifndef GATETOP_TESTS_SUPPORT_SIM_OBJECTS_H
#define GATETOP_TESTS_SUPPORT_SIM_OBJECTS_H

#include "tests/apisim/apisim.h"

#include <stdint.h>

struct sim_objects {
    char **at; // JSON, each on the heap: a test may put another text in its place
    uint32_t n;
};

// All that the simulator has now.
struct sim_objects sim_objects_take(struct apisim *sim);
void sim_objects_free(struct sim_objects *o);

#endif
