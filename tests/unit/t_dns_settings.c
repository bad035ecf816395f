// SPDX-License-Identifier: Apache-2.0
// The settings of external-dns: arguments one by one, and those of its Deployment.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include "kube/mesh/dns/dns_settings.h"

#include "tests/support/world.h"

#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

// A Deployment: its namespace, image, and more of its container. What is read: the sources, prefix, key of Ingresses,
// owner, TXT prefix and origin, then what else is noted.
#define DEPLOYMENT(ns, image, more)                                                                \
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {namespace: " ns ", name: dns}\n"       \
    "spec: {template: {spec: {containers: [{name: proxy, image: envoy}, {name: external-dns, image: '" image "', " more "}]}}}\n"
#define NEW "external-dns.kubernetes.io/"
#define OLD "external-dns.alpha.kubernetes.io/"
static const struct { const char *what, *yaml, *settings; } deployments[] = {
    {"none", "", "gateway virtualservice|" NEW "|" NEW "ingress|default||defaults"},
    {"other Deployments", "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {namespace: a, name: web}\nspec: {template: {spec: {containers: [{name: web, image: nginx, args: [--source=service]}]}}}\n",
     "gateway virtualservice|" NEW "|" NEW "ingress|default||defaults"},
    {"without arguments", DEPLOYMENT("a", "registry.k8s.io/external-dns/external-dns:v0.22.0", ""), "gateway virtualservice|" NEW "|" NEW "ingress|default||Deployment a/dns"},
    {"sources take the place of the default ones, in their order", DEPLOYMENT("a", "external-dns:v0.22.0", "args: [--source=service, --source, ingress, --source=service, --txt-owner-id, me, --txt-prefix=p]"),
     "service ingress|" NEW "|" NEW "ingress|me|p|Deployment a/dns"},
    {"sources that are not worked out leave none", DEPLOYMENT("a", "external-dns:v0.22.0", "args: [--source=crd, --source=gateway-httproute]"),
     "|" NEW "|" NEW "ingress|default||Deployment a/dns, not worked out: --source=crd --source=gateway-httproute"},
    {"before v0.22 another prefix", DEPLOYMENT("a", "external-dns:v0.21.3", ""), "gateway virtualservice|" OLD "|" OLD "ingress|default||Deployment a/dns"},
    {"before v0.18 old names too", DEPLOYMENT("a", "host:5000/external-dns:0.17.0@sha256:22", ""), "gateway virtualservice|" OLD "|" OLD "ingress|default||Deployment a/dns, old names"},
    {"from v0.18 on new names alone", DEPLOYMENT("a", "external-dns:v0.18.0", ""), "gateway virtualservice|" OLD "|" OLD "ingress|default||Deployment a/dns"},
    {"a digest says no version, a port is none", DEPLOYMENT("a", "host:5000/external-dns@sha256:00.17", ""), "gateway virtualservice|" NEW "|" NEW "ingress|default||Deployment a/dns"},
    {"flags after the program", DEPLOYMENT("a", "external-dns:v0.22.0", "command: [/external-dns, --txt-owner-id=me], args: [--annotation-prefix=e.org/]"), "gateway virtualservice|e.org/|" NEW "ingress|me||Deployment a/dns"},
    {"variables stand for arguments that are not given", DEPLOYMENT("a", "external-dns:v0.22.0", "args: [--txt-owner-id=me], env: [{name: EXTERNAL_DNS_TXT_OWNER_ID, value: you}, {name: EXTERNAL_DNS_TXT_PREFIX, value: p}, {name: TXT_SUFFIX, value: s}]"),
     "gateway virtualservice|" NEW "|" NEW "ingress|me|p|Deployment a/dns"},
    {"a value that stands somewhere else", DEPLOYMENT("a", "external-dns:v0.22.0", "args: ['--txt-owner-id=$(ID)'], env: [{name: ID, value: x}, {name: EXTERNAL_DNS_TXT_PREFIX, valueFrom: {secretKeyRef: {name: s, key: k}}}]"),
     "gateway virtualservice|" NEW "|" NEW "ingress|default||Deployment a/dns, not worked out: --txt-owner-id=$(ID) --txt-prefix=$(EXTERNAL_DNS_TXT_PREFIX)"},
    {"what is not worked out is reported, what does not matter is not", DEPLOYMENT("a", "external-dns:v0.22.0", "args: [--provider=aws, --policy=sync, --txt-encrypt-enabled, '--txt-encrypt-aes-key=secret', --no-create-ptr, --resolve-service-load-balancer-hostname, '--fqdn-template={{.Name | toLower}}.d.io', '--fqdn-template={{.Name}', --compatibility=mate, --annotation-filter=team=a, --min-ttl=1d, --managed-record-types=PTR, '--regex-domain-filter=(', --once]"),
     "gateway virtualservice|" NEW "|" NEW "ingress|default||Deployment a/dns, not worked out: --txt-encrypt-enabled --resolve-service-load-balancer-hostname --fqdn-template={{.Name | toLower}}.d.io --fqdn-template={{.Name} --compatibility=mate --annotation-filter=team=a --min-ttl=1d --managed-record-types=PTR --regex-domain-filter=("},
    {"of several the first by name", DEPLOYMENT("b", "external-dns:v0.22.0", "args: [--txt-owner-id=b]") DEPLOYMENT("a", "external-dns:v0.22.0", "args: [--txt-owner-id=a]"),
     "gateway virtualservice|" NEW "|" NEW "ingress|a||Deployment a/dns"},
    {"arguments that it does not start with", DEPLOYMENT("a", "external-dns:v0.22.0", "args: [--txt-owner-id=, '--label-filter=a b']"), "gateway virtualservice|" NEW "|" NEW "ingress|||Deployment a/dns, --label-filter=a b is no selector: an operator is none of = == != in notin > <"},
};
// clang-format on

static void test_deployments(void **state)
{
    (void)state;
    static const char *const sources[] = {"gateway", "virtualservice", "service", "ingress"};
    int bad = 0;
    for (size_t i = 0; i < sizeof deployments / sizeof *deployments; i++) {
        struct world w;
        struct dns_settings s;
        struct buf b;
        world_open(&w, deployments[i].yaml, 0);
        buf_init(&b, 0);
        dns_settings_for(&w.mesh, NULL, &s);
        for (uint32_t k = 0; k < s.nsources; k++) {
            buf_addf(&b, "%s%s", k > 0 ? " " : "", sources[s.source[k]]);
        }
        buf_addf(&b, "|%s|%s|%s|%s|%s", s.annotation_prefix, s.ingress_key, s.owner_id,
                 s.txt_prefix, s.from);
        for (uint32_t k = 0; k < s.unknown.n; k++) {
            buf_addf(&b, "%s%s", k > 0 ? " " : ", not worked out: ", s.unknown.at[k]);
        }
        buf_adds(&b, s.old_names ? ", old names" : "");
        buf_addf(&b, "%s%s", s.invalid != NULL ? ", " : "", str_or_empty(s.invalid));
        if (strcmp(b.data, deployments[i].settings) != 0) {
            printf("%s: got\n%s\nexpected\n%s\n", deployments[i].what, b.data,
                   deployments[i].settings);
            bad++;
        }
        buf_release(&b);
        world_close(&w);
    }
    assert_int_equal(bad, 0);
}

static void test_arguments(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    struct dns_settings s;
    dns_settings_default(&s);
    assert_int_equal(dns_settings_arg(&a, &s, "--txt-owner-id", "me"), 2);
    assert_string_equal(s.owner_id, "me");
    assert_int_equal(dns_settings_arg(&a, &s, "--txt-owner-id=you", "--once"), 1);
    assert_string_equal(s.owner_id, "you");
    assert_int_equal(dns_settings_arg(&a, &s, "--ignore-hostname-annotation", NULL), 1);
    assert_true(s.ignore_hostname_annotation);
    assert_int_equal(dns_settings_arg(&a, &s, "--no-ignore-hostname-annotation", NULL), 1);
    assert_false(s.ignore_hostname_annotation);
    assert_int_equal(dns_settings_arg(&a, &s, "--ignore-hostname-annotation=1", NULL), 1);
    assert_true(s.ignore_hostname_annotation);
    assert_int_equal(dns_settings_arg(&a, &s, "--ignore-hostname-annotation=0", NULL), 1);
    assert_false(s.ignore_hostname_annotation);
    assert_int_equal(dns_settings_arg(&a, &s, "--fqdn-template={{.Kind}}.x", NULL), 1);
    assert_int_equal(s.unknown.n, 1);
    assert_int_equal(
        dns_settings_arg(&a, &s, "--fqdn-template={{ .Name }}.{{.Namespace\t}}.x", NULL), 1);
    assert_int_equal(s.fqdn_templates.n, 1);
    arena_release(&a);
}

// What changes records in ways that gatetop does not work out (docs/rules/dns.md#settings-not-worked-out).
static void test_not_worked_out(void **state)
{
    (void)state;
    static const char *const unknown[] = {
        "--source=crd",
        "--source=gateway-httproute",
        "--compatibility=mate",
        "--fqdn-target-template={{.Name}}.x",
        "--create-ptr",
        "--txt-encrypt-enabled",
        "--resolve-service-load-balancer-hostname",
        "--fqdn-template={{.Kind}}.x",
        "--annotation-filter=example.org/x=y",
    };
    static const char *const ignored[] = {"--policy=sync", "--interval=2m", "--no-create-ptr",
                                          "--txt-encrypt-enabled=false", "--metrics-address=:7979"};
    struct arena a;
    struct dns_settings s;
    arena_init(&a);
    dns_settings_default(&s);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_int_equal(dns_settings_arg(&a, &s, unknown[i], NULL), 1);
        assert_int_equal(s.unknown.n, i + 1);
        assert_string_equal(s.unknown.at[i], unknown[i]);
    }
    uint32_t n = s.unknown.n;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        assert_int_equal(dns_settings_arg(&a, &s, ignored[i], NULL), 1);
        assert_int_equal(s.unknown.n, n);
    }
    arena_release(&a);
}

// The reason names the argument that external-dns refuses (docs/rules/dns.md#settings-refused).
static void test_refused_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *arguments[2], *named; // NULL: it starts
    } rows[] = {
        {{"--annotation-prefix=example.org"}, "--annotation-prefix"},
        {{"--txt-prefix=a", "--txt-suffix=b"}, "--txt-prefix and --txt-suffix"},
        {{"--txt-prefix=", "--txt-suffix=b"}, NULL},
        {{"--txt-owner-id="}, "--txt-owner-id"},
        {{"--ignore-hostname-annotation"}, "--ignore-hostname-annotation"},
        {{"--ignore-hostname-annotation", "--fqdn-template={{.Name}}.x"}, NULL},
        {{"--label-filter=a=b=c"}, "--label-filter"},
        {{"--annotation-filter=a b"}, "--annotation-filter"},
        {{"--service-type-filter=loadbalancer"}, "--service-type-filter"},
        {{"--service-type-filter=ClusterIP", "--service-type-filter=NodePort"}, NULL},
        {{"--service-type-filter=LoadBalancer", "--service-type-filter=ExternalName"}, NULL},
        {{"--nat64-networks=64:ff9b::/64"}, "--nat64-networks"},
        {{"--nat64-networks=64:ff9b::/96"}, NULL},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dns_settings s;
        dns_settings_default(&s);
        for (int k = 0; k < 2 && rows[i].arguments[k] != NULL; k++) {
            assert_int_equal(dns_settings_arg(&a, &s, rows[i].arguments[k], NULL), 1);
        }
        dns_settings_finish(&s);
        if ((s.invalid != NULL) != (rows[i].named != NULL) ||
            (s.invalid != NULL && !str_starts(s.invalid, rows[i].named))) {
            fail_msg("%s: %s", rows[i].arguments[0], str_or_empty(s.invalid));
        }
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deployments),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_not_worked_out),
        cmocka_unit_test(test_refused_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
