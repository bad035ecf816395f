// SPDX-License-Identifier: Apache-2.0
// Reads the simple forms of --fqdn-template.
#include "kube/mesh/dns/fqdn_template.h"

#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/str.h"

#include <string.h>

// The next "{{…}}" of the text: `head` bytes of text before it, the word inside without blanks around it. False if
// there is none.
static bool next_action(const char *text, size_t *head, const char **word, size_t *n,
                        const char **rest)
{
    const char *open = strstr(text, "{{"), *close = open != NULL ? strstr(open, "}}") : NULL;
    if (close == NULL) {
        return false;
    }
    *head = (size_t)(open - text);
    *word = open + 2 + strspn(open + 2, " \t");
    *n = *word < close ? (size_t)(close - *word) : 0;
    while (*n > 0 && ((*word)[*n - 1] == ' ' || (*word)[*n - 1] == '\t')) {
        (*n)--;
    }
    *rest = close + 2;
    return true;
}

// The text that an action gives for an object; NULL if gatetop does not know it.
static const char *action_value(const char *word, size_t n, const char *name, const char *ns)
{
    if (str_is(word, n, ".Name") || str_is(word, n, ".ObjectMeta.Name")) {
        return name;
    }
    return str_is(word, n, ".Namespace") || str_is(word, n, ".ObjectMeta.Namespace") ? ns : NULL;
}

bool fqdn_template_known(const char *text)
{
    size_t head, n;
    const char *word;
    while (next_action(text, &head, &word, &n, &text)) {
        if (action_value(word, n, "", "") == NULL) {
            return false;
        }
    }
    return strstr(text, "{{") == NULL;
}

static void expand(struct buf *b, const char *text, const struct object *o)
{
    size_t head, n;
    const char *word, *rest;
    while (next_action(text, &head, &word, &n, &rest)) {
        buf_add(b, text, head);
        const char *value = action_value(word, n, o->name, o->ns);
        ASSERT(value != NULL); // a known template
        buf_adds(b, value);
        text = rest;
    }
    buf_adds(b, text);
}

// Adds the names of a comma-separated text, without blanks around them and without a final dot; empty ones are dropped.
static void add_names(struct arena *a, struct str_array *out, const char *at)
{
    while (*at != '\0') {
        size_t n = strcspn(at, ",");
        const char *name = at + strspn(at, " \t");
        size_t k = name < at + n ? (size_t)(at + n - name) : 0;
        while (k > 0 && (name[k - 1] == ' ' || name[k - 1] == '\t')) {
            k--;
        }
        k -= k > 0 && name[k - 1] == '.' ? 1 : 0;
        if (k > 0) {
            str_array_add(a, out, arena_strndup(a, name, k));
        }
        at += n;
        at += *at == ',' ? 1 : 0;
    }
}

struct str_list fqdn_template_hosts(struct arena *a, const struct str_list *templates,
                                    const struct object *o)
{
    struct str_array out = {0};
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < templates->n; i++) {
        buf_adds(&b, i > 0 ? "," : "");
        expand(&b, templates->at[i], o);
    }
    add_names(a, &out, b.data);
    buf_release(&b);
    str_array_sort_unique(&out);
    return str_array_list(&out);
}
