// SPDX-License-Identifier: Apache-2.0
// The protocol of a Gateway's server.
#include "kube/object/server_protocol.h"

#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

bool server_is_http(const struct server *s)
{
    static const char *const http[] = {"HTTP", "HTTP2", "GRPC", "GRPC-Web", "HTTP_PROXY"};
    for (size_t i = 0; s->protocol != NULL && i < ARRAY_COUNT(http); i++) {
        if (str_casecmp(s->protocol, http[i]) == 0) {
            return true;
        }
    }
    return false;
}
