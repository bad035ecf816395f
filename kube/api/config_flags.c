// SPDX-License-Identifier: Apache-2.0
// kubectl's flags over the entries of the files.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/api/config_file.h"
#include "kube/api/config_internal.h"

#include <string.h>

static void usage(struct config_choice *c, const char *flag, const char *what)
{
    config_problem(c->problems, (struct config_origin){NULL, 0}, "--%s: %s", flag, what);
    c->usage = true;
}

// As Go's ParseBool. Unset leaves *out and is false.
static bool given_bool(struct config_choice *c, const char *flag, const char *value, bool *out)
{
    static const char *const yes[] = {"", "1", "t", "T", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};
    if (value == NULL) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(yes); i++) {
        if (strcmp(value, yes[i]) == 0) {
            *out = true;
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(no); i++) {
        if (strcmp(value, no[i]) == 0) {
            *out = false;
            return true;
        }
    }
    usage(c, flag, "expected true or false");
    return false;
}

bool request_timeout_parse(const char *text, int64_t *ms, struct err *err)
{
    int64_t seconds;
    if (number_parse(text, strlen(text), 999999999, &seconds)) {
        *ms = seconds * 1000;
        return true;
    }
    *ms = duration_parse(text);
    if (*ms == DURATION_NONE || *ms < 0) {
        return err_set(
            err, ERR_USAGE,
            "--request-timeout: expected seconds or a duration such as 100ms or 1.5m, not '%s'; 0 for none",
            text);
    }
    bool some = strpbrk(text, "123456789") != NULL; // below a millisecond is not "none"
    *ms = *ms == 0 && some ? 1 : *ms;
    return true;
}

static void timeout(struct config_choice *c, const char *value)
{
    struct err e;
    if (value != NULL && !request_timeout_parse(value, &c->timeout_ms, &e)) {
        c->timeout_ms = 0;
        config_problem(c->problems, (struct config_origin){NULL, 0}, "%s", e.msg);
        c->usage = true;
    }
}

static void cluster_flags(struct config_choice *c, const struct api_flags *f)
{
    struct kube_cluster *k = &c->cluster;
    bool insecure = false, compression = false;
    bool insecure_given =
        given_bool(c, "insecure-skip-tls-verify", f->insecure_skip_tls_verify, &insecure);
    if (insecure_given) {
        k->insecure = insecure;
    }
    if (insecure ||
        !str_empty(f->certificate_authority)) { // either flag overrides both settings of the file
        k->insecure = insecure;
        k->ca = (struct kube_pem){0};
    }
    if (!str_empty(f->certificate_authority)) {
        k->ca.file = config_file_path(c->arena, NULL, f->certificate_authority);
    }
    if (!str_empty(f->server) || !str_empty(f->tls_server_name)) { // a new server has a new name
        k->tls_server_name = f->tls_server_name;
    }
    if (!str_empty(f->server)) {
        k->server = f->server;
        k->at = (struct config_origin){NULL, 0};
    }
    if (!str_empty(f->proxy_url)) {
        k->proxy_url = f->proxy_url;
    }
    if (given_bool(c, "disable-compression", f->disable_compression, &compression)) {
        k->disable_compression = compression;
    }
}

static void impersonation_flags(struct config_choice *c, const struct api_flags *f)
{
    struct kube_user *u = &c->user;
    if (!str_empty(f->as)) {
        u->as = f->as;
    }
    if (!str_empty(f->as_uid)) {
        u->as_uid = f->as_uid;
    }
    if (f->as_group_count > 0) {
        u->as_groups = arena_calloc(c->arena, f->as_group_count, sizeof *u->as_groups);
        memcpy(u->as_groups, f->as_group, f->as_group_count * sizeof *u->as_groups);
        u->as_group_count = f->as_group_count;
    }
    if (f->as_user_extra_count == 0) {
        return;
    }
    size_t kept = 0, n = u->as_extra_count;
    struct name_value *all = arena_calloc(c->arena, n + f->as_user_extra_count, sizeof *all);
    struct name_value *given = all + n;
    size_t given_count = 0;
    for (size_t i = 0; i < f->as_user_extra_count; i++) {
        const char *text = f->as_user_extra[i], *eq = strchr(text, '=');
        if (eq == NULL || eq == text) {
            usage(c, "as-user-extra", "expected KEY=VALUE");
            continue;
        }
        given[given_count++] = (struct name_value){
            arena_strndup(c->arena, text, (size_t)(eq - text)), arena_strdup(c->arena, eq + 1)};
    }
    for (size_t i = 0; i < n; i++) { // the file's values of a key that a flag names are dropped
        bool replaced = false;
        for (size_t j = 0; j < given_count; j++) {
            replaced = replaced || strcmp(u->as_extra[i].name, given[j].name) == 0;
        }
        if (!replaced) {
            all[kept++] = u->as_extra[i];
        }
    }
    memmove(all + kept, given, given_count * sizeof *given);
    u->as_extra = all;
    u->as_extra_count = kept + given_count;
}

static void user_flags(struct config_choice *c, const struct api_flags *f)
{
    struct kube_user *u = &c->user;
    if (!str_empty(f->token)) { // beats exec, which is then not run, and the file's own token
        u->token = f->token;
        u->token_file = NULL;
        u->has_exec = false;
    }
    if (!str_empty(f->username)) {
        u->username = f->username;
    }
    if (!str_empty(f->password)) {
        u->password = f->password;
    }
    if (!str_empty(f->client_certificate)) {
        u->cert =
            (struct kube_pem){.file = config_file_path(c->arena, NULL, f->client_certificate)};
    }
    if (!str_empty(f->client_key)) {
        u->key = (struct kube_pem){.file = config_file_path(c->arena, NULL, f->client_key)};
    }
    impersonation_flags(c, f);
}

void config_apply_flags(struct config_choice *c, const struct api_flags *f)
{
    cluster_flags(c, f);
    user_flags(c, f);
    if (!str_empty(f->ns)) {
        c->ns = f->ns;
        c->ns_from_flag = true;
    }
    timeout(c, f->request_timeout);
}
