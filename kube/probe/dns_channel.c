// SPDX-License-Identifier: Apache-2.0
// Channels of c-ares: the servers that it queries, and the sockets that a poll loop watches for it.
#include "kube/probe/dns_channel.h"

#include "kube/base/host_port.h"
#include "kube/base/ip_network.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVERS_MAX = 8, TRIES = 2 };

static void on_socket_state(void *self, ares_socket_t fd, int readable, int writable)
{
    struct dns_sockets *s = self;
    nfds_t i = 0;
    while (i < s->n && s->at[i].fd != fd) {
        i++;
    }
    short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    if (events == 0) {
        if (i < s->n) {
            s->at[i] = s->at[--s->n];
        }
        return;
    }
    if (i == s->n) {
        if (s->n == DNS_SOCKETS_MAX) {
            return; // c-ares gives up on it by its time-out
        }
        s->n++;
    }
    s->at[i] = (struct pollfd){.fd = fd, .events = events};
}

bool dns_channel_open(struct dns_sockets *sockets, int timeout_ms, bool recursive,
                      ares_channel *out)
{
    static char lookups[] = "b"; // DNS only, no /etc/hosts
    struct ares_options o = {
        // NOCHECKRESP: SERVFAIL and REFUSED are reported as such.
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN |
                 ARES_FLAG_NOCHECKRESP | (recursive ? 0 : ARES_FLAG_NORECURSE),
        .timeout = timeout_ms,
        .tries = TRIES,
        .lookups = lookups,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = sockets,
    };
    const int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                      ARES_OPT_SOCK_STATE_CB;
    return ares_init_options(out, &o, given) == ARES_SUCCESS;
}

// "ADDRESS", "ADDRESS:PORT", "[V6]:PORT", a bare V6. c-ares' own reader takes port 99999 for another one.
static bool read_server(const char *text, struct ares_addr_port_node *out)
{
    struct host_port p;
    char address[IP_TEXT_SIZE];
    int64_t port = 0; // 53
    if (!host_port_split(text, &p) || p.host_len >= sizeof address ||
        (p.port != NULL && (!number_parse(p.port, strlen(p.port), 65535, &port) || port == 0))) {
        return false;
    }
    memcpy(address, p.host, p.host_len);
    address[p.host_len] = '\0';
    bool v6 = strchr(address, ':') != NULL;
    memset(out, 0, sizeof *out);
    out->family = v6 ? AF_INET6 : AF_INET;
    out->udp_port = out->tcp_port = (int)port;
    struct ip_network ip = ip_network_of_address(address);
    memcpy(&out->addr, ip.bytes, (size_t)ip.n);
    return (v6 || !p.brackets) && ip.n == (v6 ? 16 : 4);
}

static bool read_servers(const char *list, struct ares_addr_port_node server[SERVERS_MAX])
{
    size_t n = 0;
    bool ok = true;
    for (const char *at = list; ok && at != NULL; n++) {
        size_t len = strcspn(at, ",");
        char *text = xstrndup(at, len);
        ok = n < SERVERS_MAX && read_server(text, &server[n]);
        free(text);
        if (ok && n > 0) {
            server[n - 1].next = &server[n];
        }
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return ok;
}

bool dns_channel_can_parse(const char *list)
{
    struct ares_addr_port_node server[SERVERS_MAX];
    return read_servers(list, server);
}

bool dns_channel_set_servers(ares_channel channel, const char *list)
{
    struct ares_addr_port_node server[SERVERS_MAX];
    return read_servers(list, server) && ares_set_servers_ports(channel, server) == ARES_SUCCESS;
}

void dns_channel_first_server(ares_channel channel, char *out, size_t size)
{
    struct ares_addr_port_node *list = NULL;
    char text[IP_TEXT_SIZE] = "no resolver";
    if (ares_get_servers_ports(channel, &list) == ARES_SUCCESS && list != NULL) {
        struct ip_network ip = ip_network_of_bytes(&list->addr, list->family == AF_INET ? 4 : 16);
        ip_network_write(&ip, text);
    }
    snprintf(out, size, "%s", text);
    ares_free_data(list);
}

void dns_channel_process(ares_channel channel, const struct pollfd *ready, nfds_t n)
{
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); // time-outs
    for (nfds_t i = 0; i < n; i++) {
        short events = ready[i].revents;
        if (events != 0) {
            ares_process_fd(channel, (events & ~POLLOUT) != 0 ? ready[i].fd : ARES_SOCKET_BAD,
                            (events & POLLOUT) != 0 ? ready[i].fd : ARES_SOCKET_BAD);
        }
    }
}
