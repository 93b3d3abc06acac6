"""Two users become one, and two again."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from botfolk.channels.events import IdentityMoved
from botfolk.db.referring import REFERENCES
from botfolk.db.schema import metadata
from botfolk.ids import new_id
from botfolk.users import edits as e
from botfolk.users import merge_rows
from botfolk.users.merge import merge
from botfolk.users.origins import origins
from botfolk.users.part import CannotPart, NoSuchMerge, part, undo_any
from botfolk.users.same_person import Suggestion, merged_into, never, suggestions
from tests.telling import Tale, full
from tests.users.two import MERGER, MIA, another_channel, change, everything, join, says_on, undo


async def met(tale: Tale, *names: str) -> list[UUID]:
    """Let people say hello; return their ids."""
    for name in names:
        await tale.says(0, who=name, profile=full(f"Person {name}"))
    return [await tale.user_id(name) for name in names]


async def suggested(tale: Tale, user_id: UUID) -> list[Suggestion]:
    async with tale.pool.connection() as connection:
        return await suggestions(connection, tale.bot_id, user_id)


def test_every_table_of_a_user_is_merged() -> None:
    """A table that is forgotten loses its rows with the user that goes."""
    refers = {(table.name, key.referred_table.name)
              for table in metadata.tables.values() for key in table.foreign_key_constraints}  # fmt: skip
    refers |= {(reference.table, reference.to) for reference in REFERENCES}
    owned = {table for table, to in refers if to in ("users", "user_stats")} | {"users", "outbox"}
    known = (merge_rows.BY_IDENTITY, merge_rows.BY_ID, merge_rows.FOLLOWING, merge_rows.KEPT, merge_rows.ABOUT_TWO)
    assert owned == {name for group in known for name in group}


async def test_all_of_both_is_one_users(tale: Tale) -> None:
    second = await another_channel(tale)
    await tale.says(0, "hahaha", who="1", profile=full("Ann"))
    await says_on(tale, second, 3, "so slow!", who="x", profile=full("Anna", "Lee"))
    stays, gone = await tale.user_id("1"), await tale.user_id_on(second.id, "x")
    await change(tale, stays, e.AddTag("vip"), e.SetAttribute("plan", "gold"), e.AddNote("first"))
    await change(tale, gone, e.AddTag("new"), e.SetAttribute("plan", "free"), e.AddNote("second"))
    await change(tale, gone, e.SetAttribute("size", 4), e.SetField("email", "ann@example.com"))
    await join(tale, gone, stays, {"first_name": "other"})
    found = await everything(tale, stays)
    assert found["profile"][0][:3] == ("Anna", "Lee", "ann@example.com")
    assert found["profile"][0][10] == {"plan": "gold", "size": 4}
    assert (
        found["profile"][0][11] | {"first_name": "channel", "last_name": "channel", "email": "member"}
        == (found["profile"][0][11])
    )
    assert [tag for (tag,) in found["tags"]] == ["new", "vip"]
    assert [note[0] for note in found["notes"]] == ["first", "second"]
    assert [message[4] for message in found["messages"] if message[1] == "in"] == ["hahaha", "so slow!"]
    assert len(found["sessions"]) == 1
    assert found["statistics"][0][1:3] == (1, 2)
    assert [identity[0] for identity in found["identities"]] == ["1", "x"]
    assert await tale.rows("SELECT 1 FROM users WHERE id = %s", gone) == []
    async with tale.pool.connection() as connection:
        assert await merged_into(connection, tale.bot_id, gone) == stays


async def test_the_merge_is_in_the_history(tale: Tale) -> None:
    gone, stays = await met(tale, "1", "2")
    merge_id = await join(tale, gone, stays)
    [(change_id,)] = await tale.rows("SELECT id FROM changes WHERE field = 'merged'")
    async with tale.pool.connection() as connection:
        assert await undo_any(connection, tale.bot_id, change_id, MERGER, now=tale.now) == stays
    kept = await tale.rows("SELECT actor, old, new FROM changes WHERE field = 'merged' ORDER BY id")
    told = {"merge": str(merge_id), "user": str(gone), "name": "Person 1"}
    assert kept == [("Ben", None, told), ("Ben", told, None)]
    assert await tale.rows("SELECT undone_at IS NULL, snapshot FROM merges") == [(False, {})]
    assert await tale.rows("SELECT 1 FROM merged_rows") == []


async def test_the_mark_of_a_field_names_who_set_the_value_that_stayed(tale: Tale) -> None:
    gone, stays = await met(tale, "1", "2")
    await change(tale, stays, e.SetField("email", "ours@example.com"))
    tale.now += timedelta(minutes=1)
    await change(tale, gone, e.SetField("email", "theirs@example.com"), actor=e.Actor("api", "Shop"))
    await join(tale, gone, stays)
    async with tale.pool.connection() as connection:
        assert (await origins(connection, tale.bot_id, stays))["email"].actor == "Mia"


async def test_what_comes_on_a_channel_of_both_goes_back_to_whoever_it_came_from(tale: Tale) -> None:
    gone, stays = await met(tale, "1", "2")
    merge_id = await join(tale, gone, stays)
    await tale.says(1, "from one", who="1")
    await tale.says(2, "from two", who="2")
    await change(tale, stays, e.AddNote("later"), e.AddTag("later"), e.SetField("first_name", "Edited"))
    await undo(tale, merge_id)
    for user_id, text in ((gone, "from one"), (stays, "from two")):
        texts = [m[4] for m in (await everything(tale, user_id))["messages"] if m[1] == "in"]
        assert texts == ["hello", text]
    after = await everything(tale, stays)
    assert (after["profile"][0][0], after["tags"], [n[0] for n in after["notes"]]) == (
        "Edited",
        [("later",)],
        ["later"],
    )
    assert (await everything(tale, gone))["profile"][0][0] == "Person 1"


async def test_messages_of_before_identities_were_kept_go_back_too(tale: Tale) -> None:
    gone, stays = await met(tale, "1", "2")
    await tale.rows("UPDATE messages SET identity_id = NULL RETURNING 1")
    merge_id = await join(tale, gone, stays)
    await undo(tale, merge_id)
    counted = await tale.rows("SELECT messages FROM user_stats")
    assert counted == [(1,), (1,)]


async def test_a_chain_of_merges_is_undone_from_its_end(tale: Tale) -> None:
    one, two, three = await met(tale, "1", "2", "3")
    before = [await everything(tale, user_id) for user_id in (one, two, three)]
    first = await join(tale, one, two)
    second = await join(tale, two, three)
    with pytest.raises(CannotPart, match="undo that merge first"):
        await undo(tale, first)
    await undo(tale, second)
    await undo(tale, first)
    assert [await everything(tale, user_id) for user_id in (one, two, three)] == before
    with pytest.raises(CannotPart, match="already"):
        await undo(tale, first)


async def test_two_merges_into_one_are_undone_in_any_order(tale: Tale) -> None:
    one, two, three = await met(tale, "1", "2", "3")
    before = [await everything(tale, user_id) for user_id in (one, two, three)]
    first, second = await join(tale, one, three), await join(tale, two, three)
    await undo(tale, first)
    await undo(tale, second)
    assert [await everything(tale, user_id) for user_id in (one, two, three)] == before


async def test_what_sessions_remember_since_goes_with_the_activities_since(tale: Tale) -> None:
    gone, stays = await met(tale, "1", "2")
    await tale.rows("UPDATE sessions SET context = '{\"old\": 1}' WHERE user_id = %s RETURNING 1", gone)
    merge_id = await join(tale, gone, stays)
    await tale.says(1, "more", who="1")
    await tale.rows('UPDATE sessions SET context = context || \'{"asked": "yes"}\' RETURNING 1')
    await undo(tale, merge_id)
    contexts = dict(await tale.rows("SELECT user_id, context FROM sessions"))
    assert contexts == {gone: {"old": 1, "asked": "yes"}, stays: {}}


async def test_a_merge_that_makes_no_sense_is_refused_and_changes_nothing(tale: Tale) -> None:
    gone, stays = await met(tale, "1", "2")
    with pytest.raises(e.InvalidEdit, match="the same user"):
        await join(tale, stays, stays)
    with pytest.raises(e.UserNotFound):
        await join(tale, new_id(), stays)
    async with tale.pool.connection() as connection:
        with pytest.raises(e.Clash):
            await merge(connection, tale.bot_id, gone, stays, MERGER, now=tale.now, versions=(1, 99))
    await change(tale, gone, e.SetStatus("blocked"))
    with pytest.raises(e.InvalidEdit, match="blocked"):
        await join(tale, gone, stays)
    await change(tale, gone, e.SetStatus("active"), e.SetGroup("A group"))
    with pytest.raises(e.InvalidEdit, match="group"):
        await join(tale, gone, stays)
    async with tale.pool.connection() as connection:
        with pytest.raises(NoSuchMerge):
            await part(connection, tale.bot_id, new_id(), MERGER, now=tale.now)
    assert await tale.rows("SELECT count(*) FROM users") == [(2,)]


async def test_a_person_who_moves_to_another_address_can_be_parted_too(tale: Tale) -> None:
    await met(tale, "1", "2")
    await tale.deliver(IdentityMoved(dedupe_key="move", external_user_id="2", at=tale.now, new_external_user_id="1"))
    [(merge_id, source)] = await tale.rows("SELECT id, source FROM merges")
    assert source == "channel"
    await undo(tale, merge_id)
    assert await tale.rows("SELECT count(*) FROM users") == [(2,)]


async def test_messages_that_come_while_users_are_merged_are_lost_by_nobody(tale: Tale) -> None:
    gone, stays = await met(tale, "1", "2")
    messages = [tale.message(1, f"text {number}", who=str(number % 2 + 1)) for number in range(20)]
    merging = asyncio.create_task(join(tale, gone, stays))
    await asyncio.gather(*(tale.ingest.submit(tale.delivery([message])) for message in messages))
    merge_id = await merging
    assert await tale.rows("SELECT messages FROM user_stats") == [(22,)]
    await asyncio.gather(
        undo(tale, merge_id),
        *(tale.ingest.submit(tale.delivery([tale.message(2, who=str(n % 2 + 1))])) for n in range(20)),
    )
    assert await tale.rows("SELECT messages FROM user_stats") == [(21,), (21,)]


@pytest.mark.parametrize("who", ["1", "12"])
async def test_a_message_that_waits_for_an_undo_is_of_whom_it_is_by_then(tale: Tale, who: str) -> None:
    gone, stays = await met(tale, "1", "2")
    merge_id = await join(tale, gone, stays)
    async with tale.pool.connection() as connection:
        await part(connection, tale.bot_id, merge_id, MERGER, now=tale.now)
        said = [tale.message(1, who=each) for each in who]
        saying = asyncio.create_task(tale.ingest.submit(tale.delivery(said)))
        await tale.until_somebody_waits()
    await saying
    assert [await tale.stats("messages", each) for each in "12"] == [(1 + (each in who),) for each in "12"]
    assert await tale.rows("SELECT reason FROM quarantine") == []


async def test_the_same_phone_or_email_suggests_a_merge_and_says_why(tale: Tale) -> None:
    one, two, three = await met(tale, "1", "2", "3")
    await change(tale, one, e.SetField("phone", "+60 12 345 6789"), e.SetField("email", "Ann@Example.com"))
    await change(tale, two, e.SetField("phone", "+60123456789"), e.SetField("email", "other@example.com"))
    await change(tale, three, e.SetField("email", "ann@example.com"))
    assert await suggested(tale, one) == [
        Suggestion(three, "email", "ann@example.com"), Suggestion(two, "phone", "+60123456789")
    ]  # fmt: skip
    assert await suggested(tale, three) == [Suggestion(one, "email", "Ann@Example.com")]
    await change(tale, two, e.SetStatus("blocked"))
    await change(tale, three, e.SetGroup("A group"))
    assert await suggested(tale, one) == []


async def test_never_these_two_is_remembered_and_can_be_taken_back(tale: Tale) -> None:
    one, two, three = await met(tale, "1", "2", "3")
    for user_id in (one, two, three):
        await change(tale, user_id, e.SetField("phone", "+60123456789"))
    async with tale.pool.connection() as connection:
        await never(connection, tale.bot_id, two, one, MIA, now=tale.now)
    assert [s.user_id for s in await suggested(tale, one)] == [three]
    assert [s.user_id for s in await suggested(tale, two)] == [three]
    # Whoever becomes one of the two is as little the other.
    tale.now += timedelta(minutes=1)
    merge_id = await join(tale, two, three)
    assert await suggested(tale, one) == []
    await undo(tale, merge_id)
    assert [s.user_id for s in await suggested(tale, one)] == [three]
    async with tale.pool.connection() as connection:
        await never(connection, tale.bot_id, one, two, MIA, now=tale.now, on=False)
    assert [s.user_id for s in await suggested(tale, one)] == [three, two]
