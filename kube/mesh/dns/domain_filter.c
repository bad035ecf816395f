// SPDX-License-Identifier: Apache-2.0
// Applies the domain filters: lists of domains, or two expressions in their place.
#include "kube/mesh/dns/domain_filter.h"

#include "kube/base/arena.h"
#include "kube/base/domain_name.h"
#include "kube/base/regex.h"

#include "kube/mesh/dns/dns_record.h"

#include <string.h>

// Whether a filter takes a host. `below`: the filter was written with a dot before it, and takes only names below it.
static bool filter_holds(const char *filter, bool below, const char *host)
{
    size_t n = strlen(filter), h = strlen(host);
    if (h < n || strcmp(host + h - n, filter) != 0) {
        return false;
    }
    return h == n ? !below : host[h - n - 1] == '.';
}

// An argument without the blanks around it.
static const char *trimmed(struct arena *a, const char *text)
{
    text += strspn(text, " ");
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }
    return arena_strndup(a, text, n);
}

// Whether one of the filters takes the host. *real: one of them is not empty.
static bool any_holds(struct arena *a, const struct str_array *l, const char *host, bool *real)
{
    bool holds = false;
    *real = false;
    for (uint32_t i = 0; i < l->n; i++) {
        const char *text = trimmed(a, l->at[i]);
        bool below = text[0] == '.';
        const char *filter = dns_normalized_name(a, text + below);
        if (filter[0] != '\0') {
            *real = true;
            holds = holds || filter_holds(filter, below, host);
        }
    }
    return holds;
}

// The expression that excludes is tried first. Both see the name as people write it.
static bool regex_passes(struct arena *a, const struct dns_settings *s, const char *host)
{
    const char *name = domain_name_to_unicode(a, dns_normalized_name(a, host));
    size_t n = strlen(name);
    if (s->exclude_regex != NULL && regex_match(s->exclude_regex, name, n) == REGEX_YES) {
        return false;
    }
    return s->domain_regex == NULL || regex_match(s->domain_regex, name, n) != REGEX_NO;
}

bool domain_filter_passes(const struct dns_settings *s, const char *host)
{
    bool by_regex = s->domain_regex != NULL || s->exclude_regex != NULL;
    if (!by_regex && s->domain_filter.n == 0 && s->exclude_domains.n == 0) {
        return true;
    }
    struct arena a;
    bool real, out;
    arena_init(&a);
    if (by_regex) {
        out = regex_passes(&a, s, host);
    } else {
        const char *name = dns_normalized_name(&a, host);
        bool in = any_holds(&a, &s->domain_filter, name, &real);
        out = (in || !real) && !any_holds(&a, &s->exclude_domains, name, &real);
    }
    arena_release(&a);
    return out;
}
