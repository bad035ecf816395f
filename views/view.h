// SPDX-License-Identifier: Apache-2.0
// What a screen says: pure functions from a snapshot to titled columns and rows. The dashboard draws
// them, `gatetop get` prints the same rows as text, JSON and CSV.
#ifndef GATETOP_VIEWS_VIEW_H
#define GATETOP_VIEWS_VIEW_H

#include "kube/base/json.h"

#include "kube/mesh/core/mesh.h"
#include "kube/mesh/core/verdict.h"

#include "views/text_block.h"

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

// The key of a row, and its namespace: "" where it has none. In the arena of args or the snapshot.
const char *view_row_key(const struct view *v, const struct view_args *a, const void *row);
const char *view_row_ns(const struct view *v, const struct view_args *a, const void *row);
// The context for questions about the mesh: snapshot, arena and time of args.
struct mesh view_mesh(const struct view_args *a);

#endif
