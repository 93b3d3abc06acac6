"""The next rows of an import's file, read from the pieces it is kept in."""

import asyncio
from itertools import islice
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.imports import store
from botfolk.imports.delimited import Format, Place, Row, read_rows
from botfolk.imports.people import Asked, Reader
from botfolk.jobs.files import PIECE_BYTES

Connection = AsyncConnection[Any]


class Portion(Struct):
    """Some rows, where the next one begins, and whether there is none."""

    rows: list[Asked]
    ends: Place
    is_last: bool


async def next_portion(
    connection: Connection, bot_id: UUID, import_id: UUID, written: Format, start: Place, reader: Reader, most: int
) -> Portion:
    """Read the next rows and what each asks. Memory is bounded by `most` and by the longest line. Raises Unreadable."""
    number, skipped = divmod(start.offset, PIECE_BYTES)
    window, is_whole = b"", False
    while True:
        for _ in range(2):
            piece = await store.piece(connection, bot_id, import_id, number)
            number += 1
            window += piece or b""
            if piece is None or len(piece) < PIECE_BYTES:
                is_whole = True
                break
        if skipped:
            window, skipped = window[skipped:], 0
        rows = await asyncio.to_thread(_rows, window, is_whole, written, start, most)
        # A row that is longer than what was read is read with more of the file.
        if rows or is_whole:
            break
    asked = await asyncio.to_thread(lambda: [reader.read(row) for row in rows])
    return Portion(asked, rows[-1].ends if rows else start, is_whole and len(rows) < most)


def _rows(window: bytes, is_whole: bool, written: Format, start: Place, most: int) -> list[Row]:
    rows = list(islice(read_rows([window], written, start), most))
    # Where the window ends, the row may go on.
    if rows and not is_whole and rows[-1].ends.offset >= start.offset + len(window):
        rows.pop()
    return rows
