// SPDX-License-Identifier: Apache-2.0
// The parts of `check`, a file each: every one looks at all objects of its kinds and reports what it finds.
#ifndef GATETOP_MESH_CHECK_CHECK_PARTS_INTERNAL_H
#define GATETOP_MESH_CHECK_CHECK_PARTS_INTERNAL_H

struct check;

void check_decoding(struct check *c);             // what the decoder found in the text of files
void check_validation(struct check *c);           // what Istio's validation refuses or questions
void check_deprecated(struct check *c);           // fields that Istio will stop reading
void check_destinations(struct check *c);         // hosts, ports and subsets that do not exist
void check_gateway_references(struct check *c);   // Gateways that VirtualServices name
void check_subset_rules(struct check *c);         // rules that requests from a Gateway by-pass
void check_destinationrules(struct check *c);     // hosts, subsets and TLS of DestinationRules
void check_gateways(struct check *c);             // pods, ports and conflicts of Gateways
void check_credentials(struct check *c);          // the Secrets of Gateways
void check_gateway_certificates(struct check *c); // what the certificates of Gateways cover
void check_servers(struct check *c);              // servers that lose their port
void check_claims(struct check *c);               // claims of tokens that nothing reads
void check_unreachable(struct check *c);          // rules that cannot win, by istioctl's reading
void check_virtual_hosts(struct check *c);        // merged hosts: dead rules, neighbours, loops
void check_mesh_hosts(struct check *c);  // hosts that several VirtualServices of the mesh define
void check_exports(struct check *c);     // VirtualServices that are not exported to their gateway
void check_matches(struct check *c);     // matches that no request meets, rewrites with two slashes
void check_tls_ports(struct check *c);   // plain HTTP to ports that speak TLS
void check_l4_rules(struct check *c);    // rules that no server of their Gateways reads
void check_delegates(struct check *c);   // delegates that cannot be used
void check_endpoints(struct check *c);   // destinations without endpoints
void check_namespaces(struct check *c);  // injection labels of Namespaces
void check_annotations(struct check *c); // annotations that Istio does not read
void check_services(struct check *c);    // protocols of the ports of Services
void check_serviceentries(struct check *c); // addresses and protocols of ServiceEntries
void check_conditions(struct check *c);     // status of Services and ServiceEntries
void check_settings(struct check *c);       // settings that do not do what they look like

#endif
