// SPDX-License-Identifier: Apache-2.0
// The names of a record's states, and what its targets and labels mean.
#include "kube/mesh/dns/dns_record.h"

#include "kube/base/array.h"
#include "kube/base/domain_name.h"
#include "kube/base/ip_network.h"
#include "kube/base/str.h"

#include "kube/object/object_names.h"

#include <assert.h>
#include <string.h>

const char *dns_state_name(enum dns_state s)
{
    static const char *const names[] = {
        [DNS_OK] = "ok",           [DNS_MISSING] = "missing",
        [DNS_EMPTY] = "empty",     [DNS_ELSEWHERE] = "elsewhere",
        [DNS_FOREIGN] = "foreign", [DNS_STALE] = "stale",
        [DNS_UNKNOWN] = "unknown", [DNS_FILTERED] = "filtered",
    };
    static_assert(ARRAY_COUNT(names) == DNS_STATE_COUNT, "a name for each state");
    return names[s];
}

enum verdict dns_state_verdict(enum dns_state s)
{
    static const enum verdict verdicts[] = {
        [DNS_OK] = VERDICT_OK,           [DNS_MISSING] = VERDICT_BROKEN,
        [DNS_EMPTY] = VERDICT_BROKEN,    [DNS_ELSEWHERE] = VERDICT_BROKEN,
        [DNS_FOREIGN] = VERDICT_WARNING, [DNS_STALE] = VERDICT_WARNING,
        [DNS_UNKNOWN] = VERDICT_UNKNOWN, [DNS_FILTERED] = VERDICT_WARNING,
    };
    static_assert(ARRAY_COUNT(verdicts) == DNS_STATE_COUNT, "a verdict for each state");
    return verdicts[s];
}

int dns_compare_set_identifiers(const char *a, const char *b)
{
    return strcmp(str_or_empty(a), str_or_empty(b));
}

const char *dns_normalized_name(struct arena *a, const char *name)
{
    const char *ascii = domain_name_to_ascii(a, name);
    return ascii != NULL ? ascii : str_lower(a, name);
}

const char *const dns_target_types[] = {"A", "AAAA", "CNAME"};

const char *dns_target_type(const char *target)
{
    if (ip_network_of_address(target).n == 4) {
        return "A";
    }
    char plain[64];
    size_t n = strcspn(target, "%"); // a zone
    if (n < sizeof plain) {
        memcpy(plain, target, n);
        plain[n] = '\0';
        if (ip_network_of_address(plain).n == 16) {
            return "AAAA";
        }
    }
    return "CNAME";
}

enum kind dns_resource_kind(const char *word)
{
    static const struct {
        const char *word;
        enum kind kind;
    } words[] = {
        {"gateway", KIND_GATEWAY},
        {"virtualservice", KIND_VIRTUALSERVICE},
        {"service", KIND_SERVICE},
        {"ingress", KIND_INGRESS},
    };
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (str_eq(words[i].word, word)) {
            return words[i].kind;
        }
    }
    return KIND_COUNT;
}

const struct object *dns_resource_object(const struct mesh *m, const char *label)
{
    const char *kind, *ns, *id = name_split(m->arena, label, NULL, &kind);
    const char *name = name_split(m->arena, id, NULL, &ns);
    enum kind k = ns != NULL ? dns_resource_kind(kind) : KIND_COUNT;
    return k != KIND_COUNT ? mesh_get(m, k, ns, name) : NULL;
}
