// SPDX-License-Identifier: Apache-2.0
// The story a demo watches: three tracks over the sample platform that repeat for ever.
//
//  1. Namespace shop-staging is created with an application; its wildcard Certificate goes through
//     CertificateRequest, Order and two Challenges to issued, with cert-manager's conditions and events
//     in the order a real one was recorded; after a while all of it is deleted and it begins again.
//  2. The canary orders-staging/orders: its weight moves by 10 every other step, is promoted, and a new
//     revision follows.
//  3. storefront-production/catalog: /api/recommendations moves from the monolith to a new service, first
//     a part of the requests, then all, and later back.
#include "kube/base/arena.h"
#include "kube/base/attr.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "tests/apisim/apisim_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "lead.sandbox.example.io"
#define CERT "shop-staging"
#define REQUEST CERT "-1"
#define ORDER REQUEST "-3409067639"
#define HOST CERT "." DOMAIN
#define ACME "https://acme-v02.api.letsencrypt.org/acme/"
#define CM "cert-manager.io/v1"
#define CM_ACME "acme.cert-manager.io/v1"

enum { SHOP_STEPS = 36, SPLIT_STEPS = 40, EVENTS_KEPT = 256 };

struct sim_story {
    int64_t step_ms, next_ms;
    int shop, split, canary, hold;
    int weight;
    unsigned event;
    char *events[EVENTS_KEPT]; // keys; a real server forgets Events after an hour
    char at[SHOP_STEPS][24];   // when the shop's steps happened
};

void sim_story_free(struct sim_story *st)
{
    for (size_t i = 0; st != NULL && i < EVENTS_KEPT; i++) {
        free(st->events[i]);
    }
    free(st);
}

// Applies an object written with ' for ".
static void PRINTF_LIKE(2, 3) put(struct apisim *s, const char *fmt, ...)
{
    struct buf b;
    struct err err = {0};
    buf_init(&b, 0);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < b.len; i++) {
        b.data[i] = b.data[i] == '\'' ? '"' : b.data[i];
    }
    struct json *j = json_parse(b.data, b.len, &err);
    if (j == NULL || sim_apply(s, j, &err) == 0) {
        fprintf(stderr, "apisim story: %s\n", err.msg); // the user deleted what the story needs
    }
    json_free(j);
    buf_release(&b);
}

static void drop(struct apisim *s, const char *resource, const char *key)
{
    sim_delete(s, sim_find(s, resource), key);
}

// A JSON text of message with its quotes escaped, in a's memory, for use between ' '.
static const char *escaped(struct arena *a, const char *message)
{
    struct buf b;
    buf_init(&b, 0);
    json_quote(&b, message, strlen(message));
    const char *text = arena_strndup(a, b.data + 1, b.len - 2);
    buf_release(&b);
    return text;
}

struct about {
    const char *api, *kind, *ns, *name;
};
static const struct about CERTIFICATE = {CM, "Certificate", "istio-system", CERT};
static const struct about CR = {CM, "CertificateRequest", "istio-system", REQUEST};
static const struct about ACME_ORDER = {CM_ACME, "Order", "istio-system", ORDER};

static void event(struct apisim *s, const struct about *o, const char *component,
                  const char *reason, const char *message)
{
    struct arena a;
    arena_init(&a);
    struct sim_resource *r = sim_find_kind(s, o->api, o->kind);
    bool found = false;
    size_t at = r != NULL ? sim_index(r, arena_printf(&a, "%s/%s", o->ns, o->name), &found) : 0;
    char **key = &s->story->events[++s->story->event % EVENTS_KEPT];
    if (*key != NULL) {
        drop(s, "events", *key);
        free(*key);
    }
    *key = xasprintf("%s/%s.18eac07b%08x", o->ns, o->name, s->story->event);
    put(s,
        "{'apiVersion':'v1','kind':'Event','metadata':{'name':'%s.18eac07b%08x','namespace':'%s'},"
        "'involvedObject':{'kind':'%s','namespace':'%s','name':'%s','uid':'%s','apiVersion':'%s'},"
        "'reason':'%s','message':'%s','source':{'component':'%s'},'firstTimestamp':'@now',"
        "'lastTimestamp':'@now','count':1,'type':'Normal','eventTime':null,'reportingComponent':'%"
        "s',"
        "'reportingInstance':''}",
        o->name, s->story->event, o->ns, o->kind, o->ns, o->name, found ? r->objects[at]->uid : "",
        o->api, reason, escaped(&a, message), component, component);
    arena_release(&a);
}

// ---- track 1: shop-staging

static void application(struct apisim *s)
{
    put(s,
        "{'apiVersion':'v1','kind':'Service','metadata':{'name':'shop','namespace':'" CERT
        "','labels':{'app':'shop'}},'spec':{'ports':[{'name':'http','protocol':'TCP','port':8080,"
        "'targetPort':8080}],'selector':{'app':'shop'},'clusterIP':'172.20.30.1','type':'ClusterIP'"
        ","
        "'sessionAffinity':'None'},'status':{'loadBalancer':{}}}");
    put(s, "{'apiVersion':'discovery.k8s.io/"
           "v1','kind':'EndpointSlice','metadata':{'name':'shop-7x2kq',"
           "'namespace':'" CERT
           "','labels':{'kubernetes.io/service-name':'shop'}},'addressType':'IPv4',"
           "'endpoints':[{'addresses':['10.0.1.30'],'conditions':{'ready':true}}],'ports':[{'name':"
           "'http','port':8080,'protocol':'TCP'}]}");
    put(s,
        "{'apiVersion':'networking.istio.io/v1','kind':'Gateway','metadata':{'name':'shop-gateway',"
        "'namespace':'" CERT
        "'},'spec':{'selector':{'istio':'ingressgateway'},'servers':[{'hosts':['shop." HOST
        "'],'port':{'name':'http','number':80,'protocol':'HTTP'},'tls':{'httpsRedirect':true}},"
        "{'hosts':['shop." HOST "'],'port':{'name':'https','number':443,'protocol':'HTTPS'},'tls':{"
        "'credentialName':'" CERT "-certificate','mode':'SIMPLE'}}]}}");
    put(s,
        "{'apiVersion':'networking.istio.io/v1','kind':'VirtualService','metadata':{'name':'shop',"
        "'namespace':'" CERT "'},'spec':{'gateways':['shop-gateway'],'hosts':['shop." HOST
        "'],'http':[{"
        "'match':[{'uri':{'prefix':'/api/"
        "'}}],'route':[{'destination':{'host':'shop','port':{'number':"
        "8080}}}]},{'route':[{'destination':{'host':'shop','port':{'number':8080}}}]}]}}");
}

// conditions and more: the inside of status, "" for none.
static void certificate(struct apisim *s, const char *status)
{
    put(s,
        "{'apiVersion':'" CM "','kind':'Certificate','metadata':{'name':'" CERT "','namespace':"
        "'istio-system','annotations':{'cert-manager.io/"
        "issue-temporary-certificate':'true'}},'spec':{"
        "'dnsNames':['" HOST "','*." HOST "'],'issuerRef':{'kind':'ClusterIssuer','name':"
        "'letsencrypt-dns'},'secretName':'" CERT "-certificate'}%s%s%s}",
        status[0] != '\0' ? ",'status':{" : "", status, status[0] != '\0' ? "}" : "");
}

static const char *condition(struct arena *a, const char *type, const char *status,
                             const char *reason, const char *at, const char *message)
{
    return arena_printf(
        a,
        "{'type':'%s','status':'%s','reason':'%s','message':'%s','observedGeneration':1,"
        "'lastTransitionTime':'%s'}",
        type, status, reason, escaped(a, message), at);
}

static const char ABSENT[] = "Issuing certificate as Secret does not exist";
static const char APPROVED[] = "Certificate request has been approved by cert-manager.io";

// ready: NULL, or the CertificateRequest's Ready condition as "True" or "False".
static void request(struct apisim *s, bool approved, const char *ready, const char *reason,
                    const char *message, const char *more)
{
    struct arena a;
    arena_init(&a);
    const struct sim_story *st = s->story;
    struct buf c;
    buf_init(&c, 0);
    if (approved) {
        buf_adds(&c, condition(&a, "Approved", "True", "cert-manager.io", st->at[5], APPROVED));
    }
    if (ready != NULL) {
        buf_addf(&c, ",%s",
                 condition(&a, "Ready", ready, reason, st->at[ready[0] == 'T' ? 16 : 5], message));
    }
    put(s,
        "{'apiVersion':'" CM "','kind':'CertificateRequest','metadata':{'name':'" REQUEST
        "','namespace':"
        "'istio-system','annotations':{'cert-manager.io/certificate-name':'" CERT "',"
        "'cert-manager.io/certificate-revision':'1','cert-manager.io/"
        "private-key-secret-name':'" CERT "-nxlk6'},'ownerReferences':[{'apiVersion':'" CM
        "','blockOwnerDeletion':true,'controller':true,"
        "'kind':'Certificate','name':'" CERT
        "'}]},'spec':{'issuerRef':{'kind':'ClusterIssuer','name':"
        "'letsencrypt-dns'},'request':'','username':'system:serviceaccount:cert-manager:cert-"
        "manager'}"
        "%s%s%s%s}",
        approved ? ",'status':{'conditions':[" : "", c.len > 0 ? c.data : "", approved ? "]" : "",
        approved ? arena_printf(&a, "%s}", more) : "");
    buf_release(&c);
    arena_release(&a);
}

static void pending(struct apisim *s, const char *message)
{
    request(s, true, "False", "Pending", message, "");
}

static void order(struct apisim *s, const char *state)
{
    struct arena a;
    arena_init(&a);
    const char *status = "";
    if (state[0] != '\0') {
        status = arena_printf(
            &a,
            ",'status':{'authorizations':[{'challenges':[{'token':'throw-away','type':'dns-01','"
            "url':'" ACME "chall/1'}],'identifier':'" HOST "','initialState':'pending','url':'" ACME
            "authz/1','wildcard':"
            "false},{'challenges':[{'token':'throw-away','type':'dns-01','url':'" ACME "chall/2'}],"
            "'identifier':'" HOST "','initialState':'pending','url':'" ACME
            "authz/2','wildcard':true}],"
            "'finalizeURL':'" ACME "finalize/1','state':'%s','url':'" ACME "order/1'}",
            state);
    }
    put(s,
        "{'apiVersion':'" CM_ACME "','kind':'Order','metadata':{'name':'" ORDER "','namespace':"
        "'istio-system','annotations':{'cert-manager.io/certificate-name':'" CERT "',"
        "'cert-manager.io/certificate-revision':'1'},'ownerReferences':[{'apiVersion':'" CM "',"
        "'blockOwnerDeletion':true,'controller':true,'kind':'CertificateRequest','name':'" REQUEST
        "'}]},"
        "'spec':{'dnsNames':['" HOST "','*." HOST "'],'issuerRef':{'kind':'ClusterIssuer','name':"
        "'letsencrypt-dns'},'request':''}%s}",
        status);
    arena_release(&a);
}

static const char *const CHALLENGES[] = {ORDER "-2455692806", ORDER "-4144363340"};

static void challenge(struct apisim *s, int n, const char *state, bool processing, bool presented,
                      const char *reason)
{
    struct arena a;
    arena_init(&a);
    char status[64] = "";
    if (state[0] != '\0') {
        snprintf(status, sizeof status, ",'state':'%s'", state);
    }
    put(s,
        "{'apiVersion':'" CM_ACME
        "','kind':'Challenge','metadata':{'name':'%s','namespace':'istio-system',"
        "'finalizers':['acme.cert-manager.io/finalizer'],'ownerReferences':[{'apiVersion':'" CM_ACME
        "','blockOwnerDeletion':true,'controller':true,'kind':'Order','name':'" ORDER
        "'}]},'spec':{"
        "'authorizationURL':'" ACME "authz/%d','dnsName':'" HOST
        "','issuerRef':{'kind':'ClusterIssuer',"
        "'name':'letsencrypt-dns'},'key':'throw-away','solver':{'dns01':{'route53':{'hostedZoneID':"
        "'Z0123456789EXAMPLE','region':'us-east-1'}},'selector':{}},'token':'throw-away','type':'"
        "DNS-01',"
        "'url':'" ACME
        "chall/%d','wildcard':%s},'status':{'presented':%s,'processing':%s%s%s%s%s}}",
        CHALLENGES[n], n + 1, n + 1, n == 1 ? "true" : "false", presented ? "true" : "false",
        processing ? "true" : "false", status, reason[0] != '\0' ? ",'reason':'" : "",
        escaped(&a, reason), reason[0] != '\0' ? "'" : "");
    arena_release(&a);
}

static void challenge_event(struct apisim *s, int n, const char *reason, const char *message)
{
    struct about o = {CM_ACME, "Challenge", "istio-system", CHALLENGES[n]};
    event(s, &o, "cert-manager-challenges", reason, message);
}

static void start_challenge(struct apisim *s, int n)
{
    challenge(s, n, "", true, false, "");
    challenge_event(s, n, "Started", "Challenge scheduled for processing");
    challenge(s, n, "pending", true, false, "");
    challenge_event(s, n, "Presented", "Presented challenge using DNS-01 challenge mechanism");
}

static void secret(struct apisim *s, bool temporary)
{
    put(s,
        "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'" CERT "-certificate','namespace':"
        "'istio-system','labels':{'controller.cert-manager.io/fao':'true'},'annotations':{"
        "'cert-manager.io/alt-names':'" HOST ",*." HOST
        "','cert-manager.io/certificate-name':'" CERT "',"
        "'cert-manager.io/common-name':'','cert-manager.io/ip-sans':'',%s'cert-manager.io/"
        "uri-sans':''}},"
        "'data':{'tls.crt':'','tls.key':''},'type':'kubernetes.io/tls'}",
        temporary
            ? "'cert-manager.io/subject-serialnumber':'1234567890',"
            : "'cert-manager.io/issuer-group':'','cert-manager.io/issuer-kind':'ClusterIssuer',"
              "'cert-manager.io/issuer-name':'letsencrypt-dns',");
}

static void issuing_status(struct apisim *s, const char *ready_reason, const char *ready_message,
                           const char *more)
{
    struct arena a;
    arena_init(&a);
    const struct sim_story *st = s->story;
    bool ready = str_eq(ready_reason, "Ready");
    certificate(s, arena_printf(&a, "'conditions':[%s,%s]%s",
                                condition(&a, "Ready", ready ? "True" : "False", ready_reason,
                                          st->at[ready ? 17 : 3], ready_message),
                                condition(&a, "Issuing", "True", "DoesNotExist", st->at[3], ABSENT),
                                more));
    arena_release(&a);
}

static const char NEXT_KEY[] = ",'nextPrivateKeySecretName':'" CERT "-nxlk6'";
static const char UP_TO_DATE[] = "Certificate is up to date and has not expired";
static const char LIFE[] = "'notBefore':'@now','notAfter':'@+90d','renewalTime':'@+60d'";

static void order_steps(struct apisim *s, int step)
{
    static const char waiting[] =
        "Waiting for DNS-01 challenge propagation: DNS record for \"" HOST "\" not yet propagated";
    static const char from_order[] =
        "Waiting on certificate issuance from order istio-system/" ORDER ": ";
    struct arena a;
    arena_init(&a);
    switch (step) {
    case 7:
        for (int n = 0; n < 2; n++) {
            challenge(s, n, "", false, false, "");
            event(s, &ACME_ORDER, "cert-manager-orders", "Created",
                  arena_printf(&a, "Created Challenge resource \"%s\" for domain \"" HOST "\"",
                               CHALLENGES[n]));
        }
        break;
    case 8:
    case 12:
        start_challenge(s, step == 12);
        break;
    case 10:
    case 13:
        challenge(s, step == 13, "pending", true, true, waiting);
        break;
    case 11:
    case 14:
        challenge_event(s, step == 14, "DomainVerified",
                        "Domain \"" HOST "\" verified with \"DNS-01\" validation");
        challenge(s, step == 14, "valid", true, true, "Successfully authorized domain");
        challenge(s, step == 14, "valid", false, false, "Successfully authorized domain");
        break;
    case 15:
        order(s, "ready");
        event(s, &ACME_ORDER, "cert-manager-orders", "Complete", "Order completed successfully");
        order(s, "valid");
        pending(s, arena_printf(&a, "%s\"ready\"", from_order));
        pending(
            s, "Waiting for order-controller to add certificate data to Order istio-system/" ORDER);
        break;
    default:
        break;
    }
    arena_release(&a);
}

static void issue_steps(struct apisim *s, int step)
{
    struct arena a;
    arena_init(&a);
    switch (step) {
    case 3:
        certificate(s, arena_printf(&a, "'conditions':[%s]",
                                    condition(&a, "Ready", "False", "DoesNotExist", s->story->at[3],
                                              ABSENT)));
        issuing_status(s, "DoesNotExist", ABSENT, "");
        event(s, &CERTIFICATE, "cert-manager-certificates-trigger", "Issuing", ABSENT);
        break;
    case 4:
        put(s, "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'" CERT
               "-nxlk6','namespace':'istio-system',"
               "'labels':{'cert-manager.io/next-private-key':'true','controller.cert-manager.io/"
               "fao':'true'},"
               "'ownerReferences':[{'apiVersion':'" CM "','kind':'Certificate','name':'" CERT
               "','controller':true,"
               "'blockOwnerDeletion':true}]},'data':{'tls.key':''},'type':'Opaque'}");
        event(s, &CERTIFICATE, "cert-manager-certificates-key-manager", "Generated",
              "Stored new private key in temporary Secret resource \"" CERT "-nxlk6\"");
        issuing_status(s, "DoesNotExist", ABSENT, NEXT_KEY);
        request(s, false, NULL, "", "", "");
        event(s, &CERTIFICATE, "cert-manager-certificates-request-manager", "Requested",
              "Created new CertificateRequest resource \"" REQUEST "\"");
        event(s, &CR, "cert-manager-certificaterequests-issuer-acme", "WaitingForApproval",
              "Not signing CertificateRequest until it is Approved");
        break;
    case 5:
        request(s, true, NULL, "", "", "");
        event(s, &CR, "cert-manager-certificaterequests-approver", "cert-manager.io", APPROVED);
        order(s, "");
        event(s, &CR, "cert-manager-certificaterequests-issuer-acme", "OrderCreated",
              "Created Order resource istio-system/" ORDER);
        pending(s, "Created Order resource istio-system/" ORDER);
        break;
    case 6:
        order(s, "pending");
        secret(s, true);
        issuing_status(
            s, "IncorrectIssuer",
            "Issuing certificate as Secret was previously issued by \"Issuer.cert-manager.io/\"",
            arena_printf(&a, "%s,%s", NEXT_KEY, LIFE));
        pending(s,
                "Waiting on certificate issuance from order istio-system/" ORDER ": \"pending\"");
        event(s, &CERTIFICATE, "cert-manager-certificates-issuing", "Issuing",
              "Issued temporary certificate");
        break;
    case 16:
        drop(s, "challenges", "istio-system/" ORDER "-2455692806");
        event(s, &CR, "cert-manager-certificaterequests-issuer-acme", "CertificateIssued",
              "Certificate fetched from issuer successfully");
        request(s, true, "True", "Issued", "Certificate fetched from issuer successfully",
                ",'certificate':'@cert " HOST ",*." HOST " @-0s @+90d'");
        drop(s, "challenges", "istio-system/" ORDER "-4144363340");
        secret(s, false);
        break;
    case 17:
        issuing_status(s, "Ready", UP_TO_DATE, arena_printf(&a, "%s,%s", NEXT_KEY, LIFE));
        event(s, &CERTIFICATE, "cert-manager-certificates-issuing", "Issuing",
              "The certificate has been successfully issued");
        drop(s, "secrets", "istio-system/" CERT "-nxlk6");
        certificate(
            s, arena_printf(&a, "'conditions':[%s],'revision':1,%s",
                            condition(&a, "Ready", "True", "Ready", s->story->at[17], UP_TO_DATE),
                            LIFE));
        break;
    default:
        order_steps(s, step);
        break;
    }
    arena_release(&a);
}

static void tear_down(struct apisim *s)
{
    static const char *const all[][2] = {
        {"virtualservices", CERT "/shop"},
        {"gateways.networking.istio.io", CERT "/shop-gateway"},
        {"endpointslices", CERT "/shop-7x2kq"},
        {"services", CERT "/shop"},
        {"challenges", "istio-system/" ORDER "-2455692806"},
        {"challenges", "istio-system/" ORDER "-4144363340"},
        {"orders", "istio-system/" ORDER},
        {"certificaterequests", "istio-system/" REQUEST},
        {"certificates", "istio-system/" CERT},
        {"secrets", "istio-system/" CERT "-nxlk6"},
        {"secrets", "istio-system/" CERT "-certificate"},
        {"namespaces", CERT},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        drop(s, all[i][0], all[i][1]);
    }
}

static void shop(struct apisim *s)
{
    struct sim_story *st = s->story;
    struct arena a;
    arena_init(&a);
    snprintf(st->at[st->shop], sizeof st->at[0], "%s", time_format(&a, clock_now()));
    arena_release(&a);
    if (st->shop == 0) {
        put(s, "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'" CERT
               "','labels':{'istio-injection':"
               "'enabled'},'annotations':{'name':'" CERT
               "','opa.lead.liatrio/ingress-whitelist':'*." HOST "'}}}");
    } else if (st->shop == 1) {
        application(s);
    } else if (st->shop == 2) {
        certificate(s, "");
    } else if (st->shop == SHOP_STEPS - 3) {
        tear_down(s);
    } else {
        issue_steps(s, st->shop);
    }
    st->shop = (st->shop + 1) % SHOP_STEPS;
}

// ---- track 2: the canary

static void canary(struct apisim *s)
{
    struct sim_story *st = s->story;
    static const struct about o = {"flagger.app/v1beta1", "Canary", "orders-staging", "orders"};
    const char *phase = "Progressing";
    char message[128] = "";
    if (++st->canary % 2 != 0) {
        return;
    }
    if (st->hold > 0 && --st->hold > 0) {
        return;
    }
    if (st->weight >= 50) {
        phase = "Promoting";
        st->weight = -1;
        snprintf(message, sizeof message,
                 "Copying orders.orders-staging template spec to orders-primary.orders-staging");
    } else if (st->weight < 0) {
        phase = "Succeeded";
        st->weight = 0;
        st->hold = 5;
        snprintf(message, sizeof message,
                 "Promotion completed! Scaling down orders.orders-staging");
    } else {
        st->weight = st->weight % 10 != 0 ? st->weight + 5 : st->weight + 10;
        snprintf(message, sizeof message, "Advance orders.orders-staging canary weight %d",
                 st->weight);
    }
    int w = st->weight < 0 ? 50 : st->weight;
    put(s,
        "{'apiVersion':'networking.istio.io/"
        "v1beta1','kind':'VirtualService','metadata':{'name':'orders','namespace':"
        "'orders-staging','ownerReferences':[{'apiVersion':'flagger.app/"
        "v1beta1','kind':'Canary','name':'orders',"
        "'controller':true,'blockOwnerDeletion':true}]},'spec':{'hosts':['orders.staging."
        "apps." DOMAIN "','orders'],"
        "'gateways':['istio-system/"
        "app-gateway'],'http':[{'route':[{'destination':{'host':'orders-primary','port':{"
        "'number':9080}},'weight':%d},{'destination':{'host':'orders-canary','port':{'number':9080}"
        "},'weight':%d}]}]}}",
        100 - w, w);
    put(s,
        "{'apiVersion':'flagger.app/"
        "v1beta1','kind':'Canary','metadata':{'name':'orders','namespace':'orders-staging'},"
        "'spec':{'targetRef':{'apiVersion':'apps/"
        "v1','kind':'Deployment','name':'orders'},'service':{'port':9080,'hosts':"
        "['orders.staging.apps." DOMAIN
        "'],'gateways':['istio-system/app-gateway']},'analysis':{'interval':'1m',"
        "'threshold':5,'maxWeight':50,'stepWeight':10}},'status':{'phase':'%s','canaryWeight':%d,'"
        "failedChecks':0,"
        "'iterations':0,'lastTransitionTime':'@now','conditions':[{'type':'Promoted','status':'%s',"
        "'reason':'%s',"
        "'message':'%s','lastUpdateTime':'@now','lastTransitionTime':'@now'}]}}",
        phase, w, str_eq(phase, "Succeeded") ? "True" : "Unknown", phase, message);
    event(s, &o, "flagger", "Synced", message);
}

// ---- track 3: the monolith is split

static void catalog(struct apisim *s, int moved)
{
    char rule[640] = "";
    if (moved >= 0) {
        snprintf(rule, sizeof rule,
                 "{'match':[{'uri':{'prefix':'/api/"
                 "recommendations'}}],'route':[{'destination':{'host':'recommendations',"
                 "'port':{'number':8080}},'weight':%d},{'destination':{'host':'monolith','port':{'"
                 "number':8080}},'weight':%d}]},",
                 moved, 100 - moved);
    }
    if (moved == 100) {
        snprintf(
            rule, sizeof rule,
            "{'match':[{'uri':{'prefix':'/api/recommendations'}}],'route':[{'destination':{'host':"
            "'recommendations','port':{'number':8080}}}]},");
    }
    put(s,
        "{'apiVersion':'networking.istio.io/"
        "v1','kind':'VirtualService','metadata':{'name':'catalog','namespace':"
        "'storefront-production'},'spec':{'hosts':['catalog.storefront-production." DOMAIN
        "'],'gateways':["
        "'catalog-gateway'],'http':[%s{'match':[{'uri':{'prefix':'/api/"
        "products'}},{'uri':{'prefix':'/api/categories'}}],"
        "'route':[{'destination':{'host':'products','port':{'number':8080}}}]},{'match':[{'uri':{'"
        "exact':'/healthz'}}],"
        "'route':[{'destination':{'host':'products','port':{'number':8080}}}]},{'route':[{'"
        "destination':{'host':'monolith',"
        "'port':{'number':8080}}}]}]}}",
        rule);
}

static void split(struct apisim *s)
{
    struct sim_story *st = s->story;
    switch (st->split) {
    case 5:
        put(s, "{'apiVersion':'v1','kind':'Service','metadata':{'name':'recommendations','"
               "namespace':'storefront-production',"
               "'labels':{'app':'recommendations'}},'spec':{'ports':[{'name':'http','protocol':'"
               "TCP','port':8080,'targetPort':"
               "8080}],'selector':{'app':'recommendations'},'clusterIP':'172.20.30.2','type':'"
               "ClusterIP','sessionAffinity':"
               "'None'},'status':{'loadBalancer':{}}}");
        put(s, "{'apiVersion':'discovery.k8s.io/"
               "v1','kind':'EndpointSlice','metadata':{'name':'recommendations-k2x9d',"
               "'namespace':'storefront-production','labels':{'kubernetes.io/"
               "service-name':'recommendations'}},'addressType':"
               "'IPv4','endpoints':[{'addresses':['10.0.2.31'],'conditions':{'ready':true}}],'"
               "ports':[{'name':'http','port':"
               "8080,'protocol':'TCP'}]}");
        break;
    case 8:
        catalog(s, 10);
        break;
    case 11:
        catalog(s, 50);
        break;
    case 14:
        catalog(s, 100);
        break;
    case SPLIT_STEPS - 8:
        catalog(s, -1);
        break;
    case SPLIT_STEPS - 6:
        drop(s, "services", "storefront-production/recommendations");
        drop(s, "endpointslices", "storefront-production/recommendations-k2x9d");
        break;
    default:
        break;
    }
    st->split = (st->split + 1) % SPLIT_STEPS;
}

// ---- the clock

static int64_t story_tick(struct apisim *s, int64_t now_ms)
{
    struct sim_story *st = s->story;
    if (st->next_ms == 0) {
        st->next_ms = now_ms + st->step_ms;
    }
    if (now_ms >= st->next_ms) {
        shop(s);
        canary(s);
        split(s);
        st->next_ms = now_ms + st->step_ms; // after a stop (a suspend) no flood
    }
    return st->next_ms;
}

int64_t apisim_tick(struct apisim *s, int64_t now_ms)
{
    pthread_mutex_lock(&s->lock);
    int64_t next = s->story != NULL ? story_tick(s, now_ms) : INT64_MAX;
    pthread_mutex_unlock(&s->lock);
    return next;
}
bool apisim_story(struct apisim *s, int step_ms, struct err *err)
{
    bool found = false;
    pthread_mutex_lock(&s->lock);
    sim_index(sim_find(s, "canaries"), "orders-staging/orders", &found);
    if (found && s->story == NULL) {
        s->story = xcalloc(1, sizeof *s->story);
        s->story->step_ms = step_ms > 0 ? step_ms : 1500;
        s->story->weight = 15;
        sim_wake(s);
    }
    pthread_mutex_unlock(&s->lock);
    return found ||
           err_set(err, ERR_NOT_FOUND, "the story needs the platform fixtures: load them first");
}
