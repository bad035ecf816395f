// SPDX-License-Identifier: Apache-2.0
// Breaking lines into rows.
#include "tui/screen/line_wrap.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include <string.h>

enum { MIN_ROOM = 16 }; // columns that an indented row must have

// Marks the characters that are part of a hit.
static void mark_hits(struct arena *a, struct wrap_line *l, const char *search)
{
    // The line's text lies in several spans: a hit may cross them.
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < l->n; i++) {
        buf_add(&b, l->at[i].s, l->at[i].bytes);
    }
    const char *text = str_lower(a, b.data), *needle = str_lower(a, search);
    size_t n = strlen(needle), at = 0; // at: byte where character i begins
    uint32_t i = 0;
    for (const char *hit = strstr(text, needle); hit != NULL && n > 0;
         hit = strstr(hit + n, needle)) {
        size_t begin = (size_t)(hit - text);
        for (; i < l->n && at < begin + n; at += l->at[i++].bytes) {
            l->at[i].hit = at + l->at[i].bytes > begin;
        }
    }
    buf_release(&b);
}

struct wrap_line wrap_chars(struct arena *a, const struct text_line *l, const char *search)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        bytes += strlen(l->at[i].text);
    }
    struct wrap_line out = {arena_calloc(a, bytes, sizeof *out.at), 0};
    for (uint32_t i = 0; i < l->n; i++) {
        const char *s = l->at[i].text;
        for (size_t n = strlen(s); n > 0;) {
            uint32_t cp;
            size_t used = utf8_next(s, n, &cp);
            int w = text_is_control(cp) ? 1 : text_cp_width(cp);
            if (w == 0 && out.n > 0 && out.at[out.n - 1].s + out.at[out.n - 1].bytes == s) {
                out.at[out.n - 1].bytes += (uint32_t)used;
            } else {
                out.at[out.n++] = (struct wrap_char){.s = s,
                                                     .bytes = (uint32_t)used,
                                                     .width = (uint8_t)w,
                                                     .role = (uint8_t)l->at[i].role};
            }
            s += used;
            n -= used;
        }
    }
    if (search != NULL) {
        mark_hits(a, &out, search);
    }
    return out;
}

static bool is_space(const struct wrap_line *l, uint32_t i)
{
    return l->at[i].s[0] == ' ';
}

// The column where further rows begin: after the last gap in the left half of the row, or at the
// line's own indent.
static int hanging_indent(const struct wrap_line *l, int width)
{
    int column = 0, hang = 0, spaces = 2; // the start of a line counts as a gap
    for (uint32_t i = 0; i < l->n && column <= width / 2; i++) {
        if (is_space(l, i)) {
            spaces++;
        } else {
            hang = spaces >= 2 ? column : hang;
            spaces = 0;
        }
        column += l->at[i].width;
    }
    return width - hang < MIN_ROOM ? 0 : hang;
}

struct wrap_rows wrap_rows_break(struct arena *a, const struct wrap_line *l, int width)
{
    width = width < 2 ? 2 : width;
    int hang = hanging_indent(l, width);
    struct wrap_rows out = {arena_calloc(a, (size_t)l->n + 1, sizeof *out.at), 0};
    uint32_t from = 0;
    do {
        int indent = out.n == 0 ? 0 : hang, room = width - indent, used = 0;
        uint32_t to = from, space = 0; // space: after the last space, 0: none
        while (to < l->n && used + l->at[to].width <= room) {
            used += l->at[to].width;
            to++;
            // A break inside the indent of the first row would leave an empty row.
            if (is_space(l, to - 1) && used > (out.n == 0 ? hang : 0)) {
                space = to;
            }
        }
        if (to < l->n && !is_space(l, to) && space > from) {
            to = space;
        }
        out.at[out.n++] = (struct wrap_row){from, to, indent};
        from = to;
        while (from < l->n &&
               is_space(l, from)) { // a row does not begin with the space it was broken at
            from++;
        }
    } while (from < l->n);
    return out;
}

void wrap_draw(const struct wrap_line *l, uint32_t from, uint32_t to, struct grid *g, int row,
               int column, int width)
{
    int at = 0;
    for (uint32_t i = from; i < to && at + l->at[i].width <= width; i++) {
        char small[64];
        size_t n = l->at[i].bytes < sizeof small ? l->at[i].bytes : 0;
        memcpy(small, l->at[i].s, n);
        small[n] = '\0';
        int w = grid_put(g, row, column + at, width - at, (enum role)l->at[i].role, small);
        if (l->at[i].hit) {
            grid_over(g, row, column + at, w, ROLE_MATCH);
        }
        at += l->at[i].width;
    }
}
