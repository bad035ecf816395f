// SPDX-License-Identifier: Apache-2.0
// The splitter: any split of the bytes gives the same calls, and a valid document gives valid objects.
#include "kube/base/buf.h"
#include "kube/base/json.h"

#include "kube/api/stream_splitter.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(stream_splitter)

struct seen {
    struct buf text;
    bool check; // each object must be JSON
};

static void on_item(void *self, const struct splitter_item *item)
{
    struct seen *s = self;
    buf_addf(&s->text, "%d %d %d %d ", (int)item->type, item->initial_events_end, item->oversize,
             item->broken);
    buf_add(&s->text, item->rv, item->rv_n);
    buf_addc(&s->text, '|');
    buf_add(&s->text, item->text, item->n);
    buf_addc(&s->text, '\n');
    if (s->check && !item->oversize && !item->broken) { // an event may have no object
        struct json *j = json_parse(item->text, item->n, NULL);
        if (j == NULL) {
            abort();
        }
        json_free(j);
    }
}

// first: bytes of the first piece, then pieces of `step`.
static void run(enum splitter_mode mode, const char *text, size_t n, size_t first, size_t step,
                struct seen *s)
{
    struct splitter *c = splitter_new(mode, 2000, on_item, s);
    bool ok = splitter_feed(c, text, first, NULL);
    for (size_t at = first; ok && at < n; at += step) {
        ok = splitter_feed(c, text + at, n - at < step ? n - at : step, NULL);
    }
    bool complete = splitter_complete(c);
    buf_addf(&s->text, "%d %d %zu ", ok, complete, splitter_items(c));
    if (ok) {
        size_t rest_n;
        const char *rest = splitter_rest(c, &rest_n);
        buf_add(&s->text, rest, rest_n);
    }
    splitter_free(c);
}

int fuzz_stream_splitter(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    enum splitter_mode mode = (data[0] & 1) != 0 ? SPLITTER_WATCH : SPLITTER_LIST;
    size_t first = data[1], n = size - 2;
    const char *text = (const char *)data + 2;
    first = first < n ? first : n;
    struct json *whole = json_parse(text, n, NULL);
    struct seen a = {.check = whole != NULL}, b = {0};
    json_free(whole);
    buf_init(&a.text, 0);
    buf_init(&b.text, 0);
    run(mode, text, n, n, 1, &a);
    run(mode, text, n, first, (size_t)(data[0] >> 1) % 7 + 1, &b);
    if (a.text.len != b.text.len || memcmp(a.text.data, b.text.data, a.text.len) != 0) {
        abort();
    }
    buf_release(&a.text);
    buf_release(&b.text);
    return 0;
}
