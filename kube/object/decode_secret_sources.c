// SPDX-License-Identifier: Apache-2.0
// Decoders of what makes Secrets in a cluster: SealedSecret, ExternalSecret, SecretProviderClass. Only the names of the
// Secrets are read.
#include "kube/base/json.h"
#include "kube/base/str.h"

#include "kube/object/decode_kinds_internal.h"
#include "kube/object/kubernetes_objects.h"

// The Secret of a name, or of the object's own where there is none.
static struct str_list one_secret(struct object_decoder *d, const char *name,
                                  const struct object *o)
{
    const char **at = decode_alloc(d, 1, sizeof *at);
    at[0] = str_empty(name) ? o->name : decode_copy(d, name);
    return (struct str_list){at, 1};
}

void decode_sealedsecret(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    (void)p; // the controller takes the name of the SealedSecret, whatever the template says
    ((struct secret_source *)o)->secrets = one_secret(d, NULL, o);
}

void decode_externalsecret(struct object_decoder *d, const struct object_parts *p, struct object *o)
{
    const char *name = json_get_string(json_get(p->spec, "target"), "name");
    ((struct secret_source *)o)->secrets = one_secret(d, name, o);
}

void decode_secretproviderclass(struct object_decoder *d, const struct object_parts *p,
                                struct object *o)
{
    const struct json *list = json_get(p->spec, "secretObjects");
    ((struct secret_source *)o)->secrets = decode_member_strings(d, list, "secretName");
}
