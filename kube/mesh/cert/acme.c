// SPDX-License-Identifier: Apache-2.0
// Reads the texts of ACME servers.
#include "kube/mesh/cert/acme.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/domain_name.h"
#include "kube/base/number.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"
#include "kube/base/url.h"

#include <assert.h>
#include <libpsl.h>
#include <string.h>

#define URN "urn:ietf:params:acme:error:"

bool acme_server_is(const char *url, const char *host)
{
    const char *of = url_parts_of(url).host;
    size_t n = strcspn(of, "/:?#");
    return strlen(host) == n && str_same_case(host, of, n);
}

enum acme_environment acme_environment_of(const char *url)
{
    static const struct {
        const char *host;
        enum acme_environment environment;
    } hosts[] = {
        {"acme-v02.api.letsencrypt.org", ACME_PRODUCTION},
        {"acme-staging-v02.api.letsencrypt.org", ACME_STAGING},
        {"acme-v01.api.letsencrypt.org", ACME_DEAD},
        {"acme-staging.api.letsencrypt.org", ACME_DEAD},
    };
    if (url == NULL) {
        return ACME_OTHER;
    }
    for (size_t i = 0; i < ARRAY_COUNT(hosts); i++) {
        if (acme_server_is(url, hosts[i].host)) {
            return hosts[i].environment;
        }
    }
    return ACME_OTHER;
}

const char *acme_environment_name(enum acme_environment e)
{
    static const char *const names[] = {
        [ACME_OTHER] = "other CA",
        [ACME_PRODUCTION] = "production",
        [ACME_STAGING] = "staging",
        [ACME_DEAD] = "retired v1 server",
    };
    static_assert(ARRAY_COUNT(names) == ACME_ENVIRONMENT_COUNT, "a name for each environment");
    return names[e];
}

// The HTTP status of three digits before the URN, 0 if there is none.
static int status_before(const char *text, const char *urn)
{
    int64_t code;
    bool there = urn - text >= 4 && urn[-1] == ' ' && number_parse(urn - 4, 3, 999, &code) &&
                 (urn - text == 4 || !ascii_alnum(urn[-5]));
    return there ? (int)code : 0;
}

bool acme_error_parse(struct arena *a, const char *text, struct acme_error *out)
{
    memset(out, 0, sizeof *out);
    const char *urn = text != NULL ? strstr(text, URN) : NULL;
    if (urn == NULL) {
        return false;
    }
    out->code = status_before(text, urn);
    const char *type = urn + sizeof URN - 1;
    size_t n = 0;
    while (ascii_alnum(type[n])) {
        n++;
    }
    out->type = arena_strndup(a, type, n);
    const char *detail = type + n;
    if (str_starts(detail, " :: ")) { // the older spelling
        detail += 4;
    } else {
        detail += *detail == ':' ? 1 : 0;
        detail += *detail == ' ' ? 1 : 0;
    }
    const char *end = strstr(detail, "; subproblems:");
    out->detail =
        end != NULL ? arena_strndup(a, detail, (size_t)(end - detail)) : arena_strdup(a, detail);
    return true;
}

// "2026-09-01 10:00:00 UTC", the same with a fraction or "+0000 UTC" after it, and RFC 3339.
static int64_t parse_date(const char *p)
{
    char stamp[32];
    if (strlen(p) < 19) {
        return TIME_NONE;
    }
    memcpy(stamp, p, 19);
    stamp[10] = 'T';
    p += 19;
    if (*p == '.') {
        p += 1 + strspn(p + 1, "0123456789");
    }
    p += *p == ' ' ? 1 : 0;
    bool offset = (*p == '+' || *p == '-') && strspn(p + 1, "0123456789:") >= 4;
    if (offset) { // with a colon or without
        memcpy(stamp + 19, p, 3);
        stamp[22] = ':';
        memcpy(stamp + 23, p[3] == ':' ? p + 4 : p + 3, 2);
        stamp[25] = '\0';
    } else if (*p == 'Z' || str_starts(p, "UTC")) {
        memcpy(stamp + 19, "Z", 2);
    } else {
        return TIME_NONE;
    }
    return time_parse(stamp);
}

// "Tue, 01 Sep 2026 10:00:00 GMT", as HTTP has it.
static int64_t parse_http_date(const char *p)
{
    static const char form[] = "aaa, 00 aaa 0000 00:00:00 GMT"; // a: any letter, 0: any digit
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (size_t i = 0; form[i] != '\0'; i++) { // ends at the end of p, too
        bool fits = form[i] == 'a'   ? ascii_alnum(p[i]) && !ascii_digit(p[i])
                    : form[i] == '0' ? ascii_digit(p[i])
                                     : p[i] == form[i];
        if (!fits) {
            return TIME_NONE;
        }
    }
    for (int m = 0; m < 12; m++) {
        if (str_starts(p + 8, months[m])) {
            char stamp[] = "0000-00-00T00:00:00Z";
            memcpy(stamp, p + 12, 4);
            stamp[5] = (char)('0' + (m + 1) / 10);
            stamp[6] = (char)('0' + (m + 1) % 10);
            memcpy(stamp + 8, p + 5, 2);
            memcpy(stamp + 11, p + 17, 8);
            return time_parse(stamp);
        }
    }
    return TIME_NONE;
}

// "1h30m0s", "90 seconds", "3600" at the start of a text: in seconds, -1 if there is none.
static int64_t parse_wait(const char *p)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{" second", 1}, {" minute", 60}, {" hour", 3600}, {" day", 86400}};
    char word[32];
    size_t n = strspn(p, "0123456789.hms");
    if (n == 0 || n >= sizeof word) {
        return -1;
    }
    memcpy(word, p, n);
    word[n] = '\0';
    if (word[n - 1] == '.') { // the end of a sentence
        word[--n] = '\0';
    }
    int64_t ms = duration_parse(word), count;
    if (ms != DURATION_NONE && ms > 0) {
        return ms / 1000;
    }
    if (!number_parse(word, n, 999999999, &count) ||
        strchr(" .,;)", p[n]) == NULL) { // strchr finds the end of the text as well
        return -1;
    }
    for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
        if (str_starts(p + n, units[i].unit)) {
            return count * units[i].seconds;
        }
    }
    return count;
}

int64_t acme_retry_after(const char *text, int64_t written)
{
    static const char *const marks[] = {"retry after ", "retry-after: ", "retry in ",
                                        "try again in ", "try again after "};
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        for (size_t i = 0; i < ARRAY_COUNT(marks); i++) {
            size_t n = strlen(marks[i]);
            if (!str_same_case(at, marks[i], n)) {
                continue;
            }
            int64_t t = parse_date(at + n);
            t = t != TIME_NONE ? t : parse_http_date(at + n);
            if (t != TIME_NONE) {
                return t;
            }
            int64_t wait = written != TIME_NONE ? parse_wait(at + n) : -1;
            if (wait >= 0) {
                return written + wait;
            }
        }
    }
    return TIME_NONE;
}

enum acme_limit acme_limit_of(const char *text)
{
    static const struct {
        const char *needle;
        enum acme_limit limit;
    } table[] = {
        {"exact set of", ACME_LIMIT_IDENTICAL},
        {"too many failed authorizations", ACME_LIMIT_FAILURES},
        {"temporarily prevented from requesting", ACME_LIMIT_PAUSED},
        {"too many new orders", ACME_LIMIT_ORDERS},
        {"too many new registrations", ACME_LIMIT_ACCOUNTS},
        {"too many registrations", ACME_LIMIT_ACCOUNTS},
        {"already issued for", ACME_LIMIT_DOMAIN},
    };
    for (size_t i = 0; text != NULL && i < ARRAY_COUNT(table); i++) {
        if (str_contains_case(text, table[i].needle)) {
            return table[i].limit;
        }
    }
    return ACME_LIMIT_UNKNOWN;
}

const char *acme_limit_name(enum acme_limit l, enum acme_environment ca)
{
    static const struct {
        const char *production, *other; // other NULL: the same
    } names[] = {
        [ACME_LIMIT_UNKNOWN] = {"a limit it does not name", NULL},
        [ACME_LIMIT_IDENTICAL] = {"identical certificates (5 in 7 days)", "identical certificates"},
        [ACME_LIMIT_DOMAIN] = {"certificates of the registered domain (50 in 7 days)",
                               "certificates of the registered domain"},
        [ACME_LIMIT_ORDERS] = {"new orders of the account (300 in 3 hours)",
                               "new orders of the account"},
        [ACME_LIMIT_FAILURES] = {"failed authorizations of the name (5 in an hour)",
                                 "failed authorizations of the name"},
        [ACME_LIMIT_ACCOUNTS] = {"new accounts of the address", NULL},
        [ACME_LIMIT_PAUSED] = {"the name is paused after too many failures in a row", NULL},
    };
    static_assert(ARRAY_COUNT(names) == ACME_LIMIT_COUNT, "a name for each limit");
    bool other = ca != ACME_PRODUCTION && names[l].other != NULL;
    return other ? names[l].other : names[l].production;
}

const char *acme_registered_domain(struct arena *a, const char *host)
{
    if (host == NULL) {
        return NULL;
    }
    if (str_starts(host, "*.")) {
        host += 2;
    }
    char *lower = str_lower(a, host);
    size_t n = strlen(lower);
    if (n != 0 && lower[n - 1] == '.') {
        lower[n - 1] = '\0';
    }
    const psl_ctx_t *psl = psl_builtin();
    return psl != NULL ? psl_registrable_domain(psl, lower) : NULL;
}

bool acme_name_is_public(struct arena *a, const char *host)
{
    const char *ascii = domain_name_to_ascii(a, host);
    const char *dot = ascii != NULL ? strrchr(ascii, '.') : NULL;
    const psl_ctx_t *psl = psl_builtin();
    return dot != NULL &&
           (psl == NULL ||
            psl_is_public_suffix2(psl, dot + 1, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0);
}

bool acme_name_is_suffix(struct arena *a, const char *host)
{
    const char *ascii = domain_name_to_ascii(a, str_starts(host, "*.") ? host + 2 : host);
    const psl_ctx_t *psl = psl_builtin();
    return ascii != NULL && psl != NULL &&
           psl_is_public_suffix2(psl, ascii, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

// The text before a token or key, and the bytes that end it.
static const struct {
    const char *head, *stop;
} token_places[] = {
    {"/.well-known/acme-challenge/", "'\" ,;)"},
    {"did not get expected response \"", "\""},
    {"presented key (", ")"},
};

// If a token begins after p: where it begins, and at *end where it ends. Else NULL.
static const char *token_behind(const char *p, const char **end)
{
    for (size_t i = 0; i < ARRAY_COUNT(token_places); i++) {
        if (str_starts(p, token_places[i].head)) {
            const char *token = p + strlen(token_places[i].head);
            *end = token + strcspn(token, token_places[i].stop);
            return token;
        }
    }
    return NULL;
}

const char *acme_mask(struct arena *a, const char *text)
{
    bool any = false;
    for (size_t i = 0; text != NULL && i < ARRAY_COUNT(token_places); i++) {
        any = any || strstr(text, token_places[i].head) != NULL;
    }
    if (!any) {
        return text;
    }
    struct buf b;
    buf_init(&b, 0);
    const char *from = text, *p = text; // what is before `from` has been copied
    while (*p != '\0') {
        const char *end, *token = token_behind(p, &end);
        if (token != NULL) {
            buf_add(&b, from, (size_t)(token - from));
            buf_adds(&b, "\xe2\x80\xa6");
            from = p = end;
        } else {
            p++;
        }
    }
    buf_adds(&b, from);
    return buf_take_arena(&b, a);
}
