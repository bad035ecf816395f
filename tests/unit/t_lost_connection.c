// SPDX-License-Identifier: Apache-2.0
// Subcommands whose connection is lost, or is none: what is tried again, what is given up, and what changed meanwhile.
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include "tests/support/shell.h"
#include "tests/support/subcommand.h"
#include "tests/support/tempdir.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static char *dir; // of this test program

// docs/rules/kubernetes-client.md#retry-lost-get
static void a_lost_connection_is_tried_again(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "drop how=rst times=1",
        "drop how=fin times=1",
        "cut=100 how=rst times=1 verb=list",
        "cut=100 how=stream times=2 verb=list resource=gateways",
        "cut=100 how=eof times=1 verb=discovery",
    };
    for (int h1 = 0; h1 < 2; h1++) {
        for (size_t i = 0; i < (h1 ? 2 : sizeof rules / sizeof *rules); i++) {
            struct apisim *sim = subcommand_server(
                &(struct apisim_options){.transport = h1 ? APISIM_H1_TLS : APISIM_H2_TLS});
            subcommand_fault(sim, rules[i]);
            struct said s = subcommand_run(sim, dir, "admin", "get gateways -o name");
            if (s.status != 0) {
                fail_msg("%s: %d, %s", rules[i], s.status, s.err);
            }
            said_has(&s, s.out, "app-00000-gateway");
            said_free(&s);
            apisim_stop(sim);
        }
    }
    // An answer that never comes whole is given up.
    struct apisim *sim = subcommand_server(NULL);
    subcommand_fault(sim, "drop how=rst");
    struct said s = subcommand_run(sim, dir, "admin", "get gateways");
    assert_int_equal(s.status, 3);
    assert_true(s.ms >= 5000 && s.ms < 14000);
    said_free(&s);
    apisim_stop(sim);
}

// --- changes

// Waits for what other threads and programs do.
#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        int64_t give_up = clock_mono_ms() + 30000;                                                 \
        while (!(condition)) {                                                                     \
            assert_true(clock_mono_ms() < give_up);                                                \
            poll(NULL, 0, 5);                                                                      \
        }                                                                                          \
    } while (0)

static const char CERTIFICATE[] =
    "{\"apiVersion\":\"cert-manager.io/v1\",\"kind\":\"Certificate\",\"metadata\":{\"name\":\"again\","
    "\"namespace\":\"shop\"},\"spec\":{\"secretName\":\"x\",\"dnsNames\":[\"x.example.com\"],"
    "\"issuerRef\":{\"name\":\"i\"}}}";

static char *uid_of(struct apisim *sim)
{
    struct err err;
    char *text = apisim_object(sim, "certificates", "shop", "again");
    struct json *j = json_parse(text, strlen(text), &err);
    char *uid = xstrdup(json_string(json_at(j, "metadata", "uid", NULL)));
    json_free(j);
    free(text);
    return uid;
}

// Deleted and made again while nobody looks (docs/rules/kubernetes-client.md#list-replace).
static void what_was_made_again_goes_before_it_comes(void **state)
{
    (void)state;
    static const char *const formats[] = {"json", "csv", "name"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct err err;
        struct apisim *sim = subcommand_server(NULL);
        assert_true(apisim_apply(sim, CERTIFICATE, &err) > 0);
        char *config = xasprintf("%s/config", dir), line[16384] = "", *before = uid_of(sim);
        assert_true(apisim_write_kubeconfig(sim, config, "admin", &err));
        char *command =
            xasprintf("exec %s get certificates -n shop -w -o %s --kubeconfig %s 2>%s/err",
                      strchr(shell_program(), '\''), formats[i], config, dir);
        FILE *f = popen(command, "r");
        assert_non_null(f);
        const char *last = i == 0 ? "]}" : i == 1 ? "ADDED," : "certificates.";
        while (strncmp(line, last, strlen(last)) != 0) {
            assert_non_null(fgets(line, sizeof line, f));
        }
        WAIT_UNTIL(apisim_open_watches(sim, "certificates") > 0);
        apisim_refuse(sim, true);
        apisim_drop_connections(sim, true);
        WAIT_UNTIL(apisim_open_watches(sim, "certificates") == 0);
        apisim_delete(sim, "certificates", "shop", "again");
        assert_true(apisim_apply(sim, CERTIFICATE, &err) > 0);
        apisim_compact(sim); // a list, not the events
        char *after = uid_of(sim);
        apisim_refuse(sim, false);
        const char *first[] = {"{\"type\":\"DELETED\",\"uid\":\"", "DELETED,", "certificates."};
        const char *then[] = {"{\"type\":\"ADDED\",\"uid\":\"", "ADDED,", "certificates."};
        assert_non_null(fgets(line, sizeof line, f));
        if (strncmp(line, first[i], strlen(first[i])) != 0) {
            fail_msg("%s: %s", formats[i], line);
        }
        assert_true(i > 0 || strstr(line, before) != NULL);
        assert_non_null(fgets(line, sizeof line, f));
        assert_int_equal(strncmp(line, then[i], strlen(then[i])), 0);
        assert_true(i > 0 || strstr(line, after) != NULL);
        assert_string_not_equal(before, after);
        assert_int_equal(pclose(f), 0); // nobody reads any more
        apisim_stop(sim);
        free(config);
        free(command);
        free(before);
        free(after);
    }
}

// --- a header of one line, longer than libcurl's own bound

enum { LONG_HEADER = 300000 };

static void *answer_with_a_long_header(void *self)
{
    int listener = *(int *)self;
    char *text =
        xasprintf("HTTP/1.1 200 OK\r\nX-Long: %0*d\r\nContent-Length: 2\r\n\r\n{}", LONG_HEADER, 0);
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
        char request[4096];
        if (read(fd, request, sizeof request) > 0) {
            (void)!write(fd, text, strlen(text));
        }
        close(fd);
    }
    free(text);
    return NULL;
}

static void a_long_header_is_called_one(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    pthread_t thread;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    assert_int_equal(pthread_create(&thread, NULL, answer_with_a_long_header, &listener), 0);
    tempdir_write(dir, "empty", "", 0600);
    char *said,
        *words = xasprintf("get gateways --kubeconfig %s/empty --server http://127.0.0.1:%d", dir,
                           ntohs(at.sin_port));
    assert_int_equal(shell_run(dir, words, ">/dev/null", &said), 3);
    if (strstr(said, "the server's header is larger than 65536 bytes") == NULL) {
        fail_msg("%s", said);
    }
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
    free(said);
    free(words);
}

int main(void)
{
    dir = tempdir_new();
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_connection_is_tried_again),
        cmocka_unit_test(what_was_made_again_goes_before_it_comes),
        cmocka_unit_test(a_long_header_is_called_one),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
