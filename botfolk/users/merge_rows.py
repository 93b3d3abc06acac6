"""The SQL behind merging and parting: what of a user goes where, and what is remembered to bring it back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, field
from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb

from botfolk.users.creating import EACH_FIELD

Connection = AsyncConnection[Any]
Row = dict[str, Any]

BY_IDENTITY = ("messages", "conversation_events")
"""Of the identity they came by, where that is known: so what comes after a merge can be told apart too."""
BY_ID = ("notes", "changes", "merges", "segment_events")
"""Each remembered."""
FOLLOWING = ("identities", "sessions", "links", "clicks", "outbox")
"""Told by what they hang on: sessions by their activities, links by their message, clicks by their link."""
KEPT = ("users", "user_stats", "user_tags", "infinite_toggles")
"""Not the one's who stays: kept whole, as they were."""
ABOUT_TWO = ("never_merged",)
"""Of two users, neither of them the owner."""


class Snapshot(Struct, kw_only=True):
    """What a merge remembers. `gone` by table of KEPT; `stays`: the rows of users and user_stats before."""

    gone: dict[str, list[Row]]
    stays: dict[str, Row]
    said: dict[UUID, Row | None]
    """what the channel had last said of the person, by each identity of `gone`"""
    stays_said: dict[UUID, Row | None]
    """the same of `stays`"""
    sessions: list[Row]
    """of both"""
    contexts: dict[UUID, Row] = field(default_factory=dict)
    """what the sessions of the one who stays remembered after the merge"""
    set: list[tuple[str, Any, Any]] = field(default_factory=list)
    """field, before, after: what the merge changed of the one who stays"""
    toggled_at: datetime | None = None
    waiting_since: datetime | None = None
    never: list[tuple[UUID, datetime, str | None]] = field(default_factory=list)
    """with whom `gone` was never to be merged, since when, who said so"""
    never_inherited: list[UUID] = field(default_factory=list)


async def rows_of(connection: Connection, table: str, column: str, bot_id: UUID, ids: Sequence[UUID]) -> list[Row]:
    """Return rows as JSON documents."""
    query = sql.SQL("SELECT to_jsonb(t)::text FROM {} t WHERE bot_id = %s AND {} = ANY(%s)")
    cursor = await connection.execute(query.format(sql.Identifier(table), sql.Identifier(column)), [bot_id, list(ids)])
    return [msgspec.json.decode(row[0]) for row in await cursor.fetchall()]


async def take_snapshot(connection: Connection, bot_id: UUID, gone: UUID, stays: UUID) -> Snapshot:
    """Return what is to be remembered of two locked users before they are one."""
    kept: dict[str, list[Row]] = {}
    for table in KEPT:
        kept[table] = await rows_of(connection, table, "id" if table == "users" else "user_id", bot_id, [gone])
    [profile] = await rows_of(connection, "users", "id", bot_id, [stays])
    [statistics] = await rows_of(connection, "user_stats", "user_id", bot_id, [stays])
    said: dict[str, dict[UUID, Row | None]] = {str(gone): {}, str(stays): {}}
    for row in await rows_of(connection, "identities", "user_id", bot_id, [gone, stays]):
        said[row["user_id"]][UUID(row["id"])] = row["profile"]
    return Snapshot(
        gone=kept,
        stays={"users": profile, "user_stats": statistics},
        said=said[str(gone)],
        stays_said=said[str(stays)],
        sessions=await rows_of(connection, "sessions", "user_id", bot_id, [gone, stays]),
    )


async def put_back(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert rows as they were; a column that is new since takes its default, one that is no more is left out. What
    stands there by now stays."""
    if not rows:
        return
    cursor = await connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = ''",
        [table],
    )
    names = [name for (name,) in await cursor.fetchall() if name in rows[0]]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    query = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s)"
        " ON CONFLICT DO NOTHING"
    )
    await connection.execute(query.format(table=sql.Identifier(table), columns=columns), [Jsonb(list(rows))])


# By the indexes on their messages, which have been moved, and on what is no message: one on the user alone would be
# written by all that is sent.
_OUTBOX_OF_MESSAGES = """
SELECT o.id FROM messages m JOIN outbox o ON o.bot_id = m.bot_id AND o.message_id = m.id
WHERE m.bot_id = %(bot)s AND m.direction = 'out' AND m.user_id = """
_OUTBOX_OF_NO_MESSAGE = "SELECT id FROM outbox WHERE bot_id = %(bot)s AND message_id IS NULL AND user_id = "
_OUTBOX_FOLLOWS = f"id IN ({_OUTBOX_OF_MESSAGES}%(stays)s UNION ALL {_OUTBOX_OF_NO_MESSAGE}%(gone)s)"


async def move_all(connection: Connection, bot_id: UUID, merge_id: UUID, gone: UUID, stays: UUID) -> None:
    """Give every row of `gone` to `stays`, remembering those that could not be told apart later."""
    asked = {"bot": bot_id, "merge": merge_id, "gone": gone, "stays": stays}
    for table in (*BY_IDENTITY, *BY_ID):
        told = "identity_id" if table in BY_IDENTITY else "NULL::uuid"
        await connection.execute(
            f"WITH moved AS (UPDATE {table} SET user_id = %(stays)s WHERE bot_id = %(bot)s AND user_id = %(gone)s"  # noqa: S608
            f"   AND id <> %(merge)s RETURNING id, {told} AS by)"
            " INSERT INTO merged_rows (bot_id, merge_id, kind, row_id)"
            f" SELECT %(bot)s, %(merge)s, '{table}', id FROM moved WHERE NOT EXISTS ("
            "   SELECT 1 FROM identities i WHERE i.bot_id = %(bot)s AND i.id = moved.by AND i.user_id = %(gone)s)",
            asked,
        )
    for table in FOLLOWING:
        which = _OUTBOX_FOLLOWS if table == "outbox" else "TRUE"
        await connection.execute(
            f"UPDATE {table} SET user_id = %(stays)s WHERE bot_id = %(bot)s AND user_id = %(gone)s AND {which}",  # noqa: S608
            asked,
        )


_BACK = "UPDATE {} t SET user_id = %(gone)s WHERE t.bot_id = %(bot)s AND t.user_id = %(stays)s AND "
_REMEMBERED = "t.id IN (SELECT row_id FROM merged_rows WHERE bot_id = %(bot)s AND merge_id = %(merge)s AND kind = '{}')"
_IDENTITIES_BACK = _BACK.format("identities") + "(t.id = ANY(%(identities)s) OR t.alias_of = ANY(%(identities)s))"
_OF_THEIR_MESSAGE = (
    "EXISTS (SELECT 1 FROM messages m WHERE m.bot_id = t.bot_id AND m.id = t.message_id AND m.user_id = %(gone)s)"
)
_OF_THEIR_LINK = (
    "EXISTS (SELECT 1 FROM links l WHERE l.bot_id = t.bot_id AND l.id = t.link_id AND l.user_id = %(gone)s)"
)
_FOLLOW_BACK = (
    _BACK.format("links") + _OF_THEIR_MESSAGE,
    _BACK.format("clicks") + _OF_THEIR_LINK,
    _BACK.format("outbox")
    + f"t.id IN ({_OUTBOX_OF_MESSAGES}%(gone)s"
    + f" UNION ALL {_OUTBOX_OF_NO_MESSAGE}%(stays)s AND identity_id = ANY(%(identities)s))",
)


def _back_by_identity(table: str) -> str:
    return _BACK.format(table) + "(" + _REMEMBERED.format(table) + " OR t.identity_id = ANY(%(identities)s))"


def _back_by_id(table: str) -> str:
    return _BACK.format(table) + _REMEMBERED.format(table)


async def move_back(
    connection: Connection, bot_id: UUID, merge_id: UUID, gone: UUID, stays: UUID, identities: Iterable[UUID]
) -> None:
    """Give `gone` what was theirs and what has come by their identities since; sessions stay for the moment."""
    asked = {"bot": bot_id, "merge": merge_id, "gone": gone, "stays": stays, "identities": list(identities)}
    statements = [_IDENTITIES_BACK, *map(_back_by_identity, BY_IDENTITY), *map(_back_by_id, BY_ID), *_FOLLOW_BACK]
    for statement in statements:
        await connection.execute(statement.encode(), asked)


async def set_at(connection: Connection, bot_id: UUID, user_id: UUID) -> dict[str, datetime]:
    """Return when each field of a user was set last; what came to them by a merge says nothing of theirs."""
    cursor = await connection.execute(
        f"SELECT f.field, max(c.at) FROM changes c CROSS JOIN LATERAL {EACH_FIELD} f"  # noqa: S608
        " WHERE c.bot_id = %s AND c.user_id = %s AND NOT EXISTS ("
        "   SELECT 1 FROM merged_rows r JOIN merges g ON g.bot_id = r.bot_id AND g.id = r.merge_id"
        "   WHERE g.bot_id = c.bot_id AND g.user_id = c.user_id AND r.kind = 'changes' AND r.row_id = c.id)"
        " GROUP BY f.field",
        [bot_id, user_id],
    )
    return dict(await cursor.fetchall())


async def keep_sources(connection: Connection, bot_id: UUID, user_id: UUID, sources: dict[str, str]) -> None:
    """Let fields that came from another user keep who set them: a channel's value is still the channel's."""
    await connection.execute(
        "UPDATE users SET field_sources = field_sources || %s WHERE bot_id = %s AND id = %s",
        [Jsonb(sources), bot_id, user_id],
    )
