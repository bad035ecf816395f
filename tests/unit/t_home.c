// SPDX-License-Identifier: Apache-2.0
// Home: what is wrong, what moves, what comes next, and the row under the cursor explained, at three sizes.
#include "kube/base/clock.h"
#include "kube/base/text.h"
#include "kube/base/time_text.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_rows_build.h"

#include "views/view_list.h"

#include "tui/screen/keys.h"
#include "tui/screen/ui.h"

#include "tests/support/fakeview.h"
#include "tests/support/griddump.h"
#include "tests/support/live_store.h"
#include "tests/support/scene.h"
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
    memset(s, 0, sizeof *s);
    clock_pin(time_parse(NOW));
    fake_init(&s->fake);
    if (path != NULL) {
        world_put_path(s->fake.store, path);
    }
    publish(s);
    s->ui = scene_ui(&s->fake, (struct ui_options){.view = view_find("home"), .views = views},
                     theme, rows, columns);
    grid_init(&s->before);
}

static void end(struct scene *s)
{
    ui_free(s->ui);
    fake_release(&s->fake);
    grid_release(&s->before);
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
            scene_is(s.ui, sizes[i].file, true);
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
    assert_true(scene_has(s.ui, "why   "));
    assert_true(scene_has(s.ui, "do    "));
    assert_true(scene_has(s.ui, "next  "));
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
    scene_press(s.ui, 'G');
    assert_true(scene_has(s.ui, "never reached"));
    end(&s);
}

// The keys of home: applications and back, details, another width.
static void keys_and_sizes(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, WORLD, "default", 24, 80);
    scene_press(s.ui, 'a');
    assert_true(scene_has(s.ui, "Applications"));
    assert_true(scene_has(s.ui, "one.x.io"));
    // From the last fault of the table around its end to the first.
    scene_press(s.ui, 'G');
    assert_true(scene_has(s.ui, "never reached"));
    scene_press(s.ui, 'n');
    assert_true(scene_has(s.ui, "add fees.y.io to a server"));
    scene_press(s.ui, K_ESC);
    assert_true(scene_has(s.ui, "What is wrong"));
    scene_press(s.ui, K_ENTER);
    assert_true(scene_has(s.ui, "details of"));
    scene_press(s.ui, K_ESC);
    ui_resize(s.ui, 50, 200);
    assert_true(ui_settle(s.ui, 5000));
    assert_true(scene_has(s.ui, "Applications"));
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
    scene_look(s.ui);
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
    scene_look(s.ui);
    assert_true(scene_has(s.ui, "no answer for 9s"));
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
    scene_look(s.ui);
    g = ui_draw(s.ui);
    assert_int_not_equal(grid_at(g, 4, 1)->role, ROLE_DIM);
    end(&s);
}

static void nothing_is_wrong(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, NULL, "default", 24, 80);
    assert_true(scene_has(s.ui, "nothing is wrong"));
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
