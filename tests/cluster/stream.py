# SPDX-License-Identifier: Apache-2.0
"""Reads what `gatetop get VIEW -o json [-w]` printed and answers questions about it.

usage: stream.py FILE EXPRESSION...
Exit 0 when every EXPRESSION is true. An expression sees: `first` (the first document), `items`
(its items), `events` (the change lines so far), `now` (the rows after those changes, by key).
"""
import json
import sys

KEY = ("group", "resource", "kind", "namespace", "name", "host", "gateway", "virtualService")


def key(row):
    return tuple(str(row.get(field)) for field in KEY)


def read(path):
    """The first document and the change lines; a last line that is not whole yet is left out."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    first, end = json.JSONDecoder().raw_decode(text)
    lines = text[end:].split("\n")[:-1]
    return first, [json.loads(line) for line in lines if line.strip()]


def apply(items, events):
    now = {key(row): row for row in items}
    for event in events:
        if event["type"] == "DELETED":
            now.pop(key(event["object"]), None)
        else:
            now[key(event["object"])] = event["object"]
    return now


def main():
    try:
        first, events = read(sys.argv[1])
    except (OSError, ValueError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    items = first.get("items", [])
    scope = {"first": first, "items": items, "events": events, "now": apply(items, events),
             "load": lambda path: apply(read(path)[0]["items"], [])}
    for expression in sys.argv[2:]:
        if not eval(expression, scope):  # expressions come from the tests beside this file
            sys.exit(f"not true: {expression}\nlast rows: {json.dumps(list(scope['now'].values()))[-3000:]}")


main()
