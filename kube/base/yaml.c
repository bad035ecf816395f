// SPDX-License-Identifier: Apache-2.0
// YAML text to documents, over libyaml: its events go to yaml_builder.c; here are the documents' bounds, the errors,
// and how reading continues after one.
#include "kube/base/yaml.h"

#include "kube/base/fail.h"
#include "kube/base/json.h"
#include "kube/base/secret.h"
#include "kube/base/utf8.h"
#include "kube/base/yaml_builder_internal.h"
#include "kube/base/yaml_problem_internal.h"
#include "kube/base/yaml_scalar_json_internal.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

const struct yaml_limits YAML_CONFIG_LIMITS = {1024 * 1024, 64, 10000};
const struct yaml_limits YAML_MANIFEST_LIMITS = {64 * 1024 * 1024, 128, 4000000};

struct reader {
    const char *text;
    size_t n;
    const struct yaml_handler *h;
    struct yaml_builder *builder;
    yaml_parser_t parser;
    size_t base;        // where in text the parser was started
    int base_line;      // lines before it
    int first_line;     // of the present or the next document
    size_t doc_start;   // where its text starts, for JSON
    size_t near_offset; // a line start that was found last, and its line
    int near_line;
    bool stopped, all_good;
    struct yaml_problem problem;
};

static struct yaml_mark mark_of(const struct reader *r, yaml_mark_t m)
{
    return (struct yaml_mark){r->base_line + (int)m.line + 1, (int)m.column + 1};
}

static void report_problem(struct reader *r)
{
    r->all_good = false;
    if (r->h->bad != NULL) {
        r->h->bad(r->h->self, r->problem.at, r->problem.text);
    }
}

static void give_document(struct reader *r, int last_line)
{
    struct yaml_doc doc = yaml_builder_take(r->builder);
    doc.first_line = r->first_line;
    doc.last_line = last_line > doc.first_line ? last_line : doc.first_line;
    r->stopped = !r->h->doc(r->h->self, &doc);
}

// Where a line (1-based) starts. Callers ask for lines further and further down, so the search continues from the last
// one.
static const char *line_start(struct reader *r, int line)
{
    if (r->near_offset < r->base || r->near_line > line) {
        r->near_offset = r->base;
        r->near_line = r->base_line + 1;
    }
    const char *p = r->text + r->near_offset, *end = r->text + r->n;
    for (; r->near_line < line && p < end; r->near_line++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        p = nl != NULL ? nl + 1 : end;
    }
    r->near_offset = (size_t)(p - r->text);
    return p;
}

static size_t offset_of(struct reader *r, struct yaml_mark at)
{
    const char *p = line_start(r, at.line), *end = r->text + r->n;
    for (int column = 1; column < at.column && p < end; column++) {
        uint32_t cp;
        p += utf8_next(p, (size_t)(end - p), &cp);
    }
    return (size_t)(p - r->text);
}

static bool only_comment(const struct reader *r, size_t at)
{
    while (at < r->n && (r->text[at] == ' ' || r->text[at] == '\t' || r->text[at] == '\r')) {
        at++;
    }
    return at >= r->n || r->text[at] == '\n' || r->text[at] == '#';
}

static void on_document_start(struct reader *r, const yaml_event_t *e)
{
    if (!e->data.document_start.implicit) {
        struct yaml_mark end = mark_of(r, e->end_mark);
        r->doc_start = offset_of(r, end);
        r->first_line = end.line + only_comment(r, r->doc_start);
    }
}

static void on_document_end(struct reader *r, const yaml_event_t *e)
{
    struct yaml_mark start = mark_of(r, e->start_mark), end = mark_of(r, e->end_mark);
    give_document(r, start.column == 1 ? start.line - 1 : start.line);
    r->first_line = end.line + (e->data.document_end.implicit ? 0 : 1);
    r->doc_start = offset_of(r, end);
}

static bool on_scalar(struct reader *r, const yaml_event_t *e)
{
    const struct yaml_scalar_text s = {
        .text = (const char *)e->data.scalar.value,
        .n = e->data.scalar.length,
        .quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE,
        .tag = (const char *)e->data.scalar.tag,
        .anchor = (const char *)e->data.scalar.anchor,
    };
    return yaml_builder_scalar(r->builder, &s, mark_of(r, e->start_mark));
}

static bool on_event(struct reader *r, const yaml_event_t *e)
{
    struct yaml_mark at = mark_of(r, e->start_mark);
    switch (e->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        return true;
    case YAML_DOCUMENT_START_EVENT:
        on_document_start(r, e);
        return true;
    case YAML_DOCUMENT_END_EVENT:
        on_document_end(r, e);
        return true;
    case YAML_ALIAS_EVENT:
        return yaml_builder_alias(r->builder, (const char *)e->data.alias.anchor, at);
    case YAML_SCALAR_EVENT:
        return on_scalar(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return yaml_builder_begin(r->builder, false, (const char *)e->data.sequence_start.anchor,
                                  at);
    case YAML_MAPPING_START_EVENT:
        return yaml_builder_begin(r->builder, true, (const char *)e->data.mapping_start.anchor, at);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return yaml_builder_end(r->builder);
    }
    BUG("libyaml's event %d", (int)e->type);
}

// libyaml's error in our words.
static bool parser_error(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        fail_memory();
    }
    if (p->error == YAML_READER_ERROR) {
        size_t end = r->base + p->problem_offset < r->n ? r->base + p->problem_offset : r->n;
        struct yaml_mark at = {r->base_line + 1, 1};
        for (size_t i = r->base; i < end; i++) {
            unsigned char c = (unsigned char)r->text[i];
            at.line += c == '\n';
            at.column = c == '\n' ? 1 : at.column + ((c & 0xC0) != 0x80);
        }
        return yaml_bad(&r->problem, at, "%s", p->problem);
    }
    struct yaml_mark at = mark_of(r, p->problem_mark);
    size_t offset = offset_of(r, at);
    const char *problem = p->problem != NULL ? p->problem : "not YAML";
    bool no_token = strstr(problem, "cannot start any token") != NULL;
    if (no_token && offset < r->n && r->text[offset] == '\t') {
        return yaml_bad(&r->problem, at, "tab used for indentation; use spaces");
    }
    return p->context != NULL ? yaml_bad(&r->problem, at, "%s (%s)", problem, p->context)
                              : yaml_bad(&r->problem, at, "%s", problem);
}

// The length of the JSON text at s. Some JSON is no YAML: escaped surrogate pairs, long keys.
static size_t json_extent(const char *s, size_t n)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        if (quoted && s[i] == '\\') {
            i++;
        } else if (quoted) {
            quoted = s[i] != '"';
        } else if (s[i] == '"') {
            quoted = true;
        } else if (s[i] == '{' || s[i] == '[') {
            depth++;
        } else if ((s[i] == '}' || s[i] == ']') && --depth <= 0) {
            return i + 1;
        }
    }
    return n;
}

static int lines_in(const char *s, size_t n)
{
    int lines = 0;
    for (size_t i = 0; i < n; i++) {
        lines += s[i] == '\n';
    }
    return lines;
}

// Moves the start of the next parser forward.
static void restart_at(struct reader *r, size_t offset)
{
    r->base_line += lines_in(r->text + r->base, offset - r->base);
    r->base = r->doc_start = r->near_offset = offset;
    r->near_line = r->base_line + 1;
    r->first_line = r->base_line + 1;
}

// Takes the JSON text that starts where the parser was started; returns false if it is no JSON or beyond the bounds.
static bool take_json(struct reader *r)
{
    const char *s = r->text + r->base;
    size_t n = json_extent(s, r->n - r->base);
    struct json *root = json_parse(s, n, NULL);
    struct yaml_mark at = {r->base_line + 1, 1};
    if (root == NULL || !yaml_builder_json(r->builder, root, at)) {
        json_free(root);
        return false;
    }
    r->first_line = at.line;
    give_document(r, at.line + lines_in(s, n));
    restart_at(r, r->base + n);
    return true;
}

static size_t skip_blank(const struct reader *r, size_t at)
{
    while (at < r->n && strchr(" \t\r\n", r->text[at]) != NULL && r->text[at] != '\0') {
        at++;
    }
    return at;
}

// Where to continue after the bad document: the next line that starts with "---" and is not its own.
static size_t next_document(struct reader *r)
{
    const char *p = line_start(r, r->problem.at.line), *end = r->text + r->n;
    bool own = r->problem.at.column > 1 || p == r->text + r->base;
    while (p < end) {
        if (!own && end - p >= 3 && memcmp(p, "---", 3) == 0 &&
            (end - p == 3 || strchr(" \t\r\n", p[3]) != NULL)) {
            return (size_t)(p - r->text);
        }
        own = false;
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        p = nl != NULL ? nl + 1 : end;
    }
    return r->n;
}

// The text may be a kubeconfig: libyaml's copies of its values and of the text itself are wiped. Beginnings of long
// values stay where its buffers have grown (kube/base/secret.h).
static void delete_event(yaml_event_t *e)
{
    if (e->type == YAML_SCALAR_EVENT) {
        secret_wipe(e->data.scalar.value, e->data.scalar.length);
    }
    yaml_event_delete(e);
}

static void delete_parser(yaml_parser_t *p)
{
    for (yaml_token_t *t = p->tokens.head; t != p->tokens.tail; t++) { // no event came from them
        if (t->type == YAML_SCALAR_TOKEN) {
            secret_wipe(t->data.scalar.value, t->data.scalar.length);
        }
    }
    secret_wipe(p->raw_buffer.start, (size_t)(p->raw_buffer.end - p->raw_buffer.start));
    secret_wipe(p->buffer.start, (size_t)(p->buffer.end - p->buffer.start));
    yaml_parser_delete(p);
}

// One parser's run; true if it ended at the end of the text, else r->problem says why.
static bool run(struct reader *r)
{
    if (yaml_parser_initialize(&r->parser) == 0) {
        fail_memory();
    }
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text + r->base,
                                 r->n - r->base);
    bool ok = true, done = false;
    while (ok && !done && !r->stopped) {
        yaml_event_t e;
        if (yaml_parser_parse(&r->parser, &e) == 0) {
            ok = parser_error(r);
            break;
        }
        done = e.type == YAML_STREAM_END_EVENT;
        ok = on_event(r, &e);
        delete_event(&e);
    }
    delete_parser(&r->parser);
    return ok;
}

bool yaml_each(const char *text, size_t n, const struct yaml_limits *limits,
               const struct yaml_handler *h)
{
    struct reader r = {
        .text = text, .n = n, .h = h, .first_line = 1, .near_line = 1, .all_good = true};
    if (n > limits->bytes) {
        yaml_bad(&r.problem, (struct yaml_mark){0, 0}, "larger than %zu bytes", limits->bytes);
        report_problem(&r);
        return false;
    }
    r.builder = yaml_builder_new(limits->depth, limits->nodes, &r.problem);
    size_t first = skip_blank(&r, 0); // a tab before the brace is JSON, not YAML
    if (first < n && text[first] == '{') {
        restart_at(&r, first);
    }
    while (!r.stopped && !run(&r)) {
        yaml_builder_reset(r.builder);
        size_t start = skip_blank(&r, r.doc_start);
        bool json = start < n && text[start] == '{';
        if (json && start > r.base) { // JSON texts one after the other
            restart_at(&r, start);
        } else if (!json || !take_json(&r)) {
            report_problem(&r);
            restart_at(&r, next_document(&r));
        }
    }
    yaml_builder_free(r.builder);
    return r.all_good;
}
