// SPDX-License-Identifier: Apache-2.0
// The dashboard's state, and the functions that change it. UI thread.
//
// The files, each of which calls only those before it:
//   ui_state.c    accessors, messages           actions.c       what keys do
//   ui_table.c    building and finding rows     commands.c  what is typed after ':'
//   ui_texts.c    text panes                    bindings.c      the table of keys
//   ui_pages.c    tables, history, namespaces   key_input.c     from a key to what it does
//   ui_data.c     what comes from the source    draw_*.c        the screen; loop.c runs all of it
#ifndef GATETOP_TUI_SCREEN_UI_INTERNAL_H
#define GATETOP_TUI_SCREEN_UI_INTERNAL_H

#include "kube/base/arena.h"
#include "kube/base/attr.h"

#include "tui/screen/pane.h"
#include "tui/screen/prompt.h"
#include "tui/screen/row_builder.h"
#include "tui/screen/ui.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    MAX_DEPTH = 8,   // tables over each other
    MAX_TEXTS = 4,   // text panes over each other
    MAX_PLACES = 32, // of the history
    MAX_RECENT = 9,  // namespaces that have a number
    SCREEN_MIN_ROWS = 5,
    SCREEN_MIN_COLUMNS = 20,
    BESIDE_MIN_COLUMNS = 160, // for a table beside another
};

// One table on the stack.
struct page {
    uint64_t id;
    const struct view *view;
    char *subject; // NULL: none
    bool typed;    // the subject was typed: it is not logged
    char *label;   // what is shown for it (a subject may be a uid), NULL: itself
    char *filter;  // NULL: none
    struct table_order order;
    char *selected; // key of the row under the cursor; NULL until the cursor moves: the first row
    uint32_t index; // where that row is, or was last
    uint32_t top;   // first row shown
    int height;     // rows shown, as last drawn
    int unseen;     // columns that had no room there
    bool lost;      // the followed row is gone; it may come back
    bool follow;
    int follow_line;         // line of the screen that the followed row keeps
    struct built_rows *rows; // NULL until the first build
    char **marks;            // keys of marked rows
    uint32_t nmarks, cap_marks;
};

enum text_kind { TEXT_DETAIL, TEXT_YAML, TEXT_TRACE, TEXT_CONTEXTS };

// A text pane over the table.
struct text_page {
    enum text_kind kind;
    char *key;      // of the row it is about, NULL: none
    char *title;    // "VirtualService apps/web"
    char *request;  // TEXT_TRACE
    bool gone;      // the row is no longer there
    bool pending;   // the answer is not yet there
    uint64_t taken; // TEXT_TRACE: the snapshot (ui.taken) that the text was made from
    struct pane pane;
};

// A table as it was left, to go back to.
struct history_place {
    const struct view *view;
    char *subject, *label, *filter, *selected; // NULL: none
    bool typed;                                // as in the page
    struct table_order order;
};

// The lines that explain the row under the cursor, as they were made last.
struct explained {
    struct arena arena;
    struct text_block text;
    const struct built_rows *rows; // whose row it is, NULL: none (take_rows())
    uint32_t index;
    int64_t until; // the clock at which they are made again, seconds
};

struct ui {
    struct ui_options o;
    struct ui_source source;
    const struct view *const *views;
    uint64_t taken;              // counts the snapshots
    const struct snapshot *snap; // the newest, or the one at which Z paused; NULL before the first
    struct page *stack[MAX_DEPTH];
    int depth;
    struct text_page *texts[MAX_TEXTS];
    int ntexts;
    bool table_focus; // Tab: the table has the focus though a text pane is open below it
    bool help;        // the help screen is open
    struct pane help_pane;
    struct prompt prompt;
    char *ns; // NULL: all
    char *recent[MAX_RECENT];
    struct history_place places[MAX_PLACES];
    int nplaces, place; // place: the current one
    int last_place;     // where `-` leads, -1: nowhere
    bool paused, wide, header_hidden, repaint, resized;
    int64_t paused_at; // the clock while paused
    char message[600]; // "" none
    enum role message_role;
    int64_t message_until; // clock_mono_ms
    struct row_builder *builder;
    uint64_t next_id;      // of pages
    bool awaited;          // a key needs rows that are being built: drawing waits a little for them
    bool want_build;       // the snapshot or the minute changed: build when build_after has come
    const char *build_why; // for the log
    int64_t build_after;   // clock_mono_ms
    int64_t built_at;      // clock_mono_ms
    int64_t build_cost;    // of the last build, ms
    uint32_t key;          // whose action runs
    struct page *beside;   // a table beside that on top, which no key reaches
    struct explained explained;
    struct grid part;   // a part of the screen while it is drawn
    struct arena frame; // cleared for each drawing and each turn's keys
    struct grid screen;
    bool ended;
    int end_signal; // 0: none
};

// --- ui_state.c

// Replaces a heap string by a copy; NULL and "" give NULL.
void set_str(char **to, const char *s);
struct page *ui_page(struct ui *ui);                               // the table on top
const struct view *ui_view(const struct ui *ui, const char *name); // NULL: it has none of that name
struct text_page *ui_text(struct ui *ui); // the text pane on top, NULL: none
bool ui_text_has_keys(struct ui *ui);     // it has the focus, not the table
struct pane *
ui_pane_with_keys(struct ui *ui);    // the help or text that has the focus, NULL: the table
int64_t ui_now(const struct ui *ui); // seconds; stands still while paused
// Shows a message in the footer for some seconds, and logs it.
void ui_say(struct ui *ui, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
// The same for a message that repeats what was typed, which may be a secret: the log gets `logged` in its place.
void ui_say_typed(struct ui *ui, enum role role, const char *logged, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

// --- ui_table.c

// Builds the rows of the table on top now, and makes drawing wait for them; `why` goes to the log.
void ui_build(struct ui *ui, const char *why);
// The view whose rows stand beside those of the table on top, NULL: none.
const struct view *ui_beside(const struct ui *ui);
// Builds them when `after` (clock_mono_ms) has come, or earlier if that was wanted already.
void ui_build_later(struct ui *ui, int64_t after, const char *why);
// Puts the cursor on a row; the index is clamped. p has rows.
void page_select(struct ui *ui, struct page *p, long index);
// Whether the row of this key is marked.
bool page_marked(const struct page *p, const char *key);
// The row that keys act on and arguments for it, in the frame; NULL: none.
const void *ui_row(struct ui *ui, struct view_args *args);
// What a row is called: by its view, else by its object, else by its key. In the frame or the snapshot.
const char *ui_row_title(struct ui *ui, const struct view_args *args, const void *row,
                         const char *key);

// --- ui_texts.c

// Opens an empty pane about a row (NULL: none).
struct text_page *ui_open_text(struct ui *ui, enum text_kind kind, const char *key);
void ui_close_text(struct ui *ui);  // the one on top; there is one
void ui_close_texts(struct ui *ui); // all
// Brings details and traces up to date with the rows.
void ui_refresh_text(struct ui *ui, struct text_page *t);
// Fills the pane that waits for YAML, if there is one. Takes the text over.
void ui_take_yaml(struct ui *ui, struct yaml_answer *answer);

// --- ui_pages.c

// Opens a table over the one on top.
void ui_push(struct ui *ui, const struct view *v, const char *subject, const char *label);
// Closes the table on top; false if it is the last.
bool ui_pop(struct ui *ui);
// Replaces all tables by one, with the row of the key `select` under the cursor (NULL: the first). The subject was
// typed.
void ui_go(struct ui *ui, const struct view *v, const char *subject, const char *select);
// Goes to a place of the history.
void ui_go_place(struct ui *ui, int place);
// Shows one namespace (NULL or "": all) and gives it a number.
void ui_set_ns(struct ui *ui, const char *ns);
void ui_remember_ns(struct ui *ui, const char *ns); // gives it a number only
void ui_free_pages(struct ui *ui);                  // all of it, at the end

// --- ui_data.c

// After a change of context: names of the cluster before mean nothing.
void ui_forget_cluster(struct ui *ui);

// --- draw_screen.c, draw_bars.c, draw_table.c, help_pane.c

// Draws the whole screen.
void draw_screen(struct ui *ui, struct grid *g);
// Draws the header's first line: context, cluster, user, connection.
void draw_cluster(struct ui *ui, struct grid *g, int row);
// Draws its second line: objects, rows by state, what is loading.
void draw_state(struct ui *ui, struct grid *g, int row);
// Draws the names of the tables over each other and what narrows the rows; header: the flags are
// there already.
void draw_crumbs(struct ui *ui, struct grid *g, int row, bool header);
// Draws the last line: the prompt, a message, or the keys that matter most.
void draw_footer(struct ui *ui, struct grid *g, int row);
// Draws a line with a title across part of a row.
void draw_rule(struct ui *ui, struct grid *g, int row, int column, int width, enum role role,
               const char *title);
// Draws titles and rows of a table, `height` lines of the grid.
void draw_table(struct ui *ui, struct page *p, struct grid *g, int row, int height);
// Draws the table on top with the panels of its view, the explanation of the row under the cursor, and the table beside
// it.
void draw_home(struct ui *ui, struct grid *g, int row, int height);
// Fills the help pane from the tables of columns, keys and commands.
void help_pane_fill(struct ui *ui);

#endif
