"""An import is taken back: who was made goes, what was changed is as before, what happened since stays."""

import pytest

from botfolk.imports import manage
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.origins import origins, recent
from botfolk.users.undo import NoSuchChange, undo
from tests.imports.conftest import MIA, Desk
from tests.telling import Tale

BEFORE = "Email,First name,Plan,Tags\na@example.com,Ann,gold,vip\nb@example.com,Bob,,\n"
AFTER = """Email,First name,Plan,Tags,Chat
a@example.com,Anna,silver,new,5
b@example.com,Bobby,--,new,
c@example.com,Cy,gold,new,9
d@example.com,Di,gold,,
e@example.com,Ed,gold,,
"""


async def everything(tale: Tale) -> list[tuple[object, ...]]:
    """All users as they are, without versions."""
    return await tale.rows(
        "SELECT email, first_name, attributes, (SELECT array_agg(t.name ORDER BY t.name) FROM user_tags x"
        " JOIN tags t ON t.id = x.tag_id WHERE x.user_id = u.id),"
        " (SELECT count(*) FROM identities i WHERE i.user_id = u.id) FROM users u ORDER BY email"
    )


async def test_an_import_is_taken_back(desk: Desk, tale: Tale) -> None:
    await desk.take_in(BEFORE)
    before = await everything(tale)
    import_id = await desk.upload(AFTER)
    await desk.map(import_id, Chat=f"identity:{tale.channel.id}")
    whole = await desk.run(import_id, "apply")
    assert manage.tally_of(whole.apply).counts == {"update": 2, "create": 3}
    undone = await desk.undo(import_id)
    assert (undone.state, undone.done, undone.changed, undone.skipped, undone.total) == ("done", 5, 5, 0, 5)
    assert await everything(tale) == before
    stands = await desk.look(import_id)
    assert stands.apply is not None
    assert stands.apply.undone_by == undone.id


async def test_what_happened_since_stays(desk: Desk, tale: Tale) -> None:
    await desk.take_in(BEFORE)
    import_id = await desk.upload(AFTER)
    await desk.map(import_id, Chat=f"identity:{tale.channel.id}")
    await desk.run(import_id, "apply")
    users = dict(await tale.rows("SELECT email, id FROM users"))
    await tale.says(1, who="9")
    await tale.says(1, who="5")
    async with tale.pool.connection() as connection:
        change = e.SetField("first_name", "Mine")
        for email in ("b@example.com", "d@example.com"):
            await apply(connection, tale.bot_id, users[email], [change], MIA, now=tale.now)
    undone = await desk.undo(import_id)
    assert (undone.done, undone.changed, undone.skipped) == (5, 1, 4)
    rows = await tale.rows("SELECT email, first_name, attributes ->> 'plan' FROM users ORDER BY email")
    assert rows == [
        ("a@example.com", "Ann", "gold"), ("b@example.com", "Mine", None), ("c@example.com", "Cy", "gold"),
        ("d@example.com", "Mine", "gold"),
    ]  # fmt: skip
    assert await tale.rows("SELECT external_id FROM identities ORDER BY 1") == [("5",), ("9",)]


async def test_what_was_taken_back_again_since_does_not_keep_a_person(desk: Desk, tale: Tale) -> None:
    first = await desk.upload("Email,Plan\na@example.com,gold\nb@example.com,gold\nc@example.com,gold\n")
    await desk.run(first, "apply")
    second = await desk.upload("Email,Tags\na@example.com,new\nb@example.com,new\nc@example.com,new\n")
    await desk.run(second, "apply")
    # An undo that comes too early finds all changed since, and can be asked for again.
    assert [(await desk.undo(each)).changed for each in (first, second)] == [0, 3]
    users = dict(await tale.rows("SELECT email, id FROM users"))
    async with tale.pool.connection() as connection:
        for email in ("b@example.com", "c@example.com"):
            await apply(connection, tale.bot_id, users[email], [e.AddTag("mine")], MIA, now=tale.now)
        # Taken back, and that too: the tag of C stands again.
        for _ in range(2):
            await connection.commit()
            [(change_id,)] = await tale.rows("SELECT id FROM changes ORDER BY id DESC LIMIT 1")
            await undo(connection, tale.bot_id, change_id, MIA, now=tale.now)
    undone = await desk.undo(first)
    assert (undone.done, undone.changed, undone.skipped) == (3, 1, 2)
    assert await tale.rows("SELECT email FROM users ORDER BY 1") == [("b@example.com",), ("c@example.com",)]


async def test_who_was_made_by_an_import_shows_it_at_each_field(desk: Desk, tale: Tale) -> None:
    await desk.take_in(BEFORE)
    rows = await tale.rows("SELECT u.id, c.id FROM users u JOIN changes c ON c.user_id = u.id WHERE email LIKE 'a%%'")
    user_id, change_id = rows[0]
    async with tale.pool.connection() as connection:
        by = await origins(connection, tale.bot_id, user_id)
        assert {"first_name", "email", "attributes.plan", "tags"} <= by.keys()
        assert (by["email"].source, by["email"].name) == ("import", "people.csv")
        [change] = await recent(connection, tale.bot_id, user_id, 10, field="attributes.plan")
        assert (change.field, change.old, change.new, change.made) == ("attributes.plan", None, "gold", True)
        with pytest.raises(NoSuchChange, match="undo the import"):
            await undo(connection, tale.bot_id, change_id, MIA, now=tale.now)
