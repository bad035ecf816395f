// SPDX-License-Identifier: Apache-2.0
// Reads what Services say about their load balancers.
#include "kube/mesh/route/load_balancer.h"

#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include <string.h>

#define AWS "service.beta.kubernetes.io/aws-load-balancer-"
#define OCI "service.beta.kubernetes.io/oci-load-balancer-"
#define DO "service.beta.kubernetes.io/do-loadbalancer-"

enum { HTTPS_PORT = 443 };

// Does the list ("443,https") have the port, by number or name?
static bool lists(const char *list, const struct service_port *p)
{
    while (*list != '\0') {
        size_t n = strcspn(list, ",");
        size_t end = n;
        size_t from = 0;
        while (from < end && ascii_space(list[from])) {
            from++;
        }
        while (end > from && ascii_space(list[end - 1])) {
            end--;
        }
        size_t len = end - from;
        int64_t number;
        if ((number_parse(list + from, len, UINT32_MAX, &number) && number == p->port) ||
            str_is(list + from, len, "*") ||
            (len > 0 && str_is(list + from, len, str_or_empty(p->name)))) {
            return true;
        }
        list += list[n] == ',' ? n + 1 : n;
    }
    return false;
}

// The annotations of a cloud, all below its prefix.
struct cloud {
    const char *certificate; // what the load balancer shows to clients
    const char *ports;       // a list; none: `all`, or 443 alone
    bool all;
    const char *passthrough; // "true": TLS is passed on after all; NULL: there is none
};
static const struct cloud clouds[] = {
    {AWS "ssl-cert", AWS "ssl-ports", true, NULL},
    {OCI "tls-secret", OCI "ssl-ports", false, NULL},
    {DO "certificate-id", DO "tls-ports", false, DO "tls-passthrough"},
};

static bool ends_tls(const struct service *s, const struct service_port *p)
{
    for (size_t i = 0; i < ARRAY_COUNT(clouds) && str_eq(s->type, "LoadBalancer"); i++) {
        const struct cloud *c = &clouds[i];
        const char *ports = object_annotation(&s->o, c->ports);
        bool passed =
            c->passthrough != NULL && str_eq(object_annotation(&s->o, c->passthrough), "true");
        if (!str_empty(object_annotation(&s->o, c->certificate)) && !passed &&
            (str_empty(ports) ? c->all || p->port == HTTPS_PORT : lists(ports, p))) {
            return true;
        }
    }
    return false;
}

static struct tls_balancer balancer(const struct service *s)
{
    const char *backend = object_annotation(&s->o, AWS "backend-protocol");
    bool tls = str_eq(backend, "ssl") || str_eq(backend, "https") ||
               !str_empty(object_annotation(&s->o, OCI "tls-backendset-secret"));
    return (struct tls_balancer){s, tls};
}

struct tls_balancer tls_balancer_of(const struct workload_services *s, uint32_t port)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const struct service *x = s->at[i];
        for (uint32_t k = 0; k < x->nports; k++) {
            if (x->ports[k].port == port && ends_tls(x, &x->ports[k])) {
                return balancer(x);
            }
        }
    }
    return (struct tls_balancer){.service = NULL};
}

struct tls_balancer tls_balancer_before(const struct workload_services *s, uint32_t listen)
{
    uint32_t n;
    const struct service_number *at = workload_numbers(s, listen, &n);
    for (uint32_t i = 0; i < n; i++) {
        struct tls_balancer b = tls_balancer_of(s, at[i].port);
        if (b.service != NULL && !b.starts_again) {
            return b;
        }
    }
    return (struct tls_balancer){.service = NULL};
}
