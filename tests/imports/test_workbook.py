"""Workbooks (XLSX) as spreadsheets write them, and those that are no tables."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from botfolk.imports.delimited import Unreadable, read_rows
from botfolk.imports.workbook import AS_TEXT, as_text, is_workbook
from tests.imports.conftest import Desk

MOST = 100_000_000


def book(*rows: list[object], first: str = "People") -> bytes:
    """A workbook with these rows."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = first
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def cells(data: bytes) -> list[list[str]]:
    """The cells that are read."""
    return [row.cells for row in read_rows(as_text(io.BytesIO(data), len(data), MOST), AS_TEXT)]


def test_cells_are_written_as_a_person_would() -> None:
    data = book(
        ["Name", "Number", "Share", "Day", "Moment", "Yes", "Empty", "Formula"],
        ["Zoë, Ann", 60123456789, 1.5, date(2026, 1, 31), datetime(2026, 1, 31, 14, 30),  # noqa: DTZ001
         True, None, '=HYPERLINK("x")'],
    )  # fmt: skip
    assert is_workbook(data)
    assert cells(data)[1] == ["Zoë, Ann", "60123456789", "1.5", "2026-01-31", "2026-01-31T14:30:00", "yes"]


def test_the_first_sheet_that_holds_anything_is_read() -> None:
    made = Workbook()
    made.create_sheet("Second").append(["Email"])
    made["Second"].append(["a@example.com"])
    file = io.BytesIO()
    made.save(file)
    assert cells(file.getvalue()) == [["Email"], ["a@example.com"]]


def damaged() -> bytes:
    return book(["Email"], ["a@example.com"])[:-200]


def another_archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return file.getvalue()


def bomb() -> bytes:
    file = io.BytesIO(book(["Email"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(90_000_000))
    return file.getvalue()


def entities() -> bytes:
    file = io.BytesIO(book(["Email"]))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/evil.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (damaged, "damaged"), (another_archive, "another kind of archive"), (bomb, "far more than a table"),
        (entities, "declares entities"), (lambda: book(), "empty"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_reason(data: object, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        cells(data())  # type: ignore[operator]


async def test_a_workbook_is_imported_like_any_file(desk: Desk) -> None:
    rows = [[f"Person{n}", f"p{n}@example.com", n] for n in range(2500)]
    tally = await desk.take_in(book(["First name", "Email", "Number"], *rows), "people.xlsx")
    assert tally.counts == {"create": 2500}
    found = await desk.tale.rows("SELECT attributes FROM users WHERE email = 'p7@example.com'")
    assert found == [({"number": 7},)]
