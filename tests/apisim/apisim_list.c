// SPDX-License-Identifier: Apache-2.0
// LIST: resourceVersion rules, paging, and the shapes of built-in, custom and metadata-only lists.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char B64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void b64url(const char *s, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)(unsigned char)s[i] << 16;
        v |= i + 1 < n ? (unsigned)(unsigned char)s[i + 1] << 8 : 0;
        v |= i + 2 < n ? (unsigned)(unsigned char)s[i + 2] : 0;
        for (size_t j = 0; j <= 3 && i + j <= n; j++) {
            buf_addc(out, B64[v >> (18 - 6 * j) & 63]);
        }
    }
}

static bool unb64url(const char *s, struct buf *out)
{
    unsigned v = 0, bits = 0;
    for (; *s != '\0'; s++) {
        const char *at = strchr(B64, *s);
        if (at == NULL) {
            return false;
        }
        v = v << 6 | (unsigned)(at - B64);
        if ((bits += 6) >= 8) {
            buf_addc(out, (char)(v >> (bits -= 8) & 0xFF));
        }
    }
    return true;
}

// The token holds only the revision and the key after which to continue, as the server's does.
static void token_make(uint64_t rv, const char *last_key, struct buf *out)
{
    char *text = xasprintf("{\"v\":\"meta.k8s.io/v1\",\"rv\":%" PRIu64 ",\"start\":\"/%s\\u0000\"}",
                           rv, last_key);
    b64url(text, strlen(text), out);
    free(text);
}

static bool token_read(const char *token, uint64_t *rv, char **last_key)
{
    struct buf b;
    buf_init(&b, 4096);
    bool ok = unb64url(token, &b);
    const char *r = ok ? strstr(b.data, "\"rv\":") : NULL,
               *k = ok ? strstr(b.data, "\"start\":\"/") : NULL;
    const char *end = k != NULL ? strstr(k, "\\u0000\"") : NULL;
    ok = r != NULL && end != NULL;
    if (ok) {
        *rv = strtoull(r + 5, NULL, 10);
        *last_key = xstrndup(k + 10, (size_t)(end - k - 10));
    }
    buf_release(&b);
    return ok;
}

static bool is_rv(const char *s)
{
    return *s != '\0' && strspn(s, "0123456789") == strlen(s) && strlen(s) < 20;
}

static void too_large(struct apisim *s, uint64_t rv, struct sim_response *out)
{
    char details[160];
    snprintf(
        details, sizeof details,
        "{\"causes\":[{\"reason\":\"ResourceVersionTooLarge\",\"message\":\"Too large resource "
        "version\"}],\"retryAfterSeconds\":1}");
    sim_status(out, 504, "Timeout", details,
               "Timeout: Too large resource version: %" PRIu64 ", current: %" PRIu64, rv, s->rv);
    sim_header(out, "retry-after", "1");
    out->delay_ms = s->o.too_large_delay_ms;
}

static void invalid(struct sim_response *out, const char *field, const char *text)
{
    char *details =
        xasprintf("{\"group\":\"meta.k8s.io\",\"kind\":\"ListOptions\",\"causes\":[{\"reason\":"
                  "\"FieldValueForbidden\",\"message\":\"Forbidden: %s\",\"field\":\"%s\"}]}",
                  text, field);
    sim_status(out, 422, "Invalid", details,
               "ListOptions.meta.k8s.io \"\" is invalid: %s: Forbidden: %s", field, text);
    free(details);
}

// The revision to list at, RV_NONE for the newest (docs/rules/kubernetes-client.md#list-resource-version).
// False if the answer has been written already.
static bool choose_rv(struct apisim *s, struct sim_resource *r, const struct sim_query *q,
                      bool *no_limit, uint64_t *at, struct sim_response *out)
{
    *at = RV_NONE;
    if (q->has_initial) {
        invalid(out, "sendInitialEvents", "sendInitialEvents is forbidden for list");
        return false;
    }
    if (q->match[0] != '\0' && q->rv[0] == '\0') {
        invalid(out, "resourceVersionMatch",
                "resourceVersionMatch is forbidden unless resourceVersion is provided");
        return false;
    }
    if (q->rv[0] == '\0') {
        return true;
    }
    if (!is_rv(q->rv)) {
        sim_status(out, 400, "BadRequest", "",
                   "Invalid value: \"%s\": strconv.ParseUint: parsing \"%s\": invalid syntax",
                   q->rv, q->rv);
        return false;
    }
    uint64_t rv = strtoull(q->rv, NULL, 10);
    bool exact = str_eq(q->match, "Exact");
    if (rv == 0) {
        if (exact) {
            invalid(
                out, "resourceVersionMatch",
                "resourceVersionMatch \\\"exact\\\" is forbidden for resourceVersion \\\"0\\\"");
            return false;
        }
        *no_limit = q->match[0] == '\0'; // any cached state, the limit ignored
        return true;
    }
    if (rv > s->rv) {
        too_large(s, rv, out);
        return false;
    }
    if (exact || (q->match[0] == '\0' && q->limit > 0)) {
        *at = rv; // the legacy trap: limit with a bare resourceVersion means exactly that one
        if (rv < r->compacted) {
            sim_status(out, 410, "Expired", "",
                       "The resourceVersion for the provided list is too old.");
            return false;
        }
    }
    return true;
}

// The page's start and revision from the token; false if the answer is written already.
static bool choose_page(struct apisim *s, struct sim_resource *r, const struct sim_query *q,
                        uint64_t *at, char **last_key, struct sim_response *out)
{
    if (q->rv[0] != '\0' && !str_eq(q->rv, "0")) {
        sim_status(out, 400, "BadRequest", "",
                   "specifying resource version is not allowed when using continue");
        return false;
    }
    uint64_t rv;
    if (!token_read(q->cont, &rv, last_key)) {
        sim_status(out, 400, "BadRequest", "",
                   "continue key is not valid: illegal base64 data at input byte 0");
        return false;
    }
    *at = rv == 0 ? RV_NONE : rv;
    if (*at != RV_NONE && (rv > s->rv || rv < r->compacted)) {
        struct buf token;
        buf_init(&token, 0);
        token_make(0, *last_key, &token);
        sim_status(out, 410, "Expired", "",
                   "The provided continue parameter is too old to display a consistent list "
                   "result. You can start "
                   "a new list without the continue parameter, or use the continue token in this "
                   "response to "
                   "retrieve the remainder of the results. Continuing with the provided token "
                   "results in an "
                   "inconsistent list - objects that were created, modified, or deleted between "
                   "the time the first "
                   "chunk was returned and now may show up in the list.");
        // The token for an inconsistent rest goes into the Status's metadata.
        struct json *j = json_parse(out->body.data, out->body.len, NULL);
        json_put_string(json_put(j, "metadata", json_new_object()), "continue", token.data);
        buf_reset(&out->body);
        static const char *const order[] = {"kind",    "apiVersion", "metadata", "status",
                                            "message", "reason",     "code"};
        for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
            buf_addf(&out->body, "%s\"%s\":", i == 0 ? "{" : ",", order[i]);
            json_print(json_get(j, order[i]), false, &out->body);
        }
        buf_adds(&out->body, "}\n");
        json_free(j);
        buf_release(&token);
        free(*last_key);
        *last_key = NULL;
        return false;
    }
    return true;
}

static void list_meta(uint64_t rv, const char *cont, uint64_t remaining, bool custom,
                      struct buf *out)
{
    buf_adds(out, "\"metadata\":{");
    if (custom) { // a custom resource's list always has the key, empty or not
        buf_addf(out, "\"continue\":\"%s\",", cont);
        if (remaining != UINT64_MAX && cont[0] != '\0') {
            buf_addf(out, "\"remainingItemCount\":%" PRIu64 ",", remaining);
        }
        buf_addf(out, "\"resourceVersion\":\"%" PRIu64 "\"}", rv);
        return;
    }
    buf_addf(out, "\"resourceVersion\":\"%" PRIu64 "\"", rv);
    if (cont[0] != '\0') {
        buf_addf(out, ",\"continue\":\"%s\"", cont);
        if (remaining != UINT64_MAX) {
            buf_addf(out, ",\"remainingItemCount\":%" PRIu64, remaining);
        }
    }
    buf_addc(out, '}');
}

static void write_list(const struct sim_kind *k, const char *version, const struct buf *items,
                       bool as_meta, uint64_t rv, const char *cont, uint64_t remaining,
                       struct buf *out)
{
    char api[96];
    sim_api_version(k, version, api);
    if (as_meta) {
        buf_adds(out, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",");
        list_meta(rv, cont, remaining, false, out);
        if (items->len == 0) {
            buf_adds(out, ",\"items\":null}\n"); // as the real one, in an empty metadata list
            return;
        }
        buf_addf(out, ",\"items\":[");
        buf_add(out, items->data, items->len);
        buf_adds(out, "]}\n");
    } else if (k->custom) { // alphabetical: the items come before the metadata
        buf_addf(out, "{\"apiVersion\":\"%s\",\"items\":[", api);
        buf_add(out, items->data, items->len);
        buf_addf(out, "],\"kind\":\"%sList\",", k->kind);
        list_meta(rv, cont, remaining, true, out);
        buf_adds(out, "}\n");
    } else {
        buf_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",", k->kind, api);
        list_meta(rv, cont, remaining, false, out);
        buf_addf(out, ",\"items\":[");
        buf_add(out, items->data, items->len);
        buf_adds(out, "]}\n");
    }
}

// True if o belongs to the list's namespace and selectors.
static bool wanted(const struct sim_resource *r, const struct sim_target *t,
                   const struct sim_selector *sel, const struct sim_object *o)
{
    return (t->ns == NULL || str_eq(t->ns, o->ns)) && sim_selects(sel, r->kind, o);
}

// One page.
struct sim_page {
    struct buf items;
    const char *last_key; // of the page's last object, borrowed from it
    uint64_t remaining;   // objects after it
};

static void gather(const struct sim_resource *r, const struct sim_target *t, bool as_meta,
                   const struct sim_selector *sel, const char *after, uint64_t limit,
                   struct sim_object *const *objects, size_t n, struct sim_page *page)
{
    uint64_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sim_object *o = objects[i];
        if ((after != NULL && strcmp(o->key, after) <= 0) || !wanted(r, t, sel, o)) {
            continue;
        }
        if (taken == limit) {
            page->remaining++;
            continue;
        }
        buf_adds(&page->items, taken++ > 0 ? "," : "");
        sim_print(r->kind, t->version, o, as_meta, as_meta || r->kind->custom, &page->items);
        page->last_key = o->key;
    }
}

static void list_selected(struct apisim *s, struct sim_resource *r, const struct sim_target *t,
                          bool as_meta, const struct sim_selector *sel, struct sim_response *out)
{
    const struct sim_query *q = &t->q;
    char *after = NULL;
    uint64_t at = RV_NONE;
    bool no_limit = false;
    bool go = q->cont[0] != '\0' ? choose_page(s, r, q, &at, &after, out)
                                 : choose_rv(s, r, q, &no_limit, &at, out);
    if (!go) {
        return;
    }
    if (r->raw_list != NULL && t->ns == NULL && sim_selector_empty(sel) && q->limit <= 0 &&
        q->cont[0] == '\0') {
        buf_adds(&out->body, r->raw_list);
        return;
    }
    size_t n = r->count;
    struct sim_object **objects = at == RV_NONE ? r->objects : sim_snapshot(r, at, &n);
    uint64_t limit = q->limit > 0 && !no_limit ? (uint64_t)q->limit : UINT64_MAX;
    if (s->o.page_max > 0 && limit < UINT64_MAX && limit > s->o.page_max) {
        limit = s->o.page_max; // a server may return fewer than it is asked for
    }
    uint64_t rv = at == RV_NONE ? s->rv : at;
    struct sim_page page = {.remaining = 0};
    struct buf token;
    buf_init(&page.items, 0);
    buf_init(&token, 0);
    gather(r, t, as_meta, sel, after, limit, objects, n, &page);
    if (page.remaining > 0) {
        token_make(rv, page.last_key, &token);
    }
    write_list(r->kind, t->version, &page.items, as_meta, rv, token.data,
               sim_selector_empty(sel) ? page.remaining : UINT64_MAX, &out->body);
    if (at != RV_NONE) {
        sim_snapshot_free(objects, n);
    }
    buf_release(&page.items);
    buf_release(&token);
    free(after);
}

void sim_list(struct apisim *s, struct sim_resource *r, const struct sim_target *t, bool as_meta,
              struct sim_response *out)
{
    const struct sim_query *q = &t->q;
    struct err err = {0};
    struct sim_selector *sel = sim_selector_new(r->kind, q->labels, q->fields, &err);
    if (sel == NULL) {
        sim_status(out, 400, "BadRequest", "",
                   "Unable to find \"%s%s%s, Resource=%s\" that match label selector \"%s\", "
                   "field selector \"%s\": %s",
                   r->kind->group, "/", t->version, r->kind->plural, q->labels, q->fields, err.msg);
        return;
    }
    list_selected(s, r, t, as_meta, sel, out);
    sim_selector_free(sel);
}
