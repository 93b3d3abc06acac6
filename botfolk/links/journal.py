"""Clicks on disk before they are in the database: a file a process, to which each click is appended.

A click stands in the file before its redirect is answered, so a killed process loses none; its file is read by
whichever process of the folder comes next. A file is held (flock) by who writes it, and emptied when all of it is in
the database.
"""

import asyncio
import fcntl
import os
from collections.abc import Container
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from botfolk.ids import new_id

log = structlog.get_logger("links")

PATIENCE = 0.01
"""Seconds a redirect waits for the disk at most. The click is the operating system's by then; only a power cut could
still lose it."""

REFUSED = "refused.jsonl"
_SUFFIX = ".clicks"
_CHUNK = 256 * 1024


class Click(Struct, frozen=True, kw_only=True):
    """A link was opened. `id` makes it count once; `counted`: not by a robot; `at`: UTC, by our clock."""

    id: UUID
    code: str
    at: datetime
    counted: bool
    agent: str


_read = msgspec.json.Decoder(Click).decode


class Journal:
    """The file of this process. All but `fdatasync` happens on the event loop's thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self._path: Path | None = None
        self._size = 0
        self._unsynced: list[asyncio.Future[None]] = []
        self._syncing: asyncio.Task[None] | None = None
        self._stalls = False

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return self._size

    def _opened(self) -> int:
        """Return the file, made where there is none yet. Raises OSError."""
        while self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{new_id()}{_SUFFIX}"
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
            if _hold(file) and os.fstat(file).st_nlink:
                self._file, self._path, self._size = file, path, 0
            else:  # another process took it for a dead one's, before it was held
                os.close(file)
        return self._file

    def set_aside(self, click: Click) -> None:
        """Keep a click that the database refuses, for somebody to look at. Raises OSError."""
        with (self._folder / REFUSED).open("ab") as refused:
            refused.write(msgspec.json.encode(click) + b"\n")

    def refused(self) -> list[Click]:
        """Return the clicks that were set aside. Raises OSError."""
        path = self._folder / REFUSED
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [click for line in lines if (click := _read_or_none(line)) is not None]

    def forget_refused(self, codes: Container[str]) -> None:
        """Drop what was set aside of these codes. Raises OSError."""
        path, new = self._folder / REFUSED, self._folder / f"{REFUSED}.new"
        kept = [click for click in self.refused() if click.code not in codes]
        new.write_bytes(b"".join(msgspec.json.encode(click) + b"\n" for click in kept))
        new.replace(path)

    def add(self, click: Click) -> asyncio.Future[None] | None:
        """Append a click; what is returned is done once the disk has it, or has had `PATIENCE`. Raises OSError."""
        file = self._opened()
        line = msgspec.json.encode(click) + b"\n"
        written = os.write(file, line)
        if written != len(line):  # the disk is full: a part of a click is none
            os.ftruncate(file, self._size)
            raise OSError("the disk is full")
        self._size += written
        if self._syncing is None:
            self._syncing = asyncio.create_task(self._sync())
        elif self._stalls:
            return None
        synced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unsynced.append(synced)
        return synced

    async def _sync(self) -> None:
        """Bring what was appended to the disk, all that waits at once, until nothing does."""
        await asyncio.sleep(0)
        try:
            while self._unsynced and self._file is not None:
                waiting, self._unsynced = self._unsynced, []
                done = asyncio.get_running_loop().run_in_executor(None, os.fdatasync, self._file)
                await asyncio.wait({done}, timeout=PATIENCE)
                _release(waiting)
                if not done.done():
                    self._stalls = True
                    _release(self._unsynced)
                await asyncio.wait({done})
                self._stalls = False
                if done.exception() is not None:
                    log.error("the disk does not take clicks", error=str(done.exception()))
        finally:
            self._syncing = None
            _release(self._unsynced)
            self._unsynced = []

    def read(self, start: int) -> tuple[list[Click], int]:
        """Return clicks from a place in the file on, and the place after them."""
        return ([], start) if self._file is None else read(self._file, start)

    def drained(self, place: int) -> int:
        """Empty the file when all up to a place, its end, is in the database; return the place to go on from."""
        if place < self._size or self._file is None:
            return place
        if place:
            os.ftruncate(self._file, 0)
            self._size = 0
        return 0

    async def close(self) -> None:
        """Give the file up; it is removed when it is empty."""
        if self._syncing is not None:
            await asyncio.wait({self._syncing})
        if self._file is not None and self._path is not None:
            if not self._size:
                self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = self._path = None
            self._size = 0

    def left(self) -> list["Left"]:
        """Return the files of processes that are no more, held by this one now."""
        found: list[Left] = []
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")) if self._folder.is_dir() else ():
            if path == self._path:
                continue
            with suppress(OSError):
                file = os.open(path, os.O_RDWR)
                if _hold(file):
                    found.append(Left(path, file))
                else:
                    os.close(file)
        return found


class Left(Struct):
    """A file that a process left."""

    path: Path
    file: int

    def read(self, start: int) -> tuple[list[Click], int]:
        """Return clicks from a place in the file on, and the place after them; none at its end."""
        return read(self.file, start)

    def done(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave the file for another time."""
        os.close(self.file)


def read(file: int, start: int) -> tuple[list[Click], int]:
    """Return clicks of a file from a place on, and the place after them. What cannot be read is logged and left out;
    the half of a line at the end, which a killed process was about to write, is none."""
    lines = os.pread(file, _CHUNK, start)
    end = lines.rfind(b"\n") + 1
    clicks: list[Click] = []
    for line in lines[:end].splitlines():
        click = _read_or_none(line)
        if click is not None:
            clicks.append(click)
    return clicks, start + end


def _read_or_none(line: bytes) -> Click | None:
    try:
        return _read(line)
    except msgspec.MsgspecError as error:
        log.error("a line of the journal of clicks cannot be read", error=str(error), line=line[:200])
        return None


def _hold(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _release(waiting: list[asyncio.Future[None]]) -> None:
    for each in waiting:
        if not each.done():
            each.set_result(None)
