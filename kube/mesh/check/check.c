// SPDX-License-Identifier: Apache-2.0
// All parts of `check`, and the order of what they find.
#include "kube/mesh/check/check.h"

#include "kube/base/array.h"
#include "kube/base/str.h"

#include "kube/mesh/check/check_parts_internal.h"
#include "kube/mesh/check/check_report_internal.h"
#include "kube/mesh/core/mesh_memo.h"

#include <stdlib.h>
#include <string.h>

// In this order: of two findings that say the same the first is kept, with its field.
static void (*const parts[])(struct check *c) = {
    check_decoding,
    check_validation,
    check_deprecated,
    check_destinations,
    check_gateway_references,
    check_subset_rules,
    check_destinationrules,
    check_gateways,
    check_credentials,
    check_claims,
    check_unreachable,
    check_mesh_hosts,
    check_namespaces,
    check_annotations,
    check_services,
    check_serviceentries,
    check_conditions,
    check_settings,
    check_virtual_hosts,
    check_gateway_certificates,
    check_servers,
    check_exports,
    check_matches,
    check_tls_ports,
    check_l4_rules,
    check_delegates,
    check_endpoints,
};

static int by_badness(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->severity != b->severity) {
        return a->severity > b->severity ? -1 : 1;
    }
    int d = strcmp(a->code, b->code);
    if (d == 0) {
        d = (int)a->kind - (int)b->kind;
    }
    if (d == 0) {
        d = strcmp(str_or_empty(a->ns), str_or_empty(b->ns));
    }
    if (d == 0) {
        d = strcmp(str_or_empty(a->name), str_or_empty(b->name));
    }
    return d != 0 ? d : strcmp(a->message, b->message);
}

void check_run(const struct mesh *m, const struct check_options *opt, struct findings *out)
{
    struct check c;
    const struct mesh with = mesh_with_memo(m);
    check_begin(&c, &with, opt, out);
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        parts[i](&c);
    }
    if (out->n > 1) {
        qsort(out->at, out->n, sizeof *out->at, by_badness);
    }
}
