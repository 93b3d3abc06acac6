"""Count clicks in one transaction: each once, placed in its user's sessions like any activity."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.conversations.sessions import Activity, Rules
from botfolk.conversations.statistics import Statistics
from botfolk.db.parameters import json_text
from botfolk.ingest import rows
from botfolk.ingest.place import place_in_order, place_late
from botfolk.ingest.rows import SessionRow
from botfolk.links.journal import Click
from botfolk.live.notify import NOTIFY, announce, notices_of_users

Connection = AsyncConnection[Any]


class ClickRow(Struct, kw_only=True):
    """clicks"""

    bot_id: UUID
    id: UUID
    user_id: UUID
    link_id: UUID
    session_id: UUID | None
    at: datetime
    counted: bool
    agent: str


class _Link(Struct, frozen=True, array_like=True):
    code: str
    id: UUID
    user_id: UUID


class _Known(Struct):
    """The answer to _KNOWN."""

    links: list[_Link] | None
    statuses: dict[UUID, str] | None
    toggles: list[tuple[UUID, datetime, bool]] | None
    lengths: list[tuple[datetime, int]]
    seen: list[UUID] | None
    opened: list[UUID] | None


_OWNERS = "SELECT DISTINCT bot_id, user_id FROM links WHERE code = ANY(%s) ORDER BY bot_id, user_id"

# In the order in which every writer locks.
_LOCK = """
SELECT json_agg(p.s)::text FROM (
    SELECT s FROM user_stats s WHERE s.bot_id = %s AND s.user_id = ANY(%s) ORDER BY s.user_id FOR UPDATE) p
"""

# Asked under the users' locks. "opened": links that have been opened before by a person.
_KNOWN = """
SELECT json_build_object(
    'links', (SELECT json_agg(json_build_array(code, id, user_id)) FROM links
              WHERE bot_id = %(bot)s AND code = ANY(%(codes)s)),
    'statuses', (SELECT json_object_agg(id, status) FROM users WHERE bot_id = %(bot)s AND id = ANY(%(users)s)),
    'toggles', (SELECT json_agg(json_build_array(user_id, effective_at, is_on) ORDER BY effective_at)
                FROM infinite_toggles WHERE bot_id = %(bot)s AND user_id = ANY(%(users)s)),
    'lengths', (SELECT json_agg(json_build_array(effective_at, seconds) ORDER BY effective_at)
                FROM session_lengths WHERE bot_id = %(bot)s),
    'seen', (SELECT json_agg(id) FROM clicks WHERE bot_id = %(bot)s AND id = ANY(%(ids)s)),
    'opened', (SELECT json_agg(l.id) FROM links l WHERE l.bot_id = %(bot)s AND l.code = ANY(%(codes)s) AND EXISTS (
                   SELECT 1 FROM clicks c WHERE c.bot_id = l.bot_id AND c.link_id = l.id AND c.counted))
)::text
"""

_WRITE = f"""
WITH opened AS ({rows.insert_of("sessions", rows.SessionRow, name="opened")}),
extended AS (
    UPDATE sessions s SET last_activity_at = r.last_activity_at, activities = s.activities + r.activities,
           messages = s.messages + r.messages, time_spent_us = s.time_spent_us + r.time_spent_us
    FROM json_populate_recordset(NULL::sessions, %(extended)s::json) r WHERE s.bot_id = r.bot_id AND s.id = r.id),
clicked AS ({rows.insert_of("clicks", ClickRow)}),
counted AS (
    UPDATE user_stats s SET clicks = r.clicks, sessions = r.sessions, time_spent_us = r.time_spent_us,
           last_activity_at = r.last_activity_at, last_session_id = r.last_session_id,
           last_received_at = r.last_received_at,
           unique_clicks = s.unique_clicks + coalesce((%(unique)s::json ->> s.user_id::text)::int, 0)
    FROM json_populate_recordset(NULL::user_stats, %(user_stats)s::json) r
    WHERE s.bot_id = %(bot)s AND s.user_id = r.user_id)
{NOTIFY}
"""  # noqa: S608 - names are ours


async def count(connection: Connection, clicks: Sequence[Click]) -> None:
    """Store clicks in the caller's transaction. One that was stored before, or whose link or user is gone or hidden, is
    left out. Raises psycopg errors."""
    owners: dict[UUID, list[UUID]] = defaultdict(list)
    cursor = await connection.execute(_OWNERS, [list({click.code for click in clicks})])
    for bot_id, user_id in await cursor.fetchall():
        owners[bot_id].append(user_id)
    for bot_id, users in owners.items():
        await _count_of_bot(connection, bot_id, users, clicks)


async def _count_of_bot(connection: Connection, bot_id: UUID, users: list[UUID], clicks: Sequence[Click]) -> None:
    while True:
        locked = await _only(await connection.execute(_LOCK, [bot_id, users]))
        stats = {each.user_id: each for each in msgspec.json.decode(locked, type=list[Statistics] | None) or ()}
        asked = {"bot": bot_id, "users": users, "codes": list({click.code for click in clicks})}
        asked["ids"] = [click.id for click in clicks]
        known = msgspec.json.decode(await _only(await connection.execute(_KNOWN, asked)), type=_Known)
        links = {link.code: link for link in known.links or ()}
        now_theirs = {link.user_id for link in links.values()}
        if now_theirs <= stats.keys():
            break
        # Two users became one before we had the lock.
        users = sorted(now_theirs | set(users))
    seen, new = set(known.seen or ()), []
    for click in clicks:
        link = links.get(click.code)
        # Of who is archived or blocked nothing is counted; the redirect leads on all the same.
        if link is None or click.id in seen or (known.statuses or {}).get(link.user_id) != "active":
            continue
        seen.add(click.id)
        new.append(_row(bot_id, link, click))
    if new:
        await _write(connection, bot_id, stats, known, new)


def _row(bot_id: UUID, link: _Link, click: Click) -> ClickRow:
    return ClickRow(
        bot_id=bot_id,
        id=click.id,
        user_id=link.user_id,
        link_id=link.id,
        session_id=None,
        at=click.at,
        counted=click.counted,
        agent=click.agent,
    )


async def _write(
    connection: Connection, bot_id: UUID, stats: dict[UUID, Statistics], known: _Known, new: list[ClickRow]
) -> None:
    toggles: dict[UUID, list[tuple[datetime, bool]]] = defaultdict(list)
    for user_id, effective_at, is_on in known.toggles or ():
        toggles[user_id].append((effective_at, is_on))
    opened: list[SessionRow] = []
    extended: list[SessionRow] = []
    touched: list[UUID] = []
    session_of: dict[UUID, UUID] = {}
    counted: dict[UUID, list[ClickRow]] = defaultdict(list)
    for row in new:
        if row.counted:
            counted[row.user_id].append(row)
    for user_id, theirs in sorted(counted.items()):
        rules = Rules(known.lengths, toggles[user_id], stats[user_id].recounted_at)
        activities = activities_of(theirs)
        last = stats[user_id].last_activity_at
        if last is None or activities[0].at >= last:
            placed = place_in_order(bot_id, stats[user_id], activities, rules)
            opened += placed.opened
            extended += placed.extended
            session_of |= placed.session_of
        else:
            session_of |= await place_late(connection, bot_id, stats[user_id], activities, rules)
        _add(stats[user_id], theirs)
        touched.append(user_id)
    for row in new:
        row.session_id = session_of.get(row.id)
    first = {row.link_id: row.user_id for row in new if row.counted and row.link_id not in (known.opened or ())}
    await connection.execute(
        _WRITE,
        {
            "bot": bot_id,
            "opened": json_text(opened),
            "extended": json_text(extended),
            "clicks": json_text(new),
            "user_stats": json_text([stats[user_id] for user_id in touched]),
            "unique": json_text(_how_many(first.values())),
            "notices": json_text(notices_of_users(bot_id, touched)),
        },
    )


def activities_of(clicks: Iterable[ClickRow]) -> list[Activity]:
    """Return clicks as activities, in order of time. Our own clock judges them: they are received as they happen."""
    return sorted((Activity(c.id, c.at, c.at, is_message=False) for c in clicks), key=lambda activity: activity.at)


def _add(stats: Statistics, clicks: Sequence[ClickRow]) -> None:
    stats.clicks += len(clicks)
    newest = max(click.at for click in clicks)
    stats.last_received_at = max(stats.last_received_at or newest, newest)


def _how_many(users: Iterable[UUID]) -> dict[str, int]:
    counted: dict[str, int] = defaultdict(int)
    for user_id in users:
        counted[str(user_id)] += 1
    return counted


async def _only(cursor: Any) -> str:
    row = await cursor.fetchone()
    return "null" if row is None or row[0] is None else str(row[0])


async def forget(connection: Connection, bot_id: UUID, user_id: UUID) -> None:
    """Keep where the links of a person lead who is about to be erased, and nothing of the person: without what an
    address may say of them behind its path. Call it before the user's rows are deleted, in the same transaction."""
    await connection.execute(
        """INSERT INTO forgotten_links (bot_id, code, url)
           SELECT bot_id, code, regexp_replace(regexp_replace(url, '[?#].*$', ''), '^([a-z]+://)[^/]*@', '\\1', 'i')
           FROM links WHERE bot_id = %s AND user_id = %s
           ON CONFLICT (bot_id, code) DO NOTHING""",
        [bot_id, user_id],
    )
    await announce(connection, bot_id, "links")
