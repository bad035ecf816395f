// SPDX-License-Identifier: Apache-2.0
// The words of Istio's enums, in the order of their numbers; each list ends with NULL.
#ifndef GATETOP_OBJECT_ISTIO_ENUMS_INTERNAL_H
#define GATETOP_OBJECT_ISTIO_ENUMS_INTERNAL_H

extern const char *const istio_tls_modes[]; // by enum tls_mode
extern const char *const istio_tls_versions[];
extern const char *const istio_client_modes[]; // of trafficPolicy.tls
extern const char *const istio_locations[];    // of a ServiceEntry
extern const char *const istio_resolutions[];  // of a ServiceEntry
extern const char *const istio_derived_ports[];
extern const char *const istio_preflights[];

#endif
