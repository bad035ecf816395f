// SPDX-License-Identifier: Apache-2.0
// Documentation from the tables.
#include "tui/cli/generated_docs.h"

#include "kube/base/text.h"

#include "kube/mesh/cert/certificate_state.h"
#include "kube/mesh/check/finding_codes.h"

#include "views/view_list.h"

#include "tui/cli/options.h"
#include "tui/screen/command_line.h"
#include "tui/screen/keys.h"
#include "tui/screen/theme.h"

#include <string.h>

// Text for mdoc: a word that is a macro or a leading dot or quote would be taken for roff, and a delimiter
// that stands alone is drawn to the word before it.
static void put_text(struct buf *b, const char *s)
{
    for (const char *begin = s; *s != '\0'; s++) {
        bool alone = s > begin && s[-1] == ' ' && (s[1] == ' ' || s[1] == '\0');
        if ((s == begin || alone) && strchr(".'[]()|:;,?!", *s) != NULL) {
            buf_adds(b, "\\&");
        }
        bool ends = (*s == '.' || *s == '?') && s[1] == ' ' && s[2] >= 'A' && s[2] <= 'Z';
        if (ends) { // a new sentence is a new line of mdoc
            buf_addc(b, *s++);
            buf_addc(b, '\n');
        } else if (*s == '"') {
            buf_adds(b, "\\(dq");
        } else if (*s == '\\') {
            buf_adds(b, "\\e");
        } else if (*s == '-') {
            buf_adds(b, "\\-");
        } else {
            buf_addc(b, *s);
        }
    }
}

static void put_item(struct buf *b, const char *macro, const char *head, const char *text)
{
    buf_addf(b, ".It %s", macro);
    put_text(b, head);
    buf_addc(b, '\n');
    char first = text[0];
    if (first >= 'a' && first <= 'z') {
        buf_addc(b, (char)(first - 'a' + 'A'));
        put_text(b, text + 1);
    } else {
        put_text(b, text);
    }
    size_t n = strlen(text);
    buf_adds(b, n > 0 && text[n - 1] == '.' ? "\n" : ".\n");
}

static void put_commands(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width Ds\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        struct buf head;
        buf_init(&head, 0);
        buf_addf(&head, "gatetop%s%s%s%s", i == 0 ? "" : " ", subcommands[i].name,
                 subcommands[i].synopsis[0] != '\0' ? " " : "", subcommands[i].synopsis);
        put_item(b, "", head.data, subcommands[i].help);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_options(struct buf *b)
{
    const char *section = NULL;
    for (int i = 0; i < option_count; i++) {
        const struct option_info *o = &options[i];
        if (o->section == NULL) {
            continue;
        }
        if (o->section != section) {
            if (section != NULL) {
                buf_adds(b, ".El\n");
            }
            section = o->section;
            buf_addf(b, ".Ss %s\n.Bl -tag -width Ds\n", section);
        }
        struct buf head;
        buf_init(&head, 0);
        if (o->letter != 0) {
            buf_addf(&head, "-%c, ", o->letter);
        }
        buf_addf(&head, "--%s%s%s", o->name, o->arg != NULL ? " " : "",
                 o->arg != NULL ? o->arg : "");
        put_item(b, "", head.data, o->help);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_views(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width certificates\n");
    for (const struct view *const *v = views; *v != NULL; v++) {
        put_item(b, "Cm ", (*v)->name, (*v)->help);
    }
    buf_adds(b, ".El\n");
}

static void put_columns(struct buf *b)
{
    for (const struct view *const *v = views; *v != NULL; v++) {
        buf_addf(b, ".Ss %s\n.Bl -tag -width VIRTUALSERVICE\n", (*v)->name);
        for (int c = 0; c < (*v)->ncolumns; c++) {
            const struct column *k = &(*v)->columns[c];
            struct buf text;
            buf_init(&text, 0);
            buf_adds(&text, k->help);
            buf_addf(&text, " (CSV: %s", k->field);
            if (k->key != 0) {
                buf_addf(&text, "; sorted by %c", k->key);
            }
            buf_adds(&text, k->wide ? "; wide only)" : ")");
            put_item(b, "", k->title, text.data);
            buf_release(&text);
        }
        buf_adds(b, ".El\n");
    }
}

static void put_keys(struct buf *b)
{
    static const struct {
        enum key_context context;
        const char *title;
    } parts[] = {{IN_TABLE, "In tables"}, {IN_TEXT, "In text panes"}, {IN_PROMPT, "In prompts"}};
    struct arena a;
    arena_init(&a);
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        buf_addf(b, ".Ss %s\n.Bl -tag -width Ds\n", parts[p].title);
        for (int i = 0; i < nbindings; i++) {
            if ((bindings[i].contexts & parts[p].context) != 0) {
                put_item(b, "", binding_keys(&a, &bindings[i]), bindings[i].help);
            }
        }
        buf_adds(b, ".El\n");
    }
    arena_release(&a);
}

static void put_prompt(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width Ds\n");
    for (int i = 0; i < ncommands; i++) {
        struct buf head;
        buf_init(&head, 0);
        buf_addf(&head, ":%s%s%s", commands[i].name, commands[i].args[0] != '\0' ? " " : "",
                 commands[i].args);
        put_item(b, "", head.data, commands[i].help);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_codes(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width GT0101\n");
    for (size_t i = 0; i < finding_code_count; i++) {
        const struct finding_code *c = &finding_codes[i];
        struct buf head;
        buf_init(&head, 0);
        buf_addf(&head, "%s (%s): %s", c->code, severity_name(c->severity), c->title);
        put_item(b, "", head.data, c->text);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_roles(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width context_prod\n");
    for (int i = 0; i < ROLE_COUNT; i++) {
        put_item(b, "", role_name(roles[i].role), roles[i].help);
    }
    buf_adds(b, ".El\n");
}

static void put_states(struct buf *b)
{
    buf_adds(b, ".Bl -column \"NOT PICKED UP\" \"warning\"\n.It Sy State Ta Sy Link\n");
    for (int s = 0; s < CERTIFICATE_STATE_COUNT; s++) {
        buf_addf(b, ".It %s Ta %s\n", certificate_state_name((enum certificate_state)s),
                 verdict_name(certificate_state_verdict((enum certificate_state)s)));
    }
    buf_adds(b, ".El\n");
}

static const struct {
    const char *name;
    void (*put)(struct buf *b);
} sections[] = {{"COMMANDS", put_commands}, {"OPTIONS", put_options}, {"VIEWS", put_views},
                {"COLUMNS", put_columns},   {"KEYS", put_keys},       {"PROMPT", put_prompt},
                {"CODES", put_codes},       {"ROLES", put_roles},     {"STATES", put_states}};

static bool put_section(const char *name, size_t n, struct buf *out)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (strlen(sections[i].name) == n && memcmp(sections[i].name, name, n) == 0) {
            sections[i].put(out);
            return true;
        }
    }
    return false;
}

bool gendoc_fill(const char *text, struct buf *out, struct err *err)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        if (n > 2 && text[0] == '@' && text[n - 1] == '@') {
            if (!put_section(text + 1, n - 2, out)) {
                return err_set(err, ERR_CONFIG, "no table is named '%.*s'", (int)(n - 2), text + 1);
            }
        } else {
            buf_add(out, text, n);
            buf_addc(out, '\n');
        }
        text += n + (text[n] == '\n');
    }
    return true;
}

// --- completions

static void put_words(struct buf *b, const char *separator)
{
    for (int i = COMMAND_GET; i < COMMAND_COUNT; i++) {
        buf_addf(b, "%s%s", i == COMMAND_GET ? "" : separator, subcommands[i].name);
    }
    for (const struct view *const *v = views; *v != NULL; v++) {
        buf_addf(b, "%s%s", separator, (*v)->name);
    }
}

static void bash(struct buf *b)
{
    buf_adds(
        b,
        "# bash completion for gatetop; made from its tables\n_gatetop() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    COMPREPLY=()\n    case $before in\n"
        "    -o|--output) COMPREPLY=($(compgen -W 'table wide json csv name text' -- \"$word\")); "
        "return ;;\n    -f");
    for (int i = 0; i < option_count; i++) {
        if (options[i].arg != NULL && strcmp(options[i].arg, "FILE") == 0) {
            buf_addf(b, "|--%s", options[i].name);
        }
    }
    buf_adds(b, ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n    esac\n"
                "    if [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W '");
    for (int i = 0; i < option_count; i++) {
        if (options[i].section != NULL) {
            buf_addf(b, "%s--%s", i == 0 ? "" : " ", options[i].name);
        }
    }
    buf_adds(b, "' -- \"$word\"))\n    else\n        COMPREPLY=($(compgen -W '");
    put_words(b, " ");
    buf_adds(b, "' -- \"$word\"))\n    fi\n}\ncomplete -F _gatetop gatetop\n");
}

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

static void zsh(struct buf *b)
{
    buf_adds(
        b,
        "#compdef gatetop\n# zsh completion for gatetop; made from its tables\n_arguments -s \\\n");
    for (int i = 0; i < option_count; i++) {
        const struct option_info *o = &options[i];
        if (o->section == NULL) {
            continue;
        }
        buf_addf(b, "  '--%s[", o->name);
        put_quoted(b, o->help, "[]:\\");
        buf_adds(b, "]");
        if (o->arg != NULL) {
            buf_addf(b, ":%s:%s", o->name, strcmp(o->arg, "FILE") == 0 ? "_files" : "");
        }
        buf_adds(b, "' \\\n");
    }
    buf_adds(b, "  '*:word:(");
    put_words(b, " ");
    buf_adds(b, ")'\n");
}

static void fish(struct buf *b)
{
    buf_adds(b, "# fish completion for gatetop; made from its tables\n");
    for (int i = COMMAND_GET; i < COMMAND_COUNT; i++) {
        buf_addf(b, "complete -c gatetop -f -a %s -d '", subcommands[i].name);
        put_quoted(b, subcommands[i].help, "");
        buf_adds(b, "'\n");
    }
    for (const struct view *const *v = views; *v != NULL; v++) {
        buf_addf(b, "complete -c gatetop -f -a %s -d '", (*v)->name);
        put_quoted(b, (*v)->help, "");
        buf_adds(b, "'\n");
    }
    for (int i = 0; i < option_count; i++) {
        const struct option_info *o = &options[i];
        if (o->section == NULL) {
            continue;
        }
        buf_addf(b, "complete -c gatetop -l %s", o->name);
        if (o->letter != 0) {
            buf_addf(b, " -s %c", o->letter);
        }
        buf_addf(b, "%s -d '",
                 o->arg == NULL ? "" : (strcmp(o->arg, "FILE") == 0 ? " -r -F" : " -x"));
        put_quoted(b, o->help, "");
        buf_adds(b, "'\n");
    }
}

bool gendoc_completion(const char *shell, struct buf *out)
{
    if (strcmp(shell, "bash") == 0) {
        bash(out);
    } else if (strcmp(shell, "zsh") == 0) {
        zsh(out);
    } else if (strcmp(shell, "fish") == 0) {
        fish(out);
    } else {
        return false;
    }
    return true;
}
