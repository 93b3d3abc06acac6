"""Take a file in: counted while it comes, on disk meanwhile, then in the database, where any process reads it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from psycopg import AsyncConnection

from botfolk.files import plain_name
from botfolk.imports import store
from botfolk.imports.delimited import Format, Unreadable, find_format
from botfolk.imports.mapping import BadMapping, Plan, check
from botfolk.imports.presets import find_preset
from botfolk.imports.store import Import
from botfolk.imports.suggest import suggest
from botfolk.imports.table import Head, read_head
from botfolk.imports.workbook import AS_TEXT, as_text, is_old_workbook, is_workbook
from botfolk.jobs import files
from botfolk.services import Services
from botfolk.users.edits import Actor

Connection = AsyncConnection[Any]

MB = 1_048_576
_BEGINNING = MB
_MOST_NAME = 200
MOST_UNPACKED = 20
"""A workbook may unpack to so many times the largest upload."""


class TooLarge(Exception):
    """The file is larger than this installation takes."""


class Suggested(Struct, frozen=True):
    """What is suggested for a file's columns, and why: a service's name, "remembered", or nothing."""

    mapping: Plan
    known_as: str


async def upload(services: Services, bot_id: UUID, actor: Actor, name: str, stream: AsyncIterator[bytes]) -> Import:
    """Take a file in and suggest what its columns become. Raises TooLarge while it comes, Unreadable."""
    folder = services.settings.data_dir
    with tempfile.TemporaryFile(dir=folder if folder.is_dir() else None) as file:
        size = await _spool(stream, file, services.settings.import_mb * MB)
        return await _take(services, bot_id, actor, name, file, size)


async def upload_file(services: Services, bot_id: UUID, actor: Actor, path: Path) -> Import:
    """Take in a file of this machine. Raises OSError, Unreadable."""
    with open(path, "rb") as file:  # noqa: ASYNC230 - the command does nothing else meanwhile
        return await _take(services, bot_id, actor, path.name, file, file.seek(0, 2))


async def _spool(stream: AsyncIterator[bytes], file: IO[bytes], most: int) -> int:
    size = 0
    async for part in stream:
        size += len(part)
        if size > most:
            raise TooLarge(f"the file is larger than {most // MB} MB, which is what BOTFOLK_IMPORT_MB allows")
        file.write(part)
    return size


async def _take(services: Services, bot_id: UUID, actor: Actor, name: str, file: IO[bytes], size: int) -> Import:
    file.seek(0)
    beginning = file.read(_BEGINNING)
    if not beginning.strip(b"\x00 \r\n\t"):
        raise Unreadable("the file is empty: its first row names the columns, and each further row is a person")
    if is_old_workbook(beginning):
        raise Unreadable("this is an Excel file of the old kind (XLS); save it as XLSX or CSV")
    is_book = is_workbook(beginning)
    if is_book:
        pieces = as_text(file, size, services.settings.import_mb * MB * MOST_UNPACKED)
        first = await asyncio.to_thread(next, pieces)
        head, written = await asyncio.to_thread(read_head, [first[:_BEGINNING]], AS_TEXT), AS_TEXT
        content = _chained(first, pieces)
    else:
        written = await asyncio.to_thread(find_format, beginning)
        head = await asyncio.to_thread(read_head, [beginning], written)
        file.seek(0)
        content = _chained(b"", iter(lambda: file.read(MB), b""))
    now = services.clock()
    async with services.pool.connection() as connection:
        import_id = await store.add_holder(connection, bot_id, clean_name(name), actor, now)
        kept = await files.write(connection, bot_id, import_id, store.FILE, content, now)
        new = Import(
            id=import_id,
            name=clean_name(name),
            size=kept,
            is_workbook=is_book,
            **await _read_as(connection, bot_id, written, head),
            apply_id=None,
            created_at=now,
            actor=actor.name,
        )
        await store.add(connection, bot_id, new)
    return new


async def _chained(first: bytes, rest: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Give pieces that are made in a thread."""
    piece = first or await asyncio.to_thread(next, rest, b"")
    while piece:
        yield piece
        piece = await asyncio.to_thread(next, rest, b"")


def clean_name(name: str) -> str:
    """Return what a file is called, without a path and what cannot be shown."""
    return " ".join(plain_name(name).split())[:_MOST_NAME] or "file.csv"


async def suggest_mapping(connection: Connection, bot_id: UUID, head: Head) -> Suggested:
    """Suggest what columns become: as they were mapped the last time, or by what they are called and hold."""
    types, channels = await store.attribute_types(connection, bot_id), await store.channels(connection, bot_id)
    remembered = await store.remembered_mapping(connection, bot_id, head.names)
    if remembered is not None:
        try:
            check(remembered, head.names, channels, types)
            return Suggested(remembered, "remembered")
        except BadMapping:
            pass  # a channel of it is gone, or an attribute has another type by now
    preset = find_preset(head.names)
    targets = suggest(head.names, head.rows, types, channels, preset)
    return Suggested(Plan(columns=[str(target) for target in targets]), preset.label if preset else "")


async def read_anew(connection: Connection, bot_id: UUID, found: Import, written: Format) -> Import:
    """Read an import's file in another way than was judged, and suggest anew. Raises Unreadable."""
    beginning = await store.piece(connection, bot_id, found.id, 0) or b""
    head = await asyncio.to_thread(read_head, [beginning], written)
    return replace(found, **await _read_as(connection, bot_id, written, head))


async def _read_as(connection: Connection, bot_id: UUID, written: Format, head: Head) -> dict[str, Any]:
    """Return what an import is once its file is read in a way: its columns, and what is suggested for them."""
    suggested = await suggest_mapping(connection, bot_id, head)
    return {
        "encoding": written.encoding,
        "delimiter": written.delimiter,
        "columns": head.names,
        "samples": head.rows,
        "starts": head.starts,
        "known_as": suggested.known_as,
        "mapping": suggested.mapping,
        "check_id": None,
    }
