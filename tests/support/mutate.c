// SPDX-License-Identifier: Apache-2.0
// JSON changed at random.
#include "tests/support/mutate.h"

#include "kube/base/buf.h"
#include "kube/base/fail.h"

#include "tests/support/pick.h"

#include <stddef.h>
#include <string.h>

// The end of the text that begins at the quote s.
static const char *end_of_text(const char *s)
{
    for (s++; *s != '"'; s++) {
        s += *s == '\\';
        ASSERT(*s != '\0');
    }
    return s + 1;
}

static const char *end_of_value(const char *s)
{
    if (*s == '"') {
        return end_of_text(s);
    }
    if (*s != '{' && *s != '[') {
        return s + strcspn(s, ",]} \n");
    }
    for (int depth = 0; *s != '\0';) {
        if (*s == '"') {
            s = end_of_text(s);
            continue;
        }
        depth += *s == '{' || *s == '[';
        depth -= *s == '}' || *s == ']';
        s++;
        if (depth == 0) {
            break;
        }
    }
    return s;
}

// The value after the colon number n (from 0) of those outside of texts; NULL where there are fewer.
static const char *value_behind_colon(const char *s, size_t n)
{
    while (*s != '\0') {
        if (*s == '"') {
            s = end_of_text(s);
        } else if (*s == ':' && n-- == 0) {
            s++;
            return s + strspn(s, " \n");
        } else {
            s++;
        }
    }
    return NULL;
}

// Mostly from what the object says, not from its metadata, which servers check.
static const char *any_value(const char *text)
{
    size_t n = 0;
    const char *spec = pick(8) > 0 ? strstr(text, "\"spec\":") : NULL;
    text = spec != NULL ? spec : text;
    while (value_behind_colon(text, n) != NULL) {
        n++;
    }
    ASSERT(n > 0);
    return value_behind_colon(text, pick((uint32_t)n));
}

void mutate_json(struct buf *out, const char *text, const char *donor)
{
    static const char *const odd[] = {
        "null",
        "true",
        "0",
        "-1",
        "9223372036854775807",
        "1e308",
        "0.5",
        "{}",
        "[]",
        "[null]",
        "[[]]",
        "\"\"",
        "\"*\"",
        "\"*.\"",
        "\"a.example.org\"",
        "\"ns-1/*\"",
        "\"./*\"",
        "\"~/*\"",
        "\"(a|b)*+\"",
        "\"\\u0000\"",
        "\"\\u001b]0;x\\u0007\"",
        "\"\\u202e\"",
        "\"%n%s\"",
        "\"2026-11-30T00:00:00Z\"",
        "\"0001-01-01T00:00:00Z\"",
        "\"kubernetes-gateway://a/b\"",
        "[\"*\",\"*\",\"*.*\"]",
        "{\"\":\"\"}",
        "[{\"number\":65536,\"protocol\":\"HTTPS\"}]",
        "[{\"uri\":{\"regex\":\"(((((((a*)*)*)*)*)*)*)*\"}}]",
        "[{\"destination\":{\"host\":\"a\",\"port\":{\"number\":-1}},\"weight\":2147483647}]"};
    const char *at = any_value(text), *end = end_of_value(at);
    buf_add(out, text, (size_t)(at - text));
    if (pick(2) == 0) {
        buf_adds(out, PICK(odd));
    } else {
        const char *other = any_value(donor);
        buf_add(out, other, (size_t)(end_of_value(other) - other));
    }
    buf_adds(out, end);
}
