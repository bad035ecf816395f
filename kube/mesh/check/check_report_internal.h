// SPDX-License-Identifier: Apache-2.0
// One run of `check`, and how its parts report what they find.
#ifndef GATETOP_MESH_CHECK_CHECK_REPORT_INTERNAL_H
#define GATETOP_MESH_CHECK_CHECK_REPORT_INTERNAL_H

#include "kube/base/attr.h"
#include "kube/base/string_map.h"

#include "kube/mesh/check/suppression.h"
#include "kube/mesh/core/finding.h"

#include <stdbool.h>
#include <stdint.h>

struct check {
    const struct mesh *m;
    struct arena *a; // of m
    struct findings *out;
    const struct check_options *opt; // what is not reported; NULL: all is
    struct string_map seen;          // findings that are reported already
    struct finding unreported;       // what a suppressed finding is written to
};

// Begins a run that reports into `out`.
void check_begin(struct check *c, const struct mesh *m, const struct check_options *opt,
                 struct findings *out);
// A finding with its message, about o (may be NULL) and the field `path` (may be NULL). Where it is suppressed or
// reported already, what is returned is discarded. Never NULL: the caller may set a hint.
struct finding *check_add(struct check *c, const char *code, const struct object *o,
                          const char *path, const char *fmt, ...) PRINTF_LIKE(5, 6);
// An info: `what` ("the gateway \"a/b\"") is not in these files, which are an excerpt
// (docs/rules/istio.md#files-are-an-excerpt).
void check_add_unseen(struct check *c, const char *code, const struct object *o, const char *path,
                      const char *what);
// An info: istioctl reports `what`, but Envoy does what is meant.
void check_add_harmless(struct check *c, const char *code, const struct object *o, const char *path,
                        const char *what);
// Sets what to do about the finding.
void check_hint(struct check *c, struct finding *f, const char *fmt, ...) PRINTF_LIKE(3, 4);
// A text in the arena.
const char *check_text(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
// "[a b]", as Go prints a list. In the arena.
const char *check_list(struct check *c, const struct str_list *l);
// Whether a Namespace of this name is Kubernetes' own: it and its Services are ignored, as in istioctl.
bool check_system_namespace(const char *name);

#endif
