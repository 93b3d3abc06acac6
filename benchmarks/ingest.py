"""Ingest against the naive version, in one run: `python -m benchmarks.ingest`.

Webhooks over HTTP on 64 connections, each answered after COMMIT with the reply queued, into a database with 100,000
users, fsync on; load generator, server and database share the machine. Rows in the database are counted against 2xx
answers. Not covered: late and edited messages, new users, several processes.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

import psycopg

from benchmarks.stage import KEPT, KEY, ROOT, SECRET, Stage, free_port, people, running

PROMISED_PER_SECOND = 4_000
PROMISED_RATIO = 15
PROMISED_P99_MS = 50


def main() -> None:
    """Run both and print them beside each other; exits with 1 when a promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    with people(arguments.users) as stage:
        naive = measure_naive(stage, arguments)
    with people(arguments.users) as stage:
        ours = measure_ours(stage, arguments)
    ratio = ours["per_second"] / naive["per_second"]
    print(f"{'':24}{'naive':>12}{'Botfolk':>12}")
    for name in ("per_second", "p50_ms", "p99_ms", "max_ms", "answered", "rows", "broken"):
        print(f"{name:24}{naive[name]:>12,}{ours[name]:>12,}")
    print(f"ratio {ratio:.1f} × (promised {PROMISED_RATIO})")
    print(f"{ours['per_second']:,.0f} messages/s (promised {PROMISED_PER_SECOND:,})")
    print(f"p99 {ours['p99_ms']} ms (promised {PROMISED_P99_MS})")
    counted = all(each["rows"] == each["statuses"].get("200") == each["answered"] for each in (naive, ours))
    print("every 2xx is one row in the database" if counted else "ROWS AND ANSWERS DIFFER")
    kept = ratio >= PROMISED_RATIO and ours["per_second"] >= PROMISED_PER_SECOND and ours["p99_ms"] <= PROMISED_P99_MS
    sys.exit(0 if kept and counted else 1)


def measure_ours(stage: Stage, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure the real server."""
    port = free_port()
    with running(["botfolk.cli", "serve"], port, "/api/v1/health", serve_environment(stage, port)):
        return _load(stage, port, arguments)


def serve_environment(stage: Stage, port: int) -> dict[str, str]:
    """Return what `botfolk serve` needs to run on a stage."""
    return {
        "BOTFOLK_DATABASE_URL": _url(stage.dsn),
        "BOTFOLK_PORT": str(port),
        "BOTFOLK_SECRET_KEY": KEY,
        "BOTFOLK_DATA_DIR": str(KEPT / "data"),
        "BOTFOLK_LOG_LEVEL": "warning",
    }


def measure_naive(stage: Stage, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure the naive version."""
    port = free_port()
    with running(["benchmarks.naive"], port, "/", {"NAIVE_DSN": stage.dsn, "NAIVE_PORT": str(port)}):
        return _load(stage, port, arguments)


def _load(stage: Stage, port: int, arguments: argparse.Namespace) -> dict[str, Any]:
    _call(stage, port, arguments, seconds=2.0, first_id=1)
    before = _rows(stage)
    result = _call(stage, port, arguments, seconds=arguments.seconds, first_id=10_000_000)
    result["rows"] = _rows(stage) - before
    result["statuses"] = {str(status): count for status, count in result["statuses"].items()}
    return result


def _call(stage: Stage, port: int, arguments: argparse.Namespace, *, seconds: float, first_id: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.load", "--port", str(port), "--path", f"/hooks/{stage.channel_id}"]
    command += ["--secret", SECRET, "--users", str(stage.users), "--connections", str(arguments.connections)]
    command += ["--seconds", str(seconds), "--first-id", str(first_id)]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    result: dict[str, Any] = json.loads(output)
    return result


def _rows(stage: Stage) -> int:
    with psycopg.connect(stage.dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM messages WHERE bot_id = %s AND direction = 'in'", [stage.bot_id]
        ).fetchone()
    assert row is not None
    return int(row[0])


def _url(dsn: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    return f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts.get('port', 5432)}"


if __name__ == "__main__":
    main()
