// SPDX-License-Identifier: Apache-2.0
// The link dns by what DNS says: hosts without an expected record, hosts that the gateway's Service names, and several
// external-dns that share the work.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/mem.h"
#include "kube/base/pmap.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"

#include "kube/store/probe_result.h"

#include "kube/mesh/chain/chain_list.h"
#include "kube/mesh/dns/desired_records.h"
#include "kube/mesh/dns/dns_verdict.h"
#include "kube/mesh/dns/unmanaged_record.h"

#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <cmocka.h>

#define NOW "2026-09-10T12:00:00Z"
#define GATEWAY "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: in}\nspec: {selector: {istio: i}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: ['*.x.io']}]}\n"
#define APP "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: a}\nspec: {hosts: [web.x.io], gateways: [in/gw], http: [{route: [{destination: {host: w}}]}]}\n"
#define BALANCER(annotations, ingress) "---\napiVersion: v1\nkind: Service\nmetadata: {name: lb, namespace: in, annotations: {" annotations "}}\nspec: {type: LoadBalancer, selector: {istio: i}}\nstatus: {loadBalancer: {ingress: [" ingress "]}}\n"
#define DNS(name, args) "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " name ", namespace: dns}\nspec: {template: {spec: {containers: [{name: dns, image: 'external-dns:v0.21.0', args: [" args "]}]}}}\n"
#define LB BALANCER("", "{ip: 192.0.2.1}")
#define NAMED BALANCER("", "{hostname: lb.example.net}")
#define FILTERED DNS("d", "--source=istio-gateway, --source=istio-virtualservice, --domain-filter=y.io")
#define BY_SERVICE(annotations) BALANCER(annotations, "{ip: 192.0.2.1}") DNS("d", "--source=service")
#define HOSTNAME(host) "external-dns.alpha.kubernetes.io/hostname: '" host "'"
#define WORLD(rest) GATEWAY APP rest
// A second Gateway, of other pods, whose wildcard is the only record; the first has no record of its own.
#define SECOND(first, second)                                                                      \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: in}\nspec: {selector: {istio: i}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: ['*']}]}\n" \
    "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: wild, namespace: in}\nspec: {selector: {istio: j}, servers: [{port: {number: 80, name: h, protocol: HTTP}, hosts: ['*.x.io']}]}\n" \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: lb2, namespace: in}\nspec: {type: LoadBalancer, selector: {istio: j}}\nstatus: {loadBalancer: {ingress: [{ip: " second "}]}}\n" \
    APP BALANCER("", first) DNS("d", "--source=istio-gateway")

static const struct row {
    const char *what, *yaml;
    const char *answers; // "NAME ADDRESS NAME - ...": '-' does not exist, '0' exists without addresses; NULL: not asked
    enum verdict state;
    const char *words;  // of the reason
    const char *absent; // not in it; NULL: any
} rows[] = {
    // docs/rules/dns.md#unmanaged-record
    {"filtered, not asked", WORLD(LB FILTERED), NULL, VERDICT_UNKNOWN, "external-dns makes no record for web.x.io: a domain filter", NULL},
    {"filtered, and no such name", WORLD(LB FILTERED), "web.x.io -", VERDICT_BROKEN, "no DNS record for web.x.io; external-dns makes no record: a domain filter", "log"},
    {"filtered, and no address", WORLD(LB FILTERED), "web.x.io 0", VERDICT_BROKEN, "has no A or AAAA", NULL},
    {"filtered, made by hand", WORLD(LB FILTERED), "web.x.io 192.0.2.1", VERDICT_OK, "answers 192.0.2.1; external-dns makes no record", NULL},
    {"filtered, and elsewhere", WORLD(LB FILTERED), "web.x.io 198.51.100.1", VERDICT_WARNING, "points elsewhere: 198.51.100.1, expected 192.0.2.1", NULL},
    {"filtered, and behind Cloudflare", WORLD(LB FILTERED), "web.x.io 104.16.1.1", VERDICT_UNKNOWN, "addresses of Cloudflare", NULL},
    {"filtered, by a balancer's name", WORLD(NAMED FILTERED), "web.x.io 192.0.2.9 lb.example.net 192.0.2.9", VERDICT_OK, "answers 192.0.2.9", NULL},
    {"no object names it", WORLD(LB DNS("d", "--source=ingress")), "web.x.io -", VERDICT_BROKEN, "no DNS record for web.x.io; external-dns makes no record: no object that its sources read names the host", NULL},
    {"a filter by annotations", WORLD(LB DNS("d", "--source=istio-virtualservice, '--annotation-filter=external-dns/scope in (public)'")), NULL, VERDICT_UNKNOWN, "VirtualService a/web is not read: --annotation-filter", NULL},
    {"a filter by labels", WORLD(LB DNS("d", "--source=istio-virtualservice, --label-filter=public=yes")), "web.x.io -", VERDICT_BROKEN, "external-dns makes no record: VirtualService a/web is not read: --label-filter", NULL},
    {"no address at all", WORLD(BALANCER("", "") DNS("d", "--source=istio-virtualservice")), "web.x.io -", VERDICT_BROKEN, "no DNS record for web.x.io; external-dns makes no record: no Service", NULL},
    {"no address, and some answer", WORLD(BALANCER("", "") DNS("d", "--source=istio-virtualservice")), "web.x.io 192.0.2.1", VERDICT_PENDING, "no Service that Gateway in/gw selects", NULL},
    // docs/rules/dns.md#record-of-another
    {"the wildcard of another Gateway", SECOND("{ip: 192.0.2.1}", "192.0.2.2"), "web.x.io 192.0.2.2 *.x.io 192.0.2.2", VERDICT_WARNING, "the record *.x.io of gateway/in/wild, which leads to 192.0.2.2; the Gateway is at 192.0.2.1", NULL},
    {"the same, DNS was not asked", SECOND("{ip: 192.0.2.1}", "192.0.2.2"), NULL, VERDICT_UNKNOWN, "the record *.x.io of gateway/in/wild", NULL},
    {"a record by hand beside it", SECOND("{ip: 192.0.2.1}", "192.0.2.2"), "web.x.io 192.0.2.1 *.x.io 192.0.2.2", VERDICT_OK, "answers 192.0.2.1", NULL},
    {"the wildcard of another Gateway at the same address", SECOND("{ip: 192.0.2.2}", "192.0.2.2"), "web.x.io 192.0.2.2 *.x.io 192.0.2.2", VERDICT_OK, "answers 192.0.2.2", NULL},
    {"the wildcard of another Gateway, and no own address", SECOND("", "192.0.2.2"), "web.x.io 192.0.2.2 *.x.io 192.0.2.2", VERDICT_WARNING, "which leads to 192.0.2.2; no Service that Gateway in/gw selects", NULL},
    {"the same, DNS was not asked", SECOND("", "192.0.2.2"), NULL, VERDICT_PENDING, "no Service that Gateway in/gw selects", NULL},
    // docs/rules/dns.md#gateway-service
    {"a wildcard of the gateway's Service", WORLD(BY_SERVICE(HOSTNAME("*.x.io"))), "*.x.io 192.0.2.1", VERDICT_OK, "answers 192.0.2.1", NULL},
    {"and there is none", WORLD(BY_SERVICE(HOSTNAME("*.x.io"))), "*.x.io -", VERDICT_BROKEN, "no DNS record for *.x.io", NULL},
    {"the host itself", WORLD(BY_SERVICE(HOSTNAME("a.io,web.x.io"))), "web.x.io 198.51.100.1", VERDICT_BROKEN, "points elsewhere", NULL},
    {"another host", WORLD(BY_SERVICE(HOSTNAME("a.io"))), NULL, VERDICT_UNKNOWN, "Services other than the gateway's", NULL},
    {"a Service that is no source", WORLD(BALANCER(HOSTNAME("*.x.io"), "{ip: 192.0.2.1}") DNS("d", "--source=istio-virtualservice, --domain-filter=y.io")), NULL, VERDICT_UNKNOWN, "a domain filter", NULL},
    // docs/rules/dns.md#several-instances
    {"the second makes it", WORLD(LB DNS("a", "--source=istio-virtualservice, --domain-filter=y.io") DNS("b", "--source=istio-virtualservice, --domain-filter=x.io")), "web.x.io 192.0.2.1", VERDICT_OK, "answers 192.0.2.1", "filter"},
    {"none makes it", WORLD(LB DNS("a", "--source=istio-virtualservice, --domain-filter=y.io") DNS("b", "--source=istio-virtualservice, --domain-filter=z.io")), NULL, VERDICT_UNKNOWN, "a domain filter", NULL},
    {"an external-dns of another namespace sees no address", WORLD(LB DNS("a", "--source=istio-virtualservice, --namespace=a") DNS("b", "--source=istio-virtualservice")), "web.x.io -", VERDICT_BROKEN, "no DNS record for web.x.io", NULL},
    {"each has its own targets, and DNS those of one", WORLD(LB DNS("a", "--source=istio-virtualservice") DNS("b", "--source=istio-virtualservice, --default-targets=10.0.0.1, --force-default-targets")), "web.x.io 10.0.0.1", VERDICT_OK, "answers 10.0.0.1", NULL},
    {"each has its own targets, and DNS none", WORLD(LB DNS("a", "--source=istio-virtualservice") DNS("b", "--source=istio-virtualservice, --default-targets=192.0.2.7, --force-default-targets")), "web.x.io 198.51.100.1", VERDICT_BROKEN, "points elsewhere", NULL},
    // docs/rules/dns.md#dns-proxied
    {"a namespace that it does not read", WORLD(LB DNS("a", "--source=istio-gateway, --namespace=a")), NULL, VERDICT_PENDING, "it reads namespace a alone (--namespace)", NULL},
};
// clang-format on

// A world whose snapshot has these answers.
struct asked {
    struct world w;
    struct snapshot live;
};

static void answer(struct pmap *probes, const char *name, const char *address)
{
    struct probe_result *p = probe_result_new(PROBE_HOST, name);
    p->answer = strcmp(address, "-") == 0   ? ANSWER_NXDOMAIN
                : strcmp(address, "0") == 0 ? ANSWER_NODATA
                                            : ANSWER_YES;
    p->addresses = world_list(
        &p->arena, p->answer == ANSWER_YES ? arena_strdup(&p->arena, address) : NULL, NULL);
    pmap_put(probes, p);
    probe_result_unref(p);
}

static void open_asked(struct asked *k, const char *yaml, const char *answers)
{
    world_open(&k->w, yaml, time_parse(NOW));
    k->live = *k->w.snap;
    pmap_init(&k->live.probes, &probe_map_type);
    char words[512], *rest;
    snprintf(words, sizeof words, "%s", str_or_empty(answers));
    for (char *name = strtok_r(words, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest)) {
        answer(&k->live.probes, name, strtok_r(NULL, " ", &rest));
    }
    k->w.mesh.snap = &k->live;
}

static void close_asked(struct asked *k)
{
    pmap_release(&k->live.probes);
    world_close(&k->w);
}

static void the_link_says_what_dns_says(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct asked k;
        open_asked(&k, r->yaml, r->answers);
        struct chain_list list = {0};
        chain_list_of_object(&k.w.mesh, mesh_get(&k.w.mesh, KIND_VIRTUALSERVICE, "a", "web"), NULL,
                             &list);
        assert_int_equal(list.n, 1);
        const struct chain_link *l = &list.at[0].link[LINK_DNS];
        if (l->state != r->state || strstr(l->reason, r->words) == NULL ||
            (r->absent != NULL && strstr(l->reason, r->absent) != NULL)) {
            print_error("%s: %s: %s\n", r->what, verdict_name(l->state), l->reason);
            bad++;
        }
        close_asked(&k);
    }
    assert_int_equal(bad, 0);
}

// docs/rules/dns.md#several-instances
static void records_of_several_external_dns(void **state)
{
    (void)state;
    struct asked k;
    open_asked(&k,
               WORLD(LB DNS("a", "--source=istio-virtualservice, --txt-owner-id=one")
                         DNS("b", "--source=istio-virtualservice, --txt-owner-id=two, "
                                  "--txt-prefix=p.")
                             DNS("c", "--source=istio-gateway, --domain-filter=y.io")),
               NULL);
    struct dns_settings s;
    struct desired_records records;
    dns_settings_for(&k.w.mesh, NULL, &s);
    assert_string_equal(s.from, "Deployment dns/a");
    assert_string_equal(s.next->next->from, "Deployment dns/c");
    assert_null(s.next->next->next);
    desired_records_find(&k.w.mesh, &s, &records);
    assert_int_equal(records.n, 2); // what both make is one record; what one's filter takes away
    const struct dns_record *filtered = &records.at[0], *r = &records.at[1];
    assert_string_equal(filtered->host, "*.x.io");
    assert_int_equal(filtered->state, DNS_FILTERED);
    assert_string_equal(r->host, "web.x.io");
    assert_string_equal(r->settings->from, "Deployment dns/a");
    assert_int_equal(r->owner_names.n, 2);
    assert_string_equal(r->owner_names.at[1], "p.a-web.x.io");
    assert_int_equal(r->others.n, 0);
    assert_int_equal(desired_records_kinds(&s),
                     KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_GATEWAY));
    close_asked(&k);
}

static void note(void *self, enum probe_kind kind, const char *name)
{
    char **names = self, *before = *names;
    assert_int_equal(kind, PROBE_HOST);
    *names = xasprintf("%s%s%s", before, before[0] != '\0' ? " " : "", name);
    free(before);
}

// What is asked of a VirtualService none of whose hosts has a record.
static void hosts_without_a_record_are_asked(void **state)
{
    (void)state;
    static const struct dns_record of_gateway = {.source = "gateway/in/gw"};
    static const struct {
        const char *hosts, *gateways, *made, *want; // the wildcard is of a Gateway in/gw
    } t[] = {
        {"web.x.io, short, w.a.svc.cluster.local", "in/gw", "", "lb.example.net web.x.io"},
        {"web.x.io", "mesh", "", ""},
        {"web.x.io", "in/none", "", ""},
        {"Web.x.io", "in/gw", "web.x.io", ""},
        {"a.web.x.io", "in/gw", "*.x.io", ""},
        {"a.web.x.io", "in/gw, ./other", "*.x.io", ""},
        {"a.web.x.io", "./other", "*.x.io", ""},
        {"a.web.x.io, '*.y.io'", "in/gw", "web.x.io", "lb.example.net a.web.x.io *.y.io"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct world w;
        char yaml[1024];
        snprintf(yaml, sizeof yaml,
                 GATEWAY NAMED "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n"
                               "metadata: {name: web, namespace: a}\nspec: {hosts: [%s], gateways: "
                               "[%s]}\n",
                 t[i].hosts, t[i].gateways);
        world_open(&w, yaml, time_parse(NOW));
        struct dns_settings s;
        dns_settings_for(&w.mesh, NULL, &s);
        struct string_map made;
        string_map_init(&made, &w.arena);
        if (t[i].made[0] != '\0') {
            string_map_put(&made, t[i].made, &of_gateway);
        }
        char *names = calloc(1, 1);
        const struct object *vs = mesh_get(&w.mesh, KIND_VIRTUALSERVICE, "a", "web");
        unmanaged_record_queries(&w.mesh, &s, OBJECT_AS(virtualservice, vs), &made, note, &names);
        assert_string_equal(names, t[i].want);
        free(names);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_link_says_what_dns_says),
        cmocka_unit_test(records_of_several_external_dns),
        cmocka_unit_test(hosts_without_a_record_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
