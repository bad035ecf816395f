// SPDX-License-Identifier: Apache-2.0
// What keys do. The table of keys (bindings.c) and that of commands (commands.c) name these
// functions.
#ifndef GATETOP_TUI_SCREEN_ACTIONS_H
#define GATETOP_TUI_SCREEN_ACTIONS_H

struct ui;

// An action does one thing to the dashboard. UI thread.
typedef void action_fn(struct ui *ui);

// Moving: the cursor of the table, or the text of the pane that has the focus.
action_fn action_down, action_up, action_top, action_bottom;
action_fn action_half_page_down, action_half_page_up, action_page_down, action_page_up;
action_fn action_left, action_right; // text panes only

action_fn action_next_fault; // to the next row that is broken or has a warning, around the end

// Sorting.
action_fn action_sort_left, action_sort_right, action_sort_invert, action_sort_name;
action_fn action_sort_letter; // by the column whose letter a->key is; nothing if there is none

// The row under the cursor.
action_fn action_details, action_yaml, action_events, action_related, action_mark;
action_fn action_probe; // connects to the gateways now

// Panes and places.
action_fn action_back, action_close, action_next_pane, action_help, action_fold, action_wrap;
action_fn action_applications; // the view apps, at the row that the row under the cursor hits
action_fn action_history_back, action_history_forward, action_last_view;
action_fn action_all_namespaces;
action_fn action_recent_namespace; // the one with the number that a->key is

// Prompts, and what is typed into them.
action_fn action_command_prompt, action_filter_prompt, action_search_prompt, action_trace_prompt;
action_fn action_clear_filter, action_next_hit, action_previous_hit;

// The dashboard as a whole.
action_fn action_follow, action_pause, action_wide, action_header, action_relist, action_repaint;
action_fn action_quit;

// Opens a trace of what was typed: a URL, and what `gatetop trace` takes after it.
void open_trace(struct ui *ui, const char *request);
// Searches the pane that has the focus, from its first visible line on; "" ends the search.
void search_text(struct ui *ui, const char *text);
// Filters the table's rows by words; "" shows all.
void filter_rows(struct ui *ui, const char *words);

#endif
