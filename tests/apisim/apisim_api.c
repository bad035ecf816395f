// SPDX-License-Identifier: Apache-2.0
// A request to an answer: rights, reviews, negotiation, and which part of the API answers.
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void page_not_found(struct sim_response *r)
{
    r->status = 404;
    r->content_type = "text/plain; charset=utf-8";
    sim_header(r, "x-content-type-options", "nosniff");
    buf_adds(&r->body, "404 page not found\n");
}

// ---- who asks, and what he may

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
    struct json *j = json_parse(str_or_empty(r->body), r->body_len, NULL);
    const struct json *a = json_at(j, "spec", "resourceAttributes", NULL);
    if (a == NULL) {
        sim_status(out, 400, "BadRequest", "", "the object provided is unrecognized");
        json_free(j);
        return;
    }
    const char *verb = json_get_string(a, "verb"), *group = json_get_string(a, "group");
    const char *plural = json_get_string(a, "resource"), *ns = json_get_string(a, "namespace");
    bool yes = sim_allowed(s, user, str_or_empty(verb), str_or_empty(group), str_or_empty(plural),
                           str_empty(ns) ? NULL : ns);
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
    char *path = sim_path_of(r->target);
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
