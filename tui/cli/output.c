// SPDX-License-Identifier: Apache-2.0
// What a subcommand writes.
#include "tui/cli/output.h"

#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/text.h"

#include "tui/cli/exit_status.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>

bool output_reader_gone(FILE *out)
{
    struct pollfd p = {fileno(out), 0, 0};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

bool output_done(FILE *out)
{
    errno = 0;
    // A flush with nothing left to write succeeds, also after an earlier write has failed.
    if (fflush(out) == 0 && ferror(out) == 0) {
        return true;
    }
    int why = errno;
    if (why == EPIPE || output_reader_gone(out)) {
        return false;
    }
    struct err err;
    errno = why;
    err_sys(&err, ERR_INTERNAL, "cannot write the answer");
    output_problems(err.msg);
    return false;
}

void output_json(FILE *out, struct json *j)
{
    struct buf b;
    buf_init(&b, 0);
    json_print(j, false, &b);
    fputs(b.data, out);
    buf_release(&b);
    json_free(j);
}

void output_problems(const char *lines)
{
    struct buf clean;
    buf_init(&clean, 0);
    text_clean_lines(&clean, lines, strlen(lines));
    for (const char *at = clean.data; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        fprintf(stderr, "gatetop: %.*s\n", (int)n, at);
        at += n + (at[n] == '\n');
    }
    buf_release(&clean);
}

void output_problem(const char *fmt, ...)
{
    va_list ap;
    struct buf b;
    va_start(ap, fmt);
    buf_init(&b, 0);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    output_problems(b.data);
    buf_release(&b);
}

int output_worse(int input, int answer)
{
    if (input == STATUS_PARTIAL) {
        return answer != STATUS_OK ? answer : input;
    }
    return input != STATUS_OK ? input : answer;
}

int output_status(const struct err *err)
{
    switch (err->code) {
    case ERR_USAGE:
        return STATUS_USAGE;
    case ERR_CONFIG:
        return STATUS_CONFIG;
    default:
        return STATUS_SERVER;
    }
}
