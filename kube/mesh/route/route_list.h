// SPDX-License-Identifier: Apache-2.0
// Rows of the route table for people and for JSON (RouteList in gatetop(1)), one row for each match entry.
#ifndef GATETOP_MESH_ROUTE_ROUTE_LIST_H
#define GATETOP_MESH_ROUTE_ROUTE_LIST_H

#include "kube/mesh/route/destination.h"
#include "kube/mesh/route/route_table.h"

enum route_action { ACTION_ROUTE, ACTION_REDIRECT, ACTION_DIRECT, ACTION_NONE };
const char *route_action_name(enum route_action a); // "route" "redirect" "direct" "none"

struct route_target {
    struct resolved_destination to;
    int64_t weight; // 100 for a single one
    double percent;
    bool exists;
};

struct route_row {
    const char *host;    // the virtual host
    const char *gateway; // "ns/name" of the Gateway that the row's pair is about
    const struct virtualservice *vs;
    const struct virtualservice *delegate; // or NULL
    int32_t order;  // in the merged table of that host on that Gateway, -1: in no table (see skip)
    uint32_t index; // in spec.http
    int32_t match_index; // -1 without one
    uint32_t delegate_index;
    const char *name, *match_name; // NULL where absent
    struct str_list conditions;    // none: takes every request
    enum route_action action;
    const char *action_text; // "route", "redirect 301 to /new", "direct 404"
    struct str_list
        details; // "rewrite path /x", "fault: abort 503 for 10 %", "mirror 5 % to ...", "timeout 3s"
    const struct route_target *targets;
    uint32_t ntargets;
    const struct virtualservice *shadowed_vs; // dead: by which rule; NULL alive
    uint32_t shadowed_rule;
    int32_t shadowed_match;
    enum skip_reason skip; // why order is -1
    const char *skip_text; // the same in words, NULL where in the table
    enum verdict state;
    const char *reason;  // one sentence, NULL for ok
    bool https_redirect; // the virtual host redirects plain requests before any rule
};

struct route_rows {
    struct route_row *at;
    uint32_t n, cap;
};

// The rows of one host on one Gateway, in order; the entries that are in no table follow those of their
// VirtualService. Looks only at what feeds that host (vhost_routes). Appends to `out`.
void route_rows_of(const struct mesh *m, const struct workload *w, const struct gateway *g,
                   const char *host, struct route_rows *out);
// All rows: every host of every VirtualService with each Gateway that serves it; by host, Gateway, order.
void route_rows_all(const struct mesh *m, struct route_rows *out);
// The rows of one VirtualService's hosts (its page): all rows of each host it lists on each of its Gateways.
void route_rows_of_vs(const struct mesh *m, const struct virtualservice *vs,
                      struct route_rows *out);
// How far a monolith has been taken apart: what part of a host's rules each service takes. A rule counts as one,
// split by its weights; dead rules, and those in no table, count nothing; redirects and direct responses count as
// destination "" (the gateway itself). Requests are not counted: nothing in the objects tells how many there are.
struct route_share {
    const char *destination; // host that is called
    double percent;          // of the host's live rules
    uint32_t rules;          // live rules that send it something
    bool rest;               // also what no other rule takes (a rule without conditions)
};
// The shares among n rows of one host and Gateway, largest first. In the arena.
const struct route_share *route_shares(struct arena *a, const struct route_row *rows, uint32_t n,
                                       uint32_t *count);
// What an action's texts say, for a rule (merged or not): also used by pages and findings.
struct str_list rule_details(struct arena *a, const struct http_rule *rule);
const char *rule_action_text(struct arena *a, const struct http_rule *rule,
                             enum route_action *action);

#endif
