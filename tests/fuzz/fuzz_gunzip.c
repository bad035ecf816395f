// SPDX-License-Identifier: Apache-2.0
// Gzip members: any split of the bytes gives the same text and the same end, and the bound holds.
#include "kube/base/buf.h"
#include "kube/base/err.h"

#include "kube/api/gunzip.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(gunzip)

enum { MAX = 1 << 20 };

static void on_bytes(void *self, const char *bytes, size_t n)
{
    buf_add(self, bytes, n);
}

// 0: more is needed, 1: complete, 2: refused (for damage or length: of both the split decides which is met first).
static int run(const char *bytes, size_t n, size_t step, struct buf *text)
{
    struct gunzip *z = gunzip_new(MAX, on_bytes, text);
    struct err err = {0};
    bool ok = true;
    for (size_t at = 0; ok && at < n; at += step) {
        ok = gunzip_feed(z, bytes + at, n - at < step ? n - at : step, &err);
    }
    int end = ok ? gunzip_complete(z) : 2;
    gunzip_free(z);
    return end;
}

int fuzz_gunzip(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const char *bytes = (const char *)data + 1;
    size_t n = size - 1, step = (size_t)data[0] % 31 + 1;
    struct buf a, b;
    buf_init(&a, 0);
    buf_init(&b, 0);
    int whole = run(bytes, n, n > 0 ? n : 1, &a), split = run(bytes, n, step, &b);
    // If it is refused, a split may have given out more of the text before, never other text.
    size_t common = a.len < b.len ? a.len : b.len;
    if (whole != split || a.len > MAX || b.len > MAX || (whole < 2 && a.len != b.len) ||
        (common > 0 && memcmp(a.data, b.data, common) != 0)) {
        abort();
    }
    buf_release(&a);
    buf_release(&b);
    return 0;
}
