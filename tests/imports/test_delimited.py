"""Tables as people and programs write them: encodings, delimiters, quotes, line ends, ragged rows."""

import csv
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.imports.delimited import Format, Place, Row, Unreadable, find_format, read_rows
from botfolk.imports.encoding import detect
from botfolk.imports.table import distinct, fitted, read_head, too_many

PEOPLE = {
    "en": "First name,Email\nZoë,zoe@example.com\nBjörn,bjorn@example.com\n",
    "zh": "姓名,邮箱,城市\n王小明,wang@example.com,上海\n李雷,li@example.com,北京\n韩梅梅,han@example.com,广州\n",
    "ja": "名前,メール,住所\n山田太郎,yamada@example.com,東京都千代田区\n鈴木花子,suzuki@example.com,大阪市\n",
    "ru": "Имя,Почта,Город\nАнна Каренина,anna@example.com,Москва\nПётр Безухов,petr@example.com,Петербург\n",
    "emoji": "Name,Note\nAnn 🦊,likes\n",
}  # fmt: skip


def rows(data: bytes, written: Format | None = None, size: int = 7) -> list[Row]:
    """All rows, given in small pieces."""
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return list(read_rows(pieces, written or find_format(data)))


def cells(data: bytes, written: Format | None = None) -> list[list[str]]:
    """The cells of all rows."""
    return [row.cells for row in rows(data, written)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("en", "utf-8"), ("en", "utf-8-sig"), ("emoji", "utf-8"), ("emoji", "utf-16"), ("en", "utf-16-le"),
        ("en", "utf-16-be"), ("zh", "utf-16"), ("en", "cp1252"), ("zh", "gb18030"), ("ja", "cp932"), ("ja", "euc_jp"),
        ("ru", "cp1251"), ("zh", "utf-8"), ("ja", "utf-8-sig"),
    ],
)  # fmt: skip
def test_the_encoding_is_found(text: str, encoding: str) -> None:
    expected = [line.split(",") for line in PEOPLE[text].splitlines()]
    assert cells(PEOPLE[text].encode(encoding)) == expected


def test_a_letter_cut_in_two_by_the_end_of_the_sample_is_still_utf8() -> None:
    assert detect("name\nZoë".encode()[:-1]) == "utf-8"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("semicolons", "a;b;c\n1;2,5;3\n4;5,5;6\n", [["a", "b", "c"], ["1", "2,5", "3"], ["4", "5,5", "6"]]),
        ("tabs", "a\tb\n1, x\t2\n", [["a", "b"], ["1, x", "2"]]),
        ("bars", "a|b\n1|2\n", [["a", "b"], ["1", "2"]]),
        ("excel says it", "sep=;\na;b\n1;2\n", [["a", "b"], ["1", "2"]]),
        ("one column", "email\na@example.com\nb@example.com\n", [["email"], ["a@example.com"], ["b@example.com"]]),
        ("quoted delimiters", 'a,b\n"x,y",2\n', [["a", "b"], ["x,y", "2"]]),
        ("quoted quotes", 'a,b\n"say ""hi""",2\n', [["a", "b"], ['say "hi"', "2"]]),
        ("quoted line ends", 'a,b\n"one\ntwo\r\nthree",2\n3,4\n', [["a", "b"], ["one\ntwo\r\nthree", "2"], ["3", "4"]]),
        ("windows line ends", "a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("old Mac line ends", "a,b\r1,2\r3,4", [["a", "b"], ["1", "2"], ["3", "4"]]),
        ("mixed line ends", "a,b\r\n1,2\r3,4\n5,6", [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]),
        ("empty rows", "a,b\n\n,\n1,2\n\n", [["a", "b"], ["1", "2"]]),
        ("no last line end", "a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("a quote inside", 'a,b\n6" pipe,2\n', [["a", "b"], ['6" pipe', "2"]]),
        ("NUL", "a,b\n1\x00,2\n", [["a", "b"], ["1", "2"]]),
        ("ragged", "a,b\n1\n1,2,3\n", [["a", "b"], ["1"], ["1", "2", "3"]]),
        ("empty", "", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_are_read_however_they_are_written(
    name: str, text: str, expected: list[list[str]], encoding: str
) -> None:
    if name == "NUL" and encoding == "utf-8":
        assert cells(text.encode(), Format("utf-8", ",")) == expected
    else:
        assert cells(text.encode(encoding)) == expected


def test_each_row_knows_its_line_and_a_file_is_read_on_from_any_row() -> None:
    data = 'a,b\n"x\ny",2\n\n3,4\n5,6\n'.encode("utf-16")
    all_rows = rows(data)
    assert [row.line for row in all_rows] == [1, 2, 5, 6]
    for row in all_rows:
        assert rows_from(data, row.ends) == all_rows[row.ends.row :]


def rows_from(data: bytes, place: Place) -> list[Row]:
    """The rows from a place on."""
    return list(read_rows([data[place.offset :]], Format("utf-16-le", ","), place))


def test_a_line_that_is_no_text_is_named_and_the_others_are_read() -> None:
    read = rows(b"a,b\n1,2\nZo\xff,3\n4,5\n", Format("utf-8", ","))
    assert [row.problem[:29] for row in read] == ["", "", "line 3: the bytes ff 2c 33 0a", ""]
    assert read[3].cells == ["4", "5"]


def test_a_quote_that_is_never_closed_is_named() -> None:
    read = rows(b'a,b\n1,2\n"open,3\n4,5\n', Format("utf-8", ","))
    assert "line 3: a quote is opened and never closed" in read[2].problem


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(Unreadable, match="line 1"):
        rows(b"x" * 5_000_000, Format("utf-8", ","), size=1_000_000)
    with pytest.raises(Unreadable, match="empty"):
        read_head([b""], Format("utf-8", ","))
    with pytest.raises(Unreadable, match="no row"):
        read_head([b"a,b\n"], Format("utf-8", ","))
    assert find_format(b"name,email\n" + b"Zo\x00e Fraser,zoe@people.example\n" * 100).delimiter == ","


@pytest.mark.parametrize(
    ("beginning", "what"),
    [
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 8, "of another kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, "of another kind"),
        (b"<html><table><tr><td>Email</td></tr></table></html>", "a web page or XML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg/>', "a web page or XML"),
        (b'[{"email": "a@x.example"}]', "JSON"),
        (b'{"email": "a@x.example"}\n', "JSON"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_said_to_be_one(beginning: bytes, what: str) -> None:
    with pytest.raises(Unreadable, match=what):
        find_format(beginning)


def test_columns_have_names_of_their_own_and_rows_their_width() -> None:
    assert distinct(["Phone", "", "Phone", "Phone"]) == ["Phone", "Column 2", "Phone (2)", "Phone (3)"]
    head = read_head([b"a,b,\n1\n1,2,3\n"], Format("utf-8", ","))
    assert (head.names, head.rows) == (["a", "b"], [["1", ""], ["1", "2"]])
    assert "line 3: 3 cells where the file has 2 columns" in too_many(Row(3, ["1", "2", "3"]), 2)
    assert too_many(Row(3, ["1", "2", ""]), 2) == ""
    assert fitted(Row(3, ["1"]), 3) == ["1", "", ""]


WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=12)
TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(WORD, min_size=width, max_size=width), min_size=1, max_size=6)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-16-le", "gb18030"]))
def test_what_the_csv_module_writes_reads_back_the_same(table: list[list[str]], delimiter: str, encoding: str) -> None:
    written = StringIO()
    csv.writer(written, delimiter=delimiter).writerows(table)
    data = written.getvalue().encode(encoding)
    expected = [row for row in table if any(row)]
    if expected and expected[0] and expected[0][0].lower().startswith("sep="):
        return
    read = rows(data, Format(encoding, delimiter), size=5)
    assert [row.cells for row in read] == expected
    assert all(row.problem == "" for row in read)
