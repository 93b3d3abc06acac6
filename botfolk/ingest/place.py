"""Place new activities of one user in sessions: mostly at the end, sometimes (late ones) by rebuilding a stretch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.conversations.sessions import Activity, Rules, Session, continues, divide, judged_at, spent
from botfolk.conversations.statistics import Statistics
from botfolk.ids import new_id
from botfolk.ingest.rows import SessionRow


class Placed(Struct):
    """What placing means for the tables: rows to insert, rows to add to, and the session of each new activity."""

    opened: list[SessionRow] = field(default_factory=list)
    extended: list[SessionRow] = field(default_factory=list)
    session_of: dict[UUID, UUID] = field(default_factory=dict)


def place_in_order(bot_id: UUID, stats: Statistics, activities: Sequence[Activity], rules: Rules) -> Placed:
    """Place activities that are not earlier than the user's last, in order, and count them into `stats`."""
    placed = Placed()
    row: SessionRow | None = None
    for activity in activities:
        last = stats.last_activity_at
        if last is not None and stats.last_session_id is not None and continues(last, activity, rules):
            gap = spent(last, activity, rules)
            if row is None:
                row = _row(bot_id, stats.last_session_id, stats.user_id, activity.at)
                placed.extended.append(row)
            row.time_spent_us += gap
            stats.time_spent_us += gap
        else:
            row = _row(bot_id, new_id(), stats.user_id, activity.at)
            placed.opened.append(row)
            stats.sessions += 1
            stats.last_session_id = row.id
        row.last_activity_at = activity.at
        row.activities += 1
        row.messages += activity.is_message
        stats.last_activity_at = activity.at
        placed.session_of[activity.id] = row.id
    return placed


def _row(bot_id: UUID, session_id: UUID, user_id: UUID, at: datetime) -> SessionRow:
    return SessionRow(
        bot_id=bot_id,
        id=session_id,
        user_id=user_id,
        started_at=at,
        last_activity_at=at,
        activities=0,
        messages=0,
        time_spent_us=0,
    )


class Known(Struct, frozen=True):
    """A stored session, as far as rebuilding needs it."""

    id: UUID
    activities: frozenset[UUID]
    time_spent_us: int


class Rebuilt(Struct):
    """A stretch of sessions divided anew: what stands now under which id, and which ids are gone."""

    sessions: list[tuple[UUID, Session]]
    gone: dict[UUID, UUID]
    """session that is no more → the one that took its first activity in"""
    moved: dict[UUID, UUID]
    """stored activity → the session it now belongs to"""


def rebuild(known: Sequence[Known], activities: Sequence[Activity], rules: Rules) -> Rebuilt:
    """Divide a stretch anew. A session keeps the id of the oldest stored one whose activities it holds."""
    belonged = {activity: session.id for session in known for activity in session.activities}
    free = [session.id for session in known]
    sessions: list[tuple[UUID, Session]] = []
    moved: dict[UUID, UUID] = {}
    for session in divide(activities, rules):
        held = {belonged[activity] for activity in session.members if activity in belonged}
        kept = next((session_id for session_id in free if session_id in held), None)
        if kept is not None:
            free.remove(kept)
        session_id = kept or new_id()
        sessions.append((session_id, session))
        moved |= {a: session_id for a in session.members if a in belonged and belonged[a] != session_id}
    gone = {old: next(moved[a] for a in moved if belonged[a] == old) for old in free}
    return Rebuilt(sessions, gone, moved)


# The stretch a late activity can touch: from the session it falls in or follows to the one that comes after it.
_STRETCH = """
SELECT id, time_spent_us FROM sessions s
WHERE s.bot_id = %(bot)s AND s.user_id = %(user)s
  AND s.started_at >= coalesce((SELECT max(started_at) FROM sessions WHERE bot_id = %(bot)s AND user_id = %(user)s
                                AND started_at <= %(first)s), '-infinity')
  AND s.started_at <= coalesce((SELECT min(started_at) FROM sessions WHERE bot_id = %(bot)s AND user_id = %(user)s
                                AND started_at > %(last)s), 'infinity')
ORDER BY s.started_at
"""

_STORED = """
SELECT id, session_id, sent_at, received_at, true FROM messages
WHERE bot_id = %(bot)s AND user_id = %(user)s AND direction = 'in' AND session_id = ANY(%(sessions)s)
UNION ALL
SELECT id, session_id, at, at, false FROM clicks
WHERE bot_id = %(bot)s AND user_id = %(user)s AND counted AND session_id = ANY(%(sessions)s)
"""

_MOVE_MESSAGES = "UPDATE messages SET session_id = %s WHERE bot_id = %s AND id = ANY(%s)"
_MOVE_CLICKS = "UPDATE clicks SET session_id = %s WHERE bot_id = %s AND id = ANY(%s)"

_WRITE = """
INSERT INTO sessions (bot_id, id, user_id, started_at, last_activity_at, activities, messages, time_spent_us)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (bot_id, id) DO UPDATE SET started_at = excluded.started_at, last_activity_at = excluded.last_activity_at,
    activities = excluded.activities, messages = excluded.messages, time_spent_us = excluded.time_spent_us
"""

# What a session that is gone remembered, the one that took it in remembers, unless it knows better itself.
_INHERIT = """
UPDATE sessions s SET context = g.context || s.context FROM sessions g
WHERE s.bot_id = %(bot)s AND s.id = %(heir)s AND g.bot_id = %(bot)s AND g.id = %(gone)s
"""


async def place_late(
    connection: AsyncConnection[Any], bot_id: UUID, stats: Statistics, activities: Sequence[Activity], rules: Rules
) -> dict[UUID, UUID]:
    """Place activities of which some are earlier than the user's last, rewriting the sessions they touch.

    `activities` are in order of time and not yet stored; `stats` is counted. Returns the session of each.
    """
    asked: dict[str, object] = {"bot": bot_id, "user": stats.user_id}
    asked |= {"first": activities[0].at, "last": activities[-1].at}
    stretch = await (await connection.execute(_STRETCH, asked)).fetchall()
    asked["sessions"] = [session_id for session_id, _ in stretch]
    stored = await (await connection.execute(_STORED, asked)).fetchall()
    members: dict[UUID, set[UUID]] = {}
    merged = list(activities)
    for activity_id, session_id, at, received_at, is_message in stored:
        members.setdefault(session_id, set()).add(activity_id)
        merged.append(Activity(activity_id, at, judged_at(at, received_at), is_message))
    known = [Known(session_id, frozenset(members.get(session_id, ())), time) for session_id, time in stretch]
    rebuilt = rebuild(known, merged, rules)
    await write_rebuilt(connection, bot_id, stats.user_id, rebuilt)
    stats.sessions += len(rebuilt.sessions) - len(known)
    stats.time_spent_us += sum(session.time_spent for _, session in rebuilt.sessions)
    stats.time_spent_us -= sum(session.time_spent_us for session in known)
    newest_id, newest = rebuilt.sessions[-1]
    if stats.last_activity_at is None or newest.last_activity_at >= stats.last_activity_at:
        stats.last_activity_at, stats.last_session_id = newest.last_activity_at, newest_id
    return {activity: session_id for session_id, session in rebuilt.sessions for activity in session.members}


async def write_rebuilt(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID, rebuilt: Rebuilt) -> None:
    """Write sessions as they are now, move their stored activities, and drop those that are gone."""
    async with connection.pipeline():
        for session_id, s in rebuilt.sessions:
            counted = [s.started_at, s.last_activity_at, s.activities, s.messages, s.time_spent]
            await connection.execute(_WRITE, [bot_id, session_id, user_id, *counted])
            moved = [activity for activity, now_in in rebuilt.moved.items() if now_in == session_id]
            if moved:
                await connection.execute(_MOVE_MESSAGES, [session_id, bot_id, moved])
                await connection.execute(_MOVE_CLICKS, [session_id, bot_id, moved])
        for gone, heir in rebuilt.gone.items():
            await connection.execute(_INHERIT, {"bot": bot_id, "heir": heir, "gone": gone})
        await connection.execute(
            "DELETE FROM sessions WHERE bot_id = %s AND id = ANY(%s)", [bot_id, list(rebuilt.gone)]
        )
