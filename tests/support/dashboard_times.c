// SPDX-License-Identifier: Apache-2.0
// Types, resizes, and takes the time until the screen says it.
#include "tests/support/dashboard_times.h"

#include "kube/base/clock.h"
#include "kube/base/mem.h"

#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

int64_t dashboard_resize_ms(struct pty *p)
{
    pty_drain(p);
    int64_t since = clock_mono_ms();
    pty_resize(p, 24, 100);
    assert_true(pty_wait_row(p, 23, " Enter"));
    int64_t took = clock_mono_ms() - since;
    pty_resize(p, 30, 120);
    assert_true(pty_wait_row(p, 29, " Enter"));
    return took;
}

int64_t dashboard_context_ms(struct pty *p, const char *context)
{
    char *typed = xasprintf(":ctx %s", context), *head = xasprintf("gatetop  %s", context);
    pty_type(p, typed);
    assert_true(pty_wait_row(p, 29, typed));
    int64_t since = clock_mono_ms();
    pty_type(p, "\r");
    assert_true(pty_wait_text(p, head));
    int64_t took = clock_mono_ms() - since;
    free(typed);
    free(head);
    return took;
}
