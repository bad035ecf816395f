// SPDX-License-Identifier: Apache-2.0
// A pane of text that one scrolls, searches, wraps and (YAML) folds: detail, YAML, trace, help.
#ifndef GATETOP_TUI_SCREEN_PANE_H
#define GATETOP_TUI_SCREEN_PANE_H

#include "views/view.h"

#include "tui/screen/grid.h"

struct pane {
    struct arena arena[2]; // of the text and of the one before: new text is made while old stands
    int current;
    struct text_block text; // in arena[current]
    const bool *hidden;     // per line: inside a fold, NULL none
    char *search;           // NULL none
    uint32_t top;           // first line shown
    long part;              // of it, the rows that lie above the pane (it is wrapped)
    long hit;               // line of the search's hit, -1 none
    uint32_t left;          // columns scrolled to the right
    int height, width;      // as last drawn
    bool wrap, folded;
};

void pane_init(struct pane *p);
void pane_release(struct pane *p);
// New text: returns the block to fill; call pane_end when it is filled. The position stays.
struct text_block *pane_begin(struct pane *p);
void pane_end(struct pane *p);
// Text with line breaks and tabs as it came (a YAML answer): cleaned, coloured, `managedFields` folded.
void pane_set_yaml(struct pane *p, const char *text, size_t n);
bool pane_has_fold(const struct pane *p);
void pane_toggle_fold(struct pane *p);

void pane_draw(struct pane *p, struct grid *g, int row, int column, int height, int width);
// Moves by rows of the screen (negative: up), clamped; PANE_FAR goes to an end.
#define PANE_FAR (1L << 40)
void pane_scroll(struct pane *p, long lines);
// Searches (case-insensitive) from the top of the screen on, or after it, or backwards. False: no hit.
void pane_set_search(struct pane *p, const char *text); // NULL or "" ends it
bool pane_find(struct pane *p, bool forward, bool from_here);
uint32_t pane_hits(const struct pane *p);

#endif
