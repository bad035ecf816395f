// SPDX-License-Identifier: Apache-2.0
// Environment variables, as a callback, so that tests need no setenv.
#ifndef GATETOP_API_ENVIRONMENT_H
#define GATETOP_API_ENVIRONMENT_H

struct environment {
    // The value of a variable, borrowed; NULL if it is not set.
    const char *(*get)(void *self, const char *name);
    void *self;
    // Of a pod's credentials; /var/run/secrets/kubernetes.io/serviceaccount if NULL.
    const char *in_cluster_dir;
};

// The process's own.
extern const struct environment PROCESS_ENVIRONMENT;

#endif
