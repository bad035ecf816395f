// SPDX-License-Identifier: Apache-2.0
// The parts of `check`, a file each: every one looks at all objects of its kinds and reports what it finds.
#ifndef GATETOP_MESH_CHECK_CHECK_PARTS_INTERNAL_H
#define GATETOP_MESH_CHECK_CHECK_PARTS_INTERNAL_H

struct check;

void check_decoding(struct check *c);   // what the decoder found in the text of files
void check_validation(struct check *c); // what Istio's validation refuses or questions
void check_references(
    struct check *c);                 // names of hosts, ports, subsets, Gateways that are not there
void check_gateways(struct check *c); // pods, ports, credentials, conflicts of Gateways
void check_unreachable(struct check *c);   // rules that cannot win, by istioctl's reading
void check_mesh_hosts(struct check *c);    // hosts that several VirtualServices of the mesh define
void check_services(struct check *c);      // Namespaces, Services, ServiceEntries
void check_settings(struct check *c);      // settings that do not do what they look like
void check_virtual_hosts(struct check *c); // merged hosts: dead rules, neighbours, loops
void check_servers(struct check *c);       // servers, certificates, exports, delegates, endpoints

#endif
