"""The forms of an export: how users become bytes, a portion at a time. What a form remembers between portions is JSON,
so that another process can go on."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
from psycopg import AsyncConnection

from botfolk.exports.columns import Column
from botfolk.exports.formulas import safe, safe_sql
from botfolk.exports.portions import Asked, Portion, side_by_side
from botfolk.users.ordering import ATTRIBUTE

Connection = AsyncConnection[Any]
State = dict[str, Any]

_MOST_JOINED = 30
_COMMA = " || ', ' || "


class Form(Protocol):
    """A form of file. What is written comes as bytes to append, with what to remember until the next ones."""

    suffix: str
    content_type: str

    def begin(self, columns: Sequence[Column]) -> tuple[bytes, State]:
        """Return what stands before the first user."""

    async def read(self, connection: Connection, asked: Asked, portion: Portion) -> Any:
        """Read users, as `write` takes them; several portions can be read at once."""

    async def write(self, read: Any, columns: Sequence[Column], state: State) -> tuple[bytes, State]:
        """Return users that were read."""

    def end(self, columns: Sequence[Column], state: State) -> bytes:
        """Return what stands after the last user."""


class _Lines:
    """Forms whose users the database writes: what is read is what is written."""

    async def write(self, read: bytes, columns: Sequence[Column], state: State) -> tuple[bytes, State]:
        """Return lines."""
        return read, state

    def end(self, columns: Sequence[Column], state: State) -> bytes:
        """Return nothing."""
        return b""


class Csv(_Lines):
    """Comma-separated, UTF-8, with a line of headings; times as spreadsheets read them, in UTC; lists with
    commas. No cell begins like a formula."""

    suffix = "csv"
    content_type = "text/csv; charset=utf-8"

    def __init__(self, *, marked: bool = False) -> None:
        """`marked`: begins with the mark by which Excel knows UTF-8."""
        self._mark = "\ufeff" if marked else ""

    def begin(self, columns: Sequence[Column]) -> tuple[bytes, State]:
        """Return the line of headings."""
        headings = ",".join(_quoted(safe(column.label)) for column in columns)
        return f"{self._mark}{headings}\n".encode(), {}

    async def read(self, connection: Connection, asked: Asked, portion: Portion) -> bytes:
        """Return lines."""
        cells = [
            safe_sql(f"x.c{number}") if _is_written(column) else f"x.c{number}"
            for number, column in enumerate(asked.columns)
        ]
        query = f"SELECT {', '.join(cells)} {asked.rows([each.cell for each in asked.columns], portion)}"
        query = f"COPY ({query}) TO STDOUT (FORMAT csv)"
        async with (
            side_by_side(connection),
            connection.cursor() as cursor,
            cursor.copy(query.encode(), asked.of_portion(portion)) as copy,
        ):
            return b"".join([bytes(line) async for line in copy])


def _is_written(column: Column) -> bool:
    """Say whether a column holds what somebody wrote, and not what we know to be a number, a time, or yes or no."""
    return column.kind in ("text", "list") or column.attribute is not None


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


class JsonLines(_Lines):
    """A JSON object a line, UTF-8; names and values as the API has them, attributes in an object of their own."""

    suffix = "jsonl"
    content_type = "application/x-ndjson"

    def begin(self, columns: Sequence[Column]) -> tuple[bytes, State]:
        """Return nothing."""
        return b"", {}

    async def read(self, connection: Connection, asked: Asked, portion: Portion) -> bytes:
        """Return lines."""
        own: list[str] = []
        attributes: list[str] = []
        names: dict[str, str] = {}
        for number, column in enumerate(asked.columns):
            name = column.name.removeprefix(ATTRIBUTE) if column.attribute else column.name
            names[f"k_{number}"] = f"{msgspec.json.encode(name).decode()} : "
            (attributes if column.attribute else own).append(f"%(k_{number})s::text || {_as_json(number, column)}")
        inside = [_joined(own)] if own else []
        if attributes:
            inside.append(f"""'"attributes" : {{' || {_joined(attributes)} || '}}'""")
        line = "'{' || " + _COMMA.join(inside) + " || '}'"
        query = f"SELECT string_agg({line} || chr(10), '')"
        query += f" {asked.rows([each.sql for each in asked.columns], portion)}"
        return (await _put_together(connection, query, {**asked.of_portion(portion), **names})).encode()


def _as_json(number: int, column: Column) -> str:
    """Return the expression of a value as JSON. What is JSON, or written like it, is only taken as a text: to find out
    the type of each value anew takes longer than all else of a row."""
    value = f"x.c{number}"
    if column.kind == "yes_no" and column.attribute is None:
        written = f"CASE WHEN {value} THEN 'true' ELSE 'false' END"
    elif column.attribute or column.kind in ("number", "list"):
        written = f"{value}::text"
    else:
        written = f"to_json({value})::text"
    return f"coalesce({written}, 'null')"


def _joined(values: Sequence[str]) -> str:
    """Return an expression for what stands between the brackets of an array or object; of many, some at a time: an
    expression can be too deep."""
    while len(values) > 1:
        some = [values[at : at + _MOST_JOINED] for at in range(0, len(values), _MOST_JOINED)]
        values = [f"({_COMMA.join(each)})" for each in some]
    return values[0]


async def rows_of(connection: Connection, asked: Asked, portion: Portion) -> str:
    """Return the users of a portion as JSON text: an array of an array of values each."""
    values = _joined([_as_json(number, column) for number, column in enumerate(asked.columns)])
    query = f"SELECT '[' || string_agg('[' || {values} || ']', ',') || ']'"
    query += f" {asked.rows([each.sql for each in asked.columns], portion)}"
    return await _put_together(connection, query, asked.of_portion(portion)) or "[]"


async def _put_together(connection: Connection, query: str, parameters: Mapping[str, Any]) -> str:
    """Return the one text that a query of a portion puts together; empty for nobody."""
    async with side_by_side(connection):
        row = await (await connection.execute(query.encode(), parameters)).fetchone()
    return str(row[0]) if row and row[0] else ""


def form_of(name: str, options: Mapping[str, Any]) -> Form:
    """Return a form by its name; `options`: "mark" of CSV. Raises KeyError."""
    from botfolk.exports.workbook import Xlsx

    made: dict[str, Form] = {
        "csv": Csv(marked=bool(options.get("mark"))),
        "jsonl": JsonLines(),
        "xlsx": Xlsx(),
    }
    return made[name]


NAMES = ("csv", "xlsx", "jsonl")
