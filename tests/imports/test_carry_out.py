"""People come in by a file: made, changed, left alone, refused; nobody twice."""

from uuid import UUID

import pytest

from botfolk.imports import manage, steps
from botfolk.imports.store import NoSuchImport
from botfolk.imports.verdicts import ERRORS, VERDICTS
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.erase import erase
from tests.imports.conftest import MIA, Desk
from tests.telling import Tale, full

PEOPLE = """First name,Last name,Email,Phone,Language,Tags,Plan,Since
Ann,Lee,ann@example.com,+60123456789,en,"vip, new",gold,2026-01-31
Bob,Ray,bob@example.com,,German,vip,silver,2026-02-01
"""


async def test_people_of_a_file_become_users(desk: Desk) -> None:
    tally = await desk.take_in(PEOPLE)
    assert tally.counts == {"create": 2}
    rows = await desk.tale.rows(
        "SELECT first_name, last_name, email, phone, language, attributes, status, version FROM users ORDER BY email"
    )
    assert rows == [
        ("Ann", "Lee", "ann@example.com", "+60123456789", "en", {"plan": "gold", "since": "2026-01-31T00:00:00Z"},
         "active", 1),
        ("Bob", "Ray", "bob@example.com", None, "de", {"plan": "silver", "since": "2026-02-01T00:00:00Z"}, "active", 1),
    ]  # fmt: skip
    assert await desk.tale.rows("SELECT name, type FROM attributes ORDER BY 1") == [
        ("plan", "text"),
        ("since", "datetime"),
    ]
    tags = (
        "SELECT u.first_name, t.name FROM user_tags x JOIN users u ON u.id = x.user_id JOIN tags t ON t.id = x.tag_id"
    )
    assert sorted(await desk.tale.rows(tags)) == [("Ann", "new"), ("Ann", "vip"), ("Bob", "vip")]
    sources = (await desk.tale.rows("SELECT field_sources FROM users WHERE first_name = 'Bob'"))[0][0]
    assert set(sources.values()) == {"import"}
    changes = await desk.tale.rows("SELECT field, source, actor, new FROM changes ORDER BY id LIMIT 1")
    assert changes[0][:3] == ("created", "import", "people.csv")
    assert changes[0][3]["tags"] == ["new", "vip"]


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    await desk.take_in(PEOPLE)
    assert (await desk.take_in(PEOPLE)).counts == {"unchanged": 2}
    assert await desk.tale.rows("SELECT count(*) FROM changes") == [(2,)]


async def test_who_is_a_user_is_found_by_identity_email_phone_or_id(desk: Desk, tale: Tale) -> None:
    await tale.says(0, who="77", profile=full("Telegram", "Person"))
    await desk.take_in("Email,Phone,First name\nann@example.com,,Ann\n,+60123456789,Bob\n")
    ids = await tale.rows("SELECT id FROM users WHERE first_name = 'Ann'")
    tally = await desk.take_in(
        f"Who,Email,Phone,Chat,Plan\n,ANN@example.com,,,a\n,,+60123456789,,b\n,,,77,c\n{ids[0][0]},,,,d\n",
        Who="id", Chat=f"identity:{tale.channel.id}", Plan="attribute:plan:text",
    )  # fmt: skip
    assert tally.counts == {"update": 4}
    rows = await tale.rows("SELECT first_name, attributes ->> 'plan' FROM users ORDER BY 1")
    assert rows == [("Ann", "d"), ("Bob", "b"), ("Telegram", "c")]


async def test_blanks_leave_and_the_marker_clears(desk: Desk) -> None:
    await desk.take_in(PEOPLE)
    tally = await desk.take_in("Email,First name,Last name,Plan,Tags\nann@example.com,,--,--,--\n")
    assert tally.counts == {"update": 1}
    rows = await desk.tale.rows("SELECT first_name, last_name, attributes FROM users WHERE first_name = 'Ann'")
    assert rows == [("Ann", None, {"since": "2026-01-31T00:00:00Z"})]
    assert await desk.tale.rows("SELECT count(*) FROM user_tags") == [(1,)]


async def test_nobody_is_unblocked_unarchived_or_subscribed_again(desk: Desk, tale: Tale) -> None:
    await desk.take_in("Email,First name\na@example.com,Ann\nb@example.com,Bob\nc@example.com,Cy\n")
    users = dict(await tale.rows("SELECT first_name, id FROM users"))
    await tale.says(0, who="7")
    async with tale.pool.connection() as connection:
        for name, status in (("Ann", "blocked"), ("Bob", "archived")):
            await apply(connection, tale.bot_id, users[name], [e.SetStatus(status)], MIA, now=tale.now)  # type: ignore[arg-type]
        await connection.execute("UPDATE identities SET state = 'opted_out', user_id = %s", [users["Cy"]])
    tally = await desk.take_in(
        "Email,Last name,Status,Chat\na@example.com,X,active,1\nb@example.com,Y,active,2\nc@example.com,Z,archived,8\n",
        Status="status", Chat=f"identity:{tale.channel.id}",
    )  # fmt: skip
    assert tally.counts == {"skipped": 1, "update": 2}
    rows = await tale.rows("SELECT first_name, last_name, status FROM users WHERE email IS NOT NULL ORDER BY 1")
    assert rows == [("Ann", None, "blocked"), ("Bob", "Y", "archived"), ("Cy", "Z", "archived")]
    states = dict(await tale.rows("SELECT external_id, state FROM identities"))
    assert states == {"7": "opted_out", "2": "active", "8": "opted_out"}


async def test_who_was_erased_does_not_come_back(desk: Desk, tale: Tale) -> None:
    await desk.take_in(PEOPLE)
    await tale.says(0, who="7")
    box = desk.reach.channels.box
    async with tale.pool.connection() as connection:
        for (user_id,) in await tale.rows("SELECT id FROM users WHERE email IS NULL OR email LIKE 'ann%%'"):
            await erase(connection, box, tale.bot_id, user_id, MIA, now=tale.now)
    file = (
        "Email,Phone,Chat,First name\nANN@example.com,,,A\nx@example.com,+60123456789,,B\n,,7,C\nbob@example.com,,,D\n"
    )
    import_id = await desk.upload(file)
    await desk.map(import_id, Chat=f"identity:{tale.channel.id}")
    for what in ("check", "apply"):
        whole = await desk.run(import_id, what)
        tally = manage.tally_of(whole.apply or whole.check)
        assert tally.counts == {"skipped": 3, "update": 1}
        assert "was erased" in tally.examples[0].words
    assert await tale.rows("SELECT first_name FROM users") == [("D",)]


async def test_rows_of_one_person_count_in_their_order(desk: Desk) -> None:
    file = "Email,Phone,First name,Last name\na@x.example,,Ann,\nA@X.example,+60123456789,,Lee\n,+60123456789,Anna,\n"
    import_id = await desk.upload(file)
    checked = (await desk.run(import_id, "check")).check
    assert manage.tally_of(checked).counts == {"create": 1, "update": 2}
    assert manage.tally_of(checked).duplicates == 2
    assert [example.words for example in manage.tally_of(checked).examples][1:] == [
        "the same person as line 2: this row comes on top of it",
        "the same person as line 3: this row comes on top of it",
    ]
    assert (await desk.take_in(file)).counts == {"create": 1, "update": 2}
    assert await desk.tale.rows("SELECT first_name, last_name FROM users") == [("Anna", "Lee")]
    assert await desk.tale.rows("SELECT count(*) FROM import_keys") == [(0,)]


WRONG = """Email,Phone,Age,Plan
ok@example.com,,41,=1+1
nope,,1,
x@example.com,12,1,
y@example.com,,old,
,,3,gold
z@example.com,,4,gold,too many
"""


async def test_each_row_that_is_wrong_says_why_and_can_be_mended(desk: Desk) -> None:
    import_id = await desk.upload(WRONG)
    await desk.map(import_id, Age="attribute:age:number")
    for what in ("check", "apply"):
        whole = await desk.run(import_id, what)
        job = whole.apply or whole.check
        assert job is not None
        assert manage.tally_of(job).counts == {"create": 1, "error": 5}
        assert (job.done, job.changed, job.failed, job.total) == (6, 1, 5, 6)
        errors = await desk.file(job.id, ERRORS)
        assert "line 3, “Email” (“nope”): not an email address; it should look like name@example.com" in errors
        assert "line 4, “Phone” (“12”): not a phone number" in errors
        assert "line 5, “age”: this attribute is a number" in errors
        assert "line 6: nothing says who this is" in errors
        assert "line 7: 5 cells where the file has 4 columns" in errors
        verdicts = await desk.file(job.id, VERDICTS)
        assert verdicts.splitlines()[:2] == ["Line,Verdict,What", "2,create,"]
    mended = errors.replace("nope", "yes@example.com")
    tally = await desk.take_in(mended, Age="attribute:age:number")
    assert tally.counts["create"] == 1
    assert await desk.tale.rows("SELECT attributes FROM users WHERE email = 'ok@example.com'") == [
        ({"age": 41, "plan": "=1+1"},)
    ]


async def test_a_rehearsal_changes_nothing(desk: Desk) -> None:
    await desk.take_in(PEOPLE)
    before = await desk.tale.rows("SELECT u::text FROM users u ORDER BY id")
    import_id = await desk.upload("Email,First name,New thing\nann@example.com,Anna,x\nnew@example.com,Nia,y\n")
    whole = await desk.run(import_id, "check")
    assert manage.tally_of(whole.check).counts == {"update": 1, "create": 1}
    assert [example.words for example in manage.tally_of(whole.check).examples] == ["first_name, new_thing", ""]
    assert await desk.tale.rows("SELECT u::text FROM users u ORDER BY id") == before
    assert await desk.tale.rows("SELECT count(*) FROM attributes WHERE name = 'new_thing'") == [(0,)]


async def test_two_users_with_one_email_are_not_guessed_between(desk: Desk) -> None:
    await desk.take_in("Phone,Email\n+60123456781,same@example.com\n+60123456782,other@example.com\n")
    await desk.tale.rows("UPDATE users SET email = 'same@example.com' RETURNING 1")
    import_id = await desk.upload("Email,First name\nsame@example.com,X\n")
    tally = manage.tally_of((await desk.run(import_id, "apply")).apply)
    assert tally.counts == {"error": 1}
    assert "2 users have this email" in tally.examples[0].words


async def test_only_new_or_only_known_people(desk: Desk) -> None:
    await desk.take_in("Email\na@example.com\n")
    file = "Email,First name\na@example.com,Ann\nb@example.com,Bob\n"
    assert (await desk.take_in(file, only="update")).counts == {"update": 1, "skipped": 1}
    assert (await desk.take_in(file, only="create")).counts == {"skipped": 1, "create": 1}


async def test_a_note_is_not_written_twice(desk: Desk) -> None:
    for _ in range(2):
        await desk.take_in("Email,Notes\na@example.com,Likes tea\n")
        await desk.take_in("Email,Notes\na@example.com,Likes tea\n")
    assert await desk.tale.rows("SELECT text, author FROM notes") == [("Likes tea", "people.csv")]


async def test_a_long_file_goes_on_where_it_was_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROWS", 40)
    rows = "".join(f"p{n}@example.com,Person,{n}\n" for n in range(250))
    import_id = await desk.upload("Email,First name,Number\n" + rows)
    job = (await desk.run(import_id, "apply", until_done=False)).apply
    assert job is not None
    await desk.work(job.id, seconds=0)
    job = (await desk.look(import_id)).apply
    assert job is not None
    assert (job.done, job.state) == (40, "running")
    assert job.total is not None
    assert 200 < job.total < 300
    await desk.work(job.id)
    job = (await desk.look(import_id)).apply
    assert job is not None
    assert (job.done, job.total, job.state) == (250, 250, "done")
    assert await desk.tale.rows("SELECT count(*), count(DISTINCT email) FROM users") == [(250, 250)]
    verdicts = await desk.file(job.id, VERDICTS)
    assert [line.split(",")[0] for line in verdicts.splitlines()[1:]] == [str(n) for n in range(2, 252)]


async def test_another_bots_import_is_not_there(desk: Desk) -> None:
    import_id = await desk.upload(PEOPLE)
    async with desk.tale.pool.connection() as connection:
        with pytest.raises(NoSuchImport):
            await manage.whole(connection, UUID(int=5), import_id)


async def test_a_tag_may_have_other_small_letters_in_the_database_than_here(desk: Desk) -> None:
    for name in ("ann", "bob"):
        tally = await desk.take_in(f"Email,Tags\n{name}@example.com,ΠΕΛΑΤΗΣ\n")
        assert tally.counts == {"create": 1}
    assert await desk.tale.rows("SELECT name, (SELECT count(*) FROM user_tags) FROM tags") == [("ΠΕΛΑΤΗΣ", 2)]
