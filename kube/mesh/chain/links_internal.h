// SPDX-License-Identifier: Apache-2.0
// The links of the chain, a function each, in a file of its name.
//
// Each fills in its link of ctx->chain: the state, and a sentence that says why. The context is set up
// (link_context_init). link_secret comes before link_certificate, link_rules before link_destinations.
#ifndef GATETOP_MESH_CHAIN_LINKS_INTERNAL_H
#define GATETOP_MESH_CHAIN_LINKS_INTERNAL_H

#include "kube/mesh/chain/link_context.h"

// The namespace exists.
void link_namespace(struct link_context *ctx);
// External-dns makes a record of the host, and DNS has it.
void link_dns(struct link_context *ctx);
// A server of the Gateway takes the host, with TLS, and pods run it.
void link_gateway(struct link_context *ctx);
// The Secrets that the server reads its certificate from exist; sets ctx->certificate.
void link_secret(struct link_context *ctx);
// The certificate is alive, covers the host, and is the one that the gateway serves.
void link_certificate(struct link_context *ctx);
// There is a VirtualService, which the gateway's pods see.
void link_virtualservice(struct link_context *ctx);
// Its rules apply on the Gateway, and each can be reached.
void link_rules(struct link_context *ctx);
// The Services that the rules lead to exist.
void link_destinations(struct link_context *ctx);

#endif
