// SPDX-License-Identifier: Apache-2.0
// The two fields that every JSON document has.
#include "kube/mesh/core/json_envelope.h"

#include "kube/base/buf.h"

#define API_VERSION "gatetop/v1"

void json_envelope_begin(struct buf *out, const char *kind)
{
    buf_addf(out, "{\"apiVersion\":\"" API_VERSION "\",\"kind\":\"%s\"", kind);
}

struct json *json_envelope_new(const char *kind)
{
    struct json *j = json_new_object();
    json_put_string(j, "apiVersion", API_VERSION);
    json_put_string(j, "kind", kind);
    return j;
}
