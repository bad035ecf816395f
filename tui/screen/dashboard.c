// SPDX-License-Identifier: Apache-2.0
// The dashboard over a cluster or over files: the source of app.h.
#include "kube/base/text.h"

#include "kube/api/api_contexts.h"

#include "kube/object/manifest.h"

#include "kube/store/session_fetch.h"

#include "kube/mesh/cert/name_coverage.h"
#include "kube/mesh/chain/apps.h"
#include "kube/mesh/chain/tls_handshake.h"

#include "views/view_list.h"

#include "tui/cli/commands.h"
#include "tui/cli/data_source.h"
#include "tui/screen/app.h"
#include "tui/screen/probe_requests.h"
#include "tui/screen/terminal.h"
#include "tui/screen/trace_pane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dashboard {
    const struct options *o;
    const struct dns_settings *dns; // NULL: what the cluster says
    struct api_flags api;           // with the context that was switched to
    char *context;
    struct data_link link;
    const struct snapshot *files; // NULL over a cluster
    struct yaml_answer yaml;      // from files: waiting to be taken
    bool yaml_ready;
    bool lend;         // the user asked for another try of a plugin that needs the terminal
    uint64_t screen;   // hash of the rows whose names were wanted last
    int64_t wanted_at; // and when: clock_mono_ms
};

// How long the same rows on screen are not looked at again for names to ask.
enum { SCREEN_EVERY_MS = 5000 };

static const struct snapshot *latest(void *self)
{
    struct dashboard *d = self;
    return d->files != NULL ? snapshot_ref(d->files)
                            : (d->link.session != NULL ? session_latest(d->link.session) : NULL);
}

// The names of the rows on screen are asked before all others.
static void drawn(void *self, const struct view *v, const struct view_args *a,
                  const void *const *rows, uint32_t n)
{
    struct dashboard *d = self;
    bool records = strcmp(v->name, "dns") == 0;
    if (d->link.prober == NULL || (!records && strcmp(v->name, "apps") != 0)) {
        return;
    }
    uint64_t screen = str_hash(v->name);
    for (uint32_t i = 0; i < n; i++) {
        screen = hash_mix(screen, str_hash(v->host(a, rows[i])));
    }
    int64_t now = clock_mono_ms();
    if (screen == d->screen && now - d->wanted_at < SCREEN_EVERY_MS) {
        return;
    }
    d->screen = screen;
    d->wanted_at = now;
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    struct dns_settings settings;
    dns_settings_for(&m, a->options->dns, &settings);
    dns_prober_screen_changed(d->link.prober);
    for (uint32_t i = 0; i < n; i++) {
        if (records) {
            asker_want_record(d->link.prober, rows[i]);
        } else {
            asker_want_app(d->link.prober, &m, &settings, rows[i]);
        }
    }
}

static void relist(void *self, kind_set kinds_shown)
{
    struct dashboard *d = self;
    if (d->link.session != NULL && session_plugin_needs_terminal(d->link.session)) {
        d->lend = true; // between two turns of the loop, as the screen is left for it
        ssize_t w = write(d->link.wake[1], "t", 1);
        (void)w;
    } else if (d->link.session != NULL) {
        session_reconnect(d->link.session);
        session_relist(d->link.session, kinds_shown);
    }
}

static bool terminal_wanted(void *self)
{
    struct dashboard *d = self;
    bool lend = d->lend && d->link.session != NULL;
    d->lend = false;
    return lend;
}

static void terminal_lend(void *self)
{
    session_run_plugin(((struct dashboard *)self)->link.session);
}

static void yaml_open(void *self, const struct object *o)
{
    struct dashboard *d = self;
    free(d->yaml.text);
    d->yaml = (struct yaml_answer){0};
    d->yaml_ready = false;
    if (d->files == NULL && d->link.session != NULL) {
        session_fetch(d->link.session, o);
        return;
    }
    char *text = manifest_source(o);
    d->yaml.failed = text == NULL;
    d->yaml.text = text != NULL ? text : xstrdup("the text it was read from is gone");
    d->yaml.n = strlen(d->yaml.text);
    d->yaml_ready = true;
    ssize_t w = write(d->link.wake[1], "y", 1);
    (void)w;
}

static bool yaml_take(void *self, struct yaml_answer *out)
{
    struct dashboard *d = self;
    if (d->yaml_ready) {
        *out = d->yaml;
        d->yaml = (struct yaml_answer){0};
        d->yaml_ready = false;
        return true;
    }
    struct fetched_text a;
    if (d->link.session == NULL || !session_take_fetched(d->link.session, &a)) {
        return false;
    }
    *out = (struct yaml_answer){a.text, a.n, a.failed};
    return true;
}

static void yaml_cancel(void *self)
{
    struct yaml_answer a;
    if (yaml_take(self, &a)) {
        free(a.text);
    }
}

static const char *const *contexts(void *self, struct arena *a, uint32_t *n)
{
    struct dashboard *d = self;
    struct api_contexts all;
    struct err err;
    *n = 0;
    if (!api_contexts_load(&d->o->api, &PROCESS_ENVIRONMENT, &all, NULL, &err)) {
        return NULL;
    }
    const char **names = arena_alloc(a, (all.count + 1) * sizeof *names);
    for (size_t i = 0; i < all.count; i++) {
        names[(*n)++] = text_clean(a, all.items[i].name, strlen(all.items[i].name), 0);
    }
    api_contexts_release(&all);
    return names;
}

static bool connect_to(struct dashboard *d, void (*lend_terminal)(bool), struct buf *problems,
                       int *status)
{
    const struct options *o = d->o;
    struct data_wish wish = {.api = &d->api,
                             .kinds = KIND_SET_ALL,
                             .first = views[0]->needs | views[0]->reads,
                             .watch = true,
                             .dns = d->dns,
                             .lend = lend_terminal,
                             .screen = true,
                             .probe = !o->no_probe,
                             .authoritative = o->authoritative,
                             .resolver = o->resolver,
                             .probe_tls = o->probe_tls};
    return data_connect(&d->link, &wish, problems, status);
}

// What the options say of a cluster or a user belongs to the context they were given with: over another one
// --server would show the wrong cluster under its name, and --token would go to a server it is not for.
// Impersonation stays, since it takes rights away.
static struct api_flags flags_for(const struct dashboard *d, const char *context)
{
    const struct api_flags *given = &d->o->api;
    struct err err;
    struct api_config *first = api_config_load(given, &PROCESS_ENVIRONMENT, NULL, &err);
    bool same = first != NULL && str_eq(first->context, context);
    api_config_free(first);
    struct api_flags f = *given;
    f.context = context;
    if (!same) {
        f.cluster = f.user = f.server = f.certificate_authority = f.insecure_skip_tls_verify = NULL;
        f.tls_server_name = f.proxy_url = f.token = f.username = f.password = NULL;
        f.client_certificate = f.client_key = NULL;
    }
    return f;
}

static bool switch_context(void *self, const char *name, struct err *err)
{
    struct dashboard *d = self;
    struct api_flags before = d->api;
    char *name_before = d->context;
    d->context = xstrdup(name);
    d->api = flags_for(d, d->context);
    // The new configuration is looked at first: a name that does not exist costs nothing.
    struct buf problems;
    buf_init(&problems, 0);
    struct err e = {0};
    struct api_config *c = api_config_load(&d->api, &PROCESS_ENVIRONMENT, &problems, &e);
    bool ok = c != NULL;
    api_config_free(c);
    int status;
    if (ok) {
        data_disconnect(&d->link);
        buf_reset(&problems);
        ok = connect_to(d, app_lend_terminal, &problems, &status);
    }
    if (ok) {
        free(name_before);
    } else {
        err_set(err, ERR_CONFIG, "%s", problems.len > 0 ? problems.data : e.msg);
        free(d->context);
        d->context = name_before;
        d->api = before;
    }
    if (d->link.session == NULL) { // back to where it was, else the screen would stand still
        buf_reset(&problems);
        (void)connect_to(d, app_lend_terminal, &problems, &status);
    }
    buf_release(&problems);
    return ok;
}

static const struct view *events(void *self, const struct view_args *a, const struct object *o,
                                 const char **subject)
{
    struct dashboard *d = self;
    *subject = arena_strdup(a->arena, o->uid != NULL ? o->uid : "");
    if (d->link.session != NULL && !str_empty(o->uid)) {
        session_watch(d->link.session, KIND_EVENT,
                      arena_printf(a->arena, "involvedObject.uid=%s", o->uid), NULL);
    }
    return view_find("events");
}

// From an application to its Certificate, or to its Gateway where there is none.
static const struct view *related(void *self, const struct view *v, const struct view_args *a,
                                  const void *row, const char **subject, const char **key)
{
    (void)self;
    *subject = *key = NULL;
    if (strcmp(v->name, "apps") != 0) {
        return NULL;
    }
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    const struct chain *c = app_chain(&m, row, a->options->dns);
    const struct chain_link *l = c != NULL ? &c->link[LINK_CERTIFICATE] : NULL;
    const struct object *o = l != NULL && l->kind == KIND_CERTIFICATE
                                 ? snapshot_get(a->snap, l->kind, l->ns, l->name)
                                 : NULL;
    const char *name = "certificates";
    if (o == NULL && c != NULL && c->gateway != NULL) {
        o = c->gateway;
        name = "gateways";
    }
    if (o == NULL) {
        return NULL;
    }
    *key = arena_strdup(
        a->arena, !str_empty(o->uid)
                      ? o->uid
                      : arena_printf(a->arena, "%s/%s/%s", kinds[o->kind].kind, o->ns, o->name));
    return view_find(name);
}

static void trace(void *self, const struct view_args *a, const char *request,
                  struct text_block *out)
{
    (void)self;
    tracer_explain(a, request, out);
}

// --- handshakes asked by a key

enum { PROBE_MAX = 32 }; // of one row: a key is not meant to visit a whole platform

struct handshakes {
    struct dashboard *d;
    const struct view_args *a;
    const struct certificate *certificate; // its hosts; NULL: all that are asked for
    int asked, left_out;
    const char *where;
    struct err err;
};

static void shake(void *self, const char *host, const char *address, int port)
{
    struct handshakes *h = self;
    struct coverage c = {.result = COVERAGE_NO};
    if (h->certificate != NULL) {
        coverage_of_names(h->a->arena, &h->certificate->dns_names, host, &c);
        if (c.result == COVERAGE_NO) {
            return;
        }
    }
    if (h->asked == PROBE_MAX) {
        h->left_out++;
    } else if (data_probe_tls(&h->d->link, probe_tls_name(h->a->arena, host, address, port),
                              &h->err)) {
        h->asked++;
        h->where = arena_printf(h->a->arena, "%s for %s", address, host);
    }
}

static const char *probe(void *self, const struct view *v, const struct view_args *a,
                         const void *row)
{
    struct handshakes h = {.d = self, .a = a};
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    const struct object *o = v->object != NULL ? v->object(a, row) : NULL;
    const char *host = NULL;
    if (o != NULL && o->kind == KIND_CERTIFICATE) {
        h.certificate = OBJECT_AS(certificate, o);
    } else {
        host = v->host != NULL ? v->host(a, row) : NULL;
    }
    if (h.certificate == NULL && host == NULL) {
        return "this row names no host that a gateway serves";
    }
    tls_questions(&m, a->options->dns, host, shake, &h);
    if (h.asked == 0) {
        return h.err.msg[0] != '\0' ? arena_strdup(a->arena, h.err.msg)
                                    : "no gateway with TLS and a known address serves this";
    }
    return arena_printf(a->arena, "shaking hands with %s%s", h.where,
                        h.left_out > 0 ? " and more; some are left out"
                        : h.asked > 1  ? " and more"
                                       : "");
}

static struct app_source source_of(struct dashboard *d)
{
    bool cluster = d->files == NULL;
    return (struct app_source){
        .self = d,
        .wake_fd = d->link.wake[0],
        .latest = latest,
        .drawn = cluster ? drawn : NULL,
        .relist = cluster ? relist : NULL,
        .yaml_open = yaml_open,
        .yaml_take = yaml_take,
        .yaml_cancel = yaml_cancel,
        .contexts = cluster ? contexts : NULL,
        .switch_context = cluster ? switch_context : NULL,
        .trace = trace,
        .related = related,
        .events = events,
        .probe = cluster ? probe : NULL,
        .terminal_wanted = terminal_wanted,
        .terminal_lend = terminal_lend,
    };
}

// Runs the screen until it is left; the terminal is restored before anything else ends.
static int run(struct dashboard *d, bool *ended_by_signal)
{
    const struct options *o = d->o;
    struct err err = {0};
    struct app_options a = {
        .view = o->view != NULL ? view_find(o->view) : NULL,
        .ns = o->ns,
        .options = {.ascii = o->ascii, .dns = d->dns},
        .ascii = o->ascii,
        .sync_fd = o->sync_fd,
    };
    if (!theme_load(&a.theme, o->theme != NULL ? o->theme : "default", &err)) {
        data_tell(err.msg);
        return STATUS_CONFIG;
    }
    struct app_source s = source_of(d);
    struct app *app = app_new(&a, &s, &err);
    if (app == NULL) {
        data_tell(err.msg);
        return STATUS_USAGE;
    }
    const char *no_color = getenv("NO_COLOR");
    struct term_options t = {.ascii = o->ascii,
                             .no_color = o->no_color || (no_color != NULL && no_color[0] != '\0')};
    if (!term_open(&t, &err)) {
        data_tell(err.msg);
        app_free(app);
        return STATUS_USAGE;
    }
    term_theme(&a.theme);
    int sig = app_run(app);
    term_close();
    app_free(app);
    *ended_by_signal = sig != 0;
    return sig != 0 ? 128 + sig : STATUS_OK;
}

int command_dashboard(const struct options *o)
{
    if (o->once) {
        return command_get(o);
    }
    if (isatty(STDOUT_FILENO) != 1) {
        data_tell("standard output is no terminal; use 'gatetop get VIEW' or --once");
        return STATUS_USAGE;
    }
    bool from_stdin = false;
    for (size_t i = 0; i < o->files.n; i++) {
        from_stdin = from_stdin || strcmp(o->files.at[i], "-") == 0;
    }
    if (!from_stdin && isatty(STDIN_FILENO) != 1) {
        data_tell("standard input is no terminal; use 'gatetop get VIEW' or --once");
        return STATUS_USAGE;
    }
    struct dashboard d = {.o = o, .api = o->api};
    struct err err = {0};
    struct arena arena;
    arena_init(&arena);
    if (!asker_settings(o, &arena, &d.dns, &err)) {
        data_tell(err.msg);
        arena_release(&arena);
        return STATUS_USAGE;
    }
    bool bad = false, by_signal = false;
    int status = STATUS_SERVER;
    if (!data_link_init(&d.link, &err)) {
        data_tell(err.msg);
        arena_release(&arena);
        return status;
    }
    struct buf problems;
    buf_init(&problems, 0);
    if (o->files.n != 0) {
        d.files = data_from_files(&o->files, o->ns != NULL ? o->ns : "default", d.dns, &bad);
        if (o->overlays.n != 0) {
            const struct snapshot *laid = data_overlay(d.files, &o->overlays, d.dns, &bad);
            snapshot_unref(d.files);
            d.files = laid;
        }
    } else if (!connect_to(&d, NULL, &problems, &status)) {
        data_tell(problems.len > 0 ? problems.data : "cannot connect");
        goto out;
    }
    status = run(&d, &by_signal);
    if (status == STATUS_OK && bad) {
        status = STATUS_CONFIG;
    }
out:
    buf_release(&problems);
    data_link_release(&d.link);
    snapshot_unref(d.files);
    free(d.yaml.text);
    free(d.context);
    arena_release(&arena);
    return status;
}
