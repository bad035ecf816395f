// SPDX-License-Identifier: Apache-2.0
// Starts dashboards without a terminal and compares their screens.
#include "tests/support/scene.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"

#include "tests/support/file.h"
#include "tests/support/griddump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

enum { PATIENCE_MS = 5000 };

struct ui *scene_ui(struct fake *f, struct ui_options o, const char *theme, int rows, int columns)
{
    struct err err;
    o.sync_fd = -1;
    assert_true(theme_load(&o.theme, theme, &err));
    struct ui_source source = fake_source(f);
    struct ui *ui = ui_new(&o, &source, &err);
    assert_non_null(ui);
    ui_resize(ui, rows, columns);
    assert_true(ui_settle(ui, PATIENCE_MS));
    return ui;
}

void scene_press(struct ui *ui, uint32_t key)
{
    ui_key(ui, key);
    assert_true(ui_settle(ui, PATIENCE_MS));
}

void scene_look(struct ui *ui)
{
    ui_wake(ui);
    ui_due(ui, true);
    assert_true(ui_settle(ui, PATIENCE_MS));
}

bool scene_has(struct ui *ui, const char *words)
{
    struct buf text;
    buf_init(&text, 0);
    dump_text(ui_draw(ui), &text);
    bool found = strstr(text.data, words) != NULL;
    if (!found) {
        printf("no '%s' in\n%s", words, text.data);
    }
    buf_release(&text);
    return found;
}

static void write_screen(const char *path, const struct buf *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text->data, 1, text->len, f), text->len);
    assert_int_equal(fclose(f), 0);
}

void scene_is(struct ui *ui, const char *file, bool roles)
{
    struct buf text;
    buf_init(&text, 0);
    const struct grid *g = ui_draw(ui);
    dump_text(g, &text);
    if (roles) {
        dump_roles(g, &text);
    }
    char *path = xasprintf("tests/fixtures/screens/%s", file);
    if (getenv("GATETOP_WRITE_SCREENS") != NULL) {
        write_screen(path, &text);
    }
    char *want = file_read(path, NULL);
    if (strcmp(text.data, want) != 0) {
        printf("%s is not what is shown:\n%s", file, text.data); // fail_msg cuts it
        fail();
    }
    free(want);
    free(path);
    buf_release(&text);
}
