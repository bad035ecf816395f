// SPDX-License-Identifier: Apache-2.0
// The DNS prober and its verdicts against a real BIND with awkward zones, where one is installed.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/store/store.h"

#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"

#include "kube/probe/probe_batch.h"

#include "tui/cli/probe_snapshot.h"

#include "tests/support/freeport.h"
#include "tests/support/tempdir.h"
#include "tests/support/world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <cmocka.h>
// clang-format on

extern char **environ;

// Two servers, as a private and a public zone have: inside, app has another address. A zone without its file is
// answered with SERVFAIL, everything else that is not ours with REFUSED.
static const char *const CONF =
    "options { directory \"%s\"; pid-file \"%s/pid\"; session-keyfile \"%s/key\";\n"
    " listen-on port %d { 127.0.0.1; }; listen-on-v6 port %d { ::1; }; recursion no;\n"
    " rrset-order { order cyclic; };\n"
    " notify no; empty-zones-enable no; dnssec-validation no; allow-query { any; }; };\n"
    "controls { };\n%s";
static const char *const OUTSIDE_ZONES =
    "zone \"d.test\" { type primary; file \"outside.zone\"; };\n"
    "zone \"elb.test\" { type primary; file \"elb.zone\"; };\n"
    "zone \"lame.test\" { type primary; file \"lame.zone\"; };\n"
    "zone \"dead.test\" { type primary; file \"nowhere.zone\"; };\n";
static const char *const INSIDE_ZONES =
    "zone \"d.test\" { type primary; file \"inside.zone\"; };\n";

#define HEAD "$TTL 60\n@ SOA ns.d.test. h.d.test. 1 60 60 60 60\n@ NS ns.d.test.\n"
#define OWNED_BY(id, gateway)                                                                      \
    "\"heritage=external-dns,external-dns/owner=" id                                               \
    ",external-dns/resource=gateway/default/" gateway "\"\n"

static const char OUTSIDE[] = HEAD "ns A 127.0.0.1\n"
                                   "app A 192.0.2.10\n"
                                   "a-app TXT " OWNED_BY("default", "app")
    // ALIAS, flattened by the provider: addresses where external-dns wrote a name
    "alias A 192.0.2.20\n"
    "moved A 192.0.2.99\n"
    "chained CNAME lb.elb.test.\n"
    // five addresses, in another order with every answer; the alias has two of them
    "rotates A 192.0.2.63\nrotates A 192.0.2.61\n"
    "turns CNAME many.elb.test.\n"
    // the zone's own name for the inside and the outside alike
    "both A 192.0.2.70\nboth A 10.0.0.7\n"
    // a wildcard answers for every name and type
    "*.wild A 192.0.2.30\n"
    "*.wild TXT \"v=spf1 -all\"\n"
    "*.same A 192.0.2.31\n"
    "*.same TXT " OWNED_BY("default", "wild")
    // and of another owner: nobody's record below it, not the foreign owner's
    "*.alien A 192.0.2.32\n"
    "*.alien TXT " OWNED_BY("other", "alien")
    // the wildcard does not reach below a name that is there
    "x.deep.wild A 192.0.2.1\n"
    "hollow TXT \"nothing to see\"\n"
    "theirs A 192.0.2.40\n"
    "a-theirs TXT " OWNED_BY("other", "theirs") "old A 192.0.2.98\n"
                                                "a-old TXT " OWNED_BY("default", "long-gone");
static const char INSIDE[] = HEAD "ns A 127.0.0.1\napp A 10.0.0.5\n";
static const char ELB[] = "$TTL 60\n@ SOA ns.d.test. h.d.test. 1 60 60 60 60\n@ NS ns.d.test.\n"
                          "lb A 192.0.2.20\nlb A 192.0.2.21\n"
                          "many A 192.0.2.61\nmany A 192.0.2.62\nmany A 192.0.2.63\n"
                          "many A 192.0.2.64\nmany A 192.0.2.65\n";

// Of four servers three are gone.
static const char LAME[] = "$TTL 60\n@ SOA ns.lame.test. h.d.test. 1 60 60 60 60\n"
                           "@ NS ns.lame.test.\n@ NS gone7.lame.test.\n@ NS gone8.lame.test.\n"
                           "@ NS gone9.lame.test.\nns A 127.0.0.1\ngone7 A 127.0.0.7\n"
                           "gone8 A 127.0.0.8\ngone9 A 127.0.0.9\napp A 192.0.2.80\n";

// host, its Gateway's target, the verdict; words: of the sentence, NULL any.
static const struct {
    const char *host, *target;
    enum dns_state state;
    const char *words;
} cases[] = {
    {"app.d.test", "192.0.2.10", DNS_OK, "192.0.2.10"},
    {"alias.d.test", "lb.elb.test", DNS_OK, "192.0.2.20"},
    {"moved.d.test", "lb.elb.test", DNS_ELSEWHERE, "192.0.2.99"},
    {"chained.d.test", "lb.elb.test", DNS_OK, NULL},
    {"rotates.d.test", "many.elb.test", DNS_OK, "192.0.2.6"},
    {"turns.d.test", "many.elb.test", DNS_OK, "many.elb.test"},
    {"both.d.test", "192.0.2.70", DNS_OK, "192.0.2.70"},
    {"web.wild.d.test", "192.0.2.30", DNS_OK, "192.0.2.30"},
    {"*.wild.d.test", "192.0.2.30", DNS_OK, "192.0.2.30"},
    {"web.same.d.test", "192.0.2.31", DNS_OK, "192.0.2.31"},
    {"web.alien.d.test", "192.0.2.32", DNS_OK, "192.0.2.32"},
    {"lost.alien.d.test", "192.0.2.50", DNS_ELSEWHERE, "192.0.2.32"},
    {"deep.wild.d.test", "192.0.2.30", DNS_EMPTY, "no A"},
    {"hollow.d.test", "192.0.2.50", DNS_EMPTY, "no A"},
    {"nobody.d.test", "192.0.2.50", DNS_MISSING, "no DNS record"},
    {"theirs.d.test", "192.0.2.40", DNS_FOREIGN, "other"},
    {"old.d.test", "192.0.2.50", DNS_STALE, "long-gone"},
    {"app.lame.test", "192.0.2.80", DNS_OK, "answers 192.0.2.80"},
    {"a.dead.test", "192.0.2.50", DNS_UNKNOWN, "no answer"},
    {"a.refused.test", "192.0.2.50", DNS_UNKNOWN, "no answer"},
};
enum { NCASES = sizeof cases / sizeof *cases };

struct named {
    char *dir;
    int port;
    pid_t pid;
    FILE *log;
};

static const char *named_path(void)
{
    static const char *const places[] = {"/usr/sbin/named", "/usr/local/sbin/named"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (access(places[i], X_OK) == 0) {
            return places[i];
        }
    }
    return NULL;
}

// Reads the log until the server says that it runs.
static bool start(struct named *b, const char *program, const char *zones)
{
    b->dir = tempdir_new();
    b->port = free_port();
    char *conf = xasprintf(CONF, b->dir, b->dir, b->dir, b->port, b->port, zones);
    tempdir_write(b->dir, "named.conf", conf, 0644);
    tempdir_write(b->dir, "outside.zone", OUTSIDE, 0644);
    tempdir_write(b->dir, "inside.zone", INSIDE, 0644);
    tempdir_write(b->dir, "elb.zone", ELB, 0644);
    tempdir_write(b->dir, "lame.zone", LAME, 0644);
    free(conf);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    posix_spawn_file_actions_t to;
    posix_spawn_file_actions_init(&to);
    posix_spawn_file_actions_adddup2(&to, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&to, ends[0]);
    char *path = xasprintf("%s/named.conf", b->dir), *name = xstrdup(program);
    char g[] = "-g", c[] = "-c", n[] = "-n", one[] = "1", x[] = "-X", none[] = "none",
         *argv[] = {name, g, n, one, x, none, c, path, NULL};
    int rc = posix_spawn(&b->pid, program, &to, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&to);
    free(path);
    free(name);
    close(ends[1]);
    b->log = fdopen(ends[0], "r");
    char line[1024];
    while (rc == 0 && fgets(line, sizeof line, b->log) != NULL) {
        if (str_ends(line, " running\n")) {
            return true;
        }
    }
    return false;
}

static void stop(struct named *b)
{
    kill(b->pid, SIGTERM);
    waitpid(b->pid, NULL, 0);
    fclose(b->log);
    tempdir_free(b->dir);
}

static const struct snapshot *make_world(void)
{
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < NCASES; i++) {
        char *name = xstrndup(cases[i].host, strcspn(cases[i].host, "."));
        buf_addf(&b,
                 "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n"
                 "  name: g%zu-%s\n  creationTimestamp: '2020-01-01T00:00:00Z'\n  annotations:\n"
                 "    external-dns.kubernetes.io/target: %s\n"
                 "spec:\n  selector: {istio: ingressgateway}\n  servers:\n"
                 "  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: ['%s']\n---\n",
                 i, strcmp(name, "*") == 0 ? "any" : name, cases[i].target, cases[i].host);
        free(name);
    }
    const struct snapshot *s = world_from_yaml(b.data);
    buf_release(&b);
    return s;
}

// Asks everything once, as `get dns --probe --resolver` does, and judges.
static void ask(struct world *w, const char *address, int port)
{
    char resolver[64];
    snprintf(resolver, sizeof resolver, "%s:%d", address, port);
    const struct snapshot *plain = make_world();
    struct probe_settings p = {.dns = true, .resolver = resolver, .seconds = 60};
    size_t left = 0;
    struct err err = {0};
    const struct snapshot *asked = probe_snapshot(plain, &p, NULL, &left, &err);
    if (asked == NULL) {
        fail_msg("%s", err.msg);
    }
    assert_int_equal(left, 0);
    snapshot_unref(plain);
    world_open_snapshot(w, asked, clock_now());
}

static void put_answer(void *store, const struct probe_result *r)
{
    store_put_probe(store, r);
}

// The same with the zone's own servers, which the resolver names and which listen on another port than 53.
static void ask_authority(struct world *w, int resolver_port, int authority_port)
{
    char resolver[64];
    snprintf(resolver, sizeof resolver, "127.0.0.1:%d", resolver_port);
    const struct snapshot *plain = make_world();
    world_open_snapshot(w, plain, clock_now());
    struct dns_settings settings;
    dns_settings_default(&settings);
    struct desired_records all;
    desired_records_find(&w->mesh, &settings, &all);
    struct probe_names names = {.n = 0};
    for (uint32_t i = 0; i < all.n; i++) {
        dns_record_queries(&all.at[i], probe_names_add, &names);
    }
    struct dns_prober_options o = {.resolver = resolver,
                                   .authoritative = true,
                                   .authority_port = authority_port,
                                   .per_second = 200};
    struct store *store = store_new();
    store_copy(store, plain);
    size_t left = 0;
    struct err err = {0};
    if (!dns_probe_batch(&o, &names, 60000, put_answer, store, &left, &err)) {
        fail_msg("%s", err.msg);
    }
    probe_names_release(&names);
    const struct snapshot *asked = store_publish(store, NULL, NULL);
    store_free(store);
    world_close(w);
    world_open_snapshot(w, asked, clock_now());
}

static struct dns_record judged(struct world *w, const char *host)
{
    struct dns_settings settings;
    dns_settings_default(&settings);
    struct desired_records all;
    desired_records_find(&w->mesh, &settings, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        if (str_eq(all.at[i].host, host)) {
            struct dns_record r = all.at[i];
            dns_judge_record(&w->mesh, &settings, &r);
            return r;
        }
    }
    fail_msg("no record for %s", host);
    return (struct dns_record){.host = NULL};
}

// How many of the hosts are not judged as expected, or without the server's name. `passes`: hosts that are left
// out, NULL: none.
static int count_wrong(struct world *w, const char *server, bool (*passes)(const char *host))
{
    int wrong = 0;
    for (size_t i = 0; i < NCASES; i++) {
        struct dns_record r = judged(w, cases[i].host);
        const char *reason = str_or_empty(r.reason);
        bool named = strstr(reason, server) != NULL;
        if (passes != NULL && passes(cases[i].host)) {
            continue;
        }
        if (r.state != cases[i].state || !named ||
            (cases[i].words != NULL && strstr(reason, cases[i].words) == NULL)) {
            print_message("%s: %s, expected %s: %s\n", cases[i].host, dns_state_name(r.state),
                          dns_state_name(cases[i].state), reason);
            wrong++;
        }
    }
    return wrong;
}

static struct named outside, inside;

static int start_both(void **state)
{
    (void)state;
    const char *program = named_path();
    if (program == NULL) {
        print_message("skipped: no named here (Debian package bind9)\n");
        return 0;
    }
    bool one = start(&outside, program, OUTSIDE_ZONES), two = start(&inside, program, INSIDE_ZONES);
    return one && two ? 0 : -1;
}

static int stop_both(void **state)
{
    (void)state;
    if (outside.dir != NULL) {
        stop(&outside);
    }
    if (inside.dir != NULL) {
        stop(&inside);
    }
    return 0;
}

static void need_named(void)
{
    if (outside.dir == NULL) {
        skip();
    }
}

static void test_every_verdict(void **state)
{
    (void)state;
    need_named();
    struct world w;
    ask(&w, "127.0.0.1", outside.port);
    int wrong = count_wrong(&w, "127.0.0.1", NULL);
    world_close(&w);
    printf("# %d hosts judged by the answers of a real BIND, %d wrong\n", NCASES, wrong);
    assert_int_equal(wrong, 0);
}

// Over IPv6, where this machine has it.
static void test_over_ipv6(void **state)
{
    (void)state;
    need_named();
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!has) {
        print_message("skipped: no IPv6 here\n");
        skip();
    }
    struct world w;
    char resolver[64];
    snprintf(resolver, sizeof resolver, "(asked [::1]:%d)", outside.port);
    ask(&w, "[::1]", outside.port);
    int wrong = count_wrong(&w, resolver, NULL);
    world_close(&w);
    assert_int_equal(wrong, 0);
}

// The same question inside: another answer is no alarm, and the sentence says who gave it.
static void test_split_horizon(void **state)
{
    (void)state;
    need_named();
    struct world w;
    ask(&w, "127.0.0.1", inside.port);
    struct dns_record r = judged(&w, "app.d.test");
    char resolver[64];
    snprintf(resolver, sizeof resolver, "127.0.0.1:%d", inside.port);
    assert_int_equal(r.state, DNS_UNKNOWN);
    assert_non_null(strstr(r.reason, "10.0.0.5"));
    assert_non_null(strstr(r.reason, resolver));
    world_close(&w);
}

// What a resolver does not know is not what the zone's own servers do not know: a name without a zone that can be
// found.
static bool has_no_zone(const char *host)
{
    return strcmp(host, "a.dead.test") == 0 || strcmp(host, "a.refused.test") == 0;
}

// --authoritative: the verdicts are the same, by the zone's own server; and it is the outside's though the
// resolver stands inside, which only says where that server is.
static void test_authoritative(void **state)
{
    (void)state;
    need_named();
    struct world w;
    ask_authority(&w, outside.port, outside.port);
    int wrong = count_wrong(&w, "(asked 127.0.0.1", has_no_zone);
    for (size_t i = 0; i < NCASES; i++) {
        struct dns_record r = judged(&w, cases[i].host);
        assert_true(!has_no_zone(cases[i].host) ||
                    (r.state == DNS_UNKNOWN && strstr(r.reason, "no answer") != NULL));
    }
    world_close(&w);
    assert_int_equal(wrong, 0);
    ask_authority(&w, inside.port, outside.port);
    struct dns_record r = judged(&w, "app.d.test");
    assert_int_equal(r.state, DNS_OK);
    assert_string_equal(r.reason, "answers 192.0.2.10 (asked 127.0.0.1)");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_verdict), cmocka_unit_test(test_over_ipv6),
        cmocka_unit_test(test_split_horizon), cmocka_unit_test(test_authoritative)};
    return cmocka_run_group_tests(tests, start_both, stop_both);
}
