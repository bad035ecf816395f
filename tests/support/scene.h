// SPDX-License-Identifier: Apache-2.0
// The dashboard over a made-up source (fakeview.h), without a terminal: its start, keys, and what it shows.
#ifndef GATETOP_TESTS_SUPPORT_SCENE_H
#define GATETOP_TESTS_SUPPORT_SCENE_H

#include "tests/support/fakeview.h"

#include <stdbool.h>
#include <stdint.h>

// A dashboard of that size over f, with its rows in place; ui_free(). Of the options the views are used. theme: a name
// or a file.
struct ui *scene_ui(struct fake *f, struct ui_options o, const char *theme, int rows, int columns);
// Presses a key, and waits for what it leads to.
void scene_press(struct ui *ui, uint32_t key);
// Takes what was published and what is due by now.
void scene_look(struct ui *ui);
// Whether the screen has the words; prints it if it has not.
bool scene_has(struct ui *ui, const char *words);
// The screen is as tests/fixtures/screens/FILE has it: its text, and the roles of its cells where `roles`.
// GATETOP_WRITE_SCREENS in the environment writes the file.
void scene_is(struct ui *ui, const char *file, bool roles);

#endif
