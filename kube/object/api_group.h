// SPDX-License-Identifier: Apache-2.0
// Which API groups, versions and kinds there are, for manifests: what no API server has is an error, not a kind that is
// left out. Rules: docs/rules/kubernetes-client.md#groups-that-exist.
#ifndef GATETOP_OBJECT_API_GROUP_H
#define GATETOP_OBJECT_API_GROUP_H

struct arena;

// What is wrong with an apiVersion and kind that no API server knows, in one sentence; NULL where nothing is known to
// be. In the arena.
const char *api_group_problem(struct arena *a, const char *api_version, const char *kind);

#endif
