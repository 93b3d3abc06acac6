"""Who is in a segment: found by its filter, kept in a table, with who entered and who left since."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.filters import FilterError, load_catalogue, parse, where
from botfolk.filters.columns import Catalogue
from botfolk.filters.where import Where
from botfolk.live.notify import announce, users_changed
from botfolk.segments.segments import WORD, Segment
from botfolk.users.how_many import status_of

MOST_TOLD = 1000
"""So many who moved are told of one by one; of more the pages hear only that the segment changed."""

Connection = AsyncConnection[Any]


class Moved(Struct, frozen=True, kw_only=True):
    """Who entered a segment and who left it, at a time."""

    bot_id: UUID
    segment_id: UUID
    name: str
    at: datetime
    entered: list[UUID]
    left: list[UUID]


Hearer = Callable[[Connection, Moved], Awaitable[None]]
"""Is told, in the transaction that notes it, who entered and left a segment; what it raises takes all of that back, and
it is told again."""

_MEANT = """SELECT u.id FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
    WHERE u.bot_id = %(bot)s{some_users}{of_status} AND ({who})"""
# The same for everyone and for some: who is meant is found once, and compared with who is kept.
_COMPARED = f"""
WITH meant AS MATERIALIZED (
    {_MEANT}
), gone AS (
    DELETE FROM segment_users m WHERE m.bot_id = %(bot)s AND m.segment_id = %(segment)s{{some_kept}}
        AND NOT EXISTS (SELECT 1 FROM meant WHERE meant.id = m.user_id)
    RETURNING m.user_id
), come AS (
    INSERT INTO segment_users (bot_id, segment_id, user_id, since)
    SELECT %(bot)s, %(segment)s, meant.id, %(now)s FROM meant WHERE NOT EXISTS (
        SELECT 1 FROM segment_users m
        WHERE m.bot_id = %(bot)s AND m.segment_id = %(segment)s AND m.user_id = meant.id)
    RETURNING user_id
)
"""  # noqa: S608 - a SELECT of ours
_SILENT = "SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM come)"
# In the order in which everybody locks: each row looks at its user's. Of somebody erased nothing is told.
_TOLD = """, told AS (
    INSERT INTO segment_events (bot_id, id, user_id, segment_id, name, kind, at)
    SELECT %(bot)s, gen_random_uuid(), x.user_id, %(segment)s, %(name)s, x.kind, %(now)s
    FROM (SELECT user_id, 'left' AS kind FROM gone UNION ALL SELECT user_id, 'entered' FROM come) x
    WHERE EXISTS (SELECT 1 FROM user_stats s WHERE s.bot_id = %(bot)s AND s.user_id = x.user_id)
    ORDER BY x.user_id
)
SELECT user_id, 'left' FROM gone UNION ALL SELECT user_id, 'entered' FROM come
"""
_NOTED = """
WITH counted AS (SELECT count(*) AS users FROM segment_users WHERE bot_id = %(bot)s AND segment_id = %(segment)s),
kept AS (
    UPDATE segments SET is_new = false, problem = NULL, counted_at = %(now)s,
        users = CASE WHEN %(whole)s THEN (SELECT users FROM counted) ELSE users + %(entered)s - %(left)s END
    WHERE bot_id = %(bot)s AND id = %(segment)s RETURNING users)
INSERT INTO segment_days (bot_id, segment_id, day, users, entered, "left")
SELECT %(bot)s, %(segment)s, %(day)s, users, %(entered)s, %(left)s FROM kept
ON CONFLICT (bot_id, segment_id, day) DO UPDATE SET users = excluded.users,
    entered = segment_days.entered + excluded.entered, "left" = segment_days."left" + excluded."left"
"""


async def bring_up_to_date(
    connection: Connection,
    bot_id: UUID,
    segment_id: UUID,
    now: datetime,
    user_ids: Sequence[UUID] | None = None,
    hearers: Sequence[Hearer] = (),
) -> Moved | None:
    """Find who of some users (None: of all) is in a segment, note who entered and left, and tell it.

    Of a new filter everybody is looked at, and nobody has entered or left: they were there, it was not. None for a
    segment that is gone or whose filter cannot be read, which is noted.
    """
    cursor = await connection.execute(
        "SELECT name, filter, is_new FROM segments WHERE bot_id = %s AND id = %s FOR UPDATE", [bot_id, segment_id]
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    name, text, is_new = row
    catalogue = await load_catalogue(connection, bot_id)
    try:
        filter = parse(text, catalogue)
        asked = where(filter, catalogue, now)
    except FilterError as error:
        await _note_problem(connection, bot_id, segment_id, str(error))
        return None
    some = None if is_new else user_ids
    given = {"bot": bot_id, "segment": segment_id, "name": name, "now": now, **asked.parameters}
    compared = _query(asked, status_of(filter), some)
    if some is not None:
        given["ids"] = list(some)
    if is_new:
        row = await (await connection.execute((compared + _SILENT).encode(), given)).fetchone()
        moved = Moved(bot_id=bot_id, segment_id=segment_id, name=name, at=now, entered=[], left=[])
        await _note(connection, moved, catalogue, whole=True)
        await announce(connection, bot_id, WORD)
        return moved
    rows = await (await connection.execute((compared + _TOLD).encode(), given)).fetchall()
    moved = Moved(
        bot_id=bot_id,
        segment_id=segment_id,
        name=name,
        at=now,
        entered=[user_id for user_id, kind in rows if kind == "entered"],
        left=[user_id for user_id, kind in rows if kind == "left"],
    )
    whole = some is None or await _some_are_gone(connection, bot_id, some)
    if rows or whole:
        await _note(connection, moved, catalogue, whole=whole)
    if rows:
        await _tell(connection, moved, hearers)
    return moved


_KEPT = "SELECT user_id AS id FROM segment_users WHERE bot_id = %(bot)s AND segment_id = %(segment)s{after}"


async def members_of(
    connection: Connection, bot_id: UUID, segment: Segment, after: UUID | None, limit: int, now: datetime
) -> list[UUID]:
    """Return who is in a segment, in order of their ids after one: as kept, or as found while its filter is new."""
    given: dict[str, Any] = {"bot": bot_id, "segment": segment.id, "after": after, "limit": limit}
    beyond = "" if after is None else " AND {} > %(after)s"
    query = _KEPT.format(after=beyond.format("user_id"))
    if segment.is_new:
        catalogue = await load_catalogue(connection, bot_id)
        with suppress(FilterError):  # it speaks of what is gone since: who was in it stays
            filter = parse(segment.filter, catalogue)
            asked = where(filter, catalogue, now)
            of_status = _of(status_of(filter))
            query = _MEANT.format(some_users=beyond.format("u.id"), of_status=of_status, who=asked.sql)
            given |= asked.parameters
    found = await connection.execute(f"{query} ORDER BY id LIMIT %(limit)s".encode(), given)
    return [user_id for (user_id,) in await found.fetchall()]


def _of(status: str | None) -> str:
    return "" if status is None else " AND u.status = 'active'"


def _query(asked: Where, status: str | None, some: Sequence[UUID] | None) -> str:
    return _COMPARED.format(
        who=asked.sql,
        of_status=_of(status),
        some_users="" if some is None else " AND u.id = ANY(%(ids)s)",
        some_kept="" if some is None else " AND m.user_id = ANY(%(ids)s)",
    )


async def _some_are_gone(connection: Connection, bot_id: UUID, some: Sequence[UUID]) -> bool:
    """Say whether one of some users was erased or merged: their rows went without being counted."""
    cursor = await connection.execute(
        "SELECT count(*) FROM users WHERE bot_id = %s AND id = ANY(%s)", [bot_id, list(some)]
    )
    row = await cursor.fetchone()
    return row is None or row[0] < len(set(some))


async def _note(connection: Connection, moved: Moved, catalogue: Catalogue, *, whole: bool) -> None:
    await connection.execute(
        _NOTED,
        {
            "bot": moved.bot_id,
            "segment": moved.segment_id,
            "now": moved.at,
            "whole": whole,
            "day": moved.at.astimezone(catalogue.timezone).date(),
            "entered": len(moved.entered),
            "left": len(moved.left),
        },
    )


async def _note_problem(connection: Connection, bot_id: UUID, segment_id: UUID, problem: str) -> None:
    cursor = await connection.execute(
        "UPDATE segments SET problem = %s WHERE bot_id = %s AND id = %s AND problem IS DISTINCT FROM %s",
        [problem, bot_id, segment_id, problem],
    )
    if cursor.rowcount:
        await announce(connection, bot_id, WORD)


async def _tell(connection: Connection, moved: Moved, hearers: Sequence[Hearer]) -> None:
    for hear in hearers:
        await hear(connection, moved)
    people = [*moved.entered, *moved.left]
    if len(people) <= MOST_TOLD:
        await users_changed(connection, moved.bot_id, people)
    await announce(connection, moved.bot_id, WORD)
