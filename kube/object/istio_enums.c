// SPDX-License-Identifier: Apache-2.0
// The words of Istio's enums.
#include "kube/base/array.h"

#include "kube/object/istio_enums_internal.h"
#include "kube/object/istio_objects.h"

#include <assert.h>

// clang-format off
const char *const istio_tls_modes[] = {
    [TLS_PASSTHROUGH]      = "PASSTHROUGH",
    [TLS_SIMPLE]           = "SIMPLE",
    [TLS_MUTUAL]           = "MUTUAL",
    [TLS_AUTO_PASSTHROUGH] = "AUTO_PASSTHROUGH",
    [TLS_ISTIO_MUTUAL]     = "ISTIO_MUTUAL",
    [TLS_OPTIONAL_MUTUAL]  = "OPTIONAL_MUTUAL",
    [TLS_MODE_UNKNOWN]     = NULL,
};
const char *const istio_tls_versions[] = {"TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3", NULL};
const char *const istio_client_modes[] = {"DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL", NULL};
const char *const istio_locations[] = {"MESH_EXTERNAL", "MESH_INTERNAL", NULL};
const char *const istio_resolutions[] = {"NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS", NULL};
const char *const istio_derived_ports[] = {"FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT", NULL};
const char *const istio_preflights[] = {"UNSPECIFIED", "FORWARD", "IGNORE", NULL};
// clang-format on
static_assert(ARRAY_COUNT(istio_tls_modes) == TLS_MODE_UNKNOWN + 1, "a TLS mode without its word");
