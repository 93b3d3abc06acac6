"""Delimited text (CSV), read as a stream: row by row, from any row on, whatever its size."""

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO

from msgspec import Struct

from botfolk.imports.encoding import ENCODINGS, detect, mark_of

DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
"""What may stand between cells."""

MOST_LINE_BYTES = 4_194_304
"""A line longer than this is none of a table's; neither is a row."""

MOST_COLUMNS = 2000
_JUDGED_LINES = 50

# Characters that no text is written with; one here and there may be what an old system left.
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_FEW, _NO_TEXT_SHARE = 8, 20
_MARKUP = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
_JSON = re.compile(r"""\s*(\{\s*"|\[\s*[\[{"])""")

# The longest cell the csv module reads; rows are limited before by their bytes.
csv.field_size_limit(MOST_LINE_BYTES)


class Unreadable(Exception):
    """The file cannot be read at all; the text says what is wrong, where, and how to mend it."""


class Format(Struct, frozen=True):
    """How a file is written: its encoding (a key of ENCODINGS) and what stands between cells."""

    encoding: str
    delimiter: str


class Place(Struct, frozen=True, gc=False):
    """Where in the file a row begins: bytes before it, the number of its first line, how many rows were before."""

    offset: int = 0
    line: int = 1
    row: int = 0


class Row(Struct, gc=False):
    """A row: its first line (from 1), its cells, and what is wrong with it, if it cannot be read."""

    line: int
    cells: list[str]
    problem: str = ""
    ends: Place = Place()


def find_format(beginning: bytes) -> Format:
    """Judge how a file is written, by its first bytes. Raises Unreadable for what is no table at all."""
    encoding = detect(beginning)
    mark = mark_of(beginning)
    text = beginning[mark[1] if mark else 0 :].decode(encoding, errors="replace")
    strange = len(_NO_TEXT.findall(text))
    if strange > _FEW and strange * _NO_TEXT_SHARE > len(text):
        raise Unreadable("this is no table but a file of another kind (a picture, a PDF…); give CSV or XLSX")
    if _MARKUP.match(text):
        raise Unreadable("this is a web page or XML and no table; open it in a spreadsheet and save it as CSV or XLSX")
    if _JSON.match(text):
        raise Unreadable("this is JSON and no table; give CSV or XLSX, or send each person to the API")
    return Format(encoding, find_delimiter(text))


def find_delimiter(text: str) -> str:
    """Return what cuts the first rows into the same number of cells, the more the better."""
    first = text.split("\n", 1)[0].strip().lower()
    # Excel's own way of saying it, in a line of its own.
    if first.startswith("sep=") and len(first) == 5 and first[4] in DELIMITERS:
        return first[4]
    if first == "sep=":
        return "\t"
    best, most = ",", 0.0
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter)
        if not widths or widths[0] < 2:
            continue
        even = sum(width == widths[0] for width in widths) / len(widths)
        score = even * 1000 + min(widths[0], 500)
        if score > most:
            best, most = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    """Return how many cells each of the first rows has; the last, which may be cut off, is left out."""
    widths: list[int] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            if row:
                widths.append(len(row))
            if len(widths) > _JUDGED_LINES:
                break
    except csv.Error:
        pass
    return widths[:-1] if len(widths) > 1 and not text.endswith("\n") else widths


class Lines(Iterator[str]):
    """The lines of a file from a place on, decoded one by one, so that it is known where each row ends.

    A line ends with LF, CRLF or CR. Of one that cannot be decoded the broken characters are replaced, and `problem`
    says so.
    """

    def __init__(self, pieces: Iterable[bytes], encoding: str, start: Place) -> None:
        self._pieces = iter(pieces)
        self._encoding = encoding
        self._feed, self._return = "\n".encode(encoding), "\r".encode(encoding)
        self._kept = b""
        self._at = 0
        self.offset = start.offset
        self.line = start.line
        self.problem = ""
        self.is_at_end = False

    def __next__(self) -> str:
        raw = self._next_line()
        if not raw:
            self.is_at_end = True
            raise StopIteration
        mark = mark_of(raw) if self.offset == 0 else None
        text = self._decoded(raw[mark[1] :] if mark and mark[0] == self._encoding else raw)
        self.offset += len(raw)
        self.line += 1
        return text.replace("\x00", "")

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode(self._encoding)
        except UnicodeDecodeError as error:
            shown = raw[error.start : error.start + 4].hex(" ")
            self.problem = self.problem or (
                f"line {self.line}: the bytes {shown} are no text in {ENCODINGS[self._encoding]};"
                " save the file as UTF-8, or choose another encoding"
            )
            return raw.decode(self._encoding, errors="replace")

    def _next_line(self) -> bytes:
        while True:
            end = self._find_end()
            if end >= 0:
                line, self._at = self._kept[self._at : end], end
                return line
            rest = self._kept[self._at :]
            if len(rest) > MOST_LINE_BYTES:
                raise Unreadable(f"line {self.line} is longer than {MOST_LINE_BYTES // 1_048_576} MB: this is no table")
            piece = next(self._pieces, b"")
            self._kept, self._at = (rest + piece, 0) if piece else (b"", 0)
            if not piece:
                return rest

    def _find_end(self) -> int:
        """Return where the line that begins at `_at` ends, or -1 when more must be read to know."""
        feed = self._find(self._feed, len(self._kept))
        back = self._find(self._return, len(self._kept) if feed < 0 else feed)
        after = back + len(self._return)
        if back >= 0 and after != feed and (feed >= 0 or after < len(self._kept)):
            return after
        return -1 if feed < 0 else feed + len(self._feed)

    def _find(self, what: bytes, end: int) -> int:
        """Find a character after `_at`; one of two bytes (UTF-16) begins at an even distance."""
        found = self._kept.find(what, self._at, end)
        while found >= 0 and len(what) == 2 and (found - self._at) % 2:
            found = self._kept.find(what, found + 1, end)
        return found


def read_rows(pieces: Iterable[bytes], written: Format, start: Place = Place()) -> Iterator[Row]:  # noqa: B008 - frozen
    """Yield the rows from a place on; `pieces` are the bytes from that place on, of any lengths.

    Empty rows, and Excel's line that names the delimiter, are passed over. Raises Unreadable.
    """
    lines = Lines(pieces, written.encoding, start)
    reader = csv.reader(lines, delimiter=written.delimiter)
    number = start.row
    while True:
        first, lines.problem = lines.line, ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(f"line {first}: {error}; is a quote opened there and never closed?") from None
        if not any(cells) or (first == 1 and len(cells) <= 2 and cells[0].lower().startswith("sep=")):
            continue
        problem = lines.problem
        if lines.is_at_end:
            problem = f"line {first}: a quote is opened and never closed: close it, all after it is in one row"
        elif len(cells) > MOST_COLUMNS:
            cells, problem = cells[:MOST_COLUMNS], f"line {first}: more than {MOST_COLUMNS} cells"
        number += 1
        yield Row(first, cells, problem, Place(lines.offset, lines.line, number))
