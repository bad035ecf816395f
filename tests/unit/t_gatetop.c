// SPDX-License-Identifier: Apache-2.0
// The program itself: exit statuses, one sentence for each thing that goes wrong, and the answers of each
// subcommand from files and from a simulated cluster.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/yaml.h"
#include "kube/base/yaml_doc.h"

#include "kube/api/access_review.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static char *dir;     // of this test program
static char *program; // build/VARIANT/gatetop
#define FILES "-f", "tests/fixtures/platform"

struct answer {
    int status; // -1: ended by a signal
    char *out, *err;
};

static void answer_free(struct answer *a)
{
    free(a->out);
    free(a->err);
}

// Runs gatetop with these words, the list ends with NULL. Standard input is `in` (NULL: /dev/null); nothing
// of the environment is passed on but what a sanitizer needs.
static struct answer run_words(const char *in, const char **words, int n)
{
    char *argv[40] = {program};
    for (int i = 0; i < n; i++) {
        union {
            const char *c;
            char *m;
        } u = {.c = words[i]};
        argv[1 + i] = u.m;
    }
    char *home = xasprintf("HOME=%s", dir), *out = xasprintf("%s/out", dir),
         *err = xasprintf("%s/err", dir);
    char now[] = "GATETOP_NOW=2026-11-23T18:00:00Z", locale[] = "LC_ALL=C.UTF-8",
         term[] = "TERM=xterm";
    char *env[10] = {home, now, locale, term};
    static const char *const kept[] = {"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
                                       "TSAN_OPTIONS", "PATH"};
    int ne = 4;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (getenv(kept[i]) != NULL) {
            env[ne++] = xasprintf("%s=%s", kept[i], getenv(kept[i]));
        }
    }
    posix_spawn_file_actions_t a;
    posix_spawn_file_actions_init(&a);
    posix_spawn_file_actions_addopen(&a, 0, in != NULL ? in : "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&a, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&a, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t pid;
    assert_int_equal(posix_spawn(&pid, program, &a, NULL, argv, env), 0);
    posix_spawn_file_actions_destroy(&a);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    struct answer r = {WIFEXITED(status) ? WEXITSTATUS(status) : -1, file_read(out, NULL),
                       file_read(err, NULL)};
    free(home);
    free(out);
    free(err);
    for (int i = 4; i < ne; i++) {
        free(env[i]);
    }
    return r;
}

#define RUN(...)                                                                                   \
    run_words(NULL, (const char *[]){__VA_ARGS__},                                                 \
              (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)))

static bool has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        print_message("no '%s' in: %.600s\n", part, text);
        return false;
    }
    return true;
}

// Nothing on standard output; on standard error one line, "gatetop: ... part ...".
static void refuses(struct answer r, int status, const char *part)
{
    if (r.status != status) {
        print_message("status %d, stderr: %.600s\n", r.status, r.err);
    }
    assert_int_equal(r.status, status);
    assert_string_equal(r.out, "");
    assert_int_equal(strncmp(r.err, "gatetop: ", 9), 0);
    assert_true(has(r.err, part));
    const char *end = strchr(r.err, '\n');
    assert_non_null(end);
    if (end[1] != '\0') {
        print_message("more than a line: %.600s\n", r.err);
    }
    assert_int_equal(end[1], '\0');
    answer_free(&r);
}

static char *write_config(const char *name, const char *server, const char *cluster_more,
                          const char *user)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(
        &b,
        "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: \"%s\"%s}}]\nusers: "
        "[{name: u, "
        "user: {%s}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n",
        server, cluster_more, user);
    tempdir_write(dir, name, b.data, 0600);
    buf_release(&b);
    return xasprintf("%s/%s", dir, name);
}

// --- usage

static void usage(void **state)
{
    (void)state;
    refuses(RUN("get", "nothing"), 2, "unknown view 'nothing'");
    refuses(RUN("nothing"), 2, "'nothing'");
    refuses(RUN("get", "s"), 2, "several views begin with 's': services, status");
    refuses(RUN("s"), 2, "several views begin with 's': services, status");
    refuses(RUN("get"), 2, "needs a view");
    refuses(RUN("get", "apps", "dns"), 2, "'dns'");
    refuses(RUN("get", "dns", FILES, "--dns-sources", "service,crd"), 2, "'crd' is no source of");
    refuses(RUN("get", "dns", FILES, "--dns-sources", "Service"), 2, "'Service' is no source of");
    refuses(RUN("get", "dns", FILES, "--dns-sources", ","), 2, "names no source");
    refuses(RUN("get", "dns", FILES, "--annotation-prefix", "x"), 2, "does not end with '/'");
    refuses(RUN("get", "dns", FILES, "--txt-prefix", "a", "--txt-suffix", "b"), 2,
            "exclude each other");
    refuses(RUN("get", "dns", FILES, "--txt-owner-id="), 2, "--txt-owner-id is empty");
    refuses(RUN("get", "apps", "-o", "yaml"), 2, "'yaml'");
    refuses(RUN("get", "apps", "-o", "text"), 2, "table, wide, json, csv or name");
    refuses(RUN("trace", "http://a/", "-o", "csv"), 2, "text or json");
    refuses(RUN("trace"), 2, "URL");
    refuses(RUN("--bogus"), 2, "'--bogus'");
    refuses(RUN("get", "apps", "-n"), 2, "'-n' needs an argument");
    refuses(RUN("get", "apps", "--watch=1"), 2, "--watch");
    refuses(RUN("-zw", "get", "apps"), 2, "'-z'");
    refuses(RUN("get", "apps", "-n", "a", "-A"), 2, "-A");
    refuses(RUN("check", "--fail-on", "never"), 2, "'never'");
    refuses(RUN("check", "more"), 2, "'more'");
    refuses(RUN("diff"), 2, "diff");
    refuses(RUN("completion", "tcsh"), 2, "bash, zsh or fish");
    refuses(RUN("get", "apps", "--as-of", "yesterday"), 2, "'yesterday'");
    refuses(RUN("check", "-X", "POST"), 2, "--request");
    // Without a terminal the dashboard says what to do instead.
    refuses(RUN(FILES), 2, "not a terminal");
    refuses(RUN("routes", FILES), 2, "not a terminal");
}

static void plain_answers(void **state)
{
    (void)state;
    struct answer r = RUN("--version");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.out, "gatetop " GATETOP_VERSION "\n");
    assert_string_equal(r.err, "");
    answer_free(&r);
    static const char *const subcommands[] = {"get",  "trace", "check",
                                              "diff", "auth",  "completion"};
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        r = RUN(subcommands[i], "--help");
        assert_int_equal(r.status, 0);
        assert_true(has(r.out, subcommands[i]));
        assert_string_equal(r.err, "");
        answer_free(&r);
        r = RUN("--help");
        assert_true(has(r.out, subcommands[i]));
        answer_free(&r);
    }
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < 3; i++) {
        r = RUN("completion", shells[i]);
        assert_int_equal(r.status, 0);
        assert_true(has(r.out, "certificates"));
        assert_true(has(r.out, "overlay"));
        assert_string_equal(r.err, "");
        answer_free(&r);
    }
}

// --- configuration

static void configuration(void **state)
{
    (void)state;
    refuses(RUN("get", "apps"), 4, "--kubeconfig");
    refuses(RUN("auth"), 4, "--kubeconfig");
    char *none = xasprintf("%s/none", dir);
    refuses(RUN("get", "apps", "--kubeconfig", none), 4, none);
    tempdir_write(dir, "broken", "apiVersion: v1\nkind: Config\nclusters: [}\n", 0600);
    char *broken = xasprintf("%s/broken", dir), *place = xasprintf("%s:3", broken);
    refuses(RUN("get", "apps", "--kubeconfig", broken), 4, place);
    char *refused = write_config("refused", "http://127.0.0.1:1", "", "");
    refuses(RUN("get", "apps", "--kubeconfig", refused, "--context", "nope"), 4, "\"nope\"");
    refuses(RUN("get", "apps", "--kubeconfig", refused), 3, "127.0.0.1:1");
    refuses(RUN("trace", "http://a.example.com/", "--kubeconfig", refused), 3, "127.0.0.1:1");
    refuses(RUN("check", "--kubeconfig", refused), 3, "127.0.0.1:1");
    refuses(RUN("auth", "--kubeconfig", refused), 3, "127.0.0.1:1");
    refuses(RUN("apps", "--once", "--kubeconfig", refused), 3, "127.0.0.1:1");
    free(none);
    free(broken);
    free(place);
    free(refused);
}

// --- manifests

static void manifests(void **state)
{
    (void)state;
    tempdir_write(
        dir, "m/a.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: good}\n---\nmetadata: [\n  a}\n", 0600);
    tempdir_write(dir, "m/b.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n",
                  0600);
    char *m = xasprintf("%s/m", dir), *place = xasprintf("gatetop: %s/m/a.yaml:6:4: ", dir);
    struct answer r = RUN("get", "namespaces", "-f", m, "-o", "name");
    assert_int_equal(r.status, 4);
    assert_true(has(r.err, place));
    assert_string_equal(r.out, "namespaces/good\nnamespaces/other\n");
    answer_free(&r);
    // 4 goes before 1.
    r = RUN("check", "-f", m, "-f", "tests/fixtures/platform", "-o", "json");
    assert_int_equal(r.status, 4);
    assert_true(has(r.out, "FindingList"));
    answer_free(&r);
    r = RUN("trace", "http://nothing.example.com/", "-f", m);
    assert_int_equal(r.status, 4);
    answer_free(&r);
    char *none = xasprintf("%s/nothing.yaml", dir);
    r = RUN("get", "namespaces", "-f", none);
    assert_int_equal(r.status, 4);
    assert_true(has(r.err, none));
    answer_free(&r);
    // Standard input.
    char *b = xasprintf("%s/b.yaml", m);
    static const char *words[] = {"get", "namespaces", "-o", "name", "-f", "-"};
    r = run_words(b, words, 6);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.out, "namespaces/other\n");
    answer_free(&r);
    // An overlay replaces by name and adds the rest.
    r = RUN("get", "namespaces", "-o", "name", "-f", b, "--overlay",
            "tests/fixtures/platform/00-namespaces.yaml");
    assert_int_equal(r.status, 0);
    assert_true(has(r.out, "namespaces/other\n"));
    assert_true(has(r.out, "namespaces/istio-system\n"));
    answer_free(&r);
    free(m);
    free(place);
    free(none);
    free(b);
}

// docs/rules/istio.md#files-are-an-excerpt: what is not judged is named, by every subcommand and in the view status.
static void documents_left_out(void **state)
{
    (void)state;
    tempdir_write(dir, "left.yaml",
                  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
                  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---\n"
                  "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\n---\n"
                  "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: "
                  "r}\n",
                  0600);
    char *f = xasprintf("%s/left.yaml", dir);
    static const char kinds_left[] = "2 ConfigMap, 1 HTTPRoute, 1 Ingress (read for DNS only)";
    const char *const subcommands[][2] = {{"check", NULL}, {"get", "apps"}, {"get", "status"}};
    for (size_t i = 0; i < 3; i++) {
        struct answer r = subcommands[i][1] == NULL
                              ? RUN(subcommands[i][0], "-f", f)
                              : RUN(subcommands[i][0], subcommands[i][1], "-f", f);
        assert_int_equal(r.status, 0);
        assert_true(has(r.err, kinds_left));
        assert_null(strstr(strstr(r.err, kinds_left) + 1, kinds_left)); // once
        assert_true(i != 2 || (has(r.out, "not judged") && has(r.out, kinds_left)));
        answer_free(&r);
    }
    tempdir_write(dir, "all.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", 0600);
    free(f);
    f = xasprintf("%s/all.yaml", dir);
    struct answer r = RUN("get", "status", "-f", f);
    assert_string_equal(r.err, "");
    assert_null(strstr(r.out, "not judged"));
    answer_free(&r);
    free(f);
}

// docs/rules/istio.md#written-twice
static void written_twice(void **state)
{
    (void)state;
    static const char service[] =
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
        "spec: {ports: [{name: http, port: 80}]}\n";
    char *two = xasprintf("%s---\n%s", service, service);
    tempdir_write(dir, "two.yaml", two, 0600);
    tempdir_write(dir, "one.yaml", service, 0600);
    char *f = xasprintf("%s/two.yaml", dir), *g = xasprintf("%s/one.yaml", dir);
    struct answer r = RUN("check", "-f", f);
    assert_int_equal(r.status, 0); // a warning
    assert_true(has(r.out, "warning GT0005 Service shop/web metadata.name"));
    assert_true(has(r.out, "two.yaml, line 1"));
    answer_free(&r);
    tempdir_write(dir, "refused.yaml",
                  "apiVersion: cert-manager.io/v1\nkind: Certificate\n"
                  "metadata: {name: c, namespace: shop}\n"
                  "spec: {secretName: s, dnsNames: [a.example.com], issuerRef: {name: i}, "
                  "duration: 1h, renewBefore: 2h}\n",
                  0600);
    char *refused = xasprintf("%s/refused.yaml", dir);
    r = RUN("check", "-f", refused);
    assert_true(has(r.out, "error GT0006 Certificate shop/c spec.renewBefore"));
    answer_free(&r);
    free(refused);
    r = RUN("check", "-f", g, "-f", g); // read twice, written once
    assert_null(strstr(r.out, "GT0005"));
    answer_free(&r);
    r = RUN("check", "-f", g, "--overlay", f); // the second document of the overlay
    assert_null(strstr(r.out, "one.yaml, line 1"));
    answer_free(&r);
    char *prod = xasprintf("%s/prod/web.yaml", dir);
    tempdir_write(dir, "prod/web.yaml", service, 0600);
    r = RUN("check", "-f", g, "-f", prod); // of another folder: an alternative
    assert_true(has(r.out, "info GT0005 Service shop/web metadata.name"));
    answer_free(&r);
    free(prod);
    free(two);
    free(f);
    free(g);
}

// docs/rules/istio.md#files-are-an-excerpt, docs/rules/kubernetes-client.md#unfilled-variables
static void parts_of_a_repository(void **state)
{
    (void)state;
    static const char service[] =
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
        "spec: {ports: [{name: http, port: 80}]}\n";
    static const char route[] =
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\n"
        "metadata: {name: v, namespace: shop}\nspec: {hosts: [a.io], http: [{route: "
        "[{destination: {host: ghost}}]}]}\n";
    tempdir_write(dir, "together/web.yaml", service, 0600);
    tempdir_write(dir, "together/v.yaml", route, 0600);
    tempdir_write(dir, "apart/web/web.yaml", service, 0600);
    tempdir_write(dir, "apart/v/v.yaml", route, 0600);
    tempdir_write(dir, "apart/unfilled.yaml",
                  "apiVersion: cert-manager.io/v1\nkind: Certificate\n"
                  "metadata: {name: c, namespace: shop}\nspec: {secretName: \"${NS}-tls\", "
                  "dnsNames: [\"*.${DOMAIN}\"], issuerRef: {name: i}}\n",
                  0600);
    char *together = xasprintf("%s/together", dir), *apart = xasprintf("%s/apart", dir);
    struct answer r = RUN("check", "-f", together);
    assert_int_equal(r.status, 1);
    assert_true(has(r.out, "error IST0101 VirtualService shop/v"));
    answer_free(&r);
    r = RUN("check", "-f", apart);
    assert_int_equal(r.status, 0);
    assert_true(has(r.out, "info IST0101 VirtualService shop/v"));
    assert_true(has(r.out, "warning GT0007 Certificate shop/c"));
    assert_null(strstr(r.out, "GT0209"));
    assert_null(strstr(r.out, "GT0006"));
    answer_free(&r);
    free(together);
    free(apart);
}

// docs/rules/kubernetes-client.md#manifest-sources
static void charts_and_kustomizations(void **state)
{
    (void)state;
    static const char ns[] = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n";
    char *a = xasprintf(ns, "a"), *b = xasprintf(ns, "b");
    tempdir_write(dir, "chart/Chart.yaml", "name: x\n", 0600);
    tempdir_write(dir, "chart/values.yaml", "a: b\n", 0600);
    tempdir_write(dir, "chart/templates/t.yaml", "kind: {{ .Kind }}\n", 0600);
    tempdir_write(dir, "k/kustomization.yaml", "resources: [a.yaml]\npatches: [{path: p.yaml}]\n",
                  0600);
    tempdir_write(dir, "k/a.yaml", a, 0600);
    tempdir_write(dir, "k/p.yaml", b, 0600);
    char *chart = xasprintf("%s/chart", dir), *t = xasprintf("%s/chart/templates/t.yaml", dir),
         *k = xasprintf("%s/k", dir), *file = xasprintf("%s/k/kustomization.yaml", dir);
    struct answer r = RUN("get", "namespaces", "-f", chart);
    assert_int_equal(r.status, 4);
    assert_true(has(r.err, "render it first: helm template"));
    assert_null(strstr(r.err, "values.yaml"));
    answer_free(&r);
    r = RUN("get", "namespaces", "-f", t);
    assert_int_equal(r.status, 4);
    assert_true(has(r.err, "a template of Helm"));
    answer_free(&r);
    r = RUN("get", "namespaces", "-f", k, "-o", "name");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.out, "namespaces/a\n");
    assert_true(has(r.err, "kustomize build"));
    answer_free(&r);
    r = RUN("get", "namespaces", "-f", file);
    assert_int_equal(r.status, 0);
    assert_true(has(r.err, "this is a kustomization"));
    answer_free(&r);
    free(a);
    free(b);
    free(chart);
    free(t);
    free(k);
    free(file);
}

static const char *const views_of_get[] = {"apps",     "namespaces", "certificates", "issuers",
                                           "requests", "gateways",   "routes",       "dns",
                                           "findings", "events",     "status"};

static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += *text == '\n';
    }
    return n;
}

// Each view in each form, over the platform: as many rows in each, no control characters.
static void every_view(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof views_of_get / sizeof *views_of_get; i++) {
        struct answer r = RUN("get", views_of_get[i], FILES, "-o", "json");
        assert_int_equal(r.status, 0);
        assert_string_equal(r.err, "");
        struct err err;
        struct json *j = json_parse(r.out, strlen(r.out), &err);
        assert_non_null(j);
        assert_string_equal(json_get_string(j, "apiVersion"), "gatetop/v1");
        assert_true(json_get_bool(j, "complete", false));
        size_t rows = json_count(json_get(j, "items"));
        assert_true(rows > 0);
        json_free(j);
        answer_free(&r);
        static const char *const forms[] = {"table", "wide", "csv", "name"};
        for (size_t f = 0; f < 4; f++) {
            r = RUN("get", views_of_get[i], FILES, "-o", forms[f]);
            assert_int_equal(r.status, 0);
            assert_string_equal(r.err, "");
            assert_int_equal(lines_of(r.out), rows + (f != 3));
            for (const char *p = r.out; *p != '\0'; p++) {
                assert_true((unsigned char)*p >= 0x20 || *p == '\n' || (f == 2 && *p == '\r'));
            }
            assert_null(strstr(r.out, "(null)"));
            answer_free(&r);
        }
        r = RUN(views_of_get[i], FILES, "--once");
        assert_int_equal(r.status, 0);
        assert_true(lines_of(r.out) >= rows + 2);
        answer_free(&r);
        r = RUN("get", views_of_get[i], FILES, "--ascii");
        for (const char *p = r.out; *p != '\0'; p++) {
            assert_true((unsigned char)*p < 0x7F);
        }
        answer_free(&r);
    }
    struct answer r = RUN("get", "apps", FILES, "-n", "nosuch");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.out, "");
    assert_true(has(r.err, "nosuch"));
    answer_free(&r);
}

static void check_and_diff(void **state)
{
    (void)state;
    struct answer r = RUN("check", FILES, "-o", "json");
    assert_int_equal(r.status, 1); // the platform has errors
    struct err err;
    struct json *j = json_parse(r.out, strlen(r.out), &err);
    assert_non_null(j);
    assert_string_equal(json_get_string(j, "kind"), "FindingList");
    bool error = false;
    for (const struct json *f = json_first(json_get(j, "items")); f != NULL; f = json_next(f)) {
        error = error || strcmp(json_get_string(f, "severity"), "error") == 0;
    }
    assert_true(error);
    json_free(j);
    answer_free(&r);
    tempdir_write(dir, "fine.yaml",
                  "apiVersion: v1\nkind: Namespace\nmetadata: {name: fine, labels: "
                  "{istio-injection: enabled}}\n",
                  0600);
    char *fine = xasprintf("%s/fine.yaml", dir);
    r = RUN("check", "-f", fine, "--fail-on", "info");
    assert_int_equal(r.status, 0);
    answer_free(&r);
    r = RUN("diff", "tests/fixtures/platform", FILES);
    assert_int_equal(r.status, 0); // the same objects: nothing would change
    answer_free(&r);
    r = RUN("diff", "docs/examples/bookinfo.yaml", FILES, "-o", "json");
    assert_int_equal(r.status, 1);
    j = json_parse(r.out, strlen(r.out), &err);
    assert_non_null(j);
    assert_string_equal(json_get_string(j, "kind"), "RouteDiff");
    assert_int_equal(json_type(json_get(j, "unsampled")), JSON_NUMBER);
    assert_false(json_get_bool(j, "more", true)); // the list is whole
    const struct json *change = json_first(json_get(j, "items"));
    static const char *const keys[] = {"gateway", "host", "table", "conditions", "before", "after"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_non_null(json_get(change, keys[i]));
    }
    json_free(j);
    answer_free(&r);
    free(fine);
}

// --- a cluster

struct cluster {
    struct apisim *sim;
    char *admin; // path of a kubeconfig
};

static void cluster_open(struct cluster *c)
{
    struct err err;
    c->sim = apisim_start(NULL, &err);
    assert_non_null(c->sim);
    if (!apisim_load(c->sim, "tests/fixtures/platform", &err)) {
        fail_msg("%s", err.msg);
    }
    c->admin = xasprintf("%s/admin", dir);
    assert_true(apisim_write_kubeconfig(c->sim, c->admin, "admin", &err));
}

static void cluster_close(struct cluster *c)
{
    apisim_stop(c->sim);
    free(c->admin);
}

static void from_a_cluster(void **state)
{
    (void)state;
    struct cluster c;
    cluster_open(&c);
    for (size_t i = 0; i < sizeof views_of_get / sizeof *views_of_get; i++) {
        struct answer r = RUN("get", views_of_get[i], "--kubeconfig", c.admin, "-o", "json");
        if (r.status != 0) {
            print_message("%s: %.300s\n", views_of_get[i], r.err);
        }
        assert_int_equal(r.status, 0);
        assert_string_equal(r.err, "");
        struct err err;
        struct json *j = json_parse(r.out, strlen(r.out), &err);
        assert_non_null(j);
        if (json_count(json_get(j, "items")) == 0) {
            print_message("no rows of %s\n", views_of_get[i]);
        }
        assert_true(json_count(json_get(j, "items")) > 0);
        json_free(j);
        answer_free(&r);
    }
    struct answer r =
        RUN("trace", "https://bookinfo.bookinfo-production.lead.sandbox.example.io/productpage",
            "--kubeconfig", c.admin, "-o", "json");
    assert_int_equal(r.status, 0);
    struct err err;
    struct json *j = json_parse(r.out, strlen(r.out), &err);
    assert_non_null(j);
    assert_string_equal(json_get_string(j, "outcome"), "route");
    json_free(j);
    answer_free(&r);
    r = RUN("check", "--kubeconfig", c.admin);
    assert_int_equal(r.status, 1);
    answer_free(&r);
    cluster_close(&c);
}

static void servers_that_refuse(void **state)
{
    (void)state;
    struct cluster c;
    cluster_open(&c);
    // No CA: the certificate does not verify.
    char *plain = write_config("unverified", apisim_url(c.sim), "", "token: admin-token");
    refuses(RUN("get", "apps", "--kubeconfig", plain), 3, "certificate");
    refuses(RUN("auth", "--kubeconfig", plain), 3, "certificate");
    struct answer r =
        RUN("get", "apps", "--kubeconfig", plain, "--insecure-skip-tls-verify", "-o", "name");
    assert_int_equal(r.status, 0);
    answer_free(&r);
    char *wrong = write_config("wrong", apisim_url(c.sim), ", insecure-skip-tls-verify: true",
                               "token: wrong");
    r = RUN("get", "apps", "--kubeconfig", wrong);
    assert_int_equal(r.status, 3);
    assert_string_equal(r.out, "");
    assert_true(has(r.err, "401") || has(r.err, "credentials"));
    answer_free(&r);
    apisim_user(c.sim, "nobody", "nobody-token");
    assert_true(apisim_user_rule(c.sim, "nobody", "deny * *"));
    char *nobody = write_config("nobody", apisim_url(c.sim), ", insecure-skip-tls-verify: true",
                                "token: nobody-token");
    r = RUN("get", "apps", "--kubeconfig", nobody);
    assert_int_equal(r.status, 3);
    assert_string_equal(r.out, "");
    assert_true(
        has(r.err,
            "forbidden: User \"nobody\"")); // of the kinds that are needed, whichever answers first
    answer_free(&r);
    // Secrets may not be read: said, and the rest is there.
    char *viewer = xasprintf("%s/viewer", dir);
    struct err err;
    assert_true(apisim_write_kubeconfig(c.sim, viewer, "viewer", &err));
    r = RUN("get", "certificates", "--kubeconfig", viewer, "-o", "name");
    assert_int_equal(r.status, 5);
    assert_true(has(r.out, "certificates.cert-manager.io/"));
    assert_true(has(r.err, "secrets"));
    answer_free(&r);
    free(plain);
    free(wrong);
    free(nobody);
    free(viewer);
    cluster_close(&c);
}

// --- what the user may do

// The answers of `gatetop auth -o json`: each need with each of its verbs once, in order. `secrets`: whether
// those are allowed, as all others are.
static void judge_access(const char *text, bool secrets)
{
    struct err err;
    struct json *j = json_parse(text, strlen(text), &err);
    assert_non_null(j);
    const struct json *item = json_first(json_get(j, "items"));
    for (size_t i = 0; i < access_need_count; i++) {
        const struct access_need *n = &access_needs[i];
        char verb[16];
        for (size_t v = 0; access_verb(n, v, verb); v++, item = json_next(item)) {
            assert_string_equal(json_get_string(item, "group"), n->group);
            assert_string_equal(json_get_string(item, "resource"), n->resource);
            assert_string_equal(json_get_string(item, "verb"), verb);
            assert_int_equal(json_type(json_get(item, "allowed")), JSON_BOOL);
            assert_int_equal(json_get_bool(item, "allowed", false),
                             secrets || strcmp(n->resource, "secrets") != 0);
        }
    }
    assert_null(item);
    json_free(j);
}

static void auth_allowed_and_denied(void **state)
{
    (void)state;
    struct cluster c;
    cluster_open(&c);
    struct answer r = RUN("auth", "--kubeconfig", c.admin, "-o", "json");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.err, "");
    judge_access(r.out, true);
    answer_free(&r);
    r = RUN("auth", "--kubeconfig", c.admin);
    assert_int_equal(r.status, 0);
    assert_true(has(r.out, "yes   list       virtualservices.networking.istio.io "));
    assert_null(strstr(r.out, "\nno "));
    answer_free(&r);
    char *viewer = xasprintf("%s/viewer", dir);
    struct err err;
    assert_true(apisim_write_kubeconfig(c.sim, viewer, "viewer", &err));
    r = RUN("auth", "--kubeconfig", viewer, "-o", "json");
    assert_int_equal(r.status, 1);
    judge_access(r.out, false);
    answer_free(&r);
    r = RUN("auth", "--kubeconfig", viewer);
    assert_int_equal(r.status, 1);
    assert_true(has(r.out, "no    list       secrets "));
    answer_free(&r);
    // What may be missing is no failure.
    assert_true(apisim_user_rule(c.sim, "admin", "deny * deployments.apps"));
    r = RUN("auth", "--kubeconfig", c.admin);
    assert_int_equal(r.status, 0);
    assert_true(has(r.out, "no    list       deployments.apps "));
    answer_free(&r);
    // In one namespace only.
    apisim_user_clear_rules(c.sim, "viewer");
    assert_true(apisim_user_rule(c.sim, "viewer", "allow * * payments-production"));
    assert_true(apisim_user_rule(c.sim, "viewer", "deny * *"));
    r = RUN("auth", "--kubeconfig", viewer, "-n", "payments-production", "-o", "json");
    assert_int_equal(r.status, 0);
    judge_access(r.out, true);
    answer_free(&r);
    r = RUN("auth", "--kubeconfig", viewer);
    assert_int_equal(r.status, 1);
    answer_free(&r);
    free(viewer);
    cluster_close(&c);
}

static void auth_where_nothing_can_be_asked(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *says;
    } cases[] = {
        {"status=404 method=POST body=text", "the server answered 404"},
        {"status=403 method=POST", "the server answered 403"},
        {"status=401 method=POST", "the server answered 401"},
        {"status=200 method=POST", "the server's answer is no access review"},
        {"drop how=rst method=POST", "127.0.0.1"},
    };
    struct cluster c;
    cluster_open(&c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        if (apisim_fault(c.sim, cases[i].rule, &err) < 0) {
            fail_msg("%s", err.msg);
        }
        refuses(RUN("auth", "--kubeconfig", c.admin), 3, cases[i].says);
        apisim_fault_clear(c.sim);
    }
    // One question without an answer is no "no".
    struct err err = {0};
    assert_true(apisim_fault(c.sim, "status=500 method=POST nth=4", &err) >= 0);
    struct answer r = RUN("auth", "--kubeconfig", c.admin);
    assert_int_equal(r.status, 0);
    assert_true(has(r.out, "\n?  "));
    assert_null(strstr(r.out, "\nno "));
    answer_free(&r);
    cluster_close(&c);
}

static bool take_role(void *self, struct yaml_doc *d)
{
    struct json **role = self;
    assert_null(*role); // one document
    *role = json_dup(d->root);
    yaml_doc_clear(d);
    return true;
}

static void bad_role(void *self, struct yaml_mark at, const char *message)
{
    (void)self;
    fail_msg("line %d: %s", at.line, message);
}

static bool is_one_of(const struct json *list, const char *word)
{
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x)) {
        if (strcmp(json_string(x), word) == 0) {
            return true;
        }
    }
    return false;
}

// How many rules of the role allow this.
static int rules_for(const struct json *role, const char *group, const char *resource,
                     const char *verb)
{
    int n = 0;
    for (const struct json *r = json_first(json_get(role, "rules")); r != NULL; r = json_next(r)) {
        n += is_one_of(json_get(r, "apiGroups"), group) &&
             is_one_of(json_get(r, "resources"), resource) && is_one_of(json_get(r, "verbs"), verb);
    }
    return n;
}

// The role as a reader of YAML sees it: each verb that is used once, and nothing else. A user who may do
// just that sees everything.
static void the_printed_role(void **state)
{
    (void)state;
    struct answer r = RUN("auth", "--print-role");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.err, "");
    struct json *role = NULL;
    struct yaml_handler h = {take_role, bad_role, &role};
    assert_true(yaml_each(r.out, strlen(r.out), &YAML_MANIFEST_LIMITS, &h));
    assert_non_null(role);
    answer_free(&r);
    assert_string_equal(json_get_string(role, "apiVersion"), "rbac.authorization.k8s.io/v1");
    assert_string_equal(json_get_string(role, "kind"), "ClusterRole");
    assert_string_equal(json_string(json_at(role, "metadata", "name", NULL)), "gatetop");
    size_t needed = 0, allowed = 0;
    for (size_t i = 0; i < access_need_count; i++) {
        const struct access_need *n = &access_needs[i];
        char verb[16];
        for (size_t v = 0; access_verb(n, v, verb); v++) {
            assert_int_equal(rules_for(role, n->group, n->resource, verb), 1);
            needed++;
        }
    }
    struct cluster c;
    cluster_open(&c);
    apisim_user(c.sim, "reader", "reader-token");
    for (const struct json *u = json_first(json_get(role, "rules")); u != NULL; u = json_next(u)) {
        assert_int_equal(json_count(u), 3); // no resourceNames, no nonResourceURLs
        assert_int_equal(json_count(json_get(u, "apiGroups")), 1);
        const char *group = json_string(json_first(json_get(u, "apiGroups")));
        allowed += json_count(json_get(u, "resources")) * json_count(json_get(u, "verbs"));
        struct buf verbs;
        buf_init(&verbs, 0);
        for (const struct json *v = json_first(json_get(u, "verbs")); v != NULL; v = json_next(v)) {
            buf_addf(&verbs, "%s%s", verbs.len > 0 ? "," : "", json_string(v));
        }
        for (const struct json *x = json_first(json_get(u, "resources")); x != NULL;
             x = json_next(x)) {
            char *rule = xasprintf("allow %s %s%s%s", verbs.data, json_string(x),
                                   group[0] != '\0' ? "." : "", group);
            assert_true(apisim_user_rule(c.sim, "reader", rule));
            free(rule);
        }
        buf_release(&verbs);
    }
    assert_int_equal(allowed, needed);
    assert_true(apisim_user_rule(c.sim, "reader", "deny * *"));
    char *reader = xasprintf("%s/reader", dir);
    struct err err;
    assert_true(apisim_write_kubeconfig(c.sim, reader, "reader", &err));
    r = RUN("auth", "--kubeconfig", reader, "-o", "json");
    assert_int_equal(r.status, 0);
    judge_access(r.out, true);
    answer_free(&r);
    for (size_t i = 0; i < sizeof views_of_get / sizeof *views_of_get; i++) {
        r = RUN("get", views_of_get[i], "--kubeconfig", reader, "-o", "name");
        struct answer all = RUN("get", views_of_get[i], "--kubeconfig", c.admin, "-o", "name");
        assert_int_equal(r.status, 0);
        assert_string_equal(r.err, "");
        assert_string_equal(r.out, all.out);
        answer_free(&r);
        answer_free(&all);
    }
    json_free(role);
    free(reader);
    cluster_close(&c);
}

// The one object is left out and counted; the others of its kind are there.
static void an_object_that_is_too_large_is_counted(void **state)
{
    (void)state;
    struct cluster c;
    struct err err;
    cluster_open(&c);
    struct answer before = RUN("get", "services", "--kubeconfig", c.admin, "-o", "name");
    assert_int_equal(before.status, 0);
    enum { SIZE = 16 << 20 };
    char *fill = xmalloc(SIZE + 1);
    memset(fill, 'x', SIZE);
    fill[SIZE] = '\0';
    char *text = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":"
                           "\"large\",\"namespace\":\"default\"},\"spec\":{\"fill\":\"%s\"}}",
                           fill);
    assert_true(apisim_apply(c.sim, text, &err) > 0);
    free(text);
    free(fill);
    struct answer r = RUN("get", "status", "--kubeconfig", c.admin);
    assert_int_equal(r.status, 5);
    assert_true(has(r.out, "1 object left out: default/large (more than 16777216 bytes)"));
    answer_free(&r);
    r = RUN("get", "services", "--kubeconfig", c.admin, "-o", "name");
    assert_int_equal(r.status, 5);
    assert_true(has(r.err, "gatetop: services: 1 left out: default/large (more than "));
    assert_string_equal(r.out, before.out);
    answer_free(&before);
    answer_free(&r);
    cluster_close(&c);
}

int main(void)
{
    program = shell_built("gatetop");
    if (access(program, X_OK) != 0) {
        (void)fprintf(stderr, "%s is not built\n", program);
        return 1;
    }
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage),
        cmocka_unit_test(plain_answers),
        cmocka_unit_test(configuration),
        cmocka_unit_test(manifests),
        cmocka_unit_test(documents_left_out),
        cmocka_unit_test(written_twice),
        cmocka_unit_test(parts_of_a_repository),
        cmocka_unit_test(charts_and_kustomizations),
        cmocka_unit_test(every_view),
        cmocka_unit_test(check_and_diff),
        cmocka_unit_test(from_a_cluster),
        cmocka_unit_test(servers_that_refuse),
        cmocka_unit_test(an_object_that_is_too_large_is_counted),
        cmocka_unit_test(auth_allowed_and_denied),
        cmocka_unit_test(auth_where_nothing_can_be_asked),
        cmocka_unit_test(the_printed_role),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    free(program);
    return failed;
}
