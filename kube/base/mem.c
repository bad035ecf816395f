// SPDX-License-Identifier: Apache-2.0
// Allocators that do not return NULL.
#include "kube/base/mem.h"

#include "kube/base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { LARGE = 512 << 10 };

void mem_return_large_blocks(void)
{
#ifdef __GLIBC__
    // glibc raises this size to that of any large block that is freed. Smaller ones, which every update and every table
    // takes, are not worth the pages that the kernel would have to clear each time.
    mallopt(M_MMAP_THRESHOLD, LARGE); // NOLINT(concurrency-mt-unsafe): before the first thread
#endif
}

size_t size_mul(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        fail_memory();
    }
    return count * size;
}

size_t size_add(size_t a, size_t b)
{
    if (a > SIZE_MAX - b) {
        fail_memory();
    }
    return a + b;
}

void *xmalloc(size_t n)
{
    void *p = malloc(n != 0 ? n : 1);
    if (p == NULL) {
        fail_memory();
    }
    return p;
}

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count != 0 ? count : 1, size != 0 ? size : 1);
    if (p == NULL) {
        fail_memory();
    }
    return p;
}

void *xrealloc(void *p, size_t n)
{
    p = realloc(p, n != 0 ? n : 1);
    if (p == NULL) {
        fail_memory();
    }
    return p;
}

void *xreallocarray(void *p, size_t count, size_t size)
{
    return xrealloc(p, size_mul(count, size));
}

char *xstrndup(const char *s, size_t n)
{
    char *p = xmalloc(size_add(n, 1));
    if (n > 0) {
        memcpy(p, s, n);
    }
    p[n] = '\0';
    return p;
}

char *xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        fail_memory(); // more than INT_MAX bytes
    }
    char *p = xmalloc((size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}
