// SPDX-License-Identifier: Apache-2.0
// One object as the server has it now, as text for a person.
#include "kube/base/percent.h"
#include "kube/base/yaml_print.h"

#include "kube/store/session_internal.h"

#include <stdlib.h>
#include <string.h>

static void put_answer(struct session *l, unsigned number, char *text, size_t n, bool failed)
{
    pthread_mutex_lock(&l->lock);
    if (number == l->wanted_fetch) {
        free(l->answer.text);
        l->answer = (struct fetched_text){text, n, failed};
        l->answered = true;
        text = NULL;
    }
    pthread_mutex_unlock(&l->lock);
    free(text);
    session_notify(l);
}

static struct json *child(struct json *j, const char *key)
{
    union {
        const struct json *c;
        struct json *m;
    } u = {.c = json_get(j, key)};
    return u.m;
}

// managedFields is folded: who wrote, with which operation, when. The copy that `kubectl apply` leaves goes:
// of a Secret it holds the values.
static void tidy_metadata(struct json *meta)
{
    struct json *notes = child(meta, "annotations");
    if (notes != NULL) {
        json_remove(notes, "kubectl.kubernetes.io/last-applied-configuration");
    }
    const struct json *fields = json_get(meta, "managedFields");
    if (json_type(fields) != JSON_ARRAY) {
        return;
    }
    struct json *folded = json_new_array();
    for (const struct json *f = json_first(fields); f != NULL; f = json_next(f)) {
        struct json *x = json_push(folded, json_new_object());
        static const char *const keep[] = {"manager", "operation", "subresource", "time"};
        for (size_t i = 0; i < sizeof keep / sizeof *keep; i++) {
            if (json_get_string(f, keep[i]) != NULL) {
                json_put_string(x, keep[i], json_get_string(f, keep[i]));
            }
        }
    }
    json_put(meta, "managedFields", folded);
}

static void fetch_answer(void *self, int status, const char *body, size_t n, const struct err *err)
{
    struct session *l = self;
    l->fetch = NULL;
    struct err e;
    struct json *j = status >= 200 && status < 300 ? json_parse(body, n, &e) : NULL;
    if (j == NULL) {
        char *text = status == 404 ? xstrdup("it is no longer there")
                     : err != NULL && err->msg[0] != '\0'
                         ? xstrdup(err->msg)
                         : xasprintf("the server answered %d", status);
        put_answer(l, l->fetch_number, text, strlen(text), true);
        return;
    }
    tidy_metadata(child(j, "metadata"));
    struct buf b;
    buf_init(&b, 0);
    yaml_print(j, &b);
    json_free(j);
    size_t len = b.len;
    put_answer(l, l->fetch_number, buf_take(&b), len, false);
}

void session_begin_fetch(struct session *l, const struct command *c)
{
    if (l->fetch != NULL) {
        client_request_cancel(l->fetch);
    }
    l->fetch_number = (unsigned)c->kinds;
    l->fetch =
        client_get(l->client, c->path,
                   c->metadata ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
                               : "application/json",
                   fetch_answer, l);
}

bool session_fetch(struct session *l, const struct object *o)
{
    struct buf path;
    buf_init(&path, 0);
    buf_adds(&path, strchr(o->api_version, '/') != NULL ? "/apis/" : "/api/");
    buf_adds(&path, o->api_version);
    if (o->ns[0] != '\0') {
        buf_adds(&path, "/namespaces/");
        percent_encode(&path, o->ns);
    }
    buf_addf(&path, "/%s/", kinds[o->kind].resource);
    percent_encode(&path, o->name);
    return session_enqueue(l, (struct command){.type = COMMAND_FETCH,
                                               .path = buf_take(&path),
                                               .metadata = o->kind == KIND_SECRET});
}

bool session_take_fetched(struct session *l, struct fetched_text *out)
{
    pthread_mutex_lock(&l->lock);
    bool answered = l->answered;
    if (answered) {
        *out = l->answer;
        l->answer = (struct fetched_text){0};
        l->answered = false;
    }
    pthread_mutex_unlock(&l->lock);
    return answered;
}
