// SPDX-License-Identifier: Apache-2.0
// The detail page of a Certificate.
#ifndef GATETOP_VIEWS_CERTIFICATE_DETAIL_INTERNAL_H
#define GATETOP_VIEWS_CERTIFICATE_DETAIL_INTERNAL_H

#include "kube/mesh/cert/certificate_status.h"

#include "views/view.h"

// "ClusterIssuer/letsencrypt"; a kind that is not written is Issuer. In the arena of args.
const char *certificate_issuer_text(const struct view_args *a, const struct certificate_status *s);
// Everything that is known of a Certificate: state, what is in its way, objects, steps, challenges, the certificate
// as issued and as served, the CA's limits, events.
void certificate_detail(const struct view_args *a, const struct certificate_status *s,
                        struct text_block *b);

#endif
