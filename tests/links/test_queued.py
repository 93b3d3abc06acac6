"""What is queued, by a member or by the bot, leaves with tracked links and is kept with its own."""

from uuid import UUID

import msgspec

from botfolk.bot import personality
from botfolk.channels.contract import Button
from botfolk.outbox.claim import Payload
from botfolk.outbox.queue import enqueue_message
from tests.telling import Tale

AT = "https://go.example"


async def say(tale: Tale, text: str, *, buttons: tuple[Button, ...] = (), track_links: bool = True) -> UUID:
    async with tale.pool.connection() as connection:
        return await enqueue_message(
            connection,
            tale.bot_id,
            await tale.user_id(),
            text,
            author="member",
            now=tale.now,
            buttons=buttons,
            track_links=track_links,
        )


async def leaving(tale: Tale, message_id: UUID) -> Payload:
    rows = await tale.rows("SELECT payload FROM outbox WHERE message_id = %s", message_id)
    return msgspec.convert(rows[0][0], Payload).with_links(AT)


async def codes(tale: Tale, message_id: UUID) -> dict[str, str]:
    return dict(await tale.rows("SELECT url, code FROM links WHERE message_id = %s", message_id))


async def test_a_reply_leaves_with_tracked_links_and_is_kept_with_its_own(tale: Tale) -> None:
    await tale.says(0)
    button = Button(title="Open", url="https://shop.example/two")
    message_id = await say(tale, "See https://shop.example/offer.", buttons=(button,))
    found = await codes(tale, message_id)
    assert set(found) == {"https://shop.example/offer", "https://shop.example/two"}
    content = await leaving(tale, message_id)
    assert content.text == f"See {AT}/l/{found['https://shop.example/offer']}."
    assert [each.url for each in content.buttons] == [f"{AT}/l/{found['https://shop.example/two']}"]
    rows = await tale.rows("SELECT text, details -> 'buttons' -> 0 ->> 'url' FROM messages WHERE id = %s", message_id)
    assert rows == [("See https://shop.example/offer.", "https://shop.example/two")]


async def test_each_message_and_each_user_has_links_of_its_own(tale: Tale) -> None:
    await tale.says(0)
    first, second = await say(tale, "https://shop.example"), await say(tale, "https://shop.example")
    assert (await codes(tale, first)).keys() == (await codes(tale, second)).keys()
    assert await codes(tale, first) != await codes(tale, second)


async def test_a_message_or_a_channel_may_say_no(tale: Tale) -> None:
    await tale.says(0)
    plain = await say(tale, "https://shop.example", track_links=False)
    assert (await leaving(tale, plain)).text == "https://shop.example"
    await tale.rows("UPDATE channels SET config = '{\"track_links\": false}' RETURNING 1")
    silent = await say(tale, "https://shop.example")
    assert (await leaving(tale, silent)).text == "https://shop.example"
    assert await tale.rows("SELECT 1 FROM links") == []


async def test_the_bots_own_answers_are_tracked_too(tale: Tale) -> None:
    async with tale.pool.connection() as connection:
        said = {"greeting": "Welcome to https://shop.example/hello", "fallback": "Sorry"}
        await personality.change(connection, tale.bot_id, said, None, tale.now)
    await tale.says(0)
    message_id, text = (await tale.rows("SELECT id, text FROM messages WHERE direction = 'out'"))[0]
    assert text == "Welcome to https://shop.example/hello"
    found = await codes(tale, message_id)
    assert (await leaving(tale, message_id)).text == f"Welcome to {AT}/l/{found['https://shop.example/hello']}"
    tale.channel.config["track_links"] = False
    await tale.says(1, who="2")
    assert len(await tale.rows("SELECT 1 FROM links")) == 1
