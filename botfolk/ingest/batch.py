"""What one bot's deliveries come to, before it is written."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, field

from botfolk.bot.personality import Personality
from botfolk.channels.contract import Channel
from botfolk.channels.events import IdentityMoved, MessageEdited
from botfolk.conversations.sessions import Activity
from botfolk.ingest.people import Key, Person
from botfolk.ingest.rows import EventRow, Json, MessageRow, OutboxRow, SessionRow


class Batch(Struct, kw_only=True):
    """One bot's part of a transaction.

    `lengths`, `toggles`: the settings that judge sessions; `seen`: deliveries stored before; `early_edits`: edits that
    came before what they edit. The rest is what is to be written.
    """

    bot_id: UUID
    now: datetime
    people: dict[Key, Person]
    personality: Personality
    lengths: list[tuple[datetime, int]]
    toggles: dict[UUID, list[tuple[datetime, bool]]] = field(default_factory=dict)
    seen: set[Key] = field(default_factory=set)
    early_edits: dict[Key, tuple[datetime, str | None]] = field(default_factory=dict)
    messages: list[MessageRow] = field(default_factory=list)
    contexts: dict[UUID, Json] = field(default_factory=dict)
    activities: dict[UUID, list[Activity]] = field(default_factory=dict)
    opened: list[SessionRow] = field(default_factory=list)
    extended: list[SessionRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    edits: list[tuple[Channel, MessageEdited]] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    news: list[tuple[Channel, Person, Json]] = field(default_factory=list)
    answers: list[tuple[Person, dict[str, str]]] = field(default_factory=list)
    reachability: list[tuple[Person, str, str | None, datetime]] = field(default_factory=list)
    moves: list[tuple[Channel, IdentityMoved]] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
