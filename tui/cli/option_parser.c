// SPDX-License-Identifier: Apache-2.0
// Reads the command line.
#include "tui/cli/option_parser.h"

#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "tui/cli/option_table.h"
#include "tui/cli/subcommand.h"
#include "tui/cli/view_name.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

// What getopt_long returns for the row of a long option; letters are below.
enum { LONG_OPTION = 1000 };
enum { NUMBER_MAX = 999999999 };

// A number of digits alone; returns false for other text and if it does not fit.
static bool parse_number(const char *text, int *out)
{
    int64_t n;
    if (!number_parse(text, strlen(text), NUMBER_MAX, &n)) {
        return false;
    }
    *out = (int)n;
    return true;
}

static void append(struct string_list *l, const char *s)
{
    *ARRAY_PUSH(l->at, l->n, l->cap) = s;
}

static bool store(struct options *o, const struct option_row *row, const char *arg, struct err *err)
{
    void *target = (char *)o + row->target;
    if (row->check != NULL && !row->check(row, arg, err)) {
        return false;
    }
    switch (row->type) {
    case OPTION_SWITCH:
        *(bool *)target = true;
        break;
    case OPTION_TEXT:
        *(const char **)target = arg;
        break;
    case OPTION_BOOLEAN:
        *(const char **)target = str_or_empty(arg);
        break;
    case OPTION_LIST:
        append(target, arg);
        break;
    case OPTION_NUMBER:
        if (!parse_number(arg, target)) {
            return err_set(err, ERR_USAGE, "--%s takes a number, not '%s'", row->name, arg);
        }
        break;
    case OPTION_READ:
        return row->read(target, row, arg, err);
    }
    return true;
}

static bool find_subcommand(struct options *o, struct err *err)
{
    o->subcommand = &o->subcommands[SUBCOMMAND_DASHBOARD];
    if (o->words.n == 0) {
        return true;
    }
    const char *word = o->words.at[0];
    for (int c = SUBCOMMAND_GET; c < SUBCOMMAND_COUNT; c++) {
        if (strcmp(o->subcommands[c].name, word) == 0) {
            o->subcommand = &o->subcommands[c];
            o->words.n--;
            memmove(o->words.at, o->words.at + 1, o->words.n * sizeof *o->words.at);
            return true;
        }
    }
    return view_name_check(word, "subcommand or view", "gatetop", err);
}

// getopt_long's description of the table. shorts has room for two bytes an option and two more.
static void describe(struct option *longs, char *shorts)
{
    *shorts++ = ':'; // getopt then returns ':' for a missing argument
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];
        longs[i] = (struct option){.name = row->name,
                                   .has_arg = row->type == OPTION_BOOLEAN ? optional_argument
                                              : row->arg != NULL          ? required_argument
                                                                          : no_argument,
                                   .val = LONG_OPTION + (int)i};
        if (row->letter != 0) {
            *shorts++ = row->letter;
            if (row->arg != NULL) {
                *shorts++ = ':';
            }
        }
    }
    longs[option_count] = (struct option){0};
    *shorts = '\0';
}

// The row of what getopt_long returned.
static size_t row_of(int c)
{
    if (c >= LONG_OPTION) {
        return (size_t)(c - LONG_OPTION);
    }
    size_t i = 0;
    while (option_table[i].letter != c) {
        i++;
        ASSERT(i < option_count); // getopt returns only letters that it was given
    }
    return i;
}

// What getopt_long could not take: optopt is a letter, LONG_OPTION and more for a long name that
// exists, else 0.
static bool refuse(char **argv, int c, struct err *err)
{
    if (c == '?' && optopt >= LONG_OPTION) {
        return err_set(err, ERR_USAGE, "option '--%s' takes no argument",
                       option_table[optopt - LONG_OPTION].name);
    }
    char letter[] = {'-', (char)optopt, '\0'};
    const char *word = optopt > ' ' && optopt < 127 ? letter : argv[optind - 1];
    return err_set(err, ERR_USAGE,
                   c == ':' ? "option '%s' needs an argument"
                            : "unknown option '%s'; 'gatetop --help' lists them",
                   word);
}

// Stores every option and notes in `used` which were there; what is left are the words.
static bool read_options(int argc, char **argv, struct options *o, bool *used, struct err *err)
{
    struct option *longs = xcalloc(option_count + 1, sizeof *longs);
    char *shorts = xmalloc(2 * option_count + 2);
    describe(longs, shorts);
    opterr = 0;
    optind = 0; // begins anew, also after a word of letters that was left in the middle
    bool ok = true;
    for (int c; ok && (c = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (c == '?' || c == ':') {
            ok = refuse(argv, c, err);
        } else {
            size_t i = row_of(c);
            used[i] = true;
            *ARRAY_PUSH(o->given.at, o->given.n, o->given.cap) =
                (struct given_option){&option_table[i], optarg};
            ok = store(o, &option_table[i], optarg, err);
        }
    }
    free(longs);
    free(shorts);
    for (int i = optind; ok && i < argc; i++) {
        append(&o->words, argv[i]);
    }
    return ok;
}

// What the options say together.
static bool check_options(const struct options *o, const bool *used, struct err *err)
{
    const struct subcommand *s = o->subcommand;
    unsigned bit = FOR(s - o->subcommands);
    bool dashboard = s == &o->subcommands[SUBCOMMAND_DASHBOARD], output = false;
    for (size_t i = 0; i < option_count; i++) {
        output |= used[i] && option_table[i].target == offsetof(struct options, output);
        if (used[i] && (option_table[i].subcommands & bit) == 0) {
            return err_set(err, ERR_USAGE, "option --%s is not for '%s'", option_table[i].name,
                           dashboard ? "the dashboard" : s->name);
        }
    }
    if (o->ns != NULL && o->all_namespaces) {
        return err_set(err, ERR_USAGE, "-n and -A contradict each other; give one of them");
    }
    bool follows = (dashboard && !o->once) || o->watch;
    if (o->overlays.n != 0 && o->files.n == 0 && follows) {
        return err_set(
            err, ERR_USAGE,
            "--overlay cannot follow a live cluster; use it with -f, get, trace, check or diff");
    }
    if (!output) {
        return true;
    }
    bool get = s == &o->subcommands[SUBCOMMAND_GET];
    bool text = o->output == OUTPUT_TEXT, json = o->output == OUTPUT_JSON;
    return (get ? !text : text || json) ||
           err_set(err, ERR_USAGE, "%s prints %s", s->name,
                   get ? "table, wide, json, csv or name" : "text or json");
}

bool options_parse(int argc, char **argv, const struct subcommand *table, struct options *o,
                   struct err *err)
{
    *o = (struct options){
        .subcommands = table, .sync_fd = -1, .as_of = TIME_NONE, .fail_on = SEVERITY_ERROR};
    bool *used = xcalloc(option_count, sizeof *used);
    bool ok = read_options(argc, argv, o, used, err) && find_subcommand(o, err);
    o->api.ns = o->ns;
    o->api.as_group = o->as_groups.at;
    o->api.as_group_count = o->as_groups.n;
    o->api.as_user_extra = o->as_user_extra.at;
    o->api.as_user_extra_count = o->as_user_extra.n;
    if (ok && !o->help && !o->version) {
        ok = check_options(o, used, err) && o->subcommand->check(o, err);
    }
    free(used);
    return ok;
}

void options_release(struct options *o)
{
    for (size_t i = 0; i < o->dns_args.n; i++) {
        free(unconst(o->dns_args.at[i])); // made by the table's read functions
    }
    struct string_list *lists[] = {&o->words,    &o->as_groups, &o->as_user_extra, &o->files,
                                   &o->overlays, &o->headers,   &o->ignore,        &o->dns_args};
    for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
        free(lists[i]->at);
        *lists[i] = (struct string_list){NULL, 0, 0};
    }
    free(o->given.at);
    o->given = (struct given_list){NULL, 0, 0};
}
