// SPDX-License-Identifier: Apache-2.0
// Memory for tokens, passwords and private keys.
//
// What is promised: secret memory has pages of its own, that are wiped when it is freed and then unmapped, so
// that nothing of it is left in freed memory. The first allocation makes the process one whose memory others
// cannot read: no core dump, no ptrace or /proc/PID/mem by the same user (where the system is Linux; elsewhere
// only core dumps are refused). Programs that it starts are not affected. The pages stay out of swap as long as
// the limit of locked memory (ulimit -l) allows it.
//
// What is not promised: the superuser can read everything. Libraries keep copies of what they are given:
// libcurl of header lines until its handle goes, OpenSSL of keys (it wipes them), libyaml of the text that it
// reads. Registers and stack frames are wiped where secrets are known to have been, not everywhere. A machine
// that hibernates writes all of its memory.
//
// A buffer (buf_init_secret) and an arena (arena_init_secret) can be of secret memory. Do not grow secrets by
// xrealloc and do not xstrdup them: each leaves a copy behind.
#ifndef GATETOP_BASE_SECRET_H
#define GATETOP_BASE_SECRET_H

#include <stddef.h>

// n zeroed bytes; freed by secret_free alone. It costs at least a page and a system call: keep it for secrets.
// Out of memory ends the program. Any thread.
void *secret_alloc(size_t n);
char *secret_strdup(const char *s);            // NULL gives NULL
char *secret_strndup(const char *s, size_t n); // exactly n bytes, and a NUL
void secret_free(void *p);                     // wipes; NULL is fine, other memory is a bug

// Zeroes memory of any kind (a stack frame, a library's) in a way that the compiler cannot leave out, as it
// does with a memset before a free or a return.
void secret_wipe(void *p, size_t n);
void secret_wipe_text(char *s); // up to its NUL; NULL is fine

#endif
