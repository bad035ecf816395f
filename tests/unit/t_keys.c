// SPDX-License-Identifier: Apache-2.0
// The key table: names, contexts, no key twice, the promised keys (docs/rules/terminal.md#keys), and help for each.
#include "kube/base/arena.h"
#include "kube/base/err.h"
#include "kube/base/text.h"

#include "views/view_list.h"

#include "tui/screen/actions.h"
#include "tui/screen/bindings.h"
#include "tui/screen/keys.h"

#include "tests/support/fakeview.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

static void names_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t key;
    } cases[] = {{"j", 'j'},
                 {"G", 'G'},
                 {"ctrl-d", 4},
                 {"space", ' '},
                 {"enter", 13},
                 {"esc", 27},
                 {"tab", 9},
                 {"up", K_UP},
                 {"f1", K_F1},
                 {"f12", K_F1 + 11},
                 {"backspace", K_BACKSPACE},
                 {"\\", '\\'},
                 {"ä", 0xe4},
                 {"f0", 0},
                 {"f13", 0},
                 {"ctrl-", 0},
                 {"ctrl-1", 0},
                 {"nothing", 0},
                 {"", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(key_parse(cases[i].name, strlen(cases[i].name)), cases[i].key);
    }
    struct arena a;
    arena_init(&a);
    assert_string_equal(key_text(&a, 4), "Ctrl-D");
    assert_string_equal(key_text(&a, K_F1 + 4), "F5");
    assert_string_equal(key_text(&a, K_PGDN), "PgDn");
    assert_string_equal(key_text(&a, 'J'), "J");
    arena_release(&a);
}

static void the_table_is_sound(void **state)
{
    (void)state;
    struct err err;
    assert_true(bindings_check(bindings, binding_count, fake_views, &err));
    if (!bindings_check(bindings, binding_count, views, &err)) { // the real ones
        fail_msg("%s", err.msg);
    }
    for (size_t i = 0; i < binding_count; i++) {
        assert_true(strlen(bindings[i].help) > 2);
        assert_true(text_width(bindings[i].help) <= 54); // a line of the help screen
        assert_true(bindings[i].contexts != 0);
        // One of the two functions, that of the context.
        assert_true((bindings[i].act != NULL) != (bindings[i].edit != NULL));
        assert_true(bindings[i].edit == NULL || bindings[i].contexts == IN_PROMPT);
        assert_null(strpbrk(bindings[i].help, "\t\n"));
    }
}

static void a_key_twice_is_refused_with_both_names(void **state)
{
    (void)state;
    static const struct binding twice[] = {
        {.keys = "j down", .contexts = IN_TABLE | IN_TEXT, .act = action_down, .help = "move down"},
        {.keys = "x", .contexts = IN_TABLE, .act = action_mark, .help = "mark the row"},
        {.keys = "down", .contexts = IN_TEXT, .act = action_up, .help = "somewhere else"}};
    static const struct binding apart[] = {
        {.keys = "j", .contexts = IN_TABLE, .act = action_down, .help = "move down"},
        {.keys = "j", .contexts = IN_TEXT, .act = action_up, .help = "somewhere else"}};
    static const struct binding unknown[] = {
        {.keys = "j hyper-q", .contexts = IN_TABLE, .act = action_down, .help = "move down"}};
    static const struct binding column[] = {
        {.keys = "H", .contexts = IN_TABLE, .act = action_down, .help = "move down"}};
    struct err err;
    assert_false(bindings_check(twice, 3, NULL, &err));
    assert_string_equal(err.msg, "key 'down' is bound twice: 'move down' and 'somewhere else'");
    assert_true(bindings_check(apart, 2, NULL, &err));
    assert_false(bindings_check(unknown, 1, NULL, &err));
    assert_string_equal(err.msg, "no key is called 'hyper-q'");
    assert_false(bindings_check(column, 1, fake_views, &err)); // HOST sorts by H
    assert_non_null(strstr(err.msg, "'HOST' of 'apples'"));
}

// docs/rules/terminal.md#keys, docs/rules/terminal.md#keys-of-the-terminal.
static void the_promised_keys_are_there(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        action_fn *in_table, *in_text;
    } promised[] = {
        {"j", action_down, action_down},
        {"k", action_up, action_up},
        {"down", action_down, action_down},
        {"up", action_up, action_up},
        {"g", action_top, action_top},
        {"G", action_bottom, action_bottom},
        {"home", action_top, action_top},
        {"end", action_bottom, action_bottom},
        {"ctrl-d", action_half_page_down, action_half_page_down},
        {"ctrl-u", action_half_page_up, action_half_page_up},
        {"ctrl-f", action_page_down, action_page_down},
        {"ctrl-b", action_page_up, action_page_up},
        {"pgdn", action_page_down, action_page_down},
        {"pgup", action_page_up, action_page_up},
        {"space", action_mark, action_page_down},
        {"enter", action_details, action_fold},
        {"esc", action_back, action_back},
        {"backspace", action_back, action_back},
        {"q", action_close, action_close},
        {"Q", action_quit, action_quit},
        {":", action_command_prompt, action_command_prompt},
        {"/", action_filter_prompt, action_search_prompt},
        {"n", action_next_fault, action_next_hit},
        {"N", action_sort_name, action_previous_hit},
        {"\\", action_clear_filter, NULL},
        {"?", action_help, action_help},
        {"f1", action_help, action_help},
        {"tab", action_next_pane, action_next_pane},
        {"0", action_all_namespaces, NULL},
        {"1", action_recent_namespace, NULL},
        {"9", action_recent_namespace, NULL},
        {"[", action_history_back, action_history_back},
        {"]", action_history_forward, action_history_forward},
        {"-", action_last_view, action_last_view},
        {"<", action_sort_left, NULL},
        {">", action_sort_right, NULL},
        {".", action_sort_right, NULL},
        {"f6", action_sort_right, NULL},
        {"I", action_sort_invert, NULL},
        {"t", action_trace_prompt, action_trace_prompt},
        {"f5", action_trace_prompt, action_trace_prompt},
        {"F", action_follow, NULL},
        {"Z", action_pause, action_pause},
        {"y", action_yaml, action_yaml},
        {"d", action_details, action_details},
        {"e", action_events, action_events},
        {"J", action_related, action_related},
        {"p", action_probe, action_probe},
        {"a", action_applications, action_applications},
        {"w", action_wide, action_wrap},
        {"#", action_header, action_header},
        {"ctrl-r", action_relist, action_relist},
        {"ctrl-l", action_repaint, action_repaint},
        // left to the terminal
        {"ctrl-z", NULL, NULL},
        {"ctrl-s", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++) {
        uint32_t key = key_parse(promised[i].key, strlen(promised[i].key));
        assert_int_not_equal(key, 0);
        const struct binding *table = binding_find(IN_TABLE, key),
                             *text = binding_find(IN_TEXT, key);
        assert_true((table != NULL ? table->act : NULL) == promised[i].in_table);
        assert_true((text != NULL ? text->act : NULL) == promised[i].in_text);
    }
    for (uint32_t key = '1'; key <= '9'; key++) {
        assert_true(binding_find(IN_TABLE, key)->act == action_recent_namespace);
    }
    static const uint32_t of_the_terminal[] = {26, 19, 28}; // Ctrl-Z, Ctrl-S, Ctrl-\ .
    for (size_t i = 0; i < sizeof of_the_terminal / sizeof *of_the_terminal; i++) {
        assert_null(binding_find(IN_TABLE, of_the_terminal[i]));
        assert_null(binding_find(IN_TEXT, of_the_terminal[i]));
        assert_null(binding_find(IN_PROMPT, of_the_terminal[i]));
    }
    assert_null(binding_find(IN_TABLE, K_DELETE)); // gatetop deletes nothing
    assert_null(binding_find(IN_TEXT, K_DELETE));
    for (int f = 0; f < 12; f++) { // second names only
        const struct binding *b = binding_find(IN_TABLE, (uint32_t)(K_F1 + f));
        assert_true(b == NULL || strlen(b->keys) > strlen("f10"));
    }
    for (const char *letter = "FGIJNQZ"; *letter != '\0'; letter++) { // no column has them
        assert_non_null(binding_find(IN_TABLE, (uint32_t)*letter));
    }
}

static void lists_of_keys_for_people(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(binding_keys(&a, binding_find(IN_TABLE, 'j')), "j, Down");
    assert_string_equal(binding_keys(&a, binding_find(IN_TABLE, '5')), "1-9");
    assert_string_equal(binding_keys(&a, binding_find(IN_TABLE, '?')), "?, F1");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(a_key_twice_is_refused_with_both_names),
        cmocka_unit_test(the_promised_keys_are_there),
        cmocka_unit_test(lists_of_keys_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
