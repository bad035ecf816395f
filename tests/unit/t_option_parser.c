// SPDX-License-Identifier: Apache-2.0
// The command line: every option by its letter and its long name, wrong uses in one sentence, and help that
// names everything.
#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "views/view_list.h"

#include "tui/cli/help.h"
#include "tui/cli/option_parser.h"
#include "tui/cli/option_table.h"
#include "tui/cli/subcommands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// A value that the option of this name takes.
static const char *value_of(const char *name)
{
    static const struct {
        const char *name, *value;
    } special[] = {{"as-of", "2026-11-23T18:37:11Z"},
                   {"fail-on", "warning"},
                   {"expiring", "14d"},
                   {"request-timeout", "1.5m"},
                   {"resolver", "[2001:db8::1]:5353"},
                   {"source-ip", "192.0.2.1"},
                   {"ignore", "gt0104"},
                   {"output", "json"},
                   {"sync-fd", "7"},
                   {"debug", "store,mesh"},
                   {"dns-sources", "service,istio-gateway"}};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        if (strcmp(special[i].name, name) == 0) {
            return special[i].value;
        }
    }
    return "value";
}

// The words that make a subcommand complete.
static const char *word_of(enum subcommand_id c)
{
    switch (c) {
    case SUBCOMMAND_GET:
        return "apps";
    case SUBCOMMAND_TRACE:
        return "http://a.example.com/";
    case SUBCOMMAND_DIFF:
        return "new.yaml";
    case SUBCOMMAND_COMPLETION:
        return "bash";
    default:
        return NULL;
    }
}

struct line {
    char text[8][64];
    char *argv[9];
    int n;
};

static void add(struct line *l, const char *word)
{
    assert_true(l->n < 8);
    (void)snprintf(l->text[l->n], sizeof l->text[0], "%s", word);
    l->argv[l->n] = l->text[l->n];
    l->argv[++l->n] = NULL;
}

static void begin(struct line *l, enum subcommand_id c, bool word)
{
    l->n = 0;
    add(l, "gatetop");
    if (c != SUBCOMMAND_DASHBOARD) {
        add(l, subcommands[c].name);
    }
    if (word && word_of(c) != NULL) {
        add(l, word_of(c));
    }
}

static bool parse(struct line *l, struct options *o, struct err *err)
{
    err_clear(err);
    return options_parse(l->n, l->argv, subcommands, o, err);
}

static void add_option(struct line *l, const struct option_row *p, bool letter)
{
    char word[64];
    if (letter) {
        (void)snprintf(word, sizeof word, "-%c", p->letter);
    } else {
        (void)snprintf(word, sizeof word, "--%s", p->name);
    }
    add(l, word);
    if (p->arg != NULL) {
        add(l, value_of(p->name));
    }
}

// Whether the member holds what was read from value_of the option, which is not its default.
static bool read_into(const void *target, const struct option_row *p)
{
    struct options none = {.as_of = TIME_NONE, .fail_on = SEVERITY_ERROR};
    const void *before = (const char *)&none + p->target;
    return memcmp(target, before, sizeof(int)) != 0;
}

// Whether the options hold what add_option gave to this one.
static bool holds(const struct options *o, const struct option_row *p)
{
    const void *target = (const char *)o + p->target;
    const struct string_list *list = target;
    switch (p->type) {
    case OPTION_SWITCH:
        return *(const bool *)target;
    case OPTION_TEXT:
        return str_eq(*(const char *const *)target, value_of(p->name));
    case OPTION_BOOLEAN:
        return str_eq(*(const char *const *)target, "");
    case OPTION_LIST:
        return list->n == 1 && strcmp(list->at[0], value_of(p->name)) == 0;
    case OPTION_NUMBER:
        return *(const int *)target == atoi(value_of(p->name));
    case OPTION_READ:
        return read_into(target, p);
    }
    return false;
}

static void each_option(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *p = &option_table[i];
        assert_non_null(p->name);
        assert_non_null(p->help);
        assert_true(p->subcommands != 0);
        for (int c = 0; c < SUBCOMMAND_COUNT; c++) {
            for (int letter = 0; letter < 1 + (p->letter != 0); letter++) {
                struct line l;
                struct options o;
                struct err err;
                // `trace --batch` stands in the place of the URL.
                begin(&l, (enum subcommand_id)c, strcmp(p->name, "batch") != 0);
                add_option(&l, p, letter == 1);
                if (c == SUBCOMMAND_DASHBOARD && strcmp(p->name, "overlay") == 0) {
                    add(&l, "-fbase"); // it lies over files only
                }
                bool ok = parse(&l, &o, &err);
                bool taken = (p->subcommands & FOR(c)) != 0;
                if (ok != taken) {
                    print_message("%s --%s: %s\n", subcommands[c].name, p->name,
                                  ok ? "taken" : err.msg);
                }
                assert_int_equal(ok, taken);
                if (!taken && c != SUBCOMMAND_DASHBOARD) {
                    assert_int_equal(err.code, ERR_USAGE);
                    assert_non_null(strstr(err.msg, p->name));
                } else if (taken) {
                    assert_ptr_equal(o.subcommand, &subcommands[c]);
                    assert_true(holds(&o, p));
                }
                options_release(&o);
            }
        }
    }
}

static void values(void **state)
{
    (void)state;
    struct line l;
    struct options o;
    struct err err;
    begin(&l, SUBCOMMAND_GET, true);
    add(&l, "-ojson");
    add(&l, "--namespace=shop");
    add(&l, "-fa");
    add(&l, "-f");
    add(&l, "b");
    assert_true(parse(&l, &o, &err));
    assert_int_equal(o.output, OUTPUT_JSON);
    assert_string_equal(o.ns, "shop");
    assert_string_equal(o.api.ns, "shop");
    assert_int_equal(o.files.n, 2);
    assert_string_equal(o.files.at[0], "a");
    assert_string_equal(o.files.at[1], "b");
    assert_string_equal(o.view, "apps");
    options_release(&o);
    // The sources of external-dns one by one, under its own names.
    begin(&l, SUBCOMMAND_GET, true);
    add(&l, "--dns-sources");
    add(&l, "service,istio-gateway");
    add(&l, "--txt-prefix=x-");
    assert_true(parse(&l, &o, &err));
    assert_int_equal(o.dns_args.n, 3);
    assert_string_equal(o.dns_args.at[0], "--source=service");
    assert_string_equal(o.dns_args.at[1], "--source=istio-gateway");
    assert_string_equal(o.dns_args.at[2], "--txt-prefix=x-");
    options_release(&o);
    // --flag=false as kubectl takes it; what follows -- is no option.
    begin(&l, SUBCOMMAND_GET, false);
    add(&l, "--insecure-skip-tls-verify=false");
    add(&l, "--");
    add(&l, "dns");
    assert_true(parse(&l, &o, &err));
    assert_string_equal(o.api.insecure_skip_tls_verify, "false");
    assert_string_equal(o.view, "dns");
    options_release(&o);
    begin(&l, SUBCOMMAND_GET, true);
    add(&l, "--as-of=2026-11-23T18:37:11Z");
    add(&l, "--debug=probe,all");
    assert_true(parse(&l, &o, &err));
    assert_int_equal(o.as_of, time_parse("2026-11-23T18:37:11Z"));
    assert_false(clock_is_pinned()); // parsing sets nothing
    assert_int_equal(o.debug_areas, (1U << LOG_AREA_COUNT) - 1U);
    options_release(&o);
    // A view alone is the dashboard.
    begin(&l, SUBCOMMAND_DASHBOARD, false);
    add(&l, "certificates");
    assert_true(parse(&l, &o, &err));
    assert_ptr_equal(o.subcommand, &subcommands[SUBCOMMAND_DASHBOARD]);
    assert_string_equal(o.view, "certificates");
    options_release(&o);
}

static void wrong(void **state)
{
    (void)state;
    static const struct {
        const char *words[5], *says;
    } cases[] = {
        {{"get"}, "view"},
        {{"get", "nothing"}, "'nothing'"},
        {{"nothing"}, "'nothing'"},
        {{"get", "apps", "dns"}, "'dns'"},
        {{"apps", "dns"}, "'dns'"},
        {{"get", "apps", "-o", "yaml"}, "'yaml'"},
        {{"get", "apps", "-o", "text"}, "get prints"},
        {{"check", "-o", "wide"}, "check prints text or json"},
        {{"trace"}, "URL"},
        {{"trace", "a", "b"}, "URL"},
        {{"trace", "a", "--batch", "f"}, "--batch"},
        {{"trace", "a", "b", "--batch", "f"}, "--batch"},
        {{"diff"}, "diff"},
        {{"auth", "me"}, "'me'"},
        {{"completion"}, "bash"},
        {{"get", "apps", "-A", "-nx"}, "-A"},
        {{"check", "--fail-on", "never"}, "'never'"},
        {{"check", "--expiring", "soon"}, "--expiring takes a time"},
        {{"check", "--expiring", "100%"}, "not '100%'"},
        {{"get", "apps", "-fx", "--request-timeout=1d"}, "not '1d'"},
        {{"get", "apps", "-fx", "--resolver=dns.example"}, "'dns.example' is no resolver"},
        {{"get", "apps", "-fx", "--resolver=192.0.2.1:99999"}, "is no resolver"},
        {{"check", "--ignore", "IST9999"}, "--ignore takes the code of a finding"},
        {{"check", "--ignore", "IST0101,GT0104"}, "'IST0101,GT0104'"}, // it is repeated instead
        {{"check", "--ignore", ""}, "not ''"},
        {{"get", "apps", "--as-of", "noon"}, "'noon'"},
        {{"get", "dns", "--dns-sources", ""}, "--dns-sources names no source"},
        {{"get", "dns", "--dns-sources= , "}, "--dns-sources names no source"},
        {{"--nonsense"}, "'--nonsense'"},
        {{"--write"}, "unknown option '--write'"},    // nothing can be written yet
        {{"trace", "a", "--explain"}, "'--explain'"}, // it always does
        {{"--sync-fd", "3x"}, "takes a number, not '3x'"},
        {{"--sync-fd", "-1"}, "takes a number, not '-1'"},
        {{"--sync-fd", ""}, "takes a number, not ''"},
        {{"--sync-fd", "99999999999"}, "takes a number"},
        {{"get", "apps", "--debug", "stores"}, "unknown debug area 'stores'"},
        {{"get", "apps", "--debug", ""}, "unknown debug area ''"},
        {{"get", "apps", "-z"}, "'-z'"},
        {{"get", "apps", "-wz"}, "'-z'"},
        {{"-zw", "get", "apps"}, "'-z'"},
        {{"get", "apps", "--watch=yes"}, "'--watch' takes no argument"},
        {{"get", "apps", "--output"}, "'--output' needs an argument"},
        {{"get", "apps", "-wo"}, "'-o' needs an argument"},
        {{"check", "--watch"}, "--watch is not for 'check'"},
        {{"--batch", "x"}, "--batch is not for 'the dashboard'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct line l = {.n = 0};
        struct options o;
        struct err err;
        add(&l, "gatetop");
        for (int k = 0; k < 5 && cases[i].words[k] != NULL; k++) {
            add(&l, cases[i].words[k]);
        }
        assert_false(parse(&l, &o, &err));
        assert_int_equal(err.code, ERR_USAGE);
        if (strstr(err.msg, cases[i].says) == NULL) {
            print_message("%s: no \"%s\"\n", err.msg, cases[i].says);
        }
        assert_non_null(strstr(err.msg, cases[i].says));
        assert_null(strchr(err.msg, '\n'));
        options_release(&o);
    }
}

static void help(void **state)
{
    (void)state;
    for (int c = 0; c < SUBCOMMAND_COUNT; c++) {
        struct buf b;
        buf_init(&b, 0);
        const struct options chosen = {.subcommands = subcommands, .subcommand = &subcommands[c]};
        help_print(&chosen, &b);
        for (size_t i = 0; i < option_count; i++) {
            char word[64];
            (void)snprintf(word, sizeof word, "--%s ", option_table[i].name);
            bool named = strstr(b.data, word) != NULL;
            bool wants = option_table[i].section != NULL &&
                         (c == SUBCOMMAND_DASHBOARD || (option_table[i].subcommands & FOR(c)) != 0);
            if (named != wants) {
                print_message("help of '%s', option %s\n", subcommands[c].name, word);
            }
            assert_int_equal(named, wants);
        }
        for (int k = 0; c == SUBCOMMAND_DASHBOARD && k < SUBCOMMAND_COUNT; k++) {
            assert_non_null(strstr(b.data, subcommands[k].help));
        }
        for (const struct view *const *v = views; c <= SUBCOMMAND_GET && *v != NULL; v++) {
            assert_non_null(strstr(b.data, (*v)->help));
        }
        buf_release(&b);
        // --help is never refused for what is missing beside it.
        struct line l;
        struct options o;
        struct err err;
        begin(&l, (enum subcommand_id)c, false);
        add(&l, "--help");
        assert_true(parse(&l, &o, &err));
        assert_true(o.help);
        assert_ptr_equal(o.subcommand, &subcommands[c]);
        options_release(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_option),
        cmocka_unit_test(values),
        cmocka_unit_test(wrong),
        cmocka_unit_test(help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
