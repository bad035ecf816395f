// SPDX-License-Identifier: Apache-2.0
// The simulator as a program: the demo's server.
#include "kube/base/text.h"

#include "tests/apisim/apisim.h"

#include <getopt.h>
#include <signal.h>
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

static bool parse(int argc, char **argv, struct arguments *a)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"tls", no_argument, NULL, 't'},
        {"http1", no_argument, NULL, '1'},
        {"h2", no_argument, NULL, '2'},
        {"fixtures", required_argument, NULL, 'f'},
        {"apps", required_argument, NULL, 'n'},
        {"story", no_argument, NULL, 's'},
        {"speed", required_argument, NULL, 'x'},
        {"faults", required_argument, NULL, 'F'},
        {"kubeconfig-out", required_argument, NULL, 'k'},
        {"user", required_argument, NULL, 'u'},
        {"ready-fd", required_argument, NULL, 'r'},
        {"replay", required_argument, NULL, 'R'},
        {"replay-to", required_argument, NULL, 'T'},
        {"dns-port", required_argument, NULL, 'd'},
        {"dns-zone", required_argument, NULL, 'z'},
        {"print", no_argument, NULL, 'P'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *a = (struct arguments){
        .user = "admin", .ready_fd = -1, .speed = 1, .replay_to = -1, .dns_port = -1};
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case 'p':
            a->o.port = atoi(optarg);
            break;
        case 't':
            a->o.transport = APISIM_H1_TLS;
            break;
        case '1':
            a->o.transport = APISIM_H1_PLAIN;
            break;
        case '2':
            a->o.transport = APISIM_H2_TLS;
            break;
        case 'f':
            if (a->nfixtures < 32) {
                a->fixtures[a->nfixtures++] = optarg;
            }
            break;
        case 'n':
            a->apps = atoi(optarg);
            break;
        case 's':
            a->story = true;
            break;
        case 'x':
            a->speed = strtod(optarg, NULL);
            break;
        case 'F':
            a->faults = optarg;
            break;
        case 'k':
            a->kubeconfig = optarg;
            break;
        case 'u':
            a->user = optarg;
            break;
        case 'r':
            a->ready_fd = atoi(optarg);
            break;
        case 'R':
            a->replay = optarg;
            break;
        case 'T':
            a->replay_to = atoi(optarg);
            break;
        case 'd':
            a->dns_port = atoi(optarg);
            break;
        case 'z':
            a->zone = optarg;
            break;
        case 'P':
            a->print = true;
            break;
        case 'h':
            fputs(USAGE, stdout);
            exit(0);
        default:
            return false;
        }
    }
    return optind == argc && a->speed > 0 && a->apps >= 0;
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
