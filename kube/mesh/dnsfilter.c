// SPDX-License-Identifier: Apache-2.0
// The filters of external-dns (certs-dns.md §4.4).
#include "kube/base/text.h"

#include "kube/mesh/coverage.h"
#include "kube/mesh/dns_parts.h"

#include <string.h>

const char *dns_plain_name(struct arena *a, const char *domain)
{
    const char *ascii = coverage_ascii(a, domain);
    return ascii != NULL ? ascii : str_lower(a, domain);
}

// ".example.com" lets through what is below it, "example.com" itself as well.
static bool filter_holds(const char *filter, bool below, const char *host)
{
    size_t n = strlen(filter), h = strlen(host);
    if (h < n || strcmp(host + h - n, filter) != 0) {
        return false;
    }
    return h == n ? !below : host[h - n - 1] == '.';
}

// *real: some entry says something at all.
static bool any_holds(struct arena *a, const struct str_list *l, const char *host, bool *real)
{
    bool holds = false;
    *real = false;
    for (uint32_t i = 0; i < l->n; i++) {
        const char *text = l->at[i] + strspn(l->at[i], " ");
        bool below = text[0] == '.';
        const char *filter = dns_plain_name(a, text + below);
        if (filter[0] != '\0') {
            *real = true;
            holds = holds || filter_holds(filter, below, host);
        }
    }
    return holds;
}

bool dns_domain_passes(const struct dns_settings *s, const char *host)
{
    struct arena a;
    bool real;
    arena_init(&a);
    const char *name = dns_plain_name(&a, host);
    bool in = any_holds(&a, &s->domain_filter, name, &real);
    bool out = (in || !real) && !any_holds(&a, &s->exclude_domains, name, &real);
    arena_release(&a);
    return out;
}
