# SPDX-License-Identifier: Apache-2.0
"""A slow link: forwards TCP connections to a port with a round trip time and a byte rate.

usage: slowlink.py TARGET_PORT [--rtt MS] [--rate BYTES_A_SECOND]

All connections share one line, each direction has the whole rate. What a line queues is bounded, as it is in a modem, so
that the peer's windows and its choice of what to send next count. Nothing is lost on it. Writes its port once it
listens, and ends with its parent's pipe: when standard input closes.
"""
import argparse
import asyncio
import os
import socket
import sys
import time

QUEUED_MAX = 128 * 1024  # bytes that the line holds
PIECE = 8 * 1024


class Line:
    """One direction: bytes leave one after another at the rate, and arrive later by the delay."""

    def __init__(self, rate, delay):
        self.rate, self.delay, self.free = rate, delay, 0.0

    async def send(self, count):
        """Waits until there is room on the line; returns when the bytes will have arrived."""
        while (wait := self.free - time.monotonic() - QUEUED_MAX / self.rate) > 0:
            await asyncio.sleep(wait)
        self.free = max(self.free, time.monotonic()) + count / self.rate
        return self.free + self.delay


async def deliver(queue, writer):
    """Writes pieces when they arrive; None ends the connection."""
    try:
        while (item := await queue.get()) is not None:
            arrives, data = item
            await asyncio.sleep(max(0, arrives - time.monotonic()))
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # the other direction sees it, too
    writer.close()


async def carry(line, reader, writer):
    queue = asyncio.Queue()
    writing = asyncio.create_task(deliver(queue, writer))
    try:
        while not writing.done() and (data := await reader.read(PIECE)):
            queue.put_nowait((await line.send(len(data)), data))
    except ConnectionError:
        pass
    queue.put_nowait(None)
    await writing


def connect(port):
    """A socket that takes no more than the line does."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, QUEUED_MAX // 2)
    s.connect(("127.0.0.1", port))
    s.setblocking(False)
    return s


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=int)
    parser.add_argument("--rtt", type=float, default=80)
    parser.add_argument("--rate", type=float, default=1e6)
    options = parser.parse_args()
    up, down = (Line(options.rate, options.rtt / 2000) for _ in range(2))

    async def serve(reader, writer):
        await asyncio.sleep(options.rtt / 1000)  # TCP's handshake, which the kernel answers for us
        there, back = await asyncio.open_connection(sock=connect(options.target))
        await asyncio.gather(carry(up, reader, back), carry(down, there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        os._exit(0)  # nothing of what is under way is missed


asyncio.run(main())
