# SPDX-License-Identifier: Apache-2.0
"""Prints docs/BENCHMARKS.md from the figures of measure.py. usage: report.py --stripped FILE JSON...

Files of the same number of applications are one column.
"""
import json
import os
import sys

# (what, target, figure, how it is printed)
ROWS = [
    ("all kinds synced: `gatetop get status`", "", "sync", "{:.2f} s"),
    ("the same lists by `curl --parallel --compressed`, unpaged", "", "curl sync", "{:.2f} s"),
    ("gatetop's time over curl's", "at most 1.15", "sync ratio", "{:.2f}"),
    ("the same on a server with 30 minutes of writes behind it: gatetop", "", "aged sync", "{:.2f} s"),
    ("curl", "", "aged curl sync", "{:.2f} s"),
    ("gatetop's time over curl's", "at most 1.15", "aged sync ratio", "{:.2f}"),
    ("the same over 80 ms and 1 MB/s: gatetop", "", "slow sync", "{:.2f} s"),
    ("curl", "", "slow curl", "{:.2f} s"),
    ("gatetop's time over curl's", "at most 1.1", "slow ratio", "{:.2f}"),
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


def main():
    stripped = sys.argv[2]
    results = []
    for path in sys.argv[3:]:
        with open(path, encoding="ascii") as file:
            results.append(json.load(file))
    columns = {}
    for result in results:
        columns.setdefault(result["apps"], result)["figures"].update(result["figures"])
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
    for what, target, name, form in ROWS:
        cells = [cell(result, name, form) for result in results]
        print(f"| {what} | {target} | " + " | ".join(cells) + " |")
    size = f"{os.path.getsize(stripped) / 1e6:.2f} MB"
    print("| stripped binary | under 1 MB | " + " | ".join([size] * len(sizes)) + " |")
    if notes:
        print()
    for number, note in enumerate(notes, 1):
        print(f"({number}) {note}\n")
    print("\nHow: gatetop and curl take turns, medians of 5 after a warm-up (of 3 over the slow link); memory is VmHWM; the")
    print("dashboard runs on a pty of 120x40. A change is 200 updates of one VirtualService with its row on the screen, timed")
    print("from before the request is sent, so the server's own time is in it; a key is 200 times `j` and `k`, timed to the")
    print("first byte. A real server does not make 1,000 changes a second beside gatetop on this machine: those are of the")
    print("simulated one (tests/bench/storm.c), with as many applications, timed from the change. The slow link is a program that")
    print("forwards (tests/bench/slowlink.py). Key to screen at 100,000 rows: not measured here.")


main()
