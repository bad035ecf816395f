// SPDX-License-Identifier: Apache-2.0
// One decoder for each kind, each in the file of its API group.
#ifndef GATETOP_OBJECT_DECODE_KINDS_INTERNAL_H
#define GATETOP_OBJECT_DECODE_KINDS_INTERNAL_H

#include "kube/object/decoder_internal.h"

// The parts of an object's JSON, each NULL if absent.
struct object_parts {
    const struct json *root, *metadata, *spec, *status;
};

// Fills what the kind adds to metadata: `o` is the zeroed struct of that kind, whose metadata is there. What cannot
// be read is left out: a decoder does not fail.
typedef void decode_kind_fn(struct object_decoder *d, const struct object_parts *p,
                            struct object *o);

// core/v1
decode_kind_fn decode_namespace, decode_service, decode_secret, decode_pod, decode_event;
// apps, networking.k8s.io, discovery.k8s.io, gateway.networking.k8s.io
decode_kind_fn decode_deployment, decode_ingress, decode_endpointslice, decode_k8s_gateway;
// bitnami.com, external-secrets.io, secrets-store.csi.x-k8s.io
decode_kind_fn decode_sealedsecret, decode_externalsecret, decode_secretproviderclass;
// flagger.app
decode_kind_fn decode_canary;
// networking.istio.io, security.istio.io
decode_kind_fn decode_virtualservice, decode_gateway, decode_destinationrule, decode_serviceentry;
// and extensions.istio.io
decode_kind_fn decode_workload_policy;
// cert-manager.io, acme.cert-manager.io
decode_kind_fn decode_certificate, decode_certificaterequest, decode_order, decode_challenge,
    decode_issuer;

#endif
