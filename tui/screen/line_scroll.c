// SPDX-License-Identifier: Apache-2.0
// Tries every distance of a scroll.
#include "tui/screen/line_scroll.h"

// How many lines this move puts into place.
static int count_moved(const uint64_t *before, const uint64_t *now, int rows, int by,
                       struct line_scroll *s)
{
    int n = 0;
    for (int r = by < 0 ? -by : 0; r < rows && r + by < rows; r++) {
        if (now[r] == before[r + by] && now[r] != before[r]) {
            s->top = n == 0 ? r : s->top;
            s->bottom = r;
            n++;
        }
    }
    s->by = by;
    return n;
}

struct line_scroll line_scroll_find(const uint64_t *before, const uint64_t *now, int rows)
{
    struct line_scroll best = {0};
    int most = 1;
    for (int by = 1 - rows; by < rows; by++) {
        struct line_scroll s = {0};
        int n = by != 0 ? count_moved(before, now, rows, by, &s) : 0;
        if (n > most) {
            most = n;
            best = s;
        }
    }
    return best;
}
