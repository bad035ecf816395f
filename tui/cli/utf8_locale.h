// SPDX-License-Identifier: Apache-2.0
// The locale, such that UTF-8 can be drawn where that is possible.
#ifndef GATETOP_TUI_CLI_UTF8_LOCALE_H
#define GATETOP_TUI_CLI_UTF8_LOCALE_H

#include <stdbool.h>

// Sets the locale from the environment; where that is C or POSIX, characters become those of
// C.UTF-8. Numbers are written as in C, for JSON and CSV. False if only ASCII can be drawn. Call
// once, before threads.
bool utf8_locale_set(void);

#endif
