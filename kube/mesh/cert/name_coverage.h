// SPDX-License-Identifier: Apache-2.0
// Which names a certificate covers, by RFC 9525 (docs/rules/certificates.md#name-match), and where Istio and DNS
// go deeper (docs/rules/certificates.md#wildcard-depth).
#ifndef GATETOP_MESH_CERT_NAME_COVERAGE_H
#define GATETOP_MESH_CERT_NAME_COVERAGE_H

#include "kube/mesh/core/mesh.h"

// Does the SAN dNSName `pattern` cover `host`? Case and one final dot play no part, international names are
// compared as A-labels, '*' is only the whole left-most label and stands for exactly one label. A wildcard
// host is covered by the identical pattern alone.
bool coverage_name_matches(const char *pattern, const char *host);
// Does this SAN stand for any name at all? ("f*.d", "*.*.d", "a.*.d", "*" and "*.com" do not.)
bool coverage_name_valid(const char *pattern);

enum coverage_result {
    COVERAGE_YES,
    COVERAGE_NO,
    COVERAGE_ANY,  // host "*": cannot be decided
    COVERAGE_NONE, // nothing to cover: a short name or a name inside the cluster
};

// Where the names of a certificate were read.
enum names_from { NAMES_ISSUED, NAMES_SECRET, NAMES_SPEC };
const char *names_from_text(enum names_from f); // "as issued", "as the Secret says", "per spec"

struct coverage {
    enum coverage_result result;
    const char *by;     // the name that covers, NULL where none
    const char *reason; // why not, in one sentence, with what to do; NULL where covered
    enum names_from from;
};

// The host against a list of SANs (DNS names or IP addresses in one list).
void coverage_of_names(struct arena *a, const struct str_list *names, const char *host,
                       struct coverage *out);
#endif
