// SPDX-License-Identifier: Apache-2.0
// Where a command's objects come from.
#include "tui/cli/data_source.h"

#include "kube/base/text.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/apps.h"

#include "kube/probe/tls_prober.h"

#include "tui/screen/probe_requests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// How long a one-off command tries again where the server is there but does not answer well.
enum { PATIENCE_MS = 10000 };
// How long --probe waits for the answers of DNS.
enum { PROBE_SECONDS = 60 };

// --- files

struct loader {
    struct store *store;
    bool bad;
};

static void take(void *self, const struct object *o)
{
    store_put(((struct loader *)self)->store, o);
}

static void tell(void *self, const char *file, int line, int column, const char *message)
{
    ((struct loader *)self)->bad = true;
    fprintf(stderr, "gatetop: %s", file);
    if (line > 0) {
        fprintf(stderr, ":%d", line);
    }
    if (line > 0 && column > 0) {
        fprintf(stderr, ":%d", column);
    }
    fprintf(stderr, ": %s\n", message);
}

static void load(struct loader *l, const struct string_list *files, const char *default_ns)
{
    struct manifest_sink sink = {take, tell, l};
    for (size_t i = 0; i < files->n; i++) {
        if (!manifest_read(files->at[i], default_ns, &sink)) {
            l->bad = true;
        }
    }
}

static const struct snapshot *finish(struct store *s, struct apps *apps)
{
    const void *rows = apps_update(apps, store_view(s), clock_now());
    const struct snapshot *snap = store_publish(s, rows, apps_rows_unref);
    apps_free(apps);
    store_free(s);
    return snap;
}

const struct snapshot *data_from_files(const struct string_list *files, const char *default_ns,
                                       const struct dns_settings *dns, bool *bad)
{
    struct loader l = {.store = store_new()};
    struct apps *apps = apps_new(dns);
    store_on_change(l.store, apps_changed, apps);
    load(&l, files, default_ns);
    for (enum kind k = 0; k < KIND_COUNT; k++) {
        struct kind_state *s = store_state(l.store, k);
        s->state = SYNC_LIVE;
        s->synced = true;
    }
    store_cluster(l.store)->from_files = true;
    *bad = *bad || l.bad;
    return finish(l.store, apps);
}

const struct snapshot *data_overlay(const struct snapshot *base, const struct string_list *files,
                                    const struct dns_settings *dns, bool *bad)
{
    struct loader l = {.store = store_new()};
    struct apps *apps = apps_new(dns);
    store_on_change(l.store, apps_changed, apps);
    store_copy(l.store, base);
    load(&l, files, "default");
    *bad = *bad || l.bad;
    return finish(l.store, apps);
}

// --- a cluster

// How often every name is wanted again; the prober itself knows which are due.
enum { ASK_EVERY_S = 60, ASK_SOON_S = 2 };

static void changed(void *self, const struct object *before, const struct object *after)
{
    apps_changed(((struct data_link *)self)->apps, before, after);
}

static void kind_state_changed(void *self, enum kind k)
{
    apps_kind_state_changed(((struct data_link *)self)->apps, k);
}

static void probe_changed(void *self, const struct probe_result *r)
{
    apps_key_changed(((struct data_link *)self)->apps, mesh_key_probe(r->kind, r->name));
}

static const void *update(void *self, const struct snapshot *view, int64_t now)
{
    struct data_link *d = self;
    const void *rows = apps_update(d->apps, view, now);
    bool asks = d->prober != NULL || d->tls_all;
    if (asks && apps_made(d->apps) != d->asked_for && d->ask_at > now + ASK_SOON_S) {
        d->ask_at = now + ASK_SOON_S; // something is new: its names are wanted soon
    }
    if (asks && d->ask_at <= now) {
        if (d->prober != NULL) {
            asker_want_all(d->prober, view, d->dns, now);
        }
        if (d->tls_all) {
            asker_want_handshakes(d->tls, view, d->dns, now);
        }
        d->asked_for = apps_made(d->apps);
        d->ask_at = now + ASK_EVERY_S;
    }
    return rows;
}

static int64_t next(void *self)
{
    const struct data_link *d = self;
    int64_t t = apps_next(d->apps);
    bool asks = d->prober != NULL || d->tls_all;
    return asks && (t == TIME_NONE || d->ask_at < t) ? d->ask_at : t;
}

void data_tell(const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        fprintf(stderr, "gatetop: %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

bool data_link_init(struct data_link *d, struct err *err)
{
    memset(d, 0, sizeof *d);
    d->probes = probe_inbox_new();
    if (pipe(d->wake) != 0) {
        probe_inbox_free(d->probes);
        return err_sys(err, ERR_INTERNAL, "cannot make a pipe");
    }
    for (int i = 0; i < 2; i++) {
        fcntl(d->wake[i], F_SETFL, O_NONBLOCK);
        fcntl(d->wake[i], F_SETFD, FD_CLOEXEC);
    }
    return true;
}

void data_link_release(struct data_link *d)
{
    data_disconnect(d);
    close(d->wake[0]);
    close(d->wake[1]);
    probe_inbox_free(d->probes);
}

void data_drain(const struct data_link *d)
{
    char bytes[256];
    while (read(d->wake[0], bytes, sizeof bytes) > 0) {
    }
}

static bool run_helper(struct credential *c, const struct data_wish *w,
                       const struct api_config *config, struct err *err)
{
    bool lend = w->lend != NULL && config->exec != NULL;
    if (w->screen && config->exec != NULL && str_eq(config->exec->interactive_mode, "Never")) {
        return true; // the I/O thread runs it, and the screen does not wait
    }
    if (lend) {
        w->lend(true);
    }
    bool ok = credential_run_interactive(c, isatty(STDIN_FILENO) == 1, credential_clock(), err);
    if (lend) {
        w->lend(false);
    }
    return ok || lend; // over a screen what failed is a state, and Ctrl-R tries again
}

static bool start_tls(struct data_link *d, struct err *err)
{
    struct tls_prober_options o = {.result = probe_inbox_put, .self = d->probes};
    d->tls = d->tls != NULL ? d->tls : tls_prober_start(&o, err);
    return d->tls != NULL;
}

bool data_probe_tls(struct data_link *d, const char *name, struct err *err)
{
    if (!start_tls(d, err)) {
        return false;
    }
    if (!tls_prober_request_now(d->tls, name)) {
        return err_set(err, ERR_INTERNAL, "too many handshakes wait already");
    }
    return true;
}

bool data_connect(struct data_link *d, const struct data_wish *w, struct buf *problems, int *status)
{
    struct err err = {0};
    *status = 3;
    if (!http_global_init(&err)) {
        buf_adds(problems, err.msg);
        return false;
    }
    struct api_config *config = api_config_load(w->api, &PROCESS_ENVIRONMENT, problems, &err);
    if (config == NULL) {
        if (problems->len == 0) {
            buf_adds(problems, err.msg);
        }
        *status = err.code == ERR_USAGE ? 2 : 4;
        return false;
    }
    struct credential *credential = credential_new(config, NULL);
    if (!run_helper(credential, w, config, &err)) {
        buf_adds(problems, err.msg);
        credential_free(credential);
        api_config_free(config);
        return false;
    }
    d->apps = apps_new(w->dns);
    d->dns = w->dns;
    d->ask_at = clock_now() + 1;
    struct session_options live = {
        .config = config,
        .credential = credential,
        .kinds = w->kinds,
        .first = w->first,
        .watch = w->watch,
        .notify_fd = d->wake[1],
        .probes = d->probes,
        .derive = {d, changed, kind_state_changed, probe_changed, update, apps_rows_unref, next},
    };
    if (w->probe) {
        struct dns_prober_options probing = {.resolver = w->resolver,
                                             .authoritative = w->authoritative,
                                             .result = probe_inbox_put,
                                             .self = d->probes};
        d->prober = dns_prober_start(&probing, &err);
    }
    d->tls_all = w->probe_tls && (!w->probe || d->prober != NULL) && start_tls(d, &err);
    if ((w->probe && d->prober == NULL) || d->tls_all != w->probe_tls) {
        buf_adds(problems, err.msg);
        *status = err.code == ERR_USAGE ? 2 : 3;
        credential_free(credential);
        api_config_free(config);
        data_disconnect(d);
        return false;
    }
    d->session = session_start(&live, &err);
    if (d->session == NULL) {
        buf_adds(problems, err.msg);
        data_disconnect(d);
        return false;
    }
    return true;
}

void data_disconnect(struct data_link *d)
{
    // The I/O thread asks the probers: it ends before them. Their results are dropped meanwhile.
    session_stop(d->session);
    d->session = NULL;
    dns_prober_stop(d->prober);
    tls_prober_stop(d->tls);
    apps_free(d->apps);
    d->prober = NULL;
    d->tls = NULL;
    d->tls_all = false;
    d->apps = NULL;
}

bool data_open(struct data_link *d, const struct data_wish *w, int *status)
{
    struct err err = {0};
    struct buf problems;
    buf_init(&problems, 0);
    *status = 3;
    bool ok = data_link_init(d, &err);
    if (!ok) {
        data_tell(err.msg);
    } else if (!data_connect(d, w, &problems, status)) {
        data_tell(problems.len > 0 ? problems.data : "cannot connect");
        data_link_release(d);
        ok = false;
    }
    buf_release(&problems);
    return ok;
}

static bool known(const struct kind_state *s)
{
    return s->synced || s->state == SYNC_FORBIDDEN || s->state == SYNC_NOT_INSTALLED ||
           s->state == SYNC_OFF;
}

// A needed kind that cannot be had, as a sentence; false where all can.
static bool refused(const struct snapshot *s, kind_set needs)
{
    bool any = false;
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        if ((needs & KIND_BIT(k)) != 0 && state->state == SYNC_FORBIDDEN && state->objects == 0) {
            fprintf(stderr, "gatetop: %s: %s\n", kinds[k].resource,
                    state->reason[0] != '\0' ? state->reason : "no permission to read them");
            any = true;
        }
    }
    return any;
}

// A kind whose list failed for a reason that trying again within seconds does not mend.
static bool hopeless(const struct snapshot *s, kind_set wanted, int64_t waited_ms)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        if ((wanted & KIND_BIT(k)) == 0 || known(state) || state->problem == ERR_NONE) {
            continue;
        }
        bool final =
            state->problem == ERR_AUTH || state->problem == ERR_TLS || state->problem == ERR_CONFIG;
        if (final || waited_ms > PATIENCE_MS) {
            fprintf(stderr, "gatetop: %s: %s\n", kinds[k].resource, state->reason);
            return true;
        }
    }
    return false;
}

const struct snapshot *data_wait(struct data_link *d, kind_set needs, kind_set reads, int *status)
{
    int64_t begin = clock_mono_ms();
    for (;;) {
        const struct snapshot *s = session_latest(d->session);
        bool all = s != NULL;
        for (int k = 0; all && k < KIND_COUNT; k++) {
            if (((needs | reads) & KIND_BIT(k)) != 0 && kinds[k].reading != READ_FILES) {
                all = known(&s->states[k]);
            }
        }
        bool lost = s != NULL && !all && !s->cluster.connected &&
                    s->cluster.connection[0] != '\0' &&
                    strcmp(s->cluster.connection, "connecting") != 0;
        if (lost) {
            fprintf(stderr, "gatetop: %s\n", s->cluster.connection);
        }
        if (lost || (all && refused(s, needs)) ||
            (s != NULL && !all && hopeless(s, needs | reads, clock_mono_ms() - begin))) {
            snapshot_unref(s);
            *status = 3;
            return NULL;
        }
        if (all) {
            for (int k = 0; k < KIND_COUNT; k++) {
                if ((reads & ~needs & KIND_BIT(k)) != 0 && s->states[k].state == SYNC_FORBIDDEN) {
                    fprintf(stderr,
                            "gatetop: %s may not be read; what depends on them is unknown\n",
                            kinds[k].resource);
                }
            }
            return s;
        }
        snapshot_unref(s);
        struct pollfd p = {d->wake[0], POLLIN, 0};
        if (poll(&p, 1, PATIENCE_MS) < 0 && errno != EINTR) {
            *status = 3;
            return NULL;
        }
        data_drain(d);
    }
}

const struct snapshot *data_snapshot(const struct options *o, kind_set needs, kind_set reads,
                                     const struct dns_settings *dns, int *status)
{
    bool bad = false;
    const struct snapshot *s;
    if (o->files.n != 0) {
        s = data_from_files(&o->files, o->ns != NULL ? o->ns : "default", dns, &bad);
    } else {
        struct data_wish wish = {
            .api = &o->api, .kinds = needs | reads, .first = needs, .dns = dns};
        struct data_link d;
        if (!data_open(&d, &wish, status)) {
            return NULL;
        }
        s = data_wait(&d, needs, reads, status);
        data_link_release(&d);
    }
    if (s != NULL && o->overlays.n != 0) {
        const struct snapshot *laid = data_overlay(s, &o->overlays, dns, &bad);
        snapshot_unref(s);
        s = laid;
    }
    if (s != NULL && ((o->probe && !o->no_probe) || o->probe_tls)) {
        struct err err = {0};
        size_t left = 0;
        const struct snapshot *asked = asker_ask_once(o, s, dns, PROBE_SECONDS, &left, &err);
        snapshot_unref(s);
        s = asked;
        if (s == NULL) { // an answer without what was asked for would pass for one with it
            data_tell(err.msg);
            *status = err.code == ERR_USAGE ? 2 : 3;
        } else if (left > 0) {
            fprintf(stderr,
                    "gatetop: %zu names or handshakes had no answer within %d s and are unknown; "
                    "'get -w' goes on asking\n",
                    left, PROBE_SECONDS);
        }
    }
    if (s != NULL) {
        *status = bad ? 4 : 0;
    }
    return s;
}
