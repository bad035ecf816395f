// SPDX-License-Identifier: Apache-2.0
// `gatetop auth`: what this user may do of what gatetop needs.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"

#include "kube/api/access_review.h"
#include "kube/api/client.h"

#include "kube/mesh/core/json_envelope.h"

#include "tui/cli/exit_status.h"
#include "tui/cli/options.h"
#include "tui/cli/output.h"
#include "tui/cli/subcommand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REVIEWS_MS = 60000 }; // how long the answers are waited for

// One self-subject access review, and its answer.
struct review {
    const struct access_need *need;
    char verb[16];
    size_t *open;       // counts the reviews without an answer
    bool done, allowed; // an answer came: the answer is yes
    char reason[256];
    struct err err; // code ERR_NONE: it could be read
};

static bool is_answered(const struct review *r)
{
    return r->done && r->err.code == ERR_NONE;
}

static void take_answer(void *self, int status, const char *body, size_t n, const struct err *err)
{
    struct review *r = self;
    r->done = true;
    (*r->open)--;
    if (status == 0) {
        r->err = *err;
    } else if (status != 201 && status != 200) {
        err_set(&r->err, status == 401 ? ERR_AUTH : ERR_FORBIDDEN, "the server answered %d",
                status);
    } else if (!access_read(body, n, &r->allowed, r->reason, sizeof r->reason, &r->err)) {
        r->allowed = false;
    }
}

static void send_and_wait(struct client *c, struct review *reviews, size_t n, const char *ns)
{
    size_t open = n;
    struct buf body;
    buf_init(&body, 0);
    for (size_t i = 0; i < n; i++) {
        buf_reset(&body);
        reviews[i].open = &open;
        access_body(&body, reviews[i].need, reviews[i].verb, ns);
        if (client_review(c, ACCESS_PATH, body.data, take_answer, &reviews[i]) == NULL) {
            open--;
        }
    }
    buf_release(&body);
    int64_t end = clock_mono_ms() + REVIEWS_MS;
    while (open > 0 && clock_mono_ms() < end) {
        client_step(c, 200);
    }
}

// The first review alone shows whether the server answers at all; then the rest, all at once.
static void run_reviews(struct client *c, struct review *reviews, size_t n, const char *ns)
{
    send_and_wait(c, reviews, 1, ns);
    if (is_answered(&reviews[0])) {
        send_and_wait(c, reviews + 1, n - 1, ns);
    }
}

static void print_text(const struct review *q, size_t n)
{
    printf("%-4s  %-9s  %-44s  %s\n", "MAY", "VERB", "RESOURCE", "WHAT IT IS FOR");
    for (size_t i = 0; i < n; i++) {
        char resource[160];
        snprintf(resource, sizeof resource, "%s%s%s", q[i].need->resource,
                 q[i].need->group[0] != '\0' ? "." : "", q[i].need->group);
        const char *word = !is_answered(&q[i]) ? "?" : q[i].allowed ? "yes" : "no";
        printf("%-4s  %-9s  %-44s  %s%s\n", word, q[i].verb, resource, q[i].need->why,
               q[i].need->optional ? " (optional)" : "");
    }
}

static void print_json(const struct review *q, size_t n)
{
    struct json *j = json_envelope_new("AccessList");
    struct json *items = json_put(j, "items", json_new_array());
    for (size_t i = 0; i < n; i++) {
        struct json *x = json_push(items, json_new_object());
        bool known = is_answered(&q[i]);
        json_put_string(x, "group", q[i].need->group);
        json_put_string(x, "resource", q[i].need->resource);
        json_put_string(x, "verb", q[i].verb);
        json_put(x, "allowed", known ? json_new_bool(q[i].allowed) : json_new_null());
        json_put_bool(x, "optional", q[i].need->optional);
        json_put_string(x, "why", q[i].need->why);
        json_put_string(x, "reason", known ? q[i].reason : q[i].err.msg);
    }
    output_json(stdout, j);
    putchar('\n');
}

// One review for each verb of each need. Heap.
static struct review *reviews_new(size_t *n)
{
    struct review *all = NULL;
    size_t cap = 0;
    *n = 0;
    for (size_t i = 0; i < access_need_count; i++) {
        char verb[16];
        for (size_t v = 0; access_verb(&access_needs[i], v, verb); v++) {
            struct review *r = ARRAY_PUSH(all, *n, cap);
            r->need = &access_needs[i];
            snprintf(r->verb, sizeof r->verb, "%s", verb);
        }
    }
    return all;
}

static int review_and_print(const struct options *o, struct client *c)
{
    size_t n;
    struct review *all = reviews_new(&n);
    run_reviews(c, all, n, o->ns);
    bool answered = false, missing = false;
    for (size_t i = 0; i < n; i++) {
        answered = answered || is_answered(&all[i]);
        missing = missing || (is_answered(&all[i]) && !all[i].allowed && !all[i].need->optional);
    }
    int status = STATUS_SERVER;
    if (!answered) {
        output_problems(all[0].err.msg[0] != '\0' ? all[0].err.msg : "the server does not answer");
    } else {
        if (o->output == OUTPUT_JSON) {
            print_json(all, n);
        } else {
            print_text(all, n);
        }
        status = output_done(stdout) && !missing ? STATUS_OK : STATUS_BAD;
    }
    free(all);
    return status;
}

static int print_role(void)
{
    struct buf b;
    buf_init(&b, 0);
    access_role(&b);
    fputs(b.data, stdout);
    buf_release(&b);
    return output_done(stdout) ? STATUS_OK : STATUS_BAD;
}

static int connect_and_review(const struct options *o, const struct api_config *config)
{
    static const struct client_sink sink = {.self = NULL}; // no kind is listed
    struct err err = {0};
    struct credential *credential = credential_new(config, NULL);
    struct client *client = NULL;
    int status = STATUS_SERVER;
    if (http_global_init(&err) && credential_run_interactive(credential, isatty(STDIN_FILENO) == 1,
                                                             credential_clock(), &err)) {
        client = client_new(config, credential, NULL, 0, &sink, NULL, &err);
    }
    if (client != NULL) {
        status = review_and_print(o, client);
    } else {
        output_problems(err.msg);
    }
    client_free(client);
    credential_free(credential);
    return status;
}

int subcommand_auth(const struct options *o)
{
    if (o->print_role) {
        return print_role();
    }
    struct err err = {0};
    struct buf problems;
    buf_init(&problems, 0);
    int status = STATUS_CONFIG;
    struct api_config *config = api_config_load(&o->api, &PROCESS_ENVIRONMENT, &problems, &err);
    for (size_t i = 0; config != NULL && i < config->warning_count; i++) {
        output_problems(config->warnings[i]);
    }
    if (config != NULL) {
        status = connect_and_review(o, config);
    } else {
        output_problems(problems.len > 0 ? problems.data : err.msg);
    }
    api_config_free(config);
    buf_release(&problems);
    return status;
}
