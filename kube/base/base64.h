// SPDX-License-Identifier: Apache-2.0
// Standard base64 (RFC 4648, section 4) as Go's base64.StdEncoding reads and writes it
// (docs/rules/kubernetes-client.md#base64-data). OpenSSL's EVP_DecodeUpdate skips blanks, ends at a '-' as if the text
// ended there, and does not say which byte is wrong.
#ifndef GATETOP_BASE_BASE64_H
#define GATETOP_BASE_BASE64_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;

// Decodes n bytes of text and appends them to out. Padding is required; '\n' and '\r' are skipped, any
// other byte is an error: false, and *bad (may be NULL) is the offset of the byte that is wrong (n where
// the text ends too early). out then holds what was decoded before it. Where out has a cap, out->over says whether
// bytes were dropped.
bool base64_decode(const char *text, size_t n, struct buf *out, size_t *bad) MUST_USE;
// Appends the text of n bytes, with padding and without line breaks.
void base64_encode(const void *bytes, size_t n, struct buf *out);

#endif
