// SPDX-License-Identifier: Apache-2.0
// The log file (--log FILE) and the areas of --debug: off by default, never a secret in it
// (docs/rules/kubernetes-client.md#no-secret-in-log), any thread.
#ifndef GATETOP_BASE_LOG_H
#define GATETOP_BASE_LOG_H

#include "kube/base/attr.h"

#include <stdatomic.h>
#include <stdbool.h>

struct err;

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

// Opens (creates, mode 0600, appends) the file; call once before threads. Lines above `most` are
// dropped.
bool log_open(const char *path, enum log_level most, struct err *err) MUST_USE;
// Ends the log: lines from now on are dropped. Nothing where none is open. At the end of the program, or before another file:
// a thread that is just writing a line may lose it.
void log_close(void);
// Whether log_line writes lines of this level. Any thread.
bool log_enabled(enum log_level level);

// One line, one write(2): "2026-11-23T18:37:11.123Z info api text". module is a plain word ("api").
// Control characters and invalid UTF-8 in the text are escaped (\n, \xNN); at most 4 KiB, longer
// text is cut. The caller keeps tokens, Authorization headers and key material out.
void log_line(const char *module, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

// The parts of the program that --debug (or GATETOP_TRACE) can follow.
enum log_area {
    LOG_AREA_CLIENT, // requests and answers of the API server
    LOG_AREA_WATCH,  // states of the reflectors
    LOG_AREA_STORE,  // changed objects, publications
    LOG_AREA_MESH,   // which chains were evaluated again
    LOG_AREA_SCREEN, // keys, actions, rows, drawings
    LOG_AREA_PROBE,  // questions to DNS and to gateways, and their answers
    LOG_AREA_COUNT
};
struct log_area_info {
    const char *name; // the word that --debug takes
    const char *help; // one line
};
extern const struct log_area_info log_areas[LOG_AREA_COUNT];

// Reads "client,store" or "all" into one bit for each area (1U << area). ERR_USAGE names a word
// that is no area.
bool log_areas_parse(const char *list, unsigned *areas, struct err *err) MUST_USE;
// Chooses the areas (bits as above, 0 none); call once before threads, beside log_open.
void log_areas_set(unsigned areas);

// One line of an area, "2026-11-23T18:37:11.123Z debug store text", escaped and cut as log_line
// does it. Costs one test of a bit where the area is off: the arguments are not evaluated then. Any
// thread. The caller keeps secrets out, and whatever a person types: a header that is typed for a
// trace may be one.
#define log_debug(area, ...)                                                                       \
    do {                                                                                           \
        if (log_area_on(area)) {                                                                   \
            log_area_line((area), __VA_ARGS__);                                                    \
        }                                                                                          \
    } while (0)

// What log_debug is made of. log_area_on is for callers that must prepare what they log.
extern _Atomic unsigned log_areas_on;
static inline bool log_area_on(enum log_area area)
{
    return (atomic_load_explicit(&log_areas_on, memory_order_relaxed) >> (unsigned)area & 1U) != 0;
}
// Writes the line, whether the area is on or not.
void log_area_line(enum log_area area, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
