"""What one bot's deliveries come to, before it is written."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, field

from botfolk.bot.personality import Personality
from botfolk.channels.contract import Channel
from botfolk.channels.events import Echoed, IdentityMoved, MessageDeleted, MessageEdited, StatusChanged
from botfolk.conversations.sessions import Activity
from botfolk.ingest.people import Key, Person
from botfolk.ingest.rows import EventRow, Json, LinkRow, MessageRow, OutboxRow, SessionRow
from botfolk.sentiment import Words


class EarlyEdit(Struct):
    """An edit, or a deletion, that came before what it edits."""

    channel_id: UUID
    external_id: str
    at: datetime
    text: str | None
    deleted: bool


class Batch(Struct, kw_only=True):
    """One bot's part of a transaction.

    `words`: the bot's own list; `lengths`, `toggles`: the settings that judge sessions; `seen`: deliveries
    stored before, or of a person who was erased since; `erased`: when whoever had a name was; `early_edits`: edits
    that came before what they edit. The rest is what is to be written.
    """

    bot_id: UUID
    now: datetime
    people: dict[Key, Person]
    personality: Personality
    words: Words
    lengths: list[tuple[datetime, int]]
    toggles: dict[UUID, list[tuple[datetime, bool]]] = field(default_factory=dict)
    seen: set[Key] = field(default_factory=set)
    erased: dict[Key, datetime] = field(default_factory=dict)
    early_edits: dict[Key, EarlyEdit] = field(default_factory=dict)
    messages: list[MessageRow] = field(default_factory=list)
    contexts: dict[UUID, Json] = field(default_factory=dict)
    activities: dict[UUID, list[Activity]] = field(default_factory=dict)
    opened: list[SessionRow] = field(default_factory=list)
    extended: list[SessionRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    edits: list[tuple[Channel, MessageEdited | MessageDeleted]] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    news: list[tuple[Channel, Person, Json]] = field(default_factory=list)
    answers: list[tuple[Person, dict[str, str]]] = field(default_factory=list)
    reachability: list[tuple[Person, str, str | None, datetime]] = field(default_factory=list)
    moves: list[tuple[Channel, IdentityMoved]] = field(default_factory=list)
    aliases: list[tuple[Person, str]] = field(default_factory=list)
    consents: list[tuple[Person, bool, datetime]] = field(default_factory=list)
    """of marketing: whether it is allowed, since when"""
    statuses: list[tuple[Channel, Person, StatusChanged]] = field(default_factory=list)
    echoes: list[tuple[Channel, Person, Echoed]] = field(default_factory=list)
    pauses: list[tuple[Channel, Person]] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
