"""A ZIP archive given away while it is made: no more of it is held than what was just written."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from msgspec import Struct

_LEVEL = 6


class Entry(Struct, frozen=True):
    """A file of an archive. `packed`: its bytes are packed already, as pictures are."""

    name: str
    content: AsyncIterator[bytes]
    packed: bool = False


class _Taken:
    """A file that can only be written to; what was written is taken away."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        taken, self._written = b"".join(self._written), []
        return taken


async def zipped(entries: AsyncIterator[Entry], at: datetime) -> AsyncIterator[bytes]:
    """Give an archive of entries, each dated `at`, piece by piece."""
    taken = _Taken()
    archive = ZipFile(taken, "w", compresslevel=_LEVEL)  # type: ignore[call-overload]  # writing is all that is asked of it
    async for entry in entries:
        info = ZipInfo(entry.name, at.timetuple()[:6])
        info.compress_type = ZIP_STORED if entry.packed else ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with archive.open(info, "w", force_zip64=True) as file:
            async for piece in entry.content:
                await asyncio.to_thread(file.write, piece)
                if written := taken.take():
                    yield written
        if written := taken.take():
            yield written
    archive.close()
    yield taken.take()
