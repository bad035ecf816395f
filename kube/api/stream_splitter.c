// SPDX-License-Identifier: Apache-2.0
// Cuts the bytes of a list or a watch into objects as they arrive.
//
// A JSON scanner that knows keys only where they matter: in the document, in the object, in its metadata
// and in that one's annotations ("rooms"). Everything else is "deep": brackets are counted, strings are
// jumped over by memchr, and the bytes are copied in one piece per chunk.
#include "kube/api/stream_splitter.h"

#include "kube/base/text.h"

#include "kube/api/managed_fields.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 512 }; // as json_parse

enum room { ROOT, ITEMS, OBJECT, META, ANNOTATIONS };

enum want {
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

struct splitter {
    enum splitter_mode mode;
    splitter_item_fn *item;
    void *self;
    size_t items, dropped;
    size_t at; // bytes of earlier chunks, for messages
    bool failed;
    struct err err;

    enum room room;
    enum want want;
    int depth;
    int deep; // depth of the outermost bracket of a deep value, 0: not in one
    unsigned char list[DEPTH_MAX / 8]; // bit d: the bracket at depth d is '['

    bool quoted;   // inside a string
    bool broken;   // a line ended within a string
    bool odd;      // the bytes so far of that string end in an odd number of backslashes
    bool is_key;   // that string is a key of the room
    size_t token;  // where its contents start in the output
    enum key key;  // of the value that is being read
    size_t value;  // where that value starts in the output
    size_t member; // where its member starts: the comma before the key, or after '{'
    bool first;    // nothing was kept in the room before this member
    bool eat_comma;

    struct buf object; // the object being copied
    struct buf rest;   // the document around the objects
    struct buf *out;   // the one that bytes go to now
    const char *from;  // first byte of the chunk not yet copied
    const char *line;  // watch: the next line end of the chunk, its end where there is none

    enum splitter_type type;
    bool has_object;
    size_t rv, rv_n; // in object; rv_n 0: none
    struct part {
        size_t at, n; // in object; n 0: none
    } name, ns, uid;
    struct buf identity; // of an oversize object
    bool initial_events_end;
};

static const char BROKEN[] = "a line ends within a string";

enum { C_QUOTE = 1, C_OPEN = 2, C_CLOSE = 3 };
static const unsigned char CLASS[256] = {
    ['"'] = C_QUOTE, ['{'] = C_OPEN, ['['] = C_OPEN, ['}'] = C_CLOSE, [']'] = C_CLOSE,
};

static bool fail(struct splitter *c, const char *p, const char *chunk, const char *what)
{
    c->failed = true;
    size_t at = c->at + (size_t)(p - chunk);
    return err_set(&c->err, ERR_PARSE, "the server's answer is not JSON: %s at byte %zu", what, at);
}

static bool over_limit(struct splitter *c)
{
    c->failed = true;
    return err_set(&c->err, ERR_LIMIT,
                   "the server's answer has more than %zu bytes outside its objects", c->rest.max);
}

// Copies what lies before p, so that the output ends where p begins.
static void flush(struct splitter *c, const char *p)
{
    // What stands between the items of a list, or after it, is nobody's.
    if (p > c->from && c->room != ITEMS && c->want != FINISHED) {
        buf_add(c->out, c->from, (size_t)(p - c->from));
    }
    c->from = p;
}

static size_t offset(const struct splitter *c, const char *p)
{
    return c->out->len + (size_t)(p - c->from);
}

static void truncate_to(struct buf *b, size_t len)
{
    if (len < b->len) {
        b->len = len;
        b->data[len] = '\0';
    }
}

// --- the rooms -------------------------------------------------------------------------------------

static void start_document(struct splitter *c)
{
    c->room = ROOT;
    c->want = VALUE;
    c->depth = c->deep = 0;
    c->quoted = c->odd = c->broken = c->eat_comma = c->has_object = false;
    c->key = K_OTHER;
    c->type = SPLITTER_UNKNOWN;
    c->out = &c->rest;
    buf_reset(&c->rest);
}

static void start_object(struct splitter *c, const char *p)
{
    flush(c, p);
    c->out = &c->object;
    if (c->object.cap > ((size_t)1 << 20)) { // one large object must not stay in memory for ever
        size_t max = c->object.max;
        buf_release(&c->object);
        buf_init(&c->object, max);
    }
    buf_reset(&c->object);
    c->object.over = false;
    c->rv_n = c->name.n = c->ns.n = c->uid.n = 0;
    c->initial_events_end = false;
}

static void add_member(struct splitter *c, const char *key, struct part value)
{
    buf_addf(&c->identity, "%s\"%s\":\"", c->identity.data[c->identity.len - 1] == '{' ? "" : ",",
             key);
    buf_add(&c->identity, c->object.data + value.at, value.n);
    buf_addc(&c->identity, '"');
}

// Which object it is that is too large; nothing where its beginning does not say.
static void identify(struct splitter *c)
{
    buf_reset(&c->identity);
    if (c->name.n == 0) {
        return;
    }
    buf_adds(&c->identity, "{\"metadata\":{");
    add_member(c, "name", c->name);
    if (c->ns.n > 0) {
        add_member(c, "namespace", c->ns);
    }
    if (c->uid.n > 0) {
        add_member(c, "uid", c->uid);
    }
    buf_adds(&c->identity, "}}");
}

static void deliver(struct splitter *c)
{
    bool over = c->object.over;
    if (over) {
        identify(c);
    }
    const struct buf *text = over ? &c->identity : &c->object;
    struct splitter_item item = {
        .type = c->mode == SPLITTER_LIST ? SPLITTER_ITEM : c->type,
        .text = text->len > 0 ? text->data : NULL,
        .n = text->len,
        .rv = c->rv_n > 0 ? c->object.data + c->rv : NULL,
        .rv_n = c->rv_n,
        .initial_events_end = c->initial_events_end,
        .oversize = over,
    };
    c->items++;
    c->dropped += over ? 1 : 0;
    c->item(c->self, &item);
}

static enum key key_of(const struct splitter *c, const char *s, size_t n)
{
    switch (c->room) {
    case ROOT:
        if (c->mode == SPLITTER_LIST) {
            return text_is(s, n, "items") ? K_ITEMS : K_OTHER;
        }
        return text_is(s, n, "type") ? K_TYPE : text_is(s, n, "object") ? K_OBJECT : K_OTHER;
    case OBJECT:
        return text_is(s, n, "metadata") ? K_METADATA : K_OTHER;
    case META:
        return text_is(s, n, "managedFields")     ? K_MANAGED_FIELDS
               : text_is(s, n, "annotations")     ? K_ANNOTATIONS
               : text_is(s, n, "resourceVersion") ? K_RESOURCE_VERSION
               : text_is(s, n, "name")            ? K_NAME
               : text_is(s, n, "namespace")       ? K_NAMESPACE
               : text_is(s, n, "uid")             ? K_UID
                                                  : K_OTHER;
    case ANNOTATIONS:
        return text_is(s, n, "kubectl.kubernetes.io/last-applied-configuration") ? K_LAST_APPLIED
               : text_is(s, n, "k8s.io/initial-events-end") ? K_INITIAL_EVENTS_END
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
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (text_is(s, n, types[i].name)) {
            return types[i].type;
        }
    }
    return SPLITTER_UNKNOWN;
}

// A value of the room has ended; p is the byte after it.
static void value_end(struct splitter *c, const char *p)
{
    c->want = AFTER;
    enum key key = c->key;
    c->key = K_OTHER;
    if (key != K_MANAGED_FIELDS && key != K_LAST_APPLIED) {
        return;
    }
    flush(c, p);
    if (c->out->over) {
        return; // the object will be dropped
    }
    if (key == K_MANAGED_FIELDS) {
        struct buf text;
        buf_init(&text, 0);
        managed_fields_summary(c->out->data + c->value, c->out->len - c->value, &text);
        truncate_to(c->out, c->value);
        buf_add(c->out, text.data, text.len);
        buf_release(&text);
    } else {
        truncate_to(c->out, c->member);
        c->eat_comma = c->first;
    }
}

// A string of the room (not a deep one) has ended at the quote q.
static void string_done(struct splitter *c, const char *q)
{
    flush(c, q);
    const char *s = c->out->over ? "" : c->out->data + c->token;
    size_t n = c->out->over ? 0 : c->out->len - c->token;
    if (c->is_key) {
        c->key = key_of(c, s, n);
        c->want = COLON;
        return;
    }
    if (c->key == K_RESOURCE_VERSION) {
        c->rv = c->token;
        c->rv_n = n;
    } else if (c->key == K_NAME) {
        c->name = (struct part){c->token, n};
    } else if (c->key == K_NAMESPACE) {
        c->ns = (struct part){c->token, n};
    } else if (c->key == K_UID) {
        c->uid = (struct part){c->token, n};
    } else if (c->key == K_TYPE) {
        c->type = type_of(s, n);
    } else if (c->key == K_INITIAL_EVENTS_END) {
        c->initial_events_end = text_is(s, n, "true");
    }
    value_end(c, q + 1);
}

// The end of the open string in this chunk, or NULL where it goes on in the next one, or is broken.
static const char *find_quote(struct splitter *c, const char *p, const char *end)
{
    const char *start = p;
    // A stream has no end that would show a quote too many: the line's end does.
    if (c->mode == SPLITTER_WATCH && (c->line == NULL || c->line < p)) {
        c->line = memchr(p, '\n', (size_t)(end - p));
        c->line = c->line != NULL ? c->line : end;
    }
    const char *line = c->mode == SPLITTER_WATCH && c->line < end ? c->line : NULL;
    while (p < end) {
        const char *q = memchr(p, '"', (size_t)(end - p));
        if (q == NULL) {
            break;
        }
        const char *b = q;
        while (b > start && b[-1] == '\\') {
            b--;
        }
        bool odd = (((q - b) & 1) != 0) != (b == start && c->odd);
        if (line != NULL && line < q) {
            break;
        }
        if (!odd) {
            c->odd = false;
            return q;
        }
        p = q + 1;
        start = p;
        c->odd = false;
    }
    if (line != NULL) {
        c->broken = true;
        return NULL;
    }
    const char *b = end;
    while (b > start && b[-1] == '\\') {
        b--;
    }
    c->odd = (((end - b) & 1) != 0) != (b == start && c->odd);
    return NULL;
}

static bool push(struct splitter *c, char bracket)
{
    if (c->depth + 1 >= DEPTH_MAX) {
        return false;
    }
    int d = ++c->depth;
    unsigned char bit = (unsigned char)(1u << (d & 7));
    if (bracket == '[') {
        c->list[d >> 3] |= bit;
    } else {
        c->list[d >> 3] &= (unsigned char)~bit;
    }
    return true;
}

static bool pop(struct splitter *c, char bracket)
{
    int d = c->depth;
    if (d == 0) {
        return false;
    }
    bool list = (c->list[d >> 3] >> (d & 7)) & 1;
    c->depth--;
    return list == (bracket == ']');
}

// Runs through a deep value. Returns where it stopped: the end of the chunk, or after the value.
static const char *run_deep(struct splitter *c, const char *p, const char *end, const char **error)
{
    while (p < end) {
        if (c->quoted) {
            const char *q = find_quote(c, p, end);
            if (q == NULL) {
                *error = c->broken ? BROKEN : NULL;
                return c->broken ? p : end;
            }
            c->quoted = false;
            p = q + 1;
            continue;
        }
        switch (CLASS[(unsigned char)*p]) {
        case C_QUOTE:
            c->quoted = true;
            c->odd = false;
            break;
        case C_OPEN:
            if (!push(c, *p)) {
                *error = "nested too deeply";
                return p;
            }
            break;
        case C_CLOSE:
            if (!pop(c, *p)) {
                *error = "brackets do not match";
                return p;
            }
            if (c->depth < c->deep) {
                c->deep = 0;
                return p + 1;
            }
            break;
        default:
            break;
        }
        p++;
    }
    return p;
}

static void enter(struct splitter *c, enum room room, enum want want)
{
    c->room = room;
    c->want = want;
    c->first = true;
    c->eat_comma = false;
    c->key = K_OTHER;
}

// An opening bracket where the room expects a value.
static const char *open_value(struct splitter *c, const char *p)
{
    bool object = *p == '{';
    if (c->room == ITEMS || (c->room == ROOT && c->key == K_OBJECT)) {
        if (!object) {
            return "an object is not an object";
        }
        if (c->has_object && c->room == ROOT) {
            return "two objects in one event";
        }
        start_object(c, p);
        c->has_object = true;
        enter(c, OBJECT, KEY_OR_END);
    } else if (c->room == ROOT && c->depth == 0) {
        if (!object) {
            return "the document is not an object";
        }
        enter(c, ROOT, KEY_OR_END);
    } else if (c->key == K_ITEMS && !object) {
        flush(c, p + 1);
        enter(c, ITEMS, VALUE_OR_END);
    } else if (c->key == K_METADATA && object) {
        enter(c, META, KEY_OR_END);
    } else if (c->key == K_ANNOTATIONS && object) {
        enter(c, ANNOTATIONS, KEY_OR_END);
    } else {
        c->deep = c->depth + 1;
    }
    return push(c, *p) ? NULL : "nested too deeply";
}

// The bracket that closes the room stands at p.
static const char *close_room(struct splitter *c, const char *p)
{
    if (!pop(c, *p)) {
        return "brackets do not match";
    }
    switch (c->room) {
    case ANNOTATIONS:
        c->room = META;
        c->first = c->eat_comma = false;
        break;
    case META:
        c->room = OBJECT;
        c->first = c->eat_comma = false;
        break;
    case OBJECT:
        flush(c, p + 1);
        c->out = &c->rest;
        c->first = c->eat_comma = false;
        c->room = c->mode == SPLITTER_LIST ? ITEMS : ROOT;
        if (c->mode == SPLITTER_LIST) {
            deliver(c);
        }
        break;
    case ITEMS:
        c->from = p;
        c->room = ROOT;
        break;
    case ROOT:
        flush(c, p + 1);
        c->want = FINISHED;
        if (c->mode == SPLITTER_WATCH) {
            if (!c->has_object) {
                return "an event without its object";
            }
            deliver(c);
            start_document(c);
        }
        return NULL;
    }
    c->key = K_OTHER;
    c->want = AFTER;
    return NULL;
}

static bool is_space(char b)
{
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
}

// One byte in a room, outside of strings and deep values. Returns what is wrong with it, or NULL.
static const char *step(struct splitter *c, const char *p)
{
    char b = *p;
    if (c->want == SCALAR) {
        if (b != ',' && b != '}' && b != ']' && !is_space(b)) {
            return CLASS[(unsigned char)b] != 0 || b == ':' ? "a stray character" : NULL;
        }
        value_end(c, p);
    }
    if (is_space(b)) {
        return NULL;
    }
    switch (c->want) {
    case KEY_OR_END:
    case KEY:
        if (b == '}' && c->want == KEY_OR_END) {
            return close_room(c, p);
        }
        if (b != '"') {
            return "a key is missing";
        }
        if (c->first) {
            c->member = offset(c, p); // else the comma has set it
        }
        c->is_key = c->quoted = true;
        c->odd = false;
        c->token = offset(c, p + 1);
        return NULL;
    case COLON:
        c->want = VALUE;
        return b == ':' ? NULL : "a colon is missing";
    case VALUE:
    case VALUE_OR_END:
        if (b == ']' && c->want == VALUE_OR_END) {
            return close_room(c, p);
        }
        c->value = offset(c, p);
        if (b == '{' || b == '[') {
            return open_value(c, p);
        }
        if (c->room == ITEMS || c->depth == 0 || c->key == K_OBJECT) {
            return "an object is missing";
        }
        if (b == '"') {
            c->is_key = false;
            c->quoted = true;
            c->odd = false;
            c->token = offset(c, p + 1);
            return NULL;
        }
        c->want = SCALAR;
        return b == ',' || b == '}' || b == ']' || b == ':' ? "a value is missing" : NULL;
    case AFTER:
        if (b == '}' || b == ']') {
            return close_room(c, p);
        }
        if (b != ',') {
            return "a comma is missing";
        }
        c->want = c->room == ITEMS ? VALUE : KEY;
        if (c->eat_comma) { // the first member was dropped: so is the comma after it
            flush(c, p);
            c->from = p + 1;
            c->eat_comma = false;
        } else {
            c->first = false;
            c->member = offset(c, p);
        }
        return NULL;
    default:
        return "something stands after the document";
    }
}

bool splitter_feed(struct splitter *c, const char *bytes, size_t n, struct err *err)
{
    const char *p = bytes, *end = bytes + n;
    c->from = p;
    c->line = NULL;
    while (!c->failed && p < end) {
        const char *error = NULL;
        if (c->deep > 0) {
            p = run_deep(c, p, end, &error);
            if (error == NULL && c->deep == 0) {
                value_end(c, p);
            }
        } else if (c->quoted) {
            const char *q = find_quote(c, p, end);
            if (c->broken) {
                fail(c, p, bytes, BROKEN);
                break;
            }
            if (q == NULL) {
                p = end;
                break;
            }
            c->quoted = false;
            string_done(c, q);
            p = q + 1;
        } else {
            error = step(c, p);
            if (error == NULL) {
                p++;
            }
        }
        if (error != NULL) {
            fail(c, p, bytes, error);
        }
    }
    if (!c->failed) {
        flush(c, end);
        c->at += n;
        if (c->rest.over) {
            over_limit(c);
        }
    }
    if (c->failed && err != NULL) {
        *err = c->err;
    }
    return !c->failed;
}

bool splitter_complete(const struct splitter *c)
{
    if (c->failed) {
        return false;
    }
    return c->mode == SPLITTER_LIST ? c->want == FINISHED : c->depth == 0 && !c->quoted;
}

const char *splitter_rest(const struct splitter *c, size_t *n)
{
    *n = c->rest.len;
    return c->rest.data != NULL ? c->rest.data : "";
}

size_t splitter_items(const struct splitter *c)
{
    return c->items;
}

size_t splitter_dropped(const struct splitter *c)
{
    return c->dropped;
}

void splitter_reset(struct splitter *c, enum splitter_mode mode)
{
    c->mode = mode;
    c->items = 0;
    c->at = 0;
    c->failed = false;
    c->rest.over = false;
    err_clear(&c->err);
    start_document(c);
}

struct splitter *splitter_new(enum splitter_mode mode, size_t object_max, splitter_item_fn *item,
                              void *self)
{
    struct splitter *c = xcalloc(1, sizeof *c);
    c->item = item;
    c->self = self;
    buf_init(&c->object, object_max > 0 ? object_max : SPLITTER_OBJECT_MAX);
    buf_init(&c->rest, SPLITTER_REST_MAX);
    buf_init(&c->identity, 0);
    splitter_reset(c, mode);
    return c;
}

void splitter_free(struct splitter *c)
{
    if (c != NULL) {
        buf_release(&c->object);
        buf_release(&c->rest);
        buf_release(&c->identity);
        free(c);
    }
}
