"""Users as files: what stands in them, in which form, and that an export stands a kill and an erasure."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from botfolk.exports import portions, sheet, workbook
from botfolk.exports.columns import Column, columns_of
from botfolk.exports.exporting import Export, asked_of
from botfolk.exports.formulas import safe
from botfolk.filters import FilterError
from botfolk.users import edits as e
from botfolk.users.edits import InvalidEdit
from tests.exports.exported import ask, exported, file_of, job, run
from tests.telling import Tale, at, full
from tests.users.erasing import erased
from tests.users.two import change

ANN, BEN = "12345", "67890"


async def people(tale: Tale) -> None:
    """Ann, of whom much is known, and Ben, of whom nothing is."""
    await tale.says(0, "hello", who=ANN, profile=full("Ann", "=cmd|'/c calc'!A1"))
    await tale.says(3, "so good", who=ANN)
    await tale.says(1, "-1+1", who=BEN)
    ann = await tale.user_id(ANN)
    await change(
        tale, ann, e.SetField("email", "ann@example.com"), e.SetField("phone", "+60123456789"), e.AddTag("vip"),
        e.AddTag("Früh"), e.SetAttribute("plan", "gold, or\n\"so\""), e.SetAttribute("size", 4.5),
        e.SetAttribute("likes", ["a", 'b"c']), e.SetAttribute("short", ["x", "y"]), e.SetAttribute("news", True),
        e.SetAttribute("since", "2025-01-02T03:04:05Z", "datetime"), e.SetAttribute("evil", "@SUM(A1)"),
    )  # fmt: skip


async def test_a_csv_holds_what_is_known_and_runs_nothing(tale: Tale) -> None:
    await people(tale)
    content = (await exported(tale)).decode()
    ann, ben = csv.DictReader(io.StringIO(content, newline=""))
    assert ann["Id"] == str(await tale.user_id(ANN))
    assert (ann["First name"], ann["Last name"]) == ("Ann", "'=cmd|'/c calc'!A1")
    assert (ann["Email"], ann["Phone"]) == ("ann@example.com", "+60123456789")
    assert (ann["plan"], ann["size"], ann["news"], ann["evil"]) == ('gold, or\n"so"', "4.5", "true", "'@SUM(A1)")
    assert (ann["likes"], ann["short"], ann["since"][:19]) == ('a, b"c', "x, y", "2025-01-02T03:04:05")
    assert (ann["Tags"], ann["Channels"], ann["Identities"]) == ("Früh, vip", "telegram", f"telegram:{ANN}")
    assert (ann["Messages"], ann["Created at"], ann["Group"]) == ("2", "2026-03-02 12:00:00", "false")
    assert (ann["Last message"], ben["Last message"]) == ("so good", "'-1+1")
    assert (ben["First name"], ben["plan"], ben["Tags"]) == ("", "", "")


async def test_json_lines_have_the_names_and_types_of_the_api(tale: Tale) -> None:
    await people(tale)
    ann, ben = map(json.loads, (await exported(tale, form="jsonl")).decode().splitlines())
    assert (ann["last_name"], ann["tags"], ann["group"]) == ("=cmd|'/c calc'!A1", ["Früh", "vip"], False)
    assert ann["attributes"]["likes"] == ["a", 'b"c']
    assert (ann["attributes"]["size"], ann["attributes"]["news"]) == (4.5, True)
    assert datetime.fromisoformat(ann["last_message_at"]) == at(3)
    assert (ben["first_name"], ben["tags"], ben["attributes"]["plan"], ben["messages"]) == (None, None, None, 1)


async def test_a_workbook_holds_numbers_times_and_texts(tale: Tale) -> None:
    await people(tale)
    content = await exported(
        tale, form="xlsx", columns=["last_name", "created_at", "messages", "group", "attributes.likes"]
    )
    [headings, ann, ben] = cells(content)
    assert headings == ["Last name", "Created at", "Messages", "Group", "likes"]
    assert ann == ["=cmd|'/c calc'!A1", serial(at(0)), 2.0, False, 'a, b"c']
    assert ben == [None, serial(at(1)), 1.0, False, None]


def serial(moment: datetime) -> float:
    return round((moment - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400, 8)


def cells(content: bytes, number: int = 1) -> list[list[Any]]:
    """The values of a worksheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - ours
    return [[value(cell) for cell in row] for row in root.iterfind(".//{*}row")]


def value(cell: Any) -> Any:
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext())
    found = cell.find("{*}v")
    if found is None:
        return None
    return found.text == "1" if cell.get("t") == "b" else float(found.text)


async def test_a_filter_says_who_and_columns_say_what(tale: Tale) -> None:
    await people(tale)
    content = await exported(tale, filter="tag = vip", columns=["email", "attributes.plan"], form="jsonl")
    assert json.loads(content) == {"email": "ann@example.com", "attributes": {"plan": 'gold, or\n"so"'}}
    assert await exported(tale, filter="tag = nobody", form="jsonl") == b""
    assert (await exported(tale, filter="tag = nobody", columns=["email"])).decode() == '"Email"\n'


async def test_who_is_archived_is_exported_when_asked_for(tale: Tale) -> None:
    await people(tale)
    await change(tale, await tale.user_id(ANN), e.SetStatus("archived"))
    assert (await exported(tale, columns=["messages"])).decode().split() == ['"Messages"', "1"]
    assert (await exported(tale, columns=["messages"], status="archived")).decode().split() == ['"Messages"', "2"]
    assert len((await exported(tale, status="all", form="jsonl")).splitlines()) == 2


async def test_who_is_selected_is_exported_whatever_they_match(tale: Tale) -> None:
    await people(tale)
    ann, ben = await tale.user_id(ANN), await tale.user_id(BEN)
    await change(tale, ann, e.SetStatus("archived"))
    asked = {"columns": ["messages"], "form": "jsonl"}
    assert json.loads(await exported(tale, ids=[ann], filter="messages > 100", **asked)) == {"messages": 2}
    assert json.loads(await exported(tale, filter="status = archived", **asked)) == {"messages": 2}
    assert json.loads(await exported(tale, q="ann@example", status="all", **asked)) == {"messages": 2}
    assert json.loads(await exported(tale, but=[ann], status="all", **asked)) == {"messages": 1}
    done = await ask(tale, ids=[ann, ben], form="jsonl")
    await erased(tale, ann)
    assert (await job(tale, done)).spec["ids"] == [str(ben)]


async def test_excel_is_told_that_it_is_utf8_when_asked(tale: Tale) -> None:
    assert (await exported(tale, mark=True)).startswith("\ufeff".encode())
    assert (await exported(tale)).startswith(b'"Id"')


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
async def test_an_export_that_is_killed_goes_on_and_holds_each_once(
    tale: Tale, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "FIRST", 2)
    monkeypatch.setattr(portions, "next_size", lambda size, took: 2)
    await tale.deliver(*(tale.message(n, who=f"person {n}") for n in range(7)))
    job_id = await ask(tale, form=form, columns=["messages", "identities"])
    for _ in range(4):
        await run(tale, job_id, seconds=0)
    assert (await job(tale, job_id)).state == "running"
    await tale.says(20, who="who came later")
    await run(tale, job_id)
    assert ((await job(tale, job_id)).done, (await job(tale, job_id)).total) == (7, 7)
    content = await file_of(tale, job_id)
    if form == "xlsx":
        names = [row[1] for row in cells(content)[1:]]
    else:
        names = [line.rpartition("person ")[2][:1] for line in content.decode().splitlines() if "person" in line]
    assert len(names) == len(set(names)) == 7


async def test_a_full_worksheet_is_followed_by_another(tale: Tale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    await tale.deliver(*(tale.message(n, who=f"person {n}") for n in range(5)))
    content = await exported(tale, form="xlsx", columns=["identities"])
    assert [len(cells(content, number)) for number in (1, 2, 3)] == [3, 3, 2]


async def test_who_is_erased_is_in_no_export(tale: Tale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "FIRST", 1)
    monkeypatch.setattr(portions, "next_size", lambda size, took: 1)
    await people(tale)
    done, open_ = await ask(tale, form="jsonl"), await ask(tale, form="jsonl")
    await run(tale, done)
    await run(tale, open_, seconds=0)
    await run(tale, open_, seconds=0)
    assert b"ann@example.com" in await file_of(tale, open_)
    await erased(tale, await tale.user_id(ANN))
    assert await file_of(tale, done) == b""
    assert (await job(tale, done)).result == {"removed": True}
    await run(tale, open_)
    assert len((await file_of(tale, open_)).splitlines()) == 1
    assert ((await job(tale, open_)).state, (await job(tale, open_)).done) == ("done", 1)


async def test_a_row_of_more_columns_than_a_function_takes(tale: Tale) -> None:
    await tale.says(0, who=ANN)
    ann = await tale.user_id(ANN)
    await change(tale, ann, *(e.SetAttribute(f"a{number}", number) for number in range(230)))
    [line] = (await exported(tale, form="jsonl")).decode().splitlines()
    assert json.loads(line)["attributes"] == {f"a{number}": number for number in range(230)}
    by_name = sorted(map(float, range(230)), key=lambda number: f"a{number:.0f}")
    assert cells(await exported(tale, form="xlsx"))[1][-230:] == by_name
    assert len((await exported(tale)).decode().splitlines()[1].split(",")) > 230


async def test_what_cannot_be_exported_says_why(tale: Tale) -> None:
    await people(tale)
    for asked, named in (
        ({"form": "pdf"}, "csv"), ({"status": "gone"}, "archived"), ({"columns": ["emial"]}, "email"),
        ({"columns": []}, "at least one"), ({"columns": ["plam"]}, "attributes.plan"),
    ):  # fmt: skip
        with pytest.raises(InvalidEdit, match=named):
            await ask(tale, **asked)
    with pytest.raises(FilterError):
        await ask(tale, filter="emial = x")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("-2+3", "'-2+3"), ("@SUM", "'@SUM"), ("\t=1", "'\t=1"), ("＝1", "'＝1"),
        ("+60123456789", "+60123456789"), ("-5", "-5"), ("-5,50", "-5,50"), ("hello", "hello"), ("", ""),
        ("a=1", "a=1"),
    ],
)  # fmt: skip
def test_a_cell_runs_nothing(text: str, cell: str) -> None:
    assert safe(text) == cell


def test_a_cell_of_a_workbook_is_what_xml_can_hold() -> None:
    assert sheet.text("a\x00b\x0b<&>\ud800c").count("ab&lt;&amp;&gt;c") == 1
    assert "…" in sheet.text("x" * 40_000)
    assert sheet.moment("not a time") == sheet.text("not a time")
    assert sheet.moment("0001-01-01T00:00:00Z") == sheet.text("0001-01-01T00:00:00Z")


async def test_a_portion_goes_through_no_table_for_each_row_of_another(tale: Tale) -> None:
    await people(tale)
    async with tale.pool.connection() as connection:
        export = Export(columns=["email", "tags", "channels", "messages"])
        asked = await asked_of(connection, tale.bot_id, export, tale.now)
        portion = await portions.portion_after(connection, asked, portions.LOWEST, await tale.user_id(BEN), 10)
        assert portion is not None
        explain = f"EXPLAIN SELECT x.* {asked.rows([column.cell for column in asked.columns], portion)}".encode()
        async with portions.side_by_side(connection):
            plan = await (await connection.execute(explain, asked.of_portion(portion))).fetchall()
        assert not [line for (line,) in plan if "Nested Loop" in line]
        assert await (await connection.execute("SHOW enable_nestloop")).fetchone() == ("on",)


def test_portions_grow_and_shrink_with_what_there_is_to_tell() -> None:
    assert portions.next_size(1_000, 300_000) == 4_000
    assert portions.next_size(16_000, 4_000_000) == portions.MOST
    assert portions.next_size(1_000, 60_000_000) == 100
    assert portions.next_size(1, 10**9) == 1


def test_every_column_has_a_name_of_its_own() -> None:
    columns = columns_of({"plan": ("Plan", "text")})
    assert columns["attributes.plan"].label == "Plan"
    assert len({column.label for column in columns.values()}) == len(columns)
    assert all(isinstance(column, Column) for column in columns.values())
