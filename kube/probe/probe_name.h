// SPDX-License-Identifier: Apache-2.0
// The name that a probe puts into a DNS question or a TLS handshake.
#ifndef GATETOP_PROBE_PROBE_NAME_H
#define GATETOP_PROBE_PROBE_NAME_H

#include "kube/store/probe_result.h"

// The query for a name, in the arena: international labels as A-labels; the "*" of "*.x" is replaced by a random
// label, which only a wildcard record or certificate answers (docs/rules/dns.md#dns-wildcard-host). For PROBE_TXT
// that is the "?" of "?.x", since an owner's record may itself be named "*.x". NULL if the name cannot be
// queried.
char *probe_query_name(struct arena *a, enum probe_kind k, const char *name);

#endif
