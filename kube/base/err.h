// SPDX-License-Identifier: Apache-2.0
// Errors as values: a code for the program, a sentence for the person.
#ifndef GATETOP_BASE_ERR_H
#define GATETOP_BASE_ERR_H

#include "kube/base/attr.h"

#include <stdbool.h>

enum err_code {
    ERR_NONE,
    ERR_AUTH,      // credentials missing, refused or expired
    ERR_FORBIDDEN, // the server knows the user and says no
    ERR_NOT_FOUND, // the object or the API does not exist
    ERR_GONE,      // resourceVersion or continue token too old
    ERR_CONFLICT,  // the object changed under a write
    ERR_NET,       // name resolution, connect, proxy: another try at once would not help
    ERR_LOST,      // an established connection ended: another try may succeed
    ERR_TLS,       // handshake or verification failed
    ERR_TIMEOUT,
    ERR_UNAVAILABLE, // the server answered 429 or 5xx
    ERR_PARSE,       // what was read is not what it should be
    ERR_LIMIT,       // a limit of gatetop was exceeded
    ERR_CONFIG,      // kubeconfig, options, files of the user
    ERR_USAGE,       // the command line
    ERR_INTERNAL,
};

// msg: lower case, no full stop, the subject in quotes, at the end what to do. Clean text (text.h) that can be shown.
struct err {
    enum err_code code;
    int sys;  // errno, 0 if none
    int http; // HTTP status, 0 if none
    char msg[512];
};

// Fills *e (which may be NULL) and returns false, so that a function can `return err_set(...)`. A longer message is
// cut at a character.
bool err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
// The same with errno's text appended; keeps errno in e->sys.
bool err_sys(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
// Puts "text: " before the message. e may be NULL.
void err_prefix(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
// No error: ERR_NONE and an empty message. e may be NULL.
void err_clear(struct err *e);

// Bytes that hold the system's text for any errno.
#define ERRNO_TEXT_SIZE 128
// The system's text for an errno ("No such file or directory"; "error N" where it has none), written into text, which
// is returned. Any thread; strerror() may give two threads the same memory.
const char *errno_text(int sys, char text[ERRNO_TEXT_SIZE]);

#endif
