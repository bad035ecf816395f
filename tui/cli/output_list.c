// SPDX-License-Identifier: Apache-2.0
// Lists as JSON, one item a line.
#include "tui/cli/output_list.h"

#include "kube/base/buf.h"

#include "kube/mesh/core/json_envelope.h"

#include "tui/cli/output.h"

void output_list_begin(FILE *out, const char *kind)
{
    struct buf b;
    buf_init(&b, 0);
    json_envelope_begin(&b, kind);
    fputs(b.data, out);
    buf_release(&b);
}

void output_list_field(FILE *out, const char *key, struct json *value)
{
    fprintf(out, ",\"%s\":", key);
    output_json(out, value);
}

struct output_items output_items_begin(FILE *out)
{
    fputs(",\"items\":[", out);
    return (struct output_items){.out = out};
}

void output_items_add(struct output_items *l, struct json *item)
{
    fputs(l->n++ == 0 ? "\n" : ",\n", l->out);
    output_json(l->out, item);
}

void output_items_end(struct output_items *l)
{
    fputs(l->n > 0 ? "\n]" : "]", l->out);
}

void output_list_end(FILE *out)
{
    fputs("}\n", out);
}
