// SPDX-License-Identifier: Apache-2.0
// Discovery: the aggregated document (v2, v2beta1) with its ETag, and the legacy lists.
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char VERBS[] =
    "[\"delete\",\"deletecollection\",\"get\",\"list\",\"patch\",\"create\",\"update\",\"watch\"]";

// Versions and groups in their order, each once.
static bool group_first(size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (str_eq(SIM_KINDS[j].group, SIM_KINDS[i].group)) {
            return false;
        }
    }
    return true;
}

static bool version_has(struct apisim *s, const char *group, const char *version)
{
    const char *served;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        if (str_eq(SIM_KINDS[i].group, group) &&
            sim_find_path(s, group, version, SIM_KINDS[i].plural, &served) != NULL) {
            return true;
        }
    }
    return false;
}

static void resource_v2(struct apisim *s, const struct sim_kind *k, const char *version,
                        struct buf *out)
{
    buf_addf(out,
             "{\"resource\":\"%s\",\"responseKind\":{\"group\":\"%s\",\"version\":\"%s\",\"kind\":"
             "\"%s\"},\"scope\":\"%s\","
             "\"singularResource\":\"",
             k->plural, k->group, version, k->kind, k->namespaced ? "Namespaced" : "Cluster");
    for (const char *p = k->kind; *p != '\0'; p++) {
        buf_addc(out, ascii_lower(*p));
    }
    buf_addf(out, "\",\"verbs\":%s", VERBS);
    if (k->custom) {
        buf_addf(out,
                 ",\"subresources\":[{\"subresource\":\"status\",\"responseKind\":{\"group\":\"%"
                 "s\",\"version\":\"%s\",\"kind\":\"%s\"},"
                 "\"verbs\":[\"get\",\"patch\",\"update\"]}]",
                 k->group, version, k->kind);
    }
    buf_addc(out, '}');
    (void)s;
}

static void version_v2(struct apisim *s, const char *group, const char *version, struct buf *out)
{
    bool stale = sim_is_stale(s, group);
    buf_addf(out, "{\"version\":\"%s\",\"resources\":[", version);
    size_t n = 0;
    for (size_t i = 0; i < SIM_KIND_COUNT && !stale; i++) {
        const char *served;
        if (str_eq(SIM_KINDS[i].group, group) &&
            sim_find_path(s, group, version, SIM_KINDS[i].plural, &served) != NULL) {
            buf_adds(out, n++ > 0 ? "," : "");
            resource_v2(s, &SIM_KINDS[i], version, out);
        }
    }
    buf_addf(out, "],\"freshness\":\"%s\"}", stale ? "Stale" : "Current");
}

static void aggregated(struct apisim *s, bool core, const char *form, struct buf *out)
{
    buf_addf(out,
             "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/"
             "%s\",\"metadata\":{},\"items\":[",
             form);
    size_t n = 0;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        const struct sim_kind *k = &SIM_KINDS[i];
        if (!group_first(i) || (k->group[0] == '\0') != core) {
            continue;
        }
        struct buf versions;
        buf_init(&versions, 0);
        for (size_t v = 0; v < SIM_VERSIONS_MAX && k->versions[v] != NULL; v++) {
            if (version_has(s, k->group, k->versions[v])) {
                buf_adds(&versions, versions.len > 0 ? "," : "");
                version_v2(s, k->group, k->versions[v], &versions);
            }
        }
        if (versions.len > 0) {
            buf_addf(out, "%s{\"metadata\":{", n++ > 0 ? "," : "");
            if (!core) {
                buf_addf(out, "\"name\":\"%s\",", k->group);
            }
            buf_addf(out, "\"creationTimestamp\":null},\"versions\":[%s]}", versions.data);
        }
        buf_release(&versions);
    }
    buf_adds(out, "]}\n");
}

// The APIGroup object's fields, after its kind.
static bool group_entry(struct apisim *s, const char *group, struct buf *out)
{
    struct buf versions;
    buf_init(&versions, 0);
    const char *first = NULL;
    for (size_t i = 0; i < SIM_KIND_COUNT && first == NULL; i++) {
        const struct sim_kind *k = &SIM_KINDS[i];
        for (size_t v = 0;
             str_eq(k->group, group) && v < SIM_VERSIONS_MAX && k->versions[v] != NULL; v++) {
            if (version_has(s, group, k->versions[v])) {
                first = first != NULL ? first : k->versions[v];
                buf_addf(&versions, "%s{\"groupVersion\":\"%s/%s\",\"version\":\"%s\"}",
                         versions.len > 0 ? "," : "", group, k->versions[v], k->versions[v]);
            }
        }
    }
    if (first != NULL) {
        buf_addf(out,
                 "\"name\":\"%s\",\"versions\":[%s],\"preferredVersion\":{\"groupVersion\":\"%s/"
                 "%s\",\"version\":\"%s\"}",
                 group, versions.data, group, first, first);
    }
    buf_release(&versions);
    return first != NULL;
}

static void legacy_groups(struct apisim *s, struct buf *out)
{
    buf_adds(out, "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[");
    size_t n = 0;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        struct buf one;
        buf_init(&one, 0);
        if (group_first(i) && SIM_KINDS[i].group[0] != '\0' &&
            group_entry(s, SIM_KINDS[i].group, &one)) {
            buf_addf(out, "%s{%s}", n++ > 0 ? "," : "", one.data);
        }
        buf_release(&one);
    }
    buf_adds(out, "]}\n");
}

static bool legacy_resources(struct apisim *s, const char *group, const char *version,
                             struct buf *out)
{
    if (!version_has(s, group, version)) {
        return false;
    }
    buf_addf(out, "{\"kind\":\"APIResourceList\",%s\"groupVersion\":\"%s%s%s\",\"resources\":[",
             group[0] != '\0' ? "\"apiVersion\":\"v1\"," : "", group, group[0] != '\0' ? "/" : "",
             version);
    size_t n = 0;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        const struct sim_kind *k = &SIM_KINDS[i];
        const char *served;
        if (!str_eq(k->group, group) ||
            sim_find_path(s, group, version, k->plural, &served) == NULL) {
            continue;
        }
        buf_addf(out,
                 "%s{\"name\":\"%s\",\"singularName\":\"\",\"namespaced\":%s,\"kind\":\"%s\","
                 "\"verbs\":%s}",
                 n++ > 0 ? "," : "", k->plural, k->namespaced ? "true" : "false", k->kind, VERBS);
        if (k->custom) {
            buf_addf(out,
                     ",{\"name\":\"%s/"
                     "status\",\"singularName\":\"\",\"namespaced\":%s,\"kind\":\"%s\",\"verbs\":["
                     "\"get\",\"patch\",\"update\"]}",
                     k->plural, k->namespaced ? "true" : "false", k->kind);
        }
    }
    buf_adds(out, "]}\n");
    return true;
}

// "v2", "v2beta1", or NULL for the legacy form: the first of the client's list that is served.
static const char *form(struct apisim *s, const char *accept)
{
    for (const char *p = str_or_empty(accept); *p != '\0';) {
        size_t n = strcspn(p, ",");
        char *one = xstrndup(p, n);
        bool agg = strstr(one, "as=APIGroupDiscoveryList") != NULL &&
                   strstr(one, "g=apidiscovery.k8s.io") != NULL;
        bool v2beta1 = strstr(one, "v=v2beta1") != NULL;
        bool plain = strchr(one, ';') == NULL;
        free(one);
        if (agg && s->o.discovery != APISIM_DISCOVERY_LEGACY &&
            (v2beta1 || s->o.discovery == APISIM_DISCOVERY_V2)) {
            return v2beta1 ? "v2beta1" : "v2";
        }
        if (plain) {
            return NULL;
        }
        p += n + (p[n] == ',' ? 1 : 0);
    }
    return NULL;
}

void sim_discover(struct apisim *s, const struct sim_target *t, const char *path,
                  const char *accept, const char *if_none_match, struct sim_response *out)
{
    static const char *const types[] = {
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
    };
    (void)t;
    bool api = str_eq(path, "/api"), apis = str_eq(path, "/apis");
    const char *f = api || apis ? form(s, accept) : NULL;
    if (api || apis) {
        sim_header(out, "vary", "Accept");
    }
    if (f != NULL) {
        aggregated(s, api, f, &out->body);
        out->content_type = types[str_eq(f, "v2") ? 0 : 1];
        char *etag = xasprintf("\"%016" PRIX64 "%016" PRIX64 "\"", str_hash(out->body.data),
                               hash_mix(str_hash(out->body.data), 7));
        sim_header(out, "etag", "%s", etag);
        if (str_eq(if_none_match, etag)) {
            out->status = 304;
            out->content_type = NULL;
            buf_reset(&out->body);
        }
        free(etag);
        return;
    }
    bool ok = true;
    if (api) {
        buf_adds(&out->body, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],"
                             "\"serverAddressByClientCIDRs\":[{\"clientCIDR\":"
                             "\"0.0.0.0/0\",\"serverAddress\":\"127.0.0.1:6443\"}]}\n");
    } else if (apis) {
        legacy_groups(s, &out->body);
    } else if (str_eq(path, "/api/v1")) {
        ok = legacy_resources(s, "", "v1", &out->body);
    } else {
        char *group = xstrdup(path + strlen("/apis/"));
        char *slash = strchr(group, '/');
        if (slash != NULL) {
            *slash = '\0';
            if (sim_is_stale(s, group)) { // its server is down
                out->status = 503;
                out->content_type = "text/plain; charset=utf-8";
                buf_adds(&out->body, "service unavailable\n");
                free(group);
                return;
            }
            ok = legacy_resources(s, group, slash + 1, &out->body);
        } else {
            struct buf one;
            buf_init(&one, 0);
            ok = group_entry(s, group, &one);
            if (ok) {
                buf_addf(&out->body, "{\"kind\":\"APIGroup\",\"apiVersion\":\"v1\",%s}\n",
                         one.data);
            }
            buf_release(&one);
        }
        free(group);
    }
    if (!ok) {
        out->status = 404;
        out->content_type = "text/plain; charset=utf-8";
        sim_header(out, "x-content-type-options", "nosniff");
        buf_reset(&out->body);
        buf_adds(&out->body, "404 page not found\n");
    }
}
