// SPDX-License-Identifier: Apache-2.0
// The TLS prober against a real nginx with two names, where one is installed: served, other, refused.
#include "kube/base/arena.h"
#include "kube/base/time_text.h"

#include "kube/mesh/cert/served_certificate.h"

#include "kube/probe/tls_prober.h"

#include "tests/support/freeport.h"
#include "tests/support/madecert.h"
#include "tests/support/probe_results.h"
#include "tests/support/tempdir.h"

#include <openssl/pem.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <cmocka.h>
// clang-format on

static const struct probe_result *ask(struct tls_prober *p, const char *host, int port)
{
    probe_results_release(NULL);
    char name[300];
    snprintf(name, sizeof name, "%s@127.0.0.1:%d", host, port);
    tls_prober_request_now(p, name);
    probe_results_wait(1);
    return probe_results_at(0);
}

static void write_certificate(const char *dir, const char *name, const char *cn, const char *san)
{
    char path[512];
    struct made_cert made = madecert_new(EVP_EC_gen("P-256"), cn, NULL, NULL, san,
                                         "20200101000000Z", "20500101000000Z");
    snprintf(path, sizeof path, "%s/%s.pem", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    PEM_write_PrivateKey(f, made.key, NULL, NULL, 0, NULL, NULL);
    PEM_write_X509(f, made.cert);
    fclose(f);
    madecert_free(&made);
}

// nginx becomes a daemon only after it listens: when the command returns, it serves.
static bool start_nginx(const char *dir, int port)
{
    char path[512], prefix[512];
    snprintf(path, sizeof path, "%s/nginx.conf", dir);
    FILE *f = fopen(path, "w");
    fprintf(
        f,
        "pid %s/pid;\nerror_log %s/error.log;\nworker_processes 1;\nevents {}\nhttp {\n"
        "access_log off;\nclient_body_temp_path %s;\nproxy_temp_path %s;\nfastcgi_temp_path %s;\n"
        "uwsgi_temp_path %s;\nscgi_temp_path %s;\n"
        "server { listen 127.0.0.1:%d ssl default_server; ssl_reject_handshake on; }\n"
        "server { listen 127.0.0.1:%d ssl; server_name a.d.io; ssl_certificate %s/a.pem; "
        "ssl_certificate_key %s/a.pem; return 404; }\n"
        "server { listen 127.0.0.1:%d ssl; server_name b.d.io; ssl_certificate %s/b.pem; "
        "ssl_certificate_key %s/b.pem; return 404; }\n}\n",
        dir, dir, dir, dir, dir, dir, dir, port, port, dir, dir, port, dir, dir);
    fclose(f);
    snprintf(prefix, sizeof prefix, "%s/error.log", dir);
    char nginx[] = "/usr/sbin/nginx", c[] = "-c", e[] = "-e",
         *argv[] = {nginx, e, prefix, c, path, NULL};
    char *envp[] = {NULL};
    pid_t pid;
    int status;
    return posix_spawn(&pid, nginx, NULL, NULL, argv, envp) == 0 &&
           waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Removes the folder as well.
static void stop_nginx(char *dir)
{
    char path[512];
    int pid = 0;
    snprintf(path, sizeof path, "%s/pid", dir);
    FILE *f = fopen(path, "r");
    if (f != NULL) {
        if (fscanf(f, "%d", &pid) == 1 && pid > 1) {
            kill(pid, SIGTERM);
        }
        fclose(f);
    }
    tempdir_free(dir);
}

static void test_nginx(void **state)
{
    (void)state;
    if (access("/usr/sbin/nginx", X_OK) != 0) {
        skip();
    }
    char *dir = tempdir_new();
    int port = free_port();
    write_certificate(dir, "a", "a", "DNS:a.d.io");
    write_certificate(dir, "b", "b", "DNS:other.d.io");
    if (!start_nginx(dir, port)) {
        stop_nginx(dir);
        skip();
    }
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.arena = &arena, .now = 1};
    struct served_certificate s;
    struct tls_prober_options o = {.result = probe_results_take};
    struct tls_prober *p = tls_prober_start(&o, NULL);
    assert_non_null(p);
    const struct probe_result *r = ask(p, "a.d.io", port);
    assert_int_equal(r->outcome, TLS_CERTIFICATE);
    struct x509_cert leaf = r->certs[0];
    leaf.sha256 = arena_strdup(&arena, leaf.sha256);
    struct x509_chain issued = {.cert = &leaf, .n = 1};
    served_judge(&m, r, &issued, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_ISSUED);
    served_judge(&m, r, NULL, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_SELF_SIGNED);
    r = ask(p, "b.d.io", port);
    served_judge(&m, r, &issued, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_MISMATCH);
    r = ask(p, "nobody.d.io", port);
    assert_int_equal(r->outcome, TLS_CLOSED);
    served_judge(&m, r, &issued, TIME_NONE, &s);
    assert_int_equal(s.state, SERVED_NOTHING);
    tls_prober_stop(p);
    probe_results_release(NULL);
    stop_nginx(dir);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nginx)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
