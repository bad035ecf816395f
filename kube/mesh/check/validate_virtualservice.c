// SPDX-License-Identifier: Apache-2.0
// Validation of VirtualServices without their http rules: docs/rules/istio.md#validate-delegate,
// docs/rules/istio.md#validate-hosts, docs/rules/istio.md#validate-some-rule, docs/rules/istio.md#validate-claims,
// docs/rules/istio.md#validate-l4-rules.
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"
#include "kube/object/object_names.h"

#include "kube/mesh/check/name_syntax_internal.h"
#include "kube/mesh/check/validate_fields_internal.h"
#include "kube/mesh/check/validation_internal.h"
#include "kube/mesh/core/host_index.h"

#include <string.h>

enum { MAX_OVERLAPS = 200000 }; // pairs of hosts that are reported

static bool has_mesh(const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->gateways.n; i++) {
        if (str_eq(vs->gateways.at[i], "mesh")) {
            return true;
        }
    }
    return vs->gateways.n == 0;
}

static bool has_sni(const struct virtualservice *vs)
{
    for (uint32_t i = 0; i < vs->ntls; i++) {
        for (uint32_t k = 0; k < vs->tls[i].nmatches; k++) {
            if (vs->tls[i].matches[k].sni_hosts.n > 0) {
                return true;
            }
        }
    }
    return false;
}

// The names that sidecars give their connections to a gateway: outbound_.<port>_.<subset>_.<host>
static bool outbound_host(const char *s)
{
    if (!str_starts(s, "outbound_.")) {
        return false;
    }
    const char *host = strstr(s, "_._.");
    return host != NULL && valid_wildcard_domain(host + 4);
}

static bool valid_host(const struct virtualservice *vs, const char *host, bool sni)
{
    return valid_wildcard_domain(host) || name_is_ip(host) ||
           (!has_mesh(vs) && sni && outbound_host(host));
}

// Every pair of hosts that overlap.
static void overlaps(struct check *c, const struct virtualservice *vs)
{
    struct host_index x;
    host_index_init(&x, c->a);
    for (uint32_t i = 0; i < vs->hosts.n; i++) {
        host_index_add(&x, vs->hosts.at[i], i);
    }
    uint32_t budget = MAX_OVERLAPS;
    for (uint32_t i = 0; i < vs->hosts.n; i++) {
        struct host_hits hits = {0};
        host_index_meeting(&x, vs->hosts.at[i], c->a, &hits);
        for (uint32_t h = 0; h < hits.n && budget > 0; h++) {
            uint32_t k = hits.at[h];
            if (k > i) {
                budget--;
                struct finding *f = INVALID(c, &vs->o, check_text(c, "spec.hosts[%u]", k),
                                            "the hosts \"%s\" and \"%s\" overlap", vs->hosts.at[i],
                                            vs->hosts.at[k]);
                check_hint(c, f,
                           "hosts of one VirtualService may not overlap: remove one, or use two "
                           "VirtualServices");
            }
        }
    }
}

static void hosts(struct check *c, const struct virtualservice *vs)
{
    bool all_valid = true;
    bool mesh = has_mesh(vs), sni = has_sni(vs);
    for (uint32_t i = 0; i < vs->hosts.n; i++) {
        const char *host = vs->hosts.at[i];
        const char *path = check_text(c, "spec.hosts[%u]", i);
        if (!valid_host(vs, host, sni)) {
            struct finding *f = INVALID(c, &vs->o, path, "\"%s\" is no host", host);
            check_hint(c, f, "write a DNS name, its first label may be *");
            all_valid = false;
        } else if (mesh && str_eq(host, "*")) {
            struct finding *f = INVALID(c, &vs->o, path, "the host * is not allowed for the mesh");
            check_hint(c, f, "name a Gateway in spec.gateways, without mesh, or name the hosts");
            all_valid = false;
        }
    }
    if (all_valid) {
        overlaps(c, vs);
    }
}

static void delegate(struct check *c, const struct virtualservice *vs)
{
    if (vs->gateways.n > 0) {
        struct finding *f = INVALID(c, &vs->o, "spec.gateways",
                                    "without hosts it is a delegate and has no gateways");
        check_hint(c, f, "add spec.hosts, or take the gateways away");
    }
    if (vs->ntls > 0 || vs->ntcp > 0) {
        INVALID(c, &vs->o, vs->ntls > 0 ? "spec.tls" : "spec.tcp",
                "a delegate has only http rules");
    }
}

static void claims(struct check *c, const struct virtualservice *vs, const struct named_match *at,
                   uint32_t n, const char *path)
{
    for (uint32_t i = 0; i < n; i++) {
        if (str_starts(at[i].name, "@request.auth.claims") && valid_header_match_name(at[i].name)) {
            struct finding *f = INVALID(c, &vs->o, path, "%s works on Gateways only", at[i].name);
            check_hint(c, f, "name a Gateway in spec.gateways, without mesh");
        }
    }
}

static void l4_match(struct check *c, const struct virtualservice *vs, const struct l4_match *m,
                     const char *path)
{
    for (uint32_t i = 0; i < m->destination_subnets.n; i++) {
        if (!valid_ip_or_cidr(m->destination_subnets.at[i])) {
            INVALID(c, &vs->o, check_text(c, "%s.destinationSubnets[%u]", path, i),
                    "\"%s\" is no IP address or network", m->destination_subnets.at[i]);
        }
    }
    if (m->port != 0 && !valid_port(m->port)) {
        INVALID(c, &vs->o, check_text(c, "%s.port", path), "the port %u is not between 1 and 65535",
                m->port);
    }
    validate_labels(c, &vs->o, &m->source_labels, check_text(c, "%s.sourceLabels", path));
    validate_gateway_names(c, &vs->o, &m->gateways, check_text(c, "%s.gateways", path));
}

static void sni_hosts(struct check *c, const struct virtualservice *vs, struct host_index *hosts,
                      const struct l4_match *m, const char *path)
{
    if (m->sni_hosts.n == 0) {
        struct finding *f = INVALID(c, &vs->o, path, "a match of a tls rule needs sniHosts");
        check_hint(c, f, "write sniHosts: [<host>]");
    }
    for (uint32_t i = 0; i < m->sni_hosts.n; i++) {
        const char *sni = m->sni_hosts.at[i];
        const char *at = check_text(c, "%s.sniHosts[%u]", path, i);
        if (valid_wildcard_domain(sni) || (!has_mesh(vs) && outbound_host(sni))) {
            if (!host_index_covers(hosts, sni)) {
                INVALID(c, &vs->o, at, "the sniHost \"%s\" is none of the hosts %s", sni,
                        check_list(c, &vs->hosts));
            }
        } else if (name_is_ip(sni)) {
            QUESTIONABLE(c, &vs->o, at,
                         "the sniHost \"%s\" is an IP address, which clients do not send", sni);
        } else {
            INVALID(c, &vs->o, at, "\"%s\" is no host", sni);
        }
    }
}

static void l4_rules(struct check *c, const struct virtualservice *vs, const struct l4_rule *rules,
                     uint32_t n, bool tls)
{
    struct host_index hosts;
    host_index_init(&hosts, c->a);
    for (uint32_t i = 0; tls && n > 0 && i < vs->hosts.n; i++) {
        host_index_add(&hosts, vs->hosts.at[i], i);
    }
    for (uint32_t i = 0; i < n; i++) {
        const char *path = check_text(c, "spec.%s[%u]", tls ? "tls" : "tcp", i);
        if (tls && rules[i].nmatches == 0) {
            INVALID(c, &vs->o, path, "a tls rule needs a match with sniHosts");
        }
        for (uint32_t k = 0; k < rules[i].nmatches; k++) {
            const char *at = check_text(c, "%s.match[%u]", path, k);
            l4_match(c, vs, &rules[i].matches[k], at);
            if (tls) {
                sni_hosts(c, vs, &hosts, &rules[i].matches[k], at);
            }
        }
        if (rules[i].nroutes == 0) {
            INVALID(c, &vs->o, path, "a %s rule needs a route", tls ? "tls" : "tcp");
        }
        validate_weights(c, &vs->o, rules[i].routes, rules[i].nroutes, path);
    }
}

void validate_virtualservice(struct check *c, const struct virtualservice *vs)
{
    if (vs->hosts.n == 0) {
        delegate(c, vs);
    }
    validate_annotations(c, &vs->o);
    validate_gateway_names(c, &vs->o, &vs->gateways, "spec.gateways");
    hosts(c, vs);
    if (vs->nhttp + vs->ntls + vs->ntcp == 0) {
        INVALID(c, &vs->o, "spec", "there is no http, tls or tcp rule");
    }
    bool mesh = has_mesh(vs);
    for (uint32_t i = 0; i < vs->nhttp; i++) {
        const struct http_rule *r = &vs->http[i];
        const char *path = check_text(c, "spec.http[%u]", i);
        if (r->null_entry) {
            struct finding *f = INVALID(c, &vs->o, path, "an http rule is null");
            check_hint(c, f, "remove the empty entry");
            continue;
        }
        for (uint32_t k = 0; mesh && k < r->nmatches; k++) {
            const struct http_match_more *m = r->matches[k].more;
            if (m != NULL) {
                const char *at = check_text(c, "%s.match[%u]", path, k);
                claims(c, vs, m->headers, m->nheaders, at);
                claims(c, vs, m->without_headers, m->nwithout_headers, at);
            }
        }
        validate_http_rule(c, vs, r, path);
    }
    l4_rules(c, vs, vs->tls, vs->ntls, true);
    l4_rules(c, vs, vs->tcp, vs->ntcp, false);
    validate_export_to(c, &vs->o, &vs->export_to, false, false);
}
