// SPDX-License-Identifier: Apache-2.0
// The fields of a kubeconfig, typed as strictly as kubectl types them
// (docs/rules/kubernetes-client.md#kubeconfig-types).
#include "kube/api/kubeconfig_entries.h"

#include "kube/base/array.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/yaml_doc.h"

#include "kube/api/config_file.h"

#include <string.h>

struct kubeconfig_decoder {
    struct kubeconfig *k;
    const char *file, *dir;
    const struct yaml_doc *doc;
    struct buf *problems;
};

static struct config_origin at(const struct kubeconfig_decoder *d, const struct json *node)
{
    return (struct config_origin){d->file, yaml_value_mark(d->doc, node).line};
}

// False with a problem where `node` is there, not null and of another type. The value is not named: it
// may be a secret.
static bool is(struct kubeconfig_decoder *d, const struct json *node, enum json_value_type want,
               const char *where, const char *key)
{
    enum json_value_type type = json_type(node);
    if (type == want) {
        return true;
    }
    if (type != JSON_NONE && type != JSON_NULL) {
        const char *hint = "";
        if (want == JSON_STRING && (type == JSON_NUMBER || type == JSON_BOOL)) {
            hint = "; quote it";
        } else if (want == JSON_BOOL && type == JSON_STRING) {
            hint = "; remove the quotes";
        }
        config_problem(d->problems, at(d, node), "%s%s%s: expected %s, found %s%s", where,
                       *where != '\0' && *key != '\0' && *key != '[' ? "." : "", key,
                       json_type_name(want), json_type_name(type), hint);
    }
    return false;
}

static const char *text(struct kubeconfig_decoder *d, const struct json *object, const char *where,
                        const char *key)
{
    const struct json *node = json_get(object, key);
    return is(d, node, JSON_STRING, where, key) ? json_string(node) : NULL;
}

static bool boolean(struct kubeconfig_decoder *d, const struct json *object, const char *where,
                    const char *key)
{
    const struct json *node = json_get(object, key);
    return is(d, node, JSON_BOOL, where, key) && json_bool(node, false);
}

static const char *path(struct kubeconfig_decoder *d, const struct json *object, const char *where,
                        const char *key)
{
    const char *s = text(d, object, where, key);
    return str_empty(s) ? NULL : config_file_path(&d->k->arena, d->dir, s);
}

// KEY (a path) and KEY-data (base64).
static struct kube_pem pem(struct kubeconfig_decoder *d, const struct json *object,
                           const char *where, const char *entry, const char *key)
{
    struct kube_pem p = {.file = path(d, object, where, key)};
    const char *data_key = arena_printf(&d->k->arena, "%s-data", key);
    const char *data = text(d, object, where, data_key);
    if (!str_empty(data)) {
        struct buf b;
        size_t bad = 0;
        buf_init_secret(&b, 0);
        if (!base64_decode(data, strlen(data), &b, &bad)) {
            config_problem(d->problems, at(d, json_get(object, data_key)),
                           "%s: %s: not base64 at byte %zu", entry, data_key, bad);
        } else if (b.len > 0) {
            p.data = arena_strndup(&d->k->arena, b.data, b.len);
            p.len = b.len;
        }
        buf_release(&b);
    }
    return p;
}

static const char **texts(struct kubeconfig_decoder *d, const struct json *list, const char *where,
                          const char *key, size_t *count)
{
    *count = 0;
    if (!is(d, list, JSON_ARRAY, where, key)) {
        return NULL;
    }
    const char **out = arena_calloc(&d->k->arena, json_count(list), sizeof *out);
    size_t i = 0;
    for (const struct json *c = json_first(list); c != NULL; c = json_next(c), i++) {
        const char *index = arena_printf(&d->k->arena, "%s.%s[%zu]", where, key, i);
        out[(*count)++] = is(d, c, JSON_STRING, index, "") ? json_string(c) : "";
    }
    return out;
}

static void decode_extra(struct kubeconfig_decoder *d, const struct json *extra, const char *where,
                         struct kube_user *u)
{
    if (!is(d, extra, JSON_OBJECT, where, "as-user-extra")) {
        return;
    }
    size_t n = 0;
    for (const struct json *c = json_first(extra); c != NULL; c = json_next(c)) {
        n += json_count(c);
    }
    u->as_extra = arena_calloc(&d->k->arena, n, sizeof *u->as_extra);
    where = arena_printf(&d->k->arena, "%s.as-user-extra", where);
    for (const struct json *c = json_first(extra); c != NULL; c = json_next(c)) {
        size_t count;
        const char **values = texts(d, c, where, json_key(c), &count);
        for (size_t i = 0; i < count; i++) {
            u->as_extra[u->as_extra_count++] = (struct name_value){
                arena_strdup(&d->k->arena, json_key(c)), arena_strdup(&d->k->arena, values[i])};
        }
    }
}

static char *owned(struct kubeconfig_decoder *d, const char *s)
{
    return arena_strdup(&d->k->arena, s);
}

static void decode_exec(struct kubeconfig_decoder *d, const struct json *o, const char *where,
                        struct kube_user *u)
{
    if (!is(d, o, JSON_OBJECT, where, "exec")) {
        return;
    }
    struct arena *a = &d->k->arena;
    where = arena_printf(a, "%s.exec", where);
    struct exec_config *e = &u->exec;
    u->has_exec = true;
    e->api_version = owned(d, text(d, o, where, "apiVersion"));
    e->command = owned(d, text(d, o, where, "command"));
    if (e->command != NULL && strchr(e->command, '/') != NULL) {
        e->command = owned(d, config_file_path(a, d->dir, e->command));
    }
    e->interactive_mode = owned(d, text(d, o, where, "interactiveMode"));
    e->install_hint = owned(d, text(d, o, where, "installHint"));
    e->provide_cluster_info = boolean(d, o, where, "provideClusterInfo");
    const char **args = texts(d, json_get(o, "args"), where, "args", &e->arg_count);
    e->args = arena_calloc(a, e->arg_count, sizeof *e->args);
    for (size_t i = 0; i < e->arg_count; i++) {
        e->args[i] = owned(d, args[i]);
    }
    const struct json *env = json_get(o, "env");
    if (is(d, env, JSON_ARRAY, where, "env")) {
        e->env = arena_calloc(a, json_count(env), sizeof *e->env);
        for (const struct json *c = json_first(env); c != NULL; c = json_next(c)) {
            const char *item = arena_printf(a, "%s.env[%zu]", where, e->env_count);
            struct name_value *p = &e->env[e->env_count++];
            *p = (struct name_value){owned(d, ""), owned(d, "")};
            if (is(d, c, JSON_OBJECT, item, "")) {
                const char *name = text(d, c, item, "name"), *value = text(d, c, item, "value");
                *p = (struct name_value){owned(d, str_or_empty(name)),
                                         owned(d, str_or_empty(value))};
            }
        }
    }
}

static void decode_auth_provider(struct kubeconfig_decoder *d, const struct json *o,
                                 const char *where, struct kube_user *u)
{
    if (!is(d, o, JSON_OBJECT, where, "auth-provider")) {
        return;
    }
    where = arena_printf(&d->k->arena, "%s.auth-provider", where);
    u->auth_provider = text(d, o, where, "name");
    u->auth_provider = str_or_empty(u->auth_provider);
    const struct json *config = json_get(o, "config");
    if (is(d, config, JSON_OBJECT, where, "config")) {
        where = arena_printf(&d->k->arena, "%s.config", where);
        for (const struct json *c = json_first(config); c != NULL; c = json_next(c)) {
            (void)text(d, config, where, json_key(c));
        }
        u->id_token = json_get_string(config, "id-token");
    }
}

static void decode_cluster(struct kubeconfig_decoder *d, const struct json *o, const char *where,
                           struct kube_cluster *c)
{
    const char *entry = arena_printf(&d->k->arena, "cluster \"%s\"", c->name);
    c->server = text(d, o, where, "server");
    c->tls_server_name = text(d, o, where, "tls-server-name");
    c->proxy_url = text(d, o, where, "proxy-url");
    c->insecure = boolean(d, o, where, "insecure-skip-tls-verify");
    c->disable_compression = boolean(d, o, where, "disable-compression");
    c->ca = pem(d, o, where, entry, "certificate-authority");
    const struct json *extensions = json_get(o, "extensions");
    if (is(d, extensions, JSON_ARRAY, where, "extensions")) {
        for (const struct json *e = json_first(extensions); e != NULL; e = json_next(e)) {
            if (str_eq(json_get_string(e, "name"), "client.authentication.k8s.io/exec")) {
                c->exec_extension = json_get(e, "extension");
            }
        }
    }
}

static void decode_user(struct kubeconfig_decoder *d, const struct json *o, const char *where,
                        struct kube_user *u)
{
    const char *entry = arena_printf(&d->k->arena, "user \"%s\"", u->name);
    u->cert = pem(d, o, where, entry, "client-certificate");
    u->key = pem(d, o, where, entry, "client-key");
    u->token = text(d, o, where, "token");
    u->token_file = path(d, o, where, "tokenFile");
    u->username = text(d, o, where, "username");
    u->password = text(d, o, where, "password");
    u->as = text(d, o, where, "as");
    u->as_uid = text(d, o, where, "as-uid");
    u->as_groups = texts(d, json_get(o, "as-groups"), where, "as-groups", &u->as_group_count);
    decode_extra(d, json_get(o, "as-user-extra"), where, u);
    decode_exec(d, json_get(o, "exec"), where, u);
    decode_auth_provider(d, json_get(o, "auth-provider"), where, u);
}

static void decode_context(struct kubeconfig_decoder *d, const struct json *o, const char *where,
                           struct kube_context *c)
{
    c->cluster = str_or_empty(text(d, o, where, "cluster"));
    c->user = str_or_empty(text(d, o, where, "user"));
    c->ns = str_or_empty(text(d, o, where, "namespace"));
}

enum entry_kind { CLUSTERS, USERS, CONTEXTS };

// Decodes one entry; it joins the merged ones if its name is new. One that lost is still checked.
static void add_entry(struct kubeconfig_decoder *d, enum entry_kind kind, const struct json *o,
                      const char *where, const char *name, struct config_origin origin)
{
    struct kubeconfig *k = d->k;
    struct kube_cluster cluster = {.name = name, .at = origin};
    struct kube_user user = {.name = name, .at = origin};
    struct kube_context context = {.name = name, .at = origin};
    switch (kind) {
    case CLUSTERS:
        decode_cluster(d, o, where, &cluster);
        if (kubeconfig_cluster(k, name) == NULL) {
            *ARENA_PUSH(&k->arena, k->clusters, k->cluster_count, k->cluster_cap) = cluster;
        }
        break;
    case USERS:
        decode_user(d, o, where, &user);
        if (kubeconfig_user(k, name) == NULL) {
            *ARENA_PUSH(&k->arena, k->users, k->user_count, k->user_cap) = user;
        }
        break;
    case CONTEXTS:
        decode_context(d, o, where, &context);
        if (kubeconfig_context(k, name) == NULL) {
            *ARENA_PUSH(&k->arena, k->contexts, k->context_count, k->context_cap) = context;
        }
        break;
    }
}

static void decode_list(struct kubeconfig_decoder *d, const struct json *root, enum entry_kind kind)
{
    static const char *const lists[] = {
        [CLUSTERS] = "clusters", [USERS] = "users", [CONTEXTS] = "contexts"};
    static const char *const bodies[] = {
        [CLUSTERS] = "cluster", [USERS] = "user", [CONTEXTS] = "context"};
    struct kubeconfig *k = d->k;
    struct arena *a = &k->arena;
    const struct json *list = json_get(root, lists[kind]);
    if (!is(d, list, JSON_ARRAY, "", lists[kind])) {
        return;
    }
    size_t n = json_count(list), i = 0;
    const char **names = arena_calloc(a, n, sizeof *names);
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item), i++) {
        const char *where = arena_printf(a, "%s[%zu]", lists[kind], i);
        names[i] = "";
        if (!is(d, item, JSON_OBJECT, where, "")) {
            continue;
        }
        size_t before = d->problems->len;
        names[i] = str_or_empty(text(d, item, where, "name"));
        if (d->problems->len != before) {
            continue; // without its name nothing else can be reported
        }
        where = arena_printf(a, "%s[\"%s\"]", lists[kind], names[i]);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(names[j], names[i]) == 0) {
                config_problem(d->problems, at(d, item), "two %s are named \"%s\"; rename one",
                               lists[kind], names[i]);
                break;
            }
        }
        const struct json *body = json_get(item, bodies[kind]);
        where = arena_printf(a, "%s.%s", where, bodies[kind]);
        bool usable = is(d, body, JSON_OBJECT, where, "");
        add_entry(d, kind, usable ? body : NULL, where, names[i], at(d, item));
    }
}

void kubeconfig_decode(struct kubeconfig *k, const char *file, const struct yaml_doc *doc,
                       struct buf *problems)
{
    const char *absolute = config_file_path(&k->arena, NULL, file), *slash = strrchr(absolute, '/');
    struct kubeconfig_decoder d = {
        k, file, arena_strndup(&k->arena, absolute, (size_t)(slash - absolute)), doc, problems};
    const struct json *root = doc->root;
    if (!is(&d, root, JSON_OBJECT, "kubeconfig", "")) {
        return; // null or empty: an empty configuration
    }
    const char *version = text(&d, root, "", "apiVersion"), *kind = text(&d, root, "", "kind");
    if (!str_empty(version) && !str_eq(version, "v1")) {
        config_problem(problems, at(&d, json_get(root, "apiVersion")),
                       "apiVersion: expected v1, found \"%s\"", version);
    }
    if (!str_empty(kind) && !str_eq(kind, "Config")) {
        config_problem(problems, at(&d, json_get(root, "kind")),
                       "kind: expected Config, found \"%s\"", kind);
    }
    decode_list(&d, root, CLUSTERS);
    decode_list(&d, root, USERS);
    decode_list(&d, root, CONTEXTS);
    const char *current = text(&d, root, "", "current-context");
    if (*k->current_context == '\0' && !str_empty(current)) {
        k->current_context = current;
    }
}

const struct kube_cluster *kubeconfig_cluster(const struct kubeconfig *k, const char *name)
{
    for (size_t i = 0; i < k->cluster_count; i++) {
        if (str_eq(k->clusters[i].name, name)) {
            return &k->clusters[i];
        }
    }
    return NULL;
}

const struct kube_user *kubeconfig_user(const struct kubeconfig *k, const char *name)
{
    for (size_t i = 0; i < k->user_count; i++) {
        if (str_eq(k->users[i].name, name)) {
            return &k->users[i];
        }
    }
    return NULL;
}

const struct kube_context *kubeconfig_context(const struct kubeconfig *k, const char *name)
{
    for (size_t i = 0; i < k->context_count; i++) {
        if (str_eq(k->contexts[i].name, name)) {
            return &k->contexts[i];
        }
    }
    return NULL;
}
