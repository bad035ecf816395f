// SPDX-License-Identifier: Apache-2.0
// What an http rule does with the requests it takes.
#include "kube/mesh/route/rule_action.h"

#include "kube/base/arena.h"
#include "kube/base/regex.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

int64_t redirect_code(const struct http_redirect *redirect)
{
    return redirect->code == 0 ? REDIRECT_CODE_DEFAULT : redirect->code;
}

double rule_mirror_percent(const struct http_rule_more *x)
{
    return x->mirror_percentage.set ? x->mirror_percentage.value
           : x->mirror_percent >= 0 ? (double)x->mirror_percent
                                    : 100;
}

const char *rule_unusable(const struct http_rule *rule)
{
    const struct http_redirect *redirect = rule->more != NULL ? rule->more->redirect : NULL;
    if (redirect != NULL) {
        return redirect_code_usable(redirect->code)
                   ? NULL
                   : "has a redirect code that Envoy does not have, which refuses the whole route "
                     "table for it: use " REDIRECT_CODES;
    }
    if (rule->more != NULL && rule->more->direct_response != NULL) {
        return NULL;
    }
    if (rule->nroutes == 0) {
        return "has no action, which Istio's validation refuses: write route, redirect or "
               "directResponse";
    }
    for (uint32_t i = 0; i < rule->nroutes; i++) {
        if (rule->nroutes == 1 || rule->routes[i].weight > 0) {
            return NULL;
        }
    }
    return "gives no destination a weight, which Istio's validation refuses";
}

static const char *seconds_text(struct arena *a, int64_t ms)
{
    return ms % 1000 == 0 ? arena_printf(a, "%llds", (long long)(ms / 1000))
                          : arena_printf(a, "%lldms", (long long)ms);
}

const char *rule_action_text(struct arena *a, const struct http_rule *rule,
                             enum route_action *action)
{
    const struct http_rule_more *x = rule->more;
    if (x != NULL && x->redirect != NULL) {
        const struct http_redirect *d = x->redirect;
        const char *path = !str_empty(d->uri)              ? d->uri
                           : !str_empty(d->prefix_rewrite) ? d->prefix_rewrite
                                                           : "";
        const char *port = d->port_set ? arena_printf(a, ":%lld", (long long)d->port) : "";
        const char *scheme = !str_empty(d->scheme) ? arena_printf(a, "%s://", d->scheme) : "";
        *action = ACTION_REDIRECT;
        return arena_printf(a, "redirect %lld to %s%s%s%s", (long long)redirect_code(d), scheme,
                            str_or_empty(d->authority), port, path);
    }
    if (x != NULL && x->direct_response != NULL) {
        *action = ACTION_DIRECT;
        return arena_printf(a, "direct %lld", (long long)x->direct_response->status);
    }
    *action = rule->nroutes > 0 ? ACTION_ROUTE : ACTION_NONE;
    return rule->nroutes > 0 ? "route" : "none";
}

static void fault_details(struct arena *a, const struct http_fault *f, struct str_array *out)
{
    double delay = f->delay_percentage.set ? f->delay_percentage.value : (double)f->delay_percent;
    if (f->has_delay && delay > 0 && f->fixed_delay != DURATION_NONE) {
        str_array_add(
            a, out,
            arena_printf(a, "fault: delay %s for %g %%", seconds_text(a, f->fixed_delay), delay));
    }
    if (f->has_abort && f->abort_percentage.set && f->abort_percentage.value > 0) {
        const char *what = f->http_status > 0 ? arena_printf(a, "%lld", (long long)f->http_status)
                           : f->grpc_status != NULL ? f->grpc_status
                                                    : "nothing";
        str_array_add(
            a, out, arena_printf(a, "fault: abort %s for %g %%", what, f->abort_percentage.value));
    }
}

static void rewrite_details(struct arena *a, const struct http_rewrite *x, struct str_array *out)
{
    if (!str_empty(x->regex_match)) {
        str_array_add(a, out,
                      arena_printf(a, "rewrite path %s to %s", x->regex_match,
                                   str_or_empty(x->regex_rewrite)));
    } else if (!str_empty(x->uri)) {
        str_array_add(a, out, arena_printf(a, "rewrite path %s", x->uri));
    }
    if (!str_empty(x->authority)) {
        str_array_add(a, out, arena_printf(a, "rewrite host %s", x->authority));
    }
}

static const char *mirror_detail(struct arena *a, const struct destination *d, double percent)
{
    const char *port = d->port_set ? arena_printf(a, ":%lld", (long long)d->port) : "";
    return arena_printf(a, "mirror %g %% to %s%s%s%s", percent, str_or_empty(d->host), port,
                        str_empty(d->subset) ? "" : " subset ",
                        str_empty(d->subset) ? "" : d->subset);
}

static void mirror_details(struct arena *a, const struct http_rule_more *x, struct str_array *out)
{
    if (x->mirror != NULL) {
        str_array_add(a, out, mirror_detail(a, &x->mirror->destination, rule_mirror_percent(x)));
    }
    for (uint32_t i = 0; i < x->nmirrors; i++) {
        const struct http_mirror *m = &x->mirrors[i];
        double percent = m->percentage.set ? m->percentage.value : 100;
        str_array_add(a, out, mirror_detail(a, &m->destination, percent));
    }
}

struct str_list rule_details(struct arena *a, const struct http_rule *rule)
{
    const struct http_rule_more *x = rule->more;
    struct str_array out = {0};
    if (x == NULL) {
        return str_array_list(&out);
    }
    if (x->rewrite != NULL) {
        rewrite_details(a, x->rewrite, &out);
    }
    if (x->fault != NULL) {
        fault_details(a, x->fault, &out);
    }
    mirror_details(a, x, &out);
    if (x->timeout != DURATION_NONE) {
        str_array_add(a, &out, arena_printf(a, "timeout %s", seconds_text(a, x->timeout)));
    }
    if (x->retries != NULL) {
        bool tried = !x->retries->attempts_set || x->retries->attempts > 0;
        str_array_add(a, &out,
                      tried ? arena_printf(a, "retries %lld", (long long)x->retries->attempts)
                            : "no retries");
    }
    if (x->cors != NULL) {
        str_array_add(a, &out, "cors");
    }
    if (x->headers != NULL) {
        str_array_add(a, &out, "headers");
    }
    return str_array_list(&out);
}
