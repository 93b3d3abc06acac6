"""From a verified request to events. What says nothing of a person gives none; what is not known is said so."""

from datetime import datetime
from hmac import compare_digest

import msgspec
from msgspec import Raw

from botfolk.channels.contract import Channel, Unreadable
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.requests import Headers
from botfolk.channels.setup import accepted
from botfolk.channels.telegram import updates
from botfolk.channels.telegram.payloads import Message, Update
from botfolk.channels.texts import clean, read_json

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name

_NO_INTEREST = frozenset(
    {
        "message_reaction_count", "inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query",
        "purchased_paid_media", "poll", "poll_answer", "chat_member", "chat_join_request", "chat_boost",
        "removed_chat_boost", "business_connection", "deleted_business_messages",
    }
)  # fmt: skip
"""Kinds of update (https://core.telegram.org/bots/api#update) that say nothing of what a person told the bot."""

_SERVICE = frozenset(
    {
        "new_chat_members", "new_chat_member", "new_chat_participant", "left_chat_member", "left_chat_participant",
        "new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
        "channel_chat_created", "message_auto_delete_timer_changed", "pinned_message", "write_access_allowed",
        "connected_website", "proximity_alert_triggered", "boost_added", "chat_background_set", "forum_topic_created",
        "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden",
        "general_forum_topic_unhidden", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
        "video_chat_participants_invited", "giveaway_created", "giveaway_completed",
        "paid_message_price_changed", "direct_message_price_changed", "chat_owner_left", "chat_owner_changed",
    }
)  # fmt: skip
"""Fields of a message (https://core.telegram.org/bots/api#message) that report what happened: nobody said it."""

_MESSAGES = ("message", "edited_message", "business_message", "edited_business_message")
_READ = frozenset(field.encode_name for field in msgspec.structs.fields(Message))

_update = msgspec.json.Decoder(Update)
_fields = msgspec.json.Decoder(dict[str, Raw])


def verify(channel: Channel, headers: Headers) -> bool:
    """Compare the secret token that setWebhook was given, in constant time; without one nothing is genuine."""
    given = headers.get(SECRET_HEADER, "").encode("utf-8", "surrogatepass")
    return any(compare_digest(secret.encode(), given) for secret in accepted(channel.secrets, "secret"))


def parse(channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Return an update's events, and what of it is not understood. Raises Unreadable."""
    try:
        update = read_json(_update, body)
        events = updates.events(channel, update, received_at)
        if events is not None:
            return events, []
        reason = _unknown(body)
    except updates.Strange as strange:
        reason = str(strange)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(clean(f"not an update of Telegram: {error}", 300)) from None
    except OverflowError as error:
        raise Unreadable(f"a time that cannot be: {error}"[:300]) from None
    return [], [NotUnderstood(reason=clean(reason, 300), raw=body)] if reason else []


def _unknown(body: bytes) -> str | None:
    """Say what is not understood in an update that gave nothing; None when all of it is known to be of no interest."""
    kinds = read_json(_fields, body)
    for kind in _MESSAGES:
        if kind in kinds and bytes(kinds[kind]) != b"null":
            fields = _fields.decode(kinds[kind]).keys()
            return None if fields & _SERVICE else f"{kind} of an unknown kind: {_listed(fields - _READ)}"
    others = kinds.keys() - {"update_id"}
    if others and others <= _NO_INTEREST:
        return None
    return f"an update of an unknown kind: {_listed(others)}"


def _listed(names: set[str]) -> str:
    return ", ".join(name[:64] for name in sorted(names)[:5]) or "nothing in it"
