// SPDX-License-Identifier: Apache-2.0
// Building the header lines of a credential. No printf sees a secret: it keeps pieces of what it writes on its stack.
#include "kube/api/auth_headers.h"

#include "kube/base/array.h"
#include "kube/base/base64.h"
#include "kube/base/buf.h"
#include "kube/base/mem.h"
#include "kube/base/percent.h"
#include "kube/base/str.h"

#include <stdlib.h>
#include <string.h>

// Adds what was collected as a line, and leaves b empty.
static void add_line(struct auth_headers *h, struct buf *b)
{
    *ARRAY_PUSH(h->lines, h->count, h->cap) = arena_strndup(&h->texts, b->data, b->len);
    buf_reset(b);
}

// Does nothing if value is NULL.
static void add_header(struct auth_headers *h, struct buf *b, const char *name, const char *value)
{
    if (value != NULL) {
        buf_adds(b, name);
        buf_adds(b, ": ");
        buf_adds(b, value);
        add_line(h, b);
    }
}

// As client-go's headerKeyEscape: what a header name cannot hold, and '%', as %XX.
static void encode_name(struct buf *b, const char *name)
{
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if (percent_unreserved(c) || strchr("!#$&'*+^`|", c) != NULL) {
            buf_addc(b, *name);
        } else {
            percent_add(b, c);
        }
    }
}

static void add_bearer(struct auth_headers *h, struct buf *b, const char *token)
{
    buf_adds(b, "Authorization: Bearer ");
    buf_adds(b, token);
    add_line(h, b);
}

static void add_basic(struct auth_headers *h, struct buf *b, const struct api_config *config)
{
    struct buf pair;
    buf_init_secret(&pair, 0);
    buf_adds(&pair, str_or_empty(config->username));
    buf_addc(&pair, ':');
    buf_adds(&pair, str_or_empty(config->password));
    buf_adds(b, "Authorization: Basic ");
    base64_encode(pair.data, pair.len, b);
    buf_release(&pair);
    add_line(h, b);
}

static void add_authorization(struct auth_headers *h, struct buf *b,
                              const struct api_config *config, const char *token)
{
    if (token != NULL) {
        add_bearer(h, b, token);
    } else if (config->username != NULL || config->password != NULL) {
        add_basic(h, b, config);
    }
}

static void add_impersonation(struct auth_headers *h, struct buf *b,
                              const struct api_config *config)
{
    add_header(h, b, "Impersonate-User", config->as_user);
    add_header(h, b, "Impersonate-Uid", config->as_uid);
    for (size_t i = 0; i < config->as_group_count; i++) {
        add_header(h, b, "Impersonate-Group", config->as_groups[i]);
    }
    for (size_t i = 0; i < config->as_extra_count; i++) {
        buf_adds(b, "Impersonate-Extra-");
        encode_name(b, config->as_extra[i].name);
        buf_adds(b, ": ");
        buf_adds(b, config->as_extra[i].value);
        add_line(h, b);
    }
}

struct auth_headers *auth_headers_new(const struct api_config *config, const char *token)
{
    struct auth_headers *h = xcalloc(1, sizeof *h);
    struct buf b;
    h->refs = 1;
    arena_init_secret(&h->texts);
    buf_init_secret(&b, 0);
    if (!config->plain_http) {
        add_authorization(h, &b, config, token);
    }
    add_impersonation(h, &b, config);
    buf_release(&b);
    return h;
}

struct auth_headers *auth_headers_ref(struct auth_headers *h)
{
    h->refs++;
    return h;
}

void auth_headers_unref(struct auth_headers *h)
{
    if (h != NULL && --h->refs == 0) {
        free(h->lines);
        arena_release(&h->texts);
        free(h);
    }
}
