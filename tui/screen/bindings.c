// SPDX-License-Identifier: Apache-2.0
// The table of keys: those of docs/rules/terminal.md#keys, none of which deletes
// (docs/rules/terminal.md#keys-delete-nothing).
#include "tui/screen/bindings.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"

#include "tui/screen/actions.h"
#include "tui/screen/keys.h"

#include <string.h>

#define PANES (IN_TABLE | IN_TEXT)

// clang-format off
const struct binding bindings[] = {
    {.keys = "j down", .contexts = PANES, .act = action_down, .help = "move down"},
    {.keys = "k up", .contexts = PANES, .act = action_up, .help = "move up"},
    {.keys = "g home", .contexts = PANES, .act = action_top, .help = "first row or line"},
    {.keys = "G end", .contexts = PANES, .act = action_bottom, .help = "last row or line"},
    {.keys = "ctrl-d", .contexts = PANES, .act = action_half_page_down, .help = "half a page down"},
    {.keys = "ctrl-u", .contexts = PANES, .act = action_half_page_up, .help = "half a page up"},
    {.keys = "ctrl-f pgdn", .contexts = PANES, .act = action_page_down, .help = "a page down"},
    {.keys = "ctrl-b pgup", .contexts = PANES, .act = action_page_up, .help = "a page up"},
    {.keys = "left", .contexts = IN_TEXT, .act = action_left, .help = "scroll left (not wrapped)"},
    {.keys = "right", .contexts = IN_TEXT, .act = action_right, .help = "scroll right (not wrapped)"},
    {.keys = "enter", .contexts = IN_TABLE, .act = action_details, .hint = "open", .help = "open the details of the row"},
    {.keys = "enter", .contexts = IN_TEXT, .act = action_fold, .help = "fold or unfold managedFields in YAML"},
    {.keys = "esc backspace", .contexts = PANES, .act = action_back, .help = "back one level; clears the filter or search first"},
    {.keys = "/", .contexts = IN_TABLE, .act = action_filter_prompt, .hint = "filter", .help = "filter rows: words, !word, broken, !ok, ns:a, host:b"},
    {.keys = "/", .contexts = IN_TEXT, .act = action_search_prompt, .hint = "search", .help = "search in the text"},
    {.keys = "n", .contexts = IN_TABLE, .act = action_next_fault, .help = "next row that is broken or has a warning"},
    {.keys = "n", .contexts = IN_TEXT, .act = action_next_hit, .hint = "next", .hint_in_search = true, .help = "next hit of the search"},
    {.keys = "N", .contexts = IN_TEXT, .act = action_previous_hit, .help = "previous hit of the search"},
    {.keys = ":", .contexts = PANES, .act = action_command_prompt, .hint = "view", .help = "command or view; Tab completes"},
    {.keys = "?  f1", .contexts = PANES, .act = action_help, .hint = "help", .help = "this help"},
    {.keys = "\\", .contexts = IN_TABLE, .act = action_clear_filter, .help = "clear the filter"},
    {.keys = "d", .contexts = PANES, .act = action_details, .hint = "details", .help = "details of the row"},
    {.keys = "y", .contexts = PANES, .act = action_yaml, .hint = "yaml", .help = "the object's YAML, fetched from the server now"},
    {.keys = "e", .contexts = PANES, .act = action_events, .hint = "events", .help = "events of the object"},
    {.keys = "t f5", .contexts = PANES, .act = action_trace_prompt, .hint = "trace", .help = "trace a request to this row's host"},
    {.keys = "J", .contexts = PANES, .act = action_related, .help = "jump to the row's owner or to what belongs to it"},
    {.keys = "a", .contexts = PANES, .act = action_applications, .hint = "apps", .help = "all applications, at the first that the row hits"},
    {.keys = "p", .contexts = PANES, .act = action_probe, .help = "connect to the gateways to see what they serve (TLS)"},
    {.keys = "< ,", .contexts = IN_TABLE, .act = action_sort_left, .help = "sort by the column to the left"},
    {.keys = "> . f6", .contexts = IN_TABLE, .act = action_sort_right, .hint = "sort", .help = "sort by the column to the right"},
    {.keys = "I", .contexts = IN_TABLE, .act = action_sort_invert, .help = "reverse the order"},
    {.keys = "N", .contexts = IN_TABLE, .act = action_sort_name, .help = "sort by name"},
    {.keys = "space", .contexts = IN_TABLE, .act = action_mark, .help = "mark the row"},
    {.keys = "space", .contexts = IN_TEXT, .act = action_page_down, .help = "a page down"},
    {.keys = "tab", .contexts = PANES, .act = action_next_pane, .help = "the other pane"},
    {.keys = "0", .contexts = IN_TABLE, .act = action_all_namespaces, .help = "all namespaces"},
    {.keys = "1 2 3 4 5 6 7 8 9", .contexts = IN_TABLE, .act = action_recent_namespace, .shown = "1-9", .help = "the recently used namespaces"},
    {.keys = "[", .contexts = PANES, .act = action_history_back, .help = "back in the history of views"},
    {.keys = "]", .contexts = PANES, .act = action_history_forward, .help = "forward in the history of views"},
    {.keys = "-", .contexts = PANES, .act = action_last_view, .help = "the last view"},
    {.keys = "F", .contexts = IN_TABLE, .act = action_follow, .help = "follow the row: it keeps its line while others move"},
    {.keys = "Z", .contexts = PANES, .act = action_pause, .help = "pause updates"},
    {.keys = "w", .contexts = IN_TABLE, .act = action_wide, .help = "all columns"},
    {.keys = "w", .contexts = IN_TEXT, .act = action_wrap, .help = "wrap long lines"},
    {.keys = "#", .contexts = PANES, .act = action_header, .help = "hide or show the header"},
    {.keys = "ctrl-r", .contexts = PANES, .act = action_relist, .help = "list again from the server"},
    {.keys = "ctrl-l", .contexts = IN_TABLE | IN_TEXT | IN_PROMPT, .act = action_repaint, .help = "repaint the screen"},
    {.keys = "q", .contexts = PANES, .act = action_close, .hint = "quit", .help = "close the pane or view; in the first view, quit"},
    {.keys = "Q", .contexts = PANES, .act = action_quit, .help = "quit now; Ctrl-C and :q do too"},

    {.keys = "enter", .contexts = IN_PROMPT, .edit = prompt_accept, .hint = "accept", .help = "accept"},
    {.keys = "esc", .contexts = IN_PROMPT, .edit = prompt_cancel, .hint = "cancel", .help = "cancel; clears a filter"},
    {.keys = "tab", .contexts = IN_PROMPT, .edit = prompt_want_completion, .hint = "complete", .help = "complete the word, again for the next"},
    {.keys = "backspace", .contexts = IN_PROMPT, .edit = prompt_backspace, .help = "delete the previous character; closes an empty line"},
    {.keys = "ctrl-w", .contexts = IN_PROMPT, .edit = prompt_kill_word, .help = "delete the previous word"},
    {.keys = "ctrl-u", .contexts = IN_PROMPT, .edit = prompt_kill_line, .help = "delete to the start of the line"},
    {.keys = "delete", .contexts = IN_PROMPT, .edit = prompt_delete, .help = "delete the character under the cursor"},
    {.keys = "left ctrl-b", .contexts = IN_PROMPT, .edit = prompt_left, .help = "left"},
    {.keys = "right ctrl-f", .contexts = IN_PROMPT, .edit = prompt_right, .help = "right"},
    {.keys = "home ctrl-a", .contexts = IN_PROMPT, .edit = prompt_line_start, .help = "start of the line"},
    {.keys = "end ctrl-e", .contexts = IN_PROMPT, .edit = prompt_line_end, .help = "end of the line"},
    {.keys = "up ctrl-p", .contexts = IN_PROMPT, .edit = prompt_older_line, .help = "the previous line typed"},
    {.keys = "down ctrl-n", .contexts = IN_PROMPT, .edit = prompt_newer_line, .help = "the next line typed"},
};
// clang-format on
const size_t binding_count = ARRAY_COUNT(bindings);

// Calls for each key of a list; stops where `each` returns false.
static bool each_key(const char *keys, bool (*each)(void *self, const char *name, size_t n),
                     void *self)
{
    for (const char *p = keys; *p != '\0';) {
        size_t n = strcspn(p, " ");
        if (n > 0 && !each(self, p, n)) {
            return false;
        }
        p += n;
        p += strspn(p, " ");
    }
    return true;
}

struct key_names {
    struct arena *arena;
    const char *text;
};

static bool add_name(void *self, const char *name, size_t n)
{
    struct key_names *l = self;
    const char *shown = key_text(l->arena, key_parse(name, n));
    l->text = l->text == NULL ? shown : arena_printf(l->arena, "%s, %s", l->text, shown);
    return true;
}

const char *binding_keys(struct arena *a, const struct binding *b)
{
    if (b->shown != NULL) {
        return b->shown;
    }
    struct key_names l = {a, NULL};
    each_key(b->keys, add_name, &l);
    return l.text;
}

static bool differs(void *self, const char *name, size_t n)
{
    return key_parse(name, n) != *(uint32_t *)self;
}

static bool has_key(const struct binding *b, uint32_t key)
{
    return !each_key(b->keys, differs, &key);
}

const struct binding *binding_find(enum key_context context, uint32_t key)
{
    for (size_t i = 0; i < binding_count; i++) {
        if ((bindings[i].contexts & (unsigned)context) != 0 && has_key(&bindings[i], key)) {
            return &bindings[i];
        }
    }
    return NULL;
}

// Rows from table to before row have been checked.
struct key_check {
    const struct binding *table, *row;
    struct err *err;
};

static bool check_key(void *self, const char *name, size_t n)
{
    struct key_check *c = self;
    uint32_t key = key_parse(name, n);
    if (key == 0) {
        return err_set(c->err, ERR_INTERNAL, "no key is called '%.*s'", (int)n, name);
    }
    for (const struct binding *b = c->table; b < c->row; b++) {
        if ((b->contexts & c->row->contexts) != 0 && has_key(b, key)) {
            return err_set(c->err, ERR_INTERNAL, "key '%.*s' is bound twice: '%s' and '%s'", (int)n,
                           name, b->help, c->row->help);
        }
    }
    return true;
}

// Whether no key bound in tables, and no column before this one, is a column's letter.
static bool check_column(const struct key_check *c, const struct view *v, int column)
{
    const struct column *col = &v->columns[column];
    uint32_t key = (uint32_t)(unsigned char)col->key;
    for (const struct binding *b = c->table; b < c->row; b++) {
        if ((b->contexts & IN_TABLE) != 0 && has_key(b, key)) {
            return err_set(c->err, ERR_INTERNAL,
                           "key '%c' is bound twice: '%s' and column '%s' of '%s'", (int)key,
                           b->help, col->title, v->name);
        }
    }
    for (int i = 0; i < column; i++) {
        if (v->columns[i].key == col->key) {
            return err_set(c->err, ERR_INTERNAL, "key '%c' sorts by both '%s' and '%s' of '%s'",
                           (int)key, v->columns[i].title, col->title, v->name);
        }
    }
    return true;
}

bool bindings_check(const struct binding *table, size_t n, const struct view *const *all,
                    struct err *err)
{
    struct key_check c = {table, table, err};
    for (; c.row < table + n; c.row++) {
        if (!each_key(c.row->keys, check_key, &c)) {
            return false;
        }
    }
    for (; all != NULL && *all != NULL; all++) {
        for (int i = 0; i < (*all)->ncolumns; i++) {
            if ((*all)->columns[i].key != 0 && !check_column(&c, *all, i)) {
                return false;
            }
        }
    }
    return true;
}

enum prompt_event prompt_key(struct prompt *p, uint32_t key)
{
    const struct binding *b = binding_find(IN_PROMPT, key);
    prompt_fn *edit = b != NULL ? b->edit : NULL;
    if (edit != prompt_want_completion) {
        prompt_end_completion(p);
    }
    return edit != NULL ? edit(p) : prompt_insert(p, key);
}
