// SPDX-License-Identifier: Apache-2.0
// Label selectors as text: "app=web,tier in (a, b),!canary" (Kubernetes' labels.Parse).
#ifndef GATETOP_MESH_CORE_LABEL_SELECTOR_H
#define GATETOP_MESH_CORE_LABEL_SELECTOR_H

#include "kube/object/object.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum label_operator {
    LABEL_IN,      // also "=" and "=="
    LABEL_NOT_IN,  // also "!="; holds where the label is absent
    LABEL_PRESENT, // the bare key
    LABEL_ABSENT,  // "!key"
    LABEL_GREATER, // ">" and "<": the label's value is a whole number beyond it
    LABEL_LESS,
};

struct label_requirement {
    const char *key;
    enum label_operator op;
    struct str_list values; // of IN and NOT_IN; of GREATER and LESS one whole number
};

struct label_selector { // all requirements must hold; an empty selector always holds
    const struct label_requirement *at;
    uint32_t n;
};

// Reads a selector into the arena. False if Kubernetes refuses the text; *why (may be NULL) is then a clause
// that says why, static text.
bool label_selector_parse(struct arena *a, const char *text, struct label_selector *out,
                          const char **why);
// Do the labels (or annotations) meet the selector?
bool label_selector_matches(const struct label_selector *s, const struct str_map *labels);

#endif
