"""Messages as a visitor sees them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.files import proof_of
from botfolk.db.pool import Connection
from botfolk.links.find import address, tracked

PAGE = 50
_MOST_MISSED = 500


class ShownFile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of a message; `size` in bytes, `width` and `height` in pixels."""

    id: UUID
    url: str
    name: str
    type: str
    size: int
    width: int | None = None
    height: int | None = None


class ShownButton(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A choice: an address to open, data to send back, or something to ask the visitor for."""

    title: str
    url: str | None = None
    data: str | None = None
    ask: Literal["location", "email", "phone"] | None = None


class ShownMessage(Struct, frozen=True, kw_only=True, rename={"author": "from"}):
    """A message. `client_id`: the name the visitor's browser gave it."""

    id: UUID
    client_id: str | None
    author: Literal["visitor", "bot", "member"]
    name: str | None
    kind: str
    text: str | None
    at: datetime
    status: Literal["received", "sent"]
    buttons: list[ShownButton]
    files: list[ShownFile]


# What is queued or failed is not shown: a visitor sees what has left.
_SELECT = """
SELECT m.id, m.dedupe_key, m.direction, m.author, m.kind, m.text, m.details, m.sent_at, m.sequence,
       split_part(a.name, ' ', 1)
FROM messages m
LEFT JOIN members t ON t.bot_id = m.bot_id AND t.id = m.member_id
LEFT JOIN accounts a ON a.id = t.account_id
WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s AND m.channel_id = %(channel)s
  AND (m.direction = 'in' OR m.status IN ('sent', 'delivered', 'read'))
"""
_NEWEST = f"{_SELECT} ORDER BY m.sent_at DESC, m.sequence DESC, m.id DESC LIMIT %(limit)s"
_OLDER = f"""{_SELECT} AND (m.sent_at, m.sequence, m.id) < (
    SELECT b.sent_at, b.sequence, b.id FROM messages b WHERE b.bot_id = %(bot)s AND b.user_id = %(user)s
        AND b.id = %(before)s)
ORDER BY m.sent_at DESC, m.sequence DESC, m.id DESC LIMIT %(limit)s"""  # noqa: S608 - the parts are ours
_ONE = f"{_SELECT} AND m.dedupe_key = %(key)s"
_LINKS = "SELECT message_id, url, code FROM links WHERE bot_id = %s AND message_id = ANY(%s)"
_ON_THEIR_WAY = """
SELECT EXISTS (SELECT 1 FROM messages m WHERE m.bot_id = %s AND m.user_id = %s AND m.channel_id = %s
    AND m.direction = 'out' AND m.status IN ('queued', 'sending') AND m.sent_at > %s)
"""


class Teller(Struct, frozen=True):
    """The bot's name, and where tracked links lead to us: what is said holds them, as on any other channel."""

    name: str
    links_url: str


async def newest(connection: Connection, channel: Channel, user_id: UUID, bot: Teller) -> list[ShownMessage]:
    """Return the newest messages a visitor may see, oldest first."""
    return await _read(connection, _NEWEST, channel, user_id, bot)


async def since(
    connection: Connection, channel: Channel, user_id: UUID, bot: Teller, last: UUID | None
) -> list[ShownMessage]:
    """Return the newest messages, as far back as `last`, the newest one that a reader has who was away; 500 at most."""
    found = await newest(connection, channel, user_id, bot)
    while last is not None and len(found) in range(PAGE, _MOST_MISSED) and all(one.id != last for one in found):
        before = await older(connection, channel, user_id, bot, found[0].id)
        if not before:
            break
        found = before + found
    return found


async def older(
    connection: Connection, channel: Channel, user_id: UUID, bot: Teller, before: UUID
) -> list[ShownMessage]:
    """Return the messages before one, oldest first."""
    return await _read(connection, _OLDER, channel, user_id, bot, before=before)


async def by_key(connection: Connection, channel: Channel, user_id: UUID, bot: Teller, key: str) -> ShownMessage | None:
    """Return the message of a delivery."""
    found = await _read(connection, _ONE, channel, user_id, bot, key=key)
    return found[0] if found else None


async def is_answering(connection: Connection, channel: Channel, user_id: UUID, since: datetime) -> bool:
    """Say whether an answer is on its way."""
    cursor = await connection.execute(_ON_THEIR_WAY, [channel.bot_id, user_id, channel.id, since])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _read(
    connection: Connection, query: str, channel: Channel, user_id: UUID, bot: Teller, **more: object
) -> list[ShownMessage]:
    asked = {"bot": channel.bot_id, "user": user_id, "channel": channel.id, "limit": PAGE, **more}
    rows = await (await connection.execute(query, asked)).fetchall()
    sent = [row[0] for row in rows if row[2] == "out"]
    codes: dict[UUID, dict[str, str]] = {}
    if sent:
        cursor = await connection.execute(_LINKS, [channel.bot_id, sent])
        async for message_id, url, code in cursor:
            codes.setdefault(message_id, {})[url] = code
    return [_shown(channel, row, bot, codes.get(row[0], {})) for row in reversed(rows)]


def _shown(channel: Channel, row: tuple[Any, ...], bot: Teller, codes: dict[str, str]) -> ShownMessage:
    message_id, key, direction, author, kind, text, details, at, _, member = row
    details = details or {}
    inbound = direction == "in"
    return ShownMessage(
        id=message_id,
        client_id=key.rpartition(":")[2] if inbound and key else None,
        author="visitor" if inbound else "bot" if author == "bot" else "member",
        name=None if inbound else (bot.name if author != "member" else member),
        kind=kind,
        text=tracked(text, codes, bot.links_url) if text and codes else text,
        at=at,
        status="received" if inbound else "sent",
        buttons=[ShownButton(**_known(button, codes, bot.links_url)) for button in details.get("buttons", ())],
        files=list(_files(channel, details.get("media", ()))),
    )


def _known(button: dict[str, Any], codes: dict[str, str], links_url: str) -> dict[str, Any]:
    known = {name: value for name, value in button.items() if name in ShownButton.__struct_fields__}
    if known.get("url") in codes:
        known["url"] = address(links_url, codes[known["url"]])
    # A button that opens and asks nothing sends its title back when it has nothing else.
    return known if known.keys() & {"url", "data", "ask"} else {**known, "data": known["title"]}


def _files(channel: Channel, files: Iterable[dict[str, Any]]) -> Iterable[ShownFile]:
    for file in files:
        if file.get("media_id"):
            file_id = UUID(str(file["media_id"]))
            yield ShownFile(
                id=file_id,
                url=file_path(channel, file_id),
                name=str(file.get("name") or ""),
                type=str(file.get("content_type") or "application/octet-stream"),
                size=int(file.get("size") or 0),
                width=file.get("width"),
                height=file.get("height"),
            )


def file_path(channel: Channel, file_id: UUID) -> str:
    """Return the address of a file, which proves by itself that its reader was given it."""
    return f"/chat/{channel.id}/files/{file_id}?proof={proof_of(channel, file_id)}"
