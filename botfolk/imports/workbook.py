"""XLSX, turned into delimited text as it is read: the first sheet that holds anything, row by row, memory flat."""

import csv
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from botfolk.imports.delimited import MOST_COLUMNS, Format, Unreadable

AS_TEXT = Format("utf-8", ",")
"""How what was read is written."""

MOST_EXPANDED = 40
"""The parts of a workbook may be so many times its size together: a sheet of repeated words comes to 15 or 20."""

LEAST_REFUSED_BYTES = 67_108_864
"""Parts smaller than this together are read however well they are packed."""

MOST_PARTS = 10_000
_PIECE_CHARACTERS = 1_000_000
_DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_SIGNATURE = b"PK\x03\x04"


def is_workbook(beginning: bytes) -> bool:
    """Say whether a file begins as XLSX does (it is a ZIP archive)."""
    return beginning.startswith(_SIGNATURE)


def is_old_workbook(beginning: bytes) -> bool:
    """Say whether a file is an XLS of before 2007, which is not read."""
    return beginning.startswith(b"\xd0\xcf\x11\xe0")


def as_text(file: IO[bytes], size: int, most_bytes: int) -> Iterator[bytes]:
    """Yield a workbook's first sheet as delimited text (AS_TEXT), in pieces.

    `size`: the file's; `most_bytes`: what its parts may come to when they are unpacked. Raises Unreadable.
    """
    _check(file, size, most_bytes)
    file.seek(0)
    try:
        yield from _pieces(file)
    except Unreadable:
        raise
    except (
        zipfile.BadZipFile,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        EOFError,
    ) as error:
        raise Unreadable(
            f"this workbook is damaged ({type(error).__name__}); open it and save it anew, or as CSV"
        ) from None


def _check(file: IO[bytes], size: int, most_bytes: int) -> None:
    """Refuse what would unpack to more than a table is. What an archive says of its parts binds: no more is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            expanded = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or expanded > most_bytes:
                raise Unreadable(
                    f"this workbook unpacks to {expanded // 1_048_576} MB, which is too much; save it as CSV"
                )
            if expanded > max(LEAST_REFUSED_BYTES, size * MOST_EXPANDED):
                raise Unreadable("this workbook unpacks to far more than a table would; save it as CSV")
            if "xl/workbook.xml" not in archive.namelist():
                raise Unreadable("this is no workbook (XLSX) but another kind of archive; give the CSV or XLSX in it")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(archive, part)
    except zipfile.BadZipFile:
        raise Unreadable(
            "this workbook is damaged: it cannot be unpacked; open it and save it anew, or as CSV"
        ) from None


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Entities, which can grow without end, must be declared at the beginning; no spreadsheet writes any."""
    try:
        with archive.open(part) as opened:
            if _DECLARES.search(opened.read(65_536).replace(b"\x00", b"")):
                raise Unreadable("this workbook declares entities, as no spreadsheet does; save it as CSV")
    except (RuntimeError, NotImplementedError):
        raise Unreadable("this workbook is locked with a password; save it without one, or as CSV") from None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            # What a sheet says of its own size is often wrong.
            sheet.reset_dimensions()
            some = False
            for piece in _sheet(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)):
                some = True
                yield piece
            if some:
                return
    finally:
        book.close()
    raise Unreadable("the workbook is empty: its first row names the columns, and each further row is a person")


def _sheet(rows: Iterator[tuple[Any, ...]]) -> Iterator[bytes]:
    buffer = StringIO()
    writer = csv.writer(buffer)
    some = False
    for row in rows:
        cells = [written(value) for value in row]
        # A row is as wide as was asked for.
        while cells and not cells[-1]:
            cells.pop()
        some = some or bool(cells)
        # An empty row is kept, so that lines are those of the sheet; but not before the first that holds anything.
        if some:
            writer.writerow(cells or [""])
        if buffer.tell() > _PIECE_CHARACTERS:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    if some and buffer.tell():
        yield buffer.getvalue().encode()


def written(value: object) -> str:
    """Write a cell as a person would in a CSV: dates in ISO 8601, whole numbers without a point, yes and no."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0):
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value).replace("\x00", "")
