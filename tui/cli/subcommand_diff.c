// SPDX-License-Identifier: Apache-2.0
// `gatetop diff NEW...`: the requests that the files would send elsewhere.
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/mesh/trace/route_diff.h"
#include "kube/mesh/trace/trace_json.h"

#include "tui/cli/answer_snapshot.h"
#include "tui/cli/exit_status.h"
#include "tui/cli/manifest_snapshot.h"
#include "tui/cli/output.h"
#include "tui/cli/output_list.h"
#include "tui/cli/subcommand.h"

#include <stdio.h>
#include <string.h>

enum {
    DIFF_NEEDS = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE),
    DIFF_READS = KIND_BIT(KIND_DESTINATIONRULE) | KIND_BIT(KIND_SERVICEENTRY) | KIND_BIT(KIND_POD),
};

static void print_text(const struct route_changes *c)
{
    const char *gateway = NULL, *host = NULL, *table = NULL;
    for (uint32_t i = 0; i < c->n; i++) {
        const struct route_change *x = &c->at[i];
        if (!str_eq(x->gateway, gateway) || !str_eq(x->host, host) || !str_eq(x->table, table)) {
            printf("%s%s on gateway %s, %s\n", i == 0 ? "" : "\n", x->host, x->gateway, x->table);
            gateway = x->gateway;
            host = x->host;
            table = x->table;
        }
        printf("  %s %s://%s%s  (%s)\n", x->request.method, x->request.scheme, x->request.host,
               x->request.path,
               x->conditions != NULL && x->conditions[0] != '\0' ? x->conditions : "every request");
        printf("    - %s\n    + %s\n", x->before_text, x->after_text);
    }
    if (c->n == 0) {
        puts("no request goes elsewhere");
    }
    if (c->more) {
        printf("\nand more: the list ends at %u\n", c->n);
    }
    if (c->unsampled > 0) {
        printf("\n%u rules differ for which no example request could be made; look at them with "
               "'get routes'\n",
               c->unsampled);
    }
}

static void print_json(const struct route_changes *c)
{
    output_list_begin(stdout, "RouteDiff");
    struct output_items items = output_items_begin(stdout);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct route_change *x = &c->at[i];
        struct json *j = json_new_object();
        json_put_string(j, "gateway", x->gateway);
        json_put_string(j, "host", x->host);
        json_put_string(j, "table", x->table);
        json_put_string(j, "conditions", x->conditions);
        json_put(j, "before", trace_to_json(&x->before, &x->request));
        json_put(j, "after", trace_to_json(&x->after, &x->request));
        output_items_add(&items, j);
    }
    output_items_end(&items);
    output_list_field(stdout, "unsampled", json_new_int(c->unsampled));
    output_list_field(stdout, "more", json_new_bool(c->more));
    output_list_end(stdout);
}

static const struct manifest_chains NO_CHAINS = {.wanted = false};

int subcommand_diff(const struct options *o)
{
    int status;
    const struct answer_wants wants = {.needs = DIFF_NEEDS, .reads = DIFF_READS};
    const struct snapshot *before = answer_snapshot(o, &wants, &status);
    if (before == NULL) {
        return status;
    }
    bool bad = false;
    const struct snapshot *after = manifest_overlay(before, &o->words, &NO_CHAINS, &bad);
    struct arena arena;
    arena_init(&arena);
    struct mesh x = {.snap = before, .arena = &arena, .now = clock_now()};
    struct mesh y = x;
    y.snap = after;
    struct route_changes changes = {0};
    route_diff(&x, &y, &changes);
    if (o->output == OUTPUT_JSON) {
        print_json(&changes);
    } else {
        print_text(&changes);
    }
    bool differs = changes.n > 0 || changes.unsampled > 0;
    arena_release(&arena);
    snapshot_unref(after);
    snapshot_unref(before);
    if (!output_done(stdout)) {
        return STATUS_BAD;
    }
    return output_worse(bad ? STATUS_CONFIG : status, differs ? STATUS_BAD : STATUS_OK);
}
