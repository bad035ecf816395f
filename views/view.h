// SPDX-License-Identifier: Apache-2.0
// What a screen says: pure functions from a snapshot to titled columns and rows. The dashboard draws
// them, `gatetop get` prints the same rows as text, JSON and CSV.
#ifndef GATETOP_VIEWS_VIEW_H
#define GATETOP_VIEWS_VIEW_H

#include "kube/mesh/core/mesh.h"

// What a piece of text means; a theme says how it looks. State is never colour alone: a mark or word
// stands beside it. themes/*.theme name these in lower case ("ok", "header_text", ...); role_name().
enum role {
    ROLE_TEXT,
    ROLE_DIM, // less important, or stale
    ROLE_STRONG,
    ROLE_OK,
    ROLE_PENDING,
    ROLE_WARNING,
    ROLE_BROKEN,
    ROLE_UNKNOWN,
    ROLE_NAME, // names of objects
    ROLE_HOST,
    ROLE_NUMBER,
    ROLE_TITLE,  // column titles, headings
    ROLE_HEADER, // the header lines of the screen
    ROLE_HEADER_TEXT,
    ROLE_KEY, // keys in hints
    ROLE_FOOTER,
    ROLE_CURSOR, // the selected row
    ROLE_MARK,   // a marked row
    ROLE_SORT,   // the title of the sort column
    ROLE_MATCH,  // a hit of a search
    ROLE_PROMPT,
    ROLE_BORDER,
    ROLE_CONTEXT_PROD, // the name of a context that looks like production
    ROLE_COUNT
};
const char *role_name(enum role r);
enum role role_of_verdict(enum verdict v);

struct view_options {
    bool ascii;
    const void *dns;    // struct dns_settings of kube/mesh/dns/dns_record.h, NULL: its defaults
    const void *checks; // struct check_options of kube/mesh/check/check.h, NULL: its defaults
};

struct view_args {
    const struct snapshot *snap;
    struct arena *arena; // everything returned lies here or in the snapshot
    int64_t now;         // seconds
    const char *ns;      // only rows of this namespace; NULL all
    const char *subject; // narrows the view (routes of one host, events of one object); NULL none
    const struct view_options *options; // never NULL
};

struct cell {
    const char *text; // clean, one line, never NULL
    enum role role;
    int64_t sort; // what the column sorts by where it is SORT_NUMBER
};

enum align { ALIGN_LEFT, ALIGN_RIGHT };
enum sort_by { SORT_TEXT, SORT_NUMBER };

// A column of a view. Members that a row of its table leaves out are 0: left, by text, upwards, always shown.
struct column {
    const char *title; // "HOST"
    const char *field; // "host": the CSV title, the name for sorting
    char key;          // Shift-letter that sorts by it (upper case), 0 none
    // The cell of a row; called only for rows that are drawn, sorted or filtered.
    struct cell (*cell)(const struct view_args *a, const void *row);
    short min, max; // columns of the terminal; max 0: takes what is left
    enum align align;
    enum sort_by sort;
    bool descending; // the first press of its key sorts downwards
    bool initial;    // the view opens in its order; where no column has it, in that of list()
    bool wide;       // only shown when wide
    const char *help;
};

// A line of a detail pane: pieces of text with roles.
struct span {
    const char *text;
    enum role role;
};
struct text_line {
    struct span *at;
    uint32_t n, cap;
};
struct text_block { // grows in the arena
    struct arena *arena;
    struct text_line *at;
    uint32_t n, cap;
};
void block_init(struct text_block *b, struct arena *a);
void block_line(struct text_block *b); // begins a new line
void block_put(struct text_block *b, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);

struct view_rows {
    const void *const *at;
    uint32_t n;
};

struct view {
    const char *name;      // "apps"
    const char *title;     // "Applications"
    const char *help;      // one sentence
    const char *json_kind; // "AppList"
    kind_set needs;        // kinds without which rows may be missing or wrong
    kind_set reads;        // further kinds that it shows something of
    const struct column *columns;
    int ncolumns;
    // All rows of args (filtered by ns and subject), in a natural, stable order.
    struct view_rows (*list)(const struct view_args *a);
    // What a row is called across snapshots: selection and marks are kept by it. Unique in the view. NULL:
    // by its object, one row each (view_row_key).
    const char *(*key)(const struct view_args *a, const void *row);
    enum verdict (*verdict)(const struct view_args *a, const void *row);
    // The object behind the row (for YAML, events, owner); NULL where there is none.
    const struct object *(*object)(const struct view_args *a, const void *row);
    // NULL: the object's (view_row_ns).
    const char *(*ns)(const struct view_args *a, const void *row);
    // The host to begin a trace with, NULL none.
    const char *(*host)(const struct view_args *a, const void *row);
    // What people call the row, where that is neither its host nor its object; NULL: those.
    const char *(*called)(const struct view_args *a, const void *row);
    void (*detail)(const struct view_args *a, const void *row, struct text_block *out);
    struct json *(*json)(const struct view_args *a,
                         const void *row); // one item, owned by the caller
    // Where Enter leads instead of the detail pane: another view narrowed by a subject; NULL: detail.
    const struct view *(*drill)(const struct view_args *a, const void *row, const char **subject);
};

extern const struct view *const views[];        // NULL-terminated; the first is the default
const struct view *view_find(const char *name); // exact name or a unique head of one; NULL

// The key of a row, and its namespace: "" where it has none. In the arena of args or the snapshot.
const char *view_row_key(const struct view *v, const struct view_args *a, const void *row);
const char *view_row_ns(const struct view *v, const struct view_args *a, const void *row);

// Rows counted by verdict, for the header.
struct verdict_counts {
    uint32_t n[VERDICT_BROKEN + 1];
};

// A view with filter and order applied.
struct table_order {
    int column; // -1: natural order
    bool descending;
};
// The order in which the view opens.
struct table_order table_initial_order(const struct view *v);

struct table {
    struct view_rows rows; // of list()
    const void *const *at; // shown rows, in order
    uint32_t n;
    struct verdict_counts counts; // of the shown rows
};
// filter: words that must all appear (case-insensitive, in any cell; "!word" must not); NULL or "" none.
struct table table_build(const struct view *v, const struct view_args *a, const char *filter,
                         struct table_order order);

// Column widths for a screen of `columns`: fills width[] (0: the column is not shown). `wide` shows all.
// rows: the rows whose cells should fit where they can (the visible ones).
void table_widths(const struct view *v, const struct view_args *a, const void *const *rows,
                  uint32_t n, int columns, bool wide, int *width);

#endif
