// SPDX-License-Identifier: Apache-2.0
// The simulator's life, its locked entry points, and what a test does to the cluster.
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/thread.h"

#include "tests/apisim/apisim.h"
#include "tests/apisim/apisim_internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct apisim *apisim_new(const struct apisim_options *options)
{
    struct apisim *s = xcalloc(1, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    thread_cond_init(&s->asked);
    s->o = options != NULL ? *options : (struct apisim_options){0};
    s->o.seed = s->o.seed != 0 ? s->o.seed : 1;
    s->o.history = s->o.history != 0 ? s->o.history : 5000;
    s->o.bookmark_ms = s->o.bookmark_ms != 0 ? s->o.bookmark_ms : 60000;
    s->o.too_large_delay_ms = s->o.too_large_delay_ms != 0 ? s->o.too_large_delay_ms : 100;
    s->rv = s->o.first_rv != 0 ? s->o.first_rv : 1000;
    s->random = s->o.seed * 0x9E3779B97F4A7C15u | 1;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        s->res[i].kind = &SIM_KINDS[i];
        s->res[i].present = true;
    }
    if (!s->o.quiet) {
        sim_set_user(s, "admin", "admin-token");
        sim_set_user(s, "viewer", "viewer-token");
        apisim_user_rule(s, "viewer", "deny * secrets");
    }
    return s;
}

struct apisim *apisim_start(const struct apisim_options *options, struct err *err)
{
    struct apisim *s = apisim_new(options);
    struct sim_net *net =
        s->o.transport == APISIM_H2_TLS ? sim_h2_start(s, err) : sim_h1_start(s, err);
    if (net == NULL) {
        apisim_stop(s);
        return NULL;
    }
    return s;
}

void apisim_stop(struct apisim *s)
{
    if (s == NULL) {
        return;
    }
    if (s->net != NULL) {
        pthread_mutex_lock(&s->lock);
        s->net->stop = true;
        sim_wake(s);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->net->thread, NULL);
        s->net->free(s->net);
        s->net = NULL;
    }
    sim_dns_stop(s->dns);
    s->dns = NULL;
    apisim_requests_clear(s);
    sim_replay_free(s->replay);
    sim_story_free(s->story);
    sim_clear(s);
    for (size_t i = 0; i < s->nusers; i++) {
        apisim_user_clear_rules(s, s->users[i].name);
        free(s->users[i].token);
        free(s->users[i].name);
        s->users[i].name = NULL; // the next one is looked up by name
    }
    free(s->seen);
    pthread_cond_destroy(&s->asked);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

const char *apisim_url(const struct apisim *s)
{
    return s->net != NULL ? s->net->url : "";
}

int apisim_port(const struct apisim *s)
{
    return s->net != NULL ? s->net->port : 0;
}

const char *apisim_ca_pem(const struct apisim *s)
{
    return s->net != NULL ? s->net->tls.ca : NULL;
}

const char *apisim_client_cert_pem(const struct apisim *s)
{
    return s->net != NULL ? s->net->tls.client_cert : NULL;
}

const char *apisim_client_key_pem(const struct apisim *s)
{
    return s->net != NULL ? s->net->tls.client_key : NULL;
}

static void base64(const char *s, struct buf *out)
{
    base64_encode(s, strlen(s), out);
}

bool apisim_write_kubeconfig(struct apisim *s, const char *path, const char *user, struct err *err)
{
    struct buf b;
    buf_init(&b, 0);
    buf_addf(&b,
             "apiVersion: v1\nkind: Config\ncurrent-context: simulator\nclusters:\n- name: "
             "simulator\n  cluster:\n"
             "    server: %s\n",
             apisim_url(s));
    if (apisim_ca_pem(s) != NULL) {
        buf_adds(&b, "    certificate-authority-data: ");
        base64(apisim_ca_pem(s), &b);
        buf_addc(&b, '\n');
    }
    const char *name = user != NULL ? user : "cert-admin";
    buf_addf(&b,
             "contexts:\n- name: simulator\n  context: {cluster: simulator, user: %s}\nusers:\n- "
             "name: %s\n  user:\n",
             name, name);
    pthread_mutex_lock(&s->lock);
    const struct sim_user *u = user != NULL ? sim_user(s, user) : NULL;
    if (u != NULL) {
        buf_addf(&b, "    token: \"%s\"\n", u->token != NULL ? u->token : "expired");
    }
    pthread_mutex_unlock(&s->lock);
    if (user == NULL && apisim_client_cert_pem(s) != NULL) {
        buf_adds(&b, "    client-certificate-data: ");
        base64(apisim_client_cert_pem(s), &b);
        buf_adds(&b, "\n    client-key-data: ");
        base64(apisim_client_key_pem(s), &b);
        buf_addc(&b, '\n');
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool ok = fd >= 0 && write(fd, b.data, b.len) == (ssize_t)b.len;
    if (!ok) {
        err_sys(err, ERR_CONFIG, "cannot write \"%s\"", path);
    }
    if (fd >= 0) {
        close(fd);
    }
    buf_release(&b);
    return ok;
}

// ---- objects

uint64_t apisim_apply(struct apisim *s, const char *text, struct err *err)
{
    struct json *j = json_parse(text, strlen(text), err);
    if (j == NULL) {
        return 0;
    }
    pthread_mutex_lock(&s->lock);
    uint64_t rv = sim_apply(s, j, err);
    pthread_mutex_unlock(&s->lock);
    json_free(j);
    return rv;
}

static struct sim_object *lookup(struct apisim *s, const char *resource, const char *ns,
                                 const char *name, struct sim_resource **r)
{
    *r = sim_find(s, resource);
    if (*r == NULL) {
        return NULL;
    }
    char *key = !str_empty(ns) ? xasprintf("%s/%s", ns, name) : xstrdup(name);
    bool found;
    size_t at = sim_index(*r, key, &found);
    free(key);
    return found ? (*r)->objects[at] : NULL;
}

uint64_t apisim_patch(struct apisim *s, const char *resource, const char *ns, const char *name,
                      const char *patch, struct err *err)
{
    struct json *p = json_parse(patch, strlen(patch), err);
    if (p == NULL) {
        return 0;
    }
    uint64_t rv = 0;
    pthread_mutex_lock(&s->lock);
    struct sim_resource *r;
    struct sim_object *o = lookup(s, resource, ns, name, &r);
    if (o != NULL) {
        struct json *tree = sim_tree(r->kind, o);
        struct json *meta = json_dup(json_get(tree, "metadata"));
        json_remove(meta, "managedFields");
        json_remove(meta, "resourceVersion");
        json_put(tree, "metadata", meta);
        sim_merge(tree, p);
        rv = sim_apply(s, tree, err);
        json_free(tree);
    } else {
        err_set(err, ERR_NOT_FOUND, "%s \"%s\" not found", resource, name);
    }
    pthread_mutex_unlock(&s->lock);
    json_free(p);
    return rv;
}

uint64_t apisim_delete(struct apisim *s, const char *resource, const char *ns, const char *name)
{
    pthread_mutex_lock(&s->lock);
    struct sim_resource *r;
    struct sim_object *o = lookup(s, resource, ns, name, &r);
    char *key = o != NULL ? xstrdup(o->key) : NULL;
    uint64_t rv = o != NULL ? sim_delete(s, r, key) : 0;
    free(key);
    pthread_mutex_unlock(&s->lock);
    return rv;
}

char *apisim_object(struct apisim *s, const char *resource, const char *ns, const char *name)
{
    struct buf b;
    buf_init(&b, 0);
    pthread_mutex_lock(&s->lock);
    struct sim_resource *r;
    struct sim_object *o = lookup(s, resource, ns, name, &r);
    if (o != NULL) {
        sim_print(r->kind, r->kind->versions[0], o, false, true, &b);
    }
    pthread_mutex_unlock(&s->lock);
    return o != NULL ? buf_take(&b) : NULL;
}

char *apisim_dump(struct apisim *s, const char *resource)
{
    struct buf b;
    buf_init(&b, 0);
    pthread_mutex_lock(&s->lock);
    const struct sim_resource *r = sim_find(s, resource);
    for (size_t i = 0; r != NULL && i < r->count; i++) {
        buf_addf(&b, "%s %s %" PRIu64 "\n", r->objects[i]->key, r->objects[i]->uid,
                 r->objects[i]->rv);
    }
    pthread_mutex_unlock(&s->lock);
    return buf_take(&b);
}

char *apisim_manifest(struct apisim *s)
{
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
    pthread_mutex_lock(&s->lock);
    bool first = true;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        const struct sim_resource *r = &s->res[i];
        for (size_t j = 0; j < r->count; j++) {
            buf_adds(&b, first ? "\n" : ",\n");
            sim_print(r->kind, r->kind->versions[0], r->objects[j], false, true, &b);
            first = false;
        }
    }
    pthread_mutex_unlock(&s->lock);
    buf_adds(&b, "\n]}\n");
    return buf_take(&b);
}

size_t apisim_count(struct apisim *s, const char *resource)
{
    pthread_mutex_lock(&s->lock);
    const struct sim_resource *r = sim_find(s, resource);
    size_t n = r != NULL ? r->count : 0;
    pthread_mutex_unlock(&s->lock);
    return n;
}

uint64_t apisim_rv(struct apisim *s)
{
    pthread_mutex_lock(&s->lock);
    uint64_t rv = s->rv;
    pthread_mutex_unlock(&s->lock);
    return rv;
}

// ---- moods

static void set_present(struct apisim *s, struct sim_resource *r, bool present)
{
    if (r->present == present) {
        return;
    }
    if (!present) {
        while (r->count > 0) {
            sim_drop(s, r, r->count - 1, ++s->rv, NULL);
        }
    } else {
        r->init_429 = 1;
        // The history of the CRD before is not this one's.
        r->compacted = ++s->rv;
        while (r->nevents > 0) {
            struct sim_event *e = &r->events[--r->nevents];
            sim_object_unref(e->obj);
            sim_object_unref(e->prev);
            free(e->raw);
        }
    }
    r->present = present;
    r->epoch++;
    sim_wake(s);
}

bool apisim_crd(struct apisim *s, const char *what, bool present)
{
    bool any = false;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        if (SIM_KINDS[i].group[0] != '\0' && str_eq(SIM_KINDS[i].group, what)) {
            set_present(s, &s->res[i], present);
            any = true;
        }
    }
    struct sim_resource *r = any ? NULL : sim_find(s, what);
    if (r != NULL) {
        set_present(s, r, present);
        any = true;
    }
    pthread_mutex_unlock(&s->lock);
    return any;
}

bool apisim_version(struct apisim *s, const char *group, const char *version, bool served)
{
    bool ok = true;
    pthread_mutex_lock(&s->lock);
    size_t i = 0;
    while (i < s->nhidden &&
           !(str_eq(s->hidden[i].group, group) && str_eq(s->hidden[i].version, version))) {
        i++;
    }
    if (served && i < s->nhidden) {
        s->hidden[i] = s->hidden[--s->nhidden];
    } else if (!served && i == s->nhidden) {
        ok = i < sizeof s->hidden / sizeof *s->hidden;
        if (ok) {
            snprintf(s->hidden[i].group, sizeof s->hidden[i].group, "%s", group);
            snprintf(s->hidden[i].version, sizeof s->hidden[i].version, "%s", version);
            s->nhidden++;
        }
    }
    for (i = 0; i < SIM_KIND_COUNT; i++) { // a changed CRD ends all its watches
        if (str_eq(SIM_KINDS[i].group, group)) {
            s->res[i].epoch++;
        }
    }
    sim_wake(s);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool apisim_stale(struct apisim *s, const char *group, bool stale)
{
    bool ok = true;
    pthread_mutex_lock(&s->lock);
    size_t i = 0;
    while (i < s->nstale && !str_eq(s->stale[i], group)) {
        i++;
    }
    if (!stale && i < s->nstale) {
        memmove(s->stale[i], s->stale[i + 1], (s->nstale - i - 1) * sizeof *s->stale);
        s->nstale--;
    } else if (stale && i == s->nstale) {
        ok = i < sizeof s->stale / sizeof *s->stale;
        if (ok) {
            snprintf(s->stale[s->nstale++], sizeof *s->stale, "%s", group);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

void apisim_compact(struct apisim *s)
{
    pthread_mutex_lock(&s->lock);
    sim_compact(s);
    pthread_mutex_unlock(&s->lock);
}

bool apisim_rollback(struct apisim *s, uint64_t rv)
{
    pthread_mutex_lock(&s->lock);
    bool ok = sim_rollback(s, rv);
    if (ok && s->net != NULL) {
        s->net->drop_fin = true;
        sim_wake(s);
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

void apisim_end_watches(struct apisim *s, const char *resource)
{
    pthread_mutex_lock(&s->lock);
    struct sim_resource *one = resource != NULL ? sim_find(s, resource) : NULL;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        if (resource == NULL || &s->res[i] == one) {
            s->res[i].epoch++;
        }
    }
    sim_wake(s);
    pthread_mutex_unlock(&s->lock);
}

void apisim_drop_connections(struct apisim *s, bool rst)
{
    pthread_mutex_lock(&s->lock);
    if (s->net != NULL) {
        s->net->drop_rst = s->net->drop_rst || rst;
        s->net->drop_fin = s->net->drop_fin || !rst;
        sim_wake(s);
    }
    pthread_mutex_unlock(&s->lock);
}

void apisim_blackhole(struct apisim *s, bool on)
{
    pthread_mutex_lock(&s->lock);
    s->swallow = on;
    sim_wake(s);
    pthread_mutex_unlock(&s->lock);
}

void apisim_goaway(struct apisim *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->net != NULL) {
        s->net->goaway = true;
        sim_wake(s);
    }
    pthread_mutex_unlock(&s->lock);
}

void apisim_refuse(struct apisim *s, bool on)
{
    pthread_mutex_lock(&s->lock);
    if (s->net != NULL) {
        s->net->refuse = on;
        sim_wake(s);
    }
    pthread_mutex_unlock(&s->lock);
}

// ---- what was asked

void apisim_requests(struct apisim *s, void (*cb)(void *self, const struct apisim_seen *r),
                     void *self)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->nseen; i++) {
        cb(self, &s->seen[i].r);
    }
    pthread_mutex_unlock(&s->lock);
}

static size_t count(struct apisim *s, const char *verb, const char *resource)
{
    const struct sim_resource *r = resource != NULL ? sim_find(s, resource) : NULL;
    size_t n = 0;
    for (size_t i = 0; i < s->nseen; i++) {
        const struct sim_seen *e = &s->seen[i];
        n += (verb == NULL || str_eq(e->r.verb, verb)) &&
                     (resource == NULL || (r != NULL && e->kind == r->kind))
                 ? 1
                 : 0;
    }
    return n;
}

size_t apisim_request_count(struct apisim *s, const char *verb, const char *resource)
{
    pthread_mutex_lock(&s->lock);
    size_t n = count(s, verb, resource);
    pthread_mutex_unlock(&s->lock);
    return n;
}

void apisim_requests_clear(struct apisim *s)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->nseen; i++) {
        const struct apisim_seen *r = &s->seen[i].r;
        const char *all[] = {r->method,          r->target,     r->accept,
                             r->accept_encoding, r->user_agent, r->content_type,
                             r->if_none_match,   r->user,       r->body};
        for (size_t j = 0; j < sizeof all / sizeof *all; j++) {
            free(unconst(all[j]));
        }
    }
    s->nseen = 0;
    pthread_mutex_unlock(&s->lock);
}

bool apisim_wait_requests(struct apisim *s, const char *verb, const char *resource, size_t n,
                          int ms)
{
    const struct timespec until = thread_deadline(ms);
    pthread_mutex_lock(&s->lock);
    int rc = 0;
    while (count(s, verb, resource) < n && rc == 0) {
        rc = pthread_cond_timedwait(&s->asked, &s->lock, &until);
    }
    bool ok = count(s, verb, resource) >= n;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

size_t apisim_open_watches(struct apisim *s, const char *resource)
{
    pthread_mutex_lock(&s->lock);
    const struct sim_resource *one = resource != NULL ? sim_find(s, resource) : NULL;
    size_t n = 0;
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) {
        n += resource == NULL || &s->res[i] == one ? s->res[i].watches : 0;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

size_t apisim_open_connections(struct apisim *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->net != NULL ? s->net->connections : 0;
    pthread_mutex_unlock(&s->lock);
    return n;
}
