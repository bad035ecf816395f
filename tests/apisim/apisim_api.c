// SPDX-License-Identifier: Apache-2.0
// A request to an answer: the path taken apart, who asks, what he may, and the errors' exact shapes.
#include "kube/base/percent.h"
#include "kube/base/text.h"

#include "tests/apisim/apisim_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- answers

void sim_header(struct sim_response *r, const char *name, const char *fmt, ...)
{
    if (r->nheaders == sizeof r->names / sizeof *r->names) {
        return;
    }
    struct buf b;
    buf_init(&b, 0);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    r->names[r->nheaders] = xstrdup(name);
    r->values[r->nheaders++] = buf_take(&b);
}

void sim_status(struct sim_response *r, int code, const char *reason, const char *details,
                const char *fmt, ...)
{
    struct buf message;
    buf_init(&message, 0);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&message, fmt, ap);
    va_end(ap);
    r->status = code;
    r->content_type = "application/json";
    buf_reset(&r->body);
    buf_adds(&r->body, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                       "\"Failure\",\"message\":");
    json_quote(&r->body, message.data, message.len);
    if (reason[0] != '\0') {
        buf_addf(&r->body, ",\"reason\":\"%s\"", reason);
    }
    if (details[0] != '\0') {
        buf_addf(&r->body, ",\"details\":%s", details);
    }
    buf_addf(&r->body, ",\"code\":%d}\n", code);
    buf_release(&message);
}

static void page_not_found(struct sim_response *r)
{
    r->status = 404;
    r->content_type = "text/plain; charset=utf-8";
    sim_header(r, "x-content-type-options", "nosniff");
    buf_adds(&r->body, "404 page not found\n");
}

// ---- the query and the path

char *sim_unescape(const char *s, size_t n)
{
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < n; i++) {
        int c = percent_byte(s + i, n - i);
        i += c >= 0 ? 2 : 0;
        buf_addc(&b, (char)(c >= 0 ? c : s[i] == '+' ? ' ' : s[i]));
    }
    return buf_take(&b);
}

static bool truth(const char *v)
{
    return str_eq(v, "true") || str_eq(v, "1");
}

void sim_query_parse(const char *text, struct sim_query *q)
{
    *q = (struct sim_query){0};
    char **field[] = {&q->rv, &q->match, &q->cont, &q->labels, &q->fields};
    static const char *const name[] = {"resourceVersion", "resourceVersionMatch", "continue",
                                       "labelSelector", "fieldSelector"};
    for (const char *p = text != NULL ? text : ""; *p != '\0';) {
        size_t n = strcspn(p, "&"), k = strcspn(p, "=&");
        char *key = sim_unescape(p, k),
             *value = k < n ? sim_unescape(p + k + 1, n - k - 1) : xstrdup("");
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

void sim_query_release(struct sim_query *q)
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
    sim_query_release(&t->q);
}

static char *path_of(const char *target)
{
    return xstrndup(target, strcspn(target, "?"));
}

void sim_target_parse(struct apisim *s, const struct apisim_request *r, struct sim_target *t)
{
    *t = (struct sim_target){.verb = "other"};
    const char *query = strchr(r->target, '?');
    sim_query_parse(query != NULL ? query + 1 : "", &t->q);
    char *path = path_of(r->target);
    char *part[8] = {0};
    size_t n = 0;
    char *save = NULL;
    for (char *p = strtok_r(path, "/", &save); p != NULL && n < 8; p = strtok_r(NULL, "/", &save)) {
        part[n++] = sim_unescape(p, strlen(p));
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

// ---- who asks, and what he may

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

static bool listed(const char *list, const char *item)
{
    for (const char *p = list; *p != '\0';) {
        size_t n = strcspn(p, ",");
        if ((n == 1 && *p == '*') || (strlen(item) == n && strncmp(p, item, n) == 0)) {
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

static void forbidden(struct sim_response *out, const char *user, const char *verb,
                      const struct sim_target *t)
{
    const struct sim_kind *k = t->res->kind;
    struct buf details, what;
    buf_init(&details, 0);
    buf_init(&what, 0);
    buf_addf(&what, "%s%s%s", k->plural, k->group[0] != '\0' ? "." : "", k->group);
    if (t->name != NULL) {
        buf_addf(&what, " \"%s\"", t->name);
        buf_adds(&details, "{\"name\":");
        json_quote(&details, t->name, strlen(t->name));
        buf_addc(&details, ',');
    } else {
        buf_addc(&details, '{');
    }
    if (k->group[0] != '\0') {
        buf_addf(&details, "\"group\":\"%s\",", k->group);
    }
    buf_addf(&details, "\"kind\":\"%s\"}", k->plural);
    char where[300] = "at the cluster scope";
    if (t->ns != NULL) {
        snprintf(where, sizeof where, "in the namespace \"%s\"", t->ns);
    }
    sim_status(out, 403, "Forbidden", details.data,
               "%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s",
               what.data, user, verb, k->plural, k->group, where);
    sim_header(out, "x-content-type-options", "nosniff");
    buf_release(&details);
    buf_release(&what);
}

// ---- self-subject reviews

static void access_review(struct apisim *s, const struct apisim_request *r, const char *user,
                          struct sim_response *out)
{
    struct json *j = json_parse(r->body != NULL ? r->body : "", r->body_len, NULL);
    const struct json *a = json_at(j, "spec", "resourceAttributes", NULL);
    if (a == NULL) {
        sim_status(out, 400, "BadRequest", "", "the object provided is unrecognized");
        json_free(j);
        return;
    }
    const char *verb = json_get_string(a, "verb"), *group = json_get_string(a, "group");
    const char *plural = json_get_string(a, "resource"), *ns = json_get_string(a, "namespace");
    bool yes = sim_allowed(s, user, verb != NULL ? verb : "", group != NULL ? group : "",
                           plural != NULL ? plural : "", str_empty(ns) ? NULL : ns);
    struct json *status = json_put(j, "status", json_new_object());
    json_put_bool(status, "allowed", yes);
    if (yes) {
        json_put_string(status, "reason", "RBAC: allowed by ClusterRoleBinding \"simulator\"");
    }
    json_print(j, false, &out->body);
    buf_addc(&out->body, '\n');
    out->status = 201;
    json_free(j);
}

static void who_am_i(const char *user, struct sim_response *out)
{
    buf_adds(&out->body, "{\"kind\":\"SelfSubjectReview\",\"apiVersion\":\"authentication.k8s.io/"
                         "v1\",\"metadata\":{\"creationTimestamp\":null},"
                         "\"status\":{\"userInfo\":{\"username\":");
    json_quote(&out->body, user, strlen(user));
    buf_adds(&out->body, ",\"groups\":[\"system:authenticated\"]}}}\n");
    out->status = 201;
}

// ---- Accept

enum form { FORM_FULL, FORM_META, FORM_META_LIST, FORM_NONE };

static enum form accepted(const char *accept, bool list)
{
    for (const char *p = str_empty(accept) ? "*/*" : accept; *p != '\0';) {
        size_t n = strcspn(p, ",");
        char *one = xstrndup(p, n);
        char *type = one + strspn(one, " ");
        bool json = str_starts(type, "application/json") || str_starts(type, "*/*") ||
                    str_starts(type, "application/*");
        const char *as = strstr(type, "as=");
        bool meta_v1 = strstr(type, "g=meta.k8s.io") != NULL && strstr(type, "v=v1") != NULL;
        enum form f = FORM_NONE;
        if (json && as == NULL) {
            f = FORM_FULL;
        } else if (json && meta_v1 && str_starts(as, "as=PartialObjectMetadataList")) {
            f = FORM_META_LIST;
        } else if (json && meta_v1 && str_starts(as, "as=PartialObjectMetadata")) {
            f = list ? FORM_NONE : FORM_META; // not acceptable for a list
        }
        free(one);
        if (f != FORM_NONE) {
            return f;
        }
        p += n + (p[n] == ',' ? 1 : 0);
    }
    return FORM_NONE;
}

// ---- one object

void sim_not_found(const struct sim_target *t, struct sim_response *out)
{
    const struct sim_kind *k = t->res->kind;
    struct buf d;
    buf_init(&d, 0);
    buf_adds(&d, "{\"name\":");
    json_quote(&d, t->name, strlen(t->name));
    if (k->group[0] != '\0') {
        buf_addf(&d, ",\"group\":\"%s\"", k->group);
    }
    buf_addf(&d, ",\"kind\":\"%s\"}", k->plural);
    sim_status(out, 404, "NotFound", d.data, "%s%s%s \"%s\" not found", k->plural,
               k->group[0] != '\0' ? "." : "", k->group, t->name);
    buf_release(&d);
}

static void get_one(const struct sim_target *t, bool as_meta, struct sim_response *out)
{
    const struct sim_kind *k = t->res->kind;
    char *key = t->ns != NULL ? xasprintf("%s/%s", t->ns, t->name) : xstrdup(t->name);
    bool found;
    size_t at = sim_index(t->res, key, &found);
    free(key);
    if (found) {
        sim_print(k, t->version, t->res->objects[at], as_meta, true, &out->body);
        buf_addc(&out->body, '\n');
        return;
    }
    sim_not_found(t, out);
}

static void health(const char *target, struct sim_response *out)
{
    if (str_starts(target, "/version")) {
        buf_adds(&out->body, "{\n  \"major\": \"1\",\n  \"minor\": \"37\",\n  \"gitVersion\": "
                             "\"v1.37.2\",\n  \"platform\": \"linux/amd64\"\n}\n");
    } else {
        out->content_type = "text/plain; charset=utf-8";
        buf_adds(&out->body, "ok");
    }
}

static void resource(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
                     const char *user, int64_t now_ms, struct sim_response *out)
{
    bool list = str_eq(t->verb, "list");
    if (str_eq(t->verb, "other")) {
        sim_status(out, 405, "MethodNotAllowed", "",
                   "the server does not allow this method on the requested resource");
        return;
    }
    if (!sim_allowed(s, user, t->verb, t->res->kind->group, t->res->kind->plural, t->ns)) {
        forbidden(out, user, t->verb, t);
        return;
    }
    if (t->res->init_429 > 0) {
        t->res->init_429--;
        sim_status(out, 429, "TooManyRequests", "{\"retryAfterSeconds\":1}",
                   "storage is (re)initializing");
        sim_header(out, "retry-after", "1");
        return;
    }
    if (sim_is_stale(s, t->res->kind->group)) {
        out->status = 503;
        out->content_type = "text/plain; charset=utf-8";
        buf_adds(&out->body, "service unavailable\n");
        return;
    }
    if (!list && !str_eq(t->verb, "watch") && !str_eq(t->verb, "get")) {
        sim_write(s, r, t, out);
        return;
    }
    enum form f = accepted(r->accept, list);
    if (str_eq(t->verb, "watch") && f == FORM_META_LIST) {
        out->empty_stream = true; // as the real one: 200 and a closed stream
        return;
    }
    if (f == FORM_NONE || (f == FORM_META_LIST && !list)) {
        sim_status(
            out, 406, "NotAcceptable", "",
            "only the following media types are accepted: application/json, application/yaml, "
            "application/vnd.kubernetes.protobuf");
        return;
    }
    bool as_meta = f != FORM_FULL;
    if (list) {
        sim_list(s, t->res, t, as_meta, out);
    } else if (str_eq(t->verb, "watch")) {
        out->watch = sim_watch_new(s, t->res, t, as_meta, now_ms, out);
    } else {
        get_one(t, as_meta, out);
    }
}

void sim_answer(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
                const char *user, int64_t now_ms, struct sim_response *out)
{
    out->status = 200;
    out->content_type = "application/json";
    char *path = path_of(r->target);
    if (user[0] == '\0' && !(str_eq(t->verb, "health") && r->authorization == NULL)) {
        sim_status(out, 401, "Unauthorized", "", "Unauthorized");
    } else if (str_eq(t->verb, "health")) {
        health(path, out);
    } else if (str_eq(t->verb, "discovery")) {
        sim_discover(s, t, path, r->accept, r->if_none_match, out);
    } else if (str_eq(r->method, "POST") &&
               str_eq(path, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")) {
        access_review(s, r, user, out);
    } else if (str_eq(r->method, "POST") &&
               str_eq(path, "/apis/authentication.k8s.io/v1/selfsubjectreviews")) {
        who_am_i(user, out);
    } else if (t->res == NULL) {
        page_not_found(out);
    } else {
        resource(s, r, t, user, now_ms, out);
    }
    free(path);
}
