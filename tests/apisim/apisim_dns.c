// SPDX-License-Identifier: Apache-2.0
// A small DNS server over UDP: what a public resolver would say about the sample platform's names.
#define _GNU_SOURCE
#include "kube/base/array.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { T_A = 1, T_CNAME = 5, T_SOA = 6, T_TXT = 16, T_AAAA = 28, T_RCODE = 65280, T_TURN };
enum { SILENT = 99, TTL = 60, QUESTIONS_MAX = 65536 };

struct record {
    char *name, *value; // lower case, no final dot
    int type;
    unsigned turn; // T_TURN: which of the addresses comes next
};

struct sim_dns {
    struct apisim *sim;
    pthread_t thread;
    int fd, stop_fd, port;
    struct record *records;
    size_t count, cap;
    struct apisim_question *asked; // names are heap
    size_t nasked, asked_cap;
};

static int type_of(const char *t)
{
    static const struct {
        const char *name;
        int type;
    } types[] = {{"A", T_A},     {"AAAA", T_AAAA},   {"CNAME", T_CNAME},
                 {"TXT", T_TXT}, {"RCODE", T_RCODE}, {"TURN", T_TURN}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_eq(t, types[i].name)) {
            return types[i].type;
        }
    }
    return 0;
}

static int rcode_of(const char *v)
{
    static const struct {
        const char *name;
        int code;
    } codes[] = {{"SERVFAIL", 2}, {"NXDOMAIN", 3}, {"REFUSED", 5}, {"SILENT", SILENT}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (str_eq(v, codes[i].name)) {
            return codes[i].code;
        }
    }
    return -1;
}

static bool add(struct sim_dns *d, const char *name, const char *type, const char *value)
{
    int t = type_of(type);
    unsigned char ip[16];
    if (t == 0 || (t == T_RCODE && rcode_of(value) < 0) ||
        (t == T_A && inet_pton(AF_INET, value, ip) != 1) ||
        (t == T_AAAA && inet_pton(AF_INET6, value, ip) != 1)) {
        return false;
    }
    struct record *r = ARRAY_PUSH(d->records, d->count, d->cap);
    *r = (struct record){.name = xstrdup(name), .value = xstrdup(value), .type = t};
    for (char *p = r->name; *p != '\0'; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return true;
}

static void remove_name(struct sim_dns *d, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (str_eq(d->records[i].name, name)) {
            free(d->records[i].name);
            free(d->records[i].value);
        } else {
            d->records[kept++] = d->records[i];
        }
    }
    d->count = kept;
}

static bool exists(const struct sim_dns *d, const char *name)
{
    for (size_t i = 0; i < d->count; i++) {
        if (str_eq(d->records[i].name, name)) {
            return true;
        }
    }
    return false;
}

// The name whose records answer: itself, or the nearest wildcard above it. "" if there is none.
static void owner_of(const struct sim_dns *d, const char *name, char out[260])
{
    snprintf(out, 260, "%s", name);
    if (exists(d, out)) {
        return;
    }
    for (const char *p = strchr(name, '.'); p != NULL; p = strchr(p + 1, '.')) {
        snprintf(out, 260, "*%s", p);
        if (exists(d, out)) {
            return;
        }
    }
    out[0] = '\0';
}

// ---- the wire

struct packet {
    unsigned char bytes[1232];
    size_t n;
    bool full;
};

static void put(struct packet *p, const void *bytes, size_t n)
{
    if (p->n + n > sizeof p->bytes) {
        p->full = true;
        return;
    }
    memcpy(p->bytes + p->n, bytes, n);
    p->n += n;
}

static void put16(struct packet *p, unsigned v)
{
    unsigned char b[2] = {(unsigned char)(v >> 8), (unsigned char)v};
    put(p, b, 2);
}

static void put32(struct packet *p, unsigned v)
{
    put16(p, v >> 16);
    put16(p, v & 0xFFFF);
}

static void put_name(struct packet *p, const char *name)
{
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        unsigned char length = (unsigned char)(n > 63 ? 63 : n);
        put(p, &length, 1);
        put(p, name, length);
        name += n + (name[n] == '.' ? 1 : 0);
    }
    put(p, "", 1);
}

static void put_text(struct packet *p, const char *text)
{
    size_t n = strlen(text);
    put16(p, (unsigned)(n + (n + 254) / 255 + (n == 0 ? 1 : 0)));
    do {
        unsigned char length = (unsigned char)(n > 255 ? 255 : n);
        put(p, &length, 1);
        put(p, text, length);
        text += length;
        n -= length;
    } while (n > 0);
}

static void put_record(struct packet *p, const char *name, struct record *r)
{
    unsigned char ip[16];
    put_name(p, name);
    put16(p, r->type == T_TURN ? T_A : (unsigned)r->type);
    put16(p, 1);
    put32(p, TTL);
    if (r->type == T_TXT) {
        put_text(p, r->value);
    } else if (r->type == T_CNAME) {
        put16(p, (unsigned)strlen(r->value) + 2);
        put_name(p, r->value);
    } else if (r->type == T_TURN) { // each answer has the next of the addresses
        char next[64];
        const char *at = r->value;
        for (unsigned i = 0; i < r->turn && strchr(at, ',') != NULL; i++) {
            at = strchr(at, ',') + 1;
        }
        snprintf(next, sizeof next, "%.*s", (int)strcspn(at, ","), at);
        r->turn = strchr(at, ',') != NULL ? r->turn + 1 : 0;
        put16(p, 4);
        put(p, inet_pton(AF_INET, next, ip) == 1 ? ip : (unsigned char[4]){0}, 4);
    } else {
        size_t n = r->type == T_A ? 4 : 16;
        inet_pton(r->type == T_A ? AF_INET : AF_INET6, r->value, ip);
        put16(p, (unsigned)n);
        put(p, ip, n);
    }
}

// The question's name into out and the place after it; 0 if it is malformed.
static size_t read_name(const unsigned char *q, size_t n, char out[260])
{
    size_t at = 12, len = 0;
    while (at < n && q[at] != 0) {
        size_t l = q[at++];
        if (l > 63 || at + l > n || len + l + 1 > 255) {
            return 0;
        }
        for (size_t i = 0; i < l; i++) {
            out[len++] = (char)tolower(q[at + i]);
        }
        out[len++] = '.';
        at += l;
    }
    out[len > 0 ? len - 1 : 0] = '\0';
    return at + 5 <= n ? at + 1 : 0;
}

// Answers of `type` for name, following CNAMEs. Returns the rcode.
static int answers(const struct sim_dns *d, const char *name, int type, struct packet *p,
                   unsigned *count)
{
    char at[260], owner[260];
    snprintf(at, sizeof at, "%s", name);
    for (int hops = 0; hops < 8; hops++) {
        struct record *alias = NULL;
        owner_of(d, at, owner);
        if (owner[0] == '\0') {
            return 3;
        }
        for (size_t i = 0; i < d->count; i++) {
            struct record *r = &d->records[i];
            if (!str_eq(r->name, owner)) {
                continue;
            }
            if (r->type == T_RCODE) {
                return rcode_of(r->value);
            }
            if (r->type == type || (r->type == T_TURN && type == T_A)) {
                put_record(p, at, r);
                ++*count;
            }
            alias = r->type == T_CNAME ? r : alias;
        }
        if (alias == NULL || type == T_CNAME) {
            return 0;
        }
        put_record(p, at, alias);
        ++*count;
        snprintf(at, sizeof at, "%s", alias->value);
    }
    return 2;
}

static void note(struct sim_dns *d, const char *name, int type)
{
    if (d->nasked < QUESTIONS_MAX) {
        *ARRAY_PUSH(d->asked, d->nasked, d->asked_cap) =
            (struct apisim_question){xstrdup(name), type, clock_mono_ms()};
    }
}

// False: say nothing.
static bool respond(struct sim_dns *d, const unsigned char *q, size_t n, struct packet *p)
{
    char name[260] = "";
    size_t end = n >= 17 ? read_name(q, n, name) : 0;
    *p = (struct packet){.n = 0};
    if (end == 0 || (q[2] & 0x80) != 0) {
        return false;
    }
    put(p, q, end + 4); // the header, and the question as it was asked
    unsigned count = 0, authority = 0;
    int type = q[end] << 8 | q[end + 1];
    note(d, name, type);
    int rcode = answers(d, name, type, p, &count);
    if (rcode == SILENT) {
        return false;
    }
    if (count == 0 && (rcode == 0 || rcode == 3)) { // how long the "no" may be kept
        static const unsigned char soa[] = {0, 0, 0,   0, 0, 1,  0,   0, 14, 16, 0,
                                            0, 3, 132, 0, 9, 58, 128, 0, 0,  0,  30};
        put(p, "", 1);
        put16(p, T_SOA);
        put16(p, 1);
        put32(p, 30);
        put16(p, sizeof soa);
        put(p, soa, sizeof soa);
        authority = 1;
    }
    p->bytes[2] = (unsigned char)(0x80 | (q[2] & 1) | (p->full ? 2 : 0));
    p->bytes[3] = (unsigned char)(0x80 | rcode);
    const unsigned char counts[] = {
        0, 1, (unsigned char)(count >> 8), (unsigned char)count, 0, (unsigned char)authority, 0, 0};
    memcpy(p->bytes + 4, counts, sizeof counts);
    return true;
}

static void *loop(void *arg)
{
    struct sim_dns *d = arg;
    struct pollfd fds[2] = {{.fd = d->fd, .events = POLLIN}, {.fd = d->stop_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
        if ((fds[1].revents & POLLIN) != 0) {
            break;
        }
        unsigned char q[1500];
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(d->fd, q, sizeof q, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
        struct packet p;
        pthread_mutex_lock(&d->sim->lock);
        bool say = n > 0 && respond(d, q, (size_t)n, &p);
        pthread_mutex_unlock(&d->sim->lock);
        if (say) {
            sendto(d->fd, p.bytes, p.n, 0, (struct sockaddr *)&from, len);
        }
    }
    return NULL;
}

// ---- life

static void dns_free(struct sim_dns *d)
{
    for (size_t i = 0; i < d->count; i++) {
        free(d->records[i].name);
        free(d->records[i].value);
    }
    free(d->records);
    for (size_t i = 0; i < d->nasked; i++) {
        free(unconst(d->asked[i].name));
    }
    free(d->asked);
    if (d->fd >= 0) {
        close(d->fd);
    }
    if (d->stop_fd >= 0) {
        close(d->stop_fd);
    }
    free(d);
}

void sim_dns_stop(struct sim_dns *d)
{
    if (d == NULL) {
        return;
    }
    uint64_t one = 1;
    ssize_t n = write(d->stop_fd, &one, sizeof one);
    (void)n;
    pthread_join(d->thread, NULL);
    dns_free(d);
}

static bool load(struct sim_dns *d, const char *path, struct err *err)
{
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        return err_sys(err, ERR_CONFIG, "cannot open \"%s\"", path);
    }
    char line[1024], name[256], type[16];
    bool ok = true;
    for (int n = 1; ok && fgets(line, sizeof line, f) != NULL; n++) {
        line[strcspn(line, "\r\n")] = '\0';
        int at = 0;
        if (line[0] == '#' || line[strspn(line, " \t")] == '\0') {
            continue;
        }
        if (sscanf(line, "%255s %15s %n", name, type, &at) != 2 || at == 0 ||
            !add(d, name, type, line + at)) {
            ok = err_set(err, ERR_PARSE, "%s:%d: no DNS record: \"%s\"", path, n, line);
        }
    }
    fclose(f);
    return ok;
}

bool apisim_dns_start(struct apisim *s, const char *zone, int port, struct err *err)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    struct sim_dns *d = xcalloc(1, sizeof *d);
    d->sim = s;
    d->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    d->stop_fd = eventfd(0, EFD_CLOEXEC);
    bool ok = zone == NULL || load(d, zone, err);
    if (ok && (d->fd < 0 || d->stop_fd < 0 || bind(d->fd, (struct sockaddr *)&a, sizeof a) != 0 ||
               getsockname(d->fd, (struct sockaddr *)&a, &len) != 0)) {
        ok = err_sys(err, ERR_NET, "cannot serve DNS on 127.0.0.1:%d", port);
    }
    d->port = ntohs(a.sin_port);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (ok && pthread_create(&d->thread, NULL, loop, d) != 0) {
        ok = err_set(err, ERR_INTERNAL, "cannot start a thread");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!ok) {
        dns_free(d);
        return false;
    }
    pthread_mutex_lock(&s->lock);
    s->dns = d;
    pthread_mutex_unlock(&s->lock);
    return true;
}

int apisim_dns_port(const struct apisim *s)
{
    return s->dns != NULL ? s->dns->port : 0;
}

bool apisim_dns_set(struct apisim *s, const char *name, const char *type, const char *value)
{
    pthread_mutex_lock(&s->lock);
    remove_name(s->dns, name);
    bool ok = type == NULL || add(s->dns, name, type, value);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

void apisim_dns_questions(struct apisim *s, void (*cb)(void *self, const struct apisim_question *q),
                          void *self)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; s->dns != NULL && i < s->dns->nasked; i++) {
        cb(self, &s->dns->asked[i]);
    }
    pthread_mutex_unlock(&s->lock);
}
