// SPDX-License-Identifier: Apache-2.0
// Commands against servers that mean no good, or are broken: each ends, with what there is, and says what is missing
// (docs/rules/kubernetes-client.md#command-limits, docs/rules/kubernetes-client.md#object-unreadable).
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/file.h"
#include "tests/support/shell.h"
#include "tests/support/tempdir.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

// Waits for what other threads and programs do.
#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        int64_t give_up = clock_mono_ms() + 30000;                                                 \
        while (!(condition)) {                                                                     \
            assert_true(clock_mono_ms() < give_up);                                                \
            poll(NULL, 0, 5);                                                                      \
        }                                                                                          \
    } while (0)

// What one command said.
struct said {
    int status;
    int64_t ms;
    char *out, *err;
};

static void said_free(struct said *s)
{
    free(s->out);
    free(s->err);
}

// A simulator of five applications, read by "admin"; `discovery` as it is asked for.
static struct apisim *serve(const struct apisim_options *options)
{
    struct err err;
    struct apisim *sim = apisim_start(options, &err);
    assert_non_null(sim);
    apisim_generate(sim, 5);
    return sim;
}

static void fault(struct apisim *sim, const char *rule)
{
    struct err err;
    if (apisim_fault(sim, rule, &err) < 0) {
        fail_msg("%s: %s", rule, err.msg);
    }
}

// Runs `gatetop WORDS` as a user of the simulator.
static struct said run(struct apisim *sim, const char *user, const char *words)
{
    struct err err;
    struct said s;
    char *config = xasprintf("%s/config", dir), *out = xasprintf("%s/out", dir);
    assert_true(apisim_write_kubeconfig(sim, config, user, &err));
    char *all = xasprintf("%s --kubeconfig %s", words, config), *where = xasprintf(">%s", out);
    int64_t begin = clock_mono_ms();
    s.status = shell_run(dir, all, where, &s.err);
    s.ms = clock_mono_ms() - begin;
    s.out = file_read(out, NULL);
    free(config);
    free(out);
    free(all);
    free(where);
    return s;
}

static void has(const struct said *s, const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no '%s' in %.900s (status %d, stderr %.900s)", part, text, s->status, s->err);
    }
}

// A list of VirtualServices, one of which is `bad`; served in place of the simulator's.
static void serve_bad(struct apisim *sim, const char *bad)
{
    char *text = xasprintf(
        "{\"kind\":\"VirtualServiceList\",\"apiVersion\":\"networking.istio.io/v1\",\"metadata\":{"
        "\"resourceVersion\":\"1000\"},\"items\":[%s,{\"apiVersion\":\"networking.istio.io/v1\","
        "\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"good\",\"namespace\":\"shop\",\"uid\":"
        "\"u1\",\"resourceVersion\":\"5\"},\"spec\":{\"hosts\":[\"good.example.com\"],\"gateways\":"
        "[\"team-0000/app-00000-gateway\"],\"http\":[{\"route\":[{\"destination\":{\"host\":\"x\"}}]}]}"
        "}]}",
        bad);
    tempdir_write(dir, "list.json", text, 0600);
    free(text);
    apisim_fault_clear(sim);
    char *rule = xasprintf("status=200 file=%s/list.json verb=list resource=virtualservices", dir);
    fault(sim, rule);
    free(rule);
}

// --- one bad object

static char *nested(const char *before, const char *open, int n, const char *close,
                    const char *after)
{
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, before);
    for (int i = 0; i < n; i++) {
        buf_adds(&b, open);
    }
    buf_adds(&b, "1");
    for (int i = 0; i < n; i++) {
        buf_adds(&b, close);
    }
    buf_adds(&b, after);
    return buf_take(&b);
}

#define BAD_BEGIN                                                                                      \
    "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"" \
    "bad\",\"namespace\":\"shop\",\"uid\":\"u2\",\"resourceVersion\":\"6\"},\"spec\":"
#define BAD(spec) BAD_BEGIN spec "}"

static void a_bad_object_is_named_and_counted(void **state)
{
    (void)state;
    static const char *const bad[] = {
        BAD("{\"hosts\":[01]}"),
        BAD("{\"hosts\":[1e]}"),
        BAD("{\"hosts\":[-]}"),
        BAD("{\"hosts\":[\"\\x\"]}"),
        BAD("{\"hosts\":[tru]}"),
        BAD("{\"hosts\":[\"a\" \"b\"]}"),
        BAD("{\"hosts\":{\"a\"}}"),
        BAD("{}, \"more\" \"colon\""),
        BAD("1 2"),
    };
    static const char *const formats[] = {"table", "wide", "json", "csv", "name"};
    struct apisim *sim = serve(NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        serve_bad(sim, bad[i]);
        char *words = xasprintf("get routes -o %s", formats[i % 5]);
        struct said s = run(sim, "admin", words);
        assert_int_equal(s.status, 5);
        has(&s, s.err, "gatetop: virtualservices: 1 left out: shop/bad (");
        if (i % 5 == 2) {
            has(&s, s.out, "\"complete\":false");
            has(&s, s.out, "\"resource\":\"virtualservices\",\"state\":\"live\",\"objects\":1,");
        }
        said_free(&s);
        free(words);
    }
    apisim_stop(sim);
}

// Nothing of it is read, so it need not be left out.
static void depth_and_odd_characters_do_no_harm(void **state)
{
    (void)state;
    char *all[] = {
        nested(
            "{\"metadata\":{\"name\":\"bad\",\"namespace\":\"shop\",\"uid\":\"u2\",\"managedFields\":"
            "[{\"manager\":\"m\",\"fieldsV1\":",
            "{\"f:a\":", 600, "}", "}]},\"spec\":{\"hosts\":[\"bad.example.com\"]}}"),
        nested(BAD_BEGIN "{\"hosts\":[\"bad.example.com\"],\"x\":", "[", 100000, "]", "}}"),
        nested(BAD_BEGIN "{\"hosts\":[\"bad.example.com\"],\"x\":", "{\"a\":", 600, "}", "}}"),
        xstrdup(BAD("{\"hosts\":[\"bad.example.com\",\"\\ud800\",\"a\\u0000b\"]}")),
    };
    struct apisim *sim = serve(NULL);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        serve_bad(sim, all[i]);
        struct said s = run(sim, "admin", "get status");
        assert_int_equal(s.status, 0);
        assert_string_equal(s.err, "");
        said_free(&s);
        s = run(sim, "admin", "get routes -o json");
        assert_int_equal(s.status, 0);
        has(&s, s.out, "\"resource\":\"virtualservices\",\"state\":\"live\",\"objects\":2,");
        said_free(&s);
        free(all[i]);
    }
    apisim_stop(sim);
}

// --- every command ends

static void lists_without_end(void **state)
{
    (void)state;
    static const struct {
        const char *token, *item, *words, *says;
    } cases[] = {
        {"same", "", "get services", "'continue' leads to the same page again"},
        {"t@N@", "", "get services", "pages in a row are empty"},
        {"t@N@",
         "{\"metadata\":{\"name\":\"a@N@\",\"namespace\":\"n\",\"uid\":\"@N@\"},\"spec\":{}}",
         "get services --request-timeout 2", "the list did not end in time after "},
        {"t@N@",
         "{\"metadata\":{\"name\":\"a@N@\",\"namespace\":\"n\",\"uid\":\"@N@\"},\"spec\":{}}",
         "check --request-timeout 2", "the list did not end in time after "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct apisim *sim = serve(NULL);
        char *text = xasprintf("{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":{"
                               "\"resourceVersion\":\"1000\",\"continue\":\"%s\"},\"items\":[%s]}",
                               cases[i].token, cases[i].item);
        tempdir_write(dir, "page.json", text, 0600);
        char *rule = xasprintf("status=200 file=%s/page.json verb=list resource=services", dir);
        fault(sim, rule);
        struct said s = run(sim, "admin", cases[i].words);
        assert_int_equal(s.status, i < 2 ? 3 : 3);
        has(&s, s.err, "gatetop: services: ");
        has(&s, s.err, cases[i].says);
        assert_true(s.ms < 10000);
        said_free(&s);
        free(rule);
        free(text);
        apisim_stop(sim);
    }
}

// The whole has a limit, and what was read by then is there, with the state of each kind.
static void answers_that_drip(void **state)
{
    (void)state;
    struct apisim *sim = serve(NULL);
    fault(sim, "drip=200 verb=list resource=virtualservices");
    fault(sim, "drip=200 verb=list resource=secrets");
    struct said s = run(sim, "admin", "get gateways -o json --request-timeout 2");
    assert_int_equal(s.status, 3);
    assert_true(s.ms < 5000);
    has(&s, s.out, "app-00000-gateway");
    has(&s, s.out, "\"complete\":false");
    has(&s, s.err, "gatetop: virtualservices: the list did not end in time");
    has(&s, s.err, "gatetop: secrets: the list did not end in time");
    said_free(&s);
    apisim_stop(sim);
}

// --- one bad kind

static void kinds_that_fail(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *needs, *other, *says;
        int most_ms; // of the command that needs it
    } cases[] = {
        // definite
        {"status=200 body=html verb=list resource=virtualservices", "get routes", "get gateways",
         "gatetop: virtualservices: the answer is not JSON but 'text/html': is this an API server? "
         "(HTTP 200)",
         5000},
        {"status=400 verb=list resource=virtualservices", "get routes", "get gateways",
         "gatetop: virtualservices: simulated (HTTP 400)", 5000},
        {"status=429 retry-after=60 verb=list resource=virtualservices", "get routes",
         "get gateways", "gatetop: virtualservices: Too many requests", 5000},
        // that may pass
        {"status=503 verb=list resource=virtualservices", "get routes", "get gateways",
         "gatetop: virtualservices: simulated (HTTP 503)", 14000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct apisim *sim = serve(NULL);
        fault(sim, cases[i].rule);
        struct said s = run(sim, "admin", cases[i].needs);
        assert_int_equal(s.status, 3);
        has(&s, s.err, cases[i].says);
        assert_string_equal(s.out, "");
        assert_true(s.ms < cases[i].most_ms);
        said_free(&s);
        s = run(sim, "admin", cases[i].other);
        assert_int_equal(s.status, 5);
        has(&s, s.err, cases[i].says);
        has(&s, s.err, "what depends on them is unknown");
        has(&s, s.out, "app-00000-gateway");
        said_free(&s);
        apisim_stop(sim);
    }
}

static void a_group_whose_server_is_down(void **state)
{
    (void)state;
    static const enum apisim_discovery forms[] = {APISIM_DISCOVERY_V2, APISIM_DISCOVERY_LEGACY};
    for (size_t i = 0; i < 2; i++) {
        struct apisim *sim = serve(&(struct apisim_options){.discovery = forms[i]});
        assert_true(apisim_stale(sim, "cert-manager.io", true));
        struct said s = run(sim, "admin", "get certificates");
        assert_int_equal(s.status, 3);
        has(&s, s.err, "gatetop: certificates: discovery calls 'cert-manager.io' stale");
        assert_true(s.ms < 5000);
        said_free(&s);
        s = run(sim, "admin", "get gateways");
        assert_int_equal(s.status, 5);
        has(&s, s.err, "gatetop: certificates: discovery calls 'cert-manager.io' stale");
        has(&s, s.out, "app-00000-gateway");
        assert_true(s.ms < 5000);
        said_free(&s);
        // The state of each kind has the time of the next try.
        s = run(sim, "admin", "get status");
        has(&s, s.out, "in ");
        said_free(&s);
        apisim_stop(sim);
    }
    // A version that gatetop does not know.
    struct apisim *sim = serve(NULL);
    tempdir_write(
        dir, "apis.json",
        "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/v2\","
        "\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"networking.istio.io\"},"
        "\"versions\":[{\"version\":\"v7\",\"freshness\":\"Current\",\"resources\":[]}]}]}",
        0600);
    char *rule = xasprintf("status=200 file=%s/apis.json path=/apis verb=discovery", dir);
    fault(sim, rule);
    free(rule);
    struct said s = run(sim, "admin", "get gateways");
    assert_int_equal(s.status, 5);
    has(&s, s.err, "the server has 'networking.istio.io' in version 'v7', which is not known");
    said_free(&s);
    apisim_stop(sim);
    // Discovery itself.
    sim = serve(NULL);
    fault(sim, "status=503 path=/apis verb=discovery");
    s = run(sim, "admin", "get gateways");
    assert_int_equal(s.status, 3);
    has(&s, s.err, "/apis: simulated (HTTP 503)");
    assert_true(s.ms < 14000);
    said_free(&s);
    apisim_stop(sim);
}

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
            struct apisim *sim =
                serve(&(struct apisim_options){.transport = h1 ? APISIM_H1_TLS : APISIM_H2_TLS});
            fault(sim, rules[i]);
            struct said s = run(sim, "admin", "get gateways -o name");
            if (s.status != 0) {
                fail_msg("%s: %d, %s", rules[i], s.status, s.err);
            }
            has(&s, s.out, "app-00000-gateway");
            said_free(&s);
            apisim_stop(sim);
        }
    }
    // One that is never whole is given up.
    struct apisim *sim = serve(NULL);
    fault(sim, "drop how=rst");
    struct said s = run(sim, "admin", "get gateways");
    assert_int_equal(s.status, 3);
    assert_true(s.ms >= 5000 && s.ms < 14000);
    said_free(&s);
    apisim_stop(sim);
}

// docs/rules/kubernetes-client.md#plain-http
static void what_is_not_sent_is_named(void **state)
{
    (void)state;
    static const char *const words[] = {"get gateways", "auth", "get gateways -w"};
    struct apisim *sim = serve(&(struct apisim_options){.transport = APISIM_H1_PLAIN});
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct said s = run(sim, "admin", words[i]);
        assert_int_equal(s.status, 3); // nobody may read
        has(&s, s.err, "plain http, no credentials are sent (token)");
        said_free(&s);
    }
    apisim_stop(sim);
}

// --- rights (docs/rules/kubernetes-client.md#namespaces-only)

static void rights(struct apisim *sim, const char *const *rules)
{
    apisim_user(sim, "some", "some-token");
    apisim_user_clear_rules(sim, "some");
    for (; *rules != NULL; rules++) {
        assert_true(apisim_user_rule(sim, "some", *rules));
    }
    assert_true(apisim_user_rule(sim, "some", "deny * *"));
}

// The refusal of all namespaces may come at any moment, before or behind the others.
static void who_may_read_some_namespaces_reads_those(void **state)
{
    (void)state;
    static const struct {
        const char *const rules[6];
        const char *words;
        int status;
        const char *out, *not_out;
    } cases[] = {
        {{"allow * * a", "allow list clusterissuers", NULL},
         "get certificates -n a",
         0,
         "in-a",
         "in-b"},
        {{"allow * * a", NULL}, "get certificates -n b", 3, "", "in-b"},
        {{"allow * * a", "allow list namespaces", "allow list clusterissuers", NULL},
         "get certificates -n a",
         0,
         "in-a",
         "in-b"},
        {{"allow * * a", "allow * * b", "allow list namespaces", NULL},
         "get certificates -A",
         5,
         "in-b",
         "in-c"},
        {{"allow * * c", "allow list namespaces", NULL}, "get certificates", 5, "in-c", "in-a"},
    };
    for (int h1 = 0; h1 < 2; h1++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            for (int late = 0; late < 3; late++) {
                struct err err;
                struct apisim *sim = serve(
                    &(struct apisim_options){.transport = h1 ? APISIM_H1_TLS : APISIM_H2_TLS});
                for (char ns = 'a'; ns <= 'c'; ns++) {
                    char *text = xasprintf(
                        "{\"apiVersion\":\"cert-manager.io/v1\",\"kind\":\"Certificate\",\"metadata\":{"
                        "\"name\":\"in-%c\",\"namespace\":\"%c\"},\"spec\":{\"secretName\":\"x\","
                        "\"dnsNames\":[\"x.example.com\"],\"issuerRef\":{\"name\":\"i\"}}}",
                        ns, ns);
                    assert_true(apisim_apply(sim, text, &err) > 0);
                    free(text);
                    text = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{"
                                     "\"name\":\"%c\"}}",
                                     ns);
                    assert_true(apisim_apply(sim, text, &err) > 0);
                    free(text);
                }
                rights(sim, cases[i].rules);
                if (late == 1) {
                    fault(sim, "delay=150 verb=list path=/apis/cert-manager.io/v1/certificates");
                } else if (late == 2) {
                    fault(sim, "delay=150 verb=list resource=namespaces");
                }
                struct said s = run(sim, "some", cases[i].words);
                if (s.status != cases[i].status || strstr(s.out, cases[i].out) == NULL ||
                    strstr(s.out, cases[i].not_out) != NULL) {
                    fail_msg("%s (case %zu, %d, %d): %d, %.500s%.900s", cases[i].words, i, h1, late,
                             s.status, s.out, s.err);
                }
                if (s.ms > 4000) {
                    fail_msg("%s (case %zu, %d, %d): %lld ms, %.900s", cases[i].words, i, h1, late,
                             (long long)s.ms, s.err);
                }
                said_free(&s);
                apisim_stop(sim);
            }
        }
    }
}

// --- changes

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
        struct apisim *sim = serve(NULL);
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
    char *text = xmalloc(LONG_HEADER + 100);
    int n = sprintf(text, "HTTP/1.1 200 OK\r\nX-Long: ");
    memset(text + n, 'a', LONG_HEADER);
    strcpy(text + n + LONG_HEADER, "\r\nContent-Length: 2\r\n\r\n{}");
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

// --- files (docs/rules/kubernetes-client.md#yaml-bounds)

static void add_again(struct buf *b, const char *format, int n)
{
    for (int i = 0; i < n; i++) {
        char *one =
            xasprintf("%.*s%d%s", (int)strcspn(format, "#"), format, i, strchr(format, '#') + 1);
        buf_adds(b, one);
        free(one);
    }
}

static int64_t children_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return (int64_t)u.ru_utime.tv_sec * 1000 + u.ru_utime.tv_usec / 1000;
}

// Time of the processor, which others on the machine do not change much.
static void files_of_any_shape_are_read_in_time(void **state)
{
    (void)state;
    enum { SECOND = 1000 };
    static const struct {
        const char *name, *before, *each, *after;
        int n, status, most_ms;
    } cases[] = {
        {"keys.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec:\n",
         "  k: #\n", "", 50000, 0, 2 * SECOND},
        {"keys.json",
         "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"},\"x\":{",
         "\"k\":#,", "\"k\":0}}", 50000, 0, 2 * SECOND},
        {"documents.yaml", "",
         "---\napiVersion: v1\nkind: Service\nmetadata: {name: s#, namespace: b}\nspec: {}\n", "",
         100000, 0, 10 * SECOND},
        {"broken.yaml", "", "---\nmetadata: {name: s#\n", "---\n", 20000, 4, 5 * SECOND},
        {"aliases.yaml",
         "apiVersion: v1\nkind: Service\nx:\n- &a [1,1,1,1,1,1,1,1,1,1]\n- &b [*a,*a,*a,"
         "*a,*a,*a,*a,*a]\n- &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n",
         "- [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c, #]\n", "", 1000, 4, SECOND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        char *said;
        buf_init(&b, 0);
        buf_adds(&b, cases[i].before);
        add_again(&b, cases[i].each, cases[i].n);
        buf_adds(&b, cases[i].after);
        tempdir_write(dir, cases[i].name, b.data, 0600);
        buf_release(&b);
        char *words = xasprintf("get services -f %s/%s", dir, cases[i].name);
        int64_t before = children_ms();
        int status = shell_run(dir, words, ">/dev/null", &said);
        int64_t ms = children_ms() - before;
        if (status != cases[i].status) {
            fail_msg("%s: status %d, %.300s", cases[i].name, status, said);
        }
#ifndef GATETOP_SANITIZED
        if (ms > cases[i].most_ms) {
            fail_msg("%s: %lld ms", cases[i].name, (long long)ms);
        }
#endif
        free(said);
        free(words);
    }
}

// Numbers at the end of their range: a sanitizer would say more.
static void numbers_of_any_size_do_no_harm(void **state)
{
    (void)state;
    static const char *const words[] = {
        "check",
        "get apps",
        "get routes -o json",
        "get services -o wide",
        "get certificates -o json",
        "get gateways",
        "get events -o wide",
        "get dns --no-probe",
        "get namespaces",
        "get findings",
        "trace http://x.example.com/a",
        "trace https://x.example.com/a",
        "certificates --once",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *line = xasprintf("%s -f tests/fixtures/hostile/numbers.yaml", words[i]), *said;
        int status = shell_run(dir, line, ">/dev/null", &said);
        if (status > 1 || strstr(said, "runtime error") != NULL) {
            fail_msg("%s: status %d, %.900s", words[i], status, said);
        }
        free(line);
        free(said);
    }
}

static void a_folder_without_manifests_is_said(void **state)
{
    (void)state;
    char *said, *line = xasprintf("check -f %s/none", dir);
    tempdir_write(dir, "none/README", "no manifest\n", 0600);
    assert_int_equal(shell_run(dir, line, ">/dev/null", &said), 4);
    assert_non_null(strstr(said, "/none: no *.yaml, *.yml or *.json file is in this folder\n"));
    free(said);
    tempdir_write(dir, "none/below/a.yaml", "# nothing\n", 0600);
    assert_int_equal(shell_run(dir, line, ">/dev/null", &said), 0);
    free(said);
    free(line);
}

int main(void)
{
    dir = tempdir_new();
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_object_is_named_and_counted),
        cmocka_unit_test(depth_and_odd_characters_do_no_harm),
        cmocka_unit_test(what_is_not_sent_is_named),
        cmocka_unit_test(who_may_read_some_namespaces_reads_those),
        cmocka_unit_test(what_was_made_again_goes_before_it_comes),
        cmocka_unit_test(files_of_any_shape_are_read_in_time),
        cmocka_unit_test(a_long_header_is_called_one),
        cmocka_unit_test(numbers_of_any_size_do_no_harm),
        cmocka_unit_test(a_folder_without_manifests_is_said),
        cmocka_unit_test(lists_without_end),
        cmocka_unit_test(answers_that_drip),
        cmocka_unit_test(kinds_that_fail),
        cmocka_unit_test(a_group_whose_server_is_down),
        cmocka_unit_test(a_lost_connection_is_tried_again),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tempdir_free(dir);
    return failed;
}
