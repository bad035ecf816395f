// SPDX-License-Identifier: Apache-2.0
// The dashboard's connection to a cluster: connecting, and going to another context.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/api/api_contexts.h"

#include "views/view_list.h"

#include "tui/screen/dashboard_internal.h"
#include "tui/screen/terminal_lend.h"

#include <stdlib.h>
#include <string.h>

// What a large cluster has too many of for a program that stays open: for the answers of subcommands only.
enum { NOT_KEPT = KIND_BIT(KIND_ENDPOINTSLICE) | KIND_BIT(KIND_INGRESS) };

bool dashboard_connect(struct dashboard *d, void (*lend_terminal)(bool), struct buf *problems,
                       struct err *err)
{
    const struct dashboard_options *o = d->o;
    struct cluster_options wanted = {.api = &d->api,
                                     .kinds = KIND_SET_ALL & ~(kind_set)NOT_KEPT,
                                     .first = views[0]->needs,
                                     .chains = true,
                                     .watch = true,
                                     .dns = o->dns,
                                     .lend = lend_terminal,
                                     .screen = true,
                                     .probe_dns = o->probe_dns,
                                     .authoritative = o->authoritative,
                                     .resolver = o->resolver,
                                     .probe_tls = o->probe_tls};
    return cluster_connect(&d->cluster, &wanted, problems, err);
}

const char *const *dashboard_contexts(void *self, struct arena *a, uint32_t *n)
{
    struct dashboard *d = self;
    struct api_contexts all;
    struct err err;
    *n = 0;
    if (!api_contexts_load(d->o->api, &PROCESS_ENVIRONMENT, &all, NULL, &err)) {
        return NULL;
    }
    const char **names = arena_calloc(a, all.count, sizeof *names);
    for (size_t i = 0; i < all.count; i++) {
        names[(*n)++] = text_clean(a, all.names[i], strlen(all.names[i]), 0);
    }
    api_contexts_release(&all);
    return names;
}

// Options about the cluster or user belong to the context that they were given with: over
// another one --server would show the wrong cluster under its name, and --token would go to a
// server it is not meant for. Impersonation stays, since it takes rights away.
static struct api_flags flags_for(const struct api_flags *given, const char *context)
{
    struct err err;
    struct api_config *first = api_config_load(given, &PROCESS_ENVIRONMENT, NULL, &err);
    bool same = first != NULL && str_eq(first->context, context);
    api_config_free(first);
    struct api_flags f = *given;
    f.context = context;
    if (!same) {
        f.cluster = f.user = f.server = f.certificate_authority = f.insecure_skip_tls_verify = NULL;
        f.tls_server_name = f.proxy_url = f.token = f.username = f.password = NULL;
        f.client_certificate = f.client_key = NULL;
    }
    return f;
}

// Whether the flags give a configuration: a mistyped name must not end the current connection.
static bool can_load(const struct api_flags *flags, struct buf *problems, struct err *err)
{
    struct api_config *c = api_config_load(flags, &PROCESS_ENVIRONMENT, problems, err);
    api_config_free(c);
    return c != NULL;
}

static bool reconnect(struct dashboard *d, struct buf *problems, struct err *err)
{
    cluster_disconnect(&d->cluster);
    buf_reset(problems);
    return dashboard_connect(d, terminal_lend, problems, err);
}

bool dashboard_switch_context(void *self, const char *name, struct err *err)
{
    struct dashboard *d = self;
    struct api_flags flags_before = d->api;
    char *name_before = d->context;
    d->context = xstrdup(name);
    d->api = flags_for(d->o->api, d->context);
    struct buf problems;
    buf_init(&problems, 0);
    struct err e = {0};
    // The name may be anything that was typed.
    bool known = can_load(&d->api, &problems, &e);
    bool ok = known && reconnect(d, &problems, &e);
    log_debug(LOG_AREA_SCREEN, "context %s: %s%s", known ? name : "(not known)",
              ok ? "switched" : "not switched: ", ok || !known ? "" : problems.data);
    if (ok) {
        free(name_before);
    } else {
        err_set(err, ERR_CONFIG, "%s", problems.len > 0 ? problems.data : e.msg);
        free(d->context);
        d->context = name_before;
        d->api = flags_before;
    }
    if (d->cluster.session ==
        NULL) { // connect to the old context again, or the screen would freeze
        buf_reset(&problems);
        (void)dashboard_connect(d, terminal_lend, &problems, &e);
    }
    buf_release(&problems);
    return ok;
}
