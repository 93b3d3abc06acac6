"""What a webhook hands to ingest, and how ingest may refuse it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.ingest.score import Scores


class Delivery(Struct, frozen=True, kw_only=True):
    """One verified request of a service: its events, and the parts of it that were not understood."""

    channel: Channel
    events: list[AnyEvent]
    not_understood: list[NotUnderstood]
    body: bytes
    received_at: datetime
    scores: Scores
    """Scores of its texts: made while the writer waits for the database, not by it."""

    @property
    def bot_id(self) -> UUID:
        """The bot it is for."""
        return self.channel.bot_id


class QueueFull(Exception):
    """Too much waits already; the service is to come again in `retry_after` seconds."""

    retry_after = 2


class Unavailable(Exception):
    """The database cannot take it now. Nothing of it is stored, or it will be recognised when it comes again."""

    retry_after = 2
