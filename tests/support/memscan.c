// SPDX-License-Identifier: Apache-2.0
// Looks for a text in all of this process's writable memory.
#include "tests/support/memscan.h"

#include "kube/base/str.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
// clang-format on

void memscan_init(struct memscan *s, size_t n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    assert_in_range(n, 16, sizeof s->turned);
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, s->turned, n), n);
    close(fd);
    for (size_t i = 0; i < n; i++) {
        s->turned[i] = (unsigned char)(letters[s->turned[i] % (sizeof letters - 1)] ^ 0xFF);
    }
    s->n = n;
}

void memscan_of(struct memscan *s, const char *text, size_t n)
{
    assert_in_range(n, 16, sizeof s->turned);
    for (size_t i = 0; i < n; i++) {
        s->turned[i] = (unsigned char)(text[i] ^ 0xFF);
    }
    s->n = n;
}

void memscan_text(const struct memscan *s, char *out)
{
    for (size_t i = 0; i < s->n; i++) {
        out[i] = (char)(s->turned[i] ^ 0xFF);
    }
}

// Reads any memory, also what a sanitizer has poisoned.
__attribute__((no_sanitize("address", "thread", "undefined"))) static size_t
count_in(const struct memscan *s, const volatile unsigned char *at,
         const volatile unsigned char *end)
{
    size_t count = 0;
    for (; at + s->n <= end; at++) {
        if ((*at ^ s->turned[0]) != 0xFF) {
            continue;
        }
        size_t i = 1;
        while (i < s->n && (at[i] ^ s->turned[i]) == 0xFF) {
            i++;
        }
        count += i == s->n;
    }
    return count;
}

static const unsigned char *address_of(unsigned long long number)
{
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel writes addresses as text
    return (const unsigned char *)(uintptr_t)number;
}

size_t memscan_count(const struct memscan *s)
{
    // The list is read whole before the search, because its buffer is memory as well.
    size_t size = 1 << 20, len = 0;
    char *maps = malloc(size);
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    assert_non_null(maps);
    assert_true(fd >= 0);
    for (ssize_t n; (n = read(fd, maps + len, size - 1 - len)) > 0;) {
        len += (size_t)n;
    }
    close(fd);
    assert_true(len + 1 < size);
    maps[len] = '\0';
    size_t count = 0, seen = 0;
    for (char *line = maps; *line != '\0'; line += strcspn(line, "\n") + 1) {
        unsigned long long from, to;
        char mode[5], name[64] = "";
        int fields = sscanf(line, "%llx-%llx %4s %*s %*s %*s %63[^\n]", &from, &to, mode, name);
        // A sanitizer's shadow is terabytes that hold no text.
        if (fields >= 3 && str_starts(mode, "rw") && to - from < (1ULL << 32) &&
            !str_starts(name, "[vv")) {
            seen += to - from;
            count += count_in(s, address_of(from), address_of(to));
        }
    }
    free(maps);
    assert_true(seen > 65536);
    return count;
}
