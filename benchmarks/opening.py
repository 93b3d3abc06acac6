"""A load of telephones that open tracked links over plain sockets, so many at a time, each its next when the last is
answered. Run as a process of its own, with the codes on its standard input; prints one JSON object."""

import argparse
import asyncio
import json
import random
import sys
import time
from functools import partial
from typing import cast

import uvloop


class Load:
    """A load of telephones that open links; each click names itself in its agent."""

    def __init__(self, port: int, codes: list[str], first: int) -> None:
        self.port, self.number = port, first
        self.requests = [_REQUEST % code.encode() for code in random.sample(codes, len(codes))]
        self.answered: list[int] = []
        self.seconds: list[float] = []
        self.refused = 0
        self.deadline = 0.0

    async def run(self, seconds: float, connections: int) -> dict[str, object]:
        """Open links for some seconds; return what came of it, times in milliseconds."""
        began, cpu = time.perf_counter(), time.process_time()
        self.deadline = began + seconds
        await asyncio.gather(*(self._open() for _ in range(connections)))
        took, spent = time.perf_counter() - began, sorted(self.seconds)
        return {
            "answered": self.answered,
            "refused": self.refused,
            "per_second": round(len(self.answered) / took, 1),
            "p50_ms": round(spent[len(spent) // 2] * 1000, 2) if spent else 0,
            "p99_ms": round(spent[int(len(spent) * 0.99)] * 1000, 2) if spent else 0,
            "cpu_us": round((time.process_time() - cpu) / max(1, len(spent)) * 1e6, 1),
        }

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        while time.perf_counter() < self.deadline:
            ended: asyncio.Future[None] = loop.create_future()
            try:
                await loop.create_connection(partial(_Caller, self, ended), "127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            await ended


_REQUEST = (
    b"GET /l/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n"
    b"User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0"
    b" Mobile Safari/537.36 click-"
)


class _Caller(asyncio.Protocol):
    """One connection: the next link is opened as soon as the last is answered, without a task or a future between, so
    that it is the server that is measured. `ended` is done when the connection is."""

    def __init__(self, load: Load, ended: "asyncio.Future[None]") -> None:
        self._load, self._ended = load, ended
        self._buffer = b""
        self._number, self._since = 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        load = self._load
        self._since = time.perf_counter()
        if self._since >= load.deadline:
            self._transport.close()
            return
        load.number += 1
        self._number = load.number
        self._transport.write(load.requests[load.number % len(load.requests)] + b"%d\r\n\r\n" % load.number)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end or len(rest) < (0 if head.endswith(b"content-length: 0") else _length(head)):
            self._buffer = data
            return
        self._buffer = b""
        load = self._load
        if head[9:12] == b"302":
            load.answered.append(self._number)
            load.seconds.append(time.perf_counter() - self._since)
            self._ask()
        else:
            load.refused += 1
            asyncio.get_running_loop().call_later(0.02, self._ask)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)


def _length(head: bytes) -> int:
    return int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--first", type=int, default=0, help="the number that names the first click")
    arguments = parser.parse_args()
    load = Load(arguments.port, sys.stdin.read().split(), arguments.first)
    print(json.dumps(uvloop.run(load.run(arguments.seconds, arguments.connections))))


if __name__ == "__main__":
    main()
