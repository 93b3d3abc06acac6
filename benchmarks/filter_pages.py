"""Pages of the list of 1,000,000 users, filtered and sorted: `python -m benchmarks.filter_pages`.

Of each filter and order the first page, and pages after users chosen by chance, as the Users page asks for them: with
everybody in memory, of whom some have changed just before; the first page by the database alone stands beside. Clock,
and the processor's time in this process. Not covered: the rows of the page, and drawing it (`benchmarks.opening`).
"""

import asyncio
import random
import statistics
import sys
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from msgspec import Struct

from benchmarks.filters import FILTERS, Stand, change, p95_of, remembered, times_of
from botfolk.counts.asking import naming
from botfolk.counts.contract import Walk
from botfolk.db.cursors import pack
from botfolk.filters import Catalogue, Filter, load_catalogue, parse, where
from botfolk.users.ordering import order_of
from botfolk.users.paging import Ids, list_ids

RUNS, LIMIT = 3, 50
PROMISED_MS = 60
SORTS = (
    "last_message_at", "messages", "attributes.score", "attributes.signed_up", "name", "first_name",
    "attributes.country", "tags",
)  # fmt: skip


class Measured(Struct):
    """How long pages took, in ms."""

    first: list[float]
    later: list[float]
    sql: float
    cpu: float


async def page(
    stand: Stand, filter: Filter, there: Catalogue, sort: str, after: str | None = None, *, by_memory: bool
) -> Ids:
    """Return a page of the list."""
    now = datetime.now(UTC)
    name = naming(stand.counts, stand.bot_id, filter, "active", there, now)
    return await list_ids(
        stand.connection, stand.bot_id, q=None, sort=sort, descending=True, limit=LIMIT, status="active", after=after,
        filter=where(filter, there, now) if filter else None, attributes=there.attributes,
        name=name if by_memory else None,
    )  # fmt: skip


async def measured(stand: Stand, filter: Filter, there: Catalogue, sort: str) -> Measured:
    """Measure pages of a filter in an order."""
    [sql] = await times_of(lambda: page(stand, filter, there, sort, by_memory=False), stand, 1)
    of: dict[bool, list[float]] = {True: [], False: []}
    spent = 0.0
    for number in range(2 * RUNS):
        is_first = number % 2 == 0
        after = None if is_first else await _somewhere(stand, there, sort)
        await change(stand)
        used = time.process_time()
        asked = partial(page, stand, filter, there, sort, after, by_memory=True)
        of[is_first] += await times_of(asked, stand, 1)
        spent += time.process_time() - used
    return Measured(of[True], of[False], sql, spent * 1000 / (2 * RUNS))


async def _somewhere(stand: Stand, there: Catalogue, sort: str) -> str:
    """Return the cursor of a page after somebody."""
    order = order_of(sort, there.attributes)
    query = f"""SELECT {order.expression}, u.id FROM users u JOIN user_stats s ON s.bot_id = u.bot_id
        AND s.user_id = u.id WHERE u.bot_id = %(bot)s AND u.id = %(who)s"""  # noqa: S608
    given: dict[str, Any] = {"bot": stand.bot_id, "who": random.choice(stand.people), "attribute": order.attribute}
    row = await (await stand.connection.execute(query.encode(), given)).fetchone()
    assert row is not None
    await stand.connection.rollback()
    return pack(sort, True, *row)


async def _learn(stand: Stand, there: Catalogue, sort: str) -> None:
    """Ask for an order, and wait until it is in memory."""
    began = time.perf_counter()
    name = naming(stand.counts, stand.bot_id, None, "active", there, datetime.now(UTC))
    while await name(Walk(sort=sort, descending=True, is_back=False, key=None, most=LIMIT)) is None:
        await asyncio.sleep(0.1)
    print(f"in the order of {sort} {time.perf_counter() - began:.1f} s after it was asked for")


async def main() -> None:
    """Measure, and print; exits with 1 when the promise is not kept."""
    every: dict[str, list[float]] = {}
    async with remembered() as (stand, _):
        there = await load_catalogue(stand.connection, stand.bot_id)
        await stand.connection.rollback()
        for sort in SORTS:
            await _learn(stand, there, sort)
        print(f"{'a page, in ms':66} {'by':20} {'first':>7} {'later':>7} {'most':>7} {'CPU':>6} {'SQL':>8}")
        for text in FILTERS:
            for sort in SORTS:
                found = await measured(stand, parse(text, there), there, sort)
                every.setdefault(sort, []).extend(found.first + found.later)
                print(
                    f"{text or 'everyone':66} {sort:20} {statistics.median(found.first):7.1f}"
                    f" {statistics.median(found.later):7.1f} {max(found.first + found.later):7.1f} {found.cpu:6.1f}"
                    f" {found.sql:8.1f}", flush=True,
                )  # fmt: skip
    for sort, times in every.items():
        print(f"by {sort}: p50 {statistics.median(times):.1f} ms, p95 {p95_of(times):.1f} ms, most {max(times):.1f} ms")
    p95 = p95_of([each for times in every.values() for each in times])
    print(f"all: p95 {p95:.1f} ms (promised {PROMISED_MS} ms)")
    sys.exit(0 if p95 <= PROMISED_MS else 1)


if __name__ == "__main__":
    asyncio.run(main())
