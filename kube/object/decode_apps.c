// SPDX-License-Identifier: Apache-2.0
// Decoder of apps/v1: the labels of the pods of a Deployment, StatefulSet or DaemonSet, and how external-dns and
// cert-manager are started.
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/kubernetes_objects.h"

#include <string.h>

#define ENV_HEAD "EXTERNAL_DNS_"

// Whether `flag` or flag=... is an argument.
static bool is_given(const struct json *const lists[2], const struct buf *flag)
{
    for (size_t i = 0; i < 2; i++) {
        EACH_ITEM(v, lists[i])
        {
            const char *s = json_string(v);
            if (s != NULL && strncmp(s, flag->data, flag->len) == 0 &&
                (s[flag->len] == '=' || s[flag->len] == '\0')) {
                return true;
            }
        }
    }
    return false;
}

// "--txt-owner-id=value" of the variable EXTERNAL_DNS_TXT_OWNER_ID, which counts where that argument is not given;
// NULL for any other. A value that comes from elsewhere is "$(NAME)", as in an argument.
static const char *variable_argument(struct object_decoder *d, const struct json *variable,
                                     const struct json *const lists[2])
{
    const char *name = json_get_string(variable, "name");
    const char *value = json_get_string(variable, "value");
    if (name == NULL || !str_starts(name, ENV_HEAD)) {
        return NULL;
    }
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, "--");
    for (const char *p = name + strlen(ENV_HEAD); *p != '\0'; p++) {
        buf_addc(&b, *p == '_' ? '-' : ascii_lower(*p));
    }
    const char *out = NULL;
    if (!is_given(lists, &b)) {
        if (value != NULL || json_get(variable, "valueFrom") == NULL) {
            buf_addf(&b, "=%s", str_or_empty(value));
        } else {
            buf_addf(&b, "=$(%s)", name);
        }
        out = decode_copy(d, b.data);
    }
    buf_release(&b);
    return out; // while measuring it is gone, but not NULL: only its presence matters
}

// The arguments in `args`, the flags in `command` after the program, and the variables.
static struct str_list arguments(struct object_decoder *d, const struct json *container,
                                 uint32_t *from_variables)
{
    const struct json *const lists[2] = {json_get(container, "command"),
                                         json_get(container, "args")};
    const struct json *env = json_get(container, "env");
    size_t most = item_count(lists[0]) + item_count(lists[1]) + item_count(env);
    const char **at = decode_alloc(d, most, sizeof *at);
    uint32_t n = 0;
    for (size_t i = 0; i < 2; i++) {
        EACH_ITEM(v, lists[i])
        {
            const char *s = json_string(v);
            if (s != NULL && (i == 1 || s[0] == '-')) {
                at[n++] = decode_copy(d, s);
            }
        }
    }
    const uint32_t given = n;
    EACH_ITEM(v, env)
    {
        const char *s = variable_argument(d, v, lists);
        if (s != NULL) {
            at[n++] = s;
        }
    }
    *from_variables = n - given;
    return (struct str_list){at, n};
}

// The last part of an image's name: "external-dns" of "registry.k8s.io/external-dns/external-dns:v0.22.0@sha256:...".
static const char *image_name(const char *image, size_t *n)
{
    const char *name = image;
    for (const char *p = image; *p != '\0' && *p != '@'; p++) {
        name = *p == '/' ? p + 1 : name;
    }
    *n = strcspn(name, ":@");
    return name;
}

// Which program a container is: by the name of its image, then by its own. Operators and the webhooks of providers are
// other programs.
static enum program program_of(const struct json *container)
{
    const char *image = str_or_empty(json_get_string(container, "image"));
    const char *name = str_or_empty(json_get_string(container, "name"));
    size_t n;
    const char *last = image_name(image, &n);
    if (str_is(last, n, "cert-manager-controller") || str_is(last, n, "cert-manager") ||
        strcmp(name, "cert-manager-controller") == 0) {
        return PROGRAM_CERT_MANAGER;
    }
    bool other = strstr(last, "operator") != NULL || strstr(last, "webhook") != NULL ||
                 strstr(name, "operator") != NULL || strstr(name, "webhook") != NULL;
    return !other && (strstr(image, "external-dns") != NULL || strstr(name, "external-dns") != NULL)
               ? PROGRAM_EXTERNAL_DNS
               : PROGRAM_OTHER;
}

static int64_t count(const struct json *of, const char *key)
{
    return json_int(json_get(of, key), -1);
}

void decode_deployment(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct deployment *x = (struct deployment *)o;
    x->pod_labels = decode_map(d, json_at(p->spec, "template", "metadata", "labels", NULL));
    x->replicas = count(p->spec, "replicas");
    x->available = -1;
    const struct json *containers = json_at(p->spec, "template", "spec", "containers", NULL);
    EACH_ITEM(c, containers)
    {
        x->program = program_of(c);
        if (x->program != PROGRAM_OTHER) {
            x->image = decode_copy(d, json_get_string(c, "image"));
            x->args = arguments(d, c, &x->from_variables);
            x->env_from = item_count(json_get(c, "envFrom")) != 0;
            // Absent where it is 0: a status that counts anything else says so.
            x->available = count(p->status, "availableReplicas");
            if (x->available < 0 && count(p->status, "observedGeneration") >= 0) {
                x->available = 0;
            }
            return;
        }
    }
}
