// SPDX-License-Identifier: Apache-2.0
// Splits the bytes of a list or a watch into objects as they arrive.
//
// A reader that knows keys only at five levels: in the document, in its list of items, in the object, in the object's
// metadata and in its annotations. Every other value is opaque: json_scanner_skip runs over it, and the bytes are
// copied in one piece for each chunk.
#include "kube/api/stream_splitter.h"

#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "kube/api/json_scanner.h"
#include "kube/api/managed_fields.h"

#include <stdlib.h>
#include <string.h>

enum level { DOCUMENT, ITEMS, OBJECT, METADATA, ANNOTATIONS };

enum expected {
    KEY_OR_END, // after '{'
    KEY,        // after ',' in an object
    COLON,
    VALUE,
    VALUE_OR_END, // after '['
    SCALAR,       // inside a number, true, false, null
    AFTER,        // after a value
    FINISHED,     // the document is closed
};

enum key {
    K_OTHER,
    K_ITEMS,
    K_TYPE,
    K_OBJECT,
    K_METADATA,
    K_MANAGED_FIELDS,
    K_ANNOTATIONS,
    K_RESOURCE_VERSION,
    K_NAME,
    K_NAMESPACE,
    K_UID,
    K_LAST_APPLIED,
    K_INITIAL_EVENTS_END,
};

// A string's contents in the copied object.
struct slice {
    size_t at, n; // n 0: none
};

struct splitter {
    enum splitter_mode mode;
    splitter_item_fn *item;
    void *self;
    size_t items;
    size_t at; // bytes of earlier chunks, for messages
    bool failed;
    struct err err;

    struct json_scanner scanner;
    enum level level;
    enum expected expected;
    int opaque; // depth of the outermost bracket of an opaque value, 0: not in one

    bool is_key;   // the open string is a key of the level
    size_t token;  // where its contents start in the output
    enum key key;  // of the value that is being read
    size_t value;  // where that value starts in the output
    size_t member; // where its member starts: the comma before the key, or after '{'
    bool first;    // nothing was kept at this level before this member
    bool drop_comma;

    struct buf object; // the object being copied
    struct buf rest;   // the document around the objects
    struct buf *out;   // the one that bytes go to now
    const char *from;  // first byte of the chunk not yet copied

    enum splitter_type type;
    bool has_object;
    int object_depth;               // of the open brackets, within the object
    bool broken;                    // the object, or the event, is no JSON
    bool skipping;                  // a watch: the rest of the line belongs to a broken event
    struct slice rv, name, ns, uid; // of the object's metadata
    struct buf identity;            // of an oversize object
    struct buf summary;             // of its managedFields
    bool initial_events_end;
};

static const char NO_MATCH[] = "brackets do not match";

static bool fail(struct splitter *s, const char *p, const char *chunk, const char *what)
{
    s->failed = true;
    size_t at = s->at + (size_t)(p - chunk);
    return err_set(&s->err, ERR_PARSE, "the server's answer is not JSON: %s at byte %zu", what, at);
}

static bool over_limit(struct splitter *s)
{
    s->failed = true;
    return err_set(&s->err, ERR_LIMIT,
                   "the server's answer has more than %zu bytes outside its objects", s->rest.max);
}

// Copies what lies before p, so that the output ends where p begins.
static void flush(struct splitter *s, const char *p)
{
    // Bytes between the items of a list, and after the list, belong to no object: they are dropped.
    if (p > s->from && s->level != ITEMS && s->expected != FINISHED) {
        buf_add(s->out, s->from, (size_t)(p - s->from));
    }
    s->from = p;
}

static size_t offset(const struct splitter *s, const char *p)
{
    return s->out->len + (size_t)(p - s->from);
}

// --- objects

static void start_document(struct splitter *s)
{
    s->level = DOCUMENT;
    s->expected = VALUE;
    json_scanner_reset(&s->scanner, s->mode == SPLITTER_WATCH);
    s->opaque = 0;
    s->drop_comma = s->has_object = s->broken = s->skipping = false;
    s->rv.n = s->name.n = s->ns.n = s->uid.n = 0;
    s->key = K_OTHER;
    s->type = SPLITTER_UNKNOWN;
    s->out = &s->rest;
    buf_reset(&s->rest);
}

static void start_object(struct splitter *s, const char *p)
{
    flush(s, p);
    s->out = &s->object;
    if (s->object.cap > ((size_t)1 << 20)) { // one large object must not stay in memory for ever
        size_t max = s->object.max;
        buf_release(&s->object);
        buf_init(&s->object, max);
    }
    buf_reset(&s->object);
    s->rv.n = s->name.n = s->ns.n = s->uid.n = 0;
    s->initial_events_end = s->broken = false;
}

static void add_member(struct splitter *s, const char *key, struct slice value)
{
    buf_addf(&s->identity, "%s\"%s\":\"", s->identity.data[s->identity.len - 1] == '{' ? "" : ",",
             key);
    buf_add(&s->identity, s->object.data + value.at, value.n);
    buf_addc(&s->identity, '"');
}

const char *splitter_identity(struct splitter *s, size_t *n)
{
    buf_reset(&s->identity);
    *n = 0;
    if (s->name.n == 0) {
        return NULL;
    }
    buf_adds(&s->identity, "{\"metadata\":{");
    add_member(s, "name", s->name);
    if (s->ns.n > 0) {
        add_member(s, "namespace", s->ns);
    }
    if (s->uid.n > 0) {
        add_member(s, "uid", s->uid);
    }
    buf_adds(&s->identity, "}}");
    *n = s->identity.len;
    return s->identity.data;
}

static void deliver(struct splitter *s)
{
    bool over = s->has_object && s->object.over;
    struct splitter_item item = {
        .type = s->mode == SPLITTER_LIST ? SPLITTER_ITEM : s->type,
        .text = s->object.data,
        .n = s->object.len,
        .rv = s->rv.n > 0 ? s->object.data + s->rv.at : NULL,
        .rv_n = s->rv.n,
        .initial_events_end = s->initial_events_end,
        .oversize = over,
        .broken = s->broken && !over,
    };
    if (over || s->broken) {
        item.text = splitter_identity(s, &item.n);
    }
    s->items++;
    s->item(s->self, &item);
}

static enum key key_of(const struct splitter *s, const char *text, size_t n)
{
    switch (s->level) {
    case DOCUMENT:
        if (s->mode == SPLITTER_LIST) {
            return str_is(text, n, "items") ? K_ITEMS : K_OTHER;
        }
        return str_is(text, n, "type") ? K_TYPE : str_is(text, n, "object") ? K_OBJECT : K_OTHER;
    case OBJECT:
        return str_is(text, n, "metadata") ? K_METADATA : K_OTHER;
    case METADATA:
        return str_is(text, n, "managedFields")     ? K_MANAGED_FIELDS
               : str_is(text, n, "annotations")     ? K_ANNOTATIONS
               : str_is(text, n, "resourceVersion") ? K_RESOURCE_VERSION
               : str_is(text, n, "name")            ? K_NAME
               : str_is(text, n, "namespace")       ? K_NAMESPACE
               : str_is(text, n, "uid")             ? K_UID
                                                    : K_OTHER;
    case ANNOTATIONS:
        return str_is(text, n, "kubectl.kubernetes.io/last-applied-configuration") ? K_LAST_APPLIED
               : str_is(text, n, "k8s.io/initial-events-end") ? K_INITIAL_EVENTS_END
                                                              : K_OTHER;
    default:
        return K_OTHER;
    }
}

static enum splitter_type type_of(const char *s, size_t n)
{
    static const struct {
        const char *name;
        enum splitter_type type;
    } types[] = {{"ADDED", SPLITTER_ADDED},
                 {"MODIFIED", SPLITTER_MODIFIED},
                 {"DELETED", SPLITTER_DELETED},
                 {"BOOKMARK", SPLITTER_BOOKMARK},
                 {"ERROR", SPLITTER_ERROR}};
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        if (str_is(s, n, types[i].name)) {
            return types[i].type;
        }
    }
    return SPLITTER_UNKNOWN;
}

// A value of the level has ended; p is the byte after it.
static void value_end(struct splitter *s, const char *p)
{
    s->expected = AFTER;
    enum key key = s->key;
    s->key = K_OTHER;
    if (key != K_MANAGED_FIELDS && key != K_LAST_APPLIED) {
        return;
    }
    flush(s, p);
    if (s->out->over) {
        return; // the object will be dropped
    }
    if (key == K_MANAGED_FIELDS) {
        buf_reset(&s->summary);
        managed_fields_summary(s->out->data + s->value, s->out->len - s->value, &s->summary);
        buf_truncate(s->out, s->value);
        buf_add(s->out, s->summary.data, s->summary.len);
    } else {
        buf_truncate(s->out, s->member);
        s->drop_comma = s->first;
    }
}

// A string of the level (not of an opaque value) has ended at the quote q.
static void string_done(struct splitter *s, const char *q)
{
    flush(s, q);
    const char *text = s->out->over ? "" : s->out->data + s->token;
    size_t n = s->out->over ? 0 : s->out->len - s->token;
    if (s->is_key) {
        s->key = key_of(s, text, n);
        s->expected = COLON;
        return;
    }
    if (s->key == K_RESOURCE_VERSION) {
        s->rv = (struct slice){s->token, n};
    } else if (s->key == K_NAME) {
        s->name = (struct slice){s->token, n};
    } else if (s->key == K_NAMESPACE) {
        s->ns = (struct slice){s->token, n};
    } else if (s->key == K_UID) {
        s->uid = (struct slice){s->token, n};
    } else if (s->key == K_TYPE) {
        s->type = type_of(text, n);
    } else if (s->key == K_INITIAL_EVENTS_END) {
        s->initial_events_end = str_is(text, n, "true");
    }
    value_end(s, q + 1);
}

static void enter(struct splitter *s, enum level level, enum expected expected)
{
    s->level = level;
    s->expected = expected;
    s->first = true;
    s->drop_comma = false;
    s->key = K_OTHER;
}

// An opening bracket where the level expects a value.
static const char *open_value(struct splitter *s, const char *p)
{
    bool object = *p == '{';
    if (s->level == ITEMS || (s->level == DOCUMENT && s->key == K_OBJECT)) {
        if (!object) {
            return "an object is not an object";
        }
        if (s->has_object && s->level == DOCUMENT) {
            return "two objects in one event";
        }
        start_object(s, p);
        s->has_object = true;
        enter(s, OBJECT, KEY_OR_END);
    } else if (s->level == DOCUMENT && s->scanner.depth == 0) {
        if (!object) {
            return "the document is not an object";
        }
        enter(s, DOCUMENT, KEY_OR_END);
    } else if (s->key == K_ITEMS && !object) {
        flush(s, p + 1);
        enter(s, ITEMS, VALUE_OR_END);
    } else if (s->key == K_METADATA && object) {
        enter(s, METADATA, KEY_OR_END);
    } else if (s->key == K_ANNOTATIONS && object) {
        enter(s, ANNOTATIONS, KEY_OR_END);
    } else {
        s->opaque = s->scanner.depth + 1;
    }
    bool opened = json_scanner_open(&s->scanner, *p);
    if (s->level == OBJECT && s->opaque == 0) {
        s->object_depth = s->scanner.depth;
    }
    return opened ? NULL : "nested too deeply";
}

// The object has ended; p is the byte after it.
static void object_end(struct splitter *s, const char *p)
{
    flush(s, p);
    s->out = &s->rest;
    s->first = s->drop_comma = false;
    s->level = s->mode == SPLITTER_LIST ? ITEMS : DOCUMENT;
    s->key = K_OTHER;
    s->expected = AFTER;
    if (s->mode == SPLITTER_LIST) {
        deliver(s);
    }
}

// The bracket at p closes the level.
static const char *close_level(struct splitter *s, const char *p)
{
    if (!json_scanner_close(&s->scanner, *p)) {
        return NO_MATCH;
    }
    switch (s->level) {
    case ANNOTATIONS:
        s->level = METADATA;
        s->first = s->drop_comma = false;
        break;
    case METADATA:
        s->level = OBJECT;
        s->first = s->drop_comma = false;
        break;
    case OBJECT:
        object_end(s, p + 1);
        return NULL;
    case ITEMS:
        s->from = p;
        s->level = DOCUMENT;
        break;
    case DOCUMENT:
        flush(s, p + 1);
        s->expected = FINISHED;
        if (s->mode == SPLITTER_WATCH) {
            if (!s->has_object) {
                return "an event without its object";
            }
            s->broken = s->rest.over;
            deliver(s);
            start_document(s);
        }
        return NULL;
    }
    s->key = K_OTHER;
    s->expected = AFTER;
    return NULL;
}

// A byte that ends a number, true, false or null.
static bool ends_no_scalar(char b)
{
    return b == '"' || b == '{' || b == '[' || b == ':';
}

static void begin_string(struct splitter *s, const char *p, bool is_key)
{
    s->is_key = is_key;
    s->token = offset(s, p + 1);
    json_scanner_begin_string(&s->scanner);
}

static const char *step_key(struct splitter *s, const char *p)
{
    if (*p == '}' && s->expected == KEY_OR_END) {
        return close_level(s, p);
    }
    if (*p != '"') {
        return "a key is missing";
    }
    if (s->first) {
        s->member = offset(s, p); // otherwise the comma has set it
    }
    begin_string(s, p, true);
    return NULL;
}

static const char *step_value(struct splitter *s, const char *p)
{
    char b = *p;
    if (b == ']' && s->expected == VALUE_OR_END) {
        return close_level(s, p);
    }
    s->value = offset(s, p);
    if (b == '{' || b == '[') {
        return open_value(s, p);
    }
    if (s->level == ITEMS || s->scanner.depth == 0 || s->key == K_OBJECT) {
        return "an object is missing";
    }
    if (b == '"') {
        begin_string(s, p, false);
        return NULL;
    }
    s->expected = SCALAR;
    return b == ',' || b == '}' || b == ']' || b == ':' ? "a value is missing" : NULL;
}

static const char *step_after(struct splitter *s, const char *p)
{
    if (*p == '}' || *p == ']') {
        return close_level(s, p);
    }
    if (*p != ',') {
        return "a comma is missing";
    }
    s->expected = s->level == ITEMS ? VALUE : KEY;
    if (s->drop_comma) { // the first member was dropped: so is the comma after it
        flush(s, p);
        s->from = p + 1;
        s->drop_comma = false;
    } else {
        s->first = false;
        s->member = offset(s, p);
    }
    return NULL;
}

// One byte of a level, outside of strings and opaque values. Returns what is wrong with it, or NULL.
static const char *step(struct splitter *s, const char *p)
{
    char b = *p;
    if (s->expected == SCALAR) {
        if (b != ',' && b != '}' && b != ']' && !ascii_space(b)) {
            return ends_no_scalar(b) ? "a stray character" : NULL;
        }
        value_end(s, p);
    }
    if (ascii_space(b)) {
        return NULL;
    }
    switch (s->expected) {
    case KEY_OR_END:
    case KEY:
        return step_key(s, p);
    case COLON:
        s->expected = VALUE;
        return b == ':' ? NULL : "a colon is missing";
    case VALUE:
    case VALUE_OR_END:
        return step_value(s, p);
    case AFTER:
        return step_after(s, p);
    default:
        return "something stands after the document";
    }
}

// Takes the next part of the chunk. Returns where to continue; *error says what is wrong there, NULL: nothing.
static const char *feed_part(struct splitter *s, const char *p, const char *end, const char **error)
{
    *error = NULL;
    if (s->opaque > 0) {
        bool done;
        p = json_scanner_skip(&s->scanner, s->opaque, p, end, &done, error);
        if (done) {
            s->opaque = 0;
            if (s->broken) {
                object_end(s, p);
            } else {
                value_end(s, p);
            }
        }
        return p;
    }
    if (s->scanner.in_string) {
        const char *q = json_scanner_end_string(&s->scanner, p, end);
        if (q == NULL) {
            *error = s->scanner.broken ? JSON_SCANNER_BROKEN : NULL;
            return s->scanner.broken ? memchr(p, '\n', (size_t)(end - p)) : end;
        }
        string_done(s, q);
        return q + 1;
    }
    *error = step(s, p);
    return *error == NULL ? p + 1 : p;
}

// Whether the reading can go on after what is wrong here: after the event, or the object.
static bool recover(struct splitter *s, const char *p, const char *error)
{
    bool begun = s->scanner.depth > 0 || s->expected != VALUE;
    if (s->mode == SPLITTER_WATCH && begun) { // else it is no stream of events at all
        flush(s, p);
        s->broken = s->skipping = true;
        return true;
    }
    bool in_object = s->level == OBJECT || s->level == METADATA || s->level == ANNOTATIONS;
    if (!in_object || s->opaque > 0 || error == NO_MATCH) {
        return false;
    }
    s->broken = true;
    s->opaque = s->object_depth;
    return true;
}

// Skips the rest of a broken event. Returns where the next one begins, or the end.
static const char *skip_event(struct splitter *s, const char *p, const char *end)
{
    const char *nl = memchr(p, '\n', (size_t)(end - p));
    s->from = nl != NULL ? nl + 1 : end;
    if (nl != NULL) {
        deliver(s);
        start_document(s);
    }
    return s->from;
}

bool splitter_feed(struct splitter *s, const char *bytes, size_t n, struct err *err)
{
    const char *p = bytes, *end = bytes + n;
    s->from = p;
    while (!s->failed && p < end) {
        const char *error;
        if (s->skipping) {
            p = skip_event(s, p, end);
            continue;
        }
        p = feed_part(s, p, end, &error);
        if (error != NULL && !recover(s, p, error)) {
            fail(s, p, bytes, error);
        }
    }
    if (!s->failed) {
        if (!s->skipping) {
            flush(s, end);
        }
        s->at += n;
        if (s->rest.over && s->mode == SPLITTER_LIST) {
            over_limit(s);
        }
    }
    if (s->failed && err != NULL) {
        *err = s->err;
    }
    return !s->failed;
}

bool splitter_complete(const struct splitter *s)
{
    if (s->failed) {
        return false;
    }
    return s->mode == SPLITTER_LIST ? s->expected == FINISHED
                                    : s->scanner.depth == 0 && !s->scanner.in_string;
}

const char *splitter_rest(const struct splitter *s, size_t *n)
{
    *n = s->rest.len;
    return s->rest.data;
}

size_t splitter_items(const struct splitter *s)
{
    return s->items;
}

void splitter_reset(struct splitter *s, enum splitter_mode mode)
{
    s->mode = mode;
    s->items = 0;
    s->at = 0;
    s->failed = false;
    err_clear(&s->err);
    start_document(s);
}

struct splitter *splitter_new(enum splitter_mode mode, size_t object_max, splitter_item_fn *item,
                              void *self)
{
    struct splitter *s = xcalloc(1, sizeof *s);
    s->item = item;
    s->self = self;
    buf_init(&s->object, object_max > 0 ? object_max : SPLITTER_OBJECT_MAX);
    buf_init(&s->rest, SPLITTER_REST_MAX);
    buf_init(&s->identity, 0);
    buf_init(&s->summary, 0);
    splitter_reset(s, mode);
    return s;
}

void splitter_free(struct splitter *s)
{
    if (s != NULL) {
        buf_release(&s->object);
        buf_release(&s->rest);
        buf_release(&s->identity);
        buf_release(&s->summary);
        free(s);
    }
}
