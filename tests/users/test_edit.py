"""Changing a user: one way, whoever asks."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from botfolk.ids import new_id
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.undo import NoSuchChange, undo
from tests.telling import Tale, at, full

MIA = e.Actor("member", "Mia", UUID(int=1))
BEN = e.Actor("member", "Ben", UUID(int=2))
API = e.Actor("api", "Shop")


async def change(tale: Tale, *edits: e.Edit, actor: e.Actor = MIA, version: int | None = None) -> e.Applied:
    """Apply edits to the only user."""
    user_id = await tale.user_id()
    async with tale.pool.connection() as connection:
        return await apply(connection, tale.bot_id, user_id, edits, actor, now=tale.now, expected_version=version)


async def take_back(tale: Tale, field: str, actor: e.Actor = BEN) -> e.Applied:
    """Undo the newest change of a field."""
    rows = await tale.rows("SELECT id FROM changes WHERE field LIKE %s ORDER BY id DESC LIMIT 1", field)
    async with tale.pool.connection() as connection:
        _, applied = await undo(connection, tale.bot_id, rows[0][0], actor, now=tale.now)
        return applied


@pytest.fixture(autouse=True)
async def _aisha(tale: Tale) -> None:
    await tale.says(0, profile=full("Aisha", "Rahman"))


async def test_a_field_keeps_its_source_and_history(tale: Tale) -> None:
    await change(tale, e.SetField("email", " aisha@example.com "), e.SetField("phone", "+60 12-345 6789"))
    rows = await tale.rows("SELECT email, phone, field_sources ->> 'email' FROM users")
    assert rows == [("aisha@example.com", "+60123456789", "member")]
    kept = await tale.rows("SELECT actor, source, old, new FROM changes WHERE field = 'email'")
    assert kept == [("Mia", "member", None, "aisha@example.com")]


async def test_all_wrong_values_are_named_at_once_and_nothing_is_changed(tale: Tale) -> None:
    with pytest.raises(e.InvalidEdit) as caught:
        await change(
            tale, e.SetField("email", "nope"), e.SetField("phone", "12"), e.SetField("first_name", "New"),
            e.SetField("timezone", "Mars/Base"), e.SetAttribute("email", "x"), e.SetAttribute("a b", "x"),
        )  # fmt: skip
    assert set(caught.value.errors) == {"email", "phone", "timezone", "attributes.email", "attributes.a b"}
    assert await tale.rows("SELECT first_name FROM users") == [("Aisha",)]


async def test_a_cleared_field_is_the_channels_to_fill_again(tale: Tale) -> None:
    await change(tale, e.SetField("first_name", "Ash"))
    await tale.says(1, profile=full("Aisha", "Rahman"))
    assert await tale.rows("SELECT first_name FROM users") == [("Ash",)]
    await change(tale, e.SetField("first_name", None))
    await tale.says(2, profile=full("Aisha", "Rahman"))
    assert await tale.rows("SELECT first_name FROM users") == [("Aisha",)]


async def test_a_stale_version_is_a_clash_with_both_values(tale: Tale) -> None:
    version = (await change(tale, e.SetField("first_name", "Ash"))).version
    with pytest.raises(e.Clash) as caught:
        await change(tale, e.SetField("first_name", "Aishah"), actor=BEN, version=version - 1)
    assert caught.value.fields == {"first_name": ("Ash", "Aishah")}
    assert caught.value.version == version


async def test_two_members_at_once_lose_no_update(tale: Tale) -> None:
    await asyncio.gather(
        change(tale, e.SetField("first_name", "Ash")), change(tale, e.SetField("last_name", "Karim"), actor=BEN)
    )
    assert await tale.rows("SELECT first_name, last_name FROM users") == [("Ash", "Karim")]


async def test_two_members_on_one_field_see_each_other(tale: Tale) -> None:
    edits = [e.SetField("first_name", name, expected="Aisha") for name in ("Ash", "Ish")]
    results = await asyncio.gather(*(change(tale, edit) for edit in edits), return_exceptions=True)
    clashes = [result for result in results if isinstance(result, e.Clash)]
    assert len(clashes) == 1
    assert set(clashes[0].fields["first_name"]) == {"Ash", "Ish"}


async def test_attributes_have_one_type_and_case_does_not_matter(tale: Tale) -> None:
    await change(tale, e.SetAttribute("Country", "Malaysia"), e.SetAttribute("age", 41), e.SetAttribute("vip", True))
    await change(tale, e.SetAttribute("COUNTRY", "Chile"))
    attributes = (await tale.rows("SELECT attributes FROM users"))[0][0]
    assert attributes == {"country": "Chile", "age": 41, "vip": True}
    assert (await tale.rows("SELECT label, type FROM attributes WHERE name = 'country'")) == [("Country", "text")]
    with pytest.raises(e.InvalidEdit, match="number"):
        await change(tale, e.SetAttribute("age", "old"))
    await change(tale, e.RemoveAttribute("Age"))
    assert "age" not in (await tale.rows("SELECT attributes FROM users"))[0][0]


async def test_tags_are_one_whatever_their_case(tale: Tale) -> None:
    await change(tale, e.AddTag("VIP"), e.AddTag("vip"), e.AddTag("new"))
    await change(tale, e.RemoveTag("NEW"))
    assert await tale.rows("SELECT t.name FROM user_tags u JOIN tags t ON t.id = u.tag_id") == [("VIP",)]


async def test_a_note_is_its_authors(tale: Tale) -> None:
    await change(tale, e.AddNote("Likes tea"))
    note_id = (await tale.rows("SELECT id FROM notes"))[0][0]
    with pytest.raises(e.InvalidEdit, match="author"):
        await change(tale, e.DeleteNote(note_id), actor=BEN)
    await change(tale, e.EditNote(note_id, "Likes coffee"))
    assert await tale.rows("SELECT text, author FROM notes") == [("Likes coffee", "Mia")]
    await change(tale, e.DeleteNote(note_id))
    await take_back(tale, "notes.%")
    assert await tale.rows("SELECT id, text, author FROM notes") == [(note_id, "Likes coffee", "Mia")]


async def test_a_pause_lasts_the_bots_time_and_ends_by_itself(tale: Tale) -> None:
    tale.now = at(1)
    await change(tale, e.PauseBot(reason="refund"))
    assert await tale.stats("paused_until, pause_reason") == (at(11), "refund")
    await change(tale, e.PauseBot(seconds=60, at_least=True))
    assert await tale.stats("paused_until") == (at(11),)
    tale.now = at(12)
    applied = await change(tale, e.ResumeBot())
    assert applied.changes == ()


async def test_a_pause_until_a_time(tale: Tale) -> None:
    tale.now = at(1)
    await change(tale, e.PauseBot(until=at(500), reason="holiday"))
    assert await tale.stats("paused_until, pause_reason") == (at(500), "holiday")
    with pytest.raises(e.InvalidEdit, match="this time has passed"):
        await change(tale, e.PauseBot(until=at(1)))
    with pytest.raises(e.InvalidEdit, match="at most 366 days"):
        await change(tale, e.PauseBot(until=at(60 * 24 * 367)))
    assert await tale.stats("paused_until") == (at(500),)


async def test_a_pause_until_resumed(tale: Tale) -> None:
    await change(tale, e.PauseBot(forever=True))
    assert await tale.stats("paused_until") == (e.FOREVER,)
    await tale.says(60 * 24 * 300)
    assert (await tale.rows("SELECT count(*) FROM outbox")) == [(1,)]
    await change(tale, e.ResumeBot())
    assert await tale.stats("paused_until, waiting_since") == (None, None)


async def test_the_infinite_session_keeps_its_history(tale: Tale) -> None:
    tale.now = at(5)
    await change(tale, e.SetInfiniteSession(True))
    await tale.says(600)
    assert await tale.stats("sessions, time_spent_us") == (1, 600_000_000)
    await change(tale, e.SetInfiniteSession(False))
    await tale.says(1200)
    assert await tale.stats("sessions") == (2,)


async def test_every_change_can_be_taken_back(tale: Tale) -> None:
    await change(
        tale, e.SetField("first_name", "Ash"), e.SetAttribute("plan", "gold"), e.SetTags(["a", "b"]),
        e.SetInfiniteSession(True), e.SetStatus("archived"), e.PauseBot(seconds=3600),
    )  # fmt: skip
    for field in ("first_name", "attributes.plan", "tags", "infinite_session", "status", "pause_bot"):
        assert (await take_back(tale, field)).changes, field
    rows = await tale.rows("SELECT first_name, attributes, status FROM users")
    assert rows == [("Aisha", {}, "active")]
    assert await tale.rows("SELECT count(*) FROM user_tags") == [(0,)]
    assert await tale.stats("infinite_session, paused_until") == (False, None)


async def test_undo_leaves_a_later_change_alone(tale: Tale) -> None:
    await change(tale, e.SetField("first_name", "Ash"))
    first = (await tale.rows("SELECT id FROM changes WHERE new = '\"Ash\"'"))[0][0]
    tale.now += timedelta(minutes=1)
    await change(tale, e.SetField("first_name", "Ish"), actor=API)
    with pytest.raises(e.Clash):
        async with tale.pool.connection() as connection:
            await undo(connection, tale.bot_id, first, MIA, now=tale.now)
    assert await tale.rows("SELECT first_name FROM users") == [("Ish",)]


async def picture(tale: Tale) -> UUID:
    """A stored picture."""
    rows = await tale.rows(
        "INSERT INTO media (bot_id, id, content_type, content) VALUES (%s, %s, 'image/webp', '') RETURNING id",
        tale.bot_id, new_id(),
    )  # fmt: skip
    return UUID(str(rows[0][0]))


async def test_undo_brings_back_exactly_the_picture_that_was(tale: Tale) -> None:
    channels, mine = await picture(tale), await picture(tale)
    await change(tale, e.SetPicture(channels), actor=e.Actor("channel", "Telegram"))
    await change(tale, e.SetPicture(mine))
    await change(tale, e.SetPicture(None))
    await change(tale, e.SetPicture(channels), actor=e.Actor("channel", "Telegram"))
    assert await tale.rows("SELECT picture_id FROM users") == [(None,)]
    await take_back(tale, "picture")
    assert await tale.rows("SELECT picture_id FROM users") == [(mine,)]


async def test_undo_of_what_is_not_so_any_more_is_a_clash(tale: Tale) -> None:
    note_edits = ("Likes tea", "Likes coffee")
    await change(tale, e.AddNote(note_edits[0]))
    note_id = (await tale.rows("SELECT id FROM notes"))[0][0]
    first: tuple[e.Edit, ...] = (
        e.SetPicture(await picture(tale)), e.SetStatus("archived"), e.PauseBot(seconds=60),
        e.SetInfiniteSession(True), e.EditNote(note_id, note_edits[1]),
    )  # fmt: skip
    later = (
        e.SetPicture(None), e.SetStatus("blocked"), e.PauseBot(forever=True),
        e.SetInfiniteSession(False), e.EditNote(note_id, "Likes water"),
    )  # fmt: skip
    await change(tale, *first)
    made = await tale.rows("SELECT id FROM changes WHERE actor = 'Mia' ORDER BY id DESC LIMIT %s", len(first))
    await change(tale, *later)
    for (change_id,) in made:
        with pytest.raises(e.Clash):
            async with tale.pool.connection() as connection:
                await undo(connection, tale.bot_id, change_id, BEN, now=tale.now)

    assert await tale.rows("SELECT picture_id, status FROM users") == [(None, "blocked")]
    assert await tale.stats("infinite_session, paused_until") == (False, e.FOREVER)


async def test_undo_of_a_new_attribute_leaves_its_later_value_alone(tale: Tale) -> None:
    await change(tale, e.SetAttribute("plan", "silver"))
    first = (await tale.rows("SELECT id FROM changes WHERE field = 'attributes.plan'"))[0][0]
    await change(tale, e.SetAttribute("plan", "gold"), actor=BEN)
    with pytest.raises(e.Clash) as caught:
        async with tale.pool.connection() as connection:
            await undo(connection, tale.bot_id, first, MIA, now=tale.now)
    assert caught.value.fields == {"attributes.plan": ("gold", None)}
    assert await tale.rows("SELECT attributes FROM users") == [({"plan": "gold"},)]


async def test_another_bots_user_cannot_be_changed(tale: Tale) -> None:
    user_id = await tale.user_id()
    async with tale.pool.connection() as connection:
        with pytest.raises(e.UserNotFound):
            await apply(connection, UUID(int=9), user_id, [e.SetField("first_name", "X")], MIA, now=tale.now)
        with pytest.raises(NoSuchChange):
            await undo(connection, UUID(int=9), UUID(int=9), MIA, now=tale.now)
