"""Two users who may be one person: on channels of their own or on the same, and all there is to know of them."""

from typing import Any
from uuid import UUID

import msgspec

from botfolk.channels.contract import Channel
from botfolk.ids import new_id
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, Edit
from botfolk.users.merge import merge
from botfolk.users.merge_rules import Choices
from botfolk.users.part import part
from tests.telling import Tale

MIA = Actor("member", "Mia", UUID(int=1))
MERGER = Actor("member", "Ben", UUID(int=2))


async def another_channel(tale: Tale) -> Channel:
    """A second channel of the tale's bot."""
    channel = Channel(id=new_id(), bot_id=tale.bot_id, kind="telegram", name="second", config={}, secrets={})
    await tale.rows(
        "INSERT INTO channels (bot_id, id, kind, name, secrets) VALUES (%s, %s, 'telegram', 'second', '') RETURNING 1",
        tale.bot_id,
        channel.id,
    )
    return channel


async def says_on(tale: Tale, channel: Channel, minutes: float, text: str = "hello", **more: Any) -> None:
    """Somebody says something on a channel; the clock moves there when it was behind."""
    message = tale.message(minutes, text, **more)
    tale.now = max(tale.now, message.at)
    await tale.ingest.submit(msgspec.structs.replace(tale.delivery([message]), channel=channel))


async def change(tale: Tale, user_id: UUID, *edits: Edit, actor: Actor = MIA) -> None:
    """Change a user."""
    async with tale.pool.connection() as connection:
        await apply(connection, tale.bot_id, user_id, edits, actor, now=tale.now)


async def join(tale: Tale, gone: UUID, stays: UUID, choices: Choices | None = None) -> UUID:
    """Merge."""
    async with tale.pool.connection() as connection:
        return await merge(connection, tale.bot_id, gone, stays, MERGER, now=tale.now, choices=choices)


async def undo(tale: Tale, merge_id: UUID) -> None:
    """Undo a merge."""
    async with tale.pool.connection() as connection:
        await part(connection, tale.bot_id, merge_id, MERGER, now=tale.now)


_EVERYTHING = {
    "profile": "SELECT first_name, last_name, email, phone, timezone, language, picture_id, is_group, group_title,"
    " status, attributes, field_sources FROM users WHERE id = %(user)s",
    "statistics": "SELECT created_at, sessions, messages, clicks, unique_clicks, time_spent_us, sentiment_sum,"
    " scored_messages, last_message, last_message_kind, last_message_at, last_message_sequence, last_activity_at,"
    " last_received_at, recounted_at, infinite_session, paused_until, pause_reason, waiting_since,"
    " (SELECT started_at FROM sessions s WHERE s.id = last_session_id)"
    " FROM user_stats WHERE user_id = %(user)s",
    "sessions": "SELECT started_at, last_activity_at, activities, messages, time_spent_us, context FROM sessions"
    " WHERE user_id = %(user)s ORDER BY 1",
    "messages": "SELECT m.sent_at, m.direction, m.author, m.kind, m.text, m.status, m.received_at, m.waiting,"
    " m.sentiment, m.edited_at, s.started_at, i.external_id FROM messages m"
    " LEFT JOIN sessions s ON s.id = m.session_id AND s.user_id = m.user_id"
    " LEFT JOIN identities i ON i.id = m.identity_id AND i.user_id = m.user_id"
    " WHERE m.user_id = %(user)s ORDER BY m.sent_at, m.sequence, m.text, m.direction",
    "events": "SELECT kind, at, external_id, details FROM conversation_events WHERE user_id = %(user)s"
    " ORDER BY at, dedupe_key",
    "identities": "SELECT external_id, profile, state FROM identities WHERE user_id = %(user)s ORDER BY 1",
    "tags": "SELECT t.name FROM user_tags u JOIN tags t ON t.id = u.tag_id WHERE u.user_id = %(user)s ORDER BY 1",
    "notes": "SELECT text, author, at, edited_at FROM notes WHERE user_id = %(user)s ORDER BY at, text",
    "toggles": "SELECT effective_at, is_on FROM infinite_toggles WHERE user_id = %(user)s ORDER BY 1",
    "changes": "SELECT at, source, actor, field, new FROM changes WHERE user_id = %(user)s AND actor <> 'Ben'"
    " AND at < %(until)s AND field NOT LIKE 'notes.%%' ORDER BY at, field, new::text",
    "links": "SELECT l.url, m.text FROM links l JOIN messages m ON m.id = l.message_id WHERE l.user_id = %(user)s"
    " ORDER BY 1, 2",
    "clicks": "SELECT c.at, s.started_at FROM clicks c LEFT JOIN sessions s ON s.id = c.session_id"
    " AND s.user_id = c.user_id WHERE c.user_id = %(user)s ORDER BY 1",
    "outbox": "SELECT o.kind, o.payload, o.state, i.external_id FROM outbox o LEFT JOIN identities i"
    " ON i.id = o.identity_id AND i.user_id = o.user_id WHERE o.user_id = %(user)s ORDER BY o.id",
}


async def everything(tale: Tale, user_id: UUID, until: Any = "infinity") -> dict[str, list[tuple[Any, ...]]]:
    """All there is of a user, without the ids of rows; of changes those before a time."""
    async with tale.pool.connection() as connection:
        return {
            name: await (await connection.execute(query.encode(), {"user": user_id, "until": until})).fetchall()
            for name, query in _EVERYTHING.items()
        }
