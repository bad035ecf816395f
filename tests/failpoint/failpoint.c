// SPDX-License-Identifier: Apache-2.0
// failpoint.so: the functions of the C library that can fail, in front of the real ones.
#define _GNU_SOURCE // RTLD_NEXT
#include "tests/failpoint/failpoint.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// These work before dlsym() does. NOLINTBEGIN(bugprone-reserved-identifier): glibc's names
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t n);
// NOLINTEND(bugprone-reserved-identifier)

static struct failpoint_shared *shared;
static enum failpoint_kind kind = FAILPOINT_KINDS;
static long at;
static const char *trace;
static _Thread_local bool inside; // what this library itself calls

__attribute__((constructor)) static void begin(void)
{
    static const char *const names[] = FAILPOINT_NAMES;
    const char *wanted = getenv("FAILPOINT"), *number = getenv("FAILPOINT_AT");
    const char *path = getenv("FAILPOINT_SHARED");
    if (wanted == NULL || number == NULL || path == NULL) {
        return;
    }
    inside = true;
    trace = getenv("FAILPOINT_TRACE");
    void *first[2];
    (void)backtrace(first, 2); // it loads a library
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *map = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    for (int k = 0; k < FAILPOINT_KINDS; k++) {
        kind = strcmp(wanted, names[k]) == 0 ? (enum failpoint_kind)k : kind;
    }
    at = strtol(number, NULL, 10);
    // Children of the program are themselves.
    unsetenv("LD_PRELOAD");
    inside = false;
    shared = map != MAP_FAILED ? map : NULL;
}

static void show_stack(void)
{
    void *stack[48];
    int depth = backtrace(stack, 48),
        fd = open(trace, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    backtrace_symbols_fd(stack, depth, fd);
    close(fd);
}

enum { DEPTH = 12 };

// Whether a library asks that faults without memory, as ncurses does where it reads what a terminal's keys send.
static bool cannot_do_without(void *const *stack, int depth)
{
    static const char *const libraries[] = {"/libtinfo", "/libncurses"};
    for (int f = 0; f < depth; f++) {
        Dl_info in;
        bool known = dladdr(stack[f], &in) != 0;
        for (size_t i = 0; known && i < sizeof libraries / sizeof *libraries; i++) {
            if (strstr(in.dli_fname, libraries[i]) != NULL) {
                return true;
            }
        }
    }
    return false;
}

// Notes a call whose stack comes for the first time.
static void note_stack(enum failpoint_kind k, long n, void *const *stack, int depth)
{
    enum { SEEN = 1 << 18 };
    static atomic_ulong seen[SEEN];
    unsigned long hash = (unsigned long)k + 1;
    for (int i = 0; i < depth; i++) {
        hash = (hash ^ (unsigned long)stack[i]) * 0x9E3779B97F4A7C15U;
        hash ^= hash >> 29;
    }
    for (unsigned long slot = hash % SEEN;; slot = (slot + 1) % SEEN) {
        unsigned long empty = 0;
        if (atomic_compare_exchange_strong(&seen[slot], &empty, hash)) {
            break;
        }
        if (empty == hash) {
            return;
        }
    }
    long place = atomic_fetch_add(&shared->stacks[k], 1);
    if (place < FAILPOINT_STACKS) {
        shared->first[k][place] = n;
    }
}

// Looks at a call that is to be noted, or to fail. True where it has to.
static bool look_at(enum failpoint_kind k, long n)
{
    void *stack[DEPTH];
    int depth = backtrace(stack, DEPTH);
    if (k == FAIL_MEMORY && cannot_do_without(stack, depth)) {
        return false;
    }
    if (at == 0) {
        note_stack(k, n, stack, depth);
        return false;
    }
    atomic_store(&shared->failed, 1);
    if (trace != NULL) {
        show_stack();
    }
    return true;
}

// Counts a call. True, with errno, where it has to fail.
static bool fails(enum failpoint_kind k, int why)
{
    if (shared == NULL || inside) {
        return false;
    }
    long n = atomic_fetch_add(&shared->calls[k], 1) + 1;
    if (at != 0 && (k != kind || n != at)) {
        return false;
    }
    inside = true;
    bool failed = look_at(k, n);
    inside = false;
    errno = failed ? why : errno;
    return failed;
}

static void *find(const char *name)
{
    bool was = inside;
    inside = true; // it allocates
    void *found = dlsym(RTLD_NEXT, name);
    inside = was;
    return found;
}

// The real function as `real`. ISO C knows no conversion from what dlsym() returns.
#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (real == NULL) {                                                                            \
        void *found = find(#name);                                                                 \
        memcpy(&real, &found, sizeof found);                                                       \
    }

// A pipe and a socket between threads fail in no other way than by a signal, which is to be tried again.
static int why_of(int fd, int why)
{
    struct stat st;
    int before = errno;
    bool pipe = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
    errno = before;
    return pipe ? EINTR : why;
}

// --- memory

void *malloc(size_t n)
{
    return fails(FAIL_MEMORY, ENOMEM) ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t size)
{
    return fails(FAIL_MEMORY, ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t n)
{
    return fails(FAIL_MEMORY, ENOMEM) ? NULL : __libc_realloc(p, n);
}

int posix_memalign(void **p, size_t alignment, size_t n)
{
    REAL(posix_memalign)
    return fails(FAIL_MEMORY, ENOMEM) ? ENOMEM : real(p, alignment, n);
}

void *mmap(void *addr, size_t n, int prot, int flags, int fd, off_t offset)
{
    REAL(mmap)
    return fails(FAIL_MEMORY, ENOMEM) ? MAP_FAILED : real(addr, n, prot, flags, fd, offset);
}

// --- reading and writing

ssize_t read(int fd, void *buf, size_t n)
{
    REAL(read)
    return fails(FAIL_READ, why_of(fd, EIO)) ? -1 : real(fd, buf, n);
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    REAL(recv)
    return fails(FAIL_READ, ECONNRESET) ? -1 : real(fd, buf, n, flags);
}

size_t fread(void *buf, size_t size, size_t n, FILE *f)
{
    REAL(fread)
    if (fails(FAIL_READ, EIO)) {
        f->_flags |= 0x20; // ferror(f) in glibc
        return 0;
    }
    return real(buf, size, n, f);
}

ssize_t getline(char **line, size_t *cap, FILE *f)
{
    REAL(getline)
    if (fails(FAIL_READ, EIO)) {
        f->_flags |= 0x20;
        return -1;
    }
    return real(line, cap, f);
}

ssize_t write(int fd, const void *buf, size_t n)
{
    REAL(write)
    return fails(FAIL_WRITE, why_of(fd, EIO)) ? -1 : real(fd, buf, n);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    REAL(send)
    return fails(FAIL_WRITE, ECONNRESET) ? -1 : real(fd, buf, n, flags);
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
    REAL(poll)
    return fails(FAIL_POLL, ENOMEM) ? -1 : real(fds, n, ms);
}

// --- descriptors

static bool makes_a_file(int flags)
{
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

int open(const char *path, int flags, ...)
{
    REAL(open)
    va_list ap;
    va_start(ap, flags);
    mode_t mode = makes_a_file(flags) ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    return fails(FAIL_OPEN, EMFILE) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = makes_a_file(flags) ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    return open(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    REAL(fopen)
    return fails(FAIL_OPEN, EMFILE) ? NULL : real(path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    return fopen(path, mode);
}

DIR *opendir(const char *path)
{
    REAL(opendir)
    return fails(FAIL_OPEN, EMFILE) ? NULL : real(path);
}

int mkstemp(char *path)
{
    REAL(mkstemp)
    return fails(FAIL_OPEN, EMFILE) ? -1 : real(path);
}

int pipe(int ends[2])
{
    REAL(pipe)
    return fails(FAIL_PIPE, EMFILE) ? -1 : real(ends);
}

int pipe2(int ends[2], int flags)
{
    REAL(pipe2)
    return fails(FAIL_PIPE, EMFILE) ? -1 : real(ends, flags);
}

int socketpair(int domain, int type, int protocol, int ends[2])
{
    REAL(socketpair)
    return fails(FAIL_PIPE, EMFILE) ? -1 : real(domain, type, protocol, ends);
}

int socket(int domain, int type, int protocol)
{
    REAL(socket)
    return fails(FAIL_SOCKET, EMFILE) ? -1 : real(domain, type, protocol);
}

int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t n)
{
    REAL(connect)
    return fails(FAIL_CONNECT, ENETUNREACH) ? -1 : real(fd, to, n);
}

// A socket that stays blocking holds libcurl for ever, and no system refuses this.
static bool makes_a_socket_wait(int fd, int command)
{
    struct stat st;
    return (command == F_SETFL || command == F_GETFL) && fstat(fd, &st) == 0 &&
           S_ISSOCK(st.st_mode);
}

// Its argument is a number or an address, or there is none.
int fcntl(int fd, int command, ...)
{
    REAL(fcntl)
    va_list ap;
    va_start(ap, command);
    void *argument = va_arg(ap, void *);
    va_end(ap);
    if (!makes_a_socket_wait(fd, command) && fails(FAIL_FCNTL, EMFILE)) {
        return -1;
    }
    return real(fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
    va_list ap;
    va_start(ap, command);
    void *argument = va_arg(ap, void *);
    va_end(ap);
    return fcntl(fd, command, argument);
}

// --- threads

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *self)
{
    REAL(pthread_create)
    return fails(FAIL_THREAD, EAGAIN) ? EAGAIN : real(thread, attr, run, self);
}
