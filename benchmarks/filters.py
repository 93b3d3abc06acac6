"""Filters over 1,000,000 users: first pages and exact counts: `python -m benchmarks.filters`.

Beside each count stands the naive way: everybody's rows read into the program and compared there.
"""

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks.million import million
from botfolk.db.pool import Connection
from botfolk.filters import load_catalogue, match, parse, where
from botfolk.filters.person import load_people
from botfolk.users.counting import count, estimate
from botfolk.users.paging import list_ids

RUNS = 5
FILTERS = (
    "",
    "messages > 10",
    "last_message_at in the last 7 days",
    "tag = vip",
    'tag = "topic 17" and messages > 100',
    "country = malaysia",
    'country = "ΕΛΛΆΔΑ" and messages > 10 and last_message_at > 7 days ago',
    "score between 100 and 102",
    "newsletter = yes and plan = gold and not tag = vip",
    "code starts with abcde",
    "first_name contains dmi and last_name contains 77",
    "interests = books and average_sentiment > 0.3",
)


async def measured(connection: Connection, bot_id: UUID, text: str, sorts: tuple[str, ...]) -> list[str]:
    """Return a line of figures of a filter: pages by each order, count, estimate."""
    now = datetime.now(UTC)
    catalogue = await load_catalogue(connection, bot_id)
    asked = where(parse(text, catalogue), catalogue, now)

    async def page(sort: str) -> Any:
        return await list_ids(
            connection, bot_id, q=None, sort=sort, descending=True, limit=50, status="active",
            filter=asked if text else None, attributes=catalogue.attributes,
        )  # fmt: skip

    figures = [await _median(lambda sort=sort: page(sort), connection) for sort in sorts]
    number = await count(connection, bot_id, asked)
    figures.append(await _median(lambda: count(connection, bot_id, asked), connection))
    guess = await estimate(connection, bot_id, asked)
    figures.append(await _median(lambda: estimate(connection, bot_id, asked), connection))
    await connection.rollback()
    return [*(f"{figure:8.1f}" for figure in figures), f"{number:>9,}", f"{guess:>9,}"]


async def _median(work: Any, connection: Connection) -> float:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1000)
        await connection.rollback()
    return statistics.median(times)


async def naive(connection: Connection, bot_id: UUID, text: str, users: int) -> float:
    """Return how long it takes to count in the program, in ms, from a tenth of the users."""
    now = datetime.now(UTC)
    catalogue = await load_catalogue(connection, bot_id)
    asked = parse(text, catalogue)
    cursor = await connection.execute("SELECT id FROM users WHERE bot_id = %s LIMIT %s", [bot_id, users // 100])
    ids = [user_id for (user_id,) in await cursor.fetchall()]
    began = time.perf_counter()
    people = await load_people(connection, bot_id, ids)
    sum(match(asked, person, now, catalogue) for person in people.values())
    return (time.perf_counter() - began) * 1000 * 100


async def main() -> None:
    """Measure, and print."""
    if len(sys.argv) > 1:
        dsn = sys.argv[1]
        await _run(dsn, UUID(sys.argv[2]), 1_000_000)
        return
    with million(copied=False) as stage:
        await _run(stage.dsn, stage.bot_id, stage.users)


async def _run(dsn: str, bot_id: UUID, users: int) -> None:
    sorts = ("last_message_at", "name", "messages", "attributes.score")
    async with await Connection.connect(dsn, options="-c timezone=UTC") as connection:
        print("median of", RUNS, "in ms".ljust(52), *(f"{sort[-8:]:>8}" for sort in sorts), "   count estimate")
        for text in FILTERS:
            figures = await measured(connection, bot_id, text, sorts)
            print(f"{text or 'everyone':66}", *figures, flush=True)
        slow = await naive(connection, bot_id, FILTERS[5], users)
        print(f"{FILTERS[5]} counted in the program: {slow:,.0f} ms (from a hundredth of the users)")


if __name__ == "__main__":
    asyncio.run(main())
