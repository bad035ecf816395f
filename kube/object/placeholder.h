// SPDX-License-Identifier: Apache-2.0
// Variables in names, which another program fills in before anything is applied
// (docs/rules/kubernetes-client.md#unfilled-variables).
#ifndef GATETOP_OBJECT_PLACEHOLDER_H
#define GATETOP_OBJECT_PLACEHOLDER_H

#include <stdbool.h>

struct json;

// Whether a text holds a variable: "${DOMAIN}", "${DOMAIN:=a.io}", "$(NAME)", "{{ .Values.host }}".
bool placeholder_in(const char *s);
// The first name, host or reference of an object that holds one. NULL: there is none.
const struct json *placeholder_find(const struct json *object);

#endif
