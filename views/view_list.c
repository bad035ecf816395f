// SPDX-License-Identifier: Apache-2.0
// The list of views.
#include "views/view_list.h"

#include "kube/base/str.h"

#include "views/all_views_internal.h"

#include <string.h>

const struct view *const views[] = {
    &view_apps,    &view_home,     &view_causes,   &view_namespaces, &view_certificates,
    &view_issuers, &view_requests, &view_gateways, &view_routes,     &view_services,
    &view_dns,     &view_findings, &view_events,   &view_status,     NULL,
};

const struct view *view_find(const char *name)
{
    const struct view *found = NULL;
    for (const struct view *const *v = views; *v != NULL; v++) {
        if (strcmp((*v)->name, name) == 0) {
            return *v;
        }
        if (name[0] != '\0' && str_starts((*v)->name, name)) {
            if (found != NULL) {
                return NULL; // two names begin with it
            }
            found = *v;
        }
    }
    return found;
}
