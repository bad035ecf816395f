// SPDX-License-Identifier: Apache-2.0
// How much the program has done, counted without a clock.
#include "tests/support/work_count.h"

#include <malloc.h>

static uint64_t blocks;

#ifdef GATETOP_COUNTED
#ifdef __clang__
#define UNCOUNTED __attribute__((no_sanitize("coverage")))
#else
#define UNCOUNTED __attribute__((no_sanitize_coverage))
#endif

// The compiler has every basic block call it (-fsanitize-coverage=trace-pc).
void __sanitizer_cov_trace_pc(void);
UNCOUNTED void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}
#endif

bool work_is_counted(void)
{
#ifdef GATETOP_COUNTED
    return true;
#else
    return false;
#endif
}

uint64_t work_count(void)
{
    return blocks;
}

size_t work_bytes_held(void)
{
    return mallinfo2().uordblks;
}
