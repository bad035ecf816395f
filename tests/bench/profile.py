# SPDX-License-Identifier: Apache-2.0
"""make profile: the functions that cost most in a first sync, in 1,000 changes and in a minute at rest.

usage: profile.py --gatetop FILE --storm FILE [--apps N] [--top N]

The server is the simulated one of storm.c; the dashboard asks DNS, as a user starts it. perf counts how often it finds
the program in a function (user and kernel, 4,999 times for each second on a core). Exit 77 where there is no perf.
"""
import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from dashboard import Dashboard, Missing

RATE = 4999     # samples for each second on a core
CHANGES = 1000
CHANGE_RATE = 100  # a second
REST = 60          # seconds


def recorded(perf, data, command):
    """The command under perf; its samples carry CLOCK_MONOTONIC."""
    return [perf, "record", "-q", "-k", "mono", "-e", "cpu-clock", "-F", str(RATE), "-o", data, "--"] + command


def report(perf, data, title, top, window=None):
    """Prints the functions of a recording, or of its window (two times of CLOCK_MONOTONIC)."""
    command = [perf, "report", "-i", data, "--stdio", "--no-children", "-s", "symbol", "-F", "sample,symbol"]
    if window is not None:
        command += ["--time", "{:.6f},{:.6f}".format(*window)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = [(int(m[1]), m[2]) for m in re.finditer(r"^\s*(\d+)\s+(\[[.k]\] \S+)", text, re.M)]
    total = sum(count for count, _ in found)
    print(f"\n## {title}: {total / RATE:.2f} s on a core")
    for count, name in sorted(found, reverse=True)[:top]:
        print(f"{count / RATE * 1000:9.1f} ms {count / total * 100:5.1f} %  {name}")
    sys.stdout.flush()


@contextlib.contextmanager
def storm(program, config, apps):
    server = subprocess.Popen([program, config, str(apps)], text=True, bufsize=1, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        if server.stdout.readline() != "ready\n":
            raise Missing("the simulated server did not start")
        yield server
    finally:
        server.stdin.close()
        server.wait()


def made(server):
    server.stdin.write("made\n")
    return int(server.stdout.readline())


def changes(server, screen):
    """CHANGES changes, each of another application: from when until when."""
    start, before = time.monotonic(), made(server)
    server.stdin.write(f"rate {CHANGE_RATE}\n")
    while made(server) - before < CHANGES:
        screen.read(0.05)
    server.stdin.write("rate 0\n")
    screen.read(0.5)
    return start, time.monotonic()


def rest(screen):
    start = time.monotonic()
    while (left := start + REST - time.monotonic()) > 0:
        screen.read(left)
    return start, time.monotonic()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gatetop", required=True)
    parser.add_argument("--storm", required=True)
    parser.add_argument("--apps", type=int, default=10000)
    parser.add_argument("--top", type=int, default=25)
    options = parser.parse_args()
    perf = shutil.which("perf")
    if perf is None:
        print("profile: there is no perf (Debian: linux-perf)", file=sys.stderr)
        sys.exit(77)
    with tempfile.TemporaryDirectory() as work, storm(options.storm, f"{work}/config", options.apps) as server:
        gatetop = [os.path.abspath(options.gatetop), "--kubeconfig", f"{work}/config"]
        print(f"# {options.apps:,} applications on a simulated server")
        for what in (["get", "status"], ["get", "apps", "-o", "name"]):
            subprocess.run(recorded(perf, f"{work}/sync", gatetop + what), check=True, stdout=subprocess.DEVNULL)
            report(perf, f"{work}/sync", f"`gatetop {' '.join(what)}`", options.top)
        screen = Dashboard(recorded(perf, f"{work}/screen", gatetop + ["apps"]))
        try:
            screen.until(rb"app-\d{5}", 60)
            loaded = time.monotonic() + 20  # of the first questions to DNS
            while (left := loaded - time.monotonic()) > 0:
                screen.read(left)
            windows = [(f"{CHANGES:,} changes, {CHANGE_RATE} a second", changes(server, screen)),
                       (f"{REST} s at rest, while DNS is asked", rest(screen))]
        finally:
            screen.close()
        for title, window in windows:
            report(perf, f"{work}/screen", title, options.top, window)


main()
