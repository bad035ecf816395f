// SPDX-License-Identifier: Apache-2.0
// The log file (--log FILE) and the areas of --debug: off by default, never a secret in it
// (docs/rules/kubernetes-client.md#no-secret-in-log), any thread.
#ifndef GATETOP_BASE_LOG_H
#define GATETOP_BASE_LOG_H

#include "kube/base/attr.h"

#include <stdatomic.h>
#include <stdbool.h>

struct err;

enum log_level { LOG_WARN, LOG_INFO };

// Opens (creates, mode 0600, appends) the file; call once before threads.
bool log_open(const char *path, struct err *err) MUST_USE;
// Closes the log: later lines are dropped. Does nothing if none is open. Call it at the end of the program, or
// before another file is opened: a line that another thread is writing may be lost.
void log_close(void);
// The errno of the first line that could not be written (ENOSPC if it was cut), 0 if none. Such a line is dropped or
// cut; the next one begins on a line of its own.
int log_first_failure(void);
// Whether log_line writes anything, for callers that must prepare it. Any thread.
bool log_is_open(void);

// One line, one write(2): "2026-11-23T18:37:11.123Z info api text". module is a plain word ("api").
// Control characters and invalid UTF-8 in the text are escaped (\n, \xNN); at most 4 KiB, longer
// text is cut. The caller keeps tokens, Authorization headers and key material out.
void log_line(const char *module, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

// The parts of the program that --debug (or GATETOP_TRACE) can follow, the one list of them: the name in
// LOG_AREA_name, the word that --debug takes, and a line of help.
#define LOG_AREAS(X)                                                                               \
    X(CLIENT, "client", "each request to the API server, its status, sizes and times")             \
    X(WATCH, "watch", "each change of state of a list or watch, and why")                          \
    X(STORE, "store", "changed objects; each publication: what it holds and what it cost")         \
    X(MESH, "mesh",                                                                                \
      "which chains were evaluated, because of which change; the verdict of each link, and why")   \
    X(SCREEN, "screen", "keys, actions and messages, which rows were rebuilt and why")             \
    X(PROBE, "probe", "each question to DNS and to gateways, and its answer")

#define LOG_AREA_ENTRY(name, word, help) LOG_AREA_##name,
enum log_area { LOG_AREAS(LOG_AREA_ENTRY) LOG_AREA_COUNT };
#undef LOG_AREA_ENTRY
struct log_area_info {
    const char *name; // the word that --debug takes
    const char *help; // one line
};
extern const struct log_area_info log_areas[LOG_AREA_COUNT];

// Reads "client,store" or "all" into one bit for each area (1U << area). ERR_USAGE names a word
// that is no area.
bool log_areas_parse(const char *list, unsigned *areas, struct err *err) MUST_USE;
// Chooses the areas (bits as above, 0: none); call once before threads, beside log_open.
void log_areas_set(unsigned areas);

// One line of an area, "2026-11-23T18:37:11.123Z debug store text", escaped and cut as log_line
// does it. Costs one test of a bit where the area is off: the arguments are not evaluated then. Any
// thread. The caller keeps secrets out, and whatever a person types: a header that is typed for a
// trace may be one (docs/rules/kubernetes-client.md#no-secret-in-log).
#define log_debug(area, ...)                                                                       \
    do {                                                                                           \
        if (log_area_on(area)) {                                                                   \
            log_area_line((area), __VA_ARGS__);                                                    \
        }                                                                                          \
    } while (0)

// The areas that are on, a bit each.
extern _Atomic unsigned log_areas_on;
// Whether the area is on: for log_debug, and for callers that must prepare what they log. Any thread.
static inline bool log_area_on(enum log_area area)
{
    return (atomic_load_explicit(&log_areas_on, memory_order_relaxed) >> (unsigned)area & 1U) != 0;
}
// Writes the line, whether the area is on or not.
void log_area_line(enum log_area area, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
