// SPDX-License-Identifier: Apache-2.0
// The key table and the names of keys.
#include "tui/screen/keys.h"

#include "kube/base/text.h"

#include <string.h>

// clang-format off
const struct binding bindings[] = {
    {"j down",              IN_TABLE | IN_TEXT, CMD_DOWN,        NULL,      "move down"},
    {"k up",                IN_TABLE | IN_TEXT, CMD_UP,          NULL,      "move up"},
    {"g home",              IN_TABLE | IN_TEXT, CMD_TOP,         NULL,      "first row or line"},
    {"G end",               IN_TABLE | IN_TEXT, CMD_BOTTOM,      NULL,      "last row or line"},
    {"ctrl-d",              IN_TABLE | IN_TEXT, CMD_HALF_DOWN,   NULL,      "half a page down"},
    {"ctrl-u",              IN_TABLE | IN_TEXT, CMD_HALF_UP,     NULL,      "half a page up"},
    {"ctrl-f pgdn",         IN_TABLE | IN_TEXT, CMD_PAGE_DOWN,   NULL,      "a page down"},
    {"ctrl-b pgup",         IN_TABLE | IN_TEXT, CMD_PAGE_UP,     NULL,      "a page up"},
    {"left",                IN_TEXT,            CMD_LEFT,        NULL,      "scroll left (not wrapped)"},
    {"right",               IN_TEXT,            CMD_RIGHT,       NULL,      "scroll right (not wrapped)"},
    {"enter",               IN_TABLE,           CMD_OPEN,        "open",    "open the row: its chain, or the view it leads to"},
    {"enter",               IN_TEXT,            CMD_FOLD,        NULL,      "fold or unfold managedFields in YAML"},
    {"esc backspace",       IN_TABLE | IN_TEXT, CMD_BACK,        NULL,      "back one level; clears the filter or search first"},
    {"/",                   IN_TABLE,           CMD_FILTER,      "filter",  "filter rows: all words must appear, !word must not"},
    {"/",                   IN_TEXT,            CMD_SEARCH,      "search",  "search in the text"},
    {"n",                   IN_TEXT,            CMD_NEXT_HIT,    "next",    "next hit of the search"},
    {"N",                   IN_TEXT,            CMD_PREVIOUS_HIT, NULL,     "previous hit of the search"},
    {":",                   IN_TABLE | IN_TEXT, CMD_PROMPT,      "view",    "command or view; Tab completes"},
    {"?  f1",               IN_TABLE | IN_TEXT, CMD_HELP,        "help",    "this help"},
    {"\\",                  IN_TABLE,           CMD_CLEAR_FILTER, NULL,     "clear the filter"},
    {"d",                   IN_TABLE | IN_TEXT, CMD_DETAILS,     "details", "details of the row"},
    {"y",                   IN_TABLE | IN_TEXT, CMD_YAML,        "yaml",    "the object as YAML, asked from the server now"},
    {"e",                   IN_TABLE | IN_TEXT, CMD_EVENTS,      "events",  "events of the object"},
    {"t f5",                IN_TABLE | IN_TEXT, CMD_TRACE,       "trace",   "trace a request, this row's host filled in"},
    {"J",                   IN_TABLE | IN_TEXT, CMD_RELATED,     NULL,      "jump to the owner or to what belongs to the row"},
    {"p",                   IN_TABLE | IN_TEXT, CMD_PROBE,       NULL,      "ask gateways now what they serve for the row (TLS)"},
    {"< ,",                 IN_TABLE,           CMD_SORT_LEFT,   NULL,      "sort by the column to the left"},
    {"> . f6",              IN_TABLE,           CMD_SORT_RIGHT,  "sort",    "sort by the column to the right"},
    {"I",                   IN_TABLE,           CMD_SORT_INVERT, NULL,      "turn the order around"},
    {"N",                   IN_TABLE,           CMD_SORT_NAME,   NULL,      "sort by name"},
    {"space",               IN_TABLE,           CMD_MARK,        NULL,      "mark the row"},
    {"space",               IN_TEXT,            CMD_PAGE_DOWN,   NULL,      "a page down"},
    {"tab",                 IN_TABLE | IN_TEXT, CMD_NEXT_PANE,   NULL,      "the other pane"},
    {"0",                   IN_TABLE,           CMD_NS_ALL,      NULL,      "all namespaces"},
    {"1 2 3 4 5 6 7 8 9",   IN_TABLE,           CMD_NS_RECENT,   NULL,      "the namespaces used last"},
    {"[",                   IN_TABLE | IN_TEXT, CMD_HISTORY_BACK,    NULL,  "back in the history of views"},
    {"]",                   IN_TABLE | IN_TEXT, CMD_HISTORY_FORWARD, NULL,  "forward in the history of views"},
    {"-",                   IN_TABLE | IN_TEXT, CMD_LAST_VIEW,   NULL,      "the last view"},
    {"F",                   IN_TABLE,           CMD_FOLLOW,      NULL,      "follow the row: it keeps its line while others move"},
    {"Z",                   IN_TABLE | IN_TEXT, CMD_PAUSE,       NULL,      "pause updates"},
    {"w",                   IN_TABLE,           CMD_WIDE,        NULL,      "all columns"},
    {"w",                   IN_TEXT,            CMD_WRAP,        NULL,      "wrap long lines"},
    {"#",                   IN_TABLE | IN_TEXT, CMD_HEADER,      NULL,      "hide or show the header"},
    {"ctrl-r",              IN_TABLE | IN_TEXT, CMD_RELIST,      NULL,      "list again from the server"},
    {"ctrl-l",              IN_TABLE | IN_TEXT | IN_PROMPT, CMD_REPAINT, NULL, "repaint the screen"},
    {"q",                   IN_TABLE | IN_TEXT, CMD_CLOSE,       "quit",    "close the pane or view; in the first view, quit"},
    {"Q",                   IN_TABLE | IN_TEXT, CMD_QUIT,        NULL,      "quit now; Ctrl-C and :q do too"},

    {"enter",               IN_PROMPT,          CMD_ACCEPT,      "accept",  "accept"},
    {"esc",                 IN_PROMPT,          CMD_CANCEL,      "cancel",  "cancel; a filter is cleared"},
    {"tab",                 IN_PROMPT,          CMD_COMPLETE,    "complete", "complete the word, again for the next"},
    {"backspace",           IN_PROMPT,          CMD_RUB_OUT,     NULL,      "delete the character before; closes an empty line"},
    {"ctrl-w",              IN_PROMPT,          CMD_RUB_WORD,    NULL,      "delete the word before"},
    {"ctrl-u",              IN_PROMPT,          CMD_RUB_LINE,    NULL,      "delete to the start"},
    {"delete",              IN_PROMPT,          CMD_DELETE_CHAR, NULL,      "delete the character under the cursor"},
    {"left ctrl-b",         IN_PROMPT,          CMD_CHAR_LEFT,   NULL,      "left"},
    {"right ctrl-f",        IN_PROMPT,          CMD_CHAR_RIGHT,  NULL,      "right"},
    {"home ctrl-a",         IN_PROMPT,          CMD_LINE_START,  NULL,      "start of the line"},
    {"end ctrl-e",          IN_PROMPT,          CMD_LINE_END,    NULL,      "end of the line"},
    {"up ctrl-p",           IN_PROMPT,          CMD_OLDER,       NULL,      "older line"},
    {"down ctrl-n",         IN_PROMPT,          CMD_NEWER,       NULL,      "newer line"},
};
// clang-format on
const int nbindings = (int)(sizeof bindings / sizeof *bindings);

// clang-format off
static const struct {
    const char *name, *shown;
    uint32_t key;
} names[] = {
    {"up", "Up", K_UP},          {"down", "Down", K_DOWN},       {"left", "Left", K_LEFT},
    {"right", "Right", K_RIGHT}, {"home", "Home", K_HOME},       {"end", "End", K_END},
    {"pgup", "PgUp", K_PGUP},    {"pgdn", "PgDn", K_PGDN},       {"tab", "Tab", K_TAB},
    {"enter", "Enter", K_ENTER}, {"esc", "Esc", K_ESC},          {"space", "Space", K_SPACE},
    {"backspace", "Backspace", K_BACKSPACE}, {"delete", "Del", K_DELETE}, {"backtab", "Shift-Tab", K_BACKTAB},
};
// clang-format on
#define NNAMES (sizeof names / sizeof *names)

uint32_t key_parse(const char *name, size_t n)
{
    for (size_t i = 0; i < NNAMES; i++) {
        if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0) {
            return names[i].key;
        }
    }
    if (n == 6 && memcmp(name, "ctrl-", 5) == 0 && name[5] >= 'a' && name[5] <= 'z') {
        return K_CTRL(name[5]);
    }
    if ((n == 2 || n == 3) && name[0] == 'f' && name[1] >= '1' && name[1] <= '9') {
        int f = name[1] - '0';
        if (n == 3) {
            if (name[2] < '0' || name[2] > '9') {
                return 0;
            }
            f = f * 10 + (name[2] - '0');
        }
        return f <= 12 ? (uint32_t)(K_F1 + f - 1) : 0;
    }
    uint32_t cp;
    if (n == 0 || utf8_next(name, n, &cp) != n || text_is_control(cp)) {
        return 0;
    }
    return cp;
}

const char *key_text(struct arena *a, uint32_t key)
{
    for (size_t i = 0; i < NNAMES; i++) {
        if (names[i].key == key) {
            return names[i].shown;
        }
    }
    if (key >= K_F1 && key <= K_F12) {
        return arena_printf(a, "F%u", (unsigned)(key - K_F1 + 1));
    }
    if (key < 32) {
        return arena_printf(a, "Ctrl-%c", (int)(key + 'A' - 1));
    }
    char u[5] = "";
    if (key < K_SPECIAL) {
        u[utf8_put(key, u)] = '\0';
    }
    return arena_strdup(a, u);
}

// Calls for each key of a list; stops where `each` says so.
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

struct key_list {
    struct arena *arena;
    const char *text;
};

static bool add_name(void *self, const char *name, size_t n)
{
    struct key_list *l = self;
    const char *shown = key_text(l->arena, key_parse(name, n));
    l->text = l->text == NULL ? shown : arena_printf(l->arena, "%s, %s", l->text, shown);
    return true;
}

const char *binding_keys(struct arena *a, const struct binding *b)
{
    if (b->command == CMD_NS_RECENT) {
        return "1-9";
    }
    struct key_list l = {a, NULL};
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

const struct binding *key_find(enum key_context context, uint32_t key)
{
    for (int i = 0; i < nbindings; i++) {
        if ((bindings[i].contexts & (unsigned)context) != 0 && has_key(&bindings[i], key)) {
            return &bindings[i];
        }
    }
    return NULL;
}

struct key_check {
    const struct binding *table, *row;
    struct err *err;
};

static bool check_one(void *self, const char *name, size_t n)
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

bool keys_check(const struct binding *table, int n, const struct view *const *all, struct err *err)
{
    for (int i = 0; i < n; i++) {
        struct key_check c = {table, &table[i], err};
        if (!each_key(table[i].keys, check_one, &c)) {
            return false;
        }
    }
    for (; all != NULL && *all != NULL; all++) {
        const struct view *v = *all;
        for (int c = 0; c < v->ncolumns; c++) {
            uint32_t key = (uint32_t)(unsigned char)v->columns[c].key;
            for (int i = 0; key != 0 && i < n; i++) {
                if ((table[i].contexts & IN_TABLE) != 0 && has_key(&table[i], key)) {
                    return err_set(err, ERR_INTERNAL,
                                   "key '%c' is bound twice: '%s' and column '%s' of '%s'",
                                   (int)key, table[i].help, v->columns[c].title, v->name);
                }
            }
            for (int d = 0; key != 0 && d < c; d++) {
                if (v->columns[d].key == v->columns[c].key) {
                    return err_set(err, ERR_INTERNAL,
                                   "key '%c' sorts by both '%s' and '%s' of '%s'", (int)key,
                                   v->columns[d].title, v->columns[c].title, v->name);
                }
            }
        }
    }
    return true;
}
