// SPDX-License-Identifier: Apache-2.0
// The filter of the screen, whatever is typed: the rows that it leaves are rows of the view, in its order, and a word
// and its contrary divide them.
#include "kube/base/arena.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"

#include "kube/object/manifest.h"

#include "kube/store/store.h"

#include "views/table.h"
#include "views/view_list.h"

#include "tests/fuzz/fuzz.h"
#include "tests/support/live_store.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(row_filter)

static void put(void *self, const struct object *o)
{
    (void)store_put(self, o);
}

static void bad(void *self, const char *file, int line, int column, const char *message)
{
    (void)self, (void)file;
    BUG("%d:%d: %s", line, column, message);
}

// Some Gateways, made once; their names and hosts have capitals, dots and letters beyond ASCII.
static const struct snapshot *gateways(void)
{
    static const struct snapshot *snap;
    if (snap != NULL) {
        return snap;
    }
    static const char *const names[] = {"a", "ab", "b-a", "shop", "shop-2", "x.y", "unicode"};
    struct store *s = store_new();
    struct manifest_sink sink = {.object = put, .bad = bad, .self = s};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text =
            xasprintf("apiVersion: networking.istio.io/v1\nkind: Gateway\n"
                      "metadata: {name: %s, namespace: ns-%zu}\nspec: {servers: "
                      "[{hosts: ['\u00c4rger-%zu.example.org', '*.X.io'], port: {number: %zu, "
                      "name: http, protocol: HTTP}}]}\n",
                      names[i], i % 3, i, 80 + i);
        ASSERT(manifest_read_text("gateways.yaml", text, strlen(text), "default", &sink));
        free(text);
    }
    live_store(s);
    snap = store_publish(s, NULL, NULL);
    store_free(s);
    return snap;
}

static bool is_one_word(const char *text)
{
    return text[0] != '\0' && text[0] != '!' && strpbrk(text, " \t") == NULL;
}

int fuzz_row_filter(const uint8_t *data, size_t size)
{
    struct arena a;
    static const struct view_options options;
    arena_init(&a);
    const struct view *v = view_find("gateways");
    const struct view_args args = {
        .snap = gateways(), .arena = &a, .now = 1764000000, .options = &options};
    char *text = arena_strndup(&a, (const char *)data, size < 1000 ? size : 1000);
    struct table all = table_build(v, &args, NULL, table_initial_order(v));
    struct table some = table_build(v, &args, text, table_initial_order(v));
    ASSERT(all.n == 7 && some.n <= all.n && some.rows.n == all.rows.n);
    uint32_t at = 0;
    for (uint32_t i = 0; i < some.n; i++) {
        while (at < all.n && strcmp(view_row_key(v, &args, all.at[at]),
                                    view_row_key(v, &args, some.at[i])) != 0) {
            at++;
        }
        ASSERT(at < all.n);
    }
    if (is_one_word(text)) {
        struct table rest =
            table_build(v, &args, arena_printf(&a, "!%s", text), table_initial_order(v));
        ASSERT(some.n + rest.n == all.n);
    }
    arena_release(&a);
    return 0;
}
