// SPDX-License-Identifier: Apache-2.0
// Memory for tokens, passwords and private keys.
#define _DEFAULT_SOURCE // explicit_bzero
#include "kube/base/secret.h"

#include "kube/base/err.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/os.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

// In front of every allocation.
struct head {
    uint64_t mark; // MARK while it is allocated
    size_t size;   // of the whole mapping
    alignas(max_align_t) char data[];
};
#define MARK 0x7365637265740a01U

static struct err not_hidden; // why

static void hide(void)
{
    if (os_hide_memory(&not_hidden)) {
        err_clear(&not_hidden);
    }
}

bool secret_hide_process(struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, hide); // no thread gets a secret before it is done
    if (not_hidden.code != ERR_NONE) {
        *err = not_hidden;
    }
    return not_hidden.code == ERR_NONE;
}

void *secret_alloc(size_t n)
{
    struct err ignored; // the owner of the secret reports it
    (void)secret_hide_process(&ignored);
    size_t size = size_add(sizeof(struct head), n);
    struct head *h = os_pages(size);
    if (h != NULL) {
        h->mark = MARK;
        h->size = size;
        return h->data;
    }
    fail_memory();
}

char *secret_strndup(const char *s, size_t n)
{
    char *p = secret_alloc(size_add(n, 1));
    if (n > 0) {
        memcpy(p, s, n);
    }
    return p;
}

char *secret_strdup(const char *s)
{
    return s != NULL ? secret_strndup(s, strlen(s)) : NULL;
}

void secret_free(void *p)
{
    if (p == NULL) {
        return;
    }
    struct head *h = (struct head *)(void *)((char *)p - offsetof(struct head, data));
    ASSERT(h->mark == MARK);
    size_t size = h->size;
    secret_wipe(h, size);
    os_free_pages(h, size);
}

void secret_wipe(void *p, size_t n)
{
    if (n > 0) {
        explicit_bzero(p, n);
    }
}

void secret_heap_free(void *p)
{
    if (p != NULL) {
        secret_wipe(p, os_heap_size(p));
        free(p);
    }
}

void *secret_heap_realloc(void *p, size_t n)
{
    size_t size = p != NULL ? os_heap_size(p) : 0;
    if (p != NULL && n > 0 && n <= size) {
        return p;
    }
    void *more = malloc(n > 0 ? n : 1);
    if (more != NULL && p != NULL) {
        memcpy(more, p, n < size ? n : size);
        secret_heap_free(p);
    }
    return more;
}
