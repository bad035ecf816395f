// SPDX-License-Identifier: Apache-2.0
// The YAML reader; what it reads, printed, must read as the same again.
#include "kube/base/buf.h"
#include "kube/base/yaml.h"
#include "kube/base/yaml_doc.h"
#include "kube/base/yaml_print.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(yaml)

struct again {
    const struct json *expect;
    bool seen;
};

static bool compare(void *self, struct yaml_doc *d)
{
    struct again *a = self;
    struct buf x, y;
    buf_init(&x, 0);
    buf_init(&y, 0);
    yaml_print(a->expect, &x);
    yaml_print(d->root, &y);
    if (strcmp(x.data, y.data) != 0) {
        abort();
    }
    a->seen = true;
    buf_release(&x);
    buf_release(&y);
    yaml_doc_clear(d);
    return true;
}

static void bad_again(void *self, struct yaml_mark at, const char *message)
{
    (void)self, (void)at, (void)message;
    abort();
}

static bool on_doc(void *self, struct yaml_doc *d)
{
    (void)self;
    if (d->first_line < 1 || d->last_line < d->first_line) {
        abort();
    }
    if (d->root != NULL) {
        struct buf text;
        buf_init(&text, 0);
        yaml_print(d->root, &text);
        struct again again = {d->root, false};
        struct yaml_handler h = {compare, bad_again, &again};
        static const struct yaml_limits ample = {1 << 30, 400, 1 << 20};
        if (!yaml_each(text.data, text.len, &ample, &h) || !again.seen) {
            abort();
        }
        buf_release(&text);
    }
    yaml_doc_clear(d);
    return true;
}

static void on_bad(void *self, struct yaml_mark at, const char *message)
{
    (void)self, (void)at;
    if (*message == '\0') {
        abort();
    }
}

int fuzz_yaml(const uint8_t *data, size_t size)
{
    struct yaml_handler h = {on_doc, on_bad, NULL};
    yaml_each((const char *)data, size, &YAML_CONFIG_LIMITS, &h);
    return 0;
}
