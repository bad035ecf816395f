// SPDX-License-Identifier: Apache-2.0
// Inflates an answer that comes as a sequence of gzip members.
//
// A streaming list ends a member with each flush, which libcurl's own decoding takes for the end
// (docs/rules/kubernetes-client.md#watch-list-gzip). Pure: bytes in, calls out. The result does not
// depend on how the bytes are split.
#ifndef GATETOP_API_GUNZIP_H
#define GATETOP_API_GUNZIP_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct err;

// Bytes that one answer may have when inflated: as much as one answer to a list. A watch that continues after its
// streaming list loses nothing at this bound: it is resumed.
#define GUNZIP_MAX ((size_t)1 << 30)

// At most 64 KiB at a time, borrowed for the call.
typedef void gunzip_fn(void *self, const char *bytes, size_t n);

struct gunzip;
// max bounds the inflated bytes of all members together, 0 is GUNZIP_MAX. out may not free it.
struct gunzip *gunzip_new(size_t max, gunzip_fn *out, void *self);
void gunzip_free(struct gunzip *z); // NULL is fine
// False if the bytes are not gzip members, one after another and nothing else (ERR_PARSE), or max is
// passed (ERR_LIMIT); the members before that were given to out. It must not be called again then.
bool gunzip_feed(struct gunzip *z, const char *bytes, size_t n, struct err *err) MUST_USE;
// True between members, and before the first: an answer that ends elsewhere was cut.
bool gunzip_complete(const struct gunzip *z);

#endif
