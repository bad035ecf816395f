// SPDX-License-Identifier: Apache-2.0
// Where a destination leads, seen from a gateway workload: service, port and why that port, subset.
// The rules: docs/rules/istio.md#destination-port, docs/rules/istio.md#missing-destination,
// docs/rules/istio.md#subset-destinationrules.
#ifndef GATETOP_MESH_ROUTE_DESTINATION_H
#define GATETOP_MESH_ROUTE_DESTINATION_H

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/workload.h"

#include <stdbool.h>
#include <stdint.h>

enum destination_fault {
    DEST_OK,
    DEST_NO_HOST,    // a destination without a host
    DEST_NO_SERVICE, // no Service or ServiceEntry of that name
    DEST_HIDDEN,     // it is not exported to the gateway's namespace
    DEST_NO_PORT,    // it has no such port
    DEST_NO_SUBSET,  // no DestinationRule that the gateway sees defines it
};
enum port_reason {
    PORT_GIVEN,  // port.number
    PORT_ONLY,   // the service has only this one
    PORT_SERVER, // left out, and not decidable: the number of the Gateway server
};

struct resolved_destination {
    const char *host;   // the host that is called: after name resolution, an ExternalName's target
    const char *name;   // after name resolution alone
    const char *subset; // NULL
    uint32_t port;
    enum port_reason port_reason;
    enum destination_fault fault;
    bool unproven;                // the fault is not certain: what seems to be missing may exist
                                  // (docs/rules/istio.md#absence-is-not-proof)
    bool no_endpoints;            // it exists, and nothing behind it is ready
    const struct object *service; // Service or ServiceEntry, NULL
    const struct destinationrule *rule; // that defines the subset, NULL
};

// Where it leads. `ns`: whose short names it uses; `server_port`: number of the Gateway server. Texts are in the arena
// or in the snapshot.
struct resolved_destination destination_resolve(const struct mesh *m, const struct workload *w,
                                                const struct destination *d, const char *ns,
                                                uint32_t server_port);
// A clause on why it does not exist ("service shop/cart has no port 81 (it has 80, 443)"), or on why that is not known.
// Where it exists: that it has no
// ready endpoint. In the arena; NULL where nothing is wrong.
const char *destination_fault_text(const struct mesh *m, const struct resolved_destination *r);
// Whether it is known that there is no such destination: requests get 503.
bool destination_missing(const struct resolved_destination *r);
// Whether requests get 503: it is missing, or has no ready endpoint.
bool destination_fails(const struct resolved_destination *r);
// "port.number", "the service's only port", ... Static text.
const char *port_reason_text(enum port_reason r);

#endif
