// SPDX-License-Identifier: Apache-2.0
// Home: what is wrong, what moves, what comes next, and the row under the cursor explained, at three sizes.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"

#include "views/view_list.h"

#include "tui/screen/keys.h"
#include "tui/screen/ui.h"

#include "tests/support/fakeview.h"
#include "tests/support/file.h"
#include "tests/support/griddump.h"
#include "tests/support/live_store.h"
#include "tests/support/world.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define NOW "2026-09-10T12:00:00Z"

struct scene {
    struct fake fake;
    struct ui *ui;
    struct grid before;
};

static void publish(struct scene *s)
{
    struct fake *f = &s->fake;
    long made;
    live_store(f->store);
    *store_cluster(f->store) = f->cluster;
    snapshot_unref(f->snap);
    const void *rows = app_rows_build(store_view(f->store), NULL, clock_now(), &made);
    f->snap = store_publish(f->store, rows, app_rows_unref);
    fake_wake(f);
}

static void begin(struct scene *s, const char *path, const char *theme, int rows, int columns)
{
    struct err err;
    memset(s, 0, sizeof *s);
    clock_pin(time_parse(NOW));
    fake_init(&s->fake);
    if (path != NULL) {
        world_put_path(s->fake.store, path);
    }
    publish(s);
    struct ui_options o = {.view = view_find("home"), .views = views, .sync_fd = -1};
    assert_true(theme_load(&o.theme, theme, &err));
    struct ui_source source = fake_source(&s->fake);
    s->ui = ui_new(&o, &source, &err);
    assert_non_null(s->ui);
    ui_resize(s->ui, rows, columns);
    assert_true(ui_settle(s->ui, 5000));
    grid_init(&s->before);
}

static void end(struct scene *s)
{
    ui_free(s->ui);
    fake_release(&s->fake);
    grid_release(&s->before);
}

static void press(struct scene *s, uint32_t key)
{
    ui_key(s->ui, key);
    assert_true(ui_settle(s->ui, 5000));
}

static bool has(struct scene *s, const char *words)
{
    struct buf text;
    buf_init(&text, 0);
    dump_text(ui_draw(s->ui), &text);
    bool found = strstr(text.data, words) != NULL;
    if (!found) {
        printf("no '%s' in\n%s", words, text.data);
    }
    buf_release(&text);
    return found;
}

// The whole screen with the roles of its cells, as a file of tests/fixtures/screens has it.
static void shows(struct scene *s, const char *file)
{
    struct buf text;
    buf_init(&text, 0);
    const struct grid *g = ui_draw(s->ui);
    dump_text(g, &text);
    dump_roles(g, &text);
    char *path = xasprintf("tests/fixtures/screens/%s", file);
    if (getenv("GATETOP_WRITE_SCREENS") != NULL) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(text.data, 1, text.len, f), text.len);
        assert_int_equal(fclose(f), 0);
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

#define WORLD "tests/fixtures/screens/home.yaml"

static void at_each_size(void **state)
{
    (void)state;
    static const struct {
        int rows, columns;
        const char *file;
    } sizes[] = {
        {24, 80, "home-80x24.txt"}, {40, 120, "home-120x40.txt"}, {50, 200, "home-200x50.txt"}};
    // A theme says how roles look, and changes none of them.
    static const char *const themes[] = {"default", "./themes/mono.theme"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < sizeof themes / sizeof *themes; k++) {
            struct scene s;
            begin(&s, WORLD, themes[k], sizes[i].rows, sizes[i].columns);
            shows(&s, sizes[i].file);
            end(&s);
        }
    }
}

static void the_row_is_explained(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, WORLD, "default", 24, 80);
    // Why, what to do and what comes next, whole: no ellipsis below the title.
    assert_true(has(&s, "why   "));
    assert_true(has(&s, "do    "));
    assert_true(has(&s, "next  "));
    const struct grid *g = ui_draw(s.ui);
    int title = 0;
    for (int r = 0; r < g->rows; r++) {
        title = grid_at(g, r, 2)->cp == 'C' && grid_at(g, r, 0)->role == ROLE_BORDER ? r : title;
    }
    for (int r = title + 1; r < g->rows - 1; r++) {
        for (int c = 0; c < g->columns; c++) {
            assert_int_not_equal(grid_at(g, r, c)->cp, 0x2026);
        }
    }
    press(&s, 'G');
    assert_true(has(&s, "never reached"));
    end(&s);
}

// The keys of home: applications and back, details, another width.
static void keys_and_sizes(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, WORLD, "default", 24, 80);
    press(&s, 'a');
    assert_true(has(&s, "Applications"));
    assert_true(has(&s, "one.x.io"));
    // From the last fault of the table around its end to the first.
    press(&s, 'G');
    assert_true(has(&s, "never reached"));
    press(&s, 'n');
    assert_true(has(&s, "add fees.y.io to a server"));
    press(&s, K_ESC);
    assert_true(has(&s, "What is wrong"));
    press(&s, K_ENTER);
    assert_true(has(&s, "details of"));
    press(&s, K_ESC);
    ui_resize(s.ui, 50, 200);
    assert_true(ui_settle(s.ui, 5000));
    assert_true(has(&s, "Applications"));
    ui_resize(s.ui, 5, 20);
    assert_true(ui_settle(s.ui, 5000));
    (void)ui_draw(s.ui);
    for (int rows = 1; rows < 60; rows += 3) {
        for (int columns = 1; columns < 210; columns += 13) {
            ui_resize(s.ui, rows, columns);
            (void)ui_draw(s.ui);
            assert_true(ui_settle(s.ui, 5000));
            (void)ui_draw(s.ui);
        }
    }
    end(&s);
}

// Where nothing changes that a person can see, no cell does: ages above two minutes tick by the minute.
static void quiet(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, WORLD, "default", 50, 200);
    grid_copy(&s.before, ui_draw(s.ui));
    clock_pin(time_parse(NOW) + 29);
    publish(&s);
    ui_wake(s.ui);
    ui_due(s.ui, true);
    assert_true(ui_settle(s.ui, 5000));
    assert_true(grid_equal(&s.before, ui_draw(s.ui)));
    end(&s);
}

// What was true before the connection was lost is dim, all of it; what says that it is lost is not.
static void lost(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, WORLD, "default", 24, 80);
    s.fake.cluster.connected = false;
    s.fake.cluster.from_files = false;
    snprintf(s.fake.cluster.connection, sizeof s.fake.cluster.connection, "no answer for 9s");
    publish(&s);
    ui_wake(s.ui);
    ui_due(s.ui, true);
    assert_true(ui_settle(s.ui, 5000));
    assert_true(has(&s, "no answer for 9s"));
    const struct grid *g = ui_draw(s.ui);
    for (int r = 3; r < g->rows - 1; r++) {
        for (int c = 0; c < g->columns; c++) {
            assert_int_equal(grid_at(g, r, c)->role, ROLE_DIM);
        }
    }
    assert_int_not_equal(grid_at(g, 0, 1)->role, ROLE_DIM);
    s.fake.cluster.connected = true;
    s.fake.cluster.connection[0] = '\0';
    publish(&s);
    ui_wake(s.ui);
    ui_due(s.ui, true);
    assert_true(ui_settle(s.ui, 5000));
    g = ui_draw(s.ui);
    assert_int_not_equal(grid_at(g, 4, 1)->role, ROLE_DIM);
    end(&s);
}

static void nothing_is_wrong(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, NULL, "default", 24, 80);
    assert_true(has(&s, "nothing is wrong"));
    end(&s);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_each_size),   cmocka_unit_test(the_row_is_explained),
        cmocka_unit_test(keys_and_sizes), cmocka_unit_test(quiet),
        cmocka_unit_test(lost),           cmocka_unit_test(nothing_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
