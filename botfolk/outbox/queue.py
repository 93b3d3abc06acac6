"""Say something to a person: the message and its place in the outbox, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.channels.contract import Button, Features, TemplateUse
from botfolk.channels.registry import KINDS
from botfolk.db.together import Ask, alone
from botfolk.live.notify import announce, users_changed
from botfolk.outbox.files import media_of
from botfolk.outbox.rows import OutMessage, insert
from botfolk.outbox.window import closed


class CannotSend(Exception):
    """This cannot be sent; the text says why in words a member understands."""


class Way(Struct, frozen=True, kw_only=True):
    """One identity of a user, and what stands in the way of sending there. `heard_at`: when they last wrote there."""

    identity_id: UUID
    channel_id: UUID
    channel_name: str
    channel_enabled: bool
    state: str
    state_reason: str | None
    track_links: bool = True
    kind: str = ""
    external_id: str = ""
    heard_at: datetime | None = None

    @property
    def features(self) -> Features:
        """What the service can do for this person."""
        return KINDS[self.kind].features_for(self.external_id) if self.kind in KINDS else Features()


class Load(Struct, frozen=True, kw_only=True):
    """What a message takes of a channel beside a text."""

    author: Literal["bot", "member"] = "member"
    is_template: bool = False
    largest_file: int = 0
    """bytes; 0: no file"""


async def enqueue_message(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    text: str,
    *,
    author: Literal["bot", "member"],
    now: datetime,
    member_id: UUID | None = None,
    buttons: Sequence[Button] = (),
    channel_id: UUID | None = None,
    files: Sequence[UUID] = (),
    template: TemplateUse | None = None,
    track_links: bool = True,
) -> UUID:
    """Queue a text for a user and return the message's id; it leaves once the caller's transaction is committed.

    `files` are of the table media; with them the text may be empty. `template`: `text` is how it reads. It goes where
    the user wrote last, or by `channel_id`. Its links become tracked ones, unless `track_links` or the channel says no.
    Raises CannotSend.
    """
    _check_text(text, may_be_empty=bool(files))
    try:
        media = await media_of(connection, bot_id, files) if files else []
    except LookupError as error:
        raise CannotSend("The file is no longer here: add it again") from error
    status = await _user_status(connection, bot_id, user_id)
    if status == "blocked":
        raise CannotSend("This user is blocked: nothing is sent to them")
    if status == "archived" and author == "bot":
        raise CannotSend("This user is archived: the bot does not answer them")
    load = Load(
        author=author,
        is_template=template is not None,
        largest_file=max((file.size or 1 for file in media), default=0),
    )
    way = choose(await ways(connection, bot_id, user_id), channel_id, load, now)
    message = OutMessage(
        bot_id=bot_id,
        user_id=user_id,
        channel_id=way.channel_id,
        identity_id=way.identity_id,
        author=author,
        member_id=member_id,
        text=text,
        buttons=tuple(buttons),
        media=tuple(media),
        template=template,
        at=now,
        track_links=track_links and way.track_links,
    )
    await insert(connection, [message])
    await announce(connection, bot_id, "outbox")
    await users_changed(connection, bot_id, [user_id])
    return message.id


def choose(ways: Sequence[Way], channel_id: UUID | None, load: Load, now: datetime) -> Way:
    """Return the first way (best first) that is open to a load, on `channel_id` if given. Raises CannotSend."""
    on_channel = [way for way in ways if channel_id in (None, way.channel_id)]
    if not on_channel:
        raise CannotSend(
            "This user has no address on that channel" if ways else "This user has no channel to answer on"
        )
    obstacles = [obstacle_of(way, load, now) for way in on_channel]
    for way, obstacle in zip(on_channel, obstacles, strict=True):
        if obstacle is None:
            return way
    raise CannotSend(obstacles[0])


def obstacle_of(way: Way, load: Load, now: datetime) -> str | None:
    """Say what stands in the way of sending a load; None when nothing does."""
    if not way.channel_enabled:
        return f"The channel {way.channel_name} is switched off"
    if way.state == "blocked":
        return way.state_reason or f"This user has blocked the bot on {way.channel_name}"
    if way.state != "active":
        return way.state_reason or f"This user can no longer be reached on {way.channel_name}"
    features = way.features
    if load.is_template and not features.templates:
        return f"{way.channel_name} has no templates"
    if load.largest_file and not features.file_bytes and way.kind in KINDS:
        return f"No files can be sent on {way.channel_name}"
    if features.file_bytes and load.largest_file > features.file_bytes:
        return f"{way.channel_name} takes files of up to {features.file_bytes // 1_000_000} MB"
    by_member = load.author == "member"
    return closed(features, way.heard_at, now, by_member=by_member, is_template=load.is_template)


def _check_text(text: str, *, may_be_empty: bool = False) -> None:
    if not text.strip() and not may_be_empty:
        raise CannotSend("There is nothing to send: the text is empty")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise CannotSend("The text holds a character that cannot be sent")


async def _user_status(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID) -> str:
    cursor = await connection.execute("SELECT status FROM users WHERE bot_id = %s AND id = %s", [bot_id, user_id])
    row = await cursor.fetchone()
    if row is None:
        raise CannotSend("There is no such user")
    return str(row[0])


_WAYS = """
SELECT i.id AS identity_id, c.id AS channel_id, c.name AS channel_name, c.enabled AS channel_enabled,
    i.state, i.state_reason, c.kind, i.external_id, latest.sent_at AS heard_at,
    c.config -> 'track_links' IS DISTINCT FROM 'false' AS track_links
FROM identities i
JOIN channels c ON c.bot_id = i.bot_id AND c.id = i.channel_id
LEFT JOIN LATERAL (
    SELECT m.sent_at FROM messages m
    WHERE m.bot_id = i.bot_id AND m.user_id = i.user_id AND m.channel_id = i.channel_id AND m.direction = 'in'
    ORDER BY m.sent_at DESC LIMIT 1
) latest ON true
WHERE i.bot_id = %(bot)s AND i.user_id = %(user)s AND i.alias_of IS NULL
ORDER BY latest.sent_at DESC NULLS LAST, i.created_at DESC, i.id DESC
"""


def ways_asked(bot_id: UUID, user_id: UUID) -> Ask[Way]:
    """Return the question for a user's identities, the one they wrote from last first."""
    return Ask(_WAYS, {"bot": bot_id, "user": user_id}, Way)


async def ways(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID) -> list[Way]:
    """Return a user's identities, the one they wrote from last first."""
    return await alone(connection, ways_asked(bot_id, user_id))
