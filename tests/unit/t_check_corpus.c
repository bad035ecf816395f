// SPDX-License-Identifier: Apache-2.0
// `check` against the recorded messages of the real `istioctl analyze`: the pairs (code, object), both ways.
//
// Left out are the codes whose inputs are not among the recorded objects: IST0102, IST0162, IST0173, and
// IST0101 for selectors. gatetop's own codes have no counterpart.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/istio_objects.h"

#include "kube/mesh/check/check.h"

#include "tests/support/corpus.h"
#include "tests/support/file.h"
#include "tests/support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

struct tally {
    char code[16];
    int both, only_here, only_there;
};
static struct tally tallies[64];
static int ntallies, told;

static struct tally *tally(const char *code)
{
    for (int i = 0; i < ntallies; i++) {
        if (strcmp(tallies[i].code, code) == 0) {
            return &tallies[i];
        }
    }
    assert_true(ntallies < 64);
    snprintf(tallies[ntallies].code, sizeof tallies[0].code, "%s", code);
    return &tallies[ntallies++];
}

static bool left_out(const char *code)
{
    static const char *const codes[] = {"IST0102", "IST0162", "IST0173"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(codes[i], code) == 0) {
            return true;
        }
    }
    return strncmp(code, "IST", 3) != 0;
}

// The pods that the recording had and its objects do not hold (corpus README).
static void add_pods(struct buf *yaml, const char *objects)
{
    static const char pod[] =
        "\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: istio-%s-0\n  namespace: "
        "istio-system\n  labels: {istio: %s, app: istio-%s}\n";
    buf_addf(yaml, pod, "ingressgateway", "ingressgateway", "ingressgateway");
    if (strstr(objects, "internal-gateway") != NULL) {
        buf_addf(yaml, pod, "internal-gateway", "internal-gateway", "internal-gateway");
    }
}

static bool has_pair(const struct str_array *l, const char *text)
{
    const struct str_list list = str_array_list(l);
    return str_list_has(&list, text);
}

static void add_pair(struct arena *a, struct str_array *l, const char *code, const char *object)
{
    const char *text = arena_printf(a, "%s %s", code, object);
    if (!has_pair(l, text)) {
        str_array_add(a, l, text);
    }
}

static void compare(const char *name, const struct str_array *here, const struct str_array *there)
{
    for (int side = 0; side < 2; side++) {
        const struct str_array *a = side == 0 ? here : there, *b = side == 0 ? there : here;
        for (size_t i = 0; i < a->n; i++) {
            char code[16] = "";
            snprintf(code, sizeof code, "%.7s", a->at[i]);
            struct tally *t = tally(code);
            if (has_pair(b, a->at[i])) {
                t->both += side == 0 ? 1 : 0;
            } else {
                *(side == 0 ? &t->only_here : &t->only_there) += 1;
                if (told++ < 60) {
                    print_message("%s: %s only %s\n", name, a->at[i],
                                  side == 0 ? "here" : "in istioctl");
                }
            }
        }
    }
}

static void check_here(struct arena *a, const char *yaml, struct str_array *out)
{
    struct world w;
    world_open(&w, yaml, time_parse("2026-11-25T00:00:00Z"));
    struct findings f = {NULL, 0, 0};
    check_run(&w.mesh, NULL, &f);
    for (uint32_t i = 0; i < f.n; i++) {
        const struct finding *x = &f.at[i];
        if (left_out(x->code) ||
            (strcmp(x->code, "IST0101") == 0 && str_starts(x->message, "the selector"))) {
            continue;
        }
        assert_non_null(x->object);
        add_pair(a, out, x->code, object_title(&w.arena, x->object));
    }
    world_close(&w);
}

static void read_messages(struct arena *a, const struct json *list, struct str_array *out)
{
    for (const struct json *m = json_first(list); m != NULL; m = json_next(m)) {
        const char *code = json_get_string(m, "code");
        const char *message = json_get_string(m, "message");
        assert_non_null(code);
        if (!left_out(code) &&
            !(strcmp(code, "IST0101") == 0 && strstr(message, "Referenced selector") != NULL)) {
            add_pair(a, out, code, json_get_string(m, "resource"));
        }
    }
}

// The objects of the scenario that a recorded answer belongs to; with the rejected ones where it has them.
static char *scenario(const char *answer, const char *tail, bool rejected)
{
    const char *base = strrchr(answer, '/') + 1;
    char *path =
        xasprintf("%s/trace/%.*s.json", corpus_dir(), (int)(strlen(base) - strlen(tail)), base);
    struct json *j = file_json(path);
    struct buf yaml;
    buf_init(&yaml, 0);
    buf_adds(&yaml, json_get_string(j, "objects"));
    const struct json *list = rejected ? json_get(j, "rejected_objects") : NULL;
    for (const struct json *r = json_first(list); r != NULL; r = json_next(r)) {
        const struct json *object = json_get(r, "object");
        buf_adds(&yaml, "\n---\n");
        if (json_string(object) != NULL) {
            buf_adds(&yaml, json_string(object));
        } else {
            json_print(object, true, &yaml);
        }
    }
    add_pods(&yaml, json_get_string(j, "objects"));
    json_free(j);
    free(path);
    return buf_take(&yaml);
}

static void full(void **state)
{
    (void)state;
    struct corpus_files files = corpus_list("analyze", "", ".full.json", false);
    for (size_t i = 0; i < files.n; i++) {
        struct json *j = file_json(files.at[i]);
        char *yaml = scenario(files.at[i], ".full.json", false);
        struct arena a;
        arena_init(&a);
        struct str_array here = {.n = 0}, there = {.n = 0};
        check_here(&a, yaml, &here);
        read_messages(&a, j, &there);
        compare(strrchr(files.at[i], '/') + 1, &here, &there);
        arena_release(&a);
        free(yaml);
        json_free(j);
    }
    int wrong = 0, both = 0;
    for (int i = 0; i < ntallies; i++) {
        const struct tally *t = &tallies[i];
        printf("# analyze %s: %d agree, %d only here, %d only in istioctl\n", t->code, t->both,
               t->only_here, t->only_there);
        wrong += t->only_here + t->only_there;
        both += t->both;
    }
    printf("# analyze: %zu scenarios, %d of %d pairs agree\n", files.n, both, both + wrong);
    corpus_files_release(&files);
    assert_true(both > 0);
    assert_int_equal(wrong, 0);
}

// What the API server or the webhook refused is refused here, with the same code.
static void rejected(void **state)
{
    (void)state;
    struct corpus_files files = corpus_list("analyze", "", ".withrejected.json", false);
    for (size_t i = 0; i < files.n; i++) {
        struct json *j = file_json(files.at[i]);
        char *yaml = scenario(files.at[i], ".withrejected.json", true);
        struct arena a;
        arena_init(&a);
        struct str_array here = {.n = 0}, there = {.n = 0};
        check_here(&a, yaml, &here);
        read_messages(&a, json_get(j, "messages"), &there);
        assert_true(there.n > 0);
        for (size_t k = 0; k < there.n; k++) {
            if (!has_pair(&here, there.at[k])) {
                fail_msg("%s: %s is missing", files.at[i], there.at[k]);
            }
        }
        arena_release(&a);
        free(yaml);
        json_free(j);
    }
    printf("# analyze: %zu scenarios with rejected objects\n", files.n);
    corpus_files_release(&files);
}

// The rules that check calls dead everywhere ("ns/name index"); those with several matches only count where
// they have one.
static void dead_rules(struct arena *a, const char *yaml, struct str_array *out)
{
    struct world w;
    world_open(&w, yaml, time_parse("2026-11-25T00:00:00Z"));
    struct findings f = {NULL, 0, 0};
    check_run(&w.mesh, NULL, &f);
    for (uint32_t i = 0; i < f.n; i++) {
        const struct finding *x = &f.at[i];
        if (strcmp(x->code, "GT0101") != 0 || strstr(x->message, " on host ") != NULL) {
            continue;
        }
        unsigned index = 0;
        assert_int_equal(sscanf(x->path, "spec.http[%u]", &index), 1);
        const struct virtualservice *vs = OBJECT_AS(virtualservice, x->object);
        if (vs->hosts.n > 0 && vs->http[index].nmatches <= 1) {
            add_pair(a, out, "dead", arena_printf(a, "%s/%s %u", vs->o.ns, vs->o.name, index));
        }
    }
    world_close(&w);
}

// No recorded request was answered by a rule that check calls dead.
static void dead_rules_never_win(void **state)
{
    (void)state;
    struct corpus_files files = corpus_list("trace", "", ".json", false);
    size_t requests = 0, dead = 0;
    for (size_t i = 0; i < files.n; i++) {
        struct json *j = file_json(files.at[i]);
        struct buf yaml;
        buf_init(&yaml, 0);
        buf_adds(&yaml, json_get_string(j, "objects"));
        add_pods(&yaml, json_get_string(j, "objects"));
        struct arena a;
        arena_init(&a);
        struct str_array here = {.n = 0};
        dead_rules(&a, yaml.data, &here);
        dead += here.n;
        for (const struct json *r = json_first(json_get(j, "requests")); r != NULL;
             r = json_next(r)) {
            const struct json *want = json_get(r, "expect");
            const char *vs = json_get_string(want, "virtualservice");
            if (vs == NULL || json_get_string(want, "delegate") != NULL) {
                continue;
            }
            const char *rule = arena_printf(&a, "dead %s %lld", vs,
                                            (long long)json_get_int(want, "route_index", -1));
            requests++;
            if (has_pair(&here, rule)) {
                fail_msg("%s: %s answered a request", files.at[i], rule);
            }
        }
        arena_release(&a);
        buf_release(&yaml);
        json_free(j);
    }
    printf("# check: %zu dead rules, none answered any of %zu recorded requests\n", dead, requests);
    corpus_files_release(&files);
    assert_true(dead > 0 && requests > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dead_rules_never_win),
        cmocka_unit_test(full),
        cmocka_unit_test(rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
