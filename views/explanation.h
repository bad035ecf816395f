// SPDX-License-Identifier: Apache-2.0
// What a person wants to know of a cause: why, what to do, and what happens next by itself.
#ifndef GATETOP_VIEWS_EXPLANATION_H
#define GATETOP_VIEWS_EXPLANATION_H

#include "kube/mesh/cause/cause.h"
#include "kube/mesh/cert/certificate_state.h"

#include "views/view.h"

// Whole sentences, in the arena of args, in the snapshot or static; never NULL.
struct explanation {
    const char *why;
    const char *todo; // "": nothing is known
    const char *next;
};

// Explains a cause by the first host that it hits, else by its finding.
struct explanation explain_cause(const struct view_args *a, const struct cause *c);
// What happens to a Certificate next by itself.
enum next_event {
    NEXT_NONE, // nothing is planned, or it is going on
    NEXT_TRY,
    NEXT_RENEWAL,
    NEXT_END, // of its life, without a renewal before
};
// *at: when, not before now; TIME_NONE for NEXT_NONE.
enum next_event certificate_next_event(const struct view_args *a,
                                       const struct certificate_status *s, int64_t *at);
// The same as a sentence, with how far it is, and whether a try will be refused. In the arena of args.
const char *explain_next(const struct view_args *a, const struct certificate_status *s);
// "60d", or "<60d" where it may be less; "" for TIME_NONE. One unit: it changes no more often. In the arena of args.
const char *explain_age(const struct view_args *a, int64_t since, bool at_most);
// How long until an instant: "in 2h59m", to the minute above one; "now" if it has come. In the arena of args.
const char *explain_in(const struct view_args *a, int64_t t);
// Appends a line "why   text", nothing for "". The text must be clean, and is borrowed for the call.
void explanation_line(struct text_block *b, const char *name, enum role role, const char *text);

#endif
