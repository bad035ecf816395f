// SPDX-License-Identifier: Apache-2.0
// Which of its sources an informer reads: by discovery, or by trying them.
#include "kube/api/informer_source.h"

#include "kube/base/str.h"

// Runs the next (source, version) in the order of preference. False: there is none left.
static bool run_next_guess(struct informer *i)
{
    size_t guess = 0;
    for (size_t s = 0; s < i->spec.source_count; s++) {
        for (const char *const *v = i->spec.sources[s].versions; *v != NULL; v++, guess++) {
            if (guess == i->next_guess) {
                i->next_guess++;
                informer_run(i, s, *v);
                return true;
            }
        }
    }
    i->next_guess = 0; // from the start at the next look
    return false;
}

static void choose_by_guess(struct informer *i)
{
    bool reads = i->scopes != NULL && !informer_is_missing(i);
    if (!reads && !run_next_guess(i)) {
        informer_not_served(i);
    }
}

// Discovery says that source s is served at this version, which is not yet the source's own string.
static void run_served(struct informer *i, size_t s, const char *version)
{
    for (const char *const *v = i->spec.sources[s].versions; *v != NULL; v++) {
        if (str_eq(*v, version)) {
            informer_run(i, s, *v);
        }
    }
}

void informer_choose_source(struct informer *i)
{
    const struct discovery_poll *discovery = i->context->discovery;
    const struct informer_source *sources = i->spec.sources;
    // The core group is there without discovery: its lists need not wait for it.
    if (i->scopes == NULL && !i->absent && sources[0].group[0] == '\0' &&
        !discovery_poll_knows_core(discovery)) {
        informer_run(i, 0, sources[0].versions[0]);
        return;
    }
    bool unknown = false;
    for (size_t s = 0; s < i->spec.source_count; s++) {
        const char *version;
        if (discovery_poll_refused(discovery, sources[s].group)) {
            choose_by_guess(i);
            return;
        }
        switch (discovery_poll_find(discovery, sources[s].group, sources[s].resource,
                                    sources[s].versions, &version)) {
        case DISCOVERY_SERVED:
            run_served(i, s, version);
            return;
        case DISCOVERY_UNKNOWN:
            unknown = true;
            break;
        case DISCOVERY_ABSENT:
            break;
        }
    }
    if (!unknown) {
        informer_not_served(i);
    } else if (i->scopes != NULL) {
        informer_retry_missing(i);
    } else {
        i->dirty = true; // its state says why
    }
}
