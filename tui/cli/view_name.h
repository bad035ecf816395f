// SPDX-License-Identifier: Apache-2.0
// The name of a view as a word of the command line.
#ifndef GATETOP_TUI_CLI_VIEW_NAME_H
#define GATETOP_TUI_CLI_VIEW_NAME_H

#include "kube/base/attr.h"

#include <stdbool.h>

struct err;

// Whether a view has this name, or is the only one whose name begins so. If not, ERR_USAGE lists
// the views that begin so, or says that the word is no `what` ("view") and that `program` --help
// lists them.
bool view_name_check(const char *word, const char *what, const char *program,
                     struct err *err) MUST_USE;

#endif
