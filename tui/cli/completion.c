// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells.
#include "tui/cli/completion.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"

#include "views/view_list.h"

#include "tui/cli/option_table.h"
#include "tui/cli/subcommand.h"

#include <string.h>

static bool takes_file(const struct option_row *row)
{
    return row->arg != NULL && strcmp(row->arg, "FILE") == 0;
}

// Every subcommand and view.
static void put_words(struct buf *b, const struct subcommand *table)
{
    for (int i = SUBCOMMAND_GET; i < SUBCOMMAND_COUNT; i++) {
        buf_addf(b, "%s%s", i == SUBCOMMAND_GET ? "" : " ", table[i].name);
    }
    for (const struct view *const *v = views; *v != NULL; v++) {
        buf_addf(b, " %s", (*v)->name);
    }
}

static void put_values(struct buf *b, const struct option_row *row)
{
    for (size_t i = 0; row->value(i) != NULL; i++) {
        buf_addf(b, "%s%s", i == 0 ? "" : " ", row->value(i));
    }
}

// Text within single quotes, with a backslash before the characters of `escape`.
static void put_quoted(struct buf *b, const char *s, const char *escape)
{
    for (; *s != '\0'; s++) {
        if (*s == '\'') {
            buf_adds(b, "'\\''");
        } else {
            if (strchr(escape, *s) != NULL) {
                buf_addc(b, '\\');
            }
            buf_addc(b, *s);
        }
    }
}

static void put_bash_values(struct buf *b)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];
        if (row->value != NULL) {
            buf_adds(b, "    ");
            if (row->letter != 0) {
                buf_addf(b, "-%c|", row->letter);
            }
            buf_addf(b, "--%s) COMPREPLY=($(compgen -W '", row->name);
            put_values(b, row);
            buf_adds(b, "' -- \"$word\")); return ;;\n");
        }
    }
}

static void bash(struct buf *b, const struct subcommand *table)
{
    buf_adds(b, "# bash completion for gatetop; made from its tables\n_gatetop() {\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                "    COMPREPLY=()\n    case $before in\n");
    put_bash_values(b);
    buf_adds(b, "    -f");
    for (size_t i = 0; i < option_count; i++) {
        if (takes_file(&option_table[i])) {
            buf_addf(b, "|--%s", option_table[i].name);
        }
    }
    buf_adds(b, ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n    esac\n"
                "    if [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < option_count; i++) {
        if (option_table[i].section != NULL) {
            buf_addf(b, "%s--%s", i == 0 ? "" : " ", option_table[i].name);
        }
    }
    buf_adds(b, "' -- \"$word\"))\n    else\n        COMPREPLY=($(compgen -W '");
    put_words(b, table);
    buf_adds(b, "' -- \"$word\"))\n    fi\n}\ncomplete -F _gatetop gatetop\n");
}

static void zsh(struct buf *b, const struct subcommand *table)
{
    buf_adds(b, "#compdef gatetop\n# zsh completion for gatetop; made from its tables\n"
                "_arguments -s \\\n");
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];
        if (row->section == NULL) {
            continue;
        }
        buf_addf(b, "  '--%s[", row->name);
        put_quoted(b, row->help, "[]:\\");
        buf_adds(b, "]");
        if (row->arg != NULL) {
            buf_addf(b, ":%s:", row->name);
            if (row->value != NULL) {
                buf_addc(b, '(');
                put_values(b, row);
                buf_addc(b, ')');
            } else {
                buf_adds(b, takes_file(row) ? "_files" : "");
            }
        }
        buf_adds(b, "' \\\n");
    }
    buf_adds(b, "  '*:word:(");
    put_words(b, table);
    buf_adds(b, ")'\n");
}

static void put_fish_word(struct buf *b, const char *word, const char *help)
{
    buf_addf(b, "complete -c gatetop -f -a %s -d '", word);
    put_quoted(b, help, "");
    buf_adds(b, "'\n");
}

static void fish(struct buf *b, const struct subcommand *table)
{
    buf_adds(b, "# fish completion for gatetop; made from its tables\n");
    for (int i = SUBCOMMAND_GET; i < SUBCOMMAND_COUNT; i++) {
        put_fish_word(b, table[i].name, table[i].help);
    }
    for (const struct view *const *v = views; *v != NULL; v++) {
        put_fish_word(b, (*v)->name, (*v)->help);
    }
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];
        if (row->section == NULL) {
            continue;
        }
        buf_addf(b, "complete -c gatetop -l %s", row->name);
        if (row->letter != 0) {
            buf_addf(b, " -s %c", row->letter);
        }
        buf_adds(b, row->arg == NULL ? "" : takes_file(row) ? " -r -F" : " -x");
        if (row->value != NULL) {
            buf_adds(b, " -a '");
            put_values(b, row);
            buf_addc(b, '\'');
        }
        buf_adds(b, " -d '");
        put_quoted(b, row->help, "");
        buf_adds(b, "'\n");
    }
}

bool completion_print(const char *shell, const struct subcommand *table, struct buf *out)
{
    static const struct {
        const char *shell;
        void (*print)(struct buf *b, const struct subcommand *table);
    } scripts[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
        if (strcmp(shell, scripts[i].shell) == 0) {
            scripts[i].print(out, table);
            return true;
        }
    }
    return false;
}
