// SPDX-License-Identifier: Apache-2.0
// Makes and reads the names and texts of ownership records.
#include "kube/mesh/dns/txt_owner.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/domain_name.h"
#include "kube/base/str.h"

#include <string.h>

#define RECORD_TYPE "%{record_type}"

// A prefix or suffix in lower case, with the type in each place that asks for it; then *used becomes true.
static const char *affix(struct arena *a, const char *text, const char *type, bool *used)
{
    struct buf b;
    buf_init(&b, 0);
    const char *at = str_lower(a, text), *found;
    while ((found = strstr(at, RECORD_TYPE)) != NULL) {
        *used = true;
        buf_add(&b, at, (size_t)(found - at));
        buf_adds(&b, type);
        at = found + sizeof RECORD_TYPE - 1;
    }
    buf_adds(&b, at);
    return buf_take_arena(&b, a);
}

const char *txt_owner_name(struct arena *a, const struct dns_settings *s, const char *host,
                           const char *type)
{
    bool used = false;
    const char *low = str_lower(a, type);
    const char *prefix = affix(a, s->txt_prefix, low, &used);
    const char *suffix = affix(a, s->txt_suffix, low, &used);
    const char *dot = strchr(host, '.');
    const char *label = dot != NULL ? arena_strndup(a, host, (size_t)(dot - host)) : host;
    if (!str_empty(s->txt_wildcard) && strcmp(label, "*") == 0) {
        label = str_lower(a, s->txt_wildcard);
    }
    return arena_printf(a, "%s%s%s%s%s%s", prefix, used ? "" : low, used ? "" : "-", label, suffix,
                        str_or_empty(dot));
}

// Route 53 stores an alias (A, AAAA) instead of a CNAME to one of Amazon's own names (docs/rules/dns.md#route53-alias).
static bool is_alias(const struct dns_settings *s, const char *type, const char *target)
{
    bool balancer = strstr(target, ".elb.") != NULL &&
                    (str_ends(target, ".amazonaws.com") || str_ends(target, ".amazonaws.com.cn"));
    return strcmp(s->provider, "aws") == 0 && !s->aws_prefer_cname && strcmp(type, "CNAME") == 0 &&
           (balancer || str_ends(target, ".cloudfront.net") ||
            str_ends(target, ".awsglobalaccelerator.com"));
}

static void add_name(struct arena *a, struct str_array *names, const struct dns_settings *s,
                     const char *host, const char *type)
{
    const char *name = txt_owner_name(a, s, host, type);
    if (domain_name_labels_fit(name)) {
        str_array_add(a, names, name);
    }
}

// Before v0.18 the plain name owned a record too.
static const char *old_name(struct arena *a, const struct dns_settings *s, const char *host)
{
    bool replaced = str_starts(host, "*.") && !str_empty(s->txt_wildcard);
    const char *label = replaced ? arena_printf(a, "%s%s", s->txt_wildcard, host + 1) : host;
    size_t n = strcspn(label, ".");
    return str_lower(
        a, arena_printf(a, "%s%.*s%s%s", s->txt_prefix, (int)n, label, s->txt_suffix, label + n));
}

struct str_list txt_owner_names(struct arena *a, const struct dns_settings *s, const char *host,
                                const char *type, const char *target)
{
    struct str_array names = {0};
    if (strcmp(s->registry, "txt") != 0) {
        return str_array_list(&names);
    }
    if (is_alias(s, type, target)) { // up to v0.21 the CNAME's name owned it, and stays behind
        add_name(a, &names, s, host, "A");
        add_name(a, &names, s, host, "AAAA");
    }
    add_name(a, &names, s, host, type);
    if (s->old_names) {
        str_array_add(a, &names, old_name(a, s, host));
    }
    return str_array_list(&names);
}

bool txt_owner_parse(struct arena *a, const char *text, struct txt_owner *out)
{
    memset(out, 0, sizeof *out);
    if (text == NULL) {
        return false;
    }
    char *copy = arena_strdup(a, text);
    size_t n = strlen(copy);
    if (n >= 2 && copy[0] == '"' && copy[n - 1] == '"') {
        copy[n - 1] = '\0';
        copy++;
    }
    bool heritage = false;
    while (copy != NULL) {
        char *next = strchr(copy, ',');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (strcmp(copy, "heritage=external-dns") == 0) {
            heritage = true;
        } else if (str_starts(copy, "external-dns/owner=")) {
            out->id = copy + strlen("external-dns/owner=");
        } else if (str_starts(copy, "external-dns/resource=")) {
            char *kind = copy + strlen("external-dns/resource=");
            char *ns = strchr(kind, '/'), *name = ns != NULL ? strchr(ns + 1, '/') : NULL;
            if (name != NULL) {
                *ns = *name = '\0';
                out->kind = kind;
                out->ns = ns + 1;
                out->name = name + 1;
            }
        }
        copy = next;
    }
    return heritage;
}
