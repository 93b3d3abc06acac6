"""Segments as rows: made, changed, deleted. Who is in one is `members.py`'s."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from botfolk.filters import FilterError, load_catalogue, parse, write
from botfolk.ids import new_id
from botfolk.live.notify import announce
from botfolk.pages.catalogue import gettext as _
from botfolk.segments import used
from botfolk.users.edits import Actor, InvalidEdit

WORD = "segments"
"""What is announced when a segment was made or changed, or somebody entered or left one."""

LONGEST_NAME = 100
MOST = 500
"""Segments a bot can have."""

Connection = AsyncConnection[Any]


class Segment(Struct, frozen=True, kw_only=True):
    """A segment. `users`: how many are in it, as of `counted_at` (None: not counted yet); `is_new`: its filter was just
    made or changed; `problem`: why the filter cannot be read any more, and who is in it stays as it was."""

    id: UUID
    name: str
    filter: str
    shared: bool
    owner_id: UUID | None
    owner: str | None
    created_at: datetime
    updated_at: datetime
    updated_by: str | None
    users: int
    counted_at: datetime | None
    is_new: bool
    problem: str | None


class NoSuchSegment(Exception):
    """This bot has no such segment, or not for who asks."""


class SegmentInUse(Exception):
    """A segment cannot be deleted: the text says what uses it."""


_COLUMNS = ", ".join(Segment.__struct_fields__)
# A private segment is its owner's alone.
_SEEN = "bot_id = %(bot)s AND (shared OR owner_id = %(member)s)"


async def by_name(connection: Connection, bot_id: UUID, member_id: UUID | None) -> list[Segment]:
    """Return the segments a member (None: a token, which sees shared ones) can see, by name."""
    async with connection.cursor(row_factory=class_row(Segment)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM segments WHERE {_SEEN} ORDER BY lower(name), id LIMIT {MOST}".encode(),  # noqa: S608
            {"bot": bot_id, "member": member_id},
        )
        return await cursor.fetchall()


async def get(
    connection: Connection, bot_id: UUID, segment_id: UUID, member_id: UUID | None, *, lock: bool = False
) -> Segment:
    """Return a segment that a member can see. Raises NoSuchSegment."""
    async with connection.cursor(row_factory=class_row(Segment)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM segments WHERE {_SEEN} AND id = %(id)s{' FOR UPDATE' if lock else ''}".encode(),  # noqa: S608
            {"bot": bot_id, "member": member_id, "id": segment_id},
        )
        found = await cursor.fetchone()
    if found is None:
        raise NoSuchSegment(str(segment_id))
    return found


def _name(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())
    if not name:
        raise InvalidEdit({"name": _("A segment needs a name.")})
    if len(name) > LONGEST_NAME:
        raise InvalidEdit({"name": _("A name has at most %s characters.") % LONGEST_NAME})
    return name


async def _filter(connection: Connection, bot_id: UUID, text: str) -> str:
    try:
        return write(parse(text, await load_catalogue(connection, bot_id)))
    except FilterError as error:
        raise InvalidEdit({"filter": str(error)}) from error


async def create(
    connection: Connection,
    bot_id: UUID,
    name: str,
    filter: str,
    actor: Actor,
    now: datetime,
    *,
    shared: bool = True,
    member_id: UUID | None = None,
) -> UUID:
    """Make a segment and return its id. Raises InvalidEdit."""
    if not shared and member_id is None:
        raise InvalidEdit({"shared": _("A private segment is a member's: a token can only make shared ones.")})
    cursor = await connection.execute("SELECT count(*) FROM segments WHERE bot_id = %s", [bot_id])
    row = await cursor.fetchone()
    if row and row[0] >= MOST:
        raise InvalidEdit({"name": _("A bot has at most %s segments.") % MOST})
    segment_id = new_id()
    values = [
        bot_id, segment_id, _name(name), await _filter(connection, bot_id, filter), shared, member_id, actor.name,
        now, now, actor.name,
    ]  # fmt: skip
    await _write(
        connection,
        """INSERT INTO segments (bot_id, id, name, filter, shared, owner_id, owner, created_at, updated_at, updated_by)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        values,
    )
    await announce(connection, bot_id, WORD)
    return segment_id


async def change(
    connection: Connection,
    bot_id: UUID,
    segment_id: UUID,
    member_id: UUID | None,
    actor: Actor,
    now: datetime,
    *,
    name: str | UnsetType = UNSET,
    filter: str | UnsetType = UNSET,
    shared: bool | UnsetType = UNSET,
) -> None:
    """Change what is given of a segment. Raises NoSuchSegment, InvalidEdit."""
    before = await get(connection, bot_id, segment_id, member_id, lock=True)
    new_name = before.name if name is UNSET else _name(name)
    new_filter = before.filter if filter is UNSET else await _filter(connection, bot_id, filter)
    new_shared = before.shared if shared is UNSET else shared
    if not new_shared and before.owner_id is None:
        raise InvalidEdit({"shared": _("This segment is nobody's own: it can only be shared.")})
    if before.shared and not new_shared and before.owner_id != member_id:
        raise InvalidEdit({"shared": _("Only its owner can make a segment private.")})
    await _write(
        connection,
        """UPDATE segments SET name = %s, filter = %s, shared = %s, updated_at = %s, updated_by = %s,
               is_new = is_new OR filter <> %s, problem = CASE WHEN filter = %s THEN problem END
           WHERE bot_id = %s AND id = %s""",
        [new_name, new_filter, new_shared, now, actor.name, new_filter, new_filter, bot_id, segment_id],
    )
    await announce(connection, bot_id, WORD)


async def _write(connection: Connection, query: str, values: list[Any]) -> None:
    try:
        async with connection.transaction():
            await connection.execute(query.encode(), values)
    except UniqueViolation:
        raise InvalidEdit({"name": _("There is a segment of this name already.")}) from None


async def delete(connection: Connection, bot_id: UUID, segment_id: UUID, member_id: UUID | None) -> Segment:
    """Delete a segment that nothing uses and return what it was; who was in it stays as they are. Raises NoSuchSegment,
    SegmentInUse."""
    found = await get(connection, bot_id, segment_id, member_id, lock=True)
    uses = await used.where_used(connection, bot_id, segment_id)
    if uses:
        raise SegmentInUse(
            _("This segment is used: %s. Take it out there first.") % ", ".join(use.label for use in uses)
        )
    if not found.shared:
        # Its name was nobody else's to read.
        await connection.execute(
            "DELETE FROM segment_events WHERE bot_id = %s AND segment_id = %s", [bot_id, segment_id]
        )
    await connection.execute("DELETE FROM segments WHERE bot_id = %s AND id = %s", [bot_id, segment_id])
    await announce(connection, bot_id, WORD)
    return found
