"""A stretch of a conversation as the page tells it: messages, breaks and what happened beside them, in order."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from botfolk.conversations.contents import Button, Media, Remark, buttons_of, media_of, remarks_of
from botfolk.conversations.happenings import icon, sentence
from botfolk.conversations.statistics import shown
from botfolk.conversations.timeline import (
    Beside,
    Click,
    Event,
    Link,
    Message,
    Move,
    Reaction,
    SessionStart,
    Timeline,
)
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.formats import channel_name, day, mood, score, weight
from botfolk.sentiment import label_of
from botfolk.users.describe import describe
from botfolk.users.history import Change
from botfolk.users.origins import SOURCES

_FETCHED_AFTER = timedelta(minutes=2)
"""So long the files of a message are on their way by themselves."""


class MessageSentiment(Struct, frozen=True):
    """A message's face, and the words that drove it."""

    label: Literal["positive", "neutral", "negative"]
    score: float
    title: str
    words: list[tuple[str, float]]


class MessageItem(Struct, frozen=True, kw_only=True):
    """A bubble."""

    message: Message
    at: datetime
    who: str
    person: str
    text: str | None
    media: list[Media]
    buttons: list[Button]
    remarks: list[Remark]
    reactions: list[Reaction]
    sentiment: MessageSentiment | None
    links: list[Link]
    waiting: bool
    """It came while the bot was paused, and no member has written since."""
    is_deleted: bool
    """The person took it back."""

    @property
    def kind(self) -> str:
        """What a template switches on."""
        return "message"


class SessionItem(Struct, frozen=True):
    """A session began."""

    session: SessionStart
    at: datetime
    kind: str = "session"


class DayItem(Struct, frozen=True):
    """Another day began."""

    day: str
    kind: str = "day"


Sort = Literal["pause", "change", "click", "event"]
"""What can be hidden of a conversation, beside its session breaks."""


class AsideItem(Struct, frozen=True, kw_only=True):
    """What happened beside the messages, as a sentence."""

    id: str
    at: datetime
    who: str
    text: str
    icon: str
    sort: Sort
    kind: str = "aside"


Item = MessageItem | SessionItem | DayItem | AsideItem


class Story(Struct, frozen=True):
    """What a page of the conversation shows. `start` is the token of its first message when there is more before it."""

    items: list[Item]
    start: str | None
    newest: str


def tell(timeline: Timeline, person: str, bot_name: str, where: str, now: datetime) -> Story:
    """Put a timeline into words and order; `person` is the user's name, `where` the member's timezone."""
    # By our own clock: a service's may count whole seconds.
    answered = max((message.received_at for message in timeline.messages if message.author == "member"), default=None)
    links: dict[UUID, list[Link]] = {}
    for link in timeline.links:
        links.setdefault(link.message_id, []).append(link)
    told: list[MessageItem | SessionItem | AsideItem] = [
        *(
            _message(message, timeline.reactions, links.get(message.id, []), person, bot_name, answered, now)
            for message in timeline.messages
        ),
        *_beside(timeline.beside, person, where),
    ]
    told.sort(key=lambda item: (item.at, 0 if item.kind == "session" else 1))
    start = timeline.start.token() if timeline.start else None
    newest = str(timeline.messages[-1].id) if timeline.messages else ""
    return Story(list(_with_days(told, where, now)), start, newest)


def _with_days(told: Sequence[MessageItem | SessionItem | AsideItem], where: str, now: datetime) -> Iterator[Item]:
    last: str | None = None
    for item in told:
        today = day(item.at, where, now)
        if today != last and item.kind != "session":
            yield DayItem(today)
        last = today
        yield item


def _message(
    message: Message,
    reactions: dict[str, list[Reaction]],
    links: list[Link],
    person: str,
    bot_name: str,
    answered: datetime | None,
    now: datetime,
) -> MessageItem:
    details = message.details or {}
    is_deleted = bool(details.get("deleted"))
    media = (
        []
        if is_deleted
        else list(media_of(message.kind, details, is_new=now - _asked_at(message, details) < _FETCHED_AFTER))
    )
    text = message.text
    if text is None and not media and not is_deleted:
        text = shown(message.kind, None)
    return MessageItem(
        message=message,
        at=message.sent_at,
        who=_who(message, details, person, bot_name),
        person=person,
        text=text,
        media=media,
        buttons=buttons_of(details),
        remarks=remarks_of(details, channel_name(message.channel)),
        reactions=reactions.get(message.external_id or "", []),
        sentiment=_sentiment(message),
        links=links,
        waiting=message.waiting and (answered is None or message.received_at > answered),
        is_deleted=is_deleted,
    )


def _asked_at(message: Message, details: dict[str, Any]) -> datetime:
    """Return when the files of a message were last asked for: at first by themselves."""
    asked = details.get("asked_at")
    return datetime.fromisoformat(asked) if isinstance(asked, str) else message.received_at


def _who(message: Message, details: dict[str, Any], person: str, bot_name: str) -> str:
    match message.author:
        case "user":
            return str((details.get("sender") or {}).get("name") or person)
        case "member":
            return message.member or _("A member")
        case "broadcast":
            return _("%s, to many") % bot_name
        case _:
            return bot_name


def _sentiment(message: Message) -> MessageSentiment | None:
    if message.sentiment is None:
        return None
    value = message.sentiment / 1000
    label = label_of(value)
    drove = [(word, drive) for word, drive in message.sentiment_words or ()]
    words = ", ".join(f"{word} {weight(drive)}" for word, drive in drove)
    title = f"{mood(label)}, {score(value)}"
    return MessageSentiment(label, value, f"{title}: {words}" if words else title, drove)


def _beside(beside: Iterable[Beside], person: str, where: str) -> Iterator[SessionItem | AsideItem]:
    changes: list[Change] = []
    for one in beside:
        match one:
            case SessionStart():
                yield SessionItem(one, one.at)
            case Event():
                text, drawing = sentence(one.kind, one.channel_name, one.details), icon(one.kind)
                yield AsideItem(id=str(one.id), at=one.at, who=person, text=text, icon=drawing, sort="event")
            case Click():
                text = _("opened %s") % one.url
                yield AsideItem(id=str(one.id), at=one.at, who=person, text=text, icon="link", sort="click")
            case Move():
                text = _("entered the segment “%s”") if one.kind == "entered" else _("left the segment “%s”")
                yield AsideItem(
                    id=str(one.id), at=one.at, who=person, text=text % one.name, icon="segment", sort="event"
                )
            case Change():
                changes.append(one)
    yield from _changes(changes, where)


def _changes(changes: Sequence[Change], where: str) -> Iterator[AsideItem]:
    """Tell together what one actor changed in one go."""

    def together(change: Change) -> tuple[datetime, str, str, bool]:
        return change.at, change.source, change.actor or "", change.field == "pause_bot"

    for (at, source, actor, is_pause), group in groupby(sorted(changes, key=together), key=together):
        made = sorted(group, key=lambda change: change.id)
        texts = [describe(change.field, change.old, change.new, where, change.at) for change in made]
        fields = {change.field for change in made}
        drawing = "pause" if is_pause else "infinite" if "infinite_session" in fields else "edit"
        who = actor or _(SOURCES.get(source, source))
        sort: Sort = "pause" if is_pause else "change"
        yield AsideItem(id=str(made[0].id), at=at, who=who, text=", ".join(texts), icon=drawing, sort=sort)
