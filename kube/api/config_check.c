// SPDX-License-Identifier: Apache-2.0
// The rules between the fields of a cluster and of a user: docs/rules/kubernetes-client.md#ca-trust,
// docs/rules/kubernetes-client.md#client-certificate, docs/rules/kubernetes-client.md#exec-plugin-fields.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "kube/api/config_file.h"
#include "kube/api/config_internal.h"
#include "kube/api/token_text.h"

#include <string.h>

enum { PEM_MAX = 1024 * 1024 };

static void cluster_problem(struct config_choice *c, const char *what)
{
    config_problem(c->problems, c->cluster.at, "cluster \"%s\": %s", c->cluster_name, what);
}

static void user_problem(struct config_choice *c, const char *what)
{
    config_problem(c->problems, c->user.at, "user \"%s\": %s", c->user_name, what);
}

static bool has(const struct kube_pem *p)
{
    return p->data != NULL || !str_empty(p->file);
}

// The PEM text must hold `what` ("CERTIFICATE", "PRIVATE KEY"); files are read to see it.
static const char *pem_problem(struct arena *a, const char *key, const struct kube_pem *p,
                               const char *what)
{
    const char *text = p->data, *name = arena_printf(a, "%s-data", key);
    struct buf b;
    buf_init_secret(&b, PEM_MAX); // may be a key
    if (text == NULL) {
        char why[ERRNO_TEXT_SIZE];
        if (!config_file_read(p->file, &b, why)) {
            buf_release(&b);
            return arena_printf(a, "%s: cannot read '%s': %s", key, p->file, why);
        }
        text = b.data;
        name = arena_printf(a, "%s '%s'", key, p->file);
    }
    const char *begin = strstr(text, "-----BEGIN ");
    bool found = false;
    for (; begin != NULL && !found; begin = strstr(begin + 1, "-----BEGIN ")) {
        const char *end = strstr(begin + 11, "-----");
        const char *word = strstr(begin, what);
        found = end != NULL && word != NULL && word < end;
    }
    buf_release(&b);
    return found ? NULL : arena_printf(a, "%s holds no PEM %s", name, what);
}

static void check_pem(struct config_choice *c, const char *key, const struct kube_pem *p,
                      const char *what, void (*problem)(struct config_choice *, const char *))
{
    const char *text = pem_problem(c->arena, key, p, what);
    if (text != NULL) {
        problem(c, text);
    }
}

// A certificate authority and insecure-skip-tls-verify exclude each other
// (docs/rules/kubernetes-client.md#insecure-skip-tls-verify).
static void check_cluster(struct config_choice *c, bool plain_http)
{
    const struct kube_cluster *k = &c->cluster;
    if (k->ca.data != NULL && !str_empty(k->ca.file)) {
        cluster_problem(c, "both certificate-authority and certificate-authority-data; remove one");
    } else if (plain_http) {
        return;
    } else if (k->insecure && has(&k->ca)) {
        cluster_problem(
            c, "a certificate authority together with insecure-skip-tls-verify; remove one");
    } else if (has(&k->ca)) {
        check_pem(c, "certificate-authority", &k->ca, "CERTIFICATE", cluster_problem);
    }
}

static void check_certificate(struct config_choice *c, bool plain_http)
{
    const struct kube_user *u = &c->user;
    if (u->cert.data != NULL && !str_empty(u->cert.file)) {
        user_problem(c, "both client-certificate and client-certificate-data; remove one");
    } else if (u->key.data != NULL && !str_empty(u->key.file)) {
        user_problem(c, "both client-key and client-key-data; remove one");
    } else if (has(&u->cert) && !has(&u->key)) {
        user_problem(c, "client-certificate without client-key; give both");
    } else if (!has(&u->cert) && has(&u->key)) {
        user_problem(c, "client-key without client-certificate; give both");
    } else if (has(&u->cert) && !plain_http) {
        check_pem(c, "client-certificate", &u->cert, "CERTIFICATE", user_problem);
        check_pem(c, "client-key", &u->key, "PRIVATE KEY", user_problem);
    }
}

static void check_exec(struct config_choice *c)
{
    struct exec_config *e = &c->user.exec;
    bool v1 = str_eq(e->api_version, "client.authentication.k8s.io/v1");
    bool v1beta1 = str_eq(e->api_version, "client.authentication.k8s.io/v1beta1");
    if (str_empty(e->command)) {
        user_problem(c, "exec: no command");
    }
    if (!v1 && !v1beta1) {
        user_problem(
            c, arena_printf(c->arena,
                            "exec: invalid apiVersion \"%s\"; use client.authentication.k8s.io/v1",
                            str_or_empty(e->api_version)));
    }
    if (v1 && str_empty(e->interactive_mode)) {
        user_problem(c, "exec: interactiveMode is missing; use Never, IfAvailable or Always");
    } else if (str_empty(e->interactive_mode)) {
        e->interactive_mode = arena_strdup(c->arena, "IfAvailable");
    } else if (!str_eq(e->interactive_mode, "Never") &&
               !str_eq(e->interactive_mode, "IfAvailable") &&
               !str_eq(e->interactive_mode, "Always")) {
        user_problem(
            c,
            arena_printf(c->arena,
                         "exec: unknown interactiveMode \"%s\"; use Never, IfAvailable or Always",
                         e->interactive_mode));
    }
    for (size_t i = 0; i < e->env_count; i++) {
        if (str_empty(e->env[i].name)) {
            user_problem(c, "exec: env with an entry without a name");
            break;
        }
    }
}

static bool header_safe(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7F) {
            return false;
        }
    }
    return true;
}

static void check_impersonation(struct config_choice *c)
{
    const struct kube_user *u = &c->user;
    bool others = u->as_group_count > 0 || u->as_extra_count > 0 || !str_empty(u->as_uid);
    if (others && str_empty(u->as)) {
        user_problem(c, "impersonation of groups, uid or extra without a user; add 'as' (--as)");
    }
    bool safe =
        (u->as == NULL || header_safe(u->as)) && (u->as_uid == NULL || header_safe(u->as_uid));
    for (size_t i = 0; i < u->as_group_count; i++) {
        safe = safe && header_safe(u->as_groups[i]);
    }
    for (size_t i = 0; i < u->as_extra_count; i++) {
        safe = safe && header_safe(u->as_extra[i].value);
    }
    if (!safe) {
        user_problem(c, "impersonation with a control character, which no header can hold");
    }
}

// Trims a token's end; adds a problem and returns NULL if a header cannot hold it.
static const char *usable_token(struct config_choice *c, const char *token)
{
    if (str_empty(token)) {
        return NULL;
    }
    size_t n = strlen(token);
    if (!token_text_trim(token, &n)) {
        user_problem(c, "token with a space, line break or control character inside");
        return NULL;
    }
    return n > 0 ? arena_strndup(c->arena, token, n) : NULL;
}

// Only oidc is left (docs/rules/kubernetes-client.md#auth-provider).
static void check_provider(struct config_choice *c)
{
    struct kube_user *u = &c->user;
    if (str_eq(u->auth_provider, "gcp")) {
        user_problem(
            c, "auth-provider \"gcp\" has been removed; use exec with gke-gcloud-auth-plugin");
    } else if (str_eq(u->auth_provider, "azure")) {
        user_problem(c, "auth-provider \"azure\" has been removed; use exec with kubelogin");
    } else if (!str_eq(u->auth_provider, "oidc")) {
        user_problem(c, arena_printf(c->arena, "auth-provider \"%s\" is unknown; use exec",
                                     u->auth_provider));
    } else if (str_empty(u->token) && str_empty(u->token_file)) {
        u->token = usable_token(c, u->id_token);
        if (u->token == NULL) {
            user_problem(
                c, "auth-provider \"oidc\" without an id-token; log in with your OIDC helper");
        } else {
            config_problem(
                c->warnings, u->at,
                "user \"%s\": the id-token of auth-provider \"oidc\" is used as it stands "
                "and never "
                "refreshed",
                c->user_name);
        }
    }
}

void config_check(struct config_choice *c, bool plain_http)
{
    struct kube_user *u = &c->user;
    check_cluster(c, plain_http);
    check_certificate(c, plain_http);
    u->token = usable_token(c, u->token);
    bool token = u->token != NULL || !str_empty(u->token_file);
    bool basic = !str_empty(u->username) || !str_empty(u->password);
    if (token && basic) { // docs/rules/kubernetes-client.md#one-authentication-method
        user_problem(c, "more than one authentication method, token and username; remove one");
    }
    if (u->has_exec && u->auth_provider != NULL) {
        user_problem(c, "both exec and auth-provider; remove one");
    } else if (u->auth_provider != NULL) {
        check_provider(c);
    }
    if (u->has_exec) {
        check_exec(c);
        // docs/rules/kubernetes-client.md#exec-plugin-not-run.
        if (token || basic || has(&u->cert)) {
            u->has_exec = false;
            config_problem(c->warnings, u->at,
                           "user \"%s\": exec is not run, another credential is given",
                           c->user_name);
        }
    }
    check_impersonation(c);
}
