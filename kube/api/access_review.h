// SPDX-License-Identifier: Apache-2.0
// What gatetop needs of a cluster, as SelfSubjectAccessReviews and as a ClusterRole. Pure.
#ifndef GATETOP_API_ACCESS_REVIEW_H
#define GATETOP_API_ACCESS_REVIEW_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

#define ACCESS_PATH "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

struct access_need {
    const char *group, *resource;
    const char *verbs; // "get,list,watch": what is used, in this order
    const char *why;   // what goes unknown without it
    bool optional;     // gatetop says less without it, but no chain goes unknown
};
extern const struct access_need access_needs[];
extern const size_t access_need_count;

// The verb at `at` (0, 1, …) of a need, into out; false past the last one.
bool access_verb(const struct access_need *need, size_t at, char out[16]);
// Appends the JSON body of one review (docs/rules/kubernetes-client.md#access-reviews). ns NULL: in all namespaces.
void access_body(struct buf *out, const struct access_need *need, const char *verb, const char *ns);
// Reads the answer: *allowed, and the reason as clean text (may be ""). Returns false if it cannot be parsed
// (ERR_PARSE).
bool access_read(const char *text, size_t n, bool *allowed, char *reason, size_t reason_size,
                 struct err *err) MUST_USE;
// Appends a ClusterRole named "gatetop" with exactly these verbs, as YAML.
void access_role(struct buf *out);

#endif
