"""A workbook (XLSX) written as it comes: a ZIP archive (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)
whose entries are deflated in pieces, so that neither memory nor another process needs what was written before.

What is known to write such files builds them in memory or in a temporary file of one process.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from botfolk.exports import sheet
from botfolk.exports.columns import Column
from botfolk.exports.forms import Connection, State, rows_of
from botfolk.exports.portions import Asked, Portion

MOST_ROWS = 1_048_576
"""Of a worksheet, with its headings; more users go on the next one."""
_MOST_BYTES = 3_500_000_000
"""Of a worksheet; an entry of an archive without 64-bit sizes holds 4 GB."""

_LEVEL = 1
_DATED = 0x5A21
"""1 January 2025, as MS-DOS writes it: the archive says nothing of when."""
_STREAMED = 0x0008 | 0x0800

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/>'
    '<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '</cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Xlsx:
    """An Excel workbook: times as times (UTC), numbers as numbers, texts that never are formulas."""

    suffix = "xlsx"
    content_type = f"{_TYPE}.sheet"

    def begin(self, columns: Sequence[Column]) -> tuple[bytes, State]:
        """Return the head of the first worksheet."""
        state: State = {"at": 0, "entries": [], "rows": 0}
        return _open_sheet(state, columns), state

    async def read(self, connection: Connection, asked: Asked, portion: Portion) -> str:
        """Return rows of values, as JSON."""
        return await rows_of(connection, asked, portion)

    async def write(self, read: str, columns: Sequence[Column], state: State) -> tuple[bytes, State]:
        """Return rows, on a new worksheet where the one before is full."""
        import asyncio

        return await asyncio.to_thread(_write, read, columns, msgspec.json.decode(msgspec.json.encode(state)))

    def end(self, columns: Sequence[Column], state: State) -> bytes:
        """Return the end of the last worksheet, what holds the worksheets together, and the archive's directory."""
        written = _close_sheet(state)
        sheets = len(state["entries"])
        for name, content in _parts(sheets):
            written += _whole(state, name, content.encode())
        return written + _directory(state)


def _write(read: str, columns: Sequence[Column], state: State) -> tuple[bytes, State]:
    values, written = msgspec.json.decode(read, type=list[list[Any]]), b""
    while values:
        room = MOST_ROWS - state["rows"]
        if room <= 0 or state["open"]["size"] > _MOST_BYTES:
            written += _close_sheet(state) + _open_sheet(state, columns)
            continue
        written += _add(state, sheet.rows(values[:room], columns))
        state["rows"] += len(values[:room])
        values = values[room:]
    return written, state


def _open_sheet(state: State, columns: Sequence[Column]) -> bytes:
    number = len(state["entries"]) + 1
    state["open"] = {"name": f"xl/worksheets/sheet{number}.xml", "at": state["at"], "crc": 0, "size": 0, "packed": 0}
    state["rows"] = 1
    head = _local(state["open"]["name"], _STREAMED, 0, 0, 0)
    state["at"] += len(head)
    return head + _add(state, sheet.HEAD.format(columns=len(columns)) + sheet.heading(columns))


def _add(state: State, content: str) -> bytes:
    """Deflate a piece of the open worksheet; it stands by itself, so that whoever goes on needs none before it."""
    entry, given = state["open"], content.encode()
    pressing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = pressing.compress(given) + pressing.flush(zlib.Z_FULL_FLUSH)
    entry["crc"] = zlib.crc32(given, entry["crc"])
    entry["size"] += len(given)
    entry["packed"] += len(packed)
    state["at"] += len(packed)
    return packed


def _close_sheet(state: State) -> bytes:
    written = _add(state, sheet.FOOT)
    pressing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    last = pressing.flush(zlib.Z_FINISH)
    entry = state.pop("open")
    entry["packed"] += len(last)
    descriptor = struct.pack("<IIII", 0x08074B50, entry["crc"], entry["packed"], entry["size"])
    state["at"] += len(last) + len(descriptor)
    state["entries"].append([entry["name"], entry["at"], entry["crc"], entry["packed"], entry["size"], _STREAMED])
    return written + last + descriptor


def _whole(state: State, name: str, content: bytes) -> bytes:
    pressing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed, crc = pressing.compress(content) + pressing.flush(), zlib.crc32(content)
    written = _local(name, 0x0800, crc, len(packed), len(content)) + packed
    state["entries"].append([name, state["at"], crc, len(packed), len(content), 0x0800])
    state["at"] += len(written)
    return written


def _local(name: str, flags: int, crc: int, packed: int, size: int) -> bytes:
    return struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, 20, flags, zlib.DEFLATED, 0, _DATED, crc, packed, size, len(name), 0
    ) + name.encode()  # fmt: skip


def _directory(state: State) -> bytes:
    entries = b""
    for name, at, crc, packed, size, flags in state["entries"]:
        fixed = (0x02014B50, 20, 20, flags, zlib.DEFLATED, 0, _DATED, crc, packed, size, len(name), 0, 0, 0, 0, 0, at)
        entries += struct.pack("<IHHHHHHIIIHHHHHII", *fixed) + name.encode()
    number = len(state["entries"])
    return entries + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, number, number, len(entries), state["at"], 0)


def _parts(sheets: int) -> list[tuple[str, str]]:
    """Return the names and contents of what every workbook holds beside its worksheets."""
    numbers = range(1, sheets + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    named = "".join(f'<sheet name="Users{f" {n}" if n > 1 else ""}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATED}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    types = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>'
    )
    top = (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    book = f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{named}</sheets></workbook>'
    within = (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}<Relationship Id="rId{sheets + 1}"'
        f' Type="{_RELATED}/styles" Target="styles.xml"/></Relationships>'
    )
    return [
        ("[Content_Types].xml", types),
        ("_rels/.rels", top),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", within),
        ("xl/styles.xml", _STYLES),
    ]
