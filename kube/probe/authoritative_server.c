// SPDX-License-Identifier: Apache-2.0
// The servers of a name's own zone: finding and querying them.
#include "kube/probe/authoritative_server.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/probe/dns_message.h"

#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

enum {
    ZONES_MAX = 32,
    CUTS_MAX = 256,
    SERVERS_MAX = 4, // of one zone
    REMEMBER_MS = 600000,
    DNS_PORT = 53,
};

struct dns_zone {
    ares_channel channel; // to its servers, without recursion
    char *servers;        // their addresses as text, with commas
};

// Whether a zone begins at a name (a "zone cut").
struct zone_cut {
    char *name;
    const struct dns_zone *zone; // that begins there, NULL: none does
    int64_t until;               // monotonic ms
};

struct authoritative_servers {
    struct authoritative_options o;
    struct dns_zone zones[ZONES_MAX];
    size_t zone_count;
    struct zone_cut cuts[CUTS_MAX];
    size_t cut_count;
};

// The search for the servers of one query's zone; in the arena of the query's result.
struct zone_search {
    struct authoritative_servers *s;
    struct dns_query *query;
    const char *name;        // the end of the query's name whose servers are looked for
    struct str_list servers; // names of the zone's servers, sorted
    uint32_t next;           // whose address is looked for
    const char *addresses[SERVERS_MAX];
    uint32_t address_count;
};

static const char NOT_FOUND[] = "the zone's own servers could not be found";

static struct arena *arena_of(const struct zone_search *z)
{
    return &z->query->result->arena;
}

static struct zone_cut *find_cut(struct authoritative_servers *s, const char *name)
{
    for (size_t i = 0; i < s->cut_count; i++) {
        if (str_casecmp(s->cuts[i].name, name) == 0) {
            return &s->cuts[i];
        }
    }
    return NULL;
}

static void remember_cut(struct authoritative_servers *s, const char *name,
                         const struct dns_zone *zone)
{
    struct zone_cut *cut = find_cut(s, name);
    if (cut == NULL) {
        if (s->cut_count == CUTS_MAX) { // forget the first: any would do
            free(s->cuts[0].name);
            s->cuts[0] = s->cuts[--s->cut_count];
        }
        cut = &s->cuts[s->cut_count++];
        cut->name = xstrdup(name);
    }
    cut->zone = zone;
    cut->until = clock_mono_ms() + REMEMBER_MS;
}

static bool set_servers(ares_channel channel, const char *servers, int port)
{
    struct buf with_ports;
    buf_init(&with_ports, 0);
    for (const char *at = servers; *at != '\0';) {
        size_t n = strcspn(at, ",");
        buf_addf(&with_ports, "%s%.*s:%d", at == servers ? "" : ",", (int)n, at, port);
        at += n + (at[n] == ',' ? 1 : 0);
    }
    bool ok = dns_channel_set_servers(channel, with_ports.data);
    buf_release(&with_ports);
    return ok;
}

// The zone with these servers (addresses as text with commas); NULL if there are too many zones.
static const struct dns_zone *zone_with_servers(struct authoritative_servers *s,
                                                const char *servers)
{
    for (size_t i = 0; i < s->zone_count; i++) {
        if (strcmp(s->zones[i].servers, servers) == 0) {
            return &s->zones[i];
        }
    }
    if (s->zone_count == ZONES_MAX) {
        return NULL;
    }
    struct dns_zone *zone = &s->zones[s->zone_count];
    if (!dns_channel_open(s->o.sockets, s->o.timeout_ms, false, &zone->channel)) {
        return NULL;
    }
    if (!set_servers(zone->channel, servers, s->o.port > 0 ? s->o.port : DNS_PORT)) {
        ares_destroy(zone->channel);
        return NULL;
    }
    zone->servers = xstrdup(servers);
    s->zone_count++;
    return zone;
}

static void query_zone(struct dns_query *q, const struct dns_zone *zone)
{
    q->authoritative = true;
    q->result->resolver = arena_strdup(&q->result->arena, zone->servers);
    dns_query_send(q, zone->channel);
}

static void query_found(struct zone_search *z)
{
    if (z->address_count == 0) {
        dns_query_fail(z->query, "the zone's own servers have no address");
        return;
    }
    // Servers come in another order with every answer: sorted, they are one channel.
    qsort(z->addresses, z->address_count, sizeof *z->addresses, str_order);
    const char *servers = "";
    for (uint32_t i = 0; i < z->address_count; i++) {
        servers = arena_printf(arena_of(z), "%s%s%s", servers, i > 0 ? "," : "", z->addresses[i]);
    }
    const struct dns_zone *zone = zone_with_servers(z->s, servers);
    if (zone == NULL) {
        dns_query_fail(z->query, "too many zones have servers of their own");
        return;
    }
    remember_cut(z->s, z->name, zone);
    query_zone(z->query, zone);
}

static void ask_resolver(struct zone_search *z, const char *name, int type, ares_callback answer)
{
    const struct dns_query_events *events = z->s->o.events;
    events->sent(events->self, 1);
    ares_query(z->s->o.channel, name, ns_c_in, type, answer, z);
}

static void ask_next_address(struct zone_search *z);

static void on_address(void *self, int status, int timeouts, unsigned char *bytes, int n)
{
    struct zone_search *z = self;
    struct dns_message m;
    (void)timeouts;
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
        dns_query_fail(z->query, "cancelled");
        return;
    }
    const struct str_list found = {z->addresses, z->address_count};
    if (bytes != NULL && n > 0 && dns_message_read(arena_of(z), bytes, (size_t)n, &m) &&
        m.addresses.n != 0 && !str_list_has(&found, m.addresses.at[0])) {
        z->addresses[z->address_count++] = m.addresses.at[0];
    }
    z->next++;
    ask_next_address(z);
}

static void ask_next_address(struct zone_search *z)
{
    if (z->next >= z->servers.n || z->next >= SERVERS_MAX) {
        query_found(z);
        return;
    }
    ask_resolver(z, z->servers.at[z->next], ns_t_a, on_address);
}

static void search_upwards(struct zone_search *z);

static void on_servers(void *self, int status, int timeouts, unsigned char *bytes, int n)
{
    struct zone_search *z = self;
    struct dns_message m;
    (void)timeouts;
    bool read = bytes != NULL && n > 0 && dns_message_read(arena_of(z), bytes, (size_t)n, &m);
    // An alias would answer with the servers of another zone.
    if (read && status == ARES_SUCCESS && m.servers.n != 0 && m.cnames.n == 0) {
        const char **names = arena_calloc(arena_of(z), m.servers.n, sizeof *names);
        memcpy(names, m.servers.at, m.servers.n * sizeof *names);
        qsort(names, m.servers.n, sizeof *names, str_order);
        z->servers = (struct str_list){names, m.servers.n};
        ask_next_address(z);
    } else if (status == ARES_ENODATA || status == ARES_ENOTFOUND || status == ARES_SUCCESS) {
        remember_cut(z->s, z->name, NULL);
        search_upwards(z);
    } else {
        dns_query_fail(z->query, NOT_FOUND);
    }
}

// Goes upwards from z->name, to the first known zone or to the first name of which nothing is known.
static void search_upwards(struct zone_search *z)
{
    for (;;) {
        const struct zone_cut *known = find_cut(z->s, z->name);
        if (known == NULL || known->until <= clock_mono_ms()) {
            ask_resolver(z, z->name, ns_t_ns, on_servers);
            return;
        }
        if (known->zone != NULL) {
            query_zone(z->query, known->zone);
            return;
        }
        const char *dot = strchr(z->name, '.');
        if (dot == NULL || dot[1] == '\0') {
            dns_query_fail(z->query, NOT_FOUND);
            return;
        }
        z->name = dot + 1;
    }
}

void authoritative_query(struct authoritative_servers *s, struct dns_query *q)
{
    if (q->qname == NULL) {
        dns_query_send(q, s->o.channel); // which reports the failure
        return;
    }
    struct zone_search *z = arena_alloc(&q->result->arena, sizeof *z);
    *z = (struct zone_search){.s = s, .query = q, .name = q->qname};
    search_upwards(z);
}

struct timeval *authoritative_timeout(const struct authoritative_servers *s,
                                      struct timeval *earliest, struct timeval *storage)
{
    for (size_t i = 0; i < s->zone_count; i++) {
        earliest = ares_timeout(s->zones[i].channel, earliest, storage);
    }
    return earliest;
}

void authoritative_process(struct authoritative_servers *s, const struct pollfd *ready, nfds_t n)
{
    for (size_t i = 0; i < s->zone_count; i++) {
        dns_channel_process(s->zones[i].channel, ready, n);
    }
}

void authoritative_cancel(struct authoritative_servers *s)
{
    for (size_t i = 0; i < s->zone_count; i++) {
        ares_cancel(s->zones[i].channel);
    }
}

struct authoritative_servers *authoritative_new(const struct authoritative_options *o)
{
    struct authoritative_servers *s = xcalloc(1, sizeof *s);
    s->o = *o;
    return s;
}

void authoritative_free(struct authoritative_servers *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->zone_count; i++) {
        ares_destroy(s->zones[i].channel);
        free(s->zones[i].servers);
    }
    for (size_t i = 0; i < s->cut_count; i++) {
        free(s->cuts[i].name);
    }
    free(s);
}
