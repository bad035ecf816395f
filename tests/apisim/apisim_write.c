// SPDX-License-Identifier: Apache-2.0
// Writes: create, replace, merge patch, delete, with their preconditions
// (docs/rules/kubernetes-client.md#write-merge-patch, docs/rules/kubernetes-client.md#write-status).
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_merge(struct json *to, const struct json *patch)
{
    for (const struct json *c = json_first(patch); c != NULL; c = json_next(c)) {
        const struct json *old = json_get(to, json_key(c));
        if (json_type(c) == JSON_NULL) {
            json_remove(to, json_key(c));
        } else if (json_type(c) == JSON_OBJECT) {
            struct json *into = json_type(old) == JSON_OBJECT ? json_dup(old) : json_new_object();
            sim_merge(into, c);
            json_put(to, json_key(c), into);
        } else {
            json_put(to, json_key(c), json_dup(c));
        }
    }
}

static char *key_of(const struct sim_target *t, const char *name)
{
    return t->ns != NULL ? xasprintf("%s/%s", t->ns, name) : xstrdup(name);
}

static struct sim_object *find(const struct sim_target *t, const char *name)
{
    bool found;
    char *key = key_of(t, name);
    size_t at = sim_index(t->res, key, &found);
    free(key);
    return found ? t->res->objects[at] : NULL;
}

static void conflict(const struct sim_target *t, const char *name, const char *reason,
                     const char *why, struct sim_response *out)
{
    const struct sim_kind *k = t->res->kind;
    char *details =
        xasprintf("{\"name\":\"%s\",\"group\":\"%s\",\"kind\":\"%s\"}", name, k->group, k->plural);
    bool exists = str_eq(reason, "AlreadyExists");
    sim_status(out, 409, reason, details,
               exists ? "%s%s%s \"%s\" %s" : "Operation cannot be fulfilled on %s%s%s \"%s\": %s",
               k->plural, k->group[0] != '\0' ? "." : "", k->group, name, why);
    free(details);
}

static void unprocessable(struct sim_response *out, const struct err *err)
{
    sim_status(out, 422, "Invalid", "", "%s", err->msg);
}

// Stores object (or not: dryRun) and answers with it.
static void store(struct apisim *s, const struct sim_target *t, struct json *object,
                  const char *name, int status, struct sim_response *out)
{
    struct err err = {0};
    if (t->q.dry_run) {
        json_print(object, false, &out->body);
        buf_addc(&out->body, '\n');
        out->status = status;
        return;
    }
    if (sim_apply(s, object, &err) == 0) {
        unprocessable(out, &err);
        return;
    }
    sim_print(t->res->kind, t->version, find(t, name), false, true, &out->body);
    buf_addc(&out->body, '\n');
    out->status = status;
}

static void create(struct apisim *s, const struct sim_target *t, struct json *object,
                   struct sim_response *out)
{
    struct json *meta = json_get(object, "metadata") != NULL
                            ? json_dup(json_get(object, "metadata"))
                            : json_new_object();
    const char *prefix = json_get_string(meta, "generateName");
    if (json_get(meta, "name") == NULL && prefix != NULL) {
        static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
        char *name = xasprintf("%s", prefix), tail[6] = "";
        for (size_t i = 0; i < 5; i++) {
            tail[i] = letters[sim_random(s) % (sizeof letters - 1)];
        }
        char *whole = xasprintf("%s%s", name, tail);
        json_put_string(meta, "name", whole);
        free(whole);
        free(name);
    }
    if (t->ns != NULL) {
        json_put_string(meta, "namespace", t->ns);
    }
    json_remove(meta, "uid");
    json_remove(meta, "resourceVersion");
    json_put(object, "metadata", meta);
    if (t->res->kind->custom) {
        json_remove(object, "status"); // the main endpoint does not take it
    }
    char *name =
        xstrdup(json_get_string(meta, "name") != NULL ? json_get_string(meta, "name") : "");
    if (find(t, name) != NULL) {
        conflict(t, name, "AlreadyExists", "already exists", out);
    } else {
        store(s, t, object, name, 201, out);
    }
    free(name);
}

// The object as stored, changed by `change` where this endpoint may change it.
static struct json *changed(const struct sim_target *t, const struct sim_object *was,
                            const struct json *change, bool replace)
{
    struct json *old = sim_tree(t->res->kind, was);
    struct json *new = replace ? json_dup(change) : json_dup(old);
    if (!replace) {
        sim_merge(new, change);
    }
    bool status = str_eq(t->sub, "status");
    const struct json *kept = json_get(status ? new : old, "status");
    struct json *result = json_dup(status ? old : new);
    if (t->res->kind->custom && kept != NULL) {
        json_put(result, "status", json_dup(kept));
    } else if (t->res->kind->custom) {
        json_remove(result, "status");
    }
    struct json *meta = json_dup(json_get(result, "metadata"));
    json_remove(meta, "managedFields");
    json_put(result, "metadata", meta);
    json_free(old);
    json_free(new);
    return result;
}

static void update(struct apisim *s, const struct sim_target *t, const struct json *change,
                   bool replace, struct sim_response *out)
{
    const struct sim_object *was = find(t, t->name);
    const char *rv = json_string(json_at(change, "metadata", "resourceVersion", NULL));
    const char *uid = json_string(json_at(change, "metadata", "uid", NULL));
    char now[24];
    snprintf(now, sizeof now, "%" PRIu64, was->rv);
    if (rv != NULL && !str_eq(rv, now)) {
        conflict(t, t->name, "Conflict",
                 "the object has been modified; please apply your changes to the latest version "
                 "and try again",
                 out);
        return;
    }
    if (uid != NULL && !str_eq(uid, was->uid)) {
        conflict(t, t->name, "Conflict", "Precondition failed: UID in precondition differs", out);
        return;
    }
    struct json *object = changed(t, was, change, replace);
    store(s, t, object, t->name, 200, out);
    json_free(object);
}

static void delete_one(struct apisim *s, const struct sim_target *t, const struct json *options,
                       struct sim_response *out)
{
    const struct sim_object *was = find(t, t->name);
    const char *uid = json_string(json_at(options, "preconditions", "uid", NULL));
    const char *rv = json_string(json_at(options, "preconditions", "resourceVersion", NULL));
    char now[24];
    snprintf(now, sizeof now, "%" PRIu64, was->rv);
    if ((uid != NULL && !str_eq(uid, was->uid)) || (rv != NULL && !str_eq(rv, now))) {
        conflict(t, t->name, "Conflict", "Precondition failed", out);
        return;
    }
    char *key = key_of(t, t->name);
    if (!t->q.dry_run) {
        sim_delete(s, t->res, key);
    }
    buf_addf(&out->body,
             "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Success\","
             "\"details\":{\"name\":\"%s\","
             "\"group\":\"%s\",\"kind\":\"%s\"}}\n",
             t->name, t->res->kind->group, t->res->kind->plural);
    free(key);
}

void sim_write(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
               struct sim_response *out)
{
    struct err err = {0};
    const char *type = str_or_empty(r->content_type);
    bool patch = str_eq(t->verb, "patch"), delete = str_eq(t->verb, "delete");
    if (patch && !str_starts(type, "application/merge-patch+json")) {
        sim_status(
            out, 415, "UnsupportedMediaType", "",
            "the body of the request was in an unknown format - accepted media types include: "
            "application/merge-patch+json");
        return;
    }
    struct json *body =
        r->body_len > 0 ? json_parse(r->body, r->body_len, &err) : json_new_object();
    if (json_type(body) != JSON_OBJECT) {
        sim_status(out, 400, "BadRequest", "", "the request body is no object: %s", err.msg);
    } else if (str_eq(t->verb, "create") && t->name == NULL) {
        create(s, t, body, out);
    } else if (t->name == NULL || str_eq(t->verb, "create")) {
        sim_status(out, 405, "MethodNotAllowed", "",
                   "the server does not allow this method on the requested resource");
    } else if (find(t, t->name) == NULL) {
        sim_not_found(t, out);
    } else if (delete) {
        delete_one(s, t, body, out);
    } else {
        update(s, t, body, !patch, out);
    }
    json_free(body);
}
