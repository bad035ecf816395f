// SPDX-License-Identifier: Apache-2.0
// Users: tokens, rules, and what each may do.
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim.h"
#include "tests/apisim/apisim_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_user *sim_user(struct apisim *s, const char *name)
{
    for (size_t i = 0; i < s->nusers; i++) {
        if (str_eq(s->users[i].name, name)) {
            return &s->users[i];
        }
    }
    return NULL;
}

const char *sim_user_of(struct apisim *s, const struct apisim_request *r)
{
    const char *user = "";
    if (r->authorization != NULL && str_starts(r->authorization, "Bearer ")) {
        for (size_t i = 0; i < s->nusers; i++) {
            if (s->users[i].token != NULL && str_eq(s->users[i].token, r->authorization + 7)) {
                user = s->users[i].name;
            }
        }
    } else if (r->client_cn != NULL) {
        user = r->client_cn;
    }
    return user[0] != '\0' && r->impersonate_user != NULL ? r->impersonate_user : user;
}

void sim_set_user(struct apisim *s, const char *name, const char *token)
{
    struct sim_user *u = sim_user(s, name);
    if (u == NULL && s->nusers < sizeof s->users / sizeof *s->users) {
        u = &s->users[s->nusers++];
        u->name = xstrdup(name);
    }
    if (u != NULL) {
        free(u->token);
        u->token = token != NULL ? xstrdup(token) : NULL;
    }
}

static bool listed(const char *list, const char *item)
{
    for (const char *p = list; *p != '\0';) {
        size_t n = strcspn(p, ",");
        if (str_is(p, n, "*") || str_is(p, n, item)) {
            return true;
        }
        p += n + (p[n] == ',' ? 1 : 0);
    }
    return false;
}

bool sim_allowed(struct apisim *s, const char *user, const char *verb, const char *group,
                 const char *plural, const char *ns)
{
    const struct sim_user *u = sim_user(s, user);
    char full[160];
    snprintf(full, sizeof full, "%s.%s", plural, group);
    for (size_t i = 0; u != NULL && i < u->nrules; i++) {
        char what[8], verbs[64], resource[128], where[80] = "*";
        int n = sscanf(u->rules[i], "%7s %63s %127s %79s", what, verbs, resource, where);
        bool here = str_eq(where, "*") || (str_eq(where, "-") && ns == NULL) || str_eq(where, ns);
        if (n >= 3 && here && listed(verbs, verb) &&
            (listed(resource, plural) || listed(resource, full))) {
            return str_eq(what, "allow");
        }
    }
    return true;
}

// ---- locked entry points

void apisim_user(struct apisim *s, const char *name, const char *token)
{
    pthread_mutex_lock(&s->lock);
    sim_set_user(s, name, token);
    pthread_mutex_unlock(&s->lock);
}

void apisim_expire_token(struct apisim *s, const char *user)
{
    apisim_user(s, user, NULL);
}

bool apisim_user_rule(struct apisim *s, const char *user, const char *rule)
{
    char what[8], verbs[64], resource[128];
    bool ok = sscanf(rule, "%7s %63s %127s", what, verbs, resource) == 3 &&
              (str_eq(what, "deny") || str_eq(what, "allow"));
    pthread_mutex_lock(&s->lock);
    struct sim_user *u = sim_user(s, user);
    if (u == NULL && ok) { // a name without a token, for client certificates and impersonation
        sim_set_user(s, user, NULL);
        u = sim_user(s, user);
    }
    ok = ok && u != NULL && u->nrules < sizeof u->rules / sizeof *u->rules;
    if (ok) {
        u->rules[u->nrules++] = xstrdup(rule);
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

void apisim_user_clear_rules(struct apisim *s, const char *user)
{
    pthread_mutex_lock(&s->lock);
    struct sim_user *u = sim_user(s, user);
    while (u != NULL && u->nrules > 0) {
        free(u->rules[--u->nrules]);
    }
    pthread_mutex_unlock(&s->lock);
}
