// SPDX-License-Identifier: Apache-2.0
// Reads what Services say about their load balancers.
#include "kube/mesh/route/load_balancer.h"

#include "kube/base/ascii.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include <string.h>

#define AWS "service.beta.kubernetes.io/aws-load-balancer-"

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

static bool ends_tls(const struct service *s, const struct service_port *p)
{
    const char *ports = object_annotation(&s->o, AWS "ssl-ports");
    return str_eq(s->type, "LoadBalancer") &&
           !str_empty(object_annotation(&s->o, AWS "ssl-cert")) &&
           (str_empty(ports) || lists(ports, p));
}

struct tls_balancer tls_balancer_of(const struct workload_services *s, uint32_t port)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const struct service *x = s->at[i];
        for (uint32_t k = 0; k < x->nports; k++) {
            if (x->ports[k].port == port && ends_tls(x, &x->ports[k])) {
                const char *backend = object_annotation(&x->o, AWS "backend-protocol");
                return (struct tls_balancer){x, str_eq(backend, "ssl") || str_eq(backend, "https")};
            }
        }
    }
    return (struct tls_balancer){.service = NULL};
}
