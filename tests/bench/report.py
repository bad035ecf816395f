# SPDX-License-Identifier: Apache-2.0
"""Prints docs/BENCHMARKS.md from the figures of measure.py. usage: report.py --stripped FILE JSON...

Files of the same number of applications are one column.
"""
import json
import os
import sys

# (what, target, figure, how it is printed); {age} is how long the server was written to before
ROWS = [
    ("all kinds synced: `gatetop get status`", "", "sync", "{:.2f} s"),
    ("the same lists by `curl --parallel --compressed`, unpaged", "", "curl sync", "{:.2f} s"),
    ("gatetop's time over curl's", "at most 1.15", "sync ratio", "{:.2f}"),
    ("the same on a server with {age} of writes behind it: gatetop", "", "aged sync", "{:.2f} s"),
    ("curl", "", "aged curl sync", "{:.2f} s"),
    ("gatetop's time over curl's there", "at most 1.15", "aged sync ratio", "{:.2f}"),
    ("the same over 80 ms and 1 MB/s: gatetop", "", "slow sync", "{:.2f} s"),
    ("curl", "", "slow curl", "{:.2f} s"),
    ("gatetop's time over curl's over that link", "at most 1.1", "slow ratio", "{:.2f}"),
    ("`kubectl get virtualservices -A`, one kind", "", "kubectl", "{:.2f} s"),
    ("first rows on the screen, from the start of the process",
     "0.3 s after the first list's first byte", "first screen", "{:.2f} s"),
    ("first rows over 80 ms and 1 MB/s", "1.2 s", "slow first screen", "{:.2f} s"),
    ("peak memory of the dashboard, all kinds synced, DNS asked", "at most 45 MB at 10,000", "dns memory",
     "{:.1f} MB"),
    ("peak memory of the dashboard, without DNS", "", "memory", "{:.1f} MB"),
    ("peak memory of the dashboard after 200 changes, without DNS", "", "memory after changes", "{:.1f} MB"),
    ("peak memory of `gatetop get status`", "", "sync memory", "{:.1f} MB"),
    ("peak memory of curl", "", "curl memory", "{:.1f} MB"),
    ("peak memory of `kubectl get virtualservices -A`", "", "kubectl memory", "{:.1f} MB"),
    ("idle dashboard that asks DNS, of one core", "under 0.5 %", "dns idle cpu", "{:.3f} %"),
    ("idle dashboard that asks DNS, bytes to the terminal in 20 s", "0", "dns idle bytes", "{:d}"),
    ("idle dashboard without DNS, of one core", "under 0.2 %", "idle cpu", "{:.3f} %"),
    ("idle dashboard without DNS, bytes to the terminal in 20 s", "0", "idle bytes", "{:d}"),
    ("change on the server to the screen, median", "", "change p50", "{ms:.1f} ms"),
    ("change on the server to the screen, 99th percentile", "50 ms", "change p99", "{ms:.1f} ms"),
    ("the same while DNS is asked", "50 ms", "dns change p99", "{ms:.1f} ms"),
    ("change on a simulated server, alone, 99th percentile", "50 ms", "storm 0 p99", "{ms:.1f} ms"),
    ("beside 100 changes a second", "50 ms", "storm 100 p99", "{ms:.1f} ms"),
    ("beside 1,000 changes a second", "50 ms", "storm 1000 p99", "{ms:.1f} ms"),
    ("beside 5,000 changes a second", "", "storm 5000 p99", "{ms:.1f} ms"),
    ("5,000 changes a second, of one core", "under 100 %", "storm 5000 cpu", "{:.0f} %"),
    ("5,000 changes a second, growth of memory in 20 s", "0", "storm 5000 growth", "{:.1f} MB"),
    ("bytes to the terminal per change of one row, median", "under 100 for one cell", "change bytes",
     "{:.0f}"),
    ("key to screen, median", "", "key p50", "{ms:.1f} ms"),
    ("key to screen, 99th percentile", "16 ms", "key p99", "{ms:.1f} ms"),
    ("`q` to the end of the process", "100 ms", "quit", "{ms:.0f} ms"),
    ("start of `gatetop --version`, median of 50", "no slower than curl", "version", "{ms:.2f} ms"),
    ("start of `curl --version`, median of 50", "", "curl version", "{ms:.2f} ms"),
]

# figure: (the largest value that is within its target, why it is not where it is not). {apps} of MEMORY alone.
TARGETS = {
    "sync ratio": (1.15, "The server that makes the lists shares the cores with gatetop; the load is above."),
    "aged sync ratio": (1.15, "As above."),
    "slow ratio": (1.1, "One round trip more than curl, which is told what to ask for: gatetop asks the server first "
                        "which APIs it has. A long list hides it."),
    "dns idle cpu": (0.5, "Names that exist nowhere are asked for again and again."),
    "dns idle bytes": (0, "Something on the screen changed."),
    "idle cpu": (0.2, ""),
    "idle bytes": (0, "Something on the screen changed."),
    "change p99": (0.05, "The server's own time is in it, and it shares the cores; the load is above."),
    "dns change p99": (0.05, "As above."),
    "storm 0 p99": (0.05, "The simulated server shares the cores."),
    "storm 100 p99": (0.05, "As above."),
    "storm 1000 p99": (0.05, "As above."),
    "storm 5000 cpu": (100, ""),
    "change bytes": (100, "More than one cell changes: the reason of the row, and the sum in the header."),
    "key p99": (0.016, "The server shares the cores."),
    "quit": (0.1, ""),
}
MEMORY = (45, "13 MB are pages of libraries, of which libcurl and OpenSSL have most. The rest is what is held: objects some "
              "two fifths, what depends on what a fifth, rows and index entries a fifth, the allocator's own a tenth.")
BINARY = 1e6


def missed(result):
    """The figures of a size that are not within their targets, with the reason."""
    targets = dict(TARGETS)
    if result["apps"] == 10000:
        targets["dns memory"] = MEMORY
    return {name: why for name, (most, why) in targets.items()
            if isinstance(value := result["figures"].get(name), (int, float)) and value > most}


def print_missed(results, rows, size):
    """What is left: a line for each row, with the sizes at which it is not within its target."""
    lines = []
    for what, target, name, form in rows:
        values = [f"{form.format(result['figures'][name], ms=result['figures'][name] * 1000)} at {result['apps']:,}"
                  for result in results if name in missed(result)]
        if values:
            why = next(missed(result)[name] for result in results if name in missed(result))
            lines.append(f"- {what}: {', '.join(values)}; the target is {target}. {why}".rstrip())
    if size > BINARY:
        lines.append(f"- stripped binary: {size / 1e6:.2f} MB; the target is under 1 MB.")
    print("## Targets that are not met\n")
    print("\n".join(lines) if lines else "None.")
    print()


def main():
    stripped = sys.argv[2]
    results = []
    for path in sys.argv[3:]:
        with open(path, encoding="ascii") as file:
            results.append(json.load(file))
    columns = {}
    for result in results:
        column = columns.setdefault(result["apps"], result)
        column["figures"].update(result["figures"])
        column["age"] = result["age"] or column["age"]
    results = [columns[apps] for apps in sorted(columns)]
    notes = []

    def cell(result, name, form):
        value = result["figures"].get(name, {"missing": "the measurement did not get that far"})
        if isinstance(value, dict):
            if value["missing"] not in notes:
                notes.append(value["missing"])
            return f"not measured ({notes.index(value['missing']) + 1})"
        return form.format(value, ms=value * 1000)

    facts = results[-1]["facts"]
    print("# Benchmarks\n")
    print("Written by `make bench`; no figure is typed by hand. All figures of a column come from one run on one")
    print("machine, client and server side by side: compare them with each other, not with other machines.\n")
    for name, text in facts.items():
        print(f"- {name}: {text:.2f} (1 min, at the end)" if name == "load" else f"- {name}: {text}")
    print("\nN applications are N Gateways, VirtualServices (3 to 12 rules) and Services, and a tenth as many of each of")
    print("Namespace, Certificate, CertificateRequest, Order and TLS Secret.\n")
    sizes = [f"N = {result['apps']:,}" for result in results]
    print("| what | target | " + " | ".join(sizes) + " |")
    print("|---|---|" + "---|" * len(sizes))
    age = next((result["age"] for result in results if result.get("age")), "some time")
    rows = [(what.format(age=age), *rest) for what, *rest in ROWS]
    for what, target, name, form in rows:
        cells = [cell(result, name, form) for result in results]
        print(f"| {what} | {target} | " + " | ".join(cells) + " |")
    size = os.path.getsize(stripped)
    print("| stripped binary | under 1 MB | " + " | ".join([f"{size / 1e6:.2f} MB"] * len(sizes)) + " |")
    if notes:
        print()
    for number, note in enumerate(notes, 1):
        print(f"({number}) {note}\n")
    print()
    print_missed(results, rows, size)
    print("How: gatetop and curl take turns, medians of 5 after a warm-up (of 3 over the slow link); memory is VmHWM; the")
    print("dashboard runs on a pty of 120x40. A change is 200 updates of one VirtualService with its row on the screen, timed")
    print("from before the request is sent, so the server's own time is in it; a key is 200 times `j` and `k`, timed to the")
    print("first byte. A real server does not make 1,000 changes a second beside gatetop on this machine: those are of the")
    print("simulated one (tests/bench/storm.c), with as many applications, timed from the change. The slow link is a program that")
    print("forwards (tests/bench/slowlink.py). Key to screen at 100,000 rows: not measured here.")


main()
