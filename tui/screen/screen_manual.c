// SPDX-License-Identifier: Apache-2.0
// The manual pages' sections about the dashboard.
#include "tui/screen/screen_manual.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"

#include "tui/screen/bindings.h"
#include "tui/screen/commands.h"
#include "tui/screen/theme.h"

static void put_keys(struct buf *b)
{
    static const struct {
        enum key_context context;
        const char *title;
    } parts[] = {{IN_TABLE, "In tables"}, {IN_TEXT, "In text panes"}, {IN_PROMPT, "In prompts"}};
    struct arena a;
    arena_init(&a);
    for (size_t p = 0; p < ARRAY_COUNT(parts); p++) {
        buf_addf(b, ".Ss %s\n.Bl -tag -width Ds\n", parts[p].title);
        for (size_t i = 0; i < binding_count; i++) {
            if ((bindings[i].contexts & parts[p].context) != 0) {
                mdoc_item(b, "", binding_keys(&a, &bindings[i]), bindings[i].help);
            }
        }
        buf_adds(b, ".El\n");
    }
    arena_release(&a);
}

static void put_commands(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < command_count; i++) {
        struct buf head;
        buf_init(&head, 0);
        buf_addf(&head, ":%s%s%s", commands[i].name, commands[i].args[0] != '\0' ? " " : "",
                 commands[i].args);
        mdoc_item(b, "", head.data, commands[i].help);
        buf_release(&head);
    }
    buf_adds(b, ".El\n");
}

static void put_roles(struct buf *b)
{
    buf_adds(b, ".Bl -tag -width context_prod\n");
    for (int i = 0; i < ROLE_COUNT; i++) {
        mdoc_item(b, "", role_name((enum role)i), role_help((enum role)i));
    }
    buf_adds(b, ".El\n");
}

const struct mdoc_section screen_manual[] = {
    {"KEYS", put_keys},
    {"COMMANDS", put_commands},
    {"ROLES", put_roles},
    {NULL, NULL},
};
