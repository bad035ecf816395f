// SPDX-License-Identifier: Apache-2.0
// Names as they travel: A-labels, and labels made up for wildcards.
#ifndef GATETOP_PROBE_PROBE_NAME_H
#define GATETOP_PROBE_PROBE_NAME_H

#include "kube/store/probe_result.h"

// What is put into a question or a handshake for a name (heap): international labels as A-labels (RFC 5891); "*.x"
// (of TXT "?.x", since "*.x" itself may be an owner's name) by a label that nobody has: what answers is the
// wildcard. NULL where the name is none that could travel.
char *probe_query_name(enum probe_kind k, const char *name);

#endif
