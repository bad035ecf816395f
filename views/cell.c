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

const char *verdict_mark(const struct view_args *a, enum verdict v)
{
    static const struct {
        const char *symbol, *ascii;
    } marks[] = {
        [VERDICT_UNKNOWN] = {"?", "?"},
        [VERDICT_OK] = {"\xE2\x9C\x93", "+"},      // check mark
        [VERDICT_PENDING] = {"\xE2\x97\x8B", "o"}, // circle
        [VERDICT_WARNING] = {"\xE2\x9A\xA0", "!"}, // warning sign
        [VERDICT_BROKEN] = {"\xE2\x9C\x97", "x"},  // ballot X
    };
    static_assert(ARRAY_COUNT(marks) == VERDICT_BROKEN + 1, "a verdict without a mark");
    return a->options->ascii ? marks[v].ascii : marks[v].symbol;
}

struct cell cell_verdict(const struct view_args *a, enum verdict v)
{
    return (struct cell){.text =
                             arena_printf(a->arena, "%s %s", verdict_mark(a, v), verdict_name(v)),
                         .role = role_of_verdict(v),
                         .sort = v};
}
