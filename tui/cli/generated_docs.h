// SPDX-License-Identifier: Apache-2.0
// Documentation from the tables: sections of the man pages, shell completions.
#ifndef GATETOP_TUI_CLI_GENERATED_DOCS_H
#define GATETOP_TUI_CLI_GENERATED_DOCS_H

#include "kube/base/mem.h"

// A template with lines "@NAME@": each becomes the section made from the table of that name (COMMANDS,
// OPTIONS, VIEWS, COLUMNS, KEYS, PROMPT, CODES, ROLES, STATES). False where a name is unknown; *err says
// which.
bool gendoc_fill(const char *template, struct buf *out, struct err *err) MUST_USE;

// The completion script for "bash", "zsh" or "fish"; false for another shell.
bool gendoc_completion(const char *shell, struct buf *out);

#endif
