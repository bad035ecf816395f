// SPDX-License-Identifier: Apache-2.0
// A trace as a pane of the dashboard.
#include "tui/screen/trace_pane.h"

#include "kube/base/text.h"

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

struct asked {
    struct trace_request request;
    const char *gateway;
    struct str_pair headers[MAX_WORDS];
};

static bool add_header(struct arena *a, struct asked *q, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL || colon == text) {
        return err_set(err, ERR_USAGE, "header '%s' is not 'name: value'", text);
    }
    struct str_pair *h = &q->headers[q->request.headers.n++];
    h->key = arena_strndup(a, text, (size_t)(colon - text));
    h->value = colon + 1 + strspn(colon + 1, " \t");
    q->request.headers.at = q->headers;
    return true;
}

static bool parse(struct arena *a, const char *text, struct asked *q, struct err *err)
{
    const char *words[MAX_WORDS], *url = NULL, *method = "GET", *sni = NULL;
    int n = split(a, text, words);
    for (int i = 0; i < n; i++) {
        if (words[i][0] != '-') {
            if (url != NULL) {
                return err_set(err, ERR_USAGE, "one URL at a time: '%s' is too much", words[i]);
            }
            url = words[i];
            if (!trace_request_from_url(a, url, &q->request, err)) {
                return false;
            }
        }
    }
    if (url == NULL) {
        return err_set(err, ERR_USAGE, "type a URL, such as https://host/path");
    }
    for (int i = 0; i < n; i++) {
        const char *value = i + 1 < n ? words[i + 1] : NULL;
        if (words[i][0] != '-') {
            continue;
        }
        if (value == NULL) {
            return err_set(err, ERR_USAGE, "'%s' needs a value", words[i]);
        }
        if (strcmp(words[i], "-X") == 0 || strcmp(words[i], "--request") == 0) {
            method = value;
        } else if (strcmp(words[i], "--sni") == 0) {
            sni = value;
        } else if (strcmp(words[i], "--gateway") == 0) {
            q->gateway = value;
        } else if (strcmp(words[i], "-H") != 0 && strcmp(words[i], "--header") != 0) {
            return err_set(err, ERR_USAGE,
                           "unknown option '%s'; -X, -H, --sni and --gateway are known", words[i]);
        } else if (!add_header(a, q, value, err)) {
            return false;
        }
        i++;
    }
    q->request.method = method;
    q->request.sni = sni;
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

void tracer_explain(const struct view_args *a, const char *request, struct text_block *out)
{
    struct mesh m = {.snap = a->snap, .arena = a->arena, .now = a->now};
    struct err err = {0};
    struct asked q = {.gateway = NULL};
    uint32_t n = 1;
    const struct workload *chosen = NULL, *const *workloads = &chosen;
    bool ok = parse(a->arena, request, &q, &err);
    if (ok && q.gateway != NULL) {
        ok = trace_workload_named(&m, q.gateway, &chosen, &err);
    } else if (ok) {
        workloads = trace_workloads(&m, q.request.host, &n);
    }
    if (!ok || n == 0) {
        block_line(out);
        block_put(out, ROLE_BROKEN, "%s",
                  ok ? "there is no Gateway that a request could come in by" : err.msg);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct trace_result r = trace_run(route_table_build(&m, workloads[i]), &m, &q.request);
        struct buf text;
        buf_init(&text, 0);
        trace_explain(&r, &q.request, a->options->ascii, &text);
        if (i > 0) {
            block_line(out);
        }
        put_lines(out, text.data != NULL ? text.data : "");
        buf_release(&text);
    }
}
