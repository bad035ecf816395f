// SPDX-License-Identifier: Apache-2.0
// What stands on home beside the causes: what is moving, and what comes next.
#ifndef GATETOP_VIEWS_HOME_PANELS_INTERNAL_H
#define GATETOP_VIEWS_HOME_PANELS_INTERNAL_H

#include "views/view.h"

// Issuances with their steps, and rules whose weights were changed of late or are moved by a Canary, the newest first;
// a line each.
void home_moving(const struct view_args *a, struct text_block *out);
// Tries, renewals and ends of Certificates, the next first; a line each.
void home_coming(const struct view_args *a, struct text_block *out);

#endif
