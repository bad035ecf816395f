// SPDX-License-Identifier: Apache-2.0
// Files that a configuration names.
#include "kube/api/config_file.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *config_file_path(struct arena *a, const char *base, const char *path)
{
    char cwd[PATH_MAX];
    const char *whole = path;
    if (*path != '/') {
        if (base == NULL) {
            base = getcwd(cwd, sizeof cwd) != NULL ? cwd : "/";
        }
        whole = arena_printf(a, "%s/%s", base, path);
    }
    char *out = arena_alloc(a, strlen(whole) + 2);
    size_t len = 0;
    for (const char *p = whole; *p != '\0';) {
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            while (len > 0 && out[--len] != '/') {
            }
        } else if (n > 0 && !(n == 1 && *p == '.')) {
            out[len++] = '/';
            memcpy(out + len, p, n);
            len += n;
        }
        p += n + (p[n] == '/');
    }
    if (len == 0) {
        out[len++] = '/';
    }
    out[len] = '\0';
    return out;
}

bool config_file_read(const char *path, struct buf *out, char why[ERRNO_TEXT_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t n = fd >= 0 ? 0 : -1;
    char piece[16384];
    while (fd >= 0 && !out->over && (n = read(fd, piece, sizeof piece)) != 0) {
        if (n < 0 && errno != EINTR) {
            break;
        }
        buf_add(out, piece, n > 0 ? (size_t)n : 0);
    }
    int sys = errno;
    secret_wipe(piece, sizeof piece); // it may be a token or a key
    if (fd >= 0) {
        close(fd);
    }
    if (n < 0) {
        (void)errno_text(sys, why);
    } else if (out->over) {
        snprintf(why, ERRNO_TEXT_SIZE, "larger than %zu bytes", out->max);
    }
    return n >= 0 && !out->over;
}
