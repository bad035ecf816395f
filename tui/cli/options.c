// SPDX-License-Identifier: Apache-2.0
// The command line.
#include "tui/cli/options.h"

#include "kube/base/text.h"

#include "views/view.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
const struct subcommand_info subcommands[SUBCOMMAND_COUNT] = {
    [SUBCOMMAND_DASHBOARD] = {"", "[VIEW]", "the dashboard, opened on VIEW"},
    [SUBCOMMAND_GET] = {"get", "VIEW", "print the rows of a view"},
    [SUBCOMMAND_TRACE] = {"trace", "URL", "say where a request goes, and why"},
    [SUBCOMMAND_CHECK] = {"check", "", "say what is wrong with the objects, and what to write instead"},
    [SUBCOMMAND_DIFF] = {"diff", "NEW...", "say which requests the files would send elsewhere"},
    [SUBCOMMAND_AUTH] = {"auth", "", "say what this user may do of what gatetop needs"},
    [SUBCOMMAND_COMPLETION] = {"completion", "bash|zsh|fish", "print a completion script for a shell"},
};

enum option_id {
    O_FILE, O_OVERLAY, O_NAMESPACE, O_ALL, O_OUTPUT, O_WATCH, O_ONCE,
    O_THEME, O_NO_COLOR, O_ASCII, O_WRITE, O_AS_OF, O_LOG, O_HELP, O_VERSION,
    O_METHOD, O_HEADER, O_SNI, O_GATEWAY, O_BATCH, O_EXPLAIN,
    O_FAIL_ON, O_IGNORE, O_EXPIRING, O_PRINT_ROLE,
    O_DNS_SOURCES, O_TXT_PREFIX, O_TXT_SUFFIX, O_TXT_OWNER, O_ANNOTATION_PREFIX, O_DOMAIN_FILTER,
    O_PROBE, O_NO_PROBE, O_PROBE_TLS, O_RESOLVER, O_AUTHORITATIVE,
    O_KUBECONFIG, O_CONTEXT, O_CLUSTER, O_USER, O_SERVER, O_TOKEN, O_USERNAME, O_PASSWORD,
    O_CLIENT_CERT, O_CLIENT_KEY, O_CA, O_INSECURE, O_TLS_NAME, O_PROXY, O_NO_COMPRESSION, O_TIMEOUT,
    O_AS, O_AS_UID, O_AS_GROUP, O_AS_EXTRA, O_SYNC_FD,
    O_COUNT
};

#define VIEWS (FOR(SUBCOMMAND_DASHBOARD) | FOR(SUBCOMMAND_GET))
#define READS (FOR_ALL & ~FOR(SUBCOMMAND_COMPLETION))
static const char general[] = "General", tracing[] = "Trace", checking[] = "Check and auth", dns[] = "DNS", connecting[] = "Connection";

const struct option_info options[] = {
    [O_FILE] = {"filename", 'f', "FILE", READS, general, "read manifests from FILE, a folder or - (standard input) instead of a cluster; may be repeated"},
    [O_OVERLAY] = {"overlay", 0, "FILE", READS, general, "lay the manifests of FILE over the cluster or over -f; may be repeated"},
    [O_NAMESPACE] = {"namespace", 'n', "NAMESPACE", READS, general, "show the rows of this namespace only"},
    [O_ALL] = {"all-namespaces", 'A', NULL, READS, general, "show all namespaces, as without -n"},
    [O_OUTPUT] = {"output", 'o', "FORMAT", FOR(SUBCOMMAND_GET) | FOR(SUBCOMMAND_TRACE) | FOR(SUBCOMMAND_CHECK) | FOR(SUBCOMMAND_DIFF) | FOR(SUBCOMMAND_AUTH), general, "table, wide, json, csv or name (get); text or json (trace, check, diff, auth)"},
    [O_WATCH] = {"watch", 'w', NULL, FOR(SUBCOMMAND_GET), general, "go on printing rows as they change"},
    [O_ONCE] = {"once", 0, NULL, VIEWS, general, "print the first synced screen as plain text and end"},
    [O_THEME] = {"theme", 0, "NAME", FOR(SUBCOMMAND_DASHBOARD), general, "colour theme: a name or the path of a file; see gatetop-theme(5)"},
    [O_NO_COLOR] = {"no-color", 0, NULL, VIEWS, general, "no colours, as with the variable NO_COLOR"},
    [O_ASCII] = {"ascii", 0, NULL, READS, general, "draw with ASCII characters only"},
    [O_WRITE] = {"write", 0, NULL, FOR(SUBCOMMAND_DASHBOARD), general, "allow the dashboard to write to the cluster; it has no writing command yet"},
    [O_AS_OF] = {"as-of", 0, "TIME", READS, general, "take TIME (RFC 3339) for now, as the variable GATETOP_NOW"},
    [O_LOG] = {"log", 0, "FILE", READS, general, "append the life of connections to FILE; no secret is written"},
    [O_HELP] = {"help", 'h', NULL, FOR_ALL, general, "print help and end"},
    [O_VERSION] = {"version", 'V', NULL, FOR_ALL, general, "print the version and end"},
    [O_METHOD] = {"request", 'X', "METHOD", FOR(SUBCOMMAND_TRACE), tracing, "the method; GET without it"},
    [O_HEADER] = {"header", 'H', "HEADER", FOR(SUBCOMMAND_TRACE), tracing, "a header as 'name: value'; may be repeated"},
    [O_SNI] = {"sni", 0, "NAME", FOR(SUBCOMMAND_TRACE), tracing, "the TLS server name where it is not the host"},
    [O_GATEWAY] = {"gateway", 0, "LABELS|NS/NAME", FOR(SUBCOMMAND_TRACE), tracing, "ask the gateway workload with these labels, or that of this Gateway; without it, every one that serves the host"},
    [O_BATCH] = {"batch", 0, "FILE", FOR(SUBCOMMAND_TRACE), tracing, "requests as JSON lines from FILE or -, one answer a line"},
    [O_EXPLAIN] = {"explain", 0, NULL, FOR(SUBCOMMAND_TRACE), tracing, "draw the way of the request as a tree"},
    [O_FAIL_ON] = {"fail-on", 0, "SEVERITY", FOR(SUBCOMMAND_CHECK), checking, "end with status 1 at findings of error (the default), warning or info"},
    [O_IGNORE] = {"ignore", 0, "CODE", FOR(SUBCOMMAND_CHECK), checking, "leave out findings of this code; may be repeated"},
    [O_EXPIRING] = {"expiring", 0, "TIME", FOR(SUBCOMMAND_CHECK), checking, "also find certificates that end within TIME (14d, 36h) or have less than so much of their lifetime left (20%)"},
    [O_PRINT_ROLE] = {"print-role", 0, NULL, FOR(SUBCOMMAND_AUTH), checking, "print a ClusterRole with exactly what gatetop reads"},
    [O_DNS_SOURCES] = {"dns-sources", 0, "SOURCES", READS, dns, "sources of external-dns, separated by commas: istio-gateway, istio-virtualservice, service, ingress"},
    [O_TXT_PREFIX] = {"txt-prefix", 0, "TEXT", READS, dns, "prefix of ownership records, as external-dns has it"},
    [O_TXT_SUFFIX] = {"txt-suffix", 0, "TEXT", READS, dns, "suffix of ownership records"},
    [O_TXT_OWNER] = {"txt-owner-id", 0, "ID", READS, dns, "owner that external-dns writes; default without it"},
    [O_ANNOTATION_PREFIX] = {"annotation-prefix", 0, "PREFIX", READS, dns, "prefix of external-dns annotations"},
    [O_DOMAIN_FILTER] = {"domain-filter", 0, "DOMAIN", READS, dns, "domains that external-dns keeps; may be repeated"},
    [O_PROBE] = {"probe", 0, NULL, FOR(SUBCOMMAND_GET) | FOR(SUBCOMMAND_CHECK), dns, "ask DNS as well; the dashboard does without it"},
    [O_NO_PROBE] = {"no-probe", 0, NULL, READS, dns, "ask nothing of DNS"},
    [O_PROBE_TLS] = {"probe-tls", 0, NULL, VIEWS | FOR(SUBCOMMAND_CHECK), dns, "shake hands with gateways and compare what they serve with what was issued; off without it"},
    [O_RESOLVER] = {"resolver", 0, "ADDRESS", READS, dns, "ask this DNS server instead of the system's"},
    [O_AUTHORITATIVE] = {"authoritative", 0, NULL, READS, dns, "ask the servers of the zone itself"},
    [O_KUBECONFIG] = {"kubeconfig", 0, "FILE", READS, connecting, "the kubeconfig file"},
    [O_CONTEXT] = {"context", 0, "NAME", READS, connecting, "the context"},
    [O_CLUSTER] = {"cluster", 0, "NAME", READS, connecting, "the cluster entry"},
    [O_USER] = {"user", 0, "NAME", READS, connecting, "the user entry"},
    [O_SERVER] = {"server", 's', "URL", READS, connecting, "the API server"},
    [O_TOKEN] = {"token", 0, "TOKEN", READS, connecting, "bearer token"},
    [O_USERNAME] = {"username", 0, "NAME", READS, connecting, "user name for basic authentication"},
    [O_PASSWORD] = {"password", 0, "TEXT", READS, connecting, "password for basic authentication"},
    [O_CLIENT_CERT] = {"client-certificate", 0, "FILE", READS, connecting, "client certificate"},
    [O_CLIENT_KEY] = {"client-key", 0, "FILE", READS, connecting, "key of the client certificate"},
    [O_CA] = {"certificate-authority", 0, "FILE", READS, connecting, "certificates that the server's is verified with"},
    [O_INSECURE] = {"insecure-skip-tls-verify", 0, NULL, READS, connecting, "do not verify the server's certificate"},
    [O_TLS_NAME] = {"tls-server-name", 0, "NAME", READS, connecting, "name that the server's certificate must have"},
    [O_PROXY] = {"proxy-url", 0, "URL", READS, connecting, "proxy: http, https or socks5"},
    [O_NO_COMPRESSION] = {"disable-compression", 0, NULL, READS, connecting, "do not ask for compressed lists"},
    [O_TIMEOUT] = {"request-timeout", 0, "TIME", READS, connecting, "bound of one request that is no watch (5, 30s, 2m); 0 none"},
    [O_AS] = {"as", 0, "USER", READS, connecting, "act as this user"},
    [O_AS_UID] = {"as-uid", 0, "UID", READS, connecting, "act with this uid"},
    [O_AS_GROUP] = {"as-group", 0, "GROUP", READS, connecting, "act with this group; may be repeated"},
    [O_AS_EXTRA] = {"as-user-extra", 0, "KEY=VALUE", READS, connecting, "act with this extra attribute; may be repeated"},
    [O_SYNC_FD] = {"sync-fd", 0, "FD", FOR(SUBCOMMAND_DASHBOARD), NULL, "a byte for each frame drawn, for tests"},
};
// clang-format on
const int option_count = O_COUNT;

static void push(struct string_list *l, const char *s)
{
    l->at = xrealloc(l->at, (l->n + 1) * sizeof *l->at);
    l->at[l->n++] = s;
}

// An option that external-dns has under the same name: kept as its argument.
static void push_dns(struct options *o, const char *name, const char *value)
{
    push(&o->dns_args, xasprintf("--%s=%s", name, value));
}

static bool set_output(struct options *o, const char *arg, struct err *err)
{
    static const char *const names[] = {"table", "wide", "json", "csv", "name", "text"};
    for (int i = 0; i < 6; i++) {
        if (strcmp(arg, names[i]) == 0) {
            o->output = (enum output)i;
            o->output_set = true;
            return true;
        }
    }
    return err_set(err, ERR_USAGE,
                   "unknown output format '%s'; use table, wide, json, csv, name or text", arg);
}

static bool set_option(struct options *o, enum option_id id, const char *arg, struct err *err)
{
    switch (id) {
    case O_FILE:
        push(&o->files, arg);
        break;
    case O_OVERLAY:
        push(&o->overlays, arg);
        break;
    case O_NAMESPACE:
        o->ns = arg;
        break;
    case O_ALL:
        o->all_namespaces = true;
        break;
    case O_OUTPUT:
        return set_output(o, arg, err);
    case O_WATCH:
        o->watch = true;
        break;
    case O_ONCE:
        o->once = true;
        break;
    case O_THEME:
        o->theme = arg;
        break;
    case O_NO_COLOR:
        o->no_color = true;
        break;
    case O_ASCII:
        o->ascii = true;
        break;
    case O_WRITE:
        o->write = true;
        break;
    case O_AS_OF:
        if (time_parse(arg) == TIME_NONE) {
            return err_set(err, ERR_USAGE,
                           "--as-of '%s' is no time; write it as 2026-11-23T18:37:11Z", arg);
        }
        clock_pin(time_parse(arg));
        break;
    case O_LOG:
        o->log = arg;
        break;
    case O_HELP:
        o->help = true;
        break;
    case O_VERSION:
        o->version = true;
        break;
    case O_METHOD:
        o->method = arg;
        break;
    case O_HEADER:
        push(&o->headers, arg);
        break;
    case O_SNI:
        o->sni = arg;
        break;
    case O_GATEWAY:
        o->gateway = arg;
        break;
    case O_BATCH:
        o->batch = arg;
        break;
    case O_EXPLAIN:
        o->explain = true;
        break;
    case O_FAIL_ON:
        o->fail_on = arg;
        break;
    case O_IGNORE:
        push(&o->ignore, arg);
        break;
    case O_EXPIRING:
        o->expiring = arg;
        break;
    case O_PRINT_ROLE:
        o->print_role = true;
        break;
    case O_DNS_SOURCES: {
        char *copy = xstrdup(arg), *save = NULL;
        char *s = strtok_r(copy, ", ", &save);
        bool any = s != NULL;
        for (; s != NULL; s = strtok_r(NULL, ", ", &save)) {
            push_dns(o, "source", s);
        }
        free(copy);
        if (!any) {
            return err_set(err, ERR_USAGE, "--dns-sources names no source");
        }
        break;
    }
    case O_TXT_PREFIX:
    case O_TXT_SUFFIX:
    case O_TXT_OWNER:
    case O_ANNOTATION_PREFIX:
    case O_DOMAIN_FILTER:
        push_dns(o, options[id].name, arg);
        break;
    case O_PROBE:
        o->probe = true;
        break;
    case O_NO_PROBE:
        o->no_probe = true;
        break;
    case O_PROBE_TLS:
        o->probe_tls = true;
        break;
    case O_RESOLVER:
        o->resolver = arg;
        break;
    case O_AUTHORITATIVE:
        o->authoritative = true;
        break;
    case O_KUBECONFIG:
        o->api.kubeconfig = arg;
        break;
    case O_CONTEXT:
        o->api.context = arg;
        break;
    case O_CLUSTER:
        o->api.cluster = arg;
        break;
    case O_USER:
        o->api.user = arg;
        break;
    case O_SERVER:
        o->api.server = arg;
        break;
    case O_TOKEN:
        o->api.token = arg;
        break;
    case O_USERNAME:
        o->api.username = arg;
        break;
    case O_PASSWORD:
        o->api.password = arg;
        break;
    case O_CLIENT_CERT:
        o->api.client_certificate = arg;
        break;
    case O_CLIENT_KEY:
        o->api.client_key = arg;
        break;
    case O_CA:
        o->api.certificate_authority = arg;
        break;
    case O_INSECURE:
        o->api.insecure_skip_tls_verify = arg != NULL ? arg : "";
        break;
    case O_TLS_NAME:
        o->api.tls_server_name = arg;
        break;
    case O_PROXY:
        o->api.proxy_url = arg;
        break;
    case O_NO_COMPRESSION:
        o->api.disable_compression = arg != NULL ? arg : "";
        break;
    case O_TIMEOUT:
        o->api.request_timeout = arg;
        break;
    case O_AS:
        o->api.as = arg;
        break;
    case O_AS_UID:
        o->api.as_uid = arg;
        break;
    case O_AS_GROUP:
        push(&o->as_groups, arg);
        break;
    case O_AS_EXTRA:
        push(&o->as_user_extra, arg);
        break;
    case O_SYNC_FD:
        o->sync_fd = atoi(arg);
        break;
    case O_COUNT:
        break;
    }
    return true;
}

// The views whose names begin with a word, ", " between them; "" where they are not several.
static const char *views_that_begin(struct arena *a, const char *word)
{
    const char *all = "";
    int n = 0;
    for (const struct view *const *v = views; *v != NULL; v++) {
        if (word[0] != '\0' && str_starts((*v)->name, word)) {
            all = arena_printf(a, "%s%s%s", all, n++ > 0 ? ", " : "", (*v)->name);
        }
    }
    return n > 1 ? all : "";
}

// `what` is what the word could have been, and `command` lists it.
static bool no_view(const char *what, const char *word, const char *command, struct err *err)
{
    struct arena a;
    arena_init(&a);
    const char *several = views_that_begin(&a, word);
    if (several[0] != '\0') {
        err_set(err, ERR_USAGE, "several views begin with '%s': %s", word, several);
    } else {
        err_set(err, ERR_USAGE, "unknown %s '%s'; '%s --help' lists them", what, word, command);
    }
    arena_release(&a);
    return false;
}

static bool find_subcommand(struct options *o, struct err *err)
{
    if (o->args.n == 0) {
        return true;
    }
    const char *word = o->args.at[0];
    for (int c = SUBCOMMAND_GET; c < SUBCOMMAND_COUNT; c++) {
        if (strcmp(subcommands[c].name, word) == 0) {
            o->subcommand = (enum subcommand_id)c;
            o->args.n--;
            memmove(o->args.at, o->args.at + 1, o->args.n * sizeof *o->args.at);
            return true;
        }
    }
    if (view_find(word) == NULL) {
        return no_view("command or view", word, "gatetop", err);
    }
    return true;
}

// What a command needs after its word.
static bool check_args(struct options *o, struct err *err)
{
    const char *name = subcommands[o->subcommand].name;
    switch (o->subcommand) {
    case SUBCOMMAND_DASHBOARD:
    case SUBCOMMAND_GET:
        if (o->args.n > 1) {
            return err_set(err, ERR_USAGE, "one view at a time: '%s' is too much", o->args.at[1]);
        }
        if (o->args.n == 0 && o->subcommand == SUBCOMMAND_GET) {
            return err_set(err, ERR_USAGE, "get needs a view; 'gatetop get --help' lists them");
        }
        o->view = o->args.n == 1 ? o->args.at[0] : NULL;
        if (o->view != NULL && view_find(o->view) == NULL) {
            return no_view("view", o->view, "gatetop get", err);
        }
        break;
    case SUBCOMMAND_TRACE:
        if ((o->args.n != 1) == (o->batch == NULL)) {
            return err_set(err, ERR_USAGE, "trace takes one URL, or --batch FILE");
        }
        break;
    case SUBCOMMAND_DIFF:
        if (o->args.n == 0) {
            return err_set(err, ERR_USAGE, "diff needs the new files: gatetop diff NEW...");
        }
        break;
    case SUBCOMMAND_COMPLETION:
        if (o->args.n != 1) {
            return err_set(err, ERR_USAGE, "completion takes bash, zsh or fish");
        }
        break;
    default:
        if (o->args.n != 0) {
            return err_set(err, ERR_USAGE, "%s takes no argument: '%s'", name, o->args.at[0]);
        }
        break;
    }
    return true;
}

static bool check_output(const struct options *o, struct err *err)
{
    if (!o->output_set) {
        return true;
    }
    bool get = o->subcommand == SUBCOMMAND_GET;
    if (get ? o->output != OUTPUT_TEXT : o->output == OUTPUT_TEXT || o->output == OUTPUT_JSON) {
        return true;
    }
    return err_set(err, ERR_USAGE, "%s prints %s", subcommands[o->subcommand].name,
                   get ? "table, wide, json, csv or name" : "text or json");
}

// What getopt_long could not take: optopt is a letter, 1000 and more for a long name that was known, else 0.
static bool refuse(char **argv, int c, struct err *err)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const char *word = optopt > ' ' && optopt < 127 ? letter : argv[optind - 1];
    if (c == '?' && optopt >= 1000) {
        return err_set(err, ERR_USAGE, "option '--%s' takes no argument",
                       options[optopt - 1000].name);
    }
    return err_set(err, ERR_USAGE,
                   c == ':' ? "option '%s' needs an argument"
                            : "unknown option '%s'; 'gatetop --help' lists them",
                   word);
}

bool options_parse(int argc, char **argv, struct options *o, struct err *err)
{
    memset(o, 0, sizeof *o);
    o->sync_fd = -1;
    struct option longs[O_COUNT + 1];
    char shorts[2 * O_COUNT + 2] = ":";
    memset(longs, 0, sizeof longs);
    for (int i = 0; i < O_COUNT; i++) {
        longs[i].name = options[i].name;
        longs[i].has_arg = options[i].arg != NULL ? required_argument : no_argument;
        if (i == O_INSECURE || i == O_NO_COMPRESSION) {
            longs[i].has_arg = optional_argument; // --flag=false, as kubectl takes it
        }
        longs[i].val = 1000 + i;
        if (options[i].letter != 0) {
            size_t n = strlen(shorts);
            shorts[n] = options[i].letter;
            shorts[n + 1] = options[i].arg != NULL ? ':' : '\0';
        }
    }
    opterr = 0;
    optind = 0; // begins anew, also after a word of letters that was left in the middle
    bool used[O_COUNT] = {false};
    for (int c; (c = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (c == '?' || c == ':') {
            return refuse(argv, c, err);
        }
        int id = c - 1000;
        for (int i = 0; c < 1000 && i < O_COUNT; i++) {
            if (options[i].letter == c) {
                id = i;
            }
        }
        used[id] = true;
        if (!set_option(o, (enum option_id)id, optarg, err)) {
            return false;
        }
    }
    for (int i = optind; i < argc; i++) {
        push(&o->args, argv[i]);
    }
    o->api.as_group = o->as_groups.at;
    o->api.as_group_count = o->as_groups.n;
    o->api.as_user_extra = o->as_user_extra.at;
    o->api.as_user_extra_count = o->as_user_extra.n;
    o->api.ns = o->ns;
    if (!find_subcommand(o, err)) {
        return false;
    }
    if (o->help || o->version) {
        return true;
    }
    for (int i = 0; i < O_COUNT; i++) {
        if (used[i] && (options[i].subcommands & FOR(o->subcommand)) == 0) {
            return err_set(err, ERR_USAGE, "option --%s is not for '%s'", options[i].name,
                           o->subcommand == SUBCOMMAND_DASHBOARD ? "the dashboard"
                                                                 : subcommands[o->subcommand].name);
        }
    }
    if (o->ns != NULL && o->all_namespaces) {
        return err_set(err, ERR_USAGE, "-n and -A say different things; give one of them");
    }
    if (o->fail_on != NULL && strcmp(o->fail_on, "error") != 0 &&
        strcmp(o->fail_on, "warning") != 0 && strcmp(o->fail_on, "info") != 0) {
        return err_set(err, ERR_USAGE, "--fail-on takes error, warning or info, not '%s'",
                       o->fail_on);
    }
    bool goes_on = (o->subcommand == SUBCOMMAND_DASHBOARD && !o->once) || o->watch;
    if (o->overlays.n != 0 && o->files.n == 0 && goes_on) {
        return err_set(
            err, ERR_USAGE,
            "--overlay cannot follow a live cluster; use it with -f, get, trace, check or diff");
    }
    return check_args(o, err) && check_output(o, err);
}

void options_release(struct options *o)
{
    for (size_t i = 0; i < o->dns_args.n; i++) {
        union {
            const char *c;
            char *m;
        } u = {.c = o->dns_args.at[i]};
        free(u.m);
    }
    struct string_list *lists[] = {&o->args,     &o->as_groups, &o->as_user_extra, &o->files,
                                   &o->overlays, &o->headers,   &o->ignore,        &o->dns_args};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->at);
        lists[i]->at = NULL;
        lists[i]->n = 0;
    }
}

void options_help(enum subcommand_id c, struct buf *out)
{
    if (c == SUBCOMMAND_DASHBOARD) {
        buf_adds(out, "gatetop: everything between a DNS name and a service, live.\n\n");
        for (int i = 0; i < SUBCOMMAND_COUNT; i++) {
            char usage[64];
            snprintf(usage, sizeof usage, "gatetop%s%s [options] %s", i == 0 ? "" : " ",
                     subcommands[i].name, subcommands[i].synopsis);
            buf_addf(out, "  %-42s %s\n", usage, subcommands[i].help);
        }
    } else {
        buf_addf(out, "gatetop %s [options] %s: %s\n", subcommands[c].name, subcommands[c].synopsis,
                 subcommands[c].help);
    }
    if (c == SUBCOMMAND_DASHBOARD || c == SUBCOMMAND_GET) {
        buf_adds(out, "\nViews:\n");
        for (const struct view *const *v = views; *v != NULL; v++) {
            buf_addf(out, "  %-14s %s\n", (*v)->name, (*v)->help);
        }
    }
    const char *section = NULL;
    for (int i = 0; i < O_COUNT; i++) {
        const struct option_info *p = &options[i];
        if (p->section == NULL || (c != SUBCOMMAND_DASHBOARD && (p->subcommands & FOR(c)) == 0)) {
            continue;
        }
        if (section != p->section) {
            section = p->section;
            buf_addf(out, "\n%s:\n", section);
        }
        char name[64];
        snprintf(name, sizeof name, "%c%c%s--%s%s%s", p->letter != 0 ? '-' : ' ',
                 p->letter != 0 ? p->letter : ' ', p->letter != 0 ? ", " : "  ", p->name,
                 p->arg != NULL ? " " : "", p->arg != NULL ? p->arg : "");
        buf_addf(out, "  %-34s %s\n", name, p->help);
    }
    buf_adds(out, "\nThe whole is in gatetop(1).\n");
}
