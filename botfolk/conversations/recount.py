"""Recount a user's statistics from the raw messages and clicks: to check what is kept up message by message, and to
recompute history under the current session length."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from psycopg import AsyncConnection, IsolationLevel

from botfolk.conversations.sessions import Activity, Rules, Session, divide, judged_at
from botfolk.conversations.statistics import shown
from botfolk.ingest.place import Known, rebuild, write_rebuilt
from botfolk.live.notify import users_changed

Connection = AsyncConnection[Any]

_USERS_AT_ONCE = 500


class Raw(Struct):
    """What one user did, as stored, and what judges it."""

    user_id: UUID
    rules: Rules
    messages: list[tuple[UUID, datetime, datetime, int, str, str | None, int | None, UUID | None]] = field(
        default_factory=list
    )
    """(id, sent_at, received_at, sequence, kind, text, sentiment, session_id)"""
    clicks: list[tuple[UUID, datetime, UUID, UUID | None]] = field(default_factory=list)
    """(id, at, link_id, session_id)"""

    def activities(self) -> list[Activity]:
        """Return the user's activities."""
        said = [Activity(m[0], m[1], judged_at(m[1], m[2])) for m in self.messages]
        return said + [Activity(c[0], c[1], c[1], is_message=False) for c in self.clicks]


class Mismatch(Struct, frozen=True):
    """A statistic that is not what the raw messages give."""

    user_id: UUID
    what: str
    kept: object
    recounted: object


def recount(raw: Raw) -> tuple[dict[str, object], list[Session]]:
    """Return the statistics (by column of user_stats) and the sessions that the raw messages and clicks give."""
    sessions = divide(raw.activities(), raw.rules)
    scores = [message[6] for message in raw.messages if message[6] is not None]
    counted: dict[str, object] = {
        "sessions": len(sessions),
        "messages": len(raw.messages),
        "clicks": len(raw.clicks),
        "unique_clicks": len({link_id for _, _, link_id, _ in raw.clicks}),
        "time_spent_us": sum(session.time_spent for session in sessions),
        "sentiment_sum": sum(scores),
        "scored_messages": len(scores),
        "last_activity_at": sessions[-1].last_activity_at if sessions else None,
        "last_message": None,
        "last_message_kind": None,
        "last_message_at": None,
        "last_message_id": None,
        "last_message_sequence": 0,
    }
    if raw.messages:
        last = max(raw.messages, key=lambda message: (message[1], message[3], message[0]))
        counted |= {"last_message": shown(last[4], last[5]), "last_message_kind": last[4], "last_message_at": last[1]}
        counted |= {"last_message_id": last[0], "last_message_sequence": last[3]}
        counted["created_at"] = min(message[1] for message in raw.messages)
    return counted, sessions


def compare(raw: Raw, kept: dict[str, Any], kept_sessions: Sequence[tuple[Any, ...]]) -> Iterable[Mismatch]:
    """Yield where the kept statistics and sessions (id, started_at, last_activity_at, activities, messages,
    time_spent_us) are not what a recount gives."""
    counted, sessions = recount(raw)
    for what, value in counted.items():
        if kept[what] != value:
            yield Mismatch(raw.user_id, what, kept[what], value)
    found = [row[1:] for row in kept_sessions]
    wanted = [(s.started_at, s.last_activity_at, s.activities, s.messages, s.time_spent) for s in sessions]
    if found != wanted:
        yield Mismatch(raw.user_id, "sessions as divided", found, wanted)
        return
    session_of = {message[0]: message[7] for message in raw.messages} | {click[0]: click[3] for click in raw.clicks}
    for row, session in zip(kept_sessions, sessions, strict=True):
        if any(session_of[activity] != row[0] for activity in session.members):
            yield Mismatch(raw.user_id, "messages of a session", str(row[0]), session.started_at.isoformat())


_STATS = (
    "created_at, sessions, messages, clicks, unique_clicks, time_spent_us, sentiment_sum, scored_messages,"
    " last_activity_at, last_message, last_message_kind, last_message_at, last_message_id, last_message_sequence"
)


async def check(connection: Connection, bot_id: UUID) -> AsyncIterator[Mismatch | int]:
    """Compare every user of a bot with a recount, in one snapshot; yields mismatches, and the number of users looked
    at so far after each portion. `connection` must not be in a transaction."""
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    async with connection.transaction():
        lengths = await _lengths(connection, bot_id)
        after, looked = UUID(int=0), 0
        while True:
            cursor = await connection.execute(
                f"SELECT user_id, recounted_at, {_STATS} FROM user_stats"  # noqa: S608 - columns are ours
                " WHERE bot_id = %s AND user_id > %s ORDER BY user_id LIMIT %s",
                [bot_id, after, _USERS_AT_ONCE],
            )
            rows = await cursor.fetchall()
            if not rows:
                return
            names = [column.strip() for column in _STATS.split(",")]
            people = {row[0]: Raw(row[0], Rules(lengths, (), row[1])) for row in rows}
            await _fill(connection, bot_id, people)
            sessions = await _sessions(connection, bot_id, list(people))
            for row in rows:
                kept = dict(zip(names, row[2:], strict=True))
                for mismatch in compare(people[row[0]], kept, sessions.get(row[0], [])):
                    yield mismatch
            after, looked = rows[-1][0], looked + len(rows)
            yield looked


async def recount_user(connection: Connection, bot_id: UUID, user_id: UUID, now: datetime) -> None:
    """Recompute all of a user's history under the session length of now, in the caller's transaction.

    What arrives late from before now is judged so too. The infinite session's history stands.
    """
    cursor = await connection.execute(
        "SELECT last_received_at FROM user_stats WHERE bot_id = %s AND user_id = %s FOR UPDATE", [bot_id, user_id]
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"there is no user {user_id}")
    recounted_at = now if row[0] is None else max(now, row[0] + timedelta(microseconds=1))
    await recount_as_of(connection, bot_id, user_id, recounted_at)


async def recount_as_of(connection: Connection, bot_id: UUID, user_id: UUID, recounted_at: datetime | None) -> None:
    """Recompute all of a user whose statistics' row is locked, judging what is before `recounted_at` by the session
    length of that moment, and the rest by that of its own time. An activity without a session is given one."""
    raw = Raw(user_id, Rules(await _lengths(connection, bot_id), (), recounted_at))
    await _fill(connection, bot_id, {user_id: raw})
    counted, _ = recount(raw)
    sessions = (await _sessions(connection, bot_id, [user_id])).get(user_id, [])
    members: dict[UUID, set[UUID]] = {}
    for activity_id, session_id in [(m[0], m[7]) for m in raw.messages] + [(c[0], c[3]) for c in raw.clicks]:
        if session_id is not None:
            members.setdefault(session_id, set()).add(activity_id)
    known = [Known(session[0], frozenset(members.get(session[0], ())), session[5]) for session in sessions]
    rebuilt = rebuild(known, raw.activities(), raw.rules)
    placed = set().union(*members.values())
    rebuilt.moved |= {a: s_id for s_id, s in rebuilt.sessions for a in s.members if a not in placed}
    await write_rebuilt(connection, bot_id, user_id, rebuilt)
    counted["recounted_at"] = recounted_at
    counted["last_session_id"] = rebuilt.sessions[-1][0] if rebuilt.sessions else None
    assignments = ", ".join(f"{name} = %({name})s" for name in counted)
    await connection.execute(
        f"UPDATE user_stats SET {assignments} WHERE bot_id = %(_bot)s AND user_id = %(_user)s",  # noqa: S608
        {**counted, "_bot": bot_id, "_user": user_id},
    )
    await users_changed(connection, bot_id, [user_id])


async def _lengths(connection: Connection, bot_id: UUID) -> list[tuple[datetime, int]]:
    cursor = await connection.execute(
        "SELECT effective_at, seconds FROM session_lengths WHERE bot_id = %s ORDER BY effective_at", [bot_id]
    )
    return await cursor.fetchall()


async def _fill(connection: Connection, bot_id: UUID, people: dict[UUID, Raw]) -> None:
    """Read the raw messages, clicks and toggles of people."""
    asked = [bot_id, list(people)]
    toggles: dict[UUID, list[tuple[datetime, bool]]] = {}
    cursor = await connection.execute(
        "SELECT user_id, effective_at, is_on FROM infinite_toggles WHERE bot_id = %s AND user_id = ANY(%s)"
        " ORDER BY effective_at",
        asked,
    )
    async for user_id, effective_at, is_on in cursor:
        toggles.setdefault(user_id, []).append((effective_at, is_on))
    for user_id, history in toggles.items():
        rules = people[user_id].rules
        people[user_id].rules = Rules(rules.lengths, history, rules.recounted_at)
    cursor = await connection.execute(
        "SELECT user_id, id, sent_at, received_at, sequence, kind, text, sentiment, session_id FROM messages"
        " WHERE bot_id = %s AND user_id = ANY(%s) AND direction = 'in'",
        asked,
    )
    async for user_id, *message in cursor:
        people[user_id].messages.append(tuple(message))
    cursor = await connection.execute(
        "SELECT user_id, id, at, link_id, session_id FROM clicks WHERE bot_id = %s AND user_id = ANY(%s) AND counted",
        asked,
    )
    async for user_id, *click in cursor:
        people[user_id].clicks.append(tuple(click))


async def _sessions(connection: Connection, bot_id: UUID, users: list[UUID]) -> dict[UUID, list[tuple[Any, ...]]]:
    cursor = await connection.execute(
        "SELECT user_id, id, started_at, last_activity_at, activities, messages, time_spent_us FROM sessions"
        " WHERE bot_id = %s AND user_id = ANY(%s) ORDER BY started_at",
        [bot_id, users],
    )
    sessions: dict[UUID, list[tuple[Any, ...]]] = {}
    async for user_id, *session in cursor:
        sessions.setdefault(user_id, []).append(tuple(session))
    return sessions
