# SPDX-License-Identifier: Apache-2.0
"""What the story sees the platform with: the API, and gatetop's rows as they change.

Runs inside of the platform (tests/platform/in), which sets KUBECONFIG and PLATFORM_WORK.
"""
import json
import os
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

WORK = os.environ["PLATFORM_WORK"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GATETOP = os.environ.get("GATETOP", os.path.join(ROOT, "gatetop"))
ZONE = "lead.sandbox.liatr.io"


class Failed(Exception):
    """Something is not as it has to be."""


def expect(true, message):
    if not true:
        raise Failed(message)


def run(*command, stdin=None, timeout=60, check=True):
    """What a command prints; it has to end with 0 where check is true."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def kubectl(*arguments, stdin=None, timeout=60):
    return run("kubectl", *arguments, stdin=stdin, timeout=timeout)


def apply(text):
    return kubectl("apply", "-f", "-", stdin=text)


def until(seconds, what, condition):
    """Tries until condition() is true; its value. `what` says what never came, or is called to say it."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.05)


def _connect():
    config = open(os.environ["KUBECONFIG"], encoding="utf-8").read()
    context = ssl.create_default_context(cafile=f"{WORK}/ca.crt")
    context.load_cert_chain(f"{WORK}/admin.crt", f"{WORK}/admin.key")
    return config.split('server: "')[1].split('"')[0], context


_SERVER, _TLS = _connect()


def api(path):
    """The object at a path of the API server; None where there is none."""
    try:
        with urllib.request.urlopen(_SERVER + path, context=_TLS, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise
    except OSError:
        return None


def secret(namespace, name):
    return api(f"/api/v1/namespaces/{namespace}/secrets/{name}")


def certificate(name, namespace="istio-system"):
    return api(f"/apis/cert-manager.io/v1/namespaces/{namespace}/certificates/{name}")


def condition(thing, kind="Ready"):
    """The status of a condition; None without it."""
    found = (thing or {}).get("status", {}).get("conditions", [])
    return next((c["status"] for c in found if c["type"] == kind), None)


class Follow:
    """`gatetop get VIEW -o json -w`: the rows as they are now, and when each became what it was."""

    def __init__(self, view, *options, key=("namespace", "host", "name")):
        self.key = lambda row: tuple(str(row.get(k)) for k in key)
        self.rows = {}
        self.history = []  # (when, type, row)
        self.process = subprocess.Popen(
            [GATETOP, "get", view, "-o", "json", "-w", *options], stdout=subprocess.PIPE,
            stderr=open(f"{WORK}/follow-{view}.err", "ab"), text=True)
        self.lock = threading.Lock()
        self.started = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        expect(self.started.wait(60), f"gatetop get {view} -w printed no first document")

    def _take(self, kind, row):
        with self.lock:
            self.history.append((time.monotonic(), kind, row))
            if kind == "DELETED":
                self.rows.pop(self.key(row), None)
            else:
                self.rows[self.key(row)] = row

    def _read(self):
        first = ""
        for line in self.process.stdout:
            if self.started.is_set():
                change = json.loads(line)
                self._take(change["type"], change["object"])
                continue
            first += line
            try:
                document = json.loads(first)
            except ValueError:
                continue
            for row in document["items"]:
                self._take("ADDED", row)
            self.started.set()

    def find(self, **fields):
        """The first row with these fields; None without one."""
        with self.lock:
            rows = list(self.rows.values())
        return next((r for r in rows if all(r.get(k) == v for k, v in fields.items())), None)

    def end(self):
        self.process.terminate()
        self.process.wait(10)


class Facts:
    """When each of several facts became true, by the real clients; looked at all the time in a thread."""

    def __init__(self, **facts):
        self.waiting = facts
        self.when = {}
        self.running = True
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        while self.running and self.waiting:
            for name, true in list(self.waiting.items()):
                if true():
                    self.when[name] = time.monotonic()
                    del self.waiting[name]
            time.sleep(0.05)

    def end(self):
        self.running = False
        self.thread.join(20)
