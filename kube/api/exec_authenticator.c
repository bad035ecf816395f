// SPDX-License-Identifier: Apache-2.0
// Running an exec plugin when its answer is due, and keeping the answer.
#include "kube/api/exec_authenticator.h"

#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include "kube/api/backoff.h"
#include "kube/api/exec_plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum {
    REFRESH_EARLY_MS = 60 * 1000,
    FORCED_AT_MOST_MS = 10 * 1000,  // between runs that a 401 causes
    EXPIRED_AT_ONCE_MS = 30 * 1000, // use of an answer that is expired on arrival (clock skew)
    FIRST_RETRY_MS = 2000,
    LAST_RETRY_MS = 60 * 1000,
    POLL_MS = 100, // an interactive run: how long to wait for its pipes
    POLL_CLOSED_MS = 5,
};

struct exec_authenticator {
    const struct api_config *config;
    char *const *environment;
    const struct pem_text *ca;
    // the newest answer
    struct exec_credential answer;
    bool answered, refused; // refused: by a 401, not to be used again
    int64_t refresh_wall, expires_wall;
    uint64_t version, certificate_version;
    // the run
    struct exec_plugin run;
    bool running;
    int64_t forced_at; // mono_ms of the last run that a 401 asked for; INT64_MIN: none
    // the failure of the newest run
    bool failed;
    struct err failure;
    struct backoff backoff;
    int64_t retry_at; // mono_ms
};

struct exec_authenticator *exec_authenticator_new(const struct api_config *config,
                                                  char *const *environment,
                                                  const struct pem_text *ca)
{
    struct exec_authenticator *a = xcalloc(1, sizeof *a);
    a->config = config;
    a->environment = environment;
    a->ca = ca;
    a->answer.expires_ms = INT64_MAX;
    a->run.out = a->run.err = -1;
    a->forced_at = INT64_MIN;
    a->backoff = (struct backoff){.first_ms = FIRST_RETRY_MS, .max_ms = LAST_RETRY_MS};
    return a;
}

void exec_authenticator_free(struct exec_authenticator *a)
{
    if (a != NULL) {
        exec_plugin_release(&a->run);
        exec_credential_clear(&a->answer);
        free(a);
    }
}

const struct exec_credential *exec_authenticator_credential(const struct exec_authenticator *a)
{
    return a->answered ? &a->answer : NULL;
}

uint64_t exec_authenticator_version(const struct exec_authenticator *a)
{
    return a->version;
}

uint64_t exec_authenticator_certificate_version(const struct exec_authenticator *a)
{
    return a->certificate_version;
}

static bool is_good(const struct exec_authenticator *a, int64_t wall_ms)
{
    return a->answered && !a->refused && wall_ms < a->expires_wall;
}

static bool is_due(const struct exec_authenticator *a, int64_t wall_ms)
{
    return !is_good(a, wall_ms) || wall_ms >= a->refresh_wall;
}

static bool always_interactive(const struct exec_authenticator *a)
{
    return str_eq(a->config->exec->interactive_mode, "Always");
}

static bool never_interactive(const struct exec_authenticator *a)
{
    return str_eq(a->config->exec->interactive_mode, "Never");
}

// --- the end of a run

static void fail(struct exec_authenticator *a, int64_t mono_ms)
{
    a->failed = true;
    a->retry_at = mono_ms + backoff_next(&a->backoff, 0);
    log_line("credential", LOG_WARN, "%s", a->failure.msg);
}

static void set_times(struct exec_authenticator *a, int64_t wall_ms)
{
    int64_t expires = a->answer.expires_ms;
    a->expires_wall = a->refresh_wall = expires;
    if (expires != INT64_MAX && expires <= wall_ms) {
        a->expires_wall = a->refresh_wall = wall_ms + EXPIRED_AT_ONCE_MS;
    } else if (expires != INT64_MAX) {
        int64_t early = expires - REFRESH_EARLY_MS;
        int64_t most_of_life = wall_ms + (expires - wall_ms) / 5 * 4;
        a->refresh_wall = early > most_of_life ? early : most_of_life;
    }
}

// Stores the answer.
static void take_answer(struct exec_authenticator *a, const struct exec_credential *answer,
                        int64_t wall_ms)
{
    bool same_certificate =
        str_eq(answer->cert, a->answer.cert) && str_eq(answer->key, a->answer.key);
    exec_credential_clear(&a->answer);
    a->answer = *answer;
    a->answered = true;
    a->refused = a->failed = false;
    backoff_reset(&a->backoff);
    set_times(a, wall_ms);
    a->version++;
    a->certificate_version += !same_certificate;
    log_line("credential", LOG_INFO, "exec plugin '%s' gave a credential",
             a->config->exec->command);
}

// False with *err where the plugin itself failed, with what it said on stderr
// (docs/rules/kubernetes-client.md#exec-plugin-errors).
static bool check_exit(const struct exec_authenticator *a, struct err *err)
{
    struct arena arena;
    arena_init(&arena);
    const struct exec_plugin *p = &a->run;
    const char *command = a->config->exec->command;
    const char *name = text_clean(&arena, command, strlen(command), 200);
    const char *words = exec_stderr_summary(&arena, p->stderr_text.data, p->stderr_text.len);
    const char *colon = *words != '\0' ? ": " : "";
    bool ok = false;
    if (p->timed_out) {
        err_set(err, ERR_TIMEOUT, "exec: executable %s did not end within 60 s%s%s", name, colon,
                words);
    } else if (WIFSIGNALED(p->status)) {
        err_set(err, ERR_AUTH, "exec: executable %s was ended by signal %d%s%s", name,
                WTERMSIG(p->status), colon, words);
    } else if (WEXITSTATUS(p->status) != 0) {
        err_set(err, ERR_AUTH, "exec: executable %s failed with exit code %d%s%s", name,
                WEXITSTATUS(p->status), colon, words);
    } else if (p->stdout_text.over) {
        err_set(err, ERR_LIMIT, "exec: executable %s printed more than 1 MiB", name);
    } else {
        ok = true;
    }
    arena_release(&arena);
    return ok;
}

// True if the run gave a credential.
static bool end_run(struct exec_authenticator *a, struct credential_time now)
{
    struct exec_credential answer;
    const struct buf *text = &a->run.stdout_text;
    a->running = false;
    bool ok = check_exit(a, &a->failure) &&
              exec_credential_parse(text->data, text->len, a->config->exec->api_version, &answer,
                                    &a->failure);
    if (ok) {
        take_answer(a, &answer, now.wall_ms);
    } else {
        fail(a, now.mono_ms);
    }
    exec_plugin_release(&a->run);
    return ok;
}

// --- runs

static bool start_run(struct exec_authenticator *a, enum exec_plugin_mode mode, int64_t mono_ms)
{
    const struct exec_config *exec = a->config->exec;
    char *info = exec_info(a->config, mode == EXEC_TERMINAL, a->ca->text, a->ca->len);
    a->running = exec_plugin_start(&a->run, exec, info, a->environment, mode, mono_ms, &a->failure);
    free(info);
    if (a->running) {
        log_line("credential", LOG_INFO, "exec plugin '%s' started", exec->command);
    } else {
        fail(a, mono_ms);
    }
    return a->running;
}

void exec_authenticator_step(struct exec_authenticator *a, struct credential_time now)
{
    if (a->running && exec_plugin_step(&a->run, now.mono_ms)) {
        (void)end_run(a, now);
    }
}

enum credential_state exec_authenticator_check(struct exec_authenticator *a,
                                               struct credential_time now, struct err *err)
{
    exec_authenticator_step(a, now);
    bool waits = a->failed && now.mono_ms < a->retry_at;
    if (!a->running && is_due(a, now.wall_ms) && !waits && !always_interactive(a)) {
        (void)start_run(a, EXEC_BACKGROUND, now.mono_ms);
    }
    if (is_good(a, now.wall_ms)) {
        return CREDENTIAL_READY;
    }
    if (a->running) {
        return CREDENTIAL_PENDING;
    }
    if (always_interactive(a) && !a->failed) {
        err_set(
            err, ERR_AUTH,
            "exec: the credential plugin needs the terminal (interactiveMode Always); it gets it "
            "when you ask for another try");
        return CREDENTIAL_TERMINAL;
    }
    *err = a->failure;
    return CREDENTIAL_FAILED;
}

// Steps a run until it has ended. Returns the time of its end.
static struct credential_time wait_for_end(struct exec_authenticator *a, struct credential_time now)
{
    int64_t start = now.mono_ms, began = clock_mono_ms();
    for (bool ended = false; !ended;) { // the caller's clock may be a test's: count from it
        struct pollfd fds[2];
        size_t n = exec_plugin_fds(&a->run, fds);
        if (poll(fds, (nfds_t)n, n > 0 ? POLL_MS : POLL_CLOSED_MS) < 0 && errno != EINTR) {
            break;
        }
        now.mono_ms = start + (clock_mono_ms() - began);
        ended = exec_plugin_step(&a->run, now.mono_ms);
    }
    now.wall_ms += now.mono_ms - start;
    return now;
}

bool exec_authenticator_run_interactive(struct exec_authenticator *a, bool stdin_is_tty,
                                        struct credential_time now, struct err *err)
{
    if (is_good(a, now.wall_ms)) {
        return true;
    }
    if (always_interactive(a) && !stdin_is_tty) {
        return err_set(
            err, ERR_AUTH,
            "exec: the credential plugin needs a terminal (interactiveMode Always), and stdin is "
            "none");
    }
    if (a->running) {
        exec_plugin_release(&a->run);
        a->running = false;
    }
    bool terminal = stdin_is_tty && !never_interactive(a);
    bool ok = start_run(a, terminal ? EXEC_TERMINAL : EXEC_FOREGROUND, now.mono_ms) &&
              end_run(a, wait_for_end(a, now));
    if (!ok) {
        *err = a->failure;
    }
    return ok;
}

// --- what the credential needs to know

bool exec_authenticator_needs_terminal(const struct exec_authenticator *a,
                                       struct credential_time now)
{
    return !never_interactive(a) && !is_good(a, now.wall_ms) &&
           (always_interactive(a) || a->failed);
}

void exec_authenticator_retry(struct exec_authenticator *a)
{
    a->failed = false;
    backoff_reset(&a->backoff);
    a->forced_at = INT64_MIN;
}

// One run for all that were refused (docs/rules/kubernetes-client.md#exec-plugin-refused).
bool exec_authenticator_unauthorized(struct exec_authenticator *a, struct credential_time now)
{
    if (a->running) {
        return true;
    }
    if (always_interactive(a)) {
        a->refused = true; // the next check says TERMINAL
        return false;
    }
    if (a->refused && !a->failed) {
        return true; // another 401 at the same time asked for it; the next check starts it
    }
    if (a->forced_at != INT64_MIN && now.mono_ms - a->forced_at < FORCED_AT_MOST_MS) {
        return false; // a fresh answer was refused too
    }
    a->forced_at = now.mono_ms;
    a->refused = true;
    return true;
}

size_t exec_authenticator_fds(const struct exec_authenticator *a, struct pollfd out[2])
{
    return a->running ? exec_plugin_fds(&a->run, out) : 0;
}

int64_t exec_authenticator_deadline(const struct exec_authenticator *a)
{
    if (!a->running) {
        return INT64_MAX;
    }
    return a->run.deadline < a->run.next_look ? a->run.deadline : a->run.next_look;
}
