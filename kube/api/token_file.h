// SPDX-License-Identifier: Apache-2.0
// A bearer token in a file that is replaced from time to time (docs/rules/kubernetes-client.md#token-file). One thread.
#ifndef GATETOP_API_TOKEN_FILE_H
#define GATETOP_API_TOKEN_FILE_H

#include "kube/base/attr.h"
#include "kube/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct token_file {
    const char *path;   // borrowed
    char *token;        // the last good one, fit for a header; secret memory, NULL before the first
    uint64_t version;   // counts tokens
    int64_t read_at;    // mono_ms; INT64_MIN: never
    struct err problem; // why the newest read failed
};

// Nothing is read yet.
void token_file_init(struct token_file *f, const char *path);
// Wipes and frees the token.
void token_file_release(struct token_file *f);

// Reads the file where that is due. False with *err where there is no token.
bool token_file_check(struct token_file *f, int64_t mono_ms, struct err *err) MUST_USE;
// Reads the file. Where it holds no token, the last one stays, and that is logged.
void token_file_read(struct token_file *f, int64_t mono_ms);
// The user asks for another try now: the next check reads, where there is no token.
void token_file_retry(struct token_file *f);

#endif
