// SPDX-License-Identifier: Apache-2.0
// What `check` finds in small inputs: manifests by macros, and findings as lines.
#ifndef GATETOP_TESTS_SUPPORT_CHECK_SAMPLES_H
#define GATETOP_TESTS_SUPPORT_CHECK_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#define CHECK_NOW "2026-11-25T00:00:00Z"

// Pods, Services and a namespace that every case needs.
extern const char check_base[];

#define GW(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: " name             \
    ", namespace: apps}\nspec: " spec "\n"
#define VS(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: " name      \
    ", namespace: apps}\nspec: " spec "\n"
#define DR(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: " name     \
    ", namespace: apps}\nspec: " spec "\n"
#define SE(name, spec)                                                                             \
    "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: " name        \
    ", namespace: apps}\nspec: " spec "\n"
#define SERVER(hosts)                                                                              \
    "{selector: {istio: i}, servers: [{hosts: [" hosts                                             \
    "], port: {number: 80, name: http, protocol: HTTP}}]}"
#define EDGE GW("edge", SERVER("'*.a.io', a.io"))
#define TO(host) "route: [{destination: {host: " host "}}]"
#define ROUTES(http) "{hosts: [x.a.io], gateways: [edge], http: [" http "]}"

// The findings of check_base and `yaml` as "CODE Kind ns/name path" lines, sorted as check sorts them; Namespace
// injection is left out. With `messages` each line continues with " | severity | message | hint". The caller frees
// them.
char *check_findings(const char *yaml, bool messages);

struct check_sample {
    const char *yaml;
    const char *want;     // lines, each must be there
    const char *unwanted; // texts that must not be, separated by ';'; NULL: none
};

// Fails the test where one of them has other findings.
void check_samples(const struct check_sample *t, size_t n);

#endif
