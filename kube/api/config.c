// SPDX-License-Identifier: Apache-2.0
// From files, flags and the environment to one server and one user.
#include "kube/api/config.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/url.h"

#include "kube/api/config_file.h"
#include "kube/api/config_internal.h"
#include "kube/api/environment_proxy.h"
#include "kube/api/kubeconfig.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// --- choosing the entries

static void problem(struct config_choice *c, const struct kubeconfig *k, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
static void problem(struct config_choice *c, const struct kubeconfig *k, const char *fmt, ...)
{
    va_list ap;
    struct buf b;
    buf_init(&b, 0);
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    config_problem(c->problems, (struct config_origin){*k->files != '\0' ? k->files : NULL, 0},
                   "%s", b.data);
    buf_release(&b);
}

static const char *context_names(struct config_choice *c, const struct kubeconfig *k)
{
    if (k->context_count == 0) {
        return "there are none";
    }
    const char *s = "";
    for (size_t i = 0; i < k->context_count && i < 20; i++) {
        s = arena_printf(c->arena, "%s%s%s", s, i > 0 ? ", " : "", k->contexts[i].name);
    }
    return k->context_count > 20 ? arena_printf(c->arena, "%s, …", s) : s;
}

// Credentials by flags make the file's user unnecessary (docs/rules/kubernetes-client.md#kubeconfig-missing-user).
static bool user_by_flags(const struct api_flags *f)
{
    return !str_empty(f->token) || !str_empty(f->username) || !str_empty(f->client_certificate);
}

static void choose(struct config_choice *c, const struct kubeconfig *k, const struct api_flags *f)
{
    bool asked = !str_empty(f->context);
    const char *name = asked ? f->context : k->current_context;
    const struct kube_context *context = kubeconfig_context(k, name);
    c->context = context != NULL ? context->name : "";
    if (context == NULL && asked) {
        problem(c, k, "context \"%s\" does not exist; contexts: %s", name, context_names(c, k));
        return;
    }
    if (context == NULL && *name != '\0' && str_empty(f->cluster) && str_empty(f->server)) {
        problem(c, k, "context was not found for specified context: %s; contexts: %s", name,
                context_names(c, k));
        return;
    }
    c->cluster_name =
        !str_empty(f->cluster) ? f->cluster : (context != NULL ? context->cluster : "");
    c->user_name = !str_empty(f->user) ? f->user : (context != NULL ? context->user : "");
    c->ns = context != NULL && *context->ns != '\0' ? context->ns : "default";
    const struct kube_cluster *cluster = kubeconfig_cluster(k, c->cluster_name);
    const struct kube_user *user = kubeconfig_user(k, c->user_name);
    if (cluster != NULL) {
        c->cluster = *cluster;
    } else if (!str_empty(f->cluster)) {
        problem(c, k, "cluster \"%s\" does not exist", f->cluster);
    } else if (*c->cluster_name != '\0' && str_empty(f->server)) {
        problem(c, k, "context \"%s\": cluster \"%s\" not found", c->context, c->cluster_name);
    } else if (str_empty(f->server) && context != NULL) {
        problem(c, k, "context \"%s\" names no cluster", c->context);
    } else if (str_empty(f->server)) {
        problem(c, k, "no current-context; choose one with --context: %s", context_names(c, k));
    }
    if (user != NULL) {
        c->user = *user;
    } else if (!str_empty(f->user)) {
        problem(c, k, "user \"%s\" does not exist", f->user);
    } else if (*c->user_name != '\0' && !user_by_flags(f)) {
        problem(c, k, "context \"%s\": user \"%s\" not found", c->context, c->user_name);
    }
}

// --- in the cluster (docs/rules/kubernetes-client.md#in-cluster)

static const char *in_cluster_dir(const struct environment *env)
{
    return env->in_cluster_dir != NULL ? env->in_cluster_dir
                                       : "/var/run/secrets/kubernetes.io/serviceaccount";
}

static bool in_cluster_possible(struct arena *a, const struct environment *env)
{
    struct stat st;
    return !str_empty(env->get(env->self, "KUBERNETES_SERVICE_HOST")) &&
           !str_empty(env->get(env->self, "KUBERNETES_SERVICE_PORT")) &&
           stat(arena_printf(a, "%s/token", in_cluster_dir(env)), &st) == 0 && !S_ISDIR(st.st_mode);
}

static const char *pod_namespace(struct arena *a, const struct environment *env)
{
    const char *ns = env->get(env->self, "POD_NAMESPACE");
    if (!str_empty(ns)) {
        return ns;
    }
    struct buf b;
    char why[ERRNO_TEXT_SIZE];
    buf_init(&b, 4096);
    bool ok = config_file_read(arena_printf(a, "%s/namespace", in_cluster_dir(env)), &b, why) &&
              b.len > 0;
    const char *s = ok ? b.data : "";
    s += strspn(s, " \t\r\n");
    size_t n = strlen(s);
    while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL) {
        n--;
    }
    ns = n > 0 ? arena_strndup(a, s, n) : "default";
    buf_release(&b);
    return ns;
}

static void choose_in_cluster(struct config_choice *c, const struct environment *env)
{
    struct arena *a = c->arena;
    const char *host = env->get(env->self, "KUBERNETES_SERVICE_HOST");
    const char *port = env->get(env->self, "KUBERNETES_SERVICE_PORT");
    bool v6 = strchr(host, ':') != NULL && *host != '[';
    c->in_cluster = true;
    c->cluster_name = c->user_name = c->context = "in-cluster";
    c->cluster.name = c->user.name = "in-cluster";
    c->cluster.server =
        arena_printf(a, "https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
    c->user.token_file = arena_printf(a, "%s/token", in_cluster_dir(env));
    const char *ca = arena_printf(a, "%s/ca.crt", in_cluster_dir(env));
    struct buf b;
    char why[ERRNO_TEXT_SIZE];
    buf_init(&b, 1024 * 1024);
    if (config_file_read(ca, &b, why)) {
        c->cluster.ca.file = ca;
    } else {
        config_problem(c->warnings, (struct config_origin){ca, 0},
                       "cannot read: %s; the system's certificate authorities are used", why);
    }
    buf_release(&b);
    c->ns = pod_namespace(a, env);
}

// --- the server

// A problem of the server or its proxy: `what`, a few words more, and what is expected.
static bool bad_server(struct config_choice *c, const char *what, const char *more)
{
    config_problem(c->problems, c->cluster.at, "cluster \"%s\": %s%s", c->cluster_name, what, more);
    return false;
}

// Takes the server's URL apart (docs/rules/kubernetes-client.md#server-url); returns false with a problem if it cannot
// be used.
static bool server_url(struct config_choice *c, struct url *u)
{
    const char *why = NULL;
    if (str_empty(c->cluster.server)) {
        return bad_server(c, "no server", "");
    }
    if (!url_split(c->arena, c->cluster.server, u, &why)) {
        return bad_server(
            c, "server: ", arena_printf(c->arena, "%s; expected https://host:port", why));
    }
    if (*u->scheme == '\0') {
        u->scheme = "https";
        config_problem(c->warnings, c->cluster.at,
                       "cluster \"%s\": the server has no scheme; https:// is used",
                       c->cluster_name);
    }
    if (!str_eq(u->scheme, "http") && !str_eq(u->scheme, "https")) {
        return bad_server(c, "server: scheme ",
                          arena_printf(c->arena, "\"%s\"; use https", u->scheme));
    }
    if (u->userinfo != NULL) {
        return bad_server(c, "server: user and password in the URL; put them into the user entry",
                          "");
    }
    return true;
}

static void copy_server(struct config_choice *c, const struct url *u, struct api_config *out)
{
    size_t n = strlen(u->path);
    while (n > 0 && u->path[n - 1] == '/') {
        n--;
    }
    struct arena *a = &out->arena;
    const char *port = u->port > 0 ? arena_printf(c->arena, ":%d", u->port) : "";
    const char *open = u->ipv6 ? "[" : "", *close = u->ipv6 ? "]" : "";
    out->plain_http = str_eq(u->scheme, "http");
    out->host = arena_strdup(a, u->host);
    out->port = u->port > 0 ? u->port : (out->plain_http ? 80 : 443);
    out->path = arena_strndup(a, u->path, n);
    out->server =
        arena_printf(a, "%s://%s%s%s%s%s", u->scheme, open, u->host, close, port, out->path);
}

// That of the cluster's entry, else that of the environment.
static bool choose_proxy(struct config_choice *c, struct url server, const struct environment *env,
                         struct api_config *out)
{
    const char *proxy = c->cluster.proxy_url, *why = NULL;
    if (!str_empty(proxy)) {
        if (!proxy_url_valid(c->arena, proxy, &why)) {
            return bad_server(c, "proxy-url: ",
                              arena_printf(c->arena,
                                           "%s; expected http://, https:// or socks5://host:port",
                                           why));
        }
        out->proxy_url = arena_strdup(&out->arena, proxy);
        return true;
    }
    struct err err;
    server.port = out->port;
    if (!proxy_from_env(c->arena, env, &server, &proxy, &err)) {
        config_problem(c->problems, (struct config_origin){NULL, 0}, "%s", err.msg);
        return false;
    }
    out->proxy_url = arena_strdup(&out->arena, proxy);
    out->proxy_from_env = proxy != NULL;
    return true;
}

static bool choose_server(struct config_choice *c, struct api_config *out,
                          const struct environment *env)
{
    struct url server;
    if (!server_url(c, &server)) {
        return false;
    }
    copy_server(c, &server, out);
    return choose_proxy(c, server, env, out);
}

// --- the result

static char *copy(struct arena *a, const char *s)
{
    return str_empty(s) ? NULL : arena_strdup(a, s);
}

static struct pem_source copy_pem(struct arena *a, const struct kube_pem *p)
{
    struct pem_source out = {0};
    if (p->data != NULL) {
        out.data = arena_strndup(a, p->data, p->len);
        out.len = p->len;
    } else {
        out.file = copy(a, p->file);
    }
    return out;
}

static char **copy_texts(struct arena *a, const char *const *texts, size_t n)
{
    char **out = n > 0 ? arena_calloc(a, n, sizeof *out) : NULL;
    for (size_t i = 0; i < n; i++) {
        out[i] = arena_strdup(a, texts[i]);
    }
    return out;
}

static struct name_value *copy_pairs(struct arena *a, const struct name_value *p, size_t n)
{
    struct name_value *out = n > 0 ? arena_calloc(a, n, sizeof *out) : NULL;
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct name_value){arena_strdup(a, p[i].name), arena_strdup(a, p[i].value)};
    }
    return out;
}

static struct exec_config *copy_exec(struct arena *a, const struct exec_config *e,
                                     const struct json *extension)
{
    struct exec_config *out = arena_alloc(a, sizeof *out);
    out->api_version = arena_strdup(a, e->api_version);
    out->command = arena_strdup(a, e->command);
    out->args = copy_texts(a, (const char *const *)e->args, e->arg_count);
    out->arg_count = e->arg_count;
    out->env = copy_pairs(a, e->env, e->env_count);
    out->env_count = e->env_count;
    out->interactive_mode = arena_strdup(a, e->interactive_mode);
    out->install_hint = copy(a, e->install_hint);
    out->provide_cluster_info = e->provide_cluster_info;
    if (extension != NULL) {
        struct buf b;
        buf_init_secret(&b, 0);
        json_print(extension, false, &b);
        out->cluster_config = buf_take_arena(&b, a);
    }
    return out;
}

static void copy_warnings(struct api_config *out, const struct buf *lines)
{
    size_t cap = 0;
    for (const char *s = lines->data; *s != '\0'; s += strcspn(s, "\n") + 1) {
        char *line = arena_strndup(&out->arena, s, strcspn(s, "\n"));
        *ARENA_PUSH(&out->arena, out->warnings, out->warning_count, cap) = line;
    }
}

static void copy_choice(struct api_config *out, const struct config_choice *c,
                        const struct kubeconfig *k)
{
    struct arena *a = &out->arena;
    const struct kube_user *u = &c->user;
    out->context = arena_strdup(a, c->context);
    out->cluster = arena_strdup(a, c->cluster_name);
    out->user = arena_strdup(a, c->user_name);
    out->ns = arena_strdup(a, c->ns);
    out->ns_from_flag = c->ns_from_flag;
    out->in_cluster = c->in_cluster;
    out->source = arena_strdup(a, c->in_cluster ? "in-cluster" : k->files);
    out->tls_server_name = copy(a, c->cluster.tls_server_name);
    out->ca = copy_pem(a, &c->cluster.ca);
    out->insecure = c->cluster.insecure;
    out->disable_compression = c->cluster.disable_compression;
    out->request_timeout_ms = c->timeout_ms;
    out->client_cert = copy_pem(a, &u->cert);
    out->client_key = copy_pem(a, &u->key);
    out->token_file = copy(a, u->token_file);
    out->token = out->token_file == NULL ? copy(a, u->token) : NULL; // the file beats the token
    out->username = copy(a, u->username);
    out->password = copy(a, u->password);
    out->exec = u->has_exec ? copy_exec(a, &u->exec, c->cluster.exec_extension) : NULL;
    out->as_user = copy(a, u->as);
    out->as_uid = copy(a, u->as_uid);
    out->as_groups = copy_texts(a, u->as_groups, u->as_group_count);
    out->as_group_count = u->as_group_count;
    out->as_extra = copy_pairs(a, u->as_extra, u->as_extra_count);
    out->as_extra_count = u->as_extra_count;
}

// The kinds of credential that the user has, for a message.
static char *unsent(struct arena *a, const struct kube_user *u)
{
    const struct {
        bool has;
        const char *name;
    } all[] = {
        {u->token != NULL || u->token_file != NULL, "token"},
        {u->has_exec, "credential plugin"},
        {!str_empty(u->username), "password"},
        {u->cert.data != NULL || !str_empty(u->cert.file), "client certificate"},
    };
    char *names = arena_strdup(a, "");
    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        if (all[i].has) {
            names = arena_printf(a, "%s%s%s", names, names[0] != '\0' ? ", " : "", all[i].name);
        }
    }
    return names;
}

static bool nothing_configured(const struct kubeconfig *k, const struct api_flags *f)
{
    return k->cluster_count == 0 && k->user_count == 0 && k->context_count == 0 &&
           *k->current_context == '\0' && str_empty(f->server) && str_empty(f->context) &&
           str_empty(f->cluster) && str_empty(f->user);
}

static void resolve(struct config_choice *c, const struct kubeconfig *k, const struct api_flags *f,
                    const struct environment *env, struct api_config *out)
{
    if (!nothing_configured(k, f)) {
        choose(c, k, f);
    } else if (in_cluster_possible(c->arena, env)) {
        choose_in_cluster(c, env);
    } else if (c->warnings->len > 0) { // KUBECONFIG names no existing file
        buf_add(c->problems, c->warnings->data, c->warnings->len);
    } else {
        problem(
            c, k,
            "no cluster is configured; name a file with --kubeconfig or KUBECONFIG, or a server "
            "with --server");
    }
    if (c->problems->len > 0) {
        return;
    }
    config_apply_flags(c, f);
    if (choose_server(c, out, env)) {
        config_check(c, out->plain_http);
    }
    const struct kube_user *u = &c->user;
    bool some = u->token != NULL || u->token_file != NULL || u->has_exec ||
                !str_empty(u->username) || u->cert.data != NULL || !str_empty(u->cert.file);
    out->server_clock = f->server_clock;
    out->unsent = out->plain_http ? unsent(&out->arena, u) : arena_strdup(&out->arena, "");
    if (c->problems->len == 0 && some && out->plain_http) {
        config_problem(c->warnings, c->cluster.at,
                       "cluster \"%s\": plain http, no credentials are sent (%s)", c->cluster_name,
                       out->unsent);
    } else if (c->problems->len == 0 && !some && !out->plain_http) {
        config_problem(c->warnings, c->user.at,
                       "no credentials for cluster \"%s\": requests are anonymous",
                       c->cluster_name);
    }
}

struct api_config *api_config_load(const struct api_flags *flags, const struct environment *env,
                                   struct buf *problems, struct err *err)
{
    struct buf found, warnings;
    buf_init(&found, 0);
    buf_init(&warnings, 0);
    struct kubeconfig k;
    kubeconfig_load(&k, flags->kubeconfig, env, &found, &warnings);
    struct config_choice c = {.arena = &k.arena, .problems = &found, .warnings = &warnings};
    c.context = c.cluster_name = c.user_name = "";
    c.ns = "default";
    struct api_config *out = xcalloc(1, sizeof *out);
    arena_init_secret(&out->arena);
    if (found.len == 0) {
        resolve(&c, &k, flags, env, out);
    }
    bool ok = config_problems_to_err(&found, c.usage, problems, err);
    if (ok) {
        copy_choice(out, &c, &k);
        copy_warnings(out, &warnings);
    } else {
        api_config_free(out);
        out = NULL;
    }
    kubeconfig_release(&k);
    buf_release(&found);
    buf_release(&warnings);
    return out;
}

void api_config_free(struct api_config *c)
{
    if (c != NULL) {
        arena_release(&c->arena);
        free(c);
    }
}
