// SPDX-License-Identifier: Apache-2.0
// A request taken apart: its path, its query.
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Percent-decoded, heap.
static char *unescape(const char *s, size_t n)
{
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < n; i++) {
        int byte = percent_byte(s + i, n - i);
        if (byte >= 0) {
            buf_addc(&b, (char)byte);
            i += 2;
        } else {
            buf_addc(&b, s[i] == '+' ? ' ' : s[i]);
        }
    }
    return buf_take(&b);
}

static bool truth(const char *v)
{
    return str_eq(v, "true") || str_eq(v, "1");
}

static void query_parse(const char *text, struct sim_query *q)
{
    *q = (struct sim_query){0};
    char **field[] = {&q->rv, &q->match, &q->cont, &q->labels, &q->fields};
    static const char *const name[] = {"resourceVersion", "resourceVersionMatch", "continue",
                                       "labelSelector", "fieldSelector"};
    for (const char *p = str_or_empty(text); *p != '\0';) {
        size_t n = strcspn(p, "&"), k = strcspn(p, "=&");
        char *key = unescape(p, k), *value = k < n ? unescape(p + k + 1, n - k - 1) : xstrdup("");
        for (size_t i = 0; i < 5; i++) {
            if (str_eq(key, name[i])) {
                free(*field[i]);
                *field[i] = xstrdup(value);
            }
        }
        q->watch = str_eq(key, "watch") ? truth(value) : q->watch;
        q->bookmarks = str_eq(key, "allowWatchBookmarks") ? truth(value) : q->bookmarks;
        q->limit = str_eq(key, "limit") ? strtoll(value, NULL, 10) : q->limit;
        q->timeout_s = str_eq(key, "timeoutSeconds") ? strtoll(value, NULL, 10) : q->timeout_s;
        q->dry_run = str_eq(key, "dryRun") ? str_eq(value, "All") : q->dry_run;
        if (str_eq(key, "sendInitialEvents")) {
            q->has_initial = true;
            q->initial = truth(value);
        }
        free(key);
        free(value);
        p += n + (p[n] == '&' ? 1 : 0);
    }
    for (size_t i = 0; i < 5; i++) {
        *field[i] = *field[i] != NULL ? *field[i] : xstrdup("");
    }
}

static void query_release(struct sim_query *q)
{
    free(q->rv);
    free(q->match);
    free(q->cont);
    free(q->labels);
    free(q->fields);
}

void sim_target_release(struct sim_target *t)
{
    free(t->ns);
    free(t->name);
    free(t->group);
    free(t->sub);
    query_release(&t->q);
}

char *sim_path_of(const char *target)
{
    return xstrndup(target, strcspn(target, "?"));
}

void sim_target_parse(struct apisim *s, const struct apisim_request *r, struct sim_target *t)
{
    *t = (struct sim_target){.verb = "other"};
    const char *query = strchr(r->target, '?');
    query_parse(query != NULL ? query + 1 : "", &t->q);
    char *path = sim_path_of(r->target);
    char *part[8] = {0};
    size_t n = 0;
    char *save = NULL;
    for (char *p = strtok_r(path, "/", &save); p != NULL && n < 8; p = strtok_r(NULL, "/", &save)) {
        part[n++] = unescape(p, strlen(p));
    }
    bool get = str_eq(r->method, "GET");
    size_t at = 0;
    const char *version = NULL;
    if (n == 1 && (str_eq(part[0], "livez") || str_eq(part[0], "readyz") ||
                   str_eq(part[0], "healthz") || str_eq(part[0], "version"))) {
        t->verb = get ? "health" : "other";
    } else if (n >= 1 && (str_eq(part[0], "api") || str_eq(part[0], "apis"))) {
        t->core = str_eq(part[0], "api");
        size_t group_parts = t->core ? 2 : 3;
        t->group = xstrdup(!t->core && n > 1 ? part[1] : "");
        if (n <= group_parts) {
            t->verb = get ? "discovery" : "other";
        } else {
            version = part[group_parts - 1];
            at = group_parts;
        }
    }
    if (at > 0) {
        bool scoped =
            str_eq(part[at], "namespaces") && n > at + 2 && !str_eq(part[at + 2], "status");
        if (scoped) {
            t->ns = xstrdup(part[at + 1]);
            at += 2;
        }
        t->res = sim_find_path(s, t->group, version, part[at], &t->version);
        if (n > at + 1) {
            t->name = xstrdup(part[at + 1]);
        }
        if (n > at + 2) {
            t->sub = xstrdup(part[at + 2]);
        }
        static const char *const writes[][2] = {
            {"POST", "create"}, {"PUT", "update"}, {"PATCH", "patch"}, {"DELETE", "delete"}};
        for (size_t i = 0; i < 4 && t->res != NULL; i++) {
            t->verb = str_eq(r->method, writes[i][0]) ? writes[i][1] : t->verb;
        }
        if (get) {
            t->verb = t->name != NULL ? "get" : t->q.watch ? "watch" : "list";
        }
    }
    for (size_t i = 0; i < n; i++) {
        free(part[i]);
    }
    free(path);
}
