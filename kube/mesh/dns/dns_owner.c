// SPDX-License-Identifier: Apache-2.0
// The ownership records of external-dns: their names (docs/rules/dns.md#txt-name) and texts
// (docs/rules/dns.md#txt-text).
#include "kube/base/text.h"

#include "kube/mesh/dns/dns_record.h"

#include <string.h>

#define RECORD_TYPE "%{record_type}"

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
    const char *out = arena_strdup(a, b.data != NULL ? b.data : "");
    buf_release(&b);
    return out;
}

const char *dns_owner_name(struct arena *a, const struct dns_settings *s, const char *host,
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
                        dot != NULL ? dot : "");
}

const char *dns_owner_text(struct arena *a, const struct dns_settings *s, const char *resource)
{
    return arena_printf(a,
                        "\"heritage=external-dns,external-dns/owner=%s,external-dns/resource=%s\"",
                        s->owner_id, resource);
}

bool dns_owner_parse(struct arena *a, const char *text, struct dns_owner *out)
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
