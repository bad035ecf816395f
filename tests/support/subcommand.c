// SPDX-License-Identifier: Apache-2.0
// Subcommands that read a simulator.
#include "tests/support/subcommand.h"

#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/support/file.h"
#include "tests/support/shell.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct apisim *subcommand_server(const struct apisim_options *options)
{
    struct err err;
    struct apisim *sim = apisim_start(options, &err);
    assert_non_null(sim);
    apisim_generate(sim, 5);
    return sim;
}

void subcommand_fault(struct apisim *sim, const char *rule)
{
    struct err err;
    if (apisim_fault(sim, rule, &err) < 0) {
        fail_msg("%s: %s", rule, err.msg);
    }
}

struct running_subcommand subcommand_start(struct apisim *sim, const char *dir, const char *user,
                                           const char *words)
{
    static int number;
    struct err err;
    number++;
    struct running_subcommand c = {.begin = clock_mono_ms(),
                                   .out = xasprintf("%s/out%d", dir, number),
                                   .err = xasprintf("%s/err%d", dir, number)};
    char *config = xasprintf("%s/config%d", dir, number);
    assert_true(apisim_write_kubeconfig(sim, config, user, &err));
    char *line =
        xasprintf("%s %s --kubeconfig %s >%s 2>%s", shell_program(), words, config, c.out, c.err);
    c.pid = fork();
    assert_true(c.pid >= 0);
    if (c.pid == 0) {
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    free(line);
    free(config);
    return c;
}

// Of all children that have ended.
static int64_t children_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return ((int64_t)u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

struct said subcommand_end(struct running_subcommand *c)
{
    int status;
    int64_t before = children_ms();
    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    assert_true(WIFEXITED(status));
    struct said s = {.status = WEXITSTATUS(status),
                     .ms = clock_mono_ms() - c->begin,
                     .cpu_ms = children_ms() - before,
                     .out = file_read(c->out, NULL),
                     .err = file_read(c->err, NULL)};
    free(c->out);
    free(c->err);
    return s;
}

struct said subcommand_run(struct apisim *sim, const char *dir, const char *user, const char *words)
{
    struct running_subcommand c = subcommand_start(sim, dir, user, words);
    return subcommand_end(&c);
}

void said_has(const struct said *s, const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no '%s' in %.900s (status %d, stderr %.900s)", part, text, s->status, s->err);
    }
}

void said_free(struct said *s)
{
    free(s->out);
    free(s->err);
}
