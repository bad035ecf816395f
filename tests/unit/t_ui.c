// SPDX-License-Identifier: Apache-2.0
// The dashboard without a terminal: what each key does to the screen, on made-up rows.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/str.h"

#include "tui/screen/bindings.h"
#include "tui/screen/keys.h"

#include "tests/support/fakeview.h"
#include "tests/support/griddump.h"
#include "tests/support/scene.h"

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

#define NOW 1764000000

struct scene {
    struct fake fake;
    struct ui *ui;
    struct buf text;
};

static void begin_sized(struct scene *s, int n, int rows, int columns)
{
    memset(s, 0, sizeof *s);
    clock_pin(NOW);
    fake_init(&s->fake);
    if (n >= 0) {
        fake_publish(&s->fake, n);
    }
    s->ui = scene_ui(&s->fake, (struct ui_options){.views = fake_views}, "default", rows, columns);
    ui_draw(s->ui);
    buf_init(&s->text, 0);
}

static void begin(struct scene *s, int n)
{
    begin_sized(s, n, 24, 80);
}

static void end(struct scene *s)
{
    ui_free(s->ui);
    fake_release(&s->fake);
    buf_release(&s->text);
}

static void key(struct scene *s, uint32_t k)
{
    scene_press(s->ui, k);
    ui_draw(s->ui);
}

// Types characters; '~' is Enter, '!' Esc, '^' Tab.
static void keys(struct scene *s, const char *typed)
{
    for (; *typed != '\0'; typed++) {
        key(s, *typed == '~'   ? K_ENTER
               : *typed == '!' ? K_ESC
               : *typed == '^' ? K_TAB
                               : (uint32_t)(unsigned char)*typed);
    }
}

static void wake(struct scene *s)
{
    scene_look(s->ui);
    ui_draw(s->ui);
}

static const char *line(struct scene *s, int row)
{
    const struct grid *g = ui_draw(s->ui);
    struct grid one = *g;
    one.rows = 1;
    one.cells = g->cells + (size_t)row * (size_t)g->columns;
    buf_reset(&s->text);
    dump_text(&one, &s->text);
    s->text.data[s->text.len - 1] = '\0'; // the line break
    return s->text.data;
}

static bool has(struct scene *s, const char *text)
{
    const struct grid *g = ui_draw(s->ui);
    buf_reset(&s->text);
    dump_text(g, &s->text);
    return strstr(s->text.data, text) != NULL;
}

static void assert_has(struct scene *s, const char *text)
{
    if (!has(s, text)) {
        fail_msg("'%s' is not on the screen:\n%s", text, s->text.data);
    }
}

static void assert_line(struct scene *s, int row, const char *begins)
{
    if (!str_starts(line(s, row), begins)) {
        assert_string_equal(line(s, row), begins);
    }
}

// The row of the screen with the cursor, -1: none.
static int cursor(struct scene *s)
{
    const struct grid *g = ui_draw(s->ui);
    for (int r = 0; r < g->rows; r++) {
        if (grid_at(g, r, 3)->over == ROLE_CURSOR) {
            return r;
        }
    }
    return -1;
}

static void assert_cursor(struct scene *s, const char *begins)
{
    int at = cursor(s);
    assert_int_not_equal(at, -1);
    assert_line(s, at, begins);
}

// --- the screen

static void the_screen_at_80x24(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 200);
    assert_string_equal(
        line(&s, 0),
        " gatetop  lead-sandbox  cluster sandbox.example  user operator  v1… ● connected");
    assert_string_equal(line(&s, 1),
                        " 0 objects  40 broken  40 warning  40 pending  40 ok  40 unknown");
    assert_line(&s, 2, " Apples  ");
    assert_true(str_ends(line(&s, 2), " 200"));
    assert_line(&s, 3, " NAME▲");
    assert_line(&s, 4, " row-000000 ");
    assert_line(&s, 22, " row-000018 ");
    assert_line(&s, 23, " Enter open  / filter  : view  ? help  d details");
    assert_int_equal(cursor(&s), 4);
    const char *second = line(&s, 5), *ok = strstr(second, " ok "); // ASCII up to there
    assert_non_null(ok);
    assert_int_equal(grid_at(ui_draw(s.ui), 5, (int)(ok - second) + 1)->role, ROLE_OK);
    // The letters that sort are underlined: HOST, STATE, SIZE, AGE.
    char underlined[8] = "";
    for (int c = 0; c < 80; c++) {
        const struct grid_cell *cell = grid_at(ui_draw(s.ui), 3, c);
        if (cell->underline && strlen(underlined) < 7) {
            underlined[strlen(underlined)] = (char)cell->cp;
        }
    }
    assert_string_equal(underlined, "HSEA");
    end(&s);
}

static void every_size_is_drawn(void **state)
{
    (void)state;
    static const int sizes[][2] = {{24, 80},   {40, 120}, {50, 200}, {5, 20}, {4, 80},
                                   {24, 19},   {1, 1},    {2, 300},  {8, 20}, {12, 30},
                                   {300, 500}, {6, 21},   {7, 200}};
    static const char *const ways[] = {"",     "?",   "~", "~^", "y",  "t~",
                                       "/row", ":ns", "w", "#",  "jj "};
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct scene s;
        begin(&s, 60);
        keys(&s, ways[w]);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            ui_resize(s.ui, sizes[i][0], sizes[i][1]);
            const struct grid *g = ui_draw(s.ui);
            assert_int_equal(g->rows, sizes[i][0]);
            assert_int_equal(g->columns, sizes[i][1]);
            key(&s, 'j');
            key(&s, K_BACKSPACE);
        }
        end(&s);
    }
    struct scene s;
    begin_sized(&s, 60, 5, 20);
    assert_line(&s, 0, " Apples          60");
    assert_line(&s, 1, " NAME▲");
    assert_line(&s, 2, " row-000000");
    assert_line(&s, 4, " Enter open");
    keys(&s, "G");
    assert_cursor(&s, " row-000059");
    ui_resize(s.ui, 4, 19);
    assert_string_equal(line(&s, 0), "19x4: needs 20x5");
    end(&s);
}

static void before_the_first_snapshot(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, -1);
    assert_has(&s, "○ connecting");
    assert_has(&s, " loading");
    keys(&s, "jkG~dyeJt! w?q<>INFZZ##:apples~/x~!");
    fake_publish(&s.fake, 5);
    wake(&s);
    assert_has(&s, "row-000004");
    assert_has(&s, "● connected");
    end(&s);
    begin(&s, 0);
    assert_has(&s, "nothing to show");
    keys(&s, "jkG~dyeJt! w?q<>INFZZ##:ns x~");
    assert_has(&s, "nothing in this namespace; 0 shows all");
    end(&s);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 3);
    snprintf(s.fake.cluster.connection, sizeof s.fake.cluster.connection,
             "connection refused, next try in 4s");
    s.fake.cluster.connected = false;
    snprintf(s.fake.cluster.context, sizeof s.fake.cluster.context, "lead-production");
    fake_publish(&s.fake, 3);
    wake(&s);
    assert_has(&s, "✗ connection refused, next try in 4s");
    assert_int_equal(grid_at(ui_draw(s.ui), 0, 10)->role, ROLE_CONTEXT_PROD);
    end(&s);
    begin_sized(&s, 0, 24, 120);
    struct kind_state *c = store_state(s.fake.store, KIND_CERTIFICATE);
    c->state = SYNC_SYNCING;
    c->objects = 400;
    c->expected = 10000;
    store_state(s.fake.store, KIND_ORDER)->state = SYNC_SYNCING;
    store_state(s.fake.store, KIND_SECRET)->state = SYNC_FORBIDDEN;
    store_state(s.fake.store, KIND_GATEWAY)->state = SYNC_STALE;
    fake_publish(&s.fake, 0);
    wake(&s);
    assert_has(&s, "loading certificates 400 of 10,000 +1");
    assert_has(&s, "1 kind stale");
    assert_has(&s, "1 kind forbidden");
    end(&s);
}

// --- moving and selecting

static void moving(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 200);
    keys(&s, "jjk");
    assert_cursor(&s, " row-000001");
    key(&s, K_DOWN);
    assert_cursor(&s, " row-000002");
    key(&s, K_UP);
    keys(&s, "G");
    assert_cursor(&s, " row-000199");
    assert_int_equal(cursor(&s), 22);
    key(&s, K_HOME);
    assert_cursor(&s, " row-000000");
    key(&s, K_CTRL('d'));
    assert_cursor(&s, " row-000009");
    key(&s, K_CTRL('u'));
    assert_cursor(&s, " row-000000");
    key(&s, K_PGDN);
    assert_cursor(&s, " row-000018");
    key(&s, K_CTRL('f'));
    assert_cursor(&s, " row-000036");
    key(&s, K_CTRL('b'));
    key(&s, K_PGUP);
    key(&s, K_PGUP);
    assert_cursor(&s, " row-000000");
    key(&s, K_END);
    keys(&s, "jjj");
    assert_cursor(&s, " row-000199");
    end(&s);
}

static int reversed_total;
static void reverse_names(struct fake_row *r, int i)
{
    snprintf(r->name, sizeof r->name, "row-%06d", reversed_total - 1 - i);
    snprintf(r->host, sizeof r->host, "moved-%d", i);
}

static void before_all(struct fake_row *r, int i)
{
    // Twenty new rows sort before the old ones.
    if (i < 20) {
        snprintf(r->name, sizeof r->name, "new-%06d", i);
    } else {
        snprintf(r->name, sizeof r->name, "row-%06d", i - 20);
    }
}

static void the_selection_is_the_row_not_the_place(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "jjj");
    assert_cursor(&s, " row-000003");
    fake_publish_with(&s.fake, 50, before_all);
    wake(&s);
    keys(&s, "I"); // whatever the order
    assert_cursor(&s, " row-000003");
    keys(&s, "I");
    assert_cursor(&s, " row-000003");
    keys(&s, "E"); // by SIZE
    assert_cursor(&s, " row-000003");
    keys(&s, "/row-~");
    assert_cursor(&s, " row-000003");
    keys(&s, "\\");
    reversed_total = 30;
    fake_publish_with(&s.fake, 30, reverse_names);
    wake(&s);
    keys(&s, "I");
    assert_cursor(&s, " row-000003");
    end(&s);
}

static void untouched_the_cursor_stays_at_the_top(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    fake_publish_with(&s.fake, 50, before_all); // a first list fills up
    wake(&s);
    keys(&s, "w");
    assert_cursor(&s, " new-000000");
    end(&s);
}

static void without_row_3(struct fake_row *r, int i)
{
    if (i == 3) {
        snprintf(r->name, sizeof r->name, "zzz");
    }
}

static void a_row_that_goes_leaves_its_neighbour(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "jjj");
    fake_publish_with(&s.fake, 30, without_row_3);
    wake(&s);
    keys(&s, "w");
    assert_cursor(&s, " row-000004");
    fake_publish(&s.fake, 0); // everything goes for a moment
    wake(&s);
    keys(&s, "w");
    assert_int_equal(cursor(&s), -1);
    fake_publish(&s.fake, 30);
    wake(&s);
    keys(&s, "w");
    assert_cursor(&s, " row-000004");
    end(&s);
}

static void following_keeps_the_line(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 100);
    keys(&s, "GkkkkF");
    int at = cursor(&s);
    assert_cursor(&s, " row-000095");
    assert_has(&s, "FOLLOW");
    fake_publish_with(&s.fake, 120, before_all);
    wake(&s);
    keys(&s, "w"); // any turn
    assert_cursor(&s, " row-000095");
    assert_int_equal(cursor(&s), at);
    fake_publish(&s.fake, 50); // row 95 goes
    wake(&s);
    keys(&s, "w");
    assert_int_equal(cursor(&s), -1);
    assert_has(&s, "FOLLOW (gone)");
    fake_publish(&s.fake, 100); // and comes back
    wake(&s);
    keys(&s, "w");
    assert_cursor(&s, " row-000095");
    keys(&s, "F");
    assert_false(has(&s, "FOLLOW"));
    end(&s);
}

static void marks(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "  j ");
    assert_has(&s, "3 marked");
    assert_line(&s, 4, "●row-000000");
    assert_line(&s, 5, "●row-000001");
    assert_line(&s, 6, " row-000002");
    assert_line(&s, 7, "●row-000003");
    assert_cursor(&s, " row-000004");
    keys(&s, "k ");
    assert_has(&s, "2 marked");
    keys(&s, "I");
    key(&s, K_END);
    assert_cursor(&s, "●row-000000"); // kept by key
    end(&s);
}

// --- sorting, filtering, namespaces

static void sorting(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    assert_has(&s, " NAME▲");
    keys(&s, "I");
    assert_has(&s, " NAME▼");
    assert_line(&s, 4, " row-000029");
    keys(&s, ">");
    assert_has(&s, "HOST▲");
    keys(&s, ".");
    assert_has(&s, "STATE▼");           // the first press sorts downwards
    assert_line(&s, 4, " row-000004 "); // a broken one; equal ones in their order
    key(&s, K_F1 + 5);
    assert_has(&s, "SIZE▼");
    keys(&s, ">>"); // NOTE is not shown: around to NAME
    assert_has(&s, "NAME▲");
    keys(&s, "<");
    assert_has(&s, "AGE▲");
    keys(&s, "w<");
    assert_has(&s, "SIZE▼");
    keys(&s, "A");
    assert_has(&s, "AGE▲");
    keys(&s, "H");
    assert_has(&s, "HOST▲");
    keys(&s, "N");
    assert_has(&s, "NAME▲");
    keys(&s, ":sort size~");
    assert_has(&s, "SIZE▼");
    keys(&s, ":sort nothing~");
    assert_has(&s, "no column of apples is called 'nothing'");
    end(&s);
}

static void filtering(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "/row-00001");
    assert_has(&s, "10 of 30"); // while it is typed
    assert_line(&s, 23, "/row-00001");
    assert_line(&s, 4, " row-000010");
    assert_int_equal(ui_draw(s.ui)->cursor_row, 23);
    key(&s, K_BACKSPACE);
    assert_has(&s, "Apples  /row-0000 "); // nothing is cut away: all have it
    assert_false(has(&s, " of 30"));
    keys(&s, "02~");
    assert_int_equal(ui_draw(s.ui)->cursor_row, -1);
    assert_has(&s, "/row-000002");
    assert_has(&s, "1 of 30");
    keys(&s, "!"); // Esc clears the filter first
    assert_false(has(&s, "/row-000002"));
    keys(&s, "/xyz");
    assert_has(&s, "no row has these words; Esc clears the filter");
    keys(&s, "!");
    assert_false(has(&s, "xyz"));
    keys(&s, "/row~\\");
    assert_false(has(&s, "/row"));
    keys(&s, ":filter broken~");
    assert_has(&s, "6 of 30");
    // Where the words stand is shown; a word that must not appear is none.
    keys(&s, ":filter ing 0002 ");
    key(&s, '!');
    keys(&s, "row-000022~j"); // the cursor lies on the second row
    const char *row = line(&s, 4);
    int hit = (int)(strstr(row, "ing") - row), other = (int)(strstr(row, "0002") - row);
    for (int c = 0; c < 80; c++) {
        bool in = (c >= hit && c < hit + 3) || (c >= other && c < other + 4);
        assert_int_equal(grid_at(ui_draw(s.ui), 4, c)->over == ROLE_MATCH, in);
    }
    assert_false(has(&s, " row-000022 "));
    // Sorted by cells that were made for it while other rows were left out.
    keys(&s, ":filter ns-1~H");
    static const char *const sorted[] = {"1", "10", "13", "16", "19", "22", "25", "28", "4", "7"};
    for (int i = 0; i < 10; i++) {
        char host[32];
        snprintf(host, sizeof host, " host-%s.ns-1", sorted[i]);
        assert_non_null(strstr(line(&s, 4 + i), host));
    }
    end(&s);
}

static void assert_reported(struct scene *s)
{
    char want[128], first[16], last[16];
    assert_int_equal(sscanf(line(s, 3), " %15s", first), 1);
    assert_int_equal(sscanf(line(s, 8), " %15s", last), 1);
    snprintf(want, sizeof want, "apples %s..%s", first, last);
    assert_string_equal(s->fake.last_drawn, want);
}

// The source learns which rows are on the screen: their names are asked of DNS first.
static void rows_on_screen_are_reported(void **state)
{
    (void)state;
    struct scene s;
    begin_sized(&s, 100, 10, 80);
    assert_reported(&s);
    keys(&s, "G");
    assert_reported(&s);
    keys(&s, "/row-00003~");
    assert_reported(&s);
    assert_non_null(strstr(s.fake.last_drawn, "row-00003"));
    keys(&s, "!/nothing has this~");
    assert_has(&s, "no row has these words");
    assert_string_equal(s.fake.last_drawn, "apples -..-");
    end(&s);
}

static void namespaces(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "1");
    assert_has(&s, "no namespace has this number yet");
    keys(&s, ":ns ns-1~");
    assert_has(&s, "ns ns-1");
    assert_line(&s, 4, " row-000001");
    assert_line(&s, 5, " row-000004");
    keys(&s, "0");
    assert_line(&s, 5, " row-000001");
    keys(&s, "jj~q"); // a row of ns-2 was opened
    keys(&s, "2");
    assert_has(&s, "ns ns-2");
    keys(&s, "1");
    assert_has(&s, "ns ns-1");
    keys(&s, ":ns~");
    assert_false(has(&s, "ns ns-"));
    keys(&s, "1:ns all~");
    assert_false(has(&s, "ns ns-"));
    end(&s);
}

// --- panes

static void details_below_the_table(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 200);
    keys(&s, "jj~");
    assert_line(&s, 12, "─ details of host-2.ns-2.example.com ─");
    assert_line(&s, 13, " row-000002 is pending");
    assert_line(&s, 6, "▸row-000002"); // still there, stepped back
    keys(&s, "j");
    assert_line(&s, 13, " link 1 of size 198");
    key(&s, K_SPACE); // a page
    assert_line(&s, 13, " link 10 of size 198");
    keys(&s, "^j"); // the table has the keys
    assert_cursor(&s, " row-000003");
    assert_line(&s, 13, " row-000003 is warning");
    keys(&s, "^G");
    assert_line(&s, 22, " link 30 of size 197");
    keys(&s, "g");
    fake_publish_with(&s.fake, 200,
                      without_row_3); // what is read does not turn into something else
    wake(&s);
    keys(&s, "w");
    assert_has(&s, "details of host-3.ns-0.example.com (gone)");
    assert_line(&s, 13, " row-000003 is warning");
    keys(&s, "q");
    assert_false(has(&s, "details of"));
    assert_false(ui_ended(s.ui));
    ui_resize(s.ui, 12, 60); // no room for two
    keys(&s, "~");
    assert_line(&s, 3, "─ details of ");
    assert_false(has(&s, "NAME▲"));
    keys(&s, "!");
    assert_has(&s, "NAME▲");
    end(&s);
}

static void details_are_live(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 20);
    keys(&s, "~");
    assert_has(&s, "link 1 of size 20");
    fake_publish(&s.fake, 25);
    wake(&s);
    keys(&s, "w");
    assert_has(&s, "link 1 of size 25");
    end(&s);
}

static void searching_in_text(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 200);
    keys(&s, "~/LINK 2~");
    assert_has(&s, "/LINK 2: 11 lines");
    assert_line(&s, 13, " link 2 of size 200");
    keys(&s, "n");
    assert_line(&s, 13, " link 20 ");
    keys(&s, "N");
    assert_line(&s, 13, " link 2 ");
    keys(&s, "!"); // ends the search first
    assert_false(has(&s, "/LINK 2"));
    keys(&s, "n");
    assert_has(&s, "there is no search yet");
    keys(&s, "/nowhere~");
    assert_has(&s, "'nowhere' is not in the text");
    keys(&s, "!!");
    assert_false(has(&s, "details of"));
    end(&s);
}

static void yaml(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 20);
    keys(&s, "jy");
    assert_int_equal(s.fake.yaml_opens, 1);
    assert_has(&s, "yaml of VirtualService ns-1/row-000001");
    assert_has(&s, "waiting for the server");
    fake_answer_yaml(
        &s.fake,
        "kind: VirtualService\nmetadata:\n  managedFields:\n  - a: b\n  - c: d\nspec: {}\n", false);
    wake(&s);
    assert_has(&s, "kind: VirtualService");
    assert_has(&s, "managedFields: ▸ 2 lines folded");
    keys(&s, "~");
    assert_has(&s, "  - c: d");
    keys(&s, "~/spec~");
    assert_has(&s, "/spec: 1 line");
    keys(&s, "!!");
    assert_has(&s, "NAME▲");
    assert_int_equal(s.fake.yaml_cancels, 0);
    keys(&s, "yq");
    assert_int_equal(s.fake.yaml_cancels, 1); // not waited for any longer
    keys(&s, "y");
    fake_answer_yaml(&s.fake, "virtualservices 'row-000001' may not be read", true);
    wake(&s);
    assert_has(&s, "virtualservices 'row-000001' may not be read");
    end(&s);
}

static void traces(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 20);
    keys(&s, "jt");
    assert_line(&s, 23, "trace https://host-1.ns-1.example.com/");
    keys(&s, "api~");
    assert_has(&s, "trace of https://host-1.ns-1.example.com/api");
    assert_has(&s, "goes to monolith:9080");
    keys(&s, "q:trace http://x/~");
    assert_has(&s, "the request http://x/");
    keys(&s, "q");
    key(&s, K_F1 + 4);
    assert_line(&s, 23, "trace https://host-1");
    key(&s, 'U' - '@'); // Ctrl-U: nothing is left to trace
    keys(&s, "~");
    assert_has(&s, "type a URL to trace, such as https://host/path");
    end(&s);
}

static void help_over_live_data(void **state)
{
    (void)state;
    struct scene s;
    begin_sized(&s, 20, 60, 120);
    keys(&s, "?");
    assert_has(&s, "help: q closes");
    assert_has(&s, "Every apple and its state.");
    assert_has(&s, "S STATE           its state");
    assert_has(&s, "Keys in tables");
    fake_publish(&s.fake, 25);
    wake(&s);
    keys(&s, "ww");                            // any key: wrapping goes off and on
    assert_true(str_ends(line(&s, 2), " 25")); // the number of rows behind
    struct buf all;
    buf_init(&all, 0);
    for (int i = 0; i < 100; i++) { // every binding is in it somewhere
        dump_text(ui_draw(s.ui), &all);
        key(&s, 'j');
    }
    for (size_t i = 0; i < binding_count; i++) {
        if (strstr(all.data, bindings[i].help) == NULL) {
            fail_msg("the help screen lacks '%s'", bindings[i].help);
        }
    }
    buf_release(&all);
    keys(&s, "/fold~");
    assert_has(&s, "fold or unfold");
    keys(&s, "q");
    assert_false(has(&s, "Keys in tables"));
    key(&s, K_F1);
    assert_has(&s, "help: q closes");
    keys(&s, "!");
    assert_false(ui_ended(s.ui));
    keys(&s, "?d"); // what is asked for is shown, not hidden
    assert_false(has(&s, "Keys in tables"));
    assert_has(&s, "details of");
    keys(&s, "?:boxes~");
    assert_false(has(&s, "Keys in tables"));
    end(&s);
}

// --- views and history

static void narrowed_views_and_history(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, ":boxes~");
    assert_line(&s, 2, " Boxes");
    keys(&s, "jJ"); // row 1 leads to the apples of ns-1
    assert_line(&s, 2, " Boxes ▸ Apples ns-1");
    assert_line(&s, 4, " row-000001");
    assert_line(&s, 5, " row-000004");
    keys(&s, "jS"); // select and sort: remembered by the history
    keys(&s, "[");
    assert_line(&s, 2, " Boxes ");
    assert_cursor(&s, " row-000001");
    keys(&s, "]");
    assert_line(&s, 2, " Apples ns-1");
    assert_has(&s, "STATE▼");
    assert_cursor(&s, " row-000004");
    keys(&s, "-");
    assert_line(&s, 2, " Boxes ");
    keys(&s, "-");
    assert_line(&s, 2, " Apples ns-1");
    keys(&s, "[[");
    assert_line(&s, 2, " Apples  ");
    keys(&s, "[");
    assert_has(&s, "the history ends here");
    keys(&s, ":boxes~jJ!");
    assert_line(&s, 2, " Boxes ");
    assert_cursor(&s, " row-000001");
    keys(&s, "J");
    assert_line(&s, 2, " Boxes ▸ Apples ns-1");
    keys(&s, "q");
    assert_false(ui_ended(s.ui));
    keys(&s, "!");
    assert_has(&s, "this is the first view; q quits");
    keys(&s, "q");
    assert_true(ui_ended(s.ui));
    end(&s);
}

static void deep_and_long_histories(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    for (int i = 0; i < 50; i++) {
        keys(&s, ":boxes~jJ");
        assert_has(&s, "Boxes");
    }
    for (int i = 0; i < 60; i++) {
        keys(&s, "[");
    }
    for (int i = 0; i < 60; i++) {
        keys(&s, "]");
    }
    for (int i = 0; i < 20; i++) {
        keys(&s, "J"); // deeper than the stack
    }
    for (int i = 0; i < 7; i++) {
        keys(&s, "!");
        assert_false(ui_ended(s.ui));
    }
    end(&s);
}

static void related_and_events(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "jjjJ");
    assert_line(&s, 2, " Apples ▸ Boxes");
    assert_cursor(&s, " row-000003");
    keys(&s, "!e");
    assert_line(
        &s, 2,
        " Apples ▸ Boxes VirtualService ns-0/row-000003"); // not what the view is narrowed by
    keys(&s, "![]");
    assert_line(&s, 2, " Boxes VirtualService ns-0/row-000003");
    end(&s);
}

// After a change of context nothing of the previous cluster is shown, even if Z had stopped updates.
static void another_context_ends_a_pause(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "Z");
    fake_publish(&s.fake, 5);
    wake(&s);
    assert_true(str_ends(line(&s, 2), " 30"));
    keys(&s, ":ctx lead-sandbox~");
    assert_true(str_ends(line(&s, 2), " 5"));
    fake_publish(&s.fake, 6);
    wake(&s);
    assert_true(str_ends(line(&s, 2), " 6"));
    end(&s);
}

static void commands_and_completion(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, ":bo^");
    assert_line(&s, 23, ":boxes");
    keys(&s, "~");
    assert_line(&s, 2, " Boxes");
    keys(&s, ":ap~"); // a unique head is enough
    assert_line(&s, 2, " Apples");
    keys(&s, ":boxes ns-1~:ns ns-1~:context lead-p^");
    assert_line(&s, 23, ":context lead-production");
    keys(&s, "~");
    assert_string_equal(s.fake.last_context, "lead-production");
    assert_line(&s, 2, " Boxes  ");
    keys(&s, ":ctx lead-s^~");
    assert_string_equal(s.fake.last_context, "lead-sandbox");
    keys(&s, ":ctx~"); // without a name: which there are, and which this is
    assert_line(&s, 3, "─ contexts ");
    assert_line(&s, 4, "   lead-production");
    assert_line(&s, 5, " * lead-sandbox");
    assert_has(&s, "':ctx NAME' switches; Tab completes");
    keys(&s, "!");
    keys(&s, ":ap~:context nowhere~");
    assert_has(&s, "no context is called 'nowhere'");
    keys(&s, ":sort st^");
    assert_line(&s, 23, ":sort state");
    keys(&s, "!:zzz^");
    assert_has(&s, "nothing completes this");
    keys(&s, "~");
    assert_has(&s, "no view or command is called 'zzz'; Tab completes, ? lists them");
    keys(&s, ":theme mon^");
    keys(&s, "!:nosuch theme~");
    keys(&s, ":theme nosuch~");
    assert_has(&s, "no theme is called 'nosuch'");
    keys(&s, ":~");
    assert_false(ui_ended(s.ui));
    keys(&s, ":wide~");
    assert_has(&s, "NOTE");
    keys(&s, ":apples ns-2~");
    assert_line(&s, 2, " Apples ns-2");
    keys(&s, ":relist~");
    assert_int_equal(s.fake.relists, 1);
    key(&s, K_CTRL('r'));
    assert_int_equal(s.fake.relists, 2);
    keys(&s, ":q~");
    assert_true(ui_ended(s.ui));
    end(&s);
}

// On a narrow screen the columns of 'w' may find no room: that is said, where else nothing would happen.
static void columns_without_room(void **state)
{
    (void)state;
    struct scene s;
    begin_sized(&s, 3, 24, 44);
    assert_false(has(&s, "without room"));
    keys(&s, "w");
    assert_false(has(&s, "NOTE"));
    assert_line(&s, 23, " 1 column without room");
    keys(&s, "w");
    assert_false(has(&s, "without room"));
    end(&s);
    begin_sized(&s, 3, 24, 120);
    keys(&s, "w");
    assert_has(&s, "NOTE");
    assert_false(has(&s, "without room"));
    end(&s);
}

// The help takes a screen of 80 columns whole: no strip of the table stands beside it.
static void help_on_a_usual_screen(void **state)
{
    (void)state;
    struct scene s;
    begin_sized(&s, 30, 24, 80);
    keys(&s, "?");
    const char *side = "\u2502";
    assert_true(str_starts(line(&s, 6), side) && str_ends(line(&s, 6), side));
    end(&s);
}

static void pausing(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    keys(&s, "Z");
    assert_has(&s, "PAUSED");
    fake_publish(&s.fake, 31);
    wake(&s);
    clock_pin(NOW + 3600 * 24 * 500);
    assert_has(&s, "  30");
    assert_has(&s, "400d"); // the clock stands still too
    keys(&s, "I");
    assert_line(&s, 4, " row-000029"); // sorting still works
    keys(&s, "Z");
    assert_false(has(&s, "PAUSED"));
    assert_line(&s, 4, " row-000030");
    assert_false(has(&s, "400d"));
    end(&s);
}

static void header_and_width(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    assert_false(has(&s, "NOTE"));
    keys(&s, "w");
    assert_has(&s, "NOTE");
    keys(&s, "#");
    assert_line(&s, 0, " Apples");
    keys(&s, "ZF");
    assert_true(str_ends(line(&s, 0), "FOLLOW PAUSED"));
    keys(&s, "#");
    assert_line(&s, 0, " gatetop");
    end(&s);
}

static void unknown_keys_do_nothing(void **state)
{
    (void)state;
    struct scene s;
    begin(&s, 30);
    struct grid before;
    grid_init(&before);
    grid_copy(&before, ui_draw(s.ui));
    static const uint32_t none[] = {'x',      'X',       0x1c,     0x13, 0x1a,
                                    K_DELETE, K_BACKTAB, K_F1 + 8, 0xe4, 0x1f600};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        key(&s, none[i]);
        assert_true(grid_equal(&before, ui_draw(s.ui)));
    }
    grid_release(&before);
    end(&s);
}

// --- speed

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void keys_are_quick_at_100000_rows(void **state)
{
    (void)state;
    struct scene s;
    begin_sized(&s, 100000, 50, 200);
    assert_true(ui_settle(s.ui, 20000));
    assert_has(&s, "100,000");
    static const char typed[] = "jjjGkkgIjjE/row-09!jA~^jjq>jj F";
    int64_t took[3 * (sizeof typed - 1)] = {0};
    size_t n = 0;
    for (int round = 0; round < 3; round++) {
        fake_publish(&s.fake, 100000 - round); // a change under way, too
        ui_wake(s.ui);
        ui_due(s.ui, true);
        for (const char *c = typed; *c != '\0'; c++) {
            int64_t begin_us =
                clock_thread_us(); // what a loaded machine takes away is not the dashboard's
            ui_key(s.ui, *c == '~'   ? K_ENTER
                         : *c == '!' ? K_ESC
                         : *c == '^' ? K_TAB
                                     : (uint32_t)*c);
            ui_settle(s.ui, 0); // what is there already, without waiting
            ui_draw(s.ui);
            took[n++] = clock_thread_us() - begin_us;
        }
        assert_true(ui_settle(s.ui, 20000));
    }
    qsort(took, n, sizeof *took, by_number);
    int64_t median = took[n / 2], most = took[n - 1];
    printf("# key to drawn at 100,000 rows, tables being built meanwhile: CPU of the UI thread: "
           "median %.1f ms, most %.1f ms\n",
           (double)median / 1000, (double)most / 1000);
#ifndef GATETOP_SANITIZED
    assert_in_range(most, 0, 16000);
#endif
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_screen_at_80x24),
        cmocka_unit_test(every_size_is_drawn),
        cmocka_unit_test(before_the_first_snapshot),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(moving),
        cmocka_unit_test(the_selection_is_the_row_not_the_place),
        cmocka_unit_test(untouched_the_cursor_stays_at_the_top),
        cmocka_unit_test(a_row_that_goes_leaves_its_neighbour),
        cmocka_unit_test(following_keeps_the_line),
        cmocka_unit_test(marks),
        cmocka_unit_test(sorting),
        cmocka_unit_test(filtering),
        cmocka_unit_test(rows_on_screen_are_reported),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(details_below_the_table),
        cmocka_unit_test(details_are_live),
        cmocka_unit_test(searching_in_text),
        cmocka_unit_test(yaml),
        cmocka_unit_test(traces),
        cmocka_unit_test(help_over_live_data),
        cmocka_unit_test(narrowed_views_and_history),
        cmocka_unit_test(deep_and_long_histories),
        cmocka_unit_test(related_and_events),
        cmocka_unit_test(another_context_ends_a_pause),
        cmocka_unit_test(commands_and_completion),
        cmocka_unit_test(columns_without_room),
        cmocka_unit_test(help_on_a_usual_screen),
        cmocka_unit_test(pausing),
        cmocka_unit_test(header_and_width),
        cmocka_unit_test(unknown_keys_do_nothing),
        cmocka_unit_test(keys_are_quick_at_100000_rows),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
