// SPDX-License-Identifier: Apache-2.0
// `gatetop trace`: one URL, or a batch of requests.
#include "kube/base/text.h"

#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_explain.h"
#include "kube/mesh/trace/trace_json.h"
#include "kube/mesh/trace/trace_workloads.h"

#include "tui/cli/commands.h"
#include "tui/cli/data_source.h"
#include "tui/cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Kinds that say where a request goes, and those that only make the answer surer.
enum {
    TRACE_NEEDS = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE),
    TRACE_READS = KIND_BIT(KIND_DESTINATIONRULE) | KIND_BIT(KIND_SERVICEENTRY) | KIND_BIT(KIND_POD),
};

static bool add_headers(const struct options *o, struct arena *a, struct trace_request *q,
                        struct err *err)
{
    struct str_pair *at = arena_alloc(a, (o->headers.n + 1) * sizeof *at);
    for (size_t i = 0; i < o->headers.n; i++) {
        const char *colon = strchr(o->headers.at[i], ':');
        if (colon == NULL || colon == o->headers.at[i]) {
            return err_set(err, ERR_USAGE, "header '%s' is not 'name: value'", o->headers.at[i]);
        }
        const char *value = colon + 1 + strspn(colon + 1, " \t");
        at[i].key = arena_strndup(a, o->headers.at[i], (size_t)(colon - o->headers.at[i]));
        at[i].value = arena_strdup(a, value);
        if (str_casecmp(at[i].key, "host") == 0) {
            q->host = at[i].value;
        }
    }
    q->headers = (struct str_map){at, (uint32_t)o->headers.n};
    return true;
}

static void print_result(const struct options *o, const struct trace_result *r,
                         const struct trace_request *q)
{
    struct buf b;
    buf_init(&b, 0);
    if (o->output == OUTPUT_JSON) {
        trace_write_json(r, q, &b);
        buf_addc(&b, '\n');
    } else {
        trace_explain(r, q, o->ascii, &b);
    }
    fputs(b.data != NULL ? b.data : "", stdout);
    buf_release(&b);
}

static int one(const struct options *o, const struct mesh *m)
{
    struct err err = {0};
    struct trace_request q = {0};
    if (!trace_request_from_url(m->arena, o->args.at[0], &q, &err) ||
        !add_headers(o, m->arena, &q, &err)) {
        data_tell(err.msg);
        return STATUS_USAGE;
    }
    q.method = o->method != NULL ? o->method : "GET";
    q.sni = o->sni;
    uint32_t n = 1;
    const struct workload *chosen = NULL, *const *workloads = &chosen;
    if (o->gateway != NULL) {
        if (!trace_workload_named(m, o->gateway, &chosen, &err)) {
            data_tell(err.msg);
            return STATUS_USAGE;
        }
    } else {
        workloads = trace_workloads(m, q.host, &n);
    }
    if (n == 0) {
        data_tell("there is no Gateway that a request could come in by");
        return STATUS_BAD;
    }
    bool bad = false;
    for (uint32_t i = 0; i < n; i++) {
        struct route_table *t = route_table_build(m, workloads[i]);
        struct trace_result r = trace_run(t, m, &q);
        if (i > 0 && o->output != OUTPUT_JSON) {
            fputc('\n', stdout);
        }
        print_result(o, &r, &q);
        bad = bad || trace_is_bad(&r);
    }
    return bad ? STATUS_BAD : STATUS_OK;
}

// Tables by workload: a batch asks few workloads many times.
struct tables {
    struct route_table **at;
    const char **key;
    size_t n;
};

static struct route_table *table_for(struct tables *t, const struct mesh *m,
                                     const struct mesh *line, const struct trace_request *q,
                                     const struct workload *chosen)
{
    struct buf key;
    buf_init(&key, 0);
    for (uint32_t i = 0; chosen == NULL && i < q->gateway_selector.n; i++) {
        buf_addf(&key, "%s=%s,", q->gateway_selector.at[i].key, q->gateway_selector.at[i].value);
    }
    // Without a selector the host decides which gateways it can mean; the first of them answers.
    const struct workload *w = chosen;
    if (w == NULL && !q->selector_set) {
        uint32_t n;
        const struct workload *const *at = trace_workloads(line, q->host, &n);
        w = n > 0 ? at[0] : NULL;
        for (uint32_t i = 0; w != NULL && i < w->labels.n; i++) {
            buf_addf(&key, "%s=%s,", w->labels.at[i].key, w->labels.at[i].value);
        }
    }
    const char *text = key.data != NULL ? key.data : "";
    struct route_table *found = NULL;
    for (size_t i = 0; i < t->n && found == NULL; i++) {
        found = strcmp(t->key[i], text) == 0 ? t->at[i] : NULL;
    }
    if (found == NULL) {
        struct str_map *labels = arena_alloc(m->arena, sizeof *labels);
        const struct str_map *from = w != NULL ? &w->labels : &q->gateway_selector;
        struct str_pair *pairs = arena_alloc(m->arena, (from->n + 1) * sizeof *pairs);
        for (uint32_t i = 0; i < from->n; i++) {
            pairs[i] = (struct str_pair){arena_strdup(m->arena, from->at[i].key),
                                         arena_strdup(m->arena, from->at[i].value)};
        }
        *labels = (struct str_map){pairs, from->n};
        found = route_table_build(m, chosen != NULL ? chosen : workload_from_labels(m, labels));
        t->at = xrealloc(t->at, (t->n + 1) * sizeof(struct route_table *));
        t->key = xrealloc(t->key, (t->n + 1) * sizeof *t->key);
        t->at[t->n] = found;
        t->key[t->n++] = arena_strdup(m->arena, text);
    }
    buf_release(&key);
    return found;
}

enum { LINE_MAX_BYTES = 1 << 20 };

static int batch(const struct options *o, const struct mesh *m)
{
    struct err err = {0};
    const struct workload *chosen = NULL;
    if (o->gateway != NULL && !trace_workload_named(m, o->gateway, &chosen, &err)) {
        data_tell(err.msg);
        return STATUS_USAGE;
    }
    FILE *in = strcmp(o->batch, "-") == 0 ? stdin : fopen(o->batch, "r");
    if (in == NULL) {
        char why[ERRNO_TEXT_SIZE];
        fprintf(stderr, "gatetop: cannot open '%s': %s\n", o->batch, errno_text(errno, why));
        return STATUS_CONFIG;
    }
    struct tables tables = {0};
    struct arena scratch;
    arena_init(&scratch);
    struct mesh line_mesh = *m;
    line_mesh.arena = &scratch;
    char *line = NULL;
    size_t cap = 0;
    int status = STATUS_OK;
    long number = 0;
    struct buf out;
    buf_init(&out, 0);
    for (ssize_t n; (n = getline(&line, &cap, in)) >= 0;) {
        number++;
        arena_clear(&scratch);
        struct trace_request q = {0};
        if (n > 0 && line[strspn(line, " \t\r\n")] == '\0') {
            continue;
        }
        if (n > LINE_MAX_BYTES) {
            err_set(&err, ERR_LIMIT, "longer than 1 MiB");
        } else if (trace_request_from_json(&scratch, line, (size_t)n, &q, &err)) {
            struct trace_result r =
                trace_run(table_for(&tables, m, &line_mesh, &q, chosen), &line_mesh, &q);
            buf_reset(&out);
            trace_write_json(&r, &q, &out);
            buf_addc(&out, '\n');
            fwrite(out.data, 1, out.len, stdout);
            continue;
        }
        // The answers stay in step with the requests: a line that cannot be read has one of its own.
        fprintf(stderr, "gatetop: %s:%ld: %s\n", o->batch, number, err.msg);
        fputs("{\"apiVersion\":\"gatetop/v1\",\"kind\":\"Trace\",\"error\":", stdout);
        buf_reset(&out);
        json_quote(&out, err.msg, strlen(err.msg));
        fwrite(out.data, 1, out.len, stdout);
        fputs("}\n", stdout);
        status = STATUS_CONFIG;
    }
    free(line);
    free(tables.at);
    free(tables.key);
    buf_release(&out);
    arena_release(&scratch);
    if (in != stdin) {
        fclose(in);
    }
    return status;
}

int command_trace(const struct options *o)
{
    int status;
    const struct snapshot *s = data_snapshot(o, TRACE_NEEDS, TRACE_READS, NULL, &status);
    if (s == NULL) {
        return status;
    }
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = clock_now()};
    int answer = o->batch != NULL ? batch(o, &m) : one(o, &m);
    arena_release(&arena);
    snapshot_unref(s);
    if (!out_done(stdout)) {
        return STATUS_BAD;
    }
    return status == STATUS_OK ? answer : status;
}
