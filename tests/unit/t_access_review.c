// SPDX-License-Identifier: Apache-2.0
// Access reviews and the ClusterRole.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "kube/api/access_review.h"

// clang-format off
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

static void bodies_name_verb_group_resource(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    access_body(&b, &access_needs[0], "list", NULL);
    assert_string_equal(
        b.data,
        "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\",\"spec\":"
        "{\"resourceAttributes\":{\"verb\":\"list\",\"group\":\"\",\"resource\":\"namespaces\"}}}");
    buf_reset(&b);
    access_body(&b, &access_needs[5], "watch", "team-a");
    assert_non_null(strstr(b.data, "\"namespace\":\"team-a\""));
    assert_non_null(strstr(b.data, "networking.istio.io"));
    buf_release(&b);
}

static void verbs_are_read_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < access_need_count; i++) {
        char verb[16];
        size_t n = 0;
        for (; access_verb(&access_needs[i], n, verb); n++) {
            assert_true(str_eq(verb, "get") || str_eq(verb, "list") || str_eq(verb, "watch"));
        }
        assert_true(n >= 1 && n <= 3);
    }
}

static void answers(void **state)
{
    (void)state;
    bool allowed = false;
    char reason[80];
    struct err err;
    const char *yes = "{\"kind\":\"SelfSubjectAccessReview\",\"status\":{\"allowed\":true,"
                      "\"reason\":\"RBAC: \\u001b[1mallowed\"}}";
    const char *no = "{\"kind\":\"SelfSubjectAccessReview\",\"status\":{\"allowed\":false,"
                     "\"evaluationError\":\"role x not found\"}}";
    assert_true(access_read(yes, strlen(yes), &allowed, reason, sizeof reason, &err));
    assert_true(allowed);
    assert_null(strchr(reason, 27));
    assert_true(access_read(no, strlen(no), &allowed, reason, sizeof reason, &err));
    assert_false(allowed);
    assert_string_equal(reason, "role x not found");
    static const char *const bad[] = {"{}", "x", "{\"kind\":\"Status\",\"status\":\"Failure\"}",
                                      "{\"kind\":\"SelfSubjectAccessReview\",\"status\":{}}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(access_read(bad[i], strlen(bad[i]), &allowed, reason, sizeof reason, &err));
        assert_int_equal(err.code, ERR_PARSE);
    }
}

static void the_role_has_each_need_once(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    access_role(&b);
    for (size_t i = 0; i < access_need_count; i++) {
        assert_non_null(strstr(b.data, access_needs[i].resource));
    }
    assert_non_null(strstr(b.data, "- apiGroups: [\"cert-manager.io\"]\n  resources: "
                                   "[certificates, certificaterequests, issuers, clusterissuers]\n"
                                   "  verbs: [get, list, watch]\n"));
    assert_non_null(
        strstr(b.data, "- apiGroups: [\"apps\"]\n  resources: [deployments]\n  verbs: [list]\n"));
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_name_verb_group_resource),
        cmocka_unit_test(verbs_are_read_only),
        cmocka_unit_test(answers),
        cmocka_unit_test(the_role_has_each_need_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
