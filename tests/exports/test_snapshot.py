"""An export by the command line: users as they are at one moment, and a file that is whole or not there."""

import os
from pathlib import Path

import psycopg
import pytest

from botfolk.db.pool import Connection
from botfolk.exports import portions
from botfolk.exports.exporting import Export
from botfolk.exports.snapshot import write_snapshot
from botfolk.filters import FilterError
from tests.telling import Tale


async def test_what_changes_meanwhile_is_not_in_it(
    tale: Tale, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "FIRST", 1)
    monkeypatch.setattr(portions, "next_size", lambda size, took: 1)
    await tale.deliver(*(tale.message(n, who=f"person {n}") for n in range(3)))
    told: list[tuple[int, int]] = []

    def meddle(done: int, total: int) -> None:
        told.append((done, total))
        with psycopg.connect(dsn, autocommit=True) as other:
            other.execute("UPDATE users SET first_name = 'changed'")

    path = tmp_path / "users.csv"
    async with await Connection.connect(dsn) as connection, await Connection.connect(dsn) as other:
        asked = Export(columns=["first_name", "messages"])
        assert await write_snapshot([connection, other], tale.bot_id, asked, path, tale.now, meddle) == 3
    assert path.read_text() == '"First name","Messages"\n,1\n,1\n,1\n'
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert await tale.rows("SELECT DISTINCT first_name FROM users") == [("changed",)]


async def test_a_file_is_whole_or_stays_as_it_was(tale: Tale, dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("the one before")
    async with await Connection.connect(dsn, autocommit=True) as connection:
        asked = Export(filter="emial = x")
        with pytest.raises(FilterError):
            await write_snapshot([connection], tale.bot_id, asked, path, tale.now, lambda _done, _total: None)
    assert path.read_text() == "the one before"
    assert os.listdir(tmp_path) == ["users.csv"]
