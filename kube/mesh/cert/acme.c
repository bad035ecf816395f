// SPDX-License-Identifier: Apache-2.0
// What an ACME server says, read from text.
#include "kube/mesh/cert/acme.h"

#include "kube/base/text.h"

#include <ctype.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define URN "urn:ietf:params:acme:error:"

enum acme_environment acme_environment(const char *url)
{
    static const struct {
        const char *host;
        enum acme_environment env;
    } hosts[] = {
        {"acme-v02.api.letsencrypt.org", ACME_PRODUCTION},
        {"acme-staging-v02.api.letsencrypt.org", ACME_STAGING},
        {"acme-v01.api.letsencrypt.org", ACME_DEAD},
        {"acme-staging.api.letsencrypt.org", ACME_DEAD},
    };
    if (url == NULL) {
        return ACME_OTHER;
    }
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t n = strcspn(host, "/:?#");
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        if (strlen(hosts[i].host) == n) {
            size_t k = 0;
            while (k < n && tolower((unsigned char)host[k]) == hosts[i].host[k]) {
                k++;
            }
            if (k == n) {
                return hosts[i].env;
            }
        }
    }
    return ACME_OTHER;
}

const char *acme_environment_name(enum acme_environment e)
{
    static const char *const names[] = {"other CA", "production", "staging", "retired v1 server"};
    return names[e];
}

bool acme_error_parse(struct arena *a, const char *text, struct acme_error *out)
{
    memset(out, 0, sizeof *out);
    const char *urn = text != NULL ? strstr(text, URN) : NULL;
    if (urn == NULL) {
        return false;
    }
    const char *p = urn;
    if (p > text && p[-1] == ' ') {
        const char *digits = p - 1;
        while (digits > text && isdigit((unsigned char)digits[-1])) {
            digits--;
        }
        size_t n = (size_t)(p - 1 - digits);
        if (n == 3 && (digits == text || !isalnum((unsigned char)digits[-1]))) {
            out->code = atoi(digits);
        }
    }
    const char *type = urn + sizeof URN - 1;
    size_t n = 0;
    while (isalnum((unsigned char)type[n])) {
        n++;
    }
    out->type = arena_strndup(a, type, n);
    const char *detail = type + n;
    if (strncmp(detail, " :: ", 4) == 0) { // the older spelling
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

// "2026-09-01 10:00:00 UTC", the same with a fraction or "+0000 UTC" behind it, and RFC 3339.
static int64_t dated(const char *p)
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
        snprintf(stamp + 19, sizeof stamp - 19, "%.3s:%.2s", p, p[3] == ':' ? p + 4 : p + 3);
    } else if (*p == 'Z' || strncmp(p, "UTC", 3) == 0) {
        snprintf(stamp + 19, sizeof stamp - 19, "Z");
    } else {
        return TIME_NONE;
    }
    return time_parse(stamp);
}

// "Tue, 01 Sep 2026 10:00:00 GMT", as HTTP has it.
static int64_t http_dated(const char *p)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, year, hour, minute, second;
    char month[4], stamp[80];
    if (sscanf(p, "%*3[A-Za-z], %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year, &hour, &minute,
               &second) != 6) {
        return TIME_NONE;
    }
    const char *m = strstr(months, month);
    if (m == NULL || strlen(month) != 3 || (m - months) % 3 != 0) {
        return TIME_NONE;
    }
    snprintf(stamp, sizeof stamp, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, (int)(m - months) / 3 + 1,
             day, hour, minute, second);
    return time_parse(stamp);
}

// "1h30m0s", "90 seconds", "3600": in seconds, -1 where it is none.
static int64_t waited(const char *p)
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
    word[n - (word[n - 1] == '.')] = '\0'; // the end of a sentence
    int64_t ms = duration_parse(word);
    if (ms != DURATION_NONE && ms > 0) {
        return ms / 1000;
    }
    size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 9 || word[digits] != '\0' ||
        strchr(" .,;)", p[digits]) == NULL) { // strchr finds the end of the text as well
        return -1;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strncmp(p + digits, units[i].unit, strlen(units[i].unit)) == 0) {
            return atoll(word) * units[i].seconds;
        }
    }
    return atoll(word);
}

int64_t acme_retry_after(const char *text, int64_t said)
{
    static const char *const marks[] = {"retry after ", "retry-after: ", "retry in ",
                                        "try again in ", "try again after "};
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            size_t n = strlen(marks[i]);
            if (strncasecmp(at, marks[i], n) != 0) {
                continue;
            }
            int64_t t = dated(at + n);
            t = t != TIME_NONE ? t : http_dated(at + n);
            int64_t wait = t == TIME_NONE && said != TIME_NONE ? waited(at + n) : -1;
            if (t != TIME_NONE || wait >= 0) {
                return t != TIME_NONE ? t : said + wait;
            }
        }
    }
    return TIME_NONE;
}

enum acme_limit acme_limit(const char *text)
{
    static const struct {
        const char *needle;
        enum acme_limit limit;
    } table[] = {
        {"exact set of", ACME_LIMIT_IDENTICAL},
        {"too many failed authorizations", ACME_LIMIT_FAILURES},
        {"paused", ACME_LIMIT_PAUSED},
        {"temporarily prevented from requesting", ACME_LIMIT_PAUSED},
        {"too many new orders", ACME_LIMIT_ORDERS},
        {"too many new registrations", ACME_LIMIT_ACCOUNTS},
        {"too many registrations", ACME_LIMIT_ACCOUNTS},
        {"already issued for", ACME_LIMIT_DOMAIN},
    };
    for (size_t i = 0; text != NULL && i < sizeof table / sizeof *table; i++) {
        if (str_contains_case(text, table[i].needle)) {
            return table[i].limit;
        }
    }
    return ACME_LIMIT_UNKNOWN;
}

const char *acme_limit_name(enum acme_limit l, enum acme_environment ca)
{
    static const struct {
        const char *production, *other;
    } names[] = {
        {"a limit it does not name", "a limit it does not name"},
        {"identical certificates (5 in 7 days)", "identical certificates"},
        {"certificates of the registered domain (50 in 7 days)",
         "certificates of the registered domain"},
        {"new orders of the account (300 in 3 hours)", "new orders of the account"},
        {"failed authorizations of the name (5 in an hour)", "failed authorizations of the name"},
        {"new accounts of the address", "new accounts of the address"},
        {"the name is paused after too many failures in a row",
         "the name is paused after too many failures in a row"},
    };
    return ca == ACME_PRODUCTION ? names[l].production : names[l].other;
}

const char *acme_registered_domain(struct arena *a, const char *host)
{
    if (host == NULL) {
        return NULL;
    }
    if (strncmp(host, "*.", 2) == 0) {
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

#define WELL_KNOWN "/.well-known/acme-challenge/"

// Appends n bytes of text and skips the run of token characters behind it.
static const char *cut_token(struct buf *b, const char *from, const char *upto, const char *stop)
{
    buf_add(b, from, (size_t)(upto - from));
    buf_adds(b, "\xe2\x80\xa6");
    return upto + strcspn(upto, stop);
}

const char *acme_mask(struct arena *a, const char *text)
{
    static const struct {
        const char *head, *stop;
    } secrets[] = {
        {WELL_KNOWN, "'\" ,;)"},
        {"did not get expected response \"", "\""},
        {"presented key (", ")"},
    };
    if (text == NULL) {
        return NULL;
    }
    bool any = false;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        any = any || strstr(text, secrets[i].head) != NULL;
    }
    if (!any) {
        return text;
    }
    struct buf b;
    buf_init(&b, 0);
    const char *from = text, *p = text;
    while (*p != '\0') {
        bool cut = false;
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets && !cut; i++) {
            size_t n = strlen(secrets[i].head);
            if (strncmp(p, secrets[i].head, n) == 0) {
                from = p = cut_token(&b, from, p + n, secrets[i].stop);
                cut = true;
            }
        }
        if (!cut) {
            p++;
        }
    }
    buf_adds(&b, from);
    const char *out = arena_strndup(a, b.data, b.len);
    buf_release(&b);
    return out;
}
