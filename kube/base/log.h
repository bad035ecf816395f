// SPDX-License-Identifier: Apache-2.0
// The log file (--log FILE): off by default, never a secret in it, any thread.
#ifndef GATETOP_BASE_LOG_H
#define GATETOP_BASE_LOG_H

#include "kube/base/err.h"

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

// Opens (creates, mode 0600, appends) the file; call once before threads. Lines above `most` are dropped.
bool log_open(const char *path, enum log_level most, struct err *err) MUST_USE;
void log_close(void); // after threads have ended
bool log_enabled(enum log_level level);

// One line, one write(2): "2026-11-23T18:37:11.123Z info api text". module is a plain word ("api"). Control
// characters and invalid UTF-8 in the text are escaped (\n, \xNN); at most 4 KiB, longer text is cut.
// The caller keeps tokens, Authorization headers and key material out.
void log_line(const char *module, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
