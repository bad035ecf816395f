// SPDX-License-Identifier: Apache-2.0
// Replays a recording of a real cluster: its list bodies and watch lines, byte for byte, step by step.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay_step {
    int seq, line;
    struct sim_resource *r;
};

struct sim_replay {
    char *watch[SIM_KINDS_MAX]; // the whole file
    char **lines[SIM_KINDS_MAX];
    size_t nlines[SIM_KINDS_MAX], lines_cap[SIM_KINDS_MAX];
    int done[SIM_KINDS_MAX]; // lines released
    struct replay_step *steps;
    size_t nsteps, steps_cap, at;
};

void sim_replay_free(struct sim_replay *p)
{
    for (size_t i = 0; p != NULL && i < SIM_KIND_COUNT; i++) {
        free(p->watch[i]);
        free(p->lines[i]);
    }
    if (p != NULL) {
        free(p->steps);
    }
    free(p);
}

static char *slurp(const char *dir, const char *name, struct err *err)
{
    char *path = xasprintf("%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    struct buf b;
    buf_init(&b, 0);
    if (f == NULL) {
        err_sys(err, ERR_CONFIG, "cannot open \"%s\"", path);
        free(path);
        return NULL;
    }
    char chunk[65536];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) {
        buf_add(&b, chunk, n);
    }
    fclose(f);
    free(path);
    return buf_take(&b);
}

static uint64_t rv_of(const struct json *object)
{
    const char *rv = json_string(json_at(object, "metadata", "resourceVersion", NULL));
    return rv != NULL ? strtoull(rv, NULL, 10) : 0;
}

// An object as recorded. raw: its own bytes, NULL if it had no kind of its own (a built-in list's item).
static struct sim_object *recorded(const struct sim_kind *k, struct json *tree, char *raw)
{
    const struct json *m = json_get(tree, "metadata");
    const char *name = json_get_string(m, "name"), *uid = json_get_string(m, "uid");
    struct sim_object *o = sim_object_new(json_get_string(m, "namespace"), str_or_empty(name));
    snprintf(o->uid, sizeof o->uid, "%s", str_or_empty(uid));
    o->rv = rv_of(tree);
    o->raw = raw;
    struct buf meta, rest;
    buf_init(&meta, 0);
    buf_init(&rest, 0);
    json_print(m, false, &meta); // the keys keep the recorded order
    for (const struct json *c = json_first(tree); c != NULL; c = json_next(c)) {
        const char *key = json_key(c);
        if (!str_eq(key, "metadata") && !str_eq(key, "kind") && !str_eq(key, "apiVersion")) {
            buf_adds(&rest, rest.len > 0 ? "," : "");
            json_quote(&rest, key, strlen(key));
            buf_addc(&rest, ':');
            json_print(c, false, &rest);
        }
    }
    o->meta = buf_take(&meta);
    o->rest = buf_take(&rest);
    (void)k;
    return o;
}

static bool load_list(struct apisim *s, struct sim_resource *r, const char *dir, struct err *err)
{
    char name[96];
    snprintf(name, sizeof name, "list-%s.json", r->kind->plural);
    char *text = slurp(dir, name, NULL);
    if (text == NULL) {
        return true; // not every kind was recorded
    }
    struct json *list = json_parse(text, strlen(text), err);
    if (list == NULL) {
        free(text);
        return false;
    }
    uint64_t rv = rv_of(list);
    for (const struct json *i = json_first(json_get(list, "items")); i != NULL; i = json_next(i)) {
        struct json *item = json_dup(i);
        sim_put(s, r, recorded(r->kind, item, NULL), NULL);
        json_free(item);
    }
    // The list is where the history begins.
    while (r->nevents > 0) {
        struct sim_event *e = &r->events[--r->nevents];
        sim_object_unref(e->obj);
        sim_object_unref(e->prev);
        free(e->raw);
    }
    r->compacted = rv;
    r->raw_list = text;
    s->rv = rv > s->rv ? rv : s->rv;
    json_free(list);
    return true;
}

static void load_watch(struct sim_replay *p, size_t kind, const char *dir)
{
    char name[96];
    snprintf(name, sizeof name, "watch-%s.jsonl", SIM_KINDS[kind].plural);
    char *text = p->watch[kind] = slurp(dir, name, NULL);
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        *ARRAY_PUSH(p->lines[kind], p->nlines[kind], p->lines_cap[kind]) = line;
        if (end == NULL) {
            break;
        }
        *end = '\0';
        line = end + 1;
    }
}

static bool load_order(struct apisim *s, struct sim_replay *p, const char *dir, struct err *err)
{
    char *text = slurp(dir, "order.tsv", err);
    if (text == NULL) {
        return false;
    }
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        int seq, n;
        char resource[64];
        if (line[0] == '#' || sscanf(line, "%d\t%*s\t%63s\t%d", &seq, resource, &n) != 3) {
            continue;
        }
        *ARRAY_PUSH(p->steps, p->nsteps, p->steps_cap) =
            (struct replay_step){.seq = seq, .line = n, .r = sim_find(s, resource)};
    }
    free(text);
    return true;
}

bool apisim_replay_open(struct apisim *s, const char *dir, struct err *err)
{
    pthread_mutex_lock(&s->lock);
    sim_replay_free(s->replay);
    struct sim_replay *p = s->replay = xcalloc(1, sizeof *p);
    sim_clear(s);
    s->rv = 0;
    bool ok = load_order(s, p, dir, err);
    for (size_t i = 0; i < SIM_KIND_COUNT && ok; i++) {
        ok = load_list(s, &s->res[i], dir, err);
        load_watch(p, i, dir);
    }
    for (size_t i = 0; i < SIM_KIND_COUNT; i++) { // kinds that were not recorded begin there too
        s->res[i].compacted = s->res[i].raw_list == NULL ? s->rv : s->res[i].compacted;
    }
    sim_wake(s);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

// The text of "object" in {"type":...,"object":{...}}: from its brace to the last but one.
static char *object_bytes(const char *line)
{
    const char *at = strstr(line, "\"object\":");
    size_t n = at != NULL ? strlen(at) : 0;
    return n > 10 ? xstrndup(at + 9, n - 10) : NULL;
}

static void release(struct apisim *s, struct sim_resource *r, const char *line)
{
    struct json *j = json_parse(line, strlen(line), NULL);
    const char *type = json_get_string(j, "type");
    struct json *object = json_dup(json_get(j, "object"));
    uint64_t rv = rv_of(object);
    char *raw = xasprintf("%s\n", line);
    s->rv = rv > s->rv ? rv : s->rv;
    if (str_eq(type, "BOOKMARK")) {
        sim_record(s, r, (struct sim_event){.type = EV_BOOKMARK, .rv = rv, .raw = raw});
    } else {
        struct sim_object *o = recorded(r->kind, object, object_bytes(line));
        if (str_eq(type, "DELETED")) {
            bool found;
            size_t at = sim_index(r, o->key, &found);
            if (found) {
                sim_drop(s, r, at, rv, raw);
            } else {
                free(raw);
            }
            sim_object_unref(o);
        } else {
            sim_put(s, r, o, raw);
        }
    }
    json_free(object);
    json_free(j);
}

bool apisim_replay_step(struct apisim *s, int seq)
{
    bool ok = false;
    pthread_mutex_lock(&s->lock);
    struct sim_replay *p = s->replay;
    while (p != NULL && p->at < p->nsteps && p->steps[p->at].seq <= seq) {
        const struct replay_step *st = &p->steps[p->at++];
        if (st->r == NULL) {
            continue;
        }
        size_t k = (size_t)(st->r->kind - SIM_KINDS);
        // Everything up to that line, bookmarks between included.
        while (p->done[k] < st->line && (size_t)p->done[k] < p->nlines[k]) {
            release(s, st->r, p->lines[k][p->done[k]++]);
        }
    }
    ok = p != NULL && p->nsteps > 0 && seq <= p->steps[p->nsteps - 1].seq;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

int apisim_replay_last(struct apisim *s)
{
    pthread_mutex_lock(&s->lock);
    int last = s->replay != NULL && s->replay->nsteps > 0
                   ? s->replay->steps[s->replay->nsteps - 1].seq
                   : 0;
    pthread_mutex_unlock(&s->lock);
    return last;
}
