"""One person's whole file: all that is stored of them, and of nobody else."""

import csv
import io
import json
import zipfile
from uuid import UUID

from botfolk.exports import person
from botfolk.exports.archive import zipped
from tests.telling import Tale, full
from tests.users.erasing import CANARY, a_canary


async def archive_of(tale: Tale, user_id: UUID) -> zipfile.ZipFile:
    """A person's archive, whole."""
    user = await person.find(tale.pool, tale.bot_id, user_id, tale.now)
    assert user is not None
    pieces = [piece async for piece in zipped(person.entries(tale.pool, tale.bot_id, user, tale.now), tale.now)]
    assert max(map(len, pieces)) < 2_000_000
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


async def test_all_that_is_stored_of_a_person_is_in_their_file(tale: Tale) -> None:
    user_id = await a_canary(tale)
    with await archive_of(tale, user_id) as archive:
        assert archive.testzip() is None
        lists = ("messages", "events", "sessions", "clicks", "changes")
        read = {name: json.loads(archive.read(f"{name}.json")) for name in lists}
        for name in lists:
            [(count,)] = await tale.rows(
                f"SELECT count(*) FROM {'conversation_events' if name == 'events' else name} WHERE user_id = %s",
                user_id,
            )
            rows = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode(), newline="")))
            assert len(read[name]) == len(rows) == count, name
        profile = json.loads(archive.read("profile.json"))
        assert profile["email"] == f"{CANARY}@example.com"
        assert [note["text"] for note in profile["notes"]] == [f"note {CANARY}"]
        files = [name for name in archive.namelist() if name.startswith("media/")]
        assert [archive.read(name) for name in files] == [f"content {CANARY}".encode()] * 5
        assert any(name.endswith(f"-{CANARY}") for name in files)


async def test_the_page_to_read_runs_nothing(tale: Tale) -> None:
    await tale.says(0, "<script>alert(1)</script>", who="12345", profile=full("<b>Ann</b>"))
    with await archive_of(tale, await tale.user_id("12345")) as archive:
        page = archive.read("index.html").decode()
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "messages: 1" in page
    assert "{" not in page.partition("</style>")[2]


async def test_the_file_of_a_person_holds_nobody_else(tale: Tale) -> None:
    await a_canary(tale)
    await tale.says(9, "hello", who="67890", profile=full("Ben"))
    with await archive_of(tale, await tale.user_id("67890")) as archive:
        assert all(CANARY.encode() not in archive.read(name) for name in archive.namelist())
        assert not [name for name in archive.namelist() if name.startswith("media/")]
        assert archive.read("clicks.json") == b"[]\n"


async def test_a_long_conversation_comes_in_pages(tale: Tale) -> None:
    await tale.deliver(*(tale.message(n / 100, f"text {n}", who="12345") for n in range(450)))
    with await archive_of(tale, await tale.user_id("12345")) as archive:
        said = [each["text"] for each in json.loads(archive.read("messages.json")) if each["direction"] == "in"]
        assert said == [f"text {n}" for n in reversed(range(450))]
        assert archive.read("messages.csv").count(b"sent_at") == 1
