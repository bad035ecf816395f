// SPDX-License-Identifier: Apache-2.0
// A simulated API server whose applications change as often as is asked for: more often than a real one can on the same
// machine.
//
// usage: storm KUBECONFIG APPLICATIONS. Writes the kubeconfig, then a line "ready". A line on stdin is a command:
//   rate N    from now on N changes a second, of one VirtualService after another
//   change    changes app-00000 so that its row shows it; answers with the instant before that (CLOCK_MONOTONIC,
//             seconds)
//   made      answers with the number of changes so far
// The end of stdin ends it.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RULES = 8, TICK_NS = 2000000, LATE_MAX = 200 };

struct storm {
    struct apisim *sim;
    int applications;
    atomic_int rate; // changes a second
    atomic_long made;
    atomic_bool stop;
};

static void fail(const struct err *err)
{
    fprintf(stderr, "storm: %s\n", err->msg);
    exit(1);
}

// What apisim_generate made, with another annotation and destination.
static void change(struct storm *s, int app, const char *destination, long n)
{
    struct buf b;
    struct err err;
    int team = app / 10;
    buf_init(&b, 0);
    buf_addf(&b,
             "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"metadata\":{"
             "\"name\":\"app-%05d\",\"namespace\":\"team-%04d\",\"annotations\":{"
             "\"bench.example.com/change\":\"%ld\"}},\"spec\":{\"hosts\":["
             "\"app-%05d.team-%04d.lead.load.example.io\"],\"gateways\":[\"app-%05d-gateway\"],"
             "\"http\":[",
             app, team, n, app, team, app);
    for (int i = 0; i < RULES; i++) {
        buf_addf(&b,
                 "%s{\"name\":\"rule-%d\",\"match\":[{\"uri\":{\"prefix\":\"/api/v%d/items\"}}],"
                 "\"route\":[{\"destination\":{\"host\":\"%s\",\"port\":{\"number\":8080}}}]}",
                 i > 0 ? "," : "", i, i + 1, destination);
    }
    buf_adds(&b, "]}}");
    if (apisim_apply(s->sim, b.data, &err) == 0) {
        fail(&err);
    }
    buf_release(&b);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// The gateway's pods and Service, without which every application is broken in the same way.
static void add_gateway(struct apisim *sim)
{
    static const char *const objects[] = {
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"istio-ingressgateway-0\","
        "\"namespace\":\"istio-system\",\"labels\":{\"istio\":\"ingressgateway\"}},\"spec\":{"
        "\"containers\":[{\"name\":\"istio-proxy\",\"image\":\"proxyv2\"}]}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"istio-ingressgateway\","
        "\"namespace\":\"istio-system\"},\"spec\":{\"selector\":{\"istio\":\"ingressgateway\"},"
        "\"externalIPs\":[\"192.0.2.1\"],\"ports\":[{\"name\":\"http\",\"port\":80},{\"name\":"
        "\"https\",\"port\":443}]}}"};
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct err err;
        if (apisim_apply(sim, objects[i], &err) == 0) {
            fail(&err);
        }
    }
}

static void *blow(void *self)
{
    struct storm *s = self;
    double due = 0, last = seconds();
    long n = 0;
    while (!atomic_load(&s->stop)) {
        nanosleep(&(struct timespec){.tv_nsec = TICK_NS}, NULL);
        double now = seconds();
        due += atomic_load(&s->rate) * (now - last);
        last = now;
        due = due < LATE_MAX ? due : LATE_MAX; // a machine that is too slow does not catch up later
        int number = (int)due;
        due -= number;
        for (int i = 0; i < number; i++, n++) {
            int app = 1 + (int)(n % (s->applications - 1));
            char service[16];
            snprintf(service, sizeof service, "app-%05d", app);
            change(s, app, service, n);
            atomic_fetch_add(&s->made, 1);
        }
    }
    return NULL;
}

static void obey(struct storm *s)
{
    char line[64];
    long changes = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (str_starts(line, "rate ")) {
            atomic_store(&s->rate, atoi(line + strlen("rate ")));
        } else if (str_starts(line, "change")) {
            double before = seconds();
            change(s, 0, changes % 2 == 0 ? "nowhere" : "app-00000", -changes);
            changes++;
            printf("%.6f\n", before);
        } else {
            printf("%ld\n", atomic_load(&s->made));
        }
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    struct err err;
    struct storm s = {0};
    pthread_t thread;
    if (argc != 3 || atoi(argv[2]) < 2) {
        fputs("usage: storm KUBECONFIG APPLICATIONS\n", stderr);
        return 2;
    }
    s.applications = atoi(argv[2]);
    s.sim = apisim_start(&(struct apisim_options){.history = 20000}, &err);
    if (s.sim == NULL || !apisim_write_kubeconfig(s.sim, argv[1], "admin", &err)) {
        fail(&err);
    }
    add_gateway(s.sim);
    apisim_generate(s.sim, s.applications);
    if (pthread_create(&thread, NULL, blow, &s) != 0) {
        return 1;
    }
    puts("ready");
    fflush(stdout);
    obey(&s);
    atomic_store(&s.stop, true);
    pthread_join(thread, NULL);
    apisim_stop(s.sim);
    return 0;
}
