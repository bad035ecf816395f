// SPDX-License-Identifier: Apache-2.0
// The source of what the dashboard shows: all of its input except keys.
#ifndef GATETOP_TUI_SCREEN_UI_SOURCE_H
#define GATETOP_TUI_SCREEN_UI_SOURCE_H

#include "kube/store/snapshot.h"

#include "views/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An answer to yaml_open.
struct yaml_answer {
    char *text; // heap, taken over by the dashboard: YAML, or one sentence why there is none
    size_t n;
    bool failed;
};

// Called on the UI thread; none may block but terminal_lend. Where a function is NULL the dashboard
// says that it cannot be done here (drawn, yaml_take, yaml_cancel and terminal_wanted are just not
// called).
struct ui_source {
    void *self; // given to every function
    // Readable when latest, yaml_take or terminal_wanted may have something new. Non-blocking; the
    // dashboard reads it empty (a pipe or an eventfd). -1: nothing ever changes.
    int wake_fd;
    // The newest snapshot, a new reference; NULL while there is none. Never NULL itself.
    const struct snapshot *(*latest)(void *self);
    // Reports with every drawing the rows that are on the screen, so that they are probed first.
    void (*drawn)(void *self, const struct view *v, const struct view_args *a,
                  const void *const *rows, uint32_t n);
    // Lists these kinds again (Ctrl-R).
    void (*relist)(void *self, kind_set kinds);
    // Requests the object's YAML as it is now. One at a time: a second open, or cancel, forgets the
    // first.
    void (*yaml_open)(void *self, const struct object *o);
    // The answer, true once for each open.
    bool (*yaml_take)(void *self, struct yaml_answer *out);
    void (*yaml_cancel)(void *self);
    // Names of the contexts of the kubeconfig, in the arena.
    const char *const *(*contexts)(void *self, struct arena *a, uint32_t *n);
    // Goes to another context. False with *err where that is not possible; the present one stays
    // then.
    bool (*switch_context)(void *self, const char *name, struct err *err);
    // Appends a trace of what was typed (a URL, and what `gatetop trace` takes after it); called
    // again for each snapshot.
    void (*trace)(void *self, const struct view_args *a, const char *request,
                  struct text_block *out);
    // Where J leads from a row: a view, narrowed by *subject, with the row of *key selected (NULL:
    // neither; strings in a->arena). NULL: nowhere.
    const struct view *(*related)(void *self, const struct view *v, const struct view_args *a,
                                  const void *row, const char **subject, const char **key);
    // The view of an object's events and its subject, "" if there are none. NULL function: the
    // view "events" with the object's uid.
    const struct view *(*events)(void *self, const struct view_args *a, const struct object *o,
                                 const char **subject);
    // Connects to the gateways now to see what they serve for the hosts of a row; the answers come
    // with later snapshots. Returns a sentence, in a->arena: what was begun, or why nothing was.
    const char *(*probe)(void *self, const struct view *v, const struct view_args *a,
                         const void *row);
    // Whether a credential plugin wants the terminal: it is given back, terminal_lend returns when
    // the plugin has ended, and it is taken again.
    bool (*terminal_wanted)(void *self);
    void (*terminal_lend)(void *self);
};

#endif
