// SPDX-License-Identifier: Apache-2.0
// What POSIX does not have.
#define _DEFAULT_SOURCE // MAP_ANONYMOUS, madvise
#include "kube/base/os.h"

#include "kube/base/err.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

bool os_hide_memory(struct err *err)
{
    struct rlimit limit = {0};
    bool ok = getrlimit(RLIMIT_CORE, &limit) == 0;
    limit.rlim_cur = 0; // the hard limit stays, for programs that are started from here
    if (!ok || setrlimit(RLIMIT_CORE, &limit) != 0) {
        ok = err_sys(err, ERR_INTERNAL, "core dumps cannot be turned off");
    }
#if defined __linux__ && !defined GATETOP_SANITIZED
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        ok = err_sys(err, ERR_INTERNAL, "other programs can read this one's memory");
    }
#endif
    return ok;
}

void *os_pages(size_t n)
{
#ifdef GATETOP_SANITIZED
    return calloc(1, n);
#else
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        return NULL;
    }
    (void)mlock(p, n);                  // as far as the limit goes
#ifdef MADV_DONTDUMP
    (void)madvise(p, n, MADV_DONTDUMP); // Linux has it since 3.4
#endif
    return p;
#endif
}

void os_free_pages(void *p, size_t n)
{
#ifdef GATETOP_SANITIZED
    (void)n;
    free(p);
#else
    munmap(p, n);
#endif
}

size_t os_heap_size(void *p)
{
    return malloc_usable_size(p);
}
