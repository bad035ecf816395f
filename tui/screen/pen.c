// SPDX-License-Identifier: Apache-2.0
// Sequences of attributes and colours, joined into one where that is possible.
#include "tui/screen/pen.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/str.h"

#include <string.h>

// terminfo's bits of no_color_video.
enum { NCV_UNDERLINE = 1 << 1, NCV_REVERSE = 1 << 2, NCV_DIM = 1 << 4, NCV_BOLD = 1 << 5 };
enum { NCV_ITALIC = 1 << 15 };

static const struct {
    enum style_attr attr;
    unsigned ncv;
    const char *off; // ECMA-48's end of it
} attributes[] = {
    {STYLE_BOLD, NCV_BOLD, "\033[22m"},       {STYLE_DIM, NCV_DIM, "\033[22m"},
    {STYLE_ITALIC, NCV_ITALIC, "\033[23m"},   {STYLE_UNDERLINE, NCV_UNDERLINE, "\033[24m"},
    {STYLE_REVERSE, NCV_REVERSE, "\033[27m"},
};

static const char *code_of(const struct terminal_codes *t, enum style_attr a)
{
    switch (a) {
    case STYLE_BOLD:
        return t->bold;
    case STYLE_DIM:
        return t->dim;
    case STYLE_ITALIC:
        return t->sitm;
    case STYLE_UNDERLINE:
        return t->smul;
    case STYLE_REVERSE:
        return t->rev;
    }
    return NULL;
}

bool style_equal(struct style a, struct style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

struct style pen_possible(const struct terminal_codes *t, struct style s)
{
    s.fg = t->setaf != NULL ? s.fg : (short)-1;
    s.bg = t->setab != NULL ? s.bg : (short)-1;
    bool coloured = s.fg >= 0 || s.bg >= 0;
    for (size_t i = 0; i < ARRAY_COUNT(attributes); i++) {
        if (code_of(t, attributes[i].attr) == NULL ||
            (coloured && (t->ncv & attributes[i].ncv) != 0)) {
            s.attrs &= (uint8_t)~attributes[i].attr;
        }
    }
    return s;
}

// Whether a sequence is one SGR of ECMA-48: several of them are one with the parameters of all.
static bool is_sgr(const char *s)
{
    if (!str_starts(s, "\033[")) {
        return false;
    }
    s += 2;
    s += strspn(s, "0123456789;:");
    return s[0] == 'm' && s[1] == '\0';
}

struct pen_text {
    char text[160]; // seven sequences
    size_t n;
    bool possible;
};

static void add(struct pen_text *p, const char *code)
{
    bool joined = p->n > 0 && is_sgr(p->text) && is_sgr(code);
    if (joined) {
        p->text[p->n - 1] = ';';
        code += 2;
    }
    size_t n = strlen(code);
    if (p->n + n >= sizeof p->text) {
        p->possible = false;
        return;
    }
    memcpy(p->text + p->n, code, n + 1);
    p->n += n;
}

static void add_missing(const struct terminal_codes *t, struct pen_text *p, struct style from,
                        struct style to)
{
    for (size_t i = 0; i < ARRAY_COUNT(attributes); i++) {
        enum style_attr a = attributes[i].attr;
        if ((to.attrs & a) != 0 && (from.attrs & a) == 0) {
            add(p, code_of(t, a));
        }
    }
    if (to.fg >= 0 && to.fg != from.fg) {
        add(p, t->param(t->setaf, to.fg, 0));
    }
    if (to.bg >= 0 && to.bg != from.bg) {
        add(p, t->param(t->setab, to.bg, 0));
    }
}

// Everything off, then what is wanted.
static void from_plain(const struct terminal_codes *t, struct pen_text *p, struct style to)
{
    add(p, t->sgr0);
    add_missing(t, p, STYLE_PLAIN, to);
}

// Only what differs.
static void by_difference(const struct terminal_codes *t, struct pen_text *p, struct style from,
                          struct style to)
{
    const uint8_t intensity = STYLE_BOLD | STYLE_DIM;
    uint8_t gone = from.attrs & (uint8_t)~to.attrs;
    // One sequence ends both, and one that stays is set again.
    gone |= (gone & intensity) != 0 ? from.attrs & intensity : 0;
    bool ends = gone != 0 || (to.fg < 0 && from.fg >= 0) || (to.bg < 0 && from.bg >= 0);
    p->possible = p->possible && (t->ax || !ends);
    for (size_t i = 0; i < ARRAY_COUNT(attributes); i++) {
        const enum style_attr a = attributes[i].attr;
        bool ended_before = a == STYLE_DIM && (gone & STYLE_BOLD) != 0;
        if ((gone & a) != 0 && !ended_before) {
            add(p, attributes[i].off);
        }
    }
    if (to.fg < 0 && from.fg >= 0) {
        add(p, "\033[39m");
    }
    if (to.bg < 0 && from.bg >= 0) {
        add(p, "\033[49m");
    }
    from.attrs &= (uint8_t)~gone;
    add_missing(t, p, from, to);
}

void pen_change(const struct terminal_codes *t, struct style from, struct style to, struct buf *out)
{
    if (style_equal(from, to)) {
        return;
    }
    struct pen_text whole = {.possible = true}, difference = {.possible = true};
    from_plain(t, &whole, to);
    by_difference(t, &difference, from, to);
    const struct pen_text *best =
        difference.possible && (difference.n <= whole.n || !whole.possible) ? &difference : &whole;
    buf_add(out, best->text, best->n);
}
