// SPDX-License-Identifier: Apache-2.0
// The dashboard's live session without a screen: prints what it holds, object by object.
//
// usage: mirror KUBECONFIG LOG. Each line on stdin is answered by one line of each kind, one of each object
// and a line "."; the end of stdin ends it. Fields are separated by tabs:
//   kind <resource> <group> <version> <state> <whole: yes|no> <field selector> <reason>
//   object <namespace> <name> <uid> <resourceVersion>
//
//go:build ignore
// Keeps this file out of the Go package beside it: go build refuses C files in a package without cgo.
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"

#include "tui/cli/cluster_wait.h"
#include "tui/cli/output.h"

#include <stdio.h>
#include <stdlib.h>

static void tell(const struct snapshot *s, enum kind k)
{
    const struct kind_state *x = &s->states[k];
    bool whole = x->synced && !x->partial && x->dropped == 0;
    printf("kind\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kinds[k].resource, kinds[k].groups[0].group,
           x->version, sync_state_name(x->state), whole ? "yes" : "no",
           str_or_empty(kinds[k].field_selector), x->reason);
    struct pmap_iter it;
    const void *v;
    for (pmap_begin(&it, &s->objects[k]); (v = pmap_next(&it)) != NULL;) {
        const struct object *o = v;
        printf("object\t%s\t%s\t%s\t%s\n", o->ns, o->name, o->uid, o->resource_version);
    }
}

int main(int argc, char **argv)
{
    struct err err;
    struct cluster cluster;
    int status;
    if (argc != 3) {
        fputs("usage: mirror KUBECONFIG LOG\n", stderr);
        return 2;
    }
    if (!log_open(argv[2], &err)) {
        output_problems(err.msg);
        return 4;
    }
    struct api_flags flags = {.kubeconfig = argv[1]};
    struct cluster_options wanted = {.api = &flags, .kinds = KIND_SET_DASHBOARD, .watch = true};
    if (!cluster_open(&cluster, &wanted, &status)) {
        return status;
    }
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL) {
        cluster_drain(&cluster);
        const struct snapshot *s = session_latest(cluster.session);
        for (enum kind k = 0; s != NULL && k < KIND_COUNT; k++) {
            if (kinds[k].reading == READ_WHOLE || kinds[k].reading == READ_METADATA) {
                tell(s, k);
            }
        }
        snapshot_unref(s);
        puts(".");
        fflush(stdout);
    }
    cluster_release(&cluster);
    log_close();
    return 0;
}
