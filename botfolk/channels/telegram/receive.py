"""From a verified update to events. What says nothing of a person gives none; what is not known is said so."""

from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

import msgspec

from botfolk.channels.contract import Channel, Headers, Unreadable
from botfolk.channels.events import (
    AnyEvent,
    Group,
    IdentityMoved,
    InboundMessage,
    MessageEdited,
    NotUnderstood,
    ReachabilityChanged,
    ReactionChanged,
)
from botfolk.channels.telegram import content, people
from botfolk.channels.telegram.payloads import CallbackQuery, Chat, Message, MessageReaction, MyChatMember, Update

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name

_NO_INTEREST = frozenset(
    {
        "channel_post", "edited_channel_post", "message_reaction_count", "inline_query", "chosen_inline_result",
        "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "chat_member",
        "chat_join_request", "chat_boost", "removed_chat_boost", "business_connection", "deleted_business_messages",
        "edited_business_message",
    }
)  # fmt: skip
"""Kinds of update that are known and say nothing of what a person told the bot."""

_decoder = msgspec.json.Decoder(Update)


def verify(channel: Channel, headers: Headers) -> bool:
    """Compare the secret token that setWebhook was given, in constant time; without one nothing is genuine."""
    secret = channel.secrets.get("secret", "")
    given = headers.get(SECRET_HEADER, "")
    return bool(secret) and compare_digest(secret.encode(), given.encode("utf-8", "surrogatepass"))


def parse(channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Return an update's events, and what of it is not understood. Raises Unreadable."""
    try:
        update = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"not an update of Telegram: {error}"[:300]) from None
    try:
        events = _events(channel, update, received_at)
    except (OverflowError, OSError) as error:
        raise Unreadable(f"a time that cannot be: {error}"[:300]) from None
    if events is not None:
        return events, []
    return [], _unknown(body)


def _unknown(body: bytes) -> list[NotUnderstood]:
    raw: dict[str, Any] = msgspec.json.decode(body)
    kinds = [kind for kind in raw if kind != "update_id"]
    if kinds and all(kind in _NO_INTEREST for kind in kinds):
        return []
    named = ", ".join(kind[:64] for kind in kinds[:5]) or "nothing"
    return [NotUnderstood(reason=f"an update of an unknown kind: {named}", raw=body)]


def _events(channel: Channel, update: Update, received_at: datetime) -> list[AnyEvent] | None:
    key = str(update.update_id)
    match update:
        case Update(message=Message() as message):
            return _message(channel, key, message)
        case Update(business_message=Message() as message):
            return _business(channel, key, message)
        case Update(edited_message=Message() as message):
            return _edited(key, message)
        case Update(callback_query=CallbackQuery() as tap):
            return [_tap(key, tap, received_at)]
        case Update(message_reaction=MessageReaction() as reaction):
            return _reaction(key, reaction)
        case Update(my_chat_member=MyChatMember() as membership):
            return _membership(key, membership)
    return None


def moment(seconds: int) -> datetime:
    """Return Telegram's Unix time. Raises OverflowError for what no calendar holds."""
    if not 0 < seconds < 253_402_300_800:
        raise OverflowError(f"{seconds} s")
    return datetime.fromtimestamp(seconds, UTC)


def is_group(chat: Chat) -> bool:
    """Say whether a chat is a group; one without a type is private when its id is a person's (positive)."""
    return chat.type in ("group", "supergroup") or (chat.type is None and chat.id < 0)


def _message(channel: Channel, key: str, message: Message, *, quiet: bool = False) -> list[AnyEvent]:
    chat = message.chat
    if message.migrate_to_chat_id is not None:
        return [_moved(key, message, chat.id, message.migrate_to_chat_id)]
    if message.migrate_from_chat_id is not None:
        return [_moved(key, message, message.migrate_from_chat_id, chat.id)]
    said = content.read(message)
    if chat.type == "channel" or said is None:
        return []
    group = Group(title=people.clean(chat.title)) if is_group(chat) else None
    fields = {} if group else people.fields(message.from_, chat)
    if said.own_phone and not group:
        fields["phone"] = said.own_phone
    event = InboundMessage(
        dedupe_key=key,
        external_user_id=str(chat.id),
        at=moment(message.date),
        external_id=f"{chat.id}:{message.message_id}",
        kind=said.kind,
        text=said.text,
        sequence=message.message_id,
        media=said.media,
        details=said.details,
        profile=None if group else people.profile(message.from_, chat, fields),
        group=group,
        sender=people.sender(message) if group else None,
        reply_to=f"{chat.id}:{message.reply_to_message.message_id}" if message.reply_to_message else None,
        addressed=group is None or content.is_addressed(channel, message),
        quiet=quiet,
    )
    return [event]


def _business(channel: Channel, key: str, message: Message) -> list[AnyEvent]:
    """A chat of the account the bot works for: what the owner writes there is not the person's word."""
    if message.from_ is None or message.from_.id != message.chat.id:
        return []
    return _message(channel, key, message, quiet=True)


def _moved(key: str, message: Message, old: int, new: int) -> IdentityMoved:
    return IdentityMoved(
        dedupe_key=key, external_user_id=str(old), at=moment(message.date), new_external_user_id=str(new)
    )


def _edited(key: str, message: Message) -> list[AnyEvent]:
    said = content.read(message)
    if said is None or message.chat.type == "channel":
        return []
    private = not is_group(message.chat)
    return [
        MessageEdited(
            dedupe_key=key,
            external_user_id=str(message.chat.id),
            at=moment(message.edit_date or message.date),
            external_id=f"{message.chat.id}:{message.message_id}",
            text=said.text,
            profile=people.profile(message.from_, message.chat) if private else None,
        )
    ]


def _tap(key: str, tap: CallbackQuery, received_at: datetime) -> InboundMessage:
    """A tap has no time of its own, and may come without the message its button was on."""
    try:
        message = msgspec.convert(tap.message, Message) if tap.message else None
    except msgspec.ValidationError:
        message = None
    chat = message.chat if message else Chat(id=tap.from_.id, type="private")
    data = people.clean(tap.data or tap.game_short_name) or ""
    title = content.title_of(message, tap.data) or data
    group = Group(title=people.clean(chat.title)) if is_group(chat) else None
    return InboundMessage(
        dedupe_key=key,
        external_user_id=str(chat.id),
        at=received_at,
        external_id=f"tap:{tap.id}",
        kind="button",
        text=title or None,
        sequence=message.message_id if message else 0,
        details={"data": data, "title": title},
        profile=None if group else people.profile(tap.from_, chat),
        group=group,
        sender=people.sender_of(tap.from_) if group else None,
        reply_to=f"{chat.id}:{message.message_id}" if message else None,
        tap=tap.id,
    )


def _reaction(key: str, reaction: MessageReaction) -> list[AnyEvent]:
    if reaction.chat.type == "channel":
        return []
    who = people.sender_of(reaction.user) if reaction.user else people.sender_of_chat(reaction.actor_chat)
    emoji = tuple(each.emoji or {"paid": "⭐"}.get(each.type, "🙂") for each in reaction.new_reaction)
    return [
        ReactionChanged(
            dedupe_key=key,
            external_user_id=str(reaction.chat.id),
            at=moment(reaction.date),
            external_id=f"{reaction.chat.id}:{reaction.message_id}",
            emoji=emoji,
            sender=who if is_group(reaction.chat) else None,
        )
    ]


def _membership(key: str, membership: MyChatMember) -> list[AnyEvent]:
    chat, status = membership.chat, membership.new_chat_member.status
    if chat.type == "channel":
        return []
    group = is_group(chat)
    reachable = status not in ("kicked", "left")
    reason = "removed the bot from the group" if group else "blocked the bot"
    return [
        ReachabilityChanged(
            dedupe_key=key,
            external_user_id=str(chat.id),
            at=moment(membership.date),
            reachable=reachable,
            reason="" if reachable else reason,
            profile=None if group else people.profile(membership.from_, chat),
            group=Group(title=people.clean(chat.title)) if group else None,
        )
    ]
