// SPDX-License-Identifier: Apache-2.0
// --debug and GATETOP_TRACE: the program on a pseudo-terminal before a simulated cluster and
// resolver writes lines of each area that was asked for, of no other, and no secret.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/ptyrun.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static char *program, *dir, *config, *resolver, *log_path;
static struct apisim *sim;

static int begin(void **state)
{
    (void)state;
    struct err err;
    dir = tempdir_new();
    log_path = xasprintf("%s/log", dir);
    config = xasprintf("%s/config", dir);
    sim = apisim_start(NULL, &err);
    if (sim == NULL || !apisim_load(sim, "tests/fixtures/platform", &err) ||
        !apisim_write_kubeconfig(sim, config, "admin", &err) ||
        !apisim_dns_start(sim, "tests/fixtures/platform/dns.txt", 0, &err)) {
        return -1;
    }
    resolver = xasprintf("127.0.0.1:%d", apisim_dns_port(sim));
    return 0;
}

static int end(void **state)
{
    (void)state;
    apisim_stop(sim);
    free(config);
    free(resolver);
    free(log_path);
    tempdir_free(dir);
    return 0;
}

static int dashboard(void *areas)
{
    const char *option = areas != NULL ? "--debug" : NULL; // NULL: by GATETOP_TRACE, or none
    execl(program, "gatetop", "--kubeconfig", config, "--resolver", resolver, "--log", log_path,
          option, areas, NULL);
    return 127;
}

static void type_and_wait(struct pty *p, const char *keys, const char *text)
{
    pty_type(p, keys);
    if (!pty_wait_text(p, text)) {
        fail_msg("no '%s' after the keys '%s'", text, keys);
    }
}

// What the log has after `use` was done to the dashboard. Heap.
static char *log_after(void (*use)(struct pty *p), const char *areas, const char *const *env)
{
    (void)remove(log_path);
    const struct pty_options o = {
        .rows = 30, .columns = 120, .child = dashboard, .arg = unconst(areas), .env = env};
    struct pty *p = pty_start(&o);
    assert_true(pty_wait_gone(p, "loading"));
    assert_true(pty_wait_text(p, "bookinfo"));
    use(p);
    pty_type(p, "q");
    assert_int_equal(pty_wait_exit(p), 0);
    pty_free(p);
    return file_read(log_path, NULL);
}

// A header that is typed may be a secret, wherever it is typed.
static void type_secrets(struct pty *p)
{
    type_and_wait(p, "t -H 'authorization: Bearer typed-5ecret'\r", "trace of");
    type_and_wait(p, "/typed-5ecret-nowhere\r", "is not in the text");
    type_and_wait(p, "\033q:trace http://a.example.com/ -H 'cookie: typed-5ecret'\r", "trace of");
    type_and_wait(p, "q/typed-5ecret", "no row has these words");
    type_and_wait(p, "\033:sort typed-5ecret\r", "no column of");
    type_and_wait(p, ":theme typed-5ecret\r", "no theme is called");
    type_and_wait(p, ":ctx typed-5ecret\r", "typed-5ecret");
    type_and_wait(p, ":routes typed-5ecret\r", "typed-5ecret");
    type_and_wait(p, ":apps\r", "bookinfo");
    type_and_wait(p, ":ns typed-5ecret\r", "typed-5ecret");
    type_and_wait(p, ":ns all\r", "bookinfo");
    type_and_wait(p, ":typed-5ecret\r", "no view or command");
}

static char *log_of(const char *areas, const char *const *env)
{
    return log_after(type_secrets, areas, env);
}

static bool has_area(const char *log, int area)
{
    char word[32];
    snprintf(word, sizeof word, "Z debug %s ", log_areas[area].name);
    return strstr(log, word) != NULL;
}

static void assert_areas(const char *log, unsigned areas)
{
    for (int a = 0; a < LOG_AREA_COUNT; a++) {
        bool wanted = (areas >> a & 1U) != 0;
        if (has_area(log, a) != wanted) {
            fail_msg("%s line of %s in the log:\n%.2000s", wanted ? "no" : "a", log_areas[a].name,
                     log);
        }
    }
}

static void assert_lines(const char *log, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strstr(log, lines[i]) == NULL) {
            fail_msg("'%s' is not in the log; its end:\n%s", lines[i],
                     log + (strlen(log) > 4000 ? strlen(log) - 4000 : 0));
        }
    }
}

static void each_area(void **state)
{
    (void)state;
    for (int a = 0; a < LOG_AREA_COUNT; a++) {
        char *log = log_of(log_areas[a].name, NULL);
        assert_areas(log, 1U << a);
        free(log);
    }
}

static void off_by_default(void **state)
{
    (void)state;
    char *log = log_of(NULL, NULL);
    assert_null(strstr(log, " debug "));
    // --log alone has the connections, and the state of each kind.
    static const char *const wanted[] = {" info api connection up\n",
                                         " info api virtualservices: syncing\n",
                                         " info api virtualservices: live\n"};
    assert_lines(log, wanted, ARRAY_COUNT(wanted));
    free(log);
}

static void by_the_environment(void **state)
{
    (void)state;
    static const char *const env[] = {"GATETOP_TRACE=mesh,screen", NULL};
    char *log = log_of(NULL, env);
    assert_areas(log, 1U << LOG_AREA_MESH | 1U << LOG_AREA_SCREEN);
    free(log);
    log = log_of("store", env); // the option goes before
    assert_areas(log, 1U << LOG_AREA_STORE);
    free(log);
}

// The names of all keys in the log, one after the other: what was typed, if it is logged key by key. Heap.
static char *logged_keys(const char *log)
{
    static const char key[] = " debug screen key '";
    struct buf b;
    buf_init(&b, 0);
    for (const char *at = log; (at = strstr(at, key)) != NULL;) {
        at += sizeof key - 1;
        buf_add(&b, at, 1 + strcspn(at + 1, "'"));
    }
    return buf_take(&b);
}

static void assert_no_secret(const char *text)
{
    static const char *const secrets[] = {"admin-token", "5ecret", "Bearer", "PRIVATE KEY"};
    for (size_t i = 0; i < ARRAY_COUNT(secrets); i++) {
        if (strstr(text, secrets[i]) != NULL) {
            fail_msg("'%s' is in the log: %.300s", secrets[i], strstr(text, secrets[i]));
        }
    }
}

static void all_and_no_secret(void **state)
{
    (void)state;
    char *log = log_of("all", NULL);
    assert_areas(log, (1U << LOG_AREA_COUNT) - 1U);
    assert_no_secret(log);
    char *keys = logged_keys(log);
    assert_no_secret(keys);
    assert_non_null(strchr(keys, 'q')); // keys that are no text are there
    free(keys);
    // The placeholder for what was typed.
    static const char *const wanted[] = {"key in the prompt: text\n",
                                         "key 'Enter' in the prompt: accept\n",
                                         "command trace\n",
                                         "message: no view or command has this name\n",
                                         "message: what is searched is not in the text\n",
                                         "message: no such column\n",
                                         "message: the theme cannot be loaded\n",
                                         "message: the context was not switched\n",
                                         "context (not known): not switched",
                                         "table routes of (typed), namespace (all)\n",
                                         "table apps, namespace (not known)\n"};
    // Watches of one kind differ in their selectors.
    static const char *const watches[] = {
        "debug watch pods (istio=ingressgateway): read as ",
        "debug watch pods (istio=internal-gateway): read as ",
        "debug watch events (involvedObject.apiVersion=cert-manager.io/v1): read as ",
        "debug watch virtualservices: syncing -> live, "};
    assert_lines(log, watches, ARRAY_COUNT(watches));
    assert_lines(log, wanted, ARRAY_COUNT(wanted));
    free(log);
}

static void use_screen(struct pty *p)
{
    type_and_wait(p, ":certificates\r/bookinfo\r", "1 of 9");
    type_and_wait(p, "d", "details of ");
    type_and_wait(p, "qy", "apiVersion: ");
    type_and_wait(p, "qe", "Events Certificate ");
    type_and_wait(p, "q:apps\r/orders-staging\r", "orders.staging");
    type_and_wait(p, "\r", "details of ");
    type_and_wait(p, "qJ", "Certificates ");
    type_and_wait(p, ":ns orders-staging\r", "orders-staging");
    type_and_wait(p, "[[[[[", "the history ends here");
    pty_type(p, "$");
}

// What the keys did, to which row.
static void the_screen_can_be_followed(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "key '/': filter rows: all words must appear, !word must not; ",
        "key 'd': details of the row; row Certificate istio-system/bookinfo-production of certificates\n",
        "pane details of Certificate istio-system/bookinfo-production\n",
        "pane YAML of Certificate istio-system/bookinfo-production\n",
        "screen YAML: ",
        "table events of Certificate istio-system/bookinfo-production, namespace (all)\n",
        "; row orders.staging.apps.lead.sandbox.example.io of apps\n",
        "pane details of orders.staging.apps.lead.sandbox.example.io\n",
        "table certificates, namespace (all)\n",
        "table certificates, namespace orders-staging\n",
        "message: the history ends here\n",
        "key '$': not bound; ",
    };
    char *log = log_after(use_screen, "screen", NULL);
    assert_lines(log, wanted, ARRAY_COUNT(wanted));
    free(log);
}

static const char taken[] = "mesh VirtualService bookinfo-production/bookinfo evaluated because "
                            "Service bookinfo-production/newservice deleted: 1 rows\n",
                  given_back[] =
                      "mesh VirtualService bookinfo-production/bookinfo evaluated because "
                      "Service bookinfo-production/newservice added: 1 rows\n";

static bool is_logged(const char *line)
{
    char *log = file_read(log_path, NULL);
    bool is = strstr(log, line) != NULL;
    free(log);
    return is;
}

// A Service that a route needs goes and comes back, until both were the first cause of an update: at the start other
// causes may be in the same one.
static void take_a_service_away(struct pty *p)
{
    struct err err;
    char *service = apisim_object(sim, "services", "bookinfo-production", "newservice");
    assert_non_null(service);
    type_and_wait(p, "/bookinfo-production\r", "✓ ok");
    for (int i = 0; i < 50 && (!is_logged(taken) || !is_logged(given_back)); i++) {
        assert_true(apisim_delete(sim, "services", "bookinfo-production", "newservice") > 0);
        assert_true(pty_wait_text(p, "✗ broken"));
        assert_true(apisim_apply(sim, service, &err) > 0);
        assert_true(pty_wait_gone(p, "✗ broken"));
    }
    free(service);
}

// What changed, which rows were made again for it, and what became of them.
static void a_change_can_be_followed(void **state)
{
    (void)state;
    const char *const wanted[] = {
        taken,
        given_back,
        "mesh bookinfo.bookinfo-production.lead.sandbox.example.io on bookinfo-production/bookinfo-gateway: "
        "ok -> broken at destinations: ",
    };
    char *log = log_after(take_a_service_away, "mesh", NULL);
    assert_lines(log, wanted, ARRAY_COUNT(wanted));
    free(log);
}

static void wrong_uses(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
    } cases[] = {
        {"get apps -f tests/fixtures/platform --debug nothing --log x",
         "gatetop: unknown debug area 'nothing'; use client, watch, store, mesh, screen, probe or "
         "all\n"},
        {"get apps -f tests/fixtures/platform --debug all",
         "gatetop: --debug writes to the log file; name one with --log FILE\n"},
        {"completion bash --debug all --log x", "gatetop: option --log is not for 'completion'\n"},
        {"get apps -f tests/fixtures/platform --log /nonexistent/x",
         "gatetop: cannot open log file '/nonexistent/x': No such file or directory\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *said;
        assert_int_equal(shell_run(dir, cases[i].words, ">/dev/null", &said), 2);
        assert_string_equal(said, cases[i].says);
        free(said);
    }
}

// GATETOP_TRACE may be set for all that a user starts.
static void the_variable_breaks_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *value, *words;
        int status;
        const char *says;
    } cases[] = {
        {"all", "get apps -f tests/fixtures/platform", 0,
         "gatetop: GATETOP_TRACE has no effect without --log FILE\n"},
        {"nothing", "get apps -f tests/fixtures/platform", 0,
         "gatetop: GATETOP_TRACE has no effect without --log FILE\n"},
        {"", "get apps -f tests/fixtures/platform", 0, ""},
        {"all", "completion bash", 0, ""}, // it has no log
        {"all", "--version", 0, ""},
        {"nothing", "get apps -f tests/fixtures/platform --log /dev/null", 2,
         "gatetop: GATETOP_TRACE: unknown debug area 'nothing'; use client, watch, store, mesh, "
         "screen, probe or all\n"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char *said;
        setenv("GATETOP_TRACE", cases[i].value, 1);
        assert_int_equal(shell_run(dir, cases[i].words, ">/dev/null", &said), cases[i].status);
        unsetenv("GATETOP_TRACE");
        assert_string_equal(said, cases[i].says);
        free(said);
    }
}

static char *first_line(const char *log)
{
    return xstrndup(log, strcspn(log, "\n"));
}

static void the_first_line_says_what_runs(void **state)
{
    (void)state;
    char *log = log_of(NULL, NULL), *line = first_line(log), *command;
    command = xasprintf(", command line: gatetop --kubeconfig=%s --resolver=%s --log=%s", config,
                        resolver, log_path);
    const char *const wanted[] = {"Z info gatetop " GATETOP_VERSION ", Linux ",
                                  ", TERM xterm-256color, 120x30, locale ", command};
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        if (strstr(line, wanted[i]) == NULL) {
            fail_msg("'%s' is not in: %s", wanted[i], line);
        }
    }
    // Then the server, as soon as it is known, and its version.
    char *server = xasprintf("Z info api server https://127.0.0.1:%d, context '", apisim_port(sim));
    assert_non_null(strstr(log, server));
    assert_non_null(strstr(log, "Z info api server version v1.37.2\n"));
    assert_non_null(strstr(log, "Z info api libcurl/"));
    free(server);
    free(command);
    free(line);
    free(log);
}

static void no_secret_in_the_first_line(void **state)
{
    (void)state;
    (void)remove(log_path);
    char *words =
        xasprintf("trace 'https://u5er:5ecret@a.example.com/x?k=5ecret#5ecret' -H 'cookie: 5ecret' "
                  "--token 5ecret --password=5ecret --server https://u5er:5ecret@h:1 "
                  "--proxy-url=http://u5er:5ecret@h:1 --as-user-extra k=5ecret --as bob "
                  "-f tests/fixtures/platform --log %s",
                  log_path);
    char *said;
    (void)shell_run(dir, words, ">/dev/null", &said);
    assert_string_equal(said, "");
    char *log = file_read(log_path, NULL), *line = first_line(log);
    assert_null(strstr(log, "5ecret"));
    assert_null(strstr(log, "u5er"));
    assert_non_null(strstr(line, ", output is no terminal, "));
    assert_non_null(strstr(
        line, ", command line: gatetop trace https://a.example.com/x?... --header=(not logged) "
              "--token=(not logged) --password=(not logged) --server=(not logged) "
              "--proxy-url=(not logged) --as-user-extra=(not logged) --as=bob --filename="));
    free(said);
    free(words);
    free(line);
    free(log);
}

// Where objects come from, and what each link of each chain is judged by.
static void files_can_be_followed(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "debug store VirtualService bookinfo-production/bookinfo from tests/fixtures/platform/",
        "debug store Namespace bookinfo-production from tests/fixtures/platform/",
        "debug store virtualservices: ",
        "debug mesh bookinfo.staging.apps.lead.sandbox.example.io on istio-system/app-gateway, "
        "VirtualService bookinfo-staging/bookinfo: broken\n",
        "debug mesh   gateway ok (Gateway istio-system/app-gateway): HTTPS 443, HTTP is "
        "redirected\n",
        "debug mesh   certificate broken (Certificate istio-system/staging-app-wildcard): ",
        "debug mesh   rules ok (VirtualService bookinfo-staging/bookinfo): ",
    };
    char *words =
        xasprintf("get apps -f tests/fixtures/platform --debug mesh,store --log %s", log_path);
    char *said;
    remove(log_path);
    assert_int_equal(shell_run(dir, words, ">/dev/null", &said), 0);
    char *log = file_read(log_path, NULL);
    assert_lines(log, lines, ARRAY_COUNT(lines));
    free(log);
    free(said);
    free(words);
}

int main(void)
{
    program = shell_built("gatetop");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_area),
        cmocka_unit_test(off_by_default),
        cmocka_unit_test(by_the_environment),
        cmocka_unit_test(all_and_no_secret),
        cmocka_unit_test(the_screen_can_be_followed),
        cmocka_unit_test(a_change_can_be_followed),
        cmocka_unit_test(wrong_uses),
        cmocka_unit_test(the_variable_breaks_nothing),
        cmocka_unit_test(the_first_line_says_what_runs),
        cmocka_unit_test(no_secret_in_the_first_line),
        cmocka_unit_test(files_can_be_followed),
    };
    int failed = cmocka_run_group_tests(tests, begin, end);
    free(program);
    return failed;
}
