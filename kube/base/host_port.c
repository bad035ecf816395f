// SPDX-License-Identifier: Apache-2.0
// Hosts with a port.
#include "kube/base/host_port.h"

#include <string.h>

const char *host_port_colon(const char *authority)
{
    const char *colon = strrchr(authority, ':');
    const char *close = strrchr(authority, ']');
    return colon != NULL && (close == NULL || close < colon) ? colon : NULL;
}

bool host_port_split(const char *text, struct host_port *out)
{
    *out = (struct host_port){.host = text, .host_len = strlen(text)};
    const char *colon = strchr(text, ':');
    if (*text == '[') {
        const char *close = strchr(text, ']');
        if (close == NULL || (close[1] != '\0' && close[1] != ':')) {
            return false;
        }
        out->brackets = true;
        out->host = text + 1;
        out->host_len = (size_t)(close - out->host);
        out->port = close[1] == ':' ? close + 2 : NULL;
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        out->host_len = (size_t)(colon - text);
        out->port = colon + 1;
    }
    return true;
}
