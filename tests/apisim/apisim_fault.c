// SPDX-License-Identifier: Apache-2.0
// Fault rules: reading them, choosing those that fire, and what they make of an answer.
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include "tests/apisim/apisim_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[F_KINDS] = {
    "status",  "delay", "cut",     "blackhole", "rate",   "drip", "chunk",  "split",
    "corrupt", "end",   "compact", "rollback",  "expire", "drop", "header",
};

static bool number(const char *text, struct sim_number *n)
{
    n->random = str_starts(text, "rand:");
    text += n->random ? 5 : 0;
    char *end;
    errno = 0;
    n->n = strtoull(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 && text[0] != '-' && (!n->random || n->n > 0);
}

static bool set_how(struct sim_fault *f, const char *v)
{
    static const struct {
        const char *name;
        enum apisim_cut how;
    } hows[] = {{"fin", CUT_FIN},
                {"eof", CUT_EOF},
                {"rst", CUT_RST},
                {"stream", CUT_STREAM},
                {"goaway", CUT_GOAWAY},
                {"refuse", CUT_REFUSE},
                {"blackhole", CUT_BLACKHOLE}};
    for (size_t i = 0; i < sizeof hows / sizeof *hows; i++) {
        if (str_eq(v, hows[i].name)) {
            f->how = hows[i].how;
            return true;
        }
    }
    return false;
}

static bool set_key(struct sim_fault *f, const char *key, const char *v)
{
    struct {
        const char *key;
        char *to;
        size_t size;
    } texts[] = {
        {"verb", f->verb, sizeof f->verb},
        {"method", f->method, sizeof f->method},
        {"resource", f->resource, sizeof f->resource},
        {"path", f->path, sizeof f->path},
        {"user", f->user, sizeof f->user},
        {"body", f->body, sizeof f->body},
        {"message", f->message, sizeof f->message},
        {"file", f->file, sizeof f->file},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (str_eq(key, texts[i].key)) {
            return snprintf(texts[i].to, texts[i].size, "%s", v) < (int)texts[i].size;
        }
    }
    struct {
        const char *key;
        uint64_t *to;
    } numbers[] = {{"nth", &f->nth},
                   {"every", &f->every},
                   {"after", &f->after},
                   {"times", &f->times},
                   {"size", &f->size}};
    struct sim_number n;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (str_eq(key, numbers[i].key)) {
            bool ok = number(v, &n) && !n.random;
            *numbers[i].to = n.n;
            return ok;
        }
    }
    if (str_eq(key, "p")) {
        char *end;
        f->p = strtod(v, &end);
        return end != v && *end == '\0' && f->p >= 0 && f->p <= 1;
    }
    if (str_eq(key, "how")) {
        return set_how(f, v);
    }
    if (str_eq(key, "code") || str_eq(key, "retry-after")) {
        bool ok = number(v, &n) && !n.random && n.n < 1000000;
        if (key[0] == 'c') {
            f->code = (uint32_t)n.n;
        } else {
            f->retry_after = (int)n.n;
        }
        return ok;
    }
    return false;
}

static bool parse(struct sim_fault *f, const char *rule, struct err *err)
{
    char text[512];
    if (snprintf(text, sizeof text, "%s", rule) >= (int)sizeof text) {
        return err_set(err, ERR_PARSE, "fault rule is too long");
    }
    *f = (struct sim_fault){.kind = F_KINDS, .p = 1, .how = CUT_FIN, .retry_after = -1, .code = 8};
    char *save = NULL;
    for (char *word = strtok_r(text, " \t\r\n", &save); word != NULL;
         word = strtok_r(NULL, " \t\r\n", &save)) {
        char *value = strchr(word, '=');
        if (value != NULL) {
            *value++ = '\0';
        }
        if (f->kind == F_KINDS) {
            for (int i = 0; i < F_KINDS; i++) {
                f->kind = str_eq(word, NAMES[i]) ? (enum sim_fault_kind)i : f->kind;
            }
            if (f->kind == F_KINDS) {
                return err_set(err, ERR_PARSE, "no fault is called \"%s\"", word);
            }
            bool bare = f->kind == F_BLACKHOLE || f->kind == F_COMPACT || f->kind == F_EXPIRE ||
                        f->kind == F_DROP;
            if (bare != (value == NULL) || (value != NULL && !number(value, &f->n))) {
                return err_set(err, ERR_PARSE, "fault \"%s\" %s", word,
                               bare ? "takes no number" : "needs a number");
            }
        } else if (value == NULL || !set_key(f, word, value)) {
            return err_set(err, ERR_PARSE, "fault rule: bad \"%s=%s\"", word, str_or_empty(value));
        }
    }
    return f->kind != F_KINDS || err_set(err, ERR_PARSE, "empty fault rule");
}

int apisim_fault(struct apisim *s, const char *rule, struct err *err)
{
    struct sim_fault f;
    if (!parse(&f, rule, err)) {
        return -1;
    }
    pthread_mutex_lock(&s->lock);
    int id = -1;
    if (s->nfaults < SIM_FAULTS_MAX) {
        id = f.id = s->next_fault++;
        s->faults[s->nfaults++] = f;
    } else {
        err_set(err, ERR_LIMIT, "more than %d fault rules", SIM_FAULTS_MAX);
    }
    pthread_mutex_unlock(&s->lock);
    return id;
}

bool apisim_fault_file(struct apisim *s, const char *path, struct err *err)
{
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        return err_sys(err, ERR_CONFIG, "cannot open \"%s\"", path);
    }
    char line[512];
    bool ok = true;
    for (int n = 1; ok && fgets(line, sizeof line, f) != NULL; n++) {
        line[strcspn(line, "#\n")] = '\0';
        if (line[strspn(line, " \t\r")] != '\0') {
            ok = apisim_fault(s, line, err) >= 0;
            if (!ok) {
                err_prefix(err, "%s:%d: ", path, n);
            }
        }
    }
    fclose(f);
    return ok;
}

void apisim_fault_remove(struct apisim *s, int id)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->nfaults; i++) {
        if (s->faults[i].id == id) {
            memmove(&s->faults[i], &s->faults[i + 1], (s->nfaults - i - 1) * sizeof *s->faults);
            s->nfaults--;
            break;
        }
    }
    pthread_mutex_unlock(&s->lock);
}

void apisim_fault_clear(struct apisim *s)
{
    pthread_mutex_lock(&s->lock);
    s->nfaults = 0;
    pthread_mutex_unlock(&s->lock);
}

uint64_t apisim_fault_count(struct apisim *s, int id)
{
    uint64_t n = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->nfaults; i++) {
        n = s->faults[i].id == id ? s->faults[i].fired : n;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

uint64_t apisim_fault_total(struct apisim *s, const char *fault)
{
    uint64_t n = 0;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < F_KINDS; i++) {
        n = str_eq(NAMES[i], fault) ? s->fired[i] : n;
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}

static bool matches(struct apisim *s, struct sim_fault *f, const struct apisim_request *r,
                    const struct sim_target *t, const char *user)
{
    char full[160] = "";
    if (t->res != NULL) {
        snprintf(full, sizeof full, "%s.%s", t->res->kind->plural, t->res->kind->group);
    }
    if ((f->verb[0] != '\0' && !str_eq(f->verb, t->verb)) ||
        (f->method[0] != '\0' && !str_eq(f->method, r->method)) ||
        (f->user[0] != '\0' && !str_eq(f->user, user)) ||
        (f->path[0] != '\0' && !str_starts(r->target, f->path)) ||
        (f->resource[0] != '\0' && (t->res == NULL || (!str_eq(f->resource, t->res->kind->plural) &&
                                                       !str_eq(f->resource, full))))) {
        return false;
    }
    uint64_t n = ++f->seen;
    if ((f->nth > 0 && n != f->nth) || n <= f->after ||
        (f->every > 0 && (n - f->after) % f->every != 0) ||
        (f->times > 0 && f->fired >= f->times)) {
        return false;
    }
    return f->p >= 1 || (double)(sim_random(s) >> 11) / 9007199254740992.0 < f->p;
}

// The text of the rule's file; "@N@" in it becomes the number of times that the rule has fired.
static void add_file(const struct sim_fault *f, struct buf *out)
{
    static const char COUNT[] = "@N@";
    struct buf text;
    buf_init(&text, 0);
    FILE *in = fopen(f->file, "r");
    char chunk[65536];
    for (size_t n; in != NULL && (n = fread(chunk, 1, sizeof chunk, in)) > 0;) {
        buf_add(&text, chunk, n);
    }
    if (in != NULL) {
        fclose(in);
    }
    const char *p = text.data;
    for (const char *at; text.len > 0 && (at = strstr(p, COUNT)) != NULL; p = at + strlen(COUNT)) {
        buf_add(out, p, (size_t)(at - p));
        buf_addf(out, "%llu", (unsigned long long)f->fired);
    }
    buf_add(out, p, text.len - (size_t)(p - text.data));
    buf_release(&text);
}

static void status_answer(const struct sim_fault *f, int code, struct sim_response *out)
{
    const char *message = f->message[0] != '\0' ? f->message : "simulated";
    if (f->file[0] != '\0') {
        out->status = code;
        out->content_type = "application/json";
        add_file(f, &out->body);
    } else if (str_eq(f->body, "html")) {
        out->status = code;
        out->content_type = "text/html";
        buf_addf(&out->body,
                 "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d "
                 "%s</h1></center>\r\n"
                 "</body>\r\n</html>\r\n",
                 code, message, code, message);
    } else if (str_eq(f->body, "text") || (code == 429 && f->body[0] == '\0')) {
        out->status = code; // priority and fairness answers 429 as text
        out->content_type = "text/plain; charset=utf-8";
        sim_header(out, "x-content-type-options", "nosniff");
        buf_adds(&out->body,
                 code == 429 ? "Too many requests, please try again later.\n" : message);
    } else {
        static const struct {
            int code;
            const char *reason;
        } reasons[] = {{400, "BadRequest"},    {401, "Unauthorized"},
                       {403, "Forbidden"},     {404, "NotFound"},
                       {409, "Conflict"},      {410, "Expired"},
                       {422, "Invalid"},       {429, "TooManyRequests"},
                       {500, "InternalError"}, {503, "ServiceUnavailable"},
                       {504, "Timeout"}};
        const char *reason = "";
        for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
            reason = reasons[i].code == code ? reasons[i].reason : reason;
        }
        sim_status(out, code, reason, "", "%s", code == 401 ? "Unauthorized" : message);
    }
    while (out->body.len < f->size) { // white space after the document
        buf_addc(&out->body, ' ');
    }
    if (f->retry_after >= 0) {
        sim_header(out, "retry-after", "%d", f->retry_after);
    }
}

// What a rule does to the way in which the answer is sent.
static void change_plan(const struct sim_fault *f, uint64_t n, struct sim_plan *plan)
{
    switch (f->kind) {
    case F_DELAY:
        plan->delay_ms += (int64_t)n;
        break;
    case F_CUT:
        plan->cut_at = n;
        plan->how = f->how;
        plan->code = f->code;
        break;
    case F_DROP:
    case F_BLACKHOLE:
        plan->drop = true;
        plan->cut_at = 0;
        plan->how = f->kind == F_DROP ? f->how : CUT_BLACKHOLE;
        plan->code = f->kind == F_DROP ? f->code : plan->code;
        break;
    case F_RATE:
        plan->rate = n > 0 ? n : 1;
        break;
    case F_DRIP:
        plan->drip_ms = n > 0 ? n : 1;
        break;
    case F_CHUNK:
        plan->chunk = n > 0 ? n : 1;
        break;
    case F_SPLIT:
        plan->split = n;
        break;
    case F_CORRUPT:
        plan->corrupt_at = n;
        break;
    case F_END:
        plan->end_after = n;
        break;
    case F_HEADER:
        plan->header = n;
        break;
    default:
        break;
    }
}

// What it does to the cluster; true if it is the answer.
static bool change_cluster(struct apisim *s, const struct sim_fault *f, uint64_t n,
                           const char *user, bool answered, struct sim_response *out)
{
    struct sim_user *u = sim_user(s, user);
    if (f->kind == F_STATUS && !answered) {
        status_answer(f, (int)n, out);
        return true;
    }
    if (f->kind == F_COMPACT) {
        sim_compact(s);
    } else if (f->kind == F_ROLLBACK) {
        sim_rollback(s, s->rv > n ? s->rv - n : 0);
    } else if (f->kind == F_EXPIRE && u != NULL) {
        free(u->token);
        u->token = NULL;
        sim_status(out, 401, "Unauthorized", "", "Unauthorized");
        return true;
    }
    return false;
}

bool sim_faults(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
                const char *user, struct sim_plan *plan, struct sim_response *out)
{
    bool answered = false;
    *plan = (struct sim_plan){.cut_at = RV_NONE,
                              .rate = RV_NONE,
                              .drip_ms = RV_NONE,
                              .chunk = RV_NONE,
                              .split = RV_NONE,
                              .corrupt_at = RV_NONE,
                              .end_after = RV_NONE};
    for (size_t i = 0; i < s->nfaults; i++) {
        struct sim_fault *f = &s->faults[i];
        if (matches(s, f, r, t, user)) {
            uint64_t n = f->n.random ? sim_random(s) % f->n.n : f->n.n;
            f->fired++;
            s->fired[f->kind]++;
            change_plan(f, n, plan);
            answered |= change_cluster(s, f, n, user, answered, out);
        }
    }
    return answered;
}
