"""Each kind of activity, and the events it is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botfolk.channels.botframework import content, people
from botfolk.channels.botframework.heard import Heard, Strange, hear, members
from botfolk.channels.botframework.payloads import Account, Activity, CardValue, Reaction, ReadReceipt, as_known, known
from botfolk.channels.contract import Channel
from botfolk.channels.events import (
    AnyEvent,
    Group,
    Happened,
    InboundMessage,
    Introduced,
    Json,
    MessageDeleted,
    MessageEdited,
    ReachabilityChanged,
    ReactionChanged,
    Said,
    StatusChanged,
)
from botfolk.channels.texts import clean, some

READ_RECEIPT = "application/vnd.microsoft.readReceipt"
CARD_ACTION = "adaptiveCard/action"

_NO_INTEREST = frozenset({"typing", "ping", "trace", "handoff", "suggestion", "command", "commandResult"})
"""Types by which nobody says anything: https://github.com/microsoft/botframework-sdk/tree/main/specs/botframework-activity"""

_NO_INTEREST_EVENTS = frozenset(
    {
        "tokens/response", "webchat/join", "application/vnd.microsoft.meetingStart",
        "application/vnd.microsoft.meetingEnd", "application/vnd.microsoft.meetingParticipantJoin",
        "application/vnd.microsoft.meetingParticipantLeave",
    }
)  # fmt: skip

_EMOJI = {
    "like": "👍", "heart": "❤️", "laugh": "😆", "surprised": "😮", "sad": "😢", "angry": "😠", "plusOne": "👍",
}  # fmt: skip
"""https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events"""


def events(channel: Channel, activity: Activity, raw: bytes, received_at: datetime) -> list[AnyEvent]:
    """Return an activity's events. Raises Strange."""
    kind = activity.type
    for old in ("activity/", "message/"):
        # Skype until 2016: https://github.com/microsoft/BotBuilder-V3
        if kind.startswith(old):
            kind = kind.removeprefix(old) if old == "activity/" else "message"
    heard = hear(activity, kind, raw, received_at)
    if kind in _NO_INTEREST:
        return []
    if kind not in _KINDS:
        raise Strange(f"an activity of the kind {kind}")
    if not heard.user or (heard.person is None and kind not in _WITHOUT_PERSON):
        return []
    return _KINDS[kind](channel, heard)


def _message(channel: Channel, heard: Heard) -> list[AnyEvent]:
    said = content.read(channel, heard.activity)
    if said is None:
        raise Strange("a message with nothing in it that is known")
    return [_said(heard, said)]


def _said(heard: Heard, said: Said) -> InboundMessage:
    activity, number = heard.activity, str(heard.activity.id or "")
    tapped = said.kind == "button"
    return InboundMessage(
        **heard.common(),
        external_id=heard.message_name(number) if number else heard.key,
        kind=said.kind,
        text=said.text,
        sequence=int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0,
        media=said.media,
        details=said.details,
        profile=heard.profile(),
        group=heard.group,
        sender=people.sender(heard.person) if heard.group and heard.person else None,
        reply_to=heard.message_name(activity.reply_to_id) if activity.reply_to_id else None,
        addressed=heard.group is None or tapped or content.is_addressed(activity),
    )


def _edited(channel: Channel, heard: Heard) -> list[AnyEvent]:
    """An edit, or a deletion that was undone: both bring the text."""
    activity = heard.activity
    if activity.id is None or (activity.text is None and not activity.attachments):
        raise Strange("an edit that does not say what of, or what it is now")
    name = heard.message_name(activity.id)
    edited = MessageEdited(
        **heard.common(), external_id=name, text=content.text(activity), profile=heard.profile(), group=heard.group
    )
    return [edited]


def _deleted(channel: Channel, heard: Heard) -> list[AnyEvent]:
    if heard.activity.id is None:
        raise Strange("a deletion that does not say what of")
    return [MessageDeleted(**heard.common(), external_id=heard.message_name(heard.activity.id))]


def _reaction(channel: Channel, heard: Heard) -> list[AnyEvent]:
    """The service tells only what changed: what was added is what there is now, else nothing."""
    if not heard.activity.reply_to_id:
        raise Strange("a reaction that does not say to what")
    added = known(heard.activity.reactions_added, Reaction)
    changed = ReactionChanged(
        **heard.common(),
        external_id=heard.message_name(heard.activity.reply_to_id),
        emoji=tuple(dict.fromkeys(_emoji(each.type) for each in added)),
        profile=heard.profile(),
        group=heard.group,
        sender=people.sender(heard.person) if heard.group and heard.person else None,
    )
    return [changed]


def _emoji(kind: str) -> str:
    """Return a reaction's emoji: by its word, or by its code point ("1f44b_wavinghand")."""
    if kind in _EMOJI:
        return _EMOJI[kind]
    points, named, _ = kind.partition("_")
    try:
        return clean("".join(chr(int(point, 16)) for point in points.split("-"))) if named else clean(kind, 32)
    except (ValueError, OverflowError):
        return clean(kind, 32)


def _conversation(channel: Channel, heard: Heard) -> list[AnyEvent]:
    """Who came and went. A person's own conversation begins when the bot is added, and they are known from then on."""
    activity, found = heard.activity, list[AnyEvent]()
    bot = activity.recipient.id if activity.recipient else ""
    for word, given in (("joined", activity.members_added), ("left", activity.members_removed)):
        people_there = members(given)
        if any(each.id == bot for each in people_there):
            found.append(_reachable(heard, word == "joined", word))
        others = [each for each in people_there if each.id != bot]
        if others and heard.group:
            details = {"members": [_told(each) for each in others]}
            kind: Any = word
            found.append(Happened(**heard.common(f"{word} others"), kind=kind, details=details, group=heard.group))
    if not found and heard.person is not None and (activity.members_added or activity.topic_name):
        title = some(activity.topic_name)
        group = Group(title=title or heard.group.title) if heard.group else None
        found.append(Introduced(**heard.common(), profile=heard.profile(), group=group))
    return found


def _told(member: Account) -> Json:
    return {"id": clean(member.id)} | ({"name": name} if (name := some(member.name)) else {})


def _installation(channel: Channel, heard: Heard) -> list[AnyEvent]:
    """The bot was added or removed; Skype said so of a contact. An upgrade of the app changes nothing."""
    match heard.activity.action:
        case "add":
            return [_reachable(heard, True)]
        case "remove":
            return [_reachable(heard, False)]
        case "add-upgrade" | "remove-upgrade":
            return []
    raise Strange(f"an installation update {clean(heard.activity.action or '', 64)}")


def _reachable(heard: Heard, reachable: bool, part: str = "") -> ReachabilityChanged:
    where = "the bot to the group" if heard.group else "the bot"
    gone = "removed the bot from the group" if heard.group else "removed the bot"
    return ReachabilityChanged(
        **heard.common(part),
        reachable=reachable,
        reason=f"added {where}" if reachable else gone,
        profile=heard.profile(),
        group=heard.group,
    )


def _event(channel: Channel, heard: Heard) -> list[AnyEvent]:
    name = heard.activity.name or ""
    if name in _NO_INTEREST_EVENTS:
        return []
    receipt = as_known(heard.activity.value, ReadReceipt)
    if name != READ_RECEIPT or receipt is None:
        raise Strange(f"an event named {clean(name, 64)}")
    number = receipt.last_read_message_id
    read: Any = {"status": "read"}
    found: list[AnyEvent] = [StatusChanged(**heard.common(), external_id=heard.message_name(number), **read)]
    if (until := _when_numbered(number)) is not None:
        # Teams numbers messages by the millisecond: with the last one all before it were read.
        found.append(StatusChanged(**heard.common("until"), up_to=until, **read))
    return found


def _when_numbered(number: str) -> datetime | None:
    if not (number.isascii() and number.isdigit() and len(number) == 13):
        return None
    return datetime.fromtimestamp(int(number) / 1000, UTC)


def _invoke(channel: Channel, heard: Heard) -> list[AnyEvent]:
    """A tap of a card's button that waits for an answer, which `receive.acknowledge` gives."""
    name, value = heard.activity.name or "", heard.activity.value
    card = as_known(value, CardValue) if name == CARD_ACTION else None
    if card is not None:
        action = card.action
        return [_said(heard, content.tapped(action.data, None, action.title or action.id, action.verb))]
    if name == "message/submitAction":
        return [_said(heard, content.tapped(value, None))]
    raise Strange(f"an invoke named {clean(name, 64)}")


def _ended(channel: Channel, heard: Heard) -> list[AnyEvent]:
    code = some(heard.activity.code, 64) if isinstance(heard.activity.code, str) else None
    details = {"reason": code} if code else {}
    return [Happened(**heard.common(), kind="left", details=details, profile=heard.profile(), group=heard.group)]


_KINDS: dict[str, Callable[[Channel, Heard], list[AnyEvent]]] = {
    "message": _message,
    "messageUpdate": _edited,
    "messageDelete": _deleted,
    "messageReaction": _reaction,
    "conversationUpdate": _conversation,
    "installationUpdate": _installation,
    "contactRelationUpdate": _installation,
    "event": _event,
    "invoke": _invoke,
    "endOfConversation": _ended,
}

_WITHOUT_PERSON = frozenset({"conversationUpdate", "installationUpdate"})
"""What the service itself may report; anything else that names no person is the bot's own word come back."""
