# SPDX-License-Identifier: Apache-2.0
"""Measures what needs no real server: sizes beyond what one can be filled with here. Writes the figures as JSON.

usage: scale.py --gatetop FILE --storm FILE --tests FOLDER --out FILE

Times of the CPU and bytes are those of t_sync_cost and t_growth; keys are those of a dashboard over the simulated server.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from dashboard import Dashboard, Missing
from measure import percentile

OBJECTS = [1000, 10000, 100000, 1000000]  # an application has 3.5
ROWS = 100000
GROWTH = 10000


def output(program, **environment):
    """What a test program prints."""
    result = subprocess.run([program], env=dict(os.environ, **environment), capture_output=True, text=True,
                            timeout=600, check=False)
    if result.returncode != 0:
        raise Missing(f"{os.path.basename(program)} ended with {result.returncode}")
    return result.stdout


def sync(tests, applications):
    """(bytes, microseconds) of each object, through decoder and store."""
    text = output(f"{tests}/t_sync_cost", GATETOP_SYNC_APPLICATIONS=str(applications))
    found = re.search(r"(\d+) objects, .*costs (\d+) bytes .*, ([\d.]+) us", text)
    return int(found[2]), float(found[3])


def objects(tests):
    costs = [sync(tests, round(n / 3.5)) for n in OBJECTS]
    few, many = sync(tests, 1000), sync(tests, 50000)
    return ([size for size, _ in costs], costs[-1][0] * OBJECTS[-1] / 2**20, costs[-1][1] * OBJECTS[-1] / 1e6,
            many[1] / few[1], many[0] / few[0])


def directions(tests, n, only=""):
    """{name: {step: milliseconds of the CPU}}"""
    text = output(f"{tests}/t_growth", GATETOP_GROWTH=str(n), **({"GATETOP_DIRECTION": only} if only else {}))
    return {name: {step: float(ms) for step, ms in re.findall(r"(\w+) ([\d.]+) ms", rest)}
            for name, rest in re.findall(rf"^# {n} ([^:]*): (.*)", text, re.M)}


def one_change(tests):
    """What one change takes at 50,000 applications against 1,000: the median of three."""
    few, many = (statistics.median(directions(tests, n, "=applications")["applications"]["change"] for _ in range(3))
                 for n in (1000, 50000))
    return [many / few]


def growth(tests):
    """(directions, slowest step in ms, its name, slowest change in ms, its name, changes that take over 50 ms)"""
    every = directions(tests, GROWTH)
    steps = [(ms, f"{name}, {step}") for name, part in every.items() for step, ms in part.items() if step != "change"]
    changes = [(part["change"], name) for name, part in every.items()]
    return len(every), *max(steps), *max(changes), [name for ms, name in changes if ms > 50]


def keys(gatetop, storm):
    """Milliseconds to the first byte, 99th percentile: while it loads, at rest, sorting, filtering."""
    config = os.path.join(tempfile.mkdtemp(), "config")
    server = subprocess.Popen([storm, config, str(ROWS)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if server.stdout.readline() != "ready\n":
            raise Missing("the simulated server did not start")
        screen = Dashboard([gatetop, "apps", "--kubeconfig", config, "--no-probe"])
        try:
            screen.until(rb"app-\d{5}", 60)
            loading = [pressed(screen, key) for key in [b"j", b"k"] * 20]
            screen.quiet(3)
            rest = [pressed(screen, key) for key in [b"j", b"k"] * 100]
            sorting = [pressed(screen, b">") for _ in range(30)]
            screen.keys(b"/")
            screen.quiet(0.3)
            filtering = [pressed(screen, key) for key in [b"a", b"p", b"p", b"-", b"0", b"1", b"\x7f", b"\x7f"] * 4]
        finally:
            screen.close()
    finally:
        server.stdin.close()
        server.wait()
    return [percentile(times, 99) for times in (loading, rest, sorting, filtering)]


def pressed(screen, key):
    """Seconds from a key to the first byte after it. While it loads, that may be what comes by itself."""
    end = time.monotonic() + 1
    while screen.read(0.02) and time.monotonic() < end:
        pass
    start = time.monotonic()
    screen.keys(key)
    if not screen.read(5):
        raise Missing("a key did not change the screen within 5 s")
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("gatetop", "storm", "tests", "out"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    figures = {}
    for names, measure in (
            (["object bytes", "million MB", "million seconds", "time ratio", "bytes ratio"],
             lambda: objects(options.tests)),
            (["change ratio"], lambda: one_change(options.tests)),
            (["directions", "slowest ms", "slowest", "slowest change ms", "slowest change", "slow changes"],
             lambda: growth(options.tests)),
            (["key loading", "key rest", "key sorting", "key filtering"],
             lambda: keys(options.gatetop, options.storm))):
        try:
            values = measure()
        except (Missing, OSError, subprocess.TimeoutExpired) as error:
            values = [{"missing": str(error)}] * len(names)
        figures.update(zip(names, values))
        print("# " + ", ".join(f"{name} {figures[name]}" for name in names), file=sys.stderr, flush=True)
    with open(options.out, "w", encoding="ascii") as file:
        json.dump({"scale": figures}, file)


if __name__ == "__main__":
    main()
