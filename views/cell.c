// SPDX-License-Identifier: Apache-2.0
// Cells of texts, numbers, ages and verdicts.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "views/cell_internal.h"

#include <assert.h>
#include <inttypes.h>

struct cell cell_text(const char *text, enum role role)
{
    return (struct cell){.text = str_or_empty(text), .role = role};
}

struct cell cell_number(const struct view_args *a, int64_t n)
{
    return (struct cell){
        .text = arena_printf(a->arena, "%" PRId64, n), .role = ROLE_NUMBER, .sort = n};
}

struct cell cell_age(const struct view_args *a, int64_t since)
{
    if (since == TIME_NONE) {
        return (struct cell){.text = "", .role = ROLE_DIM, .sort = INT64_MAX};
    }
    return (struct cell){.text = duration_short(a->arena, a->now - since),
                         .role = ROLE_TEXT,
                         .sort = a->now - since};
}

// A mark, and the cell of a verdict: the mark and verdict_name(). Made beforehand, because every row that is sorted or
// filtered needs them.
#define MARK(symbol, ascii, name)                                                                  \
    {                                                                                              \
        {symbol, ascii},                                                                           \
        {                                                                                          \
            symbol " " name, ascii " " name                                                        \
        }                                                                                          \
    }
static const struct {
    const char *mark[2], *cell[2]; // with symbols, in ASCII
} verdicts[] = {
    [VERDICT_UNKNOWN] = MARK("?", "?", "unknown"),
    [VERDICT_OK] = MARK("\xE2\x9C\x93", "+", "ok"),           // check mark
    [VERDICT_PENDING] = MARK("\xE2\x97\x8B", "o", "pending"), // circle
    [VERDICT_WARNING] = MARK("\xE2\x9A\xA0", "!", "warning"), // warning sign
    [VERDICT_BROKEN] = MARK("\xE2\x9C\x97", "x", "broken"),   // ballot X
};
#undef MARK
static_assert(ARRAY_COUNT(verdicts) == VERDICT_BROKEN + 1, "a verdict without a mark");

const char *verdict_mark(const struct view_args *a, enum verdict v)
{
    return verdicts[v].mark[a->options->ascii];
}

struct cell cell_verdict(const struct view_args *a, enum verdict v)
{
    return (struct cell){
        .text = verdicts[v].cell[a->options->ascii], .role = role_of_verdict(v), .sort = v};
}
