// SPDX-License-Identifier: Apache-2.0
// What every test program does before main: with GATETOP_TEST='*wildcard*' it runs only its tests of that name,
// and it writes line by line, so that the output of one that hangs is whole.
#include <stdio.h>
#include <stdlib.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

__attribute__((constructor)) static void before_main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    cmocka_set_test_filter(getenv("GATETOP_TEST"));
}
