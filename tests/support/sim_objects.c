// SPDX-License-Identifier: Apache-2.0
// Takes a simulator's manifest apart.
#include "tests/support/sim_objects.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

struct sim_objects sim_objects_take(struct apisim *sim)
{
    struct sim_objects out = {0};
    uint32_t cap = 0;
    char *text = apisim_manifest(sim);
    struct json *list = json_parse(text, strlen(text), NULL);
    assert_non_null(list);
    for (const struct json *o = json_first(json_get(list, "items")); o != NULL; o = json_next(o)) {
        struct buf b;
        buf_init(&b, 0);
        json_print(o, false, &b);
        *ARRAY_PUSH(out.at, out.n, cap) = xstrdup(b.data);
        buf_release(&b);
    }
    json_free(list);
    free(text);
    return out;
}

void sim_objects_free(struct sim_objects *o)
{
    for (uint32_t i = 0; i < o->n; i++) {
        free(o->at[i]);
    }
    free(o->at);
    *o = (struct sim_objects){0};
}
