"""The parts of Telegram's updates that we read. Unknown fields are passed over: Telegram adds some every month."""

from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""Ids of people and chats need more than 32 bits, and never more than 64."""


class User(Struct, frozen=True):
    """https://core.telegram.org/bots/api#user"""

    id: Id
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False


class Chat(Struct, frozen=True):
    """https://core.telegram.org/bots/api#chat; old payloads have no type."""

    id: Id
    type: str | None = None
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None


class File(Struct, frozen=True):
    """What every kind of file has in common."""

    file_id: str
    file_size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: int | None = None
    mime_type: str | None = None
    file_name: str | None = None


class Sticker(Struct, frozen=True):
    """https://core.telegram.org/bots/api#sticker"""

    file_id: str
    emoji: str | None = None
    file_size: int | None = None
    width: int | None = None
    height: int | None = None
    is_animated: bool = False
    is_video: bool = False


class Dice(Struct, frozen=True):
    """https://core.telegram.org/bots/api#dice"""

    emoji: str
    value: int


class Location(Struct, frozen=True):
    """https://core.telegram.org/bots/api#location"""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Venue(Struct, frozen=True):
    """https://core.telegram.org/bots/api#venue; recorded once without its location."""

    title: str = ""
    address: str = ""
    location: Location | None = None


class Contact(Struct, frozen=True):
    """https://core.telegram.org/bots/api#contact"""

    phone_number: str
    first_name: str = ""
    last_name: str | None = None
    user_id: Id | None = None


class WebAppData(Struct, frozen=True):
    """https://core.telegram.org/bots/api#webappdata"""

    data: str = ""
    button_text: str = ""


class Reply(Struct, frozen=True, rename={"from_": "from"}):
    """The message a message answers, as far as we need it."""

    message_id: Id
    from_: User | None = None


class Button(Struct, frozen=True):
    """https://core.telegram.org/bots/api#inlinekeyboardbutton"""

    text: str = ""
    callback_data: str | None = None


class Keyboard(Struct, frozen=True):
    """https://core.telegram.org/bots/api#inlinekeyboardmarkup"""

    inline_keyboard: list[list[Button]] = []


class Message(Struct, frozen=True, rename={"from_": "from"}):
    """https://core.telegram.org/bots/api#message"""

    message_id: Id
    date: int
    chat: Chat
    from_: User | None = None
    sender_chat: Chat | None = None
    edit_date: int | None = None
    text: str | None = None
    caption: str | None = None
    photo: list[File] | None = None
    video: File | None = None
    animation: File | None = None
    video_note: File | None = None
    voice: File | None = None
    audio: File | None = None
    document: File | None = None
    sticker: Sticker | None = None
    dice: Dice | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    web_app_data: WebAppData | None = None
    reply_to_message: Reply | None = None
    business_connection_id: str | None = None
    sender_business_bot: User | None = None
    migrate_to_chat_id: Id | None = None
    migrate_from_chat_id: Id | None = None


class Tapped(Struct, frozen=True):
    """The message a tapped button is under: https://core.telegram.org/bots/api#maybeinaccessiblemessage"""

    message_id: Id
    chat: Chat
    reply_markup: Keyboard | None = None
    business_connection_id: str | None = None


class CallbackQuery(Struct, frozen=True, rename={"from_": "from"}):
    """https://core.telegram.org/bots/api#callbackquery; the message may be missing."""

    id: str
    from_: User
    data: str | None = None
    game_short_name: str | None = None
    message: Tapped | None = None


class Reaction(Struct, frozen=True):
    """https://core.telegram.org/bots/api#reactiontype"""

    type: str
    emoji: str | None = None


class MessageReaction(Struct, frozen=True):
    """https://core.telegram.org/bots/api#messagereactionupdated"""

    chat: Chat
    message_id: Id
    date: int
    user: User | None = None
    actor_chat: Chat | None = None
    new_reaction: list[Reaction] = []


class Membership(Struct, frozen=True):
    """https://core.telegram.org/bots/api#chatmember; `is_member` comes only with the status "restricted"."""

    status: str
    is_member: bool = True


class MyChatMember(Struct, frozen=True, rename={"from_": "from"}):
    """https://core.telegram.org/bots/api#chatmemberupdated"""

    chat: Chat
    from_: User
    date: int
    new_chat_member: Membership


class Update(Struct, frozen=True):
    """https://core.telegram.org/bots/api#update: exactly one of the optional fields is there."""

    update_id: Id
    message: Message | None = None
    edited_message: Message | None = None
    business_message: Message | None = None
    edited_business_message: Message | None = None
    callback_query: CallbackQuery | None = None
    message_reaction: MessageReaction | None = None
    my_chat_member: MyChatMember | None = None
