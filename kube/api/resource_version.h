// SPDX-License-Identifier: Apache-2.0
// Resource versions: how old one state of a resource is against another. Pure.
#ifndef GATETOP_API_RESOURCE_VERSION_H
#define GATETOP_API_RESOURCE_VERSION_H

#include <stdbool.h>

// Compares two resource versions of one resource: *order is -1, 0 or 1. False if they are not both decimal integers
// without leading zeros; then only equality has a meaning (docs/rules/kubernetes-client.md#rv-compare). NULL is none.
bool resource_version_compare(const char *a, const char *b, int *order);

#endif
