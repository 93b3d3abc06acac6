"""Take events into a batch: what each kind of event means for the tables. No storage here."""

from uuid import UUID

from botfolk.bot.decide import State, decide, is_paused
from botfolk.channels.contract import Channel
from botfolk.channels.events import (
    AnyEvent,
    ConsentChanged,
    Echoed,
    Happened,
    IdentityMoved,
    InboundMessage,
    MessageDeleted,
    MessageEdited,
    ReachabilityChanged,
    ReactionChanged,
    StatusChanged,
)
from botfolk.conversations.sessions import Activity, judged_at
from botfolk.conversations.statistics import count
from botfolk.ids import new_id
from botfolk.ingest.batch import Batch
from botfolk.ingest.delivery import Delivery
from botfolk.ingest.people import Person, introduce, is_news, make, remember, said_by
from botfolk.ingest.rows import EventRow, Json, LinkRow, MessageRow, OutboxRow
from botfolk.ingest.score import score
from botfolk.links.codes import codes_for, tracks


def take(batch: Batch, delivery: Delivery, event: AnyEvent) -> None:
    """Take one event that has not been stored before into the batch."""
    channel = delivery.channel
    if isinstance(event, IdentityMoved | StatusChanged) and not _is_known(batch, channel, event):
        # Nothing of ours can have moved or arrived.
        return
    person = _person(batch, channel, event)
    if person.status == "blocked":
        return
    batch.touched.add(person.stats.user_id)
    match event:
        case InboundMessage():
            _take_message(batch, delivery, person, event)
        case MessageEdited() | MessageDeleted() | ReactionChanged() | StatusChanged() | Echoed():
            _take_about_message(batch, channel, person, event)
        case _:
            _take_about_person(batch, channel, person, event)


def _take_about_message(
    batch: Batch,
    channel: Channel,
    person: Person,
    event: MessageEdited | MessageDeleted | ReactionChanged | StatusChanged | Echoed,
) -> None:
    match event:
        case MessageEdited():
            batch.edits.append((channel, event))
            _happened(batch, channel, person, event, "edited", event.external_id, {"text": event.text})
        case MessageDeleted():
            batch.edits.append((channel, event))
            _happened(batch, channel, person, event, "deleted", event.external_id, {})
        case ReactionChanged():
            sender = {"id": event.sender.external_id, "name": event.sender.name} if event.sender else None
            details: Json = {"emoji": list(event.emoji), "sender": sender}
            _happened(batch, channel, person, event, "reaction", event.external_id, details)
        case StatusChanged():
            _take_status(batch, channel, person, event)
        case Echoed():
            batch.echoes.append((channel, person, event))


def _take_about_person(batch: Batch, channel: Channel, person: Person, event: AnyEvent) -> None:
    match event:
        case ReachabilityChanged():
            state = "active" if event.reachable else "blocked"
            batch.reachability.append((person, state, None if event.reachable else event.reason, event.at))
            _happened(batch, channel, person, event, "unblocked" if event.reachable else "blocked", None, {})
        case ConsentChanged():
            _take_consent(batch, channel, person, event)
        case Happened():
            _happened(batch, channel, person, event, event.kind, None, event.details)
        case IdentityMoved():
            batch.moves.append((channel, event))
            batch.people.setdefault((channel.id, event.new_external_user_id), person)
            _happened(batch, channel, person, event, "moved", None, {})


def _take_status(batch: Batch, channel: Channel, person: Person, event: StatusChanged) -> None:
    batch.statuses.append((channel, person, event))
    if event.unreachable is not None:
        batch.reachability.append((person, event.unreachable, event.reason, event.at))
    details: Json = {"status": event.status}
    if event.reason:
        details["reason"] = event.reason
    _happened(batch, channel, person, event, "status", event.external_id, details)


def _take_consent(batch: Batch, channel: Channel, person: Person, event: ConsentChanged) -> None:
    if event.scope == "marketing":
        batch.consents.append((person, event.allowed, event.at))
        kind = "marketing_resumed" if event.allowed else "marketing_stopped"
    else:
        state = "active" if event.allowed else "opted_out"
        person.state, person.state_at = state, event.at
        batch.reachability.append((person, state, None if event.allowed else event.reason, event.at))
        kind = "opted_in" if event.allowed else "opted_out"
    _happened(batch, channel, person, event, kind, None, {})


def _is_known(batch: Batch, channel: Channel, event: AnyEvent) -> bool:
    return any((channel.id, name) in batch.people for name in (event.external_user_id, *event.aliases))


def _person(batch: Batch, channel: Channel, event: AnyEvent) -> Person:
    """Return the event's person, made when nobody has met them, with what the channel now says noted."""
    key = (channel.id, event.external_user_id)
    person = batch.people.get(key) or _known_otherwise(batch, channel, event)
    if person is None:
        person = batch.people[key] = make(channel, event.external_user_id, batch.now, batch.erased.get(key))
    for alias in event.aliases:
        if (channel.id, alias) not in batch.people:
            batch.people[(channel.id, alias)] = person
            person.one_name = False
            batch.aliases.append((person, alias))
    said = said_by(event)
    if said is not None and is_news(person, said):
        if person.is_new:
            introduce(person, said, channel, batch.now)
            if "attributes" in said:
                batch.news.append((channel, person, said))
        elif person.status != "blocked":
            remember(person, said)
            batch.news.append((channel, person, said))
    return person


def _known_otherwise(batch: Batch, channel: Channel, event: AnyEvent) -> Person | None:
    """Return whom the service knew by another name until now, and note the new one.

    Only who had no more than that name: a telephone number that comes with a second id has another owner now.
    """
    for alias in event.aliases:
        person = batch.people.get((channel.id, alias))
        if person is not None and person.one_name and person.external_id == alias:
            batch.people[(channel.id, event.external_user_id)] = person
            person.one_name = False
            batch.aliases.append((person, event.external_user_id))
            return person
    return None


def _happened(
    batch: Batch, channel: Channel, person: Person, event: AnyEvent, kind: str, about: str | None, details: Json
) -> None:
    batch.events.append(
        EventRow(
            bot_id=batch.bot_id,
            id=new_id(),
            user_id=person.stats.user_id,
            channel_id=channel.id,
            identity_id=person.identity_id,
            dedupe_key=event.dedupe_key,
            kind=kind,
            external_id=about,
            at=event.at,
            details=details,
        )
    )


def _take_message(batch: Batch, delivery: Delivery, person: Person, message: InboundMessage) -> None:
    stats, channel = person.stats, delivery.channel
    text, edited_at = message.text, None
    early = batch.early_edits.get((channel.id, message.external_id))
    if early is not None:
        edited_at, text = early.at, early.text
    paused = is_paused(stats.paused_until, batch.now)
    row = MessageRow(
        bot_id=batch.bot_id,
        id=new_id(),
        user_id=stats.user_id,
        channel_id=channel.id,
        identity_id=person.identity_id,
        dedupe_key=message.dedupe_key,
        external_id=message.external_id,
        direction="in",
        author="user",
        kind=message.kind,
        text=text,
        details={"deleted": True} if early is not None and early.deleted else _details(message),
        sent_at=message.at,
        received_at=delivery.received_at,
        sequence=message.sequence,
        status="received",
        edited_at=edited_at,
        waiting=paused,
    )
    if early is None:
        row.sentiment, row.sentiment_words = delivery.scores.of(message, batch.words)
    else:
        row.sentiment, row.sentiment_words = score(message.kind, text, batch.words)
    batch.messages.append(row)
    if message.answers:
        batch.answers.append((person, message.answers))
    if message.context:
        batch.contexts[row.id] = message.context
    state = State(is_first=stats.messages == 0, status=person.status, paused_until=stats.paused_until)
    count(stats, row.id, message if early is None else _with_text(message, text), row.sentiment)
    stats.last_received_at = max(stats.last_received_at or delivery.received_at, delivery.received_at)
    if paused and stats.waiting_since is None:
        stats.waiting_since = message.at
    # Who said stop says start to be written to again; whoever merely blocked the bot has come back by writing.
    if person.state not in ("active", "opted_out") and (person.state_at is None or person.state_at <= message.at):
        person.state = "active"
        batch.reachability.append((person, "active", None, message.at))
    judged = judged_at(message.at, delivery.received_at)
    batch.activities.setdefault(stats.user_id, []).append(Activity(row.id, message.at, judged))
    _answer(batch, channel, person, message, state)


def _with_text(message: InboundMessage, text: str | None) -> InboundMessage:
    values = {name: getattr(message, name) for name in InboundMessage.__struct_fields__}
    return InboundMessage(**(values | {"text": text}))


def _details(message: InboundMessage) -> Json | None:
    details = dict(message.details)
    if message.media:
        details["media"] = message.media
    if message.sender:
        details["sender"] = {"id": message.sender.external_id, "name": message.sender.name}
    if message.reply_to:
        details["reply_to"] = message.reply_to
    return details or None


def _answer(batch: Batch, channel: Channel, person: Person, message: InboundMessage, state: State) -> None:
    """Queue what the bot says, and the acknowledgement a tapped button waits for."""
    if message.tap:
        batch.outbox.append(_outgoing(batch, channel, person, None, "tap", {"tap": message.tap}))
    reply = decide(message, state, batch.personality, batch.now)
    if reply is None:
        return
    row = MessageRow(
        bot_id=batch.bot_id,
        id=new_id(),
        user_id=person.stats.user_id,
        channel_id=channel.id,
        identity_id=person.identity_id,
        direction="out",
        author="bot",
        kind="text",
        text=reply.text,
        sent_at=batch.now,
        received_at=batch.now,
        status="queued",
    )
    batch.messages.append(row)
    payload: Json = {"text": reply.text}
    codes = codes_for(reply.text) if tracks(channel.config) else {}
    if codes:
        payload["links"] = codes
        batch.links += (_link(row, url, code) for url, code in codes.items())
    batch.outbox.append(_outgoing(batch, channel, person, row.id, "message", payload))


def _link(message: MessageRow, url: str, code: str) -> LinkRow:
    return LinkRow(
        bot_id=message.bot_id,
        id=new_id(),
        user_id=message.user_id,
        message_id=message.id,
        code=code,
        url=url,
        created_at=message.sent_at,
    )


def _outgoing(
    batch: Batch, channel: Channel, person: Person, message_id: UUID | None, kind: str, payload: Json
) -> OutboxRow:
    return OutboxRow(
        bot_id=batch.bot_id,
        id=new_id(),
        channel_id=channel.id,
        user_id=person.stats.user_id,
        identity_id=person.identity_id,
        message_id=message_id,
        kind=kind,
        payload=payload,
        next_at=batch.now,
        created_at=batch.now,
    )
