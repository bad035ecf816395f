// SPDX-License-Identifier: Apache-2.0
// Requests made to meet the conditions of a route.
#include "kube/mesh/trace/sample_request.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/number.h"
#include "kube/base/regex.h"
#include "kube/base/str.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/route/match_conditions.h"

#include <stdlib.h>
#include <string.h>

// --- a text for a regex: the first alternative, the fewest repeats; checked at the end

struct sampler {
    const char *p;
    int depth;
};

static void skip_alternatives(struct sampler *s)
{
    int depth = 0;
    for (; *s->p != '\0'; s->p++) {
        if (*s->p == '\\' && s->p[1] != '\0') {
            s->p++;
        } else if (*s->p == '[') {
            const char *close = strchr(s->p + 2 < s->p + strlen(s->p) ? s->p + 2 : s->p, ']');
            s->p = close != NULL ? close : s->p;
        } else if (*s->p == '(') {
            depth++;
        } else if (*s->p == ')' && depth-- == 0) {
            return;
        }
    }
}

static void sample_class(struct sampler *s, struct buf *out)
{
    const char *p = s->p + 1;
    bool negated = *p == '^';
    p += negated;
    const char *first = p;
    if (*p == ']') {
        p++;
    }
    while (*p != '\0' && *p != ']') {
        p += *p == '\\' && p[1] != '\0'                           ? 2
             : *p == '[' && p[1] == ':' && strchr(p, ']') != NULL ? strchr(p, ']') - p + 1
                                                                  : 1;
    }
    char c = *first;
    if (negated) {
        size_t n = (size_t)(p - first);
        c = memchr(first, 'z', n) == NULL && memchr(first, '\\', n) == NULL &&
                    memchr(first, '-', n) == NULL
                ? 'z'
                : '~';
    } else if (c == '\\') {
        c = first[1] == 'd' || first[1] == 'w' ? '1' : first[1] == 's' ? ' ' : first[1];
    } else if (c == '[' && first[1] == ':') {
        c = str_starts(first, "[:upper:]") ? 'A' : str_starts(first, "[:digit:]") ? '1' : 'a';
    }
    buf_addc(out, c);
    s->p = *p == ']' ? p + 1 : p;
}

static void sample_sequence(struct sampler *s, struct buf *out);

static void sample_group(struct sampler *s, struct buf *out)
{
    s->p++;
    if (s->p[0] == '?') {
        size_t n = s->p[1] == 'P' || s->p[1] == '<' ? strcspn(s->p, ">") : strcspn(s->p, ":)");
        s->p += n;
        if (*s->p == ')') {
            s->p++;
            return;
        }
        s->p += *s->p != '\0';
    }
    if (s->depth++ < 200) {
        sample_sequence(s, out);
    }
    s->depth--;
    s->p += *s->p == ')';
}

static void sample_escape(struct sampler *s, struct buf *out)
{
    char c = s->p[1];
    s->p += c != '\0' ? 2 : 1;
    if (strchr("AzbB", c) == NULL) {
        buf_addc(out, c == 'd' || c == 'w'               ? '1'
                      : c == 's'                         ? ' '
                      : c == 'D' || c == 'W' || c == 'S' ? '-'
                                                         : c);
    }
}

static void sample_sequence(struct sampler *s, struct buf *out)
{
    while (*s->p != '\0' && *s->p != ')') {
        size_t before = out->len;
        if (*s->p == '|') {
            skip_alternatives(s);
            return;
        }
        if (*s->p == '(') {
            sample_group(s, out);
        } else if (*s->p == '[') {
            sample_class(s, out);
        } else if (*s->p == '\\') {
            sample_escape(s, out);
        } else if (*s->p == '^' || *s->p == '$') {
            s->p++;
        } else {
            buf_addc(out, *s->p == '.' ? 'a' : *s->p);
            s->p++;
        }
        int64_t times = 1;
        if (*s->p == '*' || *s->p == '?') {
            times = 0;
            s->p++;
        } else if (*s->p == '+') {
            s->p++;
        } else if (*s->p == '{' && ascii_digit(s->p[1]) && strchr(s->p, '}') != NULL) {
            if (!number_parse(s->p + 1, strspn(s->p + 1, "0123456789"), INT64_MAX, &times)) {
                times = INT64_MAX;
            }
            s->p = strchr(s->p, '}') + 1;
        }
        s->p += *s->p == '?' && times != 1;
        size_t n = out->len - before;
        if (times == 0) {
            buf_truncate(out, before);
        }
        for (int64_t i = 1; i < times && n > 0 && out->len < 4096; i++) {
            char part[256];
            size_t k = n < sizeof part ? n : sizeof part;
            memcpy(part, out->data + before, k);
            buf_add(out, part, k);
        }
    }
}

// A text with this head that the expression matches as a whole, NULL if none was found.
static const char *sample_regex(struct arena *a, const char *re, const char *head)
{
    static const char *const guesses[] = {"/", "/a", "/1", "a", "1", "", "GET", "/a/b", "/a/1"};
    const struct regex *r = regex_compile(a, re);
    if (r == NULL) {
        return NULL;
    }
    struct sampler s = {.p = re};
    struct buf b;
    buf_init(&b, 8192);
    sample_sequence(&s, &b);
    const char *text = buf_take_arena(&b, a);
    if (str_starts(text, head) && regex_match(r, text, strlen(text)) == REGEX_YES) {
        return text;
    }
    for (size_t i = 0; i < ARRAY_COUNT(guesses); i++) {
        if (str_starts(guesses[i], head) &&
            regex_match(r, guesses[i], strlen(guesses[i])) == REGEX_YES) {
            return guesses[i];
        }
    }
    return NULL;
}

// --- a request for a match entry

// A text that meets the condition; `free` where any does. NULL if none was found.
static const char *value_for(struct arena *a, const struct string_match *s, const char *free)
{
    switch (s->type) {
    case MATCH_EXACT:
    case MATCH_PREFIX:
        return s->text;
    case MATCH_REGEX:
        return strcmp(s->text, "*") == 0 ? free : sample_regex(a, s->text, "");
    default:
        return free;
    }
}

static const char *path_for(struct arena *a, const struct http_match *m, int variant)
{
    static const struct string_match any = {.type = MATCH_ABSENT};
    const struct string_match *uri = m != NULL ? &m->uri : &any;
    const char *more = variant > 0 ? "other" : "";
    switch (uri->type) {
    case MATCH_PREFIX:
        return arena_printf(a, "%s%s", *uri->text != '\0' ? uri->text : "/", more);
    case MATCH_EXACT:
        return uri->text;
    case MATCH_REGEX: {
        const char *text = sample_regex(a, uri->text, "/");
        if (variant > 0 && text != NULL) {
            const char *longer = arena_printf(a, "%sother", text);
            const struct regex *r = regex_compile(a, uri->text);
            return regex_match(r, longer, strlen(longer)) == REGEX_YES ? longer : text;
        }
        return text;
    }
    default:
        return arena_printf(a, "/%s", more);
    }
}

// A value that does not meet a withoutHeaders condition: NULL (absent) where that does it.
static bool value_without(struct arena *a, const struct string_match *s, const char **value)
{
    static const char *const tries[] = {"", "x", "other", "1"};
    *value = NULL;
    if (string_match_is_present(s)) {
        return true;
    }
    const struct regex *r = s->type == MATCH_REGEX ? regex_compile(a, s->text) : NULL;
    for (size_t i = 0; i < ARRAY_COUNT(tries); i++) {
        bool meets = s->type == MATCH_EXACT ? strcmp(tries[i], s->text) == 0
                     : s->type == MATCH_PREFIX
                         ? str_starts(tries[i], s->text)
                         : regex_match(r, tries[i], strlen(tries[i])) != REGEX_NO;
        if (!meets) {
            *value = i == 0 ? NULL : tries[i];
            return true;
        }
    }
    return false;
}

static bool set_headers(struct arena *a, const struct http_match_more *x, struct trace_request *q)
{
    struct str_pair *at = arena_calloc(a, (size_t)x->nheaders + x->nwithout_headers, sizeof *at);
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->nheaders; i++) {
        const char *value = value_for(a, &x->headers[i].match, "x");
        if (value == NULL || x->headers[i].name[0] == ':' || x->headers[i].name[0] == '@') {
            return false;
        }
        at[n++] = (struct str_pair){x->headers[i].name, value};
    }
    for (uint32_t i = 0; i < x->nwithout_headers; i++) {
        const char *value;
        if (!value_without(a, &x->without_headers[i].match, &value)) {
            return false;
        }
        if (value != NULL) {
            at[n++] = (struct str_pair){x->without_headers[i].name, value};
        }
    }
    q->headers = (struct str_map){at, n};
    return true;
}

bool sample_request(struct arena *a, const struct http_match *match, int variant,
                    struct trace_request *q)
{
    static const struct http_match_more none;
    const struct http_match_more *x = match != NULL && match->more != NULL ? match->more : &none;
    const char *path = path_for(a, match, variant);
    const char *scheme = value_for(a, &x->scheme, q->scheme);
    q->method = value_for(a, &x->method, "GET");
    if (x->authority.type != MATCH_ABSENT) {
        q->host = value_for(a, &x->authority, q->host);
    }
    if (path == NULL || path[0] != '/' || q->method == NULL || *q->method == '\0' ||
        q->host == NULL || scheme == NULL || strcmp(scheme, q->scheme) != 0 ||
        !set_headers(a, x, q)) {
        return false;
    }
    struct buf b;
    buf_init(&b, 0);
    buf_adds(&b, path);
    bool ok = true;
    for (uint32_t i = 0; i < x->nquery_params && ok; i++) {
        const char *value = value_for(a, &x->query_params[i].match, "1");
        ok = value != NULL;
        buf_addf(&b, "%c%s=%s", i == 0 ? '?' : '&', x->query_params[i].name, ok ? value : "");
    }
    q->path = buf_take_arena(&b, a);
    return ok;
}
