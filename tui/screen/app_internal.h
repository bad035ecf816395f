// SPDX-License-Identifier: Apache-2.0
// The dashboard's inside: shared by app.c (data), loop.c, actions.c (keys), command_line.c (the `:` line) and
// draw.c (the screen). UI thread only.
#ifndef GATETOP_TUI_SCREEN_APP_INTERNAL_H
#define GATETOP_TUI_SCREEN_APP_INTERNAL_H

#include "tui/screen/app.h"
#include "tui/screen/keys.h"
#include "tui/screen/pane.h"
#include "tui/screen/prompt.h"
#include "tui/screen/row_builder.h"

#define MAX_DEPTH 8   // tables drilled into
#define MAX_TEXTS 4   // text panes over each other
#define MAX_PLACES 32 // history
#define MAX_RECENT 9
#define SCREEN_MIN_ROWS 5
#define SCREEN_MIN_COLUMNS 20

// One table on the stack.
struct page {
    uint64_t id;
    const struct view *view;
    char *subject; // NULL none
    char *label;   // what to show for it (a subject may be a uid), NULL: itself
    char *filter;  // NULL none
    struct table_order order;
    char *
        selected; // key of the row under the cursor; NULL until the cursor was moved: the first row
    uint32_t index; // where it stands, or stood
    uint32_t top;
    int height; // rows of the table as last drawn
    int unseen; // columns that had no room there
    bool lost;  // the followed row is gone; it may come back
    bool follow;
    int follow_line;
    struct rows *rows; // NULL until the first build
    char **marks;      // keys
    uint32_t nmarks;
};

enum text_kind { TEXT_DETAIL, TEXT_YAML, TEXT_TRACE, TEXT_CONTEXTS };

// A text pane over the table.
struct text_page {
    enum text_kind kind;
    char *key;          // of the row it is about
    char *title;        // "details of apps/web"
    char *request;      // TEXT_TRACE
    bool gone, pending; // the row is no longer there; the answer is not yet there
    uint64_t taken;     // TEXT_TRACE: the snapshot that the text was made from
    struct pane pane;
};

struct place { // of the history
    const struct view *view;
    char *subject, *label, *filter, *selected;
    struct table_order order;
};

struct app {
    struct app_options o;
    struct app_source source;
    const struct view *const *views;
    uint64_t taken;              // counts the snapshots
    const struct snapshot *snap; // the newest, or the one at which Z paused; NULL before the first
    struct page *stack[MAX_DEPTH];
    int depth;
    struct text_page *texts[MAX_TEXTS];
    int ntexts;
    bool table_focus; // Tab: keys go to the table though a text pane stands below it
    bool help;
    struct pane help_pane;
    struct prompt prompt;
    char *ns; // NULL all
    char *recent[MAX_RECENT];
    struct place places[MAX_PLACES];
    int nplaces, place, last_place; // last_place: where `-` leads, -1 nowhere
    bool paused, wide, header_hidden, repaint, resized;
    int64_t paused_at; // the clock while paused
    char message[600];
    enum role message_role;
    int64_t message_until; // clock_mono_ms
    struct builder *builder;
    uint64_t next_id;
    bool asked;          // a key asked for rows that are being built
    bool want_build;     // the snapshot or the minute changed: build when build_after has come
    int64_t build_after; // clock_mono_ms
    int64_t built_at;    // clock_mono_ms
    int64_t build_cost;  // ms
    struct arena frame;  // of one drawing
    struct grid screen, shown;
    bool ended;
    int end_signal;
};

// --- app.c
struct page *app_page(struct app *a);      // the table on top
struct text_page *app_text(struct app *a); // the text pane on top, NULL none
bool app_text_has_keys(struct app *a);
int64_t app_now(const struct app *a); // seconds; stands still while paused
void app_say(struct app *a, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
void app_build(struct app *a);          // has the table on top built now
void set_str(char **to, const char *s); // frees, copies; NULL and "" give NULL
// Changes the table: pushes onto the stack (drill) or replaces it (go to a place).
void app_push(struct app *a, const struct view *v, const char *subject, const char *label);
void app_go(struct app *a, const struct view *v, const char *subject, const char *select);
bool app_pop(struct app *a);
void app_go_place(struct app *a, int place);
void app_set_ns(struct app *a, const char *ns);
void app_forget_cluster(
    struct app *a); // after a change of context: names of the one before mean nothing
void app_remember_ns(struct app *a, const char *ns);
struct text_page *app_open_text(struct app *a, enum text_kind kind, const char *key);
void app_close_text(struct app *a);
// Brings detail, trace and YAML up to date with the rows.
void app_refresh_text(struct app *a, struct text_page *t);
// The row under the cursor and arguments for it; NULL where there is none. Lives in the frame.
const void *app_row(struct app *a, struct view_args *args);
// Puts the cursor on a row.
void page_select(struct app *a, struct page *p, long index);
bool page_marked(const struct page *p, const char *key);

// --- actions.c
void act(struct app *a, enum command_id command, uint32_t key);
void act_prompt(struct app *a, uint32_t key);
void act_trace(struct app *a, const char *request);
// --- command_line.c
void command_run(struct app *a, const char *line);
bool command_complete(struct app *a);
// --- draw.c
void draw_screen(struct app *a, struct grid *g);
void draw_help_text(struct app *a);

#endif
