// SPDX-License-Identifier: Apache-2.0
// The credential of one configuration: files read again, plugin answers cached, headers built.
#include "kube/api/credential.h"

#include "kube/base/base64.h"
#include "kube/base/clock.h"
#include "kube/base/log.h"
#include "kube/base/percent.h"
#include "kube/base/secret.h"
#include "kube/base/text.h"

#include "kube/api/config_file.h"
#include "kube/api/exec_credential.h"
#include "kube/api/exec_plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum {
    TOKEN_PERIOD_MS = 50 * 1000, // client-go's 60 s less its 10 s of leeway
    FILES_PERIOD_MS = 5 * 60 * 1000,
    FILES_AT_MOST_MS = 1000, // where requests come faster
    REFRESH_EARLY_MS = 60 * 1000,
    FORCED_AT_MOST_MS = 10 * 1000,  // runs that a 401 asks for
    EXPIRED_AT_ONCE_MS = 30 * 1000, // an answer that is born expired (clock skew) serves so long
    FIRST_RETRY_MS = 2000,
    LAST_RETRY_MS = 60 * 1000,
    FILE_MAX = 1024 * 1024,
};

extern char **environ;

// A PEM text and, where it comes from a file, its path. The last good text stays.
struct pem {
    const char *file;
    char *text; // secret memory
    size_t len;
};

struct credential {
    const struct api_config *config;
    char *const *environment;
    struct credential_time last; // of the newest call
    // TLS material of the configuration
    struct pem ca, cert, key;
    int64_t files_read; // mono_ms of the last look by the caller's clock
    bool files_looked;  // whether there was one
    uint64_t generation;
    // token file
    char *token; // secret memory
    int64_t token_read;
    // plugin
    struct exec_answer answer;
    bool have_answer, refused; // refused: by a 401, not to be used again
    int64_t refresh_wall, expires_wall;
    struct exec_plugin run;
    bool running;
    int64_t forced_at; // mono_ms of the last run that a 401 asked for
    struct err failure;
    bool failed;
    int failures;
    int64_t retry_at;
    // headers
    uint64_t version;
    struct arena line_texts; // secret
    const char **lines;
    size_t line_count, line_cap;
    bool stale_lines;
};

struct credential_time credential_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct credential_time){clock_mono_ms(),
                                    (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

// --- files

static bool pem_read(struct pem *p)
{
    if (p->file == NULL) {
        return false;
    }
    struct buf b;
    char why[ERRNO_TEXT_SIZE];
    buf_init_secret(&b, FILE_MAX);
    bool changed = false;
    if (!config_file_read(p->file, &b, why)) {
        log_line("credential", LOG_WARN, "cannot read %s: %s; the last content is used", p->file,
                 why);
    } else if (b.len > 0 && (b.len != p->len || memcmp(b.data, p->text, b.len) != 0)) {
        secret_free(p->text);
        p->len = b.len;
        p->text = buf_take(&b);
        changed = true;
    }
    buf_release(&b);
    return changed;
}

static void pem_init(struct pem *p, const struct pem_source *from)
{
    *p = (struct pem){.file = from->data == NULL ? from->file : NULL};
    if (from->data != NULL) {
        p->text = secret_strndup(from->data, from->len);
        p->len = from->len;
    }
}

static bool has_files(const struct credential *c)
{
    return c->ca.file != NULL || c->cert.file != NULL || c->key.file != NULL;
}

static void look_at_files(struct credential *c, int64_t mono_ms, int64_t period)
{
    if (!has_files(c) || (c->files_looked && mono_ms - c->files_read < period)) {
        return;
    }
    c->files_looked = true;
    c->files_read = mono_ms;
    bool ca = pem_read(&c->ca), cert = pem_read(&c->cert), key = pem_read(&c->key);
    if (ca || cert || key) {
        c->generation++;
        log_line("credential", LOG_INFO, "certificate files changed; connections are opened again");
    }
}

// The token file's content, trimmed, into c->token; the last good one stays where it cannot be read.
static void read_token(struct credential *c, int64_t mono_ms)
{
    c->token_read = mono_ms;
    struct buf b;
    char why[ERRNO_TEXT_SIZE] = "";
    buf_init_secret(&b, FILE_MAX);
    const char *problem = NULL, *s = "";
    size_t n = 0;
    if (!config_file_read(c->config->token_file, &b, why)) {
        problem = why;
    } else {
        s = b.data;
        s += strspn(s, " \t\r\n");
        n = strlen(s);
        while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL) {
            n--;
        }
        problem = n == 0 ? "it is empty" : NULL;
        for (size_t i = 0; i < n; i++) {
            if ((unsigned char)s[i] < 0x21 || s[i] == 0x7F) {
                problem = "a space or control character is inside";
            }
        }
    }
    if (problem != NULL) {
        err_set(&c->failure, ERR_AUTH, "token file '%s': %s", c->config->token_file, problem);
        log_line("credential", LOG_WARN, "%s%s", c->failure.msg,
                 c->token != NULL ? "; the last token is used" : "");
    } else if (c->token == NULL || strlen(c->token) != n || memcmp(c->token, s, n) != 0) {
        secret_free(c->token);
        c->token = secret_strndup(s, n);
        c->version++;
        c->stale_lines = true;
        log_line("credential", LOG_INFO, "a new token was read from %s", c->config->token_file);
    }
    buf_release(&b);
}

// --- headers

// Adds what was collected as a line, and leaves b empty.
static void add_line(struct credential *c, struct buf *b)
{
    *ARRAY_PUSH(c->lines, c->line_count, c->line_cap) =
        arena_strndup(&c->line_texts, b->data, b->len);
    buf_reset(b);
}

static void add_header(struct credential *c, struct buf *b, const char *name, const char *value)
{
    buf_adds(b, name);
    buf_adds(b, ": ");
    buf_adds(b, value);
    add_line(c, b);
}

// As client-go's headerKeyEscape: what a header name cannot hold, and '%', as %XX.
static void encode_name(struct buf *b, const char *name)
{
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if (percent_unreserved(c) || strchr("!#$&'*+^`|", c) != NULL) {
            buf_addc(b, *name);
        } else {
            percent_add(b, c);
        }
    }
}

// No printf sees a secret: it keeps pieces of what it writes on its stack.
static void authorization(struct credential *c, struct buf *b)
{
    const struct api_config *k = c->config;
    const char *token = k->token_file != NULL ? c->token : k->token;
    if (k->exec != NULL) {
        token = c->have_answer ? c->answer.token : NULL;
    }
    if (token != NULL) {
        buf_adds(b, "Authorization: Bearer ");
        buf_adds(b, token);
        add_line(c, b);
    } else if (k->username != NULL || k->password != NULL) {
        struct buf pair;
        buf_init_secret(&pair, 0);
        buf_adds(&pair, k->username != NULL ? k->username : "");
        buf_addc(&pair, ':');
        buf_adds(&pair, k->password != NULL ? k->password : "");
        buf_adds(b, "Authorization: Basic ");
        base64_encode(pair.data, pair.len, b);
        buf_release(&pair);
        add_line(c, b);
    }
}

static void build_lines(struct credential *c)
{
    const struct api_config *k = c->config;
    struct buf b;
    buf_init_secret(&b, 0);
    arena_clear(&c->line_texts);
    c->line_count = 0;
    c->stale_lines = false;
    if (!k->plain_http) {
        authorization(c, &b);
    }
    if (k->as_user != NULL) {
        add_header(c, &b, "Impersonate-User", k->as_user);
    }
    if (k->as_uid != NULL) {
        add_header(c, &b, "Impersonate-Uid", k->as_uid);
    }
    for (size_t i = 0; i < k->as_group_count; i++) {
        add_header(c, &b, "Impersonate-Group", k->as_groups[i]);
    }
    for (size_t i = 0; i < k->as_extra_count; i++) {
        buf_adds(&b, "Impersonate-Extra-");
        encode_name(&b, k->as_extra[i].name);
        buf_adds(&b, ": ");
        buf_adds(&b, k->as_extra[i].value);
        add_line(c, &b);
    }
    buf_release(&b);
}

const char *const *credential_headers(const struct credential *c, size_t *count)
{
    *count = c->line_count;
    return c->lines;
}

uint64_t credential_version(const struct credential *c)
{
    return c->version;
}

struct credential_tls credential_tls(const struct credential *c)
{
    struct credential_tls t = {.generation = c->generation, .ca = c->ca.text, .ca_len = c->ca.len};
    const struct exec_answer *a = &c->answer;
    if (c->config->plain_http) {
        return t;
    }
    if (c->have_answer && a->cert != NULL) {
        t.cert = a->cert;
        t.key = a->key;
        t.cert_len = strlen(a->cert);
        t.key_len = strlen(a->key);
    } else {
        t.cert = c->cert.text;
        t.key = c->key.text;
        t.cert_len = c->cert.len;
        t.key_len = c->key.len;
    }
    return t;
}

// --- life

struct credential *credential_new(const struct api_config *config, char *const *environment)
{
    struct credential *c = xcalloc(1, sizeof *c);
    c->config = config;
    c->environment = environment != NULL ? environment : environ;
    c->version = c->generation = 1;
    c->token_read = c->forced_at = INT64_MIN;
    c->run.out = c->run.err = -1;
    c->answer.expires_ms = INT64_MAX;
    arena_init_secret(&c->line_texts);
    pem_init(&c->ca, &config->ca);
    if (!config->plain_http) {
        pem_init(&c->cert, &config->client_cert);
        pem_init(&c->key, &config->client_key);
    }
    c->last = credential_clock();
    pem_read(&c->ca);
    pem_read(&c->cert);
    pem_read(&c->key);
    build_lines(c);
    return c;
}

void credential_free(struct credential *c)
{
    if (c == NULL) {
        return;
    }
    exec_plugin_release(&c->run);
    exec_answer_clear(&c->answer);
    free(c->lines);
    arena_release(&c->line_texts);
    secret_free(c->token);
    secret_free(c->ca.text);
    secret_free(c->cert.text);
    secret_free(c->key.text);
    free(c);
}

// --- the plugin

static const struct exec_config *plugin(const struct credential *c)
{
    return c->config->plain_http ? NULL : c->config->exec;
}

static void plugin_failed(struct credential *c, int64_t mono_ms)
{
    c->failed = true;
    int64_t pause = FIRST_RETRY_MS;
    for (int i = 0; i < c->failures && pause < LAST_RETRY_MS; i++) {
        pause *= 2;
    }
    c->failures++;
    c->retry_at = mono_ms + (pause < LAST_RETRY_MS ? pause : LAST_RETRY_MS);
    log_line("credential", LOG_WARN, "%s", c->failure.msg);
}

static bool same(const char *a, const char *b)
{
    return str_eq(a, b);
}

static void plugin_answered(struct credential *c, struct exec_answer *answer,
                            struct credential_time now)
{
    bool cert = !same(answer->cert, c->answer.cert) || !same(answer->key, c->answer.key);
    exec_answer_clear(&c->answer);
    c->answer = *answer;
    c->have_answer = true;
    c->refused = c->failed = false;
    c->failures = 0;
    c->retry_at = now.mono_ms;
    c->expires_wall = c->refresh_wall = c->answer.expires_ms;
    if (c->expires_wall != INT64_MAX && c->expires_wall <= now.wall_ms) {
        c->expires_wall = c->refresh_wall = now.wall_ms + EXPIRED_AT_ONCE_MS;
    } else if (c->expires_wall != INT64_MAX) {
        int64_t early = c->expires_wall - REFRESH_EARLY_MS;
        int64_t most = now.wall_ms + (c->expires_wall - now.wall_ms) / 5 * 4;
        c->refresh_wall = early > most ? early : most; // the later of the two
    }
    c->version++;
    c->generation += cert;
    c->stale_lines = true;
    log_line("credential", LOG_INFO, "exec plugin '%s' gave a credential",
             c->config->exec->command);
}

static bool good_exit(struct credential *c, struct err *err)
{
    struct arena a;
    arena_init(&a);
    const struct exec_plugin *p = &c->run;
    const char *command = c->config->exec->command;
    const char *name = text_clean(&a, command, strlen(command), 200);
    const char *words = exec_last_words(&a, p->stderr_text.data, p->stderr_text.len);
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
    arena_release(&a);
    return ok;
}

static bool plugin_ended(struct credential *c, struct credential_time now)
{
    struct exec_answer answer;
    const struct buf *text = &c->run.stdout_text;
    c->running = false;
    bool ok = good_exit(c, &c->failure) &&
              exec_answer_parse(text->data, text->len, c->config->exec->api_version, &answer,
                                &c->failure);
    if (ok) {
        plugin_answered(c, &answer, now);
    } else {
        plugin_failed(c, now.mono_ms);
    }
    exec_plugin_release(&c->run);
    return ok;
}

static bool plugin_start(struct credential *c, enum exec_plugin_mode mode,
                         struct credential_time now)
{
    char *info = exec_info(c->config, mode == EXEC_TERMINAL, c->ca.text, c->ca.len);
    bool ok = exec_plugin_start(&c->run, c->config->exec, info, c->environment, mode, now.mono_ms,
                                &c->failure);
    free(info);
    c->running = ok;
    if (ok) {
        log_line("credential", LOG_INFO, "exec plugin '%s' started", c->config->exec->command);
    } else {
        plugin_failed(c, now.mono_ms);
    }
    return ok;
}

static bool answer_good(const struct credential *c, int64_t wall_ms)
{
    return c->have_answer && !c->refused && wall_ms < c->expires_wall;
}

static bool answer_due(const struct credential *c, int64_t wall_ms)
{
    return !answer_good(c, wall_ms) || wall_ms >= c->refresh_wall;
}

static bool wants_terminal(const struct credential *c)
{
    return str_eq(c->config->exec->interactive_mode, "Always");
}

bool credential_needs_terminal(const struct credential *c, struct credential_time now)
{
    return plugin(c) != NULL && !str_eq(c->config->exec->interactive_mode, "Never") &&
           !answer_good(c, now.wall_ms) && (wants_terminal(c) || c->failed);
}

static enum credential_state check_plugin(struct credential *c, struct credential_time now,
                                          struct err *err)
{
    if (c->running && exec_plugin_step(&c->run, now.mono_ms)) {
        plugin_ended(c, now);
    }
    bool due = answer_due(c, now.wall_ms), waits = c->failed && now.mono_ms < c->retry_at;
    if (!c->running && due && !waits && !wants_terminal(c)) {
        plugin_start(c, EXEC_BACKGROUND, now);
    }
    if (answer_good(c, now.wall_ms)) {
        return CREDENTIAL_READY;
    }
    if (c->running) {
        return CREDENTIAL_PENDING;
    }
    if (wants_terminal(c) && !c->failed) {
        err_set(
            err, ERR_AUTH,
            "exec: the credential plugin needs the terminal (interactiveMode Always); it gets it "
            "when you ask for another try");
        return CREDENTIAL_TERMINAL;
    }
    if (err != NULL) {
        *err = c->failure;
    }
    return CREDENTIAL_FAILED;
}

static enum credential_state check(struct credential *c, struct credential_time now,
                                   struct err *err)
{
    if (c->config->plain_http) {
        return CREDENTIAL_READY;
    }
    if (plugin(c) != NULL) {
        return check_plugin(c, now, err);
    }
    if (c->config->token_file != NULL) {
        if (c->token_read == INT64_MIN || now.mono_ms - c->token_read >= TOKEN_PERIOD_MS ||
            (c->token == NULL && now.mono_ms - c->token_read >= FIRST_RETRY_MS)) {
            read_token(c, now.mono_ms);
        }
        if (c->token == NULL) {
            c->retry_at = c->token_read + FIRST_RETRY_MS;
            if (err != NULL) {
                *err = c->failure;
            }
            return CREDENTIAL_FAILED;
        }
    }
    return CREDENTIAL_READY;
}

enum credential_state credential_check(struct credential *c, struct credential_time now,
                                       struct err *err)
{
    c->last = now;
    look_at_files(c, now.mono_ms, FILES_AT_MOST_MS);
    enum credential_state state = check(c, now, err);
    if (c->stale_lines) {
        build_lines(c);
    }
    return state;
}

int64_t credential_retry_at(const struct credential *c)
{
    return c->retry_at;
}

void credential_retry(struct credential *c)
{
    c->failed = false;
    c->failures = 0;
    c->retry_at = c->last.mono_ms;
    c->forced_at = INT64_MIN;
    if (c->token == NULL) {
        c->token_read = INT64_MIN;
    }
}

bool credential_unauthorized(struct credential *c, uint64_t version, struct credential_time now)
{
    c->last = now;
    if (version != c->version) {
        return true; // another request's 401 has already brought a newer one
    }
    if (plugin(c) == NULL) {
        if (c->config->token_file != NULL && !c->config->plain_http) {
            read_token(c, now.mono_ms);
        }
        if (c->stale_lines) {
            build_lines(c);
        }
        return version != c->version;
    }
    if (c->running) {
        return true;
    }
    if (wants_terminal(c)) {
        c->refused = true; // the next check says TERMINAL
        return false;
    }
    if (c->refused && !c->failed) {
        return true; // asked for by another 401 of the same moment; the next check starts it
    }
    if (c->forced_at != INT64_MIN && now.mono_ms - c->forced_at < FORCED_AT_MOST_MS) {
        return false; // a fresh answer was refused too
    }
    c->forced_at = now.mono_ms;
    c->refused = true;
    return true;
}

size_t credential_fds(const struct credential *c, struct pollfd out[2])
{
    return c->running ? exec_plugin_fds(&c->run, out) : 0;
}

int64_t credential_deadline(const struct credential *c)
{
    int64_t at = INT64_MAX;
    if (c->running) {
        at = c->run.deadline < c->run.next_look ? c->run.deadline : c->run.next_look;
    }
    if (has_files(c)) {
        int64_t files = (c->files_looked ? c->files_read : c->last.mono_ms) + FILES_PERIOD_MS;
        at = files < at ? files : at;
    }
    return at;
}

void credential_step(struct credential *c, struct credential_time now)
{
    c->last = now;
    if (c->running && exec_plugin_step(&c->run, now.mono_ms)) {
        plugin_ended(c, now);
    }
    look_at_files(c, now.mono_ms, FILES_PERIOD_MS);
    if (c->stale_lines) {
        build_lines(c);
    }
}

bool credential_running(const struct credential *c)
{
    return c->running;
}

void credential_cancel(struct credential *c)
{
    if (c->running) {
        exec_plugin_release(&c->run);
        c->running = false;
        c->failed = true;
        c->retry_at = INT64_MAX; // until the user asks
        err_set(&c->failure, ERR_AUTH, "exec: the credential plugin was cancelled");
    }
}

bool credential_run_interactive(struct credential *c, bool stdin_is_tty, struct credential_time now,
                                struct err *err)
{
    const struct exec_config *e = plugin(c);
    if (e == NULL || answer_good(c, now.wall_ms)) {
        return true;
    }
    bool always = wants_terminal(c);
    if (always && !stdin_is_tty) {
        return err_set(
            err, ERR_AUTH,
            "exec: the credential plugin needs a terminal (interactiveMode Always), and stdin is "
            "none");
    }
    if (c->running) {
        exec_plugin_release(&c->run);
        c->running = false;
    }
    bool terminal = stdin_is_tty && !str_eq(e->interactive_mode, "Never");
    bool ok = plugin_start(c, terminal ? EXEC_TERMINAL : EXEC_FOREGROUND, now);
    if (ok) {
        int64_t start = now.mono_ms, began = clock_mono_ms();
        for (bool ended = false; !ended;) { // the caller's clock may be a test's: count from it
            struct pollfd fds[2];
            size_t n = exec_plugin_fds(&c->run, fds);
            if (poll(fds, (nfds_t)n, n > 0 ? 100 : 5) < 0 && errno != EINTR) {
                break;
            }
            now.mono_ms = start + (clock_mono_ms() - began);
            ended = exec_plugin_step(&c->run, now.mono_ms);
        }
        now.wall_ms += now.mono_ms - start;
        ok = plugin_ended(c, now);
    }
    c->last = now;
    if (c->stale_lines) {
        build_lines(c);
    }
    if (!ok && err != NULL) {
        *err = c->failure;
    }
    return ok;
}
