// SPDX-License-Identifier: Apache-2.0
// external-dns's settings as the options give them.
#include "tui/cli/external_dns_options.h"

#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/thread.h"

#include "kube/mesh/dns/dns_settings.h"

#include <string.h>

bool external_dns_options(const struct options *o, struct arena *a, const struct dns_settings **out,
                          struct err *err)
{
    *out = NULL;
    if (o->dns_args.n == 0) {
        return true;
    }
    struct dns_settings *s = arena_alloc(a, sizeof *s);
    dns_settings_default(s);
    for (size_t i = 0; i < o->dns_args.n; i++) {
        dns_settings_arg(a, s, o->dns_args.at[i], NULL);
    }
    dns_settings_finish(s);
    s->from = "options";
    if (s->unknown.n != 0) { // only a source can be that
        return err_set(err, ERR_USAGE,
                       "'%s' is no source of --dns-sources; use istio-gateway, "
                       "istio-virtualservice, service or ingress",
                       strchr(s->unknown.at[0], '=') + 1);
    }
    if (s->invalid != NULL) {
        return err_set(err, ERR_USAGE, "%s; external-dns does not start like this", s->invalid);
    }
    *out = s;
    return true;
}

void external_dns_options_release(struct arena *a)
{
    if (!thread_any_left_behind()) {
        arena_release(a);
    }
}
