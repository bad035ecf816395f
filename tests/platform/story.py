#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The story of the platform, step by step: what gatetop says is held against what the real clients find.

usage: story.py [STEP...]   inside of a fresh platform (tests/platform/run). Steps build on each other: those
before a named one run, too. Ends with 'N passed, N failed'.
"""
import os
import sys
import time
import traceback

from client import Facts, Failed, Follow, WORK, ZONE, api, apply, certificate, condition, expect, run, secret, until

HERE = os.path.dirname(os.path.abspath(__file__))
NAMESPACE = "jph-bookinfo-production"
# How long gatetop may take to show what is true, and how much earlier than our own look it may be.
SOON = float(os.environ.get("PLATFORM_SECONDS", "5"))
EARLY = 1.0


def story(name):
    with open(f"{HERE}/story/{name}.yaml", encoding="utf-8") as file:
        return file.read()


def issuer():
    """An Issuer in istio-system, registered with the ACME server."""
    bundle = run("base64", "-w0", f"{WORK}/ca.crt")
    issuers = Follow("issuers", key=("kind", "namespace", "name"))
    path = "/apis/cert-manager.io/v1/namespaces/istio-system/issuers/letsencrypt"
    apply(story("issuer").replace("@CA@", bundle))
    until(60, "the Issuer is Ready", lambda: condition(api(path)) == "True")
    ready = time.monotonic()
    until(SOON, lambda: f"gatetop's Issuer READY: {issuers.find(name='letsencrypt')}",
          lambda: (issuers.find(name="letsencrypt") or {}).get("state") == "READY")
    print(f"# issuer: READY {time.monotonic() - ready:.2f} s after the API said so")
    expect(issuers.find(name="letsencrypt")["server"] == "https://acme.platform.test:14000/dir", "another server")
    issuers.end()


STEPS = ["requested", "approved", "ordered", "presented", "propagating", "valid", "finalised", "stored"]


def in_order(rows):
    """Fails unless the steps of a Certificate became done one after the other and the next was always named."""
    done = 0
    for row in rows:
        states = [s["state"] for s in row["steps"]]
        expect([s["step"] for s in row["steps"]] == STEPS or not states, f"other steps: {row['steps']}")
        now = states.count("done") if states else (len(STEPS) if row["state"] == "READY" else 0)
        expect(states[:now] == ["done"] * now, f"steps out of order: {row['steps']}")
        expect(now >= done, f"a step went back: {row['steps']}")
        if states and done < now < len(STEPS):
            expect(states[now] in ("doing", "todo"), f"the next step is {states[now]}: {row['steps']}")
        done = max(done, now)
    return done


def wildcard():
    """A namespace and its certificate: ordered with DNS-01, and its Secret appears."""
    certificates = Follow("certificates", key=("namespace", "name"))
    facts = Facts(ready=lambda: condition(certificate(NAMESPACE)) == "True",
                  secret=lambda: secret("istio-system", f"{NAMESPACE}-certificate"))
    apply(story("namespace"))
    until(180, lambda: f"the Certificate is Ready: {certificates.find(name=NAMESPACE)}", lambda: not facts.waiting)
    until(SOON, lambda: f"gatetop's Certificate READY: {certificates.find(name=NAMESPACE)}",
          lambda: certificates.find(name=NAMESPACE)["state"] == "READY")
    rows = [(w, r) for w, _, r in certificates.history if r["name"] == NAMESPACE]
    # cert-manager takes the condition Issuing away a moment before it sets Ready: what is shown in between is short.
    between = [(w, n[0] - w, r) for (w, r), n in zip(rows, rows[1:]) if r["state"] == "NOT READY"]
    expect(all(lasted < 1 for _, lasted, _ in between), f"NOT READY: {between}")
    rows = [(w, r) for w, r in rows if r["state"] != "NOT READY"]
    seen = []
    for _, row in rows:
        what = f"{row['state']} {row['stage']}"
        if what not in seen[-1:]:
            seen.append(what)
    print("# certificate:", ", ".join(seen))
    first = next(w for w, r in rows if r["state"] == "READY")
    print(f"# certificate: READY {first - facts.when['ready']:.2f} s after the API said so")
    expect(first > facts.when["ready"] - EARLY, "READY before it was")
    expect(first > facts.when["secret"] - EARLY, "READY before there was a Secret")
    expect(in_order([r for _, r in rows]) >= 7, "not all steps were seen")
    # The minute that cert-manager waits is spent at the challenge; other stages may be too short to be seen.
    expect(any(s.endswith("challenge") for s in seen), f"stage challenge was not seen: {seen}")
    facts.end()
    certificates.end()


def troubles():
    """A name refused, an Issuer that is not there, a Secret deleted: gatetop says which, and sees the repair."""
    certificates = Follow("certificates", key=("namespace", "name"))

    def says(name, seen, states, word):
        until(60, f"{name} is to be seen", seen)
        start = time.monotonic()
        row = until(SOON, lambda: f"{name} {states} with {word!r}: {certificates.find(name=name)}",
                    lambda: (lambda r: r and r["state"] in states and word in r["reason"] and r)(
                        certificates.find(name=name)))
        print(f"# {name}: after {time.monotonic() - start:.2f} s {row['state']}: {row['reason']}")

    apply(story("refused"))
    says("refused", lambda: condition(certificate("refused"), "Issuing") == "False", ["FAILED"],
         f"refused.{ZONE}")
    says("no-issuer", lambda: certificate("no-issuer"), ["ISSUING", "STUCK", "NOT READY"], "letsencrypt-gone")
    before = secret("istio-system", f"{NAMESPACE}-certificate")["metadata"]["uid"]
    run("kubectl", "delete", "secret", "-n", "istio-system", f"{NAMESPACE}-certificate")
    says(NAMESPACE, lambda: condition(certificate(NAMESPACE), "Issuing") == "True", ["ISSUING", "NOT READY"], "")

    def another():
        now = secret("istio-system", f"{NAMESPACE}-certificate")
        return now and now["metadata"]["uid"] != before and condition(certificate(NAMESPACE)) == "True"
    until(180, "cert-manager issues again", another)
    until(SOON, lambda: f"READY again: {certificates.find(name=NAMESPACE)}",
          lambda: certificates.find(name=NAMESPACE)["state"] == "READY")
    certificates.end()


ALL = {"issuer": issuer, "wildcard": wildcard, "troubles": troubles}


def main():
    names = list(ALL)
    last = max((names.index(n) for n in sys.argv[1:]), default=len(names) - 1)
    passed = 0
    for name in names[:last + 1]:
        start = time.monotonic()
        try:
            ALL[name]()
        except Exception as error:  # whatever it is, the step failed
            text = str(error) if isinstance(error, Failed) else traceback.format_exc()
            print(f"FAIL  {name}: {ALL[name].__doc__}\n    " + text[:6000].replace("\n", "\n    "))
            print(f"{passed} passed, 1 failed")
            sys.exit(1)  # the steps after this one build on it
        passed += 1
        print(f"ok    {name} ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{passed} passed, 0 failed")


main()
