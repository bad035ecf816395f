// SPDX-License-Identifier: Apache-2.0
// What `check` finds in small inputs: manifests by macros, and findings as lines.
#include "tests/support/check_samples.h"

#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/mesh/check/check.h"
#include "kube/mesh/check/finding_codes.h"

#include "tests/support/world.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

const char check_base[] =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: gw-0, namespace: istio-system, labels: {istio: i, "
    "type: x}}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: gw, namespace: istio-system}\n"
    "spec: {selector: {istio: i}, ports: [{name: http, port: 80}, {name: https, port: 443}, {name: "
    "http-a, port: 8080}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: apps}\n"
    "spec: {selector: {app: cart}, ports: [{name: http, port: 80}, {name: http-b, port: 443}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: apps}\n"
    "spec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: mono, namespace: apps}\n"
    "spec: {selector: {app: mono}, ports: [{name: http, port: 80}]}\n";

char *check_findings(const char *yaml, bool messages)
{
    struct buf all, out;
    buf_init(&all, 0);
    buf_init(&out, 0);
    buf_adds(&all, check_base);
    buf_adds(&all, yaml);
    struct world w;
    world_open(&w, all.data, time_parse(CHECK_NOW));
    struct findings f = {NULL, 0, 0};
    check_run(&w.mesh, NULL, &f);
    for (uint32_t i = 0; i < f.n; i++) {
        const struct finding *x = &f.at[i];
        assert_non_null(finding_code_find(x->code));
        assert_true(text_is_clean(x->message, strlen(x->message)));
        buf_addf(&out, "%s %s %s", x->code,
                 x->object != NULL ? object_title(&w.arena, x->object) : "-",
                 x->path != NULL ? x->path : "-");
        if (messages) {
            buf_addf(&out, " | %s | %s | %s", severity_name(x->severity), x->message,
                     x->hint != NULL ? x->hint : "-");
        }
        buf_addc(&out, '\n');
    }
    world_close(&w);
    buf_release(&all);
    return buf_take(&out);
}

void check_samples(const struct check_sample *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *got = check_findings(t[i].yaml, false);
        char *copy = xstrdup(t[i].want), *save = NULL;
        for (char *line = strtok_r(copy, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save)) {
            char *whole = xasprintf("%s\n", line);
            if (strstr(got, whole) == NULL) {
                fail_msg("missing: %s\nin:\n%s\nof: %s", line, got, t[i].yaml);
            }
            free(whole);
        }
        free(copy);
        copy = xstrdup(str_or_empty(t[i].unwanted));
        for (char *code = strtok_r(copy, ";", &save); code != NULL;
             code = strtok_r(NULL, ";", &save)) {
            if (strstr(got, code) != NULL) {
                fail_msg("unwanted: %s\nin:\n%s\nof: %s", code, got, t[i].yaml);
            }
        }
        free(copy);
        free(got);
    }
}
