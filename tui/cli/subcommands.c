// SPDX-License-Identifier: Apache-2.0
// The table of subcommands, and the checks of the words after each.
#include "tui/cli/subcommands.h"

#include "kube/base/err.h"

#include "tui/cli/options.h"
#include "tui/cli/view_name.h"

// At most one word, a view.
static bool check_view(struct options *o, struct err *err)
{
    if (o->words.n > 1) {
        return err_set(err, ERR_USAGE, "one view at a time; '%s' is one too many", o->words.at[1]);
    }
    o->view = o->words.n == 1 ? o->words.at[0] : NULL;
    return o->view == NULL || view_name_check(o->view, "view", "gatetop get", err);
}

static bool check_get(struct options *o, struct err *err)
{
    if (o->words.n == 0) {
        return err_set(err, ERR_USAGE, "get needs a view; 'gatetop get --help' lists them");
    }
    return check_view(o, err);
}

static bool check_trace(struct options *o, struct err *err)
{
    return o->words.n == (o->batch == NULL ? 1 : 0) ||
           err_set(err, ERR_USAGE, "trace takes one URL, or --batch FILE");
}

static bool check_diff(struct options *o, struct err *err)
{
    return o->words.n > 0 ||
           err_set(err, ERR_USAGE, "diff needs the new files: gatetop diff NEW...");
}

static bool check_completion(struct options *o, struct err *err)
{
    return o->words.n == 1 || err_set(err, ERR_USAGE, "completion takes bash, zsh or fish");
}

static bool check_no_words(struct options *o, struct err *err)
{
    return o->words.n == 0 || err_set(err, ERR_USAGE, "%s takes no argument: '%s'",
                                      o->subcommand->name, o->words.at[0]);
}

// clang-format off
const struct subcommand subcommands[SUBCOMMAND_COUNT] = {
    [SUBCOMMAND_DASHBOARD] = {
        .name = "", .synopsis = "[VIEW]", .help = "open the dashboard on VIEW",
        .check = check_view, .exec = subcommand_dashboard},
    [SUBCOMMAND_GET] = {
        .name = "get", .synopsis = "VIEW", .help = "print the rows of a view",
        .check = check_get, .exec = subcommand_get},
    [SUBCOMMAND_TRACE] = {
        .name = "trace", .synopsis = "URL", .help = "show where a request goes, and why",
        .check = check_trace, .exec = subcommand_trace},
    [SUBCOMMAND_CHECK] = {
        .name = "check", .synopsis = "", .help = "report what is wrong with the objects, and what to write instead",
        .check = check_no_words, .exec = subcommand_check},
    [SUBCOMMAND_DIFF] = {
        .name = "diff", .synopsis = "NEW...", .help = "show which requests the files would send elsewhere",
        .check = check_diff, .exec = subcommand_diff},
    [SUBCOMMAND_AUTH] = {
        .name = "auth", .synopsis = "", .help = "show what you may read of what gatetop needs",
        .check = check_no_words, .exec = subcommand_auth},
    [SUBCOMMAND_COMPLETION] = {
        .name = "completion", .synopsis = "bash|zsh|fish", .help = "print a completion script for a shell",
        .check = check_completion, .exec = subcommand_completion},
};
// clang-format on
