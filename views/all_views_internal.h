// SPDX-License-Identifier: Apache-2.0
// The views, each in the file of its name, for the list of them.
#ifndef GATETOP_VIEWS_ALL_VIEWS_INTERNAL_H
#define GATETOP_VIEWS_ALL_VIEWS_INTERNAL_H

#include "views/view.h"

extern const struct view view_home, view_causes, view_apps, view_namespaces, view_certificates,
    view_issuers, view_requests, view_gateways, view_routes, view_services, view_dns, view_findings,
    view_events, view_status;

#endif
