// SPDX-License-Identifier: Apache-2.0
// Which groups, versions and resources an API server serves. Pure.
// docs/rules/kubernetes-client.md#discovery-documents, docs/rules/kubernetes-client.md#discovery-legacy.
//
// Two documents make it up: /api (the core group, named "") and /apis. Both come aggregated (v2, v2beta1) or
// in the legacy form, which names groups and versions only; then one APIResourceList is needed for each
// group and version of interest.
#ifndef GATETOP_API_DISCOVERY_H
#define GATETOP_API_DISCOVERY_H

#include "kube/base/mem.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCOVERY_ACCEPT                                                                           \
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"                        \
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
#define DISCOVERY_BODY_MAX ((size_t)16 << 20)

enum discovery_form { DISCOVERY_AGGREGATED, DISCOVERY_LEGACY };

struct discovery;
struct discovery *discovery_new(void);
void discovery_free(struct discovery *d);

// Reads the answer of /api (core) or /apis. What it knew of that half is replaced, but for groups that are
// now Stale (their server is down): those keep what was known. False (ERR_PARSE) leaves everything.
bool discovery_read(struct discovery *d, bool core, const char *text, size_t n,
                    enum discovery_form *form, struct err *err) MUST_USE;
// /api answered 404: a front server without a core group.
void discovery_no_core(struct discovery *d);
// Reads GET /api/v1 or /apis/GROUP/VERSION of the legacy form. *_failed: that group version's server is down.
bool discovery_read_resources(struct discovery *d, const char *group, const char *version,
                              const char *text, size_t n, struct err *err) MUST_USE;
void discovery_resources_failed(struct discovery *d, const char *group, const char *version);
// Of the legacy form: the next version of `group` whose resources were not read yet, NULL: none.
const char *discovery_unread(const struct discovery *d, const char *group);

enum discovery_answer {
    DISCOVERY_SERVED,
    DISCOVERY_ABSENT,  // not installed
    DISCOVERY_UNKNOWN, // not read yet, or the group's server is down and nothing was known before
};
struct discovery_resource {
    const char *version; // borrowed until the next read
    bool namespaced, list, watch;
};
// The first of `versions` (ends with NULL) that is served and current, else that is served by a Stale group.
enum discovery_answer discovery_find(const struct discovery *d, const char *group,
                                     const char *resource, const char *const *versions,
                                     struct discovery_resource *out);

#endif
