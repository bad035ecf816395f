// SPDX-License-Identifier: Apache-2.0
// Variables in the names of objects.
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include "kube/object/placeholder.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// docs/rules/kubernetes-client.md#unfilled-variables
static void placeholders(void **state)
{
    (void)state;
    static const struct {
        const char *object, *found; // NULL: nothing
    } t[] = {
        {"{'metadata':{'name':'${NAME}'}}", "${NAME}"},
        {"{'metadata':{'name':'a','namespace':'$(kfp-namespace)'}}", "$(kfp-namespace)"},
        {"{'spec':{'hosts':['a.io','*.${DOMAIN:=b.io}']}}", "*.${DOMAIN:=b.io}"},
        {"{'spec':{'http':[{'route':[{'destination':{'host':'{{ .Values.host }}'}}]}]}}",
         "{{ .Values.host }}"},
        {"{'metadata':{'labels':{'name':'${NAME}'}},'spec':{}}", NULL},
        {"{'spec':{'http':[{'rewrite':{'uri':'${x}'}}]}}", NULL}, // no name
        {"{'spec':{'hosts':['a$','$b.io','${','$()','${a','a{b}','$(a b)']}}", NULL},
        {"{'spec':{'http':[{'match':[{'headers':{'host':{'regex':'^a$(b)'}}}]}]}}", NULL},
        {"{}", NULL},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char *text = xstrdup(t[i].object);
        for (char *p = text; (p = strchr(p, '\'')) != NULL;) {
            *p = '"';
        }
        struct json *root = json_parse(text, strlen(text), NULL);
        assert_non_null(root);
        const struct json *found = placeholder_find(root);
        if (t[i].found == NULL) {
            assert_null(found);
        } else {
            assert_string_equal(json_string(found), t[i].found);
        }
        json_free(root);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placeholders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
