// SPDX-License-Identifier: Apache-2.0
// Tests of kube/api/http_error.c: each stage has its words and its code.
#include "kube/base/err.h"

#include "kube/api/http_error.h"

#include <errno.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void each_stage_has_its_words(void **state)
{
    (void)state;
    char peer[] = "k8s:6443", proxy[] = "gate:3128";
    static const struct {
        struct http_failure failure;
        bool proxied;
        enum err_code code;
        const char *text; // part of the message
    } cases[] = {
        {{.kind = HTTP_PROXY_NOT_RESOLVED}, true, ERR_NET, "proxy: the name of 'gate:3128'"},
        {{.kind = HTTP_SERVER_NOT_RESOLVED}, false, ERR_NET, "DNS: the name of 'k8s:6443'"},
        {{.kind = HTTP_PROXY_FAILED, .why = "no route"}, true, ERR_NET, "'k8s:6443': no route"},
        {{.kind = HTTP_NOT_CONNECTED, .sys = ECONNREFUSED},
         false,
         ERR_NET,
         "is the API server running?"},
        {{.kind = HTTP_NOT_CONNECTED, .sys = ECONNREFUSED}, true, ERR_NET, "ssh -D, running?"},
        {{.kind = HTTP_NOT_CONNECTED, .sys = EHOSTUNREACH}, false, ERR_NET, "No route to host"},
        {{.kind = HTTP_NOT_CONNECTED, .why = "odd"}, false, ERR_NET, "no way to 'k8s:6443': odd"},
        {{.kind = HTTP_TIMED_OUT}, false, ERR_TIMEOUT, "connect: no answer"},
        {{.kind = HTTP_TIMED_OUT, .connected = true}, false, ERR_TIMEOUT, "HTTP: no answer"},
        {{.kind = HTTP_TIMED_OUT, .connected = true, .answered = true},
         false,
         ERR_TIMEOUT,
         "did not end in time"},
        {{.kind = HTTP_NOT_VERIFIED, .why = "subject name 'x' does not match"},
         false,
         ERR_TLS,
         "set tls-server-name"},
        {{.kind = HTTP_NOT_VERIFIED, .why = "expired"}, false, ERR_TLS, "of cluster 'prod'"},
        {{.kind = HTTP_HANDSHAKE_FAILED, .why = "rsa routines: bad"},
         false,
         ERR_TLS,
         "another authority"},
        {{.kind = HTTP_HANDSHAKE_FAILED, .why = "unexpected eof"},
         false,
         ERR_LOST,
         "within the handshake"},
        {{.kind = HTTP_HANDSHAKE_FAILED, .why = "no cipher"},
         false,
         ERR_TLS,
         "no secure connection to 'k8s:6443': no cipher"},
        {{.kind = HTTP_NOT_CONFIGURED, .why = "bad key"},
         false,
         ERR_TLS,
         "no secure connection to 'k8s:6443': bad key"},
        {{.kind = HTTP_HTTP2_ERROR, .why = "x"}, false, ERR_LOST, "(GOAWAY)"},
        {{.kind = HTTP_HTTP2_ERROR, .why = "framing", .answered = true},
         false,
         ERR_LOST,
         "ended: framing"},
        {{.kind = HTTP_HEADER_TOO_LARGE}, false, ERR_LIMIT, "larger than 65536 bytes"},
        {{.kind = HTTP_CONNECTION_ENDED, .why = "reset"}, false, ERR_LOST, "ended: reset"},
        {{.kind = HTTP_CONNECTION_ENDED, .proxy_status = 407},
         true,
         ERR_NET,
         "give user and password in proxy-url"},
        {{.kind = HTTP_CONNECTION_ENDED, .proxy_status = 403},
         true,
         ERR_NET,
         "answered 403 and does not connect to 'k8s:6443'"},
        {{.kind = HTTP_NOT_VERIFIED, .why = "own", .proxy_not_verified = true},
         true,
         ERR_TLS,
         "proxy: TLS: the certificate of 'gate:3128'"},
        {{.kind = HTTP_NOT_VERIFIED, .why = "own", .proxy_not_verified = true},
         false,
         ERR_TLS,
         "TLS: the certificate of 'k8s:6443'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct http_address at = {.peer = peer,
                                        .proxy_peer = cases[i].proxied ? proxy : NULL};
        struct err err;
        http_error_set(&err, &cases[i].failure, &at, "prod");
        if (err.code != cases[i].code || strstr(err.msg, cases[i].text) == NULL) {
            print_error("case %zu: code %d, %s\n", i, (int)err.code, err.msg);
            fail();
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_stage_has_its_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
