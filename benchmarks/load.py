"""A load of Telegram webhooks over plain sockets: so many connections, each sending its next message when the last is
answered. Run as a process of its own; prints one JSON object."""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from typing import cast

import uvloop

_TEXTS = (
    "hello, is anybody there?",
    "hahaha that is great 😂",
    "my order has not arrived and I am not happy",
    "terima kasih, sangat bagus",
    "ok",
    "when do you open tomorrow? I would like to come by with my family",
)


class Counts:
    """What came of the load."""

    def __init__(self, deadline: float, limit: int) -> None:
        self.deadline = deadline
        self.limit = limit
        self.started = 0
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.broken = 0

    def may_start(self) -> bool:
        """Say whether another message is to be sent."""
        if self.started >= self.limit or time.perf_counter() >= self.deadline:
            return False
        self.started += 1
        return True


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, counts: Counts, head: bytes, first_id: int, users: int, done: "asyncio.Future[None]") -> None:
        self._counts = counts
        self._head = head
        self._first_id = first_id
        self._users = users
        self._done = done
        self._buffer = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        counts = self._counts
        if not counts.may_start():
            self._transport.close()
            return
        number = self._first_id + counts.started
        chat = 1_000_000 + random.randrange(self._users)
        body = (
            f'{{"update_id":{number},"message":{{"message_id":{number % 2_000_000_000},'
            f'"from":{{"id":{chat},"is_bot":false,"first_name":"Person","last_name":"{chat}","language_code":"en"}},'
            f'"chat":{{"id":{chat},"first_name":"Person","last_name":"{chat}","type":"private"}},'
            f'"date":{int(time.time())},"text":{json.dumps(random.choice(_TEXTS))}}}}}'
        ).encode()
        self._began = time.perf_counter()
        self._transport.write(self._head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def data_received(self, data: bytes) -> None:
        """Read an answer, send the next message."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
        if len(self._buffer) < end + 4 + length:
            return
        self._counts.seconds.append(time.perf_counter() - self._began)
        self._counts.statuses[int(self._buffer[9:12])] += 1
        self._buffer = self._buffer[end + 4 + length :]
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self._counts.broken += error is not None
        if not self._done.done():
            self._done.set_result(None)


async def run(arguments: argparse.Namespace) -> dict[str, object]:
    """Run the load and return its counts; times in milliseconds."""
    loop = asyncio.get_running_loop()
    counts = Counts(time.perf_counter() + arguments.seconds, arguments.limit)
    head = (
        f"POST {arguments.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {arguments.secret}\r\n"
    ).encode()
    ends = []
    began = time.perf_counter()
    for _ in range(arguments.connections):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)

        def make(done: "asyncio.Future[None]" = done) -> Caller:
            return Caller(counts, head, arguments.first_id, arguments.users, done)

        await loop.create_connection(make, "127.0.0.1", arguments.port)
    await asyncio.gather(*ends)
    took = time.perf_counter() - began
    seconds = sorted(counts.seconds)

    def percentile(share: float) -> float:
        return round(seconds[min(len(seconds) - 1, int(len(seconds) * share))] * 1000, 2) if seconds else 0.0

    return {
        "answered": len(seconds),
        "statuses": dict(counts.statuses),
        "per_second": round(len(seconds) / took, 1),
        "p50_ms": percentile(0.50),
        "p99_ms": percentile(0.99),
        "max_ms": percentile(1.0),
        "broken": counts.broken,
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--limit", type=int, default=10**9)
    parser.add_argument("--first-id", type=int, default=1)
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
