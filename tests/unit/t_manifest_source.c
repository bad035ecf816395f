// SPDX-License-Identifier: Apache-2.0
// Templates, addresses in flow lists, and what kustomize reads.
#include "kube/base/buf.h"
#include "kube/base/json.h"

#include "kube/object/manifest_source.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// docs/rules/kubernetes-client.md#manifest-sources
static void templates(void **state)
{
    (void)state;
    static const char *const yes[] = {"name: {{ .Release.Name }}", "{{- if .x }}", "a\nb: {{x}}\n"};
    static const char *const no[] = {"", "{", "{{", "a: {b: {c: d}}\n{", "{{ \n}}", "a: }} {{"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        assert_true(manifest_is_template(yes[i], strlen(yes[i])));
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        if (manifest_is_template(no[i], strlen(no[i]))) {
            fail_msg("'%s'", no[i]);
        }
    }
}

static void quoted(const char *text, const char *want)
{
    struct buf b;
    buf_init(&b, 0);
    bool changed = manifest_quote_addresses(text, strlen(text), &b);
    assert_int_equal(changed, want != NULL);
    assert_string_equal(b.data, want != NULL ? want : "");
    buf_release(&b);
}

static void addresses(void **state)
{
    (void)state;
    quoted("[1.2.3.4, 2001:db8::]", "[1.2.3.4, \"2001:db8::\"]");
    quoted("[fe80::,::]", "[\"fe80::\",\"::\"]");
    quoted("{a: 2001:DB8::}", "{a: \"2001:DB8::\"}");
    quoted("[2001:db8::1]", NULL); // libyaml takes these
    quoted("[a, b:]", NULL);
    quoted("x::]", NULL);
    quoted("['2001:db8::']", NULL);
    quoted("a:", NULL);
    quoted("", NULL);
}

static void kustomizations(void **state)
{
    (void)state;
    assert_true(manifest_is_kustomization("kustomization.yaml"));
    assert_true(manifest_is_kustomization("Kustomization"));
    assert_false(manifest_is_kustomization("my-kustomization.yaml"));
    static const char text[] =
        "{\"resources\":[\"base.yaml\"],\"patches\":[{\"path\":\"./a.yaml\"},{\"patch\":\"x\"}],"
        "\"patchesStrategicMerge\":[\"b.yaml\"]}";
    struct json *root = json_parse(text, strlen(text), NULL);
    assert_true(manifest_is_patch(root, "a.yaml"));
    assert_true(manifest_is_patch(root, "b.yaml"));
    assert_false(manifest_is_patch(root, "base.yaml"));
    json_free(root);
    assert_false(manifest_is_patch(NULL, "a.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates),
        cmocka_unit_test(addresses),
        cmocka_unit_test(kustomizations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
