"""People who were erased: what services deliver again of before is left out, what they newly say is a stranger's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from botfolk.channels.events import AnyEvent
from botfolk.db.secrets import SecretBox
from botfolk.ingest.batch import Batch
from botfolk.ingest.delivery import Delivery
from botfolk.ingest.people import Person
from botfolk.users import tombstones

Connection = AsyncConnection[Any]
Events = Sequence[tuple[Delivery, AnyEvent]]


async def leave_out_the_erased(connection: Connection, box: SecretBox, batch: Batch, events: Events) -> None:
    """Count as seen what is of a person who has been erased since it happened, and note of each name of an event's
    person, where they are to be made, when its owner was erased.

    Asked only for who is not known, and for who came back: one statement by the table's key.
    """
    asked = [(delivery, event) for delivery, event in events if _is_open(batch, delivery, event)]
    names = {tombstones.identity(delivery.channel.kind, name) for delivery, event in asked for name in _names(event)}
    names |= {tombstones.delivery(delivery.channel.id, event.dedupe_key) for delivery, event in asked}
    found = await tombstones.buried(connection, box, batch.bot_id, sorted(names))
    for delivery, event in asked:
        channel = delivery.channel
        times = [found.get(tombstones.identity(channel.kind, name)) for name in _names(event)]
        times += [person.erased_at for person in _met(batch, delivery, event)]
        erased_at = max(filter(None, times), default=None)
        if erased_at is None:
            continue
        batch.erased[channel.id, event.external_user_id] = erased_at
        delivered = tombstones.delivery(channel.id, event.dedupe_key) in found
        if delivered or is_before(event.at, erased_at):
            batch.seen.add((channel.id, event.dedupe_key))


def is_before(at: datetime, erased_at: datetime) -> bool:
    """Say whether something happened before a person was erased. A service's clock may have whole seconds only: within
    the second it is theirs, unless it was delivered before."""
    return at < erased_at.replace(microsecond=0)


def _names(event: AnyEvent) -> tuple[str, ...]:
    return (event.external_user_id, *event.aliases)


def _met(batch: Batch, delivery: Delivery, event: AnyEvent) -> list[Person]:
    known = [(delivery.channel.id, name) for name in _names(event)]
    return [batch.people[key] for key in known if key in batch.people]


def _is_open(batch: Batch, delivery: Delivery, event: AnyEvent) -> bool:
    """Say whether an event's person is nobody we know, or was erased once."""
    met = _met(batch, delivery, event)
    return not met or any(person.erased_at is not None for person in met)
