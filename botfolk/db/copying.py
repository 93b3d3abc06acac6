"""Rows that go into a table many at once, by COPY: a third of what the same cost by INSERT from a document."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection

from botfolk.db.parameters import json_text

_SPECIAL = re.compile(r"[\\\t\n\r]")
_WRITTEN = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


def text(value: str | None) -> str:
    """Return a text, or none, as COPY reads it: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2"""
    if value is None:
        return r"\N"
    return _SPECIAL.sub(lambda found: _WRITTEN[found[0]], value) if _SPECIAL.search(value) else value


def document(value: object) -> str:
    """Return a document as COPY reads it. JSON has no tabs and line breaks of its own."""
    return json_text(value).replace("\\", r"\\")


async def copy_in(connection: AsyncConnection[Any], table: str, columns: Sequence[str], rows: Iterable[str]) -> None:
    """Add rows to a table in the caller's transaction: each is its columns as COPY reads them, with tabs between."""
    lines = "\n".join(rows)
    if not lines:
        return
    async with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy,
    ):
        await copy.write(lines)
