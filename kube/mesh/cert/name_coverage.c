// SPDX-License-Identifier: Apache-2.0
// Matches names as RFC 9525 does, with international names as A-labels.
#include "kube/mesh/cert/name_coverage.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/domain_name.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include <assert.h>
#include <string.h>

static bool empty_label(const char *s)
{
    return s[0] == '.' || strstr(s, "..") != NULL;
}

static bool valid_pattern(const char *p)
{
    const char *star = strchr(p, '*');
    if (empty_label(p)) {
        return false;
    }
    if (star == NULL) {
        return true;
    }
    // The whole left-most label, once, with at least two labels behind it.
    return star == p && p[1] == '.' && strchr(p + 1, '*') == NULL && strchr(p + 2, '.') != NULL;
}

bool coverage_name_valid(const char *pattern)
{
    char p[DOMAIN_NAME_MAX + 1];
    return domain_name_ascii(pattern, p) && valid_pattern(p);
}

bool coverage_name_matches(const char *pattern, const char *host)
{
    char p[DOMAIN_NAME_MAX + 1], h[DOMAIN_NAME_MAX + 1];
    if (pattern == NULL || host == NULL || !domain_name_ascii(pattern, p) ||
        !domain_name_ascii(host, h) || !valid_pattern(p) || empty_label(h)) {
        return false;
    }
    if (strcmp(p, h) == 0) {
        return true;
    }
    const char *dot = strchr(h, '.');
    return p[0] == '*' && h[0] != '*' && dot != NULL && strcmp(dot + 1, p + 2) == 0;
}

const char *names_from_text(enum names_from f)
{
    static const char *const texts[] = {
        [NAMES_ISSUED] = "as issued",
        [NAMES_SECRET] = "as the Secret says",
        [NAMES_SPEC] = "per spec",
    };
    static_assert(ARRAY_COUNT(texts) == NAMES_FROM_COUNT, "a text for each origin");
    return texts[f];
}

// Why none of the names covers the host, and what to do.
static const char *why_not(struct arena *a, const struct str_list *names, const char *host)
{
    for (uint32_t i = 0; i < names->n; i++) {
        const char *p = names->at[i];
        if (!str_starts(p, "*.")) {
            continue;
        }
        if (coverage_name_matches(p + 2, host)) {
            return arena_printf(a, "%s does not cover %s itself: add the bare name to dnsNames", p,
                                host);
        }
        if (str_ends(host, p + 1) && str_starts(host, "*.")) {
            return arena_printf(a, "%s does not cover the wildcard %s: add it to dnsNames", p,
                                host);
        }
        if (str_ends(host, p + 1)) {
            return arena_printf(a,
                                "%s covers one label, %s is deeper: Istio and DNS take it, TLS "
                                "does not; add a name "
                                "for it to dnsNames or use one label",
                                p, host);
        }
    }
    return arena_printf(a, "%s is not among %s: add it to dnsNames", host,
                        names->n > 0 ? str_list_summary(a, names, 4) : "no names");
}

// A short name or one inside the cluster: no public certificate is needed
// (docs/rules/certificates.md#nothing-to-cover).
static bool inside(const char *host)
{
    char plain[DOMAIN_NAME_MAX + 1];
    return domain_name_ascii(host, plain) &&
           (strchr(plain, '.') == NULL || str_ends(plain, ".svc.cluster.local"));
}

void coverage_of_names(struct arena *a, const struct str_list *names, const char *host,
                       struct coverage *out)
{
    memset(out, 0, sizeof *out);
    out->from = NAMES_ISSUED;
    bool ip = name_is_ip(host);
    if (strcmp(host, "*") == 0) {
        out->result = COVERAGE_ANY;
        return;
    }
    if (!ip && inside(host)) {
        out->result = COVERAGE_NONE;
        return;
    }
    for (uint32_t i = 0; i < names->n; i++) {
        bool match =
            ip ? name_same_ip(names->at[i], host) : coverage_name_matches(names->at[i], host);
        if (match) {
            out->result = COVERAGE_YES;
            out->by = names->at[i];
            return;
        }
    }
    out->result = COVERAGE_NO;
    out->reason = why_not(a, names, host);
}
