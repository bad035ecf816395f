// SPDX-License-Identifier: Apache-2.0
// Checks docs/rules: every citation leads to an anchor there, every rule names its source and a test that exists, and
// the code cites every rule, or the rule says why none does.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"

#include "tests/support/file.h"
#include "tests/support/sources.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

#define RULES "docs/rules"

// Names are split so that this file, which is searched as well, does not hold them.
#define CITATION                                                                                   \
    "docs/ru"                                                                                      \
    "les/"
#define SECTION_SIGN "\xc2\xa7"
#define NOT_YET "none, not implemented yet"

static const char *const roots[] = {
    "kube",   "views", "tui",       "tests",           "docs",         "man",
    "themes", ".ci",   "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile"};
// Recorded data is copied unchanged.
static const char *const skipped[] = {"tests/fixtures", "tests/fuzz/corpus"};

// Papers that readers of the repository do not have. "istio" ".md" is also the name of a file of rules.
static const char *const papers[] = {"certs"
                                     "-dns",
                                     "kube"
                                     "-client.md",
                                     "style"
                                     ".md",
                                     "DESIGN"
                                     ".md",
                                     "istio"
                                     ".md"};

// A rule, the value of its anchor "FILE.md#ANCHOR"; files of rules have none.
struct rule {
    int line;    // in its file
    bool cited;  // by the program
    bool nobody; // no code follows it: it has a line 'Code: none'
};

static bool kebab(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static size_t kebab_length(const char *s)
{
    size_t n = 0;
    while (kebab(s[n])) {
        n++;
    }
    return n;
}

// --- citations

static bool is_program(const char *path)
{
    return str_starts(path, "kube/") || str_starts(path, "views/") || str_starts(path, "tui/");
}

// Looks up FILE.md#ANCHOR, or FILE.md alone in prose.
static void resolve(const char *path, int line, const char *file, size_t nfile, const char *anchor,
                    size_t nanchor, const struct string_map *anchors, struct report *r)
{
    char *whole = nanchor > 0 ? xasprintf("%.*s#%.*s", (int)nfile, file, (int)nanchor, anchor)
                              : xasprintf("%.*s", (int)nfile, file);
    struct rule *rule = string_map_get(anchors, whole);
    if (rule == NULL) {
        report_add(r, path, line, "%s/%s does not exist", RULES, whole);
    } else if (nanchor > 0) {
        rule->cited |= is_program(path);
    }
    free(whole);
}

static bool is_prose(const char *path)
{
    return str_ends(path, ".md") || str_starts(path, "man/");
}

// Counts and checks the citations of one file. Pages in docs/ may leave the first folder out, as links do.
static size_t check_citations(const char *path, const char *text, const struct string_map *anchors,
                              struct report *r)
{
    static const char folder[] = "rules/", tail[] = ".md";
    size_t found = 0;
    for (const char *p = text; (p = strstr(p, folder)) != NULL;) {
        bool from_root = p - text >= 5 && strncmp(p - 5, "docs/", 5) == 0;
        const char *file = p + sizeof folder - 1;
        size_t n = kebab_length(file);
        p = file + n;
        if (n == 0 || !str_starts(p, tail) || (!from_root && !str_starts(path, "docs/"))) {
            continue;
        }
        p += sizeof tail - 1;
        const char *anchor = *p == '#' ? p + 1 : p;
        size_t nanchor = kebab_length(anchor) * (*p == '#');
        int line = line_of(text, file);
        found++;
        if (nanchor == 0 && (*p == '#' || !is_prose(path))) {
            report_add(r, path, line, "a citation without an anchor");
            continue;
        }
        resolve(path, line, file, n + sizeof tail - 1, anchor, nanchor, anchors, r);
    }
    return found;
}

// Links between and inside the files of rules: "](#anchor)" and "](dns.md#anchor)".
static void check_links(const char *path, const char *text, const struct string_map *anchors,
                        struct report *r)
{
    const char *own = strrchr(path, '/') + 1;
    for (const char *p = text; (p = strstr(p, "](")) != NULL;) {
        p += 2;
        size_t n = strcspn(p, "#)\n");
        if (p[n] == '#' && (n == 0 || memchr(p, '/', n) == NULL)) {
            resolve(path, line_of(text, p), n == 0 ? own : p, n == 0 ? strlen(own) : n, p + n + 1,
                    strcspn(p + n + 1, ")\n"), anchors, r);
        }
    }
}

// --- papers that are not in the repository

static void check_papers(const char *path, const char *text, struct report *r)
{
    for (const char *p = text; (p = strstr(p, SECTION_SIGN)) != NULL; p += 2) {
        report_add(r, path, line_of(text, p),
                   "a section sign: cite a rule by its anchor, an RFC as 'RFC 2181, section 8'");
    }
    for (size_t i = 0; i < ARRAY_COUNT(papers); i++) {
        for (const char *p = text; (p = strstr(p, papers[i])) != NULL; p++) {
            bool rules = p - text >= 6 && strncmp(p - 6, "rules/", 6) == 0;
            bool link = p - text >= 2 && strncmp(p - 2, "](", 2) == 0 && str_starts(path, RULES);
            bool longer = p > text && kebab(p[-1]);
            if (!rules && !link && !longer) {
                report_add(r, path, line_of(text, p), "'%s' is no file of this repository",
                           papers[i]);
            }
        }
    }
}

// --- the files of rules

// Is a function of that name defined in the C text? Its line begins in the first column and is no prototype.
static bool defines(const char *text, const char *name, size_t n)
{
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, "\n");
        bool code = (*p >= 'a' && *p <= 'z') && p[len - 1] != ';';
        for (size_t i = 1; code && i + n < len; i++) {
            if (strncmp(p + i, name, n) == 0 && p[i + n] == '(' &&
                (p[i - 1] == ' ' || p[i - 1] == '*')) {
                return true;
            }
        }
        p += len + (p[len] == '\n');
    }
    return false;
}

static char *read_text(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return NULL;
    }
    size_t n;
    return file_read(path, &n);
}

// One entry of a Source line: a project with its version, the number of an RFC or of an issue, or the day of a page
// that has no version, each of which has a digit; or 'gatetop', which alone says why: 'gatetop (why)'. `only`: the rule
// has no other source.
static void check_source(const char *path, int line, const char *entry, size_t n, bool only,
                         struct report *r)
{
    static const char own[] = "gatetop";
    const size_t nown = sizeof own - 1;
    if (n >= nown && strncmp(entry, own, nown) == 0) {
        bool why = n > nown + 3 && str_starts(entry + nown, " (") && entry[n - 1] == ')';
        if (n != nown && !why) {
            report_add(r, path, line, "write 'gatetop (why)'");
        } else if (only && !why) {
            report_add(r, path, line,
                       "a rule of gatetop's own says why it is one: 'gatetop (why)'");
        }
        return;
    }
    size_t text = 0;
    while (text < n && !ascii_digit(entry[text])) {
        text++;
    }
    if (text == n && !str_is(entry, n, "terminfo(5)")) {
        report_add(r, path, line, "the source '%.*s' has no version, number or day", (int)n, entry);
    }
}

static void check_sources(const char *path, int line, const char *list, size_t n, struct report *r)
{
    const bool only = memchr(list, ';', n) == NULL;
    for (const char *p = list, *end = list + n; p < end;) {
        size_t len = strcspn(p, ";\n");
        len = p + len > end ? (size_t)(end - p) : len;
        check_source(path, line, p, len, only, r);
        p += len + (p + len < end);
        p += p < end ? strspn(p, " ") : 0;
    }
}

// One "PATH (function, function)" of a Test line; a file that is not C stands alone.
static void check_test(const char *path, int line, const char *entry, size_t n, struct report *r)
{
    size_t nfile = 0;
    while (nfile < n && entry[nfile] != ' ') {
        nfile++;
    }
    char *file = xasprintf("%.*s", (int)nfile, entry);
    char *text = str_starts(file, "tests/") ? read_text(file) : NULL;
    bool c = str_ends(file, ".c");
    bool functions = n > nfile + 3 && entry[nfile + 1] == '(' && entry[n - 1] == ')';
    if (text == NULL) {
        report_add(r, path, line, "the test '%s' does not exist", file);
    } else if (c != functions || (!c && n != nfile)) {
        report_add(r, path, line, "write 'tests/unit/t_x.c (function, function)'");
    } else if (functions) {
        const char *end = entry + n - 1;
        for (const char *p = entry + nfile + 2; p < end;) {
            size_t len = strcspn(p, ",)");
            if (!defines(text, p, len)) {
                report_add(r, path, line, "%s defines no function '%.*s'", file, (int)len, p);
            }
            p += len + 1;
            p += strspn(p, " ");
        }
    }
    free(text);
    free(file);
}

// Is it 'none (why)', or that nothing is there to be tested?
static bool no_test(const char *list, size_t n)
{
    static const char none[] = "none (";
    return str_is(list, n, NOT_YET) ||
           (n > sizeof none && str_starts(list, none) && list[n - 1] == ')');
}

static void check_tests(const char *path, int line, const char *list, size_t n, struct report *r)
{
    if (no_test(list, n)) {
        return;
    }
    for (const char *p = list, *end = list + n; p < end;) {
        size_t len = strcspn(p, ";\n");
        check_test(path, line, p, len, r);
        p += len;
        if (p < end) {
            p += 1 + strspn(p + 1, " ");
            if (p >= end) {
                report_add(r, path, line, "the list of tests ends with ';': write it on one line");
            }
        }
    }
}

struct rules_file {
    const char *path, *name;    // "docs/rules/istio" ".md", and the part after the last slash
    struct string_map *anchors; // of all files so far: "FILE.md" and "FILE.md#ANCHOR" (struct rule)
    struct report *report;
    size_t rules;
    struct rule *current; // that of the newest anchor
    int anchor;           // the line of one that waits for its heading, 0: none
    int rule;             // the line of the heading of the current rule, 0: none
    int source, tests;    // lines of that rule, 0: none
};

static void end_rule(struct rules_file *f)
{
    if (f->rule != 0 && f->source == 0) {
        report_add(f->report, f->path, f->rule, "the rule has no line 'Source: '");
    }
    if (f->rule != 0 && f->tests == 0) {
        report_add(f->report, f->path, f->rule, "the rule has no line 'Test: '");
    }
    f->rule = f->source = f->tests = 0;
}

static void read_anchor(struct rules_file *f, int number, const char *line, size_t n)
{
    static const char start[] = "<a id=\"", end[] = "\"></a>";
    const char *id = line + sizeof start - 1;
    size_t len = kebab_length(id);
    end_rule(f);
    if (len == 0 || n != sizeof start - 1 + len + sizeof end - 1 ||
        strncmp(id + len, end, sizeof end - 1) != 0) {
        report_add(f->report, f->path, number, "write an anchor as <a id=\"kebab-case\"></a>");
        return;
    }
    const char *whole = arena_printf(f->anchors->arena, "%s#%.*s", f->name, (int)len, id);
    if (string_map_get(f->anchors, whole) != NULL) {
        report_add(f->report, f->path, number, "the anchor %s is there twice", whole);
    }
    f->current = arena_calloc(f->anchors->arena, 1, sizeof *f->current);
    f->current->line = number;
    string_map_put(f->anchors, whole, f->current);
    f->anchor = number;
}

// A rule about servers, or one that says what gatetop leaves out: 'Code: none (why)'.
static void read_code(struct rules_file *f, int number, const char *line, size_t n)
{
    static const char start[] = "Code: none (";
    if (!str_starts(line, start) || n < sizeof start + 1 || line[n - 1] != ')') {
        report_add(f->report, f->path, number, "write 'Code: none (why)'");
    } else if (f->current == NULL || f->source == 0 || f->tests != 0) {
        report_add(f->report, f->path, number, "'Code: ' stands between 'Source: ' and 'Test: '");
    } else {
        f->current->nobody = true;
    }
}

static void read_line(struct rules_file *f, int number, const char *line, size_t n)
{
    static const char source[] = "Source: ", code[] = "Code: ", tests[] = "Test: ";
    if (n == 0) {
        return;
    }
    if (f->anchor != 0 && !str_starts(line, "### ")) {
        report_add(f->report, f->path, f->anchor, "the anchor has no rule below it");
        f->anchor = 0;
    }
    if (str_starts(line, "<a id=")) {
        read_anchor(f, number, line, n);
    } else if (str_starts(line, "### ")) {
        end_rule(f);
        if (f->anchor == 0) {
            report_add(f->report, f->path, number, "the rule has no anchor above it");
        }
        f->anchor = 0;
        f->rule = number;
        f->rules++;
    } else if (str_starts(line, "# ") || str_starts(line, "## ")) {
        end_rule(f);
    } else if (str_starts(line, source)) {
        f->source = number;
        check_sources(f->path, number, line + sizeof source - 1, n - (sizeof source - 1),
                      f->report);
    } else if (str_starts(line, code)) {
        read_code(f, number, line, n);
    } else if (str_starts(line, tests)) {
        if (f->rule != 0 && f->source == 0) {
            report_add(f->report, f->path, number, "'Source: ' comes before 'Test: '");
        }
        f->tests = number;
        if (no_test(line + sizeof tests - 1, n - (sizeof tests - 1)) && f->rule != 0 &&
            (f->current == NULL || !f->current->nobody)) {
            report_add(f->report, f->path, number,
                       "no test, but the rule has no line 'Code: none (why)'");
        }
        check_tests(f->path, number, line + sizeof tests - 1, n - (sizeof tests - 1), f->report);
    }
}

// Checks one file, adds its anchors, and returns the number of its rules.
static size_t check_rules(const char *path, const char *text, struct string_map *anchors,
                          struct report *r)
{
    struct rules_file f = {.path = path, .name = strrchr(path, '/') + 1, .anchors = anchors};
    f.report = r;
    string_map_add(anchors, arena_strdup(anchors->arena, f.name));
    bool code = false; // inside a fence
    int number = 1;
    for (const char *p = text; *p != '\0'; number++) {
        size_t n = strcspn(p, "\n");
        bool fence = str_starts(p, "```");
        code ^= fence;
        if (!code && !fence) {
            read_line(&f, number, p, n);
        }
        p += n + (p[n] == '\n');
    }
    if (f.anchor != 0) {
        report_add(r, path, f.anchor, "the anchor has no rule below it");
    }
    end_rule(&f);
    return f.rules;
}

// --- the tree; run from its root, as tests/run does

struct tree {
    struct arena arena;
    struct string_map anchors;
    struct report report;
    size_t rules, files, citations;
};
typedef void visit(struct tree *t, const char *path, const char *text);

static void walk(struct tree *t, const char *path, visit *f)
{
    for (size_t i = 0; i < ARRAY_COUNT(skipped); i++) {
        if (strcmp(path, skipped[i]) == 0) {
            return;
        }
    }
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort);
    if (n < 0) {
        char *text = read_text(path);
        if (text != NULL) {
            f(t, path, text);
            t->files++;
        }
        free(text);
        return;
    }
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.') {
            char *inner = xasprintf("%s/%s", path, names[i]->d_name);
            walk(t, inner, f);
            free(inner);
        }
        free(names[i]);
    }
    free(names);
}

static void walk_all(struct tree *t, visit *f)
{
    t->files = 0;
    for (size_t i = 0; i < ARRAY_COUNT(roots); i++) {
        walk(t, roots[i], f);
    }
    assert_true(t->files > 100);
}

static void visit_rules(struct tree *t, const char *path, const char *text)
{
    if (str_ends(path, ".md")) {
        t->rules += check_rules(path, text, &t->anchors, &t->report);
    }
}

static void visit_links(struct tree *t, const char *path, const char *text)
{
    if (str_ends(path, ".md")) {
        check_links(path, text, &t->anchors, &t->report);
    }
}

static void visit_citations(struct tree *t, const char *path, const char *text)
{
    t->citations += check_citations(path, text, &t->anchors, &t->report);
}

// Every rule is cited by the program, or says why it is not; not both. Citations were counted before.
static void check_cited(const struct string_map *anchors, struct report *r)
{
    uint32_t at = 0;
    for (const struct string_map_slot *slot; (slot = string_map_next(anchors, &at)) != NULL;) {
        const char *anchor = strchr(slot->key, '#');
        if (anchor == NULL) {
            continue;
        }
        const struct rule *rule = slot->value;
        char *path = xasprintf("%s/%.*s", RULES, (int)(anchor - slot->key), slot->key);
        if (!rule->cited && !rule->nobody) {
            report_add(
                r, path, rule->line,
                "no file of kube, views or tui cites %s, and it has no line 'Code: none (why)'",
                anchor);
        } else if (rule->cited && rule->nobody) {
            report_add(r, path, rule->line, "%s has a line 'Code: none', and code cites it",
                       anchor);
        }
        free(path);
    }
}

static void visit_papers(struct tree *t, const char *path, const char *text)
{
    check_papers(path, text, &t->report);
}

static void open_tree(struct tree *t)
{
    memset(t, 0, sizeof *t);
    arena_init(&t->arena);
    string_map_init(&t->anchors, &t->arena);
    report_init(&t->report);
    walk(t, RULES, visit_rules);
    assert_true(t->rules > 0);
}

static void close_tree(struct tree *t)
{
    arena_release(&t->arena);
    report_end(&t->report);
}

static void rules_are_complete(void **state)
{
    (void)state;
    struct tree t;
    open_tree(&t);
    walk(&t, RULES, visit_links);
    close_tree(&t);
}

static void citations_lead_to_rules(void **state)
{
    (void)state;
    struct tree t;
    open_tree(&t);
    t.report.wrong = 0; // what is wrong in the rules themselves is another test
    buf_reset(&t.report.text);
    walk_all(&t, visit_citations);
    printf("# %zu citations of %zu rules\n", t.citations, t.rules);
    assert_true(t.citations > 50);
    close_tree(&t);
}

static void rules_are_cited(void **state)
{
    (void)state;
    struct tree t;
    open_tree(&t);
    walk_all(&t, visit_citations);
    t.report.wrong = 0; // where citations lead is another test
    buf_reset(&t.report.text);
    check_cited(&t.anchors, &t.report);
    close_tree(&t);
}

static void no_paper_outside_is_cited(void **state)
{
    (void)state;
    struct tree t;
    memset(&t, 0, sizeof t);
    buf_init(&t.report.text, 0);
    walk_all(&t, visit_papers);
    close_tree(&t);
}

// --- the checks themselves

struct sample {
    const char *text;
    const char *wrong; // part of the one complaint, NULL: there is none
};

static void judge(const struct sample *s, struct report *r)
{
    const char *said = r->wrong > 0 ? r->text.data : "";
    if (r->wrong != (s->wrong != NULL) || (s->wrong != NULL && strstr(said, s->wrong) == NULL)) {
        fail_msg("\"%s\": \"%s\", not \"%s\"", s->text, said, str_or_empty(s->wrong));
    }
    buf_release(&r->text);
}

#define ANCHOR "<a id=\"a-rule\"></a>\n"
#define HEAD "# Rules\n\n## Subject\n\n" ANCHOR "### A rule\nFacts.\n\n"
#define GOOD_SOURCE "Source: gatetop (why)\n"
#define CODE_NONE "Code: none (why)\n"
#define THIS "tests/unit/t_rules.c"
#define GOOD_TEST "Test: " THIS " (bad_rules)\n"
#define NEXT "<a id=\"next\"></a>\n### Next\n" GOOD_SOURCE GOOD_TEST

static void bad_rules(void **state)
{
    (void)state;
    static const struct sample t[] = {
        {HEAD GOOD_SOURCE GOOD_TEST "\n" NEXT, NULL},
        {HEAD GOOD_SOURCE "Code: none (a fact of servers)\n" GOOD_TEST, NULL},
        {HEAD "Source: gatetop\n" GOOD_TEST, "says why"},
        {HEAD "Source: gatetop ()\n" GOOD_TEST, "'gatetop (why)'"},
        {HEAD "Source: gatetop, by choice\n" GOOD_TEST, "'gatetop (why)'"},
        {HEAD "Source: Go 1.26, src/a.go; gatetop\n" GOOD_TEST, NULL},
        {HEAD "Source: gatetop; RFC 1034; a page (read 2026-11)\n" GOOD_TEST, NULL},
        {HEAD "Source: Go, src/a.go; gatetop\n" GOOD_TEST, "'Go, src/a.go' has no version"},
        {HEAD "Source: Go 1.26; a page\n" GOOD_TEST, "'a page' has no version"},
        {HEAD GOOD_SOURCE "Code: none\n" GOOD_TEST, "write 'Code: none (why)'"},
        {HEAD GOOD_SOURCE "Code: none ()\n" GOOD_TEST, "write 'Code: none (why)'"},
        {HEAD GOOD_SOURCE "Code: none (why\n" GOOD_TEST, "write 'Code: none (why)'"},
        {HEAD GOOD_SOURCE "Code: kube/a.c\n" GOOD_TEST, "write 'Code: none (why)'"},
        {HEAD "Code: none (why)\n" GOOD_SOURCE GOOD_TEST, "between"},
        {HEAD GOOD_SOURCE GOOD_TEST "Code: none (why)\n", "between"},
        {GOOD_SOURCE "Code: none (why)\n", "between"},
        {HEAD GOOD_SOURCE "\nTest: " THIS " (bad_rules, judge); tests/run\n", NULL},
        {HEAD GOOD_SOURCE CODE_NONE "Test: " NOT_YET "\n", NULL},
        {HEAD GOOD_SOURCE CODE_NONE "Test: none (a fact about servers)\n", NULL},
        {HEAD GOOD_SOURCE CODE_NONE "Test: none ()\n", "the test 'none'"},
        {HEAD GOOD_SOURCE "Test: " NOT_YET "\n", "no test, but"},
        {HEAD GOOD_SOURCE "Test: none (a fact about servers)\n", "no test, but"},
        {"```\n### no rule\n```\n" HEAD GOOD_SOURCE GOOD_TEST, NULL},
        {HEAD GOOD_TEST GOOD_SOURCE, "comes before"},
        {HEAD "\n" GOOD_SOURCE, "no line 'Test: '"},
        {HEAD GOOD_SOURCE "\n" NEXT, "no line 'Test: '"},
        {HEAD GOOD_SOURCE "Tests: x\n", "no line 'Test: '"},
        {"### A rule\n" GOOD_SOURCE GOOD_TEST, "no anchor above"},
        {HEAD GOOD_SOURCE GOOD_TEST "### Another\n" GOOD_SOURCE GOOD_TEST, "no anchor above"},
        {ANCHOR "Text.\n", "no rule below"},
        {ANCHOR, "no rule below"},
        {HEAD GOOD_SOURCE GOOD_TEST ANCHOR "### Again\n" GOOD_SOURCE GOOD_TEST, "twice"},
        {"<a id=\"A_rule\"></a>\n", "kebab-case"},
        {"<a id=\"a-rule\"> </a>\n", "kebab-case"},
        {HEAD GOOD_SOURCE "Test: none\n", "the test 'none'"},
        {HEAD GOOD_SOURCE "Test: tests/unit/t_gone.c (f)\n", "'tests/unit/t_gone.c' does not"},
        {HEAD GOOD_SOURCE "Test: Makefile\n", "'Makefile' does not"},
        {HEAD GOOD_SOURCE "Test: " THIS "\n", "function, function"},
        {HEAD GOOD_SOURCE "Test: " THIS " bad_rules\n", "function, function"},
        {HEAD GOOD_SOURCE "Test: " THIS " (bad_rule)\n", "no function 'bad_rule'"},
        {HEAD GOOD_SOURCE "Test: " THIS " (strstr)\n", "no function 'strstr'"},
        {HEAD GOOD_SOURCE "Test: " THIS " (bad_rules, gone)\n", "no function 'gone'"},
        {HEAD GOOD_SOURCE "Test: " THIS " (bad_rules);\ntests/run\n", "ends with ';'"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct arena a;
        struct string_map anchors;
        arena_init(&a);
        string_map_init(&anchors, &a);
        struct report r;
        report_init(&r);
        check_rules(RULES "/x.md", t[i].text, &anchors, &r);
        judge(&t[i], &r);
        arena_release(&a);
    }
}

static void bad_citations(void **state)
{
    (void)state;
    static const struct sample code[] = {
        {"// " CITATION "x.md#a-rule.", NULL},
        {"// (" CITATION "x.md#a-rule)", NULL},
        {"// the rules/y.md of another tree", NULL},
        {"// " CITATION " holds them", NULL},
        {"// " CITATION "x.md#a", "x.md#a does not exist"},
        {"// " CITATION "x.md#a-rule-too", "does not exist"},
        {"// " CITATION "y.md#a-rule", "y.md#a-rule does not exist"},
        {"// " CITATION "x.md#a_rule", "x.md#a does not exist"},
        {"// " CITATION "x.md", "without an anchor"},
        {"// " CITATION "x.md#", "without an anchor"},
    };
    static const struct sample page[] = {
        {"[x](rules/x.md#a-rule), " CITATION "x.md", NULL},
        {"[x](rules/y.md)", "y.md does not exist"},
        {"[x](rules/x.md#b)", "x.md#b does not exist"},
    };
    static const struct sample links[] = {
        {"[a](#a-rule) [a](x.md#a-rule) [w](../x#y) [z](z.md)", NULL},
        {"[a](#b)", "x.md#b does not exist"},
        {"[a](y.md#a-rule)", "y.md#a-rule does not exist"},
    };
    struct arena a;
    struct string_map anchors;
    arena_init(&a);
    string_map_init(&anchors, &a);
    struct rule rule = {.line = 1};
    string_map_add(&anchors, "x.md");
    string_map_put(&anchors, "x.md#a-rule", &rule);
    for (size_t i = 0; i < ARRAY_COUNT(code) + ARRAY_COUNT(page) + ARRAY_COUNT(links); i++) {
        struct report r;
        report_init(&r);
        size_t k = i - ARRAY_COUNT(code);
        if (i < ARRAY_COUNT(code)) {
            check_citations("kube/a.c", code[i].text, &anchors, &r);
            judge(&code[i], &r);
        } else if (k < ARRAY_COUNT(page)) {
            check_citations("docs/PAGE.md", page[k].text, &anchors, &r);
            judge(&page[k], &r);
        } else {
            k -= ARRAY_COUNT(page);
            check_links(RULES "/x.md", links[k].text, &anchors, &r);
            judge(&links[k], &r);
        }
    }
    struct report r;
    report_init(&r);
    assert_int_equal(
        check_citations("a.c", CITATION "x.md#a-rule " CITATION "x.md#a-rule", &anchors, &r), 2);
    buf_release(&r.text);
    arena_release(&a);
}

static void citations_of_the_program(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool nobody;
        struct sample sample;
    } t[] = {
        {"kube/api/a.c", false, {"// " CITATION "x.md#a-rule", NULL}},
        {"views/a.h", false, {"// " CITATION "x.md#a-rule", NULL}},
        {"tui/cli/a.c", false, {"// " CITATION "x.md#a-rule", NULL}},
        {"tests/unit/t_a.c", false, {"// " CITATION "x.md#a-rule", "no file of kube"}},
        {"docs/A.md", false, {CITATION "x.md#a-rule", "no file of kube"}},
        {"kube/api/a.c", false, {"// nothing", "no file of kube"}},
        {"kube/api/a.c", true, {"// nothing", NULL}},
        {"tests/unit/t_a.c", true, {"// " CITATION "x.md#a-rule", NULL}},
        {"kube/api/a.c", true, {"// " CITATION "x.md#a-rule", "and code cites it"}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct arena a;
        struct string_map anchors;
        arena_init(&a);
        string_map_init(&anchors, &a);
        struct rule rule = {.line = 1, .nobody = t[i].nobody};
        string_map_add(&anchors, "x.md");
        string_map_put(&anchors, "x.md#a-rule", &rule);
        struct report r;
        report_init(&r);
        (void)check_citations(t[i].path, t[i].sample.text, &anchors, &r);
        check_cited(&anchors, &r);
        judge(&t[i].sample, &r);
        arena_release(&a);
    }
}

static void papers_outside(void **state)
{
    (void)state;
    static const struct sample t[] = {
        {"// " CITATION "istio"
         ".md#a-rule, RFC 2181, section 8, a-style"
         ".md",
         NULL},
        {"\n// (" SECTION_SIGN "2.1)", "a.c:2: a section sign"},
        {"// istio"
         ".md, mode 8",
         "is no file"},
        {"// certs"
         "-dns.md",
         "is no file"},
        {"// kube"
         "-client.md",
         "is no file"},
        {"// (style"
         ".md)",
         "is no file"},
        {"// DESIGN"
         ".md's Trace",
         "is no file"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
        struct report r;
        report_init(&r);
        check_papers("kube/a.c", t[i].text, &r);
        judge(&t[i], &r);
    }
    struct report r;
    report_init(&r);
    check_papers(RULES "/dns.md",
                 "[a](istio"
                 ".md#a-rule)",
                 &r);
    assert_int_equal(r.wrong, 0);
    buf_release(&r.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_rules),
        cmocka_unit_test(bad_citations),
        cmocka_unit_test(citations_of_the_program),
        cmocka_unit_test(papers_outside),
        cmocka_unit_test(rules_are_complete),
        cmocka_unit_test(citations_lead_to_rules),
        cmocka_unit_test(rules_are_cited),
        cmocka_unit_test(no_paper_outside_is_cited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
