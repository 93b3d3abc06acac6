"""The rows of what waits to be sent, the same whether the bot, a member or a broadcast says it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.channels.contract import Button, TemplateUse
from botfolk.channels.events import Media
from botfolk.ids import new_id
from botfolk.links.codes import codes_for
from botfolk.outbox.files import kind_of

Author = Literal["bot", "member", "broadcast"]


class OutMessage(Struct, frozen=True, kw_only=True):
    """A message to a person: a row of `messages` (under `id`) and one of `outbox` (under `outbox_id`).

    `at` is when it was said. People are sent to in the order of `outbox_id`. `track_links`: its links become tracked
    ones on their way out; what is stored as its text keeps the addresses themselves.
    """

    bot_id: UUID
    user_id: UUID
    channel_id: UUID
    identity_id: UUID
    author: Author
    text: str
    at: datetime
    buttons: tuple[Button, ...] = ()
    member_id: UUID | None = None
    media: tuple[Media, ...] = ()
    template: TemplateUse | None = None
    track_links: bool = True
    id: UUID = msgspec.field(default_factory=new_id)
    outbox_id: UUID = msgspec.field(default_factory=new_id)


class OutTap(Struct, frozen=True, kw_only=True):
    """The answer a service wants to a button tap: `tap` is its id. It is no message."""

    bot_id: UUID
    user_id: UUID
    channel_id: UUID
    identity_id: UUID
    tap: str
    at: datetime
    outbox_id: UUID = msgspec.field(default_factory=new_id)


def buttons_json(buttons: Sequence[Button]) -> list[dict[str, str]]:
    """Return buttons as `details.buttons` and the outbox's payload hold them: title, and data, url or ask."""
    return [
        {name: value for name, value in msgspec.to_builtins(button).items() if value is not None} for button in buttons
    ]


async def insert(connection: AsyncConnection[Any], messages: Sequence[OutMessage], taps: Sequence[OutTap] = ()) -> None:
    """Insert messages and taps of any number of people, of one bot or many, in the caller's transaction.

    Nothing is announced: that is the caller's, once per transaction.
    """
    codes = {m.id: codes_for(m.text, m.buttons, m.template) for m in messages if m.track_links}
    if messages:
        await connection.execute(_INSERT_MESSAGES, _message_columns(messages))
    if any(codes.values()):
        await connection.execute(_INSERT_LINKS, _link_columns(messages, codes))
    if messages or taps:
        await connection.execute(_INSERT_OUTBOX, _outbox_columns(messages, taps, codes))


_AFTER = 2**53 - 1
"""The place of what we say among messages of the same moment: an answer stands after what it answers. The highest whole
number that every page can read."""

_INSERT_MESSAGES = """
INSERT INTO messages (bot_id, id, user_id, channel_id, identity_id, direction, author, member_id, kind, text, details,
    sent_at, received_at, sequence, status)
SELECT bot_id, id, user_id, channel_id, identity_id, 'out', author, member_id, kind, text, details, at, at, %(after)s,
    'queued'
FROM unnest(%(bot_id)s::uuid[], %(id)s::uuid[], %(user_id)s::uuid[], %(channel_id)s::uuid[],
    %(identity_id)s::uuid[], %(author)s::text[], %(member_id)s::uuid[], %(kind)s::text[], %(text)s::text[],
    %(details)s::jsonb[], %(at)s::timestamptz[])
    AS m (bot_id, id, user_id, channel_id, identity_id, author, member_id, kind, text, details, at)
"""

_INSERT_LINKS = """
INSERT INTO links (bot_id, id, user_id, message_id, code, url, created_at)
SELECT * FROM unnest(%(bot_id)s::uuid[], %(id)s::uuid[], %(user_id)s::uuid[], %(message_id)s::uuid[],
    %(code)s::text[], %(url)s::text[], %(at)s::timestamptz[])
"""

_INSERT_OUTBOX = """
INSERT INTO outbox (bot_id, id, channel_id, user_id, identity_id, message_id, kind, payload, next_at, created_at)
SELECT bot_id, id, channel_id, user_id, identity_id, message_id, kind, payload, at, at
FROM unnest(%(bot_id)s::uuid[], %(id)s::uuid[], %(channel_id)s::uuid[], %(user_id)s::uuid[], %(identity_id)s::uuid[],
    %(message_id)s::uuid[], %(kind)s::text[], %(payload)s::jsonb[], %(at)s::timestamptz[])
    AS o (bot_id, id, channel_id, user_id, identity_id, message_id, kind, payload, at)
"""


def _message_columns(messages: Sequence[OutMessage]) -> dict[str, Any]:
    return {
        "bot_id": [m.bot_id for m in messages],
        "id": [m.id for m in messages],
        "user_id": [m.user_id for m in messages],
        "channel_id": [m.channel_id for m in messages],
        "identity_id": [m.identity_id for m in messages],
        "author": [m.author for m in messages],
        "member_id": [m.member_id for m in messages],
        "kind": [kind_of(m.media) if m.media else "text" for m in messages],
        "text": [m.text or None for m in messages],
        "details": [_details(m) for m in messages],
        "at": [m.at for m in messages],
        "after": _AFTER,
    }


def _link_columns(messages: Sequence[OutMessage], codes: Mapping[UUID, Mapping[str, str]]) -> dict[str, list[Any]]:
    links = [(m, url, code) for m in messages for url, code in codes.get(m.id, {}).items()]
    return {
        "bot_id": [m.bot_id for m, _, _ in links],
        "id": [new_id() for _ in links],
        "user_id": [m.user_id for m, _, _ in links],
        "message_id": [m.id for m, _, _ in links],
        "code": [code for _, _, code in links],
        "url": [url for _, url, _ in links],
        "at": [m.at for m, _, _ in links],
    }


def _outbox_columns(
    messages: Sequence[OutMessage], taps: Sequence[OutTap], codes: Mapping[UUID, Mapping[str, str]]
) -> dict[str, list[Any]]:
    both: list[OutMessage | OutTap] = [*messages, *taps]
    return {
        "bot_id": [row.bot_id for row in both],
        "id": [row.outbox_id for row in both],
        "channel_id": [row.channel_id for row in both],
        "user_id": [row.user_id for row in both],
        "identity_id": [row.identity_id for row in both],
        "message_id": [row.id if isinstance(row, OutMessage) else None for row in both],
        "kind": ["message" if isinstance(row, OutMessage) else "tap" for row in both],
        "payload": [Jsonb(_payload(row, codes)) for row in both],
        "at": [row.at for row in both],
    }


def _details(message: OutMessage) -> Jsonb | None:
    details: dict[str, Any] = {}
    if message.buttons:
        details["buttons"] = buttons_json(message.buttons)
    if message.media:
        details["media"] = msgspec.to_builtins(message.media)
    if message.template:
        details["template"] = {"name": message.template.name, "language": message.template.language}
    return Jsonb(details) if details else None


def _payload(row: OutMessage | OutTap, codes: Mapping[UUID, Mapping[str, str]]) -> dict[str, Any]:
    if isinstance(row, OutTap):
        return {"tap": row.tap}
    payload: dict[str, Any] = {"text": row.text, "buttons": buttons_json(row.buttons)}
    if row.media:
        payload["files"] = [str(media.media_id) for media in row.media]
    if row.template:
        payload["template"] = msgspec.to_builtins(row.template)
    if codes.get(row.id):
        payload["links"] = codes[row.id]
    return payload
