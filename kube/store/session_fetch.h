// SPDX-License-Identifier: Apache-2.0
// One object as the server has it now, as text for a person. Any thread.
#ifndef GATETOP_STORE_SESSION_FETCH_H
#define GATETOP_STORE_SESSION_FETCH_H

#include "kube/object/object.h"

#include <stdbool.h>
#include <stddef.h>

struct session;

struct fetched_text {
    char *text; // heap, the caller's
    size_t n;
    bool failed; // text says why
};

// Requests the object: YAML without the details of managedFields; a Secret as metadata only. A newer fetch replaces the
// one before. False if too many requests wait.
bool session_fetch(struct session *s, const struct object *o);
// Takes the text of the newest fetch: true once, after a byte on notify_fd.
bool session_take_fetched(struct session *s, struct fetched_text *out);

#endif
