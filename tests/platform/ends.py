#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing is left of a platform, however it ends; and one that cannot start says why.

usage: ends.py, from anywhere, as root. Ends with 'N passed, N failed'.
"""
import glob
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STATE = tempfile.mkdtemp(prefix="gatetop-platform-")
os.environ["GATETOP_PLATFORM"] = STATE


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def namespaces():
    """The namespaces of all processes: network, mounts, processes."""
    found = set()
    for path in glob.glob("/proc/[0-9]*/ns/*"):
        if os.path.basename(path) in ("net", "mnt", "pid"):
            try:
                found.add(os.readlink(path))
            except OSError:
                pass
    return found


def left():
    """What names the folder of the platform's state: processes, mounts, and the folder itself."""
    found = [f"process {p}" for p in glob.glob("/proc/[0-9]*")
             if STATE.encode() in read(p + "/cmdline") and p != f"/proc/{os.getpid()}"]
    if STATE.encode() in read("/proc/self/mountinfo"):
        found.append("a mount")
    if os.path.exists(STATE):
        found.append(f"the folder {STATE}")
    return found


def until(condition, what, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def start():
    def restore():
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell that starts us in the background ignores it
    return subprocess.Popen([f"{HERE}/up"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            preexec_fn=restore)


def started(part):
    return lambda: glob.glob(f"{STATE}/work/{part}.log")


def interrupted(number, part):
    """A signal while it starts."""
    up = start()
    until(started(part), f"{part} is started")
    up.send_signal(number)
    assert up.wait(30) != 0, "ended well"


def killed():
    """Its own processes are killed, and the command that started it as well."""
    up = start()
    until(started("apiserver"), "kube-apiserver is started")
    up.kill()
    up.wait(30)
    os.kill(int(read(f"{STATE}/pid")), signal.SIGKILL)
    until(lambda: all("process" not in p for p in left()), "its processes end with the first")
    subprocess.run([f"{HERE}/down"], check=True)


def broken():
    """A part that does not start: its name, and what it printed last."""
    real = subprocess.run([f"{HERE}/build"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        for name in os.listdir(real):
            os.symlink(f"{real}/{name}", f"{folder}/{name}")
        os.remove(f"{folder}/pebble")
        with open(f"{folder}/pebble", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho 'the moon is in the way'\nexit 1\n")
        os.chmod(f"{folder}/pebble", 0o755)
        os.environ["PLATFORM_BIN"] = folder
        up = start()
        said, _ = up.communicate(timeout=120)
        del os.environ["PLATFORM_BIN"]
    assert up.returncode == 1, f"exit {up.returncode}"
    assert "pebble did not start" in said and "the moon is in the way" in said, said


def no_root():
    """Without root there is one clear sentence."""
    tried = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"{HERE}/up"],
                           capture_output=True, text=True, check=False)
    assert tried.returncode == 77 and "needs root" in tried.stderr and tried.stderr.count("\n") == 1, tried


def main():
    """The kernel takes namespaces away a moment after the last process in them."""
    tests = [("no root", no_root), ("a broken part", broken), ("killed", killed),
             ("Ctrl-C at once", lambda: interrupted(signal.SIGINT, "network")),
             ("Ctrl-C later", lambda: interrupted(signal.SIGINT, "apiserver")),
             ("terminated", lambda: interrupted(signal.SIGTERM, "crds"))]
    passed = 0
    os.rmdir(STATE)
    before = namespaces()
    for name, test in tests:
        try:
            test()
            assert not left(), f"left: {left()}"
            until(lambda: not namespaces() - before, "its namespaces are gone", 20)
        except AssertionError as error:
            print(f"FAIL  {name}: {error}")
        else:
            print(f"ok    {name}")
            passed += 1
        subprocess.run([f"{HERE}/down"], check=False)
    print(f"{passed} passed, {len(tests) - passed} failed")
    sys.exit(passed != len(tests))


main()
