"""What becomes, or became, of each row: counted, shown, and written to files that can be downloaded."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Literal

from msgspec import Struct, field

from botfolk.imports.people import Asked

Kind = Literal["create", "update", "unchanged", "skipped", "error"]
KINDS: tuple[Kind, ...] = ("create", "update", "unchanged", "skipped", "error")

VERDICTS = "verdicts.csv"
"""The file of all rows: line, verdict, and what it is about."""
ERRORS = "errors.csv"
"""The file of the rows that were not taken, as they were, with why: to be mended and imported again."""
WHY = "What is wrong (Botfolk)"
"""The name of the column that says why; it is passed over when the file comes back."""

SHOWN = 50
"""Rows of each kind that are shown on the page."""
_SHOWN_CELLS = 8
_SHOWN_CHARACTERS = 80


class Verdict(Struct, gc=False):
    """What becomes of a row, and what it is about: the fields that change, or what is wrong and how to mend it."""

    row: Asked
    kind: Kind
    words: str = ""


class Example(Struct, frozen=True):
    """A row that is shown."""

    line: int
    kind: Kind
    words: str
    cells: list[str]


class Tally(Struct):
    """The sums of a run, as its job keeps them. `duplicates`: rows of a person whom an earlier row named."""

    counts: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Count verdicts, and keep the first of each kind to be shown."""
        for verdict in verdicts:
            count = self.counts.get(verdict.kind, 0)
            self.counts[verdict.kind] = count + 1
            if count < SHOWN:
                cells = [cell[:_SHOWN_CHARACTERS] for cell in verdict.row.cells[:_SHOWN_CELLS]]
                self.examples.append(Example(verdict.row.line, verdict.kind, verdict.words[:500], cells))

    def of(self, *kinds: Kind) -> int:
        """Return how many rows had one of these verdicts."""
        return sum(self.counts.get(kind, 0) for kind in kinds)


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet takes for no formula; a reader of ours takes the sign away again."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8."""
    return _written([harmless(cell) for cell in row] for row in rows)


def _written(rows: Iterable[Sequence[object]]) -> bytes:
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def verdict_lines(verdicts: Iterable[Verdict]) -> bytes:
    """Return the part of the file of verdicts that these rows are."""
    return _written([(verdict.row.line, verdict.kind, harmless(verdict.words)) for verdict in verdicts])


def error_lines(verdicts: Iterable[Verdict]) -> bytes:
    """Return the part of the file of rows that were not taken."""
    return as_csv([*verdict.row.cells, verdict.words] for verdict in verdicts if verdict.kind in ("error", "skipped"))
