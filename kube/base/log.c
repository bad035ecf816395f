// SPDX-License-Identifier: Apache-2.0
// The log file.
#include "kube/base/log.h"

#include "kube/base/err.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096 };

static _Atomic int log_fd = -1;
static _Atomic int log_most;
_Atomic unsigned log_areas_on;

const struct log_area_info log_areas[LOG_AREA_COUNT] = {
    [LOG_AREA_CLIENT] = {"client", "each request to the API server, its status, sizes and times"},
    [LOG_AREA_WATCH] = {"watch", "each change of state of a list or watch, and why"},
    [LOG_AREA_STORE] = {"store",
                        "changed objects; each publication: what it holds and what it cost"},
    [LOG_AREA_MESH] = {"mesh", "which chains were evaluated again, and how long it took"},
    [LOG_AREA_SCREEN] = {"screen", "keys and actions, which rows were rebuilt and why"},
    [LOG_AREA_PROBE] = {"probe", "each question to DNS and to gateways, and its answer"},
};

bool log_open(const char *path, enum log_level most, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0) {
        return err_sys(err, ERR_USAGE, "cannot open log file '%s'", path);
    }
    log_close();
    atomic_store(&log_most, (int)most);
    atomic_store(&log_fd, fd);
    return true;
}

void log_close(void)
{
    int fd = atomic_exchange(&log_fd, -1);
    if (fd >= 0) {
        close(fd);
    }
}

bool log_enabled(enum log_level level)
{
    return atomic_load(&log_fd) >= 0 && (int)level <= atomic_load(&log_most);
}

static size_t escape(const char *s, char *out, size_t room)
{
    size_t len = 0, n = strlen(s);
    while (n > 0) {
        uint32_t cp;
        size_t took = utf8_next(s, n, &cp);
        char piece[16];
        size_t m = took;
        bool invalid = cp == 0xFFFD && took == 1;
        if (*s == '\n') {
            m = (size_t)snprintf(piece, sizeof piece, "\\n");
        } else if (invalid || text_is_control(cp)) {
            m = 0;
            for (size_t i = 0; i < took && m + 5 < sizeof piece; i++) {
                m += (size_t)snprintf(piece + m, sizeof piece - m, "\\x%02x", (unsigned char)s[i]);
            }
        } else {
            memcpy(piece, s, took);
        }
        if (m > room - len) {
            break;
        }
        memcpy(out + len, piece, m);
        len += m;
        s += took;
        n -= took;
    }
    return len;
}

PRINTF_LIKE(3, 0)
static void put_line(const char *level, const char *module, const char *fmt, va_list ap)
{
    int fd = atomic_load(&log_fd);
    if (fd < 0) {
        return;
    }
    char text[LINE], line[LINE + 64];
    vsnprintf(text, sizeof text, fmt, ap);
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t len = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &tm);
    len += (size_t)snprintf(line + len, sizeof line - len, ".%03dZ %s %.32s ",
                            (int)(now.tv_nsec / 1000000), level, module);
    len += escape(text, line + len, LINE - 1 - len);
    line[len++] = '\n';
    ssize_t wrote = write(fd, line, len);
    (void)wrote; // a full disk must not stop the dashboard
}

void log_line(const char *module, enum log_level level, const char *fmt, ...)
{
    static const char *const names[] = {
        [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};
    if (!log_enabled(level)) {
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    put_line(names[level], module, fmt, ap);
    va_end(ap);
}

void log_area_line(enum log_area area, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    put_line("debug", log_areas[area].name, fmt, ap);
    va_end(ap);
}

void log_areas_set(unsigned areas)
{
    atomic_store(&log_areas_on, areas);
}

static bool parse_area(const char *word, size_t n, unsigned *areas)
{
    if (str_is(word, n, "all")) {
        *areas |= (1U << LOG_AREA_COUNT) - 1U;
        return true;
    }
    for (unsigned i = 0; i < LOG_AREA_COUNT; i++) {
        if (str_is(word, n, log_areas[i].name)) {
            *areas |= 1U << i;
            return true;
        }
    }
    return false;
}

bool log_areas_parse(const char *list, unsigned *areas, struct err *err)
{
    *areas = 0;
    for (const char *word = list;; word++) {
        size_t n = strcspn(word, ",");
        if (!parse_area(word, n, areas)) {
            return err_set(err, ERR_USAGE,
                           "unknown debug area '%.*s'; use client, watch, store, mesh, screen, "
                           "probe or all",
                           (int)n, word);
        }
        word += n;
        if (*word == '\0') {
            return true;
        }
    }
}
