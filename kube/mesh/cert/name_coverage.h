// SPDX-License-Identifier: Apache-2.0
// Which names a certificate is good for, by RFC 9525, and where Istio and DNS think otherwise (§6.1).
#ifndef GATETOP_MESH_CERT_NAME_COVERAGE_H
#define GATETOP_MESH_CERT_NAME_COVERAGE_H

#include "kube/mesh/core/mesh.h"

// Does the SAN dNSName `pattern` cover `host`? Case and one final dot play no part, international names are
// compared as A-labels, '*' is only the whole left-most label and stands for exactly one label. A wildcard
// host is covered by the identical pattern alone.
bool coverage_name_matches(const char *pattern, const char *host);
// The host in lower-case A-labels without a final dot; NULL where it is no domain name. In the arena.
const char *coverage_ascii(struct arena *a, const char *host);
// Does this SAN stand for any name at all? ("f*.d", "*.*.d", "a.*.d", "*" and "*.com" do not.)
bool coverage_name_valid(const char *pattern);

// §4.3, §6.2 step 2: does external-dns think that a server host ("ns/host", any depth under "*.") takes a
// VirtualService's host? Narrower than Istio for wildcard VirtualService hosts, and case-sensitive; see
// host.h for Istio's own rule.
bool coverage_server_host(const char *server_host, const char *vs_ns, const char *gw_ns,
                          const char *host);

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
// The host against what was really issued for the Certificate: what cert-manager wrote beside it in the
// Secret, else the current request's chain (dearer to read), else its spec.
void coverage_of_certificate(const struct mesh *m, const struct certificate *c, const char *host,
                             struct coverage *out);
// Those names. In the arena.
struct str_list certificate_names(const struct mesh *m, const struct certificate *c,
                                  enum names_from *from);
// Certificates of namespace `ns` (NULL: of any) with a name that covers the host, by namespace and name.
const struct certificate *const *coverage_candidates(const struct mesh *m, const char *host,
                                                     const char *ns, uint32_t *n);

#endif
