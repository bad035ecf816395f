// SPDX-License-Identifier: Apache-2.0
// What a terminal can do, as terminfo(5) says it: the sequences and flags that drawing needs.
#ifndef GATETOP_TUI_SCREEN_TERMINAL_CODES_H
#define GATETOP_TUI_SCREEN_TERMINAL_CODES_H

#include <stdbool.h>

// Sequences are without padding, and NULL if the terminal has none; only `cup` and `sgr0` are always there. Those with
// parameters become what is sent through `param`.
struct terminal_codes {
    const char *cup, *hpa, *vpa, *cuf, *cud1;   // moves of the cursor
    const char *el;                             // erases to the end of the line
    const char *csr, *ind, *ri;                 // the scrolling region, and a line up or down in it
    const char *civis, *cnorm;                  // the cursor hidden and shown
    const char *sgr0;                           // all attributes and colours off
    const char *bold, *dim, *sitm, *smul, *rev; // attributes
    const char *setaf, *setab;                  // colours
    bool bce;                                   // what is erased gets the background that is set
    bool msgr;                                  // attributes may be set while the cursor moves
    // ECMA-48's sequences for default colours are understood, as are those that end single attributes.
    bool ax;
    bool last_cell; // the last cell of the screen can be written without scrolling
    // Terminfo's no_color_video: attributes that do not go with colours, by terminfo's bits.
    unsigned ncv;
    // Fills in the parameters of a sequence; valid until the next call.
    const char *(*param)(const char *code, int a, int b);
};

#endif
