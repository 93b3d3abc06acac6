"""What pages and API show of segments beside the rows themselves: days, and who moved lately."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row, namedtuple_row

from botfolk.users.names import shown_name

DAYS = 30
LATEST = 20

Connection = AsyncConnection[Any]


class Day(Struct, frozen=True):
    """How many were in a segment at the end of a day of the bot's timezone, and how many entered and left on it."""

    day: date
    users: int
    entered: int
    left: int


class Move(Struct, frozen=True, kw_only=True):
    """Somebody entered or left."""

    user_id: UUID
    who: str
    kind: Literal["entered", "left"]
    at: datetime


async def days(connection: Connection, bot_id: UUID, segment_id: UUID, today: date) -> list[Day]:
    """Return the last days, oldest first; one on which nobody was counted is as the one before it."""
    first = today - timedelta(days=DAYS - 1)
    async with connection.cursor(row_factory=class_row(Day)) as cursor:
        await cursor.execute(
            """SELECT day, users, entered, "left" FROM segment_days WHERE bot_id = %s AND segment_id = %s
               AND day >= coalesce((SELECT max(day) FROM segment_days
                                    WHERE bot_id = %s AND segment_id = %s AND day <= %s), %s)
               ORDER BY day""",
            [bot_id, segment_id, bot_id, segment_id, first, first],
        )
        known = await cursor.fetchall()
    return filled(known, first, today)


def filled(known: Sequence[Day], first: date, today: date) -> list[Day]:
    """Return each day from the first that is known; between those that are, nothing changed."""
    by_day = {day.day: day for day in known}
    before = [day for day in known if day.day < first]
    last = before[-1] if before else None
    found: list[Day] = []
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        last = by_day.get(day) or (None if last is None else Day(day, last.users, 0, 0))
        if last is not None:
            found.append(last)
    return found


async def today_of_all(connection: Connection, bot_id: UUID, today: date) -> dict[UUID, tuple[int, int]]:
    """Return how many entered and left each segment today."""
    cursor = await connection.execute(
        'SELECT segment_id, entered, "left" FROM segment_days WHERE bot_id = %s AND day = %s', [bot_id, today]
    )
    return {segment_id: (entered, left) for segment_id, entered, left in await cursor.fetchall()}


async def latest(connection: Connection, bot_id: UUID, segment_id: UUID) -> list[Move]:
    """Return who moved last, newest first."""
    async with connection.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(
            """SELECT e.user_id, e.kind, e.at, u.first_name, u.last_name, u.group_title FROM segment_events e
               JOIN users u ON u.bot_id = e.bot_id AND u.id = e.user_id
               WHERE e.bot_id = %s AND e.segment_id = %s ORDER BY e.at DESC, e.id DESC LIMIT %s""",
            [bot_id, segment_id, LATEST],
        )
        rows: list[Any] = await cursor.fetchall()
    return [
        Move(
            user_id=row.user_id,
            who=shown_name(row.user_id, row.first_name, row.last_name, group_title=row.group_title, kind=None),
            kind=row.kind,
            at=row.at,
        )
        for row in rows
    ]


class Line(Struct, frozen=True):
    """The course of a count, as points of an SVG polyline in a box of 240 × 48."""

    points: str
    most: int


def line(known: Sequence[Day]) -> Line | None:
    """Return the course of the count; None for fewer than two days."""
    if len(known) < 2:
        return None
    most = max(day.users for day in known) or 1
    step = 240 / (len(known) - 1)
    points = (f"{number * step:.1f},{46 - day.users / most * 44:.1f}" for number, day in enumerate(known))
    return Line(" ".join(points), most)
