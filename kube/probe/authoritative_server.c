// SPDX-License-Identifier: Apache-2.0
// Asking a zone's own servers: the zone is found by NS questions from the name upwards, its first servers that
// have addresses are asked without recursion, until one answers.
#include "kube/base/clock.h"
#include "kube/base/text.h"

#include "kube/probe/dns_prober_internal.h"

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

// The channel for these addresses (text with commas); they are asked one after the other until one answers.
static struct zone *zone_of(struct dns_prober *p, const char *servers)
{
    for (size_t i = 0; i < p->nzones; i++) {
        if (strcmp(p->zones[i].servers, servers) == 0) {
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
    struct buf with_ports;
    buf_init(&with_ports, 0);
    for (const char *at = servers; *at != '\0';) {
        size_t n = strcspn(at, ",");
        buf_addf(&with_ports, "%s%.*s:%d", at == servers ? "" : ",", (int)n, at,
                 p->opt.authority_port > 0 ? p->opt.authority_port : 53);
        at += n + (at[n] == ',' ? 1 : 0);
    }
    bool ok = dns_set_servers(z->channel, with_ports.data);
    buf_release(&with_ports);
    if (!ok) {
        ares_destroy(z->channel);
        return NULL;
    }
    z->servers = xstrdup(servers);
    p->nzones++;
    return z;
}

static void ask_zone(struct asking *a, struct zone *z)
{
    a->asked = arena_strdup(&a->result->arena, z->servers);
    dns_ask_channel(a, z->channel);
}

// In one order, however the names came (servers turn them with every answer): it is one channel.
static void ask_found(struct asking *a)
{
    const char *servers = "";
    qsort(a->found, a->nfound, sizeof *a->found, str_order);
    for (uint32_t i = 0; i < a->nfound; i++) {
        servers = arena_printf(&a->result->arena, "%s%s%s", servers, i > 0 ? "," : "", a->found[i]);
    }
    struct zone *z = a->nfound > 0 ? zone_of(a->p, servers) : NULL;
    if (z == NULL) {
        dns_give_up(a, a->nfound > 0 ? "too many zones have servers of their own"
                                     : "the zone's own servers have no address");
        return;
    }
    remember(a->p, a->suffix, z);
    ask_zone(a, z);
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
    if (bytes != NULL && n > 0 && dns_message_read(&a->result->arena, bytes, (size_t)n, &m) &&
        m.addresses.n != 0 &&
        !str_list_has(&(struct str_list){a->found, a->nfound}, m.addresses.at[0])) {
        a->found[a->nfound++] = m.addresses.at[0];
    }
    a->server++;
    look_up_server(a);
}

static void look_up_server(struct asking *a)
{
    if (a->server >= a->servers.n || a->server >= AUTHORITIES_MAX) {
        ask_found(a);
        return;
    }
    dns_count_question(a->p);
    ares_query(a->p->channel, a->servers.at[a->server], ns_c_in, ns_t_a, server_answered, a);
}

static void servers_answered(void *self, int status, int timeouts, unsigned char *bytes, int n)
{
    struct asking *a = self;
    struct dns_message m;
    (void)timeouts;
    bool read = bytes != NULL && n > 0 && dns_message_read(&a->result->arena, bytes, (size_t)n, &m);
    // A name that is an alias would answer with the servers of another zone.
    if (read && status == ARES_SUCCESS && m.servers.n != 0 && m.cnames.n == 0) {
        const char **names = arena_alloc(&a->result->arena, m.servers.n * sizeof *names);
        for (uint32_t i = 0; i < m.servers.n; i++) {
            names[i] = m.servers.at[i];
        }
        qsort(names, m.servers.n, sizeof *names, str_order);
        a->servers = (struct str_list){names, m.servers.n};
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
    ares_query(a->p->channel, s, ns_c_in, ns_t_ns, servers_answered, a);
}

void dns_authority_release(struct dns_prober *p)
{
    for (size_t i = 0; i < p->nzones; i++) {
        ares_destroy(p->zones[i].channel);
        free(p->zones[i].servers);
    }
    for (size_t i = 0; i < p->nsuffixes; i++) {
        free(p->suffixes[i].name);
    }
}
