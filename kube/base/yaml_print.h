// SPDX-License-Identifier: Apache-2.0
// JSON trees as YAML text.
#ifndef GATETOP_BASE_YAML_PRINT_H
#define GATETOP_BASE_YAML_PRINT_H

struct buf;
struct json;

// Appends the tree as kubectl lays it out (for the YAML pane and --print-role): two spaces, keys in their order,
// strings quoted where YAML would read them as something else, multi-line strings as block scalars. Text is cleaned
// for the terminal.
void yaml_print(const struct json *j, struct buf *out);

#endif
