// SPDX-License-Identifier: Apache-2.0
// The credential of one configuration, put together from its parts.
#include "kube/api/credential.h"

#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/secret.h"

#include "kube/api/credential_testing.h"
#include "kube/api/exec_authenticator.h"
#include "kube/api/tls_material.h"
#include "kube/api/token_file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FILES_PERIOD_MS = 5 * 60 * 1000,
    FILES_AT_MOST_MS = 1000, // where requests come faster
};

extern char **environ;

struct credential {
    const struct api_config *config;
    struct tls_material tls;
    bool has_token_file;
    struct token_file token_file;
    struct exec_authenticator *exec; // NULL: no plugin
    struct auth_headers *headers;
    uint64_t headers_version; // that they were built for
};

struct credential_time credential_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct credential_time){clock_mono_ms(),
                                    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

static const struct exec_credential *plugin_answer(const struct credential *c)
{
    return c->exec != NULL ? exec_authenticator_credential(c->exec) : NULL;
}

uint64_t credential_version(const struct credential *c)
{
    return 1 + c->token_file.version + (c->exec != NULL ? exec_authenticator_version(c->exec) : 0);
}

static void build_headers(struct credential *c)
{
    const char *token = c->config->token;
    if (c->exec != NULL) {
        const struct exec_credential *answer = plugin_answer(c);
        token = answer != NULL ? answer->token : NULL;
    } else if (c->has_token_file) {
        token = c->token_file.token;
    }
    auth_headers_unref(c->headers);
    c->headers = auth_headers_new(c->config, token);
    c->headers_version = credential_version(c);
}

static void update_headers(struct credential *c)
{
    if (c->headers_version != credential_version(c)) {
        build_headers(c);
    }
}

struct credential *credential_new(const struct api_config *config, char *const *environment)
{
    struct credential *c = xcalloc(1, sizeof *c);
    struct err err;
    if (!secret_hide_process(&err)) {
        log_line("credential", LOG_WARN, "%s", err.msg);
    }
    c->config = config;
    tls_material_init(&c->tls, config);
    if (!config->plain_http && config->exec != NULL) {
        c->exec =
            exec_authenticator_new(config, environment != NULL ? environment : environ, &c->tls.ca);
    } else if (!config->plain_http && config->token_file != NULL) {
        c->has_token_file = true;
        token_file_init(&c->token_file, config->token_file);
    }
    build_headers(c);
    return c;
}

void credential_free(struct credential *c)
{
    if (c != NULL) {
        exec_authenticator_free(c->exec);
        auth_headers_unref(c->headers);
        token_file_release(&c->token_file);
        tls_material_release(&c->tls);
        free(c);
    }
}

enum credential_state credential_check(struct credential *c, struct credential_time now,
                                       struct err *err)
{
    enum credential_state state = CREDENTIAL_READY;
    tls_material_reload(&c->tls, now.mono_ms, FILES_AT_MOST_MS);
    if (c->exec != NULL) {
        state = exec_authenticator_check(c->exec, now, err);
    } else if (c->has_token_file && !token_file_check(&c->token_file, now.mono_ms, err)) {
        state = CREDENTIAL_FAILED;
    }
    update_headers(c);
    return state;
}

void credential_retry(struct credential *c)
{
    if (c->exec != NULL) {
        exec_authenticator_retry(c->exec);
    } else if (c->has_token_file) {
        token_file_retry(&c->token_file);
    }
}

struct auth_headers *credential_headers(const struct credential *c)
{
    return c->headers;
}

struct credential_tls credential_tls_material(const struct credential *c)
{
    const struct tls_material *m = &c->tls;
    struct credential_tls t = {.generation = 1 + m->version, .ca = m->ca.text, .ca_len = m->ca.len};
    const struct exec_credential *answer = plugin_answer(c);
    if (c->exec != NULL) {
        t.generation += exec_authenticator_certificate_version(c->exec);
    }
    if (answer != NULL && answer->cert != NULL) {
        t.cert = answer->cert;
        t.key = answer->key;
        t.cert_len = strlen(answer->cert);
        t.key_len = strlen(answer->key);
    } else {
        t.cert = m->cert.text;
        t.key = m->key.text;
        t.cert_len = m->cert.len;
        t.key_len = m->key.len;
    }
    return t;
}

bool credential_unauthorized(struct credential *c, uint64_t version, struct credential_time now)
{
    if (version != credential_version(c)) {
        return true; // another request's 401 has already brought a newer one
    }
    if (c->exec != NULL) {
        return exec_authenticator_unauthorized(c->exec, now);
    }
    if (c->has_token_file) {
        token_file_read(&c->token_file, now.mono_ms);
        update_headers(c);
    }
    return version != credential_version(c);
}

size_t credential_fds(const struct credential *c, struct pollfd out[2])
{
    return c->exec != NULL ? exec_authenticator_fds(c->exec, out) : 0;
}

int64_t credential_deadline(const struct credential *c)
{
    int64_t files = tls_material_due(&c->tls, FILES_PERIOD_MS);
    int64_t run = c->exec != NULL ? exec_authenticator_deadline(c->exec) : INT64_MAX;
    return files < run ? files : run;
}

void credential_step(struct credential *c, struct credential_time now)
{
    if (c->exec != NULL) {
        exec_authenticator_step(c->exec, now);
    }
    tls_material_reload(&c->tls, now.mono_ms, FILES_PERIOD_MS);
    update_headers(c);
}

bool credential_run_interactive(struct credential *c, bool stdin_is_tty, struct credential_time now,
                                struct err *err)
{
    if (c->exec == NULL) {
        return true;
    }
    bool ok = exec_authenticator_run_interactive(c->exec, stdin_is_tty, now, err);
    update_headers(c);
    return ok;
}

bool credential_needs_terminal(const struct credential *c, struct credential_time now)
{
    return c->exec != NULL && exec_authenticator_needs_terminal(c->exec, now);
}

bool credential_running(const struct credential *c)
{
    return c->exec != NULL && exec_authenticator_deadline(c->exec) != INT64_MAX;
}
