// SPDX-License-Identifier: Apache-2.0
// Which groups, versions and resources an API server serves.
#include "kube/api/discovery.h"

#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include <stdlib.h>
#include <string.h>

enum { GROUP_VERSIONS_MAX = 4096, RESOURCES_MAX = 65536 }; // of one server; more is not read

struct group_version {
    char *group, *version;
    bool stale; // its server is down
    bool read;  // its resources are known
    char **resources;
    size_t count, cap;
};

struct discovery {
    struct group_version *items;
    size_t count, cap;
    bool have_core, have_groups;
};

struct discovery *discovery_new(void)
{
    return xcalloc(1, sizeof(struct discovery));
}

static void release(struct group_version *gv)
{
    for (size_t i = 0; i < gv->count; i++) {
        free(gv->resources[i]);
    }
    free(gv->resources);
    free(gv->group);
    free(gv->version);
}

void discovery_free(struct discovery *d)
{
    if (d == NULL) {
        return;
    }
    for (size_t i = 0; i < d->count; i++) {
        release(&d->items[i]);
    }
    free(d->items);
    free(d);
}

static struct group_version *find(const struct discovery *d, const char *group, const char *version)
{
    for (size_t i = 0; i < d->count; i++) {
        if (str_eq(d->items[i].group, group) && str_eq(d->items[i].version, version)) {
            return &d->items[i];
        }
    }
    return NULL;
}

static struct group_version *add(struct discovery *d, const char *group, const char *version)
{
    if (d->count >= GROUP_VERSIONS_MAX) {
        return NULL;
    }
    struct group_version *gv = ARRAY_PUSH(d->items, d->count, d->cap);
    *gv = (struct group_version){.group = xstrdup(group), .version = xstrdup(version)};
    return gv;
}

static void add_resource(struct group_version *gv, const char *name)
{
    if (str_empty(name) || strchr(name, '/') != NULL || gv->count >= RESOURCES_MAX) {
        return; // subresources are of no interest
    }
    *ARRAY_PUSH(gv->resources, gv->count, gv->cap) = xstrdup(name);
}

static void read_aggregated(struct discovery *d, const struct json *doc)
{
    for (const struct json *g = json_first(json_get(doc, "items")); g != NULL; g = json_next(g)) {
        const char *group = json_string(json_at(g, "metadata", "name", NULL));
        group = str_or_empty(group);
        for (const struct json *v = json_first(json_get(g, "versions")); v != NULL;
             v = json_next(v)) {
            const char *version = json_get_string(v, "version");
            struct group_version *gv = str_empty(version) || find(d, group, version) != NULL
                                           ? NULL
                                           : add(d, group, version);
            if (gv == NULL) {
                continue;
            }
            gv->stale = str_eq(json_get_string(v, "freshness"), "Stale");
            gv->read = !gv->stale;
            for (const struct json *r = json_first(json_get(v, "resources")); r != NULL;
                 r = json_next(r)) {
                if (json_type(json_get(r, "responseKind")) == JSON_OBJECT) {
                    add_resource(gv, json_get_string(r, "resource"));
                }
            }
        }
    }
}

static void add_legacy(struct discovery *d, const char *group, const char *version)
{
    if (!str_empty(version) && find(d, group, version) == NULL) {
        add(d, group, version);
    }
}

static void read_legacy(struct discovery *d, const struct json *doc, bool core)
{
    if (core) {
        for (const struct json *v = json_first(json_get(doc, "versions")); v != NULL;
             v = json_next(v)) {
            add_legacy(d, "", json_string(v));
        }
        return;
    }
    for (const struct json *g = json_first(json_get(doc, "groups")); g != NULL; g = json_next(g)) {
        const char *group = json_get_string(g, "name");
        for (const struct json *v = json_first(json_get(g, "versions"));
             v != NULL && !str_empty(group); v = json_next(v)) {
            add_legacy(d, group, json_get_string(v, "version"));
        }
    }
}

// Moves the resources known before into group versions that have none now.
static void keep_known(struct discovery *d, struct discovery *old)
{
    for (size_t i = 0; i < d->count; i++) {
        struct group_version *gv = &d->items[i];
        struct group_version *before = gv->read ? NULL : find(old, gv->group, gv->version);
        if (before != NULL && before->read && gv->count == 0) {
            gv->resources = before->resources;
            gv->count = before->count;
            gv->cap = before->cap;
            gv->read = true;
            before->resources = NULL;
            before->count = before->cap = 0;
        }
    }
}

// Keeps the other half as it is.
static void keep_half(struct discovery *d, struct discovery *old, bool core)
{
    for (size_t i = 0; i < old->count; i++) {
        struct group_version *gv = &old->items[i];
        if ((gv->group[0] == '\0') != core && d->count < GROUP_VERSIONS_MAX) {
            *ARRAY_PUSH(d->items, d->count, d->cap) = *gv;
            *gv = (struct group_version){.group = xstrdup(""), .version = xstrdup("")};
        }
    }
}

static void replace_half(struct discovery *d, struct discovery *fresh, bool core)
{
    keep_known(fresh, d);
    keep_half(fresh, d, core);
    fresh->have_core = d->have_core || core;
    fresh->have_groups = d->have_groups || !core;
    struct discovery old = *d;
    *d = *fresh;
    *fresh = old;
    discovery_free(fresh);
}

bool discovery_read(struct discovery *d, bool core, const char *text, size_t n,
                    enum discovery_form *form, struct err *err)
{
    struct json *doc = json_parse(text, n, err);
    const char *kind = json_get_string(doc, "kind");
    if (doc == NULL) {
        return false;
    }
    bool aggregated = str_eq(kind, "APIGroupDiscoveryList");
    if (!aggregated && !str_eq(kind, core ? "APIVersions" : "APIGroupList")) {
        json_free(doc);
        return err_set(err, ERR_PARSE, "the answer of '%s' is no discovery document",
                       core ? "/api" : "/apis");
    }
    struct discovery *fresh = discovery_new();
    if (aggregated) {
        read_aggregated(fresh, doc);
    } else {
        read_legacy(fresh, doc, core);
    }
    // A document of one half says nothing of the other.
    for (size_t i = 0; i < fresh->count;) {
        if ((fresh->items[i].group[0] == '\0') != core) {
            release(&fresh->items[i]);
            fresh->items[i] = fresh->items[--fresh->count];
        } else {
            i++;
        }
    }
    replace_half(d, fresh, core);
    *form = aggregated ? DISCOVERY_AGGREGATED : DISCOVERY_LEGACY;
    json_free(doc);
    return true;
}

void discovery_no_core(struct discovery *d)
{
    replace_half(d, discovery_new(), true);
}

bool discovery_read_resources(struct discovery *d, const char *group, const char *version,
                              const char *text, size_t n, struct err *err)
{
    struct json *doc = json_parse(text, n, err);
    struct group_version *gv = find(d, group, version);
    if (doc == NULL) {
        return false;
    }
    if (gv == NULL || !str_eq(json_get_string(doc, "kind"), "APIResourceList")) {
        json_free(doc);
        return err_set(err, ERR_PARSE, "the answer for '%s/%s' is no list of resources", group,
                       version);
    }
    struct group_version fresh = {.group = gv->group, .version = gv->version, .read = true};
    gv->group = gv->version = NULL;
    release(gv);
    for (const struct json *r = json_first(json_get(doc, "resources")); r != NULL;
         r = json_next(r)) {
        add_resource(&fresh, json_get_string(r, "name"));
    }
    *gv = fresh;
    json_free(doc);
    return true;
}

void discovery_resources_failed(struct discovery *d, const char *group, const char *version)
{
    struct group_version *gv = find(d, group, version);
    if (gv != NULL) {
        gv->stale = true;
    }
}

const char *discovery_unread(const struct discovery *d, const char *group)
{
    for (size_t i = 0; i < d->count; i++) {
        if (!d->items[i].read && !d->items[i].stale && str_eq(d->items[i].group, group)) {
            return d->items[i].version;
        }
    }
    return NULL;
}

static bool has_resource(const struct group_version *gv, const char *name)
{
    for (size_t i = 0; i < gv->count; i++) {
        if (str_eq(gv->resources[i], name)) {
            return true;
        }
    }
    return false;
}

bool discovery_is_stale(const struct discovery *d, const char *group)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->items[i].stale && str_eq(d->items[i].group, group)) {
            return true;
        }
    }
    return false;
}

const char *discovery_other_version(const struct discovery *d, const char *group,
                                    const char *const *versions)
{
    const char *other = NULL;
    for (size_t i = 0; i < d->count; i++) {
        if (str_eq(d->items[i].group, group)) {
            other = d->items[i].version;
        }
    }
    for (size_t i = 0; versions[i] != NULL && other != NULL; i++) {
        other = find(d, group, versions[i]) != NULL ? NULL : other;
    }
    return other;
}

enum discovery_answer discovery_find(const struct discovery *d, const char *group,
                                     const char *resource, const char *const *versions,
                                     const char **version)
{
    if (group[0] == '\0' ? !d->have_core : !d->have_groups) {
        return DISCOVERY_UNKNOWN;
    }
    bool unknown = false;
    for (int stale = 0; stale < 2; stale++) {
        for (size_t i = 0; versions[i] != NULL; i++) {
            const struct group_version *gv = find(d, group, versions[i]);
            if (gv == NULL) {
                continue;
            }
            bool served = has_resource(gv, resource);
            unknown |= !served && (!gv->read || gv->stale);
            if (served && (int)gv->stale == stale) {
                *version = gv->version;
                return DISCOVERY_SERVED;
            }
        }
    }
    return unknown ? DISCOVERY_UNKNOWN : DISCOVERY_ABSENT;
}
