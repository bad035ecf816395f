// SPDX-License-Identifier: Apache-2.0
// Judges the parts of a trafficPolicy while it is decoded: an object keeps what is wrong, not what is right.
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/policy_faults_internal.h"
#include "kube/object/str_list.h"

#include <string.h>

enum { MOST_FAULTS = 16 }; // of one policy

struct fault_list {
    struct policy_fault at[MOST_FAULTS];
    uint32_t n;
};

static void add(struct fault_list *l, const char *path, const char *text)
{
    if (l->n < MOST_FAULTS) {
        l->at[l->n++] = (struct policy_fault){path, text};
    }
}

static const struct json *field(const struct json *j, const char *name)
{
    EACH_FIELD(f, j)
    {
        if (field_is_proto(f, name)) {
            return f;
        }
    }
    return NULL;
}

static bool has(const struct json *j, const char *name)
{
    return !field_is_null(field(j, name));
}

// A duration of less than 1 ms is refused; one that cannot be read is reported elsewhere.
static void duration(struct fault_list *l, const struct json *j, const char *name, const char *path)
{
    const struct json *f = field(j, name);
    int64_t ms = field_is_null(f) ? DURATION_NONE : decode_duration(f);
    if (ms != DURATION_NONE && ms < 1) {
        add(l, path, "the duration is less than 1 ms");
    }
}

static void not_negative(struct fault_list *l, const struct json *j, const char *name,
                         const char *path)
{
    const struct json *f = field(j, name);
    if (!field_is_null(f) && decode_int(f) < 0) {
        add(l, path, "the number is negative");
    }
}

static void percent(struct fault_list *l, const struct json *j, const char *name, const char *path)
{
    const struct json *f = field(j, name);
    int64_t v = field_is_null(f) ? 0 : decode_int(f);
    if (v < 0 || v > 100) {
        add(l, path, "a percentage is between 0 and 100");
    }
}

static void outlier(struct fault_list *l, const struct json *j)
{
    const struct json *local = field(j, "consecutiveLocalOriginFailures");
    if (!field_is_null(local) && decode_int(local) > 0 &&
        !decode_bool(field(j, "splitExternalLocalOriginErrors"))) {
        add(l, "outlierDetection.consecutiveLocalOriginFailures",
            "it needs splitExternalLocalOriginErrors: true");
    }
    duration(l, j, "baseEjectionTime", "outlierDetection.baseEjectionTime");
    duration(l, j, "interval", "outlierDetection.interval");
    percent(l, j, "maxEjectionPercent", "outlierDetection.maxEjectionPercent");
    percent(l, j, "minHealthPercent", "outlierDetection.minHealthPercent");
}

static void pool_of_http(struct fault_list *l, const struct json *j)
{
    static const struct {
        const char *name, *path;
    } numbers[] = {
        {"http1MaxPendingRequests", "connectionPool.http.http1MaxPendingRequests"},
        {"http2MaxRequests", "connectionPool.http.http2MaxRequests"},
        {"maxRequestsPerConnection", "connectionPool.http.maxRequestsPerConnection"},
        {"maxRetries", "connectionPool.http.maxRetries"},
        {"maxConcurrentStreams", "connectionPool.http.maxConcurrentStreams"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        not_negative(l, j, numbers[i].name, numbers[i].path);
    }
    duration(l, j, "idleTimeout", "connectionPool.http.idleTimeout");
    const char *upgrade = json_string(field(j, "h2UpgradePolicy"));
    if (str_eq(upgrade, "UPGRADE") && decode_bool(field(j, "useClientProtocol"))) {
        add(l, "connectionPool.http.useClientProtocol",
            "it does not go with h2UpgradePolicy: UPGRADE");
    }
}

static void pool(struct fault_list *l, const struct json *j)
{
    if (!has(j, "http") && !has(j, "tcp")) {
        add(l, "connectionPool", "it has neither http nor tcp");
        return;
    }
    pool_of_http(l, field(j, "http"));
    const struct json *tcp = field(j, "tcp");
    not_negative(l, tcp, "maxConnections", "connectionPool.tcp.maxConnections");
    duration(l, tcp, "connectTimeout", "connectionPool.tcp.connectTimeout");
    duration(l, tcp, "maxConnectionDuration", "connectionPool.tcp.maxConnectionDuration");
    duration(l, field(tcp, "tcpKeepalive"), "time", "connectionPool.tcp.tcpKeepalive.time");
    duration(l, field(tcp, "tcpKeepalive"), "interval", "connectionPool.tcp.tcpKeepalive.interval");
}

static bool is_prime(int64_t x)
{
    if (x > 0 && x < 4) {
        return true;
    }
    bool prime = x % 2 != 0;
    for (int64_t i = 3; prime && i * i <= x; i += 2) {
        prime = x % i != 0;
    }
    return prime;
}

static void hash(struct fault_list *l, const struct json *j)
{
    const struct json *cookie = field(j, "httpCookie"), *maglev = field(j, "maglev");
    if (!field_is_null(cookie) && str_empty(json_string(field(cookie, "name")))) {
        add(l, "loadBalancer.consistentHash.httpCookie", "the cookie needs a name");
    }
    if (!field_is_null(maglev)) {
        int64_t size = decode_int(field(maglev, "tableSize"));
        if (size <= 0 || size >= 5000011 || !is_prime(size)) {
            add(l, "loadBalancer.consistentHash.maglev.tableSize",
                "it must be a prime number below 5000011");
        }
    }
}

static void locality(struct fault_list *l, const struct json *j)
{
    static const char distribute[] = "loadBalancer.localityLbSetting.distribute";
    const struct json *parts = field(j, "distribute"), *failover = field(j, "failover");
    if (item_count(parts) > 0 && item_count(failover) > 0) {
        add(l, "loadBalancer.localityLbSetting", "distribute and failover cannot stand together");
        return;
    }
    EACH_ITEM(c, parts)
    {
        int64_t sum = 0;
        bool fine = true;
        EACH_FIELD(f, field(c, "to"))
        {
            int64_t w = decode_int(f);
            fine = fine && w >= 1 && w <= 100;
            sum += w;
        }
        if (!fine || sum != 100) {
            add(l, distribute, "the weights are between 1 and 100, and together 100");
            return;
        }
    }
    EACH_ITEM(c, failover)
    {
        const char *from = str_or_empty(json_string(field(c, "from")));
        const char *to = str_or_empty(json_string(field(c, "to")));
        if (strcmp(from, to) == 0 || strpbrk(from, "/*") != NULL || strpbrk(to, "/*") != NULL) {
            add(l, "loadBalancer.localityLbSetting.failover",
                "it names two different regions, without zones and stars");
            return;
        }
    }
}

static void balancer(struct fault_list *l, const struct json *j)
{
    static const char *const words[] = {
        "UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST",
    };
    const char *simple = json_string(field(j, "simple"));
    if (simple != NULL && !str_list_has(&(struct str_list){words, ARRAY_COUNT(words)}, simple)) {
        add(l, "loadBalancer.simple", "there is no such load balancer");
    }
    if (has(j, "simple") && has(j, "consistentHash")) {
        add(l, "loadBalancer", "simple and consistentHash cannot stand together");
    }
    if (has(j, "localityLbSetting") && has(j, "zoneAwareLbSetting")) {
        add(l, "loadBalancer", "localityLbSetting and zoneAwareLbSetting cannot stand together");
    }
    hash(l, field(j, "consistentHash"));
    locality(l, field(j, "localityLbSetting"));
}

static void tunnel(struct fault_list *l, const struct json *j)
{
    const char *protocol = str_or_empty(json_string(field(j, "protocol")));
    if (*protocol != '\0' && strcmp(protocol, "CONNECT") != 0 && strcmp(protocol, "POST") != 0) {
        add(l, "tunnel.protocol", "it is CONNECT or POST");
    }
    if (str_empty(json_string(field(j, "targetHost")))) {
        add(l, "tunnel.targetHost", "it must be a host or an IP address");
    }
    int64_t port = decode_int(field(j, "targetPort"));
    if (port < 1 || port > 65535) {
        add(l, "tunnel.targetPort", "a port must be between 1 and 65535");
    }
}

// What a policy of all ports and one of a single port have.
static void shared_parts(struct fault_list *l, const struct json *policy)
{
    outlier(l, field(policy, "outlierDetection"));
    if (has(policy, "connectionPool")) {
        pool(l, field(policy, "connectionPool"));
    }
    balancer(l, field(policy, "loadBalancer"));
}

static void port_parts(struct fault_list *l, const struct json *item)
{
    static const char *const parts[] = {"outlierDetection", "connectionPool", "loadBalancer",
                                        "tls"};
    bool some = false;
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        some = some || has(item, parts[i]);
    }
    if (!has(item, "port")) {
        add(l, "portLevelSettings", "an entry has no port");
    }
    if (!some) {
        add(l, "portLevelSettings", "an entry has no setting");
    }
    shared_parts(l, item);
}

void decode_policy_faults(struct object_decoder *d, const struct json *policy,
                          struct traffic_policy *x)
{
    struct fault_list l = {.n = 0};
    shared_parts(&l, policy);
    if (has(policy, "tunnel")) {
        tunnel(&l, field(policy, "tunnel"));
        if (has(policy, "proxyProtocol")) {
            add(&l, "tunnel", "tunnel and proxyProtocol cannot stand together");
        }
    }
    EACH_ITEM(c, field(policy, "portLevelSettings"))
    {
        port_parts(&l, c);
    }
    struct policy_fault *at = decode_alloc(d, l.n, sizeof *at);
    for (uint32_t i = 0; i < l.n; i++) {
        at[i] = l.at[i];
    }
    x->faults = at;
    x->nfaults = l.n;
}
