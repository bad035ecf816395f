// SPDX-License-Identifier: Apache-2.0
// What gateways serve, from `--probe-tls` to the chain, against `openssl s_server` on loopback.
#include "kube/base/text.h"

#include "kube/mesh/apps.h"
#include "kube/mesh/tlsprobe.h"

#include "tui/data.h"

#include "tests/support/tempdir.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <cmocka.h>
// clang-format on

extern char **environ;

// A certificate as text: leaf and key in `pem` (for the server), the leaf alone in base64 (for the cluster).
struct leaf {
    char *pem, *base64;
};

// Signed with issuer_key, NULL: with its own.
static struct leaf make_leaf(const char *cn, const char *san, long begins, EVP_PKEY *issuer_key)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_set_version(x, 2);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)"leaf", -1, -1, 0);
    X509_NAME *issuer = X509_NAME_new();
    X509_NAME_add_entry_by_txt(issuer, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
    X509_set_issuer_name(x, issuer);
    X509_NAME_free(issuer);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 77 + begins);
    X509_gmtime_adj(X509_getm_notBefore(x), begins);
    X509_gmtime_adj(X509_getm_notAfter(x), 80L * 86400);
    X509_set_pubkey(x, key);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    assert_true(X509_sign(x, issuer_key != NULL ? issuer_key : key, EVP_sha256()) > 0);
    BIO *out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, x);
    char *text;
    long n = BIO_get_mem_data(out, &text);
    char *encoded = xcalloc((size_t)n * 2 + 8, 1);
    EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)text, (int)n);
    PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
    n = BIO_get_mem_data(out, &text);
    struct leaf l = {xstrndup(text, (size_t)n), encoded};
    BIO_free(out);
    X509_free(x);
    EVP_PKEY_free(key);
    return l;
}

struct s_server {
    pid_t pid;
    FILE *out;
    int port;
};

// Port 0: the server says which it took, and then it listens.
static bool start(struct s_server *s, const char *pem_path)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    posix_spawn_file_actions_t to;
    posix_spawn_file_actions_init(&to);
    posix_spawn_file_actions_adddup2(&to, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&to, ends[0]);
    char openssl[] = "openssl", command[] = "s_server", a[] = "-accept", at[] = "127.0.0.1:0",
         c[] = "-cert", k[] = "-key", www[] = "-www", *path = xstrdup(pem_path);
    char *argv[] = {openssl, command, a, at, c, path, k, path, www, NULL};
    int rc = posix_spawnp(&s->pid, openssl, &to, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&to);
    free(path);
    close(ends[1]);
    s->out = fdopen(ends[0], "r");
    char line[256];
    s->port = 0;
    while (rc == 0 && s->port == 0 && fgets(line, sizeof line, s->out) != NULL) {
        if (sscanf(line, "ACCEPT 127.0.0.1:%d", &s->port) != 1) {
            s->port = 0;
        }
    }
    return s->port != 0;
}

static void stop(struct s_server *s)
{
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    fclose(s->out);
}

// A host on a Gateway at 127.0.0.1 whose certificate was issued: ready since ten minutes.
static const char *const WORLD =
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: gw\n"
    "  namespace: istio-system\n  annotations:\n"
    "    external-dns.kubernetes.io/target: %s\n"
    "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
    "  - port: {number: %d, name: https, protocol: HTTPS}\n    hosts: ['*.shop.example.com']\n"
    "    tls: {mode: SIMPLE, credentialName: wild}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: "
    "shop}\n"
    "spec:\n  hosts: [web.shop.example.com]\n  gateways: [istio-system/gw]\n  http:\n"
    "  - route: [{destination: {host: web, port: {number: 80}}}]\n---\n"
    "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: wild, namespace: "
    "istio-system}\n"
    "spec:\n  dnsNames: ['*.shop.example.com']\n  secretName: wild\n  issuerRef: {name: le, kind: "
    "ClusterIssuer}\n"
    "status:\n  revision: 1\n  notAfter: '%s'\n  renewalTime: '%s'\n  conditions:\n"
    "  - {type: Ready, status: 'True', reason: Ready}\n---\n"
    "apiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata:\n  name: wild-1\n"
    "  namespace: istio-system\n  annotations:\n    cert-manager.io/certificate-name: wild\n"
    "    cert-manager.io/certificate-revision: '1'\n"
    "  ownerReferences: [{apiVersion: cert-manager.io/v1, kind: Certificate, name: wild, uid: '', "
    "controller: true}]\n"
    "spec: {request: '', issuerRef: {name: le, kind: ClusterIssuer}}\n"
    "status:\n  certificate: %s\n  conditions:\n"
    "  - {type: Ready, status: 'True', reason: Issued, lastTransitionTime: '%s'}\n---\n"
    "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: wild, namespace: "
    "istio-system}\n";

struct scene {
    char *dir, *file;
    EVP_PKEY *ca;
    struct leaf issued;
};

static void write_world(struct scene *s, const char *address, int port)
{
    struct arena a;
    arena_init(&a);
    int64_t now = clock_now();
    char *text =
        xasprintf(WORLD, address, port, time_format(&a, now + 80L * 86400),
                  time_format(&a, now + 50L * 86400), s->issued.base64, time_format(&a, now - 600));
    tempdir_write(s->dir, "world.yaml", text, 0600);
    free(text);
    arena_release(&a);
}

static int setup(void **state)
{
    struct scene *s = xcalloc(1, sizeof *s);
    s->dir = tempdir_new();
    s->file = xasprintf("%s/world.yaml", s->dir);
    s->ca = EVP_EC_gen("P-256");
    s->issued = make_leaf("A CA", "DNS:*.shop.example.com", -600, s->ca);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    free(s->issued.pem);
    free(s->issued.base64);
    EVP_PKEY_free(s->ca);
    free(s->file);
    tempdir_free(s->dir);
    free(s);
    return 0;
}

// The link certificate of the one application, as `get apps -f` sees it. The reason is heap.
static enum verdict link_of(struct scene *s, bool probe_tls, char **reason)
{
    const char *files[] = {s->file};
    struct options o = {.files = {.at = files, .n = 1}, .probe_tls = probe_tls};
    int status;
    const struct snapshot *snap = data_snapshot(&o, KIND_SET_ALL, KIND_SET_ALL, NULL, &status);
    assert_non_null(snap);
    assert_int_equal(status, 0);
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = snap, .arena = &arena, .now = clock_now()};
    struct app_iter it;
    apps_begin(&it, snap);
    const struct app_row *row = apps_next_row(&it);
    assert_non_null(row);
    assert_string_equal(row->host, "web.shop.example.com");
    const struct chain *c = app_chain(&m, row, NULL);
    enum verdict v = c->link[LINK_CERTIFICATE].state;
    assert_int_equal(v, row->link[LINK_CERTIFICATE]);
    *reason = xstrdup(c->link[LINK_CERTIFICATE].reason);
    arena_release(&arena);
    snapshot_unref(snap);
    return v;
}

static void expect(struct scene *s, const char *address, const char *pem, enum verdict want,
                   const char *words)
{
    tempdir_write(s->dir, "server.pem", pem, 0600);
    char *path = xasprintf("%s/server.pem", s->dir), *reason;
    struct s_server server;
    if (!start(&server, path)) {
        print_message("skipped: no openssl program here\n");
        skip();
    }
    free(path);
    write_world(s, address, server.port);
    // Off by default: nothing is asked and the link stands on what the cluster says.
    assert_int_equal(link_of(s, false, &reason), VERDICT_OK);
    assert_null(strstr(reason, "serves"));
    free(reason);
    enum verdict got = link_of(s, true, &reason);
    stop(&server);
    if (got != want || strstr(reason, words) == NULL) {
        fail_msg("verdict %d, expected %d: %s", got, want, reason);
    }
    free(reason);
}

static void test_the_issued_one_is_served(void **state)
{
    struct scene *s = *state;
    expect(s, "127.0.0.1", s->issued.pem, VERDICT_OK, "serves the issued certificate");
}

static void test_the_previous_one_is_served(void **state)
{
    struct scene *s = *state;
    struct leaf l = make_leaf("A CA", "DNS:*.shop.example.com", -5000000, s->ca);
    expect(s, "127.0.0.1", l.pem, VERDICT_WARNING, "still serves the previous certificate");
    free(l.pem);
    free(l.base64);
}

static void test_others_are_served(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *issuer, *san, *words;
        enum verdict verdict;
    } cases[] = {
        {"cert-manager.local", "DNS:*.shop.example.com", "temporary", VERDICT_BROKEN},
        {"A CA", "DNS:*.other.example.com", "other names", VERDICT_BROKEN},
        {"Another CA", "DNS:*.shop.example.com", "another certificate than the one issued",
         VERDICT_WARNING},
        {"leaf", "DNS:*.shop.example.com", "self-signed", VERDICT_BROKEN},
        {"(STAGING) Fake", "DNS:*.shop.example.com", "staging", VERDICT_WARNING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool own = strcmp(cases[i].issuer, "leaf") == 0;
        struct leaf l = make_leaf(cases[i].issuer, cases[i].san, -60, own ? NULL : s->ca);
        expect(s, "127.0.0.1", l.pem, cases[i].verdict, cases[i].words);
        free(l.pem);
        free(l.base64);
    }
}

// Nobody there, or no address known: unknown, which takes nothing away from the link.
static void test_what_cannot_be_reached_is_no_fault(void **state)
{
    struct scene *s = *state;
    char *path = xasprintf("%s/server.pem", s->dir), *reason;
    tempdir_write(s->dir, "server.pem", s->issued.pem, 0600);
    struct s_server server;
    if (!start(&server, path)) {
        skip();
    }
    stop(&server); // its port refuses now
    write_world(s, "127.0.0.1", server.port);
    assert_int_equal(link_of(s, true, &reason), VERDICT_OK);
    assert_null(strstr(reason, "serves"));
    free(reason);
    write_world(s, "lb.example.net", server.port); // a name that nobody has asked DNS for
    assert_int_equal(link_of(s, true, &reason), VERDICT_OK);
    free(reason);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_issued_one_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_previous_one_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others_are_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_reached_is_no_fault, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
