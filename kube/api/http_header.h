// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP answer, line by line: what of it matters, with bounds.
#ifndef GATETOP_API_HTTP_HEADER_H
#define GATETOP_API_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MAX ((size_t)64 << 10) // bytes of all lines

// Zeroed at the start. Texts are as the server sent them, not cleaned, "" where there is none. A longer one is
// cut, but for an etag, which would be another one.
struct http_head {
    int status;
    int retry_after_s; // at most an hour; 0 where there is none, also for a date (client-go ignores those)
    bool gzip;         // the body's Content-Encoding
    char content_type[160], etag[160], location[256], warning[512], date[64];
    size_t bytes;
};

enum http_head_state { HTTP_HEAD_MORE, HTTP_HEAD_END, HTTP_HEAD_TOO_LARGE };

// Takes one line with its end. A status line forgets the head before it (of a 1xx), not its bytes.
enum http_head_state http_head_line(struct http_head *h, const char *line, size_t n);

#endif
