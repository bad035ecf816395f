// SPDX-License-Identifier: Apache-2.0
// What a bearer token may contain (docs/rules/kubernetes-client.md#token-text). Pure.
#ifndef GATETOP_API_TOKEN_TEXT_H
#define GATETOP_API_TOKEN_TEXT_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

// Cuts white space off the end of the *n bytes at s; *n may become 0. False if a byte is left that would end or split a
// header.
bool token_text_trim(const char *s, size_t *n) MUST_USE;

#endif
