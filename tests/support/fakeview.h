// SPDX-License-Identifier: Apache-2.0
// A view and a source of snapshots made up for the tests of the dashboard: no cluster, no JSON.
#ifndef GATETOP_TESTS_SUPPORT_FAKEVIEW_H
#define GATETOP_TESTS_SUPPORT_FAKEVIEW_H

#include "kube/store/store.h"

#include "tui/screen/ui.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct fake_row {
    struct object object; // a VirtualService; must be first
    char name[64], ns[32], host[128];
    enum verdict verdict;
    long number;
    int64_t born;
};

// Two views over the same rows: "apples" (its rows open details) and "boxes" (rows lead to apples of
// the namespace); columns NAME, HOST, STATE, SIZE, AGE and, wide, NOTE.
extern const struct view fake_apples, fake_boxes;
extern const struct view *const fake_views[];

struct fake {
    pthread_mutex_t lock;
    struct store *store;
    int pipe[2];
    const struct snapshot *snap;
    struct cluster_info cluster;
    // What the dashboard asked for.
    int relists, yaml_opens, yaml_cancels, lends;
    char last_context[64], last_drawn[128];
    char *yaml; // the answer, once it is given
    bool yaml_failed, want_terminal;
    int list_delay_ms; // the list of apples takes this long
};
void fake_init(struct fake *f);
void fake_release(struct fake *f);
struct ui_source fake_source(struct fake *f);
// Publishes n rows named row-000000...; row i has state i % 5, size n - i, namespace ns-(i % 3).
void fake_publish(struct fake *f, int n);
// The same, except for a change by the caller.
void fake_publish_with(struct fake *f, int n, void (*change)(struct fake_row *row, int i));
void fake_wake(struct fake *f);
void fake_answer_yaml(struct fake *f, const char *text, bool failed);

#endif
