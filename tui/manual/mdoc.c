// SPDX-License-Identifier: Apache-2.0
// Manual pages from templates.
#include "tui/manual/mdoc.h"

#include "kube/base/ascii.h"
#include "kube/base/buf.h"
#include "kube/base/err.h"
#include "kube/base/str.h"

#include <stdbool.h>
#include <string.h>

// Text for mdoc: a leading dot or quote would be taken for a request of roff, and a delimiter
// between blanks would be joined to the word before it.
static void put_text(struct buf *b, const char *s)
{
    for (const char *begin = s; *s != '\0'; s++) {
        bool alone = s > begin && s[-1] == ' ' && (s[1] == ' ' || s[1] == '\0');
        if ((s == begin || alone) && strchr(".'[]()|:;,?!", *s) != NULL) {
            buf_adds(b, "\\&");
        }
        bool ends = (*s == '.' || *s == '?') && s[1] == ' ' && ascii_upper(s[2]);
        if (ends) { // a new sentence is a new line of mdoc
            buf_addc(b, *s++);
            buf_addc(b, '\n');
        } else if (*s == '"') {
            buf_adds(b, "\\(dq");
        } else if (*s == '\\') {
            buf_adds(b, "\\e");
        } else if (*s == '-') {
            buf_adds(b, "\\-");
        } else {
            buf_addc(b, *s);
        }
    }
}

void mdoc_item(struct buf *b, const char *macro, const char *head, const char *text)
{
    buf_addf(b, ".It %s", macro);
    put_text(b, head);
    buf_addc(b, '\n');
    char first = text[0];
    if (first >= 'a' && first <= 'z') {
        buf_addc(b, (char)(first - 'a' + 'A'));
        put_text(b, text + 1);
    } else {
        put_text(b, text);
    }
    size_t n = strlen(text);
    buf_adds(b, n > 0 && text[n - 1] == '.' ? "\n" : ".\n");
}

static const struct mdoc_section *find(const struct mdoc_section *const *lists, const char *name,
                                       size_t n)
{
    for (; *lists != NULL; lists++) {
        for (const struct mdoc_section *s = *lists; s->name != NULL; s++) {
            if (str_is(name, n, s->name)) {
                return s;
            }
        }
    }
    return NULL;
}

bool mdoc_fill(const char *template, const struct mdoc_section *const *lists, struct buf *out,
               struct err *err)
{
    for (const char *line = template; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        if (n > 2 && line[0] == '@' && line[n - 1] == '@') {
            const struct mdoc_section *s = find(lists, line + 1, n - 2);
            if (s == NULL) {
                return err_set(err, ERR_CONFIG, "no section is called '%.*s'", (int)(n - 2),
                               line + 1);
            }
            s->put(out);
        } else {
            buf_add(out, line, n);
            buf_addc(out, '\n');
        }
        line += n + (line[n] == '\n');
    }
    return true;
}
