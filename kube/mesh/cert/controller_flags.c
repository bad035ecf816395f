// SPDX-License-Identifier: Apache-2.0
// Reads the arguments of cert-manager's Deployment.
#include "kube/mesh/cert/controller_flags.h"

#include "kube/base/arena.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/core/mesh_memo.h"
#include "kube/mesh/core/mesh_objects.h"

#include <string.h>

enum { HOUR = 3600 }; // in seconds

// The value of a flag: the text after its '=', or the next argument. The last one counts. NULL if it is not given.
static const char *value_of(const struct str_list *args, const char *flag)
{
    const char *value = NULL;
    size_t n = strlen(flag);
    for (uint32_t i = 0; i < args->n; i++) {
        const char *arg = args->at[i];
        size_t dashes = strspn(arg, "-");
        if (dashes == 0 || dashes > 2 || strncmp(arg + dashes, flag, n) != 0) {
            continue;
        }
        const char *rest = arg + dashes + n;
        if (*rest == '=') {
            value = rest + 1;
        } else if (*rest == '\0') {
            value = i + 1 < args->n && args->at[i + 1][0] != '-' ? args->at[i + 1] : "";
        }
    }
    return value;
}

static void set_duration(const struct str_list *args, const char *flag, int64_t *seconds)
{
    const char *value = value_of(args, flag);
    int64_t ms = value != NULL ? duration_parse(value) : DURATION_NONE;
    if (ms != DURATION_NONE && ms >= 0) {
        *seconds = ms / 1000;
    }
}

static void read_flags(const struct deployment *d, struct controller_flags *f)
{
    const char *ns = value_of(&d->args, "cluster-resource-namespace");
    f->deployment = d;
    set_duration(&d->args, "certificate-request-minimum-backoff-duration", &f->backoff_min);
    set_duration(&d->args, "certificate-request-maximum-backoff-duration", &f->backoff_max);
    // The chart writes $(POD_NAMESPACE).
    f->resource_ns = ns == NULL            ? "kube-system"
                     : ns[0] == '$'        ? d->o.ns
                     : strcmp(ns, "") == 0 ? d->o.ns
                                           : ns;
    f->nameservers = !str_empty(value_of(&d->args, "dns01-recursive-nameservers"));
}

static const void *find_flags(const struct mesh *m, const void *question)
{
    (void)question;
    struct controller_flags *f = arena_alloc(m->arena, sizeof *f);
    *f = (struct controller_flags){
        .backoff_min = HOUR, .backoff_max = (int64_t)32 * HOUR, .resource_ns = "cert-manager"};
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_DEPLOYMENT, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct deployment *d = OBJECT_AS(deployment, all[i]);
        if (d->program == PROGRAM_CERT_MANAGER && f->deployment == NULL) {
            read_flags(d, f);
        }
    }
    return f;
}

const struct controller_flags *controller_flags_of(const struct mesh *m)
{
    return mesh_answer(m, "flags of cert-manager", find_flags, NULL);
}

const char *controller_stopped(const struct mesh *m)
{
    const struct deployment *d = controller_flags_of(m)->deployment;
    if (d == NULL || (d->replicas != 0 && d->available != 0)) {
        return NULL;
    }
    return arena_printf(m->arena, "Deployment %s/%s %s", d->o.ns, d->o.name,
                        d->replicas == 0 ? "is scaled to 0" : "has no available pod");
}
