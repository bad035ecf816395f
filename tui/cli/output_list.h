// SPDX-License-Identifier: Apache-2.0
// Lists as JSON, one item a line: a long list is never held as a tree, and can be read line by line.
#ifndef GATETOP_TUI_CLI_OUTPUT_LIST_H
#define GATETOP_TUI_CLI_OUTPUT_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json;

// Begins the document of a list: its version and kind. Fields follow, the items, more fields, and the end.
void output_list_begin(FILE *out, const char *kind);
// Prints a field of the list itself and frees its value.
void output_list_field(FILE *out, const char *key, struct json *value);

struct output_items {
    FILE *out;
    uint32_t n;
};
// Begins the items, the member "items" of the list.
struct output_items output_items_begin(FILE *out);
// Prints an item and frees it.
void output_items_add(struct output_items *l, struct json *item);
// Ends the items; more fields may follow.
void output_items_end(struct output_items *l);

// Ends the document.
void output_list_end(FILE *out);

#endif
