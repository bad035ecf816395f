// SPDX-License-Identifier: Apache-2.0
// Messages to the I/O thread, and the byte that says that it has something new.
#include "kube/base/pipe.h"

#include "kube/store/session_internal.h"

#include <stdlib.h>
#include <string.h>

void session_notify(const struct session *s)
{
    pipe_wake(s->o.notify_fd);
}

void session_request_release(struct session_request *r)
{
    free(r->field_selector);
    free(r->label_selector);
    free(r->path);
}

bool session_post(struct session *s, struct session_request r)
{
    pthread_mutex_lock(&s->lock);
    bool ok = s->request_count < REQUESTS_MAX;
    if (ok) {
        if (r.type == REQUEST_FETCH) {
            r.number = ++s->newest_fetch;
            s->fetched = false;
        }
        s->requests[s->request_count++] = r;
    }
    pthread_mutex_unlock(&s->lock);
    if (!ok) {
        session_request_release(&r);
        return false;
    }
    client_wakeup(s->client);
    return true;
}

int session_take_requests(struct session *s, struct session_request out[REQUESTS_MAX])
{
    pthread_mutex_lock(&s->lock);
    int n = s->stop ? -1 : s->request_count;
    if (n > 0) {
        memcpy(out, s->requests, (size_t)n * sizeof *out);
        s->request_count = 0;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}
