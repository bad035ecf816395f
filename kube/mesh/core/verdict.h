// SPDX-License-Identifier: Apache-2.0
// A verdict: the state of a link of the chain, or of anything else that is judged.
#ifndef GATETOP_MESH_CORE_VERDICT_H
#define GATETOP_MESH_CORE_VERDICT_H

// From the least bad to the worst. Unknown is never shown as ok or as broken: no permission, not loaded, not
// probed yet, or not in the files.
enum verdict { VERDICT_UNKNOWN, VERDICT_OK, VERDICT_PENDING, VERDICT_WARNING, VERDICT_BROKEN };

// "unknown" "ok" "pending" "warning" "broken", as tables and JSON have it. Static text.
const char *verdict_name(enum verdict v);

#endif
