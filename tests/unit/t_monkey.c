// SPDX-License-Identifier: Apache-2.0
// A monkey at the dashboard: random keys, prompts, resizes, views and contexts, while the objects of its cluster
// change at random, in ways that no controller would write. The program itself on a terminal; it must answer to the
// end, and end well.
//
// GATETOP_MONKEY: for how many seconds. GATETOP_SEED repeats what is typed and what is changed; what meets what
// depends on the machine as well.
#include "kube/base/array.h"
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/json.h"
#include "kube/base/mem.h"

#include "tests/apisim/apisim.h"
#include "tests/support/mutate.h"
#include "tests/support/pick.h"
#include "tests/support/ptyrun.h"
#include "tests/support/shell.h"
#include "tests/support/sim_objects.h"
#include "tests/support/tempdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#ifdef GATETOP_SANITIZED
enum { SECONDS = 20 };
#else
enum { SECONDS = 6 };
#endif
enum {
    CHANGES_A_SECOND = 1500,
    TURN_MS = 5,
    LARGEST = 64 * 1024, // of an object, so that it does not grow with each change
};

static struct {
    char *program, *dir, *config;
    struct apisim *sim;
    struct sim_objects objects;
    struct pty *pty;
    long changes, refused, keys, resizes, starts;
} world;

// --- the cluster

static bool are_texts(const struct json *map)
{
    bool all = map == NULL || json_type(map) == JSON_OBJECT;
    for (const struct json *v = all ? json_first(map) : NULL; v != NULL; v = json_next(v)) {
        all = all && json_type(v) == JSON_STRING;
    }
    return all;
}

// What every server sees to: of the metadata only labels and annotations are anybody's, and those are texts.
static bool a_server_takes(const char *before, const char *after)
{
    static const char *const fixed[] = {"name",
                                        "namespace",
                                        "uid",
                                        "ownerReferences",
                                        "creationTimestamp",
                                        "deletionTimestamp",
                                        "managedFields",
                                        "resourceVersion",
                                        "generation",
                                        "finalizers"};
    struct json *a = json_parse(before, strlen(before), NULL);
    struct json *b = json_parse(after, strlen(after), NULL);
    const struct json *was = json_get(a, "metadata"), *is = json_get(b, "metadata");
    bool ok = is != NULL && json_type(is) == JSON_OBJECT && are_texts(json_get(is, "labels")) &&
              are_texts(json_get(is, "annotations")) &&
              json_equal(json_get(a, "apiVersion"), json_get(b, "apiVersion")) &&
              json_equal(json_get(a, "kind"), json_get(b, "kind"));
    for (size_t i = 0; ok && i < ARRAY_COUNT(fixed); i++) {
        const struct json *x = json_get(was, fixed[i]), *y = json_get(is, fixed[i]);
        ok = x != NULL && y != NULL ? json_equal(x, y) : x == y;
    }
    json_free(a);
    json_free(b);
    return ok;
}

// Changes one object in one to three places. It goes on from what the server took, or from the beginning.
static void change(void)
{
    uint32_t at = pick(world.objects.n);
    struct buf now, next;
    struct err err;
    buf_init(&now, 0);
    buf_init(&next, 0);
    buf_adds(&now, world.objects.at[at]);
    for (uint32_t i = 0, n = 1 + pick(3); i < n; i++) {
        buf_reset(&next);
        mutate_json(&next, now.data, world.objects.at[pick(world.objects.n)]);
        buf_reset(&now);
        buf_add(&now, next.data, next.len);
    }
    if (now.len < LARGEST && a_server_takes(world.objects.at[at], now.data) &&
        apisim_apply(world.sim, now.data, &err) != 0) {
        world.changes++;
        if (pick(4) == 0) {
            free(world.objects.at[at]);
            world.objects.at[at] = xstrdup(now.data);
        }
    } else {
        world.refused++;
    }
    buf_release(&now);
    buf_release(&next);
}

static void put_back(void)
{
    struct err err;
    assert_true(apisim_load(world.sim, "tests/fixtures/platform", &err));
}

// --- the monkey

static void type_something(char *out, size_t size)
{
    static const char *const words[] = {":apps\r",
                                        ":namespaces\r",
                                        ":certificates\r",
                                        ":gateways\r",
                                        ":routes\r",
                                        ":services\r",
                                        ":dns\r",
                                        ":findings\r",
                                        ":events\r",
                                        ":status\r",
                                        ":ctx admin\r",
                                        ":ctx viewer\r",
                                        ":ctx\r",
                                        ":ctx nobody\r",
                                        ":ns portal\r",
                                        ":ns\r",
                                        ":wide\r",
                                        ":pause\r",
                                        ":relist\r",
                                        ":sort age\r",
                                        ":sort nothing\r",
                                        ":theme light\r",
                                        ":theme default\r",
                                        ":help\r",
                                        ":filter a b\r",
                                        ":trace https://a.example.org/x -H 'a: b'\r",
                                        ":trace\r",
                                        ":nonsense\r",
                                        "t\025\r",
                                        "t\r",
                                        "t/x?y\r",
                                        "/a\r",
                                        "/!b\r",
                                        "/~(a*)*b\r",
                                        "/\025\r",
                                        "/\xff\xfe\r",
                                        ":\t\t\r",
                                        ":c\t\r",
                                        "\033",
                                        "\033\033\033",
                                        "\t",
                                        "\r",
                                        " ",
                                        "j",
                                        "k",
                                        "jjjjj",
                                        "G",
                                        "g",
                                        "d",
                                        "y",
                                        "e",
                                        "J",
                                        "p",
                                        "w",
                                        "#",
                                        "I",
                                        "F",
                                        "Z",
                                        "n",
                                        "N",
                                        "<",
                                        ">",
                                        ".",
                                        "[",
                                        "]",
                                        "-",
                                        "0",
                                        "1",
                                        "2",
                                        "9",
                                        "?",
                                        "\\",
                                        "\004",
                                        "\025",
                                        "\006",
                                        "\002",
                                        "\022",
                                        "\014",
                                        "\033[A",
                                        "\033[B",
                                        "\033OC",
                                        "\033[5~",
                                        "\033[6~",
                                        "\033[H",
                                        "\033[F",
                                        "\033[Z",
                                        "\033[3~",
                                        "\033OP",
                                        "\033[15~",
                                        "\033[17~",
                                        "\033[200~paste\033[201~",
                                        "\033[<0;3;4M",
                                        "A",
                                        "S",
                                        "V",
                                        "\177",
                                        "\001",
                                        "\005",
                                        "\v",
                                        "\027",
                                        "\xe2\x82\xac",
                                        "\xe2\x80\xae",
                                        "\x80"};
    snprintf(out, size, "%s", PICK(words));
}

static int child(void *arg)
{
    (void)arg;
    char config[] = "--kubeconfig", quiet[] = "--no-probe";
    char *argv[] = {world.program, config, world.config, quiet, NULL};
    execv(world.program, argv);
    return 127;
}

static void start(void)
{
    world.starts++;
    world.pty =
        pty_start(&(struct pty_options){.rows = 24, .columns = 100, .child = child, .arg = NULL});
    assert_true(pty_wait_text(world.pty, "connected"));
}

// What has ended is judged.
static void judge(int status)
{
    const char *left = pty_left_behind(world.pty);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || left != NULL) {
        char *out = pty_output(world.pty, 0);
        size_t n = strlen(out), from = n > 20000 ? n - 20000 : 0;
        fail_msg("status %#x, left behind: %s, after:\n%s", (unsigned)status,
                 left != NULL ? left : "nothing", out + from);
    }
    pty_free(world.pty);
}

static void quit(void)
{
    pty_type(world.pty, "\033\033\033\025\r\033\033Q");
    int status = pty_wait_exit(world.pty);
    if (status == -1) {
        fail_msg("it does not end");
    }
    judge(status);
}

static void act(void)
{
    char typed[160];
    if (pick(10) == 0) {
        world.resizes++;
        pty_resize(world.pty, 1 + (int)pick(60), 1 + (int)pick(200));
    }
    for (uint32_t i = 0, n = pick(6); i < n; i++) {
        type_something(typed, sizeof typed);
        world.keys += (long)strlen(typed);
        pty_type(world.pty, typed);
    }
}

static void random_keys_over_random_objects(void **state)
{
    (void)state;
    const char *seconds = getenv("GATETOP_MONKEY");
    int64_t begun = clock_mono_ms();
    int64_t until = begun + (seconds != NULL ? atol(seconds) : SECONDS) * 1000;
    start();
    for (int64_t now; (now = clock_mono_ms()) < until;) {
        long due = (long)((now - begun) * CHANGES_A_SECOND / 1000);
        for (int i = 0; i < 50 && world.changes < due; i++) {
            change();
        }
        if (pick(300) == 0) {
            put_back();
        }
        act();
        pty_step(world.pty, TURN_MS);
        if (pty_has_ended(world.pty)) { // something that was typed was :q
            judge(pty_wait_exit(world.pty));
            start();
        }
    }
    quit();
    printf("# %ld changes, %ld more were refused, %ld keys, %ld resizes, %ld starts\n",
           world.changes, world.refused, world.keys, world.resizes, world.starts);
    assert_true(world.changes > 100);
}

// With two users of the cluster.
static void write_config(void)
{
    char *text = xasprintf(
        "apiVersion: v1\nkind: Config\ncurrent-context: admin\n"
        "clusters:\n- {name: sim, cluster: {server: \"%s\", certificate-authority: ca.crt}}\n"
        "contexts:\n- {name: admin, context: {cluster: sim, user: admin}}\n"
        "- {name: viewer, context: {cluster: sim, user: viewer}}\n"
        "users:\n- {name: admin, user: {token: admin-token}}\n"
        "- {name: viewer, user: {token: viewer-token}}\n",
        apisim_url(world.sim));
    tempdir_write(world.dir, "ca.crt", apisim_ca_pem(world.sim), 0600);
    tempdir_write(world.dir, "config", text, 0600);
    free(text);
}

static int make_world(void **state)
{
    (void)state;
    struct err err;
    (void)pick_from_environment();
    world.program = shell_built("gatetop");
    world.sim = apisim_start(&(struct apisim_options){.history = 500}, &err);
    assert_non_null(world.sim);
    put_back();
    world.objects = sim_objects_take(world.sim);
    assert_true(world.objects.n > 100);
    world.dir = tempdir_new();
    world.config = xasprintf("%s/config", world.dir);
    write_config();
    setenv("ASAN_OPTIONS", "detect_leaks=0:abort_on_error=0",
           1); // an end in mid-session leaks nothing that matters
    return 0;
}

static int end_world(void **state)
{
    (void)state;
    apisim_stop(world.sim);
    sim_objects_free(&world.objects);
    tempdir_free(world.dir);
    free(world.config);
    free(world.program);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_keys_over_random_objects),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
