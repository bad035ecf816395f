// SPDX-License-Identifier: Apache-2.0
// A trace as a pane of the dashboard.
#include "tui/screen/trace_pane.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"

#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_explain.h"
#include "kube/mesh/trace/trace_workloads.h"

#include <string.h>

enum { MAX_WORDS = 64 };

// Words with quotes as a shell has them; no escapes. Returns their number.
static int split(struct arena *a, const char *s, const char **words)
{
    int n = 0;
    while (n < MAX_WORDS) {
        s += strspn(s, " \t");
        if (*s == '\0') {
            break;
        }
        char *word = arena_alloc(a, strlen(s) + 1), *at = word;
        char quote = '\0';
        for (; *s != '\0' && (quote != '\0' || (*s != ' ' && *s != '\t')); s++) {
            if (quote != '\0' ? *s == quote : *s == '\'' || *s == '"') {
                quote = quote != '\0' ? '\0' : *s;
            } else {
                *at++ = *s;
            }
        }
        words[n++] = word;
    }
    return n;
}

// The URL is read first: options add to the request that it makes.
static bool read_url(struct arena *a, const char *const *words, int n, struct trace_request *q,
                     struct err *err)
{
    const char *url = NULL;
    for (int i = 0; i < n; i++) {
        if (words[i][0] == '-') {
            i++; // its value
        } else if (url != NULL) {
            return err_set(err, ERR_USAGE, "one URL at a time; '%s' is one too many", words[i]);
        } else {
            url = words[i];
        }
    }
    return url != NULL ? trace_request_from_url(a, url, q, err)
                       : err_set(err, ERR_USAGE, "type a URL, such as https://host/path");
}

static bool read_option(struct arena *a, const char *option, const char *value,
                        struct trace_request *q, const char **gateway, struct err *err)
{
    if (value == NULL) {
        return err_set(err, ERR_USAGE, "'%s' needs a value", option);
    }
    if (strcmp(option, "-X") == 0 || strcmp(option, "--request") == 0) {
        q->method = value;
    } else if (strcmp(option, "-H") == 0 || strcmp(option, "--header") == 0) {
        return trace_request_header(a, q, value, err);
    } else if (strcmp(option, "--sni") == 0) {
        q->sni = value;
    } else if (strcmp(option, "--source-ip") == 0) {
        q->source_ip = value;
    } else if (strcmp(option, "--gateway") == 0) {
        *gateway = value;
    } else {
        return err_set(err, ERR_USAGE,
                       "unknown option '%s'; use -X, -H, --sni, --source-ip or --gateway", option);
    }
    return true;
}

static bool parse(struct arena *a, const char *text, struct trace_request *q, const char **gateway,
                  struct err *err)
{
    const char *words[MAX_WORDS];
    int n = split(a, text, words);
    if (!read_url(a, words, n, q, err)) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        if (words[i][0] == '-') {
            const char *option = words[i++];
            if (!read_option(a, option, i < n ? words[i] : NULL, q, gateway, err)) {
                return false;
            }
        }
    }
    return true;
}

static void put_lines(struct text_block *out, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        block_line(out);
        block_put(out, ROLE_TEXT, "%.*s", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

void trace_pane_fill(const struct view_args *a, const char *request, struct text_block *out)
{
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    struct err err = {0};
    struct trace_request q = {0};
    const char *gateway = NULL;
    uint32_t n = 1;
    const struct workload *chosen = NULL, *const *workloads = &chosen;
    bool ok = parse(a->arena, request, &q, &gateway, &err);
    if (ok && gateway != NULL) {
        ok = trace_workload_named(&m, gateway, &chosen, &err);
    } else if (ok) {
        workloads = trace_workloads(&m, q.host, &n);
    }
    if (!ok || n == 0) {
        block_line(out);
        block_put(out, ROLE_BROKEN, "%s",
                  ok ? "there is no Gateway that the request could enter by" : err.msg);
        return;
    }
    struct buf text;
    buf_init(&text, 0);
    for (uint32_t i = 0; i < n; i++) {
        struct trace_result r = trace_run(route_table_build(&m, workloads[i]), &m, &q);
        buf_reset(&text);
        trace_explain(&r, &q, a->options->ascii, &text);
        if (i > 0) {
            block_line(out);
        }
        put_lines(out, text.data);
    }
    buf_release(&text);
}
