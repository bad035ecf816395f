// SPDX-License-Identifier: Apache-2.0
// How far two words are apart: for "did you mean".
#ifndef GATETOP_BASE_EDIT_DISTANCE_H
#define GATETOP_BASE_EDIT_DISTANCE_H

// How many letters must be added, removed or replaced to make one word the other, at most 3 ("far"; so are words of
// more than 40 bytes). Letters in upper or lower case are the same.
unsigned edit_distance(const char *a, const char *b);

#endif
