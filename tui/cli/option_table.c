// SPDX-License-Identifier: Apache-2.0
// The rows of the option table, and the functions that read arguments that are more than text.
#include "tui/cli/option_table.h"

#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/ip_network.h"
#include "kube/base/log.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/api/api_flags.h"

#include "kube/mesh/check/finding_codes.h"

#include "kube/probe/dns_channel.h"

#include "tui/cli/subcommand.h"

#include <stdlib.h>
#include <string.h>

// The type and target of a row. A member of another type than the row stores does not compile.
// NOLINTBEGIN(bugprone-macro-parentheses): ctype is a type, which takes none
#define MEMBER(what, ctype, member)                                                                \
    .type = (what), .target = offsetof(struct options, member) +                                   \
                              0 * sizeof(_Generic(((struct options *)NULL)->member, ctype : 0))
// NOLINTEND(bugprone-macro-parentheses)
#define SWITCH(member) MEMBER(OPTION_SWITCH, bool, member)
#define TEXT(member) MEMBER(OPTION_TEXT, const char *, member)
#define BOOLEAN(member) MEMBER(OPTION_BOOLEAN, const char *, member)
#define LIST(member) MEMBER(OPTION_LIST, struct string_list, member)
#define NUMBER(member) MEMBER(OPTION_NUMBER, int, member)
#define READ(ctype, member, function) MEMBER(OPTION_READ, ctype, member), .read = (function)
#define VIEWS (FOR(SUBCOMMAND_DASHBOARD) | FOR(SUBCOMMAND_GET))
#define READS (FOR_ALL & ~FOR(SUBCOMMAND_COMPLETION))

static const char general[] = "General", tracing[] = "Trace", checking[] = "Check and auth",
                  dns[] = "DNS", connecting[] = "Connection";

static const char *const output_names[OUTPUT_COUNT] = {
    [OUTPUT_TABLE] = "table", [OUTPUT_WIDE] = "wide", [OUTPUT_JSON] = "json",
    [OUTPUT_CSV] = "csv",     [OUTPUT_NAME] = "name", [OUTPUT_TEXT] = "text",
};

static const char *output_value(size_t i)
{
    return i < OUTPUT_COUNT ? output_names[i] : NULL;
}

static bool read_output(void *target, const struct option_row *row, const char *arg,
                        struct err *err)
{
    (void)row;
    for (int f = 0; f < OUTPUT_COUNT; f++) {
        if (strcmp(arg, output_names[f]) == 0) {
            *(enum output_format *)target = (enum output_format)f;
            return true;
        }
    }
    return err_set(err, ERR_USAGE,
                   "unknown output format '%s'; use table, wide, json, csv, name or text", arg);
}

static bool read_time(void *target, const struct option_row *row, const char *arg, struct err *err)
{
    int64_t *as_of = target;
    *as_of = time_parse(arg);
    return *as_of != TIME_NONE ||
           err_set(err, ERR_USAGE, "--%s '%s' is not a time; write it as 2026-11-23T18:37:11Z",
                   row->name, arg);
}

static bool read_areas(void *target, const struct option_row *row, const char *arg, struct err *err)
{
    (void)row;
    return log_areas_parse(arg, target, err);
}

static const char *area_value(size_t i)
{
    return i < LOG_AREA_COUNT ? log_areas[i].name : i == LOG_AREA_COUNT ? "all" : NULL;
}

// "error" first: the worst, and the default.
static const char *severity_value(size_t i)
{
    return i <= SEVERITY_ERROR ? severity_name((enum severity)(SEVERITY_ERROR - i)) : NULL;
}

static bool read_severity(void *target, const struct option_row *row, const char *arg,
                          struct err *err)
{
    for (size_t i = 0; severity_value(i) != NULL; i++) {
        if (strcmp(arg, severity_value(i)) == 0) {
            *(enum severity *)target = (enum severity)(SEVERITY_ERROR - i);
            return true;
        }
    }
    return err_set(err, ERR_USAGE, "--%s takes error, warning or info, not '%s'", row->name, arg);
}

// "14d", "20%", or a duration as Go writes it ("36h").
static bool read_within(void *target, const struct option_row *row, const char *arg,
                        struct err *err)
{
    struct certificate_within *within = target;
    size_t digits = strspn(arg, "0123456789");
    const char *unit = arg + digits;
    int64_t count = 0;
    bool counted = number_parse(arg, digits, 9999999, &count);
    *within = (struct certificate_within){0};
    if (counted && strcmp(unit, "d") == 0) {
        within->seconds = count * 86400;
    } else if (counted && strcmp(unit, "%") == 0) {
        within->percent = count < 100 ? (int)count : 0;
    } else {
        int64_t ms = duration_parse(arg);
        within->seconds = ms != DURATION_NONE && ms > 0 ? ms / 1000 : 0;
    }
    return within->seconds > 0 || within->percent > 0 ||
           err_set(err, ERR_USAGE,
                   "--%s takes a time such as 14d or 36h, or what is left of a lifetime such as "
                   "20%%, not '%s'",
                   row->name, arg);
}

static bool check_timeout(const struct option_row *row, const char *arg, struct err *err)
{
    (void)row;
    int64_t ms;
    return request_timeout_parse(arg, &ms, err);
}

static bool check_resolver(const struct option_row *row, const char *arg, struct err *err)
{
    return dns_channel_can_parse(arg) ||
           err_set(
               err, ERR_USAGE,
               "--%s: '%s' is no resolver: give an address, address:port or [IPv6 address]:port",
               row->name, arg);
}

static bool check_address(struct options *o, const struct option_row *row, const char *arg,
                          struct err *err)
{
    (void)o;
    return ip_network_of_address(arg).n > 0 ||
           err_set(err, ERR_USAGE, "--%s: '%s' is no IP address", row->name, arg);
}

static const char *code_value(size_t i)
{
    return i < finding_code_count ? finding_codes[i].code : NULL;
}

// A misspelt code would silently ignore nothing.
static bool check_code(const struct option_row *row, const char *arg, struct err *err)
{
    for (size_t i = 0; code_value(i) != NULL; i++) {
        if (str_casecmp(arg, code_value(i)) == 0) {
            return true;
        }
    }
    return err_set(err, ERR_USAGE,
                   "--%s takes the code of a finding, such as IST0101, not '%s'; gatetop(1) lists "
                   "them under FINDINGS",
                   row->name, arg);
}

// An option that external-dns has under the same name: kept as its argument.
static bool read_dns_argument(void *target, const struct option_row *row, const char *arg,
                              struct err *err)
{
    (void)err;
    struct string_list *l = target;
    *ARRAY_PUSH(l->at, l->n, l->cap) = xasprintf("--%s=%s", row->name, arg);
    return true;
}

static bool read_dns_sources(void *target, const struct option_row *row, const char *arg,
                             struct err *err)
{
    struct string_list *l = target;
    size_t before = l->n;
    char *copy = xstrdup(arg), *save = NULL;
    for (char *s = strtok_r(copy, ", ", &save); s != NULL; s = strtok_r(NULL, ", ", &save)) {
        *ARRAY_PUSH(l->at, l->n, l->cap) = xasprintf("--source=%s", s);
    }
    free(copy);
    return l->n > before || err_set(err, ERR_USAGE, "--%s names no source", row->name);
}

// clang-format off
const struct option_row option_table[] = {
    {.name = "filename", .letter = 'f', .arg = "FILE", .subcommands = READS, .section = general,
     .help = "read manifests from FILE, a directory or - (standard input) instead of a cluster; repeatable",
     LIST(files)},
    {.name = "complete", .subcommands = READS, .section = general,
     .help = "take the files of -f for all that the cluster has: what is not in them does not exist",
     SWITCH(complete)},
    {.name = "overlay", .arg = "FILE", .subcommands = READS, .section = general,
     .help = "lay the manifests in FILE over the cluster or over -f; repeatable",
     LIST(overlays)},
    {.name = "namespace", .letter = 'n', .arg = "NAMESPACE", .subcommands = READS, .section = general,
     .help = "show only the rows of this namespace",
     TEXT(ns)},
    {.name = "all-namespaces", .letter = 'A', .subcommands = READS, .section = general,
     .help = "show all namespaces (the default)",
     SWITCH(all_namespaces)},
    {.name = "output", .letter = 'o', .arg = "FORMAT", .section = general,
     .subcommands = FOR(SUBCOMMAND_GET) | FOR(SUBCOMMAND_TRACE) | FOR(SUBCOMMAND_CHECK) |
                    FOR(SUBCOMMAND_DIFF) | FOR(SUBCOMMAND_AUTH),
     .help = "output format: table, wide, json, csv or name (get); text or json (trace, check, diff, auth)",
     READ(enum output_format, output, read_output), .value = output_value},
    {.name = "watch", .letter = 'w', .subcommands = FOR(SUBCOMMAND_GET), .section = general,
     .help = "keep printing rows as they change",
     SWITCH(watch)},
    {.name = "once", .subcommands = VIEWS, .section = general,
     .help = "print the first complete screen as plain text and exit",
     SWITCH(once)},
    {.name = "theme", .arg = "NAME", .subcommands = FOR(SUBCOMMAND_DASHBOARD), .section = general,
     .help = "colour theme: a name or the path of a file; see gatetop-theme(5)",
     TEXT(theme)},
    {.name = "no-color", .subcommands = VIEWS, .section = general,
     .help = "use no colours, like the variable NO_COLOR",
     SWITCH(no_color)},
    {.name = "ascii", .subcommands = READS, .section = general,
     .help = "draw with ASCII characters only",
     SWITCH(ascii)},
    {.name = "as-of", .arg = "TIME", .subcommands = READS, .section = general,
     .help = "use TIME (RFC 3339) as the current time, like the variable GATETOP_NOW",
     READ(int64_t, as_of, read_time)},
    {.name = "log", .arg = "FILE", .subcommands = READS, .section = general,
     .help = "append what happens to connections and credentials to FILE; no secret is written",
     TEXT(log)},
    {.name = "debug", .arg = "AREA[,AREA...]", .subcommands = READS, .section = general,
     .help = "also log every step in these areas of the program, or in all; needs --log",
     READ(unsigned, debug_areas, read_areas), .value = area_value},
    {.name = "help", .letter = 'h', .subcommands = FOR_ALL, .section = general,
     .help = "print this help and exit",
     SWITCH(help)},
    {.name = "version", .letter = 'V', .subcommands = FOR_ALL, .section = general,
     .help = "print the version and exit",
     SWITCH(version)},

    {.name = "request", .letter = 'X', .arg = "METHOD", .subcommands = FOR(SUBCOMMAND_TRACE), .section = tracing,
     .help = "the request's method (default: GET)",
     TEXT(method)},
    {.name = "header", .letter = 'H', .arg = "HEADER", .subcommands = FOR(SUBCOMMAND_TRACE), .section = tracing,
     .help = "a header of the request, as 'name: value'; repeatable",
     .private = true, LIST(headers)},
    {.name = "sni", .arg = "NAME", .subcommands = FOR(SUBCOMMAND_TRACE), .section = tracing,
     .help = "the TLS server name, where it differs from the host",
     TEXT(sni)},
    {.name = "source-ip", .arg = "ADDRESS", .subcommands = FOR(SUBCOMMAND_TRACE), .section = tracing,
     .help = "the client's IP address, for AuthorizationPolicies that ask for it",
     TEXT(source_ip), .read = check_address},
    {.name = "gateway", .arg = "LABELS|NS/NAME", .subcommands = FOR(SUBCOMMAND_TRACE), .section = tracing,
     .help = "trace through the gateway workload with these labels, or that of this Gateway (default: every one that serves the host)",
     TEXT(gateway)},
    {.name = "batch", .arg = "FILE", .subcommands = FOR(SUBCOMMAND_TRACE), .section = tracing,
     .help = "read requests as JSON lines from FILE or -; print one answer a line",
     TEXT(batch)},

    {.name = "fail-on", .arg = "SEVERITY", .subcommands = FOR(SUBCOMMAND_CHECK), .section = checking,
     .help = "exit with status 1 if there is a finding of at least this severity: error (the default), warning or info",
     READ(enum severity, fail_on, read_severity), .value = severity_value},
    {.name = "ignore", .arg = "CODE", .subcommands = FOR(SUBCOMMAND_CHECK), .section = checking,
     .help = "leave out findings with this code, in upper or lower case; repeatable",
     LIST(ignore), .check = check_code, .value = code_value},
    {.name = "expiring", .arg = "TIME", .subcommands = FOR(SUBCOMMAND_CHECK), .section = checking,
     .help = "also report certificates that expire within TIME (14d, 36h) or have less than this share of their lifetime left (20%)",
     READ(struct certificate_within, expiring, read_within)},
    {.name = "print-role", .subcommands = FOR(SUBCOMMAND_AUTH), .section = checking,
     .help = "print a ClusterRole with exactly the permissions gatetop uses",
     SWITCH(print_role)},

    {.name = "dns-sources", .arg = "SOURCES", .subcommands = READS, .section = dns,
     .help = "external-dns's sources, separated by commas: istio-gateway, istio-virtualservice, service, ingress",
     READ(struct string_list, dns_args, read_dns_sources)},
    {.name = "txt-prefix", .arg = "TEXT", .subcommands = READS, .section = dns,
     .help = "prefix of ownership records, as in external-dns",
     READ(struct string_list, dns_args, read_dns_argument)},
    {.name = "txt-suffix", .arg = "TEXT", .subcommands = READS, .section = dns,
     .help = "suffix of ownership records, as in external-dns",
     READ(struct string_list, dns_args, read_dns_argument)},
    {.name = "txt-owner-id", .arg = "ID", .subcommands = READS, .section = dns,
     .help = "owner that external-dns writes (default: default)",
     READ(struct string_list, dns_args, read_dns_argument)},
    {.name = "annotation-prefix", .arg = "PREFIX", .subcommands = READS, .section = dns,
     .help = "prefix of external-dns's annotations",
     READ(struct string_list, dns_args, read_dns_argument)},
    {.name = "domain-filter", .arg = "DOMAIN", .subcommands = READS, .section = dns,
     .help = "a domain that external-dns manages; repeatable",
     READ(struct string_list, dns_args, read_dns_argument)},
    {.name = "probe", .subcommands = FOR(SUBCOMMAND_GET) | FOR(SUBCOMMAND_CHECK), .section = dns,
     .help = "query DNS, too; the dashboard does so by itself",
     SWITCH(probe)},
    {.name = "no-probe", .subcommands = READS, .section = dns,
     .help = "do not query DNS",
     SWITCH(no_probe)},
    {.name = "probe-tls", .subcommands = VIEWS | FOR(SUBCOMMAND_CHECK), .section = dns,
     .help = "connect to gateways with TLS and compare the certificates they serve with those issued (default: off)",
     SWITCH(probe_tls)},
    {.name = "resolver", .arg = "ADDRESS", .subcommands = READS, .section = dns,
     .help = "query this DNS server instead of the system's",
     TEXT(resolver), .check = check_resolver},
    {.name = "authoritative", .subcommands = READS, .section = dns,
     .help = "query the zone's own servers",
     SWITCH(authoritative)},

    {.name = "kubeconfig", .arg = "FILE", .subcommands = READS, .section = connecting,
     .help = "the kubeconfig file",
     TEXT(api.kubeconfig)},
    {.name = "context", .arg = "NAME", .subcommands = READS, .section = connecting,
     .help = "the context",
     TEXT(api.context)},
    {.name = "cluster", .arg = "NAME", .subcommands = READS, .section = connecting,
     .help = "the cluster entry",
     TEXT(api.cluster)},
    {.name = "user", .arg = "NAME", .subcommands = READS, .section = connecting,
     .help = "the user entry",
     TEXT(api.user)},
    {.name = "server", .letter = 's', .arg = "URL", .subcommands = READS, .section = connecting,
     .help = "the API server",
     .private = true, TEXT(api.server)},
    {.name = "token", .arg = "TOKEN", .subcommands = READS, .section = connecting,
     .help = "bearer token",
     .private = true, TEXT(api.token)},
    {.name = "username", .arg = "NAME", .subcommands = READS, .section = connecting,
     .help = "user name for basic authentication",
     TEXT(api.username)},
    {.name = "password", .arg = "TEXT", .subcommands = READS, .section = connecting,
     .help = "password for basic authentication",
     .private = true, TEXT(api.password)},
    {.name = "client-certificate", .arg = "FILE", .subcommands = READS, .section = connecting,
     .help = "client certificate",
     TEXT(api.client_certificate)},
    {.name = "client-key", .arg = "FILE", .subcommands = READS, .section = connecting,
     .help = "key of the client certificate",
     TEXT(api.client_key)},
    {.name = "certificate-authority", .arg = "FILE", .subcommands = READS, .section = connecting,
     .help = "certificates to verify the server's certificate with",
     TEXT(api.certificate_authority)},
    {.name = "insecure-skip-tls-verify", .subcommands = READS, .section = connecting,
     .help = "do not verify the server's certificate",
     BOOLEAN(api.insecure_skip_tls_verify)},
    {.name = "tls-server-name", .arg = "NAME", .subcommands = READS, .section = connecting,
     .help = "name that the server's certificate must have",
     TEXT(api.tls_server_name)},
    {.name = "proxy-url", .arg = "URL", .subcommands = READS, .section = connecting,
     .help = "proxy: http, https or socks5",
     .private = true, TEXT(api.proxy_url)},
    {.name = "disable-compression", .subcommands = READS, .section = connecting,
     .help = "do not request compressed lists",
     BOOLEAN(api.disable_compression)},
    {.name = "request-timeout", .arg = "TIME", .subcommands = READS, .section = connecting,
     .help = "time limit of a request other than a watch, and of a whole subcommand (5, 30s, 10m); "
             "0: none; without it a subcommand ends after 2m",
     TEXT(api.request_timeout), .check = check_timeout},
    {.name = "server-clock", .subcommands = READS, .section = connecting,
     .help = "believe the server's clock, also where it is more than a day off",
     SWITCH(api.server_clock)},
    {.name = "as", .arg = "USER", .subcommands = READS, .section = connecting,
     .help = "impersonate this user",
     TEXT(api.as)},
    {.name = "as-uid", .arg = "UID", .subcommands = READS, .section = connecting,
     .help = "impersonate with this UID",
     TEXT(api.as_uid)},
    {.name = "as-group", .arg = "GROUP", .subcommands = READS, .section = connecting,
     .help = "impersonate this group; repeatable",
     LIST(as_groups)},
    {.name = "as-user-extra", .arg = "KEY=VALUE", .subcommands = READS, .section = connecting,
     .help = "impersonate with this extra attribute; repeatable",
     .private = true, LIST(as_user_extra)},

    {.name = "sync-fd", .arg = "FD", .subcommands = FOR(SUBCOMMAND_DASHBOARD),
     .help = "write the generation shown to this descriptor after each frame, for tests",
     NUMBER(sync_fd)},
};
// clang-format on
const size_t option_count = ARRAY_COUNT(option_table);
