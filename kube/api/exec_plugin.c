// SPDX-License-Identifier: Apache-2.0
// Running exec credential plugins.
#include "kube/api/exec_plugin.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/secret.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Bounds of a run (docs/rules/kubernetes-client.md#exec-plugin-limits).
enum {
    STDOUT_MAX = 1024 * 1024,
    STDERR_KEPT = 4096,
    LIMIT_MS = 60 * 1000,
    // How often the process itself is checked: a child of it may hold the pipes open.
    LOOK_MS = 100,
    LOOK_CLOSED_MS = 5,
};

// --- the program and its environment

static const char *get(char *const *environment, const char *name)
{
    size_t n = strlen(name);
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=') {
            return *environment + n + 1;
        }
    }
    return "";
}

static bool executable(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

// A command with a '/' is taken as it is; a name is looked for in PATH, never in the working folder
// (docs/rules/kubernetes-client.md#exec-plugin-command).
static const char *find(struct arena *a, const char *command, char *const *environment)
{
    if (strchr(command, '/') != NULL) {
        return command;
    }
    const char *path = get(environment, "PATH");
    while (*path != '\0') {
        size_t n = strcspn(path, ":");
        if (*path == '/') {
            const char *file = arena_printf(a, "%.*s/%s", (int)n, path, command);
            if (executable(file)) {
                return file;
            }
        }
        path += n + (path[n] == ':');
    }
    return NULL;
}

static bool named(const struct name_value *env, size_t n, const char *entry)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(env[i].name);
        if (strncmp(entry, env[i].name, len) == 0 && entry[len] == '=') {
            return true;
        }
    }
    return str_starts(entry, "KUBERNETES_EXEC_INFO=");
}

// "NAME=value", in the arena. Not by arena_printf: the value may be a secret.
static char *entry_of(struct arena *a, const char *name, const char *value)
{
    struct buf b;
    buf_init_secret(&b, 0);
    buf_adds(&b, name);
    buf_addc(&b, '=');
    buf_adds(&b, value);
    char *entry = arena_strndup(a, b.data, b.len);
    buf_release(&b);
    return entry;
}

static char **build_environment(struct arena *a, const struct exec_config *e, const char *info,
                                char *const *inherited)
{
    size_t count = 0, n = 0;
    while (inherited[count] != NULL) {
        count++;
    }
    char **out = arena_calloc(a, count + e->env_count + 2, sizeof *out);
    for (size_t i = 0; i < count; i++) {
        if (!named(e->env, e->env_count, inherited[i])) {
            out[n++] = inherited[i];
        }
    }
    for (size_t i = 0; i < e->env_count; i++) {
        char *entry = entry_of(a, e->env[i].name, e->env[i].value);
        if (!named(e->env + i + 1, e->env_count - i - 1, entry)) { // the last of equal names counts
            out[n++] = entry;
        }
    }
    out[n++] = entry_of(a, "KUBERNETES_EXEC_INFO", info);
    return out;
}

// --- starting

static bool open_pipe(int ends[2], struct err *err)
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return err_sys(err, ERR_INTERNAL, "exec: no pipe");
    }
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return true;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static int spawn(pid_t *pid, const char *path, char **argv, char **envp, int out, int err_fd,
                 enum exec_plugin_mode mode)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    if (mode != EXEC_TERMINAL) {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (err_fd >= 0) {
        posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
    }
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (mode != EXEC_TERMINAL) {
        flags = (short)(flags | POSIX_SPAWN_SETPGROUP);
    }
    sigemptyset(&none);
    sigemptyset(&all);
    const int defaults[] = {SIGPIPE, SIGINT,  SIGQUIT, SIGTERM, SIGHUP,
                            SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH};
    for (size_t i = 0; i < ARRAY_COUNT(defaults); i++) {
        sigaddset(&all, defaults[i]);
    }
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, flags);
    int rc = posix_spawn(pid, path, &actions, &attr, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    return rc;
}

static bool not_started(struct arena *a, const struct exec_config *e, int sys, struct err *err)
{
    const char *name = text_clean(a, e->command, strlen(e->command), 200);
    if (sys == 0 || sys == ENOENT) {
        const char *hint = str_or_empty(e->install_hint);
        return err_set(err, ERR_CONFIG, "exec: executable %s not found%s%s", name,
                       *hint != '\0' ? ": " : "", text_clean(a, hint, strlen(hint), 300));
    }
    errno = sys;
    return err_sys(err, ERR_CONFIG, "exec: cannot start %s", name);
}

bool exec_plugin_start(struct exec_plugin *p, const struct exec_config *e, const char *info,
                       char *const *environment, enum exec_plugin_mode mode, int64_t mono_ms,
                       struct err *err)
{
    *p = (struct exec_plugin){.out = -1, .err = -1, .own_group = mode != EXEC_TERMINAL};
    buf_init_secret(&p->stdout_text, STDOUT_MAX);
    buf_init(&p->stderr_text, 0);
    buf_init(&p->unshown, 0);
    p->shows_stderr = mode == EXEC_FOREGROUND;
    struct arena a;
    arena_init_secret(&a); // the environment of the plugin may hold a password
    int out[2] = {-1, -1}, errs[2] = {-1, -1};
    bool ok = false;
    const char *path = find(&a, e->command, environment);
    if (path == NULL) {
        not_started(&a, e, 0, err);
        goto done;
    }
    if (!open_pipe(out, err) || (mode != EXEC_TERMINAL && !open_pipe(errs, err))) {
        goto done;
    }
    char **argv = arena_calloc(&a, e->arg_count + 2, sizeof *argv);
    argv[0] = arena_strdup(&a, e->command);
    for (size_t i = 0; i < e->arg_count; i++) {
        argv[i + 1] = e->args[i];
    }
    int rc = spawn(&p->pid, path, argv, build_environment(&a, e, info, environment), out[1],
                   errs[1], mode);
    if (rc != 0) {
        p->pid = 0;
        not_started(&a, e, rc, err);
        goto done;
    }
    ok = true;
    p->out = out[0];
    p->err = errs[0];
    out[0] = errs[0] = -1;
    p->deadline = mode == EXEC_TERMINAL ? INT64_MAX : mono_ms + LIMIT_MS;
    p->next_look = mono_ms + LOOK_MS;
done:
    for (int i = 0; i < 2; i++) {
        close_fd(&out[i]);
        close_fd(&errs[i]);
    }
    arena_release(&a);
    return ok;
}

// --- running

size_t exec_plugin_fds(const struct exec_plugin *p, struct pollfd out[2])
{
    size_t n = 0;
    if (p->pid > 0 && p->out >= 0) {
        out[n++] = (struct pollfd){.fd = p->out, .events = POLLIN};
    }
    if (p->pid > 0 && p->err >= 0) {
        out[n++] = (struct pollfd){.fd = p->err, .events = POLLIN};
    }
    return n;
}

enum {
    PIECE = 4096,
    ROUNDS = 64, // a plugin that never stops writing must not block this thread
};

// Reads what there is, up to a piece; 0 if there is nothing now, or if the pipe has ended and is closed.
static size_t read_piece(int *fd, char piece[PIECE])
{
    ssize_t n;
    if (*fd < 0) {
        return 0;
    }
    do {
        n = read(*fd, piece, PIECE);
    } while (n < 0 && errno == EINTR);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        close_fd(fd);
    }
    return n > 0 ? (size_t)n : 0;
}

// Shows a piece of standard error. What a terminal would obey is replaced.
static void show_stderr(struct exec_plugin *p, const char *piece, size_t n)
{
    struct buf clean;
    buf_init(&clean, 0);
    buf_add(&p->unshown, piece, n);
    size_t whole = utf8_whole(p->unshown.data, p->unshown.len);
    text_clean_lines(&clean, p->unshown.data, whole);
    (void)fwrite(clean.data, 1, clean.len, stderr);
    memmove(p->unshown.data, p->unshown.data + whole, p->unshown.len - whole);
    buf_truncate(&p->unshown, p->unshown.len - whole);
    buf_release(&clean);
}

static void drain_stdout(struct exec_plugin *p)
{
    char piece[PIECE];
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = read_piece(&p->out, piece);
        if (n == 0) {
            break;
        }
        buf_add(&p->stdout_text, piece, n);
    }
    secret_wipe(piece, sizeof piece);
}

static void drain_stderr(struct exec_plugin *p)
{
    char piece[PIECE];
    for (int i = 0; i < ROUNDS; i++) {
        size_t n = read_piece(&p->err, piece);
        if (n == 0) {
            break;
        }
        if (p->shows_stderr) {
            show_stderr(p, piece, n);
        }
        struct buf *kept = &p->stderr_text;
        buf_add(kept, piece, n);
        if (kept->len > STDERR_KEPT * (size_t)2) {
            memmove(kept->data, kept->data + kept->len - STDERR_KEPT, STDERR_KEPT);
            buf_truncate(kept, STDERR_KEPT);
        }
    }
}

// Ends it (with its group) if it runs; the texts stay.
static void end_process(struct exec_plugin *p)
{
    if (p->pid > 0) {
        kill(p->own_group ? -p->pid : p->pid, SIGKILL);
        for (int i = 0; i < 20 && waitpid(p->pid, &p->status, WNOHANG) == 0; i++) {
            // A killed process goes within a few milliseconds.
            nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
        }
        p->pid = 0;
    }
    close_fd(&p->out);
    close_fd(&p->err);
}

bool exec_plugin_step(struct exec_plugin *p, int64_t mono_ms)
{
    if (p->pid <= 0) {
        return true;
    }
    drain_stdout(p);
    drain_stderr(p);
    bool closed = p->out < 0 && p->err < 0;
    if (closed || mono_ms >= p->next_look) {
        int status = 0;
        pid_t done = waitpid(p->pid, &status, WNOHANG);
        if (done != 0) {
            p->status = done > 0 ? status : 0;
            p->pid = 0;
            drain_stdout(p); // written between our read and its end
            drain_stderr(p);
            close_fd(&p->out);
            close_fd(&p->err);
            return true;
        }
        p->next_look = mono_ms + (closed ? LOOK_CLOSED_MS : LOOK_MS);
    }
    if (mono_ms >= p->deadline) {
        p->timed_out = true;
        end_process(p);
        return true;
    }
    return false;
}

void exec_plugin_release(struct exec_plugin *p)
{
    end_process(p);
    buf_release(&p->stdout_text);
    buf_release(&p->stderr_text);
    buf_release(&p->unshown);
}
