// SPDX-License-Identifier: Apache-2.0
// Which groups, versions and resources an API server serves. Pure.
// docs/rules/kubernetes-client.md#discovery-documents, docs/rules/kubernetes-client.md#discovery-legacy.
//
// There are two documents: /api (the core group, named "") and /apis. Both come aggregated (v2, v2beta1) or
// in the legacy form, which names groups and versions only; then one APIResourceList is needed for each
// group and version of interest.
#ifndef GATETOP_API_DISCOVERY_H
#define GATETOP_API_DISCOVERY_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct err;

#define DISCOVERY_ACCEPT                                                                           \
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"                        \
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
#define DISCOVERY_BODY_MAX ((size_t)16 << 20)

enum discovery_form { DISCOVERY_AGGREGATED, DISCOVERY_LEGACY };

struct discovery;
// Nothing is known at first.
struct discovery *discovery_new(void);
// NULL is fine.
void discovery_free(struct discovery *d);

// Reads the answer to /api (core) or /apis. What was known of that half is replaced, except for groups that are now
// Stale (their server is down): those keep what was known (docs/rules/kubernetes-client.md#discovery-stale). False
// (ERR_PARSE) leaves everything as it was.
bool discovery_read(struct discovery *d, bool core, const char *text, size_t n,
                    enum discovery_form *form, struct err *err) MUST_USE;
// /api answered 404: a front server without a core group.
void discovery_no_core(struct discovery *d);

// Of the legacy form: the next version of `group` whose resources were not read yet, borrowed until the next read;
// NULL: none.
const char *discovery_unread(const struct discovery *d, const char *group);
// Reads the answer to /api/v1 or /apis/GROUP/VERSION. False (ERR_PARSE) leaves everything as it was.
bool discovery_read_resources(struct discovery *d, const char *group, const char *version,
                              const char *text, size_t n, struct err *err) MUST_USE;
// The resources of a group version could not be read: its server is down.
void discovery_resources_failed(struct discovery *d, const char *group, const char *version);

// Whether a version of the group is served by a server that is down.
bool discovery_is_stale(const struct discovery *d, const char *group);
// A served version of the group if none of `versions` (ends with NULL) is served, else NULL. Borrowed until the next
// read.
const char *discovery_other_version(const struct discovery *d, const char *group,
                                    const char *const *versions);

enum discovery_answer {
    DISCOVERY_SERVED,
    DISCOVERY_ABSENT,  // not installed
    DISCOVERY_UNKNOWN, // not read yet, or the group's server is down and nothing was known before
};
// Finds the first of `versions` (ends with NULL) that is served and current, else that is served by a Stale group
// (docs/rules/kubernetes-client.md#version-preference). *version is set for DISCOVERY_SERVED: borrowed until the next
// read.
enum discovery_answer discovery_find(const struct discovery *d, const char *group,
                                     const char *resource, const char *const *versions,
                                     const char **version);

#endif
