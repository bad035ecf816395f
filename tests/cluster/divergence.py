# SPDX-License-Identifier: Apache-2.0
"""Changes an API server's objects at random, and compares what a mirror of it holds with its own lists.

usage: divergence.py SERVER CA CERT KEY SEED MIRROR-COMMAND...
The mirror is that of mirror.c. Commands come on stdin, each is answered by one line:
  change N   N random changes: create, update, delete, delete and re-create  -> changed
  crd        removes a CRD with its objects, changes others, puts it back    -> changed
  compare    waits until the mirror holds exactly what the server lists      -> same KINDS OBJECTS
The same SEED makes the same changes. A server that is away is asked again until it is back. What differs
after two minutes is told on stderr, and the program ends with status 1.
"""
import http.client
import json
import random
import ssl
import subprocess
import sys
import time
import urllib.parse

NAMES = 40  # of each kind
PATIENCE = 120  # seconds
NAMESPACES = ("div-a", "div-b")
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

ISSUER = {"name": "o-1", "kind": "Issuer"}
HOST = "h-{0}.example.com"

# resource, group/version, kind, and what an object has beside its metadata, from two random numbers
KINDS = [
    ("namespaces", "v1", "Namespace", lambda a, b: {}),
    ("services", "v1", "Service", lambda a, b: {"spec": {"clusterIP": "None", "ports": [{"port": 80}]}}),
    # Gateways name secrets of even numbers: gatetop asks for those by name where no list has them.
    ("secrets", "v1", "Secret", lambda a, b: {"data": {"tls.crt": "eA==", "tls.key": "eA=="}}),
    ("gateways", "networking.istio.io/v1", "Gateway", lambda a, b: {"spec": {"servers": [
        {"hosts": [HOST.format(a)], "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
         "tls": {"mode": "SIMPLE", "credentialName": f"o-{b - b % 2}"}}]}}),
    ("virtualservices", "networking.istio.io/v1", "VirtualService", lambda a, b: {"spec": {
        "hosts": [HOST.format(a)], "gateways": [f"div-a/o-{b}"],
        "http": [{"route": [{"destination": {"host": f"o-{a}"}}]}]}}),
    ("destinationrules", "networking.istio.io/v1", "DestinationRule", lambda a, b: {"spec": {"host": f"o-{a}"}}),
    ("serviceentries", "networking.istio.io/v1", "ServiceEntry", lambda a, b: {"spec": {
        "hosts": [HOST.format(a)], "resolution": "DNS", "ports": [{"number": 443, "name": "tls"}]}}),
    ("certificates", "cert-manager.io/v1", "Certificate", lambda a, b: {"spec": {
        "secretName": f"o-{b}", "dnsNames": [HOST.format(a)], "issuerRef": ISSUER}}),
    ("certificaterequests", "cert-manager.io/v1", "CertificateRequest", lambda a, b: {"spec": {
        "request": "eA==", "issuerRef": ISSUER}}),
    ("issuers", "cert-manager.io/v1", "Issuer", lambda a, b: {"spec": {"selfSigned": {}}}),
    ("clusterissuers", "cert-manager.io/v1", "ClusterIssuer", lambda a, b: {"spec": {"selfSigned": {}}}),
    ("orders", "acme.cert-manager.io/v1", "Order", lambda a, b: {"spec": {
        "request": "eA==", "dnsNames": [HOST.format(a)], "issuerRef": ISSUER}}),
    ("challenges", "acme.cert-manager.io/v1", "Challenge", lambda a, b: {"spec": {
        "authorizationURL": "https://acme.example.com/a", "url": "https://acme.example.com/c", "dnsName": HOST.format(a),
        "issuerRef": ISSUER, "key": "k", "token": "t", "type": "DNS-01", "solver": {}}}),
]
CLUSTER_WIDE = ("namespaces", "clusterissuers")


def say(text):
    print(text, flush=True)


def root(version):
    return ("/apis/" if "/" in version else "/api/") + version


class Server:
    """One connection, opened again as often as it takes."""

    def __init__(self, url, ca, cert, key):
        self.address = urllib.parse.urlsplit(url).netloc
        self.tls = ssl.create_default_context(cafile=ca)
        self.tls.load_cert_chain(cert, key)
        self.connection = None

    def once(self, method, path, body, kind, accept):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(self.address, context=self.tls, timeout=20)
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, {"Content-Type": kind, "Accept": accept})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, method, path, body=None, kind="application/json", accept="application/json", ok=()):
        """The answer's status and document; asks again where the server is away or has no time."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                status, text = self.once(method, path, body, kind, accept)
                if status < 300 or status in ok:
                    return status, json.loads(text) if text.startswith(b"{") else None
                problem = f"{status} {text[:500]!r}"
                if status < 429:
                    end = 0
            except (OSError, http.client.HTTPException) as error:
                problem = repr(error)
                self.connection = None
            if time.monotonic() > end:
                sys.exit(f"{method} {path} {body}: {problem}")
            time.sleep(0.05)

    def wait(self, path, holds):
        end = time.monotonic() + PATIENCE
        while not holds(*self.ask("GET", path, ok=(404,))):
            if time.monotonic() > end:
                sys.exit(f"waited for {path} in vain")
            time.sleep(0.05)


class World:
    def __init__(self, server, seed):
        self.server = server
        self.random = random.Random(seed)
        self.there = {kind[0]: set() for kind in KINDS}
        for name in NAMESPACES:
            server.ask("POST", "/api/v1/namespaces", {"metadata": {"name": name}}, ok=(409,))
        for kind in KINDS:
            self.fill(kind)

    def fill(self, kind):
        for number in range(NAMES):
            if self.random.random() < 0.8:
                self.put(kind, number)

    def place(self, kind, number):
        """The collection of an object and its name."""
        resource, version = kind[0], kind[1]
        if resource in CLUSTER_WIDE:
            return f"{root(version)}/{resource}", f"div-o-{number}"
        return f"{root(version)}/namespaces/{NAMESPACES[number % 3 == 0]}/{resource}", f"o-{number}"

    def put(self, kind, number):
        """Creates or updates."""
        resource, version, name_of_kind, body = kind
        collection, name = self.place(kind, number)
        document = {"apiVersion": version, "kind": name_of_kind,
                    "metadata": {"name": name, "labels": {"r": str(self.random.randrange(10**9))}}}
        if self.random.randrange(60) == 0:
            document["metadata"]["annotations"] = {"long": "x" * 100000}  # an object of many TLS records
        document.update(body(self.random.randrange(NAMES), self.random.randrange(NAMES)))
        if resource == "secrets" and number not in self.there[resource]:
            document["type"] = "Opaque" if number % 4 == 1 else "kubernetes.io/tls"  # gatetop lists these
        update = ("PATCH", f"{collection}/{name}", document, "application/merge-patch+json")
        if number not in self.there[resource]:
            status, _ = self.server.ask("POST", collection, document, ok=(409,))
            if status == 409:  # there after all: the answer to a first try was lost
                self.server.ask(*update)
        elif self.server.ask(*update, ok=(404,))[0] == 404:
            sys.exit(f"{collection}/{name} is gone, and nobody deleted it")
        self.there[resource].add(number)

    def drop(self, kind, number):
        collection, name = self.place(kind, number)
        self.server.ask("DELETE", f"{collection}/{name}", ok=(404,))
        if kind[0] == "namespaces":  # nothing else here finalizes namespaces
            self.server.ask("PUT", f"{collection}/{name}/finalize",
                            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
                             "spec": {"finalizers": []}}, ok=(404,))
        self.there[kind[0]].discard(number)

    def change(self, count, without=None):
        for _ in range(count):
            kind = self.random.choice([kind for kind in KINDS if kind is not without])
            number, what = self.random.randrange(NAMES), self.random.randrange(20)
            if number in self.there[kind[0]] and what < 4:
                self.drop(kind, number)
                if what < 2:
                    self.put(kind, number)  # the same name with another uid
            else:
                self.put(kind, number)

    def crd(self):
        kind = self.random.choice([kind for kind in KINDS if "/" in kind[1]])
        name = f"{kind[0]}.{kind[1].split('/')[0]}"
        collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        _, crd = self.server.ask("GET", f"{collection}/{name}")
        self.server.ask("DELETE", f"{collection}/{name}", ok=(404,))
        self.server.wait(f"{collection}/{name}", lambda status, _: status == 404)
        self.there[kind[0]].clear()
        self.change(30, without=kind)
        crd["metadata"] = {"name": name}
        crd.pop("status")
        self.server.ask("POST", collection, crd, ok=(409,))
        self.server.wait(f"{root(kind[1])}/{kind[0]}", lambda status, _: status == 200)
        self.fill(kind)
        return name


def held(mirror):
    """What the mirror holds: of each resource its line and its objects' versions."""
    mirror.stdin.write("tell\n")
    mirror.stdin.flush()
    kinds = []
    while True:
        line = mirror.stdout.readline()
        if not line:
            sys.exit("the mirror has ended")
        what, *fields = line.rstrip("\n").split("\t")
        if what == ".":
            return kinds
        if what == "kind":
            kinds.append((fields, {}))
        else:
            namespace, name, uid, version = fields
            kinds[-1][1][namespace, name] = (uid, version)


def listed(server, fields):
    """The server's own list of a kind of the mirror; None where it has no such kind."""
    resource, group, version, _, _, selector, _ = fields
    path = root(f"{group}/{version or 'v1'}".lstrip("/")) + "/" + resource
    if selector:
        path += "?fieldSelector=" + urllib.parse.quote(selector)
    status, document = server.ask("GET", path, accept=METADATA, ok=(404,))
    if status == 404:
        return None
    return {(m.get("namespace", ""), m["name"]): (m["uid"], m["resourceVersion"])
            for m in (item["metadata"] for item in document["items"] or [])} # null: an empty list


def differences(kinds, server, lists):
    for fields, objects in kinds:
        resource, _, _, state, whole, _, reason = fields
        key = tuple(fields[:3])
        if key not in lists:
            lists[key] = listed(server, fields)
        if (state, whole) != ("live", "yes") if lists[key] is not None else state != "not-installed":
            yield f"{resource}: {state}, whole: {whole}, {reason}"
        there = lists[key] or {}
        for name in sorted(there.keys() | objects.keys()):
            if there.get(name) != objects.get(name):
                yield f"{resource} {name}: server {there.get(name)}, gatetop {objects.get(name)}"


def compare(server, mirror):
    end = time.monotonic() + PATIENCE
    lists = {}
    while True:
        kinds = held(mirror)
        different = list(differences(kinds, server, lists))
        if kinds and not different:
            return len(kinds), sum(len(objects) for _, objects in kinds)
        if time.monotonic() > end:
            sys.exit("\n".join([f"{len(different)} differences:", *different[:40]]))
        time.sleep(0.05)


def main():
    url, ca, cert, key, seed, *command = sys.argv[1:]
    server = Server(url, ca, cert, key)
    world = World(server, int(seed))
    mirror = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    say("ready")
    for line in sys.stdin:
        what, *count = line.split()
        if what == "change":
            world.change(int(count[0]))
            say("changed")
        elif what == "crd":
            print("crd", world.crd(), file=sys.stderr)
            say("changed")
        elif what == "compare":
            say("same %d %d" % compare(server, mirror))
    mirror.stdin.close()
    sys.exit(mirror.wait())


main()
