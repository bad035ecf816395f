// SPDX-License-Identifier: Apache-2.0
// Decoder of apps/v1: Deployment, of which only that of external-dns matters.
#include "kube/base/text.h"

#include "kube/object/decode_kinds_internal.h"

#include <string.h>

#define ENV_HEAD "EXTERNAL_DNS_"

// "--txt-owner-id=value" of the variable EXTERNAL_DNS_TXT_OWNER_ID, which stands for the argument where that
// is not given; NULL for any other. A value that is somewhere else is "$(NAME)", as an argument would say it.
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
        char c = (char)(*p == '_' ? '-' : *p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        buf_add(&b, &c, 1);
    }
    bool given = false;
    for (size_t i = 0; i < 2; i++) {
        EACH_ITEM(v, lists[i])
        {
            const char *s = json_string(v);
            given = given || (s != NULL && strncmp(s, b.data, b.len) == 0 &&
                              (s[b.len] == '=' || s[b.len] == '\0'));
        }
    }
    if (value != NULL || json_get(variable, "valueFrom") == NULL) {
        buf_addf(&b, "=%s", value != NULL ? value : "");
    } else {
        buf_addf(&b, "=$(%s)", name);
    }
    const char *out = given ? NULL : decode_copy(d, b.data);
    buf_release(&b);
    return out;
}

// Flags may stand in `command` behind the program as well as in `args`, and as variables.
static struct str_list arguments(struct object_decoder *d, const struct json *container)
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
    EACH_ITEM(v, env)
    {
        const char *s = variable_argument(d, v, lists);
        if (s != NULL) {
            at[n++] = s;
        }
    }
    return (struct str_list){at, n};
}

void decode_deployment(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    struct deployment *x = (struct deployment *)o;
    const struct json *containers = json_at(p->spec, "template", "spec", "containers", NULL);
    EACH_ITEM(c, containers)
    {
        const char *image = json_get_string(c, "image");
        const char *name = json_get_string(c, "name");
        if ((image == NULL || strstr(image, "external-dns") == NULL) &&
            (name == NULL || strstr(name, "external-dns") == NULL)) {
            continue;
        }
        x->image = decode_copy(d, image);
        x->args = arguments(d, c);
        return;
    }
}
