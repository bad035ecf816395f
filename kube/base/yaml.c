// SPDX-License-Identifier: Apache-2.0
// YAML text into JSON trees, over libyaml's events.
//
// Duplicate keys stay in the tree until its end, because an anchor may stand in the one that loses.
#include "kube/base/yaml.h"

#include "kube/base/base64.h"
#include "kube/base/secret.h"
#include "kube/base/text.h"
#include "kube/base/yaml_scalar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

const struct yaml_limits YAML_CONFIG_LIMITS = {1024 * 1024, 64, 10000};
const struct yaml_limits YAML_MANIFEST_LIMITS = {64 * 1024 * 1024, 128, 4000000};

enum { MAX_ANCHORS = 1000 };

// --- marks: a hash table from a node's address to its places

struct place {
    const struct json *node;
    struct yaml_mark value, key;
};

struct yaml_marks {
    struct place *slots;
    size_t cap, used; // cap is a power of two
};

static struct place *slot_of(const struct yaml_marks *m, const struct json *node)
{
    size_t i = (size_t)hash_mix((uint64_t)(uintptr_t)node, 0x9E3779B97F4A7C15u) & (m->cap - 1);
    while (m->slots[i].node != NULL && m->slots[i].node != node) {
        i = (i + 1) & (m->cap - 1);
    }
    return &m->slots[i];
}

static void marks_grow(struct yaml_marks *m)
{
    struct yaml_marks bigger = {.cap = m->cap != 0 ? m->cap * 2 : 64, .used = m->used};
    bigger.slots = xcalloc(bigger.cap, sizeof *bigger.slots);
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i].node != NULL) {
            *slot_of(&bigger, m->slots[i].node) = m->slots[i];
        }
    }
    free(m->slots);
    *m = bigger;
}

static void marks_put(struct yaml_marks *m, const struct json *node, struct yaml_mark value,
                      struct yaml_mark key)
{
    if (m->used * 3 >= m->cap * 2) {
        marks_grow(m);
    }
    struct place *p = slot_of(m, node);
    m->used += p->node == NULL;
    *p = (struct place){node, value, key};
}

static const struct place *marks_get(const struct yaml_marks *m, const struct json *node)
{
    static const struct place nowhere;
    return m == NULL || m->cap == 0 || node == NULL ? &nowhere : slot_of(m, node);
}

struct yaml_mark yaml_value_mark(const struct yaml_doc *d, const struct json *node)
{
    return marks_get(d->marks, node)->value;
}

struct yaml_mark yaml_key_mark(const struct yaml_doc *d, const struct json *node)
{
    return marks_get(d->marks, node)->key;
}

void yaml_doc_clear(struct yaml_doc *d)
{
    json_free(d->root);
    if (d->marks != NULL) {
        free(d->marks->slots);
        free(d->marks);
    }
    memset(d, 0, sizeof *d);
}

// --- reading

struct frame {
    struct json *node;
    char *key; // of the entry to come, in a mapping
    bool have_key, merge;
    struct yaml_mark key_mark;
    int anchor;  // index, or -1
    int deepest; // levels below this node
};

struct anchor {
    char *name;
    const struct json *node; // NULL while it is being read
    long nodes;
    int deepest;
};

struct reader {
    const char *text;
    size_t n;
    const struct yaml_limits *limits;
    const struct yaml_handler *h;
    yaml_parser_t parser;
    size_t base;   // where in text the parser was started
    int base_line; // lines before it
    // the document being read
    struct yaml_doc doc;
    struct frame *stack;
    int depth;
    struct anchor *anchors;
    int anchor_count;
    struct json *kept; // values of "<<" and anchored keys, until the document ends
    long nodes;
    int first_line;     // of the next document
    size_t doc_start;   // where its text starts, for JSON
    size_t near_offset; // a line start that was found last, and its line
    int near_line;
    bool stopped, all_good;
    struct yaml_mark bad_at;
    char bad[256];
};

static struct yaml_mark mark_of(const struct reader *r, yaml_mark_t m)
{
    return (struct yaml_mark){r->base_line + (int)m.line + 1, (int)m.column + 1};
}

static bool bad(struct reader *r, struct yaml_mark at, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool bad(struct reader *r, struct yaml_mark at, const char *fmt, ...)
{
    char text[sizeof r->bad];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct arena a;
    arena_init(&a);
    snprintf(r->bad, sizeof r->bad, "%s", text_clean(&a, text, strlen(text), sizeof r->bad - 1));
    arena_release(&a);
    r->bad_at = at;
    return false;
}

static void forget_document(struct reader *r)
{
    for (int i = 0; i < r->depth; i++) {
        free(r->stack[i].key);
    }
    for (int i = 0; i < r->anchor_count; i++) {
        free(r->anchors[i].name);
    }
    r->depth = r->anchor_count = 0;
    r->nodes = 0;
    json_free(r->kept);
    r->kept = NULL;
    yaml_doc_clear(&r->doc);
}

static struct frame *top(struct reader *r)
{
    return r->depth > 0 ? &r->stack[r->depth - 1] : NULL;
}

// C strings end at NUL: text with one keeps its length by U+FFFD.
static struct json *new_text(const char *s, size_t n)
{
    if (memchr(s, '\0', n) == NULL) {
        return json_new_string(s);
    }
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\0') {
            buf_adds(&b, "\xEF\xBF\xBD");
        } else {
            buf_addc(&b, s[i]);
        }
    }
    struct json *j = json_new_string(b.data);
    buf_release(&b);
    return j;
}

static void copy_marks(struct reader *r, const struct json *from, const struct json *to)
{
    const struct place p = *marks_get(r->doc.marks, from);
    marks_put(r->doc.marks, to, p.value, p.key);
    const struct json *a = json_first(from), *b = json_first(to);
    for (; a != NULL && b != NULL; a = json_next(a), b = json_next(b)) {
        copy_marks(r, a, b);
    }
}

static bool count_nodes(struct reader *r, long more, struct yaml_mark at)
{
    if (more > r->limits->nodes - r->nodes) {
        return bad(r, at, "more than %ld values after expanding aliases", r->limits->nodes);
    }
    r->nodes += more;
    return true;
}

static long size_of(const struct json *j)
{
    long n = 1;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        n += size_of(c);
    }
    return n;
}

// "<<": the entries of the mapping, or of each mapping of the list (of these the first wins), are put
// where the merge key stands: entries after it override them, entries before it do not (yaml.v2).
static bool merge_mapping(struct reader *r, struct json *into, const struct json *from,
                          struct yaml_mark at)
{
    if (json_type(from) != JSON_OBJECT) {
        return bad(r, at, "'<<' needs a mapping or a list of mappings");
    }
    for (const struct json *c = json_first(from); c != NULL; c = json_next(c)) {
        if (!count_nodes(r, size_of(c), at)) {
            return false;
        }
        struct json *copy = json_add(into, json_key(c), json_dup(c));
        copy_marks(r, c, copy);
    }
    return true;
}

static bool merge_list(struct reader *r, struct json *into, const struct json *item,
                       struct yaml_mark at)
{
    size_t n = json_count(item);
    const struct json **items = xcalloc(n, sizeof *items);
    for (const struct json *c = json_first(item); c != NULL; c = json_next(c)) {
        items[--n] = c;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < json_count(item); i++) {
        ok = merge_mapping(r, into, items[i], at);
    }
    free(items);
    return ok;
}

static bool merge(struct reader *r, struct json *into, const struct json *value,
                  struct yaml_mark at)
{
    return json_type(value) == JSON_ARRAY ? merge_list(r, into, value, at)
                                          : merge_mapping(r, into, value, at);
}

// The next scalar or alias of a mapping is a key.
static bool wants_key(struct reader *r)
{
    struct frame *f = top(r);
    return f != NULL && json_type(f->node) == JSON_OBJECT && !f->have_key;
}

static bool take_key(struct reader *r, char *key, bool is_merge, struct yaml_mark at)
{
    struct frame *f = top(r);
    free(f->key);
    f->key = key;
    f->have_key = true;
    f->merge = is_merge;
    f->key_mark = at;
    return true;
}

static void keep(struct reader *r, struct json *node)
{
    r->kept = r->kept != NULL ? r->kept : json_new_array();
    json_push(r->kept, node);
}

// Puts a value where it belongs; it is owned from here on. The value of "<<" is no entry, but lives as
// long as the document, because anchors may stand in it.
static bool place(struct reader *r, struct json *node, struct yaml_mark at)
{
    struct frame *f = top(r);
    struct yaml_mark key = {0, 0};
    if (f == NULL) {
        r->doc.root = node;
    } else if (json_type(f->node) == JSON_ARRAY) {
        json_push(f->node, node);
    } else if (f->merge) {
        keep(r, node);
        f->have_key = false;
    } else {
        json_add(f->node, f->key, node);
        key = f->key_mark;
        f->have_key = false;
    }
    marks_put(r->doc.marks, node, at, key);
    return true;
}

// After a value of the top frame is complete.
static bool completed(struct reader *r, const struct json *node, int deepest, struct yaml_mark at)
{
    struct frame *f = top(r);
    if (f == NULL) {
        return true;
    }
    f->deepest = deepest + 1 > f->deepest ? deepest + 1 : f->deepest;
    if (f->merge) {
        f->merge = false;
        return merge(r, f->node, node, at);
    }
    return true;
}

static bool new_anchor(struct reader *r, const yaml_char_t *name, struct yaml_mark at, int *index)
{
    *index = -1;
    if (name == NULL) {
        return true;
    }
    if (r->anchor_count == MAX_ANCHORS) {
        return bad(r, at, "more than %d anchors", MAX_ANCHORS);
    }
    *index = r->anchor_count++;
    r->anchors[*index] = (struct anchor){.name = xstrdup((const char *)name)};
    return true;
}

static const char *tag_name(const yaml_char_t *tag)
{
    static const char core[] = "tag:yaml.org,2002:";
    const char *s = (const char *)tag;
    if (s == NULL || strcmp(s, "!") == 0) {
        return s == NULL ? "" : "str";
    }
    return str_starts(s, core) ? s + sizeof core - 1 : s;
}

// The scalar's type after its tag; false where the tag does not fit.
static bool scalar_type(const yaml_event_t *e, enum yaml_scalar_type *type, double *number)
{
    const char *s = (const char *)e->data.scalar.value;
    const char *tag = tag_name(e->data.scalar.tag);
    bool quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    bool has_nul = memchr(s, '\0', e->data.scalar.length) != NULL;
    *type = YAML_TEXT;
    if (str_eq(tag, "str") || str_eq(tag, "binary") || (str_empty(tag) && quoted) || has_nul) {
        return true;
    }
    *type = yaml_scalar(s, number);
    if (str_empty(tag) || str_eq(tag, "merge")) {
        return true;
    }
    if (str_eq(tag, "int")) {
        return *type == YAML_INT;
    }
    if (str_eq(tag, "float")) {
        return *type == YAML_INT || *type == YAML_FLOAT || *type == YAML_NOT_FINITE;
    }
    if (str_eq(tag, "bool")) {
        return *type == YAML_TRUE || *type == YAML_FALSE;
    }
    if (str_eq(tag, "null")) {
        return *type == YAML_NULL;
    }
    *type = YAML_TEXT; // a tag of somebody's own
    return true;
}

static bool take_scalar_key(struct reader *r, const yaml_event_t *e, enum yaml_scalar_type type,
                            double number, struct yaml_mark at)
{
    const char *s = (const char *)e->data.scalar.value;
    struct buf b;
    buf_init(&b, 0);
    switch (type) {
    case YAML_NULL:
        return bad(r, at, "a key is empty");
    case YAML_TRUE:
    case YAML_FALSE:
        buf_adds(&b, type == YAML_TRUE ? "true" : "false");
        break;
    case YAML_INT:
        buf_addf(&b, "%.0f", number == 0 ? 0.0 : number); // no "-0"
        break;
    case YAML_FLOAT: // the shortest text, as Go makes keys of floats
        if (number == floor(number) && fabs(number) < 1e21) {
            buf_addf(&b, "%.0f", number);
            break;
        }
        for (int digits = 1; digits <= 9; digits++) {
            buf_reset(&b);
            buf_addf(&b, "%.*g", digits, number);
            if (strtof(b.data, NULL) == (float)number) {
                break;
            }
        }
        break;
    case YAML_NOT_FINITE: {
        struct arena a;
        arena_init(&a);
        buf_adds(&b, str_lower(&a, *s == '+' ? s + 1 : s));
        arena_release(&a);
        break;
    }
    default: {
        struct json *j = new_text(s, e->data.scalar.length);
        buf_adds(&b, json_string(j));
        json_free(j);
        break;
    }
    }
    return take_key(r, buf_take(&b), type == YAML_MERGE, at);
}

static struct json *scalar_value(const yaml_event_t *e, enum yaml_scalar_type type, double number)
{
    const char *s = (const char *)e->data.scalar.value;
    switch (type) {
    case YAML_NULL:
        return json_new_null();
    case YAML_TRUE:
    case YAML_FALSE:
        return json_new_bool(type == YAML_TRUE);
    case YAML_INT:
    case YAML_FLOAT:
        return json_new_number(number);
    default:
        return new_text(s, e->data.scalar.length);
    }
}

static bool on_scalar(struct reader *r, const yaml_event_t *e)
{
    struct yaml_mark at = mark_of(r, e->start_mark);
    enum yaml_scalar_type type;
    double number = 0;
    if (!scalar_type(e, &type, &number)) {
        return bad(r, at, "not a value of type '%s'", tag_name(e->data.scalar.tag));
    }
    bool key = wants_key(r);
    if (type == YAML_NOT_FINITE && !key) {
        return bad(r, at, "infinity and not-a-number have no JSON form; quote the value");
    }
    int anchor;
    if (!count_nodes(r, key ? 0 : 1, at) || !new_anchor(r, e->data.scalar.anchor, at, &anchor)) {
        return false;
    }
    if (key && anchor < 0) {
        return take_scalar_key(r, e, type, number, at);
    }
    if (top(r) == NULL && type == YAML_NULL && e->data.scalar.length == 0) {
        return true; // an empty document
    }
    struct json *node;
    if (str_eq(tag_name(e->data.scalar.tag), "binary")) {
        struct buf b;
        buf_init(&b, 0);
        if (!base64_decode((const char *)e->data.scalar.value, e->data.scalar.length, &b, NULL)) {
            buf_release(&b);
            return bad(r, at, "'!!binary' without base64");
        }
        node = new_text(b.data, b.len);
        buf_release(&b);
    } else {
        node = scalar_value(e, type, number);
    }
    if (anchor >= 0) {
        r->anchors[anchor].node = node;
        r->anchors[anchor].nodes = 1;
    }
    if (key) {
        keep(r, node);
        return take_scalar_key(r, e, type, number, at);
    }
    return place(r, node, at) && completed(r, node, 0, at);
}

static bool on_start(struct reader *r, const yaml_event_t *e, bool mapping)
{
    struct yaml_mark at = mark_of(r, e->start_mark);
    const yaml_char_t *name =
        mapping ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
    if (wants_key(r)) {
        return bad(r, at, "a key that is a %s", mapping ? "mapping" : "list");
    }
    if (r->depth == r->limits->depth) {
        return bad(r, at, "nested deeper than %d levels", r->limits->depth);
    }
    struct frame f = {.anchor = -1};
    if (!count_nodes(r, 1, at) || !new_anchor(r, name, at, &f.anchor)) {
        return false;
    }
    f.node = mapping ? json_new_object() : json_new_array();
    if (f.anchor >= 0) {
        r->anchors[f.anchor].nodes = r->nodes - 1; // so many before it, until it ends
    }
    place(r, f.node, at);
    r->stack[r->depth++] = f;
    return true;
}

static bool on_end(struct reader *r)
{
    struct frame f = r->stack[--r->depth];
    free(f.key);
    if (f.anchor >= 0) {
        struct anchor *a = &r->anchors[f.anchor];
        a->node = f.node;
        a->nodes = r->nodes - a->nodes;
        a->deepest = f.deepest;
    }
    return completed(r, f.node, f.deepest, yaml_value_mark(&r->doc, f.node));
}

static bool on_alias(struct reader *r, const yaml_event_t *e)
{
    struct yaml_mark at = mark_of(r, e->start_mark);
    const char *name = (const char *)e->data.alias.anchor;
    const struct anchor *a = NULL;
    for (int i = r->anchor_count; i-- > 0 && a == NULL;) {
        a = strcmp(r->anchors[i].name, name) == 0 ? &r->anchors[i] : NULL;
    }
    if (a == NULL) {
        return bad(r, at, "unknown anchor '%s'", name);
    }
    if (a->node == NULL) {
        return bad(r, at, "anchor '%s' contains itself", name);
    }
    if (wants_key(r)) {
        const char *s = json_string(a->node);
        return s != NULL ? take_key(r, xstrdup(s), false, at)
                         : bad(r, at, "a key that is %s", json_type_name(json_type(a->node)));
    }
    if (r->depth + a->deepest > r->limits->depth) {
        return bad(r, at, "nested deeper than %d levels", r->limits->depth);
    }
    if (!count_nodes(r, a->nodes, at)) {
        return false;
    }
    struct json *node = json_dup(a->node);
    const struct json *from = a->node;
    copy_marks(r, from, node);
    return place(r, node, at) && completed(r, node, a->deepest, at);
}

// --- the end of a document

struct keys { // of one mapping
    const char **at;
    size_t n, cap;
};

// Of equal keys the last one stays.
static void drop_duplicates(struct json *j, struct keys *keys)
{
    keys->n = 0;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        if (json_key(c) != NULL) {
            *ARRAY_PUSH(keys->at, keys->n, keys->cap) = json_key(c);
        }
    }
    if (keys->n > 1) {
        qsort(keys->at, keys->n, sizeof *keys->at, str_order);
    }
    for (size_t i = 0, next; i < keys->n; i = next) {
        for (next = i + 1; next < keys->n && strcmp(keys->at[i], keys->at[next]) == 0;) {
            next++;
        }
        if (next - i > 1) {
            char *key = xstrdup(keys->at[i]); // which goes with its node
            for (size_t drop = next - i - 1; drop > 0; drop--) {
                json_remove(j, key); // the first of them
            }
            free(key);
        }
    }
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        drop_duplicates(unconst(c), keys);
    }
}

static void bad_document(struct reader *r)
{
    r->all_good = false;
    if (r->h->bad != NULL) {
        r->h->bad(r->h->self, r->bad_at, r->bad);
    }
}

static void give_document(struct reader *r)
{
    struct keys keys = {0};
    drop_duplicates(r->doc.root, &keys);
    free(keys.at);
    struct yaml_doc doc = r->doc;
    memset(&r->doc, 0, sizeof r->doc);
    r->stopped = !r->h->doc(r->h->self, &doc);
    forget_document(r);
}

// Where a line (1-based) starts. Asked for lines that mostly grow, so it goes on from the last one.
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
    r->doc.marks = xcalloc(1, sizeof *r->doc.marks);
    r->doc.first_line = r->first_line;
    if (!e->data.document_start.implicit) {
        struct yaml_mark end = mark_of(r, e->end_mark);
        r->doc_start = offset_of(r, end);
        r->doc.first_line = end.line + only_comment(r, r->doc_start);
    }
}

static void on_document_end(struct reader *r, const yaml_event_t *e)
{
    struct yaml_mark at = mark_of(r, e->start_mark);
    int last = at.column == 1 ? at.line - 1 : at.line;
    r->doc.last_line = last > r->doc.first_line ? last : r->doc.first_line;
    at = mark_of(r, e->end_mark);
    r->first_line = at.line + (e->data.document_end.implicit ? 0 : 1);
    r->doc_start = offset_of(r, at);
    give_document(r);
}

static bool on_event(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        on_document_start(r, e);
        return true;
    case YAML_DOCUMENT_END_EVENT:
        on_document_end(r, e);
        return true;
    case YAML_ALIAS_EVENT:
        return on_alias(r, e);
    case YAML_SCALAR_EVENT:
        return on_scalar(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(r, e, false);
    case YAML_MAPPING_START_EVENT:
        return on_start(r, e, true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(r);
    default:
        return true;
    }
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
        return bad(r, at, "%s", p->problem);
    }
    struct yaml_mark at = mark_of(r, p->problem_mark);
    size_t offset = offset_of(r, at);
    const char *problem = p->problem != NULL ? p->problem : "not YAML";
    bool no_token = strstr(problem, "cannot start any token") != NULL;
    if (no_token && offset < r->n && r->text[offset] == '\t') {
        return bad(r, at, "tab used for indentation; use spaces");
    }
    return p->context != NULL ? bad(r, at, "%s (%s)", problem, p->context)
                              : bad(r, at, "%s", problem);
}

// The parts of a JSON text, for the few that are no YAML: escaped surrogate pairs, long keys.
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

static int depth_of(const struct json *j)
{
    int deepest = 0;
    for (const struct json *c = json_first(j); c != NULL; c = json_next(c)) {
        int d = depth_of(c) + 1;
        deepest = d > deepest ? d : deepest;
    }
    return deepest;
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

static bool take_json(struct reader *r)
{
    const char *s = r->text + r->base;
    size_t n = json_extent(s, r->n - r->base);
    struct json *root = json_parse(s, n, NULL);
    if (root == NULL || size_of(root) > r->limits->nodes || depth_of(root) > r->limits->depth) {
        json_free(root);
        return false;
    }
    forget_document(r);
    r->doc = (struct yaml_doc){.root = root, .first_line = r->base_line + 1};
    r->doc.last_line = r->doc.first_line + lines_in(s, n);
    r->doc.marks = xcalloc(1, sizeof *r->doc.marks);
    marks_put(r->doc.marks, root, (struct yaml_mark){r->base_line + 1, 1},
              (struct yaml_mark){0, 0});
    give_document(r);
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

// Where to go on after the bad document: the next line that starts with "---" and is not its own.
static size_t next_document(struct reader *r)
{
    const char *p = line_start(r, r->bad_at.line), *end = r->text + r->n;
    bool own = r->bad_at.column > 1 || p == r->text + r->base;
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
    for (yaml_token_t *t = p->tokens.head; t != p->tokens.tail; t++) { // that no event came of
        if (t->type == YAML_SCALAR_TOKEN) {
            secret_wipe(t->data.scalar.value, t->data.scalar.length);
        }
    }
    secret_wipe(p->raw_buffer.start, (size_t)(p->raw_buffer.end - p->raw_buffer.start));
    secret_wipe(p->buffer.start, (size_t)(p->buffer.end - p->buffer.start));
    yaml_parser_delete(p);
}

// One parser's run; true where it ended at the end of the text, else r->bad says why.
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
    struct reader r = {.text = text, .n = n, .limits = limits, .h = h, .first_line = 1};
    r.near_line = 1;
    r.all_good = true;
    if (n > limits->bytes) {
        bad(&r, (struct yaml_mark){0, 0}, "larger than %zu bytes", limits->bytes);
        bad_document(&r);
        return false;
    }
    r.stack = xcalloc((size_t)limits->depth, sizeof *r.stack);
    r.anchors = xcalloc(MAX_ANCHORS, sizeof *r.anchors);
    size_t first = skip_blank(&r, 0); // a tab before the brace is JSON, not YAML
    if (first < n && text[first] == '{') {
        restart_at(&r, first);
    }
    while (!r.stopped && !run(&r)) {
        forget_document(&r);
        size_t start = skip_blank(&r, r.doc_start);
        bool json = start < n && text[start] == '{';
        if (json && start > r.base) { // JSON texts one after the other
            restart_at(&r, start);
        } else if (!json || !take_json(&r)) {
            bad_document(&r);
            restart_at(&r, next_document(&r));
        }
    }
    forget_document(&r);
    free(r.stack);
    free(r.anchors);
    return r.all_good;
}
