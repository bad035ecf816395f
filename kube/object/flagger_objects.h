// SPDX-License-Identifier: Apache-2.0
// Objects of Flagger (flagger.app), which moves the weights of routes.
#ifndef GATETOP_OBJECT_FLAGGER_OBJECTS_H
#define GATETOP_OBJECT_FLAGGER_OBJECTS_H

#include "kube/object/object.h"

#include <stdint.h>

// Canary (docs/rules/certificates.md#platform-canary)
#define OBJECT_KINDS_canary KIND_BIT(KIND_CANARY)
struct canary {
    struct object o;
    const char *target_name;         // spec.targetRef
    struct str_list hosts, gateways; // spec.service
    // status
    const char *phase; // "Progressing", "Succeeded", ...
    int64_t weight;    // percent that the canary gets now
};

#endif
