"""What a process was told is on disk when it is killed; who comes next counts it, once."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import pytest

from botfolk.ids import new_id
from botfolk.links.clicks import FOLDER
from botfolk.links.count import count
from botfolk.links.journal import Click, Journal
from botfolk.users.edits import Actor
from botfolk.users.erase import erase
from tests.links.conftest import Clicked, a_room
from tests.telling import BOX, at


def a_click(code: str = "0aZ0aZ0aZ0aZ", minute: float = 1) -> Click:
    return Click(id=new_id(), code=code, at=at(minute), counted=True, agent='a "quoted"\u2028 agent')


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_what_is_added_is_read_in_order(tmp_path: Path) -> None:
    journal, clicks = Journal(tmp_path), [a_click() for _ in range(5)]
    for click in clicks:
        # A disk that is slow is not waited for: then there is nothing to await.
        if (synced := journal.add(click)) is not None:
            await synced
    found, place = journal.read(0)
    assert found == clicks
    assert journal.read(place) == ([], place)
    assert journal.drained(place) == 0
    assert journal.size == 0
    await journal.close()
    assert files(tmp_path) == []


async def test_a_file_is_emptied_only_when_all_of_it_has_been_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(a_click())
    _, place = journal.read(0)
    late = a_click()
    journal.add(late)
    assert journal.drained(place) == place
    assert journal.read(place)[0] == [late]
    await journal.close()
    assert len(files(tmp_path)) == 1


async def test_the_half_of_a_line_is_no_click_and_a_broken_one_stops_nothing(tmp_path: Path) -> None:
    clicks = [a_click(), a_click()]
    lines = [msgspec.json.encode(click) for click in clicks]
    (tmp_path / "dead.clicks").write_bytes(lines[0] + b"\nnonsense\n" + lines[1] + b"\n" + lines[0][:20])
    (left,) = Journal(tmp_path).left()
    found, place = left.read(0)
    assert found == clicks
    assert left.read(place)[0] == []
    left.done()
    assert files(tmp_path) == []


async def test_the_file_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    mine, others = Journal(tmp_path), Journal(tmp_path)
    others.add(a_click())
    mine.add(a_click())
    assert mine.left() == []
    await others.close()
    assert len(mine.left()) == 1
    await mine.close()


async def test_a_full_disk_leaves_no_half_click(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, whole = Journal(tmp_path), a_click()
    journal.add(whole)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:10]))
    with pytest.raises(OSError, match="full"):
        journal.add(a_click())
    monkeypatch.undo()
    journal.add(whole)
    assert journal.read(0)[0] == [whole, whole]
    await journal.close()


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
import msgspec
from botfolk.links.journal import Click, Journal

async def main():
    journal = Journal(Path(sys.argv[1]))
    for line in sys.argv[2:]:
        if (synced := journal.add(msgspec.json.decode(line, type=Click))) is not None:
            await synced
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_clicks_of_a_killed_process_are_counted_once_by_the_next(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    clicks = [a_click(code, minute) for minute in (1, 2, 3)]
    # One had been counted when the process was killed.
    async with room.tale.pool.connection() as connection:
        await count(connection, clicks[:1])
    lines = [msgspec.json.encode(click).decode() for click in clicks]
    command = [sys.executable, "-c", _KILLED, str(room.folder / FOLDER), *lines]
    killed = await asyncio.create_subprocess_exec(*command)
    assert await killed.wait() == -9
    assert len(files(room.folder / FOLDER)) == 1
    await room.count()
    assert await room.tale.stats("clicks, unique_clicks") == (3, 1)
    assert files(room.folder / FOLDER) == []
    assert await room.differences() == []


async def test_what_waits_when_a_process_stops_is_counted_by_the_next(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    room.clicks._dsn = "host=/nonexistent user=nobody"
    await room.opens(f"/l/{code}")
    await room.count()
    assert await room.tale.stats("clicks") == (0,)
    async with a_room(room.tale, room.dsn, room.folder) as following:
        await following.count()
    assert await room.tale.stats("clicks") == (1,)


async def test_a_click_set_aside_of_a_person_who_was_erased_is_dropped(room: Clicked, tmp_path: Path) -> None:
    await room.tale.says(0, who="12345")
    await room.tale.says(0, who="67890")
    code, kept = await room.sent(who="12345"), await room.sent(who="67890")
    (tmp_path / FOLDER).mkdir(exist_ok=True)
    journal = Journal(tmp_path / FOLDER)
    for each in (code, kept):
        journal.set_aside(a_click(each))
    await room.count()
    assert [click.code for click in journal.refused()] == [code, kept]
    user_id = await room.tale.user_id("12345")
    async with room.tale.pool.connection() as connection:
        await erase(connection, BOX, room.tale.bot_id, user_id, Actor("member", "Mia"), now=room.tale.now)
    await room.count()
    assert [click.code for click in journal.refused()] == [kept]
