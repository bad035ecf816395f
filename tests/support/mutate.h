// SPDX-License-Identifier: Apache-2.0
// JSON changed at random, for tests that send what nobody would write.
#ifndef GATETOP_TESTS_SUPPORT_MUTATE_H
#define GATETOP_TESTS_SUPPORT_MUTATE_H

struct buf;

// Appends a JSON text with one of its values replaced: by null, a number, an odd text, an empty list or object,
// nothing, or by a value of the donor, another JSON text. What it takes by chance comes from pick.h. The result is
// JSON.
void mutate_json(struct buf *out, const char *text, const char *donor);

#endif
