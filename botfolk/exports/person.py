"""One person's whole file: all that is stored of them, for programs (JSON), spreadsheets (CSV) and readers (HTML), with
the files they sent and were sent."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.conversations.attaching import clean_name
from botfolk.conversations.read import Message, list_messages, list_sessions
from botfolk.db.pool import Pool
from botfolk.exports import reading_page
from botfolk.exports.archive import Entry
from botfolk.exports.formulas import safe
from botfolk.links.read import list_clicks
from botfolk.users.erase_find import files_of, known_by
from botfolk.users.history import list_changes
from botfolk.users.merge_view import name_of
from botfolk.users.read import User, get_user

Connection = AsyncConnection[Any]
Page = Callable[[Connection, str | None], Awaitable[tuple[Sequence[Struct], str | None]]]
"""Reads a page of a list after a cursor; gives it with the next one's."""

_AT_ONCE = 200
_PIECE = 1 << 20


class Happening(Struct, frozen=True, kw_only=True):
    """Something in the conversation that is no message: an edit, a reaction, a status, who came and went."""

    id: UUID
    at: datetime
    kind: str
    channel_id: UUID
    details: dict[str, Any]


async def entries(pool: Pool, bot_id: UUID, user: User, now: datetime) -> AsyncIterator[Entry]:
    """Give the files of a person's archive. Each page of each list is read when its turn comes."""
    lists = _lists(bot_id, user.id)
    files = await _files(pool, bot_id, user.id)
    yield Entry("index.html", reading_page.written(user, name_of(user), now, _messages(pool, lists["messages"]), files))
    yield Entry("profile.json", _once(msgspec.json.format(msgspec.json.encode(user), indent=2)))
    yield Entry("notes.csv", _once(_csv_of(user.notes, heading=True)))
    for name, page in lists.items():
        yield Entry(f"{name}.json", _as_json(pool, page))
        yield Entry(f"{name}.csv", _as_csv(pool, page))
    for media_id, name in files.items():
        yield Entry(name, _media(pool, bot_id, media_id), packed=True)


async def find(pool: Pool, bot_id: UUID, user_id: UUID, now: datetime) -> User | None:
    """Return whose file it is; None when the bot has no such user."""
    async with pool.connection() as connection:
        return await get_user(connection, bot_id, user_id, now)


def _lists(bot_id: UUID, user_id: UUID) -> dict[str, Page]:
    return {
        "messages": lambda c, after: list_messages(c, bot_id, user_id, after=after, limit=_AT_ONCE),
        "events": lambda c, after: _happenings(c, bot_id, user_id, after),
        "sessions": lambda c, after: list_sessions(c, bot_id, user_id, after=after, limit=_AT_ONCE),
        "clicks": lambda c, after: list_clicks(c, bot_id, user_id, after=after, limit=_AT_ONCE, robots=True),
        "changes": lambda c, after: list_changes(c, bot_id, user_id, after=after, limit=_AT_ONCE),
    }


async def _happenings(
    connection: Connection, bot_id: UUID, user_id: UUID, after: str | None
) -> tuple[list[Happening], str | None]:
    async with connection.cursor(row_factory=class_row(Happening)) as cursor:
        await cursor.execute(
            "SELECT id, at, kind, channel_id, details FROM conversation_events WHERE bot_id = %(bot)s"
            " AND user_id = %(user)s AND (%(after)s::text IS NULL OR id < %(after)s::uuid)"
            " ORDER BY id DESC LIMIT %(limit)s",
            {"bot": bot_id, "user": user_id, "after": after, "limit": _AT_ONCE + 1},
        )
        rows = await cursor.fetchall()
    page = rows[:_AT_ONCE]
    return page, str(page[-1].id) if len(rows) > _AT_ONCE else None


async def _pages(pool: Pool, page: Page) -> AsyncIterator[Sequence[Struct]]:
    """Give a list page by page; who downloads slowly holds no connection meanwhile."""
    after: str | None = None
    while True:
        async with pool.connection() as connection:
            items, after = await page(connection, after)
        yield items
        if after is None:
            return


async def _messages(pool: Pool, page: Page) -> AsyncIterator[Sequence[Message]]:
    async for items in _pages(pool, page):
        yield [item for item in items if isinstance(item, Message)]


async def _as_json(pool: Pool, page: Page) -> AsyncIterator[bytes]:
    start = b"[\n"
    async for items in _pages(pool, page):
        if items:
            yield start + b",\n".join(map(msgspec.json.encode, items))
            start = b",\n"
    yield b"[]\n" if start == b"[\n" else b"\n]\n"


async def _as_csv(pool: Pool, page: Page) -> AsyncIterator[bytes]:
    heading = True
    async for items in _pages(pool, page):
        yield _csv_of(items, heading=heading)
        heading = False


def _csv_of(items: Sequence[Struct], *, heading: bool) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written)
    if items and heading:
        writer.writerow(items[0].__struct_fields__)
    for item in items:
        writer.writerow(map(_cell, msgspec.to_builtins(item).values()))
    return written.getvalue().encode(errors="replace")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return safe(value)
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _files(pool: Pool, bot_id: UUID, user_id: UUID) -> dict[UUID, str]:
    """Return the names in the archive of the files that belong to a person, by their ids."""
    async with pool.connection() as connection:
        ids = await files_of(connection, bot_id, user_id, await known_by(connection, bot_id, user_id))
        cursor = await connection.execute(
            "SELECT id, name, content_type FROM media WHERE bot_id = %s AND id = ANY(%s) ORDER BY id", [bot_id, ids]
        )
        rows = await cursor.fetchall()
    return {row[0]: f"media/{number:04}-{_named(row[1], row[2])}" for number, row in enumerate(rows, 1)}


def _named(name: str | None, content_type: str) -> str:
    kind, _, form = content_type.partition("/")
    return clean_name(name) if name else f"picture.{form}" if kind == "image" else "file"


async def _media(pool: Pool, bot_id: UUID, media_id: UUID) -> AsyncIterator[bytes]:
    start = 1
    while True:
        async with pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT substring(content FROM %s FOR %s) FROM media WHERE bot_id = %s AND id = %s",
                [start, _PIECE, bot_id, media_id],
            )
            row = await cursor.fetchone()
        piece = bytes(row[0]) if row else b""
        if piece:
            yield piece
        if len(piece) < _PIECE:
            return
        start += _PIECE
