// SPDX-License-Identifier: Apache-2.0
// What gateways serve, from `--probe-tls` or the key to the chain and the screen, against `openssl s_server` on
// loopback.
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/gateway_handshake.h"

#include "tui/cli/answer_snapshot.h"

#include "tests/apisim/apisim.h"
#include "tests/support/ptyrun.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <fcntl.h>
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

// A certificate and its key.
struct cert {
    X509 *x;
    EVP_PKEY *key;
};

// Signed with issuer_key, NULL: with its own. san: NULL for a CA.
static struct cert make_cert(const char *subject, const char *issuer, const char *san, long begins,
                             EVP_PKEY *issuer_key)
{
    struct cert c = {X509_new(), EVP_EC_gen("P-256")};
    X509_set_version(c.x, 2);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c.x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)subject, -1, -1, 0);
    X509_NAME *name = X509_NAME_new();
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)issuer, -1, -1, 0);
    X509_set_issuer_name(c.x, name);
    X509_NAME_free(name);
    ASN1_INTEGER_set(X509_get_serialNumber(c.x), 77 + begins);
    X509_gmtime_adj(X509_getm_notBefore(c.x), begins);
    X509_gmtime_adj(X509_getm_notAfter(c.x), 80L * 86400);
    X509_set_pubkey(c.x, c.key);
    X509_EXTENSION *e =
        san != NULL ? X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san)
                    : X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
    assert_int_equal(X509_add_ext(c.x, e, -1), 1);
    X509_EXTENSION_free(e);
    assert_true(X509_sign(c.x, issuer_key != NULL ? issuer_key : c.key, EVP_sha256()) > 0);
    return c;
}

static void free_cert(struct cert *c)
{
    X509_free(c->x);
    EVP_PKEY_free(c->key);
}

// The certificates as PEM, after them the key of the first where with_key. Heap.
static char *pem_of(const struct cert *const *all, size_t n, bool with_key)
{
    BIO *out = BIO_new(BIO_s_mem());
    for (size_t i = 0; i < n; i++) {
        PEM_write_bio_X509(out, all[i]->x);
    }
    if (with_key) {
        PEM_write_bio_PrivateKey(out, all[0]->key, NULL, NULL, 0, NULL, NULL);
    }
    char *text;
    long len = BIO_get_mem_data(out, &text);
    char *copy = len > 0 ? xstrndup(text, (size_t)len) : xstrdup("");
    BIO_free(out);
    return copy;
}

struct s_server {
    pid_t pid;
    FILE *out;
    int port;
};

// Leaf and key from the file (NULL: no certificate for any name), the rest of the chain from another (NULL none).
// Port 0: the server says which it took, and then it listens.
static bool start(struct s_server *s, const char *address, int port, const char *pem_path,
                  const char *chain_path)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    posix_spawn_file_actions_t to;
    posix_spawn_file_actions_init(&to);
    posix_spawn_file_actions_adddup2(&to, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&to, ends[0]);
    posix_spawn_file_actions_addopen(&to, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    char openssl[] = "openssl", command[] = "s_server", a[] = "-accept", c[] = "-cert",
         k[] = "-key", www[] = "-www", cc[] = "-cert_chain", nocert[] = "-nocert",
         *at = xasprintf("%s:%d", address, port),
         *path = pem_path != NULL ? xstrdup(pem_path) : NULL,
         *chain = chain_path != NULL ? xstrdup(chain_path) : NULL;
    char *argv[12] = {openssl, command, a, at, www, nocert};
    if (path != NULL) {
        char *with[] = {c, path, k, path, chain != NULL ? cc : NULL, chain};
        memcpy(&argv[5], with, sizeof with);
    }
    int rc = posix_spawnp(&s->pid, openssl, &to, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&to);
    free(at);
    free(path);
    free(chain);
    close(ends[1]);
    s->out = fdopen(ends[0], "r");
    char line[256];
    s->port = 0;
    while (rc == 0 && s->port == 0 && fgets(line, sizeof line, s->out) != NULL) {
        const char *colon = strrchr(line, ':'); // missing where a port was given
        if (str_starts(line, "ACCEPT") && (colon == NULL || sscanf(colon, ":%d", &s->port) != 1)) {
            s->port = port;
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
    "apiVersion: v1\nkind: Pod\nmetadata: {name: ingress-1, namespace: istio-system, labels: "
    "{istio: "
    "ingressgateway}}\nspec: {containers: [{name: proxy}]}\n---\n"
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: gw\n"
    "  namespace: istio-system\n  annotations:\n"
    "    external-dns.kubernetes.io/target: '%s'\n"
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
    char *dir, *file, *pem_path, *chain_path;
    struct cert root, ca, issued; // the CA of all that is issued is below a root
    const struct cert *with[2];   // issued along with `issued`, NULL: none
};

// `address` is the Gateway's, or several with commas.
static void write_world(struct scene *s, const char *address, int port)
{
    const struct cert *all[3] = {&s->issued, s->with[0], s->with[1]};
    char *pem = pem_of(all, s->with[0] == NULL ? 1 : s->with[1] == NULL ? 2 : 3, false);
    char *base64 = xcalloc(strlen(pem) * 2 + 8, 1);
    EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)pem, (int)strlen(pem));
    struct arena a;
    arena_init(&a);
    int64_t now = clock_now();
    char *text = xasprintf(WORLD, address, port, time_format(&a, now + 80L * 86400),
                           time_format(&a, now + 50L * 86400), base64, time_format(&a, now - 600));
    tempdir_write(s->dir, "world.yaml", text, 0600);
    free(text);
    free(base64);
    free(pem);
    arena_release(&a);
}

static int setup(void **state)
{
    struct scene *s = xcalloc(1, sizeof *s);
    s->dir = tempdir_new();
    s->file = xasprintf("%s/world.yaml", s->dir);
    s->pem_path = xasprintf("%s/server.pem", s->dir);
    s->chain_path = xasprintf("%s/chain.pem", s->dir);
    s->root = make_cert("Root", "Root", NULL, -9000000, NULL);
    s->ca = make_cert("A CA", "Root", NULL, -8000000, s->root.key);
    s->issued = make_cert("leaf", "A CA", "DNS:*.shop.example.com", -600, s->ca.key);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    free_cert(&s->root);
    free_cert(&s->ca);
    free_cert(&s->issued);
    free(s->file);
    free(s->pem_path);
    free(s->chain_path);
    tempdir_free(s->dir);
    free(s);
    return 0;
}

// Serves these certificates, leaf first; n 0: none. Skips the test where there is no openssl.
static void serve(struct scene *s, struct s_server *server, const char *address, int port,
                  const struct cert *const *chain, size_t n)
{
    if (n > 0) {
        char *leaf = pem_of(chain, 1, true), *rest = pem_of(chain + 1, n - 1, false);
        tempdir_write(s->dir, "server.pem", leaf, 0600);
        tempdir_write(s->dir, "chain.pem", rest, 0600);
        free(leaf);
        free(rest);
    }
    if (!start(server, address, port, n > 0 ? s->pem_path : NULL, n > 1 ? s->chain_path : NULL)) {
        print_message("skipped: no openssl program here\n");
        skip();
    }
}

// The link certificate of the one application, as `get apps -f` sees it. The reason is heap.
static enum verdict link_of(struct scene *s, bool probe_tls, char **reason)
{
    const char *files[] = {s->file};
    struct options o = {.files = {.at = files, .n = 1}, .probe_tls = probe_tls};
    int status;
    const struct answer_wants wants = {.needs = KIND_SET_ALL, .chains = true};
    const struct snapshot *snap = answer_snapshot(&o, &wants, &status);
    assert_non_null(snap);
    assert_int_equal(status, 0);
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = snap, .arena = &arena, .now = clock_now()};
    struct app_rows_iter it;
    app_rows_begin(&it, snap);
    const struct app_row *row = app_rows_next(&it);
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

static void expect_link(struct scene *s, enum verdict want, const char *words)
{
    char *reason;
    enum verdict got = link_of(s, true, &reason);
    if (got != want || strstr(reason, words) == NULL) {
        fail_msg("verdict %d, expected %d: %s", got, want, reason);
    }
    free(reason);
}

static void expect_chain(struct scene *s, const struct cert *const *chain, size_t n,
                         enum verdict want, const char *words)
{
    struct s_server server;
    char *reason;
    serve(s, &server, "127.0.0.1", 0, chain, n);
    write_world(s, "127.0.0.1", server.port);
    // Off by default: no handshake is made, and the link says what the cluster says.
    assert_int_equal(link_of(s, false, &reason), VERDICT_OK);
    assert_null(strstr(reason, "serves"));
    free(reason);
    expect_link(s, want, words);
    stop(&server);
}

static void expect(struct scene *s, const struct cert *leaf, enum verdict want, const char *words)
{
    expect_chain(s, &leaf, 1, want, words);
}

static void test_the_issued_one_is_served(void **state)
{
    struct scene *s = *state;
    expect(s, &s->issued, VERDICT_OK, "serves the issued certificate");
}

static void test_the_previous_one_is_served(void **state)
{
    struct scene *s = *state;
    struct cert c = make_cert("leaf", "A CA", "DNS:*.shop.example.com", -5000000, s->ca.key);
    expect(s, &c, VERDICT_WARNING,
           "web.shop.example.com: the gateway at 127.0.0.1 still serves the previous certificate");
    free_cert(&c);
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
        struct cert c =
            make_cert("leaf", cases[i].issuer, cases[i].san, -60, own ? NULL : s->ca.key);
        expect(s, &c, cases[i].verdict, cases[i].words);
        free_cert(&c);
    }
}

// Leaf and CA were issued (the root, too: it need not be served).
static void test_the_chain_is_served(void **state)
{
    struct scene *s = *state;
    const struct cert *leaf = &s->issued, *ca = &s->ca, *root = &s->root;
    s->with[0] = ca;
    s->with[1] = root;
    const struct cert *whole[] = {leaf, ca}, *with_root[] = {leaf, ca, root},
                      *bare[] = {leaf, root}, *turned[] = {leaf, root, ca};
    expect_chain(s, whole, 2, VERDICT_OK, "; serves the issued certificate");
    expect_chain(s, with_root, 3, VERDICT_OK, "; serves the issued certificate");
    expect_chain(s, whole, 1, VERDICT_WARNING, "without its intermediates");
    expect_chain(s, bare, 2, VERDICT_WARNING, "without its intermediates");
    expect_chain(s, turned, 3, VERDICT_WARNING, "chain out of order");
}

// One of two addresses serves what is wrong: it is found and named, whichever it is.
static void test_every_address_is_asked(void **state)
{
    struct scene *s = *state;
    struct cert old = make_cert("leaf", "A CA", "DNS:*.shop.example.com", -5000000, s->ca.key);
    const struct cert *good = &s->issued, *bad = &old;
    for (int second = 0; second < 2; second++) {
        struct s_server one, two;
        serve(s, &one, "127.0.0.1", 0, second ? &good : &bad, 1);
        serve(s, &two, "127.0.0.2", one.port, second ? &bad : &good, 1);
        write_world(s, "127.0.0.1,127.0.0.2", one.port);
        expect_link(s, VERDICT_WARNING,
                    second ? "the gateway at 127.0.0.2 still serves the previous certificate"
                           : "the gateway at 127.0.0.1 still serves the previous certificate");
        if (second) {
            stop(&two);
            serve(s, &two, "127.0.0.2", one.port, &good, 1);
            expect_link(s, VERDICT_OK, "serves the issued certificate at 2 of 2 addresses");
        }
        stop(&one);
        stop(&two);
    }
    free_cert(&old);
}

// A server that has no certificate for the name ends the handshake: nothing is served.
static void test_nothing_is_served(void **state)
{
    struct scene *s = *state;
    expect_chain(s, NULL, 0, VERDICT_BROKEN,
                 "the gateway at 127.0.0.1 has no certificate for this host: missing Secret or no "
                 "server for this name");
}

// Nobody there, or no address known: unknown, which takes nothing away from the link.
static void test_what_cannot_be_reached_is_no_fault(void **state)
{
    struct scene *s = *state;
    char *reason;
    const struct cert *leaf = &s->issued;
    struct s_server server;
    serve(s, &server, "127.0.0.1", 0, &leaf, 1);
    stop(&server); // its port refuses now
    write_world(s, "127.0.0.1", server.port);
    assert_int_equal(link_of(s, true, &reason), VERDICT_OK);
    assert_null(strstr(reason, "serves"));
    free(reason);
    write_world(s, "lb.example.net", server.port); // a name that nobody has asked DNS for
    assert_int_equal(link_of(s, true, &reason), VERDICT_OK);
    free(reason);
}

// --- the program on a pseudo-terminal, before a simulated cluster

static char *program;

struct child {
    const char *config, *option;
};

static int run_program(void *arg)
{
    const struct child *c = arg;
    execl(program, "gatetop", "certificates", "--kubeconfig", c->config, "--no-probe", c->option,
          NULL);
    return 127;
}

struct screen {
    struct apisim *sim;
    char *config;
    struct pty *pty;
};

// The details of the one certificate are open. option: NULL none.
static void open_screen(struct screen *x, struct scene *s, const char *option)
{
    struct err err = {0};
    x->sim = apisim_start(NULL, &err);
    assert_non_null(x->sim);
    if (!apisim_load(x->sim, s->file, &err)) {
        fail_msg("%s", err.msg);
    }
    x->config = xasprintf("%s/config", s->dir);
    assert_true(apisim_write_kubeconfig(x->sim, x->config, NULL, &err));
    struct child c = {x->config, option};
    const struct pty_options o = {.rows = 100, .columns = 200, .child = run_program, .arg = &c};
    x->pty = pty_start(&o);
    assert_true(pty_wait_text(x->pty, "wild"));
    pty_type(x->pty, "\r");
    assert_true(pty_wait_text(x->pty, "details of"));
    pty_type(x->pty, "G");
}

static void close_screen(struct screen *x)
{
    pty_type(x->pty, "\x03");
    assert_int_equal(pty_wait_exit(x->pty), 0);
    pty_free(x->pty);
    apisim_stop(x->sim);
    free(x->config);
}

// Without the option nobody is asked until the key is pressed, and again with each press: at once, whatever was
// heard before.
static void test_the_key_asks(void **state)
{
    struct scene *s = *state;
    struct cert old = make_cert("leaf", "A CA", "DNS:*.shop.example.com", -5000000, s->ca.key);
    const struct cert *good[] = {&s->issued, &s->ca}, *bad = &old;
    s->with[0] = &s->ca;
    struct s_server server;
    struct screen x;
    serve(s, &server, "127.0.0.1", 0, &bad, 1);
    int port = server.port;
    write_world(s, "127.0.0.1", port);
    open_screen(&x, s, NULL);
    assert_false(pty_has(x.pty, "as served"));
    pty_type(x.pty, "p");
    assert_true(pty_wait_text(x.pty, "connecting to 127.0.0.1 for web.shop.example.com"));
    assert_true(pty_wait_text(x.pty, "The certificate as served"));
    assert_true(pty_wait_text(x.pty, "previous at 127.0.0.1"));
    assert_true(pty_wait_text(x.pty, "1 certificate, without an issuer's certificate"));
    stop(&server);
    pty_type(x.pty, "p");
    assert_true(pty_wait_text(x.pty, "is not reachable from here: Connection refused"));
    serve(s, &server, "127.0.0.1", port, NULL, 0);
    pty_type(x.pty, "p");
    assert_true(pty_wait_text(x.pty, "refused at 127.0.0.1"));
    assert_true(pty_wait_text(x.pty, "has no certificate for this host"));
    stop(&server);
    serve(s, &server, "127.0.0.1", port, good, 2);
    pty_type(x.pty, "p");
    assert_true(pty_wait_text(x.pty, "issued at 127.0.0.1"));
    assert_true(pty_wait_text(x.pty, "2 certificates, in order"));
    stop(&server);
    // The application's chain says it, too.
    pty_type(x.pty, "q:apps\r");
    assert_true(
        pty_wait_text(x.pty, "rule #0: there is no service")); // its row, not just the title
    pty_type(x.pty, "\r");
    assert_true(pty_wait_text(x.pty, "serves the issued certificate"));
    close_screen(&x);
    free_cert(&old);
}

// With the option every host is asked without a key, at every address.
static void test_the_option_asks(void **state)
{
    struct scene *s = *state;
    const struct cert *bare = &s->issued;
    s->with[0] = &s->ca;
    struct s_server one, two;
    struct screen x;
    serve(s, &one, "127.0.0.1", 0, &bare, 1);
    serve(s, &two, "127.0.0.2", one.port, NULL, 0);
    write_world(s, "127.0.0.1,127.0.0.2", one.port);
    open_screen(&x, s, "--probe-tls");
    assert_true(pty_wait_text(x.pty, "issued at 127.0.0.1"));
    assert_true(pty_wait_text(x.pty, "1 certificate, without its intermediates"));
    assert_true(pty_wait_text(x.pty, "refused at 127.0.0.2"));
    stop(&one);
    stop(&two);
    close_screen(&x);
}

int main(void)
{
    program = shell_built("gatetop");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_issued_one_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_previous_one_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others_are_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_chain_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_address_is_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_reached_is_no_fault, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_served, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_key_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_option_asks, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(program);
    return failed;
}
