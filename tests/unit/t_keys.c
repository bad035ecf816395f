// SPDX-License-Identifier: Apache-2.0
// The key table: names, contexts, no key twice, the promised keys (docs/rules/terminal.md#keys), and help for each.
#include "kube/base/text.h"

#include "views/view_list.h"

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
    assert_true(keys_check(bindings, nbindings, fake_views, &err));
    if (!keys_check(bindings, nbindings, views, &err)) { // the real ones
        fail_msg("%s", err.msg);
    }
    for (int i = 0; i < nbindings; i++) {
        assert_true(strlen(bindings[i].help) > 2);
        assert_true(text_width(bindings[i].help) <= 54); // a line of the help screen
        assert_true(bindings[i].contexts != 0);
        assert_int_not_equal(bindings[i].command, CMD_NONE);
        assert_null(strpbrk(bindings[i].help, "\t\n"));
    }
}

static void a_key_twice_is_refused_with_both_names(void **state)
{
    (void)state;
    static const struct binding twice[] = {
        {"j down", IN_TABLE | IN_TEXT, CMD_DOWN, NULL, "move down"},
        {"x", IN_TABLE, CMD_MARK, NULL, "mark the row"},
        {"down", IN_TEXT, CMD_UP, NULL, "somewhere else"}};
    static const struct binding apart[] = {{"j", IN_TABLE, CMD_DOWN, NULL, "move down"},
                                           {"j", IN_TEXT, CMD_UP, NULL, "somewhere else"}};
    static const struct binding unknown[] = {{"j hyper-q", IN_TABLE, CMD_DOWN, NULL, "move down"}};
    static const struct binding column[] = {{"H", IN_TABLE, CMD_DOWN, NULL, "move down"}};
    struct err err;
    assert_false(keys_check(twice, 3, NULL, &err));
    assert_string_equal(err.msg, "key 'down' is bound twice: 'move down' and 'somewhere else'");
    assert_true(keys_check(apart, 2, NULL, &err));
    assert_false(keys_check(unknown, 1, NULL, &err));
    assert_string_equal(err.msg, "no key is called 'hyper-q'");
    assert_false(keys_check(column, 1, fake_views, &err)); // HOST sorts by H
    assert_non_null(strstr(err.msg, "'HOST' of 'apples'"));
}

// docs/rules/terminal.md#keys, docs/rules/terminal.md#keys-of-the-terminal.
static void the_promised_keys_are_there(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        enum command_id in_table, in_text;
    } promised[] = {
        {"j", CMD_DOWN, CMD_DOWN},
        {"k", CMD_UP, CMD_UP},
        {"down", CMD_DOWN, CMD_DOWN},
        {"up", CMD_UP, CMD_UP},
        {"g", CMD_TOP, CMD_TOP},
        {"G", CMD_BOTTOM, CMD_BOTTOM},
        {"home", CMD_TOP, CMD_TOP},
        {"end", CMD_BOTTOM, CMD_BOTTOM},
        {"ctrl-d", CMD_HALF_DOWN, CMD_HALF_DOWN},
        {"ctrl-u", CMD_HALF_UP, CMD_HALF_UP},
        {"ctrl-f", CMD_PAGE_DOWN, CMD_PAGE_DOWN},
        {"ctrl-b", CMD_PAGE_UP, CMD_PAGE_UP},
        {"pgdn", CMD_PAGE_DOWN, CMD_PAGE_DOWN},
        {"pgup", CMD_PAGE_UP, CMD_PAGE_UP},
        {"space", CMD_MARK, CMD_PAGE_DOWN},
        {"enter", CMD_OPEN, CMD_FOLD},
        {"esc", CMD_BACK, CMD_BACK},
        {"backspace", CMD_BACK, CMD_BACK},
        {"q", CMD_CLOSE, CMD_CLOSE},
        {"Q", CMD_QUIT, CMD_QUIT},
        {":", CMD_PROMPT, CMD_PROMPT},
        {"/", CMD_FILTER, CMD_SEARCH},
        {"n", CMD_NONE, CMD_NEXT_HIT},
        {"N", CMD_SORT_NAME, CMD_PREVIOUS_HIT},
        {"\\", CMD_CLEAR_FILTER, CMD_NONE},
        {"?", CMD_HELP, CMD_HELP},
        {"f1", CMD_HELP, CMD_HELP},
        {"tab", CMD_NEXT_PANE, CMD_NEXT_PANE},
        {"0", CMD_NS_ALL, CMD_NONE},
        {"1", CMD_NS_RECENT, CMD_NONE},
        {"9", CMD_NS_RECENT, CMD_NONE},
        {"[", CMD_HISTORY_BACK, CMD_HISTORY_BACK},
        {"]", CMD_HISTORY_FORWARD, CMD_HISTORY_FORWARD},
        {"-", CMD_LAST_VIEW, CMD_LAST_VIEW},
        {"<", CMD_SORT_LEFT, CMD_NONE},
        {">", CMD_SORT_RIGHT, CMD_NONE},
        {".", CMD_SORT_RIGHT, CMD_NONE},
        {"f6", CMD_SORT_RIGHT, CMD_NONE},
        {"I", CMD_SORT_INVERT, CMD_NONE},
        {"t", CMD_TRACE, CMD_TRACE},
        {"f5", CMD_TRACE, CMD_TRACE},
        {"F", CMD_FOLLOW, CMD_NONE},
        {"Z", CMD_PAUSE, CMD_PAUSE},
        {"y", CMD_YAML, CMD_YAML},
        {"d", CMD_DETAILS, CMD_DETAILS},
        {"e", CMD_EVENTS, CMD_EVENTS},
        {"J", CMD_RELATED, CMD_RELATED},
        {"p", CMD_PROBE, CMD_PROBE},
        {"w", CMD_WIDE, CMD_WRAP},
        {"#", CMD_HEADER, CMD_HEADER},
        {"ctrl-r", CMD_RELIST, CMD_RELIST},
        {"ctrl-l", CMD_REPAINT, CMD_REPAINT},
        // left to the terminal
        {"ctrl-z", CMD_NONE, CMD_NONE},
        {"ctrl-s", CMD_NONE, CMD_NONE},
    };
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++) {
        uint32_t key = key_parse(promised[i].key, strlen(promised[i].key));
        assert_int_not_equal(key, 0);
        const struct binding *table = key_find(IN_TABLE, key), *text = key_find(IN_TEXT, key);
        assert_int_equal(table != NULL ? table->command : CMD_NONE, promised[i].in_table);
        assert_int_equal(text != NULL ? text->command : CMD_NONE, promised[i].in_text);
    }
    assert_null(key_find(IN_TABLE, 28));       // Ctrl-\ .
    assert_null(key_find(IN_TABLE, K_DELETE)); // gatetop deletes nothing
}

static void lists_of_keys_for_people(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a);
    assert_string_equal(binding_keys(&a, key_find(IN_TABLE, 'j')), "j, Down");
    assert_string_equal(binding_keys(&a, key_find(IN_TABLE, '5')), "1-9");
    assert_string_equal(binding_keys(&a, key_find(IN_TABLE, '?')), "?, F1");
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
