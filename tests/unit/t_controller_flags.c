// SPDX-License-Identifier: Apache-2.0
// What cert-manager's Deployment says about its flags, and which Deployment that is.
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/controller_flags.h"

#include "tests/support/certyaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

// clang-format off
#include <cmocka.h>

#define DEPLOYMENT(name, image, container, more, args, status) "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " name ", namespace: cm}\nspec: {" more "template: {spec: {containers: [{name: " container ", image: '" image "', args: [" args "]}]}}}\n" status
#define CONTROLLER(args) DEPLOYMENT("cert-manager", "quay.io/jetstack/cert-manager-controller:v1.21.2@sha256:0", "cert-manager-controller", "", args, "")
#define MINIMUM "--certificate-request-minimum-backoff-duration"
#define MAXIMUM "--certificate-request-maximum-backoff-duration"

static const struct row {
    const char *what, *yaml;
    bool found;
    int64_t min, max;
    const char *ns;
    bool nameservers;
    const char *stopped; // NULL: nothing says so
} rows[] = {
    {"none", "", false, 3600, 32 * 3600, "cert-manager", false, NULL},
    {"no arguments", CONTROLLER(""), true, 3600, 32 * 3600, "kube-system", false, NULL},
    {"as the chart writes it", CONTROLLER("--v=2, --cluster-resource-namespace=$(POD_NAMESPACE), --leader-election-namespace=kube-system"), true, 3600, 32 * 3600, "cm", false, NULL},
    {"bounds", CONTROLLER(MINIMUM "=10m, " MAXIMUM "=4h"), true, 600, 4 * 3600, "kube-system", false, NULL},
    {"the value as an argument of its own, the last counts", CONTROLLER(MAXIMUM "=1h, " MAXIMUM ", 2h, --cluster-resource-namespace, secrets"), true, 3600, 2 * 3600, "secrets", false, NULL},
    {"no duration", CONTROLLER(MAXIMUM "=long"), true, 3600, 32 * 3600, "kube-system", false, NULL},
    {"name servers", CONTROLLER("'--dns01-recursive-nameservers=1.1.1.1:53'"), true, 3600, 32 * 3600, "kube-system", true, NULL},
    {"other flags that begin so", CONTROLLER("--dns01-recursive-nameservers-only=true"), true, 3600, 32 * 3600, "kube-system", false, NULL},
    {"of another build", DEPLOYMENT("x", "docker.io/bitnami/cert-manager:1.2", "c", "", MAXIMUM "=3h", ""), true, 3600, 3 * 3600, "kube-system", false, NULL},
    {"not its webhook", DEPLOYMENT("x", "quay.io/jetstack/cert-manager-webhook:v1.21.2", "cert-manager-webhook", "", MAXIMUM "=3h", ""), false, 3600, 32 * 3600, "cert-manager", false, NULL},
    {"scaled to nothing", DEPLOYMENT("x", "cert-manager-controller:1", "c", "replicas: 0, ", "", ""), true, 3600, 32 * 3600, "kube-system", false, "Deployment cm/x is scaled to 0"},
    {"no pod", DEPLOYMENT("x", "cert-manager-controller:1", "c", "replicas: 1, ", "", "status: {observedGeneration: 3, replicas: 1, unavailableReplicas: 1}\n"), true, 3600, 32 * 3600, "kube-system", false, "Deployment cm/x has no available pod"},
    {"a pod", DEPLOYMENT("x", "cert-manager-controller:1", "c", "replicas: 2, ", "", "status: {observedGeneration: 3, replicas: 2, availableReplicas: 1}\n"), true, 3600, 32 * 3600, "kube-system", false, NULL},
};
// clang-format on

static void test_flags(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct world w;
        world_open(&w, r->yaml[0] != '\0' ? r->yaml : ISSUER, time_parse(NOW));
        const struct controller_flags *f = controller_flags_of(&w.mesh);
        const char *stopped = controller_stopped(&w.mesh);
        if ((f->deployment != NULL) != r->found || f->backoff_min != r->min ||
            f->backoff_max != r->max || strcmp(f->resource_ns, r->ns) != 0 ||
            f->nameservers != r->nameservers || !str_eq(stopped, r->stopped)) {
            print_error("%s: %d, %d to %d, %s, %d, %s\n", r->what, f->deployment != NULL,
                        (int)f->backoff_min, (int)f->backoff_max, f->resource_ns, f->nameservers,
                        str_or_empty(stopped));
            bad++;
        }
        world_close(&w);
    }
    assert_int_equal(bad, 0);
}

// Where nothing moves, the reason says whether cert-manager runs.
static void test_stopped(void **state)
{
    (void)state;
#define STOPPED DEPLOYMENT("x", "cert-manager-controller:1", "c", "replicas: 0, ", "", "")
    static const struct {
        const char *yaml, *reason;
    } cases[] = {
        {CERTIFICATE("", "", "") STOPPED,
         "no controller has handled this: Deployment cm/x is scaled to 0"},
        {CERTIFICATE("", "",
                     "status:\n  revision: 1\n" DATES(
                         "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z") "  conditions:\n" READY)
             STOPPED,
         "renewal was due 2026-09-01T00:00:00Z; Deployment cm/x is scaled to 0"},
        {CERTIFICATE("", "",
                     "status:\n  revision: 1\n" DATES(
                         "2026-09-01T00:00:00Z", "2026-09-10T00:00:00Z") "  conditions:\n" READY)
             STOPPED,
         "expired 2026-09-10T00:00:00Z (controller still says Ready: Deployment cm/x is scaled to "
         "0)"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct world w;
        struct certificate_status s = certyaml_status(&w, cases[i].yaml);
        assert_string_equal(s.reason, cases[i].reason);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
