"""What a visitor says, as the event it is to the rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NoReturn
from uuid import UUID

from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.events import InboundMessage, Media, MessageKind, Profile
from botfolk.channels.webchat.kind import MOST_TEXT
from botfolk.channels.webchat.tokens import Visitor
from botfolk.db.pool import Connection
from botfolk.users.edits import InvalidEdit
from botfolk.users.fields import BadValue, clean
from botfolk.webchat.files import MOST_FILES, Upload

Json = dict[str, Any]

_MOST_ADDRESS = 2000


class Tap(Struct, frozen=True):
    """A button of a message that was pressed, by what it sends back."""

    message: UUID
    data: str
    title: str = ""


class Place(Struct, frozen=True):
    """Where the visitor is: WGS 84 degrees."""

    latitude: float
    longitude: float


class Answer(Struct, frozen=True):
    """What the visitor was asked for."""

    kind: Literal["email", "phone"]
    value: str


class Said(Struct, frozen=True, kw_only=True):
    """One message of a visitor: exactly one of text (with or without files), files, tap, location, answer. `id` is
    made by the browser and is the same each time it tries; `page` is where it was written."""

    id: UUID
    text: str | None = None
    tap: Tap | None = None
    location: Place | None = None
    answer: Answer | None = None
    files: list[str] = []
    page: str = ""


class _Content(Struct):
    kind: MessageKind
    text: str | None = None
    details: Json = {}
    media: tuple[Media, ...] = ()
    answers: dict[str, str] = {}


def key_of(visitor: Visitor, message_id: UUID) -> str:
    """Return the key by which a message is recognised when it comes again."""
    return f"{visitor.external_id}:{message_id}"


def check(said: Said) -> None:
    """Refuse what cannot be a message. Raises InvalidEdit naming the field."""
    parts = [said.text or None, said.tap, said.location, said.answer]
    if sum(part is not None for part in parts) + bool(said.files and not said.text) != 1:
        _refuse("", "Say one thing: a text, files, a button, a place or an answer.")
    if said.files and said.text is None and any(parts):
        _refuse("files", "Files go with a text or alone.")
    if said.text is not None and (not said.text.strip() or len(said.text) > MOST_TEXT or "\0" in said.text):
        _refuse("text", f"1 to {MOST_TEXT} characters.")
    if len(said.files) > MOST_FILES:
        _refuse("files", f"At most {MOST_FILES} files in one message.")
    place = said.location
    if place is not None and not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
        _refuse("location", "Latitude −90 to 90, longitude −180 to 180.")


def event_of(
    visitor: Visitor, said: Said, uploads: Sequence[Upload], now: datetime, channel: Channel
) -> InboundMessage:
    """Return the event of a message that was checked. Raises InvalidEdit for an answer that is none."""
    content = _content(said, uploads)
    return InboundMessage(
        dedupe_key=key_of(visitor, said.id),
        external_user_id=visitor.external_id,
        at=now,
        external_id=key_of(visitor, said.id),
        kind=content.kind,
        text=content.text,
        media=content.media,
        details=content.details,
        profile=Profile(fields=browser_fields(visitor)),
        context=_where(visitor, said),
        answers=content.answers,
    )


def _where(visitor: Visitor, said: Said) -> Json:
    """Return the page a message was written on, and where its visitor came from."""
    found = {"page": web_address(said.page) or visitor.page, "referrer": visitor.referrer}
    return {name: value for name, value in found.items() if value}


def web_address(text: str) -> str | None:
    """Return an address a browser gives, as far as it is one of the web."""
    return text[:_MOST_ADDRESS] if text.startswith(("https://", "http://")) and "\0" not in text else None


def browser_fields(visitor: Visitor) -> dict[str, str | None]:
    """Return what a visitor's browser says of them."""
    said = {"language": visitor.language, "timezone": visitor.timezone}
    return {name: value for name, value in said.items() if value}


def _content(said: Said, uploads: Sequence[Upload]) -> _Content:
    if said.tap is not None:
        return _Content("button", said.tap.title[:500], {"data": said.tap.data, "title": said.tap.title[:500]})
    if said.location is not None:
        return _Content("location", None, {"latitude": said.location.latitude, "longitude": said.location.longitude})
    if said.answer is not None:
        try:
            value = clean(said.answer.kind, said.answer.value)
        except BadValue as error:
            _refuse(said.answer.kind, str(error))
        if value is None:
            _refuse(said.answer.kind, "Write it, or write something else instead.")
        return _Content("text", value, answers={said.answer.kind: value})
    media = tuple(upload.as_media() for upload in uploads)
    return _Content(uploads[0].message_kind if uploads else "text", said.text or None, media=media)


async def title_of(connection: Connection, channel: Channel, user_id: UUID, tap: Tap) -> str | None:
    """Return what is written on the button that is said to have been pressed; None when no message to this user has
    it. What is on a button is never the visitor's word."""
    cursor = await connection.execute(
        """SELECT b ->> 'title' FROM messages m, jsonb_array_elements(coalesce(m.details -> 'buttons', '[]')) b
           WHERE m.bot_id = %s AND m.id = %s AND m.user_id = %s AND m.channel_id = %s AND m.direction = 'out'
             AND b ->> 'url' IS NULL AND b ->> 'ask' IS NULL AND coalesce(b ->> 'data', b ->> 'title') = %s LIMIT 1""",
        [channel.bot_id, tap.message, user_id, channel.id, tap.data],
    )
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


def _refuse(field: str, why: str) -> NoReturn:
    raise InvalidEdit({field: why})
