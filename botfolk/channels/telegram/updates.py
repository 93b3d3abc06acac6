"""Each kind of update, and the events it is."""

from datetime import UTC, datetime

from botfolk.channels.contract import Channel
from botfolk.channels.events import (
    AnyEvent,
    Echoed,
    Group,
    IdentityMoved,
    InboundMessage,
    MessageEdited,
    ReachabilityChanged,
    ReactionChanged,
)
from botfolk.channels.telegram import content, people
from botfolk.channels.telegram.payloads import CallbackQuery, Chat, Message, MessageReaction, MyChatMember, Update
from botfolk.channels.texts import clean, some

_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, the last that datetime knows."""

# A reaction without an emoji of its own; stars are what paid reactions are paid in.
_OTHER_REACTIONS = {"custom_emoji": "custom", "paid": "⭐"}


class Strange(Exception):
    """A genuine update of which we do not know what it means here."""


def events(channel: Channel, update: Update, received_at: datetime) -> list[AnyEvent] | None:
    """Return an update's events; None when it holds nothing that we read.

    Raises Strange, and OverflowError for a time that no calendar holds.
    """
    key = str(update.update_id)
    match update:
        case Update(message=Message() as message):
            return _message(channel, key, message)
        case Update(business_message=Message() as message):
            return _business(channel, key, message)
        case Update(edited_message=Message() as message):
            return _edited(key, message)
        case Update(edited_business_message=Message() as message):
            return _business_edited(key, message)
        case Update(callback_query=CallbackQuery() as tap):
            return [_tap(key, tap, received_at)]
        case Update(message_reaction=MessageReaction() as reaction):
            return [_reaction(key, reaction)]
        case Update(my_chat_member=MyChatMember() as membership):
            return _membership(key, membership)
    return None


def _moment(seconds: int) -> datetime:
    if not 0 < seconds <= _LAST_SECOND:
        raise OverflowError(f"{seconds} s")
    return datetime.fromtimestamp(seconds, UTC)


def _group(chat: Chat) -> Group | None:
    """Return the group a chat is; None for a person's. One without a type is a person's when its id is positive.

    Raises Strange for channels and what else there may be: nobody talks to the bot there.
    """
    if chat.type == "private" or (chat.type is None and chat.id > 0):
        return None
    if chat.type in ("group", "supergroup", None):
        return Group(title=some(chat.title))
    raise Strange(f"a chat of the kind {clean(chat.type or '', 64)}")


def _message(channel: Channel, key: str, message: Message, *, business: bool = False) -> list[AnyEvent] | None:
    chat, group = message.chat, _group(message.chat)
    if message.migrate_to_chat_id is not None:
        return [_moved(key, message, chat.id, message.migrate_to_chat_id)]
    if message.migrate_from_chat_id is not None:
        return [_moved(key, message, message.migrate_from_chat_id, chat.id)]
    if group is None and message.from_ is not None and message.from_.is_bot:
        return []
    said = content.read(message)
    if said is None:
        return None
    where = people.place(chat.id, business=business)
    answered = message.reply_to_message
    event = InboundMessage(
        dedupe_key=key,
        external_user_id=str(chat.id),
        address=people.address(group, message.business_connection_id),
        at=_moment(message.date),
        external_id=f"{where}:{message.message_id}",
        kind=said.kind,
        text=said.text,
        sequence=message.message_id,
        media=said.media,
        details=said.details,
        profile=None if group else people.profile(message.from_, chat, said.contact.get("phone")),
        group=group,
        sender=people.sender(message) if group else None,
        reply_to=f"{where}:{answered.message_id}" if answered else None,
        addressed=group is None or content.is_addressed(channel, message),
        quiet=business,
    )
    return [event]


def _business(channel: Channel, key: str, message: Message) -> list[AnyEvent] | None:
    """A chat of the account the bot works for: what its owner writes there is an answer of the team's."""
    if _is_the_persons(message):
        return _message(channel, key, message, business=True)
    # What we sent in the owner's name comes back too; then the bot is named.
    if message.sender_business_bot is not None or message.chat.type != "private":
        return []
    said = content.read(message)
    if said is None:
        return None
    return [
        Echoed(
            dedupe_key=key,
            external_user_id=str(message.chat.id),
            at=_moment(message.date),
            address=people.address(None, message.business_connection_id),
            external_id=f"{people.place(message.chat.id, business=True)}:{message.message_id}",
            kind=said.kind,
            text=said.text,
            media=said.media,
            details=said.details,
        )
    ]


def _business_edited(key: str, message: Message) -> list[AnyEvent] | None:
    return _edited(key, message, business=True) if _is_the_persons(message) else []


def _is_the_persons(message: Message) -> bool:
    return message.from_ is not None and message.from_.id == message.chat.id


def _moved(key: str, message: Message, old: int, new: int) -> IdentityMoved:
    """Telegram says it twice, in the old group and in the new one: the receiver finds the second already done."""
    return IdentityMoved(
        dedupe_key=key, external_user_id=str(old), at=_moment(message.date), new_external_user_id=str(new)
    )


def _edited(key: str, message: Message, *, business: bool = False) -> list[AnyEvent] | None:
    group, said = _group(message.chat), content.read(message)
    if said is None:
        return None
    return [
        MessageEdited(
            dedupe_key=key,
            external_user_id=str(message.chat.id),
            at=_moment(message.edit_date or message.date),
            external_id=f"{people.place(message.chat.id, business=business)}:{message.message_id}",
            text=said.text,
            profile=None if group else people.profile(message.from_, message.chat),
            group=group,
        )
    ]


def _tap(key: str, tap: CallbackQuery, received_at: datetime) -> InboundMessage:
    """A tap has no time of its own, and may come without the message its button is under."""
    message, tap_id = tap.message, clean(tap.id)
    chat = message.chat if message else Chat(id=tap.from_.id, type="private")
    group = _group(chat)
    data = clean(tap.data or tap.game_short_name or "")
    title = content.title_of(message, tap.data) or data
    connection = message.business_connection_id if message else None
    return InboundMessage(
        dedupe_key=key,
        address=people.address(group, connection),
        external_user_id=str(chat.id),
        at=received_at,
        external_id=f"tap:{tap_id}",
        kind="button",
        text=title or None,
        sequence=message.message_id if message else 0,
        details={"data": data, "title": title},
        profile=None if group else people.profile(tap.from_, chat),
        group=group,
        sender=people.sender_of(tap.from_) if group else None,
        reply_to=f"{people.place(chat.id, business=bool(connection))}:{message.message_id}" if message else None,
        tap=tap_id,
    )


def _reaction(key: str, reaction: MessageReaction) -> ReactionChanged:
    group = _group(reaction.chat)
    who = people.sender_of(reaction.user) if reaction.user else people.sender_of_chat(reaction.actor_chat)
    emoji = (some(each.emoji) or _OTHER_REACTIONS.get(each.type, "custom") for each in reaction.new_reaction)
    return ReactionChanged(
        dedupe_key=key,
        external_user_id=str(reaction.chat.id),
        at=_moment(reaction.date),
        external_id=f"{reaction.chat.id}:{reaction.message_id}",
        emoji=tuple(emoji),
        profile=people.profile(reaction.user, reaction.chat) if reaction.user and not group else None,
        group=group,
        sender=who if group else None,
    )


def _membership(key: str, membership: MyChatMember) -> list[AnyEvent]:
    chat, status = membership.chat, membership.new_chat_member.status
    if chat.type == "channel":
        return []
    group = _group(chat)
    reachable = status not in ("kicked", "left") and membership.new_chat_member.is_member
    gone = "removed the bot from the group" if group else "blocked the bot"
    back = "added the bot to the group" if group else "unblocked the bot"
    return [
        ReachabilityChanged(
            dedupe_key=key,
            external_user_id=str(chat.id),
            at=_moment(membership.date),
            reachable=reachable,
            reason=back if reachable else gone,
            profile=None if group else people.profile(membership.from_, chat),
            group=group,
        )
    ]
