// SPDX-License-Identifier: Apache-2.0
// The simple forms of --fqdn-template: text with the name and namespace of the object. A Go template can say
// far more; what it says beyond that is not worked out.
#include "kube/base/text.h"

#include "kube/mesh/dns/dns_internal.h"

#include <string.h>

// The next "{{…}}" of the text: `head` bytes of text before it, what stands in it without blanks around.
// False where there is none.
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

// What the action stands for; NULL where that is not known. `o` may be NULL: "".
static const char *value_of(const char *word, size_t n, const struct object *o)
{
    static const char *const names[] = {".Name", ".ObjectMeta.Name"};
    static const char *const spaces[] = {".Namespace", ".ObjectMeta.Namespace"};
    for (size_t i = 0; i < 2; i++) {
        if (strlen(names[i]) == n && strncmp(names[i], word, n) == 0) {
            return o != NULL ? o->name : "";
        }
        if (strlen(spaces[i]) == n && strncmp(spaces[i], word, n) == 0) {
            return o != NULL ? o->ns : "";
        }
    }
    return NULL;
}

bool dns_template_known(const char *text)
{
    size_t head, n;
    const char *word;
    while (next_action(text, &head, &word, &n, &text)) {
        if (value_of(word, n, NULL) == NULL) {
            return false;
        }
    }
    return strstr(text, "{{") == NULL;
}

static void write(struct buf *b, const char *text, const struct object *o)
{
    size_t head, n;
    const char *word, *rest;
    while (next_action(text, &head, &word, &n, &rest)) {
        buf_add(b, text, head);
        buf_adds(b, value_of(word, n, o));
        text = rest;
    }
    buf_adds(b, text);
}

// Names are separated by commas; blanks around one and a final dot are cut, empty ones left out.
static void add_names(struct arena *a, struct texts *out, const char *at)
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
            texts_add(a, out, arena_strndup(a, name, k));
        }
        at += n;
        at += *at == ',' ? 1 : 0;
    }
}

struct texts dns_template_hosts(const struct gather *g, const struct object *o)
{
    struct texts out = {0};
    struct buf b;
    buf_init(&b, 0);
    for (uint32_t i = 0; i < g->s->fqdn_templates.n; i++) {
        buf_adds(&b, i > 0 ? "," : "");
        write(&b, g->s->fqdn_templates.at[i], o);
    }
    add_names(g->m->arena, &out, b.data != NULL ? b.data : "");
    buf_release(&b);
    texts_sort(&out);
    return out;
}
