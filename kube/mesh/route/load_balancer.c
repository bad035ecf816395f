// SPDX-License-Identifier: Apache-2.0
// Reads what Services say about their load balancers.
#include "kube/mesh/route/load_balancer.h"

#include "kube/base/ascii.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include <stdio.h>
#include <string.h>

#define AWS "service.beta.kubernetes.io/aws-load-balancer-"

// Does the list ("443,https") have the port, by number or name?
static bool lists(const char *list, const struct service_port *p)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%u", p->port);
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
        const char *names[] = {number, str_or_empty(p->name), "*"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (len > 0 && strlen(names[i]) == len && memcmp(names[i], list + from, len) == 0) {
                return true;
            }
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
