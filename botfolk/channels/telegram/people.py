"""Who wrote: names as Telegram gives them, made storable."""

import re

from botfolk.channels.events import Profile, Sender
from botfolk.channels.telegram.payloads import Chat, Message, User

ANONYMOUS_ADMIN = 1087968824
"""GroupAnonymousBot, which an anonymous administrator of a group writes as; `sender_chat` is the group."""

_MAX_NAME = 255
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str | None, most: int | None = _MAX_NAME) -> str | None:
    """Return a text that PostgreSQL can store: without NUL and lone surrogates, cut at `most` characters."""
    if text is None:
        return None
    text = _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\N{REPLACEMENT CHARACTER}", text)
    return text[:most] if most else text


def fields(user: User | None, chat: Chat) -> dict[str, str | None]:
    """Return the profile fields of a private chat. Telegram names a person whole: no last name means there is none."""
    named = user if user is not None and user.id == chat.id else chat
    found: dict[str, str | None] = {"first_name": clean(named.first_name) or None}
    found["last_name"] = clean(named.last_name) or None
    if isinstance(named, User) and named.language_code:
        found["language"] = clean(named.language_code)
    return found


def profile(user: User | None, chat: Chat, known: dict[str, str | None] | None = None) -> Profile:
    """Return what an update says of the person of a private chat."""
    username = user.username if user is not None and user.id == chat.id else chat.username
    return Profile(fields=fields(user, chat) if known is None else known, username=clean(username), full=True)


def sender_of(user: User) -> Sender:
    """Return who said something in a group."""
    name = " ".join(part for part in (clean(user.first_name), clean(user.last_name)) if part)
    return Sender(external_id=str(user.id), name=name or user.username or str(user.id), username=clean(user.username))


def sender_of_chat(chat: Chat | None) -> Sender | None:
    """Return the sender of what was said in the name of a group or channel."""
    return Sender(external_id=str(chat.id), name=clean(chat.title) or str(chat.id)) if chat else None


def sender(message: Message) -> Sender | None:
    """Return who said a message in a group; an anonymous administrator speaks as the group."""
    if message.sender_chat and (message.from_ is None or message.from_.is_bot):
        return sender_of_chat(message.sender_chat)
    return sender_of(message.from_) if message.from_ else sender_of_chat(message.sender_chat)
