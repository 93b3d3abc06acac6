"""The next rows of an import's file, read from the pieces it is kept in; those after them while these are stored."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.imports import store
from botfolk.imports.delimited import Format, Place, Row, read_rows
from botfolk.imports.people import Asked, Reader
from botfolk.jobs.files import PIECE_BYTES
from botfolk.users.creating import NewUser
from botfolk.users.founding import Founding

Connection = AsyncConnection[Any]


class Window(Struct):
    """What of a file has been fetched from a place on: the bytes, which piece comes next, whether there is none."""

    content: bytes = b""
    next_piece: int = 0
    is_whole: bool = False


class Portion(Struct):
    """Some rows of a file, where the next one begins, whether there is none, and what has been fetched of what follows.

    `planned`: whom each row (its `id`) makes if they are new, where that has been decided ahead.
    """

    source: "Source"
    rows: list[Asked]
    ends: Place
    is_last: bool
    rest: Window
    planned: dict[int, NewUser] = field(default_factory=dict)


class Source(Struct, frozen=True):
    """A file and how it is read: `most` rows at a time, each as `reader` understands it, and what they make of who is
    new, by `founding`: both know what they have met."""

    bot_id: UUID
    import_id: UUID
    written: Format
    reader: Reader
    most: int
    founding: Founding = field(default_factory=Founding)

    async def fetch(self, connection: Connection, start: Place, window: Window | None) -> Window:
        """Return what a portion from a place on is read from: some of the file, and more of it than `window` holds
        where that is little."""
        skipped = 0
        if window is None:
            number, skipped = divmod(start.offset, PIECE_BYTES)
            window = Window(b"", number)
        if window.is_whole or len(window.content) >= PIECE_BYTES:
            return window
        piece = await store.piece(connection, self.bot_id, self.import_id, window.next_piece) or b""
        content = window.content + piece[skipped:]
        return Window(content, window.next_piece + 1, len(piece) < PIECE_BYTES)

    async def portion(self, connection: Connection, start: Place, window: Window | None = None) -> Portion:
        """Read the next rows. Memory is bounded by `most` and by the longest line. Raises Unreadable."""
        window = await self.fetch(connection, start, window)
        while True:
            found = await asyncio.to_thread(self.read, start, window)
            if found is not None:
                return found
            # A row that is longer than what was read is read with more of the file.
            piece = await store.piece(connection, self.bot_id, self.import_id, window.next_piece) or b""
            window = Window(window.content + piece, window.next_piece + 1, len(piece) < PIECE_BYTES)

    def read(self, start: Place, window: Window) -> Portion | None:
        """Read rows from what has been fetched; None when not one is whole in it. Raises Unreadable."""
        rows = list(islice(read_rows([window.content], self.written, start), self.most))
        # Where the window ends, the row may go on.
        if rows and not window.is_whole and rows[-1].ends.offset >= start.offset + len(window.content):
            rows.pop()
        if not rows and not window.is_whole:
            return None
        return self._portion(rows, start, window)

    def _portion(self, rows: list[Row], start: Place, window: Window) -> Portion:
        ends = rows[-1].ends if rows else start
        rest = Window(window.content[ends.offset - start.offset :], window.next_piece, window.is_whole)
        is_last = window.is_whole and len(rows) < self.most
        return Portion(self, [self.reader.read(row) for row in rows], ends, is_last, rest)


class _Waiting(Struct):
    start: Place
    read_as: object
    portion: Portion


_MOST_WAITING = 4

_Result = TypeVar("_Result")


class Ahead:
    """Portions that were read while the one before was stored, for the next step of the same job in this process.

    Nothing depends on one being here: a step that finds none reads for itself.
    """

    def __init__(self) -> None:
        self._waiting: dict[UUID, _Waiting] = {}

    def take(self, job_id: UUID, start: Place, read_as: object) -> Portion | None:
        """Return what was read from this place on, if it was read in this way."""
        waiting = self._waiting.pop(job_id, None)
        if waiting is None or waiting.start != start or waiting.read_as != read_as:
            return None
        return waiting.portion

    async def beside(
        self,
        work: Awaitable[_Result],
        begun: asyncio.Event,
        job_id: UUID,
        start: Place,
        read_as: object,
        read: Callable[[], Portion | None],
    ) -> _Result:
        """Read from a place on, in a thread, while something is done, once `begun` says that its own part of this
        process's work is behind it: two who compute take turns, and both come late. Return what it returns."""
        reading = asyncio.create_task(_once(begun, read))
        try:
            return await work
        finally:
            begun.set()
            # What cannot be read is said by the step that needs it.
            [portion] = await asyncio.gather(reading, return_exceptions=True)
            if isinstance(portion, Portion):
                self._waiting[job_id] = _Waiting(start, read_as, portion)
                while len(self._waiting) > _MOST_WAITING:
                    del self._waiting[next(iter(self._waiting))]


async def _once(begun: asyncio.Event, read: Callable[[], Portion | None]) -> Portion | None:
    await begun.wait()
    return await asyncio.to_thread(read)
