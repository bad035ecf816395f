// SPDX-License-Identifier: Apache-2.0
// One object as the server has it now, as text for a person.
#include "kube/store/session_fetch.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"
#include "kube/base/yaml_print.h"

#include "kube/store/session_internal.h"

#include <stdlib.h>
#include <string.h>

// Takes over the text.
static void put_text(struct session *s, char *text, size_t n, bool failed)
{
    pthread_mutex_lock(&s->lock);
    if (s->fetch_number == s->newest_fetch) {
        free(s->fetched_text);
        s->fetched_text = text;
        s->fetched_size = n;
        s->fetch_failed = failed;
        s->fetched = true;
        text = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    free(text);
    session_notify(s);
}

// Shortens managedFields to manager, operation and time. Removes the copy that `kubectl apply` leaves: that of a Secret
// holds its values.
static void tidy_metadata(struct json *meta)
{
    struct json *annotations = unconst(json_get(meta, "annotations"));
    if (annotations != NULL) {
        json_remove(annotations, "kubectl.kubernetes.io/last-applied-configuration");
    }
    const struct json *fields = json_get(meta, "managedFields");
    if (json_type(fields) != JSON_ARRAY) {
        return;
    }
    struct json *shortened = json_new_array();
    for (const struct json *f = json_first(fields); f != NULL; f = json_next(f)) {
        struct json *entry = json_push(shortened, json_new_object());
        static const char *const keep[] = {"manager", "operation", "subresource", "time"};
        for (size_t i = 0; i < ARRAY_COUNT(keep); i++) {
            const char *value = json_get_string(f, keep[i]);
            if (value != NULL) {
                json_put_string(entry, keep[i], value);
            }
        }
    }
    json_put(meta, "managedFields", shortened);
}

static char *failure_text(int status, const struct err *err)
{
    if (status == 404) {
        return xstrdup("it is no longer there");
    }
    return err != NULL && err->msg[0] != '\0' ? xstrdup(err->msg)
                                              : xasprintf("the server answered %d", status);
}

static void on_answer(void *self, int status, const char *body, size_t n, const struct err *err)
{
    struct session *s = self;
    s->fetch = NULL;
    struct json *object = status >= 200 && status < 300 ? json_parse(body, n, NULL) : NULL;
    if (object == NULL) {
        char *text = failure_text(status, err);
        put_text(s, text, strlen(text), true);
        return;
    }
    tidy_metadata(unconst(json_get(object, "metadata")));
    struct buf b;
    buf_init(&b, 0);
    yaml_print(object, &b);
    json_free(object);
    size_t len = b.len;
    put_text(s, buf_take(&b), len, false);
}

void session_begin_fetch(struct session *s, const struct session_request *r)
{
    if (s->fetch != NULL) {
        client_request_cancel(s->fetch);
    }
    s->fetch_number = r->number;
    s->fetch = client_get(s->client, r->path,
                          r->metadata ? CLIENT_ACCEPT_METADATA : "application/json", on_answer, s);
}

bool session_fetch(struct session *s, const struct object *o)
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
    return session_post(s, (struct session_request){.type = REQUEST_FETCH,
                                                    .path = buf_take(&path),
                                                    .metadata = o->kind == KIND_SECRET});
}

bool session_take_fetched(struct session *s, struct fetched_text *out)
{
    pthread_mutex_lock(&s->lock);
    bool fetched = s->fetched;
    if (fetched) {
        *out = (struct fetched_text){s->fetched_text, s->fetched_size, s->fetch_failed};
        s->fetched_text = NULL;
        s->fetched = false;
    }
    pthread_mutex_unlock(&s->lock);
    return fetched;
}
