"""Brings an index to a moment of the database: built anew, or by reading again who has changed since the one it was at.

Each does all of its reading in one REPEATABLE READ transaction: the index then stands exactly where its snapshot does,
neither before nor after any commit.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor

from botfolk.counts import reading
from botfolk.counts.index import Index
from botfolk.counts.reading import Part, Source, Whose
from botfolk.counts.rows import Ids, ids_of
from botfolk.filters.columns import attribute_column
from botfolk.users.reading import users_of

SLICE = 20_000
MOST_ATTRIBUTES = 300
"""So many attributes are kept at most, those that have been there longest."""
_FEWEST_STALE = 200_000
_FIRST = UUID(int=0)
_NOBODY = ids_of(b"")

Connection = AsyncConnection[Any]


class TooMuch(Exception):
    """So many have changed that it is better built anew, or it takes more memory than it may."""


async def build(connection: Connection, bot_id: UUID, most_bytes: int) -> tuple[Index, str]:
    """Return a bot's index, and the snapshot it stands at. Raises TooMuch where the memory is not enough."""
    seen = await reading.snapshot(connection)
    index = Index()
    await _learn_attributes(connection, bot_id, index)
    await _learn_names(connection, bot_id, index)
    await asyncio.to_thread(index.grow, await users_of(connection, bot_id))
    after = _FIRST
    while True:
        profiles = _sources(index, "u")
        portion = await reading.portion(
            await reading.ask(connection, bot_id, "u", profiles, reading.everybody(after, SLICE)), profiles
        )
        if not len(portion.ids):
            return index, seen
        last = UUID(bytes=bytes(portion.ids[-1]).ljust(16, b"\x00"))
        await asyncio.to_thread(index.put_profiles, portion, _NOBODY)
        everyone = _Who(portion.ids, reading.from_to(after, last))
        await _read(connection, bot_id, index, {"statistics": everyone, "tags": everyone, "channels": everyone})
        if not index.shrink_to(most_bytes):
            raise TooMuch("it takes more memory than it may")
        after = last


async def bring(connection: Connection, bot_id: UUID, index: Index, seen: str, most_bytes: int) -> str:
    """Bring an index from the snapshot `seen` to one of now, and return that. Raises TooMuch; then, as after any other
    error, the index is of no use any more."""
    stands_at, count = await reading.unseen(connection, bot_id, seen)
    if not count:
        return stands_at
    if count > max(_FEWEST_STALE, index.users):
        raise TooMuch("too many have changed at once")
    async with connection.pipeline(), connection.transaction():
        stands_at, changed = await reading.changed(connection, bot_id, seen)
        if "names" in changed:
            await _learn_names(connection, bot_id, index)
        if "profile" in changed:
            await _learn_attributes(connection, bot_id, index)
        who = {part: _Who(each.ids, reading.these(each.written)) for part, each in changed.items()}
        await _read(connection, bot_id, index, who)
    if not index.shrink_to(most_bytes):
        raise TooMuch("it takes more memory than it may")
    return stands_at


class _Who(NamedTuple):
    """Of whom something is read, and how the database is told."""

    ids: Ids
    whose: Whose


async def _read(connection: Connection, bot_id: UUID, index: Index, who: Mapping[Part, _Who]) -> None:
    """Read parts of users again: all is asked for at once, and then put in, profiles first."""
    asked: dict[Part, AsyncCursor[Any]] = {}
    for part, (_, whose) in who.items():
        match part:
            case "profile":
                asked[part] = await reading.ask(connection, bot_id, "u", _sources(index, "u"), whose)
            case "statistics":
                asked[part] = await reading.ask(connection, bot_id, "s", _sources(index, "s"), whose)
            case "tags" | "channels" if part in index.sets:
                asked[part] = await reading.ask_having(connection, bot_id, part, whose)
    if "profile" in asked:
        portion = await reading.portion(asked["profile"], _sources(index, "u"))
        await asyncio.to_thread(index.put_profiles, portion, who["profile"].ids)
    if "statistics" in asked:
        portion = await reading.portion(asked["statistics"], _sources(index, "s"))
        await asyncio.to_thread(index.put_statistics, portion)
    for what in index.sets.copy():
        if what in asked:
            having = await reading.having(asked[what])
            await asyncio.to_thread(index.put_sets, what, who[what].ids, having)
            if having.keys() - index.names["tag" if what == "tags" else "channel"].keys():
                index.put_names(what, await reading.names(connection, bot_id, what))


def _sources(index: Index, of: Literal["u", "s"]) -> list[Source]:
    return [source for source in index.sources.values() if source.of == of]


async def _learn_names(connection: Connection, bot_id: UUID, index: Index) -> None:
    for what in index.sets:
        index.put_names(what, await reading.names(connection, bot_id, what))


async def _learn_attributes(connection: Connection, bot_id: UUID, index: Index) -> None:
    """Keep a column of each attribute. One that is new has had no values before: they come with who has changed."""
    for name, kind in (await reading.attributes(connection, bot_id)).items():
        if name in index.attributes or len(index.attributes) >= MOST_ATTRIBUTES:
            continue
        index.attributes[name] = kind
        source = reading.source_of(attribute_column(name, kind))
        if source is not None:
            index.add(source)
