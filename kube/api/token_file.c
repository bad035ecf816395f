// SPDX-License-Identifier: Apache-2.0
// Reading a token file.
#include "kube/api/token_file.h"

#include "kube/base/buf.h"
#include "kube/base/log.h"
#include "kube/base/secret.h"

#include "kube/api/config_file.h"
#include "kube/api/token_text.h"

#include <string.h>

enum {
    PERIOD_MS = 50 * 1000, // client-go's 60 s less its 10 s of leeway
    RETRY_MS = 2000,       // while there is no token
    FILE_MAX = 1024 * 1024,
};

void token_file_init(struct token_file *f, const char *path)
{
    *f = (struct token_file){.path = path, .read_at = INT64_MIN};
}

void token_file_release(struct token_file *f)
{
    secret_free(f->token);
}

void token_file_read(struct token_file *f, int64_t mono_ms)
{
    f->read_at = mono_ms;
    struct buf b;
    char why[ERRNO_TEXT_SIZE] = "";
    buf_init_secret(&b, FILE_MAX);
    bool readable = config_file_read(f->path, &b, why);
    const char *s = b.data + strspn(b.data, " \t\r\n");
    size_t n = b.len - (size_t)(s - b.data);
    bool valid = token_text_trim(s, &n);
    if (!readable || !valid || n == 0) {
        const char *problem = !readable ? why
                              : !valid  ? "a space or control character is inside"
                                        : "it is empty";
        err_set(&f->problem, ERR_AUTH, "token file '%s': %s", f->path, problem);
        log_line("credential", LOG_WARN, "%s%s", f->problem.msg,
                 f->token != NULL ? "; the last token is used" : "");
    } else if (f->token == NULL || strlen(f->token) != n || memcmp(f->token, s, n) != 0) {
        secret_free(f->token);
        f->token = secret_strndup(s, n);
        f->version++;
        log_line("credential", LOG_INFO, "a new token was read from %s", f->path);
    }
    buf_release(&b);
}

static bool is_due(const struct token_file *f, int64_t mono_ms)
{
    return f->read_at == INT64_MIN ||
           mono_ms - f->read_at >= (f->token != NULL ? PERIOD_MS : RETRY_MS);
}

bool token_file_check(struct token_file *f, int64_t mono_ms, struct err *err)
{
    if (is_due(f, mono_ms)) {
        token_file_read(f, mono_ms);
    }
    if (f->token == NULL) {
        *err = f->problem;
    }
    return f->token != NULL;
}

void token_file_retry(struct token_file *f)
{
    if (f->token == NULL) {
        f->read_at = INT64_MIN;
    }
}
