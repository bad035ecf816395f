// SPDX-License-Identifier: Apache-2.0
// Configuration by kubectl's rules, as far as no request is sent: docs/rules/kubernetes-client.md#kubeconfig-files
// and the rules after it.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "kube/api/api_contexts.h"
#include "kube/api/config.h"
#include "kube/api/environment_proxy.h"

#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// One test's folder, environment and last result. "@" in files and variables means the folder.
struct t {
    char *dir;
    char *names[16], *values[16];
    size_t count;
    struct environment env;
    struct api_flags flags;
    struct api_config *c;
    struct buf problems;
    struct err err;
};

static const char *get_env(void *self, const char *name)
{
    struct t *t = self;
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->names[i], name) == 0) {
            return t->values[i];
        }
    }
    return NULL;
}

static char *expand(struct t *t, const char *s)
{
    struct buf b;
    buf_init(&b, 0);
    for (; *s != '\0'; s++) {
        if (*s == '@') {
            buf_adds(&b, t->dir);
        } else {
            buf_addc(&b, *s);
        }
    }
    return buf_take(&b);
}

static void set(struct t *t, const char *name, const char *value)
{
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->names[i], name) == 0) {
            free(t->values[i]);
            t->values[i] = expand(t, value);
            return;
        }
    }
    assert_true(t->count < 16);
    t->names[t->count] = xstrdup(name);
    t->values[t->count++] = expand(t, value);
}

static void file(struct t *t, const char *name, const char *text)
{
    char *s = expand(t, text);
    tempdir_write(t->dir, name, s, 0600);
    free(s);
}

static int setup(void **state)
{
    struct t *t = xcalloc(1, sizeof *t);
    t->dir = tempdir_new();
    t->env = (struct environment){get_env, t, "/nonexistent"};
    buf_init(&t->problems, 0);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct t *t = *state;
    for (size_t i = 0; i < t->count; i++) {
        free(t->names[i]);
        free(t->values[i]);
    }
    api_config_free(t->c);
    buf_release(&t->problems);
    tempdir_free(t->dir);
    free(t);
    return 0;
}

static bool load(struct t *t)
{
    api_config_free(t->c);
    buf_reset(&t->problems);
    err_clear(&t->err);
    t->c = api_config_load(&t->flags, &t->env, &t->problems, &t->err);
    assert_int_equal(t->c == NULL, t->err.code != ERR_NONE);
    assert_int_equal(t->c == NULL, t->problems.len > 0);
    return t->c != NULL;
}

static void loads(struct t *t)
{
    if (!load(t)) {
        fail_msg("did not load: %s", t->problems.data);
    }
}

// The problems must hold this text ("@" is the folder).
static void fails(struct t *t, const char *text)
{
    assert_false(load(t));
    char *s = expand(t, text);
    if (strstr(t->problems.data, s) == NULL) {
        fail_msg("expected '%s' in: %s", s, t->problems.data);
    }
    free(s);
}

// A kubeconfig with one of each; `cluster` and `user` are flow-style fields.
static void simple(struct t *t, const char *cluster, const char *user)
{
    char *text =
        xasprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                  "clusters:\n- {name: k, cluster: {%s}}\n"
                  "users:\n- name: u\n  user: {%s}\n"
                  "contexts:\n- {name: c, context: {cluster: k, user: u, namespace: ns1}}\n",
                  cluster, user);
    file(t, "config", text);
    free(text);
    set(t, "KUBECONFIG", "@/config");
}

#define HTTPS "server: 'https://h:6443'"

static bool warned(const struct t *t, const char *text)
{
    for (size_t i = 0; i < t->c->warning_count; i++) {
        if (strstr(t->c->warnings[i], text) != NULL) {
            return true;
        }
    }
    return false;
}

static void test_simple(void **state)
{
    struct t *t = *state;
    simple(t, HTTPS, "token: abc");
    loads(t);
    assert_string_equal(t->c->context, "c");
    assert_string_equal(t->c->cluster, "k");
    assert_string_equal(t->c->user, "u");
    assert_string_equal(t->c->ns, "ns1");
    assert_false(t->c->ns_from_flag);
    assert_string_equal(t->c->server, "https://h:6443");
    assert_string_equal(t->c->host, "h");
    assert_int_equal(t->c->port, 6443);
    assert_string_equal(t->c->path, "");
    assert_string_equal(t->c->token, "abc");
    assert_null(t->c->ca.data);
    assert_int_equal(t->c->warning_count, 0);
    t->flags.ns = "other";
    loads(t);
    assert_string_equal(t->c->ns, "other");
    assert_true(t->c->ns_from_flag);
}

static void test_server_url(void **state)
{
    struct t *t = *state;
    static const struct {
        const char *text, *server, *host, *path;
        int port;
    } good[] = {
        {"https://h", "https://h", "h", "", 443},
        {"HTTPS://h/", "https://h", "h", "", 443},
        {"https://h/k8s/clusters/c-1/?a=b#f", "https://h/k8s/clusters/c-1", "h",
         "/k8s/clusters/c-1", 443},
        {"https://[::1]:6443", "https://[::1]:6443", "::1", "", 6443},
        {"http://127.0.0.1:8001/", "http://127.0.0.1:8001", "127.0.0.1", "", 8001},
        {"h:6443", "https://h:6443", "h", "", 6443},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        t->flags.server = good[i].text;
        loads(t);
        assert_string_equal(t->c->server, good[i].server);
        assert_string_equal(t->c->host, good[i].host);
        assert_string_equal(t->c->path, good[i].path);
        assert_int_equal(t->c->port, good[i].port);
        assert_int_equal(t->c->plain_http, strncmp(good[i].server, "http:", 5) == 0);
    }
    assert_true(warned(t, "no scheme"));
    static const char *const bad[] = {
        "https://",    "ftp://h",      "https://h:0",   "https://h:99999", "https://h:x",
        "https://a b", "https://[::1", "https://u:p@h", "https://a\nb",    "://h"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        t->flags.server = bad[i];
        fails(t, "server: ");
    }
}

static void test_first_file_wins(void **state)
{
    struct t *t = *state;
    file(t, "a", "users: [{name: red, user: {username: a}}]\ncurrent-context: ''\n");
    file(t, "b",
         "users: [{name: red, user: {username: b, password: b}}]\n"
         "current-context: x\nclusters: [{name: k, cluster: {" HTTPS "}}]\n"
         "contexts: [{name: x, context: {cluster: k, user: red}}]\n");
    set(t, "KUBECONFIG", "@/a:@/b");
    loads(t);
    assert_string_equal(t->c->username, "a");
    assert_null(t->c->password);
    assert_string_equal(t->c->context, "x"); // the first that is not empty
    assert_string_equal(t->c->ns, "default");
    set(t, "KUBECONFIG", "::@/a:@/a::@/b:"); // the same list
    loads(t);
    assert_string_equal(t->c->username, "a");
    file(t, "c", "current-context: later\n");
    file(t, "empty", "");
    file(t, "blank", " \n# nothing\n");
    set(t, "KUBECONFIG", "@/empty:@/blank:@/a:@/b:@/c");
    loads(t);
    assert_string_equal(t->c->context, "x");
    set(t, "KUBECONFIG", "@/nope:@/a:@/b"); // a missing file among others
    loads(t);
    assert_int_equal(t->c->warning_count, 0);
    set(t, "KUBECONFIG", "@/nope:@/nope2");
    fails(t, "KUBECONFIG names no existing file: @/nope, @/nope2");
    set(t, "KUBECONFIG", "::@/nope:@/nope::"); // empty ones and duplicates are not named
    fails(t, "KUBECONFIG names no existing file: @/nope\n");
    set(t, "HOME", "@");
    set(t, "KUBECONFIG", "~/b");
    fails(t, "KUBECONFIG names no existing file: ~/b\n");
    t->flags.server = "https://h";
    loads(t);
    assert_true(warned(t, "names no existing file"));
}

static void test_all_problems_at_once(void **state)
{
    struct t *t = *state;
    file(t, "d/x", "");
    file(t, "bad", "x: 1\na: [\n");
    file(t, "good",
         "current-context: 1\nusers:\n- name: u\n  user:\n    token: 12345\n    exec: {args: "
         "[1]}\n");
    set(t, "KUBECONFIG", "@/d:@/bad:@/good");
    fails(t, "@/d: cannot read: Is a directory\n");
    fails(t, "@/bad:3: ");
    fails(t, "@/good:1: current-context: expected text, found a number; quote it\n");
    fails(t, "@/good:5: users[\"u\"].user.token: expected text, found a number; quote it\n");
    fails(t, "@/good:6: users[\"u\"].user.exec.args[0]: expected text, found a number; quote it\n");
    assert_null(strstr(t->problems.data, "12345"));
    assert_int_equal(t->err.code, ERR_CONFIG);
}

static void test_explicit_file(void **state)
{
    struct t *t = *state;
    simple(t, HTTPS, "token: abc");
    char *missing = expand(t, "@/missing");
    t->flags.kubeconfig = missing;
    fails(t, "@/missing: cannot read: No such file or directory");
    free(missing);
    file(t, "alone", "clusters: [{name: k2, cluster: {server: 'https://alone'}}]\n");
    char *alone = expand(t, "@/alone");
    t->flags = (struct api_flags){.kubeconfig = alone, .cluster = "k2"};
    loads(t);
    assert_string_equal(t->c->host, "alone");
    t->flags.cluster = "k"; // KUBECONFIG has it
    fails(t, "@/alone: cluster \"k\" does not exist");
    free(alone);
    t->flags = (struct api_flags){0};
    file(t, ".kube/config",
         "current-context: h\ncontexts: [{name: h, context: {cluster: k}}]\n"
         "clusters: [{name: k, cluster: {server: 'https://home'}}]\n");
    set(t, "HOME", "@");
    set(t, "KUBECONFIG", "");
    loads(t);
    assert_string_equal(t->c->host, "home");
    assert_true(warned(t, "anonymous"));
    file(t, "old/.kube/.kubeconfig", "clusters: [{name: k, cluster: {server: 'https://old'}}]\n");
    static const char *const homes[] = {"@/nowhere", "@/old", ""};
    for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
        set(t, "HOME", homes[i]);
        fails(t, "no cluster is configured");
    }
}

static void test_relative_paths(void **state)
{
    struct t *t = *state;
    file(t, "b/ca.crt", "-----BEGIN CERTIFICATE-----\n");
    file(t, "b/config",
         "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
         "clusters: [{name: k, cluster: {" HTTPS ", certificate-authority: ca.crt}}]\n"
         "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1,"
         " command: ./bin/../bin/p, args: [./rel], env: [{name: A, value: ./rel}]}}},"
         " {name: v, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: p}}},"
         " {name: w, user: {tokenFile: ../tok}}]\n");
    set(t, "KUBECONFIG", "@/a:@/b/config");
    loads(t);
    char *ca = expand(t, "@/b/ca.crt"), *command = expand(t, "@/b/bin/p"),
         *token = expand(t, "@/tok");
    assert_string_equal(t->c->ca.file, ca);
    assert_string_equal(t->c->exec->command, command);
    assert_string_equal(t->c->exec->args[0], "./rel");
    assert_string_equal(t->c->exec->env[0].value, "./rel");
    assert_string_equal(t->c->exec->interactive_mode, "IfAvailable");
    t->flags.user = "v";
    loads(t);
    assert_string_equal(t->c->exec->command, "p");
    t->flags.user = "w";
    loads(t);
    assert_string_equal(t->c->token_file, token);
    free(ca);
    free(command);
    free(token);
}

static void test_unquoted_names(void **state)
{
    struct t *t = *state;
    set(t, "KUBECONFIG", "@/c");
    file(t, "c", "contexts:\n- name: on\n  context: {cluster: k}\n");
    fails(t, "@/c:2: contexts[0].name: expected text, found true or false; quote it");
    file(t, "c",
         "contexts:\n- name: 'on'\n  context: {cluster: k}\ncurrent-context: 'on'\n"
         "clusters: [{name: k, cluster: {" HTTPS "}}]\n");
    loads(t);
    assert_string_equal(t->c->context, "on");
}

static void test_types(void **state)
{
    struct t *t = *state;
    simple(t, HTTPS, "token: 1e5");
    fails(t, "users[\"u\"].user.token: expected text, found a number; quote it");
    simple(t, HTTPS, "token: '1e5'");
    loads(t);
    assert_string_equal(t->c->token, "1e5");
    simple(t, HTTPS ", insecure-skip-tls-verify: yes", "token: a");
    loads(t);
    assert_true(t->c->insecure);
    simple(t, HTTPS ", Insecure-skip-tls-verify: yes", "Token: a, x-new: [{}]");
    loads(t); // unknown names
    assert_false(t->c->insecure);
    assert_null(t->c->token);
    file(t, "config", "contexts: [{name: c, context: {namespace: 123}}]\n");
    fails(t, "contexts[\"c\"].context.namespace: expected text, found a number; quote it");
}

static void test_certificate_data(void **state)
{
    struct t *t = *state;
    set(t, "KUBECONFIG", "@/c");
    const char *body = "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
                       "clusters:\n- name: k\n  cluster:\n    " HTTPS "\n"
                       "    certificate-authority-data: %s\n"
                       "      LS0tLS1CRUdJTiBD\n      RVJUSUZJQ0FURS0tLS0t\n";
    char text[1024];
    snprintf(text, sizeof text, "%s", body);
    char *literal = strstr(text, "%s");
    memcpy(literal, "| ", 2);
    file(t, "c", text);
    loads(t);
    assert_string_equal(t->c->ca.data, "-----BEGIN CERTIFICATE-----");
    memcpy(literal, ">-", 2);
    file(t, "c", text);
    fails(t, "@/c:7: cluster \"k\": certificate-authority-data: not base64 at byte 16\n");
    assert_null(strstr(t->problems.data, "LS0t"));
    simple(t, HTTPS ", certificate-authority-data: aGVsbG8=", "token: a");
    fails(t, "cluster \"k\": certificate-authority-data holds no PEM CERTIFICATE");
    simple(t, HTTPS ", certificate-authority-data: !!binary aGVsbG8=", "token: a");
    fails(t, "certificate-authority-data: not base64 at byte 5"); // it is decoded once already
    simple(t, HTTPS ", certificate-authority-data: ''", "token: a");
    loads(t);
    assert_null(t->c->ca.data);
}

static void test_documents(void **state)
{
    struct t *t = *state;
    set(t, "KUBECONFIG", "@/c");
    file(t, "c",
         "\xEF\xBB\xBF---\r\ncurrent-context: c\r\ncontexts:\r\n- name: c\r\n  context:\r\n"
         "    cluster: k\r\nclusters:\r\n- name: k\r\n  cluster:\r\n    " HTTPS "\r\n"
         "---\r\ncurrent-context: d\r\na: [\r\n");
    loads(t);
    assert_string_equal(t->c->context, "c");
    file(t, "c",
         "{\n\t\"current-context\": \"c\",\n\t\"contexts\": [{\"name\": \"c\", \"context\":"
         " {\"cluster\": \"k\"}}],\n\t\"clusters\": [{\"name\": \"k\", \"cluster\": {\"server\":"
         " \"https://h\"}}]\n}\n");
    loads(t);
    file(t, "c", "clusters:\n\t- name: k\n");
    fails(t, "@/c:2: tab used for indentation");
    file(t, "c", "# nothing\n");
    fails(t, "no cluster is configured");
    file(t, "c", "kind: List\napiVersion: v2\n");
    fails(t, "@/c:1: kind: expected Config");
    fails(t, "@/c:2: apiVersion: expected v1");
    file(t, "c", "- a\n");
    fails(t, "@/c:1: kubeconfig: expected a mapping, found a list");
    file(t, "c", "clusters: [{name: k}, {name: k}]\n");
    fails(t, "two clusters are named \"k\"");
}

static void test_server_flags(void **state)
{
    struct t *t = *state;
    file(t, "ca.crt", "-----BEGIN CERTIFICATE-----\n");
    char *ca = expand(t, "@/ca.crt");
    simple(t, HTTPS ", tls-server-name: sni, certificate-authority: ca.crt", "token: a");
    loads(t);
    assert_string_equal(t->c->tls_server_name, "sni");
    t->flags.server = "https://x";
    loads(t);
    assert_null(t->c->tls_server_name);
    assert_string_equal(t->c->host, "x");
    assert_string_equal(t->c->ca.file, ca);
    t->flags.tls_server_name = "y";
    loads(t);
    assert_string_equal(t->c->tls_server_name, "y");
    t->flags = (struct api_flags){.insecure_skip_tls_verify = "true"};
    loads(t);
    assert_true(t->c->insecure);
    assert_null(t->c->ca.file);
    static const char *const dropped[] = {", insecure-skip-tls-verify: yes",
                                          ", certificate-authority: nope.crt",
                                          ", certificate-authority-data: YQ=="};
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++) {
        char *cluster = xasprintf(HTTPS "%s", dropped[i]);
        simple(t, cluster, "token: a");
        t->flags = (struct api_flags){.certificate_authority = ca};
        loads(t);
        assert_false(t->c->insecure);
        assert_string_equal(t->c->ca.file, ca);
        assert_null(t->c->ca.data);
        free(cluster);
    }
    static const struct {
        const char *text;
        bool on;
    } booleans[] = {{"1", true},    {"t", true},      {"T", true},     {"TRUE", true},
                    {"True", true}, {"", true},       {"0", false},    {"f", false},
                    {"F", false},   {"FALSE", false}, {"false", false}};
    simple(t, HTTPS, "token: a");
    for (size_t i = 0; i < sizeof booleans / sizeof booleans[0]; i++) {
        t->flags = (struct api_flags){.insecure_skip_tls_verify = booleans[i].text};
        loads(t);
        assert_int_equal(t->c->insecure, booleans[i].on);
    }
    t->flags = (struct api_flags){.insecure_skip_tls_verify = "maybe"};
    fails(t, "--insecure-skip-tls-verify: expected true or false");
    assert_int_equal(t->err.code, ERR_USAGE);
    t->flags = (struct api_flags){.context = NULL};
    simple(t, HTTPS ", insecure-skip-tls-verify: true, certificate-authority: ca.crt", "token: a");
    fails(t, "together with insecure-skip-tls-verify");
    simple(t, HTTPS ", insecure-skip-tls-verify: 'true'", "token: a");
    fails(t, "expected true or false, found text; remove the quotes");
    simple(t, HTTPS ", certificate-authority: nope.crt", "token: a");
    fails(t, "certificate-authority: cannot read '@/nope.crt'");
    simple(t,
           HTTPS ", certificate-authority: ca.crt, certificate-authority-data: YQ==", "token: a");
    fails(t, "both certificate-authority and certificate-authority-data");
    free(ca);
}

#define EXEC1 "exec: {apiVersion: client.authentication.k8s.io/v1, command: p"

static void test_exec_rules(void **state)
{
    struct t *t = *state;
    simple(t, HTTPS, EXEC1 ", interactiveMode: Never, args: null, env: null}");
    loads(t);
    assert_non_null(t->c->exec);
    t->flags.token = "T";
    loads(t);
    assert_null(t->c->exec);
    assert_string_equal(t->c->token, "T");
    t->flags.token = NULL;
    simple(t, HTTPS, EXEC1 ", interactiveMode: Never}, token: t");
    loads(t);
    assert_null(t->c->exec);
    assert_true(warned(t, "exec is not run"));
    file(t, "c.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n");
    static const char *const others[] = {", tokenFile: f", ", username: b, password: p",
                                         ", client-certificate: c.pem, client-key: c.pem"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char *user = xasprintf(EXEC1 ", interactiveMode: Always}%s", others[i]);
        simple(t, HTTPS, user);
        loads(t);
        assert_null(t->c->exec);
        assert_true(warned(t, "exec is not run"));
        free(user);
    }
    simple(t, HTTPS, EXEC1 ", interactiveMode: IfAvailable, env: [{name: A}, {value: b}]}");
    fails(t, "exec: env with an entry without a name");
    simple(t, HTTPS, EXEC1 "}");
    fails(t, "interactiveMode is missing");
    simple(t, HTTPS, EXEC1 ", interactiveMode: never}");
    fails(t, "unknown interactiveMode \"never\"");
    simple(t, HTTPS, "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: p}");
    fails(t, "invalid apiVersion \"client.authentication.k8s.io/v1alpha1\"");
    simple(t, HTTPS, "exec: {apiVersion: client.authentication.k8s.io/v1beta1}");
    fails(t, "exec: no command");
    simple(t, HTTPS, EXEC1 ", interactiveMode: Never}, auth-provider: {name: oidc}");
    fails(t, "both exec and auth-provider");
    simple(t,
           HTTPS ", extensions: [{name: client.authentication.k8s.io/exec, extension: {a: [1]}}]",
           EXEC1 ", interactiveMode: Never, provideClusterInfo: true, installHint: get it}");
    loads(t);
    assert_string_equal(t->c->exec->cluster_config, "{\"a\":[1]}");
    assert_string_equal(t->c->exec->install_hint, "get it");
    assert_true(t->c->exec->provide_cluster_info);
}

static void test_impersonation(void **state)
{
    struct t *t = *state;
    simple(t, HTTPS, "token: a, as-groups: [g]");
    fails(t, "impersonation of groups, uid or extra without a user");
    simple(t, HTTPS, "token: a, act-as: bob");
    loads(t);
    assert_null(t->c->as_user);
    simple(t, HTTPS,
           "token: a, as: bob, as-uid: '7', as-groups: [g, h], as-user-extra: {k: [x, w], l: [z]}");
    static const char *const extra[] = {"l=new", "m=a=b"};
    static const char *const groups[] = {"only"};
    t->flags.as_user_extra = extra;
    t->flags.as_user_extra_count = 2;
    loads(t);
    assert_int_equal(t->c->as_group_count, 2);
    assert_int_equal(t->c->as_extra_count, 4);
    assert_string_equal(t->c->as_extra[1].value, "w");
    assert_string_equal(t->c->as_extra[2].value, "new");
    assert_string_equal(t->c->as_extra[3].value, "a=b");
    t->flags.as_group = groups;
    t->flags.as_group_count = 1;
    t->flags.as = "alice";
    loads(t);
    assert_string_equal(t->c->as_user, "alice");
    assert_int_equal(t->c->as_group_count, 1);
    static const char *const wrong[] = {"novalue"};
    t->flags.as_user_extra = wrong;
    t->flags.as_user_extra_count = 1;
    fails(t, "--as-user-extra: expected KEY=VALUE");
    t->flags = (struct api_flags){0};
    static const char *const hostile[] = {"as: \"b\\n\"", "as: b, as-uid: \"\\x7f\"",
                                          "as: b, as-groups: [g, \"\\t\"]",
                                          "as: b, as-user-extra: {k: [\"\\r\\nX: y\"]}"};
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        simple(t, HTTPS, hostile[i]);
        fails(t, "impersonation with a control character");
    }
    static const char *const alone[] = {"as-uid: '7'", "as-user-extra: {k: [x]}"};
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        simple(t, HTTPS, alone[i]);
        fails(t, "impersonation of groups, uid or extra without a user");
    }
}

static void test_request_timeout(void **state)
{
    struct t *t = *state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"5", 5000},     {"1.5m", 90000}, {"100ms", 100}, {"0", 0},
                {"2h", 7200000}, {"1us", 1},      {"0s", 0}};
    t->flags.server = "https://h";
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        t->flags.request_timeout = good[i].text;
        loads(t);
        assert_int_equal(t->c->request_timeout_ms, good[i].ms);
    }
    static const char *const bad[] = {"-1", "1d", "", "-5s", "5 ", "x", "1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        t->flags.request_timeout = bad[i];
        fails(t, "--request-timeout: expected");
        assert_int_equal(t->err.code, ERR_USAGE);
    }
}

static void test_choosing(void **state)
{
    struct t *t = *state;
    simple(t, HTTPS, "token: a");
    t->flags.context = "x";
    fails(t, "context \"x\" does not exist; contexts: c");
    t->flags = (struct api_flags){.cluster = "x"};
    fails(t, "cluster \"x\" does not exist");
    t->flags = (struct api_flags){.user = "x"};
    fails(t, "user \"x\" does not exist");
    t->flags = (struct api_flags){.context = NULL};
    file(t, "config", "current-context: x\ncontexts: [{name: c}]\n");
    fails(t, "context was not found for specified context: x");
    file(t, "config",
         "current-context: a\ncontexts: [{name: a, context: {cluster: k, user: u}}]\n"
         "clusters: [{name: k, cluster: {" HTTPS "}}]\n");
    fails(t, "@/config: context \"a\": user \"u\" not found");
    file(t, "c.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n");
    char *pem = expand(t, "@/c.pem");
    const struct api_flags who[] = {// who is given by a flag
                                    {.token = "t"},
                                    {.username = "n"},
                                    {.client_certificate = pem, .client_key = pem}};
    for (size_t i = 0; i < sizeof who / sizeof who[0]; i++) {
        t->flags = who[i];
        loads(t);
    }
    free(pem);
    t->flags = (struct api_flags){0};
    file(t, "config", "current-context: a\ncontexts: [{name: a, context: {cluster: k}}]\n");
    fails(t, "@/config: context \"a\": cluster \"k\" not found");
    file(t, "config", "contexts: [{name: a, context: {cluster: k}}, {name: b}]\n");
    fails(t, "no current-context; choose one with --context: a, b");
    file(t, "config",
         "current-context: a\ncontexts: [{name: a, context: {cluster: k, user: u}},"
         " {name: b, context: {cluster: l, user: v, namespace: nb}}]\n"
         "clusters: [{name: k, cluster: {" HTTPS "}}, {name: l, cluster: {server: 'https://l'}}]\n"
         "users: [{name: u, user: {token: tu}}, {name: v, user: {token: tv}}]\n");
    t->flags.context = "b";
    loads(t);
    assert_string_equal(t->c->host, "l");
    assert_string_equal(t->c->token, "tv");
    assert_string_equal(t->c->ns, "nb");
    t->flags.cluster = "k";
    t->flags.user = "u";
    t->flags.ns = "No Name!"; // as it is
    loads(t);
    assert_string_equal(t->c->host, "h");
    assert_string_equal(t->c->token, "tu");
    assert_string_equal(t->c->ns, "No Name!");
}

static void test_user_rules(void **state)
{
    struct t *t = *state;
    simple(t, HTTPS, "token: a, username: b");
    fails(t, "more than one authentication method");
    simple(t, HTTPS, "token: a");
    t->flags.username = "b";
    fails(t, "more than one authentication method");
    t->flags.username = NULL;
    simple(t, HTTPS, "token: a, tokenFile: f");
    loads(t);
    assert_null(t->c->token); // the file beats it
    assert_non_null(t->c->token_file);
    t->flags.token = "flag";
    loads(t);
    assert_string_equal(t->c->token, "flag");
    assert_null(t->c->token_file);
    t->flags.token = NULL;
    simple(t, HTTPS, "token: \"abc\\n\"");
    loads(t);
    assert_string_equal(t->c->token, "abc");
    simple(t, HTTPS, "token: \"s3cr\\net\"");
    fails(t, "user \"u\": token with a space, line break or control character inside");
    assert_null(strstr(t->problems.data, "s3cr"));
    file(t, "c.pem", "-----BEGIN CERTIFICATE-----\n");
    file(t, "k.pem", "-----BEGIN EC PRIVATE KEY-----\n");
    simple(t, HTTPS, "client-certificate: c.pem");
    fails(t, "client-certificate without client-key");
    simple(t, HTTPS, "client-key: k.pem");
    fails(t, "client-key without client-certificate");
    simple(t, HTTPS, "client-certificate: c.pem, client-certificate-data: YQ==, client-key: k.pem");
    fails(t, "both client-certificate and client-certificate-data");
    simple(t, HTTPS, "client-certificate-data: YQ==, client-key-data: YQ==");
    char *cert = expand(t, "@/c.pem"), *key = expand(t, "@/k.pem");
    t->flags = (struct api_flags){.client_certificate = cert, .client_key = key};
    loads(t); // the flags drop the data
    assert_string_equal(t->c->client_cert.file, cert);
    assert_null(t->c->client_cert.data);
    assert_string_equal(t->c->client_key.file, key);
    assert_null(t->c->client_key.data);
    free(cert);
    free(key);
    t->flags = (struct api_flags){0};
    simple(t, HTTPS, "client-certificate: c.pem, client-key: c.pem");
    fails(t, "client-key '@/c.pem' holds no PEM PRIVATE KEY");
    simple(t, HTTPS, "client-certificate: c.pem, client-key: k.pem, client-key-data: YQ==");
    fails(t, "both client-key and client-key-data");
    simple(t, HTTPS, "client-certificate: c.pem, client-key: k.pem");
    loads(t);
    assert_non_null(strstr(t->c->client_cert.file, "/c.pem"));
    simple(t, HTTPS, "auth-provider: {name: gcp}");
    fails(t, "gke-gcloud-auth-plugin");
    simple(t, HTTPS, "auth-provider: {name: azure}");
    fails(t, "kubelogin");
    simple(t, HTTPS, "auth-provider: {name: oidc, config: {id-token: idt, refresh-token: r}}");
    loads(t);
    assert_string_equal(t->c->token, "idt");
    assert_true(warned(t, "never refreshed"));
    simple(t, "server: 'http://h'", "token: a");
    loads(t);
    assert_true(t->c->plain_http);
    assert_true(warned(t, "no credentials are sent"));
}

static void test_in_cluster(void **state)
{
    struct t *t = *state;
    char *dir = expand(t, "@/sa");
    t->env.in_cluster_dir = dir;
    set(t, "KUBERNETES_SERVICE_HOST", "fd00::1");
    set(t, "KUBERNETES_SERVICE_PORT", "443");
    fails(t, "no cluster is configured");
    file(t, "folder/token/x", "");
    char *folder = expand(t, "@/folder");
    t->env.in_cluster_dir = folder;
    fails(t, "no cluster is configured");
    t->env.in_cluster_dir = dir;
    file(t, "sa/token", "tok\n");
    set(t, "KUBERNETES_SERVICE_PORT", "");
    fails(t, "no cluster is configured");
    set(t, "KUBERNETES_SERVICE_PORT", "443");
    set(t, "KUBERNETES_SERVICE_HOST", "");
    fails(t, "no cluster is configured");
    set(t, "KUBERNETES_SERVICE_HOST", "10.0.0.1");
    loads(t);
    assert_string_equal(t->c->server, "https://10.0.0.1:443");
    set(t, "KUBERNETES_SERVICE_HOST", "fd00::1");
    loads(t);
    assert_true(t->c->in_cluster);
    assert_string_equal(t->c->server, "https://[fd00::1]:443");
    assert_string_equal(t->c->ns, "default");
    assert_true(warned(t, "ca.crt"));
    file(t, "sa/ca.crt", "-----BEGIN CERTIFICATE-----\n");
    file(t, "sa/namespace", "web\n");
    loads(t);
    assert_string_equal(t->c->ns, "web");
    assert_non_null(strstr(t->c->ca.file, "/sa/ca.crt"));
    assert_non_null(strstr(t->c->token_file, "/sa/token"));
    set(t, "POD_NAMESPACE", "pod");
    t->flags.token = "T";
    loads(t);
    assert_string_equal(t->c->ns, "pod");
    assert_string_equal(t->c->token, "T");
    assert_null(t->c->token_file);
    file(t, "other.crt", "-----BEGIN CERTIFICATE-----\n");
    char *other = expand(t, "@/other.crt");
    t->flags = (struct api_flags){.certificate_authority = other};
    loads(t);
    assert_true(t->c->in_cluster);
    assert_string_equal(t->c->ca.file, other);
    t->flags = (struct api_flags){.server = "https://h"};
    loads(t);
    assert_false(t->c->in_cluster);
    t->flags = (struct api_flags){0};
    simple(t, HTTPS, "token: a");
    loads(t);
    assert_false(t->c->in_cluster);
    free(other);
    free(folder);
    free(dir);
}

static void proxied(struct t *t, const char *server, const char *expect)
{
    t->flags.server = server;
    loads(t);
    if (expect == NULL) {
        assert_null(t->c->proxy_url);
    } else {
        assert_non_null(t->c->proxy_url);
        assert_string_equal(t->c->proxy_url, expect);
    }
}

static void test_proxy_env(void **state)
{
    struct t *t = *state;
    proxied(t, "https://h", NULL);
    set(t, "ALL_PROXY", "http://all");
    proxied(t, "https://h", NULL);
    set(t, "https_proxy", "http://low:1");
    proxied(t, "https://h", "http://low:1");
    set(t, "HTTPS_PROXY", "up:1");
    set(t, "HTTP_PROXY", "socks5h://plain:2");
    proxied(t, "https://h", "http://up:1");
    proxied(t, "http://h", "socks5://plain:2");
    proxied(t, "https://localhost:6443", NULL);
    proxied(t, "https://127.9.9.9", NULL);
    proxied(t, "https://[::1]", NULL);
    static const struct {
        const char *no, *server;
        bool proxy;
    } cases[] = {
        {"*", "https://h", false},
        {"example.com", "https://example.com", false},
        {"example.com", "https://a.example.com", false},
        {"example.com", "https://anexample.com", true},
        {".example.com", "https://a.example.com", false},
        {".example.com", "https://example.com", true},
        {"*.example.com", "https://a.example.com", false},
        {"EXAMPLE.com , x", "https://Example.COM", false},
        {"example.com:443", "https://example.com", false},
        {"example.com:8443", "https://example.com", true},
        {"10.0.0.0/8", "https://10.1.2.3:6443", false},
        {"10.0.0.0/8", "https://11.1.2.3", true},
        {"10.1.2.3", "https://10.1.2.3:6443", false},
        {"10.1.2.3:443", "https://10.1.2.3:6443", true},
        {"fd00::/8", "https://[fd12::1]", false},
        {"[fd12::1]:443", "https://[fd12::1]", false},
        {"fd12::1", "https://[fd12:0::1]", false},
        {"::/0", "https://10.0.0.1", true},
        {"10.0.0.0/33", "https://10.0.0.1", true},
        {",, ,", "https://h", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(t, "NO_PROXY", cases[i].no);
        proxied(t, cases[i].server, cases[i].proxy ? "http://up:1" : NULL);
    }
    set(t, "NO_PROXY", "");
    set(t, "REQUEST_METHOD", "GET");
    proxied(t, "https://h", "http://up:1");
    t->flags.server = "http://h";
    fails(t, "REQUEST_METHOD");
    set(t, "HTTPS_PROXY", "ftp://user:s3cret@x");
    t->flags.server = "https://h";
    fails(t, "HTTPS_PROXY names no proxy");
    assert_null(strstr(t->problems.data, "s3cret"));
}

static void test_proxy_url(void **state)
{
    struct t *t = *state;
    set(t, "NO_PROXY", "*"); // a proxy-url has no exceptions
    simple(t, HTTPS ", proxy-url: 'socks5://127.0.0.1:1080'", "token: a");
    loads(t);
    assert_string_equal(t->c->proxy_url, "socks5://127.0.0.1:1080");
    assert_false(t->c->proxy_from_env);
    t->flags.proxy_url = "http://p:3128";
    loads(t);
    assert_string_equal(t->c->proxy_url, "http://p:3128");
    t->flags.proxy_url = NULL;
    simple(t, HTTPS ", proxy-url: 'socks5h://127.0.0.1:1080'", "token: a");
    fails(t, "@/config:5: cluster \"k\": proxy-url: a scheme other than http, https and socks5");
}

static void test_contexts(void **state)
{
    struct t *t = *state;
    file(t, "a", "contexts: [{name: x, context: {cluster: k, user: u, namespace: ns7}}]\n");
    file(t, "b", "current-context: w\ncontexts: [{name: w}, {name: x}]\n");
    set(t, "KUBECONFIG", "@/a:@/b");
    struct api_contexts list;
    assert_true(api_contexts_load(&t->flags, &t->env, &list, NULL, &t->err));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.names[0], "x");
    assert_string_equal(list.names[1], "w");
    api_contexts_release(&list);
    file(t, "b", "a: [");
    assert_false(api_contexts_load(&t->flags, &t->env, &list, NULL, &t->err));
    api_contexts_release(&list);
}

static void test_hostile_text(void **state)
{
    struct t *t = *state;
    set(t, "KUBECONFIG", "@/c");
    file(t, "c", "users: [{name: \"\\e[31mred\", user: {token: 1}}]\n");
    fails(t, "expected text");
    assert_null(strchr(t->problems.data, 27));
    struct buf deep;
    buf_init(&deep, 0);
    for (int i = 0; i < 2000; i++) {
        buf_adds(&deep, "[");
    }
    file(t, "c", deep.data);
    fails(t, "nested deeper than 64 levels");
    buf_release(&deep);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_simple),          CASE(test_server_url),
        CASE(test_first_file_wins), CASE(test_all_problems_at_once),
        CASE(test_explicit_file),   CASE(test_relative_paths),
        CASE(test_unquoted_names),  CASE(test_certificate_data),
        CASE(test_types),           CASE(test_documents),
        CASE(test_server_flags),    CASE(test_exec_rules),
        CASE(test_impersonation),   CASE(test_request_timeout),
        CASE(test_choosing),        CASE(test_user_rules),
        CASE(test_in_cluster),      CASE(test_proxy_env),
        CASE(test_proxy_url),       CASE(test_contexts),
        CASE(test_hostile_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
