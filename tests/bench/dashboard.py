# SPDX-License-Identifier: Apache-2.0
"""The dashboard on a pseudo-terminal, for those who measure it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time


class Missing(Exception):
    """A figure that cannot be measured, and why."""


def peak_memory(pid):
    """VmHWM in bytes, or None when the process is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            found = re.search(r"VmHWM:\s+(\d+) kB", file.read())
            return int(found[1]) * 1024 if found else None
    except OSError:
        return None


def cpu_seconds(pid):
    """Time on a core of all threads that live, in seconds; the scheduler counts nanoseconds."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Dashboard:
    """gatetop on a pty."""

    def __init__(self, command, columns=120, lines=40):
        self.start = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            for name in ("LINES", "COLUMNS", "NO_COLOR"):
                os.environ.pop(name, None)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execv(command[0], command)

    def read(self, seconds):
        """The next bytes, or b"" when none come in time; Missing when the program has ended."""
        if not select.select([self.fd], [], [], max(0, seconds))[0]:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            raise Missing("the dashboard ended by itself")
        return data

    def until(self, pattern, seconds):
        """Time from the start to the first output that matches."""
        seen = b""
        while time.monotonic() - self.start < seconds:
            seen += self.read(0.1)
            if re.search(pattern, seen):
                return time.monotonic() - self.start
        text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b.", b" ", seen).split()
        raise Missing(f"no row on the screen after {seconds} s: " +
                      b" ".join(text[:12]).decode(errors="replace"))

    def quiet(self, seconds, limit=60):
        """Reads until nothing came for that long; returns the number of bytes."""
        count = 0
        end = time.monotonic() + limit
        while data := self.read(seconds):
            count += len(data)
            if time.monotonic() > end:
                raise Missing(f"the terminal was never quiet for {seconds} s")
        return count

    def answer(self, act, limit=5):
        """Does act() on a quiet screen: (time to the first byte, bytes until quiet again)."""
        self.quiet(0.05)
        start = time.monotonic()
        act()
        data = self.read(limit)
        seconds = time.monotonic() - start
        if not data:
            raise Missing(f"the screen did not change within {limit} s")
        return seconds, len(data) + self.quiet(0.05)

    def keys(self, text):
        os.write(self.fd, text)

    def close(self):
        """Quits with q; the time that took, None when it had to be killed."""
        start = time.monotonic()
        try:
            self.keys(b"q")
            while time.monotonic() - start < 3:
                self.read(0.1)
        except (Missing, OSError):
            pass
        gone, _ = os.waitpid(self.pid, os.WNOHANG)
        while not gone and time.monotonic() - start < 3:
            time.sleep(0.001)
            gone, _ = os.waitpid(self.pid, os.WNOHANG)
        seconds = time.monotonic() - start
        if not gone:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
        return seconds if gone else None
