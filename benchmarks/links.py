"""Redirects of tracked links, and the clicks they count: `python -m benchmarks.links`.

First as many redirects as one process gives, on 64 connections, to 20,000 links of 1,000 people, each opened by a
telephone; fsync on; load, server and database share the machine. Beside it, in the same run and under the same load,
what the web server alone gives, for an application that answers a redirect and nothing else. Every 302 must be one
click in the database and in the statistics. Then the server is killed under load, again and again: every click whose
redirect was answered must be there once. Not covered: a power cut, a full disk, several nodes.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

import psycopg
from msgspec import Struct

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
    arguments = parser.parse_args()
    _measure_bare(arguments)
    with staged(f"links_{PEOPLE}", PEOPLE, _fill) as stage:
        fast = _measure(stage, arguments)
    with staged(f"links_{PEOPLE}", PEOPLE, _fill) as stage:
        whole = _kill(stage, arguments.kills)
    sys.exit(0 if fast and whole else 1)


def _fill(connection: "psycopg.Connection[Any]", bot_id: UUID, channel_id: UUID) -> None:
    connection.execute(_LINKS, [[new_code() for _ in range(PEOPLE * LINKS)], PEOPLE])


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """An application that redirects and does nothing else."""
    headers = [(b"location", b"https://shop.example/offer/abc"), (b"content-length", b"0")]
    status = 200 if scope["path"] == "/" else 302
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _measure_bare(arguments: argparse.Namespace) -> None:
    port, codes = free_port(), [new_code() for _ in range(PEOPLE)]
    command = ["uvicorn", "benchmarks.links:bare", "--port", str(port), "--no-access-log", "--lifespan", "off"]
    with running(command, port, "/", {}) as server:
        _load(port, codes, 1.0, arguments.connections, 0)
        spent = _cpu_seconds(server.pid)
        found = _load(port, codes, arguments.seconds / 2, arguments.connections, 0)
        spent = _cpu_seconds(server.pid) - spent
    print(f"the web server alone: {found['per_second']:,.0f}/s, p50 {found['p50_ms']} ms", end="")
    print(f", CPU {spent / max(1, len(found['answered'])) * 1e6:.0f} µs")


def _measure(stage: Stage, arguments: argparse.Namespace) -> bool:
    port, codes = free_port(), _codes(stage)
    with running(["botfolk.cli", "serve"], port, "/api/v1/health", serve_environment(stage, port)) as server:
        warm = _load(port, codes, 1.5, arguments.connections, 0)
        spent = _cpu_seconds(server.pid)
        found = _load(port, codes, arguments.seconds, arguments.connections, 10_000_000)
        spent = _cpu_seconds(server.pid) - spent
        answered = warm["answered"] + found["answered"]
        stored, since = _until_counted(stage, len(answered)), time.monotonic()
    doubled, lost, equal = _compare(stage, answered)
    print(f"{found['per_second']:,.0f} redirects/s in one process (promised {PROMISED_PER_SECOND:,})", end="")
    print(f", p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, refused {found['refused']}")
    print(f"CPU of a redirect: server {spent / max(1, len(found['answered'])) * 1e6:.0f} µs", end="")
    print(f" (counting clicks included), load {found['cpu_us']:.0f} µs")
    print(f"302: {len(answered):,}, clicks stored: {stored:,}, lost: {lost}, doubled: {doubled}", end="")
    print(f", statistics {'equal' if equal else 'DIFFER'}, {time.monotonic() - since:.1f} s after the load")
    return bool(found["per_second"] >= PROMISED_PER_SECOND and not lost and not doubled and equal)


def _cpu_seconds(pid: int) -> float:
    """Return how long a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
            answered += load.result()["answered"]
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


class _Running(Struct):
    """A load that runs, and the file it writes what came of it to: more than a pipe holds."""

    process: "subprocess.Popen[bytes]"
    output: IO[bytes]

    def result(self) -> dict[str, Any]:
        """Wait for its end, and read."""
        with self.output:
            self.process.wait()
            self.output.seek(0)
            found: dict[str, Any] = json.load(self.output)
        return found


def _start(port: int, codes: list[str], seconds: float, connections: int, first: int) -> _Running:
    command = [sys.executable, "-m", "benchmarks.opening", "--port", str(port), "--seconds", str(seconds)]
    command += ["--connections", str(connections), "--first", str(first)]
    output = TemporaryFile()  # noqa: SIM115 - closed when it is read
    load = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=output)
    assert load.stdin is not None
    load.stdin.write(" ".join(codes).encode())
    load.stdin.close()
    return _Running(load, output)


def _load(port: int, codes: list[str], seconds: float, connections: int, first: int) -> dict[str, Any]:
    return _start(port, codes, seconds, connections, first).result()


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
