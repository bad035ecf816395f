// SPDX-License-Identifier: Apache-2.0
// What a view is: pure functions from a snapshot to rows, their cells, detail pages and JSON.
//
// The dashboard draws views, `gatetop get` prints the same rows as text, JSON and CSV. The same snapshot, arguments
// and time give the same answer, in any thread.
#ifndef GATETOP_VIEWS_VIEW_H
#define GATETOP_VIEWS_VIEW_H

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

#include "views/text_block.h"

#include <stdbool.h>
#include <stdint.h>

struct json;
struct check_options;
struct dns_settings;

// How the user wants things shown and judged; the same for all views.
struct view_options {
    bool ascii;                     // no symbols beyond ASCII
    const struct dns_settings *dns; // NULL: what external-dns's Deployment says, else the defaults
    const struct check_options *checks; // NULL: every check
    // An instant as text for people, in their time zone; NULL: in UTC.
    const char *(*instant)(struct arena *a, int64_t t);
};

// Rows of a view; only the view knows what each points to.
struct view_rows {
    const void *const *at;
    uint32_t n;
};

// What every function of a view is given; all of it is borrowed.
struct view_args {
    const struct snapshot *snap;
    struct arena *arena; // everything returned lies here or in the snapshot
    int64_t now;         // seconds since 1970
    const char *ns;      // only rows of this namespace; NULL: all
    const char *subject; // narrows the view (routes of one host, events of one uid); NULL: none
    const struct view_options *options; // never NULL
    // What list() gave for an earlier snapshot, which still lives, with the same namespace and subject: list() may be
    // faster with it, and gives the same. n 0: none.
    struct view_rows before;
    struct mesh_memo *memo; // answers that many rows share (mesh_memo.h); NULL: each is made anew
};

struct cell {
    const char *text; // clean, one line, never NULL
    enum role role;
    int64_t sort; // what a column with SORT_NUMBER sorts by
};

enum align { ALIGN_LEFT, ALIGN_RIGHT };
enum sort_by { SORT_TEXT, SORT_NUMBER };

// A column of a view. Members that a row of its table leaves out are 0: left, by text, upwards, always shown.
struct column {
    const char *title; // "HOST"
    const char *field; // "host": the CSV title, the name for sorting
    char key;          // upper-case letter that sorts by it, 0: none
    // The cell of a row; called only for rows that are drawn, sorted or filtered.
    struct cell (*cell)(const struct view_args *a, const void *row);
    short min, max; // terminal columns, min at least 1; max 0: takes what is left
    enum align align;
    enum sort_by sort;
    bool descending;  // the first press of its key sorts downwards
    bool initial;     // the view opens in its order; where no column has it, in that of list()
    bool wide;        // only shown where all columns are asked for
    const char *help; // half a sentence for help, man page and completion
};

// A list of lines beside the table of a view, made together with its rows.
struct view_panel {
    const char *title; // "Moving now"
    const char *note;  // half a sentence about it
    void (*fill)(const struct view_args *a, struct text_block *out);
};

struct view {
    const char *name;      // "apps"
    const char *title;     // "Applications"
    const char *help;      // one sentence
    const char *json_kind; // "AppList"
    kind_set needs;        // kinds without which rows may be missing or wrong
    kind_set reads;        // further kinds that it shows something of
    bool chains;           // it shows something of the chains of applications (app_rows.h)
    const struct column *columns;
    int ncolumns;
    // The rows of args, of its namespace and subject, in a natural order that is the same for the same snapshot.
    struct view_rows (*list)(const struct view_args *a);
    // What identifies a row across snapshots: selection, marks and `get -w` go by it. Unique in the view. NULL:
    // every row is an object of its own (view_row_key).
    const char *(*key)(const struct view_args *a, const void *row);
    // The verdict of the row, for its colour and the header's counts. NULL: every row is ok.
    enum verdict (*verdict)(const struct view_args *a, const void *row);
    // The object of the row (for YAML, events, owner); it gives NULL if the row has none. NULL: no row has.
    const struct object *(*object)(const struct view_args *a, const void *row);
    // The namespace of the row. NULL: its object's (view_row_ns).
    const char *(*ns)(const struct view_args *a, const void *row);
    // The host that a trace of the row begins with. NULL: there is none.
    const char *(*host)(const struct view_args *a, const void *row);
    // What people call the row. NULL: its host, else its object.
    const char *(*called)(const struct view_args *a, const void *row);
    // Why, what to do and what happens next, a line each: what a person wants to know of the row under the cursor.
    // NULL: the view has no such lines.
    void (*explain)(const struct view_args *a, const void *row, struct text_block *out);
    // What is shown beside the table, npanels of them.
    const struct view_panel *panels;
    int npanels;
    // The detail page, appended to `out`, whose arena is that of args.
    void (*detail)(const struct view_args *a, const void *row, struct text_block *out);
    // One item of the list in JSON; the caller frees it.
    struct json *(*json)(const struct view_args *a, const void *row);
};

// What identifies a row across snapshots: the view's key, else the uid of the row's object, else (an object of a
// file) its kind, namespace and name. In the arena of args or the snapshot.
const char *view_row_key(const struct view *v, const struct view_args *a, const void *row);
// The namespace of a row, "" if it has none. Borrowed from the snapshot.
const char *view_row_ns(const struct view *v, const struct view_args *a, const void *row);
// The context for questions about the mesh: snapshot, arena and time of args.
struct mesh view_mesh(const struct view_args *a);

#endif
