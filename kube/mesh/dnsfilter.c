// SPDX-License-Identifier: Apache-2.0
// The filters of external-dns (certs-dns.md §4.4).
#include "kube/base/text.h"

#include "kube/mesh/dns_parts.h"

#include <string.h>

static bool filter_holds(struct arena *a, const char *filter, const char *host)
{
    const char *f = str_lower(a, filter);
    size_t n = strlen(f), h = strlen(host);
    while (n != 0 && f[n - 1] == '.') {
        n--;
    }
    if (n == 0 || h < n || strncmp(host + h - n, f, n) != 0) {
        return false;
    }
    return f[0] == '.' || h == n || host[h - n - 1] == '.';
}

static bool any_holds(struct arena *a, const struct str_list *l, const char *host, bool *real)
{
    bool holds = false;
    *real = false;
    for (uint32_t i = 0; i < l->n; i++) {
        *real = *real || !str_empty(l->at[i]);
        holds = holds || filter_holds(a, l->at[i], host);
    }
    return holds;
}

bool dns_domain_passes(const struct dns_settings *s, const char *host)
{
    struct arena a;
    bool real;
    arena_init(&a);
    char *lower = str_lower(&a, host);
    size_t n = strlen(lower);
    if (n != 0 && lower[n - 1] == '.') {
        lower[n - 1] = '\0';
    }
    bool in = any_holds(&a, &s->domain_filter, lower, &real);
    bool out = (in || !real) && !any_holds(&a, &s->exclude_domains, lower, &real);
    arena_release(&a);
    return out;
}
