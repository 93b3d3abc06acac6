"""Redirects of tracked links, and the clicks they count: `python -m benchmarks.links`.

First as many redirects as one process gives, on 64 connections, to 20,000 links of 1,000 people, each opened by a
telephone; fsync on; load, server and database share the machine. Every 302 must be one click in the database and in the
statistics. Then the server is killed under load, again and again: every click whose redirect was answered must be there
once. Not covered: a power cut, a full disk, several nodes.
"""

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from typing import Any, cast
from uuid import UUID

import psycopg
import uvloop

from benchmarks.ingest import serve_environment
from benchmarks.stage import KEPT, ROOT, Stage, await_answer, free_port, running, staged
from botfolk.links.codes import new_code

PROMISED_PER_SECOND = 2_000
PEOPLE = 1_000
LINKS = 20

_LINKS = """
INSERT INTO links (bot_id, id, user_id, message_id, code, url)
SELECT m.bot_id, gen_random_uuid(), m.user_id, m.id, c.code, 'https://shop.example/offer/' || c.code
FROM unnest(%s::text[]) WITH ORDINALITY c (code, n)
JOIN messages m ON m.id = ('018f0000-0000-7000-b000-' || lpad(to_hex(c.n %% %s), 12, '0'))::uuid
"""


def main() -> None:
    """Measure, kill, print; exits with 1 when a promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--load", type=int, default=0, help="run the load alone, against this port")
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.load:
        codes = sys.stdin.read().split()
        load = Load(arguments.load, codes, arguments.first)
        print(json.dumps(uvloop.run(load.run(arguments.seconds, arguments.connections))))
        return
    with staged(f"links_{PEOPLE}", PEOPLE, _fill) as stage:
        fast = _measure(stage, arguments)
    with staged(f"links_{PEOPLE}", PEOPLE, _fill) as stage:
        whole = _kill(stage, arguments.kills)
    sys.exit(0 if fast and whole else 1)


def _fill(connection: "psycopg.Connection[Any]", bot_id: UUID, channel_id: UUID) -> None:
    connection.execute(_LINKS, [[new_code() for _ in range(PEOPLE * LINKS)], PEOPLE])


class Load:
    """A load of telephones that open links; each click names itself in its agent."""

    def __init__(self, port: int, codes: list[str], first: int) -> None:
        self.port, self.codes, self.number = port, codes, first
        self.answered: list[int] = []
        self.seconds: list[float] = []
        self.refused = 0

    async def run(self, seconds: float, connections: int) -> dict[str, object]:
        """Open links for some seconds; return what came of it, times in milliseconds."""
        deadline = began = time.perf_counter()
        deadline += seconds
        await asyncio.gather(*(self._open(deadline) for _ in range(connections)))
        took, spent = time.perf_counter() - began, sorted(self.seconds)
        return {
            "answered": self.answered,
            "refused": self.refused,
            "per_second": round(len(self.answered) / took, 1),
            "p50_ms": round(spent[len(spent) // 2] * 1000, 2) if spent else 0,
            "p99_ms": round(spent[int(len(spent) * 0.99)] * 1000, 2) if spent else 0,
        }

    async def _open(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        while time.perf_counter() < deadline:
            try:
                transport, caller = await loop.create_connection(lambda: _Caller(self), "127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            while time.perf_counter() < deadline and not transport.is_closing():
                self.number += 1
                number, since = self.number, time.perf_counter()
                status = await caller.ask(random.choice(self.codes), number)
                if status == 302:
                    self.answered.append(number)
                    self.seconds.append(time.perf_counter() - since)
                elif status:
                    self.refused += 1
                    await asyncio.sleep(0.02)
            transport.close()


class _Caller(asyncio.Protocol):
    """One connection; `ask` returns the status of the answer, 0 when the connection broke."""

    def __init__(self, load: Load) -> None:
        self._load, self._buffer = load, b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    async def ask(self, code: str, number: int) -> int:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(
            f"GET /l/{code} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n"
            "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0"
            f" Mobile Safari/537.36 click-{number}\r\n\r\n".encode()
        )
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end or self._answer is None:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        self._answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(0)


def _measure(stage: Stage, arguments: argparse.Namespace) -> bool:
    port, codes = free_port(), _codes(stage)
    with running(["botfolk.cli", "serve"], port, "/api/v1/health", serve_environment(stage, port)):
        warm = _load(port, codes, 1.5, arguments.connections, 0)
        found = _load(port, codes, arguments.seconds, arguments.connections, 10_000_000)
        answered = warm["answered"] + found["answered"]
        stored, since = _until_counted(stage, len(answered)), time.monotonic()
    doubled, lost, equal = _compare(stage, answered)
    print(f"{found['per_second']:,.0f} redirects/s in one process (promised {PROMISED_PER_SECOND:,})", end="")
    print(f", p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, refused {found['refused']}")
    print(f"302: {len(answered):,}, clicks stored: {stored:,}, lost: {lost}, doubled: {doubled}", end="")
    print(f", statistics {'equal' if equal else 'DIFFER'}, {time.monotonic() - since:.1f} s after the load")
    return bool(found["per_second"] >= PROMISED_PER_SECOND and not lost and not doubled and equal)


def _kill(stage: Stage, kills: int) -> bool:
    """Kill the server under load, so many times; compare what was answered with what is stored."""
    port, codes, answered = free_port(), _codes(stage), list[int]()
    environment = serve_environment(stage, port)
    for number in range(kills):
        with running(["botfolk.cli", "serve"], port, "/api/v1/health", environment) as server:
            load = _start(port, codes, random.uniform(0.5, 1.5) + 0.3, 32, (number + 1) * 1_000_000)
            time.sleep(random.uniform(0.5, 1.4))
            server.send_signal(signal.SIGKILL)
            server.wait()
            answered += _result(load)["answered"]
    with running(["botfolk.cli", "serve"], port, "/api/v1/health", environment) as server:
        await_answer(port, "/api/v1/health", server)
        _until_counted(stage, len(answered))
    doubled, lost, equal = _compare(stage, answered)
    left = sorted((KEPT / "data" / "clicks").glob("*.clicks"))
    print(f"kill -9: {kills}, 302: {len(answered):,}, lost: {lost}, doubled: {doubled}", end="")
    print(f", statistics {'equal' if equal else 'DIFFER'}, journals left: {len(left)}")
    return bool(answered and not lost and not doubled and equal and not left)


def _codes(stage: Stage) -> list[str]:
    with psycopg.connect(stage.dsn) as connection:
        return [code for (code,) in connection.execute("SELECT code FROM links").fetchall()]


def _start(port: int, codes: list[str], seconds: float, connections: int, first: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.links", "--load", str(port), "--seconds", str(seconds)]
    command += ["--connections", str(connections), "--first", str(first)]
    load = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert load.stdin is not None
    load.stdin.write(" ".join(codes))
    load.stdin.close()
    load.stdin = None
    return load


def _load(port: int, codes: list[str], seconds: float, connections: int, first: int) -> dict[str, Any]:
    return _result(_start(port, codes, seconds, connections, first))


def _result(load: "subprocess.Popen[str]") -> dict[str, Any]:
    output, _ = load.communicate()
    result: dict[str, Any] = json.loads(output)
    return result


def _until_counted(stage: Stage, most: int) -> int:
    """Wait until as many clicks are stored as were answered, or no more come for a while; return how many."""
    before, quiet = -1, 0
    with psycopg.connect(stage.dsn, autocommit=True) as connection:
        while quiet < 20:
            row = connection.execute("SELECT count(*) FROM clicks").fetchone()
            now = int(row[0]) if row else 0
            quiet = quiet + 1 if now == before else 0
            if now >= most and quiet >= 3:
                break
            before = now
            time.sleep(0.25)
    return before


def _compare(stage: Stage, answered: list[int]) -> tuple[int, int, bool]:
    """Return how many clicks are there twice, how many answered ones are not there, and whether the statistics are the
    sums of what is stored."""
    with psycopg.connect(stage.dsn) as connection:
        rows = connection.execute(
            "SELECT substring(agent from 'click-(\\d+)')::int, count(*) FROM clicks WHERE counted GROUP BY 1"
        ).fetchall()
        sums = connection.execute(
            """SELECT (SELECT sum(clicks) FROM user_stats) = (SELECT count(*) FROM clicks WHERE counted)
                 AND (SELECT sum(unique_clicks) FROM user_stats)
                     = (SELECT count(DISTINCT link_id) FROM clicks WHERE counted)"""
        ).fetchone()
    stored = {number for number, _ in rows}
    return sum(count > 1 for _, count in rows), len(set(answered) - stored), bool(sums and sums[0])


if __name__ == "__main__":
    main()
