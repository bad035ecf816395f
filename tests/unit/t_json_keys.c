// SPDX-License-Identifier: Apache-2.0
// The keys that gatetop(1) lists for each document of -o json are those that the program prints: no other, and all of
// them.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "views/view_list.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

enum { DOCUMENTS_MAX = 32, PATHS_MAX = 64 };

// A document as the page lists it: the paths of its keys, "servers.port". Those of a list are its rows'.
struct documented {
    const char *kind;
    const char *path[PATHS_MAX];
    bool seen[PATHS_MAX];
    size_t n;
};

static struct arena arena;
static struct documented documents[DOCUMENTS_MAX];
static size_t document_count;
static char *dir;

static struct documented *find_document(const char *kind)
{
    for (size_t i = 0; kind != NULL && i < document_count; i++) {
        if (str_eq(documents[i].kind, kind)) {
            return &documents[i];
        }
    }
    return NULL;
}

// --- the page: "name, name {name, name}, name: [{name}]."

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \n");
}

// Reads the keys from p on; returns what follows them.
static const char *read_keys(struct documented *d, const char *p, const char *prefix)
{
    for (;; p = skip_blanks(p + 1)) {
        size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        if (n == 0 || d->n == PATHS_MAX) {
            fail_msg("%s: no key at '%.40s'", d->kind, p);
        }
        const char *path = arena_printf(&arena, "%s%.*s", prefix, (int)n, p);
        d->path[d->n++] = path;
        p += n;
        bool list = strncmp(p, ": [", 3) == 0;
        p += list ? 3 : *p == ' ' || *p == '\n' ? 1 : 0;
        if (*p == '{') {
            p = read_keys(d, p + 1, arena_printf(&arena, "%s.", path));
            assert_int_equal(*p, '}');
            p++;
        }
        if (list) {
            assert_int_equal(*p, ']');
            p++;
        }
        if (*p != ',') {
            return p;
        }
    }
}

static void read_page(void)
{
    char *page = file_read("man/gatetop.1", NULL);
    const char *at = strstr(page, "\n.Ss JSON\n");
    assert_non_null(at);
    const char *end = strstr(at, "\n.El\n");
    assert_non_null(end);
    while ((at = strstr(at, "\n.It ")) != NULL && at < end) {
        assert_true(document_count < DOCUMENTS_MAX);
        struct documented *d = &documents[document_count++];
        at += strlen("\n.It ");
        d->kind = arena_strndup(&arena, at, strcspn(at, "\n"));
        const char *last = read_keys(d, strchr(at, '\n') + 1, "");
        if (*last != '.') {
            fail_msg("%s: no full stop after the keys at '%.40s'", d->kind, last);
        }
    }
    free(page);
}

// --- what the program prints

static void check_object(struct documented *d, const struct json *object, const char *prefix);

static void check_value(struct documented *d, const struct json *value, const char *path)
{
    static const char *const maps[] = {"request.headers", "request.gateway_selector"};
    for (size_t i = 0; i < ARRAY_COUNT(maps); i++) {
        if (str_eq(path, maps[i])) {
            return; // its keys are the user's
        }
    }
    struct documented *other = find_document(json_get_string(value, "kind"));
    if (other != NULL) {
        check_object(other, value, "");
    } else if (json_type(value) == JSON_OBJECT) {
        check_object(d, value, arena_printf(&arena, "%s.", path));
    }
    for (const struct json *x = json_type(value) == JSON_ARRAY ? json_first(value) : NULL;
         x != NULL; x = json_next(x)) {
        check_value(d, x, path);
    }
}

static void check_object(struct documented *d, const struct json *object, const char *prefix)
{
    for (const struct json *c = json_first(object); c != NULL; c = json_next(c)) {
        const char *path = arena_printf(&arena, "%s%s", prefix, json_key(c));
        if (str_eq(path, "apiVersion") ||
            (str_eq(path, "kind") && json_get(object, "apiVersion"))) {
            continue; // every document has them
        }
        size_t i = 0;
        while (i < d->n && strcmp(d->path[i], path) != 0) {
            i++;
        }
        if (i == d->n) {
            fail_msg("%s has the key '%s', which gatetop(1) does not list", d->kind, path);
        }
        d->seen[i] = true;
        check_value(d, c, path);
    }
}

static bool is_list(const char *kind)
{
    size_t n = strlen(kind);
    return n > 4 && strcmp(kind + n - 4, "List") == 0;
}

// One document. The keys of a list are those that the text before the table names: get's (with `complete` and `kinds`),
// check's (with `complete`) and auth's.
static void check_document(const struct json *j, const char *subcommand)
{
    const char *kind = json_get_string(j, "kind");
    struct documented *d = find_document(kind);
    assert_string_equal(json_get_string(j, "apiVersion"), "gatetop/v1");
    if (d == NULL) {
        fail_msg("gatetop(1) does not list %s", kind);
    }
    if (!is_list(kind)) {
        check_object(d, j, "");
        return;
    }
    bool get = str_eq(subcommand, "get"), check = str_eq(subcommand, "check");
    assert_int_equal(json_count(j), get ? 5 : check ? 4 : 3);
    assert_int_equal(json_type(json_get(j, "complete")), get || check ? JSON_BOOL : JSON_NONE);
    const struct json *rows = json_get(j, "items"), *read = json_get(j, "kinds");
    if (json_count(rows) == 0) {
        fail_msg("there is no %s", kind);
    }
    for (const struct json *x = json_first(rows); x != NULL; x = json_next(x)) {
        check_object(d, x, "");
    }
    for (const struct json *x = json_first(read); get && x != NULL; x = json_next(x)) {
        check_object(find_document("StatusList"), x, "");
    }
}

// Runs `gatetop WORDS -o json`. lines: each line that it prints is a document.
static void check_run(const char *words, bool lines)
{
    char *all = xasprintf("%s -o json", words), *to = xasprintf(">%s/out", dir), *said;
    int status = shell_run(dir, all, to, &said);
    char *text = file_read(to + 1, NULL);
    if (text[0] == '\0') {
        fail_msg("%s: %d: %s", words, status, said);
    }
    char *subcommand = xstrndup(words, strcspn(words, " "));
    for (const char *p = text; *p != '\0';) {
        size_t n = lines ? strcspn(p, "\n") : strlen(p);
        struct err err = {0};
        struct json *j = json_parse(p, n, &err);
        if (j == NULL) {
            fail_msg("%s: %s", words, err.msg);
        }
        check_document(j, subcommand);
        json_free(j);
        p += n + (p[n] == '\n');
    }
    free(subcommand);
    free(text);
    free(said);
    free(to);
    free(all);
}

// --- objects and requests that have what is left out elsewhere

#define ISTIO "---\napiVersion: networking.istio.io/v1\n"
static const char objects[] =
    "apiVersion: v1\nkind: Service\nmetadata: {name: lb, namespace: x}\n"
    "spec: {type: LoadBalancer, selector: {istio: x}, ports: [{name: http, port: 80, targetPort: "
    "8080}]}\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: x}\nspec: {ports: [{name: "
    "http, port: 80}]}\n" ISTIO "kind: Gateway\nmetadata: {name: g, namespace: x}\n"
    "spec: {selector: {istio: x}, servers: [\n"
    "  {port: {number: 80, name: http, protocol: HTTP}, hosts: [a.x.io]},\n"
    "  {port: {number: 80, name: plain, protocol: HTTP}, hosts: [b.x.io], tls: {httpsRedirect: "
    "true}}]}\n" ISTIO "kind: VirtualService\nmetadata: {name: v, namespace: x}\n"
    "spec: {hosts: [a.x.io], gateways: [g], http: [\n"
    "  {name: direct, match: [{name: m, uri: {exact: /direct}}], directResponse: {status: 200, "
    "body: {string: hello}}},\n"
    "  {match: [{uri: {prefix: /d}}], delegate: {name: d}},\n"
    "  {route: [{destination: {host: s}}], mirrors: [{destination: {host: s}}]},\n"
    "  {route: [{destination: {host: s}}]}]}\n" ISTIO "kind: VirtualService\n"
    "metadata: {name: d, namespace: x}\nspec: {http: [{route: [{destination: {host: s}}]}]}\n";
static const char requests[] =
    "{\"url\":\"http://a.x.io/direct\"}\n"
    "{\"url\":\"http://a.x.io/d\"}\n"
    "{\"url\":\"http://a.x.io/\",\"headers\":{\"x\":\"y\"}}\n"
    "{\"url\":\"http://b.x.io/\"}\n"
    "{\"url\":\"http://a.x.io:81/\"}\n"
    "{\"url\":\"http://a.x.io/\",\"gateway_selector\":{\"istio\":\"x\"}}\n"
    "no request\n";
// The same host elsewhere.
static const char changed[] =
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: x}\n"
    "spec: {hosts: [a.x.io], gateways: [g], http: [{redirect: {uri: /other}}]}\n";

// A rule that leads nowhere, behind a Gateway that is not there.
static const char hidden[] =
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: x}\n"
    "spec: {hosts: [a.x.io], gateways: [gone], http: [{route: [{destination: {host: s}}]}]}\n"
    "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: y}\n";

static void keys_are_those_of_the_page(void **state)
{
    (void)state;
    static const char platform[] = "-f tests/fixtures/platform";
    read_page();
    tempdir_write(dir, "objects.yaml", objects, 0600);
    tempdir_write(dir, "changed.yaml", changed, 0600);
    tempdir_write(dir, "requests", requests, 0600);
    tempdir_write(dir, "hidden.yaml", hidden, 0600);
    for (const struct view *const *v = views; *v != NULL; v++) {
        check_run(arena_printf(&arena, "get %s %s", (*v)->name, platform), false);
    }
    check_run(arena_printf(&arena, "get routes -f %s/objects.yaml", dir), false);
    check_run(arena_printf(&arena, "get causes --complete -f %s/hidden.yaml", dir), false);
    check_run(arena_printf(&arena, "check %s", platform), false);
    check_run(arena_printf(&arena, "diff -f %s/objects.yaml %s/changed.yaml", dir, dir), false);
    check_run(arena_printf(&arena, "trace -f %s/objects.yaml --batch %s/requests", dir, dir), true);
    struct err err;
    struct apisim *sim = apisim_start(NULL, &err);
    assert_non_null(sim);
    char *kubeconfig = xasprintf("%s/config", dir);
    assert_true(apisim_write_kubeconfig(sim, kubeconfig, "admin", &err));
    check_run(arena_printf(&arena, "auth --kubeconfig %s", kubeconfig), false);
    free(kubeconfig);
    apisim_stop(sim);
    for (size_t i = 0; i < document_count; i++) {
        const struct documented *d = &documents[i];
        for (size_t k = 0; k < d->n; k++) {
            if (!d->seen[k]) {
                fail_msg("gatetop(1) lists the key '%s' of %s, and nothing here has it", d->path[k],
                         d->kind);
            }
        }
    }
}

int main(void)
{
    arena_init(&arena);
    dir = tempdir_new();
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_are_those_of_the_page)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    arena_release(&arena);
    return failed;
}
