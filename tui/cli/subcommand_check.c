// SPDX-License-Identifier: Apache-2.0
// `gatetop check`: findings as text with the source line, or as JSON.
#include "kube/base/arena.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/object/manifest_places.h"

#include "kube/mesh/check/check.h"

#include "views/findings.h"

#include "tui/cli/answer_snapshot.h"
#include "tui/cli/exit_status.h"
#include "tui/cli/external_dns_options.h"
#include "tui/cli/output.h"
#include "tui/cli/output_list.h"
#include "tui/cli/subcommand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const kind_set reads = KIND_SET_ALL & ~KIND_BIT(KIND_EVENT) & ~KIND_BIT(KIND_INGRESS) &
                              ~KIND_BIT(KIND_AUTHORIZATIONPOLICY);

// Prints the line that a finding is about, with a caret under its column. lines: of its file, NULL if that is gone.
static void print_source(const struct finding *f, const struct manifest_lines *lines)
{
    const struct object_source *source = f->object->source;
    bool inside = f->line >= source->line && f->line <= source->last_line;
    int column = f->column;
    char *text = lines != NULL && inside ? manifest_line(lines, f->line, &column) : NULL;
    if (text != NULL) {
        printf("%7d | %s\n", f->line, text);
        if (column > 0) {
            printf("        | %*s^\n", column - 1, "");
        }
    }
    free(text);
}

static bool has_place(const struct finding *f)
{
    return f->object != NULL && f->object->source != NULL && f->path != NULL;
}

// Sets the line and column of each finding's path in its file, where that is known.
static void locate_all(struct findings *all)
{
    struct manifest_place *places = xcalloc(all->n, sizeof *places);
    size_t n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        if (has_place(&all->at[i])) {
            places[n++] =
                (struct manifest_place){.object = all->at[i].object, .path = all->at[i].path};
        }
    }
    manifest_locate(places, n);
    n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        struct finding *f = &all->at[i];
        if (has_place(f)) {
            const struct manifest_place *p = &places[n++];
            f->line = p->found ? p->line : f->line;
            f->column = p->column;
        }
    }
    free(places);
}

static void print_one(const struct finding *f, const struct manifest_lines *lines)
{
    printf("  %s %s ", severity_name(f->severity), f->code);
    if (f->kind != KIND_COUNT) {
        printf("%s %s%s%s", kinds[f->kind].kind, str_or_empty(f->ns), !str_empty(f->ns) ? "/" : "",
               str_or_empty(f->name));
    }
    if (f->path != NULL) {
        printf(" %s", f->path);
    }
    printf(": %s\n", f->message);
    if (f->object != NULL && f->object->source != NULL && f->line > 0) {
        print_source(f, lines);
    }
    if (f->hint != NULL) {
        printf("          %s\n", f->hint);
    }
}

static int by_file(const void *x, const void *y)
{
    const struct finding *a = *(const struct finding *const *)x,
                         *b = *(const struct finding *const *)y;
    int c = strcmp(str_or_empty(a->file), str_or_empty(b->file));
    return c != 0 ? c : (a > b) - (a < b); // in the order of the list: worst first
}

static void print_text(const struct view_args *a, const struct findings *all)
{
    const struct finding **sorted = arena_calloc(a->arena, all->n, sizeof *sorted);
    uint32_t n = 0, count[3] = {0};
    for (uint32_t i = 0; i < all->n; i++) {
        sorted[n++] = &all->at[i];
        count[all->at[i].severity]++;
    }
    qsort(sorted, n, sizeof *sorted, by_file);
    const char *file = NULL;
    struct manifest_lines *lines = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || !str_eq(sorted[i]->file, file)) {
            file = sorted[i]->file;
            manifest_lines_free(lines);
            lines = file != NULL ? manifest_lines_read(file) : NULL;
            printf("%s%s:\n", i == 0 ? "" : "\n", file != NULL ? file : "cluster");
        }
        print_one(sorted[i], lines);
    }
    manifest_lines_free(lines);
    if (n == 0) {
        puts("no findings");
    } else {
        printf("\n%s, %s, %s\n", str_plural(a->arena, count[SEVERITY_ERROR], "error", "errors"),
               str_plural(a->arena, count[SEVERITY_WARNING], "warning", "warnings"),
               str_plural(a->arena, count[SEVERITY_INFO], "info", "infos"));
    }
}

static void print_json(const struct findings *all, bool complete)
{
    output_list_begin(stdout, "FindingList");
    output_list_field(stdout, "complete", json_new_bool(complete));
    struct output_items items = output_items_begin(stdout);
    for (uint32_t i = 0; i < all->n; i++) {
        output_items_add(&items, finding_json(&all->at[i]));
    }
    output_items_end(&items);
    output_list_end(stdout);
}

// -n chooses what is shown, never what is checked; findings without a namespace stay.
static void keep_namespace(struct findings *all, const char *ns)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        if (str_empty(all->at[i].ns) || str_eq(all->at[i].ns, ns)) {
            all->at[n++] = all->at[i];
        }
    }
    all->n = n;
}

static bool all_readable(const struct snapshot *s)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct kind_state *state = &s->states[k];
        if (state->state == SYNC_FORBIDDEN || state->partial || state->dropped > 0) {
            return false;
        }
    }
    return true;
}

static bool asks_for_expiring(const struct options *o)
{
    return o->expiring.seconds > 0 || o->expiring.percent > 0;
}

// Prints the findings; whether one is as severe as --fail-on says.
static bool check_snapshot(const struct options *o, const struct snapshot *s, struct arena *arena,
                           const struct dns_settings *dns)
{
    struct check_options checks = {o->ignore.at, (uint32_t)o->ignore.n};
    struct view_options options = {.ascii = o->ascii, .checks = &checks, .dns = dns};
    struct view_args a = {.snap = s, .arena = arena, .now = clock_now(), .options = &options};
    struct findings all = {0};
    findings_all(&a, asks_for_expiring(o) ? &o->expiring : NULL, &all);
    if (o->ns != NULL) {
        keep_namespace(&all, o->ns);
    }
    locate_all(&all);
    if (o->output == OUTPUT_JSON) {
        print_json(&all, all_readable(s));
    } else {
        print_text(&a, &all);
    }
    for (uint32_t i = 0; i < all.n; i++) {
        if (all.at[i].severity >= o->fail_on) {
            return true;
        }
    }
    return false;
}

int subcommand_check(const struct options *o)
{
    struct err err = {0};
    struct arena arena;
    arena_init(&arena);
    const struct dns_settings *dns;
    if (!external_dns_options(o, &arena, &dns, &err)) {
        output_problems(err.msg);
        external_dns_options_release(&arena);
        return STATUS_USAGE;
    }
    // If Certificates may not be read, "none expires soon" would be a guess.
    kind_set needs = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) |
                     (asks_for_expiring(o) ? KIND_BIT(KIND_CERTIFICATE) : 0);
    int status;
    const struct answer_wants wants = {.needs = needs, .reads = reads, .dns = dns};
    const struct snapshot *s = answer_snapshot(o, &wants, &status);
    bool bad = false;
    if (s != NULL) {
        bad = check_snapshot(o, s, &arena, dns);
    }
    external_dns_options_release(&arena);
    if (s == NULL) {
        return status;
    }
    snapshot_unref(s);
    if (!output_done(stdout)) {
        return STATUS_BAD;
    }
    return output_worse(status, bad ? STATUS_BAD : STATUS_OK);
}
