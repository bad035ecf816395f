// SPDX-License-Identifier: Apache-2.0
// Why a certificate is not there: the deepest reason in one sentence, the failure mode, what to do.
#include "kube/base/text.h"

#include "kube/mesh/acme.h"
#include "kube/mesh/coverage.h"
#include "kube/mesh/gateway.h"
#include "kube/mesh/issuance_parts.h"

#include <string.h>

// --- texts

#define WELL_KNOWN "/.well-known/acme-challenge/"

// Appends n bytes of text and skips the run of token characters behind it.
static const char *cut_token(struct buf *b, const char *from, const char *upto, const char *stop)
{
    buf_add(b, from, (size_t)(upto - from));
    buf_adds(b, "\xe2\x80\xa6");
    return upto + strcspn(upto, stop);
}

const char *acme_mask(struct arena *a, const char *text)
{
    static const struct {
        const char *head, *stop;
    } secrets[] = {
        {WELL_KNOWN, "'\" ,;)"},
        {"did not get expected response \"", "\""},
        {"presented key (", ")"},
    };
    if (text == NULL) {
        return NULL;
    }
    bool any = false;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        any = any || strstr(text, secrets[i].head) != NULL;
    }
    if (!any) {
        return text;
    }
    struct buf b;
    buf_init(&b, 0);
    const char *from = text, *p = text;
    while (*p != '\0') {
        bool cut = false;
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets && !cut; i++) {
            size_t n = strlen(secrets[i].head);
            if (strncmp(p, secrets[i].head, n) == 0) {
                from = p = cut_token(&b, from, p + n, secrets[i].stop);
                cut = true;
            }
        }
        if (!cut) {
            p++;
        }
    }
    buf_adds(&b, from);
    const char *out = arena_strndup(a, b.data, b.len);
    buf_release(&b);
    return out;
}

// Takes off what every message of that kind begins with, so that what differs fits on a line.
static const char *strip(const char *t)
{
    static const char *const heads[] = {
        "The certificate request has failed to complete and will be retried: ",
        "Error accepting authorization: ",
        "Error accepting challenge: ",
        "Error presenting challenge: ",
        "Error getting keypair for CA issuer: ",
        "acme: ",
    };
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
            if (str_starts(t, heads[i]) && t[strlen(heads[i])] != '\0') {
                t += strlen(heads[i]);
                again = true;
            }
        }
        static const char order[] = "Failed to wait for order resource ", state[] = "\" state: ";
        const char *end = str_starts(t, order) ? strstr(t, state) : NULL;
        if (end != NULL && end[sizeof state - 1] != '\0') {
            t = end + sizeof state - 1;
            again = true;
        }
    }
    return t;
}

// What follows the URL in "failed to perform self check GET request '{url}': Get "{url}": {error}".
static const char *self_check_error(const char *t)
{
    static const char check[] = "failed to perform self check GET request ";
    const char *at = strstr(t, check);
    if (at == NULL) {
        return t;
    }
    const char *error = strstr(at, "': ");
    if (error == NULL) {
        return at;
    }
    error += 3;
    if (str_starts(error, "Get \"")) {
        const char *end = strstr(error, "\": ");
        error = end != NULL ? end + 3 : error;
    }
    return error;
}

static const char *challenge_type(const struct challenge *c)
{
    return c->type != NULL ? c->type : "challenge";
}

static const char *challenge_name(struct arena *a, const struct challenge *c)
{
    const char *d = c->dns_name != NULL ? c->dns_name : c->o.name;
    return c->wildcard ? arena_printf(a, "*.%s", d) : d;
}

static const char *challenge_sentence(const struct mesh *m, const struct challenge *c)
{
    static const char http[] = "Waiting for HTTP-01 challenge propagation: ";
    static const char dns[] = "Waiting for DNS-01 challenge propagation: ";
    struct arena *a = m->arena;
    const char *t = c->reason;
    if (c->o.deleted != TIME_NONE && mesh_reached(m, c->o.deleted + 121) && c->finalizers.n != 0) {
        return arena_printf(a, "Challenge %s stuck deleting: %s", c->o.name, strip(t));
    }
    if (str_starts(t, http)) {
        const char *rest = t + sizeof http - 1;
        if (str_starts(rest, "did not get expected response")) {
            rest = "did not get expected response";
        }
        return arena_printf(a, "HTTP-01 self-check for %s fails: %s",
                            c->dns_name != NULL ? c->dns_name : c->o.name, self_check_error(rest));
    }
    if (str_starts(t, dns)) {
        return arena_printf(a, "DNS-01 self-check for %s fails: %s", challenge_name(a, c),
                            t + sizeof dns - 1);
    }
    if (str_starts(t, "Waiting ")) {
        return t;
    }
    if (challenge_failed(c)) {
        t = strip(t);
        return c->dns_name != NULL && strstr(t, c->dns_name) == NULL
                   ? arena_printf(a, "%s for %s failed: %s", challenge_type(c),
                                  challenge_name(a, c), t)
                   : t;
    }
    if (!c->presented && c->processing) {
        return arena_printf(a, "cannot present %s: %s", challenge_type(c), strip(t));
    }
    return strip(t);
}

// --- progress, where nothing is wrong

static const char *progress(const struct mesh *m, const struct certificate_status *s)
{
    struct arena *a = m->arena;
    uint32_t presented = 0, waiting = 0, valid = 0;
    const struct challenge *first = NULL, *next = NULL;
    for (uint32_t i = 0; i < s->nchallenges; i++) {
        const struct challenge *c = s->challenges[i];
        if (str_eq(c->state, "valid")) {
            valid++;
        } else if (challenge_presented(m, c)) {
            first = first == NULL ? c : first;
            presented++;
        } else {
            next = next == NULL ? c : next;
            waiting++;
        }
    }
    if (first != NULL) {
        const char *more = presented > 1 ? arena_printf(a, " and %u more", presented - 1) : "";
        const char *queued = waiting == 0 ? ""
                             : waiting == 1 && s->nchallenges == 2
                                 ? "; the other challenge is queued"
                                 : arena_printf(a, "; %u challenges are queued", waiting);
        return arena_printf(a, "%s presented for %s%s, waiting%s", challenge_type(first),
                            challenge_name(a, first), more, queued);
    }
    if (next != NULL) {
        return arena_printf(a, "%s for %s is %s%s", challenge_type(next), challenge_name(a, next),
                            next->processing ? "being presented" : "queued",
                            valid != 0 ? arena_printf(a, "; %u valid", valid) : "");
    }
    if (s->nchallenges != 0) {
        return arena_printf(a, "all challenges valid, Order %s/%s goes on", s->order->o.ns,
                            s->order->o.name);
    }
    return NULL;
}

static const char *order_progress(const struct mesh *m, const struct certificate_status *s)
{
    const struct order *o = s->order;
    struct arena *a = m->arena;
    if (str_empty(o->state)) {
        bool old = o->o.created != TIME_NONE && mesh_reached(m, o->o.created + 5);
        return arena_printf(
            a, "Order %s/%s %s", o->o.ns, o->o.name,
            old ? "has no state: the ACME server has not answered, it may be out of reach"
                : "waits for the ACME server");
    }
    if (s->stage == STAGE_FINALIZE) {
        return arena_printf(a, "Order %s/%s is %s, waiting for the certificate", o->o.ns, o->o.name,
                            o->state);
    }
    return arena_printf(a, "Order %s/%s is %s", o->o.ns, o->o.name, o->state);
}

// --- the deepest reason

struct deepest {
    const char *text; // stripped
    const char *full; // as the object says it
    bool wrong;       // an error, not just progress
};

static bool zone_holds(const char *zone, const char *name)
{
    size_t z = strlen(zone), n = strlen(name);
    return str_casecmp(zone, name) == 0 ||
           (n > z && name[n - z - 1] == '.' && str_casecmp(name + n - z, zone) == 0);
}

static bool solver_admits(const struct acme_solver *v, const char *name,
                          const struct str_map *labels)
{
    bool any = v->dns_names.n == 0;
    for (uint32_t i = 0; i < v->dns_names.n; i++) {
        any = any || str_casecmp(v->dns_names.at[i], name) == 0;
    }
    bool zone = v->dns_zones.n == 0;
    for (uint32_t i = 0; i < v->dns_zones.n; i++) {
        zone = zone || zone_holds(v->dns_zones.at[i], name);
    }
    return any && zone && labels_match(&v->match_labels, labels) &&
           (str_starts(name, "*.") ? v->dns01 : v->dns01 || v->http01);
}

bool issuer_admits(const struct issuer *i, const char *name, const struct str_map *labels)
{
    for (uint32_t v = 0; v < i->nsolvers; v++) {
        if (solver_admits(&i->solvers[v], name, labels)) {
            return true;
        }
    }
    return false;
}

// A name of the order that no solver of the issuer admits, NULL where all have one (§1.9).
static const char *unsolved(const struct certificate_status *s)
{
    const struct issuer *i = s->issuer.object;
    if (i == NULL || i->type != ISSUER_ACME) {
        return NULL;
    }
    const struct str_list *names = &s->certificate->dns_names;
    const struct str_map *labels =
        s->order != NULL ? &s->order->o.labels : &s->certificate->o.labels;
    for (uint32_t n = 0; n < names->n; n++) {
        if (!issuer_admits(i, names->at[n], labels)) {
            return names->at[n];
        }
    }
    return NULL;
}

static bool no_solver(const struct mesh *m, const struct certificate_status *s,
                      const struct event **event)
{
    const struct order *o = s->order;
    *event = NULL;
    if (o == NULL || s->nchallenges != 0 || !str_eq(o->state, "pending")) {
        return false;
    }
    *event = issuance_event(m, &o->o, "Solver");
    return *event != NULL ||
           (o->o.created != TIME_NONE && mesh_reached(m, o->o.created + 61) && unsolved(s) != NULL);
}

static struct deepest solver_reason(const struct mesh *m, const struct certificate_status *s,
                                    const struct event *event)
{
    static const char tail[] = "no configured challenge solvers can be used for this challenge";
    const char *name = unsolved(s);
    const char *said = event != NULL && event->message != NULL ? event->message : tail;
    const char *last = strstr(said, "no configured challenge solvers");
    last = last != NULL ? last : said;
    struct deepest d = {NULL, said, true};
    bool wild = name != NULL && str_starts(name, "*.");
    d.text = arena_printf(
        m->arena, "no %ssolver for %s%s: %s", wild ? "DNS-01 " : "",
        name != NULL ? name
                     : arena_printf(m->arena, "Order %s/%s", s->order->o.ns, s->order->o.name),
        wild ? "; wildcards need one" : "", last);
    return d;
}

static const char *issuer_title(struct arena *a, const struct issuer_status *i)
{
    return i->ns[0] != '\0' ? arena_printf(a, "%s %s/%s", i->kind, i->ns, i->name)
                            : arena_printf(a, "%s %s", i->kind, i->name);
}

static struct deepest issuer_reason(const struct mesh *m, const struct certificate_status *s)
{
    struct arena *a = m->arena;
    const struct issuer_status *i = &s->issuer;
    struct deepest d = {NULL, NULL, true};
    if (i->object == NULL) {
        d.text = arena_printf(a, "%s not found", issuer_title(a, i));
        d.full = d.text;
        return d;
    }
    const char *message = i->message != NULL ? i->message : "";
    const char *said = strip(message);
    if (str_starts(said, "secrets \"")) {
        said = arena_printf(a, "secret \"%s", said + strlen("secrets \""));
    }
    d.text = arena_printf(a, "%s not ready: %s", issuer_title(a, i), said);
    d.full = arena_printf(a, "%s not ready: %s", issuer_title(a, i), message);
    return d;
}

static struct deepest request_reason(const struct mesh *m, const struct certificate_status *s)
{
    struct arena *a = m->arena;
    const struct certificaterequest *r = s->request;
    struct deepest d = {NULL, NULL, true};
    const struct condition *denied = condition_find(&r->conditions, "Denied");
    const struct condition *invalid = condition_find(&r->conditions, "InvalidRequest");
    const struct condition *ready = condition_find(&r->conditions, "Ready");
    if (denied != NULL && denied->status == CONDITION_TRUE) {
        d.full = !str_empty(denied->message) ? denied->message : denied->reason;
        d.text = arena_printf(a, "denied: %s", d.full != NULL ? d.full : "no reason given");
    } else if (invalid != NULL && invalid->status == CONDITION_TRUE) {
        d.full = !str_empty(invalid->message) ? invalid->message : invalid->reason;
        d.text = arena_printf(a, "invalid request: %s", d.full != NULL ? d.full : "");
    } else if (!request_approved(r)) {
        d.text =
            arena_printf(a, "CertificateRequest %s/%s is not approved yet", r->o.ns, r->o.name);
        d.full = d.text;
        d.wrong = r->o.created != TIME_NONE && mesh_reached(m, r->o.created + 61);
    } else if (ready != NULL && ready->status != CONDITION_TRUE && !str_empty(ready->message)) {
        d.full = ready->message;
        d.text = strip(ready->message);
        bool plain = str_starts(d.text, "Waiting ") || str_starts(d.text, "Created Order");
        // The request keeps what it said of its issuer until somebody looks at it again.
        bool of_issuer =
            str_starts(d.text, "Referenced issuer ") || str_starts(d.text, "Referenced \"");
        d.wrong = !plain && !(of_issuer && s->issuer.known && s->issuer.ready);
        if (!plain && !str_eq(ready->reason, "Failed")) {
            d.text = arena_printf(a, "CertificateRequest %s/%s: %s", r->o.ns, r->o.name, d.text);
        }
    } else if (ready != NULL && ready->status == CONDITION_TRUE) {
        d.text = "issued, waiting to be stored in the Secret";
        d.full = ready->message;
        d.wrong = false;
    } else {
        d.text =
            arena_printf(a, "CertificateRequest %s/%s waits for its issuer", r->o.ns, r->o.name);
        d.full = d.text;
        d.wrong = false;
    }
    return d;
}

// "DoesNotExist: the Secret does not exist", as the Issuing or Ready condition has it.
static const char *condition_sentence(struct arena *a, const struct condition *c)
{
    static const char head[] = "Issuing certificate as ";
    const char *message = c->message != NULL ? c->message : "";
    if (str_starts(message, head)) {
        message = arena_printf(a, "the %s", message + sizeof head - 1);
    }
    bool said = str_empty(c->reason) || str_starts(message, c->reason);
    return said ? message : arena_printf(a, "%s: %s", c->reason, message);
}

static struct deepest deepest_of(const struct mesh *m, const struct certificate_status *s)
{
    struct arena *a = m->arena;
    struct deepest d = {NULL, NULL, false};
    const struct event *event;
    for (uint32_t i = 0; i < s->nchallenges; i++) {
        const struct challenge *c = s->challenges[i];
        if (!str_eq(c->state, "valid") && !str_empty(c->reason)) {
            d.text = challenge_sentence(m, c);
            d.full = c->reason;
            d.wrong = true;
            return d;
        }
    }
    if (s->order != NULL && !str_empty(s->order->reason)) {
        d.text = s->order->reason;
        d.full = s->order->reason;
        d.wrong = true;
        return d;
    }
    if (no_solver(m, s, &event)) {
        return solver_reason(m, s, event);
    }
    if (s->stage == STAGE_ISSUER) {
        return issuer_reason(m, s);
    }
    if (s->order != NULL && order_failed(s->order)) {
        d.text =
            arena_printf(a, "Order %s/%s is %s", s->order->o.ns, s->order->o.name, s->order->state);
        d.full = d.text;
        d.wrong = true;
        return d;
    }
    const char *moving = progress(m, s);
    if (moving == NULL && s->order != NULL) {
        moving = order_progress(m, s);
    }
    struct deepest r = s->request != NULL ? request_reason(m, s) : d;
    if (r.wrong && s->issuer.known && !s->issuer.ready && r.full != NULL &&
        str_starts(r.full, "Referenced ") && strstr(r.full, "ssuer") != NULL) {
        return issuer_reason(m, s);
    }
    if (r.wrong || moving == NULL) {
        d = r;
    }
    if (d.text == NULL && moving != NULL) {
        d.text = moving;
        d.full = r.full != NULL ? r.full : moving;
    }
    return d;
}

// --- failure modes

struct recogniser {
    enum failure_mode mode;
    const char *needle, *also; // both must be there
};

// In this order: what keeps a Challenge before why its cleaning up fails; what a CA says about a limit or
// CAA before what it says about a name.
// clang-format off
static const struct recogniser recognisers[] = {
    {FAILURE_CHALLENGE_DELETING, "stuck deleting: ", NULL},
    {FAILURE_RATE_LIMITED,      "acme:error:rateLimited", NULL},
    {FAILURE_CAA,               "acme:error:caa", NULL},
    {FAILURE_CAA,               "CAA record for", "prevents issuance"},
    {FAILURE_CAA,               "CAA self-check failed", NULL},
    {FAILURE_CAA,               "SERVFAIL", "CAA"},
    {FAILURE_AUTHORIZATION,     "authorization error for", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "failed to perform self check GET request", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "wrong status code", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "did not get expected response", NULL},
    {FAILURE_HTTP01_SELF_CHECK, "presented key (", NULL},
    {FAILURE_DNS_PROVIDER,      "AccessDenied", NULL},
    {FAILURE_DNS_PROVIDER,      "failed to determine Route 53 hosted zone", NULL},
    {FAILURE_DNS_PROVIDER,      "failed to change Route 53 record set", NULL},
    {FAILURE_DNS_PROVIDER,      "not found in Route 53", NULL},
    {FAILURE_DNS_PROVIDER,      "unable to assume role", NULL},
    {FAILURE_DNS_PROVIDER,      "cannot present DNS-01", NULL},
    {FAILURE_DNS01_PROPAGATION, "not yet propagated", NULL},
    {FAILURE_DNS01_PROPAGATION, "returned SERVFAIL", NULL},
    {FAILURE_NO_SOLVER,         "no configured challenge solvers", NULL},
    {FAILURE_APPROVAL,          "is not approved yet", NULL},
    {FAILURE_APPROVAL,          "denied: ", NULL},
    {FAILURE_APPROVAL,          "was denied by an approval controller", NULL},
    {FAILURE_COMMON_NAME,       "commonName", "64"},
    {FAILURE_COMMON_NAME,       "commonName", "not present in the list"},
    {FAILURE_COMMON_NAME,       "common name", "64"},
    {FAILURE_COMMON_NAME,       "CommonName", NULL},
    {FAILURE_COMMON_NAME,       "Common Name", NULL},
    {FAILURE_ISSUER,            "Referenced \"", "not found"},
    {FAILURE_ISSUER,            "does not have a Ready status condition", NULL},
};
// clang-format on

static bool says(const struct recogniser *r, const char *t)
{
    return t != NULL && strstr(t, r->needle) != NULL &&
           (r->also == NULL || strstr(t, r->also) != NULL);
}

static uint32_t recent_requests(const struct mesh *m, const struct certificate *c)
{
    uint32_t n, k = 0;
    const struct certificaterequest *const *all = certificate_requests(m, c, &n);
    for (uint32_t i = 0; i < n; i++) {
        k += all[i]->o.created != TIME_NONE && !mesh_reached(m, all[i]->o.created + 3600);
    }
    return k;
}

static bool two_writers(const struct mesh *m, const struct certificate_status *s,
                        const char **other)
{
    const struct certificate *c = s->certificate;
    uint32_t n = 0;
    const struct object *const *all =
        c->secret_name != NULL
            ? mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, c->o.ns, c->secret_name, &n)
            : NULL;
    *other = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (!str_eq(all[i]->name, c->o.name) &&
            (*other == NULL || strcmp(all[i]->name, *other) < 0)) {
            *other = all[i]->name;
        }
    }
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    bool overwritten =
        ready != NULL && ready->status == CONDITION_FALSE &&
        (str_eq(ready->reason, "SecretMismatch") || str_eq(ready->reason, "IncorrectIssuer"));
    return *other != NULL || (ready != NULL && str_eq(ready->reason, "IncorrectCertificate")) ||
           (overwritten && recent_requests(m, c) >= 3);
}

static bool order_wedged(const struct mesh *m, const struct certificate_status *s)
{
    if (s->order == NULL || !str_eq(s->order->state, "pending") || s->nchallenges == 0 ||
        !challenge_failed(s->challenges[0])) {
        return false;
    }
    return s->order->o.created != TIME_NONE && mesh_reached(m, s->order->o.created + 121);
}

static enum failure_mode mode_of(const struct mesh *m, const struct certificate_status *s,
                                 const struct deepest *d)
{
    const struct certificate *c = s->certificate;
    const char *other;
    if (c->common_name != NULL && strlen(c->common_name) > 64) {
        return FAILURE_COMMON_NAME;
    }
    for (size_t i = 0; d->text != NULL && i < sizeof recognisers / sizeof *recognisers; i++) {
        if (says(&recognisers[i], d->text) || says(&recognisers[i], d->full)) {
            return recognisers[i].mode == FAILURE_APPROVAL && !d->wrong ? FAILURE_NONE
                                                                        : recognisers[i].mode;
        }
    }
    if (s->stage == STAGE_ISSUER) {
        return FAILURE_ISSUER;
    }
    if (s->state != CERTIFICATE_READY && s->state != CERTIFICATE_RENEWING &&
        two_writers(m, s, &other)) {
        return FAILURE_TWO_WRITERS;
    }
    if (order_wedged(m, s) ||
        (s->order != NULL && order_failed(s->order) && s->state != CERTIFICATE_READY)) {
        return FAILURE_ORDER;
    }
    if ((s->state == CERTIFICATE_EXPIRED && certificate_is_ready(c)) ||
        s->state == CERTIFICATE_OVERDUE) {
        return FAILURE_EXPIRED_READY;
    }
    return s->temporary ? FAILURE_TEMPORARY : FAILURE_NONE;
}

static const char *issuer_elsewhere(const struct mesh *m, const struct certificate_status *s)
{
    const struct issuer_status *i = &s->issuer;
    if (str_eq(i->kind, "Issuer")) {
        if (mesh_get(m, KIND_CLUSTERISSUER, "", i->name) != NULL) {
            return arena_printf(
                m->arena, "a ClusterIssuer named %s exists: set issuerRef.kind to ClusterIssuer",
                i->name);
        }
    }
    uint32_t n;
    const struct object *const *all = mesh_all(m, KIND_ISSUER, &n);
    for (uint32_t k = 0; k < n; k++) {
        if (str_eq(all[k]->name, i->name) && !str_eq(all[k]->ns, i->ns)) {
            return arena_printf(
                m->arena,
                "namespace %s has an Issuer named %s, but an Issuer works only in its "
                "own namespace: create it here or use a ClusterIssuer",
                all[k]->ns, i->name);
        }
    }
    return arena_printf(m->arena, "create %s or correct spec.issuerRef", issuer_title(m->arena, i));
}

static const char *issuer_hint(const struct mesh *m, const struct certificate_status *s)
{
    struct acme_error e;
    bool refused =
        acme_error_parse(m->arena, s->issuer.message, &e) && e.code >= 400 && e.code < 500;
    return arena_printf(m->arena, "repair %s%s", issuer_title(m->arena, &s->issuer),
                        refused ? ": what the server refused (4xx) is tried again only when the "
                                  "issuer changes"
                                : "; issuing goes on by itself once it is ready");
}

static const char *http_hint(const struct mesh *m, const struct certificate_status *s)
{
    const char *host = s->nchallenges != 0 ? s->challenges[0]->dns_name : NULL;
    uint32_t n = 0;
    const struct object *const *gateways =
        host != NULL ? mesh_index(m, INDEX_GATEWAY_BY_HOST, str_lower(m->arena, host), "", &n)
                     : NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, gateways[i]);
        for (uint32_t k = 0; k < g->nservers; k++) {
            if (g->servers[k].port == 80 && g->servers[k].tls != NULL &&
                g->servers[k].tls->https_redirect) {
                return arena_printf(
                    m->arena,
                    "Gateway %s/%s redirects port 80 (httpsRedirect) for this host: let "
                    "/.well-known/acme-challenge/ through, or use DNS-01",
                    g->o.ns, g->o.name);
            }
        }
    }
    return arena_printf(
        m->arena,
        "make http://%s/.well-known/acme-challenge/ reach the solver: the name must "
        "point at the load balancer and port 80 must route to it",
        host != NULL ? host : "the host");
}

static const char *writers_hint(const struct mesh *m, const struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    const char *other;
    two_writers(m, s, &other);
    if (other != NULL) {
        return arena_printf(m->arena,
                            "Secret %s/%s is claimed by Certificates %s and %s: give one of them "
                            "another secretName",
                            c->o.ns, c->secret_name, c->o.name, other);
    }
    return arena_printf(
        m->arena,
        "Secret %s/%s keeps being overwritten (%u requests in an hour): find who else "
        "writes it",
        c->o.ns, c->secret_name != NULL ? c->secret_name : "?", recent_requests(m, c));
}

static const char *rate_hint(const struct mesh *m, const struct deepest *d)
{
    const char *text = d->full != NULL ? d->full : d->text;
    int64_t slot = acme_retry_after(text);
    return arena_printf(m->arena, "Let's Encrypt rate limit: %s; next slot %s; do not renew before",
                        acme_limit_name(acme_limit(text)),
                        slot != TIME_NONE ? time_format(m->arena, slot) : "unknown");
}

static const char *last_clause(const char *t)
{
    // What AWS refuses reads "AccessDenied: User: {arn} is not authorized to perform: {action}".
    static const char denied[] = "AccessDenied: ";
    const char *last = t != NULL ? strstr(t, denied) : NULL;
    if (last != NULL) {
        return last + sizeof denied - 1;
    }
    last = t;
    for (const char *p = t; p != NULL && (p = strstr(p, ": ")) != NULL; p += 2) {
        last = p + 2;
    }
    return last;
}

static const char *caa_hint(const struct mesh *m, const struct certificate_status *s,
                            const struct deepest *d)
{
    if (strstr(d->text, "SERVFAIL") != NULL) {
        return "CAA lookup failed: the zone's servers must answer CAA queries";
    }
    const char *name = s->nchallenges != 0                ? s->challenges[0]->dns_name
                       : s->certificate->dns_names.n != 0 ? s->certificate->dns_names.at[0]
                                                          : "the name";
    return arena_printf(m->arena,
                        "the CAA record at or above %s does not allow this CA: add 'issue "
                        "\"letsencrypt.org\"' (and issuewild for a wildcard)",
                        name);
}

static const char *hint_of(const struct mesh *m, const struct certificate_status *s,
                           const struct deepest *d)
{
    struct arena *a = m->arena;
    const struct certificate *c = s->certificate;
    const char *name = s->nchallenges != 0 && s->challenges[0]->dns_name != NULL
                           ? s->challenges[0]->dns_name
                           : "the name";
    switch (s->mode) {
    case FAILURE_NONE:
        return NULL;
    case FAILURE_HTTP01_SELF_CHECK:
        return http_hint(m, s);
    case FAILURE_DNS01_PROPAGATION:
        return arena_printf(
            a,
            "_acme-challenge.%s is not visible yet: check the zone's servers and that "
            "no wildcard CNAME captures _acme-challenge",
            name);
    case FAILURE_DNS_PROVIDER:
        return arena_printf(a, "DNS provider refused: %s; check the solver's credentials and zone",
                            last_clause(d->text));
    case FAILURE_RATE_LIMITED:
        return rate_hint(m, d);
    case FAILURE_CAA:
        return caa_hint(m, s, d);
    case FAILURE_ISSUER:
        if (s->issuer.object == NULL) {
            return issuer_elsewhere(m, s);
        }
        return issuer_hint(m, s);
    case FAILURE_NO_SOLVER:
        return arena_printf(a,
                            "add a solver to %s whose selector admits the name; a wildcard needs "
                            "dns01",
                            issuer_title(a, &s->issuer));
    case FAILURE_SECRET_NAMESPACE:
        return NULL; // certificate_placement says it
    case FAILURE_CHALLENGE_DELETING:
        return arena_printf(a,
                            "cleaning up fails and its finalizer blocks deletion (of namespace %s "
                            "too): repair the solver, or remove the finalizer",
                            c->o.ns);
    case FAILURE_TWO_WRITERS:
        return writers_hint(m, s);
    case FAILURE_ORDER:
        return order_wedged(m, s)
                   ? "order wedged: delete the Order and its CertificateRequest, or renew"
                   : "correct what the server refuses; an edit is tried at once, else "
                     "the next try comes by itself";
    case FAILURE_EXPIRED_READY:
        return "conditions are not updated: is cert-manager running?";
    case FAILURE_TEMPORARY:
        return "browsers refuse it until the issuer's certificate replaces it; look at the "
               "issuance";
    case FAILURE_APPROVAL:
        return strstr(d->text, "denied") != NULL
                   ? "change the Certificate to what the policy allows, or the policy; then renew"
                   : "approve it (cmctl approve), or see why the approver does not run";
    case FAILURE_AUTHORIZATION:
        return arena_printf(a,
                            "the CA could not validate %s from its side: check what the public "
                            "internet sees (DNS, port 80)",
                            name);
    case FAILURE_COMMON_NAME:
        return "commonName is at most 64 bytes and must be among dnsNames: shorten or drop it";
    }
    return NULL;
}

// --- the whole

static const char *join_text(struct arena *a, const char *head, const char *tail)
{
    return str_empty(tail) ? head : arena_printf(a, "%s; %s", head, tail);
}

static void working_reason(const struct mesh *m, struct certificate_status *s,
                           const struct deepest *d, const char **text, const char **full)
{
    const struct certificate *c = s->certificate;
    const struct condition *issuing = condition_find(&c->conditions, "Issuing");
    const struct condition *failed = certificate_failure(c);
    *text = d->text;
    *full = d->full;
    if (failed != NULL) {
        bool old =
            s->request != NULL && d->text != NULL && request_is_newer_than_failure(s->request);
        if (old) {
            const char *said = failed->message != NULL ? strip(failed->message) : failed->reason;
            *text =
                arena_printf(m->arena, "%s; the Certificate still tells of an older request: %s%s",
                             d->text, str_eq(failed->reason, "Failed") ? "" : "denied: ", said);
        } else if (d->text == NULL || !d->wrong) {
            *text = failed->message != NULL ? strip(failed->message) : failed->reason;
        }
        *full = failed->message != NULL ? failed->message : *text;
    } else if (issuing != NULL && issuing->status == CONDITION_TRUE && !d->wrong) {
        // Why something that was there is made again; the first issuing needs no explanation.
        const char *why = condition_sentence(m->arena, issuing);
        bool first = c->revision < 0 && str_eq(issuing->reason, "DoesNotExist");
        *text = first && d->text != NULL ? d->text
                : d->text != NULL        ? join_text(m->arena, why, d->text)
                                         : why;
        *full = *full != NULL ? *full : issuing->message;
    }
}

void issuance_reason(const struct mesh *m, struct certificate_status *s)
{
    struct arena *a = m->arena;
    const struct certificate *c = s->certificate;
    const struct condition *ready = condition_find(&c->conditions, "Ready");
    const struct condition *issuing = condition_find(&c->conditions, "Issuing");
    bool working =
        certificate_failure(c) != NULL || (issuing != NULL && issuing->status == CONDITION_TRUE);
    struct deepest d = {NULL, NULL, false};
    if (working || (s->state == CERTIFICATE_NOT_READY && s->request != NULL)) {
        d = deepest_of(m, s);
    }
    const struct condition *failed = certificate_failure(c);
    if (failed != NULL && d.text == NULL && !str_empty(failed->message)) {
        // The request is collected or may not be read: the Certificate itself still says why.
        d = (struct deepest){strip(failed->message), failed->message, true};
    }
    const char *text = NULL, *full = NULL;
    working_reason(m, s, &d, &text, &full);
    switch (s->state) {
    case CERTIFICATE_DELETING:
        text = arena_printf(a, "being deleted since %s", time_format(a, c->o.deleted));
        break;
    case CERTIFICATE_EXPIRED:
        text =
            join_text(a,
                      arena_printf(a, "expired %s%s", time_format(a, c->not_after),
                                   certificate_is_ready(c)
                                       ? " (controller still says Ready: is cert-manager running?)"
                                       : ""),
                      text);
        break;
    case CERTIFICATE_TEMPORARY:
        text = join_text(a, "temporary self-signed certificate, not trusted", text);
        break;
    case CERTIFICATE_NOT_READY:
        if (ready != NULL) {
            text = join_text(a, condition_sentence(a, ready), d.wrong ? d.text : NULL);
            full = ready->message;
        }
        break;
    case CERTIFICATE_OVERDUE:
        text = arena_printf(a, "renewal was due %s", time_format(a, s->renews));
        break;
    case CERTIFICATE_STAGING:
        text = s->issuer.object != NULL &&
                       acme_environment(s->issuer.object->server) == ACME_PRODUCTION
                   ? "still the staging certificate, though the issuer is production now; renew it"
                   : "issued by Let's Encrypt staging, which browsers do not trust";
        break;
    case CERTIFICATE_UNKNOWN:
        text = "from a file, without a status: its issuance is not known";
        break;
    case CERTIFICATE_NEW:
        text = "no controller has looked at it yet";
        break;
    case CERTIFICATE_NOT_PICKED_UP:
        text = "no controller has handled this (cert-manager down, or issuerRef.group foreign)";
        break;
    default:
        break;
    }
    s->mode = mode_of(m, s, &d);
    s->hint = hint_of(m, s, &d);
    s->reason = text != NULL ? acme_mask(a, text) : "";
    s->full = full != NULL ? acme_mask(a, full) : s->reason;
}

// --- the Secret where the gateway looks for it (mode 8)

// Whether a server that reads this credential serves a name of the Certificate.
static bool serves_a_name(const struct mesh *m, const struct gateway *g,
                          const struct certificate *c)
{
    for (uint32_t i = 0; i < g->nservers; i++) {
        const struct server_tls *tls = g->servers[i].tls;
        bool reads = tls != NULL && str_eq(tls->credential_name, c->secret_name);
        for (uint32_t k = 0; tls != NULL && k < tls->credential_names.n; k++) {
            reads = reads || str_eq(tls->credential_names.at[k], c->secret_name);
        }
        for (uint32_t h = 0; reads && h < g->servers[i].hosts.n; h++) {
            const char *host = g->servers[i].hosts.at[h], *slash = strchr(host, '/');
            struct coverage cover;
            coverage_of_names(m->arena, &c->dns_names, slash != NULL ? slash + 1 : host, &cover);
            if (cover.result == COVERAGE_YES) {
                return true;
            }
        }
    }
    return false;
}

static bool secret_comes(const struct mesh *m, const char *ns, const char *name)
{
    uint32_t n;
    (void)mesh_index(m, INDEX_CERTIFICATE_BY_SECRET, ns, name, &n);
    return n > 0 || mesh_get(m, KIND_SECRET, ns, name) != NULL;
}

void certificate_placement(const struct mesh *m, struct certificate_status *s)
{
    const struct certificate *c = s->certificate;
    uint32_t n = 0;
    if (s->state != CERTIFICATE_READY || s->mode != FAILURE_NONE || str_empty(c->secret_name) ||
        !mesh_complete(m, KIND_SECRET)) {
        return;
    }
    const struct object *const *all =
        mesh_index(m, INDEX_GATEWAY_BY_CREDENTIAL, c->secret_name, "", &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gateway *g = OBJECT_AS(gateway, all[i]);
        if (!serves_a_name(m, g, c)) {
            continue;
        }
        uint32_t nworkloads;
        const struct workload *w = gateway_workloads(m, g, &nworkloads);
        for (uint32_t k = 0; k < nworkloads; k++) {
            if (w[k].name == NULL || secret_comes(m, w[k].ns, c->secret_name)) {
                continue;
            }
            s->mode = FAILURE_SECRET_NAMESPACE;
            s->reason = s->full = arena_printf(
                m->arena, "Gateway %s/%s needs Secret %s in %s; the Certificate writes it to %s",
                g->o.ns, g->o.name, c->secret_name, w[k].ns, c->o.ns);
            s->hint = arena_printf(m->arena,
                                   "create the Certificate in %s: the gateway's pods read Secrets "
                                   "of their own namespace only",
                                   w[k].ns);
            return;
        }
    }
}
