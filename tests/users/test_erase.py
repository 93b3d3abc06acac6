"""A person is erased: nothing of them is left, and they do not come back by themselves."""

import asyncio
from datetime import timedelta

import pytest

from botfolk.conversations.recount import Mismatch, check
from botfolk.db.pool import Connection
from botfolk.db.schema import metadata
from botfolk.db.secrets import SecretBox
from botfolk.files import RawFile, of_user, store_raw
from botfolk.users import edits as e
from botfolk.users import erase_rows, tombstones
from botfolk.users.edits import UserNotFound
from botfolk.users.erase import erase
from botfolk.users.part import part
from botfolk.users.traces import Traces
from tests.telling import BOX, KEY, Tale, at, full
from tests.users.erasing import CANARY, WHO, a_canary, erased, found_in_files, found_in_tables
from tests.users.two import MIA, change, everything, join


def test_every_table_of_a_user_is_erased() -> None:
    """A table that is forgotten keeps what is of a person who is gone."""
    owned = {
        table.name
        for table in metadata.tables.values()
        if "user_id" in table.columns
        or any(key.referred_table.name in ("users", "user_stats") for key in table.foreign_key_constraints)
    }
    assert owned == {*erase_rows.OF_USER, *erase_rows.ABOUT_TWO, *erase_rows.KEPT}


async def test_nothing_of_a_person_is_left_in_the_database_or_its_files(tale: Tale, dsn: str) -> None:
    user_id = await a_canary(tale)
    everywhere = {table for table, _ in found_in_tables(dsn, CANARY)}
    assert everywhere >= {
        "users", "identities", "messages", "conversation_events", "sessions", "notes", "changes", "merges", "outbox",
        "links", "clicks", "media", "quarantine", "exchanges", "channels", "procrastinate_jobs", "user_stats",
    }  # fmt: skip
    [(messages,)] = await tale.rows("SELECT count(*) FROM messages WHERE user_id = %s", user_id)
    receipt = await erased(tale, user_id)
    assert found_in_tables(dsn, CANARY) == []
    assert found_in_tables(dsn, "60123456789") == []
    assert found_in_files(dsn, CANARY) == []
    assert receipt.counts.items() >= {"messages": messages, "notes": 1, "files": 5, "quarantine": 1}.items()
    assert await tale.rows("SELECT 1 FROM users WHERE id = %s", user_id) == []


async def test_of_others_nothing_is_lost(tale: Tale, dsn: str) -> None:
    await tale.says(0, "hello", who="ben", profile=full("Ben"))
    ben = await tale.user_id("ben")
    await change(tale, ben, e.AddTag("vip"), e.AddNote("about Ben"))
    before = await everything(tale, ben)
    user_id = await a_canary(tale)
    await tale.rows("INSERT INTO quarantine SELECT bot_id, gen_random_uuid(), id, now(), 'r', 'id-c', 'x' FROM channels"
                    " WHERE name = 't' RETURNING 1")  # fmt: skip
    await erased(tale, user_id)
    assert await everything(tale, ben) == before
    assert await tale.rows("SELECT encode(body, 'escape') FROM quarantine") == [("id-c",)]
    assert await tale.rows("SELECT name FROM tags") == [("vip",)]


async def test_a_group_keeps_what_the_others_said_and_its_counts(tale: Tale, dsn: str) -> None:
    user_id = await a_canary(tale)
    await erased(tale, user_id)
    group = await tale.user_id("group")
    said = await tale.rows(
        "SELECT text, details FROM messages WHERE user_id = %s AND direction = 'in' ORDER BY sent_at", group
    )
    assert said == [(None, {"deleted": True}), ("and I am Ben", {"sender": {"id": "other", "name": "Ben"}})]
    assert await tale.rows("SELECT kind, details FROM conversation_events WHERE user_id = %s", group) == [
        ("joined", {"people": ["ben"]})
    ]
    assert await tale.stats("messages", "group") == (2,)
    assert await differences(tale, dsn) == []


async def differences(tale: Tale, dsn: str) -> list[Mismatch]:
    """Where what is kept is not what a recount gives."""
    async with await Connection.connect(dsn, autocommit=True) as connection:
        return [each async for each in check(connection, tale.bot_id) if isinstance(each, Mismatch)]


async def test_the_receipt_names_nobody(tale: Tale) -> None:
    await tale.says(0, who="12345")
    user_id = await tale.user_id("12345")
    receipt = await erased(tale, user_id)
    [kept] = await tale.rows("SELECT id, user_id, at, source, actor, counts FROM erasures")
    assert kept == (receipt.id, user_id, tale.now, "member", "Mia", dict(receipt.counts))
    assert receipt.counts["identities"] == 1
    with pytest.raises(UserNotFound):
        await erased(tale, user_id)


async def test_a_late_retry_brings_nobody_back(tale: Tale) -> None:
    message = await tale.says(0, who="12345")
    tale.now = at(5)
    await erased(tale, await tale.user_id("12345"))
    tale.now = at(6)
    await tale.deliver(message)
    await tale.deliver(tale.message(4, "never delivered before", who="12345"))
    assert await tale.rows("SELECT 1 FROM users") == []


async def test_a_retry_whose_service_tells_no_time_brings_nobody_back(tale: Tale) -> None:
    message = await tale.says(0, who="12345")
    tale.now = at(5)
    await erased(tale, await tale.user_id("12345"))
    tale.now = at(6)
    await tale.deliver(tale.message(6, who="12345", dedupe_key=message.dedupe_key))
    assert await tale.rows("SELECT 1 FROM users") == []


async def test_who_writes_anew_is_a_stranger_and_what_is_old_stays_away(tale: Tale) -> None:
    old = await tale.says(0, "old", who="12345", profile=full("Ann"))
    user_id = await tale.user_id("12345")
    tale.now = at(5)
    await erased(tale, user_id)
    await tale.says(10, "new", who="12345")
    fresh = await tale.user_id("12345")
    assert fresh != user_id
    await tale.deliver(old)
    await tale.deliver(tale.message(3, "never delivered before", who="12345"))
    assert await tale.rows("SELECT text FROM messages WHERE direction = 'in'") == [("new",)]
    assert await tale.rows("SELECT first_name FROM users") == [(None,)]


async def test_old_and_new_in_one_delivery(tale: Tale) -> None:
    await tale.says(0, who="12345")
    tale.now = at(5)
    await erased(tale, await tale.user_id("12345"))
    await tale.deliver(tale.message(3, "old", who="12345"), tale.message(6, "new", who="12345"))
    assert await tale.rows("SELECT text FROM messages WHERE direction = 'in'") == [("new",)]


async def test_the_names_are_known_to_who_has_the_secret_and_to_nobody_else(tale: Tale) -> None:
    await tale.says(0, who="12345")
    user_id = await tale.user_id("12345")
    await change(tale, user_id, e.SetField("email", "Ann@Example.com"), e.SetField("phone", "+60123456789"))
    await erased(tale, user_id)
    names = [
        tombstones.identity("telegram", "12345"), tombstones.email("ann@EXAMPLE.com"),
        tombstones.phone("+60123456789"), tombstones.email("ben@example.com"),
    ]  # fmt: skip
    rotated, stranger = SecretBox("another key, as long as they are", KEY), SecretBox("a stranger's key, long enough")
    async with tale.pool.connection() as connection:
        for box in (BOX, rotated):
            assert {*await tombstones.buried(connection, box, tale.bot_id, names)} == {*names[:3]}
        assert await tombstones.buried(connection, stranger, tale.bot_id, names) == {}


async def test_a_file_that_somebody_else_has_stays(tale: Tale) -> None:
    for who in ("ann12345", "ben12345"):
        await tale.says(0, who=who)
    ann, ben = await tale.user_id("ann12345"), await tale.user_id("ben12345")
    async with tale.pool.connection() as connection:
        shared, own = [
            await store_raw(connection, tale.bot_id, RawFile(content=b"x"), tale.now, owner=of_user(ann)) for _ in "ab"
        ]
        await connection.execute(
            "UPDATE messages SET details = jsonb_build_object('media', jsonb_build_array("
            " jsonb_build_object('media_id', %s::text))) WHERE user_id = %s AND direction = 'out'",
            [str(shared), ben],
        )
    await erased(tale, ann)
    assert await tale.rows("SELECT id FROM media") == [(shared,)]
    assert own != shared


async def test_who_was_parted_again_leaves_no_name_with_the_other(tale: Tale, dsn: str) -> None:
    for who, name in (("ann12345", "Ann"), ("bea12345", f"Bea {CANARY}")):
        await tale.says(0, who=who, profile=full(name))
    ann, bea = await tale.user_id("ann12345"), await tale.user_id("bea12345")
    merge_id = await join(tale, bea, ann)
    async with tale.pool.connection() as connection:
        await part(connection, tale.bot_id, merge_id, MIA, now=tale.now)
    assert ("changes", "new") in found_in_tables(dsn, CANARY)
    await erased(tale, bea)
    assert found_in_tables(dsn, CANARY) == []
    assert len(await tale.rows("SELECT 1 FROM changes WHERE field = 'merged' AND user_id = %s", ann)) == 2


async def test_whoever_writes_while_being_erased_is_gone_or_a_stranger(tale: Tale) -> None:
    """Whatever comes first: no half of a person is left, and nobody waits for ever."""
    await tale.says(0, who="12345")
    user_id = await tale.user_id("12345")
    tale.now = at(5)

    async def erases() -> None:
        async with tale.pool.connection() as connection:
            await erase(connection, BOX, tale.bot_id, user_id, MIA, now=tale.now)

    later = [tale.deliver(tale.message(6 + n, f"later {n}", who="12345")) for n in range(5)]
    await asyncio.wait_for(asyncio.gather(erases(), *later), 30)
    people = await tale.rows("SELECT id FROM users")
    assert (user_id,) not in people
    assert len(people) <= 1
    assert (
        await tale.rows("SELECT 1 FROM messages m WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = m.user_id)")
        == []
    )


async def test_deliveries_are_remembered_only_as_long_as_they_may_be_repeated(tale: Tale) -> None:
    await tale.says(0, who="12345")
    await erased(tale, await tale.user_id("12345"))
    assert len(await tale.rows("SELECT 1 FROM tombstones WHERE kind = 'delivery'")) == 1
    await tale.says(1, who="67890")
    tale.now += timedelta(days=31)
    await erased(tale, await tale.user_id("67890"))
    assert await tale.rows("SELECT kind FROM tombstones ORDER BY 1") == [("identity",), ("identity",)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"from":{"id":60123456789}}', True),
        ("From=whatsapp%3A%2B60123456789&Body=x", True),
        ('{"from":{"id":601234567890}}', False),
        ('{"from":{"id":160123456789}}', False),
        ('{"name":"Zo\\u00eb.L"}', True),
        ("name=Zo%C3%AB.L", True),
        ("nobody", False),
        ("", False),
    ],
)
def test_a_person_is_found_however_they_are_written(text: str, found: bool) -> None:
    assert Traces(["+60123456789", "whatsapp:+60123456789", "Zoë.L", "1"]).found_in(text.encode()) is found


def test_nobody_is_found_nowhere() -> None:
    assert not Traces([]).found_in("anything")
    assert WHO
