"""A person in whose every trace stands a word that stands nowhere else, and the search for it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

from botfolk.channels.events import Happened, Media, MessageEdited, Sender
from botfolk.conversations.reply import say
from botfolk.files import RawFile, of_user, of_visitor, store_raw
from botfolk.ids import new_id
from botfolk.jobs import defer
from botfolk.links.count import count
from botfolk.links.journal import Click
from botfolk.users import edits as e
from botfolk.users.erase import erase
from botfolk.users.erasures import Receipt
from tests.telling import BOX, Tale, at, full
from tests.users.two import MIA, another_channel, change, join, says_on

CANARY = "cAnArY7391"
WHO = f"id-{CANARY}"


async def erased(tale: Tale, user_id: UUID) -> Receipt:
    """Erase somebody."""
    async with tale.pool.connection() as connection:
        return await erase(connection, BOX, tale.bot_id, user_id, MIA, now=tale.now)


async def a_canary(tale: Tale) -> UUID:
    """Somebody of whom there is everything, merged of two, one of whom spoke in a group."""
    second = await another_channel(tale)
    said: dict[str, Any] = {"who": WHO, "profile": full(f"First {CANARY}", f"Last {CANARY}")}
    media = Media(ref=f"ref {CANARY}", content_type="text/plain", name=f"{CANARY}.txt")
    message = await tale.says(0, f"so good, {CANARY} https://x.example/{CANARY}", media=(media,), **said)
    await tale.deliver(
        MessageEdited(
            dedupe_key=f"edit {CANARY}", external_user_id=WHO, at=at(1), external_id=message.external_id,
            text=f"no, {CANARY}",
        ),
        Happened(dedupe_key="ref", external_user_id=WHO, at=at(2), kind="referral", details={"ref": CANARY}),
    )  # fmt: skip
    await says_on(tale, second, 3, f"other {CANARY}", **said | {"who": f"two-{CANARY}"}, context={"page": CANARY})
    user_id, other = await tale.user_id(WHO), await tale.user_id_on(second.id, f"two-{CANARY}")
    await change(tale, other, e.SetField("email", f"old.{CANARY}@example.com"), e.SetAttribute("plan", CANARY))
    await join(tale, other, user_id)
    await change(
        tale, user_id, e.SetField("email", f"{CANARY}@example.com"), e.SetField("phone", "+60123456789"),
        e.SetAttribute("colour", f"blue {CANARY}"), e.AddNote(f"note {CANARY}"), e.AddTag("vip"),
        e.PauseBot(reason=f"why {CANARY}"),
    )  # fmt: skip
    await _files(tale, user_id)
    await _sent(tale, user_id)
    await _around(tale, user_id)
    await _in_a_group(tale)
    return user_id


async def _files(tale: Tale, user_id: UUID) -> None:
    """A picture that was replaced, a file they sent, one that waits to be sent to them, and one not yet said."""
    content, now = f"content {CANARY}".encode(), tale.now
    async with tale.pool.connection() as connection:
        ids = [await store_raw(connection, tale.bot_id, RawFile(content=content), now) for _ in range(3)]
        for owner in (of_user(user_id), of_visitor(tale.channel.id, WHO)):
            await store_raw(connection, tale.bot_id, RawFile(content=content, name=CANARY), now, owner=owner)
        await connection.execute(
            "UPDATE messages SET details = jsonb_set(details, '{media,0,media_id}', to_jsonb(%s::text))"
            " WHERE user_id = %s AND details ? 'media'",
            [str(ids[2]), user_id],
        )
    await change(tale, user_id, e.SetPicture(ids[0]))
    await change(tale, user_id, e.SetPicture(ids[1]))


async def _sent(tale: Tale, user_id: UUID) -> None:
    """An answer with a link that they opened, and jobs that wait."""
    async with tale.pool.connection() as connection:
        text = f"hi {CANARY} https://shop.example/a?who={CANARY}"
        await say(connection, tale.bot_id, user_id, text, MIA, now=tale.now, pause=True)
        cursor = await connection.execute("SELECT code FROM links WHERE user_id = %s LIMIT 1", [user_id])
        [(code,)] = await cursor.fetchall()
        await count(connection, [Click(id=new_id(), code=code, at=tale.now, counted=True, agent=f"agent {CANARY}")])
        cursor = await connection.execute("SELECT id FROM identities WHERE user_id = %s LIMIT 1", [user_id])
        [(identity,)] = await cursor.fetchall()
        await defer(connection, "profiles.fetch", {"identity_id": str(identity), "note": CANARY})


async def _around(tale: Tale, user_id: UUID) -> None:
    """What names them where it was kept as it came."""
    body = msgspec.json.encode({"from": {"id": WHO, "name": "x"}, "text": f"strange {CANARY}"})
    async with tale.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO quarantine (bot_id, id, channel_id, received_at, reason, body, digest)"
            " VALUES (%s, %s, %s, %s, 'strange', %s, '')",
            [tale.bot_id, new_id(), tale.channel.id, tale.now, body],
        )
        await connection.execute(
            "INSERT INTO exchanges (bot_id, id, channel_id, at, direction, what, status, words, seconds)"
            " VALUES (%s, %s, %s, %s, 'out', %s, 400, '', 0.1), (%s, %s, %s, %s, 'out', 'POST /x', 400, %s, 0.1)",
            [
                tale.bot_id, new_id(), tale.channel.id, tale.now, f"GET /{WHO}/picture",
                tale.bot_id, new_id(), tale.channel.id, tale.now, f"to 60123456789 ({CANARY})",
            ],
        )  # fmt: skip
        await connection.execute("UPDATE channels SET last_error = %s", [f"cannot reach {WHO}"])
        await connection.execute("UPDATE identities SET username = %s WHERE user_id = %s", [CANARY, user_id])


async def _in_a_group(tale: Tale) -> None:
    """A group in which they speak, react, come and go, beside somebody else."""
    group = full("Group")
    me, other = Sender(external_id=WHO, name=f"Me {CANARY}"), Sender(external_id="other", name="Ben")
    said = await tale.says(4, f"hahaha {CANARY}", who="group", profile=group, sender=me)
    await tale.says(5, "and I am Ben", who="group", sender=other)
    await tale.deliver(
        MessageEdited(
            dedupe_key="g1", external_user_id="group", at=at(6), external_id=said.external_id, text=f"edited {CANARY}"
        ),
        Happened(
            dedupe_key=f"g2 {WHO}", external_user_id="group", at=at(7), kind="joined", details={"people": [WHO, "ben"]}
        ),
        Happened(
            dedupe_key="g3", external_user_id="group", at=at(8), kind="left",
            details={"members": [{"id": WHO, "name": CANARY}]},
        ),
    )  # fmt: skip


def found_in_tables(dsn: str, word: str) -> list[tuple[str, str]]:
    """Every column of every table in which a word stands, whatever its type; (table, column)."""
    found = []
    with psycopg.connect(dsn) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table, column, kind in columns:
            text = "encode({}, 'escape')" if kind == "bytea" else "{}::text"
            query = sql.SQL("SELECT 1 FROM {}.{} WHERE strpos(lower(" + text + "), lower(%s)) > 0 LIMIT 1").format(
                sql.Identifier(schema), sql.Identifier(table), sql.Identifier(column)
            )
            if connection.execute(query, [word]).fetchone():
                found.append((table, column))
    return found


def found_in_files(dsn: str, word: str) -> list[str]:
    """The database's own files in which a word stands, after what is dead was taken out of them."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM FULL")
        connection.execute("CHECKPOINT")
        [folder] = connection.execute("SHOW data_directory").fetchone() or ("",)
        [oid] = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (0,)
    files = (Path(folder) / "base" / str(oid)).iterdir()
    return [path.name for path in files if path.is_file() and word.encode() in path.read_bytes()]
