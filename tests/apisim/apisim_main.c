// SPDX-License-Identifier: Apache-2.0
// The simulator as a program: the demo's server.
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/number.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char USAGE[] =
    "usage: apisim [options]\n"
    "  --port N              listen on 127.0.0.1:N (default: a free port)\n"
    "  --h2 | --http1 | --tls  HTTP/2 over TLS (default), HTTP/1.1 plain, HTTP/1.1 over TLS\n"
    "  --fixtures DIR|FILE   manifests to load (repeatable)\n"
    "  --apps N              N synthetic applications\n"
    "  --story               play the story; --speed X makes it X times as fast\n"
    "  --faults FILE         fault rules, one a line (tests/apisim/apisim.h)\n"
    "  --kubeconfig-out FILE write a kubeconfig; --user NAME for whom (default admin)\n"
    "  --replay DIR          serve a recording; --replay-to SEQ up to this line\n"
    "  --dns-port N          also serve DNS over UDP on 127.0.0.1:N, from --dns-zone FILE\n"
    "  --print               write all objects as one List to stdout and end\n"
    "  --ready-fd N          write one byte to descriptor N when listening\n";

struct arguments {
    struct apisim_options o;
    const char *fixtures[32], *faults, *kubeconfig, *user, *replay, *zone;
    int nfixtures, apps, ready_fd, replay_to, dns_port;
    bool story, print;
    double speed;
};

enum argument_type { FLAG, TEXT, NUMBER, SPEED, FIXTURES, TRANSPORT, HELP };

struct argument_row {
    const char *name;
    size_t target; // FLAG: a bool; TEXT: a string; NUMBER: an int of struct arguments
    enum argument_type type;
    int value; // TRANSPORT: which
};

static const struct argument_row ROWS[] = {
    {.name = "port", .type = NUMBER, .target = offsetof(struct arguments, o.port)},
    {.name = "tls", .type = TRANSPORT, .value = APISIM_H1_TLS},
    {.name = "http1", .type = TRANSPORT, .value = APISIM_H1_PLAIN},
    {.name = "h2", .type = TRANSPORT, .value = APISIM_H2_TLS},
    {.name = "fixtures", .type = FIXTURES},
    {.name = "apps", .type = NUMBER, .target = offsetof(struct arguments, apps)},
    {.name = "story", .type = FLAG, .target = offsetof(struct arguments, story)},
    {.name = "speed", .type = SPEED},
    {.name = "faults", .type = TEXT, .target = offsetof(struct arguments, faults)},
    {.name = "kubeconfig-out", .type = TEXT, .target = offsetof(struct arguments, kubeconfig)},
    {.name = "user", .type = TEXT, .target = offsetof(struct arguments, user)},
    {.name = "ready-fd", .type = NUMBER, .target = offsetof(struct arguments, ready_fd)},
    {.name = "replay", .type = TEXT, .target = offsetof(struct arguments, replay)},
    {.name = "replay-to", .type = NUMBER, .target = offsetof(struct arguments, replay_to)},
    {.name = "dns-port", .type = NUMBER, .target = offsetof(struct arguments, dns_port)},
    {.name = "dns-zone", .type = TEXT, .target = offsetof(struct arguments, zone)},
    {.name = "print", .type = FLAG, .target = offsetof(struct arguments, print)},
    {.name = "help", .type = HELP},
};

static bool take_number(const char *text, int *out)
{
    int64_t n;
    if (!number_parse(text, strlen(text), INT_MAX, &n)) {
        return false;
    }
    *out = (int)n;
    return true;
}

static bool take_option(struct arguments *a, const struct argument_row *row, const char *text)
{
    void *target = (char *)a + row->target;
    char *end;
    switch (row->type) {
    case FLAG:
        *(bool *)target = true;
        return true;
    case TEXT:
        *(const char **)target = text;
        return true;
    case NUMBER:
        return take_number(text, target);
    case SPEED:
        a->speed = strtod(text, &end);
        return *end == '\0' && a->speed > 0;
    case FIXTURES:
        if ((size_t)a->nfixtures == ARRAY_COUNT(a->fixtures)) {
            return false;
        }
        a->fixtures[a->nfixtures++] = text;
        return true;
    case TRANSPORT:
        a->o.transport = (enum apisim_transport)row->value;
        return true;
    case HELP:
        fputs(USAGE, stdout);
        exit(0);
    }
    return false;
}

static bool parse(int argc, char **argv, struct arguments *a)
{
    struct option options[ARRAY_COUNT(ROWS) + 1] = {{NULL, 0, NULL, 0}};
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        enum argument_type t = ROWS[i].type;
        bool alone = t == FLAG || t == TRANSPORT || t == HELP;
        options[i] = (struct option){ROWS[i].name, alone ? no_argument : required_argument, NULL,
                                     (int)i + 1};
    }
    *a = (struct arguments){
        .user = "admin", .ready_fd = -1, .speed = 1, .replay_to = -1, .dns_port = -1};
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'h') {
            fputs(USAGE, stdout);
            exit(0);
        }
        if (c < 1 || (size_t)c > ARRAY_COUNT(ROWS) || !take_option(a, &ROWS[c - 1], optarg)) {
            return false;
        }
    }
    return optind == argc;
}

static bool set_up(struct apisim *sim, const struct arguments *a, struct err *err)
{
    for (int i = 0; i < a->nfixtures; i++) {
        if (!apisim_load(sim, a->fixtures[i], err)) {
            return false;
        }
    }
    apisim_generate(sim, a->apps);
    if (a->replay != NULL && !apisim_replay_open(sim, a->replay, err)) {
        return false;
    }
    if (a->replay != NULL) {
        apisim_replay_step(sim, a->replay_to);
    }
    if (a->story && !apisim_story(sim, (int)(1500 / a->speed) + 1, err)) {
        return false;
    }
    if (a->faults != NULL && !apisim_fault_file(sim, a->faults, err)) {
        return false;
    }
    if (a->dns_port >= 0 && !apisim_dns_start(sim, a->zone, a->dns_port, err)) {
        return false;
    }
    return a->kubeconfig == NULL ||
           apisim_write_kubeconfig(sim, a->kubeconfig, str_empty(a->user) ? NULL : a->user, err);
}

int main(int argc, char **argv)
{
    struct arguments a;
    struct err err = {0};
    if (!parse(argc, argv, &a)) {
        fputs(USAGE, stderr);
        return 2;
    }
    sigset_t set; // taken with sigwait; blocked before any thread is started
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    struct apisim *sim = apisim_start(&a.o, &err);
    if (sim == NULL || !set_up(sim, &a, &err)) {
        fprintf(stderr, "apisim: %s\n", err.msg);
        apisim_stop(sim);
        return 1;
    }
    if (a.print) {
        char *text = apisim_manifest(sim);
        bool written = fputs(text, stdout) >= 0 && fflush(stdout) == 0;
        free(text);
        apisim_stop(sim);
        return written ? 0 : 1;
    }
    printf("%s\n", apisim_url(sim));
    if (apisim_dns_port(sim) > 0) {
        printf("dns 127.0.0.1:%d\n", apisim_dns_port(sim));
    }
    fflush(stdout);
    if (a.ready_fd >= 0 && write(a.ready_fd, "\n", 1) != 1) {
        fprintf(stderr, "apisim: nobody reads descriptor %d\n", a.ready_fd);
    }
    int sig;
    sigwait(&set, &sig);
    apisim_stop(sim);
    return 0;
}
