// SPDX-License-Identifier: Apache-2.0
// Environment variables, as a callback, so that tests need no setenv.
#include "kube/api/environment.h"

#include <stdlib.h>

static const char *process_get(void *self, const char *name)
{
    (void)self;
    return getenv(name); // NOLINT(concurrency-mt-unsafe): nothing changes the environment
}

const struct environment PROCESS_ENVIRONMENT = {.get = process_get};
