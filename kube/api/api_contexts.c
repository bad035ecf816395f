// SPDX-License-Identifier: Apache-2.0
// The contexts of the kubeconfig files, for `:ctx`.
#include "kube/api/api_contexts.h"

#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/api/kubeconfig.h"

#include <stdlib.h>

bool api_contexts_load(const struct api_flags *flags, const struct environment *env,
                       struct api_contexts *out, struct buf *problems, struct err *err)
{
    struct buf found, warnings;
    struct kubeconfig k;
    buf_init(&found, 0);
    buf_init(&warnings, 0);
    *out = (struct api_contexts){0};
    kubeconfig_load(&k, flags->kubeconfig, env, &found, &warnings);
    bool ok = config_problems_to_err(&found, false, problems, err);
    out->names = xcalloc(k.context_count, sizeof *out->names);
    for (size_t i = 0; ok && i < k.context_count; i++) {
        out->names[out->count++] = xstrdup(k.contexts[i].name);
    }
    kubeconfig_release(&k);
    buf_release(&found);
    buf_release(&warnings);
    return ok;
}

void api_contexts_release(struct api_contexts *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->names[i]);
    }
    free(c->names);
    *c = (struct api_contexts){0};
}
