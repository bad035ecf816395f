// SPDX-License-Identifier: Apache-2.0
// `gatetop trace`: one URL, or a batch of requests.
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/text.h"

#include "kube/mesh/core/json_envelope.h"
#include "kube/mesh/trace/trace.h"
#include "kube/mesh/trace/trace_explain.h"
#include "kube/mesh/trace/trace_json.h"
#include "kube/mesh/trace/trace_workloads.h"

#include "tui/cli/answer_snapshot.h"
#include "tui/cli/exit_status.h"
#include "tui/cli/output.h"
#include "tui/cli/subcommand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Kinds that decide where a request goes, and those that only make the answer more certain.
enum {
    TRACE_NEEDS = KIND_BIT(KIND_GATEWAY) | KIND_BIT(KIND_VIRTUALSERVICE) | KIND_BIT(KIND_SERVICE),
    TRACE_READS = KIND_BIT(KIND_DESTINATIONRULE) | KIND_BIT(KIND_SERVICEENTRY) |
                  KIND_BIT(KIND_POD) | KIND_BIT(KIND_ENDPOINTSLICE) |
                  KIND_BIT(KIND_AUTHORIZATIONPOLICY) | KIND_BIT(KIND_REQUESTAUTHENTICATION),
};

enum { LINE_MAX_BYTES = 1 << 20 }; // of a batch

// --- one URL

static bool read_request(const struct options *o, struct arena *a, struct trace_request *q,
                         struct err *err)
{
    if (!trace_request_from_url(a, o->words.at[0], q, err)) {
        return false;
    }
    for (size_t i = 0; i < o->headers.n; i++) {
        if (!trace_request_header(a, q, o->headers.at[i], err)) {
            return false;
        }
    }
    q->method = o->method != NULL ? text_clean(a, o->method, strlen(o->method), 0) : "GET";
    q->sni = o->sni != NULL ? text_clean(a, o->sni, strlen(o->sni), 0) : q->sni;
    q->source_ip = o->source_ip;
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
    fwrite(b.data, 1, b.len, stdout);
    buf_release(&b);
}

static int trace_url(const struct options *o, const struct mesh *m)
{
    struct err err = {0};
    struct trace_request q = {0};
    uint32_t n = 1;
    const struct workload *chosen = NULL, *const *workloads = &chosen;
    if (!read_request(o, m->arena, &q, &err) ||
        (o->gateway != NULL && !trace_workload_named(m, o->gateway, &chosen, &err))) {
        output_problems(err.msg);
        return STATUS_USAGE;
    }
    if (chosen == NULL) {
        workloads = trace_workloads(m, q.host, &n);
    }
    if (n == 0) {
        output_problems("there is no Gateway that the request could enter by");
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

// --- a batch

// Route tables by workload: a batch uses few workloads many times.
struct cached_table {
    const char *key; // the workload's labels
    struct route_table *table;
};
struct table_cache {
    struct cached_table *at;
    size_t n, cap;
};

struct batch {
    const struct options *o;
    const struct mesh *mesh;       // lives as long as the batch
    struct mesh line;              // of the same snapshot; its arena is cleared for each line
    const struct workload *chosen; // --gateway, else NULL
    struct table_cache tables;
    struct buf out;
};

static void add_labels(struct buf *key, const struct str_map *labels)
{
    for (uint32_t i = 0; i < labels->n; i++) {
        buf_addf(key, "%s=%s,", labels->at[i].key, labels->at[i].value);
    }
}

static struct route_table *cached(const struct table_cache *c, const char *key)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->at[i].key, key) == 0) {
            return c->at[i].table;
        }
    }
    return NULL;
}

// A workload with these labels that outlives the line.
static const struct workload *lasting_workload(const struct mesh *m, const struct str_map *from)
{
    struct str_map *labels = arena_alloc(m->arena, sizeof *labels);
    struct str_pair *pairs = arena_calloc(m->arena, from->n, sizeof *pairs);
    for (uint32_t i = 0; i < from->n; i++) {
        pairs[i] = (struct str_pair){arena_strdup(m->arena, from->at[i].key),
                                     arena_strdup(m->arena, from->at[i].value)};
    }
    *labels = (struct str_map){pairs, from->n};
    return workload_from_labels(m, labels);
}

static struct route_table *add_table(struct batch *b, const char *key, const struct str_map *labels)
{
    struct table_cache *c = &b->tables;
    const struct workload *w = b->chosen != NULL ? b->chosen : lasting_workload(b->mesh, labels);
    struct route_table *t = route_table_build(b->mesh, w);
    *ARRAY_PUSH(c->at, c->n, c->cap) = (struct cached_table){arena_strdup(b->mesh->arena, key), t};
    return t;
}

static struct route_table *table_for(struct batch *b, const struct trace_request *q)
{
    const struct str_map *labels = &q->gateway_selector;
    if (b->chosen == NULL && !q->selector_set) {
        // Without a selector the host decides which gateways it can mean; the first of them
        // answers.
        uint32_t n;
        const struct workload *const *at = trace_workloads(&b->line, q->host, &n);
        labels = n > 0 ? &at[0]->labels : labels;
    }
    struct buf key;
    buf_init(&key, 0);
    if (b->chosen == NULL) {
        add_labels(&key, labels);
    }
    struct route_table *t = cached(&b->tables, key.data);
    if (t == NULL) {
        t = add_table(b, key.data, labels);
    }
    buf_release(&key);
    return t;
}

// Answers one line; false with *err where it is no request.
static bool answer_line(struct batch *b, const char *line, size_t n, struct err *err)
{
    struct trace_request q = {0};
    if (n > LINE_MAX_BYTES) {
        return err_set(err, ERR_LIMIT, "longer than 1 MiB");
    }
    if (!trace_request_from_json(b->line.arena, line, n, &q, err)) {
        return false;
    }
    struct trace_result r = trace_run(table_for(b, &q), &b->line, &q);
    trace_write_json(&r, &q, &b->out);
    return true;
}

// The answers stay in step with the requests: a line that cannot be read has an answer of its own.
static void answer_error(struct batch *b, const struct err *err)
{
    struct json *j = json_envelope_new("Trace");
    json_put_string(j, "error", err->msg);
    json_print(j, false, &b->out);
    json_free(j);
}

static int answer_lines(struct batch *b, FILE *in)
{
    int status = STATUS_OK;
    char *line = NULL;
    size_t cap = 0;
    long number = 0;
    for (ssize_t n; (n = getline(&line, &cap, in)) >= 0;) {
        number++;
        if (line[strspn(line, " \t\r\n")] == '\0') {
            continue;
        }
        struct err err = {0};
        arena_clear(b->line.arena);
        buf_reset(&b->out);
        if (!answer_line(b, line, (size_t)n, &err)) {
            output_problem("%s:%ld: %s", b->o->batch, number, err.msg);
            answer_error(b, &err);
            status = STATUS_CONFIG;
        }
        buf_addc(&b->out, '\n');
        fwrite(b->out.data, 1, b->out.len, stdout);
    }
    free(line);
    if (ferror(in) != 0) {
        struct err err;
        err_sys(&err, ERR_CONFIG, "cannot read '%s'", b->o->batch);
        output_problems(err.msg);
        status = STATUS_CONFIG;
    }
    return status;
}

static int trace_batch(const struct options *o, const struct mesh *m)
{
    struct err err = {0};
    struct arena scratch;
    struct batch b = {.o = o, .mesh = m, .line = *m};
    if (o->gateway != NULL && !trace_workload_named(m, o->gateway, &b.chosen, &err)) {
        output_problems(err.msg);
        return STATUS_USAGE;
    }
    FILE *in = strcmp(o->batch, "-") == 0 ? stdin : fopen(o->batch, "re");
    if (in == NULL) {
        err_sys(&err, ERR_CONFIG, "cannot open '%s'", o->batch);
        output_problems(err.msg);
        return STATUS_CONFIG;
    }
    arena_init(&scratch);
    b.line.arena = &scratch;
    buf_init(&b.out, 0);
    int status = answer_lines(&b, in);
    free(b.tables.at);
    buf_release(&b.out);
    arena_release(&scratch);
    if (in != stdin) {
        fclose(in);
    }
    return status;
}

int subcommand_trace(const struct options *o)
{
    int status;
    const struct answer_wants wants = {.needs = TRACE_NEEDS, .reads = TRACE_READS};
    const struct snapshot *s = answer_snapshot(o, &wants, &status);
    if (s == NULL) {
        return status;
    }
    struct arena arena;
    arena_init(&arena);
    struct mesh m = {.snap = s, .arena = &arena, .now = clock_now()};
    int answer = o->batch != NULL ? trace_batch(o, &m) : trace_url(o, &m);
    arena_release(&arena);
    snapshot_unref(s);
    if (!output_done(stdout)) {
        return STATUS_BAD;
    }
    return output_worse(status, answer);
}
