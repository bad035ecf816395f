// SPDX-License-Identifier: Apache-2.0
// Theme files, and what a role looks like.
#include "tui/screen/theme.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXTENSION ".theme"

enum {
    THEME_MAX_BYTES = 65536,
    THEME_FOLDERS = 4, // looked into at most
};

// clang-format off
static const char *const role_help_texts[ROLE_COUNT] = {
    [ROLE_TEXT]         = "plain text",
    [ROLE_DIM]          = "less important or stale",
    [ROLE_STRONG]       = "emphasis",
    [ROLE_OK]           = "a state that is ok",
    [ROLE_PENDING]      = "a state that is under way",
    [ROLE_WARNING]      = "a warning",
    [ROLE_BROKEN]       = "a state that is broken, an error",
    [ROLE_UNKNOWN]      = "not known: not loaded, not permitted, not installed",
    [ROLE_NAME]         = "names of objects",
    [ROLE_HOST]         = "host names",
    [ROLE_NUMBER]       = "numbers",
    [ROLE_TITLE]        = "column titles and headings",
    [ROLE_HEADER]       = "the header lines of the screen",
    [ROLE_HEADER_TEXT]  = "what matters in the header",
    [ROLE_KEY]          = "keys in hints",
    [ROLE_FOOTER]       = "the last line",
    [ROLE_CURSOR]       = "the selected row, laid over its text",
    [ROLE_MARK]         = "a marked row, laid over its text",
    [ROLE_SORT]         = "the title of the column that sorts",
    [ROLE_MATCH]        = "a hit of a search, laid over its text",
    [ROLE_PROMPT]       = "the line where one types",
    [ROLE_BORDER]       = "lines around panes",
    [ROLE_CONTEXT_PROD] = "the name of a context that looks like production",
};
static const char *const colours[16] = {
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow",
    "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
};
static const struct { const char *name; uint8_t bit; } attrs[] = {
    {"bold", STYLE_BOLD}, {"dim", STYLE_DIM}, {"italic", STYLE_ITALIC},
    {"underline", STYLE_UNDERLINE}, {"reverse", STYLE_REVERSE},
};
static const struct { const char *name; int colours; } depths[DEPTH_COUNT] = {
    [DEPTH_MONO] = {"mono", 0}, [DEPTH_8] = {"8", 8}, [DEPTH_16] = {"16", 16}, [DEPTH_256] = {"256", 256},
};
// clang-format on

const char *role_help(enum role r)
{
    return role_help_texts[r];
}

// The colour of the 6x6x6 cube (16 to 231) nearest to an RGB value.
static short nearest_256(unsigned rgb)
{
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    int index[3];
    for (int i = 0; i < 3; i++) {
        int v = (int)(rgb >> (16 - 8 * i) & 0xff);
        index[i] = 0;
        for (int l = 1; l < 6; l++) {
            if (abs(v - level[l]) < abs(v - level[index[i]])) {
                index[i] = l;
            }
        }
    }
    return (short)(16 + 36 * index[0] + 6 * index[1] + index[2]);
}

static bool parse_colour(const char *word, enum depth d, short *out)
{
    if (strcmp(word, "default") == 0) {
        *out = -1;
        return true;
    }
    int limit = depths[d].colours;
    for (int i = 0; i < 16; i++) {
        if (strcmp(word, colours[i]) == 0) {
            *out = (short)i;
            return i < limit;
        }
    }
    uint64_t rgb;
    if (word[0] == '#' && strlen(word) == 7 && number_parse_base(word + 1, 6, 16, 0xffffff, &rgb)) {
        *out = nearest_256((unsigned)rgb);
        return d == DEPTH_256;
    }
    int64_t v;
    if (!number_parse(word, strlen(word), limit - 1, &v)) {
        return false;
    }
    *out = (short)v;
    return true;
}

static bool parse_style(char *text, enum depth d, struct style *s, struct err *err)
{
    *s = (struct style){-1, -1, 0};
    int n = 0;
    char *save = NULL;
    for (char *w = strtok_r(text, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save), n++) {
        bool is_attr = false;
        for (size_t i = 0; i < ARRAY_COUNT(attrs); i++) {
            if (strcmp(w, attrs[i].name) == 0) {
                s->attrs |= attrs[i].bit;
                is_attr = true;
            }
        }
        if (is_attr && n > 0) {
            n = 2; // no colour after an attribute
            continue;
        }
        if (is_attr) {
            return err_set(err, ERR_CONFIG, "'%s' needs a colour before it; write 'default %s'", w,
                           w);
        }
        if (n > 1) {
            return err_set(
                err, ERR_CONFIG,
                "'%.40s' is not an attribute: write bold, dim, italic, underline or reverse", w);
        }
        if (!parse_colour(w, d, n == 0 ? &s->fg : &s->bg)) {
            return err_set(
                err, ERR_CONFIG,
                "'%.40s' is not a colour of [%s]: write 'default', a name such as 'red', "
                "or a number below %d",
                w, depths[d].name, depths[d].colours);
        }
    }
    if (n == 0) {
        return err_set(err, ERR_CONFIG, "there is no colour after '='; write one, or 'default'");
    }
    return true;
}

static char *trim(char *s)
{
    s += strspn(s, " \t\r");
    size_t n = strlen(s);
    while (n > 0 && strchr(" \t\r", s[n - 1]) != NULL) {
        s[--n] = '\0';
    }
    return s;
}

static bool parse_line(struct theme *t, char *line, int *depth, struct err *err)
{
    line = trim(line);
    size_t n = strlen(line);
    if (n == 0 || (line[0] == '#')) {
        return true;
    }
    if (line[0] == '[' && line[n - 1] == ']') {
        line[n - 1] = '\0';
        for (int d = 0; d < DEPTH_COUNT; d++) {
            if (strcmp(line + 1, depths[d].name) == 0) {
                *depth = d;
                return true;
            }
        }
        return err_set(err, ERR_CONFIG,
                       "no depth is called '%.40s': write [256], [16], [8] or [mono]", line + 1);
    }
    char *eq = strchr(line, '=');
    if (eq == NULL) {
        return err_set(err, ERR_CONFIG, "'%.40s' is not a line of a theme: write 'role = colour'",
                       line);
    }
    *eq = '\0';
    char *name = trim(line);
    if (*depth < 0) {
        return err_set(err, ERR_CONFIG,
                       "'%.40s' comes before any depth: begin with [256], [16], [8] or [mono]",
                       name);
    }
    for (int r = 0; r < ROLE_COUNT; r++) {
        if (strcmp(name, role_name((enum role)r)) == 0) {
            t->set[*depth][r] = true;
            return parse_style(eq + 1, (enum depth) * depth, &t->style[*depth][r], err);
        }
    }
    return err_set(err, ERR_CONFIG, "no role is called '%.40s'; gatetop-theme(5) lists them", name);
}

bool theme_parse(struct theme *t, const char *text, size_t n, const char *file, struct err *err)
{
    memset(t, 0, sizeof *t);
    int depth = -1, number = 0;
    for (size_t at = 0; at < n;) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t len = end != NULL ? (size_t)(end - (text + at)) : n - at;
        struct arena scratch;
        arena_init(&scratch);
        char *line = text_clean(&scratch, text + at, len, 400);
        bool ok = parse_line(t, line, &depth, err);
        arena_release(&scratch);
        number++;
        if (!ok) {
            err_prefix(err, "%s:%d", file, number);
            return false;
        }
        at += len + 1;
    }
    return true;
}

// The folders where themes are looked for, in order. Returns their number.
static int theme_folders(struct arena *a, const char *out[static THEME_FOLDERS])
{
    int n = 0;
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (!str_empty(xdg)) {
        out[n++] = arena_printf(a, "%s/gatetop/themes", xdg);
    } else if (!str_empty(home)) {
        out[n++] = arena_printf(a, "%s/.config/gatetop/themes", home);
    }
    out[n++] = GATETOP_DATADIR "/themes";
    char exe[4096];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (len > 0) {
        exe[len] = '\0';
        char *slash = strrchr(exe, '/');
        if (slash != NULL) {
            *slash = '\0';
            out[n++] = arena_printf(a, "%s/themes", exe);
            // Installed somewhere else than it was built for: an unpacked package, DESTDIR.
            out[n++] = arena_printf(a, "%s/../share/gatetop/themes", exe);
        }
    }
    return n;
}

enum load_result { LOAD_NO_FILE, LOAD_BAD, LOAD_DONE };

static enum load_result load_file(struct theme *t, const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        bool missing = errno == ENOENT || errno == ENOTDIR;
        err_sys(err, ERR_CONFIG, "cannot open theme '%s'", path);
        return missing ? LOAD_NO_FILE : LOAD_BAD;
    }
    char *text = xmalloc(THEME_MAX_BYTES + 1);
    size_t n = fread(text, 1, THEME_MAX_BYTES + 1, f);
    bool ok;
    if (ferror(f) != 0) {
        ok = err_sys(err, ERR_CONFIG, "cannot read theme '%s'", path);
    } else if (n > THEME_MAX_BYTES) {
        ok = err_set(err, ERR_LIMIT, "theme '%s' has more than %d bytes", path, THEME_MAX_BYTES);
    } else {
        ok = theme_parse(t, text, n, path, err);
    }
    fclose(f);
    free(text);
    return ok ? LOAD_DONE : LOAD_BAD;
}

static enum load_result load_by_name(struct theme *t, const char *name, struct err *err)
{
    struct arena a;
    arena_init(&a);
    const char *folders[THEME_FOLDERS], *places = "";
    int n = theme_folders(&a, folders);
    enum load_result result = LOAD_NO_FILE;
    for (int i = 0; i < n && result == LOAD_NO_FILE; i++) {
        result = load_file(t, arena_printf(&a, "%s/%s" EXTENSION, folders[i], name), err);
        places = arena_printf(&a, "%s%s%s", places, i > 0 ? ", " : "", folders[i]);
    }
    if (result == LOAD_NO_FILE && strcmp(name, "default") == 0) {
        size_t len = strlen(theme_default_text);
        result = theme_parse(t, theme_default_text, len, name, err) ? LOAD_DONE : LOAD_BAD;
    }
    if (result == LOAD_NO_FILE) {
        err_set(err, ERR_CONFIG, "no theme is called '%.40s'; looked in %s", name, places);
    }
    arena_release(&a);
    return result;
}

bool theme_load(struct theme *t, const char *name, struct err *err)
{
    const char *slash = strrchr(name, '/');
    enum load_result result = slash != NULL ? load_file(t, name, err) : load_by_name(t, name, err);
    if (result != LOAD_DONE) {
        return false;
    }
    const char *base = slash != NULL ? slash + 1 : name;
    snprintf(t->name, sizeof t->name, "%.*s", (int)strcspn(base, "."), base);
    return true;
}

// Adds the names of the themes in a folder.
static void add_names(struct arena *a, struct theme_list *list, const char *folder)
{
    DIR *d = opendir(folder);
    if (d == NULL) {
        return;
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (str_ends(e->d_name, EXTENSION) && text_is_clean(e->d_name, strlen(e->d_name))) {
            *ARENA_PUSH(a, list->at, list->n, list->cap) =
                arena_strndup(a, e->d_name, strlen(e->d_name) - strlen(EXTENSION));
        }
    }
    closedir(d);
}

struct theme_list theme_names(struct arena *a)
{
    struct theme_list list = {.n = 0};
    *ARENA_PUSH(a, list.at, list.n, list.cap) = "default";
    const char *folders[THEME_FOLDERS];
    int n = theme_folders(a, folders);
    for (int i = 0; i < n; i++) {
        add_names(a, &list, folders[i]);
    }
    qsort(list.at, list.n, sizeof *list.at, str_order);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list.n; i++) {
        if (kept == 0 || strcmp(list.at[kept - 1], list.at[i]) != 0) {
            list.at[kept++] = list.at[i];
        }
    }
    list.n = kept;
    return list;
}

static struct style style_of(const struct theme *t, enum depth d, enum role r)
{
    for (int at = (int)d; at >= 0; at--) {
        if (t->set[at][r] && (at != DEPTH_MONO || d == DEPTH_MONO)) {
            return t->style[at][r];
        }
    }
    return (struct style){-1, -1, 0};
}

bool role_is_bar(enum role r)
{
    return r == ROLE_HEADER || r == ROLE_FOOTER;
}

struct style theme_cell(const struct theme *t, enum depth d, enum role r, enum role over)
{
    struct style base = style_of(t, d, r);
    if (over == ROLE_TEXT) {
        return base;
    }
    struct style top = style_of(t, d, over);
    bool keep = role_is_bar(over) && base.fg >= 0;
    return (struct style){.fg = top.fg >= 0 && !keep ? top.fg : base.fg,
                          .bg = top.bg >= 0 ? top.bg : base.bg,
                          .attrs = base.attrs | top.attrs};
}
