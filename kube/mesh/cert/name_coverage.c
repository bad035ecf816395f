// SPDX-License-Identifier: Apache-2.0
// Matches names as RFC 9525 does, with international names as A-labels.
#include "kube/mesh/cert/name_coverage.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/domain_name.h"
#include "kube/base/ip_network.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "kube/object/object_names.h"

#include <assert.h>
#include <string.h>

static bool empty_label(const char *s)
{
    return s[0] == '.' || strstr(s, "..") != NULL;
}

// Letters, digits, '-', '_' and '.', as an A-label has them; '*' is judged apart.
static bool plain_letters(const char *p)
{
    for (; *p != '\0'; p++) {
        if (!ascii_alnum(*p) && strchr("-_.*", *p) == NULL) {
            return false;
        }
    }
    return true;
}

static bool valid_pattern(const char *p)
{
    const char *star = strchr(p, '*');
    if (empty_label(p) || !plain_letters(p)) {
        return false;
    }
    if (star == NULL) {
        return true;
    }
    // The whole left-most label, once, with at least two labels after it.
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
    return domain_name_ascii(host, plain) && (strchr(plain, '.') == NULL || name_in_cluster(plain));
}

// True if nothing is to be compared: *out says why.
static bool decided(const char *host, bool ip, struct coverage *out)
{
    memset(out, 0, sizeof *out);
    out->from = NAMES_ISSUED;
    out->result = strcmp(host, "*") == 0 ? COVERAGE_ANY
                  : !ip && inside(host)  ? COVERAGE_NONE
                                         : COVERAGE_NO;
    return out->result != COVERAGE_NO;
}

void coverage_of_names(struct arena *a, const struct str_list *names, const char *host,
                       struct coverage *out)
{
    bool ip = name_is_ip(host);
    if (decided(host, ip, out)) {
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
    out->reason = why_not(a, names, host);
}

// --- an index

static void add_first(struct string_map *map, const char *key, const char *const *place)
{
    if (string_map_get(map, key) == NULL) {
        string_map_put(map, key, place);
    }
}

// Keeps the first of two places in the list: *place, NULL for none, and that under the key.
static void keep_first(const struct string_map *map, const char *key, const char *const **place)
{
    const char *const *found = string_map_get(map, key);
    if (found != NULL && (*place == NULL || found < *place)) {
        *place = found;
    }
}

// An IP address in its one spelling, NULL for other text.
static const char *address_key(struct arena *a, const char *text)
{
    struct ip_network ip = ip_network_of_address(text);
    char key[IP_TEXT_SIZE];
    return ip.n != 0 ? arena_strdup(a, ip_network_write(&ip, key)) : NULL;
}

static void add_ascii(struct arena *a, struct string_map *map, const char *name,
                      const char *const *place)
{
    char ascii[DOMAIN_NAME_MAX + 1];
    if (domain_name_ascii(name, ascii) && valid_pattern(ascii)) {
        add_first(map, arena_strdup(a, ascii), place);
    }
}

void name_index_init(struct name_index *x, struct arena *a, const struct str_list *names)
{
    *x = (struct name_index){.names = *names};
    string_map_init(&x->ascii, a);
    string_map_init(&x->below_star, a);
    string_map_init(&x->wildcards, a);
    string_map_init(&x->addresses, a);
    for (uint32_t i = 0; i < names->n; i++) {
        const char *const *place = &names->at[i];
        const char *address = address_key(a, *place);
        add_ascii(a, &x->ascii, *place, place);
        if (str_starts(*place, "*.")) {
            add_ascii(a, &x->below_star, *place + 2, place);
            add_first(&x->wildcards, *place, place);
        }
        if (address != NULL) {
            add_first(&x->addresses, address, place);
        }
    }
}

// The first name that matches the host in the sense of coverage_name_matches.
static void keep_matching(struct arena *a, const struct string_map *map, const char *host,
                          const char *const **place)
{
    char h[DOMAIN_NAME_MAX + 1];
    if (!domain_name_ascii(host, h) || empty_label(h)) {
        return;
    }
    keep_first(map, h, place);
    const char *dot = strchr(h, '.');
    if (h[0] != '*' && dot != NULL) {
        keep_first(map, arena_printf(a, "*%s", dot), place);
    }
}

// Why the host is not covered: the reason is that of the first wildcard that nearly covers it.
static const char *why_not_indexed(struct arena *a, const struct name_index *x, const char *host)
{
    const char *const *place = NULL;
    keep_matching(a, &x->below_star, host, &place);
    for (const char *dot = strchr(host, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        keep_first(&x->wildcards, arena_printf(a, "*%s", dot), &place);
    }
    struct str_list one = {place, 1};
    return why_not(a, place != NULL ? &one : &x->names, host);
}

void coverage_of_index(struct arena *a, const struct name_index *x, const char *host,
                       struct coverage *out)
{
    const char *address = address_key(a, host);
    const char *const *place = NULL;
    if (decided(host, address != NULL, out)) {
        return;
    }
    if (address != NULL) {
        keep_first(&x->addresses, address, &place);
    } else {
        keep_matching(a, &x->ascii, host, &place);
    }
    if (place != NULL) {
        out->result = COVERAGE_YES;
        out->by = *place;
        return;
    }
    out->reason = why_not_indexed(a, x, host);
}
