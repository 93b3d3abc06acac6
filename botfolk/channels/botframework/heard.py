"""What every activity says of itself: who, where, when, and by which key it is known again."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from botfolk.channels.botframework import people
from botfolk.channels.botframework.payloads import Account, Activity, ChannelData, as_known
from botfolk.channels.events import Group, Json, Profile
from botfolk.channels.texts import clean, some

_THREAD = ";messageid="
_FIRST = datetime(2010, 1, 1, tzinfo=UTC)
_MOST_AHEAD = timedelta(days=1)
_MOST_ID = 512


class Strange(Exception):
    """A genuine activity of which we do not know what it means here."""


class Heard(Struct, frozen=True, kw_only=True):
    """An activity, and what every event of it has in common.

    `user` is the person, or the group they are in (empty: nobody); `person` is who did it, unless that was the bot.
    """

    activity: Activity
    key: str
    user: str
    at: datetime
    address: Json
    group: Group | None
    person: Account | None
    conversation: str
    data: ChannelData

    def common(self, part: str = "") -> dict[str, Any]:
        """Return the fields that all kinds of events have; `part` tells those of one activity apart."""
        key = f"{self.key}:{part}" if part else self.key
        return {"dedupe_key": key, "external_user_id": self.user, "at": self.at, "address": self.address}

    def profile(self) -> Profile | None:
        """Return what is said of the person; of a group nothing."""
        return None if self.group else people.profile(self.activity, self.person)

    def message_name(self, number: str | int | None) -> str:
        """Return how we name a message: the service numbers them within a conversation."""
        return message_name(self.conversation, str(number))


def message_name(conversation: str, number: str) -> str:
    """Return how a message is named: its number, which is one only within its conversation, threads included."""
    return f"{clean(conversation.partition(_THREAD)[0], _MOST_ID)}:{clean(number, _MOST_ID)}"


def hear(activity: Activity, kind: str, raw: bytes, received_at: datetime) -> Heard:
    conversation, bot = activity.conversation, activity.recipient or Account()
    author = activity.from_
    own = author is not None and (author.id == bot.id or author.role == "bot")
    person = author if author is not None and author.id and not own else None
    data = as_known(activity.channel_data, ChannelData) or ChannelData()
    group = _group(activity, data)
    where = clean(conversation.id.partition(_THREAD)[0], _MOST_ID)
    met = next((each for each in members(activity.members_added) if each.id != bot.id), None)
    met = person or (met if kind == "conversationUpdate" else None)
    if not where:
        raise Strange("an activity of no conversation")
    return Heard(
        activity=activity,
        key=_key(activity, data, raw),
        user=where if group else clean(met.id, _MOST_ID) if met else "",
        at=_moment(activity.timestamp, received_at),
        address=_address(activity, data, bot),
        group=group,
        person=met,
        conversation=where,
        data=data,
    )


def _group(activity: Activity, data: ChannelData) -> Group | None:
    """Return the group a conversation is; None for a person's own."""
    conversation = activity.conversation
    if conversation.conversation_type == "personal":
        return None
    if conversation.conversation_type is None and str(conversation.is_group).lower() not in ("true", "1"):
        return None
    names = (conversation.name, data.channel.name if data.channel else None, data.team.name if data.team else None)
    return Group(title=next(filter(None, map(some, names)), None))


def _key(activity: Activity, data: ChannelData, raw: bytes) -> str:
    """Name the delivery: edits and deletions bear the number of the message, and some activities bear none."""
    if activity.id is None or activity.id == "":
        return hashlib.sha256(raw).hexdigest()
    named = activity.channel_id, activity.conversation.id, activity.id, activity.type, data.event_type
    parts = "\n".join(str(part or "") for part in (*named, activity.timestamp))
    return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()


def _moment(timestamp: str | None, received_at: datetime) -> datetime:
    """Return the service's time of it; when it cannot be, the time it came."""
    try:
        moment = datetime.fromisoformat(timestamp or "")
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return received_at
    return moment if _FIRST <= moment <= received_at + _MOST_AHEAD else received_at


def _address(activity: Activity, data: ChannelData, bot: Account) -> Json:
    """Return what sending takes; whether our token may go there is judged when it is to be sent."""
    tenant = some(activity.conversation.tenant_id) or some(data.tenant.id if data.tenant else None)
    return {
        "service_url": clean(activity.service_url, _MOST_ID),
        "conversation_id": clean(activity.conversation.id, 2 * _MOST_ID),
        "channel_id": clean(activity.channel_id),
        "bot": {"id": clean(bot.id, _MOST_ID)} | ({"name": name} if (name := some(bot.name)) else {}),
    } | ({"tenant_id": tenant} if tenant else {})


def members(given: list[Any] | None) -> list[Account]:
    """Return members as the service gives them: accounts, or in old Skype only their ids."""
    found = (Account(id=each) if isinstance(each, str) else as_known(each, Account) for each in given or [])
    return [each for each in found if each is not None and each.id]
