// SPDX-License-Identifier: Apache-2.0
// Label selectors as text: "app=web,tier in (a, b),!canary" (Kubernetes' labels.Parse).
#ifndef GATETOP_MESH_CORE_LABEL_SELECTOR_H
#define GATETOP_MESH_CORE_LABEL_SELECTOR_H

#include "kube/base/mem.h"

#include "kube/object/object.h"

#include <stdbool.h>

struct requirement {
    const char *key;
    enum {
        REQUIRE_IN,
        REQUIRE_NOT_IN,
        REQUIRE_PRESENT,
        REQUIRE_ABSENT,
        REQUIRE_MORE,
        REQUIRE_LESS
    } op;
    struct str_list values; // of IN and NOT_IN; of MORE and LESS one whole number
};

struct selector { // all must hold; an empty one holds always
    const struct requirement *at;
    uint32_t n;
};

// False where Kubernetes refuses the text; *why (may be NULL) says why, static text. In the arena.
bool selector_parse(struct arena *a, const char *text, struct selector *out, const char **why);
bool selector_matches(const struct selector *s, const struct str_map *labels);

#endif
