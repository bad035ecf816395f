// SPDX-License-Identifier: Apache-2.0
// Inflates an answer that comes as a sequence of gzip members.
#include "kube/api/gunzip.h"

#include "kube/base/err.h"
#include "kube/base/mem.h"

#include <stdlib.h>
#include <zlib.h>

enum { GZIP_ONLY = 15 + 16 }; // zlib's windowBits: the largest window, gzip's header and checksum

struct gunzip {
    z_stream stream;
    gunzip_fn *out;
    void *self;
    size_t left; // bytes that may still be made
    size_t max;
    bool inside; // a member
};

struct gunzip *gunzip_new(size_t max, gunzip_fn *out, void *self)
{
    struct gunzip *z = xcalloc(1, sizeof *z);
    z->out = out;
    z->self = self;
    z->left = z->max = max > 0 ? max : GUNZIP_MAX;
    if (inflateInit2(&z->stream, GZIP_ONLY) != Z_OK) {
        free(xmalloc(SIZE_MAX / 4)); // out of memory: end as xmalloc does
    }
    return z;
}

void gunzip_free(struct gunzip *z)
{
    if (z != NULL) {
        inflateEnd(&z->stream);
        free(z);
    }
}

bool gunzip_feed(struct gunzip *z, const char *bytes, size_t n, struct err *err)
{
    z_stream *s = &z->stream;
    char out[64 * 1024];
    s->next_in = unconst(bytes);
    s->avail_in = (uInt)n;
    do {
        uInt before = s->avail_in;
        s->next_out = (Bytef *)out;
        s->avail_out = sizeof out;
        int rc = inflate(s, Z_SYNC_FLUSH);
        if (rc == Z_BUF_ERROR) {
            break; // needs more input
        }
        if (rc != Z_OK && rc != Z_STREAM_END) {
            return err_set(err, ERR_PARSE, "the server's compressed answer is damaged: %s",
                           s->msg != NULL ? s->msg : zError(rc));
        }
        size_t made = sizeof out - s->avail_out;
        if (made > z->left) {
            return err_set(err, ERR_LIMIT, "the server's compressed answer has more than %zu bytes",
                           z->max);
        }
        z->left -= made;
        if (made > 0) {
            z->out(z->self, out, made);
        }
        z->inside = rc != Z_STREAM_END && (z->inside || s->avail_in < before);
        if (rc == Z_STREAM_END) {
            inflateReset(s); // fails only for an invalid stream
        }
    } while (s->avail_in > 0 || s->avail_out == 0);
    return true;
}

bool gunzip_complete(const struct gunzip *z)
{
    return !z->inside;
}
