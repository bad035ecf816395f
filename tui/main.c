// SPDX-License-Identifier: Apache-2.0
// gatetop: the program a person runs.
#include <stdio.h>

int main(void)
{
    printf("gatetop %s\n", GATETOP_VERSION);
    return 0;
}
