// SPDX-License-Identifier: Apache-2.0
// The defects of an object's text by the field tables of istio.md Appendix A.
#include "kube/object/decode.h"

struct lint *schema_lint(enum kind k, const struct json *root, const struct yaml_doc *doc,
                         struct arena *a, uint32_t *n)
{
    (void)k, (void)root, (void)doc, (void)a;
    *n = 0;
    return NULL;
}
