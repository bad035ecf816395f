// SPDX-License-Identifier: Apache-2.0
// Finds the places of fields, file by file and object by object.
#include "kube/object/manifest_places.h"

#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/yaml.h"

#include "kube/object/field_path.h"
#include "kube/object/manifest_text_internal.h"

#include <stdlib.h>
#include <string.h>

// --- lines

enum {
    LINE_MAX_BYTES = 1000, // longer ones are shown in part:
    PART_BEFORE = 60,      // characters before the column
    PART_CHARS = 160,
    BLOCK = 1024, // bytes between two counts of characters
};

struct manifest_lines {
    struct buf text;
    size_t *start; // of each line, and the end of the text
    int n;
    size_t *chars; // how many characters begin before each block of the text
};

static bool begins_char(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80; // in UTF-8
}

static void count_chars(struct manifest_lines *l)
{
    size_t n = 0;
    l->chars = xcalloc(l->text.len / BLOCK + 1, sizeof *l->chars);
    for (size_t i = 0; i < l->text.len; i++) {
        if (i % BLOCK == 0) {
            l->chars[i / BLOCK] = n;
        }
        n += begins_char(l->text.data[i]) ? 1 : 0;
    }
}

// How many characters begin before this byte.
static size_t chars_before(const struct manifest_lines *l, size_t at)
{
    size_t n = at < l->text.len || at % BLOCK != 0 ? l->chars[at / BLOCK] : 0,
           from = at / BLOCK * BLOCK;
    for (size_t i = from; i < at; i++) {
        n += begins_char(l->text.data[i]) ? 1 : 0;
    }
    return n;
}

// The byte of the text at which its character `n` (from 0) begins, `end` if that is nearer.
static size_t byte_of_char(const struct manifest_lines *l, size_t n, size_t end)
{
    size_t low = 0, high = end / BLOCK; // the last block with no more characters before it
    while (low < high) {
        size_t mid = high - (high - low) / 2;
        if (mid * BLOCK < l->text.len && l->chars[mid] <= n) {
            low = mid;
        } else {
            high = mid - 1;
        }
    }
    size_t at = low * BLOCK, seen = l->chars[low];
    for (; at < end && (seen < n || !begins_char(l->text.data[at])); at++) {
        seen += begins_char(l->text.data[at]) ? 1 : 0;
    }
    return at;
}

struct manifest_lines *manifest_lines_read(const char *file)
{
    struct manifest_lines *l = xcalloc(1, sizeof *l);
    buf_init(&l->text, YAML_MANIFEST_LIMITS.bytes);
    if (!manifest_text(file, &l->text)) {
        manifest_lines_free(l);
        return NULL;
    }
    size_t n = 0, cap = 0;
    for (const char *s = l->text.data, *end = s + l->text.len; s < end;) {
        *ARRAY_PUSH(l->start, n, cap) = (size_t)(s - l->text.data);
        const char *eol = memchr(s, '\n', (size_t)(end - s));
        s = eol != NULL ? eol + 1 : end;
    }
    l->n = (int)n; // a text of 64 MiB at most
    *ARRAY_PUSH(l->start, n, cap) = l->text.len;
    count_chars(l);
    return l;
}

void manifest_lines_free(struct manifest_lines *l)
{
    if (l != NULL) {
        buf_release(&l->text);
        free(l->start);
        free(l->chars);
        free(l);
    }
}

// The text of lines first..last; *n is its length.
static const char *lines_of(const struct manifest_lines *l, int first, int last, size_t *n)
{
    first = first < 1 ? 1 : first;
    last = last > l->n ? l->n : last;
    *n = first <= last ? l->start[last] - l->start[first - 1] : 0;
    return *n > 0 ? l->text.data + l->start[first - 1] : l->text.data;
}

static char *cleaned(const char *text, size_t n)
{
    struct buf out;
    buf_init(&out, 0);
    text_clean_lines(&out, text, n);
    return buf_take(&out);
}

// The part around the column, with dots where it is cut.
static char *part_of_line(const struct manifest_lines *l, size_t start, size_t end, int *column)
{
    size_t first = chars_before(l, start),
           at = *column > PART_BEFORE ? (size_t)*column - PART_BEFORE - 1 : 0;
    size_t from = byte_of_char(l, first + at, end),
           to = byte_of_char(l, first + at + PART_CHARS, end);
    const char *before = from > start ? "..." : "", *after = to < end ? "..." : "";
    char *text = cleaned(l->text.data + from, to - from),
         *all = xasprintf("%s%s%s", before, text, after);
    free(text);
    if (*column > 0) {
        *column += (int)strlen(before) - (int)at;
    }
    return all;
}

char *manifest_line(const struct manifest_lines *l, int line, int *column)
{
    if (line < 1 || line > l->n) {
        return NULL;
    }
    size_t n;
    const char *text = lines_of(l, line, line, &n);
    n = n > 0 && text[n - 1] == '\n' ? n - 1 : n;
    size_t start = l->start[line - 1];
    return n > LINE_MAX_BYTES ? part_of_line(l, start, start + n, column) : cleaned(text, n);
}

char *manifest_source(const struct object *o)
{
    struct manifest_lines *l = o->source != NULL ? manifest_lines_read(o->source->file) : NULL;
    size_t n = 0;
    const char *own = l != NULL ? lines_of(l, o->source->line, o->source->last_line, &n) : NULL;
    char *text = n > 0 ? cleaned(own, n) : NULL;
    manifest_lines_free(l);
    return text;
}

// --- places

// Places of one file that are looked for, by the lines of their objects.
struct place_search {
    struct manifest_place **at;
    size_t n;
    int above; // lines of the file before the text that is read
};

static void locate_in(struct manifest_place *p, const struct place_search *s,
                      const struct yaml_doc *doc, const struct json *object)
{
    const struct json *node = field_path_find(object, p->path);
    struct yaml_mark at = yaml_key_mark(doc, node);
    at = at.line > 0 ? at : yaml_value_mark(doc, node);
    p->found = at.line > 0;
    p->line = p->found ? at.line + s->above : p->line;
    p->column = p->found ? at.column : 0;
}

// The first place whose object does not begin above the line.
static size_t first_at(const struct place_search *s, int line)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->at[mid]->object->source->line < line) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

// All places of the object that begins here.
static void locate_object(const struct place_search *s, const struct yaml_doc *doc,
                          const struct json *object)
{
    int line = yaml_value_mark(doc, object).line + s->above;
    const char *name = json_string(json_at(object, "metadata", "name", NULL));
    for (size_t i = first_at(s, line); i < s->n && s->at[i]->object->source->line == line; i++) {
        if (!s->at[i]->found && str_eq(name, s->at[i]->object->name)) {
            locate_in(s->at[i], s, doc, object);
        }
    }
}

// A document, or the items of a List in it, or a List's items without the List.
static bool locate_doc(void *self, struct yaml_doc *doc)
{
    const struct place_search *s = self;
    locate_object(s, doc, doc->root);
    const char *kind = json_get_string(doc->root, "kind");
    const struct json *items = kind != NULL && str_ends(kind, "List") ? json_get(doc->root, "items")
                               : json_type(doc->root) == JSON_ARRAY   ? doc->root
                                                                      : NULL;
    for (const struct json *c = json_first(items); c != NULL; c = json_next(c)) {
        locate_object(s, doc, c);
    }
    yaml_doc_clear(doc);
    return true;
}

static void locate_bad(void *self, struct yaml_mark at, const char *message)
{
    (void)self, (void)at, (void)message; // reported when the file was read
}

static void read_lines(struct place_search *s, const struct manifest_lines *l, int first, int last)
{
    struct yaml_handler h = {locate_doc, locate_bad, s};
    size_t n;
    const char *text = lines_of(l, first, last, &n);
    s->above = first - 1;
    (void)!yaml_each(text, n, &YAML_MANIFEST_LIMITS, &h);
}

// The places of one file, sorted.
static void locate_file(struct manifest_place **at, size_t n)
{
    struct manifest_lines *l = manifest_lines_read(at[0]->object->source->file);
    bool all = true;
    for (size_t from = 0, to; l != NULL && from < n; from = to) {
        const struct object *o = at[from]->object;
        for (to = from; to < n && at[to]->object == o;) {
            to++;
        }
        struct place_search own = {at + from, to - from, 0};
        read_lines(&own, l, o->source->line, o->source->last_line);
        all = all && at[from]->found;
    }
    // An object's own lines nearly always suffice, unless they are only part of a document (a List in JSON): then the
    // whole file is read.
    if (l != NULL && !all) {
        struct place_search whole = {at, n, 0};
        read_lines(&whole, l, 1, l->n);
    }
    manifest_lines_free(l);
}

static int by_object(const void *x, const void *y)
{
    const struct manifest_place *a = *(struct manifest_place *const *)x;
    const struct manifest_place *b = *(struct manifest_place *const *)y;
    int c = strcmp(a->object->source->file, b->object->source->file);
    if (c != 0) {
        return c;
    }
    if (a->object->source->line != b->object->source->line) {
        return a->object->source->line < b->object->source->line ? -1 : 1;
    }
    uintptr_t p = (uintptr_t)a->object,
              q = (uintptr_t)b->object; // of one line: any order, but together
    return (p > q) - (p < q);
}

void manifest_locate(struct manifest_place *at, size_t n)
{
    struct manifest_place **sorted = xcalloc(n, sizeof(struct manifest_place *));
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        at[i].found = false;
        at[i].line = at[i].object->source != NULL ? at[i].object->source->line : 0;
        at[i].column = 0;
        if (at[i].object->source != NULL) {
            sorted[k++] = &at[i];
        }
    }
    if (k > 1) {
        qsort(sorted, k, sizeof(struct manifest_place *), by_object);
    }
    for (size_t from = 0, to; from < k; from = to) {
        const char *file = sorted[from]->object->source->file;
        for (to = from; to < k && strcmp(sorted[to]->object->source->file, file) == 0;) {
            to++;
        }
        locate_file(sorted + from, to - from);
    }
    free(sorted);
}
