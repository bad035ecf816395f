// SPDX-License-Identifier: Apache-2.0
// Talking with exec credential plugins.
#include "kube/api/exec_credential.h"

#include "kube/base/arena.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/secret.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"
#include "kube/base/yaml.h"
#include "kube/base/yaml_doc.h"

#include "kube/api/token_text.h"

#include <stdlib.h>
#include <string.h>

static bool take_first(void *self, struct yaml_doc *d)
{
    struct json **root = self;
    *root = d->root;
    d->root = NULL;
    yaml_doc_clear(d);
    return false;
}

static struct json *parse(const char *text, size_t n)
{
    struct json *root = json_parse(text, n, NULL);
    if (root == NULL) { // client-go takes YAML too
        struct yaml_handler h = {take_first, NULL, &root};
        (void)!yaml_each(text, n, &YAML_CONFIG_LIMITS, &h);
    }
    return root;
}

// A text field of status: NULL if absent, false if it is something else.
static bool status_text(const struct json *status, const char *key, const char **out,
                        struct err *err)
{
    const struct json *j = json_get(status, key);
    *out = json_string(j);
    enum json_value_type type = json_type(j);
    if (*out == NULL && type != JSON_NONE && type != JSON_NULL) {
        return err_set(err, ERR_AUTH, "exec: the plugin's status.%s is %s, not text", key,
                       json_type_name(type));
    }
    return true;
}

static bool take_token(const char *token, struct exec_credential *out, struct err *err)
{
    size_t n = strlen(token);
    if (!token_text_trim(token, &n)) {
        return err_set(err, ERR_AUTH,
                       "exec: the plugin's token has a space or control character inside");
    }
    out->token = n > 0 ? secret_strndup(token, n) : NULL;
    return true;
}

static bool take_status(const struct json *status, struct exec_credential *out, struct err *err)
{
    const char *token, *cert, *key, *expires;
    if (json_type(status) != JSON_OBJECT) {
        return err_set(err, ERR_AUTH, "exec: the plugin's answer has no status");
    }
    if (!status_text(status, "token", &token, err) ||
        !status_text(status, "clientCertificateData", &cert, err) ||
        !status_text(status, "clientKeyData", &key, err) ||
        !status_text(status, "expirationTimestamp", &expires, err)) {
        return false;
    }
    if (str_empty(cert) != str_empty(key)) {
        return err_set(err, ERR_AUTH,
                       "exec: the plugin gave only one of clientCertificateData and clientKeyData");
    }
    if (!str_empty(cert) &&
        (strstr(cert, "-----BEGIN ") == NULL || strstr(key, "-----BEGIN ") == NULL)) {
        return err_set(err, ERR_AUTH, "exec: the plugin's client certificate or key is not PEM");
    }
    if (!str_empty(token) && !take_token(token, out, err)) {
        return false;
    }
    if (out->token == NULL && str_empty(cert)) {
        return err_set(err, ERR_AUTH,
                       "exec: the plugin gave neither a token nor a client certificate");
    }
    if (!str_empty(expires)) {
        int64_t when = time_parse(expires);
        if (when == TIME_NONE) {
            return err_set(err, ERR_AUTH,
                           "exec: the plugin's expirationTimestamp is no RFC 3339 time");
        }
        if (when < INT64_MAX / 2000 && when > INT64_MIN / 2000) {
            out->expires_ms = when * 1000;
        }
    }
    if (!str_empty(cert)) {
        out->cert = secret_strdup(cert);
        out->key = secret_strdup(key);
    }
    return true;
}

bool exec_credential_parse(const char *text, size_t n, const char *api_version,
                           struct exec_credential *out, struct err *err)
{
    *out = (struct exec_credential){.expires_ms = INT64_MAX};
    struct arena a;
    arena_init(&a);
    struct json *root = parse(text, n);
    const char *kind = json_get_string(root, "kind"),
               *version = json_get_string(root, "apiVersion");
    bool ok = false;
    if (json_type(root) != JSON_OBJECT) {
        err_set(err, ERR_AUTH, "exec: the plugin did not print an ExecCredential");
    } else if (!str_eq(kind, "ExecCredential")) {
        const char *s = str_or_empty(kind);
        err_set(err, ERR_AUTH, "exec: the plugin printed kind \"%s\", not ExecCredential",
                text_clean(&a, s, strlen(s), 60));
    } else if (!str_eq(version, api_version)) {
        const char *s = str_or_empty(version);
        err_set(err, ERR_AUTH,
                "exec: the plugin answered with apiVersion \"%s\", the kubeconfig asks for \"%s\"",
                text_clean(&a, s, strlen(s), 80), api_version);
    } else {
        ok = take_status(json_get(root, "status"), out, err);
    }
    json_free(root);
    arena_release(&a);
    if (!ok) {
        exec_credential_clear(out);
    }
    return ok;
}

void exec_credential_clear(struct exec_credential *c)
{
    secret_free(c->token);
    secret_free(c->cert);
    secret_free(c->key);
    *c = (struct exec_credential){.expires_ms = INT64_MAX};
}

static void put_cluster(struct json *spec, const struct api_config *c, const char *ca,
                        size_t ca_len)
{
    struct json *cluster = json_put(spec, "cluster", json_new_object());
    json_put_string(cluster, "server", c->server);
    if (c->tls_server_name != NULL) {
        json_put_string(cluster, "tls-server-name", c->tls_server_name);
    }
    if (c->insecure) {
        json_put_bool(cluster, "insecure-skip-tls-verify", true);
    }
    if (ca != NULL && ca_len > 0) {
        struct buf b;
        buf_init(&b, 0);
        base64_encode(ca, ca_len, &b);
        json_put_string(cluster, "certificate-authority-data", b.data);
        buf_release(&b);
    }
    if (c->proxy_url != NULL && !c->proxy_from_env) {
        json_put_string(cluster, "proxy-url", c->proxy_url);
    }
    if (c->disable_compression) {
        json_put_bool(cluster, "disable-compression", true);
    }
    if (c->exec->cluster_config != NULL) {
        struct json *config =
            json_parse(c->exec->cluster_config, strlen(c->exec->cluster_config), NULL);
        json_put(cluster, "config", config != NULL ? config : json_new_null());
    }
}

char *exec_info(const struct api_config *c, bool interactive, const char *ca, size_t ca_len)
{
    struct json *root = json_new_object();
    json_put_string(root, "kind", "ExecCredential");
    json_put_string(root, "apiVersion", c->exec->api_version);
    struct json *spec = json_put(root, "spec", json_new_object());
    json_put_bool(spec, "interactive", interactive);
    if (c->exec->provide_cluster_info) {
        put_cluster(spec, c, ca, ca_len);
    }
    struct buf b;
    buf_init(&b, 0);
    json_print(root, false, &b);
    json_free(root);
    return buf_take(&b);
}

// Bytes of the escape sequence at s (ESC is s[0]).
static size_t escape_length(const char *s, size_t n)
{
    size_t i = 1;
    if (n > 1 && s[1] == '[') { // CSI: up to a letter
        for (i = 2; i < n && (s[i] < '@' || s[i] > '~'); i++) {
        }
    } else if (n > 1 && s[1] == ']') { // OSC: up to BEL or ST
        for (i = 2; i < n && s[i] != 7 && !(s[i] == '\\' && s[i - 1] == 27); i++) {
        }
    }
    return i < n ? i + 1 : n;
}

char *exec_stderr_summary(struct arena *a, const char *text, size_t n)
{
    enum { LINES = 3 };
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < n;) {
        if (text[i] == 27) {
            i += escape_length(text + i, n - i);
        } else {
            buf_addc(&b, text[i] == '\r' ? '\n' : text[i]);
            i++;
        }
    }
    const char *lines[LINES];
    size_t count = 0, end = b.len;
    while (end > 0 && count < LINES) {
        size_t start = end;
        while (start > 0 && b.data[start - 1] != '\n') {
            start--;
        }
        char *line = text_clean(a, b.data + start, end - start, 200);
        if (line[strspn(line, " ")] != '\0') {
            lines[count++] = line;
        }
        end = start > 0 ? start - 1 : 0;
    }
    char *out = arena_strdup(a, "");
    while (count > 0) {
        out = arena_printf(a, "%s%s%s", out, *out != '\0' ? " / " : "", lines[--count]);
    }
    buf_release(&b);
    return out;
}
