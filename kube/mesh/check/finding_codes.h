// SPDX-License-Identifier: Apache-2.0
// The codes of findings: the one table that `check`, its --ignore, the man page and the JSON are made from.
#ifndef GATETOP_MESH_CHECK_FINDING_CODES_H
#define GATETOP_MESH_CHECK_FINDING_CODES_H

#include "kube/mesh/core/finding.h"

#include <stddef.h>

// IST codes are istioctl's, GT ones gatetop's own: 00 the text of files, 01 Gateways and routes, 02 certificates, 03
// DNS.
struct finding_code {
    const char *code;       // "IST0101", "GT0101"
    enum severity severity; // of its findings, where they do not say otherwise
    const char *title;      // a few words
    const char *text;       // sentences for the man page
};
extern const struct finding_code finding_codes[]; // IST before GT, each by number
extern const size_t finding_code_count;

// The row of a code, NULL if it is unknown.
const struct finding_code *finding_code_find(const char *code);
// The code as istioctl has it, NULL for gatetop's own: the `istio` field of the JSON.
const char *finding_istio_code(const char *code);
// Appends a finding with the severity of its code, which is one of the table, about an object (may be NULL) and the
// field `path` (may be NULL). Texts are borrowed; `hint` may be NULL. Returns it as findings_add does.
struct finding *finding_add_coded(struct findings *f, struct arena *a, const char *code,
                                  const struct object *o, const char *path, const char *message,
                                  const char *hint);

#endif
