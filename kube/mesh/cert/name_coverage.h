// SPDX-License-Identifier: Apache-2.0
// Which hosts the names of a certificate cover, by RFC 9525 (docs/rules/certificates.md#name-match). Istio and DNS
// let a wildcard go deeper (docs/rules/certificates.md#wildcard-depth).
#ifndef GATETOP_MESH_CERT_NAME_COVERAGE_H
#define GATETOP_MESH_CERT_NAME_COVERAGE_H

#include "kube/base/string_map.h"

#include "kube/mesh/core/mesh.h"

#include <stdbool.h>

// Does the SAN dNSName `pattern` cover `host`? Case and one final dot do not matter, international names are compared
// as A-labels (docs/rules/certificates.md#name-match-idn); '*' counts only as the whole left-most label and stands for
// exactly one label. A wildcard host is covered by the identical pattern alone
// (docs/rules/certificates.md#name-match-wildcard-host). False if one of the two is NULL or no domain name.
bool coverage_name_matches(const char *pattern, const char *host);
// Does this SAN stand for any name at all? ("f*.d", "*.*.d", "a.*.d", "*" and "*.com" do not, nor
// does text with a character that no name has: "{{ x }}", "https://x.d".)
bool coverage_name_valid(const char *pattern);

// Whether a host is covered.
enum coverage_result {
    COVERAGE_YES,
    COVERAGE_NO,
    COVERAGE_ANY,  // host "*": not decidable
    COVERAGE_NONE, // nothing to cover: a short name or a name inside the cluster
};

// Where the names of a certificate were read (docs/rules/certificates.md#names-from).
enum names_from { NAMES_ISSUED, NAMES_SECRET, NAMES_SPEC, NAMES_FROM_COUNT };
// "as issued" "as the Secret says" "per spec". Static.
const char *names_from_text(enum names_from f);

// Texts are borrowed or lie in the arena.
struct coverage {
    enum coverage_result result;
    const char *by;     // the name that covers it, NULL: none
    const char *reason; // for COVERAGE_NO: why not, in one sentence, and what to do; else NULL
    enum names_from from;
};

// A host, or an IP address, against a list of SANs: DNS names and IP addresses in one list. `from` becomes
// NAMES_ISSUED.
void coverage_of_names(struct arena *a, const struct str_list *names, const char *host,
                       struct coverage *out);

// A list of SANs for many hosts: a host is not compared with each of them.
struct name_index {
    struct str_list names;
    // Each gives the index of the first such name in the list: by names as A-labels; by what follows a star and a dot;
    // by wildcards as they are written; by the bytes of addresses.
    struct string_map ascii, below_star, wildcards, addresses;
};
// Makes the index of a list, which is borrowed. In the arena.
void name_index_init(struct name_index *x, struct arena *a, const struct str_list *names);
// The same as coverage_of_names for the list.
void coverage_of_index(struct arena *a, const struct name_index *x, const char *host,
                       struct coverage *out);

#endif
