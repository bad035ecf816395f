// SPDX-License-Identifier: Apache-2.0
// Decoding: each kind, each legacy spelling, odd orders and types, hostile text, and the whole corpus.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/os.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"
#include "kube/object/decode.h"
#include "kube/object/flagger_objects.h"
#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/manifest.h"

#include "tests/support/corpus.h"
#include "tests/support/ending.h"
#include "tests/support/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// Decodes JSON written with ' for ".
static const struct object *decode(enum kind k, const char *text)
{
    char *json = xstrdup(text);
    for (char *c = json; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    struct err e;
    const struct object *o = object_decode_text(k, NULL, json, strlen(json), NULL, &e);
    if (o == NULL) {
        fail_msg("%s", e.msg);
    }
    free(json);
    return o;
}

// Of the one block that an object is.
static size_t block_size(const struct object *o)
{
    return os_heap_size(unconst(o));
}

static void metadata(void **state)
{
    (void)state;
    const struct object *o =
        decode(KIND_SECRET,
               "{'metadata':{'managedFields':[{'manager':'old','time':'2026-01-01T00:00:00Z','"
               "fieldsV1':{'f:data':{'.':{},"
               "'f:tls.crt':{},'f:tls.key':{}}}},{'manager':'new','time':'2026-02-01T00:00:00Z','"
               "fieldsV1':{'f:data':{"
               "'f:tls.crt':{}}}},{'manager':'mid','time':'2026-01-15T00:00:00Z'}],"
               "'ownerReferences':[{'kind':'Certificate','name':'c','uid':'u1','controller':true}],"
               "'labels':{'a':'1','b':'2'},'annotations':{'cert-manager.io/"
               "alt-names':'x.io','other/thing':'no',"
               "'kubectl.kubernetes.io/last-applied-configuration':'{}','dns.corp/hostname':'h.io',"
               "'networking.istio.io/exportTo':'.','external-dns.alpha.kubernetes.io/ttl':'5'},"
               "'resourceVersion':'42','uid':'u','generation':7,'creationTimestamp':'2026-01-01T00:"
               "00:10Z',"
               "'deletionTimestamp':'2026-01-01T00:00:20Z','namespace':'istio-system','name':'s'},"
               "'kind':'PartialObjectMetadata','apiVersion':'meta.k8s.io/v1'}");
    assert_string_equal(o->ns, "istio-system");
    assert_string_equal(o->name, "s");
    assert_string_equal(o->api_version, "meta.k8s.io/v1");
    assert_string_equal(o->writer, "new");
    assert_int_equal(o->written, time_parse("2026-02-01T00:00:00Z"));
    assert_int_equal(o->deleted - o->created, 10);
    assert_int_equal(o->generation, 7);
    assert_string_equal(object_label(o, "b"), "2");
    assert_null(object_label(o, "c"));
    assert_int_equal(o->annotations.n, 4);
    assert_string_equal(object_annotation(o, "dns.corp/hostname"), "h.io");
    assert_null(object_annotation(o, "kubectl.kubernetes.io/last-applied-configuration"));
    assert_int_equal(o->nowners, 1);
    assert_string_equal(o->owners[0].uid, "u1");
    const struct secret *s = OBJECT_AS(secret, o);
    assert_true(s->keys_known);
    assert_int_equal(s->keys.n, 2);
    assert_string_equal(s->keys.at[0], "tls.crt");
    assert_null(s->type);
    object_unref(o);

    // the splitter's summary says the same
    o = decode(KIND_SECRET,
               "{'metadata':{'name':'s','namespace':'n','managedFields':{'manager':'cert-manager',"
               "'time':'2026-02-01T00:00:00Z','keys':['tls.crt','tls.key']}}}");
    assert_string_equal(o->writer, "cert-manager");
    assert_int_equal(o->written, time_parse("2026-02-01T00:00:00Z"));
    assert_int_equal(OBJECT_AS(secret, o)->keys.n, 2);
    struct arena a;
    arena_init(&a);
    assert_string_equal(object_title(&a, o), "Secret n/s");
    arena_release(&a);
    object_unref(o);
}

static void secret_of_a_file(void **state)
{
    (void)state;
    const struct object *o = decode(
        KIND_SECRET,
        "{'metadata':{'name':'s'},'type':'kubernetes.io/tls','data':{'tls.crt':'QUJDCkRFRgo=',"
        "'tls.key':'c2VjcmV0'},'stringData':{'note':'x'}}");
    const struct secret *s = OBJECT_AS(secret, o);
    assert_string_equal(s->type, "kubernetes.io/tls");
    assert_int_equal(s->keys.n, 3);
    assert_string_equal(s->tls_crt, "ABC\nDEF\n");
    assert_false(s->empty_key);
    // nothing of the key is in the block
    for (size_t i = 0; i + 6 <= block_size(o); i++) {
        assert_int_not_equal(memcmp((const char *)o + i, "secret", 6), 0);
        assert_int_not_equal(memcmp((const char *)o + i, "c2Vjcm", 6), 0);
    }
    object_unref(o);
    o = decode(KIND_SECRET, "{'metadata':{'name':'s'},'data':{'cert':'QQ==','key':''}}");
    assert_true(OBJECT_AS(secret, o)->empty_key);
    assert_string_equal(OBJECT_AS(secret, o)->tls_crt, "A");
    object_unref(o);
    // cert and key come before tls.crt and tls.key (docs/rules/certificates.md#stored-chain)
    o = decode(KIND_SECRET, "{'metadata':{'name':'s'},'data':{'tls.crt':'Qg==','tls.key':'QQ==',"
                            "'cert':'QQ==','key':'QQ=='}}");
    assert_string_equal(OBJECT_AS(secret, o)->tls_crt, "A");
    object_unref(o);
    o = decode(
        KIND_SECRET,
        "{'metadata':{'name':'s'},'data':{'tls.crt':'Qg==','tls.key':'QQ==','cert':'QQ=='}}");
    assert_string_equal(OBJECT_AS(secret, o)->tls_crt, "B");
    object_unref(o);
    o = decode(KIND_SECRET,
               "{'metadata':{'name':'s'},'data':{'tls.crt':'not base64','tls.key':'QQ=='}}");
    assert_int_equal(OBJECT_AS(secret, o)->keys.n, 2);
    object_unref(o);
}

static void core_kinds(void **state)
{
    (void)state;
    const struct object *o =
        decode(KIND_NAMESPACE, "{'status':{'phase':'Terminating'},'metadata':{'name':'n',"
                               "'namespace':'ignored'}}");
    assert_true(OBJECT_AS(namespace_object, o)->terminating);
    assert_string_equal(o->ns, "");
    object_unref(o);

    o = decode(KIND_SERVICE,
               "{'metadata':{'name':'s'},'spec':{'type':'LoadBalancer','clusterIP':'10.0.0.1',"
               "'selector':{'app':'x'},'externalIPs':['1.2.3.4'],'ports':[{'name':'http','port':80,"
               "'targetPort':8080},{'port':443,'targetPort':'https','protocol':'TCP'},{'port':81,"
               "'appProtocol':'http'}]},'status':{'loadBalancer':{'ingress':[{'hostname':'lb.aws'},"
               "{'ip':'5.6.7.8'}]}}}");
    const struct service *s = OBJECT_AS(service, o);
    assert_int_equal(s->nports, 3);
    assert_int_equal(s->ports[0].target_port, 8080);
    assert_null(s->ports[0].protocol);
    assert_string_equal(s->ports[1].target_name, "https");
    assert_int_equal(s->ports[1].target_port, 0);
    assert_string_equal(s->ports[2].app_protocol, "http");
    assert_string_equal(s->ingress[0].hostname, "lb.aws");
    assert_string_equal(s->ingress[1].ip, "5.6.7.8");
    assert_string_equal(s->external_ips.at[0], "1.2.3.4");
    object_unref(o);

    o = decode(
        KIND_INGRESS,
        "{'metadata':{'name':'i'},'spec':{'ingressClassName':'nginx','rules':[{'host':'a.io'},"
        "{'http':{}},{'host':'b.io'}],'tls':[{'hosts':['a.io','c.io']}]}}");
    assert_int_equal(OBJECT_AS(ingress, o)->hosts.n, 2);
    assert_string_equal(OBJECT_AS(ingress, o)->tls_hosts.at[1], "c.io");
    object_unref(o);

    o = decode(KIND_POD,
               "{'metadata':{'name':'p','labels':{'istio':'i'}},'spec':{'initContainers':[{'name':"
               "'istio-proxy'}]},'status':{'conditions':[{'type':'Ready','status':'True'}]}}");
    assert_true(OBJECT_AS(pod, o)->has_proxy && OBJECT_AS(pod, o)->ready);
    object_unref(o);

    o = decode(KIND_ENDPOINTSLICE,
               "{'metadata':{'name':'e','labels':{'kubernetes.io/service-name':'web'}},"
               "'endpoints':[{'conditions':{'ready':true}},{'conditions':{'ready':false}},{}]}");
    assert_string_equal(OBJECT_AS(endpointslice, o)->service, "web");
    assert_int_equal(OBJECT_AS(endpointslice, o)->ready, 2);
    object_unref(o);

    o = decode(
        KIND_DEPLOYMENT,
        "{'metadata':{'name':'d'},'spec':{'template':{'spec':{'containers':[{'name':'side',"
        "'image':'x'},{'name':'dns','image':'registry.k8s.io/external-dns/external-dns:v0.22',"
        "'command':['/bin/external-dns','--txt-prefix=a'],'args':['--source','service']}]}}}}");
    assert_int_equal(OBJECT_AS(deployment, o)->args.n, 3);
    assert_string_equal(OBJECT_AS(deployment, o)->args.at[2], "service");
    object_unref(o);

    o = decode(KIND_EVENT, "{'metadata':{'name':'e'},'reason':'Presented','type':'Normal','message'"
                           ":'a\\nb','eventTime':"
                           "'2026-01-01T00:00:00.123456Z','firstTimestamp':null,'lastTimestamp':"
                           "null,'series':{'count':3,"
                           "'lastObservedTime':'2026-01-01T00:01:00Z'},'reportingComponent':'cm',"
                           "'involvedObject':{'kind':'Challenge','name':'c','uid':'u'}}");
    const struct event *e = OBJECT_AS(event, o);
    assert_string_equal(e->message, "a b");
    assert_string_equal(e->source, "cm");
    assert_int_equal(e->count, 3);
    assert_int_equal(e->last - e->first, 60);
    assert_string_equal(e->about_kind, "Challenge");
    object_unref(o);

    o = decode(
        KIND_CANARY,
        "{'metadata':{'name':'c'},'spec':{'targetRef':{'kind':'Deployment','name':'d'},'service':{"
        "'hosts':['a.io']}},"
        "'status':{'phase':'Progressing','canaryWeight':15}}");
    assert_string_equal(OBJECT_AS(canary, o)->target_name, "d");
    assert_string_equal(OBJECT_AS(canary, o)->hosts.at[0], "a.io");
    assert_string_equal(OBJECT_AS(canary, o)->phase, "Progressing");
    assert_int_equal(OBJECT_AS(canary, o)->weight, 15);
    object_unref(o);

    o = decode(KIND_STATEFULSET,
               "{'metadata':{'name':'s'},'spec':{'template':{'metadata':{'labels':{'a':'b'}}}}}");
    assert_string_equal(OBJECT_AS(deployment, o)->pod_labels.at[0].value, "b");
    object_unref(o);

    o = decode(KIND_SEALEDSECRET, "{'metadata':{'name':'s'},'spec':{'template':{'metadata':"
                                  "{'name':'not-taken'}}}}");
    assert_string_equal(OBJECT_AS(secret_source, o)->secrets.at[0], "s");
    object_unref(o);
    o = decode(KIND_EXTERNALSECRET, "{'metadata':{'name':'s'},'spec':{'target':{'name':'t'}}}");
    assert_string_equal(OBJECT_AS(secret_source, o)->secrets.at[0], "t");
    object_unref(o);
    o = decode(KIND_EXTERNALSECRET, "{'metadata':{'name':'s'},'spec':{}}");
    assert_string_equal(OBJECT_AS(secret_source, o)->secrets.at[0], "s");
    object_unref(o);
    o = decode(KIND_SECRETPROVIDERCLASS,
               "{'metadata':{'name':'s'},'spec':{'secretObjects':[{'secretName':'u'},"
               "{'secretName':'v'}]}}");
    assert_int_equal(OBJECT_AS(secret_source, o)->secrets.n, 2);
    assert_string_equal(OBJECT_AS(secret_source, o)->secrets.at[1], "v");
    object_unref(o);

    o = decode(KIND_K8S_GATEWAY,
               "{'metadata':{'name':'g'},'spec':{'listeners':[{'hostname':'a.io'},{}]}}");
    assert_string_equal(OBJECT_AS(k8s_gateway, o)->hostnames.at[1], "");
    object_unref(o);
}

static void virtualservice_rules(void **state)
{
    (void)state;
    const struct object *o = decode(
        KIND_VIRTUALSERVICE,
        "{'spec':{'http':[{'mirrorPercent':20,'mirror':{'host':'m'},'match':[{'ignoreUriCase':true,"
        "'uri':{'prefix':'/a'},"
        "'headers':{'x':{},'y':null,'z':{'exact':'1'}},'queryParams':{'q':{'regex':'.*'}},'port':"
        "8080,"
        "'method':{'exact':'GET'},'gateways':['mesh']},{'uri':{'exact':''}},{}],'route':[{'"
        "destination':{'host':'a',"
        "'subset':'v1','port':{'number':80}},'weight':1,'headers':{'request':{'set':{'h':'v'},'"
        "remove':['r']}}},"
        "{'weight':'3','destination':{'host':'b'}}],'timeout':'1.5s','retries':{'attempts':0,'"
        "perTryTimeout':'2s'},"
        "'fault':{'abort':{'httpStatus':503,'percentage':{'value':50.5}},'delay':{'fixedDelay':'5s'"
        "}},"
        "'corsPolicy':{'allowOrigins':[{'exact':'*'}],'maxAge':'24h'},'rewrite':{'uriRegexRewrite':"
        "{'match':'a',"
        "'rewrite':'b'}}},null,{'name':'r','redirect':{'uri':'/"
        "x','redirectCode':302,'derivePort':1}},"
        "{'directResponse':{'status':200,'body':{'bytes':'QUJD'}}},{'delegate':{'name':'d','"
        "namespace':'n'}},"
        "{'match':[],'route':[]}],'hosts':['a.io'],'exportTo':['.']},'metadata':{'name':'v'}}");
    const struct virtualservice *v = OBJECT_AS(virtualservice, o);
    assert_int_equal(v->gateways.n, 0);
    assert_int_equal(v->nhttp, 6);
    const struct http_rule *r = v->http;
    assert_int_equal(r->nmatches, 3);
    assert_int_equal(r->matches[0].uri.type, MATCH_PREFIX);
    const struct http_match_more *m = r->matches[0].more;
    assert_true(m->ignore_uri_case && m->port == 8080 && m->port_set);
    assert_int_equal(m->nheaders, 3);
    assert_int_equal(m->headers[1].match.type, MATCH_EMPTY); // a null entry is {}
    assert_string_equal(m->headers[2].match.text, "1");
    assert_int_equal(m->query_params[0].match.type, MATCH_REGEX);
    assert_string_equal(m->gateways.at[0], "mesh");
    assert_int_equal(r->matches[1].uri.type, MATCH_EXACT);
    assert_null(r->matches[1].more);
    assert_int_equal(r->matches[2].uri.type, MATCH_ABSENT);
    assert_int_equal(r->nroutes, 2);
    assert_int_equal(r->routes[0].destination.port, 80);
    assert_string_equal(r->routes[0].headers->request.remove.at[0], "r");
    assert_int_equal(r->routes[1].weight, 3); // a number in quotes
    assert_false(r->routes[1].destination.port_set);
    assert_int_equal(r->more->timeout, 1500);
    assert_true(r->more->retries->attempts_set);
    assert_int_equal(r->more->retries->per_try_timeout, 2000);
    assert_int_equal(r->more->fault->fixed_delay, 5000);
    assert_true(r->more->fault->abort_percentage.value > 50.4);
    assert_false(r->more->fault->delay_percentage.set);
    assert_true(r->more->mirror->percentage.set && r->more->mirror->percentage.value == 20.0);
    assert_int_equal(r->more->cors->max_age, 86400000);
    assert_true(r->more->rewrite->regex_set);
    assert_true(v->http[1].null_entry);
    assert_int_equal(v->http[1].nroutes, 0);
    assert_string_equal(v->http[2].more->redirect->derive_port, "FROM_REQUEST_PORT");
    assert_int_equal(v->http[2].more->redirect->code, 302);
    assert_int_equal(v->http[3].more->direct_response->length, 3);
    assert_true(v->http[4].more->delegate);
    assert_string_equal(v->http[4].more->delegate_ns, "n");
    assert_int_equal(v->http[5].nmatches, 0);
    assert_null(v->http[5].more);
    object_unref(o);

    // snake_case, and scalars and mappings where lists belong
    o = decode(KIND_VIRTUALSERVICE, "{'metadata':{'name':'v'},'spec':{'hosts':'a.io','gateways':'g'"
                                    ",'export_to':['*'],'http':{'match':{'uri':"
                                    "{'prefix':'/"
                                    "'},'without_headers':{'h':{}},'ignore_uri_case':true},'route':"
                                    "{'destination':{'host':'x','port':9080}},"
                                    "'mirror_percent':5},'tls':[{'match':[{'sni_hosts':['a.io'],'"
                                    "port':'443'}],'route':[{'destination':{'host':'t'}}]}]}}");
    v = OBJECT_AS(virtualservice, o);
    assert_string_equal(v->hosts.at[0], "a.io");
    assert_string_equal(v->export_to.at[0], "*");
    assert_int_equal(v->nhttp, 1);
    assert_int_equal(v->http[0].matches[0].more->nwithout_headers, 1);
    assert_true(v->http[0].matches[0].more->ignore_uri_case);
    assert_int_equal(v->http[0].routes[0].destination.port, 9080);
    assert_int_equal(v->http[0].more->mirror_percent, 5);
    assert_string_equal(v->tls[0].matches[0].sni_hosts.at[0], "a.io");
    assert_int_equal(v->tls[0].matches[0].port, 443);
    object_unref(o);
}

static void other_istio_kinds(void **state)
{
    (void)state;
    const struct object *o = decode(
        KIND_GATEWAY,
        "{'metadata':{'name':'g'},'spec':{'servers':[{'hosts':['*'],'port':{'number':443,'protocol'"
        ":'HTTPS',"
        "'name':'https'},'tls':{'mode':1,'credentialName':'c','minProtocolVersion':3}},{'port':{'"
        "number':80},"
        "'tls':{'httpsRedirect':true}},{'tls':{'mode':'WRONG'}}],'selector':{'istio':'i'}}}");
    const struct gateway *g = OBJECT_AS(gateway, o);
    assert_int_equal(g->nservers, 3);
    assert_int_equal(g->servers[0].tls->mode, TLS_SIMPLE);
    assert_string_equal(g->servers[0].tls->mode_text, "SIMPLE");
    assert_string_equal(g->servers[0].tls->more->min_version, "TLSV1_2");
    assert_int_equal(g->servers[1].tls->mode, TLS_PASSTHROUGH);
    assert_false(g->servers[1].tls->mode_set);
    assert_true(g->servers[1].tls->https_redirect);
    assert_int_equal(g->servers[2].tls->mode, TLS_MODE_UNKNOWN);
    assert_false(g->servers[2].port_present);
    object_unref(o);

    o = decode(KIND_DESTINATIONRULE, "{'metadata':{'name':'d'},'spec':{'host':'cart','"
                                     "trafficPolicy':{'tls':{'mode':'SIMPLE'},'portLevelSettings':"
                                     "[{'port':{'number':80}},{'port':{'number':443},'tls':{'mode':"
                                     "'MUTUAL','credentialName':'c'}}]},"
                                     "'subsets':[{'name':'v1','labels':{'version':'v1'},'"
                                     "trafficPolicy':{}},{'name':'v2'}],'workloadSelector':{}}}");
    const struct destinationrule *d = OBJECT_AS(destinationrule, o);
    assert_true(d->has_policy && d->policy.has_tls && !d->policy.empty && d->has_workload_selector);
    assert_int_equal(d->policy.nports, 1);
    assert_int_equal(d->policy.ports[0].port, 443);
    assert_int_equal(d->nsubsets, 2);
    assert_true(d->subsets[0].has_policy && d->subsets[0].policy.empty);
    assert_false(d->subsets[1].has_policy);
    object_unref(o);

    o = decode(
        KIND_SERVICEENTRY,
        "{'metadata':{'name':'s'},'spec':{'hosts':['api.io'],'ports':[{'number':443,'name':'https'}"
        "],"
        "'resolution':2,'endpoints':[{'address':'1.1.1.1','labels':{'a':'b'}}],"
        "'workloadSelector':{'labels':{'x':'y'}}},'status':{'addresses':[{'value':'240.0.0.1'}]}}");
    const struct serviceentry *s = OBJECT_AS(serviceentry, o);
    assert_string_equal(s->resolution, "DNS");
    assert_string_equal(s->endpoints[0].address, "1.1.1.1");
    assert_string_equal(s->status_addresses.at[0], "240.0.0.1");
    assert_true(s->has_workload_selector);
    object_unref(o);

    o = decode(KIND_REQUESTAUTHENTICATION,
               "{'metadata':{'name':'r'},'spec':{'selector':{'matchLabels':{'a':'b'}}}}");
    assert_int_equal(OBJECT_AS(workload_policy, o)->selector.n, 1);
    object_unref(o);

    o = decode(KIND_AUTHORIZATIONPOLICY,
               "{'metadata':{'name':'p'},'spec':{'action':'DENY','targetRefs':[{'name':'g'}]}}");
    assert_string_equal(OBJECT_AS(workload_policy, o)->action, "DENY");
    assert_true(OBJECT_AS(workload_policy, o)->elsewhere);
    object_unref(o);

    o = decode(KIND_ENVOYFILTER,
               "{'metadata':{'name':'f'},'spec':{'workloadSelector':{'labels':{'a':'b'}},"
               "'configPatches':[{'match':{'context':'SIDECAR_INBOUND'}}]}}");
    assert_int_equal(OBJECT_AS(workload_policy, o)->selector.n, 1);
    assert_true(OBJECT_AS(workload_policy, o)->elsewhere);
    object_unref(o);

    o = decode(KIND_ENVOYFILTER,
               "{'metadata':{'name':'f'},'spec':{'configPatches':[{'match':{"
               "'context':'SIDECAR_INBOUND'}},{'match':{'context':'GATEWAY'}}]}}");
    assert_false(OBJECT_AS(workload_policy, o)->elsewhere);
    object_unref(o);
}

static void certmanager_now(void **state)
{
    (void)state;
    const struct object *o =
        decode(KIND_CERTIFICATE, "{'status':{'conditions':[{'type':'Issuing','status':'True','"
                                 "reason':'Renewing','message':'m'},{'type':'Ready',"
                                 "'status':'False','observedGeneration':2,'lastTransitionTime':'"
                                 "2026-01-01T00:00:00Z'}],'notAfter':"
                                 "'2026-04-01T00:00:00Z','revision':3,'failedIssuanceAttempts':2,'"
                                 "nextPrivateKeySecretName':'k'},"
                                 "'spec':{'secretName':'s','issuerRef':{'name':'le','kind':'"
                                 "ClusterIssuer'},'dnsNames':['*.a.io'],"
                                 "'duration':'2160h0m0s','renewBeforePercentage':25,'privateKey':{'"
                                 "algorithm':'ECDSA','size':256,"
                                 "'rotationPolicy':'Always'},'isCA':true,'uris':['u'],'"
                                 "emailAddresses':['e']},'metadata':{'name':'c'}}");
    const struct certificate *c = OBJECT_AS(certificate, o);
    assert_string_equal(condition_find(&c->conditions, "Ready")->type, "Ready");
    assert_int_equal(condition_find(&c->conditions, "Ready")->status, CONDITION_FALSE);
    assert_int_equal(condition_find(&c->conditions, "Ready")->observed_generation, 2);
    assert_null(condition_find(&c->conditions, "Other"));
    assert_int_equal(c->duration, 7776000000);
    assert_int_equal(c->renew_before, DURATION_NONE);
    assert_int_equal(c->renew_before_percentage, 25);
    assert_int_equal(c->revision, 3);
    assert_int_equal(c->not_before, TIME_NONE);
    assert_string_equal(c->key_algorithm, "ECDSA");
    assert_string_equal(c->uris.at[0], "u");
    object_unref(o);

    o = decode(KIND_CHALLENGE, "{'metadata':{'name':'c','finalizers':['acme.cert-manager.io/"
                               "finalizer']},'spec':{'dnsName':"
                               "'a.io','type':'DNS-01','wildcard':true,'token':'secret-token','key'"
                               ":'secret-key','solver':{'dns01':{"
                               "'cnameStrategy':'Follow','route53':{'region':'x'}}}},'status':{'"
                               "state':'pending','presented':true}}");
    const struct challenge *h = OBJECT_AS(challenge, o);
    assert_string_equal(h->type, "DNS-01");
    assert_int_equal(h->finalizers.n, 1);
    for (size_t i = 0; i + 7 <= block_size(o); i++) {
        assert_int_not_equal(memcmp((const char *)o + i, "secret-", 7), 0);
    }
    object_unref(o);

    o = decode(KIND_CLUSTERISSUER, "{'metadata':{'name':'le'},'spec':{'acme':{'server':'https://"
                                   "x','email':'e','privateKeySecretRef':{'name':'k'},"
                                   "'solvers':[{'selector':{'dnsZones':['a.io'],'matchLabels':{'l':"
                                   "'1'}},'dns01':{'cloudDNS':{}}},{'http01':{'ingress':{}}}]}},"
                                   "'status':{'acme':{'uri':'u','lastRegisteredEmail':'e'},'"
                                   "conditions':[{'type':'Ready','status':'True'}]}}");
    const struct issuer *i = OBJECT_AS(issuer, o);
    assert_int_equal(i->type, ISSUER_ACME);
    assert_int_equal(i->nsolvers, 2);
    assert_string_equal(i->solvers[0].provider, "cloudDNS");
    assert_true(i->solvers[1].http01);
    assert_string_equal(i->account_uri, "u");
    object_unref(o);

    o = decode(KIND_ORDER, "{'metadata':{'name':'o'},'spec':{'dnsNames':['a.io'],'issuerRef':{'"
                           "name':'le'}},'status':{'state':"
                           "'errored','reason':'x\\n\\ty','certificate':'QQ==','authorizations':[{'"
                           "identifier':'a.io','wildcard':true,"
                           "'challenges':[{'type':'dns-01','url':'u','token':'t'}]}]}}");
    assert_string_equal(OBJECT_AS(order, o)->reason, "x y");
    assert_string_equal(OBJECT_AS(order, o)->state, "errored");
    object_unref(o);
}

static void certmanager_legacy(void **state)
{
    (void)state;
    const struct object *o =
        decode(KIND_CERTIFICATE, "{'apiVersion':'certmanager.k8s.io/"
                                 "v1alpha1','metadata':{'name':'c'},'spec':{'secretName':'s',"
                                 "'keyAlgorithm':'rsa','keySize':2048,'uriSANs':['u'],'emailSANs':["
                                 "'e'],'organization':['o']}}");
    assert_string_equal(OBJECT_AS(certificate, o)->key_algorithm, "RSA");
    assert_int_equal(OBJECT_AS(certificate, o)->key_size, 2048);
    assert_string_equal(OBJECT_AS(certificate, o)->uris.at[0], "u");
    assert_string_equal(OBJECT_AS(certificate, o)->email_addresses.at[0], "e");
    assert_string_equal(o->api_version, "certmanager.k8s.io/v1alpha1");
    object_unref(o);

    // A Secret of v0.7 names its Certificate in a label (docs/rules/certificates.md#annotation-prefix).
    o = decode(KIND_SECRET, "{'metadata':{'name':'s','labels':{'certmanager.k8s.io/"
                            "certificate-name':'web'},'annotations':{'certmanager.k8s.io/"
                            "alt-names':'a.io'}}}");
    assert_string_equal(object_certmanager_mark(o, "certificate-name"), "web");
    assert_string_equal(object_certmanager_mark(o, "alt-names"), "a.io");
    assert_null(object_certmanager_mark(o, "issuer-name"));
    object_unref(o);
    // Annotations before labels, the new prefix before the old one.
    o = decode(KIND_SECRET,
               "{'metadata':{'name':'s','labels':{'certmanager.k8s.io/certificate-name':'c',"
               "'certmanager.k8s.io/issuer-name':'c'},'annotations':{"
               "'certmanager.k8s.io/certificate-name':'b','certmanager.k8s.io/issuer-name':'b',"
               "'cert-manager.io/certificate-name':'a'}}}");
    assert_string_equal(object_certmanager_mark(o, "certificate-name"), "a");
    assert_string_equal(object_certmanager_mark(o, "issuer-name"), "b");
    object_unref(o);

    o = decode(KIND_CERTIFICATEREQUEST,
               "{'metadata':{'name':'r'},'spec':{'csr':'QUJD'},'status':{'certificate':'REVG'}}");
    assert_string_equal(OBJECT_AS(certificaterequest, o)->request, "QUJD");
    assert_string_equal(OBJECT_AS(certificaterequest, o)->certificate, "REVG");
    object_unref(o);

    o = decode(KIND_CHALLENGE, "{'metadata':{'name':'c'},'spec':{'authzURL':'u','type':'http-01','"
                               "config':{'http01':{'ingress':''}}}}");
    assert_string_equal(OBJECT_AS(challenge, o)->type, "HTTP-01");
    object_unref(o);
    o = decode(KIND_CHALLENGE, "{'metadata':{'name':'c'},'spec':{'type':'dns-01'}}");
    assert_string_equal(OBJECT_AS(challenge, o)->type, "DNS-01");
    object_unref(o);

    o = decode(KIND_ISSUER, "{'metadata':{'name':'i'},'spec':{'acme':{'http01':{},'dns01':{'"
                            "providers':[{'name':'prod','route53':{}},"
                            "{'name':'az','azuredns':{}}]}}}}");
    const struct issuer *i = OBJECT_AS(issuer, o);
    assert_int_equal(i->nsolvers, 3);
    assert_true(i->solvers[0].http01);
    assert_string_equal(i->solvers[1].provider, "route53");
    assert_string_equal(i->solvers[2].provider, "azureDNS");
    object_unref(o);
}

static void hostile_text(void **state)
{
    (void)state;
    const struct object *o = decode(
        KIND_CERTIFICATE, "{'metadata':{'name':'a\\u001b[31mb','labels':{'k\\u0007':'\\u202ev'}},"
                          "'status':{'conditions':[{'type':'Ready','status':'False','message':"
                          "'one\\r\\n\\ttwo\\u0085'}]}}");
    const char *strings[] = {o->name, o->labels.at[0].key, o->labels.at[0].value,
                             OBJECT_AS(certificate, o)->conditions.at[0].message};
    for (size_t i = 0; i < 4; i++) {
        assert_true(text_is_clean(strings[i], strlen(strings[i])));
    }
    assert_int_equal(strncmp(strings[3], "one two", 7), 0);
    object_unref(o);

    // a string of a megabyte is cut, and the block has just its size
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "{\"metadata\":{\"name\":\"x\"},\"spec\":{\"commonName\":\"");
    for (int i = 0; i < 1 << 20; i++) {
        buf_addc(&b, i % 7 == 0 ? '\x01' : 'x');
    }
    buf_adds(&b, "\",\"dnsNames\":[");
    for (int i = 0; i < 20000; i++) {
        buf_adds(&b, i > 0 ? ",\"\"" : "\"\"");
    }
    buf_adds(&b, "]}}");
    for (char *c = b.data; *c != '\0'; c++) {
        *c = *c == '\x01' ? '~' : *c;
    }
    struct err e;
    o = object_decode_text(KIND_CERTIFICATE, "cert-manager.io/v1", b.data, b.len, NULL, &e);
    buf_release(&b);
    assert_non_null(o);
    assert_true(strlen(OBJECT_AS(certificate, o)->common_name) <= 65536);
    assert_true(str_ends(OBJECT_AS(certificate, o)->common_name, "\xE2\x80\xA6"));
    assert_int_equal(OBJECT_AS(certificate, o)->dns_names.n, 20000);
    object_unref(o);
}

static void refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"[]",
                                      "{}",
                                      "{\"metadata\":{}}",
                                      "{\"metadata\":{\"name\":\"\"}}",
                                      "{\"metadata\":{\"name\":7}}",
                                      "\"x\"",
                                      "{",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        assert_null(object_decode_text(KIND_SERVICE, "v1", bad[i], strlen(bad[i]), NULL, &e));
        assert_int_equal(e.code, ERR_PARSE);
        assert_true(e.msg[0] != '\0');
    }
}

// Every field of every kind with a value of a wrong type: something is left out, nothing else happens.
static void any_type_anywhere(void **state)
{
    (void)state;
    static const char *const keys[] = {"hosts",
                                       "gateways",
                                       "http",
                                       "tls",
                                       "tcp",
                                       "exportTo",
                                       "selector",
                                       "servers",
                                       "subsets",
                                       "ports",
                                       "endpoints",
                                       "rules",
                                       "trafficPolicy",
                                       "acme",
                                       "ca",
                                       "solvers",
                                       "dnsNames",
                                       "issuerRef",
                                       "privateKey",
                                       "duration",
                                       "conditions",
                                       "solver",
                                       "listeners",
                                       "template",
                                       "targetRef",
                                       "service",
                                       "analysis",
                                       "workloadSelector",
                                       "addresses",
                                       "authorizations",
                                       "challenges",
                                       "loadBalancer",
                                       "initContainers",
                                       "renewal",
                                       "config"};
    static const char *const values[] = {
        "null",
        "true",
        "7",
        "\"x\"",
        "[null,1,\"s\",{},[]]",
        "{\"a\":{\"b\":[1]}}",
        "[[]]",
        "{\"match\":[null],\"route\":7,\"port\":[],\"tls\":3,\"mirrors\":{}}"};
    static const struct decode_source a_file = {.file = "f.yaml", .default_ns = "default"};
    size_t decoded = 0;
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                char *text =
                    xasprintf("{\"metadata\":{\"name\":\"n\",\"labels\":%s,\"annotations\":%s,"
                              "\"managedFields\":%s,"
                              "\"ownerReferences\":%s,\"finalizers\":%s},\"data\":%s,\"endpoints\":"
                              "%s,\"spec\":{\"%s\":%s},"
                              "\"status\":{\"%s\":%s}}",
                              values[v], values[v], values[v], values[v], values[v], values[v],
                              values[v], keys[i], values[v], keys[i], values[v]);
                struct err e;
                struct json *j = json_parse(text, strlen(text), &e);
                assert_non_null(j);
                const struct object *o = object_decode(k, "v1", j, &a_file, &e);
                assert_non_null(o);
                object_unref(o);
                json_free(j);
                free(text);
                decoded++;
            }
        }
    }
    printf("# %zu objects of odd types decoded\n", decoded);
}

static void as_service(void *o)
{
    (void)OBJECT_AS(service, (const struct object *)o);
}

// An object is only ever looked at as what it is.
static void another_kind_is_a_bug(void **state)
{
    (void)state;
    const struct object *o = decode(KIND_CLUSTERISSUER, "{'metadata':{'name':'i'}}");
    assert_ptr_equal(OBJECT_AS(issuer, o), o);
    assert_null(OBJECT_AS(issuer, (const struct object *)NULL));
    assert_ends(as_service, unconst(o), "BUG at");
    object_unref(o);
}

// --- the corpus

struct tally {
    size_t objects, bad, fatal, bytes;
};

static void count_object(void *self, const struct object *o)
{
    struct tally *t = self;
    t->objects++;
    t->bytes += block_size(o);
    for (uint32_t i = 0; i < o->source->nlints; i++) {
        t->fatal += o->source->lints[i].fatal ? 1 : 0;
    }
    object_unref(o);
}

static void count_bad(void *self, const char *file, int line, int column, const char *message)
{
    struct tally *t = self;
    t->bad++;
    print_message("%s:%d:%d: %s\n", file, line, column, message);
}

static void whole_corpus(void **state)
{
    (void)state;
    struct tally t = {0, 0, 0, 0};
    struct manifest_sink sink = {.object = count_object, .bad = count_bad, .self = &t};
    struct corpus_files f = corpus_list("trace", "", ".json", false);
    assert_true(f.n > 0);
    for (size_t i = 0; i < f.n; i++) {
        struct json *j = file_json(f.at[i]);
        const char *yaml = json_get_string(j, "objects");
        assert_non_null(yaml);
        assert_true(manifest_read_text(f.at[i], yaml, strlen(yaml), "default", &sink));
        json_free(j);
    }
    corpus_files_release(&f);
    f = corpus_list("certs", "list-", ".json", true);
    for (size_t i = 0; i < f.n; i++) {
        assert_true(manifest_read(f.at[i], "default", &sink));
    }
    corpus_files_release(&f);
    printf("# corpus: %zu objects of manifests and lists, %zu bytes each\n", t.objects,
           t.objects > 0 ? t.bytes / t.objects : 0);
    assert_true(t.objects > 0);
    assert_int_equal(t.bad, 0);
    assert_int_equal(t.fatal, 0);
}

static void watches(void **state)
{
    (void)state;
    struct corpus_files f = corpus_list("certs", "watch-", ".jsonl", true);
    size_t objects = 0, bytes = 0;
    clock_t spent = 0;
    for (size_t i = 0; i < f.n; i++) {
        size_t n;
        char *text = file_read(f.at[i], &n);
        for (char *s = text, *end; (end = strchr(s, '\n')) != NULL; s = end + 1) {
            struct err e;
            struct json *j = json_parse(s, (size_t)(end - s), &e);
            const struct json *object = json_get(j, "object");
            const char *type = json_get_string(j, "type");
            assert_non_null(type);
            if (strcmp(type, "BOOKMARK") != 0 && strcmp(type, "ERROR") != 0) {
                const char *version = json_get_string(object, "apiVersion");
                enum kind k = kind_find(version, json_get_string(object, "kind"));
                k = k == KIND_COUNT ? KIND_SECRET : k; // PartialObjectMetadata
                clock_t t0 = clock();
                const struct object *o = object_decode(k, version, object, NULL, &e);
                spent += clock() - t0;
                assert_non_null(o);
                objects++;
                bytes += block_size(o);
                object_unref(o);
            }
            json_free(j);
        }
        free(text);
    }
    corpus_files_release(&f);
    printf("# corpus: %zu objects of watches, %zu bytes each, decoded in %.1f us each\n", objects,
           objects > 0 ? bytes / objects : 0,
           objects > 0 ? (double)spent * 1e6 / CLOCKS_PER_SEC / (double)objects : 0.0);
    assert_true(objects > 0);
}

static void references(void **state)
{
    (void)state;
    const struct object *o = decode(KIND_POD, "{'metadata':{'name':'p'}}");
    assert_ptr_equal(object_ref(o), o);
    object_unref(o);
    assert_string_equal(o->name, "p");
    object_unref(o);
    object_unref(NULL);
    struct str_pair have[] = {{"a", "1"}, {"b", "2"}, {"a", "3"}},
                    want[] = {{"b", "2"}, {"a", "3"}};
    struct str_map labels = {have, 3}, selector = {want, 2}, none = {NULL, 0};
    assert_true(labels_match(&selector, &labels)); // of equal keys the last counts
    assert_true(labels_match(&none, &none));
    assert_false(labels_match(&selector, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata),
        cmocka_unit_test(secret_of_a_file),
        cmocka_unit_test(core_kinds),
        cmocka_unit_test(references),
        cmocka_unit_test(virtualservice_rules),
        cmocka_unit_test(other_istio_kinds),
        cmocka_unit_test(certmanager_now),
        cmocka_unit_test(certmanager_legacy),
        cmocka_unit_test(hostile_text),
        cmocka_unit_test(refused),
        cmocka_unit_test(any_type_anywhere),
        cmocka_unit_test(another_kind_is_a_bug),
        cmocka_unit_test(whole_corpus),
        cmocka_unit_test(watches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
