// SPDX-License-Identifier: Apache-2.0
// The log file.
#include "kube/base/log.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"
#include "kube/base/text.h"
#include "kube/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096 };

static _Atomic int log_fd = -1;
static _Atomic int failure;
static _Atomic bool cut; // the last line lacks its end
_Atomic unsigned log_areas_on;

const struct log_area_info log_areas[LOG_AREA_COUNT] = {
#define AREA_ROW(name, word, help) [LOG_AREA_##name] = {word, help},
    LOG_AREAS(AREA_ROW)
#undef AREA_ROW
};

bool log_open(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0) {
        return err_sys(err, ERR_USAGE, "cannot open log file '%s'", path);
    }
    log_close();
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

int log_first_failure(void)
{
    return atomic_load(&failure);
}

bool log_is_open(void)
{
    return atomic_load(&log_fd) >= 0;
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

// Writes a line, which has a line break in front: it is used only if the last line was cut. A full disk must not stop
// the dashboard, so a line that cannot be written is dropped.
static void put_whole(int fd, const char *line, size_t n)
{
    size_t skip = atomic_exchange(&cut, false) ? 0 : 1;
    ssize_t wrote;
    do {
        wrote = write(fd, line + skip, n - skip);
    } while (wrote < 0 && errno == EINTR);
    if (wrote == (ssize_t)(n - skip)) {
        return;
    }
    // Nothing was written of a line that had to end another one, or the last byte is missing.
    atomic_store(&cut, wrote > 0 || (wrote < 0 && skip == 0));
    int none = 0;
    atomic_compare_exchange_strong(&failure, &none, wrote < 0 ? errno : ENOSPC);
}

PRINTF_LIKE(3, 0)
static void put_line(const char *level, const char *module, const char *fmt, va_list ap)
{
    int fd = atomic_load(&log_fd);
    if (fd < 0) {
        return;
    }
    char text[LINE], whole[LINE + 64];
    char *line = whole + 1;
    whole[0] = '\n';
    vsnprintf(text, sizeof text, fmt, ap);
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t len = strftime(line, LINE, "%Y-%m-%dT%H:%M:%S", &tm);
    len += (size_t)snprintf(line + len, LINE - len, ".%03dZ %s %.32s ",
                            (int)(now.tv_nsec / 1000000), level, module);
    len += escape(text, line + len, LINE - 1 - len);
    line[len++] = '\n';
    put_whole(fd, whole, len + 1);
}

void log_line(const char *module, enum log_level level, const char *fmt, ...)
{
    static const char *const names[] = {[LOG_WARN] = "warn", [LOG_INFO] = "info"};
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

static bool unknown_area(const char *word, int n, struct err *err)
{
    struct buf words;
    buf_init(&words, 0);
    for (int i = 0; i < LOG_AREA_COUNT; i++) {
        buf_addf(&words, "%s%s", i > 0 ? ", " : "", log_areas[i].name);
    }
    err_set(err, ERR_USAGE, "unknown debug area '%.*s'; use %s or all", n, word, words.data);
    buf_release(&words);
    return false;
}

bool log_areas_parse(const char *list, unsigned *areas, struct err *err)
{
    *areas = 0;
    for (const char *word = list;; word++) {
        size_t n = strcspn(word, ",");
        if (!parse_area(word, n, areas)) {
            return unknown_area(word, (int)n, err);
        }
        word += n;
        if (*word == '\0') {
            return true;
        }
    }
}
