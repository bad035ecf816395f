// SPDX-License-Identifier: Apache-2.0
// What people hand over in place of manifests: charts and templates of Helm, kustomizations, YAML that libyaml does
// not take. Rules: docs/rules/kubernetes-client.md#manifest-sources.
#ifndef GATETOP_OBJECT_MANIFEST_SOURCE_H
#define GATETOP_OBJECT_MANIFEST_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct json;

// Whether a text holds actions of Go templates, "{{ ... }}" on one line.
bool manifest_is_template(const char *text, size_t n);
// Whether it is UTF-16 that does not say so: every second byte of its beginning is 0.
bool manifest_is_utf16(const char *text, size_t n);
// Appends the text with IPv6 addresses in flow lists quoted where libyaml stumbles over them ([2001:db8::]), as
// kubectl reads them. False, with nothing appended, if there is none.
bool manifest_quote_addresses(const char *text, size_t n, struct buf *out);
// Whether a file of this name (without its folder) says how kustomize builds the folder.
bool manifest_is_kustomization(const char *name);
// Whether a kustomization lists a file (relative to it) as a patch or another part of objects, so that it is no
// manifest of its own. root: of the kustomization's document.
bool manifest_is_patch(const struct json *root, const char *name);

#endif
