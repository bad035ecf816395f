// SPDX-License-Identifier: Apache-2.0
// `gatetop auth`: what this user may do of what gatetop needs.
#include "kube/base/text.h"

#include "kube/api/access_review.h"
#include "kube/api/client.h"

#include "tui/cli/commands.h"
#include "tui/cli/data_source.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct answer {
    bool done, allowed;
    char reason[256];
    struct err err; // code 0: answered
};

struct question {
    const struct access_need *need;
    char verb[16];
    struct answer answer;
    int *left;
};

static void on_answer(void *self, int status, const char *body, size_t n, const struct err *err)
{
    struct question *q = self;
    q->answer.done = true;
    (*q->left)--;
    if (status == 0) {
        q->answer.err = *err;
    } else if (status != 201 && status != 200) {
        err_set(&q->answer.err, status == 401 ? ERR_AUTH : ERR_FORBIDDEN, "the server answered %d",
                status);
    } else if (!access_read(body, n, &q->answer.allowed, q->answer.reason, sizeof q->answer.reason,
                            &q->answer.err)) {
        q->answer.allowed = false;
    }
}

// Nothing is listed here, so that there is little to be told.
static void no_connection(void *self, enum client_connection link, const struct err *reason)
{
    (void)self;
    (void)link;
    (void)reason;
}

static void no_skew(void *self, int64_t seconds)
{
    (void)self;
    (void)seconds;
}

static void no_warning(void *self, const char *text)
{
    (void)self;
    (void)text;
}

static void ask_some(struct client *c, struct question *questions, int n, const char *ns)
{
    int left = n;
    struct buf body;
    buf_init(&body, 0);
    for (int i = 0; i < n; i++) {
        buf_reset(&body);
        questions[i].left = &left;
        access_body(&body, questions[i].need, questions[i].verb, ns);
        if (client_review(c, ACCESS_PATH, body.data, on_answer, &questions[i]) == NULL) {
            left--;
        }
    }
    buf_release(&body);
    int64_t end = clock_mono_ms() + 60000;
    while (left > 0 && clock_mono_ms() < end) {
        client_step(c, 200);
    }
}

// The first question alone shows whether the server answers at all; then the rest, all at once.
static void ask(struct client *c, struct question *questions, int n, const char *ns)
{
    ask_some(c, questions, 1, ns);
    if (questions[0].answer.done && questions[0].answer.err.code == ERR_NONE) {
        ask_some(c, questions + 1, n - 1, ns);
    }
}

static void print_text(const struct question *q, int n)
{
    printf("%-4s  %-9s  %-44s  %s\n", "MAY", "VERB", "RESOURCE", "WHAT IT IS FOR");
    for (int i = 0; i < n; i++) {
        char resource[160];
        snprintf(resource, sizeof resource, "%s%s%s", q[i].need->resource,
                 q[i].need->group[0] != '\0' ? "." : "", q[i].need->group);
        const char *word = !q[i].answer.done || q[i].answer.err.code != ERR_NONE ? "?"
                           : q[i].answer.allowed                                 ? "yes"
                                                                                 : "no";
        printf("%-4s  %-9s  %-44s  %s%s\n", word, q[i].verb, resource, q[i].need->why,
               q[i].need->optional ? " (optional)" : "");
    }
}

static void print_json(const struct question *q, int n)
{
    struct json *j = json_new_object();
    json_put_string(j, "apiVersion", "gatetop/v1");
    json_put_string(j, "kind", "AccessList");
    struct json *items = json_put(j, "items", json_new_array());
    for (int i = 0; i < n; i++) {
        struct json *x = json_push(items, json_new_object());
        bool known = q[i].answer.done && q[i].answer.err.code == ERR_NONE;
        json_put_string(x, "group", q[i].need->group);
        json_put_string(x, "resource", q[i].need->resource);
        json_put_string(x, "verb", q[i].verb);
        json_put(x, "allowed", known ? json_new_bool(q[i].answer.allowed) : json_new_null());
        json_put_bool(x, "optional", q[i].need->optional);
        json_put_string(x, "why", q[i].need->why);
        json_put_string(x, "reason", known ? q[i].answer.reason : q[i].answer.err.msg);
    }
    struct buf b;
    buf_init(&b, 0);
    json_print(j, false, &b);
    puts(b.data);
    buf_release(&b);
    json_free(j);
}

static int ask_and_print(const struct options *o, struct client *c)
{
    struct question *q = NULL;
    int n = 0;
    for (size_t i = 0; i < ACCESS_NEED_COUNT; i++) {
        char verb[16];
        for (size_t v = 0; access_verb(&ACCESS_NEEDS[i], v, verb); v++) {
            q = xrealloc(q, ((size_t)n + 1) * sizeof *q);
            memset(&q[n], 0, sizeof *q);
            q[n].need = &ACCESS_NEEDS[i];
            snprintf(q[n].verb, sizeof q[n].verb, "%s", verb);
            n++;
        }
    }
    ask(c, q, n, o->ns);
    int answered = 0;
    bool missing = false;
    for (int i = 0; i < n; i++) {
        bool known = q[i].answer.done && q[i].answer.err.code == ERR_NONE;
        answered += known;
        missing = missing || (known && !q[i].answer.allowed && !q[i].need->optional);
    }
    int status = answered == 0 ? STATUS_SERVER : (missing ? STATUS_BAD : STATUS_OK);
    if (answered == 0) {
        data_tell(n > 0 && q[0].answer.err.msg[0] != '\0' ? q[0].answer.err.msg
                                                          : "the server does not answer");
    } else if (o->output == OUTPUT_JSON) {
        print_json(q, n);
    } else {
        print_text(q, n);
    }
    free(q);
    return status;
}

int command_auth(const struct options *o)
{
    if (o->print_role) {
        struct buf b;
        buf_init(&b, 0);
        access_role(&b);
        fputs(b.data, stdout);
        buf_release(&b);
        return STATUS_OK;
    }
    struct err err = {0};
    struct buf problems;
    buf_init(&problems, 0);
    int status = STATUS_CONFIG;
    struct api_config *config = api_config_load(&o->api, &PROCESS_ENVIRONMENT, &problems, &err);
    struct credential *credential = NULL;
    struct client *client = NULL;
    if (config == NULL) {
        data_tell(problems.len > 0 ? problems.data : err.msg);
        goto out;
    }
    status = STATUS_SERVER;
    credential = credential_new(config, NULL);
    if (!http_global_init(&err) ||
        !credential_run_interactive(credential, isatty(STDIN_FILENO) == 1, credential_clock(),
                                    &err)) {
        data_tell(err.msg);
        goto out;
    }
    const struct client_sink nothing = {
        .connection = no_connection, .skew = no_skew, .warning = no_warning};
    client = client_new(config, credential, NULL, 0, &nothing, NULL, &err);
    if (client == NULL) {
        data_tell(err.msg);
        goto out;
    }
    status = ask_and_print(o, client);
out:
    client_free(client);
    credential_free(credential);
    api_config_free(config);
    buf_release(&problems);
    return status;
}
