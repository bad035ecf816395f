// SPDX-License-Identifier: Apache-2.0
// Asking a zone's own servers: the zone is found by NS questions from the name upwards, its first server
// that has an address is asked without recursion.
#include "kube/base/clock.h"
#include "kube/base/text.h"

#include "kube/probe/dns_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REMEMBER_MS 600000

static struct suffix *find(struct dns_prober *p, const char *name)
{
    for (size_t i = 0; i < p->nsuffixes; i++) {
        if (str_casecmp(p->suffixes[i].name, name) == 0) {
            return p->suffixes[i].until > clock_mono_ms() ? &p->suffixes[i] : NULL;
        }
    }
    return NULL;
}

static void remember(struct dns_prober *p, const char *name, struct zone *z)
{
    struct suffix *s = NULL;
    for (size_t i = 0; i < p->nsuffixes && s == NULL; i++) {
        s = str_casecmp(p->suffixes[i].name, name) == 0 ? &p->suffixes[i] : NULL;
    }
    if (s == NULL) {
        if (p->nsuffixes == SUFFIXES_MAX) { // the first is as good as any to forget
            free(p->suffixes[0].name);
            p->suffixes[0] = p->suffixes[--p->nsuffixes];
        }
        s = &p->suffixes[p->nsuffixes++];
        s->name = xstrdup(name);
    }
    s->zone = z;
    s->until = clock_mono_ms() + REMEMBER_MS;
}

static struct zone *zone_of(struct dns_prober *p, const char *server)
{
    for (size_t i = 0; i < p->nzones; i++) {
        if (strcmp(p->zones[i].server, server) == 0) {
            return &p->zones[i];
        }
    }
    if (p->nzones == ZONES_MAX) {
        return NULL;
    }
    struct zone *z = &p->zones[p->nzones];
    if (dns_open_channel(p, false, &z->channel) != ARES_SUCCESS) {
        return NULL;
    }
    char csv[128];
    bool v6 = strchr(server, ':') != NULL;
    snprintf(csv, sizeof csv, v6 ? "[%s]:%d" : "%s:%d", server,
             p->opt.authority_port > 0 ? p->opt.authority_port : 53);
    if (ares_set_servers_ports_csv(z->channel, csv) != ARES_SUCCESS) {
        ares_destroy(z->channel);
        return NULL;
    }
    z->server = xstrdup(server);
    p->nzones++;
    return z;
}

static void ask_zone(struct asking *a, struct zone *z)
{
    a->asked = arena_strdup(&a->result->arena, z->server);
    dns_ask_channel(a, z->channel);
}

static void look_up_server(struct asking *a);

static void server_answered(void *self, int status, int timeouts, unsigned char *bytes, int n)
{
    struct asking *a = self;
    struct dns_message m;
    (void)timeouts;
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
        dns_give_up(a, "cancelled");
        return;
    }
    struct zone *z = NULL;
    if (bytes != NULL && n > 0 && dns_message_read(&a->result->arena, bytes, (size_t)n, &m) &&
        m.addresses.n != 0) {
        z = zone_of(a->p, m.addresses.at[0]);
    }
    if (z != NULL) {
        remember(a->p, a->suffix, z);
        ask_zone(a, z);
        return;
    }
    a->server++;
    look_up_server(a);
}

static void look_up_server(struct asking *a)
{
    if (a->server >= a->servers.n || a->server >= 4) {
        dns_give_up(a, "the zone's own servers have no address");
        return;
    }
    dns_count_question(a->p);
    ares_query(a->p->channel, a->servers.at[a->server], CLASS_IN, DNS_TYPE_A, server_answered, a);
}

static void servers_answered(void *self, int status, int timeouts, unsigned char *bytes, int n)
{
    struct asking *a = self;
    struct dns_message m;
    (void)timeouts;
    bool read = bytes != NULL && n > 0 && dns_message_read(&a->result->arena, bytes, (size_t)n, &m);
    // A name that is an alias would answer with the servers of another zone.
    if (read && status == ARES_SUCCESS && m.servers.n != 0 && m.cnames.n == 0) {
        a->servers = m.servers;
        a->server = 0;
        look_up_server(a);
    } else if (status == ARES_ENODATA || status == ARES_ENOTFOUND || status == ARES_SUCCESS) {
        remember(a->p, a->suffix, NULL);
        dns_ask_authority(a);
    } else {
        dns_give_up(a, "the zone's own servers could not be found");
    }
}

void dns_ask_authority(struct asking *a)
{
    const char *s = a->suffix != NULL ? a->suffix : a->wire;
    for (;;) {
        struct suffix *known = find(a->p, s);
        if (known == NULL) {
            break;
        }
        if (known->zone != NULL) {
            a->suffix = s;
            ask_zone(a, known->zone);
            return;
        }
        s = strchr(s, '.');
        if (s == NULL || s[1] == '\0') {
            dns_give_up(a, "the zone's own servers could not be found");
            return;
        }
        s++;
    }
    a->suffix = s;
    dns_count_question(a->p);
    ares_query(a->p->channel, s, CLASS_IN, DNS_TYPE_NS, servers_answered, a);
}

void dns_authority_release(struct dns_prober *p)
{
    for (size_t i = 0; i < p->nzones; i++) {
        ares_destroy(p->zones[i].channel);
        free(p->zones[i].server);
    }
    for (size_t i = 0; i < p->nsuffixes; i++) {
        free(p->suffixes[i].name);
    }
}
