# SPDX-License-Identifier: Apache-2.0
"""Measures gatetop, curl and kubectl on one filled API server and writes the figures as JSON.

With --aged TEXT only how long it takes to read everything, for a server that has been written to; TEXT says how much.
A figure that cannot be had is written as {"missing": reason}; nothing is guessed. Times are seconds
by the monotonic clock, memory is VmHWM (the peak of the resident set) in MB of 2^20 bytes.
"""
import argparse
import http.client
import json
import os
import platform
import re
import select
import ssl
import statistics
import subprocess
import sys
import time

from dashboard import Dashboard, Missing, cpu_seconds, peak_memory

WATCHED = """/api/v1/namespaces /api/v1/services
/apis/networking.istio.io/v1/gateways /apis/networking.istio.io/v1/virtualservices
/apis/networking.istio.io/v1/destinationrules /apis/networking.istio.io/v1/serviceentries
/apis/cert-manager.io/v1/certificates /apis/cert-manager.io/v1/certificaterequests
/apis/cert-manager.io/v1/issuers /apis/cert-manager.io/v1/clusterissuers
/apis/acme.cert-manager.io/v1/orders /apis/acme.cert-manager.io/v1/challenges""".split()
SECRETS = "/api/v1/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls"
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
RUNS = 5
SYNC = ["curl sync", "sync", "get apps", "sync ratio", "apps ratio", "sync cpu", "sync memory", "curl memory"]
SLOW = ["--rtt", "80", "--rate", "1000000"]  # ms, bytes a second
STORM = {0: 10, 100: 15, 1000: 15, 5000: 60}  # changes a second, and for how many seconds


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def run(command):
    """Runs to the end; returns (seconds, peak bytes, CPU seconds). The peak is polled, it only ever grows."""
    start = time.monotonic()
    with open(os.devnull, "w", encoding="ascii") as null:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=null,
                                   stderr=subprocess.PIPE)
    ended = os.pidfd_open(process.pid)
    peak = 0
    while True:
        peak = peak_memory(process.pid) or peak
        if select.select([ended], [], [], 0.005)[0]:
            break
        if time.monotonic() - start > 120:
            process.kill()
    seconds = time.monotonic() - start
    os.close(ended)
    errors = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        lines = errors.strip().splitlines() or ["no message"]
        raise Missing(f"{os.path.basename(command[0])} ended with {process.returncode}: {lines[-1]}")
    return seconds, peak, usage.ru_utime + usage.ru_stime


class Bench:
    def __init__(self, options):
        self.options = options
        self.figures = {}
        self.gatetop = [options.gatetop, "--kubeconfig", f"{options.work}/admin.conf"]
        context = ssl.create_default_context(cafile=f"{options.work}/ca.crt")
        context.load_cert_chain(f"{options.work}/admin.crt", f"{options.work}/admin.key")
        host = options.server.split("//")[1]
        self.api = http.client.HTTPSConnection(host, context=context)

    def request(self, method, path, body=None, kind="application/json"):
        self.api.request(method, path, body and json.dumps(body), {"Content-Type": kind})
        answer = self.api.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Missing(f"{method} {path}: {answer.status}")
        return json.loads(text)

    def figure(self, names, measure):
        """Runs one measurement; what it cannot have is written with the reason."""
        try:
            values = measure()
        except (Missing, OSError, http.client.HTTPException, ValueError) as error:
            values = [{"missing": str(error) or type(error).__name__}] * len(names)
        self.figures.update(zip(names, values))
        print(f"# {self.options.apps}: " + ", ".join(
            f"{name} {self.figures[name]}" for name in names), file=sys.stderr, flush=True)

    def curl_config(self, server=None):
        """curl under another name: to its own a server sends JSON with indentation, twice as long."""
        path = f"{self.options.work}/curl.conf"
        server = server or self.options.server
        common = [f'cacert = "{self.options.work}/ca.crt"', f'cert = "{self.options.work}/admin.crt"',
                  f'key = "{self.options.work}/admin.key"', 'user-agent = "bench"', "compressed",
                  "fail", 'output = "/dev/null"']
        parts = [[f'url = "{server}{url}"'] + common for url in WATCHED]
        parts.append([f'url = "{server}{SECRETS}"', f'header = "Accept: {METADATA}"']
                     + common)
        with open(path, "w", encoding="ascii") as file:
            file.write("parallel\n" + "\nnext\n".join("\n".join(part) for part in parts) + "\n")
        return path

    @staticmethod
    def warm(config):
        """The server answers 429 for a kind until its watch cache has been filled, on first demand."""
        end = time.monotonic() + 60
        while True:
            try:
                run(["curl", "-K", config])
                return
            except Missing:
                if time.monotonic() > end:
                    raise

    def spread(self, name, values):
        """The median; the smallest and the largest are kept for the page."""
        self.figures[name + " spread"] = [min(values), max(values)]
        return statistics.median(values)

    def sync(self, aged=""):
        """gatetop and curl in turn, so that all see the same machine; medians."""
        config = self.curl_config()
        self.warm(config)
        curl, status, apps = [], [], []
        for _ in range(RUNS):
            curl.append(run(["curl", "-K", config]))
            status.append(run(self.gatetop + ["get", "status", "-o", "json"]))
            apps.append(run(self.gatetop + ["get", "apps", "-o", "name"]))
        medians = [self.spread(aged + name, [part[0] for part in parts])
                   for name, parts in (("curl sync", curl), ("sync", status), ("get apps", apps))]
        return (*medians, medians[1] / medians[0], medians[2] / medians[0],
                self.spread(aged + "sync cpu", [cpu for _, _, cpu in status]),
                max(peak for _, peak, _ in status) / 2**20, max(peak for _, peak, _ in curl) / 2**20)

    def kubectl(self):
        samples = [run([self.options.kubectl, "--kubeconfig", f"{self.options.work}/admin.conf",
                        "get", "virtualservices", "-A"]) for _ in range(3)]
        return (self.spread("kubectl", [seconds for seconds, _, _ in samples]),
                max(peak for _, peak, _ in samples) / 2**20)

    def key_bytes(self):
        """One `j` on a screen of 80x24."""
        screen = Dashboard(self.gatetop + ["apps", "--no-probe"], columns=80, lines=24)
        try:
            screen.until(rb"app-\d{5}", 60)
            screen.quiet(2)
            sizes = [screen.answer(lambda: screen.keys(b"j"))[1] for _ in range(10)]
        finally:
            screen.close()
        return [statistics.median(sizes)]

    @staticmethod
    def first_screen(command):
        times = []
        for _ in range(3):
            screen = Dashboard(command + ["apps"])
            try:
                times.append(screen.until(rb"app-\d{5}", 60))
            finally:
                screen.close()
        return [statistics.median(times)]

    def dashboard(self, dns):
        """One long look at a dashboard that has everything; each part may fail by itself.

        With DNS it asks for names that exist nowhere, all the time.
        """
        screen = Dashboard(self.gatetop + ["apps"] + ([] if dns else ["--no-probe"]))
        name = "dns " if dns else ""
        try:
            screen.until(rb"app-\d{5}", 60)
            if dns:
                self.idle(screen)  # there are answers all the time
            else:
                screen.quiet(3)
            self.figure([name + "memory"], lambda: [peak_memory(screen.pid) / 2**20])
            self.figure([name + "idle cpu", name + "idle bytes"], lambda: self.idle(screen))
            self.figure([name + "key p50", name + "key p99"], lambda: self.keys(screen))
            self.figure([name + part for part in ("change p50", "change p99", "change bytes")],
                        lambda: self.changes(screen))
            self.figure([name + "memory after changes"], lambda: [peak_memory(screen.pid) / 2**20])
        finally:
            quit_seconds = screen.close()
        if quit_seconds is None:
            raise Missing("q did not end the dashboard within 3 s")
        return [quit_seconds]

    def slow_link(self):
        """The same over 80 ms and 1 MB/s: (curl, get status, their ratio, first rows)."""
        here = os.path.dirname(os.path.abspath(__file__))
        line = subprocess.Popen([sys.executable, f"{here}/slowlink.py", self.options.server.rsplit(":", 1)[1], *SLOW],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            return self.over(f"https://127.0.0.1:{int(line.stdout.readline())}")
        except ValueError as error:
            raise Missing("the slow link did not start") from error
        finally:
            line.stdin.close()
            line.wait()

    def over(self, server):
        """(curl, get status, their ratio, first rows) with the server at another address."""
        with open(f"{self.options.work}/admin.conf", encoding="ascii") as file:
            text = file.read()
        config = f"{self.options.work}/slow.conf"
        with open(config, "w", encoding="ascii") as file:
            file.write(text.replace(self.options.server, server))
        gatetop = [self.options.gatetop, "--kubeconfig", config]
        curl, status = [], []
        for _ in range(3):
            curl.append(run(["curl", "-K", self.curl_config(server)])[0])
            status.append(run(gatetop + ["get", "status"])[0])
        seconds, least = self.spread("slow sync", status), self.spread("slow curl", curl)
        return least, seconds, seconds / least, self.first_screen(gatetop)[0]

    def storm(self):
        """A simulated server that changes as often as is wished; each rate may fail by itself."""
        config = f"{self.options.work}/storm.conf"
        server = subprocess.Popen([self.options.storm, config, str(self.options.apps)], text=True,
                                  bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if server.stdout.readline() != "ready\n":
            raise Missing("the simulated server did not start")
        screen = Dashboard([self.options.gatetop, "apps", "--kubeconfig", config, "--no-probe"])
        try:
            screen.until(rb"app-\d{5}", 60)
            screen.quiet(3)
            screen.keys(b"/app-00000\r")
            screen.quiet(0.5)
            for rate, seconds in STORM.items():
                self.figure([f"storm {rate} {what}" for what in ("p99", "cpu", "growth", "made")],
                            lambda: self.stormy(server, screen, rate, seconds))
        finally:
            quit_seconds = screen.close()
            server.stdin.close()
            server.wait()
        if quit_seconds is None:
            raise Missing("q did not end the dashboard within 3 s")
        return [quit_seconds]

    @staticmethod
    def stormy(server, screen, rate, seconds):
        """(99th percentile of change to screen, share of a core, growth of memory in MB, changes a second)"""
        def ask(command):
            server.stdin.write(command + "\n")
            return float(server.stdout.readline())

        server.stdin.write(f"rate {rate}\n")
        screen.quiet(0.2)
        made = ask("made")
        start, before, memory = time.monotonic(), cpu_seconds(screen.pid), peak_memory(screen.pid)
        times = []
        while time.monotonic() - start < seconds:
            screen.quiet(0.05)
            at = ask("change")
            if not screen.read(5):
                raise Missing(f"at {rate} changes a second one is not on the screen after 5 s")
            times.append(time.monotonic() - at)
        lasted = time.monotonic() - start
        share = (cpu_seconds(screen.pid) - before) / lasted * 100
        return (percentile(times, 99), share, (peak_memory(screen.pid) - memory) / 2**20,
                (ask("made") - made) / lasted)

    @staticmethod
    def idle(screen):
        seconds = 20
        start, before, count = time.monotonic(), cpu_seconds(screen.pid), 0
        while (left := start + seconds - time.monotonic()) > 0:
            count += len(screen.read(left))
        return (cpu_seconds(screen.pid) - before) / seconds * 100, count

    @staticmethod
    def keys(screen):
        times = [screen.answer(lambda: screen.keys(key))[0] for key in [b"j", b"k"] * 100]
        return percentile(times, 50), percentile(times, 99)

    def changes(self, screen):
        """One row on the screen; its rules lead to a service that is there and to none in turn."""
        screen.keys(b"/app-00000")
        screen.quiet(0.5)
        screen.keys(b"\r")
        screen.quiet(0.5)
        path = "/apis/networking.istio.io/v1/namespaces/team-0000/virtualservices/app-00000"
        rules = self.request("GET", path)["spec"]["http"]
        text = json.dumps(rules)
        broken = json.loads(text.replace('"host": "app-00000"', '"host": "nowhere"'))
        if broken == rules:
            raise Missing("the rules of app-00000 name no destination app-00000")
        times, sizes = [], []
        for i in range(200):
            body = {"spec": {"http": rules if i % 2 else broken}}
            seconds, size = screen.answer(
                lambda: self.request("PATCH", path, body, "application/merge-patch+json"))
            times.append(seconds)
            sizes.append(size)
        return percentile(times, 50), percentile(times, 99), statistics.median(sizes)

    def version_start(self):
        times = {"gatetop": [], "curl": []}
        for _ in range(50):
            times["gatetop"].append(run([self.options.gatetop, "--version"])[0])
            times["curl"].append(run(["curl", "--version"])[0])
        return statistics.median(times["gatetop"]), statistics.median(times["curl"])

    def all(self):
        self.figure(SYNC, self.sync)
        self.figure(["kubectl", "kubectl memory"], self.kubectl)
        self.figure(["version", "curl version"], self.version_start)
        self.figure(["first screen"], lambda: self.first_screen(self.gatetop))
        self.figure(["j bytes"], self.key_bytes)
        self.figure(["slow curl", "slow sync", "slow ratio", "slow first screen"], self.slow_link)
        self.figure(["quit"], lambda: self.dashboard(False))
        self.figure(["dns quit"], lambda: self.dashboard(True))
        self.figure(["storm quit"], self.storm)

    def aged(self):
        self.figure([f"aged {name}" for name in SYNC], lambda: self.sync("aged "))


def first_line(command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")[0]


def facts_of(bench):
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cpu": model[1] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "kube-apiserver": bench.request("GET", "/version")["gitVersion"],
        "gatetop": first_line([bench.options.gatetop, "--version"]),
        "curl": " ".join(first_line(["curl", "--version"]).split()[:2]),
        "kubectl": first_line([bench.options.kubectl, "version", "--client"]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, required=True)
    parser.add_argument("--aged", metavar="AGE")
    for name in ("gatetop", "kubectl", "storm", "work", "server", "out"):
        parser.add_argument(f"--{name}", required=True)
    bench = Bench(parser.parse_args())
    facts = facts_of(bench)
    try:
        if bench.options.aged:
            bench.aged()
        else:
            bench.all()
    finally:  # what was measured is worth keeping
        facts["load"] = os.getloadavg()[0]
        with open(bench.options.out, "w", encoding="ascii") as file:
            json.dump({"apps": bench.options.apps, "age": bench.options.aged, "facts": facts, "figures": bench.figures},
                      file)


if __name__ == "__main__":
    main()
