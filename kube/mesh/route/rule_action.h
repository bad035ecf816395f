// SPDX-License-Identifier: Apache-2.0
// What an http rule does with the requests it takes, as texts, and whether Istio and Envoy can do it.
#ifndef GATETOP_MESH_ROUTE_RULE_ACTION_H
#define GATETOP_MESH_ROUTE_RULE_ACTION_H

#include "kube/object/istio_objects.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum route_action { ACTION_ROUTE, ACTION_REDIRECT, ACTION_DIRECT, ACTION_NONE };

// The rule's action, and it in words: "route", "redirect 301 to /new", "direct 404", "none". In the arena or static.
const char *rule_action_text(struct arena *a, const struct http_rule *rule,
                             enum route_action *action);
// What the rule does besides: "rewrite path /x", "fault: abort 503 for 10 %", "mirror 5 % to ...", "timeout 3s". In
// the arena.
struct str_list rule_details(struct arena *a, const struct http_rule *rule);

// The redirect codes for which Istio has routes, as messages list them (redirect_code_usable).
#define REDIRECT_CODES "301, 302, 303, 307 or 308"
enum { REDIRECT_CODE_DEFAULT = 301 };
// The code of a redirect, or the default.
int64_t redirect_code(const struct http_redirect *redirect);
// The share of the requests that the rule's `mirror` gets, in percent.
double rule_mirror_percent(const struct http_rule_more *x);
// What is wrong with the rule's action as a whole, NULL if nothing is. Static text, to follow the rule's name.
const char *rule_unusable(const struct http_rule *rule);

#endif
