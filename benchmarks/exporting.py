"""Export 1,000,000 users with eight attributes and three tags: `python -m benchmarks.exporting`.

Seventeen columns, straight into a file as `botfolk export` does it, in one process that also holds no more than a
portion; beside it the naive way of the same columns: a page of users at a time from the API's own reading, each written
by the csv module (a fiftieth of them, since it takes its time). Not covered: the job of the page, which also stores its
file in the database; a database larger than the memory.
"""

import argparse
import asyncio
import csv
import resource
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

from psycopg import AsyncConnection

from benchmarks.million import ATTRIBUTES, USERS, million
from benchmarks.stage import Stage
from botfolk.clock import utc_now
from botfolk.exports.exporting import Export
from botfolk.exports.snapshot import write_snapshot
from botfolk.users.read import User, get_users

PROMISED = 80_000
COLUMNS = ["id", "first_name", "last_name", "email", "phone", "tags", "created_at", "messages", "last_message_at"]
ALL = [*COLUMNS, *(f"attributes.{name}" for name in ATTRIBUTES)]
_PAGE = 200
AT_ONCE = 2
"""Connections, as `botfolk export` has them."""


def main() -> None:
    """Measure and print; exits with 1 when the promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--forms", default="csv,jsonl,xlsx")
    arguments = parser.parse_args()
    with million(arguments.users, copied=False) as stage:
        fastest = asyncio.run(_measure(stage, arguments.forms.split(",")))
    sys.exit(0 if fastest >= PROMISED else 1)


async def _measure(stage: Stage, forms: list[str]) -> float:
    connections = [
        await AsyncConnection.connect(stage.dsn, options="-c timezone=UTC -c jit=off") for _ in range(AT_ONCE)
    ]
    connection = connections[0]
    print(f"{'':24}{'users':>12}{'seconds':>10}{'users/s':>12}{'MB':>8}{'RSS MB':>9}")
    naive = await _naive(connection, stage, stage.users // 50)
    await connection.rollback()
    fastest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for form in forms:
            rate = await _export(connections, stage, form, Path(folder) / f"users.{form}")
            fastest = max(fastest, rate)
            print(f"{'':24}{rate / naive:.1f} × the naive way")
    print(f"promised {PROMISED:,} users/s; the fastest form {fastest:,.0f}")
    for connection in connections:
        await connection.close()
    return fastest


async def _export(connections: list[AsyncConnection], stage: Stage, form: str, path: Path) -> float:
    began = time.perf_counter()
    asked = Export(form=form, columns=ALL)
    done = await write_snapshot(connections, stage.bot_id, asked, path, utc_now(), lambda _done, _total: None)
    return _print(form, done, time.perf_counter() - began, path.stat().st_size)


def _print(name: str, users: int, seconds: float, size: int) -> float:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:24}{users:>12,}{seconds:>10.1f}{users / seconds:>12,.0f}{size / 1e6:>8.0f}{memory:>9.0f}", flush=True)
    return users / seconds


async def _naive(connection: AsyncConnection, stage: Stage, users: int) -> float:
    """Write users one by one, as a program does that pages through them."""
    began, after, done = time.perf_counter(), UUID(int=0), 0
    with tempfile.NamedTemporaryFile("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(ALL)
        while done < users:
            cursor = await connection.execute(
                "SELECT id FROM users WHERE bot_id = %s AND id > %s ORDER BY id LIMIT %s", [stage.bot_id, after, _PAGE]
            )
            ids = [row[0] for row in await cursor.fetchall()]
            if not ids:
                break
            found = await get_users(connection, stage.bot_id, ids, utc_now())
            for user_id in ids:
                writer.writerow(_row(found[user_id]))
            after, done = ids[-1], done + len(ids)
        file.flush()
        return _print("naive, a fiftieth", done, time.perf_counter() - began, Path(file.name).stat().st_size)


def _row(user: User) -> list[object]:
    fields = [user.id, user.first_name, user.last_name, user.email, user.phone, ", ".join(user.tags), user.created_at]
    values = [user.attributes.get(name) for name in ATTRIBUTES]
    return [*fields, user.stats.messages, user.stats.last_message_at, *values]


if __name__ == "__main__":
    main()
