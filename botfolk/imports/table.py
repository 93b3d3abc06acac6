"""The table in a file: its header, its first rows, and how a ragged row is read."""

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct

from botfolk.imports.delimited import Format, Place, Row, Unreadable, read_rows

SAMPLES = 20
"""Rows that are shown, and looked at for suggestions."""


class Head(Struct, frozen=True):
    """The beginning of a table: names of the columns, the first rows, and where the first row after the names is."""

    names: list[str]
    rows: list[list[str]]
    starts: Place


def read_head(beginning: Iterable[bytes], written: Format) -> Head:
    """Read the names and the first rows. Raises Unreadable when there is nothing to import."""
    rows = list(islice(read_rows(beginning, written), SAMPLES + 1))
    if not rows:
        raise Unreadable("the file is empty: its first row names the columns, and each further row is a person")
    names = [" ".join(cell.split())[:200] for cell in rows[0].cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Unreadable(f"line {rows[0].line}: the first row names no column")
    if len(rows) == 1:
        raise Unreadable("the file has names of columns, and no row under them")
    return Head(distinct(names), [fitted(row, len(names)) for row in rows[1:]], rows[0].ends)


def distinct(names: Sequence[str]) -> list[str]:
    """Give every column a name of its own: one without a name is called by its number, a second “Phone” “Phone (2)”."""
    found: dict[str, None] = {}
    for number, given in enumerate(names, 1):
        name = given or f"Column {number}"
        copy = 2
        while name in found:
            name, copy = f"{given or f'Column {number}'} ({copy})", copy + 1
        found[name] = None
    return list(found)


def fitted(row: Row, width: int) -> list[str]:
    """Return a row's cells, as many as there are columns: what is missing is blank."""
    return row.cells[:width] + [""] * (width - len(row.cells))


def too_many(row: Row, width: int) -> str:
    """Say what is wrong with a row that has more in it than there are columns; empty when nothing is."""
    beyond = [cell for cell in row.cells[width:] if cell.strip()]
    if not beyond:
        return ""
    return (
        f"line {row.line}: {len(row.cells)} cells where the file has {width} columns, the first too many is"
        f" “{beyond[0][:40]}”; put a cell that holds the delimiter in quotes"
    )
