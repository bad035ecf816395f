// SPDX-License-Identifier: Apache-2.0
// A pane of text that can be scrolled, searched, wrapped and (YAML) folded: details, YAML, traces,
// help.
#ifndef GATETOP_TUI_SCREEN_PANE_H
#define GATETOP_TUI_SCREEN_PANE_H

#include "kube/base/arena.h"

#include "views/text_block.h"

#include "tui/screen/grid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pane {
    // Of the text and of the one before, which may be read while new text is made.
    struct arena arena[2];
    int current;
    struct text_block text; // in arena[current]
    const bool *hidden;     // for each line: inside a fold; NULL: no fold
    char *search;           // NULL: none
    uint32_t top;           // first line shown
    long part;              // of a wrapped line at the top, the rows above the pane
    long hit;               // line of the search's hit, -1: none
    uint32_t left;          // columns scrolled to the right
    int height, width;      // as last drawn
    bool wrap, folded;
};

// An empty pane that wraps and folds.
void pane_init(struct pane *p);
// Frees the text.
void pane_release(struct pane *p);
// Begins new text: returns the block to fill; then call pane_end. The position stays.
struct text_block *pane_begin(struct pane *p);
// Ends the text that pane_begin began.
void pane_end(struct pane *p);
// Sets text with its line breaks and tabs (a YAML answer): cleaned, coloured,
// `managedFields` folded.
void pane_set_yaml(struct pane *p, const char *text, size_t n);
// Whether the text has lines that can be folded.
bool pane_has_fold(const struct pane *p);
// Folds or unfolds them.
void pane_toggle_fold(struct pane *p);

// Draws the pane into a part of the grid and notes its size.
void pane_draw(struct pane *p, struct grid *g, int row, int column, int height, int width);
#define PANE_FAR (1L << 40) // rows: to an end
// Scrolls by so many rows of the screen (negative: up) as far as the text goes.
void pane_scroll(struct pane *p, long by);
// Searches for a text from now on, whatever its case; NULL or "" ends the search.
void pane_set_search(struct pane *p, const char *text);
// Scrolls to the next hit, or the one before, around the ends. from_here: one at the top of the
// pane counts. False if there is no hit.
bool pane_find(struct pane *p, bool forward, bool from_here);
// How many lines have a hit.
uint32_t pane_hits(const struct pane *p);

#endif
