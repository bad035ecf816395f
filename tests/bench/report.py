# SPDX-License-Identifier: Apache-2.0
"""Prints docs/BENCHMARKS.md from the figures of measure.py. usage: report.py --stripped FILE --seconds N JSON...

Files of the same number of applications are one column; the one of scale.py is a table of its own.
"""
import argparse
import json
import os

# (what, target, figure, how it is printed); {age} is what the server was written before
ROWS = [
    ("all kinds synced: `gatetop get status`", "", "sync", "{:.2f} s"),
    ("the same lists by `curl --parallel --compressed`, unpaged", "", "curl sync", "{:.2f} s"),
    ("gatetop's time over curl's", "at most 1.15", "sync ratio", "{:.2f}"),
    ("`gatetop get apps -o name`", "", "get apps", "{:.2f} s"),
    ("its time over curl's", "at most 1.25", "apps ratio", "{:.2f}"),
    ("CPU of `gatetop get status` itself", "at most 0.6 s at 10,000", "sync cpu", "{:.2f} s"),
    ("`get status` on a server after {age}: gatetop", "", "aged sync", "{:.2f} s"),
    ("curl", "", "aged curl sync", "{:.2f} s"),
    ("gatetop's time over curl's there", "at most 1.15", "aged sync ratio", "{:.2f}"),
    ("`get apps -o name` over curl's there", "at most 1.25", "aged apps ratio", "{:.2f}"),
    ("`get status` over 80 ms and 1 MB/s: gatetop", "", "slow sync", "{:.2f} s"),
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
    ("changes a second that the simulated server made of 5,000", "", "storm 5000 made", "{:,.0f}"),
    ("5,000 changes a second, of one core", "under 100 %", "storm 5000 cpu", "{:.0f} %"),
    ("5,000 changes a second, growth of memory in a minute", "0", "storm 5000 growth", "{:.1f} MB"),
    ("1,000 changes a second, of one core", "", "storm 1000 cpu", "{:.0f} %"),
    ("bytes to the terminal per change of one row, median", "under 100 for one cell", "change bytes",
     "{:.0f}"),
    ("bytes to the terminal for `j`, 80x24", "under 300", "j bytes", "{:.0f}"),
    ("key to screen, median", "", "key p50", "{ms:.1f} ms"),
    ("key to screen, 99th percentile", "16 ms", "key p99", "{ms:.1f} ms"),
    ("`q` to the end of the process", "100 ms", "quit", "{ms:.0f} ms"),
    ("start of `gatetop --version`, median of 50", "no slower than curl", "version", "{ms:.2f} ms"),
    ("start of `curl --version`, median of 50", "", "curl version", "{ms:.2f} ms"),
]

MEMORY_WHY = ("13 MB are pages of libraries, of which libcurl and OpenSSL have most. The rest is what is held: objects some "
              "two fifths, what depends on what a seventh, rows and index entries a fifth, the allocator's own a tenth.")
# figure: (the largest value that is within its target, why it is not where it is not)
TARGETS = {
    "sync ratio": (1.15, "The server that makes the lists shares the cores with gatetop; the load is above."),
    "apps ratio": (1.25, "As above."),
    "aged sync ratio": (1.15, "As above."),
    "aged apps ratio": (1.25, "As above."),
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
    "j bytes": (300, "The text of two lines is sent again, each of its words with its look."),
}
# Of 10,000 applications alone.
LARGE = {
    "sync cpu": (0.6, ""),
    "dns memory": (45, MEMORY_WHY),
}
BINARY = 1e6


def missed(result):
    """The figures of a size that are not within their targets, with the reason."""
    targets = dict(TARGETS)
    if result["apps"] == 10000:
        targets.update(LARGE)
    return {name: why for name, (most, why) in targets.items()
            if isinstance(value := result["figures"].get(name), (int, float)) and value > most}


SCALE = [
    ("bytes of an object, through decoder and store, of 1,000, 10,000, 100,000 and 1,000,000", "at most 800, linear",
     "object bytes", lambda f: ", ".join(f"{size:,}" for size in f["object bytes"]), lambda f: max(f["object bytes"]) <= 800),
    ("1,000,000 objects", "at most 1 GB", "million MB",
     lambda f: f"{f['million MB']:.0f} MB, {f['million seconds']:.1f} s", lambda f: f["million MB"] <= 1024),
    ("50,000 applications against 1,000: time and memory of an object", "at most 1.2 times", "time ratio",
     lambda f: f"{f['time ratio']:.2f}, {f['bytes ratio']:.2f}", lambda f: max(f["time ratio"], f["bytes ratio"]) <= 1.2),
    ("one change at 50,000 applications against 1,000", "at most 1.5 times", "change ratio",
     lambda f: f"{f['change ratio']:.2f}", lambda f: f["change ratio"] <= 1.5),
    ("10,000 of one thing, in each of {directions} directions (t_growth): the slowest step", "1 s", "slowest ms",
     lambda f: f"{f['slowest ms']:.0f} ms ({f['slowest']})", lambda f: f["slowest ms"] <= 1000),
    ("one change to it, the slowest", "50 ms", "slowest change ms",
     lambda f: f"{f['slowest change ms']:.0f} ms ({f['slowest change']}); {len(f['slow changes'])} take more than 50 ms",
     lambda f: f["slowest change ms"] <= 50),
    ("key to screen at 100,000 rows, 99th percentile: at rest, while it loads, sorting, filtering", "16 ms", "key rest",
     lambda f: ", ".join(f"{f['key ' + part] * 1000:.1f} ms" for part in ("rest", "loading", "sorting", "filtering")),
     lambda f: max(f["key " + part] for part in ("rest", "loading", "sorting", "filtering")) <= 0.016),
]
SCALE_WHY = {
    "slowest change ms": "What all 10,000 share changes, so all of them are judged again, some 10 us each: a host's routes "
                         "depend on every VirtualService of the host.",
}


def print_scale(figures):
    """The table of scale.py; returns a line for each target that is not met."""
    left = []
    print("\n| what | target | figure |")
    print("|---|---|---|")
    for what, target, name, form, met in SCALE:
        value = figures.get(name, {"missing": "the measurement did not get that far"})
        if isinstance(value, dict):
            print(f"| {what.format(directions='all')} | {target} | not measured: {value['missing']} |")
            continue
        what = what.format(**figures)
        print(f"| {what} | {target} | {form(figures)} |")
        if not met(figures):
            left.append(f"- {what}: {form(figures)}; the target is {target}. {SCALE_WHY.get(name, '')}".rstrip())
    return left


def print_missed(results, rows, size, more):
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
    lines += more
    print("## Targets that are not met\n")
    print("\n".join(lines) if lines else "None.")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stripped", required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    stripped, results, scale = options.stripped, [], {}
    for path in options.files:
        with open(path, encoding="ascii") as file:
            result = json.load(file)
        if "scale" in result:
            scale = result["scale"]
        else:
            results.append(result)
    if not results:
        parser.error("nothing was measured")
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
        text = form.format(value, ms=value * 1000)
        spread = result["figures"].get(name + " spread")
        return text if spread is None else f"{text} ({spread[0]:.2f} to {spread[1]:.2f})"

    facts = dict(results[-1]["facts"], duration=f"{options.seconds / 60:.0f} min")
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
    large = print_scale(scale)
    if notes:
        print()
    for number, note in enumerate(notes, 1):
        print(f"({number}) {note}\n")
    print()
    print_missed(results, rows, size, large)
    print("How: gatetop and curl take turns, medians of 5 after a warm-up (of 3 over the slow link and of kubectl), with the")
    print("smallest and the largest behind them; memory is VmHWM; the dashboard runs on a pty of 120x40. A change is 200 updates")
    print("of one VirtualService with its row on the screen, timed from before the request is sent, so the server's own time is")
    print("in it; a key is 200 times `j` and `k`, timed to the first byte. A real server does not make 1,000 changes a second")
    print("beside gatetop on this machine: those are of the simulated one (tests/bench/storm.c), with as many applications, timed")
    print("from the change. The slow link is a program that forwards (tests/bench/slowlink.py). The second table is of the CPU's")
    print("time in t_sync_cost and t_growth, which anything else that runs lengthens a little, and of a dashboard over the")
    print("simulated server.")


main()
