// SPDX-License-Identifier: Apache-2.0
// Memory for tokens, passwords and private keys.
//
// What is promised: secret memory has pages of its own, which are wiped and unmapped when it is freed, so that
// nothing of it is left in freed memory. The first allocation makes the process one whose memory others cannot
// read: no core dump, no ptrace or /proc/PID/mem by the same user (where the system is Linux; elsewhere only core
// dumps are refused). Programs that it starts are not affected. The pages stay out of swap as long as the limit of
// locked memory (ulimit -l) allows it. Trees of JSON (json.h) and the copies that libcurl and OpenSSL make are on the
// ordinary heap, and wiped when they are freed. t_secret_residue looks for what is left.
//
// What is not promised: the superuser can read everything, and everyone the arguments of a program (--token).
// libnghttp2 has one copy of the token for each connection over HTTP/2 (the table of its header compression), on the
// ordinary heap, and leaves it in freed memory: libcurl does not pass its allocator on. libyaml has no way to choose
// one: its values and its copy of the text are wiped, but the beginning of a longer value (the first half of a buffer
// that was doubled, from 32 bytes on) stays in freed memory. Registers and stack frames are wiped where secrets are
// known to have been, not everywhere: a signal saves the registers on the stack, and so does the dynamic linker where
// it does not bind at the start (-z now). A machine that hibernates writes all of its memory.
//
// A buffer (buf_init_secret) and an arena (arena_init_secret) can be of secret memory. Do not grow secrets by
// xrealloc and do not xstrdup them: each leaves a copy behind. Do not print them with %s: printf leaves pieces on its
// stack; buf_adds does not.
#ifndef GATETOP_BASE_SECRET_H
#define GATETOP_BASE_SECRET_H

#include "kube/base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct err;

// Wipes and gives back what the functions below gave; NULL is fine, other memory is a bug.
void secret_free(void *p);
// n zeroed bytes. It costs at least a page and a system call: keep it for secrets. Out of memory ends the program.
// Any thread.
void *secret_alloc(size_t n) FREED_BY(secret_free);
// A copy of a text; NULL gives NULL.
char *secret_strdup(const char *s) FREED_BY(secret_free);
// A copy of exactly n bytes, and a NUL. s may be NULL if n is 0.
char *secret_strndup(const char *s, size_t n) FREED_BY(secret_free);

// Hides the process, as the first allocation does. False if the system refuses, so that others of the same user
// can read its memory; *err says why, the same at each call. Any thread.
bool secret_hide_process(struct err *err);

// Zeroes memory of any kind (a stack frame, a library's) in a way that the compiler cannot leave out, as it
// does with a memset before a free or a return.
void secret_wipe(void *p, size_t n);

// A free() that wipes, for trees of JSON, and for libraries that copy secrets to the ordinary heap and let their caller
// choose its functions (libcurl). malloc, calloc and strdup stay as they are. Any thread; NULL is fine.
void secret_heap_free(void *p);
// The realloc() that goes with it: it wipes the memory that it leaves. It does not shrink: p stays if it has room for
// n bytes. NULL if there is no memory; p is then as it was.
void *secret_heap_realloc(void *p, size_t n);

#endif
