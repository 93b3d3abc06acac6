"""Who wrote: names as Telegram gives them, made storable."""

from typing import Any

from botfolk.channels.events import Group, Profile, Sender
from botfolk.channels.telegram.payloads import Chat, Message, User
from botfolk.channels.texts import some

CONNECTION = "business_connection_id"
"""What the way to somebody is called in the calls of the Bot API, and so here."""


def profile(user: User | None, chat: Chat, phone: str | None = None) -> Profile:
    """Return what an update says of the person of a private chat; `phone` is their own, when they shared it.

    Telegram names a person whole, in every update: no last name means there is none. Only a language may be left out.
    """
    named = user if user is not None and user.id == chat.id else chat
    fields = {"first_name": some(named.first_name), "last_name": some(named.last_name)}
    if isinstance(named, User) and (language := some(named.language_code)):
        fields["language"] = language
    if phone:
        fields["phone"] = phone
    # A first name is never missing; where it is, this is not the person whole, and must not erase what is known.
    return Profile(fields=fields, username=some(named.username), full=fields["first_name"] is not None)


def address(group: Group | None, connection: str | None) -> dict[str, Any]:
    """Return how a person is answered: in the bot's own chat with them, or in the one they wrote to, of an account the
    bot works for (https://core.telegram.org/bots/api#businessconnection)."""
    return {} if group else {CONNECTION: some(connection)}


def place(chat_id: int | str, *, business: bool) -> str:
    """Name a chat in messages' ids: the numbers of a business chat are the owner's, and may meet those of the person's
    own chat with the bot."""
    return f"business:{chat_id}" if business else f"{chat_id}"


def sender_of(user: User) -> Sender:
    """Return who said something in a group."""
    name = " ".join(part for part in (some(user.first_name), some(user.last_name)) if part)
    username = some(user.username)
    return Sender(external_id=str(user.id), name=name or username or str(user.id), username=username)


def sender_of_chat(chat: Chat | None) -> Sender | None:
    """Return the sender of what was said in the name of a group or channel."""
    return Sender(external_id=str(chat.id), name=some(chat.title) or str(chat.id)) if chat else None


def sender(message: Message) -> Sender | None:
    """Return who said a message in a group.

    Who speaks in the name of a chat (an anonymous administrator, a channel) is that chat: `from` is then only a
    stand-in, such as GroupAnonymousBot.
    """
    if message.sender_chat is not None:
        return sender_of_chat(message.sender_chat)
    return sender_of(message.from_) if message.from_ else None
